-- The cash sheet into the hub.  Every foreign table of layout long or
-- crosstab gives lines (item, period, amount); momentum_state.cash_item says
-- how a line counts.  A file whose version is the one last read, by the same
-- cash items, costs one small call; once a day it is read all the same, since imported values are
-- recalculated without a new version.
CREATE FUNCTION momentum._loaders_google_sheets() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
BEGIN
    l := momentum._new_loader('sheet', 'full');
    l.layouts := '{long,crosstab}';
    l.reads := jsonb_build_object(
        'files', 'SELECT version::text FROM %s',
        'sheet', 'SELECT row_number::bigint, item::text, period::date, amount::numeric FROM %s');
    l.load := 'momentum._load_sheet';
    l.whole := true;
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_google_sheets() IS 'How a cash sheet gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_google_sheets() FROM PUBLIC;

-- The days a period stands for, judged by all periods of the tab: months
-- when all are first (or all are last) days of one, weeks when all lie whole
-- weeks apart, else single days.
CREATE FUNCTION momentum._period_bounds(periods date[]) RETURNS TABLE (period date, first_day date, last_day date)
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    WITH p AS (
        SELECT DISTINCT u AS period FROM unnest(periods) u WHERE u IS NOT NULL),
    shape AS (
        SELECT bool_and(extract(day FROM p.period) = 1) OR bool_and(extract(day FROM p.period + 1) = 1) AS monthly,
               count(*) > 1 AND bool_and((p.period - g.origin) % 7 = 0) AS weekly
          FROM p, (SELECT min(x.period) AS origin FROM p x) g)
    SELECT p.period,
           CASE WHEN s.monthly THEN date_trunc('month', p.period)::date ELSE p.period END,
           CASE WHEN s.monthly THEN (date_trunc('month', p.period) + interval '1 month - 1 day')::date
                WHEN s.weekly THEN p.period + 6
                ELSE p.period END
      FROM p, shape s
$$;
COMMENT ON FUNCTION momentum._period_bounds(date[]) IS 'First and last day of each period of a sheet.';
REVOKE ALL ON FUNCTION momentum._period_bounds(date[]) FROM PUBLIC;

-- The days of a period on which an amount falls, in order.
CREATE FUNCTION momentum._due_days(first_day date, last_day date, timing text) RETURNS date[]
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE timing
           WHEN 'start' THEN ARRAY[first_day]
           WHEN 'end' THEN ARRAY[last_day]
           ELSE coalesce(
                (SELECT array_agg(d::date ORDER BY d)
                   FROM generate_series(first_day::timestamp, last_day::timestamp, '1 day') d
                  WHERE timing = 'spread'
                     OR timing = 'weekdays' AND extract(isodow FROM d) < 6
                     OR array_position('{mon,tue,wed,thu,fri,sat,sun}', timing) = extract(isodow FROM d)),
                ARRAY[last_day])
           END
$$;
COMMENT ON FUNCTION momentum._due_days(date, date, text) IS 'Days of a period on which its amount falls; the last one when the timing names none of them.';
REVOKE ALL ON FUNCTION momentum._due_days(date, date, text) FROM PUBLIC;

CREATE FUNCTION momentum._stage_sheet(s momentum._slice, l momentum._loader) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    rows_read bigint;
    wrong record;
BEGIN
    IF to_regclass('pg_temp.momentum_sheet') IS NULL THEN
        CREATE TEMP TABLE momentum_sheet (row_number bigint, item text, period date, amount numeric) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_cash (
            kind text, row_number bigint, item text, period date, first_day date, last_day date,
            timing text, channel text, amount numeric) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_sheet, pg_temp.momentum_cash;
    END IF;
    EXECUTE 'INSERT INTO pg_temp.momentum_sheet ' || momentum._read(s, l, 'sheet');
    GET DIAGNOSTICS rows_read = ROW_COUNT;
    SELECT f.row_number, f.amount INTO wrong FROM pg_temp.momentum_sheet f WHERE abs(f.amount) >= 1e13 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'amount in row % of tab "%" is out of range', wrong.row_number, s.tables ->> 'tab'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('It is %s.', left(wrong.amount::text, 80)),
                  HINT = 'Mend the sheet.';
    END IF;
    INSERT INTO pg_temp.momentum_cash
    SELECT i.kind, f.row_number, f.item, b.period, b.first_day, b.last_day, i.timing, i.channel,
           f.amount * CASE WHEN i.sign <> 0 THEN i.sign
                           WHEN i.kind IN ('cost', 'loan') AND sum(f.amount) OVER (PARTITION BY lower(f.item)) < 0 THEN -1
                           ELSE 1 END
      FROM pg_temp.momentum_sheet f
      JOIN momentum._period_bounds((SELECT array_agg(x.period) FROM pg_temp.momentum_sheet x WHERE x.amount IS NOT NULL)) b
        ON b.period = f.period
      LEFT JOIN LATERAL (
           SELECT c.kind, c.sign, c.timing, c.channel
             FROM momentum_state.cash_item c
            WHERE c.brand IN (s.brand, '') AND c.tab IN (s.tables ->> 'tab', '') AND f.item ~* c.pattern
            ORDER BY c.brand = '', c.tab = '', c.priority, c.pattern
            LIMIT 1) i ON true
     WHERE f.amount IS NOT NULL AND f.item IS NOT NULL;
    RETURN rows_read;
