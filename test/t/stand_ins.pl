# Who may not see addresses sees stand-ins for them, and cannot test whether an
# address he knows is behind one: they are keyed by a secret of the database.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use Digest::MD5 qw(md5_hex);
use PostgreSQL::Test::Utils;
use Test::More;

my $place = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('stand_ins', "momentum.erasure_ledger = '$place/ledger'");

sub ask { return $node->safe_psql('postgres', $_[0]); }
sub attempt { my ($status, $out, $err) = $node->psql('postgres', $_[0]); return $status == 0 ? $out : $err; }
sub masked { return attempt("SET ROLE masked; $_[0]"); }
sub seer { return attempt("SET ROLE seer; $_[0]"); }

my $order = sub {
	my ($source, $id, $customer, $email, $amount) = @_;
	return sprintf(q{INSERT INTO hub.orders (brand, source, order_id, order_day, created_at, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold,
		customer_id, customer_key, email, content_hash) VALUES ('tea', '%s', '%s', current_date - 9, now(), false, false, false, 'shop', 'USD', %s, 0, 1, %s, %s, '%s', 0);},
		$source, $id, $amount, $customer ? "'$customer'" : 'NULL', $customer ? "'$customer'" : "lower('$email')", $email);
};
ask(q{
	CREATE EXTENSION momentum CASCADE;
	SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD'), momentum.add_brand('milk', 'UTC', 'USD');
	SELECT momentum.add_manual_source('tea', 'till');
	CREATE ROLE masked; CREATE ROLE seer; CREATE ROLE helper; CREATE ROLE boss;
	SELECT momentum.grant_access('masked', 'reader', 'tea'), momentum.grant_access('seer', 'reader', 'tea', true),
		momentum.grant_access('helper', 'agent', 'tea'), momentum.grant_access('boss', 'owner');
	SET ROLE boss;
	INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, email) VALUES
		('tea', 'till', 'g1', current_date - 9, 10, 'Guest@example.com'), ('tea', 'till', 'g2', current_date - 8, 20, 'guest@example.com'),
		('tea', 'till', 'g3', current_date - 8, 40, 'other@example.com');
});

# ------------------------------------------------------------------- a guest

my $name = masked(q{SELECT customer_id FROM hub.customer_value WHERE is_guest AND total_revenue = 30});
like($name, qr/^guest [0-9a-f]{16}$/, 'a guest has a name, the same on all orders of an address');
isnt($name, 'guest ' . substr(md5_hex('tea guest@example.com'), 0, 16), 'which nobody can compute');
my $known = 0;
for my $try ("'tea guest\@example.com'", "'guest\@example.com'", "'tea' || 'guest\@example.com'", "' tea guest\@example.com'")
{
	for my $how ("md5($try)", "encode(sha256(convert_to($try, 'UTF8')), 'hex')", "encode(sha512(convert_to($try, 'UTF8')), 'hex')")
	{
		$known++ if masked("SELECT count(*) FROM hub.customer_value WHERE customer_id = 'guest ' || left($how, 16)") ne '0';
	}
}
is($known, 0, 'by no hash of the address alone');
like(masked('SELECT salt FROM momentum_state.salt'), qr/permission denied/, 'a reader cannot read the salt');
like(attempt('SET ROLE helper; SELECT salt FROM momentum_state.salt'), qr/permission denied/, 'nor can an agent');
like(attempt(q{SET ROLE boss; UPDATE momentum_state.salt SET salt = repeat('0', 64)}), qr/permission denied/, 'nor an owner change it');
is(masked(qq{SELECT string_agg(order_id, ',' ORDER BY order_id) FROM hub.customer_orders('tea', '$name')}), 'g1,g2', 'the orders of the guest are found by it');
is(masked(q{SELECT count(*) FROM hub.customer('tea', 'guest@example.com')}), '0', 'and by the address by nobody who may not see it');
is(seer(q{SELECT customer_id FROM hub.customer('tea', ' GUEST@example.com')}), $name, 'but by who may');
is(masked(q{SELECT count(*) FROM hub.customer_orders('tea', 'guest@example.com')}), '0', 'its orders likewise');
is(seer(q{SELECT string_agg(order_id, ',' ORDER BY order_id) FROM hub.customer_orders('tea', 'GUEST@example.com')}), 'g1,g2', 'by who may');

