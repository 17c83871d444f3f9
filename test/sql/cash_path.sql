-- Where the cash path comes from: the sheet for what it names, run rates for
-- shop sales and ad spend where it does not, and the last balance carried
-- forward.  Expected numbers are worked out beside each brand.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.add(brand text, metric text, value numeric, from_day date, to_day date) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
	SELECT add.brand, add.metric, d::date, 'shop', add.value, false FROM generate_series(from_day, to_day, interval '1 day') d
$$;
CREATE FUNCTION pg_temp.balance(brand text, day date, item text, amount numeric, line integer DEFAULT 2) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
	VALUES (brand, brand || '_sheet', 'Cash', line, day, item, amount, 0)
$$;
CREATE FUNCTION pg_temp.line(brand text, line integer, item text, kind text, channel text, amount numeric, from_day date, to_day date) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
	SELECT brand, brand || '_sheet', 'Cash', line, d::date, d::date, item, kind, amount, channel, 'sheet', 'expected', 0
	  FROM generate_series(from_day, to_day, interval '1 day') d
$$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['b30', 'b90', 'b100', 'run', 'named', 'weekly', 'old', 'nobalance', 'booked', 'stale']) b;
INSERT INTO momentum_state.source (brand, source, service) SELECT brand, brand || '_sheet', 'google_sheets' FROM momentum_state.brand;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT brand, brand || '_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-06-30' FROM momentum_state.brand;

-- b30, b90 (reference T12): B = 30000 gives W90 -18100, trough -18580, R 46;
-- B = 90000 gives trough 41420, R 168.399168399168.  b100: 100 less 10 a day
-- lasts 10 days.  None of them has any metric: they stand on the day their
-- sheet was read.
SELECT pg_temp.balance('b30', '2026-07-01', 'Opening', 30000), pg_temp.balance('b90', '2026-07-01', 'Opening', 90000),
	   pg_temp.balance('b100', '2026-07-01', 'Opening', 100);
SELECT pg_temp.line(b, 3, 'Payouts', 'in', 'shop', 1800 + (ARRAY[-120,-100,-80,-40,60,180,100])[(d - 1) % 7 + 1], date '2026-06-30' + d, date '2026-06-30' + d)
  FROM unnest(ARRAY['b30', 'b90']) b, generate_series(1, 90) d \g /dev/null
SELECT pg_temp.line(b, 4, 'Costs', 'cost', '', 1500, '2026-07-01', '2026-09-28') FROM unnest(ARRAY['b30', 'b90']) b \g /dev/null
SELECT pg_temp.line(b, 5, 'Supplier', 'cost', '', 9000, date '2026-06-30' + d, date '2026-06-30' + d)
  FROM unnest(ARRAY['b30', 'b90']) b, unnest(ARRAY[5,19,33,47,61,75,89]) d \g /dev/null
SELECT pg_temp.line(b, 6, 'Loan', 'loan', '', 4000, date '2026-06-30' + d, date '2026-06-30' + d)
  FROM unnest(ARRAY['b30', 'b90']) b, unnest(ARRAY[15,45,75]) d \g /dev/null
SELECT pg_temp.line('b100', 4, 'Costs', 'cost', '', 10, '2026-07-01', '2026-09-28');

-- run: 1000 of sales and 200 of ads a day, payroll of 300 a day in the sheet
-- until 30 July, 20000 at the beginning of 21 June.  Fee 2.9 %, so
-- 10 days carried: 20000 + 10 * (971 - 200 - 300) = 24710;
-- W30 = 24710 + 30 * 471 = 38840.  Behind the end of the sheet its payroll goes
-- on at its average: W60 = 52970, W90 = 67100.
SELECT pg_temp.add('run', 'net_revenue', 1000, '2026-03-01', '2026-06-30'), pg_temp.add('run', 'ad_spend', 200, '2026-03-01', '2026-06-30');
SELECT pg_temp.balance('run', '2026-06-21', 'Opening balance', 20000), pg_temp.line('run', 3, 'Payroll', 'cost', '', 300, '2026-06-21', '2026-07-30');

