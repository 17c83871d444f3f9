"""Klaviyo's API, the reading half.

    GET  /<world>/klaviyo/api/accounts, metrics, campaigns, flows, lists, profiles
    POST /<world>/klaviyo/api/metric-aggregates, campaign-values-reports, flow-values-reports

Knobs (ctl set WORLD klaviyo name=value):
    rate=real                enforce each endpoint's limits per second, minute and day
    reports_per_minute=N     enforce this many values reports in 60 seconds (really 2)
    reports_per_day=N        and this many a day (really 225); Retry-After is then huge
    scopes="a:read,b:read"   what the key may (all)
    restate=N                conversions of the last 7 days of sends grow by N percent
    html=403|502             every answer is the edge's HTML page of that status
"""

import base64
import hashlib
import json
import re
import threading
import time
import urllib.parse

import klaviyo_filter
import klaviyo_reports as reports
import klaviyo_tables as tables
from kit import Response, Service
from klaviyo_filter import ApiError, invalid

KEY = 'pk_test'
METRICS_PAGE = 200
AMPLE = 100000          # the limit that is told where none is enforced
TYPE = {'Content-Type': 'application/vnd.api+json'}


class Windows:
    """Fixed windows of calls: per endpoint, second, minute and day."""

    def __init__(self):
        self.lock = threading.Lock()
        self.used = {}

    def take(self, name, limits):
        """Count a call; seconds to wait when one of the (span, limit) is full."""
        now = time.time()
        with self.lock:
            entries = []
            for span, limit in limits:
                begun, count = self.used.get((name, span), (now, 0))
                if now - begun >= span:
                    begun, count = now, 0
                if count >= limit:
                    return max(1, round(begun + span - now))
                entries.append(((name, span), (begun, count + 1)))
            self.used.update(entries)
        return 0


