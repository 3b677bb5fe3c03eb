#!/usr/bin/env bash
# The browser tests need Chromium: takes the one that is there, else installs Debian's.
set -euo pipefail

command -v chromium >/dev/null && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then as_root=(none); else as_root=(sudo); fi
fi
if [ "${as_root[*]:-}" = none ] || ! command -v apt-get >/dev/null; then
    echo "Tes memerlukan peramban Chromium. Pasang dulu, misalnya: sudo apt install chromium" >&2
    exit 1
fi
"${as_root[@]}" apt-get update
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y --no-install-recommends chromium
