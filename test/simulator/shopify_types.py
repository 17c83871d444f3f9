"""What stands behind each field of the served schema.

A field without an entry here is the record's attribute of the same name in
snake_case, put on the wire as its type demands.
"""

import datetime
import re
import time

from graphql import Problem
from shopdata import (Contract, ContractLine, Customer, Event, Item, Level,
                      Line, Location, Order, Parcel, Product, Refund, RefundLine, Shop,
                      Variant, cents)
from shopify_page import COUNT_LIMIT, paginate, paginate_list
from shopify_search import Search

TYPE_NAMES = {Shop: "Shop", Order: "Order", Line: "LineItem", Refund: "Refund",
              RefundLine: "RefundLineItem", Parcel: "Fulfillment", Customer: "Customer",
              Product: "Product", Variant: "ProductVariant",
              Item: "InventoryItem", Level: "InventoryLevel",
              Location: "Location", Contract: "SubscriptionContract",
              ContractLine: "SubscriptionLine", Event: "BasicEvent"}
STOCK = ("available", "on_hand", "committed", "incoming", "reserved",
         "damaged", "safety_stock", "quality_control")
SCOPES = {"orders": "read_orders", "ordersCount": "read_orders",
          "order": "read_orders", "refund": "read_orders",
          "customers": "read_customers", "customersCount": "read_customers",
          "customer": "read_customers", "products": "read_products",
          "productsCount": "read_products", "product": "read_products",
          "productVariants": "read_products",
          "productVariant": "read_products",
          "inventoryItems": "read_inventory",
          "inventoryItem": "read_inventory",
          "inventoryLevel": "read_inventory", "locations": "read_locations",
          "location": "read_locations",
          "subscriptionContracts": "read_own_subscription_contracts",
          "subscriptionContract": "read_own_subscription_contracts",
          "shopifyqlQuery": "read_reports"}


class Plain:
    """A small object made for one answer."""

    def __init__(self, kind, **values):
        self.kind = kind
        self.__dict__.update(values)


def type_of(obj):
    return TYPE_NAMES.get(type(obj)) or obj.kind


# -- the wire ------------------------------------------------------------------

_days = {}


def stamp(seconds):
    """Seconds as the service writes a DateTime, always UTC."""
    if seconds is None:
        return None
    day, rest = divmod(seconds, 86400)
    text = _days.get(day)
    if text is None:
        text = _days[day] = time.strftime("%Y-%m-%dT", time.gmtime(day * 86400))
    return "%s%02d:%02d:%02dZ" % (text, rest // 3600, rest // 60 % 60, rest % 60)


def decimal(value):
    """Money as the service writes it: "12.0", "12.5", "12.34"."""
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, int):           # a Decimal: parts of a cent
        return format((value / 100).normalize(), "f")
    whole, part = divmod(abs(value), 100)
    text = "%d.%02d" % (whole, part)
    if text.endswith("0"):
        text = text[:-1]
    return "-" + text if value < 0 else text


class Money(tuple):
    """(amount on the wire, currency)"""

    __slots__ = ()


def money(value, obj, ctx):
    return Money((decimal(value), ctx.shop.currency))


def gid(obj):
    return "gid://shopify/%s/%s" % (type_of(obj), obj.id)


def gid_number(text, *kinds):
    """The number in a global id of one of the kinds; None if it is another."""
    found = re.fullmatch(r"gid://shopify/(\w+)/(\d+)(\?.*)?", str(text))
    if not found:
        raise Problem("Invalid global id '%s'" % text, "argumentLiteralsIncompatible")
    return int(found.group(2)) if found.group(1) in kinds else None


WIRES = {"ID": lambda value, obj, ctx: value,
         "DateTime": lambda value, obj, ctx: stamp(value),
         "Money": lambda value, obj, ctx: decimal(value),
         "Decimal": lambda value, obj, ctx: decimal(value),
         "UnsignedInt64": lambda value, obj, ctx:
         None if value is None else str(value)}

RESOLVERS = {}


def resolver(*names):
    """Register a function (obj, args, ctx) for "Type.field" names."""
    def keep(function):
        for name in names:
            RESOLVERS[tuple(name.split("."))] = function
        return function
    return keep


