-- What a unit costs, over time: told by the shops as their unit cost changes,
-- or entered by hand.  A row holds until the day of the next one, so no two
-- can overlap.  A cost entered by hand holds until the next one entered by
-- hand, whatever the shops tell meanwhile.

-- What the shops say a product costs now: of several that do, the one in the
-- brand's currency, then the one whose name comes first.  Less than nothing
-- is no cost.
CREATE FUNCTION momentum._note_product_costs(brand text, product_keys text[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    today date;
    noted record;
    costs bigint := 0;
BEGIN
    SELECT (now() AT TIME ZONE b.time_zone)::date INTO today
      FROM momentum_state.brand b WHERE b.brand = _note_product_costs.brand;
    FOR noted IN
        WITH told AS MATERIALIZED (
            SELECT DISTINCT ON (v.product_key) v.product_key, v.source, v.unit_cost, x.currency
              FROM hub.product_variants v
              JOIN momentum_state.brand b ON b.brand = v.brand
              LEFT JOIN momentum_state.source c ON c.brand = v.brand AND c.source = v.source,
                   LATERAL (SELECT coalesce(v.unit_cost_currency, c.currency, b.currency) AS currency) x
             WHERE v.brand = _note_product_costs.brand AND v.product_key = ANY (product_keys)
               AND v.unit_cost >= 0 AND x.currency ~ '^[A-Z]{3}$'
             ORDER BY v.product_key, x.currency <> b.currency, v.source, v.variant_id),
        written AS (
            INSERT INTO hub.product_costs AS t (brand, product_key, valid_from, unit_cost, currency, source)
            SELECT _note_product_costs.brand, w.product_key,
                   CASE WHEN EXISTS (SELECT FROM hub.product_costs h
                                      WHERE h.brand = _note_product_costs.brand AND h.product_key = w.product_key)
                        THEN today ELSE '-infinity' END, w.unit_cost, w.currency, w.source
              FROM told w
              LEFT JOIN LATERAL (
                SELECT h.unit_cost, h.currency, h.source
                  FROM hub.product_costs h
                 WHERE h.brand = _note_product_costs.brand AND h.product_key = w.product_key AND h.valid_from <= today
                 ORDER BY h.valid_from DESC LIMIT 1) o ON true
             WHERE o.source IS DISTINCT FROM '' AND (o.unit_cost, o.currency) IS DISTINCT FROM (w.unit_cost, w.currency)
            ON CONFLICT ON CONSTRAINT product_costs_pkey DO UPDATE
               SET unit_cost = excluded.unit_cost, currency = excluded.currency, source = excluded.source, loaded_at = now()
             WHERE t.source <> ''
            RETURNING t.product_key, t.valid_from)
        SELECT n.valid_from, array_agg(n.product_key) AS product_keys FROM written n GROUP BY n.valid_from
    LOOP
        PERFORM momentum._cost_changed(_note_product_costs.brand, noted.product_keys, noted.valid_from);
        costs := costs + cardinality(noted.product_keys);
    END LOOP;
    RETURN costs;
END
$$;
COMMENT ON FUNCTION momentum._note_product_costs(text, text[]) IS
    'Enters into hub.product_costs what the shops tell of these products, where it differs from what holds today: from today on, or for all time if it is the first known. Returns the number of costs entered.';
REVOKE ALL ON FUNCTION momentum._note_product_costs(text, text[]) FROM PUBLIC;

-- What shops told of days for which a cost was entered by hand.
CREATE FUNCTION momentum._put_hand_costs_first(brand text, product_keys text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    replaced jsonb;
BEGIN
    WITH gone AS (
        DELETE FROM hub.product_costs h
         WHERE h.brand = _put_hand_costs_first.brand AND h.product_key = ANY (product_keys) AND h.source <> ''
           AND EXISTS (SELECT FROM hub.product_costs n
                        WHERE n.brand = h.brand AND n.product_key = h.product_key AND n.source = '' AND n.valid_from <= h.valid_from)
        RETURNING h.product_key, h.valid_from, h.unit_cost, h.currency, h.source)
    SELECT jsonb_agg(to_jsonb(g) ORDER BY g.product_key, g.valid_from) INTO replaced FROM gone g;
    IF replaced IS NOT NULL THEN
        PERFORM momentum._audit(_put_hand_costs_first.brand, 'set_product_cost', jsonb_build_object('replaced', replaced));
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._put_hand_costs_first(text, text[]) IS 'Removes what shops told of days for which a cost was entered by hand; the audit keeps it.';
REVOKE ALL ON FUNCTION momentum._put_hand_costs_first(text, text[]) FROM PUBLIC;

CREATE FUNCTION momentum.set_product_cost(brand text, product_key text, unit_cost numeric, valid_from date DEFAULT NULL,
                                          currency text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    key CONSTANT text := btrim(set_product_cost.product_key);
    from_day date := set_product_cost.valid_from;
    money text := set_product_cost.currency;
    replaced jsonb;
BEGIN
    PERFORM momentum._check_brand(set_product_cost.brand);
    IF coalesce(key, '') = '' THEN
        RAISE EXCEPTION 'product must be named'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give the SKU; where the product has none, ''variant '' and the variant''s id.';
    END IF;
    IF set_product_cost.unit_cost < 0 OR set_product_cost.unit_cost >= 1e12 THEN
        RAISE EXCEPTION 'cost of product "%" is out of range', key
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('The cost is %s; it can be from 0 to below 10^12.', left(set_product_cost.unit_cost::text, 40));
    END IF;
    IF from_day >= '2200-01-01' THEN
        RAISE EXCEPTION 'day of the cost of product "%" is out of range', key
            USING ERRCODE = 'datetime_field_overflow',
                  DETAIL = format('The day is %s; it must be before 2200-01-01.', from_day);
    END IF;
    SELECT coalesce(money, b.currency),
           coalesce(from_day, CASE WHEN EXISTS (SELECT FROM hub.product_costs h
                                                 WHERE h.brand = b.brand AND h.product_key = key)
                                   THEN (now() AT TIME ZONE b.time_zone)::date ELSE '-infinity' END)
      INTO money, from_day
      FROM momentum_state.brand b WHERE b.brand = set_product_cost.brand;
    IF money !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION 'invalid currency "%"', money
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use the three capital letters of ISO 4217, such as USD.';
    END IF;

    IF set_product_cost.unit_cost IS NULL THEN
        DELETE FROM hub.product_costs h
         WHERE h.brand = set_product_cost.brand AND h.product_key = key AND h.valid_from = from_day AND h.source = '';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'product "%" has no cost entered by hand from % on', key, from_day
                USING ERRCODE = 'undefined_object',
                      DETAIL = coalesce((SELECT 'Costs entered by hand hold from ' || string_agg(h.valid_from::text, ', ' ORDER BY h.valid_from) || '.'
                                           FROM hub.product_costs h
                                          WHERE h.brand = set_product_cost.brand AND h.product_key = key AND h.source = ''),
                                        'No cost of it was entered by hand.');
        END IF;
        PERFORM momentum._note_product_costs(set_product_cost.brand, ARRAY[key]);
    ELSE
        IF NOT EXISTS (SELECT FROM hub.product_variants v WHERE v.brand = set_product_cost.brand AND v.product_key = key)
           AND NOT EXISTS (SELECT FROM hub.product_sales_daily d WHERE d.brand = set_product_cost.brand AND d.product_key = key)
           AND NOT EXISTS (SELECT FROM hub.product_settings e WHERE e.brand = set_product_cost.brand AND e.product_key = key) THEN
            RAISE NOTICE 'no product "%" is known so far', key;
        END IF;
        WITH gone AS (     -- what shops told of the days that this one holds for
            DELETE FROM hub.product_costs h
             WHERE h.brand = set_product_cost.brand AND h.product_key = key AND h.source <> '' AND h.valid_from >= from_day
               AND h.valid_from < coalesce((SELECT min(n.valid_from) FROM hub.product_costs n
                                             WHERE n.brand = h.brand AND n.product_key = h.product_key
                                               AND n.source = '' AND n.valid_from > from_day), 'infinity')
            RETURNING h.valid_from, h.unit_cost, h.currency, h.source)
        SELECT jsonb_agg(to_jsonb(g) ORDER BY g.valid_from) INTO replaced FROM gone g;
        INSERT INTO hub.product_costs AS h (brand, product_key, valid_from, unit_cost, currency, source)
        VALUES (set_product_cost.brand, key, from_day, set_product_cost.unit_cost, money, '')
            ON CONFLICT ON CONSTRAINT product_costs_pkey DO UPDATE
           SET unit_cost = excluded.unit_cost, currency = excluded.currency, source = '', loaded_at = now();
    END IF;
    PERFORM momentum._cost_changed(set_product_cost.brand, ARRAY[key], from_day);
    PERFORM momentum._audit(set_product_cost.brand, 'set_product_cost', jsonb_strip_nulls(jsonb_build_object(
        'product_key', key, 'unit_cost', set_product_cost.unit_cost, 'currency', money, 'valid_from', from_day, 'replaced', replaced)));
END
$$;
COMMENT ON FUNCTION momentum.set_product_cost(text, text, numeric, date, text) IS
    'Enters what a unit of a product costs from a day on (default: today in the brand''s zone; always, if it is the first). It holds until the next cost entered by hand: what shops told of these days goes into the audit, what they tell later is not used. NULL takes the cost entered for that day away; then the shops'' holds again.';
REVOKE ALL ON FUNCTION momentum.set_product_cost(text, text, numeric, date, text) FROM PUBLIC;
