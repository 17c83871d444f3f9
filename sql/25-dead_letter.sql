-- Dead letters: what the hub refused is kept, and can be tried again.
--
-- JSON of services holds what jsonb cannot: an escaped U+0000, half a
-- surrogate pair.  Each becomes U+FFFD.
CREATE FUNCTION momentum._clean_json(raw text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    cleaned text := raw;
BEGIN
    IF cleaned ~* '\\u(0000|d[89a-f])' THEN
        -- An even number of backslashes before it escapes one another, not the u.
        cleaned := regexp_replace(cleaned, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g');
        cleaned := regexp_replace(cleaned, '(?<!\\)((?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})',
                                  '\1\\ufffd', 'g');
        cleaned := regexp_replace(cleaned, '(?<!\\u[dD][89abAB][0-9a-fA-F]{2})(?<!\\)((?:\\\\)*)\\u[dD][c-fC-F][0-9a-fA-F]{2}',
                                  '\1\\ufffd', 'g');
    END IF;
    RETURN cleaned::jsonb;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION momentum._clean_json(text) IS 'JSON as jsonb, what jsonb cannot hold replaced by U+FFFD; NULL when it is no JSON.';
REVOKE ALL ON FUNCTION momentum._clean_json(text) FROM PUBLIC;

-- What a later row may heal (a missing parent, an address that is taken) is
-- tried again by itself, and so is what the moment was to blame for (a
-- deadlock, a lock, a full disk); what is wrong in itself is not.
CREATE FUNCTION momentum._next_attempt(sqlstate text, attempts integer) RETURNS timestamptz
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN sqlstate ~ '^(23503|23505|23P01|40...|53...|55P03|55006|58...)$' AND attempts < 16
                THEN clock_timestamp() + least(interval '24 hours', interval '1 minute' * power(2, least(attempts, 12))) END
$$;
COMMENT ON FUNCTION momentum._next_attempt(text, integer) IS 'When a dead letter is tried again by itself: after 2, 4, 8 minutes and so on up to a day, 16 times; NULL: never.';
REVOKE ALL ON FUNCTION momentum._next_attempt(text, integer) FROM PUBLIC;

CREATE FUNCTION momentum._dead_letter(brand text, source text, feed text, line bigint, payload jsonb, reason text,
                                      sqlstate text, origin text DEFAULT 'sync', item text DEFAULT NULL,
                                      body bytea DEFAULT NULL)
    RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    letter bigint;
BEGIN
    INSERT INTO momentum_state.dead_letter AS d (brand, source, feed, origin, line, item, payload, body, reason, sqlstate, next_at)
        VALUES (coalesce(_dead_letter.brand, ''), coalesce(_dead_letter.source, ''), _dead_letter.feed, _dead_letter.origin,
                _dead_letter.line,
                coalesce(CASE WHEN length(_dead_letter.item) <= 200 THEN _dead_letter.item END,
                         md5(coalesce(_dead_letter.item, coalesce(_dead_letter.payload::text, '')
                             || coalesce(encode(_dead_letter.body, 'hex'), '')))),
                _dead_letter.payload, _dead_letter.body, left(_dead_letter.reason, 2000), _dead_letter.sqlstate,
                momentum._next_attempt(_dead_letter.sqlstate, 1))
        ON CONFLICT (brand, source, feed, item) WHERE replayed_at IS NULL DO UPDATE
           SET payload = excluded.payload, body = excluded.body, line = excluded.line, origin = excluded.origin,
               reason = excluded.reason, sqlstate = excluded.sqlstate,
               attempts = d.attempts + 1, last_at = clock_timestamp(),
               next_at = momentum._next_attempt(excluded.sqlstate, d.attempts + 1)
        RETURNING d.id INTO letter;
    RETURN letter;
END
$$;
COMMENT ON FUNCTION momentum._dead_letter(text, text, text, bigint, jsonb, text, text, text, text, bytea) IS
    'Keeps a row that was refused, and returns the number of its letter. The same item of the same feed is the same letter while it is open.';
REVOKE ALL ON FUNCTION momentum._dead_letter(text, text, text, bigint, jsonb, text, text, text, text, bytea) FROM PUBLIC;

CREATE FUNCTION momentum._door_turn(brand text) RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_advisory_xact_lock(7243, hashtext(_door_turn.brand)) $$;
COMMENT ON FUNCTION momentum._door_turn(text) IS 'Files of a brand are stored one after the other: those that meet in a row would wait for each other for ever.';
REVOKE ALL ON FUNCTION momentum._door_turn(text) FROM PUBLIC;

-- One letter again.  A feed that has a door goes through it; any other names
-- a function momentum._replay_<feed>(brand, source, payload, body).
CREATE FUNCTION momentum._replay_letter(id bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d record;
    message text;
    state text;
BEGIN
    -- In the order in which doors and erasures take them.
    SELECT t.brand INTO d FROM momentum_state.dead_letter t WHERE t.id = _replay_letter.id;
    PERFORM momentum._door_turn(d.brand), pg_advisory_xact_lock_shared(7241, hashtext(d.brand));
    SELECT * INTO d FROM momentum_state.dead_letter t
     WHERE t.id = _replay_letter.id AND t.replayed_at IS NULL FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 'is being replayed elsewhere, or was';
    END IF;
    BEGIN
        IF to_regprocedure(format('momentum.%I(text, text, jsonb, bytea)', '_replay_' || d.feed)) IS NOT NULL THEN
            EXECUTE format('SELECT momentum.%I($1, $2, $3, $4)', '_replay_' || d.feed) USING d.brand, d.source, d.payload, d.body;
        ELSIF to_regclass(format('hub.%I', d.feed || '_entry')) IS NOT NULL AND jsonb_typeof(d.payload) = 'object' THEN
            PERFORM momentum._replay_row(d.brand, d.source, d.feed, d.payload);
        ELSE
            RAISE EXCEPTION 'nothing is known to do with a dead letter of feed "%"', d.feed
                USING ERRCODE = 'feature_not_supported';
        END IF;
        UPDATE momentum_state.dead_letter t
           SET replayed_at = clock_timestamp(), last_at = clock_timestamp(), attempts = t.attempts + 1,
               next_at = NULL, payload = NULL, body = NULL
         WHERE t.id = d.id;
        RETURN NULL;
    EXCEPTION WHEN OTHERS THEN                    -- does not catch cancel
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
        message := regexp_replace(message, '^line 1: ', '');       -- of the letter, not of its file
    END;
    UPDATE momentum_state.dead_letter t
       SET reason = left(message, 2000), sqlstate = state, last_at = clock_timestamp(), attempts = t.attempts + 1,
           next_at = momentum._next_attempt(state, t.attempts + 1)
     WHERE t.id = d.id;
    RETURN message;
END
$$;
COMMENT ON FUNCTION momentum._replay_letter(bigint) IS 'Tries one dead letter again in a subtransaction of its own; returns why it was refused, NULL when it went well.';
REVOKE ALL ON FUNCTION momentum._replay_letter(bigint) FROM PUBLIC;

CREATE FUNCTION momentum.replay(id bigint DEFAULT NULL, brand text DEFAULT NULL, source text DEFAULT NULL, feed text DEFAULT NULL)
    RETURNS TABLE (letter bigint, replayed boolean, reason text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d record;
    tried jsonb := '{}';
BEGIN
    PERFORM momentum._check_setup();
    IF coalesce(replay.id::text, replay.brand, replay.source, replay.feed) IS NULL THEN
        RAISE EXCEPTION 'what to replay is not said'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Name an id, a brand, a source or a feed; momentum.dead_letter lists the letters.';
    END IF;
    IF replay.id IS NOT NULL AND NOT EXISTS (SELECT FROM momentum_state.dead_letter t WHERE t.id = replay.id) THEN
        RAISE EXCEPTION 'dead letter % does not exist', replay.id
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum.dead_letter lists the letters.';
    END IF;
    IF replay.feed IS NOT NULL AND to_regclass(format('hub.%I', replay.feed)) IS NULL
       AND to_regprocedure(format('momentum.%I(text, text, jsonb, bytea)', '_replay_' || replay.feed)) IS NULL
       AND NOT EXISTS (SELECT FROM momentum_state.dead_letter t WHERE t.feed = replay.feed) THEN
        RAISE EXCEPTION 'feed "%" does not exist', left(replay.feed, 80)
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum.dead_letter lists the letters with their feeds.';
    END IF;
    FOR d IN SELECT t.id, t.brand, t.source, t.feed FROM momentum_state.dead_letter t
              WHERE t.replayed_at IS NULL
                AND (replay.id IS NULL OR t.id = replay.id)
                AND (replay.brand IS NULL OR t.brand = replay.brand)
                AND (replay.source IS NULL OR t.source = replay.source)
                AND (replay.feed IS NULL OR t.feed = replay.feed)
              ORDER BY t.brand, t.id LOOP
        letter := d.id;
        reason := momentum._replay_letter(d.id);
        replayed := reason IS NULL;
        PERFORM momentum._audit(nullif(d.brand, ''), 'replay',
                                jsonb_build_object('id', d.id, 'source', d.source, 'feed', d.feed, 'replayed', replayed));
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum.replay(bigint, text, text, text) IS
    'Tries dead letters again: one by its id, or all open ones of a brand, a source, a feed. Each stands or falls alone; what is stored is marked, what is refused again says why.';
REVOKE ALL ON FUNCTION momentum.replay(bigint, text, text, text) FROM PUBLIC;

-- At each refresh, a bounded number: what may have healed by itself.
CREATE FUNCTION momentum._replay_due() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d record;
    healed bigint := 0;
BEGIN
    -- Brand by brand, as doors go.
    FOR d IN SELECT t.* FROM (SELECT t.id, t.brand, t.source, t.feed, t.next_at FROM momentum_state.dead_letter t
                               WHERE t.replayed_at IS NULL AND t.next_at <= clock_timestamp()
                               ORDER BY t.next_at LIMIT 200) t
              ORDER BY t.brand, t.next_at LOOP
        IF momentum._replay_letter(d.id) IS NULL THEN
            healed := healed + 1;
            PERFORM momentum._audit(nullif(d.brand, ''), 'replay',
                                    jsonb_build_object('id', d.id, 'source', d.source, 'feed', d.feed, 'replayed', true));
        END IF;
    END LOOP;
    RETURN healed;
END
$$;
COMMENT ON FUNCTION momentum._replay_due() IS 'Tries the dead letters that may have healed and whose time has come, 200 at most; returns how many did.';
REVOKE ALL ON FUNCTION momentum._replay_due() FROM PUBLIC;
