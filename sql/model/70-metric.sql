-- Every metric by day, what it is made of, and what it was of late.
--
-- ROAS stands under its platform: what several of them claim overlaps and has
-- no sum.
CREATE OR REPLACE VIEW momentum.metric_value WITH (security_barrier) AS
SELECT v.brand, v.metric, m.name, m.unit, b.currency, v.channel, v.day,
       v.day::timestamp AT TIME ZONE b.time_zone AS "time", v.value::numeric(24,6) AS value, v.provisional, h.as_of
  FROM (SELECT d.brand, d.metric, d.channel, d.day, d.value, d.provisional
          FROM momentum_state.metric_daily d
        UNION ALL
        SELECT r.brand, r.metric, r.channel, r.day, r.factor * r.numerator / r.denominator, r.provisional
          FROM momentum_state.ratio_day r
         WHERE r.denominator <> 0 AND (r.channel = 'all' OR r.metric = 'roas')
        UNION ALL
        SELECT x.brand, x.metric, 'all', x.day, x.value, x.provisional
          FROM momentum_state.derived_day x) v
  JOIN momentum_state.brand b ON b.brand = v.brand
  JOIN momentum_state.metric m ON m.metric = v.metric
  LEFT JOIN momentum_state.score h ON h.brand = v.brand AND h.back = 0
 WHERE momentum.may_see(v.brand);
COMMENT ON VIEW momentum.metric_value IS 'Every metric by brand, channel and complete day, ratios included. A day without a row is not known; zero is a row. For a ratio over several days see metric_over() and metric_recent.';
COMMENT ON COLUMN momentum.metric_value.brand IS 'The brand.';
COMMENT ON COLUMN momentum.metric_value.metric IS 'Key of the metric.';
COMMENT ON COLUMN momentum.metric_value.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.metric_value.unit IS 'Unit of value: money (in currency), count, share, ratio, days, ...';
COMMENT ON COLUMN momentum.metric_value.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.metric_value.channel IS 'Channel of an additive metric (sales channel, ad platform, mail channel, retailer), platform of ROAS; other ratios and projections stand under "all".';
COMMENT ON COLUMN momentum.metric_value.day IS 'Day in the brand''s zone.';
COMMENT ON COLUMN momentum.metric_value."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.metric_value.value IS 'Value of the day. Sum additive metrics over channels and days; never sum or average ratios: divide sums.';
COMMENT ON COLUMN momentum.metric_value.provisional IS 'The service may still restate this day.';
COMMENT ON COLUMN momentum.metric_value.as_of IS 'Newest complete day of the brand.';

CREATE OR REPLACE VIEW momentum.metric_ratio WITH (security_barrier) AS
SELECT r.brand, r.metric, m.name, m.unit, b.currency, r.channel, r.day, r.day::timestamp AT TIME ZONE b.time_zone AS "time",
       (r.factor * r.numerator)::numeric(24,6) AS numerator,
       CASE WHEN r.has_denominator THEN r.denominator END::numeric(24,6) AS denominator, r.provisional, h.as_of
  FROM momentum_state.ratio_day r
  JOIN momentum_state.brand b ON b.brand = r.brand
  JOIN momentum_state.metric m ON m.metric = r.metric
  LEFT JOIN momentum_state.score h ON h.brand = r.brand AND h.back = 0
 WHERE momentum.may_see(r.brand);
COMMENT ON VIEW momentum.metric_ratio IS 'Both sides of every ratio by day, for the days on which all its terms are known. Over any days and brands: sum(numerator) / sum(denominator), within one channel.';
COMMENT ON COLUMN momentum.metric_ratio.brand IS 'The brand.';
COMMENT ON COLUMN momentum.metric_ratio.metric IS 'Key of the ratio.';
COMMENT ON COLUMN momentum.metric_ratio.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.metric_ratio.unit IS 'Unit of the ratio.';
COMMENT ON COLUMN momentum.metric_ratio.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.metric_ratio.channel IS '"all", or the channel where all terms of the ratio know it (CPM of a platform, order value of a sales channel). Filter on one, "all" holds the others. ROAS has no "all": what platforms claim overlaps.';
COMMENT ON COLUMN momentum.metric_ratio.day IS 'Day in the brand''s zone.';
COMMENT ON COLUMN momentum.metric_ratio."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.metric_ratio.numerator IS 'What is divided, the factor (1000 of a CPM) within; of a metric that is a difference, its value.';
COMMENT ON COLUMN momentum.metric_ratio.denominator IS 'What it is divided by; NULL for a metric that is a difference, such as list_growth.';
COMMENT ON COLUMN momentum.metric_ratio.provisional IS 'The service may still restate this day.';
COMMENT ON COLUMN momentum.metric_ratio.as_of IS 'Newest complete day of the brand.';

