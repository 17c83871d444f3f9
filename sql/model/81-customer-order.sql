-- Whose order is whose, by the rules of hub.customer_value.
CREATE OR REPLACE VIEW hub.customer_order WITH (security_barrier) AS
SELECT x.brand, x.customer_id, x.source, x.order_id, x.order_date, h.as_of
  FROM (SELECT c.brand, c.customer_id, o.source, o.order_id, o.order_day AS order_date
          FROM hub.customers c
          JOIN hub.orders o ON o.brand = c.brand AND o.customer_key = c.customer_id AND o.customer_id = c.customer_id
                           AND o.source = c.source
         WHERE c.duplicate_of IS NULL
         UNION ALL
        SELECT c.brand, c.customer_id, o.source, o.order_id, o.order_day
          FROM hub.customers c
          JOIN hub.customers d ON d.brand = c.brand AND lower(d.email) = lower(c.email) AND d.duplicate_of IS NOT NULL
          JOIN hub.orders o ON o.brand = d.brand AND o.customer_key = d.customer_id AND o.customer_id = d.customer_id
                           AND o.source = d.source
         WHERE c.duplicate_of IS NULL
         UNION ALL
        SELECT c.brand, c.customer_id, o.source, o.order_id, o.order_day
          FROM hub.customers c
          JOIN hub.orders o ON o.brand = c.brand AND lower(o.email) = lower(c.email)
         WHERE c.duplicate_of IS NULL
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND e.source = o.source AND e.customer_id = o.customer_id)
         UNION ALL
        SELECT o.brand, o.customer_key, o.source, o.order_id, o.order_day
          FROM hub.orders o
         WHERE o.customer_key = o.customer_id
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND e.source = o.source AND e.customer_id = o.customer_id)
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)
         UNION ALL
        SELECT o.brand, o.guest_id, o.source, o.order_id, o.order_day
          FROM hub.orders o
         WHERE o.guest_id <> '' AND o.customer_id IS NULL
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)
         UNION ALL
        -- rows that no loader has named yet
        SELECT o.brand, momentum._stand_in('guest', o.brand, o.customer_key, (SELECT a.salt FROM momentum_state.salt a)), o.source, o.order_id, o.order_day
          FROM hub.orders o
         WHERE o.guest_id = '' AND o.customer_id IS NULL AND o.customer_key IS NOT NULL
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)) x
  LEFT JOIN momentum_state.score h ON h.brand = x.brand AND h.back = 0
 WHERE momentum.may_see(x.brand);
COMMENT ON VIEW hub.customer_order IS 'Which customer of hub.customer_value each order belongs to, those that do not count included.';
COMMENT ON COLUMN hub.customer_order.brand IS 'The brand.';
COMMENT ON COLUMN hub.customer_order.customer_id IS 'The customer, or the stand-in for a guest.';
COMMENT ON COLUMN hub.customer_order.source IS 'The source of the order.';
COMMENT ON COLUMN hub.customer_order.order_id IS 'The shop''s id of the order.';
COMMENT ON COLUMN hub.customer_order.order_date IS 'Day of the order in the brand''s zone.';
COMMENT ON COLUMN hub.customer_order.as_of IS 'Newest complete day of the brand.';

CREATE OR REPLACE FUNCTION hub.customer_orders(brand text, customer_id text) RETURNS SETOF hub.order_profit
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT v.*
          FROM hub.order_profit v
         WHERE v.brand = customer_orders.brand
           AND v.order_id = ANY (momentum._customer_orders(customer_orders.brand, customer_orders.customer_id));
    END;
COMMENT ON FUNCTION hub.customer_orders(text, text) IS 'The rows of hub.order_profit of one customer of hub.customer_value, by its id; for those who may see it, by its e-mail address, too.';
REVOKE ALL ON FUNCTION hub.customer_orders(text, text) FROM PUBLIC;
