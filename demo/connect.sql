\getenv sim MOMENTUM_SIM
\t on

-- The extension, the model, the brand
CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup();
SELECT momentum.add_brand('wagwell', 'America/New_York', 'USD');

-- Seven services.  base_url leads to the simulator; without it, to the real ones.
\set url :sim /story/shopify
CREATE SERVER wagwell_shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'wagwell', base_url :'url', allow_insecure 'true');
\set url :sim /story/meta
CREATE SERVER wagwell_ads FOREIGN DATA WRAPPER meta_ads_fdw
    OPTIONS (account 'act_1234567890', base_url :'url', allow_insecure 'true');
\set url :sim /story/tiktok
CREATE SERVER wagwell_tiktok FOREIGN DATA WRAPPER tiktok_ads_fdw
    OPTIONS (advertiser_id '7012345678901234567', base_url :'url', allow_insecure 'true');
\set url :sim /story/klaviyo
CREATE SERVER wagwell_mail FOREIGN DATA WRAPPER klaviyo_fdw
    OPTIONS (base_url :'url', allow_insecure 'true');
\set url :sim /story/sheets
\set drive :sim /story/drive
\set token :sim /story/token
CREATE SERVER wagwell_cash FOREIGN DATA WRAPPER google_sheets_fdw
    OPTIONS (spreadsheet_id 'sim-cash', base_url :'url', drive_url :'drive', token_url :'token',
             allow_insecure 'true');
\set url :sim /story/crisp/odata/accounts/4711/connector_configurations/815/v1/feed.svc
CREATE SERVER wagwell_stores FOREIGN DATA WRAPPER crisp_fdw
    OPTIONS (account '4711', connector '815', base_url :'url', allow_insecure 'true');
\set url :sim /story/quickbooks
CREATE SERVER wagwell_books FOREIGN DATA WRAPPER quickbooks_fdw
    OPTIONS (realm_id '9130350000000001', base_url :'url', allow_insecure 'true');

CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_shop OPTIONS (secret 'wagwell_shop');
CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_ads OPTIONS (secret 'wagwell_ads');
CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_tiktok OPTIONS (secret 'wagwell_tiktok');
CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_mail OPTIONS (secret 'wagwell_mail');
CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_cash OPTIONS (secret 'wagwell_cash');
CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_stores OPTIONS (secret 'wagwell_stores');
CREATE USER MAPPING FOR CURRENT_USER SERVER wagwell_books OPTIONS (secret 'wagwell_books');

-- Their secrets, as data: one line each, wagwell_shop=shpat_...
\copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E'\x01', quote E'\x02')

-- What they hold, as foreign tables
CREATE SCHEMA shopify;
CREATE SCHEMA meta_ads;
CREATE SCHEMA tiktok_ads;
CREATE SCHEMA klaviyo;
CREATE SCHEMA google_sheets;
CREATE SCHEMA crisp;
CREATE SCHEMA quickbooks;
IMPORT FOREIGN SCHEMA api FROM SERVER wagwell_shop INTO shopify;
IMPORT FOREIGN SCHEMA api FROM SERVER wagwell_ads INTO meta_ads;
IMPORT FOREIGN SCHEMA api FROM SERVER wagwell_tiktok INTO tiktok_ads;
IMPORT FOREIGN SCHEMA api FROM SERVER wagwell_mail INTO klaviyo;
IMPORT FOREIGN SCHEMA api LIMIT TO (files) FROM SERVER wagwell_cash INTO google_sheets;
IMPORT FOREIGN SCHEMA api FROM SERVER wagwell_stores INTO crisp;
IMPORT FOREIGN SCHEMA api FROM SERVER wagwell_books INTO quickbooks;
CREATE FOREIGN TABLE google_sheets.cash_flow (      -- line items down, weeks across
    row_number bigint, item text, period date, period_label text, amount numeric)
    SERVER wagwell_cash OPTIONS (tab 'Cash flow', layout 'crosstab');

-- Live, straight from the shop
\t off
SELECT name, created_at, total_price, financial_status
  FROM shopify.orders
 WHERE created_at >= now() - interval '1 day'
 ORDER BY created_at DESC LIMIT 3;

