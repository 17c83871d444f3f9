# Somebody asks what is held on him, and to be forgotten: neither a sync, nor a
# file, nor an older backup brings him back, and no sum changes.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use File::Copy ();
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $sim = start_simulator();
my $place = PostgreSQL::Test::Utils::tempdir();
my $ledger = "$place/ledger";
my $node = new_server('privacy', "momentum.erasure_ledger = '$ledger'");
my $url = $sim->url . '/small';

sub ask { return $node->safe_psql('postgres', $_[0]); }
sub attempt { my ($status, $out, $err) = $node->psql('postgres', $_[0]); return $status == 0 ? $out : $err; }

# The small shop, from its first day on; a guest, an inquiry, a dead letter, work.
ask(q{CREATE EXTENSION momentum CASCADE; SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD'), momentum.add_brand('milk', 'UTC', 'USD');
	SELECT momentum.set_setting('tea', 'sync.start_days', '400'), momentum.set_setting('tea', 'sync.overlap_minutes', '15')});
import_tables($node, 'shop', 'shopify', "shop 'test', base_url '$url/shopify'");
ask(q{SELECT momentum.add_source('tea', 'shop', '{"start": "2026-01-01"}'); CALL momentum.refresh()});
cmp_ok(ask(q{SELECT count(*) FROM hub.orders WHERE email = 'ann@example.com'}), '>=', 2, 'Ann has orders');
is(ask(q{SELECT first_name FROM hub.customers WHERE lower(email) = 'ann@example.com'}), 'Ann', 'and is a customer');
my $id = ask(q{SELECT customer_id FROM hub.customers WHERE lower(email) = 'ann@example.com'});
ask(qq{
	UPDATE hub.customers SET phone = '+1 917 555 7788', instagram_handle = 'ann_canary', pet_name = 'Canarypet', city = 'Canarytown', zip = 'CAN 7788' WHERE customer_id = '$id';
	UPDATE hub.orders SET note = 'ring at Canaryhouse', discount_codes = '{ANN-ONLY,SUMMER}' WHERE customer_id = '$id';
	UPDATE hub.orders SET discount_codes = '{SUMMER}' WHERE email = 'guest\@example.com';
	INSERT INTO hub.customers (brand, source, customer_id, first_name, email, duplicate_of, content_hash) VALUES ('tea', 'stall', '9', 'Canaryann', 'ANN\@example.com', 'shop/$id', 0);
	INSERT INTO hub.orders (brand, source, order_id, order_day, created_at, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold,
		customer_id, customer_key, email, content_hash)
	VALUES ('tea', 'stall', 's1', '2026-02-01', '2026-02-01', false, false, false, 'shop', 'USD', 12.34, 0, 1, '9', '9', NULL, 0),
		('tea', 'stall', 's2', '2026-02-02', '2026-02-02', false, false, false, 'shop', 'USD', 56.78, 0, 1, NULL, 'ann\@example.com', 'Ann\@Example.com', 0);
	INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns, note) VALUES ('tea', 'stall', 'r1', 's2', '2026-02-05', '2026-02-05', 5, 'canary was unhappy');
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_phone, customer_name, subject, message, response, resolution_notes, order_source, order_id) VALUES
		('tea', '', 'q1', '2026-02-03', 'Gmail', 'ann\@EXAMPLE.com', NULL, 'Ann Canary', 'canary subject', 'canary message', 'dear canary', 'canary noted', 'shop', 'x1'),
		('tea', '', 'q2', '2026-02-04', 'SMS', NULL, '+19175557788', NULL, NULL, 'canary by phone', NULL, NULL, NULL, NULL),
		('tea', '', 'q3', '2026-02-04', 'Instagram', NULL, NULL, NULL, NULL, 'not hers', NULL, NULL, NULL, NULL);
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_handle, message) VALUES ('tea', '', 'q4', '2026-02-05', 'Instagram', 'Ann_Canary', 'canary by handle');
	SELECT momentum._dead_letter('tea', 'shop', 'orders', 7, '{"order_id": "77", "note": "canary", "contact": {"mail": "ANN\@example.com"}}', 'refused', '22000');
	SELECT momentum._dead_letter('tea', 'shop', 'orders', 8, '{"order_id": "78", "email": "other\@example.com"}', 'refused', '22000');
	INSERT INTO hub.customers (brand, source, customer_id, first_name, email, content_hash) VALUES ('milk', 'shop', '$id', 'Anothermilk', 'ann\@example.com', 0);
	INSERT INTO momentum_state.changed_day (brand, source, stream, day) SELECT 'tea', 'shop', 'orders', d FROM unnest('{2026-02-01,2026-02-02,2026-02-05}'::date[]) d;
	UPDATE momentum_state.stream SET due_at = now(); CALL momentum.refresh()});

