-- Advertising: by campaign and day, by platform, by ad.
CREATE OR REPLACE VIEW momentum.ads WITH (security_barrier) AS
SELECT a.brand, a.day, a.day::timestamp AT TIME ZONE b.time_zone AS "time", a.source, a.platform AS channel,
       a.level, a.account_id, a.campaign_id, a.campaign_name, a.currency,
       a.currency IS NOT DISTINCT FROM b.currency AS is_counted,
       a.spend::numeric(18,2) AS spend, a.impressions, a.clicks, a.reach,
       a.purchases::numeric(18,2) AS purchases, a.purchase_value::numeric(18,2) AS purchase_value,
       (1000 * a.spend / nullif(a.impressions, 0))::numeric(18,6) AS cpm,
       (a.clicks::numeric / nullif(a.impressions, 0))::numeric(18,6) AS click_rate,
       (a.spend / nullif(a.clicks, 0))::numeric(18,6) AS cpc,
       (a.purchase_value / nullif(a.spend, 0))::numeric(18,6) AS roas, h.as_of
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
