-- Alerts: what opens one, what keeps it one, what closes it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.put(brand text, metric text, day date, value float8) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
    SELECT put.brand, put.metric, put.day, 'shop', put.value, false WHERE put.value IS NOT NULL
    ON CONFLICT (brand, metric, day, channel) DO UPDATE SET value = excluded.value
$$;
-- Sixteen weeks through Sunday 2026-05-31 of a metric that knows weekdays and
-- scatters by a few percent, in no direction.
CREATE FUNCTION pg_temp.history(brand text, metric text, level float8, scatter float8 DEFAULT 0.04) RETURNS void
LANGUAGE sql AS $$
    SELECT pg_temp.put(history.brand, history.metric, date '2026-05-31' - t,
        history.level * ('{1.2,1.1,1,0.9,0.85,0.85,1.1}'::float8[])[t % 7 + 1]
        * (1 + history.scatter * (((37 * t * t + 11 * t + length(history.metric)) % 101) - 50) / 50.0))
    FROM generate_series(0, 111) t
$$;
-- The value of a day that lies z scales off what is usual for it.
CREATE FUNCTION pg_temp.at(brand text, metric text, day date, z float8) RETURNS float8
LANGUAGE sql AS $$
    SELECT r.median + at.z * r.scale
    FROM (SELECT array_agg(d.value::float8) AS reference FROM momentum_state.metric_daily d
          WHERE d.brand = at.brand AND d.metric = at.metric AND d.day IN (SELECT at.day - 7 * k FROM generate_series(1, 12) k)) s,
        momentum.robust_z(NULL, s.reference) r
