#!/usr/bin/python3
"""The simulator checked against itself and against the service's own words.

    python3 test/simulator/test_simulator.py

Tests that need a folder outside the project (the real shop, the service's
introspection) say aloud that they are skipped where it is missing.
"""

import contextlib
import datetime
import email.utils
import gzip
import http.client
import io
import json
import os
import socket
import sys
import threading
import time
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import main                                                       # noqa: E402
import shopify_cost                                               # noqa: E402
import uci                                                        # noqa: E402
from graphql import Parser                                        # noqa: E402
from shopify_schema import schema_text                            # noqa: E402

TODAY = "2026-11-20"
PATH = "/shopify/admin/api/2026-07/graphql.json"
TOKEN = {"X-Shopify-Access-Token": "shpat_test",
         "Content-Type": "application/json"}
ORDERS = """query O($first: Int!, $after: String, $q: String) {
  orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id name updatedAt createdAt totalPriceSet { shopMoney { amount } } } } }"""


class Case(unittest.TestCase):
    """One simulator for all tests; each starts from a fresh state."""

    @classmethod
    def setUpClass(cls):
        if not hasattr(Case, "sim"):
            Case.sim = main.build(main.arguments(["--today", TODAY]))
            threading.Thread(target=Case.sim.serve_forever, daemon=True).start()

    def setUp(self):
        self.sim.reset()
        self.client = http.client.HTTPConnection("127.0.0.1", self.sim.port,
                                                 timeout=180)
        self.addCleanup(self.client.close)

    def call(self, path, body=None, headers=None, method=None):
        self.client.request(method or ("GET" if body is None else "POST"), path,
                            body, headers or {})
        answer = self.client.getresponse()
        return answer.status, answer.headers, answer.read()

    def control(self, what, **values):
        status, _, body = self.call("/_control/" + what, json.dumps(values))
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def query(self, world, document, **variables):
        status, headers, body = self.call(
            "/" + world + PATH,
            json.dumps({"query": document, "variables": variables}), TOKEN)
        self.assertEqual(status, 200, body)
        self.assertEqual(headers["X-Shopify-API-Version"], "2026-07")
        return json.loads(body)

    def data(self, world, document, **variables):
        answer = self.query(world, document, **variables)
        self.assertNotIn("errors", answer)
        return answer["data"]

    def code(self, document, **variables):
        answer = self.query("small", document, **variables)
        self.assertNotIn("data", answer)
        return answer["errors"][0]["extensions"]["code"]

    def all_orders(self, world, first, q=None):
        found, after = [], None
        while True:
            page = self.data(world, ORDERS, first=first, after=after, q=q)["orders"]
            found += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found


