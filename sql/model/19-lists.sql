-- The select lists of the hub: what a field may hold is a row of its list,
-- checked by a foreign key.  A new value is one row, no migration; it needs a
-- place of its own only where the order says something, as of urgencies.
CREATE TABLE IF NOT EXISTS hub.order_statuses (
    order_status  text     PRIMARY KEY,
    position      smallint NOT NULL DEFAULT 100,
    description   text
);
COMMENT ON TABLE hub.order_statuses IS 'Select list: where an order stands.';
COMMENT ON COLUMN hub.order_statuses.order_status IS 'The value.';
COMMENT ON COLUMN hub.order_statuses.position IS 'Place in the list.';
COMMENT ON COLUMN hub.order_statuses.description IS 'What it means.';
INSERT INTO hub.order_statuses (order_status, position, description) VALUES
    ('Pending', 1, 'Placed, not yet paid.'),
    ('Processing', 2, 'Paid, not yet handed to the carrier.'),
    ('Shipped', 3, 'With the carrier.'),
    ('Delivered', 4, 'At the customer''s.'),
    ('Cancelled', 5, 'Called off.')
ON CONFLICT (order_status) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.payment_statuses (
    payment_status  text     PRIMARY KEY,
    position        smallint NOT NULL DEFAULT 100,
    description     text
);
COMMENT ON TABLE hub.payment_statuses IS 'Select list: where the payment of an order stands.';
COMMENT ON COLUMN hub.payment_statuses.payment_status IS 'The value.';
COMMENT ON COLUMN hub.payment_statuses.position IS 'Place in the list.';
COMMENT ON COLUMN hub.payment_statuses.description IS 'What it means.';
INSERT INTO hub.payment_statuses (payment_status, position, description) VALUES
    ('Pending', 1, 'Not yet paid in full.'),
    ('Paid', 2, 'Paid, perhaps refunded in part.'),
    ('Refunded', 3, 'Given back in full.'),
    ('Failed', 4, 'Refused, expired or voided.')
ON CONFLICT (payment_status) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.shipping_methods (
    shipping_method  text     PRIMARY KEY,
    position         smallint NOT NULL DEFAULT 100,
    description      text
);
COMMENT ON TABLE hub.shipping_methods IS 'Select list: how an order is shipped.';
COMMENT ON COLUMN hub.shipping_methods.shipping_method IS 'The value.';
COMMENT ON COLUMN hub.shipping_methods.position IS 'Place in the list.';
COMMENT ON COLUMN hub.shipping_methods.description IS 'What it means.';
INSERT INTO hub.shipping_methods (shipping_method, position, description) VALUES
    ('Standard', 1, 'The usual way.'),
    ('Express', 2, 'Faster.'),
    ('Premium', 3, 'Fastest, or with care of its own.')
ON CONFLICT (shipping_method) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.pet_breeds (
    pet_breed    text     PRIMARY KEY,
    position     smallint NOT NULL DEFAULT 100,
    description  text
);
COMMENT ON TABLE hub.pet_breeds IS 'Select list: breeds of the customers'' pets.';
COMMENT ON COLUMN hub.pet_breeds.pet_breed IS 'The value.';
COMMENT ON COLUMN hub.pet_breeds.position IS 'Place in the list.';
COMMENT ON COLUMN hub.pet_breeds.description IS 'What it means.';
INSERT INTO hub.pet_breeds (pet_breed, position) VALUES ('Cavoodle', 1), ('Other', 100)
ON CONFLICT (pet_breed) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.product_categories (
    category     text     PRIMARY KEY,
    position     smallint NOT NULL DEFAULT 100,
    description  text
);
COMMENT ON TABLE hub.product_categories IS 'Select list: kinds of products.';
COMMENT ON COLUMN hub.product_categories.category IS 'The value.';
COMMENT ON COLUMN hub.product_categories.position IS 'Place in the list.';
COMMENT ON COLUMN hub.product_categories.description IS 'What it means.';
INSERT INTO hub.product_categories (category, position) VALUES
    ('Shampoo', 1), ('Conditioner', 2), ('Accessories', 3), ('Bundles', 4)
