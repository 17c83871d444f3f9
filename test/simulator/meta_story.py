"""The story's ad account, as Meta shows it (the facts are story_ads.py's)."""

import datetime

from meta_account import AdAccount, Fact

PAGE = '104512345678901'


class StoryAccount(AdAccount):
    """Facts are asked of the story; past days are kept."""

    def __init__(self, story):
        super().__init__(story.ads.account_id, 'Wagwell Ads', 'USD', story.zone, story.today,
                         story.start)
        self.story = story
        for campaign in story.ads.campaigns:
            self.add_campaign(campaign)
        for adset in story.ads.adsets:
            self.add_adset(adset)
        for ad in story.ads.ads:
            self.add_ad(ad)
        spent = sum(day.spend for day in story.days(story.start, story.yesterday))
        self.fields['amount_spent'] = str(spent)

    def day(self, index):
        return self.story.start + datetime.timedelta(days=min(max(index, 0), 729))

    def add_campaign(self, node):
        """The first three hold the budget themselves, the others' ad sets do."""
        fields = {
            'id': node.id, 'name': node.name, 'objective': node.objective, 'status': 'ACTIVE',
            'buying_type': 'AUCTION', 'bid_strategy': 'LOWEST_COST_WITHOUT_CAP',
            'start_time': self.time(self.day(node.first_day), 0),
            'created_time': self.time(self.day(node.first_day)),
            'updated_time': self.time(self.day(700), 16, 20), 'special_ad_categories': [],
            'pacing_type': ['standard'], 'is_adset_budget_sharing_enabled': False}
        if self.has_campaign_budget(node):
            fields.update(daily_budget=str(node.budget), budget_remaining=str(node.budget // 3))
        else:
            fields['budget_remaining'] = '0'
        self.add('Campaign', **fields)

    @staticmethod
    def has_campaign_budget(node):
        return not node.name.startswith('Retargeting')

    def add_adset(self, node):
        fields = {
            'id': node.id, 'campaign_id': node.parent.id, 'name': node.name, 'status': 'ACTIVE',
            'billing_event': 'IMPRESSIONS', 'optimization_goal': 'OFFSITE_CONVERSIONS',
            'attribution_spec': [{'event_type': 'CLICK_THROUGH', 'window_days': 7},
                                 {'event_type': 'VIEW_THROUGH', 'window_days': 1}],
            'promoted_object': {'pixel_id': '556677889900112', 'custom_event_type': 'PURCHASE'},
            'targeting': {'age_min': 25, 'age_max': 54, 'geo_locations': {'countries': ['US']}},
            'start_time': self.time(self.day(node.first_day), 0),
            'created_time': self.time(self.day(node.first_day)),
            'updated_time': self.time(self.day(690), 11, 5), 'pacing_type': ['standard'],
            'destination_type': 'WEBSITE'}
        if self.has_campaign_budget(node.parent):
            fields['budget_remaining'] = '0'
        else:
            fields.update(daily_budget=str(node.budget), budget_remaining=str(node.budget // 4),
                          bid_strategy='LOWEST_COST_WITHOUT_CAP')
        self.add('AdSet', **fields)

    def add_ad(self, node):
        """Ads whose time is over are paused; the oldest of them archived."""
        over = node.last_day < 729
        status = 'ACTIVE' if not over else 'ARCHIVED' if node.last_day < 250 else 'PAUSED'
        self.add('Ad', id=node.id, campaign_id=node.parent.parent.id, adset_id=node.parent.id,
                 creative_id=node.creative_id, name=node.name, status=status,
                 created_time=self.time(self.day(node.first_day), 8),
                 updated_time=self.time(self.day(node.last_day if over else 715), 18, 30))
        slug = node.concept.lower().replace(' ', '-').replace('%', '')
        link = 'https://wagwell.example/' + slug
        self.add('AdCreative', id=node.creative_id, name=node.name + ' creative', status='ACTIVE',
                 title=node.concept, body='Clean dogs, happy homes. %s.' % node.concept,
                 object_type='SHARE', call_to_action_type='SHOP_NOW',
                 thumbnail_url='https://cdn.example/thumb/%s.jpg' % node.creative_id,
                 image_url='https://cdn.example/full/%s.jpg' % node.creative_id, link_url=link,
                 effective_object_story_id='%s_%s' % (PAGE, node.creative_id),
                 object_story_spec={'page_id': PAGE, 'link_data': {
                     'link': link, 'message': node.concept, 'call_to_action': {
                         'type': 'SHOP_NOW'}}})

    def facts(self, since, until):
        day = max(since, self.first)
        while day <= min(until, self.today):
            if day == self.today:
                yield from self.story_facts(day)
            else:
                if day not in self.facts_by_day:
                    self.facts_by_day[day] = self.story_facts(day)
                yield from self.facts_by_day[day]
            day += datetime.timedelta(days=1)

    def story_facts(self, day):
        """The story's facts; an ad that showed nothing has no row.

        Reach is given to the ads so that the account's, where people are
        counted once, comes out as the story's.
        """
        return [Fact(f.ad.id, day, f.spend, f.impressions, f.clicks, f.clicks * 4 // 5,
                     min(f.impressions, f.reach * 100 // 88), f.purchases * 3 + f.clicks // 40,
                     f.purchases + f.purchases // 2, f.purchases, f.value, f.purchases // 6, None)
                for f in self.story.ads.facts(day) if f.impressions]


def accounts(story):
    return [StoryAccount(story)]
