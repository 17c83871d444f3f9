"""The synchronous report: one row for each object, or each object and day, that delivered."""

import datetime
import json

import tiktok_params as params
from tiktok_params import ApiError

# An id dimension for each level; the attributes that a level may ask as metrics
DIMENSION = {'AUCTION_ADVERTISER': 'advertiser_id', 'AUCTION_CAMPAIGN': 'campaign_id',
             'AUCTION_ADGROUP': 'adgroup_id', 'AUCTION_AD': 'ad_id'}
ATTRIBUTES = {
    'AUCTION_ADVERTISER': ('currency',),
    'AUCTION_CAMPAIGN': ('campaign_name', 'objective_type', 'currency'),
    'AUCTION_ADGROUP': ('campaign_id', 'campaign_name', 'adgroup_name', 'placement_type',
                        'promotion_type', 'currency'),
    'AUCTION_AD': ('campaign_id', 'campaign_name', 'adgroup_id', 'adgroup_name', 'ad_name',
                   'ad_text', 'placement_type', 'promotion_type', 'currency'),
}
METRICS = tuple(
    'spend impressions clicks ctr cpc cpm reach frequency cost_per_1000_reached conversion '
    'cost_per_conversion conversion_rate result cost_per_result complete_payment '
    'total_complete_payment_rate value_per_complete_payment complete_payment_roas purchase '
    'total_purchase_value onsite_shopping total_onsite_shopping_value video_play_actions '
    'video_watched_2s video_watched_6s video_views_p100 average_video_play likes comments shares '
    'follows profile_visits secondary_goal_result'.split())
NOT_BY_DAY = ('cash_spend', 'voucher_spend')
COMPARISONS = ('spend', 'impressions', 'clicks', 'conversion')
FILTER_TYPES = {'IN', 'MATCH', 'GREATER_EQUAL', 'GREATER_THAN', 'LOWER_EQUAL', 'LOWER_THAN',
                'BETWEEN'}
STATUSES = ('STATUS_ALL', 'STATUS_NOT_DELETE', 'STATUS_DELETE')
# From which level down a filter makes sense
FILTER_LEVELS = {'campaign': 1, 'adgroup': 2, 'ad': 3}
KINDS = ('Advertiser', 'Campaign', 'AdGroup', 'Ad')


class Sum:
    """What a row adds up."""

    __slots__ = ('spend', 'impressions', 'clicks', 'reach', 'conversions', 'payments', 'value',
                 'views')

    def __init__(self):
        for name in self.__slots__:
            setattr(self, name, 0)

    def add(self, fact, grown):
        self.spend += fact.spend
        self.impressions += fact.impressions
        self.clicks += fact.clicks
        self.reach += fact.reach
        self.conversions += fact.conversions
        self.payments += fact.payments + round(fact.payments * grown)
        self.value += fact.value + round(fact.value * grown)
        self.views += fact.views


