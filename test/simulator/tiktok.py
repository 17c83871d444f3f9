"""TikTok's API for Business v1.3, the reading half that advertisers use.

    /<world>/tiktok/open_api/v1.3/advertiser/info/
    /<world>/tiktok/open_api/v1.3/campaign/get/  adgroup/get/  ad/get/
    /<world>/tiktok/open_api/v1.3/report/integrated/get/

Every answer that reaches the API has HTTP status 200; "code" tells how it went.
A path without its last slash is not found, as plain text.

Knobs (ctl set WORLD tiktok name=value):
    qps=N           more requests than that within a second get 40100
    restate=N       payments of the last 28 days grow by N percent
    forbidden=1     the advertiser took its permission back (40001)
    no_page_info=1  answers say nothing of pages
    total=N         total_number says so, whatever is there
    max_ids=N       a longer list of ids gets 40011
Control: "ctl get tiktok_days?world=W" adds up the facts themselves, by day, for checks.
Reports are BASIC ones of auctions, by day or over all; asynchronous ones, audiences
and GMV Max are not simulated.  The spend of GMV Max campaigns is in no report here,
as it is not in the service's.
"""

import datetime
import json
import re
import time

import tiktok_params as params
from kit import Response, Service
from tiktok_params import ApiError
from tiktok_report import Report

TOKEN = 'tiktok_test'
VERSION = 'v1.3'
ENTITIES = {'campaign': 'Campaign', 'adgroup': 'AdGroup', 'ad': 'Ad'}


