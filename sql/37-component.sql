-- The five components of the score, for any days of a brand: the newest one
-- and what it is compared with at a refresh, days long past for the history.
--
-- newest is the last day that is complete in every metric a component
-- needs; its window ends there.  A component whose newest day lies further
-- behind the day asked for than max_age is missing (stale).  150 days carry
-- the longest window and show how stale a component is.
--
-- Spend below zero over the window, for a platform gave back more than it took,
-- is no cost of customers: no_data.
--
-- The days of excluded events are in no fit; sums keep them, and newest may be
-- one of them.
--
-- Facts, targets, settings and events are those of today.  The runway is handed in,
-- for what was expected then is not kept.
CREATE TYPE momentum._component AS (
    brand text,
    as_of date,
    place integer,
    component text,
    newest date,
    weight double precision,
    full_scale double precision,
    raw double precision,
    c double precision,
    se double precision,
    actual double precision,
    target double precision,
    level double precision,
    p_up double precision,
    accel double precision,
    t_accel double precision,
    reason text,
    share double precision,
    contribution double precision,
    days_excluded bigint
);
COMMENT ON TYPE momentum._component IS 'One component of the score of a brand as of a day; c is NULL where it is missing, and reason says why.';

-- Planned once: a pass over years of days calls it for two months at a time.
CREATE FUNCTION momentum._components(
    of_brand text,
    days date[],
    runway_days double precision[],
    runway_se double precision[],
    read_through date[],
    runway_reason text[]
) RETURNS SETOF momentum._component
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH h AS (
        SELECT z.*, c.*
          FROM unnest(days, runway_days, runway_se, read_through, runway_reason)
               AS z (as_of, runway_days, runway_se, read_through, runway_reason)
         CROSS JOIN momentum_state.config c
         WHERE c.brand = of_brand
    ), recent AS MATERIALIZED (
        SELECT d.day, d.day IN (SELECT e.day FROM momentum_state.excluded_day e WHERE e.brand = of_brand) AS is_excluded,
               sum(d.value) FILTER (WHERE d.metric = 'net_revenue')::double precision AS net_revenue,
               sum(d.value) FILTER (WHERE d.metric = 'orders')::double precision AS orders,
               sum(d.value) FILTER (WHERE d.metric = 'new_customers')::double precision AS new_customers,
               sum(d.value) FILTER (WHERE d.metric = 'sessions')::double precision AS sessions,
               sum(d.value) FILTER (WHERE d.metric = 'ad_spend')::double precision AS ad_spend,
               sum(d.value) FILTER (WHERE d.metric = 'retail_units')::double precision AS retail_units,
               sum(d.value) FILTER (WHERE d.metric = 'retail_doors')::double precision AS retail_doors
          FROM momentum_state.metric_daily d
         WHERE d.brand = of_brand
           AND d.metric IN ('net_revenue', 'orders', 'new_customers', 'sessions', 'ad_spend', 'retail_units', 'retail_doors')
           AND d.day > (SELECT min(a) FROM unnest(days) a) - 150 AND d.day <= (SELECT max(a) FROM unnest(days) a)
         GROUP BY d.day
    ), revenue AS (
        SELECT h.brand, h.as_of, n.newest, w.fit, NULL::double precision AS actual, NULL::double precision AS target,
               NULL::text AS flag, w.days_excluded
          FROM h
         CROSS JOIN LATERAL (
            SELECT max(r.day) AS newest
              FROM recent r
             WHERE r.day > h.as_of - 150 AND r.day <= h.as_of AND r.net_revenue IS NOT NULL) n
         CROSS JOIN LATERAL (
            SELECT momentum.trend(r.day, r.net_revenue) FILTER (WHERE NOT r.is_excluded) AS fit,
                   count(*) FILTER (WHERE r.is_excluded) AS days_excluded
              FROM recent r
             WHERE r.day > n.newest - h.window_revenue AND r.day <= n.newest
               AND r.net_revenue IS NOT NULL) w
    ), conversion AS (
        SELECT h.brand, h.as_of, n.newest, w.fit, w.actual, NULL::double precision AS target,
               CASE WHEN w.over THEN 'cvr_gt_1' END AS flag, w.days_excluded
          FROM h
         CROSS JOIN LATERAL (
            SELECT max(r.day) AS newest
              FROM recent r
             WHERE r.day > h.as_of - 150 AND r.day <= h.as_of AND r.orders IS NOT NULL AND r.sessions IS NOT NULL) n
         CROSS JOIN LATERAL (
            SELECT momentum.trend(r.day, r.orders / r.sessions, r.sessions) FILTER (WHERE NOT r.is_excluded) AS fit,
                   count(*) FILTER (WHERE r.is_excluded) AS days_excluded,
                   sum(r.orders) / sum(r.sessions) AS actual, bool_or(r.orders > r.sessions) AS over
              FROM recent r
             WHERE r.day > n.newest - h.window_conversion AND r.day <= n.newest
               AND r.orders IS NOT NULL AND r.sessions > 0) w
    ), velocity AS (    -- a row stands for the days since the one before; a weekly feed's zeros between its days are no days
        SELECT h.brand, h.as_of, n.newest, w.fit, w.actual, NULL::double precision AS target, NULL::text AS flag, w.days_excluded
          FROM h
         CROSS JOIN LATERAL (
            SELECT max(r.day) AS newest
              FROM recent r
             WHERE r.day > h.as_of - 150 AND r.day <= h.as_of
               AND r.retail_units IS NOT NULL AND r.retail_doors IS NOT NULL) n
         CROSS JOIN LATERAL (
            SELECT momentum.trend(d.day, d.units / d.doors / (d.step / 7.0), d.doors) FILTER (WHERE NOT d.is_excluded) AS fit,
                   count(*) FILTER (WHERE d.is_excluded) AS days_excluded,
                   sum(d.units) / sum(d.doors * d.step / 7.0) AS actual
              FROM (SELECT r.day, r.retail_units AS units, r.retail_doors AS doors, r.is_excluded,
                           CASE WHEN p.only_weekday IS NULL THEN p.step ELSE greatest(p.step, 7) END AS step
                      FROM recent r
                     CROSS JOIN (
                        SELECT min(g.gap)::double precision AS step,
                               CASE WHEN min(g.weekday) FILTER (WHERE g.units <> 0) = max(g.weekday) FILTER (WHERE g.units <> 0)
                                    THEN min(g.weekday) FILTER (WHERE g.units <> 0) END AS only_weekday
                          FROM (SELECT x.day - lag(x.day) OVER (ORDER BY x.day) AS gap, x.retail_units AS units,
                                       extract(isodow FROM x.day) AS weekday
                                  FROM recent x
                                 WHERE x.day > n.newest - h.window_velocity AND x.day <= n.newest
                                   AND x.retail_units IS NOT NULL AND x.retail_doors IS NOT NULL) g) p
                     WHERE r.day > n.newest - h.window_velocity AND r.day <= n.newest
                       AND r.retail_units IS NOT NULL AND r.retail_doors > 0
                       AND (p.only_weekday IS NULL OR extract(isodow FROM r.day) = p.only_weekday)) d) w
    ), trended AS (
        SELECT 1 AS place, 'revenue' AS component, x.*, h.weight_revenue AS weight,
               h.scale_revenue AS full_scale, h.max_age_revenue AS max_age
          FROM revenue x JOIN h USING (brand, as_of)
        UNION ALL
        SELECT 3, 'conversion', x.*, h.weight_conversion, h.scale_conversion, h.max_age_conversion
          FROM conversion x JOIN h USING (brand, as_of)
        UNION ALL
        SELECT 4, 'velocity', x.*, h.weight_velocity, h.scale_velocity, h.max_age_velocity
          FROM velocity x JOIN h USING (brand, as_of)
    ), cac AS (
        SELECT h.brand, h.as_of, n.newest, w.spend, w.new_customers, t.target,
               momentum.cac_component(w.spend, w.new_customers, t.target, h.scale_cac) AS part
          FROM h
         CROSS JOIN LATERAL (
            SELECT max(r.day) AS newest
              FROM recent r
             WHERE r.day > h.as_of - 150 AND r.day <= h.as_of
               AND r.ad_spend IS NOT NULL AND r.new_customers IS NOT NULL) n
         CROSS JOIN LATERAL (
            SELECT CASE WHEN sum(r.ad_spend) >= 0 THEN sum(r.ad_spend ORDER BY r.day) END AS spend, sum(r.new_customers) AS new_customers
              FROM recent r
             WHERE r.day > n.newest - h.window_cac AND r.day <= n.newest
               AND r.ad_spend IS NOT NULL AND r.new_customers IS NOT NULL) w
          LEFT JOIN LATERAL (
            SELECT g.value::double precision AS target
              FROM momentum_state.target g
             WHERE g.brand = h.brand AND g.metric = 'cac' AND g.valid_from <= coalesce(n.newest, h.as_of)
             ORDER BY g.valid_from DESC LIMIT 1) t ON true
    ), part AS (
        SELECT t.brand, t.as_of, t.place, t.component, t.newest, t.weight, t.full_scale,
               (t.fit).g AS raw, momentum.component_value((t.fit).g, t.full_scale) AS c,
               (t.fit).se_g / t.full_scale AS se, t.actual, t.target,
               (t.fit).level, (t.fit).p_up, (t.fit).accel, (t.fit).t_accel,
               CASE WHEN t.newest IS NULL THEN 'no_data'
                    WHEN t.as_of - t.newest > t.max_age THEN 'stale'
                    WHEN (t.fit).g IS NULL THEN coalesce((t.fit).reason, 'no_data') END AS missing,
               coalesce(t.flag, (t.fit).reason) AS remark, t.days_excluded
          FROM trended t
        UNION ALL
        SELECT h.brand, h.as_of, 2, 'cac', k.newest, h.weight_cac, h.scale_cac,
               (k.part).raw, (k.part).c, (k.part).se, k.spend / nullif(k.new_customers, 0), k.target,
               NULL, NULL, NULL, NULL,
               CASE WHEN k.newest IS NULL THEN 'no_data'
                    WHEN h.as_of - k.newest > h.max_age_cac THEN 'stale'
                    WHEN (k.part).c IS NULL THEN (k.part).reason END,
               (k.part).reason, 0
          FROM cac k JOIN h USING (brand, as_of)
        UNION ALL
        SELECT h.brand, h.as_of, 5, 'runway', h.read_through, h.weight_runway, h.scale_runway,
               (h.runway_days - h.runway_target) / h.runway_target,
               momentum.component_value((h.runway_days - h.runway_target) / h.runway_target, h.scale_runway),
               coalesce(h.runway_se, 0), h.runway_days, h.runway_target, NULL, NULL, NULL, NULL,
               CASE WHEN h.as_of - h.read_through > h.max_age_runway THEN 'stale'
                    WHEN h.runway_days IS NULL THEN coalesce(h.runway_reason, 'no_data') END,
               NULL, 0
          FROM h
    ), present AS (
        SELECT p.brand, p.as_of, p.place, p.component, p.newest, p.weight, p.full_scale, p.raw,
               CASE WHEN p.missing IS NULL THEN p.c END AS c,
               CASE WHEN p.missing IS NULL THEN p.se END AS se,
               p.actual, p.target, p.level, p.p_up, p.accel, p.t_accel, coalesce(p.missing, p.remark) AS reason,
               coalesce(p.days_excluded, 0) AS days_excluded
          FROM part p
    )
    SELECT p.brand, p.as_of, p.place, p.component, p.newest, p.weight, p.full_scale, p.raw, p.c, p.se,
           p.actual, p.target, p.level, p.p_up, p.accel, p.t_accel, p.reason, k.weight AS share, k.contribution, p.days_excluded
      FROM present p
      JOIN (SELECT a.brand, a.as_of, k.component, k.weight, k.contribution
              FROM (SELECT q.brand, q.as_of, array_agg(q.component ORDER BY q.place) AS component,
                           array_agg(q.weight ORDER BY q.place) AS weight, array_agg(q.c ORDER BY q.place) AS c
                      FROM present q GROUP BY q.brand, q.as_of) a
             CROSS JOIN LATERAL momentum.score_contributions(a.component, a.weight, a.c) k) k
     USING (brand, as_of, component);
END
$$;
COMMENT ON FUNCTION momentum._components(text, date[], double precision[], double precision[], date[], text[]) IS
    'The components of the score of a brand as of each of the days, of which no two are the same. The other arrays go beside it: the runway as it was expected on the day, its standard error as a share of the scale, the day it was known through, and why it is not known.';
REVOKE ALL ON FUNCTION momentum._components(text, date[], double precision[], double precision[], date[], text[]) FROM PUBLIC;
