#!/usr/bin/env python3
"""Queries for the differential test: the same ones for the same seed and data.

    generate.py SEED COUNT < values.json > cases.sql

values.json: {"shop.orders": {"id": ["bigint", ["11001", ...]], ...}}, what the columns hold.
A case is a row of table "cases": kind, query, is its order told, settings, arguments.
In a query "@shop.orders" stands for the foreign table, or for its copy.
"""

import json
import random
import sys

KEYS = {
    'shop.orders': 'id', 'shop.order_line_items': 'id', 'shop.refunds': 'id',
    'shop.refund_line_items': 'id', 'shop.customers': 'id', 'shop.products': 'id',
    'shop.product_variants': 'id', 'shop.inventory_levels': 'id',
    'shop.subscription_contracts': 'id', 'shop.sessions_daily': 'day',
    'mail.campaigns': 'id', 'mail.flows': 'id', 'mail.lists': 'id', 'mail.profiles': 'id',
    'mail.metrics': 'id', 'mail.metric_aggregates': 'day, dimension',
    'ads.campaigns': 'id', 'ads.adsets': 'id', 'ads.ads': 'id', 'ads.ad_creatives': 'id',
    'ads.insights': 'day, ad_id'}

# What has to be said about a table wherever it is read; {t} is its alias
NEEDED = {
    'shop.sessions_daily': "{t}.day BETWEEN '2026-01-01' AND '2026-03-31'",
    'mail.metric_aggregates': "{t}.day BETWEEN '2026-01-01' AND '2026-03-31'"
                              " AND {t}.metric_id = '{metric}'",
    'ads.insights': "{t}.day BETWEEN '2026-01-01' AND '2026-03-10' AND {t}.level = 'ad'"}

# Pairs of columns that refer to each other
JOINS = [
    ('shop.orders.customer_id', 'shop.customers.id'),
    ('shop.order_line_items.order_id', 'shop.orders.id'),
    ('shop.refunds.order_id', 'shop.orders.id'),
    ('shop.refund_line_items.order_id', 'shop.orders.id'),
    ('shop.refund_line_items.refund_id', 'shop.refunds.id'),
    ('shop.refund_line_items.line_item_id', 'shop.order_line_items.id'),
    ('shop.order_line_items.variant_id', 'shop.product_variants.id'),
    ('shop.order_line_items.product_id', 'shop.products.id'),
    ('shop.order_line_items.sku', 'shop.product_variants.sku'),
    ('shop.product_variants.product_id', 'shop.products.id'),
    ('shop.inventory_levels.inventory_item_id', 'shop.product_variants.inventory_item_id'),
    ('shop.inventory_levels.sku', 'shop.product_variants.sku'),
    ('shop.customers.last_order_id', 'shop.orders.id'),
    ('shop.customers.email', 'shop.orders.email'),
    ('shop.subscription_contracts.customer_id', 'shop.customers.id'),
    ('shop.subscription_contracts.origin_order_id', 'shop.orders.id'),
    ('mail.profiles.email', 'shop.customers.email'),
    ('ads.adsets.campaign_id', 'ads.campaigns.id'),
    ('ads.ads.adset_id', 'ads.adsets.id'),
    ('ads.ads.campaign_id', 'ads.adsets.campaign_id'),
    ('ads.ads.creative_id', 'ads.ad_creatives.id'),
    ('ads.insights.ad_id', 'ads.ads.id'),
    ('ads.insights.adset_id', 'ads.adsets.id'),
    ('ads.insights.campaign_id', 'ads.campaigns.id')]

# Columns that the service takes one value of, and nothing else; and the days of aggregates,
# which have a row of zeros for each dimension that occurs in all the days asked for
PARAMETERS = {'ads.insights.level', 'mail.metric_aggregates.metric_id',
              'mail.metric_aggregates.day'}

# Words of which the service refuses those it does not know: an error, where a copy has no row
WORDS = {'mail.campaigns.status', 'mail.flows.trigger_type', 'ads.campaigns.effective_status',
         'ads.adsets.effective_status', 'ads.ads.effective_status'}

