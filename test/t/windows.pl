# A long span is read in windows side by side: the same rows in the same order
# as in turn, sooner; no more is asked than a LIMIT needs; and pages ahead are
# fetched while rows are used, within bounds.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $sim = start_simulator('--today', '2026-11-20');
my $node = new_server('windows');
my $url = $sim->url . '/story';
$node->safe_psql('postgres', 'CREATE EXTENSION momentum');
import_tables($node, 'ads', 'meta_ads',
	"account 'act_1234567890', base_url '$url/meta', parallel_windows '1', fetch_size '500'");
import_tables($node, 'shop', 'shopify', "shop 'story', base_url '$url/shopify', parallel_windows '1'");

# Windows at the same time.
sub windows
{
	my ($server, $n) = @_;
	$node->safe_psql('postgres', "ALTER SERVER $server OPTIONS (SET parallel_windows '$n')");
	return;
}

# The rows of a query in their order, as a number and a checksum.
sub rows_of
{
	my ($query) = @_;
	return $node->safe_psql('postgres', "SELECT count(*), md5(string_agg(x::text, E'\\n')) FROM ($query) x");
}

sub seconds
{
	my ($query) = @_;
	my $began = time;
	my $rows = rows_of($query);
	return (time - $began, $rows);
}

sub requests
{
	my ($service, $query) = @_;
	$sim->ctl('clearlog');
	$node->safe_psql('postgres', $query);
	return $sim->control("count?world=story&service=$service")->{count};
}

# Days: a year of 13 windows.
my $year = q{SELECT day, campaign_id, spend, clicks FROM ads.insights WHERE day BETWEEN '2025-11-01' AND '2026-10-31' AND level = 'campaign'};
rows_of($year);    # the simulator has made its facts
$sim->ctl('fault', 'story', 'meta', 'delay', 'ms=200', 'times=-1');
my ($turns, $expected) = seconds($year);
windows('ads', 4);
my ($four, $rows) = seconds($year);
note(sprintf('13 windows of a 200 ms service: %.2f s in turn, %.2f s four at once: %.2f', $turns, $four, $four / $turns));
is($rows, $expected, 'four windows at once give the same rows in the same order');
cmp_ok($four, '<', 0.7 * $turns, 'sooner');
my $plan = $node->safe_psql('postgres', "EXPLAIN (ANALYZE, COSTS off) $year");
like($plan, qr/Windows: 13\n.*Windows at Once: 4\n/s, 'EXPLAIN shows it');
is(requests('meta', "$year LIMIT 3"), 1, 'a LIMIT asks for one window');
is(requests('meta', "SELECT FROM ads.account WHERE EXISTS ($year)"), 2, 'so does EXISTS');
is(requests('meta', "BEGIN; DECLARE c CURSOR FOR $year; FETCH 1 FROM c; COMMIT"), 1, 'and a cursor');
$sim->ctl('reset');

# Each count of them gives the same, in one window too.
for my $n (2, 7, 64)
{
	windows('ads', $n);
	is(rows_of($year), $expected, "$n windows at once");
}
windows('ads', 4);

my $sorted = rows_of("$year ORDER BY 1, 2, 3, 4");

# Windows that the service finds too long, throttles, or breaks off.
$sim->ctl('set', 'story', 'meta', 'max_rows=40');
is(rows_of("$year ORDER BY 1, 2, 3, 4"), $sorted, 'are halved: the same rows');
cmp_ok($sim->control('count?world=story&service=meta')->{count}, '>', 26, 'by more requests');
$sim->ctl('reset');
$sim->ctl('fault', 'story', 'meta', 'throttle', 'times=3', 'after=2', 'minutes=0');
$sim->ctl('fault', 'story', 'meta', 'cut', 'bytes=3000', 'times=3', 'after=5');
is(rows_of($year), $expected, 'windows that are asked for again');
is($sim->control('count?world=story&service=meta')->{count}, 13 + 3 + 3, 'six of them');
$sim->ctl('reset');
$sim->ctl('fault', 'story', 'meta', 'status', 'status=400', 'times=-1', 'after=9');
my ($ret, $out, $err) = $node->psql('postgres', $year);
isnt($ret, 0, 'a window that fails');
like($err, qr/refused the request.*foreign table "insights", page \d+/s, 'fails the scan, and says which page it was');
$sim->ctl('reset');

# Passes count as windows.
my $levels = q{SELECT day, level, spend FROM ads.insights WHERE day BETWEEN '2026-10-01' AND '2026-10-31'};
my $in_turn;
for my $n (1, 4)
{
	windows('ads', $n);
	$rows = rows_of($levels);
	$in_turn //= $rows;
}
is($rows, $in_turn, 'passes at once');

# Instants: half a year of orders, in parts; bounds that are no whole seconds.
my @spans = (
	q{created_at >= '2026-03-01' AND created_at < '2026-09-01'},
	q{created_at > '2026-03-01 00:00:00.5' AND created_at <= '2026-08-31 11:22:33.7'},
	q{processed_at >= '2026-06-03'},
	q{updated_at >= '2026-04-01' AND updated_at < '2026-08-01'},
	q{created_at >= '2026-03-01' AND created_at >= '2026-05-01' AND created_at < '2026-08-01' AND updated_at < '2026-11-01'});
