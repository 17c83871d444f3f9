-- Thirteen weeks by the direct method: every row has its place, and the rows
-- of a week add up to its closing balance to the cent.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.line(brand text, line integer, item text, kind text, channel text, amount numeric, from_day date, to_day date, step interval DEFAULT '1 day') RETURNS void
LANGUAGE sql AS $$
	INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
	SELECT brand, brand || '_sheet', 'Cash', line, d::date, d::date, item, kind, amount, channel, 'sheet', 'expected', 0
	  FROM generate_series(from_day, to_day, step) d
$$;
-- plan: all of it in the sheet.  run: shop sales and ads by their run rates,
-- with noise, the rest of a sheet that ends after two weeks goes on at its
-- average; bills and invoices of the books.  odd: amounts of a third of a cent.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['plan', 'run', 'odd', 'none']) b;
INSERT INTO momentum_state.source (brand, source, service)
SELECT brand, brand || '_sheet', 'google_sheets' FROM momentum_state.brand WHERE brand <> 'none' UNION ALL VALUES ('run', 'run_books', 'quickbooks');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT s.brand, s.source, 'Cash', CASE s.service WHEN 'quickbooks' THEN 'books' ELSE 'sheet' END, 's.cash', '15 min', '2026-06-30' FROM momentum_state.source s;
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT b, b || '_sheet', 'Cash', 2, '2026-07-01', 'Opening', 20000, 0 FROM unnest(ARRAY['plan', 'run', 'odd']) b;
SELECT pg_temp.line('plan', 3, 'Shopify payouts', 'in', 'shop', 1000, '2026-07-01', '2026-09-28'),
	pg_temp.line('plan', 4, 'Retail receipts', 'in', 'retail', 500, '2026-07-03', '2026-09-25', '7 days'),
	pg_temp.line('plan', 5, 'Bank loan proceeds', 'in', 'financing', 7000, '2026-07-08', '2026-07-08'),
	pg_temp.line('plan', 6, 'Meta ads', 'cost', 'ads', 300, '2026-07-01', '2026-09-28'),
	pg_temp.line('plan', 7, 'Payroll', 'cost', '', 4000, '2026-07-15', '2026-09-15', '1 month'),
	pg_temp.line('plan', 8, 'Inventory purchase', 'cost', '', 2500, '2026-07-06', '2026-09-21', '14 days'),
	pg_temp.line('plan', 9, 'Harbor fulfilment', 'cost', '', 120, '2026-07-01', '2026-09-23', '7 days'),
	pg_temp.line('plan', 10, 'Odds and ends', 'cost', '', 35, '2026-07-02', '2026-07-02'),
	pg_temp.line('plan', 11, 'Loan interest', 'loan', '', 90, '2026-07-31', '2026-09-28', '30 days'),
	pg_temp.line('plan', 12, 'Loan principal', 'loan', '', 600, '2026-07-31', '2026-09-28', '30 days');
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'run', v.metric, date '2026-03-01' + t, 'shop', v.value, false
  FROM generate_series(0, 121) t, LATERAL (VALUES
	('net_revenue', round(1234.56 + (37 * t * t + 11 * t) % 101 - 50 + 0.01 * (t % 7), 2)), ('ad_spend', 200.10 + (53 * t * t + 29 * t) % 97)) v (metric, value);
SELECT pg_temp.line('run', 3, 'Payroll', 'cost', '', 333.33, '2026-06-20', '2026-07-14'), pg_temp.line('run', 4, 'Rent', 'cost', '', 41.67, '2026-06-20', '2026-07-14'),
	pg_temp.line('run', 5, 'Wholesale receipts', 'in', 'retail', 77.77, '2026-06-20', '2026-07-14'), pg_temp.line('run', 6, 'Loan', 'loan', '', 12.34, '2026-06-20', '2026-07-14');
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, replaces, content_hash) VALUES
	('run', 'run_books', 'receivables', 1, '2026-06-25', '2026-07-01', 'Invoice 1, Grocer', 'in', 250.55, '', 'quickbooks', 'expected', '\m(retail|wholesale)\M', 0),
	('run', 'run_books', 'receivables', 2, '2026-05-20', '2026-07-01', 'Invoice 2, Corner shop', 'in', 80, '', 'quickbooks', 'expected', '\m(retail|wholesale)\M', 0),
	('run', 'run_books', 'receivables', 3, '2026-03-01', '2026-07-01', 'Invoice 3, Gone', 'in', 5, '', 'quickbooks', 'expected', '\m(retail|wholesale)\M', 0),
	('run', 'run_books', 'receivables', 4, '2026-07-20', '2026-07-26', 'Invoice 4, Grocer', 'in', 99.99, '', 'quickbooks', 'expected', '\m(retail|wholesale)\M', 0),
	('run', 'run_books', 'receivables', 5, '2026-06-20', '2026-07-01', 'Invoice 5, Paid', 'in', 0, '', 'quickbooks', 'booked', '\m(retail|wholesale)\M', 0),
	('run', 'run_books', 'payables', 6, '2026-07-05', '2026-07-05', 'Bill 6, Harbor', 'cost', 60.01, '', 'quickbooks', 'expected', '\m(freight|shipping)\M', 0),
	('run', 'run_books', 'payables', 7, '2026-04-15', '2026-07-01', 'Bill 7, Somebody', 'cost', 10, '', 'quickbooks', 'expected', NULL, 0);
