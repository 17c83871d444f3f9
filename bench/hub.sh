#!/usr/bin/env bash
# The hub at its full size, on a cluster of its own: what a customer's page, an
# order's profit, the stock list and the list of inquiries take, warm; and what
# loading by hand through the doors takes beside COPY into the tables.
#
#   bench/hub.sh      prints lines of the table; bench/run --full calls it
#
# HUB_SIZE is a share of 1,000,000 customers, 5,000,000 orders, 15,000,000
# lines and 200,000 inquiries (default 1).
. "$(dirname "$0")/common.sh"

size=${HUB_SIZE:-1} rounds=${HUB_ROUNDS:-101}
customers=$(calculate %d "1000000 * $size") orders=$(calculate %d "5000000 * $size")
inquiries=$(calculate %d "200000 * $size")
loaded=$((orders / 5))
out=$RUN/bench/hub
mkdir -p "$out"

clean_up() {
    "$ROOT/scripts/cluster" remove benchhub >/dev/null
    rm -rf "$out"
}
trap clean_up EXIT

"$ROOT/scripts/cluster" remove benchhub >/dev/null
"$ROOT/scripts/cluster" start benchhub shared_buffers=1GB max_wal_size=8GB work_mem=64MB >/dev/null
. "$RUN/benchhub/env"

times() { sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'; }
thousands() { echo "$1" | sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta'; }

# A statement's time, as psql tells it: milliseconds.
statement_ms() { sql -d "$1" -c '\timing on' -c "$2" | times; }

# Statements of a page, each written by a query once per round: median, first
# and ninth tenth of the page's time, the second time round.
page_ms() {
    local n=$# query
    for query in "$@"; do
        sql -d hub -c "SELECT setseed(0.1)" -c "SELECT i, $query FROM generate_series(1, $rounds) AS i" | tail -n +2
    done | sort -s -t'|' -n -k1,1 | cut -d'|' -f2- | sed 's/$/;/' >"$(work page.sql)"
    { echo '\o /dev/null'; cat "$(work page.sql)"; echo '\timing on'; cat "$(work page.sql)"; } |
        sql -d hub | times | awk -v n="$n" '{ms += $1} NR % n == 0 {print ms; ms = 0}' | median
}
page() {
    local what=$1 note=$2 low high mid
    shift 2
    read -r mid low high < <(page_ms "$@")
    line "$what" "$(calculate '%.1f ms' "$mid")" "50 ms" "$(ratio "$mid" 50)" \
        "beside the bar; $note; $rounds of them, warm, middle 80 %: $(calculate %.1f "$low")-$(calculate %.1f "$high") ms"
}

make_hub() {
    local began
    sql -c "CREATE DATABASE hub"
    began=$(date +%s)
    sql -d hub -v customers="$customers" -v orders="$orders" -v inquiries="$inquiries" -f "$ROOT/bench/hub.sql" >/dev/null
    sql -d hub -c "INSERT INTO momentum_state.changed_day (brand, source, stream, day)
                   SELECT 'bench', 'shop', 'orders', d::date
                     FROM generate_series(current_date - 731, current_date, interval '1 day') AS d"
    say "A hub of $(thousands "$customers") customers, $(thousands "$orders") orders," \
        "$(thousands $((3 * orders))) lines, $(thousands "$inquiries") inquiries: $(($(date +%s) - began)) s." >&2
    all_days=$(statement_ms hub "SELECT momentum.recompute()")
    sql -d hub -c "VACUUM ANALYZE"
}

pages() {
    page "a customer's page" "the customer, the orders and their profit, the inquiries" \
        "format('SELECT * FROM hub.customer_value WHERE brand = ''bench'' AND customer_id = %L', 1 + i * 7919::bigint % $customers)" \
        "format('SELECT * FROM hub.customer_orders(''bench'', %L) ORDER BY created_at DESC', 1 + i * 7919::bigint % $customers)" \
        "format('SELECT * FROM hub.inquiry_sla WHERE brand = ''bench'' AND customer_source = ''shop'' AND customer_id = %L ORDER BY date_created DESC LIMIT 50', 1 + i * 7919::bigint % $customers)"
    page "a customer's orders, by a condition" "hub.order_profit WHERE brand = ... AND customer_id = ..." \
        "format('SELECT * FROM hub.order_profit WHERE brand = ''bench'' AND customer_id = %L ORDER BY created_at DESC', 1 + i * 7919::bigint % $customers)"
    page "an order's profit" "with its lines" \
        "format('SELECT * FROM hub.order_profit WHERE brand = ''bench'' AND order_id = %L', 1 + i * 104729::bigint % $orders)" \
        "format('SELECT * FROM hub.order_line_profit WHERE brand = ''bench'' AND order_id = %L', 1 + i * 104729::bigint % $orders)"
    page "the stock list" "1,000 products with all their columns" \
        "'SELECT * FROM hub.product_stock WHERE brand = ''bench'' ORDER BY reorder_alert DESC, days_of_stock'"
    page "one product" "of them" \
        "format('SELECT * FROM hub.product_stock WHERE brand = ''bench'' AND product_key = %L', 'SKU-' || 1 + i * 7919 % 1000)"
    page "the list of inquiries" "the 50 open ones that are due first" \
        "'SELECT * FROM hub.inquiry_sla WHERE brand = ''bench'' AND is_open ORDER BY sla_due_at LIMIT 50'"
}

# All orders at once, as a tool for reports asks: beside the same figures by a
# statement that is written for the whole, of hash joins over the tables.
by_month() {
    local view hand revenue
    view=$(for _ in 1 2 3; do
        statement_ms hub "SELECT order_month, sum(gross_profit) FROM hub.order_profit WHERE brand = 'bench' GROUP BY 1"
    done | median | cut -d' ' -f1)
    hand=$(for _ in 1 2 3; do
        statement_ms hub "
            SELECT date_trunc('month', o.order_day), sum(o.gross_sales - o.discounts - coalesce(r.returns, 0) - coalesce(l.cost, 0))
              FROM hub.orders o
              LEFT JOIN (SELECT f.brand, f.source, f.order_id, sum(f.returns) AS returns FROM hub.refunds f
                          WHERE f.brand = 'bench' GROUP BY 1, 2, 3) r ON r.brand = o.brand AND r.source = o.source AND r.order_id = o.order_id
              LEFT JOIN (SELECT i.brand, i.source, i.order_id, sum(i.current_quantity * c.unit_cost) AS cost
                           FROM hub.order_line_items i
                           JOIN hub.orders o ON o.brand = i.brand AND o.source = i.source AND o.order_id = i.order_id
                           JOIN (SELECT t.*, lead(t.valid_from) OVER (PARTITION BY t.product_key ORDER BY t.valid_from) AS valid_until
                                   FROM hub.product_costs t WHERE t.brand = 'bench') c
                             ON c.product_key = i.product_key AND c.valid_from <= o.order_day AND (c.valid_until > o.order_day OR c.valid_until IS NULL)
                          WHERE i.brand = 'bench' AND NOT i.is_gift_card GROUP BY 1, 2, 3) l
                ON l.brand = o.brand AND l.source = o.source AND l.order_id = o.order_id
             WHERE o.brand = 'bench' GROUP BY 1"
    done | median | cut -d' ' -f1)
    revenue=$(statement_ms hub "SELECT order_month, sum(total_revenue) FROM hub.order_profit WHERE brand = 'bench' GROUP BY 1")
    line "all orders' profit by month" "$(calculate '%.0f ms' "$view")" "$(calculate '%.0f ms' "$hand")" "$(ratio "$view" "$hand")" \
        "beside hash joins over the tables, written for the whole; their revenue alone: $(calculate '%.0f ms' "$revenue")"
}

recomputed() {
    local few
    few=$(for _ in 1 2 3 4 5; do
        sql -d hub -c "UPDATE hub.order_line_items SET quantity = quantity + 1, current_quantity = current_quantity + 1
                        WHERE (brand, order_id) IN (SELECT brand, order_id FROM hub.orders
                               WHERE brand = 'bench' AND order_day >= current_date - 3 LIMIT 100)" \
            -c "INSERT INTO momentum_state.changed_day (brand, source, stream, day)
                SELECT 'bench', 'shop', 'orders', current_date - d FROM generate_series(1, 3) AS d"
        statement_ms hub "SELECT momentum.recompute()"
    done | median | cut -d' ' -f1)
    line "recompute(), 3 changed days of the hub" "$(calculate '%.0f ms' "$few")" \
        "$(calculate '%.0f ms' "$all_days")" "$(ratio "$few" "$all_days")" \
        "with $(thousands $((orders * 9 / 730))) lines of theirs counted anew; beside all days at once"
}

# The columns that a door and its table share and the generator filled.
shared_columns() {
    sql -d hub -c "SELECT string_agg(quote_ident(t.attname), ', ' ORDER BY t.attnum)
                     FROM pg_attribute t
                     JOIN pg_attribute d ON d.attrelid = to_regclass('hub.$1_entry') AND d.attname = t.attname AND d.attnum > 0
                     JOIN pg_stats s ON s.schemaname = 'hub' AND s.tablename = '$1' AND s.attname = t.attname AND s.null_frac < 1
                    WHERE t.attrelid = 'hub.$1'::regclass AND t.attnum > 0 AND t.attgenerated = '' AND t.attname <> 'loaded_at'"
}

# COPY of a file into a table or through its door: seconds.
load_s() {
    local database=$1 relation=$2 columns=$3 file=$4
    sql -d "$database" -c '\timing on' -c "\\copy $relation ($columns) FROM '$file' WITH (FORMAT csv, HEADER)" |
        times | awk '{printf "%.2f", $1 / 1000}'
}
empty_hub() {
    sql -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
    sql -d "$1" -c "SET client_min_messages = warning" -c "CREATE EXTENSION momentum CASCADE" \
        -c "SELECT momentum.setup()" -c "SELECT momentum.add_brand('bench', 'America/New_York', 'USD')" \
        -c "INSERT INTO momentum_state.source (brand, source, service, currency) VALUES ('bench', 'shop', 'shopify', 'USD')" \
        -c "CHECKPOINT" >/dev/null
}

# Two databases with nothing else in them, loaded in turns.  The table is given
# what the door fills by itself.  The orders' sums are those of their lines.
doors() {
    local table columns more way limit n rows=0
    local -A took all=([plain]=0 [door]=0)
    if [ -z "$(sql -d hub -c "SELECT to_regclass('hub.orders_entry')")" ]; then
        say "There is no door to load through: not measured." >&2
        return
    fi
    empty_hub plain
    empty_hub door
    for table in customers orders order_line_items; do
        columns=$(shared_columns "$table")
        more=$(sql -d hub -c "SELECT coalesce(string_agg(', ' || quote_ident(a.attname), ''), '') FROM pg_attribute a
                               WHERE a.attrelid = 'hub.$table'::regclass AND a.attnum > 0 AND a.attnotnull AND NOT a.atthasdef
                                 AND a.attname <> ALL (string_to_array('$columns', ', '))")
        case $table in
        customers) limit="customer_id::bigint <= $loaded / 5" ;;
        *) limit="order_id::bigint <= $loaded" ;;
        esac
        for way in plain door; do
            [ "$way" = plain ] || more=
            sql -d hub -c "\\copy (SELECT $columns$more FROM hub.$table WHERE brand = 'bench' AND $limit) TO '$(work "$way.csv")' WITH (FORMAT csv, HEADER)"
            took[$way]=$(load_s "$way" "hub.$table$([ "$way" = plain ] || echo _entry)" "$columns$more" "$(work "$way.csv")")
            all[$way]=$(calculate %.2f "${all[$way]} + ${took[$way]}")
        done
        n=$(sql -d plain -c "SELECT count(*) FROM hub.$table")
        [ "$(sql -d door -c "SELECT count(*) FROM hub.$table")" = "$n" ] || die "the door of $table lost rows"
        line "$(thousands "$n") rows through the door of $table" "$(calculate '%.0f rows/s' "$n / ${took[door]}")" \
            "$(calculate '%.0f rows/s' "$n / ${took[plain]}")" "$(ratio "${took[plain]}" "${took[door]}")" \
            "beside COPY into the table; the bar is 0.5 or more"
        rows=$((rows + n))
    done
    line "$(thousands "$rows") rows, the three of them" "$(calculate '%.0f rows/s' "$rows / ${all[door]}")" \
        "$(calculate '%.0f rows/s' "$rows / ${all[plain]}")" "$(ratio "${all[plain]}" "${all[door]}")" \
        "beside COPY into the tables; the bar is 0.5 or more"
}

make_hub
pages
by_month
recomputed
doors
