-- Orders with their lines and refunds.  No foreign keys into other hub
-- tables: a slice may bring a refund whose order arrives later.
--
-- Amounts are bounded, here and in the other tables: one that no float8 and
-- no report can hold (NaN among them) fails the slice that brings it, not the
-- answers of every brand.
--
-- Keys lead with brand and order, so that an order is found without its
-- source.  What people fill in stands behind loaded_at: no loader writes it.
CREATE TABLE IF NOT EXISTS hub.orders (
    brand                text        NOT NULL,
    source               text        NOT NULL,
    order_id             text        NOT NULL,
    name                 text,
    number               bigint,
    order_day            date        NOT NULL,
    created_at           timestamptz,
    processed_at         timestamptz,
    closed_at            timestamptz,
    cancelled_at         timestamptz,
    cancel_reason        text,
    is_test              boolean     NOT NULL,
    is_adjustment        boolean     NOT NULL,
    is_new_customer      boolean     NOT NULL DEFAULT false,
    has_selling_plan     boolean     NOT NULL,
    channel              text        NOT NULL,
    currency             text,
    gross_sales          numeric     NOT NULL,
    discounts            numeric     NOT NULL,
    items_sold           bigint      NOT NULL,
    total_price          numeric,
    current_total_price  numeric,
    subtotal_price       numeric,
    total_discounts      numeric,
    total_shipping       numeric,
    total_tax            numeric,
    total_refunded       numeric,
    net_payment          numeric,
    taxes_included       boolean,
    confirmed            boolean,
    financial_status     text,
    fulfillment_status   text,
    discount_codes       text[],
    tags                 text[],
    note                 text,
    email                text,
    source_name          text,
    customer_id          text,
    customer_order_index integer,
    customer_key         text,
    order_status         text        REFERENCES hub.order_statuses,
    payment_status       text        REFERENCES hub.payment_statuses,
    shipping_method      text        REFERENCES hub.shipping_methods,
    shipping_title       text,
    shipping_code        text,
    delivery_status      text,
    tracking_number      text,
    shipped_at           timestamptz,
    delivered_at         timestamptz,
    source_updated_at    timestamptz,
    content_hash         bigint      NOT NULL,
    loaded_at            timestamptz NOT NULL DEFAULT pg_catalog.now(),
    shipping_cost                numeric,
    review_request_sent          boolean  NOT NULL DEFAULT false,
    customer_notified            boolean  NOT NULL DEFAULT false,
    customer_satisfaction_score  smallint,
    guest_id                     text     DEFAULT '',
    PRIMARY KEY (brand, order_id, source),
    CONSTRAINT orders_customer_id_is_no_address CHECK (strpos(customer_id, '@') = 0),
    CONSTRAINT orders_amounts CHECK (greatest(abs(gross_sales), abs(discounts), abs(total_price), abs(current_total_price),
            abs(subtotal_price), abs(total_discounts), abs(total_shipping), abs(total_tax),
            abs(total_refunded), abs(net_payment), abs(items_sold)) < 1e12),
    CONSTRAINT orders_quantity CHECK (items_sold >= 0),
    CONSTRAINT orders_day CHECK (order_day >= '1970-01-01'),
    CONSTRAINT orders_not_of_the_future CHECK (order_day <= (loaded_at AT TIME ZONE 'UTC')::date + 2),
    CONSTRAINT orders_shipping_cost CHECK (shipping_cost >= 0 AND shipping_cost < 1e12),
    CONSTRAINT orders_satisfaction CHECK (customer_satisfaction_score BETWEEN 1 AND 5)
);
CREATE INDEX IF NOT EXISTS orders_day_idx ON hub.orders (brand, order_day);
CREATE INDEX IF NOT EXISTS orders_customer_idx ON hub.orders (brand, customer_key, processed_at);
CREATE INDEX IF NOT EXISTS orders_customer_id_idx ON hub.orders (brand, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_email_idx ON hub.orders (brand, lower(email));
CREATE INDEX IF NOT EXISTS orders_name_idx ON hub.orders (brand, name);
CREATE INDEX IF NOT EXISTS orders_tracking_idx ON hub.orders (brand, tracking_number) WHERE tracking_number IS NOT NULL;
-- What is on its way, and what came: todo lists ask for the young ones.
CREATE INDEX IF NOT EXISTS orders_shipped_idx ON hub.orders (brand, shipped_at) WHERE shipped_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_delivered_idx ON hub.orders (brand, delivered_at) WHERE delivered_at IS NOT NULL;
-- Guests, by the name under which hub.customer_value shows them, and those that
-- have none yet.
CREATE INDEX IF NOT EXISTS orders_guest_idx ON hub.orders (brand, guest_id) WHERE guest_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_unnamed_idx ON hub.orders (brand, customer_key) WHERE guest_id = '';
-- Names that were made with a salt that is lost, or without one, are made anew.
WITH made AS (
    INSERT INTO momentum_state.salt (salt)
        VALUES (replace(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, '-', ''))
    ON CONFLICT DO NOTHING RETURNING true)
UPDATE hub.orders SET guest_id = ''
 WHERE (guest_id <> '' OR guest_id IS NULL AND customer_id IS NULL AND customer_key IS NOT NULL) AND EXISTS (SELECT FROM made);
COMMENT ON TABLE hub.orders IS 'Orders of the shops. Test and cancelled orders stay here but count in no metric; an adjustment order only carries refunds.';
COMMENT ON COLUMN hub.orders.order_day IS 'Day of processed_at in the brand''s zone.';
COMMENT ON COLUMN hub.orders.is_adjustment IS 'Tagged adjustment: holds refunds that belong to no order; no sale of its own.';
COMMENT ON COLUMN hub.orders.is_new_customer IS 'First order ever of this customer that counts.';
COMMENT ON COLUMN hub.orders.has_selling_plan IS 'At least one line was bought as a subscription.';
COMMENT ON COLUMN hub.orders.gross_sales IS 'Sum of unit price times quantity of the lines, gift cards left out.';
COMMENT ON COLUMN hub.orders.discounts IS 'Discounts on those lines.';
COMMENT ON COLUMN hub.orders.items_sold IS 'Quantity of those lines.';
COMMENT ON COLUMN hub.orders.customer_key IS 'Customer id, else e-mail in lower case, else NULL.';
COMMENT ON COLUMN hub.orders.email IS 'Address the order was placed with, without blanks around it.';
COMMENT ON COLUMN hub.orders.order_status IS 'Where it stands, by momentum_state.list_word from the shop''s words; NULL: no row of it fits.';
COMMENT ON COLUMN hub.orders.payment_status IS 'Where its payment stands, by momentum_state.list_word.';
COMMENT ON COLUMN hub.orders.shipping_method IS 'How it is shipped, by momentum_state.list_word from shipping_title and shipping_code.';
COMMENT ON COLUMN hub.orders.shipping_title IS 'Way of shipping in the shop''s words.';
COMMENT ON COLUMN hub.orders.shipping_code IS 'The shop''s or carrier''s code of it.';
COMMENT ON COLUMN hub.orders.delivery_status IS 'What the carriers say: DELIVERED when every parcel is, else the state of the parcel that moved last.';
COMMENT ON COLUMN hub.orders.tracking_number IS 'Tracking numbers of the parcels, oldest first, separated by a comma and a blank.';
COMMENT ON COLUMN hub.orders.shipped_at IS 'When the first parcel was handed over.';
COMMENT ON COLUMN hub.orders.delivered_at IS 'When the last parcel came; NULL until all are there, and where no carrier tells.';
COMMENT ON COLUMN hub.orders.shipping_cost IS 'What shipping it cost the brand, in the order''s currency. Filled in by people or a file, never by sync; NULL: not known.';
COMMENT ON COLUMN hub.orders.review_request_sent IS 'The customer was asked for a review. Never touched by sync.';
COMMENT ON COLUMN hub.orders.customer_notified IS 'The customer was told that it is on its way. Never touched by sync.';
COMMENT ON COLUMN hub.orders.customer_satisfaction_score IS 'What the customer gave it, 1 to 5. Never touched by sync.';
COMMENT ON COLUMN hub.orders.guest_id IS 'Stand-in for a guest, the same on all orders of an address; NULL: not a guest''s. Made by the loaders with momentum_state.salt; empty: by the next refresh.';
COMMENT ON COLUMN hub.orders.content_hash IS 'Hash of the order with its lines and refunds.';

CREATE TABLE IF NOT EXISTS hub.order_line_items (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    line_item_id      text        NOT NULL,
    order_id          text        NOT NULL,
    title             text,
    name              text,
    sku               text,
    vendor            text,
    variant_title     text,
    product_id        text,
    variant_id        text,
    quantity          bigint      NOT NULL,
    current_quantity  bigint,
    unit_price        numeric     NOT NULL,
    discount          numeric     NOT NULL,
    discounted_total  numeric,
    is_gift_card      boolean     NOT NULL,
    selling_plan      text,
    selling_plan_id   text,
    source_updated_at timestamptz,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    product_key       text        GENERATED ALWAYS AS (coalesce(nullif(btrim(sku), ''), 'variant ' || variant_id)) STORED,
    PRIMARY KEY (brand, order_id, source, line_item_id),
    CONSTRAINT order_line_items_amounts CHECK (greatest(abs(unit_price), abs(discount), abs(discounted_total),
            abs(quantity), abs(current_quantity)) < 1e12),
    CONSTRAINT order_line_items_quantity CHECK (quantity >= 0 AND current_quantity >= 0)
);
COMMENT ON TABLE hub.order_line_items IS 'Lines of the orders, replaced as a set with their order.';
COMMENT ON COLUMN hub.order_line_items.product_key IS 'SKU, else ''variant '' and the variant''s id: key of hub.product_costs. NULL: no product, such as a tip.';
COMMENT ON COLUMN hub.order_line_items.discount IS 'All discounts that fell on this line.';

CREATE TABLE IF NOT EXISTS hub.refunds (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    refund_id         text        NOT NULL,
    order_id          text        NOT NULL,
    refund_day        date        NOT NULL,
    refunded_at       timestamptz NOT NULL,
    returns           numeric     NOT NULL,
    total_refunded    numeric,
    note              text,
    source_updated_at timestamptz,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, order_id, source, refund_id),
    CONSTRAINT refunds_amounts CHECK (greatest(abs(returns), abs(total_refunded)) < 1e12),
    CONSTRAINT refunds_day CHECK (refund_day >= '1970-01-01'),
    CONSTRAINT refunds_not_of_the_future CHECK (refund_day <= (loaded_at AT TIME ZONE 'UTC')::date + 2)
);
CREATE INDEX IF NOT EXISTS refunds_day_idx ON hub.refunds (brand, refund_day);
COMMENT ON TABLE hub.refunds IS 'Refunds of the orders, on the day they were processed.';
COMMENT ON COLUMN hub.refunds.returns IS 'Sum of its line subtotals: what net revenue loses on refund_day.';
COMMENT ON COLUMN hub.refunds.total_refunded IS 'Money given back, shipping and tax included.';

CREATE TABLE IF NOT EXISTS hub.refund_line_items (
    brand                text        NOT NULL,
    source               text        NOT NULL,
    refund_line_item_id  text        NOT NULL,
    refund_id            text        NOT NULL,
    order_id             text        NOT NULL,
    line_item_id         text,
    quantity             bigint,
    restock_type         text,
    subtotal             numeric     NOT NULL,
    total_tax            numeric,
    source_updated_at    timestamptz,
    loaded_at            timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, order_id, source, refund_line_item_id),
    CONSTRAINT refund_line_items_amounts CHECK (greatest(abs(subtotal), abs(total_tax)) < 1e12),
    CONSTRAINT refund_line_items_quantity CHECK (quantity >= 0)
);
COMMENT ON TABLE hub.refund_line_items IS 'What came back in each refund.';