class Paging(Case):
    def test_every_order_once_across_equal_times(self):
        whole = self.all_orders("small", 250)
        for first in (1, 2, 3, 5):
            self.assertEqual(self.all_orders("small", first), whole)
        times = [order["updatedAt"] for order in whole]
        self.assertEqual(times, sorted(times))
        self.assertEqual(times.count("2026-03-10T12:00:00Z"), 4)

    def test_reverse_last_and_before(self):
        ids = [o["id"] for o in self.all_orders("small", 250)]
        page = """{orders(%s, sortKey: UPDATED_AT) {
            edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } }"""
        back = self.data("small", page % "first: 4, reverse: true")["orders"]
        self.assertEqual([e["node"]["id"] for e in back["edges"]], ids[:-5:-1])
        last = self.data("small", page % "last: 3")["orders"]
        self.assertEqual([e["node"]["id"] for e in last["edges"]], ids[-3:])
        self.assertTrue(last["pageInfo"]["hasPreviousPage"])
        cursor = last["edges"][0]["cursor"]
        before = self.data("small", page % ('last: 3, before: "%s"' % cursor))["orders"]
        self.assertEqual([e["node"]["id"] for e in before["edges"]], ids[-6:-3])

    def test_nested_lines_are_followed_by_id(self):
        document = """query L($id: ID!, $after: String) { order(id: $id) {
            lineItems(first: 50, after: $after) { nodes { id }
                pageInfo { hasNextPage endCursor } } } }"""
        first = self.data("small", document, id="gid://shopify/Order/11005")
        lines = first["order"]["lineItems"]
        self.assertTrue(lines["pageInfo"]["hasNextPage"])
        rest = self.data("small", document, id="gid://shopify/Order/11005",
                         after=lines["pageInfo"]["endCursor"])["order"]["lineItems"]
        ids = {line["id"] for line in lines["nodes"] + rest["nodes"]}
        self.assertEqual((len(lines["nodes"]), len(ids)), (50, 60))
        self.assertFalse(rest["pageInfo"]["hasNextPage"])

    def test_refund_lines_and_levels_by_node(self):
        refund = self.data("small", """{ refund(id: "gid://shopify/Refund/30002") {
            refundLineItems(first: 20) { nodes { id } pageInfo { hasNextPage } } } }""")
        self.assertTrue(refund["refund"]["refundLineItems"]["pageInfo"]["hasNextPage"])
        node = self.data("small", """{ node(id: "gid://shopify/InventoryItem/4001") {
            __typename id ... on InventoryItem {
                inventoryLevels(first: 250, includeInactive: true) { nodes { id isActive
                    quantities(names: ["available"]) { name quantity } } } } } }""")["node"]
        self.assertEqual(node["__typename"], "InventoryItem")
        levels = node["inventoryLevels"]["nodes"]
        self.assertEqual([len(levels), sum(v["isActive"] for v in levels)], [23, 22])
        self.assertTrue(levels[0]["id"].endswith("?inventory_item_id=4001"))

    def test_cursors_are_opaque_and_can_go_stale(self):
        self.assertEqual(self.code(ORDERS, first=2, after="page2"), "BAD_REQUEST")
        cursor = self.data("small", ORDERS, first=2)["orders"]["pageInfo"]["endCursor"]
        other = ORDERS.replace("UPDATED_AT", "CREATED_AT")
        self.assertEqual(self.code(other, first=2, after=cursor), "BAD_REQUEST")
        self.control("set", world="small", service="shopify", cursor_seconds=0)
        cursor = self.data("small", ORDERS, first=2)["orders"]["pageInfo"]["endCursor"]
        time.sleep(0.01)
        self.assertEqual(self.code(ORDERS, first=2, after=cursor), "BAD_REQUEST")

    def test_first_is_bounded(self):
        for first in (0, 251):
            self.assertEqual(self.code(ORDERS, first=first), "BAD_REQUEST")
        self.assertEqual(self.code("{orders {nodes {id}}}"), "BAD_REQUEST")

    def test_big_is_complete_and_fast(self):
        started = time.monotonic()
        ids, after, pages = set(), None, 0
        while pages < 20:
            page = self.data("big", ORDERS, first=250, after=after)["orders"]
            ids |= {node["id"] for node in page["nodes"]}
            after, pages = page["pageInfo"]["endCursor"], pages + 1
        self.assertEqual(len(ids), 5000)
        self.assertLess(time.monotonic() - started, 60)
        day = "updated_at:>='2024-02-01T00:00:00Z' updated_at:<'2024-02-02T00:00:00Z'"
        self.assertEqual(len(self.all_orders("big", 100, day)), 144)
        one = self.data("big", "{order(id: \"%s\") {id lineItems(first: 5) {nodes {id}}}}"
                        % min(ids))["order"]
        page = self.data("big", "{orders(first: 1, query: \"created_at:<'2024-01-01T00:01:00Z'\")"
                                "{nodes {id lineItems(first: 5) {nodes {id}}}}}")
        self.assertEqual(page["orders"]["nodes"], [one])


