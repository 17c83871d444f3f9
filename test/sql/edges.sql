-- The edges, row by row of the method's table: what each function says of
-- nothing, of constants, of exact lines, of odd numbers and odd arrays; then
-- what the views say of a brand without any data, one that sold nothing, one
-- whose days come late.  One brand's trouble never stops another's answers.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;
CREATE FUNCTION public.daily(n integer) RETURNS date[]
    LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(array_agg(date '2025-01-06' + i), '{}') FROM generate_series(0, n - 1) AS i $$;
CREATE FUNCTION public.alike(v float8, n integer) RETURNS float8[]
    LANGUAGE sql IMMUTABLE AS $$ SELECT array_fill(v, ARRAY[n]) $$;
-- The columns of an answer that are known, in order; none: nothing is.
CREATE FUNCTION public.known(answer anyelement) RETURNS text
    LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(string_agg(key || ' ' || value, ', ' ORDER BY n), 'nothing')
    FROM json_each_text(row_to_json(answer)) WITH ORDINALITY AS x (key, value, n) WHERE value IS NOT NULL $$;

--
-- Nothing, one point, one day only
--
CREATE TABLE public.little (nr integer, what text, days date[], y float8[]);
INSERT INTO public.little VALUES (1, 'NULL', NULL, NULL), (2, 'empty', '{}', '{}'), (3, 'one point', daily(1), '{5}'),
    (4, 'unknown only', daily(20), array_fill(NULL::float8, '{20}')), (5, 'NaN only', daily(20), alike('NaN', 20));
SELECT what, known(trend_fit(days, y)) AS trend_fit, known(turning_point(days, y)) AS turning_point FROM public.little ORDER BY nr;
SELECT what, known(seasonal_theil_sen(days, y)) AS seasonal_theil_sen, known(seasonal_mann_kendall(days, y)) AS seasonal_mann_kendall,
    known(mann_kendall(y)) AS mann_kendall, known(hamed_rao(y)) AS hamed_rao, known(theil_sen(y, y)) AS theil_sen
FROM public.little ORDER BY nr;
SELECT what, forecast(days, y, 7), forecast_mase(days, y), weekday_factors(days, y), known(marginal_cac(y, y)) AS marginal_cac,
    (SELECT count(r) FROM lag_corr(days, y, y, 1)) AS correlations
FROM public.little ORDER BY nr;
SELECT known(trend(day, y)) AS trend, known(trend_moments(day, y)) AS trend_moments
FROM (VALUES (date '2025-01-06', 5::float8)) AS x (day, y) WHERE false;
SELECT known(trend_moments(date '2025-01-06', i)) AS one_day FROM generate_series(1, 20) AS i;

--
-- A constant: slope 0 for certain, even chances
--
SELECT slope, se, g, t, p_up, accel, component_value(g, 0.2) AS c, reason FROM trend_fit(daily(30), alike(0.1, 30));
SELECT (m).slope, (m).se_iid, (m).g, (m).reason FROM (SELECT trend_moments(d, 0.1) AS m FROM unnest(daily(30)) AS d) AS f;
SELECT s, z, p FROM mann_kendall(alike(7, 20));
SELECT s, z, p FROM seasonal_mann_kendall(daily(35), alike(7, 35));
SELECT s, z, factor FROM hamed_rao(alike(7, 20));
SELECT slope, lo, hi FROM theil_sen((SELECT array_agg(i::float8) FROM generate_series(1, 20) AS i), alike(7, 20));
SELECT known(turning_point(daily(60), alike(7, 60))) AS turning_point;
SELECT lag, r, p, q FROM lag_corr(daily(60), alike(7, 60), alike(7, 60), 1);
SELECT forecast(daily(90), alike(7, 90), 3), weekday_factors(daily(90), alike(1, 90));

--
-- An exact line: the slope to rounding, no error, for certain up or down
--
SELECT sign, near(slope, sign * 0.3) AS slope, se, t, p_up, clipped FROM (VALUES (1), (-1)) AS s (sign),
    LATERAL trend_fit(daily(30), (SELECT array_agg(1000 + sign * 0.3 * i) FROM generate_series(1, 30) AS i)) AS f;
