# Where a person is named in passing: in what others wrote, in rows that were
# refused, in errors, notes, keys and the audit.  All of it is told on request
# and goes with an erasure, and again after a restore.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $place = PostgreSQL::Test::Utils::tempdir();
my $ledger = "$place/ledger";
my $node = new_server('traces', "momentum.erasure_ledger = '$ledger'");

sub ask { return $node->safe_psql('postgres', $_[0]); }
sub attempt { my ($status, $out, $err) = $node->psql('postgres', $_[0]); return $status == 0 ? $out : $err; }

# Customers of a file whose ids hold a slash, as those of some services do.
ask(q{
	CREATE EXTENSION momentum CASCADE;
	SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD'), momentum.add_brand('milk', 'UTC', 'USD');
	INSERT INTO hub.customers (brand, source, customer_id, first_name, email, phone, duplicate_of, created_at, content_hash) VALUES
		('tea', 'shop', 'gid/Customer/canary17', 'Canary', 'canary@tea.example', '+1 555 123 9876', NULL, '2026-01-01', 0),
		('tea', 'stall', 'canary/9', 'Canary', 'CANARY@tea.example', NULL, 'shop/gid/Customer/canary17', '2026-01-01', 0),
		('tea', 'shop', 'gid/Customer/canary171', 'Joan', 'another.canary@tea.example', NULL, NULL, '2026-01-01', 0);
	INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold,
		customer_id, customer_key, note, tracking_number, content_hash) VALUES
		('tea', 'stall', '2026/001', '2026-02-01', false, false, false, 'shop', 'USD', 12.34, 0, 1, 'canary/9', 'canary/9', 'canary note', 'CANARY1Z', 0),
		('tea', 'stall', '2026/002', '2026-02-01', false, false, false, 'shop', 'USD', 56.78, 0, 1, NULL, NULL, 'a gift for Canary@tea.example, ring (1) 555-123.9876 first', NULL, 0),
		('tea', 'stall', '2026/003', '2026-02-01', false, false, false, 'shop', 'USD', 1, 0, 1, NULL, NULL, 'for another.canary@tea.example or 915551239876', NULL, 0);
	INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns, note) VALUES ('tea', 'stall', 'r1', '2026/001', '2026-02-05', '2026-02-05', 5, 'canary was unhappy');
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_phone, customer_handle, thread, subject, message) VALUES
		('tea', '', 'q1', '2026-02-03', 'Gmail', 'canary@TEA.example', '+49 30 555 44 33', 'canary_gram', 't1', 'canary subject', 'canary message'),
		('tea', '', 'q2', '2026-02-04', 'SMS', NULL, '+49 30 1112233', NULL, '+1 (555) 123 9876', NULL, 'not hers'),
		('tea', '', 'q3', '2026-02-04', 'SMS', NULL, '+49305554433', NULL, NULL, NULL, 'canary by a number that only her inquiry told'),
		('tea', '', 'q4', '2026-02-04', 'Instagram', NULL, NULL, '@Canary_Gram', NULL, NULL, 'canary by a handle that only her inquiry told'),
		('tea', '', 'q5', '2026-02-05', 'Instagram', NULL, NULL, 'friend', NULL, 're: canary@tea.example', 'my friend <canary@tea.example> waits for it'),
		('milk', '', 'q1', '2026-02-05', 'Gmail', 'canary@tea.example', NULL, NULL, NULL, NULL, 'of another brand');
	SELECT momentum._dead_letter('tea', 'shop', 'shop_customers', NULL, '{"customer_id": "gid/Customer/canary17", "city": "canary by its id"}', 'refused', '22000'),
		momentum._dead_letter('tea', 'shop', 'shop_customers', NULL, NULL, 'taken by another', '22000', 'sync', 'gid/Customer/canary17'),
		momentum._dead_letter('tea', 'stall', 'shop_orders', NULL, '{"order": {"customer_id": "canary/9", "note": "canary within"}}', 'refused', '22000', 'sync', 'o9'),
		momentum._dead_letter('tea', 'stall', 'refunds', NULL, '{"order_id": "2026/001", "note": "canary refund"}', 'refused', '22000', 'door', 'r9'),
		momentum._dead_letter('tea', 'stall', 'orders', NULL, '{"order_id": "77"}', 'not a day: "canary@tea.example"', '22000', 'door', 'o77'),
		momentum._dead_letter('tea', 'stall', 'orders', NULL, NULL, 'refused', '22000', 'door', 'o78', convert_to(E'78\tmüller, canary@tea.example', 'UTF8')),
		momentum._dead_letter('tea', 'shop', 'shop_customers', NULL, '{"customer_id": "gid/Customer/canary171", "email": "another.canary@tea.example"}', 'refused', '22000', 'sync', 'hers');
	SELECT momentum._audit('tea', 'set_consent', '{"customer": "stall/canary/9", "said_in": "a mail of canary@tea.example"}'),
		momentum._audit('tea', 'link_inquiry', '{"customer_source": "stall", "customer_id": "canary/9"}');
	INSERT INTO momentum_state.todo_log (brand, todo_id, kind, by_routine, note) VALUES ('tea', 'winback/stall/canary/9', 'winback', false, 'canary called'),
		('tea', 'close//q5/0', 'close', false, 'wrote to canary@tea.example');
	INSERT INTO momentum_state.alert_log (brand, rule, object, severity, message, figures) VALUES ('tea', 'r', 'o', 'info', 'row of canary@tea.example', '{"who": ["canary@tea.example"]}');
	ALTER TABLE hub.orders ADD COLUMN packed_for text;
	UPDATE hub.orders SET packed_for = 'canary@tea.example' WHERE order_id = '2026/002';
});
my $sums = q{SELECT concat_ws('|', (SELECT concat_ws(',', count(*), sum(gross_sales), count(DISTINCT customer_key)) FROM hub.orders), (SELECT concat_ws(',', count(*), sum(returns)) FROM hub.refunds),
	(SELECT count(*) FROM hub.customers), (SELECT count(*) FROM hub.customer_inquiries), (SELECT count(*) FROM momentum_state.audit WHERE action IN ('set_consent', 'link_inquiry')))};
