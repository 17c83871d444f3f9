"""The story's TikTok account: a small second channel, begun late, growing dearer.

It starts three hundred days before the end and spends a little beside the story's
other ads; the customers it brings are among those the shop counts anyway, and what it
claims of them overlaps with what the other platform claims.  All is drawn from the
story's seed, day by day, so that asking for a day changes nothing.
"""

import datetime
import random

from story_ads import deal
from tiktok_account import Account, Fact

ADVERTISER = '7012345678901234567'
BEGAN = 300             # days before today
CAMPAIGNS = ('Spark Ads - Prospecting', 'Spark Ads - Retargeting')
GROUPS = ((0, 'US 18-34', 0.5), (0, 'Dog owners', 0.3), (1, 'Visitors 30 days', 0.2))
CONCEPTS = ('UGC bath time', 'Groomer duet', 'Before and after')


class StoryAccount(Account):
    """Facts are made of the story's days; past ones are kept."""

    def __init__(self, story):
        first = story.today - datetime.timedelta(days=BEGAN)
        super().__init__(ADVERTISER, 'Wagwell TikTok', 'USD', story.zone, story.today, first)
        self.story = story
        self.weights = {}
        for number, name in enumerate(CAMPAIGNS, 1):
            self.add('Campaign', campaign_id='17810000000000001%02d' % number, campaign_name=name,
                     campaign_type='REGULAR_CAMPAIGN', objective_type='WEB_CONVERSIONS',
                     budget=0.0, budget_mode='BUDGET_MODE_INFINITE', operation_status='ENABLE',
                     secondary_status='CAMPAIGN_STATUS_ENABLE',
                     create_time=self.time(first), modify_time=self.time(first, 16, 20))
        for number, (parent, name, share) in enumerate(GROUPS, 1):
            above = '17810000000000001%02d' % (parent + 1)
            group = '17810000000000002%02d' % number
            self.add('AdGroup', campaign_id=above, adgroup_id=group, adgroup_name=name,
                     placement_type='PLACEMENT_TYPE_AUTOMATIC', promotion_type='WEBSITE',
                     optimization_goal='CONVERT', optimization_event='ON_WEB_ORDER',
                     billing_event='OCPM', budget=100.0, budget_mode='BUDGET_MODE_DAY',
                     operation_status='ENABLE', secondary_status='ADGROUP_STATUS_DELIVERY_OK',
                     create_time=self.time(first), modify_time=self.time(first, 16, 25))
            for place, concept in enumerate(CONCEPTS[:1 + number % 3]):
                ad = '17810000000000003%d%d' % (number, place)
                self.add('Ad', campaign_id=above, adgroup_id=group, ad_id=ad, ad_name=concept,
                         ad_format='SINGLE_VIDEO', ad_text=concept, call_to_action='SHOP_NOW',
                         landing_page_url='https://wagwell.example/', operation_status='ENABLE',
                         secondary_status='AD_STATUS_DELIVERY_OK', create_time=self.time(first, 8),
                         modify_time=self.time(first, 18, 30))
                self.weights[ad] = share / (place + 1.0)

    def facts(self, since, until):
        day = max(since, self.first)
        while day <= min(until, self.today):
            if day == self.today:
                yield from self.make(day, self.story.elapsed())
            else:
                if day not in self.facts_by_day:
                    self.facts_by_day[day] = self.make(day, 1.0)
                yield from self.facts_by_day[day]
            day += datetime.timedelta(days=1)

    def spend(self, day):
        """Cents of a whole day: two weeks' start, then growth to a tenth of the other's."""
        index = (day - self.story.start).days
        age = (day - self.first).days
        rng = random.Random('tiktok spend %d %s' % (self.story.seed, day))
        share = 0.04 + 0.05 * age / BEGAN
        return int(self.story.whole_day(index).spend * share * min(1.0, (age + 1) / 14)
                   * (1 + rng.gauss(0, 0.03)))

    def make(self, day, elapsed):
        rng = random.Random('tiktok facts %d %s' % (self.story.seed, day))
        squeeze = max(0.0, 1 - (self.today - day).days / 70.0)
        spend = int(self.spend(day) * elapsed)
        impressions = int(1000 * spend / (640 + 210 * squeeze) * (1 + rng.gauss(0, 0.02)))
        clicks = int(impressions * (0.0105 - 0.002 * squeeze))
        payments = int(clicks * (0.012 - 0.003 * squeeze) + rng.random())
        ads = sorted(self.weights)
        weights = [self.weights[ad] for ad in ads]
        parts = [deal(total, weights) for total in (
            spend, impressions, clicks, impressions * 3 // 4, payments * 2, payments,
            payments * 6100, impressions * 4 // 5)]
        return [Fact(ad, day, *(part[at] for part in parts)) for at, ad in enumerate(ads)
                if parts[1][at]]


def accounts(story):
    return [StoryAccount(story)]
