-- TikTok Ads into the hub.  Days are days of the advertiser and stay so.
-- Spend settles within days, conversions keep moving: the last 3 days are
-- read at every run, 28 daily, 90 weekly, and replaced per account and level.
-- Purchases are those the pixel saw completed; what the ad groups optimize for
-- may be anything, and what TikTok Shop sells is not the shop's.
CREATE FUNCTION momentum._loaders_tiktok_ads() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
BEGIN
    l := momentum._new_loader('advertiser', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object('advertiser',
        'SELECT currency, coalesce(nullif(time_zone, ''''), time_zone_offset), to_timestamp(create_time) FROM %s');
    l.load := 'momentum._load_account';
    l.whole := true;
    RETURN NEXT l;

    l := momentum._new_loader('advertiser_daily', 'day');
    l.needed := true;
    l.width := '30 days';
    l.max_width := '360 days';
    l.windows := '{3,28,90}';
    l.restating_days := 28;
    l.channels := '{tiktok}';
    l.reads := jsonb_build_object('advertiser_daily', $q$
        SELECT 'account', advertiser_id, day, advertiser_id, 'tiktok', currency,
               spend, coalesce(impressions, 0), coalesce(clicks, 0), reach,
               coalesce(complete_payment, 0), coalesce(complete_payment_value, 0)
          FROM %s
         WHERE day >= $3 AND day < $4$q$);
    l.target := 'hub.ad_performance_daily';
    l.columns := '{level,account_id,day,object_id,platform,currency,spend,impressions,clicks,reach,purchases,purchase_value}';
    l.keys := '{level,account_id,day,object_id}';
    l.days := '{day}';
    l.restated := 'spend';
    l.scope := 't.level = ''account''';
    RETURN NEXT l;

    -- The same by campaign, for the view of ads; metrics do not use it.
    l.loader := 'campaign_daily';
    l.needed := false;
    l.cadence := '1 hour';
    l.channels := '{}';
    l.reads := jsonb_build_object('campaign_daily', $q$
        SELECT 'campaign', advertiser_id, day, campaign_id, 'tiktok', currency,
               spend, coalesce(impressions, 0), coalesce(clicks, 0), reach,
               coalesce(complete_payment, 0), coalesce(complete_payment_value, 0), campaign_id, campaign_name
          FROM %s
         WHERE day >= $3 AND day < $4$q$);
    l.columns := l.columns || '{campaign_id,campaign_name}'::text[];
    l.scope := 't.level = ''campaign''';
    RETURN NEXT l;

    -- The same by ad, for the view of creatives: a quarter of a year is enough.
    l.loader := 'ad_daily';
    l.cadence := '6 hours';
    l.max_width := '30 days';
    l.windows := '{3,28,28}';
    l.start_setting := 'sync.creatives_start_days';
    l.reads := jsonb_build_object('ad_daily', $q$
        SELECT 'ad', advertiser_id, day, ad_id, 'tiktok', currency,
               spend, coalesce(impressions, 0), coalesce(clicks, 0), reach,
               coalesce(complete_payment, 0), coalesce(complete_payment_value, 0), campaign_id, NULL::text,
               adgroup_id, NULL::text, ad_id, ad_name
          FROM %s
         WHERE day >= $3 AND day < $4$q$);
    l.columns := l.columns || '{adset_id,adset_name,ad_id,ad_name}'::text[];
    l.scope := 't.level = ''ad''';
    RETURN NEXT l;

    -- A campaign holds a budget, or its ad groups do; 0 is none here.
    l := momentum._new_loader('budgets_campaign', 'full');
    l.cadence := '1 hour';
    l.reads := jsonb_build_object('campaigns', $q$
        SELECT 'campaign', campaign_id, 'tiktok', advertiser_id, campaign_id, campaign_name, secondary_status,
               operation_status = 'ENABLE',
               CASE WHEN budget_mode <> 'BUDGET_MODE_TOTAL' THEN nullif(budget, 0) END,
               CASE WHEN budget_mode = 'BUDGET_MODE_TOTAL' THEN nullif(budget, 0) END, false, NULL::timestamptz, modify_time
          FROM %s$q$);
    l.target := 'hub.ad_budgets';
    l.columns := '{level,object_id,platform,account_id,campaign_id,name,status,is_active,daily_budget,lifetime_budget,in_minor_unit,ends_at,source_updated_at}';
    l.keys := '{level,object_id}';
    RETURN NEXT l;

    l.loader := 'budgets_adgroup';
    l.reads := jsonb_build_object('adgroups', $q$
        SELECT 'adset', adgroup_id, 'tiktok', advertiser_id, campaign_id, adgroup_name, secondary_status,
               operation_status = 'ENABLE',
               CASE WHEN budget_mode <> 'BUDGET_MODE_TOTAL' THEN nullif(budget, 0) END,
               CASE WHEN budget_mode = 'BUDGET_MODE_TOTAL' THEN nullif(budget, 0) END, false, NULL::timestamptz, modify_time
          FROM %s$q$);
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_tiktok_ads() IS 'How TikTok Ads gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_tiktok_ads() FROM PUBLIC;