SELECT known(turning_point(daily(60), (SELECT array_agg(1000 + 0.3 * i) FROM generate_series(1, 60) AS i))) AS turning_point;

--
-- No growth of nothing, nor of less
--
SELECT 'zero' AS level, g, component_value(g, 0.2) AS c, reason FROM trend_fit(daily(30), alike(0, 30))
UNION ALL
SELECT 'below zero', g, component_value(g, 0.2), reason FROM trend_fit(daily(30), alike(-5, 30));
SELECT (m).g, (m).reason FROM (SELECT trend_moments(d, 0) AS m FROM unnest(daily(30)) AS d) AS f;

--
-- NaN and infinity are dropped and counted, NULL is merely absent
--
SELECT n, n_bad, groups, df FROM trend_fit(daily(30), '{NaN,Infinity,-Infinity,NULL}' || alike(5, 26));
SELECT n, n_bad FROM trend_fit(daily(30), alike(5, 30), '{NaN,Infinity,NULL,0}' || alike(1, 26));
SELECT (m).n, (m).n_bad FROM (
    SELECT trend_moments(d, v) AS m FROM unnest(daily(30), '{NaN,Infinity,-Infinity,NULL}' || alike(5, 26)) AS x (d, v)) AS f;
SELECT m.n AS mann_kendall, t.n AS theil_sen, p.n AS turning_point
FROM mann_kendall('{NaN,Infinity,-Infinity,NULL}' || alike(5, 46)) AS m,
    theil_sen(alike(1, 50), '{NaN,Infinity,-Infinity,NULL}' || alike(5, 46)) AS t,
    turning_point(daily(50), '{NaN,Infinity,-Infinity,NULL}' || alike(5, 46)) AS p;

--
-- No target, no judgement
--
SELECT (cac_component(3000, 60, target)).* FROM (VALUES (NULL::float8), (0), (-50), ('NaN')) AS t (target);
SELECT metric_status(50, target, 'down') FROM (VALUES (NULL::float8), (0), (-50), ('NaN')) AS t (target);

--
-- All weights 0, all components missing: no score
--
SELECT known(momentum_score('{a,b}', '{0,0}', '{1,0.5}')) AS no_weight, known(momentum_score('{a,b}', '{1,2}', '{NULL,NaN}')) AS no_component,
    known(momentum_score('{}', '{}', '{}')) AS nothing;
SELECT count(*), count(contribution) FROM score_contributions('{a,b}', '{0,0}', '{1,0.5}');
SELECT count(*), count(delta_c) FROM recovery_levers('{a,b}', '{1,2}', '{NULL,NULL}', '{NULL,NULL}', '{1,1}');
SELECT count(*), count(delta) FROM score_change('{a,b}', '{1,2}', '{NULL,NULL}', '{0.5,NULL}');

