"""Requests of the real product: what EXPLAIN says it would send, and what it sent.

A Product is a scratch database with the extension and one server; cases are
queries.  Nothing here knows a service.
"""

import itertools
import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request

SPECS = os.environ.get('MOMENTUM_SPECS', '')

SETUP = '''
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
CREATE FUNCTION public.explained(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (VERBOSE, COSTS off, FORMAT JSON) ' || query INTO plan;
    RETURN plan;
END $$;
'''


class Refused(Exception):
    """What the service would not take."""


def skip(why):
    print('skipped: ' + why)
    sys.exit(77)


def expect_refused(check, wrong):
    """Ends the script when the check takes one of the wrong Requests."""
    for request in wrong:
        try:
            check(request)
        except Refused:
            continue
        sys.exit('the check lets pass: %s %s' % (request.case, request.query))


def expect_origins(requests, origins):
    """Ends the script when a Request goes elsewhere."""
    for request in requests:
        if request.origin not in origins:
            sys.exit('%s goes to %s' % (request.case, request.origin))


def report(check, requests):
    """Checks what is different among the Requests, says what is wrong; the exit status."""
    bad = 0
    different = {request.same(): request for request in requests}.values()
    for request in different:
        try:
            check(request)
        except Refused as problem:
            bad += 1
            print('%s\n    %s %s %s\n    %s' % (request.case, request.method, request.path,
                                                request.query, problem))
    if bad:
        print('%d of %d requests refused' % (bad, len(different)))
        return 1
    print('%d different requests of %d queries valid' % (len(different), len(requests)))
    return 0


def spec_file(*parts):
    """The path of a published schema; ends the script where there is none."""
    path = os.path.join(SPECS, *parts)
    if not SPECS or not os.path.exists(path):
        skip('no %s (MOMENTUM_SPECS)' % '/'.join(parts))
    return path


def psql(sql, database='postgres'):
    done = subprocess.run(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database], input=sql,
                          text=True, capture_output=True, timeout=300)
    if done.returncode != 0:
        sys.exit('psql: %s\n%s' % (done.stderr.strip(), sql[-2000:]))
    return done.stdout


def literal(text):
    return "'" + text.replace("'", "''") + "'"


class Request:
    """One request: its parts, and the query it comes from."""

    def __init__(self, case, method, url, body=None, headers=None):
        split = urllib.parse.urlsplit(url)
        self.case = case
        self.method = method
        self.origin = '%s://%s' % (split.scheme, split.netloc)
        self.path = urllib.parse.unquote(split.path)
        self.query = urllib.parse.parse_qsl(split.query, keep_blank_values=True,
                                            strict_parsing=bool(split.query))
        self.body = json.loads(body) if body else None
        self.headers = headers

    def same(self):
        """What is equal for equal requests."""
        return (self.method, self.origin, self.path, tuple(self.query),
                json.dumps(self.body), str(self.headers))


