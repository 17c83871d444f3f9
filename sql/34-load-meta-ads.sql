-- Meta Ads into the hub.  Days are days of the ad account and stay so.
-- Conversions keep moving: the last 3 days are read at every run, 28 daily,
-- 90 weekly, and replaced per account and level.
CREATE FUNCTION momentum._loaders_meta_ads() RETURNS SETOF momentum._loader
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    l momentum._loader;
BEGIN
    l := momentum._new_loader('account', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object('account', 'SELECT currency, time_zone, NULL::timestamptz FROM %s');
    l.load := 'momentum._load_account';
    l.whole := true;
    RETURN NEXT l;

    l := momentum._new_loader('insights', 'day');
    l.needed := true;
    l.width := '30 days';
    l.max_width := '120 days';
    l.windows := '{3,28,90}';
    l.restating_days := 28;
    l.channels := '{meta}';
    l.reads := jsonb_build_object('insights', $q$
        SELECT level, account_id, day, account_id, 'meta', account_currency,
               coalesce(spend, 0), coalesce(impressions, 0), coalesce(clicks, 0), reach,
               coalesce(purchases, 0), coalesce(purchase_value, 0)
          FROM %s
         WHERE level = 'account' AND day >= $3 AND day < $4$q$);
    l.target := 'hub.ad_performance_daily';
    l.columns := '{level,account_id,day,object_id,platform,currency,spend,impressions,clicks,reach,purchases,purchase_value}';
    l.keys := '{level,account_id,day,object_id}';
    l.days := '{day}';
    l.restated := 'spend';
    l.scope := 't.level = ''account''';
    RETURN NEXT l;

    -- The same by campaign, for the view of ads; metrics do not use it.
    l.loader := 'insights_campaign';
    l.needed := false;
    l.cadence := '1 hour';
    l.channels := '{}';
    l.reads := jsonb_build_object('insights', $q$
        SELECT level, account_id, day, campaign_id, 'meta', account_currency,
               coalesce(spend, 0), coalesce(impressions, 0), coalesce(clicks, 0), reach,
               coalesce(purchases, 0), coalesce(purchase_value, 0), campaign_id, campaign_name
          FROM %s
         WHERE level = 'campaign' AND day >= $3 AND day < $4$q$);
    l.columns := l.columns || '{campaign_id,campaign_name}'::text[];
    l.scope := 't.level = ''campaign''';
    RETURN NEXT l;

    -- The same by ad, for the view of creatives: a request of more than a week
    -- is too much for the service, and a quarter of a year is enough.
    l.loader := 'insights_ad';
    l.cadence := '6 hours';
    l.width := '7 days';
    l.max_width := '7 days';
    l.windows := '{3,28,28}';
    l.start_setting := 'sync.creatives_start_days';
    l.reads := jsonb_build_object('insights', $q$
        SELECT level, account_id, day, ad_id, 'meta', account_currency,
               coalesce(spend, 0), coalesce(impressions, 0), coalesce(clicks, 0), reach,
               coalesce(purchases, 0), coalesce(purchase_value, 0), campaign_id, campaign_name,
               adset_id, adset_name, ad_id, ad_name
          FROM %s
         WHERE level = 'ad' AND day >= $3 AND day < $4$q$);
    l.columns := l.columns || '{adset_id,adset_name,ad_id,ad_name}'::text[];
    l.scope := 't.level = ''ad''';
    RETURN NEXT l;

    -- Budgets come in the smallest unit of the currency; a campaign holds one,
    -- or its ad sets do.
    l := momentum._new_loader('budgets_campaign', 'full');
    l.cadence := '1 hour';
    l.reads := jsonb_build_object('campaigns', $q$
        SELECT 'campaign', id, 'meta', account_id, id, name, effective_status,
               effective_status IN ('ACTIVE', 'IN_PROCESS', 'WITH_ISSUES'),
               nullif(daily_budget_minor, 0), nullif(lifetime_budget_minor, 0), true, stop_time, updated_time
          FROM %s$q$);
    l.target := 'hub.ad_budgets';
    l.columns := '{level,object_id,platform,account_id,campaign_id,name,status,is_active,daily_budget,lifetime_budget,in_minor_unit,ends_at,source_updated_at}';
    l.keys := '{level,object_id}';
    RETURN NEXT l;

    l.loader := 'budgets_adset';
    l.reads := jsonb_build_object('adsets', $q$
        SELECT 'adset', id, 'meta', account_id, campaign_id, name, effective_status,
               effective_status IN ('ACTIVE', 'IN_PROCESS', 'WITH_ISSUES'),
               nullif(daily_budget_minor, 0), nullif(lifetime_budget_minor, 0), true, end_time, updated_time
          FROM %s$q$);
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_meta_ads() IS 'How Meta Ads gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_meta_ads() FROM PUBLIC;