--
-- Arrays that cannot be: a clear error, which says what is wrong
--
CREATE TABLE public.wrong (nr serial, expression text);
INSERT INTO public.wrong (expression) VALUES
    ('trend_fit(daily(20), alike(1, 19))'), ('trend_fit(daily(20), alike(1, 20), alike(1, 19))'), ('trend_fit(daily(20), alike(1, 20), alike(-1, 20))'),
    ('trend_fit(daily(20) || daily(1), alike(1, 21))'), ('trend_fit(''{infinity}'', ''{1}'')'), ('trend_fit(''{{2025-01-06}}'', ''{1}'')'),
    ('trend_fit(daily(20001), alike(1, 20001))'), ('seasonal_theil_sen(daily(20), alike(1, 19))'), ('seasonal_mann_kendall(daily(20) || daily(1), alike(1, 21))'),
    ('mann_kendall(''{{1,2},{3,4}}'')'), ('mann_kendall(alike(1, 20001))'), ('hamed_rao(alike(1, 20), -1)'), ('theil_sen(alike(1, 3), alike(1, 2))'),
    ('theil_sen(alike(1, 1000000), alike(1, 1000000))'), ('turning_point(daily(40), alike(1, 39))'), ('turning_point(daily(40) || daily(1), alike(1, 41))'),
    ('lag_corr(daily(40), alike(1, 40), alike(1, 39))'), ('lag_corr(daily(40), alike(1, 40), alike(1, 40), -1)'), ('benjamini_hochberg(''{0.5,1.5}'')'),
    ('momentum_score(''{a}'', ''{1,2}'', ''{0}'')'), ('momentum_score(''{a}'', ''{-1}'', ''{0}'')'), ('momentum_score(''{a}'', ''{1}'', ''{2}'')'),
    ('momentum_score(''{a,a}'', ''{1,1}'', ''{0,0}'')'), ('momentum_score(''{a,NULL}'', ''{1,1}'', ''{0,0}'')'), ('score_change(''{a}'', ''{1}'', ''{0}'', ''{0,1}'')'),
    ('recovery_levers(''{a}'', ''{1}'', ''{0}'', ''{0}'', ''{0}'')'), ('lmdi(''{1,2}'', ''{1}'')'), ('lmdi(''{1,0}'', ''{1,2}'')'), ('lmdi(''{1,NaN}'', ''{1,2}'')'),
    ('shapley(alike(1, 9), alike(2, 9))'), ('shapley(''{1}'', ''{NULL}'')'), ('mix_rate(''{1}'', ''{1}'', ''{1}'', ''{1,2}'')'), ('mix_rate(''{-1}'', ''{1}'', ''{1}'', ''{1}'')'),
    ('cash_walk(0, ''{1}'', ''{1,2}'', ''{1}'')'), ('cash_walk(0, ''{NULL}'', ''{1}'', ''{1}'')'), ('cash_walk(''NaN'', ''{1}'', ''{1}'', ''{1}'')'),
    ('cash_walk(1e308, ''{1e308}'', ''{0}'', ''{0}'')'), ('runway(0, ''{Infinity}'', ''{1}'', ''{1}'')'), ('affordable_spend(''{1}'', 0, 0)'),
    ('cash_bands(0, alike(1, 9), alike(1, 9), alike(0, 9), alike(1, 9), 0)'), ('cash_bands(0, alike(1, 9), alike(1, 9), alike(0, 9), alike(1, 6))'),
    ('cash_bands(0, alike(1, 9), alike(1, 9), alike(0, 9), alike(1, 9), 1000000000)'), ('forecast(daily(90), alike(1, 90), 0)'),
    ('forecast(daily(90), alike(1, 90), 10000)'), ('marginal_cac(''{1}'', ''{1,2}'')'), ('marginal_cac(''{-1}'', ''{1}'')'),
    ('pacing(1, 1, ''{1,2}'', ''2025-02-01'', ''2025-02-28'', ''2025-02-09'')'), ('pacing(1, 1, NULL, ''2025-02-28'', ''2025-02-01'', ''2025-02-09'')'),
    ('metric_status(1, 1, ''sideways'')'), ('student_t_cdf(1, 0)'), ('component_value(1, 0)');
CREATE FUNCTION public.says(expression text) RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    odd bigint;
BEGIN
    EXECUTE 'SELECT count(*) FILTER (WHERE x::text ~ ''\m(NaN|Infinity)\M'' AND x::text !~ ''runway'') FROM ' || expression || ' AS x' INTO odd;
    RETURN CASE WHEN odd > 0 THEN 'is not finite' ELSE 'answers' END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT expression, says(expression) FROM public.wrong ORDER BY nr;

--
-- The model: brands at the edge beside a usual one
--
RESET search_path;
SET client_min_messages = warning;
SELECT momentum.setup();
CREATE FUNCTION pg_temp.add(brand text, metrics text[], value numeric, from_day date, to_day date, step interval DEFAULT '1 day') RETURNS void
LANGUAGE sql AS $$
    INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
    SELECT add.brand, m, d::date, 'shop', add.value, false FROM unnest(metrics) m, generate_series(from_day, to_day, step) d
    ON CONFLICT (brand, metric, day, channel) DO UPDATE SET value = excluded.value
