"""Self-checks of klaviyo.py."""

import gzip
import json
import unittest
import urllib.parse

import klaviyo_tables as tables
from checking import Case, spec_path

HEADERS = {'Authorization': 'Klaviyo-API-Key pk_test', 'revision': '2026-07-15'}
JSON = {**HEADERS, 'Content-Type': 'application/vnd.api+json'}
EMAIL = 'equals(messages.channel,"email")'


class Base(Case):
    def get(self, path, world='small', headers=HEADERS, **query):
        text = urllib.parse.urlencode({name.replace('page_', 'page[') + ']' if
                                       name.startswith('page_') else name: value
                                       for name, value in query.items()})
        return self.sim.call('/%s/klaviyo/api/%s%s' % (world, path, '?' + text if text else ''),
                             headers=headers)

    def every(self, path, world='small', **query):
        status, body, _ = self.get(path, world, **query)
        self.assertEqual(status, 200, body)
        found = body['data']
        while body['links'].get('next'):
            self.assertNotIn('[', body['links']['next'])
            status, body, _ = self.sim.call(body['links']['next'], headers=HEADERS)
            self.assertEqual(status, 200, body)
            found = found + body['data']
        return found

    def post(self, path, world='small', **attributes):
        kind = path[:-1]
        return self.sim.call('/%s/klaviyo/api/%s' % (world, path), {
            'data': {'type': kind, 'attributes': attributes}}, JSON)

    def refused(self, answer, status=400, source=None):
        self.assertEqual(answer[0], status, answer[1])
        error = answer[1]['errors'][0]
        self.assertEqual(error['status'], status)
        if source:
            self.assertIn(source, error['source'].values())
        return error


