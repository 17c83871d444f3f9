-- What alerts are judged by: one row per condition that can be told, with
-- the sentence it would raise.  holds is true, false, or NULL where it cannot
-- be told: that neither opens nor closes anything.
--
-- The views look at no clock.  A brand of which nothing new is known keeps
-- its day, so nothing new is judged; only freshness, which is a matter of the
-- clock, speaks up then (momentum._stale_sources).
CREATE OR REPLACE VIEW momentum_state.alert_setting AS
SELECT s.brand, s.currency,
       max(s.value) FILTER (WHERE s.key = 'alert.anomaly_at_once') AS anomaly_at_once,
       max(s.value) FILTER (WHERE s.key = 'alert.anomaly_twice') AS anomaly_twice,
       max(s.value) FILTER (WHERE s.key = 'alert.anomaly_share') AS anomaly_share,
       max(s.value) FILTER (WHERE s.key = 'alert.anomaly_least') AS anomaly_least,
       max(s.value) FILTER (WHERE s.key = 'alert.false_share') AS false_share,
       max(s.value) FILTER (WHERE s.key = 'alert.min_volume') AS min_volume,
       max(s.value) FILTER (WHERE s.key = 'alert.trend_sure') AS trend_sure,
       max(s.value) FILTER (WHERE s.key = 'alert.pacing_min') AS pacing_min,
       max(s.value) FILTER (WHERE s.key = 'alert.pacing_days')::integer AS pacing_days,
       max(s.value) FILTER (WHERE s.key = 'alert.max_age') AS max_age,
       max(s.value) FILTER (WHERE s.key = 'alert.news_days')::integer AS news_days,
       max(s.value) FILTER (WHERE s.key = 'alert.unknown_days')::integer AS unknown_days,
       max(s.value) FILTER (WHERE s.key = 'alert.close_after')::integer AS close_after
  FROM (SELECT DISTINCT ON (b.brand, e.key) b.brand, b.currency, e.key, e.value::double precision AS value
          FROM momentum_state.brand b
          JOIN momentum_state.setting e ON e.brand IN (b.brand, '')
         WHERE e.key LIKE 'alert.%'
           AND CASE WHEN e.value ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$'
                    THEN e.value::numeric <@ momentum._setting_range(e.key)
                    ELSE false END
         ORDER BY b.brand, e.key, e.brand DESC) s
 GROUP BY s.brand, s.currency;
COMMENT ON VIEW momentum_state.alert_setting IS 'The thresholds of the alerts, one row per brand, defaults filled in.';

