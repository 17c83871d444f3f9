-- How far working capital may stray from its projection (src/analytics/cash_bands.c).

CREATE FUNCTION momentum.cash_bands(
    balance double precision,
    inflow double precision[],
    cost double precision[],
    loan double precision[],
    errors double precision[],
    draws integer DEFAULT 1000,
    seed bigint DEFAULT 42,
    floor double precision DEFAULT 0
) RETURNS TABLE (
    day integer,
    p10 double precision,
    p50 double precision,
    p90 double precision,
    p_breach double precision
)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 90 AS 'MODULE_PATHNAME', 'mo_cash_bands';
COMMENT ON FUNCTION momentum.cash_bands(double precision, double precision[], double precision[], double precision[], double precision[], integer, bigint, double precision) IS
    'Bands around the projection of cash_walk(): on each day working capital is below p10, p50, p90 in 10, 50, 90 % of the draws; p_breach is the share of draws that were below floor on that day or before. errors: past daily errors of the net-cash forecast (what came less what was expected), oldest first, at least 7; their mean is removed, then they are drawn in blocks of 7 successive days. The same seed gives the same bands. At most 100,000 draws, and 100,000,000 days over all draws.';

CREATE TYPE momentum.runway_bands_result AS (
    p10 double precision,
    p50 double precision,
    p90 double precision,
    p_breach double precision,
    se double precision
);
COMMENT ON TYPE momentum.runway_bands_result IS 'How sure a runway is.';
COMMENT ON COLUMN momentum.runway_bands_result.p10 IS 'Runway in days that 10 % of the draws stay below; Infinity where the draw does not run out.';
COMMENT ON COLUMN momentum.runway_bands_result.p50 IS 'The same of 50 %.';
COMMENT ON COLUMN momentum.runway_bands_result.p90 IS 'The same of 90 %.';
COMMENT ON COLUMN momentum.runway_bands_result.p_breach IS 'Share of the draws below the floor on some day of the projection.';
COMMENT ON COLUMN momentum.runway_bands_result.se IS 'Standard error of the runway as a component of the score: (P90 - P10) / 2.563 of (runway - target) / target / scale, held within -1 and 1.';

CREATE FUNCTION momentum.runway_bands(
    balance double precision,
    inflow double precision[],
    cost double precision[],
    loan double precision[],
    errors double precision[],
    draws integer DEFAULT 1000,
    seed bigint DEFAULT 42,
    floor double precision DEFAULT 0,
    target double precision DEFAULT 90,
    scale double precision DEFAULT 1
) RETURNS momentum.runway_bands_result
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'mo_runway_bands';
COMMENT ON FUNCTION momentum.runway_bands(double precision, double precision[], double precision[], double precision[], double precision[], integer, bigint, double precision, double precision, double precision) IS
    'The runway of each draw of cash_bands(), computed as by runway(), and the standard error it gives the score. target: days of runway that are on target; scale: the excess over it, as a share, that counts as full. NULL for an empty projection.';

-- The same for a brand on every machine and every day: what moves the bands
-- is the business, never the draw.
CREATE FUNCTION momentum._brand_seed(brand text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT ('x' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.md5(brand), 16))::bit(64)::bigint $$;
COMMENT ON FUNCTION momentum._brand_seed(text) IS 'Seed of the brand''s bands.';
REVOKE ALL ON FUNCTION momentum._brand_seed(text) FROM PUBLIC;
