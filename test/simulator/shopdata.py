"""The records of a shop, as every world makes them and shopify.py serves them.

Instants are whole seconds since 1970 (UTC).  Money is an integer number of
cents, or a string where a world wants exactly that text on the wire.
An order's totals follow from its lines and refunds, so they always agree.
"""

from bisect import bisect_left
from decimal import Decimal


def cents(value):
    """Any money as exact cents; a Decimal only where a string needs it."""
    if isinstance(value, int):
        return value
    if value is None:
        return 0
    exact = Decimal(value) * 100
    return int(exact) if exact == int(exact) else exact


class Record:
    """Sets the named slots; the rest get their defaults."""

    __slots__ = ()
    defaults = {}

    def __init__(self, **values):
        for name in self.__slots__:
            setattr(self, name, values.pop(name, self.defaults.get(name)))
        if values:
            raise TypeError("%s has no %s" % (type(self).__name__,
                                              ", ".join(values)))


class Product(Record):
    __slots__ = ("id", "title", "handle", "vendor", "product_type", "status",
                 "tags", "created_at", "updated_at", "published_at",
                 "is_gift_card", "variants")
    defaults = {"status": "ACTIVE", "tags": (), "is_gift_card": False}

    def __init__(self, **values):
        super().__init__(**values)
        self.variants = self.variants or []

    @property
    def total_inventory(self):
        return sum(v.inventory_quantity or 0 for v in self.variants)


class Variant(Record):
    __slots__ = ("id", "product", "title", "sku", "barcode", "price",
                 "compare_at_price", "position", "inventory_quantity",
                 "created_at", "updated_at", "item")
    defaults = {"title": "Default Title", "position": 1,
                "inventory_quantity": 0}

    @property
    def display_name(self):
        return "%s - %s" % (self.product.title, self.title)


class Item(Record):
    """An inventory item; levels are its stock per location."""

    __slots__ = ("id", "variant", "sku", "tracked", "requires_shipping",
                 "unit_cost", "created_at", "updated_at", "levels")
    defaults = {"tracked": True, "requires_shipping": True}

    def __init__(self, **values):
        super().__init__(**values)
        self.levels = self.levels or []


class Location(Record):
    __slots__ = ("id", "name", "is_active", "created_at", "updated_at")
    defaults = {"is_active": True}


class Level(Record):
    __slots__ = ("id", "item", "location", "is_active", "created_at",
                 "updated_at", "quantities")
    defaults = {"is_active": True}


class Customer(Record):
    __slots__ = ("id", "created_at", "updated_at", "first_name", "last_name",
                 "email", "marketing_state", "marketing_at", "sms_state", "sms_at",
                 "phone", "state", "tags",
                 "subscriber_status", "city", "province_code", "country_code",
                 "zip", "orders", "number_of_orders", "amount_spent", "note")
    defaults = {"state": "DISABLED", "tags": (), "amount_spent": 0,
                "number_of_orders": 0, "marketing_state": "NOT_SUBSCRIBED",
                "sms_state": "NOT_SUBSCRIBED",
                "subscriber_status": "NEVER_SUBSCRIBED"}

    def __init__(self, **values):
        super().__init__(**values)
        self.orders = self.orders or []


class Line:
    """One line of an order; line_discount is its own, code_discount its
    share of the order's codes."""

    __slots__ = ("id", "title", "sku", "variant_title", "quantity", "price",
                 "line_discount", "code_discount", "product", "variant",
                 "plan", "vendor", "is_gift_card", "refunded")

    def __init__(self, id, title, sku, quantity, price, variant=None,
                 variant_title=None, product=None, line_discount=0,
                 code_discount=0, plan=None, vendor=None, is_gift_card=False):
        self.id = id
        self.title = title
        self.sku = sku
        self.quantity = quantity
        self.price = price
        self.variant = variant
        self.variant_title = variant_title
        self.product = product
        self.line_discount = line_discount
        self.code_discount = code_discount
        self.plan = plan                       # (name, id) or None
        self.vendor = vendor
        self.is_gift_card = is_gift_card
        self.refunded = 0

    @property
    def name(self):
        return "%s - %s" % (self.title, self.variant_title) \
            if self.variant_title else self.title

    @property
    def current_quantity(self):
        return self.quantity - self.refunded

    @property
    def gross(self):
        return cents(self.price) * self.quantity

    @property
    def discounted_total(self):
        return self.gross - cents(self.line_discount)

    @property
    def net(self):
        return self.discounted_total - cents(self.code_discount)


