-- Advertising: by campaign and day, by platform, by ad.
CREATE OR REPLACE VIEW momentum.ads WITH (security_barrier) AS
SELECT a.brand, a.day, a.day::timestamp AT TIME ZONE b.time_zone AS "time", a.source, a.platform AS channel,
       a.level, a.account_id, a.campaign_id, a.campaign_name, a.currency,
       a.currency IS NOT DISTINCT FROM b.currency AS is_counted,
       a.spend::numeric(18,2) AS spend, a.impressions, a.clicks, a.reach,
       a.purchases::numeric(18,2) AS purchases, a.purchase_value::numeric(18,2) AS purchase_value,
       (1000 * a.spend / nullif(a.impressions, 0))::numeric(24,6) AS cpm,
       (a.clicks::numeric / nullif(a.impressions, 0))::numeric(24,6) AS click_rate,
       (a.spend / nullif(a.clicks, 0))::numeric(24,6) AS cpc,
       (a.purchase_value / nullif(a.spend, 0))::numeric(24,6) AS roas, h.as_of
  FROM hub.ad_performance_daily a
  JOIN momentum_state.brand b ON b.brand = a.brand
  LEFT JOIN momentum_state.score h ON h.brand = a.brand AND h.back = 0
 WHERE (a.level = 'campaign'
        OR a.level = 'account'
           AND NOT EXISTS (SELECT FROM hub.ad_performance_daily c
                            WHERE c.brand = a.brand AND c.source = a.source AND c.level = 'campaign'
                              AND c.account_id = a.account_id AND c.day = a.day))
   AND NOT EXISTS (SELECT FROM hub.ad_performance_daily o      -- the same account, by another server
                    WHERE o.brand = a.brand AND o.level = 'account' AND o.day = a.day AND o.platform = a.platform
                      AND o.account_id = a.account_id AND o.source < a.source)
   AND momentum.may_see(a.brand);
COMMENT ON VIEW momentum.ads IS 'Advertising by campaign and day; a day that came without campaigns stands as one row of its account. Rows may be summed; divide sums for ratios.';
COMMENT ON COLUMN momentum.ads.brand IS 'The brand.';
COMMENT ON COLUMN momentum.ads.day IS 'Day in the ad account''s own zone.';
COMMENT ON COLUMN momentum.ads."time" IS 'Beginning of that day in the brand''s zone, for charts.';
COMMENT ON COLUMN momentum.ads.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.ads.channel IS 'The platform.';
COMMENT ON COLUMN momentum.ads.level IS 'campaign or account.';
COMMENT ON COLUMN momentum.ads.account_id IS 'Id of the ad account.';
COMMENT ON COLUMN momentum.ads.campaign_id IS 'Id of the campaign.';
COMMENT ON COLUMN momentum.ads.campaign_name IS 'Name of the campaign.';
COMMENT ON COLUMN momentum.ads.currency IS 'Currency of the ad account.';
COMMENT ON COLUMN momentum.ads.is_counted IS 'False when that is not the brand''s currency: then no metric counts the row.';
COMMENT ON COLUMN momentum.ads.spend IS 'Ad spend.';
COMMENT ON COLUMN momentum.ads.impressions IS 'Impressions.';
COMMENT ON COLUMN momentum.ads.clicks IS 'Clicks.';
COMMENT ON COLUMN momentum.ads.reach IS 'People reached on the day; never sum it.';
COMMENT ON COLUMN momentum.ads.purchases IS 'Purchases the platform credits to itself.';
COMMENT ON COLUMN momentum.ads.purchase_value IS 'Value of those purchases.';
COMMENT ON COLUMN momentum.ads.cpm IS 'Spend per thousand impressions.';
COMMENT ON COLUMN momentum.ads.click_rate IS 'Clicks per impression.';
COMMENT ON COLUMN momentum.ads.cpc IS 'Spend per click.';
COMMENT ON COLUMN momentum.ads.roas IS 'Purchase value per spend, the platform''s word.';
COMMENT ON COLUMN momentum.ads.as_of IS 'Newest complete day of the brand.';

