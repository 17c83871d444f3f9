# Numbers that others certified: the NIST reference sets, the published results
# of a Mann-Kendall package, and what R says of four real series.
#
# Our fits take days and free themselves of weekdays; with every x laid on the
# same weekday (seven days for each unit of x) there is one group left, and the
# fit within weekdays is the ordinary straight line.  A line through the origin
# is the line through the points and their mirror images.  A regression on
# several variables (Longley) is none of our functions.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $truth = "$ENV{MOMENTUM_DATA}/stats-ground-truth";
plan skip_all => "no reference data at $truth (MOMENTUM_DATA)" unless -f "$truth/nist_norris.csv";

my $node = new_server('real_nist');
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum;
	CREATE TABLE norris (y float8, x float8);
	COPY norris FROM '$truth/nist_norris.csv' CSV HEADER;
	CREATE TABLE noint1 (y float8, x float8);
	COPY noint1 FROM '$truth/nist_noint1.csv' CSV HEADER;
	CREATE TABLE rain (year int, month int, value float8);
	COPY rain FROM '$truth/mk_monthly_rainfall_bogra.csv' CSV HEADER;
	CREATE TABLE series (name text, t int, label text, value float8);
});

# Every line of a file of comma separated values, as a hash by its header.
sub read_table
{
	my ($file) = @_;
	my ($header, @lines) = split /\r?\n/, slurp_file("$truth/$file");
	my @names = split /,/, $header;
	return map { my %row; @row{@names} = split /,/, $_, -1; \%row } @lines;
}

sub query
{
	my ($sql) = @_;
	$sql = "SET extra_float_digits = 1; $sql";
	return split /\|/, $node->safe_psql('postgres', $sql), -1;
}

# Right digits: minus the logarithm of the relative error.
sub digits
{
	my ($got, $expected) = @_;
	return 0 if $got eq '';
	return 15 if $got == $expected;
	my $digits = -log(abs($got - $expected) / abs($expected)) / log(10);
	return $digits > 15 ? 15 : $digits;
}

sub has_digits
{
	my ($got, $expected, $digits, $what) = @_;
	my $right = digits($got, $expected);
	note(sprintf('%-48s %24s  certified %22s  %4.1f digits', $what, $got, $expected, $right));
	cmp_ok($right, '>=', $digits, "$what: $digits digits");
	return;
}

my %certified;
for my $row (read_table('nist_certified.csv'))
{
	$certified{"$row->{dataset} $row->{quantity}"} = $row->{certified_value};
	$certified{"$row->{dataset} $row->{quantity} se"} = $row->{certified_std_error};
}

# Norris as PostgreSQL sees it ...
my ($slope, $intercept, $r2, $sd) = query(q{
	SELECT regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x),
		   sqrt((regr_syy(y, x) - regr_sxy(y, x) ^ 2 / regr_sxx(y, x)) / (count(*) - 2)) FROM norris});
has_digits($slope, $certified{'norris B1'}, 12, 'norris, regr_slope');
has_digits($intercept, $certified{'norris B0'}, 11, 'norris, regr_intercept');
has_digits($r2, $certified{'norris r_squared'}, 12, 'norris, regr_r2');
note('norris, residual sd of regr_*: ' . sprintf('%.1f digits', digits($sd, $certified{'norris residual_sd'})));

# ... and as a trend: x has one decimal, so 70 days a unit keep the weekday.
# Equal x is one day: their mean, weighted by their number, is the same line.
my ($n, $groups, $per_unit, $at_zero) = query(q{
	SELECT f.n, f.groups, f.slope * 70, f.level - f.slope * 70 * mean.x
	  FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(w) AS w
			  FROM (SELECT date '2000-01-03' + round(70 * x)::int AS day, avg(y) AS y, count(*)::float8 AS w
					  FROM norris GROUP BY 1) AS d) AS a,
		   momentum.trend_fit(days, y, w, robust => false) AS f, (SELECT avg(x) AS x FROM norris) AS mean});
