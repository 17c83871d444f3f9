-- Costs: what an administrator says of them, and which days change by it.
-- Each call leaves a row in momentum_state.audit.

-- A changed day of no source, its stream the key of a metric, has the next
-- refresh compute that metric alone.  Tomorrow is among them: it may become
-- complete while this transaction is still open.
CREATE FUNCTION momentum._log_cost_days(brand text, metric text, from_day date, to_day date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    logged bigint;
BEGIN
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT _log_cost_days.brand, '', _log_cost_days.metric, g::date
      FROM (SELECT min(st.first_day) AS day
              FROM momentum_state.stream st
              JOIN momentum_state.source c ON c.brand = st.brand AND c.source = st.source
             WHERE st.brand = _log_cost_days.brand
               AND EXISTS (SELECT FROM momentum_state.metric_stream ms
                            WHERE ms.service = c.service AND ms.loader = st.loader)) f,
           generate_series(greatest(f.day, from_day)::timestamp,
                           least(to_day, momentum._today(_log_cost_days.brand) + 1)::timestamp, '1 day') g
     WHERE f.day IS NOT NULL;
    GET DIAGNOSTICS logged = ROW_COUNT;
    RETURN logged;
END
$$;
COMMENT ON FUNCTION momentum._log_cost_days(text, text, date, date) IS
    'Has the next refresh compute one metric of a brand anew for the days from_day through to_day (NULL: all there are); returns how many days that is.';
REVOKE ALL ON FUNCTION momentum._log_cost_days(text, text, date, date) FROM PUBLIC;

CREATE FUNCTION momentum._today(brand text) RETURNS date
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN (SELECT (now() AT TIME ZONE b.time_zone)::date FROM momentum_state.brand b WHERE b.brand = _today.brand);
END
$$;
COMMENT ON FUNCTION momentum._today(text) IS 'The running day in the brand''s zone.';
REVOKE ALL ON FUNCTION momentum._today(text) FROM PUBLIC;

-- A cost of goods holds until the next one's day, so no later day changes.
-- What was sent back counts at the cost of the day it was sold, on the day it
-- came back.  Days whose metrics are not computed yet, or are being computed
-- at this moment, are not in product_sales_daily, but still in the log.
CREATE FUNCTION momentum._cost_changed(brand text, product_keys text[], from_day date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
DECLARE
    logged bigint;
BEGIN
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    WITH product AS MATERIALIZED (
        SELECT k.product_key,
               coalesce((SELECT min(c.valid_from) FROM hub.product_costs c
                          WHERE c.brand = _cost_changed.brand AND c.product_key = k.product_key
                            AND c.valid_from > from_day), 'infinity') AS next
          FROM unnest(product_keys) k (product_key))
    SELECT _cost_changed.brand, '', 'cogs', d.day
      FROM product p
      JOIN hub.product_sales_daily d
        ON d.brand = _cost_changed.brand AND d.product_key = p.product_key AND d.day >= from_day AND d.day < p.next
     UNION
    SELECT _cost_changed.brand, '', 'cogs', g.day
      FROM momentum_state.changed_day g
     WHERE g.brand = _cost_changed.brand AND g.day >= from_day
     UNION
    SELECT _cost_changed.brand, '', 'cogs', r.refund_day
      FROM hub.refunds r
      JOIN hub.refund_line_items x
        ON x.brand = r.brand AND x.source = r.source AND x.order_id = r.order_id AND x.refund_id = r.refund_id
      JOIN hub.order_line_items l
        ON l.brand = x.brand AND l.source = x.source AND l.order_id = x.order_id AND l.line_item_id = x.line_item_id
      JOIN product p ON p.product_key = l.product_key
      JOIN hub.orders o ON o.brand = r.brand AND o.source = r.source AND o.order_id = r.order_id
     WHERE r.brand = _cost_changed.brand AND r.refund_day >= from_day AND o.order_day >= from_day AND o.order_day < p.next;
    GET DIAGNOSTICS logged = ROW_COUNT;
    RETURN logged;
END
$$;
COMMENT ON FUNCTION momentum._cost_changed(text, text[], date) IS
    'To be called after rows of hub.product_costs were written, moved or deleted, with the day they begin (or began) on: has the next refresh compute the cost of goods of the days on which these products were sold at that cost, or came back. Returns how many days that is.';
REVOKE ALL ON FUNCTION momentum._cost_changed(text, text[], date) FROM PUBLIC;

CREATE FUNCTION momentum._check_cost(brand text, name text, basis text, amount numeric, metric text,
    valid_from date, valid_until date, channel text, currency text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    periods CONSTANT text[] := '{day,week,month,quarter,year}';
    shares CONSTANT text[] := '{net_revenue,sales,payments}';
    units CONSTANT text[] := '{order,item,parcel,refund,new_customer}';
    fed CONSTANT text[] := ARRAY[CASE WHEN _check_cost.basis = ANY (periods) THEN 'fixed_costs' ELSE 'variable_costs' END,
                                 'shipping_cost', 'payment_fees'];
    own text;
BEGIN
    IF coalesce(btrim(_check_cost.name), '') = '' OR length(_check_cost.name) > 200 THEN
        RAISE EXCEPTION 'a cost must have a name of 1 to 200 characters'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF _check_cost.basis IS NULL OR _check_cost.basis <> ALL (periods || units || shares) THEN
        RAISE EXCEPTION 'invalid basis "%" of cost "%"', _check_cost.basis, _check_cost.name
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('Fixed costs: %s. Variable costs: %s, or a share of %s.', array_to_string(periods, ', '),
                                array_to_string(units, ', '), array_to_string(shares, ', '));
    END IF;
    IF _check_cost.amount IS NULL OR _check_cost.amount < 0 OR _check_cost.amount >= 1e12 THEN
        RAISE EXCEPTION 'amount of cost "%" must be a number of zero or more', _check_cost.name
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('The amount is %s.', coalesce(_check_cost.amount::text, 'null'));
    END IF;
    IF _check_cost.basis = ANY (shares) AND _check_cost.amount > 1 THEN
        RAISE EXCEPTION 'cost "%" must be a share of % between 0 and 1', _check_cost.name, _check_cost.basis
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('The amount is %s.', _check_cost.amount),
                  HINT = 'Write 2.9 % as 0.029.';
    END IF;
    IF _check_cost.basis = ANY (periods) AND _check_cost.amount <> round(_check_cost.amount, 2) THEN
        RAISE EXCEPTION 'amount of fixed cost "%" must have at most two decimals', _check_cost.name
            USING ERRCODE = 'numeric_value_out_of_range',
                  DETAIL = format('The amount is %s; its days are to add up to it to the cent.', _check_cost.amount);
    END IF;
    IF _check_cost.metric <> ALL (fed) THEN
        RAISE EXCEPTION 'cost "%" per % cannot feed metric "%"', _check_cost.name, _check_cost.basis, _check_cost.metric
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('It can feed %s.', array_to_string(fed, ', '));
    END IF;
    IF _check_cost.channel = '' THEN
        RAISE EXCEPTION 'channel of cost "%" must not be empty', _check_cost.name
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Leave it out for all sales channels.';
    END IF;
    IF _check_cost.valid_from < '1970-01-01' OR _check_cost.valid_from >= '2200-01-01' OR _check_cost.valid_until >= '2200-01-01' THEN
        RAISE EXCEPTION 'days of cost "%" must lie between 1970 and 2199', _check_cost.name
            USING ERRCODE = 'datetime_field_overflow',
                  DETAIL = format('They are %s through %s.', _check_cost.valid_from, coalesce(_check_cost.valid_until::text, 'further notice'));
    END IF;
    IF _check_cost.valid_until < _check_cost.valid_from THEN
        RAISE EXCEPTION 'cost "%" must not end before it begins', _check_cost.name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It begins on %s and ends with %s.', _check_cost.valid_from, _check_cost.valid_until);
    END IF;
    SELECT b.currency INTO own FROM momentum_state.brand b WHERE b.brand = _check_cost.brand;
    IF _check_cost.currency <> own THEN
        RAISE EXCEPTION 'currency of cost "%" must be that of the brand', _check_cost.name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s, brand "%s" reckons in %s.', left(_check_cost.currency, 10), _check_cost.brand, own),
                  HINT = 'Enter what it comes to in that currency.';
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._check_cost(text, text, text, numeric, text, date, date, text, text) IS 'Raises unless a cost can be what it is said to be.';
REVOKE ALL ON FUNCTION momentum._check_cost(text, text, text, numeric, text, date, date, text, text) FROM PUBLIC;

-- A new amount from a day on ends the one before it the day before, and holds
-- until the next one that was entered already.  Whatever else would overlap is
-- refused: which of the two is meant, nobody can tell.  The brand's row is
-- locked, so that of two who enter the same cost the second one sees the first.
CREATE FUNCTION momentum.set_cost(brand text, name text, basis text, amount numeric, valid_from date DEFAULT NULL,
    valid_until date DEFAULT NULL, metric text DEFAULT NULL, channel text DEFAULT NULL, currency text DEFAULT NULL,
    note text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    called CONSTANT text := btrim(set_cost.name);
    from_day CONSTANT date := coalesce(set_cost.valid_from, momentum._today(set_cost.brand));
    until_day date := set_cost.valid_until;
    feeds CONSTANT text := coalesce(set_cost.metric,
        CASE WHEN set_cost.basis IN ('day', 'week', 'month', 'quarter', 'year') THEN 'fixed_costs' ELSE 'variable_costs' END);
    old hub.costs;
    clash hub.costs;
    id bigint;
BEGIN
    PERFORM momentum._check_brand(set_cost.brand);
    PERFORM momentum._check_cost(set_cost.brand, called, set_cost.basis, set_cost.amount, feeds, from_day, until_day,
                                 set_cost.channel, set_cost.currency);
    PERFORM FROM momentum_state.brand b WHERE b.brand = set_cost.brand FOR NO KEY UPDATE;

    SELECT * INTO old FROM hub.costs c
     WHERE c.brand = set_cost.brand AND c.name = called AND c.valid_from = from_day;
    IF until_day IS NULL THEN
        until_day := (SELECT min(c.valid_from) - 1 FROM hub.costs c
                       WHERE c.brand = set_cost.brand AND c.name = called AND c.valid_from > from_day);
        UPDATE hub.costs c SET valid_until = from_day - 1, loaded_at = now()
         WHERE c.brand = set_cost.brand AND c.name = called AND c.valid_from < from_day AND c.valid_until IS NULL
        RETURNING * INTO clash;
        IF FOUND AND clash.metric <> feeds THEN
            PERFORM momentum._log_cost_days(set_cost.brand, clash.metric, from_day, NULL);
        END IF;
    END IF;
    SELECT * INTO clash FROM hub.costs c
     WHERE c.brand = set_cost.brand AND c.name = called AND c.valid_from <> from_day
       AND daterange(c.valid_from, c.valid_until, '[]') && daterange(from_day, until_day, '[]')
     ORDER BY c.valid_from LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cost "%" overlaps one that is entered already', called
            USING ERRCODE = 'exclusion_violation',
                  DETAIL = format('%s per %s holds from %s through %s; the new one would from %s through %s.',
                                  clash.amount, clash.basis, clash.valid_from, coalesce(clash.valid_until::text, 'further notice'),
                                  from_day, coalesce(until_day::text, 'further notice')),
                  HINT = 'End that one first with momentum.end_cost(), or give this one another name.';
    END IF;

    IF old.cost_id IS NULL THEN
        INSERT INTO hub.costs AS t (brand, name, basis, amount, metric, channel, currency, valid_from, valid_until, note)
        SELECT b.brand, called, set_cost.basis, set_cost.amount, feeds, set_cost.channel, b.currency, from_day, until_day, set_cost.note
          FROM momentum_state.brand b WHERE b.brand = set_cost.brand
        RETURNING t.cost_id INTO id;
    ELSE
        id := old.cost_id;
        UPDATE hub.costs t
           SET basis = set_cost.basis, amount = set_cost.amount, metric = feeds, channel = set_cost.channel,
               currency = b.currency, valid_until = until_day, note = coalesce(set_cost.note, t.note), loaded_at = now()
          FROM momentum_state.brand b
         WHERE b.brand = set_cost.brand AND t.brand = b.brand AND t.cost_id = id;
        PERFORM momentum._log_cost_days(set_cost.brand, old.metric, old.valid_from, old.valid_until);
    END IF;
    PERFORM momentum._log_cost_days(set_cost.brand, feeds, from_day, until_day);
    PERFORM momentum._audit(set_cost.brand, 'set_cost', jsonb_strip_nulls(jsonb_build_object(
        'cost_id', id, 'name', called, 'basis', set_cost.basis, 'amount', set_cost.amount, 'metric', feeds,
        'channel', set_cost.channel, 'valid_from', from_day, 'valid_until', until_day,
        'was', CASE WHEN old.cost_id IS NOT NULL THEN jsonb_build_object('basis', old.basis, 'amount', old.amount,
                    'metric', old.metric, 'valid_until', old.valid_until) END)));
    RETURN id;
END
$$;
COMMENT ON FUNCTION momentum.set_cost(text, text, text, numeric, date, date, text, text, text, text) IS
    'Enters a cost of a brand under a name: amount per basis, from valid_from (default: today in the brand''s zone) through valid_until (default: until further notice, or until the next one of that name). basis: day, week, month, quarter, year (fixed costs, spread over the days of the calendar); order, item, parcel, refund, new_customer, or a share of net_revenue, sales, payments (variable costs). metric: which one it feeds, fixed_costs or variable_costs by default, else shipping_cost or payment_fees. The same name and valid_from again corrects it; a later valid_from ends the one before. Zero says that there is no such cost. Returns its id.';
REVOKE ALL ON FUNCTION momentum.set_cost(text, text, text, numeric, date, date, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION momentum.end_cost(brand text, name text, last_day date DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    called CONSTANT text := btrim(end_cost.name);
    through date := end_cost.last_day;
    c hub.costs;
    ended bigint := 0;
BEGIN
    PERFORM momentum._check_brand(end_cost.brand);
    IF NOT EXISTS (SELECT FROM hub.costs t WHERE t.brand = end_cost.brand AND t.name = called) THEN
        RAISE EXCEPTION 'cost "%" of brand "%" does not exist', called, end_cost.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'hub.costs lists the costs.';
    END IF;
    through := coalesce(through, momentum._today(end_cost.brand));
    IF NOT isfinite(through) THEN
        RAISE EXCEPTION 'the last day of cost "%" must be a day', called
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM FROM momentum_state.brand b WHERE b.brand = end_cost.brand FOR NO KEY UPDATE;
    FOR c IN
        SELECT * FROM hub.costs t
         WHERE t.brand = end_cost.brand AND t.name = called AND (t.valid_until IS NULL OR t.valid_until > through)
         ORDER BY t.valid_from
    LOOP
        IF c.valid_from > through THEN
            DELETE FROM hub.costs t WHERE t.brand = c.brand AND t.cost_id = c.cost_id;
        ELSE
            UPDATE hub.costs t SET valid_until = through, loaded_at = now() WHERE t.brand = c.brand AND t.cost_id = c.cost_id;
        END IF;
        PERFORM momentum._log_cost_days(c.brand, c.metric, greatest(c.valid_from, through + 1), c.valid_until);
        PERFORM momentum._audit(c.brand, 'end_cost', jsonb_strip_nulls(jsonb_build_object(
            'cost_id', c.cost_id, 'name', c.name, 'basis', c.basis, 'amount', c.amount, 'metric', c.metric,
            'valid_from', c.valid_from, 'valid_until', c.valid_until, 'last_day', through)));
        ended := ended + 1;
    END LOOP;
    RETURN ended;
END
$$;
COMMENT ON FUNCTION momentum.end_cost(text, text, date) IS
    'Ends a cost of a brand with last_day (default: today in the brand''s zone): nothing under this name holds later. What was to begin later is taken away, which also undoes an entry that was a mistake; the audit keeps what it was. Returns how many entries changed.';
REVOKE ALL ON FUNCTION momentum.end_cost(text, text, date) FROM PUBLIC;
