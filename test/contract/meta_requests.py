#!/usr/bin/env python3
"""Every request that the Meta tables can make, against the published specification.

Edges and their parameters, the fields of each object, and whether the type of a
column fits that of the field it is read from.
"""

import gzip
import json
import os
import re
import sys
from functools import partial

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from product import (Product, Refused, Request, cases, expect_origins, expect_refused,  # noqa: E402
                     report, spec_file)

VERSION = 'v25.0'       # of the specification
OBJECTS = {'campaigns': 'Campaign', 'adsets': 'AdSet', 'ads': 'Ad', 'adcreatives': 'AdCreative',
           'insights': 'AdsInsights', None: 'AdAccount'}

# The Graph API's own, which the specification leaves to its general part
PAGING = {'fields': 'list<string>', 'limit': 'int', 'after': 'string'}
# Known to work, though not in the specification: only these fields are filtered by
FILTERING = {'campaigns': {'campaign.updated_time'}, 'adsets': {'adset.id', 'campaign.id'},
             'ads': {'ad.id'}}
INSIGHT_FILTERS = {'campaign.id', 'adset.id', 'ad.id', 'campaign.effective_status',
                   'adset.effective_status', 'ad.effective_status', 'spend', 'impressions'}
OPERATORS = {'EQUAL', 'IN', 'GREATER_THAN'}
LEVELS = {'account', 'campaign', 'adset', 'ad'}
# ids, counters and amounts are strings on the wire
FITS = {'text': {'string', 'enum'}, 'numeric': {'string'}, 'bigint': {'string'},
        'integer': {'unsigned int', 'int'}, 'date': {'string'},
        'timestamp with time zone': {'datetime'}, 'jsonb': {'list', 'object', 'Object'}}


class Spec:
    def __init__(self):
        self.fields, self.edges = {}, {}
        for name in set(OBJECTS.values()) | {'AdsActionStats'}:
            with gzip.open(spec_file('meta', name + '.json.gz'), 'rt', encoding='utf-8') as file:
                found = json.load(file)
            self.fields[name] = {field['name']: field['type'] for field in found['fields']}
            if name == 'AdAccount':
                self.edges = {api['endpoint']: api for api in found['apis']
                              if api['method'] == 'GET' and api.get('endpoint')}

    def parameters(self, edge):
        if edge is None:
            return PAGING
        if edge not in self.edges:
            raise Refused('no edge %s' % edge)
        if self.edges[edge]['return'] != OBJECTS[edge]:
            raise Refused('%s are %s' % (edge, self.edges[edge]['return']))
        return {**PAGING, **{p['name']: p['type'] for p in self.edges[edge]['params']}}


def edge_of(request):
    match = re.fullmatch(r'/%s/act_\d+(?:/(\w+))?' % re.escape(VERSION), request.path)
    if not match or request.method != 'GET' or request.body is not None:
        raise Refused('no %s %s' % (request.method, request.path))
    return match[1]


def check(spec, request):
    """Raises Refused where the specification does not allow the request."""
    edge = edge_of(request)
    known = spec.parameters(edge)
    given = dict(request.query)
    if len(given) < len(request.query):
        raise Refused('a parameter twice')
    for name, value in given.items():
        if name == 'filtering':
            check_filtering(edge, value)
        elif name not in known:
            raise Refused('no parameter %s of %s' % (name, edge))
        elif name == 'fields':
            check_fields(spec.fields[OBJECTS[edge]], value)
        else:
            check_value(name, known[name], value)
    if edge == 'insights' and given.get('level') not in LEVELS:
        raise Refused('no level %s' % given.get('level'))
    if edge == 'insights' and not {'time_range', 'time_increment',
                                   'action_attribution_windows'} <= set(given):
        raise Refused('insights of no day, or of windows not told')


def check_fields(known, value):
    for field in value.split(','):
        if field not in known:
            raise Refused('no field %s' % field)


def check_filtering(edge, value):
    known = INSIGHT_FILTERS if edge == 'insights' else FILTERING.get(edge, set())
    terms = json.loads(value)
    for term in terms:
        if set(term) != {'field', 'operator', 'value'} or term['operator'] not in OPERATORS:
            raise Refused('no such term: %s' % term)
        if term['field'] not in known:
            raise Refused('no filtering of %s by %s' % (edge, term['field']))
        if isinstance(term['value'], list) != (term['operator'] == 'IN'):
            raise Refused('no such value: %s' % term)
    if not terms:
        raise Refused('filtering by nothing')


def check_value(name, kind, value):
    """A value by the parameter's type: list<...> and map are JSON texts."""
    fits = True
    if kind.startswith('list<'):
        items = json.loads(value)
        fits = isinstance(items, list) and items and all(isinstance(i, str) for i in items)
    elif kind == 'map':
        span = json.loads(value)
        fits = name != 'time_range' or (
            set(span) == {'since', 'until'} and span['since'] <= span['until'] and
            all(re.fullmatch(r'\d{4}-\d\d-\d\d', day) for day in span.values()))
    elif kind == 'int':
        fits = re.fullmatch(r'-?\d+', value)
    elif kind == 'bool':
        fits = value in ('true', 'false')
    elif name == 'time_increment':
        fits = value == '1'
    if not fits:
        raise Refused('%s is %s, not %s' % (name, kind, value))


