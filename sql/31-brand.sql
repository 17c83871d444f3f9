-- Brands, targets, settings: what an administrator says.  Each call leaves
-- a row in momentum_state.audit.
CREATE FUNCTION momentum._check_brand(brand text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('momentum_state.brand') IS NULL THEN
        RAISE EXCEPTION 'the model does not exist'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run SELECT momentum.setup() first.';
    END IF;
    IF NOT EXISTS (SELECT FROM momentum_state.brand b WHERE b.brand = _check_brand.brand) THEN
        RAISE EXCEPTION 'brand "%" does not exist', _check_brand.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'Add it with momentum.add_brand(); momentum_state.brand lists the brands.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_brand(text) IS 'Raises unless the brand exists.';
REVOKE ALL ON FUNCTION momentum._check_brand(text) FROM PUBLIC;

CREATE FUNCTION momentum.add_brand(brand text, time_zone text, currency text, name text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    old record;
BEGIN
    IF to_regclass('momentum_state.brand') IS NULL THEN
        RAISE EXCEPTION 'the model does not exist'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run SELECT momentum.setup() first.';
    END IF;
    IF add_brand.brand IS NULL OR add_brand.brand !~ '^[a-z][a-z0-9_-]{0,62}$' THEN
        RAISE EXCEPTION 'invalid brand "%"', add_brand.brand
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'A brand is a short slug: a small letter, then small letters, digits, - and _.';
    END IF;
    IF add_brand.time_zone IS NULL
       OR NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = add_brand.time_zone) THEN
        RAISE EXCEPTION 'time zone "%" does not exist', add_brand.time_zone
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use a name of pg_timezone_names, such as America/New_York; abbreviations know no summer time.';
    END IF;
    IF add_brand.currency IS NULL OR add_brand.currency !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION 'invalid currency "%"', add_brand.currency
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use the three capital letters of ISO 4217, such as USD.';
    END IF;
    SELECT * INTO old FROM momentum_state.brand b WHERE b.brand = add_brand.brand;
    IF FOUND THEN
        IF old.time_zone <> add_brand.time_zone OR old.currency <> add_brand.currency THEN
            RAISE EXCEPTION 'brand "%" exists already', add_brand.brand
                USING ERRCODE = 'duplicate_object',
                      DETAIL = format('Its time zone is %s, its currency %s.', old.time_zone, old.currency);
        END IF;
        RAISE NOTICE 'brand "%" exists already', add_brand.brand;
        RETURN;
    END IF;
    INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
        VALUES (add_brand.brand, coalesce(add_brand.name, initcap(add_brand.brand)), add_brand.time_zone, add_brand.currency);
    PERFORM momentum._audit(add_brand.brand, 'add_brand',
                            jsonb_build_object('time_zone', add_brand.time_zone, 'currency', add_brand.currency));
END
$$;
COMMENT ON FUNCTION momentum.add_brand(text, text, text, text) IS
    'Adds a brand: its slug, the zone of its business days, its reporting currency, its name.';
REVOKE ALL ON FUNCTION momentum.add_brand(text, text, text, text) FROM PUBLIC;

-- A changed day of no stream changes no metric, but has the next refresh
-- give its answers anew.
CREATE FUNCTION momentum._answer_again(brand text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
        VALUES (_answer_again.brand, '', '', current_date);
END
$$;
COMMENT ON FUNCTION momentum._answer_again(text) IS 'Has the next refresh compute the answers anew though no fact changed: for new targets and settings.';
REVOKE ALL ON FUNCTION momentum._answer_again(text) FROM PUBLIC;

CREATE FUNCTION momentum._check_may_own(action text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT momentum._may_own() THEN
        RAISE EXCEPTION 'permission denied to %', action USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_may_own(text) IS 'Raises unless the caller is of the owner level.';
REVOKE ALL ON FUNCTION momentum._check_may_own(text) FROM PUBLIC;

-- Both are run by functions of the model's owner (sql/model/86-settings-functions.sql):
-- an owner by grant has no right to write the tables.
CREATE FUNCTION momentum._write_target(brand text, metric text, value numeric, valid_from date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    from_day date := _write_target.valid_from;
BEGIN
    PERFORM momentum._check_may_own('set a target');
    PERFORM momentum._check_brand(_write_target.brand);
    IF _write_target.metric IN ('working_capital', 'runway_days') THEN
        RAISE EXCEPTION 'metric "%" takes no target', _write_target.metric
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Working capital is judged by its runway.',
                  HINT = format('Use momentum.set_setting(%L, ''runway.target'', ''90'').', _write_target.brand);
    END IF;
    IF NOT EXISTS (SELECT FROM momentum_state.metric m WHERE m.metric = _write_target.metric) THEN
        RAISE EXCEPTION 'metric "%" does not exist', _write_target.metric
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.metric lists the metrics.';
    END IF;
    IF _write_target.value IS NULL AND from_day IS NULL OR _write_target.value < 1e-9 OR _write_target.value >= 1e12 THEN
        RAISE EXCEPTION 'target of metric "%" must be a number greater than zero', _write_target.metric
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('The value is %s; it can be from 0.000000001 to below 10^12.',
                                  coalesce(left(_write_target.value::text, 40), 'NULL')),
                  HINT = 'A metric without a target has status unknown: for that, NULL with the valid_from of a target takes it away.';
    END IF;
    -- Answers are of complete days: a first target from today on would judge none.
    IF from_day IS NULL THEN
        SELECT CASE WHEN EXISTS (SELECT FROM momentum_state.target t
                                  WHERE t.brand = b.brand AND t.metric = _write_target.metric)
                    THEN (now() AT TIME ZONE b.time_zone)::date ELSE '-infinity' END INTO from_day
          FROM momentum_state.brand b WHERE b.brand = _write_target.brand;
    END IF;
    IF _write_target.value IS NULL THEN
        DELETE FROM momentum_state.target t
         WHERE t.brand = _write_target.brand AND t.metric = _write_target.metric AND t.valid_from = from_day;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'metric "%" has no target from % on', _write_target.metric, from_day USING ERRCODE = 'undefined_object';
        END IF;
    ELSE
        INSERT INTO momentum_state.target AS t (brand, metric, valid_from, value)
            VALUES (_write_target.brand, _write_target.metric, from_day, _write_target.value)
            ON CONFLICT ON CONSTRAINT target_pkey DO UPDATE SET value = excluded.value;
    END IF;
    PERFORM momentum._audit(_write_target.brand, 'set_target',
                            jsonb_build_object('metric', _write_target.metric, 'value', _write_target.value, 'valid_from', from_day));
    PERFORM momentum._answer_again(_write_target.brand);
END
$$;
COMMENT ON FUNCTION momentum._write_target(text, text, numeric, date) IS 'What set_target() does.';
REVOKE ALL ON FUNCTION momentum._write_target(text, text, numeric, date) FROM PUBLIC;

CREATE FUNCTION momentum.set_target(brand text, metric text, value numeric, valid_from date DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_setup();
    PERFORM hub._write_target(set_target.brand, set_target.metric, set_target.value, set_target.valid_from);
END
$$;
COMMENT ON FUNCTION momentum.set_target(text, text, numeric, date) IS
    'Sets the target of a metric from a day on (default: today in the brand''s zone; always, if it is the first). Targets of money and counts are per calendar month. NULL with a valid_from takes the target of that day away.';
REVOKE ALL ON FUNCTION momentum.set_target(text, text, numeric, date) FROM PUBLIC;

-- What a setting can be.  momentum_state.config falls back to the default by
-- the same ranges: what is written past set_setting() stops no refresh.  The
-- reading views go through it too, so everybody may ask.  It has no SET, so that
-- queries take it in: a call for each setting takes longer than all else
-- that is asked of the settings.
-- No regular expressions: a session remembers 32 of them, and reads the settings
-- each time it answers.
CREATE FUNCTION momentum._setting_range(key text) RETURNS numrange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN key OPERATOR(pg_catalog.^@) 'weight.' THEN pg_catalog.numrange(0, 1000, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'scale.' THEN pg_catalog.numrange(0.001, 1000, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'window.' OR key OPERATOR(pg_catalog.^@) 'runway.' OR key OPERATOR(pg_catalog.=) 'cash.horizon' THEN pg_catalog.numrange(1, 3650, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'max_age.' OR key OPERATOR(pg_catalog.^@) 'payout.'
                  OR key OPERATOR(pg_catalog.^@) 'payback.' OR key OPERATOR(pg_catalog.^@) 'books.' THEN pg_catalog.numrange(0, 3650, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'retention.' THEN pg_catalog.numrange(1, 36500, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'profit.' THEN pg_catalog.numrange(0, 1, '[)')
                WHEN key OPERATOR(pg_catalog.^@) 'payment.' OR key OPERATOR(pg_catalog.=) 'margin.share'
                  OR key OPERATOR(pg_catalog.=) 'margin.retail_share' THEN pg_catalog.numrange(0, 1, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'split.' THEN pg_catalog.numrange(7, 182, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'costs.' THEN pg_catalog.numrange(0, 1, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'alert.trend_sure' THEN pg_catalog.numrange(0.5, 1, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'alert.false_share' THEN pg_catalog.numrange(0, 1, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'alert.close_after' THEN pg_catalog.numrange(1, 100, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'alert.' THEN pg_catalog.numrange(0, 100000, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'stock.keep_days' THEN pg_catalog.numrange(90, 36500, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'stock.pace_days' THEN pg_catalog.numrange(7, 90, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'stock.' THEN pg_catalog.numrange(0, 365, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'sync.' OR key OPERATOR(pg_catalog.^@) 'run.' OR key OPERATOR(pg_catalog.^@) 'campaign.' THEN pg_catalog.numrange(0, 100000, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'inquiry.escalate_share' THEN pg_catalog.numrange(0.05, 1, '[]')
                WHEN key OPERATOR(pg_catalog.=) 'inquiry.sla_minutes' THEN pg_catalog.numrange(1, 525600, '[]')
                WHEN key OPERATOR(pg_catalog.^@) 'inquiry.' OR key OPERATOR(pg_catalog.^@) 'review.'
                  OR key OPERATOR(pg_catalog.^@) 'notify.' OR key OPERATOR(pg_catalog.^@) 'winback.' THEN pg_catalog.numrange(1, 3650, '[]')
                ELSE pg_catalog.numrange(-1e12, 1e12) END
$$;
COMMENT ON FUNCTION momentum._setting_range(text) IS 'The range that the value of a numeric setting lies in.';

-- A key that has no default is a misspelling; a value is a number unless
-- its default is a text.
CREATE FUNCTION momentum._write_setting(brand text, key text, value text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    number_pattern CONSTANT text := '^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$';
    usual record;
BEGIN
    PERFORM momentum._check_may_own('set a setting');
    IF _write_setting.brand IS DISTINCT FROM '' THEN
        PERFORM momentum._check_brand(_write_setting.brand);
    END IF;
    SELECT * INTO usual FROM momentum_state.setting s WHERE s.brand = '' AND s.key = _write_setting.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'setting "%" does not exist', _write_setting.key
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.setting lists them, with their defaults under brand ''''.';
    END IF;
    IF (usual.value IS NULL OR usual.value ~ number_pattern) AND _write_setting.value !~ number_pattern THEN
        RAISE EXCEPTION 'setting "%" must be a number', _write_setting.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The value is "%s".', left(_write_setting.value, 80));
    END IF;
    IF _write_setting.value IS NULL AND _write_setting.brand = '' AND _write_setting.key !~ '^(retention|margin|retail|campaign)\.' THEN
        RAISE EXCEPTION 'setting "%" must have a default', _write_setting.key
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF (usual.value IS NULL OR usual.value ~ number_pattern)
       AND NOT _write_setting.value::numeric <@ momentum._setting_range(_write_setting.key) THEN
        RAISE EXCEPTION 'setting "%" is out of range', _write_setting.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The value is %s.', left(_write_setting.value, 80)),
                  HINT = format('It lies between %s and %s.', trim_scale(lower(momentum._setting_range(_write_setting.key))),
                                trim_scale(upper(momentum._setting_range(_write_setting.key))));
    END IF;
    IF _write_setting.value IS NULL AND _write_setting.brand <> '' THEN
        DELETE FROM momentum_state.setting s WHERE s.brand = _write_setting.brand AND s.key = _write_setting.key;
    ELSE
        INSERT INTO momentum_state.setting AS s (brand, key, value, description)
            VALUES (_write_setting.brand, usual.key, _write_setting.value, usual.description)
            ON CONFLICT ON CONSTRAINT setting_pkey DO UPDATE SET value = excluded.value;
    END IF;
    PERFORM momentum._audit(nullif(_write_setting.brand, ''), 'set_setting',
                            jsonb_build_object('key', _write_setting.key, 'value', _write_setting.value));
    PERFORM momentum._answer_again(_write_setting.brand);
    IF _write_setting.key = 'costs.unknown_share' THEN
        PERFORM momentum._log_cost_days(b.brand, 'cogs', NULL, NULL) FROM momentum_state.brand b
          WHERE _write_setting.brand IN ('', b.brand);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._write_setting(text, text, text) IS 'What set_setting() does.';
REVOKE ALL ON FUNCTION momentum._write_setting(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum.set_setting(brand text, key text, value text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_setup();
    PERFORM hub._write_setting(set_setting.brand, set_setting.key, set_setting.value);
END
$$;
COMMENT ON FUNCTION momentum.set_setting(text, text, text) IS
    'Sets a setting of a brand, or the default of all with brand ''''; NULL takes the brand''s own value away.';
REVOKE ALL ON FUNCTION momentum.set_setting(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._setting(brand text, key text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN (SELECT s.value FROM momentum_state.setting s
             WHERE s.key = _setting.key AND s.brand IN ('', _setting.brand)
             ORDER BY s.brand DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION momentum._setting(text, text) IS 'The brand''s own value of a setting, else its default.';
REVOKE ALL ON FUNCTION momentum._setting(text, text) FROM PUBLIC;
