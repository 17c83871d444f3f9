-- The momentum score: components, value, what moved it, what brings it back.
-- Reference numbers hold to a relative error of 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

--
-- From raw quantities to components
--
-- CAC against a target of 50: on target 0, half as dear again or worse -1.
SELECT round(1000 / customers, 2) AS cac, round(c::numeric, 4) AS c,
    near(c, expected) OR c = expected AS ok, reason
FROM (VALUES (1000.0 / 50, 0.0), (1000.0 / 60, -0.449660286786791),
    (1000.0 / 40, 0.550339713213209),
        (1000.0 / 75, -1), (1000.0 / 25, 1)) AS v (customers, expected),
    cac_component(1000, customers::float8, 50) AS f;

-- 520 new customers: the standard error of ln CAC is 1 / √520.
SELECT near(se, sqrt(1 / 520.0::float8) / ln(1.5::float8)) AS se FROM cac_component(31200, 520, 50);

-- What cannot be divided has a rule or is missing.
SELECT 'spend, nobody came' AS case, * FROM cac_component(1000, 0, 50)
UNION ALL SELECT 'customers for nothing', * FROM cac_component(0, 20, 50)
UNION ALL SELECT 'nothing happened', * FROM cac_component(0, 0, 50)
UNION ALL SELECT 'spend not known', * FROM cac_component(NULL, 20, 50)
UNION ALL SELECT 'no target', * FROM cac_component(1000, 20, NULL)
UNION ALL SELECT 'target of zero', * FROM cac_component(1000, 20, 0)
UNION ALL SELECT 'NaN', * FROM cac_component('NaN', 20, 50);
SELECT cac_component(-1, 20, 50);

SELECT component_value(0.05, 0.20) AS half_of_half, component_value(-0.5, 0.20) AS clipped,
    component_value('Infinity', 1) AS endless_runway, component_value(NULL, 1) AS missing,
    component_value('NaN', 1) AS nan;
SELECT component_value(0.05, 0);

--
-- The score
--
CREATE TABLE public.brand (name text, component text[], weight float8[], c0 float8[], c float8[],
    se float8[]);
INSERT INTO public.brand
SELECT 'all five', '{revenue,cac,conversion,velocity,runway}', '{.30,.25,.20,.15,.10}',
    '{-.20,-.10,.15,.05,-.30}',
    '{.5376045598194,-.449660286786791,-.726102151756176,.0771935472560594,.0395010395010394}',
    ARRAY[0.0283964810352644 / 0.20, sqrt(1 / 520.0::float8) / ln(1.5::float8),
        0.145220430351235 / 45.664701103951 / 0.20, 0.0154387094512119 / 3.33221823484434 / 0.20,
            0];

SELECT near(score, -0.0808249980636003) AS score, coverage, near(f.se, 0.0506713572320894) AS se,
    near(p_up, 0.0553468877651295) AS p_up, direction, confidence, reason
FROM public.brand AS b, momentum_score(component, weight, c, b.se) AS f;

-- A missing component gives its weight to the others.
SELECT near(score, -0.108710623708246) AS without_velocity, round(coverage::numeric, 2) AS coverage,
    direction, confidence
FROM public.brand AS b, momentum_score(component, weight,
    ARRAY[c[1], c[2], c[3], NULL, c[5]], b.se);
-- Half of the weights is enough for a score, less is not.
SELECT near(score, 0.0321218751891695) AS revenue_and_conversion,
    round(coverage::numeric, 2) AS coverage,
    direction, reason
FROM public.brand AS b, momentum_score(component, weight, ARRAY[c[1], NULL, c[3], NULL, 'NaN']);
SELECT score, round(coverage::numeric, 2) AS coverage, f.se, p_up, direction, confidence, reason
FROM public.brand AS b, momentum_score(component, weight, ARRAY[c[1], NULL, NULL, NULL, c[5]], b.se)
    AS f;

-- Without standard errors there is a direction and no confidence.
SELECT direction, f.se, p_up, confidence, reason
FROM public.brand AS b, momentum_score(component, weight, c) AS f;
SELECT direction, f.se, p_up, confidence, reason
FROM public.brand AS b, momentum_score(component, weight, c,
    ARRAY[b.se[1], NULL, b.se[3], b.se[4], 0]) AS f;

-- Sure, leaning, undecided.
SELECT c, direction, round(p_up::numeric, 3) AS p_up, confidence
FROM (VALUES (0.2), (0.1), (0.02), (0), (-0.02), (-0.1), (-0.2)) AS v (c),
    momentum_score('{one}', '{1}', ARRAY[c::float8], '{0.15}');
SELECT c, direction, p_up, confidence
FROM (VALUES (0.2), (0), (-0.2)) AS v (c), momentum_score('{one}', '{1}', ARRAY[c::float8], '{0}');

-- No weights, no components, nothing known.
SELECT * FROM momentum_score('{a,b}', '{0,0}', '{1,1}');
SELECT * FROM momentum_score('{a,b}', '{1,1}', '{NULL,NULL}');
SELECT * FROM momentum_score('{}', '{}', '{}');
SELECT * FROM momentum_score(NULL, NULL, NULL);

-- The sum of the contributions is the score, exactly.
SELECT x.component, round(x.weight::numeric, 4) AS weight, round(x.c::numeric, 4) AS c,
    round(contribution::numeric, 4) AS contribution
FROM public.brand AS b, score_contributions(component, weight,
    ARRAY[b.c[1], b.c[2], b.c[3], NULL, b.c[5]]) AS x;
