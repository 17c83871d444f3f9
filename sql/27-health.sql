-- Is all well?  Each check is a function of its own that gives rows; one that
-- fails gives a row that says so, and the others go on.
CREATE TYPE momentum.health_row AS (
    brand       text,
    "check"     text,
    object      text,
    status      text,
    value       double precision,
    threshold   double precision,
    unit        text,
    sentence    text,
    hint        text
);
COMMENT ON TYPE momentum.health_row IS 'What one check says of one object: ok, warn or fail; * is the brand of what concerns the server.';

CREATE FUNCTION momentum._disk(OUT object text, OUT free_bytes double precision, OUT total_bytes double precision,
        OUT encryption text, OUT device text, OUT error text) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_disk_rows';
COMMENT ON FUNCTION momentum._disk() IS
    'The file systems of the data directory, of the write-ahead log and of each tablespace: what is free, and whether they are encrypted, plain, or (hidden) on a device that this machine cannot look into.';
REVOKE ALL ON FUNCTION momentum._disk() FROM PUBLIC;

-- What only a superuser sees, as figures: nothing here is read from a table
-- that somebody else than a superuser could have made.
CREATE FUNCTION momentum._server_facts() RETURNS TABLE (fact text, object text, value double precision, at timestamptz, detail text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    here CONSTANT pg_lsn := CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END;
BEGIN
    IF EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_cron') THEN
        RETURN QUERY SELECT 'cron_launcher', '', count(*)::float8, NULL::timestamptz, NULL
                       FROM pg_stat_activity a WHERE a.backend_type = 'pg_cron launcher';
        RETURN QUERY EXECUTE $q$
            SELECT 'cron_job', j.jobname::text, j.active::integer::float8, NULL::timestamptz,
                   CASE WHEN r.oid IS NULL THEN j.username::text END
              FROM cron.job j LEFT JOIN pg_roles r ON r.rolname = j.username
             WHERE j.database = current_database() AND j.jobname LIKE 'momentum %'
            UNION ALL
            SELECT 'cron_run', l.jobname, (l.status <> 'failed')::integer, l.start_time, l.status
              FROM (SELECT DISTINCT ON (j.jobname) j.jobname::text, d.status, d.start_time
                      FROM cron.job_run_details d JOIN cron.job j ON j.jobid = d.jobid
                     WHERE d.runid > (SELECT max(m.runid) FROM cron.job_run_details m) - 2000
                       AND d.database = current_database() AND j.jobname LIKE 'momentum %'
                       AND d.status IN ('failed', 'succeeded')
                     ORDER BY j.jobname, d.runid DESC) l$q$;
    END IF;
    RETURN QUERY SELECT 'transaction', x.what, 1::float8, x.began, x.who
                   FROM (SELECT format('session %s', a.pid) AS what, a.xact_start AS began, a.usename::text AS who
                           FROM pg_stat_activity a
                          WHERE a.backend_type = 'client backend' AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
                         UNION ALL
                         SELECT format('prepared transaction %s', p.transaction), p.prepared, p.owner::text FROM pg_prepared_xacts p
                         ORDER BY 2 LIMIT 1) x;
    RETURN QUERY SELECT 'slot', s.slot_name::text, pg_wal_lsn_diff(here, s.restart_lsn)::float8, NULL::timestamptz,
                        CASE WHEN s.wal_status = 'lost' THEN 'lost' WHEN s.active THEN 'active' ELSE 'not in use' END
                   FROM pg_replication_slots s;
    RETURN QUERY SELECT 'transaction_ids', d.datname::text, greatest(age(d.datfrozenxid), mxid_age(d.datminmxid))::float8,
                        NULL::timestamptz, NULL
                   FROM pg_database d ORDER BY 3 DESC LIMIT 1;
    RETURN QUERY SELECT 'checksum_failures', coalesce(d.datname::text, 'shared tables'), d.checksum_failures::float8,
                        d.checksum_last_failure, NULL
                   FROM pg_stat_database d WHERE d.checksum_failures > 0;
END
$$;
COMMENT ON FUNCTION momentum._server_facts() IS
    'What momentum.health() needs to know of the server and may not see as the model''s owner: pg_cron and its jobs of ours, the oldest transaction, replication slots, the age of transaction ids, failed checksums.';
REVOKE ALL ON FUNCTION momentum._server_facts() FROM PUBLIC;

CREATE FUNCTION momentum._health_setting(key text) RETURNS double precision
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN (SELECT s.value::float8 FROM momentum_state.setting s WHERE s.brand = '' AND s.key = 'health.' || _health_setting.key);
END
$$;
COMMENT ON FUNCTION momentum._health_setting(text) IS 'A threshold of momentum.health().';
REVOKE ALL ON FUNCTION momentum._health_setting(text) FROM PUBLIC;

-- A value that is bad when it is high; with the thresholds turned round, when
-- it is low.
CREATE FUNCTION momentum._health_grade(brand text, "check" text, object text, value double precision, warn double precision,
        fail double precision, unit text, sentence text, hint text) RETURNS momentum.health_row
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT ROW(brand, "check", object, g.status, value, CASE g.status WHEN 'fail' THEN coalesce(fail, warn) ELSE warn END, unit, sentence,
               CASE WHEN g.status <> 'ok' THEN hint END)::momentum.health_row
      FROM (SELECT CASE WHEN fail < warn THEN CASE WHEN value <= fail THEN 'fail' WHEN value <= warn THEN 'warn' ELSE 'ok' END
                        WHEN value >= fail THEN 'fail' WHEN value >= warn THEN 'warn' ELSE 'ok' END AS status) g
$$;
COMMENT ON FUNCTION momentum._health_grade(text, text, text, double precision, double precision, double precision, text, text, text) IS
    'A row of momentum.health() whose status follows from two thresholds; the hint is for whom it is not well.';
REVOKE ALL ON FUNCTION momentum._health_grade(text, text, text, double precision, double precision, double precision, text, text, text) FROM PUBLIC;

-- The figures of the server, looked up once.
CREATE FUNCTION momentum._health_server() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    f record;
    has_streams CONSTANT boolean := EXISTS (SELECT FROM momentum_state.stream);
    has_job boolean := false;
    has_cron boolean := false;
    has_transaction boolean := false;
    failed_checksums boolean := false;
BEGIN
    FOR f IN SELECT * FROM momentum._server_facts() LOOP
        IF f.fact = 'cron_launcher' THEN
            has_cron := true;
            RETURN NEXT ROW('*', 'cron', 'launcher', CASE WHEN f.value > 0 THEN 'ok' ELSE 'fail' END, f.value, 1, 'count',
                            CASE WHEN f.value > 0 THEN 'pg_cron is running.' ELSE 'pg_cron''s launcher is not running: no job is.' END,
                            CASE WHEN f.value = 0 THEN 'Look for pg_cron in the server''s log; it ends when a job''s role was dropped. Restart the server.' END)::momentum.health_row;
        ELSIF f.fact = 'cron_job' THEN
            has_job := has_job OR f.object LIKE 'momentum refresh%';
            RETURN NEXT ROW('*', 'cron', f.object, CASE WHEN f.detail IS NOT NULL THEN 'fail' WHEN f.value = 0 THEN 'warn' ELSE 'ok' END,
                            f.value, 1, 'count',
                            CASE WHEN f.detail IS NOT NULL THEN format('Job "%s" runs as role "%s", which does not exist.', f.object, f.detail)
                                 WHEN f.value = 0 THEN format('Job "%s" is switched off.', f.object)
                                 ELSE format('Job "%s" is active.', f.object) END,
                            CASE WHEN f.detail IS NOT NULL THEN 'A superuser deletes the row of cron.job; then SELECT momentum.schedule() as a role that stays.'
                                 WHEN f.value = 0 THEN 'SELECT momentum.schedule() makes the jobs anew.' END)::momentum.health_row;
        ELSIF f.fact = 'cron_run' THEN
            RETURN NEXT ROW('*', 'cron_run', f.object, CASE WHEN f.value = 0 THEN 'fail' ELSE 'ok' END, f.value, 1, 'count',
                            CASE WHEN f.value = 0 THEN format('The last run of job "%s" failed.', f.object)
                                 ELSE format('The last run of job "%s" went well.', f.object) END,
                            CASE WHEN f.value = 0 THEN 'cron.job_run_details has the message; "connection failed" is pg_hba.conf''s.' END)::momentum.health_row;
        ELSIF f.fact = 'transaction' THEN
            has_transaction := true;
            RETURN NEXT momentum._health_grade('*', 'transaction', '', floor(extract(epoch FROM clock_timestamp() - f.at) / 60)::float8,
                momentum._health_setting('transaction_minutes_warn'), momentum._health_setting('transaction_minutes_fail'), 'minutes',
                format('The oldest transaction, of %s by role "%s", has been open for %s minutes.', f.object, f.detail,
                       floor(extract(epoch FROM clock_timestamp() - f.at) / 60)),
                'Nothing that was deleted since can be cleaned up. End it: pg_terminate_backend(), or ROLLBACK PREPARED.');
        ELSIF f.fact = 'slot' THEN
            RETURN NEXT CASE WHEN f.detail = 'lost' THEN
                ROW('*', 'slot', f.object, 'fail', NULL, NULL, 'gigabytes', format('Replication slot "%s" has lost the log it needs.', f.object),
                    'Make the standby anew, and drop the slot.')::momentum.health_row
                ELSE momentum._health_grade('*', 'slot', f.object, coalesce(f.value, 0) / 1073741824,
                momentum._health_setting('slot_gigabytes_warn'), momentum._health_setting('slot_gigabytes_fail'), 'gigabytes',
                format('Replication slot "%s" (%s) holds back %s GB of write-ahead log.', f.object, f.detail, round((coalesce(f.value, 0) / 1073741824)::numeric, 2)),
                'Bring its reader back, or pg_drop_replication_slot() before the disk is full.') END;
        ELSIF f.fact = 'transaction_ids' THEN
            RETURN NEXT momentum._health_grade('*', 'transaction_ids', '', f.value,
                momentum._health_setting('transaction_ids_warn'), momentum._health_setting('transaction_ids_fail'), 'count',
                format('The oldest row of database "%s" that is not frozen is %s million transactions old.', f.object, round((f.value / 1e6)::numeric, 1)),
                'VACUUM FREEZE that database; end old transactions, prepared ones and slots first.');
        ELSIF f.fact = 'checksum_failures' THEN
            failed_checksums := true;
            RETURN NEXT ROW('*', 'checksums', f.object, 'fail', f.value, 1, 'count',
                            format('%s pages of "%s" had a wrong checksum, the last on %s.', f.value, f.object, to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD')),
                            'The disk or its controller loses data: restore a backup on other hardware.')::momentum.health_row;
        END IF;
    END LOOP;
    IF has_cron AND NOT has_job THEN
        RETURN NEXT ROW('*', 'cron', 'momentum refresh', CASE WHEN has_streams THEN 'warn' ELSE 'ok' END, 0, 1, 'count',
                        'No job of pg_cron calls momentum.refresh().',
                        CASE WHEN has_streams THEN 'SELECT momentum.schedule().' END)::momentum.health_row;
    ELSIF NOT has_cron THEN
        RETURN NEXT ROW('*', 'cron', '', 'ok', NULL, NULL, NULL,
                        'pg_cron is not installed in this database: something else has to call momentum.refresh().', NULL)::momentum.health_row;
    END IF;
    IF NOT has_transaction THEN
        RETURN NEXT momentum._health_grade('*', 'transaction', '', 0, momentum._health_setting('transaction_minutes_warn'), NULL, 'minutes',
                                           'No transaction is open but this one.', NULL);
    END IF;
    IF current_setting('data_checksums') = 'off' THEN
        RETURN NEXT ROW('*', 'checksums', '', 'warn', 0, 1, 'count', 'The server keeps no checksums of its pages: damage by a disk goes unnoticed.',
                        'Stop it and run pg_checksums --enable.')::momentum.health_row;
    ELSIF NOT failed_checksums THEN
        RETURN NEXT ROW('*', 'checksums', '', 'ok', 1, 1, 'count', 'Pages have checksums, and all that were read were right.', NULL)::momentum.health_row;
    END IF;
    RETURN NEXT CASE WHEN momentum._is_preloaded()
        THEN ROW('*', 'preload', '', 'ok', 1, 1, 'count', 'momentum is preloaded.', NULL)::momentum.health_row
        ELSE ROW('*', 'preload', '', 'warn', 0, 1, 'count', 'momentum is not preloaded: rate limits hold for one session, refusals are not counted.',
                 'Add it to shared_preload_libraries and restart the server.')::momentum.health_row END;
END
$$;
COMMENT ON FUNCTION momentum._health_server() IS 'Checks cron, cron_run, transaction, slot, transaction_ids, checksums, preload.';
REVOKE ALL ON FUNCTION momentum._health_server() FROM PUBLIC;

CREATE FUNCTION momentum._health_disk() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d record;
    vouched CONSTANT text := trim(coalesce((SELECT s.value FROM momentum_state.setting s WHERE s.brand = '' AND s.key = 'health.encryption_vouched'), ''));
    vouches CONSTANT boolean := vouched ~ '\S.*[, ]\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])$';
BEGIN
    FOR d IN SELECT * FROM momentum._disk() LOOP
        IF d.error IS NOT NULL THEN
            RETURN NEXT ROW('*', 'disk', d.object, 'fail', NULL, NULL, 'share', format('%s: %s.', d.object, d.error),
                            'Is it mounted, and may the server read it?')::momentum.health_row;
            CONTINUE;
        END IF;
        RETURN NEXT momentum._health_grade('*', 'disk', d.object, d.free_bytes / nullif(d.total_bytes, 0),
            momentum._health_setting('disk_free_warn'), momentum._health_setting('disk_free_fail'), 'share',
            format('%s: %s %% of %s GB are free.', d.object, round((100 * d.free_bytes / nullif(d.total_bytes, 0))::numeric, 1),
                   round((d.total_bytes / 1073741824)::numeric, 1)),
            'See the runbook "disk full" in docs/operations.md before the server stops.');
        RETURN NEXT ROW('*', 'encryption', d.object,
            CASE WHEN d.encryption = 'encrypted' OR vouches THEN 'ok' WHEN d.encryption = 'plain' THEN 'fail' ELSE 'warn' END,
            (d.encryption = 'encrypted')::integer, 1, 'count',
            CASE WHEN d.encryption = 'encrypted' THEN format('%s is encrypted: %s.', d.object, d.device)
                 WHEN vouches THEN format('%s is encrypted, vouches %s (this machine sees: %s).', d.object, vouched, d.device)
                 WHEN d.encryption = 'plain' THEN format('%s is not encrypted: %s.', d.object, d.device)
                 ELSE format('Whether %s is encrypted cannot be seen from here: %s.', d.object, d.device) END,
            CASE WHEN d.encryption <> 'encrypted' AND NOT vouches OR d.encryption IS NULL THEN
                'Put it on LUKS; or, where the host encrypts, momentum.set_setting('''', ''health.encryption_vouched'', ''name, YYYY-MM-DD'').' END)::momentum.health_row;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._health_disk() IS 'Checks disk and encryption of each file system.';
REVOKE ALL ON FUNCTION momentum._health_disk() FROM PUBLIC;

CREATE FUNCTION momentum._health_denied() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    times CONSTANT float8 := momentum._health_setting('denied_times');
    hours CONSTANT float8 := momentum._health_setting('denied_hours');
    d record;
BEGIN
    FOR d IN
        SELECT coalesce(r.rolname::text, x.name, CASE WHEN x.role IS NULL THEN '(others)' ELSE format('(role %s)', x.role) END) AS role,
               sum(x.guarded) FILTER (WHERE x.last_guarded_at > now() - hours * interval '1 hour')::float8 AS guarded,
               sum(x.peak_5_minutes)::float8 AS peak, bool_or(x.is_login) AS is_login, max(x.last_at) AS last_at
          FROM momentum._stat_denied() x
          LEFT JOIN pg_roles r ON r.oid = x.role
         GROUP BY 1
        HAVING sum(x.peak_5_minutes) >= times
            OR bool_or(x.last_guarded_at > now() - hours * interval '1 hour')
    LOOP
        RETURN NEXT CASE WHEN d.guarded > 0 THEN
            ROW('*', 'denied', d.role, 'fail', d.guarded, 1, 'count',
                format('Role "%s" was refused %s times what no reader asks for: the inner tables, a secret, or another brand.', d.role, d.guarded),
                'Ask who that is; momentum.access_review() and momentum.stat_denied tell more. It closes by itself after health.denied_hours.')::momentum.health_row
            ELSE ROW('*', 'denied', d.role, 'warn', d.peak, times, 'count',
                format('Role "%s" was refused up to %s times within five minutes%s.', d.role, d.peak, CASE WHEN d.is_login THEN ' (failed logins)' ELSE '' END),
                'A broken job, a rotated password, or somebody who tries: momentum.stat_denied.')::momentum.health_row END;
    END LOOP;
    IF NOT FOUND AND momentum._is_preloaded() THEN
        RETURN NEXT ROW('*', 'denied', '', 'ok', 0, times, 'count', 'Nobody was refused more than usual.', NULL)::momentum.health_row;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._health_denied() IS 'Check denied: a role that was refused too often, or once where once is enough.';
REVOKE ALL ON FUNCTION momentum._health_denied() FROM PUBLIC;
