"""What src/hub/words.c, sentiment.c and triage.c do, said again in Python: the
fit needs it, and the tests compare the two.

It takes plain text: quoted replies, signatures and HTML are not its business.
"""
import math
import re
import unicodedata

from . import pattern
from .stem import stem
from .tables import URGENCIES

NEGATION_REACH, INTENSIFIER_REACH, REQUEST_REACH, REACH_LOSS = 4, 3, 6, 0.1
CAPITALS, EXCLAMATION, EXCLAMATIONS = 1.2, 0.1, 3
QUESTION, BEFORE_CONTRAST, SETTLED = 0.6, 0.6, 0.2
THANKS_ASKING, COMPLAINT, BEND, LIMIT = 0.3, -0.5, 3.0, 5.0
FULL_EVIDENCE, DECIDED, SUBJECT_GAP, PHRASE_WORDS = 12, 0.5, 10, 5

MARKS = {'\u3002': '.', '\uff0e': '.', '\u06d4': '.', '\u0964': '.', '\u2026': '.', '\uff01': '!',
         '\uff1f': '?', '\u061f': '?', '\uff0c': ',', '\u3001': ',', '\u060c': ',', '\u2013': ',',
         '\u2014': ','}
ADDRESS = re.compile(r'(?:www\.|https?://)\S|\S*[A-Za-z0-9]@[A-Za-z0-9]', re.I)
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def is_invisible(c):
    code = ord(c)
    return (code == 0xAD or 0x200B <= code <= 0x200F or 0x202A <= code <= 0x202E or 0x2060 <= code <= 0x2069
            or code == 0xFEFF or 0xFE00 <= code <= 0xFE0F or code == 0x20E3 or 0x1F3FB <= code <= 0x1F3FF)


def is_emoji(c):
    code = ord(c)
    return 0x2600 <= code <= 0x27BF or 0x1F000 <= code <= 0x1FAFF or code == 0x2B50


class Piece:
    def __init__(self, kind, text, caps=False):
        self.kind, self.text, self.caps = kind, text, caps  # kind: word, emoji, stop
        self.stem = text if "'" in text or any(c.isdigit() for c in text) else stem(text)


def words_of(run):
    """The words of a run of letters, digits and apostrophes."""
    for match in WORD.finditer(run):
        parts = match.group().split("'")
        shown = parts[0]
        for part in parts[1:]:
            if part.lower() == 't' and shown[-1:].lower() == 'n' and len(shown) > 1 and "'" not in shown:
                shown += "'t"
            elif part.lower() not in ('s', 're', 'll', 've', 'd', 'm'):
                yield shown, parts[0]
                shown = part
        yield shown, parts[0]


def cut(text, emoticons):
    """Pieces of a text, and whether some word is not in capitals."""
    pieces, run, lower = [], [], False

    def end_run():
        nonlocal lower
        for shown, first in words_of(''.join(run)):
            if not any(c.isalpha() for c in shown):
                continue
            small = any('a' <= c <= 'z' for c in first)
            lower = lower or small
            caps = not small and sum('A' <= c <= 'Z' for c in first) >= 3
            pieces.append(Piece('word', shown.lower(), caps))
        run.clear()

    def put(kind, what):
        end_run()
        pieces.append(Piece(kind, what))

    at, begins = 0, True
    while at < len(text):
        c = text[at]
        if begins and not c.isspace():
            chunk = re.compile(r'\S+').match(text, at).group()
            if ADDRESS.match(chunk):
                run.append(' ')
                at += len(chunk)
                continue
        begins = False
        c = "'" if c == '\u2019' else c
        after = text[at + 1:at + 2]
        smiley = next((text[at:at + n] for n in (4, 3, 2) if c in ':;=<' and text[at:at + n] in emoticons
                       and len(text[at:at + n]) == n
                       and (at + n >= len(text) or text[at + n].isspace() or text[at + n] in '.,!?')), None)
        if ord(c) > 127:
            if is_invisible(c):
                pass
            elif c in MARKS:
                put('stop', MARKS[c])
            elif is_emoji(c):
                put('emoji', c)
            else:
                run.append(c if c.isalnum() or unicodedata.category(c)[0] == 'M' else ' ')
        elif c.isalnum():
            run.append(c)
        elif smiley:
            put('emoji', smiley)
            at += len(smiley)
            continue
        elif c == "'" and at and text[at - 1].isalpha() and after.isalpha():
            run.append(c)
        elif c in '.,' and at and text[at - 1].isdigit() and after.isdigit():
            pass
        elif c in '.!?,;:':
            put('stop', c)
        elif c == '\n' and after == '\n':
            put('stop', '.')
            begins = True
        else:
            run.append(' ')
            begins = c.isspace()
        at += 1
    end_run()
    return pieces, lower