$$;
-- A day later, by so many scales, and refreshed: the alerts of the brand.
CREATE FUNCTION pg_temp.step(brand text, metric text, z float8)
RETURNS TABLE (day date, alert bigint, sense text, severity text, false_count integer, closed text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    next date := (SELECT max(d.day) + 1 FROM momentum_state.metric_daily d WHERE d.brand = step.brand AND d.metric = step.metric);
BEGIN
    PERFORM pg_temp.put(step.brand, step.metric, next, pg_temp.at(step.brand, step.metric, next, step.z));
    PERFORM momentum._refresh_matviews();
    RETURN QUERY SELECT next, row_number() OVER (ORDER BY a.alert_id), a.sense, a.severity, a.false_count, a.close_reason
      FROM momentum_state.alert_log a WHERE a.brand = step.brand AND a.rule = 'anomaly' ORDER BY a.alert_id;
END
$$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, initcap(b), 'UTC', 'USD'
  FROM unnest(ARRAY['day', 'turn', 'restate', 'two', 'alike', 'small', 'big', 'grow', 'aim', 'plan', 'cash', 'sign', 'late', 'empty']) b;

--
-- Anomaly, day by day
--
SELECT pg_temp.history('day', 'sessions', 8000) \g /dev/null
-- 4 scales off are none by themselves ...
SELECT * FROM pg_temp.step('day', 'sessions', -4);
SELECT * FROM pg_temp.step('day', 'sessions', 1);
SELECT * FROM pg_temp.step('day', 'sessions', -4);
-- ... but twice running: a warning.
SELECT * FROM pg_temp.step('day', 'sessions', -4);
SELECT sentence FROM momentum.alert WHERE brand = 'day';
-- 6 off are one at once; it is the same alert.  Twice running 6 off: graver.
SELECT * FROM pg_temp.step('day', 'sessions', -6);
SELECT * FROM pg_temp.step('day', 'sessions', -6);
-- A refresh by the same day is no judgement, nor are three.
SELECT momentum._refresh_matviews(), momentum._refresh_matviews() \g /dev/null
SELECT * FROM pg_temp.step('day', 'sessions', 0);
SELECT momentum._refresh_matviews(), momentum._refresh_matviews(), momentum._refresh_matviews() \g /dev/null
SELECT severity, is_open, as_of, sentence FROM momentum.alert WHERE brand = 'day';
-- Off again for a day: the count begins anew, the severity stays.
SELECT * FROM pg_temp.step('day', 'sessions', -5.5);
SELECT * FROM pg_temp.step('day', 'sessions', 0);
-- The second day without it closes it.
SELECT * FROM pg_temp.step('day', 'sessions', 0.5);
SELECT opened_day, as_of, is_open, close_reason, closed_at >= opened_at AS closed, severity, value < threshold AS below
  FROM momentum.alert WHERE brand = 'day';
-- On the threshold it does not flicker: 3.4 and 3.6 in turns are none, 3.6 all
-- along is one.
SELECT * FROM pg_temp.step('day', 'sessions', 3.6) WHERE alert > 1;
SELECT * FROM pg_temp.step('day', 'sessions', 3.4) WHERE alert > 1;
SELECT * FROM pg_temp.step('day', 'sessions', 3.6) WHERE alert > 1;
SELECT * FROM pg_temp.step('day', 'sessions', 3.6) WHERE alert > 1;
SELECT * FROM pg_temp.step('day', 'sessions', 3.4) WHERE alert > 1;
SELECT * FROM pg_temp.step('day', 'sessions', 3.6) WHERE alert > 1;
SELECT * FROM pg_temp.step('day', 'sessions', 3.6) WHERE alert > 1;
SELECT count(*) AS open_rows FROM momentum_state.alert_log WHERE brand = 'day' AND closed_at IS NULL;

-- A drop that becomes a jump is another alert; more sessions are no bad news.
SELECT pg_temp.history('turn', 'sessions', 8000) \g /dev/null
SELECT * FROM pg_temp.step('turn', 'sessions', -9);
SELECT * FROM pg_temp.step('turn', 'sessions', 9);
SELECT severity, is_open, sentence FROM momentum.alert WHERE brand = 'turn' ORDER BY alert_id;

-- A day that is corrected to be none closes its alert at once.
SELECT pg_temp.history('restate', 'sessions', 8000) \g /dev/null
SELECT * FROM pg_temp.step('restate', 'sessions', -9);
SELECT pg_temp.put('restate', 'sessions', '2026-06-01', pg_temp.at('restate', 'sessions', '2026-06-01', -1)) \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT is_open, close_reason FROM momentum.alert WHERE brand = 'restate';
-- Corrected to another anomaly it stays, with the new figures.
SELECT * FROM pg_temp.step('restate', 'sessions', -9) WHERE alert > 1;
SELECT pg_temp.put('restate', 'sessions', '2026-06-02', 3000) \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT is_open, value, close_reason FROM momentum.alert WHERE brand = 'restate' ORDER BY alert_id;

-- Many tests at once find some by chance: q is p times the tests over the
-- rank.  Of three metrics one at 3.6 (p .00032) has q .00095, of two at 3.6
-- each has .00048.
SELECT momentum.set_setting('two', 'alert.false_share', '0.0008');
SELECT pg_temp.history('two', m, 8000) FROM unnest(ARRAY['sessions', 'clicks', 'retail_units']) m \g /dev/null
CREATE FUNCTION pg_temp.three(z1 float8, z2 float8, z3 float8) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.put('two', m, d.day, pg_temp.at('two', m, d.day, z))
      FROM (SELECT max(day) + 1 AS day FROM momentum_state.metric_daily WHERE brand = 'two') d,
           (VALUES ('sessions', z1), ('clicks', z2), ('retail_units', z3)) v (m, z);
    SELECT momentum._refresh_matviews();
$$;
SELECT pg_temp.three(-3.6, 0.1, 0.2), pg_temp.three(-3.6, 0.1, 0.2) \g /dev/null
SELECT metric, z::numeric(9,2), q::numeric(9,5), holds FROM momentum_state.daily_anomaly WHERE brand = 'two' ORDER BY 1;
SELECT pg_temp.three(-3.6, -3.6, 0.2), pg_temp.three(-3.6, -3.6, 0.2) \g /dev/null
SELECT metric, z::numeric(9,2), q::numeric(9,5), holds FROM momentum_state.daily_anomaly WHERE brand = 'two' ORDER BY 1;
SELECT object, severity, opened_day, confidence FROM momentum.alert WHERE brand = 'two' ORDER BY object;

-- A budget that is the same every day has no scale: half as much more is one.
SELECT pg_temp.put('alike', 'ad_spend', date '2026-05-31' - t, 100) FROM generate_series(0, 111) t \g /dev/null
SELECT pg_temp.put('alike', 'ad_spend', '2026-06-01', 149), momentum._refresh_matviews() \g /dev/null
SELECT count(*) FROM momentum.alert WHERE brand = 'alike';
SELECT pg_temp.put('alike', 'ad_spend', '2026-06-02', 151), momentum._refresh_matviews() \g /dev/null
SELECT severity, confidence, figures, sentence FROM momentum.alert WHERE brand = 'alike';

-- Few orders swing: from 3 to 12 is nothing, though 9 scales.  A shop that
-- stops selling is no small shop, though it has no orders that day.  One per
-- cent more than ever before is news to nobody.
SELECT pg_temp.put(b, 'orders', date '2026-05-31' - t, n + t % 3), pg_temp.put(b, 'sessions', date '2026-05-31' - t, 50 * n + t % 5)
  FROM (VALUES ('small', 3), ('big', 300)) v (b, n), generate_series(0, 111) t \g /dev/null
SELECT pg_temp.put('small', 'orders', '2026-06-01', 14), pg_temp.put('small', 'sessions', '2026-06-01', 151),
       pg_temp.put('big', 'orders', '2026-06-01', 0), pg_temp.put('big', 'sessions', '2026-06-01', 15100) \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT brand, metric, value, abs(z) > 5 AS far, holds FROM momentum_state.daily_anomaly WHERE brand IN ('small', 'big') ORDER BY 1, 2;
SELECT brand, object, sentence FROM momentum.alert WHERE brand IN ('small', 'big') AND rule = 'anomaly';

--
-- Trend
--
-- Growth of 1 % a day, then none: open while it is sure, closed two days after.
SELECT pg_temp.history('grow', 'orders', 300, 0.1), pg_temp.history('grow', 'net_revenue', 30000, 0.1) \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT object, severity FROM momentum.alert WHERE brand = 'grow' AND rule = 'trend';
UPDATE momentum_state.metric_daily SET value = value * (1 + 0.01 * greatest(0, day - date '2026-05-01')) WHERE brand = 'grow' AND metric = 'net_revenue';
SELECT momentum._refresh_matviews() \g /dev/null
SELECT object, sense, severity, is_open, value > 0.95 AS over, threshold, confidence = value AS sure, sentence FROM momentum.alert WHERE brand = 'grow' AND rule = 'trend';
UPDATE momentum_state.metric_daily SET value = value / (1 + 0.01 * greatest(0, day - date '2026-05-01')) WHERE brand = 'grow' AND metric = 'net_revenue';
CREATE FUNCTION pg_temp.calm(brand text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.put(calm.brand, d.metric, d.day + 1, pg_temp.at(calm.brand, d.metric, d.day + 1, 0))
      FROM (SELECT metric, max(day) AS day FROM momentum_state.metric_daily WHERE brand = calm.brand GROUP BY metric) d;
    SELECT momentum._refresh_matviews();
$$;
SELECT momentum._refresh_matviews() \g /dev/null
SELECT object, false_count, close_reason FROM momentum_state.alert_log WHERE brand = 'grow' AND rule = 'trend' ORDER BY alert_id;
SELECT pg_temp.calm('grow') \g /dev/null
SELECT object, false_count, close_reason FROM momentum_state.alert_log WHERE brand = 'grow' AND rule = 'trend' ORDER BY alert_id;
SELECT pg_temp.calm('grow') \g /dev/null
SELECT object, false_count, close_reason FROM momentum_state.alert_log WHERE brand = 'grow' AND rule = 'trend' ORDER BY alert_id;

--
-- Target: the colour changes
--
SELECT pg_temp.put('aim', 'orders', date '2026-05-01' + t, 100), pg_temp.put('aim', 'net_revenue', date '2026-05-01' + t, 7600) FROM generate_series(0, 30) t \g /dev/null
SELECT momentum.set_target('aim', 'aov', 75);
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
CREATE FUNCTION pg_temp.aov(aov float8, days integer) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.put('aim', 'orders', d.day + t, 100), pg_temp.put('aim', 'net_revenue', d.day + t, 100 * aov)
      FROM (SELECT max(day) AS day FROM momentum_state.metric_daily WHERE brand = 'aim') d, generate_series(1, days) t;
    SELECT momentum._refresh_matviews();
$$;
SELECT pg_temp.aov(66, 6) \g /dev/null
SELECT severity, is_open, value, threshold, sentence FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
SELECT momentum.acknowledge_alert('aim', alert_id, 'discounts of the spring sale') FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
SELECT pg_temp.aov(66, 1) \g /dev/null
SELECT is_open, is_silent, note FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
-- Worse than it was: graver, and not silent any more.
SELECT pg_temp.aov(50, 12) \g /dev/null
SELECT severity, is_open, is_silent, sentence FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
-- Better, but not well: the severity it once had stays.
SELECT pg_temp.aov(90, 10) \g /dev/null
SELECT severity, is_open, figures FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
SELECT pg_temp.aov(95, 20) \g /dev/null
SELECT pg_temp.aov(95, 1) \g /dev/null
SELECT severity, is_open, close_reason FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
-- What is closed, or is not, cannot be acknowledged.
\set VERBOSITY sqlstate
SELECT momentum.acknowledge_alert('aim', alert_id) FROM momentum.alert WHERE brand = 'aim' AND rule = 'target';
\set VERBOSITY terse
SELECT momentum.acknowledge_alert('aim', -1);
SELECT momentum.acknowledge_alert('nobody', 1);
SELECT brand, action, detail ->> 'note' AS note FROM momentum_state.audit WHERE action = 'acknowledge_alert';

--
-- Pacing: half the budget, from the third day of the month on
--
SELECT pg_temp.put('plan', 'ad_spend', date '2026-03-01' + t, 500) FROM generate_series(0, 91) t \g /dev/null
SELECT momentum.set_target('plan', 'ad_spend', 15500);
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) FROM momentum.alert WHERE brand = 'plan' AND rule <> 'anomaly';
CREATE FUNCTION pg_temp.spend(spend float8, days integer) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.put('plan', 'ad_spend', d.day + t, spend)
      FROM (SELECT max(day) AS day FROM momentum_state.metric_daily WHERE brand = 'plan') d, generate_series(1, days) t;
    SELECT momentum._refresh_matviews();
$$;
SELECT pg_temp.spend(250, 1) \g /dev/null
SELECT rule, object, severity FROM momentum.alert WHERE brand = 'plan' AND rule <> 'anomaly';
SELECT pg_temp.spend(250, 1) \g /dev/null
SELECT rule, object, severity, value, threshold, sentence FROM momentum.alert WHERE brand = 'plan' AND rule <> 'anomaly';
-- Another month, another plan: on its first two days there is no pacing.
SELECT pg_temp.spend(250, 27), pg_temp.spend(250, 1), pg_temp.spend(250, 1) \g /dev/null
SELECT rule, is_open, close_reason, as_of FROM momentum.alert WHERE brand = 'plan' AND rule <> 'anomaly';
-- Over the plan is a missed target.
SELECT pg_temp.spend(900, 8) \g /dev/null
SELECT rule, severity, is_open, sentence FROM momentum.alert WHERE brand = 'plan' AND rule <> 'anomaly' AND is_open;

--
-- Runway: the minimum, the hard limit, and a sheet that was mended
--
INSERT INTO momentum_state.source (brand, source, service) VALUES ('cash', 'cash_sheet', 'google_sheets');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through, status)
VALUES ('cash', 'cash_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-05-31', 'ok');
CREATE FUNCTION pg_temp.lasts(day date, days integer) RETURNS void LANGUAGE sql AS $$
    DELETE FROM hub.cash_balance WHERE brand = 'cash';
    DELETE FROM hub.cash_flow WHERE brand = 'cash';
    INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
    VALUES ('cash', 'cash_sheet', 'Cash', 2, lasts.day + 1, 'Opening balance', 100 * days + 50, 0);
    INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
    SELECT 'cash', 'cash_sheet', 'Cash', 3, lasts.day + n, lasts.day + n, 'Payroll', 'cost', 100, '', 'sheet', 'expected', 0
      FROM generate_series(1, 120) n;
    UPDATE momentum_state.stream SET complete_through = lasts.day WHERE brand = 'cash';
    SELECT momentum._refresh_matviews();
