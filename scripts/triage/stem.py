"""The English stemmer of full text search (Snowball's "english", Porter 2), and
its stop words: so that the fit needs no server.  The tests compare it with the
server's own."""

STOP = frozenset('''i me my myself we our ours ourselves you your yours yourself yourselves he him his
himself she her hers herself it its itself they them their theirs themselves what which who whom this
that these those am is are was were be been being have has had having do does did doing a an the and
but if or because as until while of at by for with about against between into through during before
after above below to from up down in out on off over under again further then once here there when
where why how all any both each few more most other some such no nor not only own same so than too
very s t can will just don should now'''.split())

VOWELS = 'aeiouy'
DOUBLES = ('bb', 'dd', 'ff', 'gg', 'mm', 'nn', 'pp', 'rr', 'tt')
AS_IS = {'skis': 'ski', 'skies': 'sky', 'dying': 'die', 'lying': 'lie', 'tying': 'tie', 'idly': 'idl',
         'gently': 'gentl', 'ugly': 'ugli', 'early': 'earli', 'only': 'onli', 'singly': 'singl',
         'sky': 'sky', 'news': 'news', 'howe': 'howe', 'atlas': 'atlas', 'cosmos': 'cosmos',
         'bias': 'bias', 'andes': 'andes'}
AS_IS_LATER = frozenset('inning outing canning herring earring proceed exceed succeed'.split())
STEP2 = (('ational', 'ate'), ('tional', 'tion'), ('enci', 'ence'), ('anci', 'ance'), ('abli', 'able'),
         ('entli', 'ent'), ('izer', 'ize'), ('ization', 'ize'), ('ation', 'ate'), ('ator', 'ate'),
         ('alism', 'al'), ('aliti', 'al'), ('alli', 'al'), ('fulness', 'ful'), ('ousli', 'ous'),
         ('ousness', 'ous'), ('iveness', 'ive'), ('iviti', 'ive'), ('biliti', 'ble'), ('bli', 'ble'),
         ('ogi', 'og'), ('fulli', 'ful'), ('lessli', 'less'), ('li', ''))
STEP3 = (('ational', 'ate'), ('tional', 'tion'), ('alize', 'al'), ('icate', 'ic'), ('iciti', 'ic'),
         ('ical', 'ic'), ('ful', ''), ('ness', ''), ('ative', ''))
STEP4 = ('al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent', 'ism', 'ate',
         'iti', 'ous', 'ive', 'ize', 'ion')


def _region(word, start):
    """Where the region behind the first non-vowel after a vowel begins."""
    for i in range(start + 1, len(word)):
        if word[i] not in VOWELS and word[i - 1] in VOWELS:
            return i + 1
    return len(word)


def _ends_short(word):
    """Does the word end in a short syllable?"""
    if len(word) == 2:
        return word[0] in VOWELS and word[1] not in VOWELS
    return (len(word) > 2 and word[-1] not in VOWELS + 'wxY' and word[-2] in VOWELS
            and word[-3] not in VOWELS)


def _longest(word, suffixes):
    found = [s for s in suffixes if word.endswith(s)]
    return max(found, key=len) if found else None


def _step1(word, r1):
    found = _longest(word, ('sses', 'ied', 'ies', 'us', 'ss', 's'))
    if found == 'sses':
        word = word[:-2]
    elif found in ('ied', 'ies'):
        word = word[:-2] if len(word) > 4 else word[:-1]
    elif found == 's' and any(c in VOWELS for c in word[:-2]):
        word = word[:-1]
    if word in AS_IS_LATER:
        return word, True
    found = _longest(word, ('eed', 'eedly', 'ed', 'edly', 'ing', 'ingly'))
    if found in ('eed', 'eedly'):
        if len(word) - len(found) >= r1:
            word = word[:-len(found)] + 'ee'
    elif found and any(c in VOWELS for c in word[:-len(found)]):
        word = word[:-len(found)]
        if word.endswith(('at', 'bl', 'iz')):
            word += 'e'
        elif word.endswith(DOUBLES):
            word = word[:-1]
        elif _ends_short(word) and r1 >= len(word):
            word += 'e'
    if len(word) > 2 and word[-1] in 'yY' and word[-2] not in VOWELS:
        word = word[:-1] + 'i'
    return word, False


def _step2(word, r1):
    found = _longest(word, [s for s, _ in STEP2])
    if not found or len(word) - len(found) < r1:
        return word
    before = word[:-len(found)]
    if found == 'ogi' and not before.endswith('l') or found == 'li' and before[-1:] not in tuple('cdeghkmnrt'):
        return word
    return before + dict(STEP2)[found]


def _step3(word, r1, r2):
    found = _longest(word, [s for s, _ in STEP3])
    at = len(word) - len(found or '')
    if not found or at < r1 or found == 'ative' and at < r2:
        return word
    return word[:at] + dict(STEP3)[found]


def _step4(word, r2):
    found = _longest(word, STEP4)
    at = len(word) - len(found or '')
    if not found or at < r2 or found == 'ion' and word[at - 1:at] not in ('s', 't'):
        return word
    return word[:at]


def stem(word):
    """The stem of a word in lower case; a stop word is its own."""
    if word in STOP or len(word) < 3 or not word.isalpha():
        return word
    if word in AS_IS:
        return AS_IS[word]
    letters = list(word)
    for i, c in enumerate(letters):
        if c == 'y' and (i == 0 or letters[i - 1] in VOWELS):
            letters[i] = 'Y'
    word = ''.join(letters)
    r1 = next((len(p) for p in ('gener', 'commun', 'arsen') if word.startswith(p)), None)
    if r1 is None:
        r1 = _region(word, 0)
    r2 = _region(word, r1)
    word, done = _step1(word, r1)
    if not done:
        word = _step4(_step3(_step2(word, r1), r1, r2), r2)
        if word.endswith('e'):
            at = len(word) - 1
            if at >= r2 or at >= r1 and not _ends_short(word[:-1]):
                word = word[:-1]
        elif word.endswith('ll') and len(word) - 1 >= r2:
            word = word[:-1]
    return word.lower()
