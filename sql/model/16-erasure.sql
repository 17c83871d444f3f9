-- Who was erased, without saying who: the same entries stand in a file outside
-- the database (src/hub/ledger.c), because a backup may be older than they are.
CREATE TABLE IF NOT EXISTS momentum_state.erasure (
    brand       text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('email', 'customer', 'phone', 'handle', 'name')),
    hash        text        NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    ledger      text        NOT NULL,
    erased_at   timestamptz NOT NULL,
    erased_by   name        NOT NULL DEFAULT SESSION_USER,
    PRIMARY KEY (brand, hash, erased_at)
);
CREATE INDEX IF NOT EXISTS erasure_ledger_idx ON momentum_state.erasure (brand, ledger);
COMMENT ON TABLE momentum_state.erasure IS 'Erased persons by keyed hashes of their addresses and ids: what loads or comes back with a backup is compared with it. Only added to, by hub.redact_customer() and momentum.post_restore().';
COMMENT ON COLUMN momentum_state.erasure.kind IS 'What the hash was made of: email, customer (source and id), phone, handle, name (in full, where nobody else of the brand bore it).';
COMMENT ON COLUMN momentum_state.erasure.hash IS 'HMAC-SHA256; its key stands in the ledger''s file and nowhere else.';
COMMENT ON COLUMN momentum_state.erasure.ledger IS 'Mark of the ledger whose key it was made with: of another one, it fits nobody.';
COMMENT ON COLUMN momentum_state.erasure.erased_at IS 'When: what the person gave later is kept.';
COMMENT ON COLUMN momentum_state.erasure.erased_by IS 'Who had logged in.';