-- The catalogue.  What a ratio is made of is known where all its terms are.
CREATE OR REPLACE VIEW momentum.metric WITH (security_barrier) AS
SELECT b.brand, m.metric, m.name, m.unit, b.currency, m.direction,
       CASE WHEN m.metric IN ('retail_velocity', 'retail_run_rate', 'campaign_roi') THEN 'ratio' ELSE m.kind END AS kind,
       CASE WHEN m.kind = 'ratio' THEN f.formula END AS formula, m.description,
       m.metric NOT IN ('roas', 'ad_purchases', 'ad_purchase_value', 'best_seller_rank') AS adds_channels,
       CASE WHEN m.metric IN ('working_capital', 'runway_days') THEN w.source ELSE s.source END AS source,
       CASE WHEN m.metric IN ('working_capital', 'runway_days') THEN w.as_of ELSE k.known_from END AS known_from,
       CASE WHEN m.metric IN ('working_capital', 'runway_days') THEN w.as_of ELSE k.known_through END AS known_through,
       m.dashboard::bigint AS dashboard_place, h.as_of
  FROM momentum_state.brand b
 CROSS JOIN momentum_state.metric m
 CROSS JOIN LATERAL (
    SELECT CASE WHEN m.factor <> 1 THEN m.factor || ' * ' ELSE '' END
           || CASE WHEN bool_or(x.part = 'denominator') AND count(*) FILTER (WHERE x.part = 'numerator') > 1 THEN '(' ELSE '' END
           || string_agg(CASE WHEN x.part = 'denominator' THEN '' WHEN x.sign < 0 THEN ' - ' || x.term
                              WHEN x.place > 1 THEN ' + ' || x.term ELSE x.term END, '' ORDER BY x.place)
           || CASE WHEN bool_or(x.part = 'denominator') AND count(*) FILTER (WHERE x.part = 'numerator') > 1 THEN ')' ELSE '' END
           || coalesce(' / ' || max(x.term) FILTER (WHERE x.part = 'denominator'), '') AS formula
      FROM (SELECT t.part, t.term, t.sign, row_number() OVER (ORDER BY t.part DESC, t.sign DESC, t.term) AS place
              FROM momentum_state.metric_term t WHERE t.metric = m.metric) x) f
 CROSS JOIN LATERAL (
    SELECT CASE WHEN count(l.first) = count(*) THEN max(l.first) END AS known_from,
           CASE WHEN count(l.last) = count(*) THEN min(l.last) END AS known_through
      FROM (SELECT t.term FROM momentum_state.metric_term t WHERE t.metric = m.metric
            UNION SELECT m.metric WHERE m.kind IN ('additive', 'snapshot')) t
     CROSS JOIN LATERAL (
        SELECT (SELECT d.day FROM momentum_state.metric_daily d
                 WHERE d.brand = b.brand AND d.metric = t.term ORDER BY d.day LIMIT 1) AS first,
               (SELECT d.day FROM momentum_state.metric_daily d
                 WHERE d.brand = b.brand AND d.metric = t.term ORDER BY d.day DESC LIMIT 1) AS last) l) k
 CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_and(q.source IS NOT NULL) THEN string_agg(DISTINCT q.source, ' + ') END AS source
      FROM (SELECT e.source
              FROM (SELECT t.term FROM momentum_state.metric_term t WHERE t.metric = m.metric
                    UNION SELECT m.metric WHERE m.kind IN ('additive', 'snapshot')) t
              LEFT JOIN (SELECT r.source, x.metric
                           FROM momentum_state.source o
                           JOIN momentum_state.stream r ON r.brand = o.brand AND r.source = o.source
                           JOIN momentum_state.metric_stream x ON x.service = o.service AND x.loader = r.loader
                          WHERE o.brand = b.brand) e ON e.metric = t.term) q) s
  LEFT JOIN momentum_state.dashboard w ON w.brand = b.brand AND w.metric = 'working_capital' AND w.actual IS NOT NULL
  LEFT JOIN momentum_state.score h ON h.brand = b.brand AND h.back = 0
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.metric IS 'The catalogue of metrics, for each brand with the sources that feed them and the days that are known. The keys are promises.';
COMMENT ON COLUMN momentum.metric.brand IS 'The brand.';
COMMENT ON COLUMN momentum.metric.metric IS 'Key of the metric.';
COMMENT ON COLUMN momentum.metric.name IS 'Name to show.';
COMMENT ON COLUMN momentum.metric.unit IS 'money (in currency), count, share (0.02 is 2 %), ratio, units, stars, points, days, rank.';
COMMENT ON COLUMN momentum.metric.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.metric.direction IS 'up: higher is better, down: lower is better, band: as near to the target as possible.';
COMMENT ON COLUMN momentum.metric.kind IS 'additive: sum it; snapshot: the last value counts; ratio: divide sums (metric_over, metric_ratio); derived: computed by a rule of its own, the last value counts.';
COMMENT ON COLUMN momentum.metric.formula IS 'What a ratio of additive metrics is made of.';
COMMENT ON COLUMN momentum.metric.description IS 'What it is.';
COMMENT ON COLUMN momentum.metric.adds_channels IS 'False where channels must not be added up: platforms may claim the same purchase, ranks have no sum.';
COMMENT ON COLUMN momentum.metric.source IS 'The sources (foreign servers) that feed it; NULL unless each of its terms has one.';
COMMENT ON COLUMN momentum.metric.known_from IS 'First day on which all that it is made of is known; NULL when it is not.';
COMMENT ON COLUMN momentum.metric.known_through IS 'Last such day. Days between may be absent.';
COMMENT ON COLUMN momentum.metric.dashboard_place IS 'Place among the seven of the dashboard.';
COMMENT ON COLUMN momentum.metric.as_of IS 'Newest complete day of the brand.';

