-- The splits in sentences, for the views that show them.
CREATE OR REPLACE VIEW momentum_state.change_told AS
WITH word AS (
    SELECT s.*, t.tree_label, t.tree_unit, f.label, f.unit,
           s.total1 - s.total0 AS change, count(*) OVER (PARTITION BY s.brand, s.tree) AS leaves,
           max(s.channel) OVER (PARTITION BY s.brand, s.tree) <> min(s.channel) OVER (PARTITION BY s.brand, s.tree) AS by_channel
      FROM momentum_state.change_split s
      JOIN (VALUES ('net_revenue', 'net revenue', 'money'), ('cac', 'CAC', 'money'), ('cac_by_platform', 'CAC', 'money'),
                   ('conversion_rate', 'the conversion rate', 'share'), ('retail_dollars', 'retail sales', 'money'),
                   ('retail_velocity', 'retail velocity', 'units'), ('market_revenue', 'marketplace sales', 'money')) t (tree, tree_label, tree_unit)
        ON t.tree = s.tree
      JOIN (VALUES ('sessions', 'sessions', 'count'), ('conversion_rate', 'conversion rate', 'share'),
                   ('order_value', 'order value', 'money'), ('orders', 'orders', 'count'), ('sales', 'sales', 'money'),
                   ('returns', 'returns', 'money'), ('units_per_session', 'units per session', 'ratio'),
                   ('unit_price', 'price of a unit', 'money'), ('units', 'units', 'count'), ('doors', 'doors', 'count'),
                   ('velocity', 'units per store and week', 'units'), ('cpm', 'CPM', 'money'), ('click_rate', 'click rate', 'share'),
                   ('click_conversion', 'conversion of clicks', 'share'), ('share_of_clicks', 'share of clicks', 'share'),
                   ('new_customers', 'new customers', 'count'), ('ad_spend', 'ad spend', 'money'),
                   ('spend_per_new_customer', 'spend per new customer', 'money'), ('share_of_sessions', 'share of sessions', 'share'),
                   ('orders_without_sessions', 'orders without sessions, per session', 'share'),
                   ('share_of_doors', 'share of doors', 'share'),
                   ('units_without_doors', 'units without doors, per store and week', 'units')) f (factor, label, unit)
        ON f.factor = s.factor
), shown AS (
    SELECT w.*, momentum._split_figure(w.value0, w.unit) AS value_before, momentum._split_figure(w.value1, w.unit) AS value_now,
           momentum._split_figure(w.contribution, w.tree_unit, true) AS part,
           momentum._split_figure(w.total0, w.tree_unit) AS total_before, momentum._split_figure(w.total1, w.tree_unit) AS total_now,
           CASE WHEN w.by_channel AND w.channel <> '' THEN w.channel || ' ' ELSE '' END || w.label AS item
      FROM word w
)
SELECT s.brand, s.tree, s.tree_label, s.tree_unit, s.channel, s.factor, s.label, s.unit, s.newest, s.days, s.pairs,
       s.total0, s.total1, s.change, s.contribution,
       CASE WHEN abs(s.change) > 1e-9 * greatest(abs(s.total0), abs(s.total1)) THEN s.contribution / s.change END AS share, s.method, s.value0, s.value1,
       s.rank, s.by_channel,
       CASE WHEN s.by_channel AND s.channel <> '' THEN s.channel || ': ' || s.label ELSE upper(left(s.label, 1)) || substr(s.label, 2) END
       || CASE WHEN s.value0 IS NULL AND s.value1 IS NULL THEN ' is not defined'
               WHEN s.value0 IS NULL THEN ' is new at ' || s.value_now
               WHEN s.value1 IS NULL THEN ' is gone, from ' || s.value_before
               WHEN s.value_before = s.value_now THEN ' stayed at ' || s.value_now
               ELSE CASE WHEN s.value1 > s.value0 THEN ' rose' ELSE ' fell' END || ' from ' || s.value_before || ' to ' || s.value_now END
       || CASE WHEN s.part ~ '[1-9]'
               THEN ', which ' || CASE WHEN s.contribution > 0 THEN 'added ' ELSE 'took ' END || substr(s.part, 2)
                    || CASE WHEN s.contribution > 0 THEN ' to ' ELSE ' from ' END || s.tree_label
               ELSE '; ' || s.tree_label || ' did not move by it' END || '.' AS explanation,
       upper(left(s.tree_label, 1)) || substr(s.tree_label, 2)
       || CASE WHEN s.total_before = s.total_now THEN ' stayed at ' || s.total_now
               ELSE CASE WHEN s.change > 0 THEN ' rose' ELSE ' fell' END || ' by '
                    || substr(momentum._split_figure(s.change, s.tree_unit, true), 2)
                    || ' from ' || s.total_before || ' to ' || s.total_now END
       || ' (' || s.days || ' days to ' || s.newest || ' against the ' || s.days || ' before): '
       || string_agg(s.item || ' ' || s.part, ', ') FILTER (WHERE s.rank <= 4) OVER whole
       || coalesce(', the rest ' || momentum._split_figure(sum(s.contribution) FILTER (WHERE s.rank > 4) OVER whole, s.tree_unit, true), '')
       || '.' AS summary
  FROM shown s
WINDOW whole AS (PARTITION BY s.brand, s.tree ORDER BY s.rank ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
COMMENT ON VIEW momentum_state.change_told IS 'momentum_state.change_split with its words: a sentence for each part (explanation) and one for each tree (summary).';
