-- The inquiries, and how their answers stand against what was promised.
CREATE OR REPLACE VIEW hub.inquiry_sla WITH (security_barrier) AS
SELECT i.brand, i.source, i.inquiry_id, i.date_created, i.platform,
       CASE WHEN p.personal THEN i.customer_email ELSE momentum.mask_email(i.customer_email) END AS customer_email,
       i.customer_source || '/' || i.customer_id AS customer,
       CASE WHEN p.personal THEN i.customer_name ELSE momentum.mask_name(i.customer_name) END AS customer_name,
       i.customer_source, i.customer_id, i.thread,
       CASE WHEN p.personal THEN i.subject END AS subject, CASE WHEN p.personal THEN i.message END AS message,
       i.category, i.urgency, i.sentiment_score::numeric(9,6) AS sentiment_score, i.status,
       i.is_open AND u.is_open AS is_open, i.assigned_to, i.response_sent, i.responded_at, r.minutes AS response_time_minutes,
       i.customer_satisfaction::bigint AS customer_satisfaction,
       CASE WHEN p.personal THEN i.resolution_notes END AS resolution_notes, i.order_source, i.order_id, i.order_link,
       i.triage_rule, i.triage_confidence::numeric(9,6) AS triage_confidence,
       nullif(array_to_string(i.set_by_hand, ', '), '') AS set_by_hand,
       s.minutes AS sla_target_minutes, d.due_at AS sla_due_at,
       CASE WHEN i.response_sent
            THEN CASE WHEN r.minutes <= s.minutes THEN 'Met' WHEN r.minutes > s.minutes THEN 'Breached' END
            WHEN NOT (i.is_open AND u.is_open)
            THEN CASE WHEN i.resolved_at <= d.due_at THEN 'Met' WHEN i.resolved_at > d.due_at THEN 'Breached' END
            WHEN now() > d.due_at THEN 'Breached'
            WHEN now() >= d.risk_at THEN 'At Risk'
            ELSE 'On Track' END AS sla_status,
       CASE WHEN i.is_open AND u.is_open OR i.resolved_at IS NOT NULL
            THEN floor(extract(epoch FROM greatest(CASE WHEN i.is_open AND u.is_open THEN now() ELSE i.resolved_at END - d.began_at,
                                                   interval '0')) / 86400)::bigint END AS days_open,
       i.escalated_at, i.resolved_at, i.reopened, now() AS as_of
  FROM hub.customer_inquiries i
  JOIN hub.inquiry_statuses u ON u.status = i.status
  JOIN momentum_state.inquiry_config c ON c.brand = i.brand
  LEFT JOIN momentum_state.sla_target o ON o.brand = i.brand AND o.urgency = coalesce(i.urgency, 'Medium')
  LEFT JOIN momentum_state.sla_target e ON e.brand = '' AND e.urgency = coalesce(i.urgency, 'Medium')
 CROSS JOIN LATERAL (SELECT coalesce(o.minutes, e.minutes, c.sla_minutes) AS minutes) s
 CROSS JOIN LATERAL (SELECT least(i.date_created, i.loaded_at) AS began_at,
                            least(i.date_created, i.loaded_at) + s.minutes * interval '1 minute' AS due_at,
                            least(i.date_created, i.loaded_at) + s.minutes * c.escalate_share * interval '1 minute' AS risk_at) d
 CROSS JOIN LATERAL (SELECT coalesce(i.response_time_minutes, CASE WHEN i.responded_at IS NOT NULL
                            THEN ceil(extract(epoch FROM greatest(i.responded_at - d.began_at, interval '0')) / 60)::bigint END) AS minutes) r
 CROSS JOIN LATERAL (SELECT momentum.may_work_personal(i.brand) AS personal) p
 WHERE momentum.may_work(i.brand);