END
$$;
COMMENT ON FUNCTION momentum._stage_sheet(momentum._slice, momentum._loader) IS 'Reads a tab and says of each amount how it counts; returns the number of rows.';
REVOKE ALL ON FUNCTION momentum._stage_sheet(momentum._slice, momentum._loader) FROM PUBLIC;

-- What counts nowhere is said, never dropped in silence.
CREATE FUNCTION momentum._sheet_warnings() RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN ARRAY(
        SELECT format('line "%s" (row %s) matches no pattern of momentum_state.cash_item and is left out',
                      left(c.item, 80), min(c.row_number))
          FROM pg_temp.momentum_cash c WHERE c.kind IS NULL
         GROUP BY c.item ORDER BY min(c.row_number))
    || ARRAY(
        SELECT format('row %s has an amount but no %s and is left out', f.row_number,
                      CASE WHEN f.item IS NULL THEN 'item' ELSE 'period' END)
          FROM pg_temp.momentum_sheet f
         WHERE f.amount IS NOT NULL AND (f.item IS NULL OR f.period IS NULL)
         GROUP BY f.row_number, f.item IS NULL ORDER BY f.row_number)
    || CASE WHEN EXISTS (SELECT FROM pg_temp.momentum_cash c WHERE c.kind IN ('opening', 'closing'))
            THEN '{}'::text[] ELSE '{no opening or closing balance found}' END;
END
$$;
COMMENT ON FUNCTION momentum._sheet_warnings() IS 'Lines of the staged sheet that count nowhere.';
REVOKE ALL ON FUNCTION momentum._sheet_warnings() FROM PUBLIC;

CREATE FUNCTION momentum._store_cash(s momentum._slice) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    tab_title CONSTANT text := coalesce(s.tables ->> 'tab', '');
    balances bigint[];
    flows bigint[];
BEGIN
    -- A balance is that of the beginning of its day.
    WITH page AS MATERIALIZED (
        SELECT x.*, hash_record_extended(x, 0) AS content_hash
          FROM (SELECT c.row_number, CASE c.kind WHEN 'opening' THEN c.first_day ELSE c.last_day + 1 END AS day,
                       min(c.item) AS item, sum(c.amount) AS amount
                  FROM pg_temp.momentum_cash c WHERE c.kind IN ('opening', 'closing')
                 GROUP BY 1, 2) x),
    gone AS (
        DELETE FROM hub.cash_balance t
         WHERE t.brand = s.brand AND t.source = s.source AND t.tab = tab_title
           AND NOT EXISTS (SELECT FROM page p WHERE p.row_number = t.row_number AND p.day = t.day)
        RETURNING t.day),
    up AS (
        INSERT INTO hub.cash_balance AS t (brand, source, tab, row_number, day, item, amount, content_hash)
        SELECT s.brand, s.source, tab_title, p.row_number, p.day, p.item, p.amount, p.content_hash FROM page p
        ON CONFLICT (brand, source, tab, row_number, day) DO UPDATE
           SET item = excluded.item, amount = excluded.amount, content_hash = excluded.content_hash, loaded_at = now()
         WHERE excluded.content_hash <> t.content_hash OR s.force
        RETURNING xmax = 0 AS added)
    SELECT ARRAY[(SELECT count(*) FROM up) + (SELECT count(*) FROM gone),
                 (SELECT count(*) FROM up WHERE added) - (SELECT count(*) FROM gone)] INTO balances;

    -- Shares of an amount are rounded on the running sum: they add up to it.
    -- A written zero is kept: it says that nothing will come.
    WITH page AS MATERIALIZED (
        SELECT x.*, hash_record_extended(x, 0) AS content_hash
          FROM (SELECT c.row_number, c.period, d.day, c.item, c.kind, c.channel,
                       round(c.amount * d.place / cardinality(q.days), 2)
                       - round(c.amount * (d.place - 1) / cardinality(q.days), 2)
                       + CASE WHEN d.place = cardinality(q.days) THEN c.amount - round(c.amount, 2) ELSE 0 END AS amount,
                       CASE WHEN d.day < s.today THEN 'booked' ELSE 'expected' END AS status
                  FROM (SELECT m.row_number, m.period, m.kind, m.channel, m.timing, m.first_day, m.last_day,
                               min(m.item) AS item, sum(m.amount) AS amount
                          FROM pg_temp.momentum_cash m WHERE m.kind IN ('in', 'cost', 'loan')
                         GROUP BY m.row_number, m.period, m.kind, m.channel, m.timing, m.first_day, m.last_day) c,
                       LATERAL (SELECT momentum._due_days(c.first_day, c.last_day, c.timing) AS days) q,
                       LATERAL unnest(q.days) WITH ORDINALITY AS d (day, place)) x),
    gone AS (
        DELETE FROM hub.cash_flow t
         WHERE t.brand = s.brand AND t.source = s.source AND t.tab = tab_title
           AND NOT EXISTS (SELECT FROM page p
                            WHERE p.row_number = t.row_number AND p.period = t.period AND p.day = t.day)
        RETURNING t.day),
    up AS (
        INSERT INTO hub.cash_flow AS t (brand, source, tab, row_number, period, day, item, kind, amount, channel,
            origin, status, content_hash)
        SELECT s.brand, s.source, tab_title, p.row_number, p.period, p.day, p.item, p.kind, p.amount, p.channel,
               'sheet', p.status, p.content_hash
          FROM page p
        ON CONFLICT (brand, source, tab, row_number, period, day) DO UPDATE
           SET item = excluded.item, kind = excluded.kind, amount = excluded.amount, channel = excluded.channel,
               status = excluded.status, content_hash = excluded.content_hash, loaded_at = now()
         WHERE excluded.content_hash <> t.content_hash OR s.force
        RETURNING xmax = 0 AS added)
    SELECT ARRAY[(SELECT count(*) FROM up) + (SELECT count(*) FROM gone),
                 (SELECT count(*) FROM up WHERE added) - (SELECT count(*) FROM gone)] INTO flows;

    result.rows_changed := balances[1] + flows[1];
    result.stored := balances[2] + flows[2];
    result.foreign_rows := 0;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._store_cash(momentum._slice) IS 'Replaces balances and flows of a tab by what was staged.';
