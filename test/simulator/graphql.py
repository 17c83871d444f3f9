"""A small GraphQL: parse a document, check it against a schema, compile it.

Only what an API client needs: operations, fragments, aliases, arguments,
variables, @include and @skip.  The schema is GraphQL's own language too
(types, interfaces, enums).  compile_document() gives an Operation that turns
the root object and variables into JSON-able data; a field's value comes from
the resolver registered for it, or from the attribute of the same name.
"""

import re

TOKEN = re.compile(r'''
    (?P<skip>[\s,\ufeff]+|\#[^\n\r]*)
  | (?P<block>"""(?:[^"\\]|\\"""|\\|"(?!""))*""")
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[_A-Za-z]\w*)
  | (?P<punct>\.\.\.|[!$&()=:@\[\]{}|])
''', re.VERBOSE)

ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|.)')
CONSTANTS = {"true": True, "false": False, "null": None}
SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Problem(Exception):
    """An error of the document or of its execution, as the service words it."""

    def __init__(self, message, code=None, at=None, path=None, **extra):
        super().__init__(message)
        self.entry = {"message": message}
        if at is not None:
            self.entry["locations"] = [{"line": at[0], "column": at[1]}]
        if path is not None:
            self.entry["path"] = path
        extensions = {**({"code": code} if code else {}), **extra}
        if extensions:
            self.entry["extensions"] = extensions


class Enum(str):
    """An enum value written in the document."""


class Variable:
    __slots__ = ("name", "at")

    def __init__(self, name, at):
        self.name = name
        self.at = at


class Field:
    __slots__ = ("key", "name", "args", "directives", "selection", "at")


class Fragment:
    """A spread ("name" set) or an inline fragment."""
    __slots__ = ("name", "on", "directives", "selection", "at")


