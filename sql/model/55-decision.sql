-- The three questions.  Everything the rules ask for is gathered in one row
-- per brand; what is not known stays NULL and the rules say what they miss.
CREATE OR REPLACE VIEW momentum_state.decision_input_now AS
SELECT c.brand, h.as_of, s.score, s.confidence AS score_confidence,
       k.runway_days, k.trough, k.trough_day, coalesce(c.cash_floor, 0) AS cash_floor,
       c.runway_target, c.runway_min, c.runway_hard, c.profit_share, c.repeat_margin, c.payback_days,
       u.c IS NOT NULL AS runway_fresh,
       a.target AS cac_target, a.actual AS cac_actual, a.c IS NOT NULL AS cac_fresh,
       coalesce(a.reason = 'no_new_customers', false) AS no_new_customers,
       coalesce(abs(a.raw / a.full_scale) > 1.96 * a.se, false) AS cac_significant,
       v.actual AS conversion_actual, v.c IS NOT NULL AS conversion_fresh, d.status AS conversion_status,
       y.actual AS velocity_actual, y.c IS NOT NULL AS velocity_fresh,
       t.conversion_target, t.velocity_target,
       m.spend AS spend_30d, m.spend_per_day, m.sessions AS sessions_30d, m.orders AS orders_30d,
       m.revenue AS revenue_30d, m.revenue / nullif(m.orders, 0) AS order_value, g.margin_share,
       coalesce(c.first_margin, m.revenue / nullif(m.orders, 0) * g.margin_share) AS first_margin,
       w.weeks, (w.fit).mcac AS marginal_cac, (w.fit).beta, (w.fit).se AS beta_se, (w.fit).reason AS marginal_cac_reason,
       CASE WHEN k.runway_days IS NOT NULL THEN e.affordable_extra END AS affordable_extra, t.stock / nullif(m.items_per_day, 0) AS stock_cover_days, 0.2 * m.spend_per_day AS spend_step,
       f.cpm_before, f.cpm_now, f.ctr_before, f.ctr_now, f.cvr_before, f.cvr_now,
       r.doors, r.units AS retail_units_30d, coalesce(c.unit_price, r.unit_price) AS unit_price, c.retail_margin_share
  FROM momentum_state.config c
  LEFT JOIN momentum_state.horizon h ON h.brand = c.brand AND h.back = 0
  LEFT JOIN momentum_state.score s ON s.brand = c.brand AND s.back = 0
  LEFT JOIN momentum_state.cash_summary k ON k.brand = c.brand AND k.back = 0
  LEFT JOIN momentum_state.component a ON a.brand = c.brand AND a.back = 0 AND a.component = 'cac'
  LEFT JOIN momentum_state.component v ON v.brand = c.brand AND v.back = 0 AND v.component = 'conversion'
  LEFT JOIN momentum_state.component y ON y.brand = c.brand AND y.back = 0 AND y.component = 'velocity'
  LEFT JOIN momentum_state.component u ON u.brand = c.brand AND u.back = 0 AND u.component = 'runway'
  LEFT JOIN momentum_state.dashboard d ON d.brand = c.brand AND d.metric = 'conversion_rate'
 CROSS JOIN LATERAL (
    SELECT max(x.value) FILTER (WHERE x.metric = 'conversion_rate') AS conversion_target,
           max(x.value) FILTER (WHERE x.metric = 'retail_velocity') AS velocity_target,
           (SELECT sum(greatest(l.available, 0))::double precision
              FROM hub.inventory_levels l
             WHERE l.brand = c.brand AND l.tracked AND l.is_active IS NOT FALSE) AS stock
      FROM (SELECT DISTINCT ON (q.metric) q.metric, q.value::double precision AS value
              FROM momentum_state.target q
             WHERE q.brand = c.brand AND q.metric IN ('conversion_rate', 'retail_velocity') AND q.valid_from <= h.as_of
             ORDER BY q.metric, q.valid_from DESC) x) t
 CROSS JOIN LATERAL (   -- 30 days; sums of what is known, each ending on its own newest day; money is
                        -- added in the order of days, so that the last digit is always the same
    SELECT sum(x.ad_spend ORDER BY x.day) FILTER (WHERE x.day > n.spend_day - 30) AS spend,
           avg(x.ad_spend ORDER BY x.day) FILTER (WHERE x.day > n.spend_day - 30) AS spend_per_day,
           sum(x.sessions) FILTER (WHERE x.day > n.session_day - 30) AS sessions,
           avg(x.items_sold) FILTER (WHERE x.day > n.order_day - 28) AS items_per_day,
           sum(x.orders) FILTER (WHERE x.day > n.order_day - 30 AND x.net_revenue IS NOT NULL) AS orders,
           sum(x.net_revenue ORDER BY x.day) FILTER (WHERE x.day > n.order_day - 30 AND x.orders IS NOT NULL) AS revenue
      FROM (SELECT max(l.day) FILTER (WHERE l.ad_spend IS NOT NULL) AS spend_day,
                   max(l.day) FILTER (WHERE l.sessions IS NOT NULL) AS session_day,
                   max(l.day) FILTER (WHERE l.orders IS NOT NULL AND l.net_revenue IS NOT NULL) AS order_day
              FROM momentum_state.recent_day l WHERE l.brand = c.brand) n
      JOIN momentum_state.recent_day x ON x.brand = c.brand) m
 CROSS JOIN LATERAL (   -- before ads: the brand's word, else the costs in the hub where all are known
    SELECT coalesce(c.margin_share,
                    (sum(x.net_revenue ORDER BY x.day) - sum(x.cogs ORDER BY x.day) - sum(x.shipping_cost ORDER BY x.day) - sum(x.payment_fees ORDER BY x.day))
                    / nullif(sum(x.net_revenue ORDER BY x.day), 0)) AS margin_share
      FROM momentum_state.recent_day x
     WHERE x.brand = c.brand AND x.day > h.as_of - 30 AND x.net_revenue IS NOT NULL AND x.cogs IS NOT NULL
       AND x.shipping_cost IS NOT NULL AND x.payment_fees IS NOT NULL) g
 CROSS JOIN LATERAL (   -- 13 complete weeks ending on the newest day
    SELECT count(*) AS weeks, momentum.marginal_cac(array_agg(x.spend ORDER BY x.week DESC),
                                                    array_agg(x.new_customers ORDER BY x.week DESC)) AS fit
      FROM (SELECT (n.newest - q.day) / 7 AS week, sum(q.ad_spend ORDER BY q.day) AS spend, sum(q.new_customers) AS new_customers
              FROM (SELECT max(l.day) AS newest
                      FROM momentum_state.recent_day l
                     WHERE l.brand = c.brand AND l.ad_spend IS NOT NULL AND l.new_customers IS NOT NULL) n
              JOIN momentum_state.recent_day q ON q.brand = c.brand AND q.day > n.newest - 91 AND q.day <= n.newest
             WHERE q.ad_spend IS NOT NULL AND q.new_customers IS NOT NULL
             GROUP BY 1 HAVING count(*) = 7 AND sum(q.ad_spend) >= 0) x) w
 CROSS JOIN LATERAL (
    SELECT momentum.affordable_spend(array_agg(p.working_capital ORDER BY p.n), coalesce(c.cash_floor, 0),
               CASE WHEN coalesce(c.first_margin, m.revenue / nullif(m.orders, 0) * g.margin_share)
                         >= (w.fit).mcac THEN c.payback_days ELSE max(p.n) END) AS affordable_extra
      FROM momentum_state.cash_path p
     WHERE p.brand = c.brand AND p.back = 0 AND p.n > 0) e
 CROSS JOIN LATERAL (   -- the funnel behind the CAC: 4 weeks against the 4 before
    SELECT 1000 * sum(x.ad_spend ORDER BY x.day) FILTER (WHERE NOT x.recent) / nullif(sum(x.impressions) FILTER (WHERE NOT x.recent), 0) AS cpm_before,
           1000 * sum(x.ad_spend ORDER BY x.day) FILTER (WHERE x.recent) / nullif(sum(x.impressions) FILTER (WHERE x.recent), 0) AS cpm_now,
           sum(x.clicks) FILTER (WHERE NOT x.recent) / nullif(sum(x.impressions) FILTER (WHERE NOT x.recent), 0) AS ctr_before,
           sum(x.clicks) FILTER (WHERE x.recent) / nullif(sum(x.impressions) FILTER (WHERE x.recent), 0) AS ctr_now,
           sum(x.new_customers) FILTER (WHERE NOT x.recent) / nullif(sum(x.clicks) FILTER (WHERE NOT x.recent), 0) AS cvr_before,
           sum(x.new_customers) FILTER (WHERE x.recent) / nullif(sum(x.clicks) FILTER (WHERE x.recent), 0) AS cvr_now
      FROM (SELECT q.day, q.ad_spend, q.impressions, q.clicks, q.new_customers,
                   q.day > max(q.day) OVER () - 28 AS recent, q.day > max(q.day) OVER () - 56 AS counts
              FROM momentum_state.recent_day q
             WHERE q.brand = c.brand AND q.ad_spend IS NOT NULL AND q.impressions IS NOT NULL
               AND q.clicks IS NOT NULL AND q.new_customers IS NOT NULL) x
     WHERE x.counts) f
 CROSS JOIN LATERAL (
    SELECT (array_agg(q.retail_doors ORDER BY q.day DESC))[1] AS doors,
           sum(q.retail_units) * 30 / 28 AS units,     -- 4 weeks, so that no weekday counts more
           sum(q.retail_dollars ORDER BY q.day)
           / nullif(sum(q.retail_units) FILTER (WHERE q.retail_dollars IS NOT NULL), 0) AS unit_price
      FROM momentum_state.recent_day q
     WHERE q.brand = c.brand AND q.day > y.newest - 28 AND q.retail_doors IS NOT NULL) r;
