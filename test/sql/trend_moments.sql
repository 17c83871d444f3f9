-- The aggregate trend_moments(): a trend from sums per weekday, by parallel
-- workers and in moving windows.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8, tolerance float8 DEFAULT 1e-9)
    RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN got IS NULL OR expected IS NULL THEN got IS NOT DISTINCT FROM expected
    ELSE abs(got - expected) <= tolerance * greatest(abs(got), abs(expected)) END $$;

CREATE TABLE public.a30 AS
SELECT date '2025-01-06' + t AS day, y, t
FROM unnest('{830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,
    916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991}'::float8[])
    WITH ORDINALITY AS s (y, n), LATERAL (SELECT n::int - 1) AS x (t);

-- Within weekdays: what lm(y ~ x + weekday) gives.
SELECT f.n, f.groups, f.df, sxx, near(slope, 3.77301587301587) AS slope,
    near(se_iid, 0.571431176841904) AS se_iid, near(slope / se_iid, 6.60274767272585) AS t_iid,
    near(level, 1049.1) AS level, near(g, 0.107892933171744) AS g, n_bad, reason
FROM (SELECT (trend_moments(day, y)).* FROM public.a30) AS f;

-- A thousand series with gaps, ties and weights: always what trend_fit()
-- says with robust off.
CREATE TABLE public.series AS
SELECT s, date '2024-01-01' + t AS day, t, ((t * 7919 + s * 104729) % 10007) / 100.0 + t * (s % 5 - 2) + 300
        - CASE WHEN s % 3 = 0 THEN ((t * 31 + s) % 4) * 100 ELSE 0 END::float8 AS y,
    (t * s % 13 + 1) / 3.0::float8 AS w
FROM generate_series(1, 1000) AS s, generate_series(0, 13 + s % 80) AS t
WHERE (t * 37 + s) % 11 > s % 4;

SELECT count(*) AS series, count(*) FILTER (WHERE f.slope IS NULL) AS too_few,
    bool_and((m).n = f.n AND (m).groups = f.groups AND (m).df = f.df) AS counts,
    bool_and(near((m).slope, f.slope)) AS slope, bool_and(near((m).se_iid, f.se_iid)) AS se_iid,
    bool_and(near((m).level, f.level)) AS level, bool_and(near((m).g, f.g)) AS g,
    bool_and((m).reason IS NOT DISTINCT FROM nullif(f.reason, 'short_weekly')) AS reason
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, (trend_moments(day, y)) AS m FROM public.series
      GROUP BY s) AS a, trend_fit(days, y, robust => false) AS f;
SELECT count(*) AS series,
    bool_and(near((m).slope, f.slope)) AS slope, bool_and(near((m).se_iid, f.se_iid)) AS se_iid,
    bool_and(near((m).level, f.level)) AS level, bool_and(near((m).g, f.g)) AS g
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(w) AS w, (trend_moments(day, y, w)) AS m
      FROM public.series GROUP BY s) AS a, trend_fit(days, y, w, robust => false) AS f;

-- Weekly figures are one weekday; rows of one day are points like others.
SELECT f.n, f.groups, f.df, near(slope, 0.00629211236935132) AS slope, near(level, 12.2266288951841) AS level,
    near(g, 0.0154387094512119) AS g, reason
FROM (
    SELECT (trend_moments(date '2025-01-06' + 7 * n::int, units / stores, stores)).*
    FROM unnest('{5040,5180,5225,5390,5340,5610,5720,5655}'::float8[],
        '{420,425,430,440,440,455,460,460}'::float8[]) WITH ORDINALITY AS s (units, stores, n)
) AS f;
SELECT b.n, near(a.slope, b.slope) AS slope, near(a.level, b.level) AS level, near(b.sxx, 2 * a.sxx) AS sxx
FROM (SELECT (trend_moments(day, y)).* FROM public.a30) AS a,
    (SELECT (trend_moments(day, y + change)).* FROM public.a30, unnest('{-100,100}'::int[]) AS change) AS b;

-- A flat week has no trend, whatever weekday the window ends on.
SELECT count(*) AS endings, bool_and(abs(g) < 1e-12) AS flat, bool_and(n = 30 AND se_iid < 1e-9) AS certain
FROM generate_series(0, 6) AS ending, LATERAL (
    SELECT (trend_moments(date '2025-01-06' + ending + t,
        1000 * ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])[(ending + t) % 7 + 1])).*
    FROM generate_series(0, 29) AS t) AS f;

