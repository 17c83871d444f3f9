-- Median slopes of pairs of points, with their limits.  Reference numbers are
-- scipy's, to 1e-9; for what is random, all pairs are sorted in SQL.
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

CREATE TABLE public.a30 AS
SELECT (n - 1)::float8 AS t, date '2024-01-01' + (n - 1)::integer AS day, y
FROM unnest('{830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,
    916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991}'::float8[])
    WITH ORDINALITY AS s (y, n);

--
-- Theil-Sen: median slope of all pairs, limits of 95 %
--
SELECT f.n, f.pairs, near(slope, 4.92857142857143) AS slope,
    near(intercept, 944.535714285714) AS intercept,
    near(lo, 0.307692307692308) AS lo, near(hi, 10.4) AS hi
FROM (SELECT array_agg(t) AS x, array_agg(y) AS y FROM public.a30) AS a, theil_sen(x, y) AS f;

-- The order of the points does not matter, a day at ten thousand hardly.
SELECT near(mixed.slope, 4.92857142857143) AS mixed, round(wild.slope::numeric, 2) AS wild
FROM (SELECT array_agg(t ORDER BY y) AS x, array_agg(y ORDER BY y) AS y,
        array_agg(t) AS x_wild, array_agg(CASE t WHEN 24 THEN 10000 ELSE y END) AS y_wild
      FROM public.a30) AS a, theil_sen(x, y) AS mixed, theil_sen(x_wild, y_wild) AS wild;

-- Slopes of 0 between ties are kept, pairs of one x are none; unknown points are left out.
SELECT * FROM theil_sen('{1,2,3,4}', '{5,5,5,9}');
SELECT * FROM theil_sen('{1,1,2,2}', '{1,3,5,7}');
SELECT * FROM theil_sen('{1,2,NULL,3,4}', '{1,NaN,7,3,Infinity}');

-- Nothing to tell.
SELECT * FROM theil_sen('{}', '{}');
SELECT * FROM theil_sen(NULL, NULL);
SELECT * FROM theil_sen('{1}', '{1}');
SELECT * FROM theil_sen('{3,3,3}', '{1,2,3}');
SELECT * FROM theil_sen('{1,2,3}', '{7,7,7}');

-- Nothing beyond the range of the type, no NaN.
SELECT slope, intercept, lo, hi FROM theil_sen('{1,2,3}', '{-1.7e308,0,1.7e308}');
SELECT n, pairs, slope IS NULL AS beyond FROM theil_sen('{0,1e-300,2e-300}', '{0,1e300,2e300}');

SELECT theil_sen('{1,2}', '{1,2,3}');
SELECT theil_sen('{{1,2},{3,4}}', '{1,2}');

-- All pairs of 1,000 points are a line's.
SELECT f.n, f.pairs, f.slope, f.lo, f.hi
FROM (SELECT array_agg(x::float8) AS x, array_agg(3.0 * x + 1) AS y
    FROM generate_series(1, 1000) AS x) AS a,
    theil_sen(x, y) AS f;

--
-- Against all pairs, sorted: random series with ties, gaps and constants
--

-- Two series of each kind and length; y is NULL on every ninth day.
CREATE TABLE public.series AS
SELECT id, n, t::float8 / 8 AS x, date '2024-02-28' + t AS day,
    CASE WHEN t % 9 = 5 THEN NULL
        ELSE scale * CASE id % 5
            WHEN 0 THEN r                                   -- noise
            WHEN 1 THEN 0.01 * t + r                        -- a trend in noise
            WHEN 2 THEN round((r * 4)::numeric)::float8     -- ties
            WHEN 3 THEN 7                                   -- a constant
            ELSE 0.1 * t                                    -- a line, with rounding errors
        END END AS y
FROM generate_series(0, 39) AS id,
    LATERAL (SELECT (ARRAY[7, 13, 30, 61])[id % 4 + 1] AS n, (ARRAY[1, 1e9, 1e-9])[id % 3 + 1] AS scale) AS s,
    generate_series(0, n - 1) AS t,
    LATERAL (SELECT (('x' || substr(md5(id || '/' || t), 1, 8))::bit(32)::bigint & 65535) / 65536.0::float8 AS r) AS v;

-- Sen's limits: ranks (N -/+ z sqrt(Var S)) / 2, halves to the even one.
CREATE FUNCTION public.limit_at(slopes float8[], variance float8, side integer) RETURNS float8
    LANGUAGE sql IMMUTABLE AS
$$
    SELECT slopes[CASE WHEN side < 0 THEN greatest(round(rank)::integer, 1)
                       ELSE least(round(rank)::integer + 1, cardinality(slopes)) END]
    FROM (SELECT (cardinality(slopes) + side * 1.959963984540054 * sqrt(variance)) / 2 AS rank) AS r
