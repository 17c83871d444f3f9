-- Alerts leave the database: posted to receivers as Standard Webhooks, and a
-- sign of life to outside watches, which miss it when the database is dead.
--
-- What is to be told is queued in the transaction that changes the alert.  A
-- try is committed before it is made, so that a crash in it counts; its id is
-- the same each time, so that a receiver who had it already knows.  While a
-- receiver is waited for, no lock is held.
CREATE FUNCTION momentum._check_receiver(url text, secret text) RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_check_receiver';
COMMENT ON FUNCTION momentum._check_receiver(text, text) IS
    'Raises unless the current user could post there: an https URL, and a secret that he may use, that is bound to its host and can sign. Sends nothing.';
REVOKE ALL ON FUNCTION momentum._check_receiver(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._post_signed(url text, secret text, id text, body text, OUT status integer, OUT error text) RETURNS record
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_post_signed';
COMMENT ON FUNCTION momentum._post_signed(text, text, text, text) IS
    'Posts a body, signed as Standard Webhooks, within ten seconds: the status of the answer, and what went wrong, NULL if nothing did.';
REVOKE ALL ON FUNCTION momentum._post_signed(text, text, text, text) FROM PUBLIC;

-- The body has no sentence, which may name a person or a figure, and of a
-- refused role not the name.
CREATE FUNCTION momentum._queue_alert(brand text, alert_id bigint, only_target bigint DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    grave CONSTANT text[] := ARRAY['info', 'warn', 'fail'];
BEGIN
    INSERT INTO momentum_state.alert_delivery (brand, alert_id, target_id, state, body)
    SELECT a.brand, a.alert_id, t.target_id, s.state,
           json_build_object('type', CASE WHEN s.state = 'closed' THEN 'alert.closed' ELSE 'alert.opened' END,
               'timestamp', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'data', json_build_object('alert_id', a.alert_id, 'brand', a.brand, 'rule', a.rule,
                   'object', CASE WHEN a.rule = 'health' AND a.object LIKE 'denied/%' THEN 'denied' ELSE a.object END,
                   'metric', a.metric, 'severity', a.severity, 'state', s.state,
                   'opened_at', to_char(a.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                   'closed_at', to_char(a.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))::text
      FROM momentum_state.alert_log a
     CROSS JOIN LATERAL (SELECT CASE WHEN a.closed_at IS NULL THEN a.severity ELSE 'closed' END AS state) s
      JOIN momentum_state.alert_target t
        ON t.kind = 'webhook' AND t.brand IN (a.brand, '*')
       AND array_position(grave, a.severity) >= array_position(grave, t.least_severity)
       AND (_queue_alert.only_target IS NULL OR t.target_id = _queue_alert.only_target)
     WHERE a.brand = _queue_alert.brand AND a.alert_id = _queue_alert.alert_id
       AND (s.state <> 'closed'
            OR EXISTS (SELECT FROM momentum_state.alert_delivery d
                        WHERE d.brand = a.brand AND d.alert_id = a.alert_id AND d.target_id = t.target_id))
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION momentum._queue_alert(text, bigint, bigint) IS
    'Queues what an alert has become for the targets that are told of it; its end only where they heard of its beginning.';
REVOKE ALL ON FUNCTION momentum._queue_alert(text, bigint, bigint) FROM PUBLIC;

CREATE FUNCTION momentum._tell_alert(brand text, alert_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pg_notify('momentum_alert', _tell_alert.alert_id::text);
    PERFORM momentum._queue_alert(_tell_alert.brand, _tell_alert.alert_id);
END
$$;
COMMENT ON FUNCTION momentum._tell_alert(text, bigint) IS 'Tells of an alert that opened, grew graver or closed: whoever listens, and the targets outside.';
REVOKE ALL ON FUNCTION momentum._tell_alert(text, bigint) FROM PUBLIC;

CREATE FUNCTION momentum.add_alert_target(brand text, url text, secret text DEFAULT NULL, least_severity text DEFAULT 'warn',
        kind text DEFAULT 'webhook') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    added bigint;
BEGIN
    PERFORM momentum._check_setup();
    IF add_alert_target.brand IS DISTINCT FROM '*' THEN
        PERFORM momentum._check_brand(add_alert_target.brand);
    END IF;
    IF add_alert_target.kind IS NULL OR add_alert_target.kind NOT IN ('webhook', 'watch') THEN
        RAISE EXCEPTION 'kind "%" of an alert target does not exist', add_alert_target.kind
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The kinds are webhook (told of alerts) and watch (given a sign of life).';
    END IF;
    IF add_alert_target.least_severity IS NULL OR add_alert_target.least_severity NOT IN ('info', 'warn', 'fail') THEN
        RAISE EXCEPTION 'severity "%" does not exist', add_alert_target.least_severity
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The severities are info, warn and fail.';
    END IF;
    IF add_alert_target.kind = 'webhook' AND add_alert_target.secret IS NULL THEN
        RAISE EXCEPTION 'a webhook needs the name of a signing secret'
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Store whsec_ and the base64 of 32 random bytes through momentum.secret_entry, and bind it to the receiver''s host with momentum.bind_secret().';
    END IF;
    IF add_alert_target.kind = 'watch' AND add_alert_target.brand <> '*' THEN
        RAISE EXCEPTION 'a watch is not of one brand'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'It is told that the database lives.',
                  HINT = 'Add it for *.';
    END IF;
    PERFORM momentum._check_receiver(add_alert_target.url, add_alert_target.secret);
    INSERT INTO momentum_state.alert_target AS t (brand, kind, url, secret, least_severity)
    VALUES (add_alert_target.brand, add_alert_target.kind, add_alert_target.url, add_alert_target.secret, add_alert_target.least_severity)
    ON CONFLICT (brand, kind, url) DO UPDATE
       SET secret = excluded.secret, least_severity = excluded.least_severity
    RETURNING t.target_id INTO added;
    PERFORM momentum._queue_alert(a.brand, a.alert_id, added)
       FROM momentum_state.alert_log a
      WHERE a.closed_at IS NULL AND (add_alert_target.brand = '*' OR a.brand = add_alert_target.brand);
    PERFORM momentum._audit(nullif(add_alert_target.brand, '*'), 'add_alert_target',
                            jsonb_build_object('target_id', added, 'kind', add_alert_target.kind, 'secret', add_alert_target.secret,
                                               'least_severity', add_alert_target.least_severity));
    RETURN added;
END
$$;
COMMENT ON FUNCTION momentum.add_alert_target(text, text, text, text, text) IS
    'Has alerts of a brand (* for all brands and the server) from a severity on posted to an https URL, signed with a secret of the store that is bound to its host; those open now first. Kind watch: a sign of life every few minutes instead. Adding it again changes it. Returns its number.';
REVOKE ALL ON FUNCTION momentum.add_alert_target(text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum.remove_alert_target(target_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    gone record;
BEGIN
    PERFORM momentum._check_setup();
    DELETE FROM momentum_state.alert_target t WHERE t.target_id = remove_alert_target.target_id RETURNING * INTO gone;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'alert target % does not exist', remove_alert_target.target_id
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.alert_target lists them.';
    END IF;
    PERFORM momentum._audit(nullif(gone.brand, '*'), 'remove_alert_target',
                            jsonb_build_object('target_id', gone.target_id, 'kind', gone.kind));
END
$$;
COMMENT ON FUNCTION momentum.remove_alert_target(bigint) IS 'Takes away an alert target, and forgets what it was told.';
REVOKE ALL ON FUNCTION momentum.remove_alert_target(bigint) FROM PUBLIC;

-- The next one to be told, with one more attempt; those of targets that just
-- failed wait.  A third try that never ended was the last one as well.
CREATE FUNCTION momentum._claim_delivery(except_targets bigint[], OUT brand text, OUT alert_id bigint, OUT target_id bigint, OUT state text,
        OUT attempts integer, OUT url text, OUT secret text, OUT message_id text, OUT body text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    UPDATE momentum_state.alert_delivery d
       SET given_up_at = clock_timestamp(), last_error = coalesce(d.last_error, 'the try did not come to its end')
     WHERE d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.attempts >= 3 AND d.next_at <= clock_timestamp();
    UPDATE momentum_state.alert_delivery d
       SET attempts = d.attempts + 1, next_at = clock_timestamp() + interval '30 seconds'
      FROM momentum_state.alert_target t
     WHERE t.target_id = d.target_id
       AND (d.brand, d.alert_id, d.target_id, d.state) =
           (SELECT x.brand, x.alert_id, x.target_id, x.state
              FROM momentum_state.alert_delivery x
             WHERE x.delivered_at IS NULL AND x.given_up_at IS NULL AND x.next_at <= clock_timestamp()
               AND x.target_id <> ALL (_claim_delivery.except_targets)
             ORDER BY x.next_at, x.queued_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING d.brand, d.alert_id, d.target_id, d.state, d.attempts, t.url, t.secret,
              format('msg_%s_%s_%s', replace(t.target_key::text, '-', ''), d.alert_id, d.state), d.body
         INTO brand, alert_id, target_id, state, attempts, url, secret, message_id, body;
END
$$;
COMMENT ON FUNCTION momentum._claim_delivery(bigint[]) IS 'Takes the next delivery that is due for half a minute; no row: none is.';
REVOKE ALL ON FUNCTION momentum._claim_delivery(bigint[]) FROM PUBLIC;

CREATE FUNCTION momentum._note_delivery(brand text, alert_id bigint, target_id bigint, state text, attempt integer, status integer,
        error text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    -- Only of the try in hand: a slower one that was taken for lost says nothing more but that it arrived.
    UPDATE momentum_state.alert_delivery d
       SET status = _note_delivery.status, last_error = _note_delivery.error,
           delivered_at = CASE WHEN _note_delivery.error IS NULL THEN clock_timestamp() END,
           given_up_at = CASE WHEN _note_delivery.error IS NOT NULL AND d.attempts >= 3 THEN clock_timestamp() END,
           next_at = clock_timestamp() + CASE WHEN d.attempts = 1 THEN 2 ELSE 8 END * (0.8 + 0.4 * random()) * interval '1 second'
     WHERE d.brand = _note_delivery.brand AND d.alert_id = _note_delivery.alert_id AND d.target_id = _note_delivery.target_id
       AND d.state = _note_delivery.state AND d.delivered_at IS NULL
       AND (d.attempts = _note_delivery.attempt OR _note_delivery.error IS NULL);
    UPDATE momentum_state.alert_target t
       SET last_try_at = clock_timestamp(), last_error = _note_delivery.error,
           last_ok_at = CASE WHEN _note_delivery.error IS NULL THEN clock_timestamp() ELSE t.last_ok_at END
     WHERE t.target_id = _note_delivery.target_id;
END
$$;
COMMENT ON FUNCTION momentum._note_delivery(text, bigint, bigint, text, integer, integer, text) IS 'Writes down how a try to tell a target went.';
REVOKE ALL ON FUNCTION momentum._note_delivery(text, bigint, bigint, text, integer, integer, text) FROM PUBLIC;

CREATE FUNCTION momentum._claim_watch(OUT target_id bigint, OUT url text, OUT secret text, OUT message_id text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    UPDATE momentum_state.alert_target t
       SET last_try_at = clock_timestamp()
     WHERE t.target_id = (SELECT x.target_id FROM momentum_state.alert_target x
                           WHERE x.kind = 'watch'
                             AND (x.last_try_at IS NULL
                                  OR x.last_try_at <= clock_timestamp()
                                     - CASE WHEN x.last_error IS NULL THEN momentum._health_setting('watch_minutes') ELSE 1 END
                                       * interval '1 minute' + interval '5 seconds')
                           ORDER BY x.target_id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING t.target_id, t.url, t.secret,
              format('watch_%s_%s', replace(t.target_key::text, '-', ''), floor(extract(epoch FROM clock_timestamp())))
         INTO target_id, url, secret, message_id;
END
$$;
COMMENT ON FUNCTION momentum._claim_watch() IS 'Takes the next watch that is due a sign of life; no row: none is.';
REVOKE ALL ON FUNCTION momentum._claim_watch() FROM PUBLIC;

-- It COMMITs, so it can carry neither SECURITY DEFINER nor SET: every name is
-- qualified.
CREATE PROCEDURE momentum.deliver_alerts(again boolean DEFAULT false)
    LANGUAGE plpgsql
    AS $$
DECLARE
    began CONSTANT timestamptz := pg_catalog.clock_timestamp();
    failed bigint[] := '{}';
    d record;
    answer record;
    problem text;
    code integer;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('deliver alerts');
    IF again THEN
        UPDATE momentum_state.alert_delivery x
           SET given_up_at = NULL, attempts = 0, next_at = pg_catalog.clock_timestamp()
         WHERE x.delivered_at IS NULL AND x.given_up_at IS NOT NULL;
        COMMIT;
    END IF;
    -- A receiver that fails is left alone until the next call.
    WHILE pg_catalog.clock_timestamp() OPERATOR(pg_catalog.<) (began OPERATOR(pg_catalog.+) '50 seconds'::pg_catalog.interval) LOOP
        SELECT c.* INTO d FROM momentum._claim_delivery(failed) c WHERE c.target_id IS NOT NULL;
        EXIT WHEN NOT FOUND;
        COMMIT;
        BEGIN
            SELECT p.status, p.error INTO answer FROM momentum._post_signed(d.url, d.secret, d.message_id, d.body) p;
            code := answer.status;
            problem := answer.error;
        EXCEPTION WHEN OTHERS THEN                 -- does not catch cancel
            code := NULL;
            GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT;
        END;
        PERFORM momentum._note_delivery(d.brand, d.alert_id, d.target_id, d.state, d.attempts, code, problem);
        IF problem IS NOT NULL THEN
            failed := pg_catalog.array_append(failed, d.target_id);
        END IF;
        COMMIT;
    END LOOP;
    WHILE pg_catalog.clock_timestamp() OPERATOR(pg_catalog.<) (began OPERATOR(pg_catalog.+) '50 seconds'::pg_catalog.interval) LOOP
        SELECT c.* INTO d FROM momentum._claim_watch() c WHERE c.target_id IS NOT NULL;
        EXIT WHEN NOT FOUND;
        COMMIT;
        BEGIN
            SELECT p.status, p.error INTO answer FROM momentum._post_signed(d.url, d.secret, d.message_id, '') p;
            problem := answer.error;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT;
        END;
        UPDATE momentum_state.alert_target t
           SET last_error = problem,
               last_ok_at = CASE WHEN problem IS NULL THEN pg_catalog.clock_timestamp() ELSE t.last_ok_at END
         WHERE t.target_id OPERATOR(pg_catalog.=) d.target_id;
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE momentum.deliver_alerts(boolean) IS
    'Posts the alerts that wait to their targets, and gives the watches their sign of life. Called at the end of every refresh, and by a job of its own each minute. A target that fails is tried again by the next calls, three times in all; again => true takes up those that were given up.';
REVOKE ALL ON PROCEDURE momentum.deliver_alerts(boolean) FROM PUBLIC;
