# Eleven series whose change points five people each have marked, and the turns
# that turning_point() finds in them, as a segmenter: the best bend of the whole
# series, if significant, then those of the two parts, down to 35 points.
#
# A point of a series is laid on a week of its own: these series know no
# weekdays.  turning_point() looks for bends.  Where a series jumps from one
# level to another (quality_control, well_log, nile) that is not its model: a
# jump looks to it like a ramp, with a bend at either end and none at the jump.
#
# Scored as the benchmark of these series does: with a margin of 5 points;
# precision against what anyone marked, recall as the mean over the people; the
# first point counts as marked and as found, so that finding nothing where
# nothing is has a score.  Beside it: finding nothing at all, and as many points
# as the people marked (the median of their counts, which no program would know),
# equally spaced.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = "$ENV{MOMENTUM_DATA}/tcpd-changepoints";
plan skip_all => "no change points at $folder (MOMENTUM_DATA)" unless -f "$folder/annotations.csv";

use constant MARGIN => 5;

# series => [ [points of one person], ... ]
my (%marked, %length);
my ($header, @lines) = split /\r?\n/, slurp_file("$folder/annotations.csv");
for my $line (@lines)
{
	my ($name, $person, $n, $points) = split /,/, $line, -1;
	push @{ $marked{$name} }, [ split ' ', $points ];
	$length{$name} = $n;
}

my $node = new_server('real_turns');
$node->safe_psql('postgres', q{
	CREATE EXTENSION momentum;
	CREATE TABLE series (name text, t int, label text, value float8);
	-- The 0-based indices of the turns of y[low .. high], low from 1.
	CREATE FUNCTION turns(y float8[], low int, high int) RETURNS SETOF int LANGUAGE plpgsql AS $$
	DECLARE
		found momentum.turning_point_result;
		turn int;
	BEGIN
		found := momentum.turning_point(ARRAY(SELECT date '2000-01-03' + 7 * i FROM generate_series(low, high) i), y[low:high]);
		IF found.significant THEN
			turn := (found.day - date '2000-01-03') / 7;
			RETURN NEXT turn - 1;
			RETURN QUERY SELECT turns(y, low, turn);
			RETURN QUERY SELECT turns(y, turn + 1, high);
		END IF;
	END $$;
});
for my $name (sort keys %marked)
{
	$node->safe_psql('postgres', qq{
		CREATE TEMP TABLE x (t int, label text, value float8);
		COPY x FROM '$folder/$name.csv' CSV HEADER;
		INSERT INTO series SELECT '$name', * FROM x;
	});
}

# The points of "wanted" that have a point of "found" near, each found point
# standing for one.
sub hits
{
	my ($wanted, $found) = @_;
	my @free = @$found;
	my $hits = 0;
	for my $point (@$wanted)
	{
		my ($near) = sort { abs($free[$a] - $point) <=> abs($free[$b] - $point) }
		  grep { abs($free[$_] - $point) <= MARGIN } 0 .. $#free;
		next unless defined $near;
		splice @free, $near, 1;
		$hits++;
	}
	return $hits;
}

sub mean { my $sum = 0; $sum += $_ for @_; return $sum / @_; }

# Precision, recall and their harmonic mean.
sub score
{
	my ($name, $found) = @_;
	my @people = map { [ 0, @$_ ] } @{ $marked{$name} };
	my %anyone = map { $_ => 1 } map { @$_ } @people;
	my @found = (0, @$found);
	my $precision = hits(\@found, [ sort { $a <=> $b } keys %anyone ]) / @found;
	my $recall = mean(map { hits($_, \@found) / @$_ } @people);
	return ($precision, $recall, 2 * $precision * $recall / ($precision + $recall));
}