-- The newest day of each metric, and the one before, each beside the same
-- weekday of the 12 weeks before it.  Rates of few events swing by themselves:
-- days below the minimum volume are neither tested nor compared with.  Counts
-- and money are tested if they, or what is usual, reach it: a shop that
-- stops selling is no small shop.  A deviation of a few percent is none to
-- be woken for, however steady the weeks before were.  Days of excluded events
-- are known to be unlike others: neither tested nor compared with.
CREATE OR REPLACE VIEW momentum_state.daily_anomaly AS
WITH s AS MATERIALIZED (
    SELECT * FROM momentum_state.alert_setting
), fact AS MATERIALIZED (
    SELECT r.brand, v.metric, r.day, v.value, v.volume, v.is_rate, e.day IS NOT NULL AS is_excluded
      FROM momentum_state.recent_day r
      LEFT JOIN momentum_state.excluded_day e ON e.brand = r.brand AND e.day = r.day
     CROSS JOIN LATERAL (VALUES
        ('net_revenue', r.net_revenue, r.orders, false),
        ('orders', r.orders, r.orders, false),
        ('new_customers', r.new_customers, r.new_customers, false),
        ('sessions', r.sessions, r.sessions, false),
        ('ad_spend', r.ad_spend, NULL, false),
        ('clicks', r.clicks, r.clicks, false),
        ('retail_units', r.retail_units, r.retail_units, false),
        ('cac', r.ad_spend / nullif(r.new_customers, 0), r.new_customers, true),
        ('aov', r.net_revenue / nullif(r.orders, 0), r.orders, true),
        ('conversion_rate', r.orders / nullif(r.sessions, 0), r.orders, true),
        ('new_customer_sub_pct', r.new_subscribers / nullif(r.new_customers, 0), r.new_customers, true))
        v (metric, value, volume, is_rate)
     WHERE v.value IS NOT NULL
), newest AS (
    SELECT f.brand, f.metric, max(f.day) AS day FROM fact f GROUP BY f.brand, f.metric
), pair AS (
    SELECT n.brand, n.metric, n.day, 1 AS place FROM newest n
    UNION ALL
    SELECT n.brand, n.metric, max(f.day), 2
      FROM newest n
      JOIN fact f ON f.brand = n.brand AND f.metric = n.metric AND f.day < n.day AND f.day >= n.day - 7
     GROUP BY n.brand, n.metric
), tested AS (
    SELECT n.brand, n.metric, n.place, n.day, n.value, n.volume, n.is_rate, n.is_excluded, s.*, n.usual_volume,
           momentum.robust_z(n.value, n.reference) AS r
      FROM (SELECT p.brand, p.metric, p.place, p.day, min(x.value) FILTER (WHERE x.day = p.day) AS value,
                   min(x.volume) FILTER (WHERE x.day = p.day) AS volume, bool_or(x.is_rate) AS is_rate,
                   bool_or(x.is_excluded AND x.day = p.day) AS is_excluded,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY x.volume) FILTER (WHERE x.day < p.day) AS usual_volume,
                   array_agg(x.value) FILTER (WHERE x.day < p.day) AS reference
              FROM pair p
              JOIN fact x ON x.brand = p.brand AND x.metric = p.metric AND x.day <= p.day AND x.day >= p.day - 84
                         AND (p.day - x.day) % 7 = 0
              JOIN s ON s.brand = p.brand
             WHERE x.day = p.day OR NOT x.is_excluded AND (NOT x.is_rate OR x.volume >= s.min_volume)
             GROUP BY p.brand, p.metric, p.place, p.day) n
      JOIN (SELECT a.brand AS of_brand, a.min_volume, a.anomaly_at_once, a.anomaly_twice, a.anomaly_share, a.anomaly_least, a.false_share
              FROM s a) s ON s.of_brand = n.brand
     OFFSET 0        -- each is tested once, not for each of its figures
), judged AS (      -- far: 2 at once, 1 if twice running, with its sign
    SELECT t.brand, t.metric, t.place, t.day, t.value, (t.r).n, (t.r).median, (t.r).scale, (t.r).z,
           (t.r).deviation, t.false_share,
           CASE WHEN t.is_excluded OR t.is_rate AND t.volume < t.min_volume
                  OR NOT t.is_rate AND greatest(t.volume, t.usual_volume) < t.min_volume
                  OR abs((t.r).deviation) < t.anomaly_least THEN 0
                WHEN abs((t.r).z) >= t.anomaly_at_once
                  OR (t.r).reason = 'no_spread' AND coalesce(abs((t.r).deviation) > t.anomaly_share, t.value <> (t.r).median) THEN 2
                WHEN abs((t.r).z) >= t.anomaly_twice THEN 1
                ELSE 0 END * sign(coalesce((t.r).z, t.value - (t.r).median, 0)) AS far,
           CASE WHEN NOT (t.is_excluded OR t.is_rate AND t.volume < t.min_volume) THEN (t.r).p END AS p
      FROM tested t
), corrected AS (
    SELECT a.brand, u.metric, u.q
      FROM (SELECT j.brand, array_agg(j.metric ORDER BY j.metric) AS metric,
                   momentum.benjamini_hochberg(array_agg(j.p ORDER BY j.metric)) AS q
              FROM judged j WHERE j.place = 1 GROUP BY j.brand) a
     CROSS JOIN LATERAL unnest(a.metric, a.q) u (metric, q)
)
SELECT j.brand, j.metric, j.day, j.value, j.n, j.median AS usual, j.scale, j.z, j.deviation, c.q,
       p.day AS day_before, p.z AS z_before, abs(j.far) = 2 AND j.far = p.far AS is_twice,
       (abs(j.far) = 2 OR j.far <> 0 AND coalesce(sign(p.far) = sign(j.far), false))
       AND coalesce(c.q <= j.false_share, true) AS holds
  FROM judged j
  JOIN corrected c ON c.brand = j.brand AND c.metric = j.metric
  LEFT JOIN judged p ON p.brand = j.brand AND p.metric = j.metric AND p.place = 2
 WHERE j.place = 1;
