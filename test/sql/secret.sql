-- The secret store: encrypted files in a directory of the server's user.
CREATE EXTENSION momentum;

-- A place of this test's own.  The server's user makes it.
SELECT '/tmp/momentum_secret_' || pg_catalog.pg_backend_pid() AS place \gset
\set directory :place /secrets
\set key :place /key
\set make 'mkdir -m 700 ' :place ' ' :directory ' && openssl rand -hex 32 > ' :key ' && chmod 644 ' :key
\set open_up 'chmod 755 ' :directory
\set close_directory 'chmod 700 ' :directory
\set close_key 'chmod 600 ' :key
\set other_key 'openssl rand -out ' :key ' 32'
\set no_key 'echo secret > ' :key
\set remove 'rm -rf ' :place
COPY (SELECT WHERE false) TO PROGRAM :'make';

-- Without a directory, or one that others may look into, nothing is stored.
SET momentum.secret_directory = '';
SET momentum.secret_key_file = '';
SELECT momentum.set_secret('one', 'shpat_0123456789');
SET momentum.secret_directory = 'secrets';
SELECT momentum.set_secret('one', 'shpat_0123456789');
SET momentum.secret_directory = '/nowhere/secrets';
SELECT momentum.set_secret('one', 'shpat_0123456789');
SET momentum.secret_directory = :'directory';
COPY (SELECT WHERE false) TO PROGRAM :'open_up';
SELECT momentum.set_secret('one', 'shpat_0123456789');
COPY (SELECT WHERE false) TO PROGRAM :'close_directory';

-- Nor without a key, or with one that others may read.
SELECT momentum.set_secret('one', 'shpat_0123456789');
SET momentum.secret_key_file = :'key';
SELECT momentum.set_secret('one', 'shpat_0123456789');
COPY (SELECT WHERE false) TO PROGRAM :'close_key';

-- A base backup must not carry them.
SELECT pg_catalog.current_setting('data_directory') AS data \gset
SET momentum.secret_directory = :'data';
SELECT momentum.set_secret('one', 'shpat_0123456789');
SET momentum.secret_directory = :'directory';

-- The quick way warns.
SELECT momentum.set_secret('one', 'shpat_0123456789');

-- The quiet way: one line name=value each, quotes and backslashes survive.
\copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E'\x01', quote E'\x02')
two={"private_key":"-----BEGIN\nMIIE=\n","client":"a,b\\c"}
with-hyphen.and.dot=x=y
\.
SELECT name, changed > pg_catalog.now() - interval '1 minute' AS just_now
FROM momentum.secret_names() ORDER BY name COLLATE "C";

-- The directory holds one file for each: mark, nonce, owner, id and tag take 84 bytes.
SELECT name, (pg_catalog.pg_stat_file(:'directory' || '/' || name)).size - 84 AS secret_len
FROM pg_catalog.pg_ls_dir(:'directory') AS name ORDER BY name COLLATE "C";

-- What goes in does not come out: the view is always empty.
SELECT * FROM momentum.secret_entry;

-- The same text is never sealed twice in the same way.
SELECT pg_catalog.pg_read_binary_file(:'directory' || '/one.secret') AS before \gset
SELECT momentum.set_secret('one', 'shpat_0123456789');
SELECT pg_catalog.pg_read_binary_file(:'directory' || '/one.secret') <> :'before' AS differs;

-- Bad entries.  The client sees its own line, the log does not.
\copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E'\x01', quote E'\x02')
no equals sign
\.
\copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E'\x01', quote E'\x02')
bad name=x
\.
\copy momentum.secret_entry (value) from pstdin with (format csv, delimiter E'\x01', quote E'\x02')
empty=
\.
INSERT INTO momentum.secret_entry (value) VALUES (NULL);
INSERT INTO momentum.secret_entry (name, value) VALUES ('../one', 'x');
INSERT INTO momentum.secret_entry (name, value) VALUES ('.hidden', 'x');
INSERT INTO momentum.secret_entry (name, value) VALUES (pg_catalog.repeat('n', 64), 'x');
INSERT INTO momentum.secret_entry (name, value) VALUES ('long', pg_catalog.repeat('x', 65537));
SELECT momentum.set_secret(NULL, 'x');
SELECT momentum.set_secret('one', NULL);

