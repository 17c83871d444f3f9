-- Whatever is thrown at an analytic function, it answers or says what is
-- wrong: no NaN and no infinity comes out (but a runway without end), no error
-- is an internal one, no call takes long.  The functions are found in the
-- catalog, so those to come are covered as well; the arguments are drawn from
-- pools of awkward values by a hash, so every run draws the same.
CREATE EXTENSION momentum;
SET search_path = public;
SET extra_float_digits = 0;

-- One number between 0 and 1 for a call, a place and a purpose.
CREATE FUNCTION draw(a integer, b integer, c integer) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(a::bigint * 1000003 + b * 1009 + c, 42) & 9007199254740991) / 9007199254740992.0::float8 $$;
CREATE FUNCTION pick(choices anyarray, chance float8) RETURNS anyelement
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT choices[1 + floor(chance * cardinality(choices))::int] $$;

--
-- The pools: arrays of numbers and of days, of many lengths
--
CREATE TABLE lengths AS
SELECT n FROM unnest('{0,1,2,3,5,7,12,13,14,28,35,60,90,150}'::int[]) AS n;

CREATE TABLE numbers AS
SELECT row_number() OVER (ORDER BY kind, n)::int AS id, kind, n, v
FROM (
    SELECT kind, n, coalesce(array_agg(CASE kind
            WHEN 'usual' THEN 1000 + 4 * i + 100 * (i % 7) + round(200 * draw(n, i, 1))
            WHEN 'share' THEN 2 * draw(n, i, 2) - 1
            WHEN 'small whole' THEN floor(4 * draw(n, i, 3))
            WHEN 'constant' THEN 0.1
            WHEN 'zero' THEN 0
            WHEN 'negative zero' THEN float8 '-0'
            WHEN 'negative' THEN -1000 * draw(n, i, 4)
            WHEN 'line' THEN 3.7 * i + 1
            WHEN 'spike' THEN CASE WHEN i = n / 2 + 1 THEN 1e6 ELSE 5 END
            WHEN 'largest' THEN CASE WHEN draw(n, i, 5) < 0.5 THEN 1.7976931348623157e308 ELSE -1.7976931348623157e308 END
            WHEN 'large' THEN 1e300 * (1 + draw(n, i, 5))
            WHEN 'smallest' THEN CASE WHEN draw(n, i, 6) < 0.5 THEN 5e-324 ELSE -5e-324 END
            WHEN 'small' THEN 1e-300 * (1 + draw(n, i, 5))
            WHEN 'all scales' THEN (draw(n, i, 7) - 0.5) * 10.0::float8 ^ floor(600 * draw(n, i, 8) - 300)
            WHEN 'positive scales' THEN 10.0::float8 ^ floor(30 * draw(n, i, 8) - 15)
            WHEN 'holes' THEN CASE WHEN draw(n, i, 9) < 0.8 THEN 100 + 50 * draw(n, i, 10) END
            WHEN 'unknown' THEN NULL
            WHEN 'not a number' THEN float8 'NaN'
            WHEN 'awkward' THEN pick('{NaN,Infinity,-Infinity,NULL,0,-0,1e308,-1e308,5e-324,-5e-324,1,1,-1,0.5,2,3,3,1e-9,1e9}'::float8[], draw(n, i, 11))
            END ORDER BY i) FILTER (WHERE i IS NOT NULL), '{}') AS v
    FROM lengths
        CROSS JOIN unnest('{usual,share,"small whole",constant,zero,"negative zero",negative,line,spike,largest,large,
            smallest,small,"all scales","positive scales",holes,unknown,"not a number",awkward}'::text[]) AS kind
        LEFT JOIN LATERAL generate_series(1, n) AS i ON true
    GROUP BY kind, n
) AS x;
INSERT INTO numbers
SELECT 100000 + row_number() OVER ()::int, kind, -1, v
FROM (VALUES
    ('NULL', NULL::float8[]),
    ('two dimensions', '{{1,2},{3,4}}'),
    ('from 5 on', '[5:9]={1,2,3,4,5}'),
    ('one too many', array_fill(1::float8, '{20001}')),
    ('one NaN', '{NaN}'),
    ('one infinity', '{-Infinity}')) AS x (kind, v);

