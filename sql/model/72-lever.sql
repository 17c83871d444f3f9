-- What would bring the score to zero, in the units a user thinks in.
CREATE OR REPLACE VIEW momentum.lever WITH (security_barrier) AS
SELECT x.brand, x.as_of,
       row_number() OVER (PARTITION BY x.brand ORDER BY x.reachable DESC NULLS LAST, x.profit DESC NULLS LAST,
                          abs(x.delta_c), x.component)::bigint AS place,
       x.component, x.unit, x.currency, x.now_at::numeric(24,6) AS now_at, x.needed::numeric(24,6) AS needed,
       x.delta_c::numeric(18,6) AS value_change, x.reachable, (CASE WHEN abs(x.profit) < 1e16 THEN x.profit END)::numeric(18,2) AS profit_30d,
       CASE WHEN x.needed IS NULL OR x.now_at IS NULL THEN NULL
            ELSE CASE WHEN x.score < 0 THEN 'To bring the score to zero, ' ELSE 'The score falls to zero when ' END
                 || CASE x.component
                    WHEN 'cac' THEN 'CAC ' || CASE WHEN x.score < 0 THEN 'has to go' ELSE 'goes' END || ' from '
                         || to_char(x.now_at, 'FM999999999999999999999990.00') || ' to ' || to_char(x.needed, 'FM999999999999999999999990.00')
                    WHEN 'runway' THEN 'the runway ' || CASE WHEN x.score < 0 THEN 'has to go' ELSE 'goes' END || ' from '
                         || to_char(x.now_at, 'FM999999999999990') || ' to ' || to_char(x.needed, 'FM999999999999990') || ' days'
                    ELSE CASE x.component WHEN 'revenue' THEN 'revenue growth' WHEN 'conversion' THEN 'the growth of the conversion rate'
                                          ELSE 'the growth of retail velocity' END
                         || CASE WHEN x.score < 0 THEN ' has to go' ELSE ' goes' END || ' from '
                         || to_char(100 * x.now_at, 'FMSG999999999999990.0') || ' to '
                         || to_char(100 * x.needed, 'FMSG999999999999990.0') || ' % in 30 days' END
                 || CASE WHEN x.score < 0 AND NOT x.reachable THEN '; that alone is out of reach.' ELSE '.' END END AS explanation
  FROM (SELECT l.brand, l.as_of, l.component, b.currency, s.score, l.delta_c, l.reachable,
               CASE l.component WHEN 'cac' THEN 'money' WHEN 'runway' THEN 'days' ELSE 'share per 30 days' END AS unit,
               CASE WHEN l.component IN ('cac', 'runway')
                    THEN CASE WHEN abs(c.actual) < 'Infinity' THEN c.actual END ELSE c.raw END AS now_at,
               CASE l.component WHEN 'cac' THEN CASE WHEN abs(l.raw_needed) < 20 THEN c.target * exp(-l.raw_needed) END
                                WHEN 'runway' THEN c.target * (1 + l.raw_needed)
                                ELSE l.raw_needed END AS needed,
               CASE l.component
                    WHEN 'cac' THEN CASE WHEN abs(l.raw_needed) < 20 AND c.actual > 0
                                         THEN i.spend_30d * (1 / nullif(c.target * exp(-l.raw_needed), 0) - 1 / c.actual) * i.first_margin END
                    WHEN 'revenue' THEN (l.raw_needed - c.raw) * i.revenue_30d * i.margin_share
                    WHEN 'conversion' THEN (l.raw_needed - c.raw) * i.orders_30d * i.order_value * i.margin_share
                    WHEN 'velocity' THEN (l.raw_needed - c.raw) * i.retail_units_30d * i.unit_price * i.retail_margin_share
               END AS profit
          FROM momentum_state.lever l
          JOIN momentum_state.brand b ON b.brand = l.brand
          JOIN momentum_state.component c ON c.brand = l.brand AND c.component = l.component AND c.back = 0
          JOIN momentum_state.score s ON s.brand = l.brand AND s.back = 0
          LEFT JOIN momentum_state.decision_input i ON i.brand = l.brand) x
 WHERE momentum.may_see(x.brand);
COMMENT ON VIEW momentum.lever IS 'For each component alone, the others as they are: where it would have to be for a score of zero. Below zero that is the way back up, above zero it is what can be lost.';
COMMENT ON COLUMN momentum.lever.brand IS 'The brand.';
COMMENT ON COLUMN momentum.lever.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.lever.place IS 'Order to look at them: within reach first, then by profit, then the smallest change.';
COMMENT ON COLUMN momentum.lever.component IS 'revenue, cac, conversion, velocity, runway.';
COMMENT ON COLUMN momentum.lever.unit IS 'Unit of now_at and needed.';
COMMENT ON COLUMN momentum.lever.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.lever.now_at IS 'cac: money per new customer; runway: days; the others: relative growth per 30 days. NULL when not known or endless.';
COMMENT ON COLUMN momentum.lever.needed IS 'The same at a score of zero.';
COMMENT ON COLUMN momentum.lever.value_change IS 'Change of the component''s value (-1 to 1) that this takes.';
COMMENT ON COLUMN momentum.lever.reachable IS 'The value stays within -1 and 1 and, once 30 days have been told, within what the brand showed in the last 180 (5 to 95 %).';
COMMENT ON COLUMN momentum.lever.profit_30d IS 'Contribution profit of the change per 30 days, money; NULL where a margin is not known.';
COMMENT ON COLUMN momentum.lever.explanation IS 'The same in one sentence.';
