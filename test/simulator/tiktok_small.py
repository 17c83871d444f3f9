"""World "small": fixed days of 2026 and the odd cases of a TikTok account.

Days are 2026-01-01 to 2026-03-10; the account thinks today is 2026-03-11.
Ad 1 runs daily, ad 2 on weekdays, ad 3 spends without clicks, ad 4 and all above it
were deleted after twenty days, ad 5 never ran.  On 2026-02-15 nothing runs.
"""

import datetime
from zoneinfo import ZoneInfo

from tiktok_account import Account

NEW_YORK = ZoneInfo('America/New_York')
FIRST, TODAY = datetime.date(2026, 1, 1), datetime.date(2026, 3, 11)
SILENT = datetime.date(2026, 2, 15)
ADVERTISER, TOKYO = '7012345678901234567', '7012345678901234999'


def accounts():
    return [dollars(), yen()]


def empty_accounts(today):
    return [Account(ADVERTISER, 'Empty Ads', 'USD', NEW_YORK, today, datetime.date(2025, 1, 1))]


def campaign(number):
    return '17141250425088170%02d' % number


def adgroup(number):
    return '17141250499011060%02d' % number


def ad(number):
    return '17141250555033090%02d' % number


def dollars():
    account = Account(ADVERTISER, 'Small TikTok', 'USD', NEW_YORK, TODAY, FIRST)
    objects(account)
    for n in range((TODAY - FIRST).days):
        facts(account, n, FIRST + datetime.timedelta(days=n))
    return account


def objects(account):
    def day(month, number):
        return datetime.date(2026, month, number)

    for number, name, status, budget, modified in (
            (1, 'Spark prospecting', 'ENABLE', 150.0, day(3, 1)),
            (2, 'Retargeting', 'DISABLE', 0.0, day(2, 1)),
            (3, 'Old launch', 'DELETE', 900.0, day(1, 21))):
        account.add('Campaign', campaign_id=campaign(number), campaign_name=name,
                    campaign_type='REGULAR_CAMPAIGN', objective='LANDING_PAGE',
                    objective_type='WEB_CONVERSIONS', budget=budget,
                    budget_mode='BUDGET_MODE_DAY' if budget else 'BUDGET_MODE_INFINITE',
                    operation_status='DISABLE' if status != 'ENABLE' else 'ENABLE',
                    secondary_status='CAMPAIGN_STATUS_' + status,
                    is_smart_performance_campaign=False,
                    create_time=account.time(FIRST), modify_time=account.time(modified, 17, 41, 5))
    for number, parent, name, status in (
            (1, 1, 'US 18-34', 'DELIVERY_OK'), (2, 2, 'Visitors', 'CAMPAIGN_DISABLE'),
            (3, 3, 'Launch', 'DELETE')):
        account.add('AdGroup', campaign_id=campaign(parent), adgroup_id=adgroup(number),
                    adgroup_name=name, placement_type='PLACEMENT_TYPE_AUTOMATIC',
                    promotion_type='WEBSITE', optimization_goal='CONVERT',
                    optimization_event='ON_WEB_ORDER', billing_event='OCPM', budget=75.5,
                    budget_mode='BUDGET_MODE_DAY', bid_price=0.0,
                    operation_status='ENABLE' if number == 1 else 'DISABLE',
                    secondary_status='ADGROUP_STATUS_' + status, create_time=account.time(FIRST),
                    modify_time=account.time(day(2, number), 12))
    for number, group, name, status in (
            (1, 1, 'UGC bath', 'DELIVERY_OK'), (2, 1, 'Founder "story" – é', 'DELIVERY_OK'),
            (3, 2, 'Carousel', 'CAMPAIGN_DISABLE'), (4, 3, 'Launch film', 'DELETE'),
            (5, 2, 'Draft', 'AUDIT_DENY')):
        # a Smart+ ad lacks modify_time
        modified = {} if number == 2 else {
            'modify_time': account.time(day(2, number + 1), 9, 30)}
        account.add('Ad', campaign_id=campaign(group), adgroup_id=adgroup(group),
                    ad_id=ad(number), ad_name=name, ad_format='SINGLE_VIDEO',
                    ad_text='Line one\nLine two', call_to_action='SHOP_NOW',
                    landing_page_url='https://brand.example/?a=1&b=2', video_id='v%d' % number,
                    operation_status='ENABLE' if number < 3 else 'DISABLE',
                    secondary_status='AD_STATUS_' + status, create_time=account.time(FIRST, 8),
                    **modified)


def facts(account, n, day):
    if day == SILENT:
        return
    account.add_fact(ad(1), day, 3000 + 20 * n, 5000 + 10 * n, 60 + n % 7, 4200 + n, 4, n % 3,
                     n % 3 * 5920, 3900 + n)
    if day.weekday() < 5:
        account.add_fact(ad(2), day, 1250, 1800 + n, 22, 1500, 1, n % 2, n % 2 * 7999, 900)
    if n % 4 == 0:
        account.add_fact(ad(3), day, 435, 1022, 0, 1000, 0, 0, 0, 0)        # cpc undefined
    if n < 20:
        account.add_fact(ad(4), day, 700, 512, 7, 400, 1, n % 5 == 0, (n % 5 == 0) * 11840, 310)


def yen():
    """An account in a currency without decimals, days of Tokyo."""
    account = Account(TOKYO, 'Small TikTok Japan', 'JPY', ZoneInfo('Asia/Tokyo'), TODAY, FIRST,
                      offset=1)
    account.add('Campaign', campaign_id=campaign(90), campaign_name='日本', budget=12000,
                campaign_type='REGULAR_CAMPAIGN', objective_type='WEB_CONVERSIONS',
                budget_mode='BUDGET_MODE_DAY', operation_status='ENABLE',
                secondary_status='CAMPAIGN_STATUS_ENABLE', create_time=account.time(FIRST),
                modify_time=account.time(FIRST, 17))
    account.add('AdGroup', campaign_id=campaign(90), adgroup_id=adgroup(90), adgroup_name='全国',
                placement_type='PLACEMENT_TYPE_NORMAL', promotion_type='WEBSITE',
                operation_status='ENABLE', secondary_status='ADGROUP_STATUS_DELIVERY_OK',
                create_time=account.time(FIRST), modify_time=account.time(FIRST, 17))
    account.add('Ad', campaign_id=campaign(90), adgroup_id=adgroup(90), ad_id=ad(90),
                ad_name='広告', operation_status='ENABLE',
                secondary_status='AD_STATUS_DELIVERY_OK', create_time=account.time(FIRST),
                modify_time=account.time(FIRST, 17))
    for n in range(10):
        account.add_fact(ad(90), FIRST + datetime.timedelta(days=n), 6000, 4000, 30, 3500, 2, 1,
                         9000, 2000)
    return account
