-- Targets: colour of a metric against its target, and pacing of a flow
-- within its period (src/analytics/status.c, pacing.c).

CREATE FUNCTION momentum.metric_status(
    actual double precision,
    target double precision,
    direction text,
    previous text DEFAULT NULL
) RETURNS text
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_metric_status';
COMMENT ON FUNCTION momentum.metric_status(double precision, double precision, text, text) IS
    'green, yellow, red or unknown. direction up: actual/target at least 1.00 green, 0.90 yellow; down: target/actual likewise; band: within 5 % green, within 10 % yellow. Given the previous colour, a better one needs 0.02 more, so that a metric on the edge does not flicker. unknown without actual or a target above 0.';

CREATE FUNCTION momentum.weekday_factors(days date[], y double precision[])
    RETURNS double precision[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'mo_weekday_factors';
COMMENT ON FUNCTION momentum.weekday_factors(date[], double precision[]) IS
    'Seven factors, Monday first, with mean 1: the median of y over its centred 7-day mean in the last 8 weeks. Absent days are left out, never interpolated; NULL when a weekday has no complete 7-day window.';

CREATE TYPE momentum.pacing_result AS (
    share double precision,
    pacing double precision,
    landing double precision
);
COMMENT ON TYPE momentum.pacing_result IS 'share: part of the period''s weight that has elapsed; pacing: actual over target * share, 1 = on plan; landing: what the period ends at if it goes on like this.';

CREATE FUNCTION momentum.pacing(
    actual double precision,
    target double precision,
    factors double precision[],
    period_from date,
    period_to date,
    as_of date
) RETURNS momentum.pacing_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_pacing';
COMMENT ON FUNCTION momentum.pacing(double precision, double precision, double precision[], date, date, date) IS
    'Pacing of a flow (revenue, ad spend) against the target of its period, both days inclusive. actual: sum from period_from through as_of, the last complete day. factors: weekday_factors(); NULL counts all days alike. share 0 (nothing elapsed) gives NULL.';
