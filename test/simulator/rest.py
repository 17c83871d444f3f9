"""A depot with a plain REST API, as many as there are habits.

    GET  /<world>/rest/bearer|basic|key|open/<list>...

The segment says how to log in: token rest_test, user depot with password
sim_password, header X-Depot-Key: rest_test, or not at all.  One set of items
is listed in every style of paging:

    page?page=1&per_page=N      {"data": [], "meta": {"page", "pages", "total"}}; at most 10 a page
    offset?skip=0&take=N        {"result": {"rows": [], "count"}}
    from_one?start=1&max=N      {"rows": []}, no rows: {}
    cursor?after=C&limit=N      {"items": [], "next": C, "has_more": bool}
    odata?$top=N                {"value": [], "@odata.nextLink": URL}; relative=1: without the host
    header?per_page=N           [], and Link headers
    all                         []
    search (POST)               {"hits": []} for {"text", "page", "size"}
    stock/<place>               {"stock": []} of one place
    days?from=D&to=D            {"days": []}; more than 31 days are refused
    mixed                       {"list": []}, values of every kind, and of two kinds
    coded                       HTTP 200 with {"code": 0, "list": []}; ?fail=N gives that code,
                 with once=1 only if none was given before

All but the last four know status=, since=, until= (of updated), fields=a,b and
filter=status:"x" AND price:>5.  Lists that are out of order, for the errors:

    same         every page is the first
    circle       cursors lead back
    elsewhere    the next link is another host's
    fewer, more  the total is not what the pages have
"""

import base64
import datetime
import re
import urllib.parse

from kit import Response, Service

TOKEN = "rest_test"
USER = "depot:sim_password"
COUNT = 23
CAP = 10
PLACES = ("north", "south")


def items():
    """The depot's items; id 7 has no price, the price of 8 has many digits."""
    result = []
    for n in range(1, COUNT + 1):
        updated = datetime.datetime(2026, 3, 1, 12, 0, 0) + datetime.timedelta(days=n)
        price = None if n == 7 else "12345678901234567890.123456789" if n == 8 else n * 1.5
        result.append({
            "id": n, "name": "item %02d" % n, "status": "open" if n % 3 else "closed",
            "price": price, "updated": updated.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "box": {"width": n, "label": "B%d" % n}, "tags": ["t%d" % (n % 4)],
            "odd.name": n * 10})
    return result


class Refused(Exception):
    """Not what the manual says: 400 with these words."""