my $before = ask($sums);
command_ok([ 'pg_dump', '-Fc', '-f', "$place/before.dump", $node->connstr('postgres') ], 'a dump of before');

# What is left of her in a dump: nothing but what is of others.
sub traces
{
	my ($db) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'pg_dump', '-a', '-d', $node->connstr($db) ], '>', \$out, '2>', \$err) or die $err;
	$out =~ s/^milk\t.*$//mg;
	$out =~ s/another\.canary\@tea\.example|gid\/Customer\/canary171//g;
	my %seen = map { $_ => 1 } $out =~ /[\w.\/]*canary[\w.\/@]*|555\D{0,3}123\D{0,3}9876(?!\d)|30\D{0,2}555\D{0,2}44\D{0,2}33/gi;
	return join(' ', sort grep { $_ ne '5551239876' } keys %seen);
}
cmp_ok(length(traces('postgres')), '>', 200, 'she is all over it');

my $export = ask(q{SELECT hub.export_customer('tea', 'canary@tea.example')});
ok(!-e $ledger, 'an export leaves no ledger behind');
like($export, qr/\Q$_\E/, "the export has: $_") for ('2026/001', 'canary was unhappy', 'only her inquiry told', 'canary by a handle', 'canary within', 'canary by its id',
	'canary refund', 'waits for it', 'a gift for', 'not a day', 'canary called', 'said_in', 'row of');
unlike($export, qr/Joan|another\.canary|of another brand/, 'and nothing of others');

