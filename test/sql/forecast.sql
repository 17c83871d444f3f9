-- Forecast of a daily series, and how far to trust it.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

CREATE FUNCTION public.pattern(day date) RETURNS float8
    LANGUAGE sql IMMUTABLE AS
$$ SELECT ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])[extract(isodow FROM day)::int] $$;

-- A business that stands still goes on as it is.
CREATE TABLE public.flat AS
SELECT d::date AS day, 1000 * pattern(d::date) AS y
FROM generate_series(date '2025-01-01', date '2025-04-30', interval '1 day') AS d;
SELECT bool_and(near(f, 1000 * pattern(date '2025-04-30' + n::int))) AS goes_on, count(*) AS days
FROM (SELECT forecast(array_agg(day), array_agg(y), 90) AS path FROM public.flat) AS s,
    unnest(path) WITH ORDINALITY AS u (f, n);

-- The formula, by its parts: level, weekday factor, damped growth.  Three
-- weeks are too few to replay four weeks, so nothing replaces it.
CREATE TABLE public.short AS
SELECT date '2025-01-06' + t AS day, 1000 * (1 + 0.01 * t) + (37 * t * t + 11 * t) % 101 - 50 AS y
FROM generate_series(0, 20) AS t;
SELECT forecast_mase(array_agg(day), array_agg(y::float8)) AS mase FROM public.short;
WITH parts AS (
    SELECT forecast(array_agg(day), array_agg(y::float8), 30) AS path,
        weekday_factors(array_agg(day), array_agg(y::float8)) AS s, trend(day, y) AS f
    FROM public.short
), level AS (
    -- Nothing is pulled in here, so the values themselves make the level.
    SELECT path, s, (f).g, (f).clipped,
        (SELECT avg(y / s[extract(isodow FROM day)::int]) FROM public.short) AS l
    FROM parts
)
SELECT level.clipped, round(level.g::numeric, 4) AS g, bool_and(near(got,
    l * s[extract(isodow FROM date '2025-01-26' + n::int)::int]
    * (1 + level.g / 30 * 0.95 * (1 - 0.95 ^ n) / 0.05))) AS formula
FROM level, unnest(path) WITH ORDINALITY AS u (got, n) GROUP BY level.clipped, level.g;

-- Growing by 0.2 % a day of the first, with noise: a week ahead the trend beats last
-- week's values, and its growth is damped, the second month adds less than the first.
CREATE TABLE public.growing AS
SELECT day, y * (1 + 0.002 * t) + 2 * ((37 * t * t + 11 * t) % 101 - 50) AS y
FROM public.flat, LATERAL (SELECT day - date '2025-01-01') AS x (t);
SELECT round(forecast_mase(array_agg(day), array_agg(y))::numeric, 3) AS mase FROM public.growing;
SELECT path[35] > path[7] AND path[63] > path[35] AND path[91] > path[63] AS grows,
    path[63] - path[35] < (path[35] - path[7]) / 3 AS damped
FROM (SELECT forecast(array_agg(day), array_agg(y), 91) AS path FROM public.growing) AS s;

-- A free fall ends at zero, not below.
SELECT min(p) AS lowest, max(p) > 0 AS begins_above
FROM (SELECT forecast(array_agg(day),
    array_agg(greatest(0, y * (1 - 0.05 * (day - date '2025-04-12')))), 60) AS path
      FROM public.flat WHERE day >= '2025-04-05') AS s, unnest(path) AS p;

-- Where last week's values were the better forecast, the mean of the same
-- weekday over four weeks is used: here a jump that the trend takes for growth.
CREATE TABLE public.jumps AS
SELECT day, CASE WHEN (day - date '2025-01-01') / 28 % 2 = 0 THEN y ELSE y * 3 END AS y
FROM public.flat;
SELECT forecast_mase(array_agg(day), array_agg(y)) >= 1 AS worse FROM public.jumps;
SELECT bool_and(near(got, expected)) AS same_weekday_mean
FROM (SELECT forecast(array_agg(day), array_agg(y), 14) AS path FROM public.jumps) AS s,
    unnest(path) WITH ORDINALITY AS u (got, n),
    LATERAL (SELECT avg(y) AS expected FROM public.jumps
             WHERE day > date '2025-04-30' - 28
                 AND (date '2025-04-30' + n::int - day) % 7 = 0) AS w;