COMMENT ON VIEW hub.inquiry_sla IS 'What customers ask, and whether it is answered in time. For those who answer, too: it holds no money.';
COMMENT ON COLUMN hub.inquiry_sla.brand IS 'The brand.';
COMMENT ON COLUMN hub.inquiry_sla.source IS 'The source it came by; empty: entered by hand.';
COMMENT ON COLUMN hub.inquiry_sla.inquiry_id IS 'The service''s own id of the message.';
COMMENT ON COLUMN hub.inquiry_sla.date_created IS 'When the customer wrote.';
COMMENT ON COLUMN hub.inquiry_sla.platform IS 'Gmail, Instagram, Facebook, Shopify, SMS, or what was added to hub.inquiry_platforms.';
COMMENT ON COLUMN hub.inquiry_sla.customer_email IS 'Address it came from; masked without the right to see personal data.';
COMMENT ON COLUMN hub.inquiry_sla.customer IS 'Source and id of the customer in the hub, joined by a slash; NULL: not known.';
COMMENT ON COLUMN hub.inquiry_sla.customer_name IS 'Name of the writer; masked likewise.';
COMMENT ON COLUMN hub.inquiry_sla.customer_source IS 'With customer_id: key of the customer in the hub.';
COMMENT ON COLUMN hub.inquiry_sla.customer_id IS 'The shop''s id of the customer.';
COMMENT ON COLUMN hub.inquiry_sla.thread IS 'The service''s id of the conversation; a stand-in where that is an address or a number.';
COMMENT ON COLUMN hub.inquiry_sla.subject IS 'Subject; NULL without the right to see personal data.';
COMMENT ON COLUMN hub.inquiry_sla.message IS 'The text; NULL without the right to see personal data.';
COMMENT ON COLUMN hub.inquiry_sla.category IS 'What it is about; NULL until it is sorted.';
COMMENT ON COLUMN hub.inquiry_sla.urgency IS 'Low, Medium, High, Urgent; NULL until it is sorted.';
COMMENT ON COLUMN hub.inquiry_sla.sentiment_score IS 'Feeling, from -5 (furious) to 5 (delighted); NULL: no word to tell it by.';
COMMENT ON COLUMN hub.inquiry_sla.status IS 'New, In Progress, Escalated, Resolved, Closed.';
COMMENT ON COLUMN hub.inquiry_sla.is_open IS 'Neither resolved nor closed: filter by it for the inbox.';
COMMENT ON COLUMN hub.inquiry_sla.assigned_to IS 'bot, or the person or desk that answers.';
COMMENT ON COLUMN hub.inquiry_sla.response_sent IS 'It was answered, or a later answer in its thread covers it.';
COMMENT ON COLUMN hub.inquiry_sla.responded_at IS 'When it was answered.';
COMMENT ON COLUMN hub.inquiry_sla.response_time_minutes IS 'Minutes until it was answered, begun ones counted; NULL: not answered, or not told when.';
COMMENT ON COLUMN hub.inquiry_sla.customer_satisfaction IS 'What the customer gave the answer, 1 to 5.';
COMMENT ON COLUMN hub.inquiry_sla.resolution_notes IS 'How it was settled; NULL without the right to see personal data.';
COMMENT ON COLUMN hub.inquiry_sla.order_source IS 'With order_id: key of the order it is about.';
COMMENT ON COLUMN hub.inquiry_sla.order_id IS 'The shop''s id of the order it is about.';
COMMENT ON COLUMN hub.inquiry_sla.order_link IS 'How the order was found: number or tracking (in the text), latest (of the customer), person; unproven: the text names an order of somebody else, or the writer is not known.';
COMMENT ON COLUMN hub.inquiry_sla.triage_rule IS 'What decided about the category.';
COMMENT ON COLUMN hub.inquiry_sla.triage_confidence IS 'How sure that is, 0 to 1.';
COMMENT ON COLUMN hub.inquiry_sla.set_by_hand IS 'Fields that a person or the source has set, which no routine changes.';
COMMENT ON COLUMN hub.inquiry_sla.sla_target_minutes IS 'Minutes within which it is to be answered, by its urgency.';
COMMENT ON COLUMN hub.inquiry_sla.sla_due_at IS 'When these end. They begin when the customer wrote, or when the message was loaded if that is earlier.';
COMMENT ON COLUMN hub.inquiry_sla.sla_status IS 'Met or Breached once it is answered, or closed without an answer; Breached, At Risk (from the setting inquiry.escalate_share on) or On Track while it waits. NULL: answered, but not told when.';
COMMENT ON COLUMN hub.inquiry_sla.days_open IS 'Days it has been open, or was until it was resolved; NULL: not told when it was.';
COMMENT ON COLUMN hub.inquiry_sla.escalated_at IS 'When it was escalated because its time ran out.';
COMMENT ON COLUMN hub.inquiry_sla.resolved_at IS 'When it was resolved or closed.';
COMMENT ON COLUMN hub.inquiry_sla.reopened IS 'How often it was opened again.';
COMMENT ON COLUMN hub.inquiry_sla.as_of IS 'The instant for which this holds.';
