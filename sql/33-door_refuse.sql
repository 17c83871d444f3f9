-- What a door makes of lines that it cannot store.
--
-- The streams that a door's rows belong to.  One that its service has, but no
-- foreign table feeds, begins by hand; a source by hand has one per feed.
CREATE FUNCTION momentum._door_streams(d momentum._door, brand text, source text) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    service CONSTANT text := (SELECT c.service FROM momentum_state.source c
                               WHERE c.brand = _door_streams.brand AND c.source = _door_streams.source);
    l momentum._loader;
    names text[];
BEGIN
    IF service IS NULL OR to_regprocedure(format('momentum.%I()', '_loaders_' || service)) IS NULL THEN
        RETURN;
    END IF;
    names := ARRAY(SELECT x.loader FROM momentum._loaders(service) x
                    WHERE x.target = 'hub.' || d.feed OR x.loader = ANY (d.loaders) OR service = 'manual' AND x.loader = d.feed);
    IF NOT EXISTS (SELECT FROM momentum_state.stream st
                    WHERE st.brand = _door_streams.brand AND st.source = _door_streams.source AND st.loader = ANY (names)) THEN
        FOR l IN SELECT x.* FROM momentum._loaders(service) x
                  WHERE x.loader = ANY (names) AND x.layouts IS NULL ORDER BY x.loader LOOP
            INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, slice_width, due_at)
                VALUES (_door_streams.brand, _door_streams.source, l.loader, l.loader, format('hub.%I', d.feed || '_entry'),
                        l.cadence, CASE WHEN l.kind <> 'full' THEN l.width END, 'infinity')
            ON CONFLICT DO NOTHING;
        END LOOP;
    END IF;
    RETURN QUERY SELECT st.stream FROM momentum_state.stream st
                  WHERE st.brand = _door_streams.brand AND st.source = _door_streams.source AND st.loader = ANY (names)
                  ORDER BY st.stream FOR UPDATE;
END
$$;
COMMENT ON FUNCTION momentum._door_streams(momentum._door, text, text) IS 'The streams that rows of a door belong to, held until the end of the transaction.';
REVOKE ALL ON FUNCTION momentum._door_streams(momentum._door, text, text) FROM PUBLIC;