class Lexicon:
    """The default rows of the tables, ready to be looked up."""

    def __init__(self, rows):
        self.word, self.stem, self.phrase, self.emoji = {}, {}, {}, {}
        for row in sorted(rows['lexicon'], key=lambda row: row['term'].lower(), reverse=True):
            term, entry = row['term'].lower(), (row['kind'], row['weight'])
            if row['form'] == 'emoji':
                self.emoji[row['term']] = entry
            elif row['form'] == 'word':
                self.word[term] = entry
            else:
                key = ' '.join(w if "'" in w else stem(w) for w in term.split())
                (self.stem if row['form'] == 'stem' else self.phrase)[key] = entry
        self.longest = min(max((key.count(' ') + 1 for key in self.phrase), default=1), PHRASE_WORDS)
        self.categories = sorted({row['category'] for row in rows['triage_weight'] + rows['triage_rule']
                                  if row.get('category')})
        self.evidence = {}
        for row in rows['triage_weight']:
            key = ' '.join(stem(w) for w in row['term'].split())
            known = self.evidence.setdefault(key, (row['term'], {}))
            known[1][row['category']] = row['weight']
        self.rules = []
        for row in sorted(rows['triage_rule'], key=lambda row: row['rule']):
            if row['active']:
                text = row.get('pattern')
                self.rules.append({**dict.fromkeys(('category', 'urgency', 'when_category', 'sentiment_below',
                                                    'sentiment_above')), **row,
                                   'parsed': pattern.parse(text) if text else None})

    def cut(self, text):
        return cut(text, self.emoji)


class Item:
    def __init__(self, entry, first, last, clause, sentence, piece):
        self.entry, self.first, self.last = entry, first, last
        self.clause, self.sentence, self.piece = clause, sentence, piece
        self.kind = entry[0] if entry else None
        self.value = 0.0


def read_items(lex, pieces, unknown=None):
    """Items and sentences; "unknown" may give an entry for words not in the lexicon."""
    items, sentences, asks = [], [{'items': 0, 'loud': 0, 'question': False, 'factor': 1.0}], False
    word = clause = at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece.kind == 'stop':
            clause += 1
            if piece.text not in '.!?':
                continue
            if sentences[-1]['items']:
                sentences.append({'items': 0, 'loud': 0, 'question': False, 'factor': 1.0})
            asks = asks or piece.text == '?'
            if len(sentences) > 1:
                sentences[-2]['loud'] += piece.text == '!'
                sentences[-2]['question'] |= piece.text == '?'
            continue
        first = last = word
        if piece.kind == 'emoji':
            entry = lex.emoji.get(piece.text)
        else:
            entry, n = None, 1
            row = []
            for other in pieces[at - 1:at - 1 + lex.longest]:
                if other.kind != 'word':
                    break
                row.append(other.stem)
            for n in range(len(row), 1, -1):
                entry = lex.phrase.get(' '.join(row[:n]))
                if entry:
                    break
            if not entry:
                n = 1
                entry = lex.word.get(piece.text) or lex.stem.get(piece.stem)
                if not entry and unknown:
                    entry = unknown(piece)
            last = word + n - 1
            word += n
            at += n - 1
        items.append(Item(entry, first, last, clause, len(sentences) - 1, piece))
        asks = asks or items[-1].kind == 'request'
        sentences[-1]['items'] += 1
    return items, sentences, asks


def weigh(items, at, lower):
    """The item's value by what stands before it; True if it was negated."""
    item, negated = items[at], False
    item.value = item.entry[1]
    if item.piece.kind == 'emoji':
        for before in reversed(items[:at]):
            if before.piece.kind != 'emoji' or before.entry is not item.entry:
                break
            item.value /= 2
            if abs(item.value) < 0.01:
                break
        return False
    if item.piece.caps and lower:
        item.value *= CAPITALS
    for before in reversed(items[:at]):
        distance = item.first - before.last
        if before.clause != item.clause or distance > NEGATION_REACH or before.kind == 'contrast':
            break
        if before.kind == 'negation' and not negated:
            item.value *= before.entry[1]
            negated = True
        if before.kind == 'intensifier' and distance <= INTENSIFIER_REACH:
            item.value *= 1 + before.entry[1] * (1 - REACH_LOSS * (distance - 1))
    return negated


def is_wished(items, at):
    for before in reversed(items[:at]):
        if before.sentence != items[at].sentence or items[at].first - before.last > REQUEST_REACH:
            return False
        if before.kind == 'request':
            return True
    return False


