"""The story's advertising: an account, its tree, and who spent what.

The day's totals come from story.py; here they are dealt out to the ads that
ran, to the last cent and the last click.
"""

import random

# name, objective, daily budget in cents, share of spend, ctr and buying strength
CAMPAIGNS = (
    ("Prospecting - Broad", "OUTCOME_SALES", 90000, 0.42, 1.00, 1.0),
    ("Prospecting - Lookalike 1%", "OUTCOME_SALES", 60000, 0.27, 1.05, 1.1),
    ("Retargeting - 30 days", "OUTCOME_SALES", 35000, 0.17, 1.35, 2.1),
    ("Advantage+ Shopping", "OUTCOME_SALES", 40000, 0.14, 0.90, 0.9),
)
ADSETS = (("US 25-54", 0.6), ("Dog owners", 0.4))
CONCEPTS = ("UGC bath time", "Founder story", "Before and after", "Offer 10% off", "Vet explains")
LIFE = 170                                # days an ad runs, at most


class Node:
    """A campaign, an ad set or an ad; days count from the story's start."""

    __slots__ = ("id", "name", "parent", "first_day", "last_day", "share",
                 "ctr", "buys", "objective", "budget", "creative_id",
                 "concept")

    def __init__(self, **values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))


class AdFacts:
    __slots__ = ("ad", "adset", "campaign", "spend", "impressions", "clicks",
                 "reach", "purchases", "value")


class Ads:
    """campaigns, adsets and ads of the account; facts(date) per ad."""

    account_id = "1234567890"

    def __init__(self, story):
        self.story = story
        self.campaigns = []
        self.adsets = []
        self.ads = []
        self.fatigue = random.Random("ads %d" % story.seed)
        for number, spec in enumerate(CAMPAIGNS):
            self.campaign(number, spec)

    def campaign(self, number, spec):
        name, objective, budget, share, ctr, buys = spec
        born = 0 if number < 3 else 400
        campaign = Node(id="12020000000%04d" % (number + 1), name=name,
                        objective=objective, budget=budget, share=share,
                        ctr=ctr, buys=buys, first_day=born, last_day=730)
        self.campaigns.append(campaign)
        for place, (title, part) in enumerate(ADSETS):
            adset = Node(id="12021000000%04d" % (number * 10 + place + 1),
                         name="%s / %s" % (name, title), parent=campaign,
                         share=part, first_day=born, last_day=730,
                         budget=int(budget * part))
            self.adsets.append(adset)
            self.adset_ads(adset, number * 2 + place)

    def adset_ads(self, adset, salt):
        """Waves of ads that overlap, so that two to three run on any day."""
        start, wave = adset.first_day, 0
        while start < 730:
            number = len(self.ads) + 1
            concept = CONCEPTS[(wave + salt) % len(CONCEPTS)]
            last = 730 if start + LIFE >= 700 else start + LIFE
            self.ads.append(Node(
                id="12022000000%04d" % number, creative_id="12023000000%04d" % number,
                name="%s v%d" % (concept, wave + 1), concept=concept,
                parent=adset, share=1.0 + (number * 37 % 11) / 11.0,
                ctr=0.85 + (number * 53 % 13) / 40.0, buys=0.8 + (number * 29 % 7) / 14.0,
                first_day=start, last_day=last))
            start += LIFE // 2
            wave += 1

    def facts(self, date):
        """One AdFacts per ad that ran; sums equal the Day's own figures."""
        day = self.story.day(date)
        if day is None:
            return []
        index = (date - self.story.start).days
        live = [ad for ad in self.ads if ad.first_day <= index <= ad.last_day]
        weights = [self.weight(ad, index) for ad in live]
        spend = deal(day.spend, weights)
        impressions = deal(day.impressions, [w / self.strength(ad, "buys") ** 0.3
                                             for ad, w in zip(live, weights)])
        clicks = deal(day.clicks, [i * self.strength(ad, "ctr") for ad, i
                                   in zip(live, impressions)])
        buys = [c * self.strength(ad, "buys") for ad, c in zip(live, clicks)]
        purchases = deal(day.ad_purchases, buys)
        value = deal(day.ad_purchase_value, [p + 0.0 for p in purchases]
                     if any(purchases) else buys)
        reach = deal(day.reach, impressions)
        out = []
        for at, ad in enumerate(live):
            facts = AdFacts()
            facts.ad, facts.adset = ad, ad.parent
            facts.campaign = ad.parent.parent
            facts.spend, facts.impressions = spend[at], impressions[at]
            facts.clicks, facts.reach = clicks[at], reach[at]
            facts.purchases, facts.value = purchases[at], value[at]
            out.append(facts)
        return out

    def weight(self, ad, index):
        """An ad starts small, peaks and tires."""
        age = index - ad.first_day
        phase = min(1.0, (age + 4) / 20.0) * max(0.25, 1 - age / (1.3 * LIFE))
        return ad.share * phase * ad.parent.share * ad.parent.parent.share

    @staticmethod
    def strength(ad, what):
        return getattr(ad, what) * getattr(ad.parent.parent, what)


def deal(total, weights):
    """Split an integer by weights so that the parts add up to it exactly."""
    whole = sum(weights)
    if not weights or whole <= 0:
        return [0] * len(weights)
    out, given, seen = [], 0, 0.0
    for weight in weights:
        seen += weight
        upto = round(total * (seen / whole))
        out.append(upto - given)
        given = upto
    out[-1] += total - given
    return out
