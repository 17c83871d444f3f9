# Refresh under bad conditions: several at once, cancelled, timed out, with
# failing sources, wrong clocks, records that change while they are read, and
# shops without facts.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Momentum;
use POSIX;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $zone = 'America/New_York';
sub day { my ($ago) = @_; local $ENV{TZ} = $zone; tzset(); return strftime('%Y-%m-%d %H%M', localtime(time - $ago * 86400)); }
await_settled_day(10);      # no new day begins while this runs
my ($yesterday, $start) = map { substr(day($_), 0, 10) } 1, 12;
my $sim = start_simulator('--today', $yesterday);
my $node = new_server('refresh', 'full_page_writes = off');

for my $world ('story', 'small', 'empty')
{
	$node->safe_psql('postgres', "CREATE DATABASE base_$world");
	connect_services($node, "base_$world", $sim, $world, $world eq 'small' ? '2025-12-01' : $start);
	add_digest($node, "base_$world");
}

# A brand before its first sync.
sub fresh_copy
{
	my ($world) = @_;
	$sim->control('reset', {});
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS run WITH (FORCE)');
	$node->safe_psql('postgres', "CREATE DATABASE run TEMPLATE base_$world");
}

sub sql { my ($sql) = @_; return $node->safe_psql('run', $sql); }
sub refresh { my ($arguments) = @_; return sql('CALL momentum.refresh(' . ($arguments // '') . ')'); }
sub due { sql('UPDATE momentum_state.stream SET due_at = now()'); }

# Until nothing is due; the pause between reports passes at once.
sub finish
{
	for (1 .. 10)
	{
		sql("UPDATE momentum_state.stream SET due_at = now() WHERE continuing AND due_at > now();\nCALL momentum.refresh()");
		return if sql('SELECT count(*) FROM momentum_state.stream WHERE continuing OR due_at <= now()') == 0;
	}
	die 'the refresh never comes to its end';
}

sub digest { return sql('SELECT * FROM digest()'); }
sub requests { return $sim->control('count?world=' . ($_[0] // 'story'))->{count}; }

# A session of its own that runs a script; what it says goes to out and err.
sub session
{
	my ($script) = @_;
	my $self = { in => '', out => '', err => '' };
	$self->{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('run') ],
		'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err});
	say_to($self, "SELECT pg_backend_pid();\n");
	$self->{run}->pump until $self->{out} =~ /\n/;
	($self->{pid}) = $self->{out} =~ /(\d+)/;
	say_to($self, $script);
	return $self;
}

sub say_to
{
	my ($self, $script) = @_;
	$self->{in} .= $script;
	$self->{run}->pump while length $self->{in};
	return;
}

# -- an undisturbed sync --------------------------------------------------------

fresh_copy('story');
refresh();
finish();
my $reference = digest();
sql('CALL momentum.reconcile(heal => false)');
is(sql('SELECT status, drift_found FROM momentum.reconciliation'), 'no drift|0', 'day by day comes to what all facts come to at once');
is(sql(q{SELECT count(*) FROM generate_series((SELECT min(as_of) FROM momentum.score_history), (SELECT as_of - 1 FROM momentum.score), '1 day') d
	WHERE NOT EXISTS (SELECT FROM momentum.score_history h WHERE h.as_of = d)}), '0', 'every day has a score in the history, or says why not');
like($reference, qr/^momentum_state\.metric_daily: [1-9]/m, 'there is something to compare');

# A second pass that brings nothing new changes nothing.
due();
refresh();
finish();
is(digest(), $reference, 'another pass over the same data changes nothing');
is(sql("SELECT count(*) FROM momentum_state.run WHERE stream LIKE 'sheet%' AND rows_read > 0"), '1', 'the sheet was read once');
# A sheet is due at each beat of a minute, and as many may have passed.
my $passes = sql("SELECT count(*) FROM momentum_state.run WHERE stream LIKE 'sheet%'");
cmp_ok($passes, '>', 1, "in $passes passes");
is($sim->control('count?world=story&service=drive')->{count}, $passes, 'and asked for its version once in each');

# -- the session's own settings --------------------------------------------------

fresh_copy('story');
sql("ALTER DATABASE run SET datestyle = 'SQL, DMY'; ALTER DATABASE run SET timezone = 'Asia/Kolkata';
	ALTER DATABASE run SET intervalstyle = 'sql_standard'; ALTER DATABASE run SET default_transaction_isolation = 'repeatable read'");
refresh();
finish();
sql("ALTER DATABASE run RESET ALL");
is(digest(), $reference, 'in a session of other habits the same facts are read');

# -- two at once -------------------------------------------------------------------

fresh_copy('story');
$sim->control('fault', { world => 'story', service => '*', kind => 'delay', ms => 30, times => -1 });
my @two = map { session("CALL momentum.refresh();\n") } 1, 2;
$_->{in} .= "\\q\n" for @two;
$_->{run}->finish for @two;
for my $n (0, 1)
{
	my $slices = () = $two[$n]{err} =~ / pages, /g;
	cmp_ok($slices, '>', 2, "session $n did its share: $slices slices");
	unlike($two[$n]{err}, qr/ERROR|failed/, "session $n met no failure");
}
finish();
is(digest(), $reference, 'together they brought what one brings alone');
is(sql(q{SELECT count(*) FROM momentum_state.run a JOIN momentum_state.run b USING (brand, source, stream)
		WHERE a.run_id < b.run_id AND (a.started_at, a.finished_at) OVERLAPS (b.started_at, b.finished_at)}),
	'0', 'no two slices of a stream at once');

# -- cancelled, and timed out ---------------------------------------------------------

fresh_copy('story');
$sim->control('fault', { world => 'story', service => 'shopify', kind => 'stall_headers', after => 6 });
my $idle = session("CALL momentum.refresh();\nSELECT 'I am idle';\n");
ok(wait_for(sub { requests() > 8 && sql("SELECT count(*) FROM pg_stat_activity WHERE pid = $idle->{pid} AND wait_event_type = 'Extension'") == 1 }),
	'a refresh waits for a stalled shop');
sql("SELECT pg_cancel_backend($idle->{pid})");
$idle->{run}->pump until $idle->{out} =~ /I am idle/;
like($idle->{err}, qr/canceling statement due to user request/, 'it is cancelled');
my $slices = sql("SELECT count(*) FROM momentum_state.run WHERE status = 'ok'");
cmp_ok($slices, '>', 0, 'what it had committed stays');
is(sql("SELECT count(*) FROM pg_locks WHERE pid = $idle->{pid} AND database IS NOT NULL"), '0', 'the idle session holds no lock');
refresh();
cmp_ok(sql("SELECT count(*) FROM momentum_state.run WHERE status = 'ok'"), '>', $slices, 'the next run goes on from another session');
finish();
is(sql("SELECT count(*) FROM pg_stat_activity WHERE pid = $idle->{pid}"), '1', 'while the first still idles');
is(digest(), $reference, 'and nothing is missing');
$idle->{in} .= "\\q\n";
$idle->{run}->finish;

# As long as it takes to have stored something before it.
my ($ret, $out, $err);
for my $seconds (2, 6, 18, 54)
{
	fresh_copy('story');
	$sim->control('fault', { world => 'story', service => 'shopify', kind => 'stall_body', bytes => 200, after => 9 });
	($ret, $out, $err) = $node->psql('run', "SET statement_timeout = '${seconds}s';\nCALL momentum.refresh()");
	last if sql("SELECT count(*) FROM momentum_state.run WHERE status = 'ok'") > 0;
}
like($err, qr/canceling statement due to statement timeout/, 'statement_timeout ends a refresh');
cmp_ok(sql("SELECT count(*) FROM momentum_state.run WHERE status = 'ok'"), '>', 0, 'its slices stay');
is(sql("SELECT count(*) FROM momentum_state.run WHERE status <> 'ok'"), '0', 'a timeout is no failure of the source');
finish();
is(digest(), $reference, 'the next one completes it');

# One that is recomputing keeps the others from it, and they do not wait.
fresh_copy('story');
my $holder = session("BEGIN;\nSELECT momentum._lock_metrics();\n");
ok(wait_for(sub { sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") > 0 }), 'metrics are being computed');
sql("SET statement_timeout = '150s';\nCALL momentum.refresh()");
cmp_ok(sql('SELECT count(*) FROM momentum_state.changed_day'), '>', 0, 'a second refresh leaves its days to the first');
say_to($holder, "COMMIT;\nCALL momentum.refresh();\n\\q\n");
$holder->{run}->finish;
is(sql('SELECT count(*) FROM momentum_state.changed_day'), '0', 'which takes them');
finish();
is(digest(), $reference, 'and comes to the same');

# -- sources that fail ------------------------------------------------------------------

fresh_copy('story');
sql(q{ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (DROP secret, ADD credential 'shpat_wrong')});
sql(q{ALTER SERVER ads OPTIONS (SET base_url 'http://127.0.0.1:1/story/meta')});
sql(q{ALTER SERVER cash OPTIONS (SET spreadsheet_id 'sim-lost')});
refresh();
my $health = q{SELECT DISTINCT source, status, sqlstate FROM momentum.source_health WHERE source %s ORDER BY 1, 2};
# Of a host that cannot be reached the last streams are spared (08001).
is(sql(sprintf($health, "<> 'mail' AND sqlstate <> '08001'")), "ads|failed|HV00N\ncash|failed|HV00R\nshop|failed|28000",
	'wrong credential, unreachable host, unknown spreadsheet: each says so')
  or diag(sql('SELECT source, stream, sqlstate, error FROM momentum.source_health WHERE sqlstate IS NOT NULL'));
is(sql(q{SELECT count(*) FROM momentum.source_health WHERE source = 'mail' AND status NOT IN ('ok', 'loading')}), '0', 'the mail is read all the same');
cmp_ok(sql('SELECT count(*) FROM hub.email_daily'), '>', 0, 'and in the hub');
is(sql(q{SELECT count(*) FROM momentum_state.metric_daily WHERE metric IN ('orders', 'sessions', 'ad_spend')}), '0', 'what failed is absent');
is(sql(q{SELECT count(*) FROM momentum.source_health WHERE error LIKE '%shpat%' OR error IS NULL AND status = 'failed'}), '0',
	'an error has its words, and no secret');
my $waits = q{SELECT string_agg(DISTINCT round(extract(epoch FROM next_due_at - last_error_at) / 60)::text, ',') FROM momentum.source_health WHERE source = 'shop'};
is(sql($waits), '1', 'the first failure waits a minute');
my @waits = map { refresh("only_source => 'shop', force => true"); sql($waits) } 1 .. 7;
is("@waits", '2 4 8 16 32 60 60', 'each further one twice as long, up to an hour');
is(sql(q{SELECT DISTINCT failures FROM momentum.source_health WHERE source = 'shop'}), '8', 'failures are counted');
my $quiet = requests();
refresh("only_source => 'shop'");
is(requests(), $quiet, 'and until then it is not asked');
sql(q{ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (DROP credential, ADD secret 'shop')});
sql(q{ALTER SERVER ads OPTIONS (SET base_url '} . $sim->url . q{/story/meta')});
sql(q{ALTER SERVER cash OPTIONS (SET spreadsheet_id 'sim-cash')});
refresh('force => true');
finish();
is(sql(q{SELECT count(*) FROM momentum.source_health WHERE status <> 'ok' OR failures > 0 OR sqlstate IS NOT NULL OR error IS NOT NULL}), '0',
	'recovery clears it');
is(digest(), $reference, 'and brings all that was missed');

# A service that is ill for a while, in its own ways.
fresh_copy('story');
for my $kind ([ 'html' ], [ 'bad_json' ], [ 'partial' ], [ 'stale_cursor' ], [ 'cut', bytes => 900 ], [ 'status', status => 503 ])
{
	my ($name, @more) = @$kind;
	due();
	$sim->control('reset', {});
	$sim->control('fault', { world => 'story', service => $_, kind => $name, @more, after => 2, times => 5 })
	  for @more ? ('shopify') : ('shopify', 'meta', 'klaviyo', 'sheets');
	refresh();
}
cmp_ok(sql("SELECT count(*) FROM momentum_state.run WHERE status = 'failed'"), '>', 10, 'an ill service makes slices fail');
$sim->control('reset', {});
due();
refresh();
finish();
is(digest(), $reference, 'no half answer was taken for a whole one');

# A server and a table that are gone.
sql(q{DROP SERVER ads CASCADE; DROP FOREIGN TABLE shop.customers});
due();
refresh();
is(sql(q{SELECT source, stream, status, sqlstate FROM momentum.source_health WHERE status <> 'ok' ORDER BY 1, 2}),
	"ads|account|failed|42P01\nads|budgets_adset|failed|42P01\nads|budgets_campaign|failed|42P01\nads|insights|failed|42P01\n" .
	"ads|insights_ad|failed|42P01\nads|insights_campaign|failed|42P01\nshop|customers|failed|42P01",
	'a dropped server and a dropped table are failures of their streams alone');
my ($code, undef, $words) = $node->psql('run', q{CALL momentum.refresh('nobody')});
like($words, qr/brand "nobody" does not exist/, 'a brand that does not exist');

# -- width -------------------------------------------------------------------------------

fresh_copy('story');
sql(q{SELECT momentum.set_setting('wagwell', 'sync.pages', '8')});
refresh();
finish();
for (1 .. 6) { due(); refresh(); }
my $last = sql('SELECT max(run_id) FROM momentum_state.run');
sql("SELECT momentum.resync('wagwell', 'shop', 'orders', '$start', '$yesterday')");
refresh();
my $widest = sql("SELECT max(pages) FROM momentum_state.run WHERE run_id > $last AND stream = 'orders'");
cmp_ok($widest, '<=', 32, "after many narrow passes a long range is still read in slices: at most $widest pages in one");
is(digest() =~ s/.*(hub\.orders:[^\n]*).*/$1/sr, $reference =~ s/.*(hub\.orders:[^\n]*).*/$1/sr, 'and changes nothing');

# -- records that change ----------------------------------------------------------------------

# The hub holds what the service says now, order by order and line by line.
sub same_orders
{
	my ($since) = @_;
	$since //= '2020-01-01';
	return sql(qq{
		SELECT count(*) FROM (
			SELECT id::text, updated_at, total_price, (processed_at AT TIME ZONE '$zone')::date
			  FROM shop.orders WHERE updated_at >= '$since'
			EXCEPT SELECT order_id, source_updated_at, total_price, order_day FROM hub.orders) x}) . '|' . sql(qq{
		SELECT count(*) FROM (
			SELECT id::text, quantity, unit_price FROM shop.order_line_items WHERE order_updated_at >= '$since'
			EXCEPT SELECT line_item_id, quantity, unit_price FROM hub.order_line_items) x});
}

# The running second is read once it is over; a service's clock tells no less
# than seconds, and is as old as its answer.
sub later
{
	my ($since) = @_;
	my $same;
	for (1 .. 6)
	{
		sleep(0.6);
		due();
		refresh_shop();
		$same = same_orders($since);
		last if $same eq '0|0';
	}
	return $same;
}

sub edit { my ($world, $id, %fields) = @_; $sim->control('order', { world => $world, id => $id + 0, %fields }); return; }
sub refresh_shop { return refresh("only_source => 'shop'"); }
sub orders_of_day { my ($day) = @_; return sql("SELECT value::int FROM momentum_state.metric_daily WHERE metric = 'orders' AND day = '$day'"); }

fresh_copy('small');
sql(q{SELECT momentum.set_setting('wagwell', 'sync.lag_seconds', '0')});
refresh_shop();
is(same_orders(), '0|0', 'the small shop is in the hub');

# An order moves to another day, and gets another price.
is(orders_of_day('2026-03-12') . orders_of_day('2026-03-20'), '10', 'before');
edit('small', 11013, processed_at => 1774018800, price => 3000, updated_at => int(time) - 2);
due();
refresh_shop();
is(orders_of_day('2026-03-12') . orders_of_day('2026-03-20'), '01', 'an order that moves leaves its day');
is(same_orders(), '0|0', 'and takes its lines along');

# One second, many orders, two runs: those that show late are not lost.
my $second = int(time) - 5;
edit('small', $_, updated_at => $second) for 11001, 11002;
due();
refresh_shop();
edit('small', $_, updated_at => $second) for 11003, 11004, 11005;
due();
refresh_shop();
is(same_orders(), '0|0', 'equal stamps on both sides of a run');

# Orders change while they are read: between two pages, between two scans,
# between two slices.  No overlap helps here.
for my $n (3, 11, 19, 27)
{
	fresh_copy('story');
	sql(qq{SELECT momentum.set_setting('wagwell', 'sync.lag_seconds', '0'), momentum.set_setting('wagwell', 'sync.overlap_minutes', '0');
		UPDATE momentum_state.stream SET due_at = 'infinity' WHERE stream <> 'orders'});
	my @orders = split /\n/, sql(qq{SELECT id FROM (SELECT id, row_number() OVER (ORDER BY updated_at) AS n FROM shop.orders WHERE updated_at >= '$start $zone') x
		WHERE n % 100 = 7});
	$sim->control('clearlog', {});
	$sim->control('fault', { world => 'story', service => 'shopify', kind => 'delay', ms => 500, after => $n });
	my $reader = session("CALL momentum.refresh();\n");
	wait_for(sub { requests() > $n }) or die "request $n never came";
	edit('story', $_, updated_at => int(time), price => 1000 + $n) for @orders;
	$reader->{in} .= "\\q\n";
	$reader->{run}->finish;
	is(later("$start $zone"), '0|0', scalar(@orders) . " orders edited at request $n of their first load");
	is(sql('SELECT count(*) - count(DISTINCT order_id) FROM hub.orders'), '0', 'none doubled');
}

# -- clocks that are wrong --------------------------------------------------------------------

for my $ahead (600, -600)
{
	fresh_copy('small');
	sql(q{SELECT momentum.set_setting('wagwell', 'sync.lag_seconds', '0')});
	sql(q{SELECT momentum.set_setting('wagwell', 'sync.overlap_minutes', '0')});
	$sim->control('set', { clock => $ahead });
	refresh_shop();
	my $lead = q{SELECT extract(epoch FROM max(cursor_at) - now()) FROM momentum_state.stream};
	cmp_ok(sql($lead), '<=', $ahead, "a service's clock $ahead s off: no cursor is ahead of it");
	for my $n (1 .. 3)
	{
		# Changed now, by the service's clock.
		edit('small', 11000 + $n, updated_at => int(time) + $ahead, price => 500 + $n);
		is(later(), '0|0', "a change at its present is seen, $n");
	}
	cmp_ok(sql($lead), '<=', $ahead, 'and still no cursor is ahead');
}

# A clock that is lost altogether ends no worse than with nothing read.
for my $ahead (-400 * 86400, 400 * 86400)
{
	fresh_copy('small');
	sql(q{SELECT momentum.set_setting('wagwell', 'sync.lag_seconds', '0')});
	$sim->control('set', { clock => $ahead });
	for my $n (1 .. 3)
	{
		my ($lost, undef, $said) = $node->psql('run', "SET statement_timeout = '150s';\nCALL momentum.refresh(only_source => 'shop')");
		is($lost, 0, "a clock $ahead s off: refresh $n ends") or diag($said);
		edit('small', 11000 + $n, updated_at => int(time), price => 700 + $n);
		sleep(1);
		due();
	}
	is(sql(qq{SELECT count(*) FROM momentum_state.metric_daily WHERE day >= ((now() + interval '16 minutes') AT TIME ZONE '$zone')::date}), '0',
		'no day is over before it is');
	$sim->control('set', { clock => 0 });
	is(later(), '0|0', 'and when it is right again, all is there');
	is(sql(q{SELECT count(*) FROM momentum.source_health WHERE source = 'shop' AND (status <> 'ok' OR days_behind > 0)}), '0', 'and complete');
}

# -- nothing to tell ----------------------------------------------------------------------------

fresh_copy('empty');
refresh();
finish();
like(sql(q{SELECT stream || ': ' || sqlstate || ' ' || error FROM momentum.source_health WHERE status <> 'ok' ORDER BY stream}),
	qr/^list_joins: 42704 metric "Subscribed to List" does not exist [^\n]*\nlist_leaves: 42704 metric "Unsubscribed" does not exist [^\n]*\nsheet Cash flow: \w{5} [^\n]* has no tab "Cash flow"[^\n]*\z/,
	'an empty shop is well, but for what was asked by name');
is(sql(q{SELECT bool_and(value = 0), count(*) FILTER (WHERE metric = 'orders'), count(*) FILTER (WHERE metric = 'ad_spend') FROM momentum_state.metric_daily}),
	't|12|12', 'its days are zero, not absent');
is(sql(q{SELECT score IS NULL, reason FROM momentum.score}), 't|insufficient_coverage', 'it has no score, and why');
is(sql(q{SELECT count(*), count(*) FILTER (WHERE actual <> 0) FROM momentum.dashboard}), '7|0', 'and seven rows of a dashboard');
my (undef, undef, $zero) = $node->psql('run', q{SELECT momentum.set_target('wagwell', 'cac', 0)});
like($zero, qr/target of metric "cac" must be a number greater than zero/, 'a target of zero');
$node->stop;
done_testing();
