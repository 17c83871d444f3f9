"""What TikTok's endpoints take: parameters, fields, filters, and what each may hold."""

import json
import re
import urllib.parse


class ApiError(Exception):
    """An error of the service: a code and its words, inside a 200."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


PAGING = ('page', 'page_size')
INFO_PARAMETERS = ('advertiser_ids', 'fields')
ENTITY_PARAMETERS = ('advertiser_id', 'fields', 'filtering') + PAGING
REPORT_PARAMETERS = (
    'advertiser_id', 'advertiser_ids', 'bc_id', 'service_type', 'report_type', 'data_level',
    'dimensions', 'metrics', 'enable_total_metrics', 'start_date', 'end_date', 'query_lifetime',
    'multi_adv_report_in_utc_time', 'order_field', 'order_type', 'filtering',
    'query_mode') + PAGING

FIELDS = {
    'Advertiser': tuple(
        'advertiser_id name currency timezone display_timezone status role country language '
        'company industry description balance create_time email contacter address'.split()),
    'Campaign': tuple(
        'advertiser_id campaign_id campaign_name campaign_type objective objective_type '
        'budget budget_mode budget_optimize_on operation_status secondary_status bid_type '
        'deep_bid_type optimization_goal roas_bid is_smart_performance_campaign '
        'is_new_structure create_time modify_time'.split()),
    'AdGroup': tuple(
        'advertiser_id campaign_id campaign_name adgroup_id adgroup_name placement_type '
        'placements promotion_type optimization_goal optimization_event billing_event bid_type '
        'bid_price conversion_bid_price budget budget_mode pacing gender age_groups location_ids '
        'schedule_type schedule_start_time schedule_end_time operation_status secondary_status '
        'create_time modify_time'.split()),
    'Ad': tuple(
        'advertiser_id campaign_id campaign_name adgroup_id adgroup_name ad_id ad_name ad_format '
        'ad_text call_to_action landing_page_url video_id image_ids tiktok_item_id identity_id '
        'identity_type display_name operation_status secondary_status create_time '
        'modify_time'.split()),
}

# What the JSON object "filtering" of an entity may hold: lists of ids, words
ID_FILTERS = {'campaign': ('campaign_ids',), 'adgroup': ('campaign_ids', 'adgroup_ids'),
              'ad': ('campaign_ids', 'adgroup_ids', 'ad_ids')}
SECONDARY = {
    'campaign': ('CAMPAIGN_STATUS_ALL', 'CAMPAIGN_STATUS_NOT_DELETE', 'CAMPAIGN_STATUS_DELETE',
                 'CAMPAIGN_STATUS_ENABLE', 'CAMPAIGN_STATUS_DISABLE'),
    'adgroup': ('ADGROUP_STATUS_ALL', 'ADGROUP_STATUS_NOT_DELETE', 'ADGROUP_STATUS_DELETE',
                'ADGROUP_STATUS_DELIVERY_OK', 'ADGROUP_STATUS_DISABLE',
                'ADGROUP_STATUS_CAMPAIGN_DISABLE'),
    'ad': ('AD_STATUS_ALL', 'AD_STATUS_NOT_DELETE', 'AD_STATUS_DELETE', 'AD_STATUS_DELIVERY_OK',
           'AD_STATUS_DISABLE', 'AD_STATUS_AUDIT_DENY', 'AD_STATUS_CAMPAIGN_DISABLE'),
}


def check_known(request, known):
    """No parameter but those, and none twice."""
    for name, values in request.query.items():
        if name not in known:
            raise ApiError(40002, '%s: Unknown field.' % name)
        if len(values) > 1:
            raise ApiError(40002, '%s: Given more than once.' % name)


def int_param(request, name, default, low, high):
    text = request.param(name)
    if text is None:
        return default
    if not text.isdigit():
        raise ApiError(40002, '%s: Not a valid integer.' % name)
    if int(text) < low or high is not None and int(text) > high:
        raise ApiError(40002, '%s: Must be greater than or equal to %d%s.' % (
            name, low, '' if high is None else ' and less than or equal to %d' % high))
    return int(text)


def bool_param(request, name):
    text = request.param(name, 'false')
    if text not in ('true', 'false'):
        raise ApiError(40002, '%s: Not a valid boolean.' % name)
    return text == 'true'


def enum_param(request, name, known, default=None):
    text = request.param(name, default)
    if text is None:
        raise ApiError(40002, '%s: Missing data for required field.' % name)
    if text not in known:
        raise ApiError(40002, '%s: Must be one of %s.' % (name, ', '.join(known)))
    return text


def json_param(request, name, kind):
    """JSON in the query: compact, and encoded to the last character; None when absent."""
    text = request.param(name)
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        raise ApiError(40002, '%s: Not a valid JSON.' % name) from None
    if not isinstance(value, kind):
        raise ApiError(40002, '%s: Not a valid %s.' % (
            name, {list: 'list', dict: 'object'}[kind]))
    raw = [part.partition('=')[2] for part in request.raw_query.split('&')
           if urllib.parse.unquote(part.partition('=')[0]) == name][0]
    if set(raw) & set('[]{}", +') or re.search(r'\s', re.sub(r'"(\\.|[^"\\])*"', '', text)):
        raise ApiError(40002, '%s: Must be compact JSON, encoded.' % name)
    return value


def strings(name, value, known=None, most=None):
    """A list of strings of some vocabulary, none twice."""
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ApiError(40002, '%s: Not a list of strings.' % name)
    wrong = [v for v in value if known is not None and v not in known]
    if wrong:
        raise ApiError(40002, 'Invalid %s: %s' % (name, wrong))
    if len(set(value)) < len(value):
        raise ApiError(40002, '%s: Holds the same value twice.' % name)
    if most is not None and len(value) > most:
        raise ApiError(40011, '%s: Too many ids, at most %d.' % (name, most))
    return value


def list_param(request, name, known=None, required=False, most=None):
    value = json_param(request, name, list)
    if value is None:
        if required:
            raise ApiError(40002, '%s: Missing data for required field.' % name)
        return None
    if not value:
        raise ApiError(40002, '%s: Shorter than minimum length 1.' % name)
    return strings(name, value, known, most)


def ids(name, value, most):
    for v in strings(name, value, None, most):
        if not v.isdigit():
            raise ApiError(40002, '%s: Not a valid integer: %s' % (name, v))
    return value


def entity_filter(request, name, most):
    """A predicate from "filtering", an object; deleted ones hide by default."""
    given = json_param(request, 'filtering', dict) or {}
    keeps = []
    shows_deleted = False
    for key, value in given.items():
        if key in ID_FILTERS[name]:
            keeps.append((key[:-1], set(ids(key, value, most))))
        elif key == 'secondary_status':
            if value not in SECONDARY[name]:
                raise ApiError(40002, 'Invalid secondary_status: %s' % value)
            shows_deleted = value.endswith(('_STATUS_ALL', '_STATUS_DELETE'))
            if not value.endswith(('_STATUS_ALL', '_STATUS_NOT_DELETE')):
                keeps.append(('secondary_status', {value}))
        else:
            raise ApiError(40002, 'filtering.%s: Unknown field.' % key)
    return lambda item: ((shows_deleted or not item['secondary_status'].endswith('_DELETE'))
                         and all(item[field] in wanted for field, wanted in keeps))
