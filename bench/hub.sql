-- A hub of :customers customers with :orders orders of three lines each and
-- :inquiries inquiries, two years of them, all made up; 1,000 products, most
-- of them sold every day.  Every fifth order is of a new customer, the others
-- of one who has bought before; one in twenty comes back.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET synchronous_commit = off;
SELECT setseed(0.42);

CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup();
SELECT momentum.add_brand('bench', 'America/New_York', 'USD');
INSERT INTO momentum_state.source (brand, source, service, currency, time_zone)
VALUES ('bench', 'shop', 'shopify', 'USD', 'America/New_York');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through,
                                   status, due_at)
VALUES ('bench', 'shop', 'orders', 'orders', 'none.orders', '15 minutes', current_date - 730, current_date - 1, 'ok',
        'infinity');

INSERT INTO hub.products (brand, source, product_id, title, product_type, status, content_hash)
SELECT 'bench', 'shop', n::text, 'Product ' || n, (ARRAY['Shampoo', 'Conditioner', 'Accessories', ''])[1 + n % 4], 'ACTIVE', n
  FROM generate_series(1, 300) AS n;
INSERT INTO hub.product_variants (brand, source, variant_id, product_id, title, display_name, sku, price, inventory_item_id,
                                  tracked, unit_cost, unit_cost_currency, created_at)
SELECT 'bench', 'shop', n::text, (1 + n % 300)::text, 'Size ' || n % 4, 'Product ' || 1 + n % 300 || ' - size ' || n % 4,
       'SKU-' || n, 10 + n % 50, n::text, true, 3 + n % 9, 'USD', '2020-01-01'
  FROM generate_series(1, 1000) AS n;
INSERT INTO hub.inventory_levels (brand, source, inventory_level_id, inventory_item_id, is_active, available, on_hand,
                                  committed, incoming, content_hash)
SELECT 'bench', 'shop', n || '/' || place, n::text, true, 40 + n % 700, 45 + n % 700, 5, n % 7 * 50, n
  FROM generate_series(1, 1000) AS n, generate_series(1, 2) AS place;
INSERT INTO hub.suppliers (brand, supplier_id, supplier_name, lead_time_days, minimum_order_quantity)
SELECT 'bench', 'maker ' || n, 'Maker ' || n, 10 + n, 100 FROM generate_series(1, 20) AS n;
INSERT INTO hub.product_settings (brand, product_key, reorder_point, reorder_quantity, lead_time_days, primary_supplier)
SELECT 'bench', 'SKU-' || n, 20, 50, CASE WHEN n % 2 = 0 THEN 14 END, 'maker ' || 1 + n % 20
  FROM generate_series(1, 1000) AS n;
SELECT count(momentum._note_product_costs('bench', ARRAY[v.product_key])) FROM hub.product_variants v;
INSERT INTO hub.stock_daily (brand, product_key, day, available, was_out)
SELECT 'bench', 'SKU-' || n, current_date - d, 40, n % 50 = 0 AND d < 5
  FROM generate_series(1, 400) AS d, generate_series(1, 1000) AS n;

INSERT INTO hub.customers (brand, source, customer_id, created_at, created_day, customer_since, first_name, last_name,
                           email, phone, customer_tags, city, country_code, source_updated_at, content_hash)
SELECT 'bench', 'shop', n::text, x.at, x.at::date, x.at::date, 'Ann', 'Buyer ' || n, 'buyer' || n || '@example.com',
       '+1555' || lpad(n::text, 8, '0'), '{retail}', 'New York', 'US', x.at, n
  FROM generate_series(1, :customers) AS n,
       LATERAL (SELECT current_date - 730 + interval '729 days' * (n::float8 / :customers) AS at) AS x;

INSERT INTO hub.orders (brand, source, order_id, name, number, order_day, created_at, processed_at, is_test, is_adjustment,
                        is_new_customer, has_selling_plan, channel, currency, gross_sales, discounts, items_sold,
                        total_price, subtotal_price, total_discounts, total_shipping, total_tax, financial_status,
                        fulfillment_status, order_status, payment_status, shipping_method, email, customer_id,
                        customer_key, source_updated_at, content_hash, guest_id)
SELECT 'bench', 'shop', n::text, '#' || n, n, x.at::date, x.at, x.at, n % 500 = 0, false, n % 5 = 1, n % 20 = 1, 'shop',
       'USD', 60, 3, 4, 62.95, 57, 3, 5.95, 0, 'PAID', 'FULFILLED', 'Delivered', 'Paid', 'Standard',
       'buyer' || x.customer || '@example.com', x.customer::text, x.customer::text, x.at, n, NULL
  FROM generate_series(1, :orders) AS n,
       LATERAL (SELECT current_date - 730 + interval '729 days' * (n::float8 / :orders) AS at,
                       CASE WHEN n % 5 = 1 THEN 1 + n / 5 ELSE 1 + (random() * ((n - 1) / 5))::bigint END AS customer) AS x;
INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, title, sku, product_id, variant_id, quantity,
                                  current_quantity, unit_price, discount, discounted_total, is_gift_card, selling_plan, source_updated_at)
SELECT 'bench', 'shop', (n * 3 + k)::text, n::text, 'Product', 'SKU-' || x.product, x.product::text, x.product::text, 1 + k % 2,
       1 + k % 2, 15, 1, 15 * (1 + k % 2) - 1, false, CASE WHEN n % 20 = 1 AND k = 0 THEN 'Monthly' END, current_date - 730 + interval '729 days' * (n::float8 / :orders)
  FROM generate_series(1, :orders) AS n, generate_series(0, 2) AS k,
       LATERAL (SELECT 1 + (n::bigint * 7919 + k * 104729) % 1000 AS product) AS x;
INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns, total_refunded, source_updated_at)
SELECT 'bench', 'shop', n::text, n::text, least(x.at::date + 9, current_date - 1), x.at + interval '9 days', 15, 15, x.at
  FROM generate_series(20, :orders, 20) AS n,
       LATERAL (SELECT current_date - 730 + interval '729 days' * (n::float8 / :orders) AS at) AS x;
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_source,
                                    customer_id, thread, subject, message, category, urgency, sentiment_score, status,
                                    assigned_to, routed_at, resolved_at)
SELECT 'bench', 'mail', n::text, x.at, 'Gmail', 'buyer' || x.customer || '@example.com', 'shop', x.customer::text,
       'thread ' || n, 'My order', 'Where is my order? ' || repeat('It should have come by now. ', 1 + n % 20),
       (ARRAY['Shipping', 'Returns', 'Product Info', 'General'])[1 + n % 4], (ARRAY['Low', 'Medium', 'High'])[1 + n % 3],
       n % 5 - 2, CASE WHEN n > :inquiries * 0.99 THEN 'New' ELSE 'Closed' END, 'bot', x.at,
       CASE WHEN n > :inquiries * 0.99 THEN NULL ELSE x.at + interval '3 hours' END
  FROM generate_series(1, :inquiries) AS n,
       LATERAL (SELECT current_date - 730 + interval '729 days' * (n::float8 / :inquiries) AS at,
                       1 + n * 7919 % :customers AS customer) AS x;
VACUUM ANALYZE;