-- A week of history is enough to repeat it, less is not.
SELECT forecast(array_agg(day), array_agg(y), 8) AS repeated
FROM public.flat WHERE day > '2025-04-23';
SELECT forecast(array_agg(day), array_agg(y), 8) AS nothing
FROM public.flat WHERE day > '2025-04-24';
SELECT forecast('{}', '{}', 8), forecast(NULL, NULL, 8), forecast('{2025-01-01}', '{5}', NULL),
    forecast_mase('{}', '{}');
-- Nothing sold is a forecast of nothing.
SELECT forecast(array_agg(day), array_agg(0 * y), 3) AS zeros FROM public.flat;

SELECT forecast('{2025-01-01}', '{5}', 0);
\echo :LAST_ERROR_SQLSTATE
SELECT forecast('{2025-01-01}', '{5}', 4000);
SELECT forecast('{2025-01-01}', '{5,6}', 7);

-- The replays: each of the last 8 weeks from what was known at its beginning,
-- by the method in use.  Two of them by hand: the forecast of the history that
-- ends then.
SELECT (forecast_check(array_agg(day), array_agg(y))).* FROM public.growing;
SELECT count(*) AS days, min(e.day), max(e.day), bool_and(near(e.error, e.actual - e.forecast)) AS by_definition,
    bool_and(e.actual = g.y) AS actual
FROM (SELECT (forecast_errors(array_agg(day), array_agg(y))).* FROM public.growing) AS e JOIN public.growing AS g USING (day);
SELECT w.origin, count(*) AS days, bool_and(near(e.forecast, f.path[e.day - w.origin])) AS same
FROM (VALUES (date '2025-04-23'), ('2025-03-05')) AS w (origin)
JOIN LATERAL (SELECT forecast(array_agg(day), array_agg(y), 7) AS path, (forecast_check(array_agg(day), array_agg(y))).method
              FROM public.growing WHERE day <= w.origin) AS f ON f.method = 'trend'
JOIN (SELECT (forecast_errors(array_agg(day), array_agg(y))).* FROM public.growing) AS e
    ON e.day > w.origin AND e.day <= w.origin + 7
GROUP BY w.origin ORDER BY w.origin;
-- Where the weekday mean is in use, the errors are its own; a steady 1 % a day
-- is expected too low by what half of four weeks bring.
SELECT (c.f).method, (c.f).mase >= 1 AS worse, near(e.error, g.y - m.mean) AS own_error
FROM (SELECT forecast_check(array_agg(day), array_agg(y)) AS f FROM public.jumps) AS c,
    (SELECT (forecast_errors(array_agg(day), array_agg(y))).* FROM public.jumps) AS e JOIN public.jumps AS g USING (day),
    LATERAL (SELECT avg(y) AS mean FROM public.jumps WHERE day > date '2025-04-23' - 28 AND day <= '2025-04-23' AND (date '2025-04-30' - day) % 7 = 0) AS m
WHERE e.day = '2025-04-30';
SELECT (c.f).method, round((c.f).mase::numeric, 2) AS mase, round(avg(e.error / e.actual)::numeric, 2) AS too_low
FROM (SELECT array_agg(day) AS days, array_agg(y * 1.01 ^ (day - date '2025-01-01')) AS y FROM public.flat) AS s,
    LATERAL (SELECT forecast_check(s.days, s.y) AS f) AS c, forecast_errors(s.days, s.y) AS e
GROUP BY c.f;
-- Too short, too regular, nothing.
SELECT (forecast_check(array_agg(day), array_agg(y))).* FROM public.flat WHERE day > '2025-04-23';
SELECT (forecast_check(array_agg(day), array_agg(y))).* FROM public.flat WHERE day > '2025-04-24';
SELECT (forecast_check(array_agg(day), array_agg(y))).* FROM public.flat;
SELECT forecast_check('{}', '{}'), (SELECT count(*) FROM forecast_errors('{}', '{}')) AS errors,
    (SELECT count(*) FROM forecast_errors(NULL, NULL)) AS of_nothing;
SELECT count(*) AS days, bool_and(abs(error) < 1e-9) AS perfect
FROM (SELECT (forecast_errors(array_agg(day), array_agg(y))).* FROM public.flat) AS e;
-- A day that is not known has no error.
SELECT count(*) AS days FROM (SELECT (forecast_errors(array_agg(day), array_agg(y))).* FROM public.growing WHERE day <> '2025-04-10') AS e;
