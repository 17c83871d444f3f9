-- One slice of orders: an order is its row, its lines, its refunds and their
-- lines, replaced together when any of them changed.
--
-- The four are four scans, and an order may change between two of them.  So
-- the children are read first and the orders last: an order that moved out
-- of the range meanwhile is not among the orders, and comes with its next
-- slice; one that moved within the range is seen by its stamp and the slice
-- is given up.  The hash covers the children, so the overlap of the next
-- pass finds whatever else came late.
CREATE FUNCTION momentum._stage_orders() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('pg_temp.momentum_order') IS NULL THEN
        CREATE TEMP TABLE momentum_order (
            order_id text, name text, number bigint, order_day date,
            created_at timestamptz, processed_at timestamptz, closed_at timestamptz, cancelled_at timestamptz,
            cancel_reason text, is_test boolean, is_adjustment boolean, currency text, total_price numeric,
            current_total_price numeric, subtotal_price numeric, total_discounts numeric, total_shipping numeric,
            total_tax numeric, total_refunded numeric, net_payment numeric, taxes_included boolean, confirmed boolean,
            financial_status text, fulfillment_status text, discount_codes text[], tags text[], note text, email text,
            source_name text, customer_id text, customer_order_index integer, customer_key text, shipping_title text,
            shipping_code text, delivery_status text, tracking_number text, shipped_at timestamptz, delivered_at timestamptz,
            source_updated_at timestamptz) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_line (
            line_item_id text, order_id text, title text, name text, sku text, vendor text, variant_title text,
            product_id text, variant_id text, quantity bigint, current_quantity bigint, unit_price numeric,
            discount numeric, discounted_total numeric, is_gift_card boolean, selling_plan text, selling_plan_id text,
            source_updated_at timestamptz) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_refund (
            refund_id text, order_id text, refund_day date, refunded_at timestamptz, total_refunded numeric,
            note text, source_updated_at timestamptz) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_refund_line (
            refund_line_item_id text, refund_id text, order_id text, line_item_id text, quantity bigint,
            restock_type text, subtotal numeric, total_tax numeric, source_updated_at timestamptz) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_order_old (
            order_id text, order_day date, currency text, customer_key text, content_hash bigint,
            stored_hash bigint) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_order_up (
            order_id text, order_day date, currency text, customer_key text, content_hash bigint) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_order, pg_temp.momentum_line, pg_temp.momentum_refund,
                 pg_temp.momentum_refund_line, pg_temp.momentum_order_old, pg_temp.momentum_order_up;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._stage_orders() IS 'Empty temporary tables for one slice of orders.';
REVOKE ALL ON FUNCTION momentum._stage_orders() FROM PUBLIC;

CREATE FUNCTION momentum._read_orders(s momentum._slice, l momentum._loader) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    rows_read bigint;
    moved text;
BEGIN
    PERFORM momentum._stage_orders();
    EXECUTE 'INSERT INTO pg_temp.momentum_line SELECT DISTINCT ON (q.a, q.b) q.*'
        || format(' FROM (%s) AS q (a, b) ORDER BY q.a, q.b, q.order_updated_at DESC', momentum._read(s, l, 'order_line_items'));
    EXECUTE 'INSERT INTO pg_temp.momentum_refund SELECT DISTINCT ON (q.a, q.b) q.*'
        || format(' FROM (%s) AS q (a, b) ORDER BY q.a, q.b, q.order_updated_at DESC', momentum._read(s, l, 'refunds'));
    EXECUTE 'INSERT INTO pg_temp.momentum_refund_line SELECT DISTINCT ON (q.a, q.b, q.c) q.*'
        || format(' FROM (%s) AS q (a, b, c) ORDER BY q.a, q.b, q.c, q.order_updated_at DESC', momentum._read(s, l, 'refund_line_items'));
    EXECUTE 'INSERT INTO pg_temp.momentum_order SELECT DISTINCT ON (q.a) q.*'
        || format(' FROM (%s) AS q (a) ORDER BY q.a, q.updated_at DESC', momentum._read(s, l, 'orders'));
    GET DIAGNOSTICS rows_read = ROW_COUNT;
    ANALYZE pg_temp.momentum_order, pg_temp.momentum_line, pg_temp.momentum_refund, pg_temp.momentum_refund_line;

    SELECT o.order_id INTO moved
      FROM pg_temp.momentum_order o
      JOIN (SELECT c.order_id, c.source_updated_at FROM pg_temp.momentum_line c
            UNION ALL SELECT c.order_id, c.source_updated_at FROM pg_temp.momentum_refund c
            UNION ALL SELECT c.order_id, c.source_updated_at FROM pg_temp.momentum_refund_line c) c
        ON c.order_id = o.order_id AND c.source_updated_at <> o.source_updated_at
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'order % changed while it was read', moved
            USING ERRCODE = 'serialization_failure',
                  HINT = 'Nothing to do: the slice is read again.';
    END IF;
    RETURN rows_read;
