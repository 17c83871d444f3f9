-- Sixty brands of random figures: in every view the parts add up to the whole,
-- and the whole is what plain sums of the facts give.  Some days are unknown,
-- some channels come and go, some sell nothing, returns exceed sales at times.
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.setup();
SET extra_float_digits = 0;
CREATE FUNCTION pg_temp.draw(a integer, b integer, c integer) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(a::bigint * 1000003 + b * 1009 + c, 11) & 9007199254740991) / 9007199254740992.0::float8
$$;
-- Equal to 1e-9 of the size of what is summed.
CREATE FUNCTION pg_temp.near(a float8, b float8, size float8) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT abs(a - b) <= 1e-9 * greatest(abs(a), abs(b), size) $$;

INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT 'b' || i, 'b' || i, 'UTC', 'USD' FROM generate_series(1, 60) i;
INSERT INTO momentum_state.target (brand, metric, valid_from, value) SELECT brand, 'cac', '-infinity', 50 FROM momentum_state.brand;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'b' || i, m.metric, '2026-06-30'::date - d, 'c' || k,
       CASE WHEN pg_temp.draw(i, m.nr * 100 + k, d + 5000) < 0.05 THEN 0
            ELSE round((m.size * (0.5 + pg_temp.draw(i, m.nr * 10 + k, 1)) * (1 + 0.3 * (pg_temp.draw(i, m.nr, 2) - 0.5) * (60 - d) / 30)
                        * (0.7 + 0.6 * pg_temp.draw(i, m.nr * 100 + k, d)) * (1 + 0.2 * (d % 7 = 3)::int)
                        - CASE WHEN m.metric = 'net_revenue' AND pg_temp.draw(i, k, d + 9000) < 0.03 THEN 3 * m.size ELSE 0 END)::numeric,
                       CASE WHEN m.is_money THEN 2 ELSE 0 END) END, false
  FROM generate_series(1, 60) i, generate_series(0, 130) d, generate_series(1, 3) k,
       (VALUES (1, 'net_revenue', 3000, true), (2, 'gross_sales', 3600, true), (3, 'discounts', 300, true), (4, 'orders', 40, false),
               (5, 'sessions', 1500, false), (6, 'ad_spend', 900, true), (7, 'impressions', 90000, false), (8, 'clicks', 1200, false),
               (9, 'new_customers', 18, false), (10, 'retail_units', 200, false), (11, 'retail_doors', 30, false),
               (12, 'retail_dollars', 900, true), (13, 'items_sold', 90, false), (14, 'new_subscribers', 4, false)) m (nr, metric, size, is_money),
       LATERAL (SELECT pg_temp.draw(i, m.nr, d + 7000) AS known, pg_temp.draw(i, k, 3) AS channel, pg_temp.draw(i, m.nr, 4) AS told,
                       pg_temp.draw(i, k, 6) AS turn) x
 WHERE x.known >= 0.02 AND (k = 1 OR x.channel < 0.7) AND (x.told < 0.9 OR m.nr = 1)
   AND CASE WHEN x.turn < 0.15 THEN d < 20 WHEN x.turn > 0.85 AND k > 1 THEN d > 25 ELSE true END;
INSERT INTO momentum_state.source (brand, source, service) SELECT brand, 'sheet', 'google_sheets' FROM momentum_state.brand;
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT 'b' || i, 'sheet', 't', 1, '2026-06-30', 'balance', round((200000 * pg_temp.draw(i, 0, 8))::numeric, 2), 0 FROM generate_series(1, 60) i;
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'b' || i, 'sheet', 't', 1000 * nr + n, '2026-01-01', '2026-03-01'::date + 3 * n, kind || n % 3, kind,
       round((9000 * pg_temp.draw(i, nr::int, n))::numeric, 2), CASE n % 2 WHEN 0 THEN 'shop' ELSE 'retail' END, 'sheet',
       CASE WHEN n < 40 THEN 'booked' ELSE 'expected' END, 0
  FROM generate_series(1, 60) i, unnest('{in,cost,loan}'::text[]) WITH ORDINALITY k (kind, nr), generate_series(0, 75) n
 WHERE kind <> 'loan' OR n % 10 = 0;
SELECT momentum._refresh_matviews();

-- The score: contributions, now and as of 7 and 30 days ago.
SELECT count(*) AS scores, count(*) FILTER (WHERE NOT pg_temp.near(s.score, c.sum, 1)) AS contributions,
       count(*) FILTER (WHERE NOT pg_temp.near(c.shares, 1, 1)) AS shares
  FROM momentum_state.score s
  JOIN (SELECT brand, back, sum(contribution) AS sum, sum(share) AS shares FROM momentum_state.component GROUP BY brand, back) c USING (brand, back)
 WHERE s.score IS NOT NULL;
-- What moved it: the deltas of the components.
SELECT count(*) AS changes, count(*) FILTER (WHERE abs(d.sum - d.change) > 4e-6) AS deltas, count(*) FILTER (WHERE d.parts > 4e-6) AS parts
  FROM (SELECT brand, days_back, sum(delta) AS sum, max(score_change) AS change,
               max(abs(delta - value_part - coverage_part)) AS parts
          FROM momentum.driver GROUP BY brand, days_back) d;

-- Every split: contributions to the change of its total.
SELECT tree, count(*) AS splits, count(*) FILTER (WHERE NOT pg_temp.near(sum, change, size)) AS broken, count(DISTINCT method) > 0 AS by
  FROM (SELECT brand, tree, sum(contribution) AS sum, max(total1) - max(total0) AS change,
               greatest(max(abs(total0)), max(abs(total1)), max(abs(contribution))) AS size, max(method) AS method
          FROM momentum_state.change_split GROUP BY brand, tree) x
 GROUP BY tree ORDER BY tree;
