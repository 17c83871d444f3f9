"""Shopify's bulk operations: a query is run by and by, its result is a file of JSON lines.

The rules are those of the service: one to five connections, two deep at most, written as
edges and nodes, each holder with its id, none within a plain list.  The file lies at
another host, which is told no token.

Knobs (of service "shopify"):
  bulk_seconds        how long an operation runs (default 0.3) ...
  bulk_rate           ... or how many objects it reads a second
  bulk_slots          operations at the same time (5)
  bulk_fail           it ends as FAILED with this error code, and half of the file
  bulk_status         it ends in this state instead, such as EXPIRED or CANCELED
  bulk_short          so many lines are missing at the end of the file
  bulk_stray          a child's parent is another one than the line before it says
  bulk_pad            blanks at the end of each line
  bulk_url_seconds    how long the file's address holds (7 days)
  bulk_host           host of that address (localhost)
"""

import itertools
import json
import time
import urllib.parse

from graphql import Field, Problem
from graphql_run import Operation
from kit import Response, Service
from shopify_types import RESOLVERS, Plain, resolver, stamp

MOST_CONNECTIONS, MOST_DEEP = 5, 2
PAGE = 250
ENDED = ("COMPLETED", "FAILED", "CANCELED", "EXPIRED")
APART = 7                        # parents between a child and its own, where they are not grouped


class Refused(Exception):
    """Why a query cannot be run in bulk."""


class Connection:
    """One connection of a bulk query: how its records are found and written."""

    def __init__(self, operation, field, on, path):
        schema = operation.schema
        self.field, self.on = field, on
        node = only(only(field, "edges"), "node")
        base = schema.types[schema.types[on].fields[field.name].base].fields["edges"].base
        base = schema.types[base].fields["node"].base
        path = path + [field.key]
        self.children, plain = [], []
        for part in node.selection:
            if isinstance(part, Field) and is_connection(schema, base, part):
                self.children.append(Connection(operation, part, base, path))
            else:
                plain.append(part)
                refuse_lists(schema, base, part)
        if self.children and not any(isinstance(p, Field) and p.key == p.name == "id"
                                     for p in plain):
            raise Refused("The parent 'node' field for a nested connection must select the 'id' "
                          "field without an alias and must be of 'ID' return type. Connection "
                          "fields without 'id': %s." % field.name)
        self.write = operation.compile_set(plain, base, path)

    def count(self):
        return 1 + sum(child.count() for child in self.children)

    def depth(self):
        return 1 + max([child.depth() for child in self.children], default=0)

    def records(self, holder, ctx):
        """All records below a holder, page by page."""
        resolve = RESOLVERS[(self.on, self.field.name)]
        args = dict(self.field.args)
        args.setdefault("first", PAGE)
        while True:
            page = resolve(holder, args, ctx)
            if page is None:
                return
            yield from page.records
            if not page.has_next:
                return
            args["after"] = page.cursors(len(page.records) - 1)

    def lines(self, record, ctx, parent=None):
        """A record and all below it."""
        value = self.write(record, ctx)
        if parent is not None:
            value["__parentId"] = parent
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for child in self.children:
            for below in child.records(record, ctx):
                yield from child.lines(below, ctx, value["id"])


def only(field, name):
    """The field's only selection, which has to be of that name."""
    found = [s for s in field.selection or () if isinstance(s, Field)]
    if len(found) != 1 or found[0].name != name or len(field.selection) != 1:
        raise Refused("connection field '%s' has to be read through 'edges' and 'node'"
                      % field.name)
    return found[0]


def is_connection(schema, on, field):
    definition = schema.types[on].fields.get(field.name)
    return definition is not None and definition.base.endswith("Connection")


def refuse_lists(schema, on, field, inside=False):
    """No connection within a plain list, nor within a single object."""
    definition = schema.types[on].fields.get(getattr(field, "name", None))
    if definition is None or not schema.is_object(definition.base):
        return
    if definition.base.endswith("Connection"):
        raise Refused("Queries that contain a connection field within a list field are not "
                      "currently supported.")
    for part in field.selection or ():
        refuse_lists(schema, definition.base, part)


