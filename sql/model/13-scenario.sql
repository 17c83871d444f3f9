-- What could happen to the cash path.
CREATE TABLE IF NOT EXISTS momentum_state.scenario (
    brand       text    NOT NULL,
    scenario    text    NOT NULL CHECK (scenario <> 'base'),
    place       integer NOT NULL DEFAULT 100,
    name        text    NOT NULL,
    in_factor   numeric(12,9) NOT NULL DEFAULT 1 CHECK (in_factor BETWEEN 0 AND 100),
    in_days     integer NOT NULL DEFAULT 0 CHECK (in_days BETWEEN -730 AND 730),
    cost_factor numeric(12,9) NOT NULL DEFAULT 1 CHECK (cost_factor BETWEEN 0 AND 100),
    cost_days   integer NOT NULL DEFAULT 0 CHECK (cost_days BETWEEN -730 AND 730),
    loan_factor numeric(12,9) NOT NULL DEFAULT 1 CHECK (loan_factor BETWEEN 0 AND 100),
    loan_days   integer NOT NULL DEFAULT 0 CHECK (loan_days BETWEEN -730 AND 730),
    PRIMARY KEY (brand, scenario)
);
COMMENT ON TABLE momentum_state.scenario IS 'Scenarios of the cash path. A brand''s own comes before the default of that name (brand ''''). Written by momentum.set_scenario().';
COMMENT ON COLUMN momentum_state.scenario.in_factor IS 'Money in, but for financing, is multiplied by this.';
COMMENT ON COLUMN momentum_state.scenario.in_days IS 'Money in, but for financing, comes so many days later.';
COMMENT ON COLUMN momentum_state.scenario.cost_factor IS 'All costs are multiplied by this.';
COMMENT ON COLUMN momentum_state.scenario.loan_factor IS 'Loan service is multiplied by this.';