--
-- What must not matter
--
SELECT near((billion).g, (a).g) AND near((billion).slope, 1e9 * (a).slope) AS billions, near((billionth).g, (a).g) AS billionths,
    near((far).g, (a).g) AND near((far).se_iid, (a).se_iid) AS shifted_by_weeks, near((heavy).g, (a).g)
    AND near((heavy).sxx, (a).sxx) AS all_weights_equal, near((back).g, (a).g, 1e-12) AS backwards,
    near((mixed).g, (a).g, 1e-12) AND near((mixed).se_iid, (a).se_iid, 1e-12) AS mixed,
    near((down).slope, -(a).slope) AS upside_down
FROM (
    SELECT trend_moments(day, y) AS a, trend_moments(day, y * 1e9) AS billion, trend_moments(day, y * 1e-9) AS billionth,
        trend_moments(day - 7 * 30000, y) AS far, trend_moments(day, y, 42) AS heavy,
        trend_moments(day, y ORDER BY t DESC) AS back, trend_moments(day, y ORDER BY md5(t::text)) AS mixed,
        trend_moments(day, 2098.2 - y) AS down
    FROM public.a30
) AS f;

-- The slopes of the channels sum to that of the total.
SELECT near((total).slope, (shop).slope + (market).slope) AS adds_up
FROM (SELECT trend_moments(day, y) AS total, trend_moments(day, y * (t % 5 + 2) / 10) AS shop,
        trend_moments(day, y * (8 - t % 5) / 10) AS market FROM public.a30) AS f;

--
-- Edges
--
SELECT n, groups, df, sxx, slope, level, g, n_bad, reason
FROM (SELECT (trend_moments(day, y)).* FROM public.a30 WHERE false) AS f;
SELECT n, groups, df, slope, reason FROM (SELECT (trend_moments(day, y)).* FROM public.a30 WHERE t < 12) AS f;
SELECT n, groups, df, near(slope, 4.5) AS slope, reason
FROM (SELECT (trend_moments(day, y)).* FROM public.a30 WHERE t < 13) AS f;
-- Rows enough, but one date of each weekday.
SELECT n, groups, df, slope, reason
FROM (SELECT (trend_moments(day, y)).* FROM public.a30, generate_series(1, 9) WHERE t < 7) AS f;

-- A constant and a line, exact.
SELECT slope, se_iid, level, g, reason FROM (SELECT (trend_moments(day, 0.1)).* FROM public.a30) AS f;
SELECT slope, se_iid, level, g, reason FROM (SELECT (trend_moments(day, 0.1, 1 / (3.0 + t))).* FROM public.a30) AS f;
SELECT near(slope, 0.3) AS slope, se_iid, reason
FROM (SELECT (trend_moments(day, 1000 + 0.3 * t)).* FROM public.a30) AS f;

-- Growth relative to nothing, or to less, does not exist.
SELECT slope, level, g, reason FROM (SELECT (trend_moments(day, 0)).* FROM public.a30) AS f;
SELECT slope > 0 AS rises, level < 0 AS below_zero, g, reason
FROM (SELECT (trend_moments(day, y - 5000)).* FROM public.a30) AS f;

-- NULL is absent; NaN and infinity are absent and counted; weight 0 is absent.
SELECT n, n_bad, reason FROM (
    SELECT (trend_moments(day, CASE t WHEN 3 THEN NULL WHEN 4 THEN 'NaN' WHEN 5 THEN '-Infinity' ELSE y END,
        CASE t WHEN 6 THEN float8 'Infinity' WHEN 7 THEN NULL WHEN 8 THEN 0 ELSE 1 END)).*
    FROM public.a30) AS f;

-- Squares that double precision does not hold.
SELECT near(big.g, f.g) AS big, near(small.g, f.g) AS small
FROM (SELECT (trend_moments(day, y)).* FROM public.a30) AS f,
    (SELECT (trend_moments(day, y * 1e145)).* FROM public.a30) AS big,
    (SELECT (trend_moments(day, y * 1e-145)).* FROM public.a30) AS small;
SELECT n, slope, g, reason FROM (SELECT (trend_moments(day, y * 1e300)).* FROM public.a30) AS f;
SELECT n, slope, g, reason FROM (SELECT (trend_moments(day, y * 1e-300)).* FROM public.a30) AS f;
SELECT n, slope, reason FROM (SELECT (trend_moments(day, y, 1e-310)).* FROM public.a30) AS f;

-- The first and the last day there is.
SELECT n, groups, sxx > 0 AS sxx, slope IS NOT NULL AS slope, reason FROM (
    SELECT (trend_moments(day, y)).* FROM (SELECT day, y FROM public.a30
        UNION ALL VALUES (date '4714-11-24 BC', 5.0), (date '5874897-12-31', 9.0)) AS s (day, y)) AS f;

