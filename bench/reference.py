"""The statistics as their text says, in numpy and scipy and nothing else.

Written from the formulas of docs/method.md and the papers it names, not from
the C that it is compared with: plain matrices, every pair enumerated, no
scaling, no shortcuts.  Undefined numbers are None.
"""
import math

import numpy as np
from scipy import stats

NOISE = 64 * np.finfo(float).eps
Z_975 = stats.norm.ppf(0.975)


def sign(value):
    return int(value > 0) - int(value < 0)


def kendall_s(y):
    """Rising minus falling pairs, one by one."""
    y = np.asarray(y)
    return int(sum(np.sign(y[i + 1:] - y[i]).sum() for i in range(len(y))))


def kendall_variance(y, x=()):
    n = len(y)
    ties = sum(float(t * (t - 1) * (2 * t + 5))
               for values in (y, x) for t in np.unique(values, return_counts=True)[1])
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def kendall_test(n, s, variance, pairs):
    if pairs == 0:
        return dict(n=n, s=None, variance=None, z=None, p=None, tau=None)
    z = (s - sign(s)) / math.sqrt(variance) if variance > 0 else 0.0
    return dict(n=n, s=s, variance=variance, z=z, p=2 * stats.norm.sf(abs(z)), tau=s / pairs)


def mann_kendall(y):
    n = len(y)
    return kendall_test(n, kendall_s(y), kendall_variance(y), n * (n - 1) // 2)


def by_weekday(days, y):
    groups = {}
    for day, value in sorted(zip(days, y)):
        groups.setdefault(day.weekday(), []).append((day.toordinal(), value))
    return groups


def seasonal_mann_kendall(days, y):
    values = [[value for _, value in group] for group in by_weekday(days, y).values()]
    return kendall_test(len(y), sum(map(kendall_s, values)), sum(map(kendall_variance, values)),
                        sum(len(v) * (len(v) - 1) // 2 for v in values))


def sen_limits(slopes, variance):
    """Ranks of the limits as scipy.stats.theilslopes rounds them."""
    n = len(slopes)
    half = Z_975 * math.sqrt(variance)
    return (slopes[max(int(np.round((n - half) / 2)) - 1, 0)],
            slopes[min(int(np.round((n + half) / 2)), n - 1)])


def pair_slopes(x, y):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    i, j = np.triu_indices(len(x), 1)
    return (y[j] - y[i]) / (x[j] - x[i])


def seasonal_theil_sen(days, y):
    groups = by_weekday(days, y).values()
    slopes = np.sort(np.concatenate([pair_slopes(*zip(*group)) for group in groups]))
    if len(slopes) == 0:
        return dict(n=len(y), pairs=0, slope=None, intercept=None, lo=None, hi=None)
    slope = np.median(slopes)
    x = [day.toordinal() - max(days).toordinal() for day in days]
    lo, hi = sen_limits(slopes, sum(kendall_variance([v for _, v in group]) for group in groups))
    return dict(n=len(y), pairs=len(slopes), slope=slope,
                intercept=np.median(y) - slope * np.median(x), lo=lo, hi=hi)


def hamed_rao(places, y, lags):
    """Values y at whole places; what of y - b t differs by rounding is tied."""
    n = len(y)
    result = mann_kendall(y)
    if n < 2:
        return dict(result, factor=None)
    places, y = np.asarray(places), np.asarray(y, dtype=float)
    slope = np.median(pair_slopes(places, y))
    r = y - slope * places
    noise = NOISE * max(np.abs(y).max(), abs(slope) * places.max())
    order = np.argsort(r, kind='stable')
    step = np.concatenate([[0], np.cumsum(np.diff(r[order]) > noise)])
    tied = np.empty(n)
    tied[order] = step
    rank = stats.rankdata(tied)
    rank -= rank.mean()
    at = dict(zip(places.tolist(), rank))
    factor = 1.0
    for lag in range(1, lags + 1):
        if n < 3 or not np.any(rank):
            break
        rho = sum(at[t] * at[t + lag] for t in at if t + lag in at) / float(rank @ rank)
        if abs(rho) > Z_975 / math.sqrt(n):
            factor += 2 / (n * (n - 1) * (n - 2)) * (n - lag) * (n - lag - 1) * (n - lag - 2) * rho
    factor = max(factor, 1.0)
    variance = result['variance'] * factor
    z = (result['s'] - sign(result['s'])) / math.sqrt(variance) if variance > 0 else 0.0
    return dict(result, variance=variance, factor=factor, z=z, p=2 * stats.norm.sf(abs(z)))


class WeekdayFit:
    """Weighted least squares of y on x and weekday dummies (method, Trend)."""

    def __init__(self, days, y, w=None):
        order = np.argsort([day.toordinal() for day in days])
        days = [days[i] for i in order]
        self.y = np.asarray(y, dtype=float)[order]
        self.w = np.ones(len(y)) if w is None else np.asarray(w, dtype=float)[order]
        self.w = self.w / self.w.mean()
        self.n = len(days)
        self.x = np.array([day.toordinal() - days[-1].toordinal() for day in days], dtype=float)
        self.k = np.array([day.weekday() for day in days])
        self.groups = len(set(self.k.tolist()))
        self.df = self.n - self.groups - 1

    def demean(self, values):
        out = np.empty(self.n)
        for k in set(self.k.tolist()):
            at = self.k == k
            out[at] = values[at] - np.average(values[at], weights=self.w[at])
        return out

    def noise(self):
        return NOISE ** 2 * self.w.sum() * np.abs(self.y).max() ** 2

    def without_noise(self, sse):
        return 0.0 if sse <= self.noise() else sse

    def line(self):
        dx, dy = self.demean(self.x), self.demean(self.y)
        self.sxx = (self.w * dx * dx).sum()
        syy = self.without_noise((self.w * dy * dy).sum())
        self.slope = (self.w * dx * dy).sum() / self.sxx if syy else 0.0
        self.e = dy - self.slope * dx
        self.sse = self.without_noise((self.w * self.e ** 2).sum()) if syy else 0.0

    def autocorrelation(self, e, sse):
        if sse == 0:
            return None, 0.0
        gap = np.diff(self.x)
        near = gap == gap.min()
        v = e * np.sqrt(self.w)
        r1 = ((v[:-1] * v[1:])[near].sum() / (near.sum() + 1)) / (sse / self.n)
        return r1, float(np.clip(r1 + (self.groups + 1) / self.n, 0, 0.9))

    def winsorise(self, result):
        slopes = np.concatenate([pair_slopes(self.x[self.k == k], self.y[self.k == k])
                                 for k in set(self.k.tolist())])
        b0 = np.median(slopes)
        r = self.y - b0 * self.x
        for k in set(self.k.tolist()):
            r[self.k == k] -= np.median(r[self.k == k])
        s = 1.4826 * np.median(np.abs(r * np.sqrt(self.w)))
        if s <= NOISE * np.abs(self.y).max():
            s = 0.0
        clipped = 0
        if s > 0:
            bound = 3 * s / np.sqrt(self.w)
            kept = np.clip(r, -bound, bound)
            clipped = int((kept != r).sum())
            self.y = self.y - (r - kept)
        result.update(pairs=len(slopes), ts0=b0, mad_s=s, clipped=clipped)

    def curve(self, result, rho):
        if self.df - 1 < 5 or result['level'] is None or result['level'] <= 0:
            return
        dx, dy = self.demean(self.x), self.demean(self.y)
        q = self.demean((self.x - np.average(self.x, weights=self.w)) ** 2)
        a = np.array([[(self.w * u * v).sum() for v in (dx, q)] for u in (dx, q)])
        det = np.linalg.det(a)
        if det <= 1e-12 * a[0, 0] * a[1, 1]:
            return
        if self.sse == 0:
            result['accel'] = 0.0
            return
        b2, c2 = np.linalg.solve(a, [(self.w * dx * dy).sum(), (self.w * q * dy).sum()])
        sse2 = self.without_noise((self.w * (dy - b2 * dx - c2 * q) ** 2).sum())
        se = math.sqrt(sse2 / (self.df - 1) * a[0, 0] / det * (1 + rho) / (1 - rho))
        result['accel'] = 2 * c2 * 900 / result['level']
        result['t_accel'] = c2 / se if se > 0 else None


TREND = ('pairs', 'ts0', 'mad_s', 'clipped', 'slope', 'se_iid', 'r1', 'rho', 'se', 'level', 'g',
         'se_g', 't', 'p_up', 'accel', 't_accel')


def trend_fit(days, y, w=None, robust=True):
    result = dict.fromkeys(TREND)
    result['n'] = len(y)
    if len(y) == 0:
        return result
    fit = WeekdayFit(days, y, w)
    if fit.df < 5:
        return result
    result['clipped'] = 0
    if robust:
        fit.winsorise(result)
    fit.line()
    r1, rho = fit.autocorrelation(fit.e, fit.sse)
    se_iid = math.sqrt(fit.sse / fit.df / fit.sxx)
    se = se_iid * math.sqrt((1 + rho) / (1 - rho))
    level = np.average(fit.y, weights=fit.w)
    result.update(slope=fit.slope, se_iid=se_iid, r1=r1, rho=rho, se=se, level=level)
    if se > 0:
        result.update(t=fit.slope / se, p_up=stats.t.cdf(fit.slope / se, fit.df))
    else:
        result['p_up'] = (1 + sign(fit.slope)) / 2
    if level > NOISE * np.abs(fit.y).max():
        result.update(g=30 * fit.slope / level, se_g=30 * se / level)
        fit.curve(result, rho)
    return result


def turning_point(days, y):
    """F of every bend by a full least squares each; None when n < 35."""
    if len(y) < 35:
        return None
    fit = WeekdayFit(days, y)
    dummies = np.array([fit.k == k for k in sorted(set(fit.k.tolist()))], dtype=float).T

    def solve(*columns):
        matrix = np.column_stack([dummies, *columns])
        beta = np.linalg.lstsq(matrix, fit.y, rcond=None)[0]
        e = fit.y - matrix @ beta
        return e @ e, beta, e

    sse0 = solve(fit.x)[0]
    margin = math.ceil(0.15 * fit.n)
    candidates = {}
    for i in range(margin, fit.n - margin):
        sse1, beta, e = solve(fit.x, np.maximum(0, fit.x - fit.x[i]))
        rho = fit.autocorrelation(e, sse1)[1]
        f = (sse0 - sse1) / (sse1 / (fit.n - fit.groups - 2))
        candidates[sorted(days)[i]] = dict(f=f, slope_before=beta[-2],
                                           slope_after=beta[-2] + beta[-1], rho=rho,
                                           f_adj=f * (1 - rho) / (1 + rho))
    return candidates


def lag_corr(days, x, y, max_lag):
    """One dict a lag, of days with both values; [] when n < 35."""
    if len(days) < 35:
        return []
    fits = [WeekdayFit(days, x), WeekdayFit(days, y)]
    for fit in fits:
        fit.line()
    if fits[0].sse == 0 or fits[1].sse == 0:
        return []
    ordinal = sorted(day.toordinal() for day in days)
    ex, ey = (dict(zip(ordinal, fit.e)) for fit in fits)
    step = min(b - a for a, b in zip(ordinal, ordinal[1:]))
    rows = []
    for k in range(max_lag + 1):
        at = [d for d in ordinal if d - k in ex]
        m = len(at)
        row = dict(lag=k, m=m, r=None, n_eff=None, t=None, p=None)
        rows.append(row)
        if m < 3:
            continue
        u = {d: ex[d - k] for d in at}
        v = {d: ey[d] for d in at}
        row['r'] = stats.pearsonr(list(u.values()), list(v.values()))[0]

        def acf(values, j):
            mean = sum(values.values()) / m
            pairs = [(values[d] - mean) * (values[d + j * step] - mean)
                     for d in at if d + j * step in values]
            square = sum((value - mean) ** 2 for value in values.values())
            return None if not pairs else sum(pairs) / square * (m - j) / len(pairs)

        total = 1 / m
        for j in range(1, m // 5 + 1):
            a, b = acf(u, j), acf(v, j)
            if a is not None:
                total += 2 / m * (m - j) / m * np.clip(a, -1, 1) * np.clip(b, -1, 1)
        n_eff = float(np.clip(1 / total, 3, m)) if total > 0 else float(m)
        t = row['r'] * math.sqrt((n_eff - 2) / (1 - row['r'] ** 2))
        row.update(n_eff=n_eff, t=t, p=2 * stats.t.sf(abs(t), n_eff - 2))
    return rows
