"""What a script does: requests, json, then COPY; prints milliseconds and rows.

    copy_peer.py BASE-URL TAPE

Asks what is on the tape page after page over one kept connection, takes four
fields of each order and copies them into a temporary table, which is how
orders are fetched by hand.  Connects to the server by the environment.
"""

import io
import sys
import time

import psycopg2
import requests

from tape import read_tape

FIELDS = ("legacyResourceId", "processedAt", "totalPriceSet.shopMoney.amount",
          "displayFinancialStatus")


def field(record, path):
    """The field as COPY reads it."""
    for name in path.split("."):
        record = record[name] if record is not None else None
    if record is None:
        return "\\N"
    return str(record).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def main(base, tape):
    exchanges = list(read_tape(tape))
    session = requests.Session()
    connection = psycopg2.connect("")
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE got (id bigint, processed_at timestamptz,"
                   " total_price numeric, financial_status text)")
    began = time.perf_counter()
    for exchange in exchanges:
        answer = session.request(exchange.method, base + exchange.target, data=exchange.body,
                                 headers=exchange.headers, timeout=60)
        answer.raise_for_status()
        orders = answer.json()["data"]["orders"]["nodes"]
        lines = io.StringIO("".join("\t".join(field(order, path) for path in FIELDS) + "\n"
                                    for order in orders))
        cursor.copy_expert("COPY got FROM STDIN", lines)
    connection.commit()
    took = time.perf_counter() - began
    cursor.execute("SELECT count(*) FROM got")
    print("%.1f %d" % (took * 1000, cursor.fetchone()[0]))


main(*sys.argv[1:])
