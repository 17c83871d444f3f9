-- Crisp into the hub.  Which data set tells the sales, and by which name,
-- differs by customer: every foreign table of layout sales is a stream.
--
-- The feed promises no filter, so a pass is one slice: it may be all of the
-- data set that is read.  Recent days are told again and again while stores
-- report, some late: the last two weeks are read daily, and a day counts as
-- complete when it is so old and every retailer that sold in the four weeks
-- before it has been heard of since.  Until then it is absent: a store that
-- has not reported has not sold nothing.
CREATE FUNCTION momentum._loaders_crisp() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
BEGIN
    l := momentum._new_loader('sales', 'day');
    l.needed := true;
    l.layouts := '{sales}';
    l.cadence := '1 day';
    l.width := '3660 days';
    l.min_width := '3660 days';
    l.windows := '{14,14,90}';
    l.load := 'momentum._load_crisp';
    l.whole := true;
    l.reads := jsonb_build_object('sales', $q$
        SELECT retailer::text, store_id::text, product_id::text, date_key::date,
               sales_quantity::numeric, sales_amount::numeric
          FROM %s$q$);
    l.target := 'hub.retail_sales';
    l.columns := '{dataset,retailer,store_id,product_id,day,product,upc,units,dollars}';
    l.keys := '{dataset,retailer,store_id,product_id,day}';
    l.days := '{day}';
    l.restated := 'units';
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_crisp() IS 'How the sales feed of Crisp gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_crisp() FROM PUBLIC;

