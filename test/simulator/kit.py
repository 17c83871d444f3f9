"""The vocabulary every simulated service is written in.

A service is a subclass of Service in a module of this folder; the module
lists its classes in SERVICES and main.py finds it there.  One instance is made
per world, on first use.  handle() gets a Request and gives a Response; the
other *_response() methods give the service's own words for a fault that a
test asks for.  README.md shows the whole contract with an example.
"""

import datetime
import gzip
import json
import threading
import urllib.parse

SMALL_TODAY = datetime.date(2026, 4, 1)
GZIP_FROM = 1024        # bytes; smaller bodies are not worth packing


class Request:
    """One HTTP request, its path already relative to the service."""

    __slots__ = ("method", "world", "service", "target", "path", "raw_query",
                 "headers", "body", "base_url", "connection", "_query")

    def __init__(self, method, target, headers, body, connection=0):
        self.method = method
        self.target = target              # as sent: "/small/meta/v25.0/...?.."
        self.headers = headers            # names in lower case
        self.body = body                  # bytes
        self.connection = connection      # number of the TCP connection
        self._query = None
        raw_path, _, self.raw_query = target.partition("?")
        parts = raw_path.split("/", 3)
        self.world = parts[1] if len(parts) > 1 else ""
        self.service = parts[2] if len(parts) > 2 else ""
        # percent-decoded, starts with "/"
        self.path = "/" + urllib.parse.unquote(parts[3] if len(parts) > 3 else "")
        # what the client was given as base_url, for absolute "next" links
        self.base_url = "http://%s/%s/%s" % (headers.get("host", "127.0.0.1"),
                                             self.world, self.service)

    @property
    def query(self):
        """Decoded query parameters, name -> list of values, blanks kept."""
        if self._query is None:
            self._query = urllib.parse.parse_qs(self.raw_query,
                                                keep_blank_values=True)
        return self._query

    def param(self, name, default=None):
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else default

    def json(self):
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body.decode("utf-8"))

    def form(self):
        """The body as a form (or JSON object), name -> value."""
        if "json" in self.headers.get("content-type", ""):
            value = self.json()
            return value if isinstance(value, dict) else {}
        pairs = urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"),
                                       keep_blank_values=True)
        return dict(pairs)


class Response:
    """status, headers (dict), body: None, bytes, str, JSON-able, or iterator.

    An iterator of bytes is sent with chunked transfer encoding, one chunk per
    item, and is never packed.
    """

    __slots__ = ("status", "headers", "body", "_packed")

    def __init__(self, status=200, body=None, headers=None):
        self.status = status
        self.headers = dict(headers or {})
        self._packed = None
        if isinstance(body, (dict, list)):
            body = to_json(body)
            self.headers.setdefault("Content-Type",
                                    "application/json; charset=utf-8")
        if isinstance(body, str):
            body = body.encode("utf-8")
            self.headers.setdefault("Content-Type", "text/html; charset=utf-8")
        self.body = b"" if body is None else body

    @property
    def streamed(self):
        return not isinstance(self.body, (bytes, bytearray))

    def packed(self):
        """The body packed with gzip; kept, so a cached Response packs once."""
        if self._packed is None:
            self._packed = gzip.compress(self.body, 1, mtime=0)
        return self._packed


def to_json(value):
    """Compact JSON bytes, characters as UTF-8."""
    return json.dumps(value, ensure_ascii=False,
                      separators=(",", ":")).encode("utf-8")


