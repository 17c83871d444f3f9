# Jobs of the service's own: cancelled when nobody waits for them any more,
# taken over from a backend that was killed, read in little memory whatever
# they leave, side by side where there are several.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use IPC::Run;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $limit = 32 * 1024;    # kB that the backend may grow by

my $sim = start_simulator('--today', '2026-11-20');
my $node = new_server('bulk', 'restart_after_crash = on');
sub server
{
	my ($name, $world, @options) = @_;
	my $options = join(', ', "shop '$world'", "base_url '" . $sim->url . "/$world/shopify'", "allow_insecure 'true'", @options);
	return qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER shopify_fdw OPTIONS ($options);
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (credential 'shpat_test');
		CREATE SCHEMA $name;
		IMPORT FOREIGN SCHEMA api LIMIT TO (orders, order_line_items) FROM SERVER $name INTO $name;
	};
}
my @in_bulk = ("bulk_pages '1'", "bulk_hosts 'localhost'");
$node->safe_psql('postgres', 'CREATE EXTENSION momentum;'
	  . server('big', 'big', @in_bulk) . server('small', 'small', @in_bulk) . server('paged', 'big', "bulk_pages '0'") . q{
	CREATE SERVER ads FOREIGN DATA WRAPPER meta_ads_fdw
		OPTIONS (account 'act_1234567890', base_url 'SIM/small/meta', allow_insecure 'true', bulk_pages '3');
	CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'EAAtest');
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA api LIMIT TO (insights) FROM SERVER ads INTO ads;
	CREATE FUNCTION most_memory() RETURNS bigint LANGUAGE sql
		AS $$ SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s+(\d+) kB')::bigint $$;
	CREATE FUNCTION try(query text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE query;
		RETURN 'done';
	EXCEPTION WHEN OTHERS OR query_canceled THEN
		RETURN SQLSTATE;
	END $$;
} =~ s/SIM/$sim->url/er);

sub jobs { my ($world) = @_; return @{ $sim->control("jobs?world=$world") }; }
sub made { my ($world) = @_; return $sim->control("count?world=$world&service=shopify&match=bulkOperationRunQuery")->{count}; }
sub looks { my ($world) = @_; return $sim->control("count?world=$world&service=shopify&match=bulkOperation(id")->{count}; }
sub notes { my @found = glob($node->data_dir . '/momentum_jobs/*'); return scalar @found; }

# A query on its way, in a session of its own; returns when its job runs.
sub begin
{
	my ($world, $query) = @_;
	my %session = (out => '', err => '', before => scalar(jobs($world)));
	my $looks = looks($world);
	my @pids = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity');
	$session{run} = IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr('postgres'), '-c', $query ],
		'<', '/dev/null', '>', \$session{out}, '2>', \$session{err});
	wait_for(sub { jobs($world) > $session{before} }) or die "no job: $session{err}";
	wait_for(sub { looks($world) > $looks }) or die "nobody looks at the job: $session{err}";
	$session{pid} = $node->safe_psql('postgres',
		q{SELECT pid FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid NOT IN (}
		  . join(',', @pids) . ')');
	return \%session;
}
sub finish { my ($session) = @_; IPC::Run::finish($session->{run}); return $session->{out} . $session->{err}; }

my $sum = q{SELECT count(*), sum(hashtext(o::text)::bigint) FROM %s.orders o WHERE created_at >= '2025-11-01'};
my ($in_bulk, $by_pages) = map { sprintf($sum, $_) } qw(big paged);

# -- the same rows ------------------------------------------------------------------

my $rows = $node->safe_psql('postgres', "SET momentum.wait_budget = '5min'; $by_pages");
like($rows, qr/^3\d{3}\|/, 'by pages');
is($node->safe_psql('postgres', $in_bulk), $rows, 'the same rows in bulk');
is(scalar(jobs('big')), 1, 'through one job');
is(notes(), 0, 'of which no note is left');
my ($file) = grep { $_->{service} eq 'storage' } @{ $sim->control('log?world=big') };
is_deeply([ grep { /token|authorization|cookie/i } keys %{ $file->{headers} } ], [], 'whose file is asked for without a credential');

# -- cancelled ------------------------------------------------------------------------

