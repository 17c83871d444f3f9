"""Series of which the truth is known, as lines for COPY: kind, n, rho, {y}.

    calibrate.py COUNT

flat   a level of 1,000 with a weekly pattern and 15 % noise, of which each
       day takes over a part rho of the day before; n days; COUNT of each.
spike  thirty days that fall by 10 % in 30 days, with the same pattern and
       noise, one of the last ten at four times; COUNT.
pair   two series that have nothing to do with each other, one after the
       other, of 90 days each and rho 0.8; COUNT.
"""
import random
import sys

WEEK = (.85, .85, .9, .95, 1.1, 1.25, 1.1)
NOISE = 0.15


def noise(n, rho, rng):
    """n deviations of one variance whose neighbours correlate by rho."""
    fresh = (1 - rho * rho) ** 0.5
    value = rng.gauss(0, 1)
    for _ in range(n):
        yield value
        value = rho * value + fresh * rng.gauss(0, 1)


def series(n, rho, growth, rng):
    start = rng.randrange(7)
    return [1000 * WEEK[(start + t) % 7] * (1 + growth * (t - (n - 1) / 2) / 30 + NOISE * e)
            for t, e in enumerate(noise(n, rho, rng))]


def put(kind, n, rho, y):
    print(kind, n, rho, '{%s}' % ','.join('%.3f' % v for v in y), sep='\t')


def main():
    count = int(sys.argv[1])
    rng = random.Random(20251120)
    for n in (30, 60, 90):
        for rho in (0, 0.25, 0.5):
            for _ in range(count):
                put('flat', n, rho, series(n, rho, 0, rng))
    for _ in range(count):
        y = series(30, 0, -0.10, rng)
        y[rng.randrange(20, 30)] *= 4
        put('spike', 30, 0, y)
    for _ in range(count):
        put('pair', 90, 0.8, series(90, 0.8, 0, rng) + series(90, 0.8, 0, rng))


main()
