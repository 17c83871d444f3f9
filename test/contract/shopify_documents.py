#!/usr/bin/env python3
"""Every GraphQL document that the Shopify tables can emit, against the published schema.

Documents and their variables, the search terms in them, page sizes, fields that
are to go away, and whether the type of a column fits that of the field it is
read from.
"""

import gzip
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from product import Product, Refused, Request, cases, skip, spec_file  # noqa: E402

try:
    from graphql import GraphQLError, build_client_schema, parse, validate
    from graphql.execution.values import get_variable_values
    from graphql.language.visitor import TypeInfoVisitor, Visitor, visit
    from graphql.type import GraphQLEnumType, get_named_type
    from graphql.utils.type_info import TypeInfo
except ImportError:
    skip('no graphql-core 2 (package python3-graphql-core)')

VERSION = '2026-07'     # of the schema
MOST = 250              # records of a page

# The simulator's shop has a record of each kind with a list too long for one page
LONG_LISTS = ('order_line_items', 'refund_line_items', 'inventory_levels')
NEVER_IN_BULK = ('refund_line_items', 'sessions_daily', 'shop')
SESSIONS = "day BETWEEN '2026-01-01' AND '2026-02-28'"

# What is to go away, but has no other place in this version: the one that is
# announced, CustomerPhoneNumber.smsMarketingConsent, is not there yet
NO_OTHER_YET = ('defaultPhoneNumber.marketingState', 'defaultPhoneNumber.marketingOptInLevel',
                'defaultPhoneNumber.marketingUpdatedAt')

# Wire types that a column's type can take up; counters and ids are strings on the wire
FITS = {
    'bigint': {'ID', 'Int', 'UnsignedInt64'}, 'integer': {'Int'},
    'numeric': {'Decimal', 'Money', 'Float', 'Int'}, 'boolean': {'Boolean'},
    'timestamp with time zone': {'DateTime'}, 'date': {'Date'},
    'text': {'String', 'ID', 'URL', 'HTML', 'enum'}, 'text[]': {'String', 'ID', 'enum'}}

TERM = re.compile(r"(?P<field>\w+):(?P<operator>>=|<=|>|<)?(?P<value>'(?:[^'\\]|\\.)*'|[^\s']+)"
                  r'(?: AND |$)')
ALTERNATIVE = re.compile(r" OR (?=\w+:)")
GROUP = re.compile(r"\((?P<terms>(?:'(?:[^'\\]|\\.)*'|[^'()])*)\)(?: AND |$)")
INSTANT = re.compile(r"'\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?'")
VALUES = {'time': INSTANT, 'id': re.compile(r'-?\d+'), 'boolean': re.compile('true|false'),
          'string': re.compile("'.*'", re.DOTALL)}
SHOPIFYQL = re.compile(r'FROM sessions SHOW (?P<metrics>\w+(?:, \w+)*) TIMESERIES day'
                       r' SINCE (?P<since>\d{4}-\d\d-\d\d) UNTIL (?P<until>\d{4}-\d\d-\d\d)'
                       r' ORDER BY day')


# Queries that the service counts for: (table, condition)
COUNTED = tuple(
    [(table, '') for table in ('orders', 'customers', 'products', 'product_variants')] +
    [(table, ' WHERE id IN (1, 2)') for table in ('orders', 'customers', 'products')] +
    [('orders', " WHERE customer_id = 7 AND test AND updated_at >= '2026-01-01' AND"
                " created_at < '2026-02-01' AND processed_at <= '2026-03-01'"),
     ('products', " WHERE updated_at < '2026-01-01' AND created_at >= '2025-01-01'")])
COUNT = re.compile(r'\{ (?P<root>\w+Count)\(')

RUN = 'mutation($q: String!) { bulkOperationRunQuery(query: $q) { userErrors { message } } }'

