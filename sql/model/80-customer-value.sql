-- What each customer has brought so far: the shops' customers, each person
-- once, then those whom only their orders know.
CREATE OR REPLACE VIEW hub.customer_value WITH (security_barrier) AS
SELECT x.brand, x.source, x.customer_id, x.is_guest,
       CASE WHEN y.personal THEN x.email ELSE momentum.mask_email(x.email) END AS email,
       CASE WHEN y.personal THEN x.first_name ELSE momentum.mask_name(x.first_name) END AS first_name,
       CASE WHEN y.personal THEN x.last_name ELSE momentum.mask_name(x.last_name) END AS last_name,
       CASE WHEN y.personal THEN x.phone ELSE momentum.mask_phone(x.phone) END AS phone,
       CASE WHEN y.personal THEN x.instagram_handle ELSE momentum.mask_name(x.instagram_handle) END AS instagram_handle,
       CASE WHEN y.personal THEN x.pet_name ELSE momentum.mask_name(x.pet_name) END AS pet_name, x.pet_breed,
       CASE WHEN y.personal THEN x.pet_birthday END AS pet_birthday, x.customer_since,
       CASE WHEN y.personal THEN x.customer_tags END AS customer_tags,
       CASE WHEN y.personal THEN x.marketing_preferences::text
            ELSE (SELECT coalesce(jsonb_object_agg(p.key, jsonb_build_object('state', p.value -> 'state')), '{}')
                    FROM jsonb_each(x.marketing_preferences) p)::text END AS marketing_preferences,
       CASE WHEN x.total_revenue > k.vip THEN 'VIP' ELSE 'Regular' END AS vip_status,
       x.total_orders::bigint AS total_orders, x.total_revenue::numeric(18,2) AS total_revenue,
       (x.total_revenue / nullif(x.total_orders, 0))::numeric(18,2) AS aov,
       x.first_order_date, x.last_order_date, t.days AS days_since_last_order,
       CASE WHEN x.total_orders = 0 THEN 'prospect' WHEN t.days > k.lapsed_days THEN 'lapsed'
            WHEN t.days > k.at_risk_days THEN 'at risk' WHEN x.total_orders >= k.loyal_orders THEN 'loyal'
            WHEN t.today - x.first_order_date <= k.new_days THEN 'new' ELSE 'active' END AS customer_lifecycle_stage,
       x.is_subscriber, b.currency, x.gross_income::numeric(18,2) AS gross_income,
       x.discount_amount::numeric(18,2) AS discount_amount, x.shipping_revenue::numeric(18,2) AS shipping_revenue,
       x.refund_amount::numeric(18,2) AS refund_amount,
       (x.gross_income - x.discount_amount - x.refund_amount)::numeric(18,2) AS net_income, h.as_of
  FROM (SELECT c.brand, c.source, c.customer_id, false AS is_guest, c.email, c.first_name, c.last_name, c.phone,
               c.instagram_handle, c.pet_name, c.pet_breed, c.pet_birthday, c.customer_since,
               array_to_string(c.customer_tags, ', ') AS customer_tags, c.marketing_preferences,
               coalesce(o.orders, 0) AS total_orders, coalesce(o.revenue, 0) AS total_revenue, o.first_day AS first_order_date,
               o.last_day AS last_order_date, coalesce(o.subscribed, false) AS is_subscriber,
               coalesce(o.gross, 0) AS gross_income, coalesce(o.discounts, 0) AS discount_amount,
               coalesce(o.shipping, 0) AS shipping_revenue, coalesce(o.returns, 0) AS refund_amount
          FROM hub.customers c
          LEFT JOIN LATERAL (
            SELECT count(*) AS orders, sum(s.gross_sales - s.discounts + coalesce(s.total_shipping, 0) - r.returns) AS revenue,
                   min(s.order_day) AS first_day, max(s.order_day) AS last_day, bool_or(s.has_selling_plan) AS subscribed,
                   sum(s.gross_sales) AS gross, sum(s.discounts) AS discounts, sum(coalesce(s.total_shipping, 0)) AS shipping,
                   sum(r.returns) AS returns
              FROM (SELECT o.brand, o.source, o.order_id, o.order_day, o.gross_sales, o.discounts, o.total_shipping,
                           o.has_selling_plan, o.is_test, o.is_adjustment, o.cancelled_at, o.currency
                      FROM hub.orders o
                     WHERE o.brand = c.brand AND o.customer_key = c.customer_id AND o.customer_id = c.customer_id
                       AND o.source = c.source
                     UNION ALL
                    SELECT o.brand, o.source, o.order_id, o.order_day, o.gross_sales, o.discounts, o.total_shipping,
                           o.has_selling_plan, o.is_test, o.is_adjustment, o.cancelled_at, o.currency
                      FROM hub.customers d
                      JOIN hub.orders o ON o.brand = d.brand AND o.customer_key = d.customer_id
                                       AND o.customer_id = d.customer_id AND o.source = d.source
                     WHERE d.brand = c.brand AND lower(d.email) = lower(c.email) AND d.duplicate_of IS NOT NULL
                     UNION ALL
                    SELECT o.brand, o.source, o.order_id, o.order_day, o.gross_sales, o.discounts, o.total_shipping,
                           o.has_selling_plan, o.is_test, o.is_adjustment, o.cancelled_at, o.currency
                      FROM hub.orders o
                     WHERE o.brand = c.brand AND lower(o.email) = lower(c.email)
                       AND NOT EXISTS (SELECT FROM hub.customers e
                                        WHERE e.brand = o.brand AND e.source = o.source AND e.customer_id = o.customer_id)) s
              JOIN momentum_state.brand b ON b.brand = s.brand
             CROSS JOIN LATERAL (
                SELECT coalesce(sum(f.returns), 0)
                  FROM hub.refunds f
                 WHERE f.brand = s.brand AND f.source = s.source AND f.order_id = s.order_id) r (returns)
             WHERE NOT s.is_test AND NOT s.is_adjustment AND s.cancelled_at IS NULL
               AND coalesce(s.currency, b.currency) = b.currency) o ON true
         WHERE c.duplicate_of IS NULL
         UNION ALL
        SELECT o.brand, o.source, o.customer_key, false, min(o.email), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               NULL, NULL, NULL, count(*),
               sum(o.gross_sales - o.discounts + coalesce(o.total_shipping, 0) - r.returns), min(o.order_day), max(o.order_day),
               bool_or(o.has_selling_plan), sum(o.gross_sales), sum(o.discounts), sum(coalesce(o.total_shipping, 0)), sum(r.returns)
          FROM hub.orders o
          JOIN momentum_state.brand b ON b.brand = o.brand
         CROSS JOIN LATERAL (
            SELECT coalesce(sum(f.returns), 0)
              FROM hub.refunds f
             WHERE f.brand = o.brand AND f.source = o.source AND f.order_id = o.order_id) r (returns)
         WHERE o.customer_key = o.customer_id AND NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, b.currency) = b.currency
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND e.source = o.source AND e.customer_id = o.customer_id)
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)
         GROUP BY o.brand, o.customer_key, o.source
         UNION ALL
        SELECT o.brand, min(o.source), o.guest_id, true, min(o.email),
               NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*),
               sum(o.gross_sales - o.discounts + coalesce(o.total_shipping, 0) - r.returns), min(o.order_day), max(o.order_day),
               bool_or(o.has_selling_plan), sum(o.gross_sales), sum(o.discounts), sum(coalesce(o.total_shipping, 0)), sum(r.returns)
          FROM hub.orders o
          JOIN momentum_state.brand b ON b.brand = o.brand
         CROSS JOIN LATERAL (
            SELECT coalesce(sum(f.returns), 0)
              FROM hub.refunds f
             WHERE f.brand = o.brand AND f.source = o.source AND f.order_id = o.order_id) r (returns)
         WHERE o.guest_id <> '' AND o.customer_id IS NULL AND NOT o.is_test AND NOT o.is_adjustment
           AND o.cancelled_at IS NULL AND coalesce(o.currency, b.currency) = b.currency
           AND NOT EXISTS (SELECT FROM hub.orders u
                            WHERE u.brand = o.brand AND u.customer_key = o.customer_key AND u.guest_id = '' AND u.customer_id IS NULL)
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)
         GROUP BY o.brand, o.guest_id
         UNION ALL
        -- rows that no loader has named yet
        SELECT o.brand, min(o.source), momentum._stand_in('guest', o.brand, o.customer_key, (SELECT a.salt FROM momentum_state.salt a)), true, min(o.email),
               NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*),
               sum(o.gross_sales - o.discounts + coalesce(o.total_shipping, 0) - r.returns), min(o.order_day), max(o.order_day),
               bool_or(o.has_selling_plan), sum(o.gross_sales), sum(o.discounts), sum(coalesce(o.total_shipping, 0)), sum(r.returns)
          FROM (SELECT DISTINCT u.brand, u.customer_key FROM hub.orders u
                 WHERE u.guest_id = '' AND u.customer_id IS NULL AND u.customer_key IS NOT NULL) u
          JOIN hub.orders o ON o.brand = u.brand AND o.customer_key = u.customer_key
          JOIN momentum_state.brand b ON b.brand = o.brand
         CROSS JOIN LATERAL (
            SELECT coalesce(sum(f.returns), 0)
              FROM hub.refunds f
             WHERE f.brand = o.brand AND f.source = o.source AND f.order_id = o.order_id) r (returns)
         WHERE o.customer_id IS NULL AND NOT o.is_test AND NOT o.is_adjustment
           AND o.cancelled_at IS NULL AND coalesce(o.currency, b.currency) = b.currency
           AND NOT EXISTS (SELECT FROM hub.customers e
                            WHERE e.brand = o.brand AND lower(e.email) = lower(o.email) AND e.duplicate_of IS NULL)
         GROUP BY o.brand, o.customer_key) x
  JOIN momentum_state.brand b ON b.brand = x.brand
 CROSS JOIN LATERAL (
    SELECT max(s.value::numeric) FILTER (WHERE s.key = 'vip.threshold') AS vip,
           max(s.value::numeric) FILTER (WHERE s.key = 'lifecycle.new_days') AS new_days,
           max(s.value::numeric) FILTER (WHERE s.key = 'lifecycle.loyal_orders') AS loyal_orders,
           max(s.value::numeric) FILTER (WHERE s.key = 'lifecycle.at_risk_days') AS at_risk_days,
           max(s.value::numeric) FILTER (WHERE s.key = 'lifecycle.lapsed_days') AS lapsed_days
      FROM (SELECT DISTINCT ON (e.key) e.key, e.value
              FROM momentum_state.setting e
             WHERE e.brand IN ('', b.brand)
               AND e.key IN ('vip.threshold', 'lifecycle.new_days', 'lifecycle.loyal_orders', 'lifecycle.at_risk_days',
                             'lifecycle.lapsed_days')
             ORDER BY e.key, e.brand DESC) s) k
 CROSS JOIN LATERAL (
    SELECT (now() AT TIME ZONE b.time_zone)::date,
           ((now() AT TIME ZONE b.time_zone)::date - x.last_order_date)::bigint) t (today, days)
 CROSS JOIN LATERAL (SELECT momentum.may_see_personal(b.brand)) y (personal)
  LEFT JOIN momentum_state.score h ON h.brand = x.brand AND h.back = 0
 WHERE momentum.may_see(x.brand);
