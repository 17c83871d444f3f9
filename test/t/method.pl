# The method pages are true: each example gives what is printed below it, digit
# by digit, as psql shows it; and no function, no aggregate and no
# reading view of schema momentum is missing from the pages of docs/.
use strict;
use warnings;

use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $docs = "$ENV{MOMENTUM_PROJECT}/docs";
my $node = new_server('method');
$node->safe_psql('postgres', 'CREATE EXTENSION momentum CASCADE; SELECT momentum.setup()');

# What psql prints, as one types it; a failing example stops there.
sub printed
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
		'<', \$sql, '>', \$out, '2>', \$err);
	return "$out$err";
}

# Lines without what cannot be seen: blanks at their ends, empty lines around.
sub visible
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\A\n+|\n+\z//g;
	return $text;
}

# The parts of a page by the heading above them: text, examples, results.
my $examples = 0;
foreach my $name ('method', 'method_cash')
{
	my ($heading, $sql) = ($name, undef);
	my $page = slurp_file("$docs/$name.md");

	while ($page =~ /^#+ ([^\n]+)$|^```(\w*)\n(.*?)^```$|\z/msg)
	{
		my ($title, $kind, $text) = ($1, $2, $3);
		if (defined $sql && defined $kind && $kind eq '')
		{
			$examples++;
			is(visible(printed($sql)), visible($text), "$heading: " . ($sql =~ /momentum\.(\w+)/ ? $1 : 'by hand'));
			$sql = undef;
			next;
		}
		fail("$heading: an example without a result") if defined $sql;
		$heading = $title if defined $title;
		$sql = defined $kind && $kind eq 'sql' ? $text : undef;
	}
}
cmp_ok($examples, '>=', 25, 'there are examples');

# Not for callers: what foreign data wrappers and triggers are made of.
my @public = split /\n/, $node->safe_psql('postgres', q{
	SELECT DISTINCT p.proname
	  FROM pg_proc p
	  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	  JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
	 WHERE e.extname = 'momentum' AND p.pronamespace = 'momentum'::regnamespace
	   AND p.proname !~ '^_' AND p.proname !~ '_fdw_(handler|validator)$'
	   AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
	 ORDER BY 1});
my @views = split /\n/, $node->safe_psql('postgres', q{
	SELECT relname FROM pg_class
	 WHERE relnamespace = 'momentum'::regnamespace AND relkind IN ('v', 'm') AND relname !~ '^_'
	 ORDER BY 1});
my $pages = join '', map { slurp_file($_) } glob("$docs/*.md");
my @untold = grep { $pages !~ /(?<!\w)$_(?!\w)/ } @public, @views;
cmp_ok(scalar @public, '>', 60, 'functions are looked for');
cmp_ok(scalar @views, '>', 30, 'views are looked for');
is("@untold", '', 'docs/ tells of every function and every view');

done_testing();
