-- What customers ask: the inquiries, how soon they are to be answered, who
-- gets them, what may be answered, and which routine work was done by whom.
--
-- One row per message of a customer; messages of one conversation share the
-- thread.  A message beyond 1 MB, a date nobody can mean, a platform that is
-- not in the list fail by themselves: loaded through the door they are kept in
-- momentum_state.dead_letter, in full.
CREATE TABLE IF NOT EXISTS hub.customer_inquiries (
    brand                 text        NOT NULL,
    source                text        NOT NULL,
    inquiry_id            text        NOT NULL CHECK (inquiry_id <> '' AND length(inquiry_id) <= 500),
    date_created          timestamptz NOT NULL,
    platform              text        NOT NULL REFERENCES hub.inquiry_platforms,
    customer_email        text        CHECK (length(customer_email) <= 320),
    customer_phone        text        CHECK (length(customer_phone) <= 50),
    customer_handle       text        CHECK (length(customer_handle) <= 100),
    customer_name         text        CHECK (length(customer_name) <= 300),
    customer_source       text,
    customer_id           text,
    thread                text        CHECK (thread <> '' AND length(thread) <= 500),
    subject               text        CHECK (length(subject) <= 2000),
    message               text,
    category              text        REFERENCES hub.inquiry_categories,
    urgency               text        REFERENCES hub.inquiry_urgencies,
    sentiment_score       numeric     CHECK (sentiment_score BETWEEN -5 AND 5),
    status                text        NOT NULL DEFAULT 'New' REFERENCES hub.inquiry_statuses,
    assigned_to           text        CHECK (assigned_to <> '' AND length(assigned_to) <= 100),
    response_sent         boolean     NOT NULL DEFAULT false,
    responded_at          timestamptz,
    response_time_minutes bigint      CHECK (response_time_minutes >= 0 AND response_time_minutes < 1000000000),
    response              text,
    customer_satisfaction smallint    CHECK (customer_satisfaction BETWEEN 1 AND 5),
    resolution_notes      text,
    resolved_at           timestamptz,
    order_source          text,
    order_id              text,
    order_link            text        CHECK (order_link IN ('number', 'tracking', 'latest', 'person', 'unproven')),
    set_by_hand           text[]      NOT NULL DEFAULT '{}',
    triage_rule           text,
    triage_confidence     numeric     CHECK (triage_confidence BETWEEN 0 AND 1),
    routed_at             timestamptz,
    link_due_at           timestamptz,
    escalated_at          timestamptz,
    reopened              bigint      NOT NULL DEFAULT 0,
    is_open               boolean     GENERATED ALWAYS AS (status NOT IN ('Resolved', 'Closed')) STORED,
    source_updated_at     timestamptz,
    content_hash          bigint      NOT NULL DEFAULT 0,
    loaded_at             timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, inquiry_id, source),
    CONSTRAINT customer_inquiries_days CHECK (date_created >= '1970-01-01 00:00+00' AND date_created < '2200-01-01 00:00+00'
        AND responded_at >= '1970-01-01 00:00+00' AND responded_at < '2200-01-01 00:00+00'),
    CONSTRAINT customer_inquiries_message CHECK (octet_length(message) <= 1048576 AND octet_length(response) <= 1048576
        AND octet_length(resolution_notes) <= 65536),
    CONSTRAINT customer_inquiries_response CHECK (response_sent OR responded_at IS NULL AND response_time_minutes IS NULL),
    CONSTRAINT customer_inquiries_customer_id_is_no_address CHECK (strpos(customer_id, '@') = 0),
    CONSTRAINT customer_inquiries_links CHECK ((customer_id IS NULL) = (customer_source IS NULL)
        AND (order_id IS NULL) = (order_source IS NULL)),
    CONSTRAINT customer_inquiries_by_hand CHECK (set_by_hand <@
        ARRAY['category', 'urgency', 'sentiment_score', 'assigned_to', 'customer', 'order'])
);
CREATE INDEX IF NOT EXISTS customer_inquiries_open_idx ON hub.customer_inquiries (brand, date_created) WHERE is_open;
CREATE INDEX IF NOT EXISTS customer_inquiries_created_idx ON hub.customer_inquiries (brand, date_created);
CREATE INDEX IF NOT EXISTS customer_inquiries_status_idx ON hub.customer_inquiries (brand, status, date_created);
CREATE INDEX IF NOT EXISTS customer_inquiries_waiting_idx ON hub.customer_inquiries (brand, date_created)
    WHERE is_open AND NOT response_sent AND escalated_at IS NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_late_idx ON hub.customer_inquiries (brand, date_created)
    WHERE is_open AND NOT response_sent AND escalated_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_answered_idx ON hub.customer_inquiries (brand, responded_at) WHERE is_open AND response_sent;
