"""Connections: sorting, cursors, search filters.

A cursor carries the sort, the position's value and the record's id, so that
rows may change between two pages without any being lost or doubled.
"""

import base64
import json
import time
from bisect import bisect_left, bisect_right

from graphql import Problem

MOST = 250                       # records of one page
COUNT_LIMIT = 10000


class Page:
    """One page of a connection."""

    __slots__ = ("records", "cursors", "has_next", "has_previous")

    def __init__(self, records, cursors, has_next, has_previous):
        self.records = records
        self.cursors = cursors           # a function: index -> cursor text
        self.has_next = has_next
        self.has_previous = has_previous


class Written(list):
    """Records of a page whose JSON is kept, once written, for the next time.

    Nothing in a shop changes while it is served, so a record's text depends
    on the selection only (and on the variables used inside it).
    """

    def text(self, inner, ctx):
        """A mark; Shopify.execute puts the list's JSON in its place."""
        texts = ctx.service.texts(inner, ctx.variables)
        for record in self:
            if record not in texts:
                texts[record] = json.dumps(inner(record, ctx), ensure_ascii=False,
                                           separators=(",", ":"))
        return ctx.splice([texts[record] for record in self])


class BadCursor(Problem):
    def __init__(self, path):
        super().__init__("Invalid cursor for current pagination sort.",
                         "BAD_REQUEST", path=path)


def write_cursor(sort, value, number, fixed_clock=None):
    fields = {"last_id": number, "last_value": value, "sort": sort}
    if fixed_clock is not None:
        fields["at"] = fixed_clock
    return base64.b64encode(json.dumps(fields, separators=(",", ":"))
                            .encode()).decode()


def read_cursor(text, sort, ctx):
    """(value, id) of a cursor, or BadCursor."""
    try:
        fields = json.loads(base64.b64decode(text, validate=True))
        value, number = fields["last_value"], fields["last_id"]
    except (ValueError, KeyError, TypeError):
        raise BadCursor(ctx.path) from None
    life = ctx.service.knob("cursor_seconds")
    if fields.get("sort") != sort or (
            life is not None and time.time() - fields.get("at", 0) > life):
        raise BadCursor(ctx.path)
    return (value, number)


def page_size(args, ctx):
    """(number of records, counted from the end)."""
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise Problem("you must provide one of first or last", "BAD_REQUEST",
                      path=ctx.path)
    if first is not None and last is not None:
        raise Problem("providing both first and last is not supported",
                      "BAD_REQUEST", path=ctx.path)
    size = first if first is not None else last
    if size > MOST:
        raise Problem("%s cannot exceed %d" % (
            "first" if first is not None else "last", MOST), "BAD_REQUEST",
            path=ctx.path)
    if size < 1:
        raise Problem("%s must be a positive integer" % (
            "first" if first is not None else "last"), "BAD_REQUEST",
            path=ctx.path)
    return size, last is not None


def paginate(keys, records, args, ctx, sort, test=None, bounds=None):
    """A Page out of records sorted by keys of (value, id).

    test filters; bounds are (low, high) indexes within which it is worth
    looking.
    """
    size, from_end = page_size(args, ctx)
    backward = bool(args.get("reverse")) != from_end
    low, high = bounds or (0, len(keys))
    after, before = args.get("after"), args.get("before")
    edges = [(after, bool(args.get("reverse"))),
             (before, not bool(args.get("reverse")))]
    for text, is_upper in edges:
        if text is None:
            continue
        place = read_cursor(text, sort, ctx)
        try:
            if is_upper:
                high = min(high, bisect_left(keys, place))
            else:
                low = max(low, bisect_right(keys, place))
        except TypeError:
            raise BadCursor(ctx.path) from None
    found = []
    span = range(high - 1, low - 1, -1) if backward else range(low, high)
    more = False
    for at in span:
        if test is None or test(records[at]):
            if len(found) == size:
                more = True
                break
            found.append(at)
    if from_end:
        found.reverse()
    stamp = time.time() if ctx.service.knob("cursor_seconds") is not None else None

    def cursor(index):
        value, number = keys[found[index]][:2]
        return write_cursor(sort, value, number, stamp)
    has_next, has_previous = (before is not None, more) if from_end \
        else (more, after is not None)
    return Page(Written(records[at] for at in found), cursor, has_next, has_previous)


def paginate_list(records, args, ctx):
    """A Page of a nested list, in its own order."""
    keys = [(at, getattr(record, "id", at) or at)
            for at, record in enumerate(records)]
    page = paginate(keys, records, args, ctx, "POSITION")
    page.records = list(page.records)
    return page