is("$n $groups", '35 1', 'norris: one weekday, two points on one day');
has_digits($per_unit, $certified{'norris B1'}, 12, 'norris, trend_fit slope');
has_digits($at_zero, $certified{'norris B0'}, 11, 'norris, trend_fit intercept');

# Moments count the points one by one, so the errors are those of NIST too; what
# is left of a line this good is a difference of large sums, as in regr_*.
SKIP:
{
	skip 'no trend_moments()', 4 unless $node->safe_psql('postgres',
		q{SELECT count(*) FROM pg_proc WHERE proname = 'trend_moments'}) > 0;
	my ($b1, $b0, $se1, $residual) = query(q{
		SELECT (m).slope * 70, (m).level - (m).slope * 70 * x, (m).se_iid * 70, (m).se_iid * sqrt((m).sxx)
		  FROM (SELECT momentum.trend_moments(date '2000-01-03' + round(70 * x)::int, y) AS m, avg(x) AS x FROM norris) AS f});
	has_digits($b1, $certified{'norris B1'}, 12, 'norris, trend_moments slope');
	has_digits($b0, $certified{'norris B0'}, 11, 'norris, trend_moments intercept');
	has_digits($se1, $certified{'norris B1 se'}, 11, 'norris, trend_moments se of the slope');
	has_digits($residual, $certified{'norris residual_sd'}, 11, 'norris, trend_moments residual sd');
}

# Through the origin: the points and their mirror images, so twice the squares
# on 20 instead of 10 degrees of freedom.
my ($origin, $origin_se) = query(q{
	SELECT f.slope * 7, f.se_iid * 7 * sqrt(2)
	  FROM (SELECT array_agg(date '2000-01-03' + 7 * (sign * x)::int) AS days, array_agg(1000 + sign * y) AS y
			  FROM noint1, (VALUES (1), (-1)) AS s (sign)) AS a,
		   momentum.trend_fit(days, y, robust => false) AS f});
has_digits($origin, $certified{'noint1 B1'}, 12, 'noint1, trend_fit slope');
has_digits($origin_se, $certified{'noint1 B1 se'}, 12, 'noint1, trend_fit se of the slope');
note('longley: a regression on six variables, none of ours');

# Ranks of a monthly series with ten gaps, against published results.
my %published = map { ("$_->{test} $_->{quantity}" => $_->{published_value}) } read_table('mk_expected.csv');
my ($s, $variance, $z, $p, $tau) = query(q{
	SELECT f.s, f.variance, f.z, f.p, f.tau
	  FROM (SELECT array_agg(value ORDER BY year, month) AS y FROM rain) AS a, momentum.mann_kendall(y) AS f});
is($s, $published{'original_mann_kendall s'}, 'rain: S');
has_digits($variance, $published{'original_mann_kendall var_s'}, 12, 'rain: variance of S');
has_digits($z, $published{'original_mann_kendall z'}, 12, 'rain: z');
has_digits($p, $published{'original_mann_kendall p'}, 12, 'rain: p');
has_digits($tau, $published{'original_mann_kendall tau_a'}, 12, 'rain: tau');
# The published slope closes the gaps; with the months where they are it differs.
my ($closed, $kept) = query(q{
	SELECT (momentum.theil_sen(array_agg(i::float8), array_agg(value))).slope,
		   (momentum.theil_sen(array_agg(t::float8), array_agg(value))).slope
	  FROM (SELECT value, 12 * year + month AS t, row_number() OVER (ORDER BY year, month) AS i
			  FROM rain WHERE value IS NOT NULL) AS r});
has_digits($closed, $published{'original_mann_kendall sens_slope_per_step'}, 12, 'rain: Theil-Sen slope, gaps closed');
is(sprintf('%.7f', $kept), '-0.0063694', 'rain: Theil-Sen slope, gaps kept');
# By months: S and its variance sum over the seasons.
my ($seasonal, $seasonal_z, $seasonal_p) = query(q{
	SELECT s, z, 2 * momentum.normal_cdf(-abs(z))
	  FROM (SELECT sum((f).s) AS s, (sum((f).s) - sign(sum((f).s))) / sqrt(sum((f).variance)) AS z
			  FROM (SELECT momentum.mann_kendall(array_agg(value ORDER BY year)) AS f FROM rain GROUP BY month) AS m) AS t});