$$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD' FROM unnest('{usual,nodata,oneday,zero,constant,late,slip,weekly}'::text[]) b;
INSERT INTO momentum_state.target (brand, metric, valid_from, value)
SELECT brand, 'cac', '-infinity', 50 FROM momentum_state.brand WHERE brand NOT IN ('slip', 'nodata');

-- usual: grows by 5 a day; nodata: nothing at all; oneday: opened yesterday;
-- zero: open, but sells nothing; constant: always the same.
SELECT pg_temp.add('usual', '{net_revenue,gross_sales}', 1000 + 5 * (d::date - '2026-05-01'::date), d::date, d::date)
  FROM generate_series('2026-03-01'::date, '2026-06-30', '1 day') d \g /dev/null
SELECT pg_temp.add('usual', '{orders,new_customers}', 20, '2026-03-01', '2026-06-30'), pg_temp.add('usual', '{sessions,ad_spend}', 900, '2026-03-01', '2026-06-30'),
       pg_temp.add('oneday', '{net_revenue,orders,sessions,ad_spend,new_customers}', 100, '2026-06-30', '2026-06-30'),
       pg_temp.add('zero', '{net_revenue,gross_sales,orders,sessions,ad_spend,new_customers,retail_units,retail_doors}', 0, '2026-03-01', '2026-06-30'),
       pg_temp.add('constant', '{net_revenue,gross_sales}', 1000, '2026-03-01', '2026-06-30'), pg_temp.add('constant', '{orders,new_customers}', 20, '2026-03-01', '2026-06-30'),
       pg_temp.add('constant', '{sessions,ad_spend}', 1000, '2026-03-01', '2026-06-30') \g /dev/null
-- late: as constant, but of the last 30 days ten have not come yet.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'late', metric, day, channel, value, false FROM momentum_state.metric_daily
 WHERE brand = 'constant' AND NOT (day BETWEEN '2026-06-10' AND '2026-06-19');
-- slip: figures at the limits of the hub, targets and settings at theirs.
SELECT pg_temp.add('slip', '{net_revenue,gross_sales,ad_spend,retail_units,sessions,orders,ad_purchase_value}', 999999999999, '2026-03-01', '2026-06-30'),
       pg_temp.add('slip', '{impressions,clicks,new_customers,retail_doors}', 1, '2026-03-01', '2026-06-30'),
       pg_temp.add('slip', '{orders}', 1, '2026-06-01', '2026-06-30') \g /dev/null
SELECT momentum.set_target('slip', metric, 999999999999) FROM momentum_state.metric WHERE metric NOT IN ('working_capital', 'runway_days') \g /dev/null
SELECT momentum.set_setting('slip', 'margin.share', '1'), momentum.set_setting('slip', 'margin.first_order', '999999999') \g /dev/null
INSERT INTO momentum_state.source (brand, source, service) VALUES ('slip', 'sheet', 'google_sheets'), ('usual', 'sheet', 'google_sheets');
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT brand, 'sheet', 't', 1, '2026-06-30', 'balance', CASE brand WHEN 'slip' THEN 9999999999999 ELSE 50000 END, 0 FROM momentum_state.source;
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT brand, 'sheet', 't', 1000 * nr + week, '2026-01-01', '2026-01-04'::date + 7 * week, kind, kind,
       CASE brand WHEN 'slip' THEN 9999999999999 ELSE 3000 END, 'shop', 'sheet', CASE WHEN week < 26 THEN 'booked' ELSE 'expected' END, 0
  FROM momentum_state.source, unnest('{in,cost,loan}'::text[]) WITH ORDINALITY k (kind, nr), generate_series(0, 52) week;
