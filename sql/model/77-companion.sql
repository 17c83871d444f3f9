-- Companions of the trends of the score: the same fit over longer windows, and
-- against the year before.
--
-- The year: each day over the same weekday 52 weeks before, so that what
-- recurs every year cancels out; its trend is that of the business alone.  It
-- takes 13 months.  What is fitted are the days known on both sides.
--
-- Worked out brand by brand, so that a reader of one brand pays for one.
CREATE OR REPLACE VIEW momentum_state.trend_companion AS
SELECT t.*
  FROM momentum_state.brand a
 CROSS JOIN LATERAL (
WITH base AS MATERIALIZED (
    SELECT c.brand, c.place, c.component, c.newest, v.base, p.only_weekday,
           CASE WHEN c.component <> 'velocity' THEN 1 WHEN p.only_weekday IS NULL THEN p.step ELSE greatest(p.step, 7) END AS step
      FROM momentum_state.component c
     CROSS JOIN LATERAL (   -- as in momentum_state.config, whose functions readers may not call
        SELECT least(q.value, 120)::integer AS base
          FROM (SELECT e.brand, CASE WHEN e.value ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$'
                                     THEN e.value::numeric END AS value
                  FROM momentum_state.setting e
                 WHERE e.key = 'window.' || c.component AND e.brand IN (a.brand, '')) q
         WHERE q.value BETWEEN 1 AND 3650
         ORDER BY q.brand DESC LIMIT 1) v
     CROSS JOIN LATERAL (   -- what a row of retail stands for: see the component
        SELECT min(g.gap)::double precision AS step,
               CASE WHEN min(g.weekday) FILTER (WHERE g.units <> 0) = max(g.weekday) FILTER (WHERE g.units <> 0)
                    THEN min(g.weekday) FILTER (WHERE g.units <> 0) END AS only_weekday
          FROM (SELECT x.day - lag(x.day) OVER (ORDER BY x.day) AS gap, x.retail_units AS units, extract(isodow FROM x.day) AS weekday
                  FROM momentum_state.recent_day x
                 WHERE c.component = 'velocity' AND x.brand = c.brand AND x.day > c.newest - v.base AND x.day <= c.newest
                   AND x.retail_units IS NOT NULL AND x.retail_doors IS NOT NULL) g) p
     WHERE c.brand = a.brand AND c.back = 0 AND c.component IN ('revenue', 'conversion', 'velocity')
), point AS MATERIALIZED (   -- numerator and denominator of each day; a rate is their quotient
    SELECT b.brand, b.component, r.day, q.numerator, q.denominator
      FROM base b
      JOIN momentum_state.recent_day r ON r.brand = b.brand AND r.day > b.newest - 120 AND r.day <= b.newest
     CROSS JOIN LATERAL (VALUES (
        CASE b.component WHEN 'revenue' THEN r.net_revenue WHEN 'conversion' THEN r.orders ELSE r.retail_units END,
        CASE b.component WHEN 'revenue' THEN 1 WHEN 'conversion' THEN r.sessions ELSE r.retail_doors * b.step / 7 END))
        q (numerator, denominator)
     WHERE q.numerator IS NOT NULL AND q.denominator > 0
       AND (b.only_weekday IS NULL OR b.only_weekday = extract(isodow FROM r.day))
       AND NOT EXISTS (SELECT FROM momentum_state.excluded_day e WHERE e.brand = r.brand AND e.day = r.day)
), before AS MATERIALIZED (  -- the same of the year before, moved to the day it is set against
    SELECT b.brand, b.component, o.day + 364 AS day, o.numerator, o.denominator
      FROM base b
     CROSS JOIN LATERAL (
        SELECT d.day, sum(d.value) FILTER (WHERE d.metric = m.numerator)::double precision AS numerator,
               CASE b.component WHEN 'revenue' THEN 1
                    ELSE sum(d.value) FILTER (WHERE d.metric = m.denominator) * CASE b.component WHEN 'velocity' THEN b.step / 7 ELSE 1 END
                    END::double precision AS denominator
          FROM (VALUES (CASE b.component WHEN 'revenue' THEN 'net_revenue' WHEN 'conversion' THEN 'orders' ELSE 'retail_units' END,
                        CASE b.component WHEN 'revenue' THEN '' WHEN 'conversion' THEN 'sessions' ELSE 'retail_doors' END))
                m (numerator, denominator)
          JOIN momentum_state.metric_daily d
            ON d.brand = b.brand AND d.metric IN (m.numerator, m.denominator)
           AND d.day > b.newest - 364 - greatest(b.base, 28) AND d.day <= b.newest - 364
         GROUP BY d.day) o
     WHERE o.numerator IS NOT NULL AND o.denominator > 0
       AND NOT EXISTS (SELECT FROM momentum_state.excluded_day e WHERE e.brand = b.brand AND e.day = o.day)
), pair AS MATERIALIZED (
    SELECT p.brand, p.component, p.day, p.numerator, p.denominator, o.numerator AS numerator_before, o.denominator AS denominator_before
      FROM point p
      JOIN before o USING (brand, component, day)
), fitted AS MATERIALIZED (
    SELECT b.brand, b.place, b.component, b.newest, w.companion, w.days, f.fit, NULL::double precision AS year_growth, NULL::bigint AS pairs
      FROM base b
     CROSS JOIN LATERAL (VALUES (1, 'base', b.base), (2, '60 days', 60), (3, '90 days', 90)) w (ord, companion, days)
     CROSS JOIN LATERAL (
        SELECT CASE b.component WHEN 'revenue' THEN momentum.trend(p.day, p.numerator)
                    ELSE momentum.trend(p.day, p.numerator / p.denominator, p.denominator) END AS fit
          FROM point p
         WHERE p.brand = b.brand AND p.component = b.component AND p.day > b.newest - w.days) f
    UNION ALL
    SELECT b.brand, b.place, b.component, b.newest, 'year', b.base, f.fit, f.year_growth, f.pairs
      FROM base b
     CROSS JOIN LATERAL (
        SELECT momentum.trend(q.day, (q.numerator / q.denominator) / (q.numerator_before / q.denominator_before), q.denominator)
                  FILTER (WHERE q.numerator_before > 0 AND q.day > b.newest - b.base) AS fit,
               sum(q.numerator) FILTER (WHERE q.day > b.newest - 28) / nullif(sum(q.denominator) FILTER (WHERE q.day > b.newest - 28), 0)
               / nullif(sum(q.numerator_before) FILTER (WHERE q.day > b.newest - 28)
                        / nullif(sum(q.denominator_before) FILTER (WHERE q.day > b.newest - 28), 0), 0) - 1 AS year_growth,
               count(*) FILTER (WHERE q.day > b.newest - 28) AS pairs
          FROM pair q
         WHERE q.brand = b.brand AND q.component = b.component) f
)
SELECT f.brand, f.place, f.component, f.newest, f.companion, f.days, (f.fit).n, (f.fit).g AS growth, (f.fit).se_g, (f.fit).p_up,
       CASE WHEN f.pairs >= 4 THEN f.year_growth END AS year_growth, f.pairs,
       CASE WHEN f.newest IS NULL THEN 'no_data'
            WHEN f.companion = 'year' AND coalesce((f.fit).n, 0) = 0 THEN 'no_year_before'
            WHEN (f.fit).g IS NULL THEN coalesce((f.fit).reason, 'too_few_points')
            ELSE (f.fit).reason END AS reason
  FROM fitted f) t;
