-- Who may read a foreign table, and on whose credential.
\getenv sim MOMENTUM_SIM
SELECT :'sim' || '/small/shopify' AS base \gset
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup();
RESET client_min_messages;
CREATE ROLE test_rules_owner;
CREATE ROLE test_rules_clerk;
CREATE ROLE test_rules_reader;
GRANT ALL ON SCHEMA public TO test_rules_owner, test_rules_clerk;
SELECT momentum.grant_access('test_rules_owner', 'owner');

-- A superuser's server and table; a clerk gets every grant there is for them.
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret 'test_rules_shop');
IMPORT FOREIGN SCHEMA api LIMIT TO (shop) FROM SERVER shop INTO public;
INSERT INTO momentum.secret_entry (name, value) VALUES ('test_rules_shop', 'shpat_test');
SELECT name FROM shop;
GRANT USAGE ON FOREIGN SERVER shop TO test_rules_owner, test_rules_clerk, test_rules_reader;
GRANT SELECT ON shop TO test_rules_owner, test_rules_clerk, test_rules_reader;

-- A stray grant spends no quota: the setting is off, and a superuser's.
SET ROLE test_rules_clerk;
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
SELECT name FROM shop;
SET momentum.foreign_scan = on;
EXPLAIN (COSTS OFF) SELECT name FROM shop WHERE false;
RESET ROLE;
SET momentum.foreign_scan = on;
SET ROLE test_rules_clerk;
SELECT name FROM shop;

-- Nobody rides on a mapping for PUBLIC.
DROP USER MAPPING FOR CURRENT_USER SERVER shop;
SELECT name FROM shop;
RESET ROLE;
CREATE USER MAPPING FOR PUBLIC SERVER shop OPTIONS (credential 'shpat_test');
SET ROLE test_rules_clerk;
SELECT name FROM shop;
RESET ROLE;
DROP USER MAPPING FOR PUBLIC SERVER shop;
SET ROLE test_rules_clerk;

-- Nor on what the server itself is known by: a mapping carries a credential,
-- unless a superuser says that it needs none.
CREATE USER MAPPING FOR CURRENT_USER SERVER shop;
SELECT name FROM shop;
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential_required 'perhaps');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential_required 'false');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential_required 'true');
SELECT name FROM shop;
RESET ROLE;
ALTER USER MAPPING FOR test_rules_clerk SERVER shop OPTIONS (SET credential_required 'false');
SET ROLE test_rules_clerk;
\set VERBOSITY terse
SELECT name FROM shop;
\set VERBOSITY default
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (ADD credential 'shpat_test');
RESET ROLE;
DROP USER MAPPING FOR test_rules_clerk SERVER shop;

-- A secret is used by its owner, and by whom it was granted to: naming it in a
-- mapping is no right.
SET ROLE test_rules_clerk;
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret 'test_rules_shop');
SELECT name FROM shop;
RESET ROLE;
SELECT momentum.grant_secret('test_rules_shop', 'test_rules_clerk');
SET ROLE test_rules_clerk;
SELECT name FROM shop;
RESET ROLE;
SELECT momentum.revoke_secret('test_rules_shop', 'test_rules_clerk');
SET ROLE test_rules_clerk;
SELECT name FROM shop;

-- The name alone is nothing to hold on to: a mapping may name what was the
-- clerk's own, but not what another has stored under that name since.
RESET ROLE;
GRANT USAGE ON SCHEMA momentum TO test_rules_clerk;
GRANT INSERT ON momentum.secret_entry TO test_rules_clerk;
GRANT EXECUTE ON FUNCTION momentum.drop_secret(text) TO test_rules_clerk;
SET ROLE test_rules_clerk;
INSERT INTO momentum.secret_entry (name, value) VALUES ('test_rules_bait', 'shpat_test');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET secret 'test_rules_bait');
SELECT name FROM shop;
SELECT momentum.drop_secret('test_rules_bait');
RESET ROLE;
INSERT INTO momentum.secret_entry (name, value) VALUES ('test_rules_bait', 'shpat_test');
SET ROLE test_rules_clerk;
SELECT name FROM shop;
RESET ROLE;

