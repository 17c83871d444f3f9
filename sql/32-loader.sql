-- A loader says how one resource of a service gets into the hub.  Each
-- service has a catalogue of them, momentum._loaders_<service>(), in the
-- part that bears its name; everything else follows from these rows.
CREATE TYPE momentum._loader AS (
    loader         text,      -- name, also of its stream
    kind           text,      -- instant (ranges of a timestamp), day (ranges of days), full (all of it each time)
    needed         boolean,   -- a source without it is of no use
    cadence        interval,  -- how often it is due
    pace           interval,  -- least distance of two slices, for services that allow few calls
    width          interval,  -- first slice
    max_width      interval,  -- no slice is wider; NULL: no bound
    min_width      interval,  -- no slice is narrower: a service that reads everything whatever it is asked
    layouts        text[],    -- one stream for each table of these layouts; NULL: one stream
    windows        integer[], -- days read again: each run, once a day, once a week
    start_setting  text,      -- setting that says how many days of history to ask for
    restating_days integer,   -- complete days the service may still restate
    channels       text[],    -- channels known from the first day on
    reads          jsonb,     -- resource -> query over it (%s); $1 to $7: see momentum._read()
    load           regproc,   -- function that runs one slice
    target         text,      -- hub table that momentum._load_rows() fills
    columns        text[],    -- its columns, in the order of the query
    keys           text[],    -- its key, after brand and source
    days           text[],    -- its columns that name the days it counts on
    spans          boolean,   -- a change counts on every later day too
    keeps          text[],    -- columns whose first value stays until it is NULL again
    restated       text,      -- column whose former value is kept on restatement
    whole          boolean,   -- all of its records or none: one that cannot be read fails its slice
    scope          text       -- rows of the hub table (t) that a range replaces as a set; NULL: rows are never removed
);
COMMENT ON TYPE momentum._loader IS 'How one resource of a service gets into the hub.';

CREATE FUNCTION momentum._new_loader(loader text, kind text) RETURNS momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
BEGIN
    l.loader := _new_loader.loader;
    l.kind := _new_loader.kind;
    l.needed := false;
    l.cadence := '1 minute';      -- at every refresh: pg_cron knows nothing denser
    l.width := '7 days';
    l.windows := '{0,0,0}';
    l.start_setting := 'sync.start_days';
    l.restating_days := 0;
    l.channels := '{}';
    l.load := 'momentum._load_rows';
    l.days := '{}';
    l.spans := false;
    l.keeps := '{}';
    l.whole := false;
    RETURN l;
END
$$;
COMMENT ON FUNCTION momentum._new_loader(text, text) IS 'A loader with the usual values.';
REVOKE ALL ON FUNCTION momentum._new_loader(text, text) FROM PUBLIC;

-- One slice to load: who, what range, and the words that go with it.
CREATE TYPE momentum._slice AS (
    brand        text,
    source       text,
    stream       text,
    tables       jsonb,        -- resource -> qualified name of the relation
    lo           timestamptz,  -- range of instants, half-open
    hi           timestamptz,
    day_lo       date,         -- range of days, half-open
    day_hi       date,
    zone         text,         -- of the brand
    currency     text,         -- of the brand
    today        date,         -- in the zone of the stream's days
    complete     date,         -- complete_through so far
    argument     text,         -- what the service's own function found out, such as a metric's id
    seen_version text,         -- of the file, when it was last read in full
    force        boolean       -- rewrite rows though they look the same
);
COMMENT ON TYPE momentum._slice IS 'One slice of a stream, as given to a loader.';

CREATE TYPE momentum._slice_result AS (
    rows_read    bigint,
    rows_changed bigint,
    stored       bigint,       -- rows more in the hub
    foreign_rows bigint,       -- rows more in another currency
    warnings     text[],       -- NULL: those of the last slice still hold
    version      text,
    known_through date         -- no later day is complete, though it was read; NULL: all of them are
);
COMMENT ON TYPE momentum._slice_result IS 'What a loader did.';

