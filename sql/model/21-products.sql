-- Products, variants and stock of the shops.
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
    current_stock      bigint,
    stock_committed    bigint,
    content_hash       bigint      NOT NULL DEFAULT 0,
    loaded_at          timestamptz NOT NULL DEFAULT pg_catalog.now(),
    product_key        text        GENERATED ALWAYS AS (coalesce(nullif(btrim(sku), ''), 'variant ' || variant_id)) STORED,
    PRIMARY KEY (brand, source, variant_id),
    CONSTRAINT product_variants_amounts CHECK (greatest(abs(price), abs(compare_at_price), abs(unit_cost),
            abs(inventory_quantity), abs(current_stock), abs(stock_committed)) < 1e12)
);
CREATE INDEX IF NOT EXISTS product_variants_key_idx ON hub.product_variants (brand, product_key);
COMMENT ON TABLE hub.product_variants IS 'Variants with price and unit cost, as the shops tell them; with source '''' those that somebody entered by hand. What people decide about them is in hub.product_settings.';
COMMENT ON COLUMN hub.product_variants.source IS 'The source that told it; '''': entered by hand.';
COMMENT ON COLUMN hub.product_variants.inventory_quantity IS 'Units for sale as the shop tells them with the variant; hub.inventory_levels comes before it where it has rows of the variant. Below zero: more was sold than there was.';
COMMENT ON COLUMN hub.product_variants.current_stock IS 'Units on the shelf, counted by hand: for products that no shop keeps count of. No sync touches it.';
COMMENT ON COLUMN hub.product_variants.stock_committed IS 'Units of current_stock that are promised to orders, entered with it.';
COMMENT ON COLUMN hub.product_variants.unit_cost IS 'Cost of a unit as the shop tells it now; hub.product_costs has what it was when.';
COMMENT ON COLUMN hub.product_variants.product_key IS 'SKU, else ''variant '' and the variant''s id: key of hub.product_costs.';

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
CREATE INDEX IF NOT EXISTS inventory_levels_item_idx ON hub.inventory_levels (brand, source, inventory_item_id);
COMMENT ON TABLE hub.inventory_levels IS 'Stock per variant and location, as last read.';

-- What a unit costs, from a day on until the next row's day: two costs can
-- never hold on the same day.
CREATE TABLE IF NOT EXISTS hub.product_costs (
    brand         text        NOT NULL,
    product_key   text        NOT NULL CHECK (product_key <> ''),
    valid_from    date        NOT NULL,
    unit_cost     numeric     NOT NULL,
    currency      text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    source        text        NOT NULL DEFAULT '',
    loaded_at     timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, product_key, valid_from),
    CONSTRAINT product_costs_amounts CHECK (unit_cost >= 0 AND unit_cost < 1e12),
    CONSTRAINT product_costs_day CHECK (valid_from < '2200-01-01')
);
COMMENT ON TABLE hub.product_costs IS 'Cost of a unit over time. A row holds from its day until the day of the next one.';
COMMENT ON COLUMN hub.product_costs.product_key IS 'SKU of the variant; where it has none, ''variant '' and its id. The same key stands on variants and order lines.';
COMMENT ON COLUMN hub.product_costs.valid_from IS 'First day of this cost in the brand''s zone; -infinity: as far back as anything was sold.';
COMMENT ON COLUMN hub.product_costs.currency IS 'Currency of the cost. One in another currency than the brand''s is kept, and not used: while it holds, the cost is not known.';
COMMENT ON COLUMN hub.product_costs.source IS 'The source that told it; '''': entered by hand, which comes before what a source tells.';