# What must not change: every sum, every metric, how many customers there are.
my $sums = q{SELECT string_agg(x, E'\n') FROM (
	SELECT concat_ws('|', 'orders', count(*), sum(gross_sales), sum(total_price), sum(discounts), count(DISTINCT (source, coalesce(customer_id, customer_key)))) FROM hub.orders
	UNION ALL SELECT concat_ws('|', 'lines', count(*), sum(unit_price * quantity)) FROM hub.order_line_items
	UNION ALL SELECT concat_ws('|', 'refunds', count(*), sum(returns)) FROM hub.refunds
	UNION ALL SELECT concat_ws('|', 'customers', count(*), sum(amount_spent), sum(orders_count)) FROM hub.customers
	UNION ALL SELECT concat_ws('|', 'inquiries', count(*), count(customer_satisfaction)) FROM hub.customer_inquiries
	UNION ALL SELECT concat_ws('|', brand, metric, count(*), sum(value)) FROM (SELECT * FROM momentum_state.metric_daily ORDER BY brand, metric) m GROUP BY brand, metric) s (x)};
my $before = ask($sums);
my $path = $node->data_dir;

# ----------------------------------------------------------------- the export

my $all = q{SELECT hub.export_customer('tea', ' Ann@example.com ')};
like(attempt($all), qr/no e-mail address/, 'an address with blanks is none');
is(ask(q{SELECT string_agg(k || ' ' || jsonb_array_length(v), ', ' ORDER BY k) FROM jsonb_each(hub.export_customer('tea', 'Ann@Example.com') -> 'held') x (k, v)
	WHERE k IN ('hub.customers', 'hub.customer_inquiries', 'momentum_state.dead_letter', 'hub.refunds')}),
	'hub.customer_inquiries 3, hub.customers 2, hub.refunds ' . ask(qq{SELECT count(*) FROM hub.refunds r JOIN hub.orders o USING (brand, source, order_id)
		WHERE o.customer_id = '$id' OR o.source = 'stall'}) . ', momentum_state.dead_letter 1', 'the export has what she is, asked and was refused');
my $export = ask(q{SELECT hub.export_customer('tea', 'ANN@example.com')});
like($export, qr/\Q$_\E/, "the export holds $_") for ('Canarypet', 'canary message', 'canary by phone', 'canary by handle', 'Canaryhouse', 'canary was unhappy', 's1', 's2');
unlike($export, qr/not hers|other\@|Anothermilk/, 'and nothing of others, nor of another brand');
is(ask(qq{SELECT hub.export_customer('tea', NULL, 'shop/$id') -> 'held' = hub.export_customer('tea', 'ann\@example.com') -> 'held'}), 't', 'the same by her number');
is(ask(q{SELECT hub.export_customer('tea', 'nobody@example.com') -> 'held'}), '{}', 'of a stranger nothing is held');
# Every column that is classified as personal is exported, whatever table it is in.
is( ask(q{SELECT string_agg(DISTINCT k.relation, ', ') FROM momentum._column_kinds() k
		WHERE to_regclass(k.relation) IS NOT NULL AND k.kind IN ('email', 'phone', 'name', 'handle', 'person', 'payload', 'customer')
		  AND k.relation NOT IN (SELECT relation FROM momentum._personal_tables())}),
	'', 'no table with personal columns is left out');
