-- The model: what momentum.setup() creates.  Every statement of sql/model/
-- may run again over an existing model (IF NOT EXISTS, OR REPLACE, ON
-- CONFLICT), so that setup() can make again what DROP EXTENSION took along.
-- Stored tables use no function or type of the extension.
CREATE SCHEMA IF NOT EXISTS momentum_state;
CREATE SCHEMA IF NOT EXISTS hub;
COMMENT ON SCHEMA momentum_state IS 'momentum: the engine room (brands, streams, metrics, targets, settings, logs). Owner level only.';
COMMENT ON SCHEMA hub IS 'momentum: the facts of every source, one table per kind of thing.';

CREATE TABLE IF NOT EXISTS momentum_state.model_version (
    version     integer     PRIMARY KEY,
    applied_at  timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE momentum_state.model_version IS 'Versions of the model that setup() and migrate() brought in; the highest one is in force.';

CREATE TABLE IF NOT EXISTS momentum_state.brand (
    brand       text        PRIMARY KEY CHECK (brand ~ '^[a-z][a-z0-9_-]{0,62}$'),
    name        text        NOT NULL,
    time_zone   text        NOT NULL,
    currency    text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    added_at    timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE momentum_state.brand IS 'The tenants. Written by momentum.add_brand().';
COMMENT ON COLUMN momentum_state.brand.brand IS 'Short slug, leads every key of the hub.';
COMMENT ON COLUMN momentum_state.brand.time_zone IS 'IANA name; business days are days of this zone.';
COMMENT ON COLUMN momentum_state.brand.currency IS 'ISO code of the reporting currency; rows in another one are kept but left out of the sums.';

CREATE TABLE IF NOT EXISTS momentum_state.source (
    brand       text        NOT NULL REFERENCES momentum_state.brand,
    source      text        NOT NULL,
    service     text        NOT NULL,
    options     jsonb       NOT NULL DEFAULT '{}',
    currency    text,
    time_zone   text,
    opened_on   date,
    added_at    timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, source)
);
COMMENT ON TABLE momentum_state.source IS 'One foreign server of a brand. Written by momentum.add_source().';
COMMENT ON COLUMN momentum_state.source.source IS 'Name of the foreign server.';
COMMENT ON COLUMN momentum_state.source.service IS 'The service behind it: name of its foreign data wrapper without _fdw.';
COMMENT ON COLUMN momentum_state.source.options IS 'What add_source() was given, such as start.';
COMMENT ON COLUMN momentum_state.source.currency IS 'Currency of the account, as the service says; NULL until asked.';
COMMENT ON COLUMN momentum_state.source.time_zone IS 'Zone of the account''s days, as the service says; NULL until asked.';
COMMENT ON COLUMN momentum_state.source.opened_on IS 'Day the account was made, where the service says so: nothing is asked for before it.';