-- Windows of whole weeks are compared, so that both hold the same weekdays;
-- the 30 days are those of the dashboard.  OFFSET 0 keeps the days asked for
-- with the view they are asked of: else it would be computed for all days.
CREATE OR REPLACE VIEW momentum.metric_recent WITH (security_barrier) AS
SELECT x.brand, x.metric, m.name, m.unit, m.direction, b.currency, x.channel, x.newest AS as_of,
       x.value_7d::numeric(24,6) AS value_7d, x.value_28d::numeric(24,6) AS value_28d,
       x.value_28d_before::numeric(24,6) AS value_28d_before,
       CASE WHEN x.days_28d = x.days_28d_before AND x.value_28d_before > 0
            THEN x.value_28d / x.value_28d_before - 1 END::numeric(18,6) AS change_28d,
       x.days_28d, x.days_28d_before, x.value_30d::numeric(24,6) AS value_30d, x.days_30d
  FROM (SELECT n.brand, n.metric, n.channel, n.newest,
               n.factor * n.n7 / CASE WHEN n.has_denominator THEN nullif(n.d7, 0) ELSE 1 END AS value_7d,
               n.factor * n.n28 / CASE WHEN n.has_denominator THEN nullif(n.d28, 0) ELSE 1 END AS value_28d,
               n.factor * n.n56 / CASE WHEN n.has_denominator THEN nullif(n.d56, 0) ELSE 1 END AS value_28d_before,
               n.factor * n.n30 / CASE WHEN n.has_denominator THEN nullif(n.d30, 0) ELSE 1 END AS value_30d,
               n.days_28d, n.days_28d_before, n.days_30d
          FROM (SELECT r.brand, r.metric, r.channel, r.factor, r.has_denominator, max(r.newest) AS newest,
                       sum(r.numerator) FILTER (WHERE r.day > r.newest - 7) AS n7,
                       sum(r.denominator) FILTER (WHERE r.day > r.newest - 7) AS d7,
                       sum(r.numerator) FILTER (WHERE r.day > r.newest - 28) AS n28,
                       sum(r.denominator) FILTER (WHERE r.day > r.newest - 28) AS d28,
                       sum(r.numerator) FILTER (WHERE r.day <= r.newest - 28) AS n56,
                       sum(r.denominator) FILTER (WHERE r.day <= r.newest - 28) AS d56,
                       sum(r.numerator) FILTER (WHERE r.day > r.newest - 30) AS n30,
                       sum(r.denominator) FILTER (WHERE r.day > r.newest - 30) AS d30,
                       count(*) FILTER (WHERE r.day > r.newest - 28) AS days_28d,
                       count(*) FILTER (WHERE r.day <= r.newest - 28) AS days_28d_before,
                       count(*) FILTER (WHERE r.day > r.newest - 30) AS days_30d
                  FROM (SELECT q.*, max(q.day) OVER (PARTITION BY q.brand, q.metric, q.channel) AS newest
                          FROM momentum_state.score s
                         CROSS JOIN LATERAL (
                            SELECT d.* FROM momentum_state.ratio_day d
                             WHERE d.brand = s.brand AND d.day > s.as_of - 100 AND d.day <= s.as_of
                               AND (d.channel = 'all' OR d.metric = 'roas') OFFSET 0) q
                         WHERE s.back = 0) r
                 WHERE r.day > r.newest - 56
                 GROUP BY r.brand, r.metric, r.channel, r.factor, r.has_denominator) n
        UNION ALL
        SELECT r.brand, r.metric, r.channel, max(r.newest),
               CASE r.kind WHEN 'additive' THEN sum(r.value) FILTER (WHERE r.day > r.newest - 7) ELSE r.last END,
               CASE r.kind WHEN 'additive' THEN sum(r.value) FILTER (WHERE r.day > r.newest - 28) ELSE r.last END,
               CASE r.kind WHEN 'additive' THEN sum(r.value) FILTER (WHERE r.day <= r.newest - 28)
                           ELSE (array_agg(r.value ORDER BY r.day DESC) FILTER (WHERE r.day <= r.newest - 28))[1] END,
               CASE r.kind WHEN 'additive' THEN sum(r.value) FILTER (WHERE r.day > r.newest - 30) ELSE r.last END,
               count(*) FILTER (WHERE r.day > r.newest - 28), count(*) FILTER (WHERE r.day <= r.newest - 28),
               count(*) FILTER (WHERE r.day > r.newest - 30)
          FROM (SELECT q.*, max(q.day) OVER w AS newest, first_value(q.value) OVER (w ORDER BY q.day DESC) AS last
                  FROM (SELECT d.brand, d.metric, c.kind, k.channel, d.day, sum(d.value) AS value
                          FROM momentum_state.score s
                         CROSS JOIN momentum_state.metric c
                          JOIN momentum_state.metric_daily d
                            ON d.brand = s.brand AND d.metric = c.metric AND d.day > s.as_of - 100 AND d.day <= s.as_of
                         CROSS JOIN LATERAL (VALUES (
                            CASE WHEN d.metric IN ('ad_purchases', 'ad_purchase_value', 'best_seller_rank')
                                 THEN d.channel ELSE 'all' END)) k (channel)
                         WHERE s.back = 0
                         GROUP BY d.brand, d.metric, c.kind, k.channel, d.day) q
                WINDOW w AS (PARTITION BY q.brand, q.metric, q.channel)) r
         WHERE r.day > r.newest - 56
         GROUP BY r.brand, r.metric, r.channel, r.kind, r.last) x
  JOIN momentum_state.brand b ON b.brand = x.brand
  JOIN momentum_state.metric m ON m.metric = x.metric
 WHERE momentum.may_see(x.brand);
