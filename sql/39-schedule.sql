-- The clock is pg_cron's, found at run time.  Each job is a single CALL:
-- with a second statement it could not COMMIT.
CREATE FUNCTION momentum._check_cron() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_cron') THEN
        RAISE EXCEPTION 'extension pg_cron is not installed in database "%"', current_database()
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = 'momentum.refresh() is called by a job of pg_cron.',
                  HINT = format('Set shared_preload_libraries = ''pg_cron'' and cron.database_name = %L, restart the server, then CREATE EXTENSION pg_cron. Any other scheduler may run CALL momentum.refresh().',
                                current_database());
    END IF;
    IF NOT has_schema_privilege('cron', 'USAGE') THEN
        RAISE EXCEPTION 'role "%" may not use schema cron', current_user
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('A superuser runs GRANT USAGE ON SCHEMA cron TO %I.', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_cron() IS 'Raises unless pg_cron is there and may be used.';
REVOKE ALL ON FUNCTION momentum._check_cron() FROM PUBLIC;

-- A server may listen on its socket only: the job then finds it by the
-- socket's directory.  Only who may write cron.job can say so; else the
-- server's cron.host holds.
CREATE FUNCTION momentum._aim_job(job bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    directory text;
BEGIN
    IF has_table_privilege('cron.job', 'UPDATE') AND pg_has_role('pg_read_all_settings', 'USAGE') THEN
        directory := trim(split_part(current_setting('unix_socket_directories'), ',', 1));
        IF directory <> '' AND coalesce(current_setting('cron.use_background_workers', true), 'off') <> 'on' THEN
            EXECUTE 'UPDATE cron.job SET nodename = $1 WHERE jobid = $2' USING directory, job;
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._aim_job(bigint) IS 'Lets a job reach the server by its socket.';
REVOKE ALL ON FUNCTION momentum._aim_job(bigint) FROM PUBLIC;

CREATE FUNCTION momentum.unschedule() RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    removed integer;
BEGIN
    PERFORM momentum._check_cron();
    EXECUTE $q$
        SELECT count(cron.unschedule(j.jobid))
          FROM (SELECT jobid FROM cron.job
                 WHERE jobname LIKE 'momentum %' AND database = current_database() AND username = current_user
                 ORDER BY jobid) j$q$ INTO removed;
    RETURN removed;
END
$$;
COMMENT ON FUNCTION momentum.unschedule() IS 'Takes away the jobs that momentum.schedule() made in this database for this role; returns their number.';
REVOKE ALL ON FUNCTION momentum.unschedule() FROM PUBLIC;

CREATE FUNCTION momentum.schedule(cron text DEFAULT '*/15 * * * *', jobs integer DEFAULT 1, deliver boolean DEFAULT true) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    made bigint[] := '{}';
    job bigint;
BEGIN
    PERFORM momentum._check_cron();
    IF to_regclass('momentum_state.stream') IS NULL THEN
        RAISE EXCEPTION 'the model does not exist'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run SELECT momentum.setup() first.';
    END IF;
    IF jobs IS NULL OR jobs < 1 OR jobs > 16 THEN
        RAISE EXCEPTION 'number of jobs must be between 1 and 16'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Jobs share the streams that are due; a few are enough.';
    END IF;
    PERFORM momentum.unschedule();
    FOR n IN 1 .. jobs LOOP
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
            USING 'momentum refresh ' || n, schedule.cron, 'CALL momentum.refresh()';
        PERFORM momentum._aim_job(job);
        made := made || job;
    END LOOP;
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
        USING 'momentum reconcile', '47 2 * * *', 'CALL momentum.reconcile()';
    PERFORM momentum._aim_job(job);
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
        USING 'momentum retention', '37 3 * * *', 'CALL momentum._apply_retention()';
    PERFORM momentum._aim_job(job);
    -- pg_cron never prunes its own record; momentum_state.run is ours.
    IF has_table_privilege('cron.job_run_details', 'DELETE') THEN
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
            USING 'momentum prune', '17 3 * * *',
                  'DELETE FROM cron.job_run_details WHERE end_time < pg_catalog.now() - interval ''7 days''';
        PERFORM momentum._aim_job(job);
    END IF;
    IF schedule.deliver THEN
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
            USING 'momentum deliver', '* * * * *', 'CALL momentum.deliver_alerts()';
        PERFORM momentum._aim_job(job);
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION momentum.schedule(text, integer, boolean) IS
    'Has pg_cron run CALL momentum.refresh(), every 15 minutes if not said otherwise, in one job or several side by side, and CALL momentum.reconcile() every night; unless deliver is false, CALL momentum.deliver_alerts() every minute. Replaces what it scheduled before. Returns the ids of the jobs that refresh.';
REVOKE ALL ON FUNCTION momentum.schedule(text, integer, boolean) FROM PUBLIC;
