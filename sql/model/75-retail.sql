-- Retail, by retailer.
CREATE OR REPLACE VIEW momentum.retail_velocity WITH (security_barrier) AS
SELECT r.brand, r.as_of, r.retailer, b.currency, r.doors, r.doors_before, r.doors_gained, r.doors_lost, r.points, r.points_before,
       r.units::numeric(18,2) AS units, r.units_before::numeric(18,2) AS units_before,
       CASE WHEN abs(r.units) < 1e11 * r.doors THEN r.units / r.doors / 4 END::numeric(18,6) AS velocity,
       CASE WHEN abs(r.units_before) < 1e11 * r.doors_before THEN r.units_before / r.doors_before / 4 END::numeric(18,6) AS velocity_before,
       r.income::numeric(18,2) AS income, r.income_before::numeric(18,2) AS income_before,
       (r.income / nullif(r.doors, 0) / 4)::numeric(18,2) AS income_per_store_week,
       (r.income / nullif(r.units, 0))::numeric(18,2) AS unit_price,
       (13 * r.income)::numeric(18,2) AS income_run_rate
  FROM (SELECT s.brand, s.as_of, s.retailer,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units > 0) AS doors,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units_before > 0) AS doors_before,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units > 0 AND s.units_before <= 0) AS doors_gained,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units <= 0 AND s.units_before > 0) AS doors_lost,
               coalesce(sum(s.points) FILTER (WHERE s.store_id <> ''), 0)::bigint AS points,
               coalesce(sum(s.points_before) FILTER (WHERE s.store_id <> ''), 0)::bigint AS points_before,
               sum(s.units) AS units, sum(s.units_before) AS units_before,
               CASE WHEN bool_and(s.is_priced) THEN sum(s.income) END AS income,
               CASE WHEN bool_and(s.was_priced) THEN sum(s.income_before) END AS income_before
          FROM (SELECT p.brand, p.as_of, p.retailer, p.source, p.dataset, p.store_id,
                       sum(p.units) AS units, sum(p.units_before) AS units_before,
                       count(*) FILTER (WHERE p.product_id <> '' AND p.units > 0) AS points,
                       count(*) FILTER (WHERE p.product_id <> '' AND p.units_before > 0) AS points_before,
                       sum(p.income) AS income, sum(p.income_before) AS income_before,
                       bool_and(p.is_priced) AS is_priced, bool_and(p.was_priced) AS was_priced
                  FROM (SELECT n.brand, n.as_of, t.retailer, t.source, t.dataset, t.store_id, t.product_id,
                               coalesce(sum(t.units) FILTER (WHERE t.day > n.as_of - 28), 0) AS units,
                               coalesce(sum(t.units) FILTER (WHERE t.day <= n.as_of - 28), 0) AS units_before,
                               coalesce(sum(t.dollars) FILTER (WHERE t.day > n.as_of - 28), 0) AS income,
                               coalesce(sum(t.dollars) FILTER (WHERE t.day <= n.as_of - 28), 0) AS income_before,
                               count(*) FILTER (WHERE t.day > n.as_of - 28 AND t.units <> 0 AND t.dollars IS NULL) = 0 AS is_priced,
                               count(*) FILTER (WHERE t.day <= n.as_of - 28 AND t.units <> 0 AND t.dollars IS NULL) = 0 AS was_priced
                          FROM (SELECT d.brand, max(d.day) AS as_of
                                  FROM momentum_state.metric_daily d WHERE d.metric = 'retail_units' GROUP BY d.brand) n
                          JOIN hub.retail_sales t ON t.brand = n.brand AND t.price_basis = 'retail'
                           AND t.day > n.as_of - 56 AND t.day <= n.as_of
                         GROUP BY n.brand, n.as_of, t.retailer, t.source, t.dataset, t.store_id, t.product_id) p
                 GROUP BY p.brand, p.as_of, p.retailer, p.source, p.dataset, p.store_id) s
         GROUP BY s.brand, s.as_of, s.retailer) r
  JOIN momentum_state.brand b ON b.brand = r.brand
 WHERE momentum.may_see(r.brand);
COMMENT ON VIEW momentum.retail_velocity IS 'Retail by retailer: doors, points of distribution and velocity of the last 28 complete days against the 28 before. A door is a store whose units, less returns, are more than none in those days.';
COMMENT ON COLUMN momentum.retail_velocity.brand IS 'The brand.';
COMMENT ON COLUMN momentum.retail_velocity.as_of IS 'Last of the 28 days: the newest day that all retailers have told of.';
COMMENT ON COLUMN momentum.retail_velocity.retailer IS 'The retailer; empty when not told.';
COMMENT ON COLUMN momentum.retail_velocity.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.retail_velocity.doors IS 'Stores that sold in the 28 days.';
COMMENT ON COLUMN momentum.retail_velocity.doors_before IS 'Stores that sold in the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.doors_gained IS 'Stores that sold now and not before.';
COMMENT ON COLUMN momentum.retail_velocity.doors_lost IS 'Stores that sold before and not now.';
COMMENT ON COLUMN momentum.retail_velocity.points IS 'Points of distribution: stores times products that sold in the 28 days.';
COMMENT ON COLUMN momentum.retail_velocity.points_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.units IS 'Units sold, less returns.';
COMMENT ON COLUMN momentum.retail_velocity.units_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.velocity IS 'Units per store per week.';
COMMENT ON COLUMN momentum.retail_velocity.velocity_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.income IS 'Retail sales; NULL when a row of those days tells no amount.';
COMMENT ON COLUMN momentum.retail_velocity.income_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.income_per_store_week IS 'Retail sales per store per week.';
COMMENT ON COLUMN momentum.retail_velocity.unit_price IS 'Retail sales per unit.';
COMMENT ON COLUMN momentum.retail_velocity.income_run_rate IS 'Doors times velocity times 52 times mean price: a year at this pace.';
