-- The books in the cash path: what is open replaces the lines of the sheet that
-- it stands for, the bank's balance is the one of the books.
\getenv sim MOMENTUM_SIM
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup() \g /dev/null
SELECT momentum.add_brand('wagwell', 'America/New_York', 'USD') \g /dev/null
\pset null '-'
\set url :sim /story/sheets
\set drive :sim /story/drive
\set token :sim /story/token
CREATE SERVER cash FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS (spreadsheet_id 'sim-cash', base_url :'url',
    drive_url :'drive', token_url :'token', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER cash OPTIONS
    (credential '{"client_id": "sim_client", "client_secret": "sim_secret", "refresh_token": "1//sim_refresh"}');
\set url :sim /story/quickbooks
CREATE SERVER books FOREIGN DATA WRAPPER quickbooks_fdw
    OPTIONS (realm_id '9130350000000001', base_url :'url', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER books OPTIONS (credential 'qbo_test');
CREATE SCHEMA cash;
CREATE SCHEMA books;
CREATE FOREIGN TABLE cash.flow (row_number bigint, item text, period date, period_label text, amount numeric)
    SERVER cash OPTIONS (tab 'Cash flow', layout 'crosstab');
IMPORT FOREIGN SCHEMA api FROM SERVER books INTO books;
CREATE FUNCTION today() RETURNS date LANGUAGE sql AS $$ SELECT (now() AT TIME ZONE 'America/New_York')::date $$;

-- The path by the sheet alone
SELECT momentum.add_source('wagwell', 'cash') \g /dev/null
CALL momentum.refresh();
CREATE TABLE before AS SELECT day_number, day, working_capital, inflow, cost, loan, origin FROM momentum.cash_path;
SELECT origin, count(*) FROM before WHERE day_number <= 90 GROUP BY origin ORDER BY origin;

-- What the simulator itself adds up of its books
CREATE TABLE told (kind text, id text, due date, amount numeric, currency text);
CREATE PROCEDURE tell(answer jsonb) LANGUAGE sql AS $$
    TRUNCATE told;
    INSERT INTO told
    SELECT k.key, d ->> 'id', (d ->> 'due')::date, (d ->> 'cents')::numeric / 100, d ->> 'currency'
      FROM jsonb_each(answer) k, jsonb_array_elements(k.value) d
$$;
\set answer `"$PG_ABS_SRCDIR/simulator/ctl" get "quickbooks?world=story"`
CALL tell(:'answer');

SELECT momentum.add_source('wagwell', 'books');
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
CALL momentum.refresh(only_source => 'books');
\! "$PG_ABS_SRCDIR/simulator/ctl" count story quickbooks
SELECT source, stream, status, complete_through = today() - 1 AS to_yesterday, foreign_currency_rows AS foreign_rows, warnings, error
  FROM momentum.source_health ORDER BY source, stream;

-- One customer usually pays three days late: its money is expected then.
SELECT party, days, invoices >= 3 AS enough FROM hub.payment_delay ORDER BY party;
CREATE VIEW expected AS
SELECT t.kind, t.id, t.due, t.amount, greatest(t.due + CASE WHEN i.customer_id = '23' THEN 3 ELSE 0 END, today()) AS day
  FROM told t LEFT JOIN books.invoices i ON t.kind = 'Invoice' AND i.id = t.id;

-- Open receivables, payables and the bank's balance are what the books say.
CREATE VIEW in_hub AS
SELECT CASE f.tab WHEN 'payables' THEN 'Bill' ELSE 'Invoice' END AS kind, f.row_number::text AS id, f.period AS due, f.day, f.amount
  FROM hub.cash_flow f WHERE f.origin = 'quickbooks' AND f.amount <> 0
UNION ALL
SELECT 'bank', b.row_number::text, NULL, b.day, b.amount FROM hub.cash_balance b WHERE b.origin = 'quickbooks';
SELECT t.kind, count(*) > 1 AS some, count(*) = count(h.id) AS all_there, sum(t.amount) = sum(h.amount) AS same_sum,
       bool_and(t.amount = h.amount AND t.due IS NOT DISTINCT FROM h.due AND h.day = t.day) AS each_the_same,
       (SELECT count(*) FROM in_hub x WHERE x.kind = t.kind) = count(*) AS no_more
  FROM expected t LEFT JOIN in_hub h USING (kind, id) GROUP BY t.kind ORDER BY t.kind;
-- It is the sheet's balance of this week; as the newer one it counts, and alone.
SELECT (SELECT sum(amount) FROM hub.cash_balance WHERE origin = 'quickbooks')
       = (SELECT amount FROM hub.cash_balance WHERE origin = 'sheet' ORDER BY day DESC LIMIT 1) AS same_balance,
       working_capital = (SELECT sum(amount) FROM told WHERE kind = 'bank') AS starts_there, origin
  FROM momentum.cash_path WHERE day_number = 0;

-- Lines give way through the last document due: money counts once.  By hand:
-- the sheet's lines of the kinds without, and what is open.
CREATE VIEW by_hand AS
WITH class (name, vendor) AS (VALUES ('Inventory purchase', '11'), ('Shipping and fulfilment', '12'), ('Rent', '13')),
document AS (
    SELECT c.name, b.due_date AS due FROM books.bills b JOIN class c ON c.vendor = b.vendor_id WHERE b.due_date >= today() - 31
    UNION ALL SELECT 'Retail receipts', i.due_date FROM books.invoices i WHERE i.due_date >= today() - 31),
through AS (SELECT d.name, max(d.due) AS day FROM document d GROUP BY d.name)
SELECT day, sum(amount) FILTER (WHERE kind = 'in') AS inflow, sum(amount) FILTER (WHERE kind = 'cost') AS cost,
       sum(amount) FILTER (WHERE kind = 'loan') AS loan
  FROM (SELECT f.day, f.kind, f.amount FROM hub.cash_flow f LEFT JOIN through t ON t.name = f.item
         WHERE f.origin = 'sheet' AND f.day >= today() AND (t.day IS NULL OR f.period > t.day)
        UNION ALL
        SELECT t.day, CASE t.kind WHEN 'Bill' THEN 'cost' ELSE 'in' END, t.amount FROM expected t WHERE t.kind <> 'bank') x
 GROUP BY day;
CREATE VIEW differences AS
SELECT p.day_number FROM momentum.cash_path p LEFT JOIN by_hand b USING (day)
 WHERE p.day_number BETWEEN 1 AND 90
   AND (p.inflow, p.cost, p.loan) IS DISTINCT FROM (coalesce(b.inflow, 0), coalesce(b.cost, 0), coalesce(b.loan, 0));
SELECT count(*) AS differences FROM differences;
-- And the path adds up to the cent.
CREATE VIEW broken AS
SELECT p.day_number
  FROM (SELECT day_number, working_capital - lag(working_capital) OVER (ORDER BY day_number) AS change, inflow - cost - loan AS net
          FROM momentum.cash_path) p
 WHERE p.day_number > 0 AND p.change <> p.net;
SELECT count(*) AS broken FROM broken;
SELECT DISTINCT origin FROM momentum.cash_path WHERE day_number <= 90 ORDER BY origin;

-- Read again, nothing has changed.
CALL momentum.refresh(only_source => 'books', force => true);
SELECT DISTINCT ON (stream) stream, rows_read > 0 AS has_read, rows_changed FROM momentum_state.run WHERE source = 'books'
 ORDER BY stream, started_at DESC;

-- A line of one's own for the lawyer: it gives way to him, and nothing is left to warn of.
INSERT INTO momentum_state.book_item (brand, document, pattern, line) VALUES ('wagwell', 'bill', '^hale ', '^software');
CALL momentum.refresh(only_source => 'books', force => true);
SELECT warnings FROM momentum.source_health WHERE stream = 'books';
DELETE FROM momentum_state.book_item WHERE brand = 'wagwell';
CALL momentum.refresh(only_source => 'books', force => true);

-- A bill that is paid meanwhile leaves the payables and the bank; the plan it
-- stood for does not come back, so the end of the path is where it was.
SELECT working_capital AS end_before FROM momentum.cash_path WHERE day_number = 90 \gset
SELECT id AS bill FROM told WHERE kind = 'Bill' AND due > today() ORDER BY amount DESC LIMIT 1 \gset
\setenv BILL :bill
\! "$PG_ABS_SRCDIR/simulator/ctl" post quickbooks_pay world=story kind=Bill id=$BILL > /dev/null
SELECT id AS invoice, amount AS invoice_amount FROM told WHERE kind = 'Invoice' AND due > today() ORDER BY due, id LIMIT 1 \gset
\setenv INVOICE :invoice
\! "$PG_ABS_SRCDIR/simulator/ctl" post quickbooks_pay world=story kind=Invoice id=$INVOICE amount=100.25 > /dev/null
\set answer `"$PG_ABS_SRCDIR/simulator/ctl" get "quickbooks?world=story"`
CALL tell(:'answer');
CALL momentum.refresh(only_source => 'books', force => true);
SELECT count(*) AS still_open FROM in_hub WHERE kind = 'Bill' AND id = :'bill';
SELECT round(amount, 2) AS amount, status FROM hub.cash_flow WHERE tab = 'payables' AND row_number = :bill;
SELECT round(:invoice_amount - amount, 2) AS paid FROM in_hub WHERE kind = 'Invoice' AND id = :'invoice';
SELECT bool_and(t.amount = h.amount) AS each_the_same, count(*) = (SELECT count(*) FROM in_hub) AS no_more
  FROM told t LEFT JOIN in_hub h USING (kind, id);
SELECT working_capital = :end_before AS same_end FROM momentum.cash_path WHERE day_number = 90;
SELECT (SELECT count(*) FROM differences) AS differences, (SELECT count(*) FROM broken) AS broken;

-- One that was deleted is gone.
\! "$PG_ABS_SRCDIR/simulator/ctl" post quickbooks_remove world=story kind=Invoice id=$INVOICE > /dev/null
CALL momentum.refresh(only_source => 'books', force => true);
SELECT count(*) FROM hub.cash_flow WHERE tab = 'receivables' AND row_number = :invoice;
SELECT :end_before - working_capital = :invoice_amount - 100.25 AS less_by_it FROM momentum.cash_path WHERE day_number = 90;

-- Books that cannot be read say nothing: what was known stays.
SELECT count(*) AS known FROM in_hub \gset
\! "$PG_ABS_SRCDIR/simulator/ctl" fault story quickbooks status status=400 match=Invoice times=-1
CALL momentum.refresh(only_source => 'books', force => true);
SELECT status, sqlstate, (SELECT count(*) FROM in_hub) = :known AS as_known FROM momentum.source_health WHERE stream = 'books';
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- Without bills or a bank account the sheet stands: absent is not zero.
\set url :sim /empty/quickbooks
ALTER SERVER books OPTIONS (SET base_url :'url');
CALL momentum.refresh(only_source => 'books', force => true);
SELECT status, warnings FROM momentum.source_health WHERE stream = 'books';
DELETE FROM hub.cash_balance WHERE origin = 'quickbooks';    -- those of the other company
SELECT momentum._refresh_matviews();
SELECT count(*) AS differ_from_sheet FROM momentum.cash_path p FULL JOIN before b USING (day_number)
 WHERE (p.working_capital, p.inflow, p.cost, p.loan, p.origin) IS DISTINCT FROM (b.working_capital, b.inflow, b.cost, b.loan, b.origin);

-- Odd books: what is overdue is due today, what tells no day is due on its own,
-- voided and paid is nothing, another currency is left out and said.
\set url :sim /small/quickbooks
ALTER SERVER books OPTIONS (SET base_url :'url');
CALL momentum.refresh(only_source => 'books', force => true);
SELECT status, foreign_currency_rows AS foreign_rows, warnings FROM momentum.source_health WHERE stream = 'books';
SELECT tab, row_number, period, day = today() AS due_now, item, kind, amount, status, replaces IS NULL AS of_no_line
  FROM hub.cash_flow WHERE origin = 'quickbooks' ORDER BY tab, row_number;
SELECT row_number, item, amount FROM hub.cash_balance WHERE origin = 'quickbooks' ORDER BY row_number;
SELECT count(*) AS broken FROM broken;

-- Without the source the sheet is all there is, as before.
SELECT momentum.remove_source('wagwell', 'books');
CALL momentum.refresh();
SELECT count(*) AS differ_from_sheet FROM momentum.cash_path p FULL JOIN before b USING (day_number)
 WHERE (p.working_capital, p.inflow, p.cost, p.loan, p.origin) IS DISTINCT FROM (b.working_capital, b.inflow, b.cost, b.loan, b.origin);

-- Bills alone are not the costs: the path is drawn, of the runway nothing is said.
SELECT momentum.remove_source('wagwell', 'cash');
\set url :sim /story/quickbooks
ALTER SERVER books OPTIONS (SET base_url :'url');
SELECT momentum.add_source('wagwell', 'books');
CALL momentum.refresh();
SELECT stream, status, warnings FROM momentum.source_health ORDER BY stream;
SELECT working_capital = (SELECT sum(amount) FROM hub.cash_balance) AS starts_there, runway_days, reason FROM momentum.cash_summary;
SELECT DISTINCT origin FROM momentum.cash_path ORDER BY origin;
SELECT count(*) AS broken FROM broken;
