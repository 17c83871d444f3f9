-- What is held on a person, and how it is erased.  Which columns speak of a
-- person is said once, in momentum._column_kinds(): a new table is exported
-- and erased by it.

-- One person, by all names that rows have for him.
CREATE TYPE momentum._person AS (
    emails    text[],      -- in lower case
    customers text[],      -- source/id
    ids       text[],      -- the ids alone, for indexes
    phones    text[],      -- digits
    handles   text[],      -- in lower case, without @
    orders    text[],      -- source/id
    order_ids text[],      -- the ids alone, for indexes
    pattern   text,        -- by which free text names it
    words     text[],      -- of names and addresses, for discount codes
    names     text[]       -- in full and in lower case, which nobody else of the brand bears
);
COMMENT ON TYPE momentum._person IS 'One person, by all names that rows have for him.';

-- From an address, or an id, to all that belongs to it: the customers of all
-- sources with this address, those they are duplicates of, their other
-- addresses, and the orders of all of these.
CREATE FUNCTION momentum._find_person(brand text, email text, customer text) RETURNS momentum._person
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    p momentum._person;
    known integer := -1;
BEGIN
    p.emails := array_remove(ARRAY[nullif(lower(btrim(email)), '')], NULL);
    IF strpos(substr(customer, length(momentum._source_part(brand, customer)) + 1), '@') > 0 THEN
        customer := momentum._source_part(brand, customer)
            || momentum._hub_id(brand, substr(customer, length(momentum._source_part(brand, customer)) + 1));
    END IF;
    p.customers := array_remove(ARRAY[nullif(customer, '')], NULL);
    p.phones := '{}'; p.handles := '{}'; p.words := '{}'; p.names := '{}';
    WHILE cardinality(p.emails) + cardinality(p.customers) > known LOOP
        known := cardinality(p.emails) + cardinality(p.customers);
        -- An accent is one character or two.
        IF getdatabaseencoding() = 'UTF8' THEN
            p.emails := ARRAY(SELECT DISTINCT x FROM unnest(p.emails) e, unnest(ARRAY[e, normalize(e, NFC), normalize(e, NFD)]) x);
            known := cardinality(p.emails) + cardinality(p.customers);
        END IF;
        p.ids := momentum._ids(p.customers);
        SELECT coalesce(array_agg(DISTINCT x.customer) FILTER (WHERE x.customer IS NOT NULL), '{}'),
               coalesce(array_agg(DISTINCT x.email) FILTER (WHERE x.email <> ''), '{}'),
               coalesce(array_agg(DISTINCT x.phone) FILTER (WHERE length(x.phone) > 6), '{}'),
               coalesce(array_agg(DISTINCT x.handle) FILTER (WHERE x.handle <> ''), '{}'),
               coalesce(array_agg(DISTINCT x.first_name) FILTER (WHERE length(x.first_name) > 2), '{}')
               || coalesce(array_agg(DISTINCT x.last_name) FILTER (WHERE length(x.last_name) > 2), '{}'),
               coalesce(array_agg(DISTINCT momentum._full_name(concat_ws(' ', x.first_name, x.last_name)))
                            FILTER (WHERE momentum._full_name(concat_ws(' ', x.first_name, x.last_name)) IS NOT NULL), '{}')
          INTO p.customers, p.emails, p.phones, p.handles, p.words, p.names
          FROM (SELECT c.source || '/' || c.customer_id AS customer, lower(btrim(c.email)) AS email,
                       regexp_replace(c.phone, '[^0-9]', '', 'g') AS phone, lower(ltrim(btrim(c.instagram_handle), '@')) AS handle,
                       lower(btrim(c.first_name)) AS first_name, lower(btrim(c.last_name)) AS last_name
                  FROM hub.customers c
                 WHERE c.brand = _find_person.brand
                   AND (lower(c.email) = ANY (p.emails)
                        OR c.customer_id = ANY (p.ids) AND c.source || '/' || c.customer_id = ANY (p.customers)
                        OR c.duplicate_of = ANY (p.customers))
                 UNION ALL
                SELECT c.duplicate_of, NULL, NULL, NULL, NULL, NULL
                  FROM hub.customers c
                 WHERE c.brand = _find_person.brand AND c.duplicate_of IS NOT NULL
                   AND (lower(c.email) = ANY (p.emails) OR c.customer_id = ANY (p.ids) AND c.source || '/' || c.customer_id = ANY (p.customers))
                 UNION ALL               -- what it gave when it asked under its address
                SELECT NULL, NULL, regexp_replace(i.customer_phone, '[^0-9]', '', 'g'), lower(ltrim(btrim(i.customer_handle), '@')), lower(i.customer_name), NULL
                  FROM hub.customer_inquiries i
                 WHERE i.brand = _find_person.brand AND lower(i.customer_email) = ANY (p.emails)
                 UNION ALL
                SELECT NULL, e, NULL, NULL, NULL, NULL FROM unnest(p.emails) e
                 UNION ALL
                SELECT c, NULL, NULL, NULL, NULL, NULL FROM unnest(p.customers) c) x;
    END LOOP;
    p.ids := momentum._ids(p.customers);
    IF p.names <> '{}' THEN
        p.names := ARRAY(SELECT n FROM unnest(p.names) n
                          WHERE NOT EXISTS (SELECT FROM hub.customers c
                                             WHERE c.brand = _find_person.brand AND c.source || '/' || c.customer_id <> ALL (p.customers)
                                               AND momentum._full_name(concat_ws(' ', c.first_name, c.last_name)) = n));
    END IF;
    p.words := p.words || ARRAY(SELECT w FROM unnest(p.emails) e, regexp_split_to_table(split_part(e, '@', 1), '[^[:alpha:]]+') w WHERE length(w) > 2);
    p.orders := ARRAY(SELECT o.source || '/' || o.order_id FROM hub.orders o
                       WHERE o.brand = _find_person.brand
                         AND (lower(btrim(o.email)) = ANY (p.emails) OR o.customer_key = ANY (p.emails)
                              OR o.customer_id = ANY (p.ids) AND o.source || '/' || o.customer_id = ANY (p.customers)));
    p.order_ids := momentum._ids(p.orders);
    p.pattern := (SELECT '(' || string_agg(x.pattern, '|') || ')' FROM momentum._traces(p) x);
    RETURN p;