class RefundLine:
    __slots__ = ("id", "line", "quantity", "restock_type", "subtotal", "tax")

    def __init__(self, id, line, quantity, subtotal, tax=0,
                 restock_type="RETURN"):
        self.id = id
        self.line = line
        self.quantity = quantity
        self.subtotal = subtotal
        self.tax = tax
        self.restock_type = restock_type


class Refund:
    """Money given back; total is what was paid, adjustment what was not for
    a line (positive: more given back than the lines say)."""

    __slots__ = ("id", "order", "created_at", "processed_at", "updated_at",
                 "note", "lines", "adjustment", "shipping", "total")

    def __init__(self, id, order, created_at, lines, processed_at=None,
                 updated_at=None, note=None, adjustment=0, shipping=0,
                 total=None):
        self.id = id
        self.order = order
        self.created_at = created_at
        self.processed_at = processed_at if processed_at is not None \
            else created_at
        self.updated_at = updated_at if updated_at is not None \
            else self.processed_at
        self.note = note
        self.lines = lines
        self.adjustment = adjustment
        self.shipping = shipping
        self.total = total if total is not None else (
            sum(cents(r.subtotal) + cents(r.tax) for r in lines)
            + adjustment + shipping)


class Parcel(Record):
    """What was handed to a carrier; numbers are its tracking numbers."""

    __slots__ = ("id", "order", "status", "display_status", "created_at",
                 "in_transit_at", "delivered_at", "company", "numbers")
    defaults = {"status": "SUCCESS", "display_status": "FULFILLED", "numbers": ()}


class Order:
    __slots__ = ("id", "number", "name", "created_at", "updated_at",
                 "processed_at", "closed_at", "cancelled_at", "cancel_reason",
                 "test", "confirmed", "currency", "taxes_included",
                 "financial_status", "fulfillment_status", "lines", "refunds",
                 "shipping", "tax", "codes", "tags", "note", "email",
                 "source_name", "customer", "customer_index", "days_to_order",
                 "visit", "shipping_title", "shipping_code", "parcels")

    def __init__(self, id, number, created_at, lines, name=None,
                 updated_at=None, processed_at=None, closed_at=None,
                 cancelled_at=None, cancel_reason=None, test=False,
                 confirmed=True, currency="USD", taxes_included=False,
                 financial_status="PAID", fulfillment_status="FULFILLED",
                 shipping=0, tax=0, codes=(), tags=(), note=None, email=None,
                 source_name="web", customer=None, customer_index=None,
                 days_to_order=None, visit=None, shipping_title=None,
                 shipping_code=None, parcels=None):
        self.id = id
        self.number = number
        self.name = name if name is not None else "#%d" % number
        self.created_at = created_at
        self.processed_at = processed_at if processed_at is not None \
            else created_at
        self.updated_at = updated_at if updated_at is not None \
            else self.processed_at
        self.closed_at = closed_at
        self.cancelled_at = cancelled_at
        self.cancel_reason = cancel_reason
        self.test = test
        self.confirmed = confirmed
        self.currency = currency
        self.taxes_included = taxes_included
        self.financial_status = financial_status
        self.fulfillment_status = fulfillment_status
        self.lines = lines
        self.refunds = []
        self.shipping = shipping
        self.tax = tax
        self.codes = codes
        self.tags = tags
        self.note = note
        self.email = email
        self.source_name = source_name
        self.customer = customer
        self.customer_index = customer_index
        self.days_to_order = days_to_order
        self.visit = visit                 # (source, medium, campaign)
        self.shipping_title = shipping_title
        self.shipping_code = shipping_code
        self.parcels = parcels             # None: what its status says

    @property
    def gross(self):
        return sum(line.gross for line in self.lines)

    @property
    def fulfillments(self):
        """Its parcels; one without a number where the world names none."""
        if self.parcels is not None:
            return self.parcels
        if self.fulfillment_status != "FULFILLED":
            return []
        return [Parcel(id=self.id, order=self,
                       created_at=self.closed_at or self.updated_at)]

    @property
    def total_discounts(self):
        return sum(cents(n.line_discount) + cents(n.code_discount)
                   for n in self.lines)

    @property
    def subtotal_price(self):
        return sum(line.net for line in self.lines)

    @property
    def total_price(self):
        return self.subtotal_price + cents(self.shipping) + cents(self.tax)

    @property
    def total_refunded(self):
        return sum(cents(refund.total) for refund in self.refunds)

    @property
    def current_total_price(self):
        return self.total_price - self.total_refunded

    @property
    def net_payment(self):
        if self.financial_status in ("PENDING", "VOIDED", "AUTHORIZED"):
            return 0
        return self.total_price - self.total_refunded

    def add_refund(self, refund):
        """Attach a refund; the order's update time and status follow."""
        self.refunds.append(refund)
        for entry in refund.lines:
            entry.line.refunded += entry.quantity
        self.updated_at = max(self.updated_at, refund.updated_at)
        self.financial_status = "REFUNDED" \
            if self.total_refunded >= self.total_price \
            else "PARTIALLY_REFUNDED"


