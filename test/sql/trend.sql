-- Trend of one series: trend_fit() and the aggregate trend().
-- Every reference number holds to a relative error of 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- Thirty days of revenue that begin on a Monday: growth of 4 a day, a weekly
-- pattern, and noise.
CREATE TABLE public.a30 AS
SELECT date '2025-01-06' + t AS day, y, t
FROM unnest('{830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,
    916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991}'::float8[])
    WITH ORDINALITY AS s (y, n), LATERAL (SELECT n::int - 1) AS x (t);

SELECT bool_and(y = 1000 + 4 * t + ('{-120,-100,-80,-40,60,180,100}'::int[])[t % 7 + 1]
    + (37 * t * t + 11 * t) % 101 - 50) AS is_the_documented_series FROM public.a30;

-- Plain least squares takes the weekly pattern for noise, and its phase for trend.
SELECT near(regr_slope(y, t), 4.74816462736374) AS slope,
    near(regr_intercept(y, t), 980.251612903226) AS intercept FROM public.a30;

-- Within weekdays, nothing pulled in: what lm(y ~ x + weekday) gives.
SELECT f.n, f.groups, f.df, f.pairs, f.clipped,
    near(slope, 3.77301587301587) AS slope, near(se_iid, 0.571431176841904) AS se_iid,
    near(slope / se_iid, 6.60274767272585) AS t_iid,
    near(r1, 0.255777651048668) AS r1, near(rho, 0.522444317715334) AS rho,
    near(level, 1049.1) AS level, near(g, 0.107892933171744) AS g
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.a30) AS a,
    trend_fit(days, y, robust => false) AS f;

-- The trend as it is meant: one wild day pulled in, standard error inflated.
SELECT f.n, f.groups, f.df, f.pairs, f.clipped, f.n_bad, f.reason,
    near(ts0, 3.61904761904762) AS ts0, near(mad_s, 16.8028) AS mad_s,
    near(slope, 3.75949756613757) AS slope, near(se_iid, 0.564983947831956) AS se_iid,
    near(r1, 0.244141876956884) AS r1, near(rho, 0.510808543623551) AS rho,
    near(se, 0.992890586482481) AS se, near(level, 1048.9580577777776) AS level
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.a30) AS a,
    trend_fit(days, y) AS f;
SELECT round(g::numeric, 4) AS growth_in_30_days,
    near(g, 0.10752091196388) AS g, near(se_g, 0.0283964810352644) AS se_g,
    near(t, 3.78641676869589) AS t, near(p_up, student_t_cdf(3.78641676869589, 22)) AS p_up,
    near(component_value(g, 0.20), 0.5376045598194) AS c,
    near(accel, -0.116845615356784) AS accel, near(t_accel, -0.516389177878038) AS t_accel
FROM (SELECT (trend(day, y)).* FROM public.a30) AS f;

-- One promotion day at four times the usual hardly moves it ...
SELECT f.clipped, near(slope, 4.14110670634921) AS slope, near(g, 0.118128707016521) AS g
FROM (SELECT array_agg(day) AS days, array_agg(CASE t WHEN 24 THEN 4000 ELSE y END) AS y
      FROM public.a30) AS a, trend_fit(days, y) AS f;
-- ... and would move plain least squares to four times the growth.
SELECT f.clipped, near(slope, 17.7301587301587) AS slope, near(g, 0.463816499742555) AS g
FROM (SELECT array_agg(day) AS days, array_agg(CASE t WHEN 24 THEN 4000 ELSE y END) AS y
      FROM public.a30) AS a, trend_fit(days, y, robust => false) AS f;

-- Days that are absent stay absent: nothing is interpolated.
SELECT f.n, f.df, f.pairs, f.clipped, near(slope, 3.81612684923772) AS slope,
    near(rho, 0.396870328753266) AS rho, near(g, 0.108824878732522) AS g,
    near(f.t, 4.52991774394076) AS t
FROM (SELECT (trend(day, y)).* FROM public.a30 WHERE t NOT IN (7, 8, 20)) AS f;

-- Thirteen days are the fewest, twelve are too few.
SELECT f.n, f.df, f.pairs, near(slope, 4.5) AS slope, near(g, 0.132653061224490) AS g, reason
FROM (SELECT (trend(day, y)).* FROM public.a30 WHERE t < 13) AS f;
SELECT f.n, f.df, f.pairs, slope, g, p_up, reason
FROM (SELECT (trend(day, y)).* FROM public.a30 WHERE t < 12) AS f;

-- A business that stands still has no trend, whatever weekday the window
-- ends on; regr_slope believes in up to 4.7 % either way.
SELECT to_char(last_day, 'Dy') AS ends_on, abs(f.g) < 1e-12 AS flat, f.clipped,
    round((30 * plain / level)::numeric, 4) AS plain_g
