# Tokens are bought once for all backends, and a refresh token that its service
# replaces is never lost: not to a race, a ROLLBACK, a cancel or kill -9.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use JSON::PP ();
use PostgreSQL::Test::Utils;
use Test::More;

my $sim = start_simulator();
my $url = $sim->url . '/small';
my $dir = PostgreSQL::Test::Utils::tempdir();
my $backends = 8;
my $query = 'SELECT count(*) FROM files';

# A server of ours with a spreadsheet that is read with the simulator's OAuth.
sub make_node
{
	my ($name, @settings) = @_;
	my $node = new_server($name, 'max_connections = 30', 'restart_after_crash = on',
		'wal_level = replica', 'max_wal_senders = 2', @settings);
	$node->safe_psql('postgres', qq{
		CREATE EXTENSION momentum;
		CREATE SERVER book FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS (spreadsheet_id 'sim-cash',
			base_url '$url/sheets', drive_url '$url/drive', token_url '$url/oauth/token',
			allow_insecure 'true');
		CREATE USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (secret 'book');
		IMPORT FOREIGN SCHEMA api LIMIT TO (files) FROM SERVER book INTO public;
		CREATE FUNCTION stop_and_wait(victim int) RETURNS numeric LANGUAGE plpgsql AS \$\$
		DECLARE
			began timestamptz := clock_timestamp();
		BEGIN
			PERFORM pg_cancel_backend(victim);
			LOOP
				PERFORM pg_stat_clear_snapshot();
				EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity
					WHERE pid = victim AND state = 'active' AND query LIKE '%files%');
				IF clock_timestamp() > began + interval '20 seconds' THEN
					RETURN 20000;
				END IF;
				PERFORM pg_sleep(0.001);
			END LOOP;
			RETURN round(1000 * extract(epoch FROM clock_timestamp() - began), 1);
		END \$\$;
	});
	return $node;
}

sub store
{
	my ($node, $refresh_token) = @_;
	my $line = 'book={"client_id": "oauth_client", "client_secret": "oauth_secret",'
	  . qq( "refresh_token": "$refresh_token"}\n);
	my ($out, $err) = ('', '');
	IPC::Run::run(
		[
			'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-c',
			q{\copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E'\x01', quote E'\x02')}
		],
		'<', \$line, '>', \$out, '2>', \$err)
	  or die $err;
	return;
}

sub state { return $sim->control('oauth'); }
sub forget_tokens { $sim->control('revoke_tokens'); return; }

# A statement that succeeds, or the error it ends with.
sub answer
{
	my ($node, $sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', $sql);
	return $status == 0 ? $out : $err;
}

# Starts a statement in a session of its own.
sub start_query
{
	my ($node, $sql) = @_;
	my $self = { out => '', err => '' };
	$self->{run} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', $sql ],
		'<', '/dev/null', '>', \$self->{out}, '2>', \$self->{err});
	return $self;
}

sub finish
{
	my ($started) = @_;
	$started->{run}->finish;
	chomp $started->{out};
	return $started;
}

# The pid of the backend that waits so, in a statement like that; 0 in vain.
sub waiting
{
	my ($node, $event, $like) = @_;
	my $pid = 0;
	wait_for(sub {
		$pid = $node->safe_psql('postgres', qq{
			SELECT coalesce(min(pid), 0) FROM pg_stat_activity
			 WHERE wait_event_type || ':' || wait_event LIKE '$event' AND query LIKE '%$like%'});
		return $pid != 0;
	});
	return $pid;
}

sub race
{
	my ($node) = @_;
	my $before = state()->{requests};
	my @running = map { start_query($node, $query) } 1 .. $backends;
	my @done = map { finish($_) } @running;
	my $right = grep { $_->{err} eq '' && $_->{out} eq $done[0]{out} && $_->{out} =~ /^\d+$/ } @done;
	diag($_->{err}) for grep { $_->{err} ne '' } @done;
	return ($right, state()->{requests} - $before);
}

