-- The day on which a series took another slope.
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- Sixty days from a Monday: up by 8 a day for 38 days, then down by 10, with
-- a weekly pattern and noise.
CREATE TABLE public.peak AS
SELECT t, date '2025-01-06' + t AS day, (CASE WHEN t <= 38 THEN 1000 + 8 * t ELSE 1304 - 10 * (t - 38) END
    + ('{-120,-100,-80,-40,60,180,100}'::int[])[t % 7 + 1]
    + (37 * t * t + 11 * t) % 101 - 50)::float8 AS y
FROM generate_series(0, 59) AS t;

SELECT n, day, day - date '2025-01-06' AS t, near(f, 402.465162492472) AS f,
    near(slope_before, 8.03101528128832) AS before, near(slope_after, -9.026344163977) AS after,
    near(rho, 0.122469348233947) AS rho, near(f_adj, f * (1 - rho) / (1 + rho)) AS f_adj,
    significant, reason
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.peak) AS a,
    turning_point(days, y);

-- The whole again, the long way: for each candidate least squares on seven
-- weekdays, the day and the bend, solved by elimination.
CREATE FUNCTION public.squares_left(x float8[], weekday integer[], y float8[], bend float8)
    RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    k CONSTANT integer := CASE WHEN bend IS NULL THEN 8 ELSE 9 END;
    col float8[] := array_fill(0::float8, ARRAY[9]);
    a float8[] := array_fill(0::float8, ARRAY[9, 10]);
    factor float8;
    fitted float8;
    total float8 := 0;
BEGIN
    FOR pass IN 1..2 LOOP
        FOR i IN 1..cardinality(x) LOOP
            col := array_fill(0::float8, ARRAY[9]);
            col[weekday[i] + 1] := 1;
            col[8] := x[i];
            col[9] := greatest(0, x[i] - bend);
            fitted := 0;
            FOR r IN 1..k LOOP
                fitted := fitted + col[r] * a[r][10];
                IF pass = 1 AND col[r] <> 0 THEN
                    FOR c IN 1..k LOOP
                        a[r][c] := a[r][c] + col[r] * col[c];
                    END LOOP;
                    a[r][10] := a[r][10] + col[r] * y[i];
                END IF;
            END LOOP;
            IF pass = 2 THEN
                total := total + (y[i] - fitted) ^ 2;
            END IF;
        END LOOP;
        IF pass = 1 THEN
            FOR p IN 1..k LOOP
                FOR r IN 1..k LOOP
                    CONTINUE WHEN r = p;
                    factor := a[r][p] / a[p][p];
                    FOR c IN p..k LOOP
                        a[r][c] := a[r][c] - factor * a[p][c];
                    END LOOP;
                    a[r][10] := a[r][10] - factor * a[p][10];
                END LOOP;
            END LOOP;
            FOR p IN 1..k LOOP
                a[p][10] := a[p][10] / a[p][p];
            END LOOP;
        END IF;
    END LOOP;
    RETURN total;
END
$$;

-- Days with gaps among them, as every point of a table t, day, y.
CREATE FUNCTION public.the_long_way(days date[], y float8[], OUT day date, OUT f float8)
    LANGUAGE sql IMMUTABLE AS
$$
    WITH a AS (
        SELECT array_agg((d - days[1])::float8 ORDER BY d) AS x, array_agg(v ORDER BY d) AS y,
            array_agg(extract(isodow FROM d)::int - 1 ORDER BY d) AS weekday, count(*)::int AS n
        FROM unnest(days, y) AS s (d, v)
    )
    SELECT days[1] + x[i + 1]::int, (squares_left(x, weekday, y, NULL) / squares - 1) * (n - 9)
    FROM a, generate_series(ceil(0.15 * n)::int, n - ceil(0.15 * n)::int - 1) AS i,
        LATERAL (SELECT squares_left(x, weekday, y, x[i + 1]) AS squares) AS s
    ORDER BY 2 DESC LIMIT 1
$$;

SELECT bool_and(abs(f.f - l.f) <= 1e-8 * l.f) AS same_f, bool_and(f.day = l.day) AS same_day,
    count(*) AS series
FROM (
    SELECT array_agg(day ORDER BY t) AS days, array_agg(y + s * (t * t * s % 89) ORDER BY t) AS y
    FROM public.peak, generate_series(0, 5) AS s
    WHERE (t * 13 + s) % 11 > s
    GROUP BY s
) AS a, turning_point(days, y) AS f, the_long_way(days, y) AS l;

--
-- What must not matter
--
SELECT billion.day = tp.day AND near(billion.f, tp.f)
        AND near(billion.slope_after, 1e9 * tp.slope_after) AS billions,
    billionth.day = tp.day AND near(billionth.f, tp.f) AS billionths,
    far.day = tp.day - 7 * 30000 AND near(far.f, tp.f) AS shifted_by_weeks,
    mixed.day = tp.day AND mixed.f = tp.f AS order_of_days,
    down.day = tp.day AND near(down.f, tp.f) AND near(down.slope_before, -tp.slope_before)
        AS upside_down,
    pattern.day = tp.day AND near(pattern.f, tp.f) AS any_weekly_pattern
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y,
        array_agg(y * 1e9) AS y_billion, array_agg(y * 1e-9) AS y_billionth,
        array_agg(3000 - y) AS y_down, array_agg(y + 5000 * (t % 7)) AS y_pattern,
        array_agg(day - 7 * 30000) AS days_far,
        array_agg(day ORDER BY md5(t::text)) AS days_mixed,
        array_agg(y ORDER BY md5(t::text)) AS y_mixed
      FROM public.peak) AS a,
    turning_point(days, y) AS tp, turning_point(days, y_billion) AS billion,
    turning_point(days, y_billionth) AS billionth, turning_point(days_far, y) AS far,
    turning_point(days_mixed, y_mixed) AS mixed, turning_point(days, y_down) AS down,
    turning_point(days, y_pattern) AS pattern;

