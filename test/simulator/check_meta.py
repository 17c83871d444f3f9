"""Self-checks of meta.py."""

import gzip
import hmac
import json
import urllib.parse

import meta_fields
from checking import Case, spec_path

AUTH = {'Authorization': 'Bearer EAAtest'}
ACCOUNT = '/act_1234567890'


class Base(Case):
    def get(self, path, world='small', headers=AUTH, version='v25.0', **query):
        query = {name: json.dumps(value) if isinstance(value, (dict, list)) else value
                 for name, value in query.items()}
        return self.sim.call('/%s/meta/%s%s?%s' % (world, version, path,
                                                   urllib.parse.urlencode(query)),
                             headers=headers)

    def error(self, path, **query):
        """(HTTP status, code, subcode) of a refused request."""
        status, body, _ = self.get(path, **query)
        self.assertGreaterEqual(status, 400, body)
        self.assertIn('fbtrace_id', body['error'])
        return status, body['error']['code'], body['error'].get('error_subcode')

    def rows(self, path=ACCOUNT + '/insights', world='small', **query):
        """All rows, following next to the end."""
        status, body, _ = self.get(path, world, **query)
        self.assertEqual(status, 200, body)
        found = body['data']
        while 'next' in body.get('paging', {}):
            self.assertIn('access_token=EAAtest', body['paging']['next'])
            status, body, _ = self.sim.call(body['paging']['next'])
            self.assertEqual(status, 200, body)
            self.assertTrue(body['data'])
            found = found + body['data']
        return found


class NodeChecks(Base):
    def test_token(self):
        self.assertEqual(self.get(ACCOUNT, headers={})[1]['error']['code'], 104)
        self.assertEqual(self.get(ACCOUNT, headers={}, access_token='EAAtest')[0], 200)
        self.assertEqual(self.error(ACCOUNT, headers={}, access_token='nope'), (400, 190, None))
        self.assertEqual(self.error(ACCOUNT, headers={}, access_token='expired-x'),
                         (400, 190, 463))
        self.assertEqual(self.error(ACCOUNT, version='v19.0'), (400, 2635, None))
        self.sim.control('set', world='small', service='meta', app_secret='app-secret')
        self.assertEqual(self.error(ACCOUNT), (400, 100, None))
        self.assertEqual(self.error(ACCOUNT, appsecret_proof='00'), (400, 100, None))
        proof = hmac.new(
            b'app-secret', b'EAAtest', 'sha256').hexdigest()
        self.assertEqual(self.get(ACCOUNT, appsecret_proof=proof)[0], 200)

    def test_account(self):
        status, body, headers = self.get(ACCOUNT, fields=(
            'id,account_id,name,currency,timezone_name,account_status,amount_spent,'
            'timezone_offset_hours_utc'))
        self.assertEqual(status, 200)
        self.assertEqual(body['id'], 'act_1234567890')
        self.assertIsInstance(body['amount_spent'], str)
        self.assertIsInstance(body['account_status'], int)
        self.assertIsInstance(body['timezone_offset_hours_utc'], float)
        self.assertEqual(json.loads(headers['X-App-Usage'])['call_count'], 1)
        self.assertEqual([a['currency'] for a in self.rows('/me/adaccounts', fields='currency')],
                         ['USD', 'JPY'])
        self.assertEqual(self.error('/act_77'), (400, 100, 33))
        self.assertEqual(self.error('/brand'), (404, 803, None))

    def test_objects(self):
        campaigns = self.rows(ACCOUNT + '/campaigns', fields='id,name,effective_status,'
                              'daily_budget,created_time')
        self.assertEqual([c['name'] for c in campaigns], ['Prospecting', 'Retargeting',
                                                          'Never ran'])
        self.assertEqual(campaigns[0]['created_time'], '2026-01-01T09:00:00-0500')
        self.assertNotIn('daily_budget', campaigns[2])
        self.assertEqual(len(self.rows(ACCOUNT + '/campaigns', effective_status=[
            'ACTIVE', 'PAUSED', 'ARCHIVED'])), 4)
        recent = self.rows(ACCOUNT + '/campaigns', fields='name', filtering=[{
            'field': 'campaign.updated_time', 'operator': 'GREATER_THAN', 'value': 1769900000}])
        self.assertEqual([c['name'] for c in recent], ['Prospecting', 'Retargeting'])
        self.assertEqual(self.rows(ACCOUNT + '/ads', fields='creative{id,video_id}')[0]['creative'],
                         {'id': '12023000000000001', 'video_id': '9988776655443322110'})
        self.assertEqual(len(self.rows('/12020000000000001/ads', limit=2)), 3)
        self.assertEqual(self.error(ACCOUNT + '/ads', fields='id,nope'), (400, 100, None))
        self.assertEqual(self.error(ACCOUNT + '/ads', nope='1'), (400, 100, None))
        self.assertEqual(self.error(ACCOUNT + '/ads', effective_status=['GONE']), (400, 100, None))
        self.assertEqual(self.error(ACCOUNT + '/pixels')[1], 2500)
        self.assertEqual(sorted(self.get('/', ids='12022000000000001,12021000000000001',
                                         fields='name')[1]),
                         ['12021000000000001', '12022000000000001'])


