-- What a door does with its rows.
--
-- A text of the file as the type of its column.  Lists may be written plainly,
-- with commas, or as PostgreSQL writes them.
CREATE FUNCTION momentum._door_cast(name text, type text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN type = 'text' THEN format('e.%I', name)
                WHEN type = 'text[]'
                THEN format('CASE WHEN e.%1$I LIKE ''{%%'' THEN e.%1$I::text[] ELSE pg_catalog.regexp_split_to_array(pg_catalog.btrim(e.%1$I), ''\s*,\s*'') END', name)
                ELSE format('e.%I::%s', name, type) END
$$;
COMMENT ON FUNCTION momentum._door_cast(text, text) IS 'Expression that reads a column of a file.';
REVOKE ALL ON FUNCTION momentum._door_cast(text, text) FROM PUBLIC;

-- Rows that count on no day, into a table without others: they need only be
-- stored, and nothing be brought back of them.
CREATE FUNCTION momentum._door_only_inserts(d momentum._door, is_empty boolean) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT is_empty AND cardinality(d.days) = 0
$$;
COMMENT ON FUNCTION momentum._door_only_inserts(momentum._door, boolean) IS 'Storing rows of a door is a mere INSERT.';
REVOKE ALL ON FUNCTION momentum._door_only_inserts(momentum._door, boolean) FROM PUBLIC;

-- The statement that stores the lines lo to hi (NULL: all) of one brand:
--   page  the rows, typed, with what follows from them
--   hit   what the hub has otherwise, or older: the new values, the old ones
--   up    their update: only columns that were given, and what follows from these
--   ins   rows that the hub has not
--   days  the days that changed, by source
-- A row of a newer stamp stays.  A row without a stamp is a correction: it
-- holds until its service tells of a change.  The hash of what is entered is
-- 0: a service that tells of the same stamp is believed.
CREATE FUNCTION momentum._door_statement(d momentum._door, brand text, currency text, given text[], is_copy boolean,
                                         lo bigint, hi bigint, is_empty boolean)
    RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target CONSTANT text := format('hub.%I', d.feed);
    columns text[];             -- of the table, but those that are kept by themselves
    keys text[];
    typed text;                 -- of the file
    merged text;                -- of the file, else of the hub
    all_columns text[];
    changed text[];             -- what an existing row may get
    inserted text[];
    expr jsonb := '{}';         -- column -> its value, over the row m
    stamp text := 'NULL::timestamptz';
    old_stamp text := 'NULL::timestamptz';
    source_of text;
    own_day text;
    restated text;
    set_list text;
    hit text := '';
    up_days text := '';
    ins_days text;
    -- Who has the address already; the table's own rules refuse two of one source.
    duplicate CONSTANT text := CASE WHEN is_empty THEN 'NULL::text' ELSE format(
        '(SELECT f.source || ''/'' || f.customer_id FROM hub.customers f WHERE f.brand = %L AND lower(f.email) = lower(m.email)'
        ' AND f.duplicate_of IS NULL AND f.source <> m.source)', brand) END;
    first text := '';           -- the first order of each customer, where the file has all of them
    first_join text := '';
    first_value text := '';
    till text;                  -- whose customers' numbers these are: see _mark_new_customers()
BEGIN
    SELECT array_agg(c.name ORDER BY c.place),
           array_agg(c.name ORDER BY c.place) FILTER (WHERE c.name <> ALL ('{content_hash,loaded_at,restated_at}')
                AND c.name !~ '^previous_' AND (c.is_entry OR c.name = ANY (d.hidden) AND d.derived ? c.name)),
           array_agg(c.name ORDER BY c.place) FILTER (WHERE c.is_key AND c.name <> 'brand')
      INTO all_columns, columns, keys
      FROM momentum._door_columns(d) c;
    SELECT string_agg(CASE WHEN c.name = ANY (given) THEN momentum._door_cast(c.name, c.type) ELSE format('NULL::%s', c.type) END
                      || format(' AS %I', c.name), ', ' ORDER BY c.place),
           string_agg(CASE WHEN c.name = ANY (keys) OR is_copy AND c.name = ANY (given) THEN format('p.%I', c.name)
                           WHEN c.name = ANY (given) THEN format('coalesce(p.%1$I, t.%1$I)', c.name)
                           ELSE format('t.%I', c.name) END || format(' AS %I', c.name), ', ' ORDER BY c.place)
      INTO typed, merged
      FROM momentum._door_columns(d) c WHERE c.name = ANY (columns) AND c.name <> 'brand';
    SELECT jsonb_object_agg(c.name,
                CASE WHEN NOT d.derived ? c.name THEN format(CASE WHEN c.fallback IS NULL THEN 'm.%I' ELSE 'coalesce(m.%I, %s)' END, c.name, c.fallback)
                     WHEN c.name = ANY (given) THEN format('coalesce(m.%I, %s)', c.name, r.rule)
                     ELSE r.rule END)
      INTO expr
      FROM momentum._door_columns(d) c,
           LATERAL (SELECT replace(replace(replace(d.derived -> c.name ->> 'expr', '$currency', quote_literal(currency)), '$brand', quote_literal(brand)), '$duplicate', duplicate) AS rule) r
     WHERE c.name = ANY (columns) AND c.name <> 'brand' AND (c.name = ANY (given) OR d.derived ? c.name);
    inserted := ARRAY(SELECT c FROM unnest(columns) WITH ORDINALITY u (c, n) WHERE expr ? c ORDER BY n);
    changed := ARRAY(SELECT c FROM unnest(inserted) WITH ORDINALITY u (c, n)
                      WHERE c <> ALL (keys) AND c <> 'source_updated_at'
                        AND (c = ANY (given)
                             OR EXISTS (SELECT FROM jsonb_array_elements_text(d.derived -> c -> 'from') f WHERE f = ANY (given)))
                      ORDER BY n);
    source_of := CASE WHEN 'source' = ANY (all_columns) THEN 't.source' ELSE $q$''::text$q$ END;
    own_day := coalesce('t.' || quote_ident(d.days[1]), 'NULL::date');

    IF NOT is_empty AND cardinality(changed) > 0 THEN
        IF 'source_updated_at' = ANY (given) THEN
            stamp := 'm.source_updated_at';
            old_stamp := 'm."old source_updated_at"';
        END IF;
        restated := (SELECT substr(a.attname, 10) FROM pg_attribute a
                      WHERE a.attrelid = target::regclass AND a.attname LIKE 'previous\_%' AND NOT a.attisdropped LIMIT 1);
        set_list := momentum._list(changed, '@ = h.@');
        IF 'source_updated_at' = ANY (given) THEN
            set_list := set_list || ', source_updated_at = coalesce(h.source_updated_at, t.source_updated_at)';
            IF 'content_hash' = ANY (all_columns) THEN
                set_list := set_list || ', content_hash = CASE WHEN h.source_updated_at IS NULL THEN t.content_hash ELSE 0 END';
            END IF;
        END IF;
        IF restated = ANY (changed) AND 'restated_at' = ANY (all_columns) THEN
            set_list := set_list || format(', %1$I = CASE WHEN t.%2$I IS DISTINCT FROM h.%2$I THEN t.%2$I ELSE t.%1$I END'
                ', restated_at = CASE WHEN t.%2$I IS DISTINCT FROM h.%2$I THEN now() ELSE t.restated_at END', 'previous_' || restated, restated);
        END IF;
        IF 'loaded_at' = ANY (all_columns) THEN
            set_list := set_list || ', loaded_at = now()';
        END IF;
        hit := format($q$,
hit AS MATERIALIZED (
    SELECT * FROM (
        SELECT %1$s, %2$s%3$s, %4$s
          FROM (SELECT %5$s, %6$s FROM page p JOIN %7$s t ON t.brand = %8$L AND %9$s FOR UPDATE OF t) m
         WHERE (%10$s IS NULL OR %11$s IS NULL OR %10$s >= %11$s)) m
     WHERE ROW(%12$s) IS DISTINCT FROM ROW(%13$s) OR %10$s > %11$s OR %11$s IS NULL AND %10$s IS NOT NULL),
up AS (
    UPDATE %7$s t SET %14$s FROM hit h WHERE t.brand = %8$L AND %15$s
    RETURNING %16$s AS source%17$s%18$s)$q$,
            momentum._list(keys, 'm.@'),                                                                -- 1
            (SELECT string_agg(format('%s AS %I', expr ->> c, c), ', ') FROM unnest(changed) c),        -- 2
            CASE WHEN stamp <> 'NULL::timestamptz' THEN ', m.source_updated_at, m."old source_updated_at"' ELSE '' END,  -- 3
            (SELECT string_agg(format('m.%I', 'old ' || c), ', ') FROM (SELECT unnest(changed) UNION SELECT unnest(d.days)) x (c)),  -- 4
            merged,                                                                                     -- 5
            (SELECT string_agg(format('t.%I AS %I', c, 'old ' || c), ', ')
               FROM (SELECT unnest(changed) UNION SELECT unnest(d.days)
                     UNION SELECT 'source_updated_at' WHERE stamp <> 'NULL::timestamptz') x (c)),       -- 6
            target, brand,                                                                              -- 7, 8
            (SELECT string_agg(format('t.%I = p.%I', c, c), ' AND ') FROM unnest(keys) c),              -- 9
            stamp, old_stamp,                                                                           -- 10, 11
            momentum._list(changed, 'm.@'),                                                             -- 12
            (SELECT string_agg(format('m.%I', 'old ' || c), ', ') FROM unnest(changed) c),              -- 13
            set_list,                                                                                   -- 14
            momentum._list(keys, 't.@ = h.@', ' AND '),                                                 -- 15
            source_of,                                                                                  -- 16
            (SELECT string_agg(format(', t.%1$I AS %2$I', c, 'new ' || c), '') FROM unnest(d.days) c),   -- 17
            (SELECT string_agg(format(', h.%1$I AS %1$I', 'old ' || c), '') FROM unnest(d.days) c));    -- 18
        up_days := CASE WHEN cardinality(d.days) = 0
                        THEN ' UNION ALL SELECT u.source, NULL::date, 0, count(*) FROM up u GROUP BY 1'
                        ELSE format(' UNION ALL SELECT u.source, v.day, 0, count(*) FILTER (WHERE v.n = 1) FROM up u, LATERAL (VALUES %s) v (n, day) GROUP BY 1, 2',
                                    (SELECT string_agg(format('(%s, u.%I), (0, u.%I)', n, 'new ' || c, 'old ' || c), ', ')
                                       FROM unnest(d.days) WITH ORDINALITY x (c, n))) END;
    END IF;
    IF d.feed = 'orders' AND is_empty AND lo IS NULL AND 'customer_order_index' <> ALL (given) THEN
        till := format('CASE WHEN m.customer_id IS NOT NULL AND m.source = ANY (%L) THEN m.source ELSE '''' END',
                       ARRAY(SELECT c.source FROM momentum_state.source c WHERE c.brand = _door_statement.brand AND c.service = 'manual'));
        first := format($q$,
first AS MATERIALIZED (
    SELECT %s AS customer_key, %s AS till, min(coalesce(m.processed_at, m.created_at)) AS at
      FROM page m WHERE NOT %s AND NOT %s AND m.cancelled_at IS NULL GROUP BY 1, 2)$q$,
            expr ->> 'customer_key', till, expr ->> 'is_test', expr ->> 'is_adjustment');
        first_join := format(' LEFT JOIN first f ON f.customer_key = %s AND f.till = %s', expr ->> 'customer_key', till);
        first_value := format(', coalesce(f.at = coalesce(m.processed_at, m.created_at) AND NOT %s AND NOT %s AND m.cancelled_at IS NULL, false)',
                              expr ->> 'is_test', expr ->> 'is_adjustment');
    END IF;
    ins_days := CASE WHEN cardinality(d.days) <= 1
                     THEN 'SELECT i.source, i.day, count(*) AS rows_new, 0 AS rows_changed FROM ins i GROUP BY 1, 2'
                     ELSE format('SELECT i.source, v.day, count(*) FILTER (WHERE v.n = 1) AS rows_new, 0 AS rows_changed FROM ins i, LATERAL (VALUES (1, i.day), %s) v (n, day) GROUP BY 1, 2',
                                 (SELECT string_agg(format('(0, i.%I)', c), ', ') FROM unnest(d.days[2:]) c)) END;
    RETURN format(CASE WHEN momentum._door_only_inserts(d, is_empty) THEN $q$
WITH page AS NOT MATERIALIZED (
    SELECT m.line, %1$s FROM (SELECT e.line, %2$s FROM %3$s e WHERE e.brand = %4$L%5$s) m)
INSERT INTO %7$s AS t (brand, %8$s%9$s)
SELECT %4$L, %10$s%11$s FROM page m$q$ ELSE $q$
WITH page AS NOT MATERIALIZED (
    SELECT m.line, %1$s FROM (SELECT e.line, %2$s FROM %3$s e WHERE e.brand = %4$L%5$s) m)%6$s%18$s,
ins AS (
    INSERT INTO %7$s AS t (brand, %8$s%9$s%19$s)
    SELECT %4$L, %10$s%11$s%20$s FROM page m%21$s%12$s
    RETURNING %13$s AS source, %14$s AS day%15$s),
days AS (
    SELECT x.source, x.day, sum(x.rows_new) AS rows_new, sum(x.rows_changed) AS rows_changed
      FROM (%16$s%17$s) x GROUP BY 1, 2),
logged AS (
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT %4$L, y.source, st.stream, y.day
      FROM days y JOIN pg_temp.momentum_door_stream st ON st.brand = %4$L AND st.source = y.source
     WHERE y.day IS NOT NULL)
SELECT coalesce(sum(y.rows_new), 0)::bigint, coalesce(sum(y.rows_changed), 0)::bigint, min(y.day), max(y.day) FROM days y$q$ END,
        (SELECT string_agg(CASE WHEN c = ANY (keys) AND expr ? c THEN expr ->> c ELSE format('m.%I', c) END || format(' AS %I', c), ', ' ORDER BY n)
           FROM unnest(columns) WITH ORDINALITY u (c, n) WHERE c <> 'brand'),                           -- 1
        typed, momentum._door_stage(d.feed), brand,                                                     -- 2, 3, 4
        CASE WHEN lo IS NOT NULL THEN format(' AND e.line BETWEEN %s AND %s', lo, hi) ELSE '' END,      -- 5
        hit, target,                                                                                    -- 6, 7
        momentum._list(inserted, '@'),                                                                  -- 8
        CASE WHEN 'content_hash' = ANY (all_columns) THEN ', content_hash' ELSE '' END,                 -- 9
        (SELECT string_agg(expr ->> c, ', ' ORDER BY n) FROM unnest(inserted) WITH ORDINALITY u (c, n)),  -- 10
        CASE WHEN 'content_hash' = ANY (all_columns) THEN ', 0' ELSE '' END,                            -- 11
        CASE WHEN is_empty THEN ''
             ELSE format(' WHERE NOT EXISTS (SELECT FROM %s t WHERE t.brand = %L AND %s)', target, brand,
                         momentum._list(keys, 't.@ = m.@', ' AND ')) END,                               -- 12
        source_of, own_day,                                                                             -- 13, 14
        (SELECT string_agg(format(', t.%1$I AS %1$I', c), '') FROM unnest(d.days[2:]) c),               -- 15
        ins_days, up_days,                                                                              -- 16, 17
        first, CASE WHEN first <> '' THEN ', is_new_customer' ELSE '' END, first_value, first_join);    -- 18 to 21
END
$$;
COMMENT ON FUNCTION momentum._door_statement(momentum._door, text, text, text[], boolean, bigint, bigint, boolean) IS 'The one statement that stores rows of a door.';
REVOKE ALL ON FUNCTION momentum._door_statement(momentum._door, text, text, text[], boolean, bigint, bigint, boolean) FROM PUBLIC;

-- Naive times are of the brand's zone.  Days before 1970 count in no metric; to
-- infinity there is no end of days to compute.
CREATE FUNCTION momentum._door_store(d momentum._door, brand text, given text[], is_copy boolean, lo bigint, hi bigint, is_first boolean)
    RETURNS momentum._door_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    b record;
    zone CONSTANT text := current_setting('TimeZone');
    written bigint;
    r momentum._door_result;
BEGIN
    SELECT * INTO b FROM momentum_state.brand x WHERE x.brand = _door_store.brand;
    PERFORM set_config('TimeZone', b.time_zone, true);
    IF momentum._door_only_inserts(d, is_first) THEN
        EXECUTE momentum._door_statement(d, b.brand, b.currency, given, is_copy, lo, hi, is_first);
        GET DIAGNOSTICS written = ROW_COUNT;
        r := ROW(written, 0, NULL, NULL);
    ELSE
        EXECUTE momentum._door_statement(d, b.brand, b.currency, given, is_copy, lo, hi, is_first) INTO r;
    END IF;
    PERFORM set_config('TimeZone', zone, true);
    IF r.first_day < '1970-01-01' OR r.last_day >= '2200-01-01' THEN
        RAISE EXCEPTION 'day % is not between 1970 and 2199', CASE WHEN r.first_day < '1970-01-01' THEN r.first_day ELSE r.last_day END
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    -- What was counted has been; only plans and contracts know of later days.
    IF r.last_day > (now() AT TIME ZONE b.time_zone)::date + 2 AND d.feed NOT IN ('cash_flow', 'subscriptions') THEN
        RAISE EXCEPTION 'day % is yet to come', r.last_day
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION momentum._door_store(momentum._door, text, text[], boolean, bigint, bigint, boolean) IS 'Stores rows of a door: all lines of a brand, or those of a range.';
REVOKE ALL ON FUNCTION momentum._door_store(momentum._door, text, text[], boolean, bigint, bigint, boolean) FROM PUBLIC;