CREATE OR REPLACE VIEW momentum.ad_platform WITH (security_barrier) AS
SELECT n.brand, n.newest AS as_of, d.channel, b.currency,
       d.spend::numeric(18,2) AS spend, d.spend_before::numeric(18,2) AS spend_before,
       (d.spend / nullif(sum(d.spend) OVER w, 0))::numeric(18,6) AS spend_share,
       d.impressions::bigint AS impressions, d.clicks::bigint AS clicks, d.purchases::numeric(18,2) AS purchases,
       (1000 * d.spend / nullif(d.impressions, 0))::numeric(24,6) AS cpm,
       (d.clicks / nullif(d.impressions, 0))::numeric(24,6) AS click_rate,
       (d.spend / nullif(d.clicks, 0))::numeric(24,6) AS cpc,
       (d.spend / nullif(d.purchases, 0))::numeric(24,6) AS cost_per_purchase,
       (d.purchase_value / nullif(d.spend, 0))::numeric(24,6) AS roas,
       (d.purchase_value_before / nullif(d.spend_before, 0))::numeric(24,6) AS roas_before,
       c.cac::numeric(18,6) AS cac_all, t.cac_target::numeric(18,6) AS cac_target,
       m.first_day AS month_from, d.so_far::numeric(18,2) AS month_spend, (d.pace).landing::numeric(18,2) AS month_landing,
       (p.daily_budget * (m.last_day - m.first_day + 1))::numeric(18,2) AS month_budget, d.pacing::numeric(18,6) AS pacing,
       t.spend_target::numeric(18,2) AS month_target_all,
       (sum((d.pace).landing) OVER w / t.spend_target)::numeric(18,6) AS landing_of_target_all,
       CASE WHEN d.so_far IS NULL THEN 'days_missing' WHEN p.platform IS NULL THEN 'no_budget' ELSE p.reason END AS reason
  FROM (SELECT s.brand, max(q.day) AS newest
          FROM momentum_state.score s
          JOIN momentum_state.metric_daily q
            ON q.brand = s.brand AND q.metric = 'ad_spend' AND q.day > s.as_of - 28 AND q.day <= s.as_of
         WHERE s.back = 0
         GROUP BY s.brand) n
  JOIN momentum_state.brand b ON b.brand = n.brand
 CROSS JOIN LATERAL (VALUES (date_trunc('month', n.newest::timestamp)::date,
                             (date_trunc('month', n.newest::timestamp) + interval '1 month - 1 day')::date)) m (first_day, last_day)
 CROSS JOIN LATERAL (
    SELECT x.channel, x.spend, x.spend_before, x.impressions, x.clicks, x.purchases, x.purchase_value, x.purchase_value_before,
           y.so_far, y.pace, z.budget, (momentum.pacing(y.so_far, z.budget, y.factors, m.first_day, m.last_day, n.newest)).pacing AS pacing
      FROM (SELECT q.channel,
                   sum(q.value) FILTER (WHERE q.metric = 'ad_spend' AND q.day > n.newest - 28) AS spend,
                   sum(q.value) FILTER (WHERE q.metric = 'ad_spend' AND q.day <= n.newest - 28) AS spend_before,
                   sum(q.value) FILTER (WHERE q.metric = 'impressions' AND q.day > n.newest - 28) AS impressions,
                   sum(q.value) FILTER (WHERE q.metric = 'clicks' AND q.day > n.newest - 28) AS clicks,
                   sum(q.value) FILTER (WHERE q.metric = 'ad_purchases' AND q.day > n.newest - 28) AS purchases,
                   sum(q.value) FILTER (WHERE q.metric = 'ad_purchase_value' AND q.day > n.newest - 28) AS purchase_value,
                   sum(q.value) FILTER (WHERE q.metric = 'ad_purchase_value' AND q.day <= n.newest - 28) AS purchase_value_before
              FROM momentum_state.metric_daily q
             WHERE q.brand = n.brand AND q.metric IN ('ad_spend', 'impressions', 'clicks', 'ad_purchases', 'ad_purchase_value')
               AND q.day > n.newest - 56 AND q.day <= n.newest
             GROUP BY q.channel) x
     CROSS JOIN LATERAL (
        SELECT f.so_far, f.factors, momentum.pacing(f.so_far, NULL, f.factors, m.first_day, m.last_day, n.newest) AS pace
          FROM (SELECT CASE WHEN count(*) FILTER (WHERE q.day >= m.first_day) = n.newest - m.first_day + 1
                            THEN sum(q.value) FILTER (WHERE q.day >= m.first_day) END::double precision AS so_far,
                       momentum.weekday_factors(array_agg(q.day) FILTER (WHERE e.day IS NULL),
                                                array_agg(q.value::double precision) FILTER (WHERE e.day IS NULL)) AS factors
                  FROM momentum_state.metric_daily q
                  LEFT JOIN momentum_state.excluded_day e ON e.brand = q.brand AND e.day = q.day
                 WHERE q.brand = n.brand AND q.metric = 'ad_spend' AND q.channel = x.channel
                   AND q.day > n.newest - 63 AND q.day <= n.newest) f) y
     CROSS JOIN LATERAL (
        SELECT (SELECT l.daily_budget * (m.last_day - m.first_day + 1)
                  FROM momentum_state.ad_plan l WHERE l.brand = n.brand AND l.platform = x.channel)::double precision AS budget) z) d
 CROSS JOIN LATERAL (
    SELECT sum(r.numerator) / nullif(sum(r.denominator), 0) AS cac
      FROM momentum_state.ratio_day r
     WHERE r.brand = n.brand AND r.metric = 'cac' AND r.channel = 'all' AND r.day > n.newest - 28 AND r.day <= n.newest) c
 CROSS JOIN LATERAL (
    SELECT max(g.value) FILTER (WHERE g.metric = 'cac') AS cac_target, max(g.value) FILTER (WHERE g.metric = 'ad_spend') AS spend_target
      FROM (SELECT DISTINCT ON (q.metric) q.metric, q.value
              FROM momentum_state.target q
             WHERE q.brand = n.brand AND q.metric IN ('cac', 'ad_spend') AND q.valid_from <= n.newest
             ORDER BY q.metric, q.valid_from DESC) g) t
  LEFT JOIN momentum_state.ad_plan p ON p.brand = n.brand AND p.platform = d.channel
 WHERE momentum.may_see(n.brand)