$$;
SELECT pg_temp.lasts('2026-05-31', 70) \g /dev/null
SELECT count(*) FROM momentum.alert WHERE brand = 'cash';
SELECT pg_temp.lasts('2026-06-01', 45) \g /dev/null
SELECT rule, severity, value, threshold, sentence FROM momentum.alert WHERE brand = 'cash';
SELECT pg_temp.lasts('2026-06-02', 20) \g /dev/null
SELECT rule, severity, value, threshold, sentence FROM momentum.alert WHERE brand = 'cash';
-- A loan comes in: the same sheet twice is one judgement, another one the second.
SELECT pg_temp.lasts('2026-06-02', 80), pg_temp.lasts('2026-06-02', 80) \g /dev/null
SELECT is_open, severity, as_of FROM momentum.alert WHERE brand = 'cash';
SELECT pg_temp.lasts('2026-06-02', 81) \g /dev/null
SELECT is_open, close_reason FROM momentum.alert WHERE brand = 'cash';
-- No balance, no runway: nothing is judged, and after two weeks the alert goes.
SELECT pg_temp.lasts('2026-06-03', -1) \g /dev/null
SELECT is_open, sentence FROM momentum.alert WHERE brand = 'cash' ORDER BY alert_id DESC LIMIT 1;
DELETE FROM hub.cash_balance WHERE brand = 'cash';
SELECT pg_temp.put('cash', 'sessions', '2026-06-17', 8000), momentum._refresh_matviews() \g /dev/null
SELECT is_open, close_reason FROM momentum.alert WHERE brand = 'cash' ORDER BY alert_id DESC LIMIT 1;
SELECT pg_temp.put('cash', 'sessions', '2026-06-18', 8000), momentum._refresh_matviews() \g /dev/null
SELECT is_open, close_reason FROM momentum.alert WHERE brand = 'cash' ORDER BY alert_id DESC LIMIT 1;