my $node = make_node('grants');
store($node, state()->{first});

# Bought once, kept for all, replaced and stored.
my $files = answer($node, $query);
like($files, qr/^\d+$/, 'a refresh token opens the service');
is(answer($node, $query), $files, 'and its token serves the next session');
is(state()->{requests}, 1, 'which asks for none');
forget_tokens();
is(answer($node, "BEGIN; $query; ROLLBACK"), $files, 'a refused token is replaced by another');
forget_tokens();
is(answer($node, $query), $files, 'and the refresh token that came with it outlives a ROLLBACK');
is(state()->{refreshes}, 3, 'each refresh was asked for once');
is(answer($node, q{SELECT name FROM momentum.secret_names()}), 'book', 'one secret holds it all');

# Eight at once: without a token, and all with the same refused one.
store($node, $sim->control('consent')->{token});
$sim->ctl('fault', 'small', 'oauth', 'delay', 'ms=300', 'times=-1');
my ($right, $asked) = race($node);
is($right, $backends, "$backends backends without a token all get it");
is($asked, 1, 'by one request');
$node->safe_psql('postgres', $query);
forget_tokens();
($right, $asked) = race($node);
is($right, $backends, "$backends backends with a refused token all get another");
is($asked, 1, 'by one request');
is(state()->{reused}, 0, 'no refresh token was used twice');
$sim->ctl('reset');

# Whoever waits can be stopped, whoever asks too; and who is gone holds no lock.
store($node, state()->{first});
$sim->ctl('fault', 'small', 'oauth', 'stall_headers', 'times=-1');
my $asker = start_query($node, "$query -- asker");
my $asker_pid = waiting($node, 'Extension:%', '-- asker');
ok($asker_pid, 'one backend asks');
my $waiter = start_query($node, "$query -- waiter");
my $waiter_pid = waiting($node, 'Lock:advisory', '-- waiter');
ok($waiter_pid, 'another waits for it');
my $ms = $node->safe_psql('postgres', "SELECT stop_and_wait($waiter_pid)");
cmp_ok($ms, '<', 5000, "the wait for another's refresh can be cancelled: $ms ms");
like(finish($waiter)->{err}, qr/57014/, 'with the right code');
my $second = start_query($node, "$query -- second");
ok(waiting($node, 'Lock:advisory', '-- second'), 'a second one waits');
$ms = $node->safe_psql('postgres', "SELECT stop_and_wait($asker_pid)");
cmp_ok($ms, '<', 5000, "so can the refresh: $ms ms");
like(finish($asker)->{err}, qr/57014/, 'with the right code');
my $second_pid = waiting($node, 'Extension:%', '-- second');
ok($second_pid, 'the second one asks then');
my $third = start_query($node, "$query -- third");
ok(waiting($node, 'Lock:advisory', '-- third'), 'a third one waits');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($second_pid)");
finish($second);
ok(waiting($node, 'Extension:%', '-- third'), 'and asks when the second one was terminated');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%third'});
finish($third);
$sim->ctl('reset');

# A cancel shortly before the answer: what that gives is stored all the same.
# How shortly is the machine's to say, so it may take some attempts.
my ($timed_out, $kept) = (0, 0);
for (my $attempt = 0; $attempt < 10 && !$kept; $attempt++)
{
	$sim->ctl('reset');
	$sim->control('set', { world => 'small', service => 'oauth', grace => JSON::PP::false });
	store($node, $sim->control('consent')->{token});
	$sim->ctl('fault', 'small', 'oauth', 'delay', 'ms=300');
	$timed_out = answer($node, "SET statement_timeout = '290ms'; $query") =~ /statement timeout/;
	$kept = $timed_out && answer($node, $query) eq $files;
}
ok($kept, 'a cancel shortly before the answer loses no refresh token');
$sim->ctl('reset');

