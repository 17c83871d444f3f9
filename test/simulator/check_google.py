"""Self-checks of google.py: tokens, sheets, drive."""

import base64
import datetime
import json
import re
import subprocess
import tarfile
import tempfile
import time
import urllib.parse

import fieldmask
import sheet_grid
import sheets
from checking import Case, spec_path

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
SHEETS = 'https://www.googleapis.com/auth/spreadsheets.readonly'
DRIVE = 'https://www.googleapis.com/auth/drive.metadata.readonly'


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def assertion(key, **changes):
    """A JWT signed by openssl; changes replace or (None) remove claims."""
    now = int(time.time())
    claims = {'iss': key['client_email'], 'scope': SHEETS + ' ' + DRIVE,
              'aud': key['token_uri'], 'iat': now, 'exp': now + 3600}
    claims.update(changes)
    claims = {name: value for name, value in claims.items() if value is not None}
    text = b64(b'{"alg":"RS256","typ":"JWT"}') + '.' + b64(json.dumps(claims).encode())
    with tempfile.NamedTemporaryFile('w') as pem:
        pem.write(key['private_key'])
        pem.flush()
        signature = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', pem.name],
                                   input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    return text + '.' + b64(signature)


def jwt_form(jwt):
    return urllib.parse.urlencode({
        'grant_type': 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'assertion': jwt})


class Base(Case):
    def key(self):
        with open(self.sim.key_file, encoding='utf-8') as f:
            return json.load(f)

    def token(self, **form):
        body = {'grant_type': 'refresh_token', 'refresh_token': '1//sim_refresh',
                'client_id': 'sim_client', 'client_secret': 'sim_secret', **form}
        status, answer, _ = self.sim.call('/small/token', urllib.parse.urlencode(body), FORM)
        return status, answer

    def auth(self):
        return {'Authorization': 'Bearer ' + self.token()[1]['access_token']}

    def get(self, path, service='sheets', world='small', **query):
        text = urllib.parse.urlencode(query, doseq=True)
        return self.sim.call('/%s/%s%s%s' % (world, service, path, '?' + text if text else ''),
                             headers=self.auth())[:2]

    def values(self, text, world='small', **query):
        return self.get('/v4/spreadsheets/sim-cash/values/' + urllib.parse.quote(text, safe=''),
                        world=world, **query)

    def drive(self, path, **query):
        return self.get('/drive/v3' + path, 'drive', **query)


