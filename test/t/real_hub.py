"""What the hub should hold of two real shops, computed from their files alone.

Nothing here asks the server or shares a line with it.  Amounts are decimal
fractions throughout, rounded where the method says so.

  real_hub.py shop | stores FOLDER       one JSON document
"""

import csv
import gzip
import json
import sys
from collections import defaultdict
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
VIP = Decimal(500)


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def rounded(value):
    return value.quantize(CENT, ROUND_HALF_UP) + 0           # no minus before zero


def month_of(day):
    return day[:7]


class Books:
    """Sums by customer and by month, as they are told."""

    def __init__(self):
        self.orders = defaultdict(int)                       # customer ->
        self.revenue = defaultdict(Decimal)
        self.sales = defaultdict(Decimal)                    # day ->
        self.returns = defaultdict(Decimal)
        self.sold = defaultdict(int)
        self.goods = defaultdict(Decimal)                    # (day, channel) ->
        self.fees = defaultdict(Decimal)                     # day ->

    def customers(self):
        return {
            who: [count, str(rounded(self.revenue[who])), str(rounded(self.revenue[who] / count)),
                  "VIP" if self.revenue[who] > VIP else "Regular"]
            for who, count in self.orders.items()
        }

    def months(self):
        days = defaultdict(lambda: defaultdict(Decimal))
        for day, value in self.sales.items():
            days[month_of(day)]["revenue"] += value
        for day, value in self.returns.items():
            days[month_of(day)]["revenue"] -= value
        for day, value in self.sold.items():
            days[month_of(day)]["orders"] += value
        for (day, _), value in self.goods.items():
            days[month_of(day)]["goods"] += rounded(value)
        for day, value in self.fees.items():
            days[month_of(day)]["fees"] += rounded(value)
        answer = {}
        for month, sums in sorted(days.items()):
            profit = sums["revenue"] - sums["goods"] - sums["fees"]
            answer[month] = [str(int(sums["orders"])), str(rounded(sums["revenue"])), str(rounded(sums["revenue"] / sums["orders"])),
                             str(rounded(sums["goods"])), str(rounded(sums["fees"])), str(rounded(profit))]
        return answer


# ---- An online shop: invoices and credit notes ---------------------------------


def invoices_of(folder):
    """Each invoice with its lines, by time, in the order of the file."""
    found = {}
    for row in rows_of(f"{folder}/online_retail_2010-12_2011-06.csv.gz"):
        invoice = found.setdefault(row["InvoiceNo"], {
            "number": row["InvoiceNo"], "at": row["InvoiceDate"], "customer": row["CustomerID"].partition(".")[0], "lines": []})
        invoice["lines"].append((row["StockCode"], int(row["Quantity"]), Decimal(row["UnitPrice"])))
    return sorted(found.values(), key=lambda invoice: invoice["at"])


def shop(folder):
    """A product costs 45 % of its lowest price above nothing, from April on 50 %.

    A credit note falls on the customer's latest earlier order that still has
    so much of the item, and brings its goods back at what they cost then;
    what finds none is put back at the cost of its own day.  Cards take 1.75 %
    of each day's sales.
    """
    invoices = invoices_of(folder)
    low = {}
    for invoice in invoices:
        for code, quantity, price in invoice["lines"]:
            if quantity > 0 and price > 0 and not invoice["number"].startswith("C"):
                low[code] = min(low.get(code, price), price)

    def cost(code, day):
        return rounded(low.get(code, Decimal(0)) * Decimal("0.45" if day < "2011-04-01" else "0.5"))

    books, held = Books(), defaultdict(list)                 # customer -> [at, number, [code, left]...]
    profit, guests = {}, 0
    for invoice in invoices:
        day = invoice["at"][:10]
        who = invoice["customer"]
        if invoice["number"].startswith("C"):
            # Matched against what was left before the note, and by the note itself.
            for code, quantity, price in invoice["lines"]:
                back, given = -quantity, rounded(-quantity * price)
                books.returns[day] += given
                match = next(
                    ((order, line) for order in reversed(held[who]) if who and order["at"] < invoice["at"]
                     for line in order["lines"] if line[0] == code and line[1] >= back), None)
                if match is None:
                    books.goods[day, "adjustment"] -= back * cost(code, day)
                    continue
                order, line = match
                line[1] -= back
                books.goods[day, "web"] -= back * cost(code, order["at"][:10])
                books.revenue[who] -= given
                profit[order["number"]] += back * cost(code, order["at"][:10]) - given
            continue
        lines = [(code, quantity, price) for code, quantity, price in invoice["lines"] if quantity > 0 or price != 0]
        if not lines:
            continue
        amount = sum(quantity * price for _, quantity, price in lines)
        goods = sum(quantity * cost(code, day) for code, quantity, _ in lines)
        books.sales[day] += amount
        books.sold[day] += 1
        books.goods[day, "web"] += goods
        books.fees[day] += amount * Decimal("0.0175")
        profit[invoice["number"]] = amount - goods
        if who:
            books.orders[who] += 1
            books.revenue[who] += amount
            held[who].append({"at": invoice["at"], "number": invoice["number"], "lines": [[c, q] for c, q, _ in lines]})
        else:
            guests += 1
    return {"customers": books.customers(), "months": books.months(), "guests": guests,
            "profit": {number: str(rounded(value)) for number, value in profit.items()}}


# ---- Stores: receipts of households ----------------------------------------------


def stores(folder):
    """A basket is an order, a household a customer.

    A product costs 70 % of its lowest price above nothing, from June on 74 %;
    the till takes 0.04 an order.
    """
    lines, low = [], {}
    for row in rows_of(f"{folder}/transactions_weeks_01_39.csv.gz"):
        quantity = max(int(row["quantity"].partition(".")[0]), 1)
        paid = Decimal(row["sales_value"])
        listed = ((paid + Decimal(row["retail_disc"])) / quantity).quantize(Decimal("0.0001"), ROUND_CEILING)
        if listed > 0:
            low[row["product_id"]] = min(low.get(row["product_id"], listed), listed)
        lines.append((row["transaction_timestamp"][:10], row["basket_id"], row["household_id"], row["product_id"], quantity, paid))
    books, baskets, profit = Books(), {}, defaultdict(Decimal)
    for day, basket, household, product, quantity, paid in lines:
        share = Decimal("0.70" if day < "2017-06-01" else "0.74")
        goods = quantity * (low.get(product, Decimal(0)) * share).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        books.sales[day] += paid
        books.revenue[household] += paid
        books.goods[day, "stores"] += goods
        profit[basket] += paid - goods
        if basket not in baskets:
            baskets[basket] = household
            books.sold[day] += 1
            books.orders[household] += 1
    for day, count in books.sold.items():
        books.fees[day] = Decimal("0.04") * count
    return {"customers": books.customers(), "months": books.months(), "guests": 0,
            "profit": {basket: str(rounded(value)) for basket, value in profit.items()}}


if __name__ == "__main__":
    json.dump({"shop": shop, "stores": stores}[sys.argv[1]](sys.argv[2]), sys.stdout)
