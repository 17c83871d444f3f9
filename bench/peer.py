"""One request over http.client, as often as a line comes in; prints milliseconds.

    peer.py BASE-URL TAPE
"""

import http.client
import sys
import time
import urllib.parse

from tape import read_tape

base = urllib.parse.urlsplit(sys.argv[1])
exchange = next(read_tape(sys.argv[2]))
connection = http.client.HTTPConnection(base.hostname, base.port)
for _ in sys.stdin:
    began = time.perf_counter()
    connection.request(exchange.method, exchange.target, exchange.body, exchange.headers)
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    if answer.status != 200 or not body:
        sys.exit("status %d, %d bytes" % (answer.status, len(body)))
    print("%.4f" % (took * 1000), flush=True)
