-- Customers as the shops know them, with what people know of them besides:
-- the columns behind loaded_at are written by no loader.
--
-- An address belongs to one person.  Within a source it stands once, in
-- whatever case; a second source's customer with the same address is the same
-- person and points to the first by duplicate_of.
CREATE TABLE IF NOT EXISTS hub.customers (
    brand                     text        NOT NULL,
    source                    text        NOT NULL,
    customer_id               text        NOT NULL,
    created_at                timestamptz,
    created_day               date,
    customer_since            date,
    first_name                text,
    last_name                 text,
    email                     text,
    email_marketing_state     text,
    marketing_preferences     jsonb       NOT NULL DEFAULT '{}',
    phone                     text,
    state                     text,
    customer_tags             text[],
    orders_count              bigint,
    amount_spent              numeric,
    currency                  text,
    product_subscriber_status text,
    city                      text,
    province_code             text,
    country_code              text,
    zip                       text,
    last_order_id             text,
    duplicate_of              text,
    source_updated_at         timestamptz,
    content_hash              bigint      NOT NULL,
    loaded_at                 timestamptz NOT NULL DEFAULT pg_catalog.now(),
    instagram_handle          text,
    pet_name                  text,
    pet_breed                 text        REFERENCES hub.pet_breeds,
    pet_birthday              date,
    PRIMARY KEY (brand, customer_id, source),
    CONSTRAINT customers_id_is_no_address CHECK (strpos(customer_id, '@') = 0),
    CONSTRAINT customers_amounts CHECK (abs(amount_spent) < 1e12),
    CONSTRAINT customers_email CHECK (email = btrim(email) AND email <> ''),
    CONSTRAINT customers_not_their_own_duplicate CHECK (duplicate_of <> source || '/' || customer_id),
    CONSTRAINT customers_marketing_preferences CHECK (jsonb_typeof(marketing_preferences) = 'object'
        AND NOT jsonb_path_exists(marketing_preferences, '$.* ? (@.type() != "object" || exists(@.state ? (@.type() != "string")))')),
    CONSTRAINT customers_not_of_the_future CHECK (greatest(customer_since, created_day) <= (loaded_at AT TIME ZONE 'UTC')::date + 2),
    CONSTRAINT customers_pet_birthday CHECK (pet_birthday BETWEEN '1980-01-01' AND '2099-12-31')
);
CREATE UNIQUE INDEX IF NOT EXISTS customers_email_idx ON hub.customers (brand, lower(email)) WHERE duplicate_of IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS customers_source_email_idx ON hub.customers (brand, source, lower(email));
CREATE INDEX IF NOT EXISTS customers_duplicate_idx ON hub.customers (brand, lower(email)) WHERE duplicate_of IS NOT NULL;
-- However it is written: a file's +61 400 111 222 is a service's +61400111222.
CREATE INDEX IF NOT EXISTS customers_phone_idx ON hub.customers (brand, pg_catalog.translate(phone, ' +-()./', '')) WHERE phone IS NOT NULL;
CREATE INDEX IF NOT EXISTS customers_instagram_idx ON hub.customers (brand, lower(instagram_handle)) WHERE instagram_handle IS NOT NULL;
CREATE INDEX IF NOT EXISTS customers_since_idx ON hub.customers (brand, customer_since);
COMMENT ON TABLE hub.customers IS 'Customers as the shops know them, and what people know of them besides.';
COMMENT ON COLUMN hub.customers.customer_since IS 'Day in the brand''s zone on which the shop first knew them.';
COMMENT ON COLUMN hub.customers.customer_id IS 'The shop''s id. Where the shop''s ids are addresses, a stand-in (person and 16 digits), made by the door; the address is in email.';
COMMENT ON COLUMN hub.customers.email IS 'E-mail address; once per brand whatever its case, but for duplicates.';
COMMENT ON COLUMN hub.customers.email_marketing_state IS 'Consent to marketing by e-mail in the shop''s word.';
COMMENT ON COLUMN hub.customers.marketing_preferences IS 'Consent per channel: {"email": {"state": "subscribed", "source": where it was said, "at": when}, "sms": ...}. The newest word per channel stays, whoever brought it.';
COMMENT ON COLUMN hub.customers.state IS 'State of the account at the shop.';
COMMENT ON COLUMN hub.customers.customer_tags IS 'Tags the shop has put on them.';
COMMENT ON COLUMN hub.customers.orders_count IS 'Orders by the shop''s own count.';
COMMENT ON COLUMN hub.customers.amount_spent IS 'Spent by the shop''s own count.';
COMMENT ON COLUMN hub.customers.duplicate_of IS 'Source and id, joined by a slash, of the customer of another source that has the same e-mail address: the same person. NULL: the person''s first row.';
COMMENT ON COLUMN hub.customers.instagram_handle IS 'Name on Instagram, without @. Filled in by people, never by sync; so are the columns about the pet.';
COMMENT ON COLUMN hub.customers.pet_name IS 'Name of the pet.';
COMMENT ON COLUMN hub.customers.pet_breed IS 'Breed of the pet, of hub.pet_breeds.';
COMMENT ON COLUMN hub.customers.pet_birthday IS 'Birthday of the pet.';
