"""What each simulated Klaviyo endpoint accepts (revision 2026-07-15).

check_klaviyo.py holds these tables against the vendor's OpenAPI file.
"""

REVISIONS = ('2024-10-15', '2025-01-15', '2025-04-15', '2025-07-15', '2025-10-15', '2026-01-15',
             '2026-04-15', '2026-07-15')

# rate limits: calls per second, per minute, per day
XS, S, M, L = (1, 15, None), (3, 60, None), (10, 150, None), (75, 750, None)
REPORT = (1, 2, 225)

RANGE = ('greater-than', 'greater-or-equal', 'less-than', 'less-or-equal')


def names(text):
    return tuple(text.split())


class Endpoint:
    """One path and method: its limits, and what its query may say.

    filters: {field: (type, {single operators}, {list operators})}.
    """

    def __init__(self, kind, rate, scope, fields, page=None, filters=None, sort=(), include=(),
                 additional=(), more_fields=(), query=()):
        self.kind = kind
        self.rate = rate
        self.scope = scope
        self.fields = fields                    # attributes of its own type
        self.page = page                        # (default size, largest); None: no page[size]
        self.filters = filters or {}
        self.sort = sort
        self.include = include
        self.additional = additional
        self.more_fields = more_fields          # other types fields[...] may name
        self.query = query                      # further parameters


def filters(**spec):
    """name='type single,single|list,list' -> the table of Endpoint.filters."""
    table = {}
    for name, text in spec.items():
        kind, _, operators = text.partition(' ')
        single, _, many = operators.partition('|')
        table[name.replace('__', '.')] = (kind, set(filter(None, single.split(','))),
                                          set(filter(None, many.split(','))))
    return table


ALL_RANGE = ','.join(RANGE)
ACCOUNT = names(
    'test_account contact_information contact_information.default_sender_name '
    'contact_information.default_sender_email contact_information.website_url '
    'contact_information.organization_name contact_information.street_address '
    'contact_information.street_address.address1 contact_information.street_address.address2 '
    'contact_information.street_address.city contact_information.street_address.region '
    'contact_information.street_address.country contact_information.street_address.zip industry '
    'timezone preferred_currency public_api_key locale id')
METRIC = names('name created updated integration id')
CAMPAIGN = names(
    'name status archived audiences audiences.included audiences.excluded send_options '
    'send_options.use_smart_sending tracking_options send_strategy send_strategy.method created_at '
    'scheduled_at updated_at send_time id')
MESSAGE = names('definition definition.channel definition.label definition.content '
                'definition.content.subject definition.content.preview_text '
                'definition.content.from_email definition.content.from_label '
                'definition.content.reply_to_email send_times created_at updated_at id')
FLOW = names('name status archived created updated trigger_type id')
LIST = names('name created updated opt_in_process id')
PROFILE = names(
    'email phone_number external_id first_name last_name organization locale title image created '
    'updated last_event_date location location.address1 location.address2 location.city '
    'location.country location.latitude location.longitude location.region location.zip '
    'location.timezone location.ip properties id')

LIST_FILTERS = filters(name='string |any,equals', id='string equals|any,equals',
                       created='date-time greater-than', updated='date-time greater-than')