class InsightsChecks(Base):
    RANGE = {'since': '2026-01-01', 'until': '2026-01-10'}

    def test_daily_rows(self):
        rows = self.rows(time_range=self.RANGE, time_increment=1, level='ad', limit=7, fields=(
            'ad_id,spend,impressions,clicks,cpc,ctr,reach,actions,action_values,purchase_roas'))
        keys = [(row['ad_id'], row['date_start']) for row in rows]
        self.assertEqual(len(keys), len(set(keys)))
        for row in rows:
            self.assertTrue(all(isinstance(value, (str, list)) for value in row.values()))
            self.assertEqual(row['date_start'], row['date_stop'])
        silent = [row for row in rows if row['ad_id'] == '12022000000000004'][0]
        self.assertEqual((silent['spend'], silent['clicks'], silent['ctr']), ('14.35', '0', '0'))
        self.assertNotIn('cpc', silent)
        self.assertNotIn('purchase_roas', silent)
        # archived ads only when asked for, though their spend counts above
        self.assertNotIn('12022000000000005', [key[0] for key in keys])
        every = self.rows(time_range=self.RANGE, level='ad', fields='spend', filtering=[{
            'field': 'ad.effective_status', 'operator': 'IN',
            'value': ['ACTIVE', 'PAUSED', 'ARCHIVED', 'DELETED']}])
        whole = self.rows(time_range=self.RANGE, fields='spend')
        self.assertEqual(len(whole), 1)
        self.assertAlmostEqual(sum(float(row['spend']) for row in every),
                               float(whole[0]['spend']))
        self.assertLess(sum(float(row['spend']) for row in rows), float(whole[0]['spend']))

    def test_actions(self):
        row = self.rows(time_range={'since': '2026-01-02', 'until': '2026-01-02'}, level='ad',
                        fields='actions,action_values,cost_per_action_type',
                        action_attribution_windows=['7d_click', '1d_view', '28d_view'])[0]
        actions = {a['action_type']: a for a in row['actions']}
        self.assertEqual(actions['omni_purchase']['value'], '3')
        self.assertEqual(actions['purchase']['value'], '3')
        self.assertEqual(int(actions['omni_purchase'].get('7d_click', 0))
                         + int(actions['omni_purchase'].get('1d_view', 0)), 3)
        self.assertNotIn('28d_view', actions['omni_purchase'])
        self.assertEqual({a['action_type']: a['value'] for a in row['action_values']}
                         ['omni_purchase'], '177.6')
        only = self.rows(time_range=self.RANGE, fields='actions', filtering=[{
            'field': 'action_type', 'operator': 'IN', 'value': ['omni_purchase']}])[0]
        self.assertEqual([a['action_type'] for a in only['actions']], ['omni_purchase'])

    def test_paging(self):
        query = dict(time_range=self.RANGE, time_increment=1, level='ad', fields='spend')
        _, body, _ = self.get(ACCOUNT + '/insights', **query)
        self.assertEqual(len(body['data']), 25)
        cursor = body['paging']['cursors']['after']
        _, rest, _ = self.get(ACCOUNT + '/insights', after=cursor, **query)
        self.assertNotIn('next', rest['paging'])
        self.assertEqual(len(self.rows(**query)), 25 + len(rest['data']))
        query['level'] = 'adset'
        self.assertEqual(self.error(ACCOUNT + '/insights', after=cursor, **query),
                         (400, 100, None))
        empty = self.get(ACCOUNT + '/insights', time_range={'since': '2026-03-12',
                                                            'until': '2026-03-13'})[1]
        self.assertEqual(empty, {'data': []})
        self.assertEqual(self.get(ACCOUNT + '/insights', world='empty')[1], {'data': []})

    def test_refusals(self):
        insights = ACCOUNT + '/insights'
        for query in (dict(fields='spend,nope'), dict(level='creative'), dict(nope='1'),
                      dict(time_increment='91'), dict(limit='x'), dict(limit='0'),
                      dict(time_range={'since': '2026-01-10', 'until': '2026-01-01'}),
                      dict(time_range={'since': '2026-1-1', 'until': '2026-01-10'}),
                      dict(time_range='yesterday'), dict(date_preset='last_2d'),
                      dict(action_attribution_windows=['7d_click_1d_view']),
                      dict(breakdowns=['age']), dict(sort=['name_up']),
                      dict(filtering=[{'field': 'ad.colour', 'operator': 'EQUAL', 'value': 'x'}]),
                      dict(filtering=[{'field': 'spend', 'operator': 'CONTAIN', 'value': '1'}]),
                      dict(filtering=[{'field': 'ad.id', 'operator': 'IN', 'value': '1'}])):
            self.assertEqual(self.error(insights, **query)[:2], (400, 100), query)
        self.assertEqual(self.error(insights, time_range={'since': '2022-01-01',
                                                          'until': '2026-01-01'}),
                         (400, 100, 3018))
        self.assertTrue(self.get(insights, fields='nope')[1]['error']['message'].startswith(
            '(#100) nope is not valid for fields param. please check'))

    def test_filter_sort_increment(self):
        rows = self.rows(time_range=self.RANGE, time_increment=1, fields='spend',
                         sort=['spend_descending'],
                         filtering=[{'field': 'campaign.id', 'operator': 'IN',
                                     'value': ['12020000000000001']},
                                    {'field': 'spend', 'operator': 'GREATER_THAN', 'value': 75}])
        spends = [float(row['spend']) for row in rows]
        self.assertEqual(spends, sorted(spends, reverse=True))
        self.assertTrue(spends and min(spends) > 75)
        months = self.rows(time_range={'since': '2026-01-15', 'until': '2026-03-05'},
                           time_increment='monthly')
        self.assertEqual([(r['date_start'], r['date_stop']) for r in months],
                         [('2026-01-15', '2026-01-31'), ('2026-02-01', '2026-02-28'),
                          ('2026-03-01', '2026-03-05')])

    def test_yen(self):
        row = self.rows('/act_2222222222/insights', fields='spend,account_currency,action_values',
                        time_range=self.RANGE)[0]
        self.assertEqual((row['spend'], row['account_currency']), ('120000', 'JPY'))
        self.assertIn({'action_type': 'omni_purchase', 'value': '180000'}, row['action_values'])

    def test_knobs(self):
        insights = ACCOUNT + '/insights'

        def bought():
            row = self.rows(time_range={'since': '2026-03-01', 'until': '2026-03-10'},
                            fields='actions')[0]
            return int({a['action_type']: a['value'] for a in row['actions']}['omni_purchase'])

        before = bought()
        self.sim.control('set', world='small', service='meta', restate=50, max_rows=100)
        self.assertGreater(bought(), before)
        self.assertEqual(self.error(insights, limit=500)[:2], (500, 1))
        self.sim.control('set', world='small', service='meta', usage=100)
        status, body, headers = self.get(insights)
        self.assertEqual((status, body['error']['code'], body['error']['error_subcode']),
                         (400, 80000, 2446079))
        usage = json.loads(headers['X-Business-Use-Case-Usage'])['1234567890'][0]
        self.assertEqual((usage['call_count'], usage['estimated_time_to_regain_access']), (100, 1))

    def test_faults(self):
        for kind, code in (('transient', 2), ('throttle', 80000), ('stale_cursor', 100)):
            self.sim.control('fault', world='small', service='meta', kind=kind)
            self.assertEqual(self.error(ACCOUNT)[1], code)


class SpecChecks(Base):
    def test_fields_exist(self):
        for kind, fields in meta_fields.FIELDS.items():
            with gzip.open(spec_path('meta', kind + '.json.gz')) as f:
                known = {field['name'] for field in json.load(f)['fields']}
            missing = set(fields) - known - {'created_time'}
            self.assertFalse(missing, kind)

    def test_parameters_exist(self):
        with gzip.open(spec_path('meta', 'AdAccount.json.gz')) as f:
            edges = {api.get('endpoint'): {p['name'] for p in api['params']}
                     for api in json.load(f)['apis'] if api['method'] == 'GET'}
        # filtering works on the object edges too, though the description lacks it
        for edge in ('campaigns', 'adsets', 'ads', 'insights'):
            missing = set(meta_fields.EDGE_PARAMETERS[edge]) - edges[edge] - {'filtering'}
            self.assertFalse(missing, edge)
