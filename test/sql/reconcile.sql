-- Daily values that no longer follow from the facts are found, and mended.
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.setup(), momentum.add_brand('brez', 'America/New_York', 'USD'), momentum.add_brand('other', 'UTC', 'EUR') \g /dev/null
-- A shop with 130 days behind it: one order a day in each of two channels,
-- visits, and a subscription that begins every tenth day and runs 45 days.
INSERT INTO momentum_state.source (brand, source, service) VALUES ('brez', 'shop', 'shopify');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, status, due_at)
SELECT 'brez', 'shop', l, l, 'none', '1 day', '2025-03-01', '2025-07-08', 'ok', 'infinity'
  FROM unnest(ARRAY['orders', 'sessions_daily', 'subscriptions']) l;
INSERT INTO momentum_state.channel (brand, source, stream, channel, first_day)
VALUES ('brez', 'shop', 'orders', 'web', '2025-03-01'), ('brez', 'shop', 'orders', 'pos', '2025-03-01'),
       ('brez', 'shop', 'sessions_daily', 'web', '2025-03-01'), ('brez', 'shop', 'subscriptions', 'shop', '2025-03-01');
CREATE FUNCTION pg_temp.sell(id text, day date, channel text, price numeric) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, is_new_customer, has_selling_plan,
                            channel, currency, gross_sales, discounts, items_sold, content_hash)
    VALUES ('brez', 'shop', id, day, false, false, true, false, channel, 'USD', price, 0, 1, 1)
$$;
SELECT pg_temp.sell(c || d, d::date, c, 10 + extract(dow FROM d)::integer)
  FROM generate_series(timestamp '2025-03-01', '2025-07-08', '1 day') d, unnest(ARRAY['web', 'pos']) c \g /dev/null
INSERT INTO hub.sessions_daily (brand, source, day, channel, sessions, content_hash)
SELECT 'brez', 'shop', d, 'web', 100, 1 FROM generate_series(timestamp '2025-03-01', '2025-07-08', '1 day') d;
INSERT INTO hub.subscriptions (brand, source, subscription_id, created_day, ended_day, content_hash)
SELECT 'brez', 'shop', d::text, d, d + interval '45 days', 1 FROM generate_series(timestamp '2025-03-01', '2025-07-08', '10 days') d;
INSERT INTO momentum_state.changed_day (brand, source, stream, day)
SELECT 'brez', 'shop', s, d
  FROM generate_series(timestamp '2025-03-01', '2025-07-08', '1 day') d, unnest(ARRAY['orders', 'sessions_daily', 'subscriptions']) s;
\set ECHO all
SELECT momentum.recompute();

-- All is well: nothing differs, nothing is written.
CALL momentum.reconcile();
SELECT brand, status, first_day, last_day, values_compared, drift_found, healed, finished_at > started_at AS took_time, as_of
  FROM momentum.reconciliation ORDER BY run_id;
SELECT count(*) FROM momentum_state.metric_daily WHERE restated_at IS NOT NULL;

-- A value that somebody changed, one that is gone, a day before the first, a
-- channel that there is not; and a count of subscribers on the last day of a
-- piece, which the pieces after it must not go on from.
UPDATE momentum_state.metric_daily SET value = 999 WHERE metric = 'net_revenue' AND day = '2025-05-05' AND channel = 'web';
DELETE FROM momentum_state.metric_daily WHERE metric = 'sessions' AND day = '2025-06-20';
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
VALUES ('brez', 'orders', '2025-02-20', 'web', 3, false), ('brez', 'orders', '2025-05-07', 'fax', 1, false);
UPDATE momentum_state.metric_daily SET value = value + 7 WHERE metric = 'subscribers_active' AND day IN ('2025-04-20', '2025-06-18');
-- What no stream feeds was written by hand, and is nobody else's business.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
VALUES ('brez', 'cogs', '2025-05-07', 'web', 4, false), ('other', 'orders', '2025-05-07', 'web', 4, false);

