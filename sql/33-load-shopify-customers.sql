-- One slice of customers.  An address belongs to one person: within a source
-- a second customer with it is refused and kept as a dead letter, which the
-- next slices try again; the customer of another source is linked to the
-- first by duplicate_of.
CREATE FUNCTION momentum._stage_customers() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('pg_temp.momentum_customer') IS NULL THEN
        CREATE TEMP TABLE momentum_customer (
            customer_id text, created_at timestamptz, created_day date, first_name text, last_name text, email text,
            email_marketing_state text, email_marketing_at timestamptz, email_marketing_level text, phone text,
            sms_marketing_state text, sms_marketing_at timestamptz, sms_marketing_level text, state text, tags text[],
            orders_count bigint, amount_spent numeric, currency text, product_subscriber_status text, city text,
            province_code text, country_code text, zip text, last_order_id text,
            source_updated_at timestamptz) ON COMMIT DELETE ROWS;
        -- Those that differ from the hub, with what the hub has.
        CREATE TEMP TABLE momentum_customer_up (
            customer_id text, email text, old_email text, is_known boolean, old_currency text, created_at timestamptz,
            content_hash bigint, reason text, sqlstate text) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_customer, pg_temp.momentum_customer_up;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._stage_customers() IS 'Empty temporary tables for one slice of customers.';
REVOKE ALL ON FUNCTION momentum._stage_customers() FROM PUBLIC;

-- When a consent was said, as people and services write it; NULL when that is
-- no instant.
CREATE FUNCTION momentum._consent_at(consent jsonb) RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    said CONSTANT timestamptz := CASE WHEN consent ->> 'at' ~ '^\s*[0-9]' THEN consent ->> 'at' END;
BEGIN
    -- A yes of a day to come would hold against every no until then.
    RETURN CASE WHEN said <= now() + interval '1 day' OR lower(consent ->> 'state') IS DISTINCT FROM 'subscribed' THEN said END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION momentum._consent_at(jsonb) IS 'When a consent was said; NULL when that is not told.';
REVOKE ALL ON FUNCTION momentum._consent_at(jsonb) FROM PUBLIC;

-- The newest word per channel stays, whoever brought it; of two at the same
-- time, the later brought.
CREATE FUNCTION momentum._newer_consent(known jsonb, said jsonb) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN known IS NULL OR known = '{}' OR known = said THEN coalesce(said, known)
                ELSE (SELECT coalesce(jsonb_object_agg(coalesce(k.key, n.key),
                             CASE WHEN n.key IS NULL OR k.key IS NOT NULL AND momentum._consent_at(k.value) > coalesce(momentum._consent_at(n.value), '-infinity')
                                  THEN k.value ELSE n.value END), '{}')
                        FROM jsonb_each(known) k FULL JOIN jsonb_each(said) n ON n.key = k.key) END
