"""Tapes: requests with their answers; tape.h says how the file looks."""

import collections

Exchange = collections.namedtuple("Exchange", "method target headers body answer")


def read_tape(file):
    """The exchanges of a tape, headers as a dict."""
    with open(file, "rb") as tape:
        while line := tape.readline():
            method, target, *sizes = line.split()
            headers, body, answer = (tape.read(int(size)) for size in sizes)
            pairs = (h.split(": ", 1) for h in headers.decode("latin-1").splitlines())
            yield Exchange(method.decode(), target.decode(), dict(pairs), body, answer)


def write_exchange(tape, exchange):
    """Append one exchange to an open file."""
    headers = "".join("%s: %s\n" % pair for pair in exchange.headers.items()).encode("latin-1")
    tape.write(b"%s %s %d %d %d\n" % (exchange.method.encode(), exchange.target.encode(),
                                      len(headers), len(exchange.body), len(exchange.answer)))
    tape.write(headers + exchange.body + exchange.answer)