CREATE INDEX IF NOT EXISTS customer_inquiries_resolved_idx ON hub.customer_inquiries (brand, resolved_at) WHERE status = 'Resolved';
CREATE INDEX IF NOT EXISTS customer_inquiries_customer_idx ON hub.customer_inquiries (brand, customer_source, customer_id, date_created)
    WHERE customer_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_order_idx ON hub.customer_inquiries (brand, order_source, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_thread_idx ON hub.customer_inquiries (brand, source, thread, date_created) WHERE thread IS NOT NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_email_idx ON hub.customer_inquiries (brand, lower(customer_email)) WHERE customer_email IS NOT NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_unrouted_idx ON hub.customer_inquiries (brand, date_created) WHERE routed_at IS NULL;
CREATE INDEX IF NOT EXISTS customer_inquiries_unlinked_idx ON hub.customer_inquiries (brand, link_due_at) WHERE link_due_at IS NOT NULL;
-- Orders that wait for the carrier: whose customers are told when it takes long.
CREATE INDEX IF NOT EXISTS orders_processing_idx ON hub.orders (brand, order_day) WHERE order_status = 'Processing';
COMMENT ON TABLE hub.customer_inquiries IS 'What customers ask, one row per message. Beside it the view hub.inquiry_sla. Written by the sources or by hand; what is read out of it by momentum._route_inquiries(), what people do by hub.assign_inquiry() and its like.';
COMMENT ON COLUMN hub.customer_inquiries.source IS 'The source it came by, or '''' when entered by hand.';
COMMENT ON COLUMN hub.customer_inquiries.inquiry_id IS 'The service''s own id of the message.';
COMMENT ON COLUMN hub.customer_inquiries.date_created IS 'When the customer wrote.';
COMMENT ON COLUMN hub.customer_inquiries.customer_handle IS 'Name on Instagram or Facebook, without @.';
COMMENT ON COLUMN hub.customer_inquiries.customer_source IS 'With customer_id: key of hub.customers; found by e-mail, phone or handle.';
COMMENT ON COLUMN hub.customer_inquiries.thread IS 'The service''s id of the conversation; NULL: the message stands alone.';
COMMENT ON COLUMN hub.customer_inquiries.message IS 'The text, at most 1 MB.';
COMMENT ON COLUMN hub.customer_inquiries.category IS 'NULL until it was routed.';
COMMENT ON COLUMN hub.customer_inquiries.assigned_to IS 'bot, or the person or desk that answers.';
COMMENT ON COLUMN hub.customer_inquiries.response IS 'What was answered, where it was noted.';
COMMENT ON COLUMN hub.customer_inquiries.response_time_minutes IS 'Minutes until the first answer, begun ones counted.';
COMMENT ON COLUMN hub.customer_inquiries.resolved_at IS 'When it was last resolved or closed.';
COMMENT ON COLUMN hub.customer_inquiries.order_link IS 'How the order was found: number (in the text), tracking (its number in the text), latest (of the customer), person; unproven: the number in the text is of somebody else''s order, or the writer is not known, so that no answer tells of it.';
COMMENT ON COLUMN hub.customer_inquiries.set_by_hand IS 'What a person or the source has set: no routine overwrites it.';
COMMENT ON COLUMN hub.customer_inquiries.triage_rule IS 'Rule of the triage that decided; failed: it could not be read, see momentum_state.dead_letter.';
COMMENT ON COLUMN hub.customer_inquiries.triage_confidence IS 'How sure the triage is, 0 to 1.';
COMMENT ON COLUMN hub.customer_inquiries.routed_at IS 'When a refresh sorted, linked and assigned it; NULL: the next one will. Set it to NULL to have it done again.';
COMMENT ON COLUMN hub.customer_inquiries.link_due_at IS 'When the customer is looked for again; NULL: found, or given up after 30 days.';
COMMENT ON COLUMN hub.customer_inquiries.escalated_at IS 'When it was escalated because its time ran out.';
COMMENT ON COLUMN hub.customer_inquiries.reopened IS 'How often it was opened again.';
COMMENT ON COLUMN hub.customer_inquiries.is_open IS 'Neither resolved nor closed.';

CREATE TABLE IF NOT EXISTS momentum_state.sla_target (
    brand       text    NOT NULL,
    urgency     text    NOT NULL REFERENCES hub.inquiry_urgencies,
    minutes     bigint  NOT NULL CHECK (minutes > 0 AND minutes <= 525600),
    PRIMARY KEY (brand, urgency)
);
COMMENT ON TABLE momentum_state.sla_target IS 'Minutes within which an inquiry is to be answered, by urgency. Brand '''' holds the defaults. Written by momentum.set_sla_target().';
INSERT INTO momentum_state.sla_target (brand, urgency, minutes)
SELECT '', u.urgency, 120 FROM hub.inquiry_urgencies u
ON CONFLICT (brand, urgency) DO NOTHING;

CREATE TABLE IF NOT EXISTS momentum_state.assignment_rule (
    brand          text    NOT NULL,
    priority       integer NOT NULL,
    assign_to      text    NOT NULL CHECK (assign_to <> '' AND length(assign_to) <= 100),
    category       text    REFERENCES hub.inquiry_categories,
    urgency        text    REFERENCES hub.inquiry_urgencies,
    platform       text    REFERENCES hub.inquiry_platforms,
    is_vip         boolean,
    min_confidence numeric CHECK (min_confidence BETWEEN 0 AND 1),
    max_confidence numeric CHECK (max_confidence BETWEEN 0 AND 1),
    max_sentiment  numeric CHECK (max_sentiment BETWEEN -5 AND 5),
    PRIMARY KEY (brand, priority)
);
COMMENT ON TABLE momentum_state.assignment_rule IS 'Who gets an inquiry: the first rule that fits, the brand''s own before the defaults (brand ''''), then the lower priority. What a rule leaves NULL fits everything. Written by momentum.set_assignment_rule().';
COMMENT ON COLUMN momentum_state.assignment_rule.assign_to IS 'bot, or a person or desk.';
COMMENT ON COLUMN momentum_state.assignment_rule.is_vip IS 'The customer is a VIP (hub.customer_value.vip_status), or is not.';
COMMENT ON COLUMN momentum_state.assignment_rule.min_confidence IS 'The triage is at least this sure.';
COMMENT ON COLUMN momentum_state.assignment_rule.max_confidence IS 'The triage is less sure than this.';
COMMENT ON COLUMN momentum_state.assignment_rule.max_sentiment IS 'The sentiment is at most this.';
INSERT INTO momentum_state.assignment_rule (brand, priority, assign_to, category, urgency, is_vip, max_confidence, max_sentiment, min_confidence) VALUES
    ('', 1010, 'support', NULL, 'Urgent', NULL, NULL, NULL, NULL),
    ('', 1020, 'support', NULL, NULL, true, NULL, NULL, NULL),
    ('', 1030, 'support', 'Complaints', NULL, NULL, NULL, NULL, NULL),
    ('', 1040, 'support', NULL, NULL, NULL, NULL, -2, NULL),
    ('', 1050, 'support', NULL, NULL, NULL, 0.5, NULL, NULL),
    ('', 1060, 'bot', 'Shipping', NULL, NULL, NULL, NULL, 0.5),
    ('', 1070, 'bot', 'Product Info', NULL, NULL, NULL, NULL, 0.5),
    ('', 1080, 'bot', 'General', NULL, NULL, NULL, NULL, 0.5),
    ('', 1090, 'support', NULL, NULL, NULL, NULL, NULL, NULL)
ON CONFLICT (brand, priority) DO NOTHING;

-- What may be answered.  [[a|b]] stands for the first of its alternatives all
-- of whose placeholders are known; a template is not suggested while one
-- outside of brackets is not.
CREATE TABLE IF NOT EXISTS momentum_state.reply_template (
    brand       text    NOT NULL,
    template    text    NOT NULL CHECK (template <> '' AND length(template) <= 100),
    category    text    NOT NULL REFERENCES hub.inquiry_categories,
    condition   text    NOT NULL DEFAULT 'always' CHECK (condition IN
        ('always', 'unhappy', 'no_order', 'order_pending', 'order_shipped', 'order_delivered', 'order_cancelled', 'order_refunded')),
    language    text    NOT NULL DEFAULT 'en' CHECK (language ~ '^[a-z]{2,3}$'),
    priority    integer NOT NULL DEFAULT 100,
    subject     text    CHECK (length(subject) <= 500),
    body        text    NOT NULL CHECK (body <> '' AND length(body) <= 20000),
    PRIMARY KEY (brand, template),
    CONSTRAINT reply_template_placeholders CHECK (concat(subject, body) !~
        '\{(?!(first_name|brand_name|order_number|order_day|order_status|tracking_number|shipping_method|days|assigned_to)\})')
);
CREATE INDEX IF NOT EXISTS reply_template_idx ON momentum_state.reply_template (brand, category, language);
COMMENT ON TABLE momentum_state.reply_template IS 'Replies to choose from: for an inquiry the first that fits, the brand''s own before the defaults (brand ''''), then the lower priority. Written by momentum.set_reply_template().';
COMMENT ON COLUMN momentum_state.reply_template.condition IS 'When it fits: always; unhappy (sentiment of -2 and less); no_order; order_pending (not handed to the carrier), order_shipped, order_delivered, order_cancelled, order_refunded.';
COMMENT ON COLUMN momentum_state.reply_template.language IS 'Fits brands whose setting inquiry.language is this.';
COMMENT ON COLUMN momentum_state.reply_template.body IS 'Placeholders: {first_name}, {brand_name}, {order_number}, {order_day}, {order_status}, {tracking_number}, {shipping_method}, {days} (since the order), {assigned_to}. [[a|b]]: the first alternative whose placeholders are all known, else nothing.';

CREATE TABLE IF NOT EXISTS momentum_state.todo_item (
    brand          text        NOT NULL,
    todo_id        text        NOT NULL,
    kind           text        NOT NULL,
    object_source  text        NOT NULL,
    object_id      text        NOT NULL,
    reason_day     date        NOT NULL,
    raised_at      timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, todo_id)
);
CREATE INDEX IF NOT EXISTS todo_item_kind_idx ON momentum_state.todo_item (brand, kind, reason_day);
COMMENT ON TABLE momentum_state.todo_item IS 'Work that a day brings along, such as customers who have just lapsed: found once for each day, by the refresh; whether it still holds is told by hub.todo.';