def number(request, name, default, least=0):
    text = request.param(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < least:
        raise Refused("%s has to be a number from %d" % (name, least))
    return int(text)


def moment(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise Refused("%s is no time such as 2026-03-01T00:00:00Z" % text) from None


def term(text):
    """One term of the filter as a function of an item."""
    match = re.fullmatch(r'(status|name):"((?:[^"\\]|\\.)*)"', text)
    if match:
        want = re.sub(r"\\(.)", r"\1", match.group(2))
        return lambda item: item[match.group(1)] == want
    match = re.fullmatch(r"id:(>=|<=)?(\d+)", text)
    if match:
        want = int(match.group(2))
        return {">=": lambda item: item["id"] >= want,
                "<=": lambda item: item["id"] <= want,
                None: lambda item: item["id"] == want}[match.group(1)]
    raise Refused("what is %s?" % text)


class Rest(Service):
    name = "rest"
    worlds = ("small", "empty")

    failed = False                    # once is enough for ?once=1

    def reset(self):
        self.failed = False

    def handle(self, request):
        parts = request.path.split("/")[1:]
        if not self.may(parts[0], request):
            return Response(401, {"error": {"message": "who are you?"}})
        if parts[0] not in ("bearer", "basic", "key", "open") or len(parts) < 2:
            return Response(404, {"error": {"message": "no such thing"}})
        answer = getattr(self, "list_" + parts[1], None)
        if answer is None or (request.method == "POST") != (parts[1] == "search"):
            return Response(404, {"error": {"message": "no such list"}})
        try:
            return answer(request, parts[2:])
        except Refused as error:
            return Response(400, {"error": {"message": str(error)}})

    @staticmethod
    def may(way, request):
        said = request.headers.get("authorization")
        if way == "bearer":
            return said == "Bearer " + TOKEN
        if way == "basic":
            return said == "Basic " + base64.b64encode(USER.encode()).decode()
        if way == "key":
            return request.headers.get("x-depot-key") == TOKEN and said is None
        return said is None

    def chosen(self, request):
        """The items that the request's conditions leave, with the fields it wants."""
        result = items() if self.world.name == "small" else []
        if request.param("status"):
            result = [i for i in result if i["status"] == request.param("status")]
        if request.param("since"):
            result = [i for i in result if moment(i["updated"]) >= moment(request.param("since"))]
        if request.param("until"):
            result = [i for i in result if moment(i["updated"]) <= moment(request.param("until"))]
        for text in (request.param("filter") or "").split(" AND "):
            if text:
                result = list(filter(term(text), result))
        if request.param("fields"):
            names = request.param("fields").split(",")
            result = [{k: v for k, v in i.items() if k in names} for i in result]
        return result

    def list_page(self, request, _, total=None, same=False):
        page = number(request, "page", 1, 1)
        size = min(number(request, "per_page", CAP, 1), CAP)
        chosen = self.chosen(request)
        first = 0 if same else (page - 1) * size
        meta = {"page": page, "pages": -(-len(chosen) // size), "total": len(chosen)}
        if total is not None:
            meta = {"total": len(chosen) + total}
        return Response(200, {"meta": meta, "data": chosen[first:first + size]})

    def list_same(self, request, rest):
        return self.list_page(request, rest, total=100, same=True)

    def list_fewer(self, request, rest):
        return self.list_page(request, rest, total=5)

    def list_more(self, request, rest):
        return self.list_page(request, rest, total=-5)

    def list_offset(self, request, _):
        skip, take = number(request, "skip", 0), number(request, "take", 5, 1)
        chosen = self.chosen(request)
        return Response(200, {"result": {"count": len(chosen), "rows": chosen[skip:skip + take]}})

    def list_from_one(self, request, _):
        start, size = number(request, "start", 1, 1), number(request, "max", 4, 1)
        rows = self.chosen(request)[start - 1:start - 1 + size]
        return Response(200, {"time": "now", **({"rows": rows} if rows else {})})

    def list_cursor(self, request, _):
        after, size = number(request, "after", 0), number(request, "limit", 6, 1)
        chosen = self.chosen(request)
        more = after + size < len(chosen)
        return Response(200, {"items": chosen[after:after + size], "has_more": more,
                              "next": str(after + size) if more else None})

    def list_circle(self, request, _):
        after = number(request, "after", 0)
        return Response(200, {"items": items()[after:after + 4], "has_more": True,
                              "next": {0: "4", 4: "8", 8: "4"}[after]})

    def list_odata(self, request, _):
        skip, size = number(request, "$skiptoken", 0), number(request, "$top", 8, 1)
        chosen = self.chosen(request)
        answer = {"@odata.context": "$metadata#items", "value": chosen[skip:skip + size]}
        if skip + size < len(chosen):
            kept = [p for p in request.raw_query.split("&")
                    if p and not urllib.parse.unquote(p).startswith("$skiptoken=")]
            query = "?" + "&".join(kept + ["%%24skiptoken=%d" % (skip + size)])
            answer["@odata.nextLink"] = query if request.param("relative") else (
                request.base_url + request.path + query)
        return Response(200, answer)

    def list_elsewhere(self, request, _):
        return Response(200, {"value": items()[:3],
                              "@odata.nextLink": "https://elsewhere.example/items?page=2"})

    def list_header(self, request, _):
        page, size = number(request, "page", 1, 1), number(request, "per_page", 9, 1)
        chosen = self.chosen(request)
        last = max(1, -(-len(chosen) // size))
        url = "<%s%s?per_page=%d&page=%%d>; rel=\"%%s\"" % (request.base_url, request.path, size)
        links = [url % (1, "first")]
        if page < last:
            links.append(url % (page + 1, "next") + "; title=\"more, <of it>\"")
        links.append(url % (last, "last"))
        return Response(200, chosen[(page - 1) * size:page * size], {"Link": ", ".join(links)})

    def list_all(self, request, _):
        return Response(200, self.chosen(request))

    def list_search(self, request, _):
        try:
            asked = request.json()
            size, page = int(asked["size"]), int(asked["page"])
            text = asked.get("text", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("the body has to have size and page") from None
        found = [i for i in self.chosen(request) if text in i["name"]]
        return Response(200, {"hits": found[page * size:(page + 1) * size]})

    def list_stock(self, request, rest):
        if len(rest) != 1 or rest[0] not in PLACES:
            return Response(404, {"error": {"message": "no such place"}})
        return Response(200, {"stock": [{"item": i["id"], "count": i["id"] + len(rest[0])}
                                        for i in items()[:3]]})

    def list_days(self, request, _):
        try:
            since = datetime.date.fromisoformat(request.param("from") or "")
            until = datetime.date.fromisoformat(request.param("to") or "")
        except ValueError:
            raise Refused("from and to have to be days") from None
        if (until - since).days >= 31:
            raise Refused("at most 31 days at once")
        days = [since + datetime.timedelta(days=n) for n in range((until - since).days + 1)]
        return Response(200, {"days": [{"day": d.isoformat(), "sent": d.toordinal() % 100}
                                       for d in days]})

    def list_mixed(self, request, _):
        return Response(200, {"list": [
            {"Id": "a", "firstName": "Ann", "day": "2026-03-01", "at": "2026-03-01T10:00:00.5+02:00",
             "local": "2026-03-01T10:00:00", "either": 1, "open": {"x": {"y": {"z": {"deep": 1}}}},
             "now": {"a": 1}, "never": None, "": 1, "first-name": True, "list": [1]},
            {"Id": 7, "day": "2026-03-02", "either": "two", "now": "later", "first_name": False,
             "at": None, "open": {"x": None}}]})

    def list_coded(self, request, _):
        code = number(request, "fail", 0)
        if code and request.param("once"):
            code, self.failed = 0 if self.failed else code, True
        if code:
            return Response(200, {"code": code, "message": "refused with code %d" % code,
                                  "list": []})
        return Response(200, {"code": 0, "message": "OK", "list": items()[:2]})


SERVICES = [Rest]
