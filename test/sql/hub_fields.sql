-- Every field the hub promises, under its name: in the entity's table or the
-- view beside it, with a type of the right family, and commented.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();

CREATE TEMP TABLE promised (entity text, field text, family text, PRIMARY KEY (entity, field));
\set ECHO none
COPY promised FROM stdin WITH (FORMAT csv, DELIMITER ' ');
customers customer_id text
customers email text
customers first_name text
customers last_name text
customers phone text
customers instagram_handle text
customers pet_name text
customers pet_breed text
customers pet_birthday date
customers customer_since date
customers customer_tags text
customers marketing_preferences text
customers vip_status text
customers total_orders count
customers total_revenue money
customers aov money
customers last_order_date date
customers days_since_last_order count
customers customer_lifecycle_stage text
orders order_id text
orders order_number text
orders customer_id text
orders order_date date
orders order_status text
orders payment_status text
orders shipping_method text
orders tracking_number text
orders subtotal money
orders shipping_revenue money
orders discount_amount money
orders total_revenue money
orders shipping_cost money
orders review_request_sent flag
orders customer_notified flag
orders customer_satisfaction_score count
orders total_product_cost money
orders gross_profit money
orders profit_margin_pct share
orders days_since_order count
orders order_week date
orders order_month date
order_line_items order_id text
order_line_items line_item_id text
order_line_items sku text
order_line_items quantity count
order_line_items price money
order_line_items discount money
order_line_items unit_cost money
refunds order_id text
refunds refund_id text
refunds refund_date date
refunds refund_amount money
customer_inquiries inquiry_id text
customer_inquiries date_created instant
customer_inquiries platform text
customer_inquiries customer_email text
customer_inquiries customer_id text
customer_inquiries thread text
customer_inquiries subject text
customer_inquiries message text
customer_inquiries category text
customer_inquiries urgency text
customer_inquiries sentiment_score score
customer_inquiries status text
customer_inquiries assigned_to text
customer_inquiries response_sent flag
customer_inquiries response_time_minutes count
customer_inquiries customer_satisfaction count
customer_inquiries resolution_notes text
customer_inquiries sla_status text
customer_inquiries days_open count
products sku text
products product_name text
products category text
products active flag
products cost_price money
products retail_price money
products compare_price money
products current_stock count
products stock_committed count
products reorder_point count
products reorder_quantity count
products lead_time_days count
products primary_supplier text
products available_stock count
products gross_margin_pct share
products avg_daily_sales_7d score
products avg_daily_sales_30d score
products avg_daily_sales_90d score
products days_of_stock score
products stock_status text
products reorder_alert flag
products suggested_order_quantity count
products suggested_order_date date
suppliers supplier_id text
suppliers supplier_name text
financial_metrics day date
financial_metrics revenue money
financial_metrics orders_count count
financial_metrics new_customers count
financial_metrics items_sold count
financial_metrics store_sessions count
financial_metrics meta_ad_spend money
financial_metrics ad_spend money
financial_metrics fixed_costs money
financial_metrics variable_costs money
financial_metrics mer_ratio score
financial_metrics aov money
financial_metrics conversion_rate_pct share
financial_metrics gross_profit money
financial_metrics profit_margin_pct share
financial_metrics cpa money
financial_metrics customer_acquisition_cost money
financial_metrics roi_pct share
\.
\set ECHO all
-- The view of each entity, and the table it stands beside.
CREATE TEMP TABLE shown (entity text, view regclass, relation text);
INSERT INTO shown VALUES
	('customers', 'hub.customer_value', 'hub.customers'), ('orders', 'hub.order_profit', 'hub.orders'),
	('order_line_items', 'hub.order_line_profit', 'hub.order_line_items'), ('refunds', 'hub.order_refunds', 'hub.refunds'),
	('customer_inquiries', 'hub.inquiry_sla', 'hub.customer_inquiries'), ('products', 'hub.product_stock', 'hub.product_variants'),
	('suppliers', 'hub.supplier', 'hub.suppliers'), ('financial_metrics', 'hub.financial_metrics', 'momentum_state.metric_daily');
CREATE TEMP TABLE family (family text, types text[]);
INSERT INTO family VALUES
	('text', '{text}'), ('date', '{date}'), ('instant', '{timestamp with time zone}'), ('flag', '{boolean}'), ('count', '{bigint}'),
	('money', '{"numeric(18,2)"}'), ('share', '{"numeric(9,6)","numeric(18,6)","numeric(24,6)"}'),
	('score', '{"numeric(9,6)","numeric(18,6)","numeric(24,6)","numeric(12,1)","numeric(4,2)","double precision",bigint}');

-- What is missing, of another type, or without a word about it: nothing.
SELECT p.entity, p.field, s.view, p.family, format_type(a.atttypid, a.atttypmod) AS is,
	   col_description(a.attrelid, a.attnum) IS NOT NULL AS commented
  FROM promised p
  JOIN shown s ON s.entity = p.entity
  LEFT JOIN pg_attribute a ON a.attrelid = s.view AND a.attname = p.field AND NOT a.attisdropped
  JOIN family f ON f.family = p.family
 WHERE a.attname IS NULL OR format_type(a.atttypid, a.atttypmod) <> ALL (f.types)
	OR coalesce(btrim(col_description(a.attrelid, a.attnum)), '') = ''
 ORDER BY 1, 2;
SELECT entity, count(*) FROM promised GROUP BY 1 ORDER BY 1;
-- The table is there, it leads with brand, it says what it is; and so does the view.
SELECT s.entity, s.relation FROM shown s
 WHERE to_regclass(s.relation) IS NULL OR obj_description(to_regclass(s.relation), 'pg_class') IS NULL OR obj_description(s.view, 'pg_class') IS NULL
	OR 'brand' IS DISTINCT FROM (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
								  WHERE i.indrelid = to_regclass(s.relation) AND i.indisprimary);
-- Every select list is checked by the tables that use it.
SELECT c.relname AS list
  FROM pg_class c
 WHERE c.relnamespace = 'hub'::regnamespace
   AND c.relname IN ('order_statuses', 'payment_statuses', 'shipping_methods', 'pet_breeds', 'product_categories', 'inquiry_platforms',
					 'inquiry_categories', 'inquiry_urgencies', 'inquiry_statuses')
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = c.oid)
 ORDER BY 1;
SELECT string_agg(order_status, ', ' ORDER BY position) FROM hub.order_statuses
UNION ALL SELECT string_agg(payment_status, ', ' ORDER BY position) FROM hub.payment_statuses
UNION ALL SELECT string_agg(shipping_method, ', ' ORDER BY position) FROM hub.shipping_methods
UNION ALL SELECT string_agg(pet_breed, ', ' ORDER BY position) FROM hub.pet_breeds
UNION ALL SELECT string_agg(category, ', ' ORDER BY position) FROM hub.product_categories
UNION ALL SELECT string_agg(platform, ', ' ORDER BY position) FROM hub.inquiry_platforms
UNION ALL SELECT string_agg(category, ', ' ORDER BY position) FROM hub.inquiry_categories
UNION ALL SELECT string_agg(urgency, ', ' ORDER BY position) FROM hub.inquiry_urgencies
UNION ALL SELECT string_agg(status, ', ' ORDER BY position) FROM hub.inquiry_statuses;