class Filters(Case):
    def names(self, q):
        return sorted(o["name"] for o in self.all_orders("small", 50, q))

    def test_bounds_are_exact_to_the_second(self):
        at = "2026-03-10T12:00:00Z"
        self.assertEqual(len(self.names("updated_at:>='%s' updated_at:<='%s'" % (at, at))), 4)
        self.assertEqual(self.names("updated_at:>'%s' AND updated_at:<'2026-03-20T00:00:00Z'"
                                    % at), ["#1013"])
        self.assertEqual(self.names("updated_at:'2026-03-17T03:30:00Z'"), ["#1013"])

    def test_words(self):
        self.assertEqual(self.names("test:true"), ["#1003"])
        self.assertEqual(self.names("status:cancelled OR tag:'vip' OR name:#1014"),
                         ["#1004", "#1014"])
        self.assertEqual(self.names("financial_status:pending"), ["#1010"])
        self.assertEqual(self.names("-financial_status:paid -status:cancelled"),
                         ["#1005", "#1010", "#1013"])
        self.assertEqual(self.names("(sku:BR-1 OR sku:SH-16) AND customer_id:7002"),
                         ["#1004", "#1011", "#1012"])
        self.assertEqual(self.names("id:11001"), ["#1001"])

    def test_what_is_not_understood_is_left_out_and_said(self):
        everything = self.query("small", ORDERS, first=50)
        for q in ("updated_at:>=2026-03-01T00:00:00Z", "colour:red",
                  "updated_at:>='yesterday noon'"):
            answer = self.query("small", ORDERS, first=50, q=q)
            self.assertEqual(answer["data"], everything["data"])
            warning = answer["extensions"]["search"][0]["warnings"][0]
            self.assertEqual(warning["code"], "invalid_field")
        self.assertNotIn("search", everything["extensions"])

    def test_customers_are_found_by_whole_days(self):
        document = "query C($q: String) {customers(first: 50, query: $q) {nodes {id}}}"
        for q, count in (("updated_at:>='2026-03-04T23:59:00Z'", 3),
                         ("updated_at:<'2026-03-04T00:00:01Z'", 4),
                         ("updated_at:<'2026-03-04T00:00:00Z'", 3)):
            self.assertEqual(len(self.data("small", document, q=q)["customers"]["nodes"]),
                             count, q)

    def test_counts(self):
        def count(arguments, field="ordersCount"):
            return self.data("small", "{%s%s {count precision}}" % (field, arguments))[field]
        self.assertEqual(count("(limit: null)"), {"count": 14, "precision": "EXACT"})
        self.assertEqual(count("(limit: 5)"), {"count": 5, "precision": "AT_LEAST"})
        self.assertEqual(count("(query: \"test:true\")")["count"], 1)
        self.assertEqual(count("(query: \"sku:BR-1\")", "productVariantsCount")["count"], 5)


