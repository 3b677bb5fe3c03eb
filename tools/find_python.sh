#!/usr/bin/env bash
# Prints the path of a Python 3.11 to 3.13 ("main") or 3.10 ("nlu") that really runs and can make environments.
# Candidates are run, not only found: pyenv's shims and Debian's Python without venv are found but do not work.
set -uo pipefail

case "${1:-}" in
main)
    override="${SILVI_PYTHON:-}"
    test_code='(3, 11) <= sys.version_info < (3, 14)'
    names=(python3.11 python3 python3.12 python3.13)
    pyenv_patterns=('3.11.*' '3.12.*' '3.13.*')
    uv_versions=(3.11 3.12)
    ;;
nlu)
    override="${SILVI_PYTHON310:-}"
    test_code='sys.version_info[:2] == (3, 10)'
    names=(python3.10)
    pyenv_patterns=('3.10.*')
    uv_versions=(3.10)
    ;;
*)
    echo "usage: $0 main|nlu" >&2
    exit 2
    ;;
esac

try() {
    "$1" -c "import sys, ensurepip, venv; ok = $test_code; print(sys.executable) if ok else None; sys.exit(not ok)" \
        2>/dev/null
}

if [ -n "$override" ]; then
    try "$override" && exit 0
    echo "Python yang Anda pilih ($override) tidak bisa dipakai: versinya lain, atau tanpa venv." >&2
    exit 1
fi
for name in "${names[@]}"; do
    while IFS= read -r path; do
        try "$path" && exit 0
    done < <(type -aP "$name")
done
for root in "${PYENV_ROOT:-}" "$HOME/.pyenv"; do
    for pattern in "${pyenv_patterns[@]}"; do
        for path in "$root"/versions/$pattern/bin/python; do
            [ -x "$path" ] && try "$path" && exit 0
        done
    done
done
if command -v uv >/dev/null; then
    for version in "${uv_versions[@]}"; do
        path="$(uv python find "$version" 2>/dev/null)" && try "$path" && exit 0
    done
fi

if [ "$1" = main ]; then
    cat >&2 <<'TEXT'
Python 3.11, 3.12, atau 3.13 yang lengkap belum ada di komputer ini. Di Debian atau Ubuntu:
    sudo apt install python3 python3-venv
Setelah itu jalankan lagi perintah yang sama.
TEXT
else
    cat >&2 <<'TEXT'
Python 3.10 belum ada di komputer ini. Rasa (bagian yang memahami pesan) hanya berjalan di Python 3.10.
Pasang dengan salah satu cara ini:
    uv python install 3.10        (uv: https://docs.astral.sh/uv/)
    pyenv install 3.10            (pyenv: https://github.com/pyenv/pyenv)
    sudo apt install python3.10 python3.10-venv      (Ubuntu 22.04)
Setelah itu jalankan lagi perintah yang sama; langkah yang sudah selesai tidak diulang.
TEXT
fi
exit 1