for my $way (
	[ 'a cancel', sub { $node->safe_psql('postgres', "SELECT pg_cancel_backend($_[0])") }, qr/canceling statement due to user request/ ],
	[ 'the end of the session', sub { $node->safe_psql('postgres', "SELECT pg_terminate_backend($_[0])") }, qr/terminating connection/ ])
{
	my ($what, $do, $message) = @$way;
	$sim->ctl('reset');
	$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=60');
	my $session = begin('big', $in_bulk);
	is(notes(), 1, "before $what a note is there");
	my $began = time;
	$do->($session->{pid});
	like(finish($session), $message, "$what ends the scan");
	note(sprintf('%s: %.0f ms', $what, 1000 * (time - $began)));
	my ($job) = jobs('big');
	like($job->{status}, qr/^CANCEL(ING|ED)$/, 'and the job');
	is(notes(), 0, 'and its note');
}

# In the middle of a transaction that goes on.
$sim->ctl('reset');
$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=60');
my ($status) = $node->safe_psql('postgres', "SET statement_timeout = '4s'; SELECT try(\$\$$in_bulk\$\$)");
is($status, '57014', 'statement_timeout is caught');
my ($job) = jobs('big');
like($job->{status}, qr/^CANCEL(ING|ED)$/, 'the job is cancelled');

# The service does not hear: that holds nobody up for long.
$sim->ctl('reset');
$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=60');
$sim->ctl('fault', 'big', 'shopify', 'delay', 'ms=20000', 'match=bulkOperationCancel', 'times=-1');
my $session = begin('big', $in_bulk);
my $began = time;
$node->safe_psql('postgres', "SELECT pg_cancel_backend($session->{pid})");
like(finish($session), qr/canceling statement/, 'a service that does not answer is left alone');
my $took = time - $began;
note(sprintf('%.0f ms', 1000 * $took));
cmp_ok($took, '<', 10, 'soon');
$sim->ctl('reset');
is($node->safe_psql('postgres', $in_bulk), $rows, 'the note it left is of no harm');
is(notes(), 0, 'and gone');

# -- taken over -------------------------------------------------------------------------

for my $state ('running', 'done')
{
	$sim->ctl('reset');
	$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=6');
	$session = begin('big', $in_bulk);
	kill_backend($node, $session->{pid});
	like(finish($session), qr/server closed the connection|terminating connection/, 'a backend is killed');
	is(notes(), 1, 'it leaves a note');
	ok(wait_for(sub { (jobs('big'))[0]{status} eq 'COMPLETED' }), 'the job goes on without it') if $state eq 'done';
	my $err;
	$node->psql('postgres', $in_bulk, stdout => \my $out, stderr => \$err);
	is($out, $rows, "its job, which is $state, is read by the next one that asks");
	like($err, qr/NOTICE:.* its bulk job was made then, for a session that has died/, 'which says so');
	is(made('big'), 1, 'no other job was made');
	is(notes(), 0, 'the note is gone');
	$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=0.2');
	is($node->safe_psql('postgres', $in_bulk), $rows, 'who asks again');
	is(made('big'), 2, 'gets a job of his own');
}

# A job that has not survived its backend is made anew.
$sim->ctl('reset');
$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=60');
$session = begin('big', $in_bulk);
kill_backend($node, $session->{pid});
finish($session);
$sim->ctl('reset');
is($node->safe_psql('postgres', $in_bulk), $rows, 'a job the service no longer knows is made anew');

# A report run of the ads, the same way.
$sim->ctl('reset');
$sim->ctl('set', 'small', 'meta', 'run_seconds=5');
my $spent = q{SELECT count(*), sum(spend), sum(clicks) FROM ads.insights WHERE day BETWEEN '2025-12-01' AND '2026-04-01' AND level = 'ad'};
my $runs = sub { return scalar grep { $_->{method} eq 'POST' } @{ $sim->control('log?world=small&service=meta') } };
my $seen = sub { return $sim->control('count?world=small&service=meta&match=/6023920149050')->{count} };
my $reader = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', "SELECT pg_backend_pid(); SET momentum.enable_aggregate = off; $spent" ],
	'<', '/dev/null', '>', \my $said, '2>', \my $complained);
