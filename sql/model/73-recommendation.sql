-- What to do next, gathered from cash, the binding constraint, the decisions,
-- the nearest lever and missing data; what each is expected to bring, and the
-- metric by which it will be judged once it was followed.
--
-- The effect of a decision about spend is its money times (margin of a first
-- order / CAC of the next customer - 1), as value at stake (ANALYTICS 11); the
-- average CAC stands in where the marginal one is not known, and is named.
-- acquisition_profit, by which such decisions are judged, is new customers
-- times that margin less ad spend: the margin is kept in the figures of what
-- was recommended, so that before and after are measured alike.
--
-- recommendation is a key: the same advice has the same one on every day,
-- with other figures.  OFFSET 0: worked out once for a row, not wherever it
-- is told.
CREATE OR REPLACE VIEW momentum_state.recommendation AS
SELECT r.brand, r.as_of, r.urgency, r.topic, r.recommendation, r.action, r.because, r.confidence, r.metric, r.better,
       r.expected_effect, r.effect_unit, r.effect, i.affordable_extra,
       jsonb_strip_nulls(r.figures || jsonb_build_object('first_margin', round(i.first_margin::numeric, 4))) AS figures
  FROM (
    -- the cash
    SELECT k.brand, k.as_of, 1 AS urgency, 'cash' AS topic,
           CASE WHEN x.gap > 0 THEN 'cash:find' ELSE 'cash:lengthen' END AS recommendation,
           CASE WHEN x.gap > 0
                THEN 'Find ' || momentum._figure(x.gap, 'money', b.currency)
                     || ' before ' || (k.as_of + floor(least(k.runway_days, 36500))::integer + 1) || ', or move payments behind it.'
                ELSE 'Lengthen the runway from ' || floor(k.runway_days) || ' to at least ' || floor(i.runway_min)
                     || ' days before growing.' END AS action,
           'Working capital goes to ' || momentum._figure(k.trough, 'money', b.currency) || ' on ' || k.trough_day
           || '; the runway is ' || floor(k.runway_days) || ' days.' AS because,
           momentum.input_confidence(i.runway_fresh) AS confidence, 'runway_days' AS metric, 'up' AS better,
           x.days AS expected_effect, 'runway days' AS effect_unit,
           CASE WHEN x.gap > 0 THEN 'The cash then lasts through all ' || k.horizon || ' days that can be seen'
                ELSE 'The cash then lasts ' || floor(i.runway_min) || ' days' END
           || ', ' || ceil(x.days) || ' more than now.' AS effect,
           jsonb_build_object('runway_days', k.runway_days, 'trough', k.trough, 'trough_day', k.trough_day,
               'amount', CASE WHEN x.gap > 0 THEN round(x.gap::numeric, 2) END, 'runway_min', i.runway_min) AS figures
      FROM momentum_state.cash_summary k
      JOIN momentum_state.brand b ON b.brand = k.brand
      JOIN momentum_state.decision_input i ON i.brand = k.brand
     CROSS JOIN LATERAL (
        SELECT i.cash_floor - k.trough AS gap,
               CASE WHEN k.trough < i.cash_floor THEN greatest(k.horizon, i.runway_min) ELSE i.runway_min END - k.runway_days AS days) x
     WHERE k.back = 0 AND k.runway_days IS NOT NULL AND (x.gap > 0 OR k.runway_days < i.runway_min)
    UNION ALL
    -- what constrains growth, unless that is the cash and was said
    SELECT g.brand, g.as_of, 2, 'constraint', 'constraint:' || g.component, g.remedy,
           'This constrains growth most: ' || replace(g.component, '_', ' ') || ', severity '
           || round(g.severity::numeric, 2) || '.', d.confidence,
           CASE g.component WHEN 'cac' THEN 'cac' WHEN 'conversion' THEN 'conversion_rate'
                            WHEN 'velocity' THEN 'retail_velocity' ELSE 'runway_days' END,
           CASE g.component WHEN 'cac' THEN 'down' ELSE 'up' END,
           g.value_at_stake, 'money per 30 days',
           coalesce(CASE WHEN g.value_at_stake < 0 THEN 'That brings no contribution profit of its own: the next customer costs more than a first order brings.'
                         ELSE 'Back at the target that is worth ' || momentum._figure(g.value_at_stake, 'money', b.currency) || ' of contribution profit in 30 days.' END,
                    'What that is worth cannot be told: a margin is not known.'),
           jsonb_build_object('component', g.component, 'severity', g.severity, 'value_at_stake', g.value_at_stake)
      FROM momentum_state.growth_constraint g
      JOIN momentum_state.brand b ON b.brand = g.brand
      LEFT JOIN momentum_state.decision d ON d.brand = g.brand AND d.place = 3
     WHERE g.binding
       AND NOT (g.component = 'working_capital'
                AND EXISTS (SELECT FROM momentum_state.cash_summary k
                              JOIN momentum_state.decision_input n ON n.brand = k.brand
                             WHERE k.brand = g.brand AND k.back = 0
                               AND (k.trough < n.cash_floor OR k.runway_days < n.runway_min)))
    UNION ALL
    -- the decisions
    SELECT d.brand, d.as_of, 3, CASE d.place WHEN 1 THEN 'cac target' ELSE 'spend' END,
           CASE d.place WHEN 1 THEN 'cac_target:' ELSE 'spend:' END || lower(n.word),
           CASE n.word
           WHEN 'RAISE' THEN CASE WHEN n.is_test THEN 'As a test, raise' ELSE 'Raise' END || ' the CAC target from ' || n.old || ' to ' || n.new
           WHEN 'LOWER' THEN CASE WHEN n.is_test THEN 'As a test, lower' ELSE 'Lower' END || ' the CAC target from ' || n.old || ' to ' || n.new
           WHEN 'INCREASE' THEN CASE WHEN n.is_test THEN 'As a test, increase' ELSE 'Increase' END || ' ad spend from ' || n.old || ' to ' || n.new || ' a day'
           WHEN 'DECREASE' THEN CASE WHEN n.is_test THEN 'As a test, cut' ELSE 'Cut' END || ' ad spend from ' || n.old || ' to ' || n.new || ' a day'
           WHEN 'NO' THEN CASE d.place WHEN 1 THEN 'Do not raise the CAC target' ELSE 'Do not increase ad spend' END
           ELSE CASE d.place WHEN 1 THEN 'Leave the CAC target' ELSE 'Leave ad spend' END
                || coalesce(' at ' || n.old, ' as it is') END || '.', d.reasons, d.confidence,
           CASE WHEN n.word IN ('RAISE', 'INCREASE', 'DECREASE')
                THEN CASE WHEN i.first_margin IS NULL THEN 'new_customers' ELSE 'acquisition_profit' END
                WHEN n.word = 'LOWER' THEN 'cac' END,
           CASE n.word WHEN 'LOWER' THEN 'down' WHEN 'RAISE' THEN 'up' WHEN 'INCREASE' THEN 'up' WHEN 'DECREASE' THEN 'up' END,
           e.profit, 'money per 30 days',
           CASE WHEN e.is_still THEN 'Nothing changes by that; it keeps what there is.'
                WHEN e.profit IS NULL THEN 'What that brings cannot be told: the margin of a first order or the CAC is not known.'
                WHEN n.word = 'LOWER' THEN 'With the CAC at that target the same spend would bring ' || momentum._figure(e.profit, 'money', b.currency)
                                           || ' more contribution profit in 30 days.'
                ELSE CASE n.word WHEN 'RAISE' THEN 'It makes room for ' || momentum._figure(e.step, 'money', b.currency) || ' more spend a day, which brings '
                                 ELSE 'That brings ' END
                     || momentum._figure(abs(e.profit), 'money', b.currency) || CASE WHEN e.profit < 0 THEN ' less' ELSE ' more' END
                     || ' contribution profit in 30 days, '
                     || CASE WHEN i.marginal_cac IS NULL
                             THEN 'if the next customers cost the average of ' || momentum._figure(i.cac_actual, 'money', b.currency) || ': what they do cost is not known.'
                             ELSE 'with the next customers at ' || momentum._figure(i.marginal_cac, 'money', b.currency) || '.' END END
           || CASE WHEN n.word IN ('RAISE', 'INCREASE') AND i.affordable_extra IS NOT NULL
                   THEN ' The cash can carry ' || momentum._figure(i.affordable_extra, 'money', b.currency) || ' more spend a day.' ELSE '' END,
           jsonb_build_object('from', d.from_value, 'to', d.to_value, 'cac', i.cac_actual, 'marginal_cac', i.marginal_cac,
               'spend_per_day', i.spend_per_day, 'affordable_extra', i.affordable_extra)
      FROM momentum_state.decision d
      JOIN momentum_state.brand b ON b.brand = d.brand
      JOIN momentum_state.decision_input i ON i.brand = d.brand
     CROSS JOIN LATERAL (
        SELECT d.decision LIKE 'TEST%' AS is_test, replace(d.decision, 'TEST_', '') AS word,
               momentum._figure(d.from_value, 'money', b.currency) AS old,
               momentum._figure(d.to_value, 'money', b.currency) AS new OFFSET 0) n
     CROSS JOIN LATERAL (
        SELECT n.word IN ('NO', 'HOLD') AS is_still,
               CASE WHEN n.word = 'RAISE' THEN greatest(0, least(i.spend_step, i.affordable_extra)) ELSE d.to_value - d.from_value END AS step) s
     CROSS JOIN LATERAL (
        SELECT s.is_still, s.step,
               CASE WHEN s.is_still THEN 0
                    WHEN n.word = 'LOWER' THEN greatest(0, i.spend_30d * (1 / nullif(d.to_value, 0) - 1 / nullif(i.cac_actual, 0)) * i.first_margin)
                    ELSE 30 * s.step * (i.first_margin / nullif(coalesce(i.marginal_cac, i.cac_actual), 0) - 1) END AS profit OFFSET 0) e
     WHERE d.place IN (1, 2) AND d.confidence IS NOT NULL
    UNION ALL
    -- the way back up
    SELECT v.brand, v.as_of, 4, 'way back up', 'lever:' || v.component, v.explanation,
           CASE WHEN v.profit_30d IS NULL THEN 'Of all components alone this one is within reach and takes the smallest change.'
                ELSE 'Of all components alone this one is within reach and brings most, as far as their margins are known.' END,
           momentum.input_confidence(true, s.confidence = 'clear'),
           CASE v.component WHEN 'revenue' THEN 'net_revenue' WHEN 'conversion' THEN 'conversion_rate' WHEN 'cac' THEN 'cac'
                            WHEN 'velocity' THEN 'retail_velocity' ELSE 'runway_days' END,
           CASE v.component WHEN 'cac' THEN 'down' ELSE 'up' END,
           -100 * s.score, 'points of the score',
           'The score then stands at zero, ' || round(-100 * s.score::numeric) || ' points above now'
           || coalesce('; worth ' || momentum._figure(v.profit_30d::double precision, 'money', v.currency) || ' of contribution profit in 30 days', '') || '.',
           jsonb_build_object('component', v.component, 'now_at', v.now_at, 'needed', v.needed, 'score', s.score, 'profit_30d', v.profit_30d)
      FROM momentum.lever v
      JOIN momentum_state.score s ON s.brand = v.brand AND s.back = 0
     WHERE v.place = 1 AND v.reachable AND s.score < 0 AND v.explanation IS NOT NULL
    UNION ALL
    -- what is not known
    SELECT c.brand, max(c.as_of), 5, 'data', 'data:repair',
           'Connect or repair what the score lacks: ' || string_agg(c.component || ' (' || replace(c.reason, '_', ' ') || ')', ', ' ORDER BY c.place) || '.',
           x.missing || ' % of the score''s weights are not known.', 1, NULL, NULL,
           x.missing, '% of the score''s weights', 'The score then rests on all it can; decisions that lack these numbers can be made.',
           jsonb_build_object('missing', jsonb_agg(c.component ORDER BY c.place))
      FROM momentum_state.component c
      JOIN (SELECT w.brand, round((100 * sum(w.weight) FILTER (WHERE w.c IS NULL) / nullif(sum(w.weight), 0))::numeric)::double precision AS missing
              FROM momentum_state.component w WHERE w.back = 0 GROUP BY w.brand) x ON x.brand = c.brand
     WHERE c.back = 0 AND c.c IS NULL
     GROUP BY c.brand, x.missing
    UNION ALL
    SELECT b.brand, NULL, 5, 'data', 'data:connect', 'Connect a source: nothing is known of this brand yet.',
           'There is no complete day of any metric.', 1, NULL, NULL, 100, '% of the score''s weights',
           'Then there is something to tell.', '{}'::jsonb
      FROM momentum_state.brand b
     WHERE NOT EXISTS (SELECT FROM momentum_state.component c WHERE c.brand = b.brand)) r
  LEFT JOIN momentum_state.decision_input i ON i.brand = r.brand;
COMMENT ON VIEW momentum_state.recommendation IS 'What to do next, as it stands, with its expected effect and the metric it will be judged by.';
