-- Doors: every feed of the hub can be loaded by hand, through a view
-- hub.<table>_entry that takes COPY and INSERT.  Its columns are those of the
-- table that a person can fill, as text: what does not fit its type is told
-- with line, column and value.
--
-- The rows come together in a temporary table (src/hub/door.c) and are stored
-- by a statement per brand.  Only when that fails are they gone over again,
-- by halves, until the lines that cannot be stored are found.
CREATE TYPE momentum._door AS (
    feed     text,      -- the table of hub, also name of the stream of a source by hand
    keys     text[],    -- what tells its rows apart, where that is not the primary key
    loaders  text[],    -- loaders of services that fill it with other than momentum._load_rows()
    days     text[],    -- its columns that name the days it counts on
    spans    boolean,   -- a change counts on every later day too
    derived  jsonb,     -- column -> {expr: over the row m, from: columns it follows}; {expr} alone is a default
    hidden   text[],    -- columns that nobody fills
    personal text[],    -- columns whose values no message repeats
    parent   text[],    -- {table, its key}: rows that must be there first
    before   regproc,   -- what must be noted before they are stored
    after    regproc    -- what else follows from the rows
);
COMMENT ON TYPE momentum._door IS 'How a table of the hub is filled by hand.';

CREATE TYPE momentum._door_result AS (rows_new bigint, rows_changed bigint, first_day date, last_day date);
COMMENT ON TYPE momentum._door_result IS 'What a door stored.';

CREATE FUNCTION momentum._doors() RETURNS SETOF momentum._door
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d momentum._door;
    person CONSTANT text[] := '{email,customer_email,customer_phone,customer_handle,customer_name,response,phone,first_name,last_name,note,notes,message,subject,instagram_handle,pet_name,pet_birthday,zip,city,address,resolution_notes,contact_name,account}';
