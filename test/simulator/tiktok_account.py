"""A simulated TikTok ad account: its objects and what its ads did each day."""

import collections
import datetime

# One ad on one day; money in the currency's smallest unit.  "conversions" are those
# the ad group optimizes for, "payments" the completed payments of the pixel.
Fact = collections.namedtuple('Fact', (
    'ad_id day spend impressions clicks reach conversions payments value views'))


class Account:
    """Objects as the service would show them, and the facts of each day."""

    def __init__(self, number, name, currency, zone, today, first, offset=100):
        self.number = number
        self.zone = zone
        self.today = today
        self.first = first
        self.offset = offset        # smallest units in one unit of the currency
        self.objects = {'Campaign': [], 'AdGroup': [], 'Ad': []}
        self.by_id = {}
        self.ads = {}
        self.facts_by_day = {}
        hours = -int(datetime.datetime(first.year, first.month, first.day, tzinfo=zone)
                     .utcoffset().total_seconds() // 3600)
        self.fields = {
            'advertiser_id': number, 'name': name, 'currency': currency,
            'timezone': 'Etc/GMT%+d' % hours, 'display_timezone': str(zone),
            'status': 'STATUS_ENABLE', 'role': 'ROLE_ADVERTISER', 'country': 'US',
            'language': 'en', 'company': name, 'industry': '291001', 'description': None,
            'balance': 0, 'create_time': self.unix(first), 'email': 'a***s@example.com',
            'contacter': '***', 'address': None}
        self.by_id['Advertiser', number] = self.fields

    def unix(self, day):
        return int(datetime.datetime(day.year, day.month, day.day,
                                     tzinfo=self.zone).timestamp())

    @staticmethod
    def time(day, hour=9, minute=0, second=0):
        """As the service writes instants: UTC, without saying so."""
        return '%s %02d:%02d:%02d' % (day, hour, minute, second)

    def add(self, kind, **fields):
        """An object; what it inherits from those above it is filled in."""
        key = {'Campaign': 'campaign_id', 'AdGroup': 'adgroup_id', 'Ad': 'ad_id'}[kind]
        above = {}
        if kind != 'Campaign':
            campaign = self.by_id['Campaign', fields['campaign_id']]
            above['campaign_name'] = campaign['campaign_name']
        if kind == 'Ad':
            group = self.by_id['AdGroup', fields['adgroup_id']]
            above['adgroup_name'] = group['adgroup_name']
            above['placement_type'] = group['placement_type']
            above['promotion_type'] = group['promotion_type']
        item = {'advertiser_id': self.number, **above, **fields}
        self.by_id[kind, fields[key]] = item
        shown = {k: v for k, v in item.items()
                 if kind != 'Ad' or k not in ('placement_type', 'promotion_type')}
        self.objects[kind].append(shown)
        if kind == 'Ad':
            self.ads[fields['ad_id']] = {
                'advertiser_id': self.number, 'campaign_id': fields['campaign_id'],
                'adgroup_id': fields['adgroup_id'], 'ad_id': fields['ad_id']}

    def is_gone(self, kind, number):
        return self.by_id[kind, number]['secondary_status'].endswith('_DELETE')

    def add_fact(self, *values):
        fact = Fact(*values)
        self.facts_by_day.setdefault(fact.day, []).append(fact)

    def facts(self, since, until):
        day = max(since, self.first)
        while day <= min(until, self.today):
            yield from self.facts_by_day.get(day, ())
            day += datetime.timedelta(days=1)