class Klaviyo(Service):
    name = 'klaviyo'

    def __init__(self, world):
        super().__init__(world)
        if world.name == 'story':
            from klaviyo_story import account
            self.account = account(world.story)
        elif world.name == 'small':
            from klaviyo_small import account
            self.account = account()
        else:
            from klaviyo_small import empty_account
            self.account = empty_account(world.today)
        self.windows = Windows()

    def reset(self):
        self.windows = Windows()

    # -- answering ------------------------------------------------------------

    def handle(self, request):
        html = self.knob('html')
        if html is not None:
            return Response(int(html), '<!DOCTYPE html><html><head><title>Attention Required!'
                                       '</title></head><body>Blocked</body></html>')
        try:
            self.check_key(request)
            pattern, path_id = self.find(request)
            endpoint = tables.ENDPOINTS[pattern]
            self.check_scope(endpoint)
            self.check_rate(pattern, endpoint)
            self.check_query(request, endpoint)
            if request.method == 'POST':
                value = self.post(request, pattern)
            elif path_id is not None:
                value = self.one(request, pattern, endpoint, path_id)
            else:
                value = self.many(request, endpoint)
            return Response(200, value, {**TYPE, **self.headers(request, endpoint)})
        except ApiError as e:
            return self.error(e)

    def error(self, e):
        return Response(e.status, e.body, {**TYPE, **e.headers})

    def check_key(self, request):
        scheme, _, key = request.headers.get('authorization', '').partition(' ')
        if scheme != 'Klaviyo-API-Key' or not key:
            raise ApiError(401, 'not_authenticated', 'Authentication credentials were not '
                           'provided.', 'Missing or invalid authorization scheme. Please use '
                           'Klaviyo-API-Key.')
        if key.strip() != KEY:
            raise ApiError(401, 'authentication_failed', 'Incorrect authentication credentials.',
                           'Incorrect authentication credentials.')
        revision = request.headers.get('revision')
        if revision is None:
            raise ApiError(400, 'invalid', 'Missing revision header.', "The 'revision' header is "
                           'required. See https://developers.klaviyo.com/en/docs/'
                           'api_versioning_and_deprecation_policy')
        if revision not in tables.REVISIONS:
            raise no_revision(request, revision)

    def find(self, request):
        """(table key, id in the path or None) of a request; 404 and 405 otherwise."""
        path = request.path.rstrip('/')
        methods = set()
        for pattern in tables.ENDPOINTS:
            method, template = pattern.split(' ')
            match = re.fullmatch(template.replace('{id}', '([^/]+)'), path)
            if match:
                methods.add(method)
                if method == request.method:
                    return pattern, match[1] if match.groups() else None
        if methods:
            raise ApiError(405, 'method_not_allowed', 'Method not allowed.',
                           'Method "%s" not allowed.' % request.method,
                           headers={'Allow': ', '.join(sorted(methods))})
        raise no_revision(request, request.headers['revision'])

    def check_scope(self, endpoint):
        scopes = self.knob('scopes')
        if scopes is not None and endpoint.scope not in str(scopes).split(','):
            raise ApiError(403, 'permission_denied', 'You do not have permission to perform this '
                           'action.', 'Your API key is missing the required scope: '
                           + endpoint.scope)

    def limits(self, endpoint):
        """The (span, limit) that are enforced."""
        burst, steady, daily = endpoint.rate
        limits = []
        if self.knob('rate') == 'real':
            limits = [(1, burst), (60, steady)] + ([(86400, daily)] if daily else [])
        if endpoint.rate is tables.REPORT:
            for knob, span in (('reports_per_minute', 60), ('reports_per_day', 86400)):
                if self.knob(knob) is not None:
                    limits = [(s, n) for s, n in limits if s != span]
                    limits.append((span, int(self.knob(knob))))
        return limits

    def check_rate(self, pattern, endpoint):
        limits = self.limits(endpoint)
        wait = self.windows.take(pattern, sorted(limits, reverse=True)) if limits else 0
        if wait:
            raise throttled(wait)

    def headers(self, request, endpoint):
        daily = endpoint.rate[2]
        enforced = dict(self.limits(endpoint))
        told = [(span, enforced.get(span, AMPLE)) for span in (1, 60) + ((86400,) if daily else ())]
        limit = ', '.join([str(told[0][1])] + ['%d;w=%d' % (n, span) for span, n in told])
        return {'RateLimit-Limit': limit, 'RateLimit-Remaining': str(max(0, told[0][1] - 1)),
                'RateLimit-Reset': '0', 'X-Klaviyo-API-Revision': request.headers['revision'],
                'CID': 'WagWel'}

    def check_query(self, request, endpoint):
        """Each parameter must be one of the endpoint, and given once."""
        for name, values in request.query.items():
            match = re.fullmatch(r'(fields|additional-fields|page)\[([\w-]+)\]', name)
            legal = name in endpoint.query
            if name == 'filter':
                legal = bool(endpoint.filters)
            elif name in ('sort', 'include'):
                legal = bool(getattr(endpoint, name))
            elif match and match[1] == 'page':
                legal = match[2] == 'size' and endpoint.page is not None or (
                    match[2] == 'cursor' and self.has_pages(endpoint))
            elif match and match[1] == 'fields':
                legal = match[2] == endpoint.kind or match[2] in endpoint.more_fields
            elif match:
                legal = match[2] == endpoint.kind and bool(endpoint.additional)
            if not legal or len(values) > 1:
                raise invalid("'%s' is not a valid query parameter for this endpoint." % name
                              if not legal else "'%s' must be given once." % name, name)

    @staticmethod
    def has_pages(endpoint):
        return endpoint.page is not None or endpoint.kind == 'metric'

    # -- reading ------------------------------------------------------------------

    def resources(self, kind):
        return self.account.profiles() if kind == 'profile' else self.account.resources[kind]

    def many(self, request, endpoint):
        kind = endpoint.kind
        render = self.renderer(request, endpoint)
        calls = klaviyo_filter.check(request.param('filter'), endpoint) \
            if request.param('filter') is not None else []
        if kind == 'campaign' and not any(call.field == 'messages.channel' for call in calls):
            raise invalid('A channel filter is required to list campaigns. Please use '
                          "equals(messages.channel,'email'), equals(messages.channel,'sms') or "
                          "equals(messages.channel,'mobile_push')", 'filter')
        found = [item for item in self.resources(kind) if matches(item, calls)]
        if kind == 'campaign' and not any(call.field == 'archived' for call in calls):
            found = [item for item in found if not item['attributes']['archived']]
        found = in_order(found, request.param('sort'), endpoint)
        size, at = self.window(request, endpoint)
        shown = found[at:at + size]
        self_url = '%s%s' % (request.base_url, request.path.rstrip('/'))
        if request.raw_query:
            self_url += '?' + request.raw_query
        body = {'data': [render(item) for item in shown], 'links': {'self': self_url}}
        more = at + size < len(found)
        if self.has_pages(endpoint) and more:
            body['links']['next'] = self.page_link(request, at + size)
            body['links']['prev'] = self.page_link(request, max(0, at - size)) if at else None
        elif kind in ('campaign', 'profile', 'metric'):     # others leave it out
            body['links'].update(next=None, prev=None)
        if request.param('include'):
            body['included'] = self.included(request, endpoint, shown)
        if kind in ('flow', 'list'):
            body['meta'] = {'agent_hints': {'next_steps': [
                'Read the events of a profile to learn more.']}}
        return body

    def one(self, request, pattern, endpoint, path_id):
        if pattern.endswith('/campaign-messages'):
            found = [item for item in self.account.resources['campaign-message']
                     if item['hidden']['campaign'] == path_id]
            if not found:
                raise not_found('campaign', path_id)
            render = self.renderer(request, endpoint)
            return {'data': [render(item) for item in found],
                    'links': {'self': request.base_url + request.path}}
        for item in self.resources(endpoint.kind):
            if item['id'] == path_id:
                value = self.renderer(request, endpoint)(item)
                body = {'data': value, 'links': {'self': value['links']['self']}}
                if request.param('include'):
                    body['included'] = self.included(request, endpoint, [item])
                return body
        raise not_found(endpoint.kind, path_id)

    def renderer(self, request, endpoint):
        """A function from a stored resource to its JSON:API form."""
        kind = endpoint.kind
        asked = listed(request, 'fields[%s]' % kind, endpoint.fields + endpoint.additional)
        for other in endpoint.more_fields:
            listed(request, 'fields[%s]' % other, None)
        extra = listed(request, 'additional-fields[%s]' % kind, endpoint.additional) or []
        listed(request, 'include', endpoint.include)

        def render(item):
            values = dict(item['attributes'])
            if kind == 'list' and 'profile_count' in extra:
                values['profile_count'] = self.account.list_counts[item['id']]
            if 'subscriptions' in extra:
                values['subscriptions'] = {'email': {'marketing': {
                    'can_receive_email_marketing': True, 'consent': 'SUBSCRIBED',
                    'timestamp': values['created']}}, 'sms': {'marketing': None}}
            if 'predictive_analytics' in extra:
                values['predictive_analytics'] = {'historic_clv': None, 'predicted_clv': None,
                                                  'total_clv': None, 'churn_probability': None}
            if asked is not None:
                values = sparse(values, asked)
            value = {'type': kind, 'id': item['id'], 'attributes': values}
            if item['relationships']:
                value['relationships'] = item['relationships']
            value['links'] = {'self': '%s/api/%s/%s' % (request.base_url, plural(kind),
                                                        item['id'])}
            return value

        return render

    def included(self, request, endpoint, shown):
        """Related objects; of those simulated, the messages of campaigns."""
        if endpoint.kind != 'campaign' or 'campaign-messages' not in request.param('include'):
            return []
        ids = {item['id'] for item in shown}
        asked = listed(request, 'fields[campaign-message]', tables.MESSAGE)
        return [{'type': 'campaign-message', 'id': item['id'],
                 'attributes': item['attributes'] if asked is None
                 else sparse(item['attributes'], asked),
                 'relationships': item['relationships'],
                 'links': {'self': '%s/api/campaign-messages/%s' % (request.base_url, item['id'])}}
                for item in self.account.resources['campaign-message']
                if item['hidden']['campaign'] in ids]

    # -- paging ------------------------------------------------------------------------

    def window(self, request, endpoint):
        """(page size, offset) of a list request."""
        size = METRICS_PAGE
        if endpoint.page is not None:
            size, most = endpoint.page
            text = request.param('page[size]')
            if text is not None:
                if not text.isdigit() or not 1 <= int(text) <= most:
                    raise invalid('Page size must be an integer between 1 and %d.' % most,
                                  'page[size]')
                size = int(text)
        elif not self.has_pages(endpoint):
            size = 1 << 30
        cursor = request.param('page[cursor]')
        return size, read_cursor(cursor, seal(request)) if cursor is not None else 0

    def page_link(self, request, at):
        pairs = [(name, value) for name, values in request.query.items() for value in values
                 if name != 'page[cursor]']
        pairs.append(('page[cursor]', write_cursor(at, seal(request))))
        return '%s%s?%s' % (request.base_url, request.path.rstrip('/'),
                            urllib.parse.urlencode(pairs))

    # -- posting ------------------------------------------------------------------------

    def post(self, request, pattern):
        kind = request.headers.get('content-type', '').split(';')[0].strip()
        if kind not in ('application/vnd.api+json', 'application/json'):
            raise ApiError(415, 'unsupported_media_type', 'Unsupported media type.',
                           'Unsupported media type "%s" in request.' % kind)
        try:
            body = request.json()
        except ValueError as e:
            raise invalid('JSON parse error - %s' % e, pointer='/data') from None
        own = request.base_url + request.path.rstrip('/')
        if pattern.endswith('metric-aggregates'):
            return self.aggregate(request, body, own)
        kind = 'campaign' if 'campaign' in pattern else 'flow'
        report = reports.ValuesReport(self.account, body, kind, float(self.knob('restate', 0)))
        results = report.results()
        check = fingerprint(body)
        cursor = request.param('page_cursor')
        at = read_cursor(cursor, check, 'page_cursor') if cursor is not None else 0
        shown = results[at:at + 1000]
        ids = sorted({row['groupings'][kind + '_id'] for row in shown})
        value = {'data': {'type': kind + '-values-report', 'attributes': {'results': shown},
                          'relationships': {kind + 's': {'data': [
                              {'type': kind, 'id': item} for item in ids]}}},
                 'links': {'self': own, 'next': None, 'prev': None}}
        if at + 1000 < len(results):
            value['links']['next'] = own + '?page_cursor=' + write_cursor(at + 1000, check)
        return value

    def aggregate(self, request, body, own):
        query = reports.Aggregate(self.account, body)
        check = fingerprint(body)
        data, more = reports.aggregate_json(
            own, query, lambda cursor: read_cursor(cursor, check, 'page_cursor'))
        asked = listed(request, 'fields[metric-aggregate]', ('data', 'dates', 'id'))
        if asked is not None:
            data['attributes'] = sparse(data['attributes'], asked)
        value = {'data': data, 'links': {'self': own, 'next': None, 'prev': None}}
        if more is not None:
            value['links']['next'] = own + '?page_cursor=' + write_cursor(more, check)
        return value

    # -- faults --------------------------------------------------------------------------

    def throttle_response(self, request, args):
        return self.error(throttled(int(args.get('seconds', 1))))

    def transient_response(self, request, args):
        return self.error(ApiError(int(args.get('status', 503)), 'error', 'Service unavailable.',
                                   'The service is temporarily unavailable. Please try again.'))

    def stale_cursor_response(self, request, args):
        return self.error(invalid('Invalid cursor provided.', 'page[cursor]'))

    def partial_response(self, request, args):
        """JSON:API allows errors beside nothing else; shown with data here on purpose."""
        response = self.handle(request)
        value = json.loads(response.body)
        value['errors'] = ApiError(500, 'error', 'A server error occurred.',
                                   'Part of the answer is missing.').body['errors']
        return Response(200, value, response.headers)


