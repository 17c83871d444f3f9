-- The reference examples of the method, T1 to T22, and where each is held to a
-- relative error of 1e-9.  What no other file tells is told below.
--
--   T1   plain least squares              trend, and below
--   T2   within weekdays, not robust      trend, trend_moments, and below
--   T3   trend_fit() as it is meant       trend
--   T4   one day at four times            trend
--   T5   absent days, fewest points       trend
--   T6   Theil-Sen, ranks, Hamed-Rao      theil_sen, mann_kendall, hamed_rao
--   T7   a negative variance              mann_kendall, hamed_rao, and below;
--        the 360 months                   t/real_nist.pl (needs the data)
--   T8   a flat week on seven endings     trend
--   T9   conversion                       trend, score
--   T10  velocity                         trend, trend_moments, score
--   T11  CAC against its target           score, answers_edge
--   T12  cash, and its bands              cash, cash_bands, and below
--   T13  the score, its change, levers    score, answers
--   T14  products split                   split
--   T15  mix and rate                     split
--   T16  pacing                           pacing
--   T17  lags                             lag_corr
--   T18  marginal CAC                     marginal_cac
--   T19  turning point                    turning_point
--   T20  values at stake                  decide
--   T21  distributions, robust z          distributions, anomaly
--   T22  NIST's Norris                    trend_edges, and below; t/real_nist.pl
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- T1, T2: thirty days of revenue from a Monday on, as a formula.
CREATE TABLE public.a30 AS
SELECT t, date '2025-01-06' + t AS day,
    (1000 + 4 * t + ('{-120,-100,-80,-40,60,180,100}'::int[])[t % 7 + 1] + (37 * t * t + 11 * t) % 101 - 50)::float8 AS y
FROM generate_series(0, 29) AS t;
SELECT near(regr_slope(y, t), 4.74816462736374) AS slope, near(regr_intercept(y, t), 980.251612903226) AS intercept,
    near(sqrt((regr_syy(y, t) - regr_sxy(y, t) ^ 2 / regr_sxx(y, t)) / 28 / regr_sxx(y, t)), 2.36244203908492) AS se,
    near(corr(y, t), 0.355076262820518) AS r
FROM public.a30;
SELECT (m).n, (m).groups, (m).df, (m).sxx, near((m).slope, 3.77301587301587) AS slope, near((m).se_iid, 0.571431176841904) AS se_iid,
    near((m).level, 1049.1) AS level, near((m).g, 0.107892933171744) AS g
FROM (SELECT trend_moments(day, y) AS m FROM public.a30) AS f;
-- The plain line is that of a series on one weekday.
SELECT near(7 * (m).slope, 4.74816462736374) AS slope, near(7 * (m).se_iid, 2.36244203908492) AS se, (m).df
FROM (SELECT trend_moments(date '2025-01-06' + 7 * t, y) AS m FROM public.a30) AS f;

-- T7: the correction by all lags, not held at 1 or above, would make the
-- variance negative.  Autocorrelations of the ranks of what a line leaves, of
-- which only those count that stand out at 95 %.
WITH series AS (
    SELECT ARRAY[.35257984, .38692909, .39669828, .36296244, .42035612, .39374964, .41100085, .43182076, .40815853, .45394297, .41584767,
        .47399517]::float8[] AS y),
ranks AS (
    SELECT t, rank() OVER (ORDER BY v - slope * t) - 6.5 AS r
    FROM series, theil_sen('{0,1,2,3,4,5,6,7,8,9,10,11}', y), unnest(y) WITH ORDINALITY AS x (v, place), LATERAL (SELECT place - 1) AS z (t)),
lags AS (
    SELECT lag, sum(a.r * b.r) / (SELECT sum(r * r) FROM ranks) AS rho
    FROM generate_series(1, 11) AS k (lag) CROSS JOIN ranks AS a JOIN ranks AS b ON b.t = a.t + lag GROUP BY lag)
SELECT near(1 + 2.0 / (12 * 11 * 10) * sum((12 - lag) * (12 - lag - 1) * (12 - lag - 2) * rho)::float8, -0.0410839160839161) AS unclamped,
    (SELECT near(z, 2.94861956969209) AND factor = 1 AND s = 44 AND near(variance, 212.666666666667) FROM series, hamed_rao(y)) AS ours,
    (SELECT factor FROM series, hamed_rao(y, 11)) AS with_all_lags
FROM lags WHERE abs(rho) > 1.959963984540054 / sqrt(12);

-- T12: the pool that the bands draw from.
SELECT near(avg(e), -77.1428571428571) AS mean, count(*) AS days
FROM generate_series(0, 55) AS i, LATERAL (SELECT 20.0 * ((37 * i * i + 11 * i) % 101 - 50)) AS x (e);

-- T22: the line through NIST's points, on one weekday, by ours and by regr_*.
WITH norris AS (
    SELECT x, y, date '2000-01-03' + round(70 * x)::int AS day
    FROM unnest('{.2,337.4,118.2,884.6,10.1,226.5,666.3,996.3,448.6,777,558.2,.4,.6,775.5,666.9,338,447.5,11.6,556,228.1,995.8,887.6,
            120.2,.3,.3,556.8,339.1,887.2,999,779,11.1,118.3,229.2,669.1,448.9,.5}'::float8[],
        '{.1,338.8,118.1,888,9.2,228.1,668.5,998.5,449.1,778.9,559.2,.3,.1,778.1,668.8,339.3,448.9,10.8,557.7,228.3,998,888.8,119.6,.3,
            .6,557.6,339.3,888,998.5,778.9,10.2,117.6,228.9,668.4,449.2,.2}'::float8[]) AS p (x, y))
SELECT near(70 * (m).slope, 1.00211681802045) AS slope, near(70 * (m).se_iid, 0.429796848199937E-03) AS se,
    near((m).level - 70 * (m).slope * mean, -0.262323073774029) AS intercept,
    near((m).se_iid * sqrt((m).sxx), 0.884796396144373) AS residual_sd, near(regr_slope, 1.00211681802045) AS regr_slope
FROM (SELECT trend_moments(day, y) AS m, avg(x) AS mean, regr_slope(y, x) FROM norris) AS f;
