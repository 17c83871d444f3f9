-- Customers by their e-mail address, for those who may see it.
CREATE OR REPLACE VIEW hub.customer_address WITH (security_barrier) AS
SELECT x.brand, x.email, x.customer_id, x.is_guest, h.as_of
  FROM (SELECT c.brand, lower(c.email) AS email, c.customer_id, false AS is_guest
          FROM hub.customers c
         WHERE c.duplicate_of IS NULL AND c.email IS NOT NULL
         UNION ALL
        SELECT o.brand, lower(o.email), coalesce(o.customer_id, nullif(o.guest_id, ''), momentum._stand_in('guest', o.brand, o.customer_key, (SELECT a.salt FROM momentum_state.salt a))),
               o.customer_id IS NULL
          FROM hub.orders o
         WHERE o.email IS NOT NULL AND o.customer_key IS NOT NULL
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND e.source = o.source AND e.customer_id = o.customer_id)
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)
         GROUP BY o.brand, lower(o.email), coalesce(o.customer_id, nullif(o.guest_id, ''), momentum._stand_in('guest', o.brand, o.customer_key, (SELECT a.salt FROM momentum_state.salt a))),
                  o.customer_id IS NULL) x
  LEFT JOIN momentum_state.score h ON h.brand = x.brand AND h.back = 0
 WHERE momentum.may_see(x.brand) AND momentum.may_see_personal(x.brand);
COMMENT ON VIEW hub.customer_address IS 'Which customer of hub.customer_value an e-mail address belongs to. Empty for those who may not see personal data.';
COMMENT ON COLUMN hub.customer_address.brand IS 'The brand.';
COMMENT ON COLUMN hub.customer_address.email IS 'E-mail address in lower case.';
COMMENT ON COLUMN hub.customer_address.customer_id IS 'The customer, or the stand-in for a guest.';
COMMENT ON COLUMN hub.customer_address.is_guest IS 'Has no customer id.';
COMMENT ON COLUMN hub.customer_address.as_of IS 'Newest complete day of the brand.';

CREATE OR REPLACE FUNCTION hub.customer(brand text, email text) RETURNS SETOF hub.customer_value
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT v.*
          FROM hub.customer_value v
         WHERE v.brand = customer.brand
           AND v.customer_id = ANY (momentum._customer_ids(customer.brand, customer.email));
    END;
COMMENT ON FUNCTION hub.customer(text, text) IS 'The row of hub.customer_value that an e-mail address belongs to, in whatever case it is written.';
REVOKE ALL ON FUNCTION hub.customer(text, text) FROM PUBLIC;
