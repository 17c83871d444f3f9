-- What if: score, cash path and profit under changed figures.
--
-- It reads one view, which shows nobody more than their brands; the helpers
-- are plain arithmetic that anybody may do.

-- The keys that what_if() knows, each with its range.
CREATE FUNCTION momentum._what_if_keys() RETURNS TABLE (
    key text,
    unit text,
    low numeric,
    high numeric,
    is_whole boolean
)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    VALUES ('spend', 'money per day', 0::numeric, 1e12::numeric, false),
           ('cac', 'money', 0.01, 1e12, false),
           ('conversion_rate', 'share', 0, 1, false),
           ('price', 'money', 0.01, 1e12, false),
           ('doors', 'count', 0, 1e9, false),
           ('payment_terms_days', 'days', -365, 365, true),
           ('vendor_terms_days', 'days', -365, 365, true),
           ('payment_fee', 'share', 0, 1, false),
           ('payout_lag', 'days', 0, 365, true)
$$;
COMMENT ON FUNCTION momentum._what_if_keys() IS 'What what_if() can change: unit and range of each key; is_whole: whole numbers only.';

CREATE FUNCTION momentum._what_if_value(key text, change jsonb, base double precision) RETURNS double precision
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    usage record;
    part text[];
    given text := left(change::text, 80);
    step numeric;
    value numeric;
