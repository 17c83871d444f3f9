# Several scans below one Append wait together: eight cost what one costs, a
# slow one holds no other up, and whatever ends them early leaves nothing.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(min);
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $sim = start_simulator();
my $node = new_server('async', 'momentum.enable_aggregate = off');
$node->safe_psql('postgres', 'CREATE EXTENSION momentum');

# Every shop is a server of its own.
my $url = $sim->url . '/small/shopify';
import_tables($node, $_, 'shopify', "shop '$_', base_url '$url'") for 'a', 'b', 'slow';
$node->safe_psql('postgres', q{
	CREATE TABLE local (id bigint);
	INSERT INTO local SELECT generate_series(1, 1000);
});

sub union_all { return join(' UNION ALL ', @_); }
sub count_of { return 'SELECT count(*) FROM (' . union_all(@_) . ') x'; }

# One session for all: it must survive everything below.
my $session = $node->background_psql('postgres', on_error_stop => 0);
sub ask
{
	my ($query) = @_;
	$session->{stderr} = '';
	my $out = $session->query($query);
	return $out;
}

# Seconds that a query takes, the best of some runs, and its result.
sub fastest
{
	my ($query, $runs) = @_;
	my ($best, $result);
	for (1 .. $runs)
	{
		my $began = time;
		$result = ask("$query;");
		my $took = time - $began;
		$best = defined $best ? min($best, $took) : $took;
	}
	return ($best, $result);
}

