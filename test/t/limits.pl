# What backends share: the services' rate limits, circuit breakers, counters.
# Eight of them are as fast as the limit lets them and never faster, though
# three answers in ten refuse; the figures are printed.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(max min sum);
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $sim = start_simulator();
my $node = new_server('limits', 'momentum.enable_aggregate = off', 'momentum.breaker_failures = 2', 'momentum.breaker_time = 2s',
	'wal_level = replica', 'max_wal_senders = 4');

sub sql { my ($query, @more) = @_; return $node->safe_psql('postgres', $query, @more); }
sub requests { my ($service) = @_; return $sim->control("count?world=small&service=$service")->{count}; }
sub arrivals { my ($service) = @_; return @{ $sim->control("log?world=small&service=$service") }; }

# Error, and how many seconds it took.
sub failure
{
	my ($query, $on, @params) = @_;
	my $from = time;
	my ($ret, $out, $err) = ($on // $node)->psql('postgres', "\\set VERBOSITY verbose\n$query", extra_params => \@params);
	return ($err, time - $from);
}

sub refresh
{
	$sim->ctl('reset');
	sql('SELECT momentum.reset_limits(); SELECT momentum.stat_reset()');
	return;
}

# Runs a query many times in several sessions at once; gives what went wrong,
# and how many seconds it took.
sub crowd
{
	my ($sessions, $times, $query) = @_;
	my @running;
	my $from = time;
	for my $i (1 .. $sessions)
	{
		my %one = (out => '', err => '');
		my $script = "SET statement_timeout = '300s';\n" . "$query;\n" x $times;
		$one{process} = IPC::Run::start(
			[ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
			'<', \$script, '>', \$one{out}, '2>', \$one{err});
		push @running, \%one;
	}
	$_->{process}->finish for @running;
	return (join('', map { $_->{err} } @running), time - $from);
}

# By how much a request was above what a bucket still held, at most: entries
# are time, points asked for, points taken.
sub excess
{
	my ($capacity, $rate, @spent) = @_;
	my ($worst, $level, $at) = (0, $capacity, undef);
	for my $entry (sort { $a->[0] <=> $b->[0] } @spent)
	{
		$level = min($capacity, $level + ($entry->[0] - $at) * $rate) if defined $at;
		$at = $entry->[0];
		$worst = max($worst, $entry->[1] - $level);
		$level -= $entry->[2] // 0;
	}
	return $worst;
}

sql(qq{
	CREATE EXTENSION momentum;
	CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
		OPTIONS (shop 'small', base_url '${\$sim->url}/small/shopify', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
	CREATE SCHEMA shop;
	IMPORT FOREIGN SCHEMA api FROM SERVER shop INTO shop;
	CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw
		OPTIONS (base_url '${\$sim->url}/small/klaviyo', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (credential 'pk_test');
	CREATE SCHEMA mail;
	IMPORT FOREIGN SCHEMA api FROM SERVER mail INTO mail;
});

# A bucket of points, at three refusals in ten.
sql('SELECT count(*) FROM shop.order_line_items');    # what it costs is known
$sim->ctl('set', 'small', 'shopify', 'bucket=200', 'restore=200');
$sim->ctl('fault', 'small', 'shopify', 'throttle', 'wait=0', 'probability=0.3', 'seed=7', 'times=-1');
sql('SELECT count(*) FROM shop.order_line_items');    # and the size of the bucket
select(undef, undef, undef, 1.5);                    # which is full again
sql('SELECT momentum.stat_reset()');
my $before = @{ $sim->control('spent?world=small') };
my ($err, $seconds) = crowd(8, 4, 'SELECT count(*) FROM shop.order_line_items');
is($err, '', 'eight sessions at three refusals in ten: none fails');
my @spent = @{ $sim->control('spent?world=small') };
splice(@spent, 0, $before);
my $refused = grep { !defined $_->[2] } @spent;
my $points = sum(map { $_->[2] // 0 } @spent);
my $ideal = ($points - 200) / 200;
my ($throttled, $waited) = split /\|/,
  sql("SELECT throttled, round(wait_time) FROM momentum.stat_scan WHERE resource = 'order_line_items'");
diag(sprintf('points: %d requests served, %d points, %d refused at random, %d for good reason; '
		  . '%.1f s, ideal %.1f s: %.2f times it; all sessions together waited %.1f s',
		scalar(@spent), $points, $throttled, $refused, $seconds, $ideal, $seconds / $ideal, $waited / 1000));
cmp_ok($throttled, '>', 10, 'many were refused');
cmp_ok($ideal, '>', 3, 'the limit was felt');
my $over = excess(200, 200, @spent);
cmp_ok($over, '<=', 6, sprintf('never above the bucket, but for what the clocks differ: %.1f of 200 points', $over));
cmp_ok($seconds, '<', 2 * $ideal, 'as fast as the bucket lets');

# Windows of a second and a minute.
refresh();
$sim->ctl('set', 'small', 'klaviyo', 'rate=real');
($err, $seconds) = crowd(4, 2, 'SELECT count(*) FROM mail.campaigns');
is($err, '', 'a limit by the second: no session fails');
# A busy machine may let one arrive late, and so nearer to the next one.
my @at = map { $_->{time} } arrivals('klaviyo');
my $most = 0;
for my $i (0 .. $#at)
{
	$most = max($most, scalar grep { $_ >= $at[$i] && $_ < $at[$i] + 0.7 } @at);
}
diag(sprintf('window: %d requests in %.1f s, at most %d in 0.7 s', scalar(@at), $at[-1] - $at[0], $most));
is(scalar(@at), 48, 'none was asked twice');
cmp_ok($most, '<=', 10, 'never more than ten in a second');
cmp_ok($at[-1] - $at[0], '<', 2 * 4.8, 'and hardly fewer');

# One refusal pauses every session, once the one that was refused has heard it.
refresh();
$sim->ctl('fault', 'small', 'klaviyo', 'throttle', 'seconds=4');
my $refused_one = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT count(*) > 0 FROM mail.metrics' ],
	'<', '/dev/null', '>', \my $told, '2>', \my $told_err);
ok(wait_for(sub { sql("SELECT coalesce(sum(throttled), 0) FROM momentum.stat_scan WHERE resource = 'metrics'") > 0 }), 'one is refused');
($err, $seconds) = crowd(5, 1, 'SELECT count(*) FROM mail.metrics');
$refused_one->finish;
is($err . $told_err, '', 'six sessions, one refusal');
@at = map { [ $_->{time}, $_->{status} ] } arrivals('klaviyo');
my ($refusal) = map { $_->[0] } grep { $_->[1] == 429 } @at;
my @early = grep { $_->[0] > $refusal && $_->[0] < $refusal + 3.95 } @at;
is(scalar(@early), 0, 'nobody asks in the four seconds that the service wanted');
cmp_ok((grep { $_->[0] > $refusal + 3.95 } @at), '>=', 6, 'and then it goes on');
like(sql('EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM mail.metrics'), qr/Throttle Wait: [0-9.]+ ms/,
	'EXPLAIN ANALYZE shows the wait');

# What would take too long is refused at once, and nobody asks.
refresh();
$sim->ctl('fault', 'small', 'klaviyo', 'throttle', 'seconds=73473');
($err, $seconds) = failure('SELECT count(*) FROM mail.metrics');
like($err, qr/53400.*DETAIL: .*asked again at \d{4}-\d\d-\d\d \d\d:/s, 'the service asks for too much patience');
my $asked = requests('klaviyo');
($err, $seconds) = failure('SELECT count(*) FROM mail.metrics');
like($err, qr/53400.*cannot be asked in time.*DETAIL: .* at \d{4}-\d\d-\d\d \d\d:\d\d.*, in 734\d\d\.\d s/s,
	'the next session is refused, with the time');
cmp_ok($seconds, '<', 30, 'at once');
is(requests('klaviyo'), $asked, 'and without a request');
refresh();
$sim->ctl('fault', 'small', 'klaviyo', 'throttle', 'seconds=20');
($err, $seconds) = failure("SET statement_timeout = '5s'; SELECT count(*) FROM mail.metrics");
like($err, qr/53400/, 'no wait that statement_timeout would cut short');
cmp_ok($seconds, '<', 15, 'is begun');

# The breaker.
refresh();
$sim->ctl('fault', 'small', 'shopify', 'status', 'status=500', 'retry_after=0', 'times=-1');
like((failure('SELECT count(*) FROM shop.orders'))[0], qr/08006/, "failure $_") for 1 .. 2;
$asked = requests('shopify');
($err, $seconds) = failure('SELECT count(*) FROM shop.orders');
like($err, qr/08001.*left alone.*DETAIL:  Since \d{4}-.*asked again in [0-9.]+ s\..*Last error: HTTP status 500/s,
	'then the server is left alone');
is(requests('shopify'), $asked, 'without a request');
is(sql("SELECT DISTINCT breaker, breaker_failures FROM momentum.stat_limit WHERE server = 'shop'"), 'open|2', 'the view says so');
is(sql('SELECT count(*) > 0 FROM mail.metrics'), 't', 'others are not concerned');
select(undef, undef, undef, 2.1);
like((failure('SELECT count(*) FROM shop.orders'))[0], qr/08006/, 'one tries, in vain');
like((failure('SELECT count(*) FROM shop.orders'))[0], qr/08001/, 'so it is left alone again');
$sim->ctl('reset');
$sim->ctl('fault', 'small', 'shopify', 'delay', 'ms=4000');
select(undef, undef, undef, 2.1);
my $probe = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT count(*) > 0 FROM shop.orders' ],
	'<', '/dev/null', '>', \my $probed, '2>', \my $probe_err);
ok(wait_for(sub { requests('shopify') == 1 }), 'one session tries');
like((failure('SELECT count(*) FROM shop.orders'))[0], qr/08001/, 'while it does no other');
$probe->finish;
is($probed, "t\n", 'it is well');
is(sql('SELECT count(*) > 0 FROM shop.orders'), 't', 'for all');
is(sql("SELECT DISTINCT breaker FROM momentum.stat_limit WHERE server = 'shop'"), 'closed', 'the breaker is closed');

# A credential that fails is its user's trouble.
sql(qq{
	CREATE ROLE clerk LOGIN;
	ALTER ROLE clerk SET momentum.foreign_scan = on;
	GRANT USAGE ON SCHEMA momentum TO clerk;
	CREATE USER MAPPING FOR clerk SERVER shop OPTIONS (credential 'wrong');
	GRANT USAGE ON SCHEMA shop TO clerk;
	GRANT SELECT ON ALL TABLES IN SCHEMA shop TO clerk;
});
my @as_clerk = map { (failure('SELECT count(*) FROM shop.orders', undef, '-U', 'clerk'))[0] } 1 .. 3;
like($as_clerk[2], qr/28000.*left alone/s, 'a refused credential is left alone too');
is(sql('SELECT count(*) > 0 FROM shop.orders'), 't', 'but another user is not shut out');

sql(q{ALTER USER MAPPING FOR clerk SERVER shop OPTIONS (SET credential 'shpat_test')});
is((failure('SELECT count(*) FROM shop.orders', undef, '-U', 'clerk'))[0], '', 'who has mended it need not wait');

# Counters: rolled back, read-only, on a standby.
refresh();
my $counted = q{SELECT coalesce(sum(requests), 0) || '/' || coalesce(sum(rows), 0) FROM momentum.stat_scan WHERE server = 'shop' AND resource = 'shop'};
sql('BEGIN; SELECT count(*) FROM shop.shop; ROLLBACK');
is(sql($counted), '1/1', 'what is rolled back was asked all the same');
sql('BEGIN READ ONLY; SELECT count(*) FROM shop.shop; COMMIT');
is(sql($counted), '2/2', 'read-only transactions count');
$sim->ctl('fault', 'small', 'shopify', 'status', 'status=404', 'body={"errors":"no shpat_test here"}');
failure('SELECT count(*) FROM shop.shop');
is(sql("SELECT status_4xx, errors, last_sqlstate, last_error LIKE '%shpat_test%' FROM momentum.stat_scan WHERE server = 'shop' AND resource = 'shop'"),
	'1|1|HV00R|f', 'an error is kept, without the secret');
is(sql("SELECT has_table_privilege('clerk', 'momentum.stat_scan', 'SELECT')"), 'f', 'the views are not for everybody');
sql('GRANT pg_read_all_stats TO clerk');
is(sql("SET ROLE clerk; SELECT count(*) > 0 FROM momentum.stat_scan"), 't', 'but for who may read statistics');
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
is($standby->safe_psql('postgres', 'SELECT count(*) > 0 FROM shop.orders'), 't', 'a standby reads');
is($standby->safe_psql('postgres', "SELECT scans, status_2xx FROM momentum.stat_scan WHERE server = 'shop' AND resource = 'orders'"),
	'1|1', 'and counts for itself');
$standby->stop('immediate');

# A table that is full fails nobody.
$node->append_conf('postgresql.conf', "momentum.max_tracked_limits = 16\nmomentum.max_tracked_resources = 16\n");
$node->restart;
my $url = $sim->url . '/small/shopify';
my $many = join('', map { qq{
	CREATE SERVER shop$_ FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', base_url '$url', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER shop$_ OPTIONS (credential 'shpat_test');
	CREATE FOREIGN TABLE orders$_ (name text) SERVER shop$_ OPTIONS (resource 'orders');} } 1 .. 40);
sql($many);
my ($ret, $out, $warnings) = $node->psql('postgres', join(' UNION ALL ', map { "SELECT count(*) > 0 FROM orders$_" } 1 .. 40));
is($out, join("\n", ('t') x 40), 'forty servers in room for sixteen: all are read');
is(() = ($warnings =~ /shared memory for "momentum_limits" is full/g), 1, 'which is said once');
is(() = ($warnings =~ /shared memory for "momentum_statistics" is full/g), 1, 'of each table');

# Not preloaded: every session for itself.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
($ret, $out, $warnings) = $node->psql('postgres', q{
	SELECT count(*) > 0 FROM shop.orders;
	SELECT count(*) > 0 FROM shop.orders;
	SELECT requests FROM momentum.stat_scan WHERE server = 'shop' AND resource = 'orders';
});
is($out, "t\nt\n2", 'without preloading it works');
is(() = ($warnings =~ /not in shared_preload_libraries/g), 1, 'and warns once');
is(sql('SELECT count(*) FROM momentum.stat_scan'), '0', 'the next session begins anew');

$node->stop;
done_testing();
