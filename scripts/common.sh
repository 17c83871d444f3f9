# Sourced by every script here: where things are, and who runs the server.
#
#   ROOT  the project's folder
#   RUN   what running needs: clusters, sockets, logs.  Outside the project,
#         because a server started by root runs as another user, who may not
#         look below /root, and because a socket's path has to be short.
#         build/NAME is a link to RUN/NAME.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
RUN=${MOMENTUM_RUN:-/var/tmp/momentum-$(id -u)-$(printf '%s' "$ROOT" | sha256sum | cut -c1-8)}
PYTHON=/usr/bin/python3
: "${PG_CONFIG:=pg_config}"

# The caller's own connection settings must not lead us to another server.
for name in $(compgen -e PG); do
    case $name in
        PG_*) ;;
        *) unset "$name" ;;
    esac
done
umask 022
export LC_ALL=C.UTF-8 TZ=UTC

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The user the server runs as: PostgreSQL refuses root.
server_user() {
    if [ "$(id -u)" -eq 0 ]; then echo postgres; else id -un; fi
}

# Run a command as that user, from a folder it may stand in.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        (cd / && "$@")
    fi
}

# A folder only we can have made, and its link below build/.
make_run_dir() {
    local dir
    for dir in "$RUN" "$RUN/$1"; do
        mkdir -m 755 "$dir" 2>/dev/null || [ -d "$dir" ] || die "could not make the folder $dir"
        [ "$(stat -c %u "$dir")" -eq "$(id -u)" ] && [ ! -L "$dir" ] ||
            die "the folder $dir belongs to somebody else"
    done
    mkdir -p "$ROOT/build"
    ln -sfn "$RUN/$1" "$ROOT/build/$1"
}

# A folder inside it that the server's user writes to and others cannot read.
make_server_dir() {
    mkdir -p "$1"
    chmod 700 "$1"
    chown "$(server_user)" "$1"
}

pg_bin() { "$PG_CONFIG" --bindir; }
