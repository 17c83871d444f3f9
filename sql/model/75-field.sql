-- One view per field of work, as far as the sources reach.
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

CREATE OR REPLACE VIEW momentum.channel_mix WITH (security_barrier) AS
SELECT x.brand, h.as_of, x.metric, m.name, b.currency, x.channel, x.amount::numeric(18,2) AS amount,
       (x.amount / nullif(sum(x.amount) OVER w, 0))::numeric(18,6) AS share,
       x.amount_before::numeric(18,2) AS amount_before,
       (x.amount_before / nullif(sum(x.amount_before) OVER w, 0))::numeric(18,6) AS share_before
  FROM (SELECT d.brand, d.metric, d.channel,
               sum(d.value) FILTER (WHERE d.day > s.as_of - 28) AS amount,
               sum(d.value) FILTER (WHERE d.day <= s.as_of - 28) AS amount_before
          FROM momentum_state.score s
          JOIN momentum_state.metric_daily d ON d.brand = s.brand
           AND d.metric IN ('net_revenue', 'orders', 'new_customers', 'ad_spend', 'email_revenue')
           AND d.day > s.as_of - 56 AND d.day <= s.as_of
         WHERE s.back = 0
         GROUP BY d.brand, d.metric, d.channel) x
  JOIN momentum_state.brand b ON b.brand = x.brand
  JOIN momentum_state.metric m ON m.metric = x.metric
  JOIN momentum_state.score h ON h.brand = x.brand AND h.back = 0
 WHERE momentum.may_see(x.brand)
WINDOW w AS (PARTITION BY x.brand, x.metric);
COMMENT ON VIEW momentum.channel_mix IS 'Where sales, orders, new customers, ad spend and mail revenue come from: the last 28 days against the 28 before.';
COMMENT ON COLUMN momentum.channel_mix.brand IS 'The brand.';
COMMENT ON COLUMN momentum.channel_mix.as_of IS 'Last of the 28 days.';
COMMENT ON COLUMN momentum.channel_mix.metric IS 'net_revenue, orders, new_customers, ad_spend or email_revenue; mail revenue is part of net revenue, by the mail service''s word.';
COMMENT ON COLUMN momentum.channel_mix.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.channel_mix.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.channel_mix.channel IS 'The channel or platform.';
COMMENT ON COLUMN momentum.channel_mix.amount IS 'Sum of the last 28 days.';
COMMENT ON COLUMN momentum.channel_mix.share IS 'Share of the metric''s sum over all channels.';
COMMENT ON COLUMN momentum.channel_mix.amount_before IS 'Sum of the 28 days before; NULL when none of them is known.';
COMMENT ON COLUMN momentum.channel_mix.share_before IS 'Share then.';

CREATE OR REPLACE VIEW momentum.email WITH (security_barrier) AS
SELECT e.brand, e.day, e.day::timestamp AT TIME ZONE b.time_zone AS "time", e.source, e.kind, e.channel,
       nullif(e.object_id, '') AS object_id, g.name, b.currency,
       e.recipients::bigint AS recipients, e.delivered::bigint AS delivered, e.opens_unique::bigint AS opens,
       e.clicks_unique::bigint AS clicks, e.unsubscribes::bigint AS unsubscribes,
       e.spam_complaints::bigint AS spam_complaints, e.events::bigint AS events, e.revenue::numeric(18,2) AS revenue,
       (e.opens_unique / nullif(e.delivered, 0))::numeric(18,6) AS open_rate,
       (e.clicks_unique / nullif(e.delivered, 0))::numeric(18,6) AS click_rate,
       (e.unsubscribes / nullif(e.delivered, 0))::numeric(18,6) AS unsubscribe_rate, h.as_of
  FROM (SELECT d.brand, d.source, d.kind, d.day, d.channel, d.object_id, sum(d.recipients) AS recipients,
               sum(d.delivered) AS delivered, sum(d.opens_unique) AS opens_unique, sum(d.clicks_unique) AS clicks_unique,
               sum(d.unsubscribes) AS unsubscribes, sum(d.spam_complaints) AS spam_complaints,
               sum(d.events) AS events, sum(d.revenue) AS revenue
          FROM hub.email_daily d
         GROUP BY d.brand, d.source, d.kind, d.day, d.channel, d.object_id) e
  JOIN momentum_state.brand b ON b.brand = e.brand
  LEFT JOIN hub.email_messages g ON g.brand = e.brand AND g.source = e.source AND g.kind = e.kind AND g.object_id = e.object_id
  LEFT JOIN momentum_state.score h ON h.brand = e.brand AND h.back = 0
 WHERE momentum.may_see(e.brand);
