-- The history of the score: days that a refresh told, days computed
-- afterwards, and days told anew because their facts changed.
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.setup(), momentum.add_brand('brez', 'UTC', 'USD') \g /dev/null
SELECT momentum.set_target('brez', 'cac', 50, '2026-01-01') \g /dev/null

-- 200 days from 1 January to 19 July 2026: revenue that turns on 1 May, orders
-- that follow visits, and customers that get dearer.  Cash for two years.
CREATE FUNCTION pg_temp.add(metric text, value numeric, d date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('brez', metric, d, 'web', value, false)
$$;
CREATE FUNCTION pg_temp.add_days(first date, last date) RETURNS void LANGUAGE sql AS $$
	SELECT pg_temp.add('net_revenue', 5000 + 20 * abs(d::date - date '2026-05-01') + (37 * t * t + 11 * t) % 101, d::date),
		   pg_temp.add('orders', 50 + (13 * t) % 7, d::date), pg_temp.add('sessions', 2000, d::date),
		   pg_temp.add('ad_spend', 800 + 2 * t, d::date), pg_temp.add('new_customers', 20, d::date)
	  FROM generate_series(first::timestamp, last::timestamp, '1 day') d,
	       LATERAL (SELECT d::date - date '2026-01-01') x (t)
$$;
SELECT pg_temp.add_days('2026-01-01', '2026-07-19') \g /dev/null
INSERT INTO momentum_state.source (brand, source, service) VALUES ('brez', 'sheet', 'google_sheets');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through, due_at)
	VALUES ('brez', 'sheet', 'Cash', 'sheet', 'c.cash', '1 day', '2026-07-19', 'infinity');
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
	VALUES ('brez', 'sheet', 'Cash', 2, '2026-07-13', 'Opening balance', 50000, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'brez', 'sheet', 'Cash', 3, d, d, 'Payroll', 'cost', 5000, '', 'sheet', 'expected', 0
  FROM generate_series(timestamp '2026-07-13', '2027-12-01', '7 days') d;

-- A refresh tells one day.
SELECT momentum._refresh_matviews() \g /dev/null
SELECT as_of, score IS NOT NULL AS has_score, coverage, revision, is_told FROM momentum.score_history;

-- All others can be computed.  The first ones have too few points for a trend,
-- and of no day is it known which runway was expected then.
SELECT momentum.backfill_scores('brez');
SELECT count(*), count(DISTINCT as_of), min(as_of), max(as_of), count(*) FILTER (WHERE is_told) AS told FROM momentum.score_history;
SELECT coverage, reason, is_told, count(*), min(as_of), max(as_of) FROM momentum.score_history GROUP BY 1, 2, 3 ORDER BY min(as_of);
SELECT e.component, e.reason, count(*), min(g.as_of) AS first, max(g.as_of) AS last
  FROM momentum_state.score_log g, jsonb_to_recordset(g.components) e (component text, c float8, reason text)
 WHERE e.c IS NULL GROUP BY 1, 2 ORDER BY 1, 2;
-- The curve tells of the turn.
SELECT as_of, score_index, direction, confidence FROM momentum.score_history
 WHERE as_of IN ('2026-02-15', '2026-04-15', '2026-05-20', '2026-07-15') ORDER BY as_of;

-- It is the same computation: 7 and 30 days ago come to what the refresh
-- compares today with.
SELECT c.back, c.component, abs(c.c - e.c) < 1e-9 AS is_same
  FROM momentum_state.component c
  JOIN momentum_state.score_log g ON g.brand = c.brand AND g.as_of = c.as_of,
       jsonb_to_recordset(g.components) e (component text, c float8)
 WHERE e.component = c.component AND c.back > 0 AND c.component IN ('revenue', 'cac', 'conversion') ORDER BY c.back, c.place;
-- And what a refresh would have told on the day, had it been the newest one.
CREATE TEMP TABLE computed AS SELECT * FROM momentum_state.score_log WHERE as_of = '2026-06-10';
BEGIN;
DELETE FROM momentum_state.metric_daily WHERE day > '2026-06-10';
UPDATE momentum_state.stream SET complete_through = '2026-06-10';
DELETE FROM momentum_state.score_log;
SELECT momentum._refresh_matviews() \g /dev/null
SELECT g.as_of, abs(g.score - k.score) < 1e-9 AS is_same, g.coverage = k.coverage AS covers_the_same
  FROM momentum_state.score_log g JOIN computed k USING (as_of);
ROLLBACK;

-- What a component usually is, for what is within reach: the last 180 days.
SELECT component, c_needed IS NOT NULL AS is_known, reachable FROM momentum_state.lever WHERE brand = 'brez' ORDER BY component;

-- Nothing new: nothing is written.
SELECT momentum.backfill_scores('brez'), momentum._log_untold_scores('brez');

-- In a session whose clocks change at midnight (Havana, 8 March) the same days.
SET timezone = 'America/Havana';
BEGIN;
DELETE FROM momentum_state.score_log;
SELECT momentum.backfill_scores('brez'), momentum._log_untold_scores('brez');
SELECT count(*), min(as_of), max(as_of) FROM momentum.score_history;
DELETE FROM momentum_state.score_log WHERE as_of >= '2026-06-30';
SELECT momentum._log_untold_scores('brez');
ROLLBACK;
RESET timezone;

-- Three days nobody looked: the next refresh tells the newest, and fills the gap.
SELECT pg_temp.add_days('2026-07-20', '2026-07-23') \g /dev/null
UPDATE momentum_state.stream SET complete_through = '2026-07-23';
SELECT momentum._refresh_matviews() \g /dev/null
SELECT momentum._log_untold_scores('brez');
SELECT as_of, coverage, is_told FROM momentum.score_history WHERE as_of > '2026-07-17' ORDER BY as_of;

-- From 10 July on revenue was half as much again: days whose window that is in
-- are told anew, the others keep their word; who was told the runway keeps it.
-- (One day alone would hardly move a trend.)
UPDATE momentum_state.metric_daily SET value = value * 1.5 WHERE metric = 'net_revenue' AND day >= '2026-07-10';
SELECT momentum.backfill_scores('brez', '2026-06-01', '2026-07-22') > 0 AS told_anew;
SELECT min(as_of) >= '2026-07-10' AS not_before, bool_and(revision = 2) AS once, bool_or(is_told) AS any_told
  FROM momentum.score_history WHERE revision > 1;
SELECT g.as_of, g.is_told, g.coverage, e.c IS NOT NULL AS has_runway
  FROM momentum_state.score_log g, jsonb_to_recordset(g.components) e (component text, c float8)
 WHERE g.as_of = '2026-07-19' AND e.component = 'runway' ORDER BY g.logged_at;
SELECT as_of, revision, is_current FROM momentum.score_history WHERE as_of = '2026-07-19' ORDER BY revision;

-- Asked badly, or of nothing
SELECT momentum.backfill_scores('brez', '2027-01-01', '2027-02-01'), momentum.backfill_scores('brez', '2026-03-01', '2026-02-01'),
       momentum.backfill_scores('brez', '1066-10-14', '1066-10-15');
SELECT momentum.backfill_scores('nobody');
SELECT momentum.add_brand('empty', 'UTC', 'USD') \g /dev/null
SELECT momentum.backfill_scores('empty'), momentum._log_untold_scores('empty');