SELECT pg_temp.line('odd', 3, 'Shopify payouts', 'in', 'shop', 100.0 / 3, '2026-07-01', '2026-09-28'),
	pg_temp.line('odd', 4, 'Freight', 'cost', '', 20.0 / 3, '2026-07-01', '2026-09-28'), pg_temp.line('odd', 5, 'Rent', 'cost', '', 10.0 / 3, '2026-07-01', '2026-09-28');
SELECT momentum._refresh_matviews();

-- Week 1 of the plan: 20000 + 7 * 1000 + 500 - 7 * 300 - 2500 - 120 - 35 = 22745;
-- week 2 has the loan paid out: 22745 + 7000 + 7000 + 500 - 2100 - 120 = 35025.
SELECT week, place, kind, line, amount FROM momentum.cash_week WHERE brand = 'plan' AND week <= 2 ORDER BY week, place;
-- Of all weeks: what each line comes to.
SELECT kind, line, sum(amount) AS amount, count(*) AS weeks FROM momentum.cash_week WHERE brand = 'plan' AND kind IN ('in', 'cost', 'loan') GROUP BY kind, line ORDER BY kind DESC, line;
-- 90 days are 12 weeks and 6 days.
SELECT week, first_day, last_day, amount, p10 FROM momentum.cash_week WHERE brand = 'plan' AND kind = 'closing' AND week >= 12 ORDER BY week;

-- Rows add up to the closing balance; the next week opens with it; the last
-- closes with the path.  The lines are those of the path to a few cents.
SELECT w.brand, count(*) AS weeks, bool_and(w.opening + w.lines = w.closing) AS adds_up, bool_and(w.opening = w.before) AS goes_on,
       bool_and(abs(w.lines - p.change) < 0.01 * (w.n + 1)) AS is_the_path, bool_and(w.closing = p.working_capital) AS closes_with_it
  FROM (SELECT x.*, lag(x.closing, 1, x.opening) OVER (PARTITION BY x.brand ORDER BY x.week) AS before
          FROM (SELECT c.brand, c.week, max(c.last_day) AS last_day, sum(c.amount) FILTER (WHERE c.kind = 'opening') AS opening,
                       sum(c.amount) FILTER (WHERE c.kind = 'closing') AS closing, count(*) AS n,
                       sum(c.amount) FILTER (WHERE c.kind IN ('in', 'cost', 'loan')) AS lines
                  FROM momentum.cash_week c GROUP BY c.brand, c.week) x) w
  JOIN LATERAL (SELECT sum(inflow - cost - loan) AS change, sum(working_capital) FILTER (WHERE day = w.last_day) AS working_capital
                  FROM momentum.cash_path q WHERE q.brand = w.brand AND (q.day_number + 6) / 7 = w.week AND q.day_number > 0) p ON true
 GROUP BY w.brand ORDER BY w.brand;
SELECT line, sum(amount) FROM momentum.cash_week WHERE brand = 'odd' AND kind IN ('in', 'cost') GROUP BY line ORDER BY line;

-- Run rates have errors, so the weeks have bands; a plan has none.
SELECT brand, count(p10) AS with_bands, bool_and(p10 < amount AND amount < p90) AS around, bool_and(p90 - p10 > before) AS wider
  FROM (SELECT *, lag(p90 - p10, 1, 0::numeric) OVER (PARTITION BY brand ORDER BY week) AS before
          FROM momentum.cash_week WHERE kind = 'closing' AND week % 4 = 1) w GROUP BY brand ORDER BY brand;
SELECT brand, error_days, p_breach, runway_days_p10 <= runway_days_p90 AS ordered FROM momentum.cash_summary ORDER BY brand;
SELECT c.brand, c.se > 0 AS has_error, c.se FROM momentum_state.component c WHERE component = 'runway' AND back = 0 AND brand <> 'run' ORDER BY brand;
SELECT brand, series, method, mase, error_days, reason FROM momentum.forecast_quality WHERE brand IN ('run', 'none') ORDER BY brand, series;
-- The errors are those of forecasts made a week ahead, after fees: what came
-- less what was expected, sales less ads.
SELECT cardinality(p.errors) AS days, bool_and(abs(e.error - ((1 - 0.029) * s.error - a.error)) < 1e-9) AS same
  FROM momentum_state.cash_path p
  JOIN (SELECT (momentum.forecast_errors(array_agg(day ORDER BY day), array_agg(net_revenue ORDER BY day))).*
          FROM momentum_state.recent_day WHERE brand = 'run' AND day > date '2026-06-30' - 119) s ON true
  JOIN (SELECT (momentum.forecast_errors(array_agg(day ORDER BY day), array_agg(ad_spend ORDER BY day))).*
          FROM momentum_state.recent_day WHERE brand = 'run' AND day > date '2026-06-30' - 119) a ON a.day = s.day
  JOIN LATERAL unnest(p.errors) WITH ORDINALITY e (error, n) ON e.n = s.day - date '2026-05-05'
 WHERE p.brand = 'run' AND p.back = 0 AND p.n = 0 GROUP BY p.errors;

