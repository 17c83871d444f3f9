-- Who may see which brand.  Written by momentum.grant_access(), read by
-- momentum.may_see(); the role is a name, because a dump may be restored
-- where the role does not exist yet.
CREATE TABLE IF NOT EXISTS momentum_state.access (
    brand       text        NOT NULL,
    role        name        NOT NULL,
    level       text        NOT NULL CHECK (level IN ('owner', 'agent', 'reader')),
    personal    boolean     NOT NULL DEFAULT false,
    granted_at  timestamptz NOT NULL DEFAULT pg_catalog.now(),
    granted_by  name        NOT NULL DEFAULT CURRENT_USER,
    PRIMARY KEY (brand, role)
);
COMMENT ON TABLE momentum_state.access IS 'Which role may see which brand, at which level.';
COMMENT ON COLUMN momentum_state.access.brand IS 'The brand, or * for all brands.';
COMMENT ON COLUMN momentum_state.access.role IS 'Name of the role; members that inherit from it see the same.';
COMMENT ON COLUMN momentum_state.access.level IS 'owner (everything), reader (the reading views), agent (inquiries and whom they concern, no figures).';
COMMENT ON COLUMN momentum_state.access.personal IS 'A reader who sees personal data as it is, not masked.';
COMMENT ON COLUMN momentum_state.access.granted_at IS 'When the row was written.';
COMMENT ON COLUMN momentum_state.access.granted_by IS 'Who wrote it.';