class TokenChecks(Base):
    def grant(self, **changes):
        form = jwt_form(assertion(self.key(), **changes))
        status, answer, _ = self.sim.call('/story/token', form, FORM)
        return status, answer

    def test_service_account(self):
        status, answer = self.grant()
        self.assertEqual((status, answer['token_type'], answer['expires_in']),
                         (200, 'Bearer', 3599))
        got = self.sim.call('/small/sheets/v4/spreadsheets/sim-cash?fields=spreadsheetId',
                            headers={'Authorization': 'Bearer ' + answer['access_token']})
        self.assertEqual(got[:2], (200, {'spreadsheetId': 'sim-cash'}))

    def test_bad_claims(self):
        now = int(time.time())
        for changes, text in (
                ({'iat': now - 4000, 'exp': now - 400}, 'Invalid JWT: Token must be'),
                ({'exp': now + 3700}, 'Invalid JWT: Token must be'),
                ({'iat': str(now)}, 'Invalid JWT: Token must be'),
                ({'iss': 'somebody@else.test'}, 'Invalid grant: account not found'),
                ({'aud': 'https://example.com/token'}, 'Invalid JWT: Failed audience check')):
            status, answer = self.grant(**changes)
            self.assertEqual((status, answer['error']), (400, 'invalid_grant'), changes)
            self.assertTrue(answer['error_description'].startswith(text), answer)
        self.assertEqual(self.grant(scope='https://x.test/scope')[1]['error'], 'invalid_scope')
        self.assertEqual(self.grant(sub='ceo@brand.test')[0], 401)

    def test_bad_signature(self):
        head, claims, signature = assertion(self.key()).split('.')
        for jwt in ('.'.join((head, claims, 'A' + signature[1:] if signature[0] != 'A'
                              else 'B' + signature[1:])),
                    '.'.join((head, claims, signature[:-4])), '.'.join((head, claims, ''))):
            self.assertEqual(self.sim.call('/story/token', jwt_form(jwt), FORM)[:2], (
                400, {'error': 'invalid_grant', 'error_description': 'Invalid JWT Signature.'}))
        none = b64(b'{"alg":"none"}') + '.' + claims + '.'
        self.assertEqual(self.sim.call('/story/token', jwt_form(none), FORM)[0], 400)

    def test_refresh(self):
        status, answer = self.token()
        self.assertEqual(status, 200)
        self.assertIn(SHEETS, answer['scope'].split())
        self.assertEqual(self.token(refresh_token='1//old')[1], {
            'error': 'invalid_grant', 'error_description': 'Token has been expired or revoked.'})
        self.assertEqual(self.token(client_secret='x'), (401, {
            'error': 'invalid_client', 'error_description': 'Unauthorized'}))
        self.assertEqual(self.token(grant_type='password')[1]['error'], 'unsupported_grant_type')

    def test_life_and_scope(self):
        self.sim.control('set', world='small', service='token', expires_in=0)
        self.assertEqual(self.values('Rows')[0], 401)
        self.sim.control('reset')
        _, answer = self.grant(scope=SHEETS)
        auth = {'Authorization': 'Bearer ' + answer['access_token']}
        status, body, _ = self.sim.call('/small/drive/drive/v3/files/sim-cash', headers=auth)
        self.assertEqual((status, body['error']['details'][0]['reason']),
                         (403, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'))
        self.sim.control('revoke_tokens')
        self.assertEqual(self.sim.call('/small/sheets/v4/spreadsheets/sim-cash',
                                       headers=auth)[1]['error']['status'], 'UNAUTHENTICATED')


class GridChecks(Base):
    def test_ranges(self):
        book = sheet_grid.Book('x', 'x', 'Etc/GMT', [
            sheet_grid.Tab(0, 'Sheet1'), sheet_grid.Tab(1, '🌵 x 1', grid=(10, 10)),
            sheet_grid.Tab(2, 'D3', grid=(10, 4)), sheet_grid.Tab(3, "a'b!c")])
        book.names = {'NamedRange': (book.tabs[0], (0, 3, 1, 3))}
        for text, expected in (
                ("'Sheet1'", 'Sheet1!A1:Z1000'), ('Sheet1', 'Sheet1!A1:Z1000'),
                ("'Sheet1'!A1:C", 'Sheet1!A1:C1000'), ("'Sheet1'!A3:3", 'Sheet1!A3:Z3'),
                ("'Sheet1'!D4:A1", 'Sheet1!A1:D4'), ("'Sheet1'!NamedRange", 'Sheet1!B1:C3'),
                ('NamedRange', 'Sheet1!B1:C3'), ('🌵 x 1', "'🌵 x 1'!A1:J10"),
                ('🌵 x 1!A:A', "'🌵 x 1'!A1:A10"), ('D3', 'Sheet1!D3'), ("'D3'", "'D3'!A1:D10"),
                ("'D3'!A1:D1", "'D3'!A1:D1"), ('2:5', 'Sheet1!A2:Z5'),
                ("'Sheet1'!B2:D", 'Sheet1!B2:D1000'), ("'Sheet1'!A999:D1200", 'Sheet1!A999:D1000'),
                ("'a''b!c'!A1", "'a''b!c'!A1"), ('Sheet1!$A$1:$B$2', 'Sheet1!A1:B2')):
            self.assertEqual(sheet_grid.resolve(book, text).text(), expected)
        for text in ('Foo!A1', 'Foo', "'Sheet1'!", "'Sheet1'!A0", 'Sheet1!A1:B2:C3', "'D3", ''):
            with self.assertRaisesRegex(sheet_grid.RangeError, 'Unable to parse range: '):
                sheet_grid.resolve(book, text)
        with self.assertRaises(sheet_grid.RangeError) as caught:
            sheet_grid.resolve(book, "'Sheet1'!A1001:D1200")
        self.assertEqual(str(caught.exception), 'Range (Sheet1!A1001:D1200) exceeds grid limits. '
                                                'Max rows: 1000, max columns: 26')

    def test_recorded_renderings(self):
        """The exchanges recorded by gspread, replayed on the same cells."""
        archive = spec_path('google', 'gspread-cassettes.tar.xz')
        member = ('./tests/cassettes/WorksheetTest.'
                  'test_get_all_values_date_time_render_options.json')
        with tarfile.open(archive) as tar:
            names = {m.name.lstrip('./'): m for m in tar.getmembers()}
            tape = json.load(tar.extractfile(names[member.lstrip('./')]))
        day = datetime.date
        tab = sheet_grid.Tab(0, 'Sheet1', grid=(2, 4), rows=[
            [sheet_grid.Cell(2, formula='=4/2'), day(2020, 1, 1), 'string', 53],
            [sheet_grid.Cell(1.5, formula='=3/2'), 0.12, day(1999, 1, 2)]])
        book = sheet_grid.Book('x', 'x', 'Etc/GMT', [tab])
        seen = 0
        for exchange in tape['interactions']:
            uri, answer = exchange['request']['uri'], exchange['response']['body']['string']
            path, _, query = uri.partition('?')
            if exchange['request']['method'] != 'GET' or 'RenderOption' not in query:
                continue
            got = sheets.answer(book, '/values/' + path.rsplit('/', 1)[1],
                                urllib.parse.parse_qsl(query))
            self.assertEqual(got, json.loads(answer))
            seen += 1
        self.assertGreaterEqual(seen, 4)

    def test_mask(self):
        tree = fieldmask.parse('a,b(c,d/e),f/g')
        self.assertEqual(tree, {'a': {}, 'b': {'c': {}, 'd': {'e': {}}}, 'f': {'g': {}}})
        self.assertEqual(fieldmask.apply(tree, {'a': 1, 'b': [{'c': 2, 'x': 3}], 'z': 4}),
                         {'a': 1, 'b': [{'c': 2}]})
        for wrong in ('', 'a,', 'a(b', 'a)b', '(a)'):
            with self.assertRaises(fieldmask.MaskError):
                fieldmask.parse(wrong)


class SheetsChecks(Base):
    def test_metadata(self):
        status, body = self.get('/v4/spreadsheets/sim-cash', fields=(
            'spreadsheetId,properties(title,locale,timeZone),sheets(properties,merges),'
            'namedRanges'))
        self.assertEqual(status, 200)
        self.assertEqual(body['properties'], {'title': 'Brand numbers', 'locale': 'en_US',
                                              'timeZone': 'America/New_York'})
        first = body['sheets'][0]
        self.assertEqual(first['properties'], {
            'sheetId': 0, 'title': 'Rows', 'index': 0, 'sheetType': 'GRID',
            'gridProperties': {'rowCount': 20, 'columnCount': 8, 'frozenRowCount': 1}})
        self.assertNotIn('merges', first)
        by_title = {s['properties']['title']: s for s in body['sheets']}
        self.assertTrue(by_title['Hidden']['properties']['hidden'])
        self.assertNotIn('gridProperties', by_title['Chart']['properties'])
        self.assertEqual(by_title['Merged']['merges'][0]['sheetId'], 16)
        names = {n['name']: n['range'] for n in body['namedRanges']}
        self.assertNotIn('sheetId', names['Targets'])
        self.assertEqual(names['Targets']['startRowIndex'], 0)

    def test_values(self):
        self.assertEqual(self.values("'Ragged'", valueRenderOption='UNFORMATTED_VALUE')[1], {
            'range': 'Ragged!A1:E10', 'majorDimension': 'ROWS',
            'values': [['a', 'b', 'c', 'd'], [1], [], [1, '', 3], ['', '', '', 4], ['', 2]]})
        self.assertEqual(self.values("'Empty'")[1], {'range': 'Empty!A1:C5',
                                                     'majorDimension': 'ROWS'})
        self.assertEqual(self.values("'Leading rows'!A1:B2")[1]['values'],
                         [[], ['', 'Cash of the year']])
        self.assertEqual(self.values("'Ragged'!A1:B2", majorDimension='COLUMNS',
                                     valueRenderOption='UNFORMATTED_VALUE')[1]['values'],
                         [['a', 1], ['b']])
        self.assertEqual(self.values("'Q1'")[1]['range'], "'Q1'!A1:C5")
        self.assertEqual(self.values('H1')[1]['range'], 'Rows!H1')
        self.assertEqual(self.values('Q1')[1]['error']['code'], 400)    # a cell, off the grid
        self.assertEqual(self.values("'Owner''s plan'!A2:B2")[1]['values'], [['quote', '2']])
        self.assertEqual(self.values("'🌵 2026/27'")[1]['values'][1], ['emoji', '3'])

    def test_forms(self):
        row = "'Rows'!A2:F2"
        self.assertEqual(self.values(row)[1]['values'], [
            ['cac', '42.5', '2026-01-01', '12.00%', 'TRUE', 'per new customer']])
        self.assertEqual(self.values(row, valueRenderOption='UNFORMATTED_VALUE')[1]['values'], [
            ['cac', 42.5, 46023, 0.12, True, 'per new customer']])
        self.assertEqual(self.values("'Bad values'!C2:C7")[1]['values'], [
            ['100'], ['about 200'], ['300'], ['#N/A'], ['#DIV/0!'], ['12.00%']])
        moment = self.values("'Moments'!A2:E2", valueRenderOption='UNFORMATTED_VALUE')[1]['values']
        self.assertAlmostEqual(moment[0][0], 46037 + (13 * 3600 + 45 * 60 + 30) / 86400, 9)
        self.assertEqual(moment[0][1:], [46037, 0.5, 1.25, 2])
        self.assertEqual(self.values("'Moments'!A2:E2")[1]['values'],
                         [['2026-01-15 13:45:30', '2026-01-15', '12:00:00', '30:00:00', '2']])
        self.assertEqual(self.values("'Moments'!E2", valueRenderOption='FORMULA')[1]['values'],
                         [['=4/2']])

    def test_errors(self):
        def error(status, body):
            self.assertEqual(status, body['error']['code'])
            return status, body['error']['message']

        self.assertEqual(error(*self.values("'Foo'!A1")),
                         (400, "Unable to parse range: 'Foo'!A1"))
        self.assertEqual(error(*self.values("'Ragged'!A11:C12"))[1],
                         'Range (Ragged!A11:C12) exceeds grid limits. Max rows: 10, max columns: 5')
        self.assertEqual(error(*self.values("'Chart'"))[0], 400)
        self.assertIn('Unknown name "limit"', error(*self.values('Rows', limit=3))[1])
        self.assertEqual(self.values('Rows', valueRenderOption='RAW')[0], 400)
        self.assertEqual(self.values('Rows', fields='rows')[0], 400)
        self.assertEqual(error(*self.get('/v4/spreadsheets/nothing')),
                         (404, 'Requested entity was not found.'))
        self.assertEqual(error(*self.get('/v4/spreadsheets/sim-private')),
                         (403, 'The caller does not have permission'))
        self.assertEqual(self.get('/v4/spreadsheets/sim-xlsx')[1]['error']['status'],
                         'FAILED_PRECONDITION')
        self.assertEqual(self.sim.call('/small/sheets/v4/spreadsheets/sim-cash')[0], 401)

    def test_batch(self):
        status, body = self.get('/v4/spreadsheets/sim-cash/values:batchGet',
                                ranges=["'Q1'!A2:B2", "'Empty'", "'Rows'!A1"])
        self.assertEqual(status, 200)
        self.assertEqual(body, {'spreadsheetId': 'sim-cash', 'valueRanges': [
            {'range': "'Q1'!A2:B2", 'majorDimension': 'ROWS', 'values': [['first quarter', '1']]},
            {'range': 'Empty!A1:C5', 'majorDimension': 'ROWS'},
            {'range': 'Rows!A1', 'majorDimension': 'ROWS', 'values': [['Metric']]}]})
        self.assertEqual(self.get('/v4/spreadsheets/sim-cash/values:batchGet',
                                  ranges=["'Q1'", "'Nope'"])[0], 400)

    def test_grid_data(self):
        status, body = self.get(
            '/v4/spreadsheets/sim-cash', ranges=["'Bad values'!C4:C6"],
            fields='sheets(data(startRow,rowData(values(effectiveValue,'
                   'userEnteredFormat/numberFormat))))')
        self.assertEqual(status, 200)
        data = body['sheets'][0]['data'][0]
        self.assertEqual(data['startRow'], 3)
        cells = [row['values'][0]['effectiveValue'] for row in data['rowData']]
        self.assertEqual(cells[0], {'stringValue': '300'})
        self.assertEqual(cells[1]['errorValue']['type'], 'N_A')

    def test_quota(self):
        self.sim.control('set', world='small', service='sheets', reads_per_minute=2)
        auth = self.auth()
        codes = [self.sim.call('/small/sheets/v4/spreadsheets/sim-cash/values/Rows', headers=auth)
                 for _ in range(3)]
        self.assertEqual([c[0] for c in codes], [200, 200, 429])
        info = codes[2][1]['error']['details'][0]
        self.assertEqual((info['reason'], info['metadata']['quota_limit_value']),
                         ('RATE_LIMIT_EXCEEDED', '2'))

    def test_gzip_and_pretty(self):
        auth = {**self.auth(), 'Accept-Encoding': 'gzip'}
        status, body, headers = self.sim.call(
            "/small/sheets/v4/spreadsheets/sim-cash/values/'Many%20rows'", headers=auth)
        self.assertEqual((status, headers['Content-Encoding'], len(body['values'])),
                         (200, 'gzip', 301))


class DriveChecks(Base):
    def test_file(self):
        self.assertEqual(self.drive('/files/sim-cash'), (200, {
            'kind': 'drive#file', 'id': 'sim-cash', 'name': 'Brand numbers',
            'mimeType': 'application/vnd.google-apps.spreadsheet'}))
        self.assertEqual(self.drive('/files/sim-cash', fields='modifiedTime,version,trashed',
                                    supportsAllDrives='true')[1],
                         {'modifiedTime': '2026-03-02T08:15:30.174Z', 'version': '57',
                          'trashed': False})
        status, body = self.drive('/files/sim-private')
        self.assertEqual((status, body['error']['message'], body['error']['errors'][0]['reason']),
                         (404, 'File not found: sim-private.', 'notFound'))
        self.assertEqual(self.drive('/files/sim-cash', fields='nope')[0], 400)
        self.assertEqual(self.drive('/files/sim-cash', nope='1')[0], 400)

    def test_list(self):
        status, body = self.drive('/files', q=(
            'mimeType="application/vnd.google-apps.spreadsheet" and trashed=false'),
            fields='nextPageToken,files(id,name)', pageSize=2, orderBy='name')
        self.assertEqual((status, [f['name'] for f in body['files']]),
                         (200, ['Brand numbers', 'Empty']))
        _, rest = self.drive('/files', q=(
            "mimeType='application/vnd.google-apps.spreadsheet' and trashed = false"),
            fields='nextPageToken,files(id,name)', pageSize=2, orderBy='name',
            pageToken=body['nextPageToken'])
        self.assertEqual([f['id'] for f in rest['files']], ['sim-other'])
        self.assertNotIn('nextPageToken', rest)
        _, late = self.drive('/files', q="modifiedTime > '2026-01-03T00:00:00'")
        self.assertEqual([f['id'] for f in late['files']], ['sim-cash'])
        for q in ('name =', "nope = 'x'", "name = 'x' and"):
            self.assertEqual(self.drive('/files', q=q)[0], 400, q)

    def test_edit_and_changes(self):
        start = self.drive('/changes/startPageToken')[1]['startPageToken']
        self.assertEqual(self.drive('/changes', pageToken=start)[1]['changes'], [])
        self.sim.control('cell', world='small', tab='Rows', cell='B2', value=44)
        self.assertEqual(self.values("'Rows'!B2")[1]['values'], [['44']])
        self.assertEqual(self.drive('/files/sim-cash', fields='version')[1], {'version': '58'})
        self.sim.control('cell', world='small', tab='Rows', cell='B2', value=45, silent=True)
        self.assertEqual(self.drive('/files/sim-cash', fields='version')[1], {'version': '58'})
        self.sim.control('cell', world='small', tab='Rows', title='Goals')
        self.assertEqual(self.values("'Rows'!B2")[0], 400)
        _, body = self.drive('/changes', pageToken=start, pageSize=1)
        self.assertEqual((len(body['changes']), 'newStartPageToken' in body), (1, False))
        _, body = self.drive('/changes', pageToken=body['nextPageToken'], pageSize=1)
        self.assertIn('newStartPageToken', body)
        self.sim.control('reset')
        self.assertEqual(self.drive('/files/sim-cash', fields='version')[1], {'version': '57'})

    def test_export(self):
        scope = assertion(self.key(), scope='https://www.googleapis.com/auth/drive.readonly')
        _, answer, _ = self.sim.call('/story/token', jwt_form(scope), FORM)
        status, text, headers = self.sim.call(
            '/small/drive/drive/v3/files/sim-cash/export?mimeType=text/csv',
            headers={'Authorization': 'Bearer ' + answer['access_token']})
        self.assertEqual((status, headers['Content-Type']), (200, 'text/csv'))
        self.assertTrue(text.startswith('Metric,Target,Since'))
        self.assertIn('"""quoted"", and comma"', text)
        self.assertFalse(text.endswith('\n'))
        self.assertTrue(re.search('\r\n', text))
