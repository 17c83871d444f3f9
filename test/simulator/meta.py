"""Meta's Graph API, the reading half of the Marketing API.

    /<world>/meta/v25.0/act_<id>[/campaigns|adsets|ads|adcreatives|insights]
    /<world>/meta/v25.0/<object id>[/insights|...]      /v25.0/?ids=a,b
    /<world>/meta/v25.0/me/adaccounts

Knobs (ctl set WORLD meta name=value):
    usage=N        percent in the usage headers; from 100 on every call is refused (80000)
    calls_per_hour=N   the percent is that of so many calls in the last hour
    app_secret=S   calls must carry the appsecret_proof of this secret
    max_rows=N     a larger "limit" gets "reduce the amount of data"
    restate=N      purchases of the last 28 days grow by N percent
    forbidden=1    the token lost its permission (200)
Those of asynchronous report runs stand in the head of meta_runs.py.
Breakdowns are not simulated.
"""

import base64
import collections
import datetime
import hashlib
import hmac
import json
import re
import time
import urllib.parse

import meta_fields
import meta_params as params
from kit import Response, Service
from meta_insights import Report
from meta_params import GraphError, invalid
from meta_runs import Runs

TOKEN = 'EAAtest'
DEFAULT_LIMIT = 25
MAX_LIMIT = 500


