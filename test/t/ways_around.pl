# Ways around what a level allows that need no right of their own: what others
# run on behalf of a role, changes that read nothing, columns that name a
# person without being called so.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('ways_around');

sub ask { return $node->safe_psql('postgres', $_[0]); }

sub as
{
	my ($role, $sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', "SET ROLE $role; $sql", on_error_stop => 0);
	return join("\n", grep { $_ ne '' } $out, $err);
}

ask(q{
	CREATE EXTENSION momentum CASCADE;
	SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD'), momentum.add_brand('milk', 'UTC', 'USD');
	CREATE ROLE boss; CREATE ROLE masked; CREATE ROLE seer; CREATE ROLE helper; CREATE ROLE helper_of_both;
	CREATE SCHEMA lab; GRANT ALL ON SCHEMA lab TO PUBLIC;
	SELECT momentum.grant_access('boss', 'owner'), momentum.grant_access('masked', 'reader', 'tea'),
		momentum.grant_access('seer', 'reader', 'tea', true), momentum.grant_access('helper', 'agent', 'tea'),
		momentum.grant_access('helper_of_both', 'agent');
	INSERT INTO hub.customers (brand, source, customer_id, first_name, last_name, email, phone, instagram_handle, pet_name, pet_birthday, customer_tags,
		marketing_preferences, city, zip, created_at, content_hash)
	SELECT b, 'shop', c || b, 'Canary', 'Canary', c || '@' || b || '.example', '+1 555 0100 88', 'canary', 'Canarypet', '2020-02-03', '{canary of lane 3}',
		'{"email": {"state": "subscribed", "source": "canary form", "at": "2026-01-01"}}', 'Canarytown', 'CAN 1', now() - interval '40 days', 0
	  FROM unnest(ARRAY['tea', 'milk']) b, unnest(ARRAY['ann', 'bob']) c;
	INSERT INTO hub.orders (brand, source, order_id, name, order_day, created_at, is_test, is_adjustment, has_selling_plan, channel, currency,
		gross_sales, discounts, items_sold, customer_id, customer_key, email, note, tags, discount_codes, tracking_number, content_hash)
	SELECT b, 'shop', 'o-' || c || b, '#' || c, current_date - 10, now() - interval '10 days', false, false, false, 'shop', 'USD',
		4711, 0, 1, c || b, c || b, c || '@' || b || '.example', 'canary', '{canary}', '{CANARY10}', 'CANARY-1Z', 0
	  FROM unnest(ARRAY['tea', 'milk']) b, unnest(ARRAY['ann', 'bob']) c;
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, message)
	SELECT b, '', 'i1' || b, now() - interval '1 day', 'Gmail', 'ann@' || b || '.example', 'canary' FROM unnest(ARRAY['tea', 'milk']) b;
	SELECT momentum._refresh_matviews();
	ANALYZE;
});

# --------------------------------------------- what others run on one's behalf

# The server runs it as the role, but whoever began it is somebody else.
my %made = (
	masked => 'SELECT concat_ws($$ $$, brand, email) AS told FROM hub.customer_value',
	seer => 'SELECT concat_ws($$ $$, brand, email) AS told FROM hub.customer_value',
	helper => 'SELECT concat_ws($$ $$, brand, email, order_id) AS told FROM hub.orders',
	helper_of_both => 'SELECT concat_ws($$ $$, brand, email, order_id) AS told FROM hub.orders',
);
my %sees = (masked => 'tea a***@tea.example,tea b***@tea.example', seer => 'tea ann@tea.example,tea bob@tea.example', helper => 'tea ann@tea.example o-anntea',
	helper_of_both => 'milk ann@milk.example o-annmilk,tea ann@tea.example o-anntea');
for my $role (sort keys %made)
{
	is(as($role, "CREATE MATERIALIZED VIEW lab.of_$role AS $made{$role} WITH NO DATA"), '', "$role makes a materialized view");
	is(as($_, "SELECT string_agg(told, ',' ORDER BY told) FROM lab.of_$role"), $sees{$role}, "it holds what $role sees, whoever refreshed it")
	  for map { ask("REFRESH MATERIALIZED VIEW lab.of_$role"); $_ } $role;
}

