-- The five components of the score, now and as they stood 7 and 30 days ago
-- by today's data.
--
-- newest is the last day that is complete in every metric a component
-- needs; its window ends there.  A component whose newest day lies further
-- behind the brand's newest day than max_age is missing (stale).
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.component AS
WITH h AS (
    SELECT z.back, z.as_of, c.*
      FROM momentum_state.horizon z
      JOIN momentum_state.config c USING (brand)
), revenue AS (
    SELECT h.brand, h.back, n.newest, w.fit, NULL::double precision AS actual, NULL::double precision AS target,
           NULL::text AS flag
      FROM h
     CROSS JOIN LATERAL (
        SELECT max(r.day) AS newest
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day <= h.as_of AND r.net_revenue IS NOT NULL) n
     CROSS JOIN LATERAL (
        SELECT momentum.trend(r.day, r.net_revenue) AS fit
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day > n.newest - h.window_revenue AND r.day <= n.newest
           AND r.net_revenue IS NOT NULL) w
), conversion AS (
    SELECT h.brand, h.back, n.newest, w.fit, w.actual, NULL::double precision AS target,
           CASE WHEN w.over THEN 'cvr_gt_1' END AS flag
      FROM h
     CROSS JOIN LATERAL (
        SELECT max(r.day) AS newest
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day <= h.as_of AND r.orders IS NOT NULL AND r.sessions IS NOT NULL) n
     CROSS JOIN LATERAL (
        SELECT momentum.trend(r.day, r.orders / r.sessions, r.sessions) AS fit,
               sum(r.orders) / sum(r.sessions) AS actual, bool_or(r.orders > r.sessions) AS over
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day > n.newest - h.window_conversion AND r.day <= n.newest
           AND r.orders IS NOT NULL AND r.sessions > 0) w
), velocity AS (    -- a row stands for the days since the one before; a weekly feed's zeros between its days are no days
    SELECT h.brand, h.back, n.newest, w.fit, w.actual, NULL::double precision AS target, NULL::text AS flag
      FROM h
     CROSS JOIN LATERAL (
        SELECT max(r.day) AS newest
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day <= h.as_of
           AND r.retail_units IS NOT NULL AND r.retail_doors IS NOT NULL) n
     CROSS JOIN LATERAL (
        SELECT momentum.trend(d.day, d.units / d.doors / (d.step / 7.0), d.doors) AS fit,
               sum(d.units) / sum(d.doors * d.step / 7.0) AS actual
          FROM (SELECT r.day, r.retail_units AS units, r.retail_doors AS doors,
                       CASE WHEN p.only_weekday IS NULL THEN p.step ELSE greatest(p.step, 7) END AS step
                  FROM momentum_state.recent_day r
                 CROSS JOIN (
                    SELECT min(g.gap)::double precision AS step,
                           CASE WHEN min(g.weekday) FILTER (WHERE g.units <> 0) = max(g.weekday) FILTER (WHERE g.units <> 0)
                                THEN min(g.weekday) FILTER (WHERE g.units <> 0) END AS only_weekday
                      FROM (SELECT x.day - lag(x.day) OVER (ORDER BY x.day) AS gap, x.retail_units AS units,
                                   extract(isodow FROM x.day) AS weekday
                              FROM momentum_state.recent_day x
                             WHERE x.brand = h.brand AND x.day > n.newest - h.window_velocity AND x.day <= n.newest
                               AND x.retail_units IS NOT NULL AND x.retail_doors IS NOT NULL) g) p
                 WHERE r.brand = h.brand AND r.day > n.newest - h.window_velocity AND r.day <= n.newest
                   AND r.retail_units IS NOT NULL AND r.retail_doors > 0
                   AND (p.only_weekday IS NULL OR extract(isodow FROM r.day) = p.only_weekday)) d) w
), trended AS (
    SELECT 1 AS place, 'revenue' AS component, x.*, h.as_of, h.weight_revenue AS weight,
           h.scale_revenue AS full_scale, h.max_age_revenue AS max_age
      FROM revenue x JOIN h USING (brand, back)
    UNION ALL
    SELECT 3, 'conversion', x.*, h.as_of, h.weight_conversion, h.scale_conversion, h.max_age_conversion
      FROM conversion x JOIN h USING (brand, back)
    UNION ALL
    SELECT 4, 'velocity', x.*, h.as_of, h.weight_velocity, h.scale_velocity, h.max_age_velocity
      FROM velocity x JOIN h USING (brand, back)
), cac AS (
    SELECT h.brand, h.back, n.newest, w.spend, w.new_customers, t.target,
           momentum.cac_component(w.spend, w.new_customers, t.target, h.scale_cac) AS part
      FROM h
     CROSS JOIN LATERAL (
        SELECT max(r.day) AS newest
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day <= h.as_of
           AND r.ad_spend IS NOT NULL AND r.new_customers IS NOT NULL) n
     CROSS JOIN LATERAL (
        SELECT sum(r.ad_spend ORDER BY r.day) AS spend, sum(r.new_customers) AS new_customers
          FROM momentum_state.recent_day r
         WHERE r.brand = h.brand AND r.day > n.newest - h.window_cac AND r.day <= n.newest
           AND r.ad_spend IS NOT NULL AND r.new_customers IS NOT NULL) w
      LEFT JOIN LATERAL (
        SELECT g.value::double precision AS target
          FROM momentum_state.target g
         WHERE g.brand = h.brand AND g.metric = 'cac' AND g.valid_from <= coalesce(n.newest, h.as_of)
         ORDER BY g.valid_from DESC LIMIT 1) t ON true
), part AS (
    SELECT t.brand, t.back, t.as_of, t.place, t.component, t.newest, t.weight, t.full_scale,
           (t.fit).g AS raw, momentum.component_value((t.fit).g, t.full_scale) AS c,
           (t.fit).se_g / t.full_scale AS se, t.actual, t.target,
           (t.fit).level, (t.fit).p_up, (t.fit).accel, (t.fit).t_accel,
           CASE WHEN t.newest IS NULL THEN 'no_data'
                WHEN t.as_of - t.newest > t.max_age THEN 'stale'
                WHEN (t.fit).g IS NULL THEN coalesce((t.fit).reason, 'no_data') END AS missing,
           coalesce(t.flag, (t.fit).reason) AS remark
      FROM trended t
    UNION ALL
    SELECT h.brand, h.back, h.as_of, 2, 'cac', k.newest, h.weight_cac, h.scale_cac,
           (k.part).raw, (k.part).c, (k.part).se, k.spend / nullif(k.new_customers, 0), k.target,
           NULL, NULL, NULL, NULL,
           CASE WHEN k.newest IS NULL THEN 'no_data'
                WHEN h.as_of - k.newest > h.max_age_cac THEN 'stale'
                WHEN (k.part).c IS NULL THEN (k.part).reason END,
           (k.part).reason
      FROM cac k JOIN h USING (brand, back)
    UNION ALL
    SELECT h.brand, h.back, h.as_of, 5, 'runway', s.read_through, h.weight_runway, h.scale_runway,
           (s.runway_days - h.runway_target) / h.runway_target,
           momentum.component_value((s.runway_days - h.runway_target) / h.runway_target, h.scale_runway),
           coalesce(s.runway_se, 0), s.runway_days, h.runway_target, NULL, NULL, NULL, NULL,
           CASE WHEN s.balance IS NULL THEN coalesce(s.reason, 'no_data')
                WHEN h.as_of - s.read_through > h.max_age_runway THEN 'stale'
                WHEN s.runway_days IS NULL THEN coalesce(s.reason, 'no_data') END,
           NULL
      FROM momentum_state.cash_summary s JOIN h USING (brand, back)
), present AS (
    SELECT p.brand, p.back, p.as_of, p.place, p.component, p.newest, p.weight, p.full_scale, p.raw,
           CASE WHEN p.missing IS NULL THEN p.c END AS c,
           CASE WHEN p.missing IS NULL THEN p.se END AS se,
           p.actual, p.target, p.level, p.p_up, p.accel, p.t_accel, coalesce(p.missing, p.remark) AS reason
      FROM part p
)
SELECT p.*, k.weight AS share, k.contribution
  FROM present p
  JOIN (SELECT a.brand, a.back, k.component, k.weight, k.contribution
          FROM (SELECT q.brand, q.back, array_agg(q.component ORDER BY q.place) AS component,
                       array_agg(q.weight ORDER BY q.place) AS weight, array_agg(q.c ORDER BY q.place) AS c
                  FROM present q GROUP BY q.brand, q.back) a
         CROSS JOIN LATERAL momentum.score_contributions(a.component, a.weight, a.c) k) k
 USING (brand, back, component);
CREATE UNIQUE INDEX IF NOT EXISTS component_key ON momentum_state.component (brand, back, component);
COMMENT ON MATERIALIZED VIEW momentum_state.component IS 'The components of the score per brand and horizon; c is NULL where a component is missing, and reason says why.';