like(ask(q{SELECT hub.redact_customer('tea', 'CANARY@tea.example')}), qr/"told": "erased"/, 'she is erased');
is(traces('postgres'), '', 'no trace of her in a dump');
is(ask($sums), $before, 'every sum and count is as before');
is(ask(q{SELECT count(*) FROM hub.customers d JOIN hub.customers f ON d.duplicate_of = f.source || '/' || f.customer_id}), 1, 'a duplicate still points to the first');
is(ask(q{SELECT count(*) FROM hub.customers c JOIN hub.orders o USING (brand, source, customer_id) WHERE customer_id LIKE 'erased %'}), 1, 'and an order to its customer');
is(ask(q{SELECT note FROM hub.orders WHERE order_id = '2026/003'}), 'for another.canary@tea.example or 915551239876', 'a longer address and a longer number are somebody else');
is(ask(q{SELECT string_agg(item, ',') FROM momentum_state.dead_letter}), 'hers', 'so is a letter of theirs');
like(ask(q{SELECT message FROM hub.customer_inquiries WHERE inquiry_id = 'q5'}), qr/^my friend <erased [0-9a-f]{16}> waits for it$/, 'what others wrote stays, but for her address');
is(ask(q{SELECT message FROM hub.customer_inquiries WHERE inquiry_id = 'q2'}), 'not hers', 'with its thread');
like(ask(q{SELECT hub.redact_customer('tea', 'canary@tea.example')}), qr/"rows": \{\}.*erased before|erased before/, 'a second time there is nothing to do');

# --------------------------------------------------------------- after a restore

ask('CREATE DATABASE restored');
command_ok([ 'pg_restore', '-d', $node->connstr('restored'), "$place/before.dump" ], 'the dump of before is restored');
cmp_ok(length(traces('restored')), '>', 200, 'she is back, everywhere');
like($node->safe_psql('restored', 'SELECT step, state, detail FROM momentum.post_restore()'), qr/^erased again\|ok\|.*momentum_state.audit/m, 'post_restore() erases her again');
# What bears neither her address nor her id is not told by keyed hashes: a number in words of others.
is(traces('restored') =~ s/555-123.9876|555\) 123 9876//gr =~ s/^ +| +$//gr, '', 'and where she is named in passing');
is($node->safe_psql('restored', $sums), $before, 'with every sum');

# ------------------------------------------------------------ a ledger that is not there

my $load = q{INSERT INTO hub.customers_entry (brand, source, customer_id, email, created_at) VALUES ('tea', 'shop', 'gid/Customer/canary17', 'canary@tea.example', '2026-01-01')};
rename $ledger, "$ledger.away" or die $!;
like(attempt("SELECT momentum.add_manual_source('tea', 'shop'); $load"), qr/the erasure ledger is missing/, 'without its ledger nothing is loaded that could be of the erased');
like(attempt(q{SELECT hub.redact_customer('tea', 'another.canary@tea.example')}), qr/the erasure ledger is missing/, 'nor is anybody erased into a new one');
ok(!-e $ledger, 'which is not made');
like(ask(q{SELECT hub.redact_customer('milk', 'canary@tea.example')}), qr/"told": "erased"/, 'a brand without erasures is not held up');
like(attempt($load), qr/the erasure ledger is not the one of this database/, 'another ledger is none');
rename "$ledger.away", $ledger or die $!;
open(my $fh, '>>', $ledger) or die $!; print $fh "\0" x 300; close($fh);
like(attempt('SELECT count(*) FROM momentum._ledger_read()'), qr/the erasure ledger is damaged/, 'zeros in the file are told of');
truncate($ledger, (-s $ledger) - 300) or die $!;
ask(q{SELECT momentum.add_manual_source('tea', 'shop')}) if ask(q{SELECT count(*) FROM momentum_state.source WHERE source = 'shop' AND brand = 'tea'}) eq '0';
ask($load);
is(ask(q{SELECT count(*) FROM hub.customers WHERE email ~* '^canary@'}), 0, 'with it, a file brings nobody back');

# A row of an old file that is refused is no hiding place.
my $refused = sub { return qq{SET client_min_messages = error; SET momentum.door_errors = 'keep'; INSERT INTO hub.orders_entry (brand, source, order_id, created_at, channel, currency, gross_sales, email)
	VALUES ('tea', 'shop', '$_[0]', '$_[1]', 'shop', 'USD', 'many', 'canary\@tea.example')}};
my $letters = q{SELECT string_agg(payload ->> 'order_id', ',') FROM momentum_state.dead_letter WHERE payload ->> 'email' = 'canary@tea.example'};
ask($refused->('old', '2026-01-05'));
is(ask($letters), '', 'what was refused of an old file does not name her either');
my $later = ask(q{SELECT now() + interval '1 hour'});
ask($refused->('new', $later));
is(ask($letters), 'new', 'what she gave later is kept');

