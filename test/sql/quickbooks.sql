-- QuickBooks Online: a company's books as foreign tables.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/quickbooks'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\pset null '-'

-- What a query would ask, without the port of the day: a parameter a line, decoded.
CREATE FUNCTION request(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; part text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        CONTINUE WHEN line !~ '^ +(Request|Asked|Checked)';
        line := ltrim(regexp_replace(line, 'http://127.0.0.1:\d+/small/quickbooks', ''));
        FOREACH part IN ARRAY regexp_split_to_array(line, '[?&]') LOOP
            SELECT convert_from(string_agg(
                       CASE WHEN m[1] ~ '^%..' THEN decode(substr(m[1], 2), 'hex')
                            ELSE convert_to(m[1], 'UTF8') END, '' ORDER BY n), 'UTF8')
              FROM regexp_matches(part, '%[0-9A-F]{2}|.', 'g') WITH ORDINALITY AS r (m, n)
              INTO part;
            RETURN NEXT part;
        END LOOP;
    END LOOP;
END $$;

-- What it took.
CREATE FUNCTION effort(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' || query LOOP
        IF line ~ '^ +(Requests|Pages|Retries)' THEN RETURN NEXT trim(line); END IF;
    END LOOP;
END $$;

-- What it ends in; the number of the request differs, and so does the hour.
CREATE FUNCTION refused(query text) RETURNS TABLE (state text, said text) LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
    EXECUTE query;
    RETURN QUERY VALUES ('00000', 'it was not refused');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    detail := regexp_replace(detail, '1-69200000-\d+', 'N');
    detail := regexp_replace(detail, 'asked again at [^:]+:[^:]+:[^:,]+', 'asked again at T');
    RETURN QUERY SELECT sqlstate::text, x FROM unnest(ARRAY[sqlerrm, nullif(detail, ''), nullif(hint, '')]) x WHERE x IS NOT NULL;
END $$;

-- A server is one company; what there is to ask for is known without asking.
CREATE SERVER books FOREIGN DATA WRAPPER quickbooks_fdw
    OPTIONS (realm_id '9130350000000001', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER books OPTIONS (credential 'qbo_test');
CREATE SCHEMA books;
IMPORT FOREIGN SCHEMA api FROM SERVER books INTO books;
SELECT c.relname, count(*) AS columns, obj_description(c.oid) AS comment
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'books'::regnamespace GROUP BY c.oid, c.relname ORDER BY c.relname;
CREATE SERVER nobody FOREIGN DATA WRAPPER quickbooks_fdw;
CREATE SERVER nobody FOREIGN DATA WRAPPER quickbooks_fdw OPTIONS (realm_id '12a');
CREATE SERVER nobody FOREIGN DATA WRAPPER quickbooks_fdw OPTIONS (realm_id '1', host 'evil.example');
CREATE SERVER sandbox FOREIGN DATA WRAPPER quickbooks_fdw
    OPTIONS (realm_id '4620816365', host 'sandbox-quickbooks.api.intuit.com', minor_version '80');
CREATE SCHEMA sandbox;
IMPORT FOREIGN SCHEMA api LIMIT TO (bills) FROM SERVER sandbox INTO sandbox;
\a \t
SELECT request('SELECT id FROM sandbox.bills');
\a \t

--
-- Accounts and names
--

-- Accounts that were put away are there too; balances are those of the books.
SELECT id, full_name, account_type, account_sub_type, classification, account_number AS number,
       current_balance, balance_with_sub_accounts AS with_sub, currency, active, parent_id
  FROM books.accounts WHERE account_type = 'Bank' ORDER BY id;
SELECT account_type, count(*), sum(current_balance) FROM books.accounts GROUP BY account_type ORDER BY 1;
\a \t
SELECT request($$SELECT current_balance FROM books.accounts WHERE account_type = 'Bank' AND active$$);
SELECT request($$SELECT current_balance FROM books.accounts WHERE account_type IN ('Bank', 'Credit Card') AND NOT active$$);
\a \t
SELECT id FROM books.accounts WHERE NOT active;
SELECT id, name, balance, currency, active, created_at FROM books.vendors ORDER BY id;
SELECT id, name, balance, currency, active FROM books.customers ORDER BY id;

--
-- Bills and invoices
--
SELECT id, doc_number, vendor_name, txn_date, due_date, total_amount, balance, home_balance, currency, exchange_rate, private_note
  FROM books.bills WHERE length(id) = 3 ORDER BY id;
SELECT id, doc_number, customer_name, due_date, total_amount, balance, deposit, currency, email_status, private_note
  FROM books.invoices ORDER BY id;
SELECT b.id, l ->> 'Amount' AS amount, l #>> '{AccountBasedExpenseLineDetail,AccountRef,name}' AS account
  FROM books.bills b, jsonb_array_elements(b.lines) l WHERE b.id = '101' ORDER BY 2;
SELECT id, vendor_name, txn_date, total_amount, pay_type, doc_number, lines #> '{0,LinkedTxn}' AS pays FROM books.bill_payments ORDER BY id;
SELECT id, customer_name, txn_date, total_amount, unapplied_amount, lines #>> '{0,LinkedTxn,0,TxnId}' AS pays FROM books.payments ORDER BY id;

-- What is open, in the service's own language: what it compares as PostgreSQL
-- does is left to it.
\a \t
SELECT request($$SELECT id FROM books.bills WHERE balance > 0$$);
SELECT request($$SELECT id FROM books.bills WHERE balance > 0.5 AND due_date < '2026-04-01'$$);
SELECT request($$SELECT id FROM books.bills WHERE txn_date >= '2026-03-01' AND txn_date < '2026-04-01' AND vendor_id = '11'$$);
SELECT request($$SELECT id FROM books.invoices WHERE id IN ('201', '202')$$);
SELECT request($$SELECT id FROM books.invoices WHERE updated_at >= '2026-03-29 12:00:00.5+00' AND updated_at < '2026-04-01 00:00:00.25+00'$$);
SELECT request($$SELECT id FROM books.bills WHERE balance < 'NaN' AND due_date < 'infinity' AND total_amount > 1e30$$);
SELECT request($$SELECT id FROM books.payments WHERE customer_id = ANY ('{21,22}') AND total_amount = 600$$);
\a \t
SELECT id, balance FROM books.bills WHERE balance > 0 ORDER BY id;
SELECT count(*) FROM books.bills WHERE balance < 'NaN' AND due_date < 'infinity' AND txn_date > '-infinity';
SELECT id, balance FROM books.bills WHERE balance > 0 AND due_date < '2026-04-01' ORDER BY id;
SELECT id FROM books.bills WHERE due_date IS NULL;
SELECT count(*) FROM books.bills WHERE balance <> 0;
SELECT id FROM books.bills WHERE balance > 100 OR total_amount < 100 ORDER BY id LIMIT 4;
-- An apostrophe stays where it is; case is ours to look at.
SELECT id, doc_number FROM books.bills WHERE doc_number = E'O\'B\\7';
SELECT id FROM books.bills WHERE doc_number = E'o\'b\\7';
SELECT id FROM books.accounts WHERE account_type = E'Bank\\';
SELECT id FROM books.bills WHERE doc_number = E'\' OR Id = \'101';
SELECT id FROM books.invoices WHERE customer_id = '21' AND txn_date = '2026-03-18';

-- Ids are texts here, whatever the service makes of them.
SELECT id FROM books.bills WHERE id = '0101';

-- It counts by itself where its comparison is the same.
\a \t
SELECT request('SELECT count(*) FROM books.bills WHERE balance > 0');
SELECT request('SELECT count(*) FROM books.accounts');
SELECT request($$SELECT count(*) FROM books.bills WHERE balance > 0 AND vendor_id = '11'$$);
\a \t
SELECT (SELECT count(*) FROM books.bills WHERE balance > 0) AS open, (SELECT count(*) FROM books.accounts) AS accounts,
       (SELECT count(id) FROM books.vendors WHERE NOT active) AS inactive, (SELECT count(*) FROM books.payments) AS payments,
       (SELECT count(*) FROM books.bills WHERE balance > 0 AND vendor_id = '11') AS open_of_11;
\! printf '{"QueryResponse":{},"time":"2026-04-01T09:00:00-07:00"}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small quickbooks
\a \t
SELECT * FROM refused('SELECT count(*) FROM books.bills');
\a \t

-- The stamp of the last change is the cursor of whoever reads on: all of one
-- second come, whatever its fraction.
SELECT count(*) FROM books.bills WHERE updated_at >= '2026-02-01 20:00:00.5+00' AND updated_at < '2026-02-01 20:00:00.6+00';
SELECT count(*) FROM books.bills WHERE updated_at > '2026-02-01 20:00:00.5+00' AND updated_at <= '2026-02-01 20:00:01+00';
SELECT id, updated_at FROM books.bills WHERE updated_at > '2026-03-25 00:00+00' ORDER BY updated_at, id LIMIT 3;

-- Pages: a full one is not the last, and an empty one has no list.
ALTER SERVER books OPTIONS (ADD fetch_size '19');
SELECT effort('SELECT id FROM books.bills');
SELECT count(id), count(DISTINCT id) FROM books.bills;
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT id FROM books.bills WHERE balance > 0 LIMIT 2;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small quickbooks
ALTER SERVER books OPTIONS (DROP fetch_size);
SELECT count(*) FROM books.bills WHERE balance > 5000;

-- Joined by their keys, in a few requests
SELECT effort($$SELECT c.name, p.total_amount FROM books.payments p JOIN books.customers c ON c.id = p.customer_id$$);
SELECT c.name, i.balance FROM books.invoices i JOIN books.customers c ON c.id = i.customer_id WHERE i.balance > 0 ORDER BY i.id;

-- A column of one's own
CREATE FOREIGN TABLE books.mine (id text, term text OPTIONS (path 'SalesTermRef.value'), mail text OPTIONS (path 'BillEmail.Address'))
    SERVER books OPTIONS (resource 'invoices');
SELECT * FROM books.mine WHERE id = '201';

--
-- Trouble
--
\a \t
-- Too fast, in each of its forms: who is told no time waits a minute, or is
-- refused at once where that is more than there is to wait.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks throttle code=3001 status=403 retry_after=0
SELECT effort('SELECT id FROM books.accounts');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks throttle code=3001 status=429 retry_after=0
SELECT count(id) FROM books.accounts;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks throttle code=003001 status=403 retry_after=0
SELECT count(id) FROM books.accounts;
SET momentum.wait_budget = '2s';
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks throttle
SELECT * FROM refused('SELECT count(id) FROM books.accounts');
RESET momentum.wait_budget;
SELECT momentum.reset_limits() \g /dev/null
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks transient
SELECT effort('SELECT id FROM books.accounts');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks transient status=503
SELECT count(id) FROM books.accounts;
-- A fault inside a good status
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks partial
SELECT effort('SELECT id FROM books.accounts');

-- Refused; intuit_tid is what the service's support asks for.
ALTER USER MAPPING FOR CURRENT_USER SERVER books OPTIONS (SET credential 'wrong');
SELECT * FROM refused('SELECT * FROM books.accounts');
ALTER USER MAPPING FOR CURRENT_USER SERVER books OPTIONS (SET credential 'qbo_test');
\! "$PG_ABS_SRCDIR/simulator/ctl" set small quickbooks forbidden=1
SELECT * FROM refused('SELECT * FROM books.accounts');
\! "$PG_ABS_SRCDIR/simulator/ctl" reset
ALTER SERVER books OPTIONS (SET realm_id '9130350000000009');
SELECT * FROM refused('SELECT * FROM books.accounts');
ALTER SERVER books OPTIONS (SET realm_id '9130350000000001');

-- What is no answer is not an empty one; a page in XML is none.
\! printf '{"QueryResponse":{},"time":"2026-04-01T09:00:00-07:00"}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small quickbooks
SELECT count(id) FROM books.accounts;
\! printf '{"time":"2026-04-01T09:00:00-07:00"}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small quickbooks
SELECT * FROM refused('SELECT count(id) FROM books.accounts');
\! printf '{"Fault":{"Error":[{"Message":"m","Detail":"d","code":"4000"}],"type":"ValidationFault"}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small quickbooks
SELECT * FROM refused('SELECT count(id) FROM books.accounts');
\! printf '<IntuitResponse/>' | "$PG_ABS_SRCDIR/simulator/ctl" answer small quickbooks
SELECT * FROM refused('SELECT count(id) FROM books.accounts');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small quickbooks html
SELECT * FROM refused('SELECT count(id) FROM books.accounts');
\a \t

--
-- Tokens are bought with a refresh token that the service replaces: the new one
-- is stored before it is used, and outlives a ROLLBACK.
--
SELECT '/tmp/momentum_books_' || pg_catalog.pg_backend_pid() AS place \gset
\set directory :place /secrets
\set key :place /key
\set make 'mkdir -m 700 ' :place ' ' :directory ' && openssl rand -hex 32 > ' :key ' && chmod 600 ' :key
\set remove 'rm -rf ' :place
COPY (SELECT WHERE false) TO PROGRAM :'make';
SET momentum.secret_directory = :'directory';
SET momentum.secret_key_file = :'key';
\! "$PG_ABS_SRCDIR/simulator/ctl" set small oauth basic=true
\set token :sim '/small/oauth/token'
ALTER SERVER books OPTIONS (ADD token_url :'token');
ALTER USER MAPPING FOR CURRENT_USER SERVER books OPTIONS (DROP credential, ADD secret 'regress_books');
SELECT momentum.set_secret('regress_books',
    '{"client_id": "oauth_client", "client_secret": "oauth_secret", "refresh_token": "rt_first_consent_0001"}') \g /dev/null
BEGIN;
SELECT count(id) FROM books.vendors;
ROLLBACK;
\! "$PG_ABS_SRCDIR/simulator/ctl" post revoke_tokens > /dev/null
SELECT count(id) FROM books.vendors;
\! "$PG_ABS_SRCDIR/simulator/ctl" get "oauth?world=small" | grep -E '"(refreshes|reused|refused)"' | tr -d ' ,'
-- One that was used elsewhere is refused for good: consent has to be given again.
SELECT momentum.set_secret('regress_books',
    '{"client_id": "oauth_client", "client_secret": "oauth_secret", "refresh_token": "rt_first_consent_0001"}') \g /dev/null
\a \t
SELECT * FROM refused('SELECT count(id) FROM books.vendors');
\a \t
SELECT momentum.drop_secret('regress_books') \g /dev/null
COPY (SELECT WHERE false) TO PROGRAM :'remove';
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- A company with no books yet is not an error.
\set base :sim '/empty/quickbooks'
CREATE SERVER quiet FOREIGN DATA WRAPPER quickbooks_fdw
    OPTIONS (realm_id '9130350000000001', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER quiet OPTIONS (credential 'qbo_test');
CREATE SCHEMA quiet;
IMPORT FOREIGN SCHEMA api FROM SERVER quiet INTO quiet;
SELECT (SELECT count(id) FROM quiet.accounts) AS accounts, (SELECT count(*) FROM quiet.bills WHERE balance > 0) AS bills;
