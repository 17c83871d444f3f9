"""QuickBooks Online's query endpoint, as the books of a company answer it.

    /<world>/quickbooks/v3/company/9130350000000001/query?query=...&minorversion=75

GET, or POST with the statement as application/text.  Tokens are those of the
oauth service (which takes the client in its header with knob basic=true), or
"qbo_test".  Without "Accept: application/json" it answers XML.  quickbooks_query.py
is the language, quickbooks_small.py and quickbooks_story.py are the books.

Knobs (ctl set WORLD quickbooks name=value):
    per_minute=N    more requests than that in sixty seconds get 429
    forbidden=1     the company took the app's permission back (3100)
Faults: throttle takes code=3001 with status=403, or none for a bare 429.
Controls: "quickbooks?world=W" adds up what is open and in the bank; "quickbooks_pay"
world=, kind=Bill or Invoice, id=, amount= (default: all of it) pays a document from
the bank; "quickbooks_remove" world=, kind=, id= deletes one.
"""

import copy
import json
import re
import time

from kit import Response, Service, utc_now
from quickbooks_query import COLUMNS, Query, QueryError

REALM = '9130350000000001'
TOKEN = 'qbo_test'
PATH = re.compile(r'/v3/company/(\d+)/query')


class QuickBooks(Service):
    name = 'quickbooks'

    def __init__(self, world):
        super().__init__(world)
        if world.name == 'story':
            from quickbooks_story import books
            self.told = books(world.story)
        elif world.name == 'small':
            from quickbooks_small import books
            self.told = books()
        else:
            self.told = {}
        self.reset()

    def reset(self):
        with self.lock:
            self.books = copy.deepcopy(self.told)
            self.recent = []
            self.number = 0

    # -- answering ------------------------------------------------------------

    def handle(self, request):
        if 'application/json' not in request.headers.get('accept', ''):
            return Response(200, '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"/>',
                            {'Content-Type': 'application/xml'})
        with self.lock:
            return self.answer(request)

    def answer(self, request):
        scheme, _, token = request.headers.get('authorization', '').partition(' ')
        if scheme != 'Bearer' or (token != TOKEN and self.sim.google_tokens.scopes_of(token) is None):
            return self.lower_fault(401, '3200', 'message=AuthenticationFailed; errorCode=003200',
                                    'Token expired or invalid')
        route = PATH.fullmatch(request.path)
        if route is None:
            return self.fault(404, '610', 'Object Not Found', 'No such resource.')
        if route[1] != REALM or self.knob('forbidden'):
            return self.fault(403, '3100', 'message=ApplicationAuthorizationFailed; errorCode=003100',
                              'The application is not authorised for this company.',
                              'AuthorizationFault')
        if not self.may_go_on():
            return self.fault(429, '3001', 'message=ThrottleExceeded; errorCode=003001; statusCode=429',
                              'The request limit was reached.', 'SERVICE')
        try:
            return self.respond(200, self.find(Query(self.statement(request))))
        except QueryError as e:
            return self.fault(400, e.code, 'Error parsing query' if e.code == '4000'
                              else 'Invalid query', 'QueryParserError: %s' % e)

    def statement(self, request):
        unknown = set(request.query) - {'query', 'minorversion'}
        if unknown:
            raise QueryError('Unknown parameter %s' % ', '.join(sorted(unknown)))
        if not re.fullmatch(r'\d{1,3}', request.param('minorversion', '75')):
            raise QueryError('Invalid minorversion')
        if request.method == 'POST':
            if request.headers.get('content-type', '').split(';')[0] != 'application/text':
                raise QueryError('A statement is sent as application/text.')
            return request.body.decode('utf-8')
        if request.method != 'GET' or request.param('query') is None:
            raise QueryError('Query is required.')
        return request.param('query')

    def find(self, query):
        found, page = query.run(self.books.get(query.entity, {}).values())
        if query.count:
            return {'QueryResponse': {'totalCount': len(found)}}
        if not page:
            return {'QueryResponse': {}}
        return {'QueryResponse': {query.entity: page, 'startPosition': query.start,
                                  'maxResults': len(page)}}

    def may_go_on(self):
        now = time.monotonic()
        self.recent = [t for t in self.recent if now - t < 60.0]
        if len(self.recent) >= int(self.knob('per_minute', 500)):
            return False
        self.recent.append(now)
        return True

    def respond(self, status, body):
        self.number += 1
        return Response(status, {**body, 'time': instant(utc_now())},
                        {'intuit_tid': '1-69200000-%024d' % self.number})

    def fault(self, status, code, message, detail, kind='ValidationFault'):
        return self.respond(status, {'Fault': {'Error': [
            {'Message': message, 'Detail': detail, 'code': code, 'element': ''}], 'type': kind}})

    def lower_fault(self, status, code, message, detail):
        return self.respond(status, {'warnings': None, 'intuitObject': None, 'fault': {'error': [
            {'message': message, 'detail': detail, 'code': code, 'element': None}],
            'type': 'AUTHENTICATION'}})

    # -- faults -------------------------------------------------------------------

    def throttle_response(self, request, args):
        status = int(args.get('status', 429))
        if 'code' not in args:
            return Response(status, 'Too Many Requests', {'Content-Type': 'text/plain'})
        response = self.fault(status, str(args['code']), 'message=ThrottleExceeded; errorCode=003001;'
                              ' statusCode=%d' % status, 'The request limit was reached.', 'SERVICE')
        if 'retry_after' in args:
            response.headers['Retry-After'] = str(args['retry_after'])
        return response

    def transient_response(self, request, args):
        return self.fault(int(args.get('status', 500)), '10000', 'An application error has occurred',
                          'Please try again.', 'SystemFault')

    def partial_response(self, request, args):
        """Records, and a fault beside them."""
        response = self.fault(200, '10000', 'A part could not be read', 'Please try again.',
                              'SystemFault')
        return response

    # -- what happens in the books --------------------------------------------------

    def pay(self, kind, number, cents=None):
        """Money moves between the bank and a document; a payment is recorded."""
        with self.lock:
            document = self.books[kind][number]
            open_cents = round(document['Balance'] * 100)
            cents = open_cents if cents is None else cents
            if not 0 < cents <= open_cents:
                raise ValueError('%s %s has %d cents open' % (kind, number, open_cents))
            document['Balance'] = (open_cents - cents) / 100
            document['MetaData']['LastUpdatedTime'] = instant(utc_now())
            document['SyncToken'] = str(int(document['SyncToken']) + 1)
            bank = next(a for a in self.books['Account'].values() if a['AccountType'] == 'Bank')
            sign = -1 if kind == 'Bill' else 1
            bank['CurrentBalance'] = round(bank['CurrentBalance'] * 100 + sign * cents) / 100
            bank['CurrentBalanceWithSubAccounts'] = bank['CurrentBalance']
            return {'balance': document['Balance'], 'bank': bank['CurrentBalance']}

    def remove(self, kind, number):
        with self.lock:
            del self.books[kind][number]


