-- Records that cannot be read: a value that is none of its column's type, such
-- as a price "abc" or a date of month 13.  A scan that meets one fails, as
-- every scan does.  The slice is read once more then, past what cannot be
-- read; that becomes dead letters, and the rest is stored.
--
-- What is only right as a whole is not: sums that the loader makes, sets that
-- replace one another, the books.  Their slices fail until the service is
-- mended.

-- What belongs to an order that cannot be read in one of its parts.
CREATE FUNCTION momentum._unread_order(s momentum._slice, relation regclass, columns jsonb, record jsonb) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN relation IS NULL THEN record ->> 'order_id' ELSE
               (SELECT CASE WHEN t.key = 'orders' THEN CASE WHEN NOT columns ? 'id' THEN record ->> 'id' END
                            WHEN NOT columns ? 'order_id' THEN record ->> 'order_id' END
                  FROM jsonb_each_text(s.tables) t WHERE to_regclass(t.value) = relation) END
$$;
COMMENT ON FUNCTION momentum._unread_order(momentum._slice, regclass, jsonb, jsonb) IS 'The order that a record belongs to which cannot be read; NULL: that cannot be told.';
REVOKE ALL ON FUNCTION momentum._unread_order(momentum._slice, regclass, jsonb, jsonb) FROM PUBLIC;

