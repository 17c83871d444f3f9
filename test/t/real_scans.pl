# Orange juice at the tills of 83 supermarkets, a year and a half by the week:
# doors and units per store per week as the hub and its views tell them, beside
# the same counted from the file.
#
# A store that did not report a week has no row: it sold something unknown, not
# nothing.  It stays a door for as long as it sold within the last four weeks.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = "$ENV{MOMENTUM_DATA}/dominicks-oj";
my $file = "$folder/oj_store_brand_weeks_040_120.csv.gz";
plan skip_all => "no scans at $folder (MOMENTUM_DATA)" unless -f $file;

my $expected = decode_json(run_reference('scans', $folder));
my $node = new_server('real_scans');

# The three items of one brand, a row on the last day of its week.
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum;
	SELECT momentum.setup();
	SELECT momentum.add_brand('juice', 'America/Chicago', 'USD');
	INSERT INTO momentum_state.source (brand, source, service, options) VALUES ('juice', 'tills', 'crisp', '{"start": "1990-06-14"}');
	SELECT momentum._add_stream('juice', 'tills', 'sales', momentum._loader_of('crisp', 'sales'), '{"sales": "public.scan"}', 1);
	CREATE TABLE scan (store int, brand int, week int, move numeric, price_per_oz numeric, deal numeric, feat numeric, profit numeric);
	COPY scan FROM PROGRAM 'zcat $file' CSV HEADER;
	CREATE TABLE item (brand int, name text, ounces int);
	COPY item FROM '$folder/brands.csv' CSV HEADER;
	INSERT INTO hub.retail_sales (brand, source, dataset, retailer, store_id, product_id, day, product, units, dollars, content_hash)
	SELECT 'juice', 'tills', 'scan', 'dominicks', s.store::text, s.brand::text, date '1990-06-20' + 7 * (s.week - 40), i.name,
		   s.move / i.ounces, s.move * s.price_per_oz, 0
	  FROM scan s JOIN item i USING (brand) WHERE s.brand IN (1, 2, 4);
	INSERT INTO hub.retail_doors (brand, source, dataset, retailer, store_id, first_day, last_day, content_hash)
	SELECT brand, source, dataset, retailer, store_id, min(day), max(day), 0 FROM hub.retail_sales GROUP BY 1, 2, 3, 4, 5;
	INSERT INTO momentum_state.channel SELECT brand, source, 'sales', retailer, min(day) FROM hub.retail_sales GROUP BY 1, 2, 3, 4;
	UPDATE momentum_state.stream SET first_day = '1990-06-14';
});

# The answers as they stood when a week was the newest complete one.
sub stand_at
{
	my ($week) = @_;
	$node->safe_psql('postgres', qq{
		WITH stream AS (
			UPDATE momentum_state.stream SET complete_through = '$expected->{$week}{day}', status = 'ok')
		INSERT INTO momentum_state.changed_day
		SELECT 'juice', 'tills', 'sales', day::date FROM generate_series(date '1990-06-14', '1992-01-01', interval '1 day') day;
		SELECT momentum.recompute();
	});
	return;
}

sub near
{
	my ($got, $wanted, $tolerance) = @_;
	return 0 if $got eq '';
	return abs($got - $wanted) <= ($tolerance // 1e-9) * (abs($wanted) || 1);
}

stand_at(120);
my @weeks = sort { $a <=> $b } keys %$expected;
my %stored;
for my $line (split /\n/, $node->safe_psql('postgres', q{
	SELECT 40 + (day - date '1990-06-20') / 7, metric, value FROM momentum_state.metric_daily
	 WHERE brand = 'juice' AND (day - date '1990-06-20') % 7 = 0}))
{
	my ($week, $metric, $value) = split /\|/, $line;
	$stored{$week}{$metric} = $value;
}
my ($missed, $rows) = (0, 0);
for my $week (@weeks)
{
	my $e = $expected->{$week};
	my $m = $stored{$week};
	$missed++ if $e->{told} < $e->{doors};
	$rows++ if near($m->{retail_units}, $e->{units}) && near($m->{retail_dollars}, $e->{dollars})
	  && ($week < 44 ? !defined $m->{retail_doors} : $m->{retail_doors} == $e->{doors} && $m->{retail_points} == $e->{points});
}
is($rows, 81, 'units, sales, doors and points of all 81 weeks, as counted from the file');
cmp_ok($missed, '>', 40, "in $missed weeks a door has no row");
is($node->safe_psql('postgres', q{SELECT sum(value) FROM momentum_state.metric_daily
		WHERE brand = 'juice' AND metric = 'retail_units' AND (day - date '1990-06-20') % 7 <> 0}), '0', 'nothing between the weeks');

note('week  doors  lost  gained  velocity  of those that told   trend    t      p_up | component        p_up');
for my $week (51, 60, 70, 80, 90, 100, 110, 120)
{
	my $e = $expected->{$week};
	stand_at($week);
	my ($as_of, $doors, $gained, $lost, $points, $units, $velocity) = split /\|/, $node->safe_psql('postgres',
		q{SELECT as_of, doors, doors_gained, doors_lost, points, units, velocity FROM momentum.retail_velocity WHERE brand = 'juice'});
	is("$as_of $doors $gained $lost $points", "$e->{day} $e->{doors} $e->{gained} $e->{lost} $e->{points}", "week $week: doors");
	ok(near($velocity, $e->{velocity}, 1e-6), "week $week: units per store per week")
	  or diag("$velocity, expected $e->{velocity}");

	my ($raw, $level, $p_up, $actual, $newest) = split /\|/, $node->safe_psql('postgres', q{
		SELECT raw, level, p_up, actual, newest FROM momentum_state.component WHERE brand = 'juice' AND component = 'velocity' AND back = 0});
	note(sprintf('%4d  %5d  %4d  %6d  %8.1f  %18.1f  %+.4f  %+.2f  %.3f | %+.4f  %.3f  level %.1f / %.1f',
			$week, $doors, $lost, $gained, $velocity, $e->{velocity_of_tellers}, $e->{g}, $e->{t}, $e->{p_up}, $raw, $p_up, $level, $e->{level}));
	is($newest, $e->{day}, "week $week: the component stands on it");
	ok(near($raw, $e->{g}) && near($p_up, $e->{p_up}) && near($level, $e->{level}), "week $week: trend of velocity over 8 weeks");
}
$node->stop;
done_testing();
