-- Whom an address belongs to.  A function, not a join: only a value reaches
-- the indexes under hub.customer_value.
CREATE FUNCTION momentum._customer_ids(brand text, email text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN ARRAY(SELECT a.customer_id FROM hub.customer_address a
                  WHERE a.brand = _customer_ids.brand AND a.email = lower(btrim(_customer_ids.email)));
END
$$;
COMMENT ON FUNCTION momentum._customer_ids(text, text) IS 'Customers of hub.customer_value that an e-mail address belongs to, as far as the caller may see it.';
REVOKE ALL ON FUNCTION momentum._customer_ids(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._customer_orders(brand text, customer_id text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF strpos(customer_id, '@') > 0 THEN
        RETURN ARRAY(SELECT c.order_id FROM unnest(momentum._customer_ids(_customer_orders.brand, _customer_orders.customer_id)) i,
                            LATERAL (SELECT o.order_id FROM hub.customer_order o WHERE o.brand = _customer_orders.brand AND o.customer_id = i) c);
    END IF;
    RETURN ARRAY(SELECT c.order_id FROM hub.customer_order c
                  WHERE c.brand = _customer_orders.brand AND c.customer_id = _customer_orders.customer_id);
END
$$;
COMMENT ON FUNCTION momentum._customer_orders(text, text) IS 'Orders of a customer of hub.customer_value, as far as the caller may see them.';
REVOKE ALL ON FUNCTION momentum._customer_orders(text, text) FROM PUBLIC;
