-- Routine work: what the refresh does of it by itself, and how people mark
-- theirs as done.  Each step goes through a partial index to what is due, so
-- that a refresh with nothing to do reads next to nothing, settings included.

-- Writers whom nobody knew: looked for again while their inquiry is open,
-- the less often the longer it takes, for 30 days.
CREATE FUNCTION momentum._link_again() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record;
    person record;
BEGIN
    FOR i IN SELECT q.*
               FROM momentum_state.brand b
              CROSS JOIN LATERAL (
                 SELECT n.brand, n.source, n.inquiry_id, n.customer_email, n.customer_phone, n.platform, n.customer_handle,
                        least(n.date_created, n.loaded_at) AS began_at, n.is_open
                   FROM hub.customer_inquiries n
                  WHERE n.brand = b.brand AND n.link_due_at <= now()
                  ORDER BY n.link_due_at LIMIT 500 FOR UPDATE SKIP LOCKED) q LOOP
        SELECT f.customer_source, f.customer_id INTO person
          FROM momentum._find_customer(i.brand, i.customer_email, i.customer_phone,
                                       CASE WHEN i.platform = 'Instagram' THEN i.customer_handle END) f;
        -- Known now: routing finds the order and the VIP too.
        UPDATE hub.customer_inquiries n
           SET link_due_at = CASE WHEN person.customer_id IS NULL AND i.is_open AND now() < i.began_at + interval '30 days'
                                  THEN now() + greatest(interval '15 minutes', (now() - i.began_at) / 2) END,
               routed_at = CASE WHEN person.customer_id IS NULL THEN n.routed_at END
         WHERE n.brand = i.brand AND n.inquiry_id = i.inquiry_id AND n.source = i.source;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._link_again() IS 'Looks again for the customers of open inquiries whose writer was not known; those found are routed anew.';
REVOKE ALL ON FUNCTION momentum._link_again() FROM PUBLIC;

CREATE FUNCTION momentum._escalate() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record;
    desk text;
    busy text[] := ARRAY(SELECT b.brand FROM momentum_state.brand b
                          WHERE EXISTS (SELECT FROM hub.customer_inquiries n
                                         WHERE n.brand = b.brand AND n.is_open AND NOT n.response_sent AND n.escalated_at IS NULL));
BEGIN
    IF busy = '{}' THEN
        RETURN;
    END IF;
    FOR i IN SELECT q.*
               FROM momentum_state.inquiry_config c
              CROSS JOIN LATERAL (
                 SELECT n.brand, n.source, n.inquiry_id, n.assigned_to, n.set_by_hand
                   FROM hub.customer_inquiries n
                   LEFT JOIN momentum_state.sla_target o ON o.brand = n.brand AND o.urgency = coalesce(n.urgency, 'Medium')
                   LEFT JOIN momentum_state.sla_target e ON e.brand = '' AND e.urgency = coalesce(n.urgency, 'Medium')
                  WHERE n.brand = c.brand AND n.is_open AND NOT n.response_sent AND n.escalated_at IS NULL
                    AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = n.status AND NOT v.is_open)
                    AND least(n.date_created, n.loaded_at)
                        + coalesce(o.minutes, e.minutes, c.sla_minutes) * c.escalate_share * interval '1 minute' <= now()
                  ORDER BY n.date_created LIMIT 1000 FOR UPDATE OF n SKIP LOCKED) q
              WHERE c.brand = ANY (busy) LOOP
        -- A bot that did not answer in time will not: the desk of the last resort does.
        IF i.assigned_to = 'bot' AND 'assigned_to' <> ALL (i.set_by_hand) THEN
            SELECT r.assign_to INTO desk
              FROM momentum_state.assignment_rule r
             WHERE r.brand IN ('', i.brand) AND r.assign_to <> 'bot'
             ORDER BY num_nonnulls(r.category, r.urgency, r.platform, r.is_vip, r.min_confidence, r.max_confidence, r.max_sentiment),
                      r.brand DESC, r.priority LIMIT 1;
        ELSE
            desk := NULL;
        END IF;
        UPDATE hub.customer_inquiries n
           SET status = 'Escalated', escalated_at = now(), assigned_to = coalesce(desk, n.assigned_to)
         WHERE n.brand = i.brand AND n.inquiry_id = i.inquiry_id AND n.source = i.source;
        PERFORM momentum._todo_done(i.brand, concat_ws('/', 'escalate', i.source, i.inquiry_id), 'escalate', true);
        PERFORM pg_notify('momentum_inquiry', l.log_id::text)
           FROM momentum_state.todo_log l
          WHERE l.brand = i.brand AND l.todo_id = concat_ws('/', 'escalate', i.source, i.inquiry_id) AND l.ended_at IS NULL;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._escalate() IS 'Escalates unanswered inquiries whose time to answer runs out, and tells whoever listens to momentum_inquiry the number of the row of todo_log.';
