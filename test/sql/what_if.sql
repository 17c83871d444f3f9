-- What if: score, cash and profit under changed figures.  The facts are flat,
-- so that every expected number is worked out beside it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;
\set VERBOSITY terse

INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['acme', 'curve', 'bare', 'none']) b;
INSERT INTO momentum_state.source (brand, source, service) SELECT b, b || '_sheet', 'google_sheets' FROM unnest(ARRAY['acme', 'bare']) b;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT s.brand, s.source, 'Cash', 'sheet', 's.cash', '15 min', '2026-06-30' FROM momentum_state.source s;

-- acme, each day: 1000 of revenue from 20 orders (50 each) of 1000 sessions,
-- 200 of ads for 4 new customers (CAC 50), 50 units in 100 doors for 250 (3.5 per
-- store and week, 5 each).  Its share of an order is 60 %, of retail 40 %.  2 %
-- of fee, payout after 2 days.  10000 in the bank; each day 980 from the shop
-- and 100 from retail come in, 200 of ads, 1000 of payroll and 50 for stock go
-- out: 170 less a day, W30 4900, W60 -200, W90 -5300, R 58.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'acme', v.metric, date '2026-06-30' - t, 'all', v.value, false
  FROM generate_series(0, 125) t, (VALUES ('net_revenue', 1000), ('orders', 20), ('sessions', 1000), ('ad_spend', 200), ('new_customers', 4),
	('retail_units', 50), ('retail_doors', 100), ('retail_dollars', 250)) v (metric, value);
