-- Bands around the cash path: how far it may stray, how likely it breaks.
-- Reference numbers hold to a relative error of 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- The reference plan: ninety days from a Monday, and 56 past errors.
CREATE TABLE public.plan AS
SELECT array_agg(1800 + ('{-120,-100,-80,-40,60,180,100}'::float8[])[(d - 1) % 7 + 1] ORDER BY d)
    AS inflow,
    array_agg(1500 + CASE WHEN d % 14 = 5 THEN 9000 ELSE 0 END::float8 ORDER BY d) AS cost,
    array_agg(CASE WHEN d IN (15, 45, 75) THEN 4000 ELSE 0 END::float8 ORDER BY d) AS loan,
    (SELECT array_agg(20.0 * ((37 * i * i + 11 * i) % 101 - 50) ORDER BY i)::float8[]
       FROM generate_series(0, 55) AS i) AS errors
FROM generate_series(1, 90) AS d;

SELECT near(p10, -1577.14285714286) AS p10, near(p50, 4422.85714285712) AS p50,
    near(p90, 10426.8571428571) AS p90, p_breach
FROM public.plan, cash_bands(50000, inflow, cost, loan, errors) WHERE day = 90;

-- The same computed in SQL, step by step: splitmix64, 13 blocks a draw, sums
-- from the first day on, percentile_cont.  Every day of it is the same.
CREATE FUNCTION public.u64(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
$$ SELECT mod(x, 18446744073709551616) $$;
CREATE FUNCTION public.x64(x numeric, shift integer) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE     -- x xor (x >> shift), in two halves of 32 bits
    y numeric := div(x, 2::numeric ^ shift);
BEGIN
    RETURN ((div(x, 4294967296)::bigint # div(y, 4294967296)::bigint)::numeric * 4294967296
            + (mod(x, 4294967296)::bigint # mod(y, 4294967296)::bigint)::numeric);
END $$;
CREATE FUNCTION public.splitmix64(seed numeric, n integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT x64(u64(x64(u64(x64(u64(seed + n * 11400714819323198485), 30) * 13787848793156543929), 27)
                   * 10723151780598845931), 31)
$$;
SELECT public.splitmix64(42, n) AS of_42, public.splitmix64(1234567, n) AS of_1234567
FROM generate_series(1, 3) AS n;
CREATE TABLE public.draw AS
SELECT m, d, sum(e.error) OVER (PARTITION BY m ORDER BY d) AS noise
FROM generate_series(0, 199) AS m, generate_series(0, 12) AS b,
    LATERAL (SELECT mod(public.splitmix64(7, m * 13 + b + 1), 50)::integer AS start) AS s,
    LATERAL (SELECT b * 7 + o + 1 AS d, p.errors[start + o + 1]
            - (SELECT avg(x) FROM unnest(p.errors) AS x) AS error
        FROM public.plan AS p, generate_series(0, 6) AS o) AS e
WHERE d <= 90;
SELECT count(*) AS days, bool_and(abs(b.p10 - x.p[1]) < 1e-6 AND abs(b.p50 - x.p[2]) < 1e-6
        AND abs(b.p90 - x.p[3]) < 1e-6) AS same_percentiles,
    bool_and(abs(b.p_breach - x.p_breach) < 1e-12) AS same_breach, max(b.p_breach) AS p_breach
FROM public.plan, cash_bands(50000, inflow, cost, loan, errors, 200, 7) AS b
JOIN (SELECT w.d, percentile_cont('{0.1,0.5,0.9}'::float8[]) WITHIN GROUP (ORDER BY w.w) AS p,
        avg(w.below::integer) AS p_breach
      FROM (SELECT n.m, n.d, n.noise + c.working_capital AS w,
                bool_or(n.noise + c.working_capital < 0) OVER (PARTITION BY n.m ORDER BY n.d) AS below
            FROM public.plan, cash_walk(50000, inflow, cost, loan) AS c
            JOIN public.draw AS n ON n.d = c.day) AS w
      GROUP BY w.d) AS x ON x.d = b.day;

-- Equal seeds give equal bands; p_breach never falls; p10 <= p50 <= p90.
SELECT (SELECT array_agg(b) FROM cash_bands(50000, inflow, cost, loan, errors, 500, -1) AS b)
     = (SELECT array_agg(b) FROM cash_bands(50000, inflow, cost, loan, errors, 500, -1) AS b) AS same,
       (SELECT array_agg(b) FROM cash_bands(50000, inflow, cost, loan, errors, 500, -2) AS b)
    <> (SELECT array_agg(b) FROM cash_bands(50000, inflow, cost, loan, errors, 500, -1) AS b) AS other,
    (SELECT bool_and(p10 <= p50 AND p50 <= p90 AND p_breach >= before)
       FROM (SELECT *, lag(p_breach, 1, 0::float8) OVER (ORDER BY day) AS before
               FROM cash_bands(50000, inflow, cost, loan, errors, 500, -1)) AS b) AS ordered
FROM public.plan;
-- Errors that are all alike say nothing once their mean is removed: the bands
-- lie on the path, and it breaks surely or not at all.
SELECT max(abs(p10 - working_capital)) < 1e-6 AND max(abs(p90 - working_capital)) < 1e-6 AS on_path,
    min(day) FILTER (WHERE p_breach = 1) AS broken_on, bool_and(p_breach IN (0, 1)) AS surely
FROM public.plan, cash_bands(30000, inflow, cost, loan, array_fill(123.4::float8, '{20}'))
JOIN LATERAL cash_walk(30000, inflow, cost, loan) AS w USING (day);
SELECT day, p10, p90, p_breach FROM cash_bands(0.3, '{0,0,0,0}', '{0.1,0.1,0.1,0.1}', '{0,0,0,0}', array_fill(0::float8, '{7}'));
-- One draw is its own percentile; one outlier among the errors disturbs nothing.
SELECT bool_and(p10 = p50 AND p50 = p90) FROM public.plan, cash_bands(50000, inflow, cost, loan, errors, 1);
SELECT day, near(p10, -2e13 / 21) AS p10, near(p50, -2e13 / 21) AS p50, near(p90, 1e13 - 2e13 / 21) AS p90
FROM cash_bands(0, '{0,0}', '{0,0}', '{0,0}',
    array_fill(0::float8, '{10}') || 1e13::float8 || array_fill(0::float8, '{10}')) WHERE day = 2;

-- The runway of each draw: the median by the path's own, and a standard error
-- for the score.  A path far above water is sure.
SELECT p10 < 93.6 AND p90 > 93.6 AS around, p10 < p50 AND p50 < p90 AS ordered, p_breach, se BETWEEN 0.1 AND 0.3 AS se
FROM public.plan, runway_bands(50000, inflow, cost, loan, errors);
SELECT r.p10, r.p50, r.p90, r.p_breach, r.se FROM public.plan, runway_bands(9e6, inflow, cost, loan, errors) AS r;
SELECT r.* FROM public.plan, runway_bands(-1, inflow, cost, loan, errors) AS r;
SELECT near(p50, 93.5550935550936) AS as_runway, near(p10, p90) AND se < 1e-9 AS sure
FROM public.plan, runway_bands(50000, inflow, cost, loan, array_fill(5::float8, '{9}'));
SELECT r.* FROM runway_bands(10, array_fill(1::float8, '{90}'), array_fill(1::float8, '{90}'),
    array_fill(0::float8, '{90}'), array_fill(0::float8, '{7}')) AS r;

-- Nothing to walk, nothing known.
SELECT * FROM cash_bands(100, '{}', '{}', '{}', '{1,2,3,4,5,6,7}');
SELECT runway_bands(100, '{}', '{}', '{}', '{1,2,3,4,5,6,7}');
SELECT count(*) FROM cash_bands(100, '{1}', '{1}', '{1}', NULL);
-- What cannot be is an error.
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,4,5,6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,NULL,5,6,7}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,NaN,5,6,7}');
SELECT * FROM cash_bands(100, '{1}', '{1,2}', '{1}', '{1,2,3,4,5,6,7}');
SELECT * FROM cash_bands(100, '{1}', '{1}', '{NULL}', '{1,2,3,4,5,6,7}');
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,4,5,6,7}', 0);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,4,5,6,7}', -5);
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,4,5,6,7}', 100001);
SELECT * FROM cash_bands(100, array_fill(0::float8, '{10000}'), array_fill(0::float8, '{10000}'),
    array_fill(0::float8, '{10000}'), '{1,2,3,4,5,6,7}', 20000);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*), max(day) FROM cash_bands(100, array_fill(0::float8, '{10000}'), array_fill(0::float8, '{10000}'),
    array_fill(0::float8, '{10000}'), '{1,2,3,4,5,6,7}', 10);
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1,2,3,4,5,6,7}', floor => 'NaN');
SELECT * FROM cash_bands(1e308, '{1e307}', '{1}', '{1}', '{1e307,2,3,4,5,6,1e308}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM cash_bands(100, '{1}', '{1}', '{1}', '{1.7e308,2,3,4,5,6,7}');
SELECT runway_bands(100, '{1}', '{1}', '{1}', '{1,2,3,4,5,6,7}', target => 0);
