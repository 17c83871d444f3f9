-- Okendo: the reviews of a shop's products.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/okendo'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\pset null '-'

-- What it took.
CREATE FUNCTION requests(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' || query LOOP
        IF line ~ '^ +Requests' THEN RETURN trim(line); END IF;
    END LOOP;
END $$;

CREATE SERVER reviews FOREIGN DATA WRAPPER okendo_fdw OPTIONS (api_version 'latest');
CREATE SERVER reviews FOREIGN DATA WRAPPER okendo_fdw
    OPTIONS (base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER reviews OPTIONS
    (credential '{"username": "7a3f0c52-0000-4000-8000-000000000001", "password": "okendo_test"}');
CREATE SCHEMA okendo;
IMPORT FOREIGN SCHEMA api FROM SERVER reviews INTO okendo;
SET search_path = okendo, public;

-- Every status, page after page; a condition on it chooses the passes.
SELECT status, count(*), count(sentiment) AS judged, count(order_id) AS ordered,
       min(created_at), max(created_at), sum(rating) FROM reviews GROUP BY status ORDER BY status;
SELECT requests('SELECT * FROM reviews WHERE status = ''pending''');
SELECT * FROM reviews WHERE status = 'pending' ORDER BY id LIMIT 1;
-- The service has no other filter: what else is asked is checked here.
SELECT id, rating, tags, is_verified FROM reviews
 WHERE status = 'approved' AND rating = 5 AND created_at >= '2026-03-20' ORDER BY id LIMIT 2;
SELECT count(*) FROM reviews WHERE status = 'published';
-- Links to the next page have two forms.
\! "$PG_ABS_SRCDIR/simulator/ctl" set small okendo next=whole > /dev/null
SELECT count(*), count(DISTINCT id) FROM reviews WHERE status = 'approved';

-- Wrong credentials, a version that the service does not know.
ALTER USER MAPPING FOR CURRENT_USER SERVER reviews OPTIONS (SET credential 'somebody:else_entirely');
SELECT count(*) FROM reviews;
ALTER USER MAPPING FOR CURRENT_USER SERVER reviews OPTIONS
    (SET credential '7a3f0c52-0000-4000-8000-000000000001:okendo_test');
ALTER SERVER reviews OPTIONS (ADD api_version '2020-01-01');
SELECT count(*) FROM reviews;
