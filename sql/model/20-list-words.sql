-- Which value of a select list a service's words stand for: a new word, and
-- a new value, is one row.  Brand '' holds what is usual; a brand's own rows
-- come first.
CREATE TABLE IF NOT EXISTS momentum_state.list_word (
    brand     text    NOT NULL DEFAULT '',
    service   text    NOT NULL,
    field     text    NOT NULL CHECK (field IN ('order_status', 'payment_status', 'shipping_method')),
    pattern   text    NOT NULL CHECK (('' ~* pattern) IS NOT NULL),
    value     text    NOT NULL,
    position  integer NOT NULL,
    PRIMARY KEY (brand, service, field, pattern)
);
COMMENT ON TABLE momentum_state.list_word IS 'Which value of a select list a service''s words stand for. Of the rows whose pattern fits, a brand''s own come first, then the lowest position. After a change call momentum.apply_list_words().';
COMMENT ON COLUMN momentum_state.list_word.brand IS 'The brand, or empty for all brands.';
COMMENT ON COLUMN momentum_state.list_word.service IS 'The service, such as shopify.';
COMMENT ON COLUMN momentum_state.list_word.field IS 'The column of hub.orders that takes the value.';
COMMENT ON COLUMN momentum_state.list_word.pattern IS 'Regular expression, case-insensitive. shipping_method: against title and code of the shipping, a blank between. payment_status: against the financial status. order_status: against a text such as "cancelled; payment PAID; fulfillment FULFILLED; delivery IN_TRANSIT", from which what is not known is left out.';
COMMENT ON COLUMN momentum_state.list_word.value IS 'The value, of the list that belongs to the field.';
COMMENT ON COLUMN momentum_state.list_word.position IS 'Lower comes first.';
INSERT INTO momentum_state.list_word (service, field, pattern, value, position) VALUES
    ('shopify', 'order_status', '^cancelled', 'Cancelled', 10),
    ('shopify', 'order_status', 'fulfillment FULFILLED; delivery (DELIVERED|PICKED_UP)', 'Delivered', 20),
    ('shopify', 'order_status', 'fulfillment FULFILLED', 'Shipped', 30),
    ('shopify', 'order_status', 'fulfillment RESTOCKED', 'Cancelled', 40),
    ('shopify', 'order_status', 'payment (PENDING|AUTHORIZED|PARTIALLY_PAID|EXPIRED)', 'Pending', 50),
    ('shopify', 'order_status', 'payment (REFUNDED|VOIDED)', 'Cancelled', 60),
    ('shopify', 'order_status', 'payment (PAID|PARTIALLY_REFUNDED)', 'Processing', 70),
    ('shopify', 'payment_status', '^(PAID|PARTIALLY_REFUNDED)$', 'Paid', 10),
    ('shopify', 'payment_status', '^(PENDING|AUTHORIZED|PARTIALLY_PAID)$', 'Pending', 20),
    ('shopify', 'payment_status', '^REFUNDED$', 'Refunded', 30),
    ('shopify', 'payment_status', '^(VOIDED|EXPIRED)$', 'Failed', 40),
    ('shopify', 'shipping_method', '\m(premium|overnight|same.?day|next.?day|white.?glove)', 'Premium', 10),
    ('shopify', 'shipping_method', '\m(express|expedited|priority|(2|two|second).?day|fast)', 'Express', 20),
    ('shopify', 'shipping_method', '\m(standard|economy|ground|regular|free|flat|normal|subscription|first.class|shipping)', 'Standard', 30)
ON CONFLICT (brand, service, field, pattern) DO NOTHING;
