-- Names that break careless sentences, currencies without cents and with
-- thousandths; and every reading view with rows of two brands, of which a
-- reader sees one.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SELECT E'O''Hare "50% off" %s %1$I \\n \t日本語 مرحبا\nnext {{x}} $1 ' || repeat('é', 300) AS odd \gset
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('yen', :'odd', 'Asia/Tokyo', 'JPY'), ('dinar', :'odd', 'UTC', 'KWD');
INSERT INTO momentum_state.source (brand, source, service, currency, added_at)
SELECT b.brand, b.brand || s || :'odd', s, b.currency, '2026-01-01'
  FROM momentum_state.brand b, unnest(ARRAY['meta_ads', 'klaviyo', 'google_sheets', 'shopify', 'crisp', 'quickbooks']) s;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, status, failures, last_error, last_error_at)
SELECT s.brand, s.source, l.loader || :'odd', l.loader, :'odd', '1 day', '2026-01-01', '2026-06-28', 'failed', 3, :'odd', '2026-06-28'
  FROM momentum_state.source s
  JOIN (SELECT service, loader FROM momentum_state.metric_stream
		 UNION VALUES ('google_sheets', 'sheet'), ('quickbooks', 'books'), ('meta_ads', 'insights_ad')) l ON l.service = s.service;

-- Two channels, one growing and one fading; 6 months of it.  A yen brand counts
-- in hundreds where the other one has tenths.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT b.brand, v.metric, date '2026-06-28' - t, :'odd' || c,
	   round(v.value * b.size * (1 + 0.002 * t * c) * (1 + 0.2 * sin(t * t))::numeric, 4), false
  FROM (VALUES ('yen', 150), ('dinar', 0.3)) b (brand, size), generate_series(0, 180) t, unnest(ARRAY[1, -1]) c,
	   (VALUES ('net_revenue', 1000), ('orders', 20), ('sessions', 1000), ('ad_spend', 200), ('new_customers', 4), ('gross_sales', 1100),
			   ('discounts', 50), ('returns', 50), ('retail_units', 50), ('retail_doors', 100), ('retail_dollars', 250), ('impressions', 20000),
			   ('clicks', 300), ('ad_purchases', 3), ('ad_purchase_value', 150), ('market_sessions', 100), ('market_units', 5), ('market_revenue', 60),
			   ('new_subscribers', 2), ('email_revenue', 100), ('list_joins', 5), ('list_leaves', 2)) v (metric, value);
INSERT INTO hub.ad_performance_daily (brand, source, level, account_id, day, object_id, platform, campaign_id, campaign_name,
	adset_id, adset_name, ad_id, ad_name, currency, spend, impressions, clicks, purchases, purchase_value, content_hash)
SELECT s.brand, s.source, l, :'odd', date '2026-06-28' - t, :'odd' || l, 'meta', :'odd', :'odd', :'odd', :'odd', :'odd', :'odd', s.currency, 10, 1000, 20 + t, 1, 50, 0
  FROM momentum_state.source s, generate_series(0, 70) t, unnest(ARRAY['ad', 'campaign']) l WHERE s.service = 'meta_ads';
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT brand, source, :'odd', 2, '2026-06-29', :'odd', 999.996, 0 FROM momentum_state.source WHERE service = 'google_sheets';
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT s.brand, s.source, :'odd', v.line * 1000 + d, date '2026-06-28' + d, date '2026-06-28' + d, v.item || :'odd', v.kind, v.amount, v.channel || :'odd', v.origin, 'expected', 0
  FROM momentum_state.source s, generate_series(1, 90) d,
	   (VALUES ('google_sheets', 3, 'Payroll', 'cost', 1000, '', 'sheet'), ('google_sheets', 5, 'Retail receipts', 'in', 900, 'retail', 'sheet'), ('google_sheets', 6, 'Loan', 'loan', 5, '', 'sheet'),
			   ('quickbooks', 7, 'Invoice', 'in', 1, '', 'books'), ('quickbooks', 8, 'Bill', 'cost', 1, '', 'books')) v (service, line, item, kind, amount, channel, origin)
 WHERE s.service = v.service;
INSERT INTO hub.email_messages (brand, source, kind, object_id, name, channel, status, content_hash)
SELECT brand, source, k, :'odd' || k, :'odd', 'email', 'sent', 0 FROM momentum_state.source, unnest(ARRAY['campaign', 'flow']) k WHERE service = 'klaviyo';
INSERT INTO hub.email_daily (brand, source, kind, day, channel, object_id, message_id, revenue, recipients, delivered, opens_unique, clicks_unique, unsubscribes, content_hash)
SELECT brand, source, k, date '2026-06-28' - t, 'email', :'odd' || k, :'odd', 1000, 100, 99, 50, 10, 1, 0
  FROM momentum_state.source, unnest(ARRAY['campaign', 'flow', 'attributed']) k, generate_series(0, 60) t WHERE service = 'klaviyo';
