-- The five components of the score, now and as they stood 7 and 30 days ago
-- by today's data (see momentum._components).
CREATE OR REPLACE VIEW momentum_state.component_now AS
SELECT h.back, c.*
  FROM (SELECT s.brand, array_agg(s.as_of ORDER BY s.back) AS days, array_agg(s.runway_days ORDER BY s.back) AS runway_days,
               array_agg(s.runway_se ORDER BY s.back) AS runway_se, array_agg(s.read_through ORDER BY s.back) AS read_through,
               array_agg(s.reason ORDER BY s.back) AS reason
          FROM momentum_state.cash_summary s GROUP BY s.brand) a
 CROSS JOIN LATERAL momentum._components(a.brand, a.days, a.runway_days, a.runway_se, a.read_through, a.reason) c
  JOIN momentum_state.cash_summary h ON h.brand = c.brand AND h.as_of = c.as_of;
COMMENT ON VIEW momentum_state.component_now IS 'What momentum_state.component will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.component AS SELECT * FROM momentum_state.component_now;
CREATE UNIQUE INDEX IF NOT EXISTS component_key ON momentum_state.component (brand, back, component);
COMMENT ON MATERIALIZED VIEW momentum_state.component IS 'The components of the score per brand and horizon; c is NULL where a component is missing, and reason says why.';
