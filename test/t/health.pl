# Health beyond one session: what pg_cron, transactions, damaged pages and
# refusals look like, and alerts on their way out of the database, to a
# receiver that verifies each signature by itself and misbehaves when asked.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use HTTP::Tiny;
use IO::Socket::UNIX;
use IPC::Run;
use JSON::PP;
use MIME::Base64;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $sim = start_simulator();
my $node = new_server('main', 'momentum.alert_insecure = on', 'max_prepared_transactions = 5',
	'restart_after_crash = on', 'log_statement = all', 'log_min_messages = debug1', 'max_connections = 30');
my $key = 'whsec_' . encode_base64('momentum signing key of the test', '');
my $token = 'canary_watch_token_0815';

sub ask { return $node->safe_psql('postgres', $_[0]); }

# What psql complains of.
sub refused
{
	my ($sql, %options) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, on_error_stop => 0, %options);
	return $err;
}

sub health_of
{
	my ($check, $object) = @_;
	my $and = defined $object ? "AND object = '$object'" : '';
	return ask(qq{SELECT string_agg(DISTINCT status, ',') FROM momentum.health() WHERE "check" = '$check' $and});
}

ask(q{
	CREATE EXTENSION pg_cron;
	CREATE EXTENSION momentum;
	SELECT momentum.setup();
	SELECT momentum.add_brand('tea', 'UTC', 'USD');
	INSERT INTO momentum_state.source (brand, source, service) VALUES ('tea', 'shop', 'shopify');
	INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through, status, last_success_at, due_at)
	VALUES ('tea', 'shop', 'orders', 'orders', 's.orders', '15 min', current_date - 1, 'ok', now(), now() + interval '1 day');});

#
# pg_cron
#
is(health_of('cron', 'launcher'), 'ok', 'pg_cron runs');
is(health_of('cron', 'momentum refresh'), 'warn', 'and has no job of ours');
ask(q{SELECT momentum.schedule('0 0 1 1 *', deliver => false)});
is(ask(q{SELECT bool_and(status = 'ok') AND count(*) FILTER (WHERE object IN ('momentum refresh 1', 'momentum reconcile')) = 2
	FROM momentum.health() WHERE "check" = 'cron'}), 't', 'the jobs are there');
ask(q{SELECT momentum.schedule('0 0 1 1 *')});
is(ask(q{SELECT schedule || ' ' || command FROM cron.job WHERE jobname = 'momentum deliver'}),
	'* * * * * CALL momentum.deliver_alerts()', 'alerts have a job of their own');
ask(q{SELECT cron.unschedule('momentum deliver')});
ask(q{UPDATE cron.job SET active = false WHERE jobname = 'momentum refresh 1'});
is(health_of('cron', 'momentum refresh 1'), 'warn', 'a job switched off');
ask(q{UPDATE cron.job SET username = 'long_gone' WHERE jobname = 'momentum refresh 1'});
is(health_of('cron', 'momentum refresh 1'), 'fail', 'a job of a role that was dropped');
ask(q{DELETE FROM cron.job WHERE username = 'long_gone'; SELECT momentum.schedule('0 0 1 1 *', deliver => false);
	INSERT INTO cron.job_run_details (jobid, runid, database, username, command, status, return_message, start_time, end_time)
	SELECT jobid, nextval('cron.runid_seq'), 'postgres', 'postgres', command, 'failed', 'connection failed', now(), now() FROM cron.job
	 WHERE jobname = 'momentum refresh 1'});
is(health_of('cron_run', 'momentum refresh 1'), 'fail', 'a job whose last run failed');
ask(q{INSERT INTO cron.job_run_details (jobid, runid, database, username, command, status, start_time, end_time)
	SELECT jobid, nextval('cron.runid_seq'), 'postgres', 'postgres', command, 'succeeded', now(), now() FROM cron.job
	 WHERE jobname = 'momentum refresh 1'});
is(health_of('cron_run', 'momentum refresh 1'), 'ok', 'and went well again');

