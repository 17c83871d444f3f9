"""Misbehaviour on demand: what a test may ask for, and how it is done.

A fault waits in the book until a request of its world and service matches.
Some kinds replace the answer, the others spoil how it goes over the wire;
one request takes at most one of the first and any number of the second.
"""

import base64
import email.utils
import json
import random
import select
import socket
import struct
import threading
import time
import zlib

from kit import Response

REPLACING = ("status", "throttle", "html", "bad_json", "huge", "bomb",
             "stale_cursor", "partial", "transient", "redirect", "spoil")
WIRE = ("delay", "stall_headers", "stall_body", "drip", "cut", "raw")
KINDS = REPLACING + WIRE


class Fault:
    """One entry of the book."""

    __slots__ = ("number", "world", "service", "match", "kind", "left",
                 "after", "chance", "dice", "args")

    def __init__(self, number, spec):
        spec = dict(spec)
        self.number = number
        self.world = spec.pop("world", "*")
        self.service = spec.pop("service", "*")
        self.match = spec.pop("match", None)
        self.kind = spec.pop("kind", None)
        self.left = int(spec.pop("times", 1))      # -1: for ever
        self.after = int(spec.pop("after", 0))
        self.chance = float(spec.pop("probability", 1))
        self.dice = random.Random(int(spec.pop("seed", 1)))
        self.args = spec
        if self.kind not in KINDS:
            raise ValueError("unknown fault kind %r; known: %s"
                             % (self.kind, ", ".join(KINDS)))

    def wants(self, request):
        if self.left == 0:
            return False
        if self.world not in ("*", request.world):
            return False
        if self.service not in ("*", request.service):
            return False
        if self.match and self.match not in request.target \
                and self.match not in request.path \
                and self.match.encode() not in request.body:
            return False
        return True

    def show(self):
        return {"id": self.number, "world": self.world,
                "service": self.service, "match": self.match,
                "kind": self.kind, "left": self.left, "after": self.after,
                "probability": self.chance, **self.args}


class FaultBook:
    """All faults in force; take() hands out those a request runs into."""

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.number = 0
        self.generation = 0       # grows on clear(): held connections let go

    def add(self, spec):
        with self.lock:
            self.number += 1
            fault = Fault(self.number, spec)
            self.faults.append(fault)
            return fault.number

    def clear(self):
        with self.lock:
            self.faults = []
            self.generation += 1

    def show(self):
        with self.lock:
            return [fault.show() for fault in self.faults]

    def take(self, request):
        """The replacing fault (or None) and the wire faults of a request."""
        if not self.faults:
            return None, []
        replacing, wire = None, []
        with self.lock:
            for fault in self.faults:
                if fault.kind in REPLACING and replacing is not None:
                    continue
                if fault.kind == "raw" and any(w.kind == "raw" for w in wire):
                    continue
                if not fault.wants(request):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.chance < 1 and fault.dice.random() >= fault.chance:
                    continue
                if fault.left > 0:
                    fault.left -= 1
                if fault.kind in REPLACING:
                    replacing = fault
                else:
                    wire.append(fault)
            self.faults = [f for f in self.faults if f.left != 0]
        return replacing, wire