CREATE FUNCTION momentum._loaders(service text) RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regprocedure(format('momentum.%I()', '_loaders_' || service)) IS NULL THEN
        RAISE EXCEPTION 'no loader is known for service "%"', service
            USING ERRCODE = 'feature_not_supported',
                  HINT = (SELECT 'Known services: ' || string_agg(substr(p.proname, 10), ', ' ORDER BY p.proname) || '.'
                            FROM pg_proc p
                           WHERE p.pronamespace = 'momentum'::regnamespace AND p.proname LIKE '\_loaders\_%');
    END IF;
    RETURN QUERY EXECUTE format('SELECT * FROM momentum.%I()', '_loaders_' || service);
END
$$;
COMMENT ON FUNCTION momentum._loaders(text) IS 'The loaders of a service.';
REVOKE ALL ON FUNCTION momentum._loaders(text) FROM PUBLIC;

-- The query of one resource, its parameters written in as literals, so that
-- the connector sees plain constants: $1, $2 instants from and to, $3, $4
-- days from and to, $5 the brand's zone, $6 the argument, $7 today.  Other
-- styles of dates than ISO name zones by letters that may mean another zone.
CREATE FUNCTION momentum._read(s momentum._slice, l momentum._loader, resource text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET datestyle = 'ISO, YMD'
    AS $$
DECLARE
    query text := l.reads ->> resource;
BEGIN
    query := replace(query, '$1', format('%L::timestamptz', s.lo));
    query := replace(query, '$2', format('%L::timestamptz', s.hi));
    query := replace(query, '$3', format('%L::date', s.day_lo));
    query := replace(query, '$4', format('%L::date', s.day_hi));
    query := replace(query, '$5', replace(quote_literal(s.zone), '%', '%%'));
    query := replace(query, '$7', format('%L::date', s.today));
    -- What the service has said, and a name that anybody chose, come last: nothing in them is replaced.
    query := replace(query, '$6', coalesce(replace(quote_literal(s.argument), '%', '%%'), 'NULL'));
    RETURN format(query, (s.tables ->> resource)::regclass);     -- a relation, not any text
END
$$;
COMMENT ON FUNCTION momentum._read(momentum._slice, momentum._loader, text) IS 'The query that reads one resource for a slice.';
REVOKE ALL ON FUNCTION momentum._read(momentum._slice, momentum._loader, text) FROM PUBLIC;

CREATE FUNCTION momentum._list(items text[], pattern text, separator text DEFAULT ', ') RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce(string_agg(replace(pattern, '@', quote_ident(i.item)), separator ORDER BY i.place), '')
      FROM unnest(items) WITH ORDINALITY AS i (item, place)
$$;
COMMENT ON FUNCTION momentum._list(text[], text, text) IS 'Writes a pattern once per column, @ standing for the column.';
REVOKE ALL ON FUNCTION momentum._list(text[], text, text) FROM PUBLIC;

-- The statement that stores one slice of rows, complete or not at all:
--   page    what the service says, one row per key (a record can come twice
--           while pages turn)
--   gone    rows of the range that the service no longer has
--   old     what the hub had: the day a row leaves has changed as well
--   up      the upsert; a late reading cannot overwrite a newer one, a newer
--           stamp on the same content is kept
--   changed rows whose content changed; their days go to the log
CREATE FUNCTION momentum._load_rows_statement(s momentum._slice, l momentum._loader) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    resource text := (SELECT jsonb_object_keys(l.reads) LIMIT 1);
    stamped CONSTANT boolean := 'source_updated_at' = ANY (l.columns);
    priced CONSTANT boolean := 'currency' = ANY (l.columns);
    content text[] := ARRAY(SELECT c FROM unnest(l.columns) c
                             WHERE c <> 'source_updated_at' AND c <> ALL (l.keeps));
    carried text[] := l.keys || ARRAY(SELECT d FROM unnest(l.days) d WHERE d <> ALL (l.keys))
                      || CASE WHEN priced THEN '{currency}'::text[] ELSE '{}' END || '{content_hash}'::text[];
    mine CONSTANT text := format('t.brand = %L AND t.source = %L', s.brand, s.source);
    same_key CONSTANT text := momentum._list(l.keys, 'p.@ = t.@', ' AND ');
    settings text;
    guard text;
    removal text := 'false';
BEGIN
    settings := momentum._list(ARRAY(SELECT c FROM unnest(l.columns) c WHERE c <> ALL (l.keys || l.keeps)), '@ = excluded.@')
        || momentum._list(l.keeps, ', @ = CASE WHEN excluded.@ IS NOT NULL THEN coalesce(t.@, excluded.@) END', '');
    IF l.restated IS NOT NULL THEN
        settings := settings || format(', %2$I = CASE WHEN t.day <= %3$L::date AND t.%1$I <> excluded.%1$I THEN t.%1$I ELSE t.%2$I END'
            ', restated_at = CASE WHEN t.day <= %3$L::date AND t.%1$I <> excluded.%1$I THEN now() ELSE t.restated_at END',
            l.restated, 'previous_' || l.restated, s.complete);
    END IF;
    guard := CASE WHEN s.force THEN 'true'
                  WHEN stamped THEN 'excluded.source_updated_at > t.source_updated_at'
                                    ' OR t.source_updated_at IS NULL AND excluded.source_updated_at IS NOT NULL'
                                    ' OR excluded.source_updated_at IS NOT DISTINCT FROM t.source_updated_at'
                                    ' AND excluded.content_hash <> t.content_hash'
                  ELSE 'excluded.content_hash <> t.content_hash' END;
    IF l.scope IS NOT NULL THEN
        removal := l.scope || format(' AND NOT EXISTS (SELECT FROM page p WHERE %s)', same_key);
        IF l.kind = 'day' THEN
            removal := removal || format(' AND t.day >= %L AND t.day < %L', s.day_lo, s.day_hi);
        END IF;
    END IF;
    RETURN format($q$
WITH page AS MATERIALIZED (
    SELECT DISTINCT ON (%1$s) q.*, hash_record_extended(ROW(%2$s), 0) AS content_hash
      FROM (%3$s) AS q (%4$s)
     ORDER BY %1$s%5$s),
vanished AS MATERIALIZED (
    SELECT %6$s FROM %7$s t WHERE %8$s AND %9$s),
gone AS (
    DELETE FROM %7$s t USING vanished p
     WHERE %8$s AND %10$s
       AND (%11$s OR (SELECT count(*) FROM vanished) <=
            greatest(20, 0.05 * (SELECT count(*) FROM %7$s t WHERE %8$s)))
     RETURNING %12$s),
old AS MATERIALIZED (
    SELECT %12$s FROM %7$s t JOIN page p ON %10$s WHERE %8$s),
up AS (
    INSERT INTO %7$s AS t (brand, source, %4$s, content_hash)
    SELECT %13$L, %14$L, %4$s, content_hash FROM page
    ON CONFLICT (brand, source, %15$s) DO UPDATE
       SET %16$s, content_hash = excluded.content_hash, loaded_at = now()
     WHERE %17$s
    RETURNING %12$s),
changed AS MATERIALIZED (
    SELECT d.day
      FROM up t LEFT JOIN old p ON %10$s,
           LATERAL (VALUES %18$s (NULL::date, false)) AS d (day, moved)
     WHERE %19$s
     UNION ALL
    SELECT d.day FROM gone t, LATERAL (VALUES %20$s (NULL::date)) AS d (day)),
logged AS (
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT DISTINCT %13$L, %14$L, %21$L, d.day
      FROM %22$s AS d WHERE d.day IS NOT NULL)
SELECT (SELECT count(*) FROM page),
       (SELECT count(*) FROM up) + (SELECT count(*) FROM gone),
       (SELECT count(*) FROM up t WHERE NOT EXISTS (SELECT FROM old p WHERE %10$s)) - (SELECT count(*) FROM gone),
       %23$s,
       CASE WHEN (SELECT count(*) FROM vanished) > (SELECT count(*) FROM gone)
            THEN ARRAY[format('%%s rows are no longer in the service; more than 5 %% at once: kept', (SELECT count(*) FROM vanished))]
            ELSE '{}' END,
       NULL::text$q$,
        momentum._list(l.keys, 'q.@'),                                                  -- 1
        momentum._list(content, 'q.@'),                                                 -- 2
        momentum._without_erased(s.brand, s.source, l.target, l.columns, momentum._read(s, l, resource)),     -- 3
        momentum._list(l.columns, '@'),                                                 -- 4
        CASE WHEN stamped THEN ', q.source_updated_at DESC NULLS LAST' ELSE '' END,     -- 5
        momentum._list(l.keys, 't.@'),                                                  -- 6
        l.target,                                                                       -- 7
        mine,                                                                           -- 8
        removal,                                                                        -- 9
        same_key,                                                                       -- 10
        CASE WHEN l.kind = 'full' THEN 'false' ELSE 'true' END,                         -- 11
        momentum._list(carried, 't.@'),                                                 -- 12
        s.brand, s.source,                                                              -- 13, 14
        momentum._list(l.keys, '@'),                                                    -- 15
        settings,                                                                       -- 16
        guard,                                                                          -- 17
        momentum._list(l.days, '(t.@, t.@ IS DISTINCT FROM p.@), (p.@, t.@ IS DISTINCT FROM p.@),', ' '),  -- 18
        CASE WHEN s.force THEN 'true'
             WHEN l.spans THEN 'd.moved'
             ELSE 'p.content_hash IS DISTINCT FROM t.content_hash OR d.moved' END,        -- 19
        momentum._list(l.days, '(t.@),', ' '),                                          -- 20
        s.stream,                                                                       -- 21
        CASE WHEN l.spans
             THEN format('(SELECT g::date AS day FROM (SELECT min(c.day) FROM changed c) m (first), generate_series(m.first::timestamp, %L::date::timestamp, ''1 day'') g)', s.complete)
             ELSE '(SELECT c.day FROM changed c)' END,                                  -- 22
        CASE WHEN priced
             THEN format('(SELECT count(*) FROM up t WHERE t.currency <> %1$L)'
                         ' - (SELECT count(*) FROM old p JOIN up t ON %2$s WHERE p.currency <> %1$L)'
                         ' - (SELECT count(*) FROM gone t WHERE t.currency <> %1$L)', s.currency, same_key)
             ELSE '0::bigint' END);                                                     -- 23
END
$$;
COMMENT ON FUNCTION momentum._load_rows_statement(momentum._slice, momentum._loader) IS 'The one statement that stores a slice of plain rows.';
REVOKE ALL ON FUNCTION momentum._load_rows_statement(momentum._slice, momentum._loader) FROM PUBLIC;

CREATE FUNCTION momentum._load_rows(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    failed boolean := false;
BEGIN
    PERFORM momentum._has_erasures(s.brand);      -- locks, before a snapshot is taken
    BEGIN
        EXECUTE momentum._load_rows_statement(s, l) INTO result;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        IF NOT momentum._leaves_unread() AND momentum._unread_place() IS NOT NULL THEN
            RAISE;                                -- it was not read, so there is nothing to halve
        END IF;
        failed := true;
    END;
    IF failed THEN
        result := momentum._load_rows_carefully(s, l);
    END IF;
    IF EXISTS (SELECT FROM momentum_state.dead_letter d
                WHERE d.brand = s.brand AND d.source = s.source AND d.feed = split_part(l.target, '.', 2) AND d.replayed_at IS NULL) THEN
        PERFORM momentum._close_overtaken(s, l);
    END IF;
    PERFORM momentum._analyze_grown(l.target);
    IF l.kind = 'day' AND 'channel' = ANY (l.columns) THEN
        PERFORM momentum._meet_channels(s, l);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_rows(momentum._slice, momentum._loader) IS 'Loads one slice of a resource whose records are rows of one hub table.';
REVOKE ALL ON FUNCTION momentum._load_rows(momentum._slice, momentum._loader) FROM PUBLIC;

-- One bad row must not hold up a stream for ever.  When a slice fails for what
-- is in it, its page is put into a temporary table and stored by halves until
-- the rows that fail stand alone; these become dead letters.  What the service
-- no longer has goes last: a row that was refused is not gone.
CREATE FUNCTION momentum._load_rows_carefully(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    resource CONSTANT text := (SELECT jsonb_object_keys(l.reads) LIMIT 1);
    kept CONSTANT momentum._loader := l;
    result momentum._slice_result;
    removed momentum._slice_result;
    refused bigint;
BEGIN
    DROP TABLE IF EXISTS pg_temp.momentum_page;
    EXECUTE format('CREATE TEMP TABLE momentum_page ON COMMIT DROP AS SELECT row_number() OVER () AS "page line", false AS "page bad", x.*'
                   ' FROM (SELECT DISTINCT ON (%s) q.* FROM (%s) AS q (%s) ORDER BY %s%s) x',
                   momentum._list(l.keys, 'q.@'),
                   momentum._without_erased(s.brand, s.source, l.target, l.columns, momentum._read(s, l, resource)),
                   momentum._list(l.columns, '@'), momentum._list(l.keys, 'q.@'),
                   CASE WHEN 'source_updated_at' = ANY (l.columns) THEN ', q.source_updated_at DESC NULLS LAST' ELSE '' END);
    CREATE UNIQUE INDEX ON pg_temp.momentum_page ("page line");
    ANALYZE pg_temp.momentum_page;
    s.tables := jsonb_build_object(resource, 'pg_temp.momentum_page');
    l.scope := NULL;
    result := momentum._load_rows_halved(s, l, resource, 1, (SELECT max(p."page line") FROM pg_temp.momentum_page p));
    SELECT count(*), count(*) FILTER (WHERE p."page bad") INTO result.rows_read, refused FROM pg_temp.momentum_page p;
    IF kept.scope IS NOT NULL THEN
        l.scope := kept.scope || format(' AND NOT EXISTS (SELECT FROM pg_temp.momentum_page r WHERE r."page bad" AND %s)',
                                        momentum._list(l.keys, 'r.@ = t.@', ' AND '));
        l.reads := jsonb_build_object(resource, momentum._page_query(l, 'NOT "page bad"'));
        EXECUTE momentum._load_rows_statement(s, l) INTO removed;
        result.rows_changed := result.rows_changed + removed.rows_changed;
        result.stored := result.stored + removed.stored;
        result.foreign_rows := result.foreign_rows + removed.foreign_rows;
        result.warnings := removed.warnings;
    END IF;
    IF refused > 0 THEN
        result.warnings := coalesce(result.warnings, '{}')
            || format('%s %s refused: momentum.dead_letter tells why', refused, CASE refused WHEN 1 THEN 'row was' ELSE 'rows were' END);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_rows_carefully(momentum._slice, momentum._loader) IS 'Loads a slice that failed: stores what can be, makes dead letters of the rest.';
REVOKE ALL ON FUNCTION momentum._load_rows_carefully(momentum._slice, momentum._loader) FROM PUBLIC;

-- A row that was refused and that a later slice has brought in good order has
-- no letter any more.
CREATE FUNCTION momentum._close_overtaken(s momentum._slice, l momentum._loader) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    EXECUTE format('UPDATE momentum_state.dead_letter d
           SET replayed_at = clock_timestamp(), last_at = clock_timestamp(), next_at = NULL, payload = NULL, body = NULL
         WHERE d.brand = $1 AND d.source = $2 AND d.feed = $3 AND d.origin = ''sync'' AND d.replayed_at IS NULL
           AND EXISTS (SELECT FROM %s t WHERE t.brand = d.brand AND t.source = d.source AND %s AND t.loaded_at > d.last_at)',
           l.target, (SELECT string_agg(format('t.%I::text = d.payload ->> %L', k, k), ' AND ') FROM unnest(l.keys) k))
      USING s.brand, s.source, split_part(l.target, '.', 2);
END
$$;
COMMENT ON FUNCTION momentum._close_overtaken(momentum._slice, momentum._loader) IS 'Closes dead letters of rows that have come in after all.';
REVOKE ALL ON FUNCTION momentum._close_overtaken(momentum._slice, momentum._loader) FROM PUBLIC;

CREATE FUNCTION momentum._page_query(l momentum._loader, condition text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT format('SELECT %s FROM %%s WHERE %s', replace(momentum._list(l.columns, '@'), '%', '%%'), condition) $$;
COMMENT ON FUNCTION momentum._page_query(momentum._loader, text) IS 'Reads rows of a page that was put into a temporary table.';
REVOKE ALL ON FUNCTION momentum._page_query(momentum._loader, text) FROM PUBLIC;

CREATE FUNCTION momentum._load_rows_halved(s momentum._slice, l momentum._loader, resource text, lo bigint, hi bigint)
    RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    other momentum._slice_result;
    entry jsonb;
    message text;
    state text;
BEGIN
    l.reads := jsonb_build_object(resource, momentum._page_query(l, format('"page line" BETWEEN %s AND %s', lo, hi)));
    BEGIN
        EXECUTE momentum._load_rows_statement(s, l) INTO result;
        RETURN result;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
    END;
    IF lo >= hi THEN
        SELECT to_jsonb(p) - '{page line,page bad}'::text[] || jsonb_build_object('brand', s.brand, 'source', s.source)
          INTO entry FROM pg_temp.momentum_page p WHERE p."page line" = lo;
        PERFORM momentum._dead_letter(s.brand, s.source, split_part(l.target, '.', 2), NULL, entry, message, state, 'sync',
                                      (SELECT string_agg(entry ->> k, '/' ORDER BY n) FROM unnest(l.keys) WITH ORDINALITY u (k, n)));
        UPDATE pg_temp.momentum_page p SET "page bad" = true WHERE p."page line" = lo;
        RETURN ROW(0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::text[], NULL::text, NULL::date);
    END IF;
    result := momentum._load_rows_halved(s, l, resource, lo, (lo + hi) / 2);
    other := momentum._load_rows_halved(s, l, resource, (lo + hi) / 2 + 1, hi);
    result.rows_changed := result.rows_changed + other.rows_changed;
    result.stored := result.stored + other.stored;
    result.foreign_rows := result.foreign_rows + other.foreign_rows;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_rows_halved(momentum._slice, momentum._loader, text, bigint, bigint) IS 'Stores a range of a page, halved where it fails; a single row that fails becomes a dead letter.';
REVOKE ALL ON FUNCTION momentum._load_rows_halved(momentum._slice, momentum._loader, text, bigint, bigint) FROM PUBLIC;

-- During a first load a table outgrows its statistics long before autovacuum
-- looks, and plans made for an empty table are slow on a full one.
CREATE FUNCTION momentum._analyze_grown(relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    known_pages integer;
BEGIN
    SELECT c.relpages INTO known_pages FROM pg_class c WHERE c.oid = relation;
    IF pg_relation_size(relation) / current_setting('block_size')::integer > 2 * known_pages + 4 THEN
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', relation);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._analyze_grown(regclass) IS 'Analyzes a table that has more than doubled since it was last analyzed.';
REVOKE ALL ON FUNCTION momentum._analyze_grown(regclass) FROM PUBLIC;

-- A database restored from a dump has tables without statistics until autovacuum
-- comes by, and views that take seconds then take an hour.
CREATE FUNCTION momentum._analyze_unknown() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation regclass;
    analyzed bigint := 0;
BEGIN
    FOR relation IN
        SELECT c.oid
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('hub', 'momentum_state') AND c.relkind IN ('r', 'm')
           AND current_setting('track_counts')::boolean
           AND coalesce(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL
           AND pg_has_role(c.relowner, 'USAGE') AND pg_relation_size(c.oid) > 4 * current_setting('block_size')::bigint
         ORDER BY c.oid LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', relation);
        analyzed := analyzed + 1;
    END LOOP;
    RETURN analyzed;
END
$$;
COMMENT ON FUNCTION momentum._analyze_unknown() IS 'Analyzes the tables of more than four pages of which the server does not know that they ever were; returns how many.';
REVOKE ALL ON FUNCTION momentum._analyze_unknown() FROM PUBLIC;

-- A channel is known from its first fact on; days it is found to have been
-- known before get their zeros.
CREATE FUNCTION momentum._meet_channels(s momentum._slice, l momentum._loader) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    EXECUTE format($q$
WITH met AS (
    INSERT INTO momentum_state.channel AS c (brand, source, stream, channel, first_day)
    SELECT %1$L, %2$L, %3$L, t.channel, min(t.day)
      FROM %4$s t
     WHERE t.brand = %1$L AND t.source = %2$L AND %5$s AND t.day >= %6$L AND t.day < %7$L
     GROUP BY t.channel
    ON CONFLICT (brand, source, stream, channel) DO UPDATE SET first_day = excluded.first_day
     WHERE excluded.first_day < c.first_day
    RETURNING c.first_day)
INSERT INTO momentum_state.changed_day (brand, source, stream, day)
SELECT %1$L, %2$L, %3$L, g::date
  FROM (SELECT min(m.first_day) FROM met m) m (first), generate_series(m.first::timestamp, %8$L::date::timestamp, '1 day') g$q$,
        s.brand, s.source, s.stream, l.target, coalesce(l.scope, 'true'), s.day_lo, s.day_hi, s.complete);
END
$$;
COMMENT ON FUNCTION momentum._meet_channels(momentum._slice, momentum._loader) IS 'Registers the channels that the days of a slice brought.';
REVOKE ALL ON FUNCTION momentum._meet_channels(momentum._slice, momentum._loader) FROM PUBLIC;
