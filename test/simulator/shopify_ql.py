"""ShopifyQL: the sessions dataset, day by day.

    FROM sessions SHOW sessions, conversion_rate
    [GROUP BY day | TIMESERIES day] [SINCE d] [UNTIL d] [ORDER BY day [ASC|DESC]] [LIMIT n]

The clauses come in this order; a d is a date, today, yesterday or -30d.
"""

import datetime
import re

DEFAULT_LIMIT = 1000

# metric -> (type, display name, value of a day)
METRICS = {
    "sessions": ("INTEGER", "Sessions", lambda d: d.sessions),
    "online_store_visitors": ("INTEGER", "Online store visitors", lambda d: d.visitors),
    "sessions_with_cart_additions": ("INTEGER", "Sessions with cart additions",
                                     lambda d: d.carts),
    "sessions_that_reached_checkout": ("INTEGER", "Sessions that reached checkout",
                                       lambda d: d.checkouts),
    "sessions_that_completed_checkout": ("INTEGER", "Sessions that completed checkout",
                                         lambda d: d.completed),
    "conversion_rate": ("PERCENT", "Conversion rate",
                        lambda d: rate(d.completed, d.sessions)),
    "bounce_rate": ("PERCENT", "Bounce rate", lambda d: rate(d.bounces, d.sessions)),
}
CLAUSES = re.compile(
    r"\s*FROM\s+(?P<dataset>\w+)\s+SHOW\s+(?P<show>[\w\s,]+?)"
    r"(?:\s+(?P<how>GROUP\s+BY|TIMESERIES)\s+(?P<by>\w+))?"
    r"(?:\s+SINCE\s+(?P<since>[\w-]+))?(?:\s+UNTIL\s+(?P<until>[\w-]+))?"
    r"(?:\s+ORDER\s+BY\s+(?P<order>\w+)(?:\s+(?P<way>ASC|DESC))?)?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*", re.IGNORECASE)


class ParseError(Exception):
    pass


def rate(part, whole):
    """A share as text with four decimals; "0" of nothing."""
    return "0" if not whole else ("%.4f" % (part / whole)).rstrip("0").rstrip(".")


def date_of(word, today):
    word = word.lower()
    if word == "today":
        return today
    if word == "yesterday":
        return today - datetime.timedelta(days=1)
    ago = re.fullmatch(r"-(\d+)d", word)
    if ago:
        return today - datetime.timedelta(days=int(ago.group(1)))
    try:
        return datetime.date.fromisoformat(word)
    except ValueError:
        raise ParseError("Invalid date '%s'." % word) from None


def run(text, sessions_of, today):
    """(columns, rows) of a query; ParseError in the service's manner.

    sessions_of gives the Sessions of a date, or None where there are none.
    """
    found = CLAUSES.fullmatch(text)
    if not found:
        raise ParseError("Line 1 Column 1: The query could not be parsed.")
    if found["dataset"].lower() != "sessions":
        raise ParseError("Dataset '%s' not found." % found["dataset"])
    names = [n.strip().lower() for n in found["show"].split(",")]
    for name in names:
        if name not in METRICS:
            raise ParseError("Line 1 Column %d: Column '%s' not found." % (
                found.start("show") + 1, name))
    if found["by"] is not None and found["by"].lower() != "day":
        raise ParseError("Dimension '%s' is not available." % found["by"])
    if found["order"] is not None and found["order"].lower() not in (
            names + (["day"] if found["by"] else [])):
        raise ParseError("Column '%s' in ORDER BY is not shown." % found["order"])
    since = date_of(found["since"] or "-30d", today)
    until = date_of(found["until"] or "today", today)
    if since > until:
        raise ParseError("SINCE must not be after UNTIL.")
    return table(found, names, since, until, sessions_of)


def table(found, names, since, until, sessions_of):
    by_day = found["by"] is not None
    columns = [column("day", "DAY_TIMESTAMP", "Day")] if by_day else []
    columns += [column(n, METRICS[n][0], METRICS[n][1]) for n in names]
    days = []
    for offset in range((until - since).days + 1):
        date = since + datetime.timedelta(days=offset)
        days.append((date, sessions_of(date)))
    if not by_day:
        return columns, [row(names, Sum([d for _, d in days if d]))]
    fills = found["how"].upper() == "TIMESERIES"
    rows = [{"day": date.isoformat(), **row(names, day or Sum(()))}
            for date, day in days if day is not None or fills]
    order = (found["order"] or "day").lower()
    rows.sort(key=lambda r: r["day"] if order == "day" else float(r[order]),
              reverse=(found["way"] or "").upper() == "DESC")
    return columns, rows[:int(found["limit"] or DEFAULT_LIMIT)]


def column(name, kind, title):
    return {"name": name, "dataType": kind, "displayName": title,
            "subType": None}


def row(names, day):
    return {name: str(METRICS[name][2](day)) for name in names}


class Sum:
    """Several days as one."""

    def __init__(self, days):
        for name in ("sessions", "visitors", "carts", "checkouts",
                     "completed", "bounces"):
            setattr(self, name, sum(getattr(d, name) for d in days))