def kind_of(text):
    """list<X> -> list, Campaign_status -> enum, a name of a class -> object."""
    if text.startswith('list<') or text.startswith('map'):
        return 'list'
    if re.fullmatch(r'[A-Z]\w*_\w+', text):
        return 'enum'
    return 'object' if text[0].isupper() else text


def fits(column, sql, kind):
    if column == 'creative_id':
        return kind == 'AdCreative'     # its id
    if column in ('purchases', 'purchase_value'):
        return kind == 'list<AdsActionStats>'
    return kind_of(kind) in FITS[sql]


def check_types(spec, product, table, edge, needed):
    """Each column alone asks for the field it is read from: do their types fit?"""
    columns = product.columns(table)
    requests = product.explained('SELECT %s FROM t.%s%s' % (column, table, needed)
                                 for column in columns)
    fields = spec.fields[OBJECTS[edge]]
    for (column, sql), request in zip(columns.items(), requests, strict=True):
        asked = set(dict(request.query).get('fields', '').split(',')) - {'date_start', ''}
        if column in ('level', 'day') and not asked:
            continue
        field, = asked
        if not fits(column, sql, fields[field]):
            raise Refused('%s.%s is %s, its field %s is %s'
                          % (table, column, sql, field, fields[field]))


STATUS = {'effective_status': ["'ARCHIVED'"]}
DAYS = "day BETWEEN '2026-01-01' AND '2026-03-10'"
TABLES = {
    'account': (None, {}), 'campaigns': ('campaigns', {'samples': STATUS}),
    'adsets': ('adsets', {'samples': STATUS}), 'ads': ('ads', {'samples': STATUS}),
    'ad_creatives': ('adcreatives', {}),
    'insights': ('insights', {'needed': DAYS, 'samples': {
        'level': ["'account'", "'campaign'", "'adset'", "'ad'"]}})}

MORE = '''
CREATE FOREIGN TABLE t.own (day date, p25 text OPTIONS (path 'video_p25_watched_actions[0].value'))
    SERVER s OPTIONS (resource 'insights', level 'adset', fetch_size '50',
                      attribution_windows '1d_click,28d_click,1d_ev,dda,default');
'''

# What was really sent, page after page
SENT = [
    'SELECT count(name) FROM t.campaigns', 'SELECT count(name) FROM t.adsets',
    "SELECT count(name) FROM t.ads WHERE updated_time >= '2026-01-01'",
    'SELECT count(name) FROM t.ad_creatives', 'SELECT * FROM t.account',
    "SELECT count(spend) FROM t.insights WHERE level = 'ad' AND " + DAYS]

# The check itself: what has to be refused
API = 'https://graph.facebook.com/%s/act_1' % VERSION
WRONG = [
    Request('unknown edge', 'GET', API + '/adgroups?limit=1'),
    Request('another version', 'GET', API.replace(VERSION, 'v1.0') + '/ads?limit=1'),
    Request('unknown field', 'GET', API + '/ads?fields=id,headline'),
    Request('unknown parameter', 'GET', API + '/campaigns?updated_since=1'),
    Request('no list', 'GET', API + '/ads?effective_status=%22ACTIVE%22'),
    Request('no number', 'GET', API + '/ads?updated_since=2026-01-01'),
    Request('unknown level', 'GET', API + '/insights?level=adgroup'),
    Request('unknown filter', 'GET', API + '/ads?filtering=%5B%7B%22field%22:%22ad.mood%22,'
            '%22operator%22:%22EQUAL%22,%22value%22:%22x%22%7D%5D')]


def main():
    spec = Spec()
    expect_refused(partial(check, spec), WRONG)

    if not {'action_type', 'value'} <= set(spec.fields['AdsActionStats']):
        sys.exit('actions have no type or no value any more')

    product = Product('meta', 'meta_ads_fdw', "account 'act_1234567890'")
    product.run(MORE)
    queries = ["SELECT * FROM t.own WHERE " + DAYS]
    for table, (edge, more) in TABLES.items():
        queries.extend(cases(table, product.columns(table), **more))
        needed = ' WHERE ' + more['needed'] if 'needed' in more else ''
        check_types(spec, product, table, edge, needed)
    requests = product.explained(queries)
    expect_origins(requests, {'https://graph.facebook.com'})
    simulator = os.environ.get('MOMENTUM_SIM')
    if simulator:
        product.run("ALTER SERVER s OPTIONS (ADD base_url '%s/small/meta', ADD allow_insecure "
                    "'true', ADD fetch_size '3');\nCREATE USER MAPPING FOR CURRENT_USER SERVER s "
                    "OPTIONS (credential 'EAAtest');" % simulator)
        requests += product.sent('small', 'meta', SENT)
    product.drop()
    return report(partial(check, spec), requests)


if __name__ == '__main__':
    sys.exit(main())