# ------------------------------------------------------------------- consent

# A person of two shops is one person: what it said last holds in both.
ask(q{
	INSERT INTO hub.customers (brand, source, customer_id, email, duplicate_of, created_at, marketing_preferences, content_hash)
	SELECT 'milk', s, who, who || '@milk.example', CASE s WHEN 'two' THEN 'one/' || who END, '2026-01-01', p, 0
	  FROM (VALUES ('one', 'withdrawn', '{"email": {"state": "subscribed", "at": "2026-01-01T00:00:00Z"}}'::jsonb), ('two', 'withdrawn', '{"email": {"state": "unsubscribed", "at": "2026-05-01T00:00:00Z"}}'),
		('one', 'regained', '{"email": {"state": "subscribed", "at": "2026-06-01T00:00:00Z"}}'), ('two', 'regained', '{"email": {"state": "unsubscribed", "at": "2026-05-01T00:00:00Z"}}'),
		('one', 'undated', '{"email": {"state": "unsubscribed"}}'), ('two', 'undated', '{"email": {"state": "subscribed", "at": "2026-05-01T00:00:00Z"}}'),
		('one', 'sms', '{"sms": {"state": "subscribed", "at": "2026-05-01T00:00:00Z"}}'), ('one', 'unknown', '{}')) x (s, who, p);
	INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, customer_id, customer_key, delivered_at, order_status, content_hash)
	SELECT 'milk', source, source || customer_id, current_date - 30, false, false, false, 'shop', 'USD', 1, 0, 1, customer_id, customer_id, now() - interval '16 days', 'Delivered', 0 FROM hub.customers WHERE brand = 'milk';
	INSERT INTO momentum_state.todo_item (brand, todo_id, kind, object_source, object_id, reason_day)
	SELECT 'milk', 'winback/' || source || '/' || customer_id, 'winback', source, customer_id, current_date - 30 FROM hub.customers WHERE brand = 'milk'});
is(ask(q{SELECT string_agg(DISTINCT kind || ' ' || customer_id, ',') FROM hub.todo WHERE brand = 'milk' AND kind IN ('review', 'winback')}), 'review regained,winback regained', 'lists hold whoever agreed last, in any of its sources');

# ------------------------------------------------------- names, in full, and numbers

# In what others wrote and in the books a full name is the person's where nobody
# else of the brand bears it; a number is, however it is spaced.
ask('CREATE DATABASE names');
sub of { my ($db, $sql) = @_; return $node->safe_psql($db, $sql); }
of('names', q{
	CREATE EXTENSION momentum CASCADE;
	SELECT momentum.setup(), momentum.add_brand('cocoa', 'UTC', 'USD');
	INSERT INTO hub.customers (brand, source, customer_id, first_name, last_name, email, phone, created_at, content_hash) VALUES
		('cocoa', 'shop', '1', 'Zelda', 'van Quill', 'zelda@quill.example', '+49 171 555 0199', '2026-01-01', 0),
		('cocoa', 'shop', '2', 'Ann', 'Smith', 'ann1@cocoa.example', NULL, '2026-01-01', 0), ('cocoa', 'shop', '3', 'ANN', 'Smith', 'ann2@cocoa.example', NULL, '2026-01-01', 0);
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, subject, message, response, resolution_notes) VALUES
		('cocoa', '', 'q1', '2026-02-03', 'Gmail', 'friend@cocoa.example', 'for Zelda van Quill', 'My friend zelda  VAN Quill (0049) 171-5550199 or 0171 555 0199; Ann Smith, too', 'Tell Van Quill, Zelda', 'van Quill, Zelda called; Zeldavan Quillon did not');
	INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, channel, amount, origin, status, content_hash)
	VALUES ('cocoa', 'books', 'invoices', 1, '2026-02-01', '2026-02-01', 'Invoice 1038, Zelda van Quill', 'in', '', 12.34, 'books', 'expected', 0);
	INSERT INTO momentum_state.todo_log (brand, todo_id, kind, by_routine, note) VALUES ('cocoa', 'close//q1/0', 'close', false, 'Zelda van Quill rang');
	INSERT INTO momentum_state.alert_log (brand, rule, object, severity, message) VALUES ('cocoa', 'r', 'o', 'info', 'parcel of Zelda van Quill is late');
});
my $told = q{SELECT concat_ws('|', i.subject, i.message, i.response, i.resolution_notes, f.item, l.note, a.message) FROM hub.customer_inquiries i, hub.cash_flow f, momentum_state.todo_log l, momentum_state.alert_log a WHERE i.inquiry_id = 'q1'};
command_ok([ 'pg_dump', '-Fc', '-f', "$place/names.dump", $node->connstr('names') ], 'a dump of before');
like(of('names', q{SELECT hub.export_customer('cocoa', 'zelda@quill.example')}), qr/Invoice 1038/, 'the export tells where the books name her');
of('names', q{SELECT hub.redact_customer('cocoa', 'zelda@quill.example')});
my $left = of('names', $told);
unlike($left, qr/zelda\W+van|quill, z|555/i, 'no name of hers and no number is left');
like($left, qr/^for erased [0-9a-f]{16}\|My friend erased [0-9a-f]{16} .*; Ann Smith, too\|Tell erased [0-9a-f]{16}\|erased [0-9a-f]{16} called; Zeldavan Quillon did not\|Invoice 1038, erased [0-9a-f]{16}\|erased [0-9a-f]{16} rang\|parcel of erased [0-9a-f]{16} is late$/,
	'what was said stays');
