"""Self-checks of world "story": what the services say agrees with the Story."""

import datetime
import unittest

from check_google import Base as Google
from check_klaviyo import Base as Klaviyo
from check_meta import ACCOUNT, Base as Meta
from checking import TODAY
from story import Story


class Told:
    """The same story the simulator tells, made here."""
    made = None

    @classmethod
    def story(cls):
        if cls.made is None:
            cls.made = Story(datetime.date.fromisoformat(TODAY), 1)
        return cls.made


class AdsAgree(Meta):
    def test_days(self):
        story = Told.story()
        since = story.yesterday - datetime.timedelta(days=59)
        rows = self.rows(world='story', time_increment=1, limit=100, time_range={
            'since': since.isoformat(), 'until': story.yesterday.isoformat()},
            fields='spend,impressions,clicks,reach,actions,action_values')
        self.assertEqual(len(rows), 60)
        for day, row in zip(story.days(since, story.yesterday), rows):
            self.assertEqual(row['date_start'], day.date.isoformat())
            self.assertEqual((round(float(row['spend']) * 100), row['impressions'],
                              row['clicks']), (day.spend, str(day.impressions), str(day.clicks)))
            self.assertAlmostEqual(int(row['reach']), day.reach, delta=day.reach * 0.01)
            for name, expected in (('actions', day.ad_purchases),
                                   ('action_values', day.ad_purchase_value / 100)):
                found = {a['action_type']: float(a['value']) for a in row[name]}
                self.assertAlmostEqual(found.get('omni_purchase', 0), expected, 2)
            # the platform claims a part of the shop's new customers
            self.assertLessEqual(day.ad_purchases, day.new_customers)

    def test_levels_add_up(self):
        story = Told.story()
        day = (story.start + datetime.timedelta(days=100)).isoformat()
        span = {'since': day, 'until': day}
        whole = float(self.rows(world='story', time_range=span, fields='spend')[0]['spend'])
        campaigns = self.rows(world='story', time_range=span, fields='spend', level='campaign')
        self.assertAlmostEqual(sum(float(row['spend']) for row in campaigns), whole, 2)
        shown = self.rows(world='story', time_range=span, fields='spend', level='ad')
        self.assertLess(sum(float(row['spend']) for row in shown), whole)

    def test_tree(self):
        campaigns = self.rows(ACCOUNT + '/campaigns', 'story', fields='daily_budget')
        adsets = self.rows(ACCOUNT + '/adsets', 'story', fields='campaign_id,daily_budget')
        with_budget = {c['id'] for c in campaigns if 'daily_budget' in c}
        self.assertTrue(with_budget and len(with_budget) < len(campaigns))
        for adset in adsets:
            self.assertEqual('daily_budget' in adset, adset['campaign_id'] not in with_budget)
        ads = self.rows(ACCOUNT + '/ads', 'story', fields='creative{id,title}', limit=100)
        self.assertTrue(ads and all(ad['creative']['title'] for ad in ads))