# What a person has stored past the loaders is there at once, and once.
ask($order->('plain', 'p1', undef, 'GUEST@example.com', 40));
is(masked(qq{SELECT customer_id, total_orders, total_revenue FROM hub.customer_value WHERE is_guest AND total_orders = 3}), "$name|3|70.00", 'an order that no loader brought is that guest\'s');
is(masked(qq{SELECT string_agg(order_id, ',' ORDER BY order_id) FROM hub.customer_orders('tea', '$name')}), 'g1,g2,p1', 'in the list of orders, too');
ask('CALL momentum.refresh()');
is(ask(q{SELECT count(*) FROM hub.orders WHERE guest_id = ''}), '0', 'the refresh has named it');
is(masked(qq{SELECT customer_id, total_orders, total_revenue FROM hub.customer_value WHERE is_guest AND total_orders = 3}), "$name|3|70.00", 'which changes nothing');
ask(q{INSERT INTO hub.orders_entry (brand, source, order_id, customer_id, created_at) VALUES ('tea', 'till', 'g3', '77', current_date - 8)});
is(ask(q{SELECT guest_id IS NULL FROM hub.orders WHERE order_id = 'g3'}), 't', 'who has an id is no guest any more');

# By an index, whoever asks and however many there are.
ask(q{INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, email) SELECT 'tea', 'till', 'm' || n, current_date - 7, 1, 'm' || n % 9000 || '@example.com' FROM generate_series(1, 30000) n; ANALYZE hub.orders});
for my $query ("SELECT * FROM hub.customer_value WHERE brand = 'tea' AND customer_id = '$name'", "SELECT * FROM hub.customer_order WHERE brand = 'tea' AND customer_id = '$name'")
{
	my $plan = masked("EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) $query");
	like($plan, qr/orders_guest_idx/, 'found by its index');
	unlike($plan, qr/Seq Scan on orders|rows=\d{5}/, 'and by it alone');
}

# A dump carries the salt: names stay.
command_ok([ 'pg_dump', '-Fc', '-f', "$place/dump", $node->connstr('postgres') ], 'dumped');
ask('CREATE DATABASE restored');
command_ok([ 'pg_restore', '-d', $node->connstr('restored'), "$place/dump" ], 'restored');
is($node->safe_psql('restored', q{SELECT momentum.setup(); SELECT customer_id FROM hub.customer_value WHERE total_revenue = 70 AND is_guest}), "1\n$name", 'the guest has the same name in it');
$node->safe_psql('restored', q{INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, email) VALUES ('tea', 'till', 'g9', current_date - 7, 5, 'guest@example.com')});
is($node->safe_psql('restored', qq{SELECT total_orders FROM hub.customer_value WHERE customer_id = '$name'}), '4', 'on new orders, too');
$node->safe_psql('restored', q{DELETE FROM momentum_state.salt; INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, email) VALUES ('tea', 'till', 'g10', current_date - 7, 5, 'guest@example.com');
	SELECT momentum.setup(); CALL momentum.refresh()});
is($node->safe_psql('restored', qq{SELECT count(*), max(total_orders) FROM hub.customer_value WHERE is_guest AND total_revenue = 80 AND customer_id <> '$name'}), '1|5', 'a salt that was lost gives all another name, and one');
ask(q{CREATE DATABASE another});
$node->safe_psql('another', q{CREATE EXTENSION momentum CASCADE; SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD')});
isnt($node->safe_psql('another', 'SELECT salt FROM momentum_state.salt'), ask('SELECT salt FROM momentum_state.salt'), 'every database has its own');

# Erased, the name goes as well: who had noted it does not find the guest again.
like(ask(q{SELECT hub.redact_customer('tea', 'guest@example.com')}), qr/"hub.orders": 3\b/, 'a guest is erased');
is(masked(qq{SELECT count(*) FROM hub.customer_value WHERE customer_id = '$name'}), '0', 'with the old name');
my $erased = masked(q{SELECT customer_id FROM hub.customer_value WHERE is_guest AND total_orders = 3 AND total_revenue = 70});
like($erased, qr/^guest [0-9a-f]{16}$/, 'one guest still, under another name');
ask(q{INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, email) VALUES ('tea', 'till', 'g1', current_date - 9, 10, 'guest@example.com')});
ask('CALL momentum.refresh()');
is(masked(qq{SELECT total_orders FROM hub.customer_value WHERE customer_id = '$erased'}), '3', 'that a file does not change');

# ------------------------------------------------- ids that are addresses

ask(q{SET ROLE boss;
	INSERT INTO hub.customers_entry (brand, source, customer_id, first_name, created_at) VALUES
		('tea', 'till', 'Zoe@canary.example', 'Zoe', current_date - 20), ('tea', 'till', '78', 'Abe', current_date - 20);
	INSERT INTO hub.customers_entry (brand, source, customer_id, email, created_at) VALUES ('tea', 'till', 'ida@canary.example', 'ida@work.canary', current_date - 20);
	INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, customer_id) VALUES ('tea', 'till', 'z1', current_date - 9, 500, 'zoe@CANARY.example'),
		('tea', 'till', 'i1', current_date - 9, 600, 'ida@canary.example');
	INSERT INTO hub.subscriptions_entry (brand, source, subscription_id, customer_id, created_at, status) VALUES ('tea', 'till', 's1', 'zoe@canary.example', current_date - 9, 'ACTIVE');
	INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, message, customer_source, customer_id) VALUES ('tea', 'till', 'q1', now(), 'Gmail', 'where', 'till', 'zoe@canary.example');
	INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, message, thread) VALUES ('tea', 'till', 'q2', now(), 'Gmail', 'where', 'Zoe@canary.example'),
		('tea', 'till', 'q3', now(), 'Gmail', 'there', 'zoe@canary.example'), ('tea', 'till', 'q4', now(), 'SMS', 'where', '+49 171 777 8899'), ('tea', 'till', 'q5', now(), 'Gmail', 'where', '<18c3f@mail.example>'),
		('tea', 'till', 'q6', now(), 'Shopify', 'where', '1234567890');
	RESET ROLE;
	CALL momentum.refresh()});
