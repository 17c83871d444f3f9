-- The metric catalogue: keys, units, directions.
INSERT INTO momentum_state.metric (metric, name, unit, direction, kind, factor, dashboard, description) VALUES
    ('gross_sales', 'Gross sales', 'money', 'up', 'additive', 1, NULL, 'Unit price times quantity of all lines, gift cards left out, on the day of the order.'),
    ('discounts', 'Discounts', 'money', 'down', 'additive', 1, NULL, 'Discounts on those lines.'),
    ('returns', 'Returns', 'money', 'down', 'additive', 1, NULL, 'Value of returned lines, on the day of the refund.'),
    ('net_revenue', 'Net revenue', 'money', 'up', 'additive', 1, NULL, 'Gross sales less discounts less returns.'),
    ('orders', 'Orders', 'count', 'up', 'additive', 1, NULL, 'Orders that are neither test nor cancelled nor mere adjustments.'),
    ('items_sold', 'Items sold', 'count', 'up', 'additive', 1, NULL, 'Quantity of the lines, gift cards left out.'),
    ('new_customers', 'New customers', 'count', 'up', 'additive', 1, NULL, 'Customers whose first order ever fell on the day, by customer id, else e-mail.'),
    ('returning_customers', 'Returning customers', 'count', 'up', 'additive', 1, NULL, 'Known customers who had ordered before, counted once a day.'),
    ('new_subscribers', 'New subscribers', 'count', 'up', 'additive', 1, NULL, 'New customers whose first order holds a selling plan.'),
    ('sessions', 'Sessions', 'count', 'up', 'additive', 1, NULL, 'Sessions of the online store.'),
    ('ad_spend', 'Ad spend', 'money', 'band', 'additive', 1, 2, 'Spend of the ad accounts, in the accounts'' days.'),
    ('impressions', 'Impressions', 'count', 'up', 'additive', 1, NULL, 'Impressions of the ads.'),
    ('clicks', 'Clicks', 'count', 'up', 'additive', 1, NULL, 'Clicks on the ads.'),
    ('ad_purchases', 'Ad purchases', 'count', 'up', 'additive', 1, NULL, 'Purchases the platform credits to itself. Several platforms may claim the same one: compare channels, never add them.'),
    ('ad_purchase_value', 'Ad purchase value', 'money', 'up', 'additive', 1, NULL, 'Value of those purchases; channels do not add up either.'),
    ('cogs', 'Cost of goods', 'money', 'down', 'additive', 1, NULL, 'Cost of the goods sold.'),
    ('shipping_cost', 'Shipping cost', 'money', 'down', 'additive', 1, NULL, 'What shipping cost the brand.'),
    ('payment_fees', 'Payment fees', 'money', 'down', 'additive', 1, NULL, 'Fees of the payment services.'),
    ('fixed_costs', 'Fixed costs', 'money', 'down', 'additive', 1, NULL, 'Costs that do not follow sales.'),
    ('variable_costs', 'Variable costs', 'money', 'down', 'additive', 1, NULL, 'Other costs that follow sales.'),
    ('email_revenue', 'Email revenue', 'money', 'up', 'additive', 1, NULL, 'Revenue the mail service credits to a channel, by event time.'),
    ('email_sends', 'Sends', 'count', 'up', 'additive', 1, NULL, 'Recipients of campaigns and flows, by send day.'),
    ('email_opens', 'Opens', 'count', 'up', 'additive', 1, NULL, 'Unique opens, by send day.'),
    ('email_clicks', 'Email clicks', 'count', 'up', 'additive', 1, NULL, 'Unique clicks, by send day.'),
    ('list_joins', 'List joins', 'count', 'up', 'additive', 1, NULL, 'Subscriptions to lists.'),
    ('list_leaves', 'List leaves', 'count', 'down', 'additive', 1, NULL, 'Unsubscriptions.'),
    ('flow_revenue', 'Flow revenue', 'money', 'up', 'additive', 1, NULL, 'Conversion value of flows, by send day.'),
    ('campaign_revenue', 'Campaign revenue', 'money', 'up', 'additive', 1, NULL, 'Conversion value of campaigns, by send day.'),
    ('retail_units', 'Retail units', 'count', 'up', 'additive', 1, NULL, 'Units sold in retail doors.'),
    ('retail_dollars', 'Retail sales', 'money', 'up', 'additive', 1, NULL, 'Sales in retail doors.'),
    ('retail_doors', 'Retail doors', 'count', 'up', 'snapshot', 1, 6, 'Stores that sold in the trailing 28 days.'),
    ('retail_points', 'Points of distribution', 'count', 'up', 'snapshot', 1, NULL, 'Stores times products that sold in the trailing 28 days.'),
    ('reviews', 'Reviews', 'count', 'up', 'additive', 1, NULL, 'Reviews by review date.'),
    ('rating_sum', 'Sum of ratings', 'stars', 'up', 'additive', 1, NULL, 'Stars of those reviews.'),
    ('reviews_with_media', 'Reviews with media', 'count', 'up', 'additive', 1, NULL, 'Reviews with a picture or video.'),
    ('market_revenue', 'Marketplace revenue', 'money', 'up', 'additive', 1, NULL, 'Sales on marketplaces.'),
    ('market_orders', 'Marketplace orders', 'count', 'up', 'additive', 1, NULL, 'Orders on marketplaces.'),
    ('market_units', 'Marketplace units', 'count', 'up', 'additive', 1, NULL, 'Units sold on marketplaces.'),
    ('market_sessions', 'Marketplace sessions', 'count', 'up', 'additive', 1, NULL, 'Sessions of the marketplace listings.'),
    ('buy_box_sessions', 'Buy box sessions', 'count', 'up', 'additive', 1, NULL, 'Sessions in which the offer held the buy box.'),
    ('market_ad_spend', 'Marketplace ad spend', 'money', 'band', 'additive', 1, NULL, 'Ad spend on marketplaces.'),
    ('best_seller_rank', 'Best seller rank', 'rank', 'down', 'snapshot', 1, NULL, 'Rank in the main category.'),
    ('subscribers_active', 'Active subscribers', 'count', 'up', 'snapshot', 1, NULL, 'Subscriptions running at the end of the day.'),
    ('subscribers_lost', 'Lost subscribers', 'count', 'down', 'additive', 1, NULL, 'Subscriptions that ended on the day.'),
    ('cac', 'CAC', 'money', 'down', 'ratio', 1, 1, 'Ad spend per new customer.'),
    ('aov', 'AOV', 'money', 'up', 'ratio', 1, 3, 'Net revenue per order.'),
    ('conversion_rate', 'Conversion rate', 'share', 'up', 'ratio', 1, 4, 'Orders per session.'),
    ('new_customer_sub_pct', 'New customers who subscribe', 'share', 'up', 'ratio', 1, 5, 'New subscribers per new customer.'),
    ('roas', 'ROAS', 'ratio', 'up', 'ratio', 1, NULL, 'Ad purchase value per ad spend, by platform: its own word.'),
    ('mer', 'MER', 'ratio', 'up', 'ratio', 1, NULL, 'Net revenue per ad spend.'),
    ('cpm', 'CPM', 'money', 'down', 'ratio', 1000, NULL, 'Ad spend per thousand impressions.'),
    ('ctr', 'CTR', 'share', 'up', 'ratio', 1, NULL, 'Clicks per impression.'),
    ('cpc', 'CPC', 'money', 'down', 'ratio', 1, NULL, 'Ad spend per click.'),
    ('spend_pacing', 'Spend pacing', 'share', 'band', 'derived', 1, NULL, 'Ad spend so far against the share of the target, else of the budgets of the ad accounts, that was due by now.'),
    ('email_revenue_share', 'Email revenue share', 'share', 'up', 'ratio', 1, NULL, 'Email revenue per net revenue.'),
    ('list_growth', 'List growth', 'count', 'up', 'ratio', 1, NULL, 'List joins less list leaves.'),
    ('campaign_roi', 'Campaign ROI', 'ratio', 'up', 'derived', 1, NULL, 'Campaign revenue per campaign cost, where a cost is known.'),
    ('retail_velocity', 'Retail velocity', 'units', 'up', 'derived', 1, NULL, 'Units per store per week.'),
    ('retail_run_rate', 'Retail run rate', 'money', 'up', 'derived', 1, NULL, 'Doors times velocity times 52 times mean price.'),
    ('avg_rating', 'Average rating', 'stars', 'up', 'ratio', 1, NULL, 'Stars per review.'),
    ('social_proof', 'Social proof', 'points', 'up', 'derived', 1, NULL, 'Reviews times average rating, trailing 28 days.'),
    ('buy_box_pct', 'Buy box share', 'share', 'up', 'ratio', 1, NULL, 'Buy box sessions per marketplace session.'),
    ('gross_profit', 'Gross profit', 'money', 'up', 'ratio', 1, NULL, 'Net revenue less cost of goods, shipping and payment fees.'),
    ('profit_margin_pct', 'Profit margin', 'share', 'up', 'ratio', 1, NULL, 'Gross profit per net revenue.'),
    ('contribution_profit', 'Contribution profit', 'money', 'up', 'ratio', 1, NULL, 'Gross profit less ad spend.'),
    ('roi_pct', 'ROI', 'share', 'up', 'ratio', 1, NULL, 'Contribution profit per ad spend.'),
    ('working_capital', 'Working capital', 'money', 'up', 'derived', 1, 7, 'Cash in 30 days, by the cash path.'),
    ('runway_days', 'Runway', 'days', 'up', 'derived', 1, NULL, 'Days until the cash path first falls below the floor.')