# Descriptors of the session's backend: those to wait for, and sockets.
my $pid = ask('SELECT pg_backend_pid();');
sub descriptors
{
	my @all = map { readlink($_) // '' } glob("/proc/$pid/fd/*");
	return (scalar(grep { /eventpoll|timerfd/ } @all), scalar(grep { /^socket/ } @all));
}

my $orders = 'SELECT id FROM a.orders';
my @eight = ($orders) x 8;
# So many at a time that all connections that are kept are open.
sub fill
{
	$sim->ctl('reset');
	$sim->ctl('fault', 'small', 'shopify', 'delay', 'ms=100', 'times=16');
	my $found = ask(count_of(($orders) x 16) . ';');
	$sim->ctl('reset');
	return $found;
}
fill();
my ($polls, $sockets) = descriptors();

# Speed.
$sim->ctl('fault', 'small', 'shopify', 'delay', 'ms=700', 'times=-1');
my ($one, $rows) = fastest("SELECT count(*) FROM a.orders", 3);
my ($all, $all_rows) = fastest(count_of(@eight), 3);
ask('SET enable_async_append = off;');
my ($turns) = fastest(count_of(@eight), 1);
ask('RESET enable_async_append;');
note(sprintf('8-way UNION ALL of a 700 ms endpoint: %.0f ms, %.2f of a single call (%.0f ms); one after the other %.2f',
		1000 * $all, $all / $one, 1000 * $one, $turns / $one));
cmp_ok($all, '<', 2 * $one, 'eight scans take less than twice the time of one');
is($all_rows, 8 * $rows, 'and give all rows');
cmp_ok($turns, '>', 4 * $one, 'while in turn they would take far longer');
my ($forty, $forty_rows) = fastest(count_of(($orders) x 40), 1);
note(sprintf('40-way: %.2f of a single call', $forty / $one));
cmp_ok($forty, '<', 5 * $one, 'forty scans are more than an event buffer holds');
is($forty_rows, 40 * $rows, 'and give all rows');
$sim->ctl('reset');

# The plan says it, and options and settings decide it.
like(ask("EXPLAIN (COSTS off) $orders UNION ALL SELECT id FROM b.orders;"), qr/Async Foreign Scan on orders/, 'EXPLAIN shows it');
ask(q{ALTER SERVER b OPTIONS (ADD async_capable 'false');});
my $plan = ask("EXPLAIN (COSTS off) SELECT id FROM b.orders UNION ALL SELECT id FROM b.orders;");
unlike($plan, qr/Async/, 'async_capable of a server turns it off');
ask(q{ALTER FOREIGN TABLE b.orders OPTIONS (ADD async_capable 'true');});
$plan = ask("EXPLAIN (COSTS off) SELECT id FROM b.orders UNION ALL SELECT id FROM b.products;");
like($plan, qr/Async Foreign Scan on orders.*-> +Foreign Scan on products/s, 'a table decides before its server');
ask(q{ALTER SERVER b OPTIONS (DROP async_capable);});

# One that is slow does not keep the rows of the others back.
$sim->ctl('fault', 'small', 'shopify', 'delay', 'ms=3000', 'match=products(', 'times=-1');
my $began = time;
my $some = ask("SELECT count(*) FROM (SELECT * FROM (SELECT id FROM slow.products UNION ALL SELECT id FROM a.orders UNION ALL SELECT id FROM b.customers) x LIMIT 16) y;");
my $filled = time - $began;
is($some, 16, 'LIMIT above an Append');
cmp_ok($filled, '<', 3, 'is filled by those that have come');
is($sim->ctl('count', 'small', 'shopify', 'products('), 1, 'while the slow one is waited for');
$began = time;
$some = ask("SELECT count(*) FROM (SELECT id FROM local UNION ALL SELECT id FROM slow.products UNION ALL SELECT id FROM a.orders) x;");
cmp_ok(time - $began, '>=', 3, 'without a LIMIT it is waited for to its end');
is($some, ask('SELECT count(*) + 1014 FROM a.products;') , 'a local table beside them');

# A cursor left alone, used by and by, given up.
ask('BEGIN; DECLARE c CURSOR FOR SELECT id FROM slow.products UNION ALL SELECT id FROM a.orders;');
is(scalar(split /\n/, ask('FETCH 3 FROM c;')), 3, 'a cursor gives what is there');
is(ask('SELECT count(*) FROM b.orders;'), 14, 'another scan beside it moves its transfers');
is(scalar(split /\n/, ask('FETCH ALL FROM c;')), 11 + ask('SELECT count(*) FROM a.products;'), 'and the rest');
ask('COMMIT;');
ask('BEGIN; DECLARE c CURSOR FOR SELECT id FROM slow.products UNION ALL SELECT id FROM a.orders;');
ask('FETCH 3 FROM c; CLOSE c; COMMIT;');
is(ask('SELECT count(*) FROM a.orders;'), 14, 'or closed with a request under way');

# Run again, with a request of the last run under way.
my $again = q{SELECT count(*), sum(n) FROM generate_series(1, 5) g, LATERAL (
	SELECT count(*) AS n FROM (SELECT * FROM (SELECT id FROM slow.products UNION ALL SELECT id FROM a.orders) u
		WHERE id > g OFFSET 0 LIMIT 5) l) m;};
$sim->ctl('clearlog');
$began = time;
is(ask($again), '5|25', 'a rescan drops the request of the run before');
cmp_ok(time - $began, '<', 14, 'and does not wait for it');
is($sim->ctl('count', 'small', 'shopify', 'products('), 5, 'though there was one each time');
$sim->ctl('reset');

# Backoff of one is no pause for the others, and pauses overlap.
$sim->ctl('fault', 'small', 'shopify', 'status', 'status=503', 'retry_after=1', 'match=orders(', 'times=4');
$began = time;
is(ask(count_of(($orders) x 4) . ';'), 56, 'four scans that are asked to wait a second');
my $took = time - $began;
cmp_ok($took, '<', 4, 'wait it together');
cmp_ok($took, '>=', 1, 'for that second');

# An error in one ends all, with its own words; the session goes on.
for my $status (400, 503)
{
	$sim->ctl('reset');
	$sim->ctl('fault', 'small', 'shopify', 'stall_headers', 'match=orders(', 'times=-1');
	$sim->ctl('fault', 'small', 'shopify', 'status', "status=$status", 'match=products(', 'retry_after=0', 'times=-1');
	$began = time;
	ask('SELECT count(*) FROM (SELECT id FROM a.orders UNION ALL SELECT id FROM slow.products UNION ALL SELECT id FROM b.orders) x;');
	like($session->{stderr}, qr/ERROR: .*server "slow".*foreign table "products", page 1/s, "status $status of one child");
	cmp_ok(time - $began, '<', 30, 'is an error at once');
}
$sim->ctl('reset');
ask('SELECT momentum.reset_limits();');    # a server that is left alone is asked nothing
$sim->ctl('fault', 'small', 'shopify', 'stall_headers', 'match=orders(', 'times=-1');
$sim->ctl('fault', 'small', 'shopify', 'status', 'status=400', 'match=products(', 'times=-1');
ask(q{DO $$ DECLARE caught int := 0; BEGIN
		FOR i IN 1 .. 20 LOOP
			BEGIN
				PERFORM id FROM (SELECT id FROM a.orders UNION ALL SELECT id FROM slow.products) x;
			EXCEPTION WHEN OTHERS THEN
				caught := caught + 1;
			END;
		END LOOP;
		RAISE NOTICE 'caught % times', caught;
	END $$;});
like($session->{stderr}, qr/caught 20 times/, 'caught, again and again');
is($sim->ctl('count', 'small', 'shopify', 'products('), 20, 'each time with requests under way');

# Cancel of a statement that waits, again and again.
ask('SET statement_timeout = 60;' . (count_of($orders, $orders) . ';') x 10 . 'RESET statement_timeout;');
is(scalar(() = $session->{stderr} =~ /canceling statement due to statement timeout/g), 10, 'statement_timeout');
is(fill(), 16 * $rows, 'the session reads on');
is_deeply([descriptors()], [ $polls, $sockets ], 'no descriptor is left');
$session->quit;
$node->stop;
done_testing();
