-- What must hold for every trend: the table of edge cases, row by row, for
-- trend_fit(), the aggregates trend() and trend_moments(), and the turning
-- point; then numbers certified elsewhere, and noise of every size.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8, tolerance float8 DEFAULT 1e-9)
    RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= tolerance * greatest(abs(got), abs(expected)) $$;

CREATE TABLE public.a30 AS
SELECT date '2025-01-06' + t AS day, y, t
FROM unnest('{830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,
    916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991}'::float8[])
    WITH ORDINALITY AS s (y, n), LATERAL (SELECT n::int - 1) AS x (t);

-- Both forms of the robust trend and both of the plain one say the same.
CREATE FUNCTION public.all_forms(days date[], y float8[], w float8[] DEFAULT NULL)
    RETURNS TABLE (form text, n bigint, slope float8, se float8, level float8, g float8, t float8,
        p_up float8, accel float8, n_bad bigint, reason text)
    LANGUAGE sql IMMUTABLE AS
$$
    SELECT 'trend_fit', n, slope, se, level, g, t, p_up, accel, n_bad, reason
        FROM momentum.trend_fit(days, y, w)
    UNION ALL
    SELECT 'trend', f.n, f.slope, f.se, f.level, f.g, f.t, f.p_up, f.accel, f.n_bad, f.reason FROM (
        SELECT (momentum.trend(day, v, coalesce(u, 1))).*
        FROM unnest(days, y, coalesce(w, array_fill(1::float8, ARRAY[cardinality(y)]))) AS s (day, v, u)) AS f
    UNION ALL
    SELECT 'not robust', n, slope, se, level, g, t, p_up, accel, n_bad, reason
        FROM momentum.trend_fit(days, y, w, robust => false)
    UNION ALL
    SELECT 'moments', f.n, f.slope, f.se_iid, f.level, f.g, NULL, NULL, NULL, f.n_bad, f.reason FROM (
        SELECT (momentum.trend_moments(day, v, coalesce(u, 1))).*
        FROM unnest(days, y, coalesce(w, array_fill(1::float8, ARRAY[cardinality(y)]))) AS s (day, v, u)) AS f
$$;

-- Empty input, one point, one date many times.
SELECT f.* FROM all_forms('{}', '{}') AS f;
SELECT form, n, slope, g, reason FROM all_forms('{2025-01-06}', '{7}');
SELECT form, n, slope, g, reason FROM all_forms(array_fill(date '2025-01-06', '{20}'), array_fill(7::float8, '{20}'));

-- A constant.
SELECT f.* FROM (SELECT array_agg(day) AS days, array_agg(0.1) AS y FROM public.a30) AS a, all_forms(days, y) AS f;
SELECT component_value(0, 0.20) AS c;

-- An exact line, up and down; sevenths, which no binary number is.
SELECT form, near(slope, 1 / 7.0) AS slope, se, t, p_up, accel, reason
FROM (SELECT array_agg(day) AS days, array_agg(100 + t / 7.0) AS y FROM public.a30) AS a, all_forms(days, y) AS f;
SELECT form, near(slope, -1 / 7.0) AS slope, se, t, p_up, accel, reason
FROM (SELECT array_agg(day) AS days, array_agg(100 - t / 7.0) AS y FROM public.a30) AS a, all_forms(days, y) AS f;

-- A line with a weekly pattern is exact, too.
SELECT form, near(slope, 3) AS slope, se, t, p_up, reason
FROM (SELECT array_agg(day) AS days, array_agg(1000 + 3 * t + 0.1 * (t % 7)) AS y FROM public.a30) AS a,
    all_forms(days, y) AS f;

