-- What the switched-on budgets of an ad account come to a day.  A campaign
-- holds a budget, or its ad sets do.  Of a budget for a whole life nobody tells
-- how much falls into a month: then the plan is not known.
CREATE OR REPLACE VIEW momentum_state.ad_plan AS
SELECT p.brand, p.platform, CASE WHEN p.reason IS NULL THEN p.amount END AS daily_budget, p.reason
  FROM (SELECT c.brand, c.platform, sum(coalesce(c.daily, s.daily, 0)) AS amount,
               CASE WHEN bool_or(c.is_foreign) THEN 'foreign_currency'
                    WHEN bool_or(c.daily IS NULL AND (c.lifetime IS NOT NULL OR s.has_lifetime)) THEN 'lifetime_budget'
                    WHEN bool_or(c.daily IS NULL AND s.has_none) THEN 'no_budget' END AS reason
          FROM (SELECT g.brand, g.source, g.platform, g.object_id, g.daily_budget / u.units AS daily, g.lifetime_budget AS lifetime,
                       u.units, coalesce(o.currency, b.currency) <> b.currency AS is_foreign
                  FROM hub.ad_budgets g
                  JOIN momentum_state.brand b ON b.brand = g.brand
                  JOIN momentum_state.source o ON o.brand = g.brand AND o.source = g.source
                 CROSS JOIN LATERAL (VALUES (
                    CASE WHEN NOT g.in_minor_unit OR coalesce(o.currency, b.currency) IN (
                              'JPY', 'KRW', 'CLP', 'COP', 'CRC', 'HUF', 'ISK', 'IDR', 'PYG', 'TWD', 'VND')
                         THEN 1 ELSE 100 END)) u (units)
                 WHERE g.level = 'campaign' AND g.is_active AND (g.ends_at IS NULL OR g.ends_at > g.loaded_at)
                   AND NOT EXISTS (SELECT FROM hub.ad_budgets x        -- the same account, by another server
                                    WHERE x.brand = g.brand AND x.source < g.source AND x.level = g.level
                                      AND x.object_id = g.object_id AND x.platform = g.platform)) c
         CROSS JOIN LATERAL (
            SELECT sum(a.daily_budget) / c.units AS daily, coalesce(bool_or(a.lifetime_budget IS NOT NULL), false) AS has_lifetime,
                   coalesce(bool_or(a.daily_budget IS NULL AND a.lifetime_budget IS NULL), false) AS has_none
              FROM hub.ad_budgets a
             WHERE a.brand = c.brand AND a.source = c.source AND a.level = 'adset' AND a.campaign_id = c.object_id
               AND a.is_active AND (a.ends_at IS NULL OR a.ends_at > a.loaded_at)) s
         GROUP BY c.brand, c.platform) p;
COMMENT ON VIEW momentum_state.ad_plan IS 'Sum of the daily budgets that are switched on, per platform, in the brand''s currency; NULL with a reason (lifetime_budget, no_budget, foreign_currency).';
