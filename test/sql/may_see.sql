-- Who may see what.  Roles are the DBA's; momentum.grant_access() gives them
-- a level.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
CREATE ROLE regress_reader;
CREATE ROLE regress_member IN ROLE regress_reader;
CREATE ROLE regress_all;
CREATE ROLE regress_agent;
CREATE ROLE regress_owner;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('tea', 'Tea', 'UTC', 'USD'), ('milk', 'Milk', 'UTC', 'USD');
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT b, 'orders', date '2026-06-01' + d, 'shop', 7, false FROM unnest(ARRAY['tea', 'milk']) b, generate_series(0, 2) d;
SELECT momentum._refresh_matviews();

-- Nothing is granted to PUBLIC.
SET ROLE regress_reader;
SELECT * FROM momentum.dashboard;
SELECT momentum.may_see('tea');
SELECT momentum.grant_access('regress_reader', 'reader');
RESET ROLE;

-- Wrong input.
SELECT momentum.grant_access('regress_reader', 'boss', 'tea');
SELECT momentum.grant_access('regress_nobody', 'reader', 'tea');
SELECT momentum.grant_access('regress_reader', 'reader', 'coffee');
SELECT momentum.grant_access('regress_reader', 'reader', NULL);
SELECT momentum.grant_access('regress_owner', 'owner', 'tea');
SELECT momentum.revoke_access('regress_reader');

-- A reader of one brand sees that brand, in every view, and no table.
SELECT momentum.grant_access('regress_reader', 'reader', 'tea');
SELECT momentum.grant_access('regress_all', 'reader');
SELECT momentum.grant_access('regress_agent', 'agent', 'tea');
SET ROLE regress_reader;
SELECT momentum.may_see('tea') AS tea, momentum.may_see('milk') AS milk, momentum.may_see(NULL) AS null;
SELECT brand, count(*) FROM momentum.dashboard GROUP BY brand;
SELECT brand, count(*) FROM momentum.metric_value GROUP BY brand;
SELECT brand FROM momentum.score WHERE brand = 'milk';
SELECT * FROM momentum_state.metric_daily;
SELECT * FROM momentum_state.dashboard;
SELECT * FROM hub.orders;
SELECT * FROM momentum.secret_entry;
SELECT momentum.setup();

-- Every reading view opens for a reader, and none shows another brand.
RESET ROLE;
CREATE TEMP TABLE opened AS SELECT v::text AS view, c.oid IS NOT NULL AS has_brand
  FROM momentum._reading_views() v LEFT JOIN pg_attribute a ON a.attrelid = v AND a.attname = 'brand' LEFT JOIN pg_class c ON c.oid = a.attrelid;
GRANT SELECT ON opened TO regress_reader;
SET ROLE regress_reader;
DO $$
DECLARE
	o record;
	others bigint;
BEGIN
	FOR o IN SELECT * FROM opened ORDER BY view LOOP
		EXECUTE format('SELECT count(x) FROM %s x %s', o.view, CASE WHEN o.has_brand THEN 'WHERE brand IS DISTINCT FROM ''tea''' END) INTO others;
		IF o.has_brand AND others > 0 THEN
			RAISE WARNING '% shows others', o.view;
		END IF;
	END LOOP;
END $$;

-- A function that tells what it is asked is not asked about other brands.
CREATE FUNCTION pg_temp.tell(brand text) RETURNS boolean LANGUAGE plpgsql COST 0.000001
	AS $$ BEGIN RAISE WARNING 'told of %', brand; RETURN true; END $$;
SELECT brand FROM momentum.score WHERE pg_temp.tell(brand);
RESET ROLE;

-- A member sees what its role sees; all brands are all brands; an agent has
-- no figures.
SET ROLE regress_member;
SELECT brand FROM momentum.score ORDER BY 1;
SET ROLE regress_all;
SELECT brand FROM momentum.score ORDER BY 1;
SET ROLE regress_agent;
SELECT brand FROM momentum.score;
RESET ROLE;
SELECT brand FROM momentum.score ORDER BY 1;