ENDPOINTS = {
    'GET /api/accounts': Endpoint('account', XS, 'accounts:read', ACCOUNT),
    'GET /api/metrics': Endpoint(
        'metric', M, 'metrics:read', METRIC, more_fields=('flow',), include=('flow-triggers',),
        filters=filters(integration__name='string equals', integration__category='string equals')),
    'GET /api/metrics/{id}': Endpoint('metric', M, 'metrics:read', METRIC, more_fields=('flow',),
                                      include=('flow-triggers',)),
    'GET /api/campaigns': Endpoint(
        'campaign', M, 'campaigns:read', CAMPAIGN, page=(100, 100),
        more_fields=('campaign-message', 'tag'), include=('campaign-messages', 'tags'),
        filters={**filters(id='string |any', messages__channel='string equals',
                           name='string contains', status='string equals|any,equals',
                           archived='boolean equals', created_at='date-time ' + ALL_RANGE,
                           scheduled_at='date-time ' + ALL_RANGE,
                           updated_at='date-time ' + ALL_RANGE)},
        sort=names('created_at id name scheduled_at updated_at')),
    'GET /api/campaigns/{id}': Endpoint(
        'campaign', M, 'campaigns:read', CAMPAIGN, more_fields=('campaign-message', 'tag'),
        include=('campaign-messages', 'tags')),
    'GET /api/campaigns/{id}/campaign-messages': Endpoint(
        'campaign-message', M, 'campaigns:read', MESSAGE,
        more_fields=('campaign', 'image', 'template'), include=('campaign', 'image', 'template')),
    'GET /api/flows': Endpoint(
        'flow', S, 'flows:read', FLOW, page=(50, 50), more_fields=('flow-action', 'tag'),
        include=('flow-actions', 'tags'),
        filters=filters(id='string |any', name='string contains,ends-with,equals,starts-with',
                        status='string equals', archived='boolean equals',
                        created='date-time equals,' + ALL_RANGE,
                        updated='date-time equals,' + ALL_RANGE, trigger_type='string equals'),
        sort=names('created id name status trigger_type updated')),
    'GET /api/lists': Endpoint(
        'list', L, 'lists:read', LIST, page=(10, 10), more_fields=('flow', 'tag'),
        include=('flow-triggers', 'tags'), filters=LIST_FILTERS,
        sort=names('created id name updated')),
    'GET /api/lists/{id}': Endpoint(
        'list', L, 'lists:read', LIST + ('profile_count',), more_fields=('flow', 'tag'),
        include=('flow-triggers', 'tags'), additional=('profile_count',)),
    'GET /api/profiles': Endpoint(
        'profile', L, 'profiles:read', PROFILE, page=(20, 100),
        more_fields=('conversation', 'push-token'), include=('conversations', 'push-tokens'),
        additional=('subscriptions', 'predictive_analytics'),
        filters=filters(id='string equals|any,equals', email='string equals|any,equals',
                        phone_number='string equals|any,equals',
                        external_id='string equals|any,equals',
                        created='date-time greater-than,less-than',
                        updated='date-time greater-than,less-than'),
        sort=names('created email id updated')),
    'POST /api/metric-aggregates': Endpoint('metric-aggregate', S, 'metrics:read',
                                            names('data dates id')),
    'POST /api/campaign-values-reports': Endpoint(
        'campaign-values-report', REPORT, 'campaigns:read', names('id results'),
        query=('page_cursor',)),
    'POST /api/flow-values-reports': Endpoint(
        'flow-values-report', REPORT, 'flows:read', names('id results'), query=('page_cursor',)),
}

ENUMS = {
    'messages.channel': ('email', 'sms', 'mobile_push'),
    'trigger_type': ('Added to List', 'Date Based', 'Low Inventory', 'Metric', 'Price Drop',
                     'Unconfigured'),
    'status': ('Draft', 'Scheduled', 'Preparing to schedule', 'Preparing to send',
               'Queued without Recipients', 'Adding Recipients', 'Sending', 'Sending Segments',
               'Variations Sent', 'Sent', 'Cancelled', 'Cancelled: Smart Sending',
               'Cancelled: Account Disabled', 'Cancelled: No Recipients',
               'Cancelled: Internal Error', 'Cancelled: Billing Limit',
               'Cancelled: Misconfigured', 'Unknown'),
}

INTERVALS = ('hour', 'day', 'week', 'month')
MEASUREMENTS = ('count', 'sum_value', 'unique')
BY = (
    '$attributed_channel', '$attributed_flow', '$attributed_message', '$attributed_variation',
    '$campaign_channel', '$flow', '$flow_channel', '$message', '$message_send_cohort',
    '$usage_amount', '$value_currency', '$variation', '$variation_send_cohort', 'Bot Click',
    'Bounce Type', 'Campaign Name', 'Client Canonical', 'Client Name', 'Client Type',
    'Email Domain', 'Failure Source', 'Failure Type', 'From Number', 'From Phone Region',
    'Inbox Provider', 'List', 'Message Format', 'Message Name', 'Message Type', 'Method',
    'Segment Count', 'Subject', 'To Number', 'To Phone Region', 'URL', 'form_id')
REFUSED_ZONES = ('Factory', 'Europe/Kyiv', 'Pacific/Kanton')

STATISTICS = names(
    'recipients delivered delivery_rate opens opens_unique open_rate clicks clicks_unique '
    'click_rate click_to_open_rate bounced bounce_rate failed failed_rate bounced_or_failed '
    'bounced_or_failed_rate unsubscribes unsubscribe_uniques unsubscribe_rate spam_complaints '
    'spam_complaint_rate conversions conversion_uniques conversion_rate conversion_value '
    'average_order_value revenue_per_recipient message_segment_count_sum '
    'text_message_credit_usage_amount text_message_roi text_message_spend')
TIMEFRAMES = names(
    'today yesterday this_week last_7_days last_week this_month last_30_days last_month '
    'last_90_days last_3_months last_365_days last_12_months this_year last_year')
GROUPS = {
    'campaign': names('campaign_id campaign_message_id campaign_message_name group group_name '
                      'send_channel tag_id tag_name text_message_format variation variation_name'),
    'flow': names('flow_id flow_message_id flow_message_name flow_name send_channel tag_id '
                  'tag_name text_message_format variation variation_name'),
}
SEND_CHANNELS = ('email', 'sms', 'push-notification', 'whatsapp')
