-- What momentum.what_if() starts from.  Numbers keep all their digits in
-- JSON, so that nothing changed is nothing different.
CREATE OR REPLACE VIEW momentum.what_if_input WITH (security_barrier) AS
SELECT b.brand, h.as_of,
       jsonb_build_object(
         'spend_per_day', i.spend_per_day, 'cac', CASE WHEN a.actual > 0 THEN a.actual END, 'marginal_cac', i.marginal_cac,
         'marginal_cac_reason', i.marginal_cac_reason, 'cac_target', a.target,
         'conversion_rate', i.conversion_actual, 'order_value', i.order_value, 'orders_30d', i.orders_30d, 'revenue_30d', i.revenue_30d,
         'margin_share', i.margin_share, 'margin_origin', CASE WHEN c.margin_share IS NOT NULL THEN 'setting' WHEN i.margin_share IS NOT NULL THEN 'fact' END,
         'first_margin', i.first_margin, 'first_margin_origin', CASE WHEN c.first_margin IS NOT NULL THEN 'setting' ELSE 'computed' END,
         'repeat_margin', coalesce(c.repeat_margin, 0),
         'doors', i.doors, 'velocity', i.velocity_actual, 'unit_price', i.unit_price, 'retail_margin_share', c.retail_margin_share,
         'payment_fee', coalesce(c.payment_fee_rate, 0), 'payout_lag', coalesce(c.payout_lag, 0),
         'cash_floor', coalesce(c.cash_floor, 0), 'runway_target', c.runway_target, 'scale_runway', c.scale_runway, 'scale_cac', c.scale_cac,
         'score', s.score, 'direction', s.direction,
         'runway_days', k.runway_days, 'cash_reason', CASE WHEN k.brand IS NULL THEN 'no_data' ELSE k.reason END,
         'trough_on', k.trough_day - k.as_of, 'trough', k.trough, 'w30', k.w30, 'w60', k.w60, 'w90', k.w90,
         'components', p.components, 'path', w.path)::text AS input
  FROM momentum_state.brand b
  JOIN momentum_state.config c ON c.brand = b.brand
  LEFT JOIN momentum_state.horizon h ON h.brand = b.brand AND h.back = 0
  LEFT JOIN momentum_state.decision_input i ON i.brand = b.brand
  LEFT JOIN momentum_state.score s ON s.brand = b.brand AND s.back = 0
  LEFT JOIN momentum_state.cash_summary k ON k.brand = b.brand AND k.back = 0
  LEFT JOIN momentum_state.component a ON a.brand = b.brand AND a.back = 0 AND a.component = 'cac'
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('component', x.component, 'weight', x.weight, 'full_scale', x.full_scale,
                                        'raw', x.raw, 'c', x.c, 'se', x.se, 'reason', x.reason) ORDER BY x.place) AS components
      FROM momentum_state.component x WHERE x.brand = b.brand AND x.back = 0) p ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_build_object('balance', max(x.working_capital) FILTER (WHERE x.n = 0),
             'inflow', jsonb_agg(x.inflow ORDER BY x.n) FILTER (WHERE x.n > 0), 'cost', jsonb_agg(x.cost ORDER BY x.n) FILTER (WHERE x.n > 0),
             'loan', jsonb_agg(x.loan ORDER BY x.n) FILTER (WHERE x.n > 0),
             'shop', jsonb_agg(x.parts -> 'in/shop' ORDER BY x.n) FILTER (WHERE x.n > 0),
             'retail', jsonb_agg(x.parts -> 'in/retail' ORDER BY x.n) FILTER (WHERE x.n > 0),
             'ads', jsonb_agg(x.parts -> 'cost/ads' ORDER BY x.n) FILTER (WHERE x.n > 0),
             'stock', jsonb_agg(x.parts -> 'cost/stock' ORDER BY x.n) FILTER (WHERE x.n > 0)) AS path
      FROM momentum_state.cash_path x WHERE x.brand = b.brand AND x.back = 0
    HAVING count(*) > 1) w ON true
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.what_if_input IS 'What momentum.what_if() starts from, one row per brand: ask that function instead.';
COMMENT ON COLUMN momentum.what_if_input.brand IS 'The brand.';
COMMENT ON COLUMN momentum.what_if_input.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.what_if_input.input IS 'Figures, settings, components and the cash path day by day, as JSON.';