is(of('names', q{SELECT hub.redact_customer('cocoa', 'ann1@cocoa.example') ->> 'told'}), 'erased', 'somebody with a name that another one has, too');
like(of('names', $told), qr/Ann Smith, too/, 'may be the other one');
is(of('names', q{SELECT sum(amount) FROM hub.cash_flow}), '12.34', 'the money is the same');
ask('CREATE DATABASE names2');
command_ok([ 'pg_restore', '-d', $node->connstr('names2'), "$place/names.dump" ], 'the dump is restored');
like(of('names2', $told), qr/Zelda/, 'she is back');
of('names2', 'SELECT momentum.post_restore()');
is(of('names2', $told), $left, 'and gone again, by name and number');
# Only what others wrote is in the backup.
of('names2', q{UPDATE hub.customer_inquiries SET message = 'call +49/171/5550199 please'; SELECT momentum.post_restore()});
like(of('names2', $told), qr/call \+erased [0-9a-f]{16} please/, 'a number alone is found, too');

# One address, written two ways in Unicode, and in either case.
of('names', q{INSERT INTO hub.customers (brand, source, customer_id, first_name, email, created_at, content_hash) VALUES ('cocoa', 'shop', '8', 'Jo', U&'jos\00E9@quill.example', '2026-01-01', 0);
	INSERT INTO hub.orders (brand, source, order_id, order_day, created_at, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, customer_key, email, content_hash)
	VALUES ('cocoa', 'till', 'u1', '2026-02-01', '2026-02-01', false, false, false, 'shop', 'USD', 1, 0, 1, U&'jose\0301@quill.example', U&'Jose\0301@quill.example', 0)});
like(of('names', q{SELECT hub.redact_customer('cocoa', U&'JOSE\0301@quill.example')}), qr/"hub.orders": 1.*|"hub.customers": 1/, 'an address with an accent is erased');
is(of('names', q{SELECT (SELECT count(*) FROM hub.customers WHERE email LIKE 'jos%') + (SELECT count(*) FROM hub.orders WHERE email ILIKE 'jos%')}), '0', 'however the accent is written');
of('names', q{SELECT momentum.add_manual_source('cocoa', 'till'); INSERT INTO hub.orders_entry (brand, source, order_id, created_at, email) VALUES ('cocoa', 'till', 'u2', '2026-02-01', U&'jos\00E9@quill.example'), ('cocoa', 'till', 'u3', '2026-02-01', U&'JOSE\0301@quill.example')});
is(of('names', q{SELECT count(*) FROM hub.orders WHERE email IS NOT NULL}), '0', 'nor does a file bring it back');

done_testing();