COMMENT ON VIEW momentum.metric_recent IS 'What every metric was of late: 7, 28 and 30 days that end on its newest known day, and the 28 days before. Additive metrics are summed, ratios are sums over sums, of snapshots the last value counts.';
COMMENT ON COLUMN momentum.metric_recent.brand IS 'The brand.';
COMMENT ON COLUMN momentum.metric_recent.metric IS 'Key of the metric.';
COMMENT ON COLUMN momentum.metric_recent.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.metric_recent.unit IS 'Unit of the values.';
COMMENT ON COLUMN momentum.metric_recent.direction IS 'up: higher is better, down: lower is better, band: as near to the target as possible.';
COMMENT ON COLUMN momentum.metric_recent.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.metric_recent.channel IS '"all"; the platform where what platforms claim has no sum (ROAS, ad purchases and their value).';
COMMENT ON COLUMN momentum.metric_recent.as_of IS 'Last of the days: the newest on which all terms of the metric are known.';
COMMENT ON COLUMN momentum.metric_recent.value_7d IS 'The metric over 7 days.';
COMMENT ON COLUMN momentum.metric_recent.value_28d IS 'Over 28 days.';
COMMENT ON COLUMN momentum.metric_recent.value_28d_before IS 'Over the 28 days before.';
COMMENT ON COLUMN momentum.metric_recent.change_28d IS 'Relative change between those two: 0.10 is +10 %; NULL unless as many days of both are known and the earlier value is above 0.';
COMMENT ON COLUMN momentum.metric_recent.days_28d IS 'How many of the 28 days are known.';
COMMENT ON COLUMN momentum.metric_recent.days_28d_before IS 'How many of the 28 days before.';
COMMENT ON COLUMN momentum.metric_recent.value_30d IS 'Over 30 days, as on the dashboard.';
COMMENT ON COLUMN momentum.metric_recent.days_30d IS 'How many of the 30 days are known.';
