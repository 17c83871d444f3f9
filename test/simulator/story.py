"""The generated brand: Wagwell, dog care, sold in its own shop and in stores.

Two years that end yesterday.  The shop opens, grows, has its Christmases;
ten weeks before the end the squeeze sets in: dearer impressions, weaker ads,
a site that converts less, so that each new customer costs more while the
budget still grows.  Meanwhile a retail push adds doors, and a loan that paid
for its inventory is being repaid.  All is drawn from one seed and in order,
so the same day and seed give the same brand everywhere.

The Story decides the traffic of each day; story_orders.py turns it into
customers and orders, story_ads.py, story_mail.py and story_cash.py into what
the other services report.  Money is in cents.
"""

import datetime
import math
import random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
DAYS = 730                    # days before today
SQUEEZE = 70                  # the last so many of them
WEEKDAY = (1.06, 1.02, 0.99, 0.98, 0.93, 0.96, 1.06)      # Monday first


class Day:
    """What happened on one day, in the brand's zone."""

    __slots__ = ("date", "partial", "spend", "impressions", "clicks", "reach",
                 "ad_purchases", "ad_purchase_value", "sessions", "visitors",
                 "cart_sessions", "checkout_sessions", "completed_sessions",
                 "bounces", "orders", "new_customers", "returning_orders",
                 "new_subscribers", "gross", "discounts", "returns", "net",
                 "new_rate")

    def __init__(self, date):
        self.date = date
        self.partial = False
        for name in self.__slots__[2:]:
            setattr(self, name, 0)

    @property
    def bounce_rate(self):
        return self.bounces / self.sessions if self.sessions else 0.0

    def so_far(self, share):
        """A copy with the counted facts cut down to a share of the day."""
        copy = Day(self.date)
        copy.partial = True
        for name in self.__slots__[2:]:
            setattr(copy, name, int(getattr(self, name) * share))
        return copy


class Story:
    """The whole brand.  Made once per world; read by every service."""

    def __init__(self, today, seed):
        self.today = today
        self.seed = seed
        self.zone = ZONE
        self.yesterday = today - datetime.timedelta(days=1)
        self.start = today - datetime.timedelta(days=DAYS)
        self.runs_live = today == datetime.datetime.now(ZONE).date()
        rng = random.Random("traffic %d" % seed)
        self._days = [self.traffic(rng, i) for i in range(DAYS + 1)]
        from story_orders import build_shop
        from story_mail import Mail
        from story_ads import Ads
        from story_cash import Cash
        self.mail = Mail(self)
        self.shop = build_shop(self)           # also fills the days' sales
        self.ads = Ads(self)
        self.cash = Cash(self)

    # -- time ------------------------------------------------------------

    def now(self):
        """The present second: the clock's, or ten in the morning of today."""
        if self.runs_live:
            return int(datetime.datetime.now(datetime.timezone.utc).timestamp())
        return self.midnight(self.today) + 10 * 3600

    def midnight(self, date):
        """The first second of a day in the brand's zone."""
        return int(datetime.datetime(date.year, date.month, date.day,
                                     tzinfo=ZONE).timestamp())

    def elapsed(self):
        """The share of today that has passed."""
        start = self.midnight(self.today)
        end = self.midnight(self.today + datetime.timedelta(days=1))
        return min(1.0, max(0.0, (self.now() - start) / (end - start)))

    # -- days ------------------------------------------------------------

    def day(self, date):
        """The Day, or None outside the story; today's facts are those so far."""
        index = (date - self.start).days
        if not 0 <= index <= DAYS:
            return None
        if index == DAYS:
            return self._days[index].so_far(self.elapsed())
        return self._days[index]

    def days(self, since, until):
        first = max(since, self.start)
        last = min(until, self.today)
        return [self.day(first + datetime.timedelta(days=i))
                for i in range((last - first).days + 1)]

    def whole_day(self, index):
        """Day number index in full, today included (for the generators)."""
        return self._days[index]

    # -- traffic -----------------------------------------------------------

    def traffic(self, rng, index):
        """The spend, the funnel and the visits of day number index."""
        day = Day(self.start + datetime.timedelta(days=index))
        age = index / DAYS                                   # 0 .. 1
        squeeze = max(0.0, (index - (DAYS - SQUEEZE)) / SQUEEZE) ** 0.8
        # no season in the squeeze: whenever "today" is, it looks the same
        season = christmas(day.date) if index < DAYS - 100 else 0.0
        weekday = WEEKDAY[day.date.weekday()]
        noise = rng.gauss
        budget = 58000 + 112000 * age ** 0.85 + 24000 * squeeze
        day.spend = int(budget * (1 + 0.30 * season)
                        * (1 + 0.35 * (weekday - 1)) * (1 + noise(0, 0.02)))
        cpm = (1080 + 170 * age + 260 * season + 330 * squeeze) \
            * (1 + noise(0, 0.02))                           # cents
        ctr = (0.0148 - 0.0004 * age - 0.0012 * squeeze) * (1 + noise(0, 0.02))
        day.impressions = int(1000 * day.spend / cpm)
        day.clicks = int(day.impressions * ctr)
        day.reach = int(day.impressions / (1.35 + 0.25 * squeeze))
        organic = (310 + 560 * age) * weekday * (1 + 0.35 * season) \
            * (1 + noise(0, 0.04))
        day.sessions = int(day.clicks * 0.78 + organic)
        day.visitors = int(day.sessions * (0.86 + noise(0, 0.008)))
        day.bounces = int(day.sessions * (0.43 + 0.05 * squeeze
                                          + noise(0, 0.01)))
        # new customers per session: what the site makes of a visit
        day.new_rate = (0.0190 + 0.0020 * math.sin(1.2 * age)
                        + 0.0030 * season - 0.0046 * squeeze)
        return day


def christmas(date):
    """0 .. 1: how much of the season before Christmas lies on a day."""
    peak = datetime.date(date.year, 12, 1)
    distance = abs((date - peak).days)
    if datetime.date(date.year, 12, 21) < date:
        return 0.0
    return max(0.0, 1 - (distance / 24.0) ** 2)
