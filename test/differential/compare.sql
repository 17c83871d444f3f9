-- What the differential test runs its cases with: each on the foreign tables
-- (schemas shop, mail, ads) and on their copies (shop_copy, ...).
CREATE TABLE cases (
    number int PRIMARY KEY, kind text, query text, told boolean, settings text, arguments text[]);
CREATE TABLE different (number int, query text, there text[], here text[]);

-- The query with its tables: foreign ones, or copies.
CREATE FUNCTION aimed(query text, suffix text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(query, '@(shop|mail|ads)\.', '\1' || suffix || '.', 'g') $$;

CREATE FUNCTION rows_of(query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE r record; result text[] := '{}';
BEGIN
    FOR r IN EXECUTE query LOOP
        result := result || r::text;
    END LOOP;
    RETURN result;
END $$;
CREATE FUNCTION sorted(a text[]) RETURNS text[] LANGUAGE sql AS
$$ SELECT array(SELECT x FROM unnest(a) AS x ORDER BY x COLLATE "C") $$;

-- Of a prepared statement: for each argument, the first of which is the type.
CREATE FUNCTION prepared(query text, arguments text[], told boolean) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE result text[] := '{}'; found text[]; argument text;
BEGIN
    IF EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'p') THEN
        DEALLOCATE p; -- an error left it
    END IF;
    EXECUTE format('PREPARE p(%s) AS %s', arguments[1], query);
    FOREACH argument IN ARRAY arguments[2:] LOOP
        found := rows_of(format('EXECUTE p(%s)', argument));
        result := result || ('for ' || argument) || CASE WHEN told THEN found ELSE sorted(found) END;
    END LOOP;
    DEALLOCATE p;
    RETURN result;
END $$;

-- In a loop of PL/pgSQL, whose plan becomes a generic one.
CREATE FUNCTION looped(query text, arguments text[], told boolean) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE result text[] := '{}'; found text[]; argument text;
BEGIN
    EXECUTE format('CREATE FUNCTION pg_temp.loop_body(v %s) RETURNS text[] LANGUAGE plpgsql AS %L', arguments[1],
        format('DECLARE r record; a text[] := ''{}''; BEGIN FOR r IN %s LOOP a := a || r::text; END LOOP; RETURN a; END',
               replace(query, '$1', 'v')));
    FOREACH argument IN ARRAY arguments[2:] LOOP
        EXECUTE format('SELECT pg_temp.loop_body(%s)', argument) INTO found;
        result := result || ('for ' || argument) || CASE WHEN told THEN found ELSE sorted(found) END;
    END LOOP;
    DROP FUNCTION pg_temp.loop_body;
    RETURN result;
END $$;

-- A cursor that is moved about.
CREATE FUNCTION moved(query text, moves text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE result text[] := '{}'; c refcursor; r record; move text;
BEGIN
    OPEN c SCROLL FOR EXECUTE query;
    FOREACH move IN ARRAY moves LOOP
        CASE split_part(move, ' ', 1)
            WHEN 'FIRST' THEN FETCH FIRST FROM c INTO r;
            WHEN 'NEXT' THEN FETCH NEXT FROM c INTO r;
            WHEN 'PRIOR' THEN FETCH PRIOR FROM c INTO r;
            WHEN 'LAST' THEN FETCH LAST FROM c INTO r;
            WHEN 'ABSOLUTE' THEN FETCH ABSOLUTE split_part(move, ' ', 2)::int FROM c INTO r;
            ELSE FETCH RELATIVE split_part(move, ' ', 2)::int FROM c INTO r;
        END CASE;
        result := result || format('%s: %s', move, CASE WHEN r IS DISTINCT FROM NULL THEN r::text ELSE 'none' END);
    END LOOP;
    CLOSE c;
    RETURN result;
END $$;

-- What a case gives on one side; an error is told by its code.
CREATE FUNCTION result_of(c cases, suffix text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE setting text; query text := aimed(c.query, suffix); found text[];
BEGIN
    FOREACH setting IN ARRAY string_to_array(c.settings, ',') LOOP
        PERFORM set_config(setting, 'off', true);
    END LOOP;
    found := CASE c.kind WHEN 'prepared' THEN prepared(query, c.arguments, c.told)
                         WHEN 'loop' THEN looped(query, c.arguments, c.told)
                         WHEN 'cursor' THEN moved(query, c.arguments)
                         ELSE rows_of(query) END;
    FOREACH setting IN ARRAY string_to_array(c.settings, ',') LOOP
        PERFORM set_config(setting, 'on', true);
    END LOOP;
    RETURN CASE WHEN c.kind = 'plain' AND NOT c.told THEN sorted(found) ELSE found END;
EXCEPTION WHEN OTHERS THEN
    RETURN ARRAY['error ' || SQLSTATE, CASE WHEN SQLSTATE ~ '^(HV|0A|XX|42)' THEN SQLERRM END];
END $$;

-- Run all cases from one number to another; those that differ are kept.
CREATE FUNCTION compare(first int, last int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE c cases; there text[]; here text[]; n int := 0; failed int := 0; total bigint := 0;
BEGIN
    FOR c IN SELECT * FROM cases WHERE number BETWEEN first AND last ORDER BY number LOOP
        there := result_of(c, '');
        here := result_of(c, '_copy');
        n := n + 1;
        total := total + cardinality(here);
        IF here[1] LIKE 'error %' THEN
            failed := failed + 1;
        END IF;
        IF there IS DISTINCT FROM here THEN
            INSERT INTO different VALUES (c.number, c.query || coalesce(' -- ' || nullif(c.settings, ''), ''), there, here);
        END IF;
    END LOOP;
    RETURN format('%s queries, %s rows, %s of them errors on both sides', n, total, failed);
END $$;
