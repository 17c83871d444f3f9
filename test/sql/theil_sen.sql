-- Rank-based companions of the trend, and the distributions behind the
-- probabilities.  Reference numbers are scipy's and R's, to 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

CREATE TABLE public.a30 AS
SELECT (n - 1)::float8 AS t, y
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
SELECT theil_sen(array_agg(x), array_agg(x)) FROM generate_series(1, 5001) AS x;
\echo :LAST_ERROR_SQLSTATE

-- All pairs of 1,000 points are a line's.
SELECT f.n, f.pairs, f.slope, f.lo, f.hi
FROM (SELECT array_agg(x::float8) AS x, array_agg(3.0 * x + 1) AS y
    FROM generate_series(1, 1000) AS x) AS a,
    theil_sen(x, y) AS f;

--
-- Mann-Kendall: does it rise or fall at all
--
SELECT f.n, f.s, near(variance, 3141.66666666667) AS variance, near(z, 2.06955959640618) AS z,
    near(p, 0.0384936049718147) AS p, near(tau, 0.268965517241379) AS tau
FROM (SELECT array_agg(y ORDER BY t) AS y FROM public.a30) AS a, mann_kendall(y) AS f;
SELECT f.n, f.s, near(variance, 212.666666666667) AS variance, near(z, 2.94861956969209) AS z
FROM mann_kendall('{.35257984,.38692909,.39669828,.36296244,.42035612,.39374964,.41100085,
    .43182076,.40815853,.45394297,.41584767,.47399517}') AS f;

-- The same S as by its definition, ties and all.
CREATE TABLE public.ties AS
SELECT n, ((37 * n * n + 11 * n) % 23)::float8 AS y FROM generate_series(1, 101) AS n;
SELECT f.s = (SELECT sum(sign(b.y - a.y)) FROM public.ties AS a JOIN public.ties AS b ON a.n < b.n)
    AS s
FROM (SELECT array_agg(y ORDER BY n) AS y FROM public.ties) AS t,
    mann_kendall(y) AS f;

-- A constant: nothing rises, nothing falls.
SELECT * FROM mann_kendall('{4,4,4,4}');
SELECT * FROM mann_kendall('{4,NULL,NaN}');
SELECT * FROM mann_kendall(NULL);

--
-- Distributions
--
SELECT near(2 * student_t_cdf(-2, 10), .0733880347707404) AS t_2_10,
    near(2 * student_t_cdf(-2.5, 5.5), .0501200858692216) AS t_25_55,
    near(2 * student_t_cdf(-8.31135969513812, 43.9339241277459), 1.46385044982799e-10) AS far_tail,
    near(normal_cdf(-2.5), .00620966532577613) AS normal;
-- One degree of freedom is Cauchy, two have a closed form, very many are normal.
SELECT bool_and(near(student_t_cdf(t, 1), 0.5 + atan(t) / pi())) AS cauchy,
    bool_and(near(student_t_cdf(t, 2), 0.5 + t / (2 * sqrt(2 + t * t)))) AS two,
    bool_and(abs(student_t_cdf(t, 1e9) - normal_cdf(t)) < 1e-9) AS many,
    bool_and(near(student_t_cdf(t, 7.3) + student_t_cdf(-t, 7.3), 1)) AS symmetric
FROM generate_series(-6, 6, 0.25) AS g (s), LATERAL (SELECT s::float8) AS x (t);
SELECT student_t_cdf('-Infinity', 3), student_t_cdf(0, 3), student_t_cdf('Infinity', 3),
    student_t_cdf(1e200, 3), student_t_cdf('NaN', 3), normal_cdf('NaN'), student_t_cdf(NULL, 3);
SELECT student_t_cdf(1, 0);
