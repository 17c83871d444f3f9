"""What the simulated Graph API knows: fields, parameters, enums, versions.

Only names that the simulator can serve; a field that the real service has and
this list has not is answered as unknown, so that nothing is asked in vain.
"""

LIVE_VERSIONS = ('v21.0', 'v22.0', 'v23.0', 'v24.0', 'v25.0', 'v26.0')


def names(text):
    return tuple(text.split())


# a field of these names holds an object of that type: creative{id,name}
LINKS = {
    ('Ad', 'creative'): 'AdCreative', ('Ad', 'adset'): 'AdSet', ('Ad', 'campaign'): 'Campaign',
    ('AdSet', 'campaign'): 'Campaign',
}

FIELDS = {
    'AdAccount': names(
        'id account_id name account_status disable_reason currency timezone_id timezone_name '
        'timezone_offset_hours_utc amount_spent balance spend_cap min_daily_budget created_time '
        'business'),
    'Campaign': names(
        'id account_id name objective status configured_status effective_status buying_type '
        'bid_strategy daily_budget lifetime_budget budget_remaining spend_cap start_time stop_time '
        'created_time updated_time special_ad_categories pacing_type smart_promotion_type '
        'is_adset_budget_sharing_enabled source_campaign_id issues_info'),
    'AdSet': names(
        'id account_id campaign_id campaign name status configured_status effective_status '
        'daily_budget lifetime_budget budget_remaining daily_min_spend_target daily_spend_cap '
        'lifetime_min_spend_target lifetime_spend_cap bid_amount bid_strategy billing_event '
        'optimization_goal attribution_spec promoted_object targeting learning_stage_info '
        'start_time end_time created_time updated_time pacing_type destination_type'),
    'Ad': names(
        'id account_id campaign_id campaign adset_id adset name creative status configured_status '
        'effective_status tracking_specs conversion_specs preview_shareable_link created_time '
        'updated_time'),
    'AdCreative': names(
        'id account_id name title body status object_type call_to_action_type image_hash image_url '
        'thumbnail_url video_id link_url url_tags object_story_id effective_object_story_id '
        'instagram_permalink_url object_story_spec asset_feed_spec product_set_id'),
    'AdsInsights': names(
        'account_id account_name account_currency campaign_id campaign_name adset_id adset_name '
        'ad_id ad_name objective buying_type optimization_goal attribution_setting spend '
        'social_spend impressions clicks reach frequency cpc cpm cpp ctr inline_link_clicks '
        'inline_link_click_ctr cost_per_inline_link_click inline_post_engagement actions '
        'action_values conversions conversion_values cost_per_action_type purchase_roas '
        'website_purchase_roas mobile_app_purchase_roas outbound_clicks outbound_clicks_ctr '
        'website_ctr video_p25_watched_actions video_p50_watched_actions '
        'video_p75_watched_actions video_p100_watched_actions quality_ranking '
        'engagement_rate_ranking conversion_rate_ranking created_time updated_time date_start '
        'date_stop'),
}

EDGES = {'campaigns': 'Campaign', 'adsets': 'AdSet', 'ads': 'Ad', 'adcreatives': 'AdCreative'}

PAGING = ('fields', 'limit', 'after', 'before', 'pretty')
COMMON = ('access_token', 'appsecret_proof', 'fields', 'pretty', 'suppress_http_code', 'locale')
EDGE_PARAMETERS = {
    'campaigns': names('effective_status is_completed date_preset time_range filtering'),
    'adsets': names('effective_status is_completed date_preset time_range updated_since '
                    'filtering'),
    'ads': names('effective_status date_preset time_range updated_since filtering'),
    'adcreatives': names('thumbnail_width thumbnail_height'),
    'adaccounts': (),
    'insights': names(
        'level time_range time_ranges date_preset time_increment filtering sort breakdowns '
        'action_breakdowns action_attribution_windows action_report_time '
        'use_unified_attribution_setting use_account_attribution_setting'),
}

STATUSES = {
    'Campaign': names('ACTIVE PAUSED DELETED ARCHIVED IN_PROCESS WITH_ISSUES'),
    'AdSet': names('ACTIVE PAUSED DELETED CAMPAIGN_PAUSED ARCHIVED IN_PROCESS WITH_ISSUES'),
    'Ad': names('ACTIVE PAUSED DELETED PENDING_REVIEW DISAPPROVED PREAPPROVED '
                'PENDING_BILLING_INFO CAMPAIGN_PAUSED ARCHIVED ADSET_PAUSED IN_PROCESS '
                'WITH_ISSUES'),
}
HIDDEN = ('ARCHIVED', 'DELETED')

LEVELS = ('account', 'campaign', 'adset', 'ad')
PRESETS = names(
    'today yesterday last_3d last_7d last_14d last_28d last_30d last_90d this_month last_month '
    'this_quarter last_quarter this_year last_year this_week_mon_today this_week_sun_today '
    'last_week_mon_sun last_week_sun_sat maximum data_maximum')
WINDOWS = names('1d_click 7d_click 28d_click 1d_view 7d_view 28d_view 1d_ev dda default '
                'skan_click skan_view')
DEAD_WINDOWS = ('7d_view', '28d_view')      # accepted, but nothing comes back
REPORT_TIMES = names('impression conversion mixed lifetime')
OPERATORS = names(
    'EQUAL NOT_EQUAL GREATER_THAN GREATER_THAN_OR_EQUAL LESS_THAN LESS_THAN_OR_EQUAL IN_RANGE '
    'NOT_IN_RANGE CONTAIN NOT_CONTAIN STARTS_WITH IN NOT_IN ANY ALL NONE AFTER BEFORE')
METRICS = names('spend impressions clicks reach frequency cpc cpm cpp ctr inline_link_clicks '
                'inline_link_click_ctr cost_per_inline_link_click social_spend')
# currencies whose smallest unit is the unit itself
WHOLE_UNITS = names('CLP COP CRC HUF ISK IDR JPY KRW PYG TWD VND')