class Report:
    def __init__(self, account, request, restate, max_ids):
        self.account = account
        self.restate = restate / 100.0
        self.check_kind(request)
        self.level = params.enum_param(request, 'data_level', tuple(DIMENSION))
        self.depth = tuple(DIMENSION).index(self.level)
        self.dimensions = params.list_param(
            request, 'dimensions', ('stat_time_day',) + tuple(DIMENSION.values()), required=True)
        self.check_dimensions()
        self.metrics = self.check_metrics(request)
        self.since, self.until = self.check_range(request)
        self.filters = self.check_filters(request, max_ids)
        self.order = self.check_order(request)

    # -- what is asked ---------------------------------------------------------

    @staticmethod
    def check_kind(request):
        kind = params.enum_param(request, 'report_type', (
            'BASIC', 'AUDIENCE', 'PLAYABLE_MATERIAL', 'CATALOG', 'BC', 'TT_SHOP'))
        service = params.enum_param(request, 'service_type', ('AUCTION', 'RESERVATION'), 'AUCTION')
        params.enum_param(request, 'query_mode', ('REGULAR', 'CHUNK'), 'REGULAR')
        if (kind, service) != ('BASIC', 'AUCTION'):
            raise ApiError(40009, 'Not supported here: %s of %s.' % (kind, service))
        for name in ('advertiser_ids', 'bc_id', 'multi_adv_report_in_utc_time'):
            if request.param(name) is not None:
                raise ApiError(40002, 'advertiser_id and %s cannot both be given.' % name)

    def check_dimensions(self):
        found = [d for d in self.dimensions if d != 'stat_time_day']
        if found != [DIMENSION[self.level]]:
            raise ApiError(40002, 'Invalid dimensions for %s: %s' % (self.level, self.dimensions))

    def check_metrics(self, request):
        legal = METRICS + ATTRIBUTES[self.level]
        if 'stat_time_day' not in self.dimensions:
            legal += NOT_BY_DAY
        return params.list_param(request, 'metrics', legal) or ['spend', 'impressions']

    def check_range(self, request):
        if params.bool_param(request, 'query_lifetime'):
            if 'stat_time_day' in self.dimensions:
                raise ApiError(40002, 'query_lifetime allows no time dimension.')
            return self.account.first, self.account.today
        days = []
        for name in ('start_date', 'end_date'):
            text = request.param(name, '')
            try:
                days.append(datetime.datetime.strptime(text, '%Y-%m-%d').date())
            except ValueError:
                raise ApiError(40002, '%s: Not a valid date: %s' % (name, text)) from None
        if days[0] > days[1]:
            raise ApiError(40002, 'start_date must not be later than end_date.')
        most = 30 if 'stat_time_day' in self.dimensions else 365
        if (days[1] - days[0]).days + 1 > most:
            raise ApiError(40002, 'The time range of %s to %s is longer than %d days.' % (
                days[0], days[1], most))
        return days

    def check_filters(self, request, max_ids):
        """(attribute of an ad, wanted values) and (metric, type, bound) pairs."""
        found = []
        for item in params.json_param(request, 'filtering', list) or []:
            if not isinstance(item, dict) or set(item) != {'field_name', 'filter_type',
                                                           'filter_value'}:
                raise ApiError(40002, 'filtering: Invalid element.')
            name, kind, value = item['field_name'], item['filter_type'], item['filter_value']
            if kind not in FILTER_TYPES:
                raise ApiError(40002, 'Invalid filter_type: %s' % kind)
            if not isinstance(value, str):
                raise ApiError(40002, 'filter_value of %s: Not a valid string.' % name)
            owner = name.rpartition('_')[0]
            if name in COMPARISONS:
                found.append((name, kind, number(name, value)))
            elif owner not in FILTER_LEVELS or FILTER_LEVELS[owner] > self.depth:
                raise ApiError(40002, 'Invalid filter field %s for %s.' % (name, self.level))
            elif kind != 'IN':
                raise ApiError(40002, 'Invalid filter_type of %s: %s' % (name, kind))
            elif name.endswith('_ids'):
                found.append((owner + '_id', 'IN', params.ids(name, inner(name, value), max_ids)))
            elif name.endswith('_status'):
                found.append((owner, 'STATUS', params.strings(name, inner(name, value), STATUSES)))
            else:
                raise ApiError(40002, 'Invalid filter field: %s' % name)
        return found

    def check_order(self, request):
        field = request.param('order_field')
        descending = params.enum_param(request, 'order_type', ('ASC', 'DESC'), 'DESC') == 'DESC'
        if field is None:
            return None
        if field not in self.metrics + self.dimensions:
            raise ApiError(40002, 'Invalid order_field: %s' % field)
        return field, descending

    # -- what is answered -------------------------------------------------------

    def groups(self):
        """((id, day or None), Sum) of every row, in the order asked for."""
        sums = {}
        by_day = 'stat_time_day' in self.dimensions
        fresh = self.account.today - datetime.timedelta(days=28)
        for fact in self.account.facts(self.since, self.until):
            ad = self.account.ads[fact.ad_id]
            if not self.counts(ad):
                continue
            key = (ad[DIMENSION[self.level]], fact.day if by_day else None)
            sums.setdefault(key, Sum()).add(fact, self.restate if fact.day >= fresh else 0)
        rows = [(key, total) for key, total in sums.items() if self.within(total)]
        rows.sort(key=lambda row: (str(row[0][1]), row[0][0]))
        if self.order is not None:
            field, descending = self.order
            rows.sort(key=lambda row: self.sort_key(row, field), reverse=descending)
        return rows

    def sort_key(self, row, field):
        if field in self.dimensions:
            return self.dimension(row, field)
        value = self.metric(row, field)
        return str(value) if field in ATTRIBUTES[self.level] else float(
            0 if value in (None, '', '-') else value)

    def counts(self, ad):
        """Objects that are gone count only above their level, unless they are asked for."""
        wanted = {name: value for name, kind, value in self.filters if kind == 'STATUS'}
        for depth, owner in enumerate(('campaign', 'adgroup', 'ad'), 1):
            if depth > self.depth:
                break
            is_gone = self.account.is_gone(KINDS[depth], ad[owner + '_id'])
            status = wanted.get(owner, ['STATUS_NOT_DELETE'] if depth == self.depth
                                else ['STATUS_ALL'])
            if 'STATUS_ALL' not in status and (
                    'STATUS_DELETE' if is_gone else 'STATUS_NOT_DELETE') not in status:
                return False
        return all(ad[name] in value for name, kind, value in self.filters if kind == 'IN')

    def within(self, total):
        for name, kind, bound in self.filters:
            if name not in COMPARISONS:
                continue
            value = {'spend': total.spend / self.account.offset, 'impressions': total.impressions,
                     'clicks': total.clicks, 'conversion': total.conversions}[name]
            if not {'GREATER_EQUAL': value >= bound, 'GREATER_THAN': value > bound,
                    'LOWER_EQUAL': value <= bound, 'LOWER_THAN': value < bound}.get(kind, False):
                return False
        return True

    def dimension(self, row, name):
        return '%s 00:00:00' % row[0][1] if name == 'stat_time_day' else row[0][0]

    def row(self, row):
        return {'dimensions': {name: self.dimension(row, name) for name in self.dimensions},
                'metrics': {name: self.metric(row, name) for name in self.metrics}}

    def totals(self):
        whole = Sum()
        for _, part in self.groups():
            for name in Sum.__slots__:
                setattr(whole, name, getattr(whole, name) + getattr(part, name))
        return {name: self.measure(whole, name) for name in self.metrics if name in METRICS}

    def metric(self, row, name):
        """Attributes of the object; ids among them are numbers here."""
        if name in METRICS or name in NOT_BY_DAY:
            return self.measure(row[1], name)
        if name == 'currency':
            return self.account.fields['currency']
        value = self.account.by_id[KINDS[self.depth], row[0][0]].get(name)
        return int(value) if name.endswith('_id') else value

    def measure(self, s, name):
        """Counters and money are strings, plays are numbers, some are not there at all."""
        spend, value = s.spend / self.account.offset, s.value / self.account.offset
        money = '%%.%df' % (2 if self.account.offset == 100 else 0)
        if name in ('spend', 'cash_spend'):
            return money % spend
        if name in ('voucher_spend', 'total_purchase_value', 'total_onsite_shopping_value'):
            return money % 0
        if name in ('purchase', 'onsite_shopping'):
            return '0'
        if name == 'secondary_goal_result':
            return None
        if name in ('impressions', 'clicks', 'reach'):
            return str(getattr(s, name))
        if name in ('conversion', 'result'):
            return str(s.conversions)
        if name == 'complete_payment':
            return str(s.payments)
        if name == 'total_complete_payment_rate':
            return money % value
        if name in ('video_play_actions', 'video_watched_2s', 'video_watched_6s',
                    'video_views_p100'):
            return s.views // {'video_play_actions': 1, 'video_watched_2s': 2,
                               'video_watched_6s': 5, 'video_views_p100': 9}[name]
        if name == 'average_video_play':
            return round(1.4 + s.clicks % 7 / 10.0, 2)
        if name in ('likes', 'comments', 'shares', 'follows', 'profile_visits'):
            return s.clicks // {'likes': 2, 'comments': 19, 'shares': 13, 'follows': 17,
                                'profile_visits': 11}[name]
        return ratio(name, s, spend, value)


def ratio(name, s, spend, value):
    """Percent where it is a rate; "-" where there is nothing to divide by."""
    top, bottom = {
        'ctr': (100 * s.clicks, s.impressions), 'cpc': (spend, s.clicks),
        'cpm': (1000 * spend, s.impressions), 'frequency': (s.impressions, s.reach),
        'cost_per_1000_reached': (1000 * spend, s.reach),
        'cost_per_conversion': (spend, s.conversions), 'cost_per_result': (spend, s.conversions),
        'conversion_rate': (100 * s.conversions, s.clicks),
        'value_per_complete_payment': (value, s.payments),
        'complete_payment_roas': (value, spend)}[name]
    return '%.2f' % (top / bottom) if bottom else '-'


def inner(name, text):
    """The list that a filter's value holds as text."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, list) or not value:
        raise ApiError(40002, 'filter_value of %s: Not a valid list: %s' % (name, text))
    return value


def number(name, text):
    try:
        return float(text)
    except ValueError:
        raise ApiError(40002, 'filter_value of %s: Not a valid number: %s' % (name, text)) from None
