"""The labelled data, where it is found."""
import csv
import gzip
import hashlib
import json
import os
import re
from collections import namedtuple

from . import labels

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.environ.get('MOMENTUM_DATA') or os.path.join(ROOT, '..', 'shared', 'data')

Row = namedtuple('Row', 'text label held_out weight')


def is_held_out(text):
    """One in five, by the letters of the text: a repeated text falls on one side."""
    letters = re.sub(r'[^a-z]', '', text.lower())
    return hashlib.sha256(letters.encode()).digest()[0] % 5 == 0


def _csv(*path):
    with gzip.open(os.path.join(DATA, *path), 'rt', encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))


def ratings():
    """Sentences with the mean rating of people, -4 to 4."""
    return [Row(r['text'], float(r['mean_rating']), is_held_out(r['text']), 1.0)
            for r in _csv('rated-sentences-amazon', 'amazon_review_snippets.csv.gz')]


def questions():
    """A bank's questions with our category."""
    return [Row(r['text'], labels.INTENTS[r['category']][0], is_held_out(r['text']), 1.0)
            for r in _csv('banking77-train', 'train.csv.gz')]


def _category(flow, subflow):
    return labels.FLOWS.get(subflow, labels.FLOWS.get(flow))


def dialogues():
    """Words of a shop's service: what customers say, and how agents are told to handle it."""
    folder = os.path.join(DATA, 'abcd-retail-support')
    with open(os.path.join(folder, 'abcd_sample.json'), encoding='utf-8') as file:
        for talk in json.load(file):
            category = _category(talk['scenario']['flow'], talk['scenario']['subflow'])
            said = ' '.join(text for who, text in talk['original'] if who == 'customer')
            yield Row(said, category, False, 1.0)
    with open(os.path.join(folder, 'ontology.json'), encoding='utf-8') as file:
        flows = json.load(file)['intents']['subflows']
    with open(os.path.join(folder, 'guidelines.json'), encoding='utf-8') as file:
        guidelines = json.load(file)
    for title, part in guidelines.items():
        flow = title.lower().replace(' ', '_')
        for i, (name, how) in enumerate(part['subflows'].items()):
            # the guidelines name subflows in the order of the ontology
            known = flows.get(flow, [])
            category = _category(flow, known[i] if i < len(known) else '')
            if category:
                yield Row(f'{name}. ' + ' '.join(how.get('instructions', [])), category, False, 0.3)


def sentences():
    """Our own sentences of a shop."""
    return [Row(text.strip(), category, False, 6.0)
            for category, lines in labels.SENTENCES.items() for text in lines.replace('\n', '').split('|')]


def retail_test():
    """Messages of a shop written by hand: (category, urgency, text); never fitted on."""
    with open(os.path.join(ROOT, 'test', 'fixtures', 'triage_retail.csv'), encoding='utf-8', newline='') as file:
        return [(r['category'], r['urgency'], r['text']) for r in csv.DictReader(file)]


def afinn():
    with open(os.path.join(DATA, 'sentiment-lexicons', 'afinn-165.csv'), encoding='utf-8', newline='') as file:
        return {r['word']: float(r['score']) for r in csv.DictReader(file)}


def vader():
    with open(os.path.join(DATA, 'sentiment-lexicons', 'vader_lexicon.txt'), encoding='utf-8') as file:
        return {line.split('\t')[0]: float(line.split('\t')[1]) for line in file if '\t' in line}


def model_files():
    folder = os.path.join(ROOT, 'sql', 'model')
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.startswith('36-')
            and ('lexicon' in name or 'triage' in name)]
