# Triage on what people labelled and the fit has not seen, asked in SQL; beside
# plain keywords and word lists.  Two programs of ours agree: the server and
# the model in Python that the fit was made with.  And what no message should
# do: crash the server, make it grow, or keep it from being interrupted.
use strict;
use warnings;

use FindBin;
use IPC::Run;
use JSON::PP;
use lib $FindBin::Bin;
use List::Util qw(max sum);
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# Bars, below what is measured (docs/hub.md, "Triage").
my %bar = (spearman => 0.65, accuracy => 0.79, macro_f1 => 0.77, shop_accuracy => 0.76, shop_f1 => 0.76, urgency => 0.79);

my $data = $ENV{MOMENTUM_DATA};
my $fit = "$ENV{MOMENTUM_PROJECT}/scripts/fit-triage";
my $node = new_server('triage');
my $json = JSON::PP->new->canonical;

sub sql { my ($query) = @_; return $node->safe_psql('postgres', $query); }

sub run_fit
{
	my ($input, @args) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ '/usr/bin/python3', '-B', $fit, @args ], '<', \$input, '>', \$out, '2>', \$err)
	  or die "fit-triage failed: $err";
	return $out;
}

# Texts through a table, in their order.
sub load_texts
{
	my (@texts) = @_;
	my $ascii = JSON::PP->new->ascii;
	my $lines = join '', map { $ascii->encode({ t => $_ }) =~ s/\\/\\\\/gr . "\n" } @texts;
	sql("DROP TABLE IF EXISTS texts; CREATE TABLE texts (n integer GENERATED ALWAYS AS IDENTITY, j jsonb);\n"
		  . "COPY texts (j) FROM STDIN;\n$lines\\.\n");
	return;
}

# What the server says of the texts loaded: rows of category, urgency, sentiment, confidence.
sub judged
{
	return map { $json->decode($_) } split /\n/, sql(q{
		SET extra_float_digits = 1;
		SELECT json_build_array((q.t).category, (q.t).urgency, (q.t).sentiment, (q.t).confidence)
		  FROM (SELECT n, momentum.triage(NULL, j->>'t') AS t FROM texts OFFSET 0) q ORDER BY n});
}

sub ranks
{
	my (@values) = @_;
	my @order = sort { $values[$a] <=> $values[$b] } 0 .. $#values;
	my @rank;
	for (my $at = 0; $at < @order;)
	{
		my $end = $at;
		$end++ while $end < $#order && $values[ $order[ $end + 1 ] ] == $values[ $order[$at] ];
		$rank[ $order[$_] ] = ($at + $end) / 2 for $at .. $end;
		$at = $end + 1;
	}
	return @rank;
}

