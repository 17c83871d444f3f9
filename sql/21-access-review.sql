-- Who can read what, by whatever way: not only what grant_access() gave.

-- The privileges that somebody holds on our schemas, relations and functions, and that
-- follow from no level of his: given by a plain GRANT.
CREATE FUNCTION momentum._plain_grants() RETURNS TABLE (grantee oid, privilege text, object text, is_read boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    WITH ours AS (
        SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname IN ('momentum', 'hub', 'momentum_state')),
    held AS (
        SELECT r.oid AS grantee, bool_or(a.level = 'owner') AS is_owner, bool_or(a.level = 'reader') AS is_reader,
               bool_or(a.level = 'agent') AS is_agent
          FROM momentum_state.access a JOIN pg_roles r ON r.rolname = a.role GROUP BY r.oid),
    work AS (SELECT w::oid AS view FROM momentum._work_views() w),
    reading AS (SELECT v::oid AS view FROM momentum._reading_views() v),
    agent AS (SELECT c.relation::oid AS relation, c."column", c.may_change FROM momentum._agent_columns() c),
    given AS (
        SELECT a.grantee, a.privilege_type, c.oid AS relation, NULL::name AS "column", c.relowner AS owner, ours.nspname, c.relname
          FROM pg_class c JOIN ours ON ours.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) a
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
         UNION ALL
        SELECT a.grantee, a.privilege_type, c.oid, t.attname, c.relowner, ours.nspname, c.relname
          FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
          JOIN pg_attribute t ON t.attrelid = c.oid AND t.attacl IS NOT NULL CROSS JOIN aclexplode(t.attacl) a)
    SELECT g.grantee, g.privilege_type, format('%I.%I', g.nspname, g.relname) || coalesce('(' || quote_ident(g."column") || ')', ''),
           g.privilege_type = 'SELECT'
      FROM given g LEFT JOIN held h ON h.grantee = g.grantee
     WHERE g.grantee <> g.owner
       AND NOT coalesce(h.is_owner AND (g.privilege_type IN ('SELECT', 'USAGE')
                                        OR g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
                                           AND (g.nspname, g.relname) NOT IN (('momentum_state', 'audit'), ('momentum_state', 'access'),
                                                                              ('momentum_state', 'erasure'))), false)
       AND NOT coalesce(h.is_reader AND g.privilege_type = 'SELECT' AND g.relation IN (SELECT view FROM reading), false)
       AND NOT coalesce(h.is_agent AND g.privilege_type = 'SELECT' AND g.relation IN (SELECT view FROM work), false)
       AND NOT coalesce(h.is_agent AND EXISTS (SELECT FROM agent a WHERE a.relation = g.relation AND a."column" = g."column"
                                                  AND (g.privilege_type = 'SELECT' OR g.privilege_type = 'UPDATE' AND a.may_change)), false)
       AND NOT (g.nspname = 'momentum' AND g.grantee = 'pg_read_all_stats'::regrole)
     UNION ALL
    SELECT a.grantee, a.privilege_type, 'schema ' || ours.nspname, false
      FROM ours CROSS JOIN aclexplode(ours.nspacl) a
     WHERE a.privilege_type = 'CREATE' AND a.grantee <> ours.nspowner
       AND a.grantee <> (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'momentum_state')
     UNION ALL
    SELECT a.grantee, a.privilege_type, p.oid::regprocedure::text, false
      FROM pg_proc p JOIN ours ON ours.oid = p.pronamespace CROSS JOIN aclexplode(p.proacl) a
      LEFT JOIN held h ON h.grantee = a.grantee
     WHERE a.grantee <> p.proowner AND a.grantee <> ours.nspowner
       AND NOT coalesce(h.is_owner, false)
       AND NOT coalesce((h.is_reader OR h.is_agent) AND p.oid::regprocedure IN (SELECT momentum._view_functions()), false)
       AND NOT coalesce(h.is_reader AND p.oid::regprocedure IN (SELECT momentum._reader_functions()), false)
       AND NOT coalesce(h.is_agent AND (p.oid::regprocedure IN (SELECT momentum._agent_functions())
                                        OR p.oid IN ('momentum._may_own()'::regprocedure, 'momentum._agent_rights()'::regprocedure)), false)
       -- What the extension itself leaves open to all is arithmetic.
       AND NOT (a.grantee = 0 AND ours.nspname = 'momentum'
                AND NOT EXISTS (SELECT FROM pg_init_privs i
                                 WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
                                   AND NOT EXISTS (SELECT FROM aclexplode(i.initprivs) e WHERE e.grantee = 0)))
       AND NOT (a.grantee = 'pg_read_all_stats'::regrole)
       AND a.grantee <> (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'momentum_state')