def throttled(wait):
    return ApiError(429, 'throttled', 'Request was throttled.',
                    'Request was throttled. Expected available in %d second%s.'
                    % (wait, '' if wait == 1 else 's'), headers={'Retry-After': str(wait)},
                    links={'type': 'https://developers.klaviyo.com/en/docs/'
                                   'rate_limits_and_error_handling'})


def no_revision(request, revision):
    return ApiError(404, 'not_found', 'Not found.', 'There is no valid revision of %s %s for '
                    'revision %s.' % (request.method, request.path, revision))


def not_found(kind, item):
    return ApiError(404, 'not_found', 'Not found.', 'A %s with id %s does not exist.'
                    % (kind, item))


def plural(kind):
    return kind + 's'


def listed(request, name, legal):
    """The comma list of a parameter, each one legal; None when absent."""
    text = request.param(name)
    if text is None:
        return None
    found = [part.strip() for part in text.split(',') if part.strip()]
    for part in found:
        if legal is not None and part not in legal:
            raise invalid("'%s' is not a valid value for '%s'." % (part, name), name)
    return found


def sparse(values, asked):
    """The asked attributes; a.b keeps the part b of the object a."""
    result = {}
    for name in asked:
        top, _, inner = name.partition('.')
        if top not in values:
            continue
        if inner and isinstance(values[top], dict):
            below = sparse(values[top], [inner])
            result.setdefault(top, {}).update(below)
        else:
            result[top] = values[top]
    return result


