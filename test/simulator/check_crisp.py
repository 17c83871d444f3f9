"""Self-checks of the simulated Crisp feed: what OData v4 and apis/ say of it."""

import base64
import collections
import datetime
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree

from checking import TODAY, Case

FEED = '/crisp/odata/accounts/4711/connector_configurations/815/v1/feed.svc'
SALES = '/Harmonized_Retailer_Sales'
EDM = '{http://docs.oasis-open.org/odata/ns/edm}'


def login(user='crisp_user', password='s1m:p@ss'):
    pair = base64.b64encode(('%s:%s' % (user, password)).encode()).decode()
    return {'Authorization': 'Basic ' + pair, 'Accept': 'application/json'}


class Base(Case):
    def get(self, path, world='small', headers=None, **query):
        query = urllib.parse.urlencode({'$' + name: value for name, value in query.items()},
                                       safe='$', quote_via=urllib.parse.quote)
        return self.sim.call('/%s%s%s%s' % (world, FEED, path, '?' + query if query else ''),
                             headers={**login(), **(headers or {})})

    def rows(self, world='small', **query):
        """All pages of the sales."""
        status, body, _ = self.get(SALES, world, **query)
        self.assertEqual(status, 200, body)
        rows = body['value']
        while '@odata.nextLink' in body:
            status, body, _ = self.sim.call(body['@odata.nextLink'], headers=login())
            self.assertEqual(status, 200, body)
            rows += body['value']
        return rows

    def refused(self, status, code, path, **query):
        got, body, headers = self.get(path, **query)
        self.assertEqual((got, body['error']['code']), (status, code))
        self.assertTrue(body['error']['message'])
        return headers


class Feed(Base):
    def test_login(self):
        for headers in ({}, login(password='wrong'), {'Authorization': 'Bearer x'},
                        {'Authorization': 'Basic !'}):
            status, _, got = self.sim.call('/small' + FEED, headers=headers)
            self.assertEqual(status, 401)
            self.assertTrue(got['WWW-Authenticate'].startswith('Basic'))

    def test_addresses(self):
        self.refused(404, 'NotFound', '/Nothing')
        for wrong in (FEED.replace('4711', '4712'), FEED.replace('815', '816')):
            self.assertEqual(self.sim.call('/small' + wrong, headers=login())[0], 404)
        status, _, headers = self.sim.call('/small' + FEED + SALES, {}, login(), 'POST')
        self.assertEqual((status, headers['Allow']), (405, 'GET'))

    def test_description(self):
        _, service, _ = self.get('')
        names = {entry['name'] for entry in service['value']}
        status, text, headers = self.get('/$metadata')
        self.assertEqual(status, 200)
        self.assertIn('xml', headers['Content-Type'])
        root = ElementTree.fromstring(text)
        types = {t.get('Name'): {p.get('Name') for p in t.iter(EDM + 'Property')}
                 for t in root.iter(EDM + 'EntityType')}
        sets = {s.get('Name'): s.get('EntityType').rpartition('.')[2]
                for s in root.iter(EDM + 'EntitySet')}
        self.assertEqual(set(sets), names)
        for name, kind in sets.items():
            for row in self.get('/' + name)[1]['value']:
                self.assertEqual(set(row), types[kind])

    def test_pages(self):
        whole = self.rows()
        self.assertGreater(len(whole), 500)
        self.assertEqual(self.rows(top=100), whole)
        status, body, _ = self.get(SALES, headers={'Prefer': 'odata.maxpagesize=50'})
        self.assertEqual((status, len(body['value'])), (200, 50))
        self.assertTrue(body['@odata.nextLink'].startswith('http://'))
        self.sim.control('set', world='small', service='crisp', top='limit')
        self.assertEqual(self.rows(top=100), whole[:100])
        self.refused(400, 'BadRequest', SALES, skiptoken='x')
        self.refused(400, 'BadRequest', SALES, top='-1')

    def test_options(self):
        for name in ('select', 'orderby', 'skip', 'count'):
            self.refused(501, 'NotImplemented', SALES, **{name: '1'})
        self.refused(400, 'BadRequest', SALES, since='1')
        self.refused(400, 'BadRequest', '/$metadata', top=1)

    def test_filter(self):
        text = "DateKey ge 2026-03-01 and Retailer eq 'Corner & Co'"
        self.refused(400, 'BadRequest', SALES, filter=text)
        whole = self.rows()
        self.sim.control('set', world='small', service='crisp', filter='ignore')
        self.assertEqual(self.rows(filter=text), whole)
        self.sim.control('set', world='small', service='crisp', filter='apply')
        some = [row for row in whole
                if row['DateKey'] >= '2026-03-01' and row['Retailer'] == 'Corner & Co']
        self.assertTrue(some)
        self.assertEqual(self.rows(filter=text), some)
        self.assertEqual(self.rows(filter=text, top=7), some)
        self.assertEqual(len(self.rows(filter='SalesQuantity lt 0')), 2)
        for wrong in ("DateKey ge '2026-03-01'", 'Retailer eq Corner', 'Nothing eq 1',
                      'DateKey ge 2026-03-01 or true', "Retailer eq 'a' and "):
            self.refused(400, 'BadRequest', SALES, filter=wrong)

    def test_pace(self):
        self.sim.control('set', world='small', service='crisp', per_minute=2)
        self.assertEqual([self.get('')[0] for _ in range(2)], [200, 200])
        headers = self.refused(429, 'TooManyRequests', '')
        self.assertGreater(int(headers['Retry-After']), 0)

    def test_restated(self):
        key = {'retailer': 'Oakline Pets', 'store': '101', 'product': 'balm', 'day': '2026-03-10'}
        found = [row for row in self.rows() if row['DateKey'] == key['day']
                 and (row['StoreId'], row['ProductId']) == ('101', 'balm')]
        self.assertEqual(len(found), 3)
        self.sim.control('sale', world='small', quantity=5, **key)
        again = [row for row in self.rows() if row['DateKey'] == key['day']
                 and (row['StoreId'], row['ProductId']) == ('101', 'balm')]
        self.assertEqual([row['SalesQuantity'] for row in again], [5])


class StoresAgree(Base):
    def test_weeks(self):
        from check_story import Told
        story = Told.story()
        weeks = collections.defaultdict(lambda: [set(), 0, 0])
        for row in self.rows('story'):
            day = datetime.date.fromisoformat(row['DateKey'])
            week = weeks[day - datetime.timedelta(days=day.weekday())]
            week[0].add((row['Retailer'], row['StoreId']))
            week[1] += row['SalesQuantity']
            week[2] += round(row['SalesAmount'] * 100)
        self.assertEqual({at: (len(w[0]), w[1], w[2]) for at, w in weeks.items()},
                         {w.week: (w.doors, w.units, w.cents) for w in story.cash.retail_weeks})
        self.assertLess(max(weeks), datetime.date.fromisoformat(TODAY))


if __name__ == '__main__':
    unittest.main()
