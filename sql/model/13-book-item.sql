-- Which lines of the cash sheet the documents of the books stand for.
CREATE TABLE IF NOT EXISTS momentum_state.book_item (
    brand       text     NOT NULL,
    document    text     NOT NULL CHECK (document IN ('bill', 'invoice')),
    pattern     text     NOT NULL,
    priority    integer  NOT NULL DEFAULT 100,
    line        text,
    PRIMARY KEY (brand, document, pattern)
);
COMMENT ON TABLE momentum_state.book_item IS 'Which lines of the cash sheet give way to bills and invoices of the books, so that no money counts twice. The brand''s own rows come before the defaults (brand ''''), then the larger line of the document, then the lower priority.';
COMMENT ON COLUMN momentum_state.book_item.pattern IS 'Regular expression, case-insensitive, matched against what a document is for (account or item of its lines, the largest first), then against the vendor''s or customer''s name.';
COMMENT ON COLUMN momentum_state.book_item.line IS 'Regular expression, case-insensitive, of the sheet''s lines: costs for a bill, money in for an invoice. NULL: it stands for none, and counts beside the sheet.';
