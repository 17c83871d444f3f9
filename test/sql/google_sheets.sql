-- Spreadsheets: each tab is a table of its header's columns.
\getenv sim MOMENTUM_SIM
\set key `cat "$MOMENTUM_SIM_SERVICE_ACCOUNT"`
SELECT :'sim' || '/small/sheets' AS sheets, :'sim' || '/small/drive' AS drive,
       :'sim' || '/small/token' AS token \gset
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\set QUIET off

-- A server is one spreadsheet; a service account's key is its credential.
CREATE SERVER book FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS (
    spreadsheet_id 'sim-cash', base_url :'sheets', drive_url :'drive', token_url :'token',
    allow_insecure 'true', rate_limits 'reads=6000');
CREATE USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (credential :'key');

-- Import: the file, and every tab with cells.  Header and first rows decide
-- names, types, and whether it is a crosstab.
CREATE SCHEMA book;
IMPORT FOREIGN SCHEMA api FROM SERVER book INTO book;
SET search_path = book, public;
SELECT c.relname, array_to_string(f.ftoptions, ', ') AS options
  FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid
 WHERE c.relnamespace = 'book'::regnamespace ORDER BY c.relname COLLATE "C";
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
       array_to_string(a.attfdwoptions, ', ') AS options
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'book'::regnamespace AND a.attnum > 0
   AND c.relname IN ('rows', 'headers', 'bad_values', 'moments', 'leading_rows', 'empty', 'months')
 ORDER BY c.relname COLLATE "C", a.attnum;

-- LIMIT TO and EXCEPT go by the table's name; only what is wanted is looked at.
CREATE SCHEMA part;
IMPORT FOREIGN SCHEMA api LIMIT TO (files, owner_s_plan) FROM SERVER book INTO part;
IMPORT FOREIGN SCHEMA api
  EXCEPT (files, rows, cash_flow, cash_titled, cash_long, headers, bad_values, leading_rows, merged,
          owner_s_plan, _2026_27, header_only, empty, hidden, moments, ragged, many_rows, periods,
          months, weeks, yearless, ambiguous) FROM SERVER book INTO part;
SELECT foreign_table_name FROM information_schema.foreign_tables
 WHERE foreign_table_schema = 'part' ORDER BY 1;

-- Has the sheet changed?  One small request tells.
SELECT * FROM files;
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT version FROM files;
\! "$PG_ABS_SRCDIR/simulator/ctl" log small drive

-- Values: numbers exactly as sent, percents as fractions, dates by the column's type.
SELECT * FROM rows;
SELECT * FROM headers;
SELECT * FROM merged;
SELECT item, amount FROM q1 UNION ALL SELECT item, amount FROM owner_s_plan
UNION ALL SELECT item, amount FROM _2026_27 UNION ALL SELECT item, amount FROM hidden ORDER BY amount;

-- Short rows are filled with NULL, empty ones left out; row numbers are the tab's.
SELECT * FROM ragged;
SELECT * FROM leading_rows;
CREATE FOREIGN TABLE gaps (row_number bigint, a numeric, c numeric)
  SERVER book OPTIONS (tab 'Ragged', skip_empty 'false', fetch_size '2');
SELECT * FROM gaps;
SELECT count(*) FROM header_only;
SELECT count(*) FROM empty;

-- The declared types rule: an instant is one of the sheet's time zone.
CREATE FOREIGN TABLE instants (row_number bigint, "when" timestamptz OPTIONS (path 'When'),
    day date, time time, duration interval, formula double precision, number text)
  SERVER book OPTIONS (tab 'Moments');
SELECT * FROM instants;
SELECT "when", day, time, duration FROM moments;

-- A value its type does not take names its cell.
CREATE FOREIGN TABLE whole (formula integer) SERVER book OPTIONS (tab 'Moments');
SELECT * FROM whole;

-- Cells that are no value: text among numbers, errors of formulas.
CREATE FOREIGN TABLE strict (row_number bigint, date date, item text, amount numeric)
  SERVER book OPTIONS (tab 'Bad values');
SELECT item FROM strict WHERE row_number <= 4;
SELECT row_number, amount FROM strict;
SELECT row_number, date FROM strict;
CREATE FOREIGN TABLE texts (row_number bigint, amount text) SERVER book OPTIONS (tab 'Bad values');
SELECT * FROM texts;
CREATE FOREIGN TABLE lenient (row_number bigint, date date, item text, amount numeric)
  SERVER book OPTIONS (tab 'Bad values', on_error 'null');