ask(q{CREATE ROLE agent; CREATE ROLE reader; CREATE ROLE boss; SELECT momentum.grant_access('agent', 'agent', 'tea'), momentum.grant_access('reader', 'reader', 'tea', true), momentum.grant_access('boss', 'owner')});
for my $role ('agent', 'reader')
{
	like(attempt("SET ROLE $role; SELECT hub.export_customer('tea', 'ann\@example.com')"), qr/permission denied/, "no $role exports");
	like(attempt("SET ROLE $role; SELECT hub.redact_customer('tea', 'ann\@example.com')"), qr/permission denied/, "no $role erases");
	like(attempt("SET ROLE $role; SELECT * FROM momentum_state.erasure"), qr/permission denied/, "no $role reads the ledger");
}
is(attempt(q{SET ROLE boss; SELECT hub.export_customer('tea', 'ann@example.com') -> 'emails'}), '["ann@example.com"]', 'an owner by grant does');
like(attempt(q{SELECT hub.redact_customer('tea', NULL)}), qr/named by an e-mail address or by a customer/, 'nobody is no person');
like(attempt(q{SELECT hub.redact_customer('coffee', 'a@b.c')}), qr/brand "coffee" does not exist/, 'nor is a stranger\'s brand one');

# ------------------------------------------------------- backups of before

command_ok([ 'pg_dump', '-Fc', '-f', "$place/before.dump", $node->connstr('postgres') ], 'a dump of before');
$node->stop;
my $copy = "$place/copy";
PostgreSQL::Test::RecursiveCopy::copypath($path, $copy);
$node->start;

# ---------------------------------------------------------------- erasing her

ask('ANALYZE shop.customers; ANALYZE shop.orders');
my $foreign = q{SELECT count(*) FROM pg_stats WHERE schemaname = 'shop' AND concat(most_common_vals, histogram_bounds, most_common_elems) ~* 'ann@example'};
isnt(ask($foreign), '0', 'a foreign table that was analyzed knows her');

my $told = ask(q{SELECT hub.redact_customer('tea', 'ANN@Example.com')});
like($told, qr/"told": "erased"/, 'she is erased');
like($told, qr/"hub.customers": 2\b/, 'both her rows as a customer');
is(ask($sums), $before, 'every sum, metric and count is as before');
is(ask(q{SELECT count(*) FROM hub.customers WHERE customer_id LIKE 'erased %' AND brand = 'tea'}), 2, 'her rows have a name that says nothing');
is(ask(q{SELECT count(DISTINCT customer_key) FROM hub.orders WHERE source = 'shop' AND customer_key LIKE 'erased %'}), 1, 'one person stays one person');
is(ask(q{SELECT string_agg(DISTINCT c, ',') FROM hub.orders, unnest(discount_codes) c WHERE customer_key LIKE 'erased %' AND c ~ 'ANN|SUMMER|erased'}), 'SUMMER,erased', 'a code of her own goes, one of everybody stays');
is(ask(q{SELECT message FROM hub.customer_inquiries WHERE inquiry_id = 'q3'}), 'not hers', 'others are not touched');
is(ask(q{SELECT first_name || email FROM hub.customers WHERE brand = 'milk'}), 'Anothermilkann@example.com', 'nor is another brand');
is(ask(q{SELECT count(*) FROM momentum_state.dead_letter}), 1, 'nor another one\'s dead letter');
like(ask(q{SELECT hub.redact_customer('tea', 'ann@example.com')}), qr/nothing to do: erased before/, 'a second time there is nothing to do');
is(ask(q{SELECT count(*) FROM momentum_state.audit WHERE action = 'redact_customer'}), 1, 'the audit has it once');
unlike(ask(q{SELECT string_agg(a::text, ' ') FROM momentum_state.audit a WHERE action ~ 'customer'}), qr/ann|canary/i, 'and names nobody');

