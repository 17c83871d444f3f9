-- Settings and targets are written by these alone, which leave a row in the
-- audit: an owner by grant has no right to write the tables.  They run as the
-- owner of the model.
CREATE OR REPLACE FUNCTION hub._write_setting(brand text, key text, value text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._write_setting(brand, key, value);
    END;
COMMENT ON FUNCTION hub._write_setting(text, text, text) IS 'What momentum.set_setting() does, as the owner of the model.';
REVOKE ALL ON FUNCTION hub._write_setting(text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub._write_target(brand text, metric text, value numeric, valid_from date) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._write_target(brand, metric, value, valid_from);
    END;
COMMENT ON FUNCTION hub._write_target(text, text, numeric, date) IS 'What momentum.set_target() does, as the owner of the model.';
REVOKE ALL ON FUNCTION hub._write_target(text, text, numeric, date) FROM PUBLIC;
