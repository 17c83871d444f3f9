-- The seven of the dashboard, one row each for every brand whatever is known.
--
-- Ratios are sums over sums of the 30 days that end on the last day complete
-- in both; the ad spend is that of the calendar month, against the month's
-- target, or else the budgets of all the platforms that spend, by its pacing; doors are the newest count; working capital is the
-- one in 30 days, and takes its colour from the runway.  Trends and weekday
-- factors leave the days of excluded events out, sums keep them.
CREATE OR REPLACE VIEW momentum_state.dashboard_now AS
WITH term AS (
    SELECT r.brand, r.day, v.metric, v.numerator, v.denominator, e.day IS NOT NULL AS is_excluded
      FROM momentum_state.recent_day r
      LEFT JOIN momentum_state.excluded_day e ON e.brand = r.brand AND e.day = r.day
     CROSS JOIN LATERAL (VALUES
        ('cac', r.ad_spend, r.new_customers),
        ('aov', r.net_revenue, r.orders),
        ('conversion_rate', r.orders, r.sessions),
        ('new_customer_sub_pct', r.new_subscribers, r.new_customers)) v (metric, numerator, denominator)
     WHERE v.numerator IS NOT NULL AND v.denominator IS NOT NULL
), ratio AS (
    SELECT t.brand, t.metric, n.newest, t.metric = 'cac' AND sum(t.numerator) < 0 AS is_given_back,
           CASE WHEN t.metric <> 'cac' OR sum(t.numerator) >= 0
                THEN sum(t.numerator ORDER BY t.day) / nullif(sum(t.denominator ORDER BY t.day), 0) END AS actual,
           momentum.trend(t.day, t.numerator / nullif(t.denominator, 0), t.denominator) FILTER (WHERE NOT t.is_excluded) AS fit,
           count(*) FILTER (WHERE t.is_excluded) AS days_excluded
      FROM term t
      JOIN (SELECT x.brand, x.metric, max(x.day) AS newest FROM term x GROUP BY x.brand, x.metric) n USING (brand, metric)
     WHERE t.day > n.newest - 30
     GROUP BY t.brand, t.metric, n.newest
), month AS (
    SELECT n.brand, n.newest, date_trunc('month', n.newest::timestamp)::date AS first_day,
           (date_trunc('month', n.newest::timestamp) + interval '1 month - 1 day')::date AS last_day
      FROM (SELECT r.brand, max(r.day) AS newest
              FROM momentum_state.recent_day r WHERE r.ad_spend IS NOT NULL GROUP BY r.brand) n
), spend AS (
    SELECT m.brand, m.newest, m.first_day, m.last_day, d.fit, d.factors, d.so_far, d.days_excluded,
           d.known = m.newest - m.first_day + 1 AS is_complete
      FROM month m
     CROSS JOIN LATERAL (
        SELECT sum(r.ad_spend ORDER BY r.day) FILTER (WHERE r.day >= m.first_day) AS so_far,
               count(*) FILTER (WHERE r.day >= m.first_day) AS known,
               momentum.trend(r.day, r.ad_spend) FILTER (WHERE r.day > m.newest - 30 AND e.day IS NULL) AS fit,
               momentum.weekday_factors(array_agg(r.day ORDER BY r.day) FILTER (WHERE e.day IS NULL),
                                        array_agg(r.ad_spend ORDER BY r.day) FILTER (WHERE e.day IS NULL)) AS factors,
               count(e.day) FILTER (WHERE r.day > m.newest - 30) AS days_excluded
          FROM momentum_state.recent_day r
          LEFT JOIN momentum_state.excluded_day e ON e.brand = r.brand AND e.day = r.day
         WHERE r.brand = m.brand AND r.day > m.newest - 63 AND r.day <= m.newest AND r.ad_spend IS NOT NULL) d
), doors AS (
    SELECT n.brand, n.newest, n.doors AS actual, d.fit
      FROM (SELECT DISTINCT ON (r.brand) r.brand, r.day AS newest, r.retail_doors AS doors
              FROM momentum_state.recent_day r
             WHERE r.retail_doors IS NOT NULL ORDER BY r.brand, r.day DESC) n
     CROSS JOIN LATERAL (
        SELECT momentum.trend(r.day, r.retail_doors) AS fit
          FROM momentum_state.recent_day r
         WHERE r.brand = n.brand AND r.day > n.newest - 56 AND r.retail_doors IS NOT NULL) d
), place AS (
    SELECT b.brand, b.currency, m.metric, m.name, m.unit, m.direction, m.dashboard AS place, h.as_of
      FROM momentum_state.brand b
     CROSS JOIN momentum_state.metric m
      LEFT JOIN momentum_state.horizon h ON h.brand = b.brand AND h.back = 0
     WHERE m.dashboard IS NOT NULL
), fact AS (
    SELECT p.*, coalesce(r.newest, s.newest, d.newest) AS newest,
           CASE p.metric WHEN 'ad_spend' THEN s.so_far WHEN 'retail_doors' THEN d.actual ELSE r.actual END AS actual,
           CASE p.metric WHEN 'ad_spend' THEN s.fit WHEN 'retail_doors' THEN d.fit ELSE r.fit END AS fit,
           s.factors, s.first_day, s.last_day, s.is_complete, r.is_given_back, coalesce(r.days_excluded, s.days_excluded, 0) AS days_excluded
      FROM place p
      LEFT JOIN ratio r ON r.brand = p.brand AND r.metric = p.metric
      LEFT JOIN spend s ON s.brand = p.brand AND p.metric = 'ad_spend'
      LEFT JOIN doors d ON d.brand = p.brand AND p.metric = 'retail_doors'
     WHERE p.metric <> 'working_capital'
), aimed AS MATERIALIZED (     -- a pace is worked out once
    SELECT f.*, coalesce(t.target, b.budget) AS target, t.target IS NULL AND b.budget IS NOT NULL AS is_budget, l.status AS previous,
           CASE WHEN f.metric = 'ad_spend' AND f.is_complete
                THEN momentum.pacing(f.actual, coalesce(t.target, b.budget), f.factors, f.first_day, f.last_day, f.newest) END AS pace
      FROM fact f
      LEFT JOIN LATERAL (
        SELECT g.value::double precision AS target
          FROM momentum_state.target g
         WHERE g.brand = f.brand AND g.metric = f.metric AND g.valid_from <= coalesce(f.newest, f.as_of)
         ORDER BY g.valid_from DESC LIMIT 1) t ON true
      LEFT JOIN LATERAL (
        SELECT CASE WHEN bool_and(coalesce(p.daily_budget, 0) > 0)
                    THEN sum(p.daily_budget) * (f.last_day - f.first_day + 1) END::double precision AS budget
          FROM (SELECT DISTINCT d.channel
                  FROM momentum_state.metric_daily d
                 WHERE d.brand = f.brand AND d.metric = 'ad_spend' AND d.day >= f.first_day AND d.day <= f.newest AND d.value <> 0) c
          LEFT JOIN momentum_state.ad_plan p ON p.brand = f.brand AND p.platform = c.channel) b ON f.metric = 'ad_spend' AND t.target IS NULL
      LEFT JOIN LATERAL (
        SELECT o.status
          FROM momentum_state.status_log o
         WHERE o.brand = f.brand AND o.metric = f.metric AND o.as_of < f.newest
         ORDER BY o.as_of DESC LIMIT 1) l ON true
), feed AS (    -- which sources feed a metric, and whether each of its terms has one
    SELECT q.brand, q.metric, string_agg(DISTINCT q.source, ' + ') AS source, bool_and(q.source IS NOT NULL) AS has_all,
           string_agg(DISTINCT q.other_currency, ' + ') AS other_currency
      FROM (SELECT p.brand, p.metric, e.source, nullif(e.currency, p.currency) AS other_currency
              FROM place p
              JOIN (SELECT t.metric, t.term FROM momentum_state.metric_term t
                    UNION SELECT m.metric, m.metric FROM momentum_state.metric m WHERE m.kind IN ('additive', 'snapshot')) t
                ON t.metric = p.metric
              LEFT JOIN (SELECT s.brand, s.source, s.currency, x.metric
                           FROM momentum_state.source s
                           JOIN momentum_state.stream r ON r.brand = s.brand AND r.source = s.source
                           JOIN momentum_state.metric_stream x ON x.service = s.service AND x.loader = r.loader) e
                ON e.brand = p.brand AND e.metric = t.term) q
     GROUP BY q.brand, q.metric
), sheet AS (
    SELECT s.brand, string_agg(DISTINCT s.source, ' + ') AS source
      FROM (SELECT c.brand, c.source FROM hub.cash_balance c
            UNION SELECT o.brand, o.source FROM momentum_state.source o WHERE o.service = 'google_sheets') s
     GROUP BY s.brand
)
SELECT a.brand, a.place, a.metric, a.name, a.unit, a.currency,
       CASE WHEN f.has_all THEN f.source WHEN a.newest IS NOT NULL THEN coalesce(f.source, 'by hand') END AS source,
       a.target, a.actual,
       CASE WHEN a.newest IS NULL AND f.has_all IS NOT TRUE THEN 'no source'
            WHEN a.metric = 'ad_spend' THEN momentum.metric_status((a.pace).landing, a.target, a.direction, a.previous)
            ELSE momentum.metric_status(a.actual, a.target, a.direction, a.previous) END AS status,
       CASE WHEN (a.fit).p_up IS NULL THEN 'unknown'
            WHEN (a.fit).p_up >= 0.90 THEN 'up' WHEN (a.fit).p_up <= 0.10 THEN 'down' ELSE 'flat' END AS trend,
       (a.fit).g AS growth, (a.pace).pacing, (a.pace).landing, NULL::double precision AS runway_days,
       nullif(concat_ws('; ',
       CASE WHEN a.newest IS NULL AND f.has_all IS NOT TRUE THEN 'no source feeds this metric'
            WHEN a.newest IS NULL THEN coalesce('its money is in ' || f.other_currency || ', not in ' || a.currency, 'nothing loaded yet')
            WHEN a.newest < a.as_of - 3 AND a.metric <> 'retail_doors' OR a.newest < a.as_of - 21
            THEN 'stale: the newest complete day is ' || (a.as_of - a.newest) || ' days behind'
            WHEN a.is_given_back THEN 'the ads gave back more than they took in these 30 days'
            WHEN a.actual IS NULL THEN 'nothing to divide by in these 30 days'
            WHEN a.metric = 'ad_spend' AND NOT a.is_complete THEN 'days of this month are missing'
            WHEN a.metric = 'ad_spend' THEN 'from ' || a.first_day || ' on'
                 || coalesce(', at this pace the month ends at ' || round(((a.pace).landing)::numeric, 2), '')
                 || CASE WHEN a.target IS NULL THEN ', no target set'
                         WHEN a.is_budget THEN ', no target set: against the budgets of the ad accounts' ELSE '' END
            WHEN a.target IS NULL THEN 'no target set' END,
       CASE WHEN a.newest IS NOT NULL THEN 'without what is in ' || f.other_currency END), '') AS note,
       coalesce(a.newest, a.as_of) AS as_of, (a.fit).p_up,
       CASE WHEN a.metric = 'ad_spend' THEN (a.pace).landing / a.target
            WHEN a.direction = 'down' THEN a.target / nullif(greatest(a.actual, 0), 0)
            ELSE a.actual / a.target END AS attainment, a.days_excluded
  FROM aimed a
  LEFT JOIN feed f ON f.brand = a.brand AND f.metric = a.metric
