"""Shopify's search language, as far as lists are filtered with it.

    updated_at:>='2026-01-01T00:00:00Z' AND (status:open OR -tag:'vip')

As in the service, what it does not understand is left out with a warning and
the rest goes on: an unknown field, and a timestamp that is not quoted.
"""

import datetime
import re
from bisect import bisect_left
from zoneinfo import ZoneInfo

from shopdata import cents

WORD = re.compile(r"""\s*(?:
    (?P<paren>[()])
  | (?P<minus>-)(?=[\w('"])
  | (?P<field>[A-Za-z_][\w.]*):(?P<op><=|>=|<|>)?(?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s()]*)
  | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s()]+)
)""", re.VERBOSE | re.DOTALL)

DAY = 86400


class Time:
    """A field of seconds; whole_days widens bounds to days of UTC."""

    def __init__(self, get, whole_days=False):
        self.get = get
        self.whole_days = whole_days

    def test(self, op, text, zone):
        low, high = instant(text, zone)
        start, beyond, below, end = low, high, low, high
        if self.whole_days:
            start = beyond = low - low % DAY
            below, end = -(-low // DAY) * DAY, -(-high // DAY) * DAY
        get = self.get
        if op == ">=":
            return lambda r: get(r) is not None and get(r) >= start
        if op == ">":
            return lambda r: get(r) is not None and get(r) >= beyond
        if op == "<":
            return lambda r: get(r) is not None and get(r) < below
        if op == "<=":
            return lambda r: get(r) is not None and get(r) < end
        return lambda r: get(r) is not None and start <= get(r) < end


def instant(text, zone):
    """First second of the moment or day a text names, and the one after."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = datetime.date.fromisoformat(text)
        start = datetime.datetime(day.year, day.month, day.day, tzinfo=zone)
        end = start + datetime.timedelta(days=1)
        return int(start.timestamp()), int(end.timestamp())
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    seconds = moment.timestamp()
    whole = int(seconds) if seconds == int(seconds) else int(seconds) + 1
    return whole, int(seconds) + 1


class Number:
    def __init__(self, get, convert=int):
        self.get = get
        self.convert = convert

    def test(self, op, text, zone):
        wanted = self.convert(text.rsplit("/", 1)[-1])
        get = self.get
        return {"": lambda r: get(r) == wanted,
                ">=": lambda r: get(r) is not None and get(r) >= wanted,
                ">": lambda r: get(r) is not None and get(r) > wanted,
                "<=": lambda r: get(r) is not None and get(r) <= wanted,
                "<": lambda r: get(r) is not None and get(r) < wanted}[op]


class Text:
    """Equality without regard to case; a final * stands for any rest."""

    def __init__(self, get):
        self.get = get

    def test(self, op, text, zone):
        if op:
            raise ValueError("no order")
        wanted, get = text.lower(), self.get
        if wanted.endswith("*"):
            return lambda r: (get(r) or "").lower().startswith(wanted[:-1])
        return lambda r: (get(r) or "").lower() == wanted


class Among:
    """One of several words, such as tags."""

    def __init__(self, get):
        self.get = get

    def test(self, op, text, zone):
        if op:
            raise ValueError("no order")
        wanted, get = text.lower(), self.get
        return lambda r: any(w.lower() == wanted for w in get(r))


class Flag:
    def __init__(self, get):
        self.get = get

    def test(self, op, text, zone):
        if op or text.lower() not in ("true", "false"):
            raise ValueError("not a boolean")
        wanted, get = text.lower() == "true", self.get
        return lambda r: bool(get(r)) == wanted


def state(order):
    """What the filter "status" calls an order's state."""
    if order.cancelled_at is not None:
        return "cancelled"
    return "closed" if order.closed_at is not None else "open"


class OrderStatus:
    def test(self, op, text, zone):
        wanted = text.lower()
        if op or wanted not in ("open", "closed", "cancelled", "not_closed", "any"):
            raise ValueError("not a status")
        if wanted == "any":
            return lambda r: True
        if wanted == "not_closed":
            return lambda r: r.closed_at is None
        return lambda r: state(r) == wanted


def get(name):
    return lambda record: getattr(record, name)


STAMPS = {"created_at": Time(get("created_at")),
          "updated_at": Time(get("updated_at"))}
ID = {"id": Number(get("id"))}

FIELDS = {
    "orders": {
        **ID, **STAMPS, "processed_at": Time(get("processed_at")),
        "name": Text(get("name")), "email": Text(get("email")),
        "financial_status": Text(get("financial_status")),
        "fulfillment_status": Text(get("fulfillment_status")),
        "status": OrderStatus(), "test": Flag(get("test")),
        "tag": Among(get("tags")), "source_name": Text(get("source_name")),
        "customer_id": Number(lambda o: o.customer.id if o.customer else None),
        "discount_code": Among(get("codes")),
        "sku": Among(lambda o: [n.sku or "" for n in o.lines]),
        "current_total_price": Number(lambda o: cents(o.current_total_price), cents)},
    "customers": {
        **ID, "customer_date": Time(get("created_at")),
        "updated_at": Time(get("updated_at"), whole_days=True),
        "email": Text(get("email")), "first_name": Text(get("first_name")),
        "last_name": Text(get("last_name")), "phone": Text(get("phone")),
        "state": Text(get("state")), "country": Text(get("country_code")),
        "tag": Among(get("tags")),
        "orders_count": Number(get("number_of_orders")),
        "total_spent": Number(lambda c: cents(c.amount_spent), cents)},
    "products": {
        **ID, **STAMPS, "published_at": Time(get("published_at")),
        "status": Text(get("status")), "title": Text(get("title")),
        "handle": Text(get("handle")), "vendor": Text(get("vendor")),
        "product_type": Text(get("product_type")), "tag": Among(get("tags")),
        "sku": Among(lambda p: [v.sku or "" for v in p.variants]),
        "inventory_total": Number(get("total_inventory")),
        "gift_card": Flag(get("is_gift_card"))},
    "variants": {
        **ID, "updated_at": STAMPS["updated_at"], "sku": Text(get("sku")),
        "barcode": Text(get("barcode")), "title": Text(get("title")),
        "product_id": Number(lambda v: v.product.id),
        "inventory_quantity": Number(get("inventory_quantity")),
        "product_status": Text(lambda v: v.product.status),
        "vendor": Text(lambda v: v.product.vendor)},
    "items": {**ID, **STAMPS, "sku": Text(get("sku"))},
    "locations": {**ID, "name": Text(get("name")),
                  "active": Flag(get("is_active")),
                  "created_at": STAMPS["created_at"]},
    "contracts": {**ID, **STAMPS, "status": Text(get("status")),
                  "customer_id": Number(lambda c: c.customer.id if c.customer else None)},
    "events": {**ID, "created_at": STAMPS["created_at"],
               "action": Text(get("action")),
               "subject_type": Text(get("subject_type"))},
}


class Search:
    """A parsed query: test (None: everything), warnings, and time ranges."""

    def __init__(self, text, kind, zone):
        self.fields = FIELDS[kind]
        self.zone = zone if zone is not None else ZoneInfo("UTC")
        self.warnings = []
        self.ranges = {}          # field -> [low, high): sure for every match
        self.tokens = [m for m in WORD.finditer(text or "") if m.group().strip()]
        self.at = 0
        self.test = self.any_of(top=True)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def any_of(self, top=False):
        """alternatives joined by OR"""
        tests, alone = [self.all_of(top)], True
        while self.peek() is not None and self.peek().group("text") == "OR":
            self.at += 1
            tests.append(self.all_of(False))
            alone = False
        if alone:
            return tests[0]
        self.ranges = {}
        if any(t is None for t in tests):
            return None
        return lambda r: any(t(r) for t in tests)

    def all_of(self, top):
        """terms joined by AND or by nothing"""
        tests = []
        while True:
            token = self.peek()
            if token is None or token.group("text") == "OR" \
                    or token.group("paren") == ")":
                break
            if token.group("text") == "AND":
                self.at += 1
                continue
            test = self.term(top)
            if test is not None:
                tests.append(test)
        if len(tests) < 2:
            return tests[0] if tests else None
        return lambda r: all(t(r) for t in tests)

    def term(self, top):
        token = self.peek()
        self.at += 1
        if token.group("minus") or token.group("text") == "NOT":
            inner = self.term(False) if self.peek() is not None else None
            return None if inner is None else lambda r: not inner(r)
        if token.group("paren") == "(":
            inner = self.any_of()
            if self.peek() is not None:
                self.at += 1
            return inner
        if token.group("field"):
            return self.field(token.group("field"), token.group("op") or "",
                              token.group("value"), top)
        word = (token.group("text") or "").strip("'\"").lower()
        if not word:
            return None
        return lambda r: word in " ".join(
            str(getattr(r, n, "") or "") for n in ("name", "title", "email",
                                                   "sku")).lower()

    def field(self, name, op, value, top):
        test = None
        field = self.fields.get(name)
        quoted = value[:1] in ("'", '"')
        text = re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL) if quoted else value
        if field is None:
            if name.endswith("_not") and name[:-4] in self.fields:
                inner = self.fields[name[:-4]].test(op, text, self.zone)
                return lambda r: not inner(r)
            return self.warn(name)
        if isinstance(field, Time) and ":" in text and not quoted:
            return self.warn(name)
        try:
            test = field.test(op, text, self.zone)
        except (ValueError, KeyError):
            return self.warn(name)
        if top and isinstance(field, Time) and not field.whole_days:
            self.narrow(name, op, text)
        return test

    def narrow(self, name, op, text):
        low, high = instant(text, self.zone)
        have = self.ranges.setdefault(name, [None, None])
        if op in (">=", ">", ""):
            have[0] = low if have[0] is None else max(have[0], low)
        if op in ("<", "<=", ""):
            bound = low if op == "<" else high
            have[1] = bound if have[1] is None else min(have[1], bound)

    def warn(self, name):
        self.warnings.append({"field": name, "code": "invalid_field",
                              "message": "Invalid search field for this query."})

    def bounds(self, field, keys):
        """Indexes of keys (value, id) within which every match lies."""
        low, high = self.ranges.get(field, (None, None))
        return (0 if low is None else bisect_left(keys, (low,)),
                len(keys) if high is None else bisect_left(keys, (high,)))