def read_values(items, sentences, lower):
    """Sets the items' values within their sentences; the last thing settled, or -1."""
    settled = -1
    for at, item in enumerate(items):
        if item.kind not in ('score', 'thanks', 'settled'):
            continue
        negated = weigh(items, at, lower)
        if item.kind == 'settled':
            if is_wished(items, at):
                item.value = 0.0
            elif not negated:
                settled = at
    last = {}
    for at, item in enumerate(items):
        if item.kind == 'contrast':
            last[item.sentence] = at
            if item.sentence > 0 and items[at - 1].sentence != item.sentence:
                sentences[item.sentence - 1]['factor'] = BEFORE_CONTRAST
    for at, item in enumerate(items):
        contrast = last.get(item.sentence)
        if contrast is not None:
            item.value *= BEFORE_CONTRAST if at < contrast else items[contrast].entry[1]
        sentence = sentences[item.sentence]
        factor = sentence['factor'] * (1 + EXCLAMATION * min(sentence['loud'], EXCLAMATIONS))
        item.value *= factor * QUESTION if sentence['question'] else factor
    return settled


def bend(total):
    return LIMIT * total / math.sqrt(total * total + BEND * BEND)


def sentiment(lex, pieces, lower):
    """From -5 to 5; None without a word or emoji."""
    if not any(piece.kind != 'stop' for piece in pieces):
        return None
    items, sentences, asks = read_items(lex, pieces)
    settled = read_values(items, sentences, lower)
    rest = thanks = 0.0
    felt = set()
    for at, item in enumerate(items):
        if item.value == 0:
            continue
        if item.kind == 'thanks' and item.value > 0:
            thanks = max(thanks, item.value)
            continue
        rest += item.value * SETTLED if at < settled and item.value < 0 else item.value
        felt.add(item.sentence)
    if rest < COMPLAINT:
        thanks = 0.0
    elif asks and settled < 0:
        thanks *= THANKS_ASKING
    return bend(rest / math.sqrt(max(len(felt), 1)) + thanks)


def places_of(pieces, subject_pieces):
    places, place = {}, 1
    for i, piece in enumerate(pieces):
        if i == subject_pieces and i > 0:
            place += SUBJECT_GAP
        if piece.kind == 'stop' and piece.text in '.!?':
            place += 1
        if piece.kind == 'word':
            places.setdefault(piece.stem, []).append(place)
            place += 1
    return places


def evidence_of(lex, pieces):
    """Words, and pairs of words in a row, that the weights know."""
    found = set()
    for piece, after in zip(pieces, pieces[1:] + [None]):
        if piece.kind != 'word':
            continue
        found.add(piece.stem)
        if after is not None and after.kind == 'word':
            found.add(f'{piece.stem} {after.stem}')
    return found & lex.evidence.keys()


def sums(lex, found, places):
    """Each category's score, the rules that hold, and whether anything is known."""
    scale = math.sqrt(FULL_EVIDENCE / len(found)) if len(found) > FULL_EVIDENCE else 1.0
    always = lex.evidence.get('', ('', {}))[1]
    score = {c: scale * sum(lex.evidence[key][1].get(c, 0.0) for key in sorted(found, key=lambda k: lex.evidence[k][0]))
             + always.get(c, 0.0) for c in lex.categories}
    rules = [rule for rule in lex.rules if rule['parsed'] is None or pattern.holds(rule['parsed'], places)]
    for rule in rules:
        if rule['category']:
            score[rule['category']] += rule['weight']
    return score, rules, bool(found) or any(rule['category'] for rule in rules)


def triage(lex, subject, body):
    """(category, urgency, sentiment, confidence)"""
    pieces, lower = lex.cut(subject or '')
    if pieces:
        pieces.append(Piece('stop', '.'))
    subject_pieces = len(pieces)
    more, more_lower = lex.cut(body or '')
    pieces, lower = pieces + more, lower or more_lower
    feeling = sentiment(lex, pieces, lower)
    score, rules, known = sums(lex, evidence_of(lex, pieces), places_of(pieces, subject_pieces))
    category, confidence = 'General', 1 / len(lex.categories)
    if known:
        category = max(lex.categories, key=lambda c: score[c])
        total = sum(math.exp(score[c] - score[category]) for c in lex.categories)
        confidence = 1 / total
        deciding = [r for r in rules if r['category'] and r['priority'] > 0]
        if deciding:
            rule = max(deciding, key=lambda r: (r['priority'], r['weight']))
            confidence = max(DECIDED, math.exp(score[rule['category']] - score[category]) / total)
            category = rule['category']
    if not any(piece.kind == 'word' for piece in pieces):
        confidence = 0.0
    urgent = [r for r in rules if r['urgency'] and r['when_category'] in (None, category)
              and (r['sentiment_below'] is None or feeling is not None and feeling < r['sentiment_below'])
              and (r['sentiment_above'] is None or feeling is not None and feeling > r['sentiment_above'])]
    urgency = max(urgent, key=lambda r: (r['priority'], URGENCIES[r['urgency']]))['urgency'] if urgent else 'Low'
    return category, urgency, feeling, confidence