class Parser:
    """Tokens to trees; one instance per text."""

    def __init__(self, text):
        self.tokens = []
        at, line, start = 0, 1, 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise Problem("syntax error, unexpected invalid token (%r) at [%d, %d]"
                              % (text[at], line, at - start + 1),
                              "GRAPHQL_PARSE_FAILED", (line, at - start + 1))
            kind, word = found.lastgroup, found.group()
            if kind != "skip":
                self.tokens.append((kind, word, (line, at - start + 1)))
            breaks = word.count("\n")
            if breaks:
                line += breaks
                start = at + word.rfind("\n") + 1
            at = found.end()
        self.tokens.append(("end", "end of file", (line, at - start + 1)))
        self.at = 0

    # -- helpers -----------------------------------------------------------

    def peek(self):
        return self.tokens[self.at][1]

    def where(self):
        return self.tokens[self.at][2]

    def next(self):
        token = self.tokens[self.at]
        self.at += 1
        return token

    def wrong(self):
        kind, word, at = self.tokens[self.at]
        return Problem("syntax error, unexpected %s at [%d, %d]"
                       % ("end of file" if kind == "end" else repr(word), *at),
                       "GRAPHQL_PARSE_FAILED", at)

    def take(self, word):
        kind, found, _ = self.tokens[self.at]
        if found == word and kind in ("punct", "name"):
            self.at += 1
            return True
        return False

    def need(self, word):
        if not self.take(word):
            raise self.wrong()

    def name(self):
        if self.tokens[self.at][0] != "name":
            raise self.wrong()
        return self.next()[1]

    # -- documents -----------------------------------------------------------

    def document(self):
        operations, fragments = [], {}
        while self.tokens[self.at][0] != "end":
            if self.peek() == "fragment":
                self.next()
                name = self.name()
                self.need("on")
                on = self.name()
                fragments[name] = (on, self.selection())
            elif self.peek() == "{":
                operations.append(("query", None, {}, self.selection()))
            elif self.peek() in ("query", "mutation"):
                operations.append(self.operation())
            else:
                raise self.wrong()
        return operations, fragments

    def operation(self):
        kind = self.next()[1]
        name = self.name() if self.tokens[self.at][0] == "name" else None
        variables = {}
        if self.take("("):
            while not self.take(")"):
                self.need("$")
                at, variable = self.where(), self.name()
                self.need(":")
                text = self.type_text()
                default = self.value() if self.take("=") else None
                variables[variable] = (text, default, at)
        self.directives()
        return kind, name, variables, self.selection()

    def type_text(self):
        if self.take("["):
            text = "[" + self.type_text() + "]"
            self.need("]")
        else:
            text = self.name()
        return text + "!" if self.take("!") else text

    def selection(self):
        self.need("{")
        out = []
        while not self.take("}"):
            out.append(self.fragment() if self.peek() == "..." else self.field())
        if not out:
            raise self.wrong()
        return out

    def field(self):
        field = Field()
        field.at = self.where()
        field.key = field.name = self.name()
        if self.take(":"):
            field.name = self.name()
        field.args = self.arguments()
        field.directives = self.directives()
        field.selection = self.selection() if self.peek() == "{" else None
        return field

    def fragment(self):
        fragment = Fragment()
        fragment.at = self.where()
        self.need("...")
        fragment.name = fragment.on = fragment.selection = None
        if self.peek() == "on":
            self.next()
            fragment.on = self.name()
        elif self.tokens[self.at][0] == "name":
            fragment.name = self.name()
        fragment.directives = self.directives()
        if fragment.name is None:
            fragment.selection = self.selection()
        return fragment

    def arguments(self):
        args = {}
        if self.take("("):
            while not self.take(")"):
                name = self.name()
                self.need(":")
                args[name] = self.value()
        return args

    def directives(self):
        out = []
        while self.take("@"):
            out.append((self.name(), self.arguments()))
        return out

    def value(self):
        kind, word, at = self.next()
        if kind == "string":
            return ESCAPE.sub(unescape, word[1:-1])
        if kind == "block":
            return word[3:-3].replace('\\"""', '"""').strip("\n")
        if kind == "number":
            return float(word) if re.search(r"[.eE]", word) else int(word)
        if kind == "name":
            return CONSTANTS[word] if word in CONSTANTS else Enum(word)
        if word == "$":
            return Variable(self.name(), at)
        if word == "[":
            items = []
            while not self.take("]"):
                items.append(self.value())
            return items
        if word == "{":
            items = {}
            while not self.take("}"):
                name = self.name()
                self.need(":")
                items[name] = self.value()
            return items
        self.at -= 1
        raise self.wrong()

    # -- schemas ---------------------------------------------------------------

    def schema(self):
        types, enums = {}, {}
        while self.tokens[self.at][0] != "end":
            kind, name = self.next()[1], self.name()
            if kind == "enum":
                self.need("{")
                enums[name] = set()
                while not self.take("}"):
                    enums[name].add(self.name())
            else:
                types[name] = TypeDef(name, kind == "interface")
                if self.take("implements"):
                    types[name].interfaces.add(self.name())
                    while self.take("&"):
                        types[name].interfaces.add(self.name())
                self.need("{")
                while not self.take("}"):
                    field = FieldDef(self.name())
                    if self.take("("):
                        while not self.take(")"):
                            arg = self.name()
                            self.need(":")
                            text = self.type_text()
                            default = self.value() if self.take("=") else None
                            field.args[arg] = (text, default)
                    self.need(":")
                    field.set_type(self.type_text())
                    types[name].fields[field.name] = field
        return types, enums


def unescape(found):
    code = found.group(1)
    return chr(int(code[1:], 16)) if len(code) == 5 else SIMPLE.get(code, code)


class TypeDef:
    def __init__(self, name, abstract):
        self.name = name
        self.abstract = abstract
        self.interfaces = set()
        self.fields = {}


class FieldDef:
    """A field of the schema: its arguments and the type it gives."""

    def __init__(self, name):
        self.name = name
        self.args = {}
        self.text = self.base = None
        self.is_list = False

    def set_type(self, text):
        self.text = text
        self.is_list = text.startswith("[")
        self.base = text.strip("[]!").replace("!", "").replace("]", "")


class Schema:
    """Types, enums and the resolvers that go with them."""

    def __init__(self, text, resolvers, wires, type_of, unknown=None):
        self.types, self.enums = Parser(text).schema()
        self.resolvers = resolvers      # (type, field) -> f(obj, args, ctx)
        self.wires = wires              # scalar -> f(value, obj, ctx), or absent
        self.type_of = type_of          # an object -> name of its type
        self.unknown = unknown          # (type, field, at, path) -> Problem
        for name, kind in list(self.types.items()):
            if kind.interfaces and not kind.abstract:
                for interface in kind.interfaces:
                    self.types.setdefault(interface, TypeDef(interface, True))

    def is_object(self, name):
        return name in self.types

    def fits(self, concrete, condition):
        kind = self.types[concrete]
        return concrete == condition or condition in kind.interfaces


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def skip_field(directives, variables):
    for name, args in directives:
        if name in ("include", "skip"):
            flag = args.get("if")
            if isinstance(flag, Variable):
                flag = variables.get(flag.name)
            if bool(flag) == (name == "skip"):
                return True
    return False
