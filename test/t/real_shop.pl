# A real shop, seven months of it, read as Shopify: what the hub holds equals
# the totals that were added up straight from the shop's own lines, to the
# penny; so does plain SQL on the foreign tables.  What differs by rule is
# listed with its sums.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $facts = "$ENV{MOMENTUM_DATA}/uci-online-retail/monthly_facts.csv";
plan skip_all => "no real shop at $facts (MOMENTUM_DATA)" unless -f $facts;

# month => { column => value }
my (%expected, @columns);
for my $line (split /\r?\n/, slurp_file($facts))
{
	my @values = split /,/, $line;
	if (!@columns) { @columns = @values; next; }
	my %row;
	@row{@columns} = @values;
	$expected{ $row{month} } = \%row;
}

my $sim = start_simulator();
my $node = new_server('real_shop');
my $url = $sim->url . '/uci/shopify';
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum;
	SELECT momentum.setup();
	SELECT momentum.add_brand('gifts', 'Europe/London', 'GBP');
	CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
		OPTIONS (shop 'gifts', base_url '$url', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
	CREATE SCHEMA shopify;
	IMPORT FOREIGN SCHEMA api FROM SERVER shop INTO shopify;
	SELECT momentum.add_source('gifts', 'shop', '{"start": "2010-12-01"}');
});
$node->safe_psql('postgres', 'CALL momentum.refresh()');

# Stock adjustments are no sales: they are served apart.
my (%stock_invoices, %stock_units);
for my $line (@{ decode_json($sim->ctl('get', 'uci_stock_adjustments'))->{lines} })
{
	my $month = substr($line->{day}, 0, 7);
	$stock_invoices{$month}{ $line->{invoice} } = 1;
	$stock_units{$month} += $line->{quantity};
}

sub by_month
{
	my ($sql) = @_;
	my %rows;
	for my $line (split /\n/, $node->safe_psql('postgres', $sql))
	{
		my ($month, @values) = split /\|/, $line;
		$rows{$month} = \@values;
	}
	return \%rows;
}

my $hub_sales = by_month(q{
	SELECT to_char(order_day, 'YYYY-MM'), count(*), sum(items_sold), sum(gross_sales)::numeric(18,2)
	  FROM hub.orders WHERE NOT is_adjustment GROUP BY 1});
my $hub_lines = by_month(q{
	SELECT to_char(o.order_day, 'YYYY-MM'), sum(l.quantity),
		   sum(l.quantity * l.unit_price)::numeric(18,2)
	  FROM hub.order_line_items l JOIN hub.orders o USING (brand, source, order_id) GROUP BY 1});
my $hub_refunds = by_month(q{
	SELECT to_char(r.refund_day, 'YYYY-MM'), sum(l.quantity), sum(l.subtotal)::numeric(18,2),
		   sum(l.subtotal) FILTER (WHERE o.is_adjustment)::numeric(18,2)
	  FROM hub.refunds r JOIN hub.refund_line_items l USING (brand, source, order_id, refund_id)
	  JOIN hub.orders o USING (brand, source, order_id) GROUP BY 1});
my $metrics = by_month(q{
	SELECT to_char(day, 'YYYY-MM'),
		   sum(value) FILTER (WHERE metric = 'gross_sales')::numeric(18,2),
		   sum(value) FILTER (WHERE metric = 'returns')::numeric(18,2),
		   sum(value) FILTER (WHERE metric = 'net_revenue')::numeric(18,2),
		   sum(value) FILTER (WHERE metric = 'orders')::bigint
	  FROM momentum_state.metric_daily WHERE brand = 'gifts' GROUP BY 1});

# The same without the hub, by SQL that an analyst could type.
my $live_lines = by_month(q{
	SELECT to_char(order_processed_at AT TIME ZONE 'Europe/London', 'YYYY-MM'),
		   sum(quantity), sum(quantity * unit_price)::numeric(18,2)
	  FROM shopify.order_line_items GROUP BY 1});
my $live_refunds = by_month(q{
	SELECT to_char(coalesce(refund_processed_at, refund_created_at) AT TIME ZONE 'Europe/London',
				   'YYYY-MM'),
		   sum(quantity), sum(subtotal)::numeric(18,2)
	  FROM shopify.refund_line_items GROUP BY 1});
my $live_orders = by_month(q{
	SELECT to_char(processed_at AT TIME ZONE 'Europe/London', 'YYYY-MM'), count(*)
	  FROM shopify.orders WHERE NOT tags @> '{adjustment}' GROUP BY 1});

