"""The story's shop: what the traffic of each day bought.

New customers come out of the day's sessions; each order may bring a later
one (subscribers every month, others when the bottle is empty), so that the
returning third grows out of the customers already won.
"""

import datetime
import math
import random

from shopdata import (Contract, ContractLine, Customer, Item, Level, Line,
                      Location, Order, Parcel, Product, Refund, RefundLine, Sessions,
                      Shop, Variant)

PLAN = ("Deliver every month", 690001)
SUBSCRIBER_DISCOUNT = 10                      # percent off each delivery
SEASON_CODE_FROM = 0.25                       # of christmas()

# title, type, ((variant, sku, cents, cents it costs us), ...), weight
CATALOGUE = (
    ("Oatmeal Dog Shampoo", "Shampoo", (("8 oz", "SH-OAT-08", 2400, 540),
                                        ("16 oz", "SH-OAT-16", 3600, 800)), 20),
    ("Puppy Gentle Shampoo", "Shampoo", (("8 oz", "SH-PUP-08", 2500, 560),
                                         ("16 oz", "SH-PUP-16", 3800, 830)), 11),
    ("Hypoallergenic Shampoo", "Shampoo", (("8 oz", "SH-HYP-08", 2800, 640),
                                           ("16 oz", "SH-HYP-16", 4200, 930)), 12),
    ("De-Shed Shampoo", "Shampoo", (("16 oz", "SH-SHD-16", 3900, 860),), 7),
    ("Oatmeal Conditioner", "Conditioner", (("8 oz", "CO-OAT-08", 2200, 500),
                                            ("16 oz", "CO-OAT-16", 3400, 760)), 9),
    ("Detangling Spray", "Conditioner", (("Default Title", "CO-DET-10", 2100, 460),), 6),
    ("Bamboo Slicker Brush", "Accessories", (("Default Title", "AC-BRU-01", 2600, 780),), 4),
    ("Microfibre Dog Towel", "Accessories", (("M", "AC-TOW-M", 2800, 900),
                                             ("L", "AC-TOW-L", 3400, 1080)), 5),
    ("Paw Balm", "Accessories", (("Default Title", "AC-PAW-02", 1600, 380),), 5),
    ("Bath Mitt", "Accessories", (("Default Title", "AC-MIT-01", 1400, 400),), 3),
    ("Wash Day Bundle", "Bundles", (("Default Title", "BU-WASH", 6800, 1620),), 14),
    ("Complete Groom Kit", "Bundles", (("Default Title", "BU-GROOM", 10900, 2790),), 9),
    ("Puppy Starter Kit", "Bundles", (("Default Title", "BU-PUPPY", 7600, 1850),), 8),
    ("Wagwell Gift Card", "Gift Cards", (("$50", "", 5000, None),
                                         ("$100", "", 10000, None)), 0),
)
FIRST = ("Ava Ben Cora Dan Ella Finn Gia Hugo Iris Jack Kira Liam Maya Noah Olive Paul Quinn Rosa "
         "Sam Tess Uma Vic Wren Xena Yara Zoe José Zoë Søren Renée").split()
LAST = ("Adams Brown Chen Diaz Evans Fox Garcia Hall Ito Jones Khan Lopez Moore Nguyen Ortiz Patel "
        "Quist Rivera Smith Tran Usher Vega Walsh Xu Young Zhang O'Neil Müller Núñez").split()
CITIES = (("New York", "NY", "10001"), ("Brooklyn", "NY", "11201"), ("Austin", "TX", "78701"),
          ("Chicago", "IL", "60601"), ("Denver", "CO", "80202"), ("Seattle", "WA", "98101"),
          ("Boston", "MA", "02108"), ("Miami", "FL", "33101"), ("Portland", "OR", "97201"),
          ("Los Angeles", "CA", "90001"), ("Atlanta", "GA", "30301"),
          ("Philadelphia", "PA", "19103"))
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 12, 11, 10, 10, 10, 11, 13, 15, 16, 13, 8, 4)


class Deck:
    """Cards dealt in random order, all of them before any again.

    So that a day's basket varies less than by independent draws, as it does
    where the same kinds of people come every day.
    """

    def __init__(self, rng, cards):
        self.rng = rng
        self.cards = list(cards)
        self.left = []

    def deal(self):
        if not self.left:
            self.left = self.cards[:]
            self.rng.shuffle(self.left)
        return self.left.pop()