class Product:
    def __init__(self, name, wrapper, options=''):
        self.database = 'contract_' + name
        psql('DROP DATABASE IF EXISTS %s;\nCREATE DATABASE %s;' % (self.database, self.database))
        options = ' OPTIONS (%s)' % options if options else ''
        self.run(SETUP + 'CREATE SERVER s FOREIGN DATA WRAPPER %s%s;\nCREATE SCHEMA t;\n'
                 'IMPORT FOREIGN SCHEMA api FROM SERVER s INTO t;' % (wrapper, options))

    def drop(self):
        psql('DROP DATABASE %s;' % self.database)

    def run(self, sql):
        return psql(sql, self.database)

    def columns(self, table):
        """{column: SQL type} in order."""
        text = self.run("SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE "
                        "attrelid = 't.%s'::regclass AND attnum > 0 ORDER BY attnum" % table)
        return dict(line.split('|') for line in text.splitlines())

    def explained(self, queries):
        """The Request each query would begin with."""
        queries = list(queries)
        text = self.run('\n'.join('SELECT public.explained(%s);' % literal(query)
                                  for query in queries))
        found = []
        for query, line in zip(queries, text.splitlines(), strict=True):
            plan = scan_of(json.loads(line)[0]['Plan'])
            method, url = plan['Request'].split(' ', 1)
            found.append(Request(query, method, url, plan.get('Body') or graphql_body(plan)))
        return found

    def sent(self, world, service, queries):
        """Runs queries against the simulator: the Requests it saw, each answered with 200."""
        simulator = os.environ['MOMENTUM_SIM']
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        found = []
        for query in queries:
            opener.open(simulator + '/_control/clearlog', b'{}', timeout=30).close()
            self.run(query + ';')
            with opener.open('%s/_control/log?world=%s&service=%s' % (simulator, world, service),
                             timeout=30) as got:
                log = json.load(got)
            if not log:
                sys.exit('nothing was sent for: ' + query)
            for entry in log:
                if entry['status'] != 200:
                    sys.exit('status %s for: %s' % (entry['status'], query))
                found.append(Request(query, entry['method'], simulator + entry['path'],
                                     entry['body'], entry['headers']))
        return found


def graphql_body(plan):
    """The body made of the document and the variables of a plan; None where there are none."""
    if 'Document' not in plan:
        return None
    body = {'query': plan['Document']}
    if 'Variables' in plan:
        body['variables'] = json.loads(plan['Variables'])
    return json.dumps(body)


def scan_of(plan):
    """The foreign scan of a plan."""
    if 'Request' in plan:
        return plan
    for below in plan.get('Plans', ()):
        found = scan_of(below)
        if found:
            return found
    return None


SAMPLES = {
    'text': ["'A \"b\" (c), é'"], 'timestamp with time zone': ["'2026-02-01 12:00:00.25+00'"],
    'boolean': ['true', 'false'], 'date': ["'2026-02-03'"], 'numeric': ['10.5'], 'bigint': ['10'],
    'integer': ['1']}
SORTABLE = ('bigint', 'timestamp with time zone', 'date')
OTHERS = {'text': ["'(x) OR \\'"], 'bigint': ['11', '12']}
OPERATORS = ('=', '<', '<=', '>', '>=')


def cases(table, columns, needed='true', samples=None):
    """Queries that between them make the table ask everything it can ask.

    needed: a condition that has to be there.  samples: {column: [SQL literal]}
    where any value of the type will not do.
    """
    samples = samples or {}
    plain = 'SELECT %s FROM t.%s WHERE ' + needed
    yield plain % ('*', table)
    yield plain % ('count(*)', table)
    yield (plain + ' LIMIT 3') % ('*', table)
    for column in columns:
        yield plain % (column, table)
        if columns[column] in SORTABLE:
            yield (plain + ' ORDER BY ' + column) % (column, table)
            yield (plain + ' ORDER BY ' + column + ' DESC LIMIT 2') % (column, table)
    for one, two in zip(columns, list(columns)[1:]):
        yield plain % ('%s, %s' % (one, two), table)
    one_each = []
    for number, (column, kind) in enumerate(columns.items()):
        values = samples.get(column, SAMPLES.get(kind, ()))
        operators = ('=',) if column in PARAMETERS else OPERATORS
        conditions = ['%s %s %s' % (column, operator, value)
                      for value in values for operator in operators]
        if values and column not in PARAMETERS:
            others = OTHERS.get(kind, ()) if column not in samples else ()
            conditions.append('%s IN (%s)' % (column, ', '.join([*values, *others])))
        for condition in conditions:
            yield (plain + ' AND ' + condition) % ('*', table)
        one_each.extend(conditions[number % len(operators)::len(operators)])
    for one, two in itertools.combinations(one_each, 2):
        yield (plain + ' AND ' + one + ' AND ' + two) % ('*', table)


# columns that can only be asked for by "="
PARAMETERS = ('level',)