COMMENT ON VIEW momentum.email IS 'Mail and text messages by day. The kinds overlap (the revenue of campaigns and flows is part of what is attributed): filter on one kind before summing.';
COMMENT ON COLUMN momentum.email.brand IS 'The brand.';
COMMENT ON COLUMN momentum.email.day IS 'attributed, list_joins, list_leaves: day of the event; campaign, flow: day of sending.';
COMMENT ON COLUMN momentum.email."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.email.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.email.kind IS 'attributed, campaign, flow, list_joins, list_leaves.';
COMMENT ON COLUMN momentum.email.channel IS 'Channel the message went by.';
COMMENT ON COLUMN momentum.email.object_id IS 'Id of the campaign or flow.';
COMMENT ON COLUMN momentum.email.name IS 'Its name.';
COMMENT ON COLUMN momentum.email.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.email.recipients IS 'Recipients.';
COMMENT ON COLUMN momentum.email.delivered IS 'Messages delivered.';
COMMENT ON COLUMN momentum.email.opens IS 'Recipients who opened.';
COMMENT ON COLUMN momentum.email.clicks IS 'Recipients who clicked.';
COMMENT ON COLUMN momentum.email.unsubscribes IS 'Recipients who unsubscribed.';
COMMENT ON COLUMN momentum.email.spam_complaints IS 'Complaints of spam.';
COMMENT ON COLUMN momentum.email.events IS 'Orders (attributed), conversions (campaign, flow), joins or leaves.';
COMMENT ON COLUMN momentum.email.revenue IS 'Revenue the mail service credits to it.';
COMMENT ON COLUMN momentum.email.open_rate IS 'Opens per delivered message.';
COMMENT ON COLUMN momentum.email.click_rate IS 'Clicks per delivered message.';
COMMENT ON COLUMN momentum.email.unsubscribe_rate IS 'Unsubscribes per delivered message.';
COMMENT ON COLUMN momentum.email.as_of IS 'Newest complete day of the brand.';