my $zoe = masked(q{SELECT customer_id FROM hub.customer_value WHERE total_revenue = 500});
like($zoe, qr/^person [0-9a-f]{16}$/, 'an id that is an address has a stand-in');
is(ask(q{SELECT email || ' ' || first_name FROM hub.customers WHERE first_name = 'Zoe'}), 'Zoe@canary.example Zoe', 'the address is where addresses are');
is(ask(q{SELECT email IS NULL FROM hub.customers WHERE customer_id = '78'}), 't', 'another row of the file has none');
is(ask(q{SELECT email FROM hub.customers WHERE customer_id LIKE 'person %' AND first_name IS NULL}), 'ida@work.canary', 'an address of its own stays');
is(masked(qq{SELECT string_agg(order_id, ',') FROM hub.customer_orders('tea', '$zoe')}), 'z1', 'its orders are found by it');
is(seer(q{SELECT string_agg(order_id, ',') FROM hub.customer_orders('tea', 'ZOE@canary.example')}), 'z1', 'by the address by who may see it');
is(seer(q{SELECT customer_id FROM hub.customer('tea', 'zoe@canary.example')}), $zoe, 'so is the customer');
is(attempt(q{SET ROLE helper; SELECT customer_id FROM hub.customers WHERE email = 'Zoe@canary.example'}), $zoe, 'an agent finds whoever asks by the address');

# Every view, as a masked reader: the address is nowhere.
my @seen;
for my $view (split /\n/, ask(q{SELECT v FROM momentum._reading_views() v}))
{
	push @seen, $view if masked("SELECT count(*) FROM $view t WHERE t::text ~* '(zoe|ida)\@canary|ida\@work|171 777'") ne '0';
}
is(ask(q{SELECT string_agg(CASE WHEN thread LIKE 'thread %' THEN inquiries::text ELSE thread END, ' ' ORDER BY inquiries, thread) FROM hub.inquiry_thread WHERE brand = 'tea'}), '1234567890 <18c3f@mail.example> 1 2', 'a conversation by address or number is one still');
is("@seen", '', 'no view shows a masked reader the address');
like(attempt(qq{INSERT INTO hub.customers (brand, source, customer_id, content_hash) VALUES ('tea', 'x', 'who\@canary.example', 0)}), qr/customers_id_is_no_address/, 'past the door, such an id is refused');
like(attempt($order->('x', 'x1', 'who@canary.example', 'who@canary.example', 1)), qr/orders_customer_id_is_no_address/, 'with an order, too');
is(ask(q{SELECT hub.set_consent('tea', 'till', 'Zoe@canary.example', 'email', 'subscribed', 'a form')}), 't', 'consent is recorded by the address');
is(ask(q{SELECT jsonb_array_length(hub.export_customer('tea', NULL, 'till/Zoe@canary.example') -> 'held' -> 'hub.orders')}), '1', 'the export finds it by the source\'s id');
like(ask(q{SELECT hub.redact_customer('tea', NULL, 'till/ida@canary.example')}), qr/"hub.customers": 1/, 'and the erasure');
ask(q{INSERT INTO hub.customers_entry (brand, source, customer_id, email, created_at) VALUES ('tea', 'till', 'ida@canary.example', 'ida@work.canary', current_date - 20)});
ask(q{INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, customer_id) VALUES ('tea', 'till', 'i1', current_date - 9, 600, 'ida@canary.example')});
my ($out, $err) = ('', '');
IPC::Run::run([ 'pg_dump', '-a', '-d', $node->connstr('postgres') ], '>', \$out, '2>', \$err) or die $err;
is(join(' ', $out =~ /\w*ida\@[\w.]*/gi), '', 'no file brings it back');
is(ask(q{SELECT sum(gross_sales) FROM hub.orders WHERE order_id IN ('i1', 'z1')}), '1100', 'sums are as they were');
done_testing();