class Meta(Service):
    name = 'meta'

    def __init__(self, world):
        super().__init__(world)
        if world.name == 'story':
            from meta_story import accounts
            self.accounts = accounts(world.story)
        elif world.name == 'small':
            from meta_small import accounts
            self.accounts = accounts()
        else:
            from meta_small import empty_accounts
            self.accounts = empty_accounts(world.today)
        self.calls = collections.deque(maxlen=100000)    # times of those of the last hour
        self.runs = Runs(self)

    def reset(self):
        self.calls.clear()
        self.runs = Runs(self)

    # -- answering ------------------------------------------------------------

    def handle(self, request):
        try:
            version = self.check(request)
            value = self.route(request, version)
            return Response(200, value, self.headers(request, version))
        except GraphError as e:
            return self.error(e)

    def percent_used(self):
        """How much of the hour's calls is used, in percent."""
        budget = self.knob('calls_per_hour')
        if budget is None:
            return float(self.knob('usage', 1))
        now = time.time()
        with self.lock:
            while self.calls and self.calls[0] <= now - 3600:
                self.calls.popleft()
            return 100.0 * len(self.calls) / float(budget)

    def check(self, request):
        """Version, method, token, limits; gives the version."""
        version = request.path.split('/')[1] if '/' in request.path else ''
        if version not in meta_fields.LIVE_VERSIONS:
            raise GraphError('(#2635) You are calling a deprecated version of the Ads API. Please '
                             'update to the latest version: v26.0.', code=2635)
        if request.method != 'GET' and not (request.method == 'POST'
                                            and request.path.endswith('/insights')):
            raise GraphError('Unsupported %s request.' % request.method.lower(), code=100,
                             subcode=33, kind='GraphMethodException')
        self.check_token(request)
        if self.knob('forbidden'):
            raise GraphError('(#200) Ad account owner has NOT grant ads_management or ads_read '
                             'permission', code=200, status=403)
        if self.percent_used() >= 100:
            raise self.throttled({})
        self.calls.append(time.time())
        return version

    def check_token(self, request):
        token = request.param('access_token')
        scheme, _, value = request.headers.get('authorization', '').partition(' ')
        if scheme.lower() in ('bearer', 'oauth'):
            token = value.strip()
        if not token:
            raise GraphError('An access token is required to request this resource.', code=104)
        if token.startswith('expired-'):
            raise token_error('Error validating access token: Session has expired on Tuesday, '
                              '03-Nov-26 09:00:00 PST. The current time is Friday, 20-Nov-26 '
                              '09:00:00 PST.', 463)
        if token != TOKEN:
            raise token_error('Invalid OAuth access token - Cannot parse access token')
        secret = self.knob('app_secret')
        proof = request.param('appsecret_proof')
        if secret is None:
            return
        if proof is None:
            raise GraphError('API calls from the server require an appsecret_proof argument',
                             kind='GraphMethodException')
        right = hmac.new(str(secret).encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, proof):
            raise GraphError('Invalid appsecret_proof provided in the API argument',
                             kind='GraphMethodException')

    def route(self, request, version):
        parts = [part for part in request.path.split('/')[2:] if part]
        if not parts:
            return self.many(request)
        if parts == ['me', 'adaccounts']:
            params.check_known(request, meta_fields.COMMON + meta_fields.PAGING)
            fields = self.node_fields(request, 'AdAccount', 'id,account_id')
            return self.page(request, self.accounts,
                             lambda account: project('AdAccount', account.fields, fields, account))
        if parts[0] in self.runs.by_number and request.method == 'GET':
            return self.runs.answer(request, parts)
        kind, node, account = self.find(parts[0])
        if request.method == 'POST':
            return self.runs.make(request, account, kind, node)
        if len(parts) == 1:
            params.check_known(request, meta_fields.COMMON)
            default = 'id,account_id' if kind == 'AdAccount' else 'id'
            return project(kind, node, self.node_fields(request, kind, default), account)
        if len(parts) == 2 and parts[1] == 'insights' and kind != 'AdCreative':
            return self.insights(request, kind, node, account)
        if len(parts) == 2 and parts[1] in meta_fields.EDGES and below(kind, parts[1]):
            return self.edge(request, kind, node, account, parts[1])
        raise GraphError('(#2500) Unknown path components: /%s' % '/'.join(parts[1:]), code=2500)

    def find(self, node_id):
        for account in self.accounts:
            if node_id in account.by_id:
                return account.by_id[node_id] + (account,)
        if not re.fullmatch(r'(act_)?\d+', node_id):
            raise GraphError('(#803) Some of the aliases you requested do not exist: %s'
                             % node_id, code=803, status=404)
        raise GraphError("Unsupported get request. Object with ID '%s' does not exist, cannot be "
                         'loaded due to missing permissions, or does not support this operation. '
                         'Please read the Graph API documentation at '
                         'https://developers.facebook.com/docs/graph-api' % node_id,
                         subcode=33, kind='GraphMethodException')

    def node_fields(self, request, kind, default):
        fields = params.parse_fields(request.param('fields') or default)
        params.check_fields(kind, fields)
        if not any(name == 'id' for name, _ in fields):
            fields.append(('id', None))
        return fields

    def many(self, request):
        """GET /?ids=a,b,c: an object by id."""
        params.check_known(request, meta_fields.COMMON + ('ids',))
        ids = [part for part in (request.param('ids') or '').split(',') if part]
        if not ids:
            raise GraphError('Unsupported get request.', subcode=33, kind='GraphMethodException')
        if len(ids) > 50:
            raise invalid('Too many IDs. Maximum: 50. Provided: %d.' % len(ids))
        result = {}
        for node_id in ids:
            kind, node, account = self.find(node_id)
            result[node_id] = project(kind, node, self.node_fields(request, kind, 'id'), account)
        return result

    # -- edges --------------------------------------------------------------------

    def edge(self, request, kind, node, account, edge):
        target = meta_fields.EDGES[edge]
        params.check_known(request, meta_fields.COMMON + meta_fields.PAGING
                           + meta_fields.EDGE_PARAMETERS[edge])
        fields = self.node_fields(request, target, 'id')
        keep = edge_filter(request, edge, target)
        parent = {'AdAccount': 'account_id', 'Campaign': 'campaign_id', 'AdSet': 'adset_id'}[kind]
        wanted = node['account_id'] if kind == 'AdAccount' else node['id']
        found = [item for item in account.objects[target]
                 if item[parent] == wanted and keep(item)]
        return self.page(request, found, lambda item: project(target, item, fields, account))

    def insights(self, request, kind, node, account):
        params.check_known(request, meta_fields.COMMON + meta_fields.PAGING
                           + meta_fields.EDGE_PARAMETERS['insights'])
        report = Report(account, kind, node, request, float(self.knob('restate', 0)))
        return self.page(request, report.groups(), report.row)

    def page(self, request, items, render):
        """One page of items, with cursors that fit this parameter set only."""
        limit = params.int_param(request, 'limit', DEFAULT_LIMIT)
        most = self.knob('max_rows')
        if most is not None and limit > int(most):
            raise GraphError("Please reduce the amount of data you're asking for, then retry your "
                             'request', code=1, status=500)
        limit = min(limit, MAX_LIMIT)
        seal = fingerprint(request)
        after, before = request.param('after'), request.param('before')
        if after and before:
            raise invalid('after and before cannot both be given')
        start = open_cursor(after, seal) + 1 if after else 0
        if before:
            stop = open_cursor(before, seal)
            start = max(0, stop - limit)
            shown = items[start:stop]
        else:
            shown = items[start:start + limit]
        body = {'data': [render(item) for item in shown]}
        if shown:
            last = start + len(shown) - 1
            paging = {'cursors': {'before': make_cursor(start, seal),
                                  'after': make_cursor(last, seal)}}
            if last + 1 < len(items):
                paging['next'] = self.link(request, 'after', paging['cursors']['after'])
            if start:
                paging['previous'] = self.link(request, 'before', paging['cursors']['before'])
            body['paging'] = paging
        return body

    def link(self, request, name, cursor):
        """An absolute URL of another page; it holds the token, as Meta's does."""
        query = [('access_token', TOKEN)] + [
            (key, value) for key, values in request.query.items() for value in values
            if key not in ('access_token', 'after', 'before', 'appsecret_proof')]
        query.append((name, cursor))
        return '%s%s?%s' % (request.base_url, request.path, urllib.parse.urlencode(query))

    # -- headers and faults -------------------------------------------------------------

    def headers(self, request, version, percent=None, minutes=0):
        percent = int(self.percent_used()) if percent is None else percent
        tier = 'standard_access'
        is_report = request is not None and request.path.endswith('/insights')
        usage = {'type': 'ads_insights' if is_report else 'ads_management',
                 'call_count': percent, 'total_cputime': percent, 'total_time': percent,
                 'estimated_time_to_regain_access': minutes, 'ads_api_access_tier': tier}
        found = {
            'Content-Type': 'application/json; charset=UTF-8', 'facebook-api-version': version,
            'X-App-Usage': json.dumps({'call_count': percent, 'total_time': percent,
                                       'total_cputime': percent}),
            'X-Business-Use-Case-Usage': json.dumps({self.accounts[0].number: [usage]}),
            'X-Ad-Account-Usage': json.dumps({'acc_id_util_pct': float(percent),
                                              'reset_time_duration': 60 * minutes,
                                              'ads_api_access_tier': tier})}
        if is_report:
            found['x-fb-ads-insights-throttle'] = json.dumps(
                {'app_id_util_pct': 0.0, 'acc_id_util_pct': float(percent),
                 'ads_api_access_tier': tier})
        return found

    def error(self, e):
        return Response(e.status, e.body,
                        {'Content-Type': 'application/json; charset=UTF-8', **e.headers})

    def throttled(self, args):
        code = int(args.get('code', 80000))
        texts = {4: '(#4) Application request limit reached',
                 17: '(#17) User request limit reached',
                 613: '(#613) Calls to this api have exceeded the rate limit.'}
        return GraphError(texts.get(code, '(#%d) There have been too many calls from this '
                                          'ad-account. Wait a bit and try again. For more info, '
                                          'please refer to https://developers.facebook.com/docs/'
                                          'graph-api/overview/rate-limiting.' % code), code=code,
                          subcode=2446079, is_transient=code in (4, 17, 613),
                          headers=self.headers(None, 'v25.0', 100, int(args.get('minutes', 1))))

    def throttle_response(self, request, args):
        return self.error(self.throttled(args))

    def transient_response(self, request, args):
        return self.error(GraphError(
            'An unexpected error has occurred. Please retry your request later.', code=2,
            subcode=99, status=int(args.get('status', 500)), is_transient=True))

    def stale_cursor_response(self, request, args):
        return self.error(invalid('Invalid cursors values'))

    def partial_response(self, request, args):
        response = self.handle(request)
        value = json.loads(response.body)
        value['error'] = GraphError('Service temporarily unavailable', code=2, subcode=1504044,
                                    is_transient=True).body['error']
        return Response(200, value, response.headers)