ORDERED = ('bigint', 'integer', 'numeric', 'timestamp with time zone', 'date', 'text')
NUMBERS = ('bigint', 'integer', 'numeric')
SETTINGS = ['enable_hashjoin', 'enable_mergejoin', 'enable_nestloop', 'enable_material',
            'enable_memoize', 'enable_sort', 'enable_hashagg', 'enable_incremental_sort',
            'momentum.enable_lookup', 'momentum.enable_aggregate']


def quote(text):
    return 'NULL' if text is None else "'" + text.replace("'", "''") + "'"


class Generator:
    def __init__(self, seed, values):
        self.random = random.Random(seed)
        self.values = values
        self.tables = sorted(set(KEYS) & set(values))
        self.metrics = [v for v in values['mail.metrics']['id'][1] if v]
        self.plain = [t for t in self.tables if t not in NEEDED]

    # -- parts -------------------------------------------------------------------

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def columns(self, table, types=ORDERED + ('boolean',)):
        return [c for c, (kind, _) in self.values[table].items()
                if kind in types and '%s.%s' % (table, c) not in PARAMETERS]

    def value(self, table, column):
        """A literal: one that occurs, one near it, now and then one that does not."""
        kind, pool = self.values[table][column]
        pool = [v for v in pool if v is not None] or ['1' if kind in NUMBERS else '2026-01-01']
        text = self.random.choice(pool)
        if kind in NUMBERS:
            if self.chance(15):
                return self.one('0', '-1', '5', '9223372036854775806', '11.5', 'NULL')
            if self.chance(15) and kind != 'numeric' and int(text) < 1 << 40:
                return str(int(text) + self.one(-1, 1))
            return text
        if kind == 'timestamp with time zone':
            shift = self.one('', '', " + interval '0.4 s'", " - interval '1 s'", " + interval '1 day'")
            return 'timestamptz %s%s' % (quote(text), shift)
        if kind == 'date':
            return 'date %s' % quote(text)
        if '%s.%s' % (table, column) in WORDS:
            return quote(text)
        if self.chance(10):
            return self.one("''", "'x'", "'it''s'", "'a\"b'", "'\\'", "'犬'", "'a) OR (b'")
        return quote(text.upper() if self.chance(8) else text)

    def several(self, table, column, most):
        """Literals for a list, some twice, now and then NULL, now and then very many."""
        kind, pool = self.values[table][column]
        found = [self.value(table, column) for _ in range(self.random.randint(1, most))]
        found = [v for v in found if v not in ('NULL', '11.5')] or ['NULL']
        if kind == 'bigint' and self.chance(12):
            found += [str(11000 + n) for n in range(self.one(99, 120, 230))]
        if self.chance(15):
            found.append('NULL')
        self.random.shuffle(found)
        return found

    def condition(self, table, t, depth=0):
        """A condition on one table; t is its alias."""
        if depth < 2 and self.chance(16):
            parts = [self.condition(table, t, depth + 1) for _ in range(self.one(2, 2, 3))]
            return '(%s)' % self.one(' OR ', ' AND ').join(parts)
        if depth < 2 and self.chance(6):
            return 'NOT (%s)' % self.condition(table, t, depth + 1)
        if self.chance(2):
            return self.one('false', 'NULL::boolean', '1 = 0', '(SELECT true)', '(SELECT false)')
        column = self.random.choice(self.columns(table))
        if self.chance(35) and 'id' in self.values[table]:
            column = 'id'
        kind = self.values[table][column][0]
        c = '%s.%s' % (t, column)
        if kind == 'boolean':
            return self.one('%s', 'NOT %s', '%s = true', '%s IS NOT TRUE', '%s IS NULL') % c
        if self.chance(7):
            return '%s IS %sNULL' % (c, self.one('', 'NOT '))
        if self.chance(22):
            return '%s %s (%s)' % (c, self.one('IN', 'IN', 'IN', 'NOT IN'),
                                   ', '.join(self.several(table, column, 6)))
        if self.chance(8):
            return "%s = ANY (ARRAY[%s]::%s[])" % (
                c, ', '.join(self.several(table, column, 4)), kind)
        if self.chance(6):
            return '%s BETWEEN %s AND %s' % (c, self.value(table, column), self.value(table, column))
        if kind == 'text' and self.chance(12):
            return self.one("upper(%s) = %s", "%s || '' = %s", "%s LIKE substr(%s, 1, 3) || '%%'") % (
                c, self.value(table, column))
        if kind in NUMBERS and self.chance(8):
            return '%s %% 2 = %d' % (c, self.one(0, 1)) if kind != 'numeric' else \
                '%s + 0 >= %s' % (c, self.value(table, column))
        left, right = c, self.value(table, column)
        if self.chance(12):
            left, right = right, left
        return '%s %s %s' % (left, self.one('=', '=', '=', '<', '<=', '>', '>=', '<>'), right)

    def where(self, table, t, more=True, least=0):
        """WHERE with what the table needs and a few conditions."""
        parts = [self.needed(table, t)] if table in NEEDED else []
        if more:
            parts += [self.condition(table, t) for _ in range(max(least, self.one(0, 1, 1, 2)))]
        return ' WHERE ' + ' AND '.join(parts) if parts else ''

    def needed(self, table, t):
        return NEEDED[table].format(t=t, metric=self.random.choice(self.metrics))

    def some_columns(self, table, t):
        """Key and a few more, as text so that rows of any type compare."""
        names = self.random.sample(list(self.values[table]),
                                   min(len(self.values[table]), self.one(1, 2, 3)))
        keys = ['%s.%s' % (t, k) for k in KEYS[table].split(', ')]
        return ', '.join(keys + ['%s.%s' % (t, n) for n in names])

    def keys(self, table, t):
        return ', '.join('%s.%s' % (t, k) for k in KEYS[table].split(', '))

    def bounds(self):
        text = ''
        if self.chance(85):
            text += ' LIMIT %s' % self.one('0', '1', '2', '3', '5', '7', '50', 'NULL', '(SELECT 3)',
                                           '1 + 1')
        if self.chance(40):
            text += ' OFFSET %s' % self.one('0', '1', '2', '4', '30', 'NULL')
        return text

    def settings(self, least=0):
        chosen = [s for s in SETTINGS if self.chance(12)]
        chosen += self.random.sample(SETTINGS[:3], least)
        return ','.join(sorted(set(chosen)))

    # -- kinds of queries: (query, is its order told) ------------------------------

    def filtered(self):
        table = self.random.choice(self.tables)
        return 'SELECT %s FROM @%s t%s' % (self.some_columns(table, 't'), table,
                                           self.where(table, 't', least=1)), False

    def limited(self):
        table = self.random.choice(self.tables)
        column = self.random.choice(self.columns(table, ORDERED))
        if self.chance(50):
            column = self.one(*[c for c in ('id', 'updated_at', 'created_at', 'order_id',
                                            'order_updated_at', 'day')
                                if c in self.values[table]] or [column])
        order = '%s.%s%s%s' % ('t', column, self.one('', '', ' DESC'),
                               self.one('', '', '', ' NULLS FIRST', ' NULLS LAST'))
        if self.chance(40):
            return 'SELECT t.%s FROM @%s t%s ORDER BY %s%s' % (
                column, table, self.where(table, 't'), order, self.bounds()), True
        return 'SELECT %s FROM @%s t%s ORDER BY %s, %s%s' % (
            self.some_columns(table, 't'), table, self.where(table, 't'), order,
            self.keys(table, 't'), self.bounds()), True

    def counted(self):
        table = self.random.choice(self.tables)
        return 'SELECT count(*) FROM (SELECT %s FROM @%s t%s%s) x' % (
            self.keys(table, 't'), table, self.where(table, 't'), self.bounds()), False

    def aggregated(self):
        table = self.random.choice(self.tables)
        column = self.random.choice(self.columns(table, ORDERED))
        numbers = self.columns(table, NUMBERS)
        parts = ['count(*)', 'count(t.%s)' % column, 'min(t.%s)' % column, 'max(t.%s)' % column,
                 'count(DISTINCT t.%s)' % column]
        parts += ['sum(t.%s)' % n for n in numbers[:2]]
        parts = self.random.sample(parts, 3)
        text = ' FROM @%s t%s' % (table, self.where(table, 't'))
        if self.chance(50):
            group = self.random.choice(self.columns(table))
            text = 'SELECT t.%s, %s%s GROUP BY 1' % (group, ', '.join(parts), text)
            if self.chance(30):
                text += ' HAVING count(*) > 1'
            if self.chance(25):
                return text + ' ORDER BY 1' + self.bounds(), True
            return text, False
        return 'SELECT %s%s' % (', '.join(parts), text), False

    def added_up(self):
        """What a service counts or adds up by itself, or would if it were not for a detail."""
        if self.chance(50):
            table = self.one('shop.orders', 'shop.orders', 'shop.customers', 'shop.products',
                             'shop.product_variants')
            parts = [self.exact(table, 't') for _ in range(self.one(0, 0, 1, 1, 2))]
            if self.chance(10):
                parts.append(self.condition(table, 't'))
            text = 'SELECT %s FROM @%s t' % (
                self.one('count(*)', 'count(*)', 'count(*) * 2, count(*)::text'), table)
            text += ' WHERE ' + ' AND '.join(parts) if parts else ''
            return text + self.one('', '', '', ' HAVING count(*) > 3'), False
        table, parts = 'ads.insights', [self.needed('ads.insights', 't')]
        if self.chance(40):
            parts.append('t.day %s %s' % (self.one('>=', '>', '<=', '<'), self.value(table, 'day')))
        if self.chance(40):
            column = self.one('campaign_id', 'adset_id', 'ad_id')
            parts.append(self.one('t.%s = %s', 't.%s IN (%s)', 't.%s >= %s') % (
                column, self.value(table, column)))
        if self.chance(10):
            parts.append(self.condition(table, 't'))
        # the service leaves out zeros at the end of amounts, of a sum as of the summands
        sums = self.random.sample(['sum(t.clicks)', 'sum(t.impressions)',
                                   'trim_scale(sum(t.spend))', 'sum(t.clicks) + 1'], 2)
        if self.chance(12):
            sums.append(self.one('count(*)', 'sum(t.reach)', 'max(t.day)', 'sum(DISTINCT t.clicks)'))
        group = self.random.sample(['t.campaign_id', 't.adset_id', 't.ad_id', 't.level',
                                    't.account_currency'], self.one(0, 1, 1, 2))
        if self.chance(45):
            group.append(self.one("date_trunc('month', t.day)", "date_trunc('quarter', t.day)",
                                  "date_trunc('month', t.day::timestamp)", 't.day',
                                  "date_trunc('week', t.day)", "extract(month FROM t.day)"))
        text = 'SELECT %s FROM @%s t WHERE %s' % (', '.join(group + sums), table,
                                                  ' AND '.join(parts))
        if group:
            text += ' GROUP BY ' + ', '.join(str(n + 1) for n in range(len(group)))
        return text + self.one('', '', '', ' HAVING sum(t.clicks) > 50'), False

    def exact(self, table, t):
        """A condition that the service applies exactly, for most values."""
        choices = ['%s.id = %s' % (t, self.value(table, 'id')),
                   '%s.id IN (%s)' % (t, ', '.join(self.several(table, 'id', 4)))]
        for column in ('updated_at', 'created_at', 'processed_at'):
            if column in self.values[table]:
                choices.append('%s.%s %s %s' % (t, column, self.one('>=', '<', '<='),
                                                self.value(table, column)))
        if table == 'shop.orders':
            choices += [t + '.test', 'NOT %s.test' % t,
                        '%s.customer_id = %s' % (t, self.value(table, 'customer_id'))]
        return self.random.choice(choices)

    def distinct(self):
        table = self.random.choice(self.tables)
        column = self.random.choice(self.columns(table))
        where = self.where(table, 't')
        if self.chance(40):
            return 'SELECT DISTINCT ON (t.%s) t.%s, %s FROM @%s t%s ORDER BY t.%s, %s' % (
                column, column, self.keys(table, 't'), table, where, column,
                self.keys(table, 't')), True
        if self.chance(40):
            return 'SELECT DISTINCT t.%s FROM @%s t%s ORDER BY 1%s' % (
                column, table, where, self.bounds()), True
        return 'SELECT DISTINCT t.%s FROM @%s t%s' % (column, table, where), False

    def windowed(self):
        table = self.random.choice(self.tables)
        column = self.random.choice(self.columns(table))
        call = self.one('row_number()', 'rank()', 'count(*)', 'lag(t.%s)' % column)
        text = 'SELECT %s, %s OVER (PARTITION BY t.%s ORDER BY %s) AS w FROM @%s t%s' % (
            self.keys(table, 't'), call, column, self.keys(table, 't'), table,
            self.where(table, 't'))
        if self.chance(40):
            return text + ' ORDER BY %s%s' % (self.keys(table, 't'), self.bounds()), True
        return text, False

    def pair(self):
        left, right = self.random.choice(JOINS)
        if self.chance(40):
            left, right = right, left
        return left.rsplit('.', 1) + right.rsplit('.', 1)

    def joined(self):
        a, ca, b, cb = self.pair()
        kind = self.one('JOIN', 'JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN')
        on = 'a.%s = b.%s' % (ca, cb)
        conditions = [self.needed(t, n) for t, n in ((a, 'a'), (b, 'b')) if t in NEEDED]
        if conditions and kind != 'JOIN':
            kind = 'JOIN'
        if self.chance(30) and kind != 'FULL JOIN':
            on += ' AND ' + self.condition(b, 'b')
        if self.chance(50):
            conditions.append(self.condition(a, 'a'))
        if self.chance(20):
            conditions.append(self.condition(b, 'b'))
        text = ' FROM @%s a %s @%s b ON %s' % (a, kind, b, on)
        if conditions:
            text += ' WHERE ' + ' AND '.join(conditions)
        keys = '%s, %s' % (self.keys(a, 'a'), self.keys(b, 'b'))
        if self.chance(20):
            return 'SELECT count(*), count(a.%s), count(b.%s)%s' % (ca, cb, text), False
        if self.chance(30):
            return 'SELECT %s%s ORDER BY %s%s' % (keys, text, keys, self.bounds()), True
        return 'SELECT %s%s' % (keys, text), False

    def three(self):
        a, ca, b, cb = self.pair()
        others = [(x, y) for x, y in JOINS + [(y, x) for x, y in JOINS]
                  if x.rsplit('.', 1)[0] == b and y.rsplit('.', 1)[0] not in (a, b)]
        others = [o for o in others if o[1].rsplit('.', 1)[0] not in NEEDED]
        if not others or a in NEEDED or b in NEEDED:
            return self.joined()
        x, y = self.random.choice(others)
        c, cc = y.rsplit('.', 1)
        kinds = [self.one('JOIN', 'LEFT JOIN') for _ in range(2)]
        text = 'SELECT %s, %s, %s FROM @%s a %s @%s b ON a.%s = b.%s %s @%s c ON b.%s = c.%s' % (
            self.keys(a, 'a'), self.keys(b, 'b'), self.keys(c, 'c'), a, kinds[0], b, ca, cb,
            kinds[1], c, x.rsplit('.', 1)[1], cc)
        if self.chance(60):
            text += ' WHERE ' + self.condition(a, 'a')
        return text, False

    def keyed_column(self):
        """A column with a list filter and local values for it."""
        choices = [(t, c) for t in self.plain for c in self.values[t]
                   if c in ('id', 'order_id', 'customer_id', 'product_id', 'sku', 'email',
                            'inventory_item_id', 'campaign_id')]
        table, column = self.random.choice(choices)
        return table, column, self.values[table][column][0]

    def local_values(self, table, column, kind):
        """A subquery x(v) of local rows; at times more than one batch of them."""
        if kind == 'bigint' and self.chance(25):
            start = self.one(7000, 10900, 2000, 3000, 4000)
            as_type = self.one('int', 'bigint')
            return '(SELECT g::%s FROM generate_series(%d, %d) g)' % (
                as_type, start, start + self.one(5, 130, 250))
        found = self.several(table, column, 8)
        found = [v for v in found if v != '9223372036854775806'] or ['NULL']
        return '(VALUES %s)' % ', '.join('(%s::%s)' % (v, kind) for v in found)

    def looked_up(self):
        table, column, kind = self.keyed_column()
        source = self.local_values(table, column, kind)
        more = ' AND ' + self.condition(table, 't') if self.chance(35) else ''
        shape = self.random.randrange(8)
        if shape < 3:
            join = self.one('JOIN', 'LEFT JOIN')
            text = 'SELECT x.v, %s FROM %s x(v) %s @%s t ON t.%s = x.v%s' % (
                self.some_columns(table, 't'), source, join, table, column, more)
            if self.chance(25):
                text += ' WHERE coalesce(x.v::text, %s) <> coalesce(t.%s::text, %s)' % (
                    quote('-'), self.random.choice(self.columns(table)), quote('?'))
            if self.chance(25):
                return text + ' ORDER BY x.v, %s%s' % (self.keys(table, 't'), self.bounds()), True
            return text, False
        if shape < 5:
            return 'SELECT x.v FROM %s x(v) WHERE %sEXISTS (SELECT FROM @%s t WHERE t.%s = x.v%s)' % (
                source, self.one('', 'NOT '), table, column, more), False
        if shape == 5:
            return 'SELECT x.v FROM %s x(v) WHERE x.v %sIN (SELECT t.%s FROM @%s t%s)' % (
                source, self.one('', 'NOT '), column, table, self.where(table, 't')), False
        if shape == 6:
            return 'SELECT %s FROM @%s t WHERE t.%s IN (SELECT x.v FROM %s x(v))%s' % (
                self.some_columns(table, 't'), table, column, source, more), False
        return 'SELECT x.v, (SELECT count(*) FROM @%s t WHERE t.%s = x.v%s) FROM %s x(v)' % (
            table, column, more, source), False

    def lateral(self):
        a, ca, b, cb = self.pair()
        if a in NEEDED or b in NEEDED:
            return self.looked_up()
        inner = 'SELECT * FROM @%s b WHERE b.%s = a.%s%s ORDER BY %s%s' % (
            b, cb, ca, ' AND ' + self.condition(b, 'b') if self.chance(40) else '',
            self.keys(b, 'b'), self.one('', ' LIMIT 1', ' LIMIT 2 OFFSET 1', ' OFFSET 1'))
        where = self.where(a, 'a')
        if self.chance(35):
            return 'SELECT %s, (SELECT %s FROM (%s) b LIMIT 1) FROM @%s a%s' % (
                self.keys(a, 'a'), self.keys(b, 'b').split(', ')[0], inner, a, where), False
        join = self.one('CROSS JOIN LATERAL (%s) b', 'LEFT JOIN LATERAL (%s) b ON true') % inner
        return 'SELECT %s, %s FROM @%s a %s%s' % (
            self.keys(a, 'a'), self.keys(b, 'b'), a, join, where), False

    def fanned(self):
        """A table that has to be asked for one value at a time, for those of another one."""
        days = "a.day BETWEEN '2026-01-01' AND '2026-03-31'"
        source = self.one('@mail.metrics', '@mail.metrics',
                          "(SELECT id, name FROM @mail.metrics WHERE name LIKE 'P%')")
        if self.chance(30):
            return 'SELECT m.id, (SELECT sum(a.count) FROM @mail.metric_aggregates a' \
                ' WHERE a.metric_id = m.id AND %s) FROM @mail.metrics m' % days, False
        join = self.one('JOIN', 'LEFT JOIN')
        return 'SELECT m.id, a.dimension, sum(a.count), max(a.sum_value) FROM %s m %s' \
            ' @mail.metric_aggregates a ON a.metric_id = m.id AND %s GROUP BY 1, 2' % (
                source, join, days), False

    def combined(self):
        table = self.random.choice(self.tables)
        column = self.random.choice(self.columns(table))
        parts = ['SELECT t.%s FROM @%s t%s' % (column, table, self.where(table, 't'))
                 for _ in range(self.one(2, 2, 3))]
        text = (' %s ' % self.one('UNION', 'UNION ALL', 'UNION ALL', 'INTERSECT', 'EXCEPT')).join(
            '(%s)' % p for p in parts)
        if self.chance(35):
            return '%s ORDER BY 1%s' % (text, self.bounds()), True
        if self.chance(30):
            return 'SELECT count(*) FROM (%s%s) x' % (text, self.bounds()), False
        return text, False

    def nested(self):
        """CTEs, subqueries and views of them."""
        inner, told = self.one(self.filtered, self.limited, self.looked_up)()
        if self.chance(50):
            return 'WITH x AS %s (%s) SELECT count(*) FROM x' % (
                self.one('', 'MATERIALIZED', 'NOT MATERIALIZED'), inner), False
        return 'SELECT * FROM (%s%s) x' % (inner, ' OFFSET 0' if not told else ''), told

    def with_parameter(self):
        """A query with $1 and the type and values of that."""
        if self.chance(25):
            table = self.random.choice(self.plain)
            column = self.one(*[c for c in ('id', 'updated_at', 'created_at') if c in
                                self.values[table]] or ['id'])
            return 'SELECT t.%s FROM @%s t ORDER BY 1%s LIMIT $1 OFFSET 1' % (
                column, table, self.one('', ' DESC')), True, 'bigint', \
                ['1', '3', 'NULL', '0', '100', '2', '5', '1']
        if self.chance(30):
            table, column, kind = self.keyed_column()
            values = ['ARRAY[%s]::%s[]' % (', '.join(self.several(table, column, 5)), kind)
                      for _ in range(7)]
            return 'SELECT %s FROM @%s t WHERE t.%s = ANY ($1)' % (
                self.some_columns(table, 't'), table, column), False, kind + '[]', \
                values + ['NULL', "'{}'"]
        table = self.random.choice(self.tables)
        column = self.random.choice(self.columns(table, ORDERED))
        kind = self.values[table][column][0]
        values = [v for v in (self.value(table, column) for _ in range(9)) if v != '11.5']
        where = self.where(table, 't', more=self.chance(30))
        return 'SELECT %s FROM @%s t%s t.%s %s $1' % (
            self.some_columns(table, 't'), table, where + ' AND' if where else ' WHERE', column,
            self.one('=', '=', '<', '>=', '>')), False, kind, values

    def case(self, number):
        """One row for the table of cases."""
        kinds = [self.filtered] * 6 + [self.limited] * 5 + [self.counted] * 2 \
            + [self.aggregated] * 3 + [self.added_up] * 3 + [self.distinct] * 2 \
            + [self.windowed] * 2 \
            + [self.joined] * 6 + [self.three] * 2 + [self.looked_up] * 8 + [self.lateral] * 3 \
            + [self.combined] * 2 + [self.nested] * 2 + [self.fanned]
        how = self.random.randrange(100)
        arguments, kind, settings = [], 'plain', self.settings()
        if how < 7:
            query, told, argument, arguments = self.with_parameter()
            kind, arguments = self.one('prepared', 'prepared', 'loop'), [argument, *arguments]
        elif how < 11:
            query, told = self.random.choice([self.limited, self.looked_up, self.joined])()
            if told:
                kind = 'cursor'
                arguments = [self.one('FIRST', 'NEXT', 'NEXT', 'PRIOR', 'LAST', 'ABSOLUTE 3',
                                      'RELATIVE -2', 'RELATIVE 2', 'ABSOLUTE -1')
                             for _ in range(self.random.randint(4, 9))]
        else:
            call = self.random.choice(kinds)
            query, told = call()
            if call in (self.joined, self.three, self.looked_up):
                settings = self.settings(self.one(0, 0, 1, 2))
        return "(%d, %s, %s, %s, %s, ARRAY[%s]::text[])" % (
            number, quote(kind), quote(query), str(bool(told)).lower(), quote(settings),
            ', '.join(quote(a) for a in arguments))


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    generator = Generator(seed, json.load(sys.stdin))
    for number in range(1, count + 1):
        print('INSERT INTO cases VALUES %s;' % generator.case(number))


if __name__ == '__main__':
    main()
