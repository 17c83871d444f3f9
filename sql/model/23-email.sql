-- Mail and text messages: what was sent, what it brought, who joined.
CREATE TABLE IF NOT EXISTS hub.email_daily (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    kind              text        NOT NULL CHECK (kind IN ('attributed', 'campaign', 'flow', 'list_joins', 'list_leaves')),
    day               date        NOT NULL,
    channel           text        NOT NULL,
    object_id         text        NOT NULL,
    message_id        text        NOT NULL,
    events            numeric,
    revenue           numeric,
    recipients        numeric,
    delivered         numeric,
    opens             numeric,
    opens_unique      numeric,
    clicks            numeric,
    clicks_unique     numeric,
    unsubscribes      numeric,
    spam_complaints   numeric,
    previous_revenue  numeric,
    restated_at       timestamptz,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, kind, day, channel, object_id, message_id),
    CONSTRAINT email_daily_amounts CHECK (greatest(abs(events), abs(revenue), abs(recipients), abs(delivered),
            abs(opens), abs(opens_unique), abs(clicks), abs(clicks_unique),
            abs(unsubscribes), abs(spam_complaints)) < 1e12)
);
CREATE INDEX IF NOT EXISTS email_daily_day_idx ON hub.email_daily (brand, kind, day);
COMMENT ON TABLE hub.email_daily IS 'Mail results per day and kind: attributed (orders and revenue by event time), campaign and flow (by send time), list_joins, list_leaves. Kinds overlap: never sum across them.';
COMMENT ON COLUMN hub.email_daily.object_id IS 'Campaign or flow; '''' where the kind has none.';
COMMENT ON COLUMN hub.email_daily.events IS 'Orders (attributed), conversions (campaign, flow), joins or leaves.';

CREATE TABLE IF NOT EXISTS hub.email_messages (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    kind              text        NOT NULL CHECK (kind IN ('campaign', 'flow')),
    object_id         text        NOT NULL,
    name              text,
    channel           text,
    status            text,
    trigger_type      text,
    archived          boolean,
    created_at        timestamptz,
    send_time         timestamptz,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, kind, object_id)
);
COMMENT ON TABLE hub.email_messages IS 'Campaigns and flows by name.';

CREATE TABLE IF NOT EXISTS hub.email_lists (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    list_id           text        NOT NULL,
    name              text,
    opt_in_process    text,
    created_at        timestamptz,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, list_id)
);
COMMENT ON TABLE hub.email_lists IS 'Lists of the mail service.';
