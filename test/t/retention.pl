# The nightly forgetting: in steps that a load waits for one by one, brand by
# brand, and whatever was loaded once more.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $place = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('retention', "momentum.erasure_ledger = '$place/ledger'");

sub ask { return $node->safe_psql('postgres', $_[0]); }
sub attempt { my ($status, $out, $err) = $node->psql('postgres', $_[0]); return $status == 0 ? $out : $err; }

my $customers = q{INSERT INTO hub.customers_entry (brand, source, customer_id, email, first_name, created_at)
	SELECT 'tea', 'till', 'c' || n, 'canary' || n || '@tea.example', 'Canary', current_date - 400 FROM generate_series(1, 250) n};
ask(qq{
	CREATE EXTENSION momentum CASCADE;
	SELECT momentum.setup(), momentum.add_brand('milk', 'UTC', 'USD'), momentum.add_brand('tea', 'UTC', 'USD');
	SELECT momentum.add_manual_source('tea', 'till'), momentum.add_manual_source('milk', 'till');
	$customers;
	INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, customer_id, email, note)
	SELECT 'tea', 'till', 'o' || n, current_date - 390 + n % 3, n, 'c' || n % 250 + 1, 'canary' || n % 250 + 1 || '\@tea.example', 'canary' FROM generate_series(1, 600) n;
	INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, email)
	SELECT 'tea', 'till', 'g' || n, current_date - 390, n, 'canaryguest' || n % 90 || '\@tea.example' FROM generate_series(1, 300) n;
	INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, note) SELECT 'tea', 'till', 'n' || n, current_date - 390, n, 'canary' FROM generate_series(1, 130) n;
	INSERT INTO hub.orders_entry (brand, source, order_id, created_at, gross_sales, customer_id, email) VALUES ('tea', 'till', 'young', current_date - 1, 1, 'c7', 'c7\@fresh.example');
	INSERT INTO hub.refunds_entry (brand, source, refund_id, order_id, refunded_at, total_refunded, note) SELECT 'tea', 'till', 'r' || n, 'g' || n, current_date - 380, 1, 'canary was unhappy' FROM generate_series(1, 120) n;
	INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, customer_email, message, status, resolved_at)
	SELECT 'tea', 'till', 'q' || n, current_date - 390, 'Gmail', 'canary\@tea.example', 'canary asks', 'Closed', current_date - 389 FROM generate_series(1, 130) n;
	CALL momentum.refresh();
	SELECT momentum.set_setting('tea', 'retention.' || t || '_days', '30') FROM unnest('{orders,customers,customer_inquiries,dead_letter}'::text[]) t;
});
my $sums = q{SELECT concat_ws('|', (SELECT concat_ws(',', count(*), sum(gross_sales), count(DISTINCT customer_key), count(DISTINCT guest_id)) FROM hub.orders),
	(SELECT concat_ws(',', count(*), sum(returns), sum(total_refunded)) FROM hub.refunds), (SELECT count(*) FROM hub.customers), (SELECT count(*) FROM hub.customer_inquiries),
	(SELECT concat_ws(',', count(*), sum(value)) FROM momentum_state.metric_daily))};
my $before = ask($sums);

