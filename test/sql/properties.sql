-- What must hold whatever the numbers are: parts add up to the whole, levers do
-- what they promise, and what must not matter does not.  Ten thousand random
-- inputs for each property, drawn by a hash, so every run draws the same; each
-- line tells how many were tried and how many broke it.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

-- Between 0 and 1, for a case, a place in it and a purpose.
CREATE FUNCTION public.draw(a integer, b integer, c integer) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(a::bigint * 1000003 + b * 1009 + c, 7) & 9007199254740991) / 9007199254740992.0::float8 $$;
-- Equal to 1e-9, of the numbers themselves or of a scale they are made from.
CREATE FUNCTION public.near(a float8, b float8, scale float8 DEFAULT 0) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT a IS NOT DISTINCT FROM b OR abs(a - b) <= 1e-9 * greatest(abs(a), abs(b), scale) $$;
CREATE FUNCTION public.total(a float8[]) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(sum(v), 0) FROM unnest(a) AS v $$;

--
-- The score: one to six components, one of five missing, weights of any size
--
CREATE TABLE public.scores AS
SELECT i, array_agg('c' || k ORDER BY k) AS names, array_agg(10 ^ floor(7 * draw(i, k, 1) - 3) * (1 + draw(i, k, 2)) ORDER BY k) AS weight,
    array_agg(CASE WHEN draw(i, k, 3) < 0.8 THEN 2 * draw(i, k, 4) - 1 END ORDER BY k) AS c0,
    array_agg(CASE WHEN draw(i, k, 5) < 0.8 THEN 2 * draw(i, k, 6) - 1 END ORDER BY k) AS c1,
    array_agg(0.1 + draw(i, k, 7) ORDER BY k) AS full_scale
FROM generate_series(1, 16000) AS i, LATERAL generate_series(1, 1 + floor(6 * draw(i, 0, 0))::int) AS k
GROUP BY i;

-- Contributions sum to the score, shares to 1.
SELECT count(*) AS tried, count(f.score) AS scores,
    count(*) FILTER (WHERE NOT near(f.score, parts.sum, 1)) AS sum, count(*) FILTER (WHERE NOT near(parts.share, 1)) AS shares,
    count(*) FILTER (WHERE abs(f.score) > 1) AS beyond
FROM public.scores AS s, momentum_score(names, weight, c1) AS f,
    LATERAL (SELECT sum(contribution) AS sum, sum(p.weight) AS share FROM score_contributions(names, weight, c1) AS p) AS parts
WHERE f.score IS NOT NULL;

-- Deltas sum to the change of the score; each is its value and coverage parts.
SELECT count(*) AS tried,
    count(*) FILTER (WHERE NOT near(d.delta, f1.score - f0.score, 1)) AS sum,
    count(*) FILTER (WHERE NOT coalesce(d.split, false)) AS split
FROM public.scores AS s, momentum_score(names, weight, c0) AS f0, momentum_score(names, weight, c1) AS f1,
    LATERAL (
        SELECT sum(x.delta) AS delta, bool_and(near(x.delta, x.value_part + x.coverage_part, 1)) FILTER (WHERE x.delta IS NOT NULL) AS split
        FROM score_change(names, weight, c0, c1) AS x) AS d
WHERE f0.score IS NOT NULL AND f1.score IS NOT NULL;

-- A lever within reach, pulled, brings the score to 0; its raw quantity too.
CREATE TABLE public.levers AS
SELECT s.i, l.component, l.c_needed, l.raw_needed, l.reachable, s.names, s.weight, s.full_scale, s.c1, k.place::int AS place
FROM public.scores AS s, recovery_levers(names, weight, c1,
        ARRAY(SELECT c * f FROM unnest(c1, full_scale) WITH ORDINALITY AS x (c, f, n) ORDER BY n), full_scale)
        WITH ORDINALITY AS l (component, delta_c, c_needed, raw_needed, reachable, place),
    LATERAL (SELECT l.place) AS k (place);
SELECT count(*) AS tried,
    count(*) FILTER (WHERE abs(pulled.score) > 1e-12 OR pulled.score IS NULL) AS score_left,
    count(*) FILTER (WHERE NOT near(component_value(raw_needed, full_scale[place]), c_needed, 1)) AS raw
