-- Numbers and instants in their usual form are read without the input
-- functions of their types: the outcome has to be the same, to the letter.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
SET timezone = 'America/New_York';
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
-- The same field twice: as the service wrote it, and read.
CREATE FOREIGN TABLE number (raw text OPTIONS (path 'note'), read numeric OPTIONS (path 'note'))
    SERVER shop OPTIONS (resource 'orders');
CREATE FOREIGN TABLE instant (raw text OPTIONS (path 'note'), read timestamptz OPTIONS (path 'note'))
    SERVER shop OPTIONS (resource 'orders');
CREATE FUNCTION answer(texts text[]) RETURNS text LANGUAGE sql AS $$
    SELECT json_build_object('data', json_build_object('orders', json_build_object(
        'pageInfo', json_build_object('hasNextPage', false, 'endCursor', NULL),
        'nodes', (SELECT json_agg(json_build_object('note', t)) FROM unnest(texts) t))))
$$;
\pset format unaligned
\pset tuples_only on
-- Every way a number is written, plain or not
CREATE TABLE written AS
SELECT sign || whole || fraction || power AS text
  FROM unnest(ARRAY['', '-', '+']) sign,
       unnest(ARRAY['0', '7', '10', '00012', '120', '9999', '10000', '99999999', '123456789012345678',
                    '999999999999999999', '9223372036854775808', '12345678901234567890123']) whole,
       unnest(ARRAY['', '.', '.0', '.5', '.10', '.00', '.0001', '.00000000000000001', '.123456789012345678']) fraction,
       unnest(ARRAY['', 'e0', 'e5', 'E-3']) power
 UNION ALL
SELECT * FROM unnest(ARRAY['.5', '-.5', '1e1000', ' 12 ']);
SELECT answer(array_agg(text)) FROM written \g |ctl answer small shopify
SELECT count(*) > 1000, count(*) = (SELECT count(*) FROM written) AS all,
       bool_and(read::text = raw::numeric::text) AS same, bool_and(scale(read) IS NOT DISTINCT FROM scale(raw::numeric)) AS scale
  FROM number;
-- What is no number for the one is none for the other.
SELECT answer('{1.2.3}') \g |ctl answer small shopify
SELECT read FROM number;
SELECT answer('{-}') \g |ctl answer small shopify
SELECT read FROM number;
SELECT answer('{1-2}') \g |ctl answer small shopify
SELECT read FROM number;
-- What numeric takes for one is none of a service's, either: one would make any sum a NaN.
SELECT answer('{NaN}') \g |ctl answer small shopify
SELECT read FROM number;
SELECT answer('{-Infinity}') \g |ctl answer small shopify
SELECT read FROM number;
-- Every way an instant is written, at the edges of days, months, years and seconds
CREATE TABLE moment AS
SELECT day || hour || fraction || zone AS text
  FROM unnest(ARRAY['0001-01-01', '1582-10-15', '1900-02-28', '1970-01-01', '1999-12-31', '2000-02-29', '2024-02-29',
                    '2026-03-08', '2026-11-01', '2026-12-31', '9999-12-31']) day,
       unnest(ARRAY['T00:00:00', 'T06:59:59', 'T12:30:05', 'T23:59:59', 'T23:59:60', 'T24:00:00', ' 05:00:00']) hour,
       unnest(ARRAY['', '.1', '.000001', '.999999', '.9999999', '.123456789']) fraction,
       unnest(ARRAY['Z', '+00:00', '-0500', 'z', '']) zone
 WHERE NOT (hour IN ('T24:00:00', 'T23:59:60') AND fraction <> '');
SELECT answer(array_agg(text)) FROM moment \g |ctl answer small shopify
SELECT count(*) > 1500, count(*) = (SELECT count(*) FROM moment) AS all, bool_and(read = raw::timestamptz) AS same FROM instant;
-- Days that do not exist are refused by both.
SELECT answer('{2026-02-29T00:00:00Z}') \g |ctl answer small shopify
SELECT read FROM instant;
SELECT answer('{2026-13-01T00:00:00Z}') \g |ctl answer small shopify
SELECT read FROM instant;
SELECT answer('{2026-01-01T25:00:00Z}') \g |ctl answer small shopify
SELECT read FROM instant;