class MailAgrees(Klaviyo):
    def aggregate(self, first, last, **changes):
        after = last + datetime.timedelta(days=1)
        status, body, _ = self.post('metric-aggregates', 'story', **{
            'metric_id': 'RESQ6t', 'measurements': ['count', 'sum_value'],
            'timezone': 'America/New_York', 'filter': [
                'greater-or-equal(datetime,%sT00:00:00)' % first,
                'less-than(datetime,%sT00:00:00)' % after], **changes})
        self.assertEqual(status, 200, body)
        return body['data']['attributes']

    def test_purchases_are_orders(self):
        story = Told.story()
        first = story.yesterday - datetime.timedelta(days=364)
        begin, end = story.midnight(first), story.midnight(story.today)
        orders = [o for o in story.shop.orders if not o.test and begin <= o.processed_at < end]
        found = self.aggregate(first, story.yesterday, by=['$attributed_channel'])
        self.assertEqual(len(found['dates']), 365)
        sums = {row['dimensions'][0]: row['measurements'] for row in found['data']}
        self.assertEqual(sum(sum(m['count']) for m in sums.values()), len(orders))
        value = sum(sum(m['sum_value']) for m in sums.values())
        self.assertAlmostEqual(value, sum(o.total_price for o in orders) / 100, 1)
        mailed = sum(sum(sums[channel]['sum_value']) for channel in ('email', 'sms'))
        net = sum(day.net for day in story.days(first, story.yesterday)) / 100
        self.assertTrue(0.20 <= mailed / net <= 0.30, mailed / net)
        by_message = self.aggregate(first, story.yesterday, by=['$attributed_message'])
        self.assertAlmostEqual(sum(sum(row['measurements']['sum_value'])
                                   for row in by_message['data']), value, 1)

    def test_reports(self):
        story = Told.story()
        first = story.yesterday - datetime.timedelta(days=29)
        rows = {}
        for kind in ('campaign', 'flow'):
            status, body, _ = self.post(kind + '-values-reports', 'story', **{
                'statistics': ['recipients', 'conversions', 'conversion_value'],
                'timeframe': {'start': '%sT00:00:00' % first,
                              'end': '%sT23:59:59' % story.yesterday},
                'conversion_metric_id': 'RESQ6t'})
            self.assertEqual(status, 200, body)
            rows[kind] = body['data']['attributes']['results']
            self.assertTrue(all(row['statistics']['recipients'] > 0 for row in rows[kind]))
        # flows convert on the day they are counted: they agree with the purchases to the cent
        flows = sum(row['statistics']['conversion_value'] for row in rows['flow'])
        found = self.aggregate(first, story.yesterday, by=['$attributed_flow'])
        bought = sum(sum(row['measurements']['sum_value']) for row in found['data']
                     if row['dimensions'] != [''])
        self.assertAlmostEqual(flows, bought, 1)
        self.assertEqual(len(rows['flow']), 5)
        self.assertTrue(12 <= len(rows['campaign']) <= 14)

    def test_objects(self):
        email = self.every('campaigns', 'story', filter='equals(messages.channel,"email")')
        archived = self.every('campaigns', 'story', filter='equals(messages.channel,"email"),'
                              'equals(archived,true)')
        self.assertGreater(len(email), 100)
        self.assertTrue(archived)
        self.assertEqual(len(self.every('flows', 'story')), 5)
        self.assertEqual(len(self.every('lists', 'story')), 3)
        story = Told.story()
        since = datetime.datetime.fromtimestamp(story.midnight(story.yesterday),
                                                datetime.timezone.utc)
        people = self.every('profiles', 'story', page_size=100, filter='greater-than(created,%s)'
                            % since.strftime('%Y-%m-%dT%H:%M:%SZ'))
        known = {c.email for c in story.shop.customers}
        self.assertTrue(people and {p['attributes']['email'] for p in people} <= known)


class SheetAgrees(Google):
    def rows(self, title, **options):
        status, body = self.values("'%s'" % title, 'story', valueRenderOption='UNFORMATTED_VALUE',
                                   **options)
        self.assertEqual(status, 200, body)
        return body['values']

    def test_crosstab(self):
        story = Told.story()
        cash = story.cash
        rows = {row[0]: row[1:] for row in self.rows('Cash flow') if row}
        days = [datetime.date(1899, 12, 30) + datetime.timedelta(days=n)
                for n in rows['Line item']]
        self.assertEqual(days, cash.weeks)
        for line in cash.lines:
            self.assertEqual([round((cell or 0) * 100) for cell in rows[line.name]]
                             + [0] * (len(cash.weeks) - len(rows[line.name])), line.cents)
        opening = rows['Opening balance']
        self.assertEqual(round(opening[-1] * 100), cash.opening[1])
        self.assertLessEqual(cash.weeks[len(opening) - 1], story.yesterday)
        for at, net in enumerate(rows['Net cash flow']):
            planned = sum(line.cents[at] * (1 if line.kind == 'in' else -1) for line in cash.lines)
            self.assertEqual(round(net * 100), planned)
        shown = self.values("'Cash flow'!B1:B2", 'story')[1]['values']
        self.assertRegex(shown[0][0], r'^[A-Z][a-z]{2} \d+$')
        self.assertRegex(shown[1][0], r'^\$[\d,]+\.\d\d$')

    def test_long(self):
        story = Told.story()
        rows = self.rows('Cash long')
        self.assertEqual(rows[0], ['Date', 'Line item', 'Amount', 'Kind'])
        self.assertEqual(rows[1][1:3], ['Opening balance', story.cash.opening[1] / 100])
        total = sum(round(row[2] * 100) for row in rows[2:])
        self.assertEqual(total, sum(sum(line.cents) for line in story.cash.lines))

    def test_targets(self):
        rows = {row[0]: row[1] for row in self.rows('Targets')[1:]}
        self.assertEqual(set(rows), set(Told.story().cash.targets))
        self.assertEqual((rows['cac'], rows['conversion_rate']), (
            Told.story().cash.targets['cac'] / 100, Told.story().cash.targets['conversion_rate']))


if __name__ == '__main__':
    unittest.main()