FROM generate_series(date '2025-02-03', date '2025-02-09', interval '1 day') AS e (last_day),
    LATERAL (
        SELECT (trend(day::date, y)).*, regr_slope(y, extract(epoch FROM day) / 86400) AS plain
        FROM generate_series(last_day - interval '29 days', last_day, interval '1 day') AS d (day),
            LATERAL (SELECT 1000 * ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])
                [extract(isodow FROM day)::int]) AS v (y)
    ) AS f
ORDER BY last_day;

-- Conversion rate: orders over sessions, weighted by sessions.
SELECT f.clipped, near(level, 0.0241716005158836) AS level,
    near(slope, -1.17007007639825e-04) AS slope, near(g, -0.145220430351235) AS g,
    near(t, -45.664701103951) AS t, near(component_value(g, 0.20), -0.726102151756176) AS c
FROM (
    SELECT (trend(date '2025-01-06' + n::int - 1, orders / sessions, sessions)).*
    FROM unnest('{2000,2010,1963,1959,2199,2482,2559,2028,2192,1998,2148,2241,2678,2307,2231,
            1947,1907,2211,2157,2447,2531,2007,2178,1991,2148,2248,2692,2328,2259,1982}'::float8[],
        '{49,50,50,50,57,65,68,48,53,49,53,56,68,59,51,45,45,53,52,60,63,44,49,45,50,53,64,
            56,48,43}'::float8[]) WITH ORDINALITY AS s (sessions, orders, n)
) AS f;

-- Retail velocity, eight weeks: one weekday by itself, and a warning that so
-- short a series finds trends too often.
SELECT f.n, f.groups, f.df, near(slope, 0.00629211236935132) AS slope,
    near(level, 12.2266288951841) AS level, near(g, 0.0154387094512119) AS g, f.rho,
    near(t, 3.33221823484434) AS t, near(component_value(g, 0.20), 0.0771935472560594) AS c,
    f.reason
FROM (
    SELECT (trend(date '2025-01-06' + 7 * n::int, units / stores, stores)).*
    FROM unnest('{5040,5180,5225,5390,5340,5610,5720,5655}'::float8[],
        '{420,425,430,440,440,455,460,460}'::float8[]) WITH ORDINALITY AS s (units, stores, n)
) AS f;

--
-- What must not matter
--
CREATE FUNCTION public.same(a trend_result, b trend_result) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT near(a.g, b.g) AND near(a.t, b.t) AND near(a.p_up, b.p_up)
    AND near(a.accel, b.accel) AND a.clipped = b.clipped $$;

SELECT same(a, billion) AS billions, same(a, billionth) AS billionths,
    same(a, far) AS shifted_by_weeks, same(a, heavy) AS all_weights_equal,
    same(a, mixed) AS order_of_rows
FROM (
    SELECT trend(day, y) AS a, trend(day, y * 1e9) AS billion, trend(day, y * 1e-9) AS billionth,
        trend(day - 7 * 30000, y) AS far, trend(day, y, 42) AS heavy,
        trend(day, y ORDER BY md5(t::text)) AS mixed
    FROM public.a30
) AS f;

-- Upside down, slope and t change their signs.
SELECT near((down).slope, -(up).slope) AS slope, near((down).t, -(up).t) AS t,
    near((down).p_up, 1 - (up).p_up) AS p_up
FROM (SELECT trend(day, y) AS up, trend(day, 2098.2 - y) AS down FROM public.a30) AS f;

-- Without pulling in, the slopes of the channels sum to that of the total.
SELECT near(f_total.slope, f_shop.slope + f_market.slope) AS adds_up
FROM (SELECT array_agg(day) AS days, array_agg(y) AS total,
        array_agg(y * (t % 5 + 2) / 10) AS shop, array_agg(y * (8 - t % 5) / 10) AS market
      FROM public.a30) AS a,
    trend_fit(days, total, robust => false) AS f_total,
    trend_fit(days, shop, robust => false) AS f_shop,
    trend_fit(days, market, robust => false) AS f_market;

--
-- Edges
--
-- Nothing, one point, one day many times.
SELECT n, groups, df, slope, g, n_bad, reason FROM trend_fit('{}', '{}');
SELECT n, slope, reason FROM trend_fit(NULL, NULL);
SELECT n, slope, reason FROM trend_fit('{2025-01-06}', '{5}');
SELECT n, slope, reason FROM trend_fit(array_fill(date '2025-01-06', '{20}'),
    array_fill(5::float8, '{20}'));
SELECT (trend(day, y)).reason FROM public.a30 WHERE false;

-- A constant has slope 0 for certain; even chances up and down.
SELECT slope, se, g, t, p_up, accel, t_accel, r1, rho, clipped, level, reason
FROM (SELECT (trend(day, 0.1)).* FROM public.a30) AS f;

-- An exact line has no error to measure.
SELECT near(slope, 0.3) AS slope, se, t, p_up, accel, clipped, reason
FROM (SELECT (trend(day, 1000 + 0.3 * t)).* FROM public.a30) AS f;
SELECT near(slope, -0.3) AS slope, se, t, p_up
    FROM (SELECT (trend(day, 1000 - 0.3 * t)).* FROM public.a30) AS f;