class Documents(Case):
    def test_errors_in_the_services_words(self):
        for document, code in (
                ("{orders(first: 1) {nodes {bogus}}}", "undefinedField"),
                ("{bogus}", "undefinedField"),
                ("{orders(first: 1, bogus: 2) {nodes {id}}}", "argumentNotAccepted"),
                ("{orders(first: 1, sortKey: BOGUS) {nodes {id}}}",
                 "argumentLiteralsIncompatible"),
                ("{orders(first: \"1\") {nodes {id}}}", "argumentLiteralsIncompatible"),
                ("{order {id}}", "missingRequiredArguments"),
                ("{orders(first: 1)}", "selectionMismatch"),
                ("{shop {name {x}}}", "selectionMismatch"),
                ("{orders(first: $n) {nodes {id}}}", "variableNotDefined"),
                ("query($n: Int) {shop {id}}", "variableNotUsed"),
                ("query($n: String) {orders(first: $n) {nodes {id}}}", "variableMismatch"),
                ("query($n: Int!) {orders(first: $n) {nodes {id}}}", "INVALID_VARIABLE"),
                ("{shop {...F}} fragment G on Shop {id}", "useAndDefineFragment"),
                ("{shop {id}", "GRAPHQL_PARSE_FAILED"),
                ("mutation {x}", "undefinedField")):
            self.assertEqual(self.code(document), code, document)

    def test_aliases_fragments_directives_and_merged_fields(self):
        data = self.data("small", """query A($yes: Boolean!) {
            a: order(id: "gid://shopify/Order/11001") { ...F name @skip(if: $yes) }
            b: order(id: "gid://shopify/Order/11002") {
               total: totalPriceSet { shopMoney { amount } }
               total: totalPriceSet { shopMoney { currencyCode } } customer { id } } }
            fragment F on Order { test tags @include(if: $yes) }""", yes=True)
        self.assertEqual(data, {
            "a": {"test": False, "tags": ["first", "a, b"]},
            "b": {"total": {"shopMoney": {"amount": "25.0", "currencyCode": "USD"}},
                  "customer": None}})

    def test_wire_forms(self):
        order = self.data("small", """{ orders(first: 9, sortKey: UPDATED_AT, query:
            "name:#1008 OR name:#1009 OR name:#1010") { nodes { id legacyResourceId totalTaxSet {
            shopMoney { amount } } totalPriceSet { shopMoney { amount } } processedAt
            customer { numberOfOrders } } } }""")["orders"]["nodes"]
        self.assertEqual(order[0]["legacyResourceId"], "9223372036854775806")
        self.assertEqual(order[1]["totalPriceSet"]["shopMoney"]["amount"], "37.0468")
        self.assertEqual(order[1]["customer"], {"numberOfOrders": "4"})
        self.assertEqual(order[2]["totalTaxSet"], None)
        self.assertEqual(order[2]["processedAt"], "2026-01-01T00:00:00Z")

    def test_cost_meets_the_measured_points(self):
        service = self.sim.worlds["small"].service("shopify")
        for document, cost in (
                ("{orders(first: 250) {nodes {id name}}}", 13),
                ("{orders(first: 250) {nodes {id lineItems(first: 250) {nodes {id}}}}}", 156),
                ("{products(first: 250) {edges {node {id variantsCount {count} "
                 "variants(first: 250) {nodes {id}}}}}}", 167)):
            operation = service.compile(document, None)
            self.assertEqual(shopify_cost.query_cost(operation, {}), cost, document)

    def test_too_costly_and_throttled(self):
        lines = ("{orders(first: 250) {nodes {lineItems(first: 250) {nodes {id "
                 "totalDiscountSet {shopMoney {amount}} originalUnitPriceSet {shopMoney {amount}} "
                 "discountedTotalSet {shopMoney {amount}} product {id} variant {id}}}}}}")
        answer = self.query("small", lines)
        self.assertEqual(answer["errors"][0]["extensions"]["code"], "MAX_COST_EXCEEDED")
        self.assertNotIn("extensions", answer)
        self.control("set", world="small", service="shopify", bucket=40, restore=0.001)
        self.data("small", ORDERS, first=250)            # charged by what it found
        codes = [self.query("small", ORDERS, first=100) for _ in range(9)]
        throttled = [a for a in codes if "errors" in a]
        self.assertTrue(throttled)
        self.assertEqual(throttled[0]["errors"][0]["extensions"]["code"], "THROTTLED")
        self.assertIsNone(throttled[0]["extensions"]["cost"]["actualQueryCost"])

    def test_schema_is_the_services_own(self):
        path = os.path.join(os.environ.get("MOMENTUM_SPECS") or os.path.join(
            main.HERE, "..", "..", "..", "shared", "specs"), "shopify-admin-2026-07.json.gz")
        if not os.path.exists(path):
            self.skipTest("no introspection at MOMENTUM_SPECS")
        with gzip.open(path) as stream:
            found = json.load(stream)
        real = {t["name"]: t for t in found.get("data", found)["__schema"]["types"]}
        types, enums = Parser(schema_text()).schema()
        for name, kind in types.items():
            fields = {f["name"]: f for f in real[name]["fields"]}
            for field in kind.fields.values():
                where = "%s.%s" % (name, field.name)
                self.assertIn(field.name, fields, where)
                self.assertEqual(text_of(fields[field.name]["type"]), field.text, where)
                have = {a["name"]: text_of(a["type"])
                        for a in fields[field.name]["args"]}
                for arg, (text, _) in field.args.items():
                    self.assertEqual(have.get(arg), text, where)
        for name, values in enums.items():
            self.assertEqual({v["name"] for v in real[name]["enumValues"]}, values)