COMMENT ON VIEW momentum_state.daily_anomaly IS 'Whether the newest day of each metric is an anomaly beside the same weekday of the 12 weeks before; q by Benjamini-Hochberg over the metrics of the brand.';

-- A trend of the last 30 days of each metric that has one.  Those of the
-- score are the score's own.
CREATE OR REPLACE VIEW momentum_state.sure_trend AS
SELECT c.brand, m.metric, c.newest AS day, c.raw AS growth, c.p_up, c.reason
  FROM momentum_state.component c
  JOIN (VALUES ('revenue', 'net_revenue'), ('conversion', 'conversion_rate'), ('velocity', 'retail_velocity'))
       m (component, metric) ON m.component = c.component
 WHERE c.back = 0 AND c.c IS NOT NULL
UNION ALL
SELECT f.brand, f.metric, f.newest, (f.fit).g, (f.fit).p_up, (f.fit).reason
  FROM (SELECT x.brand, x.metric, max(x.newest) AS newest, momentum.trend(x.day, x.value, x.weight) AS fit
          FROM (SELECT r.brand, v.metric, r.day, v.value, v.weight,
                       max(r.day) OVER (PARTITION BY r.brand, v.metric) AS newest
                  FROM momentum_state.recent_day r
                 CROSS JOIN LATERAL (VALUES
                    ('cac', r.ad_spend / nullif(r.new_customers, 0), r.new_customers),
                    ('aov', r.net_revenue / nullif(r.orders, 0), r.orders),
                    ('new_customer_sub_pct', r.new_subscribers / nullif(r.new_customers, 0), r.new_customers))
                    v (metric, value, weight)
                 WHERE v.value IS NOT NULL) x
         WHERE x.day > x.newest - 30
           AND NOT EXISTS (SELECT FROM momentum_state.excluded_day e WHERE e.brand = x.brand AND e.day = x.day)
         GROUP BY x.brand, x.metric) f
 WHERE (f.fit).p_up IS NOT NULL AND (f.fit).g IS NOT NULL;
COMMENT ON VIEW momentum_state.sure_trend IS 'Growth per 30 days of the metrics that are watched for a trend, and how sure it is.';

-- A sign counts once it is clear, or told on two days running.  turned_on is
-- the day on which the sign that counts became another one.
CREATE OR REPLACE VIEW momentum_state.score_turn AS
SELECT s.brand, s.as_of, s.score, s.p_up, t.turned_on, t.sign, t.score_before
  FROM momentum_state.score s
 CROSS JOIN LATERAL (
    SELECT max(w.as_of) FILTER (WHERE w.counts <> w.counted) AS turned_on,
           (array_agg(w.counts ORDER BY w.as_of DESC))[1] AS sign,
           (array_agg(w.before ORDER BY w.as_of DESC) FILTER (WHERE w.counts <> w.counted))[1] AS score_before
      FROM (SELECT k.as_of, k.counts, k.before, lag(k.counts) OVER (ORDER BY k.as_of) AS counted
              FROM (SELECT d.as_of, lag(d.score) OVER w AS before,
                           CASE WHEN d.confidence = 'clear' OR sign(d.score) = lag(sign(d.score)) OVER w AND d.as_of - lag(d.as_of) OVER w = 1
                                THEN nullif(sign(d.score), 0) END AS counts
                      FROM (SELECT DISTINCT ON (l.as_of) l.as_of, l.score, l.confidence
                              FROM momentum_state.score_log l
                             WHERE l.brand = s.brand AND l.as_of > s.as_of - 120 AND l.as_of <= s.as_of
                             ORDER BY l.as_of, l.logged_at DESC) d
                     WHERE d.score IS NOT NULL
                    WINDOW w AS (ORDER BY d.as_of)) k
             WHERE k.counts IS NOT NULL) w) t
 WHERE s.back = 0 AND s.score IS NOT NULL;
COMMENT ON VIEW momentum_state.score_turn IS 'The sign of the score that counts, and the day of the last 120 on which it became another one.';