class Job:
    """One operation."""

    def __init__(self, service, number, text, grouped, port):
        self.service, self.number, self.query = service, number, text
        self.grouped, self.port = grouped, port
        self.cancelled = self.error = None
        self.ctx = service.context()
        operation = Operation(service.schema, text)
        if operation.kind != "query" or operation.variables or len(operation.selection) != 1:
            raise Refused("it has to be one query, without variables")
        root = operation.selection[0]
        if not is_connection(service.schema, "QueryRoot", root):
            raise Refused("it has no connection")
        self.root = Connection(operation, root, "QueryRoot", [])
        if self.root.count() > MOST_CONNECTIONS or self.root.depth() > MOST_DEEP + 1:
            raise Refused("it has too many connections")
        self.count_all()
        rate = service.knob("bulk_rate")
        self.seconds = self.objects / float(rate) if rate else \
            float(service.knob("bulk_seconds", 0.3))
        self.created = time.time()

    # -- what it finds --------------------------------------------------------

    def is_lazy(self):
        return self.ctx.shop.lazy is not None and self.root.field.name == "orders"

    def texts(self, indexes):
        """The big shop's orders, each with its lines."""
        return self.ctx.shop.lazy.rendered(
            indexes, ("bulk", self.query),
            lambda order: "\n".join(self.root.lines(order, self.ctx)))

    def count_all(self):
        if not self.is_lazy():
            groups = [list(self.root.lines(record, self.ctx))
                      for record in self.root.records(self.ctx.shop, self.ctx)]
            self.groups, self.roots = groups, len(groups)
            self.objects = sum(len(group) for group in groups)
            if self.ctx.errors:
                self.error = "ACCESS_DENIED"
            return
        self.ctx.path = [self.root.field.key]
        low, high = self.ctx.shop.lazy.span(self.root.field.args.get("query"), self.ctx)
        self.indexes = range(low, high)
        if self.root.field.args.get("reverse"):
            self.indexes = self.indexes[::-1]
        self.roots = high - low
        patterns = len(self.ctx.shop.lazy.patterns)
        each = [text.count("\n") + 1 for text in self.texts(range(patterns))]
        self.objects = sum(each[index % patterns] for index in self.indexes)

    def in_groups(self):
        """Each order with its lines, as a list of texts."""
        if not self.is_lazy():
            yield from self.groups
            return
        for start in range(0, len(self.indexes), 1000):
            for text in self.texts(self.indexes[start:start + 1000]):
                yield text.split("\n")

    def in_order(self):
        """The file's lines."""
        if self.grouped:
            for group in self.in_groups():
                yield from group
            return
        groups = self.in_groups()
        while True:
            some = list(itertools.islice(groups, APART))
            if not some:
                return
            yield from (group[0] for group in some)
            for group in some:
                yield from group[1:]

    def file(self, most):
        pad = " " * int(self.service.knob("bulk_pad", 0))
        stray = self.service.knob("bulk_stray")
        piece, size = [], 0
        for line in itertools.islice(self.in_order(), most):
            if stray:
                line = line.replace('"__parentId":"', '"__parentId":"x')
            piece.append(line + pad)
            size += len(piece[-1])
            if size > 262144:
                yield ("\n".join(piece) + "\n").encode()
                piece, size = [], 0
        if piece:
            yield ("\n".join(piece) + "\n").encode()

    # -- how it stands ----------------------------------------------------------

    def status(self):
        if self.cancelled is not None:
            return "CANCELING" if time.time() < self.cancelled + 0.1 else "CANCELED"
        if time.time() < self.created + self.seconds:
            return "CREATED" if time.time() < self.created + 0.05 else "RUNNING"
        if self.error or self.service.knob("bulk_fail"):
            return "FAILED"
        return self.service.knob("bulk_status", "COMPLETED")

    def share(self, number):
        done = min(1.0, (time.time() - self.created) / max(self.seconds, 0.001))
        return str(int(number * done))

    def address(self):
        last = int(time.time() + float(self.service.knob("bulk_url_seconds", 7 * 86400)))
        return "http://%s:%s/%s/storage/bulk/%d.jsonl?Expires=%d&Signature=%s" % (
            self.service.knob("bulk_host", "localhost"), self.port, self.service.world.name,
            self.number, last, urllib.parse.quote("s/%d+=" % self.number, safe=""))

    def shown(self):
        status = self.status()
        done = status == "COMPLETED"
        partial = status == "FAILED" and self.objects > 1
        return Plain(
            "BulkOperation", id="gid://shopify/BulkOperation/%d" % self.number, type="QUERY",
            status=status, query=self.query, created_at=int(self.created),
            error_code=(self.error or self.service.knob("bulk_fail")) if status == "FAILED"
            else None,
            completed_at=int(self.created + self.seconds) if status in ENDED else None,
            object_count=self.share(self.objects), root_object_count=self.share(self.roots),
            file_size=None, url=self.address() if done and self.objects else None,
            partial_data_url=self.address() if partial else None)