-- No revenue at all, and a level of 0 or less.
SELECT f.form, slope, level, g, t, p_up, accel, reason
FROM (SELECT array_agg(day) AS days, array_agg(0::float8) AS y FROM public.a30) AS a, all_forms(days, y) AS f;
SELECT f.form, slope < 0 AS falls, abs(level) < 1e-9 AS zero, g, accel, reason
FROM (SELECT array_agg(day) AS days, array_agg(14.5 - t) AS y FROM public.a30) AS a, all_forms(days, y) AS f;
SELECT f.form, slope > 0 AS rises, level < 0 AS below, g, accel, reason
FROM (SELECT array_agg(day) AS days, array_agg(y - 5000) AS y FROM public.a30) AS a, all_forms(days, y) AS f;

-- Gaps: absent, fewer degrees of freedom, nothing interpolated.  A point that
-- arrives late counts as if it had been there.
SELECT form, f.n, near(f.slope, regr.slope) AS least_squares_of_what_is_there
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.a30 WHERE t NOT IN (7, 8, 20)) AS a,
    all_forms(days, y) AS f,
    (SELECT regr_slope(dy, dx) AS slope FROM (
        SELECT y - avg(y) OVER (PARTITION BY t % 7) AS dy, t - avg(t) OVER (PARTITION BY t % 7) AS dx
        FROM public.a30 WHERE t NOT IN (7, 8, 20)) AS d) AS regr
WHERE form IN ('not robust', 'moments');
SELECT in_order.form, in_order.n, in_order.slope = late.slope AS same_slope, in_order.t IS NOT DISTINCT FROM late.t AS same_t
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y,
        array_agg(day ORDER BY t IN (3, 17), t) AS late_days, array_agg(y ORDER BY t IN (3, 17), t) AS late_y
      FROM public.a30) AS a, all_forms(days, y) AS in_order, all_forms(late_days, late_y) AS late
WHERE in_order.form = late.form AND in_order.form <> 'moments';

-- NaN and infinity, as value or as weight: dropped and counted.
SELECT form, f.n, f.n_bad, near(f.slope, without.slope) AS same_as_without
FROM (SELECT array_agg(day) AS days,
        array_agg(CASE t WHEN 4 THEN 'NaN' WHEN 5 THEN 'Infinity' WHEN 6 THEN '-Infinity' ELSE y END) AS y,
        array_agg(CASE t WHEN 6 THEN 'NaN' WHEN 7 THEN 'NaN' WHEN 8 THEN 'Infinity' WHEN 9 THEN float8 '-Infinity' ELSE 2 END) AS w,
        array_agg(day) FILTER (WHERE t NOT BETWEEN 4 AND 9) AS days_without,
        array_agg(y) FILTER (WHERE t NOT BETWEEN 4 AND 9) AS y_without FROM public.a30) AS a,
    all_forms(days, y, w) AS f JOIN LATERAL all_forms(days_without, y_without) AS without USING (form);

-- Ties: slopes of 0 between equal values are slopes.
SELECT f.pairs, f.ts0 FROM (SELECT array_agg(day) AS days,
        array_agg(CASE WHEN t < 28 THEN 5 ELSE 50 END::float8) AS y FROM public.a30) AS a, trend_fit(days, y) AS f;

-- Another unit, another year: nothing changes.
SELECT form, bool_and(near(b.g, a.g)) AS g, bool_and(near(b.t, a.t)) AS t,
    bool_and(near(component_value(b.g, 0.20), component_value(a.g, 0.20))) AS c, count(*) AS changes
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.a30) AS s,
    (VALUES (1e9, 0), (1e-9, 0), (1, 7), (1, -7 * 52177), (1e-9, 7 * 100000)) AS change (scale, shift),
    LATERAL (SELECT array_agg(d + shift) AS days, array_agg(v * scale) AS y FROM unnest(days, y) AS u (d, v)) AS changed,
    LATERAL all_forms(s.days, s.y) AS a JOIN LATERAL all_forms(changed.days, changed.y) AS b USING (form)
GROUP BY form ORDER BY form;

