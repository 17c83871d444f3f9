-- What if the money comes later, or is less (src/analytics/cash_scenario.c).

CREATE TYPE momentum.cash_shift_result AS (
    amount double precision[],
    beyond double precision
);
COMMENT ON TYPE momentum.cash_shift_result IS 'Money of a projection after a scenario.';
COMMENT ON COLUMN momentum.cash_shift_result.amount IS 'One place per day, as many as before.';
COMMENT ON COLUMN momentum.cash_shift_result.beyond IS 'What now moves after the last day: no day holds it, and nothing is lost without a word.';

CREATE FUNCTION momentum.cash_shift(
    amount double precision[],
    factor double precision DEFAULT 1,
    days integer DEFAULT 0
) RETURNS momentum.cash_shift_result
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_cash_shift';
COMMENT ON FUNCTION momentum.cash_shift(double precision[], double precision, integer) IS
    'The daily amounts of cash_walk(), multiplied by factor and moved by so many days: later above 0, earlier below it. What would move before day 1 moves on day 1; what would move after the last day is told in beyond.';

CREATE FUNCTION momentum._check_scenario(scenario text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF scenario IS NULL OR scenario !~ '^[a-z][a-z0-9_]{0,62}$' THEN
        RAISE EXCEPTION 'a scenario''s name has small letters, digits and underscores'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The name is %s.', coalesce(quote_literal(left(scenario, 80)), 'NULL'));
    ELSIF scenario = 'base' THEN
        RAISE EXCEPTION 'scenario "base" is the path as it is'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give the scenario another name.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_scenario(text) IS 'Raises unless a scenario can be called so.';
REVOKE ALL ON FUNCTION momentum._check_scenario(text) FROM PUBLIC;

CREATE FUNCTION momentum.set_scenario(
    brand text,
    scenario text,
    in_factor numeric DEFAULT 1,
    in_days integer DEFAULT 0,
    cost_factor numeric DEFAULT 1,
    cost_days integer DEFAULT 0,
    loan_factor numeric DEFAULT 1,
    loan_days integer DEFAULT 0,
    name text DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF set_scenario.brand IS DISTINCT FROM '' THEN
        PERFORM momentum._check_brand(set_scenario.brand);
    END IF;
    PERFORM momentum._check_scenario(set_scenario.scenario);
    IF NOT coalesce(least(in_factor, cost_factor, loan_factor) >= 0 AND greatest(in_factor, cost_factor, loan_factor) <= 100
                    AND in_factor IS NOT NULL AND cost_factor IS NOT NULL AND loan_factor IS NOT NULL, false) THEN
        RAISE EXCEPTION 'the factors of a scenario lie between 0 and 100'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = '0.8 is a fifth less, 1 no change.';
    ELSIF NOT coalesce(abs(in_days) <= 730 AND abs(cost_days) <= 730 AND abs(loan_days) <= 730, false) THEN
        RAISE EXCEPTION 'the days of a scenario lie between -730 and 730'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = '14 is two weeks later, -7 a week earlier.';
    END IF;
    INSERT INTO momentum_state.scenario AS s
           (brand, scenario, place, name, in_factor, in_days, cost_factor, cost_days, loan_factor, loan_days)
    VALUES (set_scenario.brand, set_scenario.scenario,
            (SELECT coalesce(max(p.place), 0) + 1 FROM momentum_state.scenario p WHERE p.brand IN ('', set_scenario.brand)),
            coalesce(set_scenario.name, replace(set_scenario.scenario, '_', ' ')),
            set_scenario.in_factor, set_scenario.in_days, set_scenario.cost_factor, set_scenario.cost_days,
            set_scenario.loan_factor, set_scenario.loan_days)
    ON CONFLICT ON CONSTRAINT scenario_pkey DO UPDATE
       SET name = excluded.name, in_factor = excluded.in_factor, in_days = excluded.in_days,
           cost_factor = excluded.cost_factor, cost_days = excluded.cost_days,
           loan_factor = excluded.loan_factor, loan_days = excluded.loan_days;
    PERFORM momentum._audit(nullif(set_scenario.brand, ''), 'set_scenario',
                            jsonb_build_object('scenario', set_scenario.scenario, 'in_factor', in_factor, 'in_days', in_days,
                                               'cost_factor', cost_factor, 'cost_days', cost_days,
                                               'loan_factor', loan_factor, 'loan_days', loan_days));
END
$$;
COMMENT ON FUNCTION momentum.set_scenario(text, text, numeric, integer, numeric, integer, numeric, integer, text) IS
    'Makes or changes a scenario of a brand, or of all with brand '''': money in (but for financing), costs and loan service, each multiplied by its factor and moved by its days. momentum.cash_scenario shows it at once.';
REVOKE ALL ON FUNCTION momentum.set_scenario(text, text, numeric, integer, numeric, integer, numeric, integer, text) FROM PUBLIC;

CREATE FUNCTION momentum.drop_scenario(brand text, scenario text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_scenario(drop_scenario.scenario);
    DELETE FROM momentum_state.scenario s WHERE s.brand = drop_scenario.brand AND s.scenario = drop_scenario.scenario;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'scenario "%" does not exist', drop_scenario.scenario
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.scenario lists them; those of all brands have brand ''''.';
    END IF;
    PERFORM momentum._audit(nullif(drop_scenario.brand, ''), 'drop_scenario',
                            jsonb_build_object('scenario', drop_scenario.scenario));
END
$$;
COMMENT ON FUNCTION momentum.drop_scenario(text, text) IS 'Takes a scenario of a brand away, or one of all brands with brand ''''.';
REVOKE ALL ON FUNCTION momentum.drop_scenario(text, text) FROM PUBLIC;