CREATE TABLE days AS
SELECT row_number() OVER (ORDER BY kind, n)::int AS id, kind, n, v
FROM (
    SELECT kind, n, coalesce(array_agg(CASE kind
            WHEN 'daily' THEN date '2025-01-06' + i
            WHEN 'weekly' THEN date '2025-01-06' + 7 * i
            WHEN 'gaps' THEN date '2025-01-06' + 3 * i + floor(3 * draw(n, i, 20))::int
            WHEN 'backwards' THEN date '2025-01-06' - i
            WHEN 'mixed' THEN date '2025-01-06' + (i * 37) % 151
            WHEN 'twice' THEN date '2025-01-06' + i / 2
            WHEN 'one day' THEN date '2025-01-06'
            WHEN 'a day each century' THEN date '0001-01-01' + 36524 * i
            WHEN 'the first days' THEN date '4713-11-24 BC' + i
            WHEN 'the last days' THEN date '5874897-12-31' - i
            WHEN 'both ends' THEN CASE WHEN i % 2 = 0 THEN date '4713-11-24 BC' + i ELSE date '5874897-12-31' - i END
            WHEN 'holes' THEN CASE WHEN i % 5 <> 0 THEN date '2025-01-06' + i END
            WHEN 'endless' THEN CASE WHEN i = 3 THEN date 'infinity' WHEN i = 5 THEN '-infinity' ELSE date '2025-01-06' + i END
            END ORDER BY i) FILTER (WHERE i IS NOT NULL), '{}') AS v
    FROM lengths
        CROSS JOIN unnest('{daily,daily,weekly,gaps,backwards,mixed,twice,"one day","a day each century",
            "the first days","the last days","both ends",holes,endless}'::text[]) WITH ORDINALITY AS k (kind, place)
        LEFT JOIN LATERAL generate_series(1, n) AS i ON true
    GROUP BY kind, place, n
) AS x;
INSERT INTO days
SELECT 100000 + row_number() OVER ()::int, kind, -1, v
FROM (VALUES
    ('NULL', NULL::date[]),
    ('two dimensions', '{{2025-01-06,2025-01-07},{2025-01-08,2025-01-09}}'),
    ('one too many', (SELECT array_agg(date '1900-01-01' + i) FROM generate_series(1, 20001) AS i))) AS x (kind, v);
CREATE INDEX ON numbers (n);
CREATE UNIQUE INDEX ON numbers (id);
CREATE UNIQUE INDEX ON days (id);
ANALYZE numbers, days;

-- Arrays and numbers of a tame kind, so that calls get past the checks.
CREATE TABLE choices AS
SELECT 'float8[]'::regtype AS type, n, tame, array_agg(id ORDER BY id) AS ids
FROM numbers, unnest('{true,false}'::boolean[]) AS tame
WHERE NOT tame OR kind IN ('usual', 'share', 'small whole', 'zero', 'holes', 'positive scales') OR n < 0
GROUP BY n, tame
UNION ALL
SELECT 'date[]', n, tame, array_agg(id ORDER BY id)
FROM days, unnest('{true,false}'::boolean[]) AS tame
WHERE NOT tame OR kind IN ('daily', 'weekly', 'gaps') OR n < 0
GROUP BY n, tame;
CREATE UNIQUE INDEX ON choices (type, n, tame);
ANALYZE choices;

-- An argument of a type: the text of an expression.  The arrays of a call are
-- mostly of one length n, else that would be the only thing ever wrong, and
-- two calls of three are mostly tame.
CREATE FUNCTION argument(call integer, place integer, type regtype, n integer) RETURNS text
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    odd boolean := draw(call, place, 30) < 0.03;
    mood float8 := CASE WHEN draw(call, place, 35) < 0.9 THEN draw(call, 0, 34) ELSE 0 END;
    chance float8 := draw(call, place, 31);
BEGIN
    IF type IN ('float8[]'::regtype, 'date[]'::regtype) THEN
        RETURN (SELECT format('(SELECT v FROM %s WHERE id = %s)', CASE argument.type WHEN 'date[]'::regtype THEN 'days' ELSE 'numbers' END, pick(c.ids, chance))
            FROM choices AS c
            WHERE c.type = argument.type AND c.n = CASE WHEN odd THEN -1 ELSE argument.n END AND c.tame = (mood > 0.3));
    ELSIF type = 'text[]'::regtype THEN
        RETURN CASE WHEN odd
            THEN pick('{NULL::text[],"''{}''::text[]","''{a,a,a}''::text[]","''{a,NULL,c}''::text[]","''{{a,b},{c,d}}''::text[]"}'::text[], chance)
            ELSE format('(SELECT coalesce(array_agg(''c'' || i), ''{}'') FROM generate_series(1, %s) AS i)', n) END;
    END IF;
    RETURN quote_nullable(pick(CASE
            WHEN type = 'float8'::regtype AND mood > 0.6 THEN '{0.01,0.03,0.2,0.4,0.5,0.7,0.9,1,0,NULL}'
            WHEN type = 'float8'::regtype AND mood > 0.3 THEN '{1,2,7,10,50,60,80,460,1000,30000,66000,0.5,NULL}'
            WHEN type = 'float8'::regtype THEN '{NULL,NaN,Infinity,-Infinity,0,-0,1,-1,0.5,2,10,50,60,100,1000,30000,
                1e-9,-1e9,1e9,1e308,-1e308,5e-324,1.5,0.2,0.03,7}'
            WHEN type = 'integer'::regtype AND mood > 0.3 THEN '{1,2,3,7,14,30,90,10000}'
            WHEN type = 'integer'::regtype THEN '{NULL,0,-1,1,2,3,7,14,30,90,365,3660,10000,2147483647,-2147483648}'
            WHEN type = 'bigint'::regtype THEN '{NULL,0,-1,1,42,9223372036854775807,-9223372036854775808}'
            WHEN type = 'numeric'::regtype THEN '{NULL,0,-1,1,42.5,1e30,NaN,Infinity}'
            WHEN type = 'date'::regtype AND mood > 0.3 THEN '{2025-01-06,2025-01-31,2025-02-09,2025-02-28}'
            WHEN type = 'date'::regtype THEN '{NULL,2025-01-06,4713-11-24 BC,5874897-12-31,infinity,-infinity}'
            WHEN type = 'boolean'::regtype THEN '{NULL,true,false}'
            WHEN type = 'text'::regtype THEN '{NULL,up,down,band,green,yellow,red,unknown,"",xx}'
            WHEN type = 'interval'::regtype THEN '{NULL,0,1 day,-1 day}' END::text[], chance)) || '::' || type;