SELECT * FROM lenient;

-- Columns go by name: one that is gone is an error, never its neighbour.
CREATE FOREIGN TABLE goals (metric text, goal numeric OPTIONS (path 'Goal'))
  SERVER book OPTIONS (tab 'Rows');
\set SHOW_CONTEXT never
SELECT * FROM goals;
\echo :SQLSTATE
\! "$PG_ABS_SRCDIR/simulator/ctl" post cell world=small tab=Rows cell=B1 value=Goal > /dev/null
SELECT * FROM goals LIMIT 1;
SELECT metric, target FROM rows;
\echo :SQLSTATE
\! "$PG_ABS_SRCDIR/simulator/ctl" post cell world=small tab=Rows cell=B1 value=Target > /dev/null
SELECT version FROM files;

-- So is a tab that is gone, or one that is a chart.
CREATE FOREIGN TABLE gone (item text) SERVER book OPTIONS (tab 'Q2');
SELECT * FROM gone;
\echo :SQLSTATE
CREATE FOREIGN TABLE chart (item text) SERVER book OPTIONS (tab 'Chart');
SELECT * FROM chart;
\echo :SQLSTATE
CREATE FOREIGN TABLE beyond (item text) SERVER book OPTIONS (tab 'Rows', header_row '90');
SELECT * FROM beyond;
\echo :SQLSTATE
\set SHOW_CONTEXT errors

-- Layout crosstab: items down, periods across, a row for each amount.  An
-- empty cell is no row; "tbd" is no amount.
SELECT * FROM cash_flow;
CREATE FOREIGN TABLE flow (row_number bigint, item text, period date, period_label text, amount numeric)
  SERVER book OPTIONS (tab 'Cash titled', layout 'crosstab', range 'A2:D');
SELECT * FROM flow;
CREATE FOREIGN TABLE open_flow (item text, period date, amount numeric, remark text OPTIONS (path 'Notes'))
  SERVER book OPTIONS (tab 'Cash flow', layout 'crosstab', on_error 'null');
SELECT * FROM open_flow WHERE item IN ('Shopify payouts', 'Wholesale');

-- Totals, blank headers and remarks are no amounts; a zero is one.
SELECT * FROM months;
SELECT * FROM weeks;
SELECT * FROM ambiguous;
SELECT amount, extract(month FROM period) AS month,
       extract(year FROM period) = extract(year FROM current_date) AS this_year
  FROM yearless WHERE amount IN (1, 6, 12);

-- Layout long: a row of item, period and amount; other columns by name.
CREATE FOREIGN TABLE ledger (row_number bigint, item text, period date, amount numeric, source text)
  SERVER book OPTIONS (tab 'Cash long', layout 'long', item_column 'Line item',
                       period_column 'Date', amount_column 'Amount');
SELECT * FROM ledger;
CREATE FOREIGN TABLE no_period (item text, amount numeric)
  SERVER book OPTIONS (tab 'Cash long', layout 'long', item_column 'Line item');
SELECT * FROM no_period;
CREATE FOREIGN TABLE period_texts (period_label text, period date, item text)
  SERVER book OPTIONS (tab 'Periods', layout 'long');
SELECT * FROM period_texts;

