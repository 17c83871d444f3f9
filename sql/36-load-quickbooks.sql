-- The books into the hub: what is open of bills and invoices, by the day it is
-- due, and what the bank accounts hold.  All that is open is read each time:
-- what was paid, voided or deleted is gone by that, and no change is missed.
-- Documents come before balances, so that a payment between the two is
-- counted twice as a cost and never as cash that is still there.
--
-- Paid documents stay for a month after the day they were due, with nothing left
-- to pay: they keep the sheet's line for the same money from coming back, and no
-- period of a sheet is longer.
CREATE FUNCTION momentum._loaders_quickbooks() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    documents CONSTANT text := $q$
        SELECT id::text, doc_number::text, %1$s_name::text, %1$s_id::text, coalesce(due_date, txn_date, $7)::date, balance::numeric,
               nullif(currency::text, ''), lines::jsonb FROM %%1$s WHERE balance > 0
        UNION ALL
        SELECT id::text, doc_number::text, %1$s_name::text, %1$s_id::text, due_date::date, balance::numeric,
               nullif(currency::text, ''), lines::jsonb FROM %%1$s WHERE due_date >= $7 - 31 AND balance = 0 AND total_amount > 0$q$;
    l momentum._loader;
BEGIN
    l := momentum._new_loader('payment_days', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object(
        'payments', 'SELECT customer_id::text, txn_date::date, lines::jsonb FROM %s WHERE txn_date >= $7 - 180',
        'invoices', 'SELECT id::text, due_date::date FROM %s WHERE due_date >= $7 - 400 AND balance = 0');
    l.load := 'momentum._load_payment_days';
    l.whole := true;
    RETURN NEXT l;
    l := momentum._new_loader('books', 'full');
    l.needed := true;
    l.cadence := '15 minutes';
    l.reads := jsonb_build_object(
        'bills', format(documents, 'vendor'),
        'invoices', format(documents, 'customer'),
        'accounts', $q$
        SELECT id::text, coalesce(full_name, name)::text, current_balance::numeric, nullif(currency::text, ''), active::boolean
          FROM %s WHERE account_type = 'Bank'$q$);
    l.load := 'momentum._load_books';
    l.whole := true;
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_quickbooks() IS 'How the books get into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_quickbooks() FROM PUBLIC;

-- Which lines of the sheet a document stands for: by what it was for, its
-- largest line first, else by whom it is of.  NULL: nobody has said.
CREATE FUNCTION momentum._book_line(brand text, document text, words text[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT i.line
      FROM unnest(words) WITH ORDINALITY AS w (word, place)
      JOIN momentum_state.book_item i ON w.word ~* i.pattern
     WHERE i.brand IN (_book_line.brand, '') AND i.document = _book_line.document
     ORDER BY i.brand = '', w.place, i.priority, i.pattern
     LIMIT 1
$$;
COMMENT ON FUNCTION momentum._book_line(text, text, text[]) IS 'Regular expression of the sheet''s lines that a document stands for, or NULL.';
REVOKE ALL ON FUNCTION momentum._book_line(text, text, text[]) FROM PUBLIC;

-- What the lines of a document are for, the largest first, then its party.
CREATE FUNCTION momentum._book_words(party text, lines jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce((SELECT array_agg(d.name ORDER BY abs(d.amount) DESC NULLS LAST, d.name)
                       FROM (SELECT coalesce(j.line #>> '{AccountBasedExpenseLineDetail,AccountRef,name}',
                                             j.line #>> '{ItemBasedExpenseLineDetail,ItemRef,name}',
                                             j.line #>> '{SalesItemLineDetail,ItemRef,name}') AS name,
                                    (j.line ->> 'Amount')::numeric AS amount
                               FROM jsonb_array_elements(CASE jsonb_typeof(lines) WHEN 'array' THEN lines ELSE '[]' END) j (line)) d
                      WHERE d.name IS NOT NULL), '{}')
        || coalesce(party, '')
$$;
COMMENT ON FUNCTION momentum._book_words(text, jsonb) IS 'What a document is for and whom it is of, as _book_line() looks at it.';
REVOKE ALL ON FUNCTION momentum._book_words(text, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum._stage_books(s momentum._slice, l momentum._loader) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    wrong record;
    n bigint;
    rows_read bigint := 0;
    name text;
BEGIN
    IF to_regclass('pg_temp.momentum_document') IS NULL THEN
        CREATE TEMP TABLE momentum_document (
            id text, doc_number text, party text, party_id text, due date, amount numeric, currency text, lines jsonb,
            document text, replaces text) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_bank (id text, name text, amount numeric, currency text, active boolean) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_document, pg_temp.momentum_bank;
    END IF;
    FOREACH name IN ARRAY '{bills,invoices}'::text[] LOOP
        EXECUTE format('INSERT INTO pg_temp.momentum_document (id, doc_number, party, party_id, due, amount, currency, lines, document)
                        SELECT DISTINCT ON (q.id) q.*, %L FROM (%s) q (id, doc_number, party, party_id, due, amount, currency, lines)
                         ORDER BY q.id, q.amount',
                       CASE name WHEN 'bills' THEN 'bill' ELSE 'invoice' END, momentum._read(s, l, name));
        GET DIAGNOSTICS n = ROW_COUNT;
        rows_read := rows_read + n;
    END LOOP;
    EXECUTE 'INSERT INTO pg_temp.momentum_bank ' || momentum._read(s, l, 'accounts');
    GET DIAGNOSTICS n = ROW_COUNT;
    SELECT q.id, q.what INTO wrong
      FROM (SELECT d.id, d.document AS what, d.amount FROM pg_temp.momentum_document d
             UNION ALL SELECT b.id, 'account', b.amount FROM pg_temp.momentum_bank b) q
     WHERE abs(q.amount) >= 1e13 OR q.id !~ '^[0-9]{1,18}$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% "%" of the books makes no sense', wrong.what, left(wrong.id, 40)
            USING ERRCODE = 'data_exception',
                  DETAIL = 'Ids are numbers, and no business has such amounts.';
    END IF;
    UPDATE pg_temp.momentum_document d
       SET replaces = momentum._book_line(s.brand, d.document, momentum._book_words(d.party, d.lines));
    -- Who was erased is not named by the books either.
    IF momentum._has_erasures(s.brand) THEN
        UPDATE pg_temp.momentum_document d
           SET party = coalesce((SELECT 'erased ' || left(e.hash, 16)
                                   FROM momentum._turned(momentum._full_name(d.party)) w (turned)
                                   JOIN momentum_state.erasure e ON e.brand = s.brand AND e.hash = momentum._erasure_hash(s.brand, 'name', w.turned)
                                  LIMIT 1), d.party);
    END IF;
    RETURN rows_read + n;
END
$$;
COMMENT ON FUNCTION momentum._stage_books(momentum._slice, momentum._loader) IS 'Reads what is open and what the bank holds into temporary tables; returns the number of rows.';
REVOKE ALL ON FUNCTION momentum._stage_books(momentum._slice, momentum._loader) FROM PUBLIC;

-- What the path leaves out, and what might be counted twice.
CREATE FUNCTION momentum._book_warnings(s momentum._slice) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN ARRAY(
        SELECT format('%s open %s in %s (%s) left out: the brand counts in %s', count(*),
                      CASE d.document WHEN 'bill' THEN 'bills' ELSE 'invoices' END, d.currency, round(sum(d.amount), 2), s.currency)
          FROM pg_temp.momentum_document d
         WHERE d.currency <> s.currency AND d.amount <> 0
         GROUP BY d.document, d.currency ORDER BY d.document, d.currency)
    || ARRAY(
        SELECT format('bank account "%s" in %s (%s) left out: the brand counts in %s', left(b.name, 80), b.currency, round(b.amount, 2), s.currency)
          FROM pg_temp.momentum_bank b WHERE b.currency <> s.currency AND b.amount <> 0 ORDER BY b.id::bigint)
    || ARRAY(
        SELECT format('bank account "%s" tells no balance: the balance is not taken from the books', left(b.name, 80))
          FROM pg_temp.momentum_bank b WHERE b.active AND b.amount IS NULL ORDER BY b.id::bigint)
    || CASE WHEN EXISTS (SELECT FROM pg_temp.momentum_bank) THEN '{}'::text[]
            ELSE '{the books have no bank account: the balance is not taken from them}' END
    || ARRAY(
        SELECT format('open %s of "%s" (%s) match no line of the cash sheet and count beside it (see momentum_state.book_item)',
                      CASE d.document WHEN 'bill' THEN 'bills' ELSE 'invoices' END, left(d.party, 80), round(sum(d.amount), 2))
          FROM pg_temp.momentum_document d
         WHERE coalesce(d.currency, s.currency) = s.currency AND d.amount <> 0
           AND EXISTS (SELECT FROM hub.cash_flow f WHERE f.brand = s.brand AND f.origin = 'sheet' AND f.day >= s.today)
           AND NOT EXISTS (SELECT FROM hub.cash_flow f
                            WHERE f.brand = s.brand AND f.origin = 'sheet' AND f.day >= s.today
                              AND f.kind = CASE d.document WHEN 'bill' THEN 'cost' ELSE 'in' END
                              AND f.item ~* d.replaces)
         GROUP BY d.document, d.party ORDER BY d.document, d.party);
END
$$;
COMMENT ON FUNCTION momentum._book_warnings(momentum._slice) IS 'What of the staged books is left out of the sums, and what matches no line of the cash sheet.';
REVOKE ALL ON FUNCTION momentum._book_warnings(momentum._slice) FROM PUBLIC;

-- One balance a day and account is kept: past ones are what earlier days
-- started from.  Where an account does not tell its own, none of that day is.
CREATE FUNCTION momentum._store_bank(s momentum._slice) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    counts bigint[];
BEGIN
    WITH page AS MATERIALIZED (
        SELECT x.*, hash_record_extended(x, 0) AS content_hash
          FROM (SELECT b.id::bigint AS row_number, b.name AS item, b.amount
                  FROM pg_temp.momentum_bank b
                 WHERE coalesce(b.currency, s.currency) = s.currency AND (b.active OR b.amount <> 0)
                   AND NOT EXISTS (SELECT FROM pg_temp.momentum_bank n
                                    WHERE n.active AND n.amount IS NULL AND coalesce(n.currency, s.currency) = s.currency)) x),
    gone AS (
        DELETE FROM hub.cash_balance t
         WHERE t.brand = s.brand AND t.source = s.source AND t.tab = 'bank' AND t.day = s.today
           AND NOT EXISTS (SELECT FROM page p WHERE p.row_number = t.row_number)
        RETURNING t.day),
    up AS (
        INSERT INTO hub.cash_balance AS t (brand, source, tab, row_number, day, item, amount, origin, content_hash)
        SELECT s.brand, s.source, 'bank', p.row_number, s.today, p.item, p.amount, 'quickbooks', p.content_hash FROM page p
        ON CONFLICT ON CONSTRAINT cash_balance_pkey DO UPDATE
           SET item = excluded.item, amount = excluded.amount, content_hash = excluded.content_hash, loaded_at = now()
         WHERE excluded.content_hash <> t.content_hash OR s.force
        RETURNING xmax = 0 AS added)
    SELECT ARRAY[(SELECT count(*) FROM up) + (SELECT count(*) FROM gone),
                 (SELECT count(*) FROM up WHERE added) - (SELECT count(*) FROM gone)] INTO counts;
    RETURN counts;
END
$$;
COMMENT ON FUNCTION momentum._store_bank(momentum._slice) IS 'Stores the staged balances as those of today; returns rows changed and rows more.';
REVOKE ALL ON FUNCTION momentum._store_bank(momentum._slice) FROM PUBLIC;

-- Money comes when the customer usually pays.  What is overdue is expected
-- today: it is owed all the same.
CREATE FUNCTION momentum._store_documents(s momentum._slice) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    counts bigint[];
BEGIN
    WITH page AS MATERIALIZED (
        SELECT x.*, hash_record_extended(x, 0) AS content_hash
          FROM (SELECT CASE d.document WHEN 'bill' THEN 'payables' ELSE 'receivables' END AS tab, d.id::bigint AS row_number,
                       d.due AS period, greatest(d.due + coalesce(p.days, 0), s.today) AS day,
                       format('%s %s, %s', initcap(d.document), coalesce(d.doc_number, d.id), d.party) AS item,
                       CASE d.document WHEN 'bill' THEN 'cost' ELSE 'in' END AS kind, d.amount, d.replaces,
                       CASE WHEN d.amount = 0 THEN 'booked' ELSE 'expected' END AS status
                  FROM pg_temp.momentum_document d
                  LEFT JOIN hub.payment_delay p ON p.brand = s.brand AND p.source = s.source
                                               AND p.party = d.party_id AND d.document = 'invoice' AND d.amount <> 0
                 WHERE coalesce(d.currency, s.currency) = s.currency) x),
    gone AS (
        DELETE FROM hub.cash_flow t
         WHERE t.brand = s.brand AND t.source = s.source
           AND NOT EXISTS (SELECT FROM page p
                            WHERE p.tab = t.tab AND p.row_number = t.row_number AND p.period = t.period AND p.day = t.day)
        RETURNING t.day),
    up AS (
        INSERT INTO hub.cash_flow AS t (brand, source, tab, row_number, period, day, item, kind, amount, channel,
            origin, status, replaces, content_hash)
        SELECT s.brand, s.source, p.tab, p.row_number, p.period, p.day, p.item, p.kind, p.amount, '',
               'quickbooks', p.status, p.replaces, p.content_hash
          FROM page p
        ON CONFLICT ON CONSTRAINT cash_flow_pkey DO UPDATE
           SET item = excluded.item, kind = excluded.kind, amount = excluded.amount, status = excluded.status,
               replaces = excluded.replaces, content_hash = excluded.content_hash, loaded_at = now()
         WHERE excluded.content_hash <> t.content_hash OR s.force
        RETURNING xmax = 0 AS added)
    SELECT ARRAY[(SELECT count(*) FROM up) + (SELECT count(*) FROM gone),
                 (SELECT count(*) FROM up WHERE added) - (SELECT count(*) FROM gone)] INTO counts;
    RETURN counts;
END
$$;
COMMENT ON FUNCTION momentum._store_documents(momentum._slice) IS 'Replaces payables and receivables by the staged ones; returns rows changed and rows more.';
REVOKE ALL ON FUNCTION momentum._store_documents(momentum._slice) FROM PUBLIC;

CREATE FUNCTION momentum._load_books(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    documents bigint[];
    balances bigint[];
BEGIN
    result.rows_read := momentum._stage_books(s, l);
    documents := momentum._store_documents(s);
    balances := momentum._store_bank(s);
    result.rows_changed := documents[1] + balances[1];
    result.stored := documents[2] + balances[2];
    result.foreign_rows := (SELECT count(*) FROM pg_temp.momentum_document d WHERE d.currency <> s.currency)
        + (SELECT count(*) FROM pg_temp.momentum_bank b WHERE b.currency <> s.currency)
        - (SELECT st.foreign_currency_rows FROM momentum_state.stream st
            WHERE st.brand = s.brand AND st.source = s.source AND st.stream = s.stream);
    result.warnings := momentum._book_warnings(s);
    IF result.rows_changed > 0 THEN
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
            VALUES (s.brand, s.source, s.stream, s.today);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_books(momentum._slice, momentum._loader) IS 'Loads what is open by the books, and what the bank accounts hold.';
REVOKE ALL ON FUNCTION momentum._load_books(momentum._slice, momentum._loader) FROM PUBLIC;

-- When money came, against when it was due: of each invoice that is paid, its
-- last payment.  The next reading of what is open goes by it.
CREATE FUNCTION momentum._load_payment_days(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
BEGIN
    EXECUTE format($q$
WITH payment AS MATERIALIZED (%s),
invoice AS MATERIALIZED (%s),
settled AS (
    SELECT p.party, i.id, max(p.day) - i.due AS days
      FROM payment p (party, day, lines)
     CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(p.lines) WHEN 'array' THEN p.lines ELSE '[]' END) j (line)
     CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(j.line -> 'LinkedTxn') WHEN 'array' THEN j.line -> 'LinkedTxn' ELSE '[]' END) t (txn)
      JOIN invoice i (id, due) ON i.id = t.txn ->> 'TxnId' AND t.txn ->> 'TxnType' = 'Invoice'
     WHERE p.party IS NOT NULL
     GROUP BY p.party, i.id, i.due),
page AS MATERIALIZED (
    SELECT x.*, hash_record_extended(x, 0) AS content_hash
      FROM (SELECT n.party, percentile_disc(0.5) WITHIN GROUP (ORDER BY n.days) AS days, count(*) AS invoices
              FROM settled n GROUP BY n.party HAVING count(*) >= 3) x),
gone AS (
    DELETE FROM hub.payment_delay t
     WHERE t.brand = $1 AND t.source = $2 AND NOT EXISTS (SELECT FROM page p WHERE p.party = t.party)
    RETURNING t.party),
up AS (
    INSERT INTO hub.payment_delay AS t (brand, source, party, days, invoices, content_hash)
    SELECT $1, $2, p.party, p.days, p.invoices, p.content_hash FROM page p
    ON CONFLICT ON CONSTRAINT payment_delay_pkey DO UPDATE
       SET days = excluded.days, invoices = excluded.invoices, content_hash = excluded.content_hash, loaded_at = now()
     WHERE excluded.content_hash <> t.content_hash OR $3
    RETURNING xmax = 0 AS added)
SELECT (SELECT count(*) FROM payment) + (SELECT count(*) FROM invoice),
       (SELECT count(*) FROM up) + (SELECT count(*) FROM gone),
       (SELECT count(*) FROM up WHERE added) - (SELECT count(*) FROM gone)$q$,
        momentum._read(s, l, 'payments'), momentum._read(s, l, 'invoices'))
       INTO result.rows_read, result.rows_changed, result.stored
      USING s.brand, s.source, s.force;
    result.foreign_rows := 0;
    result.warnings := '{}';
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_payment_days(momentum._slice, momentum._loader) IS 'Loads how long after its due days each customer usually pays.';
REVOKE ALL ON FUNCTION momentum._load_payment_days(momentum._slice, momentum._loader) FROM PUBLIC;