END
$$;

-- The functions: whatever computes from numbers without looking at a table.
CREATE TABLE functions AS
SELECT p.oid AS id, p.oid::regprocedure::text AS name, p.oid::regproc::text AS bare, p.prokind AS kind, p.proargtypes::regtype[] AS types
FROM pg_proc AS p
WHERE p.pronamespace = 'momentum'::regnamespace AND p.provolatile = 'i'
    AND '{float8,float8[],date[]}'::regtype[] && p.proargtypes::regtype[]
    AND NOT 'internal'::regtype = ANY (p.proargtypes::regtype[]) AND p.proname !~ '^_';
SELECT count(*) >= 24 AS enough, count(*) FILTER (WHERE kind = 'a') >= 2 AS aggregates FROM functions;

CREATE TABLE calls (function oid, call integer, expression text, answer text, sqlstate text, message text);

-- "times" random calls of each function.
CREATE PROCEDURE call_all(times integer) LANGUAGE plpgsql AS
$$
DECLARE
    f record;
    expression text;
    answer text;
    state text;
    message text;
    n integer;
BEGIN
    FOR f IN SELECT *, hashtext(name) % 100000 AS seed FROM functions ORDER BY name COLLATE "C"
    LOOP
        FOR nr IN f.seed + 1 .. f.seed + times
        LOOP
            n := (pick('{0,1,2,3,5,5,5,7,12,13,14,28,28,35,60,60,90,150}'::int[], draw(nr, 0, 29)));
            IF f.kind = 'a' THEN    -- the columns of the rows come from arrays
                SELECT format('SELECT %s(%s)::text FROM (SELECT %s) AS x', f.bare,
                        string_agg('x.a' || place, ', ' ORDER BY place),
                        string_agg(format('unnest(%s) AS a%s', argument(nr, place::int, (type::text || '[]')::regtype, n), place), ', '
                            ORDER BY place))
                INTO expression
                FROM unnest(f.types) WITH ORDINALITY AS t (type, place);
            ELSE
                SELECT format('SELECT string_agg(x::text, '' '') FROM %s(%s) AS x', f.bare,
                        string_agg(argument(nr, place::int, type, n), ', ' ORDER BY place))
                INTO expression
                FROM unnest(f.types) WITH ORDINALITY AS t (type, place);
            END IF;
            answer := NULL;
            state := NULL;
            message := NULL;
            BEGIN
                EXECUTE expression INTO answer;
            EXCEPTION WHEN OTHERS THEN
                state := SQLSTATE;
                message := SQLERRM;
            END;
            INSERT INTO calls VALUES (f.id, nr, expression, left(answer, 100000), state, message);
        END LOOP;
    END LOOP;
END
$$;
CALL call_all(1000);

-- Every argument could be made: a type without a pool would be an empty call.
SELECT bare FROM functions AS f WHERE NOT EXISTS (SELECT FROM calls AS c WHERE c.function = f.id AND c.expression IS NOT NULL);
-- Every function answered something at times, and was called often.
SELECT name, count(*) FROM functions AS f JOIN calls AS c ON c.function = f.id
GROUP BY name HAVING count(*) < 1000 OR count(c.answer) < 10;

-- No NaN comes out, and no infinity but where a runway has no end.
SELECT f.bare, c.expression, left(c.answer, 200) AS answer
FROM calls AS c JOIN functions AS f ON f.id = c.function
WHERE c.answer ~ '\mNaN\M' OR c.answer ~* '\minf(inity)?\M' AND f.bare !~ '^momentum\.runway'
ORDER BY f.bare, c.call LIMIT 20;
-- It is never below all, and nothing else of a runway is endless.
SELECT f.bare, c.expression, c.answer
FROM calls AS c JOIN functions AS f ON f.id = c.function
WHERE c.answer ~ '-Infinity' OR f.bare = 'momentum.runway' AND c.answer ~ ',Infinity'
    OR f.bare = 'momentum.runway_bands' AND c.answer ~ 'Infinity,[^,]*\)|Infinity\)'
ORDER BY f.bare, c.call LIMIT 20;

-- Every error is the caller's, with a code that says so: bad data or a limit.
SELECT f.bare, c.sqlstate, c.message, c.expression
FROM calls AS c JOIN functions AS f ON f.id = c.function
WHERE c.sqlstate !~ '^(22|54)'
ORDER BY f.bare, c.call LIMIT 20;