WINDOW w AS (PARTITION BY n.brand);
COMMENT ON VIEW momentum.ad_platform IS 'Each ad platform: the last 28 days, the CAC of all of them beside its own word, and where its month will end against the budgets of its account.';
COMMENT ON COLUMN momentum.ad_platform.brand IS 'The brand.';
COMMENT ON COLUMN momentum.ad_platform.as_of IS 'Last of the 28 days: the newest on which the spend of all platforms is known.';
COMMENT ON COLUMN momentum.ad_platform.channel IS 'The platform.';
COMMENT ON COLUMN momentum.ad_platform.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.ad_platform.spend IS 'Spend of the last 28 days.';
COMMENT ON COLUMN momentum.ad_platform.spend_before IS 'Spend of the 28 days before.';
COMMENT ON COLUMN momentum.ad_platform.spend_share IS 'Its share of the spend of all platforms.';
COMMENT ON COLUMN momentum.ad_platform.impressions IS 'Impressions of the 28 days.';
COMMENT ON COLUMN momentum.ad_platform.clicks IS 'Clicks of the 28 days.';
COMMENT ON COLUMN momentum.ad_platform.purchases IS 'Purchases the platform credits to itself; platforms overlap, never add them.';
COMMENT ON COLUMN momentum.ad_platform.cpm IS 'Spend per thousand impressions.';
COMMENT ON COLUMN momentum.ad_platform.click_rate IS 'Clicks per impression.';
COMMENT ON COLUMN momentum.ad_platform.cpc IS 'Spend per click.';
COMMENT ON COLUMN momentum.ad_platform.cost_per_purchase IS 'Spend per purchase, the platform''s word: old customers are among them, and those another platform claims too. Compare it with cac_all.';
COMMENT ON COLUMN momentum.ad_platform.roas IS 'Purchase value per spend, the platform''s word.';
COMMENT ON COLUMN momentum.ad_platform.roas_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.ad_platform.cac_all IS 'CAC of the 28 days over all platforms: spend of all per new customer of the shop.';
COMMENT ON COLUMN momentum.ad_platform.cac_target IS 'Target of the CAC.';
COMMENT ON COLUMN momentum.ad_platform.month_from IS 'First day of the month of as_of.';
COMMENT ON COLUMN momentum.ad_platform.month_spend IS 'Spend of the month through as_of; NULL when a day of it is not known.';
COMMENT ON COLUMN momentum.ad_platform.month_landing IS 'What the month ends at if it goes on like this, weekdays weighted.';
COMMENT ON COLUMN momentum.ad_platform.month_budget IS 'The daily budgets that are switched on now, times the days of the month; NULL when they do not tell (see reason).';
COMMENT ON COLUMN momentum.ad_platform.pacing IS 'month_spend over the part of month_budget that was due by as_of; 1 is on plan.';
COMMENT ON COLUMN momentum.ad_platform.month_target_all IS 'The brand''s target of ad spend for the month, all platforms together.';
COMMENT ON COLUMN momentum.ad_platform.landing_of_target_all IS 'Landing of all platforms together over that target.';
COMMENT ON COLUMN momentum.ad_platform.reason IS 'Why there is no pacing: days_missing, no_budget, lifetime_budget (a budget that no month can be told of), foreign_currency.';

