"""HTTP/1.1 over plain sockets: one thread per connection, keep-alive.

Written by hand, not on http.server, because tests need to spoil single bytes
and because a bench must not wait for its simulator.
"""

import collections
import datetime
import email.utils
import json
import socket
import threading
import time
import traceback
import urllib.parse

import faults
from kit import GZIP_FROM, Request, Response, World

LOG_KEEPS = 50000           # requests remembered
LOG_BODY = 65536            # bytes of a body remembered
HEAD_LIMIT = 262144         # bytes of a request head
WORLDS = ("story", "small", "uci", "empty", "big")

REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
           301: "Moved Permanently", 302: "Found", 303: "See Other",
           307: "Temporary Redirect", 308: "Permanent Redirect",
           400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           409: "Conflict", 410: "Gone", 422: "Unprocessable Entity",
           423: "Locked", 429: "Too Many Requests", 430: "Security Rejection",
           500: "Internal Server Error", 502: "Bad Gateway",
           503: "Service Unavailable", 504: "Gateway Timeout"}

SECRET_HEADERS = ("authorization", "x-shopify-access-token", "access-token", "cookie")
SECRET_FIELDS = ("access_token", "client_secret", "refresh_token", "assertion",
                 "appsecret_proof", "api_key", "fb_exchange_token", "key")


def running_day():
    """The day that is running in the story's zone."""
    from story import ZONE
    return datetime.datetime.now(ZONE).date()