-- What is owed, by age.
SELECT document, due_day, expected_day, amount, days_overdue, age FROM momentum.receivable ORDER BY due_day;
SELECT document, due_day, expected_day, amount, days_overdue, age FROM momentum.payable ORDER BY due_day;
-- Loan service ahead: 690 of the 30000 + 5 * 500 that come in on days 31 to 60,
-- and of the 30000 + 4 * 500 on days 61 to 90.
SELECT brand, due_day, loan, part, amount, share_of_inflow, working_capital, is_covered, p_covered FROM momentum.loan WHERE brand = 'plan' ORDER BY due_day, loan;
-- Below a floor of 40000 it has been from the first day on.
UPDATE momentum_state.setting SET value = '40000' WHERE brand = '' AND key = 'cash.floor';
SELECT due_day, is_covered FROM momentum.loan WHERE brand = 'plan' AND part = 'interest' ORDER BY due_day;
-- A brand's own word for a line.
INSERT INTO momentum_state.cash_part (brand, kind, pattern, part) VALUES ('plan', 'cost', '^ Odds', 'sundries');
SELECT momentum._refresh_matviews();
SELECT line, amount FROM momentum.cash_week WHERE brand = 'plan' AND week = 1 AND kind = 'cost' ORDER BY place;

-- As a property: 80 brands of odd amounts, 1,040 weeks.  Whatever the amounts,
-- the rows of each week add up to the cent and no line is off by more than the
-- cents of its week.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT 'r' || b, 'r' || b, 'UTC', 'USD' FROM generate_series(1, 80) b;
INSERT INTO momentum_state.source (brand, source, service) SELECT 'r' || b, 'r' || b || '_sheet', 'google_sheets' FROM generate_series(1, 80) b;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT 'r' || b, 'r' || b || '_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-06-30' FROM generate_series(1, 80) b;
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT 'r' || b, 'r' || b || '_sheet', 'Cash', 2, '2026-07-01', 'Opening', (hashint4(b) % 1000000) / 7.0, 0 FROM generate_series(1, 80) b;
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'r' || b, 'r' || b || '_sheet', 'Cash', l.line, date '2026-06-30' + d, date '2026-06-30' + d, l.item, l.kind,
       (hashint8(b * 100000 + d * 10 + l.line) % 10 ^ (1 + b % 9)::numeric) / l.line, l.channel, 'sheet', 'expected', 0
  FROM generate_series(1, 80) b, generate_series(1, 90) d,
       (VALUES (3, 'Shopify payouts', 'in', 'shop'), (4, 'Retail', 'in', 'retail'), (5, 'Meta ads', 'cost', 'ads'), (6, 'Payroll', 'cost', ''),
	(7, 'Rent', 'cost', ''), (8, 'Odds', 'cost', ''), (9, 'Loan', 'loan', '')) l (line, item, kind, channel)
 WHERE hashint8(b * 7 + d * 13 + l.line) % 3 <> 0;
SELECT momentum._refresh_matviews();
SELECT count(*) AS weeks, count(*) FILTER (WHERE w.opening + w.lines <> w.closing) AS off, count(*) FILTER (WHERE w.opening <> w.before) AS broken,
       max(abs(w.lines - p.change) / (w.n + 14)) <= 0.005 AS few_cents
  FROM (SELECT x.*, lag(x.closing, 1, x.opening) OVER (PARTITION BY x.brand ORDER BY x.week) AS before
          FROM (SELECT c.brand, c.week, sum(c.amount) FILTER (WHERE c.kind = 'opening') AS opening,
                       sum(c.amount) FILTER (WHERE c.kind = 'closing') AS closing, count(*) AS n,
                       coalesce(sum(c.amount) FILTER (WHERE c.kind IN ('in', 'cost', 'loan')), 0) AS lines
                  FROM momentum.cash_week c WHERE c.brand ~ '^r[0-9]' GROUP BY c.brand, c.week) x) w
  JOIN LATERAL (SELECT sum(inflow - cost - loan) AS change FROM momentum.cash_path q
                 WHERE q.brand = w.brand AND (q.day_number + 6) / 7 = w.week AND q.day_number > 0) p ON true;
