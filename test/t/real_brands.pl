# Three brands of spirits, four and a half years by the week, walked through as
# their founders would have seen them: each week the trend of the weeks so far.
# Fireball rises fourfold to 2015 and then stays, Jagermeister fades slowly,
# Phillips stays and then eases.  Cities that bought stand for doors.
#
# A call is clear with p_up at least 0.95 or at most 0.05.  Each week's t and
# growth equal a second computation of the method in Python; the days and
# counts below were told by that computation.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = "$ENV{MOMENTUM_DATA}/iowa-liquor-brands";
plan skip_all => "no brands at $folder (MOMENTUM_DATA)" unless -f "$folder/brand_week_totals.csv";

my @brands = ('fireball', 'jagermeister', 'phillips');
my @windows = (8, 13, 26, 52, 104);

my $reference = decode_json(run_reference('brands', $folder));
my $node = new_server('real_brands');
$node->safe_psql('postgres', q{
	CREATE EXTENSION momentum;
	CREATE TABLE sale (week date, item text, city text, county text, litres numeric, dollars numeric);
	CREATE TABLE weekly (brand text, week date, litres float8, cities float8);
});
for my $brand (@brands)
{
	$node->safe_psql('postgres', qq{
		TRUNCATE sale;
		COPY sale FROM PROGRAM 'zcat $folder/${brand}_by_week_item_city.csv.gz' CSV HEADER;
		INSERT INTO weekly
		SELECT '$brand', week, sum(litres), count(DISTINCT (city, county)) FROM sale GROUP BY week;
	});
}

# As another added it up.
is($node->safe_psql('postgres', qq{
	CREATE TABLE total (week date, brand text, litres numeric, dollars numeric);
	COPY total FROM '$folder/brand_week_totals.csv' CSV HEADER;
	SELECT count(*), count(*) FILTER (WHERE abs(w.litres - t.litres) < 0.005)
	  FROM total t JOIN weekly w ON w.brand = lower(t.brand) AND w.week = t.week}),
	'693|693', 'litres of every week');

# brand => [ call of each week from the first full window on ]: U, D or -
sub walk
{
	my ($brand, $width, $y, $weight) = @_;
	my $rows = $node->safe_psql('postgres', qq{
		SELECT week, (f).t, (f).g, (f).p_up
		  FROM (SELECT week, row_number() OVER w AS nr, momentum.trend(week, $y$weight) OVER w AS f
				  FROM weekly WHERE brand = '$brand'
				WINDOW w AS (ORDER BY week ROWS @{[ $width - 1 ]} PRECEDING)) AS x
		 WHERE nr >= $width ORDER BY week});
	return map { [ split /\|/ ] } split /\n/, $rows;
}

sub near
{
	my ($got, $expected) = @_;
	my $size = abs($got) > abs($expected) ? abs($got) : abs($expected);
	return abs($got - $expected) <= 1e-9 * $size;
}

sub call_of { my ($p) = @_; return $p >= 0.95 ? 'U' : $p <= 0.05 ? 'D' : '-'; }

# Longest run of a call: its length and its first week.
sub longest
{
	my ($call, $calls, $weeks) = @_;
	my ($length, $first) = (0, '');
	while ($calls =~ /($call+)/g)
	{
		($length, $first) = (length $1, $weeks->[ $-[1] ]) if length $1 > $length;
	}
	return ($length, $first);
}

my (%calls, %weeks);
note('what a founder saw: weeks with a clear call, up and down, and the longest run of each');
note('brand         series    window   weeks    up  down   longest up            longest down');
for my $brand (@brands)
{
	for my $series ([ 'litres', 'litres', '' ], [ 'velocity', 'litres / cities', ', cities' ])
	{
		my ($name, $y, $weight) = @$series;
		for my $width (@windows)
		{
			my @rows = walk($brand, $width, $y, $weight);
			my $expected = $reference->{$brand}{"${name}_walk"}{$width};
			my $different = grep {
				!near($rows[$_][1], $expected->[$_][0]) || !near($rows[$_][2], $expected->[$_][1])
				  || abs($rows[$_][3] - $expected->[$_][2]) > 1e-9
			} 0 .. $#rows;
			is(@rows . " weeks, $different different", 232 - $width . ' weeks, 0 different',
				"$brand, $name, $width weeks: as computed apart");

			my $all = join '', map { call_of($_->[3]) } @rows;
			my @dates = map { $_->[0] } @rows;
			$calls{"$brand $name $width"} = $all;
			$weeks{"$brand $name $width"} = \@dates;
			note(sprintf('%-13s %-9s %5d   %5d  %4d  %4d   %3d from %-10s   %3d from %-10s',
					$brand, $name, $width, length $all, $all =~ tr/U//, $all =~ tr/D//,
					longest('U', $all, \@dates), longest('D', $all, \@dates)));
		}
	}
}

