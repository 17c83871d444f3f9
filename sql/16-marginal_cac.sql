-- What the next customer costs, as opposed to the average one
-- (src/analytics/marginal_cac.c).

CREATE TYPE momentum.marginal_cac_result AS (
    beta double precision,
    se double precision,
    cac_4w double precision,
    mcac double precision,
    reason text
);
COMMENT ON TYPE momentum.marginal_cac_result IS 'beta: elasticity of new customers to spend, with its standard error se; cac_4w: spend per new customer of the last 4 weeks; mcac = cac_4w / beta, the cost of one more customer, NULL with a reason when beta is not to be trusted.';

CREATE FUNCTION momentum.marginal_cac(spend double precision[], new_customers double precision[])
    RETURNS momentum.marginal_cac_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_marginal_cac';
COMMENT ON FUNCTION momentum.marginal_cac(double precision[], double precision[]) IS
    'Marginal CAC from complete weeks in order of time; the last 13 with spend and customers are used. Reasons: too_few_weeks, no_spend_spread (ln spend varies by less than 0.05), nonpositive_beta, not_significant (beta below 2 standard errors), no_recent_customers, no_recent_spend (customers who came without any tell nothing of the next one).';