-- Days end with the newest complete one of the source's ads.  An ad without a
-- row has shown nothing that day: it cost nothing and has no click rate.
CREATE OR REPLACE VIEW momentum.creatives WITH (security_barrier) AS
SELECT a.brand, a.as_of, a.source, a.platform AS channel, a.account_id, a.campaign_id,
       coalesce(a.campaign_name, (SELECT max(g.name) FROM hub.ad_budgets g
                                   WHERE g.brand = a.brand AND g.source = a.source AND g.level = 'campaign'
                                     AND g.object_id = a.campaign_id)) AS campaign_name,
       a.adset_id,
       coalesce(a.adset_name, (SELECT max(g.name) FROM hub.ad_budgets g
                                WHERE g.brand = a.brand AND g.source = a.source AND g.level = 'adset'
                                  AND g.object_id = a.adset_id)) AS adset_name,
       a.ad_id, a.ad_name, a.currency, a.currency IS NOT DISTINCT FROM b.currency AS is_counted, a.first_day, a.last_day,
       coalesce(a.spend_7d, 0)::numeric(18,2) AS spend_7d, coalesce(a.spend_28d, 0)::numeric(18,2) AS spend_28d,
       coalesce(a.impressions_7d, 0)::bigint AS impressions_7d, coalesce(a.impressions_28d, 0)::bigint AS impressions_28d,
       (1000 * a.spend_7d / nullif(a.impressions_7d, 0))::numeric(24,6) AS cpm_7d,
       (1000 * a.spend_28d / nullif(a.impressions_28d, 0))::numeric(24,6) AS cpm_28d,
       (a.clicks_7d / nullif(a.impressions_7d, 0))::numeric(24,6) AS click_rate_7d,
       (a.clicks_28d / nullif(a.impressions_28d, 0))::numeric(24,6) AS click_rate_28d,
       (a.spend_7d / nullif(a.clicks_7d, 0))::numeric(24,6) AS cpc_7d,
       (a.spend_28d / nullif(a.clicks_28d, 0))::numeric(24,6) AS cpc_28d,
       coalesce(a.purchases_7d, 0)::numeric(18,2) AS purchases_7d, coalesce(a.purchases_28d, 0)::numeric(18,2) AS purchases_28d,
       (a.value_7d / nullif(a.spend_7d, 0))::numeric(24,6) AS roas_7d,
       (a.value_28d / nullif(a.spend_28d, 0))::numeric(24,6) AS roas_28d,
       (a.fit).g::numeric(18,6) AS click_rate_growth_30d, (a.fit).p_up::numeric(9,6) AS click_rate_p_up,
       CASE WHEN (a.fit).p_up IS NULL THEN 'unknown' WHEN (a.fit).p_up >= 0.90 THEN 'up'
            WHEN (a.fit).p_up <= 0.10 THEN 'down' ELSE 'flat' END AS click_rate_trend,
       coalesce((a.fit).p_up <= 0.10 AND a.last_day > a.as_of - 3, false) AS is_tiring, (a.fit).reason
  FROM (SELECT d.brand, s.as_of, d.source, d.platform, d.account_id, d.ad_id, d.currency,
               (array_agg(d.ad_name ORDER BY d.day DESC) FILTER (WHERE d.ad_name IS NOT NULL))[1] AS ad_name,
               (array_agg(d.campaign_id ORDER BY d.day DESC))[1] AS campaign_id,
               (array_agg(d.campaign_name ORDER BY d.day DESC))[1] AS campaign_name,
               (array_agg(d.adset_id ORDER BY d.day DESC))[1] AS adset_id,
               (array_agg(d.adset_name ORDER BY d.day DESC))[1] AS adset_name,
               min(d.day) FILTER (WHERE d.impressions > 0 OR d.spend > 0) AS first_day,
               max(d.day) FILTER (WHERE d.impressions > 0 OR d.spend > 0) AS last_day,
               sum(d.spend) FILTER (WHERE d.day > s.as_of - 7) AS spend_7d,
               sum(d.spend) FILTER (WHERE d.day > s.as_of - 28) AS spend_28d,
               sum(d.impressions) FILTER (WHERE d.day > s.as_of - 7) AS impressions_7d,
               sum(d.impressions) FILTER (WHERE d.day > s.as_of - 28) AS impressions_28d,
               sum(d.clicks) FILTER (WHERE d.day > s.as_of - 7) AS clicks_7d,
               sum(d.clicks) FILTER (WHERE d.day > s.as_of - 28) AS clicks_28d,
               sum(d.purchases) FILTER (WHERE d.day > s.as_of - 7) AS purchases_7d,
               sum(d.purchases) FILTER (WHERE d.day > s.as_of - 28) AS purchases_28d,
               sum(d.purchase_value) FILTER (WHERE d.day > s.as_of - 7) AS value_7d,
               sum(d.purchase_value) FILTER (WHERE d.day > s.as_of - 28) AS value_28d,
               momentum.trend(d.day, d.clicks::double precision / nullif(d.impressions, 0), d.impressions::double precision)
                  FILTER (WHERE d.day > s.as_of - 28 AND d.impressions > 0) AS fit
          FROM (SELECT t.brand, t.source, max(t.complete_through) AS as_of
                  FROM momentum_state.stream t WHERE t.loader IN ('insights_ad', 'ad_daily')
                 GROUP BY t.brand, t.source) s
          JOIN hub.ad_performance_daily d ON d.brand = s.brand AND d.source = s.source AND d.level = 'ad' AND d.day <= s.as_of
         WHERE NOT EXISTS (SELECT FROM hub.ad_performance_daily o      -- the same account, by another server
                            WHERE o.brand = d.brand AND o.level = 'ad' AND o.day = d.day AND o.platform = d.platform
                              AND o.account_id = d.account_id AND o.object_id = d.object_id AND o.source < d.source)
         GROUP BY d.brand, s.as_of, d.source, d.platform, d.account_id, d.ad_id, d.currency) a
  JOIN momentum_state.brand b ON b.brand = a.brand
 WHERE a.last_day > a.as_of - 90 AND momentum.may_see(a.brand);