CREATE OR REPLACE VIEW momentum.retail_velocity WITH (security_barrier) AS
SELECT r.brand, r.as_of, r.retailer, b.currency, r.doors, r.doors_before, r.doors_gained, r.doors_lost, r.points, r.points_before,
       r.units::numeric(18,2) AS units, r.units_before::numeric(18,2) AS units_before,
       (r.units / nullif(r.doors, 0) / 4)::numeric(18,6) AS velocity,
       (r.units_before / nullif(r.doors_before, 0) / 4)::numeric(18,6) AS velocity_before,
       r.income::numeric(18,2) AS income, r.income_before::numeric(18,2) AS income_before,
       (r.income / nullif(r.doors, 0) / 4)::numeric(18,2) AS income_per_store_week,
       (r.income / nullif(r.units, 0))::numeric(18,2) AS unit_price,
       (13 * r.income)::numeric(18,2) AS income_run_rate
  FROM (SELECT s.brand, s.as_of, s.retailer,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units > 0) AS doors,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units_before > 0) AS doors_before,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units > 0 AND s.units_before <= 0) AS doors_gained,
               count(*) FILTER (WHERE s.store_id <> '' AND s.units <= 0 AND s.units_before > 0) AS doors_lost,
               coalesce(sum(s.points) FILTER (WHERE s.store_id <> ''), 0)::bigint AS points,
               coalesce(sum(s.points_before) FILTER (WHERE s.store_id <> ''), 0)::bigint AS points_before,
               sum(s.units) AS units, sum(s.units_before) AS units_before,
               CASE WHEN bool_and(s.is_priced) THEN sum(s.income) END AS income,
               CASE WHEN bool_and(s.was_priced) THEN sum(s.income_before) END AS income_before
          FROM (SELECT p.brand, p.as_of, p.retailer, p.source, p.dataset, p.store_id,
                       sum(p.units) AS units, sum(p.units_before) AS units_before,
                       count(*) FILTER (WHERE p.product_id <> '' AND p.units > 0) AS points,
                       count(*) FILTER (WHERE p.product_id <> '' AND p.units_before > 0) AS points_before,
                       sum(p.income) AS income, sum(p.income_before) AS income_before,
                       bool_and(p.is_priced) AS is_priced, bool_and(p.was_priced) AS was_priced
                  FROM (SELECT n.brand, n.as_of, t.retailer, t.source, t.dataset, t.store_id, t.product_id,
                               coalesce(sum(t.units) FILTER (WHERE t.day > n.as_of - 28), 0) AS units,
                               coalesce(sum(t.units) FILTER (WHERE t.day <= n.as_of - 28), 0) AS units_before,
                               coalesce(sum(t.dollars) FILTER (WHERE t.day > n.as_of - 28), 0) AS income,
                               coalesce(sum(t.dollars) FILTER (WHERE t.day <= n.as_of - 28), 0) AS income_before,
                               count(*) FILTER (WHERE t.day > n.as_of - 28 AND t.units <> 0 AND t.dollars IS NULL) = 0 AS is_priced,
                               count(*) FILTER (WHERE t.day <= n.as_of - 28 AND t.units <> 0 AND t.dollars IS NULL) = 0 AS was_priced
                          FROM (SELECT d.brand, max(d.day) AS as_of
                                  FROM momentum_state.metric_daily d WHERE d.metric = 'retail_units' GROUP BY d.brand) n
                          JOIN hub.retail_sales t ON t.brand = n.brand AND t.price_basis = 'retail'
                           AND t.day > n.as_of - 56 AND t.day <= n.as_of
                         GROUP BY n.brand, n.as_of, t.retailer, t.source, t.dataset, t.store_id, t.product_id) p
                 GROUP BY p.brand, p.as_of, p.retailer, p.source, p.dataset, p.store_id) s
         GROUP BY s.brand, s.as_of, s.retailer) r
  JOIN momentum_state.brand b ON b.brand = r.brand
 WHERE momentum.may_see(r.brand);
COMMENT ON VIEW momentum.retail_velocity IS 'Retail by retailer: doors, points of distribution and velocity of the last 28 complete days against the 28 before. A door is a store whose units, less returns, are more than none in those days.';
COMMENT ON COLUMN momentum.retail_velocity.brand IS 'The brand.';
COMMENT ON COLUMN momentum.retail_velocity.as_of IS 'Last of the 28 days: the newest day that all retailers have told of.';
COMMENT ON COLUMN momentum.retail_velocity.retailer IS 'The retailer; empty when not told.';
COMMENT ON COLUMN momentum.retail_velocity.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.retail_velocity.doors IS 'Stores that sold in the 28 days.';
COMMENT ON COLUMN momentum.retail_velocity.doors_before IS 'Stores that sold in the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.doors_gained IS 'Stores that sold now and not before.';
COMMENT ON COLUMN momentum.retail_velocity.doors_lost IS 'Stores that sold before and not now.';
COMMENT ON COLUMN momentum.retail_velocity.points IS 'Points of distribution: stores times products that sold in the 28 days.';
COMMENT ON COLUMN momentum.retail_velocity.points_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.units IS 'Units sold, less returns.';
COMMENT ON COLUMN momentum.retail_velocity.units_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.velocity IS 'Units per store per week.';
COMMENT ON COLUMN momentum.retail_velocity.velocity_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.income IS 'Retail sales; NULL when a row of those days tells no amount.';
COMMENT ON COLUMN momentum.retail_velocity.income_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.retail_velocity.income_per_store_week IS 'Retail sales per store per week.';
COMMENT ON COLUMN momentum.retail_velocity.unit_price IS 'Retail sales per unit.';
COMMENT ON COLUMN momentum.retail_velocity.income_run_rate IS 'Doors times velocity times 52 times mean price: a year at this pace.';
