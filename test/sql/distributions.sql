-- The distributions behind the probabilities.  Reference numbers are scipy's,
-- to 1e-9.
CREATE EXTENSION momentum;
SET search_path = momentum, public;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

SELECT near(2 * student_t_cdf(-2, 10), .0733880347707404) AS t_2_10,
    near(2 * student_t_cdf(-2.5, 5.5), .0501200858692216) AS t_25_55,
    near(2 * student_t_cdf(-8.31135969513812, 43.9339241277459), 1.46385044982799e-10) AS far_tail,
    near(normal_cdf(-2.5), .00620966532577613) AS normal;
-- One degree of freedom is Cauchy, two have a closed form, very many are normal.
SELECT bool_and(near(student_t_cdf(t, 1), 0.5 + atan(t) / pi())) AS cauchy,
    bool_and(near(student_t_cdf(t, 2), 0.5 + t / (2 * sqrt(2 + t * t)))) AS two,
    bool_and(abs(student_t_cdf(t, 1e9) - normal_cdf(t)) < 1e-9) AS many,
    bool_and(near(student_t_cdf(t, 7.3) + student_t_cdf(-t, 7.3), 1)) AS symmetric
FROM generate_series(-6, 6, 0.25) AS g (s), LATERAL (SELECT s::float8) AS x (t);
SELECT student_t_cdf('-Infinity', 3), student_t_cdf(0, 3), student_t_cdf('Infinity', 3),
    student_t_cdf(1e200, 3), student_t_cdf('NaN', 3), normal_cdf('NaN'), student_t_cdf(NULL, 3);
SELECT student_t_cdf(1, 0);