COMMENT ON VIEW momentum_state.decision_input_now IS 'What momentum_state.decision_input will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.decision_input AS SELECT * FROM momentum_state.decision_input_now;
CREATE UNIQUE INDEX IF NOT EXISTS decision_input_key ON momentum_state.decision_input (brand);
COMMENT ON MATERIALIZED VIEW momentum_state.decision_input IS 'What the decisions are made from, one row per brand; NULL is not known.';

CREATE OR REPLACE VIEW momentum_state.decision AS
SELECT i.brand, i.as_of, q.place, q.question, (q.d).decision, (q.d).from_value, (q.d).to_value, q.unit,
       array_to_string((q.d).reasons, ' ') AS reasons, (q.d).confidence
  FROM momentum_state.decision_input i
 CROSS JOIN LATERAL (VALUES
    (1, 'Should we raise the CAC target?', 'money', momentum.decide_cac_target(
        cac_target => i.cac_target, cac_actual => i.cac_actual, first_margin => i.first_margin,
        repeat_margin => i.repeat_margin, profit_share => i.profit_share, marginal_cac => i.marginal_cac,
        runway_days => i.runway_days, runway_min => i.runway_min, score => i.score,
        marginal_cac_confidence => momentum.input_confidence(i.cac_fresh, true),
        runway_confidence => momentum.input_confidence(i.runway_fresh),
        score_confidence => momentum.input_confidence(true, i.score_confidence = 'clear'))),
    (2, 'Should we increase spend?', 'money per day', momentum.decide_spend(
        spend_per_day => i.spend_per_day, cac_target => i.cac_target,
        cac_actual => CASE WHEN i.no_new_customers THEN 'Infinity' ELSE i.cac_actual END,
        first_margin => i.first_margin, repeat_margin => i.repeat_margin, profit_share => i.profit_share,
        marginal_cac => i.marginal_cac, runway_days => i.runway_days, runway_min => i.runway_min,
        runway_hard => i.runway_hard, affordable_extra => i.affordable_extra,
        conversion_status => i.conversion_status, stock_cover_days => i.stock_cover_days,
        cpm_before => i.cpm_before, cpm_now => i.cpm_now, ctr_before => i.ctr_before, ctr_now => i.ctr_now,
        cvr_before => i.cvr_before, cvr_now => i.cvr_now,
        cac_confidence => momentum.input_confidence(i.cac_fresh, i.cac_significant),
        marginal_cac_confidence => momentum.input_confidence(i.cac_fresh, true),
        runway_confidence => momentum.input_confidence(i.runway_fresh))),
    (3, 'What is constraining growth?', NULL, momentum.decide_constraint(
        runway_days => i.runway_days, runway_target => i.runway_target, runway_hard => i.runway_hard,
        trough => i.trough, floor => i.cash_floor, spend_step => i.spend_step,
        affordable_extra => i.affordable_extra, cac_target => i.cac_target,
        cac_actual => CASE WHEN i.no_new_customers THEN 'Infinity' ELSE i.cac_actual END,
        spend_30d => i.spend_30d, first_margin => i.first_margin, marginal_cac => i.marginal_cac,
        conversion_target => i.conversion_target, conversion_actual => i.conversion_actual,
        sessions_30d => i.sessions_30d, order_value => i.order_value, margin_share => i.margin_share,
        velocity_target => i.velocity_target, velocity_actual => i.velocity_actual, doors => i.doors,
        unit_price => i.unit_price, retail_margin_share => i.retail_margin_share,
        cpm_before => i.cpm_before, cpm_now => i.cpm_now, ctr_before => i.ctr_before, ctr_now => i.ctr_now,
        cvr_before => i.cvr_before, cvr_now => i.cvr_now,
        runway_confidence => momentum.input_confidence(i.runway_fresh),
        cac_confidence => momentum.input_confidence(i.cac_fresh, i.cac_significant),
        conversion_confidence => momentum.input_confidence(i.conversion_fresh),
        velocity_confidence => momentum.input_confidence(i.velocity_fresh)))
    ) q (place, question, unit, d);
