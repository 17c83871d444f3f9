-- Cash: what the sheet and the books say of balances and of money to come and go.
CREATE TABLE IF NOT EXISTS hub.cash_balance (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    tab               text        NOT NULL,
    row_number        bigint      NOT NULL,
    day               date        NOT NULL,
    item              text        NOT NULL,
    amount            numeric     NOT NULL,
    origin            text        NOT NULL DEFAULT 'sheet',
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, tab, row_number, day),
    CONSTRAINT cash_balance_amounts CHECK (abs(amount) < 1e13),
    CONSTRAINT cash_balance_days CHECK (isfinite(day))
);
CREATE INDEX IF NOT EXISTS cash_balance_day_idx ON hub.cash_balance (brand, day);
COMMENT ON TABLE hub.cash_balance IS 'Cash balances.';
COMMENT ON COLUMN hub.cash_balance.day IS 'The balance is that of the beginning of this day; a closing balance stands on the day after its period, one of the books on the day it was read.';
COMMENT ON COLUMN hub.cash_balance.origin IS 'Where it comes from: sheet, or the service that keeps the books.';

CREATE TABLE IF NOT EXISTS hub.cash_flow (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    tab               text        NOT NULL,
    row_number        bigint      NOT NULL,
    period            date        NOT NULL,
    day               date        NOT NULL,
    item              text        NOT NULL,
    kind              text        NOT NULL CHECK (kind IN ('in', 'cost', 'loan')),
    amount            numeric     NOT NULL,
    channel           text        NOT NULL,
    origin            text        NOT NULL,
    status            text        NOT NULL CHECK (status IN ('booked', 'expected')),
    replaces          text,
    source_updated_at timestamptz,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, tab, row_number, period, day),
    CONSTRAINT cash_flow_amounts CHECK (abs(amount) < 1e13),
    CONSTRAINT cash_flow_days CHECK (isfinite(period) AND isfinite(day))
);
CREATE INDEX IF NOT EXISTS cash_flow_day_idx ON hub.cash_flow (brand, day);
COMMENT ON TABLE hub.cash_flow IS 'Money in, costs and loan service by due day. Amounts are positive in their kind: balance + in - cost - loan.';
COMMENT ON COLUMN hub.cash_flow.day IS 'The day the money moves: by the books the day it is due, of an invoice later by what the customer usually takes, and not before the day they were read.';
COMMENT ON COLUMN hub.cash_flow.period IS 'First day of the sheet''s period the amount came from, or the day a document is due.';
COMMENT ON COLUMN hub.cash_flow.channel IS 'Sales channel whose money it is, or ''''.';
COMMENT ON COLUMN hub.cash_flow.origin IS 'Where it comes from: sheet, or the service that keeps the books.';
COMMENT ON COLUMN hub.cash_flow.status IS 'booked: the day was over when the sheet was read, or the document is paid; expected: still to come.';
COMMENT ON COLUMN hub.cash_flow.replaces IS 'Regular expression of the sheet''s lines that a document stands for; NULL: none.';

CREATE TABLE IF NOT EXISTS hub.payment_delay (
    brand             text        NOT NULL,
    source            text        NOT NULL,
    party             text        NOT NULL,
    days              integer     NOT NULL,
    invoices          bigint      NOT NULL,
    content_hash      bigint      NOT NULL,
    loaded_at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source, party)
);
COMMENT ON TABLE hub.payment_delay IS 'How long after its due days a customer usually pays, by the invoices it paid in half a year; three at least.';
COMMENT ON COLUMN hub.payment_delay.party IS 'Id of the customer in the books.';
COMMENT ON COLUMN hub.payment_delay.days IS 'Median of the days from the due day to the last payment; negative: before it.';
COMMENT ON COLUMN hub.payment_delay.invoices IS 'Paid invoices it is of.';