BEGIN
    FOR d IN
        SELECT v.feed, v.keys::text[], v.loaders::text[], v.days::text[], v.spans, v.derived::jsonb, v.hidden::text[], person,
               v.parent::text[],
               CASE v.feed WHEN 'orders' THEN 'momentum._door_note_customers'::regproc
                           WHEN 'customers' THEN 'momentum._door_note_addresses'::regproc END, v.after::regproc
          FROM (VALUES
            ('orders', NULL, '{orders}', '{order_day}', false,
             '{"order_day": {"expr": "coalesce(m.processed_at, m.created_at)::date", "from": ["processed_at", "created_at"]},
               "customer_key": {"expr": "coalesce(m.customer_id, lower(nullif(btrim(m.email), '''')))", "from": ["customer_id", "email"]},
               "guest_id": {"expr": "CASE WHEN m.customer_id IS NULL THEN momentum._stand_in(''guest'', $brand, lower(nullif(btrim(m.email), '''')), (SELECT s.salt FROM momentum_state.salt s)) END", "from": ["customer_id", "email"]},
               "is_test": {"expr": "false"}, "is_adjustment": {"expr": "coalesce(''adjustment'' = ANY (m.tags), false)"},
               "has_selling_plan": {"expr": "false"}, "channel": {"expr": "''shop''"}, "currency": {"expr": "$currency"},
               "gross_sales": {"expr": "0"}, "discounts": {"expr": "0"}, "items_sold": {"expr": "0"}}',
             '{order_day,customer_key,is_new_customer,guest_id}', NULL, 'momentum._door_after_orders'),
            ('order_line_items', NULL, '{orders}', '{}', false,
             '{"quantity": {"expr": "1"}, "discount": {"expr": "0"}, "is_gift_card": {"expr": "false"}}',
             '{}', '{orders,order_id}', 'momentum._door_sum_lines'),
            ('refunds', NULL, '{orders}', '{refund_day}', false,
             '{"refund_day": {"expr": "m.refunded_at::date", "from": ["refunded_at"]},
               "returns": {"expr": "coalesce(m.total_refunded, 0)"}}',
             '{refund_day}', '{orders,order_id}', NULL),
            ('refund_line_items', NULL, '{orders}', '{}', false, '{"subtotal": {"expr": "0"}}',
             '{}', '{refunds,order_id,refund_id}', 'momentum._door_sum_returns'),
            ('customers', NULL, '{}', '{}', false,
             '{"created_day": {"expr": "m.created_at::date", "from": ["created_at"]}, "customer_since": {"expr": "m.created_at::date"},
               "duplicate_of": {"expr": "$duplicate", "from": ["email"]}}', '{created_day,duplicate_of}', NULL, 'momentum._door_link_customers'),
            ('products', NULL, '{}', '{}', false, '{}', '{}', NULL, NULL),
            ('product_variants', NULL, '{}', '{}', false, '{}', '{}', NULL, 'momentum._door_note_product_variants'),
            ('inventory_levels', NULL, '{}', '{}', false, '{}', '{}', NULL, 'momentum._door_note_inventory_levels'),
            ('product_costs', NULL, '{}', '{}', false, '{"currency": {"expr": "$currency"}, "source": {"expr": "''''"}}', '{}', NULL,
             'momentum._door_log_product_costs'),
            ('subscriptions', NULL, '{}', '{created_day,ended_day}', true,
             '{"created_day": {"expr": "m.created_at::date", "from": ["created_at"]}, "currency": {"expr": "$currency"}}',
             '{created_day}', NULL, NULL),
            ('sessions_daily', NULL, '{}', '{day}', false, '{"channel": {"expr": "''shop''"}}', '{}', NULL, NULL),
            ('ad_performance_daily', NULL, '{}', '{day}', false,
             '{"level": {"expr": "''account''"}, "account_id": {"expr": "m.platform"}, "currency": {"expr": "$currency"},
               "object_id": {"expr": "coalesce(m.ad_id, m.adset_id, m.campaign_id, m.account_id, m.platform)"},
               "impressions": {"expr": "0"}, "clicks": {"expr": "0"}, "purchases": {"expr": "0"}, "purchase_value": {"expr": "0"}}',
             '{}', NULL, NULL),
            ('ad_budgets', NULL, '{}', '{}', false, '{"in_minor_unit": {"expr": "false"}}', '{}', NULL, NULL),
            ('email_daily', NULL, '{}', '{day}', false,
             '{"channel": {"expr": "''email''"}, "object_id": {"expr": "''''"}, "message_id": {"expr": "''''"}}', '{}', NULL, NULL),
            ('email_messages', NULL, '{}', '{}', false, '{}', '{}', NULL, NULL),
            ('email_lists', NULL, '{}', '{}', false, '{}', '{}', NULL, NULL),
            ('cash_balance', NULL, '{sheet,books}', '{day}', false,
             '{"tab": {"expr": "''by hand''"}, "row_number": {"expr": "m.line"}, "origin": {"expr": "''hand''"}}', '{}', NULL, NULL),
            ('cash_flow', NULL, '{sheet,books}', '{day}', false,
             '{"tab": {"expr": "''by hand''"}, "row_number": {"expr": "m.line"}, "period": {"expr": "m.day"}, "channel": {"expr": "''''"},
               "origin": {"expr": "''hand''"}, "status": {"expr": "CASE WHEN m.day < current_date THEN ''booked'' ELSE ''expected'' END"}}',
             '{}', NULL, NULL),
            ('payment_delay', NULL, '{payment_days}', '{}', false, '{}', '{}', NULL, NULL),
            ('retail_sales', NULL, '{sales}', '{day}', false,
             '{"dataset": {"expr": "''by hand''"}, "store_id": {"expr": "''''"}, "product_id": {"expr": "''''"},
               "price_basis": {"expr": "''retail''"}}', '{}', NULL, NULL),
            ('retail_doors', NULL, '{sales}', '{}', false,
             '{"dataset": {"expr": "''by hand''"}, "last_day": {"expr": "m.first_day"}}', '{}', NULL, NULL),
            ('customer_inquiries', NULL, '{}', '{}', false, '{}',
             '{set_by_hand,triage_rule,triage_confidence,routed_at,link_due_at,escalated_at,reopened,order_link}', NULL, NULL),
            ('suppliers', NULL, '{}', '{}', false, '{}', '{}', NULL, NULL),
            ('costs', '{brand,name,valid_from}', '{}', '{}', false,
             '{"currency": {"expr": "$currency"}, "metric": {"expr": "CASE WHEN m.basis IN (''day'', ''week'', ''month'', ''quarter'', ''year'') THEN ''fixed_costs'' ELSE ''variable_costs'' END"}}',
             '{cost_id}', NULL, 'momentum._door_log_costs'),
            ('product_settings', NULL, '{}', '{}', false, '{}', '{}', NULL, NULL),
            ('stock_daily', NULL, '{}', '{}', false, '{"was_out": {"expr": "m.available <= 0", "from": ["available"]}}', '{was_out}', NULL, NULL))
            AS v (feed, keys, loaders, days, spans, derived, hidden, parent, after)
    LOOP
        IF to_regclass(format('hub.%I', d.feed)) IS NOT NULL THEN
            RETURN NEXT d;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._doors() IS 'The doors of the tables that there are.';
REVOKE ALL ON FUNCTION momentum._doors() FROM PUBLIC;

CREATE FUNCTION momentum._door_of(feed text) RETURNS momentum._door
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    d momentum._door;
BEGIN
    SELECT * INTO d FROM momentum._doors() x WHERE x.feed = _door_of.feed;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'feed "%" does not exist', _door_of.feed
            USING ERRCODE = 'undefined_object',
                  HINT = (SELECT 'Feeds: ' || string_agg(x.feed, ', ' ORDER BY x.feed) || '.' FROM momentum._doors() x);
    END IF;
    RETURN d;
