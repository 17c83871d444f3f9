-- Suggested replies, and the words of who is responsible for inquiries: time to
-- answer, who gets what, templates.  Nothing is sent.

-- A template without brackets.  One pass: what is filled in is not read again.
CREATE FUNCTION momentum._fill_placeholders(template text, known jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN bool_and(p.piece IS NOT NULL) THEN string_agg(p.piece, '' ORDER BY p.place)
                WHEN template = '' THEN '' END
      FROM (SELECT m.place, CASE WHEN m.part[1] ~ '^\{[a-z_]+\}$' THEN known ->> btrim(m.part[1], '{}') ELSE m.part[1] END AS piece
              FROM regexp_matches(template, '\{[a-z_]+\}|[^{]+|\{', 'g') WITH ORDINALITY m (part, place)) p
$$;
COMMENT ON FUNCTION momentum._fill_placeholders(text, jsonb) IS 'A text with its {placeholders} filled in; NULL where one of them is not known.';

CREATE FUNCTION momentum._fill_template(template text, known jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    part record;
    ended integer;
    alternative text;
    chosen text;
    plain text;
    filled text := '';
BEGIN
    FOR part IN SELECT s.words, s.place FROM string_to_table(template, '[[') WITH ORDINALITY s (words, place) LOOP
        ended := CASE WHEN part.place > 1 THEN strpos(part.words, ']]') ELSE 0 END;
        IF ended > 0 THEN
            chosen := '';
            FOREACH alternative IN ARRAY string_to_array(left(part.words, ended - 1), '|') LOOP
                IF momentum._fill_placeholders(alternative, known) IS NOT NULL THEN
                    chosen := momentum._fill_placeholders(alternative, known);
                    EXIT;
                END IF;
            END LOOP;
            filled := filled || chosen;
            plain := substr(part.words, ended + 2);
        ELSE
            plain := CASE WHEN part.place > 1 THEN '[[' ELSE '' END || part.words;
        END IF;
        filled := filled || momentum._fill_placeholders(plain, known);
        IF filled IS NULL THEN
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN filled;
END
$$;
COMMENT ON FUNCTION momentum._fill_template(text, jsonb) IS 'A reply template filled in: of [[a|b]] the first alternative all of whose placeholders are known, else nothing; NULL where a placeholder outside of brackets is not known.';

CREATE FUNCTION momentum._check_brand_or_all(brand text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF _check_brand_or_all.brand IS DISTINCT FROM '' THEN
        PERFORM momentum._check_brand(_check_brand_or_all.brand);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_brand_or_all(text) IS 'Raises unless the brand exists, or is '''', which stands for the defaults.';
REVOKE ALL ON FUNCTION momentum._check_brand_or_all(text) FROM PUBLIC;

CREATE FUNCTION momentum.set_sla_target(brand text, urgency text, minutes bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_brand_or_all(set_sla_target.brand);
    IF set_sla_target.urgency IS NULL THEN
        RAISE EXCEPTION 'the urgency is not said'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM momentum._check_listed('urgency', set_sla_target.urgency);
    IF minutes <= 0 OR minutes > 525600 THEN
        RAISE EXCEPTION 'minutes to answer are out of range'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('The value is %s; it lies between 1 and 525600, a year.', minutes);
    END IF;
    IF minutes IS NULL THEN
        DELETE FROM momentum_state.sla_target t WHERE t.brand = set_sla_target.brand AND t.urgency = set_sla_target.urgency;
    ELSE
        INSERT INTO momentum_state.sla_target AS t (brand, urgency, minutes)
            VALUES (set_sla_target.brand, set_sla_target.urgency, set_sla_target.minutes)
            ON CONFLICT ON CONSTRAINT sla_target_pkey DO UPDATE SET minutes = excluded.minutes;
    END IF;
    PERFORM momentum._audit(nullif(set_sla_target.brand, ''), 'set_sla_target',
                            jsonb_build_object('urgency', set_sla_target.urgency, 'minutes', set_sla_target.minutes));
END
$$;
COMMENT ON FUNCTION momentum.set_sla_target(text, text, bigint) IS
    'Sets the minutes within which inquiries of an urgency are to be answered, of a brand or with '''' for all; NULL takes the row away.';
REVOKE ALL ON FUNCTION momentum.set_sla_target(text, text, bigint) FROM PUBLIC;

CREATE FUNCTION momentum.set_assignment_rule(brand text, priority integer, assign_to text, category text DEFAULT NULL, urgency text DEFAULT NULL,
        platform text DEFAULT NULL, is_vip boolean DEFAULT NULL, min_confidence numeric DEFAULT NULL, max_confidence numeric DEFAULT NULL,
        max_sentiment numeric DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_brand_or_all(set_assignment_rule.brand);
    PERFORM momentum._check_listed('category', set_assignment_rule.category), momentum._check_listed('urgency', set_assignment_rule.urgency),
            momentum._check_listed('platform', set_assignment_rule.platform);
    IF priority IS NULL OR coalesce(btrim(assign_to), '') = '' OR length(assign_to) > 100 THEN
        RAISE EXCEPTION 'an assignment rule needs a priority and whom it assigns to'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Name bot, a person or a desk, in at most 100 characters.';
    END IF;
    IF min_confidence NOT BETWEEN 0 AND 1 OR max_confidence NOT BETWEEN 0 AND 1 OR max_sentiment NOT BETWEEN -5 AND 5 THEN
        RAISE EXCEPTION 'a bound of the assignment rule is out of range'
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = 'Confidence lies between 0 and 1, sentiment between -5 and 5.';
    END IF;
    INSERT INTO momentum_state.assignment_rule AS r (brand, priority, assign_to, category, urgency, platform, is_vip,
                                                     min_confidence, max_confidence, max_sentiment)
        VALUES (set_assignment_rule.brand, set_assignment_rule.priority, set_assignment_rule.assign_to, set_assignment_rule.category,
                set_assignment_rule.urgency, set_assignment_rule.platform, set_assignment_rule.is_vip,
                set_assignment_rule.min_confidence, set_assignment_rule.max_confidence, set_assignment_rule.max_sentiment)
        ON CONFLICT ON CONSTRAINT assignment_rule_pkey DO UPDATE
           SET assign_to = excluded.assign_to, category = excluded.category, urgency = excluded.urgency, platform = excluded.platform,
               is_vip = excluded.is_vip, min_confidence = excluded.min_confidence, max_confidence = excluded.max_confidence,
               max_sentiment = excluded.max_sentiment;
    PERFORM momentum._audit(nullif(set_assignment_rule.brand, ''), 'set_assignment_rule',
                            jsonb_build_object('priority', set_assignment_rule.priority, 'assign_to', set_assignment_rule.assign_to));
END
$$;
COMMENT ON FUNCTION momentum.set_assignment_rule(text, integer, text, text, text, text, boolean, numeric, numeric, numeric) IS
    'Says who gets inquiries of a category, urgency, platform, confidence or sentiment, or of VIPs; what is left out fits everything. Lower priorities are asked first, the brand''s own before those of all (brand '''').';
REVOKE ALL ON FUNCTION momentum.set_assignment_rule(text, integer, text, text, text, text, boolean, numeric, numeric, numeric) FROM PUBLIC;

CREATE FUNCTION momentum.drop_assignment_rule(brand text, priority integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_brand_or_all(drop_assignment_rule.brand);
    DELETE FROM momentum_state.assignment_rule r WHERE r.brand = drop_assignment_rule.brand AND r.priority = drop_assignment_rule.priority;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'assignment rule % of brand "%" does not exist', drop_assignment_rule.priority, drop_assignment_rule.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.assignment_rule lists the rules.';
    END IF;
    PERFORM momentum._audit(nullif(drop_assignment_rule.brand, ''), 'drop_assignment_rule',
                            jsonb_build_object('priority', drop_assignment_rule.priority));
END
$$;
COMMENT ON FUNCTION momentum.drop_assignment_rule(text, integer) IS 'Takes an assignment rule away.';
REVOKE ALL ON FUNCTION momentum.drop_assignment_rule(text, integer) FROM PUBLIC;

CREATE FUNCTION momentum.set_reply_template(brand text, template text, category text, body text, subject text DEFAULT NULL,
        condition text DEFAULT 'always', language text DEFAULT 'en', priority integer DEFAULT 100) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    placeholders CONSTANT text[] := ARRAY['first_name', 'brand_name', 'order_number', 'order_day', 'order_status', 'tracking_number',
                                          'shipping_method', 'days', 'assigned_to'];
    conditions CONSTANT text[] := ARRAY['always', 'unhappy', 'no_order', 'order_pending', 'order_shipped', 'order_delivered',
                                        'order_cancelled', 'order_refunded'];
    unknown text;
BEGIN
    PERFORM momentum._check_brand_or_all(set_reply_template.brand);
    PERFORM momentum._check_listed('category', set_reply_template.category);
    IF coalesce(btrim(set_reply_template.template), '') = '' OR set_reply_template.category IS NULL
       OR coalesce(btrim(set_reply_template.body), '') = '' THEN
        RAISE EXCEPTION 'a reply template needs a name, a category and a body'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF condition IS NULL OR condition <> ALL (conditions) THEN
        RAISE EXCEPTION 'condition "%" does not exist', left(condition, 80)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The conditions are ' || array_to_string(conditions, ', ') || '.';
    END IF;
    SELECT m.name[1] INTO unknown
      FROM regexp_matches(concat_ws(' ', subject, body), '(\{[^{}]*\}?)', 'g') m (name)
     WHERE btrim(m.name[1], '{}') <> ALL (placeholders) OR right(m.name[1], 1) <> '}' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'placeholder "%" does not exist', left(unknown, 80)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The placeholders are {' || array_to_string(placeholders, '}, {') || '}.';
    END IF;
    INSERT INTO momentum_state.reply_template AS t (brand, template, category, condition, language, priority, subject, body)
        VALUES (set_reply_template.brand, set_reply_template.template, set_reply_template.category, set_reply_template.condition,
                set_reply_template.language, set_reply_template.priority, set_reply_template.subject, set_reply_template.body)
        ON CONFLICT ON CONSTRAINT reply_template_pkey DO UPDATE
           SET category = excluded.category, condition = excluded.condition, language = excluded.language,
               priority = excluded.priority, subject = excluded.subject, body = excluded.body;
    PERFORM momentum._audit(nullif(set_reply_template.brand, ''), 'set_reply_template',
                            jsonb_build_object('template', set_reply_template.template, 'category', set_reply_template.category));
END
$$;
COMMENT ON FUNCTION momentum.set_reply_template(text, text, text, text, text, text, text, integer) IS
    'Writes a reply template of a brand, or with '''' for all. Unknown placeholders are refused; [[a|b]] stands for the first alternative whose placeholders are all known.';
REVOKE ALL ON FUNCTION momentum.set_reply_template(text, text, text, text, text, text, text, integer) FROM PUBLIC;

CREATE FUNCTION momentum.drop_reply_template(brand text, template text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._check_brand_or_all(drop_reply_template.brand);
    DELETE FROM momentum_state.reply_template t WHERE t.brand = drop_reply_template.brand AND t.template = drop_reply_template.template;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'reply template "%" of brand "%" does not exist', left(drop_reply_template.template, 80), drop_reply_template.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'momentum_state.reply_template lists the templates.';
    END IF;
    PERFORM momentum._audit(nullif(drop_reply_template.brand, ''), 'drop_reply_template',
                            jsonb_build_object('template', drop_reply_template.template));
END
$$;
COMMENT ON FUNCTION momentum.drop_reply_template(text, text) IS 'Takes a reply template away.';
REVOKE ALL ON FUNCTION momentum.drop_reply_template(text, text) FROM PUBLIC;
