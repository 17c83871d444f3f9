-- What people do with inquiries.  Each checks its caller by itself, and runs as
-- the owner of the model: agents hold no right to change tables.
CREATE OR REPLACE FUNCTION hub.assign_inquiry(brand text, source text, inquiry_id text, assigned_to text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._assign_inquiry(brand, source, inquiry_id, assigned_to);
    END;
COMMENT ON FUNCTION hub.assign_inquiry(text, text, text, text) IS 'Assigns an inquiry to a person, a desk or bot; no routine assigns it otherwise. For owners and agents of the brand.';
REVOKE ALL ON FUNCTION hub.assign_inquiry(text, text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.set_inquiry(brand text, source text, inquiry_id text, status text DEFAULT NULL, category text DEFAULT NULL, urgency text DEFAULT NULL,
        sentiment_score numeric DEFAULT NULL, resolution_notes text DEFAULT NULL) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._set_inquiry(brand, source, inquiry_id, status, category, urgency, sentiment_score, resolution_notes);
    END;
COMMENT ON FUNCTION hub.set_inquiry(text, text, text, text, text, text, numeric, text) IS 'Sets what is named of an inquiry, and leaves the rest; no routine changes category, urgency or sentiment again. For owners and agents of the brand.';
REVOKE ALL ON FUNCTION hub.set_inquiry(text, text, text, text, text, text, numeric, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.answer_inquiry(brand text, source text, inquiry_id text, at timestamptz DEFAULT now(), response text DEFAULT NULL) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._answer_inquiry(brand, source, inquiry_id, at, response);
    END;
COMMENT ON FUNCTION hub.answer_inquiry(text, text, text, timestamptz, text) IS 'Records that an inquiry was answered, and with it what was written before in its thread. Sends nothing. For owners and agents of the brand.';
REVOKE ALL ON FUNCTION hub.answer_inquiry(text, text, text, timestamptz, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.resolve_inquiry(brand text, source text, inquiry_id text, notes text DEFAULT NULL, satisfaction integer DEFAULT NULL) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._resolve_inquiry(brand, source, inquiry_id, notes, satisfaction);
    END;
COMMENT ON FUNCTION hub.resolve_inquiry(text, text, text, text, integer) IS 'Resolves an inquiry, and with it what was written before in its thread: how it was settled, and how content the customer is, from 1 to 5. For owners and agents of the brand.';
REVOKE ALL ON FUNCTION hub.resolve_inquiry(text, text, text, text, integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.link_inquiry(brand text, source text, inquiry_id text, customer_source text DEFAULT NULL, customer_id text DEFAULT NULL,
        order_source text DEFAULT NULL, order_id text DEFAULT NULL) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._link_inquiry(brand, source, inquiry_id, customer_source, customer_id, order_source, order_id);
    END;
COMMENT ON FUNCTION hub.link_inquiry(text, text, text, text, text, text, text) IS 'Says which customer and which order an inquiry concerns. For owners: agents see what inquiries are linked to.';
REVOKE ALL ON FUNCTION hub.link_inquiry(text, text, text, text, text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION hub.mark_done(brand text, todo_id text, note text DEFAULT NULL) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT momentum._mark_done(brand, todo_id, note);
    END;
COMMENT ON FUNCTION hub.mark_done(text, text, text) IS 'Marks an item of hub.todo as done: it does not come back for that reason. An inquiry counts as answered, an order as asked for a review or told of. For owners and agents of the brand.';
REVOKE ALL ON FUNCTION hub.mark_done(text, text, text) FROM PUBLIC;