-- Mistakes.
SELECT trend_moments(day, y, t - 5) FROM public.a30;
\echo :LAST_ERROR_SQLSTATE
SELECT trend_moments('infinity', y) FROM public.a30;

--
-- One worker or four, one answer
--
CREATE TABLE public.sales AS
SELECT b AS brand, date '2024-01-01' + t AS day,
    CASE WHEN (t + b) % 97 = 0 THEN float8 'NaN'
        ELSE 500 + b + t * (b % 7 - 3.5) + (37 * t * t + 11 * t * b) % 101 END AS y,
    (t % 9 + 1)::float8 AS w
FROM generate_series(1, 40) AS b, generate_series(0, 729) AS t
ORDER BY md5(b::text || t);
ANALYZE public.sales;

CREATE TABLE public.serial AS
SELECT brand, trend_moments(day, y) AS a, trend_moments(day, y, w) AS b, trend(day, y) AS r
FROM public.sales GROUP BY brand;
INSERT INTO public.serial SELECT NULL, trend_moments(day, y), trend_moments(day, y, w) FROM public.sales;

SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT trend_moments(day, y), trend_moments(day, y, w) FROM public.sales;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT brand, trend_moments(day, y), trend(day, y) FROM public.sales GROUP BY brand;

-- The plan is one thing, workers that ran another.
CREATE FUNCTION public.workers(query text) RETURNS integer LANGUAGE plpgsql AS
$$
DECLARE
    plan text;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT json) ' || query INTO plan;
    RETURN (regexp_match(plan, '"Workers Launched": (\d+)'))[1]::integer;
END
$$;
SELECT public.workers('SELECT trend_moments(day, y) FROM public.sales') > 0 AS moments,
    public.workers('SELECT brand, trend(day, y) FROM public.sales GROUP BY brand') > 0 AS robust;

CREATE TABLE public.parallel AS
SELECT brand, trend_moments(day, y) AS a, trend_moments(day, y, w) AS b, trend(day, y) AS r
FROM public.sales GROUP BY brand;
INSERT INTO public.parallel SELECT NULL, trend_moments(day, y), trend_moments(day, y, w) FROM public.sales;
RESET ALL;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.same(p trend_moments_result, s trend_moments_result) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT p.n = s.n AND p.n_bad = s.n_bad AND p.groups = s.groups AND near(p.sxx, s.sxx, 1e-12)
    AND near(p.slope, s.slope, 1e-12) AND near(p.se_iid, s.se_iid, 1e-12)
    AND near(p.level, s.level, 1e-12) AND near(p.g, s.g, 1e-12) $$;
SELECT count(*) AS answers, bool_and(same(p.a, s.a)) AS equal, bool_and(same(p.b, s.b)) AS weighted_equal,
    bool_and(p.r = s.r) AS robust_equal, max((s.a).n) AS n, max((s.a).n_bad) AS bad
FROM public.serial AS s JOIN public.parallel AS p ON p.brand IS NOT DISTINCT FROM s.brand;

-- A worker without a row, or without a good one, joins in, too.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
SELECT (trend_moments(day, y)).* FROM public.sales WHERE brand < 0;
SELECT (trend_moments(day, 'NaN')).* FROM public.sales;
SELECT (trend_moments(day, y)).reason FROM public.sales WHERE brand = 3 AND day = '2024-03-01';
RESET ALL;
SET search_path = momentum, public;
SET extra_float_digits = 0;

--
-- A window that moves on: the same as made anew for every row
--
CREATE TABLE public.walk AS
SELECT kind, t, date '2020-01-01' + t AS day, (t * 7 % 5 + 1) / 3.0::float8 AS w, CASE kind
    WHEN 'noise' THEN 100 + u
    WHEN 'no level' THEN u - 5
    WHEN 'absent and bad' THEN CASE WHEN t % 11 = 0 THEN NULL WHEN t % 13 = 0 THEN 'NaN'
        WHEN t % 17 = 0 THEN float8 'Infinity' ELSE 100 + u END
    WHEN 'spikes' THEN CASE WHEN t % 97 = 50 THEN 1e12 ELSE 1 + u / 10 END
    WHEN 'beyond' THEN CASE WHEN t % 197 = 50 THEN 1e200 WHEN t % 197 = 51 THEN -1.5e308 ELSE 1 + u / 10 END
    WHEN 'fading' THEN 10.0 ^ (12 - t % 250 / 10.0) * (1 + u / 100)
    WHEN 'constant' THEN 0.1
    WHEN 'steps' THEN 10.0 ^ (t / 150)
    WHEN 'zero, then some' THEN CASE WHEN t % 300 < 150 THEN 0 ELSE u END
    END AS y