COMMENT ON VIEW momentum_state.decision IS 'The three questions with their answers, per brand.';

CREATE OR REPLACE VIEW momentum_state.growth_constraint AS
SELECT i.brand, i.as_of, s.place, s.component, s.severity, s.value_at_stake, s.binding, s.remedy
  FROM momentum_state.decision_input i
 CROSS JOIN LATERAL momentum.constraint_severity(
        runway_days => i.runway_days, runway_target => i.runway_target, runway_hard => i.runway_hard,
        trough => i.trough, floor => i.cash_floor, spend_step => i.spend_step,
        affordable_extra => i.affordable_extra, cac_target => i.cac_target,
        cac_actual => CASE WHEN i.no_new_customers THEN 'Infinity' ELSE i.cac_actual END,
        spend_30d => i.spend_30d, first_margin => i.first_margin, marginal_cac => i.marginal_cac,
        conversion_target => i.conversion_target, conversion_actual => i.conversion_actual,
        sessions_30d => i.sessions_30d, order_value => i.order_value, margin_share => i.margin_share,
        velocity_target => i.velocity_target, velocity_actual => i.velocity_actual, doors => i.doors,
        unit_price => i.unit_price, retail_margin_share => i.retail_margin_share,
        cpm_before => i.cpm_before, cpm_now => i.cpm_now, ctr_before => i.ctr_before, ctr_now => i.ctr_now,
        cvr_before => i.cvr_before, cvr_now => i.cvr_now) s;
COMMENT ON VIEW momentum_state.growth_constraint IS 'The four possible constraints of growth, always all four, worst first.';
