-- The model may belong to a role that is no superuser and does not own the
-- extension: it makes the model, answers, and lets readers in.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
CREATE ROLE regress_maker;
CREATE ROLE regress_maker_reader;
GRANT CREATE ON DATABASE :DBNAME TO regress_maker;
GRANT USAGE, CREATE ON SCHEMA momentum TO regress_maker WITH GRANT OPTION;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA momentum TO regress_maker WITH GRANT OPTION;
SET ROLE regress_maker;
SELECT momentum.setup();
SELECT momentum.setup();
SELECT momentum.add_brand('tea', 'UTC', 'USD'), momentum.add_brand('milk', 'UTC', 'USD');
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT b, m, date '2026-06-30' - d, 'shop', 5 + d % 7, false
  FROM unnest(ARRAY['tea', 'milk']) b, unnest(ARRAY['net_revenue', 'orders', 'sessions', 'ad_spend', 'new_customers']) m, generate_series(0, 100) d;
SELECT momentum.set_target('tea', 'cac', 5), momentum.add_event('tea', 'Fair', '2026-06-01'), momentum.set_scenario('tea', 'late', 1, 7);
CALL momentum.refresh();
CALL momentum.reconcile();
SELECT momentum.grant_access('regress_maker_reader', 'reader', 'tea');
SELECT momentum.grant_access('regress_maker_reader', 'reader', 'milk');
SELECT momentum.revoke_access('regress_maker_reader', 'milk');
SET ROLE regress_maker_reader;
SELECT brand, direction FROM momentum.score;
SELECT count(*) > 20 AS answers FROM momentum.what_if('tea');
SELECT event FROM momentum.calendar WHERE kind = 'promotion';
SELECT momentum.set_target('tea', 'cac', 6);
RESET ROLE;

-- The extension goes and comes: the rights on its functions are given again,
-- the model and who may see it are the owner's.
DROP EXTENSION momentum CASCADE;
CREATE EXTENSION momentum;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA momentum TO regress_maker WITH GRANT OPTION;
SELECT momentum.setup();
SET ROLE regress_maker;
SELECT momentum.setup();
SET ROLE regress_maker_reader;
SELECT brand, direction FROM momentum.score;
SELECT count(*) > 20 AS answers FROM momentum.what_if('tea');
SELECT count(*) FROM momentum.what_if('milk');
RESET ROLE;
SET ROLE regress_maker;
SELECT momentum.revoke_access('regress_maker_reader');
SET ROLE regress_maker_reader;
SELECT brand FROM momentum.score;
RESET ROLE;
DROP OWNED BY regress_maker_reader;
DROP ROLE regress_maker_reader;
DROP OWNED BY regress_maker CASCADE;
DROP ROLE regress_maker;
