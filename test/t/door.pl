# The doors from outside: every template, a big file, a load that is
# cancelled or killed, and a server log that has nothing personal in it.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('door',
	'log_statement = none', 'log_min_messages = debug1', 'log_min_error_statement = debug1', 'log_error_verbosity = verbose', 'restart_after_crash = on');
my $templates = "$ENV{MOMENTUM_PROJECT}/docs/templates";

$node->safe_psql('postgres', q{
	CREATE EXTENSION momentum;
	SELECT momentum.setup();
	SELECT momentum.add_brand('brez', 'America/New_York', 'USD');
	SELECT momentum.add_manual_source('brez', 'till');
});

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# A file through its door, as the runbook says; returns psql's success and words.
sub load_file
{
	my ($table, $file, @before) = @_;
	open(my $in, '<', $file) or die "$file: $!";
	chomp(my $columns = <$in>);
	close($in);
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run(
		[ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'),
			(map { ('-c', $_) } @before),
			'-c', "\\copy hub.${table}_entry ($columns) from '$file' with (format csv, header match)" ],
		'>', \$out, '2>', \$err);
	return ($ok, $err);
}

sub lines { my ($file) = @_; open(my $in, '<', $file) or die "$file: $!"; my @l = <$in>; return scalar(@l) - 1; }

# -- every feed has a template, and each loads as it is, once -------------------

