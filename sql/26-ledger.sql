-- The erasure ledger (src/hub/ledger.c), and how a row forgets its person.
CREATE FUNCTION momentum._erasure_hash(brand text, kind text, value text) RETURNS text
    LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_erasure_hash';
COMMENT ON FUNCTION momentum._erasure_hash(text, text, text) IS 'Keyed hash of an address or id; the key stands in the ledger''s file.';
REVOKE ALL ON FUNCTION momentum._erasure_hash(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._ledger_append(brand text, kind text, hash text, at timestamptz) RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_ledger_append';
COMMENT ON FUNCTION momentum._ledger_append(text, text, text, timestamptz) IS 'A line of the ledger''s file, synced before this transaction commits.';
REVOKE ALL ON FUNCTION momentum._ledger_append(text, text, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION momentum._ledger_read(OUT brand text, OUT kind text, OUT hash text, OUT erased_at timestamptz) RETURNS SETOF record
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_ledger_read';
COMMENT ON FUNCTION momentum._ledger_read() IS 'The entries of the ledger''s file; none where there is no file.';
REVOKE ALL ON FUNCTION momentum._ledger_read() FROM PUBLIC;

CREATE FUNCTION momentum._ledger_mark(make boolean) RETURNS text
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_ledger_state';
COMMENT ON FUNCTION momentum._ledger_mark(boolean) IS 'Tells one ledger from another; NULL where there is none, unless it is to be made.';
REVOKE ALL ON FUNCTION momentum._ledger_mark(boolean) FROM PUBLIC;

CREATE FUNCTION momentum._forget_statistics(relation regclass) RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_forget_statistics';
COMMENT ON FUNCTION momentum._forget_statistics(regclass) IS 'Throws away what the planner knows of a table of the hub, or of a foreign table: its statistics hold values.';
REVOKE ALL ON FUNCTION momentum._forget_statistics(regclass) FROM PUBLIC;

-- Statistics hold values: those of persons who are there no more go with them.
CREATE FUNCTION momentum._analyze_anew(relation text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._forget_statistics(relation::regclass);
    EXECUTE format('ANALYZE %s', relation::regclass);
END
$$;
COMMENT ON FUNCTION momentum._analyze_anew(text) IS 'Analyzes a table as if it had never been analyzed.';
REVOKE ALL ON FUNCTION momentum._analyze_anew(text) FROM PUBLIC;

-- The columns of a table that speak of a person.  "source_of" is the column
-- that says of which source the customer's id is.
CREATE FUNCTION momentum._personal_columns(relation text) RETURNS TABLE ("column" name, kind text, type text, not_null boolean, source_of name)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT a.attname, k.kind, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           CASE WHEN EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = a.attrelid AND s.attname = x.word || '_source' AND NOT s.attisdropped)
                THEN x.word || '_source' ELSE 'source' END::name
      FROM momentum._column_kinds(_personal_columns.relation) k
      JOIN pg_attribute a ON a.attrelid = to_regclass(_personal_columns.relation) AND a.attname = k."column" AND a.attnum > 0 AND NOT a.attisdropped,
           LATERAL (SELECT CASE WHEN k.kind IN ('order', 'inquiry') THEN k.kind ELSE 'customer' END AS word) x
     WHERE k.kind NOT IN ('key', 'fact', 'money')
$$;
COMMENT ON FUNCTION momentum._personal_columns(text) IS 'The columns of a table that speak of a person, or lead to one.';
REVOKE ALL ON FUNCTION momentum._personal_columns(text) FROM PUBLIC;

-- What a column holds once its person was erased, over the row "t" of the
-- brand and source given as expressions.  Ids become a name that is the same
-- wherever the id stood, so that counts of customers stay.
CREATE FUNCTION momentum._erasing(relation text, brand text, source text, t text) RETURNS TABLE ("column" name, value text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    c record;
    customer text;
    key text;
    id text;
BEGIN
    FOR c IN SELECT * FROM momentum._personal_columns(_erasing.relation) p WHERE p.kind NOT IN ('order', 'inquiry', 'given') ORDER BY p.kind LOOP
        "column" := c."column";
        id := format('%s.%I', t, c."column");
        IF c.kind = 'customer' THEN
            value := format('CASE WHEN %1$s LIKE ''erased %%'' THEN %1$s ELSE ''erased '' || left(momentum._erasure_hash(%2$s, ''customer'', %3$s || ''/'' || %1$s), 16) END',
                            id, brand, CASE WHEN c.source_of = 'source' THEN source ELSE format('%s.%I', t, c.source_of) END);
            customer := id;
        ELSIF c.kind = 'customer_ref' THEN
            value := format('CASE WHEN %1$s LIKE ''%%/erased %%'' THEN %1$s ELSE momentum._source_part(%2$s, %1$s) || ''erased '' || left(momentum._erasure_hash(%2$s, ''customer'', %1$s), 16) END',
                            id, brand);
        ELSIF c.kind = 'customer_key' THEN       -- sorted behind the customer
            key := format('CASE WHEN %1$s LIKE ''erased %%'' THEN %1$s WHEN %1$s = %4$s THEN ''erased '' || left(momentum._erasure_hash(%2$s, ''customer'', %3$s || ''/'' || %1$s), 16)'
                            ' ELSE ''erased '' || left(momentum._erasure_hash(%2$s, ''email'', lower(btrim(%1$s))), 16) END', id, brand, source, customer);
            value := key;
        ELSIF c.kind = 'guest' THEN              -- behind its key
            value := format('CASE WHEN %s IS NULL THEN momentum._stand_in(''guest'', %s, %s, (SELECT s.salt FROM momentum_state.salt s)) END',
                            customer, brand, key);
        ELSIF c.kind = 'code' THEN
            value := format('CASE WHEN cardinality(%1$s) > 0 THEN array_fill(''erased''::text, ARRAY[cardinality(%1$s)]) ELSE %1$s END', id);
        ELSE
            value := CASE WHEN NOT c.not_null THEN 'NULL' WHEN c.type IN ('jsonb', 'text[]') THEN '''{}''' ELSE '''erased''' END || '::' || c.type;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._erasing(text, text, text, text) IS 'What the columns of a table hold once their person was erased.';
REVOKE ALL ON FUNCTION momentum._erasing(text, text, text, text) FROM PUBLIC;

-- Is the row "t" one of an erased person?  By address or id; by phone or
-- handle only where it bears neither, since others may share these.  What was
-- given after the erasure is kept.
CREATE FUNCTION momentum._ledger_match(relation text, brand text, source text, t text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    c record;
    id text;
    hashes text[] := '{}';
    unnamed text := '';
    given text;
BEGIN
    FOR c IN SELECT * FROM momentum._personal_columns(_ledger_match.relation) p ORDER BY p.kind LOOP
        id := format('%s.%I', t, c."column");
        IF c.kind = 'customer' THEN
            hashes := hashes || format('momentum._erasure_hash(%s, ''customer'', %s || ''/'' || %s)', brand,
                                       CASE WHEN c.source_of = 'source' THEN source ELSE format('%s.%I', t, c.source_of) END, id);
            unnamed := unnamed || format(' AND %s IS NULL', id);
        ELSIF c.kind IN ('email', 'customer_key') THEN
            hashes := hashes || format('momentum._erasure_hash(%s, ''email'', lower(btrim(%s)))', brand, id);
            unnamed := unnamed || format(' AND %s IS NULL', id);
        ELSIF c.kind = 'phone' THEN              -- sorted behind email and customer
            hashes := hashes || format('CASE WHEN true%s THEN momentum._erasure_hash(%s, ''phone'', nullif(regexp_replace(%s, ''[^0-9]'', '''', ''g''), '''')) END', unnamed, brand, id);
        ELSIF c.kind = 'given' THEN
            given := id;
        END IF;
    END LOOP;
    FOR c IN SELECT * FROM momentum._personal_columns(_ledger_match.relation) p WHERE p.kind = 'handle' LOOP
        hashes := hashes || format('CASE WHEN true%s THEN momentum._erasure_hash(%s, ''handle'', nullif(lower(ltrim(btrim(%s.%I), ''@'')), '''')) END', unnamed, brand, t, c."column");
    END LOOP;
    RETURN CASE WHEN hashes = '{}' THEN 'false' ELSE
        format('EXISTS (SELECT FROM momentum_state.erasure e WHERE e.brand = %s AND e.hash = ANY (ARRAY[%s])%s)',
               brand, array_to_string(hashes, ', '), ' AND (' || given || ' IS NULL OR ' || given || ' <= e.erased_at)') END;
END
$$;
COMMENT ON FUNCTION momentum._ledger_match(text, text, text, text) IS 'Condition that a row is one of an erased person, by the ledger.';
REVOKE ALL ON FUNCTION momentum._ledger_match(text, text, text, text) FROM PUBLIC;

-- Entries fit nobody without the ledger that made them.  Going on would bring
-- everybody back who was erased, and a new ledger would hide that.
CREATE FUNCTION momentum._check_ledger(brand text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    mark text := momentum._ledger_mark(false);
    strange text[];
BEGIN
    -- Both by the index: a load asks each time.
    SELECT array_remove(ARRAY[min(e.ledger), max(e.ledger)], mark) INTO strange FROM momentum_state.erasure e WHERE e.brand = _check_ledger.brand;
    strange := array_remove(strange, NULL);
    IF strange <> '{}' THEN
        RAISE EXCEPTION '%', CASE WHEN mark IS NULL THEN 'the erasure ledger is missing' ELSE 'the erasure ledger is not the one of this database' END
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Entries of momentum_state.erasure were made with another one. Without it whoever was erased would come back with the next load.',
                  HINT = 'Put a copy of it in the place that momentum.erasure_ledger names. If it is lost for good, delete these entries, and erase these persons again.';
    END IF;
    RETURN coalesce(mark, momentum._ledger_mark(true));
END
$$;
COMMENT ON FUNCTION momentum._check_ledger(text) IS 'The mark of the ledger, which is made where there is none yet; raises when entries of the brand were made with another one.';
REVOKE ALL ON FUNCTION momentum._check_ledger(text) FROM PUBLIC;

-- Loading and erasing wait for each other, brand by brand.
CREATE FUNCTION momentum._has_erasures(brand text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7241, hashtext(_has_erasures.brand));
    IF NOT EXISTS (SELECT FROM momentum_state.erasure e WHERE e.brand = _has_erasures.brand) THEN
        RETURN false;
    END IF;
    PERFORM momentum._check_ledger(_has_erasures.brand);
    RETURN true;
END
$$;
COMMENT ON FUNCTION momentum._has_erasures(text) IS 'Was anybody of the brand erased?  Nobody will be while this transaction lasts.';
REVOKE ALL ON FUNCTION momentum._has_erasures(text) FROM PUBLIC;

-- For loaders: the query of a resource, its rows without erased persons.
-- While nobody was erased, and for tables without persons, the query as it is.
CREATE FUNCTION momentum._without_erased(brand text, source text, relation text, columns text[], query text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    b CONSTANT text := quote_literal(_without_erased.brand);
    s CONSTANT text := quote_literal(_without_erased.source);
    match text;
    wanted text;
BEGIN
    IF NOT momentum._has_erasures(_without_erased.brand)
       OR NOT EXISTS (SELECT FROM momentum._personal_columns(_without_erased.relation) p
                       WHERE p.kind IN ('email', 'customer', 'customer_key', 'phone', 'handle')) THEN
        RETURN (query);
    END IF;
    match := momentum._ledger_match(_without_erased.relation, b, s, 'r');
    SELECT string_agg(CASE WHEN e.value IS NULL THEN format('r.%I', c.name)
                           ELSE format('CASE WHEN x.gone THEN %s ELSE r.%I END AS %2$I', e.value, c.name) END, ', ' ORDER BY c.place)
      INTO wanted
      FROM unnest(columns) WITH ORDINALITY c (name, place)
      LEFT JOIN momentum._erasing(_without_erased.relation, b, s, 'r') e ON e."column" = c.name;
    -- Columns of the table that this query does not bring are NULL.
    RETURN format('SELECT %s FROM (SELECT w.*%s FROM (%s) AS w (%s)) AS r, LATERAL (SELECT %s AS gone) AS x',
                  wanted,
                  (SELECT coalesce(string_agg(format(', NULL::%s AS %I', p.type, p."column"), ''), '')
                     FROM momentum._personal_columns(_without_erased.relation) p WHERE p."column" <> ALL (columns))
                  || (SELECT coalesce(string_agg(DISTINCT format(', NULL::text AS %I', p.source_of), ''), '')
                        FROM momentum._personal_columns(_without_erased.relation) p WHERE p.source_of <> 'source' AND p.source_of <> ALL (columns)),
                  query, momentum._list(columns, '@'), match);
END
$$;
COMMENT ON FUNCTION momentum._without_erased(text, text, text, text[], text) IS 'For loaders: a query whose rows forget erased persons. The columns are those of the query, under the names of the table.';
REVOKE ALL ON FUNCTION momentum._without_erased(text, text, text, text[], text) FROM PUBLIC;

-- A customer who was erased and came once more has a row already, under the
-- name that says nothing.
CREATE FUNCTION momentum._has_erased_row(brand text, source text, customer_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN customer_id NOT LIKE 'erased %' AND EXISTS (
        SELECT FROM hub.customers c
         WHERE c.brand = _has_erased_row.brand AND c.source = _has_erased_row.source
           AND c.customer_id = 'erased ' || left(momentum._erasure_hash(_has_erased_row.brand, 'customer',
                                                     _has_erased_row.source || '/' || _has_erased_row.customer_id), 16));
END
$$;
COMMENT ON FUNCTION momentum._has_erased_row(text, text, text) IS 'Is there a row of this customer who was erased already?';
REVOKE ALL ON FUNCTION momentum._has_erased_row(text, text, text) FROM PUBLIC;

-- What is stored and is an erased person's forgets it, by the ledger: after a
-- load by hand (rows loaded since), after a restore (all of them).
CREATE FUNCTION momentum._erase_again(brand text, relation text, since timestamptz DEFAULT '-infinity') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    b CONSTANT text := quote_literal(_erase_again.brand);
    match text;
    columns text;
    result_columns text;
    erased bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7241, hashtext(_erase_again.brand));
    IF NOT EXISTS (SELECT FROM momentum_state.erasure e WHERE e.brand = _erase_again.brand) THEN
        RETURN 0;
    END IF;
    IF _erase_again.relation = 'momentum_state.dead_letter' THEN
        -- Whoever is named in it by an address or an id; what says itself that
        -- it was given later is kept, as in the tables.
        DELETE FROM momentum_state.dead_letter d
         WHERE d.brand = _erase_again.brand AND d.last_at >= since
           AND (EXISTS (SELECT FROM momentum_state.erasure e,
                                    LATERAL (SELECT 'email' AS kind, lower(m[1]) AS value
                                               FROM regexp_matches(concat_ws(' ', d.payload::text, momentum._as_text(d.body), d.reason, d.item), '[^\s"''<>@,;:()\\]+@[^\s"''<>@,;:()\\]+', 'g') m
                                              UNION ALL
                                             SELECT 'customer', d.source || '/' || (v #>> '{}') FROM jsonb_path_query(d.payload, '$.**.customer_id') v
                                              UNION ALL
                                             SELECT 'customer', d.source || '/' || d.item WHERE d.feed ~ 'customers$'
                                              UNION ALL  -- by number or handle where it bears neither address nor id, as in the tables
                                             SELECT CASE WHEN k.key ~ 'phone' THEN 'phone' ELSE 'handle' END,
                                                    CASE WHEN k.key ~ 'phone' THEN nullif(regexp_replace(k.value, '[^0-9]', '', 'g'), '')
                                                         ELSE nullif(lower(ltrim(btrim(k.value), '@')), '') END
                                               FROM jsonb_each_text(CASE jsonb_typeof(d.payload) WHEN 'object' THEN d.payload ELSE '{}' END) k
                                              WHERE k.key ~ '(phone|handle)$'
                                                AND NOT EXISTS (SELECT FROM jsonb_each_text(CASE jsonb_typeof(d.payload) WHEN 'object' THEN d.payload ELSE '{}' END) n
                                                                 WHERE n.key ~ '(email|customer_id)$' AND n.value <> '')) w
                         WHERE e.brand = d.brand AND e.kind = w.kind
                           -- Of a file that comes now nothing is later that does not say so.
                           AND coalesce(momentum._letter_given(d.payload), CASE WHEN since = '-infinity' THEN d.first_at ELSE '-infinity' END) <= e.erased_at
                           AND e.hash = momentum._erasure_hash(d.brand, w.kind, w.value))
                -- What belongs to an erased person's order, and bears no address: a service tells it again.
                OR (d.feed = 'unread' OR since = '-infinity'
                    AND d.first_at <= (SELECT max(e.erased_at) FROM momentum_state.erasure e WHERE e.brand = _erase_again.brand))
                   AND EXISTS (SELECT FROM jsonb_path_query(d.payload, '$.**.order_id') v, hub.orders o
                                WHERE o.brand = d.brand AND o.order_id = v #>> '{}' AND o.source = d.source
                                  AND coalesce(o.customer_key, o.customer_id) LIKE 'erased %'));
        GET DIAGNOSTICS erased = ROW_COUNT;
        RETURN erased;
    END IF;
    match := momentum._ledger_match(_erase_again.relation, b, 't.source', 't');
    IF match = 'false' THEN                   -- a child: as its order
        match := (SELECT format('EXISTS (SELECT FROM hub.orders o WHERE o.brand = t.brand AND o.source = t.%I AND o.order_id = t.%I'
                                ' AND coalesce(o.customer_key, o.customer_id) LIKE ''erased %%'')', p.source_of, p."column")
                    FROM momentum._personal_columns(_erase_again.relation) p WHERE p.kind = 'order' LIMIT 1);
    END IF;
    SELECT string_agg(format('%I', e."column"), ', '), string_agg(e.value, ', ') INTO columns, result_columns
      FROM momentum._erasing(_erase_again.relation, b, 't.source', 't') e;
    IF columns IS NULL OR match IS NULL THEN
        RETURN 0;
    END IF;
    IF _erase_again.relation = 'hub.customers' THEN
        -- The function is asked of erased persons alone: else of every customer.
        EXECUTE format('DELETE FROM hub.customers t WHERE t.brand = %s %s AND CASE WHEN %s THEN momentum._has_erased_row(t.brand, t.source, t.customer_id) ELSE false END',
                       b, CASE WHEN since > '-infinity' THEN format('AND t.loaded_at >= %L', since) ELSE '' END, match);
    END IF;
    EXECUTE format('UPDATE %s t SET (%s) = ROW(%s) WHERE t.brand = %s AND %s AND ROW(%s) IS DISTINCT FROM ROW(%s) %s',
                   _erase_again.relation, columns, result_columns, b, match,
                   (SELECT string_agg(format('t.%I', e."column"), ', ') FROM momentum._erasing(_erase_again.relation, b, 't.source', 't') e),
                   result_columns,
                   CASE WHEN since > '-infinity' THEN format('AND t.loaded_at >= %L', since) ELSE '' END);
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END
$$;
COMMENT ON FUNCTION momentum._erase_again(text, text, timestamptz) IS 'Has the rows of a table forget erased persons: all rows, or those loaded since. Returns how many there were.';
REVOKE ALL ON FUNCTION momentum._erase_again(text, text, timestamptz) FROM PUBLIC;
