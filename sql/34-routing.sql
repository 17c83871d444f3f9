-- Routing: what a new inquiry is about, whom it comes from, which order it
-- concerns, what becomes of its thread, and who gets it.
--
-- A routine never waits for a person: rows that somebody works on are passed
-- over, and taken by the next refresh.  It fills what is NULL and changes
-- nothing that a person or the source has set.

-- Who wrote: by e-mail address, by phone, by the name on Instagram.  What
-- fits two persons fits none.
CREATE FUNCTION momentum._find_customer(brand text, email text, phone text, handle text, OUT customer_source text, OUT customer_id text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    digits text := regexp_replace(regexp_replace(phone, '[^0-9]', '', 'g'), '^00', '');
    fit record;
BEGIN
    SELECT 0::bigint AS persons, NULL::text AS first, NULL::text AS source, NULL::text AS id INTO fit;
    IF btrim(email) <> '' THEN
        SELECT c.source, c.customer_id INTO customer_source, customer_id
          FROM hub.customers c
         WHERE c.brand = _find_customer.brand AND lower(c.email) = lower(btrim(_find_customer.email)) AND c.duplicate_of IS NULL;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    IF length(digits) >= 8 THEN
        SELECT count(DISTINCT coalesce(c.duplicate_of, c.source || '/' || c.customer_id)) AS persons, max(c.duplicate_of) AS first,
               min(c.source) FILTER (WHERE c.duplicate_of IS NULL) AS source, min(c.customer_id) FILTER (WHERE c.duplicate_of IS NULL) AS id
          INTO fit
          FROM hub.customers c
         WHERE c.brand = _find_customer.brand AND c.phone IS NOT NULL
           AND translate(c.phone, ' +-()./', '') IN (digits, '00' || digits);
    END IF;
    IF coalesce(fit.persons, 0) = 0 AND btrim(handle, ' @') <> '' THEN
        SELECT count(DISTINCT coalesce(c.duplicate_of, c.source || '/' || c.customer_id)) AS persons, max(c.duplicate_of) AS first,
               min(c.source) FILTER (WHERE c.duplicate_of IS NULL) AS source, min(c.customer_id) FILTER (WHERE c.duplicate_of IS NULL) AS id
          INTO fit
          FROM hub.customers c
         WHERE c.brand = _find_customer.brand
           AND lower(c.instagram_handle) IN (lower(btrim(handle, ' @')), '@' || lower(btrim(handle, ' @')));
    END IF;
    IF fit.persons = 1 AND fit.id IS NOT NULL THEN
        customer_source := fit.source;
        customer_id := fit.id;
    ELSIF fit.persons = 1 THEN                   -- only the person's row of another source bears it
        SELECT c.source, c.customer_id INTO customer_source, customer_id
          FROM hub.customers c
         WHERE c.brand = _find_customer.brand AND c.customer_id = regexp_replace(fit.first, '^.*/', '')
           AND c.source || '/' || c.customer_id = fit.first;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._find_customer(text, text, text, text) IS 'The customer of an e-mail address, else of a phone number, else of a name on Instagram; NULL where none or more than one fits.';
REVOKE ALL ON FUNCTION momentum._find_customer(text, text, text, text) FROM PUBLIC;

-- Which order: by its number or its tracking number in the text, else the
-- customer's latest.  Whoever names the order of somebody else proves nothing:
-- the link is kept for whoever answers, and no reply is made of it.
CREATE FUNCTION momentum._find_order(brand text, customer_source text, customer_id text, email text, words text, at timestamptz,
                                     latest_days double precision, OUT order_source text, OUT order_id text, OUT order_link text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    address text := lower(btrim(email));
    persons text[];             -- source/id: what one source calls C1 is somebody else in another
    keys text[];
    tracked record;
BEGIN
    -- The customer, and whom other sources hold with the same address.
    SELECT array_agg(w.source || '/' || w.customer_id), array_agg(w.customer_id) INTO persons, keys
      FROM hub.customers c
      JOIN hub.customers w ON w.brand = c.brand
                          AND (lower(w.email) = lower(c.email) AND w.duplicate_of IS NOT NULL
                               OR lower(w.email) = lower(c.email) AND w.duplicate_of IS NULL)
     WHERE c.brand = _find_order.brand AND c.customer_id = _find_order.customer_id AND c.source = _find_order.customer_source;
    persons := persons || (customer_source || '/' || customer_id);
    keys := array_remove(keys || customer_id || address, NULL);
    SELECT o.source, o.order_id,
           CASE WHEN o.source || '/' || o.customer_id = ANY (persons) OR lower(o.email) = address THEN c.link ELSE 'unproven' END
      INTO order_source, order_id, order_link
      FROM (SELECT 'number' AS link, n.place, unnest(ARRAY[n.m[1], '#' || n.m[1], upper(n.m[1]), '#' || upper(n.m[1])]) AS name
              FROM regexp_matches(left(words, 20000),
                       '(?:#\s?|\m(?:order|bestellung|commande|pedido|ordine)\s*(?:number|no|nr|num|id|is|was)?\s*[.:]?\s*#?\s*)([a-z]{0,8}-?[0-9]{3,12})\M',
                       'gi') WITH ORDINALITY n (m, place)
             WHERE n.place <= 10) c
      JOIN hub.orders o ON o.brand = _find_order.brand AND o.name = c.name
     WHERE NOT o.is_test
     ORDER BY (o.source || '/' || o.customer_id = ANY (persons) OR lower(o.email) = address) IS TRUE DESC, c.place, o.processed_at DESC
     LIMIT 1;
    IF order_link IS DISTINCT FROM 'number' THEN
        SELECT o.source, o.order_id,
               CASE WHEN o.source || '/' || o.customer_id = ANY (persons) OR lower(o.email) = address THEN 'tracking' ELSE 'unproven' END AS link
          INTO tracked
          FROM (SELECT n.place, upper(n.m[1]) AS number
                  FROM regexp_matches(left(words, 20000), '\m((?=[a-z]*[0-9]{4})[a-z0-9]{8,40})\M', 'gi') WITH ORDINALITY n (m, place)
                 WHERE n.place <= 10) c
          JOIN hub.orders o ON o.brand = _find_order.brand AND o.tracking_number = c.number
         WHERE NOT o.is_test
         ORDER BY (o.source || '/' || o.customer_id = ANY (persons) OR lower(o.email) = address) IS TRUE DESC, c.place, o.processed_at DESC
         LIMIT 1;
        IF tracked.link = 'tracking' OR order_link IS NULL THEN
            order_source := tracked.source;
            order_id := tracked.order_id;
            order_link := tracked.link;
        END IF;
    END IF;
    IF order_id IS NULL AND latest_days IS NOT NULL AND keys <> '{}' THEN
        SELECT o.source, o.order_id, 'latest' INTO order_source, order_id, order_link
          FROM hub.orders o
         WHERE o.brand = _find_order.brand AND o.customer_key = ANY (keys)
           AND (o.source || '/' || o.customer_id = ANY (persons) OR lower(o.email) = address) AND NOT o.is_test AND NOT o.is_adjustment
           AND o.processed_at <= at AND o.processed_at > at - latest_days * interval '1 day'
         ORDER BY o.processed_at DESC
         LIMIT 1;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._find_order(text, text, text, text, text, timestamptz, double precision) IS 'The order a message concerns, and how it was found; the customer''s latest one only with latest_days, and within as many days before the instant.';
REVOKE ALL ON FUNCTION momentum._find_order(text, text, text, text, text, timestamptz, double precision) FROM PUBLIC;

-- Nothing but thanks: short, with a word of thanks, without a question, an
-- order to do something, or a "but".
CREATE FUNCTION momentum._is_thanks(message text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce(length(message) <= 200
               AND message ~* '\m(thanks|thank (you|u)|thx|ty|cheers|much appreciated|danke|merci|gracias|grazie|obrigad[oa]|tack|dank je)\M|ありがとう|谢谢|謝謝|감사|شكرا|спасибо|🙏'
               AND message !~* '[?？¿]|\m(but|however|still|yet|not|no|never|unless|except|only|again|another|wrong|broken|missing|refund|return|cancel|change|please|when|where|how|could|can|would|need|aber|nicht|noch|mais|pas|pero|ma|non)\M|n[''’]t\M',
               false)
$$;
COMMENT ON FUNCTION momentum._is_thanks(text) IS 'True for a message that says nothing but thanks.';
REVOKE ALL ON FUNCTION momentum._is_thanks(text) FROM PUBLIC;

CREATE FUNCTION momentum._is_vip(brand text, customer_source text, customer_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN EXISTS (SELECT FROM hub.customer_value v
                    WHERE v.brand = _is_vip.brand AND v.customer_id = _is_vip.customer_id AND v.source = _is_vip.customer_source
                      AND v.vip_status = 'VIP');
END
$$;
COMMENT ON FUNCTION momentum._is_vip(text, text, text) IS 'True if hub.customer_value says that the customer is a VIP.';
REVOKE ALL ON FUNCTION momentum._is_vip(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._assignee(brand text, category text, urgency text, platform text, sentiment numeric, confidence numeric,
                                   customer_source text, customer_id text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    vip boolean;
    own boolean := EXISTS (SELECT FROM momentum_state.assignment_rule r WHERE r.brand IN ('', _assignee.brand) AND r.is_vip IS NOT NULL);
BEGIN
    IF own THEN
        vip := customer_id IS NOT NULL AND momentum._is_vip(brand, customer_source, customer_id);
    END IF;
    RETURN (SELECT r.assign_to
              FROM momentum_state.assignment_rule r
             WHERE r.brand IN ('', _assignee.brand)
               AND (r.category IS NULL OR r.category = _assignee.category)
               AND (r.urgency IS NULL OR r.urgency = _assignee.urgency)
               AND (r.platform IS NULL OR r.platform = _assignee.platform)
               AND (r.is_vip IS NULL OR r.is_vip = vip)
               AND (r.min_confidence IS NULL OR _assignee.confidence >= r.min_confidence)
               AND (r.max_confidence IS NULL OR _assignee.confidence < r.max_confidence)
               AND (r.max_sentiment IS NULL OR _assignee.sentiment <= r.max_sentiment)
             ORDER BY r.brand DESC, r.priority
             LIMIT 1);
END
$$;
COMMENT ON FUNCTION momentum._assignee(text, text, text, text, numeric, numeric, text, text) IS 'Whom the assignment rules give an inquiry to; NULL: no rule fits.';
REVOKE ALL ON FUNCTION momentum._assignee(text, text, text, text, numeric, numeric, text, text) FROM PUBLIC;

-- One inquiry, its row being locked.  False: its thread is being worked on.
CREATE FUNCTION momentum._route_inquiry(brand text, source text, inquiry_id text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    i record;
    prior record;
    t record;
    given text[];
    person record;
    bought record;
    closes boolean := false;
    assignee text;
    order_days double precision;
BEGIN
    SELECT q.* INTO i FROM hub.customer_inquiries q
     WHERE q.brand = _route_inquiry.brand AND q.inquiry_id = _route_inquiry.inquiry_id AND q.source = _route_inquiry.source;
    given := (SELECT coalesce(array_agg(DISTINCT f ORDER BY f), '{}')
                FROM unnest(i.set_by_hand || CASE WHEN i.triage_rule IS NULL THEN array_remove(ARRAY[
                         CASE WHEN i.category IS NOT NULL THEN 'category' END, CASE WHEN i.urgency IS NOT NULL THEN 'urgency' END,
                         CASE WHEN i.sentiment_score IS NOT NULL THEN 'sentiment_score' END,
                         CASE WHEN i.assigned_to IS NOT NULL THEN 'assigned_to' END,
                         CASE WHEN i.customer_id IS NOT NULL THEN 'customer' END,
                         CASE WHEN i.order_id IS NOT NULL THEN 'order' END], NULL) ELSE '{}' END) f);
    SELECT r.category, r.urgency, r.sentiment::numeric AS sentiment, r.confidence::numeric AS confidence, r.rule INTO t
      FROM momentum.triage(i.subject, i.message, i.brand) r;
    IF 'category' = ANY (given) THEN
        t.category := i.category;
        t.confidence := 1;
        t.rule := 'given';
    END IF;
    IF 'urgency' = ANY (given) THEN
        t.urgency := i.urgency;
    END IF;
    IF 'sentiment_score' = ANY (given) THEN
        t.sentiment := i.sentiment_score;
    END IF;

    IF 'customer' = ANY (given) THEN
        SELECT i.customer_source AS customer_source, i.customer_id AS customer_id INTO person;
    ELSE
        SELECT f.customer_source, f.customer_id INTO person
          FROM momentum._find_customer(i.brand, i.customer_email, i.customer_phone,
                                       CASE WHEN i.platform = 'Instagram' THEN i.customer_handle END) f;
    END IF;
    IF 'order' = ANY (given) THEN
        SELECT i.order_source AS order_source, i.order_id AS order_id, i.order_link AS order_link INTO bought;
    ELSE
        SELECT c.order_days INTO order_days FROM momentum_state.inquiry_config c
         WHERE c.brand = i.brand AND t.category IN ('Shipping', 'Returns', 'Complaints');
        SELECT f.order_source, f.order_id, f.order_link INTO bought
          FROM momentum._find_order(i.brand, person.customer_source, person.customer_id, i.customer_email, concat_ws(' ', i.subject, left(i.message, 20000)),
                                    i.date_created, order_days) f;
    END IF;

    IF i.is_open AND i.thread IS NOT NULL THEN
        SELECT q.source, q.inquiry_id, q.assigned_to, q.status, q.response_sent, q.category INTO prior
          FROM hub.customer_inquiries q
         WHERE q.brand = i.brand AND q.source = i.source AND q.thread = i.thread AND q.inquiry_id <> i.inquiry_id
           AND q.date_created <= i.date_created
         ORDER BY q.date_created DESC, q.inquiry_id DESC LIMIT 1;
        IF FOUND THEN
            PERFORM FROM hub.customer_inquiries q
              WHERE q.brand = i.brand AND q.source = prior.source AND q.inquiry_id = prior.inquiry_id
                FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
            closes := prior.response_sent AND NOT i.response_sent AND momentum._is_thanks(i.message) AND coalesce(t.sentiment, 0) >= 0;
            IF closes THEN
                UPDATE hub.customer_inquiries q SET status = 'Closed', resolved_at = coalesce(q.resolved_at, now())
                 WHERE q.brand = i.brand AND q.source = prior.source AND q.inquiry_id = prior.inquiry_id AND q.status <> 'Closed';
                IF FOUND THEN
                    PERFORM momentum._todo_done(i.brand, concat_ws('/', 'close', prior.source, prior.inquiry_id, i.inquiry_id), 'close', true,
                                                'Thanks after the answer.');
                END IF;
            ELSIF prior.status = 'Resolved' AND NOT i.response_sent THEN
                UPDATE hub.customer_inquiries q SET status = 'In Progress', resolved_at = NULL, reopened = q.reopened + 1
                 WHERE q.brand = i.brand AND q.source = prior.source AND q.inquiry_id = prior.inquiry_id;
                PERFORM momentum._todo_done(i.brand, concat_ws('/', 'reopen', prior.source, prior.inquiry_id, i.inquiry_id), 'reopen', true,
                                            'The customer wrote again.');
            END IF;
            assignee := prior.assigned_to;
        END IF;
    END IF;
    IF i.is_open AND NOT closes AND 'assigned_to' <> ALL (given) THEN
        assignee := coalesce(nullif(assignee, 'bot'),
                             momentum._assignee(i.brand, t.category, t.urgency, i.platform, t.sentiment, t.confidence,
                                                person.customer_source, person.customer_id));
    END IF;

    UPDATE hub.customer_inquiries q
       SET category = t.category, urgency = t.urgency, sentiment_score = round(t.sentiment, 3),
           triage_rule = t.rule, triage_confidence = round(t.confidence, 6), set_by_hand = given,
           customer_source = person.customer_source, customer_id = person.customer_id,
           order_source = bought.order_source, order_id = bought.order_id, order_link = bought.order_link,
           assigned_to = CASE WHEN 'assigned_to' = ANY (given) THEN i.assigned_to WHEN closes THEN 'bot' ELSE coalesce(assignee, i.assigned_to) END,
           status = CASE WHEN closes THEN 'Closed' ELSE i.status END,
           resolution_notes = CASE WHEN closes THEN coalesce(i.resolution_notes, 'Thanks after the answer.') ELSE i.resolution_notes END,
           resolved_at = CASE WHEN closes THEN i.date_created WHEN NOT i.is_open THEN coalesce(i.resolved_at, i.responded_at) END,
           link_due_at = CASE WHEN person.customer_id IS NULL AND i.is_open AND NOT closes
                                   AND coalesce(i.customer_email, i.customer_phone, i.customer_handle) IS NOT NULL
                              THEN now() + interval '15 minutes' END,
           routed_at = now()
     WHERE q.brand = i.brand AND q.inquiry_id = i.inquiry_id AND q.source = i.source;
    -- What came settled is history, not work that was done here; thanks settle
    -- themselves when they are written.
    IF i.is_open THEN
        IF 'category' <> ALL (given) THEN
            PERFORM momentum._todo_done(i.brand, concat_ws('/', 'triage', i.source, i.inquiry_id), 'triage', true);
        END IF;
        IF assignee IS NOT NULL AND NOT closes AND 'assigned_to' <> ALL (given) THEN
            PERFORM momentum._todo_done(i.brand, concat_ws('/', 'assign', i.source, i.inquiry_id), 'assign', true);
        END IF;
        IF person.customer_id IS NOT NULL AND 'customer' <> ALL (given) THEN
            PERFORM momentum._todo_done(i.brand, concat_ws('/', 'link', i.source, i.inquiry_id), 'link', true);
        END IF;
        IF closes THEN
            PERFORM momentum._todo_done(i.brand, concat_ws('/', 'inquiry', i.source, i.inquiry_id), 'answer', true, 'Thanks after the answer.');
        END IF;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION momentum._route_inquiry(text, text, text) IS 'Sorts, links, threads and assigns one inquiry, whose row the caller has locked; false if its thread is being worked on.';
REVOKE ALL ON FUNCTION momentum._route_inquiry(text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._route_inquiries(most integer DEFAULT 500) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
DECLARE
    i record;
    routed bigint := 0;
    message text;
    state text;
BEGIN
    -- By brand, so that each has the index at hand and a flood of one does not
    -- keep the others waiting.
    FOR i IN SELECT q.brand, q.source, q.inquiry_id
               FROM momentum_state.brand b
              CROSS JOIN LATERAL (
                 SELECT n.brand, n.source, n.inquiry_id, n.date_created
                   FROM hub.customer_inquiries n
                  WHERE n.brand = b.brand AND n.routed_at IS NULL
                  ORDER BY n.date_created
                  LIMIT most FOR UPDATE SKIP LOCKED) q
              ORDER BY q.brand, q.date_created, q.inquiry_id LOOP
        BEGIN
            routed := routed + momentum._route_inquiry(i.brand, i.source, i.inquiry_id)::integer;
            CONTINUE;
        EXCEPTION WHEN OTHERS THEN                 -- does not catch cancel
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
        END;
        PERFORM momentum._dead_letter(i.brand, i.source, 'inquiry_triage', NULL,
                                      jsonb_build_object('source', i.source, 'inquiry_id', i.inquiry_id), message, state,
                                      origin => 'work', item => i.inquiry_id);
        BEGIN
            UPDATE hub.customer_inquiries q
               SET routed_at = now(), triage_rule = 'failed', triage_confidence = 0,
                   assigned_to = coalesce(q.assigned_to, momentum._assignee(q.brand, NULL, NULL, q.platform, NULL, 0, NULL, NULL))
             WHERE q.brand = i.brand AND q.inquiry_id = i.inquiry_id AND q.source = i.source;
        EXCEPTION WHEN OTHERS THEN                 -- not even that: it stays as it is, and is tried again
            CONTINUE;
        END;
        routed := routed + 1;
    END LOOP;
    RETURN routed;
END
$$;
COMMENT ON FUNCTION momentum._route_inquiries(integer) IS 'Routes the inquiries that are new, so many of each brand; returns how many. One that fails is marked, kept as a dead letter, and harms no other.';
REVOKE ALL ON FUNCTION momentum._route_inquiries(integer) FROM PUBLIC;

-- What momentum.replay() does with a message whose triage failed.
CREATE FUNCTION momentum._replay_inquiry_triage(brand text, source text, payload jsonb, body bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM FROM hub.customer_inquiries q
      WHERE q.brand = _replay_inquiry_triage.brand AND q.inquiry_id = payload ->> 'inquiry_id' AND q.source = payload ->> 'source'
        FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;                                    -- erased meanwhile
    END IF;
    IF NOT momentum._route_inquiry(brand, payload ->> 'source', payload ->> 'inquiry_id') THEN
        RAISE EXCEPTION 'the thread of inquiry "%" is being worked on', payload ->> 'inquiry_id'
            USING ERRCODE = 'lock_not_available';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._replay_inquiry_triage(text, text, jsonb, bytea) IS 'Routes an inquiry again whose triage had failed.';
REVOKE ALL ON FUNCTION momentum._replay_inquiry_triage(text, text, jsonb, bytea) FROM PUBLIC;
