"""Text search queries over the words of a message: what tsquery does, as far as
the rules use it."""
import re

from .stem import stem

TOKEN = re.compile(r"\s*(<->|<\d+>|[()&|!]|'(?:[^']|'')*'(?::\*)?|[^\s()&|!<>:]+(?::\*)?)")


def parse(text):
    """Nested tuples of a query."""
    tokens = TOKEN.findall(text)
    at = 0

    def peek():
        return tokens[at] if at < len(tokens) else None

    def take():
        nonlocal at
        at += 1
        return tokens[at - 1]

    def word():
        token = take()
        if token == '(':
            inside = either()
            take()
            return inside
        if token == '!':
            return ('not', word())
        prefix = token.endswith(':*')
        token = (token[:-2] if prefix else token).strip("'").replace("''", "'").lower()
        return ('word', token if prefix or "'" in token else stem(token), prefix)

    def phrase():
        left = word()
        while peek() and peek().startswith('<'):
            token = take()
            left = ('phrase', left, word(), 1 if token == '<->' else int(token[1:-1]))
        return left

    def both():
        left = phrase()
        while peek() == '&':
            take()
            left = ('and', left, phrase())
        return left

    def either():
        left = both()
        while peek() == '|':
            take()
            left = ('or', left, both())
        return left

    return either()


def _places(node, words):
    """Where a phrase's part ends, and its width: a set of pairs."""
    kind = node[0]
    if kind == 'word':
        found = [p for w, p in words.items() if w.startswith(node[1])] if node[2] else [words.get(node[1], ())]
        return {(place, 0) for places in found for place in places}
    if kind == 'or':
        return _places(node[1], words) | _places(node[2], words)
    if kind == 'and':
        return _places(node[1], words) & _places(node[2], words)
    if kind == 'phrase':
        left = _places(node[1], words)
        ends = {place for place, _ in left}
        return {(place, width + node[3]) for place, width in _places(node[2], words)
                if place - width - node[3] in ends}
    raise ValueError('no "not" inside a phrase')


def holds(node, words):
    """Is the query true of {stem: [places]}?"""
    kind = node[0]
    if kind == 'not':
        return not holds(node[1], words)
    if kind == 'and':
        return holds(node[1], words) and holds(node[2], words)
    if kind == 'or':
        return holds(node[1], words) or holds(node[2], words)
    return bool(_places(node, words))
