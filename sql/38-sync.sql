-- One slice of one stream: the range, the load, the cursor, the changed days,
-- the record of it; all in the caller's transaction.
--
-- The service's clock is ours plus the offset last seen in its answers.  No
-- range goes beyond it less a safety lag, and after the load it is looked at
-- again: a cursor never passes an instant that the service had not reached
-- when the slice began.  Nor does it pass our own present by more than the
-- overlap: a service's clock that was ahead for a while would leave it in the
-- future, and unread what came meanwhile.
--
-- A row of momentum_state.stream: the table is no part of the extension, so
-- its row type cannot be.
CREATE TYPE momentum._stream AS (
    brand                 text,
    source                text,
    stream                text,
    loader                text,
    tables                jsonb,
    cadence               interval,
    first_day             date,
    cursor_at             timestamptz,
    cursor_day            date,
    slice_width           interval,
    continuing            boolean,
    ceiling_at            timestamptz,
    complete_through      date,
    restating_days        integer,
    daily_read_at         timestamptz,
    weekly_read_at        timestamptz,
    seen_version          text,
    clock_offset          interval,
    resync_from           timestamptz,
    resync_to             timestamptz,
    due_at                timestamptz,
    status                text,
    rows_stored           bigint,
    foreign_currency_rows bigint,
    warnings              text[]
);
COMMENT ON TYPE momentum._stream IS 'Where a stream stands.';

CREATE FUNCTION momentum._lock_stream(brand text, source text, stream text) RETURNS momentum._stream
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    st momentum._stream;
BEGIN
    SELECT t.brand, t.source, t.stream, t.loader, t.tables, t.cadence, t.first_day, t.cursor_at, t.cursor_day,
           t.slice_width, t.continuing, t.ceiling_at, t.complete_through, t.restating_days, t.daily_read_at,
           t.weekly_read_at, t.seen_version, t.clock_offset, t.resync_from, t.resync_to, t.due_at, t.status,
           t.rows_stored, t.foreign_currency_rows, t.warnings
      INTO st
      FROM momentum_state.stream t
     WHERE t.brand = _lock_stream.brand AND t.source = _lock_stream.source AND t.stream = _lock_stream.stream
       FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'stream "%" of source "%" of brand "%" does not exist', stream, source, brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum.source_health lists the streams.';
    END IF;
    RETURN st;
END
$$;
COMMENT ON FUNCTION momentum._lock_stream(text, text, text) IS 'The stream, held until the end of the transaction.';
REVOKE ALL ON FUNCTION momentum._lock_stream(text, text, text) FROM PUBLIC;