is(ask($foreign), '0', 'no statistics of a foreign table know her any more');
# Nothing in a dump tells of her: not her name, address, phone, nor what she wrote.
sub traces
{
	my ($server, $db) = @_;
	my ($out, $err) = ('', '');
	# The other brand's row of that address is not hers to us.
	$server->safe_psql($db, q{DELETE FROM hub.customers WHERE brand = 'milk'});
	IPC::Run::run([ 'pg_dump', '-d', $server->connstr($db) ], '>', \$out, '2>', \$err) or die $err;
	my %seen = map { $_ => 1 } $out =~ /canary\w*|ann\@example\.com|917 ?555 ?7788|ANN-ONLY/gi;
	return join(' ', sort keys %seen);
}
is(ask(q{SELECT string_agg(tablename || '.' || attname, ' ' ORDER BY tablename, attname) FROM pg_stats WHERE schemaname IN ('hub', 'momentum_state') AND concat(most_common_vals, histogram_bounds) ~* 'canary|ann@'}), 'customers.email customers_email_idx.lower customers_source_email_idx.lower', 'the statistics know her from the other brand alone');
is(traces($node, 'postgres'), '', 'no trace of her in a dump');
unlike(slurp_file($ledger), qr/ann|example|9175557788/i, 'the ledger names nobody');
is(sprintf('%o', (stat $ledger)[2] & 07777), '600', 'and is for the server alone');

# -------------------------------------------------------- she does not return

ask(q{SELECT momentum.resync('tea', 'shop', stream, '2026-01-01', current_date) FROM momentum_state.stream WHERE stream IN ('orders', 'customers')});
ask('CALL momentum.refresh()') for 1 .. 3;
is(ask(q{SELECT string_agg(stream || ': ' || last_error, ', ') FROM momentum_state.stream WHERE status = 'failed' OR resync_from IS NOT NULL}), '', 'everything was read anew');
is(ask(q{SELECT count(*) FROM hub.orders WHERE email ~* '^ann@' OR note ~ 'Canary'}) . ask(q{SELECT count(*) FROM hub.customers WHERE email ~* '^ann@' OR first_name = 'Ann'}), '00', 'a sync of all does not bring her back');
is(ask($sums) =~ s/^customers.*$//mr, $before =~ s/^customers.*$//mr, 'and finds every sum as it was');
is(ask(q{SELECT count(*) FROM hub.customers WHERE source = 'shop' AND customer_id LIKE 'erased %'}), 1, 'her row is the one there was');
is(ask(qq{SELECT count(*) FROM hub.orders WHERE customer_id = '$id'}), 0, 'her number is nowhere');
attempt(qq{INSERT INTO hub.customers_entry (brand, source, customer_id, first_name, email, created_at) VALUES ('tea', 'shop', '$id', 'Ann', 'ann\@example.com', '2026-01-01')});
is(ask(q{SELECT count(*) FROM hub.customers WHERE email ~* '^ann@'}), 0, 'nor does a file');
is(traces($node, 'postgres'), '', 'still no trace');

# Erasing waits for a load that is under way, and the load for it.
my $load = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c',
	q{BEGIN; SELECT momentum._has_erasures('tea'); SELECT pg_sleep(3) /* a load */; INSERT INTO hub.customers (brand, source, customer_id, email, content_hash) VALUES ('tea', 'late', '5', 'bob@example.com', 0); COMMIT} ],
	'<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
