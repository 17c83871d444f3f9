-- What a sync of the last :days days leaves behind: facts that differ, and
-- the log that says so.  Then the time that it takes until the views tell:
-- psql says how long that was, the last line the processor's part of it.
\set ON_ERROR_STOP on
\set QUIET on
UPDATE hub.orders SET gross_sales = gross_sales + 1
 WHERE brand = 'bench' AND order_day >= current_date - 3;
UPDATE hub.ad_performance_daily SET spend = spend + 1
 WHERE brand = 'bench' AND level = 'account' AND day >= current_date - 3;
INSERT INTO momentum_state.changed_day (brand, source, stream, day)
SELECT t.brand, t.source, t.stream, d::date
  FROM momentum_state.stream t,
       generate_series(greatest(t.first_day, current_date - :days), t.complete_through, interval '1 day') AS d
 WHERE t.loader <> 'cash';
\set cpu 'split_part(pg_read_file(''/proc/self/schedstat'', 0, 100, false), '' '', 1)::numeric / 1e6'
SELECT :cpu AS before \gset
\timing on
SELECT momentum.recompute();
\timing off
SELECT 'CPU', round(:cpu - :before, 3);
