-- Retail: what stores sold, and which stores there are.
CREATE TABLE IF NOT EXISTS hub.retail_sales (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    dataset           text        NOT NULL,
    retailer          text        NOT NULL,
    store_id          text        NOT NULL,
    product_id        text        NOT NULL,
    day               date        NOT NULL,
    product           text,
    upc               text,
    units             numeric,
    dollars           numeric,
    price_basis       text        NOT NULL DEFAULT 'retail' CHECK (price_basis IN ('retail', 'wholesale')),
    previous_units    numeric,
    restated_at       timestamptz,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, dataset, retailer, store_id, product_id, day),
    CONSTRAINT retail_sales_amounts CHECK (greatest(abs(units), abs(dollars)) < 1e12)
);
CREATE INDEX IF NOT EXISTS retail_sales_day_idx ON hub.retail_sales (brand, day);
COMMENT ON TABLE hub.retail_sales IS 'Sell-through: one row per store, product and day that the retailers'' data service tells of. Rows of one key are added up, exact copies count once.';
COMMENT ON COLUMN hub.retail_sales.dataset IS 'Data set of the service it comes from; sets that tell of the same retailer count twice.';
COMMENT ON COLUMN hub.retail_sales.retailer IS 'The retailer; channel of the metrics.';
COMMENT ON COLUMN hub.retail_sales.store_id IS 'Its id of the store, unique only within the retailer; '''' when not told: then it is no door.';
COMMENT ON COLUMN hub.retail_sales.product_id IS 'Its id of the product; '''' when not told: then it is no point of distribution.';
COMMENT ON COLUMN hub.retail_sales.upc IS 'Bar code as told, leading zeros and all.';
COMMENT ON COLUMN hub.retail_sales.units IS 'Units sold less units returned; NULL when not told.';
COMMENT ON COLUMN hub.retail_sales.dollars IS 'Amount of the sales; NULL when not told.';
COMMENT ON COLUMN hub.retail_sales.price_basis IS 'retail: what shoppers paid; wholesale: what the store paid. Never added up together.';
COMMENT ON COLUMN hub.retail_sales.previous_units IS 'Units before the last restatement of a complete day.';

CREATE TABLE IF NOT EXISTS hub.retail_doors (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    dataset           text        NOT NULL,
    retailer          text        NOT NULL,
    store_id          text        NOT NULL,
    store             text,
    store_type        text,
    city              text,
    state             text,
    zip               text,
    first_day         date        NOT NULL,
    last_day          date        NOT NULL,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, dataset, retailer, store_id)
);
COMMENT ON TABLE hub.retail_doors IS 'The stores that the retailers'' data service has told of. A store counts as a door of a day if it sold in the 28 days to it: see hub.retail_sales.';
COMMENT ON COLUMN hub.retail_doors.zip IS 'Postal code as told, leading zeros and all.';
COMMENT ON COLUMN hub.retail_doors.first_day IS 'First day with a row of the store.';
COMMENT ON COLUMN hub.retail_doors.last_day IS 'Last day with a row of the store.';
