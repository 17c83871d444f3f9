-- The secret store: encrypted files outside the database.

CREATE FUNCTION momentum.set_secret(name text, value text) RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_set_secret';
COMMENT ON FUNCTION momentum.set_secret(text, text) IS
    'Stores a secret, which then belongs to the current role; one that exists keeps its owner, who alone may replace it. For a quick try: the statement may be logged; COPY into momentum.secret_entry is not.';
REVOKE ALL ON FUNCTION momentum.set_secret(text, text) FROM PUBLIC;

CREATE FUNCTION momentum.drop_secret(name text) RETURNS boolean
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_drop_secret';
COMMENT ON FUNCTION momentum.drop_secret(text) IS
    'Removes a secret from the store, for good; false if there was none of that name. For its owner and superusers.';
REVOKE ALL ON FUNCTION momentum.drop_secret(text) FROM PUBLIC;

CREATE FUNCTION momentum.grant_secret(name text, role name) RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_grant_secret';
COMMENT ON FUNCTION momentum.grant_secret(text, name) IS
    'Lets a role, and its members, use a secret in their user mappings; they neither see nor change it. For the secret''s owner and superusers.';
REVOKE ALL ON FUNCTION momentum.grant_secret(text, name) FROM PUBLIC;

CREATE FUNCTION momentum.revoke_secret(name text, role name) RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_revoke_secret';
COMMENT ON FUNCTION momentum.revoke_secret(text, name) IS
    'Takes back what grant_secret gave.';
REVOKE ALL ON FUNCTION momentum.revoke_secret(text, name) FROM PUBLIC;

CREATE FUNCTION momentum.bind_secret(name text, hosts text[]) RETURNS void
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_bind_secret';
COMMENT ON FUNCTION momentum.bind_secret(text, text[]) IS
    'Binds a secret to hosts, or *.domain for any below it: it goes nowhere else then, not even where a superuser''s base_url or token_url leads. ''{}'' = to the hosts of the service. For the secret''s owner and superusers.';
REVOKE ALL ON FUNCTION momentum.bind_secret(text, text[]) FROM PUBLIC;

CREATE FUNCTION momentum.set_secret_expiry(name text, expires timestamptz) RETURNS void
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_set_secret_expiry';
COMMENT ON FUNCTION momentum.set_secret_expiry(text, timestamptz) IS
    'Says when a secret ends, for momentum.health() to warn in time; NULL = not known. Forgotten when another value is stored, which may say it itself in a JSON member "expires_at". For the secret''s owner and superusers.';
REVOKE ALL ON FUNCTION momentum.set_secret_expiry(text, timestamptz) FROM PUBLIC;

CREATE FUNCTION momentum.reseal_secrets(old_key_file text) RETURNS bigint
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_reseal_secrets';
COMMENT ON FUNCTION momentum.reseal_secrets(text) IS
    'After momentum.secret_key_file was set to a new key: seals anew the secrets that are still under the old one, whose file is named here, and tells how many there were. May be repeated. For superusers.';
REVOKE ALL ON FUNCTION momentum.reseal_secrets(text) FROM PUBLIC;

CREATE FUNCTION momentum.secret_names(OUT name text, OUT changed timestamptz, OUT owner text, OUT users text[], OUT hosts text[], OUT expires timestamptz) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'mo_secret_names';
COMMENT ON FUNCTION momentum.secret_names() IS
    'The names of the stored secrets that the caller may use (a superuser: all of them), when each was stored or last rotated by its service, its owner, the roles it was granted to, the hosts it is bound to, and when it ends, if that is known.';
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
