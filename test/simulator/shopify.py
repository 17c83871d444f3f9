"""Shopify's Admin API: GraphQL over one address, and its token grant.

Knobs (POST /_control/set, service "shopify"):
  bucket, restore     the cost bucket (default 2,000,000 and 100,000 a second)
  plan                or that of a plan: standard, advanced, plus, enterprise
  max_cost            of one query (default 1000)
  scopes              the granted scopes (default: all momentum asks for, but
                      no read_reports in the world uci, which knows no visits);
                      without read_all_orders only 60 days of orders are seen
  cursor_seconds      how long a page cursor lives (default: for ever)
  token_seconds       how long a token of the client grant lives (86399)
  token               the static token (default shpat_test)
Those of bulk operations stand in the head of shopify_bulk.py.
"""

import collections
import gc
import gzip
import json
import os
import re
import time

import shopify_bulk
import shopify_ql
import shopify_types
import uci
from graphql import Problem, Schema
from graphql_run import Operation, undefined
from kit import Response, Service, longest_list
from shopdata import Shop
from shopify_cost import MOST, Bucket, query_cost
from shopify_schema import schema_text
from shopify_types import Plain, resolver

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
MORE_VERSIONS = ("2027-01", "unstable")
ALL_SCOPES = ("read_orders", "read_all_orders", "read_customers", "read_products",
              "read_inventory", "read_locations", "read_reports",
              "read_own_subscription_contracts", "read_marketing_events")
GRANT_ID, GRANT_SECRET = "sim_client", "sim_secret"
STATIC_TOKEN = "shpat_test"
KEPT = 200                               # compiled documents
KEPT_TEXTS = 6                           # selections whose records are kept as text


class Context:
    """What one execution carries along."""

    def __init__(self, service):
        self.service = service
        self.shop = service.shop
        self.variables = {}
        self.path = []
        self.errors = []
        self.searches = []
        self.raw = []                    # (mark, JSON text) to splice in
        self.size = None                 # records of the longest list

    def splice(self, texts):
        """A mark that stands for a JSON list of these texts."""
        name = "\u0001list %d" % len(self.raw)
        self.raw.append((name, "[" + ",".join(texts) + "]"))
        self.size = max(self.size or 0, len(texts))
        return name

PLANS = {"standard": 100, "advanced": 200, "plus": 1000, "enterprise": 2000}   # points a second