COMMENT ON VIEW momentum_state.trend_companion IS 'The trend of revenue, conversion and velocity over the window of the score, over 60 and 90 days, and of the days over those of the year before.';

CREATE OR REPLACE VIEW momentum.trend_companion WITH (security_barrier) AS
SELECT t.brand, t.newest AS as_of, t.component, t.companion, t.days::bigint AS window_days, t.n::bigint AS points,
       t.growth::numeric(18,6) AS growth_30d, t.se_g::numeric(18,6) AS standard_error, t.p_up::numeric(9,6) AS p_up,
       CASE WHEN t.p_up IS NULL THEN 'unknown' WHEN t.p_up >= 0.90 THEN 'up' WHEN t.p_up <= 0.10 THEN 'down' ELSE 'flat' END AS trend,
       t.year_growth::numeric(18,6) AS growth_year, t.pairs AS days_compared,
       CASE WHEN t.companion = 'base' THEN NULL ELSE t.agreement END AS agreement, t.reason,
       CASE WHEN t.growth IS NULL
            THEN 'No trend of ' || t.component || ' over the last ' || t.span || ': ' || CASE t.reason
                    WHEN 'no_year_before' THEN 'it takes 13 months.' WHEN 'no_data' THEN 'nothing is known.'
                    WHEN 'nonpositive_level' THEN 'there was none.' ELSE 'too few days are known.' END
            ELSE initcap(t.component) || ' ' || CASE WHEN t.growth > 0 THEN 'rises' WHEN t.growth < 0 THEN 'falls' ELSE 'stays level' END
                 || CASE WHEN t.growth <> 0 THEN ' at ' || to_char(abs(100 * t.growth), 'FM999999999999990.0') || ' % per 30 days' ELSE '' END
                 || ' over the last ' || t.span || ' (' || least(99, round(100 * greatest(t.p_up, 1 - t.p_up))) || ' % sure)'
                 || CASE WHEN t.companion = 'base' THEN ''
                         ELSE CASE t.agreement WHEN 'agrees' THEN ', as it does'
                                               WHEN 'contradicts' THEN ', against what it does'
                                               ELSE '; that neither backs nor contradicts what it does' END
                              || ' over the window of the score' END
                 || coalesce('; against the same weeks a year before it is ' || to_char(100 * t.year_growth, 'FMSG999999999999990.0') || ' %', '')
                 || '.' END AS explanation
  FROM (SELECT s.*, CASE s.companion WHEN 'year' THEN s.days || ' days, each over the same day a year before' ELSE s.days || ' days' END AS span,
               CASE WHEN s.growth IS NULL OR s.base_growth IS NULL THEN 'unknown'
                    WHEN sign(s.growth) = sign(s.base_growth) THEN 'agrees'
                    WHEN greatest(s.p_up, 1 - s.p_up) >= 0.90 AND greatest(s.base_p_up, 1 - s.base_p_up) >= 0.90
                         AND s.growth * s.base_growth < 0 THEN 'contradicts'
                    ELSE 'unclear' END AS agreement
          FROM (SELECT x.*, max(x.growth) FILTER (WHERE x.companion = 'base') OVER w AS base_growth,
                       max(x.p_up) FILTER (WHERE x.companion = 'base') OVER w AS base_p_up
                  FROM momentum_state.trend_companion x
                WINDOW w AS (PARTITION BY x.brand, x.component)) s) t
 WHERE momentum.may_see(t.brand);
