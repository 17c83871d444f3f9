-- Tests of a monotone trend.  Reference numbers are scipy's and R's, to 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

CREATE TABLE public.a30 AS
SELECT date '2024-01-01' + (n - 1)::integer AS day, y
FROM unnest('{830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,
    916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991}'::float8[])
    WITH ORDINALITY AS s (y, n);

--
-- Mann-Kendall: does it rise or fall at all
--
SELECT f.n, f.s, near(variance, 3141.66666666667) AS variance, near(z, 2.06955959640618) AS z,
    near(p, 0.0384936049718147) AS p, near(tau, 0.268965517241379) AS tau
FROM (SELECT array_agg(y ORDER BY day) AS y FROM public.a30) AS a, mann_kendall(y) AS f;
SELECT f.n, f.s, near(variance, 212.666666666667) AS variance, near(z, 2.94861956969209) AS z
FROM mann_kendall('{.35257984,.38692909,.39669828,.36296244,.42035612,.39374964,.41100085,
    .43182076,.40815853,.45394297,.41584767,.47399517}') AS f;

-- S, variance and tau as by their definitions: random series with ties,
-- gaps, constants, huge and tiny.
CREATE TABLE public.series AS
SELECT id, t, date '2024-02-28' + t AS day,
    CASE WHEN t % 9 <> 5 THEN scale * CASE id % 4 WHEN 0 THEN r WHEN 1 THEN round((r * 4)::numeric)::float8
                                      WHEN 2 THEN 7 ELSE 0.01 * t - r END END AS y
FROM generate_series(0, 47) AS id,
    LATERAL (SELECT (ARRAY[2, 7, 30, 90])[id % 5 % 4 + 1] AS n, (ARRAY[1, 1e9, 1e-9])[id % 3 + 1] AS scale) AS s,
    generate_series(0, n - 1) AS t,
    LATERAL (SELECT (('x' || substr(md5(id || '/' || t), 1, 8))::bit(32)::bigint & 65535) / 65536.0::float8 AS r) AS v;
CREATE VIEW public.expected AS
SELECT id, seasonal, s, pairs, variance
FROM (SELECT a.id, seasonal, sum(sign(b.y - a.y)) AS s, count(*) AS pairs
      FROM public.series AS a JOIN public.series AS b ON a.id = b.id AND a.t < b.t,
          unnest('{f,t}'::boolean[]) AS seasonal
      WHERE a.y IS NOT NULL AND b.y IS NOT NULL AND (NOT seasonal OR (b.t - a.t) % 7 = 0)
      GROUP BY 1, 2) AS p
JOIN (SELECT id, seasonal, sum((m * (m - 1) * (2 * m + 5) - ties) / 18::float8) AS variance
      FROM (SELECT id, seasonal, season, sum(t) AS m, sum(t * (t - 1) * (2 * t + 5)) AS ties
            FROM (SELECT id, seasonal, CASE WHEN seasonal THEN t % 7 END AS season, y, count(*) AS t
                  FROM public.series, unnest('{f,t}'::boolean[]) AS seasonal
                  WHERE y IS NOT NULL GROUP BY 1, 2, 3, 4) AS v
            GROUP BY 1, 2, 3) AS g
      GROUP BY 1, 2) AS v USING (id, seasonal);
SELECT seasonal, count(*), bool_and(f.s = e.s) AS s, bool_and(near(f.variance, e.variance)) AS variance,
    bool_and(near(f.tau, e.s / e.pairs)) AS tau,
    bool_and(near(f.z, CASE WHEN e.s = 0 THEN 0 ELSE (e.s - sign(e.s)) / sqrt(e.variance) END)) AS z,
    bool_and(near(f.p, 2 * normal_cdf(-abs(f.z)))) AS p
