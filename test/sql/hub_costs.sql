-- Costs that are entered: what they can be, and which days they fall on.
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.setup(), momentum.add_brand('tea', 'America/New_York', 'USD'), momentum.add_brand('jam', 'UTC', 'EUR') \g /dev/null
-- A shop, complete from the first of 2024 through March 2025, which sold on some days.
INSERT INTO momentum_state.source (brand, source, service) VALUES ('tea', 'shop', 'shopify'), ('jam', 'ads', 'meta_ads');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, status, due_at) VALUES
	('tea', 'shop', 'orders', 'orders', 'none', '1 day', '2024-01-01', '2025-03-31', 'ok', 'infinity'),
	('jam', 'ads', 'insights', 'insights', 'none', '1 day', '2025-01-01', '2025-03-31', 'ok', 'infinity');
INSERT INTO momentum_state.channel (brand, source, stream, channel, first_day) VALUES ('tea', 'shop', 'orders', 'web', '2024-01-01');
CREATE FUNCTION pg_temp.days(brand text, metric text, from_day date, to_day date) RETURNS TABLE (day date, channel text, value numeric)
	LANGUAGE sql STABLE AS $$
	SELECT d.day, d.channel, d.value FROM momentum_state.metric_daily d
	 WHERE d.brand = days.brand AND d.metric = days.metric AND d.day BETWEEN from_day AND to_day ORDER BY 1, 2
$$;
\set ECHO all

-- An amount per month, in the February of a leap year: each day bears a 29th, and the days of the month add up to the cent.
SELECT momentum.set_cost('tea', 'rent', 'month', 1000, '2024-02-01', note => 'the old office') > 0 AS entered;
SELECT count(*), min(day), max(day) FROM momentum_state.changed_day WHERE stream = 'fixed_costs' AND day <= '2025-03-31';
SELECT momentum.recompute();
SELECT * FROM pg_temp.days('tea', 'fixed_costs', '2024-01-30', '2024-02-04');
SELECT date_trunc('month', day)::date AS month, count(*) AS days, min(value), max(value), sum(value)
  FROM pg_temp.days('tea', 'fixed_costs', '2024-01-01', '2025-12-31') GROUP BY 1 ORDER BY 1;
-- Only fixed costs are known: orders know nothing of cards and parcels.
SELECT metric, count(*) FROM momentum_state.metric_daily WHERE metric IN ('cogs', 'shipping_cost', 'payment_fees', 'fixed_costs', 'variable_costs') GROUP BY metric;

-- A new amount from a day on ends the one before; only the days from then on
-- are computed anew.
SELECT momentum.set_cost('tea', 'rent', 'month', 1240, '2025-03-17') > 0 AS entered;
SELECT name, basis, amount, valid_from, valid_until, note FROM hub.cost ORDER BY valid_from;
SELECT min(day), min(stream) AS metric, count(*) FROM momentum_state.changed_day WHERE day <= '2025-03-31';
SELECT momentum.recompute();
SELECT sum(value) FILTER (WHERE day < '2025-03-17') AS old, sum(value) FILTER (WHERE day >= '2025-03-17') AS new FROM pg_temp.days('tea', 'fixed_costs', '2025-03-01', '2025-03-31');
SELECT round(1000 * 16 / 31.0, 2) AS old, round(1240 * 15 / 31.0, 2) AS new;
-- An earlier one that is entered late holds until the next one.
SELECT momentum.set_cost('tea', 'rent', 'month', 900, '2024-01-01') > 0 AS entered;
-- The same day again corrects it.
SELECT momentum.set_cost('tea', 'rent', 'month', 930, '2024-01-01') > 0 AS corrected;
SELECT momentum.recompute();
SELECT amount, valid_from, valid_until FROM hub.cost ORDER BY valid_from;
SELECT sum(value) FROM pg_temp.days('tea', 'fixed_costs', '2024-01-01', '2024-01-31');