$$;
CREATE VIEW public.variance AS
SELECT id, season, (m * (m - 1) * (2 * m + 5) - ties) / 18::float8 AS variance
FROM (SELECT id, season, sum(t) AS m, sum(t * (t - 1) * (2 * t + 5)) AS ties
      FROM (SELECT id, season, y, count(*) AS t
            FROM public.series, LATERAL (VALUES (-1), (extract(isodow FROM day))) AS s (season)
            WHERE y IS NOT NULL GROUP BY 1, 2, 3) AS v
      GROUP BY 1, 2) AS g;
CREATE VIEW public.slopes AS
SELECT a.id, array_agg(slope ORDER BY slope) AS whole,
    array_agg(slope / 8 ORDER BY slope) FILTER (WHERE (b.day - a.day) % 7 = 0) AS seasonal
FROM public.series AS a JOIN public.series AS b ON a.id = b.id AND a.x < b.x,
    LATERAL (SELECT (b.y - a.y) / (b.x - a.x)) AS s (slope)
WHERE slope IS NOT NULL
GROUP BY 1;

-- The order of the points is mixed; the slope of the line with rounding
-- errors is one of many that differ in the last digit.
SELECT count(*), bool_and((f).pairs = cardinality(whole)) AS pairs,
    bool_and(near((f).slope, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v)
                            FROM unnest(whole) AS v))) AS slope,
    bool_and(near((f).lo, limit_at(whole, variance, -1))) AS lo,
    bool_and(near((f).hi, limit_at(whole, variance, 1))) AS hi
FROM public.slopes JOIN public.variance USING (id)
JOIN (SELECT id, theil_sen(array_agg(x ORDER BY md5(id || '/' || x)), array_agg(y ORDER BY md5(id || '/' || x))) AS f
      FROM public.series GROUP BY id) AS t USING (id)
WHERE season = -1;

-- Seasonal: only pairs on one weekday, the variance added up over weekdays.
SELECT count(*), bool_and((f).pairs = cardinality(seasonal)) AS pairs,
    bool_and(near((f).slope, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v)
                            FROM unnest(seasonal) AS v))) AS slope,
    bool_and(near((f).lo, limit_at(seasonal, variance, -1))) AS lo,
    bool_and(near((f).hi, limit_at(seasonal, variance, 1))) AS hi
FROM public.slopes
JOIN (SELECT id, sum(variance) AS variance FROM public.variance WHERE season > 0 GROUP BY id) AS v
    USING (id)
JOIN (SELECT id, seasonal_theil_sen(array_agg(day ORDER BY md5(id || '/' || x)), array_agg(y ORDER BY md5(id || '/' || x))) AS f
      FROM public.series GROUP BY id) AS t USING (id)
WHERE seasonal IS NOT NULL;

--
-- Long series are not enumerated: the same, found by counting
--

-- All 499,500 pairs of 1,000 points with ties, sorted.
CREATE TABLE public.long AS
SELECT t::float8 AS x, floor(0.05 * t + 40 * (('x' || substr(md5(t::text), 1, 8))::bit(32)::bigint & 65535) / 65536.0::float8) AS y
FROM generate_series(1, 20000) AS t;
SELECT (f).pairs = n AS pairs, (f).slope = s[(n + 1) / 2] AND s[(n + 1) / 2] = s[n / 2 + 1] AS slope,
    (f).lo = limit_at(s, variance, -1) AS lo, (f).hi = limit_at(s, variance, 1) AS hi
FROM (SELECT array_agg(slope ORDER BY slope) AS s, count(*) AS n
      FROM public.long AS a JOIN public.long AS b ON a.x < b.x AND b.x <= 1000,
          LATERAL (SELECT (b.y - a.y) / (b.x - a.x)) AS s (slope)) AS p,
    (SELECT theil_sen(array_agg(x), array_agg(y)) AS f, (mann_kendall(array_agg(y ORDER BY x))).variance
     FROM public.long WHERE x <= 1000) AS t;

-- At the cap: 200 million pairs.  With the slope taken off nothing is left
-- of the trend; with a limit taken off what is left is just significant.
SELECT (f).n, (f).pairs, abs((mann_kendall(level)).s) < 2 AS slope,
    abs((mann_kendall(low)).z - 1.96) < 1e-3 AS lo, abs((mann_kendall(high)).z + 1.96) < 1e-3 AS hi
FROM (SELECT theil_sen(array_agg(x), array_agg(y + r)) AS f, array_agg(x) AS x, array_agg(y + r) AS y
      FROM public.long, LATERAL (SELECT sin(x)) AS s (r)) AS t,
    LATERAL (SELECT array_agg(v.y - (f).slope * v.x ORDER BY v.x), array_agg(v.y - (f).lo * v.x ORDER BY v.x),
                 array_agg(v.y - (f).hi * v.x ORDER BY v.x)
             FROM unnest(t.x, t.y) AS v (x, y)) AS off (level, low, high);