-- weekly: a feed with one row a week; the hub has zeros between.
SELECT pg_temp.add('weekly', '{retail_units}', 0, '2026-03-01', '2026-06-30'), pg_temp.add('weekly', '{retail_doors}', 100, '2026-03-01', '2026-06-30') \g /dev/null
SELECT pg_temp.add('weekly', '{retail_units}', u, d, d) FROM unnest('{1000,1040,1100,1500,1180,1230,1290,1300}'::numeric[]) WITH ORDINALITY x (u, n),
       LATERAL (SELECT '2026-05-06'::date + 7 * n::int - 7) y (d) \g /dev/null

SELECT momentum._refresh_matviews();
-- Every brand has its row; what is missing has a reason.
SELECT brand, score IS NOT NULL AS has_score, coverage, direction, reason FROM momentum.score ORDER BY brand;
SELECT brand, component, value, complete_through, reason FROM momentum.score_component WHERE brand <> 'slip' ORDER BY brand, place;
SELECT brand, metric, actual, status, trend, note IS NOT NULL AS has_note FROM momentum.dashboard WHERE brand IN ('nodata', 'oneday', 'zero') ORDER BY brand, place;
SELECT brand, question, decision, confidence, length(reasons) > 20 AS has_reasons FROM momentum.decision WHERE brand IN ('nodata', 'zero') ORDER BY brand, place;
-- Ten absent days are no zeros: the level is what the others have.
SELECT brand, (f).n, (f).level, (f).g FROM (
    SELECT brand, momentum.trend(day, net_revenue) AS f FROM momentum_state.recent_day
     WHERE day > '2026-05-31' AND brand IN ('late', 'constant') GROUP BY brand) x ORDER BY brand;
-- When they come, late, the answer is the constant's.
SELECT pg_temp.add('late', '{net_revenue,gross_sales}', 1000, '2026-06-10', '2026-06-19') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*), count(DISTINCT (raw, c, se, newest, reason)) AS different FROM momentum_state.component
 WHERE brand IN ('late', 'constant') AND component = 'revenue' AND back = 0;
-- Eight weekly values, not 56 days: the promotion of the fourth week is pulled in.
SELECT near(c.raw, f.g) AS growth, near(c.level, f.level) AS level, near(c.actual, 12.05) AS actual, f.n, f.clipped
  FROM momentum_state.component c,
       momentum.trend_fit(ARRAY(SELECT '2026-05-06'::date + 7 * i FROM generate_series(0, 7) i), '{10,10.4,11,15,11.8,12.3,12.9,13}') f
 WHERE c.brand = 'weekly' AND c.component = 'velocity' AND c.back = 0;

-- A figure beyond all is refused where it is told ...
\set VERBOSITY terse
SELECT momentum.set_target('slip', 'cac', 1e400::numeric);
SELECT momentum.set_target('slip', 'cac', 'Infinity');
SELECT momentum.set_target('slip', 'cac', 1e-400::numeric);
INSERT INTO momentum_state.target VALUES ('slip', 'cac', '2026-01-01', 1e400::numeric);
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES ('slip', 'bank', 't', 1, '2026-06-30', 'balance', 'NaN', 0);
SELECT momentum.add_event('slip', 'never', '5874897-12-31');
SELECT momentum.add_event('slip', 'long ago', '4713-01-01 BC');
INSERT INTO momentum_state.event (brand, event, from_day, to_day, kind, excluded) VALUES ('slip', 'never', '5874897-12-31', '5874897-12-31', 'other', false);
SELECT momentum.set_scenario('slip', 'nothing', in_factor => 1e-400::numeric, cost_factor => 100);
SELECT in_factor, cost_factor FROM momentum_state.scenario WHERE brand = 'slip';
SELECT momentum.set_scenario('slip', 'nothing', in_factor => 'NaN');
-- ... and every column of every view can be read for every brand, without NaN
-- or infinity but in a runway.
CREATE FUNCTION pg_temp.read_all() RETURNS TABLE (view_name text, trouble text) LANGUAGE plpgsql AS $$
DECLARE
    v record;
    odd bigint;
