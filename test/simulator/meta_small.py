"""World "small": one campaign of each kind, and the odd cases, fixed in 2026.

Days are 2026-01-01 to 2026-03-10; the account thinks today is 2026-03-11.
"""

import datetime
from zoneinfo import ZoneInfo

from meta_account import AdAccount, make_fact

NEW_YORK = ZoneInfo('America/New_York')
FIRST, TODAY = datetime.date(2026, 1, 1), datetime.date(2026, 3, 11)
PIXEL = ('offsite_conversion.fb_pixel_purchase',)


def accounts():
    return [dollars(), yen()]


def empty_accounts(today):
    return [AdAccount('1234567890', 'Empty Ads', 'USD', NEW_YORK, today,
                      datetime.date(2025, 1, 1)).finish()]


def dollars():
    account = AdAccount('1234567890', 'Small Ads', 'USD', NEW_YORK, TODAY, FIRST)
    objects(account)
    for n in range((TODAY - FIRST).days):
        facts(account, n, FIRST + datetime.timedelta(days=n))
    return account.finish()


def objects(account):
    def day(month, number):
        return datetime.date(2026, month, number)

    # a campaign with its own budget, one whose ad sets hold it, one archived, one paused
    for number, name, status, budget, updated in (
            (1, 'Prospecting', 'ACTIVE', {'daily_budget': '15000', 'budget_remaining': '4000'},
             day(3, 1)),
            (2, 'Retargeting', 'ACTIVE', {'daily_budget': '0', 'lifetime_budget': '0'}, day(2, 1)),
            (3, 'Old launch', 'ARCHIVED', {'lifetime_budget': '90000', 'budget_remaining': '0',
                                           'spend_cap': '100000'}, day(1, 20)),
            (4, 'Never ran', 'PAUSED', {}, day(1, 5))):
        account.add('Campaign', id='12020000000000%03d' % number, name=name, status=status,
                    objective='OUTCOME_SALES', buying_type='AUCTION',
                    bid_strategy='LOWEST_COST_WITHOUT_CAP', created_time=account.time(FIRST),
                    updated_time=account.time(updated, 17, 41),
                    start_time=account.time(FIRST, 0), special_ad_categories=[], **budget,
                    **({'stop_time': account.time(day(1, 20), 23)} if number == 3 else {}))
    for number, campaign, name, status, budget in (
            (1, 1, 'Broad', 'ACTIVE', {}),
            (2, 1, 'Lookalike', 'ACTIVE', {}),
            (3, 2, 'Visitors 30 days', 'ACTIVE', {'daily_budget': '5000', 'bid_amount': 1200}),
            (4, 3, 'Launch', 'ARCHIVED', {}),
            (5, 4, 'Test', 'PAUSED', {'lifetime_budget': '20000'})):
        account.add('AdSet', id='12021000000000%03d' % number,
                    campaign_id='12020000000000%03d' % campaign, name=name, status=status,
                    effective_status='CAMPAIGN_PAUSED' if number == 5 else status,
                    billing_event='IMPRESSIONS', optimization_goal='OFFSITE_CONVERSIONS',
                    attribution_spec=[{'event_type': 'CLICK_THROUGH', 'window_days': 7}],
                    start_time=account.time(FIRST, 0), created_time=account.time(FIRST),
                    updated_time=account.time(day(2, number), 12), **budget,
                    **({'end_time': account.time(day(1, 20), 23)} if number == 4 else {}))
    for number, adset, campaign, name, status in (
            (1, 1, 1, 'UGC bath', 'ACTIVE'), (2, 1, 1, 'Founder "story"', 'ACTIVE'),
            (3, 2, 1, 'Offer – 10 %', 'PAUSED'), (4, 3, 2, 'Carousel', 'ACTIVE'),
            (5, 4, 3, 'Launch film', 'ARCHIVED'), (6, 1, 1, 'Withdrawn', 'DELETED'),
            (7, 5, 4, 'Draft', 'PAUSED')):
        account.add('Ad', id='12022000000000%03d' % number,
                    adset_id='12021000000000%03d' % adset,
                    campaign_id='12020000000000%03d' % campaign, name=name, status=status,
                    creative_id='12023000000000%03d' % number,
                    created_time=account.time(FIRST, 8),
                    updated_time=account.time(day(2, number + 1), 9, 30))
        creative(account, number, name)


