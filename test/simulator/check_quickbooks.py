"""Self-checks of the simulated QuickBooks: the query language, faults, and the story's books."""

import datetime
import re
import unittest
import urllib.parse

from checking import TODAY, Case
from story import Story

REALM = '9130350000000001'
AUTH = {'Authorization': 'Bearer qbo_test', 'Accept': 'application/json'}


class Base(Case):
    def get(self, statement, world='small', headers=AUTH, realm=REALM, **more):
        query = urllib.parse.urlencode({'query': statement, 'minorversion': '75', **more},
                                       quote_via=urllib.parse.quote)
        return self.sim.call('/%s/quickbooks/v3/company/%s/query?%s' % (world, realm, query),
                             headers=headers)

    def rows(self, statement, **options):
        status, body, headers = self.get(statement, **options)
        self.assertEqual(status, 200, body)
        self.assertTrue(headers['intuit_tid'])
        response = body['QueryResponse']
        entity = re.search(r'(?i)FROM (\w+)', statement)[1]
        if not response:
            return []
        self.assertEqual(response['maxResults'], len(response[entity]))
        return response[entity]

    def ids(self, statement, **options):
        return [row['Id'] for row in self.rows(statement, **options)]

    def refused(self, code, statement, status=400, **options):
        got, body, headers = self.get(statement, **options)
        self.assertEqual((got, body['Fault']['Error'][0]['code']), (status, code), body)
        self.assertEqual(body['Fault']['type'],
                         'ValidationFault' if status == 400 else 'AuthorizationFault')
        self.assertTrue(headers['intuit_tid'] and body['time'])


class Language(Base):
    def test_conditions(self):
        self.assertEqual(self.ids("SELECT * FROM Bill WHERE Balance > '0' ORDERBY Id"),
                         ['101', '102', '105', '106', '107', '108'])
        self.assertEqual(self.ids("select * from Bill where Balance > '0' and DueDate < '2026-04-01'"),
                         ['102'])
        self.assertEqual(self.ids("SELECT * FROM Bill WHERE DocNumber = 'O\\'B\\\\7'"), ['107'])
        self.assertEqual(self.ids("SELECT * FROM Invoice WHERE DocNumber LIKE '120%' "
                                  "ORDERBY DueDate DESC MAXRESULTS 2"), ['206', '202'])
        self.assertEqual(self.ids("SELECT * FROM Invoice WHERE Id IN ('201', '204')"), ['201', '204'])
        self.assertEqual(self.ids("SELECT * FROM Invoice WHERE CustomerRef = '22' AND Balance = 0"),
                         ['203', '205'])
        for zone in ('2026-03-28T09:00:00-08:00', '2026-03-28T17:00:00Z', '2026-03-28T17:00:00+00:00'):
            self.assertEqual(self.ids("SELECT * FROM Bill WHERE MetaData.LastUpdatedTime >= '%s'" % zone),
                             ['103', '105', '108'])

    def test_inactive(self):
        self.assertEqual(len(self.ids('SELECT * FROM Account')), 9)
        self.assertEqual(len(self.ids('SELECT * FROM Account WHERE Active IN (true, false)')), 10)
        self.assertEqual(self.ids('SELECT * FROM Vendor WHERE Active = false'), ['13'])

    def test_pages(self):
        seen = []
        while True:
            page = self.ids('SELECT * FROM Bill ORDERBY Id STARTPOSITION %d MAXRESULTS 10'
                            % (len(seen) + 1))
            seen += page
            if len(page) < 10:
                break
        self.assertEqual(len(set(seen)), len(seen))
        self.assertEqual(seen, self.ids('SELECT * FROM Bill MAXRESULTS 1000'))
        self.assertEqual(self.get('SELECT COUNT(*) FROM Bill')[1]['QueryResponse'],
                         {'totalCount': len(seen)})
        self.assertEqual(len(self.ids('SELECT * FROM Bill WHERE TotalAmt < 5')), 32)
        status, body, _ = self.get('SELECT * FROM Bill STARTPOSITION 100')
        self.assertEqual((status, body['QueryResponse']), (200, {}))

    def test_columns(self):
        row = self.rows('SELECT Id, VendorRef.value FROM Bill MAXRESULTS 1')[0]
        self.assertEqual(set(row), {'Id', 'VendorRef', 'domain', 'sparse'})

    def test_refused(self):
        for code, statement in (
                ('4000', "SELECT * FROM Bill WHERE Id = '1' OR Id = '2'"),
                ('4000', "SELECT * FROM Bill WHERE Id <> '1'"),
                ('4000', "SELECT * FROM Bill WHERE Id != '1'"),
                ('4000', "SELECT * FROM Bill WHERE Id = \"1\""),
                ('4001', "SELECT * FROM Bill WHERE NOT Id = '1'"),
                ('4000', "SELECT * FROM Bill WHERE DueDate IS NULL"),
                ('4000', "SELECT * FROM Bill WHERE DueDate > 'yesterday'"),
                ('4000', "SELECT * FROM Bill WHERE TotalAmt > 'much'"),
                ('4000', "SELECT * FROM Bill WHERE TotalAmt < 'NaN'"),
                ('4000', "SELECT * FROM Bill WHERE MetaData.LastUpdatedTime > '2026-04-01T00:00:00'"),
                ('4000', "SELECT * FROM Bill MAXRESULTS 1001"),
                ('4000', "SELECT * FROM Bill STARTPOSITION 0"),
                ('4000', "SELECT * FROM Bill WHERE Id = '1"),
                ('4000', "DELETE FROM Bill"),
                ('4001', "SELECT * FROM Bills"),
                ('4001', "SELECT * FROM Bill WHERE CustomerRef = '1'"),
                ('4001', "SELECT * FROM Bill WHERE PrivateNote = 'Voided'"),
                ('4001', "SELECT * FROM Payment ORDERBY Balance")):
            with self.subTest(statement):
                self.refused(code, statement)
        self.refused('4000', 'SELECT * FROM Bill', limit='5')

    def test_statement_as_body(self):
        status, body, _ = self.sim.call(
            '/small/quickbooks/v3/company/%s/query?minorversion=75' % REALM,
            "SELECT * FROM Customer WHERE DisplayName LIKE 'green%'",
            {**AUTH, 'Content-Type': 'application/text'}, 'POST')
        self.assertEqual((status, [c['Id'] for c in body['QueryResponse']['Customer']]), (200, ['21']))


