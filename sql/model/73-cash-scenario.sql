-- What if: the cash path under each scenario.
CREATE OR REPLACE VIEW momentum.cash_scenario WITH (security_barrier) AS
WITH scenario AS (
    SELECT b.brand, 0 AS place, 'base' AS scenario, 'As it is' AS name, 1::numeric AS in_factor, 0 AS in_days,
           1::numeric AS cost_factor, 0 AS cost_days, 1::numeric AS loan_factor, 0 AS loan_days
      FROM momentum_state.brand b
    UNION ALL
    SELECT o.brand, o.place, o.scenario, o.name, o.in_factor, o.in_days, o.cost_factor, o.cost_days, o.loan_factor, o.loan_days
      FROM (SELECT DISTINCT ON (b.brand, s.scenario) b.brand, s.place, s.scenario, s.name, s.in_factor, s.in_days,
                   s.cost_factor, s.cost_days, s.loan_factor, s.loan_days
              FROM momentum_state.brand b
              JOIN momentum_state.scenario s ON s.brand IN (b.brand, '')
             ORDER BY b.brand, s.scenario, s.brand DESC) o
), path AS MATERIALIZED (
    SELECT p.brand, max(p.working_capital) FILTER (WHERE p.n = 0) AS balance,
           array_agg(p.inflow - p.financing ORDER BY p.n) FILTER (WHERE p.n > 0) AS inflow,
           array_agg(p.financing ORDER BY p.n) FILTER (WHERE p.n > 0) AS financing,
           array_agg(p.cost ORDER BY p.n) FILTER (WHERE p.n > 0) AS cost,
           array_agg(p.loan ORDER BY p.n) FILTER (WHERE p.n > 0) AS loan
      FROM (SELECT x.brand, x.n, x.working_capital, x.inflow, x.cost, x.loan,
                   coalesce((x.parts ->> 'in/financing')::double precision, 0) AS financing
              FROM momentum_state.cash_path x WHERE x.back = 0) p
     GROUP BY p.brand
), shifted AS (
    SELECT s.brand, s.scenario, p.balance, p.financing, i.amount AS inflow, c.amount AS cost, l.amount AS loan,
           i.beyond AS inflow_beyond, c.beyond + l.beyond AS outflow_beyond
      FROM scenario s
      JOIN path p ON p.brand = s.brand
     CROSS JOIN LATERAL momentum.cash_shift(p.inflow, s.in_factor::double precision, s.in_days) i
     CROSS JOIN LATERAL momentum.cash_shift(p.cost, s.cost_factor::double precision, s.cost_days) c
     CROSS JOIN LATERAL momentum.cash_shift(p.loan, s.loan_factor::double precision, s.loan_days) l
), walked AS (
    SELECT h.brand, h.scenario, h.inflow_beyond, h.outflow_beyond,
           momentum.runway(h.balance, (SELECT array_agg(u.i + u.f ORDER BY u.n)
                                         FROM ROWS FROM (unnest(h.inflow), unnest(h.financing)) WITH ORDINALITY u (i, f, n)),
                           h.cost, h.loan, coalesce(f.cash_floor, 0)) AS r
      FROM shifted h
      JOIN momentum_state.config f ON f.brand = h.brand
)
SELECT b.brand, k.as_of, s.scenario, s.name, row_number() OVER (PARTITION BY b.brand ORDER BY s.place, s.scenario)::bigint AS place,
       s.in_factor::numeric(18,6) AS in_factor, s.in_days::bigint AS in_days,
       s.cost_factor::numeric(18,6) AS cost_factor, s.cost_days::bigint AS cost_days,
       s.loan_factor::numeric(18,6) AS loan_factor, s.loan_days::bigint AS loan_days, b.currency,
       (CASE WHEN abs((w.r).w30) < 1e16 THEN (w.r).w30 END)::numeric(18,2) AS working_capital_30d,
       (CASE WHEN abs((w.r).w60) < 1e16 THEN (w.r).w60 END)::numeric(18,2) AS working_capital_60d,
       (CASE WHEN abs((w.r).w90) < 1e16 THEN (w.r).w90 END)::numeric(18,2) AS working_capital_90d,
       (CASE WHEN abs((w.r).trough) < 1e16 THEN (w.r).trough END)::numeric(18,2) AS trough,
       k.as_of + (w.r).trough_day AS trough_day,
       CASE WHEN k.reason IS NULL AND (w.r).runway_days < 'Infinity' THEN (w.r).runway_days END::numeric(24,1) AS runway_days,
       CASE WHEN k.reason IS NULL THEN (w.r).runway_days = 'Infinity' END AS is_endless,
       (CASE WHEN abs(w.inflow_beyond) < 1e16 THEN w.inflow_beyond END)::numeric(18,2) AS inflow_beyond,
       (CASE WHEN abs(w.outflow_beyond) < 1e16 THEN w.outflow_beyond END)::numeric(18,2) AS outflow_beyond,
       CASE WHEN k.brand IS NULL THEN 'no_data' ELSE k.reason END AS reason
  FROM momentum_state.brand b
  JOIN scenario s ON s.brand = b.brand
  LEFT JOIN momentum_state.cash_summary k ON k.brand = b.brand AND k.back = 0
  LEFT JOIN walked w ON w.brand = b.brand AND w.scenario = s.scenario
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.cash_scenario IS 'Working capital and runway under each scenario, "base" being the path as it is. Scenarios are made by momentum.set_scenario().';
COMMENT ON COLUMN momentum.cash_scenario.brand IS 'The brand.';
COMMENT ON COLUMN momentum.cash_scenario.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.cash_scenario.scenario IS 'Key: base, revenue_down, receipts_late, spend_up, or one of the brand''s own.';
COMMENT ON COLUMN momentum.cash_scenario.name IS 'Name to show.';
COMMENT ON COLUMN momentum.cash_scenario.place IS 'Order to show them in; base is 1.';
COMMENT ON COLUMN momentum.cash_scenario.in_factor IS 'Money in, but for financing, is multiplied by this ...';
COMMENT ON COLUMN momentum.cash_scenario.in_days IS '... and comes so many days later (below 0: earlier, at best tomorrow).';
COMMENT ON COLUMN momentum.cash_scenario.cost_factor IS 'All costs are multiplied by this ...';
COMMENT ON COLUMN momentum.cash_scenario.cost_days IS '... and paid so many days later.';
COMMENT ON COLUMN momentum.cash_scenario.loan_factor IS 'Loan service is multiplied by this ...';
COMMENT ON COLUMN momentum.cash_scenario.loan_days IS '... and paid so many days later.';
COMMENT ON COLUMN momentum.cash_scenario.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.cash_scenario.working_capital_30d IS 'Working capital in 30 days.';
COMMENT ON COLUMN momentum.cash_scenario.working_capital_60d IS 'Working capital in 60 days.';
COMMENT ON COLUMN momentum.cash_scenario.working_capital_90d IS 'Working capital in 90 days.';
COMMENT ON COLUMN momentum.cash_scenario.trough IS 'Lowest working capital of the path.';
COMMENT ON COLUMN momentum.cash_scenario.trough_day IS 'The day of the trough.';
COMMENT ON COLUMN momentum.cash_scenario.runway_days IS 'Days until working capital first falls below the floor; NULL when it never does or is not known.';
COMMENT ON COLUMN momentum.cash_scenario.is_endless IS 'True when it never does.';
COMMENT ON COLUMN momentum.cash_scenario.inflow_beyond IS 'Money in that the scenario moves behind the end of the path: it is not lost, but no day shows it.';
COMMENT ON COLUMN momentum.cash_scenario.outflow_beyond IS 'Costs and loan service moved behind it.';
COMMENT ON COLUMN momentum.cash_scenario.reason IS 'Why figures are missing: no_balance, no_costs (no runway), no_data.';