FROM public.levers AS l,
    momentum_score(names, weight, c1[:place - 1] || greatest(-1, least(1, c_needed)) || c1[place + 1:]) AS pulled
WHERE reachable;
-- What is out of reach stays so: at its limit the score keeps its sign.
SELECT count(*) AS tried, count(*) FILTER (WHERE sign(pulled.score) <> sign(f.score)) AS turned
FROM public.levers AS l, momentum_score(names, weight, c1) AS f,
    momentum_score(names, weight, c1[:place - 1] || sign(c_needed) || c1[place + 1:]) AS pulled
WHERE NOT reachable;

--
-- Why a product or a rate changed
--
CREATE TABLE public.products AS
SELECT i, array_agg(10 ^ (8 * draw(i, k, 11) - 4) ORDER BY k) AS f0,
    array_agg(10 ^ (8 * draw(i, k, 11) - 4) * CASE WHEN draw(i, k, 12) < 0.1 THEN 1 WHEN draw(i, k, 12) < 0.3 THEN 1 + 1e-9 * draw(i, k, 13)
        ELSE 10 ^ (2 * draw(i, k, 13) - 1) END ORDER BY k) AS f1,
    array_agg(CASE WHEN draw(i, k, 14) < 0.2 THEN 0 ELSE 200 * draw(i, k, 15) - 60 END ORDER BY k) AS g0,
    array_agg(CASE WHEN draw(i, k, 16) < 0.2 THEN 0 ELSE 200 * draw(i, k, 17) - 60 END ORDER BY k) AS g1
FROM generate_series(1, 10000) AS i, LATERAL generate_series(1, 1 + floor(5 * draw(i, 0, 10))::int) AS k
GROUP BY i;
CREATE FUNCTION public.product(f float8[]) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE AS
$$ DECLARE p float8 := 1; v float8; BEGIN FOREACH v IN ARRAY f LOOP p := p * v; END LOOP; RETURN p; END $$;

-- Parts sum to the change; backwards in time they are the same with the other
-- sign; a factor that stays has none.
SELECT count(*) AS tried,
    count(*) FILTER (WHERE NOT near(total(parts), r1 - r0, greatest(abs(r0), abs(r1)))) AS sum,
    count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(parts, back) AS x (a, b) WHERE NOT near(a, -b, greatest(abs(r0), abs(r1))))) AS back,
    count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(parts, f0, f1) AS x (a, p, q) WHERE p = q AND a <> 0)) AS idle
FROM public.products, lmdi(f0, f1) AS parts, lmdi(f1, f0) AS back, product(f0) AS r0, product(f1) AS r1;
SELECT count(*) AS tried,
    count(*) FILTER (WHERE NOT near(total(parts), r1 - r0, largest)) AS sum,
    count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(parts, back) AS x (a, b) WHERE NOT near(a, -b, largest))) AS back,
    count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(parts, g0, g1) AS x (a, p, q) WHERE p = q AND a <> 0)) AS idle
FROM public.products, shapley(g0, g1) AS parts, shapley(g1, g0) AS back, product(g0) AS r0, product(g1) AS r1,
    LATERAL (SELECT greatest(abs(r0), abs(r1), max(abs(v))) AS largest FROM unnest(parts) AS v) AS l;
-- Either way of splitting two factors agrees to the order of the change squared.
SELECT count(*) AS tried, count(*) FILTER (WHERE abs(a[1] - b[1]) > 1e-4 * abs(a[1]) + 1e-12) AS apart
FROM generate_series(1, 10000) AS i,
    LATERAL (SELECT ARRAY[100 * (1 + draw(i, 1, 18)), 1 + draw(i, 2, 18)] AS f0) AS x,
    LATERAL (SELECT ARRAY[f0[1] * (1 + 0.001 * (1 + draw(i, 3, 18))), f0[2] * (1 + 0.001 * draw(i, 4, 18))] AS f1) AS y,
    lmdi(f0, f1) AS a, shapley(f0, f1) AS b;

