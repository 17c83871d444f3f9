-- Advertising, per day and object.
CREATE TABLE IF NOT EXISTS hub.ad_performance_daily (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    level             text        NOT NULL CHECK (level IN ('account', 'campaign', 'adset', 'ad')),
    account_id        text        NOT NULL,
    day               date        NOT NULL,
    object_id         text        NOT NULL,
    platform          text        NOT NULL,
    campaign_id       text,
    campaign_name     text,
    adset_id          text,
    adset_name        text,
    ad_id             text,
    ad_name           text,
    currency          text,
    spend             numeric     NOT NULL,
    impressions       bigint      NOT NULL,
    clicks            bigint      NOT NULL,
    reach             bigint,
    purchases         numeric     NOT NULL,
    purchase_value    numeric     NOT NULL,
    previous_spend    numeric,
    restated_at       timestamptz,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, level, account_id, day, object_id),
    CONSTRAINT ad_performance_daily_amounts CHECK (greatest(abs(spend), abs(purchases), abs(purchase_value),
            abs(impressions), abs(clicks)) < 1e12)
);
CREATE INDEX IF NOT EXISTS ad_performance_daily_day_idx ON hub.ad_performance_daily (brand, level, day);
COMMENT ON TABLE hub.ad_performance_daily IS 'Ad results per day. Levels overlap: sum within one level only; metrics use level account.';
COMMENT ON COLUMN hub.ad_performance_daily.object_id IS 'Id of the account, campaign, ad set or ad, by level.';
COMMENT ON COLUMN hub.ad_performance_daily.day IS 'Day in the ad account''s own zone.';
COMMENT ON COLUMN hub.ad_performance_daily.purchases IS 'Purchases the platform credits to itself.';
COMMENT ON COLUMN hub.ad_performance_daily.previous_spend IS 'Spend before the last restatement.';

CREATE TABLE IF NOT EXISTS hub.ad_budgets (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    level             text        NOT NULL CHECK (level IN ('campaign', 'adset')),
    object_id         text        NOT NULL,
    platform          text        NOT NULL,
    account_id        text,
    campaign_id       text,
    name              text,
    status            text,
    is_active         boolean,
    daily_budget      numeric,
    lifetime_budget   numeric,
    in_minor_unit     boolean     NOT NULL,
    ends_at           timestamptz,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, level, object_id),
    CONSTRAINT ad_budgets_amounts CHECK (greatest(abs(daily_budget), abs(lifetime_budget)) < 1e14)
);
COMMENT ON TABLE hub.ad_budgets IS 'Budgets of campaigns and ad sets as they are now. A campaign holds one, or its ad sets do.';
COMMENT ON COLUMN hub.ad_budgets.is_active IS 'Switched on.';
COMMENT ON COLUMN hub.ad_budgets.daily_budget IS 'Budget a day; NULL when it has none of its own.';
COMMENT ON COLUMN hub.ad_budgets.lifetime_budget IS 'Budget of its whole life: nobody tells what of it falls into a month.';
COMMENT ON COLUMN hub.ad_budgets.in_minor_unit IS 'Amounts are in the smallest unit of the account''s currency, such as cents.';