-- Many rows come in windows, and of those only the columns that matter.
CREATE FOREIGN TABLE windows (row_number integer, amount numeric)
  SERVER book OPTIONS (tab 'Many rows', fetch_size '120');
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT count(*), count(DISTINCT row_number), min(row_number), max(row_number), sum(amount) FROM windows;
\! "$PG_ABS_SRCDIR/simulator/ctl" log small | sed -E 's/%27/~/g; s/&majorDimension.*Cvalues%29//; s/&prettyPrint=false//'
-- The sheet has to stand still meanwhile.
BEGIN;
DECLARE reader CURSOR FOR SELECT row_number FROM windows;
MOVE 10 FROM reader;
\! "$PG_ABS_SRCDIR/simulator/ctl" post cell world=small tab=Ragged cell=E9 value=1 > /dev/null
MOVE ALL FROM reader;
ROLLBACK;
BEGIN;
DECLARE reader CURSOR FOR SELECT row_number FROM windows;
MOVE 10 FROM reader;
\! "$PG_ABS_SRCDIR/simulator/ctl" post cell world=small tab='Many rows' cell=C1 value=Sum > /dev/null
MOVE ALL FROM reader;
ROLLBACK;
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- The service in trouble: what passes is waited for, what does not is told.
\set SHOW_CONTEXT never
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets transient times=2
SELECT count(*) FROM rows;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets status status=429 retry_after=0.1 match=batchGet
SELECT count(*) FROM rows;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets cut bytes=150 match=batchGet
SELECT count(*) FROM rows;
\! "$PG_ABS_SRCDIR/simulator/ctl" get revoke_tokens > /dev/null
SELECT count(*) FROM rows;
SET momentum.wait_budget = '5s';
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets throttle
\set VERBOSITY terse
SELECT count(*) FROM rows;
\echo :SQLSTATE
SELECT momentum.reset_limits('book');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small drive throttle
SELECT count(*) FROM files;
\echo :SQLSTATE
\set VERBOSITY default
SELECT momentum.reset_limits('book');
RESET momentum.wait_budget;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets html match=batchGet
SELECT count(*) FROM rows;
\echo :SQLSTATE
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets bad_json bytes=90 match=batchGet
SELECT count(*) FROM rows;
\echo :SQLSTATE
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets status status=200 match=Q1 body='{"valueRanges": [{"values": [["Item", "Amount"]]}]}'
SELECT * FROM q1;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small sheets status status=200 match=Q1 body='{"valueRanges": []}'
SELECT * FROM q1;

-- Spreadsheets that are not there, not shared, or none.
ALTER SERVER book OPTIONS (SET spreadsheet_id 'sim-none');
SELECT * FROM rows;
\echo :SQLSTATE
SELECT * FROM files;
\echo :SQLSTATE
ALTER SERVER book OPTIONS (SET spreadsheet_id 'sim-private');
SELECT * FROM rows;
\echo :SQLSTATE
SELECT * FROM files;
\echo :SQLSTATE
ALTER SERVER book OPTIONS (SET spreadsheet_id 'sim-xlsx');
SELECT * FROM rows;
\echo :SQLSTATE
ALTER SERVER book OPTIONS (SET spreadsheet_id 'sim-cash');

-- Credentials: a refresh token does as well; wrong ones are refused.
ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (SET credential
  '{"client_id": "sim_client", "client_secret": "sim_secret", "refresh_token": "1//sim_refresh"}');
SELECT count(*) FROM rows;
ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (SET credential
  '{"client_id": "sim_client", "client_secret": "sim_secret", "refresh_token": "1//revoked"}');
SELECT count(*) FROM rows;
\echo :SQLSTATE
ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (SET credential
  '{"client_id": "sim_client", "client_secret": "wrong", "refresh_token": "1//sim_refresh"}');
SELECT count(*) FROM rows;
\echo :SQLSTATE
ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (SET credential 'ya29.expired');
SELECT count(*) FROM rows;
\echo :SQLSTATE
SELECT replace(:'key', 'momentum@', 'somebody@') AS key \gset
ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (SET credential :'key');
SELECT count(*) FROM rows;
\echo :SQLSTATE

ALTER USER MAPPING FOR CURRENT_USER SERVER book OPTIONS (SET credential
  '{"client_id": "sim_client", "client_secret": "sim_secret", "refresh_token": "1//sim_refresh"}');

-- Options are checked when they are set.
CREATE SERVER other FOREIGN DATA WRAPPER google_sheets_fdw;
CREATE SERVER other FOREIGN DATA WRAPPER google_sheets_fdw
  OPTIONS (spreadsheet_id 'https://docs.google.com/spreadsheets/d/abc/edit');
CREATE FOREIGN TABLE other (item text) SERVER book OPTIONS (tab 'Q1', layout 'cube');
CREATE FOREIGN TABLE other (item text) SERVER book OPTIONS (tab 'Q1', range 'B:A');
CREATE FOREIGN TABLE other (item text) SERVER book OPTIONS (tab 'Q1', header_row '0');
CREATE FOREIGN TABLE other (item text) SERVER book OPTIONS (tab 'Q1', on_error 'ignore');
\set VERBOSITY terse
CREATE FOREIGN TABLE other (item text) SERVER book OPTIONS (sheet 'Q1');
\set VERBOSITY default
CREATE FOREIGN TABLE other (item text) SERVER book OPTIONS (resource 'sheet');
CREATE FOREIGN TABLE other (item text) SERVER book;
SELECT * FROM other;
CREATE FOREIGN TABLE list (item text[]) SERVER book OPTIONS (tab 'Q1');
SELECT * FROM list;