is($seasonal, $published{'seasonal_mann_kendall_period_12 s'}, 'rain by months: S');
has_digits($seasonal_z, $published{'seasonal_mann_kendall_period_12 z'}, 12, 'rain by months: z');
has_digits($seasonal_p, $published{'seasonal_mann_kendall_period_12 p'}, 12, 'rain by months: p');

# Equal as far as R printed, or to 1e-9 where it printed more.
sub as_printed
{
	my ($got, $printed, $what) = @_;
	my ($mantissa, $exponent) = $printed =~ /^-?([0-9.]+)(?:e([-+]?\d+))?$/ or die $printed;
	my ($decimals) = $mantissa =~ /\.(\d+)/;
	my $half = 0.5 * 10**(-length($decimals // '') + ($exponent // 0));
	my $allowed = 1e-9 * abs($printed);
	$allowed = $half * (1 + 1e-6) if $half > $allowed;
	ok($got ne '' && abs($got - $printed) <= $allowed, "$what: $got is $printed")
	  or diag("$what: $got, R says $printed");
	return;
}

for my $r (read_table('series_reference_r.csv'))
{
	my $name = $r->{series};
	$node->safe_psql('postgres', qq{
		TRUNCATE series;
		CREATE TEMP TABLE x (t int, label text, value float8);
		COPY x FROM '$truth/series/$name.csv' CSV HEADER;
		INSERT INTO series SELECT '$name', * FROM x;
	});
	my ($n, $line, $line_se, $at_zero, $r2, $line_p) = query(q{
		SELECT f.n, f.slope * 7, f.se_iid * 7, f.level - f.slope * 7 * (f.n - 1) / 2,
			   t2 / (t2 + f.df), 2 * momentum.student_t_cdf(-sqrt(t2), f.df)
		  FROM (SELECT array_agg(date '2000-01-03' + 7 * t) AS days, array_agg(value) AS y FROM series) AS a,
			   momentum.trend_fit(days, y, robust => false) AS f, LATERAL (SELECT (f.slope / f.se_iid) ^ 2 AS t2) AS t});
	my ($sen, $s, $tau_b, $kendall_p) = query(q{
		SELECT sen.slope, f.s, f.s / sqrt(a.pairs * (a.pairs - tied)), 2 * momentum.normal_cdf(-abs(f.s / sqrt(f.variance)))
		  FROM (SELECT array_agg(t::float8 ORDER BY t) AS x, array_agg(value ORDER BY t) AS y, count(*) * (count(*) - 1) / 2.0::float8 AS pairs
				  FROM series) AS a,
			   (SELECT coalesce(sum(k * (k - 1) / 2), 0)::float8 AS tied FROM (SELECT count(*) AS k FROM series GROUP BY value) AS v) AS ties,
			   momentum.mann_kendall(y) AS f, momentum.theil_sen(x, y) AS sen});
	is($n, $r->{n}, "$name: points");
	as_printed($line, $r->{ols_slope}, "$name: slope of the line");
	as_printed($line_se, $r->{ols_slope_se}, "$name: its error");
	as_printed($at_zero, $r->{ols_intercept}, "$name: intercept");
	as_printed($r2, $r->{r_squared}, "$name: r squared");
	as_printed($line_p, $r->{ols_slope_p}, "$name: p of the slope");
	as_printed($sen, $r->{theil_sen_slope}, "$name: Theil-Sen slope");
	is($s, $r->{mk_s}, "$name: S");
	as_printed($tau_b, $r->{kendall_tau_b}, "$name: tau b");
	as_printed($kendall_p, $r->{kendall_p_normal}, "$name: p of tau");
}

$node->stop;
done_testing();
