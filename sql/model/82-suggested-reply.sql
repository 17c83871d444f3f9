-- For each inquiry that waits, the reply its template makes of it.  Of an order
-- whose number anybody could have written, no reply tells.
CREATE OR REPLACE VIEW hub.suggested_reply WITH (security_barrier) AS
SELECT i.brand, i.source, i.inquiry_id, i.category, i.assigned_to, t.condition, t.template, t.language,
       CASE WHEN p.personal THEN t.subject END AS subject, CASE WHEN p.personal THEN t.reply END AS reply, now() AS as_of
  FROM hub.customer_inquiries i
  JOIN momentum_state.inquiry_config c ON c.brand = i.brand
  LEFT JOIN hub.orders o ON o.brand = i.brand AND o.order_id = i.order_id AND o.source = i.order_source AND i.order_link <> 'unproven'
  LEFT JOIN hub.customers k ON k.brand = i.brand AND k.customer_id = i.customer_id AND k.source = i.customer_source
 CROSS JOIN LATERAL (
    SELECT jsonb_strip_nulls(jsonb_build_object(
               'first_name', nullif(left(split_part(btrim(coalesce(nullif(btrim(k.first_name), ''), i.customer_name)), ' ', 1), 40), ''),
               'brand_name', c.brand_name,
               'order_number', coalesce(o.name, o.order_id),
               'order_day', to_char(o.order_day, 'FMDD FMMonth'),
               'order_status', lower(o.order_status),
               'tracking_number', o.tracking_number,
               'shipping_method', lower(o.shipping_method),
               'days', CASE WHEN c.today - o.order_day >= 2 THEN c.today - o.order_day END,
               'assigned_to', CASE WHEN i.assigned_to NOT IN ('bot', 'support') THEN i.assigned_to END)) AS known,
           CASE WHEN o.order_id IS NULL THEN 'no_order' WHEN o.payment_status = 'Refunded' THEN 'order_refunded'
                WHEN o.order_status IN ('Pending', 'Processing') THEN 'order_pending' WHEN o.order_status = 'Shipped' THEN 'order_shipped'
                WHEN o.order_status = 'Delivered' THEN 'order_delivered' WHEN o.order_status = 'Cancelled' THEN 'order_cancelled' END AS stands) v
  LEFT JOIN LATERAL (
    SELECT r.condition, r.template, r.language, momentum._fill_template(r.subject, v.known) AS subject,
           momentum._fill_template(r.body, v.known) AS reply
      FROM momentum_state.reply_template r
     WHERE r.brand IN ('', i.brand) AND r.category = coalesce(i.category, 'General') AND r.language = c.language
       AND (r.condition IN ('always', v.stands) OR r.condition = 'unhappy' AND i.sentiment_score <= -2)
       AND momentum._fill_template(concat_ws(' ', r.subject, r.body), v.known) IS NOT NULL
     ORDER BY r.brand DESC, r.priority, r.template
     LIMIT 1) t ON true
 CROSS JOIN LATERAL (SELECT momentum.may_work_personal(i.brand) AS personal) p
 WHERE i.is_open AND NOT i.response_sent AND momentum.may_work(i.brand)
   AND NOT EXISTS (SELECT FROM hub.inquiry_statuses v WHERE v.status = i.status AND NOT v.is_open);
COMMENT ON VIEW hub.suggested_reply IS 'For each inquiry that waits, what could be answered. Nothing is sent; hub.answer_inquiry() records that somebody did.';
COMMENT ON COLUMN hub.suggested_reply.brand IS 'The brand.';
COMMENT ON COLUMN hub.suggested_reply.source IS 'The source of the inquiry.';
COMMENT ON COLUMN hub.suggested_reply.inquiry_id IS 'The service''s own id of the inquiry.';
COMMENT ON COLUMN hub.suggested_reply.category IS 'What it is about.';
COMMENT ON COLUMN hub.suggested_reply.assigned_to IS 'bot, or the person or desk that answers.';
COMMENT ON COLUMN hub.suggested_reply.condition IS 'What the template was chosen for: always, unhappy, no_order, order_pending, order_shipped, order_delivered, order_cancelled, order_refunded.';
COMMENT ON COLUMN hub.suggested_reply.template IS 'Name of the template; NULL: none fits.';
COMMENT ON COLUMN hub.suggested_reply.language IS 'Language of the reply.';
COMMENT ON COLUMN hub.suggested_reply.subject IS 'Subject of the reply; NULL without the right to see personal data.';
COMMENT ON COLUMN hub.suggested_reply.reply IS 'The reply, filled in; NULL without the right to see personal data.';
COMMENT ON COLUMN hub.suggested_reply.as_of IS 'The instant for which this holds.';

CREATE OR REPLACE VIEW hub.inquiry_thread WITH (security_barrier) AS
SELECT i.brand, i.source, i.thread, count(*) AS inquiries, count(*) FILTER (WHERE i.is_open AND u.is_open AND NOT i.response_sent) AS waiting,
       min(i.date_created) AS first_at, max(i.date_created) AS last_at, max(i.responded_at) AS answered_at,
       CASE WHEN bool_or(i.is_open AND u.is_open AND NOT i.response_sent) THEN 'waiting' WHEN bool_or(i.is_open AND u.is_open) THEN 'answered' ELSE 'settled' END AS state,
       sum(i.reopened)::bigint AS reopened, now() AS as_of
  FROM hub.customer_inquiries i
  JOIN hub.inquiry_statuses u ON u.status = i.status
 WHERE i.thread IS NOT NULL AND momentum.may_work(i.brand)
 GROUP BY i.brand, i.source, i.thread;
COMMENT ON VIEW hub.inquiry_thread IS 'Conversations: the messages of one thread together. Filter by brand, source and thread for one of them.';
COMMENT ON COLUMN hub.inquiry_thread.brand IS 'The brand.';
COMMENT ON COLUMN hub.inquiry_thread.source IS 'The source it came by.';
COMMENT ON COLUMN hub.inquiry_thread.thread IS 'The service''s id of the conversation.';
COMMENT ON COLUMN hub.inquiry_thread.inquiries IS 'Messages of the customer.';
COMMENT ON COLUMN hub.inquiry_thread.waiting IS 'Of these, how many wait for an answer.';
COMMENT ON COLUMN hub.inquiry_thread.first_at IS 'When the first was written.';
COMMENT ON COLUMN hub.inquiry_thread.last_at IS 'When the last was written.';
COMMENT ON COLUMN hub.inquiry_thread.answered_at IS 'When the last answer was sent.';
COMMENT ON COLUMN hub.inquiry_thread.state IS 'waiting (for us), answered (the customer may write again), settled.';
COMMENT ON COLUMN hub.inquiry_thread.reopened IS 'How often something in it was opened again.';
COMMENT ON COLUMN hub.inquiry_thread.as_of IS 'The instant for which this holds.';