class Simulator:
    """Worlds, faults, knobs and the log; and the listening socket."""

    def __init__(self, args, service_classes, host="127.0.0.1"):
        self.args = args
        self.today = args.today or running_day()
        self.seed = args.seed
        self.data_dir = args.data
        self.service_classes = service_classes
        self.book = faults.FaultBook()
        self.knobs = {}
        self.log = collections.deque(maxlen=LOG_KEEPS)
        self.lock = threading.Lock()
        self.worlds = {name: World(self, name) for name in WORLDS}
        self.controls = {}
        self.connections = 0
        self.listener = socket.create_server((host, args.port), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.base_url = "http://%s:%d" % (host, self.port)

    def knob(self, world, service, name, default=None):
        for key in ((world, service, name), ("*", service, name),
                    ("*", "*", name)):
            if key in self.knobs:
                return self.knobs[key]
        return default

    def reset(self):
        """As freshly started: no faults, knobs, log or state, and the clock's day."""
        self.book.clear()
        self.knobs = {}
        self.log.clear()
        today = self.args.today or running_day()
        for world in self.worlds.values():
            world.reset() if today == self.today else world.forget()
        self.today = today

    def serve_forever(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            Connection(self, sock, self.connections).start()


class Connection(threading.Thread):
    """One client's connection, served until it closes."""

    def __init__(self, sim, sock, number):
        super().__init__(daemon=True)
        self.sim = sim
        self.sock = sock
        self.number = number
        self.buffer = b""

    def run(self):
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self.one_request():
                pass
        except (OSError, ValueError):
            pass
        finally:
            try:
                self.sock.close()
            except OSError:
                pass

    # -- reading ---------------------------------------------------------

    def fill(self):
        data = self.sock.recv(262144)
        if not data:
            raise OSError("closed")
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self.fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def take_line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def read_request(self):
        """The next request, or None when the client has finished."""
        while b"\r\n\r\n" not in self.buffer:
            if self.buffer[:1] == b"\x16":      # a TLS client: real servers say so at once
                self.sock.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                raise OSError("TLS on a plain port")
            if len(self.buffer) > HEAD_LIMIT:
                raise ValueError("request head too long")
            data = self.sock.recv(262144)
            if not data:
                return None, False
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self.read_chunks()
        else:
            body = self.take(int(headers.get("content-length", 0)))
        keep = headers.get("connection", "").lower() != "close" \
            and version != "HTTP/1.0"
        return Request(method, target, headers, body, self.number), keep

    def read_chunks(self):
        parts = []
        while True:
            size = int(self.take_line().split(b";")[0], 16)
            if size == 0:
                while self.take_line():
                    pass
                return b"".join(parts)
            parts.append(self.take(size))
            self.take(2)

    # -- answering -------------------------------------------------------

    def one_request(self):
        request, keep = self.read_request()
        if request is None:
            return False
        if request.world == "_control":
            response, wire = control(self.sim, request), []
            entry = None
        else:
            entry = log_entry(request)
            self.sim.log.append(entry)      # before the answer: it may stall
            response, wire = answer(self.sim, request, entry)
        return self.send(request, response, wire, keep, entry)

    def send(self, request, response, wire_faults, keep, entry):
        wire = faults.Wire(self.sock, self.sim.book, wire_faults)
        ahead = self.sim.knob(request.world, request.service, "clock", 0)
        headers = {"Date": email.utils.formatdate(time.time() + ahead, usegmt=True),
                   **response.headers}
        if entry is not None:
            entry["status"] = response.status
        if response.streamed:
            return self.send_stream(request, response, wire, keep, headers)
        body = response.body
        if len(body) >= GZIP_FROM and not wire.spoils_bytes() \
                and "gzip" in request.headers.get("accept-encoding", "") \
                and self.sim.knob(request.world, request.service, "gzip", True):
            body = response.packed()
            headers["Content-Encoding"] = "gzip"
            headers["Vary"] = "Accept-Encoding"
        headers["Content-Length"] = str(len(body))
        if not keep:
            headers["Connection"] = "close"
        if request.method == "HEAD" or response.status == 204:
            body = b""
        if entry is not None:
            entry["bytes"] = len(body)
        return wire.send(head_bytes(response.status, headers), body) and keep

    def send_stream(self, request, response, wire, keep, headers):
        if wire.by_kind:
            body = b"".join(response.body)
            headers["Content-Length"] = str(len(body))
            return wire.send(head_bytes(response.status, headers), body) and keep
        headers["Transfer-Encoding"] = "chunked"
        self.sock.sendall(head_bytes(response.status, headers))
        for piece in response.body:
            if piece:
                self.sock.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n")
        self.sock.sendall(b"0\r\n\r\n")
        return keep


def head_bytes(status, headers):
    lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Status"))]
    lines += ["%s: %s" % pair for pair in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def answer(sim, request, entry):
    """Response and wire faults for a request to a service."""
    world = sim.worlds.get(request.world)
    service = world.service(request.service) if world else None
    if service is None:
        return Response(404, {"simulator": "no service %r in world %r"
                              % (request.service, request.world)}), []
    replacing, wire = sim.book.take(request)
    if replacing or wire:
        entry["fault"] = [f.kind for f in ([replacing] if replacing else []) + wire]
    try:
        if replacing is not None:
            return faults.replaced(replacing, service, request), wire
        return service.handle(request), wire
    except Exception:                 # a bug of ours: say so, loudly
        traceback.print_exc()
        return Response(500, {"simulator": traceback.format_exc()}), wire


# -- the log -------------------------------------------------------------------

def log_entry(request):
    entry = {"world": request.world, "service": request.service,
             "method": request.method, "path": mask_target(request),
             "headers": {name: "***" if name in SECRET_HEADERS else value
                         for name, value in request.headers.items()},
             "body": mask_body(request), "status": None,
             "connection": request.connection, "time": time.time()}
    return entry


def mask_target(request):
    """The path below the service, with its query, secrets blanked."""
    path = urllib.parse.quote(request.path, safe="/:@!$&'()*+,;=~")
    if not request.raw_query:
        return path
    pairs = urllib.parse.parse_qsl(request.raw_query, keep_blank_values=True)
    if not any(name in SECRET_FIELDS for name, _ in pairs):
        return path + "?" + request.raw_query
    return path + "?" + urllib.parse.urlencode(
        [(n, "***" if n in SECRET_FIELDS else v) for n, v in pairs])


def mask_body(request):
    text = request.body[:LOG_BODY].decode("utf-8", "replace")
    if not any(field in text for field in SECRET_FIELDS[:-1]):
        return text
    try:
        form = request.form()
    except ValueError:
        return "***"
    masked = {n: "***" if n in SECRET_FIELDS else v for n, v in form.items()}
    if "json" in request.headers.get("content-type", ""):
        return json.dumps(masked)
    return urllib.parse.urlencode(masked)


def matching(sim, world, service, match):
    """Log entries of a world and service ("*": any) that hold a substring."""
    return [e for e in list(sim.log)
            if world in ("*", e["world"]) and service in ("*", e["service"])
            and (not match or match in e["path"] or match in e["body"])]


# -- control -------------------------------------------------------------------

def control(sim, request):
    """Answer a request below /_control/."""
    what = request.service
    try:
        if what == "fault":
            number = sim.book.add(faults.parse_control(request.body))
            return Response(200, {"fault": number})
        if what == "faults":
            return Response(200, sim.book.show())
        if what == "reset":
            sim.reset()
            return Response(200, {"ok": True})
        if what == "clearlog":
            sim.log.clear()
            return Response(200, {"ok": True})
        if what == "set":
            return set_knobs(sim, faults.parse_control(request.body))
        if what == "log" or what == "count":
            found = matching(sim, request.param("world", "*"),
                             request.param("service", "*"),
                             request.param("match"))
            return Response(200, {"count": len(found)} if what == "count"
                            else found)
        if what == "health":
            return Response(200, {"ok": True, "today": str(sim.today),
                                  "seed": sim.seed, "worlds": list(WORLDS),
                                  "services": sorted(sim.service_classes)})
        if what in sim.controls:
            return Response(200, sim.controls[what](sim, request))
    except (ValueError, TypeError) as problem:
        return Response(400, {"error": str(problem)})
    return Response(404, {"error": "unknown control %r" % what})


def set_knobs(sim, spec):
    world = spec.pop("world", "*")
    service = spec.pop("service", "*")
    for name, value in spec.items():
        sim.knobs[(world, service, name)] = value
    return Response(200, {"ok": True})