def token_error(message, subcode=None):
    return GraphError(message, code=190, subcode=subcode, headers={
        'WWW-Authenticate': 'OAuth "Facebook Platform" "invalid_token" "%s"' % message})


def below(kind, edge):
    order = ('AdAccount', 'Campaign', 'AdSet', 'Ad')
    target = meta_fields.EDGES[edge]
    if target == 'AdCreative':
        return kind == 'AdAccount'
    return kind in order and order.index(kind) < order.index(target)


def project(kind, item, fields, account):
    """The asked fields that the object has; linked objects are followed."""
    result = {}
    for name, inner in fields:
        target = meta_fields.LINKS.get((kind, name))
        if target is None:
            if name in item:
                result[name] = item[name]
            continue
        linked = item.get({'creative': 'creative_id', 'adset': 'adset_id',
                           'campaign': 'campaign_id'}[name])
        if linked is not None:
            _, node = account.by_id[linked]
            inner = inner or [('id', None)]
            if not any(key == 'id' for key, _ in inner):
                inner = inner + [('id', None)]
            result[name] = project(target, node, inner, account)
    return result


def edge_filter(request, edge, kind):
    """A predicate from the edge's parameters; archived objects hide by default."""
    if kind == 'AdCreative':
        for name in ('thumbnail_width', 'thumbnail_height'):
            params.int_param(request, name)
        return lambda item: True
    level = {'Campaign': 'campaign', 'AdSet': 'adset', 'Ad': 'ad'}[kind]
    legal = {'id': 'id', 'name': 'text', 'effective_status': 'enum', 'updated_time': 'time',
             'created_time': 'time'}
    legal.update({level + '.' + name: how for name, how in list(legal.items())})
    if kind != 'Campaign':
        legal['campaign.id'] = 'id'
    if kind == 'Ad':
        legal['adset.id'] = 'id'
    filters = params.parse_filters(request, legal)
    statuses = params.list_param(request, 'effective_status', meta_fields.STATUSES[kind])
    if statuses is not None and any(f[0].endswith('effective_status') for f in filters):
        raise invalid('effective_status is given twice')
    since = params.int_param(request, 'updated_since', low=0) \
        if 'updated_since' in meta_fields.EDGE_PARAMETERS[edge] else None
    completed = params.bool_param(request, 'is_completed')
    params.enum_param(request, 'date_preset', meta_fields.PRESETS)
    params.json_param(request, 'time_range', dict)
    shows_all = statuses is not None or any(f[0].endswith('effective_status') for f in filters)

    def value_of(item, field):
        owner, _, name = field.rpartition('.')
        if owner and owner != level:
            return item[owner + '_id']
        return unix(item[name]) if name.endswith('_time') else item.get(name)

    def keep(item):
        if not shows_all and item['effective_status'] in meta_fields.HIDDEN:
            return False
        if statuses is not None and item['effective_status'] not in statuses:
            return False
        if since is not None and unix(item['updated_time']) < since:
            return False
        if completed is not None and completed != ('stop_time' in item or 'end_time' in item):
            return False
        return all(params.holds(value_of(item, field), operator, value)
                   for field, operator, value in filters)

    return keep


def unix(text):
    return datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S%z').timestamp()


def fingerprint(request):
    """What a cursor is bound to: the path and all but paging and token."""
    rest = sorted((key, values) for key, values in request.query.items()
                  if key not in ('access_token', 'appsecret_proof', 'after', 'before', 'limit',
                                 'pretty'))
    path = request.path.split('/', 2)[2]
    return hashlib.sha256(json.dumps([path, rest]).encode()).hexdigest()[:10]


def make_cursor(index, seal):
    return base64.urlsafe_b64encode(('%d.%s' % (index, seal)).encode()).decode().rstrip('=') + 'ZD'


def open_cursor(text, seal):
    try:
        if not text.endswith('ZD'):
            raise ValueError
        raw = base64.urlsafe_b64decode(text[:-2] + '=' * (-len(text[:-2]) % 4)).decode()
        index, found = raw.split('.')
        if found != seal:
            raise ValueError
        return int(index)
    except ValueError:
        raise invalid('Invalid cursors values') from None


SERVICES = (Meta,)
