-- Klaviyo into the hub.  Attributed revenue comes by event time from the
-- metric aggregates, one call per year and metric.  The campaign and flow
-- reports allow 225 calls a day and 2 a minute, and answer for a span of
-- days without telling them apart: so one day per slice, slices apart.
CREATE FUNCTION momentum._loaders_klaviyo() RETURNS SETOF momentum._loader
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

    l := momentum._new_loader('attributed_revenue', 'day');
    l.needed := true;
    l.width := '90 days';
    l.max_width := '360 days';
    l.windows := '{3,7,30}';
    l.restating_days := 3;
    l.channels := '{email}';
    l.load := 'momentum._load_klaviyo';
    l.whole := true;
    l.reads := jsonb_build_object(
        'metrics', 'SELECT id, name, integration_name FROM %s',
        'metric_aggregates', $q$
        SELECT 'attributed', day, lower(trim(dimension)), '', '', sum(count), sum(sum_value)
          FROM %s
         WHERE metric_id = $6 AND day >= $3 AND day < $4 AND trim(dimension) <> ''
         GROUP BY day, lower(trim(dimension))
        HAVING sum(count) <> 0 OR sum(sum_value) <> 0$q$);
    l.target := 'hub.email_daily';
    l.columns := '{kind,day,channel,object_id,message_id,events,revenue}';
    l.keys := '{kind,day,channel,object_id,message_id}';
    l.days := '{day}';
    l.restated := 'revenue';
    l.scope := 't.kind = ''attributed''';
    RETURN NEXT l;

    l.loader := 'list_joins';
    l.needed := false;
    l.cadence := '1 hour';
    l.restated := NULL;
    l.columns := '{kind,day,channel,object_id,message_id,events}';
    l.reads := l.reads || jsonb_build_object('metric_aggregates', $q$
        SELECT 'list_joins', day, 'email', '', '', sum(count)
          FROM %s
         WHERE metric_id = $6 AND day >= $3 AND day < $4
         GROUP BY day
        HAVING sum(count) <> 0$q$);
    l.scope := 't.kind = ''list_joins''';
    RETURN NEXT l;

    l.loader := 'list_leaves';
    l.reads := l.reads || jsonb_build_object('metric_aggregates', $q$
        SELECT 'list_leaves', day, 'email', '', '', sum(count)
          FROM %s
         WHERE metric_id = $6 AND day >= $3 AND day < $4
         GROUP BY day
        HAVING sum(count) <> 0$q$);
    l.scope := 't.kind = ''list_leaves''';
    RETURN NEXT l;

    l := momentum._new_loader('campaign_values', 'day');
    l.cadence := '1 day';
    l.pace := '1 minute';
    l.width := '1 day';
    l.max_width := '1 day';
    l.windows := '{7,7,30}';
    l.start_setting := 'sync.reports_start_days';
    l.restating_days := 7;
    l.channels := '{email}';
    l.load := 'momentum._load_klaviyo';
    l.whole := true;
    l.reads := jsonb_build_object(
        'metrics', 'SELECT id, name, integration_name FROM %s',
        'campaign_values', $q$
        SELECT 'campaign', day, lower(coalesce(nullif(trim(send_channel), ''), 'email')), campaign_id,
               coalesce(campaign_message_id, ''), conversions, conversion_value, recipients, delivered,
               opens, opens_unique, clicks, clicks_unique, unsubscribes, spam_complaints
          FROM %s
         WHERE conversion_metric_id = $6 AND day >= $3 AND day < $4$q$);
    l.target := 'hub.email_daily';
    l.columns := '{kind,day,channel,object_id,message_id,events,revenue,recipients,delivered,opens,opens_unique,clicks,clicks_unique,unsubscribes,spam_complaints}';
    l.keys := '{kind,day,channel,object_id,message_id}';
    l.days := '{day}';
    l.restated := 'revenue';
    l.scope := 't.kind = ''campaign''';
    RETURN NEXT l;

    l.loader := 'flow_values';
    l.reads := jsonb_build_object(
        'metrics', l.reads -> 'metrics',
        'flow_values', $q$
        SELECT 'flow', day, lower(coalesce(nullif(trim(send_channel), ''), 'email')), flow_id,
               coalesce(flow_message_id, ''), conversions, conversion_value, recipients, delivered,
               opens, opens_unique, clicks, clicks_unique, unsubscribes, spam_complaints
          FROM %s
         WHERE conversion_metric_id = $6 AND day >= $3 AND day < $4$q$);
    l.scope := 't.kind = ''flow''';
    RETURN NEXT l;

    l := momentum._new_loader('campaigns', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object('campaigns', $q$
        SELECT 'campaign', id, name, channel, status, archived, created_at, send_time, updated_at FROM %s$q$);
    l.target := 'hub.email_messages';
    l.columns := '{kind,object_id,name,channel,status,archived,created_at,send_time,source_updated_at}';
    l.keys := '{kind,object_id}';
    RETURN NEXT l;

    l.loader := 'flows';
    l.reads := jsonb_build_object('flows', $q$
        SELECT 'flow', id, name, NULL::text, status, archived, created, NULL::timestamptz, updated FROM %s$q$);
    RETURN NEXT l;

    l := momentum._new_loader('lists', 'full');
    l.cadence := '1 day';
    l.reads := jsonb_build_object('lists', 'SELECT id, name, opt_in_process, created, updated FROM %s');
    l.target := 'hub.email_lists';
    l.columns := '{list_id,name,opt_in_process,created_at,source_updated_at}';
    l.keys := '{list_id}';
    RETURN NEXT l;
END
$$;
COMMENT ON FUNCTION momentum._loaders_klaviyo() IS 'How Klaviyo gets into the hub.';
REVOKE ALL ON FUNCTION momentum._loaders_klaviyo() FROM PUBLIC;

-- Several metrics may bear one name, one per integration; an account may
-- spell the metric of unsubscriptions out.
CREATE FUNCTION momentum._load_klaviyo(s momentum._slice, l momentum._loader) RETURNS momentum._slice_result
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    key CONSTANT text := CASE l.loader WHEN 'list_joins' THEN 'klaviyo.join_metric'
                                       WHEN 'list_leaves' THEN 'klaviyo.leave_metric'
                                       ELSE 'klaviyo.revenue_metric' END;
    metric CONSTANT text := momentum._setting(s.brand, key);
    integration CONSTANT text := CASE WHEN key = 'klaviyo.revenue_metric'
                                      THEN momentum._setting(s.brand, 'klaviyo.revenue_integration') END;
    result momentum._slice_result;
BEGIN
    EXECUTE format('SELECT q.id FROM (%s) AS q (id, name, integration)'
                   ' WHERE lower(q.name) = lower($1) OR starts_with(lower(q.name), lower($1) || '' '')'
                   ' ORDER BY lower(q.name) <> lower($1), lower(q.integration) IS DISTINCT FROM lower($2), length(q.name), q.id'
                   ' LIMIT 1', momentum._read(s, l, 'metrics'))
        INTO s.argument USING metric, integration;
    IF s.argument IS NULL THEN
        RAISE EXCEPTION 'metric "%" does not exist in Klaviyo', metric
            USING ERRCODE = 'undefined_object',
                  HINT = format('Name the right one with momentum.set_setting(%L, %L, …).', s.brand, key);
    END IF;
    l.reads := l.reads - 'metrics';
    result := momentum._load_rows(s, l);
    IF 'revenue' = ANY (l.columns)
       AND s.currency <> (SELECT c.currency FROM momentum_state.source c WHERE c.brand = s.brand AND c.source = s.source) THEN
        result.foreign_rows := result.stored;
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION momentum._load_klaviyo(momentum._slice, momentum._loader) IS 'Finds the id of the metric a slice is about, then loads its rows.';
REVOKE ALL ON FUNCTION momentum._load_klaviyo(momentum._slice, momentum._loader) FROM PUBLIC;
