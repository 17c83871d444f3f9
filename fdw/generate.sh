#!/bin/sh
# Writes what follows from the names of the files fdw/<service>.c:
#   generate.sh c   SERVICE...   handler and validator of each, in C
#   generate.sh sql SERVICE...   the same as SQL, with the wrapper
set -eu
kind=$1
shift
case $kind in
c)
	cat <<'END'
/* Generated from the names of fdw/<service>.c. */
#include "postgres.h"

#include "fmgr.h"

#include "engine/engine.h"
END
	for s in "$@"; do
		cat <<END

extern const Connector mo_${s}_connector;
PG_FUNCTION_INFO_V1(mo_${s}_handler);
PG_FUNCTION_INFO_V1(mo_${s}_validator);

Datum
mo_${s}_handler(PG_FUNCTION_ARGS)
{
	return mo_engine_handler(&mo_${s}_connector);
}

Datum
mo_${s}_validator(PG_FUNCTION_ARGS)
{
	mo_engine_validate(&mo_${s}_connector, PG_GETARG_DATUM(0), PG_GETARG_OID(1));
	PG_RETURN_VOID();
}
END
	done
	cat <<'END'

const ConnectorEntry mo_connectors[] = {
END
	for s in "$@"; do
		echo "	{&mo_${s}_connector, mo_${s}_handler},"
	done
	echo '	{NULL, NULL}};'
	;;
sql)
	for s in "$@"; do
		cat <<END
CREATE FUNCTION momentum.${s}_fdw_handler() RETURNS fdw_handler
    LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'mo_${s}_handler';
COMMENT ON FUNCTION momentum.${s}_fdw_handler() IS 'Handler of the foreign data wrapper ${s}_fdw.';
CREATE FUNCTION momentum.${s}_fdw_validator(options text[], catalog oid) RETURNS void
    LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'mo_${s}_validator';
COMMENT ON FUNCTION momentum.${s}_fdw_validator(text[], oid) IS 'Checks the options of ${s}_fdw: names, places, values.';
CREATE FOREIGN DATA WRAPPER ${s}_fdw
    HANDLER momentum.${s}_fdw_handler VALIDATOR momentum.${s}_fdw_validator;
COMMENT ON FOREIGN DATA WRAPPER ${s}_fdw IS 'Reads the service ${s} over HTTP.';
END
	done
	;;
esac