def instant(value):
    """As the service writes instants: with the offset of the company's zone."""
    return value.astimezone().isoformat(timespec='milliseconds')


def service_of(sim, request):
    return sim.worlds[request.param('world', 'story')].service('quickbooks')


def summary(sim, request):
    """Cents by kind, due day and currency; the bank accounts' too."""
    books = service_of(sim, request).books
    out = {'bank': [], 'Bill': [], 'Invoice': []}
    for account in books.get('Account', {}).values():
        if account['AccountType'] == 'Bank':
            out['bank'].append({'id': account['Id'], 'name': account['Name'],
                                'cents': round(account['CurrentBalance'] * 100),
                                'currency': account['CurrencyRef']['value'],
                                'active': account['Active'], 'sub': account['SubAccount']})
    for kind in ('Bill', 'Invoice'):
        for document in books.get(kind, {}).values():
            if document['Balance']:
                out[kind].append({'id': document['Id'], 'currency': document['CurrencyRef']['value'],
                                  'due': document.get('DueDate', document['TxnDate']),
                                  'cents': round(document['Balance'] * 100)})
    return out


def pay(sim, request):
    form = json.loads(request.body)
    service = sim.worlds[form.get('world', 'story')].service('quickbooks')
    cents = round(float(form['amount']) * 100) if 'amount' in form else None
    return service.pay(form['kind'], str(form['id']), cents)


def remove(sim, request):
    form = json.loads(request.body)
    sim.worlds[form.get('world', 'story')].service('quickbooks').remove(form['kind'], str(form['id']))
    return {}


CONTROLS = {'quickbooks': summary, 'quickbooks_pay': pay, 'quickbooks_remove': remove}
SERVICES = (QuickBooks,)
