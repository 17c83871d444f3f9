-- The calendar: what is written by hand into momentum_state.event.
CREATE FUNCTION momentum.add_event(
    brand text,
    event text,
    from_day date,
    to_day date DEFAULT NULL,
    kind text DEFAULT 'promotion',
    excluded boolean DEFAULT NULL,
    note text DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    last_day CONSTANT date := coalesce(add_event.to_day, add_event.from_day);
    leaves_out CONSTANT boolean := coalesce(add_event.excluded, add_event.kind <> 'other');
BEGIN
    PERFORM momentum._check_brand(add_event.brand);
    IF add_event.event IS NULL OR add_event.event !~ '\S' OR length(add_event.event) > 500 THEN
        RAISE EXCEPTION 'an event must have a name'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = CASE WHEN length(add_event.event) > 500
                                THEN format('It has %s characters, at most 500 are allowed.', length(add_event.event))
                                ELSE 'It is empty.' END;
    END IF;
    IF add_event.kind IS NULL OR add_event.kind NOT IN ('promotion', 'launch', 'holiday', 'stockout', 'other') THEN
        RAISE EXCEPTION 'event kind "%" does not exist', add_event.kind
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The kinds are promotion, launch, holiday, stockout and other.';
    END IF;
    IF add_event.from_day IS NULL OR NOT isfinite(add_event.from_day) OR NOT isfinite(last_day)
       OR add_event.from_day < '1970-01-01' OR add_event.from_day >= '2200-01-01' THEN
        RAISE EXCEPTION 'event "%" must have a first and a last day', add_event.event
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'The first day can be from 1970 to 2199.';
    END IF;
    IF last_day < add_event.from_day OR last_day - add_event.from_day >= 366 THEN
        RAISE EXCEPTION 'event "%" must last between 1 and 366 days', add_event.event
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It goes from %s to %s.', add_event.from_day, last_day);
    END IF;
    INSERT INTO momentum_state.event AS t (brand, event, from_day, to_day, kind, excluded, note)
        VALUES (add_event.brand, add_event.event, add_event.from_day, last_day, add_event.kind, leaves_out, add_event.note)
        ON CONFLICT ON CONSTRAINT event_pkey DO UPDATE
           SET to_day = excluded.to_day, kind = excluded.kind, excluded = excluded.excluded, note = excluded.note;
    PERFORM momentum._answer_again(add_event.brand);
    PERFORM momentum._audit(add_event.brand, 'add_event',
                            jsonb_build_object('event', add_event.event, 'from_day', add_event.from_day, 'to_day', last_day,
                                               'kind', add_event.kind, 'excluded', leaves_out));
END
$$;
COMMENT ON FUNCTION momentum.add_event(text, text, date, date, text, boolean, text) IS
    'Adds an event to the calendar of a brand, both days inclusive (default: one day), or writes it anew. Days of an event that is excluded are left out of trends, weekday factors and what counts as unusual: promotions, launches, holidays and stockouts are by default, others are not. The next refresh answers anew.';
REVOKE ALL ON FUNCTION momentum.add_event(text, text, date, date, text, boolean, text) FROM PUBLIC;

CREATE FUNCTION momentum.remove_event(brand text, event text, from_day date DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    removed bigint;
BEGIN
    PERFORM momentum._check_brand(remove_event.brand);
    DELETE FROM momentum_state.event e
     WHERE e.brand = remove_event.brand AND e.event = remove_event.event
       AND (remove_event.from_day IS NULL OR e.from_day = remove_event.from_day);
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed = 0 THEN
        RAISE EXCEPTION 'event "%" does not exist', remove_event.event
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum.calendar lists the events.';
    END IF;
    PERFORM momentum._answer_again(remove_event.brand);
    PERFORM momentum._audit(remove_event.brand, 'remove_event',
                            jsonb_build_object('event', remove_event.event, 'from_day', remove_event.from_day));
    RETURN removed;
END
$$;
COMMENT ON FUNCTION momentum.remove_event(text, text, date) IS
    'Removes an event from the calendar of a brand: the one that begins on from_day, or all of its name. Returns how many.';
REVOKE ALL ON FUNCTION momentum.remove_event(text, text, date) FROM PUBLIC;