FROM unnest('{noise,no level,absent and bad,spikes,beyond,fading,constant,steps,"zero, then some"}'::text[]) AS kind,
    generate_series(0, 899) AS t, LATERAL (SELECT (t::bigint * t * 7919 + t * 104729) % 10007 / 1000.0::float8) AS r (u);

ALTER TABLE public.walk ADD PRIMARY KEY (kind, t);
ANALYZE public.walk;

-- Slope and error to 1e-9 of what the points scatter by, the level of its size.
CREATE FUNCTION public.alike(a trend_moments_result, b trend_moments_result) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT a.n = b.n AND a.groups = b.groups AND a.n_bad = b.n_bad AND near(a.sxx, b.sxx)
    AND a.reason IS NOT DISTINCT FROM b.reason AND (a.slope IS NULL) = (b.slope IS NULL)
    AND (a.slope IS NULL OR (
        abs(a.slope - b.slope) <= 1e-9 * (abs(b.slope) + b.se_iid * sqrt(b.df))
        AND near(a.se_iid, b.se_iid) AND (near(a.level, b.level)
            OR abs(a.level - b.level) <= 1e-9 * b.se_iid * sqrt(b.sxx * b.df / b.n)))) $$;

SELECT kind, count(*) AS rows, bool_and(alike(m20, r20)) AS window_of_20, bool_and(alike(m90, r90)) AS window_of_90,
    bool_and(alike(w60, rw60)) AS weighted_60, count((m90).slope) AS slopes
FROM (
    SELECT kind, t, trend_moments(day, y) OVER (k ROWS 19 PRECEDING) AS m20,
        trend_moments(day, y) OVER (k ROWS 89 PRECEDING) AS m90,
        trend_moments(day, y, w) OVER (k ROWS BETWEEN 39 PRECEDING AND 20 FOLLOWING) AS w60
    FROM public.walk WINDOW k AS (PARTITION BY kind ORDER BY day)
) AS m JOIN LATERAL (
    SELECT trend_moments(day, y) FILTER (WHERE b.t BETWEEN m.t - 19 AND m.t) AS r20,
        trend_moments(day, y) FILTER (WHERE b.t BETWEEN m.t - 89 AND m.t) AS r90,
        trend_moments(day, y, w) FILTER (WHERE b.t BETWEEN m.t - 39 AND m.t + 20) AS rw60
    FROM public.walk AS b WHERE b.kind = m.kind AND b.t BETWEEN m.t - 89 AND m.t + 20
) AS r ON true
GROUP BY kind ORDER BY kind;

-- Windows by days of rows that are not in the order of their days' values,
-- several a day, some days absent.
SELECT count(*) AS rows, bool_and(alike(m, r)) AS alike
FROM (
    SELECT day, trend_moments(day, y) OVER (ORDER BY day RANGE '45 days' PRECEDING) AS m
    FROM public.walk WHERE kind IN ('noise', 'no level') AND t % 7 <> 3 AND t < 400
) AS m JOIN LATERAL (
    SELECT trend_moments(day, y) AS r FROM public.walk AS b
    WHERE kind IN ('noise', 'no level') AND t % 7 <> 3 AND b.day BETWEEN m.day - 45 AND m.day
) AS r ON true;

-- A window emptied and filled again.
SELECT t, (m).n, (m).n_bad, (m).reason
FROM (SELECT t, trend_moments(day, y) OVER (ORDER BY t ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS m
      FROM (VALUES (1, date '2025-01-06', 1.0), (2, '2025-01-07', NULL), (3, '2025-01-08', 'NaN'), (4, '2025-01-09', 4),
          (5, '2025-01-10', NULL)) AS v (t, day, y)) AS s ORDER BY t;

-- Long enough that the sums are made anew a few times; the last one by hand.
SELECT count(*) AS windows, count((m).slope) AS slopes,
    bool_and(alike(m, last)) FILTER (WHERE t = 3649) AS last_is_right
FROM (SELECT t, trend_moments(date '2015-01-01' + t, y) OVER (ORDER BY t ROWS 364 PRECEDING) AS m
      FROM (SELECT t, 1000 + t * 0.1 + t % 7 + (t * 7919 % 1009) / 10.0 AS y FROM generate_series(0, 3649) AS t) AS s)
      AS w, (SELECT trend_moments(date '2015-01-01' + t, 1000 + t * 0.1 + t % 7 + (t * 7919 % 1009) / 10.0) AS last
      FROM generate_series(3650 - 365, 3649) AS t) AS l;