my @tables = split(/\n/, sql('SELECT feed FROM momentum._doors() ORDER BY feed'));
is_deeply([ sort map { s{.*/}{}r =~ s/\.csv$//r } glob("$templates/*.csv") ], \@tables, 'each feed has a template, and nothing else has');
my @first = qw(suppliers product_variants products customers orders order_line_items refunds refund_line_items);
my %first = map { $_ => 1 } @first;
my @order = (@first, grep { !$first{$_} } @tables);
# what product_variants.csv and inventory_levels.csv say of costs and of today's stock is there too
my %own = (product_costs => q{source = ''}, stock_daily => q{day < current_date - 1});
for my $table (@order)
{
	my ($ok, $err) = load_file($table, "$templates/$table.csv");
	ok($ok, "$table.csv goes through its door") or diag($err);
	my $own = $own{$table} // 'true';
	is(sql("SELECT count(*) FROM hub.$table WHERE $own"), lines("$templates/$table.csv"), "all rows of $table are there");
}
my $sum = q{SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (SELECT to_jsonb(t) - 'loaded_at' FROM hub.orders t
	UNION ALL SELECT to_jsonb(t) FROM hub.order_line_items t UNION ALL SELECT to_jsonb(t) FROM hub.refunds t
	UNION ALL SELECT to_jsonb(t) FROM hub.customers t UNION ALL SELECT to_jsonb(t) FROM hub.sessions_daily t) x};
my $before = sql($sum);
sql('DELETE FROM momentum_state.changed_day');
load_file($_, "$templates/$_.csv") for @order;
is(sql($sum), $before, 'every file a second time changes nothing');
is(sql(q{SELECT count(*) FROM momentum_state.changed_day d WHERE d.source = 'till'}), '0', 'and no day');
is(sql(q{SELECT count(*) FROM momentum_state.audit WHERE action = 'enter' AND (detail ->> 'changed')::int <> 0}), '0', 'and says so');

# -- a brand lives from files alone ----------------------------------------------

sql("SELECT momentum.declare_complete('brez', 'till', f, '2026-03-10') FROM unnest('{orders,sessions_daily,ad_performance_daily,email_daily,retail_sales}'::text[]) f");
sql('CALL momentum.refresh()');
is(sql(q{SELECT string_agg(metric || ' ' || trim_scale(value), ', ' ORDER BY metric) FROM momentum_state.metric_daily
	WHERE day = '2026-03-02' AND metric IN ('orders', 'net_revenue', 'sessions', 'ad_spend', 'email_revenue', 'retail_units')}),
	'ad_spend 120.5, email_revenue 220, net_revenue 36, orders 1, retail_units 6, sessions 412', 'its metrics are those of the files');
is(sql(q{SELECT trim_scale(value) FROM momentum_state.metric_daily WHERE day = '2026-03-09' AND metric = 'returns'}), '17.5',
	'a refund counts on its own day');

# -- a big file -------------------------------------------------------------------

my $dir = PostgreSQL::Test::Utils::tempdir();
my $big = "$dir/big.csv";
open(my $out, '>', $big) or die;
print $out "brand,source,order_id,processed_at,customer_id,total_price\n";
print $out "brez,till,B$_,2026-02-" . sprintf('%02d', 1 + $_ % 28) . ' 12:00,K' . ($_ % 500) . ",10\n" for 1 .. 50000;
close($out);
my ($ok, $err) = load_file('orders', $big);
ok($ok, 'fifty thousand orders') or diag($err);
is(sql(q{SELECT count(*), count(*) FILTER (WHERE is_new_customer) FROM hub.orders WHERE order_id LIKE 'B%'}), '50000|500', 'each once, first orders marked');

# -- one bad line: nothing, or all but it -----------------------------------------

my $bad = "$dir/bad.csv";
open($out, '>', $bad) or die;
print $out "brand,source,customer_id,email,pet_birthday\n";
print $out "brez,till,D$_,d$_\@example.com," . ($_ == 1234 ? 'canary-day' : '2020-01-01') . "\n" for 1 .. 3000;
close($out);
($ok, $err) = load_file('customers', $bad);
ok(!$ok, 'a file with a bad line is refused');
like($err, qr/line 1235: pet_birthday is no date/, 'by its line');
is(sql(q{SELECT count(*) FROM hub.customers WHERE customer_id LIKE 'D%'}), '0', 'nothing of it is stored');
($ok, $err) = load_file('customers', $bad, 'SET momentum.door_errors = keep');
ok($ok, 'unless bad lines are to be kept');
like($err, qr/1 of 3000 lines were refused/, 'which is said');
is(sql(q{SELECT count(*) FROM hub.customers WHERE customer_id LIKE 'D%'}), '2999', 'all others are stored');

# -- cancelled, killed --------------------------------------------------------------

# A load of a file that never ends, until it has brought rows; then something happens to it.
sub interrupt
{
	my ($how) = @_;
	my ($in, $o, $e) = ("brez,till,P1\n" x 0, '', '');
	my $h = IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-c',
		'COPY hub.products_entry (brand, source, product_id) FROM STDIN WITH (FORMAT csv)' ], '<', \$in, '>', \$o, '2>', \$e);
	for my $n (1 .. 20)
	{
		$in .= join('', map { "brez,till,P$n-$_\n" } 1 .. 1000);
		$h->pump while length($in);
	}
	my $running = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY hub.products_entry%' AND pid <> pg_backend_pid()";
	wait_for(sub { sql($running) ne '' }) or die 'the load does not run';
	my $pid = sql($running);
	$how eq 'cancel' ? sql("SELECT pg_cancel_backend($pid)") : kill_backend($node, $pid);
	$h->pump_nb;
	eval { $in .= "brez,till,last\n"; $h->finish; };
	return $e;
}
my $products = sql('SELECT count(*) FROM hub.products');
interrupt('cancel');
is(sql('SELECT count(*) FROM hub.products'), $products, 'a load that is cancelled leaves nothing');
interrupt('kill');
is(sql('SELECT count(*) FROM hub.products'), $products, 'a load whose server process is killed leaves nothing');
is(sql(q{SELECT count(*) FROM pg_class WHERE relname LIKE 'momentum_entry_%' AND pg_is_other_temp_schema(relnamespace)}) >= 0 ? 1 : 0, 1, 'the server is well');
is((load_file('products', "$templates/products.csv"))[0], 1, 'and the door open');

# -- the server log -----------------------------------------------------------------

sub fill
{
	my ($sql, $input) = @_;
	my ($o, $e) = ('', '');
	IPC::Run::run([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-c', $sql ], '<', \($input // ''), '>', \$o, '2>', \$e);
	return $e;
}
like(fill('COPY hub.customers_entry (brand, source, customer_id, email, pet_birthday) FROM STDIN WITH (FORMAT csv)', "brez,till,L1,canary1\@example.com,canary2\n"),
	qr/pet_birthday is no date/, 'a bad value');
like(fill('COPY hub.customers_entry (brand, source, customer_id, email) FROM STDIN WITH (FORMAT csv)', "brez,till,L1,canary3\@example.com,surplus\n"),
	qr/extra data/, 'a column too many');
like(fill('COPY hub.customers_entry (brand, source, customer_id, email) FROM STDIN WITH (FORMAT csv)', "brez,till,canary4\n"), qr/missing data/, 'a column too few');
like(fill('COPY hub.customers_entry (brand, source, customer_id, email) FROM STDIN WITH (FORMAT csv)', "brez,till,L1,\"canary5\n"), qr/unterminated/, 'an open quote');
like(fill('COPY hub.customers_entry (brand, source, customer_id, email) FROM STDIN WITH (FORMAT csv)', "brez,till,L1,canary6\xff\@example.com\n"), qr/invalid byte/, 'a byte of no script');
like(fill(q{INSERT INTO hub.customers_entry (brand, source, customer_id, email) VALUES ('brez', 'till', 'L1', 'canary7@example.com'), ('brez', 'till', 'L2', 'CANARY7@example.com')}),
	qr/email exists already/, 'an address twice');
like(fill(q{INSERT INTO hub.customers_entry (brand, source, customer_id, email, nothing) VALUES ('brez', 'till', 'L1', 'canary8@example.com', '')}),
	qr/does not exist/, 'a column that is none');
my $log = slurp_file($node->logfile);
is(join(' ', sort keys %{ { map { lc($_) => 1 } $log =~ /(canary\d)/ig } }), '', 'nothing of it is in the server log');
is(join(' ', sort keys %{ { map { lc($_) => 1 } $log =~ /(canary-day)/ig } }), '', 'nor the line that was kept');

done_testing();
