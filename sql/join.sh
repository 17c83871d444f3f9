#!/bin/sh
# Joins the numbered parts into the extension's script:
#   join.sh VERSION SERVICE...
# The plain files of sql/model/ become the body of one function, which
# momentum.setup() calls.  No part may contain the tag $momentum_model$.
set -eu
version=$1
shift
cd "$(dirname "$0")"
printf '%s\n' "\\echo Use \"CREATE EXTENSION momentum\" to load this file. \\quit" ''
for part in [0-9]*.sql; do
	[ -f "$part" ] && cat "$part" && echo
done
sh ../fdw/generate.sh sql "$@"
cat <<END

CREATE FUNCTION momentum._create_model() RETURNS void
    LANGUAGE plpgsql AS \$momentum_body\$
BEGIN
    EXECUTE \$momentum_model\$
END
for part in model/[0-9]*.sql; do
	[ -f "$part" ] && cat "$part" && echo
done
cat <<'SQL'
$momentum_model$;
END
$momentum_body$;
COMMENT ON FUNCTION momentum._create_model() IS 'Creates the tables and views of the model; called by momentum.setup().';
REVOKE ALL ON FUNCTION momentum._create_model() FROM PUBLIC;
SQL
