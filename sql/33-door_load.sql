-- Some sources know their customers by address.  An id is shown to everybody,
-- an address is not: the id becomes a stand-in, the address goes where it
-- belongs.  Returns the columns that the file has then.
CREATE FUNCTION momentum._door_hide_addresses(d momentum._door, given text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    stage CONSTANT text := momentum._door_stage(d.feed);
    address text;
    hidden bigint;
BEGIN
    -- A conversation may bear the address, or the number, of who began it.
    IF d.feed = 'customer_inquiries' AND 'thread' = ANY (given) THEN
        EXECUTE format($q$UPDATE %s e SET thread = momentum._stand_in('thread', e.brand, lower(btrim(e.thread)), (SELECT s.salt FROM momentum_state.salt s))
                           WHERE e.thread ~ '^\s*([^@\s<>]+@[^@\s<>]+|[+0][0-9 ().-]{6,})\s*$'$q$, stage);
    END IF;
    IF 'customer_id' <> ALL (given) OR NOT EXISTS (SELECT FROM momentum._door_columns(d) c WHERE c.name = 'customer_id' AND c.is_entry) THEN
        RETURN given;
    END IF;
    -- An id that is empty is none: else all whom nobody knows would be one customer.
    IF NOT EXISTS (SELECT FROM momentum._door_columns(d) c WHERE c.name = 'customer_id' AND c.is_key) THEN
        EXECUTE format('UPDATE %s e SET customer_id = nullif(btrim(e.customer_id), '''') WHERE e.customer_id = '''' OR e.customer_id <> btrim(e.customer_id)', stage);
    END IF;
    SELECT c.name INTO address FROM momentum._door_columns(d) c WHERE c.name IN ('email', 'customer_email') AND c.is_entry;
    EXECUTE format('UPDATE %s e SET customer_id = momentum._stand_in(''person'', e.brand, lower(btrim(e.customer_id)), (SELECT s.salt FROM momentum_state.salt s))%s'
                   ' WHERE strpos(e.customer_id, ''@'') > 0', stage,
                   CASE WHEN address IS NOT NULL THEN format(', %1$I = coalesce(nullif(btrim(e.%1$I), ''''), btrim(e.customer_id))', address) END);
    GET DIAGNOSTICS hidden = ROW_COUNT;
    IF hidden = 0 OR address IS NULL OR address = ANY (given) THEN
        RETURN given;
    END IF;
    -- The other rows of a file without addresses keep what they have.
    EXECUTE format('UPDATE %1$s e SET %2$I = t.%2$I FROM hub.%3$I t WHERE e.%2$I IS NULL AND t.brand = e.brand AND %4$s', stage, address, d.feed,
                   (SELECT string_agg(format('t.%1$I::text = e.%1$I', c.name), ' AND ') FROM momentum._door_columns(d) c WHERE c.is_key AND c.name <> 'brand'));
    RETURN given || address;
END
$$;
COMMENT ON FUNCTION momentum._door_hide_addresses(momentum._door, text[]) IS 'Puts stand-ins in the place of ids that are addresses, and takes those that are empty for none.';
REVOKE ALL ON FUNCTION momentum._door_hide_addresses(momentum._door, text[]) FROM PUBLIC;

-- What a file says of consent holds where nothing newer is known: a word in its
-- column of preferences, or in the shop's column of e-mail, said when the row
-- was updated, else now.  What cannot be read is left to be refused.
CREATE FUNCTION momentum._said_consent(known jsonb, preferences text, mail text, source text, updated text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    said jsonb := preferences;
BEGIN
    mail := lower(nullif(btrim(mail), ''));
    IF mail IS NOT NULL AND NOT coalesce(said ? 'email', false) AND mail IS DISTINCT FROM known #>> '{email,state}' THEN
        said := coalesce(said, '{}') || jsonb_build_object('email', momentum._consent(source, mail, coalesce(nullif(btrim(updated), '')::timestamptz, now()), NULL));
    END IF;
    RETURN CASE WHEN known IS NULL THEN said ELSE momentum._newer_consent(known, coalesce(said, '{}')) END;
EXCEPTION WHEN data_exception THEN
    RETURN preferences;
END
$$;
COMMENT ON FUNCTION momentum._said_consent(jsonb, text, text, text, text) IS 'The marketing preferences of a row of a file, put together with those that are known.';
REVOKE ALL ON FUNCTION momentum._said_consent(jsonb, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._door_newest_consent(d momentum._door, given text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    stage CONSTANT text := momentum._door_stage(d.feed);
BEGIN
    IF d.feed <> 'customers' OR NOT given && '{marketing_preferences,email_marketing_state}' THEN
        RETURN given;
    END IF;
    -- The first file of a hub that says all in its own column is as it is.
    IF 'email_marketing_state' <> ALL (given) AND NOT EXISTS (SELECT FROM hub.customers) THEN
        RETURN given;
    END IF;
    EXECUTE format('UPDATE %s e SET marketing_preferences = momentum._said_consent((SELECT t.marketing_preferences FROM hub.customers t'
                   ' WHERE t.brand = e.brand AND t.source = e.source AND t.customer_id = e.customer_id),'
                   ' e.marketing_preferences, e.email_marketing_state, e.source, e.source_updated_at)', stage);
    RETURN CASE WHEN 'marketing_preferences' = ANY (given) THEN given ELSE given || 'marketing_preferences'::text END;
END
$$;
COMMENT ON FUNCTION momentum._door_newest_consent(momentum._door, text[]) IS 'Has the newest word of consent hold in a file of customers.';
REVOKE ALL ON FUNCTION momentum._door_newest_consent(momentum._door, text[]) FROM PUBLIC;

-- The load itself, once per statement into a door.
CREATE FUNCTION momentum._door_load(door regclass, given text[], rows bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d momentum._door;
    stage text;
    is_copy CONSTANT boolean := given IS NOT NULL;
    b record;
    r momentum._door_result;
    failed boolean;
    refused bigint;
    is_first boolean;           -- of its brand: the table has no other rows
    groups_query text;
    groups jsonb;
    memory text;
    target text;
    began CONSTANT timestamptz := clock_timestamp();
BEGIN
    PERFORM momentum._check_setup();
    SELECT * INTO d FROM momentum._door_of((SELECT regexp_replace(c.relname, '_entry$', '') FROM pg_class c WHERE c.oid = door));
    stage := momentum._door_stage(d.feed);
    IF given IS NULL THEN
        EXECUTE (SELECT format('SELECT array_remove(ARRAY[%s], NULL) FROM %s e',
                               string_agg(format('CASE WHEN bool_or(e.%I IS NOT NULL) THEN %L END', c.name, c.name), ', ' ORDER BY c.place), stage)
                   FROM momentum._door_columns(d) c WHERE c.is_entry) INTO given;
    END IF;
    IF to_regclass('pg_temp.momentum_door_count') IS NULL THEN
        CREATE TEMP TABLE momentum_door_count (refused bigint) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_door_stream (brand text, source text, stream text) ON COMMIT DELETE ROWS;
    END IF;
    TRUNCATE pg_temp.momentum_door_count, pg_temp.momentum_door_stream;
    INSERT INTO pg_temp.momentum_door_count VALUES (0);
    IF rows > 1000 THEN
        -- A file is a batch: it may have the memory that making an index has.
        memory := current_setting('work_mem');
        PERFORM set_config('work_mem', greatest(pg_size_bytes(memory), pg_size_bytes(current_setting('maintenance_work_mem'))) / 1024 || 'kB', true);
        -- A look at the rows will do for the plans: autovacuum, to which all of
        -- them are new once they are committed, looks closer.
        target := current_setting('default_statistics_target');
        PERFORM set_config('default_statistics_target', least(target::integer, 20)::text, true);
        EXECUTE format('ANALYZE %s (%s)', stage,
                       (SELECT string_agg(quote_ident(c.name), ', ') FROM momentum._door_columns(d) c WHERE c.is_key AND c.is_entry));
    END IF;
    given := momentum._door_newest_consent(d, momentum._door_hide_addresses(d, given));
    -- Gathered once; an open cursor would keep the index below from being made.
    groups_query := format('SELECT jsonb_agg(x) FROM (SELECT e.brand, %s AS source, min(e.line) AS lo, max(e.line) AS hi FROM %s e GROUP BY 1, 2) x',
                           CASE WHEN 'source' = ANY (given) THEN 'e.source' ELSE 'NULL::text' END, stage);
    EXECUTE groups_query INTO groups;
    PERFORM momentum._door_turn(x.brand)
       FROM (SELECT g ->> 'brand' AS brand FROM jsonb_array_elements(groups) g WHERE g ->> 'brand' IS NOT NULL ORDER BY 1) x;
    PERFORM momentum._door_check(d, given, groups);
    PERFORM momentum._door_check_values(d, given);
    -- Of a big file of lines the sums will tell, in a pass that is made anyway.
    IF d.parent IS NOT NULL
       AND (d.feed <> 'order_line_items' OR rows <= 1000 OR current_setting('momentum.door_errors') = 'keep') THEN
        PERFORM momentum._door_check_parents(d, given);
    END IF;
    SELECT n.refused INTO refused FROM pg_temp.momentum_door_count n;
    IF refused > 0 THEN
        EXECUTE groups_query INTO groups;
    END IF;
    FOR b IN SELECT x.brand, min(x.lo) AS lo, max(x.hi) AS hi, array_agg(x.source) FILTER (WHERE x.source <> '') AS sources
               FROM jsonb_to_recordset(groups) x (brand text, source text, lo bigint, hi bigint) GROUP BY 1 ORDER BY 1 LOOP
        INSERT INTO pg_temp.momentum_door_stream
        SELECT b.brand, s.source, st FROM unnest(b.sources) s (source), momentum._door_streams(d, b.brand, s.source) st;
        failed := false;
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM hub.%I t WHERE t.brand = $1)', d.feed) INTO is_first USING b.brand;
        IF d.before IS NOT NULL THEN
            EXECUTE format('SELECT %s($1, $2)', d.before) USING d, b.brand;
        END IF;
        PERFORM momentum._has_erasures(b.brand);
        BEGIN
            r := momentum._door_store(d, b.brand, given, is_copy, NULL, NULL, is_first);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR cardinality_violation THEN
            failed := true;
        END;
        IF failed THEN
            is_first := false;
            IF to_regclass(format('pg_temp.%I', left('momentum_line_' || d.feed, 63))) IS NULL THEN
                EXECUTE format('CREATE INDEX %I ON %s (line)', left('momentum_line_' || d.feed, 63), stage);
            END IF;
            PERFORM momentum._door_refuse_twice(d, given);
            r := momentum._door_halve(d, b.brand, given, is_copy, b.lo, b.hi);
        END IF;
        -- Who was erased does not come back by a file.
        PERFORM momentum._erase_again(b.brand, format('hub.%I', d.feed), now()),
                momentum._erase_again(b.brand, 'momentum_state.dead_letter', now());
        IF d.after IS NOT NULL THEN
            EXECUTE format('SELECT %s($1, $2, $3)', d.after) USING d, b.brand, is_first;
        END IF;
        PERFORM momentum._door_streams_grown(d, b.brand, r);
        PERFORM momentum._door_close_letters(d, b.brand, given, began);
        PERFORM momentum._analyze_grown(format('hub.%I', d.feed)::regclass);
        SELECT n.refused INTO refused FROM pg_temp.momentum_door_count n;
        PERFORM momentum._audit(b.brand, 'enter', jsonb_build_object('feed', d.feed, 'rows', rows, 'new', r.rows_new,
                                'changed', r.rows_changed, 'refused', refused, 'from', r.first_day, 'to', r.last_day));
    END LOOP;
    IF memory IS NOT NULL THEN
        PERFORM set_config('work_mem', memory, true), set_config('default_statistics_target', target, true);
    END IF;
    SELECT n.refused INTO refused FROM pg_temp.momentum_door_count n;
    IF refused > 0 THEN
        RAISE WARNING '% of % lines were refused', refused, rows
            USING HINT = 'They are dead letters: momentum.dead_letter tells why, momentum.replay() tries them again.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._door_load(regclass, text[], bigint) IS 'Stores what a statement brought to a door.';
REVOKE ALL ON FUNCTION momentum._door_load(regclass, text[], bigint) FROM PUBLIC;

-- A row that was refused and has now come in, whole, has no letter any more:
-- replayed later, it would undo what was mended.  What was refused in this
-- load stays; so does what tells more of its row than the file did.
CREATE FUNCTION momentum._door_close_letters(d momentum._door, brand text, given text[], began timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM momentum_state.dead_letter l
                    WHERE l.brand = _door_close_letters.brand AND l.feed = d.feed AND l.replayed_at IS NULL AND l.last_at < began) THEN
        RETURN;
    END IF;
    EXECUTE (
        SELECT format($q$UPDATE momentum_state.dead_letter l
           SET replayed_at = clock_timestamp(), last_at = clock_timestamp(), next_at = NULL, payload = NULL, body = NULL
         WHERE l.brand = $1 AND l.feed = $2 AND l.replayed_at IS NULL AND l.last_at < $3
           AND jsonb_typeof(l.payload) = 'object'
           AND NOT EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(l.payload) WHEN 'object' THEN l.payload ELSE '{}' END) k
                            WHERE k.key <> ALL ($4) AND k.value <> 'null')
           AND EXISTS (SELECT FROM %s e WHERE e.brand = l.brand AND %s AND coalesce(%s) IS NOT NULL AND %s)$q$,
           momentum._door_stage(d.feed),
           CASE WHEN 'source' = ANY (given) THEN 'coalesce(e.source, '''') = l.source' ELSE 'true' END,
           string_agg(format('e.%I', c.name), ', '),
           string_agg(format('e.%I IS NOT DISTINCT FROM l.payload ->> %L', c.name, c.name), ' AND '))
          FROM momentum._door_columns(d) c
         WHERE c.is_key AND c.is_entry AND c.name NOT IN ('brand', 'source')
        HAVING count(*) > 0)
      USING brand, d.feed, began, given;
END
$$;
COMMENT ON FUNCTION momentum._door_close_letters(momentum._door, text, text[], timestamptz) IS 'Closes dead letters of rows that a load has brought in after all.';
REVOKE ALL ON FUNCTION momentum._door_close_letters(momentum._door, text, text[], timestamptz) FROM PUBLIC;

-- A stream that nobody syncs begins with its first row.  Days before are not
-- its concern, days from then on are complete only when declared so.
CREATE FUNCTION momentum._door_streams_grown(d momentum._door, brand text, r momentum._door_result) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    channel_of CONSTANT text := (SELECT c.name FROM momentum._door_columns(d) c
                                  WHERE c.name IN ('channel', 'platform', 'retailer') AND cardinality(d.days) > 0 LIMIT 1);
BEGIN
    UPDATE momentum_state.stream t
       SET rows_stored = t.rows_stored + CASE WHEN cardinality(d.days) > 0 OR t.loader = d.feed THEN r.rows_new ELSE 0 END,
           last_run_at = CASE WHEN t.due_at = 'infinity' THEN clock_timestamp() ELSE t.last_run_at END,
           last_success_at = CASE WHEN t.due_at = 'infinity' THEN clock_timestamp() ELSE t.last_success_at END,
           status = CASE WHEN t.due_at = 'infinity' THEN 'ok' ELSE t.status END
      FROM pg_temp.momentum_door_stream n
     WHERE n.brand = _door_streams_grown.brand AND t.brand = n.brand AND t.source = n.source AND t.stream = n.stream;
    IF r.first_day IS NULL THEN
        RETURN;
    END IF;
    -- Days that come before what was the first are complete with it, the empty ones too.
    WITH grown AS (
        UPDATE momentum_state.stream t SET first_day = r.first_day
          FROM pg_temp.momentum_door_stream n
         WHERE n.brand = _door_streams_grown.brand AND t.brand = n.brand AND t.source = n.source AND t.stream = n.stream
           AND t.cursor_day IS NULL AND coalesce(t.first_day > r.first_day, true)
        RETURNING t.source, t.stream, t.complete_through)
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT _door_streams_grown.brand, g.source, g.stream, day::date
      FROM grown g, generate_series(r.first_day::timestamp, coalesce(g.complete_through, r.last_day)::timestamp, '1 day') day;
    IF d.spans THEN
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
        SELECT t.brand, t.source, t.stream, g::date
          FROM pg_temp.momentum_door_stream n
          JOIN momentum_state.stream t ON t.brand = n.brand AND t.source = n.source AND t.stream = n.stream,
               generate_series(r.first_day::timestamp, t.complete_through::timestamp, '1 day') g
         WHERE n.brand = _door_streams_grown.brand;
    END IF;
    IF channel_of IS NOT NULL THEN
        EXECUTE format($q$
            INSERT INTO momentum_state.channel AS c (brand, source, stream, channel, first_day)
            SELECT n.brand, n.source, n.stream, x.channel, least(t.first_day, $2)
              FROM (SELECT DISTINCT e.source, %1$s AS channel FROM %2$s e WHERE e.brand = $1) x
              JOIN pg_temp.momentum_door_stream n ON n.brand = $1 AND n.source = x.source
              JOIN momentum_state.stream t ON t.brand = n.brand AND t.source = n.source AND t.stream = n.stream
             WHERE x.channel IS NOT NULL AND t.cursor_day IS NULL
            ON CONFLICT (brand, source, stream, channel) DO UPDATE SET first_day = excluded.first_day
             WHERE excluded.first_day < c.first_day$q$,
            CASE WHEN d.derived ? channel_of THEN format('coalesce(e.%I, %s)', channel_of, d.derived -> channel_of ->> 'expr')
                 ELSE format('e.%I', channel_of) END, momentum._door_stage(d.feed)) USING brand, r.first_day;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._door_streams_grown(momentum._door, text, momentum._door_result) IS 'Notes what a load did to its streams: rows, the first day, channels.';
REVOKE ALL ON FUNCTION momentum._door_streams_grown(momentum._door, text, momentum._door_result) FROM PUBLIC;

-- Whose orders came or changed: who is new may have changed with them.  The
-- customer that an order had before is noted before it is stored.
CREATE FUNCTION momentum._door_note_customers(d momentum._door, brand text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._stage_orders();
    INSERT INTO pg_temp.momentum_order_old (order_id, customer_key)
    SELECT o.order_id, o.customer_key
      FROM hub.orders o
     WHERE o.brand = _door_note_customers.brand AND o.customer_key IS NOT NULL
       AND EXISTS (SELECT FROM pg_temp.momentum_entry_orders e
                    WHERE e.brand = o.brand AND e.source = o.source AND e.order_id = o.order_id);
END
$$;
COMMENT ON FUNCTION momentum._door_note_customers(momentum._door, text) IS 'Notes the customers of orders that a file may change.';
REVOKE ALL ON FUNCTION momentum._door_note_customers(momentum._door, text) FROM PUBLIC;

-- The first file of a brand is marked while it is stored; only who bought
-- twice at the same instant is looked at again.
CREATE FUNCTION momentum._door_mark_new_customers(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    s momentum._slice;
    marked CONSTANT boolean := is_first AND NOT EXISTS (SELECT FROM pg_temp.momentum_entry_orders e WHERE e.customer_order_index IS NOT NULL);
BEGIN
    s.brand := _door_mark_new_customers.brand;
    FOR s.source, s.stream IN SELECT n.source, min(n.stream) FROM pg_temp.momentum_door_stream n
                               WHERE n.brand = s.brand GROUP BY 1 LOOP
        TRUNCATE pg_temp.momentum_order_up;
        IF marked THEN
            INSERT INTO pg_temp.momentum_order_up (customer_key)
            SELECT o.customer_key FROM hub.orders o
             WHERE o.brand = s.brand AND o.is_new_customer
             GROUP BY 1 HAVING count(*) > 1;
            CONTINUE WHEN NOT FOUND;
        ELSE
            INSERT INTO pg_temp.momentum_order_up (order_id, customer_key)
            SELECT o.order_id, o.customer_key
              FROM pg_temp.momentum_entry_orders e
              JOIN hub.orders o ON o.brand = e.brand AND o.source = e.source AND o.order_id = e.order_id
             WHERE e.brand = s.brand AND e.source = s.source;
        END IF;
        ANALYZE pg_temp.momentum_order_up, pg_temp.momentum_order_old;
        PERFORM momentum._mark_new_customers(s);
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._door_mark_new_customers(momentum._door, text, boolean) IS 'Marks first orders anew after a load by hand.';
REVOKE ALL ON FUNCTION momentum._door_mark_new_customers(momentum._door, text, boolean) FROM PUBLIC;

-- What came back counts on the day of its refund, as long as its order counts,
-- and at the cost of the day of the order.
CREATE FUNCTION momentum._door_after_orders(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._door_mark_new_customers(d, _door_after_orders.brand, is_first);
    IF NOT is_first THEN
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
        SELECT DISTINCT n.brand, n.source, n.stream, r.refund_day
          FROM (SELECT DISTINCT e.source, e.order_id FROM pg_temp.momentum_entry_orders e
                 WHERE e.brand = _door_after_orders.brand) e
          JOIN pg_temp.momentum_door_stream n ON n.brand = _door_after_orders.brand AND n.source = e.source
          JOIN hub.refunds r ON r.brand = n.brand AND r.source = e.source AND r.order_id = e.order_id
          JOIN hub.orders o ON o.brand = r.brand AND o.source = r.source AND o.order_id = r.order_id AND o.loaded_at = now();
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._door_after_orders(momentum._door, text, boolean) IS 'Has what follows from orders that were loaded by hand follow: who is new, and the days of their refunds.';
REVOKE ALL ON FUNCTION momentum._door_after_orders(momentum._door, text, boolean) FROM PUBLIC;

-- The addresses that the customers of a file had before it.
CREATE FUNCTION momentum._door_note_addresses(d momentum._door, brand text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('pg_temp.momentum_door_address') IS NULL THEN
        CREATE TEMP TABLE momentum_door_address (email text) ON COMMIT DELETE ROWS;
    END IF;
    TRUNCATE pg_temp.momentum_door_address;
    INSERT INTO pg_temp.momentum_door_address
    SELECT lower(c.email)
      FROM hub.customers c
     WHERE c.brand = _door_note_addresses.brand AND c.email IS NOT NULL AND c.duplicate_of IS NULL
       AND EXISTS (SELECT FROM pg_temp.momentum_entry_customers e
                    WHERE e.brand = c.brand AND e.source = c.source AND e.customer_id = c.customer_id);
END
$$;
COMMENT ON FUNCTION momentum._door_note_addresses(momentum._door, text) IS 'Notes the addresses of customers that a file may change.';
REVOKE ALL ON FUNCTION momentum._door_note_addresses(momentum._door, text) FROM PUBLIC;

-- Who was another one's duplicate is a person of its own once that one has
-- another address.
CREATE FUNCTION momentum._door_link_customers(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given_up CONSTANT text[] := ARRAY(
        SELECT a.email FROM pg_temp.momentum_door_address a
         WHERE NOT EXISTS (SELECT FROM hub.customers c
                            WHERE c.brand = _door_link_customers.brand AND lower(c.email) = a.email AND c.duplicate_of IS NULL));
BEGIN
    IF cardinality(given_up) > 0 THEN
        PERFORM momentum._link_customers(_door_link_customers.brand, given_up);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._door_link_customers(momentum._door, text, boolean) IS 'Links customers of several sources anew whose first one got another address by hand.';
REVOKE ALL ON FUNCTION momentum._door_link_customers(momentum._door, text, boolean) FROM PUBLIC;

-- An order has few lines.  The sums of the server are made for many values and
-- prepare for them, in each of a million orders: these just add, to the same
-- figures, in less time and a quarter of the memory.
CREATE AGGREGATE momentum._sum_of_few(numeric) (SFUNC = pg_catalog.numeric_add, STYPE = numeric, PARALLEL = SAFE);
COMMENT ON AGGREGATE momentum._sum_of_few(numeric) IS 'The sum of a few values.';
REVOKE ALL ON FUNCTION momentum._sum_of_few(numeric) FROM PUBLIC;

CREATE AGGREGATE momentum._sum_of_few(bigint) (SFUNC = pg_catalog.int8pl, STYPE = bigint, PARALLEL = SAFE);
COMMENT ON AGGREGATE momentum._sum_of_few(bigint) IS 'The sum of a few whole numbers.';
REVOKE ALL ON FUNCTION momentum._sum_of_few(bigint) FROM PUBLIC;

-- What an order sold is the sum of its lines: an order that says otherwise
-- follows them.
CREATE FUNCTION momentum._door_sum_lines(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    is_lost boolean;
BEGIN
    WITH touched AS (
        SELECT DISTINCT e.source, e.order_id FROM pg_temp.momentum_entry_order_line_items e
         WHERE e.brand = _door_sum_lines.brand AND NOT is_first),
    line AS (
        SELECT c.source, c.order_id,
               coalesce(momentum._sum_of_few(c.unit_price * c.quantity) FILTER (WHERE NOT c.is_gift_card), 0) AS gross_sales,
               coalesce(momentum._sum_of_few(c.discount) FILTER (WHERE NOT c.is_gift_card), 0) AS discounts,
               coalesce(momentum._sum_of_few(c.quantity) FILTER (WHERE NOT c.is_gift_card), 0) AS items_sold,
               bool_or(c.selling_plan IS NOT NULL OR c.selling_plan_id IS NOT NULL) AS has_selling_plan
          FROM hub.order_line_items c
         WHERE c.brand = _door_sum_lines.brand
           AND (is_first OR EXISTS (SELECT FROM touched t WHERE t.source = c.source AND t.order_id = c.order_id))
         GROUP BY c.source, c.order_id),
    other AS MATERIALIZED (
        SELECT l.*, o.order_id IS NULL AS is_lost
          FROM line l
          LEFT JOIN hub.orders o ON o.brand = _door_sum_lines.brand AND o.source = l.source AND o.order_id = l.order_id
         WHERE o.order_id IS NULL OR o.gross_sales <> l.gross_sales OR o.discounts <> l.discounts OR o.items_sold <> l.items_sold
            OR o.has_selling_plan <> l.has_selling_plan),
    up AS (
        UPDATE hub.orders o
           SET gross_sales = l.gross_sales, discounts = l.discounts, items_sold = l.items_sold, has_selling_plan = l.has_selling_plan,
               loaded_at = now()
          FROM other l
         WHERE o.brand = _door_sum_lines.brand AND o.source = l.source AND o.order_id = l.order_id AND NOT l.is_lost)
    SELECT EXISTS (SELECT FROM other l WHERE l.is_lost) INTO is_lost;
    -- A line may be of another product, or kept by the customer, at the same sum.
    IF is_first THEN
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
        SELECT n.brand, n.source, n.stream, g::date
          FROM pg_temp.momentum_door_stream n,
               (SELECT min(o.order_day) AS first, max(o.order_day) AS last
                  FROM hub.orders o WHERE o.brand = _door_sum_lines.brand AND o.order_day >= '1970-01-01') x,
               generate_series(x.first::timestamp, x.last::timestamp, '1 day') g
         WHERE n.brand = _door_sum_lines.brand;
    ELSE
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
        SELECT DISTINCT n.brand, n.source, n.stream, v.day
          FROM (SELECT DISTINCT e.source, e.order_id FROM pg_temp.momentum_entry_order_line_items e
                 WHERE e.brand = _door_sum_lines.brand) e
          JOIN pg_temp.momentum_door_stream n ON n.brand = _door_sum_lines.brand AND n.source = e.source
          JOIN hub.orders o ON o.brand = n.brand AND o.source = e.source AND o.order_id = e.order_id
          LEFT JOIN hub.refunds r ON r.brand = o.brand AND r.source = o.source AND r.order_id = o.order_id,
               LATERAL (VALUES (o.order_day), (r.refund_day)) v (day)
         WHERE v.day IS NOT NULL
           AND EXISTS (SELECT FROM hub.order_line_items c
                        WHERE c.brand = o.brand AND c.source = o.source AND c.order_id = o.order_id AND c.loaded_at = now());
    END IF;
    IF is_lost THEN
        PERFORM momentum._door_check_parents(d, ARRAY(SELECT c.name FROM momentum._door_columns(d) c WHERE c.is_entry));
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._door_sum_lines(momentum._door, text, boolean) IS 'Has orders sum up their lines after a load by hand.';
REVOKE ALL ON FUNCTION momentum._door_sum_lines(momentum._door, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._door_sum_returns(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    WITH touched AS (
        SELECT DISTINCT e.source, e.order_id, e.refund_id FROM pg_temp.momentum_entry_refund_line_items e WHERE e.brand = _door_sum_returns.brand),
    line AS (
        SELECT c.source, c.order_id, c.refund_id, sum(c.subtotal) AS returns
          FROM touched t
          JOIN hub.refund_line_items c ON c.brand = _door_sum_returns.brand AND c.source = t.source AND c.order_id = t.order_id
                                      AND c.refund_id = t.refund_id
         GROUP BY c.source, c.order_id, c.refund_id),
    up AS (
        UPDATE hub.refunds r SET returns = l.returns, loaded_at = now()
          FROM line l
         WHERE r.brand = _door_sum_returns.brand AND r.source = l.source AND r.order_id = l.order_id AND r.refund_id = l.refund_id
           AND r.returns <> l.returns)
    -- What was put back on the shelf counts, whether the sum is the same or not.
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT DISTINCT n.brand, n.source, n.stream, r.refund_day
      FROM touched t
      JOIN pg_temp.momentum_door_stream n ON n.brand = _door_sum_returns.brand AND n.source = t.source
      JOIN hub.refunds r ON r.brand = n.brand AND r.source = t.source AND r.order_id = t.order_id AND r.refund_id = t.refund_id
     WHERE EXISTS (SELECT FROM hub.refund_line_items c
                    WHERE c.brand = r.brand AND c.source = r.source AND c.order_id = r.order_id AND c.refund_id = r.refund_id
                      AND c.loaded_at = now());
END
$$;
COMMENT ON FUNCTION momentum._door_sum_returns(momentum._door, text, boolean) IS 'Has refunds sum up their lines after a load by hand.';
REVOKE ALL ON FUNCTION momentum._door_sum_returns(momentum._door, text, boolean) FROM PUBLIC;

-- Days whose profit a cost changed.
CREATE FUNCTION momentum._door_log_costs(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._log_cost_days(_door_log_costs.brand, m.metric, NULL, NULL)      -- what they were before, nobody knows
       FROM unnest('{fixed_costs,variable_costs,shipping_cost,payment_fees}'::text[]) m (metric);
END
$$;
COMMENT ON FUNCTION momentum._door_log_costs(momentum._door, text, boolean) IS 'Has days with costs that were entered computed anew.';
REVOKE ALL ON FUNCTION momentum._door_log_costs(momentum._door, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._door_log_product_costs(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    -- In place of what a shop told for the same day, it is no longer the shop's.
    UPDATE hub.product_costs c SET source = ''
      FROM pg_temp.momentum_entry_product_costs e
     WHERE c.brand = _door_log_product_costs.brand AND e.brand = c.brand AND e.product_key = c.product_key
       AND e.valid_from::date = c.valid_from AND coalesce(e.source, '') = '' AND c.source <> '';
    PERFORM momentum._put_hand_costs_first(_door_log_product_costs.brand,
                ARRAY(SELECT DISTINCT e.product_key FROM pg_temp.momentum_entry_product_costs e
                       WHERE e.brand = _door_log_product_costs.brand));
    PERFORM momentum._log_cost_days(_door_log_product_costs.brand, 'cogs', nullif(min(e.valid_from::date), '-infinity'), NULL)
       FROM pg_temp.momentum_entry_product_costs e
      WHERE e.brand = _door_log_product_costs.brand
     HAVING count(*) > 0;
END
$$;
COMMENT ON FUNCTION momentum._door_log_product_costs(momentum._door, text, boolean) IS 'Has days with sales of products whose cost was entered computed anew.';
REVOKE ALL ON FUNCTION momentum._door_log_product_costs(momentum._door, text, boolean) FROM PUBLIC;

-- One row again, by its letter.
CREATE FUNCTION momentum._replay_row(brand text, source text, feed text, payload jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET momentum.door_errors = stop
    AS $$
DECLARE
    d CONSTANT momentum._door := momentum._door_of(feed);
    door CONSTANT regclass := format('hub.%I', feed || '_entry')::regclass;
    stage CONSTANT regclass := momentum._door_open(door);
    given CONSTANT text[] := ARRAY(SELECT c.name FROM momentum._door_columns(d) c WHERE c.is_entry AND payload ? c.name);
    child record;
    part jsonb;
BEGIN
    EXECUTE format('INSERT INTO %s SELECT 1, %s', stage,
                   (SELECT string_agg(CASE WHEN jsonb_typeof(payload -> c.name) = 'array'
                                           THEN quote_nullable(ARRAY(SELECT jsonb_array_elements_text(payload -> c.name))::text)
                                           ELSE quote_nullable(payload ->> c.name) END || '::text', ', ' ORDER BY c.place)
                      FROM momentum._door_columns(d) c WHERE c.is_entry));
    PERFORM momentum._door_load(door, given, 1);
    -- An order brings its lines and refunds along.
    FOR child IN SELECT x.feed FROM momentum._doors() x
                  WHERE x.parent IS NOT NULL AND jsonb_typeof(payload -> x.feed) = 'array'
                  ORDER BY cardinality(x.parent) LOOP
        FOR part IN SELECT jsonb_array_elements(payload -> child.feed) LOOP
            PERFORM momentum._replay_row(brand, source, child.feed, part);
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._replay_row(text, text, text, jsonb) IS 'Takes the row of a dead letter through its door.';
REVOKE ALL ON FUNCTION momentum._replay_row(text, text, text, jsonb) FROM PUBLIC;
