"""A simulated ad account: its objects and what its ads did each day."""

import collections
import datetime

PURCHASE_TYPES = (
    'purchase', 'omni_purchase', 'offsite_conversion.fb_pixel_purchase', 'onsite_web_purchase',
    'onsite_web_app_purchase', 'web_in_store_purchase', 'web_app_in_store_purchase')

# One ad on one day.  Money in the currency's smallest unit; "viewed" are the
# purchases credited to a view; "types" names the purchase types that are
# reported, None for all of them.
Fact = collections.namedtuple('Fact', (
    'ad_id day spend impressions clicks link_clicks reach carts checkouts purchases value viewed '
    'types'))


class AdAccount:
    """Objects as the service would show them, and the facts of each day."""

    def __init__(self, number, name, currency, zone, today, first, offset=100):
        self.number = number
        self.zone = zone
        self.today = today
        self.first = first
        self.offset = offset        # smallest units in one unit of the currency
        self.objects = {'Campaign': [], 'AdSet': [], 'Ad': [], 'AdCreative': []}
        self.by_id = {}
        self.facts_by_day = {}
        self.fields = {
            'id': 'act_' + number, 'account_id': number, 'name': name, 'account_status': 1,
            'disable_reason': 0, 'currency': currency, 'timezone_id': 7,
            'timezone_name': str(zone), 'balance': '0', 'spend_cap': '0',
            'timezone_offset_hours_utc': hours_from_utc(zone, today),
            'min_daily_budget': offset, 'created_time': self.time(first),
            'business': {'id': '998877665544332211', 'name': name}}
        self.by_id['act_' + number] = ('AdAccount', self.fields)

    def time(self, day, hour=9, minute=0):
        """A timestamp of the account's zone, offset without colon."""
        moment = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
        return moment.strftime('%Y-%m-%dT%H:%M:%S%z')

    def add(self, kind, **fields):
        """An object; account_id and the configured status are filled in."""
        fields.setdefault('account_id', self.number)
        if 'status' in fields and kind != 'AdCreative':
            fields.setdefault('configured_status', fields['status'])
            fields.setdefault('effective_status', fields['status'])
        self.objects[kind].append(fields)
        self.by_id[fields['id']] = (kind, fields)
        return fields['id']

    def add_fact(self, fact):
        self.facts_by_day.setdefault(fact.day, []).append(fact)

    def facts(self, since, until):
        day = max(since, self.first)
        while day <= min(until, self.today):
            yield from self.facts_by_day.get(day, ())
            day += datetime.timedelta(days=1)

    def finish(self):
        """Totals that follow from the facts."""
        spent = sum(fact.spend for facts in self.facts_by_day.values() for fact in facts)
        self.fields['amount_spent'] = str(spent)
        return self


def hours_from_utc(zone, day):
    moment = datetime.datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return moment.utcoffset().total_seconds() / 3600


def make_fact(ad_id, day, spend, impressions, clicks, purchases=0, value=0, reach=None,
              types=None):
    """A Fact whose funnel in between is derived: link clicks, carts, checkouts."""
    return Fact(ad_id, day, spend, impressions, clicks, clicks * 4 // 5,
                impressions * 93 // 100 if reach is None else reach,
                purchases * 3 + clicks // 40, purchases + purchases // 2, purchases, value,
                purchases // 6, types)
