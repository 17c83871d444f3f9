-- What the money of the cash path is for.
CREATE TABLE IF NOT EXISTS momentum_state.cash_part (
    brand       text     NOT NULL,
    kind        text     NOT NULL CHECK (kind IN ('in', 'cost', 'loan')),
    pattern     text     NOT NULL,
    priority    integer  NOT NULL DEFAULT 100,
    part        text     NOT NULL CHECK (part <> '' AND part !~ '/'),
    PRIMARY KEY (brand, kind, pattern)
);
COMMENT ON TABLE momentum_state.cash_part IS 'What lines of the sheet and documents of the books are for, as momentum.cash_week lists it. The brand''s own rows come before the defaults (brand ''''), then the lower priority; what matches none is "other".';
COMMENT ON COLUMN momentum_state.cash_part.pattern IS 'Regular expression, case-insensitive, matched against the line''s channel and text; of a document, against the sheet''s lines it stands for.';
COMMENT ON COLUMN momentum_state.cash_part.part IS 'What it is for: shop, ads, stock, payroll, ...; the run rate of shop sales is shop, that of ad spend ads.';
