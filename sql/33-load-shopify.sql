-- Shopify into the hub.  An order comes with its lines and refunds; the rest
-- are plain rows.
CREATE FUNCTION momentum._loaders_shopify() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
BEGIN
    l := momentum._new_loader('shop', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object('shop', 'SELECT currency, time_zone, created_at FROM %s');
    l.load := 'momentum._load_account';
    l.whole := true;
    RETURN NEXT l;

    l := momentum._new_loader('orders', 'instant');
    l.needed := true;
    l.channels := '{shop}';
    l.load := 'momentum._load_orders';
    l.reads := jsonb_build_object(
        'orders', $q$
        SELECT id::text, name, number, (coalesce(processed_at, created_at) AT TIME ZONE $5)::date,
               created_at, processed_at, closed_at, cancelled_at, cancel_reason, coalesce(test, false),
               'adjustment' = ANY (coalesce(tags, '{}')), currency, total_price, current_total_price,
               subtotal_price, total_discounts, total_shipping, total_tax, total_refunded, net_payment,
               taxes_included, confirmed, financial_status, fulfillment_status, discount_codes, tags, note,
               nullif(trim(email), ''), source_name, customer_id::text, customer_order_index,
               coalesce(customer_id::text, lower(nullif(trim(email), ''))), nullif(trim(shipping_title), ''),
               nullif(trim(shipping_code), ''), p.delivery_status, p.tracking_number, p.shipped_at,
               CASE WHEN fulfillment_status = 'FULFILLED' THEN p.delivered_at END, updated_at
          FROM %s o
          CROSS JOIN LATERAL (
            SELECT string_agg(f.numbers, ', ' ORDER BY f.made_at, f.place),
                   min(f.made_at) FILTER (WHERE f.is_sent), CASE WHEN bool_and(f.has_come) THEN max(f.came_at) END,
                   CASE WHEN bool_and(f.has_come) THEN 'DELIVERED'
                        ELSE (array_agg(f.status ORDER BY f.made_at DESC, f.place DESC) FILTER (WHERE NOT f.has_come))[1] END
              FROM (SELECT momentum._instant_within(j.parcel ->> 'createdAt', o.id::text, 'orders', 'fulfillments') AS made_at,
                           momentum._instant_within(j.parcel ->> 'deliveredAt', o.id::text, 'orders', 'fulfillments') AS came_at,
                           j.parcel ->> 'displayStatus' AS status, j.parcel ->> 'status' = 'SUCCESS' AS is_sent, j.place,
                           coalesce(j.parcel ->> 'displayStatus' IN ('DELIVERED', 'PICKED_UP'), false) AS has_come,
                           (SELECT string_agg(n ->> 'number', ', ')
                              FROM jsonb_array_elements(j.parcel -> 'trackingInfo') n) AS numbers
                      FROM jsonb_array_elements(o.fulfillments) WITH ORDINALITY j (parcel, place)
                     WHERE j.parcel ->> 'status' NOT IN ('CANCELLED', 'ERROR', 'FAILURE')) f
            ) p (tracking_number, shipped_at, delivered_at, delivery_status)
         WHERE updated_at >= $1 AND updated_at < $2$q$,
        'order_line_items', $q$
        SELECT id::text, order_id::text, title, name, sku, vendor, variant_title, product_id::text,
               variant_id::text, coalesce(quantity, 0), current_quantity, coalesce(unit_price, 0),
               coalesce((SELECT sum(momentum._numeric_within(a #>> '{}', order_id::text, 'order_line_items', 'discount_allocations'))
                           FROM jsonb_path_query(discount_allocations, '$[*].allocatedAmountSet.shopMoney.amount') a),
                        total_discount, 0),
               discounted_total, coalesce(is_gift_card, false), selling_plan, selling_plan_id::text, order_updated_at
          FROM %s
         WHERE order_updated_at >= $1 AND order_updated_at < $2$q$,
        'refunds', $q$
        SELECT id::text, order_id::text, (coalesce(processed_at, created_at) AT TIME ZONE $5)::date,
               coalesce(processed_at, created_at), total_refunded, note, order_updated_at
          FROM %s
         WHERE order_updated_at >= $1 AND order_updated_at < $2$q$,
        'refund_line_items', $q$
        SELECT id::text, refund_id::text, order_id::text, line_item_id::text, quantity, restock_type,
               coalesce(subtotal, 0), total_tax, order_updated_at
          FROM %s
         WHERE order_updated_at >= $1 AND order_updated_at < $2$q$);
    RETURN NEXT l;

    l := momentum._new_loader('sessions_daily', 'day');
    l.width := '90 days';
    l.max_width := '360 days';
    l.windows := '{3,3,7}';
    l.restating_days := 3;
    l.channels := '{shop}';
    l.reads := jsonb_build_object('sessions_daily', $q$
        SELECT day, 'shop', coalesce(sessions, 0), online_store_visitors, sessions_with_cart_additions,
               sessions_that_reached_checkout, sessions_that_completed_checkout
          FROM %s
         WHERE day >= $3 AND day < $4$q$);
    l.target := 'hub.sessions_daily';
    l.columns := '{day,channel,sessions,online_store_visitors,sessions_with_cart_additions,sessions_that_reached_checkout,sessions_that_completed_checkout}';
    l.keys := '{day,channel}';
    l.days := '{day}';
    l.scope := 'true';
    RETURN NEXT l;

    l := momentum._new_loader('subscriptions', 'instant');
    l.channels := '{shop}';
    l.reads := jsonb_build_object('subscription_contracts', $q$
        SELECT id::text, upper(status), created_at, (created_at AT TIME ZONE $5)::date,
               CASE WHEN upper(status) IN ('CANCELLED', 'EXPIRED', 'FAILED')
                    THEN (updated_at AT TIME ZONE $5)::date END,
               next_billing_date, currency, customer_id::text, origin_order_id::text, last_payment_status,
               billing_interval, billing_interval_count, updated_at
          FROM %s
         WHERE updated_at >= $1 AND updated_at < $2$q$);
    l.target := 'hub.subscriptions';
    l.columns := '{subscription_id,status,created_at,created_day,ended_day,next_billing_date,currency,customer_id,origin_order_id,last_payment_status,billing_interval,billing_interval_count,source_updated_at}';
    l.keys := '{subscription_id}';
    l.days := '{created_day,ended_day}';
    l.keeps := '{ended_day}';
    l.spans := true;
    RETURN NEXT l;

    l := momentum._new_loader('customers', 'instant');
    l.reads := jsonb_build_object('customers', $q$
        SELECT id::text, created_at, (created_at AT TIME ZONE $5)::date, first_name, last_name, nullif(trim(email), ''),
               email_marketing_state, email_marketing_at, email_marketing_level, nullif(trim(phone), ''),
               sms_marketing_state, sms_marketing_at, sms_marketing_level, state, tags, orders_count, amount_spent, currency,
               product_subscriber_status, city, province_code, country_code, zip, last_order_id::text, updated_at
          FROM %s
         WHERE updated_at >= $1 AND updated_at < $2$q$);
    l.load := 'momentum._load_customers';
    RETURN NEXT l;

    l := momentum._new_loader('products', 'instant');
    l.width := '180 days';
    l.reads := jsonb_build_object('products', $q$
        SELECT id::text, title, handle, vendor, product_type, status, tags, created_at, published_at,
               total_inventory, updated_at
          FROM %s
         WHERE updated_at >= $1 AND updated_at < $2$q$);
    l.target := 'hub.products';
    l.columns := '{product_id,title,handle,vendor,product_type,status,tags,created_at,published_at,total_inventory,source_updated_at}';
    l.keys := '{product_id}';
    RETURN NEXT l;

    l.loader := 'product_variants';
    l.reads := jsonb_build_object('product_variants', $q$
        SELECT id::text, product_id::text, title, display_name, sku, barcode, price, compare_at_price, position,
               inventory_quantity, inventory_item_id::text, tracked, unit_cost, unit_cost_currency, created_at, updated_at
          FROM %s
         WHERE updated_at >= $1 AND updated_at < $2$q$);
    l.load := 'momentum._load_product_variants';
    l.target := 'hub.product_variants';
    l.columns := '{variant_id,product_id,title,display_name,sku,barcode,price,compare_at_price,position,inventory_quantity,inventory_item_id,tracked,unit_cost,unit_cost_currency,created_at,source_updated_at}';
    l.keys := '{variant_id}';
    RETURN NEXT l;

    l := momentum._new_loader('inventory_levels', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object('inventory_levels', $q$
        SELECT id, inventory_item_id::text, sku, tracked, location_id::text, location_name, is_active,
               available, on_hand, committed, incoming, updated_at
          FROM %s$q$);
    l.load := 'momentum._load_inventory_levels';
    l.target := 'hub.inventory_levels';
    l.columns := '{inventory_level_id,inventory_item_id,sku,tracked,location_id,location_name,is_active,available,on_hand,committed,incoming,source_updated_at}';
    l.keys := '{inventory_level_id}';
    l.scope := 'true';
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_shopify() IS 'How Shopify gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_shopify() FROM PUBLIC;

-- What the service says of the account itself: its currency, the zone of its
-- days, when it was opened.  For every service that has such a resource.
CREATE FUNCTION momentum._load_account(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    account record;
    result momentum._slice_result;
    old_currency CONSTANT text := (SELECT c.currency FROM momentum_state.source c
                                    WHERE c.brand = s.brand AND c.source = s.source);
BEGIN
    EXECUTE format('SELECT q.* FROM (%s) AS q (currency, time_zone, created_at) LIMIT 1', momentum._read(s, l, l.loader))
        INTO account;
    IF account IS NULL THEN
        RAISE EXCEPTION 'source "%" names no account', s.source
            USING ERRCODE = 'no_data_found',
                  DETAIL = format('Relation %s is empty.', s.tables ->> l.loader);
    END IF;
    result.warnings := '{}';
    IF account.currency <> s.currency THEN
        result.warnings := result.warnings || format('the account reports in %s, the brand in %s', account.currency, s.currency);
    END IF;
    IF account.time_zone <> s.zone THEN
        IF NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = account.time_zone) THEN
            result.warnings := result.warnings || format('time zone "%s" of the account does not exist', left(account.time_zone, 60));
            account.time_zone := NULL;
        ELSE
            result.warnings := result.warnings || format('its days are days of %s, the brand''s of %s', account.time_zone, s.zone);
        END IF;
    END IF;
    UPDATE momentum_state.source c
       SET currency = account.currency, time_zone = account.time_zone,
           opened_on = (account.created_at AT TIME ZONE s.zone)::date
     WHERE c.brand = s.brand AND c.source = s.source
       AND (c.currency, c.time_zone, c.opened_on) IS DISTINCT FROM
           (account.currency, account.time_zone, (account.created_at AT TIME ZONE s.zone)::date);
    result.rows_read := 1;
    result.rows_changed := CASE WHEN FOUND THEN 1 ELSE 0 END;
    result.stored := 0;
    result.foreign_rows := 0;
    -- What counts in the sums hangs on the currency: every day is computed anew.
    IF account.currency IS DISTINCT FROM old_currency THEN
        INSERT INTO momentum_state.changed_day (brand, source, stream, day)
        SELECT st.brand, st.source, st.stream, g::date
          FROM momentum_state.stream st,
               generate_series(st.first_day::timestamp, st.complete_through::timestamp, '1 day') g
         WHERE st.brand = s.brand AND st.source = s.source AND st.stream <> s.stream;
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_account(momentum._slice, momentum._loader) IS 'Notes currency, zone and opening day of a source''s account.';
REVOKE ALL ON FUNCTION momentum._load_account(momentum._slice, momentum._loader) FROM PUBLIC;