# The first week in which a call is clear for the fourth time running, and the
# first such after which the opposite is never clear again.
sub clear_from
{
	my ($key, $call) = @_;
	my $opposite = $call eq 'U' ? 'D' : 'U';
	my $first = $calls{$key} =~ /$call{4}/ ? $weeks{$key}[ $-[0] + 3 ] : 'never';
	my $stays = $calls{$key} =~ /$call{4}(?!.*$opposite)/ ? $weeks{$key}[ $-[0] + 3 ] : 'never';
	return "$first $stays";
}

# What Python's walk tells: number of clear weeks up, number down, longest run
# up and down with its first week; from when on clear, and never reversed.
#
# The longest window never calls Fireball down or Jagermeister up.  Windows of
# a year or less end on one side of Christmas: there they are wrong for weeks.
my %told = (
	'fireball litres 8' => [ 21, 6, '3 2012-10-14', '2 2015-01-18', 'never never', 'never never' ],
	'fireball litres 13' => [ 42, 4, '10 2013-09-01', '3 2015-02-22', '2012-10-14 never', 'never never' ],
	'fireball litres 26' => [ 85, 12, '28 2013-08-04', '8 2015-03-22', '2012-09-30 2016-01-03', '2015-04-12 never' ],
	'fireball litres 52' => [ 135, 6, '120 2012-12-23', '6 2015-08-02', '2013-01-13 2015-12-27', '2015-08-23 never' ],
	'fireball litres 104' => [ 127, 0, '127 2013-12-22', '0 ', '2014-01-12 2014-01-12', 'never never' ],
	'jagermeister litres 8' => [ 29, 12, '5 2013-02-17', '2 2012-11-18', '2013-03-10 never', 'never never' ],
	'jagermeister litres 13' => [ 17, 8, '4 2013-03-17', '2 2015-01-18', '2013-04-07 never', 'never never' ],
	'jagermeister litres 26' => [ 19, 25, '6 2012-10-14', '9 2015-01-25', '2012-11-04 never', '2014-03-09 never' ],
	'jagermeister litres 52' => [ 12, 22, '5 2014-11-30', '8 2014-06-29', '2014-12-21 never', '2014-07-20 never' ],
	'jagermeister litres 104' => [ 0, 68, '0 ', '16 2016-02-14', 'never never', '2014-03-02 2014-03-02' ],
	'phillips litres 52' => [ 11, 19, '8 2014-09-28', '7 2015-03-08', '2014-10-19 never', '2014-04-06 2016-04-10' ],
	'phillips litres 104' => [ 1, 7, '1 2015-10-25', '7 2016-03-13', 'never never', '2016-04-03 2016-04-03' ]);
note('clear for four weeks running, for the first time and for good');
for my $key (map { my $b = $_; map { "$b litres $_" } @windows } @brands)
{
	my ($up, $down) = map { clear_from($key, $_) } 'U', 'D';
	note(sprintf('%-24s up %-22s down %s', $key, $up, $down));
	next unless $told{$key};
	is_deeply([ $calls{$key} =~ tr/U//, $calls{$key} =~ tr/D//,
			map({ join ' ', longest($_, $calls{$key}, $weeks{$key}) } 'U', 'D'), $up, $down ],
		$told{$key}, "$key: clear calls");
}
for my $key ('fireball litres 52', 'jagermeister litres 104')
{
	for my $year (2012 .. 2016)
	{
		note("$key $year " . join('', map { substr($calls{$key}, $_, 1) }
				  grep { $weeks{$key}[$_] =~ /^$year/ } 0 .. $#{ $weeks{$key} }));
	}
}

# A year's window is wrong at most six weeks running, half a year's eight.
cmp_ok((longest('D', $calls{'fireball litres 52'}, []))[0], '<=', 6, 'Fireball down, by a year: no longer than 6 weeks');
cmp_ok((longest('U', $calls{'jagermeister litres 52'}, []))[0], '<=', 6, 'Jagermeister up, by a year: no longer than 6 weeks');

# The first year against the last: cities, and litres per buying city.
for my $brand (@brands)
{
	my ($doors, $velocity, $delta) = split /\|/, $node->safe_psql('postgres', qq{
		WITH half AS (
			SELECT week < '2012-12-30' AS old, ARRAY[sum(cities) / 52, sum(litres) / sum(cities)] AS f, sum(litres) / 52 AS litres
			  FROM weekly
			 WHERE brand = '$brand' AND (week < '2012-12-30' OR week > date '2016-05-29' - 364) GROUP BY 1)
		SELECT split[1], split[2], b.litres - a.litres
		  FROM half a, half b, momentum.lmdi(a.f, b.f) AS split WHERE a.old AND NOT b.old});
	note(sprintf('%-13s litres a week, last year against first: %+9.1f = %+8.1f through cities %+8.1f through litres per city',
			$brand, $delta, $doors, $velocity));
	ok(abs($doors + $velocity - $delta) <= 1e-9 * abs($delta), "$brand: cities and velocity explain the change exactly");
	ok(near($doors, $reference->{$brand}{split}[0]) && near($velocity, $reference->{$brand}{split}[1]),
		"$brand: as computed apart");
}
$node->stop;
done_testing();
