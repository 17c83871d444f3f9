-- Working capital: day by day, and in a row.
CREATE OR REPLACE VIEW momentum.cash_path WITH (security_barrier) AS
SELECT p.brand, p.day, p.day::timestamp AT TIME ZONE b.time_zone AS "time", p.n::bigint AS day_number, b.currency,
       p.working_capital::numeric(18,2) AS working_capital, p.inflow::numeric(18,2) AS inflow,
       p.cost::numeric(18,2) AS cost, p.loan::numeric(18,2) AS loan, p.origin,
       p.run_rate_in::numeric(18,2) AS run_rate_inflow, p.run_rate_cost::numeric(18,2) AS run_rate_cost,
       (p.day - p.n) AS as_of
  FROM momentum_state.cash_path p
  JOIN momentum_state.brand b ON b.brand = p.brand
 WHERE p.back = 0 AND momentum.may_see(p.brand);
COMMENT ON VIEW momentum.cash_path IS 'Working capital at the end of each day: the balance plus money in less costs less loan service, 90 days ahead or more. A brand without a balance has no rows.';
COMMENT ON COLUMN momentum.cash_path.brand IS 'The brand.';
COMMENT ON COLUMN momentum.cash_path.day IS 'The day.';
COMMENT ON COLUMN momentum.cash_path."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.cash_path.day_number IS '0 is as_of, with the balance the path starts from.';
COMMENT ON COLUMN momentum.cash_path.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.cash_path.working_capital IS 'Working capital at the end of the day.';
COMMENT ON COLUMN momentum.cash_path.inflow IS 'Money in on the day.';
COMMENT ON COLUMN momentum.cash_path.cost IS 'Costs paid on the day.';
COMMENT ON COLUMN momentum.cash_path.loan IS 'Loan service on the day.';
COMMENT ON COLUMN momentum.cash_path.origin IS 'What the day''s money is known from: balance, or sheet, the service that keeps the books, run_rate, or several with " + " between; none: nothing is named for the day.';
COMMENT ON COLUMN momentum.cash_path.run_rate_inflow IS 'Of inflow, what is forecast: shop sales after fees where the sheet does not name them, and behind the sheet''s end the average of its other lines; NULL when nothing is.';
COMMENT ON COLUMN momentum.cash_path.run_rate_cost IS 'Of cost, what is forecast: ad spend where the sheet does not name it, and behind the sheet''s end the average of its other lines; NULL when nothing is.';
COMMENT ON COLUMN momentum.cash_path.as_of IS 'Newest complete day of the brand: the path begins after it.';

CREATE OR REPLACE VIEW momentum.cash_summary WITH (security_barrier) AS
SELECT b.brand, k.as_of, b.currency, k.balance::numeric(18,2) AS working_capital, k.balance_day,
       k.w30::numeric(18,2) AS working_capital_30d, k.w60::numeric(18,2) AS working_capital_60d,
       k.w90::numeric(18,2) AS working_capital_90d, k.trough::numeric(18,2) AS trough, k.trough_day,
       CASE WHEN k.runway_days < 'Infinity' THEN k.runway_days END::numeric(24,1) AS runway_days,
       k.runway_days = 'Infinity' AS is_endless, k.avg_change::numeric(18,2) AS change_per_day,
       coalesce(d.status, 'no source') AS status, k.sheet_through,
       CASE WHEN k.brand IS NULL THEN 'no_data' ELSE k.reason END AS reason,
       nullif(concat_ws('; ',
           CASE WHEN k.reason = 'no_costs' THEN 'no costs are known, so the runway is not' END,
           CASE WHEN k.sheet_through < k.as_of + k.horizon
                THEN 'the sheet ends on ' || k.sheet_through || ', its lines go on at their average' END,
           CASE WHEN k.run_rate_in OR k.run_rate_cost
                THEN 'run rates stand in for what the sheet does not name (see cash_path)' END), '') AS note
  FROM momentum_state.brand b
  LEFT JOIN momentum_state.cash_summary k ON k.brand = b.brand AND k.back = 0
  LEFT JOIN momentum_state.dashboard d ON d.brand = b.brand AND d.metric = 'working_capital'
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.cash_summary IS 'How long the cash lasts, one row per brand.';
COMMENT ON COLUMN momentum.cash_summary.brand IS 'The brand.';
COMMENT ON COLUMN momentum.cash_summary.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.cash_summary.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.cash_summary.working_capital IS 'Working capital at the end of as_of: the last balance of sheet or books carried forward.';
COMMENT ON COLUMN momentum.cash_summary.balance_day IS 'The day whose beginning that balance stands for.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_30d IS 'Working capital in 30 days.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_60d IS 'Working capital in 60 days.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_90d IS 'Working capital in 90 days.';
COMMENT ON COLUMN momentum.cash_summary.trough IS 'Lowest working capital of the path.';
COMMENT ON COLUMN momentum.cash_summary.trough_day IS 'The day of the trough.';
COMMENT ON COLUMN momentum.cash_summary.runway_days IS 'Days until working capital first falls below the floor, beyond the path by its average change; NULL when it never does or is not known.';
COMMENT ON COLUMN momentum.cash_summary.is_endless IS 'True when it never does.';
COMMENT ON COLUMN momentum.cash_summary.change_per_day IS 'Average change of working capital per day of the path.';
COMMENT ON COLUMN momentum.cash_summary.status IS 'green: runway at its target; yellow: above the minimum; red: below; unknown; no source.';
COMMENT ON COLUMN momentum.cash_summary.sheet_through IS 'Last day that the sheet names.';
COMMENT ON COLUMN momentum.cash_summary.reason IS 'Why the runway is not known: no_balance, no_costs, no_data.';
COMMENT ON COLUMN momentum.cash_summary.note IS 'What the path leans on besides the sheet.';