-- An order is stored with all that belongs to it or not at all.
CREATE FUNCTION momentum._drop_unread_orders(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    ids text[];
    lost record;
BEGIN
    IF NOT momentum._leaves_unread() THEN
        RETURN;
    END IF;
    SELECT u.reason, u.state INTO lost
      FROM momentum._unread() u
     WHERE momentum._unread_order(s, u.relation, u.columns::jsonb, momentum._clean_json(u.record)) IS NULL
       AND (s.tables ->> 'orders')::regclass IS DISTINCT FROM u.relation;
    IF FOUND THEN
        RAISE EXCEPTION '%', lost.reason
            USING ERRCODE = lost.state,
                  DETAIL = 'Which order it belongs to cannot be read.';
    END IF;
    ids := ARRAY(SELECT momentum._unread_order(s, u.relation, u.columns::jsonb, momentum._clean_json(u.record)) FROM momentum._unread() u);
    DELETE FROM pg_temp.momentum_line l WHERE l.order_id = ANY (ids);
    DELETE FROM pg_temp.momentum_refund r WHERE r.order_id = ANY (ids);
    DELETE FROM pg_temp.momentum_refund_line r WHERE r.order_id = ANY (ids);
    DELETE FROM pg_temp.momentum_order o WHERE o.order_id = ANY (ids);
END
$$;
COMMENT ON FUNCTION momentum._drop_unread_orders(momentum._slice) IS 'Takes the orders that could not be read in full from the temporary tables.';
REVOKE ALL ON FUNCTION momentum._drop_unread_orders(momentum._slice) FROM PUBLIC;

-- The range of a slice that a record is in: its second, its day, else all of
-- the slice.  Empty: another slice has it.
CREATE FUNCTION momentum._unread_range(s momentum._slice, l momentum._loader, columns jsonb, record jsonb) RETURNS tstzrange
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    stamp CONSTANT text := CASE WHEN record ? 'order_updated_at' THEN 'order_updated_at' ELSE 'updated_at' END;
    wanted CONSTANT tstzrange := CASE l.kind WHEN 'instant' THEN tstzrange(s.lo, s.hi)
                                             WHEN 'day' THEN tstzrange(s.day_lo::timestamp AT TIME ZONE 'UTC', s.day_hi::timestamp AT TIME ZONE 'UTC') END;
    at timestamptz;
BEGIN
    IF l.kind = 'instant' AND NOT columns ? stamp THEN
        at := date_trunc('second', (record ->> stamp)::timestamptz);
        RETURN CASE WHEN at IS NULL THEN wanted ELSE wanted * tstzrange(at, at + interval '1 second') END;
    ELSIF l.kind = 'day' AND NOT columns ? 'day' THEN
        at := (record ->> 'day')::date::timestamp AT TIME ZONE 'UTC';
        RETURN CASE WHEN at IS NULL THEN wanted ELSE wanted * tstzrange(at, at + interval '1 day') END;
    END IF;
    RETURN wanted;
END
$$;
COMMENT ON FUNCTION momentum._unread_range(momentum._slice, momentum._loader, jsonb, jsonb) IS
    'The part of a slice in which a record is that could not be read: instants, or days as if of UTC; NULL: the slice has no range.';
REVOKE ALL ON FUNCTION momentum._unread_range(momentum._slice, momentum._loader, jsonb, jsonb) FROM PUBLIC;

-- The letters of what was left out, one for each order or record: the columns
-- that were read, beside what it takes to ask for it again.
CREATE FUNCTION momentum._keep_unread(s momentum._slice, l momentum._loader) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    items text[];
BEGIN
    SELECT array_agg(x.item) INTO items
      FROM (SELECT i.item,
                   momentum._dead_letter(s.brand, s.source, 'unread', NULL,
                       i.record || jsonb_build_object('unread', jsonb_build_object('item', i.item, 'stream', s.stream, 'table', i.relation::text,
                                                      'columns', i.columns, 'key', i.key, 'from', lower(i.range), 'to', upper(i.range)))
                                || CASE WHEN i.key IS NULL THEN '{}'
                                        WHEN l.load = 'momentum._load_customers'::regproc THEN jsonb_build_object('customer_id', i.key)
                                        WHEN l.load = 'momentum._load_orders'::regproc THEN jsonb_build_object('order_id', i.key)
                                        ELSE '{}' END,
                       CASE WHEN i.key IS NULL THEN ''
                            ELSE format('%s %s: ', CASE l.load WHEN 'momentum._load_orders'::regproc THEN 'order' ELSE 'record' END, i.key) END
                       || i.reason, i.state, 'sync', i.item)
              FROM (SELECT DISTINCT ON (v.item) v.*
                      FROM (SELECT u.place, u.relation, u.reason, u.state, c.columns, c.record, k.key, r.range,
                                   s.stream || '/' || coalesce(k.key, md5(u.record)) AS item
                              FROM momentum._unread() WITH ORDINALITY u (relation, key, columns, record, reason, state, place),
                                   LATERAL (SELECT u.columns::jsonb, coalesce(momentum._clean_json(u.record), '{}')) c (columns, record),
                                   LATERAL (SELECT CASE WHEN l.load = 'momentum._load_orders'::regproc
                                                        THEN momentum._unread_order(s, u.relation, c.columns, c.record) ELSE u.key END) k (key),
                                   LATERAL (SELECT momentum._unread_range(s, l, c.columns, c.record)) r (range)) v
                     WHERE v.range IS NULL OR NOT isempty(v.range)
                     ORDER BY v.item, v.place OFFSET 0) i OFFSET 0) x;
    RETURN coalesce(items, '{}');
END
$$;
COMMENT ON FUNCTION momentum._keep_unread(momentum._slice, momentum._loader) IS 'Makes dead letters of the records of a slice that could not be read, and returns their names.';
REVOKE ALL ON FUNCTION momentum._keep_unread(momentum._slice, momentum._loader) FROM PUBLIC;

-- What could not be read is not gone, so nothing of the hub is removed.  Where
-- a good part of it cannot be read something else is wrong, and the feed
-- stands still rather than go on with what is left.
CREATE FUNCTION momentum._load_past_unread(s momentum._slice, l momentum._loader, OUT result momentum._slice_result, OUT items text[])
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    n bigint;
    sample record;
BEGIN
    PERFORM momentum._leave_unread(true);
    l.scope := NULL;
    EXECUTE format('SELECT * FROM %s($1, $2)', l.load) INTO result USING s, l;
    items := momentum._keep_unread(s, l);
    n := cardinality(items);
    IF n > greatest(20, 0.05 * (result.rows_read + n)) THEN
        SELECT u.reason, u.state INTO sample FROM momentum._unread() u LIMIT 1;
        RAISE EXCEPTION '%', sample.reason
            USING ERRCODE = sample.state,
                  DETAIL = format('%s of %s records cannot be read: more than 5 %%, so nothing is stored.', n, result.rows_read + n);
    END IF;
    PERFORM momentum._leave_unread(false);
    IF n > 0 THEN
        PERFORM momentum._erase_again(s.brand, 'momentum_state.dead_letter', now());
        result.warnings := coalesce(result.warnings, '{}')
            || format('%s could not be read: momentum.dead_letter tells why', CASE n WHEN 1 THEN '1 record' ELSE n || ' records' END);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._load_past_unread(momentum._slice, momentum._loader) IS
    'Loads a slice that has failed for a value, without the records that cannot be read; these become dead letters, whose names it returns too.';
REVOKE ALL ON FUNCTION momentum._load_past_unread(momentum._slice, momentum._loader) FROM PUBLIC;

-- Loads a slice.  It has begun anew when what failed it was a value.
CREATE FUNCTION momentum._load_slice(s momentum._slice, l momentum._loader, OUT result momentum._slice_result, OUT items text[])
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    message text;
    state text;
    place text;
    loaded record;
BEGIN
    items := '{}';
    PERFORM momentum._leave_unread(false);
    BEGIN
        EXECUTE format('SELECT * FROM %s($1, $2)', l.load) INTO result USING s, l;
        RETURN;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        place := momentum._unread_place();
        IF place IS NULL THEN
            RAISE;
        END IF;
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
    END;
    IF l.whole THEN
        RAISE EXCEPTION '%', message
            USING ERRCODE = state,
                  DETAIL = place,
                  HINT = 'These records are taken all together or not at all; mend the record at the service.';
    END IF;
    SELECT * INTO loaded FROM momentum._load_past_unread(s, l);
    result := loaded.result;
    items := loaded.items;
END
$$;
COMMENT ON FUNCTION momentum._load_slice(momentum._slice, momentum._loader) IS
    'Loads one slice: all of it, or what can be read of it; returns the names of the letters of what cannot.';
REVOKE ALL ON FUNCTION momentum._load_slice(momentum._slice, momentum._loader) FROM PUBLIC;

-- A record has been read once the range that has it was, or once a newer state
-- of it has come.
CREATE FUNCTION momentum._close_unread(s momentum._slice, l momentum._loader, items text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target CONSTANT text := CASE l.load WHEN 'momentum._load_orders'::regproc THEN 'hub.orders'
                                        WHEN 'momentum._load_customers'::regproc THEN 'hub.customers' ELSE l.target END;
    key CONSTANT text := CASE l.load WHEN 'momentum._load_orders'::regproc THEN 'order_id'
                                     WHEN 'momentum._load_customers'::regproc THEN 'customer_id'
                                     ELSE l.keys[array_upper(l.keys, 1)] END;
BEGIN
    IF NOT EXISTS (SELECT FROM momentum_state.dead_letter d
                    WHERE d.brand = s.brand AND d.source = s.source AND d.feed = 'unread' AND d.replayed_at IS NULL) THEN
        RETURN;
    END IF;
    EXECUTE format('UPDATE momentum_state.dead_letter d
           SET replayed_at = clock_timestamp(), last_at = clock_timestamp(), next_at = NULL, payload = NULL, body = NULL
         WHERE d.brand = $1 AND d.source = $2 AND d.feed = ''unread'' AND d.replayed_at IS NULL AND d.item <> ALL ($3)
           AND d.payload #>> ''{unread,stream}'' = $4
           AND ($5 OR $6 @> tstzrange((d.payload #>> ''{unread,from}'')::timestamptz, (d.payload #>> ''{unread,to}'')::timestamptz)
                OR %s)',
           CASE WHEN l.kind <> 'day' AND target IS NOT NULL
                THEN format('EXISTS (SELECT FROM %s t WHERE t.brand = d.brand AND t.source = d.source AND t.%I = d.payload #>> ''{unread,key}'' AND t.loaded_at > d.last_at)',
                            target, key)
                ELSE 'false' END)
      USING s.brand, s.source, items, s.stream, l.kind = 'full',
            CASE l.kind WHEN 'instant' THEN tstzrange(s.lo, s.hi)
                        WHEN 'day' THEN tstzrange(s.day_lo::timestamp AT TIME ZONE 'UTC', s.day_hi::timestamp AT TIME ZONE 'UTC') END;
END
$$;
COMMENT ON FUNCTION momentum._close_unread(momentum._slice, momentum._loader, text[]) IS 'Closes the letters of records that a slice has read after all; the items are those that it has not.';
REVOKE ALL ON FUNCTION momentum._close_unread(momentum._slice, momentum._loader, text[]) FROM PUBLIC;

-- The service is asked again, for that second or day.
CREATE FUNCTION momentum._replay_unread(brand text, source text, payload jsonb, body bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    told CONSTANT jsonb := payload -> 'unread';
    s momentum._slice := momentum._letter_slice(brand, source, told ->> 'stream');
    st momentum._stream := momentum._lock_stream(brand, source, told ->> 'stream');
    l momentum._loader;
    loaded record;
    refused record;
BEGIN
    SELECT x.* INTO l FROM momentum_state.source c, momentum._loader_of(c.service, st.loader) x
     WHERE c.brand = st.brand AND c.source = st.source;
    s.tables := st.tables;
    s.complete := st.complete_through;
    IF l.kind = 'instant' THEN
        s.lo := told ->> 'from';
        s.hi := told ->> 'to';
    ELSIF l.kind = 'day' THEN
        s.day_lo := (told ->> 'from')::timestamptz AT TIME ZONE 'UTC';
        s.day_hi := (told ->> 'to')::timestamptz AT TIME ZONE 'UTC';
    END IF;
    SELECT * INTO loaded FROM momentum._load_slice(s, l);
    IF told ->> 'item' = ANY (loaded.items) THEN
        SELECT d.reason, d.sqlstate INTO refused FROM momentum_state.dead_letter d
         WHERE d.brand = s.brand AND d.source = s.source AND d.feed = 'unread' AND d.item = told ->> 'item' AND d.replayed_at IS NULL;
        IF NOT FOUND THEN                -- an erased person's, so it is no letter any more
            RETURN;
        END IF;
        RAISE EXCEPTION '%', refused.reason
            USING ERRCODE = refused.sqlstate,
                  HINT = 'Mend the record at the service.';
    END IF;
    UPDATE momentum_state.stream t
       SET rows_stored = t.rows_stored + (loaded.result).stored,
           foreign_currency_rows = t.foreign_currency_rows + (loaded.result).foreign_rows
     WHERE t.brand = st.brand AND t.source = st.source AND t.stream = st.stream;
END
$$;
COMMENT ON FUNCTION momentum._replay_unread(text, text, jsonb, bytea) IS 'Asks the service again for a record that could not be read, and loads it.';
REVOKE ALL ON FUNCTION momentum._replay_unread(text, text, jsonb, bytea) FROM PUBLIC;