ON CONFLICT (metric) DO NOTHING;

INSERT INTO momentum_state.metric_term (metric, part, term, sign) VALUES
    ('cac', 'numerator', 'ad_spend', 1), ('cac', 'denominator', 'new_customers', 1),
    ('aov', 'numerator', 'net_revenue', 1), ('aov', 'denominator', 'orders', 1),
    ('conversion_rate', 'numerator', 'orders', 1), ('conversion_rate', 'denominator', 'sessions', 1),
    ('new_customer_sub_pct', 'numerator', 'new_subscribers', 1), ('new_customer_sub_pct', 'denominator', 'new_customers', 1),
    ('roas', 'numerator', 'ad_purchase_value', 1), ('roas', 'denominator', 'ad_spend', 1),
    ('mer', 'numerator', 'net_revenue', 1), ('mer', 'denominator', 'ad_spend', 1),
    ('cpm', 'numerator', 'ad_spend', 1), ('cpm', 'denominator', 'impressions', 1),
    ('ctr', 'numerator', 'clicks', 1), ('ctr', 'denominator', 'impressions', 1),
    ('cpc', 'numerator', 'ad_spend', 1), ('cpc', 'denominator', 'clicks', 1),
    ('email_revenue_share', 'numerator', 'email_revenue', 1), ('email_revenue_share', 'denominator', 'net_revenue', 1),
    ('list_growth', 'numerator', 'list_joins', 1), ('list_growth', 'numerator', 'list_leaves', -1),
    ('avg_rating', 'numerator', 'rating_sum', 1), ('avg_rating', 'denominator', 'reviews', 1),
    ('buy_box_pct', 'numerator', 'buy_box_sessions', 1), ('buy_box_pct', 'denominator', 'market_sessions', 1),
    ('gross_profit', 'numerator', 'net_revenue', 1), ('gross_profit', 'numerator', 'cogs', -1),
    ('gross_profit', 'numerator', 'shipping_cost', -1), ('gross_profit', 'numerator', 'payment_fees', -1),
    ('profit_margin_pct', 'numerator', 'net_revenue', 1), ('profit_margin_pct', 'numerator', 'cogs', -1),
    ('profit_margin_pct', 'numerator', 'shipping_cost', -1), ('profit_margin_pct', 'numerator', 'payment_fees', -1),
    ('profit_margin_pct', 'denominator', 'net_revenue', 1),
    ('contribution_profit', 'numerator', 'net_revenue', 1), ('contribution_profit', 'numerator', 'cogs', -1),
    ('contribution_profit', 'numerator', 'shipping_cost', -1), ('contribution_profit', 'numerator', 'payment_fees', -1),
    ('contribution_profit', 'numerator', 'ad_spend', -1),
    ('roi_pct', 'numerator', 'net_revenue', 1), ('roi_pct', 'numerator', 'cogs', -1),
    ('roi_pct', 'numerator', 'shipping_cost', -1), ('roi_pct', 'numerator', 'payment_fees', -1),
    ('roi_pct', 'numerator', 'ad_spend', -1), ('roi_pct', 'denominator', 'ad_spend', 1),
    ('campaign_roi', 'numerator', 'campaign_revenue', 1),
    ('retail_velocity', 'numerator', 'retail_units', 1), ('retail_velocity', 'denominator', 'retail_doors', 1),
    ('retail_run_rate', 'numerator', 'retail_doors', 1), ('retail_run_rate', 'numerator', 'retail_units', 1),
    ('retail_run_rate', 'numerator', 'retail_dollars', 1),
    ('social_proof', 'numerator', 'reviews', 1), ('social_proof', 'numerator', 'rating_sum', 1),
    ('spend_pacing', 'numerator', 'ad_spend', 1)
