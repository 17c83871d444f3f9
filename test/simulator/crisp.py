"""Crisp (gocrisp.com): one OData v4 feed of retail sales, read-only.

    /<world>/crisp/odata/accounts/4711/connector_configurations/<id>/v1/feed.svc

Which system query options the real feed honours is published nowhere, so what
it makes of them are knobs (ctl set WORLD crisp name=value):
    filter=refuse|apply|ignore   $filter: 400, applied, or passed over (refuse)
    top=page|limit               $top: the size of a page, or all that is told (page)
    prefer=apply|ignore          Prefer: odata.maxpagesize, the standard's size of a page (apply)
    next=relative|foreign|loop   what the link to the next page is, instead of absolute
    per_minute=N                 calls a minute before 429 (unlimited)
$select, $orderby, $skip, $count and the like get 501.
Controls: "sale" writes, edits or takes away one row of sales (see edit_sale),
"retail" adds up what the feed says, by retailer and day, without SQL.
"""

import base64
import binascii
import json
import re
import time
import urllib.parse

import crisp_feed
from kit import Response, Service

USER, PASSWORD = 'crisp_user', 's1m:p@ss'
ACCOUNT = '4711'
PAGE = 1000
ROUTE = re.compile(r'/odata/accounts/([^/]+)/connector_configurations/([^/]+)/v1/feed\.svc(/.*)?')
TERM = re.compile(r"(\w+) (eq|ne|gt|ge|lt|le) ('(?:[^']|'')*'|[^ ()']+)( and |$)")
OTHER_OPTIONS = ('$select', '$orderby', '$skip', '$count', '$expand', '$search', '$apply',
                 '$format', '$compute')
LITERALS = {'Edm.Date': r'\d{4}-\d\d-\d\d',
            'Edm.DateTimeOffset': r'\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)',
            'Edm.Boolean': 'true|false', 'Edm.String': "'(?:[^']|'')*'"}
NUMBER = r'-?\d+(\.\d+)?([eE][-+]?\d+)?'
HOLDS = {'eq': lambda a, b: a == b, 'ne': lambda a, b: a != b, 'gt': lambda a, b: a > b,
         'ge': lambda a, b: a >= b, 'lt': lambda a, b: a < b, 'le': lambda a, b: a <= b}


class ODataError(Exception):
    def __init__(self, status, code, message, headers=None):
        super().__init__(message)
        self.status = status
        self.body = {'error': {'code': code, 'message': message}}
        self.headers = headers or {}


def bad(message):
    return ODataError(400, 'BadRequest', message)