-- A function of the owner in between does not lend its eyes: the outer user
-- is judged.
CREATE FUNCTION public.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT count(*) FROM momentum.score $$;
SET ROLE regress_reader;
SELECT public.peek();
RESET ROLE;
SELECT public.peek();
BEGIN;
SET LOCAL ROLE regress_reader;
SELECT count(*) FROM momentum.score;
SET LOCAL ROLE regress_all;
SELECT count(*) FROM momentum.score;
ROLLBACK;

-- What is granted in a subtransaction that is rolled back was never seen.
BEGIN;
SAVEPOINT before;
SELECT momentum.grant_access('regress_reader', 'reader', 'milk');
SET LOCAL ROLE regress_reader;
SELECT brand FROM momentum.score ORDER BY 1;
ROLLBACK TO before;
SET LOCAL ROLE regress_reader;
SELECT brand FROM momentum.score ORDER BY 1;
ROLLBACK;

-- setup() runs again and the grants hold; a second brand joins the first;
-- taking one away leaves the other, taking all away leaves nothing.
SELECT momentum.setup();
SELECT momentum.grant_access('regress_reader', 'reader', 'milk');
SELECT brand, role, level FROM momentum_state.access ORDER BY role, brand;
SET ROLE regress_reader;
SELECT brand FROM momentum.score ORDER BY 1;
RESET ROLE;
SELECT momentum.revoke_access('regress_reader', 'tea');
SET ROLE regress_reader;
SELECT brand FROM momentum.score ORDER BY 1;
RESET ROLE;
SELECT momentum.revoke_access('regress_reader');
SET ROLE regress_reader;
SELECT brand FROM momentum.score;
RESET ROLE;

-- An owner works on the tables.
SELECT momentum.grant_access('regress_owner', 'owner');
SET ROLE regress_owner;
SELECT count(*) FROM momentum_state.metric_daily;
SELECT brand FROM momentum.score ORDER BY 1;
INSERT INTO momentum.secret_entry (value) VALUES ('no equals sign');
-- What only the model's owner can do says so.
SELECT momentum.grant_access('regress_reader', 'reader');
SELECT momentum.revoke_access('regress_all');
SELECT momentum.set_target('tea', 'aov', 60);
CALL momentum.refresh();
RESET ROLE;

-- The contract of reading views: each view and column has a comment, each
-- view has as_of, and no type that a BI tool trips over.  What breaks it is
-- listed here.
WITH v AS (
	SELECT r.view, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod) AS type
	  FROM momentum._reading_views() r (view)
	  JOIN pg_attribute a ON a.attrelid = r.view AND a.attnum > 0)
SELECT DISTINCT v.view::text AS name, 'no comment' AS fault FROM v WHERE obj_description(v.view) IS NULL
UNION ALL
SELECT v.view || '.' || v.attname, 'no comment' FROM v WHERE col_description(v.view, v.attnum) IS NULL
UNION ALL
SELECT v.view || '.' || v.attname, v.type FROM v
 WHERE v.type !~ '^(text|bigint|boolean|date|timestamp with time zone|numeric\(\d+,\d+\))$'
UNION ALL
SELECT v.view::text, 'no as_of' FROM v GROUP BY v.view HAVING NOT bool_or(v.attname = 'as_of')
UNION ALL
SELECT p.oid::regprocedure::text, 'no comment' FROM pg_proc p
 WHERE p.pronamespace = 'momentum'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
UNION ALL
SELECT w.fdwname, 'no comment' FROM pg_foreign_data_wrapper w
 WHERE obj_description(w.oid, 'pg_foreign_data_wrapper') IS NULL
UNION ALL
SELECT c.oid::regclass::text, 'no security barrier' FROM pg_class c
 WHERE c.relnamespace = 'momentum'::regnamespace AND c.relkind = 'v'
   AND c.relname NOT IN ('secret_entry', 'stat_scan', 'stat_limit', 'stat_denied')
   AND c.oid NOT IN (SELECT r FROM momentum._reading_views() r)
ORDER BY 1;

DROP FUNCTION public.peek();
DROP OWNED BY regress_reader, regress_all, regress_agent, regress_owner;
DROP ROLE regress_member, regress_reader, regress_all, regress_agent, regress_owner;
