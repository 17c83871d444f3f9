-- Crisp: the data sets of a retail feed as foreign tables.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/crisp/odata/accounts/4711/connector_configurations/815/v1/feed.svc'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\pset null '-'

-- What it took.
CREATE FUNCTION effort(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' || query LOOP
        IF line ~ '^ +(Requests|Pages|Records|Retries)' THEN RETURN NEXT trim(line); END IF;
    END LOOP;
END $$;

-- What would be asked for, without the port of the day.
CREATE FUNCTION explained(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        IF line ~ '^ +(Request|Asked|Checked)' THEN RETURN NEXT ltrim(regexp_replace(line, 'http.*feed\.svc', '')); END IF;
    END LOOP;
END $$;

--
-- Connecting: the two numbers of the feed's address, a user and a password
--
CREATE SERVER stores FOREIGN DATA WRAPPER crisp_fdw;
CREATE SERVER stores FOREIGN DATA WRAPPER crisp_fdw OPTIONS (account '4711');
CREATE SERVER stores FOREIGN DATA WRAPPER crisp_fdw OPTIONS (account 'brez', connector '815');
\set VERBOSITY terse
CREATE SERVER stores FOREIGN DATA WRAPPER crisp_fdw OPTIONS (account '4711', connector '815', shop 'x');
\set VERBOSITY default
CREATE SERVER stores FOREIGN DATA WRAPPER crisp_fdw
    OPTIONS (account '4711', connector '815', base_url :'base', allow_insecure 'true');
CREATE SCHEMA crisp;
CREATE USER MAPPING FOR CURRENT_USER SERVER stores OPTIONS (credential 'no pair');
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO crisp;
ALTER USER MAPPING FOR CURRENT_USER SERVER stores OPTIONS (SET credential 'crisp_user:wrong');
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO crisp;
-- A password may hold colons.
ALTER USER MAPPING FOR CURRENT_USER SERVER stores OPTIONS (SET credential 'crisp_user:s1m:p@ss');
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO crisp;
SET search_path = crisp, public;

--
-- The tables are those that the feed describes, by names as SQL writes them
--
\d crisp.*
SELECT * FROM unfi_weekly_supplier_service_level;
-- Only what is asked for is made.
CREATE SCHEMA other;
IMPORT FOREIGN SCHEMA api LIMIT TO (harmonized_retailer_sales) FROM SERVER stores INTO other;
IMPORT FOREIGN SCHEMA api EXCEPT (harmonized_retailer_sales) FROM SERVER stores INTO other;
SELECT foreign_table_name FROM information_schema.foreign_tables WHERE foreign_table_schema = 'other' ORDER BY 1;
-- By hand: columns say by path what the feed calls them.
CREATE FOREIGN TABLE few (day date OPTIONS (path 'DateKey'), chain text OPTIONS (path 'Retailer'),
    units numeric OPTIONS (path 'SalesQuantity')) SERVER stores OPTIONS (dataset 'Harmonized_Retailer_Sales');
SELECT chain, min(day), max(day), sum(units) FROM few GROUP BY chain ORDER BY chain;
CREATE FOREIGN TABLE nowhere (day date) SERVER stores;
SELECT * FROM nowhere;
CREATE FOREIGN TABLE gone (day date) SERVER stores OPTIONS (dataset 'Kehe_Full_Pod_Vendor');
SELECT * FROM gone;
CREATE FOREIGN TABLE wrong (day date) SERVER stores OPTIONS (dataset 'Harmonized_Retailer_Sales', layout 'crosstab');

--
-- Rows: whatever way numbers are told, duplicates and all
--
SELECT count(*), sum(sales_quantity), sum(sales_amount), count(DISTINCT sales_id) < count(*) AS ids_repeat
  FROM harmonized_retailer_sales;
SELECT retailer, store_id, product_id, date_key, sales_quantity, sales_amount, sales_id
  FROM harmonized_retailer_sales
 WHERE sales_id = 77 OR sales_quantity < 0 OR num_nulls(retailer, store_id, product_id, sales_quantity, sales_amount) > 0
 ORDER BY date_key, store_id, sales_quantity;
SELECT DISTINCT store_zip, upc FROM harmonized_retailer_sales WHERE store_id = '101' AND upc LIKE '0%';

-- A feed without rows is empty, and no error.
\set none :sim '/empty/crisp/odata/accounts/4711/connector_configurations/815/v1/feed.svc'
CREATE SERVER bare FOREIGN DATA WRAPPER crisp_fdw OPTIONS (account '4711', connector '815', base_url :'none', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER bare OPTIONS (credential 'crisp_user:s1m:p@ss');
CREATE FOREIGN TABLE bare (day date OPTIONS (path 'DateKey')) SERVER bare OPTIONS (dataset 'Harmonized_Retailer_Sales');
SELECT count(*) FROM bare;

--
-- Pages: the feed's links are followed to the last page
--
SELECT effort('SELECT * FROM harmonized_retailer_sales');
CREATE FOREIGN TABLE paged (day date OPTIONS (path 'DateKey'), units numeric OPTIONS (path 'SalesQuantity'))
    SERVER stores OPTIONS (dataset 'Harmonized_Retailer_Sales', fetch_size '100');
SELECT effort('SELECT * FROM paged');
SELECT count(*), sum(units) FROM paged;
SELECT effort('SELECT * FROM paged LIMIT 7');
-- The size is a wish, and no query option: by the standard $top would cut the
-- answer off.
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
\! "$PG_ABS_SRCDIR/simulator/ctl" set small crisp prefer=ignore top=limit
SELECT count(*), sum(units) FROM paged;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small crisp top
\! "$PG_ABS_SRCDIR/simulator/ctl" reset
-- Links may be relative; they may not lead elsewhere, nor in circles.
\! "$PG_ABS_SRCDIR/simulator/ctl" set small crisp next=relative
SELECT count(*), sum(units) FROM paged;
\! "$PG_ABS_SRCDIR/simulator/ctl" set small crisp next=foreign
SELECT count(*) FROM paged;
\! "$PG_ABS_SRCDIR/simulator/ctl" set small crisp next=loop
\set SHOW_CONTEXT never
SELECT count(*) FROM paged;
\set SHOW_CONTEXT errors
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

--
-- Conditions are checked here ...
--
SELECT explained('SELECT units FROM paged WHERE day >= ''2026-03-01''');
SELECT count(*), min(day) FROM paged WHERE day >= '2026-03-01';
SELECT count(*) FROM paged WHERE day = ANY ('{2026-03-10,2026-03-11}');
SELECT s.store_id, sum(s.sales_quantity)
  FROM harmonized_retailer_sales s JOIN (VALUES ('Oakline Pets', '201'), ('Oakline Pets', '101')) v (r, i)
    ON s.retailer = v.r AND s.store_id = v.i
 GROUP BY 1 ORDER BY 1;
PREPARE day (date) AS SELECT sum(units) FROM paged WHERE day = $1;
DO $$ BEGIN FOR i IN 1 .. 7 LOOP PERFORM sum(units) FROM crisp.paged WHERE day = '2026-03-02'::date + i; END LOOP; END $$;
EXECUTE day ('2026-03-10');

-- ... unless the feed is known to filter by days: no document says it does.
ALTER FOREIGN TABLE paged ALTER day OPTIONS (ADD filter 'DateKey');
SELECT explained('SELECT units FROM paged WHERE day >= ''2026-03-01'' AND day < ''2026-03-08'' AND units > 1');
SELECT count(*) FROM paged WHERE day >= '2026-03-01';
\! "$PG_ABS_SRCDIR/simulator/ctl" set small crisp filter=apply
SELECT count(*), min(day), max(day) FROM paged WHERE day >= '2026-03-01' AND day < '2026-03-08';
SELECT effort('SELECT * FROM paged WHERE day >= ''2026-03-01'' AND day < ''2026-03-08''');
SELECT count(*) FROM paged WHERE day = '2026-03-10' AND units = 1;
SELECT count(*) FROM paged WHERE day > '2026-03-28 12:00'::timestamp;
EXECUTE day ('2026-03-10');
-- Days are written as OData has them, whatever the session's style; what it
-- has no words for is not asked.
SET datestyle = 'SQL, DMY';
SELECT explained('SELECT units FROM paged WHERE day <= ''09/03/2026''');
RESET datestyle;
SELECT explained('SELECT units FROM paged WHERE day > ''2026-03-20''::date - 3 AND day < ''infinity'' AND day >= ''0044-03-15 BC''');
SELECT count(*) FROM paged WHERE day > '2026-03-20'::date - 3 AND day < 'infinity' AND day >= '0044-03-15 BC';
-- Of one that says yes and gives everything, the rows are checked here.
\! "$PG_ABS_SRCDIR/simulator/ctl" set small crisp filter=ignore
SELECT count(*), min(day), max(day) FROM paged WHERE day >= '2026-03-01' AND day < '2026-03-08';
\! "$PG_ABS_SRCDIR/simulator/ctl" reset
ALTER FOREIGN TABLE paged ALTER day OPTIONS (DROP filter);

--
-- Trouble: what passes is tried again, what does not is told
--
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small crisp throttle
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small crisp transient
SELECT count(*) FROM paged;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small crisp partial
SELECT count(*) FROM paged;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small crisp stale_cursor match=skiptoken
SELECT count(*) FROM paged;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small crisp html match=metadata
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO other;
\! echo '<edmx:Edmx xmlns:edmx="e"><Schema><EntityType Name="T"><Property Name="A" Type="Edm.Int32"></EntityType></Schema></edmx:Edmx>' | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO other;
\! echo '<e:Edmx xmlns:e="e"><Schema><EntityContainer><EntitySet Name="S" EntityType="N.T"/></EntityContainer></Schema></e:Edmx>' | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO other;
-- A type may be built upon another, and come after its set.
\! echo '<e:Edmx xmlns:e="e"><Schema><EntityContainer><EntitySet Name="ShelfCounts" EntityType="N.Count"/></EntityContainer><EntityType Name="Count" BaseType="N.Row"><Property Name="OnHandUnits" Type="Edm.Int32"/></EntityType><EntityType Name="Row"><Property Name="DateKey" Type="Edm.Date"/><Property Name="Where" Type="N.Place"/></EntityType></Schema></e:Edmx>' | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO other;
\d other.shelf_counts
-- Of types with one name the first counts: each further one would double the work with each base.
\! (printf '<e:Edmx xmlns:e="e"><EntitySet Name="Twins" EntityType="N.T"/>'; for i in $(seq 200); do printf '<EntityType Name="T" BaseType="N.T"/>'; done; printf '<EntityType Name="T"><Property Name="A" Type="Edm.Int32"/></EntityType></e:Edmx>') | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
SET statement_timeout = '10s';
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO other;
RESET statement_timeout;
-- Bytes that are not UTF-8 never become a name or an option.
\! printf '<e:Edmx xmlns:e="e"><EntitySet Name="S\377" EntityType="N.T"/><EntityType Name="T"/></e:Edmx>' | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO other;

-- A database of another encoding: names come in converted, and go out as they came.
SELECT current_database() AS home \gset
CREATE DATABASE latin1_stores ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\c latin1_stores
\encoding UTF8
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
CREATE SERVER stores FOREIGN DATA WRAPPER crisp_fdw OPTIONS (account '1', connector '2', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER stores OPTIONS (credential 'crisp:sim_password');
\! printf '<e:Edmx xmlns:e="e"><EntitySet Name="Caf\303\251" EntityType="N.T"/><EntityType Name="T"><Property Name="Gr\303\266\303\237e" Type="Edm.Int32"/></EntityType></e:Edmx>' | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
IMPORT FOREIGN SCHEMA api FROM SERVER stores INTO public;
SELECT ftoptions, attname, attfdwoptions FROM pg_foreign_table JOIN pg_attribute ON attrelid = ftrelid AND attnum > 0;
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM caf_ \g |grep -o 'Caf.*'
\! printf '{"value": [{"Gr\303\266\303\237e": 5}]}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small crisp
SELECT * FROM caf_;
\c :home
DROP DATABASE latin1_stores;
