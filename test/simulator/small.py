"""The small shop: fixed days of 2026, a few records, every odd case.

Regress tests print these records, so they may be added to but not changed.
The zone is America/New_York; the shop stands still at noon of 1 April 2026.

    1001  two lines, a code over both and a discount on one, a returning customer later
    1002  a guest: no customer, sku ""
    1003  a test order
    1004  cancelled and given back in full
    1005  60 lines; refunds of 25 of them, then of one, a month later
    1006  a gift card beside a line without product, variant, sku and vendor
    1007  unicode, quotes, a backslash, line breaks
    1008  prices with four decimals
    1009  ids just below 2^63
    1010  pending, tax unknown (null), a selling plan; first second of 2026 in UTC,
          so still 2025 in the shop's zone
    1011  last minute of Saturday, 7 March, there
    1012  first minute of the Sunday on which the clocks change
    1013  three refunds: created_at null, an adjustment without lines, shipping
    1014  free: total 0; last second of 30 March there
1007, 1008, 1011 and 1012 were updated in the very same second.  Order 10999 was
deleted on 20 February (events).
"""

import datetime
from zoneinfo import ZoneInfo

from shopdata import (Contract, ContractLine, Customer, Event, Item, Level,
                      Line, Location, Order, Parcel, Product, Refund, RefundLine, Sessions,
                      Shop, Variant)

ZONE = ZoneInfo("America/New_York")
HUGE = 9223372036854775806


def at(text):
    """Seconds of "2026-01-05 14:00" or with seconds, UTC."""
    moment = datetime.datetime.fromisoformat(text)
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


NOW = at("2026-04-01 16:00")
SAME = at("2026-03-10 12:00")
PLAN = ("Monthly, 10% off", 701)


