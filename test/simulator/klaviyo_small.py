"""World "small": a mail account with every odd case, days fixed in 2026.

The account's zone is America/New_York and its today 2026-03-11; clocks change
on 2026-03-08.
"""

import datetime
from zoneinfo import ZoneInfo

from klaviyo_account import Account, Event, Send, profile, stamp

ZONE = ZoneInfo('America/New_York')
TODAY = datetime.date(2026, 3, 11)


def at(month, day, hour=10, minute=0, year=2026):
    return int(datetime.datetime(year, month, day, hour, minute, tzinfo=ZONE).timestamp())


class SmallAccount(Account):
    def __init__(self, today, zone=ZONE):
        super().__init__(zone, today)
        self.event_list = {}
        self.send_list = []
        self.people = []
        self.add('account', 'AbC123', {
            'test_account': True, 'contact_information': {
                'default_sender_name': 'Brand', 'default_sender_email': 'hi@brand.example',
                'website_url': None, 'organization_name': 'Small Brand', 'street_address': {
                    'address1': None, 'address2': None, 'city': None, 'region': None,
                    'country': None, 'zip': None}},
            'industry': None, 'timezone': str(zone), 'preferred_currency': 'USD',
            'public_api_key': 'AbC123', 'locale': 'en-US'})

    def profiles(self):
        return self.people

    def events(self, metric_id, since, until):
        return [event for event in self.event_list.get(metric_id, ())
                if since <= event.at < until]

    def sends(self, kind, first, last):
        return [send for send in self.send_list if send.kind == kind and first <= send.day <= last]


def empty_account(today):
    """A valid account: metrics exist, nothing ever happened."""
    account = SmallAccount(today)
    account.add_metric('RESQ6t', 'Placed Order', stamp(at(1, 1, year=2025)))
    return account


def account():
    account = SmallAccount(TODAY)
    objects(account)
    purchases(account)
    sends(account)
    people(account)
    return account


def objects(account):
    # three metrics are named Placed Order; one metric has no integration
    account.add_metric('RESQ6t', 'Placed Order', stamp(at(1, 1)))
    account.add_metric('RESQ9z', 'Placed Order', stamp(at(1, 2), 603888),
                       ('Jq7pXk', 'API', 'API'))
    account.add_metric('RESQ8y', 'Placed Order', stamp(at(1, 2), 5), ('0rG4eQ', 'Amazon',
                                                                     'eCommerce'))
    account.add_metric('KLsub1', 'Subscribed to List', stamp(at(1, 1)),
                       ('7FtS4J', 'Klaviyo', 'Internal'))
    account.add_metric('KLcus1', 'Custom', stamp(at(1, 3)), None)
    for number, channel, status, archived, hour in (
            (1, 'email', 'Sent', False, 10), (2, 'email', 'Sent', False, 23),
            (3, 'sms', 'Sent', False, 12), (4, 'email', 'Draft', False, None),
            (5, 'email', 'Sent', True, 9), (6, 'email', 'Scheduled', False, 8),
            (7, 'email', 'Cancelled: No Recipients', False, None), (8, 'sms', 'Sent', True, 15)):
        sent = at(2, number, hour) if hour and status == 'Sent' else None
        account.add_campaign(
            '01GDDKASAP8TKDDA2GRZDSVP%02d' % number, '01HCAMPMSG0000000000000%03d' % number,
            'Campaign %d "quoted" – é' % number, channel, status, archived,
            stamp(at(1, 20 + number), 123456 if number % 2 else None), stamp(at(2, number, 20)),
            stamp(at(2, number, hour)) if hour else None, stamp(sent) if sent else None)
    for number, name, status, trigger, archived in (
            (1, 'Welcome', 'live', 'Added to List', False), (2, 'Cart', 'live', 'Metric', False),
            (3, 'Back in stock', 'draft', 'Unconfigured', False),
            (4, 'Old flow', 'manual', 'Date Based', True)):
        account.add_flow('FLW00%d' % number, name, trigger, stamp(at(1, number)), status, archived)
    for number in range(1, 24):     # three pages of ten
        account.add_list('LST0%02d' % number, 'List %d' % number, stamp(at(1, number)),
                         number * 11, 'double_opt_in' if number % 2 else 'single_opt_in',
                         stamp(at(2, number % 28 + 1), number))