class TikTok(Service):
    name = 'tiktok'

    def __init__(self, world):
        super().__init__(world)
        self.recent = []
        self.number = 0
        if world.name == 'story':
            from tiktok_story import accounts
            self.accounts = accounts(world.story)
        elif world.name == 'small':
            from tiktok_small import accounts
            self.accounts = accounts()
        else:
            from tiktok_small import empty_accounts
            self.accounts = empty_accounts(world.today)

    def reset(self):
        with self.lock:
            self.recent = []

    # -- answering ------------------------------------------------------------

    def handle(self, request):
        route = re.fullmatch(r'/open_api/(v\d+\.\d+)/([a-z_/]+)/', request.path)
        if route is None or route[2] not in ROUTES:
            return Response(404, '404 page not found', {'Content-Type': 'text/plain'})
        if request.method != 'GET':
            return Response(405, 'Method Not Allowed', {'Content-Type': 'text/plain'})
        try:
            if route[1] != VERSION:
                raise ApiError(40006, 'The API version %s is not supported.' % route[1])
            self.check_token(request)
            self.check_pace()
            return self.answer(0, 'OK', ROUTES[route[2]](self, request))
        except ApiError as e:
            return self.answer(e.code, str(e), {})

    def answer(self, code, message, data):
        with self.lock:
            self.number += 1
            number = '20261120100000%018d' % self.number
        return Response(200, {'code': code, 'message': message, 'request_id': number,
                              'data': data}, {'X-TT-LOGID': number})

    def check_token(self, request):
        """The header alone: a token in the query is not one."""
        token = request.headers.get('access-token', '')
        if not token:
            raise ApiError(40104, 'Access token is empty, please check the request header.')
        if token.startswith('revoked-'):
            raise ApiError(40102, 'Access token has been revoked.')
        if token != TOKEN:
            raise ApiError(40105, 'Access token is incorrect or has been revoked.')
        if self.knob('forbidden'):
            raise ApiError(40001, 'No permission to operate advertisers.')

    def check_pace(self):
        limit = self.knob('qps')
        if limit is None:
            return
        now = time.monotonic()
        with self.lock:
            self.recent = [t for t in self.recent if now - t < 1.0]
            if len(self.recent) >= int(limit):
                raise ApiError(40100, 'Too many requests. Please retry in some time.')
            self.recent.append(now)

    def account(self, request):
        number = request.param('advertiser_id')
        if not number:
            raise ApiError(40002, 'advertiser_id: Missing data for required field.')
        if not re.fullmatch(r'\d{1,20}', number):
            raise ApiError(40002, 'advertiser_id: Not a valid integer.')
        for account in self.accounts:
            if account.number == number:
                return account
        raise ApiError(40001, 'No permission to operate advertiser %s.' % number)

    # -- endpoints --------------------------------------------------------------

    def info(self, request):
        params.check_known(request, params.INFO_PARAMETERS)
        wanted = params.list_param(request, 'advertiser_ids', required=True, most=100)
        fields = params.list_param(request, 'fields', known=params.FIELDS['Advertiser'])
        known = {account.number: account for account in self.accounts}
        for number in wanted:
            if number not in known:
                raise ApiError(40001, 'No permission to operate advertiser %s.' % number)
        return {'list': [project(known[n].fields, fields, ['advertiser_id']) for n in wanted]}

    def entities(self, request, name):
        kind = ENTITIES[name]
        params.check_known(request, params.ENTITY_PARAMETERS)
        account = self.account(request)
        fields = params.list_param(request, 'fields', known=params.FIELDS[kind])
        keep = params.entity_filter(request, name, int(self.knob('max_ids', 100)))
        found = [item for item in account.objects[kind] if keep(item)]
        return self.page(request, found, lambda item: project(item, fields, []))

    def report(self, request):
        params.check_known(request, params.REPORT_PARAMETERS)
        account = self.account(request)
        report = Report(account, request, float(self.knob('restate', 0)),
                        int(self.knob('max_ids', 100)))
        data = self.page(request, report.groups(), report.row)
        if params.bool_param(request, 'enable_total_metrics'):
            data['total_metrics'] = report.totals()
        return data

    def page(self, request, items, render):
        page = params.int_param(request, 'page', 1, 1, None)
        size = params.int_param(request, 'page_size', 10, 1, 1000)
        total = int(self.knob('total', len(items)))
        data = {'list': [render(item) for item in items[(page - 1) * size:page * size]],
                'page_info': {'page': page, 'page_size': size, 'total_number': total,
                              'total_page': (total + size - 1) // size}}
        if self.knob('no_page_info'):
            del data['page_info']
        return data

    # -- faults -------------------------------------------------------------------

    def throttle_response(self, request, args):
        texts = {40016: 'Too many requests of the application.',
                 40133: 'Too many requests for this advertiser.'}
        code = int(args.get('code', 40100))
        return self.answer(code, texts.get(code, 'Too many requests. Please retry in some time.'),
                           {})

    def transient_response(self, request, args):
        if 'status' in args:
            return Response(int(args['status']), 'Bad Gateway', {'Content-Type': 'text/plain'})
        return self.answer(int(args.get('code', 50000)), 'System error, please try again.', {})

    def stale_cursor_response(self, request, args):
        return self.answer(40002, 'page: Page number is out of range.', {})

    def partial_response(self, request, args):
        """Some of the data, and a code that says so."""
        value = json.loads(self.handle(request).body)
        if value['code'] == 0 and value['data'].get('list'):
            value['data']['list'] = value['data']['list'][:1]
        return self.answer(20001, 'Partial success', value['data'])


ROUTES = {
    'advertiser/info': TikTok.info,
    'campaign/get': lambda self, request: self.entities(request, 'campaign'),
    'adgroup/get': lambda self, request: self.entities(request, 'adgroup'),
    'ad/get': lambda self, request: self.entities(request, 'ad'),
    'report/integrated/get': TikTok.report,
}


def project(item, fields, always):
    """The asked fields that the object has; all of them unless some are asked for."""
    if fields is None:
        return dict(item)
    return {name: value for name, value in item.items() if name in fields or name in always}


def days(sim, request):
    """Per whole day of a world's first account: spend and value in cents, purchases."""
    account = sim.worlds[request.param('world', 'story')].service('tiktok').accounts[0]
    found = {}
    for fact in account.facts(account.first, account.today - datetime.timedelta(days=1)):
        day = found.setdefault(str(fact.day), {'spend': 0, 'purchases': 0, 'value': 0})
        day['spend'] += fact.spend
        day['purchases'] += fact.payments
        day['value'] += fact.value
    return found


CONTROLS = {'tiktok_days': days}
SERVICES = (TikTok,)
