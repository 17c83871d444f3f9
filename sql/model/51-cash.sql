-- Working capital: from the last balance of the sheet or the books to today, and on.
--
-- The start is the newest balance not after the day, carried forward to its
-- end with the sheet's own lines; a balance older than four months starts
-- nothing.  Where a sheet has the closing balance of one period and the
-- opening balance of the next, the opening one counts.  Sheet and books tell of the
-- same bank: the newer balance counts, on the same day that of the books.
--
-- What the books have of a kind replaces the sheet's lines that it stands for
-- (momentum_state.book_item), from the day the books were read on: through the last
-- document due within books.known_days, for until then the books know all of
-- that kind; later only in the periods in which a document is due.  Those
-- that are paid count as well, for as long as a period may last.  A kind of which there is no document
-- replaces nothing: absent is not zero.
--
-- Lines of the sheet win for what they name: run-rate forecasts stand in for
-- shop sales and for ad spend only on days for which no tab names them, that
-- is when none ever did or after the last period of the tabs that do.  The
-- other lines of a tab that ends before the path does go on at their average over
-- the whole periods of its last 91 days (money from financing does not), unless it ended more
-- than a month ago.  Without any cost or loan line the path is drawn, but
-- says nothing of the runway: costs that are not known are not zero.  Bills
-- alone are not the costs: nobody sends one for the payroll.
--
-- The bands come from what the run rates of the last 8 weeks were wrong by,
-- one week ahead each time, at least four weeks of such days.  Nothing tells
-- what a plan was wrong by once its days are over, so a path that leans on
-- no run rate has no bands.  The seed is the brand's own.
CREATE OR REPLACE VIEW momentum_state.cash_path_now AS
WITH h AS (
    SELECT z.brand, z.back, z.as_of, greatest(c.cash_horizon, 90) AS horizon,
           coalesce(c.payment_fee_rate, 0) AS fee_rate, coalesce(c.payout_lag, 0) AS lag,
           coalesce(c.book_known_days, 0) AS known_days
      FROM momentum_state.horizon z
      JOIN momentum_state.config c USING (brand)
), told AS (
    SELECT h.brand, h.back, t.source, t.tab, t.origin, l.day, l.amount
      FROM h
      JOIN (SELECT DISTINCT b.brand, b.source, b.tab, b.origin
              FROM h n JOIN hub.cash_balance b ON b.brand = n.brand AND b.day > n.as_of - 150 WHERE n.back = 0) t USING (brand)
     CROSS JOIN LATERAL (
        SELECT b.day,
               coalesce(sum(b.amount) FILTER (WHERE b.origin <> 'sheet' OR b.item !~* '\m(closing|ending|end)\M'),
                        sum(b.amount))::double precision AS amount
          FROM hub.cash_balance b
         WHERE b.brand = h.brand AND b.source = t.source AND b.tab = t.tab
           AND b.day <= h.as_of + 1 AND b.day > h.as_of - 120
         GROUP BY b.day
         ORDER BY b.day DESC LIMIT 1) l
), balance AS (
    SELECT t.*
      FROM told t
      JOIN (SELECT DISTINCT ON (n.brand, n.back) n.brand, n.back, n.origin = 'sheet' AS of_sheet
              FROM told n ORDER BY n.brand, n.back, n.day DESC, n.origin = 'sheet') w
        ON w.brand = t.brand AND w.back = t.back AND w.of_sheet = (t.origin = 'sheet')
), document AS (    -- of the books: each day on which something of a kind is or was due
    SELECT DISTINCT f.brand, f.kind, f.replaces, f.period AS due, r.read_on, r.read_on + h.known_days AS known_to
      FROM h
      JOIN hub.cash_flow f ON f.brand = h.brand AND f.origin <> 'sheet' AND f.replaces IS NOT NULL
      JOIN (SELECT s.brand, s.source, max(s.complete_through) + 1 AS read_on
              FROM momentum_state.stream s WHERE s.loader = 'books' GROUP BY s.brand, s.source) r ON r.brand = f.brand AND r.source = f.source
     WHERE h.back = 0 AND f.period >= r.read_on - 31
), known AS MATERIALIZED (     -- 30 days back, and from there 160: what is older has no say
    SELECT f.*
      FROM h JOIN hub.cash_flow f ON f.brand = h.brand AND f.day > h.as_of - 190
     WHERE h.back = 0
), planned AS MATERIALIZED (   -- each line of the sheet in each of its periods
    SELECT DISTINCT f.brand, f.source, f.tab, f.row_number, f.kind, f.item, f.period FROM known f WHERE f.origin = 'sheet'
), span AS MATERIALIZED (    -- a period of the sheet and the one after it
    SELECT p.brand, p.source, p.tab, p.period,
           lead(p.period, 1, 'infinity') OVER (PARTITION BY p.brand, p.source, p.tab ORDER BY p.period) AS next
      FROM (SELECT DISTINCT f.brand, f.source, f.tab, f.period FROM planned f) p
), match AS MATERIALIZED (     -- each text is held against each pattern once
    SELECT i.brand, i.kind, i.item, d.replaces
      FROM (SELECT DISTINCT f.brand, f.kind, f.item FROM planned f) i
      JOIN (SELECT DISTINCT d.brand, d.kind, d.replaces FROM document d) d USING (brand, kind)
     WHERE i.item ~* d.replaces
), candidate AS MATERIALIZED (
    SELECT f.brand, f.source, f.tab, f.row_number, f.kind, f.period, s.next, m.replaces
      FROM planned f
      JOIN match m USING (brand, kind, item)
      JOIN span s USING (brand, source, tab, period)
), due AS MATERIALIZED (
    SELECT d.brand, d.kind, d.replaces, d.due, d.read_on,
           max(d.due) FILTER (WHERE d.due <= d.known_to) OVER (PARTITION BY d.brand, d.kind, d.replaces) AS through
      FROM document d
), replaced AS MATERIALIZED (
    SELECT c.brand, c.source, c.tab, c.row_number, c.kind, c.period, min(d.read_on) AS read_on
      FROM candidate c
      JOIN due d ON d.brand = c.brand AND d.kind = c.kind AND d.replaces = c.replaces
                AND (c.period <= d.through OR d.due >= c.period AND d.due < c.next)
     GROUP BY c.brand, c.source, c.tab, c.row_number, c.kind, c.period
), words AS MATERIALIZED (    -- what a line is for
    SELECT w.brand, w.kind, w.channel, w.words, coalesce(p.part, 'other') AS part
      FROM (SELECT DISTINCT f.brand, f.kind, f.channel,
                   CASE WHEN f.origin = 'sheet' THEN f.item ELSE coalesce(f.replaces, '') END AS words
              FROM known f) w
      LEFT JOIN LATERAL (
        SELECT c.part
          FROM momentum_state.cash_part c
         WHERE c.brand IN (w.brand, '') AND c.kind = w.kind AND w.channel || ' ' || w.words ~* c.pattern
         ORDER BY c.brand DESC, c.priority, c.pattern LIMIT 1) p ON true
), item AS MATERIALIZED (
    SELECT f.brand, f.source, f.tab, f.row_number, f.period, f.day, f.kind, f.channel, f.amount, f.origin, w.part
      FROM known f
      JOIN words w ON w.brand = f.brand AND w.kind = f.kind AND w.channel = f.channel
                  AND w.words = CASE WHEN f.origin = 'sheet' THEN f.item ELSE coalesce(f.replaces, '') END
), counted AS MATERIALIZED (
    SELECT f.brand, f.source, f.tab, f.day, f.kind, f.amount, f.origin, f.part
      FROM item f
      LEFT JOIN replaced r ON r.brand = f.brand AND r.source = f.source AND r.tab = f.tab AND r.row_number = f.row_number
                          AND r.kind = f.kind AND r.period = f.period AND f.origin = 'sheet'
     WHERE CASE WHEN f.origin = 'sheet' THEN (f.day >= r.read_on) IS NOT TRUE ELSE f.amount <> 0 END
), start AS (
    SELECT h.brand, h.back, h.as_of, h.horizon, h.fee_rate, h.lag, b.day AS balance_day,
           b.amount + coalesce(f.net, 0) AS carried
      FROM h
      JOIN (SELECT b.brand, b.back, min(b.day) AS day, sum(b.amount) AS amount
              FROM balance b GROUP BY b.brand, b.back) b USING (brand, back)
     CROSS JOIN LATERAL (
        SELECT sum(CASE WHEN f.kind = 'in' THEN f.amount ELSE -f.amount END)::double precision AS net
          FROM counted f
          LEFT JOIN balance own ON own.brand = f.brand AND own.back = h.back
                               AND own.source = f.source AND own.tab = f.tab
         WHERE f.brand = h.brand AND f.day >= b.day AND f.day <= h.as_of
           AND f.day >= coalesce(own.day, b.day)) f
), line AS MATERIALIZED (
    SELECT f.brand, f.source, f.tab, f.kind, f.channel, f.part, f.period, h.as_of, max(f.day) AS last_day,
           sum(f.amount)::double precision AS amount
      FROM h
      JOIN item f ON f.brand = h.brand AND f.origin = 'sheet' AND f.day > h.as_of - 160
     WHERE h.back = 0
     GROUP BY f.brand, f.source, f.tab, f.kind, f.channel, f.part, f.period, h.as_of
), period AS MATERIALIZED (
    SELECT l.brand, l.source, l.tab, l.period, max(l.last_day) AS last_day,
           row_number() OVER (PARTITION BY l.brand, l.source, l.tab ORDER BY l.period DESC) AS place
      FROM line l
     GROUP BY l.brand, l.source, l.tab, l.period
), ending AS MATERIALIZED (  -- the last day that a tab speaks of: the end of its last period, months being months
    SELECT e.brand, e.source, e.tab, e.through,
           coalesce((SELECT max(p.period) FROM period p
                      WHERE p.brand = e.brand AND p.source = e.source AND p.tab = e.tab AND p.period <= e.through - 90),
                    e.first_period) AS from_day
      FROM (SELECT q.brand, q.source, q.tab, q.first_period,
                   greatest(q.last_day, (CASE WHEN extract(day FROM q.last) = extract(day FROM q.before) AND q.last - q.before >= 28
                                              THEN q.last + (extract(year FROM age(q.last, q.before)) * 12
                                                             + extract(month FROM age(q.last, q.before))) * interval '1 month'
                                              ELSE q.last + (q.last - q.before) * interval '1 day' END)::date - 1) AS through
              FROM (SELECT p.brand, p.source, p.tab, min(p.period) AS first_period, max(p.last_day) AS last_day, max(p.period) AS last,
                           max(p.period) FILTER (WHERE p.place > 1) AS before
                      FROM period p
                     GROUP BY p.brand, p.source, p.tab) q) e
), tab_part AS MATERIALIZED (   -- what its lines come to per day, over the whole periods of its last 91 days
    SELECT e.brand, e.source, e.tab, e.through, e.through > max(l.as_of) - 31 AS goes_on, l.kind, l.channel, l.part,
           sum(l.amount ORDER BY l.period) / n.days AS amount
      FROM ending e
      JOIN line l ON l.brand = e.brand AND l.source = e.source AND l.tab = e.tab AND l.period >= e.from_day
     CROSS JOIN LATERAL (VALUES ((e.through - e.from_day + 1)::double precision)) n (days)
     GROUP BY e.brand, e.source, e.tab, e.through, n.days, l.kind, l.channel, l.part
), tab AS MATERIALIZED (
    SELECT t.brand, t.source, t.tab, t.through, bool_and(t.goes_on) AS goes_on,
           sum(t.amount ORDER BY t.channel, t.part) FILTER (WHERE t.kind = 'in' AND t.channel <> 'financing') AS inflow,
           sum(t.amount ORDER BY t.channel, t.part) FILTER (WHERE t.kind = 'in' AND t.channel NOT IN ('financing', 'shop', 'sales')) AS other_inflow,
           sum(t.amount ORDER BY t.channel, t.part) FILTER (WHERE t.kind = 'cost') AS cost,
           sum(t.amount ORDER BY t.channel, t.part) FILTER (WHERE t.kind = 'cost' AND t.channel <> 'ads') AS other_cost,
           sum(t.amount ORDER BY t.channel, t.part) FILTER (WHERE t.kind = 'loan') AS loan
      FROM tab_part t
     GROUP BY t.brand, t.source, t.tab, t.through
), named AS (
    SELECT l.brand, max(t.through) AS sheet_through,
           max(t.through) FILTER (WHERE l.kind = 'in' AND l.channel IN ('shop', 'sales')) AS sales_through,
           max(t.through) FILTER (WHERE l.kind = 'cost' AND l.channel = 'ads') AS spend_through
      FROM line l
      JOIN tab t USING (brand, source, tab)
     GROUP BY l.brand
), sales AS (    -- forecasts do not know the days of excluded events; what was sold on them still counts
    SELECT s.brand, s.back, n.newest, n.fitted, n.usual, n.days, n.y,
           CASE WHEN n.fitted IS NOT NULL THEN momentum.forecast(n.days, n.y, s.horizon + (s.as_of - n.fitted)) END AS path
      FROM start s
     CROSS JOIN LATERAL (
        SELECT max(r.day) AS newest, max(r.day) FILTER (WHERE e.day IS NULL) AS fitted,
               array_agg(r.day ORDER BY r.day) FILTER (WHERE e.day IS NULL) AS days,
               array_agg(r.net_revenue ORDER BY r.day) FILTER (WHERE e.day IS NULL) AS y,
               avg(r.net_revenue ORDER BY r.day) FILTER (WHERE r.day > s.as_of - 63) AS usual
          FROM momentum_state.recent_day r
          LEFT JOIN momentum_state.excluded_day e ON e.brand = r.brand AND e.day = r.day
         WHERE r.brand = s.brand AND r.day > s.as_of - 119 AND r.day <= s.as_of
           AND r.net_revenue IS NOT NULL) n
     WHERE n.newest > s.as_of - 28
), spend AS (
    SELECT s.brand, s.back, n.newest, n.fitted, n.usual, n.days, n.y,
           CASE WHEN n.fitted IS NOT NULL THEN momentum.forecast(n.days, n.y, s.horizon + (s.as_of - n.fitted)) END AS path
      FROM start s
     CROSS JOIN LATERAL (
        SELECT max(r.day) AS newest, max(r.day) FILTER (WHERE e.day IS NULL) AS fitted,
               array_agg(r.day ORDER BY r.day) FILTER (WHERE e.day IS NULL) AS days,
               array_agg(r.ad_spend ORDER BY r.day) FILTER (WHERE e.day IS NULL) AS y,
               avg(r.ad_spend ORDER BY r.day) FILTER (WHERE r.day > s.as_of - 63) AS usual
          FROM momentum_state.recent_day r
          LEFT JOIN momentum_state.excluded_day e ON e.brand = r.brand AND e.day = r.day
         WHERE r.brand = s.brand AND r.day > s.as_of - 119 AND r.day <= s.as_of
           AND r.ad_spend IS NOT NULL) n
     WHERE n.newest > s.as_of - 28
), rate AS (    -- what was sold or spent on known days, the forecast after them
    SELECT s.brand, s.back, s.as_of, s.as_of + g.n AS day, g.n, s.carried, s.balance_day, m.sheet_through,
           sales.path IS NOT NULL AS has_sales, spend.path IS NOT NULL AS has_spend,
           CASE WHEN sales.path IS NOT NULL AND s.as_of + g.n > coalesce(m.sales_through, '-infinity')
                THEN (1 - s.fee_rate) *
                     CASE WHEN s.as_of + g.n - s.lag > sales.newest
                          THEN sales.path[s.as_of + g.n - s.lag - sales.fitted]
                          ELSE coalesce(sold.net_revenue, sales.usual) END END AS sales,
           CASE WHEN spend.path IS NOT NULL AND s.as_of + g.n > coalesce(m.spend_through, '-infinity')
                THEN CASE WHEN s.as_of + g.n > spend.newest
                          THEN spend.path[s.as_of + g.n - spend.fitted]
                          ELSE coalesce(spent.ad_spend, spend.usual) END END AS spend
      FROM start s
     CROSS JOIN LATERAL generate_series(s.balance_day - s.as_of, s.horizon) g (n)
      LEFT JOIN named m ON m.brand = s.brand
      LEFT JOIN sales ON sales.brand = s.brand AND sales.back = s.back
      LEFT JOIN spend ON spend.brand = s.brand AND spend.back = s.back
      LEFT JOIN momentum_state.recent_day sold ON sold.brand = s.brand AND sold.day = s.as_of + g.n - s.lag
      LEFT JOIN momentum_state.recent_day spent ON spent.brand = s.brand AND spent.day = s.as_of + g.n
), used AS (    -- whether the path leans on a run rate after as_of
    SELECT r.brand, r.back, bool_or(r.sales IS NOT NULL) AS sales, bool_or(r.spend IS NOT NULL) AS spend
      FROM rate r WHERE r.n >= 1 GROUP BY r.brand, r.back
), pool AS (    -- what came less what was expected, of days on which all that is used is known; bands are those of today's path
    SELECT e.brand, e.back, array_agg(e.error ORDER BY e.day) AS errors
      FROM (SELECT u.brand, u.back, x.day, sum(x.error ORDER BY x.place) AS error
              FROM used u
              JOIN start s USING (brand, back)
              JOIN LATERAL (
                SELECT 1 AS place, v.day, (1 - s.fee_rate) * v.error AS error
                  FROM sales a CROSS JOIN LATERAL momentum.forecast_errors(a.days, a.y) v
                 WHERE u.sales AND a.brand = u.brand AND a.back = u.back
                UNION ALL
                SELECT 2, v.day, -v.error
                  FROM spend a CROSS JOIN LATERAL momentum.forecast_errors(a.days, a.y) v
                 WHERE u.spend AND a.brand = u.brand AND a.back = u.back) x ON true
             WHERE u.back = 0
             GROUP BY u.brand, u.back, u.sales, u.spend, x.day
            HAVING count(*) = u.sales::integer + u.spend::integer) e
     GROUP BY e.brand, e.back
    HAVING count(*) >= 28
), grid AS (
    SELECT r.brand, r.back, r.as_of, r.day, r.n, r.sales, r.spend, r.has_sales, r.has_spend, r.carried, r.balance_day, r.sheet_through,
           CASE WHEN r.sales IS NOT NULL OR t.inflow IS NOT NULL
                THEN coalesce(r.sales, 0) + coalesce(t.inflow, 0) END AS run_rate_in,
           CASE WHEN r.spend IS NOT NULL OR t.cost IS NOT NULL
                THEN coalesce(r.spend, 0) + coalesce(t.cost, 0) END AS run_rate_cost,
           t.loan AS run_rate_loan, t.cost IS NOT NULL OR t.loan IS NOT NULL AS has_cost
      FROM rate r
      LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN r.has_sales THEN t.other_inflow ELSE t.inflow END) AS inflow,
               sum(CASE WHEN r.has_spend THEN t.other_cost ELSE t.cost END) AS cost, sum(t.loan) AS loan
          FROM tab t
         WHERE t.brand = r.brand AND t.goes_on AND r.day > t.through) t ON true
), opening AS (
    SELECT g.brand, g.back, g.as_of, g.balance_day, g.sheet_through,
           g.carried + coalesce(sum(coalesce(g.run_rate_in, 0) - coalesce(g.run_rate_cost, 0) - coalesce(g.run_rate_loan, 0))
                                FILTER (WHERE g.n <= 0), 0) AS balance
      FROM grid g
     GROUP BY g.brand, g.back, g.as_of, g.balance_day, g.sheet_through, g.carried
), flow AS (
    SELECT f.brand, h.back, f.day,
           sum(f.amount) FILTER (WHERE f.kind = 'in')::double precision AS inflow,
           sum(f.amount) FILTER (WHERE f.kind = 'cost')::double precision AS cost,
           sum(f.amount) FILTER (WHERE f.kind = 'loan')::double precision AS loan,
           bool_or(f.origin = 'sheet' AND f.kind IN ('cost', 'loan')) AS has_cost,
           string_agg(DISTINCT f.origin, ' + ') AS origin
      FROM h
      JOIN counted f ON f.brand = h.brand AND f.day > h.as_of AND f.day <= h.as_of + h.horizon
     GROUP BY f.brand, h.back, f.day
), parts AS (   -- what the money of a day ahead is for
    SELECT q.brand, q.back, q.n, jsonb_object_agg(q.name, q.amount) AS parts
      FROM (SELECT x.brand, x.back, x.n, x.name, sum(x.amount ORDER BY x.place, x.amount) AS amount
              FROM (SELECT 1 AS place, h.brand, h.back, c.day - h.as_of AS n, c.kind || '/' || c.part AS name,
                           sum(c.amount)::double precision AS amount
                      FROM h
                      JOIN counted c ON c.brand = h.brand AND c.day > h.as_of AND c.day <= h.as_of + h.horizon
                     WHERE h.back = 0
                     GROUP BY h.brand, h.back, h.as_of, c.day, c.kind, c.part
                    UNION ALL
                    SELECT 2, r.brand, r.back, r.n, v.name, v.amount
                      FROM rate r CROSS JOIN LATERAL (VALUES ('in/shop', r.sales), ('cost/ads', r.spend)) v (name, amount)
                     WHERE r.back = 0 AND r.n >= 1 AND v.amount IS NOT NULL
                    UNION ALL
                    SELECT 3, r.brand, r.back, r.n, t.kind || '/' || t.part, t.amount
                      FROM rate r
                      JOIN tab_part t ON t.brand = r.brand AND t.goes_on AND r.day > t.through
                                     AND CASE t.kind WHEN 'in' THEN t.channel <> 'financing' AND NOT (r.has_sales AND t.channel IN ('shop', 'sales'))
                                                     WHEN 'cost' THEN NOT (r.has_spend AND t.channel = 'ads')
                                                     ELSE true END
                     WHERE r.back = 0 AND r.n >= 1) x
             GROUP BY x.brand, x.back, x.n, x.name) q
     GROUP BY q.brand, q.back, q.n
), day AS (
    SELECT g.brand, g.back, g.day, g.n, f.origin, p.parts,
           coalesce(f.inflow, 0) + coalesce(g.run_rate_in, 0) AS inflow,
           coalesce(f.cost, 0) + coalesce(g.run_rate_cost, 0) AS cost,
           coalesce(f.loan, 0) + coalesce(g.run_rate_loan, 0) AS loan, g.run_rate_in, g.run_rate_cost,
           g.run_rate_in IS NOT NULL OR g.run_rate_cost IS NOT NULL OR g.run_rate_loan IS NOT NULL AS has_rate,
           g.has_cost OR f.has_cost IS TRUE AS has_cost
      FROM grid g
      LEFT JOIN flow f ON f.brand = g.brand AND f.back = g.back AND f.day = g.day
      LEFT JOIN parts p ON p.brand = g.brand AND p.back = g.back AND p.n = g.n
     WHERE g.n >= 1
), ahead AS MATERIALIZED (
    SELECT o.brand, o.back, o.balance, a.inflow, a.cost, a.loan, p.errors
      FROM opening o
      JOIN (SELECT d.brand, d.back, array_agg(d.inflow ORDER BY d.n) AS inflow,
                   array_agg(d.cost ORDER BY d.n) AS cost, array_agg(d.loan ORDER BY d.n) AS loan
              FROM day d GROUP BY d.brand, d.back) a USING (brand, back)
      LEFT JOIN pool p USING (brand, back)
), walk AS MATERIALIZED (
    SELECT a.brand, a.back, w.day AS n, w.working_capital
      FROM ahead a
     CROSS JOIN LATERAL momentum.cash_walk(a.balance, a.inflow, a.cost, a.loan) w
), band AS MATERIALIZED (
    SELECT a.brand, a.back, b.day AS n, b.p10, b.p50, b.p90, b.p_breach
      FROM ahead a
      JOIN momentum_state.config c ON c.brand = a.brand
     CROSS JOIN LATERAL momentum.cash_bands(a.balance, a.inflow, a.cost, a.loan, a.errors, 1000,
                                            momentum._brand_seed(a.brand), coalesce(c.cash_floor, 0)) b
     WHERE a.back = 0
)
SELECT o.brand, o.back, 0 AS n, o.as_of AS day, o.balance AS working_capital,
       0::double precision AS inflow, 0::double precision AS cost, 0::double precision AS loan,
       NULL::double precision AS run_rate_in, NULL::double precision AS run_rate_cost, false AS has_cost,
       'balance' AS origin, o.balance_day, o.sheet_through, NULL::jsonb AS parts,
       NULL::double precision AS p10, NULL::double precision AS p50, NULL::double precision AS p90,
       NULL::double precision AS p_breach, p.errors
  FROM opening o
  LEFT JOIN pool p USING (brand, back)
