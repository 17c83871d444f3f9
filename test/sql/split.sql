-- Why a number changed: exact splits of a change between two periods.
-- Reference numbers hold to a relative error of 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;
CREATE FUNCTION public.near(got float8[], expected float8[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT cardinality(got) = cardinality(expected) AND bool_and(public.near(g, e)) FROM unnest(got, expected) AS u (g, e) $$;

--
-- A product of factors
--
-- Sessions, orders per session, money per order: 80,000 to 79,376.
SELECT near(lmdi('{40000,.025,80}', '{44000,.022,82}'), '{7595.03879892422,-10186.7336564485,1967.69485752418}') AS lmdi,
    near(shapley('{40000,.025,80}', '{44000,.022,82}'), '{7612,-10208,1972}') AS shapley;
SELECT round(sum(p)::numeric, 6) AS change FROM unnest(lmdi('{40000,.025,80}', '{44000,.022,82}')) AS p;
-- Doors, units per store and week, weeks, price.
SELECT near(lmdi('{120,9.5,7,4}', '{132,9.1,7,4.2}'), '{3201.37786664881,-1444.912859998478,0,1638.81499334968}') AS retail;
-- CAC 50 to 63.45: cost per thousand, clicks per impression, customers per click.
SELECT near(lmdi(ARRAY[12 / 1000.0, 1 / .012, 1 / .02], ARRAY[13.5 / 1000, 1 / .0115, 1 / .0185]),
    '{6.650081819234,2.40293448460382,4.4017428030952}') AS cac;

-- A factor of zero, or below, has no logarithm.
SELECT lmdi('{100,2,3}', '{0,0,3}');
SELECT shapley('{100,2,3}', '{0,0,3}');
SELECT shapley('{2,-3}', '{-1,5}') AS mixed_signs, -1 * 5 - 2 * -3 AS change;

-- product_change() chooses, and says so.
SELECT method, near(parts, '{7595.03879892422,-10186.7336564485,1967.69485752418}') AS parts, delta
FROM product_change('{40000,.025,80}', '{44000,.022,82}');
SELECT * FROM product_change('{100,2,3}', '{0,0,3}');
SELECT * FROM product_change('{5}', '{7}');
SELECT * FROM product_change('{0,0}', '{0,0}');
SELECT * FROM product_change('{}', '{}');

-- Hardly any change: the parts keep their digits.
SELECT near(parts, ARRAY[16 * d, 16 * d]) AS tiny_change
FROM (SELECT 2 ^ -40::float8 AS d) AS x, lmdi('{8,2}', ARRAY[8 * (1 + d), 2 * (1 + d)]) AS parts;
SELECT lmdi('{10,2}', '{10,2}') AS no_change, lmdi('{2,4}', '{4,2}') AS same_product;

-- Huge and tiny factors, as long as what they come to is a number.
SELECT near(parts, '{115.129254649702,-115.129254649702}') AS balanced
FROM (SELECT lmdi('{1e-25,1e25}', '{1e25,1e-25}') AS parts) AS x;
SELECT lmdi('{1e-300,1e-300}', '{1e300,1e-300}') AS from_almost_nothing;
SELECT shapley('{1e200,1e200,1e-300}', '{0,1e200,1e-300}');
SELECT lmdi('{1e200,1e200}', '{1,1}');
SELECT shapley('{1,1}', '{1e200,-1e200}');
SELECT shapley('{1e200,1e-200}', '{1e-200,1e200}');

--
-- Over 10,000 products of 1 to 8 factors, among them zeros, negative ones,
-- huge and tiny ones, and such that do not change: the parts add up to the
-- change, are the same in another order, and change sign with time.  (Where
-- parts of different sign outgrow both products, as those of -3 * 5 and 0 do,
-- the last digits are those of the parts.)
--
CREATE FUNCTION public.noise(i bigint, k bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(i, k) & 1073741823) / 1073741824.0::float8 $$;
CREATE FUNCTION public.factor(i bigint, k bigint) RETURNS float8    -- of every third product: zero, negative
    LANGUAGE sql IMMUTABLE AS
$$ SELECT (0.1 + public.noise(i, k))
    * CASE WHEN i % 3 > 0 THEN 1 WHEN public.noise(i, k + 100) < 0.2 THEN 0 WHEN public.noise(i, k + 100) < 0.4 THEN -1 ELSE 1 END $$;
CREATE FUNCTION public.scale(i bigint, k bigint) RETURNS float8     -- of every fifth: from 1e-30 to 1e30
    LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN i % 5 = 0 THEN 10 ^ (60 * (public.noise(i, k) - 0.5)) ELSE 1 END $$;
CREATE TABLE public.product AS
SELECT i, array_agg(f0 ORDER BY j) AS f0, array_agg(CASE WHEN noise(i, 40 + j) < 0.15 THEN f0 ELSE f1 END ORDER BY j) AS f1
FROM (SELECT i, j, factor(i, 10 + j) * scale(i, 30 + j) AS f0,
            factor(i, 20 + j) * scale(i, CASE WHEN i % 3 > 0 THEN 50 ELSE 30 END + j) AS f1
    FROM generate_series(1, 10000) AS i, generate_series(1, 1 + (i % 8)) AS j) AS f
GROUP BY i;
CREATE FUNCTION public.multiplied(f float8[]) RETURNS float8
    LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN bool_or(x = 0) THEN 0
    ELSE exp(sum(ln(abs(nullif(x, 0))))) * (1 - 2 * (count(*) FILTER (WHERE x < 0) % 2)) END FROM unnest(f) AS x $$;
SELECT method, count(*), count(*) FILTER (WHERE abs(total - (r1 - r0)) > 1e-9 * largest) AS inexact,
    count(*) FILTER (WHERE abs(delta - (r1 - r0)) > 1e-9 * largest) AS wrong_change
FROM (SELECT p.method, p.delta, multiplied(f0) AS r0, multiplied(f1) AS r1,
            greatest(abs(multiplied(f0)), abs(multiplied(f1)), a.part) AS largest, a.total
    FROM public.product, product_change(f0, f1) AS p,
        LATERAL (SELECT sum(u) AS total, CASE p.method WHEN 'shapley' THEN max(abs(u)) END AS part FROM unnest(p.parts) AS u) AS a) AS e
GROUP BY method ORDER BY method;
SELECT count(*) AS not_reversible
FROM public.product, LATERAL unnest((product_change(f0, f1)).parts, (product_change(f1, f0)).parts) AS u (there, back)
WHERE NOT near(there, -back);
-- The factors in reverse order, the parts read backwards.
SELECT count(*) AS not_symmetric
FROM public.product,
    LATERAL (SELECT array_agg(a ORDER BY n DESC) AS r0, array_agg(b ORDER BY n DESC) AS r1
        FROM unnest(f0, f1) WITH ORDINALITY AS u (a, b, n)) AS turned,
    LATERAL (SELECT (product_change(f0, f1)).parts AS x, (product_change(r0, r1)).parts AS y) AS p,
    generate_subscripts(x, 1) AS n
WHERE NOT near(x[n], y[cardinality(y) + 1 - n])
    AND abs(x[n] - y[cardinality(y) + 1 - n]) > 1e-9 * greatest(abs((product_change(f0, f1)).delta), abs(x[n]));
-- What did not change has no part.
SELECT count(*) AS parts_of_nothing
FROM public.product, LATERAL unnest(f0, f1, (product_change(f0, f1)).parts) AS u (a, b, part)
WHERE a = b AND part <> 0;

--
-- A rate over segments: what their shares did, what their rates did
--
-- Orders (300,100,50) to (279,133,66) of sessions as given.
SELECT segment, round(mix::numeric, 12) AS mix, round(rate::numeric, 12) AS rate
FROM mix_rate('{10000,5000,5000}', ARRAY[300 / 10000.0, 100 / 5000.0, 50 / 5000.0],
    '{9000,7000,6000}', ARRAY[279 / 9000.0, 133 / 7000.0, 66 / 6000.0]);
SELECT near(sum(mix), -0.00120454545454545) AS mix, near(sum(rate), 0.000431818181818182) AS rate,
    near(sum(mix) + sum(rate), -0.000772727272727272) AS change
FROM mix_rate('{.5,.25,.25}', '{.03,.02,.01}', ARRAY[9 / 22.0, 7 / 22.0, 6 / 22.0], '{.031,.019,.011}');

-- A segment that is new, or gone, counts with the rate of all on the side where it is absent.
SELECT segment, round(mix::numeric, 6) AS mix, round(rate::numeric, 6) AS rate
FROM mix_rate('{1,0}', '{.03,NULL}', '{.5,.5}', '{.03,.01}');
SELECT segment, round(mix::numeric, 6) AS mix, round(rate::numeric, 6) AS rate
FROM mix_rate('{.5,.5,0}', '{.03,.01,NULL}', '{1,0,0}', '{.03,NULL,NULL}');
-- One segment alone has no mix.
SELECT * FROM mix_rate('{700}', '{.25}', '{900}', '{.75}');

-- Over 10,000 of them, with absent segments, the parts add up to the change,
-- and change sign with time.
CREATE TABLE public.rate AS
SELECT i, array_agg(CASE WHEN j > 1 AND noise(i, j) < 0.2 THEN 0 ELSE 1e6 * noise(i, 70 + j) + 1 END ORDER BY j) AS s0,
    array_agg(noise(i, 80 + j) ORDER BY j) AS r0,
    array_agg(CASE WHEN j > 1 AND noise(i, 10 + j) < 0.2 THEN 0 ELSE 1e6 * noise(i, 90 + j) + 1 END ORDER BY j) AS s1,
    array_agg(noise(i, 100 + j) ORDER BY j) AS r1
FROM generate_series(1, 10000) AS i, generate_series(1, 1 + i % 7) AS j
GROUP BY i;
CREATE FUNCTION public.overall(s float8[], r float8[]) RETURNS float8
    LANGUAGE sql IMMUTABLE AS
$$ SELECT sum(a * b) / sum(a) FROM unnest(s, r) AS u (a, b) $$;
SELECT count(*) AS rates, count(*) FILTER (WHERE abs(parts - (overall(s1, r1) - overall(s0, r0))) > 1e-9 * greatest(overall(s0, r0), overall(s1, r1))) AS inexact
FROM (SELECT *, (SELECT sum(mix + rate) FROM mix_rate(s0, r0, s1, r1)) AS parts FROM public.rate) AS x;
SELECT count(*) AS not_reversible
FROM public.rate, mix_rate(s0, r0, s1, r1) AS there, mix_rate(s1, r1, s0, r0) AS back
WHERE there.segment = back.segment AND (there.mix <> -back.mix OR there.rate <> -back.rate);

--
-- Mistakes
--
SELECT lmdi(NULL, '{1}') AS null_array, (product_change('{1}', NULL)).delta AS null_array;
SELECT lmdi('{1,2}', '{1}');
SELECT lmdi('{1,NULL}', '{1,2}');
\echo :LAST_ERROR_SQLSTATE
SELECT shapley('{1,NaN}', '{1,2}');
SELECT shapley('{1,2}', '{1,-Infinity}');
SELECT lmdi('{{1,2}}', '{{1,2}}');
SELECT shapley('{1,1,1,1,1,1,1,1,0}', '{1,1,1,1,1,1,1,1,1}');
\echo :LAST_ERROR_SQLSTATE
SELECT product_change('{1,1,1,1,1,1,1,1,0}', '{1,1,1,1,1,1,1,1,1}');
SELECT (product_change(array_fill(1, '{9}'), array_fill(1, '{9}'))).method AS nine_above_zero;
SELECT cardinality(lmdi(array_fill(1, '{20001}'), array_fill(1, '{20001}')));
SELECT * FROM mix_rate(NULL, '{1}', '{1}', '{1}');
SELECT * FROM mix_rate('{1}', '{1,2}', '{1}', '{1}');
SELECT * FROM mix_rate('{1}', '{1}', '{1,2}', '{1,1}');
SELECT * FROM mix_rate('{0,0}', '{1,1}', '{1,1}', '{1,1}');
SELECT * FROM mix_rate('{-1,2}', '{1,1}', '{1,1}', '{1,1}');
SELECT * FROM mix_rate('{1,1}', '{1,NULL}', '{1,1}', '{1,1}');
SELECT * FROM mix_rate('{1,1}', '{1,1}', '{1,1}', '{1,NaN}');
SELECT * FROM mix_rate('{}', '{}', '{}', '{}');
