-- What the sync needs to know of the foreign scans of its own session.

CREATE FUNCTION momentum.scan_pages() RETURNS bigint
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_scan_pages';
COMMENT ON FUNCTION momentum.scan_pages() IS
    'Pages that foreign scans of this session fetched since the last call.';

CREATE FUNCTION momentum.server_time(server name) RETURNS timestamp with time zone
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_server_time';
COMMENT ON FUNCTION momentum.server_time(name) IS
    'The service''s clock: the Date header of the last answer that this session had from the foreign server; NULL if it had none.';
