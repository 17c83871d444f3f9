# Sourced by bench/run and bench/analytics: time, medians, lines of the table.

. "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"

work() { echo "$out/$1"; }

sql() { "$(pg_bin)/psql" -X -q -At -v ON_ERROR_STOP=1 "$@"; }

# Median and middle four fifths of numbers, one a line: "median low high".
median() {
    sort -g | awk '{v[NR] = $1} END {
        printf "%s %s %s\n", v[int((NR + 1) / 2)], v[int((NR - 1) / 10) + 1], v[NR - int((NR - 1) / 10)]}'
}
calculate() { awk "BEGIN {printf \"$1\", $2}"; }
ratio() { calculate %.2f "$1 / $2"; }
line() { printf '| %s | %s | %s | %s | %s |\n' "$@"; }
table_head() {
    line what ours beside ratio note
    line --- --- --- --- ---
}

# bench/NAME.c as a program in the working folder.
build_programs() {
    local program
    mkdir -p "$out"
    for program in "$@"; do
        "${CC:-cc}" -std=gnu99 -O2 -Wall -Wextra -Werror -Wno-unused-parameter \
            -I"$("$PG_CONFIG" --includedir)" -o "$(work "$program")" \
            "$ROOT/bench/$program.c" "$ROOT/bench/tape.c" \
            -L"$("$PG_CONFIG" --libdir)" -lcurl -ljson-c -lpq -lpthread
    done
}