BEGIN
    SELECT * INTO usage FROM momentum._what_if_keys() k WHERE k.key = _what_if_value.key;
    IF jsonb_typeof(change) = 'number' THEN
        value := change::text::numeric;
    ELSIF jsonb_typeof(change) = 'string' THEN
        part := regexp_match(change #>> '{}', '^([+-])([0-9]{1,12}(?:\.[0-9]{1,12})?)(%?)$');
        IF part IS NULL OR part[3] = '%' AND key LIKE '%\_terms\_days' THEN
            RAISE EXCEPTION 'change of "%" cannot be read', key
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('It is %s.', given),
                      HINT = CASE WHEN key LIKE '%\_terms\_days' THEN 'Give the days later than now as a number: 14, or -7 for earlier.'
                                  ELSE 'Give the new value as a number, or a change from today''s as a text with its sign: "+20%", "-5%", "+100".' END;
        END IF;
        step := part[2]::numeric * CASE part[1] WHEN '-' THEN -1 ELSE 1 END;
        IF part[3] = '%' AND step < -100 THEN
            RAISE EXCEPTION 'changed "%" would be negative', key
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('The change is %s.', given);
        END IF;
        IF base IS NULL THEN
            RETURN NULL;
        END IF;
        value := CASE part[3] WHEN '%' THEN base::numeric * (1 + step / 100) ELSE base::numeric + step END;
        IF value < 0 AND usage.low >= 0 THEN
            RAISE EXCEPTION 'changed "%" would be negative', key
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('It is %s now, the change is %s.', trim_scale(round(base::numeric, 6)), given);
        END IF;
    ELSE
        RAISE EXCEPTION 'change of "%" must be a number or a text', key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', given),
                  HINT = 'Give the new value as a number, or a change from today''s as a text with its sign: "+20%", "-5%", "+100".';
    END IF;
    IF value < usage.low OR value > usage.high OR usage.is_whole AND value <> trunc(value) THEN
        RAISE EXCEPTION 'changed "%" is out of range', key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The change is %s.', given),
                  HINT = format('It is a %s from %s to %s.', CASE WHEN usage.is_whole THEN 'whole number' ELSE 'number' END,
                                trim_scale(usage.low), trim_scale(usage.high));
    END IF;
    RETURN value::double precision;
END
$$;
COMMENT ON FUNCTION momentum._what_if_value(text, jsonb, double precision) IS 'The new value of a key of what_if(), NULL where it is a change of what is not known; raises for what cannot be.';

CREATE FUNCTION momentum._what_if_days(path jsonb, part text) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT array_agg(coalesce(v.value::double precision, 0) ORDER BY v.n)
      FROM jsonb_array_elements_text(path -> part) WITH ORDINALITY v (value, n)
$$;
COMMENT ON FUNCTION momentum._what_if_days(jsonb, text) IS 'One part of the cash path by day; a day that does not name it has 0 of it.';

-- The cash path under the changes: what comes and goes besides is as it was.
-- NULL where the effect of a change on cash is not known.
CREATE FUNCTION momentum._what_if_path(
    path jsonb,
    floor double precision,
    sold_factor double precision,
    sold_step double precision,
    extra_in double precision,
    extra_cost double precision,
    spend_step double precision,
    doors_factor double precision,
    door_cost double precision,
    old_lag integer,
    new_lag integer,
    terms integer,
    vendor_terms integer
) RETURNS momentum.runway_result
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    inflow double precision[] := momentum._what_if_days(path, 'inflow');
    cost double precision[] := momentum._what_if_days(path, 'cost');
    shop double precision[] := momentum._what_if_days(path, 'shop');
    retail double precision[] := momentum._what_if_days(path, 'retail');
    ads double precision[] := momentum._what_if_days(path, 'ads');
    stock double precision[] := momentum._what_if_days(path, 'stock');
    shop_after double precision[] := shop;
    retail_after double precision[] := retail;
    stock_after double precision[];
    has_shop boolean := EXISTS (SELECT FROM unnest(shop) a WHERE a <> 0);
    has_ads boolean := EXISTS (SELECT FROM unnest(ads) a WHERE a <> 0);
BEGIN
    IF sold_factor IS NULL OR sold_step IS NULL OR extra_in IS NULL OR extra_cost IS NULL OR spend_step IS NULL OR doors_factor IS NULL
       OR door_cost IS NULL OR new_lag IS NULL OR terms IS NULL OR vendor_terms IS NULL THEN
        RETURN NULL;
    END IF;
    FOR d IN 1 .. cardinality(inflow) LOOP
        -- What is paid out within the lag was sold before today.
        IF d > old_lag THEN
            shop_after[d] := CASE WHEN has_shop THEN shop[d] * sold_factor ELSE sold_step END + extra_in;
        END IF;
        -- A shelf filled today is paid for in a month.
        IF d > 30 THEN
            retail_after[d] := retail[d] * doors_factor;
        END IF;
    END LOOP;
    shop_after := (momentum.cash_shift(shop_after, 1, new_lag - old_lag)).amount;
    retail_after := (momentum.cash_shift(retail_after, 1, terms)).amount;
    stock_after := (momentum.cash_shift(stock, 1, vendor_terms)).amount;
    FOR d IN 1 .. cardinality(inflow) LOOP
        inflow[d] := inflow[d] + (shop_after[d] - shop[d]) + (retail_after[d] - retail[d]);
        cost[d] := cost[d] + (stock_after[d] - stock[d]) + extra_cost + door_cost
                   + CASE WHEN has_ads THEN greatest(spend_step, -ads[d]) ELSE greatest(spend_step, -cost[d]) END;
    END LOOP;
    RETURN momentum.runway((path ->> 'balance')::double precision, inflow, cost, momentum._what_if_days(path, 'loan'), floor);
END
$$;
COMMENT ON FUNCTION momentum._what_if_path(jsonb, double precision, double precision, double precision, double precision, double precision, double precision, double precision, double precision, integer, integer, integer, integer) IS
    'Runway of the cash path under changes: shop receipts times sold_factor (where the path names none: sold_step more a day) plus extra_in a day, extra_cost and spend_step more a day, retail receipts by doors, and payments later; NULL where one of them is.';

CREATE FUNCTION momentum.what_if(brand text, changes jsonb DEFAULT '{}') RETURNS TABLE (
    item text,
    unit text,
    base numeric,
    changed numeric,
    difference numeric,
    origin text,
    note text
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1
    AS $$
DECLARE
    i jsonb;
    bad text;
    fee double precision; new_fee double precision;
    lag integer; new_lag integer;
    spend double precision; new_spend double precision;
    cac double precision; new_cac double precision;
    rate double precision; new_rate double precision;
    aov double precision; new_aov double precision;
    doors double precision; new_doors double precision;
    terms integer := 0; vendor_terms integer := 0;
    customers double precision;             -- a day
    new_customers double precision;
    orders double precision;                -- a day
    more double precision := 0;             -- orders a day that conversion does not explain
    turn double precision := 1;             -- of conversion
    customer_cost double precision;
    margin double precision; margin_origin text; margin_note text;
    first_margin double precision;
    extra_margin double precision;          -- per order, of price and fee
    profit double precision; new_profit double precision;
    revenue double precision; new_revenue double precision;
    retail_profit double precision; new_retail_profit double precision;
    extra_cost double precision := 0;
    door_cost double precision := 0;
    path momentum.runway_result;
    sales_note text;                        -- why it is not known what would be sold
    cash_note text;
    buys boolean; sells boolean; stirs_cash boolean;
    parts jsonb;
    result momentum.score_result;
BEGIN
    SELECT v.input::jsonb INTO i FROM momentum.what_if_input v WHERE v.brand = what_if.brand;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'brand "%" does not exist', what_if.brand
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'momentum.score lists the brands you may see.';
    ELSIF changes IS NULL OR jsonb_typeof(changes) <> 'object' THEN
        RAISE EXCEPTION 'changes must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'For example {"spend": "+20%", "cac": 45}; {} changes nothing.';
    END IF;
    SELECT c.key INTO bad FROM jsonb_object_keys(changes) c (key)
     WHERE c.key NOT IN (SELECT k.key FROM momentum._what_if_keys() k) ORDER BY c.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'what_if() cannot change "%"', left(bad, 80)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('It can change %s.', (SELECT string_agg(k.key, ', ') FROM momentum._what_if_keys() k));
    END IF;

    -- As it is, and as it would be.
    spend := (i ->> 'spend_per_day')::double precision;
    cac := (i ->> 'cac')::double precision;
    rate := (i ->> 'conversion_rate')::double precision;
    aov := (i ->> 'order_value')::double precision;
    doors := (i ->> 'doors')::double precision;
    fee := (i ->> 'payment_fee')::double precision;
    lag := (i ->> 'payout_lag')::integer;
    new_spend := CASE WHEN changes ? 'spend' THEN momentum._what_if_value('spend', changes -> 'spend', spend) ELSE spend END;
    new_cac := CASE WHEN changes ? 'cac' THEN momentum._what_if_value('cac', changes -> 'cac', cac) ELSE cac END;
    new_rate := CASE WHEN changes ? 'conversion_rate' THEN momentum._what_if_value('conversion_rate', changes -> 'conversion_rate', rate) ELSE rate END;
    new_aov := CASE WHEN changes ? 'price' THEN momentum._what_if_value('price', changes -> 'price', aov) ELSE aov END;
    new_doors := CASE WHEN changes ? 'doors' THEN momentum._what_if_value('doors', changes -> 'doors', doors) ELSE doors END;
    new_fee := CASE WHEN changes ? 'payment_fee' THEN momentum._what_if_value('payment_fee', changes -> 'payment_fee', fee) ELSE fee END;
    new_lag := CASE WHEN changes ? 'payout_lag' THEN momentum._what_if_value('payout_lag', changes -> 'payout_lag', lag)::integer ELSE lag END;
    IF changes ? 'payment_terms_days' THEN
        terms := momentum._what_if_value('payment_terms_days', changes -> 'payment_terms_days', 0)::integer;
    END IF;
    IF changes ? 'vendor_terms_days' THEN
        vendor_terms := momentum._what_if_value('vendor_terms_days', changes -> 'vendor_terms_days', 0)::integer;
    END IF;
    buys := changes ?| ARRAY['spend', 'cac'];
    sells := buys OR changes ?| ARRAY['conversion_rate', 'price', 'payment_fee'];
    stirs_cash := changes <> '{}';

    -- Orders: what converts better or worse, and customers bought besides.
    orders := (i ->> 'orders_30d')::double precision / 30;
    revenue := (i ->> 'revenue_30d')::double precision;
    customers := spend / cac;
    IF changes ? 'conversion_rate' THEN
        turn := new_rate / nullif(rate, 0);
    END IF;
    customer_cost := coalesce((i ->> 'marginal_cac')::double precision, cac);
    IF changes ? 'cac' THEN
        new_customers := new_spend / new_cac;
    ELSIF changes ? 'spend' THEN
        new_customers := (customers + (new_spend - spend) / customer_cost) * turn;
        IF new_customers < 0 THEN
            new_customers := 0;
        END IF;
    ELSE
        new_customers := customers * turn;
    END IF;
    IF buys THEN
        more := new_customers - customers * turn;
    END IF;
    IF changes ?| ARRAY['spend', 'conversion_rate'] AND NOT changes ? 'cac' THEN
        new_cac := new_spend / nullif(new_customers, 0);
    END IF;
    new_revenue := CASE WHEN sells THEN (orders * turn + more) * 30 * new_aov ELSE revenue END;

    sales_note := CASE WHEN NOT sells THEN NULL
        WHEN buys AND (spend IS NULL OR new_spend IS NULL) THEN 'spend_unknown'
        WHEN turn IS NULL THEN 'conversion_unknown'
        WHEN more IS NULL THEN 'cac_unknown'
        WHEN orders IS NULL OR aov IS NULL OR new_aov IS NULL THEN 'orders_unknown' END;

    -- Profit: margins are those before ads.
    margin := (i ->> 'margin_share')::double precision;
    margin_origin := i ->> 'margin_origin';
    first_margin := (i ->> 'first_margin')::double precision;
    IF margin IS NULL AND first_margin IS NOT NULL AND aov > 0 THEN
        margin := first_margin / aov;
        margin_origin := 'assumption';
        margin_note := 'the margin of a first order, taken for all orders';
    END IF;
    extra_margin := CASE WHEN changes ?| ARRAY['price', 'payment_fee'] THEN new_aov * (1 - new_fee) - aov * (1 - fee) ELSE 0 END;
    profit := revenue * margin - spend * 30;
    new_profit := CASE WHEN sells
        THEN (orders * turn * (aov * margin + extra_margin)
              + CASE WHEN buys THEN more * (first_margin + (i ->> 'repeat_margin')::double precision + extra_margin) ELSE 0 END
              - new_spend) * 30
        ELSE profit END;
    retail_profit := doors * (i ->> 'velocity')::double precision * 30 / 7 * (i ->> 'unit_price')::double precision
                     * (i ->> 'retail_margin_share')::double precision;
    new_retail_profit := CASE WHEN changes ? 'doors' THEN retail_profit * new_doors / nullif(doors, 0) ELSE retail_profit END;

    -- Cash: goods and shipping of more orders are paid as they are sold.
    IF changes ? 'conversion_rate' THEN
        extra_cost := orders * (turn - 1) * aov * (1 - fee - margin);
    END IF;
    IF buys THEN
        extra_cost := extra_cost + more * (aov * (1 - fee) - first_margin);
    END IF;
    IF changes ? 'doors' THEN
        door_cost := (SELECT nullif(avg(r), 0) FROM unnest(momentum._what_if_days(i -> 'path', 'retail')) r)
                     * (new_doors / nullif(doors, 0) - 1) * (1 - (i ->> 'retail_margin_share')::double precision);
    END IF;
    IF i ->> 'path' IS NULL THEN
        cash_note := coalesce(i ->> 'cash_reason', 'no_balance');
    ELSIF stirs_cash THEN
        path := momentum._what_if_path(i -> 'path', (i ->> 'cash_floor')::double precision,
            sold_factor => CASE WHEN changes ?| ARRAY['conversion_rate', 'price', 'payment_fee']
                                THEN turn * CASE WHEN changes ? 'price' THEN new_aov / nullif(aov, 0) ELSE 1 END * (1 - new_fee) / nullif(1 - fee, 0)
                                ELSE 1 END,
            sold_step => CASE WHEN changes ?| ARRAY['conversion_rate', 'price', 'payment_fee']
                              THEN orders * (turn * new_aov * (1 - new_fee) - aov * (1 - fee)) ELSE 0 END,
            extra_in => CASE WHEN buys THEN more * new_aov * (1 - new_fee) ELSE 0 END,
            extra_cost => extra_cost, spend_step => CASE WHEN changes ? 'spend' THEN new_spend - spend ELSE 0 END,
            doors_factor => CASE WHEN changes ? 'doors' THEN new_doors / nullif(doors, 0) ELSE 1 END, door_cost => door_cost,
            old_lag => lag, new_lag => new_lag, terms => terms, vendor_terms => vendor_terms);
        cash_note := CASE WHEN path.trough IS NOT NULL THEN NULL
            WHEN sales_note IS NOT NULL THEN sales_note
            WHEN extra_cost IS NULL THEN 'margin_unknown: what more orders cost is not known'
            WHEN doors IS NULL THEN 'doors_unknown'
            WHEN i ->> 'retail_margin_share' IS NULL THEN 'retail_margin_unknown: what the goods for more doors cost is not known'
            ELSE 'no_retail_receipts: the cash path names no money of retailers' END;
    ELSE
        path := ROW((i ->> 'runway_days')::double precision, (i ->> 'w30')::double precision, (i ->> 'w60')::double precision,
                    (i ->> 'w90')::double precision, (i ->> 'trough')::double precision, (i ->> 'trough_on')::integer, NULL);
    END IF;
    IF i ->> 'cash_reason' IS NOT NULL THEN
        path.runway_days := NULL;
    END IF;

    -- The score: components that a change reaches, the others as they are.
    -- Where nothing is spent there is no CAC, and its weight goes to the others.
    SELECT jsonb_agg(CASE
               WHEN x.v ->> 'c' IS NULL THEN x.v
               WHEN x.v ->> 'component' = 'cac' AND changes ?| ARRAY['spend', 'cac', 'conversion_rate']
               THEN x.v || jsonb_build_object('changed', (momentum.cac_component(new_spend * 30, new_customers * 30,
                        (i ->> 'cac_target')::double precision, (x.v ->> 'full_scale')::double precision)).c)
               WHEN x.v ->> 'component' = 'revenue' AND sells
               THEN x.v || jsonb_build_object('changed', momentum.component_value(
                        (x.v ->> 'raw')::double precision + new_revenue / nullif(revenue, 0) - 1, (x.v ->> 'full_scale')::double precision))
               WHEN x.v ->> 'component' = 'conversion' AND changes ? 'conversion_rate'
               THEN x.v || jsonb_build_object('changed', momentum.component_value(
                        (x.v ->> 'raw')::double precision + turn - 1, (x.v ->> 'full_scale')::double precision))
               WHEN x.v ->> 'component' = 'runway' AND stirs_cash
               THEN x.v || jsonb_build_object('changed', momentum.component_value(
                        (path.runway_days - (i ->> 'runway_target')::double precision) / (i ->> 'runway_target')::double precision,
                        (x.v ->> 'full_scale')::double precision))
               ELSE x.v || jsonb_build_object('changed', x.v -> 'c') END ORDER BY x.n)
      INTO parts
      FROM jsonb_array_elements(nullif(i -> 'components', 'null')) WITH ORDINALITY x (v, n);
    IF parts IS NOT NULL AND NOT EXISTS (SELECT FROM jsonb_array_elements(parts) x (v)
                                             WHERE x.v ->> 'c' IS NOT NULL AND x.v ->> 'changed' IS NULL
                                               AND NOT (x.v ->> 'component' = 'cac' AND new_spend = 0 AND new_customers = 0)) THEN
        SELECT * INTO result
          FROM momentum.momentum_score(
            ARRAY(SELECT x.v ->> 'component' FROM jsonb_array_elements(parts) WITH ORDINALITY x (v, n) ORDER BY x.n),
            ARRAY(SELECT (x.v ->> 'weight')::double precision FROM jsonb_array_elements(parts) WITH ORDINALITY x (v, n) ORDER BY x.n),
            ARRAY(SELECT (x.v ->> 'changed')::double precision FROM jsonb_array_elements(parts) WITH ORDINALITY x (v, n) ORDER BY x.n),
            ARRAY(SELECT (x.v ->> 'se')::double precision FROM jsonb_array_elements(parts) WITH ORDINALITY x (v, n) ORDER BY x.n));
    END IF;

    RETURN QUERY
    SELECT r.item, r.unit, round(r.base::numeric, r.digits), round(r.changed::numeric, r.digits),
           round(r.changed::numeric, r.digits) - round(r.base::numeric, r.digits),
           CASE WHEN r.base IS NOT NULL OR r.changed IS NOT NULL THEN r.origin END, r.note
      FROM (VALUES
        (1, 'spend_per_day', 'money', 2, spend, new_spend, CASE WHEN changes ? 'spend' THEN 'assumption' ELSE 'fact' END,
            CASE WHEN spend IS NULL THEN 'no ad spend is known' ELSE 'mean of the last 30 days' END),
        (2, 'cac', 'money', 6, cac, new_cac,
            CASE WHEN changes ? 'cac' THEN 'assumption' WHEN changes ?| ARRAY['spend', 'conversion_rate'] THEN 'computed' ELSE 'fact' END,
            CASE WHEN cac IS NULL THEN 'spend over new customers is not known'
                 WHEN changes ? 'cac' THEN 'for all new customers'
                 WHEN changes ?| ARRAY['spend', 'conversion_rate'] AND new_cac IS NULL THEN coalesce(sales_note, 'no customer is won')
                 WHEN changes ? 'conversion_rate' THEN 'the visitors that ads bring convert as all do' END),
        (3, 'marginal_cac', 'money', 6, (i ->> 'marginal_cac')::double precision,
            CASE WHEN changes ? 'spend' AND NOT changes ? 'cac' THEN customer_cost ELSE (i ->> 'marginal_cac')::double precision END,
            CASE WHEN i ->> 'marginal_cac' IS NULL THEN 'assumption' ELSE 'computed' END,
            CASE WHEN i ->> 'marginal_cac' IS NULL
                 THEN 'not known (' || coalesce(i ->> 'marginal_cac_reason', 'no_data') || ')'
                      || CASE WHEN changes ? 'spend' AND NOT changes ? 'cac' THEN ': a further customer is taken to cost what all do' ELSE '' END
                 ELSE 'of 13 weeks' END),
        (4, 'conversion_rate', 'share', 6, rate, new_rate, CASE WHEN changes ? 'conversion_rate' THEN 'assumption' ELSE 'fact' END,
            CASE WHEN rate IS NULL THEN 'orders over sessions are not known' END),
        (5, 'order_value', 'money', 6, aov, new_aov, CASE WHEN changes ? 'price' THEN 'assumption' ELSE 'fact' END,
            CASE WHEN aov IS NULL THEN 'revenue over orders is not known'
                 WHEN changes ? 'price' THEN 'as many orders are taken to come at the new price' END),
        (6, 'margin_share', 'share', 6, margin, margin, margin_origin,
            CASE WHEN margin IS NULL THEN 'margin_unknown: set margin.share or margin.first_order' ELSE margin_note END),
        (7, 'doors', 'count', 6, doors, new_doors, CASE WHEN changes ? 'doors' THEN 'assumption' ELSE 'fact' END,
            CASE WHEN doors IS NULL THEN 'no retail doors are known'
                 WHEN changes ? 'doors' THEN 'each sells as much as those there are; its money comes after 30 days' END),
        (8, 'payment_terms_days', 'days', 0, 0, terms, CASE WHEN changes ? 'payment_terms_days' THEN 'assumption' ELSE 'fact' END,
            'days later than now that retailers pay'
            || CASE WHEN terms <> 0 AND NOT EXISTS (SELECT FROM unnest(momentum._what_if_days(i -> 'path', 'retail')) x WHERE x <> 0)
                    THEN '; the cash path names no money of theirs' ELSE '' END),
        (9, 'vendor_terms_days', 'days', 0, 0, vendor_terms, CASE WHEN changes ? 'vendor_terms_days' THEN 'assumption' ELSE 'fact' END,
            'days later than now that stock is paid'
            || CASE WHEN vendor_terms <> 0 AND NOT EXISTS (SELECT FROM unnest(momentum._what_if_days(i -> 'path', 'stock')) x WHERE x <> 0)
                    THEN '; the cash path names no payment for stock' ELSE '' END),
        (10, 'payment_fee', 'share', 6, fee, new_fee, CASE WHEN changes ? 'payment_fee' THEN 'assumption' ELSE 'setting' END, 'of shop sales'),
        (11, 'payout_lag', 'days', 0, lag, new_lag, CASE WHEN changes ? 'payout_lag' THEN 'assumption' ELSE 'setting' END,
            'days from a sale to its payout'),
        (12, 'new_customers_30d', 'count', 2, customers * 30, new_customers * 30, 'computed',
            CASE WHEN customers IS NULL THEN 'cac_unknown' ELSE coalesce(sales_note, 'spend over CAC') END),
        (13, 'orders_30d', 'count', 2, orders * 30, (orders * turn + more) * 30, 'computed',
            CASE WHEN orders IS NULL THEN 'orders_unknown' ELSE sales_note END),
        (14, 'revenue_30d', 'money', 2, revenue, new_revenue, 'computed',
            CASE WHEN revenue IS NULL THEN 'orders_unknown' ELSE sales_note END),
        (15, 'contribution_profit_30d', 'money', 2, profit, new_profit, 'computed',
            CASE WHEN sales_note IS NOT NULL THEN sales_note
                 WHEN revenue IS NULL THEN 'orders_unknown'
                 WHEN margin IS NULL THEN 'margin_unknown: set margin.share or margin.first_order'
                 WHEN spend IS NULL THEN 'no ad spend is known'
                 ELSE 'of the shop, after ads' || coalesce('; ' || margin_note, '') END),
        (16, 'retail_profit_30d', 'money', 2, retail_profit, new_retail_profit, 'computed',
            CASE WHEN doors IS NULL THEN 'no retail doors are known'
                 WHEN i ->> 'retail_margin_share' IS NULL THEN 'retail_margin_unknown: set margin.retail_share'
                 WHEN retail_profit IS NULL THEN 'velocity or price of retail is not known' END),
        (17, 'working_capital_30d', 'money', 2, (i ->> 'w30')::double precision, path.w30, 'computed', cash_note),
        (18, 'working_capital_60d', 'money', 2, (i ->> 'w60')::double precision, path.w60, 'computed', cash_note),
        (19, 'working_capital_90d', 'money', 2, (i ->> 'w90')::double precision, path.w90, 'computed', cash_note),
        (20, 'trough', 'money', 2, (i ->> 'trough')::double precision, path.trough, 'computed', cash_note),
        (21, 'trough_day', 'days', 0, (i ->> 'trough_on')::double precision, path.trough_day, 'computed',
            coalesce(cash_note, 'days after as_of')),
        (22, 'runway_days', 'days', 1, CASE WHEN (i ->> 'runway_days')::double precision < 'Infinity' THEN (i ->> 'runway_days')::double precision END,
            CASE WHEN path.runway_days < 'Infinity' THEN path.runway_days END, 'computed',
            coalesce(cash_note, i ->> 'cash_reason',
                     CASE WHEN (i ->> 'runway_days')::double precision = 'Infinity' AND path.runway_days = 'Infinity' THEN 'endless, and stays so'
                          WHEN path.runway_days = 'Infinity' THEN 'becomes endless'
                          WHEN (i ->> 'runway_days')::double precision = 'Infinity' THEN 'was endless' END)),
        (28, 'score', 'points', 6, (i ->> 'score')::double precision, result.score, 'computed',
            CASE WHEN i ->> 'score' IS NULL THEN 'insufficient_coverage'
                 WHEN result.score IS NULL THEN 'a component of it is not known under the change'
                 WHEN result.direction <> i ->> 'direction' THEN (i ->> 'direction') || ' becomes ' || result.direction END)
        ) r (place, item, unit, digits, base, changed, origin, note)
    UNION ALL
    SELECT 'score: ' || (x.v ->> 'component'), 'points', round((x.v ->> 'c')::numeric, 6), round((x.v ->> 'changed')::numeric, 6),
           round((x.v ->> 'changed')::numeric, 6) - round((x.v ->> 'c')::numeric, 6),
           CASE WHEN x.v ->> 'c' IS NOT NULL THEN 'computed' END,
           CASE WHEN x.v ->> 'c' IS NULL THEN coalesce(x.v ->> 'reason', 'no_data')
                WHEN x.v ->> 'component' IN ('revenue', 'conversion') AND x.v -> 'changed' IS DISTINCT FROM x.v -> 'c'
                THEN 'the change is taken as growth of the next 30 days'
                WHEN x.v ->> 'component' = 'runway' AND x.v ->> 'changed' IS NULL THEN cash_note
                WHEN x.v ->> 'changed' IS NULL THEN coalesce(sales_note, 'missing: nothing is spent') END
      FROM jsonb_array_elements(parts) WITH ORDINALITY x (v, n);
END
$$;
COMMENT ON FUNCTION momentum.what_if(text, jsonb) IS
    'Score, cash path and contribution profit of a brand under changed figures, beside those of today. changes: {"spend": ..., "cac": ..., "conversion_rate": ..., "price": ..., "doors": ..., "payment_terms_days": ..., "vendor_terms_days": ..., "payment_fee": ..., "payout_lag": ...}; a number is the new value (spend per day, price as order value, terms as days later than now), a text with its sign a change from today ("+20%", "-100"). One row per item: origin says whether the number is a fact, a setting, an assumption or computed; what cannot be known is NULL, and note says why. {} changes nothing.';
REVOKE ALL ON FUNCTION momentum.what_if(text, jsonb) FROM PUBLIC;