-- Into the hub
\t on
SELECT momentum.add_source('wagwell', 'wagwell_shop');
SELECT momentum.add_source('wagwell', 'wagwell_ads');
SELECT momentum.add_source('wagwell', 'wagwell_tiktok');
SELECT momentum.add_source('wagwell', 'wagwell_mail');
SELECT momentum.add_source('wagwell', 'wagwell_cash');
SELECT momentum.add_source('wagwell', 'wagwell_stores');
SELECT momentum.add_source('wagwell', 'wagwell_books');

-- What to measure against; the margin of a first order is yours to know
SELECT momentum.set_target('wagwell', 'cac', 45);
SELECT momentum.set_target('wagwell', 'aov', 68);
SELECT momentum.set_target('wagwell', 'ad_spend', 66000);
SELECT momentum.set_target('wagwell', 'conversion_rate', 0.03);
SELECT momentum.set_target('wagwell', 'new_customer_sub_pct', 0.2);
SELECT momentum.set_target('wagwell', 'retail_doors', 240);
SELECT momentum.set_setting('wagwell', 'margin.first_order', '38');

-- Who supplies the goods, how long they take, when to reorder
INSERT INTO hub.suppliers (brand, supplier_id, supplier_name, contact_name, email, lead_time_days, minimum_order_quantity, currency) VALUES
    ('wagwell', 'hudson', 'Hudson Valley Soapworks', 'Nora Lind', 'orders@hudson.example', 28, 240, 'USD'),
    ('wagwell', 'yiwu', 'Yiwu Pet Textiles', 'Lin Chen', 'sales@yiwu.example', 75, 500, 'USD');
INSERT INTO hub.product_settings (brand, product_key, lead_time_days, reorder_point, reorder_quantity, primary_supplier)
SELECT 'wagwell', sku, days, point, quantity, supplier
  FROM (VALUES ('SH-OAT-08', NULL::integer, 300, 600, 'hudson'), ('SH-OAT-16', NULL, 300, 600, 'hudson'),
               ('SH-PUP-08', NULL, 200, 480, 'hudson'), ('SH-PUP-16', NULL, 200, 480, 'hudson'),
               ('SH-HYP-08', 35, 200, 480, 'hudson'), ('SH-HYP-16', 35, 200, 480, 'hudson'),
               ('SH-SHD-16', NULL, 200, 480, 'hudson'), ('CO-OAT-08', NULL, 150, 360, 'hudson'),
               ('CO-OAT-16', NULL, 150, 360, 'hudson'), ('CO-DET-10', NULL, 150, 360, 'hudson'),
               ('AC-PAW-02', 21, 120, 240, 'hudson'), ('AC-BRU-01', NULL, 150, 500, 'yiwu'),
               ('AC-TOW-M', NULL, 150, 500, 'yiwu'), ('AC-TOW-L', NULL, 150, 500, 'yiwu'),
               ('AC-MIT-01', NULL, 100, 500, 'yiwu')) p (sku, days, point, quantity, supplier);

-- What it costs to run: goods are the shop's own unit costs
SELECT momentum.set_cost('wagwell', 'rent', 'month', 4200, '2024-01-01');
SELECT momentum.set_cost('wagwell', 'salaries', 'month', 26000, '2024-01-01');
SELECT momentum.set_cost('wagwell', 'salaries', 'month', 31000, '2026-01-01');
SELECT momentum.set_cost('wagwell', 'software', 'year', 9600, '2024-01-01');
SELECT momentum.set_cost('wagwell', 'packaging', 'item', 0.40, '2024-01-01');
SELECT momentum.set_cost('wagwell', 'labels', 'parcel', 5.20, '2024-01-01', metric => 'shipping_cost');
SELECT momentum.set_cost('wagwell', 'cards', 'payments', 0.029, '2024-01-01', metric => 'payment_fees');
SELECT momentum.set_cost('wagwell', 'card fee', 'order', 0.30, '2024-01-01', metric => 'payment_fees');

-- The first refresh reads two years; the next ones only what changed
CALL momentum.refresh();

-- By itself from now on: every minute, so that you can watch it (usual: every 15)
CREATE EXTENSION pg_cron;
SELECT momentum.schedule('* * * * *');
