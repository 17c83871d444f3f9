-- What the brand pays besides goods and ads.  Two amounts of one name can never
-- hold on the same day: the exclusion works on ranges alone (a name counts by
-- its hash), so that it needs no operator class from elsewhere.  A cost is in
-- the brand's currency: another one would leave its days unknown.
CREATE UNIQUE INDEX IF NOT EXISTS brand_currency_idx ON momentum_state.brand (brand, currency);
CREATE TABLE IF NOT EXISTS hub.costs (
    brand         text        NOT NULL,
    cost_id       bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    name          text        NOT NULL CONSTRAINT costs_name CHECK (name <> '' AND name = btrim(name) AND length(name) <= 200),
    kind          text        GENERATED ALWAYS AS (
        CASE WHEN basis IN ('day', 'week', 'month', 'quarter', 'year') THEN 'fixed' ELSE 'variable' END) STORED,
    basis         text        NOT NULL CONSTRAINT costs_basis CHECK (basis IN (
        'day', 'week', 'month', 'quarter', 'year',
        'order', 'item', 'parcel', 'refund', 'new_customer', 'net_revenue', 'sales', 'payments')),
    amount        numeric     NOT NULL,
    metric        text        NOT NULL,
    channel       text        CONSTRAINT costs_channel CHECK (channel <> ''),
    currency      text        NOT NULL,
    valid_from    date        NOT NULL,
    valid_until   date,
    note          text,
    loaded_at     timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, name, valid_from),
    CONSTRAINT costs_id UNIQUE (brand, cost_id),
    CONSTRAINT costs_currency FOREIGN KEY (brand, currency) REFERENCES momentum_state.brand (brand, currency),
    CONSTRAINT costs_amount CHECK (amount >= 0 AND amount < 1e12
        AND CASE WHEN basis IN ('net_revenue', 'sales', 'payments') THEN amount <= 1
                 WHEN basis IN ('day', 'week', 'month', 'quarter', 'year') THEN amount = round(amount, 2)
                 ELSE true END),
    CONSTRAINT costs_metric CHECK (metric IN ('shipping_cost', 'payment_fees')
        OR metric = CASE WHEN basis IN ('day', 'week', 'month', 'quarter', 'year') THEN 'fixed_costs' ELSE 'variable_costs' END),
    CONSTRAINT costs_days CHECK (valid_from >= '1970-01-01' AND valid_from < '2200-01-01'
        AND valid_until >= valid_from AND valid_until < '2200-01-01'),
    CONSTRAINT costs_overlap EXCLUDE USING gist (
        numrange(hashtextextended(brand || chr(10) || name, 0)::numeric,
                 hashtextextended(brand || chr(10) || name, 0)::numeric, '[]') WITH &&,
        daterange(valid_from, valid_until, '[]') WITH &&)
);
CREATE INDEX IF NOT EXISTS costs_metric_idx ON hub.costs (brand, metric, valid_from);
COMMENT ON TABLE hub.costs IS 'Fixed and variable costs of the brand, each from a day through a day. Written by momentum.set_cost() and momentum.end_cost(), which have the daily values computed anew.';
COMMENT ON COLUMN hub.costs.name IS 'What it is: rent, packaging, card fees. Rows of one name follow each other and never overlap.';
COMMENT ON COLUMN hub.costs.kind IS 'fixed: an amount for a period, whatever is sold. variable: follows what is sold.';
COMMENT ON COLUMN hub.costs.basis IS 'What the amount is for. Fixed: a day, week, month, quarter or year of the calendar. Variable: an order, item, parcel, refund, new_customer; or a share of net_revenue, sales (before refunds) or payments (what was charged, shipping and tax included).';
COMMENT ON COLUMN hub.costs.amount IS 'Money of the currency; of net_revenue, sales and payments a share (0.029 is 2.9 %). Zero says that there is no such cost.';
COMMENT ON COLUMN hub.costs.metric IS 'The metric it feeds: fixed_costs (only fixed ones), variable_costs (only variable ones), shipping_cost, payment_fees.';
COMMENT ON COLUMN hub.costs.channel IS 'Sales channel that a variable cost is for; NULL: all of them. A fixed cost stands under it; NULL: under its name.';
COMMENT ON COLUMN hub.costs.valid_until IS 'Last day on which it holds; NULL: until further notice.';

-- Which days have orders that tell their own shipping cost is asked at each
-- refresh.
CREATE INDEX IF NOT EXISTS orders_shipping_cost_idx ON hub.orders (brand, order_day) WHERE shipping_cost IS NOT NULL;
