# A secret must not show: it is set, set wrongly, used, refused, echoed and
# rotated, and then looked for wherever the server writes or shows anything:
# its log, every view, plans, dumps, errors, each file of its data directory,
# its processes' command lines and environments, and the shared memory itself.

use strict;
use warnings;

use File::Find ();
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $right = 'shpat_test';
my $wrong = 'shpat_canary_f00dcafe';
my $lost = 'canary_without_a_name';
my $client = 'canary_client_secret_c0ffee';

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
	"auto_explain.log_analyze = on",
	"auto_explain.log_nested_statements = on",
	"shared_memory_type = sysv",
	"shared_buffers = 8MB",
	"track_activity_query_size = 16kB");

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

# Set in ways that COPY itself refuses: it quotes the line, to the client alone.
for my $form (
	[ 'no tab', 'text', "plain_$wrong\n", qr/missing data/ ],
	[ 'a tab too many', 'text', "a\t$wrong\tb\n", qr/extra data/ ],
	[ 'a quote', 'csv', qq{x,"$wrong\n}, qr/unterminated/ ],
	[ 'a bad byte', 'text', "x\t\xff$wrong\n", qr/invalid byte sequence/ ])
{
	my ($what, $format, $line, $error) = @$form;
	($ok, $out, $err) = run_psql("\\copy momentum.secret_entry from pstdin with (format $format)", $line);
	like($err, $error, "COPY refuses a line with $what");
}

# Used, and refused.
my $options = "(shop 'small', base_url '$url/story/shopify', allow_insecure 'true')";
($ok, $out, $err) = run_psql(<<"END");
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS $options;
CREATE SERVER other_shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS $options;
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret 'shop');
CREATE USER MAPPING FOR CURRENT_USER SERVER other_shop OPTIONS (secret 'other_shop');
CREATE SCHEMA shop;
CREATE SCHEMA other_shop;
IMPORT FOREIGN SCHEMA api LIMIT TO (shop, orders) FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA api FROM SERVER other_shop INTO other_shop;
END
ok($ok, 'servers and tables are made') or diag($err);
($ok, $out, $err) = run_psql('SELECT name FROM shop.shop');
ok($ok && $out ne '', 'the secret opens the shop') or diag($err);
run_psql('EXPLAIN (VERBOSE) SELECT * FROM shop.orders');
run_psql('EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM shop.shop');
run_psql('PREPARE p AS SELECT * FROM shop.shop WHERE name = $1; EXECUTE p(\'x\'); EXPLAIN (VERBOSE) EXECUTE p(\'x\')');
($ok, $out, $err) = run_psql('\set VERBOSITY verbose' . "\n" . 'SELECT name FROM other_shop.shop');
ok(!$ok, 'the wrong one does not');
($ok, $out, $err) = run_psql('SELECT name FROM other_shop.shop');
like($err, qr/other_shop/, 'the error says where');
run_psql('DO $$ BEGIN PERFORM name FROM other_shop.shop;'
	  . ' EXCEPTION WHEN OTHERS THEN RAISE NOTICE \'%\', SQLERRM; END $$');
$simulator->control('fault', {
	world => 'story', service => 'shopify', kind => 'status', status => 401,
	body => qq({"errors": "The token $wrong is unknown. Header X-Shopify-Access-Token: $wrong"}) });
($ok, $out, $err) = run_psql('SELECT name FROM other_shop.shop');
like($err, qr/The token \*+ is unknown/, 'a refusal that repeats it is blackened');
run_psql(q{SELECT momentum.setup(); SELECT momentum.add_brand('brand', 'UTC', 'USD');
	SELECT momentum.add_source('brand', 'other_shop')});
run_psql('CALL momentum.refresh()');
is($node->safe_psql('postgres', q{SELECT bool_or(last_error LIKE '%refused%') FROM momentum_state.stream}),
	't', 'the refresh has kept the error');

# Bought, echoed and rotated.
my $consent = $simulator->control('oauth')->{first};
my $key = qq({"client_id": "oauth_client", "client_secret": "$client", "refresh_token": "$consent"});
my $sheets = "spreadsheet_id 'sim-cash', base_url '$url/small/sheets', drive_url '$url/small/drive',"
  . " token_url '$url/small/oauth/token', allow_insecure 'true'";
($ok, $out, $err) = run_psql($copy, "book=$key\n");
ok($ok, 'a credential with a refresh token comes in') or diag($err);
$simulator->control('set', { world => 'small', service => 'oauth', echo => 1 });
run_psql(qq{CREATE SERVER book FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS ($sheets);
	CREATE USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (secret 'book');
	IMPORT FOREIGN SCHEMA api LIMIT TO (files) FROM SERVER book INTO public});
($ok, $out, $err) = run_psql('SELECT count(*) FROM files');
like($err, qr/invalid_client: .*You sent .*\*\*\*/, 'a token endpoint that repeats what it was sent');
$simulator->control('set', { world => 'small', service => 'oauth', secret => $client });
for my $round (1 .. 3)
{
	($ok, $out, $err) = run_psql('SELECT count(*) FROM files');
	ok($ok, "the refresh token is good for its round $round") or diag($err);
	$simulator->control('revoke_tokens');
}
run_psql('SELECT count(*) FROM files');
my @rotated = @{ $simulator->control('oauth')->{given} };
cmp_ok(scalar(@rotated), '>=', 3, 'it was replaced each time');
push @rotated, $consent;

# Looked for: while a request is under way, with its token in the backend ...
$simulator->ctl('fault', 'small', 'drive', 'stall_headers');
my ($held_out, $held_err) = ('', '');
my $held = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT count(*) FROM files -- held' ],
	'<', '/dev/null', '>', \$held_out, '2>', \$held_err);
