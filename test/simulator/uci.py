#!/usr/bin/python3
"""A real shop (UCI "Online Retail") as Shopify would show it.

    uci.py --check [DATA]      monthly totals beside the data's own answer sheet

How the invoices are read; days are Europe/London, money is GBP:

* An invoice is an order with all its lines, in their order, whatever their
  number; its id and name are the invoice number.  Lines at price zero with a
  positive quantity stay lines.
* Lines with a negative quantity at price zero are stock adjustments: no
  order.  GET /_control/uci_stock_adjustments serves them and their sums.
* A credit note (C...) is a refund, dated as the note, on the customer's
  latest earlier order that still holds so many of the item; its note is the
  credit note's number.  One note may fall on several orders.
* What finds no such order (no customer, bought before the data begins,
  postage, discounts, fees) is a refund on that day's adjustment order: tag
  "adjustment", no customer, no email, name ADJ-<day>, one line of price zero
  for each line given back.  It is bookkeeping, not an order: leave it out of
  orders and units (by the tag), keep its refunds.
* A customer without a number is a guest.
"""

import csv
import datetime
import gzip
import os
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from shopdata import (Customer, Item, Level, Line, Location, Order, Product,
                      Refund, RefundLine, Shop, Variant, cents)

ZONE = ZoneInfo("Europe/London")
FOLDER = "uci-online-retail"
FILE = "online_retail_2010-12_2011-06.csv.gz"
TAG = "adjustment"
COUNTRIES = {"United Kingdom": "GB", "Germany": "DE", "France": "FR", "EIRE": "IE",
             "Netherlands": "NL", "Spain": "ES", "Belgium": "BE", "Switzerland": "CH",
             "Portugal": "PT", "Australia": "AU", "Norway": "NO", "Italy": "IT"}


class NoData(Exception):
    """The folder is not there."""


class Invoice:
    __slots__ = ("number", "at", "month", "day", "customer", "country", "lines")

    def __init__(self, number, at, day, customer, country):
        self.number = number
        self.at = at
        self.day = day
        self.month = day[:7]
        self.customer = customer
        self.country = country
        self.lines = []                    # (code, title, quantity, price)


def price_of(text):
    """A unit price in pennies, or as text where it has parts of one."""
    exact = Decimal(text) * 100
    return int(exact) if exact == int(exact) else text


def amount(quantity, price):
    return quantity * cents(price)