UNION ALL
SELECT d.brand, d.back, d.n, d.day, w.working_capital, d.inflow, d.cost, d.loan, d.run_rate_in, d.run_rate_cost, d.has_cost,
       coalesce(nullif(concat_ws(' + ', d.origin, CASE WHEN d.has_rate THEN 'run_rate' END), ''), 'none'),
       o.balance_day, o.sheet_through, d.parts, b.p10, b.p50, b.p90, b.p_breach, NULL
  FROM day d
  JOIN walk w USING (brand, back, n)
  JOIN opening o USING (brand, back)
  LEFT JOIN band b USING (brand, back, n);
COMMENT ON VIEW momentum_state.cash_path_now IS 'What momentum_state.cash_path will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.cash_path AS SELECT * FROM momentum_state.cash_path_now;
CREATE UNIQUE INDEX IF NOT EXISTS cash_path_key ON momentum_state.cash_path (brand, back, n);
COMMENT ON MATERIALIZED VIEW momentum_state.cash_path IS 'Working capital day by day, as projected on the newest complete day (back = 0) and 7 and 30 days before; n = 0 is the balance it starts from, and holds the errors that the bands are drawn from. parts: what the money of a day is for, by kind and part.';

-- One row for each brand and horizon, also where nothing can be said.
-- OFFSET 0: a result of several columns is computed once, not for each of them.
CREATE OR REPLACE VIEW momentum_state.cash_summary_now AS
SELECT h.brand, h.back, h.as_of, a.balance, a.balance_day, a.horizon, a.sheet_through,
       CASE WHEN a.balance IS NOT NULL
            THEN least(coalesce(s.read_through, a.balance_day), h.as_of) END AS read_through,
       CASE WHEN a.has_cost OR a.balance < coalesce(c.cash_floor, 0) THEN (a.r).runway_days END AS runway_days,
       (a.r).w30, (a.r).w60, (a.r).w90, (a.r).trough,
       h.as_of + (a.r).trough_day AS trough_day, (a.r).avg_change,
       a.run_rate_in, a.run_rate_cost, a.p10_30, a.p50_30, a.p90_30, a.p10_60, a.p50_60, a.p90_60, a.p10_90, a.p50_90, a.p90_90, cardinality(a.errors) AS error_days,
       CASE WHEN a.has_cost THEN (b.r).p10 END AS runway_p10, CASE WHEN a.has_cost THEN (b.r).p90 END AS runway_p90,
       CASE WHEN a.has_cost THEN (b.r).p_breach END AS p_breach, CASE WHEN a.has_cost THEN (b.r).se END AS runway_se,
       CASE WHEN a.balance IS NULL THEN 'no_balance' WHEN NOT a.has_cost AND a.balance >= coalesce(c.cash_floor, 0) THEN 'no_costs' END AS reason
  FROM momentum_state.horizon h
  JOIN momentum_state.config c USING (brand)
  LEFT JOIN LATERAL (
     SELECT max(p.working_capital) FILTER (WHERE p.n = 0) AS balance, max(p.balance_day) AS balance_day,
            max(p.sheet_through) AS sheet_through, max(p.n) AS horizon, bool_or(p.has_cost) AS has_cost,
            count(p.run_rate_in) > 0 AS run_rate_in, count(p.run_rate_cost) > 0 AS run_rate_cost,
            max(p.p10) FILTER (WHERE p.n = 30) AS p10_30, max(p.p50) FILTER (WHERE p.n = 30) AS p50_30, max(p.p90) FILTER (WHERE p.n = 30) AS p90_30,
            max(p.p10) FILTER (WHERE p.n = 60) AS p10_60, max(p.p50) FILTER (WHERE p.n = 60) AS p50_60, max(p.p90) FILTER (WHERE p.n = 60) AS p90_60,
            max(p.p10) FILTER (WHERE p.n = 90) AS p10_90, max(p.p50) FILTER (WHERE p.n = 90) AS p50_90, max(p.p90) FILTER (WHERE p.n = 90) AS p90_90,
            max(p.errors) AS errors,
            array_agg(p.inflow ORDER BY p.n) FILTER (WHERE p.n > 0) AS inflow,
            array_agg(p.cost ORDER BY p.n) FILTER (WHERE p.n > 0) AS cost,
            array_agg(p.loan ORDER BY p.n) FILTER (WHERE p.n > 0) AS loan
       FROM momentum_state.cash_path p
      WHERE p.brand = h.brand AND p.back = h.back) q ON true
 CROSS JOIN LATERAL (SELECT q.*, momentum.runway(q.balance, q.inflow, q.cost, q.loan, coalesce(c.cash_floor, 0)) AS r OFFSET 0) a
 CROSS JOIN LATERAL (SELECT momentum.runway_bands(a.balance, a.inflow, a.cost, a.loan, a.errors, 1000, momentum._brand_seed(h.brand),
                                                  coalesce(c.cash_floor, 0), c.runway_target, c.scale_runway) AS r OFFSET 0) b
  LEFT JOIN LATERAL (   -- books that are read daily make no sheet fresh
     SELECT min(o.through) AS read_through
       FROM (SELECT max(t.complete_through) AS through
               FROM (SELECT DISTINCT b.source, b.origin = 'sheet' AS of_sheet
                       FROM hub.cash_balance b WHERE b.brand = h.brand) b
               JOIN momentum_state.stream t ON t.brand = h.brand AND t.source = b.source AND t.loader IN ('sheet', 'books')
              GROUP BY b.of_sheet) o) s ON true;
COMMENT ON VIEW momentum_state.cash_summary_now IS 'What momentum_state.cash_summary will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.cash_summary AS SELECT * FROM momentum_state.cash_summary_now;
CREATE UNIQUE INDEX IF NOT EXISTS cash_summary_key ON momentum_state.cash_summary (brand, back);
COMMENT ON MATERIALIZED VIEW momentum_state.cash_summary IS 'Runway, trough and working capital in 30, 60 and 90 days, and how sure they are, per brand and horizon.';
