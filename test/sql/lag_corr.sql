-- Which input leads, by how many days: lag_corr() and benjamini_hochberg().
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

CREATE FUNCTION public.e(i integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ((37 * i * i + 11 * i) % 101 - 50) / 10.0::float8 $$;
CREATE FUNCTION public.h(i integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ((53 * i * i + 29 * i) % 97 - 48) / 10.0::float8 $$;

-- What x does shows in y three days later.
CREATE TABLE public.pair AS
SELECT t, date '2025-01-06' + t AS day, 100 + public.e(t + 3) AS x, 200 + 0.8 * public.e(t) + 0.5 * public.h(t) AS y
FROM generate_series(0, 59) AS t;

CREATE FUNCTION public.lags(max_lag integer DEFAULT 14, growth float8 DEFAULT 0, pattern float8 DEFAULT 0,
    scale float8 DEFAULT 1, shift integer DEFAULT 0, step integer DEFAULT 1)
    RETURNS TABLE (lag integer, r float8, m integer, n_eff float8, t float8, p float8, q float8)
    LANGUAGE sql STABLE AS
$$
    SELECT f.* FROM (
        SELECT array_agg(date '2025-01-06' + step * t + shift) AS days,
            array_agg(scale * (x + growth * t + pattern * (t % 7))) AS x,
            array_agg(y - growth * t + pattern * (t % 7 - 3) ^ 2) AS y
        FROM public.pair) AS a, momentum.lag_corr(days, x, y, max_lag) AS f
$$;

SELECT lag, m, near(r, 0.781823280422937) AS r, near(n_eff, 45.9339241277459) AS n_eff,
    near(t, 8.31135969513812) AS t, near(p, 1.46385044982799e-10) AS p,
    near(q, 1.17108035986239e-09) AS q
FROM public.lags(7) WHERE lag = 3;
SELECT lag, m, near(r, 0.0600307630889338) AS r, near(n_eff, 47.8383511815316) AS n_eff,
    near(p, 0.685780720903978) AS p
FROM public.lags(7) WHERE lag = 0;

-- Two weeks of lags unless told otherwise; only the true one is found.
SELECT lag, m, round(r::numeric, 3) AS r, round(n_eff::numeric, 1) AS n_eff, round(t::numeric, 2) AS t,
    round(p::numeric, 4) AS p, round(q::numeric, 4) AS q
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y FROM public.pair) AS a,
    lag_corr(days, x, y);
SELECT count(*) AS rows_of_null
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y FROM public.pair) AS a,
    lag_corr(days, x, y, NULL);

-- Trends and weekly patterns do not correlate; units and the week do not count.
SELECT bool_and(near(a.r, b.r) AND near(a.p, b.p)) AS trend_and_pattern,
    bool_and(near(a.r, c.r) AND near(a.p, c.p)) AS billions,
    bool_and(near(a.r, -d.r) AND near(a.p, d.p)) AS upside_down,
    bool_and(near(a.r, e.r) AND near(a.p, e.p)) AS shifted_by_weeks,
    count(*) AS lags
FROM public.lags() AS a JOIN public.lags(growth => 30, pattern => 500) AS b USING (lag)
    JOIN public.lags(scale => 1e9) AS c USING (lag) JOIN public.lags(scale => -1) AS d USING (lag)
    JOIN public.lags(shift => -70000) AS e USING (lag);

-- By hand, for a lag over a gap: days pair by date, and what is missing on
-- one side is missing on both.
CREATE TABLE public.gap AS
SELECT day, x, y FROM public.pair
WHERE t NOT IN (7, 8, 20, 33, 41);
SELECT f.lag, m, m = (SELECT count(*) FROM public.gap AS a JOIN public.gap AS b ON b.day = a.day + f.lag)
    AS pairs_by_date, round(r::numeric, 2) AS r, q < 0.05 AS found
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y FROM public.gap) AS a,
    lag_corr(days, x, y, 4) AS f;
