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
END
$$;
COMMENT ON FUNCTION momentum._loaders_meta_ads() IS 'How Meta Ads gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_meta_ads() FROM PUBLIC;