--
-- Score: a sign counts when it is clear, or on its second day
--
SELECT pg_temp.history('sign', 'net_revenue', 30000, 0.01), pg_temp.history('sign', 'sessions', 8000, 0.01), pg_temp.history('sign', 'orders', 300, 0.01) \g /dev/null
UPDATE momentum_state.metric_daily SET value = value * (1 - 0.005 * greatest(0, day - date '2026-05-01')) WHERE brand = 'sign' AND metric IN ('net_revenue', 'orders');
INSERT INTO momentum_state.score_log (brand, as_of, score, confidence, logged_at)
SELECT 'sign', date '2026-05-20' + t::integer, score, confidence, '2026-05-20'::timestamptz + t * interval '1 day'
  FROM unnest('{0.3,0.2,-0.1,0.1,0.05,-0.05,0.02,0.1,0.1}'::float8[], '{clear,clear,leaning,unclear,leaning,leaning,unclear,leaning,leaning}'::text[])
       WITH ORDINALITY u (score, confidence, t);
SELECT momentum._refresh_matviews() \g /dev/null
SELECT score_index, direction, confidence FROM momentum.score WHERE brand = 'sign';
SELECT turned_on, sign, score_before FROM momentum_state.score_turn WHERE brand = 'sign';
SELECT sentence FROM momentum_state.alert_condition WHERE brand = 'sign' AND rule = 'score';
SELECT severity, sense, sentence FROM momentum.alert WHERE brand = 'sign' AND rule = 'score';
-- Told otherwise, by not so clear a score: a second day has to agree.
UPDATE momentum_state.score_log SET as_of = as_of - 1 WHERE brand = 'sign' AND as_of = '2026-05-31';
INSERT INTO momentum_state.score_log (brand, as_of, score, confidence) VALUES ('sign', '2026-05-31', 0.1, 'leaning');
SELECT turned_on, sign FROM momentum_state.score_turn WHERE brand = 'sign';
UPDATE momentum_state.score_log SET as_of = as_of - 1 WHERE brand = 'sign' AND as_of >= '2026-05-30';
INSERT INTO momentum_state.score_log (brand, as_of, score, confidence) VALUES ('sign', '2026-05-31', 0.05, 'unclear');
SELECT turned_on, sign FROM momentum_state.score_turn WHERE brand = 'sign';