END
$$;
COMMENT ON FUNCTION momentum._read_orders(momentum._slice, momentum._loader) IS 'Reads one slice of orders into the temporary tables; returns the number of orders.';
REVOKE ALL ON FUNCTION momentum._read_orders(momentum._slice, momentum._loader) FROM PUBLIC;

-- Orders of erased persons come without them, and so do their refunds.
CREATE FUNCTION momentum._forget_erased_orders(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    b CONSTANT text := quote_literal(s.brand);
    source CONSTANT text := quote_literal(s.source);
BEGIN
    IF NOT momentum._has_erasures(s.brand) THEN
        RETURN;
    END IF;
    EXECUTE (SELECT format('UPDATE pg_temp.momentum_order t SET (%s) = ROW(%s) WHERE %s',
                           string_agg(format('%I', e."column"), ', '), string_agg(e.value, ', '),
                           momentum._ledger_match('hub.orders', b, source, 't'))
               FROM momentum._erasing('hub.orders', b, source, 't') e WHERE e."column" <> 'guest_id');
    UPDATE pg_temp.momentum_refund r SET note = NULL
      FROM pg_temp.momentum_order o
     WHERE o.order_id = r.order_id AND o.customer_key LIKE 'erased %' AND r.note IS NOT NULL;
END
$$;
COMMENT ON FUNCTION momentum._forget_erased_orders(momentum._slice) IS 'Has the orders of a slice forget erased persons, before anything is made of them.';
REVOKE ALL ON FUNCTION momentum._forget_erased_orders(momentum._slice) FROM PUBLIC;

CREATE FUNCTION momentum._load_orders(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    rows_read bigint;
    failed boolean := false;
BEGIN
    rows_read := momentum._read_orders(s, l);
    PERFORM momentum._drop_unread_orders(s);
    PERFORM momentum._forget_erased_orders(s);
    PERFORM momentum._refuse_orders(s);
    BEGIN
        result := momentum._store_orders(s);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        failed := true;
    END;
    IF failed THEN
        result := momentum._store_orders_carefully(s);
    END IF;
    result.rows_read := rows_read;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_orders(momentum._slice, momentum._loader) IS 'Loads one slice of orders with their lines and refunds.';
REVOKE ALL ON FUNCTION momentum._load_orders(momentum._slice, momentum._loader) FROM PUBLIC;

CREATE FUNCTION momentum._store_orders(s momentum._slice) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
BEGIN
    result.warnings := momentum._unknown_words(s.brand, 'shopify', jsonb_strip_nulls(jsonb_build_object(
        'payment_status', (SELECT jsonb_agg(DISTINCT p.financial_status) FROM pg_temp.momentum_order p),
        'shipping_method', (SELECT jsonb_agg(DISTINCT concat_ws(' ', p.shipping_title, p.shipping_code)) FROM pg_temp.momentum_order p
                             WHERE coalesce(p.shipping_title, p.shipping_code) IS NOT NULL))));

    -- Locked, so that a webhook cannot move a row's day in between.  Where the
    -- stamp alone may have moved, what is stored has to be told from what was
    -- loaded: see _corrected_orders().
    INSERT INTO pg_temp.momentum_order_old
    SELECT o.order_id, o.order_day, o.currency, o.customer_key, o.content_hash,
           CASE WHEN p.source_updated_at IS DISTINCT FROM o.source_updated_at THEN
               jsonb_hash_extended(to_jsonb(o) - '{source_updated_at,loaded_at}'::text[], 0) END
      FROM hub.orders o
      JOIN pg_temp.momentum_order p ON p.order_id = o.order_id
     WHERE o.brand = s.brand AND o.source = s.source
       FOR UPDATE OF o;

    WITH line AS (
        SELECT c.order_id,
               sum(c.unit_price * c.quantity) FILTER (WHERE NOT c.is_gift_card) AS gross_sales,
               sum(c.discount) FILTER (WHERE NOT c.is_gift_card) AS discounts,
               sum(c.quantity) FILTER (WHERE NOT c.is_gift_card) AS items_sold,
               bool_or(c.selling_plan IS NOT NULL OR c.selling_plan_id IS NOT NULL) AS has_selling_plan,
               string_agg(hash_record_extended(ROW(c.line_item_id, c.title, c.name, c.sku, c.vendor, c.variant_title,
                    c.product_id, c.variant_id, c.quantity, c.current_quantity, c.unit_price, c.discount,
                    c.discounted_total, c.is_gift_card, c.selling_plan, c.selling_plan_id), 0)::text,
                    ',' ORDER BY c.line_item_id) AS hashes
          FROM pg_temp.momentum_line c GROUP BY c.order_id),
    refund AS (
        SELECT c.order_id, string_agg(hash_record_extended(ROW(c.refund_id, c.refund_day, c.refunded_at, c.total_refunded,
                    c.note), 0)::text, ',' ORDER BY c.refund_id) AS hashes
          FROM pg_temp.momentum_refund c GROUP BY c.order_id),
    refund_line AS (
        SELECT c.order_id, string_agg(hash_record_extended(ROW(c.refund_line_item_id, c.refund_id, c.line_item_id, c.quantity,
                    c.restock_type, c.subtotal, c.total_tax), 0)::text,
                    ',' ORDER BY c.refund_id, c.refund_line_item_id) AS hashes
          FROM pg_temp.momentum_refund_line c GROUP BY c.order_id),
    status AS MATERIALIZED (
        SELECT * FROM momentum._list_values(s.brand, 'shopify', 'order_status', ARRAY(
            SELECT DISTINCT momentum._order_words(p.cancelled_at IS NOT NULL, p.financial_status, p.fulfillment_status, p.delivery_status)
              FROM pg_temp.momentum_order p))),
    payment AS MATERIALIZED (
        SELECT * FROM momentum._list_values(s.brand, 'shopify', 'payment_status', ARRAY(
            SELECT DISTINCT p.financial_status FROM pg_temp.momentum_order p))),
    shipping AS MATERIALIZED (
        SELECT * FROM momentum._list_values(s.brand, 'shopify', 'shipping_method', ARRAY(
            SELECT DISTINCT nullif(concat_ws(' ', p.shipping_title, p.shipping_code), '') FROM pg_temp.momentum_order p))),
    up AS (
        INSERT INTO hub.orders AS t (brand, source, order_id, name, number, order_day, created_at, processed_at,
            closed_at, cancelled_at, cancel_reason, is_test, is_adjustment, has_selling_plan, channel, currency,
            gross_sales, discounts, items_sold, total_price, current_total_price, subtotal_price, total_discounts,
            total_shipping, total_tax, total_refunded, net_payment, taxes_included, confirmed, financial_status,
            fulfillment_status, discount_codes, tags, note, email, source_name, customer_id, customer_order_index,
            customer_key, order_status, payment_status, shipping_method, shipping_title, shipping_code, delivery_status,
            tracking_number, shipped_at, delivered_at, source_updated_at, content_hash, guest_id)
        SELECT s.brand, s.source, p.order_id, p.name, p.number, p.order_day, p.created_at, p.processed_at,
            p.closed_at, p.cancelled_at, p.cancel_reason, p.is_test, p.is_adjustment,
            coalesce(line.has_selling_plan, false), 'shop', p.currency,
            coalesce(line.gross_sales, 0), coalesce(line.discounts, 0), coalesce(line.items_sold, 0),
            p.total_price, p.current_total_price, p.subtotal_price, p.total_discounts,
            p.total_shipping, p.total_tax, p.total_refunded, p.net_payment, p.taxes_included, p.confirmed,
            p.financial_status, p.fulfillment_status, p.discount_codes, p.tags, p.note, p.email, p.source_name,
            p.customer_id, p.customer_order_index, p.customer_key, status.value, payment.value, shipping.value,
            p.shipping_title, p.shipping_code, p.delivery_status, p.tracking_number, p.shipped_at, p.delivered_at,
            p.source_updated_at,
            hashtextextended(concat_ws('/', hash_record_extended(ROW(p.name, p.number, p.order_day, p.created_at,
                p.processed_at, p.closed_at, p.cancelled_at, p.cancel_reason, p.is_test, p.is_adjustment, p.currency,
                p.total_price, p.current_total_price, p.subtotal_price, p.total_discounts, p.total_shipping,
                p.total_tax, p.total_refunded, p.net_payment, p.taxes_included, p.confirmed, p.financial_status,
                p.fulfillment_status, p.discount_codes, p.tags, p.note, p.email, p.source_name, p.customer_id,
                p.customer_order_index, p.shipping_title, p.shipping_code, p.delivery_status, p.tracking_number,
                p.shipped_at, p.delivered_at), 0), line.hashes, '-', refund.hashes, '-', refund_line.hashes), 0),
            CASE WHEN p.customer_id IS NULL THEN momentum._stand_in('guest', s.brand, p.customer_key, (SELECT x.salt FROM momentum_state.salt x)) END
          FROM pg_temp.momentum_order p
          LEFT JOIN line ON line.order_id = p.order_id
          LEFT JOIN refund ON refund.order_id = p.order_id
          LEFT JOIN refund_line ON refund_line.order_id = p.order_id
          LEFT JOIN status ON status.word = momentum._order_words(p.cancelled_at IS NOT NULL, p.financial_status,
                                                                  p.fulfillment_status, p.delivery_status)
          LEFT JOIN payment ON payment.word = p.financial_status
          LEFT JOIN shipping ON shipping.word = nullif(concat_ws(' ', p.shipping_title, p.shipping_code), '')
        ON CONFLICT (brand, source, order_id) DO UPDATE SET
            name = excluded.name, number = excluded.number, order_day = excluded.order_day,
            created_at = excluded.created_at, processed_at = excluded.processed_at, closed_at = excluded.closed_at,
            cancelled_at = excluded.cancelled_at, cancel_reason = excluded.cancel_reason, is_test = excluded.is_test,
            is_adjustment = excluded.is_adjustment, has_selling_plan = excluded.has_selling_plan,
            channel = excluded.channel, currency = excluded.currency, gross_sales = excluded.gross_sales,
            discounts = excluded.discounts, items_sold = excluded.items_sold, total_price = excluded.total_price,
            current_total_price = excluded.current_total_price, subtotal_price = excluded.subtotal_price,
            total_discounts = excluded.total_discounts, total_shipping = excluded.total_shipping,
            total_tax = excluded.total_tax, total_refunded = excluded.total_refunded,
            net_payment = excluded.net_payment, taxes_included = excluded.taxes_included,
            confirmed = excluded.confirmed, financial_status = excluded.financial_status,
            fulfillment_status = excluded.fulfillment_status, discount_codes = excluded.discount_codes,
            tags = excluded.tags, note = excluded.note, email = excluded.email, source_name = excluded.source_name,
            customer_id = excluded.customer_id, customer_order_index = excluded.customer_order_index,
            customer_key = excluded.customer_key, order_status = excluded.order_status,
            payment_status = excluded.payment_status, shipping_method = excluded.shipping_method,
            shipping_title = excluded.shipping_title, shipping_code = excluded.shipping_code,
            delivery_status = excluded.delivery_status, tracking_number = excluded.tracking_number,
            shipped_at = excluded.shipped_at, delivered_at = excluded.delivered_at, source_updated_at = excluded.source_updated_at,
            content_hash = excluded.content_hash, guest_id = excluded.guest_id, loaded_at = now()
         WHERE s.force
            OR excluded.source_updated_at > t.source_updated_at
            OR t.source_updated_at IS NULL AND excluded.source_updated_at IS NOT NULL       -- entered by hand
            OR excluded.source_updated_at = t.source_updated_at AND excluded.content_hash <> t.content_hash
        RETURNING t.order_id, t.order_day, t.currency, t.customer_key, t.content_hash)
    INSERT INTO pg_temp.momentum_order_up SELECT * FROM up;
    GET DIAGNOSTICS result.rows_changed = ROW_COUNT;
    PERFORM momentum._close_letters(s, 'shop_orders', ARRAY(SELECT p.order_id FROM pg_temp.momentum_order p));
    IF result.rows_changed > 0 THEN
        ANALYZE pg_temp.momentum_order_up;
        PERFORM momentum._analyze_grown('hub.orders');
        PERFORM momentum._replace_order_children(s);
        PERFORM momentum._analyze_grown('hub.order_line_items'), momentum._analyze_grown('hub.refunds'),
                momentum._analyze_grown('hub.refund_line_items');
        PERFORM momentum._mark_new_customers(s);
    END IF;

    SELECT count(*) FILTER (WHERE o.order_id IS NULL),
           count(*) FILTER (WHERE u.currency <> s.currency) - count(*) FILTER (WHERE o.currency <> s.currency)
      INTO result.stored, result.foreign_rows
      FROM pg_temp.momentum_order_up u LEFT JOIN pg_temp.momentum_order_old o ON o.order_id = u.order_id;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._store_orders(momentum._slice) IS 'Stores the orders of the temporary tables with their lines and refunds.';
REVOKE ALL ON FUNCTION momentum._store_orders(momentum._slice) FROM PUBLIC;

-- A row keeps the hash of what was loaded when it is corrected by hand, so that
-- the correction holds while its service tells the same.  Once the service has
-- put a newer stamp on it the correction is gone, though the hash is the same:
-- of such orders what was stored is held against what is stored now, with all
-- that belongs to them.  Called when the orders are written and their lines
-- and refunds are not yet.
CREATE FUNCTION momentum._corrected_orders(s momentum._slice) RETURNS TABLE (order_id text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    WITH alike AS MATERIALIZED (
        SELECT u.order_id, p.stored_hash
          FROM pg_temp.momentum_order_up u
          JOIN pg_temp.momentum_order_old p ON p.order_id = u.order_id AND p.content_hash = u.content_hash),
    old_line AS (
        SELECT c.order_id, c.line_item_id, c.title, c.name, c.sku, c.vendor, c.variant_title, c.product_id, c.variant_id,
               c.quantity, c.current_quantity, c.unit_price, c.discount, c.discounted_total, c.is_gift_card,
               c.selling_plan, c.selling_plan_id
          FROM alike a JOIN hub.order_line_items c
            ON c.brand = s.brand AND c.source = s.source AND c.order_id = a.order_id),
    new_line AS (
        SELECT c.order_id, c.line_item_id, c.title, c.name, c.sku, c.vendor, c.variant_title, c.product_id, c.variant_id,
               c.quantity, c.current_quantity, c.unit_price, c.discount, c.discounted_total, c.is_gift_card,
               c.selling_plan, c.selling_plan_id
          FROM alike a JOIN pg_temp.momentum_line c ON c.order_id = a.order_id),
    old_refund AS (
        SELECT c.order_id, c.refund_id, c.refund_day, c.refunded_at, c.returns, c.total_refunded, c.note
          FROM alike a JOIN hub.refunds c ON c.brand = s.brand AND c.source = s.source AND c.order_id = a.order_id),
    new_refund AS (
        SELECT c.order_id, c.refund_id, c.refund_day, c.refunded_at,
               coalesce((SELECT sum(x.subtotal) FROM pg_temp.momentum_refund_line x
                          WHERE x.order_id = c.order_id AND x.refund_id = c.refund_id), 0), c.total_refunded, c.note
          FROM alike a JOIN pg_temp.momentum_refund c ON c.order_id = a.order_id),
    old_return AS (
        SELECT c.order_id, c.refund_line_item_id, c.refund_id, c.line_item_id, c.quantity, c.restock_type, c.subtotal, c.total_tax
          FROM alike a JOIN hub.refund_line_items c
            ON c.brand = s.brand AND c.source = s.source AND c.order_id = a.order_id),
    new_return AS (
        SELECT c.order_id, c.refund_line_item_id, c.refund_id, c.line_item_id, c.quantity, c.restock_type, c.subtotal, c.total_tax
          FROM alike a JOIN pg_temp.momentum_refund_line c ON c.order_id = a.order_id)
    SELECT a.order_id
      FROM alike a JOIN hub.orders o ON o.brand = s.brand AND o.source = s.source AND o.order_id = a.order_id
     WHERE a.stored_hash IS DISTINCT FROM
           jsonb_hash_extended(to_jsonb(o) - '{source_updated_at,loaded_at}'::text[], 0)
     UNION SELECT x.order_id FROM (TABLE old_line EXCEPT TABLE new_line) x
     UNION SELECT x.order_id FROM (TABLE new_line EXCEPT TABLE old_line) x
     UNION SELECT x.order_id FROM (TABLE old_refund EXCEPT TABLE new_refund) x
     UNION SELECT x.order_id FROM (TABLE new_refund EXCEPT TABLE old_refund) x
     UNION SELECT x.order_id FROM (TABLE old_return EXCEPT TABLE new_return) x
     UNION SELECT x.order_id FROM (TABLE new_return EXCEPT TABLE old_return) x;
END
$$;
COMMENT ON FUNCTION momentum._corrected_orders(momentum._slice) IS 'Orders just written whose content is what was loaded before but not what was stored: corrections by hand that are gone.';
REVOKE ALL ON FUNCTION momentum._corrected_orders(momentum._slice) FROM PUBLIC;

-- The days logged are those the order and its refunds had and have: a refund
-- counts on its own day, not on the order's.
CREATE FUNCTION momentum._replace_order_children(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    WITH touched AS (
        SELECT u.order_id, u.order_day, o.order_day AS old_day
          FROM pg_temp.momentum_order_up u LEFT JOIN pg_temp.momentum_order_old o ON o.order_id = u.order_id
         WHERE s.force OR o.content_hash IS DISTINCT FROM u.content_hash
            OR u.order_id IN (SELECT c.order_id FROM momentum._corrected_orders(s) c))
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT s.brand, s.source, s.stream, t.order_day FROM touched t
     UNION SELECT s.brand, s.source, s.stream, t.old_day FROM touched t WHERE t.old_day IS NOT NULL
     UNION SELECT s.brand, s.source, s.stream, r.refund_day
             FROM touched t JOIN pg_temp.momentum_refund r ON r.order_id = t.order_id
     UNION SELECT s.brand, s.source, s.stream, r.refund_day
             FROM touched t JOIN hub.refunds r ON r.brand = s.brand AND r.source = s.source AND r.order_id = t.order_id;

    DELETE FROM hub.refund_line_items t USING pg_temp.momentum_order_up u
     WHERE t.brand = s.brand AND t.source = s.source AND t.order_id = u.order_id;
    DELETE FROM hub.refunds t USING pg_temp.momentum_order_up u
     WHERE t.brand = s.brand AND t.source = s.source AND t.order_id = u.order_id;
    DELETE FROM hub.order_line_items t USING pg_temp.momentum_order_up u
     WHERE t.brand = s.brand AND t.source = s.source AND t.order_id = u.order_id;

    INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, title, name, sku, vendor, variant_title,
        product_id, variant_id, quantity, current_quantity, unit_price, discount, discounted_total, is_gift_card,
        selling_plan, selling_plan_id, source_updated_at)
    SELECT s.brand, s.source, c.line_item_id, c.order_id, c.title, c.name, c.sku, c.vendor, c.variant_title,
           c.product_id, c.variant_id, c.quantity, c.current_quantity, c.unit_price, c.discount, c.discounted_total,
           c.is_gift_card, c.selling_plan, c.selling_plan_id, c.source_updated_at
      FROM pg_temp.momentum_line c JOIN pg_temp.momentum_order_up u ON u.order_id = c.order_id;
    INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns, total_refunded,
        note, source_updated_at)
    SELECT s.brand, s.source, c.refund_id, c.order_id, c.refund_day, c.refunded_at, coalesce(r.returns, 0),
           c.total_refunded, c.note, c.source_updated_at
      FROM pg_temp.momentum_refund c
      JOIN pg_temp.momentum_order_up u ON u.order_id = c.order_id
      LEFT JOIN (SELECT x.order_id, x.refund_id, sum(x.subtotal) AS returns
                   FROM pg_temp.momentum_refund_line x GROUP BY x.order_id, x.refund_id) r
        ON r.order_id = c.order_id AND r.refund_id = c.refund_id;
    INSERT INTO hub.refund_line_items (brand, source, refund_line_item_id, refund_id, order_id, line_item_id, quantity,
        restock_type, subtotal, total_tax, source_updated_at)
    SELECT s.brand, s.source, c.refund_line_item_id, c.refund_id, c.order_id, c.line_item_id, c.quantity,
           c.restock_type, c.subtotal, c.total_tax, c.source_updated_at
      FROM pg_temp.momentum_refund_line c JOIN pg_temp.momentum_order_up u ON u.order_id = c.order_id;
END
$$;
COMMENT ON FUNCTION momentum._replace_order_children(momentum._slice) IS 'Replaces lines and refunds of the orders that changed, and logs their days.';
REVOKE ALL ON FUNCTION momentum._replace_order_children(momentum._slice) FROM PUBLIC;

-- Who is new: the first order that counts, per customer.  An order that comes
-- late, moves or is cancelled may make another order the first one.  Where
-- the service's own count says that orders before the oldest we know exist,
-- the customer is not new.  Sources by hand number their customers each for
-- itself: the C1 of one till is not that of another.
CREATE FUNCTION momentum._mark_new_customers(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    by_hand CONSTANT text[] := ARRAY(SELECT c.source FROM momentum_state.source c WHERE c.brand = s.brand AND c.service = 'manual');
BEGIN
    WITH customer AS MATERIALIZED (
        SELECT u.customer_key FROM pg_temp.momentum_order_up u WHERE u.customer_key IS NOT NULL
         UNION
        SELECT o.customer_key FROM pg_temp.momentum_order_old o WHERE o.customer_key IS NOT NULL),
    known AS (
        SELECT o.source, o.order_id, o.customer_key, h.till, o.customer_order_index,
               NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL AS counts,
               coalesce(o.processed_at, o.created_at) AS at,
               row_number() OVER (PARTITION BY o.customer_key, h.till, o.is_test
                                  ORDER BY coalesce(o.processed_at, o.created_at), o.order_id) AS place,
               o.is_test
          FROM hub.orders o JOIN customer c ON c.customer_key = o.customer_key
         CROSS JOIN LATERAL (SELECT CASE WHEN o.customer_id IS NOT NULL AND o.source = ANY (by_hand) THEN o.source END) h (till)
         WHERE o.brand = s.brand),
    ranked AS (
        SELECT k.source, k.order_id,
               k.counts
               AND row_number() OVER (PARTITION BY k.customer_key, k.till ORDER BY NOT k.counts, k.at, k.order_id) = 1
               AND coalesce(min(k.customer_order_index - k.place) FILTER (WHERE NOT k.is_test)
                            OVER (PARTITION BY k.customer_key, k.till), 0) <= 0 AS is_new
          FROM known k),
    marked AS (
        UPDATE hub.orders o SET is_new_customer = r.is_new
          FROM ranked r
         WHERE o.brand = s.brand AND o.source = r.source AND o.order_id = r.order_id
           AND o.is_new_customer <> r.is_new
        RETURNING o.order_day),
    unmarked AS (
        UPDATE hub.orders o SET is_new_customer = false
         WHERE o.brand = s.brand AND o.source = s.source AND o.is_new_customer AND o.customer_key IS NULL
           AND o.order_id IN (SELECT u.order_id FROM pg_temp.momentum_order_up u)
        RETURNING o.order_day)
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT s.brand, s.source, s.stream, m.order_day FROM marked m
     UNION SELECT s.brand, s.source, s.stream, m.order_day FROM unmarked m;
END
$$;
COMMENT ON FUNCTION momentum._mark_new_customers(momentum._slice) IS 'Marks the first order of each customer whose orders changed, and logs the days on which that changed.';
REVOKE ALL ON FUNCTION momentum._mark_new_customers(momentum._slice) FROM PUBLIC;
