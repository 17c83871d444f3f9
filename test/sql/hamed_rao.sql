-- Mann-Kendall test of values that depend on the ones before.
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

CREATE TABLE public.a30 AS
SELECT n, y
FROM unnest('{830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,
    916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991}'::float8[])
    WITH ORDINALITY AS s (y, n);

-- Three lags by default; S and tau are those of mann_kendall().
SELECT f.n, f.s, near(factor, 1.02458257453576) AS factor, near(f.z, 2.04458162995935) AS z,
    near(f.variance, m.variance * factor) AS variance, f.tau = m.tau AS tau,
    near(f.p, 2 * normal_cdf(-2.04458162995935)) AS p
FROM (SELECT array_agg(y ORDER BY n) AS y FROM public.a30) AS a, hamed_rao(y) AS f, mann_kendall(y) AS m;

-- With all lags the formula gives -0.041 here, a negative variance.
SELECT lags, f.n, f.s, f.factor, near(f.z, 2.94861956969209) AS z
FROM unnest('{3,11,12,2147483647,NULL}'::integer[]) AS lags,
    hamed_rao('{.35257984,.38692909,.39669828,.36296244,.42035612,.39374964,.41100085,
        .43182076,.40815853,.45394297,.41584767,.47399517}', lags) AS f;

-- The factor as by its definition, on waves in noise with ties and a trend.
CREATE TABLE public.waves AS
SELECT id, t, 0.05 * id * t + round((4 * sin(t / (2.0 + id)))::numeric, id % 2)::float8 AS y
FROM generate_series(1, 8) AS id, generate_series(1, 40 + id) AS t;
CREATE VIEW public.expected AS
WITH detrended AS (
    SELECT id, t, count(*) OVER s AS n, round((y - slope * t)::numeric, 12) AS r
    FROM public.waves JOIN (SELECT id, (theil_sen(array_agg(t), array_agg(y))).slope
                            FROM public.waves GROUP BY id) AS b USING (id)
    WINDOW s AS (PARTITION BY id)
), ranked AS (
    SELECT id, t, n, rank() OVER (PARTITION BY id ORDER BY r) + (count(*) OVER (PARTITION BY id, r) - 1) / 2.0
        - (n + 1) / 2.0 AS d
    FROM detrended
), correlated AS (
    SELECT id, n, lag, sum(a.d * b.d) / (SELECT sum(d * d) FROM ranked WHERE id = a.id) AS rho
    FROM ranked AS a JOIN ranked AS b USING (id, n), generate_series(1, 5) AS lag
    WHERE b.t = a.t + lag
    GROUP BY 1, 2, 3
)
SELECT id, lags, greatest(1, 1 + 2 * coalesce(sum((n - lag) * (n - lag - 1) * (n - lag - 2) * rho)
    FILTER (WHERE lag <= lags AND abs(rho) > 1.959963984540054 / sqrt(n)), 0) / (n * (n - 1) * (n - 2.0))) AS factor
FROM correlated, unnest('{0,1,3,5}'::integer[]) AS lags
GROUP BY id, n, lags;
SELECT lags, count(*), bool_and(near(f.factor, e.factor)) AS factor, round(max(f.factor)::numeric, 3) AS largest
FROM public.expected AS e
JOIN (SELECT id, array_agg(y ORDER BY t) AS y FROM public.waves GROUP BY id) AS w USING (id),
    LATERAL hamed_rao(y, lags) AS f
GROUP BY lags ORDER BY lags;

-- Dependent values are less surprising: a wave is no trend of forty days.
SELECT m.z > 4 AS before, f.factor > 5 AS factor, f.z < m.z / 2 AS now
FROM (SELECT array_agg(sin(t / 30.0) ORDER BY t) AS y FROM generate_series(1, 60) AS t) AS a,
    mann_kendall(y) AS m, hamed_rao(y, 20) AS f;

-- Scale and shift do not matter, ties within rounding are ties.
SELECT near(f.factor, 1.02458257453576) AS big, near(g.factor, f.factor) AS small, line.factor AS line
FROM (SELECT array_agg(y * 1e9 ORDER BY n) AS big, array_agg(y * 1e-9 ORDER BY n) AS small,
          array_agg(0.1 * n ORDER BY n) AS line FROM public.a30) AS a,
    hamed_rao(big) AS f, hamed_rao(small) AS g, hamed_rao(line) AS line;

-- A missing value leaves its place empty: neighbours stay neighbours only.
SELECT f.n, f.s, f.factor > 1 AS dependent, g.factor AS apart
FROM (SELECT array_agg(CASE WHEN t % 2 = 0 THEN sin(t / 6.0) END ORDER BY t) AS y FROM generate_series(1, 60) AS t) AS a,
    hamed_rao(y, 2) AS f, hamed_rao(y, 1) AS g;

-- A constant, too few, nothing.
SELECT * FROM hamed_rao('{4,4,4,4}');
SELECT * FROM hamed_rao('{1,2}');
SELECT * FROM hamed_rao('{4,NULL,NaN,Infinity}');
SELECT * FROM hamed_rao('{}');
SELECT * FROM hamed_rao(NULL);
SELECT * FROM hamed_rao('{1,3,2}', 0);

SELECT hamed_rao('{1,2,3}', -1);
\echo :LAST_ERROR_SQLSTATE
SELECT hamed_rao(array_agg(n)) FROM generate_series(1, 20001) AS n;
\echo :LAST_ERROR_SQLSTATE

-- All lags of a long series take their time; it can be stopped.
SET statement_timeout = '20ms';
SELECT hamed_rao(array_agg(n + n % 17), 20000) FROM generate_series(1, 20000) AS n;
\echo :LAST_ERROR_SQLSTATE