END
$$;
COMMENT ON FUNCTION momentum._door_of(text) IS 'The door of one feed.';
REVOKE ALL ON FUNCTION momentum._door_of(text) FROM PUBLIC;

-- What the columns of a table are to its door.  One that a user has added is
-- taken by the door once setup() has made it anew, for which of_table is asked.
CREATE FUNCTION momentum._door_columns(d momentum._door, of_table boolean DEFAULT false)
    RETURNS TABLE (place integer, name text, type text, is_key boolean, is_entry boolean, is_needed boolean, fallback text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT a.attnum::integer, a.attname::text, format_type(a.atttypid, a.atttypmod),
           CASE WHEN d.keys IS NOT NULL THEN a.attname = ANY (d.keys) ELSE coalesce(a.attnum = ANY (i.indkey::smallint[]), false) END,
           a.attgenerated = '' AND a.attidentity <> 'a' AND a.attname NOT IN ('content_hash', 'loaded_at', 'restated_at')
           AND a.attname !~ '^previous_' AND a.attname <> ALL (d.hidden)
           AND (of_table OR EXISTS (SELECT FROM pg_attribute v WHERE v.attrelid = to_regclass(format('hub.%I', d.feed || '_entry')) AND v.attname = a.attname)),
           a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND NOT d.derived ? a.attname::text,
           CASE WHEN a.attnotnull AND a.atthasdef AND a.attgenerated = '' THEN pg_get_expr(f.adbin, f.adrelid) END
      FROM pg_attribute a
      LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
      LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
     WHERE a.attrelid = to_regclass(format('hub.%I', d.feed)) AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum
$$;
COMMENT ON FUNCTION momentum._door_columns(momentum._door, boolean) IS 'The columns of a table: those of its key, those its door takes, those that must be filled, what stands in those left empty.';
REVOKE ALL ON FUNCTION momentum._door_columns(momentum._door, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._door() RETURNS trigger
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_door';
COMMENT ON FUNCTION momentum._door() IS 'Trigger of the doors: gathers the rows of a statement and has them loaded at its end.';
REVOKE ALL ON FUNCTION momentum._door() FROM PUBLIC;

-- The temporary table that a door gathers its rows in.
CREATE FUNCTION momentum._door_stage(feed text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT format('pg_temp.%I', left('momentum_entry_' || feed, 63)) $$;
COMMENT ON FUNCTION momentum._door_stage(text) IS 'Name of the temporary table of a door.';
REVOKE ALL ON FUNCTION momentum._door_stage(text) FROM PUBLIC;

CREATE FUNCTION momentum._door_open(door regclass) RETURNS regclass
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    AS $$
DECLARE
    stage text;
    wanted text[];
    known text[];
BEGIN
    SELECT momentum._door_stage(regexp_replace(c.relname, '_entry$', '')) INTO stage FROM pg_class c WHERE c.oid = door;
    wanted := '{line}' || ARRAY(SELECT a.attname::text FROM pg_attribute a
                                 WHERE a.attrelid = door AND a.attnum > 0 ORDER BY a.attnum);
    -- Rows are written into it as they are, past indexes and triggers: what
    -- has any (an earlier file got one, see _door_load), or other types, is no
    -- stage.
    known := ARRAY(SELECT CASE WHEN a.atttypid = CASE a.attnum WHEN 1 THEN 'bigint'::regtype ELSE 'text'::regtype END THEN a.attname::text END
                     FROM pg_attribute a
                     JOIN pg_class c ON c.oid = a.attrelid
                     LEFT JOIN pg_am m ON m.oid = c.relam
                    WHERE a.attrelid = to_regclass(stage) AND a.attnum > 0
                      AND c.relkind = 'r' AND c.relpersistence = 't' AND m.amname = 'heap'
                      AND NOT (c.relhasindex OR c.relhasrules OR c.relhastriggers) ORDER BY a.attnum);
    IF known <> wanted THEN
        EXECUTE format('DROP TABLE IF EXISTS %s', stage);
        EXECUTE format('CREATE TEMP TABLE %s (line bigint NOT NULL, %s) ON COMMIT DELETE ROWS',
                       replace(stage, 'pg_temp.', ''),
                       (SELECT string_agg(format('%I text', w), ', ' ORDER BY n) FROM unnest(wanted[2:]) WITH ORDINALITY u (w, n)));
    ELSIF pg_relation_size(stage::regclass) > 0 THEN
        EXECUTE format('TRUNCATE %s', stage);
    END IF;
    RETURN stage::regclass;
END
$$;
COMMENT ON FUNCTION momentum._door_open(regclass) IS 'Makes the temporary table of a door, or empties it.';
REVOKE ALL ON FUNCTION momentum._door_open(regclass) FROM PUBLIC;
