"""Self-checks of the simulated TikTok API for Business.

No description of the answers is published; what the parameters are called, how much
they hold and what an answer looks like is checked against literals here.
"""

import datetime
import json
import unittest
import urllib.parse

from checking import TODAY, Case
from story import Story
from tiktok_small import ADVERTISER, TOKYO, adgroup, campaign

AUTH = {'Access-Token': 'tiktok_test'}
BASE = '/open_api/v1.3'
REPORT = BASE + '/report/integrated/get/'


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


class Base(Case):
    def raw(self, path, world='small', headers=AUTH, method=None, **query):
        pairs = {name: compact(value) if isinstance(value, (list, dict)) else value
                 for name, value in query.items()}
        tail = '?' + urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote) if pairs else ''
        return self.sim.call('/%s/tiktok%s%s' % (world, path, tail), headers=headers,
                             method=method)

    def get(self, path, **options):
        status, body, _ = self.raw(path, **options)
        self.assertEqual(status, 200, body)
        self.assertEqual(set(body), {'code', 'message', 'request_id', 'data'})
        if body['code'] != 0:
            self.assertNotEqual(body['message'], 'OK')
        return body

    def code(self, path, **options):
        body = self.get(path, **options)
        if body['code'] not in (0, 20001):
            self.assertEqual(body['data'], {})
        return body['code']

    def list(self, path, **options):
        body = self.get(path, **options)
        self.assertEqual((body['code'], body['message']), (0, 'OK'), body)
        return body['data']['list']

    def report(self, **changes):
        query = dict(advertiser_id=ADVERTISER, report_type='BASIC', service_type='AUCTION',
                     data_level='AUCTION_ADVERTISER',
                     dimensions=['advertiser_id', 'stat_time_day'], metrics=['spend'],
                     start_date='2026-01-01', end_date='2026-01-30', page=1, page_size=1000)
        query.update(changes)
        return {name: value for name, value in query.items() if value is not None}


class EnvelopeChecks(Base):
    def test_paths(self):
        for path in (REPORT[:-1], BASE + '/pixel/list/', '/open_api/v1.3/'):
            status, body, headers = self.raw(path)
            self.assertEqual((status, body), (404, '404 page not found'))
            self.assertEqual(headers['Content-Type'], 'text/plain')
        self.assertEqual(self.raw(REPORT, method='POST')[0], 405)
        self.assertEqual(self.code('/open_api/v1.2/campaign/get/', advertiser_id=ADVERTISER), 40006)

    def test_tokens(self):
        path, query = BASE + '/campaign/get/', {'advertiser_id': ADVERTISER}
        for headers, code in (({}, 40104), ({'Access-Token': 'wrong'}, 40105),
                              ({'Access-Token': 'revoked-1'}, 40102),
                              ({'Authorization': 'Bearer tiktok_test'}, 40104)):
            self.assertEqual(self.code(path, headers=headers, **query), code)
        self.assertEqual(self.code(path, headers={}, **query, **AUTH), 40104)
        self.assertEqual(self.code(path, advertiser_id='1'), 40001)
        self.assertEqual(self.code(path), 40002)
        self.assertEqual(self.code(path, advertiser_id='x'), 40002)
        self.sim.control('set', world='small', service='tiktok', forbidden=1)
        self.assertEqual(self.code(path, **query), 40001)

    def test_log_tells_no_token(self):
        self.list(BASE + '/campaign/get/', advertiser_id=ADVERTISER)
        log = self.sim.call('/_control/log?world=small&service=tiktok')[1]
        self.assertEqual(log[-1]['headers']['access-token'], '***')

    def test_pace(self):
        self.sim.control('set', world='small', service='tiktok', qps=2)
        codes = [self.code(BASE + '/campaign/get/', advertiser_id=ADVERTISER) for _ in range(5)]
        self.assertEqual(codes[:2], [0, 0])
        self.assertIn(40100, codes)

    def test_faults(self):
        for kind, options, code in (
                ('throttle', {}, 40100), ('throttle', {'code': 40133}, 40133),
                ('transient', {}, 50000), ('stale_cursor', {}, 40002), ('partial', {}, 20001)):
            self.sim.control('fault', world='small', service='tiktok', kind=kind, **options)
            self.assertEqual(self.code(REPORT, **self.report()), code, kind)
        self.sim.control('fault', world='small', service='tiktok', kind='transient', status=502)
        self.assertEqual(self.raw(REPORT, **self.report())[0], 502)


