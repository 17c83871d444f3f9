# Sourced by bench/analytics: lines of trends.  What trend_moments() costs
# beside regr_slope() and DuckDB; how often trends, turning points and lags
# are found where there are none, on series made by bench/calibrate.py.

lines+=(trend_moments moving_window weekday_phase false_alarms spike false_turns false_leads)

# Ten million rows, ten years of days.
trend_rows() {
    [ -z "$(sql -d analytics -c "SELECT to_regclass('big')")" ] || return 0
    sql -d analytics <<'END'
CREATE UNLOGGED TABLE big AS
SELECT date '2015-01-05' + i / 2740 AS day, (i / 2740)::float8 AS x,
       1000 + (i / 2740) * 0.1 + i % 7 + (i * 7919::bigint % 1009) / 10.0::float8 AS y
  FROM generate_series(0, 9999999) AS i;
VACUUM ANALYZE big;
END
}

# An aggregate over them all, with so many workers besides the session.
over_rows() {
    sql -d analytics -c "SET max_parallel_workers_per_gather = $1" -c "SET parallel_setup_cost = 0" \
        -c '\timing on' -c "SELECT ${*:2} FROM big" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

LINE_trend_moments() {
    local ours="(momentum.trend_moments(day, y)).slope" theirs="regr_slope(y, x)" workers
    workers=$(nproc)
    trend_rows
    over_rows 0 "$ours" >/dev/null
    turns 3 ours "over_rows 0 $ours" regr "over_rows 0 $theirs" \
        ours_parallel "over_rows $workers $ours" regr_parallel "over_rows $workers $theirs"
    line "trend_moments() over 10,000,000 rows, serial" "$(ms "${took[ours]}")" \
        "$(ms "${took[regr]}")" "$(ratio "${took[ours]}" "${took[regr]}")" \
        "regr_slope(), which knows no weekdays; the bar is 1.5"
    line "the same, $workers workers" "$(ms "${took[ours_parallel]}")" "$(ms "${took[regr_parallel]}")" \
        "$(ratio "${took[ours_parallel]}" "${took[regr_parallel]}")" \
        "speed-up $(ratio "${took[ours]}" "${took[ours_parallel]}"), of regr_slope() $(ratio "${took[regr]}" "${took[regr_parallel]}"); $(nproc) cores"
}

window_series="CREATE TEMP TABLE series AS
SELECT date '2015-01-01' + i AS day, i::float8 AS x,
       1000 + i * 0.1 + i % 7 + (i * 7919::bigint % 1009) / 10.0::float8 AS y
  FROM generate_series(0, 3649) AS i"

moving_ours() {
    sql_ms "$window_series" "SELECT sum((w).slope) FROM (SELECT momentum.trend_moments(day, y)
        OVER (ORDER BY day ROWS 364 PRECEDING) AS w FROM series) AS s"
}
moving_regr() {
    sql_ms "$window_series" "SELECT sum(w) FROM (SELECT regr_slope(y, x)
        OVER (ORDER BY x ROWS 364 PRECEDING) AS w FROM series) AS s"
}
moving_duckdb() {
    "$duckdb" - <<'END'
import time
import duckdb
c = duckdb.connect()
c.execute("""CREATE TABLE series AS SELECT i::double AS x, 1000 + i * 0.1 + i % 7 + (i * 7919 % 1009) / 10.0::double AS y
             FROM range(3650) AS r (i)""")
query = "SELECT sum(w) FROM (SELECT regr_slope(y, x) OVER (ORDER BY x ROWS 364 PRECEDING) AS w FROM series) AS s"
c.execute(query).fetchall()
began = time.perf_counter()
c.execute(query).fetchall()
print((time.perf_counter() - began) * 1000)
END
}

# DuckDB in an environment of its own below build/, where PyPI can be reached.
install_duckdb() {
    duckdb=$ROOT/build/duckdb/bin/python
    [ -x "$duckdb" ] || "$PYTHON" -m venv "$ROOT/build/duckdb" >/dev/null 2>&1
    "$duckdb" -c 'import duckdb' 2>/dev/null ||
        timeout 120 "$duckdb" -m pip install -q duckdb >/dev/null 2>&1 || return 1
}

