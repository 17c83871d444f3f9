-- Which input leads, by how many days, and how often such a find is chance
-- (src/analytics/lag_corr.c, benjamini_hochberg.c).

CREATE FUNCTION momentum.benjamini_hochberg(p double precision[]) RETURNS double precision[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_benjamini_hochberg';
COMMENT ON FUNCTION momentum.benjamini_hochberg(double precision[]) IS
    'False discovery rates q of the probabilities p, in their order: of all tests with q below 0.05, 5 % are chance at most. Give it the p of every test of a report together, for all drivers and lags. NULL and NaN, tests that could not be made, become NULL and do not count.';

CREATE FUNCTION momentum.lag_corr(
    days date[],
    x double precision[],
    y double precision[],
    max_lag integer DEFAULT 14
) RETURNS TABLE (
    lag integer,
    r double precision,
    m integer,
    n_eff double precision,
    t double precision,
    p double precision,
    q double precision
)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 15
    AS 'MODULE_PATHNAME', 'mo_lag_corr';
COMMENT ON FUNCTION momentum.lag_corr(date[], double precision[], double precision[], integer) IS
    'Correlation of x with y so many days later, for each lag from 0 to max_lag (at most 366), of what is left after the trend and the weekly pattern of either. lag: by how many days x leads; r: the correlation over m pairs of days; n_eff: how many independent pairs they are worth; t, p: test of r with n_eff - 2 degrees of freedom, two-sided; q: p corrected for the number of lags of this call (for several drivers, correct all their p together with benjamini_hochberg()). An association, never proof of a cause. Days pair by date: where one is missing, or x or y of it is NULL, NaN or infinite, there is no pair; weekly figures pair at lags of whole weeks. r is NULL with fewer than 35 common days, fewer than 3 pairs, or where x or y is nothing but trend and weekly pattern; t is NULL when r is 1 or -1.';