#
# Transactions
#
is(health_of('transaction'), 'ok', 'no transaction is open for long');
my $open = $node->background_psql('postgres');
$open->query('BEGIN; SELECT txid_current()');
ask(q{SELECT momentum.set_setting('', 'health.transaction_minutes_warn', '0')});
is(health_of('transaction'), 'warn', 'one is open for longer than is allowed');
like(ask(q{SELECT sentence FROM momentum.health() WHERE "check" = 'transaction'}), qr/of session \d+ by role "postgres"/, 'and it is told whose');
ask(q{SELECT momentum.set_setting('', 'health.transaction_minutes_fail', '0')});
is(health_of('transaction'), 'fail', 'and for far longer');
$open->query("PREPARE TRANSACTION 'left'");
$open->quit;
like(ask(q{SELECT sentence FROM momentum.health() WHERE "check" = 'transaction'}), qr/prepared transaction/, 'a prepared one outlives its session');
ask(q{ROLLBACK PREPARED 'left'});
ask(q{SELECT momentum.set_setting('', 'health.transaction_minutes_warn', '10'), momentum.set_setting('', 'health.transaction_minutes_fail', '120')});

#
# Refusals
#
my $long = 'é' x 31 . 'x';    # 63 bytes
ask(qq{
	CREATE ROLE reader LOGIN; CREATE ROLE gone LOGIN; CREATE ROLE "$long" LOGIN; CREATE ROLE locked LOGIN PASSWORD 'right'; CREATE ROLE grp; GRANT grp TO reader;
	CREATE TABLE mine (a int); CREATE TABLE guarded (brand text); GRANT INSERT ON guarded TO reader;
	ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON guarded TO reader USING (brand = 'tea');
	CREATE FUNCTION raises() RETURNS int LANGUAGE plpgsql PARALLEL SAFE COST 1000000 AS
		'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = ''insufficient_privilege''; END';
	SELECT momentum.reset_denied()});

sub counts
{
	my ($role) = @_;
	return ask(qq{SELECT string_agg(sqlstate || ' ' || total || ' ' || guarded, ', ' ORDER BY sqlstate) FROM momentum.stat_denied WHERE role = '$role'});
}

# Four sessions at once, 10,000 refusals: none is lost.
my @sessions = map {
	my $script = "SELECT * FROM mine;\n" x 2500;
	IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' user=reader' ], '<', \$script, '>', '/dev/null', '2>', '/dev/null')
} 1 .. 4;
$_->finish for @sessions;
is(counts('reader'), '42501 10000 0', '10,000 refusals are 10,000');
is(health_of('denied', 'reader'), 'warn', 'and are told');

