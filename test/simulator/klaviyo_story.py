"""The story's mail account: purchases are the shop's orders, mail is story_mail.py's.

As the real one it claims more than the shop's own tracking gives it: of the
subscription deliveries, those that followed a mail of the post-purchase flow.
"""

import datetime
from bisect import bisect_left

from klaviyo_account import Account, Event, Send, profile, stamp

ARCHIVED_AFTER = 540        # days after which a campaign is put away
CLAIMED = 7                 # of 20 deliveries, so many are claimed by the flow below
CLAIMING_FLOW = 'Post-Purchase'


class StoryAccount(Account):
    def __init__(self, story):
        super().__init__(story.zone, story.today)
        self.story = story
        begin = story.midnight(story.start)
        self.add('account', 'WagWel', {
            'test_account': False, 'contact_information': {
                'default_sender_name': 'Wagwell', 'default_sender_email': 'hi@wagwell.example',
                'website_url': 'https://wagwell.example', 'organization_name': 'Wagwell',
                'street_address': {'address1': '1 Dock St', 'address2': None, 'city': 'Brooklyn',
                                   'region': 'NY', 'country': 'United States', 'zip': '11201'}},
            'industry': 'Ecommerce, Pet Supplies', 'timezone': str(story.zone),
            'preferred_currency': 'USD', 'public_api_key': 'WagWel', 'locale': 'en-US'})
        for item_id, name, own in (
                ('RESQ6t', 'Placed Order', False), ('RESQ7a', 'Started Checkout', False),
                ('KLrcv1', 'Received Email', True), ('KLopn1', 'Opened Email', True),
                ('KLclk1', 'Clicked Email', True), ('KLsub1', 'Subscribed to List', True),
                ('KLuns1', 'Unsubscribed from List', True)):
            integration = ('7FtS4J', 'Klaviyo', 'Internal') if own else \
                ('0eMvjm', 'Shopify', 'eCommerce')
            self.add_metric(item_id, name, stamp(begin), integration)
        # a second metric of the same name, by the plain API, without events
        self.add_metric('RESQ9z', 'Placed Order', stamp(begin + 86400, 603888),
                        ('Jq7pXk', 'API', 'API'))
        self.senders = {}
        for sender in story.mail.flows:
            created = begin + sender.created_day * 86400 + 50000
            self.senders[sender.name] = sender
            self.add_flow(sender.id, sender.name, sender.trigger, stamp(created),
                          updated=stamp(created + 86400 * 3, 12345))
        for sender in story.mail.campaigns:
            self.campaign(sender)
        counts = (sum(story.mail.joins) - sum(story.mail.leaves) + 900, 2140, 310)
        for (item_id, name), count in zip(story.mail.lists, counts):
            self.add_list(item_id, name, stamp(begin), count,
                          'double_opt_in' if name == 'VIP' else 'single_opt_in')
        self.orders = [order for order in story.shop.orders if not order.test]
        self.order_times = [order.processed_at for order in self.orders]
        self.people = None
        self.claims = {}        # day -> [orders, cents] the claiming flow adds
        for order in self.orders:
            if self.is_claimed(order):
                claim = self.claims.setdefault(self.day_at(order.processed_at), [0, 0])
                claim[0] += 1
                claim[1] += order.total_price

    def is_claimed(self, order):
        return (order.source_name == 'subscription_contract' and order.number % 20 < CLAIMED
                and order.processed_at <= self.story.now())

    def credited_to(self, order):
        """The sender that the account credits an order to, or None."""
        if order.visit and order.visit[0] == 'klaviyo':
            return self.senders[order.visit[2]]
        return self.senders[CLAIMING_FLOW] if self.is_claimed(order) else None

    def campaign(self, sender):
        self.senders[sender.name] = sender
        sent = sender.send_time <= self.story.now()
        created = sender.send_time - 2 * 86400
        old = (self.today - self.day_of(sender)).days > ARCHIVED_AFTER
        self.add_campaign(
            sender.id, sender.message_id, sender.name, sender.channel,
            'Sent' if sent else 'Scheduled', old,
            stamp(created, 603888 if sender.send_time % 7 else None),
            stamp(sender.send_time + 600 if sent else created + 60),
            stamp(sender.send_time), stamp(sender.send_time) if sent else None,
            sender.name.partition(' ')[2])

    def day_of(self, sender):
        return self.day_at(sender.send_time)

    def day_at(self, seconds):
        return datetime.datetime.fromtimestamp(seconds, self.zone).date()

    # -- people -----------------------------------------------------------------

    def profiles(self):
        if self.people is None:
            self.people = [self.person(number, customer) for number, customer
                           in enumerate(self.story.shop.customers)
                           if customer.created_at <= self.story.now()]
        return self.people

    def person(self, number, customer):
        last = customer.orders[-1].processed_at if customer.orders else None
        return profile(
            '01HWAGWELL%016d' % number, customer.email, stamp(customer.created_at),
            stamp(max(customer.created_at, customer.updated_at)), customer.phone,
            str(customer.id), customer.first_name, customer.last_name,
            {'city': customer.city, 'region': customer.province_code, 'zip': customer.zip,
             'country': 'United States', 'timezone': 'America/New_York',
             'latitude': '40.7' if number % 2 else 40.7},
            stamp(last) if last else None, {'$source': 'Shopify', 'Accepts Marketing':
                                            customer.marketing_state == 'SUBSCRIBED'},
            locale='en-US')

    # -- events -----------------------------------------------------------------

    def events(self, metric_id, since, until):
        until = min(until, self.story.now() + 1)
        if metric_id == 'RESQ6t':
            return self.purchases(since, until)
        made = {'RESQ7a': self.checkouts, 'KLrcv1': self.received, 'KLopn1': self.opened,
                'KLclk1': self.clicked, 'KLsub1': self.joined, 'KLuns1': self.left}
        return (event for event in self.by_day(made.get(metric_id, lambda day, at: ()), since,
                                               until) if since <= event.at < until)

    def purchases(self, since, until):
        """Every order of the shop; those that mail brought carry its names."""
        for order in self.orders[bisect_left(self.order_times, since):
                                 bisect_left(self.order_times, until)]:
            known = {'$value_currency': order.currency}
            sender = self.credited_to(order)
            if sender is not None:
                known['$attributed_channel'] = sender.channel
                known['$attributed_message'] = sender.message_id
                if sender.kind == 'flow':
                    known['$attributed_flow'] = sender.id
            yield Event(order.processed_at, 1, order.total_price, order.email, known)

    def by_day(self, make, since, until):
        """Events that are known by the day only; they lie at its noon."""
        first = datetime.datetime.fromtimestamp(since, self.zone).date()
        last = datetime.datetime.fromtimestamp(until, self.zone).date()
        for day in self.story.days(first, last) if last >= self.story.start else ():
            yield from make(day, self.story.midnight(day.date) + 12 * 3600)

    def checkouts(self, day, at):
        if day.checkout_sessions:
            yield Event(at, day.checkout_sessions)

    def mailed(self, day, at, number):
        for facts in self.story.mail.facts(day.date):
            sender = facts.sender
            known = {'$message': sender.message_id, '$flow': sender.id
                     if sender.kind == 'flow' else ''}
            known['$flow_channel' if sender.kind == 'flow' else '$campaign_channel'] = \
                sender.channel
            if sender.channel == 'email' and getattr(facts, number):
                yield Event(at, getattr(facts, number), None, None, known)

    def received(self, day, at):
        return self.mailed(day, at, 'delivered')

    def opened(self, day, at):
        return self.mailed(day, at, 'opens')

    def clicked(self, day, at):
        return self.mailed(day, at, 'clicks')

    def joined(self, day, at):
        count = self.story.mail.joins[(day.date - self.story.start).days]
        yield Event(at, count, None, None, {'List': 'Newsletter', 'Method': 'Form'})

    def left(self, day, at):
        count = self.story.mail.leaves[(day.date - self.story.start).days]
        if count:
            yield Event(at, count, None, None, {'List': 'Newsletter'})

    # -- sends --------------------------------------------------------------------

    def sends(self, kind, first, last):
        """A campaign counts on the day it was sent, with all that came of it later."""
        found = {}
        day = max(first, self.story.start)
        while day <= min(last + datetime.timedelta(days=4 if kind == 'campaign' else 0),
                         self.today):
            for facts in self.story.mail.facts(day):
                sender = facts.sender
                if sender.kind != kind:
                    continue
                sent = self.day_of(sender) if kind == 'campaign' else day
                if not first <= sent <= last:
                    continue
                send = found.get((sender.id, sent))
                if send is None:
                    send = found[sender.id, sent] = Send(
                        kind, sender.id, sender.message_id, sender.name, sender.channel, sent)
                for name in ('recipients', 'delivered', 'opens', 'opens_unique', 'clicks',
                             'clicks_unique', 'unsubscribes', 'spam_complaints', 'conversions',
                             'conversion_uniques', 'value'):
                    send.numbers[name] = send.numbers.get(name, 0) + getattr(facts, name)
                send.numbers['bounced'] = send.numbers.get('bounced', 0) + facts.bounces
                if sender.name == CLAIMING_FLOW:
                    orders, cents = self.claims.get(day, (0, 0))
                    send.numbers['conversions'] += orders
                    send.numbers['conversion_uniques'] += orders
                    send.numbers['value'] += cents
            day += datetime.timedelta(days=1)
        return found.values()


def account(story):
    return StoryAccount(story)
