-- Targets: colour, weekday factors, pacing.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

--
-- Colour
--
-- Higher is better, lower is better, close is better.
SELECT actual, metric_status(actual, 100, 'up') AS up, metric_status(actual, 100, 'down') AS down,
    metric_status(actual, 100, 'band') AS band
FROM unnest('{0,80,89.9,90,94.9,95,99.9,100,100.1,105,105.1,110,110.1,111.2,200}'::float8[])
    AS actual;

-- A worse colour shows at once, a better one needs 0.02 more.
SELECT actual, metric_status(actual, 100, 'up', 'red') AS was_red,
    metric_status(actual, 100, 'up', 'yellow') AS was_yellow,
    metric_status(actual, 100, 'up', 'green') AS was_green,
    metric_status(actual, 100, 'up', 'unknown') AS was_unknown
FROM unnest('{89,91,92,99,101,102}'::float8[]) AS actual;
SELECT actual, metric_status(actual, 100, 'band', 'red') AS was_red,
    metric_status(actual, 100, 'band', 'yellow') AS was_yellow
FROM unnest('{91,92,95,96,97,103,104,108,109}'::float8[]) AS actual;

-- Rounding does not turn 90 % into less.
SELECT metric_status(0.27, 0.30, 'up'), metric_status(27, 0.9 * 27, 'down'),
    metric_status(1.05, 1, 'band');

-- No target, no actual, no colour.
SELECT metric_status(5, 0, 'up'), metric_status(5, -1, 'down'), metric_status(5, NULL, 'band'),
    metric_status(NULL, 5, 'up'), metric_status('NaN', 5, 'down'), metric_status(5, 5, NULL);
SELECT metric_status(5, 5, 'sideways');
SELECT metric_status(5, 5, 'up', 'blue');
\echo :LAST_ERROR_SQLSTATE

--
-- Weekday factors
--
CREATE TABLE public.daily AS
SELECT d::date AS day,
    1000 * ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])[extract(isodow FROM d)::int] AS y
FROM generate_series(date '2024-12-02', date '2025-01-31', interval '1 day') AS d;

-- Of a steady business they are its pattern, Monday first, ...
SELECT bool_and(near(got, expected)) AS factors
FROM (SELECT weekday_factors(array_agg(day), array_agg(y)) AS f FROM public.daily) AS s,
    unnest(f, '{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[]) AS u (got, expected);
-- ... whatever one day does, in any unit, with days missing.
SELECT bool_and(near(got, expected)) AS factors
FROM (SELECT weekday_factors(array_agg(day ORDER BY y),
    array_agg(y * CASE day WHEN '2025-01-15' THEN 4e9 ELSE 1e9 END ORDER BY y)) AS f
      FROM public.daily WHERE day NOT IN ('2024-12-25', '2024-12-26')) AS s,
    unnest(f, '{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[]) AS u (got, expected);
-- Their mean is 1.
SELECT near(avg(f), 1) AS mean_is_1
FROM (SELECT weekday_factors(array_agg(day), array_agg(y + extract(day FROM day) ^ 2)) AS w
    FROM public.daily) AS s,
    unnest(w) AS f;

-- Thirteen days hold one complete window for each weekday, twelve do not.
SELECT array_length(weekday_factors(array_agg(day), array_agg(y)), 1) AS of_13,
    weekday_factors(array_agg(day) FILTER (WHERE n < 13), array_agg(y) FILTER (WHERE n < 13))
        AS of_12
FROM (SELECT *, row_number() OVER (ORDER BY day) AS n FROM public.daily) AS s WHERE n <= 13;
SELECT weekday_factors('{}', '{}'), weekday_factors(NULL, NULL);
SELECT weekday_factors(array_agg(day), array_agg(0 * y)) AS nothing_sold FROM public.daily;
SELECT weekday_factors('{2025-01-01,2025-01-02,2025-01-01}', '{1,2,3}');

--
-- Pacing
--
-- February 2025 begins on a Saturday: its first nine days hold half of its weekends.
SELECT near(share, 0.333928571428571) AS share, near(pacing, 1.00320855614973) AS pacing,
    near(landing, 100320.855614973) AS landing
FROM pacing(33500, 100000, '{.85,.85,.9,.95,1.1,1.25,1.1}', '2025-02-01', '2025-02-28',
    '2025-02-09');
-- All days alike would say 4 % ahead.
SELECT round(share::numeric, 4) AS share, round(pacing::numeric, 4) AS pacing
FROM pacing(33500, 100000, NULL, '2025-02-01', '2025-02-28', '2025-02-09');

-- Before it begins there is nothing to tell; after its end it is done.
SELECT * FROM pacing(0, 100, NULL, '2025-02-01', '2025-02-28', '2025-01-31');
SELECT * FROM pacing(90, 100, NULL, '2025-02-01', '2025-02-28', '2025-03-15');
-- The share adds up over a decade of weeks and days.
SELECT near(share, sum) AS share
FROM pacing(1, 1, '{1,2,3,4,5,6,7}', '2015-01-01', '2025-12-31', '2021-06-17'),
    (SELECT sum(extract(isodow FROM d)) FILTER (WHERE d <= date '2021-06-17') / sum(extract(isodow
        FROM d)) AS sum
     FROM generate_series(date '2015-01-01', date '2025-12-31', interval '1 day') AS d) AS s;

-- No target: the landing is known all the same.  A period of closed days has no share.
SELECT * FROM pacing(50, NULL, NULL, '2025-02-01', '2025-02-04', '2025-02-02');
SELECT * FROM pacing(50, 0, NULL, '2025-02-01', '2025-02-04', '2025-02-02');
SELECT * FROM pacing(NULL, 100, NULL, '2025-02-01', '2025-02-04', '2025-02-02');
SELECT * FROM pacing(50, 100, '{1,1,1,1,1,0,0}', '2025-02-01', '2025-02-02', '2025-02-02');
SELECT * FROM pacing(50, 100, NULL, '2025-02-01', NULL, '2025-02-02');

SELECT pacing(50, 100, '{1,1}', '2025-02-01', '2025-02-04', '2025-02-02');
SELECT pacing(50, 100, '{1,1,1,1,1,1,NULL}', '2025-02-01', '2025-02-04', '2025-02-02');
SELECT pacing(50, 100, '{1,1,1,1,1,1,-1}', '2025-02-01', '2025-02-04', '2025-02-02');
SELECT pacing(50, 100, NULL, '2025-02-04', '2025-02-01', '2025-02-02');
SELECT pacing(50, 100, NULL, '2025-02-04', 'infinity', '2025-02-02');