BEGIN
    FOR v IN SELECT c.relname, c.oid::regclass AS relation FROM pg_class c
              WHERE c.relnamespace = 'momentum'::regnamespace AND c.relkind = 'v'
                AND c.relname <> 'audit'       -- it repeats what somebody said
              ORDER BY c.relname LOOP
        BEGIN
            EXECUTE format($q$
                SELECT count(*) FILTER (WHERE regexp_replace(line, '"[a-z_]*runway[a-z_]*": *"?Infinity', '', 'g') ~ '\m(NaN|Infinity)\M')
                  FROM (SELECT to_jsonb(x)::text AS line FROM %s x) r$q$, v.relation) INTO odd;
            IF odd > 0 THEN
                RETURN QUERY SELECT v.relname::text, format('%s not finite', odd);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RETURN QUERY SELECT v.relname::text, SQLERRM;
        END;
    END LOOP;
END $$;
SELECT * FROM pg_temp.read_all();
-- "What if" of every brand, by good and bad words: an answer, or what is wrong.
CREATE TABLE public.asked AS
SELECT b, key, value, says(format('momentum.what_if(%L, jsonb_build_object(%L, %s))', b, key, value)) AS answer
  FROM unnest('{usual,nodata,oneday,zero,slip,nobody}'::text[]) b,
       unnest('{spend,cac,conversion_rate,price,doors,payment_terms_days,vendor_terms_days,payment_fee,payout_lag,nonsense}'::text[]) key,
       unnest('{0,1,-1,30,0.5,1e300,1e-300,1e400::numeric,''NaN''::numeric,''+20%''::text,''-100%''::text,''+1e400%''::text,''abc''::text,
           null::text,true,''[1]''::jsonb}'::text[]) value;
SELECT b, count(*) AS asked, count(*) FILTER (WHERE answer = 'answers') AS answered FROM public.asked GROUP BY b ORDER BY b;
SELECT * FROM public.asked WHERE answer !~ '^(answers|22)' LIMIT 5;
-- Settings that cannot be, written past set_setting(): the default holds.
CREATE TEMP TABLE told AS SELECT s.key, v.value, says(format('momentum.set_setting(%L, %L, %L)', 'slip', s.key, v.value)) AS answer
  FROM (SELECT DISTINCT key FROM momentum_state.setting) s, unnest('{NaN,1e999,-1e999,abc,Infinity}'::text[]) v (value);
SELECT count(*) > 200 AS told, count(*) FILTER (WHERE answer !~ '^(answers|22)') AS trouble FROM told;
DELETE FROM momentum_state.setting WHERE brand = 'slip';
INSERT INTO momentum_state.setting (brand, key, value) SELECT 'slip', key, 'NaN' FROM momentum_state.setting WHERE brand = '';
SELECT momentum._refresh_matviews();
SELECT * FROM pg_temp.read_all();
UPDATE momentum_state.setting SET value = '1e999' WHERE brand = 'slip';
SELECT momentum._refresh_matviews();
SELECT * FROM pg_temp.read_all();
UPDATE momentum_state.setting SET value = '' WHERE brand = 'slip';
SELECT momentum._refresh_matviews();
SELECT * FROM pg_temp.read_all();
-- The usual brand answers as if it were alone.
CREATE TEMP TABLE beside AS SELECT component, raw, c, se, share, contribution FROM momentum_state.component WHERE brand = 'usual';
DELETE FROM momentum_state.metric_daily WHERE brand <> 'usual';
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) AS rows, (SELECT count(*) FROM (TABLE beside EXCEPT SELECT component, raw, c, se, share, contribution FROM momentum_state.component) x) AS changed
  FROM momentum_state.component WHERE brand = 'usual';
-- And with nobody having any data.
DELETE FROM momentum_state.metric_daily;
SELECT momentum._refresh_matviews();
SELECT brand, score, direction, reason FROM momentum.score ORDER BY brand;
SELECT * FROM pg_temp.read_all();
