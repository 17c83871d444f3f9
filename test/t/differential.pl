# Differential testing: generated queries give the same rows on foreign tables
# as on local copies.  The generator is test/differential/generate.py; seed and
# number may be given as MOMENTUM_SEED and MOMENTUM_CASES.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $seed = $ENV{MOMENTUM_SEED} || 20261120;
my $count = $ENV{MOMENTUM_CASES} || 2100;
my $small_pages = int($count / 6);    # the last so many with pages of a few orders

my $dir = "$ENV{MOMENTUM_PROJECT}/test/differential";
my $sim = start_simulator();
my $url = $sim->url . '/small';
my $node = new_server('differential', 'max_parallel_workers_per_gather = 0');
my $psql = sub { return $node->safe_psql('postgres', $_[0]); };

$psql->('CREATE EXTENSION momentum');
import_tables($node, 'shop', 'shopify', "shop 'test', base_url '$url/shopify'");
import_tables($node, 'mail', 'klaviyo', "base_url '$url/klaviyo', fetch_size '7'");
import_tables($node, 'ads', 'meta_ads', "account 'act_1234567890', base_url '$url/meta', fetch_size '25'");

# The copies, and what their columns hold.
my %where = (
	'shop.sessions_daily' => "WHERE day BETWEEN '2026-01-01' AND '2026-03-31'",
	'ads.insights' => "WHERE day BETWEEN '2026-01-01' AND '2026-03-10' AND level = 'ad'");
my @tables = split /\n/, $psql->(q{
	SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relkind = 'f'
	   AND relname NOT IN ('shop', 'account', 'campaign_values', 'flow_values', 'metric_aggregates') ORDER BY 1});
my $copies = join "\n", map { "CREATE SCHEMA ${_}_copy;" } qw(shop mail ads);
for my $table (@tables)
{
	$copies .= 'CREATE TABLE ' . $table =~ s/\./_copy./r . " AS SELECT * FROM $table " . ($where{$table} // '') . ";\n";
}
$psql->($copies);
# one metric can be asked for at a time
my @metrics = split /\n/, $psql->('SELECT id FROM mail_copy.metrics');
$psql->('CREATE TABLE mail_copy.metric_aggregates AS '
	  . join(' UNION ALL ', map { "(SELECT * FROM mail.metric_aggregates WHERE metric_id = '$_' AND day BETWEEN '2026-01-01' AND '2026-03-31')" } @metrics));
my $values = $psql->(q{
	CREATE FUNCTION held(tab text, col text) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE found json;
	BEGIN
		EXECUTE format('SELECT json_agg(v ORDER BY v COLLATE "C") FROM (SELECT DISTINCT left(%I::text, 60) AS v FROM %s WHERE length(%1$I::text) < 60 LIMIT 60) x', col, tab)
			INTO found;
		RETURN coalesce(found, '[]');
	END $$;
	SELECT json_object_agg(tab, cols) FROM (
		SELECT replace(attrelid::regclass::text, '_copy.', '.') AS tab,
			   json_object_agg(attname, json_build_array(format_type(atttypid, NULL), held(attrelid::regclass::text, attname)) ORDER BY attnum) AS cols
		  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		 WHERE relnamespace::regnamespace::text LIKE '%\_copy' AND relkind = 'r' AND attnum > 0
		 GROUP BY attrelid) t;
});

my $cases = '';
IPC::Run::run([ '/usr/bin/python3', '-B', "$dir/generate.py", $seed, $count ], '<', \$values, '>', \$cases)
  or die 'the generator failed';
is(scalar(() = $cases =~ /^INSERT INTO cases/mg), $count, "$count queries of seed $seed");
$psql->(slurp_file("$dir/compare.sql"));
$psql->("BEGIN;\n$cases;\nCOMMIT;");

# A session for each part: errors and plans of one query must not reach another.
my $began = time;
my $told = $psql->(sprintf('SELECT compare(1, %d)', $count - $small_pages));
note($told, sprintf(', %.1f s', time - $began));
$sim->ctl('set', 'small', 'shopify', 'max_cost=200');
$began = time;
my $more = $psql->(sprintf('SELECT compare(%d, %d)', $count - $small_pages + 1, $count));
note('with small pages: ', $more, sprintf(', %.1f s', time - $began));

my ($queries) = $told =~ /^(\d+) queries/;
my ($others) = $more =~ /^(\d+) queries/;
is($queries + $others, $count, 'all of them ran');
my ($errors) = $told =~ /, (\d+) of them errors/;
cmp_ok($errors, '<', $count / 20, 'hardly any of which is an error');
is($psql->('SELECT count(*) FROM different'), 0, 'and give the same rows on foreign tables as on their copies')
  or diag($psql->(q{
	SELECT format(E'%s: %s\n  there %s\n  here  %s', number, query, left(there::text, 500), left(here::text, 500))
	  FROM different ORDER BY number LIMIT 15}));

# What the queries are of: the plans we mean to test do occur.
my $plans = $psql->(q{
	CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE line text; result text := '';
	BEGIN
		FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
			result := result || line || E'\n';
		END LOOP;
		RETURN result;
	EXCEPTION WHEN numeric_value_out_of_range OR invalid_row_count_in_limit_clause THEN
		RETURN ''; -- an error on both sides
	END $$;
	SELECT count(*) FILTER (WHERE p LIKE '%MomentumLookup%') > 50,
		   count(*) FILTER (WHERE p LIKE '%Order of the Service%') > 50,
		   count(*) FILTER (WHERE p LIKE '%Ends After%') > 10,
		   count(*) FILTER (WHERE p ~ 'Asked of the Service:.*= ANY') > 50,
		   count(*) FILTER (WHERE p ~ 'Asked of the Service:.*\$\d') > 10,
		   count(*) FILTER (WHERE p LIKE '%Aggregate: count%') > 20,
		   count(*) FILTER (WHERE p LIKE '%Aggregate: sums%') > 20
	  FROM (SELECT plan_of(aimed(query, '')) AS p FROM cases WHERE kind = 'plain' AND number <= 1500) x
});
is($plans, 't|t|t|t|t|t|t', 'lookups, orders, limits, lists, keys from other tables and summaries are among the plans');

done_testing();