# Whose right it is that is missing; where one is enough.
ask('SELECT momentum.reset_denied()');
refused('SET ROLE grp; SELECT * FROM mine', extra_params => [ '-U', 'reader' ]);
is(counts('grp'), '42501 1 0', 'counted is the role that SET ROLE took');
refused('SELECT * FROM momentum_state.setting', extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 1 1', 'the inner tables are guarded');
ask('GRANT USAGE ON SCHEMA momentum_state, momentum TO reader; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA momentum TO reader');
refused('SELECT * FROM momentum_state.setting', extra_params => [ '-U', 'reader' ]);
refused('SET search_path = momentum_state; SELECT * FROM setting', extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 3 3', 'though the message of a table names no schema');
refused("INSERT INTO guarded VALUES ('milk')", extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 4 4', 'so are rows of another brand');
$node->safe_psql('postgres', "COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\nhook=$key\nwatch=$token\n\\.\n");
refused("SELECT momentum.bind_secret('hook', '{}')", extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 5 5', 'secrets');
refused("SELECT momentum.grant_access('reader', 'owner')", extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 6 6', 'and what functions of ours refuse');
is(health_of('denied', 'reader'), 'fail', 'one is enough');
ask('SELECT momentum.reset_denied()');
refused('SET force_parallel_mode = on; SELECT raises()', extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 1 0', 'a parallel worker\'s refusal counts once');
ask('CREATE DATABASE elsewhere');
$node->psql('elsewhere', 'SELECT * FROM pg_authid', extra_params => [ '-U', 'reader' ]);
is(counts('reader'), '42501 1 0', 'another database is its own');

# Names: long, not text, dropped, and more of them than there is room for.
refused('SELECT * FROM mine', extra_params => [ '-U', $long ]);
is(counts($long), '42501 1 0', 'a name of 63 bytes');
refused('SELECT * FROM mine', extra_params => [ '-U', 'gone' ]);
ask('DROP ROLE gone');
is(ask(q{SELECT total, role_exists FROM momentum.stat_denied WHERE role = 'gone'}), '1|f', 'a role that was dropped keeps its name');
refused('SELECT 1', extra_params => [ '-U', 'nobody' ]);
is(counts('nobody'), '28000 1 0', 'a login without a role');
my $hba = slurp_file($node->data_dir . '/pg_hba.conf');
append_to_file($node->data_dir . '/pg_hba.new', "local all locked scram-sha-256\n$hba");
rename($node->data_dir . '/pg_hba.new', $node->data_dir . '/pg_hba.conf');
$node->reload;
{
	local $ENV{PGPASSWORD} = 'wrong';
	ok(wait_for(sub { refused('SELECT 1', extra_params => [ '-U', 'locked' ]) =~ /password authentication failed/ }), 'a wrong password is refused');
	refused('SELECT 1', extra_params => [ '-U', 'locked' ]) for 1 .. 4;
}
like(counts('locked'), qr/^28P01 \d+ 0$/, 'and counted');
is(ask(q{SELECT status FROM momentum.health() WHERE "check" = 'denied' AND object = 'locked'}), 'warn', 'five are told');

# A login by hand: what a client may send that psql would not.
sub login
{
	my ($name) = @_;
	my $body = pack('N', 196608) . "user\0$name\0database\0postgres\0\0";
	my $socket = IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port) or die $!;
	$socket->print(pack('N', 4 + length $body) . $body);
	$socket->flush;
	1 while $socket->sysread(my $answer, 4096);
	return;
}
ask('SELECT momentum.reset_denied()');
login("\xff\xfeodd");
login('x' x 200);
is(ask('SELECT count(*), sum(total) FROM momentum.stat_denied WHERE is_login'), '2|2', 'bytes that are no text, and a name too long');
login("guess$_") for 1 .. 1100;
is(ask(q{SELECT sum(total), bool_or(role = '(others)'), count(*) < 1102 FROM momentum.stat_denied WHERE is_login}), '1102|t|t',
	'of more names than there is room for none is lost');
is(health_of('denied', '(others)'), 'warn', 'and together they are told');
ask('SELECT momentum.reset_denied(); SELECT momentum._judge_health()');

#
# Out of the database
#
my $http = HTTP::Tiny->new(http_proxy => undef, timeout => 30);
my $receiver = $sim->url . '/small/receiver';

sub messages
{
	return @{ decode_json($http->get("$receiver/messages")->{content})->{messages} };
}

sub due { ask('UPDATE momentum_state.alert_delivery SET next_at = clock_timestamp() WHERE delivered_at IS NULL'); return; }
sub deliver { ask('CALL momentum.deliver_alerts()'); return; }
sub raise_alert
{
	my ($object) = @_;
	ask(qq{SELECT momentum._judge_alert('*', 'health', '$object', NULL, current_date, true, 'failing', 'warn', 'count', 1, 1, NULL, 'Jane Doe, jane\@example.com.', '{}', 1)});
	return ask("SELECT alert_id FROM momentum_state.alert_log WHERE object = '$object' AND closed_at IS NULL");
}

like(refused("SET momentum.alert_insecure = off; SELECT momentum.add_alert_target('*', '$receiver/hook', 'hook')"), qr/must begin with https/, 'only https, but for a superuser\'s test');
ask(q{SELECT momentum.bind_secret('hook', '{127.0.0.1}'), momentum.bind_secret('watch', '{127.0.0.1}')});
ask(q{UPDATE momentum_state.alert_log SET closed_at = now() WHERE closed_at IS NULL});
my $target = ask("SELECT momentum.add_alert_target('*', '$receiver/hook', 'hook')");
like(refused("SET momentum.alert_insecure = off; SELECT * FROM momentum._post_signed('https://127.0.0.1:1/x', 'hook', 'a', '{}')"),
	qr/^$/, 'an address of this network is no error');
is(ask(q{SET momentum.alert_insecure = off; SELECT status IS NULL, error FROM momentum._post_signed('https://127.0.0.1:1/x', 'hook', 'a', '{}')}),
	"t|the host's address 127.0.0.1 is not of the public internet", 'but nothing is sent there');

my $first = raise_alert('first');
deliver();
my @got = messages();
is(scalar @got, 1, 'an alert arrives, and its signature is right');
is($got[0]{body}{data}{alert_id}, $first, 'it is that one');
is($got[0]{body}{type}, 'alert.opened', 'that it opened');
unlike(encode_json($got[0]), qr/Jane|jane/, 'no sentence goes out');
deliver();
is(scalar(messages()), 1, 'once');
is(health_of('alert', "target $target"), 'ok', 'the target has what is for it');
ask("SELECT momentum._close_alert('*', $first, 'ended')");
deliver();
@got = messages();
is($got[1]{body}{type}, 'alert.closed', 'that it closed arrives as well');
isnt($got[1]{id}, $got[0]{id}, 'under an id of its own');

# A refresh tells by itself, in the same call; one with nothing to do looks
# once a minute.
my $later = "UPDATE momentum_state.health_log SET checked_at = checked_at - interval '1 minute'";
my $looked = q{SELECT max(checked_at) FROM momentum_state.health_log};
ask("$later; CALL momentum.refresh()");
my $looked_at = ask($looked);
ask('CALL momentum.refresh()');
is(ask($looked), $looked_at, 'within a minute a refresh without anything to do does not look again');
ask(qq{$later; INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at) VALUES ('drill', 'failed', now(), now());
	CALL momentum.refresh()});
ok((grep { $_->{body}{data}{object} eq 'drill' } messages()), 'a refresh that finds something tells it');
ask(qq{INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at) VALUES ('drill', 'ok', now(), now());
	$later; CALL momentum.refresh(); $later; CALL momentum.refresh()});
ok((grep { $_->{body}{data}{object} eq 'drill' && $_->{body}{type} eq 'alert.closed' } messages()), 'and that it is over');

# Three tries, then it is given up and shows; taken up again it arrives under
# the id it had.
$sim->control('fault', { service => 'receiver', kind => 'status', status => 500, times => 3 });
my $second = raise_alert('second');
for my $try (1 .. 3)
{
	deliver();
	is(ask("SELECT attempts, status, last_error, given_up_at IS NOT NULL, next_at > clock_timestamp() - interval '1 min' FROM momentum_state.alert_delivery WHERE alert_id = $second"),
		"$try|500|it answered with status 500|" . ($try == 3 ? 't' : 'f') . '|t', "try $try");
	due() if $try < 3;
}
is(health_of('alert', "target $target"), 'fail', 'an alert that did not arrive shows');
deliver();
ok(!(grep { ($_->{body}{data}{alert_id} // 0) == $second } messages()), 'it is not tried a fourth time');
ask('CALL momentum.deliver_alerts(again => true)');
is(scalar(grep { ($_->{body}{data}{alert_id} // 0) == $second } messages()), 1, 'until somebody says so');
is(health_of('alert', "target $target"), 'ok', 'then all is well');
ask(q{UPDATE momentum_state.alert_delivery SET delivered_at = NULL, queued_at = queued_at - interval '1 hour', next_at = now() + interval '1 day' WHERE alert_id = } . $second);
is(health_of('alert', "target $target"), 'warn', 'one that is under way for long is told');
ask("DELETE FROM momentum_state.alert_delivery WHERE alert_id = $second");

# Redirects are not followed; another key is refused; the other target is told
# although this one fails.
$sim->control('reset', {});
$sim->control('fault', { service => 'receiver', kind => 'redirect', to => "$receiver/hook/elsewhere", times => 1 });
my $third = raise_alert('third');
deliver();
is(ask("SELECT last_error FROM momentum_state.alert_delivery WHERE alert_id = $third"), 'it redirects with status 302, which is not followed', 'a redirect');
is(scalar(grep { $_->{path} ne '/hook' } messages()), 0, 'leads nowhere');
my $other = ask("SELECT momentum.add_alert_target('*', '$receiver/hook/other', 'hook')");
my $nowhere = ask("SELECT momentum.add_alert_target('tea', 'http://127.0.0.1:1/secret/path', 'hook')");
ask(q{SELECT momentum._judge_alert('tea', 'health', 'brand', NULL, current_date, true, 'failing', 'warn', 'count', 1, 1, NULL, 'x', '{}', 1)});
$node->safe_psql('postgres', "COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\nhook=whsec_" . encode_base64('x' x 32, '') . "\n\\.\n");
due();
deliver();
is(ask("SELECT string_agg(DISTINCT last_error, ',') FROM momentum_state.alert_delivery WHERE target_id = $target AND delivered_at IS NULL"),
	'it answered with status 401', 'a wrong key is the receiver\'s to refuse');
my $down = ask("SELECT last_error FROM momentum_state.alert_target WHERE target_id = $nowhere");
like($down, qr/connect/i, 'a receiver that is down');
unlike($down, qr/secret|path/, 'is told without its path');
$node->safe_psql('postgres', "COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\nhook=$key\n\\.\n");
due();
deliver();
is(ask("SELECT count(*) FROM momentum_state.alert_delivery WHERE target_id IN ($target, $other) AND delivered_at IS NULL"), '0', 'the right key again: all arrive');
ask("SELECT momentum.remove_alert_target($other); SELECT momentum.remove_alert_target($nowhere)");

# A receiver that says nothing: bounded time, no lock held, and cancel works.
$sim->control('fault', { service => 'receiver', kind => 'stall_headers', bytes => 0, times => 1 });
my $slow = raise_alert('slow');
my $began = time;
my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'CALL momentum.deliver_alerts()' ], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
ok(wait_for(sub { ask("SELECT attempts FROM momentum_state.alert_delivery WHERE alert_id = $slow") eq '1' }), 'a try is committed before it is made');
is(ask("SET lock_timeout = '3s'; UPDATE momentum_state.alert_delivery SET body = body WHERE alert_id = $slow; UPDATE momentum_state.alert_target SET url = url; SELECT 'free'"),
	'free', 'meanwhile no row is locked');
ask(q{SET lock_timeout = '3s'; CALL momentum.refresh()});
pass('and a refresh is not kept waiting');
$session->finish;
my $took = time - $began;
cmp_ok($took, '<', 30, 'the receiver is not waited for longer than ten seconds');
like(ask("SELECT last_error FROM momentum_state.alert_delivery WHERE alert_id = $slow"), qr/no answer came within/, 'that is what is written down');

sub deliver_and
{
	my ($signal) = @_;
	$sim->control('fault', { service => 'receiver', kind => 'delay', ms => 8000, times => 1 });
	due();
	my $run = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'CALL momentum.deliver_alerts()' ], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
	my $pid;
	ok(wait_for(sub {
		$pid = ask(q{SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL momentum.deliver%' AND pid <> pg_backend_pid() AND wait_event_type IN ('Extension')});
		return $pid ne '';
	}), 'it waits for the receiver');
	my $at = time;
	$signal eq 'KILL' ? kill_backend($node, $pid) : kill($signal, $pid);
	$run->finish;
	cmp_ok(time - $at, '<', 6, "$signal ends it at once") if $signal ne 'KILL';
	return;
}
deliver_and('INT');
deliver_and('KILL');
ok(is_up($node), 'the server is back');
ask(qq{UPDATE momentum_state.alert_delivery SET attempts = 2 WHERE alert_id = $slow AND delivered_at IS NULL});
due();
deliver();
ok(wait_for(sub { (grep { ($_->{body}{data}{alert_id} // 0) == $slow } messages()) >= 1 }), 'then it arrives');
my %ids = map { $_->{id} => 1 } grep { ($_->{body}{data}{alert_id} // 0) == $slow && $_->{body}{type} eq 'alert.opened' } messages();
is(scalar(keys %ids), 1, 'whatever was killed, under one id');
is(ask("SELECT delivered_at IS NOT NULL, last_error IS NULL FROM momentum_state.alert_delivery WHERE alert_id = $slow AND state = 'warn'"), 't|t', 'and that is known');
my $lost = raise_alert('lost');
ask("UPDATE momentum_state.alert_delivery SET attempts = 3, next_at = clock_timestamp() WHERE alert_id = $lost");
deliver();
is(ask("SELECT last_error FROM momentum_state.alert_delivery WHERE alert_id = $lost AND given_up_at IS NOT NULL"), 'the try did not come to its end', 'a third try that died was the last');

# A watch misses us when we are dead.
$sim->control('reset', {});
my $watch = ask("SELECT momentum.add_alert_target('*', '$receiver/watch/{secret}', 'watch', 'fail', 'watch')");
deliver();
deliver();
my @signs = grep { exists $_->{body}{watch} } messages();
is(scalar @signs, 1, 'a sign of life, and not another at once');
is($signs[0]{body}{watch}, $token, 'with the token in its place');
is(health_of('alert', "watch $watch"), 'ok', 'the watch has heard of us');
ask("UPDATE momentum_state.alert_target SET last_ok_at = now() - interval '1 hour', last_try_at = now() - interval '1 hour' WHERE target_id = $watch");
is(health_of('alert', "watch $watch"), 'warn', 'too long ago');
deliver();
is(health_of('alert', "watch $watch"), 'ok', 'the next call mends that');

# The secrets are in no log, catalog or dump.
my $log = slurp_file($node->logfile);
my ($dump) = run_command([ 'pg_dumpall', '-d', $node->connstr('postgres') ]);
my $explained = ask(q{SET auto_explain.log_min_duration = 0; EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM momentum._post_signed((SELECT url FROM momentum_state.alert_target WHERE kind = 'webhook'), 'hook', 'explained', '{}')});
my $raw = substr($key, 6);
unlike($log, qr/\Q$raw\E|\Q$token\E|v1,[A-Za-z0-9+\/]{43}=/, 'neither secret nor signature is in the log');
unlike($dump . $explained, qr/\Q$raw\E|\Q$token\E|v1,[A-Za-z0-9+\/]{43}=/, 'nor in a dump or a plan');
like($dump, qr/receiver\/hook/, 'the dump has the targets');

#
# What a monitor asks
#
ask(q{CREATE ROLE monitor LOGIN; GRANT pg_monitor TO monitor; SELECT momentum.grant_access('monitor', 'reader')});
for my $file (glob("$ENV{MOMENTUM_PROJECT}/docs/monitoring/*.yml"))
{
	my ($name) = $file =~ m{([^/]+)$};
	my $text = slurp_file($file);
	my @queries = $text =~ /^\s+query: \|\n((?:\s{6,}.*\n)+)/mg;
	cmp_ok(scalar @queries, '>=', 5, "$name has queries");
	for my $query (@queries)
	{
		my ($rc, $out, $err) = $node->psql('postgres', $query, extra_params => [ '-U', 'monitor' ]);
		is($err, '', "$name: " . join(' ', (split ' ', $query)[ 0 .. 5 ]));
	}
}

#
# Checksums; and a server that does not preload
#
is(health_of('checksums'), 'warn', 'no checksums');
ask(q{CREATE TABLE page AS SELECT g FROM generate_series(1, 10000) g; CHECKPOINT});
my $file = $node->data_dir . '/' . ask(q{SELECT pg_relation_filepath('page')});
$node->stop;
system_or_bail('pg_checksums', '--enable', '--no-sync', '-D', $node->data_dir);
$node->start;
is(health_of('checksums'), 'ok', 'with checksums all is well');
$node->stop;
open(my $fh, '+<:raw', $file) or die $!;
seek($fh, 8192 + 4000, 0);
print $fh 'damaged';
close($fh);
$node->start;
like(refused('SELECT count(*) FROM page'), qr/invalid page/, 'a damaged page');
ok(wait_for(sub { health_of('checksums') eq 'fail' }), 'is told');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
is(health_of('preload'), 'warn', 'not preloaded');
is(health_of('cron', 'launcher'), 'fail', 'and without pg_cron no job runs');
refused('SELECT * FROM mine', extra_params => [ '-U', 'reader' ]);
is(ask('SELECT count(*) FROM momentum.stat_denied'), '0', 'refusals are not counted');
is(ask(q{SELECT count(*) FROM momentum.health() WHERE "check" = 'denied'}), '0', 'and nothing is said of them');

done_testing();
