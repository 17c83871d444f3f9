-- What people decide about a product.  A table of its own: no sync can
-- overwrite it, a product of two shops has it once, and it outlives a variant
-- that is deleted and made again under the same SKU.
CREATE TABLE IF NOT EXISTS hub.product_settings (
    brand            text        NOT NULL,
    product_key      text        NOT NULL CHECK (btrim(product_key) <> ''),
    category         text        REFERENCES hub.product_categories,
    active           boolean,
    reorder_point    bigint,
    reorder_quantity bigint,
    lead_time_days   integer,
    primary_supplier text,
    notes            text,
    loaded_at        timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, product_key),
    FOREIGN KEY (brand, primary_supplier) REFERENCES hub.suppliers,
    CONSTRAINT product_settings_lead_time CHECK (lead_time_days >= 0 AND lead_time_days <= 3650),
    CONSTRAINT product_settings_reorder CHECK (reorder_point >= 0 AND reorder_point < 1000000000000
            AND reorder_quantity >= 0 AND reorder_quantity < 1000000000000)
);
CREATE INDEX IF NOT EXISTS product_settings_supplier_idx ON hub.product_settings (brand, primary_supplier);
COMMENT ON TABLE hub.product_settings IS 'What people decide about a product; NULL is left to what the shop tells. No sync touches it.';
COMMENT ON COLUMN hub.product_settings.product_key IS 'SKU; where the product has none, ''variant '' and the variant''s id.';
COMMENT ON COLUMN hub.product_settings.category IS 'One of hub.product_categories; NULL: found by hub.product_category_patterns.';
COMMENT ON COLUMN hub.product_settings.active IS 'Whether it is sold; NULL: as the shop says.';
COMMENT ON COLUMN hub.product_settings.reorder_point IS 'Units for sale at which to order more, for products of which no lead time or no pace of sales is known.';
COMMENT ON COLUMN hub.product_settings.reorder_quantity IS 'Least units to order at a time.';
COMMENT ON COLUMN hub.product_settings.lead_time_days IS 'Days from order to delivery; NULL: the supplier''s.';
COMMENT ON COLUMN hub.product_settings.primary_supplier IS 'supplier_id of hub.suppliers.';

CREATE TABLE IF NOT EXISTS hub.product_category_patterns (
    brand        text     NOT NULL,
    pattern      text     NOT NULL,
    priority     integer  NOT NULL DEFAULT 100,
    category     text     NOT NULL REFERENCES hub.product_categories,
    PRIMARY KEY (brand, pattern),
    CONSTRAINT product_category_patterns_pattern CHECK (pattern <> '' AND ('' ~* pattern) IS NOT NULL)
);
COMMENT ON TABLE hub.product_category_patterns IS 'Which category a product is of, when nobody said. The brand''s own rows come before the defaults (brand ''''), then the lower priority; the shop''s product type is asked first, then the name.';
COMMENT ON COLUMN hub.product_category_patterns.pattern IS 'Regular expression, case-insensitive, matched against product type and name.';
INSERT INTO hub.product_category_patterns (brand, pattern, priority, category) VALUES
    ('', '\m(bundles?|kits?|sets?|duo|trio|combos?)\M', 10, 'Bundles'),
    ('', '\mconditioners?\M', 20, 'Conditioner'),
    ('', '\mshampoos?\M', 30, 'Shampoo'),
    ('', '\m(accessor(y|ies)|brush(es)?|combs?|towels?|mitts?|collars?|leash(es)?|bandanas?)\M', 40, 'Accessories')
ON CONFLICT (brand, pattern) DO NOTHING;