-- Mix and rate sum to the change of the rate, with segments that come and go.
SELECT count(*) AS tried, count(*) FILTER (WHERE NOT near(parts.sum, t1.rate - t0.rate, greatest(abs(t0.rate), abs(t1.rate)))) AS sum
FROM (
    SELECT i, array_agg(CASE WHEN k > 1 AND draw(i, k, 21) < 0.2 THEN 0 ELSE 1 + floor(1000 * draw(i, k, 22)) END ORDER BY k) AS s0,
        array_agg(CASE WHEN k > 1 AND draw(i, k, 23) < 0.2 THEN 0 ELSE 1 + floor(1000 * draw(i, k, 24)) END ORDER BY k) AS s1,
        array_agg(draw(i, k, 25) ORDER BY k) AS r0, array_agg(draw(i, k, 26) ORDER BY k) AS r1
    FROM generate_series(1, 10000) AS i, LATERAL generate_series(1, 1 + floor(8 * draw(i, 0, 20))::int) AS k
    GROUP BY i) AS s,
    LATERAL (SELECT sum(s * r) / sum(s) AS rate FROM unnest(s0, r0) AS x (s, r)) AS t0,
    LATERAL (SELECT sum(s * r) / sum(s) AS rate FROM unnest(s1, r1) AS x (s, r)) AS t1,
    LATERAL (SELECT sum(mix + rate) AS sum FROM mix_rate(s0, r0, s1, r1)) AS parts;

--
-- Cash, in cents: the rows end at the closing balance
--
CREATE TABLE public.cash AS
SELECT i, round((100000 * draw(i, 0, 31))::numeric, 2) AS balance, 20 + (i % 80) AS days, round((20000 * draw(i, 0, 32) - 5000)::numeric, 2) AS floor,
    array_agg(round((3000 * draw(i, k, 33))::numeric, 2) ORDER BY k) AS inflow,
    array_agg(round((3000 * draw(i, k, 34))::numeric, 2) ORDER BY k) AS cost,
    array_agg(CASE WHEN k % 30 = 5 THEN round((5000 * draw(i, k, 35))::numeric, 2) ELSE 0 END ORDER BY k) AS loan
FROM generate_series(1, 10000) AS i, LATERAL generate_series(1, 20 + (i % 80)) AS k
GROUP BY i;
SELECT count(*) AS tried,
    count(*) FILTER (WHERE round(walk.path[days]::numeric, 2) <> walk.closing) AS closing,
    count(*) FILTER (WHERE r.runway_days < days AND r.runway_days IS DISTINCT FROM walk.first_below - 1
        AND NOT (balance < floor AND r.runway_days = 0)) AS runway,
    count(*) FILTER (WHERE r.runway_days >= days AND walk.first_below IS NOT NULL) AS too_long,
    count(*) FILTER (WHERE r.runway_days < 'Infinity' AND r.runway_days > days
        AND NOT near(walk.path[days] + (r.runway_days - days) * r.avg_change, floor, 1e5)) AS beyond,
    count(*) FILTER (WHERE r.trough <> walk.lowest OR walk.path[r.trough_day] <> r.trough) AS trough,
    count(*) FILTER (WHERE round((floor + days * spend)::numeric, 2) > round(greatest(floor, walk.lowest::numeric), 2)) AS affordable
FROM public.cash AS c,
    LATERAL (SELECT inflow::float8[] AS inflow, cost::float8[] AS cost, loan::float8[] AS loan) AS f,
    LATERAL (
        SELECT array_agg(w.working_capital ORDER BY w.day) AS path, min(w.working_capital) AS lowest,
            min(w.day) FILTER (WHERE round(w.working_capital::numeric, 2) < floor) AS first_below,
            balance + (SELECT sum(a - b - d) FROM unnest(c.inflow, c.cost, c.loan) AS x (a, b, d)) AS closing
        FROM cash_walk(balance::float8, f.inflow, f.cost, f.loan) AS w) AS walk,
    runway(balance::float8, f.inflow, f.cost, f.loan, floor::float8) AS r,
    affordable_spend(walk.path, floor::float8, days) AS spend;

-- Bands stand in their order, what was breached stays breached, money moved to
-- the balance moves every band as much, and a seed is a seed.
SELECT count(*) AS tried, count(*) FILTER (WHERE NOT (b.p10 <= b.p50 AND b.p50 <= b.p90)) AS crossed,
    count(*) FILTER (WHERE b.p_breach < lag_breach) AS healed,
    count(*) FILTER (WHERE NOT near(b.richer, b.p50 + 1234, 1e5)) AS shift,
    count(*) FILTER (WHERE b.again <> b.p10 OR b.p_breach NOT BETWEEN 0 AND 1) AS seed