-- Where requests go is a superuser's to say; with it a role may not touch the server.
GRANT USAGE ON FOREIGN DATA WRAPPER shopify_fdw TO test_rules_clerk;
SET ROLE test_rules_clerk;
CREATE SERVER clerk FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small');
ALTER SERVER clerk OPTIONS (base_url 'https://elsewhere.example');
ALTER SERVER clerk OPTIONS (token_url 'https://elsewhere.example');
ALTER SERVER clerk OPTIONS (ca_file '/tmp/ca.pem');
ALTER SERVER clerk OPTIONS (allow_insecure 'true');
ALTER SERVER clerk OPTIONS (SET shop 'elsewhere.example/');
RESET ROLE;

-- Even if a check of an option were missing, the address is held against the
-- hosts of the service before a credential goes there.
CREATE SERVER bent FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small');
SET allow_system_table_mods = on;
UPDATE pg_catalog.pg_foreign_server SET srvoptions = '{shop=127.0.0.1/?}' WHERE srvname = 'bent';
RESET allow_system_table_mods;
CREATE USER MAPPING FOR CURRENT_USER SERVER bent OPTIONS (credential 'shpat_test');
CREATE FOREIGN TABLE bent (name text) SERVER bent OPTIONS (resource 'shop');
SELECT name FROM bent;

-- A secret bound to hosts goes to no other, whoever asks and whatever base_url says.
SELECT momentum.bind_secret('test_rules_shop', '{*.myshopify.com}');
SELECT name FROM shop;
SELECT momentum.bind_secret('test_rules_shop', '{*.myshopify.com,127.0.0.1}');
SELECT name FROM shop;

-- So is what is bought with it: the token's endpoint counts as a host too.
INSERT INTO momentum.secret_entry (name, value)
VALUES ('test_rules_shop', '{"client_id": "sim_client", "client_secret": "sim_secret"}');
SELECT name FROM shop;
SELECT :'sim' || '/small/shopify/admin/oauth/access_token' AS token \gset
SELECT pg_catalog.replace(:'token', '127.0.0.1', 'localhost') AS token \gset
ALTER SERVER shop OPTIONS (token_url :'token');
INSERT INTO momentum.secret_entry (name, value)
VALUES ('test_rules_shop', '{"client_id": "sim_client", "client_secret": "sim_secret"}');
SELECT name FROM shop;
ALTER SERVER shop OPTIONS (DROP token_url);

-- The owner level reads without the setting, each on a credential of its own,
RESET momentum.foreign_scan;
SET ROLE test_rules_owner;
SELECT name FROM shop;
INSERT INTO momentum.secret_entry (name, value) VALUES ('test_rules_own', 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret 'test_rules_own');
SELECT name FROM shop;

-- makes servers of its own, on the terms of everybody,
CREATE SERVER own FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small');
ALTER SERVER own OPTIONS (base_url 'https://elsewhere.example');
ALTER SERVER shop OPTIONS (SET shop 'large');

-- and lets others read through its view, as any owner of a view does: it is
-- the mapping's user who is judged, not who asks.
CREATE VIEW lent AS SELECT name FROM shop;
CREATE VIEW kept WITH (security_invoker) AS SELECT name FROM shop;
GRANT SELECT ON lent, kept TO test_rules_reader;
SET ROLE test_rules_reader;
SELECT name FROM lent;
SELECT name FROM kept;
SELECT name FROM shop;
RESET ROLE;

-- Who was of the owner level is no longer.
SELECT momentum.revoke_access('test_rules_owner');
SET ROLE test_rules_reader;
SELECT name FROM lent;
RESET ROLE;

SELECT momentum.drop_secret(name) FROM momentum.secret_names() WHERE name LIKE 'test_rules_%';
SET client_min_messages = warning;
DROP OWNED BY test_rules_owner, test_rules_clerk, test_rules_reader CASCADE;
DROP ROLE test_rules_owner, test_rules_clerk, test_rules_reader;
