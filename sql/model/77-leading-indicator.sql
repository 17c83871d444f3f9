-- What goes ahead of revenue and of new customers, as far as the last 150
-- days can tell.  Correlations after trend and weekly pattern; every lag of
-- every driver is one more chance to find something that is not there, so q
-- counts them all together.
CREATE OR REPLACE VIEW momentum_state.leading AS
WITH series AS (
    SELECT r.brand, array_agg(r.day ORDER BY r.day) AS days,
           array_agg(r.net_revenue ORDER BY r.day) AS net_revenue, array_agg(r.new_customers ORDER BY r.day) AS new_customers,
           array_agg(r.sessions ORDER BY r.day) AS sessions, array_agg(r.ad_spend ORDER BY r.day) AS ad_spend,
           array_agg(r.impressions ORDER BY r.day) AS impressions, array_agg(r.clicks ORDER BY r.day) AS clicks,
           array_agg(r.email_sends ORDER BY r.day) AS email_sends, array_agg(r.email_revenue ORDER BY r.day) AS email_revenue,
           array_agg(r.list_joins ORDER BY r.day) AS list_joins, array_agg(r.discounts ORDER BY r.day) AS discounts,
           array_agg(r.retail_units ORDER BY r.day) AS retail_units, array_agg(r.retail_doors ORDER BY r.day) AS retail_doors
      FROM momentum_state.recent_day r
     WHERE NOT EXISTS (SELECT FROM momentum_state.excluded_day e WHERE e.brand = r.brand AND e.day = r.day)
     GROUP BY r.brand
), test AS (
    SELECT s.brand, y.outcome, x.driver, k.*
      FROM series s
     CROSS JOIN LATERAL (VALUES ('net_revenue', s.net_revenue), ('new_customers', s.new_customers)) y (outcome, y)
     CROSS JOIN LATERAL (VALUES ('ad_spend', s.ad_spend), ('impressions', s.impressions), ('clicks', s.clicks), ('sessions', s.sessions),
                                ('email_sends', s.email_sends), ('email_revenue', s.email_revenue), ('list_joins', s.list_joins),
                                ('discounts', s.discounts), ('retail_units', s.retail_units), ('retail_doors', s.retail_doors)) x (driver, x)
     CROSS JOIN LATERAL momentum.lag_corr(s.days, x.x, y.y, 14) k (lag, r, m, n_eff, t, p, q_alone)
     WHERE k.p IS NOT NULL
)
SELECT DISTINCT ON (a.brand, t.outcome, t.driver)
       a.brand, t.outcome, t.driver, t.lag, t.r, t.m, t.n_eff, t.p, t.q, a.tests
  FROM (SELECT e.brand, count(*) AS tests, array_agg(e.outcome ORDER BY e.outcome, e.driver, e.lag) AS outcome,
               array_agg(e.driver ORDER BY e.outcome, e.driver, e.lag) AS driver, array_agg(e.lag ORDER BY e.outcome, e.driver, e.lag) AS lag,
               array_agg(e.r ORDER BY e.outcome, e.driver, e.lag) AS r, array_agg(e.m ORDER BY e.outcome, e.driver, e.lag) AS m,
               array_agg(e.n_eff ORDER BY e.outcome, e.driver, e.lag) AS n_eff, array_agg(e.p ORDER BY e.outcome, e.driver, e.lag) AS p
          FROM test e GROUP BY e.brand) a
 CROSS JOIN LATERAL unnest(a.outcome, a.driver, a.lag, a.r, a.m, a.n_eff, a.p, momentum.benjamini_hochberg(a.p))
            t (outcome, driver, lag, r, m, n_eff, p, q)
 ORDER BY a.brand, t.outcome, t.driver, t.p, t.lag;
COMMENT ON VIEW momentum_state.leading IS 'For each driver and outcome the lag at which they go together most surely; q over all lags and drivers of the brand.';

