-- The splits in sentences, for the views that show them.
CREATE OR REPLACE VIEW momentum_state.change_told AS
SELECT s.brand, t.*
  FROM (SELECT p.brand, max(p.days) AS days,
               array_agg(ROW(p.tree, p.channel, p.factor, p.newest, p.days, p.pairs, p.total0, p.total1, p.contribution, p.method,
                             p.value0, p.value1, p.rank)::momentum._change_part) AS parts
          FROM momentum_state.change_split p
         GROUP BY p.brand) s
 CROSS JOIN LATERAL momentum._change_told(s.parts, s.days) t;
COMMENT ON VIEW momentum_state.change_told IS 'momentum_state.change_split with its words: a sentence for each part (explanation) and one for each tree (summary).';
