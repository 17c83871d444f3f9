-- What is to be done.  Each part goes through an index to what is due; what was
-- marked as done is left out for as long as its reason lasts.
CREATE OR REPLACE VIEW hub.todo WITH (security_barrier) AS
SELECT x.brand, x.todo_id, x.kind, x.priority::bigint AS priority, x.who, x.what, x.why, x.until_when, x.needs_person,
       CASE WHEN p.personal THEN x.customer_name ELSE momentum.mask_name(x.customer_name) END AS customer_name,
       CASE WHEN p.personal THEN x.customer_email ELSE momentum.mask_email(x.customer_email) END AS customer_email,
       x.object_source, x.object_id, x.customer_source, x.customer_id, x.order_source, x.order_id, x.product_key, now() AS as_of
  FROM (
    -- Of a thread the oldest message that waits: its time runs out first.
    SELECT i.brand, concat_ws('/', 'inquiry', i.source, i.inquiry_id) AS todo_id, d.kind,
           CASE WHEN now() > d.due_at OR y.position >= (SELECT u.position FROM hub.inquiry_urgencies u WHERE u.urgency = 'Urgent') THEN 1
                WHEN d.kind = 'sla' OR y.position >= (SELECT u.position FROM hub.inquiry_urgencies u WHERE u.urgency = 'High') THEN 2
                ELSE 3 END AS priority,
           coalesce(i.assigned_to, 'support') AS who,
           'Answer ' || CASE i.category WHEN 'Product Info' THEN 'a question about a product' WHEN 'Returns' THEN 'about a return'
                                        WHEN 'Complaints' THEN 'a complaint' WHEN 'General' THEN 'a message'
                                        ELSE coalesce('about ' || lower(i.category), 'a message that is not sorted yet') END
               || ' on ' || i.platform AS what,
           concat_ws(', ', 'urgency ' || lower(i.urgency),
                     CASE WHEN i.sentiment_score <= -2 THEN 'unhappy' END,
                     CASE WHEN i.reopened > 0 THEN 'opened again' END,
                     CASE WHEN now() > d.due_at + interval '2 days' THEN 'late by ' || floor(extract(epoch FROM now() - d.due_at) / 86400)::bigint || ' days'
                          WHEN now() > d.due_at + interval '2 hours' THEN 'late by ' || floor(extract(epoch FROM now() - d.due_at) / 3600)::bigint || ' hours'
                          WHEN now() > d.due_at THEN 'late by ' || floor(extract(epoch FROM now() - d.due_at) / 60)::bigint || ' minutes'
                          ELSE floor(extract(epoch FROM d.due_at - now()) / 60)::bigint || ' minutes left' END) AS why,
           d.due_at AS until_when, i.assigned_to IS DISTINCT FROM 'bot' AS needs_person,
           i.customer_name, i.customer_email, i.source AS object_source, i.inquiry_id AS object_id,
           i.customer_source, i.customer_id, i.order_source, i.order_id, NULL::text AS product_key
      FROM hub.customer_inquiries i
      JOIN momentum_state.inquiry_config c ON c.brand = i.brand
      LEFT JOIN hub.inquiry_urgencies y ON y.urgency = i.urgency
      LEFT JOIN momentum_state.sla_target o ON o.brand = i.brand AND o.urgency = coalesce(i.urgency, 'Medium')
      LEFT JOIN momentum_state.sla_target e ON e.brand = '' AND e.urgency = coalesce(i.urgency, 'Medium')
     CROSS JOIN LATERAL (
        SELECT least(i.date_created, i.loaded_at) + coalesce(o.minutes, e.minutes, c.sla_minutes) * interval '1 minute' AS due_at,
               CASE WHEN now() >= least(i.date_created, i.loaded_at)
                                  + coalesce(o.minutes, e.minutes, c.sla_minutes) * c.escalate_share * interval '1 minute'
                    THEN 'sla' ELSE 'inquiry' END AS kind) d
     WHERE i.is_open AND NOT i.response_sent
       AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = i.status AND NOT v.is_open)
       AND NOT EXISTS (SELECT FROM hub.customer_inquiries f
                        WHERE f.brand = i.brand AND f.source = i.source AND f.thread = i.thread AND f.is_open AND NOT f.response_sent
                          AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = f.status AND NOT v.is_open)
                          AND (f.date_created, f.inquiry_id) < (i.date_created, i.inquiry_id))
    UNION ALL
    SELECT o.brand, concat_ws('/', 'review', o.source, o.order_id), 'review', 4, 'marketing',
           'Ask for a review of order ' || coalesce(o.name, o.order_id),
           'delivered ' || (c.today - (o.delivered_at AT TIME ZONE c.time_zone)::date) || ' days ago, nothing wrong with it',
           o.delivered_at + (c.review_days + c.review_window) * interval '1 day', true,
           p.first_name, p.email, o.source, o.order_id, o.source, o.customer_id, o.source, o.order_id, NULL
      FROM momentum_state.inquiry_config c
      JOIN hub.orders o ON o.brand = c.brand AND o.delivered_at IS NOT NULL
                       AND o.delivered_at <= now() - c.review_days * interval '1 day'
                       AND o.delivered_at > now() - (c.review_days + c.review_window) * interval '1 day'
      JOIN hub.customers p ON p.brand = o.brand AND p.customer_id = o.customer_id AND p.source = o.source
     WHERE NOT o.review_request_sent AND NOT o.is_test AND o.cancelled_at IS NULL AND o.payment_status IS DISTINCT FROM 'Refunded'
       AND p.email IS NOT NULL
       AND lower(coalesce(p.marketing_preferences #>> '{email,state}', p.email_marketing_state)) = 'subscribed'
       -- A person of several sources: a word against it holds, unless an older one.
       AND NOT EXISTS (SELECT FROM hub.customers w
                        WHERE w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NULL
                          AND lower(coalesce(w.marketing_preferences #>> '{email,state}', w.email_marketing_state)) = 'unsubscribed'
                          AND NOT coalesce(momentum._consent_at(w.marketing_preferences -> 'email') < momentum._consent_at(p.marketing_preferences -> 'email'), false))
       AND NOT EXISTS (SELECT FROM hub.customers w
                        WHERE w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NOT NULL
                          AND lower(coalesce(w.marketing_preferences #>> '{email,state}', w.email_marketing_state)) = 'unsubscribed'
                          AND NOT coalesce(momentum._consent_at(w.marketing_preferences -> 'email') < momentum._consent_at(p.marketing_preferences -> 'email'), false))
       AND NOT EXISTS (SELECT FROM hub.customer_inquiries q
                        WHERE q.brand = o.brand AND q.customer_source = o.source AND q.customer_id = o.customer_id
                          AND q.is_open AND q.category IN ('Complaints', 'Returns')
                          AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = q.status AND NOT v.is_open))
       -- Inquiries are linked to the person's first row, whichever shop the order is of.
       AND NOT EXISTS (SELECT FROM hub.customers w
                         JOIN hub.customer_inquiries q ON q.brand = w.brand AND q.customer_source = w.source AND q.customer_id = w.customer_id
                        WHERE p.duplicate_of IS NOT NULL AND w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NULL
                          AND q.is_open AND q.category IN ('Complaints', 'Returns')
                          AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = q.status AND NOT v.is_open))
       AND NOT EXISTS (SELECT FROM hub.customer_inquiries q
                        WHERE q.brand = o.brand AND q.order_source = o.source AND q.order_id = o.order_id
                          AND q.is_open AND q.category IN ('Complaints', 'Returns')
                          AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = q.status AND NOT v.is_open))
    UNION ALL
    SELECT o.brand, concat_ws('/', 'notify', 'shipped', o.source, o.order_id), 'notify', 2, 'support',
           'Tell the customer that order ' || coalesce(o.name, o.order_id) || ' is on its way',
           'shipped ' || (c.today - (o.shipped_at AT TIME ZONE c.time_zone)::date) || ' days ago',
           o.shipped_at + interval '1 day', true,
           p.first_name, coalesce(p.email, o.email), o.source, o.order_id, CASE WHEN p.customer_id IS NOT NULL THEN p.source END, p.customer_id,
           o.source, o.order_id, NULL
      FROM momentum_state.inquiry_config c
      JOIN hub.orders o ON o.brand = c.brand AND o.shipped_at IS NOT NULL AND o.shipped_at > now() - c.notify_days * interval '1 day'
      LEFT JOIN hub.customers p ON p.brand = o.brand AND p.customer_id = o.customer_id AND p.source = o.source
     WHERE NOT o.customer_notified AND NOT o.is_test AND o.cancelled_at IS NULL AND o.order_status = 'Shipped'
       AND coalesce(p.email, p.phone, o.email) IS NOT NULL
    UNION ALL
    SELECT o.brand, concat_ws('/', 'notify', 'delay', o.source, o.order_id), 'notify', 2, 'support',
           'Tell the customer that order ' || coalesce(o.name, o.order_id) || ' is late',
           CASE WHEN o.payment_status = 'Paid' THEN 'paid ' ELSE 'ordered ' END || (c.today - o.order_day) || ' days ago and not shipped', NULL, true,
           p.first_name, coalesce(p.email, o.email), o.source, o.order_id, CASE WHEN p.customer_id IS NOT NULL THEN p.source END, p.customer_id,
           o.source, o.order_id, NULL
      FROM momentum_state.inquiry_config c
      JOIN hub.orders o ON o.brand = c.brand AND o.order_status = 'Processing'
                       AND o.order_day < c.today - c.delay_days AND o.order_day >= c.today - c.delay_days - c.notify_days
      LEFT JOIN hub.customers p ON p.brand = o.brand AND p.customer_id = o.customer_id AND p.source = o.source
     -- Nobody waits for what is not paid, or was paid back.
     WHERE NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL AND o.shipped_at IS NULL
       AND coalesce(o.payment_status NOT IN ('Pending', 'Failed', 'Refunded'), true)
       AND coalesce(p.email, p.phone, o.email) IS NOT NULL
    UNION ALL
    SELECT s.brand, concat_ws('/', 'reorder', s.product_key), 'reorder', CASE WHEN s.available_stock <= 0 THEN 1 ELSE 2 END, 'purchasing',
           'Order ' || coalesce(s.suggested_order_quantity || ' of ', '') || coalesce(s.product_name, s.product_key)
               || coalesce(' from ' || s.supplier_name, ''),
           concat_ws(', ', CASE WHEN s.available_stock <= 0 THEN 'out of stock' ELSE s.available_stock || ' left' END,
                     'lasts ' || floor(s.days_of_stock) || ' days', 'takes ' || s.lead_time_days || ' days to come'),
           s.suggested_order_date::timestamp AT TIME ZONE c.time_zone, true,
           NULL, NULL, s.source, s.product_key, NULL, NULL, NULL, NULL, s.product_key
      FROM hub.product_stock s
      JOIN momentum_state.inquiry_config c ON c.brand = s.brand
     -- Nothing to suggest: enough is on its way.
     WHERE s.reorder_alert AND s.active AND s.suggested_order_quantity IS DISTINCT FROM 0
    UNION ALL
    SELECT t.brand, t.todo_id, 'winback', 4, 'marketing', 'Write to win the customer back',
           'last order ' || (c.today - t.reason_day) || ' days ago', t.raised_at + c.winback_window * interval '1 day', true,
           p.first_name, p.email, t.object_source, t.object_id, p.source, p.customer_id, NULL, NULL, NULL
      FROM momentum_state.todo_item t
      JOIN momentum_state.inquiry_config c ON c.brand = t.brand
      JOIN hub.customers p ON p.brand = t.brand AND p.customer_id = t.object_id AND p.source = t.object_source
     WHERE t.kind = 'winback' AND p.email IS NOT NULL AND t.raised_at > now() - c.winback_window * interval '1 day'
       AND lower(coalesce(p.marketing_preferences #>> '{email,state}', p.email_marketing_state)) = 'subscribed'
       -- A person of several sources: a word against it holds, unless an older one.
       AND NOT EXISTS (SELECT FROM hub.customers w
                        WHERE w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NULL
                          AND lower(coalesce(w.marketing_preferences #>> '{email,state}', w.email_marketing_state)) = 'unsubscribed'
                          AND NOT coalesce(momentum._consent_at(w.marketing_preferences -> 'email') < momentum._consent_at(p.marketing_preferences -> 'email'), false))
       AND NOT EXISTS (SELECT FROM hub.customers w
                        WHERE w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NOT NULL
                          AND lower(coalesce(w.marketing_preferences #>> '{email,state}', w.email_marketing_state)) = 'unsubscribed'
                          AND NOT coalesce(momentum._consent_at(w.marketing_preferences -> 'email') < momentum._consent_at(p.marketing_preferences -> 'email'), false))
       -- No order since: here, with the same address, or as who the person is to another source.
       AND NOT EXISTS (SELECT FROM hub.orders l
                        WHERE l.brand = t.brand AND l.customer_key = t.object_id AND l.source = t.object_source AND l.order_day > t.reason_day
                          AND NOT l.is_test AND NOT l.is_adjustment AND l.cancelled_at IS NULL)
       AND NOT EXISTS (SELECT FROM hub.orders l
                        WHERE l.brand = t.brand AND lower(l.email) = lower(p.email) AND l.order_day > t.reason_day
                          AND NOT l.is_test AND NOT l.is_adjustment AND l.cancelled_at IS NULL)
       AND NOT EXISTS (SELECT FROM hub.customers w
                         JOIN hub.orders l ON l.brand = w.brand AND l.customer_key = w.customer_id AND l.source = w.source
                        WHERE w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NOT NULL AND l.order_day > t.reason_day
                          AND NOT l.is_test AND NOT l.is_adjustment AND l.cancelled_at IS NULL)
       AND NOT EXISTS (SELECT FROM hub.customers w
                         JOIN hub.orders l ON l.brand = w.brand AND l.customer_key = w.customer_id AND l.source = w.source
                        WHERE w.brand = p.brand AND lower(w.email) = lower(p.email) AND w.duplicate_of IS NULL
                          AND p.duplicate_of IS NOT NULL AND l.order_day > t.reason_day
                          AND NOT l.is_test AND NOT l.is_adjustment AND l.cancelled_at IS NULL)
    UNION ALL
    SELECT d.brand, concat_ws('/', 'dead letter', d.source, d.feed, max(d.id)), 'dead letter', 3, 'owner',
           'Look at ' || count(*) || CASE count(*) WHEN 1 THEN ' row' ELSE ' rows' END || ' of ' || d.feed || ' that the hub refused',
           'none of them can be stored as it is; momentum.dead_letter tells why', NULL, true,
           NULL, NULL, d.source, d.feed, NULL, NULL, NULL, NULL, NULL
      FROM momentum_state.dead_letter d
     WHERE d.replayed_at IS NULL AND d.next_at IS NULL
     GROUP BY d.brand, d.source, d.feed) x
 -- An agent sees who asks something, and nobody else of the lists.
 CROSS JOIN LATERAL (
    SELECT CASE WHEN x.kind IN ('inquiry', 'sla') THEN momentum.may_work_personal(x.brand)
                WHEN momentum.may_see(x.brand) AND momentum.may_see_personal(x.brand) THEN true
                WHEN NOT momentum.may_work_personal(x.brand) THEN false
                ELSE EXISTS (SELECT FROM hub.customer_inquiries i
                              WHERE i.brand = x.brand AND i.customer_source = x.customer_source AND i.customer_id = x.customer_id)
                  OR EXISTS (SELECT FROM hub.customer_inquiries i
                              WHERE i.brand = x.brand AND lower(i.customer_email) = lower(x.customer_email)) END AS personal) p
 WHERE momentum.may_work(x.brand)
   -- An inquiry is done when it is answered.  Looked up row by row: the log only grows.
   AND CASE WHEN x.kind IN ('inquiry', 'sla') THEN true
            ELSE (SELECT l.log_id FROM momentum_state.todo_log l
                   WHERE l.brand = x.brand AND l.todo_id = x.todo_id AND l.ended_at IS NULL LIMIT 1) IS NULL END;
COMMENT ON VIEW hub.todo IS 'What is to be done: who, what, why and until when. hub.mark_done() marks an item as done. Customers are on a list of marketing only with their consent to e-mail.';
COMMENT ON COLUMN hub.todo.brand IS 'The brand.';
COMMENT ON COLUMN hub.todo.todo_id IS 'Key of the item, for hub.mark_done(); the same for as long as its reason lasts.';
COMMENT ON COLUMN hub.todo.kind IS 'inquiry (answer it), sla (answer it, its time runs out), review (ask for one), notify (tell a customer that the order is under way, or late), reorder (order goods), winback (write to a customer who stays away), dead letter (look at what the hub refused).';
COMMENT ON COLUMN hub.todo.priority IS '1: at once, 2: today, 3: soon, 4: when there is time.';
COMMENT ON COLUMN hub.todo.who IS 'Who is to do it: whom an inquiry is assigned to, else the desk: support, marketing, purchasing, owner.';
COMMENT ON COLUMN hub.todo.what IS 'What is to be done.';
COMMENT ON COLUMN hub.todo.why IS 'Why.';
COMMENT ON COLUMN hub.todo.until_when IS 'Until when; NULL: no day is lost.';
COMMENT ON COLUMN hub.todo.needs_person IS 'False for what is assigned to bot.';
COMMENT ON COLUMN hub.todo.customer_name IS 'Whom it concerns; masked without the right to see personal data, and for agents unless the customer asks something.';
COMMENT ON COLUMN hub.todo.customer_email IS 'Address of whom it concerns; masked likewise.';
COMMENT ON COLUMN hub.todo.object_source IS 'With object_id: what it is about. Source of the inquiry, order, customer or letter.';
COMMENT ON COLUMN hub.todo.object_id IS 'Id of the inquiry, order or customer, key of the product, feed of the letters.';
COMMENT ON COLUMN hub.todo.customer_source IS 'With customer_id: key of the customer, where one is concerned.';
COMMENT ON COLUMN hub.todo.customer_id IS 'The shop''s id of the customer.';
COMMENT ON COLUMN hub.todo.order_source IS 'With order_id: key of the order, where one is concerned.';
COMMENT ON COLUMN hub.todo.order_id IS 'The shop''s id of the order.';
COMMENT ON COLUMN hub.todo.product_key IS 'SKU of the product, where one is concerned.';
COMMENT ON COLUMN hub.todo.as_of IS 'The instant for which this holds.';

CREATE OR REPLACE VIEW hub.routine_share WITH (security_barrier) AS
SELECT l.brand, date_trunc('month', l.done_at AT TIME ZONE b.time_zone)::date AS month,
       count(*) AS items, count(*) FILTER (WHERE l.by_routine) AS by_routine, count(*) FILTER (WHERE NOT l.by_routine) AS by_person,
       (count(*) FILTER (WHERE l.by_routine) / count(*)::numeric)::numeric(9,6) AS routine_share, now() AS as_of
  FROM momentum_state.todo_log l
  JOIN momentum_state.brand b ON b.brand = l.brand
 WHERE momentum.may_work(l.brand)
 GROUP BY l.brand, date_trunc('month', l.done_at AT TIME ZONE b.time_zone)::date;
COMMENT ON VIEW hub.routine_share IS 'How much of the routine work needed no person, per month in the brand''s zone. What a routine did and a person did over again needed one.';
COMMENT ON COLUMN hub.routine_share.brand IS 'The brand.';
COMMENT ON COLUMN hub.routine_share.month IS 'First day of the month.';
COMMENT ON COLUMN hub.routine_share.items IS 'Pieces of routine work done: inquiries sorted, linked, assigned, escalated, opened again, answered, closed; items of hub.todo.';
COMMENT ON COLUMN hub.routine_share.by_routine IS 'Of these, done by a routine.';
COMMENT ON COLUMN hub.routine_share.by_person IS 'Of these, done by a person.';
COMMENT ON COLUMN hub.routine_share.routine_share IS 'Share of those that needed no person.';
COMMENT ON COLUMN hub.routine_share.as_of IS 'The instant for which this holds.';