def bag(names, get):
    """A MoneyBag field computed from the record."""
    for name in names.split():
        RESOLVERS[tuple(name.split("."))] = \
            lambda obj, args, ctx: (lambda v: None if v is None else
                                    money(v, obj, ctx))(get(obj))


# -- ids, money --------------------------------------------------------------

for _type in ("Shop Order LineItem Refund RefundLineItem Customer Product "
              "ProductVariant InventoryItem Location SubscriptionContract "
              "SubscriptionLine OrderAdjustment RefundShippingLine Fulfillment").split():
    RESOLVERS[(_type, "id")] = lambda obj, args, ctx: gid(obj)
    RESOLVERS[(_type, "legacyResourceId")] = \
        lambda obj, args, ctx: str(obj.id)
RESOLVERS[("BasicEvent", "id")] = lambda e, a, c: "gid://shopify/BasicEvent/%d" % e.id
RESOLVERS[("BasicEvent", "subjectId")] = lambda e, a, c: \
    "gid://shopify/%s/%d" % (e.subject_type.title(), e.subject_id)
RESOLVERS[("InventoryLevel", "id")] = lambda level, a, c: \
    "gid://shopify/InventoryLevel/%d?inventory_item_id=%d" % (level.id, level.item.id)
RESOLVERS[("MailingAddress", "id")] = lambda place, a, c: \
    "gid://shopify/MailingAddress/%d?model_name=CustomerAddress" % place.id
RESOLVERS[("MoneyV2", "amount")] = lambda m, a, c: m[0]
RESOLVERS[("MoneyV2", "currencyCode")] = lambda m, a, c: m[1]
RESOLVERS[("MoneyBag", "shopMoney")] = lambda m, a, c: m
RESOLVERS[("MoneyBag", "presentmentMoney")] = lambda m, a, c: m

bag("Order.totalPriceSet Order.originalTotalPriceSet", lambda o: o.total_price)
bag("Order.currentTotalPriceSet", lambda o: o.current_total_price)
bag("Order.subtotalPriceSet", lambda o: o.subtotal_price)
bag("Order.currentSubtotalPriceSet", lambda o: o.subtotal_price - sum(
    cents(e.subtotal) for r in o.refunds for e in r.lines))
bag("Order.totalDiscountsSet Order.currentTotalDiscountsSet",
    lambda o: o.total_discounts)
bag("Order.totalShippingPriceSet", lambda o: o.shipping)
bag("Order.totalTaxSet Order.currentTotalTaxSet", lambda o: o.tax)
bag("Order.totalRefundedSet", lambda o: o.total_refunded)
bag("Order.totalRefundedShippingSet", lambda o: sum(
    cents(r.shipping) for r in o.refunds))