--
-- Freshness: by the clock, at every refresh
--
INSERT INTO momentum_state.source (brand, source, service, added_at) VALUES
    ('late', 'late_shop', 'shopify', '2026-01-01'), ('late', 'late_ads', 'meta_ads', '2026-01-01'),
    ('late', 'late_stores', 'crisp', '2026-01-01'), ('late', 'late_mail', 'klaviyo', '2026-05-31'),
    ('empty', 'empty_shop', 'shopify', '2026-05-25');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through, status, last_success_at) VALUES
    ('late', 'late_shop', 'orders', 'orders', 's.o', '15 min', '2026-05-31', 'ok', '2026-06-01'),
    ('late', 'late_shop', 'sessions', 'sessions_daily', 's.s', '15 min', '2026-05-30', 'ok', '2026-06-01'),
    ('late', 'late_ads', 'insights', 'insights', 'a.i', '15 min', '2026-05-28', 'failed', '2026-05-29'),
    ('late', 'late_stores', 'sales', 'sales', 'c.s', '1 day', '2026-05-15', 'ok', '2026-06-01'),
    ('late', 'late_mail', 'opens', 'opens', 'k.o', '15 min', '2024-07-01', 'loading', '2026-06-01'),
    ('empty', 'empty_shop', 'orders', 'orders', 's.o', '15 min', NULL, 'failed', NULL);