CREATE OR REPLACE VIEW momentum.leading_indicator WITH (security_barrier) AS
SELECT l.brand, h.as_of, l.outcome,
       row_number() OVER (PARTITION BY l.brand, l.outcome ORDER BY (l.q < 0.05 AND l.lag > 0) DESC, l.q, l.p, l.driver)::bigint AS place,
       l.driver, l.lag::bigint AS lag_days, l.q < 0.05 AND l.lag > 0 AS leads, l.r::numeric(9,6) AS correlation,
       l.m::bigint AS pairs, l.n_eff::numeric(18,2) AS effective_pairs, l.p::numeric(12,9) AS p, l.q::numeric(12,9) AS q,
       l.tests::bigint AS tests,
       x.name || CASE WHEN l.q >= 0.05
            THEN ': no association with ' || y.name || ' that can be told from chance (nearest at a lag of ' || l.lag || ': r '
                 || to_char(l.r, 'FMSG0.00') || ', q ' || to_char(l.q, 'FM0.000') || ').'
            ELSE CASE l.lag WHEN 0 THEN ': goes with ' || y.name || ' of the same day'
                            ELSE ': leads ' || y.name || ' by ' || l.lag || CASE l.lag WHEN 1 THEN ' day' ELSE ' days' END END
                 || ', the more of one, the ' || CASE WHEN l.r > 0 THEN 'more' ELSE 'less' END || ' of the other (r '
                 || to_char(l.r, 'FMSG0.00') || CASE WHEN l.q < 0.001 THEN ', q below 0.001' ELSE ', q ' || to_char(l.q, 'FM0.000') END || '). An association, not proof of a cause.' END AS explanation
  FROM momentum_state.leading l
  JOIN momentum_state.component h ON h.brand = l.brand AND h.back = 0 AND h.component = 'revenue'
  JOIN (SELECT m.metric, m.name FROM momentum_state.metric m) x ON x.metric = l.driver
  JOIN (SELECT m.metric, lower(m.name) AS name FROM momentum_state.metric m) y ON y.metric = l.outcome
 WHERE momentum.may_see(l.brand);
COMMENT ON VIEW momentum.leading_indicator IS 'Which inputs go ahead of net revenue and of new customers, and by how many days, over the last 150: associations after trend and weekly pattern, never proof of a cause. One row for each input that is known; none with fewer than 35 days.';
COMMENT ON COLUMN momentum.leading_indicator.brand IS 'The brand.';
COMMENT ON COLUMN momentum.leading_indicator.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.leading_indicator.outcome IS 'What is to be foreseen: net_revenue, new_customers.';
COMMENT ON COLUMN momentum.leading_indicator.place IS 'Order within the outcome: those that lead first, the surest first.';
COMMENT ON COLUMN momentum.leading_indicator.driver IS 'The input, a metric.';
COMMENT ON COLUMN momentum.leading_indicator.lag_days IS 'The lag of 0 to 14 days at which they go together most surely.';
COMMENT ON COLUMN momentum.leading_indicator.leads IS 'True where q is below 0.05 at a lag of a day or more.';
COMMENT ON COLUMN momentum.leading_indicator.correlation IS 'Correlation at that lag, -1 to 1, of what is left after trend and weekly pattern.';
COMMENT ON COLUMN momentum.leading_indicator.pairs IS 'Pairs of days behind it.';
COMMENT ON COLUMN momentum.leading_indicator.effective_pairs IS 'How many independent pairs they are worth.';
COMMENT ON COLUMN momentum.leading_indicator.p IS 'How often chance alone does as well at this one lag.';
COMMENT ON COLUMN momentum.leading_indicator.q IS 'The same, all lags and inputs of the brand taken together (false discovery rate by Benjamini and Hochberg).';
COMMENT ON COLUMN momentum.leading_indicator.tests IS 'Number of lags and inputs that q takes together.';
COMMENT ON COLUMN momentum.leading_indicator.explanation IS 'The same in one sentence.';