bag("Order.netPaymentSet", lambda o: o.net_payment)
bag("Order.totalReceivedSet", lambda o: o.net_payment + o.total_refunded)
bag("Order.totalOutstandingSet Order.totalTipReceivedSet", lambda o: 0)
bag("LineItem.originalUnitPriceSet", lambda n: n.price)
bag("LineItem.originalTotalSet", lambda n: n.gross)
bag("LineItem.discountedUnitPriceSet", lambda n: n.price if not n.line_discount
    else n.discounted_total // n.quantity)
bag("LineItem.discountedUnitPriceAfterAllDiscountsSet",
    lambda n: n.net // n.quantity if n.quantity else 0)
bag("LineItem.totalDiscountSet", lambda n: n.line_discount)
bag("Refund.totalRefundedSet", lambda r: r.total)
bag("ShippingLine.originalPriceSet ShippingLine.discountedPriceSet",
    lambda o: o.shipping)
bag("RefundLineItem.subtotalSet", lambda e: e.subtotal)
bag("RefundLineItem.totalTaxSet", lambda e: e.tax)
bag("RefundLineItem.priceSet", lambda e: e.line.price)
bag("DiscountAllocation.allocatedAmountSet OrderAdjustment.amountSet "
    "RefundShippingLine.subtotalAmountSet", lambda p: p.amount)
bag("OrderAdjustment.taxAmountSet RefundShippingLine.taxAmountSet",
    lambda p: 0)


@resolver("LineItem.discountedTotalSet")
def discounted_total(line, args, ctx):
    with_codes = args.get("withCodeDiscounts")
    return money(line.net if with_codes else line.discounted_total, line, ctx)


@resolver("LineItem.discountAllocations")
def allocations(line, args, ctx):
    return [Plain("DiscountAllocation", amount=amount)
            for amount in (line.line_discount, line.code_discount) if amount]


# -- lists and their pages ------------------------------------------------------

SORTS = {
    "orders": {"ID": lambda o: o.id, "CREATED_AT": lambda o: o.created_at,
               "UPDATED_AT": lambda o: o.updated_at,
               "PROCESSED_AT": lambda o: o.processed_at,
               "ORDER_NUMBER": lambda o: o.number},
    "customers": {"ID": lambda c: c.id, "CREATED_AT": lambda c: c.created_at,
                  "UPDATED_AT": lambda c: c.updated_at,
                  "NAME": lambda c: (c.last_name or "") + ", " + (c.first_name or "")},
    "products": {"ID": lambda p: p.id, "CREATED_AT": lambda p: p.created_at,
                 "UPDATED_AT": lambda p: p.updated_at,
                 "TITLE": lambda p: p.title, "VENDOR": lambda p: p.vendor},
    "variants": {"ID": lambda v: v.id, "SKU": lambda v: v.sku or "",
                 "TITLE": lambda v: v.title,
                 "INVENTORY_QUANTITY": lambda v: v.inventory_quantity or 0},
    "items": {"ID": lambda i: i.id},
    "locations": {"ID": lambda p: p.id, "NAME": lambda p: p.name},
    "contracts": {"ID": lambda c: c.id, "CREATED_AT": lambda c: c.created_at,
                  "UPDATED_AT": lambda c: c.updated_at,
                  "STATUS": lambda c: c.status},
    "events": {"ID": lambda e: e.id, "CREATED_AT": lambda e: e.created_at},
}
RANGES = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at",
          "PROCESSED_AT": "processed_at"}


def unseen(shop, ctx, name):
    """A test that hides what has not happened yet or may not be seen."""
    tests = []
    if shop.clock is not None and name in ("orders", "customers", "contracts"):
        now = shop.clock()
        tests.append(lambda r: r.created_at <= now)
    if name == "orders" and ctx.service.short_sighted():
        oldest = ctx.service.now() - 60 * 86400
        tests.append(lambda r: r.created_at >= oldest)
    return tests


def search(name, text, ctx):
    """(Search, test) of a query; the warnings go into the answer."""
    found = Search(text, name, ctx.shop.zone)
    if found.warnings:
        ctx.searches.append({"path": [ctx.path[-1]], "query": text,
                             "warnings": found.warnings})
    tests = unseen(ctx.shop, ctx, name)
    if found.test is not None:
        tests.append(found.test)
    if not tests:
        return found, None
    if len(tests) == 1:
        return found, tests[0]
    return found, lambda r: all(t(r) for t in tests)


def listing(name):
    def resolve(obj, args, ctx):
        sort = str(args.get("sortKey") or "ID")
        if sort == "RELEVANCE":
            sort = "ID"
        if ctx.shop.lazy is not None and name == "orders":
            return ctx.shop.lazy.page(args, ctx, sort)
        value = SORTS[name].get(sort)
        if value is None:
            raise Problem("the simulator does not sort %s by %s" % (name, sort),
                          "NOT_SIMULATED", path=ctx.path)
        keys, records = ctx.shop.collection(name, sort,
                                            lambda r: (value(r), r.id))
        found, test = search(name, args.get("query"), ctx)
        bounds = found.bounds(RANGES[sort], keys) if sort in RANGES else None
        return paginate(keys, records, args, ctx, sort, test, bounds)
    return resolve


for _field, _name in (("orders", "orders"), ("customers", "customers"),
                      ("products", "products"), ("productVariants", "variants"),
                      ("inventoryItems", "items"), ("locations", "locations"),
                      ("subscriptionContracts", "contracts"),
                      ("events", "events")):
    RESOLVERS[("QueryRoot", _field)] = listing(_name)


def counting(name, heeds_query=True):
    def resolve(obj, args, ctx):
        if ctx.shop.lazy is not None and name == "orders":
            count = ctx.shop.lazy.count(args, ctx)
        else:
            _, test = search(name, args.get("query") if heeds_query else None, ctx)
            records = getattr(ctx.shop, name)
            count = len(records) if test is None \
                else sum(1 for r in records if test(r))
        limit = args.get("limit", COUNT_LIMIT)
        if limit is not None and count > limit:
            return Plain("Count", count=limit, precision="AT_LEAST")
        return Plain("Count", count=count, precision="EXACT")
    return resolve


for _field, _name in (("ordersCount", "orders"), ("customersCount", "customers"),
                      ("productsCount", "products")):
    RESOLVERS[("QueryRoot", _field)] = counting(_name)
RESOLVERS[("QueryRoot", "productVariantsCount")] = counting("variants", False)

ONE = {"order": ("orders", "Order"), "customer": ("customers", "Customer"),
       "product": ("products", "Product"),
       "productVariant": ("variants", "ProductVariant"),
       "inventoryItem": ("items", "InventoryItem"),
       "location": ("locations", "Location"),
       "subscriptionContract": ("contracts", "SubscriptionContract")}


def by_id(name, kind):
    def resolve(obj, args, ctx):
        if args.get("id") is None:
            return (getattr(ctx.shop, name) or [None])[0]
        number = gid_number(args["id"], kind)
        if number is None:
            return None
        if ctx.shop.lazy is not None and name == "orders":
            return ctx.shop.lazy.order(number)
        return ctx.shop.by_id(name, number)
    return resolve


for _field, (_name, _kind) in ONE.items():
    RESOLVERS[("QueryRoot", _field)] = by_id(_name, _kind)


@resolver("QueryRoot.refund")
def refund_by_id(obj, args, ctx):
    number = gid_number(args["id"], "Refund")
    return None if number is None else ctx.shop.refund(number)


@resolver("QueryRoot.inventoryLevel")
def level_by_id(obj, args, ctx):
    number = gid_number(args["id"], "InventoryLevel")
    for item in ctx.shop.items:
        for level in item.levels:
            if level.id == number:
                return level
    return None


@resolver("QueryRoot.node")
def node(obj, args, ctx):
    kinds = {kind: name for name, kind in ONE.values()}
    found = re.match(r"gid://shopify/(\w+)/", str(args["id"]))
    kind = found.group(1) if found else None
    if kind == "Refund":
        return refund_by_id(obj, args, ctx)
    if kind == "InventoryLevel":
        return level_by_id(obj, args, ctx)
    if kind == "Shop":
        return ctx.shop
    if kind not in kinds:
        gid_number(args["id"], "")
        return None
    return by_id(kinds[kind], kind)(obj, args, ctx)


@resolver("QueryRoot.nodes")
def nodes(obj, args, ctx):
    return [node(obj, {"id": one}, ctx) for one in args["ids"]]


for _name in ("Order LineItem RefundLineItem OrderAdjustment RefundShippingLine "
              "Customer Product ProductVariant InventoryItem InventoryLevel "
              "Location SubscriptionContract SubscriptionLine Event").split():
    RESOLVERS[(_name + "Connection", "nodes")] = lambda page, a, c: page.records
    RESOLVERS[(_name + "Connection", "edges")] = lambda page, a, c: [
        Plain("Edge", node=record, cursor=page.cursors(at))
        for at, record in enumerate(page.records)]
    RESOLVERS[(_name + "Connection", "pageInfo")] = lambda page, a, c: page
RESOLVERS[("PageInfo", "hasNextPage")] = lambda p, a, c: p.has_next
RESOLVERS[("PageInfo", "hasPreviousPage")] = lambda p, a, c: p.has_previous
RESOLVERS[("PageInfo", "startCursor")] = lambda p, a, c: \
    p.cursors(0) if p.records else None
RESOLVERS[("PageInfo", "endCursor")] = lambda p, a, c: \
    p.cursors(len(p.records) - 1) if p.records else None


def nested(name, get):
    RESOLVERS[tuple(name.split("."))] = \
        lambda obj, args, ctx: paginate_list(get(obj), args, ctx)


nested("Order.lineItems", lambda o: o.lines)
nested("Refund.refundLineItems", lambda r: r.lines)
nested("Refund.orderAdjustments", lambda r: [] if not r.adjustment else [
    Plain("OrderAdjustment", id=r.id * 10 + 1, reason="REFUND_DISCREPANCY",
          amount=-cents(r.adjustment))])
nested("Refund.refundShippingLines", lambda r: [] if not r.shipping else [
    Plain("RefundShippingLine", id=r.id * 10 + 2, amount=r.shipping)])
nested("Product.variants", lambda p: p.variants)
nested("Customer.orders", lambda c: c.orders)
nested("SubscriptionContract.lines", lambda c: c.lines)
nested("Location.inventoryLevels", lambda p: [])


@resolver("InventoryItem.inventoryLevels")
def levels(item, args, ctx):
    return paginate_list([level for level in item.levels if level.is_active
                          or args.get("includeInactive")], args, ctx)


@resolver("Location.inventoryLevels")
def location_levels(location, args, ctx):
    return paginate_list([level for item in ctx.shop.items
                          for level in item.levels
                          if level.location is location], args, ctx)


@resolver("Order.refunds")
def refunds(order, args, ctx):
    first = args.get("first")
    return order.refunds if first is None else order.refunds[:first]


@resolver("Order.fulfillments")
def fulfillments(order, args, ctx):
    if args.get("query"):
        raise Problem("the simulator does not search fulfillments", "NOT_SIMULATED",
                      path=ctx.path)
    first = args.get("first")
    return order.fulfillments if first is None else order.fulfillments[:first]


@resolver("Fulfillment.trackingInfo")
def tracking(parcel, args, ctx):
    return [Plain("FulfillmentTrackingInfo", company=parcel.company, number=number,
                  url=None) for number in parcel.numbers[:args.get("first")]]


@resolver("InventoryLevel.quantities")
def quantities(level, args, ctx):
    out = []
    for name in args["names"]:
        if name not in STOCK:
            raise Problem("The quantity name '%s' is invalid" % name,
                          "INVALID_QUANTITY_NAME", path=ctx.path)
        out.append(Plain("InventoryQuantity", name=name,
                         id="gid://shopify/InventoryQuantity/%d?inventory_item_id=%d&name=%s"
                         % (level.id, level.item.id, name),
                         quantity=level.quantities.get(name, 0),
                         updated_at=level.updated_at))
    return out


# -- single fields ----------------------------------------------------------------

def field(name, get):
    RESOLVERS[tuple(name.split("."))] = lambda obj, args, ctx: get(obj)


field("Shop.myshopifyDomain", lambda s: s.domain)
field("Shop.currencyCode", lambda s: s.currency)
field("Shop.ianaTimezone", lambda s: s.zone.key)
field("Shop.updatedAt", lambda s: stamp(s.created_at))
field("Shop.enabledPresentmentCurrencies", lambda s: [s.currency])
field("Shop.email", lambda s: "owner@example.com")
field("Shop.plan", lambda s: Plain(
    "ShopPlan", display_name=s.plan, public_display_name=s.plan,
    shopify_plus=s.plan == "Plus", partner_development=False))


def offset_minutes(shop):
    now = datetime.datetime.now(shop.zone)
    return int(now.utcoffset().total_seconds() // 60)


field("Shop.timezoneOffsetMinutes", offset_minutes)
field("Shop.timezoneOffset", lambda s: "%+03d%02d" % (
    divmod(abs(offset_minutes(s)), 60)[0] * (-1 if offset_minutes(s) < 0 else 1),
    abs(offset_minutes(s)) % 60))
field("Order.closed", lambda o: o.closed_at is not None)
field("Order.edited", lambda o: False)
field("Order.currencyCode", lambda o: o.currency)
field("Order.presentmentCurrencyCode", lambda o: o.currency)
field("Order.displayFinancialStatus", lambda o: o.financial_status)
field("Order.displayFulfillmentStatus", lambda o: o.fulfillment_status)
field("Order.returnStatus", lambda o: "RETURNED" if any(
    e.restock_type == "RETURN" for r in o.refunds for e in r.lines) else "NO_RETURN")
field("Order.discountCodes", lambda o: list(o.codes))
field("Order.discountCode", lambda o: o.codes[0] if o.codes else None)
field("Order.tags", lambda o: list(o.tags))
field("Order.phone", lambda o: None)
field("Order.poNumber", lambda o: None)
field("Order.sourceIdentifier", lambda o: None)
field("Order.paymentGatewayNames", lambda o: ["shopify_payments"])
field("Order.app", lambda o: Plain("OrderApp", id="gid://shopify/App/580111",
                                   name="Online Store"))
field("Order.shippingAddress", lambda o: address(o.customer))
field("Order.billingAddress", lambda o: address(o.customer))
field("Order.shippingLine", lambda o: None if o.shipping_title is None
      else Plain("ShippingLine", id="gid://shopify/ShippingLine/%d" % o.id,
                 title=o.shipping_title, code=o.shipping_code, source="shopify",
                 is_removed=False, shipping=o.shipping))
field("Fulfillment.name", lambda p: "%s.1" % p.order.name)
field("Fulfillment.updatedAt",
      lambda p: stamp(p.delivered_at or p.in_transit_at or p.created_at))
field("Fulfillment.totalQuantity", lambda p: sum(n.quantity for n in p.order.lines))
field("Order.subtotalLineItemsQuantity", lambda o: sum(n.quantity for n in o.lines))
field("Order.currentSubtotalLineItemsQuantity",
      lambda o: sum(n.current_quantity for n in o.lines))
field("Order.totalWeight", lambda o: str(240 * len(o.lines)))
field("Order.statusPageUrl", lambda o: "https://shop.example.com/orders/%d" % o.id)
field("Order.customerJourneySummary", lambda o: None if o.visit is None
      and o.customer_index is None else o)
field("CustomerJourneySummary.ready", lambda o: o.customer_index is not None)
field("CustomerJourneySummary.customerOrderIndex", lambda o: o.customer_index)
field("CustomerJourneySummary.daysToConversion", lambda o: o.days_to_order)
field("CustomerJourneySummary.firstVisit", lambda o: o if o.visit else None)
field("CustomerJourneySummary.lastVisit", lambda o: o if o.visit else None)
field("CustomerVisit.id", lambda o: "gid://shopify/CustomerVisit/%d" % o.id)
field("CustomerVisit.source", lambda o: o.visit[0])
field("CustomerVisit.sourceType", lambda o: None)
field("CustomerVisit.landingPage", lambda o: "https://shop.example.com/")
field("CustomerVisit.referrerUrl", lambda o: None)
field("CustomerVisit.occurredAt", lambda o: stamp(o.created_at - 300))
field("CustomerVisit.utmParameters", lambda o: o if o.visit[1] else None)
field("UTMParameters.source", lambda o: o.visit[0])
field("UTMParameters.medium", lambda o: o.visit[1])
field("UTMParameters.campaign", lambda o: o.visit[2])
field("UTMParameters.content", lambda o: None)
field("UTMParameters.term", lambda o: None)
field("LineItem.refundableQuantity", lambda n: n.current_quantity)
field("LineItem.taxable", lambda n: not n.is_gift_card)
field("LineItem.requiresShipping", lambda n: not n.is_gift_card)
field("LineItem.sellingPlan", lambda n: n.plan)
field("LineItemSellingPlan.name", lambda p: p[0])
field("LineItemSellingPlan.sellingPlanId",
      lambda p: "gid://shopify/SellingPlan/%d" % p[1])
field("RefundLineItem.lineItem", lambda e: e.line)
field("RefundLineItem.restocked", lambda e: e.restock_type in ("RETURN", "CANCEL"))
field("RefundLineItem.location", lambda e: None)
field("Customer.displayName", lambda c: " ".join(
    n for n in (c.first_name, c.last_name) if n) or c.email or "")
field("Customer.email", lambda c: c.email)
field("Customer.tags", lambda c: list(c.tags))
field("Customer.lastOrder", lambda c: c.orders[c.number_of_orders - 1]
      if c.number_of_orders and len(c.orders) >= c.number_of_orders else None)
field("Customer.productSubscriberStatus", lambda c: c.subscriber_status)
field("Customer.locale", lambda c: "en")
field("Customer.taxExempt", lambda c: False)
field("Customer.verifiedEmail", lambda c: c.email is not None)
field("Customer.defaultEmailAddress", lambda c: None if c.email is None else c)
field("CustomerEmailAddress.emailAddress", lambda c: c.email)
field("CustomerEmailAddress.marketingUpdatedAt", lambda c: stamp(c.marketing_at))
field("CustomerEmailAddress.marketingOptInLevel", lambda c: opt_in(c.marketing_at))
field("CustomerPhoneNumber.marketingState", lambda c: c.sms_state)
field("CustomerPhoneNumber.marketingUpdatedAt", lambda c: stamp(c.sms_at))
field("CustomerPhoneNumber.marketingOptInLevel", lambda c: opt_in(c.sms_at))
field("CustomerEmailAddress.validFormat", lambda c: "@" in c.email)
field("Customer.defaultPhoneNumber", lambda c: None if c.phone is None else c)
field("CustomerPhoneNumber.phoneNumber", lambda c: c.phone)
RESOLVERS[("Customer", "amountSpent")] = lambda c, a, ctx: money(c.amount_spent, c, ctx)


def opt_in(at):
    return None if at is None else "SINGLE_OPT_IN"


def address(customer):
    if customer is None or customer.city is None:
        return None
    return Plain("MailingAddress", id=customer.id + 7, city=customer.city,
                 province=customer.province_code,
                 province_code=customer.province_code,
                 country=customer.country_code,
                 country_code_v2=customer.country_code, zip=customer.zip)


field("Customer.defaultAddress", address)
field("MailingAddress.countryCodeV2", lambda p: p.country_code_v2)
field("Product.tags", lambda p: list(p.tags))
field("Product.tracksInventory", lambda p: not p.is_gift_card)
field("Product.variantsCount", lambda p: Plain(
    "Count", count=len(p.variants), precision="EXACT"))
field("ProductVariant.inventoryItem", lambda v: v.item)
field("ProductVariant.inventoryPolicy", lambda v: "DENY")
field("ProductVariant.taxable", lambda v: True)
field("ProductVariant.availableForSale", lambda v: True)
field("ProductVariant.sellableOnlineQuantity", lambda v: v.inventory_quantity or 0)
RESOLVERS[("InventoryItem", "unitCost")] = lambda i, a, ctx: \
    None if i.unit_cost is None else money(i.unit_cost, i, ctx)
field("Location.isPrimary", lambda p: p.id % 10 == 1)
field("Location.fulfillsOnlineOrders", lambda p: True)
field("Location.shipsInventory", lambda p: True)
field("SubscriptionContract.currencyCode", lambda c: c.currency)
field("SubscriptionContract.billingPolicy", lambda c: c)
field("SubscriptionContract.deliveryPolicy", lambda c: c)
field("SubscriptionContract.lineCount", lambda c: len(c.lines))
field("SubscriptionContract.note", lambda c: None)
RESOLVERS[("SubscriptionContract", "deliveryPrice")] = \
    lambda c, a, ctx: money(0, c, ctx)
field("SubscriptionLine.title", lambda n: n.variant.product.title)
field("SubscriptionLine.variantTitle", lambda n: n.variant.title)
field("SubscriptionLine.sku", lambda n: n.variant.sku)
field("SubscriptionLine.sellingPlanName", lambda n: n.plan[0])
field("SubscriptionLine.sellingPlanId",
      lambda n: "gid://shopify/SellingPlan/%d" % n.plan[1])
field("SubscriptionLine.variantId", lambda n: gid(n.variant))
field("SubscriptionLine.productId", lambda n: gid(n.variant.product))
for _name in ("currentPrice", "lineDiscountedPrice"):
    RESOLVERS[("SubscriptionLine", _name)] = \
        lambda n, a, ctx: money(n.price, n, ctx)
