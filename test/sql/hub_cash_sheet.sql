-- The cash sheet: how its lines count, and on which days.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('cash', 'google_sheets') \g /dev/null
SELECT momentum._add_stream('brez', 'cash', 'sheet Plan', momentum._loader_of('google_sheets', 'sheet'),
	'{"sheet": "svc.sheet", "tab": "Plan"}', 1) \g /dev/null
\set ECHO all

-- The usual words are known.
SELECT i.item, c.kind, c.timing, c.channel
  FROM unnest('{Opening balance,"Cash at start",Closing cash,Shopify payouts,Amazon payout,Retail receipts,Sales,
	Customer payments,Loan proceeds,Loan repayment,Interest,Interest received,Payroll,Rent,"Meta ads",Inventory purchase,
	Shipping and fulfilment,Software and fees,VAT,VAT refund,Total costs,Net cash flow,Notes,
	Payments received,Payments from retailers,Shopify Payments,Sales returns,Sales commissions,Affiliate payouts,Revenue share,
	Investment in equipment,Capital in,Equity round,Capital One card payment in full,Net income,Net sales,Mystery}'::text[])
	   WITH ORDINALITY AS i (item, place)
  LEFT JOIN LATERAL (SELECT * FROM momentum_state.cash_item k WHERE i.item ~* k.pattern
					  ORDER BY k.priority, k.pattern LIMIT 1) c ON true
 ORDER BY i.place;

-- Weeks across: amounts fall on the days of their week, and add up to the cent.
INSERT INTO svc.sheet (row_number, item, period, amount) VALUES
	(2, 'Opening balance', '2025-03-03', 50000), (3, 'Receipts', '2025-03-03', NULL),
	(4, 'Shopify payouts', '2025-03-03', 1000), (4, 'Shopify payouts', '2025-03-10', 0),
	(5, 'Payroll', '2025-03-03', -3000), (5, 'Payroll', '2025-03-10', -3000),
	(6, 'Loan repayment', '2025-03-10', 500), (7, 'Mystery', '2025-03-10', 1),
	(8, 'Total costs', '2025-03-10', 3500), (9, 'Rent', '2025-03-10', 640);
CALL momentum.refresh();
SELECT status, warnings FROM momentum.source_health;
SELECT row_number, day, item, amount FROM hub.cash_balance;
SELECT item, kind, channel, period, min(day), max(day), count(*), min(amount), max(amount), sum(amount)
  FROM hub.cash_flow GROUP BY row_number, item, kind, channel, period ORDER BY row_number, period;

-- The brand says it better than the defaults.
INSERT INTO momentum_state.cash_item (brand, tab, pattern, kind, sign, timing, channel) VALUES
	('brez', 'Plan', '^mystery$', 'cost', 1, 'fri', ''), ('brez', '', 'shopify', 'in', 1, 'weekdays', 'shop');
UPDATE svc.sheet SET amount = 60001 WHERE row_number = 2;
DELETE FROM svc.sheet WHERE row_number = 9;
CALL momentum.refresh(force => true);
SELECT status, warnings FROM momentum.source_health;
SELECT day, amount FROM hub.cash_balance;
SELECT item, period, day, amount FROM hub.cash_flow WHERE row_number IN (4, 7, 9) AND amount <> 0 ORDER BY row_number, day;
-- A written zero is knowledge too.
SELECT count(*) FROM hub.cash_flow WHERE amount = 0;

-- A file that bears its old version is not read again, unless it is to be
-- understood in another way.
CREATE TABLE svc.files (version bigint);
INSERT INTO svc.files VALUES (7);
UPDATE momentum_state.stream SET tables = tables || '{"files": "svc.files"}';
CALL momentum.refresh(force => true);
UPDATE svc.sheet SET amount = 70000 WHERE row_number = 2;
CALL momentum.refresh(force => true);
SELECT amount FROM hub.cash_balance;
DELETE FROM momentum_state.cash_item WHERE brand = 'brez' AND pattern = '^mystery$';
CALL momentum.refresh(force => true);
SELECT amount, warnings FROM hub.cash_balance, momentum.source_health;
UPDATE svc.sheet SET amount = 80000 WHERE row_number = 2;
UPDATE svc.files SET version = 8;
CALL momentum.refresh(force => true);
SELECT amount FROM hub.cash_balance;
UPDATE momentum_state.stream SET tables = tables - 'files', seen_version = NULL;

-- Months across: a month has its own length.
DELETE FROM svc.sheet;
INSERT INTO svc.sheet (row_number, item, period, amount) VALUES
	(2, 'Closing balance', '2025-02-01', 900), (3, 'Sales', '2025-02-01', 100), (3, 'Sales', '2025-03-01', 100),
	(4, 'Payroll', '2025-02-01', 100), (4, 'Payroll', '2025-03-01', 70);
CALL momentum.refresh(force => true);
SELECT day, amount FROM hub.cash_balance;
SELECT item, period, min(day), max(day), count(*), min(amount), max(amount), sum(amount)
  FROM hub.cash_flow GROUP BY row_number, item, period ORDER BY row_number, period;

-- Single dates stay where they are.
UPDATE svc.sheet SET period = period + 11 WHERE period = '2025-03-01';
CALL momentum.refresh(force => true);
SELECT item, period, day, amount, status FROM hub.cash_flow ORDER BY row_number, day;

-- Two tabs with one story: both count, and that is said.
SELECT momentum._add_stream('brez', 'cash', 'sheet List', momentum._loader_of('google_sheets', 'sheet'),
	'{"sheet": "svc.sheet", "tab": "List"}', 2) \g /dev/null
CALL momentum.refresh(force => true);
SELECT stream, warnings FROM momentum.source_health ORDER BY stream;
DELETE FROM momentum_state.stream WHERE stream = 'sheet List';
DELETE FROM hub.cash_balance WHERE tab = 'List';
DELETE FROM hub.cash_flow WHERE tab = 'List';

-- An amount without item or period is said; text where an amount belongs is
-- an error of this stream, and what was known stays.
INSERT INTO svc.sheet (row_number, item, period, amount) VALUES (5, NULL, '2025-02-01', 5), (6, 'Rent', NULL, 5);
CALL momentum.refresh(force => true);
SELECT status, warnings FROM momentum.source_health;
-- So is an amount that no business has: one slip of the finger would else
-- overflow the money columns of every brand.
INSERT INTO svc.sheet (row_number, item, period, amount) VALUES
	(7, 'Opening balance', current_date, 50000), (8, 'Sales', current_date + 1, 1e20), (8, 'Rent', current_date + 2, 5);
CALL momentum.refresh(force => true);
SELECT status, sqlstate, error FROM momentum.source_health;
SELECT count(working_capital) FROM momentum.cash_path;
DELETE FROM svc.sheet WHERE row_number > 6;
ALTER TABLE svc.sheet ALTER amount TYPE text;
UPDATE svc.sheet SET amount = 'about 70' WHERE row_number = 4;
CALL momentum.refresh(force => true);
SELECT status, sqlstate, error FROM momentum.source_health;
SELECT count(*) FROM hub.cash_flow;