-- A parabola bends by what it says, exactly.
SELECT near(accel, 2 * 0.5 * 900 / level) AS accel, t_accel IS NULL OR t_accel > 1e6 AS certain
FROM (SELECT array_agg(day) AS days, array_agg(1000 + 0.5 * t * t) AS y FROM public.a30) AS a,
    trend_fit(days, y, robust => false) AS f;

-- Growth relative to nothing, or to less, does not exist.
SELECT slope, level, g, accel, p_up, reason FROM (SELECT (trend(day, 0)).* FROM public.a30) AS f;
SELECT slope > 0 AS rises, level < 0 AS below_zero, g, accel, reason
FROM (SELECT (trend(day, y - 5000)).* FROM public.a30) AS f;

-- NULL is absent; NaN and infinity are absent and counted; weight 0 is absent.
SELECT n, n_bad, reason FROM (
    SELECT (trend(day, CASE t WHEN 3 THEN NULL WHEN 4 THEN 'NaN' WHEN 5 THEN '-Infinity' ELSE y END,
        CASE t WHEN 6 THEN float8 'Infinity' WHEN 7 THEN NULL WHEN 8 THEN 0 ELSE 1 END)).*
    FROM public.a30) AS f;

-- The largest and smallest numbers give an answer or none, never NaN.
SELECT near(big.g, f.g) AS big, near(small.g, f.g) AS small
FROM (SELECT (trend(day, y)).* FROM public.a30) AS f,
    (SELECT (trend(day, y * 1e303)).* FROM public.a30) AS big,
    (SELECT (trend(day, y * 1e-300)).* FROM public.a30) AS small;
SELECT reason, g FROM (SELECT (trend(day,
    CASE WHEN t % 14 < 7 THEN 1 ELSE -1 END * 1.7e308)).* FROM public.a30 WHERE t < 28) AS f;
SELECT n, slope IS NOT NULL AS slope
FROM (SELECT (trend(day, y, CASE WHEN t % 2 = 0 THEN 1e-300 ELSE 1e300 END)).* FROM public.a30)
    AS f;

-- Mistakes.
SELECT trend_fit('{2025-01-06,2025-01-07,2025-01-07}', '{1,2,3}');
\echo :LAST_ERROR_SQLSTATE
SELECT trend(day, y) FROM (SELECT day, y FROM public.a30 UNION ALL SELECT day, y FROM public.a30)
    AS s;
SELECT trend_fit('{2025-01-06,2025-01-07}', '{1,2,3}');
SELECT trend_fit('{2025-01-06,2025-01-07}', '{1,2}', '{1}');
SELECT trend_fit('{2025-01-06,2025-01-07}', '{1,2}', '{1,-1}');
SELECT trend_fit('{2025-01-06,infinity}', '{1,2}');
SELECT trend_fit('{2025-01-06}', '{{1}}');
SELECT trend_fit('{{2025-01-06}}', '{1}');
SELECT trend(date '1900-01-01' + t, t) FROM generate_series(1, 20001) AS t;
\echo :LAST_ERROR_SQLSTATE
-- Up to there a long series is only long: 12.5 million pairs of one weekday.
SELECT f.n, f.pairs, f.ts0 * 7 AS ts0, f.slope * 7 AS slope
FROM (SELECT array_agg(date '1900-01-01' + 7 * t) AS days, array_agg(t) AS y FROM generate_series(1, 5001) AS t) AS a,
    trend_fit(days, y) AS f;

--
-- One worker or four, one answer
--
CREATE TABLE public.sales AS
SELECT b AS brand, date '2024-01-01' + t AS day,
    CASE WHEN (t + b) % 97 = 0 THEN float8 'NaN'
        ELSE 500 + b + t * (b % 7 - 3) + (37 * t * t + 11 * t * b) % 101 END AS y,
    (t % 9 + 1)::float8 AS w
FROM generate_series(1, 40) AS b, generate_series(0, 364) AS t;
ANALYZE public.sales;

CREATE TABLE public.serial AS
SELECT brand, trend(day, y) AS a, trend(day, y, w) AS b FROM public.sales GROUP BY brand;

SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
SET enable_hashagg = off;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT brand, trend(day, y), trend(day, y, w) FROM public.sales GROUP BY brand;
CREATE TABLE public.parallel AS
SELECT brand, trend(day, y) AS a, trend(day, y, w) AS b FROM public.sales GROUP BY brand;
RESET ALL;
SET search_path = momentum, public;

SELECT count(*) AS brands, bool_and(s.a = p.a) AS equal, bool_and(s.b = p.b) AS weighted_equal,
    sum((s.a).n_bad) AS bad
FROM public.serial AS s JOIN public.parallel AS p USING (brand);

-- As a window: the trend of the last 30 days, every day.
SELECT day, (w).n, round((w).g::numeric, 4) AS g, (w).reason
FROM (SELECT day, trend(day, y) OVER (ORDER BY day ROWS 29 PRECEDING) AS w FROM public.a30) AS f
WHERE day IN ('2025-01-06', '2025-01-18', '2025-02-04') ORDER BY day;