UNION ALL
SELECT p.brand, p.place, p.metric, p.name, p.unit, p.currency, s.source, NULL, k.w30,
       CASE WHEN s.source IS NULL THEN 'no source'
            WHEN k.runway_days >= c.runway_target THEN 'green'
            WHEN k.runway_days >= c.runway_min THEN 'yellow'
            WHEN k.runway_days < c.runway_min THEN 'red'
            ELSE 'unknown' END,
       CASE WHEN k.w30 > k.balance THEN 'up' WHEN k.w30 < k.balance THEN 'down'
            WHEN k.w30 = k.balance THEN 'flat' ELSE 'unknown' END,
       CASE WHEN k.balance > 0 THEN (k.w30 - k.balance) / k.balance END, NULL, NULL, k.runway_days,
       CASE WHEN s.source IS NULL THEN 'no source feeds this metric'
            WHEN k.balance IS NULL THEN 'no balance of the last four months'
            WHEN k.runway_days IS NULL THEN 'in 30 days; no costs are known, so the runway is not'
            WHEN k.runway_days = 'Infinity' THEN 'in 30 days; it does not run out'
            ELSE 'in 30 days; it lasts ' || floor(k.runway_days) || ' days' END,
       k.as_of, NULL, CASE WHEN k.runway_days < 'Infinity' THEN k.runway_days / nullif(c.runway_target, 0) END, 0
  FROM place p
  JOIN momentum_state.config c ON c.brand = p.brand
  LEFT JOIN sheet s ON s.brand = p.brand
  LEFT JOIN momentum_state.cash_summary k ON k.brand = p.brand AND k.back = 0
 WHERE p.metric = 'working_capital';
COMMENT ON VIEW momentum_state.dashboard_now IS 'What momentum_state.dashboard will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.dashboard AS SELECT * FROM momentum_state.dashboard_now;
CREATE UNIQUE INDEX IF NOT EXISTS dashboard_key ON momentum_state.dashboard (brand, metric);
COMMENT ON MATERIALIZED VIEW momentum_state.dashboard IS 'The seven metrics of the dashboard per brand.';