INSERT INTO hub.orders (brand, source, order_id, name, order_day, created_at, is_test, is_adjustment, is_new_customer, has_selling_plan, channel, currency, gross_sales, discounts,
	items_sold, total_price, customer_id, customer_key, content_hash)
SELECT brand, source, :'odd', :'odd', '2026-06-20', '2026-06-20', false, false, true, false, :'odd', currency, 10, 0, 1, 10, :'odd', :'odd', 0 FROM momentum_state.source WHERE service = 'shopify';
INSERT INTO hub.customers (brand, source, customer_id, email, first_name, content_hash)
SELECT brand, source, :'odd' || 'c', brand || '@example.com', :'odd', 0 FROM momentum_state.source WHERE service = 'shopify';
INSERT INTO hub.order_line_items (brand, source, order_id, line_item_id, title, sku, quantity, unit_price, discount, is_gift_card)
SELECT brand, source, :'odd', 'k', :'odd', :'odd', 1, 10, 0, false FROM momentum_state.source WHERE service = 'shopify';
INSERT INTO hub.refunds (brand, source, order_id, refund_id, refund_day, refunded_at, returns, note)
SELECT brand, source, :'odd', :'odd', '2026-06-21', '2026-06-21', 1, :'odd' FROM momentum_state.source WHERE service = 'shopify';
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_name, thread, subject, message, category, urgency, assigned_to, routed_at)
SELECT brand, source, :'odd', '2026-06-21', 'SMS', left(:'odd', 300), :'odd', :'odd', :'odd', 'General', 'Low', left(:'odd', 100), '2026-06-21' FROM momentum_state.source WHERE service = 'shopify';
INSERT INTO momentum_state.todo_log (brand, todo_id, kind, by_routine, note) SELECT brand, :'odd', 'link', true, :'odd' FROM momentum_state.brand;
INSERT INTO hub.retail_sales (brand, source, dataset, retailer, store_id, product_id, day, product, units, dollars, content_hash)
SELECT brand, source, 'd', :'odd', 's', 'p', date '2026-06-28' - t, :'odd', 5, 20, 0 FROM momentum_state.source, generate_series(0, 60) t WHERE service = 'crisp';
INSERT INTO hub.product_variants (brand, source, variant_id, product_id, title, content_hash)
SELECT brand, source, :'odd', :'odd', :'odd', 0 FROM momentum_state.source WHERE service = 'shopify';
INSERT INTO hub.suppliers (brand, supplier_id, supplier_name, contact_name, email, phone, lead_time_days, minimum_order_amount, notes)
SELECT brand, :'odd', :'odd', :'odd', :'odd', :'odd', 3650, 999.999, :'odd' FROM momentum_state.brand;
INSERT INTO hub.product_settings (brand, product_key, reorder_point, reorder_quantity, primary_supplier)
SELECT brand, product_key, 5, 7, :'odd' FROM hub.product_variants;
INSERT INTO momentum_state.reconcile_log (brand, run_id, first_day, last_day, is_healing) VALUES ('yen', 1, '2026-06-01', '2026-06-28', true), ('dinar', 2, '2026-06-01', '2026-06-28', true);
INSERT INTO momentum_state.drift (brand, run_id, metric, day, channel, stored, recomputed, is_healed)
SELECT brand, run_id, 'orders', '2026-06-20', :'odd', 1, 2, true FROM momentum_state.reconcile_log;
SELECT momentum.set_target(brand, 'cac', 45), momentum.set_target(brand, 'ad_spend', 999.9999), momentum.set_target(brand, 'aov', 60), momentum.set_target(brand, 'conversion_rate', 0.0999999),
	   momentum.set_setting(brand, 'margin.share', '0.6'), momentum.add_event(brand, :'odd', '2026-05-01', '2026-05-03', 'promotion', true, :'odd'),
	   momentum.set_scenario(brand, 'odd_one', 0.5, 7, name => :'odd'),
	   momentum.set_cost(brand, left(:'odd', 200), 'month', 9.99, '2026-01-01', channel => :'odd', note => :'odd')
  FROM momentum_state.brand \g /dev/null
