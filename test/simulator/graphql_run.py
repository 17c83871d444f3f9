"""From a parsed document to something that runs: checks and closures.

Every field becomes one function (object, context) -> value.  Checks are made
while compiling, in the words of the service, so a document that compiles is
valid for every variable value (except the values themselves).
"""

from graphql import (Enum, Field, Parser, Problem, Variable, skip_field,
                     snake)

SCALARS = {"Int": int, "Float": (int, float), "String": str, "Boolean": bool,
           "ID": (str, int)}


class Operation:
    """A compiled operation."""

    def __init__(self, schema, text, operation_name=None):
        operations, fragments = Parser(text).document()
        if operation_name is not None:
            operations = [o for o in operations if o[1] == operation_name]
        if len(operations) != 1:
            raise Problem("An operation name is required" if operations
                          else "No operation named %r" % operation_name
                          if operation_name else "Unexpected end of document")
        self.schema = schema
        self.fragments = fragments
        self.kind, self.name, self.variables, self.selection = operations[0]
        root = "QueryRoot" if self.kind == "query" else "Mutation"
        if root not in schema.types:
            raise Problem("Schema is not configured for mutations",
                          "missingRootType")
        here = [self.kind if self.name is None
                else "%s %s" % (self.kind, self.name)]
        self.root = self.compile_set(self.selection, root, here)
        used = self.names_in(self.selection)
        for name in sorted(used - self.variables.keys()):
            raise Problem("Variable $%s is used by %s but not declared"
                          % (name, self.name or "anonymous query"),
                          "variableNotDefined", path=here, variableName=name)
        for name, (_, _, at) in self.variables.items():
            if name not in used:
                raise Problem("Variable $%s is declared by %s but not used"
                              % (name, self.name or "anonymous query"),
                              "variableNotUsed", at, here, variableName=name)

    def run(self, root, ctx, variables):
        ctx.variables = self.values(variables)
        return self.root(root, ctx)

    # -- variables ---------------------------------------------------------

    def values(self, given):
        """Check the variables given and add the defaults."""
        if not isinstance(given, dict):
            raise Problem("Variables must be an object", "INVALID_VARIABLE")
        out = {}
        for name, (text, default, at) in self.variables.items():
            if name in given:
                value = given[name]
                if not self.valid(value, text):
                    raise Problem("Variable $%s of type %s was provided invalid value"
                                  % (name, text), "INVALID_VARIABLE", at,
                                  value=value, problems=[
                                      {"path": [], "explanation":
                                       "Could not coerce value %r to %s"
                                       % (value, text.rstrip("!"))}])
                out[name] = value
            elif default is not None:
                out[name] = default
            elif text.endswith("!"):
                raise Problem("Variable $%s of type %s was provided invalid value"
                              % (name, text), "INVALID_VARIABLE", at, value=None,
                              problems=[{"path": [], "explanation":
                                         "Expected value to not be null"}])
        return out

    def valid(self, value, text):
        if value is None:
            return not text.endswith("!")
        text = text.rstrip("!")
        if text.startswith("["):
            inner = text[1:-1]
            return all(self.valid(v, inner) for v in
                       (value if isinstance(value, list) else [value]))
        if text in self.schema.enums:
            return value in self.schema.enums[text]
        kind = SCALARS.get(text)
        if kind is None:
            return True
        if isinstance(value, bool):
            return kind is bool
        return isinstance(value, kind)

    # -- selections ----------------------------------------------------------

    def collect(self, selection, on, path, out):
        """Fields of a selection that apply to a concrete type, by key."""
        for item in selection:
            if isinstance(item, Field):
                same = out.get(item.key)
                if same is None:
                    out[item.key] = [item]
                elif same[0].name != item.name:
                    raise Problem("Field '%s' has a field conflict: %s or %s?"
                                  % (item.key, same[0].name, item.name),
                                  "fieldConflict", item.at, path)
                else:
                    same.append(item)
                continue
            if item.name is not None:
                if item.name not in self.fragments:
                    raise Problem("Fragment %s was used, but not defined"
                                  % item.name, "useAndDefineFragment", item.at,
                                  path, fragmentName=item.name)
                condition, inner = self.fragments[item.name]
            else:
                condition, inner = item.on or on, item.selection
            if condition not in self.schema.types:
                raise Problem("No such type %s, so it can't be a fragment condition"
                              % condition, "undefinedType", item.at, path,
                              typeName=condition)
            if self.schema.types[on].abstract and condition != on:
                continue
            if self.schema.fits(on, condition):
                self.collect(inner, on, path, out)
        return out

    def compile_set(self, selection, on, path):
        """A function (obj, ctx) -> dict for a selection set on a type."""
        if self.schema.types[on].abstract:
            return self.compile_abstract(selection, on, path)
        fields, has_skips = [], False
        for key, same in self.collect(selection, on, path, {}).items():
            has_skips |= any(f.directives for f in same)
            fields.append((key, self.compile_field(same, on, path),
                           same[0].directives))
        if has_skips:
            return lambda obj, ctx: {
                key: run(obj, ctx) for key, run, directives in fields
                if not skip_field(directives, ctx.variables)}
        pairs = [(key, run) for key, run, _ in fields]
        return lambda obj, ctx: {key: run(obj, ctx) for key, run in pairs}

    def names_in(self, selection):
        """The variables that a selection's value depends on."""
        names = set()
        for item in selection:
            for _, args in item.directives:
                names |= variables_in(args)
            inner = item.selection
            if isinstance(item, Field):
                names |= variables_in(item.args)
            elif item.name is not None:
                inner = self.fragments[item.name][1]
            names |= self.names_in(inner or ())
        return names

    def compile_abstract(self, selection, on, path):
        kinds = {}
        for name, kind in self.schema.types.items():
            if not kind.abstract and on in kind.interfaces:
                kinds[name] = self.compile_set(selection, name, path)
        self.collect(selection, on, path, {})
        type_of = self.schema.type_of
        return lambda obj, ctx: kinds[type_of(obj)](obj, ctx)

    # -- fields --------------------------------------------------------------

    def compile_field(self, same, on, path):
        field, schema = same[0], self.schema
        if field.name == "__typename":
            return lambda obj, ctx: on
        path = path + [field.key]
        definition = schema.types[on].fields.get(field.name)
        if definition is None:
            raise (schema.unknown or undefined)(on, field.name, field.at, path)
        args = self.compile_args(field, definition, path)
        base = definition.base
        inner = None
        if schema.is_object(base):
            selection = [s for f in same for s in f.selection or ()]
            if not selection:
                raise Problem("Field must have selections (field '%s' returns %s but has no "
                              "selections. Did you mean '%s { ... }'?)"
                              % (field.name, base, field.name),
                              "selectionMismatch", field.at, path,
                              nodeName="field '%s'" % field.name, typeName=base)
            inner = self.compile_set(selection, base, path)
            inner.uses = self.names_in(selection)
        elif field.selection:
            raise Problem("Selections can't be made on scalars (field '%s' returns %s but has "
                          "selections %r)" % (field.name, base, [
                              s.key for s in field.selection if isinstance(s, Field)]),
                          "selectionMismatch", field.at, path,
                          nodeName="field '%s'" % field.name, typeName=base)
        return self.runner(on, field, definition, args, inner, path)

    def runner(self, on, field, definition, args, inner, path):
        """The closure that gives one field its value."""
        schema = self.schema
        resolve = schema.resolvers.get((on, field.name))
        wire = schema.wires.get(definition.base)
        if resolve is None:
            name = snake(field.name)
            if inner is None and wire is None:
                return lambda obj, ctx: getattr(obj, name)
            if inner is None and not definition.is_list:
                return lambda obj, ctx: wire(getattr(obj, name), obj, ctx)
            get = lambda obj, ctx: getattr(obj, name)
        elif args is None:
            get = lambda obj, ctx: resolve(obj, {}, ctx)
        else:
            keys = path[1:]

            def get(obj, ctx):
                ctx.path = keys
                return resolve(obj, args(ctx.variables), ctx)
        if inner is None:
            return get
        if definition.is_list:
            return lambda obj, ctx: many(get(obj, ctx), inner, ctx)

        def one(obj, ctx):
            value = get(obj, ctx)
            return None if value is None else inner(value, ctx)
        return one

    def compile_args(self, field, definition, path):
        """A function variables -> arguments; None when the field has none."""
        for name, value in field.args.items():
            if name not in definition.args:
                raise Problem("Field '%s' doesn't accept argument '%s'"
                              % (field.name, name), "argumentNotAccepted",
                              field.at, path, name=field.name, typeName="Field",
                              argumentName=name)
            self.check_arg(field, name, value, definition.args[name][0], path)
        missing = [name for name, (text, default) in definition.args.items()
                   if text.endswith("!") and default is None
                   and name not in field.args]
        if missing:
            raise Problem("Field '%s' is missing required arguments: %s"
                          % (field.name, ", ".join(missing)),
                          "missingRequiredArguments", field.at, path,
                          className="Field", name=field.name,
                          arguments=", ".join(missing))
        if not definition.args:
            return None
        fixed = {name: default for name, (_, default) in definition.args.items()
                 if default is not None}
        given = field.args
        if not variables_in(given):
            constant = {**fixed, **given}
            return lambda variables: constant
        return lambda variables: {**fixed, **{
            name: bind(value, variables) for name, value in given.items()
            if not (isinstance(value, Variable) and value.name not in variables)}}

    def check_arg(self, field, name, value, text, path):
        if isinstance(value, Variable):
            declared = self.variables.get(value.name)
            if declared is None:
                raise Problem("Variable $%s is used by %s but not declared"
                              % (value.name, self.name or "anonymous query"),
                              "variableNotDefined", value.at, path,
                              variableName=value.name)
            if not fits_type(declared[0], declared[1], text):
                raise Problem("Type mismatch on variable $%s and argument %s (%s / %s)"
                              % (value.name, name, declared[0], text),
                              "variableMismatch", field.at, path,
                              variableName=value.name, typeName=declared[0],
                              argumentName=name, errorMessage="Type mismatch")
            return
        if variables_in(value):
            return
        base = text.rstrip("!")
        enum = base in self.schema.enums
        wrong = (isinstance(value, Enum) != enum) if value is not None else False
        if wrong or not self.valid(value, text):
            raise Problem("Argument '%s' on Field '%s' has an invalid value (%s). "
                          "Expected type '%s'." % (name, field.name, value, text),
                          "argumentLiteralsIncompatible", field.at, path,
                          typeName="Field", argumentName=name)


