-- The two distributions behind every probability (src/analytics/distributions.c).

CREATE FUNCTION momentum.student_t_cdf(t double precision, df double precision)
    RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_student_t_cdf';
COMMENT ON FUNCTION momentum.student_t_cdf(double precision, double precision) IS
    'Distribution function of Student''s t: the probability of a value below t with df > 0 degrees of freedom.';

CREATE FUNCTION momentum.normal_cdf(z double precision) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_normal_cdf';
COMMENT ON FUNCTION momentum.normal_cdf(double precision) IS
    'Distribution function of the standard normal: the probability of a value below z.';
