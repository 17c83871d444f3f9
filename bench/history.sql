-- A brand with :years of history at :orders orders a day, all made up, in the
-- hub: what a sync of so many years would have left behind, with nothing to
-- ask.  Three people buy at random, on average once in three is new; one order
-- in twenty comes back; ads, mail, visits and a cash sheet run beside.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET synchronous_commit = off;
SELECT setseed(0.42);

CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup();
SELECT momentum.add_brand('bench', 'America/New_York', 'USD');
SELECT momentum.set_target('bench', 'cac', 45, current_date - 3 * 365),
       momentum.set_target('bench', 'aov', 60, current_date - 3 * 365),
       momentum.set_target('bench', 'conversion_rate', 0.03, current_date - 3 * 365),
       momentum.set_target('bench', 'ad_spend', 40000, current_date - 3 * 365);

-- Where four sources stand when they are up to date
INSERT INTO momentum_state.source (brand, source, service, currency, time_zone)
SELECT 'bench', s.source, s.service, 'USD', 'America/New_York'
  FROM (VALUES ('shop', 'shopify'), ('ads', 'meta_ads'), ('mail', 'klaviyo'), ('sheet', 'google_sheets'))
       AS s (source, service);
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day,
                                   complete_through, restating_days, status, due_at)
SELECT 'bench', s.source, s.loader, s.loader, 'none.' || s.loader, '15 minutes',
       current_date - (365 * :years)::integer, current_date - 1, s.restating, 'ok', 'infinity'
  FROM (VALUES ('shop', 'orders', 0), ('shop', 'sessions_daily', 0), ('shop', 'subscriptions', 0),
               ('ads', 'insights', 28), ('mail', 'attributed_revenue', 5), ('mail', 'campaign_values', 5),
               ('mail', 'flow_values', 5), ('mail', 'list_joins', 0), ('mail', 'list_leaves', 0),
               ('sheet', 'cash', 0)) AS s (source, loader, restating);
INSERT INTO momentum_state.channel (brand, source, stream, channel, first_day)
SELECT t.brand, t.source, t.stream, c.channel, t.first_day
  FROM momentum_state.stream t
  JOIN (VALUES ('orders', 'web'), ('orders', 'pos'), ('sessions_daily', 'web'), ('subscriptions', 'shop'),
               ('insights', 'meta'), ('attributed_revenue', 'email'), ('attributed_revenue', 'sms'),
               ('campaign_values', 'email'), ('flow_values', 'email'), ('list_joins', 'email'),
               ('list_leaves', 'email')) AS c (stream, channel) USING (stream);

CREATE TEMP TABLE day AS
SELECT d::date AS day, n::integer AS n,
       (:orders * (0.85 + 0.3 * random()) * (1 + 0.2 * sin(n * 2 * pi() / 7)))::integer AS orders
  FROM generate_series(current_date - (365 * :years)::integer, current_date - 1, interval '1 day')
       WITH ORDINALITY AS g (d, n);

-- Orders, lines, refunds: the columns that a shop fills.  Indexes are faster
-- made at once; setup() makes what is missing.
DROP INDEX hub.orders_day_idx, hub.orders_customer_idx, hub.refunds_day_idx,
           hub.subscriptions_created_day_idx, hub.subscriptions_ended_day_idx;
INSERT INTO hub.orders
       (brand, source, order_id, name, number, order_day, created_at, processed_at, is_test, is_adjustment,
        is_new_customer, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, total_price,
        current_total_price, subtotal_price, total_discounts, total_shipping, total_tax, total_refunded,
        net_payment, taxes_included, confirmed, financial_status, fulfillment_status, discount_codes, tags,
        email, source_name, customer_id, customer_order_index, customer_key, source_updated_at, content_hash, guest_id)
SELECT 'bench', 'shop', (6000000000000 + o.number)::text, '#' || o.number, o.number, o.day, o.at, o.at,
       o.number % 500 = 0, false, o.luck < 0.4, o.luck < 0.05, CASE WHEN o.number % 9 = 0 THEN 'pos' ELSE 'web' END,
       'USD', o.gross, o.off, 2, o.gross - o.off + 5.95, o.gross - o.off + 5.95, o.gross - o.off, o.off, 5.95, 0, 0,
       o.gross - o.off + 5.95, false, true, 'PAID', 'FULFILLED', '{}', '{}',
       'buyer' || o.customer || '@example.com', 'web', o.customer::text, 1, o.customer::text, o.at, o.number, NULL
  FROM (SELECT x.*, CASE WHEN x.luck < 0.4 THEN x.number ELSE greatest(1, x.number - (random() * 40000)::integer) END
                    AS customer,
               x.day + interval '14 hours' + random() * interval '10 hours' AS at,
               round((30 + 60 * random())::numeric, 2) AS gross, round((random() * 8)::numeric, 2) AS off
          FROM (SELECT d.day, row_number() OVER () AS number, random() AS luck
                  FROM day d CROSS JOIN LATERAL generate_series(1, d.orders)) x) o;