FROM public.expected AS e
JOIN (SELECT id, mann_kendall(array_agg(y ORDER BY t)) AS whole,
          seasonal_mann_kendall(array_agg(day ORDER BY md5(id || '/' || t)), array_agg(y ORDER BY md5(id || '/' || t))) AS weekdays
      FROM public.series GROUP BY id) AS m USING (id),
    LATERAL (SELECT (CASE WHEN seasonal THEN weekdays ELSE whole END).*) AS f
GROUP BY seasonal ORDER BY seasonal;

-- The other way round and upside down: the opposite.
SELECT (up).s, (down).s AS upside_down, (back).s AS backwards, (up).z = -(down).z AS z, (up).p = (down).p AS p
FROM (SELECT mann_kendall(array_agg(y ORDER BY day)) AS up, mann_kendall(array_agg(-y ORDER BY day)) AS down,
          mann_kendall(array_agg(y ORDER BY day DESC)) AS back FROM public.a30) AS a;

-- A constant: nothing rises, nothing falls.  One value: nothing to compare.
SELECT * FROM mann_kendall('{4,4,4,4}');
SELECT * FROM mann_kendall('{4,NULL,NaN}');
SELECT * FROM mann_kendall('{1,Infinity,2,-Infinity,3}');
SELECT * FROM mann_kendall('{}');
SELECT * FROM mann_kendall(NULL);

-- Up to the cap; the pairs of 20,000 values are 199,990,000.
SELECT f.n, f.s, f.tau FROM (SELECT array_agg(n) AS y FROM generate_series(1, 20000) AS n) AS a, mann_kendall(y) AS f;
SELECT mann_kendall(array_agg(n)) FROM generate_series(1, 20001) AS n;
\echo :LAST_ERROR_SQLSTATE

--
-- Seasonal: each weekday compared with itself
--
SELECT f.n, f.s, near(variance, 76.6666666666667) AS variance, near(z, 3.99728168504112) AS z,
    near(p, 6.40740381606062e-05) AS p, near(tau, 36 / 50.0::float8) AS tau
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.a30) AS a,
    seasonal_mann_kendall(days, y) AS f;

-- A flat business with a weekly pattern is flat, whatever day it ends on;
-- without regard to weekdays it would rise or fall.
SELECT ending, (flat).s, (flat).z, (flat).p, (plain).s AS plain
FROM (SELECT ending, seasonal_mann_kendall(array_agg(day ORDER BY day), array_agg(y ORDER BY day)) AS flat,
          mann_kendall(array_agg(y ORDER BY day)) AS plain
      FROM generate_series(0, 6) AS ending,
          LATERAL (SELECT date '2024-01-01' + ending + n FROM generate_series(0, 29) AS n) AS d (day),
          LATERAL (SELECT 1000 * ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])[extract(isodow FROM day)]) AS v (y)
      GROUP BY ending) AS t
ORDER BY ending;

-- Weekly days are one group; days before 2000 have weekdays too.
SELECT weekly.s, weekly.variance = plain.variance AS one_group
FROM mann_kendall('{3,1,4,1,5}') AS plain,
    seasonal_mann_kendall('{1999-12-06,1999-12-13,1999-12-20,1999-12-27,2000-01-03}', '{3,1,4,1,5}') AS weekly;

-- Nothing to tell: no two values of one weekday.
SELECT * FROM seasonal_mann_kendall('{2024-01-01,2024-01-02,2024-01-08}', '{1,2,NaN}');
SELECT * FROM seasonal_mann_kendall('{}', '{}');
SELECT * FROM seasonal_mann_kendall(NULL, NULL);
SELECT * FROM seasonal_mann_kendall('{2024-01-01,2024-01-08}', '{5,5}');

SELECT seasonal_mann_kendall('{2024-01-01,2024-01-02}', '{1}');
SELECT seasonal_mann_kendall('{2024-01-01,2024-01-02,2024-01-01}', '{1,2,3}');
SELECT seasonal_mann_kendall('{-infinity,2024-01-02}', '{1,2}');