ON CONFLICT (category) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.inquiry_platforms (
    platform     text     PRIMARY KEY,
    position     smallint NOT NULL DEFAULT 100,
    description  text
);
COMMENT ON TABLE hub.inquiry_platforms IS 'Select list: where inquiries come from.';
COMMENT ON COLUMN hub.inquiry_platforms.platform IS 'The value.';
COMMENT ON COLUMN hub.inquiry_platforms.position IS 'Place in the list.';
COMMENT ON COLUMN hub.inquiry_platforms.description IS 'What it means.';
INSERT INTO hub.inquiry_platforms (platform, position) VALUES
    ('Gmail', 1), ('Instagram', 2), ('Facebook', 3), ('Shopify', 4), ('SMS', 5)
ON CONFLICT (platform) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.inquiry_categories (
    category     text     PRIMARY KEY,
    position     smallint NOT NULL DEFAULT 100,
    description  text
);
COMMENT ON TABLE hub.inquiry_categories IS 'Select list: what inquiries are about.';
COMMENT ON COLUMN hub.inquiry_categories.category IS 'The value.';
COMMENT ON COLUMN hub.inquiry_categories.position IS 'Place in the list.';
COMMENT ON COLUMN hub.inquiry_categories.description IS 'What it means.';
INSERT INTO hub.inquiry_categories (category, position, description) VALUES
    ('Product Info', 1, 'What a product is, does, costs, contains.'),
    ('Shipping', 2, 'Where an order is, when it comes, where it goes.'),
    ('Returns', 3, 'Giving back, exchanging, getting money back, cancelling.'),
    ('Complaints', 4, 'Something is broken, wrong, missing, or went badly.'),
    ('General', 5, 'Everything else.')
ON CONFLICT (category) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.inquiry_urgencies (
    urgency      text     PRIMARY KEY,
    position     smallint NOT NULL,
    description  text
);
COMMENT ON TABLE hub.inquiry_urgencies IS 'Select list: how urgent an inquiry is.';
COMMENT ON COLUMN hub.inquiry_urgencies.urgency IS 'The value.';
COMMENT ON COLUMN hub.inquiry_urgencies.position IS 'Its order: the higher, the more urgent.';
COMMENT ON COLUMN hub.inquiry_urgencies.description IS 'What it means.';
INSERT INTO hub.inquiry_urgencies (urgency, position) VALUES ('Low', 1), ('Medium', 2), ('High', 3), ('Urgent', 4)
ON CONFLICT (urgency) DO NOTHING;

CREATE TABLE IF NOT EXISTS hub.inquiry_statuses (
    status       text     PRIMARY KEY,
    position     smallint NOT NULL DEFAULT 100,
    is_open      boolean  NOT NULL DEFAULT true,
    description  text
);
COMMENT ON TABLE hub.inquiry_statuses IS 'Select list: where an inquiry stands.';
COMMENT ON COLUMN hub.inquiry_statuses.status IS 'The value.';
COMMENT ON COLUMN hub.inquiry_statuses.position IS 'Place in the list.';
COMMENT ON COLUMN hub.inquiry_statuses.is_open IS 'Somebody still has to do something about it.';
COMMENT ON COLUMN hub.inquiry_statuses.description IS 'What it means.';
INSERT INTO hub.inquiry_statuses (status, position, is_open, description) VALUES
    ('New', 1, true, 'Nobody has looked at it.'),
    ('In Progress', 2, true, 'Somebody is at it.'),
    ('Escalated', 3, true, 'Handed on, because it is late or grave.'),
    ('Resolved', 4, false, 'Answered; opens again when the customer writes again.'),
    ('Closed', 5, false, 'Done.')
ON CONFLICT (status) DO NOTHING;
