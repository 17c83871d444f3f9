"""The big shop: 100,000 orders that are never held, only written.

Order number n is one of a few hundred patterns with its own ids and times.
A pattern is rendered once per selection, its ids and times as marks; the text
between the marks is kept, so that a page is put together by formatting
strings.  Filters on time and id, every time-like sort and both directions
work; other filters are refused, because nothing here needs them.
"""

import json
import re
import threading
from zoneinfo import ZoneInfo

from graphql import Problem
from shopdata import Customer, Item, Line, Order, Product, Shop, Variant
from shopify_page import page_size, read_cursor, write_cursor
from shopify_search import Search, Time
from shopify_types import stamp

COUNT = 100000
PATTERNS = 250
FIRST = 1704067200                     # 1 January 2024
STEP = 600                             # seconds between two orders
ID0, ID_STEP = 6000000000001, 64
SORTS = ("ID", "CREATED_AT", "UPDATED_AT", "PROCESSED_AT", "ORDER_NUMBER")
MARKS = re.compile(r"987654321(\d)(\d{6})|2286-1[01]-\d\dT\d\d:\d\d:\d\dZ")
MARK_TIME = 9999999999                 # 2286-11-20T17:46:39Z


def pattern(number, variants, customers):
    """Order number `number`, reduced to what all its copies share."""
    lines = []
    for place in range(1 + number % 3):
        variant = variants[(number + place) % len(variants)]
        lines.append(Line(mark(2, place), variant.product.title, variant.sku,
                          1 + (number + place) % 4, variant.price, variant,
                          variant.title, variant.product,
                          line_discount=(number % 5) * 50, vendor="Big"))
    return Order(mark(1, 0), mark(3, 0), MARK_TIME, lines,
                 name="#%d" % mark(3, 0), closed_at=MARK_TIME,
                 updated_at=MARK_TIME, shipping=(number % 2) * 595,
                 tax=(number * 13) % 400, email="buyer%d@example.com" % number,
                 customer=customers[number % len(customers)], customer_index=2,
                 note="pattern %d" % number if number % 7 == 0 else None,
                 tags=("big", "p%d" % (number % 9)))


def mark(kind, place):
    """A number that stands for an id (1), a line's id (2) or a number (3)."""
    return int("987654321%d%06d" % (kind, place))