-- What the table may lack: not every retailer tells everything.
CREATE FUNCTION momentum._column_or_null(relation regclass, name text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce((SELECT format('nullif(trim(q.%I::text), '''')', a.attname) FROM pg_attribute a
                      WHERE a.attrelid = relation AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped),
                    'NULL::text')
$$;
COMMENT ON FUNCTION momentum._column_or_null(regclass, text) IS 'A column of q as text, or NULL where the relation has none of that name.';
REVOKE ALL ON FUNCTION momentum._column_or_null(regclass, text) FROM PUBLIC;

-- The feed is read once, into a temporary table.  A sales_id names nothing:
-- exact copies of a row are dropped, then the rows of a key are added up.
CREATE FUNCTION momentum._stage_crisp(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation CONSTANT regclass := (s.tables ->> 'sales')::regclass;
BEGIN
    IF to_regclass('pg_temp.momentum_retail_row') IS NULL THEN
        CREATE TEMP TABLE momentum_retail_row (
            retailer text, store_id text, product_id text, day date, product text, upc text, units numeric,
            dollars numeric, store text, store_type text, city text, state text, zip text) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_retail_row;
    END IF;
    EXECUTE format($q$
        INSERT INTO pg_temp.momentum_retail_row
        SELECT coalesce(%s, ''), coalesce(%s, ''), coalesce(%s, ''), q.date_key::date, %s, %s,
               q.sales_quantity::numeric, q.sales_amount::numeric, %s, %s, %s, %s, %s
          FROM (SELECT DISTINCT * FROM %s WHERE date_key >= %L AND date_key < %L) q$q$,
        momentum._column_or_null(relation, 'retailer'), momentum._column_or_null(relation, 'store_id'),
        momentum._column_or_null(relation, 'product_id'), momentum._column_or_null(relation, 'product'),
        momentum._column_or_null(relation, 'upc'), momentum._column_or_null(relation, 'store'),
        momentum._column_or_null(relation, 'store_type'), momentum._column_or_null(relation, 'store_city'),
        momentum._column_or_null(relation, 'store_state'), momentum._column_or_null(relation, 'store_zip'),
        relation, s.day_lo, s.day_hi);
    ANALYZE pg_temp.momentum_retail_row;
END
$$;
COMMENT ON FUNCTION momentum._stage_crisp(momentum._slice) IS 'Reads the days of a slice into a temporary table, each row once.';
REVOKE ALL ON FUNCTION momentum._stage_crisp(momentum._slice) FROM PUBLIC;

-- How late each retailer has been heard of.  One that tells of four days in
-- four weeks is expected to go on; who sells more rarely holds nobody up.
CREATE FUNCTION momentum._retailers_heard(s momentum._slice, data text)
    RETURNS TABLE (retailer text, newest date, is_regular boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT r.retailer, r.newest, count(*) FILTER (WHERE r.day > r.newest - 28) >= 4
      FROM (SELECT t.retailer, t.day, max(t.day) OVER (PARTITION BY t.retailer) AS newest
              FROM hub.retail_sales t
             WHERE t.brand = s.brand AND t.source = s.source AND t.dataset = data AND t.day > s.today - 120
             GROUP BY t.retailer, t.day) r
     GROUP BY r.retailer, r.newest;
END
$$;
COMMENT ON FUNCTION momentum._retailers_heard(momentum._slice, text) IS 'The retailers of a data set, and the newest day that each has told of.';
REVOKE ALL ON FUNCTION momentum._retailers_heard(momentum._slice, text) FROM PUBLIC;

CREATE FUNCTION momentum._retail_settled(s momentum._slice) RETURNS date
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN s.today - momentum._setting(s.brand, 'sync.retail_settle_days')::numeric::integer;
END
$$;
COMMENT ON FUNCTION momentum._retail_settled(momentum._slice) IS 'The newest day that is old enough for all stores to have reported.';
REVOKE ALL ON FUNCTION momentum._retail_settled(momentum._slice) FROM PUBLIC;

-- What a reader of the figures has to know of them.
CREATE FUNCTION momentum._retail_warnings(s momentum._slice, data text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    settled CONSTANT date := momentum._retail_settled(s);
BEGIN
    RETURN array_remove(ARRAY[
               (SELECT format('%s rows tell no quantity: no units of theirs count', count(*))
                  FROM pg_temp.momentum_retail_row q WHERE q.units IS NULL HAVING count(*) > 0),
               (SELECT format('%s rows tell no amount: retail sales of %s days are not known', count(*), count(DISTINCT q.day))
                  FROM pg_temp.momentum_retail_row q WHERE q.dollars IS NULL AND q.units <> 0 HAVING count(*) > 0),
               (SELECT format('%s rows tell no store: their units count, but no door', count(*))
                  FROM pg_temp.momentum_retail_row q WHERE q.store_id = '' HAVING count(*) > 0)], NULL)
        || ARRAY(SELECT format('%s has told nothing since %s', r.retailer, r.newest)
                   FROM momentum._retailers_heard(s, data) r
                  WHERE r.newest < settled
                  ORDER BY r.retailer);
END
$$;
COMMENT ON FUNCTION momentum._retail_warnings(momentum._slice, text) IS 'What is odd about the rows of a slice, and which retailers are silent.';
REVOKE ALL ON FUNCTION momentum._retail_warnings(momentum._slice, text) FROM PUBLIC;

-- The stores of the slice, as the newest row of each has them.
CREATE FUNCTION momentum._load_retail_doors(s momentum._slice, data text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO hub.retail_doors AS t (brand, source, dataset, retailer, store_id, store, store_type, city, state, zip,
            first_day, last_day, content_hash)
    SELECT s.brand, s.source, data, q.*, hash_record_extended(q, 0)
      FROM (SELECT DISTINCT ON (r.retailer, r.store_id) r.retailer, r.store_id, r.store, r.store_type, r.city, r.state, r.zip,
                   min(r.day) OVER w AS first_day, max(r.day) OVER w AS last_day
              FROM pg_temp.momentum_retail_row r
             WHERE r.store_id <> ''
            WINDOW w AS (PARTITION BY r.retailer, r.store_id)
             ORDER BY r.retailer, r.store_id, r.day DESC, r.store, r.store_type, r.city, r.state, r.zip) q
    ON CONFLICT ON CONSTRAINT retail_doors_pkey DO UPDATE
       SET store = CASE WHEN excluded.last_day >= t.last_day THEN excluded.store ELSE t.store END,
           store_type = CASE WHEN excluded.last_day >= t.last_day THEN excluded.store_type ELSE t.store_type END,
           city = CASE WHEN excluded.last_day >= t.last_day THEN excluded.city ELSE t.city END,
           state = CASE WHEN excluded.last_day >= t.last_day THEN excluded.state ELSE t.state END,
           zip = CASE WHEN excluded.last_day >= t.last_day THEN excluded.zip ELSE t.zip END,
           first_day = least(t.first_day, excluded.first_day), last_day = greatest(t.last_day, excluded.last_day),
           content_hash = excluded.content_hash, loaded_at = now()
     WHERE excluded.content_hash <> t.content_hash;
END
$$;
COMMENT ON FUNCTION momentum._load_retail_doors(momentum._slice, text) IS 'Stores the stores that the rows of a slice tell of.';
REVOKE ALL ON FUNCTION momentum._load_retail_doors(momentum._slice, text) FROM PUBLIC;

-- A retailer is a channel from its first sale on; days it is found to have
-- sold on before get their zeros.
CREATE FUNCTION momentum._meet_retailers(s momentum._slice, data text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    WITH met AS (
        INSERT INTO momentum_state.channel AS c (brand, source, stream, channel, first_day)
        SELECT s.brand, s.source, s.stream, t.retailer, min(t.day)
          FROM hub.retail_sales t
         WHERE t.brand = s.brand AND t.source = s.source AND t.dataset = data
           AND t.day >= s.day_lo AND t.day < s.day_hi
         GROUP BY t.retailer
        ON CONFLICT ON CONSTRAINT channel_pkey DO UPDATE SET first_day = excluded.first_day
         WHERE excluded.first_day < c.first_day
        RETURNING c.first_day)
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT s.brand, s.source, s.stream, g::date
      FROM (SELECT min(m.first_day) FROM met m) m (first), generate_series(m.first, s.complete::timestamp, '1 day') g;
END
$$;
COMMENT ON FUNCTION momentum._meet_retailers(momentum._slice, text) IS 'Registers the retailers that the days of a slice brought as channels.';
REVOKE ALL ON FUNCTION momentum._meet_retailers(momentum._slice, text) FROM PUBLIC;

CREATE FUNCTION momentum._load_crisp(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    dataset CONSTANT text := coalesce(s.tables ->> 'tab', s.tables ->> 'sales');
    settled CONSTANT date := momentum._retail_settled(s);
    result momentum._slice_result;
BEGIN
    PERFORM momentum._stage_crisp(s);
    s.tables := jsonb_build_object('sales', 'pg_temp.momentum_retail_row');
    l.scope := format('t.dataset = %L', dataset);
    l.reads := jsonb_build_object('sales', format($q$
        SELECT %L, q.retailer, q.store_id, q.product_id, q.day, max(q.product), max(q.upc), sum(q.units),
               CASE WHEN bool_and(q.dollars IS NOT NULL OR q.units IS NULL OR q.units = 0) THEN sum(q.dollars) END
          FROM %%s q GROUP BY q.retailer, q.store_id, q.product_id, q.day$q$, dataset));
    EXECUTE momentum._load_rows_statement(s, l) INTO result;
    PERFORM momentum._analyze_grown(l.target);
    PERFORM momentum._load_retail_doors(s, dataset);
    PERFORM momentum._meet_retailers(s, dataset);
    result.warnings := result.warnings || momentum._retail_warnings(s, dataset);
    -- One that has been silent for four weeks no longer sells the brand.
    result.known_through := least(settled, (SELECT min(r.newest) FROM momentum._retailers_heard(s, dataset) r
                                             WHERE r.is_regular AND r.newest > settled - 28));
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_crisp(momentum._slice, momentum._loader) IS 'Loads the days of a slice of retail sales, and the stores they tell of.';
REVOKE ALL ON FUNCTION momentum._load_crisp(momentum._slice, momentum._loader) FROM PUBLIC;