$$;
COMMENT ON FUNCTION momentum._plain_grants() IS 'Privileges on our schemas, relations and functions that follow from no level: given by a plain GRANT, behind the back of grant_access().';
REVOKE ALL ON FUNCTION momentum._plain_grants() FROM PUBLIC;

-- Relations of others that are made of ours, and what they are made of.
CREATE FUNCTION momentum._foreign_views() RETURNS TABLE (view oid, owner oid, made_of text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT w.ev_class, v.relowner, string_agg(DISTINCT format('%I.%I', n.nspname, c.relname), ', ')
      FROM pg_depend d
      JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
      JOIN pg_class v ON v.oid = w.ev_class
      JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('momentum', 'hub', 'momentum_state') AND c.relname NOT IN ('stat_scan', 'stat_limit')
       AND v.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('momentum', 'hub', 'momentum_state'))
     GROUP BY w.ev_class, v.relowner
$$;
COMMENT ON FUNCTION momentum._foreign_views() IS 'Views and materialized views of others over our relations: what they show is judged by their owner''s rights.';
REVOKE ALL ON FUNCTION momentum._foreign_views() FROM PUBLIC;

-- Functions of others that run as their owner and name our schemas.
CREATE FUNCTION momentum._foreign_functions() RETURNS TABLE (function oid, owner oid, made_of text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT p.oid, p.proowner, string_agg(n.nspname, ' and ' ORDER BY n.nspname)
      FROM pg_proc p
      JOIN pg_namespace n ON n.nspname IN ('momentum', 'hub', 'momentum_state')
                         AND (p.prosrc ~ ('\m' || n.nspname || '\M')
                              OR EXISTS (SELECT FROM pg_depend d JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
                                          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND c.relnamespace = n.oid))
     WHERE p.prosecdef AND has_schema_privilege(p.proowner, n.oid, 'USAGE')
       AND p.pronamespace NOT IN (SELECT s.oid FROM pg_namespace s WHERE s.nspname IN ('momentum', 'hub', 'momentum_state'))
     GROUP BY p.oid, p.proowner
$$;
COMMENT ON FUNCTION momentum._foreign_functions() IS 'Functions of others that run with their owner''s rights and name our schemas.';
REVOKE ALL ON FUNCTION momentum._foreign_functions() FROM PUBLIC;

-- Whose are the objects of the model that are not its owner's: who owns a
-- table reads it.
CREATE FUNCTION momentum._strange_owners() RETURNS TABLE (owner oid, objects text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    WITH ours AS (
        SELECT n.oid, n.nspname, n.nspowner FROM pg_namespace n WHERE n.nspname IN ('momentum', 'hub', 'momentum_state'))
    SELECT x.owner, string_agg(x.object, ', ' ORDER BY x.object)
      FROM (SELECT ours.nspowner AS owner, 'schema ' || ours.nspname AS object FROM ours
             UNION ALL
            SELECT c.relowner, format('%I.%I', ours.nspname, c.relname)
              FROM pg_class c JOIN ours ON ours.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
             UNION ALL
            SELECT p.proowner, p.oid::regprocedure::text FROM pg_proc p JOIN ours ON ours.oid = p.pronamespace) x
      JOIN pg_roles r ON r.oid = x.owner
     WHERE NOT r.rolsuper AND x.owner <> (SELECT ours.nspowner FROM ours WHERE ours.nspname = 'momentum_state')
     GROUP BY x.owner
$$;
COMMENT ON FUNCTION momentum._strange_owners() IS 'Objects of the model and of the extension that belong neither to the model''s owner nor to a superuser.';
REVOKE ALL ON FUNCTION momentum._strange_owners() FROM PUBLIC;

CREATE FUNCTION momentum.access_review()
    RETURNS TABLE (role text, how text, level text, brand text, personal text, what text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    model_owner oid := (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'momentum_state');
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('review access');
    RETURN QUERY
    WITH person AS (
        SELECT r.oid, r.rolname::text AS rolname, r.rolsuper, r.rolbypassrls, r.rolreplication, r.rolcreaterole FROM pg_roles r),
    -- What each role has by itself.  An attribute is not inherited: members must ask for it.
    source AS (
        SELECT r.oid, 'granted ' || a.level AS how, a.level, a.brand,
               CASE WHEN a.level = 'owner' OR a.personal THEN 'shown' WHEN a.level = 'agent' THEN 'of inquiries' ELSE 'masked' END AS personal,
               CASE a.level WHEN 'owner' THEN 'every view, table and function of momentum, hub and momentum_state'
                            WHEN 'reader' THEN (SELECT count(*) FROM momentum._reading_views()) || ' reading views'
                            ELSE (SELECT count(*) FROM momentum._work_views()) || ' views of work; '
                                 || (SELECT string_agg(t.told, ', ' ORDER BY t.told)
                                       FROM (SELECT x.relation::text || ' (' || count(*) || ' columns'
                                                    || CASE WHEN bool_or(x.may_change) THEN ', ' || count(*) FILTER (WHERE x.may_change) || ' to change' ELSE '' END
                                                    || ')' AS told
                                               FROM momentum._agent_columns() x GROUP BY x.relation) t) END AS what,
               true AS is_inherited
          FROM momentum_state.access a JOIN person r ON r.rolname = a.role
         UNION ALL
        SELECT model_owner, 'owns the model', 'owner', '*', 'shown', 'everything of the model, row security and audit included', true
         UNION ALL
        SELECT o.owner, 'owns objects', NULL, '*', 'shown', 'owns ' || o.objects, true FROM momentum._strange_owners() o
         UNION ALL
        SELECT r.oid, 'right of the server', NULL, '*', 'shown',
               CASE r.rolname WHEN 'pg_read_all_data' THEN 'every table and view; reading views show what may_see allows'
                              WHEN 'pg_write_all_data' THEN 'writes every table'
                              WHEN 'pg_read_all_stats' THEN 'the statements that others run, with the values in them'
                              WHEN 'pg_read_server_files' THEN 'the files of the server: tables, and the sealed secrets with their key'
                              ELSE 'commands and files as the server''s user' END, true
          FROM person r
         WHERE r.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_all_stats', 'pg_read_server_files', 'pg_write_server_files',
                             'pg_execute_server_program')
         UNION ALL
        SELECT r.oid, 'superuser', 'owner', '*', 'shown', 'everything, with the secrets; row security does not hold', false FROM person r WHERE r.rolsuper
         UNION ALL
        SELECT r.oid, 'bypasses row security', NULL, '*', 'shown', 'every row of a table that it may read at all', false
          FROM person r WHERE r.rolbypassrls AND NOT r.rolsuper
         UNION ALL
        SELECT r.oid, 'replication', NULL, '*', 'shown', 'a copy of the whole cluster', false FROM person r WHERE r.rolreplication AND NOT r.rolsuper
         UNION ALL
        SELECT r.oid, 'makes roles', NULL, '*', 'shown',
               CASE WHEN current_setting('server_version_num')::integer < 160000
                    THEN 'makes itself a member of any role that is no superuser, rights of the server included'
                    ELSE 'makes roles, and members of those that it administers' END, false
          FROM person r WHERE r.rolcreaterole AND NOT r.rolsuper
         UNION ALL
        SELECT g.grantee, 'plain GRANT', NULL, '*', CASE WHEN bool_or(g.is_read) THEN 'as the object shows it' ELSE 'none' END,
               g.privilege || ' on ' || string_agg(g.object, ', ' ORDER BY g.object), true
          FROM momentum._plain_grants() g GROUP BY g.grantee, g.privilege
         UNION ALL
        SELECT a.grantee, 'default privileges', NULL, '*', 'none',
               a.privilege_type || ' on what ' || pg_get_userbyid(f.defaclrole) || ' makes'
                   || CASE WHEN f.defaclnamespace <> 0 THEN ' in schema ' || f.defaclnamespace::regnamespace ELSE '' END, true
          FROM pg_default_acl f CROSS JOIN aclexplode(f.defaclacl) a
         WHERE f.defaclobjtype IN ('r', 'f')
           AND (f.defaclnamespace IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname IN ('momentum', 'hub', 'momentum_state'))
                OR f.defaclnamespace = 0 AND f.defaclrole = model_owner)
           AND a.grantee <> f.defaclrole
         UNION ALL
        SELECT a.grantee, 'through ' || v.view::regclass || ' of ' || pg_get_userbyid(v.owner), NULL, '*', 'as the object shows it',
               a.privilege_type || '; it is made of ' || v.made_of, true
          FROM momentum._foreign_views() v JOIN pg_class c ON c.oid = v.view CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
         WHERE a.privilege_type = 'SELECT'
         UNION ALL
        SELECT a.grantee, 'through ' || v.function::regprocedure || ' of ' || pg_get_userbyid(v.owner), NULL, '*', 'as the object shows it',
               a.privilege_type || '; it names ' || v.made_of, true
          FROM momentum._foreign_functions() v JOIN pg_proc p ON p.oid = v.function CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         WHERE a.grantee <> v.owner
         UNION ALL
        SELECT a.grantee, 'foreign server', NULL,
               coalesce((SELECT string_agg(t.brand, ', ' ORDER BY t.brand) FROM momentum_state.source t WHERE t.source = s.srvname), '*'), 'none',
               'may spend the quota of ' || quote_ident(s.srvname) || ' (' || w.fdwname || ')'
                   || CASE WHEN EXISTS (SELECT FROM pg_user_mappings m WHERE m.srvid = s.oid AND m.umuser IN (0, a.grantee)) THEN '' ELSE ', once it has a user mapping' END,
               true
          FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw CROSS JOIN aclexplode(coalesce(s.srvacl, acldefault('S', s.srvowner))) a
         WHERE w.fdwname IN (SELECT momentum._wrappers()) AND a.privilege_type = 'USAGE'
         UNION ALL
        SELECT a.grantee, 'foreign-data wrapper', NULL, '*', 'none', 'makes servers of ' || w.fdwname, true
          FROM pg_foreign_data_wrapper w CROSS JOIN aclexplode(w.fdwacl) a
         WHERE w.fdwname IN (SELECT momentum._wrappers()) AND a.grantee <> w.fdwowner
           AND NOT EXISTS (SELECT FROM momentum_state.access x WHERE x.level = 'owner' AND x.role = pg_get_userbyid(a.grantee))),
    told AS (
        SELECT CASE WHEN s.oid = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(s.oid)::text END AS role, s.how, s.level, s.brand, s.personal, s.what
          FROM source s WHERE s.how <> 'right of the server'
         UNION ALL
        SELECT a.role::text, 'granted ' || a.level || '; the role does not exist', a.level, a.brand, 'none', 'whoever makes a role of this name has it'
          FROM momentum_state.access a WHERE NOT EXISTS (SELECT FROM person r WHERE r.rolname = a.role)
         UNION ALL
        -- Roles of the server's own (their oids are below 16384) stand for their members.
        SELECT r.rolname,
               CASE WHEN s.is_inherited AND pg_has_role(r.oid, s.oid, 'USAGE') THEN 'member of ' ELSE 'by SET ROLE ' END
                   || quote_ident(pg_get_userbyid(s.oid)), s.level, s.brand, s.personal, s.what
          FROM person r JOIN source s ON s.oid NOT IN (0, r.oid) AND pg_has_role(r.oid, s.oid, 'MEMBER')
         WHERE NOT r.rolsuper AND r.oid >= 16384
         UNION ALL
        SELECT u.role, 'secret', NULL, '*', 'none', 'uses secret ' || quote_ident(x.name) || CASE WHEN u.is_owner THEN ', and may replace it' ELSE '' END
          FROM (SELECT n.name, n.owner, n.users FROM momentum._secret_names() n) x,
               LATERAL (SELECT x.owner AS role, true AS is_owner WHERE x.owner IS NOT NULL
                         UNION ALL SELECT y, false FROM unnest(x.users) y) u)
    SELECT DISTINCT t.role, t.how, t.level, t.brand, t.personal, t.what FROM told t ORDER BY 1, 2, 4, 6;
END
$$;
COMMENT ON FUNCTION momentum.access_review() IS
    'Who can read what of the model, and by which way: superusers, the owner, granted levels, members, rights of the server, who makes roles, owners of single objects, plain GRANTs, views and functions of others, servers and secrets. For members of the model''s owner.';
REVOKE ALL ON FUNCTION momentum.access_review() FROM PUBLIC;

-- A store that is not there holds no secrets.
CREATE FUNCTION momentum._secret_names() RETURNS TABLE (name text, owner text, users text[])
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF coalesce(current_setting('momentum.secret_directory', true), '') <> '' THEN
        RETURN QUERY SELECT s.name, s.owner, s.users FROM momentum.secret_names() s;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._secret_names() IS 'The secrets with their owners and users, of those that the caller may see; none without a store.';
REVOKE ALL ON FUNCTION momentum._secret_names() FROM PUBLIC;