for my $span (@spans)
{
	my $query = "SELECT id, updated_at FROM shop.orders WHERE $span";
	my $sorted = "$query ORDER BY id";
	windows('shop', 1);
	$expected = rows_of("SELECT * FROM ($sorted) s");
	windows('shop', 4);
	is(rows_of("SELECT * FROM ($sorted) s"), $expected, "in parts: $span");
	like($node->safe_psql('postgres', "EXPLAIN (ANALYZE, COSTS off) $query"), qr/Windows: ([4-9]|1\d)\n/, 'which they are');
}
my $changing = q{SELECT id FROM shop.orders WHERE updated_at >= '2026-04-01'};
unlike($node->safe_psql('postgres', "EXPLAIN (ANALYZE, COSTS off) $changing"), qr/Windows/,
	'a span that changes move into is read in turn');
is(requests('shopify', q{SELECT FROM shop.products WHERE created_at >= '2024-01-01' AND created_at < '2026-10-01'}), 2,
	'where there is little, the first page tells, and one more request reads the rest');

# A token that is no longer taken is replaced once, however many windows meet that.
$node->safe_psql('postgres', q(ALTER USER MAPPING FOR CURRENT_USER SERVER shop
	OPTIONS (SET credential '{"client_id": "sim_client", "client_secret": "sim_secret"}')));
my $spring = q{SELECT id FROM shop.orders WHERE created_at >= '2026-01-01' AND created_at < '2026-05-01'};
$expected = rows_of($spring);
$sim->ctl('fault', 'story', 'shopify', 'delay', 'ms=200', 'match=graphql', 'times=-1');
$sim->ctl('fault', 'story', 'shopify', 'status', 'status=401', 'match=graphql', 'after=1', 'times=4');
$sim->ctl('clearlog');
is(rows_of($spring), $expected, 'four windows are told that their token is old');
my @log = @{ $sim->control('log?world=story&service=shopify') };
is(scalar(grep { $_->{status} == 401 } @log), 4, 'all of them');
is(scalar(grep { $_->{path} =~ /access_token/ } @log), 1, 'and one new token does for all');
$sim->ctl('reset');
$node->safe_psql('postgres', q{ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential 'shpat_test')});

# Pages ahead.
windows('ads', 1);
$node->safe_psql('postgres', q{ALTER SERVER ads OPTIONS (SET fetch_size '50')});
$sim->ctl('fault', 'story', 'meta', 'delay', 'ms=120', 'times=-1');
my $rows_of_month = q{SELECT day FROM ads.insights WHERE day BETWEEN '2026-10-01' AND '2026-10-30' AND level = 'ad'};
my $slow = "SELECT count(pg_sleep(0.002)) FROM ($rows_of_month OFFSET 0) x";
my (%took, %ahead);
for my $memory ('0', '16MB')
{
	my $began = time;
	$node->safe_psql('postgres', "SET momentum.prefetch_memory = '$memory'; $slow");
	$took{$memory} = time - $began;

	# At first a page is used for far longer than the next one takes.
	$plan = $node->safe_psql('postgres', qq{SET momentum.prefetch_memory = '$memory'; EXPLAIN (ANALYZE, COSTS off)
		SELECT pg_sleep(CASE WHEN day < '2026-10-04' THEN 0.01 ELSE 0 END), x.* FROM ($rows_of_month OFFSET 0) x});
	($ahead{$memory}) = $plan =~ /Prefetched at Most: (\d+) kB/;
}
note(sprintf('pages of 120 ms, used in about 110 ms: %.2f s without prefetch, %.2f s with it: %.2f',
		$took{'0'}, $took{'16MB'}, $took{'16MB'} / $took{'0'}));
is($ahead{'0'} // 0, 0, 'a page is asked for when its rows are wanted');
cmp_ok($ahead{'16MB'} // 0, '>', 0, 'or ahead, and comes while rows are used');
$sim->ctl('reset');
windows('ads', 8);
my %held;
for my $memory ('40kB', '16MB')
{
	$plan = $node->safe_psql('postgres', qq{SET momentum.prefetch_memory = '$memory'; EXPLAIN (ANALYZE, COSTS off)
		SELECT pg_sleep(CASE WHEN day < '2026-01-04' THEN 0.02 ELSE 0 END), i.* FROM ads.insights i
		WHERE day BETWEEN '2026-01-01' AND '2026-10-30' AND level = 'ad'});
	($held{$memory}) = $plan =~ /Prefetched at Most: (\d+) kB/;
}
note("held of pages ahead: $held{'40kB'} kB, where it may be 40 and a page for each window; $held{'16MB'} kB else");
cmp_ok($held{'40kB'}, '<', 40 + 8 * 120, 'what is held stays near the bound');
cmp_ok($held{'16MB'}, '>', $held{'40kB'}, 'and is used where it may');
$node->stop;
done_testing();
