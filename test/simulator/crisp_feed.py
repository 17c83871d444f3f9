"""The data sets of the simulated Crisp feed, and their $metadata.

World "small" has twelve weeks of 2026 in four retailers and every odd case:

    a sales_id that several rows bear, and a row told twice, word for word
    returns: a store whose units of four weeks come to nothing, or less
    days of no units; a row without a store, without a product, an amount or a quantity
    the same store id in two retailers; a zip and a UPC that begin with zero
    a retailer that begins in February, and one that ends in it
    numbers told as text (as IEEE754Compatible has it), and not

World "story" tells the weeks of story_cash.py, store by store and day by day:
units, stores and dollars of each week are just those.
"""

import collections
import datetime
import decimal
from xml.sax.saxutils import quoteattr

CONNECTOR = '815'
SALES = 'Harmonized_Retailer_Sales'
LEVELS = 'Unfi_Weekly_Supplier_Service_Level'
NUMBERS = ('Edm.Int32', 'Edm.Int64', 'Edm.Double', 'Edm.Decimal')

Column = collections.namedtuple('Column', 'name type nullable', defaults=(True,))


class DataSet:
    """name, type_name, columns, rows (tuples in the columns' order)."""

    def __init__(self, name, columns, rows):
        self.name = name
        self.type_name = name + '_Row'
        self.columns = columns
        self.rows = rows
        self.places = {column.name: at for at, column in enumerate(columns)}

    def record(self, row):
        return dict(zip(self.places, row))

    def native(self, at, value):
        """A value, told as text or not, as something to compare."""
        if self.columns[at].type in NUMBERS:
            return decimal.Decimal(str(value))
        if self.columns[at].type == 'Edm.DateTimeOffset':
            return datetime.datetime.fromisoformat(str(value).replace('Z', '+00:00'))
        return str(value).lower() if isinstance(value, bool) else value

    def get(self, row, name):
        value = row[self.places[name]]
        return value if value is None else self.native(self.places[name], value)

    def restate(self, spec):
        """See crisp.edit_sale."""
        key = tuple(str(spec[name]) for name in ('retailer', 'store', 'product', 'day'))
        self.rows = [row for row in self.rows if sale_key(self, row) != key]
        if 'quantity' in spec:
            self.rows = self.rows + [sale(key[0], key[1], key[2], key[3], spec['quantity'],
                                          spec.get('amount'))]
        return {'rows': len(self.rows)}


SALES_COLUMNS = [
    Column('SalesId', 'Edm.Int64', False), Column('Retailer', 'Edm.String'),
    Column('StoreId', 'Edm.String'), Column('Store', 'Edm.String'),
    Column('StoreType', 'Edm.String'), Column('StoreState', 'Edm.String'),
    Column('StoreZip', 'Edm.String'), Column('StoreLatitude', 'Edm.Double'),
    Column('ProductId', 'Edm.String'), Column('Product', 'Edm.String'),
    Column('Upc', 'Edm.String'), Column('DateKey', 'Edm.Date', False),
    Column('SalesQuantity', 'Edm.Decimal'), Column('SalesAmount', 'Edm.Decimal')]
PRODUCTS = {'shampoo': ('Oat Shampoo 12 oz', '012345678905', '13.80'),
            'chews': ('Calming Chews 60 ct', '850012345670', '13.80'),
            'balm': ('Paw Balm 2 oz', '850012345687', '13.80')}
STATES = ('NY', 'NJ', 'MA', 'CT', 'PA')


def sale(retailer, store, product, day, quantity, amount=None, sales_id=None):
    """A row of sales; what is NULL in it is None."""
    title, upc, _ = PRODUCTS.get(product, (None, None, None))
    number = sum(store.encode()) if store else 0
    return (sales_id if sales_id is not None else number * 1000 + int(day[5:7] + day[8:10]),
            retailer, store, store and 'Store %s' % store, store and 'Grocery',
            store and STATES[number % 5], store and '0%04d' % (number % 10000),
            store and 40 + number % 50 / 10, product, title, upc, day, quantity, amount)


