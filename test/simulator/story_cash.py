"""The story's money: the cash sheet's figures, the stores, the targets.

The sheet knows the opening balance and what is planned week by week; what
the own shop will bring is not in it (it is forecast from its sales).
"""

import datetime

BACK, AHEAD = 8, 26             # weeks of the sheet before and after this one


class CashLine:
    """A line of the sheet; cents holds one amount per week."""

    __slots__ = ("name", "kind", "cents")

    def __init__(self, name, kind, cents):
        self.name = name
        self.kind = kind                       # in, cost, loan
        self.cents = cents


class RetailWeek:
    __slots__ = ("week", "doors", "units", "cents")

    def __init__(self, week, doors, units, cents):
        self.week = week                       # its Monday
        self.doors = doors
        self.units = units
        self.cents = cents


class Cash:
    """opening (date, cents), weeks, lines, retail_weeks, targets."""

    def __init__(self, story):
        self.story = story
        monday = story.today - datetime.timedelta(days=story.today.weekday())
        self.weeks = [monday + datetime.timedelta(weeks=w)
                      for w in range(-BACK, AHEAD)]
        self.opening = (story.yesterday, 9650000)
        self.retail_weeks = self.stores(story, monday)
        self.lines = self.plan(story)
        self.targets = {
            "cac": 4500, "aov": 6800, "ad_spend_30d": 5500000,
            "conversion_rate": 0.032, "new_customer_sub_pct": 0.20,
            "retail_doors": 240, "runway_days": 90}

    def stores(self, story, monday):
        """A hundred weeks in stores: few doors, then the push; complete weeks."""
        out = []
        for ago in range(78, 0, -1):
            week = monday - datetime.timedelta(weeks=ago)
            doors = 36 + (78 - ago) if ago > 24 else 90 + (24 - ago) * 6
            # new doors sell slower: the rate slips as the push goes on
            rate = 6.4 - (0.045 * (24 - ago) if ago <= 24 else 0)
            wave = (0, 3, -2, 4, -3, 1, -4, 2)[ago % 8] / 100.0
            units = round(doors * rate * (1 + wave))
            out.append(RetailWeek(week, doors, units, units * 1380))
        return out

    def plan(self, story):
        count = len(self.weeks)
        ads = [sum(day.spend for day in story.days(
            week, week + datetime.timedelta(days=6)) if not day.partial)
            for week in self.weeks]
        last = sum(ads[BACK - 4:BACK]) // 4
        ads = [a if w < BACK else last for w, a in enumerate(ads)]
        by_week = {r.week: r.cents for r in self.retail_weeks}
        receipts = []
        for week in self.weeks:                # stores pay after five weeks
            sold = by_week.get(week - datetime.timedelta(weeks=5))
            if sold is None:
                sold = self.retail_weeks[-1].cents
            receipts.append(sold * 88 // 100)
        return [
            CashLine("Retail receipts", "in", receipts),
            CashLine("Amazon payout", "in",
                     [412000 if w % 2 == 0 else 0 for w in range(count)]),
            CashLine("Payroll", "cost",
                     [3300000 if w % 2 == 1 else 0 for w in range(count)]),
            CashLine("Rent", "cost",
                     [640000 if has_first(week) else 0 for week in self.weeks]),
            CashLine("Meta ads", "cost", ads),
            CashLine("Inventory purchase", "cost",
                     [5600000 if w % 4 == 2 else 0 for w in range(count)]),
            CashLine("Shipping and fulfilment", "cost", [450000] * count),
            CashLine("Software and fees", "cost",
                     [96000 if w % 4 == 0 else 18000 for w in range(count)]),
            CashLine("Loan repayment", "loan",
                     [310000 if w % 2 == 0 else 0 for w in range(count)]),
        ]


def has_first(monday):
    """Whether the first of a month falls into a week."""
    return any((monday + datetime.timedelta(days=d)).day == 1 for d in range(7))
