-- What is driving it: the split of every change, and the way down from the
-- score to the numbers of the business.
CREATE OR REPLACE VIEW momentum.change_split WITH (security_barrier) AS
SELECT s.brand, s.newest AS as_of, s.newest - s.days + 1 AS first_day, s.days::bigint AS days, s.pairs::bigint AS days_compared,
       s.tree, s.tree_unit AS unit, b.currency, s.total0::numeric(24,6) AS total_from, s.total1::numeric(24,6) AS total_to,
       s.change::numeric(24,6) AS total_change, s.rank::bigint AS rank, s.channel, s.factor, s.label,
       s.value0::numeric(24,6) AS value_from, s.value1::numeric(24,6) AS value_to, s.unit AS value_unit,
       s.contribution::numeric(24,6) AS contribution, s.share::numeric(18,6) AS share, s.method, s.explanation, s.summary,
       s.newest - 2 * s.days + 1 AS first_day_from
  FROM momentum_state.change_told s
  JOIN momentum_state.brand b ON b.brand = s.brand
 WHERE momentum.may_see(s.brand);
COMMENT ON VIEW momentum.change_split IS 'Why net revenue, CAC, the conversion rate and retail changed: two windows of whole weeks (the setting split.days), the change split exactly. The contributions of a brand and tree add up to total_change; trees do not add up to each other. No rows where a window is not known.';
COMMENT ON COLUMN momentum.change_split.brand IS 'The brand.';
COMMENT ON COLUMN momentum.change_split.as_of IS 'Last day of the newer window: the newest that is complete in everything the tree needs.';
COMMENT ON COLUMN momentum.change_split.first_day IS 'First day of the newer window; the older one ends on the day before.';
COMMENT ON COLUMN momentum.change_split.days IS 'Days of each window.';
COMMENT ON COLUMN momentum.change_split.days_compared IS 'Days that are known in both windows: the others are left out of both. Weekly data have one day a week.';
COMMENT ON COLUMN momentum.change_split.tree IS 'What is split: net_revenue, cac, cac_by_platform (the same change, where there are several platforms), conversion_rate, retail_dollars, retail_velocity, market_revenue.';
COMMENT ON COLUMN momentum.change_split.unit IS 'Unit of the totals and contributions: money, share (0.02 is 2 %), units (per store and week).';
COMMENT ON COLUMN momentum.change_split.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.change_split.total_from IS 'The tree''s value in the older window.';
COMMENT ON COLUMN momentum.change_split.total_to IS 'Its value in the newer one.';
COMMENT ON COLUMN momentum.change_split.total_change IS 'The difference: the sum of the contributions.';
COMMENT ON COLUMN momentum.change_split.rank IS '1 did most to it, up or down.';
COMMENT ON COLUMN momentum.change_split.channel IS 'Sales channel, ad platform or retailer; empty for all together.';
COMMENT ON COLUMN momentum.change_split.factor IS 'What changed there: sessions, conversion_rate, order_value, orders, sales, returns, doors, velocity, unit_price, units, units_per_session, cpm, click_rate, click_conversion, share_of_clicks, new_customers, ad_spend, spend_per_new_customer, share_of_sessions, share_of_doors, orders_without_sessions, units_without_doors.';
COMMENT ON COLUMN momentum.change_split.label IS 'The factor in words.';
COMMENT ON COLUMN momentum.change_split.value_from IS 'The factor in the older window; NULL where there was nothing to divide by.';
COMMENT ON COLUMN momentum.change_split.value_to IS 'The factor in the newer one.';
COMMENT ON COLUMN momentum.change_split.value_unit IS 'Unit of value_from and value_to: money, count, share, units, ratio.';
COMMENT ON COLUMN momentum.change_split.contribution IS 'What this factor did to the total.';
COMMENT ON COLUMN momentum.change_split.share IS 'Contribution over total_change; NULL when nothing changed in sum.';
COMMENT ON COLUMN momentum.change_split.method IS 'lmdi (a product, all factors above zero), shapley (one is not), mix_rate (shares and rates), difference (no factors).';
COMMENT ON COLUMN momentum.change_split.explanation IS 'This row in one sentence.';
COMMENT ON COLUMN momentum.change_split.summary IS 'The tree in one sentence.';
COMMENT ON COLUMN momentum.change_split.first_day_from IS 'First day of the older window.';

-- What momentum.change_between() splits, for it reads with the rights of its caller.
CREATE OR REPLACE VIEW momentum.change_fact WITH (security_barrier) AS
SELECT f.brand, f.metric, f.channel, f.day, f.value::numeric(36,12) AS value, b.currency, h.as_of
  FROM momentum_state.change_fact f
  JOIN momentum_state.brand b ON b.brand = f.brand
  LEFT JOIN momentum_state.component h ON h.brand = f.brand AND h.back = 0 AND h.component = 'revenue'
 WHERE momentum.may_see(f.brand);