REVOKE ALL ON FUNCTION momentum._store_cash(momentum._slice) FROM PUBLIC;

-- Two tabs may tell the same story, one as a list and one across.
CREATE FUNCTION momentum._repeat_warnings(s momentum._slice) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    tab_title CONSTANT text := coalesce(s.tables ->> 'tab', '');
BEGIN
    RETURN ARRAY(
        SELECT format('tab "%s" has the same balance on %s: both count. To keep one: remove_source(), then add_source() with option "tabs"',
                      o.tab, max(o.day))
          FROM hub.cash_balance t
          JOIN hub.cash_balance o ON o.brand = t.brand AND o.day = t.day AND o.amount = t.amount
                                 AND lower(o.item) = lower(t.item) AND (o.source, o.tab) <> (t.source, t.tab)
         WHERE t.brand = s.brand AND t.source = s.source AND t.tab = tab_title AND t.amount <> 0
         GROUP BY o.source, o.tab ORDER BY o.source, o.tab);
END
$$;
COMMENT ON FUNCTION momentum._repeat_warnings(momentum._slice) IS 'Other tabs whose balance is that of the tab that was stored.';
REVOKE ALL ON FUNCTION momentum._repeat_warnings(momentum._slice) FROM PUBLIC;

CREATE FUNCTION momentum._load_sheet(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    version text;
    rows_read bigint;
BEGIN
    IF s.tables ? 'files' THEN
        EXECUTE momentum._read(s, l, 'files') INTO version;
        version := version || ' ' || (
            SELECT coalesce(sum(hash_record_extended(i, 0)), 0)
              FROM momentum_state.cash_item i WHERE i.brand IN (s.brand, ''));
    END IF;
    IF version = s.seen_version AND NOT s.force THEN
        result.rows_read := 0;
        result.rows_changed := 0;
        result.stored := 0;
        result.foreign_rows := 0;
        result.version := version;
        RETURN result;
    END IF;
    rows_read := momentum._stage_sheet(s, l);
    result := momentum._store_cash(s);
    result.rows_read := rows_read;
    result.warnings := momentum._sheet_warnings() || momentum._repeat_warnings(s);
    result.version := version;
    IF result.rows_changed > 0 THEN
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
            VALUES (s.brand, s.source, s.stream, s.today);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_sheet(momentum._slice, momentum._loader) IS 'Loads a cash tab, unless its file is the one last read.';
REVOKE ALL ON FUNCTION momentum._load_sheet(momentum._slice, momentum._loader) FROM PUBLIC;
