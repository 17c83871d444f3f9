# Two real shops in the hub: customers, orders, revenue, AOV, VIPs and margins
# equal, to the cent, what was computed from the files alone (real_hub.py): an
# online shop read as Shopify, and the receipts of stores that come through the
# doors, as files do.
use strict;
use warnings;

use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use JSON::PP;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $shop = "$ENV{MOMENTUM_DATA}/uci-online-retail";
my $stores = "$ENV{MOMENTUM_DATA}/completejourney";
plan skip_all => "no real shops at $shop and $stores (MOMENTUM_DATA)"
  unless -f "$shop/SOURCE.md" && -f "$stores/SOURCE.md";

sub expected
{
	my (@args) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ '/usr/bin/python3', '-B', "$ENV{MOMENTUM_PROJECT}/test/t/real_hub.py", @args ], '>', \$out, '2>', \$err)
	  or die "real_hub.py @args: $err";
	return decode_json($out);
}

my $sim = start_simulator();
my $node = new_server('real_hub');
my $url = $sim->url . '/uci/shopify';
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum;
	SELECT momentum.setup();
	SELECT momentum.add_brand('gifts', 'Europe/London', 'GBP'), momentum.add_brand('market', 'America/New_York', 'USD');
	CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
		OPTIONS (shop 'gifts', base_url '$url', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
	CREATE SCHEMA shopify;
	IMPORT FOREIGN SCHEMA api FROM SERVER shop INTO shopify;
	SELECT momentum.add_source('gifts', 'shop', '{"start": "2010-12-01"}');
	SELECT momentum.add_manual_source('market', 'stores');
});
$node->safe_psql('postgres', 'CALL momentum.refresh()');

# The stores' receipts: a basket is an order.  What was paid for a line is its
# price less the discount of the store, to a hundredth of a cent.
$node->safe_psql('postgres', qq{
	CREATE TEMP TABLE receipt (household_id text, store_id text, basket_id text, product_id text, quantity numeric, sales_value numeric,
		retail_disc numeric, coupon_disc numeric, coupon_match_disc numeric, week integer, transaction_timestamp text, line bigint GENERATED ALWAYS AS IDENTITY);
	\\copy receipt (household_id, store_id, basket_id, product_id, quantity, sales_value, retail_disc, coupon_disc, coupon_match_disc, week, transaction_timestamp) FROM PROGRAM 'gzip -dc $stores/transactions_weeks_01_39.csv.gz' WITH (FORMAT csv, HEADER)
	INSERT INTO hub.orders_entry (brand, source, order_id, customer_id, processed_at, channel)
	SELECT DISTINCT 'market', 'stores', basket_id, household_id, transaction_timestamp, 'stores' FROM receipt;
	INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, sku, quantity, unit_price, discount)
	SELECT 'market', 'stores', basket_id, line::text, product_id, q::text, price::text, (q * price - sales_value)::text
	  FROM (SELECT *, greatest(quantity, 1) AS q, ceil((sales_value + retail_disc) / greatest(quantity, 1) * 10000) / 10000 AS price FROM receipt) r;
	SELECT momentum.declare_complete('market', 'stores', 'orders', '2017-09-24');
});
is($node->safe_psql('postgres', 'SELECT count(*) FROM momentum_state.dead_letter'), '0', 'no line was refused');

# What goods cost, which the files do not tell: a share of the lowest price, and
# more of it later; and what cards and tills take.
$node->safe_psql('postgres', q{
	INSERT INTO hub.product_costs_entry (brand, product_key, valid_from, unit_cost)
	SELECT l.brand, l.product_key, v.day, round(coalesce(min(l.unit_price) FILTER (WHERE l.unit_price > 0), 0) * v.share, v.places)::text
	  FROM hub.order_line_items l
	  JOIN (VALUES ('gifts', '-infinity', 0.45, 2), ('gifts', '2011-04-01', 0.5, 2), ('market', '-infinity', 0.70, 4), ('market', '2017-06-01', 0.74, 4)) v (brand, day, share, places) USING (brand)
	 GROUP BY l.brand, l.product_key, v.day, v.share, v.places;
	SELECT momentum.set_cost('gifts', 'cards', 'sales', 0.0175, '2010-12-01', metric => 'payment_fees'), momentum.set_cost('gifts', 'parcels', 'order', 0, '2010-12-01', metric => 'shipping_cost'),
		   momentum.set_cost('market', 'till', 'order', 0.04, '2017-01-01', metric => 'payment_fees'), momentum.set_cost('market', 'none', 'order', 0, '2017-01-01', metric => 'shipping_cost')
});
is($node->safe_psql('postgres', q{SELECT count(*) FROM momentum_state.dead_letter}), '0', 'no cost was refused');

