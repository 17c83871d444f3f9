"""The fit itself: weights of words for sentiment and for categories.

Sentiment: ridge regression on what the words written by hand do not explain of
the ratings, in the model's own terms (a negated word counts negated); each
weight is drawn towards a prior: what AFINN and VADER say of the words of its
stem, at a scale that the fitting part chooses.  A word gets a row when one of
the lists knows it and people used it in the labelled texts: what the ratings
alone say of a word is about electronics.

Category: softmax regression on words and pairs of words, every category with
the same weight in sum, drawn towards 0; the rules vote along as they do in the
product.  Last a temperature, chosen on a part that the weights have not seen.
"""
import hashlib
import math
import os
from collections import Counter, defaultdict

from . import labels, model, report, sources, tables
from .stem import STOP, stem

# Weights below are not worth a row.
LEAST = 0.4

FOLDER = os.path.join(sources.ROOT, 'sql', 'model')


# Sentiment

def _rated_features(lex, rows):
    """Per sentence: what remains to be explained, and {stem: factor}."""
    surfaces = defaultdict(Counter)

    def unknown(piece):
        if len(piece.text) > 2 and piece.stem.isascii() and piece.stem.isalpha() and piece.text not in STOP:
            surfaces[piece.stem][piece.text] += 1
            return ('score', 1.0, piece.stem)
        return None

    sentences = []
    for row in rows:
        pieces, lower = lex.cut(row.text)
        items, parts, _ = model.read_items(lex, pieces, unknown)
        model.read_values(items, parts, lower)
        known, found = 0.0, Counter()
        for item in items:
            if item.entry and len(item.entry) == 3:
                found[item.entry[2]] += item.value
            else:
                known += item.value
        share = max(-0.95, min(0.95, row.label / 4))
        target = model.BEND * share / math.sqrt(1 - share * share)
        sentences.append((target - known, found))
    return sentences, surfaces


def _priors(stems):
    """What the two lists say of each stem: the mean of both, over its words."""
    said = defaultdict(list)
    for words in (sources.afinn(), sources.vader()):
        by_stem = defaultdict(list)
        for word, score in words.items():
            if word.isalpha():
                by_stem[stem(word)].append(score)
        for key, values in by_stem.items():
            said[key].append(sum(values) / len(values))
    return {key: sum(said[key]) / len(said[key]) for key in stems if key in said}


def _ridge(sentences, prior, strength):
    """Weights by coordinate descent."""
    uses = defaultdict(list)
    for i, (_, found) in enumerate(sentences):
        for key, x in found.items():
            uses[key].append((i, x))
    weight = {key: prior.get(key, 0.0) for key in uses}
    rest = [target - sum(x * weight[key] for key, x in found.items()) for target, found in sentences]
    for _ in range(40):
        for key in sorted(uses):
            old = weight[key]
            up = sum(x * (rest[i] + x * old) for i, x in uses[key]) + strength * prior.get(key, 0.0)
            weight[key] = up / (sum(x * x for _, x in uses[key]) + strength)
            for i, x in uses[key]:
                rest[i] -= x * (weight[key] - old)
    return weight


def _hash(text):
    return hashlib.sha256(text.encode()).digest()[0]


def _rank(lex, words, rows):
    """Spearman correlation with the ratings, with these words added."""
    with_words = model.Lexicon({'lexicon': [], 'triage_weight': [], 'triage_rule': []})
    with_words.word, with_words.phrase, with_words.emoji, with_words.longest = lex.word, lex.phrase, lex.emoji, lex.longest
    with_words.stem = {**{stem(word): ('score', weight) for word, weight in words.items()}, **lex.stem}
    said = [model.sentiment(with_words, *with_words.cut(row.text)) or 0.0 for row in rows]
    return report.spearman(said, [row.label for row in rows])


def fit_sentiment(lex, rows, others, strength=15.0, scale=None):
    """{word shown: weight} for stems that the lexicon does not know.

    "scale" is what a point of the word lists is worth; if it is not given, it
    is the one that ranks a quarter of the sentences best by the others.
    """
    if scale is None:
        inner = [row for row in rows if _hash('inner' + row.text) % 4]
        outer = [row for row in rows if _hash('inner' + row.text) % 4 == 0]
        scale = max((0.25, 0.5, 0.75, 1.0), key=lambda s: _rank(lex, fit_sentiment(lex, inner, others, strength, s), outer))
    sentences, surfaces = _rated_features(lex, rows)
    for row in others:  # words of people who write to a shop or a bank
        for piece in lex.cut(row.text)[0]:
            if piece.kind == 'word' and len(piece.text) > 2 and piece.text not in STOP \
                    and not lex.word.get(piece.text) and not lex.stem.get(piece.stem):
                surfaces[piece.stem][piece.text] += 1
    prior = _priors(surfaces)
    # a word of which neither list knows anything is electronics, not feeling
    sentences = [(target, {key: x for key, x in found.items() if key in prior}) for target, found in sentences]
    weight = _ridge(sentences, {key: scale * value for key, value in prior.items()}, strength)
    for key, value in prior.items():
        weight.setdefault(key, scale * value)
    shown = {key: min(words, key=lambda w: (-words[w], w)) for key, words in surfaces.items()}
    return {shown[key]: round(max(-4.0, min(4.0, value)), 2) for key, value in weight.items()}


# Categories

def _examples():
    bank = {stem(word) for word in labels.BANK_WORDS}
    for row in sources.questions():
        if not row.held_out:
            yield row, bank
    for row in list(sources.dialogues()) + sources.sentences():
        yield row, frozenset()


