-- Who may see which brand, and who does its work.
CREATE FUNCTION momentum.may_see(brand text) RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_may_see';
COMMENT ON FUNCTION momentum.may_see(text) IS
    'True if the caller (the outer user, who follows SET ROLE, and whoever owns a function or materialized view in between) may see the figures of this brand: an owner or a reader. Every reading view of figures filters by it.';
REVOKE ALL ON FUNCTION momentum.may_see(text) FROM PUBLIC;

CREATE FUNCTION momentum.may_work(brand text) RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_may_work';
COMMENT ON FUNCTION momentum.may_work(text) IS
    'True if the caller may see what is to be done for this brand: an owner, an agent or a reader. Every view of work filters by it, and agents are given exactly these views.';
REVOKE ALL ON FUNCTION momentum.may_work(text) FROM PUBLIC;

CREATE FUNCTION momentum._may_act(brand text) RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_may_act';
COMMENT ON FUNCTION momentum._may_act(text) IS 'True if the caller may do the work of this brand: an owner or an agent. Functions that change something for an agent ask it.';
REVOKE ALL ON FUNCTION momentum._may_act(text) FROM PUBLIC;

CREATE FUNCTION momentum.may_see_personal(brand text) RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_may_see_personal';
COMMENT ON FUNCTION momentum.may_see_personal(text) IS
    'True if the caller may see who the customers of this brand are: an owner, an agent, or a reader with whom it was agreed (grant_access, personal). An agent who is a reader as well is judged as a reader. Views mask what is personal for everybody else.';
REVOKE ALL ON FUNCTION momentum.may_see_personal(text) FROM PUBLIC;

CREATE FUNCTION momentum.may_work_personal(brand text) RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_may_work_personal';
COMMENT ON FUNCTION momentum.may_work_personal(text) IS
    'True if the caller may see who asks something of this brand: as may_see_personal, and every agent. For the views of work.';
REVOKE ALL ON FUNCTION momentum.may_work_personal(text) FROM PUBLIC;

CREATE FUNCTION momentum._may_own() RETURNS boolean
    LANGUAGE C STABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_may_own';
COMMENT ON FUNCTION momentum._may_own() IS 'True if the caller is of the owner level.';
REVOKE ALL ON FUNCTION momentum._may_own() FROM PUBLIC;

CREATE FUNCTION momentum._agent_rights() RETURNS text[]
    LANGUAGE C STABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_agent_rights';
COMMENT ON FUNCTION momentum._agent_rights() IS 'The brands whose work the caller does as an agent, * among them for all brands; none for an owner, who needs no policy. For the policies, which ask once per query.';
REVOKE ALL ON FUNCTION momentum._agent_rights() FROM PUBLIC;