def sale_key(data, row):
    return tuple(row[data.places[name]] for name in ('Retailer', 'StoreId', 'ProductId', 'DateKey'))


def data_sets(world):
    """name -> DataSet of a world."""
    if world.name == 'story':
        return {SALES: DataSet(SALES, SALES_COLUMNS, story_sales(world.story))}
    sets = {SALES: DataSet(SALES, SALES_COLUMNS, small_sales() if world.name == 'small' else [])}
    sets[LEVELS] = DataSet(LEVELS, LEVEL_COLUMNS, LEVEL_ROWS if world.name == 'small' else [])
    return sets


# -- the small world ---------------------------------------------------------------

LEVEL_COLUMNS = [
    Column('ReportRunDate', 'Edm.Date'), Column('LoadedAt', 'Edm.DateTimeOffset'),
    Column('Dc', 'Edm.String'), Column('OnTime', 'Edm.Boolean'), Column('Orders', 'Edm.Int32'),
    Column('CasesOrdered', 'Edm.Int64'), Column('FillRate', 'Edm.Double'),
    Column('ShortedDollars', 'Edm.Decimal'), Column('Reasons', 'Collection(Edm.String)'),
    Column('UPCCode_2', 'Edm.String')]
LEVEL_ROWS = [
    ('2026-03-07', '2026-03-08T06:15:00.5Z', 'Chesterfield', True, 12, '9007199254740993', 0.975,
     '120.50', ['late truck', 'no stock'], "it's <fine> & \"dandy\""),
    ('2026-03-14', '2026-03-15T06:15:00Z', 'Dayville', False, 0, 4, 1, 0.00, [], None),
    ('2026-03-21', None, None, None, None, None, None, None, None, None)]


def small_sales():
    """Twelve weeks that end on Sunday, 29 March 2026."""
    first = datetime.date(2026, 1, 5)
    rows = []
    for n in range(84):
        day = (first + datetime.timedelta(days=n)).isoformat()
        for retailer, stores in (('Larkspur Market', 12), ('Oakline Pets', 9),
                                 ('Corner & Co', 6), ("Petra's", 5)):
            if (retailer == 'Corner & Co' and day < '2026-02-16'
                    or retailer == "Petra's" and day > '2026-02-20'):
                continue
            for store in range(101, 101 + stores):
                product = list(PRODUCTS)[(store + n) % 3]
                if (store * 7 + n * 3) % 4 == 0 and not (store == 111 and n < 40):
                    units = 1 + (store + n) % 3
                    cents = 1380 * units
                    told = units if n % 2 else '%d.0' % units
                    rows.append(sale(retailer, str(store), product, day, told,
                                     '%d.%02d' % divmod(cents, 100) if n % 3 else cents / 100))
    return rows + odd_sales()


def odd_sales():
    twice = sale('Oakline Pets', '101', 'balm', '2026-03-10', 2, 27.60, 77)
    return [
        twice, twice,                                              # the same row again
        sale('Oakline Pets', '101', 'balm', '2026-03-10', 1, 13.80, 77),      # another of that id
        sale('Oakline Pets', '101', 'balm', '2026-03-11', 0, 0, 77),          # sold nothing
        sale('Oakline Pets', '201', 'balm', '2026-03-09', 3, 41.40),          # all of it comes back
        sale('Oakline Pets', '201', 'balm', '2026-03-12', -3, -41.40),
        sale('Oakline Pets', '202', 'chews', '2026-03-12', -2, '-27.60'),     # sold long before
        sale('Oakline Pets', '203', 'chews', '2026-03-13', 0, 0),
        sale('Larkspur Market', None, 'chews', '2026-03-13', 5, 69.00),       # which store?
        sale('Larkspur Market', '101', None, '2026-03-13', 1, 13.80),
        sale('Larkspur Market', '102', 'balm', '2026-03-14', 4, None),        # no amount
        sale('Larkspur Market', '103', 'balm', '2026-03-14', None, 13.80),    # no quantity
    ]


