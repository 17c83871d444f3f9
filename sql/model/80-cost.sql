-- The costs that were entered.
CREATE OR REPLACE VIEW hub.cost WITH (security_barrier) AS
SELECT c.brand, c.cost_id, c.name, c.kind, c.basis, c.amount::numeric(18,6) AS amount, c.currency, c.metric, c.channel,
       c.valid_from, c.valid_until,
       c.valid_from <= t.today AND (c.valid_until >= t.today) IS NOT FALSE AS is_valid_today, c.note, h.as_of
  FROM hub.costs c
  JOIN momentum_state.brand b ON b.brand = c.brand
 CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE b.time_zone)::date AS today) t
  LEFT JOIN momentum_state.score h ON h.brand = c.brand AND h.back = 0
 WHERE momentum.may_see(c.brand);
COMMENT ON VIEW hub.cost IS 'Fixed and variable costs as entered with momentum.set_cost().';
COMMENT ON COLUMN hub.cost.brand IS 'The brand.';
COMMENT ON COLUMN hub.cost.cost_id IS 'Number of the entry.';
COMMENT ON COLUMN hub.cost.name IS 'What it is; entries of one name follow each other.';
COMMENT ON COLUMN hub.cost.kind IS 'fixed: an amount for a period, whatever is sold; variable: follows what is sold.';
COMMENT ON COLUMN hub.cost.basis IS 'What the amount is for: day, week, month, quarter, year; order, item, parcel, refund, new_customer; or a share of net_revenue, sales, payments.';
COMMENT ON COLUMN hub.cost.amount IS 'Money, or a share (0.029 is 2.9 %).';
COMMENT ON COLUMN hub.cost.currency IS 'Currency of the money.';
COMMENT ON COLUMN hub.cost.metric IS 'The metric it feeds: fixed_costs, variable_costs, shipping_cost, payment_fees.';
COMMENT ON COLUMN hub.cost.channel IS 'Sales channel that it is for; NULL: all of them.';
COMMENT ON COLUMN hub.cost.valid_from IS 'First day on which it holds.';
COMMENT ON COLUMN hub.cost.valid_until IS 'Last day on which it holds; NULL: until further notice.';
COMMENT ON COLUMN hub.cost.is_valid_today IS 'It holds on the running day in the brand''s zone.';
COMMENT ON COLUMN hub.cost.note IS 'What was noted.';
COMMENT ON COLUMN hub.cost.as_of IS 'Newest complete day of the brand.';