REVOKE ALL ON FUNCTION momentum._escalate() FROM PUBLIC;

-- One alert per brand, as long as something late waits.
CREATE FUNCTION momentum._judge_sla() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    a record;
BEGIN
    FOR a IN SELECT c.brand, (now() AT TIME ZONE c.time_zone)::date AS today, w.waiting, w.oldest, w.urgent,
                    (SELECT l.alert_id FROM momentum_state.alert_log l
                      WHERE l.brand = c.brand AND l.rule = 'sla' AND l.object = 'inquiries' AND l.closed_at IS NULL) AS open_alert
               FROM momentum_state.brand c
              CROSS JOIN LATERAL (
                 SELECT count(*) AS waiting, min(n.date_created) AS oldest, count(*) FILTER (WHERE n.urgency IN (
                           SELECT g.urgency FROM hub.inquiry_urgencies u JOIN hub.inquiry_urgencies g ON g.position >= u.position
                            WHERE u.urgency = 'Urgent')) AS urgent
                   FROM hub.customer_inquiries n
                  WHERE n.brand = c.brand AND n.is_open AND NOT n.response_sent AND n.escalated_at IS NOT NULL
                    AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = n.status AND NOT v.is_open)) w LOOP
        IF a.waiting > 0 THEN
            PERFORM momentum._judge_alert(a.brand, 'sla', 'inquiries', NULL, a.today, true, 'late',
                CASE WHEN a.urgent > 0 THEN 'fail' ELSE 'warn' END, 'count', a.waiting, 0, NULL,
                format('%s %s of customers %s past or near the time to answer; the oldest is of %s.', a.waiting,
                       CASE a.waiting WHEN 1 THEN 'inquiry' ELSE 'inquiries' END, CASE a.waiting WHEN 1 THEN 'is' ELSE 'are' END,
                       to_char(a.oldest AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'),
                jsonb_build_object('waiting', a.waiting, 'urgent', a.urgent), 1);
        ELSIF a.open_alert IS NOT NULL THEN
            PERFORM momentum._close_alert(a.brand, a.open_alert, 'ended');
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._judge_sla() IS 'Opens, updates and closes the alert of inquiries whose time to answer runs out.';
REVOKE ALL ON FUNCTION momentum._judge_sla() FROM PUBLIC;

-- Answered and quiet is resolved; resolved and quiet is closed.
CREATE FUNCTION momentum._settle() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record;
    busy text[] := ARRAY(SELECT b.brand FROM momentum_state.brand b
                          WHERE EXISTS (SELECT FROM hub.customer_inquiries n
                                         WHERE n.brand = b.brand AND n.is_open AND n.response_sent)
                             OR EXISTS (SELECT FROM hub.customer_inquiries n
                                         WHERE n.brand = b.brand AND n.status = 'Resolved'));
BEGIN
    IF busy = '{}' THEN
        RETURN;
    END IF;
    FOR i IN SELECT q.*
               FROM momentum_state.inquiry_config c
              CROSS JOIN LATERAL (
                 SELECT n.brand, n.source, n.inquiry_id, n.reopened
                   FROM hub.customer_inquiries n
                  WHERE n.brand = c.brand AND n.is_open AND n.response_sent AND n.status IN ('New', 'In Progress', 'Escalated')
                    AND n.routed_at IS NOT NULL
                    AND n.responded_at < now() - c.resolve_days * interval '1 day'
                    AND NOT EXISTS (SELECT FROM hub.customer_inquiries l
                                     WHERE l.brand = n.brand AND l.source = n.source AND l.thread = n.thread
                                       AND l.inquiry_id <> n.inquiry_id
                                       AND (l.is_open AND NOT l.response_sent
                                            OR l.date_created > now() - c.resolve_days * interval '1 day'))
                  ORDER BY n.responded_at LIMIT 1000 FOR UPDATE SKIP LOCKED) q
              WHERE c.brand = ANY (busy) LOOP
        UPDATE hub.customer_inquiries n
           SET status = 'Resolved', resolved_at = now(), resolution_notes = coalesce(n.resolution_notes, 'Quiet since the answer.')
         WHERE n.brand = i.brand AND n.inquiry_id = i.inquiry_id AND n.source = i.source;
        PERFORM momentum._todo_done(i.brand, concat_ws('/', 'close', i.source, i.inquiry_id, i.reopened), 'close', true,
                                    'Quiet since the answer.');
    END LOOP;
    FOR i IN SELECT q.*
               FROM momentum_state.inquiry_config c
              CROSS JOIN LATERAL (
                 SELECT n.brand, n.source, n.inquiry_id
                   FROM hub.customer_inquiries n
                  WHERE n.brand = c.brand AND n.status = 'Resolved' AND n.resolved_at < now() - c.close_days * interval '1 day'
                  ORDER BY n.resolved_at LIMIT 1000 FOR UPDATE SKIP LOCKED) q
              WHERE c.brand = ANY (busy) LOOP
        UPDATE hub.customer_inquiries n SET status = 'Closed'
         WHERE n.brand = i.brand AND n.inquiry_id = i.inquiry_id AND n.source = i.source;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._settle() IS 'Resolves what was answered, and closes what was resolved, when the customer has been quiet for long enough.';
REVOKE ALL ON FUNCTION momentum._settle() FROM PUBLIC;

-- Customers who are newly at risk, or have newly lapsed: those whose last
-- order was exactly so many days before.  A day is looked at once, when its
-- orders are complete; a few days at a time after a pause.
CREATE FUNCTION momentum._raise_winbacks() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    c record;
    d record;
    new_day text[] := ARRAY(SELECT b.brand
                              FROM momentum_state.brand b
                              JOIN momentum_state.score h ON h.brand = b.brand AND h.back = 0
                              LEFT JOIN momentum_state.todo_day t ON t.brand = b.brand AND t.kind = 'winback'
                             WHERE coalesce(t.looked_at, '-infinity') < least((now() AT TIME ZONE b.time_zone)::date, h.as_of + 1));
BEGIN
    IF new_day = '{}' THEN
        RETURN;
    END IF;
    FOR c IN SELECT g.brand, g.at_risk_days, g.lapsed_days, g.winback_window, d.looked_at,
                    greatest(coalesce(d.looked_at, '-infinity'), least(g.today, h.as_of + 1) - g.winback_window) AS since,
                    least(g.today, h.as_of + 1) AS through
               FROM momentum_state.inquiry_config g
               JOIN momentum_state.score h ON h.brand = g.brand AND h.back = 0
               LEFT JOIN momentum_state.todo_day d ON d.brand = g.brand AND d.kind = 'winback'
              WHERE g.brand = ANY (new_day) LOOP
        c.through := least(c.through, c.since + 5);
        -- Day by day, so that each is a range of the index.
        FOR d IN SELECT n.day::date AS day, s.stage, s.days
                   FROM generate_series((c.since + 1)::timestamp, c.through::timestamp, interval '1 day') n (day)
                  CROSS JOIN (VALUES ('at risk', c.at_risk_days), ('lapsed', c.lapsed_days)) s (stage, days) LOOP
            INSERT INTO momentum_state.todo_item (brand, todo_id, kind, object_source, object_id, reason_day)
            SELECT DISTINCT o.brand, concat_ws('/', 'winback', d.stage, o.source, o.customer_id, o.order_day), 'winback', o.source,
                   o.customer_id, o.order_day
              FROM hub.orders o
              JOIN hub.customers p ON p.brand = o.brand AND p.customer_id = o.customer_id AND p.source = o.source
             WHERE o.brand = c.brand AND o.order_day = d.day - d.days - 1
               AND NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL AND p.email IS NOT NULL
               AND lower(coalesce(p.marketing_preferences #>> '{email,state}', p.email_marketing_state)) = 'subscribed'
               AND NOT EXISTS (SELECT FROM hub.orders l
                                WHERE l.brand = o.brand AND l.customer_key = o.customer_key AND l.source = o.source AND l.order_day > o.order_day
                                  AND NOT l.is_test AND NOT l.is_adjustment AND l.cancelled_at IS NULL)
               -- Nor as a guest, or in another shop: hub.todo looks closer.
               AND NOT EXISTS (SELECT FROM hub.orders l
                                WHERE l.brand = o.brand AND lower(l.email) = lower(p.email) AND l.order_day > o.order_day
                                  AND NOT l.is_test AND NOT l.is_adjustment AND l.cancelled_at IS NULL)
            ON CONFLICT (brand, todo_id) DO NOTHING;
        END LOOP;
        DELETE FROM momentum_state.todo_item t
         WHERE t.brand = c.brand AND t.kind = 'winback' AND t.raised_at < now() - (c.winback_window + 7) * interval '1 day';
        INSERT INTO momentum_state.todo_day (brand, kind, looked_at) VALUES (c.brand, 'winback', c.through)
            ON CONFLICT (brand, kind) DO UPDATE SET looked_at = excluded.looked_at;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._raise_winbacks() IS 'Puts customers who have newly become at risk, or lapsed, on the list of those to win back.';
REVOKE ALL ON FUNCTION momentum._raise_winbacks() FROM PUBLIC;

-- What was ordered again may run low again: then it is another item.
CREATE FUNCTION momentum._end_reorders() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l record;
BEGIN
    FOR l IN SELECT t.brand, t.log_id, substr(t.todo_id, length('reorder/') + 1) AS product_key
               FROM momentum_state.todo_log t
              WHERE t.ended_at IS NULL AND t.kind = 'reorder' FOR UPDATE SKIP LOCKED LOOP
        IF NOT EXISTS (SELECT FROM hub.product_stock s
                        WHERE s.brand = l.brand AND s.product_key = l.product_key AND s.reorder_alert) THEN
            UPDATE momentum_state.todo_log t SET ended_at = now() WHERE t.brand = l.brand AND t.log_id = l.log_id;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._end_reorders() IS 'Ends what was noted about products to order again, once there is stock: they may come back.';
REVOKE ALL ON FUNCTION momentum._end_reorders() FROM PUBLIC;

-- Rows that came past the loaders: a stand-in for their guests, some at a time.
CREATE FUNCTION momentum._name_guests() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    named bigint;
BEGIN
    UPDATE hub.orders o
       SET guest_id = CASE WHEN o.customer_id IS NULL
                           THEN momentum._stand_in('guest', o.brand, o.customer_key, (SELECT s.salt FROM momentum_state.salt s)) END
     WHERE o.ctid = ANY (ARRAY(SELECT u.ctid FROM hub.orders u WHERE u.guest_id = '' LIMIT 100000 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS named = ROW_COUNT;
    RETURN named;
END
$$;
COMMENT ON FUNCTION momentum._name_guests() IS 'Gives orders that no loader brought the stand-in of their guest; returns how many there were.';
REVOKE ALL ON FUNCTION momentum._name_guests() FROM PUBLIC;

CREATE FUNCTION momentum._work_routine() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
BEGIN
    PERFORM momentum._name_guests();
    PERFORM momentum._link_again();
    PERFORM momentum._escalate();
    PERFORM momentum._judge_sla();
    PERFORM momentum._settle();
    PERFORM momentum._raise_winbacks();
    PERFORM momentum._end_reorders();
END
$$;
COMMENT ON FUNCTION momentum._work_routine() IS 'Does the routine work that needs no person: links, escalates, settles, and finds what a new day brings along. Called by every refresh.';
REVOKE ALL ON FUNCTION momentum._work_routine() FROM PUBLIC;

CREATE FUNCTION momentum._mark_done(brand text, todo_id text, note text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    item record;
BEGIN
    PERFORM momentum._check_may_act(_mark_done.brand);
    IF length(note) > 2000 THEN
        RAISE EXCEPTION 'the note is too long'
            USING ERRCODE = 'string_data_right_truncation',
                  DETAIL = format('It has %s characters, 2000 are the most.', length(note));
    END IF;
    SELECT t.* INTO item FROM hub.todo t
     WHERE t.brand = _mark_done.brand AND t.todo_id = _mark_done.todo_id
       AND t.kind = ANY (CASE split_part(_mark_done.todo_id, '/', 1) WHEN 'inquiry' THEN ARRAY['inquiry', 'sla']
                              ELSE ARRAY[split_part(_mark_done.todo_id, '/', 1)] END);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing to do is "%" of brand "%"', left(_mark_done.todo_id, 120), _mark_done.brand
            USING ERRCODE = 'undefined_object',
                  DETAIL = coalesce((SELECT format('It was done at %s by %s.', date_trunc('second', l.done_at),
                                                   CASE WHEN l.by_routine THEN 'a routine' ELSE l.done_by END)
                                       FROM momentum_state.todo_log l
                                      WHERE l.brand = _mark_done.brand AND l.todo_id = _mark_done.todo_id AND l.ended_at IS NULL),
                                    'It never was on the list, or its reason has passed.'),
                  HINT = 'The view hub.todo lists what is to be done.';
    END IF;
    IF item.kind IN ('inquiry', 'sla') THEN
        PERFORM momentum._answer_inquiry(item.brand, item.object_source, item.object_id, now(), NULL);
    ELSIF item.kind = 'review' THEN
        UPDATE hub.orders o SET review_request_sent = true
         WHERE o.brand = item.brand AND o.order_id = item.order_id AND o.source = item.order_source;
    ELSIF item.kind = 'notify' THEN
        UPDATE hub.orders o SET customer_notified = true
         WHERE o.brand = item.brand AND o.order_id = item.order_id AND o.source = item.order_source AND o.shipped_at IS NOT NULL;
    END IF;
    PERFORM momentum._todo_done(item.brand, item.todo_id, CASE WHEN item.kind IN ('inquiry', 'sla') THEN 'answer' ELSE item.kind END,
                                false, note);
    PERFORM momentum._audit(item.brand, 'mark_done', jsonb_build_object('todo_id', item.todo_id));
END
$$;
COMMENT ON FUNCTION momentum._mark_done(text, text, text) IS 'What hub.mark_done() does.';
REVOKE ALL ON FUNCTION momentum._mark_done(text, text, text) FROM PUBLIC;
