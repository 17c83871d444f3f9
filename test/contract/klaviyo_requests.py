#!/usr/bin/env python3
"""Every request that the Klaviyo tables can make, against the service's OpenAPI file.

Path, method, parameters, sparse fields, page sizes, the filter language with the
fields, operators and values the file allows, headers, and bodies by their schemas.
"""

import datetime
import gzip
import json
import os
import re
import sys
from functools import partial

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from product import (Product, Refused, Request, cases, expect_origins, expect_refused,  # noqa: E402
                     report, spec_file)

INSTANT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)')


# ---- the specification ----------------------------------------------------------

class Spec:
    def __init__(self):
        with gzip.open(spec_file('klaviyo-stable.json.gz'), 'rt', encoding='utf-8') as file:
            self.root = strict(json.load(file))
        self.revision = self.root['info']['version']
        self.validators = {}
        self.hosts = [server['url'] for server in self.root['servers']]

    def operation(self, request):
        path = self.root['paths'].get(request.path)
        if path is None or request.method.lower() not in path:
            raise Refused('no %s %s' % (request.method, request.path))
        return path[request.method.lower()]

    def body_types(self, operation):
        return list(operation['requestBody']['content'])

    def body_validator(self, request):
        if request.path not in self.validators:
            content = self.operation(request)['requestBody']['content']
            schema = {**next(iter(content.values()))['schema'],
                      'components': self.root['components']}
            self.validators[request.path] = jsonschema.Draft7Validator(
                schema, format_checker=FORMATS)
        return self.validators[request.path]