def purchases(account):
    """Three orders a day: one by mail, one by text message, one by neither.

    The mail's lies at 23:30 local time, which is the next day in UTC.
    """
    orders = account.event_list['RESQ6t'] = []
    day = datetime.date(2026, 1, 1)
    while day < TODAY:
        n = (day - datetime.date(2026, 1, 1)).days
        orders.append(Event(at(day.month, day.day, 9), 1, 4000 + n, 'a%d' % (n % 5)))
        if n % 2 == 0:
            orders.append(Event(at(day.month, day.day, 14), 1, 2550, 'b', {
                '$attributed_channel': 'sms',
                '$attributed_message': '01HCAMPMSG0000000000000003'}))
        orders.append(Event(at(day.month, day.day, 23, 30), 1, 10025, 'c', {
            '$attributed_channel': 'email', '$attributed_flow': 'FLW001',
            '$attributed_message': 'FMSG01'} if n % 3 else {
            '$attributed_channel': 'email',
            '$attributed_message': '01HCAMPMSG0000000000000001'}))
        day += datetime.timedelta(days=1)
    for event in orders:
        event.dimensions['$value_currency'] = 'USD'
    account.event_list['KLsub1'] = [
        Event(at(1, day, 12), day % 4, None, None, {'List': 'List %d' % (day % 2 + 1)})
        for day in range(1, 32) if day % 4]


def sends(account):
    for number, channel, day, recipients in ((1, 'email', 1, 1200), (2, 'email', 2, 900),
                                             (3, 'sms', 3, 300), (5, 'email', 5, 0),
                                             (8, 'sms', 8, 310)):
        opened = recipients * 41 // 100 if channel == 'email' else 0
        account.send_list.append(Send(
            'campaign', '01GDDKASAP8TKDDA2GRZDSVP%02d' % number,
            '01HCAMPMSG0000000000000%03d' % number, 'Campaign %d' % number, channel,
            datetime.date(2026, 2, day), recipients=recipients, delivered=recipients * 99 // 100,
            opens=opened * 4 // 3, opens_unique=opened, clicks=recipients // 40,
            clicks_unique=recipients // 50, bounced=recipients // 100,
            unsubscribes=recipients // 400, spam_complaints=recipients // 1000,
            conversions=recipients // 120, conversion_uniques=recipients // 120,
            value=recipients // 120 * 9135))
    for n in range(69):
        for flow, channel in ((1, 'email'), (2, 'sms')):
            account.send_list.append(Send(
                'flow', 'FLW00%d' % flow, 'FMSG0%d' % flow, 'Welcome' if flow == 1 else 'Cart',
                channel, datetime.date(2026, 1, 1) + datetime.timedelta(days=n), recipients=20 + n,
                delivered=20 + n, opens=9, opens_unique=7, clicks=3, clicks_unique=2, bounced=0,
                unsubscribes=n % 2, spam_complaints=0, conversions=1, conversion_uniques=1,
                value=5000 + n))


def people(account):
    """Forty-five profiles: three pages of twenty; the first ones lack nearly all."""
    account.people.append(profile('01PROFILE0000000000000001', None, stamp(at(1, 1)),
                                  stamp(at(1, 1)), '+15005550006'))
    account.people.append(profile(
        '01PROFILE0000000000000002', 'zoë@example.com', stamp(at(1, 1), 17), stamp(at(3, 1), 18),
        None, 'ext-2', 'Zoë', "O'Neil", {'city': 'São Paulo', 'latitude': '-23.55',
                                         'longitude': -46.63, 'country': 'Brazil'},
        stamp(at(3, 1)), {'nested': {'a': [1, 2]}, 'note': 'line\nbreak', '$source': -6},
        organization='Ängström & Co', locale='pt-BR', title='Dr'))
    for number in range(3, 46):
        account.people.append(profile(
            '01PROFILE%016d' % number, 'person%02d@example.com' % number,
            stamp(at(1, number % 28 + 1)), stamp(at(2, number % 28 + 1, 9, number), number),
            external_id=str(number), first='P%d' % number))