class Small:
    """Builds the shop, one part a method."""

    def __init__(self):
        self.shop = Shop(60001, "Small Shop", "small.myshopify.com", "USD",
                         ZONE, at("2025-12-01 15:00"))
        self.shop.clock = lambda: NOW
        self.catalogue()
        self.stock()
        self.people()
        self.plain_orders()
        self.odd_orders()
        self.late_orders()
        self.link()
        self.contracts()
        self.days()
        self.shop.events.append(Event(9001, at("2026-02-20 10:00"), "ORDER", 10999))

    # -- products --------------------------------------------------------------

    def product(self, number, title, kind, variants, **more):
        made = at("2025-12-02 10:00") + number
        product = Product(id=2000 + number, title=title, vendor="Small & Co",
                          handle=more.pop("handle", "product-%d" % number),
                          product_type=kind, created_at=made,
                          updated_at=more.pop("updated_at", made + 86400),
                          published_at=more.pop("published_at", made), **more)
        self.shop.products.append(product)
        for place, (name, sku, price, cost, tracked) in enumerate(variants):
            key = len(self.shop.variants) + 1
            variant = Variant(id=3000 + key, product=product, title=name,
                              sku=sku, price=price, position=place + 1,
                              barcode="400000000%d" % key if sku else None,
                              compare_at_price=2500 if key == 1 else None,
                              created_at=made, updated_at=product.updated_at)
            variant.item = Item(id=4000 + key, variant=variant, sku=sku,
                                tracked=tracked, unit_cost=cost,
                                requires_shipping=tracked, created_at=made,
                                updated_at=product.updated_at + key)
            product.variants.append(variant)
            self.shop.variants.append(variant)
            self.shop.items.append(variant.item)

    def catalogue(self):
        self.product(1, "Oatmeal Shampoo", "Shampoo", [
            ("8 oz", "SH-8", 2000, 512, True), ("16 oz", "SH-16", 3200, 799, True)],
            tags=("bath", "best seller"))
        self.product(2, "Brush", "Accessories", [
            ("Default Title", "BR-1", 1250, 0, True)], status="ARCHIVED",
            updated_at=at("2026-02-01 00:00"))
        self.product(3, "Gift Card", "Gift Cards", [
            ("$25", "", 2500, None, False)], is_gift_card=True)
        self.product(4, "Søren's \"Best\" 犬 🐶 Balm", "", [
            ("50 ml", None, 999, None, True)], status="DRAFT", published_at=None)
        self.v8, self.v16, self.brush, self.gift, self.balm = self.shop.variants

    def stock(self):
        made = at("2025-12-02 09:00")
        for number in range(1, 24):
            self.shop.locations.append(Location(
                id=5000 + number, name="Main" if number == 1
                else "Pop-up %02d" % number, is_active=number != 23,
                created_at=made, updated_at=made + number))
        places = {self.v8: range(1, 24), self.v16: (1, 2), self.brush: (1,),
                  self.balm: (1,)}
        for variant, numbers in places.items():
            for number in numbers:
                self.level(variant, number)

    def level(self, variant, number):
        item, location = variant.item, self.shop.locations[number - 1]
        available = {self.brush: -3, self.balm: 0}.get(variant, 100 - number)
        item.levels.append(Level(
            id=6000 + number + (item.id - 4000) * 100, item=item,
            location=location, is_active=number != 23,
            created_at=item.created_at,
            updated_at=at("2026-03-01 08:00") + number,
            quantities={"available": available, "on_hand": available + 2,
                        "committed": 2, "incoming": 12 if number == 1 else 0}))
        variant.inventory_quantity += available

    # -- customers ---------------------------------------------------------------

    def people(self):
        rows = (("Ann", "Archer", "ann@example.com", "SUBSCRIBED", "+12125550101",
                 "ENABLED", ("vip", "a, b"), ("New York", "NY", "US", "10001")),
                ("Bob", None, "bob@example.com", "UNSUBSCRIBED", None, "DISABLED",
                 (), ("Paris", None, "FR", "75001")),
                (None, None, None, "NOT_SUBSCRIBED", "+12125550103", "INVITED", (), None),
                ("Zoë", "O'Neil \"Zed\"", "zoe@example.com", "PENDING", None, "DECLINED",
                 ("日本",), ("Köln", None, "DE", "50667")),
                ("Eve", "Huge", "eve@example.com", "SUBSCRIBED", None, "ENABLED", (), None),
                ("No", "Orders", "none@example.com", "NOT_SUBSCRIBED", None, "DISABLED",
                 (), None))
        for number, (first, last, email, mail, phone, state, tags, place) in \
                enumerate(rows, 1):
            city, province, country, code = place or (None,) * 4
            self.shop.customers.append(Customer(
                id=HUGE - 1 if first == "Eve" else 7000 + number,
                first_name=first, last_name=last, email=email, phone=phone,
                marketing_state=mail, marketing_at=None if number in (3, 6)
                else at("2026-01-0%d 10:01" % number),
                sms_state="SUBSCRIBED" if first == "Ann" else "NOT_SUBSCRIBED",
                sms_at=at("2026-02-01 08:00") if first == "Ann" else None, state=state, tags=tags, city=city,
                province_code=province, country_code=country, zip=code,
                created_at=at("2026-01-0%d 10:00" % number),
                updated_at=at("2026-03-0%d 23:30" % number),
                subscriber_status="ACTIVE" if first == "Ann" else "NEVER_SUBSCRIBED"))
        self.ann, self.bob, self.nameless, self.zoe, self.eve, _ = \
            self.shop.customers

    # -- orders ------------------------------------------------------------------

    def order(self, number, created, lines, **more):
        order = Order(more.pop("id", 10000 + number), number, at(created), lines,
                      **more)
        self.shop.orders.append(order)
        return order

    def line(self, key, variant, quantity=1, **more):
        product = variant.product
        return Line(more.pop("id", 20000 + key), product.title, variant.sku,
                    quantity, more.pop("price", variant.price), variant,
                    None if variant.title == "Default Title" else variant.title,
                    product, vendor=product.vendor,
                    is_gift_card=product.is_gift_card, **more)

    def plain_orders(self):
        self.order(1001, "2026-01-05 14:00", [
            self.line(1, self.v8, 2, code_discount=400, line_discount=100),
            self.line(2, self.brush, 1, code_discount=125)],
            customer=self.ann, customer_index=1, days_to_order=3, codes=("TEN",),
            shipping=595, tax=310, email="ann@example.com", tags=("first", "a, b"),
            visit=("facebook", "paid_social", "spring"),
            closed_at=at("2026-01-07 09:00"), updated_at=at("2026-01-07 09:00"),
            shipping_title="Standard", shipping_code="std")
        order = self.shop.orders[-1]
        order.parcels = [
            Parcel(id=80001, order=order, status="CANCELLED", display_status="CANCELED",
                   created_at=at("2026-01-05 18:00"), company="UPS", numbers=("1ZGONE",)),
            Parcel(id=80002, order=order, display_status="DELIVERED", company="UPS",
                   created_at=at("2026-01-06 09:00"), in_transit_at=at("2026-01-06 12:00"),
                   delivered_at=at("2026-01-07 08:30"), numbers=("1Z0001",)),
            Parcel(id=80003, order=order, display_status="DELIVERED", company="DHL",
                   created_at=at("2026-01-06 10:00"), in_transit_at=at("2026-01-06 13:00"),
                   delivered_at=at("2026-01-07 08:00"), numbers=("JD0002", "JD0003"))]
        self.order(1002, "2026-01-06 02:30", [self.line(3, self.gift, 1)],
                   email="guest@example.com", updated_at=at("2026-01-06 02:31"))
        self.order(1003, "2026-01-08 10:00", [self.line(4, self.v16, 9)], test=True,
                   email="owner@example.com", tags=("test",))
        order = self.order(1004, "2026-01-09 10:00", [self.line(5, self.v16, 2)],
                           customer=self.bob, customer_index=1, shipping=500,
                           cancelled_at=at("2026-01-09 12:00"),
                           cancel_reason="CUSTOMER", email="bob@example.com",
                           closed_at=at("2026-01-09 12:00"),
                           fulfillment_status="UNFULFILLED")
        order.add_refund(Refund(30001, order, at("2026-01-09 12:00"), [
            RefundLine(40001, order.lines[0], 2, 6400, 0, "CANCEL")],
            shipping=500))

    def odd_orders(self):
        long = self.order(1005, "2026-01-15 18:00", [
            self.line(100 + n, self.brush, 1 + n % 3, price=100 + n)
            for n in range(60)], customer=self.ann, customer_index=2,
            source_name="580111", email="ann@example.com",
            shipping_title="Express \"2-day\"")
        long.add_refund(Refund(30002, long, at("2026-01-20 18:00"), [
            RefundLine(40100 + n, long.lines[n], 1, 100 + n, 7)
            for n in range(25)], note="half of it"))
        long.add_refund(Refund(30003, long, at("2026-02-28 23:00"), [
            RefundLine(40200, long.lines[59], 1, 159, 11, "NO_RESTOCK")],
            processed_at=at("2026-03-01 06:00")))
        self.order(1006, "2026-01-20 16:00", [
            self.line(6, self.gift, 2),
            Line(20007, "Custom engraving", None, 1, 1500)],
            customer=self.nameless, customer_index=1)
        self.order(1007, "2026-02-01 05:10", [
            self.line(8, self.balm, 1),
            Line(20009, "He said \"wow\" \\ it's 50% off,\nreally {now}; 'q'", "Q\"1'",
                 1, 1, vendor="Ünïcode, Inc.", variant_title="a\tb")],
            customer=self.zoe, customer_index=1, email="zoe@example.com",
            note="line one\nline two\t\"quoted\" \\ back, 漢字 🐕 \u200f end",
            tags=("comma, inside", "quote\"d", "日本"), updated_at=SAME)
        self.order(1008, "2026-02-02 12:00", [
            self.line(10, self.v8, 3, price="12.3456"),
            self.line(11, self.v8, 1, price="0.0001")],
            customer=self.bob, customer_index=2, tax="0.0099", updated_at=SAME)
        self.order(HUGE, "2026-02-03 12:00", [
            self.line(12, self.v16, 1, id=HUGE - 3)], id=HUGE, name="#1009",
            customer=self.eve, customer_index=1, email="eve@example.com")
        self.shop.orders[-1].number = 1009

    def late_orders(self):
        self.order(1010, "2026-01-01 00:00", [
            self.line(13, self.v8, 1, plan=PLAN, line_discount=200)],
            customer=self.ann, tax=None, financial_status="PENDING",
            fulfillment_status="UNFULFILLED", updated_at=at("2026-03-20 00:00"),
            source_name="subscription_contract")
        self.order(1011, "2026-03-08 04:59", [self.line(14, self.v16, 1)],
                   customer=self.bob, customer_index=3, updated_at=SAME)
        self.order(1012, "2026-03-08 05:00", [self.line(15, self.v16, 1)],
                   customer=self.bob, customer_index=4, updated_at=SAME)
        order = self.order(1013, "2026-03-12 20:00", [
            self.line(16, self.v8, 4), self.line(17, self.brush, 2)],
            customer=self.zoe, customer_index=2, shipping=700, tax=525)
        order.add_refund(Refund(30004, order, None, [
            RefundLine(40300, order.lines[0], 1, 2000, 100)],
            processed_at=at("2026-03-15 10:00")))
        order.add_refund(Refund(30005, order, at("2026-03-16 10:00"), [],
                                note="goodwill", adjustment=333))
        order.add_refund(Refund(30006, order, at("2026-03-17 03:30"), [
            RefundLine(40301, order.lines[1], 2, 2500, 125)], shipping=700))
        self.order(1014, "2026-03-31 03:59:59", [
            self.line(18, self.brush, 1, price=0)], customer=self.ann,
            customer_index=3)

    def link(self):
        for customer in self.shop.customers:
            customer.orders = [o for o in self.shop.orders
                               if o.customer is customer]
            customer.number_of_orders = len(customer.orders)
            customer.amount_spent = sum(o.net_payment for o in customer.orders)

    # -- the rest ------------------------------------------------------------------

    def contracts(self):
        first = self.shop.orders[10]
        for number, status, customer, due in (
                (1, "ACTIVE", self.ann, at("2026-04-20 00:00")),
                (2, "PAUSED", self.zoe, None), (3, "CANCELLED", None, None)):
            self.shop.contracts.append(Contract(
                id=8000 + number, status=status, customer=customer,
                created_at=at("2026-01-01 00:01"),
                updated_at=at("2026-03-0%d 00:00" % number),
                next_billing_date=due, interval="WEEK" if number == 2 else "MONTH",
                interval_count=number,
                origin_order=first if number == 1 else None,
                last_payment_status=None if number == 3 else "SUCCEEDED",
                lines=[ContractLine(id=8100 + number, plan=PLAN,
                                    variant=self.v8, price=1800)]))

    def days(self):
        """January to March; nothing is known of 17 January."""
        for number in range(90):
            day = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
            if day == datetime.date(2026, 1, 17):
                continue
            sessions = 100 + 3 * (number % 7) + number // 3
            self.shop.sessions.append(Sessions(
                day=day, sessions=sessions, visitors=sessions - 9,
                carts=sessions // 8, checkouts=sessions // 14,
                completed=sessions // 33, bounces=sessions * 45 // 100))


def build_shop():
    return Small().shop