def read_invoices(folder):
    """All invoices in the order of the file."""
    path = os.path.join(folder, FOLDER, FILE)
    if not os.path.exists(path):
        raise NoData("no real shop at %s" % os.path.join(folder, FOLDER))
    invoices, prices, moments = {}, {}, {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        for number, code, title, quantity, date, price, customer, country in rows:
            invoice = invoices.get(number)
            if invoice is None:
                if date not in moments:
                    moments[date] = int(datetime.datetime.fromisoformat(date)
                                        .replace(tzinfo=ZONE).timestamp())
                invoice = invoices[number] = Invoice(
                    number, moments[date], date[:10],
                    int(float(customer)) if customer else None, country)
            if price not in prices:
                prices[price] = price_of(price)
            invoice.lines.append((code, title, int(quantity), prices[price]))
    return list(invoices.values())


class Reader:
    """Turns invoices into a shop; keeps count of what each rule moved."""

    def __init__(self, invoices):
        made = min(invoice.at for invoice in invoices)
        self.shop = Shop(61001, "Online Retail", "online-retail.myshopify.com",
                         "GBP", ZONE, made, "Basic")
        self.customers = {}
        self.variants = {}
        self.orders_of = defaultdict(list)       # customer -> orders, by time
        self.adjusting = {}                      # day -> adjustment order
        self.stock = []                          # the stock adjustments
        self.refund_id = 0
        self.shop.locations.append(Location(
            id=62001, name="Warehouse", created_at=made, updated_at=made))
        for invoice in sorted(invoices, key=lambda i: i.at):
            if invoice.number.startswith("C"):
                self.credit(invoice)
            else:
                self.order(invoice)
        self.finish()

    # -- orders ----------------------------------------------------------------

    def order(self, invoice):
        lines = []
        for place, (code, title, quantity, price) in enumerate(invoice.lines):
            if quantity < 0 and price == 0:
                self.stock.append((invoice, code, title, quantity))
                continue
            if quantity < 0:
                raise ValueError("invoice %s sells a negative quantity at a price"
                                 % invoice.number)
            lines.append(self.line(int(invoice.number) * 10000 + place, invoice,
                                   code, title, quantity, price))
        if not lines:
            return
        number = int(invoice.number)
        customer = self.customer(invoice)
        order = Order(number, number, invoice.at, lines, name=invoice.number,
                      currency="GBP", customer=customer, closed_at=invoice.at)
        self.shop.orders.append(order)
        if customer is not None:
            customer.orders.append(order)
            order.customer_index = len(customer.orders)
            self.orders_of[customer.id].append(order)

    def line(self, number, invoice, code, title, quantity, price):
        variant = self.variant(invoice, code, title, price)
        return Line(number, title or code, code, quantity, price, variant, None,
                    variant.product, vendor="Online Retail")

    def customer(self, invoice):
        if invoice.customer is None:
            return None
        customer = self.customers.get(invoice.customer)
        if customer is None:
            customer = Customer(
                id=invoice.customer, created_at=invoice.at, updated_at=invoice.at,
                city=invoice.country, country_code=COUNTRIES.get(invoice.country))
            self.customers[invoice.customer] = customer
            self.shop.customers.append(customer)
        return customer

    def variant(self, invoice, code, title, price):
        variant = self.variants.get(code)
        if variant is not None:
            variant.updated_at = variant.product.updated_at = \
                variant.item.updated_at = invoice.at
            if price:
                variant.price = price
            if title:
                variant.product.title = title
            return variant
        number = 63000001 + len(self.variants)
        product = Product(id=number, title=title or code, vendor="Online Retail",
                          handle=code.lower().replace(" ", "-"), product_type="",
                          created_at=invoice.at, updated_at=invoice.at,
                          published_at=invoice.at)
        variant = Variant(id=number + 1000000, product=product, sku=code, price=price,
                          created_at=invoice.at, updated_at=invoice.at)
        variant.item = Item(id=number + 2000000, variant=variant, sku=code,
                            created_at=invoice.at, updated_at=invoice.at)
        variant.item.levels.append(Level(
            id=number + 3000000, item=variant.item, location=self.shop.locations[0],
            created_at=invoice.at, updated_at=invoice.at,
            quantities={"available": 0, "on_hand": 0, "committed": 0, "incoming": 0}))
        product.variants.append(variant)
        self.variants[code] = variant
        self.shop.products.append(product)
        self.shop.variants.append(variant)
        self.shop.items.append(variant.item)
        return variant

    # -- credit notes ------------------------------------------------------------

    def credit(self, invoice):
        """One refund for each order that the note's lines fall on."""
        groups = {}
        for code, title, quantity, price in invoice.lines:
            if quantity >= 0:
                raise ValueError("credit note %s sells" % invoice.number)
            order, line = self.holder(invoice, code, -quantity, groups)
            if order is None:
                order, line = self.adjustment(invoice, code, title, -quantity)
            order_lines = groups.setdefault(order.id, (order, []))[1]
            self.refund_id += 1
            order_lines.append(RefundLine(self.refund_id + 70000000, line, -quantity,
                                          amount(-quantity, price)))
        for order, entries in groups.values():
            refund = Refund(entries[0].id + 10000000, order, invoice.at, entries,
                            note=invoice.number)
            order.add_refund(refund)

    def holder(self, invoice, code, quantity, groups):
        """The customer's latest earlier order with so many left of the item."""
        for order in reversed(self.orders_of.get(invoice.customer, ())):
            if order.created_at >= invoice.at:
                continue
            taken = Counter()
            for entry in groups.get(order.id, (None, ()))[1]:
                taken[entry.line] += entry.quantity
            for line in order.lines:
                if line.sku == code and \
                        line.current_quantity - taken[line] >= quantity:
                    return order, line
        return None, None

    def adjustment(self, invoice, code, title, quantity):
        """A line on the adjustment order of the note's day."""
        order = self.adjusting.get(invoice.day)
        if order is None:
            number = 90000000 + int(invoice.day.replace("-", ""))
            order = Order(number, number, invoice.at, [], name="ADJ-" + invoice.day,
                          currency="GBP", tags=(TAG,), source_name="adjustment")
            self.adjusting[invoice.day] = order
            self.shop.orders.append(order)
        line = self.line(order.id * 10000 + len(order.lines), invoice, code,
                         title, quantity, 0)
        order.lines.append(line)
        return order, line

    def finish(self):
        for customer in self.shop.customers:
            customer.number_of_orders = len(customer.orders)
            customer.amount_spent = sum(o.net_payment for o in customer.orders)
            customer.updated_at = max(o.updated_at for o in customer.orders)
        self.shop.stock_adjustments = self.stock


def build_shop(folder):
    try:
        return Reader(read_invoices(folder)).shop
    except NoData:
        return None


# -- sums ------------------------------------------------------------------------

def month_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, ZONE).strftime("%Y-%m")