def text_of(kind):
    if kind["kind"] == "NON_NULL":
        return text_of(kind["ofType"]) + "!"
    return "[%s]" % text_of(kind["ofType"]) if kind["kind"] == "LIST" else kind["name"]


class Access(Case):
    def post(self, headers, path="/small" + PATH, body='{"query": "{shop {id}}"}'):
        status, got, text = self.call(path, body, headers)
        return status, json.loads(text), got

    def test_token(self):
        self.assertEqual(self.post({})[0], 401)
        self.assertEqual(self.post({"Authorization": "Bearer shpat_test"})[0], 401)
        self.assertEqual(self.post(TOKEN, body="{}")[0], 400)
        self.assertEqual(self.post(TOKEN, "/small/shopify/admin/api/old/graphql.json")[0], 404)
        self.assertEqual(self.post(TOKEN, "/nowhere" + PATH)[0], 404)

    def test_old_versions_are_answered_by_the_oldest(self):
        headers = self.post(TOKEN, "/small/shopify/admin/api/2025-01/graphql.json")[2]
        self.assertEqual(headers["X-Shopify-API-Version"], "2026-01")

    def test_client_credentials(self):
        path = "/small/shopify/admin/oauth/access_token"
        form = "grant_type=client_credentials&client_id=sim_client&client_secret="
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _, body = self.call(path, form + "wrong", kind)
        self.assertEqual((status, json.loads(body)["error"]), (400, "invalid_client"))
        for seconds, answer in ((600, 200), (0.05, 401)):
            self.control("set", world="small", service="shopify", token_seconds=seconds)
            grant = json.loads(self.call(path, form + "sim_secret", kind)[2])
            time.sleep(0.1)
            self.assertEqual(self.post({**TOKEN, "X-Shopify-Access-Token":
                                        grant["access_token"]})[0], answer)
        self.assertNotIn("sim_secret", json.dumps(list(self.sim.log)))
        self.assertNotIn("shpat_", json.dumps(list(self.sim.log)))

    def test_a_missing_scope(self):
        self.control("set", world="small", service="shopify", scopes=["read_products"])
        answer = self.query("small", "{orders(first: 1) {nodes {id}} shop {name}}")
        self.assertEqual(answer["data"], {"orders": None, "shop": {"name": "Small Shop"}})
        self.assertEqual(answer["errors"][0]["extensions"]["code"], "ACCESS_DENIED")

    def test_sixty_days_without_read_all_orders(self):
        self.control("set", world="small", service="shopify", scopes=["read_orders"])
        oldest = min(o["createdAt"] for o in self.all_orders("small", 50))
        self.assertEqual(oldest, "2026-02-01T05:10:00Z")


class Sessions(Case):
    ASK = "query S($q: String!) {shopifyqlQuery(query: $q) {parseErrors tableData {" \
          "columns {name dataType} rows}}}"

    def ask(self, text, world="small"):
        return self.data(world, self.ASK, q=text)["shopifyqlQuery"]

    def test_days_and_cells(self):
        got = self.ask("FROM sessions SHOW sessions, conversion_rate TIMESERIES day "
                       "SINCE 2026-01-16 UNTIL 2026-01-18 ORDER BY day")["tableData"]
        self.assertEqual([c["name"] for c in got["columns"]],
                         ["day", "sessions", "conversion_rate"])
        self.assertEqual(got["rows"], [
            {"day": "2026-01-16", "sessions": "108", "conversion_rate": "0.0278"},
            {"day": "2026-01-17", "sessions": "0", "conversion_rate": "0"},
            {"day": "2026-01-18", "sessions": "114", "conversion_rate": "0.0263"}])
        grouped = self.ask("FROM sessions SHOW sessions GROUP BY day "
                           "SINCE 2026-01-16 UNTIL 2026-01-18 LIMIT 9")["tableData"]
        self.assertEqual(len(grouped["rows"]), 2)

    def test_parse_errors(self):
        for text in ("FROM visits SHOW sessions", "FROM sessions SHOW bogus TIMESERIES day",
                     "SHOW sessions FROM sessions", "FROM sessions SHOW sessions SINCE soon"):
            got = self.ask(text)
            self.assertTrue(got["parseErrors"])
            self.assertIsNone(got["tableData"])


