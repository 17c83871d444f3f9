-- Subscriptions and visits of the shops.
CREATE TABLE IF NOT EXISTS hub.subscriptions (
    brand                  text        NOT NULL,
    source                 text        NOT NULL,
    subscription_id        text        NOT NULL,
    status                 text,
    created_at             timestamptz,
    created_day            date,
    ended_day              date,
    next_billing_date      timestamptz,
    currency               text,
    customer_id            text,
    origin_order_id        text,
    last_payment_status    text,
    billing_interval       text,
    billing_interval_count bigint,
    source_updated_at      timestamptz,
    content_hash           bigint      NOT NULL,
    loaded_at              timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, subscription_id),
    CONSTRAINT subscriptions_customer_id_is_no_address CHECK (strpos(customer_id, '@') = 0)
);
CREATE INDEX IF NOT EXISTS subscriptions_created_day_idx ON hub.subscriptions (brand, created_day);
CREATE INDEX IF NOT EXISTS subscriptions_ended_day_idx ON hub.subscriptions (brand, ended_day);
COMMENT ON TABLE hub.subscriptions IS 'Subscription contracts.';
COMMENT ON COLUMN hub.subscriptions.ended_day IS 'Day of the change that was first seen to have ended it; NULL while it runs.';

CREATE TABLE IF NOT EXISTS hub.sessions_daily (
    brand                             text        NOT NULL,
    source                            text        NOT NULL,
    day                               date        NOT NULL,
    channel                           text        NOT NULL,
    sessions                          bigint      NOT NULL,
    online_store_visitors             bigint,
    sessions_with_cart_additions      bigint,
    sessions_that_reached_checkout    bigint,
    sessions_that_completed_checkout  bigint,
    source_updated_at                 timestamptz,
    content_hash                      bigint      NOT NULL,
    loaded_at                         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, day, channel),
    CONSTRAINT sessions_daily_amounts CHECK (sessions >= 0 AND sessions < 1e12)
);
CREATE INDEX IF NOT EXISTS sessions_daily_day_idx ON hub.sessions_daily (brand, day);
COMMENT ON TABLE hub.sessions_daily IS 'Visits of the online store per day, the funnel included.';
