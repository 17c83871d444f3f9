"""Google's partial responses: parse a fields mask, check it, apply it."""


class MaskError(Exception):
    """The path that does not exist or does not parse."""


def parse(text):
    """'a,b(c,d/e)' -> {'a': {}, 'b': {'c': {}, 'd': {'e': {}}}}; {} means all."""
    tree, rest = parse_list(text)
    if rest or not tree:
        raise MaskError(text)
    return tree


def parse_list(text):
    tree = {}
    while True:
        names, text = parse_path(text)
        children, more = None, text[:1]
        if more == '(':
            children, text = parse_list(text[1:])
            if text[:1] != ')':
                raise MaskError(text)
            text = text[1:]
            more = text[:1]
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
        node.setdefault(names[-1], {}).update(children or {})
        if more != ',':
            return tree, text
        text = text[1:]


def parse_path(text):
    names = []
    while True:
        end = 0
        while end < len(text) and (text[end].isalnum() or text[end] in '_*'):
            end += 1
        if end == 0:
            raise MaskError(text)
        names.append(text[:end])
        text = text[end:]
        if text[:1] not in ('/', '.'):
            return names, text
        text = text[1:]


def check(tree, known, path=''):
    """Raise MaskError for the first name that is not in the known tree.

    known: {name: subtree}; a subtree of None is a leaf whose inside is not
    looked at.
    """
    for name, children in tree.items():
        here = path + '.' + name if path else name
        if name == '*':
            continue
        if name not in known:
            raise MaskError(here)
        if children and known[name] is not None:
            check(children, known[name], here)


def apply(tree, value):
    if not tree or '*' in tree and not tree['*']:
        return value
    if isinstance(value, list):         # what is left empty keeps its place, as {}
        return [apply(tree, item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, item in value.items():
        children = tree.get(name, tree.get('*'))
        if children is not None:
            result[name] = apply(children, item)
    return result
