-- Orders that the hub would refuse: kept as dead letters with all that
-- belongs to them, while the others of the slice go on.
CREATE FUNCTION momentum._faulty_orders() RETURNS TABLE (order_id text, reason text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    last_day CONSTANT date := (now() AT TIME ZONE 'UTC')::date + 2;      -- zones and clocks differ by that at most
BEGIN
    RETURN QUERY
    SELECT DISTINCT ON (f.order_id) f.order_id, f.reason
      FROM (SELECT o.order_id, 1 AS place, CASE
                   WHEN o.order_day > last_day THEN format('the order is of %s, which is yet to come', o.order_day)
                   WHEN o.order_day < '1970-01-01' THEN format('the order is of %s, which is before 1970', o.order_day)
                   WHEN greatest(abs(o.total_price), abs(o.current_total_price), abs(o.subtotal_price), abs(o.total_discounts),
                                 abs(o.total_shipping), abs(o.total_tax), abs(o.total_refunded), abs(o.net_payment)) >= 1e12
                       THEN 'an amount of the order is beyond 1e12' END AS reason
              FROM pg_temp.momentum_order o
             UNION ALL
            SELECT l.order_id, 2, CASE
                   WHEN bool_or(l.quantity < 0 OR l.current_quantity < 0)
                       THEN format('line %s has a negative quantity',
                                   min(l.line_item_id) FILTER (WHERE l.quantity < 0 OR l.current_quantity < 0))
                   WHEN max(greatest(abs(l.unit_price), abs(l.discount), abs(l.discounted_total), l.quantity, l.current_quantity)) >= 1e12
                        OR abs(sum(l.unit_price * l.quantity)) >= 1e12 OR abs(sum(l.discount)) >= 1e12 OR sum(l.quantity) >= 1e12
                       THEN 'an amount of its lines is beyond 1e12' END
              FROM pg_temp.momentum_line l GROUP BY l.order_id
             UNION ALL
            SELECT r.order_id, 3, CASE
                   WHEN r.refund_day > last_day THEN format('refund %s is of %s, which is yet to come', r.refund_id, r.refund_day)
                   WHEN r.refund_day < '1970-01-01' THEN format('refund %s is of %s, which is before 1970', r.refund_id, r.refund_day)
                   WHEN abs(r.total_refunded) >= 1e12 THEN format('refund %s is beyond 1e12', r.refund_id) END
              FROM pg_temp.momentum_refund r
             UNION ALL
            SELECT r.order_id, 4, CASE
                   WHEN bool_or(r.quantity < 0) THEN format('refund %s has a negative quantity', r.refund_id)
                   WHEN max(greatest(abs(r.subtotal), abs(r.total_tax))) >= 1e12 OR abs(sum(r.subtotal)) >= 1e12
                       THEN format('an amount of refund %s is beyond 1e12', r.refund_id) END
              FROM pg_temp.momentum_refund_line r GROUP BY r.order_id, r.refund_id) f
     WHERE f.reason IS NOT NULL
     ORDER BY f.order_id, f.place, f.reason;
END
$$;
COMMENT ON FUNCTION momentum._faulty_orders() IS 'Orders of the temporary tables that the hub would refuse, each with the first reason.';
REVOKE ALL ON FUNCTION momentum._faulty_orders() FROM PUBLIC;

CREATE FUNCTION momentum._keep_order(s momentum._slice, id text, reason text, state text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._dead_letter(s.brand, s.source, 'shop_orders', NULL, jsonb_build_object(
                'order', to_jsonb(o),
                'lines', (SELECT coalesce(jsonb_agg(l), '[]') FROM pg_temp.momentum_line l WHERE l.order_id = o.order_id),
                'refunds', (SELECT coalesce(jsonb_agg(r), '[]') FROM pg_temp.momentum_refund r WHERE r.order_id = o.order_id),
                'refund_lines', (SELECT coalesce(jsonb_agg(r), '[]') FROM pg_temp.momentum_refund_line r WHERE r.order_id = o.order_id)),
                reason, state, 'sync', o.order_id)
       FROM pg_temp.momentum_order o WHERE o.order_id = id;
END
$$;
COMMENT ON FUNCTION momentum._keep_order(momentum._slice, text, text, text) IS 'Makes a dead letter of an order in the temporary tables, with all that belongs to it.';
REVOKE ALL ON FUNCTION momentum._keep_order(momentum._slice, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._refuse_orders(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    faulty text[] := ARRAY(SELECT f.order_id FROM momentum._faulty_orders() f);
BEGIN
    IF faulty = '{}' THEN
        RETURN;
    END IF;
    PERFORM momentum._keep_order(s, f.order_id, format('order %s: %s', f.order_id, f.reason), '23514')
       FROM momentum._faulty_orders() f JOIN pg_temp.momentum_order o ON o.order_id = f.order_id;
    DELETE FROM pg_temp.momentum_line l WHERE l.order_id = ANY (faulty);
    DELETE FROM pg_temp.momentum_refund r WHERE r.order_id = ANY (faulty);
    DELETE FROM pg_temp.momentum_refund_line r WHERE r.order_id = ANY (faulty);
    DELETE FROM pg_temp.momentum_order o WHERE o.order_id = ANY (faulty);
END
$$;
COMMENT ON FUNCTION momentum._refuse_orders(momentum._slice) IS 'Moves the orders that the hub would refuse from the temporary tables to the dead letters.';
REVOKE ALL ON FUNCTION momentum._refuse_orders(momentum._slice) FROM PUBLIC;

-- What the rules above do not foresee: the orders of a slice that failed all
-- the same are stored by halves until those that fail stand alone.
CREATE FUNCTION momentum._store_orders_carefully(s momentum._slice) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    part text;
    ids text[];
    result momentum._slice_result;
BEGIN
    FOREACH part IN ARRAY '{momentum_order,momentum_line,momentum_refund,momentum_refund_line}'::text[] LOOP
        EXECUTE format('DROP TABLE IF EXISTS pg_temp.%I', part || '_all');
        EXECUTE format('CREATE TEMP TABLE %I ON COMMIT DROP AS TABLE pg_temp.%I', part || '_all', part);
        EXECUTE format('CREATE INDEX ON pg_temp.%I (order_id)', part || '_all');
    END LOOP;
    SELECT array_agg(o.order_id ORDER BY o.order_id) INTO ids FROM pg_temp.momentum_order o;
    result := momentum._store_orders_halved(s, ids);
    result.warnings := coalesce(result.warnings, '{}') || 'orders were refused: momentum.dead_letter tells why'::text;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._store_orders_carefully(momentum._slice) IS 'Stores the orders of a slice that failed: what can be stored is, the rest become dead letters.';
REVOKE ALL ON FUNCTION momentum._store_orders_carefully(momentum._slice) FROM PUBLIC;

CREATE FUNCTION momentum._store_orders_halved(s momentum._slice, ids text[]) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    part text;
    n CONSTANT integer := cardinality(ids);
    result momentum._slice_result;
    other momentum._slice_result;
    message text;
    state text;
BEGIN
    TRUNCATE pg_temp.momentum_order_old, pg_temp.momentum_order_up;
    FOREACH part IN ARRAY '{momentum_order,momentum_line,momentum_refund,momentum_refund_line}'::text[] LOOP
        EXECUTE format('TRUNCATE pg_temp.%I', part);
        EXECUTE format('INSERT INTO pg_temp.%I SELECT * FROM pg_temp.%I a WHERE a.order_id = ANY ($1)', part, part || '_all') USING ids;
    END LOOP;
    BEGIN
        RETURN momentum._store_orders(s);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
    END;
    IF n <= 1 THEN
        PERFORM momentum._keep_order(s, o.order_id, format('order %s: %s', o.order_id, message), state)
           FROM pg_temp.momentum_order o;
        RETURN ROW(0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::text[], NULL::text, NULL::date);
    END IF;
    result := momentum._store_orders_halved(s, ids[:n / 2]);
    other := momentum._store_orders_halved(s, ids[n / 2 + 1:]);
    result.rows_changed := result.rows_changed + other.rows_changed;
    result.stored := result.stored + other.stored;
    result.foreign_rows := result.foreign_rows + other.foreign_rows;
    result.warnings := result.warnings || other.warnings;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._store_orders_halved(momentum._slice, text[]) IS 'Stores some of the orders of a slice, halved where it fails; a single one that fails becomes a dead letter.';
REVOKE ALL ON FUNCTION momentum._store_orders_halved(momentum._slice, text[]) FROM PUBLIC;

CREATE FUNCTION momentum._close_letters(s momentum._slice, feed text, items text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE momentum_state.dead_letter d
       SET replayed_at = clock_timestamp(), last_at = clock_timestamp(), next_at = NULL, payload = NULL, body = NULL
     WHERE d.brand = s.brand AND d.source = s.source AND d.feed = _close_letters.feed AND d.replayed_at IS NULL
       AND d.item = ANY (items);
END
$$;
COMMENT ON FUNCTION momentum._close_letters(momentum._slice, text, text[]) IS 'Closes the dead letters of rows that have come in after all.';
REVOKE ALL ON FUNCTION momentum._close_letters(momentum._slice, text, text[]) FROM PUBLIC;

-- A slice without a range, for one letter.
CREATE FUNCTION momentum._letter_slice(brand text, source text, stream text) RETURNS momentum._slice
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    s momentum._slice;
BEGIN
    SELECT b.brand, c.source, _letter_slice.stream, b.time_zone, b.currency, (now() AT TIME ZONE b.time_zone)::date
      INTO s.brand, s.source, s.stream, s.zone, s.currency, s.today
      FROM momentum_state.brand b
      JOIN momentum_state.source c ON c.brand = b.brand
     WHERE b.brand = _letter_slice.brand AND c.source = _letter_slice.source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'source "%" of brand "%" does not exist', _letter_slice.source, _letter_slice.brand
            USING ERRCODE = 'undefined_object';
    END IF;
    s.force := false;
    RETURN s;
END
$$;
COMMENT ON FUNCTION momentum._letter_slice(text, text, text) IS 'The slice of a stream that a dead letter is stored by.';
REVOKE ALL ON FUNCTION momentum._letter_slice(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._replay_shop_orders(brand text, source text, payload jsonb, body bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    s momentum._slice := momentum._letter_slice(brand, source, 'orders');
    complaint text;
BEGIN
    PERFORM momentum._stage_orders();
    INSERT INTO pg_temp.momentum_order SELECT * FROM jsonb_populate_record(NULL::pg_temp.momentum_order, payload -> 'order');
    INSERT INTO pg_temp.momentum_line SELECT * FROM jsonb_populate_recordset(NULL::pg_temp.momentum_line, payload -> 'lines');
    INSERT INTO pg_temp.momentum_refund SELECT * FROM jsonb_populate_recordset(NULL::pg_temp.momentum_refund, payload -> 'refunds');
    INSERT INTO pg_temp.momentum_refund_line
    SELECT * FROM jsonb_populate_recordset(NULL::pg_temp.momentum_refund_line, payload -> 'refund_lines');
    SELECT format('order %s: %s', f.order_id, f.reason) INTO complaint FROM momentum._faulty_orders() f;
    IF FOUND THEN
        RAISE EXCEPTION '%', complaint
            USING ERRCODE = 'check_violation',
                  HINT = 'Mend the payload of the dead letter, or the order at the shop.';
    END IF;
    PERFORM momentum._forget_erased_orders(s);
    PERFORM momentum._store_orders(s);
END
$$;
COMMENT ON FUNCTION momentum._replay_shop_orders(text, text, jsonb, bytea) IS 'Stores an order from its dead letter.';
REVOKE ALL ON FUNCTION momentum._replay_shop_orders(text, text, jsonb, bytea) FROM PUBLIC;