note('month    orders  stock invoices  stock units  refunds without an order');
for my $month (sort keys %expected)
{
	my $e = $expected{$month};
	my $gross = sprintf('%.2f', $e->{gross_gbp_excl_credit_notes});
	my $net = sprintf('%.2f', $e->{net_gbp});
	my $refunds = sprintf('%.2f', $gross - $net);
	my $stock_invoices = keys %{ $stock_invoices{$month} };
	my ($orders, $units, $hub_gross) = @{ $hub_sales->{$month} };
	my ($back, $hub_returns, $without) = @{ $hub_refunds->{$month} };

	note(sprintf('%s  %6d  %14d  %11d  %24s',
			$month, $orders, $stock_invoices, $stock_units{$month}, $without));
	is($orders + $stock_invoices, $e->{invoices}, "$month: orders");
	is($units - $back + $stock_units{$month}, $e->{net_units}, "$month: units");
	is($hub_gross, $gross, "$month: gross");
	is($hub_returns, $refunds, "$month: refunds");
	is(sprintf('%.2f', $hub_gross - $hub_returns), $net, "$month: net");
	is_deeply($metrics->{$month}, [ $gross, $refunds, $net, $orders ], "$month: metrics");
	is_deeply($hub_lines->{$month}, $live_lines->{$month}, "$month: foreign table of lines");
	is_deeply($live_lines->{$month}[1], $gross, "$month: gross from the foreign table");
	is_deeply($live_refunds->{$month}, [ $back, $refunds ], "$month: foreign table of refunds");
	is_deeply($live_orders->{$month}, [$orders], "$month: foreign table of orders");
}

# Day by day and month by month beside the same computed from the lines: what
# a month's last thirty days say of growth, what an order is worth, who is new.
# The shop is closed on Saturdays: a complete day without orders is a zero, and
# no trend, for Saturdays are only compared with each other.
my $apart = decode_json(run_reference('shop', "$ENV{MOMENTUM_DATA}/uci-online-retail"));
my %daily = map { split /\|/ } split /\n/, $node->safe_psql('postgres', q{
	SELECT day, sum(value) FROM momentum_state.metric_daily
	 WHERE brand = 'gifts' AND metric = 'net_revenue' AND day <= '2011-06-30' GROUP BY day});
is(join(' ', grep { !defined $daily{$_} || abs($daily{$_} - $apart->{days}{$_}) >= 0.005 } sort keys %{ $apart->{days} }),
	'', 'net revenue of every day');
is(scalar(keys %daily), scalar(keys %{ $apart->{days} }), 'no other days');
note('month    growth in 30 days       t   p_up   call     aov  new customers');
for my $month (sort keys %{ $apart->{months} })
{
	my $e = $apart->{months}{$month};
	my ($g, $t, $p_up, $aov, $new) = split /\|/, $node->safe_psql('postgres', qq{
		SELECT (f).g, (f).t, (f).p_up, m.aov, m.new_customers
		  FROM (SELECT momentum.trend(day, net::float8) AS f
				  FROM (SELECT day, sum(value) AS net FROM momentum_state.metric_daily
						 WHERE brand = 'gifts' AND metric = 'net_revenue' AND day > date '$e->{last}' - 30 AND day <= '$e->{last}'
						 GROUP BY day) AS d) AS t,
			   (SELECT sum(value) FILTER (WHERE metric = 'net_revenue') / sum(value) FILTER (WHERE metric = 'orders') AS aov,
					   sum(value) FILTER (WHERE metric = 'new_customers')::bigint AS new_customers
				  FROM momentum_state.metric_daily
				 WHERE brand = 'gifts' AND to_char(day, 'YYYY-MM') = '$month') AS m});
	my $call = $p_up >= 0.95 ? 'up' : $p_up <= 0.05 ? 'down' : 'unclear';
	note(sprintf('%s %+18.4f  %+.3f  %.3f  %-7s  %6.2f  %13d', $month, $g, $t, $p_up, $call, $aov, $new));
	# The hub rounds to pennies what a line of a fraction of one is worth.
	ok(abs($g - $e->{g}) < 1e-6 && abs($t - $e->{t}) < 1e-5 && abs($p_up - $e->{p_up}) < 1e-6, "$month: growth");
	ok(abs($aov - $e->{aov}) < 1e-4, "$month: order value");
	is($new, $e->{new_customers}, "$month: new customers");
}

# No sessions, no ads, no cash: too little for a score, and that is said.
is($node->safe_psql('postgres',
		q{SELECT score IS NULL, reason FROM momentum.score WHERE brand = 'gifts'}),
	't|insufficient_coverage', 'no score');
is($node->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE status = 'no source')
		FROM momentum.dashboard WHERE brand = 'gifts'}), '7|4', 'seven rows all the same');
$node->stop;
done_testing();
