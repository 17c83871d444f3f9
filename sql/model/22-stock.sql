-- What there was, and what was sold, per product and day.
CREATE TABLE IF NOT EXISTS hub.stock_daily (
    brand        text        NOT NULL,
    product_key  text        NOT NULL,
    day          date        NOT NULL,
    available    bigint      NOT NULL,
    was_out      boolean     NOT NULL,
    loaded_at    timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, product_key, day)
);
CREATE INDEX IF NOT EXISTS stock_daily_day_idx ON hub.stock_daily (brand, day);
CREATE INDEX IF NOT EXISTS stock_daily_out_idx ON hub.stock_daily (brand, product_key, day) WHERE was_out;
COMMENT ON TABLE hub.stock_daily IS 'Stock as it was read: one row per product and day with a reading. Rows older than the setting stock.keep_days are deleted.';
COMMENT ON COLUMN hub.stock_daily.day IS 'Day of the reading in the brand''s zone.';
COMMENT ON COLUMN hub.stock_daily.available IS 'Units for sale at the last reading of the day, all shops and places together.';
COMMENT ON COLUMN hub.stock_daily.was_out IS 'At one reading of the day there was nothing for sale.';

CREATE TABLE IF NOT EXISTS hub.product_sales_daily (
    brand        text        NOT NULL,
    product_key  text        NOT NULL,
    day          date        NOT NULL,
    units        bigint      NOT NULL,
    income       numeric     NOT NULL,
    orders       bigint      NOT NULL,
    PRIMARY KEY (brand, product_key, day) INCLUDE (units)
);
CREATE INDEX IF NOT EXISTS product_sales_daily_day_idx ON hub.product_sales_daily (brand, day);
COMMENT ON TABLE hub.product_sales_daily IS 'What was sold of each product on each day, added up from the lines of the orders that count. Kept by recompute() for the days that changed; reconcile() compares it with the lines.';
COMMENT ON COLUMN hub.product_sales_daily.day IS 'Day of the order in the brand''s zone.';
COMMENT ON COLUMN hub.product_sales_daily.units IS 'Units ordered, in whatever currency; what came back is not taken off: it was wanted all the same.';
COMMENT ON COLUMN hub.product_sales_daily.income IS 'Unit price times quantity less discounts, of orders in the brand''s currency.';
COMMENT ON COLUMN hub.product_sales_daily.orders IS 'Orders it was in.';
