-- What if the money comes later, or is less.  Expected numbers were computed
-- outside of the database, day by day.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

-- Two days later, half of it; earlier than tomorrow there is no day.
SELECT * FROM momentum.cash_shift('{10,20,30,40,50}', 0.5, 2);
SELECT * FROM momentum.cash_shift('{10,20,30,40,50}', 1, -2);
SELECT * FROM momentum.cash_shift('{10,20,30,40,50}', 1, 2147483647);
SELECT * FROM momentum.cash_shift('{10,20,30,40,50}', 1, -2147483648);
SELECT * FROM momentum.cash_shift('{10,20,30}', 0, 1);
SELECT * FROM momentum.cash_shift('{}', 2, 1);
SELECT momentum.cash_shift(NULL, 2, 1), momentum.cash_shift('{1}', NULL, 1), momentum.cash_shift('{1,2}') AS as_it_is;
SELECT momentum.cash_shift('{1,NULL}', 1, 0);
SELECT momentum.cash_shift('{1,NaN}', 1, 0);
SELECT momentum.cash_shift('{1,2}', -1, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT momentum.cash_shift('{1,2}', 'Infinity', 0);
SELECT momentum.cash_shift('{1e308,1e308}', 1, -1);
\echo :LAST_ERROR_SQLSTATE
-- Nothing is lost and nothing is made: days and beyond add up, whatever the shift.
SELECT count(*) AS shifts, bool_and(cardinality(r.amount) = 90) AS days_kept,
       bool_and(abs(r.total + r.beyond - 1.3 * 4095) < 1e-9) AS adds_up
  FROM (SELECT (s.r).amount, (s.r).beyond, (SELECT sum(a) FROM unnest((s.r).amount) a) AS total
          FROM (SELECT momentum.cash_shift((SELECT array_agg(d) FROM generate_series(1, 90) d), 1.3, days) AS r
                  FROM generate_series(-100, 100) days) s) r;

-- The reference path from 50000 (T12); fin has 10000 of financing on day 10 as well.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['b50', 'fin', 'costless', 'none']) b;
INSERT INTO momentum_state.source (brand, source, service) SELECT brand, brand || '_sheet', 'google_sheets' FROM momentum_state.brand WHERE brand <> 'none';
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT s.brand, s.source, 'Cash', 'sheet', 's.cash', '15 min', '2026-06-30' FROM momentum_state.source s;
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT s.brand, s.source, 'Cash', 2, '2026-07-01', 'Opening', 50000, 0 FROM momentum_state.source s;
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT b, b || '_sheet', 'Cash', v.line, date '2026-06-30' + d, date '2026-06-30' + d, v.item, v.kind, v.amount, v.channel, 'sheet', 'expected', 0
  FROM unnest(ARRAY['b50', 'fin', 'costless']) b, generate_series(1, 90) d
 CROSS JOIN LATERAL (VALUES
	(3, 'Payouts', 'in', 1800 + (ARRAY[-120,-100,-80,-40,60,180,100])[(d - 1) % 7 + 1], 'shop'),
	(4, 'Costs', 'cost', CASE WHEN b <> 'costless' THEN 1500 END, ''),
	(5, 'Supplier', 'cost', CASE WHEN b <> 'costless' AND d % 14 = 5 THEN 9000 END, ''),
	(6, 'Loan', 'loan', CASE WHEN b <> 'costless' AND d IN (15,45,75) THEN 4000 END, ''),
	(7, 'Loan proceeds', 'in', CASE WHEN b = 'fin' AND d = 10 THEN 10000 END, 'financing')) v (line, item, kind, amount, channel)
 WHERE v.amount IS NOT NULL;
SELECT momentum._refresh_matviews();

-- b50 as it is: 36780, 23660, 1900, trough 1420 on day 89, R 93.555.  A fifth
-- less comes in: 26024, 2128, -30480, R 60.  Two weeks later, so that 25200 come
-- behind the end: 11580, -1540, -23300, R 46.  A fifth more is spent: 24180,
-- -1540, -37700, R 46.  Financing is neither less nor late.
SELECT brand, scenario, working_capital_30d AS w30, working_capital_60d AS w60, working_capital_90d AS w90, trough,
       trough_day - as_of AS trough_on, runway_days, is_endless AS endless, inflow_beyond AS beyond, reason
  FROM momentum.cash_scenario ORDER BY brand, place;
-- base is what the summary says.
SELECT s.brand, s.working_capital_30d = c.working_capital_30d AND s.working_capital_60d = c.working_capital_60d
       AND s.working_capital_90d = c.working_capital_90d AND s.trough = c.trough AND s.trough_day = c.trough_day
       AND s.runway_days IS NOT DISTINCT FROM c.runway_days AND s.is_endless IS NOT DISTINCT FROM c.is_endless AS same
  FROM momentum.cash_scenario s JOIN momentum.cash_summary c USING (brand) WHERE s.scenario = 'base' ORDER BY 1;

-- A brand's own scenario, and its own word for one of the defaults.
SELECT momentum.set_scenario('b50', 'vendors_want_it_now', cost_days => -7, loan_factor => 0, name => 'Costs a week earlier, no loans');
SELECT momentum.set_scenario('b50', 'spend_up', cost_factor => 1.1);
SELECT scenario, name, place, in_factor, cost_factor, cost_days, loan_factor, working_capital_30d AS w30, working_capital_90d AS w90, trough, runway_days
  FROM momentum.cash_scenario WHERE brand = 'b50' ORDER BY place;
SELECT scenario, cost_factor FROM momentum.cash_scenario WHERE brand = 'fin' AND scenario = 'spend_up';
SELECT momentum.drop_scenario('b50', 'vendors_want_it_now');
SELECT momentum.drop_scenario('b50', 'spend_up');
SELECT scenario, cost_factor FROM momentum.cash_scenario WHERE brand = 'b50' ORDER BY place;
SELECT brand, action, detail FROM momentum_state.audit WHERE action LIKE '%scenario' ORDER BY at, action, detail::text;

-- What cannot be.
SELECT momentum.set_scenario('nobody', 'x');
SELECT momentum.set_scenario('b50', 'base', in_factor => 2);
SELECT momentum.set_scenario('b50', 'Bad Name');
SELECT momentum.set_scenario('b50', NULL);
SELECT momentum.set_scenario('b50', 'x', in_factor => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT momentum.set_scenario('b50', 'x', in_factor => 'NaN');
SELECT momentum.set_scenario('b50', 'x', in_factor => NULL);
SELECT momentum.set_scenario('b50', 'x', loan_days => 1000);
SELECT momentum.drop_scenario('b50', 'x');
\echo :LAST_ERROR_SQLSTATE