-- And its totals to sums of the facts over the days known in both windows.
WITH day AS (
    SELECT brand, day, sum(value) FILTER (WHERE metric = 'orders') AS orders, sum(value) FILTER (WHERE metric = 'sessions') AS sessions
      FROM momentum_state.metric_daily WHERE metric IN ('orders', 'sessions') GROUP BY brand, day
    HAVING count(*) FILTER (WHERE metric = 'orders') > 0 AND count(*) FILTER (WHERE metric = 'sessions') > 0),
newest AS (SELECT brand, max(day) AS day FROM day GROUP BY brand),
plain AS (
    SELECT n.brand, count(*) AS pairs, sum(a.orders) / nullif(sum(a.sessions), 0) AS rate0, sum(b.orders) / nullif(sum(b.sessions), 0) AS rate1
      FROM newest n JOIN day b ON b.brand = n.brand AND b.day > n.day - 28
      JOIN day a ON a.brand = n.brand AND a.day = b.day - 28
     GROUP BY n.brand)
SELECT count(*) AS rates, count(*) FILTER (WHERE NOT pg_temp.near(s.total0, p.rate0::float8, 0) OR NOT pg_temp.near(s.total1, p.rate1::float8, 0)
                                             OR s.pairs <> p.pairs) AS broken
  FROM plain p JOIN (SELECT DISTINCT brand, pairs, total0, total1 FROM momentum_state.change_split WHERE tree = 'conversion_rate') s USING (brand);

-- The way down from the score: children to their parent, the last row of the
-- level above before them.
CREATE TEMP TABLE driver_tree AS TABLE momentum.driver_tree;
WITH tree AS (
    SELECT d.*, (SELECT max(p.place) FROM driver_tree p
                  WHERE p.brand = d.brand AND p.days_back = d.days_back AND p.level = d.level - 1 AND p.place < d.place) AS parent_place
      FROM driver_tree d)
SELECT level, count(*) AS parents, count(*) FILTER (WHERE abs(sum - contribution) > 2e-6 * children + 1e-9 * abs(contribution)) AS broken
  FROM (SELECT p.level, p.contribution, count(*) AS children, sum(c.contribution) AS sum
          FROM tree p JOIN tree c ON c.brand = p.brand AND c.days_back = p.days_back AND c.parent_place = p.place AND c.level = p.level + 1
         WHERE p.level <> 1      -- below the components stand numbers of the business
         GROUP BY p.level, p.brand, p.days_back, p.place, p.contribution) x
 GROUP BY level ORDER BY level;

-- Cash: every row to the next, the last to the balance, weeks to days, to the cent.
CREATE TEMP TABLE cash_path AS TABLE momentum.cash_path;
SELECT count(*) AS days, count(*) FILTER (WHERE abs(step - flow) > 0.021) AS steps
  FROM (SELECT working_capital - lag(working_capital) OVER (PARTITION BY brand ORDER BY day) AS step, inflow - cost - loan AS flow FROM cash_path) x
 WHERE step IS NOT NULL;
SELECT count(*) AS brands, count(*) FILTER (WHERE abs(closing - opening - flow) > 0.005) AS broken
  FROM (SELECT brand, max(working_capital) FILTER (WHERE n = 0) AS opening, max(working_capital) FILTER (WHERE n = 90) AS closing,
               sum(inflow - cost - loan) FILTER (WHERE n BETWEEN 1 AND 90) AS flow
          FROM momentum_state.cash_path WHERE back = 0 GROUP BY brand) x;
SELECT count(*) AS weeks, count(*) FILTER (WHERE opening + lines <> closing) AS broken, count(*) FILTER (WHERE before <> opening) AS chain,
       count(*) FILTER (WHERE closing <> path) AS path
  FROM (SELECT w.brand, w.week, max(amount) FILTER (WHERE kind = 'opening') AS opening, max(amount) FILTER (WHERE kind = 'closing') AS closing,
               sum(amount) FILTER (WHERE kind NOT IN ('opening', 'closing')) AS lines,
               lag(max(amount) FILTER (WHERE kind = 'closing')) OVER (PARTITION BY w.brand ORDER BY w.week) AS before, max(p.working_capital) AS path
          FROM momentum.cash_week w JOIN cash_path p ON p.brand = w.brand AND p.day = w.last_day
         GROUP BY w.brand, w.week) x;

-- Channels to the whole.
SELECT metric, count(*) AS brands, count(*) FILTER (WHERE abs(shares - 1) > 3e-6) AS shares, count(*) FILTER (WHERE amount <> whole) AS amounts
  FROM (SELECT m.brand, m.metric, sum(m.share) AS shares, sum(m.amount) AS amount,
               (SELECT sum(d.value)::numeric(18,2) FROM momentum_state.metric_daily d
                 WHERE d.brand = m.brand AND d.metric = m.metric AND d.day > m.as_of - 28 AND d.day <= m.as_of) AS whole
          FROM momentum.channel_mix m GROUP BY m.brand, m.metric, m.as_of) x
 GROUP BY metric ORDER BY metric;

-- A question without changes changes nothing.
SELECT count(*) AS items, count(*) FILTER (WHERE x.base IS DISTINCT FROM x.changed OR x.difference <> 0) AS changed
  FROM momentum_state.brand b, momentum.what_if(b.brand, '{}') x WHERE b.brand IN ('b1', 'b2', 'b3', 'b4', 'b5');
