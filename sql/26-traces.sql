-- Where a person may be named outside of the columns that are made for it: in
-- what others wrote, in errors, in the keys of routine work, in the audit.

-- Of source/id the id.  Either may hold a slash: every end that follows one.
CREATE FUNCTION momentum._ids(refs text[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce(array_agg(DISTINCT substr(r, p + 1)), '{}')
      FROM unnest(refs) r, generate_series(1, length(r)) p
     WHERE substr(r, p, 1) = '/'
$$;
COMMENT ON FUNCTION momentum._ids(text[]) IS 'The ids that names of the form source/id can mean.';
REVOKE ALL ON FUNCTION momentum._ids(text[]) FROM PUBLIC;

-- Of source/id the part before the id, with its slash.
CREATE FUNCTION momentum._source_part(brand text, ref text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN coalesce((SELECT s.source || '/' FROM momentum_state.source s
                      WHERE s.brand = _source_part.brand AND starts_with(ref, s.source || '/')
                      ORDER BY length(s.source) DESC LIMIT 1),
                    left(ref, strpos(ref, '/')));
END
$$;
COMMENT ON FUNCTION momentum._source_part(text, text) IS 'The source of source/id, with its slash.';
REVOKE ALL ON FUNCTION momentum._source_part(text, text) FROM PUBLIC;

-- Lines of a file come as they are.
CREATE FUNCTION momentum._as_text(bytes bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN data_exception THEN
    RETURN encode(bytes, 'escape');
END
$$;
COMMENT ON FUNCTION momentum._as_text(bytea) IS 'Bytes as text: UTF-8, else with every byte that is no letter escaped.';
REVOKE ALL ON FUNCTION momentum._as_text(bytea) FROM PUBLIC;

CREATE FUNCTION momentum._letter_given(payload jsonb) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    payload := coalesce(payload -> 'order', payload);
    RETURN coalesce(payload ->> 'created_at', payload ->> 'date_created', payload ->> 'processed_at', payload ->> 'order_day')::timestamptz;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION momentum._letter_given(jsonb) IS 'When what a dead letter holds was given, if it says so.';
REVOKE ALL ON FUNCTION momentum._letter_given(jsonb) FROM PUBLIC;

CREATE FUNCTION momentum._as_pattern(words text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT regexp_replace(words, '([][\\.^$*+?(){}|])', '\\\1', 'g')
$$;
COMMENT ON FUNCTION momentum._as_pattern(text) IS 'A regular expression that matches these words and nothing else.';
REVOKE ALL ON FUNCTION momentum._as_pattern(text) FROM PUBLIC;

-- A name of two words or more can be looked for; a first name alone is anybody's.
CREATE FUNCTION momentum._full_name(words text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN words ~ '[[:alpha:]]{2}.*[^[:alnum:]]+.*[[:alpha:]]{2}' AND words !~ '@' AND length(words) <= 200
                THEN btrim(regexp_replace(lower(words), '[^[:alnum:]]+', ' ', 'g')) END;
COMMENT ON FUNCTION momentum._full_name(text) IS 'A name in lower case, its words separated by blanks; NULL where it has but one.';
REVOKE ALL ON FUNCTION momentum._full_name(text) FROM PUBLIC;

-- Ann van Miller, and van Miller, Ann.
CREATE FUNCTION momentum._turned(name text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT concat_ws(' ', nullif(array_to_string(w[k + 1:], ' '), ''), nullif(array_to_string(w[:k], ' '), ''))
      FROM (SELECT string_to_array(name, ' ')) x (w), generate_series(0, least(cardinality(w), 8) - 1) k
$$;
COMMENT ON FUNCTION momentum._turned(text) IS 'The ways to begin a full name: with its first word, or with any other.';
REVOKE ALL ON FUNCTION momentum._turned(text) FROM PUBLIC;

-- ann@x.com is not in joann@x.com, nor shop/12 in shop/123; a number is found
-- however it is written.
CREATE FUNCTION momentum._traces(p momentum._person) RETURNS TABLE (kind text, value text, pattern text)
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT 'email', e, '(?<![[:alnum:]._%+-])' || momentum._as_pattern(e) || '(?![[:alnum:]-]|\.[[:alnum:]])' FROM unnest(p.emails) e
     UNION ALL
    -- +49 171 55501, 0049 171 55501, 0171 55501; of America 1 917 555 7788, 917 555 7788.
    SELECT 'phone', f, '(?<!\d)((?:0[^[:alnum:]]{0,3}0[^[:alnum:]]{0,3})?'
                       || (SELECT string_agg(array_to_string(regexp_split_to_array(w.form, ''), '[^[:alnum:]]{0,3}'), '|' ORDER BY w.place)
                             FROM (SELECT 1 AS place, f AS form
                                    UNION ALL SELECT 2, substr(f, 2) WHERE f ~ '^1\d{10}$'
                                    UNION ALL SELECT 2 + k, '0' || substr(f, k + 1) FROM generate_series(1, 3) k WHERE length(f) BETWEEN 8 + k AND 15 AND f !~ '^[01]') w)
                       || ')(?!\d)'
      FROM unnest(p.phones) f WHERE length(f) > 6
     UNION ALL
    SELECT 'customer', c, '(?<![[:alnum:]_-])' || momentum._as_pattern(c) || '(?![[:alnum:]_-])'
      FROM unnest(p.customers) c WHERE c !~ '/erased [0-9a-f]{16}$'
     UNION ALL
    SELECT 'name', n, '(?<![[:alnum:]])(' || array_to_string(ARRAY(SELECT replace(w, ' ', '[^[:alnum:]]{1,3}') FROM momentum._turned(n) w), '|')
                      || ')(?![[:alnum:]])'
      FROM unnest(p.names) n
$$;
COMMENT ON FUNCTION momentum._traces(momentum._person) IS 'How a person may be named in free text.';
REVOKE ALL ON FUNCTION momentum._traces(momentum._person) FROM PUBLIC;

CREATE FUNCTION momentum._replace_all(value text, patterns text[], replacements text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    FOR i IN 1 .. cardinality(patterns) LOOP
        value := regexp_replace(value, patterns[i], replacements[i], 'gi');
    END LOOP;
    RETURN value;
END
$$;
COMMENT ON FUNCTION momentum._replace_all(text, text[], text[]) IS 'A text with every match of the patterns replaced, in any case of letters.';
REVOKE ALL ON FUNCTION momentum._replace_all(text, text[], text[]) FROM PUBLIC;

-- Free text of the hub, what users have added to it, and the words of the
-- engine room.  Figures and rules name nobody.
CREATE FUNCTION momentum._trace_columns() RETURNS TABLE (relation text, columns name[], types text[])
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT x.relation, array_agg(x.attname ORDER BY x.attnum), array_agg(x.type ORDER BY x.attnum)
      FROM (SELECT format('%I.%I', n.nspname, c.relname) AS relation, a.attname, a.attnum, format_type(a.atttypid, NULL) AS type,
                   (SELECT k.kind FROM momentum._column_kinds(format('%I.%I', n.nspname, c.relname)) k WHERE k."column" = a.attname) AS kind
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
             WHERE n.nspname IN ('hub', 'momentum_state') AND c.relkind IN ('r', 'p') AND a.attname <> 'brand'
               AND a.atttypid IN ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
               AND EXISTS (SELECT FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = 'brand' AND NOT b.attisdropped)
               AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey))
               AND c.relname <> ALL (ARRAY['metric_daily', 'erasure', 'dead_letter', 'changed_day', 'channel', 'lexicon', 'triage_rule',
                                           'triage_weight', 'list_word', 'metric', 'product_sales_daily', 'stock_daily'])) x
     WHERE CASE WHEN x.relation LIKE 'hub.%'
                THEN x.kind IS NULL OR x.kind IN ('text', 'inquiry')
                     OR x.relation IN ('hub.cash_flow', 'hub.cash_balance') AND x.attname = 'item' OR x.relation = 'hub.costs' AND x.attname = 'name'
                     OR x.relation = 'hub.customer_inquiries' AND x.attname = 'thread'
                ELSE true END
     GROUP BY x.relation
$$;
COMMENT ON FUNCTION momentum._trace_columns() IS 'Columns in which a person may be named in passing, by table.';
REVOKE ALL ON FUNCTION momentum._trace_columns() FROM PUBLIC;

-- After the person's own rows are erased: who else names it.
CREATE FUNCTION momentum._erase_traces(brand text, p momentum._person) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    patterns text[];
    replacements text[];
    t record;
    sets text;
    finds text;
    counts jsonb := '{}';
    touched bigint;
BEGIN
    SELECT array_agg(x.pattern), array_agg(replace(CASE x.kind WHEN 'customer' THEN momentum._source_part(_erase_traces.brand, x.value) ELSE '' END, '\', '\\')
                                           || 'erased ' || left(momentum._erasure_hash(_erase_traces.brand, x.kind, x.value), 16))
      INTO patterns, replacements FROM momentum._traces(p) x;
    IF patterns IS NULL THEN
        RETURN counts;
    END IF;
    FOR t IN SELECT * FROM momentum._trace_columns() LOOP
        SELECT string_agg(format(CASE type WHEN 'text' THEN '%1$I = momentum._replace_all(t.%1$I, $2, $3)'
                                           WHEN 'jsonb' THEN '%1$I = momentum._replace_all(t.%1$I::text, $2, $3)::jsonb'
                                           ELSE '%1$I = CASE WHEN t.%1$I IS NOT NULL THEN ARRAY(SELECT momentum._replace_all(e, $2, $3) FROM unnest(t.%1$I) WITH ORDINALITY u (e, n) ORDER BY n) END' END, name), ', '),
               string_agg(format(CASE type WHEN 'text' THEN 't.%I ~* $4' WHEN 'jsonb' THEN 't.%I::text ~* $4' ELSE 'array_to_string(t.%I, '' '') ~* $4' END, name), ' OR ')
          INTO sets, finds
          FROM unnest(t.columns, t.types) x (name, type);
        EXECUTE format('UPDATE %s t SET %s WHERE t.brand = $1 AND (%s)', t.relation, sets, finds)
          USING _erase_traces.brand, patterns, replacements, '(' || array_to_string(patterns, '|') || ')';
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched > 0 THEN
            counts := counts || jsonb_build_object(t.relation, touched);
        END IF;
    END LOOP;
    -- The audit keeps what was done; the id of the person becomes the name that says nothing.
    UPDATE momentum_state.audit a
       SET detail = a.detail || jsonb_build_object('customer_id', 'erased ' || left(momentum._erasure_hash(_erase_traces.brand, 'customer', c), 16))
      FROM unnest(p.customers) c
     WHERE a.brand = _erase_traces.brand AND a.detail ->> 'customer_id' = ANY (momentum._ids(ARRAY[c])) AND c !~ '/erased [0-9a-f]{16}$'
       AND coalesce((a.detail ->> 'customer_source') || '/' || (a.detail ->> 'customer_id') = c, true);
    RETURN counts;
END
$$;
COMMENT ON FUNCTION momentum._erase_traces(text, momentum._person) IS 'Takes a person out of what others wrote, out of errors, keys and the audit; returns how many rows named it, by table.';
REVOKE ALL ON FUNCTION momentum._erase_traces(text, momentum._person) FROM PUBLIC;

-- What others wrote of the person, for the export: the place, and the words around.
CREATE FUNCTION momentum._find_traces(brand text, p momentum._person) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    combined text;
    t record;
    parts text;
    found jsonb;
    held jsonb;
BEGIN
    SELECT '(' || string_agg(x.pattern, '|') || ')' INTO combined FROM momentum._traces(p) x;
    IF combined IS NULL THEN
        RETURN NULL;
    END IF;
    FOR t IN SELECT * FROM momentum._trace_columns() c WHERE c.relation <> 'momentum_state.audit' LOOP
        SELECT string_agg(format('(%L, %s)', name, format(CASE type WHEN 'text[]' THEN 'array_to_string(t.%I, '' '')' ELSE 't.%I::text' END, name)), ', ')
          INTO parts FROM unnest(t.columns, t.types) x (name, type);
        EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''table'', %L, ''column'', w.name, ''words'', substring(w.value FROM (''(?i)(.{0,40}'' || $2 || ''.{0,40})''))))'
                       ' FROM %s t, LATERAL (VALUES %s) w (name, value) WHERE t.brand = $1 AND w.value ~* $2', t.relation, t.relation, parts)
           INTO found USING _find_traces.brand, combined;
        IF found IS NOT NULL THEN
            held := coalesce(held, '[]') || found;
        END IF;
    END LOOP;
    RETURN held;
END
$$;
COMMENT ON FUNCTION momentum._find_traces(text, momentum._person) IS 'Where a person is named in passing, with the words around.';
REVOKE ALL ON FUNCTION momentum._find_traces(text, momentum._person) FROM PUBLIC;

-- After a restore, before anything is erased again: who was, as the rows of the
-- backup tell.  What was given since is kept and tells nothing.
CREATE FUNCTION momentum._returned(brand text) RETURNS momentum._person
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    p momentum._person;
BEGIN
    p.emails := '{}'; p.customers := '{}'; p.phones := '{}'; p.names := '{}';
    EXECUTE format($q$
        SELECT array_remove(array_agg(DISTINCT regexp_replace(x.phone, '[^0-9]', '', 'g')), NULL),
               array_remove(array_agg(DISTINCT momentum._full_name(x.name)), NULL)
          FROM (SELECT t.phone, concat_ws(' ', t.first_name, t.last_name) AS name FROM hub.customers t WHERE t.brand = $1 AND %s
                 UNION ALL
                SELECT t.customer_phone, t.customer_name FROM hub.customer_inquiries t WHERE t.brand = $1 AND %s) x$q$,
        momentum._ledger_match('hub.customers', quote_literal(_returned.brand), 't.source', 't'),
        momentum._ledger_match('hub.customer_inquiries', quote_literal(_returned.brand), 't.source', 't'))
       INTO p.phones, p.names USING _returned.brand;
    p.phones := coalesce(p.phones, '{}');
    p.names := ARRAY(SELECT n FROM unnest(p.names) n
                      WHERE EXISTS (SELECT FROM momentum_state.erasure e
                                     WHERE e.brand = _returned.brand AND e.hash = momentum._erasure_hash(_returned.brand, 'name', n)));
    RETURN p;
END
$$;
COMMENT ON FUNCTION momentum._returned(text) IS 'Phone numbers and names of the erased whom a backup has brought back.';
REVOKE ALL ON FUNCTION momentum._returned(text) FROM PUBLIC;

-- After a restore, by the ledger: whoever is named in passing by an address or
-- a customer's name that was erased, unless the person has come back since.
CREATE FUNCTION momentum._erase_traces_again(brand text, p momentum._person) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    t record;
    parts text;
    found text[];
    numbers text[];
    part momentum._person;
    counts jsonb := '{}';
BEGIN
    p.emails := '{}';
    FOR t IN SELECT * FROM momentum._trace_columns() LOOP
        SELECT string_agg(format(CASE type WHEN 'text[]' THEN 'array_to_string(t.%I, '' '')' ELSE 't.%I::text' END, name), ', ')
          INTO parts FROM unnest(t.columns, t.types) x (name, type);
        EXECUTE format('SELECT array_agg(DISTINCT lower(m[1])) FROM %s t, LATERAL (SELECT concat_ws('' '', %s)) w (words),'
                       ' LATERAL regexp_matches(w.words, ''[[:alnum:]._%%+-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)*'', ''g'') m'
                       ' WHERE t.brand = $1 AND strpos(w.words, ''@'') > 0', t.relation, parts)
           INTO found USING _erase_traces_again.brand;
        p.emails := p.emails || found;
        EXECUTE format('SELECT array_agg(DISTINCT n) FROM %s t, LATERAL (SELECT concat_ws('' '', %s)) w (words),'
                       ' LATERAL regexp_matches(w.words, ''(?<!\d)(?:\d[^[:alnum:]]{0,3}){6,17}\d(?!\d)'', ''g'') m, LATERAL regexp_replace(regexp_replace(m[1], ''\D'', '''', ''g''), ''^00'', '''') n'
                       ' WHERE t.brand = $1 AND w.words ~ ''\d.*\d.*\d.*\d.*\d.*\d.*\d''', t.relation, parts)
           INTO found USING _erase_traces_again.brand;
        numbers := numbers || found;
    END LOOP;
    -- A number that the writer is called by now is kept.
    p.phones := ARRAY(SELECT DISTINCT f FROM unnest(p.phones || numbers) f
                       WHERE EXISTS (SELECT FROM momentum_state.erasure e
                                      WHERE e.brand = _erase_traces_again.brand AND e.hash = momentum._erasure_hash(_erase_traces_again.brand, 'phone', f))
                         AND NOT EXISTS (SELECT FROM hub.customers c WHERE c.brand = _erase_traces_again.brand AND c.phone IN (f, '+' || f)));
    p.emails := ARRAY(SELECT DISTINCT f FROM unnest(p.emails) f
                       WHERE EXISTS (SELECT FROM momentum_state.erasure e
                                      WHERE e.brand = _erase_traces_again.brand AND e.hash = momentum._erasure_hash(_erase_traces_again.brand, 'email', f))
                         AND NOT EXISTS (SELECT FROM hub.customers c WHERE c.brand = _erase_traces_again.brand AND lower(c.email) = f)
                         AND NOT EXISTS (SELECT FROM hub.orders o WHERE o.brand = _erase_traces_again.brand AND lower(o.email) = f)
                         AND NOT EXISTS (SELECT FROM hub.customer_inquiries i WHERE i.brand = _erase_traces_again.brand AND lower(i.customer_email) = f));
    p.customers := ARRAY(SELECT DISTINCT x.ref
                           FROM (SELECT a.detail ->> 'customer' AS ref FROM momentum_state.audit a WHERE a.brand = _erase_traces_again.brand
                                 UNION ALL SELECT (a.detail ->> 'customer_source') || '/' || (a.detail ->> 'customer_id') FROM momentum_state.audit a WHERE a.brand = _erase_traces_again.brand
                                 UNION ALL SELECT substr(l.todo_id, 9) FROM momentum_state.todo_log l WHERE l.brand = _erase_traces_again.brand AND l.todo_id LIKE 'winback/%'
                                 UNION ALL SELECT i.object_source || '/' || i.object_id FROM momentum_state.todo_item i WHERE i.brand = _erase_traces_again.brand) x
                           JOIN momentum_state.erasure e ON e.brand = _erase_traces_again.brand
                                                        AND e.hash = momentum._erasure_hash(_erase_traces_again.brand, 'customer', x.ref));
    p.ids := momentum._ids(p.customers);
    counts := momentum._forget_work(_erase_traces_again.brand, p);
    -- Of many persons some at a time: a pattern has its bounds.
    FOR i IN 0 .. greatest(cardinality(p.emails), cardinality(p.customers), cardinality(p.phones), cardinality(p.names)) / 50 LOOP
        part.emails := p.emails[i * 50 + 1 : i * 50 + 50];
        part.customers := p.customers[i * 50 + 1 : i * 50 + 50];
        part.phones := p.phones[i * 50 + 1 : i * 50 + 50];
        part.names := p.names[i * 50 + 1 : i * 50 + 50];
        counts := (SELECT coalesce(jsonb_object_agg(x.relation, x.rows), '{}')
                     FROM (SELECT c.key AS relation, sum(c.value::bigint) AS rows
                             FROM (SELECT * FROM jsonb_each_text(counts) UNION ALL
                                   SELECT * FROM jsonb_each_text(momentum._erase_traces(_erase_traces_again.brand, part))) c GROUP BY 1) x);
    END LOOP;
    RETURN counts;
END
$$;
COMMENT ON FUNCTION momentum._erase_traces_again(text, momentum._person) IS 'Takes persons of the ledger out of what others wrote, out of errors, keys and the audit.';
REVOKE ALL ON FUNCTION momentum._erase_traces_again(text, momentum._person) FROM PUBLIC;