-- Only told
CALL momentum.reconcile(heal => false);
SELECT brand, metric, channel, day, stored, recomputed, difference, is_healed, as_of FROM momentum.drift ORDER BY day, metric;
SELECT brand, status, drift_found, healed FROM momentum.reconciliation WHERE drift_found > 0;
SELECT value FROM momentum_state.metric_daily WHERE metric = 'net_revenue' AND day = '2025-05-05' AND channel = 'web';

-- Mended
CALL momentum.reconcile(only_brand => 'brez');
SELECT metric, channel, day, is_healed FROM momentum.drift WHERE run_id = (SELECT max(run_id) FROM momentum.drift) ORDER BY day, metric;
SELECT brand, status, drift_found, healed FROM momentum.reconciliation WHERE drift_found > 0 ORDER BY run_id;
SELECT metric, day, channel, value, previous_value FROM momentum_state.metric_daily
 WHERE previous_value IS NOT NULL OR metric = 'sessions' AND day = '2025-06-20' OR channel = 'fax' OR day < '2025-03-01' ORDER BY day, metric;
CALL momentum.reconcile();
SELECT brand, status, drift_found FROM momentum.reconciliation WHERE run_id > (SELECT max(run_id) FROM momentum.drift) ORDER BY brand;
SELECT metric, value FROM momentum_state.metric_daily WHERE metric = 'cogs' OR brand = 'other' ORDER BY metric;

-- Whether a day is provisional is no value, but is mended as well.
UPDATE momentum_state.metric_daily SET provisional = true WHERE metric = 'sessions' AND day = '2025-06-21';
CALL momentum.reconcile(only_brand => 'brez');
SELECT status FROM momentum.reconciliation ORDER BY run_id DESC LIMIT 1;
SELECT count(*) FROM momentum_state.metric_daily WHERE provisional AND brand = 'brez';

-- A fact that came without a word is found, and the answers tell it.
SELECT sum(actual) FROM momentum.dashboard WHERE brand = 'brez' AND metric = 'aov';
SELECT pg_temp.sell('late', '2025-07-01', 'web', 610);
CALL momentum.reconcile(only_brand => 'brez');
SELECT metric, channel, day, stored, recomputed FROM momentum.drift WHERE day = '2025-07-01' ORDER BY metric;
SELECT sum(actual) FROM momentum.dashboard WHERE brand = 'brez' AND metric = 'aov';

-- One whose day is in the log is no drift: it is computed as ever.
SELECT pg_temp.sell('told', '2025-07-02', 'web', 600);
INSERT INTO momentum_state.changed_day (brand, source, stream, day) VALUES ('brez', 'shop', 'orders', '2025-07-02');
CALL momentum.reconcile(heal => false, only_brand => 'brez');
SELECT status FROM momentum.reconciliation ORDER BY run_id DESC LIMIT 1;
SELECT sum(value) FROM momentum_state.metric_daily WHERE metric = 'net_revenue' AND day = '2025-07-02';
SELECT count(*) FROM momentum_state.changed_day;

-- Days that the stream no longer vouches for have no value.
UPDATE momentum_state.stream SET complete_through = '2025-07-06' WHERE stream = 'sessions_daily';
CALL momentum.reconcile(only_brand => 'brez');
SELECT metric, day, stored, recomputed FROM momentum.drift WHERE day > '2025-07-06' ORDER BY day;

-- Asked badly
CALL momentum.reconcile(only_brand => 'nobody');
CALL momentum.reconcile(heal => NULL);
BEGIN;
CALL momentum.reconcile();
ROLLBACK;
CREATE ROLE reconcile_reader;
SELECT momentum.grant_access('reconcile_reader', 'reader', 'brez');
SET ROLE reconcile_reader;
CALL momentum.reconcile();
SELECT DISTINCT brand FROM momentum.reconciliation;
RESET ROLE;
SELECT momentum.revoke_access('reconcile_reader');
DROP ROLE reconcile_reader;