# What no check may let pass: (document, variables)
WRONG = (
    ('{ orders(first: 5) { nodes { weather } } }', {}),
    ('{ orders(first: 251) { nodes { id } } }', {}),
    ('{ orders(first: 5) { nodes { totalPrice } } }', {}),
    ('{ orders(first: 5, sortKey: WEATHER) { nodes { id } } }', {}),
    ('query($first: Int!) { orders(first: $first) { nodes { id } } }', {'first': 'many'}),
    ('query($first: Int!) { orders(first: $first) { nodes { id } } }', {'first': 251}),
    ('query($q: String) { orders(first: 5, query: $q) { nodes { id } } }', {'q': 'weather:fine'}),
    ('query($q: String) { orders(first: 5, query: $q) { nodes { id } } }',
     {'q': 'updated_at:>=2026-01-01T00:00:00Z'}),
    ('query($q: String) { orders(first: 5, query: $q) { nodes { id } } }', {'q': '(id:1 id:2)'}),
    ('query($q: String) { orders(first: 5, query: $q) { nodes { id } } }', {'q': '(id:1 OR x:2)'}),
    ('query($q: String) { orders(first: 5, query: $q) { nodes { id } } }', {'q': '(id:1 OR )'}),
    ('query($q: String) { orders(first: 5, query: $q) { nodes { id } } }', {'q': 'id:1 OR id:2'}),
    (RUN, {'q': '{ orders { nodes { id } } }'}), (RUN, {'q': '{ shop { id } }'}),
    (RUN, {'q': '{ orders(first: 5) { edges { node { id } } } }'}),
    (RUN, {'q': '{ orders { edges { node { name lineItems { edges { node { id } } } } } } }'}),
    (RUN, {'q': '{ orders(query: "weather:fine") { edges { node { id } } } }'}),
    (RUN, {'q': '{ orders { edges { node { id refunds { id refundLineItems { edges { node '
                '{ id } } } } } } } }'}))


class Leaves(Visitor):
    """The fields without fields of their own: {path: type}; literal page sizes; what is to go."""

    def __init__(self, info):
        self.info, self.path, self.found, self.sizes, self.deprecated = info, [], {}, [], []

    def enter_Field(self, node, *_):
        self.path.append(node.name.value)
        for argument in node.arguments:
            if argument.name.value == 'first' and hasattr(argument.value, 'value'):
                self.sizes.append(int(argument.value.value))
        if node.selection_set is None and 'pageInfo' not in self.path:
            self.found['.'.join(self.path)] = self.info.get_type()
        if self.info.get_field_def().deprecation_reason:
            self.deprecated.append('.'.join(self.path))

    def leave_Field(self, *_):
        self.path.pop()


class Bulk(Visitor):
    """How connections are nested in a bulk query."""

    def __init__(self, info):
        self.info, self.connections, self.deepest, self.open = info, 0, 0, []

    def enter_Field(self, node, *_):
        wire = self.info.get_type()
        inside = [s.name.value for s in node.selection_set.selections] \
            if node.selection_set else []
        is_connection = str(wire).rstrip('!').endswith('Connection')
        if is_connection:
            if 'list' in self.open:
                raise Refused('connection %s within a list' % node.name.value)
            if inside != ['edges'] or any(a.name.value in ('first', 'after', 'last')
                                          for a in node.arguments):
                raise Refused('connection %s is no plain list of edges' % node.name.value)
            self.connections += 1
        if node.name.value == 'edges' and inside != ['node']:
            raise Refused('edges of %s' % inside)
        if node.name.value == 'node' and 'id' not in inside and self.open.count('connection') == 1:
            raise Refused('a node without its id')
        self.open.append('connection' if is_connection else 'list'
                         if str(wire).startswith('[') and node.name.value != 'edges' else '')
        self.deepest = max(self.deepest, self.open.count('connection'))

    def leave_Field(self, *_):
        self.open.pop()


def without_null(part):
    """The library cannot read the literal null; as a default it says nothing."""
    if part.get('defaultValue') == 'null':
        part['defaultValue'] = None
    return part