END
$$;
COMMENT ON FUNCTION momentum._find_person(text, text, text) IS 'A person by an e-mail address in any case, or by source/id of a customer, with all that belongs to it.';
REVOKE ALL ON FUNCTION momentum._find_person(text, text, text) FROM PUBLIC;

-- Is the row "t" the person's ($1)?  By phone or handle only where it bears
-- neither address nor id, since others may share these.
CREATE FUNCTION momentum._person_match(relation text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    c record;
    arms text[] := '{}';
    unnamed text := 'true';
    is_child boolean := true;
BEGIN
    FOR c IN SELECT * FROM momentum._personal_columns(_person_match.relation) p ORDER BY p.kind <> 'handle', p.kind LOOP
        IF c.kind IN ('email', 'customer_key') THEN
            arms := arms || format('lower(t.%I) = ANY (($1).emails)', c."column");
        ELSIF c.kind = 'customer' THEN
            arms := arms || format('t.%1$I = ANY (($1).ids) AND t.%2$I || ''/'' || t.%1$I = ANY (($1).customers)', c."column", c.source_of);
        ELSIF c.kind = 'customer_ref' THEN
            arms := arms || format('t.%I = ANY (($1).customers)', c."column");
        END IF;
        IF c.kind IN ('email', 'customer') THEN
            unnamed := unnamed || format(' AND t.%I IS NULL', c."column");
            is_child := false;
        END IF;
    END LOOP;
    FOR c IN SELECT * FROM momentum._personal_columns(_person_match.relation) p WHERE p.kind IN ('phone', 'handle', 'payload', 'order') LOOP
        IF c.kind = 'phone' THEN
            arms := arms || format('%s AND regexp_replace(t.%I, ''[^0-9]'', '''', ''g'') = ANY (($1).phones)', unnamed, c."column");
        ELSIF c.kind = 'handle' THEN
            arms := arms || format('%s AND lower(ltrim(btrim(t.%I), ''@'')) = ANY (($1).handles)', unnamed, c."column");
        ELSIF c.kind = 'payload' THEN
            IF c.type = 'jsonb' THEN
                arms := arms || ARRAY[
                    format('concat_ws('' '', t.%I::text, t.reason, t.item) ~* ($1).pattern', c."column"),
                    format('EXISTS (SELECT FROM jsonb_path_query(t.%I, ''$.**.customer_id'') v WHERE t.source || ''/'' || (v #>> ''{}'') = ANY (($1).customers))', c."column"),
                    format('EXISTS (SELECT FROM jsonb_path_query(t.%I, ''$.**.order_id'') v WHERE t.source || ''/'' || (v #>> ''{}'') = ANY (($1).orders))', c."column"),
                    't.feed ~ ''customers$'' AND t.source || ''/'' || t.item = ANY (($1).customers)',
                    't.feed ~ ''orders$'' AND t.source || ''/'' || t.item = ANY (($1).orders)'];
            ELSE
                arms := arms || format('momentum._as_text(t.%I) ~* ($1).pattern', c."column");
            END IF;
        ELSIF is_child THEN                  -- a line, a refund: the person's by its order
            arms := arms || format('t.%2$I || ''/'' || t.%1$I = ANY (($1).orders) AND t.%1$I = ANY (($1).order_ids)',
                                   c."column", c.source_of);
        END IF;
    END LOOP;
    RETURN CASE WHEN arms = '{}' THEN NULL ELSE '(' || array_to_string(arms, ' OR ') || ')' END;
END
$$;
COMMENT ON FUNCTION momentum._person_match(text) IS 'Condition that a row of a table is a person''s; NULL where the table knows no persons.';
REVOKE ALL ON FUNCTION momentum._person_match(text) FROM PUBLIC;

CREATE FUNCTION momentum._personal_tables() RETURNS TABLE (relation text, match text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    -- The children before their orders: these still say whose they are.
    WITH x AS MATERIALIZED (
        SELECT k.relation, bool_or(k.kind IN ('email', 'customer')) AS is_own FROM momentum._column_kinds() k
         WHERE to_regclass(k.relation) IS NOT NULL
         GROUP BY k.relation HAVING bool_or(k.kind IN ('email', 'customer', 'order', 'payload'))),
    m AS MATERIALIZED (
        SELECT x.relation, x.is_own, momentum._person_match(x.relation) AS match FROM x)
    SELECT m.relation, m.match FROM m WHERE m.match IS NOT NULL ORDER BY m.is_own, m.relation
$$;
COMMENT ON FUNCTION momentum._personal_tables() IS 'The tables that know persons, and the condition that a row is a person''s.';
REVOKE ALL ON FUNCTION momentum._personal_tables() FROM PUBLIC;

CREATE FUNCTION momentum._check_privacy(brand text, email text, customer text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT momentum._may_own() THEN
        RAISE EXCEPTION 'only an owner may export or erase what is held on a person'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'momentum.grant_access(role, ''owner'') makes one.';
    END IF;
    PERFORM momentum._check_brand(_check_privacy.brand);
    IF (nullif(btrim(email), '') IS NULL) = (nullif(customer, '') IS NULL) THEN
        RAISE EXCEPTION 'a person is named by an e-mail address or by a customer'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give one of the two; the customer as source/id.';
    END IF;
    IF email IS NOT NULL AND (email !~ '^[^@[:space:]]+@[^@[:space:]]+$' OR length(email) > 320) THEN
        RAISE EXCEPTION 'this is no e-mail address'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF customer IS NOT NULL AND customer !~ '^.*/[^/]+$' THEN
        RAISE EXCEPTION 'this is no customer'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Write it as source/id.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_privacy(text, text, text) IS 'Raises unless an owner names a person of a brand.';
REVOKE ALL ON FUNCTION momentum._check_privacy(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._export_customer(brand text, email text, customer text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    p momentum._person;
    t record;
    rows jsonb;
    held jsonb := '{}';
BEGIN
    PERFORM momentum._check_privacy(_export_customer.brand, _export_customer.email, _export_customer.customer);
    p := momentum._find_person(_export_customer.brand, _export_customer.email, _export_customer.customer);
    FOR t IN SELECT * FROM momentum._personal_tables() LOOP
        EXECUTE format('SELECT jsonb_agg(to_jsonb(t) ORDER BY t::text) FROM %s t WHERE t.brand = $2 AND %s', t.relation, t.match)
           INTO rows USING p, _export_customer.brand;
        IF rows IS NOT NULL THEN
            held := held || jsonb_build_object(t.relation, rows);
        END IF;
    END LOOP;
    -- What was done with these: by their ids.
    SELECT jsonb_agg(to_jsonb(a) ORDER BY a.audit_id) INTO rows
      FROM momentum_state.audit a
     WHERE a.brand = _export_customer.brand
       AND EXISTS (SELECT FROM jsonb_each_text(a.detail) d
                    WHERE d.key = 'customer' AND d.value = ANY (p.customers)
                       OR d.key = 'customer_id' AND d.value = ANY (p.ids)
                       OR d.key = 'order_id' AND d.value = ANY (momentum._ids(p.orders))
                       OR d.key = 'inquiry_id' AND held -> 'hub.customer_inquiries' @> jsonb_build_array(jsonb_build_object('inquiry_id', d.value)));
    IF rows IS NOT NULL THEN
        held := held || jsonb_build_object('momentum_state.audit', rows);
    END IF;
    SELECT jsonb_agg(to_jsonb(l) ORDER BY l.log_id) INTO rows
      FROM momentum_state.todo_log l
     WHERE l.brand = _export_customer.brand
       AND EXISTS (SELECT FROM unnest(p.emails || p.customers || p.orders) x WHERE strpos(lower(l.todo_id), lower(x)) > 0);
    IF rows IS NOT NULL THEN
        held := held || jsonb_build_object('momentum_state.todo_log', rows);
    END IF;
    rows := momentum._find_traces(_export_customer.brand, p);
    IF rows IS NOT NULL THEN
        held := held || jsonb_build_object('named in passing', rows);
    END IF;
    PERFORM momentum._audit(_export_customer.brand, 'export_customer',
                            jsonb_build_object('rows', (SELECT coalesce(sum(jsonb_array_length(h.value)), 0) FROM jsonb_each(held) h)));
    RETURN jsonb_build_object('brand', _export_customer.brand, 'exported_at', clock_timestamp(), 'emails', to_jsonb(p.emails),
                              'customers', to_jsonb(p.customers), 'held', held);
END
$$;
COMMENT ON FUNCTION momentum._export_customer(text, text, text) IS 'What is held on a person, by table.';
REVOKE ALL ON FUNCTION momentum._export_customer(text, text, text) FROM PUBLIC;

-- Discount codes that others use too are the shop's; the person's own go.
CREATE FUNCTION momentum._own_codes(brand text, p momentum._person) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce(array_agg(c.code), '{}')
      FROM (SELECT DISTINCT unnest(array_remove(o.discount_codes, 'erased')) AS code FROM hub.orders o
             WHERE o.brand = _own_codes.brand AND o.order_id = ANY (momentum._ids(p.orders))
               AND o.source || '/' || o.order_id = ANY (p.orders)) c
     WHERE EXISTS (SELECT FROM unnest(p.words) w WHERE strpos(lower(c.code), w) > 0)
        OR NOT EXISTS (SELECT FROM hub.orders o WHERE o.brand = _own_codes.brand AND c.code = ANY (o.discount_codes)
                          AND o.source || '/' || o.order_id <> ALL (p.orders))
$$;
COMMENT ON FUNCTION momentum._own_codes(text, momentum._person) IS 'The discount codes that name a person, or that nobody else has used.';
REVOKE ALL ON FUNCTION momentum._own_codes(text, momentum._person) FROM PUBLIC;

CREATE FUNCTION momentum._redact_customer(brand text, email text, customer text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    b CONSTANT text := quote_literal(_redact_customer.brand);
    p momentum._person;
    t record;
    touched bigint;
    counts jsonb := '{}';
    mark text;
    at timestamptz;
    entry record;
    entries bigint := 0;
    columns text;
    new_values text;
    old_values text;
    codes text[];
BEGIN
    PERFORM momentum._check_privacy(_redact_customer.brand, _redact_customer.email, _redact_customer.customer);
    -- No load of the brand is under way, and none begins: what it brings later
    -- is compared with the ledger.
    PERFORM pg_advisory_xact_lock(7241, hashtext(_redact_customer.brand));
    mark := momentum._check_ledger(_redact_customer.brand);
    p := momentum._find_person(_redact_customer.brand, _redact_customer.email, _redact_customer.customer);
    codes := momentum._own_codes(_redact_customer.brand, p);
    at := clock_timestamp();

    FOR t IN SELECT * FROM momentum._personal_tables() LOOP
        IF t.relation = 'momentum_state.dead_letter' THEN
            EXECUTE format('DELETE FROM %s t WHERE t.brand = $2 AND %s', t.relation, t.match) USING p, _redact_customer.brand;
        ELSE
            SELECT string_agg(format('%I', e."column"), ', '), string_agg(e.value, ', '), string_agg(format('t.%I', e."column"), ', ')
              INTO columns, new_values, old_values
              FROM (SELECT e."column",
                           CASE k.kind WHEN 'code' THEN format('CASE WHEN t.%1$I && $3 THEN (SELECT array_agg(CASE WHEN c = ANY ($3) THEN ''erased'' ELSE c END ORDER BY n)'
                                                               ' FROM unnest(t.%1$I) WITH ORDINALITY u (c, n)) ELSE t.%1$I END', e."column")
                                ELSE e.value END AS value
                      FROM momentum._erasing(t.relation, b, 't.source', 't') e
                      JOIN momentum._column_kinds(t.relation) k ON k."column" = e."column") e;
            CONTINUE WHEN columns IS NULL;
            IF t.relation = 'hub.customers' THEN
                EXECUTE format('DELETE FROM hub.customers t WHERE t.brand = $2 AND %s AND momentum._has_erased_row(t.brand, t.source, t.customer_id)', t.match)
                  USING p, _redact_customer.brand;
            END IF;
            EXECUTE format('UPDATE %s t SET (%s) = ROW(%s) WHERE t.brand = $2 AND %s AND ROW(%s) IS DISTINCT FROM ROW(%s)',
                           t.relation, columns, new_values, t.match, old_values, new_values)
              USING p, _redact_customer.brand, codes;
        END IF;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched > 0 THEN
            counts := counts || jsonb_build_object(t.relation, touched);
            PERFORM momentum._analyze_anew(t.relation);
        END IF;
    END LOOP;
    counts := counts || momentum._forget_work(_redact_customer.brand, p);
    FOR t IN SELECT x.key AS relation, x.value::bigint AS rows FROM jsonb_each_text(momentum._erase_traces(_redact_customer.brand, p)) x LOOP
        counts := counts || jsonb_build_object(t.relation, coalesce((counts ->> t.relation)::bigint, 0) + t.rows);
        PERFORM momentum._analyze_anew(t.relation);
    END LOOP;
    PERFORM momentum._forget_foreign_statistics(p);

    FOR entry IN SELECT x.kind, momentum._erasure_hash(_redact_customer.brand, x.kind, x.value) AS hash
                   FROM (SELECT 'email' AS kind, unnest(p.emails) AS value
                          UNION SELECT 'customer', unnest(p.customers) UNION SELECT 'phone', unnest(p.phones) UNION SELECT 'handle', unnest(p.handles)
                          UNION SELECT 'name', unnest(p.names)) x LOOP
        -- Once is enough, unless something has come since.
        CONTINUE WHEN counts = '{}' AND EXISTS (SELECT FROM momentum_state.erasure e WHERE e.brand = _redact_customer.brand AND e.hash = entry.hash);
        PERFORM momentum._write_erasure(_redact_customer.brand, entry.kind, entry.hash, mark, at);
        entries := entries + 1;
    END LOOP;
    IF entries > 0 THEN
        PERFORM momentum._audit(_redact_customer.brand, 'redact_customer', jsonb_build_object('rows', counts, 'entries', entries));
    END IF;
    RETURN jsonb_build_object('brand', _redact_customer.brand, 'rows', counts, 'ledger_entries', entries,
                              'told', CASE WHEN counts <> '{}' THEN 'erased'
                                           WHEN entries > 0 THEN 'nothing was held; what comes later from before now will be erased'
                                           ELSE 'nothing to do: erased before' END);
END
$$;
COMMENT ON FUNCTION momentum._redact_customer(text, text, text) IS 'Erases a person; see hub.redact_customer().';
REVOKE ALL ON FUNCTION momentum._redact_customer(text, text, text) FROM PUBLIC;

-- A foreign table that was analyzed keeps values here, whatever the service has.
CREATE FUNCTION momentum._forget_foreign_statistics(p momentum._person) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._forget_statistics(x.relation)
       FROM (SELECT DISTINCT c.oid::regclass AS relation
               FROM pg_stats s
               JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = s.schemaname::regnamespace AND c.relkind = 'f'
               JOIN pg_foreign_table f ON f.ftrelid = c.oid
               JOIN pg_foreign_server v ON v.oid = f.ftserver
               JOIN pg_foreign_data_wrapper w ON w.oid = v.srvfdw
              WHERE w.fdwname IN (SELECT momentum._wrappers())
                AND concat_ws(' ', s.most_common_vals::text, s.histogram_bounds::text, s.most_common_elems::text) ~* p.pattern) x;
END
$$;
COMMENT ON FUNCTION momentum._forget_foreign_statistics(momentum._person) IS 'Throws away the statistics of foreign tables that name a person.';
REVOKE ALL ON FUNCTION momentum._forget_foreign_statistics(momentum._person) FROM PUBLIC;

CREATE FUNCTION momentum._write_erasure(brand text, kind text, hash text, ledger text, at timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO momentum_state.erasure (brand, kind, hash, ledger, erased_at)
        VALUES (_write_erasure.brand, _write_erasure.kind, _write_erasure.hash, _write_erasure.ledger, _write_erasure.at);
    PERFORM momentum._ledger_append(_write_erasure.brand, _write_erasure.kind, _write_erasure.hash, _write_erasure.at);
END
$$;
COMMENT ON FUNCTION momentum._write_erasure(text, text, text, text, timestamptz) IS 'An entry of the erasure ledger, in its table and in its file.';
REVOKE ALL ON FUNCTION momentum._write_erasure(text, text, text, text, timestamptz) FROM PUBLIC;

-- Work to be done for the person is none any more; of work that was done the
-- key forgets whom it was for.
CREATE FUNCTION momentum._forget_work(brand text, p momentum._person) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    names CONSTANT text[] := p.emails || p.customers || p.ids;
    counts jsonb := '{}';
    touched bigint;
BEGIN
    DELETE FROM momentum_state.todo_item i
     WHERE i.brand = _forget_work.brand
       AND (i.object_source || '/' || i.object_id = ANY (p.customers) OR lower(i.object_id) = ANY (p.emails));
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched > 0 THEN
        counts := counts || jsonb_build_object('momentum_state.todo_item', touched);
    END IF;
    UPDATE momentum_state.todo_log l SET todo_id = 'erased ' || l.log_id, note = NULL
     WHERE l.brand = _forget_work.brand AND l.todo_id NOT LIKE 'erased %'
       AND EXISTS (SELECT FROM unnest(p.emails || p.customers) x WHERE strpos(lower(l.todo_id), lower(x)) > 0);
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched > 0 THEN
        counts := counts || jsonb_build_object('momentum_state.todo_log', touched);
    END IF;
    RETURN counts;
END
$$;
COMMENT ON FUNCTION momentum._forget_work(text, momentum._person) IS 'Takes a person out of what is to be done, and was done.';
REVOKE ALL ON FUNCTION momentum._forget_work(text, momentum._person) FROM PUBLIC;

CREATE FUNCTION momentum._set_consent(brand text, source text, customer_id text, channel text, state text, said_in text, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    old jsonb;
BEGIN
    customer_id := momentum._hub_id(brand, customer_id);
    IF momentum._may_act(_set_consent.brand) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied for the work of brand "%"', _set_consent.brand
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF channel IS NULL OR channel NOT IN ('email', 'sms', 'phone', 'post') THEN
        RAISE EXCEPTION 'channel "%" does not exist', left(channel, 80)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The channels are email, sms, phone and post.';
    END IF;
    IF state IS NULL OR state NOT IN ('subscribed', 'unsubscribed', 'pending', 'not_subscribed') THEN
        RAISE EXCEPTION 'consent "%" does not exist', left(state, 80)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is subscribed, unsubscribed, pending or not_subscribed.';
    END IF;
    IF nullif(btrim(said_in), '') IS NULL OR length(said_in) > 200 THEN
        RAISE EXCEPTION 'where the consent was said is not told'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the form, the message or the call, in up to 200 letters.';
    END IF;
    IF at IS NULL OR at > now() + interval '1 day' OR at < '1990-01-01' THEN
        RAISE EXCEPTION 'a consent cannot be of %', coalesce(at::text, 'no time')
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    SELECT c.marketing_preferences -> channel INTO old
      FROM hub.customers c
     WHERE c.brand = _set_consent.brand AND c.source = _set_consent.source AND c.customer_id = _set_consent.customer_id
       -- To an agent there are the customers who ask something.
       AND (momentum._may_own()
            OR EXISTS (SELECT FROM hub.customer_inquiries i
                        WHERE i.brand = c.brand AND i.customer_source = c.source AND i.customer_id = c.customer_id)
            OR EXISTS (SELECT FROM hub.customer_inquiries i
                        WHERE i.brand = c.brand AND lower(i.customer_email) = lower(c.email)))
       FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'customer "%" of source "%" does not exist', left(_set_consent.customer_id, 80), left(_set_consent.source, 80)
            USING ERRCODE = 'undefined_object';
    END IF;
    IF momentum._consent_at(old) > _set_consent.at THEN
        RAISE NOTICE 'a newer word of % holds', old ->> 'at';
        RETURN false;
    END IF;
    UPDATE hub.customers c
       SET marketing_preferences = c.marketing_preferences
               || jsonb_build_object(channel, jsonb_build_object('state', _set_consent.state, 'source', said_in, 'at', _set_consent.at))
     WHERE c.brand = _set_consent.brand AND c.source = _set_consent.source AND c.customer_id = _set_consent.customer_id;
    PERFORM momentum._audit(_set_consent.brand, 'set_consent', jsonb_build_object(
        'customer', _set_consent.source || '/' || _set_consent.customer_id, 'channel', channel, 'state', _set_consent.state,
        'said_in', said_in, 'at', _set_consent.at, 'before', old ->> 'state'));
    RETURN true;
END
$$;
COMMENT ON FUNCTION momentum._set_consent(text, text, text, text, text, text, timestamptz) IS 'Records a consent; see hub.set_consent().';
REVOKE ALL ON FUNCTION momentum._set_consent(text, text, text, text, text, text, timestamptz) FROM PUBLIC;