ON CONFLICT (metric, part, term) DO NOTHING;

INSERT INTO momentum_state.metric_stream (metric, service, loader)
SELECT m.metric, 'shopify', 'orders'
  FROM pg_catalog.unnest(ARRAY['gross_sales', 'discounts', 'returns', 'net_revenue', 'orders', 'items_sold',
        'new_customers', 'returning_customers', 'new_subscribers',
        'cogs', 'shipping_cost', 'payment_fees', 'variable_costs']) AS m (metric)
UNION ALL SELECT 'sessions', 'shopify', 'sessions_daily'
UNION ALL SELECT m.metric, 'shopify', 'subscriptions'
  FROM pg_catalog.unnest(ARRAY['subscribers_active', 'subscribers_lost']) AS m (metric)
UNION ALL SELECT m.metric, a.service, a.loader
  FROM (VALUES ('meta_ads', 'insights'), ('tiktok_ads', 'advertiser_daily')) AS a (service, loader),
       pg_catalog.unnest(ARRAY['ad_spend', 'impressions', 'clicks', 'ad_purchases', 'ad_purchase_value']) AS m (metric)
UNION ALL SELECT 'email_revenue', 'klaviyo', 'attributed_revenue'
UNION ALL SELECT 'list_joins', 'klaviyo', 'list_joins'
UNION ALL SELECT 'list_leaves', 'klaviyo', 'list_leaves'
UNION ALL SELECT m.metric, 'klaviyo', l.loader
  FROM pg_catalog.unnest(ARRAY['email_sends', 'email_opens', 'email_clicks']) AS m (metric),
       pg_catalog.unnest(ARRAY['campaign_values', 'flow_values']) AS l (loader)