ok(wait_for(sub {
	$node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity
		WHERE query LIKE '%-- held' AND wait_event_type = 'Extension'}) eq '1'
}), 'a request is under way');
for my $view (split /\n/, $node->safe_psql('postgres', q{
	SELECT format('%I.%I', schemaname, viewname) FROM pg_views
	 WHERE schemaname IN ('pg_catalog', 'momentum', 'hub', 'public')
	 UNION ALL
	SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
	 WHERE schemaname IN ('pg_catalog', 'momentum', 'momentum_state', 'cron')}))
{
	run_psql("SELECT * FROM $view");
}
run_psql('SELECT * FROM momentum.secret_names()');
my $processes = '';
for my $pid (split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity'))
{
	$processes .= join('', map { -r $_ ? slurp_file($_) : '' } "/proc/$pid/cmdline", "/proc/$pid/environ");
}
like($processes, qr/postgres/, 'command lines and environments can be read');
my $segment = (split ' ', (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[6])[1];
my ($size) = `ipcs -m -i $segment` =~ /bytes=(\d+)/;
my $memory = '';
shmread($segment, $memory, 0, $size) or die "shmread: $!";
like($memory, qr/-- held/, 'so can the shared memory');
$simulator->ctl('reset');
$held->finish;

# ... and afterwards, in what was written.
my ($dump, $dump_err) = run_command([ 'pg_dump', '-d', $node->connstr('postgres') ]);
like($dump, qr/CREATE USER MAPPING/, 'the dump has the mappings');
my $log = slurp_file($node->logfile);
like($log, qr/secret_entry/, 'the log has what was done');
like($log, qr/Query Text: SELECT name FROM shop\.shop/, 'and the plans');
like($log, qr/missing data for column/, 'and the errors of COPY');
$node->safe_psql('postgres', 'CHECKPOINT');
$node->stop;
my $files = '';
File::Find::find({
	no_chdir => 1,
	wanted => sub { $files .= slurp_file($_) if -f $_ } }, $node->data_dir);
like($files, qr/other_shop/, 'the data directory has what was done');

my %canary = (
	'the right secret' => $right, 'the wrong secret' => $wrong, 'the lost line' => $lost,
	'the client secret' => $client, 'an access token' => 'ya29.sim-',
	(map { ("refresh token $_" => $rotated[$_]) } 0 .. $#rotated));
for my $name (sort keys %canary)
{
	my $word = $canary{$name};
	ok(index($log, $word) < 0, "the log does not show $name");
	ok(index($seen . $held_out . $held_err, $word) < 0, '... no answer, error, view or plan does');
	ok(index($dump . $files, $word) < 0, '... no dump, and no file of the data directory');
	ok(index($memory . $processes, $word) < 0, '... nor the shared memory, or a process');
}

done_testing();