-- A line that cannot be stored: the end of the load, or a dead letter.
CREATE FUNCTION momentum._door_refuse(d momentum._door, given text[], bad_line bigint, reason text, state text, hint text DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    entry jsonb;
    item text;
BEGIN
    IF current_setting('momentum.door_errors') <> 'keep' THEN
        IF hint IS NULL THEN
            RAISE EXCEPTION 'line %: %', bad_line, reason USING ERRCODE = state, SCHEMA = 'hub', TABLE = d.feed;
        END IF;
        RAISE EXCEPTION 'line %: %', bad_line, reason USING ERRCODE = state, HINT = hint, SCHEMA = 'hub', TABLE = d.feed;
    END IF;
    EXECUTE format('SELECT to_jsonb(e) - ''line'' FROM %s e WHERE e.line = $1', momentum._door_stage(d.feed)) INTO entry USING bad_line;
    entry := (SELECT coalesce(jsonb_object_agg(j.key, j.value), '{}') FROM jsonb_each(entry) j WHERE j.key = ANY (given));
    SELECT string_agg(entry ->> c.name, '/' ORDER BY c.place) INTO item
      FROM momentum._door_columns(d) c WHERE c.is_key AND c.name <> ALL ('{brand,source}');
    PERFORM momentum._dead_letter((SELECT b.brand FROM momentum_state.brand b WHERE b.brand = entry ->> 'brand'), entry ->> 'source',
                                  d.feed, bad_line, entry, reason, state, 'door', item);
    EXECUTE format('DELETE FROM %s e WHERE e.line = $1', momentum._door_stage(d.feed)) USING bad_line;
    UPDATE pg_temp.momentum_door_count SET refused = refused + 1;
END
$$;
COMMENT ON FUNCTION momentum._door_refuse(momentum._door, text[], bigint, text, text, text) IS 'Refuses a line: raises, or makes it a dead letter if momentum.door_errors is keep.';
REVOKE ALL ON FUNCTION momentum._door_refuse(momentum._door, text[], bigint, text, text, text) FROM PUBLIC;

-- What an error of one line is about, in words of the file.  Values of
-- personal columns are not repeated.
CREATE FUNCTION momentum._door_explain(d momentum._door, given text[], bad_line bigint, state text, message text,
                                       broken name, missing name, OUT reason text, OUT hint text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    c record;
    entry jsonb;
    words text;
    list text;
    about text[];
BEGIN
    EXECUTE format('SELECT to_jsonb(e) FROM %s e WHERE e.line = $1', momentum._door_stage(d.feed)) INTO entry USING bad_line;
    IF state = '23502' THEN
        reason := format('%s is missing', coalesce(d.derived -> missing -> 'from' ->> 0, missing));
        RETURN;
    END IF;
    IF broken IS NOT NULL THEN
        -- A day that follows from a time of the file is told by that.
        SELECT array_agg(u.name ORDER BY a.attnum) INTO about
          FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
         CROSS JOIN LATERAL (SELECT CASE WHEN entry ->> a.attname::text IS NULL
                                         THEN (SELECT f FROM jsonb_array_elements_text(d.derived -> a.attname::text -> 'from') f
                                                WHERE entry ->> f IS NOT NULL LIMIT 1)
                                         ELSE a.attname::text END) u (name)
         WHERE k.conrelid = to_regclass(format('hub.%I', d.feed)) AND k.conname = broken AND u.name <> ALL ('{brand,source}');
        IF about IS NULL THEN                    -- a unique index need not be a constraint
            SELECT array_agg(DISTINCT a.attname::text) INTO about
              FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
              JOIN pg_depend p ON p.objid = x.oid AND p.refobjid = i.indrelid AND p.classid = 'pg_class'::regclass
              JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.refobjsubid
             WHERE i.indrelid = to_regclass(format('hub.%I', d.feed)) AND x.relname = broken
               AND a.attname <> ALL ('{brand,source}') AND given @> ARRAY[a.attname::text];
        END IF;
        SELECT string_agg(CASE WHEN u.name = ANY (d.personal) THEN u.name
                               ELSE format('%s "%s"', u.name, left(entry ->> u.name, 80)) END, ', ') INTO words
          FROM unnest(about) u (name);
        IF state = '23503' THEN
            SELECT r.oid::regclass AS list, a.attname, r.relnamespace = 'hub'::regnamespace AS is_list,
                   EXISTS (SELECT FROM pg_attribute x WHERE x.attrelid = r.oid AND x.attname = 'brand' AND NOT x.attisdropped) AS of_brand INTO c
              FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = k.confkey[cardinality(k.confkey)]
             WHERE k.conrelid = to_regclass(format('hub.%I', d.feed)) AND k.conname = broken;
            EXECUTE format('SELECT string_agg(x.v, '', '') FROM (SELECT t.%I::text AS v FROM %s t%s ORDER BY 1 LIMIT 20) x', c.attname, c.list,
                           CASE WHEN c.of_brand THEN format(' WHERE t.brand = %L', entry ->> 'brand') ELSE '' END)
                INTO list;
            reason := words || CASE WHEN c.is_list THEN ' does not exist' ELSE ' is not that of the brand' END;
            hint := CASE WHEN c.is_list THEN format('Values: %s. A new one is a row of %s.', list, c.list)
                         ELSE format('It is %s.', list) END;
        ELSIF state = '23505' THEN
            reason := words || ' exists already';
            IF d.feed = 'customers' AND 'email' = ANY (about) THEN
                hint := (SELECT format('Customer "%s/%s" has it.', h.source, h.customer_id)
                           FROM hub.customers h
                          WHERE h.brand = entry ->> 'brand' AND lower(h.email) = lower(entry ->> 'email')
                            AND (h.source = entry ->> 'source' OR h.duplicate_of IS NULL)
                          ORDER BY h.source = entry ->> 'source' DESC LIMIT 1);
            END IF;
        ELSIF state = '23P01' THEN
            reason := words || ' overlaps another row';
            hint := 'No two of them may hold on the same day.';
        ELSE
            reason := format('%s breaks check "%s"', coalesce(words, 'the row'), broken);
            hint := (SELECT 'It says ' || pg_get_constraintdef(k.oid) || '.' FROM pg_constraint k
                      WHERE k.conrelid = to_regclass(format('hub.%I', d.feed)) AND k.conname = broken);
        END IF;
        RETURN;
    END IF;
    -- A value that its type does not take: the first column that alone fails.
    FOR c IN SELECT x.name, x.type FROM momentum._door_columns(d) x
              WHERE x.name = ANY (given) AND x.type <> 'text' AND entry ->> x.name IS NOT NULL ORDER BY x.place LOOP
        BEGIN
            EXECUTE format('SELECT %s FROM %s e WHERE e.line = $1', momentum._door_cast(c.name, c.type), momentum._door_stage(d.feed))
                USING bad_line;
        EXCEPTION WHEN data_exception THEN
            reason := format('%s %sis no %s', c.name,
                             CASE WHEN c.name = ANY (d.personal) THEN '' ELSE format('"%s" ', left(entry ->> c.name, 80)) END,
                             CASE c.type WHEN 'bigint' THEN 'whole number' WHEN 'integer' THEN 'whole number' WHEN 'smallint' THEN 'whole number'
                                         WHEN 'numeric' THEN 'number' WHEN 'timestamp with time zone' THEN 'time'
                                         WHEN 'boolean' THEN 'true or false' ELSE c.type END
                             || CASE WHEN SQLSTATE IN ('22003', '22008') THEN ' that fits' ELSE '' END);
            RETURN;
        END;
    END LOOP;
    reason := message;
END
$$;
COMMENT ON FUNCTION momentum._door_explain(momentum._door, text[], bigint, text, text, name, name) IS 'What is wrong with a line: column, value, and a hint.';
REVOKE ALL ON FUNCTION momentum._door_explain(momentum._door, text[], bigint, text, text, name, name) FROM PUBLIC;

-- By halves, until the lines that fail stand alone; what can be stored is.
CREATE FUNCTION momentum._door_halve(d momentum._door, brand text, given text[], is_copy boolean, lo bigint, hi bigint)
    RETURNS momentum._door_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    r momentum._door_result;
    other momentum._door_result;
    failed boolean := false;
    state text;
    message text;
    broken text;
    missing text;
    why record;
    middle bigint;
BEGIN
    BEGIN
        RETURN momentum._door_store(d, brand, given, is_copy, lo, hi, false);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR cardinality_violation THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                                broken = CONSTRAINT_NAME, missing = COLUMN_NAME;
    END;
    EXECUTE format('SELECT (array_agg(x.line ORDER BY x.line))[(count(*) + 1) / 2] FROM (SELECT e.line FROM %s e WHERE e.line BETWEEN $1 AND $2 AND e.brand = $3) x',
                   momentum._door_stage(d.feed)) INTO middle USING lo, hi, brand;
    IF middle = lo AND NOT momentum._door_has(d, brand, lo + 1, hi) THEN
        why := momentum._door_explain(d, given, lo, state, message, nullif(broken, ''), nullif(missing, ''));
        PERFORM momentum._door_refuse(d, given, lo, why.reason, state, why.hint);
        RETURN ROW(0::bigint, 0::bigint, NULL::date, NULL::date);
    END IF;
    IF middle IS NULL THEN                        -- what failed, then?
        RAISE EXCEPTION 'lines % to % of feed "%" are lost', lo, hi, d.feed
            USING ERRCODE = 'internal_error';
    END IF;
    r := momentum._door_halve(d, brand, given, is_copy, lo, middle);
    IF momentum._door_has(d, brand, middle + 1, hi) THEN
        EXECUTE format('SELECT min(e.line) FROM %s e WHERE e.line BETWEEN $1 AND $2 AND e.brand = $3', momentum._door_stage(d.feed))
            INTO middle USING middle + 1, hi, brand;
        other := momentum._door_halve(d, brand, given, is_copy, middle, hi);
        r.rows_new := r.rows_new + other.rows_new;
        r.rows_changed := r.rows_changed + other.rows_changed;
        r.first_day := least(r.first_day, other.first_day);
        r.last_day := greatest(r.last_day, other.last_day);
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION momentum._door_halve(momentum._door, text, text[], boolean, bigint, bigint) IS 'Stores a range of lines, halved where it fails; a single line that fails is refused.';
REVOKE ALL ON FUNCTION momentum._door_halve(momentum._door, text, text[], boolean, bigint, bigint) FROM PUBLIC;

CREATE FUNCTION momentum._door_has(d momentum._door, brand text, lo bigint, hi bigint) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    answer boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s e WHERE e.line BETWEEN $1 AND $2 AND e.brand = $3)', momentum._door_stage(d.feed))
        INTO answer USING lo, hi, brand;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION momentum._door_has(momentum._door, text, bigint, bigint) IS 'Is there a line of the brand in the range?';
REVOKE ALL ON FUNCTION momentum._door_has(momentum._door, text, bigint, bigint) FROM PUBLIC;

-- Before rows are stored: whose they are, and whether what they belong to is
-- there.  One pass each.
CREATE FUNCTION momentum._door_check(d momentum._door, given text[], groups jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    stage CONSTANT text := momentum._door_stage(d.feed);
    is_sourced CONSTANT boolean := EXISTS (SELECT FROM momentum._door_columns(d) c WHERE c.name = 'source') AND NOT d.derived ? 'source';
    g record;
    bad record;
    reason text;
    hint text;
    state text;
BEGIN
    FOR g IN SELECT DISTINCT x.brand, CASE WHEN is_sourced THEN x.source END AS source FROM jsonb_to_recordset(groups) x (brand text, source text) LOOP
        reason := NULL;
        IF g.brand IS NULL OR is_sourced AND g.source IS NULL THEN
            reason := CASE WHEN g.brand IS NULL THEN 'brand is missing' ELSE 'source is missing' END;
            state := '23502';
            hint := 'Each line names its brand' || CASE WHEN is_sourced THEN ' and its source.' ELSE '.' END;
        ELSIF NOT EXISTS (SELECT FROM momentum_state.brand b WHERE b.brand = g.brand) THEN
            reason := format('brand "%s" does not exist', left(g.brand, 80));
            state := '23503';
            hint := 'Add it with momentum.add_brand().';
        ELSIF is_sourced AND NOT EXISTS (SELECT FROM momentum_state.source c WHERE c.brand = g.brand AND c.source = g.source) THEN
            reason := format('source "%s" of brand "%s" does not exist', left(g.source, 80), g.brand);
            state := '23503';
            hint := 'Add it with momentum.add_manual_source() if no service is behind it.';
        END IF;
        IF reason IS NOT NULL THEN
            FOR bad IN EXECUTE format('SELECT e.line FROM %s e WHERE e.brand IS NOT DISTINCT FROM $1%s ORDER BY e.line', stage,
                                      CASE WHEN is_sourced THEN ' AND e.source IS NOT DISTINCT FROM $2' ELSE '' END) USING g.brand, g.source LOOP
                PERFORM momentum._door_refuse(d, given, bad.line, reason, state, hint);
            END LOOP;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._door_check(momentum._door, text[], jsonb) IS 'Refuses lines of no brand or source.';
REVOKE ALL ON FUNCTION momentum._door_check(momentum._door, text[], jsonb) FROM PUBLIC;

-- What would be stored, and be another thing than was meant: a key with a
-- blank about it is another row, a currency in small letters another currency,
-- and 03/02 is February or March.
CREATE FUNCTION momentum._door_check_values(d momentum._door, given text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    bad record;
    -- What tells of something that has been, and has no rule of its table. A year beyond this one sorts behind it.
    happened CONSTANT text[] := '{date_created,responded_at,resolved_at,shipped_at,delivered_at,cancelled_at,pet_birthday}';
    arms text := (
        SELECT string_agg(CASE WHEN c.type = 'text' AND c.is_key
                               THEN format('WHEN %3$s e.%1$I <> btrim(e.%1$I) THEN ARRAY[%2$L, e.%1$I]', c.name, c.name,
                                           CASE WHEN d.derived ? c.name THEN '' ELSE format('e.%I = '''' OR', c.name) END)
                               WHEN c.type = 'text'
                               THEN format('WHEN e.%1$I !~ ''^[A-Z]{3}$'' THEN ARRAY[%2$L, e.%1$I]', c.name, c.name)
                               ELSE format('WHEN e.%1$I ~ ''^\s*[0-9]{1,2}[-/.]''%3$s THEN ARRAY[%2$L, e.%1$I]', c.name, c.name,
                                           CASE WHEN c.name = ANY (happened) THEN format(' OR e.%1$I COLLATE "C" > %2$L AND e.%1$I ~ ''^[0-9]{4}''', c.name,
                                                                                            to_char(now() + interval '2 days', 'YYYY"~"')) END) END, ' ' ORDER BY c.place)
          FROM momentum._door_columns(d) c
         WHERE c.name = ANY (given) AND c.name NOT IN ('brand', 'source')
           AND (c.type = 'text' AND (c.is_key OR c.name = 'currency') OR c.type IN ('date', 'timestamp with time zone')));
BEGIN
    IF arms IS NULL THEN
        RETURN;
    END IF;
    FOR bad IN EXECUTE format('SELECT x.line, x.what[1] AS name, left(x.what[2], 80) AS value'
                              '  FROM (SELECT e.line, CASE %s END AS what FROM %s e) x WHERE x.what IS NOT NULL ORDER BY x.line',
                              arms, momentum._door_stage(d.feed)) LOOP
        IF bad.value = '' THEN
            PERFORM momentum._door_refuse(d, given, bad.line, format('%s is missing', bad.name), '23502', NULL);
        ELSIF bad.value <> btrim(bad.value) AND bad.value !~ '^\s*[0-9]{1,2}[-/.]' THEN
            PERFORM momentum._door_refuse(d, given, bad.line, format('%s "%s" begins or ends with a blank', bad.name, bad.value), '22023',
                                          'It would be another one than the same without.');
        ELSIF bad.name = 'currency' THEN
            PERFORM momentum._door_refuse(d, given, bad.line, format('currency "%s" is no currency', bad.value), '22023',
                                          'Currencies are three capitals, such as USD.');
        ELSIF bad.value !~ '^\s*[0-9]{1,2}[-/.]' THEN
            PERFORM momentum._door_refuse(d, given, bad.line, format('%s %sis yet to come', bad.name,
                                              CASE WHEN bad.name = ANY (d.personal) THEN '' ELSE format('"%s" ', bad.value) END), '22008', NULL);
        ELSE
            PERFORM momentum._door_refuse(d, given, bad.line, format('%s %scould be more than one day', bad.name,
                                              CASE WHEN bad.name = ANY (d.personal) THEN '' ELSE format('"%s" ', bad.value) END), '22007',
                                          'Days are written year, month, day: 2026-02-28.');
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._door_check_values(momentum._door, text[]) IS 'Refuses lines with a value that could be read in more than one way: blanks about a key, a currency that is none, days without their year first.';
REVOKE ALL ON FUNCTION momentum._door_check_values(momentum._door, text[]) FROM PUBLIC;

-- A line belongs to an order, a line of a refund to a refund: these come first.
CREATE FUNCTION momentum._door_check_parents(d momentum._door, given text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    stage CONSTANT text := momentum._door_stage(d.feed);
    bad record;
BEGIN
    FOR bad IN EXECUTE format('SELECT e.line, %s AS key FROM %s e WHERE %s AND NOT EXISTS (SELECT FROM hub.%I t WHERE t.brand = e.brand AND t.source = e.source AND %s) ORDER BY e.line',
                              momentum._list(d.parent[2:], 'coalesce(e.@, '''')', ' || ''/'' || '), stage,
                              momentum._list(d.parent[2:], 'e.@ IS NOT NULL', ' AND '), d.parent[1],
                              momentum._list(d.parent[2:], 't.@ = e.@', ' AND ')) LOOP
        PERFORM momentum._door_refuse(d, given, bad.line, format('%s "%s" does not exist', d.parent[cardinality(d.parent)], left(bad.key, 80)), '23503',
                                      format('Load hub.%s_entry first.', d.parent[1]));
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._door_check_parents(momentum._door, text[]) IS 'Refuses lines whose order or refund is not there.';
REVOKE ALL ON FUNCTION momentum._door_check_parents(momentum._door, text[]) FROM PUBLIC;

-- The same row twice in one file is a mistake: nobody can tell which holds.
CREATE FUNCTION momentum._door_refuse_twice(d momentum._door, given text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    stage CONSTANT text := momentum._door_stage(d.feed);
    keys CONSTANT text[] := ARRAY(SELECT c.name FROM momentum._door_columns(d) c WHERE c.is_key AND c.is_entry ORDER BY c.place);
    named CONSTANT text[] := ARRAY(SELECT k FROM unnest(keys) k WHERE k = ANY (given) AND k NOT IN ('brand', 'source'));
    bad record;
BEGIN
    IF 'row_number' = ANY (keys) AND 'row_number' <> ALL (given) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM momentum._door_columns(d) c WHERE c.is_key AND c.is_entry AND c.is_needed AND c.name <> ALL (given)) THEN
        RETURN;                                    -- each line will be refused for what it lacks
    END IF;
    FOR bad IN EXECUTE format('SELECT x.line, x.first, x.key FROM (SELECT e.line, min(e.line) OVER w AS first, %s AS key FROM %s e WINDOW w AS (PARTITION BY %s)) x WHERE x.line > x.first ORDER BY x.line',
                              -- all of the key may follow by itself
                              (SELECT coalesce(string_agg(format('%L || coalesce(e.%I, '''') || ''"''', k || ' "', k), ' || '', '' || '), quote_literal('the row'))
                                 FROM unnest(named) k),
                              stage, momentum._list(keys, 'e.@')) LOOP
        PERFORM momentum._door_refuse(d, given, bad.line, format('%s is on line %s already', left(bad.key, 300), bad.first), '21000',
                                      'A file has one line for each row.');
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._door_refuse_twice(momentum._door, text[]) IS 'Refuses lines whose key stands on an earlier line.';
REVOKE ALL ON FUNCTION momentum._door_refuse_twice(momentum._door, text[]) FROM PUBLIC;