-- Noise alone does not turn.
SELECT day IS NOT NULL AS day, f > 0 AS f, significant, reason
FROM (SELECT array_agg(date '2025-01-06' + t) AS days,
        array_agg((37 * t * t + 11 * t) % 101) AS y FROM generate_series(0, 59) AS t) AS a,
    turning_point(days, y);

-- Weekly figures are one weekday.
SELECT f.n, day, day - date '2024-01-01' AS days, round(slope_before::numeric, 2) AS before,
    round(slope_after::numeric, 2) AS after, significant
FROM (SELECT array_agg(date '2024-01-01' + 7 * t) AS days,
        array_agg(1000 + 7 * least(t, 20) - 14 * greatest(0, t - 20)
            + (37 * t * t + 11 * t) % 11 - 5::float8) AS y FROM generate_series(0, 51) AS t) AS a,
    turning_point(days, y) AS f;

--
-- Edges
--
-- Thirty-five points are the fewest; NULL, NaN and infinity are no points.
SELECT f.n, day IS NULL AS no_day, slope_before, f, significant, reason
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.peak WHERE t < 34) AS a,
    turning_point(days, y) AS f;
SELECT f.n, day IS NULL AS no_day, f IS NULL AS no_f, reason
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y FROM public.peak WHERE t < 35) AS a,
    turning_point(days, y) AS f;
SELECT f.n, f IS NULL AS no_f, reason
FROM (SELECT array_agg(day) AS days, array_agg(CASE t WHEN 3 THEN NULL WHEN 4 THEN 'NaN' WHEN 5
        THEN float8 'Infinity' ELSE y END) AS y FROM public.peak WHERE t < 37) AS a,
    turning_point(days, y) AS f;
SELECT n, reason FROM turning_point(NULL, NULL);
SELECT n, reason FROM turning_point('{}', '{}');
SELECT n, reason FROM turning_point(array_fill(date '2025-01-06', '{40}'),
    array_fill(5::float8, '{40}'));

-- A constant and a line do not turn; a bent line without error does, for certain.
SELECT day, slope_before, slope_after, f, rho, f_adj, significant, reason
FROM (SELECT array_agg(day) AS days, array_agg(0.1) AS y FROM public.peak) AS a, turning_point(days, y);
SELECT day, near(slope_before, 0.3) AS before, near(slope_after, 0.3) AS after, f, significant, reason
FROM (SELECT array_agg(day) AS days, array_agg(1000 + 0.3 * t) AS y FROM public.peak) AS a,
    turning_point(days, y);
SELECT day, near(slope_before, 0.3) AS before, near(slope_after, -0.1) AS after, f, f_adj, significant,
    reason
FROM (SELECT array_agg(day) AS days,
        array_agg(1000 + 0.3 * least(t, 30) - 0.1 * greatest(0, t - 30) + 50 * (t % 7)) AS y
      FROM public.peak) AS a, turning_point(days, y);

-- The largest and smallest numbers give an answer or none, never NaN.
SELECT big.day = f.day AND near(big.f, f.f) AS big, small.day = f.day AND near(small.f, f.f) AS small
FROM (SELECT array_agg(day) AS days, array_agg(y) AS y, array_agg(y * 1e304) AS big,
        array_agg(y * 1e-300) AS small FROM public.peak) AS a,
    turning_point(days, y) AS f, turning_point(days, big) AS big, turning_point(days, small) AS small;
SELECT n, slope_before, slope_after, reason
FROM (SELECT array_agg(date '2025-01-06' + t) AS days,
        array_agg(CASE WHEN t % 14 < 7 THEN 1 ELSE -1 END * 1.7e308 * (1 - abs(t - 30) / 40)) AS y
      FROM generate_series(0, 59) AS t) AS a, turning_point(days, y);

-- Twenty thousand days are the most, and take no time.
SELECT f.n, day, significant
FROM (SELECT array_agg(date '1970-01-05' + t) AS days,
        array_agg(5000 + abs(t - 9999) / 10.0 + (37 * t * t::bigint + 11 * t) % 101) AS y
      FROM generate_series(0, 19999) AS t) AS a, turning_point(days, y) AS f;
SELECT turning_point(array_agg(date '1900-01-01' + t), array_agg(t)) FROM generate_series(1, 20001) AS t;
\echo :LAST_ERROR_SQLSTATE

-- Mistakes.
SELECT turning_point('{2025-01-06,2025-01-07}', '{1}');
SELECT turning_point('{2025-01-06,2025-01-07,2025-01-07}', '{1,2,3}');
SELECT turning_point('{2025-01-06,infinity}', '{1,2}');
