-- Nobody is known for ever: retention, and what a restore must not undo.

-- A setting in days, NULL for ever.
CREATE FUNCTION momentum._retention_days(brand text, name text) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT ceil(momentum._setting(brand, 'retention.' || name || '_days')::numeric)::integer
$$;
COMMENT ON FUNCTION momentum._retention_days(text, text) IS 'How many days rows of a table say whose they are; NULL: for ever.';
REVOKE ALL ON FUNCTION momentum._retention_days(text, text) FROM PUBLIC;

-- The rows of a table that a condition over "t" names forget their person, at
-- most so many.  Ids stay ids of the shop where the table is not told to forget
-- them too.
CREATE FUNCTION momentum._forget_rows(brand text, relation text, condition text, most bigint) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    columns text;
    new_values text;
    old_values text;
    forgotten bigint;
BEGIN
    PERFORM momentum._check_ledger(_forget_rows.brand);
    SELECT string_agg(format('%I', e."column"), ', '), string_agg(e.value, ', '), string_agg(format('t.%I', e."column"), ', ')
      INTO columns, new_values, old_values
      FROM momentum._erasing(_forget_rows.relation, quote_literal(_forget_rows.brand), 't.source', 't') e;
    EXECUTE format('WITH due AS MATERIALIZED (SELECT t.ctid AS place FROM %1$s t WHERE t.brand = %4$L AND %5$s AND ROW(%6$s) IS DISTINCT FROM ROW(%3$s) LIMIT %7$L::bigint)'
                   ' UPDATE %1$s t SET (%2$s) = ROW(%3$s) FROM due d WHERE t.ctid = d.place',
                   _forget_rows.relation, columns, new_values, _forget_rows.brand, condition, old_values, most);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
COMMENT ON FUNCTION momentum._forget_rows(text, text, text, bigint) IS 'Has rows of a table forget their person; returns how many there were.';
REVOKE ALL ON FUNCTION momentum._forget_rows(text, text, text, bigint) FROM PUBLIC;

-- The tables in their order.  The notes of refunds go with their orders.
CREATE FUNCTION momentum._retained(brand text) RETURNS TABLE (relation text, days integer)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT x.relation, x.days
      FROM (SELECT u.relation, u.place, momentum._retention_days(_retained.brand, u.setting) AS days
              FROM (VALUES (1, 'hub.orders', 'orders'), (2, 'hub.refunds', 'orders'), (3, 'hub.customer_inquiries', 'customer_inquiries'),
                           (4, 'hub.customers', 'customers'), (5, 'momentum_state.dead_letter', 'dead_letter')) u (place, relation, setting)) x
     WHERE x.days IS NOT NULL
     ORDER BY x.place
$$;
COMMENT ON FUNCTION momentum._retained(text) IS 'The tables whose rows a brand has forget their persons, and after how many days.';
REVOKE ALL ON FUNCTION momentum._retained(text) FROM PUBLIC;