class Maker:
    """Builds the shop day by day; holds what the days pass on."""

    def __init__(self, story):
        self.story = story
        self.rng = random.Random("orders %d" % story.seed)
        self.shop = Shop(66012345678, "Wagwell", "wagwell.myshopify.com",
                         "USD", story.zone, story.midnight(story.start) - 1728000)
        self.end = story.midnight(story.today)       # first second of today
        self.due = [[] for _ in range(731)]          # day -> customers to return
        self.number = 1000
        self.line_id = 14000000000001
        self.refund_id = 920000000001
        self.entry_id = 510000000001
        self.hours = []
        for hour, weight in enumerate(HOURS):
            self.hours += [hour] * weight
        self.catalogue()

    # -- the catalogue -----------------------------------------------------

    def catalogue(self):
        shop, made = self.shop, self.shop.created_at
        shop.locations = [
            Location(id=71000001, name="Brooklyn Warehouse", created_at=made,
                     updated_at=made),
            Location(id=71000002, name="Reno 3PL", created_at=made,
                     updated_at=made)]
        self.pick = []
        self.gift = []
        for index, (title, kind, variants, weight) in enumerate(CATALOGUE):
            product = Product(
                id=8100000000001 + index * 1024, title=title,
                handle=title.lower().replace(" ", "-"), vendor="Wagwell",
                product_type=kind, created_at=made + index * 60,
                published_at=made + 86400, tags=("dog", kind.lower()),
                updated_at=self.end - 86400 * (index + 1) + index * 611,
                is_gift_card=not weight)
            shop.products.append(product)
            for place, spec in enumerate(variants):
                self.add_variant(product, place, spec)
            share = weight * 2 // len(variants)
            for variant in product.variants:
                self.pick += [variant] * share
                if not weight:
                    self.gift.append(variant)
        self.shampoo = Deck(self.rng, [v for v in self.pick
                                       if v.product.product_type
                                       in ("Shampoo", "Bundles")])
        self.first = Deck(self.rng, self.pick)
        self.more = Deck(self.rng, self.pick)
        self.extra = Deck(self.rng, [0] * 58 + [1] * 25 + [2] * 10 + [3] * 5 + [4] * 2)
        self.amount = Deck(self.rng, [1] * 9 + [2])

    def add_variant(self, product, place, spec):
        title, sku, price, cost = spec
        number = len(self.shop.variants)
        variant = Variant(
            id=43000000000001 + number * 512, product=product, title=title,
            sku=sku, barcode="0850012345%03d" % number if sku else None,
            price=price, position=place + 1, created_at=product.created_at,
            compare_at_price=price + 800 if product.product_type == "Bundles"
            else None, updated_at=product.updated_at)
        item = Item(id=45000000000001 + number * 512, variant=variant, sku=sku,
                    tracked=bool(sku), requires_shipping=bool(sku),
                    unit_cost=cost, created_at=product.created_at,
                    updated_at=product.updated_at)
        variant.item = item
        for location in self.shop.locations if sku else ():
            on_hand = 60 + (number * 7919) % 420
            committed = (number * 31) % 19
            item.levels.append(Level(
                id=location.id * 1000 + number, item=item, location=location,
                created_at=product.created_at, updated_at=product.updated_at,
                quantities={"available": on_hand - committed,
                            "on_hand": on_hand, "committed": committed,
                            "incoming": 600 if number % 4 == 0 else 0,
                            "reserved": 0, "damaged": 2, "safety_stock": 0,
                            "quality_control": 0}))
            variant.inventory_quantity += on_hand - committed
        product.variants.append(variant)
        self.shop.variants.append(variant)
        self.shop.items.append(item)

    # -- days ----------------------------------------------------------------

    def run(self):
        for index in range(731):
            self.one_day(index)
        self.finish()
        return self.shop

    def one_day(self, index):
        story, rng = self.story, self.rng
        day = story.whole_day(index)
        mean = day.sessions * day.new_rate
        new = max(0, round(rng.gauss(mean, 0.4 * math.sqrt(mean))))
        midnight = story.midnight(day.date)
        length = story.midnight(day.date + datetime.timedelta(days=1)) - midnight
        buyers = [None] * new + self.due[index]
        moments = sorted(rng.choice(self.hours) * 3600 + rng.randrange(3600)
                         for _ in buyers)
        rng.shuffle(buyers)
        for moment, customer in zip(moments, buyers):
            at = midnight + min(moment, length - 1)
            self.buy(index, day, at, customer)
        if index % 17 == 5:
            self.test_order(midnight + 36000)
        self.visits(day)

    def visits(self, day):
        """The steps from a visit to an order, none smaller than the next."""
        rng = self.rng
        day.checkout_sessions = int(day.completed_sessions / 0.62
                                    * (1 + rng.gauss(0, 0.03)))
        day.checkout_sessions = max(day.checkout_sessions,
                                    day.completed_sessions)
        day.cart_sessions = max(int(day.checkout_sessions * 1.62
                                    * (1 + rng.gauss(0, 0.03))),
                                day.checkout_sessions)

    # -- one order -------------------------------------------------------------

    def buy(self, index, day, at, customer):
        rng = self.rng
        is_new = customer is None
        guest = is_new and rng.random() < 0.03
        subscribes = is_new and not guest and rng.random() < \
            0.13 + 0.06 * index / 730
        if is_new:
            customer = self.new_customer(at, subscribes)
        subscription = subscribes or (
            not is_new and customer.subscriber_status == "ACTIVE")
        renewal = subscription and not is_new
        lines = self.lines(customer, subscription, renewal)
        code = self.code(index, day, is_new, renewal)
        if code:
            for line in lines:
                line.code_discount = line.discounted_total * code[1] // 100
        subtotal = sum(line.net for line in lines)
        self.number += 1
        order = Order(
            5800000000001 + (self.number - 1000) * 32768, self.number, at,
            lines, customer=customer, email=customer.email,
            codes=(code[0],) if code else (), updated_at=at + 40,
            shipping=0 if subtotal >= 5000 or subscription else 595,
            tax=subtotal * (0, 4, 6, 8)[customer.id % 4] // 100,
            shipping_title="Express (2 days)" if self.number % 11 == 0
            else "Free shipping" if subtotal >= 5000 or subscription else "Standard",
            shipping_code="UPS2DA" if self.number % 11 == 0 else "UPSGROUND",
            source_name="subscription_contract" if renewal else "web",
            tags=("Subscription",) + (() if renewal else ("First order",))
            if subscription else ())
        self.attribute(order, index, day, is_new, renewal)
        if guest:
            order.customer = None
        else:
            customer.orders.append(order)
            order.customer_index = len(customer.orders)
            order.days_to_order = rng.randrange(0, 9) if is_new else None
        self.shop.orders.append(order)
        if subscribes:
            self.contract(order, customer)
        if not guest:
            self.plan_return(index, customer, subscription)
        self.afterlife(order, at)
        self.count(day, order, is_new, subscribes, renewal)

    def new_customer(self, at, subscribes):
        rng, number = self.rng, len(self.shop.customers)
        first, last = rng.choice(FIRST), rng.choice(LAST)
        city, province, code = rng.choice(CITIES)
        plain = (first + "." + last).lower().encode("ascii", "ignore").decode()
        customer = Customer(
            id=7200000000001 + number * 1024, created_at=at - rng.randrange(30, 900),
            first_name=first, last_name=last, city=city, province_code=province,
            zip=code, country_code="US", updated_at=at,
            email="%s%d@example.com" % (plain.replace("'", ""), number),
            marketing_state="SUBSCRIBED" if rng.random() < 0.7
            else "NOT_SUBSCRIBED", marketing_at=at,
            phone="+1212555%04d" % (number % 10000) if number % 3 == 0 else None,
            state="ENABLED" if subscribes else "DISABLED",
            tags=("subscriber",) if subscribes else (),
            subscriber_status="ACTIVE" if subscribes else "NEVER_SUBSCRIBED")
        self.shop.customers.append(customer)
        return customer

    def lines(self, customer, subscription, renewal):
        rng = self.rng
        if renewal:
            return [self.line(line.variant, line.quantity, True)
                    for line in customer.orders[0].lines if line.plan]
        out = []
        if subscription:
            out.append(self.line(self.shampoo.deal(), 1, True))
        else:
            out.append(self.line(self.first.deal(), self.amount.deal(), False))
        for _ in range(self.extra.deal()):
            variant = self.more.deal()
            if all(variant is not line.variant for line in out):
                out.append(self.line(variant, 1, False))
        if rng.random() < 0.006:
            out.append(self.line(rng.choice(self.gift), 1, False))
        return out

    def line(self, variant, quantity, on_plan):
        self.line_id += 1
        discount = variant.price * quantity * SUBSCRIBER_DISCOUNT // 100 \
            if on_plan else 0
        product = variant.product
        return Line(self.line_id * 32, product.title, variant.sku, quantity,
                    variant.price, variant, None if variant.title
                    == "Default Title" else variant.title, product, discount,
                    0, PLAN if on_plan else None, "Wagwell",
                    product.is_gift_card)

    def code(self, index, day, is_new, renewal):
        from story import DAYS, christmas
        if renewal:
            return None
        dice = self.rng.random()
        if christmas(day.date) > SEASON_CODE_FROM and dice < 0.45 \
                and index < DAYS - 100:
            return ("HOWLIDAY20", 20)
        if is_new and dice < 0.22:
            return ("WELCOME10", 10)
        if dice > 0.94:
            return ("FRIENDS15", 15)
        return None

    def attribute(self, order, index, day, is_new, renewal):
        """Say where the buyer came from; the mail's share is told to Mail."""
        dice = self.rng.random()
        if renewal:
            order.visit = ("direct", None, None)
        elif is_new and dice < 0.62:
            order.visit = ("facebook", "paid_social", "prospecting")
            day.ad_purchases += 1
            day.ad_purchase_value += order.subtotal_price
        elif (is_new and dice < 0.72) or (not is_new and dice < 0.55):
            sender = self.story.mail.convert(index, self.rng, is_new, order)
            order.visit = ("klaviyo", sender.channel, sender.name)
        elif dice < 0.87:
            order.visit = ("google", "organic", None)
        else:
            order.visit = ("direct", None, None)

    def plan_return(self, index, customer, subscription):
        rng = self.rng
        if subscription:
            if rng.random() < 0.73:
                later = 30
            else:
                self.cancel_contract(customer, index)
                return
        elif rng.random() < 0.20 - 0.07 * self.squeeze(index):
            later = 12 + int(rng.expovariate(1 / 50.0))
        else:
            return
        # the least busy day about then
        days = range(index + later - (0 if subscription else 3),
                     min(731, index + later + (2 if subscription else 4)))
        if days:
            self.due[min(days, key=lambda d: len(self.due[d]))].append(customer)

    def squeeze(self, index):
        """0 before the squeeze sets in, 1 at the end."""
        from story import DAYS, SQUEEZE
        return max(0.0, (index - (DAYS - SQUEEZE)) / SQUEEZE)

    def contract(self, order, customer):
        line = next(line for line in order.lines if line.plan)
        self.shop.contracts.append(Contract(
            id=25000000001 + len(self.shop.contracts) * 16,
            created_at=order.created_at + 60, updated_at=order.created_at + 60,
            customer=customer, origin_order=order, lines=[ContractLine(
                id=26000000001 + len(self.shop.contracts), plan=PLAN,
                variant=line.variant, price=line.price * 9 // 10)]))
        customer.note = self.shop.contracts[-1]      # until finish()

    def cancel_contract(self, customer, index):
        """No further delivery: the customer leaves some days after this one."""
        contract = customer.note
        at = self.story.midnight(self.story.start) + \
            (index + self.rng.randrange(3, 28)) * 86400 + 50000
        customer.subscriber_status = "CANCELLED"
        if at < self.end:
            contract.status = "CANCELLED"
            contract.updated_at = at

    # -- what happens to an order later ------------------------------------------

    def afterlife(self, order, at):
        rng = self.rng
        shipped = at + rng.randrange(14, 60) * 3600
        dice = rng.random()
        if dice < 0.012:
            cancelled = at + rng.randrange(600, 20000)
            if cancelled < self.end:
                self.cancel(order, cancelled)
                return
        if shipped < self.end:
            order.updated_at = order.closed_at = shipped
            self.send(order, shipped)
        else:
            order.fulfillment_status, order.parcels = "UNFULFILLED", []
        if dice > 0.955:
            late = rng.random() < 0.12
            days = rng.randrange(90, 330) if late else rng.randrange(3, 45)
            when = at + days * 86400 + rng.randrange(0, 28800)
            if when < self.end:
                self.refund(order, when)

    def send(self, order, shipped):
        """One parcel; every ninth carrier never says that it came."""
        came = shipped + (50 + order.number * 7 % 60) * 3600
        parcel = Parcel(id=order.id + 9, order=order, created_at=shipped,
                        in_transit_at=shipped, company="UPS", display_status="IN_TRANSIT",
                        numbers=("1ZWAG%09d" % order.number,))
        if came < self.end and order.number % 9:
            parcel.display_status, parcel.delivered_at = "DELIVERED", came
            order.updated_at = came
        order.parcels = [parcel]

    def cancel(self, order, when):
        order.cancelled_at = order.closed_at = order.updated_at = when
        order.cancel_reason = self.rng.choice(("CUSTOMER", "INVENTORY", "FRAUD"))
        order.fulfillment_status = "UNFULFILLED"
        entries = [RefundLine(self.next_entry(), line, line.quantity, line.net,
                              0, "CANCEL") for line in order.lines]
        self.refund_id += 1
        refund = Refund(self.refund_id * 8, order, when, entries,
                        total=order.total_price)
        order.add_refund(refund)

    def refund(self, order, when):
        rng = self.rng
        entries, adjustment, note = [], 0, None
        if rng.random() < 0.08:
            adjustment, note = min(1000, order.subtotal_price), "Goodwill"
        else:
            chosen = order.lines if rng.random() < 0.5 else order.lines[:1]
            for line in chosen:
                quantity = rng.randint(1, line.quantity)
                entries.append(RefundLine(
                    self.next_entry(), line, quantity,
                    line.net * quantity // line.quantity, 0,
                    "RETURN" if rng.random() < 0.7 else "NO_RESTOCK"))
        self.refund_id += 1
        order.add_refund(Refund(self.refund_id * 8, order, when, entries,
                                note=note, adjustment=adjustment))

    def next_entry(self):
        self.entry_id += 1
        return self.entry_id * 8

    def test_order(self, at):
        self.number += 1
        self.shop.orders.append(Order(
            5800000000001 + (self.number - 1000) * 32768, self.number, at,
            [self.line(self.pick[0], 1, False)], test=True,
            email="shop@example.com", tags=("test",), updated_at=at + 5))

    # -- sums ------------------------------------------------------------------

    def count(self, day, order, is_new, subscribes, renewal):
        for refund in order.refunds:
            if order.cancelled_at is None:
                date = datetime.datetime.fromtimestamp(
                    refund.processed_at, self.story.zone).date()
                back = self.story.whole_day((date - self.story.start).days)
                amount = sum(entry.subtotal for entry in refund.lines)
                back.returns += amount
                back.net -= amount
        day.completed_sessions += not renewal
        if order.cancelled_at is not None:
            return
        day.orders += 1
        day.new_customers += is_new
        day.returning_orders += not is_new
        day.new_subscribers += subscribes
        gross, discounts = order.gross, order.total_discounts
        day.gross += gross
        day.discounts += discounts
        day.net += gross - discounts

    def finish(self):
        """Totals of customers, contracts and visits, once all is known."""
        story, shop = self.story, self.shop
        for customer in shop.customers:
            contract, customer.note = customer.note, None
            past = [o for o in customer.orders if o.created_at < self.end]
            customer.number_of_orders = len(past)
            customer.amount_spent = sum(o.net_payment for o in past)
            if past:
                customer.updated_at = max(o.updated_at for o in past) + 2
            if contract is None:
                continue
            if contract.status == "ACTIVE":
                customer.subscriber_status = "ACTIVE"
                last = [o for o in past if any(n.plan for n in o.lines)]
                if last:
                    contract.next_billing_date = last[-1].created_at + 30 * 86400
                    contract.updated_at = max(contract.updated_at,
                                              last[-1].created_at + 65)
                if contract.id % 37 == 0:
                    contract.status = "PAUSED"
        shop.customers = [c for c in shop.customers if c.orders]
        for index in range(731):
            day = story.whole_day(index)
            day.ad_purchases = int(day.ad_purchases * 1.12)      # they claim more
            day.ad_purchase_value = int(day.ad_purchase_value * 1.12)
        shop.sessions_of = lambda date: sessions(story.day(date))
        shop.clock = story.now


def sessions(day):
    if day is None:
        return None
    return Sessions(day=day.date, sessions=day.sessions, visitors=day.visitors,
                    carts=day.cart_sessions, checkouts=day.checkout_sessions,
                    completed=day.completed_sessions, bounces=day.bounces)


def build_shop(story):
    return Maker(story).run()