class Faults(Case):
    URL = "/small" + PATH
    BODY = json.dumps({"query": ORDERS, "variables": {"first": 50}})

    def fault(self, kind, **args):
        self.control("fault", world="small", service="shopify", kind=kind, **args)

    def get(self):
        return self.call(self.URL, self.BODY, TOKEN)

    def orders(self):
        """The data of the usual answer (the cost beside it changes)."""
        return json.loads(self.get()[2])["data"]

    def test_answers(self):
        good = self.orders()
        self.fault("status", status=429, retry_after=3)
        self.fault("status", status=503, retry_after_date=5, after=1)
        status, headers, _ = self.get()
        self.assertEqual((status, headers["Retry-After"]), (429, "3"))
        self.assertEqual(self.orders(), good)
        status, headers, _ = self.get()
        when = email.utils.parsedate_to_datetime(headers["Retry-After"])
        self.assertEqual(status, 503)
        self.assertTrue(-60 < when.timestamp() - time.time() - 5 < 2)
        for kind, sign in (("throttle", b"THROTTLED"), ("transient", b"INTERNAL_SERVER"),
                           ("stale_cursor", b"Invalid cursor"), ("html", b"<html>")):
            self.fault(kind)
            self.assertIn(sign, self.get()[2])
        self.fault("partial")
        partial = json.loads(self.get()[2])
        self.assertTrue(partial["errors"])
        self.assertEqual(len(partial["data"]["orders"]["nodes"]), 7)
        self.fault("bad_json")
        with self.assertRaises(ValueError):
            json.loads(self.get()[2])
        self.fault("redirect", to="/elsewhere")
        self.assertEqual(self.get()[1]["Location"], "/elsewhere")
        self.assertEqual(self.orders(), good)

    def test_match_times_and_unknown_kind(self):
        self.fault("status", match="orders(first", times=2)
        self.data("small", "{shop {id}}")
        self.assertEqual([self.get()[0] for _ in range(3)], [503, 503, 200])
        status, _, body = self.call("/_control/fault", '{"kind": "gremlin"}')
        self.assertEqual(status, 400)
        self.assertIn(b"known: status", body)

    def test_huge_is_valid(self):
        self.fault("huge", mb=3)
        body = self.get()[2]
        self.assertGreater(len(body), 3 << 20)
        self.assertGreater(len(json.loads(body)["data"]["orders"]["nodes"]), 1000)
        self.fault("huge", mb=1, record=True)
        self.assertEqual(len(json.loads(self.get()[2])["data"]["orders"]["nodes"]), 14)

    def test_wire(self):
        good = self.orders()
        self.fault("drip", bytes=7, ms=0, headers=True)
        self.assertEqual(self.orders(), good)
        started = time.monotonic()
        self.fault("delay", ms=200)
        self.assertEqual(self.orders(), good)
        self.assertGreaterEqual(time.monotonic() - started, 0.2)
        self.fault("cut", bytes=100)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.get()
        self.assertEqual(len(caught.exception.partial), 100)
        self.client.close()
        self.fault("cut", bytes=100, rst=True)
        with self.assertRaises((ConnectionError, http.client.IncompleteRead)):
            self.get()
        self.client.close()

    def test_stalls_last_until_reset(self):
        for kind, args in (("stall_headers", {}), ("stall_body", {"bytes": 10})):
            self.fault(kind, **args)
            self.client.close()
            self.client = http.client.HTTPConnection("127.0.0.1", self.sim.port, timeout=0.3)
            with self.assertRaises(socket.timeout):
                self.get()
            self.client.close()
        self.client = http.client.HTTPConnection("127.0.0.1", self.sim.port, timeout=180)
        self.fault("stall_headers")
        threading.Timer(2, self.sim.reset).start()
        with self.assertRaises((http.client.BadStatusLine, ConnectionError)):
            self.get()
        self.client.close()

    def test_keep_alive_gzip_and_log(self):
        good = self.orders()
        status, headers, body = self.call(self.URL, self.BODY,
                                          {**TOKEN, "Accept-Encoding": "gzip"})
        self.assertEqual((status, headers["Content-Encoding"]), (200, "gzip"))
        self.assertEqual(json.loads(gzip.decompress(body))["data"], good)
        self.control("set", world="small", service="shopify", gzip=False)
        _, headers, body = self.call(self.URL, self.BODY,
                                     {**TOKEN, "Accept-Encoding": "gzip"})
        self.assertIsNone(headers["Content-Encoding"])
        self.assertEqual(json.loads(body)["data"], good)
        log = json.loads(self.call("/_control/log?world=small&match=graphql")[2])
        self.assertEqual(len({entry["connection"] for entry in log}), 1)
        self.assertEqual([entry["status"] for entry in log], [200] * 3)
        self.assertEqual(log[0]["headers"]["x-shopify-access-token"], "***")
        self.assertEqual(json.loads(self.call("/_control/count?world=big")[2]), {"count": 0})

    def test_chunked_request(self):
        self.client.request("POST", self.URL, iter([self.BODY[:20].encode(),
                                                    self.BODY[20:].encode()]), TOKEN,
                            encode_chunked=True)
        self.assertIn(b"#1001", self.client.getresponse().read())