SELECT bool_and(f.r = g.r AND f.n_eff = g.n_eff AND f.m = g.m) AS same_without_the_unknown, count(*) AS lags
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y FROM public.gap) AS a,
    lag_corr(days, x, y) AS f,
    (SELECT array_agg(day ORDER BY md5(t::text)) AS days,
        array_agg(CASE t WHEN 7 THEN NULL WHEN 8 THEN 'NaN' WHEN 20 THEN 'Infinity' ELSE x END
            ORDER BY md5(t::text)) AS x,
        array_agg(CASE t WHEN 33 THEN NULL WHEN 41 THEN '-Infinity' ELSE y END
            ORDER BY md5(t::text)) AS y
     FROM public.pair) AS b, lag_corr(b.days, b.x, b.y) AS g
WHERE f.lag = g.lag;

-- The same, the long way: residuals from regr_*, autocorrelations by joins.
CREATE FUNCTION public.the_long_way(k integer, OUT m bigint, OUT r float8, OUT n_eff float8)
    LANGUAGE sql STABLE AS
$$
    WITH mean AS (
        SELECT *, extract(epoch FROM day - date '2025-01-06') / 86400 AS d,
            extract(isodow FROM day) AS w FROM (SELECT day::timestamp, x, y FROM public.gap) AS s
    ), demeaned AS (
        SELECT day::date, d - avg(d) OVER g AS d, x - avg(x) OVER g AS x, y - avg(y) OVER g AS y
        FROM mean WINDOW g AS (PARTITION BY w)
    ), residual AS (
        SELECT day, x - d * sum(x * d) OVER () / sum(d * d) OVER () AS x,
            y - d * sum(y * d) OVER () / sum(d * d) OVER () AS y FROM demeaned
    ), paired AS (
        SELECT b.day, a.x - avg(a.x) OVER () AS x, b.y - avg(b.y) OVER () AS y
        FROM residual AS a JOIN residual AS b ON b.day = a.day + k
    ), total AS (
        SELECT count(*) AS m, sum(x * x) AS xx, sum(y * y) AS yy, sum(x * y) AS xy FROM paired
    ), auto AS (
        SELECT j, (m - j) / m::float8 * sum(a.x * b.x) / xx * (m - j) / count(*)
            * sum(a.y * b.y) / yy * (m - j) / count(*) AS common
        FROM total, generate_series(1, m / 5) AS j, paired AS a JOIN paired AS b ON true
        WHERE b.day = a.day + j::int GROUP BY j, m, xx, yy
    )
    SELECT m, xy / sqrt(xx * yy), 1 / ((1 + 2 * (SELECT sum(common) FROM auto)) / m) FROM total
$$;
SELECT bool_and(f.m = l.m) AS m, bool_and(near(f.r, l.r)) AS r,
    bool_and(near(f.n_eff, least(l.m, l.n_eff))) AS n_eff, count(*) AS lags
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y FROM public.gap) AS a,
    lag_corr(days, x, y, 9) AS f, the_long_way(f.lag) AS l;

-- Deviations that last count for less: n_eff is a part of m.
SELECT lag, m, n_eff < m / 3.0 AS few, r > 0.9 AS high
FROM (SELECT array_agg(date '2025-01-06' + t) AS days, array_agg(sin(t / 9.0)) AS x,
        array_agg(sin(t / 9.0) + e(t) / 50) AS y FROM generate_series(0, 119) AS t) AS a,
    lag_corr(days, x, y, 0);

-- Weekly figures pair at whole weeks.
SELECT lag, m, round(r::numeric, 3) AS r FROM public.lags(21, step => 7) WHERE lag IN (0, 1, 7, 21);

--
-- Nothing to tell
--
-- Fewer than 35 common days, or than 3 pairs.
SELECT lag, r, m, n_eff, t, p, q
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y FROM public.pair
      WHERE t < 34) AS a, lag_corr(days, x, y, 2);
