"""Random series through our functions and through those of others.

    compare.py WORK [SERIES [SEED]]

Asks the database the environment names; WORK is a folder for the files that
go to R and back.  Prints per quantity the number of comparisons, the greatest
relative difference, and each one above 1e-9; fails if there is one.

A number that is 0 but for rounding has no relative difference: each
comparison names its noise, 1e-13 of what the series' own values could make
of it, and what differs by less than that is no difference above 1e-9.
"""
import csv
import datetime
import math
import os
import subprocess
import sys
import warnings

import numpy as np
import psycopg2
from scipy import stats
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import reference  # noqa: E402

LIMIT = 1e-9
NOISE = 1e-13
TINY = 1e-300  # a probability below this has lost its digits


class Tally:
    """What was compared: quantity -> [number, greatest difference, where]."""

    def __init__(self):
        self.rows = {}
        self.differences = []

    def check(self, quantity, peer, where, ours, theirs, noise=0.0):
        ours = None if ours is None else float(ours)
        theirs = None if theirs is None or not math.isfinite(theirs) else float(theirs)
        if ours is None or theirs is None:
            difference = 0.0 if ours is theirs else math.inf
        elif ours == theirs:
            difference = 0.0
        else:
            difference = abs(ours - theirs) / max(abs(ours), abs(theirs))
            if difference > LIMIT and abs(ours - theirs) <= noise:
                difference = 0.0
        row = self.rows.setdefault((quantity, peer), [0, 0.0, None])
        row[0] += 1
        if row[2] is None or difference > row[1]:
            row[1:] = [difference, where]
        if difference > LIMIT:
            self.differences.append((quantity, peer, where, ours, theirs, difference))


class Series:
    """Days that are there, values, weights, for others.

    "days_given" and "y_given" are the same for us: some days without a value
    are there, and have NULL, NaN or an infinity.
    """

    def __init__(self, name, days, y, w, unknown):
        self.name = name
        self.days = days
        self.y = [float(v) for v in y]
        self.w = w
        known = list(zip(days, self.y, w or [1.0] * len(days)))
        given = sorted(known + [(day, value, 1.0) for day, value in unknown],
                       key=lambda point: point[0])
        self.days_given, self.y_given, weights = map(list, zip(*given))
        self.w_given = weights if w else None
        self.x = [float(day.toordinal() - days[-1].toordinal()) for day in days]
        self.size = max(map(abs, self.y), default=0.0)
        self.span = max(self.x[-1] - self.x[0], 1.0) if days else 1.0
        self.slope_noise = NOISE * self.size / self.span

    def noises(self):
        """Noise of what trend_fit() gives, by name."""
        return dict(dict.fromkeys(('mad_s', 'level'), NOISE * self.size),
                    **dict.fromkeys(('ts0', 'slope', 'se_iid', 'se'), self.slope_noise),
                    **dict.fromkeys(('r1', 'rho', 'g', 'se_g', 'p_up'), NOISE))


KINDS = ('noise', 'trend', 'weekly', 'waves', 'ties', 'constant', 'line', 'spikes', 'step',
         'around zero', 'negative', 'heavy')
UNKNOWN = (None, float('nan'), float('inf'), float('-inf'))
SCALES = (1.0, 1.0, 1.0, 1e9, 1e-9)


def values(kind, t, days, random):
    noise = random.normal(size=len(t))
    weekly = np.array([0, -5, -4, 1, 6, 9, 2])[[day.weekday() for day in days]]
    slope = random.normal(scale=0.2)
    if kind == 'trend':
        return 100 + slope * t + noise * 5
    if kind == 'weekly':
        return 100 + slope * t + 4 * weekly + noise * 5
    if kind == 'waves':
        e = np.zeros(len(t))
        for i in range(1, len(t)):
            e[i] = 0.7 * e[i - 1] + noise[i]
        return 50 + slope * t + e
    if kind == 'ties':
        return np.round(10 + slope * t + noise)
    if kind == 'constant':
        return np.full(len(t), 42.7)
    if kind == 'line':
        return 3.0 + 0.1 * t
    if kind == 'spikes':
        return (100 + slope * t + weekly + noise) * np.where(random.random(len(t)) < 0.05, 4, 1)
    if kind == 'step':
        return np.where(t < len(t) / 2, 20.0, 30.0) + np.round(noise)
    if kind == 'around zero':
        return slope * (t - t.mean()) + noise
    if kind == 'negative':
        return -50 + slope * t + noise
    if kind == 'heavy':
        return 200 + random.standard_t(1.5, size=len(t)) * 5
    return 10 + noise


