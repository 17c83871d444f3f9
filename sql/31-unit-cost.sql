-- What a unit cost on a day, for the views that ask it for every line.  It
-- reads the costs of a product once per statement (src/hub/unit_cost.c).
CREATE FUNCTION momentum._unit_cost(brand text, product_key text, day date, currency text) RETURNS numeric
    LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'mo_unit_cost';
COMMENT ON FUNCTION momentum._unit_cost(text, text, date, text) IS
    'Cost of a unit by the row of hub.product_costs that holds on the day; NULL when there is none, it is in another currency, or the caller may not see the brand.';
REVOKE ALL ON FUNCTION momentum._unit_cost(text, text, date, text) FROM PUBLIC;