my $reference = decode_json(run_reference('turns', $folder));
my (%total, %found);
my %bends = map { $_ => 1 } qw(children_per_woman gdp_argentina jfk_passengers ozone us_population);
note('series               points   found at');
note('precision recall F1:  all turns           the best one        nothing             equally spaced');
for my $name (sort keys %marked)
{
	$found{$name} = [ split ' ', $node->safe_psql('postgres', qq{
		SELECT string_agg(t::text, ' ' ORDER BY t)
		  FROM turns((SELECT array_agg(value ORDER BY t) FROM series WHERE name = '$name'), 1, $length{$name}) t}) ];
	my @counts = sort { $a <=> $b } map { scalar @$_ } @{ $marked{$name} };
	my $count = $counts[ $#counts / 2 ];
	my %try = (
		ours => $found{$name},
		best => [ split ' ', $node->safe_psql('postgres', qq{
			SELECT ((found).day - date '2000-01-03') / 7
			  FROM (SELECT momentum.turning_point(array_agg(date '2000-01-03' + 7 * t), array_agg(value)) AS found
					  FROM series WHERE name = '$name') x
			 WHERE (found).significant}) ],
		nothing => [],
		spaced => [ map { int($length{$name} * $_ / ($count + 1)) } 1 .. $count ]);
	my %score = map { $_ => [ score($name, $try{$_}) ] } keys %try;
	push @{ $total{$_} }, $score{$_} for keys %score;
	push @{ $total{"$_ where it bends"} }, $score{$_} for $bends{$name} ? keys %score : ();
	note(sprintf('%-20s %6d   %s', $name, $length{$name}, "@{ $found{$name} }" || 'nothing'));
	note(sprintf("%-20s  %s", '', join '      ', map { sprintf '%.2f %.2f %.2f', @{ $score{$_} } } 'ours', 'best', 'nothing', 'spaced'));

	if (my $apart = $reference->{$name})
	{
		my ($at, $f, $f_adj) = split /\|/, $node->safe_psql('postgres', qq{
			SELECT ((found).day - date '2000-01-03') / 7, (found).f, (found).f_adj
			  FROM (SELECT momentum.turning_point(array_agg(date '2000-01-03' + 7 * t), array_agg(value)) AS found
					  FROM series WHERE name = '$name') x});
		is($at, $apart->{at}, "$name: the best bend, as computed apart");
		ok(abs($f / $apart->{f} - 1) < 1e-9 && abs($f_adj / $apart->{f_adj} - 1) < 1e-9, "$name: its F");
	}
}
my %mean;
for my $where ('', ' where it bends')
{
	for my $way ('ours', 'best', 'nothing', 'spaced')
	{
		my $all = $total{"$way$where"};
		$mean{"$way$where"} = [ map { my $k = $_; mean(map { $_->[$k] } @$all) } 0 .. 2 ];
	}
	note(sprintf("%-20s  %s", "mean$where",
			join '      ', map { sprintf '%.2f %.2f %.2f', @{ $mean{"$_$where"} } } 'ours', 'best', 'nothing', 'spaced'));
}

# What may be asked of a detector of bends: the bends that people agreed on,
# and silence where nobody saw anything.
sub finds
{
	my ($name, $point) = @_;
	ok((grep { abs($_ - $point) <= MARGIN } @{ $found{$name} }), "$name: turns at $point");
	return;
}
finds('jfk_passengers', 299);
finds('children_per_woman', 146);
finds('ozone', 28);
finds('gdp_argentina', 42);
finds('us_population', 460);
is("@{ $found{quality_control_5} }", '', 'quality_control_5: nothing, as all five say');
is(scalar(@{ $found{jfk_passengers} }), 1, 'jfk_passengers: no other turn');
cmp_ok($mean{ours}[1], '>', $mean{spaced}[1], 'recall of all turns: above that of points equally spaced');
cmp_ok($mean{'ours where it bends'}[1], '>', 0.8, 'recall where the series bends: above 0.8');
cmp_ok($mean{'best where it bends'}[2], '>', $mean{"$_ where it bends"}[2], "F1 of the best turn where the series bends: above $_")
  for 'nothing', 'spaced';

$node->stop;
done_testing();