-- What a stream reads is read with the rights of who refreshes, and a view, a
-- domain or a child table of somebody else would run what he wrote.  So it
-- belongs to whoever has those rights, or it is a foreign table of the source
-- with nothing of its own in it.
CREATE FUNCTION momentum._check_relations(source text, tables jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name, pg_get_userbyid(c.relowner) AS owner
          FROM jsonb_each_text(_check_relations.tables) j
          JOIN pg_class c ON c.oid = to_regclass(j.value)
         WHERE j.key <> 'tab'
           AND NOT pg_has_role(c.relowner, (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user), 'USAGE')
           AND NOT (EXISTS (SELECT FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
                             WHERE f.ftrelid = c.oid AND s.srvname = _check_relations.source AND w.fdwname IN (SELECT momentum._wrappers()))
                    AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND t.typnamespace <> 'pg_catalog'::regnamespace)
                    AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid)) LOOP
        RAISE EXCEPTION 'relation % belongs to role "%"', relation.name, relation.owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('It would be read with the rights of role "%s", and is no plain foreign table of server "%s".', current_user, source),
                  HINT = 'Give it to the role that refreshes with ALTER ... OWNER TO, or make the foreign table anew with IMPORT FOREIGN SCHEMA.';
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._check_relations(text, jsonb) IS 'Raises if a relation that a stream reads could run what somebody with lesser rights wrote.';
REVOKE ALL ON FUNCTION momentum._check_relations(text, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum._start_day(brand text, source text, l momentum._loader, today date) RETURNS date
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    c record;
    earliest CONSTANT date := today - momentum._setting(brand, l.start_setting)::numeric::integer;
    wanted date;
BEGIN
    IF l.kind = 'full' THEN
        RETURN today - 1;
    END IF;
    SELECT t.options, t.opened_on INTO c FROM momentum_state.source t WHERE t.brand = _start_day.brand AND t.source = _start_day.source;
    wanted := coalesce((c.options ->> 'start')::date, greatest(earliest, c.opened_on));
    IF l.start_setting <> 'sync.start_days' THEN
        wanted := greatest(wanted, earliest);
    END IF;
    RETURN least(wanted, today);
END
$$;
COMMENT ON FUNCTION momentum._start_day(text, text, momentum._loader, date) IS
    'First day to ask of a service: option start of the source, else so many days back as set, but not before the account was opened.';
REVOKE ALL ON FUNCTION momentum._start_day(text, text, momentum._loader, date) FROM PUBLIC;

-- First slice ever: where to begin, and from when the stream has its say.
-- Days it is not complete through yet are absent from now on.
CREATE FUNCTION momentum._begin_stream(st momentum._stream, l momentum._loader, zone text, today date)
    RETURNS momentum._stream
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    asked_from CONSTANT date := st.first_day;      -- in vain, if at all
BEGIN
    st.first_day := momentum._start_day(st.brand, st.source, l, today);
    st.cursor_day := st.first_day;
    st.cursor_at := st.first_day::timestamp AT TIME ZONE zone;
    st.slice_width := l.width;
    st.status := 'loading';
    IF l.kind = 'full' THEN
        st.daily_read_at := now();
    END IF;
    INSERT INTO momentum_state.channel (brand, source, stream, channel, first_day)
    SELECT st.brand, st.source, st.stream, c, st.first_day FROM unnest(l.channels) c
    ON CONFLICT ON CONSTRAINT channel_pkey DO UPDATE SET first_day = excluded.first_day;
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT st.brand, st.source, st.stream, g::date
      FROM generate_series(least(asked_from, st.first_day)::timestamp, (today - 1)::timestamp, '1 day') g;
    RETURN st;
END
$$;
COMMENT ON FUNCTION momentum._begin_stream(momentum._stream, momentum._loader, text, date) IS 'A stream before its first slice.';
REVOKE ALL ON FUNCTION momentum._begin_stream(momentum._stream, momentum._loader, text, date) FROM PUBLIC;

-- First slice of a pass of a stream read by day: step back over the days
-- that the service may have restated.
CREATE FUNCTION momentum._begin_day_pass(st momentum._stream, l momentum._loader, today date) RETURNS momentum._stream
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    back integer := l.windows[1];
BEGIN
    IF st.complete_through IS NULL AND st.weekly_read_at IS NULL THEN      -- history first
        RETURN st;
    END IF;
    IF coalesce(st.daily_read_at < now() - interval '23 hours 30 minutes', true) THEN
        back := greatest(back, l.windows[2]);
        st.daily_read_at := now();
    END IF;
    IF coalesce(st.weekly_read_at < now() - interval '6 days 23 hours', true) THEN
        back := greatest(back, l.windows[3]);
        st.weekly_read_at := now();
    END IF;
    st.cursor_day := greatest(least(st.cursor_day, today - back), st.first_day);
    RETURN st;
END
$$;
COMMENT ON FUNCTION momentum._begin_day_pass(momentum._stream, momentum._loader, date) IS 'A stream read by day before a new pass.';
REVOKE ALL ON FUNCTION momentum._begin_day_pass(momentum._stream, momentum._loader, date) FROM PUBLIC;

-- Every day that complete_through passes has changed, facts or not; so has
-- every day that is no longer provisional by it.
CREATE FUNCTION momentum._complete_days(st momentum._stream, through date) RETURNS date
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF through IS NULL OR through < st.first_day OR through <= st.complete_through THEN
        RETURN st.complete_through;
    END IF;
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT st.brand, st.source, st.stream, d.day
      FROM generate_series(coalesce(st.complete_through + 1, st.first_day)::timestamp, through::timestamp, '1 day') g,
           LATERAL (SELECT g::date UNION SELECT g::date - st.restating_days) d (day)
     WHERE d.day >= st.first_day
     GROUP BY d.day;
    RETURN through;
END
$$;
COMMENT ON FUNCTION momentum._complete_days(momentum._stream, date) IS 'Logs the days that became complete; returns the new complete_through.';
REVOKE ALL ON FUNCTION momentum._complete_days(momentum._stream, date) FROM PUBLIC;

-- From the span that was read, not from the one that was allowed: a pass of a
-- few minutes says nothing of what years hold.
CREATE FUNCTION momentum._next_width(l momentum._loader, span interval, pages bigint, wanted_pages numeric) RETURNS interval
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN l.kind = 'full' THEN NULL
                WHEN l.kind = 'day'
                THEN make_interval(days => greatest(1, least(round(extract(epoch FROM w.next) / 86400)::integer,
                                                             extract(epoch FROM coalesce(l.max_width, '3660 days')) / 86400)::integer,
                                                    ceil(extract(epoch FROM l.min_width) / 86400)::integer))
                ELSE greatest(interval '1 second', l.min_width, least(w.next, coalesce(l.max_width, '3660 days'))) END
      FROM (SELECT span * least(4, greatest(0.25, wanted_pages / greatest(pages, 1)))::float8 AS next) w
$$;
COMMENT ON FUNCTION momentum._next_width(momentum._loader, interval, bigint, numeric) IS 'Width of the slice after one of that span, led toward the pages wanted.';
REVOKE ALL ON FUNCTION momentum._next_width(momentum._loader, interval, bigint, numeric) FROM PUBLIC;

CREATE FUNCTION momentum._record_run(st momentum._stream, s momentum._slice, r momentum._slice_result, pages bigint, started_at timestamptz)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO momentum_state.run (brand, source, stream, started_at, finished_at, slice_from, slice_to, status,
            rows_read, rows_changed, pages)
        VALUES (st.brand, st.source, st.stream, _record_run.started_at, clock_timestamp(),
                coalesce(s.lo, s.day_lo::timestamp AT TIME ZONE s.zone), coalesce(s.hi, s.day_hi::timestamp AT TIME ZONE s.zone),
                'ok', r.rows_read, r.rows_changed, _record_run.pages);
    RAISE NOTICE '%', format('%s: %s, %s rows, %s changed, %s pages, %s s', st.source, st.stream
        || CASE WHEN s.lo IS NOT NULL THEN format(' %s to %s', to_char(s.lo AT TIME ZONE s.zone, 'YYYY-MM-DD HH24:MI'),
                                                  to_char(s.hi AT TIME ZONE s.zone, 'YYYY-MM-DD HH24:MI'))
                WHEN s.day_lo IS NOT NULL THEN format(' %s to %s', s.day_lo, s.day_hi - 1)
                ELSE '' END,
        r.rows_read, r.rows_changed, _record_run.pages,
        round(extract(epoch FROM clock_timestamp() - _record_run.started_at), 1));
END
$$;
COMMENT ON FUNCTION momentum._record_run(momentum._stream, momentum._slice, momentum._slice_result, bigint, timestamptz) IS 'Records a slice that went well, and says so.';
REVOKE ALL ON FUNCTION momentum._record_run(momentum._stream, momentum._slice, momentum._slice_result, bigint, timestamptz) FROM PUBLIC;

-- The range of the next slice.  resync() has the right of way; it leaves the
-- cursor alone.
CREATE FUNCTION momentum._next_slice(st momentum._stream, l momentum._loader, ceiling timestamptz, today date, s momentum._slice)
    RETURNS momentum._slice
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    overlap CONSTANT interval := momentum._setting(st.brand, 'sync.overlap_minutes')::float8 * interval '1 minute';
    width_days CONSTANT integer := greatest(1, floor(extract(epoch FROM st.slice_width) / 86400));   -- failures halve it
BEGIN
    IF l.kind = 'instant' AND s.force THEN
        s.lo := st.resync_from;
        s.hi := least(st.resync_from + st.slice_width, st.resync_to, ceiling);
    ELSIF l.kind = 'instant' THEN
        s.lo := st.cursor_at;
        IF NOT st.continuing AND st.complete_through IS NOT NULL THEN
            s.lo := s.lo - overlap;
        END IF;
        s.hi := least(s.lo + st.slice_width, ceiling);
        s.hi := greatest(s.hi, s.lo);
    ELSIF l.kind = 'day' AND s.force THEN
        s.day_lo := (st.resync_from AT TIME ZONE 'UTC')::date;
        s.day_hi := least(s.day_lo + width_days, (st.resync_to AT TIME ZONE 'UTC')::date, today + 1);
    ELSIF l.kind = 'day' THEN
        s.day_lo := st.cursor_day;
        s.day_hi := least(s.day_lo + width_days, CASE WHEN l.pace IS NULL THEN today + 1 ELSE today END);
    END IF;
    RETURN s;
END
$$;
COMMENT ON FUNCTION momentum._next_slice(momentum._stream, momentum._loader, timestamptz, date, momentum._slice) IS 'The slice with its range.';
REVOKE ALL ON FUNCTION momentum._next_slice(momentum._stream, momentum._loader, timestamptz, date, momentum._slice) FROM PUBLIC;

-- What a stream may do next: again at once, behind the others, while its pass
-- goes on; else at the next beat of its cadence.  Beats are counted from an
-- hour past midnight in the brand's zone, so that a daily report is asked for
-- when its day is over, and a schedule of the same beat misses none.
CREATE FUNCTION momentum._next_due(l momentum._loader, zone text, more boolean) RETURNS timestamptz
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN more THEN clock_timestamp() + coalesce(l.pace, '0')
                ELSE date_bin(l.cadence, clock_timestamp(),
                              (date_trunc('day', clock_timestamp() AT TIME ZONE zone) - interval '1 day' + interval '1 hour') AT TIME ZONE zone)
                     + l.cadence END
$$;
COMMENT ON FUNCTION momentum._next_due(momentum._loader, text, boolean) IS 'When a stream is due again.';
REVOKE ALL ON FUNCTION momentum._next_due(momentum._loader, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._service_time(source text) RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_foreign_server f WHERE f.srvname = _service_time.source) THEN
        RETURN momentum.server_time(_service_time.source);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION momentum._service_time(text) IS 'The service''s clock in its last answer to this backend, or NULL.';
REVOKE ALL ON FUNCTION momentum._service_time(text) FROM PUBLIC;

-- Where the stream stands after a slice.  "horizon" is where its pass ends,
-- "reached" the instant that the service had surely reached when the slice
-- began.
CREATE FUNCTION momentum._advance(st momentum._stream, l momentum._loader, s momentum._slice, horizon timestamptz,
                                  reached timestamptz, zone text, day_zone text, known_through date)
    RETURNS momentum._stream
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    today CONSTANT date := (reached AT TIME ZONE day_zone)::date;
    last_day CONSTANT date := CASE WHEN l.pace IS NULL THEN s.today + 1 ELSE s.today END;
    through date;
BEGIN
    IF s.force AND l.kind <> 'full' THEN
        st.resync_from := coalesce(s.hi, s.day_hi::timestamp AT TIME ZONE 'UTC');
        IF st.resync_from >= st.resync_to OR st.resync_from >= horizon OR s.day_hi >= last_day THEN
            st.resync_from := NULL;
            st.resync_to := NULL;
        END IF;
        RETURN st;                               -- its own pass stands where it stood
    END IF;
    IF l.kind = 'instant' THEN
        st.continuing := s.hi < horizon;
        st.cursor_at := greatest(st.cursor_at, least(s.hi, reached));
        -- Facts of a past day may bear any later stamp: its days are complete
        -- only once the cursor has caught up with the service.
        IF NOT st.continuing THEN
            through := (least(s.hi, reached) AT TIME ZONE zone)::date - 1;
        END IF;
    ELSIF l.kind = 'day' THEN
        st.continuing := s.day_hi < last_day;
        IF NOT st.continuing AND st.weekly_read_at IS NULL THEN      -- the history is in: its windows are read
            st.daily_read_at := now();
            st.weekly_read_at := now();
        END IF;
        st.cursor_day := greatest(least(s.day_hi, today), st.cursor_day);
        -- days of an account ahead of the brand: its running day is not over
        through := least(s.day_hi, today, (reached AT TIME ZONE zone)::date) - 1;
    ELSE
        st.continuing := false;
        st.resync_from := NULL;
        st.resync_to := NULL;
        through := today - 1;
    END IF;
    st.complete_through := momentum._complete_days(st, CASE WHEN through IS NOT NULL THEN least(through, known_through) END);
    RETURN st;
END
$$;
COMMENT ON FUNCTION momentum._advance(momentum._stream, momentum._loader, momentum._slice, timestamptz, timestamptz, text, text, date) IS
    'The stream after a slice: cursor, complete days, whether its pass goes on.';
REVOKE ALL ON FUNCTION momentum._advance(momentum._stream, momentum._loader, momentum._slice, timestamptz, timestamptz, text, text, date) FROM PUBLIC;

CREATE FUNCTION momentum._loader_of(service text, loader text) RETURNS momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    found_loader momentum._loader;
BEGIN
    SELECT * INTO found_loader FROM momentum._loaders(_loader_of.service) l WHERE l.loader = _loader_of.loader;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'loader "%" of service "%" does not exist', _loader_of.loader, _loader_of.service
            USING ERRCODE = 'undefined_object';
    END IF;
    RETURN found_loader;
END
$$;
COMMENT ON FUNCTION momentum._loader_of(text, text) IS 'One loader of a service.';
REVOKE ALL ON FUNCTION momentum._loader_of(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._save_stream(st momentum._stream) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE momentum_state.stream t
       SET first_day = st.first_day, cursor_at = st.cursor_at, cursor_day = st.cursor_day,
           slice_width = st.slice_width, continuing = st.continuing, ceiling_at = st.ceiling_at,
           complete_through = st.complete_through, daily_read_at = st.daily_read_at,
           weekly_read_at = st.weekly_read_at, seen_version = st.seen_version, clock_offset = st.clock_offset,
           resync_from = st.resync_from, resync_to = st.resync_to, due_at = st.due_at, status = st.status,
           restating_days = st.restating_days, cadence = st.cadence,
           failures = 0, last_run_at = clock_timestamp(), last_success_at = clock_timestamp(),
           rows_stored = st.rows_stored, foreign_currency_rows = st.foreign_currency_rows, warnings = st.warnings
     WHERE t.brand = st.brand AND t.source = st.source AND t.stream = st.stream;
END
$$;
COMMENT ON FUNCTION momentum._save_stream(momentum._stream) IS 'Writes a stream after a slice that went well.';
REVOKE ALL ON FUNCTION momentum._save_stream(momentum._stream) FROM PUBLIC;

CREATE FUNCTION momentum.sync_slice(brand text, source text, stream text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    began CONSTANT timestamptz := clock_timestamp();
    st momentum._stream;
    b record;
    c record;
    l momentum._loader;
    s momentum._slice;
    r momentum._slice_result;
    loaded record;
    lag interval;
    ceiling timestamptz;
    horizon timestamptz;
    told_before timestamptz;
    told timestamptz;
    pages bigint;
    day_zone text;
BEGIN
    st := momentum._lock_stream(sync_slice.brand, sync_slice.source, sync_slice.stream);
    SELECT * INTO b FROM momentum_state.brand t WHERE t.brand = st.brand;
    SELECT * INTO c FROM momentum_state.source t WHERE t.brand = st.brand AND t.source = st.source;
    l := momentum._loader_of(c.service, st.loader);
    PERFORM momentum._check_relations(st.source, st.tables);

    PERFORM momentum.scan_pages();
    told_before := momentum._service_time(st.source);
    lag := momentum._setting(st.brand, 'sync.lag_seconds')::float8 * interval '1 second';
    -- Stamps of services are whole seconds: so are the bounds.
    ceiling := date_trunc('second', began + coalesce(st.clock_offset, '0') - lag);
    horizon := least(ceiling, date_trunc('second', began - lag)
                              + momentum._setting(st.brand, 'sync.overlap_minutes')::float8 * interval '1 minute');
    day_zone := CASE WHEN l.kind = 'day' THEN coalesce(c.time_zone, b.time_zone) ELSE b.time_zone END;
    s := ROW(st.brand, st.source, st.stream, st.tables, NULL, NULL, NULL, NULL, b.time_zone, b.currency,
             (horizon AT TIME ZONE day_zone)::date, st.complete_through, NULL, st.seen_version,
             st.resync_from IS NOT NULL);
    IF st.cursor_day IS NULL THEN
        st := momentum._begin_stream(st, l, b.time_zone, s.today);
    ELSIF NOT st.continuing THEN
        IF l.kind = 'day' THEN
            st := momentum._begin_day_pass(st, l, s.today);
        ELSIF l.kind = 'full' AND coalesce(st.daily_read_at < now() - interval '23 hours 30 minutes', true) THEN
            st.daily_read_at := now();
            s.seen_version := NULL;
        END IF;
    END IF;
    st.ceiling_at := ceiling;
    s := momentum._next_slice(st, l, ceiling, s.today, s);
    s.lo := date_trunc('second', s.lo);
    s.hi := CASE WHEN s.hi < ceiling THEN greatest(date_trunc('second', s.hi), s.lo + interval '1 second') ELSE s.hi END;

    IF s.hi <= s.lo OR s.day_hi <= s.day_lo THEN      -- nothing to ask for yet
        r := ROW(0, 0, 0, 0, NULL, NULL);
        st.clock_offset := NULL;                      -- unless a clock was set right since
    ELSE
        SELECT * INTO loaded FROM momentum._load_slice(s, l);
        r := loaded.result;
        PERFORM momentum._close_unread(s, l, loaded.items);
    END IF;
    pages := momentum.scan_pages();
    told := momentum._service_time(st.source);
    IF told IS NOT NULL AND (pages > 0 OR told IS DISTINCT FROM told_before) THEN
        st.clock_offset := told - clock_timestamp();
        told := date_trunc('second', told - (clock_timestamp() - began) - lag);
    ELSE
        told := NULL;
    END IF;

    st := momentum._advance(st, l, s, horizon, least(horizon, told), b.time_zone, day_zone, r.known_through);
    IF s.hi > s.lo OR s.day_hi > s.day_lo THEN
        st.slice_width := momentum._next_width(l, coalesce(s.hi - s.lo, (s.day_hi - s.day_lo) * interval '1 day'), pages,
                                               momentum._setting(st.brand, 'sync.pages')::numeric);
    END IF;
    st.cadence := l.cadence;
    st.restating_days := l.restating_days;
    st.rows_stored := st.rows_stored + r.stored;
    st.foreign_currency_rows := st.foreign_currency_rows + r.foreign_rows;
    st.warnings := coalesce(r.warnings, st.warnings);
    st.seen_version := coalesce(r.version, st.seen_version);
    st.status := CASE WHEN st.complete_through IS NULL AND st.continuing THEN 'loading' ELSE 'ok' END;
    st.due_at := momentum._next_due(l, b.time_zone, st.continuing OR s.force);
    PERFORM momentum._save_stream(st);
    PERFORM momentum._record_run(st, s, r, pages, began);
    RETURN st.continuing;
END
$$;
COMMENT ON FUNCTION momentum.sync_slice(text, text, text) IS
    'Reads one slice of a stream and stores it with the stream''s new cursor and the days that changed. True: its pass goes on.';
REVOKE ALL ON FUNCTION momentum.sync_slice(text, text, text) FROM PUBLIC;

-- A stream whose first slice failed has its say all the same: what the others
-- tell alone is not the whole.  It begins anew when a slice goes well, since
-- more may be known then of the day its account was opened.
CREATE FUNCTION momentum._begin_in_vain(brand text, source text, stream text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    st momentum._stream := momentum._lock_stream(brand, source, stream);
    b record;
    l momentum._loader;
BEGIN
    IF st.first_day IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT t.time_zone, c.service INTO b
      FROM momentum_state.brand t JOIN momentum_state.source c ON c.brand = t.brand
     WHERE c.brand = st.brand AND c.source = st.source;
    IF to_regprocedure(format('momentum.%I()', '_loaders_' || b.service)) IS NULL THEN
        RETURN;                                  -- the failure was just that
    END IF;
    SELECT * INTO l FROM momentum._loaders(b.service) x WHERE x.loader = st.loader;
    IF FOUND THEN
        st := momentum._begin_stream(st, l, b.time_zone, (now() AT TIME ZONE b.time_zone)::date);
        UPDATE momentum_state.stream t SET first_day = st.first_day
         WHERE t.brand = st.brand AND t.source = st.source AND t.stream = st.stream;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._begin_in_vain(text, text, text) IS 'Lets a stream that has never been read take part in its metrics: their days become absent.';
REVOKE ALL ON FUNCTION momentum._begin_in_vain(text, text, text) FROM PUBLIC;

-- A failure waits twice as long each time, up to an hour, or as long as the
-- service asks, a week at most.  The next slice is narrower: that is never wrong, and cures
-- what timed out.
CREATE FUNCTION momentum.stream_failed(brand text, source text, stream text, message text, sqlstate text DEFAULT NULL,
                                       detail text DEFAULT NULL, hint text DEFAULT NULL, started_at timestamptz DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    -- A row that breaks a constraint is named by its key: the rest may be personal.
    facts text := nullif(CASE WHEN sqlstate LIKE '23%'
                              THEN regexp_replace(detail, '^(Failing row contains \((?:[^,]*, ){2}[^,]*).*$', '\1, …).')
                              ELSE detail END, '');
    words text := left(message || coalesce('. ' || facts, '')
                       || coalesce(CASE WHEN facts IS NULL THEN '.' ELSE '' END || ' ' || nullif(hint, ''), ''), 2000);
    asked float8 := least(coalesce(substring(words FROM 'asks to wait ([0-9]{1,15}(?:\.[0-9]+)?) second')::float8, 0), 7 * 86400);
    tries integer;
BEGIN
    UPDATE momentum_state.stream t
       SET status = 'failed', failures = t.failures + 1,
           last_run_at = clock_timestamp(), last_error_at = clock_timestamp(),
           last_error = words, last_sqlstate = stream_failed.sqlstate,
           slice_width = CASE WHEN t.slice_width > interval '1 hour' AND t.cursor_at IS NOT NULL
                              THEN t.slice_width / 2 ELSE t.slice_width END,
           due_at = clock_timestamp() + greatest(least(power(2, least(t.failures, 10)) * interval '1 minute', '1 hour'),
                                                 asked * interval '1 second')
     WHERE t.brand = stream_failed.brand AND t.source = stream_failed.source AND t.stream = stream_failed.stream
    RETURNING t.failures INTO tries;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM momentum._begin_in_vain(stream_failed.brand, stream_failed.source, stream_failed.stream);
    INSERT INTO momentum_state.run (brand, source, stream, started_at, finished_at, status, sqlstate, error)
        VALUES (stream_failed.brand, stream_failed.source, stream_failed.stream,
                coalesce(stream_failed.started_at, clock_timestamp()), clock_timestamp(), 'failed', stream_failed.sqlstate, words);
    RAISE NOTICE '%: % failed: %', source, stream, words;
END
$$;
COMMENT ON FUNCTION momentum.stream_failed(text, text, text, text, text, text, text, timestamptz) IS
    'Records that a slice failed, and when the stream is tried again.';
REVOKE ALL ON FUNCTION momentum.stream_failed(text, text, text, text, text, text, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION momentum.resync(brand text, source text, stream text, from_day date, to_day date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    st momentum._stream;
    zone text;
BEGIN
    PERFORM momentum._check_brand(resync.brand);
    IF from_day IS NULL OR to_day IS NULL OR from_day > to_day THEN
        RAISE EXCEPTION 'invalid range of days: % to %', coalesce(from_day::text, 'NULL'), coalesce(to_day::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    st := momentum._lock_stream(resync.brand, resync.source, resync.stream);
    IF st.due_at = 'infinity' THEN
        RAISE EXCEPTION 'stream "%" of source "%" is loaded by hand', resync.stream, resync.source
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'Load its files again: a file that is loaded twice changes nothing.';
    END IF;
    SELECT CASE WHEN (momentum._loader_of(c.service, st.loader)).kind = 'day' THEN 'UTC' ELSE b.time_zone END INTO zone
      FROM momentum_state.brand b JOIN momentum_state.source c ON c.brand = b.brand
     WHERE c.brand = st.brand AND c.source = st.source;
    UPDATE momentum_state.stream t
       SET resync_from = from_day::timestamp AT TIME ZONE zone, resync_to = (to_day + 1)::timestamp AT TIME ZONE zone,
           due_at = least(t.due_at, clock_timestamp())
     WHERE t.brand = st.brand AND t.source = st.source AND t.stream = st.stream;
    PERFORM momentum._audit(resync.brand, 'resync',
                            jsonb_build_object('source', source, 'stream', stream, 'from', from_day, 'to', to_day));
END
$$;
COMMENT ON FUNCTION momentum.resync(text, text, text, date, date) IS
    'Has the next refresh read a range again, and rewrite rows even where they look the same. The days are those of the stream''s cursor: of the last change for orders, of the report for ads.';
REVOKE ALL ON FUNCTION momentum.resync(text, text, text, date, date) FROM PUBLIC;