SELECT lag, r IS NULL AS no_r, m, n_eff, q IS NULL AS no_q FROM public.lags(62) WHERE lag >= 56;
SELECT * FROM lag_corr('{}', '{}', '{}', 1);
SELECT * FROM lag_corr(NULL, NULL, NULL, 1);
SELECT * FROM lag_corr(array_fill(date '2025-01-06', '{40}'), array_fill(1::float8, '{40}'),
    array_fill(2::float8, '{40}'), 1);

-- A constant, a line and a weekly pattern have nothing left to correlate.
SELECT bool_and(c.r IS NULL AND l.r IS NULL AND w.r IS NULL) AS unknown, min(c.m) AS least_pairs, count(*) AS lags
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(0.1) AS constant,
        array_agg(7 + 0.3 * t) AS line, array_agg(0.1 * (t % 7)) AS weekly FROM public.pair) AS a,
    lag_corr(days, x, constant) AS c, lag_corr(days, line, x) AS l, lag_corr(days, x, weekly) AS w
WHERE c.lag = l.lag AND l.lag = w.lag;

-- One that is the other, or its opposite: r is 1, for certain.
SELECT s.r, s.n_eff < s.m AS fewer, s.t, s.p, s.q, o.r AS opposite, o.p
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(900 - 3 * x) AS y FROM public.pair) AS a,
    lag_corr(days, x, x, 0) AS s, lag_corr(days, x, y, 0) AS o;

-- The largest and smallest numbers.
SELECT bool_and(near(f.r, g.r)) AS same, count(*) AS lags
FROM (SELECT array_agg(day) AS days, array_agg(x) AS x, array_agg(y) AS y, array_agg(x * 1e306) AS big,
        array_agg(y * 1e-300) AS small FROM public.pair) AS a,
    lag_corr(days, x, y) AS f, lag_corr(days, big, small) AS g WHERE f.lag = g.lag;

-- Mistakes.
SELECT lag_corr('{2025-01-06}', '{1}', '{2}', -1);
SELECT lag_corr('{2025-01-06}', '{1}', '{2}', 367);
\echo :LAST_ERROR_SQLSTATE
SELECT lag_corr('{2025-01-06}', '{1}', '{2,3}');
SELECT lag_corr('{2025-01-06,2025-01-07,2025-01-07}', '{1,2,3}', '{1,2,3}');

--
-- Many tests at once
--
-- What p.adjust(..., "BH") of R says, too.
SELECT array_agg(round(q::numeric, 6)) AS q FROM unnest(benjamini_hochberg('{.01,.02,.03,.04,.05}')) AS q;
SELECT array_agg(round(q::numeric, 6)) AS q FROM unnest(benjamini_hochberg('{.005,.9,.03,.009,.04,1}')) AS q;

-- What could not be tested does not count.
SELECT benjamini_hochberg('{.01,NULL,.02,NaN,.5}') AS with_gaps, benjamini_hochberg('{.01,.02,.5}') AS without;
SELECT benjamini_hochberg('{}') AS empty, benjamini_hochberg('{NULL}') AS unknown,
    benjamini_hochberg(NULL) IS NULL AS none, benjamini_hochberg('{0,0,1}') AS extremes;

-- As written down, over a thousand probabilities with ties.
SELECT bool_and(near(q, formula)) AS same, count(*) AS tests
FROM (
    SELECT q, min(least(1, p * 1000 / rank)) OVER (ORDER BY rank DESC) AS formula
    FROM (SELECT p, q, row_number() OVER (ORDER BY p) AS rank
        FROM (SELECT array_agg((i * i % 613 + 1) / 700.0::float8 ORDER BY i) AS all_p
            FROM generate_series(1, 1000) AS i) AS a,
            LATERAL unnest(all_p, benjamini_hochberg(all_p)) AS u (p, q)) AS r
) AS f;

SELECT benjamini_hochberg('{.5,1.1}');
SELECT benjamini_hochberg('{-.1}');
\echo :LAST_ERROR_SQLSTATE
SELECT benjamini_hochberg('{{.5}}');