class BigOrders:
    """Stands for shop.orders; see Shop.lazy."""

    def __init__(self, variants, customers):
        self.patterns = [pattern(n, variants, customers)
                         for n in range(PATTERNS)]
        self.templates = {}              # selection -> a template per pattern
        self.lock = threading.Lock()

    def when(self, index):
        return FIRST + index * STEP

    def page(self, args, ctx, sort):
        """A page whose nodes are written, not made; see Rendered."""
        if sort not in SORTS:
            raise Problem("the simulator does not sort the big shop by %s" % sort,
                          "NOT_SIMULATED", path=ctx.path)
        size, from_end = page_size(args, ctx)
        low, high = self.span(args.get("query"), ctx)
        reverse = bool(args.get("reverse"))
        for text, upper in ((args.get("after"), reverse),
                            (args.get("before"), not reverse)):
            if text is not None:
                _, number = read_cursor(text, sort, ctx)
                index = (number - ID0) // ID_STEP
                low, high = (low, min(high, index)) if upper \
                    else (max(low, index + 1), high)
        backward = reverse != from_end
        more = high - low > size
        if backward:
            chosen = range(high - 1, max(low, high - size) - 1, -1)
        else:
            chosen = range(low, min(high, low + size))
        indexes = list(chosen)
        if from_end:
            indexes.reverse()
        return BigPage(self, indexes, sort, more and not from_end,
                       more if from_end else args.get("after") is not None)

    def span(self, query, ctx):
        """[low, high) of the orders a query leaves."""
        found = Search(query, "orders", ctx.shop.zone)
        if found.warnings:
            ctx.searches.append({"path": [ctx.path[-1]], "query": query,
                                 "warnings": found.warnings})
        named = re.findall(r"(?<![\w'])([a-z_]+):", re.sub(r"'[^']*'", "", query or ""))
        bad = {w["field"] for w in found.warnings}
        for name in named:
            if name not in bad and not isinstance(found.fields[name], Time):
                raise Problem("the simulator does not filter the big shop by %s"
                              % name, "NOT_SIMULATED", path=ctx.path)
        low, high = 0, COUNT
        for first, last in found.ranges.values():
            if first is not None:
                low = max(low, -(-(first - FIRST) // STEP))
            if last is not None:
                high = min(high, -(-(last - FIRST) // STEP))
        return low, max(low, high)

    def count(self, args, ctx):
        low, high = self.span(args.get("query"), ctx)
        return high - low

    def order(self, number):
        """One order as a record, for order(id:)."""
        index, rest = divmod(number - ID0, ID_STEP)
        if rest or not 0 <= index < COUNT:
            return None
        like = self.patterns[index % PATTERNS]
        lines = [Line(line_id(index, place), n.title, n.sku, n.quantity, n.price,
                      n.variant, n.variant_title, n.product, n.line_discount,
                      vendor=n.vendor) for place, n in enumerate(like.lines)]
        at = self.when(index)
        return Order(number, index + 1, at, lines, closed_at=at,
                     shipping=like.shipping, tax=like.tax, email=like.email,
                     customer=like.customer, customer_index=2, note=like.note,
                     tags=like.tags)

    # -- rendering ---------------------------------------------------------------

    def rendered(self, indexes, selection, render):
        """JSON texts of orders; render gives the text of one pattern."""
        templates = self.templates.get(selection)
        if templates is None:
            with self.lock:
                templates = [template(render(p)) for p in self.patterns]
                if len(self.templates) > 60:
                    self.templates.clear()
                self.templates[selection] = templates
        return [self.fill(templates[index % PATTERNS], index)
                for index in indexes]

    def fill(self, filled, index):
        text, lines = filled
        words = [str(ID0 + index * ID_STEP), str(index + 1),
                 stamp(self.when(index))]
        words += [str(line_id(index, place)) for place in range(lines)]
        return text.format(*words)


def line_id(index, place):
    return 15000000000001 + index * 4 + place


def template(text):
    """The text of a pattern with {0} id, {1} number, {2} time, {3..} lines."""
    count = 0

    def put(found):
        nonlocal count
        kind, place = found.group(1), found.group(2)
        if kind is None:
            return "{2}"
        if kind == "2":
            count = max(count, int(place) + 1)
            return "{%d}" % (3 + int(place))
        return "{0}" if kind == "1" else "{1}"
    text = text.replace("{", "{{").replace("}", "}}")
    return MARKS.sub(put, text), count


class Rendered:
    """A list of records that exist only as text (see graphql_run.many)."""

    def __init__(self, orders, indexes):
        self.orders = orders
        self.indexes = indexes

    def __len__(self):
        return len(self.indexes)

    def __iter__(self):
        raise Problem("the simulator serves the big shop as nodes, not edges",
                      "NOT_SIMULATED")

    def text(self, inner, ctx):
        """A mark that Shopify.execute replaces with the list's JSON."""
        key = (inner, tuple((name, repr(ctx.variables.get(name)))
                            for name in sorted(inner.uses)))
        texts = self.orders.rendered(
            self.indexes, key, lambda order: json.dumps(
                inner(order, ctx), ensure_ascii=False, separators=(",", ":")))
        return ctx.splice(texts)


class BigPage:
    """A page of the big shop."""

    __slots__ = ("orders", "records", "sort", "has_next", "has_previous")

    def __init__(self, orders, indexes, sort, has_next, has_previous):
        self.orders = orders
        self.records = Rendered(orders, indexes)
        self.sort = sort
        self.has_next = has_next
        self.has_previous = has_previous

    def cursors(self, at):
        index = self.records.indexes[at]
        return write_cursor(self.sort, self.orders.when(index),
                            ID0 + index * ID_STEP)


def build_shop():
    shop = Shop(61002, "Big Shop", "big.myshopify.com", "USD",
                ZoneInfo("America/New_York"), FIRST - 86400, "Plus")
    for number in range(40):
        product = Product(id=8000001 + number, title="Big Product %d" % number,
                          handle="big-%d" % number, vendor="Big",
                          product_type="Things", created_at=FIRST,
                          updated_at=FIRST + number, published_at=FIRST)
        variant = Variant(id=9000001 + number, product=product, title="One size",
                          sku="BIG-%03d" % number, price=999 + 150 * number,
                          created_at=FIRST, updated_at=FIRST + number)
        variant.item = Item(id=9500001 + number, variant=variant,
                            sku=variant.sku, unit_cost=variant.price // 3,
                            created_at=FIRST, updated_at=FIRST + number)
        shop.items.append(variant.item)
        product.variants.append(variant)
        shop.products.append(product)
        shop.variants.append(variant)
    for number in range(100):
        shop.customers.append(Customer(
            id=7000001 + number, first_name="Big", last_name="Buyer %d" % number,
            email="buyer%d@example.com" % number, created_at=FIRST,
            updated_at=FIRST + number, number_of_orders=COUNT // 100))
    shop.lazy = BigOrders(shop.variants, shop.customers)
    return shop
