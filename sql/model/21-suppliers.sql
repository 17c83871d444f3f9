-- Who the goods come from.  Written by people.
CREATE TABLE IF NOT EXISTS hub.suppliers (
    brand                  text        NOT NULL,
    supplier_id            text        NOT NULL CHECK (btrim(supplier_id) <> ''),
    supplier_name          text        NOT NULL CHECK (btrim(supplier_name) <> ''),
    contact_name           text,
    email                  text,
    phone                  text,
    lead_time_days         integer,
    minimum_order_quantity bigint,
    minimum_order_amount   numeric,
    currency               text        CHECK (currency ~ '^[A-Z]{3}$'),
    active                 boolean     NOT NULL DEFAULT true,
    notes                  text,
    loaded_at              timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, supplier_id),
    CONSTRAINT suppliers_lead_time CHECK (lead_time_days >= 0 AND lead_time_days <= 3650),
    CONSTRAINT suppliers_minimum CHECK (minimum_order_quantity >= 0 AND minimum_order_quantity < 1000000000000
            AND minimum_order_amount >= 0 AND minimum_order_amount < 1e12)
);
COMMENT ON TABLE hub.suppliers IS 'Suppliers of a brand. Written by people; no sync touches it.';
COMMENT ON COLUMN hub.suppliers.supplier_id IS 'Short name or number of the supplier within the brand: what hub.product_settings.primary_supplier says.';
COMMENT ON COLUMN hub.suppliers.lead_time_days IS 'Days from order to delivery, for products that say nothing else.';
COMMENT ON COLUMN hub.suppliers.minimum_order_quantity IS 'Least units of one product that the supplier takes an order for.';
COMMENT ON COLUMN hub.suppliers.minimum_order_amount IS 'Least value of a whole order, in the supplier''s currency.';
COMMENT ON COLUMN hub.suppliers.active IS 'False: nothing is ordered there any more.';
