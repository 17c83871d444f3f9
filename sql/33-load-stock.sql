-- What the sync of products leaves beside their rows: the history of costs
-- and of stock.

-- Readings of the stock of products, all shops together as they were last
-- read.  Of untracked variants there is nothing to tell.
CREATE FUNCTION momentum._note_stock(brand text, product_keys text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    today date;
BEGIN
    SELECT (now() AT TIME ZONE b.time_zone)::date INTO today
      FROM momentum_state.brand b WHERE b.brand = _note_stock.brand;
    INSERT INTO hub.stock_daily AS t (brand, product_key, day, available, was_out)
    SELECT i.brand, i.product_key, today, sum(i.available), sum(i.available) <= 0
      FROM momentum_state.variant_stock i
     WHERE i.brand = _note_stock.brand AND i.product_key = ANY (product_keys) AND i.is_tracked
     GROUP BY i.brand, i.product_key
    HAVING count(i.available) = count(*)
    ON CONFLICT ON CONSTRAINT stock_daily_pkey DO UPDATE
       SET available = excluded.available, was_out = t.was_out OR excluded.was_out, loaded_at = now()
     WHERE t.available <> excluded.available;
    DELETE FROM hub.stock_daily t
     WHERE t.brand = _note_stock.brand
       AND t.day < today - momentum._setting(_note_stock.brand, 'stock.keep_days')::numeric::integer;
END
$$;
COMMENT ON FUNCTION momentum._note_stock(text, text[]) IS 'Enters the stock of products, as it was just read, into hub.stock_daily, and deletes readings past their time.';
REVOKE ALL ON FUNCTION momentum._note_stock(text, text[]) FROM PUBLIC;

-- A unit cost below zero stays on the variant as the shop told it, is no cost,
-- and becomes a letter, which is done with once the shop tells a better one.
CREATE FUNCTION momentum._note_refused_costs(brand text, source text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._dead_letter(t.brand, t.source, 'variant_cost', NULL,
                jsonb_build_object('variant_id', t.variant_id, 'product_key', t.product_key, 'unit_cost', t.unit_cost,
                                   'currency', t.unit_cost_currency),
                format('cost of variant %s is below zero', t.variant_id), '22003', item => t.variant_id)
       FROM hub.product_variants t
      WHERE t.brand = _note_refused_costs.brand AND t.source = _note_refused_costs.source
        AND t.loaded_at = now() AND t.unit_cost < 0;
    UPDATE momentum_state.dead_letter d SET replayed_at = clock_timestamp(), last_at = clock_timestamp(), payload = NULL
      FROM hub.product_variants t
     WHERE d.brand = _note_refused_costs.brand AND d.source = _note_refused_costs.source AND d.feed = 'variant_cost'
       AND d.replayed_at IS NULL AND t.brand = d.brand AND t.source = d.source AND t.variant_id = d.item
       AND t.loaded_at = now() AND (t.unit_cost < 0) IS NOT TRUE;
END
$$;
COMMENT ON FUNCTION momentum._note_refused_costs(text, text) IS 'Keeps dead letters of variants whose unit cost, just read, is below zero.';
REVOKE ALL ON FUNCTION momentum._note_refused_costs(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._replay_variant_cost(brand text, source text, payload jsonb, body bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF EXISTS (SELECT FROM hub.product_variants v
                WHERE v.brand = _replay_variant_cost.brand AND v.source = _replay_variant_cost.source
                  AND v.variant_id = payload ->> 'variant_id' AND v.unit_cost < 0) THEN
        RAISE EXCEPTION 'cost of variant % is below zero', payload ->> 'variant_id'
            USING ERRCODE = 'numeric_value_out_of_range',
                  HINT = 'Mend it in the shop, or enter the cost with momentum.set_product_cost().';
    END IF;
    PERFORM momentum._note_product_costs(_replay_variant_cost.brand, ARRAY[payload ->> 'product_key']);
END
$$;
COMMENT ON FUNCTION momentum._replay_variant_cost(text, text, jsonb, bytea) IS 'Looks again at a unit cost that was below zero.';
REVOKE ALL ON FUNCTION momentum._replay_variant_cost(text, text, jsonb, bytea) FROM PUBLIC;

-- Variants written in this transaction, those without a change left out.
CREATE FUNCTION momentum._load_product_variants(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result := momentum._load_rows(s, l);
    keys text[];
BEGIN
    IF result.rows_changed > 0 THEN
        keys := ARRAY(SELECT DISTINCT t.product_key FROM hub.product_variants t
                       WHERE t.brand = s.brand AND t.source = s.source AND t.loaded_at = now());
        PERFORM momentum._note_product_costs(s.brand, keys);
        PERFORM momentum._note_stock(s.brand, keys);
        PERFORM momentum._note_refused_costs(s.brand, s.source);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_product_variants(momentum._slice, momentum._loader) IS 'Loads one slice of variants, and enters what has changed of their cost and stock.';
REVOKE ALL ON FUNCTION momentum._load_product_variants(momentum._slice, momentum._loader) FROM PUBLIC;

-- All levels were read: a count that is the same is a reading all the same.
CREATE FUNCTION momentum._load_inventory_levels(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result := momentum._load_rows(s, l);
BEGIN
    PERFORM momentum._note_stock(s.brand, ARRAY(SELECT DISTINCT t.product_key FROM hub.product_variants t
                                                 WHERE t.brand = s.brand AND t.source = s.source));
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_inventory_levels(momentum._slice, momentum._loader) IS 'Loads the stock of all variants of a shop, and enters it as the reading of the day.';
REVOKE ALL ON FUNCTION momentum._load_inventory_levels(momentum._slice, momentum._loader) FROM PUBLIC;

-- What was loaded by hand leaves the same behind.
CREATE FUNCTION momentum._door_note_product_variants(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    keys CONSTANT text[] := ARRAY(
        SELECT DISTINCT v.product_key
          FROM pg_temp.momentum_entry_product_variants e
          JOIN hub.product_variants v ON v.brand = e.brand AND v.source = e.source AND v.variant_id = e.variant_id
         WHERE e.brand = _door_note_product_variants.brand);
BEGIN
    PERFORM momentum._note_product_costs(_door_note_product_variants.brand, keys);
    PERFORM momentum._note_stock(_door_note_product_variants.brand, keys);
    PERFORM momentum._note_refused_costs(e.brand, e.source)
       FROM (SELECT DISTINCT x.brand, x.source FROM pg_temp.momentum_entry_product_variants x
              WHERE x.brand = _door_note_product_variants.brand) e;
END
$$;
COMMENT ON FUNCTION momentum._door_note_product_variants(momentum._door, text, boolean) IS 'Enters cost and stock of variants that were loaded by hand into their histories.';
REVOKE ALL ON FUNCTION momentum._door_note_product_variants(momentum._door, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._door_note_inventory_levels(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._note_stock(_door_note_inventory_levels.brand, ARRAY(
        SELECT DISTINCT v.product_key
          FROM pg_temp.momentum_entry_inventory_levels e
          JOIN hub.product_variants v ON v.brand = e.brand AND v.source = e.source AND v.inventory_item_id = e.inventory_item_id
         WHERE e.brand = _door_note_inventory_levels.brand));
END
$$;
COMMENT ON FUNCTION momentum._door_note_inventory_levels(momentum._door, text, boolean) IS 'Enters levels that were loaded by hand as the reading of the day.';
REVOKE ALL ON FUNCTION momentum._door_note_inventory_levels(momentum._door, text, boolean) FROM PUBLIC;