# -- the story ---------------------------------------------------------------------

CHAINS = ('Larkspur Market', 'Oakline Pets', 'Larkspur Market', 'Corner & Co')


def story_sales(story):
    """Each week's units given to its stores, at least one to each."""
    rows = []
    for week in story.cash.retail_weeks:
        for store in range(week.doors):
            units = week.units // week.doors + (store < week.units % week.doors)
            for part in range(4):
                quantity = units // 4 + (part < units % 4)
                if quantity == 0:
                    continue
                day = week.week + datetime.timedelta(days=(store * 3 + part * 2) % 7)
                product = list(PRODUCTS)[(store + part) % 3]
                rows.append(sale(CHAINS[store % 4], '%03d' % (store + 1), product,
                                 day.isoformat(), quantity, quantity * 1380 / 100))
    return rows


# -- what it comes to --------------------------------------------------------------

def tell(data):
    """By retailer and day: units, dollars, doors and points of the 28 days to it.

    Exact copies of a row count once, dollars are None where units have none.
    """
    rows = set(data.rows)
    units = collections.defaultdict(decimal.Decimal)       # retailer, day, store, product
    dollars = collections.defaultdict(decimal.Decimal)     # retailer, day
    unknown = set()
    for row in rows:
        retailer, day = data.get(row, 'Retailer'), data.get(row, 'DateKey')
        quantity, amount = data.get(row, 'SalesQuantity'), data.get(row, 'SalesAmount')
        units[retailer, day, data.get(row, 'StoreId'), data.get(row, 'ProductId')] += quantity or 0
        dollars[retailer, day] += amount or 0
        if amount is None and quantity:
            unknown.add(day)
    days = sorted({day for _, day, _, _ in units})
    out = []
    for retailer in sorted({key[0] for key in units}):
        for day in days:
            last = datetime.date.fromisoformat(day)
            since = (last - datetime.timedelta(days=27)).isoformat()
            net = collections.Counter()
            for (r, d, store, product), n in units.items():
                if r == retailer and since <= d <= day and store is not None:
                    net[store] += n
                    if product is not None:
                        net[store, product] += n
            sold = [key for key, n in net.items() if n > 0]
            out.append({
                'retailer': retailer, 'day': day,
                'units': float(sum(n for (r, d, _, _), n in units.items()
                                   if r == retailer and d == day)),
                'dollars': None if day in unknown else float(dollars[retailer, day]),
                'doors': sum(isinstance(key, str) for key in sold),
                'points': sum(isinstance(key, tuple) for key in sold)})
    return out


def metadata(sets):
    """EDMX, written as generators of such documents write it: not all alike."""
    types, entity_sets = [], []
    for data in sets.values():
        keys = [c.name for c in data.columns if not c.nullable]
        types.append('<EntityType Name=%s>\n' % quoteattr(data.type_name))
        types.append('<Key>%s</Key>\n' % ''.join(
            '<PropertyRef Name=%s/>' % quoteattr(name) for name in keys))
        for column in data.columns:
            types.append("<Property  Type='%s'\n\tName=%s%s />\n" % (
                column.type, quoteattr(column.name), '' if column.nullable else ' Nullable="false"'))
        types.append('</EntityType>\n')
        entity_sets.append('<EntitySet Name=%s EntityType=%s></EntitySet>\n' % (
            quoteattr(data.name), quoteattr('Crisp.Feed.' + data.type_name)))
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<edmx:Edmx Version="4.0" '
            'xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>\n'
            '<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Crisp.Feed">\n'
            '<!-- <EntityType Name="Retired"><Property Name="x" Type="Edm.String"/></EntityType>'
            ' -->\n%s<EntityContainer Name="Container">\n%s</EntityContainer>\n</Schema>\n'
            '</edmx:DataServices></edmx:Edmx>\n' % (''.join(types), ''.join(entity_sets)))