-- Each period of the calendar adds up to its amount, whatever its length.
SELECT basis, first, count(*) AS days, sum(momentum._fixed_cost(100.01, basis, d::date)), min(momentum._fixed_cost(100.01, basis, d::date)), max(momentum._fixed_cost(100.01, basis, d::date))
  FROM (VALUES ('day', date '2024-02-29', interval '1 day'), ('week', '2024-02-26', '7 days'), ('month', '2023-02-01', '1 month'), ('month', '2024-02-01', '1 month'),
               ('quarter', '2024-01-01', '3 months'), ('quarter', '2023-01-01', '3 months'), ('year', '2024-01-01', '1 year'), ('year', '2025-01-01', '1 year')) v (basis, first, step),
       LATERAL generate_series(first::timestamp, first + step - interval '1 day', '1 day') d
 GROUP BY basis, first ORDER BY basis, first;
-- Cents that do not go round fall where the sum passes half of one.
SELECT array_agg(momentum._fixed_cost(0.03, 'week', d::date) ORDER BY d) FROM generate_series(timestamp '2025-03-03', '2025-03-09', '1 day') d;
SELECT bool_and(sum = amount) FROM (
	SELECT a::numeric / 100 AS amount, sum(momentum._fixed_cost(a::numeric / 100, 'quarter', d::date))
	  FROM generate_series(0, 30000, 97) a, generate_series(timestamp '2024-01-01', '2024-03-31', '1 day') d GROUP BY a) s;
-- A time zone's short and long days are days like others.
SELECT * FROM pg_temp.days('tea', 'fixed_costs', '2025-03-08', '2025-03-10');

-- Between two costs there may be days with none: absent, not zero.  A cost of
-- zero is a known one.
SELECT momentum.set_cost('tea', 'fair', 'day', 50, '2025-01-10', '2025-01-11', channel => 'events') > 0 AS entered;
SELECT momentum.set_cost('jam', 'kitchen', 'week', 70, '2025-02-03', '2025-02-09'), momentum.set_cost('jam', 'kitchen', 'week', 0, '2025-02-12', '2025-02-13') \g /dev/null
SELECT momentum.recompute();
SELECT * FROM pg_temp.days('tea', 'fixed_costs', '2025-01-09', '2025-01-12');
SELECT * FROM pg_temp.days('jam', 'fixed_costs', '2025-02-08', '2025-02-20');
-- Nothing known is told, by the view either.
SELECT day, fixed_costs, revenue FROM hub.financial_metrics WHERE brand = 'jam' AND day BETWEEN '2025-02-08' AND '2025-02-20' ORDER BY day;

-- The end: today, unless a day is named.
SELECT momentum.end_cost('tea', 'rent', '2025-03-20');
SELECT min(day) FROM momentum_state.changed_day;
SELECT momentum.recompute();
SELECT max(day) FROM pg_temp.days('tea', 'fixed_costs', '2024-01-01', '2025-12-31');
-- An entry that was a mistake ends before it begins.
SELECT momentum.set_cost('tea', 'typo', 'year', 3650, '2025-01-01') > 0 AS entered;
SELECT momentum.recompute();
SELECT momentum.end_cost('tea', 'typo', '2024-12-31');
SELECT momentum.recompute();
SELECT count(*) FROM pg_temp.days('tea', 'fixed_costs', '2024-01-01', '2025-12-31') WHERE channel = 'typo';
SELECT count(*) FROM hub.cost WHERE name = 'typo';