class Contract(Record):
    __slots__ = ("id", "status", "created_at", "updated_at",
                 "next_billing_date", "currency", "customer", "origin_order",
                 "last_payment_status", "interval", "interval_count", "lines")
    defaults = {"status": "ACTIVE", "currency": "USD", "interval": "MONTH",
                "interval_count": 1, "last_payment_status": "SUCCEEDED"}

    def __init__(self, **values):
        super().__init__(**values)
        self.lines = self.lines or []


class ContractLine(Record):
    __slots__ = ("id", "plan", "variant", "quantity", "price")
    defaults = {"quantity": 1}


class Sessions(Record):
    """One day of the online store's visits; rates follow from the counts."""

    __slots__ = ("day", "sessions", "visitors", "carts", "checkouts",
                 "completed", "bounces")


class Event:
    """Something that happened to a record; only deletions are told."""

    def __init__(self, id, created_at, subject_type, subject_id,
                 action="destroy"):
        self.id = id
        self.created_at = created_at
        self.subject_type = subject_type
        self.subject_id = subject_id
        self.action = action
        self.message = "%s was deleted." % subject_type.title()
        self.app_title = None


class Shop:
    """Everything a Shopify store holds."""

    def __init__(self, id, name, domain, currency, zone, created_at,
                 plan="Advanced", taxes_included=False):
        self.id = id
        self.name = name
        self.domain = domain
        self.currency = currency
        self.zone = zone                       # a ZoneInfo
        self.created_at = created_at
        self.plan = plan
        self.taxes_included = taxes_included
        self.orders = []
        self.customers = []
        self.products = []
        self.variants = []
        self.items = []
        self.locations = []
        self.contracts = []
        self.sessions = []                     # of Sessions, by day
        self.sessions_of = None                # or: date -> Sessions or None
        self.events = []
        self.clock = None                      # a function: later is unseen
        self.lazy = None                       # stands for a list too long to hold
        self._sorted = {}

    def collection(self, name, sort, key):
        """(keys, records) of a list sorted by key, id; kept."""
        kept = self._sorted
        found = kept.get((name, sort))
        if found is None:
            records = sorted(getattr(self, name), key=key)
            found = ([key(r) for r in records], records)
            kept[(name, sort)] = found
        return found

    def forget_sorted(self):
        """To be called after an edit; what is being sorted meanwhile is forgotten too."""
        self._sorted = {}

    def by_id(self, name, number):
        """The record of a list with an id, or None."""
        keys, records = self.collection(name, "ID", lambda r: (r.id, r.id))
        at = bisect_left(keys, (number, number))
        if at < len(keys) and records[at].id == number:
            return records[at]
        return None

    def refund(self, number):
        kept = self._sorted
        index = kept.get("refunds")
        if index is None:
            index = {r.id: r for o in self.orders for r in o.refunds}
            kept["refunds"] = index
        return index.get(number)