INSERT INTO hub.order_line_items
       (brand, source, line_item_id, order_id, title, name, sku, vendor, variant_title, product_id, variant_id,
        quantity, current_quantity, unit_price, discount, discounted_total, is_gift_card, source_updated_at)
SELECT o.brand, o.source, (15000000000000 + o.number * 2 + k)::text, o.order_id, 'Product ' || o.number % 40,
       'Product ' || o.number % 40 || ' - One size', 'SKU-' || o.number % 40, 'Bench', 'One size',
       (8000000 + o.number % 40)::text, (9000000 + o.number % 40)::text, 1, 1, o.gross_sales / 2, o.discounts / 2,
       (o.gross_sales - o.discounts) / 2, false, o.source_updated_at
  FROM hub.orders o CROSS JOIN generate_series(0, 1) AS k;
INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns, total_refunded, source_updated_at)
SELECT o.brand, o.source, (900000000000 + o.number)::text, o.order_id, least(o.order_day + 9, current_date - 1),
       o.processed_at + interval '9 days', (o.gross_sales - o.discounts) / 2, (o.gross_sales - o.discounts) / 2,
       o.source_updated_at
  FROM hub.orders o WHERE o.number % 20 = 0;

-- Beside them
INSERT INTO hub.sessions_daily (brand, source, day, channel, sessions, content_hash)
SELECT 'bench', 'shop', d.day, 'web', d.orders * 30 + (random() * 100)::integer, d.n FROM day d;
INSERT INTO hub.subscriptions (brand, source, subscription_id, status, created_at, created_day, ended_day, content_hash)
SELECT 'bench', 'shop', o.order_id, 'ACTIVE', o.processed_at, o.order_day,
       CASE WHEN random() < 0.7 AND o.order_day + 200 < current_date THEN o.order_day + (random() * 200)::integer END,
       o.number
  FROM hub.orders o WHERE o.is_new_customer AND o.has_selling_plan;
INSERT INTO hub.ad_performance_daily
       (brand, source, level, account_id, day, object_id, platform, currency, spend, impressions, clicks,
        purchases, purchase_value, content_hash)
SELECT 'bench', 'ads', l.level, 'act_1', d.day, l.level || k, 'meta', 'USD', d.orders * 14.0 / l.n, d.orders * 900 / l.n,
       d.orders * 12 / l.n, d.orders * 0.3 / l.n, d.orders * 18.0 / l.n, d.n
  FROM day d CROSS JOIN (VALUES ('account', 1), ('campaign', 5), ('ad', 25)) AS l (level, n)
 CROSS JOIN LATERAL generate_series(1, l.n) AS k;
INSERT INTO hub.email_daily
       (brand, source, kind, day, channel, object_id, message_id, events, revenue, recipients, opens_unique,
        clicks_unique, content_hash)
SELECT 'bench', 'mail', k.kind, d.day, k.channel, k.object, '', 20, d.orders * k.share, 900, 300, 30, d.n
  FROM day d CROSS JOIN (VALUES ('attributed', 'email', '', 12.0), ('attributed', 'sms', '', 3.0),
                                ('flow', 'email', 'F1', 3.0), ('flow', 'email', 'F2', 2.0), ('flow', 'email', 'F3', 1.0),
                                ('campaign', 'email', 'C', 6.0), ('list_joins', 'email', '', 0), ('list_leaves', 'email', '', 0))
                        AS k (kind, channel, object, share)
 WHERE k.kind <> 'campaign' OR d.n % 3 = 0;
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT 'bench', 'sheet', 'cash', 2, d.day, 'Opening balance', 250000 + 100 * (d.n % 365), d.n FROM day d WHERE d.n % 7 = 0;
INSERT INTO hub.cash_flow
       (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'bench', 'sheet', 'cash', i.place, w::date, w::date + i.place % 7, i.item, i.kind, i.amount, i.channel, 'sheet',
       CASE WHEN w < current_date THEN 'booked' ELSE 'expected' END, 1
  FROM generate_series(current_date - (365 * :years)::integer, current_date + 180, interval '7 days') AS w
 CROSS JOIN (VALUES (3, 'Wholesale', 'in', 9000, 'wholesale'), (4, 'Payroll', 'cost', 15000, ''), (5, 'Rent', 'cost', 2500, ''),
                    (6, 'Stock', 'cost', 9000, ''), (7, 'Loan', 'loan', 1200, '')) AS i (place, item, kind, amount, channel);

SELECT momentum.setup();
VACUUM ANALYZE;
CHECKPOINT;