sub spearman
{
	my ($x, $y) = @_;
	my @x = ranks(@$x);
	my @y = ranks(@$y);
	my ($mx, $my) = (sum(@x) / @x, sum(@y) / @y);
	my ($xy, $xx, $yy) = (0, 0, 0);
	for my $i (0 .. $#x)
	{
		$xy += ($x[$i] - $mx) * ($y[$i] - $my);
		$xx += ($x[$i] - $mx)**2;
		$yy += ($y[$i] - $my)**2;
	}
	return $xy / sqrt($xx * $yy);
}

# Accuracy and macro F1 of pairs [truth, guess].
sub scores
{
	my (@pairs) = @_;
	my (%true, %said, %hit);
	for (@pairs)
	{
		$true{ $_->[0] }++;
		$said{ $_->[1] }++;
		$hit{ $_->[0] }++ if $_->[0] eq $_->[1];
	}
	my @f1 = map { 2 * ($hit{$_} // 0) / ($true{$_} + ($said{$_} // 0)) } sort keys %true;
	return (sum(values %hit) / @pairs, sum(@f1) / @f1);
}

sql('CREATE EXTENSION momentum CASCADE; SELECT momentum.setup()');
my $tables = PostgreSQL::Test::Utils::tempdir() . '/tables.json';
append_to_file($tables, sql(q{
	SELECT json_build_object(
		'lexicon', (SELECT json_agg(l) FROM momentum_state.lexicon l),
		'triage_weight', (SELECT json_agg(w) FROM momentum_state.triage_weight w),
		'triage_rule', (SELECT json_agg(r) FROM momentum_state.triage_rule r))}));

# Messages of a shop, never fitted on.
my @shop;
foreach my $line (split /\n/, slurp_file("$ENV{MOMENTUM_PROJECT}/test/fixtures/triage_retail.csv"))
{
	my ($category, $urgency, $text) = $line =~ /^([^,]+),([^,]+),(.*)$/ or die "not a row: $line";
	next if $category eq 'category';
	$text =~ s/^"(.*)"$/$1/ and $text =~ s/""/"/g;
	utf8::decode($text);
	push @shop, { category => $category, urgency => $urgency, text => $text };
}
cmp_ok(scalar @shop, '>=', 150, 'messages of a shop');
load_texts(map { $_->{text} } @shop);
my @said = judged();
is(scalar @said, scalar @shop, 'each is judged');
my ($accuracy, $f1) = scores(map { [ $shop[$_]{category}, $said[$_][0] ] } 0 .. $#shop);
my ($urgency) = scores(map { [ $shop[$_]{urgency}, $said[$_][1] ] } 0 .. $#shop);
note(sprintf 'a shop: category accuracy %.3f, macro F1 %.3f, urgency accuracy %.3f', $accuracy, $f1, $urgency);
cmp_ok($accuracy, '>=', $bar{shop_accuracy}, 'a shop: accuracy of the category');
cmp_ok($f1, '>=', $bar{shop_f1}, 'a shop: macro F1 of the category');
cmp_ok($urgency, '>=', $bar{urgency}, 'a shop: accuracy of the urgency');

# The same sample, judged by the model in Python from the server's tables.
sub agree
{
	my ($what, $said, @texts) = @_;
	my @other = map { $json->decode($_) }
	  split /\n/, run_fit(join('', map { JSON::PP->new->ascii->allow_nonref->encode($_) . "\n" } @texts), '--judge', $tables);
	my @differ = grep {
		my ($a, $b) = ($said->[$_], $other[$_]);
		$a->[0] ne $b->[0] || $a->[1] ne $b->[1] || abs($a->[2] - $b->[2]) > 1e-9 || abs($a->[3] - $b->[3]) > 1e-9
	} 0 .. $#texts;
	is(scalar @other, scalar @texts, "$what: the other model judges all");
	is(scalar @differ, 0, "$what: two programs agree")
	  or diag(map { "$texts[$_]\n" . $json->encode([ $said->[$_], $other[$_] ]) . "\n" } grep { defined } @differ[ 0 .. 4 ]);
	return;
}
agree('a shop', \@said, map { $_->{text} } @shop);

SKIP:
{
	skip "no labelled data at $data", 10 unless -d "$data/banking77-train" && -d "$data/rated-sentences-amazon";
	my @held = map { $json->utf8(0)->decode($_) } split /\n/, run_fit('', '--held-out');
	my @rated = grep { $_->{kind} eq 'rating' } @held;
	my @asked = grep { $_->{kind} eq 'question' } @held;
	cmp_ok(scalar @rated, '>', 600, 'held-out ratings');
	cmp_ok(scalar @asked, '>', 1500, 'held-out questions');

	load_texts(map { $_->{text} } @rated);
	@said = judged();
	my $rho = spearman([ map { $_->[2] // 0 } @said ], [ map { $_->{label} } @rated ]);
	note(sprintf 'sentiment: Spearman %.3f of %d', $rho, scalar @rated);
	cmp_ok($rho, '>=', $bar{spearman}, 'sentiment: Spearman correlation with people');
	my @felt = grep { defined $said[$_][2] } 0 .. $#said;
	agree('rated sentences', [ @said[@felt] ], map { $rated[$_]{text} } @felt);

	load_texts(map { $_->{text} } @asked);
	@said = judged();
	($accuracy, $f1) = scores(map { [ $asked[$_]{label}, $said[$_][0] ] } 0 .. $#asked);
	note(sprintf 'questions: accuracy %.3f, macro F1 %.3f of %d', $accuracy, $f1, scalar @asked);
	cmp_ok($accuracy, '>=', $bar{accuracy}, 'questions: accuracy of the category');
	cmp_ok($f1, '>=', $bar{macro_f1}, 'questions: macro F1 of the category');
	agree('questions', \@said, map { $_->{text} } @asked);

	# Better than what an afternoon's keywords and the word lists do on the same texts.
	my $report = run_fit('', '--report', $tables);
	note($report);
	my ($afinn, $vader) = map { $report =~ /$_ word sum ([\d.]+)/ ? $1 : die "no $_" } 'AFINN', 'VADER';
	cmp_ok($rho, '>', max($afinn, $vader) + 0.03, 'sentiment: above both word lists');
	my ($keywords) = $report =~ /held-out bank.*?keywords: accuracy [\d.]+, macro F1 ([\d.]+)/s;
	cmp_ok($f1, '>', $keywords + 0.1, 'questions: above keywords');

	# The stemmer of the fit is the server's.
	my %words = map { $_ => 1 } map { lc($_->{text}) =~ /[a-z]+/g } @held;
	sql('DROP TABLE IF EXISTS words; CREATE TABLE words (w text)');
	sql("INSERT INTO words SELECT unnest('{" . join(',', sort keys %words) . "}'::text[])");
	my %server = map { split /\t/ } split /\n/,
	  sql(q{SELECT w || E'\t' || coalesce((ts_lexize('english_stem', w))[1], w) FROM words});
	my ($out, $err) = ('', '');
	IPC::Run::run([ '/usr/bin/python3', '-B', '-c', q{
import sys
sys.path.insert(0, sys.argv[1])
from triage.stem import stem
for line in sys.stdin:
    print(line.strip(), stem(line.strip()))
}, "$ENV{MOMENTUM_PROJECT}/scripts" ], '<', \join('', map { "$_\n" } sort keys %words), '>', \$out, '2>', \$err) or die $err;
	my @differ = grep { my ($w, $s) = split / /; $server{$w} ne $s } split /\n/, $out;
	cmp_ok(scalar keys %words, '>', 1500, 'words to stem');
	is("@differ[0 .. ($#differ < 9 ? $#differ : 9)]", '', 'both stem alike');
}

# Ten seconds of random bytes as text: whatever comes, an answer within the scale.
my $fuzz = sql(q{
	CREATE FUNCTION noise() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		words text[] := string_to_array(E'<~>~&~;~&#~x~<div~</~blockquote>~<style>~<!--~-->~On x wrote:\n~">"~:(~:D~\'~t~n~don~\n~\n\n~--~@~http://~www.~.~!~?~,~not~but~thanks~replaced~please~😍~👍🏽~\u200d~\u202e~é~我~ข~م~\ufffd~GOOD~bad~1~-~_~/~\\~"~\t~ ~ ~ ', '~');
		said text := '';
	BEGIN
		FOR i IN 1 .. 1 + floor(random() * 60) LOOP
			said := said || CASE WHEN random() < 0.7 THEN words[1 + floor(random() * array_length(words, 1))]
			                     ELSE chr((ARRAY[1 + floor(random() * 126), 128 + floor(random() * 55000), 57344 + floor(random() * 8000), 65536 + floor(random() * 100000)])[1 + floor(random() * 4)]::integer) END;
		END LOOP;
		RETURN said;
	END $$;
	SELECT setseed(0.5);
	CREATE FUNCTION fuzz(seconds integer) RETURNS TABLE (tried bigint, bad bigint) LANGUAGE plpgsql AS $$
	DECLARE
		until timestamptz := clock_timestamp() + make_interval(secs => seconds);
		said text;
		t momentum.triage_result;
		s float8;
	BEGIN
		tried := 0; bad := 0;
		WHILE clock_timestamp() < until LOOP
			said := noise();
			tried := tried + 1;
			s := momentum.sentiment(said);
			t := momentum.triage(left(said, 20), said);
			bad := bad + (NOT coalesce(s BETWEEN -5 AND 5, true) OR t.category IS NULL OR t.urgency IS NULL OR t.rule IS NULL
			              OR NOT t.confidence BETWEEN 0 AND 1 OR NOT coalesce(t.sentiment BETWEEN -5 AND 5, true))::integer;
		END LOOP;
		RETURN NEXT;
	END $$;
	SELECT tried > 1000, bad FROM fuzz(10)});
like($fuzz, qr{^t\|0$}m, 'random text is answered within the scale');

# A hundred thousand calls, and edits between: the backend does not grow.
my $grown = sql(q{
	CREATE FUNCTION kb() RETURNS integer LANGUAGE sql VOLATILE AS
	$$ SELECT substring(pg_read_file('/proc/self/status', 0, 4000, false) FROM 'VmRSS:\s*(\d+)')::integer $$;
	CREATE FUNCTION many(calls integer) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. calls LOOP
			PERFORM momentum.triage('Order ' || i, 'Where is my order ' || i || '? Not good at all, thanks 😡 but it came broken');
		END LOOP;
	END $$;
	CREATE FUNCTION edited(times integer) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. times LOOP
			UPDATE momentum_state.lexicon SET weight = 1 + i % 2 WHERE term = 'great';
			PERFORM momentum.sentiment('great');
		END LOOP;
	END $$;
	CREATE TEMP TABLE size (kb integer);
	SELECT many(5000);
	SELECT edited(20);
	INSERT INTO size SELECT kb();
	SELECT many(100000);
	SELECT edited(100);
	INSERT INTO size SELECT kb();
	SELECT max(kb) - min(kb) FROM size}) =~ s/\s+//gr;
note("grown by $grown kB");
cmp_ok($grown, '<', 4096, 'a hundred thousand calls leave nothing behind');

# A cancel is heard.
my $from = time;
my ($ret, $out, $err) = $node->psql('postgres', q{SET statement_timeout = '200ms';
	SELECT count(momentum.triage(NULL, repeat('where is my broken order? ', 2000 + i))) FROM generate_series(1, 10000) i});
like($err, qr/canceling statement due to statement timeout/, 'a cancel ends it');
cmp_ok(time - $from, '<', 30, 'soon');

$node->stop;
done_testing();