-- Lines, constants and steps there: most of the slopes are one.
SELECT kind, round((f).slope::numeric, 12) AS slope, round((f).lo::numeric, 12) AS lo, round((f).hi::numeric, 12) AS hi
FROM (SELECT kind, theil_sen(array_agg(x), array_agg(CASE kind WHEN 'line' THEN 3 * x + 1
                                                     WHEN 'constant' THEN 7
                                                     WHEN 'step' THEN sign(x - 5000)
                                                     ELSE 0.1 * x END)) AS f
      FROM public.long, unnest('{line,constant,step,tenths}'::text[]) AS kind GROUP BY kind) AS t
ORDER BY kind;

-- Scale and sign carry over exactly; a point more is too much.
SELECT (big).slope = (f).slope * 2 ^ 100 AND (big).hi = (f).hi * 2 ^ 100 AS scaled,
    (mirrored).slope = -(f).slope AND (mirrored).lo = -(f).hi AND (mirrored).hi = -(f).lo AS mirrored
FROM (SELECT theil_sen(array_agg(x), array_agg(y)) AS f,
          theil_sen(array_agg(x), array_agg(y * 2 ^ 100)) AS big,
          theil_sen(array_agg(x), array_agg(-y)) AS mirrored
      FROM public.long WHERE x <= 5000) AS t;
SELECT theil_sen(array_agg(x), array_agg(x)) FROM generate_series(1, 20001) AS x;
\echo :LAST_ERROR_SQLSTATE

--
-- Seasonal: pairs on one weekday
--
SELECT f.n, f.pairs, near(slope, 3.61904761904762) AS slope, near(lo, 2.14285714285714) AS lo,
    near(hi, 5.35714285714286) AS hi, near(intercept, 1016 + 14.5 * slope) AS intercept
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.a30) AS a,
    seasonal_theil_sen(days, y) AS f;

-- Other weeks, another scale, upside down: the same.
SELECT near(big.slope, f.slope * 1e9) AND near(big.lo, f.lo * 1e9) AND near(big.hi, f.hi * 1e9) AS scaled,
    later = f AS later, down.slope = -f.slope AND down.lo = -f.hi AND down.hi = -f.lo AS upside_down
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(day - 70000) AS other_days,
          array_agg(y * 1e9) AS big, array_agg(2000 - y) AS down FROM public.a30) AS a,
    seasonal_theil_sen(days, y) AS f, seasonal_theil_sen(days, big) AS big,
    seasonal_theil_sen(other_days, y) AS later, seasonal_theil_sen(days, down) AS down;

-- A flat business with a weekly pattern is flat, whatever day it ends on.
SELECT count(*), bool_and((f).slope = 0 AND (f).lo = 0 AND (f).hi = 0) AS flat
FROM (SELECT seasonal_theil_sen(array_agg(day), array_agg(1000 * ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])[extract(isodow FROM day)])) AS f
      FROM generate_series(0, 6) AS ending,
          LATERAL (SELECT date '2024-01-01' + ending + n FROM generate_series(0, 29) AS n) AS d (day)
      GROUP BY ending) AS t;

-- A line over days that are not all there; weekly days are one group.
SELECT f.n, f.pairs, f.slope, f.intercept
FROM seasonal_theil_sen('{2024-01-01,2024-01-09,2024-01-02,2024-01-08,2024-01-10,2024-01-17}',
    '{1,9,2,8,NaN,17}') AS f;
SELECT f.n, f.pairs, f.slope, f.lo, f.hi, f.intercept
FROM seasonal_theil_sen('{2024-01-01,2024-01-08,2024-01-15,2024-01-22}', '{0,7,14,28}') AS f;

-- Nothing to tell.
SELECT * FROM seasonal_theil_sen('{}', '{}');
SELECT * FROM seasonal_theil_sen(NULL, '{1}');
SELECT * FROM seasonal_theil_sen('{2024-01-01,2024-01-02}', '{1,2}');
SELECT * FROM seasonal_theil_sen('{2024-01-01,NULL,2024-01-08}', '{1,2,NULL}');

SELECT seasonal_theil_sen('{2024-01-01}', '{1,2}');
SELECT seasonal_theil_sen('{2024-01-01,2024-01-08,2024-01-01}', '{1,2,3}');
SELECT seasonal_theil_sen('{2024-01-01,infinity}', '{1,2}');
SELECT seasonal_theil_sen(array_agg(date '1960-01-01' + n), array_agg(n)) FROM generate_series(1, 20001) AS n;
\echo :LAST_ERROR_SQLSTATE

-- The robust start of a trend is this slope, however long the series.
SELECT f.pairs, f.ts0 = s.slope AS same
FROM (SELECT array_agg(date '1990-01-01' + x::integer) AS days, array_agg(y) AS y FROM public.long) AS l,
    trend_fit(days, y) AS f, seasonal_theil_sen(days, y) AS s;