def undefined(type_name, field_name, at, path):
    return Problem("Field '%s' doesn't exist on type '%s'"
                   % (field_name, type_name), "undefinedField", at, path,
                   typeName=type_name, fieldName=field_name)


def many(values, inner, ctx):
    """A list; one that has only texts to give (big.py) renders itself."""
    if hasattr(values, "text"):
        return values.text(inner, ctx)
    return [inner(value, ctx) for value in values]


def variables_in(value):
    """Names of the variables inside an argument value."""
    if isinstance(value, Variable):
        return {value.name}
    parts = value.values() if isinstance(value, dict) \
        else value if isinstance(value, list) else ()
    return set().union(*(variables_in(part) for part in parts))


def bind(value, variables):
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, list):
        return [bind(v, variables) for v in value]
    if isinstance(value, dict):
        return {k: bind(v, variables) for k, v in value.items()}
    return value


def fits_type(declared, default, wanted):
    """May a variable of a declared type stand where a type is wanted?"""
    if wanted.endswith("!"):
        if not declared.endswith("!") and default is None:
            return False
        wanted = wanted[:-1]
    declared = declared[:-1] if declared.endswith("!") else declared
    if wanted.startswith("["):
        return declared == wanted or declared == wanted.replace("!]", "]") \
            or declared.replace("!]", "]") == wanted
    return declared == wanted
