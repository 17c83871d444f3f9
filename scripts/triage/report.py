"""How good the tables are: on what was held out, beside plain keywords."""
import math
import re

from . import labels, model, sources


def ranks(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    result, at = [0.0] * len(values), 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for i in range(at, end + 1):
            result[order[i]] = (at + end) / 2
        at = end + 1
    return result


def pearson(x, y):
    mx, my = sum(x) / len(x), sum(y) / len(y)
    both = sum((a - mx) * (b - my) for a, b in zip(x, y))
    return both / math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))


def spearman(x, y):
    return pearson(ranks(x), ranks(y))


def word_sum(lexicon, text):
    return sum(lexicon.get(word, 0.0) for word in re.findall(r"[a-z']+", text.lower()))


def by_keywords(text):
    """The category most of whose keywords occur; General when none does."""
    words = ' ' + ' '.join(re.findall(r'[a-z]+', text.lower())) + ' '
    count = {}
    for category, keywords in labels.KEYWORDS.items():
        terms = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', keywords)]
        count[category] = sum(f' {term} ' in words for term in terms)
    best = max(count, key=lambda c: count[c])
    return best if count[best] else 'General'


def scores(pairs):
    """(accuracy, macro F1, {category: (n, precision, recall, F1)}) of (truth, guess)."""
    result = {}
    for category in sorted({truth for truth, _ in pairs}):
        hit = sum(t == g == category for t, g in pairs)
        said = sum(g == category for _, g in pairs)
        true = sum(t == category for t, _ in pairs)
        result[category] = (true, hit / said if said else 0.0, hit / true,
                            2 * hit / (said + true) if said + true else 0.0)
    accuracy = sum(t == g for t, g in pairs) / len(pairs)
    return accuracy, sum(r[3] for r in result.values()) / len(result), result


def print_scores(title, pairs):
    accuracy, macro, each = scores(pairs)
    print(f'{title}: accuracy {accuracy:.3f}, macro F1 {macro:.3f}')
    for category, (n, precision, recall, f1) in each.items():
        print(f'    {category:14} n {n:5}  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}')


def print_reliability(title, judged):
    """Mean confidence and share of right ones, by fifths of confidence."""
    print(f'{title}: confidence and what came true')
    error = 0.0
    for low in (0.0, 0.4, 0.6, 0.8, 0.9):
        high = {0.0: 0.4, 0.4: 0.6, 0.6: 0.8, 0.8: 0.9, 0.9: 1.01}[low]
        inside = [(c, right) for c, right in judged if low <= c < high]
        if inside:
            mean, true = sum(c for c, _ in inside) / len(inside), sum(r for _, r in inside) / len(inside)
            error += abs(mean - true) * len(inside) / len(judged)
            print(f'    {low:.1f} to {min(high, 1):.1f}: n {len(inside):5}  said {mean:.3f}  true {true:.3f}')
    print(f'    expected calibration error {error:.3f}')


def print_all(rows):
    """The whole report on tables, given as rows."""
    lex = model.Lexicon(rows)
    rated = [row for row in sources.ratings() if row.held_out]
    people = [row.label for row in rated]
    afinn, vader = sources.afinn(), sources.vader()
    print(f'Sentiment: Spearman correlation with people, {len(rated)} held-out sentences')
    print(f'    ours {spearman([model.sentiment(lex, *lex.cut(r.text)) or 0.0 for r in rated], people):.3f}')
    print(f'    AFINN word sum {spearman([word_sum(afinn, r.text) for r in rated], people):.3f}')
    print(f'    VADER word sum {spearman([word_sum(vader, r.text) for r in rated], people):.3f}')
    asked = [row for row in sources.questions() if row.held_out]
    judged = [(row.label, model.triage(lex, None, row.text)) for row in asked]
    print_scores('Category, held-out bank questions, ours', [(t, j[0]) for t, j in judged])
    print_scores('    the same, keywords', [(r.label, by_keywords(r.text)) for r in asked])
    print_reliability('Bank questions', [(j[3], j[0] == t) for t, j in judged])
    shop = [(c, u, t, model.triage(lex, None, t)) for c, u, t in sources.retail_test()]
    print_scores('Category, messages of a shop, ours', [(c, j[0]) for c, _, _, j in shop])
    print_scores('    the same, keywords', [(c, by_keywords(t)) for c, _, t, _ in shop])
    print_scores('Urgency, messages of a shop, ours', [(u, j[1]) for _, u, _, j in shop])
    print_reliability('Messages of a shop', [(j[3], j[0] == c) for c, _, _, j in shop])
