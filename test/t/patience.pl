# Whoever asks for a computation can take the question back: every function
# that takes an array of numbers is given the largest ones, with a
# statement_timeout, and must let go soon after.  The aim is 100 ms, the test
# fails at 2 s: the machine may be busy.  The functions are found in the
# catalog, so those to come are asked as well.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use Test::More;

use constant TIMEOUT_MS => 50;
use constant TOO_LATE_MS => 2000;

my $node = new_server('patience');
$node->safe_psql('postgres', q{
	CREATE EXTENSION momentum;
	CREATE TABLE kept (days date[], numbers float8[], names text[]);
	INSERT INTO kept
	SELECT array_agg(date '1970-01-05' + i), array_agg(1000 + i % 7 * 10 + (hashint4(i) & 1023)), array_agg('c' || i % 100)
	  FROM generate_series(1, 20000) i;
	CREATE TABLE told (name text, answer text, ms float8);

	-- Calls with the largest arrays, one at a time: what came of it, and when.
	CREATE PROCEDURE ask(name text, expression text) LANGUAGE plpgsql AS $$
	DECLARE
		began timestamptz;
		answer text;
	BEGIN
		began := clock_timestamp();
		BEGIN
			EXECUTE expression;
			answer := 'answered';
		EXCEPTION
			WHEN query_canceled THEN answer := 'let go';
			WHEN OTHERS THEN answer := SQLSTATE || ' ' || SQLERRM;
		END;
		INSERT INTO told VALUES (name, answer, 1000 * extract(epoch FROM clock_timestamp() - began));
	END $$;
});

# An argument: the largest array, or what makes a function work longest.
my %whole = (draws => 5000, horizon => 3660, max_lag => 365, lags => 19999);

sub argument
{
	my ($name, $type, $size) = @_;
	return "(SELECT days[:$size] FROM kept)" if $type eq 'date[]';
	return "(SELECT numbers[:$size] FROM kept)" if $type eq 'double precision[]';
	return "(SELECT names[:$size] FROM kept)" if $type eq 'text[]';
	return ($whole{$name} // 30) . "::$type" if $type =~ /^(integer|bigint)$/;
	return '1000::float8' if $type eq 'double precision';
	return "date '2025-01-31'" if $type eq 'date';
	return "NULL::$type";
}

my @functions = split /\n/, $node->safe_psql('postgres', q{
	SELECT p.proname, string_agg(coalesce(p.proargnames[a.place], '') || ' ' || format_type(a.type, NULL), ',' ORDER BY a.place)
	  FROM pg_proc p, unnest(p.proargtypes) WITH ORDINALITY a (type, place)
	 WHERE p.pronamespace = 'momentum'::regnamespace AND p.prokind = 'f' AND p.proname !~ '^_'
	   AND 'float8[]'::regtype = ANY (p.proargtypes)
	 GROUP BY p.oid, p.proname ORDER BY p.proname});
cmp_ok(scalar(@functions), '>=', 20, 'functions of arrays: ' . scalar(@functions));

# The largest arrays that a function does not refuse, for many stop at 5,000.
my (%worst, $let_go);
for my $line (@functions)
{
	my ($name, $arguments) = split /\|/, $line;
	my @told;
	for my $size (20000, 5000, 730, 7)
	{
		my $call = join ', ', map { argument((split / /, $_, 2), $size) } split /,/, $arguments;
		my $expression = "SELECT count(*) FROM momentum.$name($call) x";
		$node->safe_psql('postgres', 'SET statement_timeout = ' . TIMEOUT_MS . "; CALL ask('$name', \$\$$expression\$\$)");
		@told = split /\|/, $node->safe_psql('postgres', "DELETE FROM told RETURNING round(ms), answer");
		push @told, $size;
		last unless $told[1] =~ /^\d/;
	}
	my ($ms, $answer, $size) = @told;
	my $late = $answer eq 'let go' ? $ms - TIMEOUT_MS : 0;
	note(sprintf('%-22s %6d elements  %-10s after %5d ms%s', $name, $size, substr($answer, 0, 60), $ms,
			$answer eq 'let go' ? ", $late late" : ''));
	cmp_ok($ms, '<', TOO_LATE_MS, "$name");
	$worst{$name} = $late;
	$let_go++ if $answer eq 'let go';
}
my ($slowest) = sort { $worst{$b} <=> $worst{$a} } keys %worst;
note("latest of all: $slowest, $worst{$slowest} ms");
# All lags of hamed_rao() take over ten times as long on any machine.
ok($let_go, 'some were long enough to be taken back');

$node->stop;
done_testing();