def _features(pieces, masked):
    found = {}
    for piece, after in zip(pieces, pieces[1:] + [None]):
        if piece.kind != 'word' or not piece.stem.isascii():
            continue
        if piece.stem not in masked and not (piece.text in STOP and len(piece.text) < 3):
            found[piece.stem] = piece.text
        if after is not None and after.kind == 'word' and after.stem.isascii() \
                and piece.stem not in masked and after.stem not in masked:
            found[f'{piece.stem} {after.stem}'] = f'{piece.text} {after.text}'
    return found


def _softmax(score):
    top = max(score.values())
    total = sum(math.exp(v - top) for v in score.values())
    return {c: math.exp(v - top) / total for c, v in score.items()}


def _descend(data, categories, rounds=30, rate=0.3, decay=0.006):
    """Softmax regression by stochastic gradients with a rate per feature (AdaGrad)."""
    weight = defaultdict(lambda: dict.fromkeys(categories, 0.0))
    seen = defaultdict(lambda: dict.fromkeys(categories, 1e-6))
    for step in range(rounds):
        order = sorted(range(len(data)), key=lambda i: hashlib.sha256(f'{step} {i}'.encode()).digest())
        for i in order:
            found, rules, truth, importance = data[i]
            keys = found + ['']
            scale = math.sqrt(model.FULL_EVIDENCE / len(found)) if len(found) > model.FULL_EVIDENCE else 1.0
            score = {c: scale * sum(weight[k][c] for k in found) + weight[''][c] + rules.get(c, 0.0)
                     for c in categories}
            guess = _softmax(score)
            for c in categories:
                error = importance * (guess[c] - (c == truth))
                for k in keys:
                    gradient = error * (scale if k else 1.0) + decay * weight[k][c]
                    seen[k][c] += gradient * gradient
                    weight[k][c] -= rate * gradient / math.sqrt(seen[k][c])
    return weight


def fit_categories(lex):
    """[(term, category, weight)]"""
    rows, surfaces, uses = [], defaultdict(Counter), Counter()
    for row, masked in _examples():
        pieces, _ = lex.cut(row.text)
        found = _features(pieces, masked)
        for key, text in found.items():
            surfaces[key][text] += 1
            uses[key] += row.weight
        _, rules, _ = model.sums(lex, set(), model.places_of(pieces, 0))
        votes = Counter()
        for rule in rules:
            if rule['category']:
                votes[rule['category']] += rule['weight']
        rows.append((row, list(found), votes))
    size = Counter()
    for row, _, _ in rows:
        size[row.label] += row.weight
    total = sum(size.values()) / len(size)
    data = []
    for row, found, votes in rows:
        kept = sorted(k for k in found if uses[k] >= (8 if ' ' in k else 4))
        data.append((kept, votes, row.label, row.weight * min(3.0, total / size[row.label])))
    calibration = [i for i, (row, _, _) in enumerate(rows)
                   if _hash('fold' + row.text) % 10 == 0]
    inside = set(calibration)
    trial = _descend([d for i, d in enumerate(data) if i not in inside], lex.categories)
    temperature = _temperature(trial, [data[i] for i in calibration], lex.categories)
    weight = _descend(data, lex.categories)
    result = []
    for key in sorted(weight):
        mean = sum(weight[key].values()) / len(lex.categories)
        for category in lex.categories:
            value = round((weight[key][category] - mean) / temperature, 2)
            if abs(value) >= (0.0 if key == '' else LEAST):
                words = surfaces[key]
                result.append((min(words, key=lambda w: (-words[w], w)) if key else '', category, value))
    print(f'fitted {len(result)} weights of {len(weight)} terms, temperature {temperature:.2f}')
    return result


def _temperature(weight, data, categories):
    """By which the fitted sums are divided for the likelihood of unseen texts."""
    def loss(t):
        total = 0.0
        for found, rules, truth, importance in data:
            scale = math.sqrt(model.FULL_EVIDENCE / len(found)) if len(found) > model.FULL_EVIDENCE else 1.0
            score = {c: (scale * sum(weight[k][c] for k in found if k in weight) + weight[''][c]) / t
                     + rules.get(c, 0.0) for c in categories}
            total -= importance * math.log(max(_softmax(score)[truth], 1e-12))
        return total
    return min((0.7 + 0.1 * i for i in range(40)), key=loss)


def write_all():
    by_hand = [path for path in sources.model_files() if not path.endswith(('-fitted.sql', '-weight.sql'))]
    lex = model.Lexicon(tables.from_sql(by_hand))
    words = fit_sentiment(lex, [row for row in sources.ratings() if not row.held_out],
                          [row for row, _ in _examples()])
    rows = [('', word, 'stem', 'score', weight) for word, weight in sorted(words.items()) if abs(weight) >= 0.1]
    tables.write_sql(os.path.join(FOLDER, '36-lexicon-fitted.sql'),
                     ['What people\'s ratings say about words: fitted by scripts/fit-triage, which',
                      'writes this file.  Words whose weight is next to nothing are left out.'],
                     'lexicon', ('brand', 'term', 'form', 'kind', 'weight'), rows, 'brand, term, form')
    print(f'fitted {len(rows)} words')
    weights = [('', term, category, weight) for term, category, weight in fit_categories(lex)]
    tables.write_sql(os.path.join(FOLDER, '36-triage-weight.sql'),
                     ['How much words speak for categories: fitted by scripts/fit-triage, which',
                      'writes this file.'],
                     'triage_weight', ('brand', 'term', 'category', 'weight'), weights, 'brand, term, category')