class Schema:
    def __init__(self):
        with gzip.open(spec_file('shopify-admin-%s.json.gz' % VERSION), 'rt', encoding='utf-8') as f:
            found = json.load(f, object_hook=without_null)
        self.schema = build_client_schema(found['data'])
        self.leaves = {}        # of each document that was found valid
        if 'smsMarketingConsent' in self.schema.get_type('CustomerPhoneNumber').fields:
            sys.exit('consent to messages has got its other place: read it there')

    def filters(self, root):
        """{name: type} of what a root field can be searched by; its documentation tells."""
        text = self.schema.get_query_type().fields[root].args['query'].description
        return dict(re.findall(r'^\| (\w+) \| (\w+) \|', text, re.MULTILINE))

    def check(self, request):
        if request.method != 'POST' or request.query or \
                request.path.split('/admin/')[1] != 'api/%s/graphql.json' % VERSION:
            raise Refused('%s %s' % (request.method, request.path))
        if not set(request.body) <= {'query', 'variables'}:
            raise Refused('body with %s' % ', '.join(request.body))
        document, variables = request.body['query'], request.body.get('variables', {})
        tree = parse(document)
        if document not in self.leaves:
            self.check_document(document, tree)
        operation = tree.definitions[0]
        try:
            get_variable_values(self.schema, operation.variable_definitions or (), variables)
        except (GraphQLError, ValueError) as problem:
            raise Refused(str(problem)) from problem
        if set(variables) - {d.variable.name.value for d in operation.variable_definitions or ()}:
            raise Refused('a variable that the document does not have')
        if not 1 <= variables.get('first', 1) <= MOST:
            raise Refused('pages of %s' % variables['first'])
        root = operation.selection_set.selections[0].name.value
        if variables.get('q') is not None:
            if root == 'shopifyqlQuery':
                self.check_shopifyql(variables['q'])
            elif root == 'bulkOperationRunQuery':
                self.check_bulk(variables['q'])
            else:
                self.check_search(root, variables['q'])

    def check_document(self, document, tree):
        problems = validate(self.schema, tree)
        if problems:
            raise Refused(problems[0].message)
        if len(tree.definitions) != 1 or len(tree.definitions[0].selection_set.selections) != 1:
            raise Refused('more than one root field')
        info = TypeInfo(self.schema)
        leaves = Leaves(info)
        visit(tree, TypeInfoVisitor(info, leaves))
        if any(not 1 <= size <= MOST for size in leaves.sizes):
            raise Refused('a list of %s' % max(leaves.sizes))
        going = [path for path in leaves.deprecated if not path.endswith(NO_OTHER_YET)]
        if going:
            raise Refused('%s is to go away' % going[0])
        self.leaves[document] = leaves.found

    def check_search(self, root, text):
        """Field names, comparators and the form of values; anything else only warns, or less."""
        known, at = self.filters(root), 0
        while at < len(text):
            group = GROUP.match(text, at)
            if group is not None:
                for one in ALTERNATIVE.split(group['terms']):
                    self.check_search(root, one)
                at = group.end()
                continue
            term = TERM.match(text, at)
            if term is None:
                raise Refused('search term at "%s"' % text[at:])
            kind = known.get(term['field'])
            if kind is None:
                raise Refused('%s cannot be searched by "%s"' % (root, term['field']))
            if not VALUES[kind].fullmatch(term['value']):
                raise Refused('%s:%s is no %s' % (term['field'], term['value'], kind))
            if term['operator'] and kind not in ('time', 'id'):
                raise Refused('%s has no order' % term['field'])
            at = term.end()

    def check_shopifyql(self, text):
        found = SHOPIFYQL.fullmatch(text)
        if found is None or found['since'] > found['until']:
            raise Refused('ShopifyQL: ' + text)

    def check_bulk(self, document):
        """What a bulk operation takes: one connection, of edges and nodes, each holder with its id."""
        tree = parse(document)
        self.check_document(document, tree)
        operation = tree.definitions[0]
        if operation.operation != 'query' or operation.variable_definitions:
            raise Refused('a bulk query with variables')
        shape = Bulk(TypeInfo(self.schema))
        visit(tree, TypeInfoVisitor(shape.info, shape))
        if not 1 <= shape.connections <= 5 or shape.deepest > 2:
            raise Refused('%d connections, %d deep' % (shape.connections, shape.deepest))
        for argument in operation.selection_set.selections[0].arguments:
            if argument.name.value == 'query':
                self.check_search(operation.selection_set.selections[0].name.value,
                                  argument.value.value)

    def own_leaf(self, document, bare):
        """The type of the field that a column is read from.

        document: the one for the column alone; bare: the one for no column.
        """
        own = {path: kind for path, kind in self.leaves[document].items()
               if path not in self.leaves[bare]} or self.leaves[document]
        # the innermost id is asked for anyway; a list is searched by the first of its fields
        return list(own.items())[-1]


def type_name(wire):
    named = get_named_type(wire)
    return 'enum' if isinstance(named, GraphQLEnumType) else named.name


def check_type(schema, column, kind, document, bare):
    path, wire = schema.own_leaf(document, bare)
    if kind == 'jsonb':
        return
    if str(wire).startswith('[') != kind.endswith('[]') or type_name(wire) not in FITS[kind]:
        raise Refused('column %s: %s does not fit %s at %s' % (column, kind, wire, path))