LINE_moving_window() {
    local peer=() what="trend_moments() in a window of 365 moving over 3,650 days"
    ! install_duckdb || peer=(duckdb moving_duckdb)
    turns 5 ours moving_ours regr moving_regr "${peer[@]}"
    line "$what" "$(ms "${took[ours]}")" "$(ms "${took[regr]}")" \
        "$(ratio "${took[ours]}" "${took[regr]}")" "regr_slope(), made anew for each row; the bar is 15 ms"
    [ ${#peer[@]} -gt 0 ] || return 0
    line "the same" "$(ms "${took[ours]}")" "DuckDB $(ms "${took[duckdb]}")" \
        "$(ratio "${took[ours]}" "${took[duckdb]}")" \
        "$("$duckdb" -c 'import duckdb; print(duckdb.__version__)'), its regr_slope()"
}

# A flat business with a weekly pattern, thirty days that end on each weekday.
LINE_weekday_phase() {
    local ours plain
    sql -d analytics <<'END' >"$(work phase)"
SELECT max(abs((f.trend).g)), max(abs(f.plain))
  FROM generate_series(0, 6) AS ending, LATERAL (
       SELECT momentum.trend(date '2025-01-06' + ending + t, y) AS trend,
              30 * regr_slope(y, t) / avg(y) AS plain
         FROM generate_series(0, 29) AS t, LATERAL (
              SELECT 1000 * ('{.85,.85,.9,.95,1.1,1.25,1.1}'::float8[])[(ending + t) % 7 + 1] AS y) AS v) AS f
END
    IFS='|' read -r ours plain <"$(work phase)"
    line "largest trend seen in a flat week, 7 endings" "$(calculate '%.1g %%' "100 * $ours")" \
        "$(calculate '%.1f %%' "100 * $plain")" - "regr_slope(); of the level in 30 days; the bar is 1e-10 %"
}

# Series with a weekly pattern, 15 % noise and a seed: kind, n, rho, y.
calibration_series() {
    [ -z "$(sql -d analytics -c "SELECT to_regclass('calibration')")" ] || return 0
    sql -d analytics -c "CREATE UNLOGGED TABLE calibration (kind text, n integer, rho float8, y float8[])"
    "$PYTHON" -B "$ROOT/bench/calibrate.py" 2000 |
        sql -d analytics -c "COPY calibration FROM STDIN"
}

# How both judge them: the trend with its p, the plain slope with its t.
judged="SELECT kind, c.n, c.rho, slope, p_up, plain_slope, plain_p
  FROM (SELECT *, (SELECT array_agg(date '2025-01-06' + i ORDER BY i) FROM generate_series(0, n - 1) AS i) AS days
          FROM calibration) AS c, momentum.trend_fit(days, y) AS f, LATERAL (
       SELECT plain_slope, momentum.student_t_cdf(r * sqrt((c.n - 2) / (1 - r * r)), c.n - 2) AS plain_p
         FROM (SELECT regr_slope(v, i) AS plain_slope, corr(v, i) AS r
                 FROM unnest(y) WITH ORDINALITY AS u (v, i)) AS o) AS plain"

LINE_false_alarms() {
    local n ours plain
    calibration_series
    sql -d analytics <<END >"$(work alarms)"
SELECT n, string_agg(round(ours, 1)::text, ', ' ORDER BY rho), string_agg(round(plain, 1)::text, ', ' ORDER BY rho)
  FROM (SELECT n, rho, 100 * avg((p_up NOT BETWEEN 0.025 AND 0.975)::int) AS ours,
               100 * avg((plain_p NOT BETWEEN 0.025 AND 0.975)::int) AS plain
          FROM ($judged WHERE kind = 'flat') AS j GROUP BY n, rho) AS cell
 GROUP BY n ORDER BY n
END
    while IFS='|' read -r n ours plain; do
        line "false alarms at 5 %, $n days, rho 0, 0.25, 0.5" "$ours %" "$plain %" - \
            "the t of plain least squares; 2,000 flat series each with a weekly pattern and 15 % noise; the bar is 1.5-7 %"
    done <"$(work alarms)"
}

LINE_spike() {
    local ours plain
    calibration_series
    sql -d analytics <<END >"$(work spike)"
SELECT round(100 * avg((slope < 0)::int)), round(100 * avg((plain_slope < 0)::int))
  FROM ($judged WHERE kind = 'spike') AS j
END
    IFS='|' read -r ours plain <"$(work spike)"
    line "right sign of -10 % in 30 days with one day at four times" "$ours %" "$plain %" - \
        "plain least squares; 2,000 series, the day among the last ten; the bar is 55 %"
}

LINE_false_turns() {
    local n ours plain
    calibration_series
    sql -d analytics <<END >"$(work turns)"
SELECT n, string_agg(round(ours, 1)::text, ', ' ORDER BY rho), string_agg(round(plain, 1)::text, ', ' ORDER BY rho)
  FROM (SELECT c.n, c.rho, 100 * avg(significant::int) AS ours, 100 * avg((f > 6.5)::int) AS plain
          FROM calibration AS c, LATERAL (SELECT array_agg(date '2025-01-06' + i ORDER BY i) AS days
                 FROM generate_series(0, c.n - 1) AS i) AS d, momentum.turning_point(days, y)
         WHERE kind = 'flat' AND c.n >= 60 GROUP BY c.n, c.rho) AS cell
 GROUP BY n ORDER BY n
END
    while IFS='|' read -r n ours plain; do
        line "false turning points, $n days, rho 0, 0.25, 0.5" "$ours %" "$plain %" - \
            "the same F without the correction for autocorrelation; the same flat series; 5 % is meant"
    done <"$(work turns)"
}

LINE_false_leads() {
    local ours plain any
    calibration_series
    sql -d analytics <<END >"$(work leads)"
SELECT round(avg(ours), 1), round(avg(plain), 1), round(100 * avg(any_found::int), 1)
  FROM (SELECT 100 * avg((p < 0.05)::int) AS ours, bool_or(q < 0.05) AS any_found, 100 * avg((2 * momentum.student_t_cdf(
                   -abs(r) * sqrt((m - 2) / (1 - r * r)), m - 2) < 0.05)::int) AS plain
          FROM (SELECT row_number() OVER () AS i, * FROM calibration WHERE kind = 'pair') AS c,
               LATERAL (SELECT array_agg(date '2025-01-06' + i ORDER BY i) AS days
                 FROM generate_series(0, c.n - 1) AS i) AS d,
               momentum.lag_corr(days, y[:c.n], y[c.n + 1:])
         GROUP BY c.i) AS pair
END
    IFS='|' read -r ours plain any <"$(work leads)"
    line "false leads at 5 %, 90 days of rho 0.8, a lag" "$ours %" "$plain %" - \
        "the correlation with all pairs taken for independent; of 15 lags at a time, some lead at q < 0.05: $any %"
}