def replaced(fault, service, request):
    """The answer a replacing fault gives instead of the service's own."""
    args = fault.args
    if fault.kind == "status":
        return status_response(args)
    if fault.kind == "html":
        return Response(200, "<!DOCTYPE html>\n<html><head><title>Sorry</title>"
                             "</head><body><h1>We are doing maintenance</h1>"
                             "</body></html>\n")
    if fault.kind == "bomb":
        return Response(200, bomb(int(args.get("mb", 64))),
                        {"Content-Type": "application/json; charset=utf-8",
                         "Content-Encoding": "gzip"})
    if fault.kind == "redirect":
        return Response(int(args.get("status", 302)), "",
                        {"Location": args.get("to", "/")})
    if fault.kind == "bad_json":
        whole = service.handle(request)
        keep = int(args.get("bytes", len(whole.body) * 2 // 3))
        return Response(whole.status, whole.body[:keep] + b",,]oops",
                        {"Content-Type": "application/json; charset=utf-8"})
    if fault.kind == "spoil":
        whole = service.handle(request)
        body = whole.body.replace(str(args["find"]).encode(), str(args["put"]).encode())
        return Response(whole.status, body, whole.headers)
    return getattr(service, fault.kind + "_response")(request, args)


def bomb(megabytes):
    """A gzip stream of JSON that is hardly more than blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(b'{"data": [')
    for _ in range(megabytes):
        yield packer.compress(b" " * 1048576)
    yield packer.compress(b"]}") + packer.flush()


def status_response(args):
    status = int(args.get("status", 503))
    headers = dict(args.get("headers") or {})
    if "retry_after" in args:
        headers["Retry-After"] = str(args["retry_after"])
    if "retry_after_date" in args:
        headers["Retry-After"] = email.utils.formatdate(
            time.time() + float(args["retry_after_date"]), usegmt=True)
    if "base64" in args:
        return Response(status, base64.b64decode(args["base64"]),
                        {"Content-Type": "application/json; charset=utf-8", **headers})
    body = args.get("body", {"errors": "An unexpected error occurred"})
    if isinstance(body, str):
        is_json = body[:1] in "{["
        headers.setdefault("Content-Type", "application/json; charset=utf-8"
                           if is_json else "text/plain; charset=utf-8")
    return Response(status, body, headers)


# -- the wire ----------------------------------------------------------------

class Wire:
    """Sends one response over a socket, spoiling it as the faults say."""

    def __init__(self, sock, book, faults):
        self.sock = sock
        self.book = book
        self.generation = book.generation
        self.by_kind = {fault.kind: fault.args for fault in faults}

    def spoils_bytes(self):
        return any(k in self.by_kind
                   for k in ("stall_body", "drip", "cut", "raw"))

    def send(self, head, body):
        """Send; False when the connection must be closed afterwards."""
        if not self.by_kind:
            if len(body) < 262144:
                self.sock.sendall(head + body)
            else:
                self.sock.sendall(head)
                self.sock.sendall(body)
            return True
        if "delay" in self.by_kind:
            if not self.pause(float(self.by_kind["delay"].get("ms", 100))):
                return False
        if "raw" in self.by_kind:
            return self.raw(self.by_kind["raw"])
        if "stall_headers" in self.by_kind:
            part = int(self.by_kind["stall_headers"].get("bytes", 0))
            self.sock.sendall(head[:part])
            self.hold()
            return False
        if "drip" in self.by_kind:
            return self.drip(head, body, self.by_kind["drip"])
        if "stall_body" in self.by_kind:
            part = int(self.by_kind["stall_body"].get("bytes", 0))
            self.sock.sendall(head + body[:part])
            self.hold()
            return False
        if "cut" in self.by_kind:
            args = self.by_kind["cut"]
            self.sock.sendall(head + body[:int(args.get("bytes", 0))])
            if args.get("rst"):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     struct.pack("ii", 1, 0))
            return False
        self.sock.sendall(head + body)
        return True

    def raw(self, args):
        """Bytes of the test's own, some of them over and over, then the end."""
        more = base64.b64decode(args.get("more", ""))
        try:
            self.sock.sendall(base64.b64decode(args["base64"]))
            for _ in range(int(args.get("count", 0))):
                self.sock.sendall(more)
            self.sock.sendall(base64.b64decode(args.get("end", "")))
        except OSError:
            pass                      # the client has seen enough
        return False

    def drip(self, head, body, args):
        step = max(1, int(args.get("bytes", 1)))
        wait_ms = float(args.get("ms", 1))
        if args.get("headers"):
            body = head + body
        else:
            self.sock.sendall(head)
        for at in range(0, len(body), step):
            self.sock.sendall(body[at:at + step])
            if wait_ms > 0 and not self.pause(wait_ms):
                return False
        return True

    def pause(self, wait_ms):
        """Wait, but not for a client that has gone; False if it has."""
        if wait_ms < 50:
            time.sleep(wait_ms / 1000.0)
            return True
        return self.wait_while(time.monotonic() + wait_ms / 1000.0)

    def hold(self):
        """Say nothing until the client leaves or the book is cleared."""
        self.wait_while(None)

    def wait_while(self, until):
        poller = select.poll()
        poller.register(self.sock, select.POLLIN | select.POLLHUP)
        while self.book.generation == self.generation:
            if until is not None and time.monotonic() >= until:
                return True
            left = 0.2 if until is None \
                else min(0.2, max(0.0, until - time.monotonic()))
            if not poller.poll(left * 1000):
                continue
            try:
                if not self.sock.recv(1, socket.MSG_PEEK):
                    return False
            except OSError:
                return False
            time.sleep(left)          # the client talks on; keep waiting
        return False


def parse_control(body):
    """The JSON object of a control request."""
    value = json.loads(body.decode("utf-8") or "{}")
    if not isinstance(value, dict):
        raise ValueError("a JSON object is wanted")
    return value