# kill -9 between the service's decision and ours: it takes the old one again.
store($node, state()->{first});
is(answer($node, $query), $files, 'a new consent works');
forget_tokens();
$sim->ctl('fault', 'small', 'oauth', 'delay', 'ms=20000');
my $before = state()->{refreshes};
my $killed = start_query($node, "$query -- killed");
my $pid = waiting($node, 'Extension:%', '-- killed');
ok(wait_for(sub { state()->{refreshes} > $before }), 'the service has replaced the refresh token');
kill_backend($node, $pid);
finish($killed);
ok(is_up($node), 'the server is up again after kill -9');
is(answer($node, $query), $files, 'the previous refresh token was kept and still opens');
forget_tokens();
is(answer($node, $query), $files, 'and the one it gave works');
is(state()->{reused}, 0, 'nothing was used twice');

# Where nothing can be stored, nothing is asked for.
my $secrets = $node->safe_psql('postgres', 'SHOW momentum.secret_directory');
forget_tokens();
$before = state()->{requests};
chmod(0500, $secrets) or die "$secrets: $!";
like(answer($node, $query), qr/could not write the file of a secret/, 'a closed directory is an error');
is(state()->{requests}, $before, 'that costs no refresh token');
chmod(0700, $secrets) or die "$secrets: $!";
is(answer($node, $query), $files, 'and no loss');
opendir(my $listing, $secrets) or die "$secrets: $!";
is(join(' ', grep { !/^\.\.?$/ } readdir $listing), 'book.secret', 'nothing is left behind in the directory');

# Used twice: the service revokes it all, and says so; the error says what to do.
$sim->ctl('reset');
store($node, state()->{first});
is(answer($node, $query), $files, 'a new consent works');
forget_tokens();
is(answer($node, $query), $files, 'twice');
store($node, state()->{first});
my $error = answer($node, "\\set VERBOSITY verbose\n$query");
like($error, qr/28000: the service refused to give an access token/, 'an old refresh token is refused');
like($error, qr/invalid_grant: Refresh token was used before/, 'with the words of the service');
like($error, qr/was used a second time.*: authorize again/, 'and a hint');
unlike($error, qr/rt_/, 'but no token');
store($node, $sim->control('consent')->{token});
is(answer($node, $query), $files, 'a new consent heals it');

# Answers that are none.
forget_tokens();
$sim->ctl('fault', 'small', 'oauth', 'html', 'times=-1');
$error = answer($node, "\\set VERBOSITY verbose\nSET momentum.wait_budget = 0; $query");
like($error, qr/08006: could not get an access token/, 'a page of HTML is no token');
like($error, qr/status 200 and no JSON object/, 'and the error says so');
$sim->ctl('reset');
store($node, state()->{first});
$sim->ctl('fault', 'small', 'oauth', 'html');
is(answer($node, $query), $files, 'once is tried again');
store($node, $sim->control('consent')->{token});
$sim->ctl('fault', 'small', 'oauth', 'status', 'status=200',
	'body={"access_token": "odd\\r\\nX-Header: of its own", "expires_in": 3600}');
like(answer($node, $query), qr/must not contain a line break/, 'a token that no header can hold');
is(answer($node, $query), $files, 'is not kept');
$sim->ctl('set', 'small', 'oauth', 'expires_in=0');
is(answer($node, $query), $files, 'a lifetime that is not told');
$before = state()->{requests};
is(answer($node, $query), $files, 'is taken for a while');
is(state()->{requests}, $before, 'and the token kept');