FROM (
    SELECT b.*, lag(b.p_breach) OVER (PARTITION BY i ORDER BY b.day) AS lag_breach, richer.p50 AS richer, again.p10 AS again
    FROM public.cash AS c,
        LATERAL (SELECT inflow::float8[] AS inflow, cost::float8[] AS cost, loan::float8[] AS loan,
            ARRAY(SELECT 1000 * draw(i, k, 36) - 300 FROM generate_series(1, 28) AS k) AS errors) AS f,
        cash_bands(balance::float8, f.inflow, f.cost, f.loan, f.errors, 50, i, floor::float8) AS b,
        cash_bands(balance::float8 + 1234, f.inflow, f.cost, f.loan, f.errors, 50, i, floor::float8) AS richer,
        cash_bands(balance::float8, f.inflow, f.cost, f.loan, f.errors, 50, i, floor::float8) AS again
    WHERE richer.day = b.day AND again.day = b.day AND i <= 250) AS b;

--
-- Trends: series of 13 to 72 days, some with gaps, ties, a wild day, weights
--
CREATE TABLE public.series AS
SELECT i, array_agg(date '2024-01-01' + k ORDER BY k) AS days, array_agg(y ORDER BY k) AS y,
    array_agg(CASE WHEN i % 3 = 0 THEN 1 + 9 * draw(i, k, 45) ELSE 1 END ORDER BY k) AS w,
    array_agg(y * draw(i, k, 46) ORDER BY k) AS part
FROM generate_series(1, 10000) AS i,
    LATERAL generate_series(1, 15 + (i % 58)) AS k,
    LATERAL (SELECT CASE WHEN i % 5 = 0 THEN floor(v / 50) * 50 WHEN i % 7 = 0 AND k = 9 THEN 4 * v ELSE v END AS y
        FROM (SELECT 1000 + 20 * (draw(i, 0, 41) - 0.5) * k + 300 * draw(i, k % 7, 42) + 200 * (draw(i, k, 43) + draw(i, k, 47) - 1)) AS x (v)) AS x
WHERE i % 4 <> 0 OR draw(i, k, 44) < 0.85
GROUP BY i;

-- A trend does not depend on the unit of money, nor on the week it is in, nor
-- on the order of the days; upside down it changes its sign.
CREATE FUNCTION public.same(a trend_result, b trend_result) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT near(a.g, b.g, 1e-6) AND near(a.t, b.t, 1e-6) AND near(a.p_up, b.p_up, 1e-3) AND near(a.accel, b.accel, 1e-4) AND a.clipped = b.clipped
    AND a.reason IS NOT DISTINCT FROM b.reason $$;
SELECT count(*) AS tried, count(*) FILTER (WHERE (f).reason IS NULL) AS trends,
    count(*) FILTER (WHERE NOT same(f, large)) AS large, count(*) FILTER (WHERE NOT same(f, small)) AS small,
    count(*) FILTER (WHERE NOT same(f, later)) AS later, count(*) FILTER (WHERE NOT same(f, turned)) AS turned,
    count(*) FILTER (WHERE NOT (near((f).slope, -(down).slope, 1e-6) AND near((f).t, -(down).t, 1e-6)
        AND near((f).p_up, 1 - (down).p_up, 1e-3) AND (f).clipped = (down).clipped)) AS mirrored,
    count(*) FILTER (WHERE (f).p_up NOT BETWEEN 0 AND 1 OR (f).slope > 0 AND (f).p_up < 0.5 OR (f).slope < 0 AND (f).p_up > 0.5) AS p_up
FROM (
    SELECT i, trend_fit(days, y, w) AS f, trend_fit(days, ARRAY(SELECT v * 1e9 FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n), w) AS large,
        trend_fit(days, ARRAY(SELECT v * 1e-9 FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n), w) AS small,
        trend_fit(ARRAY(SELECT d + 7 * (i % 2000 - 1000) FROM unnest(days) WITH ORDINALITY AS x (d, n) ORDER BY n), y, w) AS later,
        trend_fit(ARRAY(SELECT d FROM unnest(days) WITH ORDINALITY AS x (d, n) ORDER BY n DESC),
            ARRAY(SELECT v FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n DESC),
            ARRAY(SELECT v FROM unnest(w) WITH ORDINALITY AS x (v, n) ORDER BY n DESC)) AS turned,
        trend_fit(days, ARRAY(SELECT 2 * total(y) / cardinality(y) - v FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n), w) AS down
    FROM public.series OFFSET 0) AS s;

