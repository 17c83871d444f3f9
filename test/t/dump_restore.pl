# A dump of a running momentum, restored into a fresh cluster, holds the same
# rows and shows the same views; nothing of it touches the network, and the
# next refresh goes on from where the cursors stood.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MIME::Base64;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

# These tell the age of things, so they differ from one second to the next.
my @clocked = qw(source_health sync_progress secret_entry stat_scan stat_limit);

my $sim = start_simulator();
my $first = new_server('first');
connect_demo($first, $sim);
$first->safe_psql('postgres', 'SELECT momentum.unschedule()');
# A run that pg_cron was about to launch may still begin: it has to stay quiet for a while.
my $quiet = 0;
ok( wait_for(
		60,
		sub {
			my $busy = $first->safe_psql('postgres', q{
				SELECT (SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL momentum.refresh%')
				     + (SELECT count(*) FROM cron.job_run_details WHERE status IN ('starting', 'running', 'sending', 'connecting'))});
			$quiet = $busy == 0 ? $quiet + 1 : 0;
			sleep(0.2);
			return $quiet >= 15;
		}),
	'the job has stopped');

# What users add to a table of the model is theirs, and stays.
$first->safe_psql('postgres', q{
	ALTER TABLE hub.orders ADD COLUMN analyst_note text;
	UPDATE hub.orders SET analyst_note = 'checked' WHERE total_price > 100;
	CREATE INDEX orders_analyst_note_idx ON hub.orders (analyst_note);
	SELECT momentum.set_target('wagwell', 'cac', 44);
	CREATE ROLE analyst LOGIN;
	SELECT momentum.grant_access('analyst', 'reader', 'wagwell');
	SELECT momentum.add_event('wagwell', 'Spring "sale"', current_date - 40, current_date - 38);
	SELECT momentum.set_scenario('wagwell', 'half_late', 0.5, 14);
	SELECT momentum.set_setting('wagwell', 'alert.close_after', '3');
});
$first->safe_psql('postgres', 'CALL momentum.refresh()');
$first->safe_psql('postgres', q{
	SELECT momentum.follow(brand, recommendation, as_of - 20, 'done') FROM momentum.recommendation WHERE as_of IS NOT NULL AND place = 1;
	SELECT momentum.acknowledge_alert(brand, alert_id, 'seen') FROM momentum.alert WHERE is_open LIMIT 1;
});
for my $kept (qw(event scenario recommendation_follow score_log recommendation_log alert_log audit))
{
	isnt($first->safe_psql('postgres', "SELECT count(*) FROM momentum_state.$kept"), '0', "there are rows of $kept");
}

my $rows = fingerprint($first, 'r');
my $matviews = fingerprint($first, 'm');
my $views = fingerprint($first, 'v', @clocked);
cmp_ok(scalar(keys %$rows), '>', 20, 'there are tables to compare');
cmp_ok(scalar(keys %$views), '>', 10, 'and views');
isnt($rows->{'hub.orders'} =~ s/ .*//r, '0', 'and orders');

$sim->ctl('clearlog');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/momentum.dump';
$first->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $first->connstr('postgres') ], 'dump');

