-- The one call that pg_cron makes.  It COMMITs, so it can carry neither
-- SECURITY DEFINER nor SET: every name is qualified.  Locks live for one
-- transaction; a session-level lock would outlive a cancelled call.
CREATE PROCEDURE momentum.refresh(only_brand text DEFAULT NULL, only_source text DEFAULT NULL, force boolean DEFAULT false)
    LANGUAGE plpgsql
    AS $$
DECLARE
    began CONSTANT timestamptz := pg_catalog.clock_timestamp();
    slice_began timestamptz;
    s record;
    written bigint;
    failed boolean;
    broken boolean := false;
    worked boolean := false;
    message text;
    state text;
    detail text;
    hint text;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('refresh the answers');
    IF only_brand IS NOT NULL THEN
        PERFORM momentum._check_brand(only_brand);
    END IF;
    IF only_source IS NOT NULL THEN
        PERFORM momentum._check_source(only_brand, only_source);
    END IF;
    LOOP
        -- One due stream that nobody holds; each once, until its pass is done.
        SELECT t.brand, t.source, t.stream INTO s
          FROM momentum_state.stream t
         WHERE (t.last_run_at IS NULL OR t.last_run_at OPERATOR(pg_catalog.<) began
                OR t.continuing OR t.resync_from IS NOT NULL)
           AND (t.due_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()
                OR force AND t.due_at OPERATOR(pg_catalog.<) 'infinity' AND (t.last_run_at IS NULL OR t.last_run_at OPERATOR(pg_catalog.<) began))
           AND (only_brand IS NULL OR t.brand OPERATOR(pg_catalog.=) only_brand)
           AND (only_source IS NULL OR t.source OPERATOR(pg_catalog.=) only_source)
         ORDER BY t.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        worked := true;
        slice_began := pg_catalog.clock_timestamp();
        PERFORM pg_catalog.set_config('application_name', pg_catalog.format('momentum sync %s/%s', s.source, s.stream), true);
        failed := false;
        BEGIN
            PERFORM momentum.sync_slice(s.brand, s.source, s.stream);
        EXCEPTION WHEN OTHERS THEN                 -- does not catch cancel
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE,
                                    detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            failed := true;
        END;
        IF failed THEN
            PERFORM momentum.stream_failed(s.brand, s.source, s.stream, message, state,
                                           detail, hint, slice_began);
        END IF;
        COMMIT;
    END LOOP;

    worked := momentum._replay_due() OPERATOR(pg_catalog.>) 0 OR worked;
    COMMIT;

    -- A runner that is refused has committed its days, and the holder looks
    -- again after its COMMIT: no day is left behind.
    WHILE EXISTS (SELECT FROM momentum_state.changed_day) AND pg_catalog.pg_try_advisory_xact_lock(7240, 1) LOOP
        worked := true;
        BEGIN
            written := momentum.recompute();
        EXCEPTION WHEN OTHERS THEN                 -- whose data are late is told all the same
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE,
                                    detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            broken := true;
        END;
        PERFORM momentum._note_recompute(CASE WHEN broken THEN state END);
        EXIT WHEN broken;
        RAISE NOTICE 'metrics: % daily values changed', written;
        COMMIT;
        -- days that nobody was told: of a first load, or while the server was down
        FOR s IN SELECT b.brand FROM momentum_state.brand b ORDER BY b.brand LOOP
            WHILE pg_catalog.pg_try_advisory_xact_lock(7240, 1)
                  AND momentum._log_untold_scores(s.brand) OPERATOR(pg_catalog.>) 0 LOOP
                COMMIT;
            END LOOP;
            COMMIT;
        END LOOP;
    END LOOP;
    -- Routine work comes last: what goes wrong in it stops no answer.
    LOOP
        BEGIN
            written := momentum._route_inquiries();
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'inquiries could not be routed: %', SQLERRM USING ERRCODE = SQLSTATE;
            written := 0;
        END;
        COMMIT;
        EXIT WHEN written OPERATOR(pg_catalog.=) 0;
        worked := true;
    END LOOP;
    BEGIN
        PERFORM momentum._work_routine();
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'routine work could not be done: %', SQLERRM USING ERRCODE = SQLSTATE;
    END;
    COMMIT;
    PERFORM momentum._judge_freshness();
    -- After anything was done, else once a minute: calls of pg_cron are a minute
    -- apart, give or take a few seconds.
    IF worked OR NOT EXISTS (SELECT FROM momentum_state.health_log l
                              WHERE l.checked_at OPERATOR(pg_catalog.>)
                                    (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '50 seconds'::pg_catalog.interval)) THEN
        PERFORM momentum._forget_runs();
        PERFORM momentum._analyze_unknown();
        PERFORM momentum._judge_health();
    END IF;
    -- A receiver of alerts may be slow: nothing is held while it is told.
    COMMIT;
    CALL momentum.deliver_alerts();
    IF broken THEN
        COMMIT;
        RAISE EXCEPTION 'the answers could not be computed: %', message
            USING ERRCODE = state,
                  DETAIL = CASE WHEN pg_catalog.length(detail) OPERATOR(pg_catalog.>) 0 THEN detail
                                ELSE 'The days that changed wait for the next refresh.' END,
                  HINT = CASE WHEN pg_catalog.length(hint) OPERATOR(pg_catalog.>) 0 THEN hint
                              ELSE 'Until then the answers are those of the last one.' END;
    END IF;
END
$$;
COMMENT ON PROCEDURE momentum.refresh(text, text, boolean) IS
    'Syncs what is due, slice by slice, then recomputes what changed. May run in several sessions at once; a failing stream harms no other. The arguments narrow it to a brand or a source, or have it take every stream though it is not due.';
REVOKE ALL ON PROCEDURE momentum.refresh(text, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._forget_runs() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    DELETE FROM momentum_state.run t
     WHERE t.finished_at < now() - momentum._setting('', 'run.keep_days')::float8 * interval '1 day';
    DELETE FROM momentum_state.drift t
     WHERE t.found_at < now() - momentum._setting('', 'run.keep_days')::float8 * interval '1 day';
    DELETE FROM momentum_state.reconcile_log t
     WHERE t.started_at < now() - momentum._setting('', 'run.keep_days')::float8 * interval '1 day'
       AND NOT EXISTS (SELECT FROM momentum_state.drift d WHERE d.brand = t.brand AND d.run_id = t.run_id);
    DELETE FROM momentum_state.dead_letter t
     WHERE t.replayed_at < now() - momentum._setting('', 'run.keep_days')::float8 * interval '1 day';
END
$$;
COMMENT ON FUNCTION momentum._forget_runs() IS 'Deletes rows of run, reconcile_log, drift and replayed dead letters past their time.';
REVOKE ALL ON FUNCTION momentum._forget_runs() FROM PUBLIC;