-- What cannot be is refused, and says why.
\set SHOW_CONTEXT never
SELECT momentum.set_cost('tea', 'rent', 'month', 1100, '2025-03-10', '2025-04-09');
SELECT momentum.set_cost('tea', 'fair', 'day', 60, '2025-01-11');
SELECT momentum.set_cost('teh', 'rent', 'month', 1);
SELECT momentum.set_cost('tea', ' ', 'month', 1);
SELECT momentum.set_cost('tea', 'rent', 'fortnight', 1);
SELECT momentum.set_cost('tea', 'rent', NULL, 1);
SELECT momentum.set_cost('tea', 'rent', 'month', -1, '2026-01-01');
SELECT momentum.set_cost('tea', 'rent', 'month', 'NaN', '2026-01-01');
SELECT momentum.set_cost('tea', 'rent', 'month', NULL, '2026-01-01');
SELECT momentum.set_cost('tea', 'rent', 'month', 10.005, '2026-01-01');
SELECT momentum.set_cost('tea', 'cards', 'sales', 2.9, '2025-01-01', metric => 'payment_fees');
SELECT momentum.set_cost('tea', 'rent', 'month', 1, '2026-01-01', metric => 'variable_costs');
SELECT momentum.set_cost('tea', 'boxes', 'order', 1, '2026-01-01', metric => 'revenue');
SELECT momentum.set_cost('tea', 'boxes', 'order', 1, '2026-01-01', channel => '');
SELECT momentum.set_cost('tea', 'rent', 'month', 1, '2026-02-01', '2026-01-01');
SELECT momentum.set_cost('tea', 'rent', 'month', 1, 'infinity');
SELECT momentum.set_cost('tea', 'rent', 'month', 1, '2026-01-01', '2300-01-01');
SELECT momentum.set_cost('tea', 'rent', 'month', 1, '2026-01-01', currency => 'EUR');
SELECT momentum.end_cost('tea', 'nothing');
SELECT momentum.end_cost('tea', 'rent', 'infinity');
-- By hand likewise: the table keeps two of a name apart, and others not.
\set VERBOSITY terse
INSERT INTO hub.costs (brand, name, basis, amount, metric, currency, valid_from) VALUES ('tea', 'rent', 'month', 1, 'fixed_costs', 'USD', '2025-02-01');
INSERT INTO hub.costs (brand, name, basis, amount, metric, currency, valid_from) VALUES ('tea', 'Rent', 'month', 1, 'variable_costs', 'USD', '2025-02-01');
INSERT INTO hub.costs (brand, name, basis, amount, metric, currency, valid_from) VALUES ('tea', 'fees', 'payments', 3, 'payment_fees', 'USD', '2025-02-01');
BEGIN;
INSERT INTO hub.costs (brand, name, basis, amount, metric, currency, valid_from) VALUES ('jam', 'rent', 'month', 1, 'fixed_costs', 'EUR', '2025-02-01'), ('tea', 'rent', 'month', 1, 'fixed_costs', 'USD', '2026-02-01');
ROLLBACK;
INSERT INTO hub.costs (brand, name, basis, amount, metric, currency, valid_from) VALUES ('jam', 'loan', 'day', 5, 'fixed_costs', 'USD', '2025-02-09');
\set VERBOSITY default

-- A file of them goes through the door: what overlaps is kept as a dead letter.
CREATE TEMP TABLE file AS SELECT * FROM (VALUES ('jam', 'tax', 'quarter', '900', '2025-01-01', '2025-03-31'), ('jam', 'rates', 'month', '620', '2025-03-01', NULL),
	('jam', 'rates', 'month', '700', '2025-03-20', NULL), ('jam', 'kitchen', 'week', '70', '2025-02-10', '2025-02-11'), ('jam', 'odd', 'moon', '1', '2025-01-01', NULL)) f (brand, name, basis, amount, valid_from, valid_until);
SET momentum.door_errors = keep;
INSERT INTO hub.costs_entry (brand, name, basis, amount, valid_from, valid_until) SELECT * FROM file;
SELECT name, basis, amount, metric, currency, valid_from, valid_until FROM hub.cost WHERE brand = 'jam' ORDER BY name, valid_from;
SELECT payload ->> 'name' AS name, payload ->> 'amount' AS amount, sqlstate FROM momentum_state.dead_letter ORDER BY 1;
SELECT momentum.recompute();
SELECT * FROM pg_temp.days('jam', 'fixed_costs', '2025-02-09', '2025-02-11');
SELECT sum(value) FROM pg_temp.days('jam', 'fixed_costs', '2025-01-01', '2025-03-31') WHERE channel = 'tax';

-- Who changed what is in the audit, with what it was before.
SELECT brand, action, detail - 'cost_id' AS detail FROM momentum_state.audit WHERE action LIKE '%cost' ORDER BY audit_id;
-- A source that goes takes with it what only it had complete.
SELECT momentum.remove_source('jam', 'ads');
SELECT momentum.recompute();
SELECT count(*) FROM pg_temp.days('jam', 'fixed_costs', '2025-01-01', '2025-12-31');
-- The catalogue of costs is for owners and readers, not for the public.
SELECT has_function_privilege('public', p.oid, 'EXECUTE') AS public_may, p.proname FROM pg_proc p WHERE p.proname IN ('set_cost', 'end_cost', '_cost_changed') ORDER BY 2;