class Crisp(Service):
    name = 'crisp'

    def __init__(self, world):
        super().__init__(world)
        self.reset()

    def reset(self):
        self.sets = crisp_feed.data_sets(self.world)
        self.calls = []

    def handle(self, request):
        try:
            with self.lock:
                return self.get(request)
        except ODataError as e:
            return Response(e.status, e.body, {'OData-Version': '4.0', **e.headers})

    def get(self, request):
        if request.method != 'GET':
            raise ODataError(405, 'MethodNotAllowed', 'The feed is read-only.', {'Allow': 'GET'})
        self.check_login(request)
        route = ROUTE.fullmatch(request.path)
        if route is None or route[1] != ACCOUNT or route[2] != crisp_feed.CONNECTOR:
            raise ODataError(404, 'NotFound', 'No such connector configuration.')
        self.check_pace()
        what = (route[3] or '').strip('/')
        if what in ('', '$metadata') and request.raw_query:
            raise bad('The query options are not allowed here.')
        if what == '':
            return self.answer({'@odata.context': '$metadata', 'value': [
                {'name': name, 'kind': 'EntitySet', 'url': name} for name in self.sets]})
        if what == '$metadata':
            return Response(200, crisp_feed.metadata(self.sets).encode(), {
                'Content-Type': 'application/xml;charset=UTF-8', 'OData-Version': '4.0'})
        if what not in self.sets:
            raise ODataError(404, 'NotFound', "Resource not found for the segment '%s'." % what)
        return self.page(request, self.sets[what])

    @staticmethod
    def answer(value):
        return Response(200, value, {'Content-Type': 'application/json;odata.metadata=minimal',
                                     'OData-Version': '4.0'})

    @staticmethod
    def check_login(request):
        scheme, _, text = request.headers.get('authorization', '').partition(' ')
        try:
            pair = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ''
        if scheme.lower() != 'basic' or pair != '%s:%s' % (USER, PASSWORD):
            raise ODataError(401, 'Unauthorized', 'The user name or password is wrong.',
                             {'WWW-Authenticate': 'Basic realm="OData"'})

    def check_pace(self):
        limit = self.knob('per_minute')
        now = time.time()
        self.calls = [at for at in self.calls if at > now - 60]
        if limit is not None and len(self.calls) >= int(limit):
            raise too_fast(int(self.calls[0] + 61 - now))
        self.calls.append(now)

    # -- a page ------------------------------------------------------------------

    def page(self, request, data):
        query = {}
        for name, value in urllib.parse.parse_qsl(request.raw_query, keep_blank_values=True):
            if name in query:
                raise bad("Query option '%s' was specified more than once." % name)
            if name in OTHER_OPTIONS:
                raise ODataError(501, 'NotImplemented', "Query option '%s' is not supported." % name)
            if name.startswith('$') and name not in ('$top', '$filter', '$skiptoken'):
                raise bad("The query option '%s' is invalid." % name)
            query[name] = value
        size = re.search(r'odata\.maxpagesize=(\d+)', request.headers.get('prefer', ''))
        if size is None or self.knob('prefer', 'apply') == 'ignore':
            size = None
        top = self.top(query.get('$top') or (size and size[1]))
        seal = query.get('$filter', '')
        start = self.skip(query, top, seal) if '$skiptoken' in query else 0
        rows = self.filtered(data, query.get('$filter'))
        shown = rows[start:start + top]
        body = {'@odata.context': '$metadata#' + data.name,
                'value': [data.record(row) for row in shown]}
        cut = self.knob('top', 'page') == 'limit' and '$top' in query
        if start + top < len(rows) and not cut:
            body['@odata.nextLink'] = self.link(request, query, start + top, top, seal)
        return self.answer(body)

    @staticmethod
    def top(text):
        if text is None:
            return PAGE
        if not re.fullmatch(r'\d{1,9}', text):
            raise bad("Invalid value '%s' for $top query option." % text)
        return max(1, min(int(text), PAGE))

    @staticmethod
    def skip(query, top, seal):
        try:
            start, size, told = json.loads(base64.urlsafe_b64decode(query['$skiptoken']))
        except (ValueError, TypeError, binascii.Error):
            raise bad('The skip token is not valid.') from None
        if told != seal or size != top:
            raise bad('The skip token is of another request.')
        return start

    def link(self, request, query, start, top, seal):
        kind = self.knob('next')
        start = 0 if kind == 'loop' else start
        token = base64.urlsafe_b64encode(json.dumps([start, top, seal]).encode()).decode()
        kept = [(name, value) for name, value in query.items() if name != '$skiptoken']
        params = urllib.parse.urlencode(kept + [('$skiptoken', token)], safe='$',
                                        quote_via=urllib.parse.quote)
        base, path = request.base_url, request.path
        if kind == 'foreign':
            base = 'https://feeds.example'
        if kind == 'relative':
            return '%s?%s' % (path.rsplit('/', 1)[1], params)
        return '%s%s?%s' % (base, path, params)

    # -- $filter -----------------------------------------------------------------

    def filtered(self, data, text):
        mode = self.knob('filter', 'refuse')
        if text is None or mode == 'ignore':
            return data.rows
        if mode == 'refuse':
            raise bad("Query option '$filter' is not supported by this feed.")
        terms = list(self.terms(data, text))
        return [row for row in data.rows
                if all(row[at] is not None and HOLDS[op](data.native(at, row[at]), value)
                       for at, op, value in terms)]

    @staticmethod
    def terms(data, text):
        place = 0
        while place < len(text):
            term = TERM.match(text, place)
            if term is None or term.end() == len(text) and term[4]:
                raise bad('Syntax error at position %d in the filter.' % place)
            place = term.end()
            if term[1] not in data.places:
                raise bad("Could not find a property named '%s' on type '%s'."
                          % (term[1], data.type_name))
            at = data.places[term[1]]
            kind = data.columns[at].type
            if not re.fullmatch(LITERALS.get(kind, NUMBER), term[3]):
                raise bad("The literal %s is not of type '%s'." % (term[3], kind))
            value = term[3][1:-1].replace("''", "'") if term[3][0] == "'" else term[3]
            yield at, term[2], data.native(at, value)

    # -- faults ------------------------------------------------------------------

    def throttle_response(self, request, args):
        e = too_fast(int(args.get('retry_after', 1)))
        return Response(e.status, e.body, e.headers)

    def transient_response(self, request, args):
        return Response(503, 'Service Unavailable', {'Content-Type': 'text/plain'})

    def stale_cursor_response(self, request, args):
        return Response(410, {'error': {'code': 'Gone', 'message': 'The skip token has expired.'}})

    def partial_response(self, request, args):
        """OData v4 tells of trouble after the first rows by an error beside them."""
        response = self.handle(request)
        value = json.loads(response.body)
        value['error'] = {'code': 'InternalError', 'message': 'The stream broke off.'}
        return Response(200, value, response.headers)


def too_fast(seconds):
    return ODataError(429, 'TooManyRequests', 'Too many requests.', {'Retry-After': str(seconds)})


def sales_of(sim, world):
    return sim.worlds[world].service('crisp').sets[crisp_feed.SALES]


def edit_sale(sim, request):
    """world, retailer, store, product, day; quantity and amount, or neither: none.

    Rows of that key are replaced by one, as a restatement does.
    """
    spec = json.loads(request.body)
    return sales_of(sim, spec['world']).restate(spec)


def tell_retail(sim, request):
    return crisp_feed.tell(sales_of(sim, request.param('world', 'small')))


CONTROLS = {'sale': edit_sale, 'retail': tell_retail}
SERVICES = (Crisp,)