COMMENT ON VIEW momentum.change_fact IS 'The amounts that change_split and change_between() split, by metric, channel and complete day. For charts see metric_value.';
COMMENT ON COLUMN momentum.change_fact.brand IS 'The brand.';
COMMENT ON COLUMN momentum.change_fact.metric IS 'Key of the metric.';
COMMENT ON COLUMN momentum.change_fact.channel IS 'Sales channel, ad platform or retailer.';
COMMENT ON COLUMN momentum.change_fact.day IS 'Day in the brand''s zone.';
COMMENT ON COLUMN momentum.change_fact.value IS 'Amount of the day.';
COMMENT ON COLUMN momentum.change_fact.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.change_fact.as_of IS 'Newest complete day of the brand.';

-- The runway falls with the cash path: what ninety days end with, then and now.
CREATE OR REPLACE VIEW momentum_state.cash_change AS
SELECT c.brand, c.back, c.days, c.total0, c.total1, v.factor, v.label, v.contribution,
       row_number() OVER (PARTITION BY c.brand, c.back ORDER BY round(abs(v.contribution)::numeric, 9) DESC, v.factor) AS rank
  FROM (SELECT n.brand, o.back, n.days, o.closing AS total0, n.closing AS total1,
               n.balance - o.balance AS balance, n.inflow - o.inflow AS inflow, n.cost - o.cost AS cost, n.loan - o.loan AS loan
          FROM (SELECT p.brand, p.back, max(p.n) AS days, max(p.working_capital) FILTER (WHERE p.n = 0) AS balance,
                       max(p.working_capital) FILTER (WHERE p.n = 90) AS closing,
                       sum(p.inflow ORDER BY p.n) AS inflow, sum(p.cost ORDER BY p.n) AS cost, sum(p.loan ORDER BY p.n) AS loan
                  FROM momentum_state.cash_path p WHERE p.n <= 90 GROUP BY p.brand, p.back) n
          JOIN (SELECT p.brand, p.back, max(p.working_capital) FILTER (WHERE p.n = 0) AS balance,
                       max(p.working_capital) FILTER (WHERE p.n = 90) AS closing,
                       sum(p.inflow ORDER BY p.n) AS inflow, sum(p.cost ORDER BY p.n) AS cost, sum(p.loan ORDER BY p.n) AS loan
                  FROM momentum_state.cash_path p WHERE p.n <= 90 GROUP BY p.brand, p.back) o
            ON o.brand = n.brand AND o.back > 0
         WHERE n.back = 0) c
 CROSS JOIN LATERAL (VALUES ('balance', 'the balance to start from', c.balance), ('inflow', 'money coming in', c.inflow),
                            ('cost', 'costs', -c.cost), ('loan', 'loan payments', -c.loan)) v (factor, label, contribution);
COMMENT ON VIEW momentum_state.cash_change IS 'Working capital 90 days ahead, as seen now and 7 and 30 days before, and what made the difference: the contributions add up to total1 - total0.';