UNION ALL SELECT 'campaign_revenue', 'klaviyo', 'campaign_values'
UNION ALL SELECT 'flow_revenue', 'klaviyo', 'flow_values'
UNION ALL SELECT m.metric, 'crisp', 'sales'
  FROM pg_catalog.unnest(ARRAY['retail_units', 'retail_dollars', 'retail_doors', 'retail_points']) AS m (metric)
ON CONFLICT (metric, service, loader) DO NOTHING;

-- By hand a feed has one stream: what several of a service fill together.
INSERT INTO momentum_state.metric_stream (metric, service, loader)
SELECT DISTINCT m.metric, 'manual', v.feed
  FROM momentum_state.metric_stream m
  JOIN (VALUES ('shopify', 'orders', 'orders'), ('shopify', 'sessions_daily', 'sessions_daily'),
               ('shopify', 'subscriptions', 'subscriptions'), ('meta_ads', 'insights', 'ad_performance_daily'),
               ('klaviyo', 'attributed_revenue', 'email_daily'), ('klaviyo', 'list_joins', 'email_daily'),
               ('klaviyo', 'list_leaves', 'email_daily'), ('klaviyo', 'campaign_values', 'email_daily'),
               ('klaviyo', 'flow_values', 'email_daily'), ('crisp', 'sales', 'retail_sales')) v (service, loader, feed)
    ON m.service = v.service AND m.loader = v.loader
ON CONFLICT (metric, service, loader) DO NOTHING;