RESOLVERS[("BulkOperation", "id")] = lambda job, a, c: job.id


class Jobs:
    """Those of one shop."""

    def __init__(self, service):
        self.service = service
        self.by_number = {}

    def running(self):
        return [job for job in self.by_number.values() if job.status() not in ENDED]

    def find(self, gid):
        kind, _, number = str(gid).rpartition("/")
        if kind != "gid://shopify/BulkOperation" or not number.isdigit():
            return None
        return self.by_number.get(int(number))

    def run(self, text, grouped, port):
        if len(self.running()) >= int(self.service.knob("bulk_slots", 5)):
            return None, [Plain("BulkOperationUserError", code="LIMIT_REACHED", field=None,
                                message="A bulk query operation for this app and shop is already "
                                        "in progress.")]
        try:
            job = Job(self.service, 7200000000001 + len(self.by_number), text, grouped, port)
        except (Refused, Problem) as problem:
            return None, [Plain("BulkOperationUserError", code="INVALID", field=["query"],
                                message="Invalid bulk query: %s" % problem)]
        self.by_number[job.number] = job
        return job.shown(), []


@resolver("Mutation.bulkOperationRunQuery")
def run_query(obj, args, ctx):
    with ctx.service.lock:
        job, problems = ctx.service.jobs.run(args["query"], args.get("groupObjects", False),
                                             ctx.service.sim.port)
    return Plain("BulkOperationRunQueryPayload", bulk_operation=job, user_errors=problems)


@resolver("Mutation.bulkOperationCancel")
def cancel(obj, args, ctx):
    job = ctx.service.jobs.find(args["id"])
    problems = []
    if job is None:
        problems = [Plain("UserError", field=["id"], message="Bulk operation does not exist")]
    elif job.status() in ENDED:
        problems = [Plain("UserError", field=None, message="A bulk operation cannot be canceled "
                                                           "when it is %s"
                          % job.status().lower())]
    elif job.cancelled is None:
        job.cancelled = time.time()
    return Plain("BulkOperationCancelPayload", user_errors=problems,
                 bulk_operation=None if job is None else job.shown())


@resolver("QueryRoot.bulkOperation")
def by_id(obj, args, ctx):
    job = ctx.service.jobs.find(args["id"])
    return None if job is None else job.shown()


SECRETS = ("authorization", "x-shopify-access-token", "cookie")


class Storage(Service):
    """The host that keeps the files."""

    name = "storage"
    worlds = ("story", "small", "uci", "empty", "big")

    def handle(self, request):
        shopify = self.world.service("shopify")
        number = request.path[len("/bulk/"):].partition(".")[0]
        job = shopify.jobs.by_number.get(int(number)) if number.isdigit() else None
        if any(name in request.headers for name in SECRETS):
            return xml(400, "InvalidArgument", "Only one auth mechanism allowed")
        if request.method != "GET" or job is None:
            return xml(404, "NoSuchKey", "The specified key does not exist.")
        if time.time() > int(request.param("Expires", "0")) \
                or request.param("Signature") != "s/%d+=" % job.number:
            return xml(403, "AccessDenied", "Access denied.")
        most = job.objects - int(shopify.knob("bulk_short", 0))
        if job.status() == "FAILED":
            most = job.objects // 2
        return Response(200, job.file(most), {"Content-Type": "application/jsonl"})


def xml(status, code, message):
    return Response(status, "<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code>"
                            "<Message>%s</Message></Error>" % (code, message),
                    {"Content-Type": "application/xml; charset=UTF-8"})


def show_jobs(sim, request):
    """The operations of a world: [{number, status, query}]."""
    jobs = sim.worlds[request.param("world", "small")].service("shopify").jobs
    return [{"number": job.number, "status": job.status(), "query": job.query,
             "objects": job.objects, "seconds": job.seconds} for job in jobs.by_number.values()]


SERVICES = [Storage]
CONTROLS = {"jobs": show_jobs}
