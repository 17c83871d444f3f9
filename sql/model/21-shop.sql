-- Customers, products, stock, subscriptions and visits of the shops.
CREATE TABLE IF NOT EXISTS hub.customers (
    brand                     text        NOT NULL,
    source                    text        NOT NULL,
    customer_id               text        NOT NULL,
    created_at                timestamptz,
    created_day               date,
    first_name                text,
    last_name                 text,
    email                     text,
    email_marketing_state     text,
    phone                     text,
    state                     text,
    tags                      text[],
    orders_count              bigint,
    amount_spent              numeric,
    currency                  text,
    product_subscriber_status text,
    city                      text,
    province_code             text,
    country_code              text,
    zip                       text,
    last_order_id             text,
    source_updated_at         timestamptz,
    content_hash              bigint      NOT NULL,
    loaded_at                 timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, customer_id),
    CONSTRAINT customers_amounts CHECK (abs(amount_spent) < 1e12)
);
COMMENT ON TABLE hub.customers IS 'Customers as the shop knows them.';

CREATE TABLE IF NOT EXISTS hub.products (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    product_id        text        NOT NULL,
    title             text,
    handle            text,
    vendor            text,
    product_type      text,
    status            text,
    tags              text[],
    created_at        timestamptz,
    published_at      timestamptz,
    total_inventory   bigint,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, product_id)
);
COMMENT ON TABLE hub.products IS 'Products of the shops.';

CREATE TABLE IF NOT EXISTS hub.product_variants (
    brand              text        NOT NULL,
    source             text        NOT NULL,
    variant_id         text        NOT NULL,
    product_id         text,
    title              text,
    display_name       text,
    sku                text,
    barcode            text,
    price              numeric,
    compare_at_price   numeric,
    position           bigint,
    inventory_quantity bigint,
    inventory_item_id  text,
    tracked            boolean,
    unit_cost          numeric,
    unit_cost_currency text,
    created_at         timestamptz,
    source_updated_at  timestamptz,
    content_hash       bigint      NOT NULL,
    loaded_at          timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, variant_id),
    CONSTRAINT product_variants_amounts CHECK (greatest(abs(price), abs(compare_at_price), abs(unit_cost)) < 1e12)
);
COMMENT ON TABLE hub.product_variants IS 'Variants with price and unit cost.';

CREATE TABLE IF NOT EXISTS hub.inventory_levels (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    inventory_level_id text       NOT NULL,
    inventory_item_id text,
    sku               text,
    tracked           boolean,
    location_id       text,
    location_name     text,
    is_active         boolean,
    available         bigint,
    on_hand           bigint,
    committed         bigint,
    incoming          bigint,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, inventory_level_id),
    CONSTRAINT inventory_levels_amounts CHECK (greatest(abs(available), abs(on_hand), abs(committed), abs(incoming)) < 1e12)
);
COMMENT ON TABLE hub.inventory_levels IS 'Stock per variant and location, as last read.';

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
    PRIMARY KEY (brand, source, subscription_id)
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