def matches(item, calls):
    for call in calls:
        if call.field == 'messages.channel':
            if item['hidden']['channel'] != call.value:
                return False
            continue
        actual = item['id'] if call.field == 'id' else item['attributes']
        if call.field != 'id':
            for part in call.field.split('.'):
                actual = actual.get(part) if isinstance(actual, dict) else None
        if not klaviyo_filter.holds(call, actual):
            return False
    return True


def in_order(found, sort, endpoint):
    if sort is None:
        return found
    name = sort.lstrip('-')
    if name not in endpoint.sort or sort.startswith('--'):
        raise invalid("'%s' is not a valid sort option." % sort, 'sort')

    def key(item):
        value = item['id'] if name == 'id' else item['attributes'][name]
        return (value is None, value or '', item['id'])

    return sorted(found, key=key, reverse=sort.startswith('-'))


def seal(request):
    """What a cursor belongs to: the path and every parameter but those of the page."""
    return fingerprint([request.path.rstrip('/'), sorted(
        (name, values) for name, values in request.query.items()
        if name not in ('page[cursor]', 'page[size]'))])


def fingerprint(value):
    if isinstance(value, dict):
        data = value.get('data', {}).get('attributes', {})
        value = {name: item for name, item in data.items() if name != 'page_cursor'}
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def write_cursor(at, check):
    return base64.urlsafe_b64encode(('next::id::%d::%s' % (at, check)).encode()).decode()


def read_cursor(text, check, parameter='page[cursor]'):
    try:
        raw = base64.urlsafe_b64decode(str(text).encode()).decode()
        match = re.fullmatch(r'next::id::(\d+)::(\w+)', raw)
        if not match or match[2] != check:
            raise ValueError
        return int(match[1])
    except ValueError:
        raise invalid('Invalid cursor provided.', parameter) from None


SERVICES = (Klaviyo,)