class ListChecks(Base):
    def test_credentials(self):
        def code(**headers):
            kept = {k: v for k, v in {**HEADERS, **headers}.items() if v is not None}
            answer = self.get('metrics', headers=kept)
            return answer[0], answer[1]['errors'][0]['code']

        self.assertEqual(code(revision=None), (400, 'invalid'))
        self.assertEqual(code(revision='2019-01-01'), (404, 'not_found'))
        self.assertEqual(code(Authorization=None), (401, 'not_authenticated'))
        self.assertEqual(code(Authorization='Bearer pk_test'), (401, 'not_authenticated'))
        self.assertEqual(code(Authorization='Klaviyo-API-Key x'), (401, 'authentication_failed'))
        self.sim.control('set', world='small', service='klaviyo', scopes='lists:read')
        self.assertEqual(code(), (403, 'permission_denied'))
        self.assertEqual(self.get('lists')[0], 200)

    def test_lists_page(self):
        first = self.get('lists')[1]
        self.assertEqual(len(first['data']), 10)
        self.assertIn('page%5Bcursor%5D=', first['links']['next'])
        self.assertEqual(len({item['id'] for item in self.every('lists')}), 23)
        last = self.every('lists', filter='greater-than(updated,2026-02-20T00:00:00Z)')
        self.assertTrue(last and all(item['attributes']['updated'] >= '2026-02-20'
                                     for item in last))
        self.assertEqual([i['id'] for i in self.every('lists', filter='any(id,["LST003","LST004"])',
                                                      sort='-id')], ['LST004', 'LST003'])
        cursor = urllib.parse.parse_qs(first['links']['next'].partition('?')[2])['page[cursor]'][0]
        self.refused(self.get('flows', page_cursor=cursor), source='page[cursor]')
        self.refused(self.get('lists', page_cursor='x'), source='page[cursor]')
        self.assertEqual(self.get('lists/LST003', **{'additional-fields[list]': 'profile_count'})
                         [1]['data']['attributes']['profile_count'], 33)
        self.refused(self.get('lists/NOPE'), 404)

    def test_strictness(self):
        for path, query, source in (
                ('metrics', {'page_size': 10}, 'page[size]'), ('lists', {'page_size': 11}, None),
                ('lists', {'filter': 'less-than(updated,2026-02-20T00:00:00Z)'}, 'filter'),
                ('lists', {'filter': 'equals(name,"List 1")'}, 'filter'),
                ('lists', {'filter': 'greater-than(updated,"2026-02-20T00:00:00Z")'}, 'filter'),
                ('lists', {'filter': 'greater-than(updated,2026-02-20)'}, 'filter'),
                ('lists', {'filter': 'equals(id'}, 'filter'),
                ('lists', {'filter': 'equals(colour,"x")'}, 'filter'),
                ('lists', {'sort': 'opt_in_process'}, 'sort'), ('lists', {'nope': 1}, 'nope'),
                ('lists', {'fields[list]': 'id,nope'}, 'fields[list]'),
                ('accounts', {'filter': 'equals(id,"x")'}, 'filter'),
                ('campaigns', {}, 'filter'),
                ('campaigns', {'filter': 'equals(status,"Sent")'}, 'filter'),
                ('campaigns', {'filter': 'equals(messages.channel,"fax")'}, 'filter'),
                ('profiles', {'filter': 'greater-or-equal(updated,2026-01-01T00:00:00Z)'},
                 'filter')):
            self.refused(self.get(path, **query), source=source)
        self.refused(self.get('events'), 404)
        self.refused(self.sim.call('/small/klaviyo/api/lists', {}, JSON), 405)

    def test_metrics(self):
        found = self.every('metrics', **{'fields[metric]': 'name,integration'})
        orders = [(m['id'], m['attributes']['integration']['name']) for m in found
                  if m['attributes']['name'] == 'Placed Order']
        self.assertEqual(orders, [('RESQ6t', 'Shopify'), ('RESQ9z', 'API'), ('RESQ8y', 'Amazon')])
        self.assertIsNone(found[-1]['attributes']['integration'])
        self.assertNotIn('created', found[0]['attributes'])
        self.assertEqual([m['id'] for m in self.every(
            'metrics', filter='equals(integration.name,"API")')], ['RESQ9z'])

    def test_campaigns(self):
        def ids(text):
            return [c['id'][-1] for c in self.every('campaigns', filter=text)]

        self.assertEqual(ids(EMAIL), ['1', '2', '4', '6', '7'])
        self.assertEqual(ids("equals(messages.channel,'sms')"), ['3'])
        self.assertEqual(ids(EMAIL + ',equals(archived,true)'), ['5'])
        self.assertEqual(ids(EMAIL + ',greater-or-equal(updated_at,2026-02-05T00:00:00Z)'),
                         ['4', '6', '7'])      # 20:00 in New York is the next day in UTC
        self.assertEqual(ids(EMAIL + ',any(status,["Draft","Scheduled"])'), ['4', '6'])
        body = self.get('campaigns', filter=EMAIL, include='campaign-messages')[1]
        self.assertEqual(len(body['included']), len(body['data']))
        self.assertIsNone(body['data'][2]['attributes']['send_time'])

    def test_profiles(self):
        self.assertEqual(len(self.get('profiles')[1]['data']), 20)
        self.assertEqual(len(self.every('profiles', page_size=100)), 45)
        found = self.every('profiles', filter='greater-than(updated,2026-02-27T00:00:00Z)',
                           sort='updated')
        stamps = [p['attributes']['updated'] for p in found]
        self.assertEqual(stamps, sorted(stamps))
        self.assertEqual(found[-1]['attributes']['location']['latitude'], '-23.55')
        self.assertEqual(len(self.every('profiles', filter='equals(email,"zoë@example.com")')), 1)