def totals(shop):
    """month -> sums of what the shop serves, credit notes by their own month."""
    out = defaultdict(Counter)
    for order in shop.orders:
        month = out[month_of(order.processed_at)]
        if TAG in order.tags:
            month["adjustment_orders"] += 1
        else:
            month["orders"] += 1
            month["units"] += sum(line.quantity for line in order.lines)
        month["gross"] += sum(line.gross for line in order.lines)
        for refund in order.refunds:
            back = out[month_of(refund.processed_at)]
            back["refunds"] += refund.total
            back["refund_units"] += sum(e.quantity for e in refund.lines)
            back["notes_" + refund.note] = 1
            if TAG in order.tags:
                back["refunds_adjustment"] += refund.total
    for month in out.values():
        notes = [name for name in month if name.startswith("notes_")]
        month["credit_notes"] = len(notes)
        for name in notes:
            del month[name]
    for invoice, _, _, quantity in shop.stock_adjustments:
        month = out[invoice.month]
        month["stock_lines"] += 1
        month["stock_units"] += quantity
    return out


def stock_adjustments(sim, request):
    """The lines that are no orders, and what each rule moved per month."""
    service = sim.worlds["uci"].service("shopify")
    if service is None or service.shop is None:
        raise ValueError("the real shop is not there")
    shop = service.shop
    return {
        "lines": [{"invoice": invoice.number, "day": invoice.day, "sku": code,
                   "title": title, "quantity": quantity}
                  for invoice, code, title, quantity in shop.stock_adjustments],
        "months": {month: {name: value if isinstance(value, int) else str(value)
                           for name, value in sums.items()
                           if name not in ("gross", "refunds", "refunds_adjustment")}
                   | {name: money(sums[name]) for name in
                      ("gross", "refunds", "refunds_adjustment")}
                   for month, sums in sorted(totals(shop).items())}}


def money(value):
    """Pennies as pounds, exactly."""
    return format((Decimal(value) / 100).quantize(Decimal("0.001")), "f")


def pounds(value):
    return (Decimal(value) / 100).quantize(Decimal("0.01"))


def check(folder):
    """Print the reconciliation; True when all months agree to the penny."""
    shop = Reader(read_invoices(folder)).shop
    got = totals(shop)
    with open(os.path.join(folder, FOLDER, "monthly_facts.csv"),
              encoding="utf-8") as stream:
        facts = list(csv.DictReader(stream))
    print("%-8s %6s %6s %6s %12s %12s %12s %10s %8s %8s %4s" % (
        "month", "orders", "invcs", "notes", "gross", "refunds", "net",
        "on adjust.", "units", "stock", "same"))
    good = True
    for fact in facts:
        month = got[fact["month"]]
        stock = {i.number for i, *_ in shop.stock_adjustments
                 if i.month == fact["month"]}
        units = month["units"] - month["refund_units"] + month["stock_units"]
        same = (pounds(month["gross"]) == Decimal(fact["gross_gbp_excl_credit_notes"])
                and pounds(month["gross"] - month["refunds"]) == Decimal(fact["net_gbp"])
                and month["orders"] + len(stock) == int(fact["invoices"])
                and month["credit_notes"] == int(fact["credit_notes"])
                and units == int(fact["net_units"]))
        good = good and same
        print("%-8s %6d %6s %6d %12s %12s %12s %10s %8d %8d %4s" % (
            fact["month"], month["orders"], fact["invoices"], month["credit_notes"],
            pounds(month["gross"]), pounds(month["refunds"]),
            pounds(month["gross"] - month["refunds"]),
            pounds(month["refunds_adjustment"]), units, month["stock_units"],
            "yes" if same else "NO"))
    return good


CONTROLS = {"uci_stock_adjustments": stock_adjustments}


if __name__ == "__main__":
    if sys.argv[1:2] != ["--check"]:
        sys.exit(__doc__)
    from main import default_data
    try:
        sys.exit(0 if check((sys.argv[2:] + [default_data()])[0]) else 1)
    except NoData as problem:
        sys.exit("uci: %s" % problem)