COMMENT ON VIEW momentum.trend_companion IS 'What stands beside the trends of the score: revenue, conversion and velocity over 60 and 90 days, and against the year before, with a word on whether they agree. Four rows per brand and component.';
COMMENT ON COLUMN momentum.trend_companion.brand IS 'The brand.';
COMMENT ON COLUMN momentum.trend_companion.as_of IS 'Last day that is complete in everything the component needs; all windows end there.';
COMMENT ON COLUMN momentum.trend_companion.component IS 'revenue, conversion or velocity.';
COMMENT ON COLUMN momentum.trend_companion.companion IS 'base (the window of the score), 60 days, 90 days, year (each day over the same weekday 52 weeks before).';
COMMENT ON COLUMN momentum.trend_companion.window_days IS 'Days of the window.';
COMMENT ON COLUMN momentum.trend_companion.points IS 'Days of it that are known and not of an excluded event.';
COMMENT ON COLUMN momentum.trend_companion.growth_30d IS 'Relative change per 30 days by the trend. Of year: with what recurs every year taken out.';
COMMENT ON COLUMN momentum.trend_companion.standard_error IS 'Its standard error.';
COMMENT ON COLUMN momentum.trend_companion.p_up IS 'Probability that it is rising.';
COMMENT ON COLUMN momentum.trend_companion.trend IS 'up or down where that is at least 90 % sure, else flat; unknown without a trend.';
COMMENT ON COLUMN momentum.trend_companion.growth_year IS 'Of year: the last 28 days against the same 4 weeks 52 weeks before, of the days known in both: 0.10 is +10 %. NULL with less than 4 of them.';
COMMENT ON COLUMN momentum.trend_companion.days_compared IS 'Of year: how many of the 28 days are known in both years.';
COMMENT ON COLUMN momentum.trend_companion.agreement IS 'Against the window of the score: agrees (same sign), contradicts (opposite, both 90 % sure), unclear, unknown.';
COMMENT ON COLUMN momentum.trend_companion.reason IS 'Why there is no trend, or what is special: no_data, no_year_before (it takes 13 months), too_few_points, nonpositive_level, short_weekly.';
COMMENT ON COLUMN momentum.trend_companion.explanation IS 'The same in one sentence.';
