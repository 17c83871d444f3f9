-- What the sync needs to know of the foreign scans of its own session.

CREATE FUNCTION momentum.scan_pages() RETURNS bigint
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_scan_pages';
COMMENT ON FUNCTION momentum.scan_pages() IS
    'Pages that foreign scans of this session fetched since the last call.';

CREATE FUNCTION momentum.server_time(server name) RETURNS timestamp with time zone
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_server_time';
COMMENT ON FUNCTION momentum.server_time(name) IS
    'The service''s clock: the Date header of the last answer that this session had from the foreign server; NULL if it had none.';

-- Records with a value that their table cannot take fail a scan, unless the
-- sync goes on past them.
CREATE FUNCTION momentum._leave_unread(leave boolean) RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_leave_unread';
COMMENT ON FUNCTION momentum._leave_unread(boolean) IS
    'Has scans of this transaction leave out records that cannot be read, and keep them aside; or fail, as they do by themselves. What was kept aside is forgotten.';
REVOKE ALL ON FUNCTION momentum._leave_unread(boolean) FROM PUBLIC;

CREATE FUNCTION momentum._leaves_unread() RETURNS boolean
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_leaves_unread';
COMMENT ON FUNCTION momentum._leaves_unread() IS 'Are records left out that cannot be read?';
REVOKE ALL ON FUNCTION momentum._leaves_unread() FROM PUBLIC;

CREATE FUNCTION momentum._unread(OUT relation regclass, OUT key text, OUT columns text, OUT record text, OUT reason text, OUT state text)
    RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_unread';
COMMENT ON FUNCTION momentum._unread() IS
    'Records that were left out since _leave_unread(): of which foreign table, their key if that can be read, the columns that cannot, the whole as JSON, and why.';
REVOKE ALL ON FUNCTION momentum._unread() FROM PUBLIC;

CREATE FUNCTION momentum._unread_place() RETURNS text
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_unread_place';
COMMENT ON FUNCTION momentum._unread_place() IS
    'Column, foreign table and record of the value that last failed a scan of this transaction; NULL: none did.';
REVOKE ALL ON FUNCTION momentum._unread_place() FROM PUBLIC;

CREATE FUNCTION momentum._numeric_within(value text, item text, resource text, "column" text) RETURNS numeric
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_numeric_within';
COMMENT ON FUNCTION momentum._numeric_within(text, text, text, text) IS
    'A number out of a column of JSON, of an order. One that is none is left out or fails, as the columns of a scan.';
REVOKE ALL ON FUNCTION momentum._numeric_within(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum._instant_within(value text, item text, resource text, "column" text) RETURNS timestamptz
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_instant_within';
COMMENT ON FUNCTION momentum._instant_within(text, text, text, text) IS
    'An instant out of a column of JSON, of an order. One that is none is left out or fails, as the columns of a scan.';
REVOKE ALL ON FUNCTION momentum._instant_within(text, text, text, text) FROM PUBLIC;