-- A stored secret stays stored.
BEGIN;
INSERT INTO momentum.secret_entry (name, value) VALUES ('kept', 'x');
ROLLBACK;
SELECT pg_catalog.count(*) FROM momentum.secret_names() WHERE name = 'kept';

-- Dropping says whether there was one.
SELECT momentum.drop_secret('kept'), momentum.drop_secret('kept');
SELECT momentum.drop_secret('../key');

-- A key that is none.
COPY (SELECT WHERE false) TO PROGRAM :'no_key';
SELECT momentum.set_secret('one', 'shpat_0123456789');
COPY (SELECT WHERE false) TO PROGRAM :'other_key';
SELECT momentum.set_secret('one', 'shpat_0123456789');

-- Another key, for good: what was under the old one is sealed anew.
\set keep_key 'cp -p ' :key ' ' :key '.old && openssl rand -hex 32 > ' :key
\set old_key :key .old
SELECT name, momentum.drop_secret(name) AS dropped FROM momentum.secret_names()
WHERE name <> 'one' ORDER BY name COLLATE "C";
INSERT INTO momentum.secret_entry (name, value) VALUES ('two', 'y');
COPY (SELECT WHERE false) TO PROGRAM :'keep_key';
SELECT momentum.bind_secret('one', '{}');
SELECT momentum.reseal_secrets(:'old_key');
SELECT momentum.reseal_secrets(:'old_key');
SELECT momentum.bind_secret('one', '{}');
SELECT momentum.reseal_secrets('old.key');
SELECT momentum.reseal_secrets('/nowhere/key');
SELECT momentum.reseal_secrets(:'directory');

-- Nobody else may: neither read names, nor store, nor see where it is.
CREATE ROLE test_secret_reader;
GRANT USAGE ON SCHEMA momentum TO test_secret_reader;
SET ROLE test_secret_reader;
SELECT * FROM momentum.secret_names();
SELECT momentum.set_secret('one', 'x');
SELECT momentum.drop_secret('one');
INSERT INTO momentum.secret_entry (name, value) VALUES ('one', 'x');
SELECT * FROM momentum.secret_entry;
SHOW momentum.secret_directory;
SET momentum.secret_key_file = '/tmp/mine';
RESET ROLE;

-- INSERT on the view is all that a role needs to store one; it cannot read it back.
GRANT INSERT ON momentum.secret_entry TO test_secret_reader;
SET ROLE test_secret_reader;
INSERT INTO momentum.secret_entry (name, value) VALUES ('theirs', 'x');
INSERT INTO momentum.secret_entry (name, value) VALUES ('theirs', 'x') RETURNING value;
RESET ROLE;

-- It belongs to that role, and stays so when a superuser stores it again; a
-- superuser's is not for others to replace, drop, give away or bind.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA momentum TO test_secret_reader;
INSERT INTO momentum.secret_entry (name, value) VALUES ('theirs', 'y');
SELECT name, owner, users, hosts FROM momentum.secret_names() ORDER BY name COLLATE "C";
SET ROLE test_secret_reader;
INSERT INTO momentum.secret_entry (name, value) VALUES ('theirs', 'z');
INSERT INTO momentum.secret_entry (name, value) VALUES ('one', 'x');
SELECT momentum.set_secret('one', 'x');
SELECT momentum.drop_secret('one');
SELECT momentum.grant_secret('one', 'test_secret_reader');
SELECT momentum.bind_secret('one', '{elsewhere.example}');
SELECT momentum.drop_secret('nothing');
SELECT momentum.reseal_secrets('/etc/passwd');

