-- Working capital: day by day, and in a row.
CREATE OR REPLACE VIEW momentum.cash_path WITH (security_barrier) AS
SELECT p.brand, p.day, p.day::timestamp AT TIME ZONE b.time_zone AS "time", p.n::bigint AS day_number, b.currency,
       p.working_capital::numeric(18,2) AS working_capital, p.inflow::numeric(18,2) AS inflow,
       p.cost::numeric(18,2) AS cost, p.loan::numeric(18,2) AS loan, p.origin,
       p.run_rate_in::numeric(18,2) AS run_rate_inflow, p.run_rate_cost::numeric(18,2) AS run_rate_cost,
       (p.day - p.n) AS as_of, p.p10::numeric(18,2) AS p10, p.p50::numeric(18,2) AS p50, p.p90::numeric(18,2) AS p90,
       p.p_breach::numeric(9,6) AS p_breach
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
COMMENT ON COLUMN momentum.cash_path.p10 IS 'Working capital ends the day below this with 10 % probability, by what the run rates of the last 8 weeks were wrong by; NULL where the path leans on none, or on less than 28 such days.';
COMMENT ON COLUMN momentum.cash_path.p50 IS 'The same with 50 %.';
COMMENT ON COLUMN momentum.cash_path.p90 IS 'The same with 90 %.';
COMMENT ON COLUMN momentum.cash_path.p_breach IS 'Probability that working capital has been below the floor by the end of the day.';

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
                THEN 'run rates stand in for what the sheet does not name (see cash_path)' END), '') AS note,
       k.p10_30::numeric(18,2) AS working_capital_30d_p10, k.p90_30::numeric(18,2) AS working_capital_30d_p90,
       k.p10_60::numeric(18,2) AS working_capital_60d_p10, k.p90_60::numeric(18,2) AS working_capital_60d_p90,
       k.p10_90::numeric(18,2) AS working_capital_90d_p10, k.p90_90::numeric(18,2) AS working_capital_90d_p90,
       CASE WHEN k.runway_p10 < 'Infinity' THEN k.runway_p10 END::numeric(24,1) AS runway_days_p10,
       CASE WHEN k.runway_p90 < 'Infinity' THEN k.runway_p90 END::numeric(24,1) AS runway_days_p90,
       k.p_breach::numeric(9,6) AS p_breach, k.error_days::bigint AS error_days,
       k.p50_30::numeric(18,2) AS working_capital_30d_p50, k.p50_60::numeric(18,2) AS working_capital_60d_p50,
       k.p50_90::numeric(18,2) AS working_capital_90d_p50
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
COMMENT ON COLUMN momentum.cash_summary.working_capital_30d_p10 IS 'Working capital in 30 days is below this with 10 % probability; NULL without bands (see cash_path.p10).';
COMMENT ON COLUMN momentum.cash_summary.working_capital_30d_p90 IS 'The same with 90 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_60d_p10 IS 'In 60 days, 10 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_60d_p90 IS 'In 60 days, 90 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_90d_p10 IS 'In 90 days, 10 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_90d_p90 IS 'In 90 days, 90 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_30d_p50 IS 'In 30 days, 50 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_60d_p50 IS 'In 60 days, 50 %.';
COMMENT ON COLUMN momentum.cash_summary.working_capital_90d_p50 IS 'In 90 days, 50 %.';
COMMENT ON COLUMN momentum.cash_summary.runway_days_p10 IS 'The runway is shorter than this with 10 % probability; NULL when it is endless even then, or without bands.';
COMMENT ON COLUMN momentum.cash_summary.runway_days_p90 IS 'The runway is shorter than this with 90 % probability; NULL when it is endless then, or without bands.';
COMMENT ON COLUMN momentum.cash_summary.p_breach IS 'Probability that working capital falls below the floor within the path.';
COMMENT ON COLUMN momentum.cash_summary.error_days IS 'Days on which forecasts were set against what came: what the bands are drawn from.';

-- How the run rates are forecast, and whether that has been any good.
CREATE OR REPLACE VIEW momentum.forecast_quality WITH (security_barrier) AS
SELECT b.brand, h.as_of, v.series, n.newest AS complete_through, (n.f).method, (n.f).mase::numeric(12,4) AS mase, b.currency,
       e.mean_error::numeric(18,2) AS mean_error, e.mean_absolute_error::numeric(18,2) AS mean_absolute_error,
       coalesce(e.days, 0) AS error_days,
       CASE WHEN n.newest IS NULL THEN 'no_data' ELSE (n.f).reason END AS reason
  FROM momentum_state.brand b
 CROSS JOIN (VALUES ('net_revenue'), ('ad_spend')) v (series)
  LEFT JOIN momentum_state.horizon h ON h.brand = b.brand AND h.back = 0
  LEFT JOIN LATERAL (
    SELECT max(r.day) AS newest, array_agg(r.day ORDER BY r.day) AS days, array_agg(r.y ORDER BY r.day) AS y,
           momentum.forecast_check(array_agg(r.day ORDER BY r.day), array_agg(r.y ORDER BY r.day)) AS f
      FROM (SELECT d.day, CASE v.series WHEN 'ad_spend' THEN d.ad_spend ELSE d.net_revenue END AS y
              FROM momentum_state.recent_day d
             WHERE d.brand = b.brand AND d.day > h.as_of - 119 AND d.day <= h.as_of
               AND NOT EXISTS (SELECT FROM momentum_state.excluded_day x WHERE x.brand = d.brand AND x.day = d.day)) r
     WHERE r.y IS NOT NULL) n ON true
  LEFT JOIN LATERAL (
    SELECT avg(x.error ORDER BY x.day) AS mean_error, avg(abs(x.error) ORDER BY x.day) AS mean_absolute_error, count(*) AS days
      FROM momentum.forecast_errors(n.days, n.y) x) e ON true
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.forecast_quality IS 'How the run rates of the cash path are forecast and how good that has been: net_revenue and ad_spend, two rows per brand.';
COMMENT ON COLUMN momentum.forecast_quality.brand IS 'The brand.';
COMMENT ON COLUMN momentum.forecast_quality.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.forecast_quality.series IS 'net_revenue (the shop''s sales) or ad_spend.';
COMMENT ON COLUMN momentum.forecast_quality.complete_through IS 'Newest complete day of the series that no event leaves out: the forecast begins after it.';
COMMENT ON COLUMN momentum.forecast_quality.method IS 'trend: level, weekday factor, damped trend; weekday mean: the mean of the same weekday over 4 weeks, where the trend was no better than repeating last week; NULL: no forecast.';
COMMENT ON COLUMN momentum.forecast_quality.mase IS 'Of the trend, one week ahead over the last 8 weeks: mean absolute error over that of repeating the value of 7 days before. Below 1 is better than repeating.';
COMMENT ON COLUMN momentum.forecast_quality.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.forecast_quality.mean_error IS 'Of the method in use: what came less what was expected, per day of the last 8 weeks; above 0 it expected too little.';
COMMENT ON COLUMN momentum.forecast_quality.mean_absolute_error IS 'The same without the sign.';
COMMENT ON COLUMN momentum.forecast_quality.error_days IS 'Days that could be compared, at most 56.';
COMMENT ON COLUMN momentum.forecast_quality.reason IS 'Why there is no method (too_few_points, no_data) or no mase (no_replay, last_week_repeats).';
