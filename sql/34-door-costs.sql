-- After a load by hand: what the rows were before, nobody knows any more.
CREATE FUNCTION momentum._door_note_costs(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._log_cost_days(_door_note_costs.brand, m.metric, NULL, NULL)
       FROM unnest('{fixed_costs,variable_costs,shipping_cost,payment_fees}'::text[]) m (metric);
END
$$;
COMMENT ON FUNCTION momentum._door_note_costs(momentum._door, text, boolean) IS 'Has the next refresh compute the costs of a brand anew after a load by hand.';
REVOKE ALL ON FUNCTION momentum._door_note_costs(momentum._door, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._door_note_product_costs(d momentum._door, brand text, is_first boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._cost_changed(_door_note_product_costs.brand, e.product_keys, e.valid_from)
       FROM (SELECT array_agg(DISTINCT c.product_key) AS product_keys, c.valid_from
               FROM pg_temp.momentum_entry_product_costs e
               JOIN hub.product_costs c
                 ON c.brand = e.brand AND c.product_key = e.product_key AND c.valid_from = e.valid_from::date
              WHERE e.brand = _door_note_product_costs.brand
              GROUP BY c.valid_from) e;
END
$$;
COMMENT ON FUNCTION momentum._door_note_product_costs(momentum._door, text, boolean) IS 'Has the next refresh compute the cost of goods of the days that a load by hand of their costs touched.';
REVOKE ALL ON FUNCTION momentum._door_note_product_costs(momentum._door, text, boolean) FROM PUBLIC;
