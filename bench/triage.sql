-- Messages as customers write them: those of the test's shop, and mails of
-- several paragraphs made of them, with a quoted reply below.
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
CREATE TABLE short (category text, urgency text, message text);
\copy short from pstdin with (format csv, header)
CREATE TABLE message AS
SELECT 'short' AS kind, s.message FROM short s, generate_series(1, 10)
UNION ALL
SELECT 'mail', 'Hello,' || E'\n\n' || string_agg(s.message, E'\n\n') || E'\n\nKind regards,\nAnna\n\nOn Mon, 1 June 2026, Shop wrote:\n'
       || string_agg('> ' || s.message, E'\n')
  FROM (SELECT message, (row_number() OVER (ORDER BY md5(message))) % 160 AS n FROM short, generate_series(1, 6) g) s
 GROUP BY s.n;
VACUUM ANALYZE message;

-- What an afternoon's CASE would be.
CREATE FUNCTION by_keywords(m text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
    WHEN m ~* '\m(broken|damaged|leak\w*|faulty|defective|wrong|missing|complain\w*|disappoint\w*|terrible|awful|worst|rash|reaction)\M' THEN 'Complaints'
    WHEN m ~* '\m(return\w*|refund\w*|exchang\w*|swap|cancel\w*|money back)\M' THEN 'Returns'
    WHEN m ~* '\m(ship\w*|deliver\w*|arriv\w*|parcel|package|track\w*|courier|post(age)?|dispatch\w*|late)\M' THEN 'Shipping'
    WHEN m ~* '\m(ingredients?|safe|suitable|sizes?|price|cost|stock|available|difference|recommend|how (much|many|often))\M' THEN 'Product Info'
    ELSE 'General' END;

-- The median of the microseconds of one call per message, after a first round.
CREATE FUNCTION median_us(what text, kind text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    m text;
    began timestamptz;
    took float8[] := '{}';
    tried integer := 0;
BEGIN
    FOR round IN 1 .. 2 LOOP
        took := '{}';
        FOR m IN SELECT q.message FROM message q WHERE q.kind = median_us.kind LOOP
            began := clock_timestamp();
            CASE what
                WHEN 'triage' THEN PERFORM momentum.triage(NULL, m);
                WHEN 'sentiment' THEN PERFORM momentum.sentiment(m);
                WHEN 'keywords' THEN PERFORM by_keywords(m);
                WHEN 'to_tsvector' THEN PERFORM to_tsvector('pg_catalog.english', m);
            END CASE;
            took := took || extract(epoch FROM clock_timestamp() - began)::float8 * 1e6;
        END LOOP;
    END LOOP;
    RETURN (SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 1) FROM unnest(took) t);
END $$;
