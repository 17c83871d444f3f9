-- What a message feels like, what it is about and how urgent it is
-- (src/hub/sentiment.c, triage.c).  Both read the tables of
-- momentum_state by themselves: the right to execute them is enough.
CREATE FUNCTION momentum.sentiment(message text, brand text DEFAULT NULL) RETURNS double precision
    LANGUAGE C STABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_sentiment';
COMMENT ON FUNCTION momentum.sentiment(text, text) IS
    'Feeling of a message, from -5 (furious) to 5 (delighted); NULL without a word or emoji. Reads the first 64 kB; quoted replies and signatures do not count. With a brand, by the brand''s own words too.';
REVOKE ALL ON FUNCTION momentum.sentiment(text, text) FROM PUBLIC;

CREATE TYPE momentum.triage_result AS (
    category text,
    urgency text,
    sentiment double precision,
    confidence double precision,
    rule text
);
COMMENT ON TYPE momentum.triage_result IS 'category: what the message is about; urgency: how urgent it is; sentiment: from -5 to 5, NULL without a word; confidence: probability that the category is right, 0 to 1; rule: the rules or words that decided.';

CREATE FUNCTION momentum.triage(subject text, body text, brand text DEFAULT NULL) RETURNS momentum.triage_result
    LANGUAGE C STABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'mo_triage';
COMMENT ON FUNCTION momentum.triage(text, text, text) IS
    'Category, urgency and sentiment of a message, how sure that is, and what decided. Never NULL: an empty message gets the default category at confidence 0. With a brand, by the brand''s own words and rules too.';
REVOKE ALL ON FUNCTION momentum.triage(text, text, text) FROM PUBLIC;