class Tale(Case):
    """The story's services must agree with each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.story = cls.sim.worlds["story"].story

    def test_same_seed_same_story(self):
        from story import Story
        again = Story(self.story.today, self.story.seed)
        self.assertEqual([o.total_price for o in again.shop.orders],
                         [o.total_price for o in self.story.shop.orders])
        other = Story(self.story.today, self.story.seed + 1)
        self.assertNotEqual(len(again.shop.orders), len(other.shop.orders))

    def test_days_are_the_orders(self):
        story = self.story
        for back in (1, 2, 9, 200, 650):
            date = story.today - datetime.timedelta(days=back)
            start, end = story.midnight(date), story.midnight(
                date + datetime.timedelta(days=1))
            orders = [o for o in story.shop.orders if start <= o.processed_at < end
                      and not o.test and o.cancelled_at is None]
            returned = sum(e.subtotal for o in story.shop.orders
                           if o.cancelled_at is None for r in o.refunds
                           if start <= r.processed_at < end for e in r.lines)
            day = story.day(date)
            self.assertEqual(day.orders, len(orders))
            self.assertEqual(day.net, sum(o.subtotal_price for o in orders) - returned)
            self.assertEqual(day.returns, returned)
            self.assertLessEqual(day.completed_sessions, day.checkout_sessions)
            self.assertLessEqual(day.checkout_sessions, day.cart_sessions)
            self.assertLessEqual(day.cart_sessions, day.sessions)

    def test_ads_add_up(self):
        for back in (0, 1, 33, 400, 730):
            date = self.story.today - datetime.timedelta(days=back)
            facts, day = self.story.ads.facts(date), self.story.day(date)
            for ours, name in (("spend", "spend"), ("impressions", "impressions"),
                               ("clicks", "clicks"), ("purchases", "ad_purchases"),
                               ("value", "ad_purchase_value")):
                self.assertEqual(sum(getattr(f, ours) for f in facts), getattr(day, name))
                self.assertTrue(all(getattr(f, ours) >= 0 for f in facts))

    def test_mail_converts_orders(self):
        date = self.story.yesterday
        start = self.story.midnight(date)
        mailed = [o for o in self.story.shop.orders
                  if start <= o.processed_at < start + 86400
                  and o.visit and o.visit[0] == "klaviyo"]
        facts = self.story.mail.facts(date)
        self.assertEqual(sum(f.conversions for f in facts), len(mailed))
        self.assertEqual(sum(f.value for f in facts), sum(o.total_price for o in mailed))

    def test_it_curves_down(self):
        days = self.story.days(self.story.today - datetime.timedelta(days=30),
                               self.story.yesterday)
        before = self.story.days(self.story.today - datetime.timedelta(days=130),
                                 self.story.today - datetime.timedelta(days=101))

        def cac(span):
            return sum(d.spend for d in span) / sum(d.new_customers for d in span)
        self.assertGreater(cac(days), self.story.cash.targets["cac"] * 1.08)
        self.assertLess(cac(before), self.story.cash.targets["cac"] * 0.92)
        self.assertLess(sum(d.net for d in days), sum(d.net for d in before))

    def test_the_running_day_is_partial(self):
        story = self.story                          # stands at ten in the morning
        start = story.midnight(story.today)
        q = "created_at:>='%s'" % datetime.datetime.fromtimestamp(
            start, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        seen = self.all_orders("story", 250, q)
        whole = sum(o.created_at >= start for o in story.shop.orders)
        self.assertTrue(0 < len(seen) < whole)
        self.assertTrue(story.day(story.today).partial)
        self.assertIsNone(story.day(story.today + datetime.timedelta(days=1)))

    def test_a_reset_goes_with_the_clock(self):
        first, second = datetime.date(2027, 3, 13), datetime.date(2027, 3, 14)
        with unittest.mock.patch("server.running_day", lambda: self.clock):
            self.clock = first
            sim = main.build(main.arguments([]))
            self.addCleanup(sim.listener.close)
            story = sim.worlds["story"].story
            self.assertEqual(story.today, first)
            self.clock = second
            self.assertIs(sim.worlds["story"].story, story)     # not before it is told
            sim.reset()
            self.assertEqual(sim.worlds["story"].story.today, second)
            self.assertEqual(sim.worlds["empty"].today, second)
        self.sim.reset()
        self.assertEqual(str(self.sim.today), TODAY)            # a day that was given stays


class RealShop(Case):
    def test_reconciles_to_the_penny(self):
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                good = uci.check(self.sim.data_dir)
        except uci.NoData as problem:
            self.skipTest(str(problem))
        self.assertTrue(good, out.getvalue())
        self.assertEqual(out.getvalue().count(" yes"), 7)

    def test_served_as_orders(self):
        if not os.path.isdir(os.path.join(self.sim.data_dir, uci.FOLDER)):
            status, _, _ = self.call("/uci" + PATH, "{}", TOKEN)
            self.assertEqual(status, 404)
            self.skipTest("no real shop at %s" % self.sim.data_dir)
        answer = self.query("uci", "{shopifyqlQuery(query: \"FROM sessions SHOW sessions\")"
                                   "{parseErrors}}")
        self.assertEqual(answer["errors"][0]["extensions"]["code"], "ACCESS_DENIED")
        count = self.data("uci", "{a: ordersCount(limit: null) {count} "
                                 "b: ordersCount(query: \"tag:adjustment\") {count}}")
        status, _, body = self.call("/_control/uci_stock_adjustments")
        moved = json.loads(body)
        self.assertEqual(len(moved["lines"]), 758)
        self.assertEqual(count["b"]["count"], sum(
            m["adjustment_orders"] for m in moved["months"].values()))
        self.assertEqual(count["a"]["count"] - count["b"]["count"], sum(
            m["orders"] for m in moved["months"].values()))


if __name__ == "__main__":
    unittest.main()