-- named: the sheet names the shop's payouts of 500 until 10 July.  From
-- 1000: day 10 is 6000; from day 11 on the run rate, 971 a day: day 90 is
-- 6000 + 80 * 971 = 83680.  No costs are known: the path is drawn, but of the
-- runway nothing is said.
SELECT pg_temp.add('named', 'net_revenue', 1000, '2026-03-01', '2026-06-30');
SELECT pg_temp.balance('named', '2026-07-01', 'Opening balance', 1000), pg_temp.line('named', 3, 'Shopify payouts', 'in', 'shop', 500, '2026-07-01', '2026-07-10');

-- weekly: the closing balance of one week stands beside the opening one of
-- the next; the opening one counts, both accounts of it: 5000 + 700.  Rows of
-- days to come are no balance yet.
SELECT pg_temp.balance('weekly', '2026-06-29', 'Opening balance checking', 5000, 2), pg_temp.balance('weekly', '2026-06-29', 'Opening balance savings', 700, 3),
	   pg_temp.balance('weekly', '2026-06-29', 'Closing balance', 5700, 9), pg_temp.balance('weekly', '2026-07-06', 'Opening balance checking', 1, 2);
-- old: a balance of last year starts nothing.  nobalance: lines alone neither.
SELECT pg_temp.balance('old', '2025-12-01', 'Opening balance', 5000), pg_temp.line('nobalance', 3, 'Payroll', 'cost', '', 300, '2026-06-21', '2026-07-30');
UPDATE momentum_state.stream SET complete_through = '2026-06-20' WHERE brand = 'named';

-- booked: the bank has 7000 by the books, which are newer than the sheet's 5000.
-- The sheet has 100 of retail receipts a day.  Invoices are due on the 10th of July
-- and, paid already, the 12th: until then the books know it all, 12 days give way.
-- Behind the 45 days that books know ahead only the day of the invoice of
-- September does.  7700 + 250 + 40 come in, and a bill of 60 for nothing in the
-- sheet is paid: W90 = 7000 + 7990 - 60 = 14930.  One bill is not the costs.
-- stale: books that were read before the sheet's balance do not start the path.
INSERT INTO momentum_state.source (brand, source, service) VALUES ('booked', 'booked_books', 'quickbooks'), ('stale', 'stale_books', 'quickbooks');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through) VALUES
	('booked', 'booked_books', 'books', 'books', 's.bills', '15 min', '2026-06-30'),
	('stale', 'stale_books', 'books', 'books', 's.bills', '15 min', '2026-06-24');
SELECT pg_temp.balance(b, '2026-06-29', 'Opening balance', 5000) FROM unnest(ARRAY['booked', 'stale']) b \g /dev/null
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, origin, content_hash) VALUES
	('booked', 'booked_books', 'bank', 35, '2026-07-01', 'Checking', 6500, 'quickbooks', 0),
	('booked', 'booked_books', 'bank', 36, '2026-07-01', 'Weekend closing', 500, 'quickbooks', 0),
	('stale', 'stale_books', 'bank', 35, '2026-06-25', 'Checking', 4000, 'quickbooks', 0);
SELECT pg_temp.line('booked', 3, 'Retail receipts', 'in', 'retail', 100, '2026-07-01', '2026-09-28');
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, replaces, content_hash) VALUES
	('booked', 'booked_books', 'receivables', 1, '2026-07-10', '2026-07-10', 'Invoice 1', 'in', 250, '', 'quickbooks', 'expected', '^retail', 0),
	('booked', 'booked_books', 'receivables', 2, '2026-07-12', '2026-07-12', 'Invoice 2', 'in', 0, '', 'quickbooks', 'booked', '^retail', 0),
	('booked', 'booked_books', 'receivables', 3, '2026-09-01', '2026-09-01', 'Invoice 3', 'in', 40, '', 'quickbooks', 'expected', '^retail', 0),
	('booked', 'booked_books', 'payables', 4, '2026-07-05', '2026-07-05', 'Bill 4', 'cost', 60, '', 'quickbooks', 'expected', NULL, 0);

