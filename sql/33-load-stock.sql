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
    ON CONFLICT (brand, product_key, day) DO UPDATE
       SET available = excluded.available, was_out = t.was_out OR excluded.was_out, loaded_at = now()
     WHERE t.available <> excluded.available;
    DELETE FROM hub.stock_daily t
     WHERE t.brand = _note_stock.brand
       AND t.day < today - momentum._setting(_note_stock.brand, 'stock.keep_days')::numeric::integer;
END
$$;
COMMENT ON FUNCTION momentum._note_stock(text, text[]) IS 'Enters the stock of products, as it was just read, into hub.stock_daily, and deletes readings past their time.';
REVOKE ALL ON FUNCTION momentum._note_stock(text, text[]) FROM PUBLIC;

-- Variants written in this transaction, those without a change left out.
CREATE FUNCTION momentum._load_product_variants(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result := momentum._load_rows(s, l);
    keys text[];
    v record;
BEGIN
    IF result.rows_changed > 0 THEN
        keys := ARRAY(SELECT DISTINCT t.product_key FROM hub.product_variants t
                       WHERE t.brand = s.brand AND t.source = s.source AND t.loaded_at = now());
        PERFORM momentum._note_product_costs(s.brand, keys);
        PERFORM momentum._note_stock(s.brand, keys);
        FOR v IN SELECT t.variant_id, t.unit_cost FROM hub.product_variants t
                  WHERE t.brand = s.brand AND t.source = s.source AND t.loaded_at = now() AND t.unit_cost < 0
                  ORDER BY t.variant_id LIMIT 20
        LOOP
            result.warnings := result.warnings
                || format('variant %s: a cost of %s is none and is not used', v.variant_id, v.unit_cost);
        END LOOP;
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
