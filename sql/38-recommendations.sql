-- Recommendations are written down as they were given, and when they were
-- followed; whether that helped is for the view momentum.recommendation_outcome.
CREATE FUNCTION momentum._log_recommendations() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    SET join_collapse_limit = 1     -- looking for a better order takes longer than any
    AS $$
DECLARE
    said record;
BEGIN
    -- One reading: what is said now, beside what was said last.  Figures move
    -- with every refresh while services restate the last days: by the same day
    -- the last words stand, but those that were followed.
    FOR said IN
        SELECT coalesce(l.brand, n.brand) AS brand, l.log_id,
               l.as_of = n.as_of AND NOT EXISTS (
                   SELECT FROM momentum_state.recommendation_follow f
                    WHERE f.brand = l.brand AND f.recommendation = l.recommendation AND f.log_id = l.log_id) AS is_reworded,
               n.recommendation, n.as_of, n.topic, n.action, n.because,
               n.effect, n.expected_effect, n.effect_unit, n.confidence, n.metric, n.better, n.figures
          FROM (SELECT r.* FROM momentum_state.recommendation r WHERE r.action IS NOT NULL) n
          FULL JOIN (SELECT g.* FROM momentum_state.recommendation_log g WHERE g.ended_at IS NULL) l
            ON l.brand = n.brand AND l.recommendation = n.recommendation
         WHERE (l.action, l.because, l.effect) IS DISTINCT FROM (n.action, n.because, n.effect)
    LOOP
        IF said.is_reworded THEN
            UPDATE momentum_state.recommendation_log g
               SET topic = said.topic, action = said.action, because = said.because, effect = said.effect,
                   expected_effect = said.expected_effect, effect_unit = said.effect_unit, confidence = said.confidence,
                   metric = said.metric, better = said.better, figures = said.figures, logged_at = now()
             WHERE g.brand = said.brand AND g.log_id = said.log_id;
            CONTINUE;
        END IF;
        UPDATE momentum_state.recommendation_log g SET ended_at = now()
         WHERE g.brand = said.brand AND g.log_id = said.log_id;
        IF said.recommendation IS NOT NULL THEN
            INSERT INTO momentum_state.recommendation_log
                   (brand, recommendation, as_of, topic, action, because, effect, expected_effect, effect_unit,
                    confidence, metric, better, figures)
            VALUES (said.brand, said.recommendation, said.as_of, said.topic, said.action, said.because, said.effect,
                    said.expected_effect, said.effect_unit, said.confidence, said.metric, said.better, said.figures);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._log_recommendations() IS 'Writes recommendations that are new or, by another day or once followed, have other words into recommendation_log, and ends those that are not given any more.';
REVOKE ALL ON FUNCTION momentum._log_recommendations() FROM PUBLIC;

CREATE FUNCTION momentum.follow(brand text, recommendation text, on_day date DEFAULT NULL, note text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    newest date;
    given bigint;
BEGIN
    PERFORM momentum._check_brand(follow.brand);
    SELECT i.as_of INTO newest FROM momentum_state.decision_input i WHERE i.brand = follow.brand;
    on_day := coalesce(on_day, newest);
    IF on_day IS NULL THEN
        RAISE EXCEPTION 'brand "%" has no complete day yet', follow.brand
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Say on which day it was followed.';
    END IF;
    IF on_day < '1970-01-01'
       OR on_day > (SELECT (now() AT TIME ZONE b.time_zone)::date FROM momentum_state.brand b WHERE b.brand = follow.brand) THEN
        RAISE EXCEPTION 'recommendation "%" cannot have been followed on %', follow.recommendation, on_day
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = CASE WHEN on_day < '1970-01-01' THEN 'No day so long ago is known.' ELSE 'That day is yet to come.' END;
    END IF;
    -- As it was given on that day: the last before, else the first after.
    SELECT g.log_id INTO given
      FROM momentum_state.recommendation_log g
     WHERE g.brand = follow.brand AND g.recommendation = follow.recommendation
     ORDER BY g.as_of <= on_day DESC NULLS LAST,
              CASE WHEN g.as_of <= on_day THEN g.log_id END DESC NULLS LAST, g.log_id LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'recommendation "%" was never given to brand "%"', follow.recommendation, follow.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'The view momentum.recommendation lists them by their key, in the column "recommendation".';
    END IF;
    INSERT INTO momentum_state.recommendation_follow AS f (brand, recommendation, followed_on, log_id, note)
    VALUES (follow.brand, follow.recommendation, on_day, given, follow.note)
    ON CONFLICT ON CONSTRAINT recommendation_follow_pkey DO UPDATE SET note = excluded.note, log_id = excluded.log_id;
    PERFORM momentum._audit(follow.brand, 'follow', jsonb_strip_nulls(
                jsonb_build_object('recommendation', follow.recommendation, 'on', on_day, 'note', follow.note)));
END
$$;
COMMENT ON FUNCTION momentum.follow(text, text, date, text) IS
    'Records that a recommendation (its key) was followed on a day, by default the newest complete one; momentum.recommendation_outcome then tells what came of it. Again for the same day: another note.';
REVOKE ALL ON FUNCTION momentum.follow(text, text, date, text) FROM PUBLIC;
