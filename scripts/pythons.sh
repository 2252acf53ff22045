#!/bin/sh
# Finds Pythons of 3.11 or newer that run and can make virtual environments.
#
#   pythons.sh default   one command: python3 if it is new enough, else the newest found
#   pythons.sh all       one line for each minor version found, "3.12 /path/to/python3.12", oldest first
#
# A name on PATH proves nothing (pyenv's shims exist for versions that are switched off), so each is tried.

set -u

usable='import sys, ensurepip, venv
if sys.version_info < (3, 11) or sys.implementation.name != "cpython":
    raise SystemExit(1)
print("%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.executable))'

try() {
    "$1" -c "$usable" 2>/dev/null
}

# Where pyenv keeps its versions: as told, beside its shims on PATH, or at home.
pyenv_roots() {
    [ -z "${PYENV_ROOT:-}" ] || echo "$PYENV_ROOT"
    echo "$PATH" | tr ':' '\n' | sed -n 's,/shims/*$,,p'
    [ -z "${HOME:-}" ] || echo "$HOME/.pyenv"
}

candidates() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        echo "$name"
    done
    pyenv_roots | while read -r root; do
        for path in "$root"/versions/3.*/bin/python3; do
            [ ! -x "$path" ] || echo "$path"
        done
    done
}

case "${1:-}" in
default)
    candidates | while read -r candidate; do
        if found=$(try "$candidate"); then
            echo "${found#* }"
            break
        fi
    done
    ;;
all)
    candidates | while read -r candidate; do try "$candidate"; done | sort -t. -k2,2n -s | awk '!seen[$1]++'
    ;;
*)
    echo "usage: pythons.sh default|all" >&2
    exit 2
    ;;
esac
