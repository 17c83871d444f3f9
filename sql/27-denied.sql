-- Refusals and failed logins, counted in shared memory.
CREATE FUNCTION momentum._is_preloaded() RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_is_preloaded';
COMMENT ON FUNCTION momentum._is_preloaded() IS 'Is the extension in shared_preload_libraries?';
REVOKE ALL ON FUNCTION momentum._is_preloaded() FROM PUBLIC;

CREATE FUNCTION momentum._stat_denied(
    OUT role oid, OUT name text, OUT sqlstate text, OUT is_login boolean, OUT total bigint, OUT guarded bigint,
    OUT last_5_minutes bigint, OUT peak_5_minutes bigint, OUT last_at timestamp with time zone,
    OUT last_guarded_at timestamp with time zone, OUT stats_reset timestamp with time zone) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_stat_denied_rows';
COMMENT ON FUNCTION momentum._stat_denied() IS 'What momentum.stat_denied shows, by the role''s oid.';
REVOKE ALL ON FUNCTION momentum._stat_denied() FROM PUBLIC;

CREATE FUNCTION momentum.reset_denied() RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_reset_denied';
COMMENT ON FUNCTION momentum.reset_denied() IS 'Sets the counters of momentum.stat_denied back to zero, in all databases of the server.';
REVOKE ALL ON FUNCTION momentum.reset_denied() FROM PUBLIC;

CREATE VIEW momentum.stat_denied AS
    SELECT coalesce(r.rolname::pg_catalog.text, d.name,
                    CASE WHEN d.role IS NULL THEN '(others)' ELSE pg_catalog.format('(role %s)', d.role) END) AS role,
           CASE WHEN d.role IS NOT NULL THEN r.oid IS NOT NULL
                WHEN d.name IS NOT NULL THEN l.oid IS NOT NULL END AS role_exists,
           d.sqlstate, d.is_login, d.total, d.guarded, d.last_5_minutes, d.peak_5_minutes, d.last_at,
           d.last_guarded_at, d.stats_reset
      FROM momentum._stat_denied() d
      LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) d.role
      LEFT JOIN pg_catalog.pg_roles l ON d.is_login AND l.rolname OPERATOR(pg_catalog.=) d.name::pg_catalog.name;
COMMENT ON VIEW momentum.stat_denied IS
    'Who was refused how often since the server''s start or reset_denied(): missing privileges (42501) in this database, failed logins (28P01, 28000) of the server. Counted when preloaded.';
COMMENT ON COLUMN momentum.stat_denied.role IS 'The role; of a failed login the name that was given; (others) once there are more than there is room for.';
COMMENT ON COLUMN momentum.stat_denied.role_exists IS 'Whether a role of that name exists now.';
COMMENT ON COLUMN momentum.stat_denied.sqlstate IS '42501, 28P01 (wrong password) or 28000 (no such role, or not admitted).';
COMMENT ON COLUMN momentum.stat_denied.is_login IS 'A failed login, of any database.';
COMMENT ON COLUMN momentum.stat_denied.total IS 'Refusals.';
COMMENT ON COLUMN momentum.stat_denied.guarded IS 'Those of them of which one is enough: of momentum_state, of a secret, of another brand''s rows.';
COMMENT ON COLUMN momentum.stat_denied.last_5_minutes IS 'Refusals in the running minute and the four before it.';
COMMENT ON COLUMN momentum.stat_denied.peak_5_minutes IS 'The most within five minutes of the last hour.';
COMMENT ON COLUMN momentum.stat_denied.last_at IS 'When the last one was.';
COMMENT ON COLUMN momentum.stat_denied.last_guarded_at IS 'When the last one was of which one is enough.';
COMMENT ON COLUMN momentum.stat_denied.stats_reset IS 'Since when is counted.';
REVOKE ALL ON momentum.stat_denied FROM PUBLIC;
GRANT EXECUTE ON FUNCTION momentum._stat_denied() TO pg_read_all_stats;
GRANT SELECT ON momentum.stat_denied TO pg_read_all_stats;
