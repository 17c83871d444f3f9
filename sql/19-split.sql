-- Why a number changed: exact splits of a change between two periods
-- (src/analytics/split.c).
--
-- The parts add up to the change, to the last digits of the larger of the two
-- products (or of the largest part, where parts of different sign outgrow
-- them), are the same in whatever order the factors come, and change sign when
-- the periods change places.

CREATE TYPE momentum.product_change_result AS (
    method text,
    parts double precision[],
    delta double precision
);
COMMENT ON TYPE momentum.product_change_result IS 'The split change of a product: method is lmdi or shapley, parts has one number per factor, delta is the change that they add up to.';

CREATE FUNCTION momentum.lmdi(f0 double precision[], f1 double precision[])
    RETURNS double precision[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_lmdi';
COMMENT ON FUNCTION momentum.lmdi(double precision[], double precision[]) IS
    'What each factor did to a product that went from f0 to f1, by the logarithmic mean Divisia index (LMDI-I): L(R1, R0) * ln(f1 / f0). All factors must be greater than zero; shapley() takes any. NULL for a NULL array; unknown factors are an error.';

CREATE FUNCTION momentum.shapley(f0 double precision[], f1 double precision[])
    RETURNS double precision[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_shapley';
COMMENT ON FUNCTION momentum.shapley(double precision[], double precision[]) IS
    'What each factor did to a product that went from f0 to f1, by the Shapley value: its effect averaged over all orders in which the factors can change. At most 8 factors, zeros and negative ones included.';

CREATE FUNCTION momentum.product_change(f0 double precision[], f1 double precision[])
    RETURNS momentum.product_change_result
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_product_change';
COMMENT ON FUNCTION momentum.product_change(double precision[], double precision[]) IS
    'What each factor did to a product that went from f0 to f1: lmdi() where all factors are greater than zero, else shapley(), and which it was.';

CREATE FUNCTION momentum.mix_rate(
    s0 double precision[],
    r0 double precision[],
    s1 double precision[],
    r1 double precision[]
) RETURNS TABLE (
    segment integer,
    mix double precision,
    rate double precision
)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'mo_mix_rate';
COMMENT ON FUNCTION momentum.mix_rate(double precision[], double precision[], double precision[], double precision[]) IS
    'Why a rate over segments changed: of each segment, mix is what its share (s0 to s1) did, rate is what its own rate (r0 to r1) did; all of them add up to the change. Shares, or amounts to take shares of. A segment without a share counts with the rate of all, its own may be NULL.';

-- For the sentences of the reading views, whose readers run it.
CREATE FUNCTION momentum._split_figure(value double precision, unit text, is_change boolean DEFAULT false) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT to_char(round((CASE unit WHEN 'share' THEN 100 ELSE 1 END * value)::numeric, CASE unit WHEN 'count' THEN 0 ELSE 2 END),
                   CASE WHEN is_change THEN 'FMSG' ELSE 'FM' END || repeat('9', 30) || '0'
                   || CASE unit WHEN 'count' THEN '' ELSE '.00' END)
           || CASE WHEN unit <> 'share' THEN '' WHEN is_change THEN ' points' ELSE ' %' END
$$;
COMMENT ON FUNCTION momentum._split_figure(double precision, text, boolean) IS
    'A number as sentences show it: counts whole, shares in per cent (changes of them in points), the rest with two digits; changes with their sign.';