CREATE OR REPLACE VIEW momentum.driver_tree WITH (security_barrier) AS
SELECT b.brand, h.as_of, l.back::bigint AS days_back, row_number() OVER (PARTITION BY b.brand, l.back ORDER BY l.path)::bigint AS place,
       l.level::bigint AS level, l.parent, l.label, l.unit, b.currency, l.contribution::numeric(24,6) AS contribution,
       l.share::numeric(18,6) AS share, l.explanation
  FROM momentum_state.brand b
  JOIN momentum_state.component h ON h.brand = b.brand AND h.back = 0 AND h.component = 'revenue'
 CROSS JOIN LATERAL (
    WITH told AS MATERIALIZED (    -- the trees of the component that changed most
        SELECT s.*, d.back, d.component, t.place,
               min(s.rank) OVER (PARTITION BY d.brand, d.back, s.tree, s.channel) AS channel_rank
          FROM momentum_state.driver d
          JOIN (VALUES ('revenue', 1, 'net_revenue'), ('cac', 1, 'cac'), ('cac', 2, 'cac_by_platform'), ('conversion', 1, 'conversion_rate'),
                       ('velocity', 1, 'retail_velocity'), ('velocity', 2, 'retail_dollars')) t (component, place, tree)
            ON t.component = d.component
          JOIN momentum_state.change_told s ON s.brand = d.brand AND s.tree = t.tree
         WHERE d.brand = b.brand AND d.rank = 1 AND abs(d.value_part) > 1e-9
    ), line AS (
        SELECT d.brand, d.back, ARRAY[0] AS path, 0 AS level, NULL AS parent, 'score' AS label, 'score' AS unit,
               max(d.score_to) - max(d.score_from) AS contribution, NULL::double precision AS share,
               'In ' || d.back || ' days the score went from ' || to_char(100 * max(d.score_from), 'FMSG990') || ' to '
               || to_char(100 * max(d.score_to), 'FMSG990')
               || coalesce('; ' || max(CASE d.component WHEN 'cac' THEN 'CAC' ELSE d.component END) FILTER (WHERE d.rank = 1 AND abs(d.value_part) > 1e-9)
                           || ' is the input that changed most.', '; no input changed.') AS explanation
          FROM momentum_state.driver d
         WHERE d.brand = b.brand
         GROUP BY d.brand, d.back
        UNION ALL
        SELECT d.brand, d.days_back, ARRAY[1, d.rank], 1, 'score', d.component, 'score', d.delta::double precision,
               (d.delta / nullif(d.score_change, 0))::double precision, d.explanation
          FROM momentum.driver d
         WHERE d.brand = b.brand
        UNION ALL
        SELECT t.brand, t.back, ARRAY[2, t.place], 2, t.component, t.tree, t.tree_unit, t.change, NULL::double precision, t.summary
          FROM told t
         WHERE t.rank = 1
        UNION ALL
        SELECT t.brand, t.back, ARRAY[2, t.place, min(t.rank)], 3, t.tree, t.channel, t.tree_unit, sum(t.contribution), sum(t.share),
               t.channel || CASE WHEN sum(t.contribution) < 0 THEN ' took ' ELSE ' added ' END
               || substr(momentum._split_figure(sum(t.contribution), t.tree_unit, true), 2)
               || CASE WHEN sum(t.contribution) < 0 THEN ' from ' ELSE ' to ' END || t.tree_label || '.'
          FROM told t
         WHERE t.by_channel
         GROUP BY t.brand, t.back, t.place, t.tree, t.channel, t.tree_unit, t.tree_label
        UNION ALL
        SELECT t.brand, t.back, CASE WHEN t.by_channel THEN ARRAY[2, t.place, t.channel_rank, t.rank] ELSE ARRAY[2, t.place, t.rank] END,
               CASE WHEN t.by_channel THEN 4 ELSE 3 END, CASE WHEN t.by_channel THEN t.channel ELSE t.tree END,
               t.factor, t.tree_unit, t.contribution, t.share, t.explanation
          FROM told t
        UNION ALL
        SELECT c.brand, c.back, CASE WHEN x.level = 2 THEN ARRAY[2, 1] ELSE ARRAY[2, 1, c.rank] END, x.level,
               CASE x.level WHEN 2 THEN 'runway' ELSE 'working_capital' END, CASE x.level WHEN 2 THEN 'working_capital' ELSE c.factor END, 'money',
               CASE x.level WHEN 2 THEN c.total1 - c.total0 ELSE c.contribution END,
               CASE WHEN x.level = 3 AND abs(c.total1 - c.total0) > 1e-9 * greatest(abs(c.total0), abs(c.total1))
                    THEN c.contribution / (c.total1 - c.total0) END,
               CASE x.level WHEN 2 THEN 'Working capital 90 days ahead went from ' || momentum._split_figure(c.total0, 'money') || ', as seen '
                                        || c.back || ' days before, to ' || momentum._split_figure(c.total1, 'money') || '.'
                            ELSE upper(left(c.label, 1)) || substr(c.label, 2) || CASE WHEN c.contribution < 0 THEN ' took ' ELSE ' added ' END
                                 || substr(momentum._split_figure(c.contribution, 'money', true), 2)
                                 || CASE WHEN c.contribution < 0 THEN ' from it.' ELSE ' to it.' END END
          FROM momentum_state.cash_change c
          JOIN momentum_state.driver d ON d.brand = c.brand AND d.back = c.back AND d.component = 'runway' AND d.rank = 1 AND abs(d.value_part) > 1e-9
         CROSS JOIN (VALUES (2), (3)) x (level)
         WHERE c.brand = b.brand AND (x.level = 3 OR c.rank = 1)
    )
    SELECT * FROM line) l
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.driver_tree IS 'What is driving momentum, to be read top down by place: the change of the score, its components, and below the one that changed most what moved it, down to channels and factors. The rows of a parent add up to it on levels 1, 3 and 4.';
COMMENT ON COLUMN momentum.driver_tree.brand IS 'The brand.';
COMMENT ON COLUMN momentum.driver_tree.as_of IS 'Newest complete day of the brand; the windows of a tree are in its sentence.';
COMMENT ON COLUMN momentum.driver_tree.days_back IS 'The score is compared with the one of 7 or 30 days before; the trees below compare windows of whole weeks.';
COMMENT ON COLUMN momentum.driver_tree.place IS 'Order to read them in.';
COMMENT ON COLUMN momentum.driver_tree.level IS '0 the score, 1 its components, 2 the number behind the component that changed most, 3 and 4 its channels and factors.';
COMMENT ON COLUMN momentum.driver_tree.parent IS 'Label of the row it is a part of.';
COMMENT ON COLUMN momentum.driver_tree.label IS 'score, a component, a tree of momentum.change_split or working_capital, a channel, or a factor.';
COMMENT ON COLUMN momentum.driver_tree.unit IS 'Unit of contribution: score (-1 to 1), money, share, units.';
COMMENT ON COLUMN momentum.driver_tree.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.driver_tree.contribution IS 'What it did to the change above it; on levels 0 and 2 the change itself.';
COMMENT ON COLUMN momentum.driver_tree.share IS 'Contribution over the change of the score (level 1) or of the tree (3 and 4); NULL on levels 0 and 2 and when that did not change.';
COMMENT ON COLUMN momentum.driver_tree.explanation IS 'The same in one sentence.';
