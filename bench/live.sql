-- Foreign tables of the small and the big shop, at the simulator (:sim) and,
-- with recorded answers, at the responder (:still).
\set ON_ERROR_STOP on
\set small :sim /small/shopify
\set big :sim /big/shopify
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
CREATE SERVER small FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', base_url :'small', allow_insecure 'true');
CREATE SERVER big FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'big', base_url :'big', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER small OPTIONS (credential 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER big OPTIONS (credential 'shpat_test');
CREATE SCHEMA small;
CREATE SCHEMA big;
IMPORT FOREIGN SCHEMA api FROM SERVER small INTO small;
IMPORT FOREIGN SCHEMA api FROM SERVER big INTO big;