def strict(node):
    """The schemas, without room for members they do not name; null where it may be."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: strict(value) for key, value in node.items()}
    if node.get('type') == 'object' and isinstance(node.get('properties'), dict):
        node.setdefault('additionalProperties', False)
    if node.get('nullable') is True and isinstance(node.get('type'), str):
        node['type'] = [node['type'], 'null']
    return node


FORMATS = jsonschema.FormatChecker()


@FORMATS.checks('date-time')
def is_instant(value):
    return not isinstance(value, str) or INSTANT.fullmatch(value) is not None


# ---- the filter language -----------------------------------------------------------

TOKEN = re.compile(r'([(),\[\]])|"((?:[^"\\]|\\.)*)"|([^\s(),\[\]"]+)')


def tokens(text):
    at, found = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise Refused('filter does not parse: %s' % text)
        mark, quoted, bare = match.groups()
        found.append(('mark', mark) if mark else ('text', re.sub(r'\\(.)', r'\1', quoted))
                     if quoted is not None else ('bare', bare))
        at = match.end()
    return found


def calls(text):
    """[(operator, field, value)], value a list for lists, of (kind, text)."""
    left, found = tokens(text), []

    def take(want=None):
        token = left.pop(0) if left else (None, None)
        if token[0] is None or want is not None and token != ('mark', want):
            raise Refused('filter does not parse: %s' % text)
        return token

    while left:
        if found:
            take(',')
        operator = take()[1]
        take('(')
        field = take()[1]
        take(',')
        value = take()
        if value == ('mark', '['):
            value = []
            while left and left[0] != ('mark', ']'):
                if value:
                    take(',')
                value.append(take())
            take(']')
        take(')')
        found.append((operator, field, value))
    return found


def check_filter(text, allowed):
    for operator, field, value in calls(text):
        rule = allowed.get(field)
        is_list = isinstance(value, list)
        if rule is None:
            raise Refused('no filter on %s' % field)
        if operator not in rule['operators'].get('list' if is_list else 'single', ()):
            raise Refused('no %s of %s' % (operator, field))
        for kind, text_value in value if is_list else [value]:
            check_value(field, rule['value'], kind, text_value)


def check_value(field, rule, kind, text):
    wanted = 'bare' if rule['type'] in ('boolean', 'integer', 'number') or \
        rule.get('format') == 'date-time' else 'text'
    if kind != wanted:
        raise Refused('%s has to be %s: %s' % (field, wanted, text))
    if rule.get('format') == 'date-time' and not INSTANT.fullmatch(text):
        raise Refused('no instant with a zone: %s' % text)
    if rule['type'] == 'boolean' and text not in ('true', 'false'):
        raise Refused('no boolean: %s' % text)
    if 'enum' in rule and text not in rule['enum']:
        raise Refused('%s cannot be "%s"' % (field, text))


# ---- one request ---------------------------------------------------------------------

def check(spec, request):
    """Raises Refused where the specification does not allow the request."""
    operation = spec.operation(request)
    known = {p['name']: p for p in operation['parameters'] if p['in'] == 'query'}
    given = set()
    for name, value in request.query:
        if name not in known:
            raise Refused('no parameter %s' % name)
        if name in given:
            raise Refused('parameter %s twice' % name)
        given.add(name)
        check_parameter(name, value, known[name]['schema'])
        if name == 'filter':
            check_filter(value, operation.get('x-klaviyo-filters') or {})
    for name, parameter in known.items():
        if parameter.get('required') and name not in given:
            raise Refused('no %s' % name)
    if request.path == '/api/campaigns' and 'equals(messages.channel,' not in dict(
            request.query).get('filter', ''):
        raise Refused('campaigns need a channel')
    if (request.body is not None) != ('requestBody' in operation):
        raise Refused('a body, or none')
    if request.body is not None:
        check_body(spec, request)
    if request.headers is not None:
        check_headers(spec, operation, request)


def check_parameter(name, value, schema):
    if schema['type'] == 'array':
        for item in value.split(','):
            if item not in schema['items']['enum']:
                raise Refused('%s cannot have %s' % (name, item))
    elif schema['type'] == 'integer':
        if not value.isdigit() or not schema.get('minimum', 1) <= int(value) <= schema.get(
                'maximum', sys.maxsize):
            raise Refused('%s cannot be %s' % (name, value))
    elif 'enum' in schema and value not in schema['enum']:
        raise Refused('%s cannot be %s' % (name, value))


def check_body(spec, request):
    try:
        spec.body_validator(request).validate(request.body)
    except jsonschema.ValidationError as problem:
        raise Refused('body: %s at %s' % (problem.message[:200],
                                          '/'.join(map(str, problem.path)))) from None
    asked = request.body['data']['attributes']
    if request.path == '/api/metric-aggregates':
        check_span(asked['filter'])
    elif 'group_by' in asked:
        kind = 'campaign' if 'campaign' in request.path else 'flow'
        if not {kind + '_id', kind + '_message_id'} <= set(asked['group_by']):
            raise Refused('group_by lacks an id')


def check_span(filters):
    """One lower and one upper bound, a year apart at most."""
    found = [call for text in filters for call in calls(text)]
    if [(op, field) for op, field, _ in found] != [('greater-or-equal', 'datetime'),
                                                   ('less-than', 'datetime')]:
        raise Refused('the span is not told as it has to be: %s' % filters)
    since, until = (datetime.datetime.fromisoformat(value[1]) for _, _, value in found)
    if not since < until <= since + datetime.timedelta(days=366):
        raise Refused('the span is empty, or longer than a year: %s' % filters)


def check_headers(spec, operation, request):
    if request.headers.get('revision') != spec.revision:
        raise Refused('revision %s is asked for, the file is of %s'
                      % (request.headers.get('revision'), spec.revision))
    answers = operation['responses']['200']['content']
    if request.headers.get('accept') not in answers:
        raise Refused('accepts %s' % request.headers.get('accept'))
    if request.body is not None and \
            request.headers.get('content-type') not in spec.body_types(operation):
        raise Refused('content type %s' % request.headers.get('content-type'))


# ---- all of them ---------------------------------------------------------------------

METRIC = "metric_id = 'RESQ6t' AND day BETWEEN '2024-01-01' AND '2026-02-28'"
REPORT = "conversion_metric_id = 'RESQ6t' AND day BETWEEN '2024-02-01' AND '2026-02-28'"
CAMPAIGN = {'channel': ["'email'", "'sms'", "'mobile_push'"], 'status': ["'Sent'", "'Unknown'"]}
TABLES = {
    'account': {}, 'metrics': {}, 'lists': {}, 'profiles': {},
    'campaigns': {'samples': CAMPAIGN},
    'flows': {'samples': {'trigger_type': ["'Added to List'"]}},
    'metric_aggregates': {'needed': METRIC}, 'campaign_values': {'needed': REPORT},
    'flow_values': {'needed': REPORT}}

MORE = '''
CREATE FOREIGN TABLE t.by_two (metric_id text, day date, dimension text)
    SERVER s OPTIONS (resource 'metric_aggregates', time_zone 'America/New_York',
                      by '$attributed_message,Campaign Name');
CREATE FOREIGN TABLE t.own (id text, ip text OPTIONS (path 'attributes.location.ip'))
    SERVER s OPTIONS (resource 'profiles');
'''

# What was really sent, page after page
SENT = [
    'SELECT count(name) FROM t.metrics', 'SELECT count(name) FROM t.campaigns',
    'SELECT count(name) FROM t.flows', 'SELECT count(name) FROM t.lists',
    "SELECT count(email) FROM t.profiles WHERE updated >= '2026-01-01'",
    'SELECT * FROM t.account',
    "SELECT count(*) FROM t.metric_aggregates WHERE metric_id = 'RESQ6t' AND day >= '2024-02-01'",
    "SELECT count(*) FROM t.campaign_values WHERE conversion_metric_id = 'RESQ6t'"
    " AND day BETWEEN '2025-01-01' AND '2026-03-01'",
    "SELECT count(*) FROM t.flow_values WHERE conversion_metric_id = 'RESQ6t'"
    " AND day BETWEEN '2026-02-01' AND '2026-03-01'"]

# The check itself: what has to be refused
API = 'https://a.klaviyo.com/api/'
WRONG = [
    Request('page size of metrics', 'GET', API + 'metrics?page%5Bsize%5D=50'),
    Request('unknown field', 'GET', API + 'lists?fields%5Blist%5D=name,profile_counter'),
    Request('no channel', 'GET', API + 'campaigns'),
    Request('unknown operator', 'GET', API + 'profiles?filter=greater-or-equal'
            '(updated,2026-01-01T00:00:00Z)'),
    Request('instant in quotes', 'GET', API + 'profiles?filter=greater-than'
            '(updated,%222026-01-01T00:00:00Z%22)'),
    Request('page too long', 'GET', API + 'lists?page%5Bsize%5D=20'),
    Request('unknown status', 'GET', API + 'campaigns?filter=equals(messages.channel,%22email%22)'
            ',equals(status,%22Lost%22)'),
    Request('unknown path', 'GET', API + 'listings'),
    Request('unknown member', 'POST', API + 'metric-aggregates', json.dumps(
        {'data': {'type': 'metric-aggregate', 'attributes': {
            'metric_id': 'x', 'measurements': ['count'], 'since': 'x',
            'filter': ['greater-or-equal(datetime,2026-01-01T00:00:00)',
                       'less-than(datetime,2026-02-01T00:00:00)']}}})),
    Request('more than a year', 'POST', API + 'metric-aggregates', json.dumps(
        {'data': {'type': 'metric-aggregate', 'attributes': {
            'metric_id': 'x', 'measurements': ['count'],
            'filter': ['greater-or-equal(datetime,2024-01-01T00:00:00)',
                       'less-than(datetime,2026-02-01T00:00:00)']}}})),
    Request('unknown statistic', 'POST', API + 'flow-values-reports', json.dumps(
        {'data': {'type': 'flow-values-report', 'attributes': {
            'statistics': ['smiles'], 'conversion_metric_id': 'x',
            'timeframe': {'key': 'yesterday'}}}}))]


def requests_of_explain(product):
    queries = []
    for table, more in TABLES.items():
        queries.extend(cases(table, product.columns(table), **more))
    queries.append('SELECT * FROM t.by_two WHERE ' + METRIC)
    queries.append('SELECT * FROM t.own')
    return product.explained(queries)


def main():
    spec = Spec()
    expect_refused(partial(check, spec), WRONG)

    product = Product('klaviyo', 'klaviyo_fdw')
    product.run(MORE)
    requests = requests_of_explain(product)
    expect_origins(requests, spec.hosts)
    simulator = os.environ.get('MOMENTUM_SIM')
    if simulator:
        product.run("ALTER SERVER s OPTIONS (ADD base_url '%s/small/klaviyo', ADD allow_insecure "
                    "'true', ADD fetch_size '1');\nCREATE USER MAPPING FOR CURRENT_USER SERVER s "
                    "OPTIONS (credential 'pk_test');" % simulator)
        requests += product.sent('small', 'klaviyo', SENT)
    product.drop()
    return report(partial(check, spec), requests)


if __name__ == '__main__':
    sys.exit(main())