# The same through an index on a function, when somebody else analyzes.
is( as('masked', q{
		CREATE FUNCTION lab.look(i integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
		BEGIN RETURN (SELECT string_agg(DISTINCT brand || left(email, 4), ' ') FROM hub.customer_value); END $$;
		CREATE TABLE lab.bait (i integer); CREATE INDEX bait_idx ON lab.bait (lab.look(i)); INSERT INTO lab.bait SELECT generate_series(1, 3)}), '', 'a table with an index on a function');
ask('ANALYZE lab.bait');
is(as('masked', q{SELECT most_common_vals FROM pg_stats WHERE tablename = 'bait_idx'}), '{"teaa*** teab***"}', 'the function sees what its owner sees');

# One's own rights are not lent by a function, nor those of its owner by calling it.
as('seer', q{CREATE FUNCTION lab.lend() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT string_agg(email, '','' ORDER BY email) FROM hub.customer_value'});
is(as('masked', 'SELECT lab.lend()'), 'a***@tea.example,b***@tea.example', 'of two who see, what both see is shown');
is(ask('SELECT lab.lend()'), 'ann@tea.example,bob@tea.example', 'be the other a superuser');
like(as('helper_of_both', q{SELECT hub.set_inquiry('milk', '', 'i1milk', status => 'In Progress')}), qr/^\s*$/, 'functions of the hub work for their callers');

# ------------------------------------------------------ changes that read nothing

like(as('helper', 'UPDATE hub.orders SET customer_notified = true, customer_satisfaction_score = 1'), qr/^\s*$/, 'an agent changes orders without a condition');
is(ask('SELECT string_agg(order_id, $$,$$) FROM hub.orders WHERE customer_notified'), 'o-anntea', 'and reaches those its inquiries concern alone');

# ------------------------------------------------------------- who it could be

my $views = ask(q{SELECT v FROM momentum._reading_views() v});
my @seen;
for my $view (split /\n/, $views)
{
	push @seen, "$view: $1" if as('masked', "SELECT x::text FROM $view x") =~ /(\w*canary\w*|555 ?0100|2020-02-03|\w\@tea)/i;
}
is(join(', ', @seen), '', 'no column of any view names a person to a masked reader');
like(as('seer', 'SELECT x::text FROM hub.customer_value x'), qr/Canarypet.*2020-02-03.*canary of lane 3.*canary form/, 'one with whom it was agreed sees them');
is(as('masked', 'SELECT DISTINCT marketing_preferences FROM hub.customer_value'), '{"email": {"state": "subscribed"}}', 'consent may be counted');
like(as('seer', 'SELECT string_agg(tracking_number, $$,$$) FROM hub.order_profit'), qr/CANARY-1Z/, 'tracking numbers, too');

# ------------------------------------------------ customers who ask nothing

ask(q{UPDATE hub.orders SET order_status = 'Shipped', shipped_at = now() - interval '2 days', customer_notified = false;
	CREATE ROLE both_masked IN ROLE masked, helper; CREATE ROLE both_shown IN ROLE seer, helper});
my $told = q{SELECT string_agg(customer_email || ' ' || customer_name, ',' ORDER BY order_id) FROM hub.todo WHERE kind = 'notify'};
is(as('helper', $told), 'ann@tea.example Canary,b***@tea.example C.', 'of what is to be done an agent sees the customers who ask, and masks of the others');
is(as('both_masked', $told), 'ann@tea.example Canary,b***@tea.example C.', 'an agent who is a masked reader as well sees no more');
is(as('both_shown', $told), 'ann@tea.example Canary,bob@tea.example Canary', 'one who is a reader with whom it was agreed sees them');
is(as('masked', $told), 'a***@tea.example C.,b***@tea.example C.', 'a masked reader sees none');
is(as('seer', $told), 'ann@tea.example Canary,bob@tea.example Canary', 'a reader with whom it was agreed sees all');
my $consent = q{SELECT hub.set_consent('tea', 'shop', '%s', 'sms', 'subscribed', 'a call')};
is(as('helper', sprintf($consent, 'anntea')), 't', 'an agent records what a customer who asks has said');
my $unknown = as('helper', sprintf($consent, 'nobody'));
is(as('helper', sprintf($consent, 'bobtea')), $unknown =~ s/"nobody"/"bobtea"/r, 'to it there is no other customer');
like($unknown, qr/customer "nobody" of source "shop" does not exist/, 'than those');
is(ask(q{SELECT string_agg(customer_id, ',') FROM hub.customers WHERE marketing_preferences ? 'sms'}), 'anntea', 'one consent was changed');
is(as('boss', sprintf($consent, 'bobtea')), 't', 'owners record any');

# -------------------------------------------------------- what errors quote

# What is refused is quoted, with quotes and brackets of its own, and cut off.
ask(q{SELECT momentum._dead_letter('tea', 'shop', 'customers', n, '{}', r, '22P02', 'sync', n::text) FROM (VALUES
		(1, 'invalid input syntax for type integer: "12 "Canary" 3"'), (2, 'total_price "Canary) (Canary" is no number'),
		(3, 'Key (brand, lower(email))=(tea, ann(canary)@tea.example) already exists.'), (4, 'invalid input syntax for type numeric: "' || repeat('canary ', 1000) || '"'),
		(5, 'it is "canary'), (6, 'column "a": "' || repeat('canary', 1000)), (7, E'of two lines: "\ncanary\n" it is')) x (n, r);
	INSERT INTO momentum_state.source (brand, source, service) VALUES ('tea', 'shop', 'shopify');
	INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, due_at)
	SELECT 'tea', 'shop', s, s, 'x', '1 hour', now() FROM unnest(ARRAY['orders', 'customers', 'shop']) s;
	SELECT momentum.stream_failed('tea', 'shop', 'orders', 'duplicate key value violates unique constraint "x"', '23505', 'Key (brand, lower(email))=(tea, canary@tea.example) already exists.'),
		momentum.stream_failed('tea', 'shop', 'customers', 'invalid input syntax for type date: "Canary"', '22007'),
		momentum.stream_failed('tea', 'shop', 'shop', 'the service answered "no"', '08006')});
my $errors = q{SELECT 'letter ' || line, reason FROM momentum.dead_letter UNION ALL SELECT stream, error FROM momentum.source_health ORDER BY 1};
unlike(as('masked', $errors), qr/canary|3"|tea\.example/i, 'no error quotes a row to a masked reader');
is(as('masked', $errors) =~ s/\n/; /gr, 'customers|invalid input syntax for type date: "..."; letter 1|invalid input syntax for type integer: "..."; letter 2|total_price "..." is no number; '
	. 'letter 3|Key "..." already exists.; letter 4|invalid input syntax for type numeric: "..."; letter 5|it is "..."; letter 6|column "..."; letter 7|of two lines: "..." it is; '
	. 'orders|duplicate key value violates unique constraint "..." already exists.; shop|the service answered "no"', 'but tells what is wrong');
is(as('seer', $errors), ask($errors), 'one with whom it was agreed reads it as it is');
like(ask($errors), qr/canary\@tea\.example/, 'all of it');

# ---------------------------------------------------- what was taken away

# A session that keeps its transaction open does not keep its rights.
ask(q{CREATE ROLE leaver LOGIN; SELECT momentum.grant_access('leaver', 'reader', 'tea'), momentum.grant_access('leaver', 'reader', 'milk');
	CREATE ROLE crew; CREATE ROLE sailor LOGIN IN ROLE crew; SELECT momentum.grant_access('crew', 'reader', 'tea'), momentum.grant_access('sailor', 'reader', 'milk')});
my $brands = q{SELECT coalesce(string_agg(DISTINCT brand, ','), 'none') FROM hub.customer_value};
for my $case ([ 'leaver', q{SELECT momentum.revoke_access('leaver', 'tea')} ], [ 'sailor', 'REVOKE crew FROM sailor' ])
{
	my ($role, $taken) = @$case;
	my $session = $node->background_psql('postgres');
	is($session->query("SET ROLE $role; BEGIN; $brands"), 'milk,tea', "$role sees both brands");
	ask($taken);
	is($session->query($brands), 'milk', 'one is taken away in the middle of a transaction');
	$session->quit;
}

done_testing();
