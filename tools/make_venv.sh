#!/usr/bin/env bash
# Makes the environment FOLDER with a Python for PURPOSE (main or nlu) and installs what pip is told to.
# An environment that already works is kept, so that an interrupted installation goes on where it stopped.
# usage: make_venv.sh FOLDER PURPOSE PIP_ARGUMENTS...
set -euo pipefail
folder="$1" purpose="$2"
shift 2

if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$folder"
    "$("$(dirname "$0")/find_python.sh" "$purpose")" -m venv "$folder"
fi
exec "$folder/bin/python" -m pip install --disable-pip-version-check --progress-bar off "$@"
