-- A metric over any days: ratios are sums over sums, never means of ratios.
--
-- Runs with the caller's rights and reads the reading views alone, so that
-- everybody asks it about what he may see.  A brand that he may not see is
-- told like one that has nothing.
CREATE FUNCTION momentum.metric_over(
    brand text,
    metric text,
    from_day date,
    to_day date,
    channel text DEFAULT 'all',
    OUT value numeric,
    OUT numerator numeric,
    OUT denominator numeric,
    OUT days bigint,
    OUT first_day date,
    OUT last_day date,
    OUT reason text
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    known record;
BEGIN
    IF to_day < from_day THEN
        RAISE EXCEPTION 'to_day must not be before from_day'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    days := 0;
    SELECT m.kind, m.adds_channels INTO known
      FROM momentum.metric m
     WHERE m.brand = metric_over.brand AND m.metric = metric_over.metric;
    IF NOT FOUND THEN
        IF metric_over.metric IS NOT NULL
           AND EXISTS (SELECT FROM momentum.metric m WHERE m.brand = metric_over.brand) THEN
            RAISE EXCEPTION 'metric "%" does not exist', metric_over.metric
                USING ERRCODE = 'undefined_object',
                      HINT = 'momentum.metric lists the metrics.';
        END IF;
        reason := 'no_data';
        RETURN;
    END IF;
    IF metric_over.channel = 'all' AND NOT known.adds_channels THEN
        reason := 'channels_overlap';
        RETURN;
    END IF;

    IF known.kind = 'ratio' THEN
        SELECT sum(r.numerator), sum(r.denominator), count(*), min(r.day), max(r.day),
               CASE WHEN count(*) = 0 THEN 'no_data'
                    WHEN sum(r.denominator) = 0 THEN 'nothing_to_divide_by' END,
               CASE WHEN count(r.denominator) = 0 THEN sum(r.numerator)
                    ELSE sum(r.numerator) / nullif(sum(r.denominator), 0) END
          INTO numerator, denominator, days, first_day, last_day, reason, value
          FROM momentum.metric_ratio r
         WHERE r.brand = metric_over.brand AND r.metric = metric_over.metric
           AND r.channel = metric_over.channel AND r.day >= from_day AND r.day <= to_day;
        RETURN;
    END IF;

    SELECT CASE known.kind WHEN 'additive' THEN sum(v.value) ELSE (array_agg(v.value ORDER BY v.day DESC))[1] END,
           count(*), min(v.day), max(v.day), CASE WHEN count(*) = 0 THEN 'no_data' END
      INTO value, days, first_day, last_day, reason
      FROM (SELECT d.day, sum(d.value) AS value
              FROM momentum.metric_value d
             WHERE d.brand = metric_over.brand AND d.metric = metric_over.metric
               AND d.day >= from_day AND d.day <= to_day
               AND (metric_over.channel = 'all' OR d.channel = metric_over.channel)
             GROUP BY d.day) v;
END
$$;
COMMENT ON FUNCTION momentum.metric_over(text, text, date, date, text) IS
    'A metric over the days from_day through to_day. Additive metrics: their sum. Ratios: the sum of numerators over the sum of denominators of the days on which all terms are known. Snapshots and projections: the last value of those days. days tells how many were known, first_day and last_day which; value is NULL with the reason no_data, nothing_to_divide_by, or channels_overlap (ROAS and what platforms claim: ask for one platform). channel: one channel, or all of them.';