CREATE OR REPLACE VIEW momentum_state.alert_condition AS
WITH s AS MATERIALIZED (
    SELECT * FROM momentum_state.alert_setting
)
SELECT a.brand, 'anomaly' AS rule, a.metric AS object, a.metric, a.day, a.holds,
       CASE WHEN a.value < a.usual THEN 'down' ELSE 'up' END AS sense,
       CASE WHEN m.direction = CASE WHEN a.value < a.usual THEN 'down' ELSE 'up' END THEN 'info'
            WHEN a.is_twice THEN 'fail' ELSE 'warn' END AS severity,
       m.unit, a.value, a.usual AS threshold, CASE WHEN a.z IS NOT NULL THEN 1 - a.q END AS confidence,
       m.name || ': ' || momentum._figure(a.value, m.unit, s.currency) || ' on ' || to_char(a.day, 'FMDay YYYY-MM-DD')
       || coalesce(', ' || round(abs(100 * a.deviation)::numeric) || ' %', ',')
       || CASE WHEN a.value < a.usual THEN ' below' ELSE ' above' END || ' the '
       || momentum._figure(a.usual, m.unit, s.currency) || ' usual for a ' || to_char(a.day, 'FMDay')
       || CASE WHEN abs(a.z) < s.anomaly_at_once THEN ', and the second such day running' ELSE '' END || '.' AS sentence,
       jsonb_strip_nulls(jsonb_build_object('value', a.value, 'usual', a.usual, 'deviation', a.deviation, 'z', a.z,
           'z_before', a.z_before, 'q', a.q, 'weeks', a.n)) AS figures
  FROM momentum_state.daily_anomaly a
  JOIN s ON s.brand = a.brand
  JOIN momentum_state.metric m ON m.metric = a.metric
UNION ALL
SELECT t.brand, 'trend', t.metric, t.metric, t.day, t.p_up >= s.trend_sure OR t.p_up <= 1 - s.trend_sure,
       CASE WHEN t.p_up < 0.5 THEN 'down' ELSE 'up' END,
       CASE WHEN m.direction = CASE WHEN t.p_up < 0.5 THEN 'down' ELSE 'up' END THEN 'info' ELSE 'warn' END,
       'share', t.p_up, CASE WHEN t.p_up < 0.5 THEN 1 - s.trend_sure ELSE s.trend_sure END, greatest(t.p_up, 1 - t.p_up),
       CASE WHEN t.metric = 'new_customer_sub_pct' THEN 'The share of new customers who subscribe' ELSE m.name END
       || CASE WHEN t.p_up < 0.5 THEN ' is falling: ' ELSE ' is rising: ' END
       || to_char(100 * t.growth, 'FMSG999999999999990') || ' % in 30 days, '
       || least(99, floor(100 * greatest(t.p_up, 1 - t.p_up))) || ' % sure'
       || CASE WHEN t.reason = 'short_weekly' THEN ' (few weeks: a little less)' ELSE '' END || '.',
       jsonb_build_object('growth_30d', t.growth, 'p_up', t.p_up)
  FROM momentum_state.sure_trend t
  JOIN s ON s.brand = t.brand
  JOIN momentum_state.metric m ON m.metric = t.metric
UNION ALL
SELECT d.brand, 'target', d.metric, d.metric, d.as_of,
       CASE WHEN d.metric = 'ad_spend' AND (date_part('day', d.as_of) < s.pacing_days OR d.pacing < s.pacing_min) THEN false
            WHEN d.status IN ('yellow', 'red') THEN true
            WHEN d.status = 'green' OR d.target IS NULL THEN false END,
       'missed', CASE d.status WHEN 'red' THEN 'fail' ELSE 'warn' END,
       d.unit, x.actual, d.target, NULL,
       d.name || ': ' || d.status || CASE WHEN l.status <> d.status THEN ' (it was ' || l.status || '), ' ELSE ', ' END
       || momentum._figure(x.actual, d.unit, d.currency)
       || CASE WHEN d.metric = 'ad_spend' THEN ' by the end of the month at this pace, against a plan of '
               ELSE ' against a target of ' END
       || momentum._figure(d.target, d.unit, d.currency) || ', '
       || round(abs(100 * (x.actual / d.target - 1))::numeric) || ' %'
       || CASE WHEN x.actual < d.target THEN ' below.' ELSE ' above.' END,
       jsonb_strip_nulls(jsonb_build_object('status', d.status, 'status_before', l.status, 'actual', x.actual, 'target', d.target))
  FROM momentum_state.dashboard d
  JOIN s ON s.brand = d.brand
 CROSS JOIN LATERAL (VALUES (CASE WHEN d.metric = 'ad_spend' THEN d.landing ELSE d.actual END)) x (actual)
  LEFT JOIN LATERAL (
    SELECT o.status
      FROM momentum_state.status_log o
     WHERE o.brand = d.brand AND o.metric = d.metric AND o.as_of < d.as_of
     ORDER BY o.as_of DESC LIMIT 1) l ON true
 WHERE d.metric <> 'working_capital' AND d.as_of IS NOT NULL
