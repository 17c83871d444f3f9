-- What the next customer costs.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- Thirteen weeks: customers grow slower than spend, so the next one is dearer
-- than the average.  Reference numbers hold to a relative error of 1e-9.
CREATE TABLE public.weeks AS
SELECT n, spend, new_customers
FROM unnest('{5000,5400,6100,5800,6500,7200,7000,7600,8100,7900,8600,9100,9000}'::float8[],
    '{118,124,134,131,139,147,146,153,158,157,164,168,168}'::float8[])
    WITH ORDINALITY AS s (spend, new_customers, n);
CREATE VIEW public.arrays AS
SELECT array_agg(spend ORDER BY n) AS x, array_agg(new_customers ORDER BY n) AS y FROM public.weeks;
SELECT near(beta, 0.591092835322766) AS beta, near(se, 0.00847981896822107) AS se,
    near(cac_4w, 52.6636225266362) AS cac_4w, near(mcac, 89.0953491120703) AS mcac, reason
FROM public.arrays, marginal_cac(x, y);

-- Only the last thirteen weeks with spend and customers count.
SELECT near(mcac, 89.0953491120703) AS same
FROM public.arrays, marginal_cac('{1,99999,0,500,NULL}' || x, '{900,2,5,0,7}' || y);

-- Why there is none.
SELECT 'twelve weeks' AS case, round(beta::numeric, 3) AS beta, round(cac_4w::numeric, 2) AS cac_4w,
    mcac, reason
FROM public.arrays, marginal_cac(x[2:], y[2:])
UNION ALL
SELECT 'always the same spend', round(beta::numeric, 3), round(cac_4w::numeric, 2), mcac, reason
FROM public.arrays, marginal_cac((SELECT array_agg(7000 + n ORDER BY n) FROM public.weeks), y)
UNION ALL
SELECT 'more spend, fewer customers', round(beta::numeric, 3), round(cac_4w::numeric, 2), mcac,
    reason
FROM public.arrays, marginal_cac(x, (SELECT array_agg(1e6 / spend ORDER BY n) FROM public.weeks))
UNION ALL
SELECT 'noise', round(beta::numeric, 3), round(cac_4w::numeric, 2), mcac, reason
FROM public.arrays, marginal_cac(x,
    (SELECT array_agg(100 + spend / 100 + (47 * n * n + 29 * n) % 97 ORDER BY n) FROM public.weeks))
UNION ALL
SELECT 'nobody for a month', round(beta::numeric, 3), cac_4w, mcac, reason
FROM public.arrays, marginal_cac(x || '{900,900,900,900}', y || '{0,0,0,0}')
UNION ALL
SELECT 'nothing', beta, cac_4w, mcac, reason FROM marginal_cac('{}', '{}')
UNION ALL
SELECT 'NULL', beta, cac_4w, mcac, reason FROM marginal_cac(NULL, NULL);

-- An exact power law has no error, and its elasticity.
SELECT near(beta, 0.5) AS beta, reason
FROM public.arrays, marginal_cac(x, (SELECT array_agg(sqrt(spend) ORDER BY n) FROM public.weeks));

SELECT marginal_cac('{1,2}', '{1}');
SELECT marginal_cac('{1,-2}', '{1,1}');

-- Four weeks without spend: what the next customer costs is not 0.
SELECT round(beta::numeric, 6) AS beta, cac_4w, mcac, reason
FROM public.arrays, marginal_cac(x || '{0,0,0,0}', y || '{5,5,5,5}');