class Shopify(Service):
    name = "shopify"
    worlds = ("story", "small", "uci", "empty", "big")

    def __init__(self, world):
        super().__init__(world)
        self.schema = Schema(schema_text(), shopify_types.RESOLVERS,
                             shopify_types.WIRES, shopify_types.type_of,
                             unknown_field)
        self.shop = make_shop(world)
        gc.freeze()                      # the records stay: no need to walk them
        self.operations = {}
        self.written = {}
        self.edits = []                  # (record, field, value before)
        self.reset()

    def reset(self):
        for record, name, value in reversed(self.edits):
            setattr(record, name, value)
        if self.edits:
            self.edits = []
            self.forget_written()
        self.bucket = Bucket()
        self.spent = collections.deque(maxlen=50000)     # (time, asked, taken)
        self.tokens = {}                 # token -> when it ends
        self.granted = 0
        self.jobs = shopify_bulk.Jobs(self)

    def context(self):
        return Context(self)

    def now(self):
        return self.shop.clock() if self.shop.clock else int(time.time())

    # -- requests --------------------------------------------------------------

    def handle(self, request):
        if self.shop is None:
            return Response(404, {"errors": "the simulator has no data for "
                                            "world %s" % self.world.name})
        if request.path == "/admin/oauth/access_token":
            return self.grant(request)
        found = re.fullmatch(r"/admin/api/([\w-]+)/graphql\.json", request.path)
        if request.path == "/admin/oauth/access_scopes.json":
            return self.refused(request) or Response(200, {
                "access_scopes": [{"handle": s} for s in self.scopes()]})
        if not found:
            return Response(404, {"errors": "Not Found"})
        version = served_version(found.group(1))
        if version is None:
            return Response(404, {"errors": "Not Found"})
        response = self.refused(request) or self.graphql(request)
        response.headers["X-Shopify-API-Version"] = version
        response.headers["X-Request-Id"] = "sim-%d-%d" % (
            request.connection, time.monotonic_ns())
        return response

    def refused(self, request):
        """An answer for a wrong token, or None when it is right."""
        token = request.headers.get("x-shopify-access-token", "")
        if token == self.knob("token", STATIC_TOKEN):
            return None
        if self.tokens.get(token, 0) > time.time():
            return None
        return Response(401, {"errors": "[API] Invalid API key or access token "
                                        "(unrecognized login or wrong password)"})

    def grant(self, request):
        """The client credentials grant."""
        if request.method != "POST":
            return Response(404, {"errors": "Not Found"})
        try:
            form = request.form()
        except ValueError:
            form = {}
        if form.get("grant_type") != "client_credentials":
            return Response(400, {"error": "unsupported_grant_type",
                                  "error_description": "The grant type is not supported."})
        if form.get("client_id") != GRANT_ID \
                or form.get("client_secret") != GRANT_SECRET:
            return Response(400, {"error": "invalid_client",
                                  "error_description": "Client authentication failed."})
        seconds = self.knob("token_seconds", 86399)
        with self.lock:
            self.granted += 1
            token = "shpat_granted_%d" % self.granted
            self.tokens[token] = time.time() + seconds
        return Response(200, {"access_token": token,
                              "scope": ",".join(self.scopes()),
                              "expires_in": seconds})

    def graphql(self, request):
        if request.method != "POST":
            return Response(404, {"errors": "Not Found"})
        try:
            body = request.json()
            document = body["query"]
            if not isinstance(document, str):
                raise ValueError("query")
        except (ValueError, KeyError, TypeError):
            return Response(400, {"errors": {
                "query": "Required parameter missing or invalid"}})
        return self.execute(document, body.get("variables") or {},
                            body.get("operationName"))

    # -- execution -------------------------------------------------------------

    def execute(self, document, variables, operation_name):
        ctx = Context(self)
        size, rate = self.limits()
        try:
            operation = self.compile(document, operation_name)
            cost = query_cost(operation, operation.values(variables))
            if cost > self.knob("max_cost", MOST):
                return too_costly(cost, self.knob("max_cost", MOST))
            if not self.bucket.take(cost, size, rate):
                self.spent.append((time.time(), cost, None))
                return self.throttled(cost)
            data = operation.run(ctx.shop, ctx, variables)
        except Problem as problem:
            return Response(200, {"errors": [problem.entry]})
        actual = min(cost, actual_cost(cost, ctx))
        self.bucket.give_back(cost - actual, size)
        self.spent.append((time.time(), cost, actual))
        answer = {"data": data}
        if ctx.errors:
            answer["errors"] = ctx.errors
        answer["extensions"] = {"cost": {
            "requestedQueryCost": cost, "actualQueryCost": actual,
            "throttleStatus": self.bucket.status(size, rate)}}
        if ctx.searches:
            answer["extensions"]["search"] = ctx.searches
        return spliced(answer, ctx.raw)

    def compile(self, document, operation_name):
        key = (document, operation_name)
        operation = self.operations.get(key)
        if operation is None:
            operation = Operation(self.schema, document, operation_name)
            if len(self.operations) >= KEPT:
                self.operations.clear()
            self.operations[key] = operation
        return operation

    def texts(self, inner, variables):
        """Record -> JSON for a selection; only the latest few are kept."""
        key = (inner, tuple((name, repr(variables.get(name)))
                            for name in sorted(inner.uses)))
        with self.lock:
            if key not in self.written:
                while len(self.written) >= KEPT_TEXTS:
                    self.written.pop(next(iter(self.written)))
                self.written[key] = {}
            return self.written[key]

    def edit(self, record, name, value):
        self.edits.append((record, name, getattr(record, name)))
        setattr(record, name, value)

    def forget_written(self):
        """Sorted lists and texts of records that have changed."""
        self.shop.forget_sorted()
        self.written = {}

    def scopes(self):
        usual = ALL_SCOPES
        if self.world.name == "uci":         # nothing is known of its visits
            usual = [s for s in ALL_SCOPES if s != "read_reports"]
        return list(self.knob("scopes", usual))

    def short_sighted(self):
        """Whether only the last 60 days of orders may be seen."""
        return "read_all_orders" not in self.scopes()

    # -- faults ----------------------------------------------------------------

    def cost_of(self, request):
        body = request.json()
        operation = self.compile(body["query"], body.get("operationName"))
        return query_cost(operation, operation.values(body.get("variables") or {}))

    def limits(self):
        """Size of the cost bucket, and points restored a second."""
        rate = PLANS.get(self.knob("plan"))
        size, rate = (20 * rate, rate) if rate else (2000000, 100000)
        return self.knob("bucket", size), self.knob("restore", rate)

    def throttled(self, cost):
        size, rate = self.limits()
        return Response(200, {
            "errors": [{"message": "Throttled", "extensions": {
                "code": "THROTTLED", "documentation":
                "https://shopify.dev/api/usage/rate-limits"}}],
            "extensions": {"cost": {
                "requestedQueryCost": cost, "actualQueryCost": None,
                "throttleStatus": self.bucket.status(size, rate)}}})

    def throttle_response(self, request, args):
        """THROTTLED; "wait" seconds until so much has been restored; 0: the bucket as it is."""
        if float(args.get("wait", 0.2)) == 0:
            return self.throttled(self.cost_of(request))
        response = self.throttled(100)
        value = json.loads(response.body)
        status = value["extensions"]["cost"]["throttleStatus"]
        rate = float(args.get("restore", 100.0))
        status.update(maximumAvailable=2000.0, restoreRate=rate,
                      currentlyAvailable=100 - rate * float(args.get("wait", 0.2)))
        return Response(200, value)

    def transient_response(self, request, args):
        return Response(200, {"errors": [{
            "message": "Internal error. Looks like something went wrong on our end.",
            "extensions": {"code": "INTERNAL_SERVER_ERROR",
                           "requestId": "sim-%d" % time.monotonic_ns()}}]})

    def stale_cursor_response(self, request, args):
        return Response(200, {"errors": [{
            "message": "Invalid cursor for current pagination sort.",
            "path": ["orders"], "extensions": {"code": "BAD_REQUEST"}}]})

    def partial_response(self, request, args):
        """Half of the longest list, and an error that says it is not all."""
        response = self.handle(request)
        value = json.loads(response.body)
        where = longest_list(value)
        if where is not None:
            records = where[0][where[1]]
            del records[len(records) // 2:]
        value["errors"] = [{
            "message": "Internal error. Looks like something went wrong on our end.",
            "path": list(value.get("data") or {})[:1],
            "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
        return Response(200, value, response.headers)


def make_shop(world):
    if world.name == "story":
        return world.story.shop
    if world.name == "small":
        from small import build_shop
        return build_shop()
    if world.name == "uci":
        return uci.build_shop(world.sim.data_dir)
    if world.name == "big":
        from big import build_shop
        return build_shop()
    from story import ZONE
    return Shop(66000000001, "Empty Shop", "empty.myshopify.com", "USD", ZONE,
                1767225600)


def served_version(asked):
    """The version that answers: the oldest for those no longer served."""
    if asked in VERSIONS or asked in MORE_VERSIONS:
        return asked
    if re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and asked < VERSIONS[0]:
        return VERSIONS[0]
    return None


def too_costly(cost, most):
    return Response(200, {"errors": [{
        "message": "Query cost is %d, which exceeds the single query max cost limit (%d)."
                   % (cost, most),
        "extensions": {"code": "MAX_COST_EXCEEDED", "cost": cost,
                       "maxCost": most, "documentation":
                       "https://shopify.dev/api/usage/rate-limits"}}]})


def actual_cost(cost, ctx):
    """About what the records found are worth of what was asked for."""
    if ctx.size is None:
        return cost
    return max(1, cost * min(11, ctx.size) // 11)


def spliced(answer, raw):
    """The answer as JSON, with lists rendered beforehand put in their place."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    for mark, rendered in raw:
        text = text.replace(json.dumps(mark), rendered, 1)
    return Response(200, text.encode("utf-8"),
                    {"Content-Type": "application/json; charset=utf-8"})


# -- scopes and ShopifyQL -------------------------------------------------------

def guarded(name, scope, resolve):
    """A root field that needs a scope: null and an error without it."""
    def guard(obj, args, ctx):
        if scope in ctx.service.scopes():
            return resolve(obj, args, ctx)
        ctx.errors.append({
            "message": "Access denied for %s field. Required access: `%s` access scope."
                       % (name, scope),
            "locations": [{"line": 1, "column": 1}], "path": list(ctx.path) or [name],
            "extensions": {"code": "ACCESS_DENIED",
                           "documentation": "https://shopify.dev/api/usage/access-scopes",
                           "requiredAccess": "`%s` access scope." % scope}})
        return None
    return guard


@resolver("QueryRoot.shopifyqlQuery")
def shopifyql(obj, args, ctx):
    shop = ctx.shop
    if shop.sessions_of is None:
        by_day = {day.day: day for day in shop.sessions}
        shop.sessions_of = by_day.get
    try:
        columns, rows = shopify_ql.run(args["query"], shop.sessions_of,
                                       ctx.service.world.today)
    except shopify_ql.ParseError as problem:
        return Plain("ShopifyqlQueryResponse", parse_errors=[str(problem)],
                     table_data=None)
    return Plain("ShopifyqlQueryResponse", parse_errors=[], table_data=Plain(
        "ShopifyqlTableData", rows=rows, columns=[Plain(
            "ShopifyqlTableDataColumn", name=c["name"], data_type=c["dataType"],
            display_name=c["displayName"], sub_type=c["subType"])
            for c in columns]))


@resolver("QueryRoot.shop")
def the_shop(obj, args, ctx):
    return ctx.shop


@resolver("QueryRoot.currentAppInstallation")
def installation(obj, args, ctx):
    return Plain("AppInstallation", id="gid://shopify/AppInstallation/1",
                 access_scopes=[Plain("AccessScope", handle=scope,
                                      description=scope.replace("_", " "))
                                for scope in ctx.service.scopes()])


for _name, _scope in shopify_types.SCOPES.items():
    _key = ("QueryRoot", _name)
    shopify_types.RESOLVERS[_key] = guarded(_name, _scope,
                                            shopify_types.RESOLVERS[_key])


# -- strictness -------------------------------------------------------------------

_real = None


def real_fields():
    """type -> field names of the service's own schema, if it is at hand."""
    global _real
    if _real is None:
        here = os.path.dirname(os.path.abspath(__file__))
        specs = os.environ.get("MOMENTUM_SPECS") or os.path.join(
            here, "..", "..", "..", "shared", "specs")
        path = os.path.join(specs, "shopify-admin-2026-07.json.gz")
        _real = {}
        if os.path.exists(path):
            with gzip.open(path) as stream:
                found = json.load(stream)
            schema = found.get("data", found)["__schema"]
            _real = {kind["name"]: {f["name"] for f in kind["fields"] or ()}
                     for kind in schema["types"]}
    return _real


def unknown_field(type_name, field_name, at, path):
    """The service's error; but own up to fields it has and we do not."""
    if field_name in real_fields().get(type_name, ()):
        return Problem("the simulator does not serve field '%s' of type '%s'"
                       % (field_name, type_name), "NOT_SIMULATED", at, path)
    return undefined(type_name, field_name, at, path)


# -- control ------------------------------------------------------------------------

EDITABLE = ("updated_at", "processed_at", "cancelled_at", "note", "shipping", "currency")


def edit_order(sim, request):
    """Edit an order as the shop would: {world, id, field: value ...}, until reset.

    Instants are seconds since 1970; "price" is that of its first line.
    """
    spec = json.loads(request.body)
    service = sim.worlds[spec.pop("world", "small")].service("shopify")
    order = service.shop.by_id("orders", spec.pop("id"))
    if order is None:
        raise ValueError("no such order")
    for name in spec:
        if name not in EDITABLE + ("price",):
            raise ValueError("cannot edit %r; can: %s, price" % (name, ", ".join(EDITABLE)))
    with service.lock:
        for name, value in spec.items():
            service.edit(order.lines[0] if name == "price" else order, name, value)
        service.forget_written()
    return {"updated_at": order.updated_at}


def show_spent(sim, request):
    """What the bucket of a world was charged: time, points asked for, points taken."""
    return list(sim.worlds[request.param("world", "small")].service("shopify").spent)


SERVICES = [Shopify]
CONTROLS = {**uci.CONTROLS, "order": edit_order, "spent": show_spent}