CREATE TABLE IF NOT EXISTS momentum_state.todo_day (
    brand       text NOT NULL,
    kind        text NOT NULL,
    looked_at   date NOT NULL,
    PRIMARY KEY (brand, kind)
);
COMMENT ON TABLE momentum_state.todo_day IS 'Last day for which momentum_state.todo_item was filled.';

CREATE TABLE IF NOT EXISTS momentum_state.todo_log (
    brand       text        NOT NULL,
    log_id      bigint      NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    todo_id     text        NOT NULL,
    kind        text        NOT NULL,
    by_routine  boolean     NOT NULL,
    done_at     timestamptz NOT NULL DEFAULT pg_catalog.now(),
    done_by     name        NOT NULL DEFAULT SESSION_USER,
    note        text        CHECK (length(note) <= 2000),
    ended_at    timestamptz,
    PRIMARY KEY (brand, log_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS todo_log_current_idx ON momentum_state.todo_log (brand, todo_id) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS todo_log_done_idx ON momentum_state.todo_log (brand, done_at);
CREATE INDEX IF NOT EXISTS todo_log_reorder_idx ON momentum_state.todo_log (brand, todo_id) WHERE ended_at IS NULL AND kind = 'reorder';
COMMENT ON TABLE momentum_state.todo_log IS 'Routine work that was done, by a routine or by a person. A row keeps its item from coming back until ended_at.';
COMMENT ON COLUMN momentum_state.todo_log.todo_id IS 'Key of the item in hub.todo, or of what the routine did without one.';
COMMENT ON COLUMN momentum_state.todo_log.ended_at IS 'When its reason had passed: the same item may come back.';