-- monthly: rent of 3000 on the first of each month until August.  The tab speaks of
-- all of August, and behind it goes on at three rents in the 92 days of June to
-- August.  spring ends with a month of 30 days: its tab speaks until 30 June, in
-- which three rents are due in 91 days.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['monthly', 'spring']) b;
INSERT INTO momentum_state.source (brand, source, service) SELECT b, b || '_sheet', 'google_sheets' FROM unnest(ARRAY['monthly', 'spring']) b;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT b, b || '_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-06-30' FROM unnest(ARRAY['monthly', 'spring']) b;
SELECT pg_temp.balance(b, '2026-07-01', 'Opening', 50000) FROM unnest(ARRAY['monthly', 'spring']) b \g /dev/null
SELECT pg_temp.line(v.brand, 3, 'Rent', 'cost', '', 3000, m::date, m::date)
  FROM (VALUES ('monthly', timestamp '2026-08-01'), ('spring', '2026-06-01')) v (brand, last), generate_series(timestamp '2026-02-01', v.last, '1 month') m \g /dev/null

-- late: stores report two weeks late, the sheet was read through 30 June.  5000
-- less 100 a day from 1 July on lasts 50 days from there, not from the middle of June.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('late', 'Late', 'UTC', 'USD');
INSERT INTO momentum_state.source (brand, source, service) VALUES ('late', 'late_sheet', 'google_sheets');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
VALUES ('late', 'late_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-06-30');
SELECT pg_temp.add('late', 'retail_units', 300, '2026-04-01', '2026-06-16');
SELECT pg_temp.balance('late', '2026-06-15', 'Opening', 6600), pg_temp.balance('late', '2026-07-01', 'Opening', 5000);
SELECT pg_temp.line('late', 3, 'Costs', 'cost', '', 100, '2026-06-15', '2026-10-30');

SELECT momentum._refresh_matviews();
SELECT brand, as_of, working_capital AS now, working_capital_30d AS w30, working_capital_60d AS w60, working_capital_90d AS w90, trough, trough_day, runway_days, is_endless, status, reason
  FROM momentum.cash_summary ORDER BY brand;
SELECT brand, note FROM momentum.cash_summary WHERE note IS NOT NULL ORDER BY brand;
SELECT brand, origin, count(*), min(day_number) AS from_day, max(day_number) AS to_day, sum(inflow) AS inflow, sum(cost) AS cost, sum(loan) AS loan
  FROM momentum.cash_path GROUP BY brand, origin ORDER BY brand, from_day;
SELECT day_number, working_capital, run_rate_inflow, run_rate_cost FROM momentum.cash_path WHERE brand = 'named' AND day_number IN (0, 10, 11, 90) ORDER BY 1;

SELECT p.brand, s.sheet_through, min(p.day) FILTER (WHERE p.run_rate_cost > 0) AS goes_on, max(p.run_rate_cost) AS a_day, round(3 * 3000 / 92.0, 2) AS of_92, round(3 * 3000 / 91.0, 2) AS of_91
  FROM momentum.cash_path p JOIN momentum.cash_summary s USING (brand) WHERE p.brand IN ('monthly', 'spring') GROUP BY p.brand, s.sheet_through ORDER BY p.brand;

-- The component: c -0.488888888888889 and 0.871101871101871 (T12).  The sheet
-- of "named" was last read 10 days before its newest day: stale, though the
-- path is still shown.  A runway without end is full.
SELECT c.brand, round(c.c::numeric, 12) AS c, c.reason, v.actual, v.reason AS shown
  FROM momentum_state.component c JOIN momentum.score_component v USING (brand, component)
 WHERE c.back = 0 AND c.component = 'runway' ORDER BY c.brand;

-- What a founder reads.
SELECT brand, metric, status, runway_days, note FROM momentum.dashboard WHERE metric = 'working_capital' ORDER BY brand;
SELECT brand, action, because FROM momentum.recommendation WHERE topic = 'cash' ORDER BY brand;

-- A floor of 45000 is passed on day 89.  A setting that is no number is as
-- good as none.
INSERT INTO momentum_state.setting (brand, key, value) VALUES ('b90', 'cash.floor', '45000'), ('b30', 'cash.floor', 'a lot'), ('run', 'payment.fee_rate', '0');
SELECT momentum._refresh_matviews();
SELECT brand, runway_days, working_capital_90d FROM momentum.cash_summary WHERE brand IN ('b30', 'b90', 'run') ORDER BY brand;
