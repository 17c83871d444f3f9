-- The secret store: encrypted files outside the database.

CREATE FUNCTION momentum.set_secret(name text, value text) RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_set_secret';
COMMENT ON FUNCTION momentum.set_secret(text, text) IS
    'Stores a secret. For a quick try: the statement may be logged; COPY into momentum.secret_entry is not.';
REVOKE ALL ON FUNCTION momentum.set_secret(text, text) FROM PUBLIC;

CREATE FUNCTION momentum.drop_secret(name text) RETURNS boolean
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_drop_secret';
COMMENT ON FUNCTION momentum.drop_secret(text) IS
    'Removes a secret from the store, for good; false if there was none of that name.';
REVOKE ALL ON FUNCTION momentum.drop_secret(text) FROM PUBLIC;

CREATE FUNCTION momentum.secret_names(OUT name text, OUT changed timestamptz) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_secret_names';
COMMENT ON FUNCTION momentum.secret_names() IS
    'The names of the stored secrets, and when each was stored.';
REVOKE ALL ON FUNCTION momentum.secret_names() FROM PUBLIC;

CREATE FUNCTION momentum._secret_entry_insert() RETURNS trigger
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_secret_entry_insert';
COMMENT ON FUNCTION momentum._secret_entry_insert() IS
    'Trigger of momentum.secret_entry: stores what is inserted, and keeps it out of the log.';
REVOKE ALL ON FUNCTION momentum._secret_entry_insert() FROM PUBLIC;

CREATE VIEW momentum.secret_entry AS
    SELECT NULL::pg_catalog.text AS name, NULL::pg_catalog.text AS value WHERE false;
COMMENT ON VIEW momentum.secret_entry IS
    'The quiet way into the secret store. It only takes, and is always empty: \copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E''\x01'', quote E''\x02''), then one line name=value each. A stored line stays stored, even if the transaction rolls back.';
COMMENT ON COLUMN momentum.secret_entry.name IS
    'The secret''s name; left out, it stands before the first = of the value.';
COMMENT ON COLUMN momentum.secret_entry.value IS
    'The secret, or name=secret.';
REVOKE ALL ON momentum.secret_entry FROM PUBLIC;

CREATE TRIGGER store INSTEAD OF INSERT ON momentum.secret_entry
    FOR EACH ROW EXECUTE FUNCTION momentum._secret_entry_insert();