SELECT momentum._dead_letter(brand, brand || 'shopify' || :'odd', 'orders', 1, '{}', :'odd', '22023') FROM momentum_state.brand \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
-- Seven days of scores, for what drove them.
SELECT momentum.backfill_scores(brand) > 0 AS scored FROM momentum_state.brand;
SELECT momentum._judge_alerts(), momentum._judge_freshness('2026-07-20 12:00+00'), momentum._judge_health(), momentum._log_recommendations() \g /dev/null
SELECT momentum.acknowledge_alert(brand, alert_id, :'odd') FROM momentum_state.alert_log WHERE closed_at IS NULL \g /dev/null
SELECT momentum.follow(brand, recommendation, '2026-06-10', :'odd') FROM momentum.recommendation WHERE place <= 2 \g /dev/null

-- Every view opens; none has a number that did not fit, nor one that is none,
-- nor a sentence that lost its words.
CREATE TEMP TABLE seen (view text, brand text, rows bigint, torn bigint);
DO $$
DECLARE
	v regclass;
BEGIN
	FOR v IN SELECT r FROM momentum._reading_views() r WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = r AND a.attname = 'brand') LOOP
		EXECUTE format($f$INSERT INTO seen SELECT %L, x.brand, count(*), count(*) FILTER (WHERE x::text ~ '##|\mNaN\M|  |\mInfinity (days|USD|JPY|KWD)')
			FROM %s x GROUP BY x.brand$f$, v, v);
	END LOOP;
END $$;
SELECT view, brand, torn FROM seen WHERE torn > 0;
-- What has rows for none or one of the brands is not tested below: these alone.
SELECT v::text AS untested FROM momentum._reading_views() v
 WHERE (SELECT count(*) FROM seen s WHERE s.view = v::text) < 2 ORDER BY 1;

-- A reader of one brand.
CREATE ROLE regress_odd_reader;
SELECT momentum.grant_access('regress_odd_reader', 'reader', 'yen');
UPDATE seen SET rows = rows + 1 WHERE view = 'momentum.audit' AND brand = 'yen';    -- this grant
UPDATE seen SET rows = 0 WHERE view = 'hub.customer_address' AND brand = 'yen';     -- whom he may not know
GRANT SELECT, INSERT ON seen TO regress_odd_reader;
CREATE FUNCTION pg_temp.tell(anything text) RETURNS boolean LANGUAGE plpgsql COST 0.000001
	AS $$ BEGIN IF anything ~ 'dinar|KWD' THEN RAISE WARNING 'told of %', left(anything, 80); END IF; RETURN true; END $$;
SET ROLE regress_odd_reader;
DO $$
DECLARE
	v record;
	n bigint;
	others bigint;
BEGIN
	FOR v IN SELECT view, sum(rows) FILTER (WHERE brand = 'yen') AS rows FROM seen GROUP BY view ORDER BY view LOOP
		EXECUTE format('SELECT count(*), count(*) FILTER (WHERE brand IS DISTINCT FROM ''yen'') FROM %s x WHERE pg_temp.tell(x::text)', v.view) INTO n, others;
		IF others > 0 OR n IS DISTINCT FROM v.rows THEN
			RAISE WARNING '% shows % rows instead of %, % of others', v.view, n, v.rows, others;
		END IF;
	END LOOP;
END $$;
\set ON_ERROR_STOP 0
\set VERBOSITY terse
SELECT count(*) > 20 AS answers FROM momentum.what_if('yen', '{"spend": "+10%"}');
SELECT count(*) FROM momentum.what_if('dinar', '{"spend": "+10%"}');
SELECT value > 0 AS answers, reason FROM momentum.metric_over('yen', 'net_revenue', '2026-06-01', '2026-06-28');
SELECT value, days, reason FROM momentum.metric_over('dinar', 'net_revenue', '2026-06-01', '2026-06-28');
SELECT value, days, reason FROM momentum.metric_over('dinar', 'no such metric', '2026-06-01', '2026-06-28');
SELECT count(*) > 0 AS answers FROM momentum.change_between('yen', '2026-04-06', '2026-06-01');
SELECT count(*) FROM momentum.change_between('dinar', '2026-04-06', '2026-06-01');
RESET ROLE;

-- What a reader may call that is more than arithmetic; what runs with another
-- one's rights; what takes names from the path of whoever calls.  A function
-- that is new here was forgotten, or belongs here.
SELECT p.oid::regprocedure AS reader_may_call FROM pg_proc p
 WHERE p.pronamespace IN ('momentum'::regnamespace, 'momentum_state'::regnamespace, 'hub'::regnamespace) AND p.provolatile <> 'i'
   AND p.prorettype <> 'fdw_handler'::regtype AND p.proname !~ '_fdw_validator$' AND has_function_privilege('regress_odd_reader', p.oid, 'EXECUTE')
 ORDER BY p.oid::regprocedure::text;
SELECT p.oid::regprocedure AS security_definer FROM pg_proc p
 WHERE p.pronamespace IN ('momentum'::regnamespace, 'momentum_state'::regnamespace, 'hub'::regnamespace) AND p.prosecdef
 ORDER BY p.oid::regprocedure::text;