# A service that wants the client in a header, and only there.
$sim->ctl('reset');
store($node, state()->{first});
$sim->ctl('set', 'small', 'oauth', 'basic=true');
$node->safe_psql('postgres', qq{
	CREATE SERVER rest FOREIGN DATA WRAPPER rest_fdw OPTIONS (base_url '$url/drive/drive/v3',
		token_url '$url/oauth/token', token_basic 'true', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER rest OPTIONS (secret 'book');
	CREATE FOREIGN TABLE drive (id text, name text) SERVER rest OPTIONS (path '/files', records 'files');
});
like(answer($node, 'SELECT count(*) FROM drive'), qr/^\d+$/, 'the client is named in a header');
like(answer($node, $query), qr/Two ways to name the client|invalid_client/, 'which a service may insist on');

# A user mapping cannot keep what the service gives: that is said.
$sim->ctl('reset');
my $first = state()->{first};
my ($status, $out, $err) = $node->psql('postgres', qq{
	ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (DROP secret, ADD credential
		'{"client_id": "oauth_client", "client_secret": "oauth_secret", "refresh_token": "$first"}');
	$query});
is($out, $files, 'a refresh token in a user mapping works');
like($err, qr/WARNING:  the service replaced the refresh token, and the new one is not kept/, 'with a warning');
$node->safe_psql('postgres',
	q{ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (DROP credential, ADD secret 'book')});

# More tokens than the shared memory holds: the oldest go, nothing fails.
($status, $out, $err) = $node->psql('postgres', q{
	SET client_min_messages = error;
	DO $$
	BEGIN
		FOR i IN 1 .. 80 LOOP
			PERFORM momentum.set_secret('book', '{"client_id": "oauth_client", "client_secret": "oauth_secret"}');
			PERFORM count(*) FROM files;
			PERFORM count(*) FROM files;
		END LOOP;
	END $$});
is($err, '', 'eighty credentials one after the other');
is(state()->{requests}, 81, 'each bought one token');

# A standby has a copy of the store, and must not use up the primary's refresh token.
store($node, $sim->control('consent')->{token});
is(answer($node, $query), $files, 'the primary reads, and has its refresh token replaced');
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy');
$standby->set_standby_mode;
$standby->start;
$before = state()->{requests};
like(answer($standby, $query), qr/cannot use a refresh token that its service replaces during recovery/,
	'a standby refuses to refresh');
is(state()->{requests}, $before, 'before it asks');
$standby->stop;

# A clock that is wrong by ten minutes: a JWT is made again by the service's.
my $key = $sim->service_account =~ s/\n//gr;
$node->safe_psql('postgres', "ALTER SERVER book OPTIONS (SET token_url '$url/token');"
	  . "COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\n"
	  . "book=$key\n\\.\n");
for my $ahead (600, -600)
{
	forget_tokens();
	$sim->ctl('clearlog');
	$sim->control('set', { world => 'small', service => 'token', clock => $ahead });
	is(answer($node, $query), $files, "a service whose clock is ahead by $ahead s gives a token");
	is($sim->ctl('count', 'small', 'token'), 2, 'at the second try');
}
$sim->control('set', { world => 'small', service => 'token', clock => 0 });
$node->stop;

# Without shared memory each backend buys for itself, but never two at once.
my $alone = make_node('alone', "shared_preload_libraries = 'pg_cron'");
$sim->ctl('reset');
store($alone, state()->{first});
$sim->control('set', { world => 'small', service => 'oauth', grace => JSON::PP::false });
$sim->ctl('fault', 'small', 'oauth', 'delay', 'ms=50', 'times=-1');
($right, $asked) = race_quietly($alone);
is($right, $backends, "not preloaded, $backends backends all get a token");
is($asked, $backends, 'one after the other');
is(state()->{reused}, 0, 'and no refresh token is used twice');
$alone->stop;

# As race(), where every session warns that it shares nothing.
sub race_quietly
{
	my ($server) = @_;
	my $from = state()->{requests};
	my @done = map { finish($_) }
	  map { start_query($server, "SET client_min_messages = error; $query") } 1 .. $backends;
	diag($_->{err}) for grep { $_->{err} ne '' } @done;
	return (scalar(grep { $_->{out} eq $files } @done), state()->{requests} - $from);
}

done_testing();