class ReportChecks(Base):
    JANUARY = ['greater-or-equal(datetime,2026-01-01T00:00:00)',
               'less-than(datetime,2026-02-01T00:00:00)']

    def aggregate(self, world='small', **changes):
        wanted = {'metric_id': 'RESQ6t', 'measurements': ['count', 'sum_value', 'unique'],
                  'filter': self.JANUARY, 'timezone': 'America/New_York', **changes}
        return self.post('metric-aggregates', world, **{name: value for name, value
                                                        in wanted.items() if value is not None})

    def test_aggregate(self):
        status, body, _ = self.aggregate(by=['$attributed_channel'])
        self.assertEqual(status, 200, body)
        found = body['data']['attributes']
        self.assertEqual((len(found['dates']), found['dates'][0]),
                         (31, '2026-01-01T05:00:00+00:00'))
        rows = {row['dimensions'][0]: row['measurements'] for row in found['data']}
        self.assertEqual(sorted(rows), ['', 'email', 'sms'])
        self.assertEqual(rows['email']['sum_value'], [100.25] * 31)
        self.assertEqual(rows['sms']['count'], [1.0, 0.0] * 15 + [1.0])
        self.assertIsInstance(rows['']['count'][0], float)
        whole = self.aggregate()[1]['data']['attributes']['data']
        self.assertEqual(whole[0]['dimensions'], [])
        self.assertAlmostEqual(sum(whole[0]['measurements']['sum_value']),
                               sum(sum(row['sum_value']) for row in rows.values()), 2)
        # in UTC the late order belongs to the next day
        late = self.aggregate(timezone=None, by=['$attributed_channel'])[1]['data']['attributes']
        rows = {row['dimensions'][0]: row['measurements'] for row in late['data']}
        self.assertEqual(rows['email']['count'][:2], [0.0, 1.0])
        only = self.aggregate(filter=self.JANUARY + ['equals($attributed_flow,"FLW001")'])
        self.assertEqual(sum(only[1]['data']['attributes']['data'][0]['measurements']['count']), 20)
        rest = self.aggregate(filter=self.JANUARY + ['not(equals($attributed_flow,""))'])
        self.assertEqual(rest[1]['data']['attributes'], only[1]['data']['attributes'])

    def test_clock_change(self):
        body = self.aggregate(filter=['greater-or-equal(datetime,2026-03-07T00:00:00)',
                                      'less-than(datetime,2026-03-10T00:00:00)'])[1]
        self.assertEqual(body['data']['attributes']['dates'], [
            '2026-03-07T05:00:00+00:00', '2026-03-08T05:00:00+00:00',
            '2026-03-09T04:00:00+00:00'])
        self.assertEqual(body['data']['attributes']['data'][0]['measurements']['count'],
                         [2.0, 3.0, 2.0])

    def test_aggregate_pages(self):
        body = self.aggregate(by=['$attributed_channel'], page_size=2)[1]
        self.assertEqual(len(body['data']['attributes']['data']), 2)
        cursor = body['links']['next'].partition('page_cursor=')[2]
        body = self.aggregate(by=['$attributed_channel'], page_size=2,
                              page_cursor=urllib.parse.unquote(cursor))[1]
        self.assertEqual(([row['dimensions'] for row in body['data']['attributes']['data']],
                          body['links']['next']), ([['sms']], None))

    def test_aggregate_refusals(self):
        for changes, source in (
                ({'metric_id': 'NOPE'}, 'metric_id'), ({'measurements': ['avg']}, 'measurements'),
                ({'by': ['$price']}, 'by'), ({'timezone': 'Europe/Kyiv'}, 'timezone'),
                ({'filter': self.JANUARY[:1]}, 'filter'), ({'interval': 'year'}, 'interval'),
                ({'filter': ['greater-or-equal(datetime,2024-01-01T00:00:00)',
                             'less-than(datetime,2026-01-01T00:00:00)']}, 'filter'),
                ({'colour': 1}, 'colour'), ({'measurements': None}, 'measurements')):
            self.refused(self.aggregate(**changes), source='/data/attributes/' + source)
        self.refused(self.sim.call('/small/klaviyo/api/metric-aggregates', 'x', JSON))
        self.refused(self.sim.call('/small/klaviyo/api/metric-aggregates', 'x',
                                   {**HEADERS, 'Content-Type': 'text/plain'}), 415)

    def report(self, kind='campaign', **changes):
        return self.post(kind + '-values-reports', **{
            'statistics': ['recipients', 'open_rate', 'conversions', 'conversion_value'],
            'timeframe': {'start': '2026-02-01T00:00:00', 'end': '2026-02-28T23:59:59'},
            'conversion_metric_id': 'RESQ6t', **changes})

    def test_values(self):
        status, body, _ = self.report()
        self.assertEqual(status, 200, body)
        rows = body['data']['attributes']['results']
        self.assertEqual(len(rows), 5)
        self.assertEqual(rows[0], {
            'groupings': {'campaign_id': '01GDDKASAP8TKDDA2GRZDSVP01',
                          'campaign_message_id': '01HCAMPMSG0000000000000001',
                          'send_channel': 'email'},
            'statistics': {'recipients': 1200.0, 'open_rate': 0.414141, 'conversions': 10.0,
                           'conversion_value': 913.5}})
        self.assertEqual(len(self.report(timeframe={
            'start': '2026-02-01T00:00:00+09:00', 'end': '2026-02-01T23:59:59'})[1]
            ['data']['attributes']['results']), 1)
        mail = self.report(filter='and(equals(send_channel,"email"),'
                           'contains-any(campaign_id,["01GDDKASAP8TKDDA2GRZDSVP02"]))')[1]
        self.assertEqual(len(mail['data']['attributes']['results']), 1)
        flows = self.report('flow')[1]['data']['attributes']['results']
        self.assertEqual([row['statistics']['conversions'] for row in flows], [28.0, 28.0])

    def test_values_refusals(self):
        self.assertEqual(self.refused(self.report(conversion_metric_id='NOPE'))['detail'],
                         "Metric IDs ['NOPE'] do not exist.")
        for changes in ({'statistics': ['joy']}, {'group_by': ['campaign_id']},
                        {'timeframe': {'key': 'ever'}}, {'filter': 'equals(send_channel,"fax")'},
                        {'timeframe': {'start': '2026-03-01', 'end': '2026-04-01'}},
                        {'timeframe': {'start': '2025-01-01', 'end': '2026-03-01'}},
                        {'filter': 'equals(send_channel,"email"),equals(campaign_id,"x")'},
                        {'interval': 'daily'}):
            self.refused(self.report(**changes))

    def test_limits(self):
        self.sim.control('set', world='small', service='klaviyo', reports_per_minute=2)
        answers = [self.report() for _ in range(3)]
        self.assertEqual([a[0] for a in answers], [200, 200, 429])
        self.assertIn('RateLimit-Limit', answers[0][2])
        self.assertNotIn('RateLimit-Limit', answers[2][2])
        self.assertTrue(50 <= int(answers[2][2]['Retry-After']) <= 60)
        self.assertEqual(self.report('flow')[0], 200)
        self.sim.control('reset')
        self.sim.control('set', world='small', service='klaviyo', reports_per_day=1)
        self.report()
        self.assertGreater(int(self.report()[2]['Retry-After']), 80000)

    def test_restatement(self):
        def total():
            rows = self.report('flow', timeframe={'key': 'last_7_days'})[1]
            return sum(row['statistics']['conversions']
                       for row in rows['data']['attributes']['results'])

        before = total()
        self.sim.control('set', world='small', service='klaviyo', restate=100)
        self.assertEqual(total(), 2 * before)

    def test_html(self):
        self.sim.control('set', world='small', service='klaviyo', html=403)
        status, body, headers = self.get('lists')
        self.assertEqual((status, headers['Content-Type'].split(';')[0], body[:9]),
                         (403, 'text/html', '<!DOCTYPE'))


