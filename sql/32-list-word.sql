-- The words of a service as values of the select lists.  A word that no row
-- knows, or whose value is in no list, is NULL and told as a warning.
CREATE FUNCTION momentum._list_values(brand text, service text, field text, words text[])
    RETURNS TABLE (word text, value text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT w.word, l.value
      FROM (SELECT DISTINCT u.word FROM unnest(words) AS u (word)) w
      LEFT JOIN LATERAL (
        SELECT x.value
          FROM momentum_state.list_word x
         WHERE x.brand IN ('', _list_values.brand) AND x.service = _list_values.service AND x.field = _list_values.field
           AND w.word ~* x.pattern
           AND CASE x.field
               WHEN 'order_status' THEN EXISTS (SELECT FROM hub.order_statuses s WHERE s.order_status = x.value)
               WHEN 'payment_status' THEN EXISTS (SELECT FROM hub.payment_statuses s WHERE s.payment_status = x.value)
               ELSE EXISTS (SELECT FROM hub.shipping_methods s WHERE s.shipping_method = x.value) END
         ORDER BY x.brand DESC, x.position, x.pattern
         LIMIT 1) l ON true
     WHERE w.word IS NOT NULL;
END
$$;
COMMENT ON FUNCTION momentum._list_values(text, text, text, text[]) IS 'Each of some words of a service with the value of the select list that momentum_state.list_word gives it; NULL: none.';
REVOKE ALL ON FUNCTION momentum._list_values(text, text, text, text[]) FROM PUBLIC;

-- What an order's words are, in the form in which list_word reads them.
CREATE FUNCTION momentum._order_words(is_cancelled boolean, payment text, fulfillment text, delivery text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT nullif(concat_ws('; ', CASE WHEN is_cancelled THEN 'cancelled' END, 'payment ' || payment,
                            'fulfillment ' || fulfillment, 'delivery ' || delivery), '')
$$;
COMMENT ON FUNCTION momentum._order_words(boolean, text, text, text) IS 'The words of an order from which its status follows.';
REVOKE ALL ON FUNCTION momentum._order_words(boolean, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._unknown_words(brand text, service text, words jsonb) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN ARRAY(
        SELECT format('%s: no row of momentum_state.list_word knows "%s"', f.field, left(v.word, 80))
          FROM jsonb_each(words) AS f (field, list),
               momentum._list_values(brand, service, f.field, ARRAY(SELECT jsonb_array_elements_text(f.list))) v
         WHERE v.value IS NULL
         ORDER BY 1 LIMIT 20);
END
$$;
COMMENT ON FUNCTION momentum._unknown_words(text, text, jsonb) IS 'Warnings about words, given as field -> words, that have no value.';
REVOKE ALL ON FUNCTION momentum._unknown_words(text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum.apply_list_words(brand text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    shop record;
    changed bigint := 0;
    n bigint;
BEGIN
    IF apply_list_words.brand IS NOT NULL THEN
        PERFORM momentum._check_brand(apply_list_words.brand);
    END IF;
    FOR shop IN
        SELECT c.brand, c.source, c.service FROM momentum_state.source c
         WHERE (apply_list_words.brand IS NULL OR c.brand = apply_list_words.brand)
           AND EXISTS (SELECT FROM momentum_state.list_word l WHERE l.service = c.service)
         ORDER BY c.brand, c.source
    LOOP
        WITH word AS MATERIALIZED (
            SELECT o.order_id, momentum._order_words(o.cancelled_at IS NOT NULL, o.financial_status, o.fulfillment_status,
                                                     o.delivery_status) AS status,
                   o.financial_status AS payment, nullif(concat_ws(' ', o.shipping_title, o.shipping_code), '') AS shipping
              FROM hub.orders o WHERE o.brand = shop.brand AND o.source = shop.source),
        status AS MATERIALIZED (
            SELECT * FROM momentum._list_values(shop.brand, shop.service, 'order_status', ARRAY(SELECT DISTINCT w.status FROM word w))),
        payment AS MATERIALIZED (
            SELECT * FROM momentum._list_values(shop.brand, shop.service, 'payment_status', ARRAY(SELECT DISTINCT w.payment FROM word w))),
        shipping AS MATERIALIZED (
            SELECT * FROM momentum._list_values(shop.brand, shop.service, 'shipping_method', ARRAY(SELECT DISTINCT w.shipping FROM word w)))
        UPDATE hub.orders o
           SET order_status = status.value, payment_status = payment.value, shipping_method = shipping.value
          FROM word w
          LEFT JOIN status ON status.word = w.status
          LEFT JOIN payment ON payment.word = w.payment
          LEFT JOIN shipping ON shipping.word = w.shipping
         WHERE o.brand = shop.brand AND o.source = shop.source AND o.order_id = w.order_id
           AND (o.order_status, o.payment_status, o.shipping_method)
               IS DISTINCT FROM (status.value, payment.value, shipping.value);
        GET DIAGNOSTICS n = ROW_COUNT;
        changed := changed + n;
    END LOOP;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION momentum.apply_list_words(text) IS
    'Reads the words of the stored orders anew after a change of momentum_state.list_word, of one brand or of all; returns how many orders changed.';
REVOKE ALL ON FUNCTION momentum.apply_list_words(text) FROM PUBLIC;