COMMENT ON VIEW momentum.creatives IS 'Every ad that was shown in the last 90 days: what it cost and brought in 7 and 28 days, and whether its click rate is falling. The ads of a day can be less than the account: ads that were deleted may be missing.';
COMMENT ON COLUMN momentum.creatives.brand IS 'The brand.';
COMMENT ON COLUMN momentum.creatives.as_of IS 'Last of the days: the newest complete day of the source''s ads, in the account''s zone.';
COMMENT ON COLUMN momentum.creatives.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.creatives.channel IS 'The platform.';
COMMENT ON COLUMN momentum.creatives.account_id IS 'Id of the ad account.';
COMMENT ON COLUMN momentum.creatives.campaign_id IS 'Id of the campaign.';
COMMENT ON COLUMN momentum.creatives.campaign_name IS 'Name of the campaign.';
COMMENT ON COLUMN momentum.creatives.adset_id IS 'Id of the ad set or ad group.';
COMMENT ON COLUMN momentum.creatives.adset_name IS 'Its name.';
COMMENT ON COLUMN momentum.creatives.ad_id IS 'Id of the ad.';
COMMENT ON COLUMN momentum.creatives.ad_name IS 'Name of the ad, the newest.';
COMMENT ON COLUMN momentum.creatives.currency IS 'Currency of the ad account, and of money here.';
COMMENT ON COLUMN momentum.creatives.is_counted IS 'False when that is not the brand''s currency: then no metric counts it.';
COMMENT ON COLUMN momentum.creatives.first_day IS 'First day it was shown, of the days that are loaded.';
COMMENT ON COLUMN momentum.creatives.last_day IS 'Last day it was shown.';
COMMENT ON COLUMN momentum.creatives.spend_7d IS 'Spend of the last 7 days.';
COMMENT ON COLUMN momentum.creatives.spend_28d IS 'Spend of the last 28 days.';
COMMENT ON COLUMN momentum.creatives.impressions_7d IS 'Impressions of the last 7 days.';
COMMENT ON COLUMN momentum.creatives.impressions_28d IS 'Impressions of the last 28 days.';
COMMENT ON COLUMN momentum.creatives.cpm_7d IS 'Spend per thousand impressions, 7 days.';
COMMENT ON COLUMN momentum.creatives.cpm_28d IS 'The same, 28 days.';
COMMENT ON COLUMN momentum.creatives.click_rate_7d IS 'Clicks per impression, 7 days.';
COMMENT ON COLUMN momentum.creatives.click_rate_28d IS 'The same, 28 days.';
COMMENT ON COLUMN momentum.creatives.cpc_7d IS 'Spend per click, 7 days.';
COMMENT ON COLUMN momentum.creatives.cpc_28d IS 'The same, 28 days.';
COMMENT ON COLUMN momentum.creatives.purchases_7d IS 'Purchases the platform credits to it, 7 days.';
COMMENT ON COLUMN momentum.creatives.purchases_28d IS 'The same, 28 days.';
COMMENT ON COLUMN momentum.creatives.roas_7d IS 'Purchase value per spend, 7 days, the platform''s word.';
COMMENT ON COLUMN momentum.creatives.roas_28d IS 'The same, 28 days.';
COMMENT ON COLUMN momentum.creatives.click_rate_growth_30d IS 'Relative change of the click rate per 30 days by the trend of 28 days, weighted by impressions.';
COMMENT ON COLUMN momentum.creatives.click_rate_p_up IS 'Probability that the click rate is rising.';
COMMENT ON COLUMN momentum.creatives.click_rate_trend IS 'up or down where that is at least 90 % sure, else flat; unknown with too few days.';
COMMENT ON COLUMN momentum.creatives.is_tiring IS 'The click rate is falling and the ad still runs (shown in the last 3 days): people have seen it.';
COMMENT ON COLUMN momentum.creatives.reason IS 'Why there is no trend: too_few_points (less than 13 days shown), nonpositive_level (no clicks).';
