"""Make a tape of what a scan has asked the simulator since its log was cleared.

    record.py SIMULATOR-URL WORLD TAPE

The log knows each request but the secret in it; each is sent once more, and
what comes back is kept byte by byte.
"""

import http.client
import json
import sys
import urllib.parse
import urllib.request

from tape import Exchange, write_exchange

TOKEN = "shpat_test"
KEPT = ("accept", "accept-encoding", "content-type", "user-agent")


def logged(simulator, world):
    """The requests to the world's shop, as the log has them."""
    url = "%s/_control/log?world=%s&service=shopify" % (simulator, world)
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def ask_again(connection, world, entry):
    """One exchange, from an entry of the log."""
    headers = {name.title(): entry["headers"][name] for name in KEPT if name in entry["headers"]}
    headers["X-Shopify-Access-Token"] = TOKEN
    target = "/%s/shopify%s" % (world, entry["path"])
    body = entry["body"].encode()
    connection.request(entry["method"], target, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        sys.exit("status %d: %s" % (answer.status, content[:300]))
    head = "HTTP/1.1 %d %s\r\n" % (answer.status, answer.reason)
    head += "".join("%s: %s\r\n" % pair for pair in answer.getheaders())
    return Exchange(entry["method"], target, headers, body,
                    head.encode("latin-1") + b"\r\n" + content)


def main(simulator, world, file):
    place = urllib.parse.urlsplit(simulator)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    entries = logged(simulator, world)
    with open(file, "wb") as tape:
        for entry in entries:
            write_exchange(tape, ask_again(connection, world, entry))
    print(len(entries))


main(*sys.argv[1:])