COMMENT ON VIEW hub.customer_value IS 'Customers with what each has brought so far, from the orders that count: of the customer, of the same person in another shop, and those placed as a guest with the same e-mail address. Behind them, who is known from orders only. Names and addresses are masked for those who may not see personal data.';
COMMENT ON COLUMN hub.customer_value.brand IS 'The brand.';
COMMENT ON COLUMN hub.customer_value.source IS 'The source (foreign server) that knew them first.';
COMMENT ON COLUMN hub.customer_value.customer_id IS 'The shop''s id of the customer, or a stand-in for a guest.';
COMMENT ON COLUMN hub.customer_value.is_guest IS 'Has no customer id: known by the e-mail address of the orders.';
COMMENT ON COLUMN hub.customer_value.email IS 'E-mail address.';
COMMENT ON COLUMN hub.customer_value.first_name IS 'First name.';
COMMENT ON COLUMN hub.customer_value.last_name IS 'Last name.';
COMMENT ON COLUMN hub.customer_value.phone IS 'Phone number.';
COMMENT ON COLUMN hub.customer_value.instagram_handle IS 'Name on Instagram.';
COMMENT ON COLUMN hub.customer_value.pet_name IS 'Name of the pet; its first letter for whoever may not see persons.';
COMMENT ON COLUMN hub.customer_value.pet_breed IS 'Breed of the pet.';
COMMENT ON COLUMN hub.customer_value.pet_birthday IS 'Birthday of the pet; for whoever may see persons.';
COMMENT ON COLUMN hub.customer_value.customer_since IS 'Day on which the shop first knew them.';
COMMENT ON COLUMN hub.customer_value.customer_tags IS 'Tags the shop has put on them; for whoever may see persons.';
COMMENT ON COLUMN hub.customer_value.marketing_preferences IS 'Consent per channel with source and time, as JSON; the states alone for whoever may not see persons.';
COMMENT ON COLUMN hub.customer_value.vip_status IS 'VIP: total_revenue above the setting vip.threshold; else Regular.';
COMMENT ON COLUMN hub.customer_value.total_orders IS 'Number of orders that count.';
COMMENT ON COLUMN hub.customer_value.total_revenue IS 'Subtotal less discounts plus shipping charged less the value of what came back, of those orders.';
COMMENT ON COLUMN hub.customer_value.aov IS 'Total revenue per order.';
COMMENT ON COLUMN hub.customer_value.first_order_date IS 'Day of the first order.';
COMMENT ON COLUMN hub.customer_value.last_order_date IS 'Day of the last order.';
COMMENT ON COLUMN hub.customer_value.days_since_last_order IS 'Days from the last order to today in the brand''s zone.';
COMMENT ON COLUMN hub.customer_value.customer_lifecycle_stage IS 'The first that holds of: prospect (no order), lapsed (no order for more than lifecycle.lapsed_days), at risk (for more than lifecycle.at_risk_days), loyal (lifecycle.loyal_orders or more), new (first order at most lifecycle.new_days ago), active.';
COMMENT ON COLUMN hub.customer_value.is_subscriber IS 'Has ever bought on a subscription.';
COMMENT ON COLUMN hub.customer_value.currency IS 'Currency of the amounts.';
COMMENT ON COLUMN hub.customer_value.gross_income IS 'Unit price times quantity of those orders.';
COMMENT ON COLUMN hub.customer_value.discount_amount IS 'Discounts on them.';
COMMENT ON COLUMN hub.customer_value.shipping_revenue IS 'Shipping charged on them.';
COMMENT ON COLUMN hub.customer_value.refund_amount IS 'Value of what came back.';
COMMENT ON COLUMN hub.customer_value.net_income IS 'Gross income less discounts less returns.';
COMMENT ON COLUMN hub.customer_value.as_of IS 'Newest complete day of the brand.';