-- One step of the retention of a table: a bounded piece of work.  "last" is
-- where the next one goes on; NULL: all is done.
CREATE FUNCTION momentum._retain(brand text, relation text, days integer, after text, most bigint, OUT rows bigint, OUT last text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    keys text[];
    tills CONSTANT text[] := ARRAY(SELECT c.source FROM momentum_state.source c WHERE c.brand = _retain.brand AND c.service = 'manual' ORDER BY 1);
    till CONSTANT text := format('CASE WHEN %%1$s.customer_id IS NOT NULL AND %%1$s.source = ANY (%s::text[]) THEN %%1$s.source END',
                                     replace(quote_literal(tills), '%', '%%'));
BEGIN
    rows := 0;
    -- No load of the brand is under way, and none begins before the end of this step.
    PERFORM pg_advisory_xact_lock(7241, hashtext(brand));
    IF relation = 'hub.orders' AND after IS DISTINCT FROM 'of nobody' THEN
        -- A person's orders forget him together, or a guest would be two; those
        -- of nobody come last.  The C1 of one till is not that of another.
        SELECT array_agg(k.customer_key) FILTER (WHERE k.customer_key NOT LIKE 'erased %' AND k.told < current_date - days),
               CASE WHEN count(*) = most THEN 'after ' || max(k.customer_key) ELSE 'of nobody' END
          INTO keys, last
          FROM (SELECT o.customer_key, CASE WHEN cardinality(tills) > 1 THEN min(o.order_day) ELSE max(o.order_day) END AS told FROM hub.orders o
                 WHERE o.brand = _retain.brand AND o.customer_key > coalesce(substr(_retain.after, 7), '')
                 GROUP BY o.customer_key ORDER BY o.customer_key LIMIT most) k;
        rows := momentum._forget_rows(brand, relation, format('t.customer_key = ANY (%L::text[])', coalesce(keys, '{}'))
            || CASE WHEN cardinality(tills) > 1
                    THEN format(' AND NOT EXISTS (SELECT FROM hub.orders n WHERE n.brand = t.brand AND n.customer_key = t.customer_key'
                                ' AND n.order_day >= current_date - %s AND %s IS NOT DISTINCT FROM %s)', days, format(till, 'n'), format(till, 't'))
                    ELSE '' END, NULL);
        RETURN;
    ELSIF relation = 'hub.orders' THEN
        rows := momentum._forget_rows(brand, relation, format('t.customer_key IS NULL AND t.order_day < current_date - %s', days), most);
        last := CASE WHEN rows = most THEN after END;
        RETURN;
    ELSIF relation = 'hub.refunds' THEN
        rows := momentum._forget_rows(brand, relation, format(
            't.note IS NOT NULL AND EXISTS (SELECT FROM hub.orders o WHERE o.brand = t.brand AND o.source = t.source AND o.order_id = t.order_id'
            ' AND o.order_day < current_date - %s AND coalesce(o.customer_key, ''erased '') LIKE ''erased %%'')', days), most);
    ELSIF relation = 'hub.customer_inquiries' THEN
        rows := momentum._forget_rows(brand, relation, format(
            'NOT t.is_open AND greatest(t.date_created, t.resolved_at) < now() - %s * interval ''1 day''', days), most);
    ELSIF relation = 'hub.customers' THEN
        -- Who was forgotten and came once more with a load has a row already.
        IF after IS NULL AND EXISTS (SELECT FROM hub.customers e WHERE e.brand = _retain.brand AND e.customer_id LIKE 'erased %') THEN
            DELETE FROM hub.customers t
             WHERE t.brand = _retain.brand AND coalesce(t.created_at, t.loaded_at) < now() - days * interval '1 day'
               AND momentum._has_erased_row(t.brand, t.source, t.customer_id);
        END IF;
        rows := momentum._forget_rows(brand, relation, format(
            't.customer_id NOT LIKE ''erased %%'' AND coalesce(t.created_at, t.loaded_at) < now() - %1$s * interval ''1 day'''
            ' AND NOT EXISTS (SELECT FROM hub.orders n WHERE n.brand = t.brand AND n.customer_key = t.customer_id AND n.source = t.source'
            ' AND n.order_day >= current_date - %1$s)'
            ' AND NOT EXISTS (SELECT FROM hub.customer_inquiries i WHERE i.brand = t.brand AND i.customer_source = t.source'
            ' AND i.customer_id = t.customer_id AND i.date_created >= now() - %1$s * interval ''1 day'')', days), most);
    ELSE
        DELETE FROM momentum_state.dead_letter d
         WHERE d.ctid = ANY (ARRAY(SELECT x.ctid FROM momentum_state.dead_letter x
                                    WHERE x.brand = _retain.brand AND x.first_at < now() - days * interval '1 day' LIMIT most));
        GET DIAGNOSTICS rows = ROW_COUNT;
    END IF;
    last := CASE WHEN rows = most THEN 'more' END;
END
$$;
COMMENT ON FUNCTION momentum._retain(text, text, integer, text, bigint) IS 'One step of the retention of a table: so many persons, or rows, at most.';
REVOKE ALL ON FUNCTION momentum._retain(text, text, integer, text, bigint) FROM PUBLIC;

CREATE FUNCTION momentum._note_retention(brand text, counts jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation text;
BEGIN
    IF NOT EXISTS (SELECT FROM jsonb_each_text(counts) f WHERE f.value <> '0') THEN
        RETURN;
    END IF;
    PERFORM momentum._audit(_note_retention.brand, 'apply_retention', counts);
    FOR relation IN SELECT f.key FROM jsonb_each_text(counts) f WHERE f.value <> '0' LOOP
        PERFORM momentum._analyze_anew(relation);
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._note_retention(text, jsonb) IS 'Notes in the audit how much was forgotten, and has the statistics forget it too.';
REVOKE ALL ON FUNCTION momentum._note_retention(text, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum.apply_retention(brand text DEFAULT NULL) RETURNS TABLE (of_brand text, relation text, rows bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    b record;
    r record;
    step record;
    after text;
    found jsonb;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('apply the retention');
    IF apply_retention.brand IS NOT NULL THEN
        PERFORM momentum._check_brand(apply_retention.brand);
    END IF;
    FOR b IN SELECT t.brand FROM momentum_state.brand t
              WHERE apply_retention.brand IS NULL OR t.brand = apply_retention.brand ORDER BY 1 LOOP
        found := '{}';
        of_brand := b.brand;
        FOR r IN SELECT x.relation, x.days FROM momentum._retained(b.brand) x LOOP
            relation := r.relation;
            rows := 0;
            after := NULL;
            LOOP
                SELECT x.rows AS done, x.last INTO step FROM momentum._retain(b.brand, r.relation, r.days, after, 20000) x;
                rows := apply_retention.rows + step.done;
                after := step.last;
                EXIT WHEN after IS NULL;
            END LOOP;
            found := found || jsonb_build_object(relation, rows);
            RETURN NEXT;
        END LOOP;
        PERFORM momentum._note_retention(b.brand, found);
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum.apply_retention(text) IS
    'Has rows older than the settings retention.* say forget their persons, and keeps their figures; one row for each table that is told to. In one transaction, during which no load of these brands goes on: the schedule does the same every night, step by step.';
REVOKE ALL ON FUNCTION momentum.apply_retention(text) FROM PUBLIC;

-- What the schedule calls: each step is a transaction of its own, so that a
-- sync waits for one of them at most.  It COMMITs, so it can carry neither
-- SECURITY DEFINER nor SET: every name is qualified.  A brand that fails is
-- told of, and stops no other.
CREATE PROCEDURE momentum._apply_retention(most bigint DEFAULT 5000)
    LANGUAGE plpgsql
    AS $$
DECLARE
    b record;
    r record;
    step record;
    after text;
    total bigint;
    found pg_catalog.jsonb;
    trouble text;
    state text;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('apply the retention');
    FOR b IN SELECT t.brand FROM momentum_state.brand t ORDER BY t.brand LOOP
        found := '{}';
        FOR r IN SELECT x.relation, x.days FROM momentum._retained(b.brand) x LOOP
            total := 0;
            after := NULL;
            LOOP
                BEGIN
                    SELECT x.rows AS done, x.last INTO step FROM momentum._retain(b.brand, r.relation, r.days, after, most) x;
                    total := total OPERATOR(pg_catalog.+) step.done;
                    after := step.last;
                EXCEPTION WHEN OTHERS THEN             -- does not catch cancel
                    trouble := pg_catalog.format('%s of brand "%s" could not be forgotten: %s', r.relation, b.brand, SQLERRM);
                    state := SQLSTATE;
                    after := NULL;
                END;
                COMMIT;
                EXIT WHEN after IS NULL;
            END LOOP;
            found := found OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object(r.relation, total);
        END LOOP;
        PERFORM momentum._note_retention(b.brand, found);
        COMMIT;
    END LOOP;
    IF trouble IS NOT NULL THEN
        RAISE EXCEPTION '%', trouble USING ERRCODE = state;
    END IF;
END
$$;
COMMENT ON PROCEDURE momentum._apply_retention(bigint) IS 'What momentum.apply_retention() does, in transactions of at most so many persons or rows each; called every night by the schedule.';
REVOKE ALL ON PROCEDURE momentum._apply_retention(bigint) FROM PUBLIC;

-- The two ledgers become one: what either lacks it gets from the other.
CREATE FUNCTION momentum._join_ledgers(OUT from_file bigint, OUT to_file bigint, OUT strange bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    mark CONSTANT text := momentum._ledger_mark(false);
BEGIN
    CREATE TEMP TABLE momentum_ledger ON COMMIT DROP AS SELECT DISTINCT l.brand, l.kind, l.hash, l.erased_at FROM momentum._ledger_read() l;
    INSERT INTO momentum_state.erasure (brand, kind, hash, ledger, erased_at)
    SELECT l.brand, l.kind, l.hash, mark, l.erased_at
      FROM pg_temp.momentum_ledger l
     WHERE NOT EXISTS (SELECT FROM momentum_state.erasure e WHERE e.brand = l.brand AND e.hash = l.hash
                          AND e.erased_at > l.erased_at - interval '3 seconds');
    GET DIAGNOSTICS from_file = ROW_COUNT;
    SELECT count(momentum._ledger_append(e.brand, e.kind, e.hash, e.erased_at)) INTO to_file
      FROM momentum_state.erasure e
     WHERE e.ledger = mark
       AND NOT EXISTS (SELECT FROM pg_temp.momentum_ledger l WHERE l.brand = e.brand AND l.hash = e.hash AND l.erased_at >= e.erased_at);
    SELECT count(*) INTO strange FROM momentum_state.erasure e WHERE e.ledger IS DISTINCT FROM mark;
    DROP TABLE pg_temp.momentum_ledger;
END
$$;
COMMENT ON FUNCTION momentum._join_ledgers() IS 'Has the table and the file of erasures hold the same; counts what each got, and the entries of the table that another ledger made.';
REVOKE ALL ON FUNCTION momentum._join_ledgers() FROM PUBLIC;

CREATE FUNCTION momentum.post_restore() RETURNS TABLE (step text, state text, detail text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    joined record;
    b record;
    t record;
    p momentum._person;
    rows bigint;
    erased bigint := 0;
    counts jsonb := '{}';
    missing text;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('set a restored database right');

    step := 'statistics';
    state := 'ok';
    detail := format('%s tables were analyzed that never had been', momentum._analyze_unknown());
    RETURN NEXT;

    step := 'ledger';
    IF momentum._ledger_mark(false) IS NULL THEN
        state := CASE WHEN EXISTS (SELECT FROM momentum_state.erasure) THEN 'fail' ELSE 'warn' END;
        detail := 'There is no file of the erasure ledger: who was erased after this backup was made is back. Put a copy of it in its place and call this again.';
        RETURN NEXT;
    ELSE
        SELECT * INTO joined FROM momentum._join_ledgers();
        state := CASE WHEN joined.strange > 0 THEN 'fail' ELSE 'ok' END;
        detail := format('%s entries came from the file, %s went into it', joined.from_file, joined.to_file)
            || CASE WHEN joined.strange > 0 THEN format('; %s of the table were made with another ledger and fit nobody: put that one in its place', joined.strange) ELSE '' END;
        RETURN NEXT;

        FOR b IN SELECT DISTINCT e.brand FROM momentum_state.erasure e ORDER BY 1 LOOP
            PERFORM pg_advisory_xact_lock(7241, hashtext(b.brand));
            p := momentum._returned(b.brand);
            -- Children last: by then their orders say that they are erased.
            FOR t IN SELECT k.relation FROM momentum._column_kinds() k WHERE to_regclass(k.relation) IS NOT NULL
                      GROUP BY k.relation HAVING bool_or(k.kind NOT IN ('key', 'fact', 'money'))
                      ORDER BY NOT bool_or(k.kind IN ('email', 'customer')), k.relation LOOP
                rows := momentum._erase_again(b.brand, t.relation);
                IF rows > 0 THEN
                    counts := counts || jsonb_build_object(t.relation, coalesce((counts ->> t.relation)::bigint, 0) + rows);
                    erased := erased + rows;
                    PERFORM momentum._analyze_anew(t.relation);
                END IF;
            END LOOP;
            FOR t IN SELECT x.key AS relation, x.value::bigint AS rows FROM jsonb_each_text(momentum._erase_traces_again(b.brand, p)) x LOOP
                counts := counts || jsonb_build_object(t.relation, coalesce((counts ->> t.relation)::bigint, 0) + t.rows);
                erased := erased + t.rows;
                PERFORM momentum._analyze_anew(t.relation);
            END LOOP;
        END LOOP;
        step := 'erased again';
        state := 'ok';
        detail := CASE WHEN erased = 0 THEN 'nobody had come back' ELSE (SELECT string_agg(format('%s rows of %s', c.value, c.key), ', ') FROM jsonb_each_text(counts) c) END;
        RETURN NEXT;
        PERFORM momentum._audit(NULL, 'post_restore', jsonb_build_object('from_file', joined.from_file, 'to_file', joined.to_file, 'rows', counts));
    END IF;

    step := 'roles';
    SELECT string_agg(DISTINCT a.role::text, ', ') INTO missing FROM momentum_state.access a WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = a.role);
    state := CASE WHEN missing IS NULL THEN 'ok' ELSE 'warn' END;
    detail := coalesce('These roles do not exist here: ' || missing || '. Make them, then run SELECT momentum.setup().', 'every role that has access exists');
    RETURN NEXT;

    step := 'secrets';
    SELECT string_agg(DISTINCT o.option_value, ', ') INTO missing
      FROM pg_user_mappings m CROSS JOIN pg_options_to_table(m.umoptions) o
     WHERE m.srvid IN (SELECT s.oid FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE w.fdwname IN (SELECT momentum._wrappers()))
       AND o.option_name = 'secret' AND NOT EXISTS (SELECT FROM momentum._secret_names() n WHERE n.name = o.option_value);
    state := CASE WHEN missing IS NULL THEN 'ok' ELSE 'warn' END;
    detail := coalesce('Not in the secret store, or not to be seen by this role: ' || missing || '. Store them anew by momentum.secret_entry.', 'every secret that a user mapping names is in the store');
    RETURN NEXT;

    step := 'schedule';
    IF to_regclass('cron.job') IS NULL THEN
        rows := 0;
    ELSE
        EXECUTE 'SELECT count(*) FROM cron.job WHERE jobname LIKE ''momentum %'' AND database = current_database()' INTO rows;
    END IF;
    state := CASE WHEN rows > 0 THEN 'ok' ELSE 'warn' END;
    detail := CASE WHEN rows > 0 THEN format('%s jobs of pg_cron', rows) ELSE 'No job calls momentum.refresh(): run SELECT momentum.schedule() once the rest is in order.' END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION momentum.post_restore() IS
    'After a restore, before anybody looks in: erases again whoever an older backup brought back, by the erasure ledger, and lists what else is to be done. May be repeated.';
REVOKE ALL ON FUNCTION momentum.post_restore() FROM PUBLIC;
