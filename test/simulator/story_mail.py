"""The story's mail: campaigns twice a week, flows every day.

Sends, opens and clicks follow from the size of the list; conversions are
orders of the shop (story_orders.py hands them over through convert()).
"""

import random

CAMPAIGN_DAYS = {1: "email", 4: "email", 6: "sms"}       # weekday -> channel
SUBJECTS = ("Bath night made easy", "New: De-Shed Shampoo", "Your dog's spring coat",
            "Vet-approved oatmeal", "Bundle and save", "Before and after",
            "Five minutes, clean dog", "Back in stock", "Meet Biscuit", "Muddy paws?")
FLOWS = (("Welcome Series", "Added to List", 0, 0.34), ("Abandoned Cart", "Metric", 0, 0.26),
         ("Post-Purchase", "Metric", 40, 0.16), ("Browse Abandonment", "Metric", 90, 0.14),
         ("Win-back", "Metric", 200, 0.10))


class Sender:
    """A campaign or a flow."""

    __slots__ = ("id", "message_id", "name", "channel", "kind", "created_day",
                 "send_time", "trigger", "share")

    def __init__(self, **values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))


class MailFacts:
    """What one sender did on one day; value in cents."""

    __slots__ = ("sender", "recipients", "delivered", "opens", "opens_unique",
                 "clicks", "clicks_unique", "unsubscribes", "spam_complaints",
                 "bounces", "conversions", "conversion_uniques", "value")

    def __init__(self, sender):
        self.sender = sender
        for name in self.__slots__[1:]:
            setattr(self, name, 0)


class Mail:
    """campaigns, flows (Senders), lists, and the facts of each day."""

    def __init__(self, story):
        self.story = story
        rng = random.Random("mail %d" % story.seed)
        self._facts = [{} for _ in range(731)]       # day -> sender id -> facts
        self.campaigns = []
        self.flows = []
        self.by_day = [[] for _ in range(731)]       # campaigns still fresh
        self.lists = (("Y6nRLr", "Newsletter"), ("SMS001", "SMS Subscribers"),
                      ("VIPdog", "VIP"))
        self.joins = [0] * 731
        self.leaves = [0] * 731
        self.make_flows()
        for index in range(731):
            self.one_day(rng, index)

    def list_size(self, index):
        return 900 + 46 * index

    def make_flows(self):
        for number, (name, trigger, born, share) in enumerate(FLOWS):
            self.flows.append(Sender(
                id="FLOW%02d" % (number + 1), message_id="FMSG%02d" % (number + 1),
                name=name, channel="email", kind="flow", created_day=born,
                trigger=trigger, share=share))

    def one_day(self, rng, index):
        day = self.story.whole_day(index)
        channel = CAMPAIGN_DAYS.get(day.date.weekday())
        if channel:
            self.campaign(rng, index, day, channel)
        for flow in self.flows:
            if flow.created_day <= index:
                self.send(rng, flow, index, int(day.sessions * 0.22 * flow.share),
                          (1.0,))
        self.joins[index] = int(46 * (1 + rng.gauss(0, 0.15)) + day.sessions * 0.004)
        self.leaves[index] = sum(f.unsubscribes
                                 for f in self._facts[index].values())

    def campaign(self, rng, index, day, channel):
        number = len(self.campaigns) + 1
        sender = Sender(
            id="01CAMP%06d" % number, message_id="01CMSG%06d" % number,
            name="%s %s" % (day.date.isoformat(), rng.choice(SUBJECTS)),
            channel=channel, kind="campaign", created_day=max(0, index - 2),
            send_time=self.story.midnight(day.date) + 10 * 3600)
        self.campaigns.append(sender)
        share = 0.55 if channel == "email" else 0.12
        self.send(rng, sender, index, int(self.list_size(index) * share),
                  (0.72, 0.20, 0.08))
        for later in range(index, min(731, index + 4)):
            self.by_day[later].append(sender)

    def send(self, rng, sender, index, recipients, spread):
        """Sent on one day; opened and clicked over the days of the spread."""
        rate = 0.41 * (1 + rng.gauss(0, 0.08)) if sender.channel == "email" else 0.0
        first = self.fact(sender, index)
        first.recipients += recipients
        first.bounces += int(recipients * 0.006)
        first.delivered += recipients - int(recipients * 0.006)
        first.unsubscribes += int(recipients * 0.0016)
        first.spam_complaints += int(recipients * 0.0001)
        for offset, share in enumerate(spread):
            if index + offset > 730:
                break
            facts = self.fact(sender, index + offset)
            unique = int(first.delivered * rate * share)
            facts.opens_unique += unique
            facts.opens += int(unique * 1.35)
            clicks = int(first.delivered * 0.022 * share)
            facts.clicks_unique += clicks
            facts.clicks += int(clicks * 1.2)

    def fact(self, sender, index):
        facts = self._facts[index].get(sender.id)
        if facts is None:
            facts = self._facts[index][sender.id] = MailFacts(sender)
        return facts

    def convert(self, index, rng, is_new, order):
        """Choose the sender an order came from and count the order there."""
        fresh = self.by_day[index]
        if is_new or not fresh or rng.random() < 0.45:
            live = [f for f in self.flows if f.created_day <= index]
            sender = rng.choices(live, [f.share for f in live])[0]
        else:
            sender = rng.choice(fresh)
        facts = self.fact(sender, index)
        facts.conversions += 1
        facts.conversion_uniques += 1
        facts.value += order.total_price
        return sender

    def facts(self, date):
        """The MailFacts of a day; the running day's cut to what has passed."""
        index = (date - self.story.start).days
        if not 0 <= index <= 730:
            return []
        found = list(self._facts[index].values())
        if index < 730:
            return found
        return [self.cut(facts, self.story.elapsed()) for facts in found]

    @staticmethod
    def cut(facts, share):
        copy = MailFacts(facts.sender)
        for name in MailFacts.__slots__[1:]:
            setattr(copy, name, int(getattr(facts, name) * share))
        return copy
