-- What stands in for an address is keyed: whoever knows the address and sees
-- the stand-in cannot tell that they belong together.
CREATE TABLE IF NOT EXISTS momentum_state.salt (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    salt    text    NOT NULL CHECK (length(salt) >= 64)
);
COMMENT ON TABLE momentum_state.salt IS 'The secret of this database by which stand-ins for addresses are made: one row, drawn by setup(), kept by dumps. Without it new stand-ins differ from the old.';
COMMENT ON COLUMN momentum_state.salt.is_only IS 'True: there is but one row.';
COMMENT ON COLUMN momentum_state.salt.salt IS 'Random digits. No reader sees them.';