def length(random, i):
    if i % 250 == 100:
        return int(random.integers(2000, 3651))
    if i % 25 == 13:
        return int(random.integers(200, 1000))
    return int(random.integers(7, 120))


def make(i, random):
    kind = KINDS[i % len(KINDS)]
    scale = SCALES[int(random.integers(len(SCALES)))]
    n = length(random, i)
    step = 7 if i % 11 == 3 else 1
    start = datetime.date(1995, 1, 1) + datetime.timedelta(int(random.integers(0, 10000)))
    t = np.arange(n)
    day = lambda place: start + datetime.timedelta(step * int(place))
    unknown = []
    if i % 3 == 1:
        gone = random.random(n) < 0.15
        gone[random.integers(n)] = False
        if i % 2:
            unknown = [(day(v), UNKNOWN[int(random.integers(len(UNKNOWN)))]) for v in t[gone]]
        t = t[~gone]
    days = list(map(day, t))
    y = values(kind, t * step, days, random) * scale
    w = random.integers(1, 5000, size=len(t)).astype(float).tolist() if i % 4 == 2 else None
    name = '%d (%s, n %d, step %d, scale %g%s%s)' % (
        i, kind, len(t), step, scale, ', unknown' if unknown else ', gaps' if len(t) < n else '', ', weights' if w else '')
    return Series(name, days, y, w, unknown)


class Ours:
    def __init__(self):
        self.connection = psycopg2.connect('')
        self.cursor = self.connection.cursor()

    def rows(self, call, *arguments):
        self.cursor.execute('SELECT * FROM momentum.%s AS f' % call, arguments)
        names = [column.name for column in self.cursor.description]
        return [dict(zip(names, row)) for row in self.cursor.fetchall()]

    def row(self, call, *arguments):
        return self.rows(call, *arguments)[0]

    def has(self, function):
        self.cursor.execute("""SELECT EXISTS (SELECT FROM pg_proc WHERE proname = %s
            AND pronamespace = 'momentum'::regnamespace)""", (function,))
        return self.cursor.fetchone()[0]


