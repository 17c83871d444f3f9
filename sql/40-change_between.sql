-- Why the numbers of one window differ from those of another: the splits of
-- change_split for any two windows of the history (see momentum._change_split).
--
-- Runs with the caller's rights and reads the reading views alone, so that
-- everybody asks it about what he may see.  Windows are whole weeks and begin
-- on the same day of the week: a fifth Saturday would pass for growth.
--
-- The days of the older window are counted as if they came right before the
-- newer one; where the two overlap, a day is in both.
CREATE TYPE momentum.change_between_result AS (
    brand text,
    as_of date,
    first_day date,
    days bigint,
    days_compared bigint,
    tree text,
    unit text,
    currency text,
    total_from numeric,
    total_to numeric,
    total_change numeric,
    rank bigint,
    channel text,
    factor text,
    label text,
    value_from numeric,
    value_to numeric,
    value_unit text,
    contribution numeric,
    share numeric,
    method text,
    explanation text,
    summary text,
    first_day_from date
);
COMMENT ON TYPE momentum.change_between_result IS 'The columns of the view momentum.change_split.';

CREATE FUNCTION momentum.change_between(
    brand text,
    older date,
    newer date,
    days integer DEFAULT 28,
    tree text DEFAULT NULL
) RETURNS SETOF momentum.change_between_result
    LANGUAGE plpgsql STABLE ROWS 30
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET jit = off
    AS $$
DECLARE
    trees constant text[] := ARRAY['net_revenue', 'cac', 'cac_by_platform', 'conversion_rate',
                                   'retail_dollars', 'retail_velocity', 'market_revenue'];
    late integer;       -- days that newer begins too late in the week
    fact record;
    known record;
BEGIN
    IF older IS NULL OR newer IS NULL OR days IS NULL THEN
        RAISE EXCEPTION 'a window needs its first day and its days'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give the first days of both windows: change_between(brand, older, newer, days).';
    ELSIF days < 7 OR days > 364 OR days % 7 <> 0 THEN
        RAISE EXCEPTION 'windows must be whole weeks, not % days', days
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Take 7, 14, 21, 28 and so on, 364 at most: the days of the week are then the same in both.';
    ELSIF older < '1900-01-01' OR older > '2199-12-31' OR newer < '1900-01-01' OR newer > '2199-12-31' THEN
        RAISE EXCEPTION 'windows must begin between 1900 and 2199'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF older >= newer THEN
        RAISE EXCEPTION 'the older window must begin before the newer one'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('They begin on %s and %s.', to_char(older, 'YYYY-MM-DD'), to_char(newer, 'YYYY-MM-DD')),
                  HINT = 'The change is told from the older to the newer: give the older one first.';
    END IF;
    late := (newer - older) % 7;
    IF late <> 0 THEN
        RAISE EXCEPTION 'windows must begin on the same day of the week'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('%s is a %s, %s a %s.', to_char(older, 'YYYY-MM-DD'), to_char(older, 'FMDay'),
                                  to_char(newer, 'YYYY-MM-DD'), to_char(newer, 'FMDay')),
                  HINT = format('Take %s or %s for the older one; 364 days before are the same weeks of last year.',
                                to_char(older + late - 7, 'YYYY-MM-DD'), to_char(older + late, 'YYYY-MM-DD'));
    ELSIF tree <> ALL (trees) THEN
        RAISE EXCEPTION 'tree "%" does not exist', left(tree, 80)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('The trees are %s.', array_to_string(trees, ', '));
    END IF;

    SELECT array_agg(f.metric) AS metrics, array_agg(f.channel) AS channels, array_agg(f.day) AS days, array_agg(f.value) AS amounts,
           bool_or(f.day < newer) AS has_older, bool_or(f.day >= newer) AS has_newer, max(f.currency) AS currency
      INTO fact
      FROM (SELECT d.metric, d.channel, d.day + (newer - older - change_between.days) AS day, d.value, d.currency
              FROM momentum.change_fact d
             WHERE d.brand = change_between.brand AND d.day >= older AND d.day < older + change_between.days
            UNION ALL
            SELECT d.metric, d.channel, d.day, d.value, d.currency
              FROM momentum.change_fact d
             WHERE d.brand = change_between.brand AND d.day >= newer AND d.day < newer + change_between.days) f;
    IF fact.has_older AND fact.has_newer THEN
        RETURN QUERY
        SELECT change_between.brand, t.newest, newer, t.days::bigint, t.pairs, t.tree, t.tree_unit, fact.currency,
               t.total0::numeric(24,6), t.total1::numeric(24,6), t.change::numeric(24,6), t.rank, t.channel, t.factor, t.label,
               t.value0::numeric(24,6), t.value1::numeric(24,6), t.unit, t.contribution::numeric(24,6), t.share::numeric(18,6),
               t.method, t.explanation, t.summary, older
          FROM momentum._change_told(ARRAY(
                   SELECT s FROM momentum._change_split(newer + change_between.days - 1, 0, change_between.days,
                                                        fact.metrics, fact.channels, fact.days, fact.amounts) s
                    WHERE change_between.tree IS NULL OR s.tree = change_between.tree), newer - older) t
         ORDER BY array_position(trees, t.tree), t.rank;
        RETURN;
    END IF;

    SELECT min(m.known_from) AS first_day, max(m.known_through) AS last_day, count(*) AS metrics INTO known
      FROM momentum.metric m WHERE m.brand = change_between.brand;
    IF known.metrics = 0 THEN
        RAISE EXCEPTION 'brand "%" does not exist', change_between.brand
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'momentum.score lists the brands you may see.';
    END IF;
    RAISE EXCEPTION 'nothing is known of the % days from %', days,
                    to_char(CASE WHEN fact.has_older THEN newer ELSE older END, 'YYYY-MM-DD')
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = CASE WHEN known.first_day IS NULL THEN format('Nothing at all is known of brand "%s".', change_between.brand)
                            ELSE format('Brand "%s" has figures from %s to %s.', change_between.brand, to_char(known.first_day, 'YYYY-MM-DD'),
                                        to_char(known.last_day, 'YYYY-MM-DD')) END,
              HINT = 'momentum.metric tells which days of which metric are known.';
END
$$;
COMMENT ON FUNCTION momentum.change_between(text, date, date, integer, text) IS
    'Why net revenue, CAC, the conversion rate and retail differ between any two windows: the rows of momentum.change_split for the days (whole weeks: 7, 14, ... 364) from older and as many from newer, which begin on the same day of the week. tree: that one alone. Windows may overlap. A day counts only if it is known in both (days_compared); a tree of which less than a quarter of the days is known has no rows.';