ok(wait_for(sub { ask(q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%a load%' AND wait_event = 'PgSleep'}) > 0 }), 'a load is under way');
ask(q{SELECT hub.redact_customer('tea', 'bob@example.com')});
$load->finish;
is(ask(q{SELECT count(*) FROM hub.customers WHERE email ~* '^bob@'}), 0, 'who is erased meanwhile goes with what it brought');

# She orders again: a new contract under a new name; the old stays forgotten.
ask(qq{INSERT INTO hub.orders_entry (brand, source, order_id, created_at, processed_at, currency, gross_sales, email)
	VALUES ('tea', 'shop', 'new1', now() + interval '1 second', now() + interval '1 second', 'USD', 10, 'ann\@example.com')});
is(ask(q{SELECT email FROM hub.orders WHERE order_id = 'new1'}), 'ann@example.com', 'an order placed later says whose it is');
is(ask(q{SELECT count(*) FROM hub.orders WHERE email = 'ann@example.com'}), 1, 'the old ones do not');
like(ask(q{SELECT hub.redact_customer('tea', 'ann@example.com')}), qr/"hub.orders": 1\b/, 'and can be erased again');
ask(q{DELETE FROM hub.orders WHERE order_id = 'new1'});

# What fails leaves no entry; what cannot be written is not done.
my $entries = ask('SELECT count(*) FROM momentum_state.erasure') . '/' . scalar(split(/\n/, slurp_file($ledger)));
attempt(q{BEGIN; SELECT hub.redact_customer('tea', 'zoe@example.com'); ROLLBACK});
attempt(q{BEGIN; SAVEPOINT a; SELECT hub.redact_customer('tea', 'zoe@example.com'); ROLLBACK TO a; COMMIT});
is(ask('SELECT count(*) FROM momentum_state.erasure') . '/' . scalar(split(/\n/, slurp_file($ledger))), $entries, 'a rollback leaves no entry, in table or file');
chmod(0400, $ledger);
like(attempt(q{SELECT hub.redact_customer('tea', 'zoe@example.com')}), qr/could not open the erasure ledger/, 'a ledger that cannot be written');
is(ask(q{SELECT count(*) FROM hub.customers WHERE email = 'zoe@example.com'}), 1, 'stops the erasure');
chmod(0644, $ledger);
like(attempt(q{SELECT hub.redact_customer('tea', 'zoe@example.com')}), qr/mode 0600/, 'one that others may read, too');
chmod(0600, $ledger);
# The machine stopped in the middle of a line.
append_to_file($ledger, 'tea email 00ff');
like(ask(q{SELECT hub.redact_customer('tea', 'zoe@example.com')}), qr/"told": "erased"/, 'half a line is cut off');
is(ask('SELECT count(*) FROM momentum._ledger_read()'), ask('SELECT count(*) FROM momentum_state.erasure'), 'and the file is whole');
my $whole = slurp_file($ledger);
sub put_ledger { my ($text) = @_; open(my $out, '>', $ledger) or die; print $out $text; close($out); return; }
put_ledger($whole =~ s/\n\K/\0\0\n/r);
like(attempt('SELECT count(*) FROM momentum._ledger_read()'), qr/ledger is damaged/, 'what is behind zero bytes is not passed over');
put_ledger($whole);
like(attempt(q{SET momentum.erasure_ledger = ''; SET momentum.secret_directory = ''; SELECT hub.redact_customer('tea', 'eve@example.com')}), qr/has no place/, 'without a ledger nobody is erased');
my $inside = $node->data_dir . '/ledger';
like(attempt(qq{SET momentum.erasure_ledger = '$inside'; SELECT hub.redact_customer('tea', 'eve\@example.com')}), qr/lies in the data directory/, 'nor with one that a restore would replace');

# ------------------------------------------------------------------ the books

# Who was erased is named by the books no more, however often they are read.
$url = $sim->url . '/story';
ask(qq{CREATE SERVER books FOREIGN DATA WRAPPER quickbooks_fdw OPTIONS (realm_id '9130350000000001', base_url '$url/quickbooks', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER books OPTIONS (credential 'qbo_test'); CREATE SCHEMA books; IMPORT FOREIGN SCHEMA api FROM SERVER books INTO books;
	SELECT momentum.add_brand('books', 'America/New_York', 'USD'); SELECT momentum.add_source('books', 'books'); CALL momentum.refresh()});
my $party = ask(q{SELECT (regexp_match(item, ', (.*)$'))[1] FROM hub.cash_flow WHERE brand = 'books' AND tab = 'receivables' AND item ~ ', \S+ \S+' ORDER BY row_number LIMIT 1});
my $owed = ask(qq{SELECT count(*), sum(amount) FROM hub.cash_flow WHERE brand = 'books' AND item LIKE '%, $party'});
like($owed, qr/^[1-9]\d*\|/, "the books name $party");
ask(qq{INSERT INTO hub.customers (brand, source, customer_id, last_name, email, content_hash) VALUES ('books', 'shop', 'b1', '$party', 'b1\@books.example', 0);
	SELECT hub.redact_customer('books', 'b1\@books.example')});
for my $when ('once it was erased', 'once the books were read again')
{
	is(ask(qq{SELECT count(*) FROM hub.cash_flow WHERE strpos(item, '$party') > 0}), '0', "they do not, $when");
	is(ask(q{SELECT count(*), sum(amount) FROM hub.cash_flow WHERE brand = 'books' AND item LIKE '%, erased %'}), $owed, 'and the money is the same');
	ask(q{UPDATE momentum_state.stream SET due_at = now() WHERE brand = 'books'; DELETE FROM hub.cash_flow WHERE brand = 'books'; CALL momentum.refresh()});
	is(ask(q{SELECT string_agg(stream || ': ' || last_error, ', ') FROM momentum_state.stream WHERE brand = 'books' AND status = 'failed'}), '', 'nothing fails');
}

# --------------------------------------------------------- an older backup

# pg_dump: into a fresh database, where she is back.
ask('CREATE DATABASE restored');
system('pg_restore', '-d', $node->connstr('restored'), "$place/before.dump");
is($node->safe_psql('restored', q{SELECT count(*) FROM hub.customers WHERE email ~* '^ann@' AND brand = 'tea'}), '2', 'the dump of before brings her back');
is($node->safe_psql('restored', $sums), $before, 'with every sum');
my $steps = $node->safe_psql('restored', 'SELECT step, state, detail FROM momentum.post_restore()');
like($steps, qr/^statistics\|ok\|\d+ tables were analyzed/m, 'post_restore() has the planner know the tables');
like($steps, qr/^ledger\|ok\|\d+ entries came from the file, 0 went into it$/m, 'post_restore() learns from the file who was erased');
like($steps, qr/^erased again\|ok\|.*hub.customers/m, 'and erases again');
like($steps, qr/^schedule\|warn\|/m, 'and tells what else is to be done');
is($node->safe_psql('restored', $sums), $before, 'every sum is as it was');
is(traces($node, 'restored'), '', 'no trace of her');
like($node->safe_psql('restored', 'SELECT detail FROM momentum.post_restore()'), qr/^nobody had come back$/m, 'once is enough');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_class c WHERE c.relnamespace IN ('hub'::regnamespace, 'momentum_state'::regnamespace)
	AND c.relkind IN ('r', 'm') AND pg_relation_size(c.oid) > 32768
	AND NOT EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname)}),
	'0', 'no table of some size is without statistics');
is($node->safe_psql('restored', q{SELECT count(*) FROM hub.orders WHERE customer_key = (SELECT customer_id FROM hub.customers WHERE source = 'shop' AND customer_id LIKE 'erased %' ORDER BY created_at LIMIT 1)}) > 0,
	1, 'her orders and her row bear the same name');

# A copy of the files: the same.
$node->stop;
my $old = PostgreSQL::Test::Cluster->new('old');
$old->init;
PostgreSQL::Test::Utils::system_or_bail('rm', '-rf', $old->data_dir);
PostgreSQL::Test::RecursiveCopy::copypath($copy, $old->data_dir);
chmod(0700, $old->data_dir);
$old->append_conf('postgresql.conf', 'port = ' . $old->port . "\nunix_socket_directories = '" . $old->host . "'\ncron.host = '" . $old->host . "'\n");
$old->start;
is($old->safe_psql('postgres', q{SELECT count(*) FROM hub.customers WHERE email ~* '^ann@' AND brand = 'tea'}), '2', 'a copy of the files brings her back, too');
like($old->safe_psql('postgres', 'SELECT step, state, detail FROM momentum.post_restore()'), qr/^erased again\|ok\|.*hub.customers/m, 'and post_restore() takes her out');
is($old->safe_psql('postgres', $sums), $before, 'with every sum as before');
is(traces($old, 'postgres'), '', 'and without a trace');

# The file lost: that is said, and a new one fits none of the old entries.
rename($ledger, "$ledger.away");
like($old->safe_psql('postgres', 'SELECT step, state, detail FROM momentum.post_restore()'), qr/^ledger\|fail\|There is no file/m, 'a lost ledger is a failure');
for my $statement (q{SELECT hub.redact_customer('tea', 'eve@example.com')}, q{BEGIN; SELECT momentum.set_setting('tea', 'retention.orders_days', '30'), 'x'; SELECT * FROM momentum.apply_retention('tea'); ROLLBACK})
{
	my ($status, $out, $err) = $old->psql('postgres', $statement);
	like($err, qr/the erasure ledger is missing/, 'nobody is erased without it');
}
ok(!-e $ledger, 'nor is a new one begun');
$old->safe_psql('postgres', q{SELECT hub.redact_customer('milk', 'eve@example.com')});
like($old->safe_psql('postgres', 'SELECT step, state, detail FROM momentum.post_restore()'), qr/^ledger\|fail\|.*made with another ledger/m, 'and so is one that was begun anew');
rename("$ledger.away", $ledger);

# ------------------------------------------------- consent, and for how long

is($old->safe_psql('postgres', q{SELECT hub.set_consent('tea', 'shop', customer_id, 'sms', 'subscribed', 'stand at the fair', '2026-06-01') FROM hub.customers WHERE source = 'shop' AND customer_id NOT LIKE 'erased %' LIMIT 1}), 't', 'a consent is recorded');
is($old->safe_psql('postgres', q{SELECT count(*) FROM hub.customers WHERE marketing_preferences -> 'sms' ->> 'state' = 'subscribed' AND marketing_preferences -> 'sms' ->> 'source' = 'stand at the fair'}), '1', 'with its source');
is($old->safe_psql('postgres', q{SET client_min_messages = error; SELECT hub.set_consent('tea', 'shop', customer_id, 'sms', 'unsubscribed', 'letter', '2026-05-01') FROM hub.customers WHERE marketing_preferences -> 'sms' ->> 'source' = 'stand at the fair'}), 'f', 'an older word does not hold');
is($old->safe_psql('postgres', q{SELECT hub.set_consent('tea', 'shop', customer_id, 'sms', 'unsubscribed', 'letter', '2026-07-01') FROM hub.customers WHERE marketing_preferences -> 'sms' ->> 'source' = 'stand at the fair'}), 't', 'a newer one does');
is($old->safe_psql('postgres', q{SELECT string_agg(detail ->> 'state', ',' ORDER BY audit_id) FROM momentum_state.audit WHERE action = 'set_consent'}), 'subscribed,unsubscribed', 'the audit has both');
for my $wrong (q{'fax', 'subscribed', 'x', now()}, q{'sms', 'perhaps', 'x', now()}, q{'sms', 'subscribed', ' ', now()}, q{'sms', 'subscribed', 'x', '2200-01-01'})
{
	my ($status, $out, $err) = $old->psql('postgres', "SELECT hub.set_consent('tea', 'shop', '1', $wrong)");
	isnt($status, 0, "refused: $wrong");
}
$before = $old->safe_psql('postgres', $sums);
$old->safe_psql('postgres', q{SELECT momentum.set_setting('tea', 'retention.orders_days', '30'), momentum.set_setting('tea', 'retention.customers_days', '30'),
	momentum.set_setting('tea', 'retention.customer_inquiries_days', '30'), momentum.set_setting('tea', 'retention.dead_letter_days', '30');
	UPDATE momentum_state.dead_letter SET first_at = now() - interval '40 days';
	UPDATE hub.customer_inquiries SET status = 'Closed', resolved_at = '2026-02-10' WHERE inquiry_id = 'q3'});
cmp_ok($old->safe_psql('postgres', q{SELECT sum(rows) FROM momentum.apply_retention()}), '>', 3, 'who was not heard of for long is forgotten');
is($old->safe_psql('postgres', q{SELECT count(*) FROM hub.orders WHERE order_day < current_date - 30 AND email IS NOT NULL}), '0', 'old orders do not say whose they are');
is($old->safe_psql('postgres', q{SELECT count(*) FROM momentum_state.dead_letter}), '0', 'old dead letters are gone');
is($old->safe_psql('postgres', q{SELECT message IS NULL FROM hub.customer_inquiries WHERE inquiry_id = 'q3'}), 't', 'old questions, too');
is($old->safe_psql('postgres', $sums), $before, 'and every sum is as before');
is($old->safe_psql('postgres', q{SELECT sum(rows) FROM momentum.apply_retention()}), '0', 'a second time there is nothing to forget');
is($old->safe_psql('postgres', q{SELECT momentum.set_setting('tea', 'retention.orders_days', NULL), momentum.set_setting('', 'retention.orders_days', NULL)}), '|', 'the setting can be taken away');
done_testing();