-- Not robust, the slopes of two channels add up to the slope of the total, for
-- any weights.
SELECT count(*) AS tried, count(*) FILTER (WHERE NOT near(whole.slope, a.slope + b.slope, 1)) AS sum
FROM public.series, LATERAL (SELECT ARRAY(SELECT v - p FROM unnest(y, part) WITH ORDINALITY AS x (v, p, n) ORDER BY n) AS rest) AS r,
    trend_fit(days, y, w, robust => false) AS whole, trend_fit(days, part, w, robust => false) AS a,
    trend_fit(days, rest, w, robust => false) AS b;

-- The aggregate is the function.
SELECT count(*) AS tried, count(*) FILTER (WHERE a.f IS DISTINCT FROM b.f) AS different
FROM (SELECT i, trend(d, v, u) AS f FROM public.series, unnest(days, y, w) AS x (d, v, u) GROUP BY i) AS a
    JOIN (SELECT i, trend_fit(days, y, w) AS f FROM public.series) AS b USING (i);

-- Ranks: turned around S changes its sign, squeezed it stays; the slope follows
-- a line that is added and a unit that is changed (its limits too, but where
-- the line parts equal values, which widen them).
SELECT count(*) AS tried, count(*) FILTER (WHERE back.s <> -f.s OR back.variance <> f.variance OR abs(f.tau) > 1) AS back,
    count(*) FILTER (WHERE cube.s <> f.s OR cube.p <> f.p) AS squeezed,
    count(*) FILTER (WHERE NOT near(tilted.slope, 3 * ts.slope + 7, 1) OR i % 5 <> 0 AND NOT near(tilted.lo, 3 * ts.lo + 7, 1)) AS tilted,
    count(*) FILTER (WHERE NOT (ts.lo <= ts.slope AND ts.slope <= ts.hi)) AS outside
FROM public.series,
    LATERAL (SELECT ARRAY(SELECT v FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n DESC) AS back_y,
        ARRAY(SELECT v ^ 3 FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n) AS cube_y,
        ARRAY(SELECT (d - date '2024-01-01')::float8 FROM unnest(days) AS d ORDER BY d) AS x,
        ARRAY(SELECT 3 * v + 7 * (d - date '2024-01-01') FROM unnest(days, y) WITH ORDINALITY AS x (d, v, n) ORDER BY n) AS tilted_y) AS o,
    mann_kendall(y) AS f, mann_kendall(back_y) AS back, mann_kendall(cube_y) AS cube,
    theil_sen(x, y) AS ts, theil_sen(x, tilted_y) AS tilted;

-- A turning point keeps its day in any unit and upside down; equal values may
-- make two days equally good.
SELECT count(*) AS tried, count(f.day) AS turns,
    count(*) FILTER (WHERE i % 5 <> 0 AND large.day IS DISTINCT FROM f.day OR NOT near(large.f, f.f, 1e-3)) AS large,
    count(*) FILTER (WHERE i % 5 <> 0 AND (down.day IS DISTINCT FROM f.day OR NOT near(down.slope_before, -f.slope_before, 1))
        OR NOT near(down.f_adj, f.f_adj, 1e-3)) AS down
FROM public.series, turning_point(days, y) AS f,
    turning_point(days, ARRAY(SELECT v * 1e9 FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n)) AS large,
    turning_point(days, ARRAY(SELECT 3000 - v FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n)) AS down
WHERE f.reason IS DISTINCT FROM 'too_few_points';

-- A forecast is never below nothing and knows no unit.
SELECT count(*) AS tried, count(f) AS forecasts,
    count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(f, large) AS x (a, b) WHERE a < 0 OR NOT near(a * 1e9, b, 1))) AS broken
FROM public.series, forecast(days, y, 30) AS f,
    forecast(days, ARRAY(SELECT v * 1e9 FROM unnest(y) WITH ORDINALITY AS x (v, n) ORDER BY n), 30) AS large;