-- What stands in place of a person.  One letter and what follows the @ stay,
-- the last four digits, the first letter: enough to tell two rows apart when
-- one knows both persons.  What is too short to hide anything in hides all.
CREATE FUNCTION momentum.mask_email(email text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN strpos(email, '@') > 2 THEN left(email, 1) || '***' || substr(email, strpos(email, '@'))
                WHEN strpos(email, '@') > 0 THEN '***' || substr(email, strpos(email, '@'))
                ELSE '***' END;
COMMENT ON FUNCTION momentum.mask_email(text) IS 'An e-mail address without the person: a***@example.com.';
REVOKE ALL ON FUNCTION momentum.mask_email(text) FROM PUBLIC;

CREATE FUNCTION momentum.mask_phone(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN length(regexp_replace(phone, '[^0-9]', '', 'g')) > 6
                THEN '***' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 4) ELSE '***' END;
COMMENT ON FUNCTION momentum.mask_phone(text) IS 'A phone number without the person: ***4567.';
REVOKE ALL ON FUNCTION momentum.mask_phone(text) FROM PUBLIC;

CREATE FUNCTION momentum.mask_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN ltrim(name) = '' THEN '' ELSE left(ltrim(name), 1) || '.' END;
COMMENT ON FUNCTION momentum.mask_name(text) IS 'The first letter of a name, or of a handle: A.';
REVOKE ALL ON FUNCTION momentum.mask_name(text) FROM PUBLIC;

-- What an error quotes is of the row, and may hold quotes and brackets of its
-- own: all from the first to the last goes, and where the end is cut off (an
-- error is kept up to 2000 characters) all from the first.
CREATE FUNCTION momentum._mask_error(error text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN length(error) < 2000 AND error ~ '["(].*[")]' THEN regexp_replace(error, '["(].*[")]', '"..."')
                ELSE regexp_replace(error, '["(].*$', '"..."') END;
COMMENT ON FUNCTION momentum._mask_error(text) IS 'An error without what it quotes of a row: invalid input syntax for type date: "...".';
REVOKE ALL ON FUNCTION momentum._mask_error(text) FROM PUBLIC;

-- A guest has no id, and an id may be an address: readers see a name that is
-- the same wherever the address stood, and tells nothing without the salt.
CREATE FUNCTION momentum._stand_in(kind text, brand text, address text, salt text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN kind || ' ' || left(encode(sha256(convert_to(salt || ' ' || brand || ' ' || address, 'UTF8')), 'hex'), 16);
COMMENT ON FUNCTION momentum._stand_in(text, text, text, text) IS 'A name in place of an address, keyed by momentum_state.salt, which who calls it must know.';
REVOKE ALL ON FUNCTION momentum._stand_in(text, text, text, text) FROM PUBLIC;

-- An id that is an address, by the name it has in the hub.  For functions that
-- run as an owner.
CREATE FUNCTION momentum._hub_id(brand text, customer_id text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF strpos(customer_id, '@') > 0 THEN
        RETURN momentum._stand_in('person', brand, lower(btrim(customer_id)), (SELECT s.salt FROM momentum_state.salt s));
    END IF;
    RETURN customer_id;
END
$$;
COMMENT ON FUNCTION momentum._hub_id(text, text) IS 'The id of a customer as the hub has it: an id that is an e-mail address has a stand-in.';
REVOKE ALL ON FUNCTION momentum._hub_id(text, text) FROM PUBLIC;

CREATE FUNCTION momentum._audit(brand text, action text, detail jsonb) RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'mo_audit_sql';
COMMENT ON FUNCTION momentum._audit(text, text, jsonb) IS
    'Writes one row of the audit, with who it was: the only way in. For functions that run as an owner.';
REVOKE ALL ON FUNCTION momentum._audit(text, text, jsonb) FROM PUBLIC;

-- A reading view is a plain view that is a security barrier: the mark that
-- tells it from a door such as momentum.secret_entry.
CREATE FUNCTION momentum._reading_views() RETURNS SETOF regclass
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT c.oid::pg_catalog.regclass
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('momentum', 'hub') AND c.relkind = 'v'
       AND 'security_barrier=true' = ANY (c.reloptions)
     ORDER BY 1
$$;
COMMENT ON FUNCTION momentum._reading_views() IS 'The views that readers may be given.';
REVOKE ALL ON FUNCTION momentum._reading_views() FROM PUBLIC;

-- Which of them an agent is given: those that ask may_work.
CREATE FUNCTION momentum._work_views() RETURNS SETOF regclass
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT v.view
      FROM momentum._reading_views() v (view)
     WHERE EXISTS (SELECT FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                    WHERE w.ev_class = v.view AND d.refclassid = 'pg_proc'::regclass
                      AND d.refobjid = 'momentum.may_work(text)'::regprocedure)
     ORDER BY 1
$$;
COMMENT ON FUNCTION momentum._work_views() IS 'The reading views that agents may be given: those that filter by may_work().';
REVOKE ALL ON FUNCTION momentum._work_views() FROM PUBLIC;

-- A view's functions run with the rights of who reads it.
CREATE FUNCTION momentum._view_functions() RETURNS SETOF regprocedure
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT DISTINCT p.oid::regprocedure
      FROM momentum._reading_views() v (view)
      JOIN pg_rewrite w ON w.ev_class = v.view
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_proc'::regclass
      JOIN pg_proc p ON p.oid = d.refobjid
      JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'momentum'
    UNION
    SELECT f::regprocedure
      FROM unnest(ARRAY['momentum.may_see(text)', 'momentum.may_work(text)', 'momentum.may_see_personal(text)',
                        'momentum.may_work_personal(text)', 'momentum.mask_email(text)', 'momentum.mask_phone(text)',
                        'momentum.mask_name(text)']) f
     ORDER BY 1
$$;
COMMENT ON FUNCTION momentum._view_functions() IS 'The functions that reading views call, and those that tell what the caller may see.';
REVOKE ALL ON FUNCTION momentum._view_functions() FROM PUBLIC;

CREATE FUNCTION momentum._wrappers() RETURNS SETOF name
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT w.fdwname
      FROM pg_catalog.pg_foreign_data_wrapper w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass
                                 AND d.objid = w.oid AND d.deptype = 'e'
      JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
     WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND e.extname = 'momentum'
     ORDER BY 1
$$;
COMMENT ON FUNCTION momentum._wrappers() IS 'The foreign-data wrappers of this extension.';
REVOKE ALL ON FUNCTION momentum._wrappers() FROM PUBLIC;

-- What an agent is given of the tables: the rows are the policies' to choose
-- (sql/model/85-policies.sql).
CREATE FUNCTION momentum._agent_columns() RETURNS TABLE (relation regclass, "column" name, may_change boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT c.oid::regclass, a.attname,
           k.relation = 'hub.orders' AND a.attname IN ('review_request_sent', 'customer_notified', 'customer_satisfaction_score')
      FROM momentum._column_kinds() k
      JOIN pg_class c ON c.oid = to_regclass(k.relation)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = k."column" AND a.attnum > 0 AND NOT a.attisdropped
     WHERE k.kind NOT IN ('money', 'payload')
       AND (c.relrowsecurity AND k.relation LIKE 'hub.%'
            OR k.relation IN ('hub.order_statuses', 'hub.payment_statuses', 'hub.shipping_methods', 'hub.pet_breeds', 'hub.product_categories',
                              'hub.inquiry_platforms', 'hub.inquiry_categories', 'hub.inquiry_urgencies', 'hub.inquiry_statuses'))
$$;
COMMENT ON FUNCTION momentum._agent_columns() IS 'The columns an agent may read, and which of them change: no money, in the tables whose rows a policy chooses, and in the select lists.';
REVOKE ALL ON FUNCTION momentum._agent_columns() FROM PUBLIC;

-- The functions with which agents do their work.  Each asks _may_act() and
-- runs as the owner of the model.  hub.link_inquiry() is not among them: who
-- says whom an inquiry concerns opens that customer's rows.
CREATE FUNCTION momentum._agent_functions() RETURNS SETOF regprocedure
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT p.oid::regprocedure
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'hub'
       AND p.proname IN ('assign_inquiry', 'set_inquiry', 'answer_inquiry', 'resolve_inquiry', 'mark_done', 'set_consent')
     ORDER BY 1
$$;
COMMENT ON FUNCTION momentum._agent_functions() IS 'The functions with which agents do their work.';
REVOKE ALL ON FUNCTION momentum._agent_functions() FROM PUBLIC;

-- The functions with which readers ask: they see what the caller may see.
CREATE FUNCTION momentum._reader_functions() RETURNS SETOF regprocedure
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT f
      FROM unnest(ARRAY[to_regprocedure('momentum.what_if(text, jsonb)'), to_regprocedure('hub.customer(text, text)'),
                        to_regprocedure('hub.customer_orders(text, text)'), to_regprocedure('momentum._customer_ids(text, text)'),
                        to_regprocedure('momentum._customer_orders(text, text)')]) f
     WHERE f IS NOT NULL
$$;
COMMENT ON FUNCTION momentum._reader_functions() IS 'The functions that readers may call, besides those that the views call.';
REVOKE ALL ON FUNCTION momentum._reader_functions() FROM PUBLIC;

CREATE FUNCTION momentum._grant_level(role name, level text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation regclass;
    called regprocedure;
    held record;
    wrapper name;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA momentum, hub TO %I', role);
    FOR called IN SELECT momentum._view_functions() LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', called, role);
    END LOOP;
    FOR relation IN SELECT v FROM momentum._reading_views() v
                     WHERE level IN ('owner', 'reader') OR v IN (SELECT momentum._work_views()) LOOP
        EXECUTE format('GRANT SELECT ON %s TO %I', relation, role);
    END LOOP;
    IF level IN ('owner', 'reader') THEN
        FOR called IN SELECT momentum._reader_functions() LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', called, role);
        END LOOP;
    END IF;
    IF level = 'agent' THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION momentum._may_own(), momentum._agent_rights() TO %I', role);
        FOR held IN SELECT c.relation,
                           string_agg(quote_ident(c."column"), ', ') AS read,
                           string_agg(quote_ident(c."column"), ', ') FILTER (WHERE c.may_change) AS changed
                      FROM momentum._agent_columns() c GROUP BY c.relation LOOP
            EXECUTE format('GRANT SELECT (%s) ON %s TO %I', held.read, held.relation, role);
            IF held.changed IS NOT NULL THEN
                EXECUTE format('GRANT UPDATE (%s) ON %s TO %I', held.changed, held.relation, role);
            END IF;
        END LOOP;
        FOR called IN SELECT momentum._agent_functions() LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', called, role);
        END LOOP;
    END IF;
    IF level = 'owner' THEN
        EXECUTE format('GRANT USAGE ON SCHEMA momentum_state TO %I', role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hub, momentum_state TO %I', role);
        -- What was done, and who may do it, is written by functions alone.
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON momentum_state.audit, momentum_state.access, momentum_state.erasure, momentum_state.salt,'
                       ' momentum_state.setting, momentum_state.target FROM %I', role);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub, momentum_state TO %I', role);
        EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA momentum, hub TO %I', role);
        EXECUTE format('GRANT INSERT ON momentum.secret_entry TO %I', role);
        FOR wrapper IN SELECT momentum._wrappers() LOOP
            EXECUTE format('GRANT USAGE ON FOREIGN DATA WRAPPER %I TO %I', wrapper, role);
        END LOOP;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._grant_level(name, text) IS 'Gives a role the privileges of a level.';
REVOKE ALL ON FUNCTION momentum._grant_level(name, text) FROM PUBLIC;

CREATE FUNCTION momentum._check_setup() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('momentum_state.access') IS NULL THEN
        RAISE EXCEPTION 'the model does not exist'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run SELECT momentum.setup() first.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_setup() IS 'Raises unless momentum.setup() has made the model.';
REVOKE ALL ON FUNCTION momentum._check_setup() FROM PUBLIC;

CREATE FUNCTION momentum._check_model_member(action text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    owner name;
BEGIN
    SELECT pg_get_userbyid(n.nspowner) INTO owner FROM pg_namespace n
     WHERE n.nspname = 'momentum_state' AND NOT pg_has_role(n.nspowner, 'USAGE');
    IF FOUND THEN
        RAISE EXCEPTION 'role "%" may not %', current_user, action
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The model belongs to role "%s".', owner),
                  HINT = 'Let that role do it, or a member of it.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_model_member(text) IS 'Raises unless the current role is the owner of the model, or a member of it.';
REVOKE ALL ON FUNCTION momentum._check_model_member(text) FROM PUBLIC;

CREATE FUNCTION momentum.grant_access(role name, level text, brand text DEFAULT '*', personal boolean DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('grant access');
    IF grant_access.level IS NULL OR grant_access.level NOT IN ('owner', 'agent', 'reader') THEN
        RAISE EXCEPTION 'access level "%" does not exist', grant_access.level
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The levels are owner, agent and reader.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = grant_access.role) THEN
        RAISE EXCEPTION 'role "%" does not exist', grant_access.role
            USING ERRCODE = 'undefined_object';
    END IF;
    IF EXISTS (SELECT FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
                WHERE n.nspname = 'momentum_state' AND r.rolname = grant_access.role) THEN
        RAISE EXCEPTION 'role "%" owns the model', grant_access.role
            USING ERRCODE = 'invalid_grant_operation',
                  DETAIL = 'It sees every brand already.';
    END IF;
    IF grant_access.brand IS DISTINCT FROM '*'
       AND NOT EXISTS (SELECT FROM momentum_state.brand b WHERE b.brand = grant_access.brand) THEN
        RAISE EXCEPTION 'brand "%" does not exist', grant_access.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.brand lists the brands; * stands for all of them.';
    END IF;
    IF grant_access.level = 'owner' AND grant_access.brand <> '*' THEN
        RAISE EXCEPTION 'access level "owner" cannot be limited to one brand'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'An owner works on the tables, which hold all brands.',
                  HINT = 'Grant it for *, or grant reader for the brand.';
    END IF;
    IF grant_access.personal IS NOT NULL AND grant_access.level <> 'reader' THEN
        RAISE EXCEPTION 'access level "%" decides for itself about personal data', grant_access.level
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'An owner sees everything, an agent sees who asks something.',
                  HINT = 'Leave personal out; it is for readers.';
    END IF;
    INSERT INTO momentum_state.access AS a (brand, role, level, personal)
    VALUES (grant_access.brand, grant_access.role, grant_access.level, coalesce(grant_access.personal, false))
    ON CONFLICT ON CONSTRAINT access_pkey DO UPDATE
       SET level = excluded.level, personal = excluded.personal, granted_at = excluded.granted_at, granted_by = excluded.granted_by
     WHERE (a.level, a.personal) <> (excluded.level, excluded.personal);
    PERFORM momentum._regrant(grant_access.role);
    PERFORM momentum._audit(nullif(grant_access.brand, '*'), 'grant_access',
                            jsonb_build_object('role', grant_access.role, 'level', grant_access.level, 'brand', grant_access.brand,
                                               'personal', coalesce(grant_access.personal, false)));
END
$$;
COMMENT ON FUNCTION momentum.grant_access(name, text, text, boolean) IS
    'Lets a role see a brand (* for all): reader sees the reading views, with personal data masked unless personal is true; owner works on everything; agent works on the inquiries, with the orders and customers they concern, and sees no money. Shows from the next statement on.';
REVOKE ALL ON FUNCTION momentum.grant_access(name, text, text, boolean) FROM PUBLIC;

CREATE FUNCTION momentum.revoke_access(role name, brand text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('revoke access');
    DELETE FROM momentum_state.access a
     WHERE a.role = revoke_access.role
       AND (revoke_access.brand IS NULL OR a.brand = revoke_access.brand);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role "%" has no access to take away', revoke_access.role
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.access lists who has.';
    END IF;
    PERFORM momentum._regrant(revoke_access.role);
    PERFORM momentum._audit(nullif(revoke_access.brand, '*'), 'revoke_access',
                            jsonb_build_object('role', revoke_access.role, 'brand', revoke_access.brand));
END
$$;
COMMENT ON FUNCTION momentum.revoke_access(name, text) IS
    'Takes away what grant_access gave: for one brand, or altogether when the brand is NULL.';
REVOKE ALL ON FUNCTION momentum.revoke_access(name, text) FROM PUBLIC;

-- Rights and materialized views change the same rows of pg_class, which only
-- one transaction at a time can: "tuple concurrently updated" for the other.
CREATE FUNCTION momentum._hold_catalog() RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_advisory_xact_lock(7240, 3) $$;
COMMENT ON FUNCTION momentum._hold_catalog() IS 'Until the end of the transaction nobody else changes rights on the model or fills its materialized views.';
REVOKE ALL ON FUNCTION momentum._hold_catalog() FROM PUBLIC;

-- Called after a grant or revoke, and by the model when its views were made
-- anew: privileges follow momentum_state.access, always from nothing.
CREATE FUNCTION momentum._regrant(only_role name DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    held record;
    relation regclass;
    wrapper name;
BEGIN
    PERFORM momentum._hold_catalog();
    -- A role that was dropped holds nothing.
    IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = only_role) THEN
        FOR relation IN SELECT momentum._reading_views() LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %I', relation, only_role);
        END LOOP;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA hub, momentum_state FROM %I', only_role);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA hub, momentum_state FROM %I', only_role);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA momentum, hub FROM %I', only_role);
        -- Only what the role holds: an owner of the model who does not own the
        -- extension may give away nothing of these, and need not.
        IF EXISTS (SELECT FROM pg_class c CROSS JOIN aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
                    WHERE c.oid = 'momentum.secret_entry'::regclass AND r.rolname = only_role) THEN
            EXECUTE format('REVOKE ALL ON momentum.secret_entry FROM %I', only_role);
        END IF;
        FOR wrapper IN SELECT w.fdwname
                         FROM pg_foreign_data_wrapper w CROSS JOIN aclexplode(w.fdwacl) a JOIN pg_roles r ON r.oid = a.grantee
                        WHERE w.fdwname IN (SELECT momentum._wrappers()) AND r.rolname = only_role LOOP
            EXECUTE format('REVOKE ALL ON FOREIGN DATA WRAPPER %I FROM %I', wrapper, only_role);
        END LOOP;
        EXECUTE format('REVOKE ALL ON SCHEMA momentum, hub, momentum_state FROM %I', only_role);
    END IF;
    FOR held IN SELECT DISTINCT a.role, a.level
                  FROM momentum_state.access a JOIN pg_roles r ON r.rolname = a.role
                 WHERE only_role IS NULL OR a.role = only_role LOOP
        PERFORM momentum._grant_level(held.role, held.level);
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._regrant(name) IS
    'Makes the privileges of one role, or of all, follow momentum_state.access.';
REVOKE ALL ON FUNCTION momentum._regrant(name) FROM PUBLIC;
