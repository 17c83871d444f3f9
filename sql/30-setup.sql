-- The model's birth and growth.  What is stored is not a member of the
-- extension: a dump keeps it, DROP EXTENSION leaves it.
CREATE FUNCTION momentum._model_version() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT 1 $$;
COMMENT ON FUNCTION momentum._model_version() IS 'Version of the model that this release of the extension works with.';
REVOKE ALL ON FUNCTION momentum._model_version() FROM PUBLIC;

CREATE FUNCTION momentum._model_objects() RETURNS TABLE (schema name, object name)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT m[1]::name, m[2]::name
      FROM pg_proc p
      JOIN pg_namespace n ON n.oid = p.pronamespace,
           LATERAL regexp_matches(p.prosrc,
               '^CREATE (?:OR REPLACE )?(?:TABLE|VIEW|MATERIALIZED VIEW) (?:IF NOT EXISTS )?(\w+)\.(\w+)', 'gn') m
     WHERE n.nspname = 'momentum' AND p.proname = '_create_model'
$$;
COMMENT ON FUNCTION momentum._model_objects() IS 'The relations the model consists of, as its own DDL names them.';
REVOKE ALL ON FUNCTION momentum._model_objects() FROM PUBLIC;

CREATE FUNCTION momentum._check_model_owner() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    alien record;
BEGIN
    SELECT 'schema' AS kind, quote_ident(n.nspname) AS object, pg_get_userbyid(n.nspowner) AS owner
      INTO alien
      FROM pg_namespace n
     WHERE n.nspname IN ('hub', 'momentum_state')
       AND n.nspowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
    UNION ALL
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index'
                          WHEN 'f' THEN 'foreign table' ELSE 'table' END,
           format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner)
      FROM momentum._model_objects() o
      JOIN pg_namespace n ON n.nspname = o.schema
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = o.object
     WHERE c.relowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
     ORDER BY 2
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% % belongs to role "%"', alien.kind, alien.object, alien.owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The model is made and migrated by its owner; the current role is "%s".', current_user),
                  HINT = 'Become that role with SET ROLE if the object is part of the model, else rename it or drop it.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_model_owner() IS 'Raises when an object of the model''s name belongs to somebody else than the current role.';
REVOKE ALL ON FUNCTION momentum._check_model_owner() FROM PUBLIC;

-- Whoever reads a view locks it first, then what it is made of; setup() makes
-- tables before views, so that the two would wait for each other for ever.
-- So it takes what is read before it begins, the views that read others first.
-- It waits for none for long: where somebody holds one view and waits for
-- another, it lets go of all and tries again, and in the end goes on without.
CREATE FUNCTION momentum._hold_readers() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '300ms'
    AS $$
DECLARE
    views regclass[];
    tables text;
    relation regclass;
BEGIN
    WITH RECURSIVE ours AS (
        SELECT c.oid, c.relkind
          FROM momentum._model_objects() o
          JOIN pg_namespace n ON n.nspname = o.schema
          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = o.object),
    height AS (
        SELECT o.oid, 0 AS n FROM ours o WHERE o.relkind = 'v'
        UNION
        SELECT o.oid, h.n + 1
          FROM height h
          JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = h.oid AND d.classid = 'pg_rewrite'::regclass
          JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> h.oid
          JOIN ours o ON o.oid = w.ev_class AND o.relkind = 'v')
    SELECT (SELECT array_agg(m.oid::regclass ORDER BY m.n DESC, m.oid) FROM (SELECT h.oid, max(h.n) AS n FROM height h GROUP BY h.oid) m),
           (SELECT string_agg(o.oid::regclass::text, ', ' ORDER BY o.oid) FROM ours o WHERE o.relkind = 'r')
      INTO views, tables;
    FOR attempt IN 1 .. 60 LOOP
        BEGIN
            FOREACH relation IN ARRAY coalesce(views, '{}') LOOP
                -- Locks the view alone, and changes nothing: LOCK would lock what is under it as well.
                EXECUTE format('ALTER VIEW %s RESET (check_option)', relation);
            END LOOP;
            IF tables IS NOT NULL THEN
                EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', tables);
            END IF;
            RETURN true;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
        PERFORM pg_sleep(0.1 + random() / 5);
    END LOOP;
    RETURN false;
END
$$;
COMMENT ON FUNCTION momentum._hold_readers() IS 'Locks the views and tables of the model in the order in which they are read; false if that was not to be had within half a minute.';
REVOKE ALL ON FUNCTION momentum._hold_readers() FROM PUBLIC;

CREATE FUNCTION momentum.setup() RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    AS $$
DECLARE
    found_version integer;
    wanted_version integer := momentum._model_version();
BEGIN
    PERFORM momentum._check_model_owner();
    -- Behind whoever recomputes: he fills views that are made anew here.
    PERFORM pg_advisory_xact_lock(7240, 1);
    PERFORM momentum._hold_catalog();
    IF to_regclass('momentum_state.model_version') IS NOT NULL THEN
        SELECT max(v.version) INTO found_version FROM momentum_state.model_version v;
    END IF;
    IF found_version > wanted_version THEN
        RAISE EXCEPTION 'the model has version %, this extension knows version %', found_version, wanted_version
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Install a newer release of the extension and run ALTER EXTENSION momentum UPDATE.';
    END IF;
    IF found_version < wanted_version THEN
        RETURN momentum.migrate();
    END IF;
    PERFORM momentum._hold_readers();
    PERFORM momentum._create_model();
    INSERT INTO momentum_state.model_version (version) VALUES (wanted_version)
        ON CONFLICT (version) DO NOTHING;
    IF to_regprocedure('momentum._regrant(name)') IS NOT NULL THEN
        PERFORM momentum._regrant();
    END IF;
    RETURN wanted_version;
END
$$;
COMMENT ON FUNCTION momentum.setup() IS
    'Makes the tables and views of the model, or whatever of them is missing; running it again changes nothing. Returns the version of the model.';
REVOKE ALL ON FUNCTION momentum.setup() FROM PUBLIC;

-- A step from version n - 1 to n is a function momentum._migrate_<n>() that
-- the release of that version brings along.
CREATE FUNCTION momentum.migrate() RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    AS $$
DECLARE
    found_version integer;
    wanted_version integer := momentum._model_version();
BEGIN
    IF to_regclass('momentum_state.model_version') IS NULL THEN
        RAISE EXCEPTION 'the model does not exist'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run SELECT momentum.setup() first.';
    END IF;
    PERFORM momentum._check_model_owner();
    LOCK TABLE momentum_state.model_version IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(v.version) INTO found_version FROM momentum_state.model_version v;
    FOR step IN found_version + 1 .. wanted_version LOOP
        EXECUTE format('SELECT momentum.%I()', '_migrate_' || step);
        INSERT INTO momentum_state.model_version (version) VALUES (step);
    END LOOP;
    IF found_version < wanted_version THEN
        PERFORM momentum._create_model();
    END IF;
    RETURN greatest(found_version, wanted_version);
END
$$;
COMMENT ON FUNCTION momentum.migrate() IS 'Brings a model of an older release up to date, step by step, in one transaction. Returns the version of the model.';
REVOKE ALL ON FUNCTION momentum.migrate() FROM PUBLIC;
