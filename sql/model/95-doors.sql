-- The views that take rows by hand, with their triggers; after all tables.  A
-- column that a table has got since is at the end of its door, too.
DO $momentum_doors$
DECLARE
    d momentum._door;
    c record;
    list text;
    door text;
    known text[];
    wanted text[];
BEGIN
    FOR d IN SELECT * FROM momentum._doors() LOOP
        door := format('hub.%I', d.feed || '_entry');
        SELECT string_agg(format('NULL::text AS %I', x.name), ', ' ORDER BY x.place), array_agg(x.name ORDER BY x.place)
          INTO list, wanted FROM momentum._door_columns(d, true) x WHERE x.is_entry;
        SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO known
          FROM pg_attribute a WHERE a.attrelid = to_regclass(door) AND a.attnum > 0 AND NOT a.attisdropped;
        IF known IS NOT NULL AND known IS DISTINCT FROM wanted[1:cardinality(known)] THEN
            EXECUTE format('DROP VIEW %s', door);
        END IF;
        EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s WHERE false', door, list);
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', door);
        EXECUTE format('COMMENT ON VIEW %s IS %L', door,
            format('Door of hub.%s: takes COPY and INSERT, and is always empty. Columns left out stay as they are in rows that exist.', d.feed));
        FOR c IN SELECT x.*, col_description(format('hub.%I', d.feed)::regclass, x.place) AS words
                   FROM momentum._door_columns(d, true) x WHERE x.is_entry LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', door, c.name,
                c.type || CASE WHEN c.is_needed THEN ', needed' ELSE '' END || '. '
                || coalesce(c.words, format('Column %s of hub.%s.', c.name, d.feed)));
        END LOOP;
        IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = door::regclass AND t.tgname = 'take') THEN
            EXECUTE format('CREATE TRIGGER open BEFORE INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION momentum._door()', door);
            EXECUTE format('CREATE TRIGGER take INSTEAD OF INSERT ON %s FOR EACH ROW EXECUTE FUNCTION momentum._door()', door);
            EXECUTE format('CREATE TRIGGER load AFTER INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION momentum._door()', door);
        END IF;
    END LOOP;
END
$momentum_doors$;
