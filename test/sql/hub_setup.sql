-- The model is made by setup(), not by the extension: it stays when the
-- extension goes, and setup() makes again what went along.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.add_brand('brez', 'America/New_York', 'USD');
SELECT momentum.migrate();
SELECT momentum.setup();
SELECT momentum.setup();
SELECT momentum.migrate();
SELECT version FROM momentum_state.model_version;

-- Nothing that is stored belongs to the extension.
SELECT count(*) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
 WHERE d.deptype = 'e' AND c.relnamespace IN ('hub'::regnamespace, 'momentum_state'::regnamespace);
-- Keys lead with the brand, but those of the select lists, which are every brand's.
SELECT c.conrelid::regclass, pg_get_constraintdef(c.oid)
  FROM pg_constraint c
 WHERE c.connamespace = 'hub'::regnamespace AND c.contype IN ('p', 'u', 'f')
   AND pg_get_constraintdef(c.oid) !~ '(KEY|UNIQUE) \(brand,'
   AND coalesce(nullif(c.confrelid, 0), c.conrelid)::regclass NOT IN
       ('hub.order_statuses', 'hub.payment_statuses', 'hub.shipping_methods', 'hub.pet_breeds', 'hub.product_categories',
        'hub.inquiry_platforms', 'hub.inquiry_categories', 'hub.inquiry_urgencies', 'hub.inquiry_statuses');
-- No trigger on a table of the hub.
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'hub'::regnamespace AND c.relkind = 'r' AND c.relkind IN ('r', 'p') AND NOT t.tgisinternal;

-- Brands
SELECT momentum.add_brand('brez', 'America/New_York', 'USD');
SET client_min_messages = notice;
SELECT momentum.add_brand('brez', 'America/New_York', 'USD');
SELECT momentum.add_brand('brez', 'America/New_York', 'EUR');
SELECT momentum.add_brand('Brez Ltd', 'America/New_York', 'USD');
SELECT momentum.add_brand(NULL, 'America/New_York', 'USD');
SELECT momentum.add_brand('other', 'EST5EDT4', 'USD');
SELECT momentum.add_brand('other', 'Europe/Londn', 'USD');
SELECT momentum.add_brand('other', NULL, 'USD');
SELECT momentum.add_brand('other', 'Europe/London', 'Pound');
SELECT brand, name, time_zone, currency FROM momentum_state.brand;

-- Targets
SELECT momentum.set_target('brez', 'cac', 45, '2025-01-01');
SELECT momentum.set_target('brez', 'cac', 40, '2025-01-01');
SELECT momentum.set_target('brez', 'aov', 0);
SELECT momentum.set_target('brez', 'aov', -1);
SELECT momentum.set_target('brez', 'aov', 'NaN');
SELECT momentum.set_target('brez', 'aov', NULL);
SELECT momentum.set_target('brez', 'avo', 60);
SELECT momentum.set_target('brezz', 'aov', 60);
SELECT momentum.set_target('brez', 'working_capital', 60000);
SELECT brand, metric, valid_from, value FROM momentum_state.target;

-- The first target of a metric holds from ever on: the answers are of complete
-- days, and of those it would else judge none; the next ones begin today.
SELECT momentum.set_target('brez', 'aov', 60);
SELECT valid_from, value FROM momentum_state.target WHERE metric = 'aov';
SELECT momentum.set_target('brez', 'aov', 70);
SELECT valid_from < current_date - 1, value FROM momentum_state.target WHERE metric = 'aov' ORDER BY valid_from;

-- Settings
SELECT momentum.set_setting('brez', 'runway.target', '120');
SELECT momentum._setting('brez', 'runway.target'), momentum._setting('other', 'runway.target');
SELECT momentum.set_setting('brez', 'runway.target', NULL);
SELECT momentum._setting('brez', 'runway.target');
SELECT momentum.set_setting('brez', 'runway.target', 'three months');
SELECT momentum.set_setting('brez', 'runway.aim', '90');
SELECT momentum.set_setting('brezz', 'runway.target', '90');
SELECT momentum.set_setting('', 'margin.first_order', 'much');
-- What could not hold is refused, not overlooked.
SELECT momentum.set_setting('brez', 'runway.target', '0');
SELECT momentum.set_setting('brez', 'scale.revenue', '0');
SELECT momentum.set_setting('brez', 'weight.revenue', '-1');
SELECT momentum.set_setting('brez', 'profit.share', '20');
SELECT momentum.set_setting('', 'run.keep_days', '1e30');
SELECT momentum.set_setting('', 'runway.target', NULL);
SELECT momentum.set_setting('', 'klaviyo.revenue_metric', 'Order Placed');
SELECT action, detail - 'valid_from' AS detail FROM momentum_state.audit ORDER BY audit_id;

-- pg_cron is looked for when it is needed.
SELECT momentum.schedule();
SELECT momentum.unschedule();

-- New targets and settings are answered at the next refresh; nothing to do is no error.
CALL momentum.refresh();
CALL momentum.refresh();
CALL momentum.refresh('brezz');
SELECT momentum.recompute();

-- Whose is it?
CREATE ROLE hub_stranger;
ALTER TABLE hub.orders OWNER TO hub_stranger;
SELECT momentum.setup();
SELECT momentum.migrate();
ALTER TABLE hub.orders OWNER TO CURRENT_USER;
ALTER VIEW momentum.source_health OWNER TO hub_stranger;
SELECT momentum.setup();
DROP VIEW momentum.source_health CASCADE;
DROP ROLE hub_stranger;
SELECT momentum.setup();
SELECT * FROM momentum.source_health;

-- A model of a later release is left alone.
INSERT INTO momentum_state.model_version (version) VALUES (99);
SELECT momentum.setup();
DELETE FROM momentum_state.model_version WHERE version = 99;

-- The extension goes, the rows stay; it comes back, and so do the views.
SET client_min_messages = warning;
DROP EXTENSION momentum CASCADE;
SELECT count(*) FROM momentum_state.target;
SELECT to_regclass('momentum.source_health');
CREATE EXTENSION momentum;
SELECT momentum.setup();
SELECT count(*) FROM momentum.source_health;