--
-- Probabilities, rates and colours
--
-- Distribution functions rise, from 0 to 1, around a half; many degrees of
-- freedom are the normal one.
SELECT count(*) AS tried, count(*) FILTER (WHERE student_t_cdf(t, df) > student_t_cdf(t + step, df)) AS t_falls,
    count(*) FILTER (WHERE normal_cdf(t) > normal_cdf(t + step)) AS z_falls,
    count(*) FILTER (WHERE NOT near(student_t_cdf(t, df), 1 - student_t_cdf(-t, df), 1)) AS lopsided,
    count(*) FILTER (WHERE abs(student_t_cdf(t, 1e8) - normal_cdf(t)) > 1e-8) AS limit
FROM (SELECT 40 * draw(i, 1, 51) - 20 AS t, 10 ^ (6 * draw(i, 2, 51) - 1) AS df, 10 ^ (-6 * draw(i, 3, 51)) AS step
    FROM generate_series(1, 10000) AS i) AS x;

-- False discovery rates: not below their p, not above 1, in the order of p.
SELECT count(*) AS tried, count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(p, q) AS x (p, q) WHERE q < p OR q > 1 OR (q IS NULL) <> (p IS NULL))) AS below,
    count(*) FILTER (WHERE EXISTS (SELECT FROM (SELECT q, lag(q) OVER (ORDER BY p, q) AS before FROM unnest(p, q) AS x (p, q) WHERE p IS NOT NULL) AS o WHERE q < before)) AS falls
FROM (SELECT i, array_agg(CASE WHEN draw(i, k, 52) < 0.9 THEN draw(i, k, 53) ^ 3 END) AS p
    FROM generate_series(1, 10000) AS i, LATERAL generate_series(1, 1 + i % 20) AS k GROUP BY i) AS s, benjamini_hochberg(p) AS q;

-- Pacing: the shares of a period's days rise to 1 on its last one, and to land
-- on the target is to be on plan.
SELECT count(*) AS tried, count(*) FILTER (WHERE NOT near((pacing(actual, target, factors, day, day + days, day + days)).share, 1)) AS whole,
    count(*) FILTER (WHERE p.share NOT BETWEEN 0 AND 1 OR p.share > next.share) AS falls,
    count(*) FILTER (WHERE NOT near(p.landing / target, p.pacing)) AS landing
FROM (SELECT 1000 * draw(i, 0, 55) AS actual, 1 + 5000 * draw(i, 0, 56) AS target, date '2024-01-01' + i % 700 AS day, 6 + i % 85 AS days,
        ARRAY(SELECT 0.5 + draw(i, k, 57) FROM generate_series(1, 7) AS k) AS factors, floor((6 + i % 85) * draw(i, 0, 58))::int AS elapsed
    FROM generate_series(1, 10000) AS i) AS x,
    pacing(actual, target, factors, day, day + days, day + elapsed) AS p, pacing(actual, target, factors, day, day + days, day + elapsed + 1) AS next;

CREATE FUNCTION public.place(status text) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$ SELECT array_position('{red,yellow,green}', status) $$;
-- A higher actual never gets a worse colour where higher is better, nor a
-- better one where lower is.
SELECT count(*) AS tried, count(*) FILTER (WHERE place(metric_status(a, t, 'up')) > place(metric_status(a * 1.05, t, 'up'))) AS up,
    count(*) FILTER (WHERE place(metric_status(a, t, 'down')) < place(metric_status(a * 1.05, t, 'down'))) AS down
FROM (SELECT 100 * (0.5 + draw(i, 1, 59)) AS a, 100.0::float8 AS t FROM generate_series(1, 10000) AS i) AS x;

--
-- The cost of the next customer knows no currency
--
SELECT count(*) AS tried, count(f.beta) AS fits,
    count(*) FILTER (WHERE NOT (near(f.beta, dear.beta, 1e-6) AND near(1e6 * f.mcac, dear.mcac) AND f.reason IS NOT DISTINCT FROM dear.reason)) AS currency
FROM (SELECT i, array_agg(5000 * (1 + draw(i, k, 61)) ORDER BY k) AS spend, array_agg(100 + floor(100 * (draw(i, k, 61) + 0.5 * draw(i, k, 62))) ORDER BY k) AS new
    FROM generate_series(1, 10000) AS i, generate_series(1, 13) AS k GROUP BY i) AS s,
    marginal_cac(spend, new) AS f, marginal_cac(ARRAY(SELECT v * 1e6 FROM unnest(spend) WITH ORDINALITY AS x (v, n) ORDER BY n), new) AS dear;
