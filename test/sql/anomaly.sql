-- Is one value unusual: robust_z().  Did something change: before_after().
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

--
-- Robust z (reference T21: median 1002.5, scale 14.826, z(1200) 13.3211924996628)
--
SELECT n, median, scale, near(z, 13.3211924996628) AS z, near(deviation, 197.5 / 1002.5) AS deviation, reason
FROM robust_z(1200, '{980,1010,1005,995,1020,990,1000,1030}');
-- p is the normal tail on both sides: 2 * 0.00620966532577613 at 2.5 scales.
SELECT near(z, -2.5) AS z, near(p, 2 * 0.00620966532577613) AS p
FROM robust_z(1002.5 - 2.5 * 14.826, '{980,1010,1005,995,1020,990,1000,1030}');
-- It turns with its sign, and does not care for units or order.
SELECT near(a.z, -b.z) AS mirrored, near(a.z, c.z) AS in_cents, near(a.p, b.p) AS p
FROM robust_z(1200, '{980,1010,1005,995,1020,990,1000,1030}') AS a,
    robust_z(-1200, '{-1030,-980,-1010,-1005,-995,-1020,-990,-1000}') AS b,
    robust_z(120000, '{98000,101000,100500,99500,102000,99000,100000,103000}') AS c;
-- One wild day of the past, however wild, hides nothing.
SELECT round(z::numeric, 3) AS z FROM unnest(ARRAY[1030, 1e6, 1e300]) AS wild,
    robust_z(1200, ARRAY[980,1010,1005,995,1020,990,1000,wild]);

-- More than half alike: no spread, but how far off it is.
SELECT * FROM robust_z(160, '{100,100,100,90,130}');
SELECT deviation, reason FROM robust_z(-40, '{-100,-100,-100,-100}');
-- Rounding is no spread.
SELECT z, reason FROM robust_z(0.31, '{0.3,0.30000000000000004,0.3,0.29999999999999999,0.30000000000000004}');
SELECT z, deviation, reason FROM robust_z(5, '{0,0,0,0}');

-- Three values are too few, and what is unknown is none.
SELECT * FROM robust_z(5, '{1,2,3}');
SELECT n, median FROM robust_z(5, '{1,NULL,2,NaN,3,Infinity,4}');
SELECT n, reason FROM robust_z(5, '{1,NULL,2,NaN,3}');
SELECT * FROM robust_z(NULL, '{1,2,3,4}');
SELECT * FROM robust_z('NaN', '{1,2,3,4}');
SELECT * FROM robust_z(5, NULL);
SELECT * FROM robust_z(5, '{}');
SELECT z, reason FROM robust_z(1e308, '{-1.7e308,1.7e308,-1.6e308,1.6e308}');
SELECT z, p, reason FROM robust_z(1e300, '{1,2,3,4}');
SELECT robust_z(5, '{{1,2},{3,4}}');

--
-- Before and after
--
-- Four weeks of a weekly pattern that grows by 4 a day, then 150 more each day.
CREATE TABLE public.daily AS
SELECT date '2026-03-02' + t AS day, t,
    1000 + 4 * t + ('{-120,-100,-80,-40,60,180,100}'::float8[])[t % 7 + 1] AS plain,
    ((37 * t * t + 11 * t) % 101) - 50 AS noise
FROM generate_series(0, 48) AS t;

-- Without noise the change is exact, and sure.
SELECT n_before, n_after, near(before, 1054) AS before, near(after, 1054 + 4 * 24.5 + 150) AS after,
    near(expected, 1054 + 4 * 24.5) AS expected, near(difference, 150) AS difference, se, t, df, p_up, reason
FROM (SELECT array_agg(day) AS days, array_agg(plain + CASE WHEN t >= 28 THEN 150 ELSE 0 END) AS y
    FROM public.daily) AS s, before_after(days, y, '2026-03-30');
-- No change is none, though the mean went up with the trend.
SELECT after > before AS higher, difference, p_up
FROM (SELECT array_agg(day) AS days, array_agg(plain) AS y FROM public.daily) AS s,
    before_after(days, y, '2026-03-30');
-- The end of a week is no change either: the days after need be no whole weeks.
SELECT n_after, round(difference::numeric, 9) AS difference
FROM (SELECT array_agg(day) AS days, array_agg(plain) AS y FROM public.daily WHERE t < 32) AS s,
    before_after(days, y, '2026-03-30');

-- With noise: least squares by hand.  One weekday mean each and the slope before
-- (y pulled in by trend_fit: none is here), the mean of the differences after.
CREATE TABLE public.noisy AS
SELECT day, t, plain + noise / 2.0 + CASE WHEN t >= 28 THEN 40 ELSE 0 END AS y FROM public.daily;
CREATE TABLE public.hand AS
WITH fit AS (
    SELECT trend_fit(array_agg(day), array_agg(y)) AS f FROM public.noisy WHERE t < 28),
weekday AS (
    SELECT t % 7 AS k, avg(t) AS t, avg(y) AS y, count(*) AS n FROM public.noisy WHERE t < 28 GROUP BY 1),
line AS (
    SELECT n.t, n.y - w.y - (f).slope * (n.t - w.t) AS r, n.t - w.t AS dx, n.y
    FROM public.noisy AS n JOIN weekday AS w ON w.k = n.t % 7, fit),