CREATE FUNCTION pg_temp.late() RETURNS TABLE (source text, severity text, is_open boolean, false_count integer, value float8, threshold float8)
LANGUAGE sql AS $$
    SELECT object, severity, closed_at IS NULL, false_count, value, threshold FROM momentum_state.alert_log
     WHERE rule = 'freshness' AND brand IN ('late', 'empty') ORDER BY alert_id
$$;
-- Three days behind are allowed to ads, 21 to retail; a first load is not late.
SELECT momentum._judge_freshness('2026-06-01 12:00+00') \g /dev/null
SELECT * FROM pg_temp.late();
SELECT momentum._judge_freshness('2026-06-02 12:00+00') \g /dev/null
SELECT * FROM pg_temp.late();
SELECT brand, sentence FROM momentum.alert WHERE rule = 'freshness' AND brand IN ('late', 'empty') ORDER BY brand, object;
-- A brand that has no data raises nothing else.
SELECT DISTINCT rule FROM momentum.alert WHERE brand = 'empty';
SELECT momentum._judge_freshness('2026-06-05 12:00+00') \g /dev/null
SELECT * FROM pg_temp.late() WHERE source = 'late_ads';
-- Back again: closed by the second refresh.  A source that was removed is gone.
UPDATE momentum_state.stream SET complete_through = '2026-06-04', status = 'ok' WHERE brand IN ('late', 'empty');
DELETE FROM momentum_state.stream WHERE source = 'late_stores';
SELECT momentum._judge_freshness('2026-06-05 12:30+00') \g /dev/null
SELECT * FROM pg_temp.late();
DELETE FROM momentum_state.stream WHERE source = 'empty_shop';
DELETE FROM momentum_state.source WHERE source = 'empty_shop';
SELECT momentum._judge_freshness('2026-06-05 12:45+00') \g /dev/null
SELECT brand, object, is_open, close_reason FROM momentum.alert WHERE rule = 'freshness' AND brand IN ('late', 'empty') ORDER BY brand, object;

