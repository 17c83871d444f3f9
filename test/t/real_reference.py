"""What the tests on real data compare with, computed from the files alone.

Nothing here asks the server or shares a line with it: the trend is written
down a second time from the method's description, with Python's own library.

  real_reference.py brands | scans | shop | turns | visits FOLDER       one JSON document
"""

import csv
import datetime
import gzip
import json
import math
import statistics
import sys
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction


# ---- The trend of one series -------------------------------------------------


def beta_fraction(a, b, x):
    """Continued fraction of the incomplete beta function, by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 + step * d
            c = 1 + step / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            value *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return value


def student_t(t, df):
    """Probability of a value below t."""
    a, b, x = df / 2, 0.5, df / (df + t * t)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        tail = front * beta_fraction(a, b, x) / a
    else:
        tail = 1 - front * beta_fraction(b, a, 1 - x) / b
    return 1 - tail / 2 if t > 0 else tail / 2


def trend(x, y, w=None):
    """Robust trend within weekdays of y over the days x; None when too short."""
    n = len(x)
    w = w or [1.0] * n
    w = [v * n / math.fsum(w) for v in w]
    weekday = [v % 7 for v in x]
    members = {k: [i for i in range(n) if weekday[i] == k] for k in sorted(set(weekday))}
    df = n - len(members) - 1
    if df < 5:
        return None

    start = statistics.median(
        (y[j] - y[i]) / (x[j] - x[i])
        for group in members.values()
        for a, i in enumerate(group)
        for j in group[a + 1 :]
    )
    rest = [y[i] - start * x[i] for i in range(n)]
    for group in members.values():
        middle = statistics.median(rest[i] for i in group)
        for i in group:
            rest[i] -= middle
    scale = 1.4826 * statistics.median(abs(rest[i]) * math.sqrt(w[i]) for i in range(n))
    clean = list(y)
    for i in range(n):
        limit = 3 * scale / math.sqrt(w[i])
        if scale > 0 and abs(rest[i]) > limit:
            clean[i] = y[i] - (rest[i] - math.copysign(limit, rest[i]))

    dx, dy = [0.0] * n, [0.0] * n
    for group in members.values():
        mass = math.fsum(w[i] for i in group)
        mean_x = math.fsum(w[i] * x[i] for i in group) / mass
        mean_y = math.fsum(w[i] * clean[i] for i in group) / mass
        for i in group:
            dx[i], dy[i] = x[i] - mean_x, clean[i] - mean_y
    sxx = math.fsum(w[i] * dx[i] ** 2 for i in range(n))
    slope = math.fsum(w[i] * dx[i] * dy[i] for i in range(n)) / sxx
    error = [dy[i] - slope * dx[i] for i in range(n)]
    sse = math.fsum(w[i] * error[i] ** 2 for i in range(n))

    gap = min(b - a for a, b in zip(x, x[1:]))
    v = [error[i] * math.sqrt(w[i]) for i in range(n)]
    pairs = [v[i] * v[i + 1] for i in range(n - 1) if x[i + 1] - x[i] == gap]
    r1 = math.fsum(pairs) / (len(pairs) + 1) / (sse / n)
    rho = min(max(r1 + (len(members) + 1) / n, 0), 0.9)
    t = slope / (math.sqrt(sse / df / sxx) * math.sqrt((1 + rho) / (1 - rho)))
    level = math.fsum(w[i] * clean[i] for i in range(n)) / math.fsum(w)
    return {"g": 30 * slope / level, "t": t, "p_up": student_t(t, df), "level": level}


def rows_of(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


# ---- Iowa: a brand by weeks --------------------------------------------------


def brand_weeks(folder, brand):
    """Litres and buying cities of each week, in order."""
    litres, cities = defaultdict(Decimal), defaultdict(set)
    for row in rows_of(f"{folder}/{brand}_by_week_item_city.csv.gz"):
        week = row["weekStarting"]
        litres[week] += Decimal(row["sum_sale_liters"])
        cities[week].add((row["store_location_city"], row["county"]))
    weeks = sorted(litres)
    return weeks, [float(litres[w]) for w in weeks], [len(cities[w]) for w in weeks]


def walk(y, width, w=None):
    """The trend of the last "width" weeks, as seen in each week."""
    result = []
    for end in range(width, len(y) + 1):
        window = slice(end - width, end)
        fit = trend(list(range(0, 7 * width, 7)), y[window], w[window] if w else None)
        result.append([fit["t"], fit["g"], fit["p_up"]])
    return result


def logarithmic_mean(a, b):
    return a if a == b else (a - b) / (math.log(a) - math.log(b))


def brands(folder):
    answer = {}
    for brand in ("fireball", "jagermeister", "phillips"):
        weeks, litres, cities = brand_weeks(folder, brand)
        velocity = [a / b for a, b in zip(litres, cities)]
        before = (sum(cities[:52]) / 52, math.fsum(litres[:52]) / sum(cities[:52]))
        after = (sum(cities[-52:]) / 52, math.fsum(litres[-52:]) / sum(cities[-52:]))
        mean = logarithmic_mean(after[0] * after[1], before[0] * before[1])
        answer[brand] = {
            "weeks": weeks,
            "litres": litres,
            "cities": cities,
            "litres_walk": {n: walk(litres, n) for n in (8, 13, 26, 52, 104)},
            "velocity_walk": {n: walk(velocity, n, cities) for n in (8, 13, 26, 52, 104)},
            "before": before,
            "after": after,
            "split": [mean * math.log(b / a) for a, b in zip(before, after)],
        }
    return answer


# ---- Dominick's: what the stores' tills saw ----------------------------------

FIRST_WEEK = datetime.date(1990, 6, 20)  # the last day of week 40


def week_day(week):
    return FIRST_WEEK + datetime.timedelta(weeks=week - 40)


def scans(folder):
    """The three Tropicana items in every week: packs, stores, velocity.

    A store without a row has not told of the week: it sold something unknown,
    not nothing.  It counts as a door as long as it sold in the last 4 weeks.
    """
    ounces = {row["brand"]: int(row["package_oz"]) for row in rows_of(f"{folder}/brands.csv")}
    packs, money = defaultdict(Decimal), defaultdict(Decimal)
    for row in rows_of(f"{folder}/oj_store_brand_weeks_040_120.csv.gz"):
        if row["brand"] in ("1", "2", "4"):
            key = (int(row["week"]), row["store"], row["brand"])
            packs[key] += Decimal(row["move"]) / ounces[row["brand"]]
            money[key] += Decimal(row["move"]) * Decimal(row["price_per_oz"])
    sold = defaultdict(set)
    points = defaultdict(set)
    units, dollars = defaultdict(Decimal), defaultdict(Decimal)
    for (week, store, brand), amount in packs.items():
        units[week] += amount
        dollars[week] += money[week, store, brand]
        if amount > 0:
            sold[week].add(store)
            points[week].add((store, brand))
    answer = {}
    for week in sorted(units):
        four = range(week - 3, week + 1)
        before = range(week - 7, week - 3)
        doors = set().union(*(sold[w] for w in four))
        doors_before = set().union(*(sold[w] for w in before))
        answer[week] = {
            "day": week_day(week).isoformat(),
            "units": float(units[week]),
            "dollars": float(dollars[week]),
            "told": len(sold[week]),
            "doors": len(doors),
            "points": len(set().union(*(points[w] for w in four))),
            "gained": len(doors - doors_before),
            "lost": len(doors_before - doors),
            "velocity": float(sum(units[w] for w in four) / len(doors) / 4),
            "velocity_of_tellers": float(sum(units[w] for w in four) / sum(len(sold[w]) for w in four)),
        }
    # Eight complete weeks, from the first with four weeks behind it on.
    for week in range(43 + 7, max(units) + 1):
        weeks = range(week - 7, week + 1)
        y = [answer[w]["units"] / answer[w]["doors"] for w in weeks]
        fit = trend(list(range(0, 56, 7)), y, [float(answer[w]["doors"]) for w in weeks])
        answer[week].update({key: fit[key] for key in ("g", "t", "p_up", "level")})
    return answer


# ---- An online shop: invoices and credit notes --------------------------------


def shop(folder):
    """Sales of each day; growth, order value and new customers of each month.

    A line of negative quantity without a price moves stock, an invoice of
    nothing else is no order.  A customer is new with the first order of a
    number; who has none is a guest and never new.
    """
    gross, returns = defaultdict(Decimal), defaultdict(Decimal)
    orders, first = {}, {}
    for row in rows_of(f"{folder}/online_retail_2010-12_2011-06.csv.gz"):
        day, quantity, price = row["InvoiceDate"][:10], int(row["Quantity"]), Decimal(row["UnitPrice"])
        if row["InvoiceNo"].startswith("C"):
            returns[day] -= quantity * price
        elif quantity > 0 or price != 0:
            gross[day] += quantity * price
            orders[row["InvoiceNo"]] = day
            if row["CustomerID"]:
                first[row["CustomerID"]] = min(day, first.get(row["CustomerID"], day))
    opened = datetime.date.fromisoformat(min(gross))
    closed = datetime.date.fromisoformat(max(gross))
    calendar = [opened + datetime.timedelta(n) for n in range((closed - opened).days + 1)]
    net = {day: gross[day.isoformat()] - returns[day.isoformat()] for day in calendar}
    months = {}
    for last in calendar:
        if (last + datetime.timedelta(1)).month == last.month:
            continue
        month = last.isoformat()[:7]
        window = [last - datetime.timedelta(n) for n in reversed(range(30))]
        fit = trend([day.toordinal() for day in window], [float(net[day]) for day in window])
        invoices = sum(day[:7] == month for day in orders.values())
        amount = sum(value for day, value in net.items() if day.isoformat()[:7] == month)
        months[month] = fit | {
            "last": last.isoformat(),
            "aov": float(amount / invoices),
            "new_customers": sum(day[:7] == month for day in first.values()),
        }
    return {"days": {day.isoformat(): float(net[day]) for day in calendar}, "months": months}


# ---- Visits to a shop: who came, who bought ------------------------------------


def visits(folder):
    """Conversion by month, and what mix and rates of visitors did to it.

    In exact fractions: between two months each kind of visitor moves the rate
    by its share (at the mean of its rates, less that of all) and by its rate
    (at the mean of its shares).
    """
    sessions, orders = defaultdict(int), defaultdict(int)
    for row in rows_of(f"{folder}/online_shoppers_intention_recoded.csv.gz"):
        key = (int(row["Month"]), row["returning_ visitor"], row["TrafficType"])
        sessions[key] += 1
        orders[key] += int(row["Revenue"])
    months = sorted({month for month, _, _ in sessions})
    kinds = sorted({key[1:] for key in sessions})
    answer = {}
    for month in months:
        whole = sum(sessions[month, *kind] for kind in kinds)
        bought = sum(orders[month, *kind] for kind in kinds)
        answer[month] = {"sessions": whole, "orders": bought, "rate": bought / whole}
    for before, month in zip(months, months[1:]):
        mean = (Fraction(answer[before]["orders"], answer[before]["sessions"])
                + Fraction(answer[month]["orders"], answer[month]["sessions"])) / 2
        mix = rate = Fraction(0)
        for kind in kinds:
            share, own = [], []
            for m in (before, month):
                n = sessions[m, *kind]
                share.append(Fraction(n, answer[m]["sessions"]))
                all_rate = Fraction(answer[m]["orders"], answer[m]["sessions"])
                own.append(Fraction(orders[m, *kind], n) if n else all_rate)
            mix += (share[1] - share[0]) * ((own[0] + own[1]) / 2 - mean)
            rate += (share[0] + share[1]) / 2 * (own[1] - own[0])
        answer[month].update(mix=float(mix), change_of_rates=float(rate))
    return answer


# ---- Change points: the best bend of a whole series ----------------------------


def residuals(columns, y):
    """What least squares on the columns, and a constant, leaves of y."""
    rest = [v - math.fsum(y) / len(y) for v in y]
    basis = []
    for column in columns:
        v = [a - math.fsum(column) / len(column) for a in column]
        for b, size in basis:
            part = math.fsum(p * q for p, q in zip(v, b)) / size
            v = [p - part * q for p, q in zip(v, b)]
        basis.append((v, math.fsum(p * p for p in v)))
    for b, size in basis:
        part = math.fsum(p * q for p, q in zip(rest, b)) / size
        rest = [p - part * q for p, q in zip(rest, b)]
    return rest


def bend(y):
    """Index of the best bend, its F, and F shrunk for autocorrelation."""
    n = len(y)
    x = [float(i) for i in range(n)]
    straight = math.fsum(v * v for v in residuals([x], y))
    edge = math.ceil(0.15 * n)
    best = (0.0, None, None)
    for i in range(edge, n - edge):
        left = residuals([x, [max(0.0, v - x[i]) for v in x]], y)
        sse = math.fsum(v * v for v in left)
        f = (straight - sse) / (sse / (n - 3))
        if f > best[0]:
            r1 = math.fsum(a * b for a, b in zip(left, left[1:])) / n / (sse / n)
            best = (f, i, min(max(r1 + 2 / n, 0), 0.9))
    f, at, rho = best
    return {"at": at, "f": f, "f_adj": f * (1 - rho) / (1 + rho)}


def turns(folder):
    """Of the series short enough to be tried bend by bend in Python."""
    answer = {}
    for name in ("gdp_argentina", "nile", "ozone", "quality_control_2", "children_per_woman"):
        rows = list(rows_of(f"{folder}/{name}.csv"))
        column = [key for key in rows[0] if key not in ("t", "label")][0]
        answer[name] = bend([float(row[column]) for row in rows])
    return answer


if __name__ == "__main__":
    json.dump({"brands": brands, "scans": scans, "shop": shop, "visits": visits, "turns": turns}[sys.argv[1]](sys.argv[2]), sys.stdout)