step AS (SELECT avg(r) AS d, avg(dx) AS lever, avg(y) AS y FROM line WHERE t >= 28)
SELECT (f).clipped, (f).rho, step.d, step.y - step.d AS expected,
    sqrt((sum(CASE WHEN line.t < 28 THEN r * r ELSE (r - step.d) ^ 2 END)) / (28 - 8 + 20)
        * (1.0 / 21 + 7 * (1.0 / 49) / 4 + lever ^ 2 / sum(dx * dx) FILTER (WHERE line.t < 28))
        * (1 + (f).rho) / (1 - (f).rho)) AS se
FROM line, step, fit GROUP BY f, step.d, step.y, lever;
SELECT clipped, near(b.difference, h.d) AS difference, near(b.expected, h.expected) AS expected,
    near(b.se, h.se) AS se, near(b.t, h.d / h.se) AS t, b.df, round(difference::numeric, 1) AS about_40,
    round(b.se::numeric, 1) AS give_or_take, b.p_up > 0.9 AS sure
FROM public.hand AS h, (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.noisy) AS s,
    before_after(days, s.y, '2026-03-30') AS b;
-- The other way round it is as sure of the opposite; in other units as sure of the same.
SELECT near(a.difference, -b.difference) AS mirrored, near(a.p_up, 1 - b.p_up) AS p_up, near(a.t, c.t) AS units
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(5000 - y) AS down, array_agg(1e9 * y) AS big
    FROM public.noisy) AS s,
    before_after(days, y, '2026-03-30') AS a, before_after(days, down, '2026-03-30') AS b,
    before_after(days, big, '2026-03-30') AS c;
-- Weights all alike change nothing; days without weight do not exist.
SELECT near(a.difference, b.difference) AS alike, near(a.se, b.se) AS se, c.n_after
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(250.0::float8) AS w,
        array_agg(CASE WHEN t = 40 THEN 0.0 ELSE 1 END::float8) AS gap
    FROM public.noisy) AS s,
    before_after(days, y, '2026-03-30') AS a, before_after(days, y, '2026-03-30', w) AS b,
    before_after(days, y, '2026-03-30', gap) AS c;
-- Fewer days, and further away: less sure.
SELECT after_days, n_after, round(se::numeric, 1) AS se
FROM unnest(ARRAY[7, 14, 21]) AS after_days,
    LATERAL (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.noisy
        WHERE t < 28 AND t >= 0 OR t >= 48 - after_days + 1) AS s,
    before_after(days, y, '2026-03-30');

-- Of 400 series without a change (noise of a normal kind) few look like one
-- at 5 % on either side; of 400 that went up by a scale, most do.
WITH noise AS (
    SELECT k, t, sqrt(-2 * ln(u / 16777217.0)) * cos(2 * pi() * v / 16777216.0) AS e
    FROM generate_series(1, 400) AS k, generate_series(0, 55) AS t,
        LATERAL (SELECT md5(k || ',' || t) AS h) AS m,
        LATERAL (SELECT ('x' || left(h, 6))::bit(24)::int + 1 AS u, ('x' || right(h, 6))::bit(24)::int AS v) AS r),
series AS (
    SELECT k, array_agg(date '2026-03-02' + t) AS days, array_agg(100 + 10 * e) AS y,
        array_agg(100 + 10 * e + CASE WHEN t >= 28 THEN 30 ELSE 0 END) AS higher
    FROM noise GROUP BY k)
SELECT avg((a.p_up > 0.95 OR a.p_up < 0.05)::int) BETWEEN 0.01 AND 0.1 AS few, avg((b.p_up > 0.95)::int) > 0.8 AS most,
    abs(avg(a.difference)) < 1 AS no_bias, abs(avg(b.difference) - 30) < 1 AS no_bias_either
FROM series, before_after(days, y, '2026-03-30') AS a, before_after(days, higher, '2026-03-30') AS b;

-- What cannot be told is not told.
SELECT before_after('{}', '{}', '2026-03-30');
SELECT before_after(NULL, NULL, '2026-03-30');
SELECT before_after('{2026-03-01}', '{1}', NULL) IS NULL AS no_day;
SELECT n_before, n_after, before, difference, reason
FROM (SELECT array_agg(day) AS days, array_agg(plain) AS y FROM public.daily WHERE t < 28) AS s,
    before_after(days, y, '2026-03-30');
SELECT n_before, n_after, before IS NULL AS nothing_before, difference, reason
FROM (SELECT array_agg(day) AS days, array_agg(plain) AS y FROM public.daily) AS s,
    unnest('{2026-01-01,2026-03-14}'::date[]) AS since, before_after(days, y, since);
SELECT n_before, n_after, difference, reason
FROM (SELECT array_agg(day) AS days, array_agg(plain) AS y FROM public.daily WHERE t >= 28 OR t % 7 < 6) AS s,
    before_after(days, y, '2026-03-30');
SELECT difference, p_up, reason
FROM (SELECT array_agg(day) AS days, array_agg(CASE WHEN t < 28 THEN -1.7e308 ELSE 1.7e308 END::float8) AS y
    FROM public.daily) AS s, before_after(days, y, '2026-03-30');
SELECT before_after('{2026-03-01,2026-03-01,2026-03-02}', '{1,2,3}', '2026-03-30');
SELECT before_after('{2026-03-01}', '{1,2}', '2026-03-30');
SELECT before_after('{2026-03-01}', '{1}', 'infinity');
