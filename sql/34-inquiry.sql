-- What people do with inquiries: assign, correct, answer, resolve, link.  The
-- doors are functions in schema hub that run as the owner of the model; each
-- asks here whether its caller may act for the brand, and leaves an audit row
-- without anything the customer said.
CREATE FUNCTION momentum._check_may_act(brand text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF momentum._may_act(_check_may_act.brand) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied for the work of brand "%"', _check_may_act.brand
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Owners and the agents of a brand do its work: momentum.grant_access().';
    END IF;
    PERFORM momentum._check_brand(_check_may_act.brand);
END
$$;
COMMENT ON FUNCTION momentum._check_may_act(text) IS 'Raises unless the caller may do the work of this brand, and the brand exists.';
REVOKE ALL ON FUNCTION momentum._check_may_act(text) FROM PUBLIC;

CREATE FUNCTION momentum._check_listed(list text, value text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    listed text[];
BEGIN
    EXECUTE format('SELECT array_agg(t.%1$I ORDER BY t.position, t.%1$I) FROM hub.%2$I t', list,
                   CASE list WHEN 'status' THEN 'inquiry_statuses' WHEN 'category' THEN 'inquiry_categories'
                             WHEN 'urgency' THEN 'inquiry_urgencies' WHEN 'platform' THEN 'inquiry_platforms' END) INTO listed;
    IF value IS NOT NULL AND value <> ALL (listed) THEN
        RAISE EXCEPTION 'inquiry % "%" does not exist', list, left(value, 80)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The list has: ' || array_to_string(listed, ', ') || '.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_listed(text, text) IS 'Raises unless a value is in its select list of inquiries: status, category, urgency, platform.';
REVOKE ALL ON FUNCTION momentum._check_listed(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._check_length(what text, value text, most integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF octet_length(value) > most THEN
        RAISE EXCEPTION '% is too long', what
            USING ERRCODE = 'string_data_right_truncation',
                  DETAIL = format('It has %s bytes, %s are the most.', octet_length(value), most);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_length(text, text, integer) IS 'Raises if a text has more bytes than may be.';
REVOKE ALL ON FUNCTION momentum._check_length(text, text, integer) FROM PUBLIC;

CREATE FUNCTION momentum._inquiry(brand text, source text, inquiry_id text) RETURNS record
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record;
BEGIN
    PERFORM momentum._check_may_act(_inquiry.brand);
    SELECT t.*, least(t.date_created, t.loaded_at) AS began_at INTO i
      FROM hub.customer_inquiries t
     WHERE t.brand = _inquiry.brand AND t.inquiry_id = _inquiry.inquiry_id AND t.source = _inquiry.source
       FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'inquiry "%" of source "%" and brand "%" does not exist',
                left(_inquiry.inquiry_id, 80), left(_inquiry.source, 80), _inquiry.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'The view hub.inquiry_sla lists the inquiries.';
    END IF;
    RETURN i;
END
$$;
COMMENT ON FUNCTION momentum._inquiry(text, text, text) IS 'An inquiry, locked for a change by a person who may act for its brand; raises if there is none.';
REVOKE ALL ON FUNCTION momentum._inquiry(text, text, text) FROM PUBLIC;

-- Routine work that was done.  What a routine did and a person did over again
-- needed a person.
CREATE FUNCTION momentum._todo_done(brand text, todo_id text, kind text, by_routine boolean, note text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO momentum_state.todo_log AS l (brand, todo_id, kind, by_routine, note)
        VALUES (_todo_done.brand, _todo_done.todo_id, _todo_done.kind, _todo_done.by_routine, _todo_done.note)
        ON CONFLICT (brand, todo_id) WHERE ended_at IS NULL DO UPDATE
           SET by_routine = excluded.by_routine, done_at = excluded.done_at, done_by = excluded.done_by,
               note = coalesce(excluded.note, l.note)
         WHERE NOT excluded.by_routine;
END
$$;
COMMENT ON FUNCTION momentum._todo_done(text, text, text, boolean, text) IS 'Writes down that a piece of routine work is done, by a routine or a person.';
REVOKE ALL ON FUNCTION momentum._todo_done(text, text, text, boolean, text) FROM PUBLIC;

CREATE FUNCTION momentum._assign_inquiry(brand text, source text, inquiry_id text, assigned_to text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record := momentum._inquiry(brand, source, inquiry_id);
BEGIN
    IF assigned_to IS NULL OR btrim(assigned_to) = '' OR length(assigned_to) > 100 THEN
        RAISE EXCEPTION 'whom inquiry "%" is assigned to is not said', inquiry_id
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Name a person or a desk in at most 100 characters, or bot.';
    END IF;
    UPDATE hub.customer_inquiries t
       SET assigned_to = _assign_inquiry.assigned_to,
           set_by_hand = array_remove(t.set_by_hand, 'assigned_to') || ARRAY['assigned_to']
     WHERE t.brand = i.brand AND t.inquiry_id = i.inquiry_id AND t.source = i.source;
    PERFORM momentum._todo_done(i.brand, concat_ws('/', 'assign', i.source, i.inquiry_id), 'assign', false);
    PERFORM momentum._audit(i.brand, 'assign_inquiry', jsonb_build_object('source', i.source, 'inquiry_id', i.inquiry_id,
                                                                         'assigned_to', _assign_inquiry.assigned_to));
END
$$;
COMMENT ON FUNCTION momentum._assign_inquiry(text, text, text, text) IS 'What hub.assign_inquiry() does.';
REVOKE ALL ON FUNCTION momentum._assign_inquiry(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._set_inquiry(brand text, source text, inquiry_id text, status text, category text, urgency text,
                                      sentiment_score numeric, resolution_notes text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record := momentum._inquiry(brand, source, inquiry_id);
    told text[] := array_remove(ARRAY[CASE WHEN category IS NOT NULL THEN 'category' END,
                                      CASE WHEN urgency IS NOT NULL THEN 'urgency' END,
                                      CASE WHEN sentiment_score IS NOT NULL THEN 'sentiment_score' END], NULL);
    ends boolean := status IN ('Resolved', 'Closed');
BEGIN
    PERFORM momentum._check_listed('status', status), momentum._check_listed('category', category),
            momentum._check_listed('urgency', urgency);
    PERFORM momentum._check_length('the note', resolution_notes, 65536);
    IF sentiment_score NOT BETWEEN -5 AND 5 THEN
        RAISE EXCEPTION 'sentiment is out of range'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('It lies between -5 and 5; the value is %s.', left(sentiment_score::text, 40));
    END IF;
    IF told = '{}' AND status IS NULL AND resolution_notes IS NULL THEN
        RAISE EXCEPTION 'what to set of inquiry "%" is not said', inquiry_id
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Name status, category, urgency, sentiment_score or resolution_notes.';
    END IF;
    UPDATE hub.customer_inquiries t
       SET status = coalesce(_set_inquiry.status, t.status),
           category = coalesce(_set_inquiry.category, t.category),
           urgency = coalesce(_set_inquiry.urgency, t.urgency),
           sentiment_score = coalesce(_set_inquiry.sentiment_score, t.sentiment_score),
           resolution_notes = coalesce(_set_inquiry.resolution_notes, t.resolution_notes),
           resolved_at = CASE WHEN ends IS NULL THEN t.resolved_at WHEN ends THEN coalesce(t.resolved_at, now()) END,
           reopened = t.reopened + (NOT ends AND NOT t.is_open IS NOT FALSE)::integer,
           set_by_hand = (SELECT coalesce(array_agg(DISTINCT f ORDER BY f), '{}') FROM unnest(t.set_by_hand || told) f)
     WHERE t.brand = i.brand AND t.inquiry_id = i.inquiry_id AND t.source = i.source;
    IF category IS NOT NULL OR urgency IS NOT NULL THEN
        PERFORM momentum._todo_done(i.brand, concat_ws('/', 'triage', i.source, i.inquiry_id), 'triage', false);
    END IF;
    IF ends THEN
        PERFORM momentum._todo_done(i.brand, concat_ws('/', 'close', i.source, i.inquiry_id, i.reopened), 'close', false);
    END IF;
    PERFORM momentum._audit(i.brand, 'set_inquiry', jsonb_strip_nulls(jsonb_build_object('source', i.source, 'inquiry_id', i.inquiry_id,
        'status', _set_inquiry.status, 'category', _set_inquiry.category, 'urgency', _set_inquiry.urgency,
        'sentiment_score', _set_inquiry.sentiment_score)));
END
$$;
COMMENT ON FUNCTION momentum._set_inquiry(text, text, text, text, text, text, numeric, text) IS 'What hub.set_inquiry() does.';
REVOKE ALL ON FUNCTION momentum._set_inquiry(text, text, text, text, text, text, numeric, text) FROM PUBLIC;

-- An answer covers all that the customer wrote before it in the same thread.
CREATE FUNCTION momentum._answer_inquiry(brand text, source text, inquiry_id text, at timestamptz, response text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record := momentum._inquiry(brand, source, inquiry_id);
    sent_at timestamptz := coalesce(at, now());
BEGIN
    PERFORM momentum._check_length('the response', response, 1048576);
    IF sent_at < i.began_at OR sent_at > now() + interval '5 minutes' THEN
        RAISE EXCEPTION 'the response to inquiry "%" cannot have been sent then', inquiry_id
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is said to be of %s; the inquiry is of %s, and it is %s now.', sent_at, i.began_at,
                                  date_trunc('second', now()));
    END IF;
    UPDATE hub.customer_inquiries t
       SET response_sent = true, responded_at = coalesce(t.responded_at, sent_at),
           response_time_minutes = coalesce(t.response_time_minutes,
               ceil(extract(epoch FROM greatest(sent_at - least(t.date_created, t.loaded_at), interval '0')) / 60)::bigint),
           response = CASE WHEN (t.inquiry_id, t.source) = (i.inquiry_id, i.source)
                           THEN coalesce(_answer_inquiry.response, t.response) ELSE t.response END,
           status = CASE WHEN t.status IN ('New', 'Escalated') THEN 'In Progress' ELSE t.status END
     WHERE t.brand = i.brand
       AND ((t.inquiry_id, t.source) = (i.inquiry_id, i.source)
            OR t.source = i.source AND t.thread = i.thread AND t.is_open AND NOT t.response_sent
               AND least(t.date_created, t.loaded_at) <= sent_at);
    PERFORM momentum._todo_done(i.brand, concat_ws('/', 'inquiry', i.source, i.inquiry_id), 'answer', false);
    PERFORM momentum._audit(i.brand, 'answer_inquiry', jsonb_build_object('source', i.source, 'inquiry_id', i.inquiry_id, 'at', sent_at));
END
$$;
COMMENT ON FUNCTION momentum._answer_inquiry(text, text, text, timestamptz, text) IS 'What hub.answer_inquiry() does.';
REVOKE ALL ON FUNCTION momentum._answer_inquiry(text, text, text, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION momentum._resolve_inquiry(brand text, source text, inquiry_id text, notes text, satisfaction integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record := momentum._inquiry(brand, source, inquiry_id);
BEGIN
    PERFORM momentum._check_length('the note', notes, 65536);
    IF satisfaction NOT BETWEEN 1 AND 5 THEN
        RAISE EXCEPTION 'customer satisfaction is out of range'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('It is told from 1 to 5; the value is %s.', satisfaction);
    END IF;
    UPDATE hub.customer_inquiries t
       SET status = CASE WHEN t.is_open THEN 'Resolved' ELSE t.status END, resolved_at = coalesce(t.resolved_at, now()),
           resolution_notes = CASE WHEN (t.inquiry_id, t.source) = (i.inquiry_id, i.source)
                                   THEN coalesce(notes, t.resolution_notes) ELSE t.resolution_notes END,
           customer_satisfaction = CASE WHEN (t.inquiry_id, t.source) = (i.inquiry_id, i.source)
                                        THEN coalesce(satisfaction::smallint, t.customer_satisfaction) ELSE t.customer_satisfaction END
     WHERE t.brand = i.brand
       AND ((t.inquiry_id, t.source) = (i.inquiry_id, i.source)
            OR t.source = i.source AND t.thread = i.thread AND t.is_open AND least(t.date_created, t.loaded_at) <= i.began_at);
    IF i.is_open THEN
        PERFORM momentum._todo_done(i.brand, concat_ws('/', 'close', i.source, i.inquiry_id, i.reopened), 'close', false);
    END IF;
    PERFORM momentum._audit(i.brand, 'resolve_inquiry', jsonb_strip_nulls(jsonb_build_object('source', i.source,
        'inquiry_id', i.inquiry_id, 'satisfaction', satisfaction)));
END
$$;
COMMENT ON FUNCTION momentum._resolve_inquiry(text, text, text, text, integer) IS 'What hub.resolve_inquiry() does.';
REVOKE ALL ON FUNCTION momentum._resolve_inquiry(text, text, text, text, integer) FROM PUBLIC;

CREATE FUNCTION momentum._link_inquiry(brand text, source text, inquiry_id text, customer_source text, customer_id text,
                                       order_source text, order_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record := momentum._inquiry(brand, source, inquiry_id);
BEGIN
    customer_id := momentum._hub_id(brand, customer_id);
    -- An agent sees the customers and orders that inquiries are linked to.
    IF NOT momentum._may_own() THEN
        RAISE EXCEPTION 'permission denied to link inquiries'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'Whoever links an inquiry decides what the agents of the brand see.',
                  HINT = 'Ask an owner.';
    END IF;
    IF customer_id IS NULL AND order_id IS NULL THEN
        RAISE EXCEPTION 'what to link inquiry "%" to is not said', inquiry_id
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Name customer_source and customer_id, order_source and order_id, or both.';
    END IF;
    IF customer_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM hub.customers c WHERE c.brand = i.brand AND c.source = _link_inquiry.customer_source
                                                     AND c.customer_id = _link_inquiry.customer_id) THEN
        RAISE EXCEPTION 'customer "%" of source "%" and brand "%" does not exist', customer_id, customer_source, i.brand
            USING ERRCODE = 'undefined_object';
    END IF;
    IF order_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM hub.orders o WHERE o.brand = i.brand AND o.source = _link_inquiry.order_source
                                                  AND o.order_id = _link_inquiry.order_id) THEN
        RAISE EXCEPTION 'order "%" of source "%" and brand "%" does not exist', order_id, order_source, i.brand
            USING ERRCODE = 'undefined_object';
    END IF;
    UPDATE hub.customer_inquiries t
       SET customer_source = CASE WHEN _link_inquiry.customer_id IS NULL THEN t.customer_source ELSE _link_inquiry.customer_source END,
           customer_id = coalesce(_link_inquiry.customer_id, t.customer_id),
           order_source = CASE WHEN _link_inquiry.order_id IS NULL THEN t.order_source ELSE _link_inquiry.order_source END,
           order_id = coalesce(_link_inquiry.order_id, t.order_id),
           order_link = CASE WHEN _link_inquiry.order_id IS NULL THEN t.order_link ELSE 'person' END,
           link_due_at = CASE WHEN _link_inquiry.customer_id IS NULL THEN t.link_due_at END,
           set_by_hand = (SELECT array_agg(DISTINCT f ORDER BY f)
                            FROM unnest(t.set_by_hand || CASE WHEN _link_inquiry.customer_id IS NULL THEN '{}' ELSE ARRAY['customer'] END
                                        || CASE WHEN _link_inquiry.order_id IS NULL THEN '{}' ELSE ARRAY['order'] END) f)
     WHERE t.brand = i.brand AND t.inquiry_id = i.inquiry_id AND t.source = i.source;
    PERFORM momentum._todo_done(i.brand, concat_ws('/', 'link', i.source, i.inquiry_id), 'link', false);
    PERFORM momentum._audit(i.brand, 'link_inquiry', jsonb_strip_nulls(jsonb_build_object('source', i.source, 'inquiry_id', i.inquiry_id,
        'customer_source', _link_inquiry.customer_source, 'customer_id', _link_inquiry.customer_id,
        'order_source', _link_inquiry.order_source, 'order_id', _link_inquiry.order_id)));
END
$$;
COMMENT ON FUNCTION momentum._link_inquiry(text, text, text, text, text, text, text) IS 'What hub.link_inquiry() does.';
REVOKE ALL ON FUNCTION momentum._link_inquiry(text, text, text, text, text, text, text) FROM PUBLIC;