SELECT p.oid::regprocedure AS open_path FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace IN ('momentum'::regnamespace, 'momentum_state'::regnamespace, 'hub'::regnamespace) AND l.lanname IN ('sql', 'plpgsql')
   AND p.prosqlbody IS NULL AND coalesce(array_to_string(p.proconfig, ','), '') !~ 'search_path=pg_catalog, pg_temp'
 ORDER BY p.oid::regprocedure::text;
SELECT v::text AS without_may_see FROM momentum._reading_views() v WHERE pg_get_viewdef(v) !~ 'may_(see|work)\('
UNION ALL
SELECT c.oid::regclass::text FROM pg_class c
 WHERE c.relnamespace IN ('momentum'::regnamespace, 'momentum_state'::regnamespace, 'hub'::regnamespace) AND c.relkind <> 'i'
   AND c.oid NOT IN (SELECT r FROM momentum._reading_views() r) AND c.relname NOT IN ('secret_entry', 'stat_scan', 'stat_limit')
   AND (has_table_privilege('regress_odd_reader', c.oid, 'SELECT') OR has_any_column_privilege('regress_odd_reader', c.oid, 'SELECT'));

-- The most that the hub holds of anything, in one brand: the other one is
-- answered as before, and every view opens for those who see both.
UPDATE hub.orders SET gross_sales = 9e11, discounts = -9e11, items_sold = 9e11 WHERE brand = 'dinar';
INSERT INTO hub.order_line_items (brand, source, order_id, line_item_id, quantity, unit_price, discount, is_gift_card, variant_id)
SELECT brand, source, order_id, 'l', 9e11, 9e11, 0, false, order_id FROM hub.orders WHERE brand = 'dinar';
UPDATE hub.product_variants SET unit_cost = 9e11, price = 9e11, tracked = true, inventory_item_id = 'i' WHERE brand = 'dinar';
INSERT INTO hub.inventory_levels (brand, source, inventory_level_id, inventory_item_id, available, incoming, content_hash)
SELECT brand, source, n, 'i', 9e11, 9e11, 0 FROM hub.product_variants, generate_series(1, 3) n WHERE brand = 'dinar';
INSERT INTO hub.product_sales_daily (brand, product_key, day, units, income, orders)
SELECT brand, product_key, date '2026-06-28' - n, 9e15, 9e11, 1 FROM hub.product_variants, generate_series(1, 99) n WHERE brand = 'dinar';
UPDATE hub.product_settings SET reorder_point = 9e11, reorder_quantity = 9e11 WHERE brand = 'dinar';
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency)
SELECT brand, product_key, '-infinity', 9e11, 'KWD' FROM hub.product_variants WHERE brand = 'dinar';
UPDATE hub.ad_performance_daily SET spend = 9e11, impressions = 9e11, clicks = 1, purchases = 9e11, purchase_value = 9e11 WHERE brand = 'dinar';
UPDATE hub.email_daily SET revenue = 9e11, recipients = 9e11, delivered = 1 WHERE brand = 'dinar';
UPDATE hub.cash_balance SET amount = 9e12 WHERE brand = 'dinar';
UPDATE hub.cash_flow SET amount = 9e12 WHERE brand = 'dinar' AND kind = 'cost';
UPDATE hub.retail_sales SET units = 9e11, dollars = 9e11 WHERE brand = 'dinar';
UPDATE momentum_state.metric_daily SET value = CASE WHEN metric IN ('orders', 'new_customers', 'retail_doors', 'clicks') THEN 1 ELSE 9e11 END WHERE brand = 'dinar';
SELECT momentum._refresh_matviews() \g /dev/null
TRUNCATE seen;
DO $$
DECLARE
	v regclass;
BEGIN
	FOR v IN SELECT r FROM momentum._reading_views() r WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = r AND a.attname = 'brand') LOOP
		EXECUTE format($f$INSERT INTO seen SELECT %L, x.brand, count(*), count(*) FILTER (WHERE x::text ~ '##|\mNaN\M|\mInfinity (days|USD|JPY|KWD)')
			FROM %s x GROUP BY x.brand$f$, v, v);
	END LOOP;
EXCEPTION WHEN OTHERS THEN
	RAISE WARNING '%: %', v, SQLERRM;
END $$;
SELECT view, brand, torn FROM seen WHERE torn > 0;
UPDATE hub.order_line_items SET quantity = 1e12;
UPDATE hub.inventory_levels SET available = 1e12;
SELECT momentum.revoke_access('regress_odd_reader');
DROP OWNED BY regress_odd_reader;
DROP ROLE regress_odd_reader;