UNION ALL
SELECT d.brand, 'pacing', d.metric, d.metric, d.as_of,
       CASE WHEN date_part('day', d.as_of) < s.pacing_days OR d.target IS NULL THEN false ELSE d.pacing < s.pacing_min END,
       'short', 'warn', 'share', d.pacing, s.pacing_min, NULL,
       d.name || ' is at ' || round((100 * d.pacing)::numeric) || ' % of its plan: '
       || momentum._figure(d.actual, d.unit, d.currency) || ' so far this month; at this pace it ends at '
       || momentum._figure(d.landing, d.unit, d.currency) || ' of ' || momentum._figure(d.target, d.unit, d.currency) || '.',
       jsonb_strip_nulls(jsonb_build_object('pacing', d.pacing, 'actual', d.actual, 'landing', d.landing, 'target', d.target))
  FROM momentum_state.dashboard d
  JOIN s ON s.brand = d.brand
 WHERE d.metric = 'ad_spend' AND d.as_of IS NOT NULL
UNION ALL
SELECT k.brand, 'runway', 'runway_days', 'runway_days', k.as_of,
       CASE WHEN r.c IS NOT NULL THEN k.runway_days < greatest(c.runway_min, c.runway_hard) END,
       'short', CASE WHEN k.runway_days < c.runway_hard THEN 'fail' ELSE 'warn' END,
       'days', nullif(k.runway_days, 'Infinity'), CASE WHEN k.runway_days < c.runway_hard THEN c.runway_hard ELSE c.runway_min END, NULL,
       CASE WHEN k.runway_days < 1 THEN 'The cash does not last another day'
            ELSE 'The cash lasts ' || floor(k.runway_days) || ' days, until '
                 || (k.as_of + floor(least(k.runway_days, 36500))::integer) || ': less than the '
                 || CASE WHEN k.runway_days < c.runway_hard THEN floor(c.runway_hard) || ' days that are the hard limit'
                         ELSE floor(c.runway_min) || ' days that are the minimum' END END
       || '. Its lowest point ahead is ' || momentum._figure(k.trough, 'money', b.currency) || ' on ' || k.trough_day || '.',
       jsonb_strip_nulls(jsonb_build_object('runway_days', nullif(k.runway_days, 'Infinity'), 'trough', k.trough, 'trough_day', k.trough_day,
           'runway_min', c.runway_min, 'runway_hard', c.runway_hard))
  FROM momentum_state.cash_summary k
  JOIN momentum_state.decision_input c ON c.brand = k.brand
  JOIN momentum_state.brand b ON b.brand = k.brand
  LEFT JOIN momentum_state.component r ON r.brand = k.brand AND r.component = 'runway' AND r.back = 0
 WHERE k.back = 0
UNION ALL
SELECT t.brand, 'score', 'score', NULL, t.as_of,
       t.turned_on IS NOT NULL AND (t.sign < 0 OR t.turned_on > t.as_of - s.news_days),
       CASE WHEN t.sign < 0 THEN 'down' ELSE 'up' END, CASE WHEN t.sign < 0 THEN 'warn' ELSE 'info' END,
       'points', round(100 * t.score::numeric)::double precision, 0, greatest(t.p_up, 1 - t.p_up),
       'Momentum turned ' || CASE WHEN t.sign < 0 THEN 'down' ELSE 'up' END || ' on ' || t.turned_on || ': the score is '
       || to_char(round(100 * t.score::numeric), 'FMSG990') || coalesce(', after ' || to_char(round(100 * t.score_before::numeric), 'FMSG990') || ' the day before it turned', '')
       || '.',
       jsonb_strip_nulls(jsonb_build_object('score', t.score, 'score_before', t.score_before, 'turned_on', t.turned_on, 'p_up', t.p_up))
  FROM momentum_state.score_turn t
  JOIN s ON s.brand = t.brand
 WHERE t.sign IS NOT NULL;
COMMENT ON VIEW momentum_state.alert_condition IS 'Every condition of an alert but freshness, as it stands; holds NULL cannot be told.';