-- A role lists what it may use: its own, and what was granted to it.
SELECT name, owner, users, hosts FROM momentum.secret_names() ORDER BY name COLLATE "C";
RESET ROLE;
SELECT momentum.grant_secret('one', 'test_secret_reader');
SELECT momentum.grant_secret('one', 'test_secret_reader');
SELECT momentum.bind_secret('one', '{api.example.com,*.example.net}');
SET ROLE test_secret_reader;
SELECT name, owner, users, hosts FROM momentum.secret_names() ORDER BY name COLLATE "C";
SELECT momentum.grant_secret('one', 'test_secret_reader');

-- Storing it again keeps users and hosts.
RESET ROLE;
INSERT INTO momentum.secret_entry (name, value) VALUES ('one', 'shpat_0123456789');
SELECT name, owner, users, hosts FROM momentum.secret_names() WHERE name = 'one';
SELECT momentum.revoke_secret('one', 'test_secret_reader');
SELECT momentum.bind_secret('one', '{}');
SELECT name, owner, users, hosts FROM momentum.secret_names() WHERE name = 'one';

-- What cannot be.
SELECT momentum.revoke_secret('one', 'test_secret_reader');
SELECT momentum.grant_secret('one', 'nobody_of_that_name');
SELECT momentum.grant_secret('nothing', 'test_secret_reader');
SELECT momentum.bind_secret('nothing', '{}');
SELECT momentum.bind_secret('one', '{https://api.example.com/}');
SELECT momentum.bind_secret('one', '{*}');
SELECT momentum.bind_secret('one', '{*.}');
SELECT momentum.bind_secret('one', '{api.example.com:8080}');
SELECT momentum.bind_secret('one', '{NULL}');

-- A file given another owner does not open, nor one under another name; what
-- does not open a superuser alone may replace.
\set forge 'sed -i s/test_secret_reader/test_secret_writer/ ' :directory '/theirs.secret'
\set rename 'cp ' :directory '/one.secret ' :directory '/uno.secret'
COPY (SELECT WHERE false) TO PROGRAM :'forge';
COPY (SELECT WHERE false) TO PROGRAM :'rename';
SELECT momentum.bind_secret('theirs', '{}');
SELECT momentum.bind_secret('uno', '{}');
SET ROLE test_secret_reader;
INSERT INTO momentum.secret_entry (name, value) VALUES ('theirs', 'x');
RESET ROLE;
INSERT INTO momentum.secret_entry (name, value) VALUES ('theirs', 'x');
SELECT name, owner FROM momentum.secret_names() WHERE name = 'theirs';

-- A role that is gone leaves its secrets to superusers.
CREATE ROLE test_secret_writer;
GRANT USAGE ON SCHEMA momentum TO test_secret_writer;
GRANT INSERT ON momentum.secret_entry TO test_secret_writer;
SET ROLE test_secret_writer;
INSERT INTO momentum.secret_entry (name, value) VALUES ('orphan', 'x');
RESET ROLE;
DROP OWNED BY test_secret_writer;
DROP ROLE test_secret_writer;
SELECT name, owner FROM momentum.secret_names() WHERE name = 'orphan';
SET ROLE test_secret_reader;
SELECT momentum.drop_secret('orphan');
RESET ROLE;
SELECT momentum.drop_secret('orphan');

-- The trigger's function takes no view but ours for one: it would read numbers as texts.
CREATE VIEW two_numbers AS SELECT 1::bigint AS name, 2::bigint AS value;
CREATE TRIGGER store INSTEAD OF INSERT ON two_numbers
    FOR EACH ROW EXECUTE FUNCTION momentum._secret_entry_insert();
INSERT INTO two_numbers VALUES (1, 99999999999);
CREATE VIEW one_text AS SELECT 'x'::text AS value;
CREATE TRIGGER store INSTEAD OF INSERT ON one_text
    FOR EACH ROW EXECUTE FUNCTION momentum._secret_entry_insert();
INSERT INTO one_text VALUES ('a=b');
DROP VIEW two_numbers, one_text;

DROP OWNED BY test_secret_reader;
DROP ROLE test_secret_reader;
COPY (SELECT WHERE false) TO PROGRAM :'remove';
