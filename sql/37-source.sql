-- Sources: which foreign tables of a server feed the hub.
CREATE FUNCTION momentum._foreign_tables(server name) RETURNS TABLE (resource text, relation text, tab text, layout text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce((SELECT o.option_value FROM pg_options_to_table(t.ftoptions) o WHERE o.option_name = 'resource'),
                    CASE WHEN NOT EXISTS (SELECT FROM pg_options_to_table(t.ftoptions) o WHERE o.option_name IN ('tab', 'dataset'))
                         THEN c.relname END),
           format('%I.%I', n.nspname, c.relname),
           (SELECT o.option_value FROM pg_options_to_table(t.ftoptions) o WHERE o.option_name IN ('tab', 'dataset')),
           (SELECT o.option_value FROM pg_options_to_table(t.ftoptions) o WHERE o.option_name = 'layout')
      FROM pg_foreign_table t
      JOIN pg_foreign_server f ON f.oid = t.ftserver
      JOIN pg_class c ON c.oid = t.ftrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE f.srvname = server
     ORDER BY c.oid
$$;
COMMENT ON FUNCTION momentum._foreign_tables(name) IS 'The foreign tables of a server by resource, oldest first.';
REVOKE ALL ON FUNCTION momentum._foreign_tables(name) FROM PUBLIC;

-- Lets the parser look at the queries of a loader: nothing is planned, so
-- nothing is asked of the service.
CREATE FUNCTION momentum._check_reads(l momentum._loader, tables jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    s momentum._slice;
    resource text;
    problem text;
BEGIN
    s.tables := tables;
    s.zone := 'UTC';
    FOR resource IN SELECT jsonb_object_keys(l.reads) LOOP
        BEGIN
            EXECUTE 'PREPARE momentum_check AS ' || momentum._read(s, l, resource);
            DEALLOCATE momentum_check;
        EXCEPTION
            WHEN undefined_column OR undefined_function OR datatype_mismatch OR cannot_coerce
              OR indeterminate_datatype OR wrong_object_type OR ambiguous_function THEN
                GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT;
                RAISE EXCEPTION 'foreign table % lacks what loader "%" needs', tables ->> resource, l.loader
                    USING ERRCODE = 'fdw_invalid_column_name',
                          DETAIL = upper(left(problem, 1)) || substr(problem, 2) || '.',
                          HINT = 'Drop it and make it anew with IMPORT FOREIGN SCHEMA; columns of your own may stay.';
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._check_reads(momentum._loader, jsonb) IS 'Raises unless the foreign tables have the columns that a loader reads.';
REVOKE ALL ON FUNCTION momentum._check_reads(momentum._loader, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum._check_source_options(options jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    unknown text;
BEGIN
    IF jsonb_typeof(options) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'options of a source must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT k INTO unknown FROM jsonb_object_keys(options) k WHERE k NOT IN ('start', 'tabs') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'option "%" of a source does not exist', unknown
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Known options: start, tabs.';
    END IF;
    IF options ? 'tabs' AND jsonb_typeof(options -> 'tabs') <> 'array' THEN
        RAISE EXCEPTION 'option "tabs" must be an array of titles'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF options ? 'start' THEN
        BEGIN
            PERFORM (options ->> 'start')::date;
        EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
            RAISE EXCEPTION 'option "start" must be a date'
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('It is "%s".', left(options ->> 'start', 80));
        END;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_source_options(jsonb) IS 'Raises at an option that add_source() does not know.';
REVOKE ALL ON FUNCTION momentum._check_source_options(jsonb) FROM PUBLIC;

-- Registers one stream, or follows a table that was made anew; where the
-- stream stands is left alone.
CREATE FUNCTION momentum._add_stream(brand text, source text, stream text, l momentum._loader, tables jsonb, place integer)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO momentum_state.stream AS t (brand, source, stream, loader, foreign_table, tables, cadence,
            slice_width, restating_days, due_at)
        VALUES (_add_stream.brand, _add_stream.source, _add_stream.stream, l.loader,
                coalesce(tables ->> l.loader, (SELECT min(j.value) FROM jsonb_each_text(tables) j)), tables, l.cadence,
                CASE WHEN l.kind <> 'full' THEN l.width END, l.restating_days,
                now() - interval '1 hour' + place * interval '1 second')
        ON CONFLICT ON CONSTRAINT stream_pkey DO UPDATE
           SET foreign_table = excluded.foreign_table, tables = excluded.tables,
               due_at = least(t.due_at, now());
END
$$;
COMMENT ON FUNCTION momentum._add_stream(text, text, text, momentum._loader, jsonb, integer) IS 'Registers one stream of a source.';
REVOKE ALL ON FUNCTION momentum._add_stream(text, text, text, momentum._loader, jsonb, integer) FROM PUBLIC;

CREATE FUNCTION momentum._add_streams(brand text, source text, service text, options jsonb) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
    tables jsonb;
    missing text[];
    sheet record;
    place integer := 0;
BEGIN
    FOR l IN SELECT * FROM momentum._loaders(service) LOOP
        SELECT jsonb_object_agg(k.resource, t.relation) FILTER (WHERE t.relation IS NOT NULL),
               array_agg(k.resource ORDER BY k.resource) FILTER (WHERE t.relation IS NULL)
          INTO tables, missing
          FROM jsonb_object_keys(l.reads) k (resource)
          LEFT JOIN LATERAL (SELECT f.relation FROM momentum._foreign_tables(_add_streams.source) f
                              WHERE f.resource = k.resource LIMIT 1) t ON true;
        -- A loader of sheets has one stream per tab that is laid out as one.
        IF l.layouts IS NOT NULL THEN
            FOR sheet IN SELECT f.* FROM momentum._foreign_tables(_add_streams.source) f
                          WHERE f.layout = ANY (l.layouts)
                            AND (options -> 'tabs' IS NULL OR options -> 'tabs' ? f.tab) LOOP
                tables := coalesce(tables, '{}') || jsonb_build_object(l.loader, sheet.relation, 'tab', sheet.tab);
                PERFORM momentum._check_reads(momentum._without_missing(l, tables), tables);
                place := place + 1;
                PERFORM momentum._add_stream(brand, source, concat_ws(' ', l.loader, sheet.tab), l, tables, place);
            END LOOP;
            IF place = 0 THEN
                RAISE EXCEPTION 'server "%" has no foreign table of layout %', source, array_to_string(l.layouts, ' or ')
                    USING ERRCODE = 'undefined_table',
                          HINT = format('Make one with CREATE FOREIGN TABLE or IMPORT FOREIGN SCHEMA, with OPTIONS (%s ''…'', layout %L).',
                                        CASE l.loader WHEN 'sheet' THEN 'tab' ELSE 'dataset' END, l.layouts[array_upper(l.layouts, 1)]);
            END IF;
        ELSIF missing IS NULL THEN
            PERFORM momentum._check_reads(l, tables);
            place := place + 1;
            PERFORM momentum._add_stream(brand, source, l.loader, l, tables, place);
        ELSIF l.needed THEN
            RAISE EXCEPTION 'server "%" has no foreign table "%"', source, missing[1]
                USING ERRCODE = 'undefined_table',
                      DETAIL = format('Loader "%s" reads %s.', l.loader,
                                      (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(l.reads) k)),
                      HINT = format('IMPORT FOREIGN SCHEMA api FROM SERVER %I INTO …;', source);
        ELSE
            RAISE NOTICE 'source "%" does without %: no foreign table %', source, l.loader, array_to_string(missing, ', ');
        END IF;
    END LOOP;
    RETURN place;
END
$$;
COMMENT ON FUNCTION momentum._add_streams(text, text, text, jsonb) IS 'Registers the streams that the foreign tables of a source allow; returns their number.';
REVOKE ALL ON FUNCTION momentum._add_streams(text, text, text, jsonb) FROM PUBLIC;

-- A sheet can do without the list of files: it is then read in full each time.
CREATE FUNCTION momentum._without_missing(l momentum._loader, tables jsonb) RETURNS momentum._loader
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    l.reads := (SELECT jsonb_object_agg(r.key, r.value) FROM jsonb_each(l.reads) r WHERE tables ? r.key);
    RETURN l;
END
$$;
COMMENT ON FUNCTION momentum._without_missing(momentum._loader, jsonb) IS 'The loader without the resources that have no table.';
REVOKE ALL ON FUNCTION momentum._without_missing(momentum._loader, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum.add_source(brand text, server name, options jsonb DEFAULT '{}') RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    wrapper name;
    service text;
    streams integer;
BEGIN
    PERFORM momentum._check_brand(add_source.brand);
    PERFORM momentum._check_source_options(add_source.options);
    SELECT w.fdwname INTO wrapper
      FROM pg_foreign_server f JOIN pg_foreign_data_wrapper w ON w.oid = f.srvfdw
     WHERE f.srvname = add_source.server;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'server "%" does not exist', add_source.server
            USING ERRCODE = 'undefined_object',
                  HINT = 'Make it with CREATE SERVER.';
    END IF;
    IF EXISTS (SELECT FROM momentum_state.source c WHERE c.source = add_source.server AND c.brand <> add_source.brand) THEN
        RAISE EXCEPTION 'server "%" is a source of another brand', add_source.server
            USING ERRCODE = 'duplicate_object',
                  HINT = 'A brand has servers of its own.';
    END IF;
    service := regexp_replace(wrapper, '_fdw$', '');
    INSERT INTO momentum_state.source AS c (brand, source, service, options)
        VALUES (add_source.brand, add_source.server, service, add_source.options)
        ON CONFLICT ON CONSTRAINT source_pkey DO UPDATE SET options = c.options || excluded.options;
    streams := momentum._add_streams(add_source.brand, add_source.server, service, add_source.options);
    PERFORM momentum._audit(add_source.brand, 'add_source',
                            jsonb_build_object('source', add_source.server, 'options', add_source.options));
    RETURN streams;
END
$$;
COMMENT ON FUNCTION momentum.add_source(text, name, jsonb) IS
    'Makes a foreign server a source of a brand: registers a stream for each of its foreign tables that feeds the hub, and returns their number. Options: start (first day of history to ask for), tabs (titles of the cash tabs to read; by default all of layout long or crosstab). Running it again registers what has come since.';
REVOKE ALL ON FUNCTION momentum.add_source(text, name, jsonb) FROM PUBLIC;

-- Days that other sources still feed are computed anew, the rest are absent.
-- Those without a value are among them: it may be this source that they wait for.
CREATE FUNCTION momentum._forget_metrics(brand text, source text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT DISTINCT other.brand, other.source, other.stream, g::date
      FROM momentum_state.source c
      JOIN momentum_state.stream st ON st.brand = c.brand AND st.source = c.source
      JOIN momentum_state.metric_stream ms ON ms.service = c.service AND ms.loader = st.loader
      JOIN momentum_state.metric_stream fed ON fed.metric = ms.metric
      JOIN momentum_state.source c2 ON c2.brand = c.brand AND c2.service = fed.service AND c2.source <> c.source
      JOIN momentum_state.stream other ON other.brand = c2.brand AND other.source = c2.source AND other.loader = fed.loader,
           LATERAL generate_series(other.first_day::timestamp, other.complete_through::timestamp, '1 day') g
     WHERE c.brand = _forget_metrics.brand AND c.source = _forget_metrics.source;
    DELETE FROM momentum_state.metric_daily m
     USING momentum_state.source c
      JOIN momentum_state.stream st ON st.brand = c.brand AND st.source = c.source
      JOIN momentum_state.metric_stream ms ON ms.service = c.service AND ms.loader = st.loader
     WHERE c.brand = _forget_metrics.brand AND c.source = _forget_metrics.source
       AND m.brand = c.brand AND m.metric = ms.metric;
    PERFORM momentum._log_cost_days(_forget_metrics.brand, 'fixed_costs', NULL, NULL);
END
$$;
COMMENT ON FUNCTION momentum._forget_metrics(text, text) IS 'Takes away the daily values that a source has a part in.';
REVOKE ALL ON FUNCTION momentum._forget_metrics(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._check_source(brand text, source text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM momentum_state.source c
                    WHERE c.source = _check_source.source AND c.brand = coalesce(_check_source.brand, c.brand)) THEN
        RAISE EXCEPTION 'source "%"% does not exist', _check_source.source,
                        coalesce(format(' of brand "%s"', _check_source.brand), '')
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum.source_health lists the sources.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_source(text, text) IS 'Raises unless the source exists, in the brand if one is given.';
REVOKE ALL ON FUNCTION momentum._check_source(text, text) FROM PUBLIC;

CREATE FUNCTION momentum.remove_source(brand text, server name) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation regclass;
    s momentum._slice;
BEGIN
    PERFORM momentum._check_brand(remove_source.brand);
    PERFORM momentum._check_source(remove_source.brand, remove_source.server);
    -- Wait for a slice under way, and for metrics that are being computed: they
    -- would be written after they were forgotten.
    PERFORM FROM momentum_state.stream st
      WHERE st.brand = remove_source.brand AND st.source = remove_source.server FOR UPDATE;
    PERFORM momentum._lock_metrics();
    -- Who bought here first may have bought elsewhere as well.
    PERFORM momentum._stage_orders();
    INSERT INTO pg_temp.momentum_order_old (order_id, customer_key)
    SELECT o.order_id, o.customer_key FROM hub.orders o
     WHERE o.brand = remove_source.brand AND o.source = remove_source.server AND o.is_new_customer;
    DELETE FROM momentum_state.changed_day d
     WHERE d.brand = remove_source.brand AND d.source = remove_source.server;
    PERFORM momentum._forget_metrics(remove_source.brand, remove_source.server);
    FOR relation IN
        SELECT c.oid
          FROM momentum._model_objects() o
          JOIN pg_class c ON c.relname = o.object AND c.relnamespace = 'hub'::regnamespace
         WHERE o.schema = 'hub' AND c.relkind IN ('r', 'p')
           AND 2 = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('brand', 'source'))
    LOOP
        EXECUTE format('DELETE FROM %s WHERE brand = %L AND source = %L', relation, remove_source.brand, remove_source.server);
    END LOOP;
    s.brand := remove_source.brand;
    s.source := remove_source.server;
    s.stream := '';
    PERFORM momentum._mark_new_customers(s);      -- their days are logged above
    PERFORM momentum._link_customers(remove_source.brand);
    PERFORM momentum._answer_again(remove_source.brand);
    DELETE FROM momentum_state.channel c WHERE c.brand = remove_source.brand AND c.source = remove_source.server;
    DELETE FROM momentum_state.stream st WHERE st.brand = remove_source.brand AND st.source = remove_source.server;
    DELETE FROM momentum_state.source c WHERE c.brand = remove_source.brand AND c.source = remove_source.server;
    PERFORM momentum._audit(remove_source.brand, 'remove_source', jsonb_build_object('source', remove_source.server));
END
$$;
COMMENT ON FUNCTION momentum.remove_source(text, name) IS
    'Ends the sync of a source and deletes the copies of its facts from the hub. The server and its foreign tables stay.';
REVOKE ALL ON FUNCTION momentum.remove_source(text, name) FROM PUBLIC;
