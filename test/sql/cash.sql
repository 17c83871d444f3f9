-- Working capital day by day, runway, and what it affords.
-- Reference numbers hold to a relative error of 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- Ninety days from a Monday: sales with a weekly pattern, daily costs, wages
-- every fortnight, a loan to pay back on three days.
CREATE TABLE public.plan AS
SELECT array_agg(1800 + ('{-120,-100,-80,-40,60,180,100}'::float8[])[(d - 1) % 7 + 1] ORDER BY d)
    AS inflow,
    array_agg(1500 + CASE WHEN d % 14 = 5 THEN 9000 ELSE 0 END::float8 ORDER BY d) AS cost,
    array_agg(CASE WHEN d IN (15, 45, 75) THEN 4000 ELSE 0 END::float8 ORDER BY d) AS loan
FROM generate_series(1, 90) AS d;

-- The walk: yesterday, plus what comes in, less what goes out.
SELECT day, working_capital FROM public.plan, cash_walk(50000, inflow, cost, loan)
WHERE day <= 5 OR day IN (15, 89, 90) ORDER BY day;

-- 50,000: the floor is not reached within the horizon, but it will be.
SELECT w30, w60, w90, trough, trough_day, near(avg_change, -534.444444444444) AS avg_change,
    near(runway_days, 93.5550935550936) AS runway_days,
    near(component_value((runway_days - 90) / 90, 1), 0.0395010395010394) AS c
FROM public.plan, runway(50000, inflow, cost, loan);
-- 30,000: out of money after 46 days.
SELECT w30, w60, w90, trough, trough_day, runway_days,
    near(component_value((runway_days - 90) / 90, 1), -0.488888888888889) AS c
FROM public.plan, runway(30000, inflow, cost, loan);
-- 90,000.
SELECT trough, near(runway_days, 168.399168399168) AS runway_days,
    near(component_value((runway_days - 90) / 90, 1), 0.871101871101871) AS c
FROM public.plan, runway(90000, inflow, cost, loan);

-- 100 in hand and 10 a day out last 10 days: on day 10 it is 0, which is not below 0.
SELECT runway_days, trough, trough_day
FROM runway(100, array_fill(0::float8, '{90}'), array_fill(10::float8, '{90}'),
    array_fill(0::float8, '{90}'));
-- A floor to keep shortens it; already below means none.
SELECT floor, runway_days FROM (VALUES (50), (100), (101)) AS f (floor),
    runway(100, array_fill(0::float8, '{90}'), array_fill(10::float8, '{90}'),
        array_fill(0::float8, '{90}'), floor::float8);
-- What does not shrink has no end, and that is worth a full component.
SELECT runway_days, avg_change, component_value((runway_days - 90) / 90, 1) AS c
FROM runway(100, array_fill(10::float8, '{90}'), array_fill(10::float8, '{90}'),
    array_fill(0::float8, '{90}'));
-- Cents that cancel out leave nothing but rounding: no change, no day below the floor.
SELECT runway_days, avg_change
FROM runway(50000, array_fill(1234.56::float8, '{90}'), array_fill(1000.33::float8, '{90}'),
    array_fill(234.23::float8, '{90}'));
SELECT runway_days FROM runway(0.3, '{0,0,0,0}', '{0.1,0.1,0.1,0.1}', '{0,0,0,0}');
-- A projection shorter than 90 days leaves out what it does not reach.
SELECT * FROM runway(100, '{5,5}', '{10,10}', '{0,0}');
SELECT * FROM runway(100, '{}', '{}', '{}');
SELECT * FROM runway(-1, '{}', '{}', '{}');

-- What extra spend per day the lowest point carries until it is paid back.
SELECT affordable_spend(array_agg(working_capital ORDER BY day), 500, 30) AS per_day,
    affordable_spend(array_agg(working_capital ORDER BY day), 5000, 30) AS below_the_floor,
    near(affordable_spend(array_agg(working_capital ORDER BY day), 0, 90), 1420 / 90.0)
        AS never_paid_back
FROM public.plan, cash_walk(50000, inflow, cost, loan);
SELECT affordable_spend('{}', 0, 30), affordable_spend(NULL, 0, 30);

-- What is not known is not zero.
SELECT count(*) FROM cash_walk(NULL, '{1}', '{1}', '{1}');
SELECT * FROM runway(100, '{1}', NULL, '{1}');
SELECT * FROM cash_walk(100, '{1,NULL}', '{1,1}', '{0,0}');
\echo :LAST_ERROR_SQLSTATE
SELECT runway(100, '{1,1}', '{1,NaN}', '{0,0}');
\echo :LAST_ERROR_SQLSTATE
SELECT runway('Infinity', '{1}', '{1}', '{0}');
SELECT runway(100, '{1}', '{1}', '{0}', 'NaN');
SELECT runway(100, '{1,1}', '{1}', '{0,0}');
SELECT runway(100, '{1,1}', '{1,1}', '{0}');
SELECT runway(1.7e308, '{1.7e308}', '{0}', '{0}');
\echo :LAST_ERROR_SQLSTATE
SELECT affordable_spend('{1,2}', 0, 0);
SELECT affordable_spend('{1,NULL}', 0, 30);