SELECT sum(contribution) = (momentum_score(array_agg(x.component), array_agg(v.w),
    array_agg(x.c))).score AS exact,
    near(sum(x.weight), 1) AS weights
FROM public.brand AS b, unnest(b.component, b.weight) AS v (k, w),
    score_contributions(component, weight, c) AS x
WHERE v.k = x.component;

--
-- What moved the score
--
SELECT x.component, near(delta, expected) AS delta, round(delta::numeric, 4) AS shown,
    near(value_part, delta) AS all_value, coverage_part, rank
FROM public.brand, score_change(component, weight, c0, c) AS x
JOIN unnest('{revenue,cac,conversion,velocity,runway}'::text[],
    '{.22128136794582,-.0874150716966979,-.17522043035123522,.00407903208840891,.0339501039501039}'::float8[])
    AS e (k, expected) ON k = x.component;
SELECT near(sum(delta), -0.0033249980636003) AS sum_of_deltas,
    near(sum(delta), (momentum_score(component, weight, c)).score
        - (momentum_score(component, weight, c0)).score) AS change_of_score
FROM public.brand, LATERAL (SELECT sum(delta) AS delta FROM score_change(component, weight, c0, c))
    AS x
GROUP BY component, weight, c, c0;

-- A component that vanishes moves the score through the coverage only, and the
-- others through both; all of it still sums up.
SELECT x.component, round(delta::numeric, 4) AS delta, round(value_part::numeric, 4) AS value_part,
    round(coverage_part::numeric, 4) AS coverage_part, rank
FROM public.brand AS b, score_change(component, weight, c0, ARRAY[c[1], c[2], c[3], NULL, c[5]])
    AS x;
SELECT near(sum(delta), -0.108710623708246 + 0.0775) AS change_of_score,
    bool_and(near(delta, value_part + coverage_part)) AS both_parts
FROM public.brand AS b, score_change(component, weight, c0, ARRAY[c[1], c[2], c[3], NULL, c[5]])
    AS x;
-- From nothing there is no change.
SELECT * FROM score_change('{a,b}', '{1,1}', '{NULL,NULL}', '{0.5,0.5}');

--
-- What brings it back to 0
--
SELECT x.component, round(delta_c::numeric, 4) AS delta_c, round(c_needed::numeric, 4) AS c_needed,
    round(raw_needed::numeric, 4) AS raw_needed, reachable,
    CASE x.component
        WHEN 'revenue' THEN near(raw_needed - b.raw[1], 0.0538833320424002)
        WHEN 'cac' THEN near(50 * exp(-raw_needed), 52.6284946217253)
        WHEN 'conversion' THEN near(raw_needed - b.raw[3], 0.0808249980636003)
        WHEN 'runway' THEN near((raw_needed - b.raw[5]) * 90, 72.7424982572402)
    END AS ok
FROM (SELECT *, ARRAY[0.10752091196388, ln(50 / 60.0::float8), -0.145220430351235,
    0.0154387094512119,
        (93.5550935550936 - 90) / 90] AS raw FROM public.brand) AS b,
    recovery_levers(component, weight, c, raw, ARRAY[0.20, ln(1.5::float8), 0.20, 0.20, 1]) AS x;
-- Pulled by one lever alone, the score is 0.
SELECT x.component, abs((momentum_score(b.component, b.weight,
    b.c[:n - 1] || LEAST(1, c_needed) || b.c[n + 1:])).score) < 1e-12 AS score_is_0
FROM (SELECT *, array_fill(NULL::float8, '{5}') AS raw FROM public.brand) AS b,
    recovery_levers(component, weight, c, raw, '{1,1,1,1,1}') WITH ORDINALITY
        AS x (component, delta_c, c_needed, raw_needed, reachable, n);
-- A raw quantity beyond its scale counts from the edge; a missing component is no
-- lever; what needs more than 1 cannot be reached.
SELECT * FROM recovery_levers('{a,b,missing}', '{.5,.4,.1}', '{-1,-.25,NULL}', '{-3,-.05,NULL}',
    '{.2,.2,1}');
-- Without a score there are no levers.
SELECT * FROM recovery_levers('{a,b}', '{.4,.6}', '{-1,NULL}', '{-3,NULL}', '{.2,.2}');

--
-- Mistakes
--
SELECT momentum_score('{a,b}', '{1}', '{1,1}');
SELECT momentum_score('{a,b}', '{1,1}', '{1}');
SELECT momentum_score('{a,b}', '{1,1}', '{1,1}', '{1}');
SELECT momentum_score('{a,b}', '{1,-1}', '{1,1}');
SELECT momentum_score('{a,b}', '{1,NULL}', '{1,1}');
\echo :LAST_ERROR_SQLSTATE
SELECT momentum_score('{a,b}', '{1,NaN}', '{1,1}');
\echo :LAST_ERROR_SQLSTATE
SELECT momentum_score('{a,NULL}', '{1,1}', '{1,1}');
SELECT momentum_score('{a,a}', '{1,1}', '{1,1}');
SELECT momentum_score('{a,b}', '{1,1}', '{1,1.5}');
SELECT momentum_score('{a,b}', '{1,1}', '{1,1}', '{1,-1}');
SELECT * FROM recovery_levers('{a}', '{1}', '{.5}', '{.5}', '{0}');
SELECT * FROM score_change('{a}', '{1}', '{.5}', NULL);