def main():
    schema = Schema()
    for query, variables in WRONG:
        wrong = Request(query, 'POST', 'https://x/admin/api/%s/graphql.json' % VERSION,
                        json.dumps({'query': query, 'variables': variables}))
        try:
            schema.check(wrong)
        except Refused:
            schema.leaves.pop(query, None)
            continue
        sys.exit('the check lets pass: %s %s' % (query, variables))

    simulator = os.environ['MOMENTUM_SIM'] + '/small/shopify'
    product = Product('shopify', 'shopify_fdw',
                      "shop 'small', base_url '%s', allow_insecure 'true'" % simulator)
    product.run("CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (credential 'shpat_test');")
    tables = product.run("SELECT relname FROM pg_class WHERE relnamespace = 't'::regnamespace"
                         ' ORDER BY relname').split()
    failures, follows, types, terms = [], 0, 0, set()

    def checked(table, requests):
        for request in requests:
            try:
                schema.check(request)
            except Refused as problem:
                failures.append('%s\n    %s\n    %s' % (request.case, problem, request.body))
            variables = request.body.get('variables', {})
            if 'shopifyqlQuery' not in request.body['query'] \
                    and 'bulkOperation' not in request.body['query']:
                terms.update((table, found[0] + found[1])
                             for found in TERM.findall(variables.get('q') or ''))

    # what counts by itself: the documents, with every filter that a count heeds
    counts = set()
    for table, condition in COUNTED:
        query = 'SELECT count(*) FROM t.%s%s' % (table, condition)
        explained, sent = product.explained([query]), product.sent('small', 'shopify', [query])
        checked(table, explained + sent)
        found = COUNT.search(explained[0].body['query'])
        if found is None or explained[0].body['variables'].get('limit', 0) is not None or \
                bool(condition) != bool(explained[0].body['variables'].get('q')):
            failures.append('%s: %s' % (query, explained[0].body))
            continue
        counts.add(found['root'])
        if sent[0].body != explained[0].body:
            failures.append('%s: sent something else than explained' % query)
    if counts != {'ordersCount', 'customersCount', 'productsCount', 'productVariantsCount'}:
        failures.append('counts: %s' % ', '.join(sorted(counts)))
    product.run('ALTER DATABASE %s SET momentum.enable_aggregate = off;' % product.database)

    for table in tables:
        columns = product.columns(table)
        needed = SESSIONS if table == 'sessions_daily' else 'true'
        explained = product.explained(cases(table, columns, needed))
        checked(table, explained)
        document = {request.case: request.body['query'] for request in explained}
        plain = 'SELECT %s FROM t.' + table + ' WHERE ' + needed
        if table == 'sessions_daily':
            metrics = SHOPIFYQL.fullmatch(explained[0].body['variables']['q'])['metrics']
            if ['day', *metrics.split(', ')] != list(columns):
                failures.append('%s: asks for %s' % (table, metrics))
        else:
            for column, kind in columns.items():
                try:
                    check_type(schema, column, kind, document[plain % column],
                               document[plain % 'count(*)'])
                    types += 1
                except Refused as problem:
                    failures.append('%s: %s' % (table, problem))
        # what is sent is what was explained; and the rest of lists that go on
        for column in ('*', *(columns if table in LONG_LISTS else ())):
            sent = product.sent('small', 'shopify', [plain % column])
            if sent[0].body != json.loads(json.dumps(
                    next(r.body for r in explained if r.case == plain % column))):
                failures.append('%s: sent something else than explained' % (plain % column))
            rest = [r for r in sent if 'query($id:' in r.body['query']]
            if table in LONG_LISTS and not rest:
                failures.append('%s: no list was followed' % (plain % column))
            follows += len({r.body['query'] for r in rest})
            checked(table, sent)
    # the same lists as a whole; lists within lists are not to be had so
    product.run("ALTER SERVER s OPTIONS (ADD bulk_pages '1', ADD bulk_hosts 'localhost');")
    jobs = 0
    for table in tables:
        for case in ('SELECT * FROM t.' + table, 'SELECT FROM t.' + table):
            sent = product.sent('small', 'shopify', [case]) if table not in NEVER_IN_BULK else []
            made = [r for r in sent if 'bulkOperationRunQuery' in r.body['query']]
            if table not in NEVER_IN_BULK and len(made) != 1:
                failures.append('%s: %d bulk operations' % (case, len(made)))
            jobs += len(made)
            checked(table, sent)
    query = "SELECT * FROM t.orders WHERE updated_at >= '2026-01-01' AND name = 'a\"b''c\\'"
    checked('orders', product.sent('small', 'shopify', [query]))
    product.drop()
    for failure in failures:
        print(failure)
    if failures:
        sys.exit('%d of the Shopify requests would be refused' % len(failures))
    if not follows or not types or not terms or not jobs:
        sys.exit('too little was checked')
    print('%d documents valid, %d of them for the rest of a list; %d search terms, %d columns fit; '
          '%d bulk operations' % (len(schema.leaves), follows, len(terms), types, jobs))


if __name__ == '__main__':
    main()