def creative(account, number, name):
    """Each creative has what its kind has, and lacks the rest."""
    extra = {
        1: {'video_id': '9988776655443322110', 'thumbnail_url': 'https://cdn.example/t1.jpg',
            'object_type': 'VIDEO', 'call_to_action_type': 'SHOP_NOW',
            'instagram_permalink_url': 'https://www.instagram.com/p/Abc1/'},
        2: {'image_url': 'https://cdn.example/2.jpg', 'object_type': 'SHARE', 'title': name,
            'body': 'Line one\nLine two', 'link_url': 'https://brand.example/?a=1&b=2',
            'object_story_spec': {'page_id': '104512345678901', 'link_data': {
                'link': 'https://brand.example/', 'message': 'é'}}},
        3: {'asset_feed_spec': {'bodies': [{'text': 'A'}, {'text': 'B'}],
                                'titles': [{'text': 'T'}]}, 'object_type': 'SHARE'},
    }.get(number, {'object_type': 'SHARE', 'image_url': 'https://cdn.example/%d.jpg' % number})
    account.add('AdCreative', id='12023000000000%03d' % number, name=name, status='ACTIVE',
                **extra)


def facts(account, n, day):
    """Ad 1 runs daily, 2 on weekdays, 3 ends in January, 4 spends without clicks."""
    ad = '12022000000000%03d'
    account.add_fact(make_fact(ad % 1, day, 4000 + 25 * n, 4000 + 10 * n, 60 + n % 7,
                               2 + n % 3, (2 + n % 3) * 5920))
    if day.weekday() < 5:
        # every tenth day the platform reports this ad's purchases by the pixel's type only
        account.add_fact(make_fact(ad % 2, day, 2550, 1800 + n, 22, n % 2, n % 2 * 7999,
                                   types=PIXEL if n % 10 == 5 else None))
    if day < datetime.date(2026, 2, 1):
        account.add_fact(make_fact(ad % 3, day, 1000, 900, 9))
    if n % 4 == 0:
        account.add_fact(make_fact(ad % 4, day, 1435, 1022, 0))         # cpc undefined
    if n < 20:
        account.add_fact(make_fact(ad % 5, day, 700, 512, 7, n % 5 == 0, (n % 5 == 0) * 11840))
    if n == 40:
        account.add_fact(make_fact(ad % 6, day, 0, 12, 0))              # spend "0"


def yen():
    """An account in a currency without decimals, days of Tokyo."""
    account = AdAccount('2222222222', 'Small Ads Japan', 'JPY', ZoneInfo('Asia/Tokyo'), TODAY,
                        FIRST, offset=1)
    account.add('Campaign', id='12020000000000900', name='日本', status='ACTIVE',
                objective='OUTCOME_SALES', buying_type='AUCTION', daily_budget='12000',
                created_time=account.time(FIRST), updated_time=account.time(FIRST, 17),
                start_time=account.time(FIRST, 0))
    account.add('AdSet', id='12021000000000900', campaign_id='12020000000000900', name='全国',
                status='ACTIVE', optimization_goal='OFFSITE_CONVERSIONS',
                created_time=account.time(FIRST), updated_time=account.time(FIRST, 17))
    account.add('Ad', id='12022000000000900', adset_id='12021000000000900',
                campaign_id='12020000000000900', creative_id='12023000000000900', name='広告',
                status='ACTIVE', created_time=account.time(FIRST),
                updated_time=account.time(FIRST, 17))
    creative(account, 900, '広告')
    for n in range(10):
        account.add_fact(make_fact('12022000000000900', FIRST + datetime.timedelta(days=n),
                                   12000, 9000, 80, 3, 18000))
    return account.finish()
