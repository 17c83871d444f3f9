"""The tables of triage: read from the SQL files of the model, or from JSON as a
server gives it, and written as SQL."""
import json
import re

COLUMNS = {'lexicon': ('brand', 'term', 'form', 'kind', 'weight'),
           'triage_weight': ('brand', 'term', 'category', 'weight'),
           'triage_rule': ('brand', 'rule', 'category', 'urgency', 'pattern', 'when_category',
                           'sentiment_below', 'sentiment_above', 'weight', 'priority', 'active')}
DEFAULTS = {'weight': 2.0, 'priority': 0, 'active': True}
URGENCIES = {'Low': 1, 'Medium': 2, 'High': 3, 'Urgent': 4}
VALUE = re.compile(r"'((?:[^']|'')*)'|(NULL)|(true|false)|(-?[\d.]+)")


def _tuples(text, at):
    """The rows of VALUES from a place on, until no further row follows."""
    while True:
        row = []
        at = text.index('(', at) + 1
        while True:
            match = VALUE.match(text, at)
            string, _, boolean, number = match.groups()
            row.append(string.replace("''", "'") if string is not None
                       else float(number) if number else boolean == 'true' if boolean else None)
            at = match.end()
            if text[at] == ')':
                break
            at = re.compile(r',\s*').match(text, at).end()
        yield row
        more = re.compile(r'\),\s*(?=\()').match(text, at)
        if not more:
            return
        at = more.end()


def from_sql(paths):
    """Rows of each table, as dictionaries, out of the INSERT statements of files."""
    rows = {name: [] for name in COLUMNS}
    for path in paths:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        text = re.sub(r'^--.*$', '', text, flags=re.M)
        for match in re.finditer(r'INSERT INTO momentum_state\.(\w+) \(([^)]*)\)( VALUES)?', text):
            names = match.group(2).split(', ')
            if match.group(1) not in rows:
                continue
            if match.group(3):
                for row in _tuples(text, match.end()):
                    rows[match.group(1)].append({**DEFAULTS, **dict(zip(names, row))})
            else:  # emoji, by their code points
                for row in _tuples(text, text.index('VALUES', match.end())):
                    rows['lexicon'].append({'brand': '', 'term': chr(int(row[0])), 'form': 'emoji',
                                            'kind': 'score', 'weight': row[1]})
    return rows


def from_json(path):
    """The same out of one JSON object: table to array of rows."""
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def _literal(value):
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f'{value:.2f}'.rstrip('0').rstrip('.') if value else '0'


def write_sql(path, comment, table, columns, rows, key):
    """A file that inserts rows, several on a line."""
    lines, line = [], ''
    for row in rows:
        item = '(' + ', '.join(_literal(value) for value in row) + '), '
        if len(line) + len(item) > 270:
            lines.append('    ' + line.rstrip())
            line = ''
        line += item
    lines.append('    ' + line.rstrip().rstrip(','))
    with open(path, 'w', encoding='utf-8') as file:
        file.write(''.join(f'-- {part}\n' for part in comment))
        file.write(f'INSERT INTO momentum_state.{table} ({", ".join(columns)}) VALUES\n')
        file.write('\n'.join(lines) + f'\nON CONFLICT ({key}) DO NOTHING;\n')
