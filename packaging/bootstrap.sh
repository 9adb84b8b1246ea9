#!/usr/bin/env bash
# Make the virtual environment at $1 with the best Python on this machine.
set -euo pipefail
venv=$1

usable() {
  "$1" -c 'import ensurepip, sqlite3, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1
}

# A distribution's own build comes first: it is optimised, self-built ones often run at half its speed.
candidates="${PYTHON:-} /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11 /usr/bin/python3.14 python3.13 python3.12 python3.11 python3.14 python3"
for python in $candidates; do
  if usable "$python"; then
    echo "Using $("$python" --version) ($python)"
    exec "$python" -m venv "$venv"
  fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Python from Debian"
  apt-get update -qq && apt-get install -y -qq python3 python3-venv >/dev/null
  if usable /usr/bin/python3; then exec /usr/bin/python3 -m venv "$venv"; fi
fi
echo "BillDesk needs Python 3.11 to 3.14 with the venv module (Debian, Ubuntu: sudo apt install python3 python3-venv)." >&2
exit 1
