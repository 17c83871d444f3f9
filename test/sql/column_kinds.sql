-- Every column of the hub says what it holds: whether an agent may see it, and
-- whether it speaks of a person, follow from that (momentum._column_kinds).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();

-- A column that says nothing; one that says two things; a kind that does not exist.
SELECT a.attrelid::regclass || '.' || a.attname AS says_nothing
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'hub'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
   AND NOT EXISTS (SELECT FROM momentum._column_kinds() k
                    WHERE k.relation = 'hub.' || c.relname AND k."column" = a.attname)
 ORDER BY 1;
SELECT relation, "column", count(*) FROM momentum._column_kinds() GROUP BY 1, 2 HAVING count(*) > 1;
SELECT DISTINCT kind FROM momentum._column_kinds() ORDER BY 1;

-- No money is called something else: a number with cents is an amount, or is
-- listed here.
SELECT k.relation || '.' || k."column" AS not_money
  FROM momentum._column_kinds() k JOIN pg_attribute a ON a.attrelid = to_regclass(k.relation) AND a.attname = k."column"
 WHERE a.atttypid = 'numeric'::regtype AND k.kind <> 'money'
 ORDER BY 1;

-- What bears a person's word in its name is personal, or is listed here.
SELECT k.relation || '.' || k."column" AS not_personal, k.kind
  FROM momentum._column_kinds() k
 WHERE k."column" ~ 'mail|phone|first_name|last_name|handle|birthday|zip|note|message|address|customer' AND k.kind IN ('fact', 'key', 'money')
   AND to_regclass(k.relation) IS NOT NULL
 ORDER BY 1;

-- A column that was forgotten is found, and no agent is given it.
ALTER TABLE hub.orders ADD COLUMN margin_told numeric;
SELECT count(*) FROM momentum._column_kinds() WHERE "column" = 'margin_told';
CREATE ROLE regress_kinds_agent;
SELECT momentum.grant_access('regress_kinds_agent', 'agent');
SELECT has_column_privilege('regress_kinds_agent', 'hub.orders', 'margin_told', 'SELECT') AS margin_told,
       has_column_privilege('regress_kinds_agent', 'hub.orders', 'total_price', 'SELECT') AS total_price,
       has_column_privilege('regress_kinds_agent', 'hub.orders', 'order_day', 'SELECT') AS order_day;
SELECT momentum.revoke_access('regress_kinds_agent');
DROP ROLE regress_kinds_agent;
ALTER TABLE hub.orders DROP COLUMN margin_told;