$$;
COMMENT ON FUNCTION momentum._newer_consent(jsonb, jsonb) IS 'Marketing preferences put together: per channel the entry with the later "at".';
REVOKE ALL ON FUNCTION momentum._newer_consent(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION momentum._consent(source text, state text, at timestamptz, level text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN state IS NOT NULL
                THEN jsonb_strip_nulls(jsonb_build_object('state', lower(state), 'source', source,
                         'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'level', lower(level))) END
$$;
COMMENT ON FUNCTION momentum._consent(text, text, timestamptz, text) IS 'One channel of marketing preferences; NULL where nothing is said.';
REVOKE ALL ON FUNCTION momentum._consent(text, text, timestamptz, text) FROM PUBLIC;

-- Erased persons come without anything that tells who they are, before
-- anything is made of them.
CREATE FUNCTION momentum._forget_erased_customers(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT momentum._has_erasures(s.brand) THEN
        RETURN;
    END IF;
    UPDATE pg_temp.momentum_customer t
       SET customer_id = 'erased ' || left(momentum._erasure_hash(s.brand, 'customer', s.source || '/' || t.customer_id), 16),
           first_name = NULL, last_name = NULL, email = NULL, email_marketing_state = NULL, phone = NULL,
           sms_marketing_state = NULL, tags = NULL, city = NULL, province_code = NULL, country_code = NULL, zip = NULL
     WHERE t.customer_id NOT LIKE 'erased %'
       AND EXISTS (SELECT FROM momentum_state.erasure e
                    WHERE e.brand = s.brand AND coalesce(t.created_at <= e.erased_at, true)
                      AND e.hash IN (momentum._erasure_hash(s.brand, 'customer', s.source || '/' || t.customer_id),
                                     momentum._erasure_hash(s.brand, 'email', lower(btrim(t.email)))));
END
$$;
COMMENT ON FUNCTION momentum._forget_erased_customers(momentum._slice) IS 'Has the customers of a slice forget erased persons.';
REVOKE ALL ON FUNCTION momentum._forget_erased_customers(momentum._slice) FROM PUBLIC;

-- Which rows are new or changed, and which of them the hub must refuse.
--
-- A row that is refused keeps the address it has, so that another may have to
-- be refused for it: the search goes on until nothing changes.  Whoever has
-- an address keeps it; else who was first at the shop gets it.
CREATE FUNCTION momentum._compare_customers(s momentum._slice) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    refused bigint;
BEGIN
    PERFORM momentum._forget_erased_customers(s);
    PERFORM FROM hub.customers c
      WHERE c.brand = s.brand AND c.source = s.source
        AND c.customer_id IN (SELECT p.customer_id FROM pg_temp.momentum_customer p) FOR UPDATE;
    INSERT INTO pg_temp.momentum_customer_up
    SELECT p.customer_id, lower(p.email), lower(c.email), c.customer_id IS NOT NULL, c.currency, p.created_at, p.content_hash,
           CASE WHEN abs(p.amount_spent) >= 1e12 THEN 'the amount spent is beyond 1e12'
                WHEN p.created_day > (now() AT TIME ZONE 'UTC')::date + 2
                    THEN format('it was made on %s, which is yet to come', p.created_day) END,
           '23514'
      FROM (SELECT q.*, hash_record_extended(ROW(q.created_at, q.created_day, q.first_name, q.last_name, q.email,
                        q.email_marketing_state, q.email_marketing_at, q.email_marketing_level, q.phone, q.sms_marketing_state,
                        q.sms_marketing_at, q.sms_marketing_level, q.state, q.tags, q.orders_count, q.amount_spent, q.currency,
                        q.product_subscriber_status, q.city, q.province_code, q.country_code, q.zip, q.last_order_id), 0) AS content_hash
              FROM pg_temp.momentum_customer q) p
      LEFT JOIN hub.customers c ON c.brand = s.brand AND c.source = s.source AND c.customer_id = p.customer_id
     WHERE c.customer_id IS NULL OR s.force OR p.source_updated_at > c.source_updated_at OR c.source_updated_at IS NULL
        OR p.source_updated_at IS NOT DISTINCT FROM c.source_updated_at AND p.content_hash <> c.content_hash;
    ANALYZE pg_temp.momentum_customer_up;
    LOOP
        WITH bidder AS (
            SELECT u.customer_id, u.email,
                   first_value(u.customer_id) OVER (PARTITION BY u.email ORDER BY u.email IS DISTINCT FROM u.old_email,
                                                    u.created_at, length(u.customer_id), u.customer_id) AS first_id
              FROM pg_temp.momentum_customer_up u WHERE u.reason IS NULL AND u.email IS NOT NULL),
        holder AS (
            SELECT b.customer_id, coalesce(
                       (SELECT c.customer_id FROM hub.customers c
                         WHERE c.brand = s.brand AND c.source = s.source AND lower(c.email) = b.email
                           AND c.customer_id <> b.customer_id
                           AND NOT EXISTS (SELECT FROM pg_temp.momentum_customer_up m
                                            WHERE m.customer_id = c.customer_id AND m.reason IS NULL)),
                       nullif(b.first_id, b.customer_id)) AS held_by
              FROM bidder b)
        UPDATE pg_temp.momentum_customer_up u
           SET reason = format('its e-mail address is that of customer %s of the same source', h.held_by), sqlstate = '23505'
          FROM holder h
         WHERE u.customer_id = h.customer_id AND h.held_by IS NOT NULL;
        GET DIAGNOSTICS refused = ROW_COUNT;
        EXIT WHEN refused = 0;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._compare_customers(momentum._slice) IS 'Compares the customers of the temporary table with the hub, and says which of them cannot be stored and why.';
REVOKE ALL ON FUNCTION momentum._compare_customers(momentum._slice) FROM PUBLIC;

-- Duplicates point to the person's first row, which points to nobody.
CREATE FUNCTION momentum._link_customers(brand text, emails text[] DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    -- Who has no address is nobody's duplicate; where the first is gone, the next one is it.
    UPDATE hub.customers c SET duplicate_of = NULL
     WHERE c.brand = _link_customers.brand AND c.duplicate_of IS NOT NULL
       AND (emails IS NULL OR lower(c.email) = ANY (emails) OR c.email IS NULL)
       AND (c.email IS NULL
            OR NOT EXISTS (SELECT FROM hub.customers p
                            WHERE p.brand = c.brand AND lower(p.email) = lower(c.email) AND p.duplicate_of IS NULL)
               AND (c.source, c.customer_id) =
                   (SELECT d.source, d.customer_id FROM hub.customers d
                     WHERE d.brand = c.brand AND lower(d.email) = lower(c.email) AND d.duplicate_of IS NOT NULL
                     ORDER BY d.created_at, d.source, d.customer_id LIMIT 1));
    UPDATE hub.customers c SET duplicate_of = p.source || '/' || p.customer_id
      FROM hub.customers p
     WHERE c.brand = _link_customers.brand AND c.duplicate_of IS NOT NULL
       AND (emails IS NULL OR lower(c.email) = ANY (emails))
       AND p.brand = c.brand AND lower(p.email) = lower(c.email) AND p.duplicate_of IS NULL
       AND c.duplicate_of <> p.source || '/' || p.customer_id;
END
$$;
COMMENT ON FUNCTION momentum._link_customers(text, text[]) IS 'Links the customers of several sources who are one person anew: those with these addresses in lower case, or all of the brand.';
REVOKE ALL ON FUNCTION momentum._link_customers(text, text[]) FROM PUBLIC;

-- Addresses that change hands within the slice are given up first, then
-- taken.
CREATE FUNCTION momentum._store_customers(s momentum._slice) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    given_up text[];
BEGIN
    result.warnings := '{}';
    WITH freed AS (
        UPDATE hub.customers c SET email = NULL, duplicate_of = NULL
          FROM pg_temp.momentum_customer_up u
         WHERE c.brand = s.brand AND c.source = s.source AND c.customer_id = u.customer_id
           AND u.reason IS NULL AND u.old_email IS NOT NULL AND u.email IS DISTINCT FROM u.old_email
        RETURNING u.old_email)
    SELECT array_agg(f.old_email) INTO given_up FROM freed f;
    IF given_up IS NOT NULL THEN
        PERFORM momentum._link_customers(s.brand, given_up);
    END IF;
    INSERT INTO hub.customers AS t (brand, source, customer_id, created_at, created_day, customer_since, first_name, last_name,
        email, email_marketing_state, marketing_preferences, phone, state, customer_tags, orders_count, amount_spent, currency,
        product_subscriber_status, city, province_code, country_code, zip, last_order_id, duplicate_of, source_updated_at,
        content_hash)
    SELECT s.brand, s.source, p.customer_id, p.created_at, p.created_day, p.created_day, p.first_name, p.last_name,
           p.email, p.email_marketing_state,
           jsonb_strip_nulls(jsonb_build_object(
               'email', momentum._consent(s.source, p.email_marketing_state, p.email_marketing_at, p.email_marketing_level),
               'sms', momentum._consent(s.source, p.sms_marketing_state, p.sms_marketing_at, p.sms_marketing_level))),
           p.phone, p.state, p.tags, p.orders_count, p.amount_spent, p.currency,
           p.product_subscriber_status, p.city, p.province_code, p.country_code, p.zip, p.last_order_id,
           f.source || '/' || f.customer_id, p.source_updated_at, u.content_hash
      FROM pg_temp.momentum_customer p
      JOIN pg_temp.momentum_customer_up u ON u.customer_id = p.customer_id AND u.reason IS NULL
      LEFT JOIN hub.customers f ON f.brand = s.brand AND lower(f.email) = u.email AND f.duplicate_of IS NULL
                               AND f.source <> s.source
    ON CONFLICT (brand, customer_id, source) DO UPDATE SET
        created_at = excluded.created_at, created_day = excluded.created_day,
        customer_since = least(t.customer_since, excluded.customer_since), first_name = excluded.first_name,
        last_name = excluded.last_name, email = excluded.email, email_marketing_state = excluded.email_marketing_state,
        marketing_preferences = momentum._newer_consent(t.marketing_preferences, excluded.marketing_preferences),
        phone = excluded.phone, state = excluded.state, customer_tags = excluded.customer_tags,
        orders_count = excluded.orders_count, amount_spent = excluded.amount_spent, currency = excluded.currency,
        product_subscriber_status = excluded.product_subscriber_status, city = excluded.city,
        province_code = excluded.province_code, country_code = excluded.country_code, zip = excluded.zip,
        last_order_id = excluded.last_order_id, duplicate_of = excluded.duplicate_of,
        source_updated_at = excluded.source_updated_at, content_hash = excluded.content_hash, loaded_at = now();
    GET DIAGNOSTICS result.rows_changed = ROW_COUNT;
    PERFORM momentum._analyze_grown('hub.customers');
    SELECT count(*) FILTER (WHERE NOT u.is_known),
           count(*) FILTER (WHERE p.currency <> s.currency) - count(*) FILTER (WHERE u.old_currency <> s.currency)
      INTO result.stored, result.foreign_rows
      FROM pg_temp.momentum_customer_up u JOIN pg_temp.momentum_customer p ON p.customer_id = u.customer_id
     WHERE u.reason IS NULL;
    PERFORM momentum._close_letters(s, 'shop_customers', ARRAY(
        SELECT p.customer_id FROM pg_temp.momentum_customer p
         WHERE NOT EXISTS (SELECT FROM pg_temp.momentum_customer_up u WHERE u.customer_id = p.customer_id AND u.reason IS NOT NULL)));
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._store_customers(momentum._slice) IS 'Stores the customers of the temporary tables that are not refused.';
REVOKE ALL ON FUNCTION momentum._store_customers(momentum._slice) FROM PUBLIC;

-- Two sources may bring the same new address at the same time: customers of
-- a brand are stored one slice after the other.
CREATE FUNCTION momentum._load_customers(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    result momentum._slice_result;
    rows_read bigint;
    refused bigint;
BEGIN
    PERFORM momentum._stage_customers();
    EXECUTE 'INSERT INTO pg_temp.momentum_customer SELECT DISTINCT ON (q.a) q.*'
        || format(' FROM (%s) AS q (a) ORDER BY q.a, q.updated_at DESC', momentum._read(s, l, 'customers'));
    GET DIAGNOSTICS rows_read = ROW_COUNT;
    PERFORM pg_advisory_xact_lock(7242, hashtext(s.brand));
    -- What was refused for an address tries again beside them.
    INSERT INTO pg_temp.momentum_customer
    SELECT r.* FROM momentum_state.dead_letter d,
           jsonb_populate_record(NULL::pg_temp.momentum_customer, d.payload) r
     WHERE d.brand = s.brand AND d.source = s.source AND d.feed = 'shop_customers' AND d.replayed_at IS NULL
       AND d.sqlstate = '23505'
       AND NOT EXISTS (SELECT FROM pg_temp.momentum_customer p WHERE p.customer_id = d.item);
    PERFORM momentum._compare_customers(s);
    SELECT count(momentum._dead_letter(s.brand, s.source, 'shop_customers', NULL, to_jsonb(p),
                     format('customer %s: %s', u.customer_id, u.reason), u.sqlstate, 'sync', u.customer_id))
      INTO refused
      FROM pg_temp.momentum_customer_up u JOIN pg_temp.momentum_customer p ON p.customer_id = u.customer_id
     WHERE u.reason IS NOT NULL
       AND NOT EXISTS (SELECT FROM momentum_state.dead_letter d
                        WHERE d.brand = s.brand AND d.source = s.source AND d.feed = 'shop_customers'
                          AND d.item = u.customer_id AND d.replayed_at IS NULL AND d.payload = to_jsonb(p)
                          AND d.reason = format('customer %s: %s', u.customer_id, u.reason));
    result := momentum._store_customers(s);
    result.rows_read := rows_read;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_customers(momentum._slice, momentum._loader) IS 'Loads one slice of customers.';
REVOKE ALL ON FUNCTION momentum._load_customers(momentum._slice, momentum._loader) FROM PUBLIC;

CREATE FUNCTION momentum._replay_shop_customers(brand text, source text, payload jsonb, body bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    s momentum._slice := momentum._letter_slice(brand, source, 'customers');
    refused record;
BEGIN
    PERFORM pg_advisory_xact_lock(7242, hashtext(s.brand));
    PERFORM momentum._stage_customers();
    INSERT INTO pg_temp.momentum_customer SELECT * FROM jsonb_populate_record(NULL::pg_temp.momentum_customer, payload);
    PERFORM momentum._compare_customers(s);
    SELECT u.customer_id, u.reason, u.sqlstate INTO refused FROM pg_temp.momentum_customer_up u WHERE u.reason IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'customer %: %', refused.customer_id, refused.reason
            USING ERRCODE = refused.sqlstate,
                  HINT = 'Mend the payload of the dead letter, or one of the customers at the shop.';
    END IF;
    PERFORM momentum._store_customers(s);
END
$$;
COMMENT ON FUNCTION momentum._replay_shop_customers(text, text, jsonb, bytea) IS 'Stores a customer from its dead letter.';
REVOKE ALL ON FUNCTION momentum._replay_shop_customers(text, text, jsonb, bytea) FROM PUBLIC;
