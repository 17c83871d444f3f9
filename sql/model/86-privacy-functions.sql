-- Privacy: for owners, each checks its caller and runs as the owner of the model.
CREATE OR REPLACE FUNCTION hub.export_customer(brand text, email text, customer text DEFAULT NULL) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._export_customer(brand, email, customer);
    END;
COMMENT ON FUNCTION hub.export_customer(text, text, text) IS 'Everything held on a person, by table: found by an e-mail address in any case, or with a NULL address by a customer (source/id), and all that belongs to it. For owners.';
REVOKE ALL ON FUNCTION hub.export_customer(text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.redact_customer(brand text, email text, customer text DEFAULT NULL) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._redact_customer(brand, email, customer);
    END;
COMMENT ON FUNCTION hub.redact_customer(text, text, text) IS 'Erases a person everywhere, and keeps every sum: who it was goes, the amounts stay under a name that says nothing. No sync and no backup brings it back (momentum.post_restore). Done twice, it does nothing the second time. For owners.';
REVOKE ALL ON FUNCTION hub.redact_customer(text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.set_consent(brand text, source text, customer_id text, channel text, state text, said_in text, at timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._set_consent(brand, source, customer_id, channel, state, said_in, at);
    END;
COMMENT ON FUNCTION hub.set_consent(text, text, text, text, text, text, timestamptz) IS 'Records a customer''s word on a channel (email, sms, phone, post): subscribed, unsubscribed, pending or not_subscribed, where it was said and when; the newest word holds, what was said before is in the audit. False: a newer one holds. For owners and agents of the brand.';
REVOKE ALL ON FUNCTION hub.set_consent(text, text, text, text, text, text, timestamptz) FROM PUBLIC;