def compare_rank_tests(tally, ours, s):
    y = s.y
    last = s.days[-1].toordinal()
    x_given = [float(day.toordinal() - last) for day in s.days_given]
    # As they are, and with three days to each x.
    for what, width in ('theil_sen', 1), ('theil_sen, shared x,', 3):
        x = [v // width for v in s.x]
        if len(set(x)) < 2:
            continue
        got = ours.row('theil_sen(%s::float8[], %s::float8[])', [v // width for v in x_given],
                       s.y_given)
        for name, value in zip(('slope', 'intercept', 'lo', 'hi'),
                               stats.theilslopes(y, x, 0.95, method='separate')):
            tally.check('%s %s' % (what, name), 'scipy', s.name, got[name], value,
                        NOISE * s.size if name == 'intercept' else width * s.slope_noise)

    got = ours.row('mann_kendall(%s::float8[])', s.y_given)
    for name, value in reference.mann_kendall(y).items():
        tally.check('mann_kendall ' + name, 'numpy', s.name, got[name], value, TINY)
    n = len(y)
    tied = sum(int(c) * (int(c) - 1) // 2 for c in np.unique(y, return_counts=True)[1])
    pairs = n * (n - 1) // 2
    if tied < pairs:
        tally.check('mann_kendall s as tau-b', 'scipy', s.name,
                    got['s'] / math.sqrt(pairs * (pairs - tied)), stats.kendalltau(s.x, y)[0])

    got = ours.row('seasonal_theil_sen(%s::date[], %s::float8[])', s.days_given, s.y_given)
    for name, value in reference.seasonal_theil_sen(s.days, y).items():
        tally.check('seasonal_theil_sen ' + name, 'numpy', s.name, got[name], value,
                    NOISE * s.size if name == 'intercept' else s.slope_noise)
    got = ours.row('seasonal_mann_kendall(%s::date[], %s::float8[])', s.days_given, s.y_given)
    for name, value in reference.seasonal_mann_kendall(s.days, y).items():
        tally.check('seasonal_mann_kendall ' + name, 'numpy', s.name, got[name], value, TINY)

    # Places without a value are NULL or NaN.
    step = min((b - a for a, b in zip(s.x, s.x[1:])), default=1.0)
    places = [int((x - s.x[0]) / step) for x in s.x]
    sparse = [float('nan') if i % 2 else None for i in range(places[-1] + 1)]
    for place, value in zip(places, y):
        sparse[place] = value
    lags = len(y) % 7
    got = ours.row('hamed_rao(%s::float8[], %s)', sparse, lags)
    for name, value in reference.hamed_rao(places, y, lags).items():
        tally.check('hamed_rao ' + name, 'numpy', s.name, got[name], value, TINY)


def compare_trend(tally, ours, s):
    fields = ('n',) + reference.TREND
    for robust in (True, False):
        got = ours.row('trend_fit(%s::date[], %s::float8[], %s::float8[], %s)',
                       s.days_given, s.y_given, s.w_given, robust)
        expected = reference.trend_fit(s.days, s.y, s.w, robust)
        for name in fields:
            tally.check('trend_fit(robust %s) %s' % ('on' if robust else 'off', name), 'numpy',
                        s.name, got[name], expected[name], s.noises().get(name, 0))
    if got['slope'] is not None:
        x = np.array(s.x)
        dummies = np.array([[day.weekday() == k for k in range(7)] for day in s.days], dtype=float)
        dummies = dummies[:, dummies.any(axis=0)]
        fit = sm.WLS(s.y, np.column_stack([x, dummies]),
                     weights=np.ones(len(x)) if s.w is None else s.w).fit()
        # By a pseudo-inverse, which leaves more rounding where a line is exact.
        tally.check('trend_fit(robust off) slope', 'statsmodels', s.name, got['slope'],
                    fit.params[0], 10 * s.slope_noise)
        tally.check('trend_fit(robust off) se_iid', 'statsmodels', s.name, got['se_iid'],
                    fit.bse[0], 10 * s.slope_noise)
        if dummies.shape[1] == 1 and s.w is None:
            line = stats.linregress(s.x, s.y)
            tally.check('trend_fit(robust off) slope', 'scipy', s.name, got['slope'], line.slope,
                        s.slope_noise)
            tally.check('trend_fit(robust off) se_iid', 'scipy', s.name, got['se_iid'],
                        line.stderr, s.slope_noise)
    return got


def compare_moments(tally, ours, s, fitted):
    """The mergeable aggregate, fed row by row."""
    fields = ('n', 'slope', 'se_iid', 'level', 'g')
    ours.cursor.execute('''
        SELECT (m).* FROM (SELECT momentum.trend_moments(day, y, w) AS m
        FROM unnest(%s::date[], %s::float8[], %s::float8[]) AS t (day, y, w)) AS s''',
                        (s.days_given, s.y_given, s.w_given or [1.0] * len(s.y_given)))
    names = [column.name for column in ours.cursor.description]
    got = dict(zip(names, ours.cursor.fetchone()))
    for name in fields:
        tally.check('trend_moments ' + name, 'trend_fit(robust off)', s.name, got[name],
                    fitted[name], s.noises().get(name, 0))


def compare_turning_point(tally, ours, s):
    if s.w is not None or len(s.y) > 150:
        return
    got = ours.row('turning_point(%s::date[], %s::float8[])', s.days_given, s.y_given)
    candidates = reference.turning_point(s.days, s.y)
    if candidates is None:
        tally.check('turning_point f', 'numpy', s.name, got['f'], None)
        return
    if got['reason'] is not None:
        return  # an exact fit: F is rounding over rounding
    # Of two bends that explain the same, either will do.
    best = max(c['f'] for c in candidates.values())
    tally.check('turning_point largest f', 'numpy', s.name, got['f'], best)
    here = candidates[got['day']]
    for name in ('f', 'slope_before', 'slope_after', 'rho', 'f_adj'):
        tally.check('turning_point ' + name, 'numpy', s.name, got[name], here[name],
                    s.slope_noise if name.startswith('slope') else NOISE)


def compare_lag_corr(tally, ours, s, random):
    if s.w is not None or len(s.y) > 150:
        return
    # A driver that shows three days later, with noise; some days are unknown.
    y = np.array(s.y)
    scatter = y.std() or 1.0
    x = [None if random.random() < 0.05 else float(v)
         for v in np.roll(y, -3) + random.normal(size=len(y)) * scatter]
    known = [(day, a, b) for day, a, b in zip(s.days, x, s.y) if a is not None]
    got = ours.rows('lag_corr(%s::date[], %s::float8[], %s::float8[], 14)', s.days, x, s.y)
    expected = reference.lag_corr(*zip(*known), 14)
    if not expected:
        for row in got:
            tally.check('lag_corr r', 'numpy', s.name, row['r'], None)
        return
    for row, other in zip(got, expected):
        for name in ('m', 'r', 'n_eff', 't', 'p'):
            tally.check('lag_corr ' + name, 'numpy', '%s, lag %d' % (s.name, row['lag']),
                        row[name], other[name], NOISE)
    p = [row['p'] for row in got if row['p'] is not None]
    q = [row['q'] for row in got if row['p'] is not None]
    for a, b in zip(q, multipletests(p, method='fdr_bh')[1] if p else []):
        tally.check('lag_corr q', 'statsmodels', s.name, a, b)


def compare_distributions(tally, ours, random):
    for _ in range(500):
        t, df = float(random.standard_cauchy() * 3), float(10 ** random.uniform(-0.5, 5))
        ours.cursor.execute('SELECT momentum.student_t_cdf(%s, %s), momentum.normal_cdf(%s)',
                            (t, df, t))
        t_cdf, normal = ours.cursor.fetchone()
        tally.check('student_t_cdf', 'scipy', '%r, %r' % (t, df), t_cdf, stats.t.cdf(t, df), TINY)
        tally.check('normal_cdf', 'scipy', repr(t), normal, stats.norm.cdf(t), TINY)


def compare_r(tally, work, all_series, fitted, tested):
    into, out = os.path.join(work, 'series.csv'), os.path.join(work, 'r.csv')
    with open(into, 'w', newline='') as file:
        write = csv.writer(file)
        write.writerow(('id', 'x', 'k', 'y', 'w'))
        for i, s in enumerate(all_series):
            for j, x in enumerate(s.x):
                write.writerow((i, x, s.days[j].weekday(), repr(s.y[j]), s.w[j] if s.w else 1))
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'compare.R')
    subprocess.run(('Rscript', '--vanilla', script, into, out), check=True)
    number = lambda text: None if text.strip() in ('NA', 'NaN') else float(text)
    with open(out, newline='') as file:
        for row in csv.DictReader(file):
            i = int(row['id'])
            s = all_series[i]
            for name in ('slope', 'se_iid'):
                tally.check('trend_fit(robust off) ' + name, 'R lm', s.name, fitted[i][name],
                            number(row[name]), s.slope_noise)
            if number(row['kendall_p']) is not None:
                tally.check('mann_kendall p', 'R cor.test', s.name, tested[i],
                            number(row['kendall_p']), TINY)


def print_tally(tally, count, seed):
    print('%d random series (seed %d): n 7 to 3,650; gaps, ties, constants, weights, '
          'scales 1e-9 to 1e9' % (count, seed))
    print('%-42s %-22s %9s  %s' % ('quantity', 'beside', 'compared', 'greatest difference'))
    for (quantity, peer), (number, worst, where) in sorted(tally.rows.items()):
        print('%-42s %-22s %9d  %.1e' % (quantity, peer, number, worst) +
              ('  series %s' % where if worst > 1e-12 else ''))
    for quantity, peer, where, ours, theirs, difference in tally.differences:
        print('DIFFERENT: %s of series %s: ours %r, %s %r (%.1e)'
              % (quantity, where, ours, peer, theirs, difference))
    number = sum(row[0] for row in tally.rows.values())
    worst = max(row[1] for row in tally.rows.values())
    print('%d comparisons, greatest relative difference %.1e, %d above %g'
          % (number, worst, len(tally.differences), LIMIT))


def main():
    work = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20260101
    random = np.random.default_rng(seed)
    warnings.simplefilter('ignore')
    tally, ours = Tally(), Ours()
    all_series = [make(i, random) for i in range(count)]
    fitted, tested = [], []
    moments = ours.has('trend_moments')
    for s in all_series:
        compare_rank_tests(tally, ours, s)
        tested.append(ours.row('mann_kendall(%s::float8[])', s.y)['p'])
        fitted.append(compare_trend(tally, ours, s))
        if moments:
            compare_moments(tally, ours, s, fitted[-1])
        compare_turning_point(tally, ours, s)
        compare_lag_corr(tally, ours, s, random)
    compare_distributions(tally, ours, random)
    compare_r(tally, work, all_series, fitted, tested)
    print_tally(tally, count, seed)
    sys.exit(1 if tally.differences else 0)


main()
