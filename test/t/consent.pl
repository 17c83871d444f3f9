# Consent: whoever said it last, wherever it was said, and in whatever way it was
# written.  No list of marketing holds anybody without it.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('consent');

sub ask { return $node->safe_psql('postgres', $_[0]); }
sub attempt { my ($status, $out, $err) = $node->psql('postgres', $_[0]); return $status == 0 ? $out : $err; }

ask(q{
	CREATE EXTENSION momentum CASCADE;
	SELECT momentum.setup(), momentum.add_brand('tea', 'America/New_York', 'USD');
	SELECT momentum.add_manual_source('tea', 'one'), momentum.add_manual_source('tea', 'two');
});

# Each is a customer of both shops who bought long ago and whose parcel came lately.
my $n = 0;
sub customer
{
	my ($one, $two, $mail) = @_;
	$n++;
	ask(sprintf(q{INSERT INTO hub.customers (brand, source, customer_id, email, created_at, marketing_preferences, email_marketing_state, duplicate_of, content_hash) VALUES
		('tea', 'one', 'c%1$s', 'c%1$s@tea.example', '2026-01-01', '%2$s', %4$s, NULL, 0)%5$s, ('tea', 'two', 'c%1$s', 'c%1$s@tea.example', '2026-01-01', '%3$s', NULL, 'one/c%1$s', 0)%6$s;
		INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, customer_id, customer_key, delivered_at, order_status, content_hash)
		VALUES ('tea', 'one', 'o%1$s', current_date - 30, false, false, false, 'shop', 'USD', 1, 0, 1, 'c%1$s', 'c%1$s', now() - interval '16 days', 'Delivered', 0);
		INSERT INTO momentum_state.todo_item (brand, todo_id, kind, object_source, object_id, reason_day) VALUES ('tea', 'winback/one/c%1$s', 'winback', 'one', 'c%1$s', current_date - 30)},
		$n, $one, $two // '{}', defined $mail ? "'$mail'" : 'NULL', defined $two ? '' : '/*', defined $two ? '' : '*/'));
	return $n;
}
sub listed { return ask(sprintf(q{SELECT coalesce(string_agg(kind, ',' ORDER BY kind), '-') FROM hub.todo WHERE customer_id = 'c%s' AND kind IN ('review', 'winback')}, $_[0] // $n)); }

my $yes = 'review,winback';
for my $case (
	[ '{"email": {"state": "subscribed"}}', undef, undef, $yes, 'agreed' ],
	[ '{"email": {"state": "SUBSCRIBED"}}', undef, undef, $yes, 'agreed, in capitals' ],
	[ '{"email": {"state": "unsubscribed"}}', undef, 'SUBSCRIBED', '-', 'the newer column goes first' ],
	[ '{"email": {"state": "pending"}}', undef, undef, '-', 'not confirmed' ],
	[ '{"email": {"state": "not_subscribed"}}', undef, undef, '-', 'never asked' ],
	[ '{"email": {"state": "redacted"}}', undef, undef, '-', 'a word of the shop that is no consent' ],
	[ '{"email": {}}', undef, undef, '-', 'an empty entry' ],
	[ '{"sms": {"state": "subscribed"}}', undef, undef, '-', 'of another channel' ],
	[ '{}', undef, 'SUBSCRIBED', $yes, 'in the shop\'s word alone' ],
	[ '{}', undef, 'UNSUBSCRIBED', '-', 'not, in the shop\'s word' ],
	[ '{}', undef, undef, '-', 'nothing known' ],
	[ '{"email": {"state": "subscribed", "at": "2026-05-01T00:00:00Z"}}', '{"email": {"state": "UNSUBSCRIBED", "at": "2026-06-01T00:00:00Z"}}', undef, '-', 'not in the other shop, in capitals' ],
	[ '{"email": {"state": "subscribed", "at": "2026-06-01T00:00:00Z"}}', '{"email": {"state": "unsubscribed", "at": "2026-05-01T00:00:00Z"}}', undef, $yes, 'agreed since' ],
	[ '{"email": {"state": "subscribed", "at": "2026-05-02T01:00:00Z"}}', '{"email": {"state": "unsubscribed", "at": "2026-05-01T23:30:00-05:00"}}', undef, '-', 'withdrawn after it, in another zone' ],
	[ '{"email": {"state": "subscribed", "at": "2026-05-02T09:00:00Z"}}', '{"email": {"state": "unsubscribed", "at": "2026-05-02T08:00:00Z"}}', undef, $yes, 'agreed an hour later' ],
	[ '{"email": {"state": "subscribed", "at": "2026-05-02T09:00:00Z"}}', '{"email": {"state": "unsubscribed", "at": "some day"}}', undef, '-', 'withdrawn, nobody knows when' ])
{
	my ($one, $two, $mail, $wanted, $what) = @$case;
	customer($one, $two, $mail);
	is(listed(), $wanted, $what);
}
like(attempt(q{INSERT INTO hub.customers (brand, source, customer_id, marketing_preferences, content_hash) VALUES ('tea', 'one', 'x', '{"email": "no"}', 0)}), qr/customers_marketing_preferences/, 'an entry is an object');
like(attempt(q{INSERT INTO hub.customers (brand, source, customer_id, marketing_preferences, content_hash) VALUES ('tea', 'one', 'x', '{"email": {"state": false}}', 0)}), qr/customers_marketing_preferences/, 'its state a word');

# A file, a person, a file again: the newest word holds.
sub file { my ($column, $value) = @_; ask("INSERT INTO hub.customers_entry (brand, source, customer_id, $column) VALUES ('tea', 'one', 'c$n', $value)"); return; }
customer('{"email": {"state": "subscribed", "at": "2026-01-01T00:00:00Z"}}');
is(ask(qq{SELECT hub.set_consent('tea', 'one', 'c$n', 'email', 'unsubscribed', 'a call', '2026-06-01')}), 't', 'withdrawn in a call');
is(listed(), '-', 'and on no list');
file('marketing_preferences', q{'{"email": {"state": "subscribed", "at": "2026-01-01T00:00:00Z"}, "sms": {"state": "subscribed", "at": "2026-01-01T00:00:00Z"}}'});
is(listed(), '-', 'an older file does not undo it');
is(ask(qq{SELECT marketing_preferences #>> '{sms,state}' FROM hub.customers WHERE customer_id = 'c$n' AND source = 'one'}), 'subscribed', 'what it says else is taken');
my ($out, $err) = ('', '');
IPC::Run::run([ 'psql', '-Xq', '-d', $node->connstr('postgres'), '-c', q{COPY hub.customers_entry (brand, source, customer_id, first_name, marketing_preferences) FROM STDIN (FORMAT csv)} ], '<', \"tea,one,c$n,Zoe,\n", '>', \$out, '2>', \$err);
is(ask(qq{SELECT first_name || ' ' || (marketing_preferences #>> '{email,state}') FROM hub.customers WHERE customer_id = 'c$n' AND source = 'one'}), 'Zoe unsubscribed', 'nor does one that says nothing of it');
file('marketing_preferences', q{'{"email": {"state": "subscribed", "at": "2026-07-01T00:00:00Z"}}'});
is(listed(), $yes, 'a newer one does');
file('email_marketing_state', q{'UNSUBSCRIBED'});
is(listed(), '-', 'and the shop\'s word in a file of today');
is(ask(qq{SELECT marketing_preferences #>> '{email,source}' FROM hub.customers WHERE customer_id = 'c$n' AND source = 'one'}), 'one', 'which is kept with its source');
like(attempt(qq{INSERT INTO hub.customers_entry (brand, source, customer_id, marketing_preferences) VALUES ('tea', 'one', 'c$n', '["email": ')}), qr/invalid input|refused/, 'what cannot be read is refused');
customer('{"email": {"state": "subscribed", "at": "soon"}}');
is(ask(qq{SELECT hub.set_consent('tea', 'one', 'c$n', 'email', 'unsubscribed', 'a call', '2026-06-01')}), 't', 'a time that is none is older than any');
for my $at ('2126-01-01T00:00:00Z', 'infinity', 'now')
{
	customer(qq({"email": {"state": "subscribed", "at": "$at"}}));
	is(ask(qq{SELECT hub.set_consent('tea', 'one', 'c$n', 'email', 'unsubscribed', 'a call', '2026-06-01')}), 't', "nor does a yes of $at hold against a no");
}
is(listed(), '-', 'and holds no longer');

# A parcel is told of to whoever waits for it, with consent to marketing or without.
ask(qq{UPDATE hub.orders SET order_status = 'Shipped', shipped_at = now() - interval '1 hour', delivered_at = NULL WHERE order_id = 'o$n'});
is(ask(qq{SELECT string_agg(kind, ',') FROM hub.todo WHERE customer_id = 'c$n'}), 'notify', 'who unsubscribed is told about the parcel all the same');
done_testing();