class EntityChecks(Base):
    def test_advertiser(self):
        info = BASE + '/advertiser/info/'
        found = self.list(info, advertiser_ids=[ADVERTISER, TOKYO],
                          fields=['name', 'currency', 'timezone', 'display_timezone'])
        self.assertEqual(found, [
            {'advertiser_id': ADVERTISER, 'name': 'Small TikTok', 'currency': 'USD',
             'timezone': 'Etc/GMT+5', 'display_timezone': 'America/New_York'},
            {'advertiser_id': TOKYO, 'name': 'Small TikTok Japan', 'currency': 'JPY',
             'timezone': 'Etc/GMT-9', 'display_timezone': 'Asia/Tokyo'}])
        for query, code in (({}, 40002), ({'advertiser_ids': ['1']}, 40001),
                            ({'advertiser_ids': ADVERTISER}, 40002),
                            ({'advertiser_ids': [ADVERTISER], 'fields': ['colour']}, 40002),
                            ({'advertiser_ids': [ADVERTISER], 'page': 1}, 40002)):
            self.assertEqual(self.code(info, **query), code, query)

    def test_deleted_hide(self):
        for name, every, some in (('campaign', 3, 2), ('adgroup', 3, 2), ('ad', 5, 4)):
            path = BASE + '/%s/get/' % name
            self.assertEqual(len(self.list(path, advertiser_id=ADVERTISER)), some)
            shown = self.list(path, advertiser_id=ADVERTISER, filtering={
                'secondary_status': name.upper() + '_STATUS_ALL'})
            self.assertEqual(len(shown), every)
            self.assertTrue(all(len(item[name + '_id']) == 19 for item in shown))
        lacking = [a['ad_id'] for a in shown if 'modify_time' not in a]
        self.assertEqual(len(lacking), 1)
        self.assertRegex(shown[0]['modify_time'], r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$')

    def test_filters_and_pages(self):
        path = BASE + '/ad/get/'
        found = self.list(path, advertiser_id=ADVERTISER, fields=['ad_name'],
                          filtering={'adgroup_ids': [adgroup(1)]})
        self.assertEqual(found, [{'ad_name': 'UGC bath'}, {'ad_name': 'Founder "story" – é'}])
        body = self.get(path, advertiser_id=ADVERTISER, page=2, page_size=3)['data']
        self.assertEqual(len(body['list']), 1)
        self.assertEqual(body['page_info'], {'page': 2, 'page_size': 3, 'total_number': 4,
                                             'total_page': 2})
        self.assertEqual(self.list(path, advertiser_id=ADVERTISER, page=9), [])

    def test_refusals(self):
        path = BASE + '/campaign/get/'
        for query in (dict(page=0), dict(page_size=1001), dict(page_size='x'), dict(limit=3),
                      dict(fields=['nope']), dict(fields=[]), dict(fields='campaign_id'),
                      dict(filtering=[]), dict(filtering={'ad_ids': ['1']}),
                      dict(filtering={'campaign_ids': ['x']}),
                      dict(filtering={'campaign_ids': 'x'}),
                      dict(filtering={'secondary_status': 'AD_STATUS_ALL'}),
                      dict(fields='["campaign_id", "budget"]')):
            self.assertEqual(self.code(path, advertiser_id=ADVERTISER, **query), 40002, query)
        many = [str(n) for n in range(101)]
        self.assertEqual(self.code(path, advertiser_id=ADVERTISER,
                                   filtering={'campaign_ids': many}), 40011)
        status, body, _ = self.sim.call('/small/tiktok%s?advertiser_id=%s&fields=["campaign_id"]'
                                        % (path, ADVERTISER), headers=AUTH)
        self.assertEqual((status, body['code']), (200, 40002), 'not encoded')


class ReportChecks(Base):
    def test_days(self):
        rows = self.list(REPORT, **self.report(metrics=['spend', 'impressions', 'cpc'],
                                               start_date='2026-02-01', end_date='2026-02-28'))
        days = [row['dimensions']['stat_time_day'] for row in rows]
        self.assertEqual(len(days), 27, 'a day without delivery has no row')
        self.assertNotIn('2026-02-15 00:00:00', days)
        self.assertEqual(rows[0], {'dimensions': {'advertiser_id': ADVERTISER,
                                                  'stat_time_day': '2026-02-01 00:00:00'},
                                   'metrics': {'spend': '36.20', 'impressions': '5310',
                                               'cpc': '0.57'}})

    def test_levels(self):
        whole = {}
        for level, name in (('ADVERTISER', 'advertiser'), ('CAMPAIGN', 'campaign'),
                            ('ADGROUP', 'adgroup'), ('AD', 'ad')):
            query = self.report(data_level='AUCTION_' + level,
                                dimensions=[name + '_id', 'stat_time_day'])
            shown = sum(float(r['metrics']['spend']) for r in self.list(REPORT, **query))
            if name != 'advertiser':
                query['filtering'] = [{'field_name': name + '_status', 'filter_type': 'IN',
                                       'filter_value': '["STATUS_ALL"]'}]
                every = sum(float(r['metrics']['spend']) for r in self.list(REPORT, **query))
                self.assertLess(shown, every, 'deleted ones hide')
                shown = every
            whole[name] = round(shown, 2)
        self.assertEqual(len(set(whole.values())), 1, whole)

    def test_values(self):
        row = self.list(REPORT, **self.report(
            data_level='AUCTION_AD', dimensions=['ad_id', 'stat_time_day'],
            start_date='2026-01-05', end_date='2026-01-05',
            metrics=['spend', 'cpc', 'campaign_id', 'campaign_name', 'likes', 'average_video_play',
                     'secondary_goal_result', 'complete_payment', 'total_complete_payment_rate'],
            order_field='spend', order_type='ASC'))[0]
        self.assertEqual(row['metrics']['cpc'], '-')
        self.assertEqual(row['metrics']['campaign_id'], int(campaign(2)))
        self.assertIsInstance(row['metrics']['likes'], int)
        self.assertIsInstance(row['metrics']['average_video_play'], float)
        self.assertIsNone(row['metrics']['secondary_goal_result'])

    def test_filters(self):
        query = self.report(data_level='AUCTION_CAMPAIGN',
                            dimensions=['campaign_id', 'stat_time_day'], filtering=[
                                {'field_name': 'campaign_ids', 'filter_type': 'IN',
                                 'filter_value': compact([campaign(1)])},
                                {'field_name': 'spend', 'filter_type': 'GREATER_EQUAL',
                                 'filter_value': '48'}])
        rows = self.list(REPORT, **query)
        self.assertTrue(rows)
        self.assertEqual({r['dimensions']['campaign_id'] for r in rows}, {campaign(1)})
        self.assertGreaterEqual(min(float(r['metrics']['spend']) for r in rows), 48)

    def test_totals(self):
        data = self.get(REPORT, **self.report(enable_total_metrics='true', page_size=10))['data']
        self.assertEqual(data['page_info']['total_page'], 3)
        self.assertEqual(len(data['list']), 10)
        # ad 1: 30 * 30.00 + 0.20 * 435, ad 2: 22 * 12.50, ad 3: 8 * 4.35, ad 4: 20 * 7.00
        self.assertEqual(data['total_metrics']['spend'], '1436.80')
        rest = self.report(query_lifetime='true', dimensions=['advertiser_id'], start_date=None,
                           end_date=None, metrics=['spend', 'cash_spend'])
        self.assertEqual(len(self.list(REPORT, **rest)), 1)

    def test_refusals(self):
        for changes in (
                dict(report_type=None), dict(report_type='X'), dict(data_level=None),
                dict(dimensions=None), dict(dimensions=[]), dict(dimensions=['campaign_id']),
                dict(dimensions=['stat_time_day']), dict(metrics=['nope']),
                dict(metrics=['campaign_name']), dict(metrics=['voucher_spend']),
                dict(start_date='2026-01-01', end_date='2026-01-31'), dict(start_date=None),
                dict(start_date='2026-1-1x'), dict(start_date='2026-02-01'),
                dict(query_lifetime='true'), dict(order_field='cpc'), dict(order_type='UP'),
                dict(filters='[]'), dict(page_size=1001), dict(metrics=['spend', 'spend']),
                dict(filtering=[{'field_name': 'campaign_ids', 'filter_type': 'IN',
                                 'filter_value': '["1"]'}]),
                dict(filtering=[{'field_name': 'spend', 'filter_type': 'IS', 'filter_value': '1'}]),
                dict(filtering=[{'field_name': 'spend', 'filter_type': 'IN'}])):
            self.assertEqual(self.code(REPORT, **self.report(**changes)), 40002, changes)
        self.assertEqual(self.code(REPORT, **self.report(report_type='AUDIENCE')), 40009)
        message = self.get(REPORT, **self.report(metrics=['nope']))['message']
        self.assertIn('nope', message, 'the message names the field')

    def test_knobs(self):
        query = self.report(metrics=['complete_payment'], start_date='2026-02-20',
                            end_date='2026-03-10')

        def paid():
            return sum(int(r['metrics']['complete_payment']) for r in self.list(REPORT, **query))

        before = paid()
        self.sim.control('set', world='small', service='tiktok', restate=100, no_page_info=1)
        self.assertEqual(paid(), 2 * before)
        self.assertNotIn('page_info', self.get(REPORT, **query)['data'])
        self.sim.control('reset')
        self.sim.control('set', world='small', service='tiktok', total=77)
        self.assertEqual(self.get(REPORT, **query)['data']['page_info']['total_number'], 77)

    def test_empty_and_yen(self):
        self.assertEqual(self.list(REPORT, world='empty', **self.report()), [])
        row = self.list(REPORT, **self.report(advertiser_id=TOKYO,
                                              metrics=['spend', 'currency']))[0]
        self.assertEqual(row['metrics'], {'spend': '6000', 'currency': 'JPY'})


class StoryChecks(Base):
    def test_story(self):
        today = datetime.date.fromisoformat(TODAY)
        query = self.report(metrics=['spend', 'complete_payment'], start_date=str(
            today - datetime.timedelta(days=30)), end_date=str(today - datetime.timedelta(days=1)))
        rows = self.list(REPORT, world='story', **query)
        self.assertEqual(len(rows), 30)
        self.assertEqual(rows, self.list(REPORT, world='story', **query), 'asked twice, the same')
        # a small channel beside the other one
        spend = sum(float(r['metrics']['spend']) for r in rows)
        other = sum(day.spend for day in Story(today, 1).days(
            today - datetime.timedelta(days=30), today - datetime.timedelta(days=1))) / 100
        self.assertTrue(0.05 < spend / other < 0.12, spend / other)
        query.update(data_level='AUCTION_AD', dimensions=['ad_id', 'stat_time_day'])
        self.assertAlmostEqual(
            sum(float(r['metrics']['spend']) for r in self.list(REPORT, world='story', **query)),
            spend, 2)


if __name__ == '__main__':
    unittest.main()
