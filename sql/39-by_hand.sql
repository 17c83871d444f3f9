-- Sources without a service: their rows come through the doors alone.
CREATE FUNCTION momentum._loaders_manual() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d momentum._door;
    l momentum._loader;
BEGIN
    FOR d IN SELECT * FROM momentum._doors() LOOP
        l := momentum._new_loader(d.feed, CASE WHEN d.days = '{day}' THEN 'day' ELSE 'instant' END);
        l.cadence := '1 day';
        l.load := 'momentum._load_by_hand';
        l.reads := '{}';
        l.days := d.days;
        l.spans := d.spans;
        RETURN NEXT l;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._loaders_manual() IS 'The feeds of a source by hand.';
REVOKE ALL ON FUNCTION momentum._loaders_manual() FROM PUBLIC;

CREATE FUNCTION momentum._load_by_hand(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RAISE EXCEPTION 'stream "%" of source "%" is loaded by hand', s.stream, s.source
        USING ERRCODE = 'feature_not_supported',
              HINT = format('Copy rows into hub.%I.', s.stream || '_entry');
END
$$;
COMMENT ON FUNCTION momentum._load_by_hand(momentum._slice, momentum._loader) IS 'Stands where the sync of a source by hand would be: there is none.';
REVOKE ALL ON FUNCTION momentum._load_by_hand(momentum._slice, momentum._loader) FROM PUBLIC;

CREATE FUNCTION momentum.add_manual_source(brand text, source text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    known record;
BEGIN
    PERFORM momentum._check_brand(add_manual_source.brand);
    IF add_manual_source.source IS NULL OR add_manual_source.source !~ '\S' OR length(add_manual_source.source) > 63 THEN
        RAISE EXCEPTION 'invalid source "%"', left(add_manual_source.source, 80)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'A source has a name of 1 to 63 characters.';
    END IF;
    SELECT c.brand, c.service INTO known FROM momentum_state.source c
     WHERE c.source = add_manual_source.source AND (c.brand = add_manual_source.brand OR c.service <> 'manual')
     ORDER BY c.brand = add_manual_source.brand DESC LIMIT 1;
    IF FOUND AND known.brand = add_manual_source.brand AND known.service = 'manual' THEN
        RAISE NOTICE 'source "%" exists already', add_manual_source.source;
        RETURN;
    END IF;
    IF known IS NOT NULL
       OR EXISTS (SELECT FROM pg_foreign_server f WHERE f.srvname = add_manual_source.source) THEN
        RAISE EXCEPTION 'source "%" has a service behind it', add_manual_source.source
            USING ERRCODE = 'duplicate_object',
                  HINT = 'Rows of it can be entered under its own name: its streams take them. A source by hand needs another name.';
    END IF;
    INSERT INTO momentum_state.source (brand, source, service)
        VALUES (add_manual_source.brand, add_manual_source.source, 'manual');
    PERFORM momentum._audit(add_manual_source.brand, 'add_manual_source', jsonb_build_object('source', add_manual_source.source));
END
$$;
COMMENT ON FUNCTION momentum.add_manual_source(text, text) IS
    'Adds a source that no service is behind: its rows come through the doors, hub.<table>_entry, and its days are complete when momentum.declare_complete() says so.';
REVOKE ALL ON FUNCTION momentum.add_manual_source(text, text) FROM PUBLIC;

CREATE FUNCTION momentum.declare_complete(brand text, source text, feed text, through date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d momentum._door;
    st momentum._stream;
    name text;
    told boolean := false;
    today date;
BEGIN
    PERFORM momentum._check_brand(declare_complete.brand);
    PERFORM momentum._check_source(declare_complete.brand, declare_complete.source);
    d := momentum._door_of(declare_complete.feed);
    SELECT (now() AT TIME ZONE b.time_zone)::date INTO today FROM momentum_state.brand b WHERE b.brand = declare_complete.brand;
    IF declare_complete.through IS NULL OR declare_complete.through >= today OR declare_complete.through < '1970-01-01' THEN
        RAISE EXCEPTION 'day % cannot be complete', coalesce(declare_complete.through::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The running day of the brand is %s.', today);
    END IF;
    FOR name IN SELECT momentum._door_streams(d, declare_complete.brand, declare_complete.source) LOOP
        st := momentum._lock_stream(declare_complete.brand, declare_complete.source, name);
        CONTINUE WHEN st.first_day IS NULL;
        told := true;
        IF declare_complete.through < st.first_day THEN
            RAISE EXCEPTION 'stream "%" begins on %', name, st.first_day
                USING ERRCODE = 'invalid_parameter_value';
        ELSIF declare_complete.through < st.complete_through THEN
            -- What was declared can be taken back; what a service told cannot.
            IF st.due_at <> 'infinity' THEN
                RAISE EXCEPTION 'stream "%" is complete through % already', name, st.complete_through
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            INSERT INTO momentum_state.changed_day (brand, source, stream, day)
            SELECT st.brand, st.source, st.stream, g::date
              FROM generate_series(declare_complete.through + 1, st.complete_through::timestamp, '1 day') g;
            st.complete_through := declare_complete.through;
        ELSE
            st.complete_through := momentum._complete_days(st, declare_complete.through);
        END IF;
        UPDATE momentum_state.stream t SET complete_through = st.complete_through
         WHERE t.brand = st.brand AND t.source = st.source AND t.stream = st.stream;
    END LOOP;
    IF NOT told THEN
        RAISE EXCEPTION 'nothing of feed "%" was entered for source "%"', declare_complete.feed, declare_complete.source
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('Copy rows into hub.%I first.', declare_complete.feed || '_entry');
    END IF;
    PERFORM momentum._audit(declare_complete.brand, 'declare_complete',
                            jsonb_build_object('source', declare_complete.source, 'feed', declare_complete.feed, 'through', declare_complete.through));
END
$$;
COMMENT ON FUNCTION momentum.declare_complete(text, text, text, date) IS
    'Says that everything of a feed is in the hub through a day: what is absent up to it is zero from now on. For days entered by hand; the next sync past them reads them again.';
REVOKE ALL ON FUNCTION momentum.declare_complete(text, text, text, date) FROM PUBLIC;
