# A secret must not show: it is set, set wrongly, used and refused, and then
# looked for wherever the server writes or shows anything.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $right = 'shpat_test';
my $wrong = 'shpat_canary_f00dcafe';
my $lost = 'canary_without_a_name';

my $simulator = start_simulator();
my $url = $simulator->url;
my $node = new_server(
	'canary',
	"shared_preload_libraries = 'pg_cron, \$libdir/momentum, auto_explain, pg_stat_statements'",
	"log_statement = all",
	"log_min_messages = debug5",
	"log_min_error_statement = debug5",
	"log_error_verbosity = verbose",
	"log_parameter_max_length = -1",
	"log_parameter_max_length_on_error = -1",
	"auto_explain.log_min_duration = 0",
	"auto_explain.log_verbose = on",
	"auto_explain.log_analyze = on");

my $copy = q{\copy momentum.secret_entry (value) from pstdin }
  . q{with (format csv, delimiter E'\x01', quote E'\x02')};
my $seen = '';

# Runs psql, and keeps for the search what it printed: but for the answers to
# input, which quote the user's own line to the user.
sub run_psql
{
	my ($sql, $input) = @_;
	my ($out, $err) = ('', '');
	my @command = ('psql', '-XAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'));
	my $ok = IPC::Run::run([ @command, '-c', $sql ], '<', \($input // ''), '>', \$out, '2>', \$err);

	$seen .= $out . $err unless defined $input;
	return ($ok, $out, $err);
}

my ($ok, $out, $err) = run_psql('CREATE EXTENSION momentum; CREATE EXTENSION pg_stat_statements');
ok($ok, 'the extension is there') or diag($err);

# Set, and set wrongly.
($ok, $out, $err) = run_psql($copy, "shop=$right\n");
ok($ok, 'a secret comes in by COPY') or diag($err);
($ok, $out, $err) = run_psql($copy, "other_shop=$wrong\n");
ok($ok, 'so does another') or diag($err);
($ok, $out, $err) = run_psql($copy, "$lost\n");
ok(!$ok, 'a line without a name is refused');
like($err, qr/must be given as name=value/, 'and the client is told');
($ok, $out, $err) = run_psql($copy, "bad name=$wrong\n");
like($err, qr/invalid name of a secret/, 'a bad name is refused');

# Used, and refused.
($ok, $out, $err) = run_psql(<<"END");
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url '$url/story/shopify', allow_insecure 'true');
CREATE SERVER other_shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url '$url/story/shopify', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret 'shop');
CREATE USER MAPPING FOR CURRENT_USER SERVER other_shop OPTIONS (secret 'other_shop');
CREATE SCHEMA shop;
CREATE SCHEMA other_shop;
IMPORT FOREIGN SCHEMA api LIMIT TO (shop, orders) FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA api LIMIT TO (shop, orders) FROM SERVER other_shop INTO other_shop;
END
ok($ok, 'servers and tables are made') or diag($err);
($ok, $out, $err) = run_psql('SELECT name FROM shop.shop');
ok($ok && $out ne '', 'the secret opens the shop') or diag($err);
run_psql('EXPLAIN (VERBOSE) SELECT * FROM shop.orders');
run_psql('EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM shop.shop');
($ok, $out, $err) = run_psql('\set VERBOSITY verbose' . "\n" . 'SELECT name FROM other_shop.shop');
ok(!$ok, 'the wrong one does not');
($ok, $out, $err) = run_psql('SELECT name FROM other_shop.shop');
like($err, qr/other_shop/, 'the error says where');
run_psql('DO $$ BEGIN PERFORM name FROM other_shop.shop;'
	  . ' EXCEPTION WHEN OTHERS THEN RAISE NOTICE \'%\', SQLERRM; END $$');

# Looked for.
for my $view (qw(pg_stat_activity pg_stat_statements pg_foreign_server pg_user_mappings
	pg_foreign_table pg_settings momentum.secret_entry momentum.secret_names()))
{
	run_psql("SELECT * FROM $view");
}
my ($dump, $dump_err) = run_command([ 'pg_dump', '-d', $node->connstr('postgres') ]);
like($dump, qr/CREATE USER MAPPING/, 'the dump has the mappings');

my $log = slurp_file($node->logfile);
like($log, qr/secret_entry/, 'the log has what was done');
like($log, qr/Query Text: SELECT name FROM shop\.shop/, 'and the plans');
my $files = '';
for my $file (glob($node->data_dir . '/pg_stat_tmp/*'), glob($node->data_dir . '/log/*'))
{
	$files .= slurp_file($file) if -f $file;
}
for my $canary ($right, $wrong, $lost)
{
	unlike($log, qr/\Q$canary\E/, "the log does not show $canary");
	unlike($seen, qr/\Q$canary\E/, "no answer, error or plan shows it");
	unlike($dump . $files, qr/\Q$canary\E/, 'nor dump or statistics');
}

$node->stop;
done_testing();