SELECT momentum.set_target('acme', 'cac', 50);
SELECT momentum.set_setting('acme', 'payment.fee_rate', '0.02'), momentum.set_setting('acme', 'payout.lag', '2'),
	momentum.set_setting('acme', 'margin.share', '0.6'), momentum.set_setting('acme', 'margin.retail_share', '0.4');
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES ('acme', 'acme_sheet', 'Cash', 2, '2026-07-01', 'Opening', 10000, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'acme', 'acme_sheet', 'Cash', v.line, date '2026-06-30' + d, date '2026-06-30' + d, v.item, v.kind, v.amount, v.channel, 'sheet', 'expected', 0
  FROM generate_series(1, 90) d, (VALUES (3, 'Payroll', 'cost', 1000, ''), (4, 'Inventory', 'cost', 50, ''), (5, 'Retail receipts', 'in', 100, 'retail')) v (line, item, kind, amount, channel);
-- curve: 13 weeks of spend and customers whose marginal CAC is 89.0953491120703
-- (reference T18); neither margin nor cash are known.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'curve', v.metric, date '2026-06-30' - 7 * (13 - w.week::integer) - d, 'all', v.value / 7, false
  FROM unnest(ARRAY[5000,5400,6100,5800,6500,7200,7000,7600,8100,7900,8600,9100,9000]::numeric[], ARRAY[118,124,134,131,139,147,146,153,158,157,164,168,168]::numeric[])
	WITH ORDINALITY w (spend, new, week), generate_series(0, 6) d, LATERAL (VALUES ('ad_spend', w.spend), ('new_customers', w.new), ('net_revenue', 70000), ('orders', 1400)) v (metric, value);
-- bare: a balance and costs, no shop, no ads.
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES ('bare', 'bare_sheet', 'Cash', 2, '2026-07-01', 'Opening', 9000, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'bare', 'bare_sheet', 'Cash', 3, date '2026-06-30' + d, date '2026-06-30' + d, 'Suppliers', 'cost', 100, '', 'sheet', 'expected', 0 FROM generate_series(1, 90) d;
SELECT momentum._refresh_matviews();

-- Nothing changed: everything known, with its origin.  30000 * 0.6 - 6000 = 12000
-- of profit; 100 doors * 3.5 * 30 / 7 * 5 * 0.4 = 3000 in retail; a score of
-- 0.1 * (58 - 90) / 90.
SELECT * FROM momentum.what_if('acme');
-- The same for every brand: changed is base, and base is what the views say.
SELECT b.brand, count(w.base) AS known, count(*) FILTER (WHERE w.base IS DISTINCT FROM w.changed) AS differ, count(*) FILTER (WHERE w.base IS NULL AND w.note IS NULL) AS without_reason
  FROM momentum_state.brand b CROSS JOIN LATERAL momentum.what_if(b.brand, '{}') w GROUP BY b.brand ORDER BY b.brand;
SELECT w.brand, count(*) AS figures, count(*) FILTER (WHERE w.base IS DISTINCT FROM v.value) AS differ
  FROM (SELECT b.brand, i.item, i.base FROM momentum_state.brand b CROSS JOIN LATERAL momentum.what_if(b.brand) i) w
  JOIN (SELECT c.brand, x.item, x.value FROM momentum.cash_summary c CROSS JOIN LATERAL (VALUES
			('working_capital_30d', c.working_capital_30d), ('working_capital_60d', c.working_capital_60d), ('working_capital_90d', c.working_capital_90d),
			('trough', c.trough), ('trough_day', c.trough_day - c.as_of), ('runway_days', c.runway_days)) x (item, value)
		UNION ALL SELECT s.brand, 'score', s.score FROM momentum.score s
		UNION ALL SELECT p.brand, 'score: ' || p.component, p.value FROM momentum.score_component p
		UNION ALL SELECT p.brand, 'cac', p.actual FROM momentum.score_component p WHERE p.component = 'cac'
		UNION ALL SELECT p.brand, 'conversion_rate', p.actual FROM momentum.score_component p WHERE p.component = 'conversion') v USING (brand, item)
 GROUP BY w.brand ORDER BY w.brand;

CREATE FUNCTION pg_temp.changed(changes jsonb, brand text DEFAULT 'acme') RETURNS TABLE (item text, base numeric, changed numeric, difference numeric, origin text, note text)
LANGUAGE sql AS $$ SELECT w.item, w.base, w.changed, w.difference, w.origin, w.note FROM momentum.what_if(changed.brand, changes) w WHERE w.base IS DISTINCT FROM w.changed $$;

-- Half more spend: 2 more customers a day at 50, for how dear a further one is
-- nothing tells.  Profit + 60 * 30 - 3000.  Each day 100 of ads and 2 * (49 - 30) of
-- goods more are paid, and from day 3 on 98 come in: W30 4900 - 30 * 138 + 28 * 98.
-- The runway goes to 46 days; 0.3 * 0.1 / 0.2 - 0.1 * 44 / 90 is the score.
SELECT * FROM pg_temp.changed('{"spend": "+50%"}');
-- The same in other words.
SELECT count(*) AS rows, count(*) FILTER (WHERE a.changed IS DISTINCT FROM b.changed OR a.changed IS DISTINCT FROM c.changed) AS differ
  FROM momentum.what_if('acme', '{"spend": "+50%"}') a JOIN momentum.what_if('acme', '{"spend": 300}') b USING (item) JOIN momentum.what_if('acme', '{"spend": "+100"}') c USING (item);
-- No spend at all: no new customers, and no CAC to judge.
SELECT * FROM pg_temp.changed('{"spend": 0}') WHERE item NOT LIKE 'working%';
-- A CAC of 40: 5 customers a day.  Profit + 30 * 30.
SELECT * FROM pg_temp.changed('{"cac": 40}');
-- A third order for two: CAC 33.33.  Profit + 10 * 30 * 30; W30 4900 + 28 * 490 - 30 * 190.
SELECT * FROM pg_temp.changed('{"conversion_rate": 0.03}');
-- Nobody buys any more: no CAC, and the note says why.
SELECT item, base, changed, note FROM pg_temp.changed('{"conversion_rate": 0}') WHERE item IN ('cac', 'new_customers_30d', 'orders_30d');
-- A price of 55: profit + 600 * 5 * 0.98, W30 + 28 * 98.
SELECT * FROM pg_temp.changed('{"price": "+10%"}');
-- 50 doors more: their goods cost 30 a day, after 30 days they bring 50 a day.
SELECT * FROM pg_temp.changed('{"doors": 150}');
-- Terms: retailers 10 days later, -1000; stock 10 days later, +500; payouts
-- 3 days later, -3 * 980; 4 % of fees, -20 a day from day 3 on, profit -600.
SELECT t.changes, w.item, w.difference FROM (VALUES (1, '{"payment_terms_days": 10}'::jsonb), (2, '{"vendor_terms_days": 10}'), (3, '{"payout_lag": 5}'), (4, '{"payment_fee": 0.04}')) t (n, changes),
	pg_temp.changed(t.changes) w WHERE w.item IN ('working_capital_30d', 'working_capital_90d', 'contribution_profit_30d') ORDER BY t.n, w.item;
-- Earlier than tomorrow nobody pays: all 90 days of stock on the first 81.
SELECT item, base, changed FROM pg_temp.changed('{"vendor_terms_days": -9}') WHERE item LIKE 'working%';
-- All at once is one walk.
SELECT item, base, changed FROM pg_temp.changed('{"spend": "+10%", "cac": 45, "conversion_rate": "+5%", "price": "-2%", "doors": "+10", "payment_terms_days": 7, "vendor_terms_days": 14, "payment_fee": "-10%", "payout_lag": 1}')
 WHERE item ~ '_30d$|^score$|runway_days';

-- Where the marginal CAC is known, a further customer costs that: 10 % of the
-- spend over 89.0953491120703, to the cents they are rounded to.
SELECT w.item, w.base, w.changed, w.origin, w.note,
       w.difference - CASE w.item WHEN 'new_customers_30d' THEN s.difference * 30 / 89.0953491120703 ELSE 0 END BETWEEN -0.02 AND 0.02 AS as_marginal
  FROM momentum.what_if('curve', '{"spend": "+10%"}') w, (SELECT difference FROM momentum.what_if('curve', '{"spend": "+10%"}') WHERE item = 'spend_per_day') s
 WHERE w.item IN ('marginal_cac', 'new_customers_30d');
-- What is not known stays so, with the reason.
SELECT item, base, changed, origin, note FROM momentum.what_if('curve', '{"spend": "+10%"}') WHERE changed IS NULL;
SELECT item, base, changed, note FROM momentum.what_if('bare', '{"spend": "+10%", "payment_terms_days": 7}');
SELECT item, base, changed, note FROM pg_temp.changed('{"vendor_terms_days": 30}', 'bare');
SELECT count(*) AS rows, count(base) AS bases, count(changed) AS changes FROM momentum.what_if('none', '{"conversion_rate": 0.03, "doors": 5}');

-- What cannot be.
SELECT momentum.what_if('nobody', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT momentum.what_if(NULL, '{}');
SELECT momentum.what_if('acme', NULL);
SELECT momentum.what_if('acme', '[{"spend": 5}]');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT momentum.what_if('acme', '{"spend": 100, "sped": 5}');
\set VERBOSITY terse
\echo :LAST_ERROR_SQLSTATE
SELECT momentum.what_if('acme', '{"spend": true}');
SELECT momentum.what_if('acme', '{"spend": null}');
SELECT momentum.what_if('acme', '{"spend": ["+5%"]}');
SELECT momentum.what_if('acme', '{"spend": "20%"}');
SELECT momentum.what_if('acme', '{"spend": "a lot"}');
SELECT momentum.what_if('acme', '{"spend": "+NaN"}');
SELECT momentum.what_if('acme', '{"spend": "-101%"}');
SELECT momentum.what_if('acme', '{"spend": "-201"}');
SELECT momentum.what_if('acme', '{"spend": -1}');
SELECT momentum.what_if('acme', '{"spend": 1e400}');
SELECT momentum.what_if('acme', '{"cac": 0}');
SELECT momentum.what_if('acme', '{"price": 0}');
SELECT momentum.what_if('acme', '{"conversion_rate": 1.01}');
SELECT momentum.what_if('acme', '{"conversion_rate": "+5000%"}');
SELECT momentum.what_if('acme', '{"payment_fee": 2}');
SELECT momentum.what_if('acme', '{"payout_lag": 1.5}');
SELECT momentum.what_if('acme', '{"payment_terms_days": "+10%"}');
SELECT momentum.what_if('acme', '{"vendor_terms_days": 400}');
\echo :LAST_ERROR_SQLSTATE

-- A reader asks about the brands it may see.
CREATE ROLE regress_what_if;
SET ROLE regress_what_if;
SELECT momentum.what_if('acme');
RESET ROLE;
SELECT momentum.grant_access('regress_what_if', 'reader', 'acme');
SET ROLE regress_what_if;
SELECT item, base, changed FROM momentum.what_if('acme', '{"spend": "+50%"}') WHERE item = 'score';
SELECT momentum.what_if('curve');
SELECT count(*) FROM momentum.what_if_input;
RESET ROLE;
SELECT momentum.revoke_access('regress_what_if');
SET ROLE regress_what_if;
SELECT momentum.what_if('acme');
RESET ROLE;
DROP ROLE regress_what_if;