# All days of two brands at once: what is staged is read a few times, not once
# for each of its rows.
is($node->safe_psql('postgres', q{
		BEGIN;
		SET LOCAL client_min_messages = warning;
		SELECT momentum.recompute() \g /dev/null
		SELECT count(*) FROM pg_stat_xact_user_tables WHERE relname IN ('momentum_day', 'momentum_value', 'momentum_changed', 'momentum_product_sales', 'momentum_sales_day') AND n_tup_ins > 0;
		SELECT string_agg(format('%s: %s rows read of %s', relname, seq_tup_read, n_tup_ins), '; ')
		  FROM pg_stat_xact_user_tables WHERE relname LIKE 'momentum\_%' AND seq_tup_read > 50 * (n_tup_ins + 10);
		COMMIT}),
	"5\n", 'no loop over all of the days in it');

# Differences, the first of them by name.
sub differing
{
	my ($got, $wanted) = @_;
	my %all = map { $_ => 1 } keys %$got, keys %$wanted;
	my @odd = grep { join('|', map { $_ // '' } @{ $got->{$_} // [] }) ne join('|', @{ $wanted->{$_} // [] }) } sort keys %all;
	return join '; ', map { "$_: " . join('|', map { $_ // '' } @{ $got->{$_} // ['none'] }) . ' for ' . join('|', @{ $wanted->{$_} // ['none'] }) }
	  @odd[ 0 .. ($#odd < 4 ? $#odd : 4) ];
}

sub rows
{
	my ($sql) = @_;
	my %rows;
	for my $line (split /\n/, $node->safe_psql('postgres', $sql))
	{
		my ($key, @values) = split /\|/, $line, -1;
		$rows{$key} = \@values;
	}
	return \%rows;
}

my %folder = (gifts => [ 'shop', $shop, 2000 ], market => [ 'stores', $stores, 2300 ]);
for my $brand (sort keys %folder)
{
	my ($kind, $path, $least) = @{ $folder{$brand} };
	my $e = expected($kind, $path);
	my $customers = rows(qq{SELECT customer_id, total_orders, total_revenue, aov, vip_status FROM hub.customer_value WHERE brand = '$brand' AND NOT is_guest AND total_orders > 0});
	my $months = rows(qq{SELECT to_char(month, 'YYYY-MM'), orders, net_income, income_per_order, goods_cost, payment_cost, gross_margin
			FROM hub.financial_months WHERE brand = '$brand' AND month <= date '2017-09-01' AND orders > 0});
	my $days = rows(qq{SELECT to_char(day, 'YYYY-MM'), sum(orders_count), sum(revenue), (sum(revenue) / sum(orders_count))::numeric(18,2), sum(cogs), sum(payment_fees), sum(gross_profit)
			FROM hub.financial_metrics WHERE brand = '$brand' GROUP BY 1 HAVING sum(orders_count) > 0});
	my $profit = rows(qq{SELECT order_id, gross_profit FROM hub.order_profit WHERE brand = '$brand' AND is_counted});

	cmp_ok(scalar(keys %{ $e->{customers} }), '>', $least, "$brand: many customers in the files");
	is(differing($customers, $e->{customers}), '', "$brand: orders, revenue, AOV and VIP status of each customer");
	is($node->safe_psql('postgres', qq{SELECT count(*) FROM hub.orders WHERE brand = '$brand' AND customer_id IS NULL AND NOT is_adjustment}),
		$e->{guests}, "$brand: orders of guests");
	is(differing($months, $e->{months}), '', "$brand: orders, revenue, AOV, goods, fees and gross profit of each month");
	is(differing($days, $e->{months}), '', "$brand: its days add up to them");
	is(differing($profit, { map { $_ => [ $e->{profit}{$_} ] } keys %{ $e->{profit} } }), '', "$brand: gross profit of each order");
	my $vips = grep { $_->[3] eq 'VIP' } values %{ $e->{customers} };
	note(sprintf '%s: %d customers, %d VIPs, %d orders', $brand, scalar(keys %{ $e->{customers} }), $vips, scalar(keys %{ $e->{profit} }));
	note("$_: @{ $e->{months}{$_} }") for sort keys %{ $e->{months} };

	# A lower threshold makes more of them.
	my @lower = grep { $_->[1] > 150 } values %{ $e->{customers} };
	cmp_ok(scalar(@lower), '>', $vips, "$brand: more customers above 150 than above 500");
	is($node->safe_psql('postgres', qq{SELECT momentum.set_setting('$brand', 'vip.threshold', '150');
			SELECT count(*) FROM hub.customer_value WHERE brand = '$brand' AND NOT is_guest AND vip_status = 'VIP'}),
		"\n" . scalar(@lower), "$brand: VIPs above 150");
}

# Nothing of it drifts.
$node->safe_psql('postgres', 'CALL momentum.reconcile(heal => false)');
is($node->safe_psql('postgres', q{SELECT brand, status, drift_found, values_compared > 2000 AS many, last_day FROM momentum.reconciliation ORDER BY brand}),
	join("\n", 'gifts|no drift|0|t|' . $node->safe_psql('postgres', q{SELECT complete_through FROM momentum_state.stream WHERE brand = 'gifts' AND stream = 'orders'}),
		'market|no drift|0|t|2017-09-24'), 'computed anew it is the same');
$node->stop;
done_testing();
