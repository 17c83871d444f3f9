# Sourced by bench/analytics: lines of cash.  What bands around the cash path
# cost beside numpy, of which the draws are the same.

lines+=(cash_bands)

# The reference path and errors of test/sql/cash_bands.sql.
cash_plan="CREATE TEMP TABLE plan AS
SELECT array_agg(1800 + ('{-120,-100,-80,-40,60,180,100}'::float8[])[(d - 1) % 7 + 1] ORDER BY d) AS inflow,
       array_agg(1500 + CASE WHEN d % 14 = 5 THEN 9000 ELSE 0 END::float8 ORDER BY d) AS cost,
       array_agg(CASE WHEN d IN (15, 45, 75) THEN 4000 ELSE 0 END::float8 ORDER BY d) AS loan,
       (SELECT array_agg(20.0 * ((37 * i * i + 11 * i) % 101 - 50) ORDER BY i)::float8[]
          FROM generate_series(0, 55) AS i) AS errors
  FROM generate_series(1, 90) AS d"
cash_python="import numpy as np
days = np.arange(1, 91)
walk = 50000 + np.cumsum(1800 + np.array([-120, -100, -80, -40, 60, 180, 100])[(days - 1) % 7] - 1500
                         - np.where(days % 14 == 5, 9000, 0) - np.where(np.isin(days, (15, 45, 75)), 4000, 0))
i = np.arange(56)
errors = 20.0 * ((37 * i * i + 11 * i) % 101 - 50)
np.seterr(over='ignore')
def bands():
    n = np.arange(1, 13001, dtype=np.uint64)
    z = np.uint64(42) + n * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    start = ((z ^ (z >> np.uint64(31))) % np.uint64(50)).astype(np.int64).reshape(1000, 13, 1)
    noise = (errors - errors.mean())[start + np.arange(7)].reshape(1000, 91)[:, :90]
    w = walk + np.cumsum(noise, axis=1)
    return np.percentile(w, (10, 50, 90), axis=0), np.maximum.accumulate(w < 0, axis=1).mean(axis=0)"
cash_bands_query="SELECT p10, p50, p90, p_breach FROM plan, momentum.cash_bands(50000, inflow, cost, loan, errors) WHERE day = 90"

cash_bands_ours() { sql_ms "$cash_plan" "$cash_bands_query"; }
cash_bands_numpy() { python_ms "$cash_python" "bands()"; }

LINE_cash_bands() {
    local ours theirs
    turns 9 ours cash_bands_ours numpy cash_bands_numpy
    ours=$(grep -v Time "$(work sql)" | tail -n 1)
    theirs=$("$PYTHON" -B -c "$cash_python
p, breach = bands()
print('|'.join(repr(float(v)) for v in (*p[:, 89], breach[89])))")
    awk -F'|' -v ours="$ours" 'BEGIN {split(ours, o, "|")} {for (k = 1; k <= 4; k++)
        if (o[k] - $k > 1e-6 || $k - o[k] > 1e-6) exit 1}' <<<"$theirs" ||
        die "cash_bands() says $ours, numpy $theirs"
    line "cash_bands() of 90 days, 1,000 draws" "$(ms "${took[ours]}")" "$(ms "${took[numpy]}")" \
        "$(ratio "${took[ours]}" "${took[numpy]}")" \
        "numpy, the same draws and percentiles; the bar is 2 ms"
}