# The secrets are not in it: neither as they are, nor in another writing.
my $text = "$dump.sql";
command_ok([ 'pg_restore', '-f', $text, $dump ], 'the dump as a script');
$text = slurp_file($text);
like($text, qr/wagwell_shop/, 'it names the secrets');
my @secrets = map { s/^\w+=//r } split /\n/, $sim->secrets;
push @secrets, $sim->service_account =~ /"private_key": "-----BEGIN [A-Z ]+-----\\n([^\\]{40})/;
is(scalar(@secrets), 8, 'eight secrets are looked for');
is( scalar(grep { index($text, $_) >= 0 || index($text, unpack('H*', $_)) >= 0 || index($text, encode_base64($_, '')) >= 0 } @secrets),
	0, 'and holds none of them');

my $second = new_server('second');
$second->safe_psql('postgres', 'CREATE ROLE analyst LOGIN');      # roles are no part of a database
command_ok(
	[
		'pg_restore', '--exit-on-error', '--no-owner', '-d', $second->connstr('postgres'), $dump
	],
	'restore into a fresh cluster');
is($sim->ctl('count'), '0', 'neither dump nor restore asked a service');
is_deeply(fingerprint($second, 'r'), $rows, 'every row of every table');
is_deeply(fingerprint($second, 'm'), $matviews, 'every materialized view');
is_deeply(fingerprint($second, 'v', @clocked), $views, 'every view');
is($second->safe_psql('postgres',
		q{SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_analyst_note_idx'}),
	'1', 'the index a user added');

# What was written by hand goes on where it stood, and new numbers follow the old ones.
is($second->safe_psql('postgres', q{SELECT momentum.remove_event('wagwell', 'Spring "sale"')}), '1', 'an event can be removed');
is( $second->safe_psql('postgres', q{
		BEGIN;
		INSERT INTO momentum_state.alert_log (brand, rule, object, severity, message)
		SELECT 'wagwell', 'test', 'test', 'info', 'x' RETURNING alert_id > (SELECT max(alert_id) FROM momentum_state.alert_log);
		ROLLBACK}),
	't', 'the next alert has a number of its own');
$second->safe_psql('postgres', q{SELECT momentum.add_event('wagwell', 'Spring "sale"', current_date - 40, current_date - 38)});

# Without the secrets, which no dump holds, a refresh fails clearly and harms nothing.
my $due = 'UPDATE momentum_state.stream SET due_at = now()';
$second->safe_psql('postgres', $due);
$second->safe_psql('postgres', 'CALL momentum.refresh()');
is($sim->ctl('count'), '0', 'no request goes out without its secret');
isnt($second->safe_psql('postgres', q{SELECT count(*) FROM momentum.source_health
		WHERE error LIKE '%secret%'}),
	'0', 'source_health names the missing secret');
is(fingerprint($second, 'r')->{'hub.orders'}, $rows->{'hub.orders'}, 'the orders are untouched');
is( $second->safe_psql('postgres', q{SELECT count(*) FROM momentum.dashboard}, extra_params => [ '-U', 'analyst' ]),
	'7', 'a reader reads');
my ($code, undef, $refused) =
  $second->psql('postgres', q{SELECT count(*) FROM hub.orders}, extra_params => [ '-U', 'analyst' ]);
like($refused, qr/permission denied/, 'and reads no table');

give_secrets($second, $sim);
my $runs =
  $second->safe_psql('postgres', 'SELECT coalesce(max(run_id), 0) FROM momentum_state.run');
$second->safe_psql('postgres', $due);
$second->safe_psql('postgres', 'CALL momentum.refresh()');
is($second->safe_psql('postgres',
		"SELECT string_agg(DISTINCT status, ',') FROM momentum_state.run WHERE run_id > $runs"),
	'ok', 'the next refresh works');
cmp_ok($sim->ctl('count', 'story', 'shopify'), '<', 40, 'and reads what changed, not the history');
cmp_ok(
	$second->safe_psql('postgres',
		q{SELECT count(*) FROM hub.orders WHERE analyst_note = 'checked'}),
	'>', 0, 'keeping what the user wrote');

# What both now say of the days that are over is the same.
$first->safe_psql('postgres', $due);
$first->safe_psql('postgres', 'CALL momentum.refresh()');
my $days = q{SELECT metric, count(*), md5(string_agg(concat_ws(' ', day, channel, value), ',' ORDER BY day, channel))
	FROM momentum_state.metric_daily GROUP BY 1 ORDER BY 1};
is($second->safe_psql('postgres', $days), $first->safe_psql('postgres', $days), 'both go on to the same metrics');
done_testing();