wait_for(sub { $seen->() > 0 }) or die "no look at the run: $complained";
my $reading = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query ~ 'ads.insights' AND pid <> pg_backend_pid()});
kill_backend($node, $reading);
IPC::Run::finish($reader);
my $took_over = $node->safe_psql('postgres', "SET momentum.enable_aggregate = off; $spent");
is($runs->(), 1, 'a report run is taken over too');
is($took_over, $node->safe_psql('postgres', "SET momentum.enable_aggregate = off; ALTER SERVER ads OPTIONS (SET bulk_pages '0'); $spent"), 'with the rows that pages have');

# -- side by side ---------------------------------------------------------------------------

$sim->ctl('reset');
$sim->ctl('set', 'big', 'shopify', 'bulk_seconds=3');
my @sessions = map { begin('big', $in_bulk) } 1 .. 2;
chomp(my @found = map { finish($_) } @sessions);
is_deeply(\@found, [ $rows, $rows ], 'two that ask the same at the same time');
is(made('big'), 2, 'have a job each');

$sim->ctl('reset');
$sim->ctl('set', '*', 'shopify', 'bulk_seconds=3');
$began = time;
$node->safe_psql('postgres', q{SELECT id FROM big.orders WHERE created_at >= '2025-11-20' UNION ALL
	SELECT id FROM small.orders UNION ALL SELECT id FROM small.orders WHERE updated_at >= '2026-01-01'});
$took = time - $began;
note(sprintf('three jobs of 3 s in one UNION ALL: %.2f s', $took));
is(jobs('big') + jobs('small'), 3, 'three branches, three jobs');
cmp_ok($took, '<', 8, 'three jobs of one query are waited for together');

# More than the service lets run: they wait for their turn.
$sim->ctl('reset');
$sim->ctl('set', 'small', 'shopify', 'bulk_slots=1', 'bulk_seconds=0.4');
$node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT id, updated_at FROM small.orders UNION ALL
	SELECT id, updated_at FROM small.orders WHERE NOT test) x});
is(scalar(jobs('small')), 2, 'a job that finds no room is made when there is');
cmp_ok(made('small'), '>', 2, 'it was asked for more than once');

# -- large -----------------------------------------------------------------------------------

# The query's result, or its error, and by how many kB the backend's peak grew.
sub grown
{
	my ($query) = @_;
	my ($out, $err);
	$node->psql('postgres', qq{
		SELECT count(*), sum(length(to_jsonb(o)::text)) FROM small.orders o \\gset
		SELECT most_memory() AS before \\gset
		$query;
		SELECT most_memory() - :before;
	}, stdout => \$out, stderr => \$err, on_error_stop => 0, timeout => 900);
	my @lines = split /\n/, $out;
	return (join(' ', @lines[0 .. $#lines - 1]) . $err, $lines[-1]);
}

$sim->ctl('reset');
$sim->ctl('set', 'big', 'shopify', 'bulk_pad=600');
$began = time;
my ($result, $kilobytes) = grown('EXPLAIN (ANALYZE, COSTS off) SELECT id, order_id, title, quantity FROM big.order_line_items');
my ($lines, $bytes) = $result =~ /Bulk Lines: (\d+).*Bulk Bytes: (\d+)/s;
note(sprintf('%d lines, %.0f MB in %.1f s, the backend grew by %d kB', $lines, $bytes / 1e6, time - $began, $kilobytes));
like($result, qr/actual [^\n]*rows=199600/, 'all lines of a large file are read');
is($lines, 299600, 'with the records they belong to');
cmp_ok($bytes, '>', 200_000_000, 'it is large');
cmp_ok($kilobytes, '<', $limit, 'and takes little memory');

# Cut off when a part of it has been used: the rest comes, and nothing twice.
my $all = 'SELECT count(*), sum(id) FROM big.orders';
$sim->ctl('reset');
$sim->ctl('set', 'big', 'shopify', 'bulk_pad=200');
$sim->ctl('fault', 'big', 'storage', 'cut', 'bytes=15000000');
is($node->safe_psql('postgres', $all), '100000|600000319996900000', 'a file that is cut off is read on');
is($sim->control('count?world=big&service=storage')->{count}, 2, 'from its beginning');
$sim->ctl('fault', 'big', 'storage', 'cut', 'bytes=15000000', 'times=-1');
($result) = grown($all);
like($result, qr/could not read from the service/, 'one that is cut off each time is an error');
is(notes(), 0, 'and no job to be taken over');

done_testing();