# A load of another brand, and one of this brand, go on while it works: a step is
# held up on its way, and only what it holds is waited for.
my $holder = $node->background_psql('postgres', on_error_stop => 0);
$holder->query_safe(q{BEGIN; SELECT 1 FROM hub.orders WHERE order_id = 'n1' FOR UPDATE});
my $night = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'CALL momentum._apply_retention(50)' ], '<', '/dev/null', '>', \my $out, '2>', \my $err);
ok(wait_for(sub { ask(q{SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.query LIKE 'CALL momentum._apply_retention%' AND l.locktype IN ('transactionid', 'tuple')}) > 0 }), 'it waits in the middle');
cmp_ok(ask(q{SELECT count(*) FROM hub.orders WHERE customer_key LIKE 'erased %'}), '>', 500, 'what was done before is committed');
is(ask(q{SET lock_timeout = '10s'; INSERT INTO hub.customers_entry (brand, source, customer_id, created_at) VALUES ('milk', 'till', '1', now()); SELECT count(*) FROM hub.customers WHERE brand = 'milk'}), '1', 'another brand is loaded meanwhile');
$holder->query_safe('ROLLBACK');
$holder->quit;
$night->finish;
is($err, '', 'it comes to its end');
is(ask(q{SELECT count(*) FROM hub.orders WHERE order_id <> 'young' AND customer_key IS DISTINCT FROM 'c7' AND (email IS NOT NULL OR note IS NOT NULL OR customer_key NOT LIKE 'erased %')}), '0', 'all old orders have forgotten their persons');
is(ask(q{SELECT count(DISTINCT customer_key) FROM hub.orders WHERE email LIKE '%canary%'}), '1', 'but those of who has ordered since');
is(ask(q{SELECT count(*) FROM hub.refunds WHERE note IS NOT NULL}), '0', 'so have their refunds');
is(ask(q{SELECT count(*) FROM hub.customers WHERE brand = 'tea' AND customer_id NOT LIKE 'erased %'}), '1', 'and the customers but that one');
is(ask(q{SELECT count(*) FROM hub.customer_inquiries WHERE message IS NOT NULL OR customer_email IS NOT NULL}), '0', 'and the inquiries');
ask(q{DELETE FROM hub.customers WHERE brand = 'milk'});
is(ask($sums), $before, 'every sum and count is as before, guests too');
is(ask(q{SELECT count(*), max(detail ->> 'hub.refunds') FROM momentum_state.audit WHERE action = 'apply_retention'}), '1|120', 'the audit has it, once');
is(ask(q{SELECT string_agg(tablename || '.' || attname, ' ' ORDER BY 1) FROM pg_stats WHERE schemaname = 'hub' AND concat(most_common_vals, histogram_bounds) LIKE '%canary%'
	AND NOT (tablename ~ '^(orders|customers)' AND concat(most_common_vals, histogram_bounds) ~ 'canary7@')}), 'orders.note', 'but for that one, the statistics have forgotten them');

# Nor do they stay where nothing is left to analyze.
ask(q{SELECT momentum._dead_letter('tea', 'till', 'orders', n, jsonb_build_object('email', 'canary' || n || '@tea.example'), 'refused', '22000') FROM generate_series(1, 40) n; ANALYZE momentum_state.dead_letter;
	UPDATE momentum_state.dead_letter SET first_at = now() - interval '40 days'});
isnt(ask(q{SELECT count(*) FROM pg_stats WHERE tablename = 'dead_letter' AND concat(most_common_vals, histogram_bounds) LIKE '%canary%'}), '0', 'a table that was analyzed');
ask('CALL momentum._apply_retention()');
is(ask(q{SELECT count(*) FROM momentum_state.dead_letter}) . ask(q{SELECT count(*) FROM pg_stats WHERE tablename = 'dead_letter'}), '00', 'and emptied has no statistics');
like(attempt(q{SELECT momentum._forget_statistics('pg_class')}), qr/no table of the hub/, 'others keep theirs');

# What is loaded once more is forgotten once more.
ask($customers);
cmp_ok(ask(q{SELECT count(*) FROM hub.customers WHERE brand = 'tea'}), '>', 400, 'a file with all of them comes again');
is(attempt('CALL momentum._apply_retention()'), '', 'the next night goes over it');
is(ask(q{SELECT count(*) FROM hub.customers WHERE brand = 'tea'}), '250', 'there is one row for each');
is(ask(q{SELECT count(*) FROM hub.customers WHERE email IS NOT NULL}), '1', 'and they are forgotten');
is(ask(q{SELECT coalesce(sum(rows), 0) FROM momentum.apply_retention()}), '0', 'a third time there is nothing to do');

# A brand that fails stops no other.
ask(q{SELECT momentum.set_setting('milk', 'retention.customers_days', '30');
	INSERT INTO hub.customers (brand, source, customer_id, email, created_at, content_hash) VALUES ('milk', 'till', 'm1', 'm1@milk.example', '2020-01-01', 0), ('tea', 'till', 't1', 't1@tea.example', '2020-01-01', 0);
	ALTER TABLE hub.customers ADD CONSTRAINT brittle CHECK (brand <> 'milk' OR email IS NOT NULL)});
like(attempt('CALL momentum._apply_retention()'), qr/hub\.customers of brand "milk" could not be forgotten: .*brittle/, 'a brand that cannot forget is told of');
is(ask(q{SELECT string_agg(brand, ',') FROM hub.customers WHERE customer_id IN ('m1', 't1')}), 'milk', 'the other has forgotten');
ask('CREATE ROLE boss; SELECT momentum.grant_access(\'boss\', \'owner\')');
like(attempt('SET ROLE boss; CALL momentum._apply_retention()'), qr/may not apply the retention/, 'it is for the owner of the model');
done_testing();
