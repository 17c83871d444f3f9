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

-- The rows of a table that a condition over "t" names forget their person.
-- Ids stay ids of the shop where the table is not told to forget them too.
CREATE FUNCTION momentum._forget_rows(brand text, relation text, condition text) RETURNS bigint
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
    EXECUTE format('UPDATE %s t SET (%s) = ROW(%s) WHERE t.brand = %L AND %s AND ROW(%s) IS DISTINCT FROM ROW(%s)',
                   _forget_rows.relation, columns, new_values, _forget_rows.brand, condition, old_values, new_values);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
COMMENT ON FUNCTION momentum._forget_rows(text, text, text) IS 'Has rows of a table forget their person; returns how many there were.';
REVOKE ALL ON FUNCTION momentum._forget_rows(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum.apply_retention(brand text DEFAULT NULL) RETURNS TABLE (of_brand text, relation text, rows bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    b record;
    days integer;
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
        PERFORM pg_advisory_xact_lock(7241, hashtext(b.brand));
        of_brand := b.brand;
        -- A person's orders forget him together, or a guest would be two.
        days := momentum._retention_days(b.brand, 'orders');
        IF days IS NOT NULL THEN
            relation := 'hub.orders';
            rows := momentum._forget_rows(b.brand, relation, format(
                '(t.order_day < current_date - %1$s AND t.customer_key NOT LIKE ''erased %%'' AND NOT EXISTS (SELECT FROM hub.orders n'
                ' WHERE n.brand = t.brand AND n.customer_key = t.customer_key AND n.order_day >= current_date - %1$s)'
                ' OR t.order_day < current_date - %1$s AND t.customer_key IS NULL)', days));
            found := found || jsonb_build_object(relation, rows);
            RETURN NEXT;
        END IF;
        days := momentum._retention_days(b.brand, 'customer_inquiries');
        IF days IS NOT NULL THEN
            relation := 'hub.customer_inquiries';
            rows := momentum._forget_rows(b.brand, relation, format(
                'NOT t.is_open AND greatest(t.date_created, t.resolved_at) < now() - %s * interval ''1 day''', days));
            found := found || jsonb_build_object(relation, rows);
            RETURN NEXT;
        END IF;
        days := momentum._retention_days(b.brand, 'customers');
        IF days IS NOT NULL THEN
            relation := 'hub.customers';
            rows := momentum._forget_rows(b.brand, relation, format(
                't.customer_id NOT LIKE ''erased %%'' AND coalesce(t.created_at, t.loaded_at) < now() - %1$s * interval ''1 day'''
                ' AND NOT EXISTS (SELECT FROM hub.orders n WHERE n.brand = t.brand AND n.customer_key = t.customer_id AND n.source = t.source'
                ' AND n.order_day >= current_date - %1$s)'
                ' AND NOT EXISTS (SELECT FROM hub.customer_inquiries i WHERE i.brand = t.brand AND i.customer_source = t.source'
                ' AND i.customer_id = t.customer_id AND i.date_created >= now() - %1$s * interval ''1 day'')', days));
            found := found || jsonb_build_object(relation, rows);
            RETURN NEXT;
        END IF;
        days := momentum._retention_days(b.brand, 'dead_letter');
        IF days IS NOT NULL THEN
            relation := 'momentum_state.dead_letter';
            DELETE FROM momentum_state.dead_letter d WHERE d.brand = b.brand AND d.first_at < now() - days * interval '1 day';
            GET DIAGNOSTICS rows = ROW_COUNT;
            found := found || jsonb_build_object(relation, rows);
            RETURN NEXT;
        END IF;
        IF EXISTS (SELECT FROM jsonb_each_text(found) f WHERE f.value <> '0') THEN
            PERFORM momentum._audit(b.brand, 'apply_retention', found);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum.apply_retention(text) IS
    'Has rows older than the settings retention.* say forget their persons, and keeps their figures; called every night by the schedule. One row for each table that has such a setting.';
REVOKE ALL ON FUNCTION momentum.apply_retention(text) FROM PUBLIC;

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
            -- Children last: by then their orders say that they are erased.
            FOR t IN SELECT k.relation FROM momentum._column_kinds() k WHERE to_regclass(k.relation) IS NOT NULL
                      GROUP BY k.relation HAVING bool_or(k.kind NOT IN ('key', 'fact', 'money'))
                      ORDER BY NOT bool_or(k.kind IN ('email', 'customer')), k.relation LOOP
                rows := momentum._erase_again(b.brand, t.relation);
                IF rows > 0 THEN
                    counts := counts || jsonb_build_object(t.relation, coalesce((counts ->> t.relation)::bigint, 0) + rows);
                    erased := erased + rows;
                    EXECUTE format('ANALYZE %s', t.relation);
                END IF;
            END LOOP;
            FOR t IN SELECT x.key AS relation, x.value::bigint AS rows FROM jsonb_each_text(momentum._erase_traces_again(b.brand)) x LOOP
                counts := counts || jsonb_build_object(t.relation, coalesce((counts ->> t.relation)::bigint, 0) + t.rows);
                erased := erased + t.rows;
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
