-- The peer's tables: the recorded requests, asked of the address :base.
\set ON_ERROR_STOP on
CREATE SCHEMA peer;
CREATE FUNCTION peer.handler() RETURNS fdw_handler STRICT LANGUAGE c AS :'so', 'peer_fdw_handler_wrapper';
CREATE FOREIGN DATA WRAPPER peer_fdw HANDLER peer.handler;
CREATE SERVER peer FOREIGN DATA WRAPPER peer_fdw;
CREATE FOREIGN TABLE peer.one (id bigint)
    SERVER peer OPTIONS (base :'base', tape :'one', records 'data.orders.nodes', paths 'id=legacyResourceId');
CREATE FOREIGN TABLE peer.narrow (id bigint, processed_at timestamptz, total_price numeric, financial_status text)
    SERVER peer OPTIONS (base :'base', tape :'narrow', records 'data.orders.nodes',
        paths 'id=legacyResourceId processed_at=processedAt total_price=totalPriceSet.shopMoney.amount financial_status=displayFinancialStatus');