-- Upside down about its mean: slope and t change sign, to the last digit when
-- only the sign of y does.
SELECT form, near(down.slope, -up.slope) AS slope, near(down.t, -up.t) AS t, near(down.level, up.level, 1e-3) AS level,
    minus.slope = -up.slope AS exactly
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(2098.2 - y) AS y_down, array_agg(-y) AS y_minus
      FROM public.a30) AS a, all_forms(days, y) AS up JOIN LATERAL all_forms(days, y_down) AS down USING (form)
    JOIN LATERAL all_forms(days, y_minus) AS minus USING (form);

--
-- NIST's data set Norris, certified to 15 digits.  Its x have one decimal:
-- as that many weeks they are one weekday, and the slope is one per 70 days.
--
CREATE TABLE public.norris AS
SELECT date '2000-01-03' + 7 * (10 * x)::integer AS day, x, y
FROM unnest('{.1,338.8,118.1,888,9.2,228.1,668.5,998.5,449.1,778.9,559.2,.3,.1,778.1,668.8,339.3,448.9,
        10.8,557.7,228.3,998,888.8,119.6,.3,.6,557.6,339.3,888,998.5,778.9,10.2,117.6,228.9,668.4,449.2,.2}'::float8[],
    '{.2,337.4,118.2,884.6,10.1,226.5,666.3,996.3,448.6,777,558.2,.4,.6,775.5,666.9,338,447.5,
        11.6,556,228.1,995.8,887.6,120.2,.3,.3,556.8,339.1,887.2,999,779,11.1,118.3,229.2,669.1,448.9,.5}'::float8[])
    AS s (y, x);

CREATE FUNCTION public.digits(got float8, certified float8) RETURNS integer
    LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN got = certified THEN 15
    ELSE least(15, floor(-log(abs(got / certified - 1)))::integer) END $$;

SELECT f.n, f.groups, f.df, digits(70 * slope, 1.00211681802045) >= 12 AS slope_12_digits,
    digits(level - 70 * slope * x, -0.262323073774029) >= 11 AS intercept_11_digits,
    digits(70 * se_iid, 0.429796848199937e-3) >= 10 AS error_10_digits,
    digits(se_iid * sqrt(sxx), 0.884796396144373) >= 10 AS residual_sd_10_digits,
    digits(70 * se_iid * sqrt(sxx / 4900 / f.n + x * x), 0.232818234301152) >= 10 AS intercept_error_10_digits
FROM (SELECT (trend_moments(day, y)).*, avg(x) AS x FROM public.norris) AS f;
-- trend_fit() takes a day once: two points of one x as their mean of twice the weight.
SELECT f.n, digits(70 * slope, 1.00211681802045) >= 12 AS slope_12_digits,
    digits(level - 70 * slope * x, -0.262323073774029) >= 11 AS intercept_11_digits
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(w) AS w, sum(w * x) / sum(w) AS x
      FROM (SELECT day, x, avg(y) AS y, count(*)::float8 AS w FROM public.norris GROUP BY day, x) AS s) AS a,
    trend_fit(days, y, w, robust => false) AS f;
-- In any order, backwards in time and with weights.
SELECT form, digits(slope, 1.00211681802045) >= 12 AS slope_12_digits
FROM (SELECT 70 * (trend_moments(day, y ORDER BY x)).slope AS sorted,
        70 * (trend_moments(day, y ORDER BY md5(x::text))).slope AS mixed,
        -70 * (trend_moments(date '2000-01-03' - (day - date '2000-01-03'), y)).slope AS backwards,
        70 * (trend_moments(day, y, 0.3)).slope AS weighted FROM public.norris) AS f,
    LATERAL (VALUES ('sorted', sorted), ('mixed', mixed), ('backwards', backwards), ('weighted', weighted)) AS v (form, slope);

