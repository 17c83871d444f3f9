# Fifty readers at once, with the questions of test/readers/, while a refresh
# goes on, the model is made anew and somebody is erased: every query is
# answered, and each sees one state of the answers.
# How long they took is told, not judged: bench/readers does that.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sim = start_simulator();
my $node = new_server('live', 'max_connections = 100');
connect_demo($node, $sim);
$node->safe_psql('postgres', 'SELECT momentum.unschedule()');
$node->safe_psql('postgres', q{
	CREATE ROLE bi LOGIN; CREATE ROLE other;
	SELECT momentum.grant_access('bi', 'reader', 'wagwell');
});
$node->safe_psql('postgres', slurp_file("$ENV{MOMENTUM_PROJECT}/test/readers/prepare.sql"));

my $bound = $node->safe_psql('postgres', 'SELECT (SELECT max(n) FROM readers.customers), (SELECT max(n) FROM readers.orders)');
my ($customers, $orders) = split /\|/, $bound;
my @questions = map { ('-f', $_) } grep { !/prepare/ } glob("$ENV{MOMENTUM_PROJECT}/test/readers/*.sql");
cmp_ok(scalar(@questions), '>=', 14, 'there are questions');

my $log = PostgreSQL::Test::Utils::tempdir();
my ($out, $err) = ('', '');
my $readers = IPC::Run::start(
	[
		'pgbench', '-n', '-c', '50', '-j', '2', '-T', '20', '-l', "--log-prefix=$log/log", '-D', "customers=$customers",
		'-D', "orders=$orders", '-U', 'bi', @questions, $node->connstr('postgres')
	],
	'<', '/dev/null', '>', \$out, '2>', \$err);

# Meanwhile the last days change, and change again.
my $refreshed = 0;
my $until = time + 18;
while (time < $until)
{
	$node->safe_psql('postgres', q{
		UPDATE hub.orders SET gross_sales = gross_sales + 1 WHERE brand = 'wagwell' AND order_day >= current_date - 3;
		INSERT INTO momentum_state.changed_day (brand, source, stream, day)
		SELECT t.brand, t.source, t.stream, d::date
		  FROM momentum_state.stream t, generate_series(current_date - 3, t.complete_through, interval '1 day') d
		 WHERE t.loader = 'orders';
	});
	$node->safe_psql('postgres', 'CALL momentum.refresh()');
	$refreshed++;
	$node->safe_psql('postgres', $_)
	  for 'SELECT momentum.setup()', q{SELECT hub.redact_customer('wagwell', email) FROM hub.customers WHERE email LIKE '%@%' LIMIT 1},
	  q{SELECT momentum.grant_access('other', 'reader', 'wagwell')}, q{SELECT momentum.revoke_access('other')};
}
$readers->finish;
cmp_ok($refreshed, '>=', 1, "$refreshed refreshes meanwhile, and as many a setup(), an erasure and a grant");
# The first line of these is for all questions; those for each of them follow.
is(($out =~ /number of failed transactions: (\d+)/)[0], 0, 'no question failed');
my ($asked) = $out =~ /number of transactions actually processed: (\d+)/;
cmp_ok($asked, '>', 100, "$asked questions were answered");
unlike($err, qr/ERROR|FATAL|abort/, 'no error');

my @took = sort { $a <=> $b } map { (split / /)[2] / 1000 } map { split /\n/, slurp_file($_) } glob("$log/log*");
note sprintf 'median %.0f ms, p95 %.0f ms, p99 %.0f ms, longest %.0f ms', map { $took[ $_ * $#took ] } 0.5, 0.95, 0.99, 1;
is(scalar(@took), $asked, 'each is in the log');
done_testing();
