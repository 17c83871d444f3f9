-- How the lines of a cash sheet count.
CREATE TABLE IF NOT EXISTS momentum_state.cash_item (
    brand       text     NOT NULL,
    tab         text     NOT NULL,
    pattern     text     NOT NULL,
    priority    integer  NOT NULL DEFAULT 100,
    kind        text     NOT NULL CHECK (kind IN ('opening', 'closing', 'in', 'cost', 'loan', 'ignore')),
    sign        integer  NOT NULL DEFAULT 0 CHECK (sign IN (-1, 0, 1)),
    timing      text     NOT NULL DEFAULT 'spread' CHECK (timing IN ('start', 'end', 'spread', 'weekdays', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')),
    channel     text     NOT NULL DEFAULT '',
    PRIMARY KEY (brand, tab, pattern)
);
COMMENT ON TABLE momentum_state.cash_item IS 'How a line of a cash sheet counts. The brand''s own rows come before the defaults (brand ''''), then rows that name the tab, then the lower priority.';
COMMENT ON COLUMN momentum_state.cash_item.tab IS 'Title of the tab; '''' is any.';
COMMENT ON COLUMN momentum_state.cash_item.pattern IS 'Regular expression, case-insensitive, matched against the line''s text.';
COMMENT ON COLUMN momentum_state.cash_item.kind IS 'opening or closing balance, money in, cost, loan service, or a line to ignore (totals, headings).';
COMMENT ON COLUMN momentum_state.cash_item.sign IS '1: amounts count as written, -1: reversed, 0: a cost or loan line whose sum is negative is reversed, all else as written.';
COMMENT ON COLUMN momentum_state.cash_item.timing IS 'On which days the amount of a week or month falls: its first, its last, all alike, Monday to Friday alike, or each of one weekday.';
COMMENT ON COLUMN momentum_state.cash_item.channel IS 'Channel whose money this is; run-rate forecasts leave such a channel alone. '''' is none.';