class Service:
    """Base of every simulated service; one instance per world."""

    name = None                       # the path segment, e.g. "shopify"
    worlds = ("story", "small", "empty")
    record_list = None                # see huge_response

    def __init__(self, world):
        self.world = world
        self.sim = world.sim
        self.lock = threading.RLock()

    # -- what a service writes ---------------------------------------------

    def handle(self, request):
        """Answer one request.  Called from many threads at once."""
        raise NotImplementedError

    def throttle_response(self, request, args):
        """The service's own way to say "too fast"; args are the fault's."""
        return Response(429, {"error": "rate limited"}, {"Retry-After": "1"})

    def transient_response(self, request, args):
        """The service's own retryable server fault."""
        return Response(500, {"error": "internal"})

    def stale_cursor_response(self, request, args):
        """What a page cursor that has expired gets."""
        return Response(400, {"error": "invalid cursor"})

    def partial_response(self, request, args):
        """A success status that carries data and an error beside it."""
        response = self.handle(request)
        value = json.loads(response.body)
        value["errors"] = [{"message": "part of the answer is missing"}]
        return Response(response.status, value, response.headers)

    def huge_response(self, request, args):
        """A valid answer of args["mb"] megabytes (default 64).

        By default the longest list in the usual answer is repeated (fresh
        copies of its records) until the size is reached; with args["record"]
        true, one string of the first record is padded instead.  With
        args["gzip"] the repeated answer comes packed, piece by piece.
        """
        response = self.handle(request)
        size = int(float(args.get("mb", 64)) * 1024 * 1024)
        value = json.loads(response.body)
        where = longest_list(value)
        if where is None:
            return response
        holder, key = where
        records = holder[key]
        if args.get("record"):
            pad_record(records[0], size)
            return Response(response.status, value, response.headers)
        holder[key] = "\u0000here"
        head, tail = json.dumps(value, ensure_ascii=False,
                                separators=(",", ":")).split('"\\u0000here"')
        pieces = repeat_records(head, records, tail, size)
        headers = {**response.headers,
                   "Content-Type": "application/json; charset=utf-8"}
        if args.get("gzip"):
            pieces = pack_pieces(pieces)
            headers["Content-Encoding"] = "gzip"
        return Response(response.status, pieces, headers)

    def reset(self):
        """Forget state (tokens, buckets, written rows) on /_control/reset."""

    # -- what a service may use --------------------------------------------

    def knob(self, name, default=None):
        """A value set by POST /_control/set for this world and service."""
        return self.sim.knob(self.world.name, self.name, name, default)


def longest_list(value):
    """(holder, key) of the list with the most JSON text; None if there is none."""
    best, best_size = None, 0
    stack = [value]
    while stack:
        item = stack.pop()
        pairs = (item.items() if isinstance(item, dict)
                 else enumerate(item) if isinstance(item, list) else ())
        for key, child in pairs:
            if isinstance(child, list) and child:
                size = len(json.dumps(child))
                if size > best_size:
                    best, best_size = (item, key), size
            if isinstance(child, dict) or (isinstance(child, list)
                                           and best is None):
                stack.append(child)
    return best


def pad_record(record, size):
    """Make one string inside a record size characters longer."""
    stack = [record]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            for key in ("note", "title", "name", "body"):
                if isinstance(item.get(key), str):
                    item[key] += "x" * size
                    return
            stack.extend(v for v in item.values() if isinstance(v, (dict, list)))
        elif isinstance(item, list):
            stack.extend(item)
    if isinstance(record, dict):
        record["padding"] = "x" * size


def repeat_records(head, records, tail, size):
    """Yield head, the records over and over until size bytes, tail."""
    block = json.dumps(records, ensure_ascii=False,
                       separators=(",", ":"))[1:-1].encode("utf-8")
    yield head.encode("utf-8") + b"["
    sent = 0
    chunk = block
    while len(chunk) < 65536 and len(chunk) < size:
        chunk = chunk + b"," + block
    while sent < size:
        yield chunk if sent == 0 else b"," + chunk
        sent += len(chunk)
    yield b"]" + tail.encode("utf-8")


def pack_pieces(pieces):
    """Each piece as a gzip member of its own; the same one is packed once."""
    last, packed = None, b""
    for piece in pieces:
        if piece != last:
            last, packed = piece, gzip.compress(piece, 1, mtime=0)
        yield packed


class World:
    """A named set of facts: story, small, uci, empty or big."""

    def __init__(self, sim, name):
        self.sim = sim
        self.name = name
        self.lock = threading.RLock()
        self._services = {}
        self._story = None

    @property
    def today(self):
        """The running day; small stands still on the first of April 2026."""
        return SMALL_TODAY if self.name == "small" else self.sim.today

    @property
    def seed(self):
        return self.sim.seed

    @property
    def story(self):
        """The Story all services of this world tell (made on first use)."""
        with self.lock:
            if self._story is None:
                from story import Story
                self._story = Story(self.sim.today, self.sim.seed)
            return self._story

    def service(self, name):
        """The instance of a service in this world, or None."""
        with self.lock:
            if name not in self._services:
                cls = self.sim.service_classes.get(name)
                if cls is None or self.name not in cls.worlds:
                    return None
                self._services[name] = cls(self)
            return self._services[name]

    def reset(self):
        with self.lock:
            for service in self._services.values():
                service.reset()

    def forget(self):
        """Make all facts anew when they are asked for: another day has come."""
        with self.lock:
            self._services = {}
            self._story = None


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)
