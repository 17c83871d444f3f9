-- Why the numbers of any two windows differ: change_between() gives for them
-- the rows that the view change_split has for the newest two.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.add(brand text, metric text, channel text, value numeric, from_day date, days integer, step integer DEFAULT 1) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
	SELECT add.brand, add.metric, from_day + d, add.channel, add.value, false FROM generate_series(0, days - 1, step) d
$$;
CREATE FUNCTION pg_temp.near(got float8, expected float8) RETURNS boolean
LANGUAGE sql AS $$ SELECT abs(got - expected) <= 1e-6 + 1e-9 * greatest(abs(got), abs(expected)) $$;
-- What a call answers to what cannot be: its SQLSTATE and its words.
CREATE FUNCTION pg_temp.refused(call text) RETURNS TABLE (code text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT count(*) FROM ' || call INTO message;
	message := 'no error, rows: ' || message;
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'EUR' FROM unnest(ARRAY['shop', 'shelf', 'gap', 'none']) b;

--
-- The same weeks of two years: 40000 sessions, 1000 orders of 80 a day in June
-- 2025, 44000, 968 and 82 in June 2026; CPM 12 to 13.5, clicks per impression
-- .012 to .0115, customers per click .02 to .0185 (reference T14).  What was
-- between is something else and does not matter.
--
SELECT pg_temp.add('shop', m, 'online', v, '2025-06-02', 28)
  FROM (VALUES ('sessions', 40000), ('orders', 1000), ('gross_sales', 80000), ('discounts', 0), ('net_revenue', 80000),
			   ('impressions', 1000000), ('clicks', 12000), ('ad_spend', 12000), ('new_customers', 240)) x (m, v) \g /dev/null
SELECT pg_temp.add('shop', m, 'online', v, '2025-06-30', 336)
  FROM (VALUES ('sessions', 5), ('orders', 3), ('gross_sales', 700), ('discounts', 0), ('net_revenue', 700),
			   ('impressions', 100), ('clicks', 10), ('ad_spend', 1), ('new_customers', 1)) x (m, v) \g /dev/null
SELECT pg_temp.add('shop', m, 'online', v, '2026-06-01', 28)
  FROM (VALUES ('sessions', 44000), ('orders', 968), ('gross_sales', 79376), ('discounts', 0), ('net_revenue', 79376),
			   ('impressions', 1000000), ('clicks', 11500), ('ad_spend', 13500), ('new_customers', 212.75)) x (m, v) \g /dev/null
SELECT tree, rank, channel, factor, value_from, value_to, contribution, method FROM momentum.change_between('shop', '2025-06-02', '2026-06-01');
SELECT s.tree, s.factor, pg_temp.near(s.contribution, r.times * r.reference) AS is_t14
  FROM momentum.change_between('shop', '2025-06-02', '2026-06-01') s
  JOIN (VALUES ('net_revenue', 'sessions', 28, 7595.03879892422), ('net_revenue', 'conversion_rate', 28, -10186.7336564485), ('net_revenue', 'order_value', 28, 1967.69485752418),
			   ('cac', 'cpm', 1, 6.650081819234), ('cac', 'click_rate', 1, 2.40293448460382), ('cac', 'click_conversion', 1, 4.4017428030952)) r (tree, factor, times, reference)
    ON r.tree = s.tree AND r.factor = s.factor ORDER BY 1, 2;
-- Both windows are told, in the columns and in the sentence; a tree can be asked for alone.
SELECT brand, as_of, first_day, first_day_from, days, days_compared, currency, total_from, total_to, summary
  FROM momentum.change_between('shop', older => '2025-06-02', newer => '2026-06-01', tree => 'cac') WHERE rank = 1;
SELECT DISTINCT tree FROM momentum.change_between('shop', '2025-06-02', '2026-06-01', 28, 'conversion_rate');
SELECT count(*) AS no_retail FROM momentum.change_between('shop', '2025-06-02', '2026-06-01', tree => 'retail_dollars');

-- Windows may overlap: a day counts in both.  Two weeks of 80000 a day, then
-- one of those and one of 700.
SELECT tree, total_from, total_to, total_change, days, days_compared, summary
  FROM momentum.change_between('shop', '2025-06-16', '2025-06-23', 14, 'net_revenue') WHERE rank = 1;
-- Weeks that are not over are told as far as they are known, on the same days
-- of both: two of a week, 16 of four weeks.  Two of two weeks are too few.
DELETE FROM momentum_state.metric_daily WHERE brand = 'shop' AND day > '2026-06-23';
SELECT tree, days, days_compared, total_from, total_to FROM momentum.change_between('shop', '2025-06-23', '2026-06-22', 7) WHERE rank = 1;
SELECT tree, days, days_compared, total_from, total_to FROM momentum.change_between('shop', '2025-06-09', '2026-06-08', 28) WHERE rank = 1;
SELECT count(*) AS too_few FROM momentum.change_between('shop', '2025-06-23', '2026-06-22', 14);

-- Weekly data, a year apart: 120 doors, 9.5 units per store and week, 4 a
-- unit; then 132, 9.1, 4.2 (T14, times the weeks).
SELECT pg_temp.add('shelf', m, 'Grocer', v, '2025-03-30', 49, 7) FROM (VALUES ('retail_doors', 120), ('retail_units', 1140), ('retail_dollars', 4560)) x (m, v) \g /dev/null
SELECT pg_temp.add('shelf', m, 'Grocer', v, '2026-03-29', 49, 7) FROM (VALUES ('retail_doors', 132), ('retail_units', 1201.2), ('retail_dollars', 5045.04)) x (m, v) \g /dev/null
SELECT tree, factor, value_from, value_to, contribution, days_compared FROM momentum.change_between('shelf', '2025-03-24', '2026-03-23', 49);
SELECT sum(contribution) AS sum, 7 * (132 * 9.1 * 4.2 - 120 * 9.5 * 4) AS by_hand FROM momentum.change_between('shelf', '2025-03-24', '2026-03-23', 49, 'retail_dollars');

-- gap: 100 a day, then 110; one day of each window is not known, and another:
-- 26 days remain.
SELECT pg_temp.add('gap', 'net_revenue', 'online', 100, '2026-01-05', 28), pg_temp.add('gap', 'net_revenue', 'online', 110, '2026-03-02', 28) \g /dev/null
DELETE FROM momentum_state.metric_daily WHERE brand = 'gap' AND day IN ('2026-01-07', '2026-03-20');
SELECT days_compared, total_from, total_to, contribution, factor, method FROM momentum.change_between('gap', '2026-01-05', '2026-03-02');

--
-- What cannot be asked
--
SELECT c.call, r.* FROM unnest(ARRAY[
	$$momentum.change_between('shop', '2025-06-02', NULL)$$,
	$$momentum.change_between('shop', NULL, '2025-06-02')$$,
	$$momentum.change_between('shop', '2025-06-02', '2026-06-01', NULL)$$,
	$$momentum.change_between('shop', '2025-06-02', '2026-06-01', 30)$$,
	$$momentum.change_between('shop', '2025-06-02', '2026-06-01', 0)$$,
	$$momentum.change_between('shop', '2025-06-02', '2026-06-01', -7)$$,
	$$momentum.change_between('shop', '2025-06-02', '2026-06-01', 371)$$,
	$$momentum.change_between('shop', '2025-06-01', '2026-06-01')$$,
	$$momentum.change_between('shop', '2026-06-01', '2025-06-02')$$,
	$$momentum.change_between('shop', '2026-06-01', '2026-06-01')$$,
	$$momentum.change_between('shop', '-infinity', '2026-06-01')$$,
	$$momentum.change_between('shop', '2026-06-01', 'infinity')$$,
	$$momentum.change_between('shop', '2026-06-01', '5874897-12-31')$$,
	$$momentum.change_between('shop', '2025-06-02', '2026-06-01', 28, 'profit')$$,
	$$momentum.change_between('shop', '2019-06-03', '2026-06-01')$$,
	$$momentum.change_between('shop', '2026-06-01', '2026-06-29')$$,
	$$momentum.change_between('none', '2025-06-02', '2026-06-01')$$,
	$$momentum.change_between('nobody', '2025-06-02', '2026-06-01')$$,
	$$momentum.change_between(NULL, '2025-06-02', '2026-06-01')$$]) WITH ORDINALITY c (call, n)
 CROSS JOIN LATERAL pg_temp.refused(c.call) r ORDER BY c.n \gx
-- The days that the refusal of a weekday names are right ones.
SELECT d AS older, message, (SELECT bool_and(extract(isodow FROM x::date) = extract(isodow FROM date '2026-06-03')) FROM regexp_split_to_table(substring(hint FROM 'Take (.*) for'), ' or ') x) AS same_weekday
  FROM generate_series(date '2025-06-04', date '2025-06-10', interval '1 day') g (at)
 CROSS JOIN LATERAL (SELECT at::date AS d) d
 CROSS JOIN LATERAL pg_temp.refused(format('momentum.change_between(''shop'', %L, ''2026-06-03'', 7)', d)) r;

--
-- Four brands of noise over 30 weeks: channels that come and go, days that are
-- not known, zeros, returns.  Drawn by a hash: every run draws the same.
--
CREATE FUNCTION pg_temp.draw(VARIADIC key integer[]) RETURNS float8
LANGUAGE sql AS $$ SELECT (hashtextextended(array_to_string(key, ','), 43) & 1073741823) / 1073741824.0 $$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT 'noise' || n, 'Noise', 'UTC', 'USD' FROM generate_series(1, 4) n;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'noise' || n, m.metric, date '2026-01-05' + d, 'channel ' || c,
	   CASE WHEN pg_temp.draw(n, m.k, c, d, 1) < 0.1 * (n % 3) THEN 0 ELSE round((m.size * pg_temp.draw(n, m.k, c, d, 2))::numeric, m.digits) END, false
  FROM generate_series(1, 4) n, generate_series(1, 3) c, generate_series(0, 209) d,
	   (VALUES ('net_revenue', 1, 5000, 2), ('gross_sales', 2, 7000, 2), ('discounts', 3, 500, 2), ('orders', 4, 60, 0), ('sessions', 5, 3000, 0),
			   ('ad_spend', 6, 900, 6), ('impressions', 7, 90000, 0), ('clicks', 8, 1000, 0), ('new_customers', 9, 30, 0),
			   ('retail_units', 10, 400, 0), ('retail_dollars', 11, 1600, 2), ('retail_doors', 12, 90, 0),
			   ('market_revenue', 13, 900, 2), ('market_units', 14, 50, 0), ('market_sessions', 15, 800, 0)) m (metric, k, size, digits)
 WHERE pg_temp.draw(n, m.k / 4, d) > 0.02 * (n % 4)
   AND (c = 1 OR d BETWEEN 210 * pg_temp.draw(n, c, 3) - 20 AND 260 * pg_temp.draw(n, c, 4) + 10);
SELECT momentum._refresh_matviews();

-- The newest windows: the same rows as the view, sentences and all.
SELECT count(DISTINCT (brand, tree)) AS trees, count(*) AS rows FROM momentum.change_split WHERE brand LIKE 'noise%';
CREATE TEMP TABLE newest AS
SELECT b.* FROM (SELECT DISTINCT brand, tree, first_day_from, first_day, days FROM momentum.change_split WHERE brand LIKE 'noise%') w
 CROSS JOIN LATERAL momentum.change_between(w.brand, w.first_day_from, w.first_day, w.days::integer, w.tree) b;
SELECT (SELECT count(*) FROM newest) AS rows,
	   (SELECT count(*) FROM (SELECT * FROM momentum.change_split WHERE brand LIKE 'noise%' EXCEPT SELECT * FROM newest) x) AS missing,
	   (SELECT count(*) FROM (SELECT * FROM newest EXCEPT SELECT * FROM momentum.change_split) x) AS others;

-- Any other windows: the parts add up, and the totals are those of the days
-- that are known in both.
CREATE TEMP TABLE other AS
SELECT b.*, b.first_day - b.first_day_from AS apart FROM generate_series(1, 4) n
 CROSS JOIN (VALUES (date '2026-01-05', date '2026-03-02', 28), ('2026-01-19', '2026-05-04', 56), ('2026-02-04', '2026-07-15', 7), ('2026-01-08', '2026-01-15', 91),
					('2026-01-05', '2026-04-20', 105)) w (older, newer, days)
 CROSS JOIN LATERAL momentum.change_between('noise' || n, w.older, w.newer, w.days) b;
SELECT tree, count(DISTINCT (brand, first_day)) AS splits, count(DISTINCT method) AS methods, min(days_compared) AS fewest_days FROM other GROUP BY tree ORDER BY tree;
SELECT count(*) AS splits, count(*) FILTER (WHERE abs(parts - total_change) > 1e-6 * leaves + 1e-9 * larger) AS inexact, count(*) FILTER (WHERE ranks <> leaves) AS badly_ranked
  FROM (SELECT sum(contribution) AS parts, total_change, greatest(abs(total_from), abs(total_to)) AS larger, max(rank) AS ranks, count(*) AS leaves
		  FROM other GROUP BY brand, first_day, tree, total_change, total_from, total_to) x;
WITH day AS (
	SELECT f.brand, f.day FROM momentum_state.metric_daily f WHERE f.metric IN ('ad_spend', 'new_customers', 'impressions', 'clicks')
	 GROUP BY 1, 2 HAVING count(DISTINCT f.metric) = 4
), pair AS (
	SELECT o.*, d.day AS day_to, p.day AS day_from
	  FROM (SELECT DISTINCT brand, first_day, days, days_compared, apart, total_from, total_to FROM other WHERE tree = 'cac') o
	  JOIN day d ON d.brand = o.brand AND d.day >= o.first_day AND d.day < o.first_day + o.days::integer
	  JOIN day p ON p.brand = o.brand AND p.day = d.day - o.apart
), hand AS (
	SELECT p.brand, p.first_day, p.days_compared, p.total_from, p.total_to, count(DISTINCT p.day_to) AS days,
		   sum(f.value) FILTER (WHERE f.metric = 'ad_spend' AND f.day = p.day_from) / sum(f.value) FILTER (WHERE f.metric = 'new_customers' AND f.day = p.day_from) AS by_hand_from,
		   sum(f.value) FILTER (WHERE f.metric = 'ad_spend' AND f.day = p.day_to) / sum(f.value) FILTER (WHERE f.metric = 'new_customers' AND f.day = p.day_to) AS by_hand_to
	  FROM pair p
	  JOIN momentum_state.metric_daily f ON f.brand = p.brand AND f.day IN (p.day_from, p.day_to)
	 GROUP BY 1, 2, 3, 4, 5
)
SELECT count(*) AS splits, count(*) FILTER (WHERE days <> days_compared) AS other_days,
	   count(*) FILTER (WHERE NOT pg_temp.near(total_from, by_hand_from) OR NOT pg_temp.near(total_to, by_hand_to)) AS wrong FROM hand;

--
-- A reader asks about the brand he may see; another one is no more to him than
-- one that does not exist.  Only the days of the windows are read.
--
CREATE ROLE regress_between_reader;
CREATE ROLE regress_between_agent;
SELECT momentum.grant_access('regress_between_reader', 'reader', 'shop'), momentum.grant_access('regress_between_agent', 'agent') \g /dev/null
SET ROLE regress_between_reader;
SELECT tree, total_change FROM momentum.change_between('shop', '2025-06-02', '2026-05-25') WHERE rank = 1;
SELECT message, hint FROM pg_temp.refused($$momentum.change_between('gap', '2026-01-05', '2026-03-02')$$);
SELECT string_agg(DISTINCT brand, ' ') AS brands FROM momentum.change_fact;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
SELECT substring(line FROM 'Index Cond: .*day.*') AS read FROM pg_temp.plan($$SELECT metric, channel, day, value, currency FROM momentum.change_fact WHERE brand = 'shop' AND day >= '2025-06-02' AND day < '2025-06-30'$$) line
 WHERE line ~ 'day';
RESET enable_seqscan;
RESET enable_bitmapscan;
SET ROLE regress_between_agent;
SELECT code FROM pg_temp.refused($$momentum.change_between('shop', '2025-06-02', '2026-05-25')$$);
RESET ROLE;
DROP OWNED BY regress_between_reader, regress_between_agent;
DROP ROLE regress_between_reader, regress_between_agent;