class SpecChecks(Base):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with gzip.open(spec_path('klaviyo-stable.json.gz')) as f:
            cls.spec = json.load(f)

    def operation(self, pattern):
        method, path = pattern.split(' ')
        return self.spec['paths'][path][method.lower()]

    def test_filters_and_sorts(self):
        for pattern, endpoint in tables.ENDPOINTS.items():
            known = self.operation(pattern)
            described = known.get('x-klaviyo-filters', {})
            for field, (kind, single, many) in endpoint.filters.items():
                operators = described[field]['operators']
                self.assertEqual(single, set(operators.get('single', ())), (pattern, field))
                self.assertEqual(many, set(operators.get('list', ())), (pattern, field))
                value = described[field]['value']
                self.assertEqual(kind, value.get('format', value['type']), (pattern, field))
                if pattern != 'GET /api/flows' and 'enum' in value:
                    self.assertEqual(set(tables.ENUMS[field]), set(value['enum']))
            parameters = {p['name']: p['schema'] for p in known.get('parameters', ())}
            sorts = {s for s in parameters.get('sort', {}).get('enum', ())
                     if not s.lstrip('-').startswith('subscriptions.')}
            self.assertEqual({sign + s for s in endpoint.sort for sign in ('', '-')}, sorts)
            self.assertEqual(set(endpoint.include), set(
                parameters.get('include', {}).get('items', {}).get('enum', ())), pattern)
            size = parameters.get('page[size]')
            self.assertEqual(endpoint.page, size and (size['default'], size['maximum']), pattern)
            fields = set(parameters['fields[%s]' % endpoint.kind]['items']['enum'])
            self.assertFalse(set(endpoint.fields) - fields, pattern)
            for other in endpoint.more_fields:
                self.assertIn('fields[%s]' % other, parameters, pattern)

    def test_limits_and_scopes(self):
        for pattern, endpoint in tables.ENDPOINTS.items():
            known = self.operation(pattern)
            limit = known['x-klaviyo-ratelimit']
            self.assertEqual(endpoint.rate, (
                int(limit['burst'].split('/')[0]), int(limit['steady'].split('/')[0]),
                int(limit['daily'].split('/')[0]) if 'daily' in limit else None), pattern)
            self.assertIn(endpoint.scope, known['x-klaviyo-scopes'])

    def enums(self, schema, found):
        """Every enum below a schema, as sets."""
        if isinstance(schema, dict):
            if '$ref' in schema:
                return self.enums(self.spec['components']['schemas'][
                    schema['$ref'].rsplit('/', 1)[1]], found)
            if 'enum' in schema:
                found.append(set(schema['enum']))
            for value in schema.values():
                self.enums(value, found)
        elif isinstance(schema, list):
            for value in schema:
                self.enums(value, found)
        return found

    def test_bodies(self):
        for pattern, lists in (
                ('POST /api/metric-aggregates', (tables.BY, tables.MEASUREMENTS,
                                                 tables.INTERVALS)),
                ('POST /api/campaign-values-reports', (
                    tables.STATISTICS, tables.TIMEFRAMES, tables.GROUPS['campaign'])),
                ('POST /api/flow-values-reports', (tables.STATISTICS, tables.TIMEFRAMES,
                                                   tables.GROUPS['flow']))):
            enums = self.enums(self.operation(pattern)['requestBody'], [])
            for values in lists:
                self.assertTrue(any(set(values) <= enum for enum in enums), (pattern, values))

    def schema(self, value):
        """A JSON Schema from an OpenAPI one: references kept, nullable spelled out."""
        if isinstance(value, list):
            return [self.schema(item) for item in value]
        if not isinstance(value, dict):
            return value
        if '$ref' in value:
            return {'$ref': '#/definitions/' + value['$ref'].rsplit('/', 1)[1]}
        # several of a "oneOf" fit at once there, so any of them will do
        result = {'anyOf' if name == 'oneOf' else name: self.schema(item)
                  for name, item in value.items()
                  if name not in ('example', 'default', 'nullable', 'format')}
        if value.get('nullable') is True:
            return {'anyOf': [{'type': 'null'}, result]}
        return result

    def test_answers(self):
        """Answers of both worlds against the response schemas."""
        try:
            import jsonschema
        except ImportError:
            raise unittest.SkipTest('jsonschema is not installed') from None
        definitions = self.schema(self.spec['components']['schemas'])
        message = 'equals(messages.channel,"email")'
        report = {'statistics': ['recipients'], 'conversion_metric_id': 'RESQ6t',
                  'timeframe': {'key': 'last_30_days'}}
        bodies = {'metric-aggregates': {
            'metric_id': 'RESQ6t', 'measurements': ['count'], 'by': ['$attributed_flow'],
            'filter': ['greater-or-equal(datetime,2026-02-01T00:00:00)',
                       'less-than(datetime,2026-03-01T00:00:00)']},
            'campaign-values-reports': report, 'flow-values-reports': report}
        for world in ('small', 'story'):
            for pattern in tables.ENDPOINTS:
                method, path = pattern.split(' ')
                name = path[5:]
                if method == 'POST':
                    status, body, _ = self.post(name, world, **bodies[name])
                elif '{id}' in name:
                    first = self.every(name.split('/')[0], world, **(
                        {'filter': message} if name.startswith('campaigns') else {}))[0]
                    status, body, _ = self.get(name.replace('{id}', first['id']), world)
                else:
                    status, body, _ = self.get(name, world, **(
                        {'filter': message} if name == 'campaigns' else {}))
                self.assertEqual(status, 200, body)
                # the real one says null on the last page, the description does not know it
                body['links'] = {k: v for k, v in body['links'].items() if v is not None}
                described = self.operation(pattern)['responses']['200']['content']
                jsonschema.Draft7Validator({
                    **self.schema(described['application/vnd.api+json']['schema']),
                    'definitions': definitions}).validate(body)