--
-- Whatever comes in, no NaN and no infinity comes out, and a reason where
-- there is no slope.
--
CREATE TABLE public.fuzz AS
SELECT s, array_agg(day ORDER BY t) AS days, array_agg(y ORDER BY t) AS y, array_agg(w ORDER BY t) AS w
FROM (
    SELECT s, t, CASE WHEN u % 53 = 0 THEN NULL ELSE date '2024-01-01' + t * (s % 3 * 3 + 1) END AS day,
        CASE WHEN u % 31 = 0 THEN NULL WHEN u % 37 = 0 THEN 'NaN' WHEN u % 41 = 0 THEN 'Infinity'
            WHEN s % 7 = 0 THEN u % 2 WHEN s % 7 = 1 THEN (u - 5000) * 1e304 WHEN s % 7 = 2 THEN u * 1e-312
            WHEN s % 7 = 3 THEN (u - 5000) * 10.0 ^ (u % 600 - 300)::float8
            WHEN s % 7 = 4 THEN 1e15 + u % 3 WHEN s % 7 = 5 THEN -u ELSE u END::float8 AS y,
        CASE WHEN u % 43 = 0 THEN NULL WHEN u % 47 = 0 THEN 'NaN' WHEN u % 59 = 0 THEN 0
            WHEN s % 5 = 0 THEN 10.0 ^ (u % 600 - 300)::float8 ELSE u % 9 + 1 END::float8 AS w
    FROM generate_series(1, 1000) AS s, generate_series(0, s % 83) AS t,
        LATERAL (SELECT (t * 7919::bigint * (s + 13) + s * 104729) % 10007 + 1) AS r (u)
) AS f GROUP BY s;

CREATE FUNCTION public.is_clean(answer jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT bool_and(value::text NOT IN ('"NaN"', '"Infinity"', '"-Infinity"')) FROM jsonb_each(answer) $$;

SELECT what, count(*) AS answers, bool_and(is_clean(answer)) AS clean,
    bool_and(answer ->> 'reason' IS NOT NULL) FILTER (WHERE answer ->> slope IS NULL OR answer ->> g IS NULL) AS reasons,
    count(*) FILTER (WHERE answer ->> slope IS NOT NULL) > 300 AS many_slopes
FROM public.fuzz, LATERAL (
    SELECT 'trend_fit', to_jsonb(f), 'slope', 'g' FROM trend_fit(days, y) AS f
    UNION ALL SELECT 'weighted', to_jsonb(f), 'slope', 'g' FROM trend_fit(days, y, w) AS f
    UNION ALL SELECT 'not robust', to_jsonb(f), 'slope', 'g' FROM trend_fit(days, y, w, false) AS f
    UNION ALL SELECT 'trend', to_jsonb(trend(d, v)), 'slope', 'g' FROM unnest(days, y) AS u (d, v)
    UNION ALL SELECT 'moments', to_jsonb(trend_moments(d, v)), 'slope', 'g' FROM unnest(days, y) AS u (d, v)
    UNION ALL SELECT 'weighted moments', to_jsonb(trend_moments(d, v, u)), 'slope', 'g' FROM unnest(days, y, w) AS u (d, v, u)
    UNION ALL SELECT 'turning_point', to_jsonb(tp), 'slope_before', 'slope_after' FROM turning_point(days, y) AS tp
) AS a (what, answer, slope, g)
GROUP BY what ORDER BY what;
SELECT count(*) AS rows, bool_and(is_clean(to_jsonb(l))) AS clean, bool_and(l.r BETWEEN -1 AND 1) AS r,
    bool_and(l.p BETWEEN 0 AND 1 AND l.q BETWEEN l.p AND 1) AS p_and_q, bool_and(l.n_eff BETWEEN 3 AND l.m) AS n_eff,
    bool_and((l.r IS NULL) = (l.q IS NULL)) AS all_or_nothing, count(l.r) > 1000 AS many
FROM public.fuzz, lag_corr(days, y, w, 8) AS l;

-- The cap is looked at before anything else, so that no array takes memory of
-- which nothing comes.
SELECT trend_fit(array_fill(date '2026-01-01', ARRAY[20001]), ARRAY[1]);
SELECT lmdi(ARRAY[1], array_fill(1::float8, ARRAY[20001]));
SELECT momentum_score(array_fill('a'::text, ARRAY[20001]), ARRAY[1], ARRAY[1]);