class Doors(Base):
    def test_json_only_when_asked(self):
        _, body, headers = self.get('SELECT * FROM Bill', headers={'Authorization': 'Bearer qbo_test'})
        self.assertTrue(body.startswith('<IntuitResponse'))
        self.assertEqual(headers['Content-Type'], 'application/xml')

    def test_tokens(self):
        for wrong in ('Bearer wrong', 'Basic qbo_test', ''):
            status, body, _ = self.get('SELECT * FROM Bill', headers={**AUTH, 'Authorization': wrong})
            self.assertEqual((status, body['fault']['error'][0]['code']), (401, '3200'))
        self.sim.control('set', world='small', service='oauth', basic=True)
        status, bought, _ = self.sim.call(
            '/small/oauth/token', 'grant_type=refresh_token&refresh_token=rt_first_consent_0001',
            {'Authorization': 'Basic b2F1dGhfY2xpZW50Om9hdXRoX3NlY3JldA==',
             'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertEqual(status, 200, bought)
        self.assertTrue(self.rows('SELECT * FROM Bill MAXRESULTS 1', headers={
            **AUTH, 'Authorization': 'Bearer ' + bought['access_token']}))

    def test_company(self):
        self.refused('3100', 'SELECT * FROM Bill', status=403, realm='1')
        self.sim.control('set', world='small', service='quickbooks', forbidden=1)
        self.refused('3100', 'SELECT * FROM Bill', status=403)

    def test_pace(self):
        self.sim.control('set', world='small', service='quickbooks', per_minute=2)
        got = [self.get('SELECT * FROM Bill MAXRESULTS 1')[0] for _ in range(3)]
        self.assertEqual(got, [200, 200, 429])
        self.sim.control('reset')
        self.sim.control('fault', world='small', service='quickbooks', kind='throttle', code='3001',
                         status=403)
        status, body, _ = self.get('SELECT * FROM Bill')
        self.assertEqual((status, body['Fault']['Error'][0]['code']), (403, '3001'))
        self.assertIn('ThrottleExceeded', body['Fault']['Error'][0]['Message'])


class StoryBooks(Base):
    """What is open is what the cash sheet plans, but for what the story says."""

    def test_against_the_sheet(self):
        story = Story(datetime.date.fromisoformat(TODAY), 1)
        lines = {line.name: dict(zip(story.cash.weeks, line.cents)) for line in story.cash.lines}
        due = {}
        for row in self.rows("SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 1000", world='story'):
            day = datetime.date.fromisoformat(row['DueDate'])
            week = day - datetime.timedelta(days=day.weekday())
            due[week] = due.get(week, 0) + round(row['Balance'] * 100)
        whole = [week for week in due if week > story.today]
        self.assertGreaterEqual(len(whole), 3)
        for week in whole:
            self.assertEqual(due[week], lines['Retail receipts'][week])
        for row in self.rows("SELECT * FROM Bill WHERE Balance > '0' MAXRESULTS 1000", world='story'):
            day = datetime.date.fromisoformat(row['DueDate'])
            week = day - datetime.timedelta(days=day.weekday())
            name = {'INV': 'Inventory purchase', 'SHI': 'Shipping and fulfilment', 'REN': 'Rent'}.get(
                row['DocNumber'][:3])
            if name:
                self.assertEqual(round(row['TotalAmt'] * 100), lines[name][week])

    def test_bank(self):
        story = Story(datetime.date.fromisoformat(TODAY), 1)
        banks = self.rows("SELECT * FROM Account WHERE AccountType = 'Bank'", world='story')
        self.assertEqual(sum(round(b['CurrentBalance'] * 100) for b in banks), story.cash.opening[1])

    def test_paying(self):
        before = self.sim.control('quickbooks?world=story')
        bill = before['Bill'][0]
        self.sim.control('quickbooks_pay', world='story', kind='Bill', id=bill['id'])
        after = self.sim.control('quickbooks?world=story')
        self.assertNotIn(bill['id'], [b['id'] for b in after['Bill']])
        self.assertEqual(sum(b['cents'] for b in before['bank']) - bill['cents'],
                         sum(b['cents'] for b in after['bank']))
        row = self.rows("SELECT * FROM Bill WHERE Id = '%s'" % bill['id'], world='story')[0]
        self.assertEqual((row['Balance'], row['SyncToken']), (0, '1'))
        self.sim.control('quickbooks_remove', world='story', kind='Bill', id=bill['id'])
        self.assertEqual(self.rows("SELECT * FROM Bill WHERE Id = '%s'" % bill['id'], world='story'), [])
        self.sim.control('reset')
        self.assertEqual(self.sim.control('quickbooks?world=story'), before)


if __name__ == '__main__':
    unittest.main()