-- Thresholds are settings, and lie in ranges; one that is none is not used.
SELECT momentum.set_setting('', 'alert.trend_sure', '95');
SELECT momentum.set_setting('', 'alert.close_after', '0');
SELECT momentum.set_setting('day', 'alert.pacing_min', 'low');
UPDATE momentum_state.setting SET value = '5000' WHERE key = 'alert.trend_sure';
INSERT INTO momentum_state.setting VALUES ('day', 'alert.trend_sure', '0.99'), ('turn', 'alert.trend_sure', 'often');
SELECT brand, trend_sure, close_after FROM momentum_state.alert_setting WHERE brand IN ('day', 'turn') ORDER BY 1;

-- Never two open for one thing, and every sentence is one.
SELECT brand, rule, object FROM momentum_state.alert_log WHERE closed_at IS NULL GROUP BY 1, 2, 3 HAVING count(*) > 1;
SELECT brand, sentence FROM momentum.alert WHERE sentence IS NULL OR sentence !~ '\.$' OR sentence ~ '  |\.\.';

-- A figure fits wherever it is told: rounded up to a thousand, beyond all
-- money there is, below zero by less than a cent; yen have no cents, dinars
-- have thousandths.
SELECT f.*, momentum._figure(f.value, f.unit, f.currency)
  FROM (VALUES (999.994::float8, 'money', 'USD'), (999.996, 'money', 'USD'), (-999.996, 'money', 'USD'), (-0.001, 'money', 'USD'), (1e17, 'money', 'USD'),
			   (999.5, 'money', 'JPY'), (0.4, 'money', 'JPY'), (5.4321, 'money', 'KWD'), (1234.5, 'money', 'KWD'), (12, 'money', NULL),
			   (0.09999999, 'share', NULL), (-0.00001, 'share', NULL), (1e9, 'share', NULL), (-0.4, 'count', NULL), (1e17, 'count', NULL),
			   (59.9, 'days', NULL), ('Infinity', 'days', NULL), (1e12, 'ratio', NULL), (-0.001, 'ratio', NULL), (NULL, 'money', 'USD')) f (value, unit, currency);
SELECT brand, sentence FROM momentum.alert WHERE sentence ~ '#';

-- A brand of which nothing is known any more has nothing that is open.
SELECT count(*) > 0 AS some_are_open FROM momentum.alert WHERE brand = 'day' AND is_open;
DELETE FROM momentum_state.metric_daily WHERE brand = 'day';
DELETE FROM momentum_state.stream WHERE brand = 'day';
DELETE FROM momentum_state.source WHERE brand = 'day';
SELECT momentum._answer_again('day') \g /dev/null
SELECT momentum.recompute() \g /dev/null
SELECT rule, object, close_reason FROM momentum.alert WHERE brand = 'day' AND close_reason = 'unknown' ORDER BY 1, 2;
SELECT count(*) FROM momentum.alert WHERE brand = 'day' AND is_open;
