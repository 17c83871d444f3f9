-- The score, what moved it, and what would bring it back.  Views: a few calls
-- over the few rows of momentum_state.component take less than a millisecond,
-- a refresh of each three and more.
CREATE OR REPLACE VIEW momentum_state.score AS
SELECT s.brand, s.back, s.as_of,
       (s.r).score, (s.r).coverage, (s.r).se, (s.r).p_up, (s.r).direction, (s.r).confidence, (s.r).reason,
       s.growth, s.accel, s.t_accel,
       momentum.trend_phase(s.growth, s.accel, s.t_accel) AS phase
  FROM (SELECT c.brand, c.back, c.as_of,
               momentum.momentum_score(array_agg(c.component ORDER BY c.place), array_agg(c.weight ORDER BY c.place),
                                       array_agg(c.c ORDER BY c.place), array_agg(c.se ORDER BY c.place)) AS r,
               max(c.raw) FILTER (WHERE c.component = 'revenue' AND c.c IS NOT NULL) AS growth,
               max(c.accel) FILTER (WHERE c.component = 'revenue' AND c.c IS NOT NULL) AS accel,
               max(c.t_accel) FILTER (WHERE c.component = 'revenue' AND c.c IS NOT NULL) AS t_accel
          FROM momentum_state.component c
         GROUP BY c.brand, c.back, c.as_of) s;
COMMENT ON VIEW momentum_state.score IS 'The momentum score per brand and horizon, with the phase of the revenue curve.';

-- Where net revenue took another slope within its last 120 days.
CREATE OR REPLACE VIEW momentum_state.turning AS
SELECT h.brand, n.newest, (n.turn).day, (n.turn).significant AS is_significant,
       30 * (n.turn).slope_before / nullif(n.level, 0) AS growth_before,
       30 * (n.turn).slope_after / nullif(n.level, 0) AS growth_after
  FROM momentum_state.horizon h
 CROSS JOIN LATERAL (
    SELECT max(r.day) AS newest, greatest(avg(r.net_revenue ORDER BY r.day), 0) AS level,
           momentum.turning_point(array_agg(r.day ORDER BY r.day), array_agg(r.net_revenue ORDER BY r.day)) AS turn
      FROM momentum_state.recent_day r
     WHERE r.brand = h.brand AND r.day > h.as_of - 120 AND r.net_revenue IS NOT NULL
       AND NOT EXISTS (SELECT FROM momentum_state.excluded_day e WHERE e.brand = r.brand AND e.day = r.day)) n
 WHERE h.back = 0;
COMMENT ON VIEW momentum_state.turning IS 'The turning point of net revenue in the last 120 days; growth per 30 days before and after it, as a share of the mean day.';

-- Only between two scores that exist: a change from or to nothing is none.
CREATE OR REPLACE VIEW momentum_state.driver AS
SELECT a.brand, a.back, a.score_from, a.score_to, d.component, d.delta, d.value_part, d.coverage_part, d.rank
  FROM (SELECT n.brand, o.back, min(so.score) AS score_from, min(sn.score) AS score_to,
               array_agg(n.component ORDER BY n.place) AS component, array_agg(n.weight ORDER BY n.place) AS weight,
               array_agg(o.c ORDER BY n.place) AS c0, array_agg(n.c ORDER BY n.place) AS c1
          FROM momentum_state.component n
          JOIN momentum_state.component o ON o.brand = n.brand AND o.component = n.component AND o.back > 0
          JOIN momentum_state.score sn ON sn.brand = n.brand AND sn.back = 0
          JOIN momentum_state.score so ON so.brand = n.brand AND so.back = o.back
         WHERE n.back = 0 AND sn.score IS NOT NULL AND so.score IS NOT NULL
         GROUP BY n.brand, o.back) a
 CROSS JOIN LATERAL momentum.score_change(a.component, a.weight, a.c0, a.c1) d;
COMMENT ON VIEW momentum_state.driver IS 'What each component did to the score in the last 7 and 30 days; the deltas add up to its change.';

-- usual: the middle nine tenths of what the component was on the last 180
-- days that were told, once there are 30 of them; a lever that needs more
-- than the brand has ever shown is not within reach.
CREATE OR REPLACE VIEW momentum_state.lever AS
SELECT a.brand, a.as_of, l.component, l.delta_c, l.c_needed, l.raw_needed,
       l.reachable AND (r.days IS NULL OR r.days < 30 OR l.c_needed BETWEEN r.low AND r.high) AS reachable
  FROM (SELECT c.brand, c.as_of, array_agg(c.component ORDER BY c.place) AS component,
               array_agg(c.weight ORDER BY c.place) AS weight, array_agg(c.c ORDER BY c.place) AS c,
               array_agg(c.raw ORDER BY c.place) AS raw, array_agg(c.full_scale ORDER BY c.place) AS full_scale
          FROM momentum_state.component c
         WHERE c.back = 0
         GROUP BY c.brand, c.as_of) a
 CROSS JOIN LATERAL (   -- all components in one reading of the log
    SELECT jsonb_object_agg(k.component, jsonb_build_array(k.days, k.low, k.high)) AS ranges
      FROM (SELECT e.component, count(*) AS days,
                   percentile_cont(0.05) WITHIN GROUP (ORDER BY e.c) AS low,
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY e.c) AS high
              FROM (SELECT DISTINCT ON (g.as_of) g.components
                      FROM momentum_state.score_log g
                     WHERE g.brand = a.brand AND g.as_of > a.as_of - 180 AND g.as_of <= a.as_of
                     ORDER BY g.as_of, g.logged_at DESC) g
             CROSS JOIN LATERAL jsonb_to_recordset(g.components) e (component text, c double precision)
             WHERE e.c IS NOT NULL
             GROUP BY e.component) k) u
 CROSS JOIN LATERAL momentum.recovery_levers(a.component, a.weight, a.c, a.raw, a.full_scale) l
 CROSS JOIN LATERAL (
    SELECT (u.ranges -> l.component -> 0)::bigint AS days, (u.ranges -> l.component -> 1)::double precision AS low,
           (u.ranges -> l.component -> 2)::double precision AS high) r;
COMMENT ON VIEW momentum_state.lever IS 'For each component alone: what would bring the score to zero.';
