#!/usr/bin/env bash
# Runs one step of the set-up and shows that it is alive: what it does, which of how many, how long it usually takes.
# usage: step.sh NUMBER/TOTAL "WHAT" "USUAL TIME" LOG COMMAND...
set -uo pipefail
number="$1" what="$2" usual="$3" log="$4"
shift 4

mkdir -p "$(dirname "$log")"
echo "[$number] $what (biasanya $usual)"
started=$SECONDS

set -m # the command gets a process group of its own, so that an interrupted step leaves nothing running
"$@" >"$log" 2>&1 </dev/null &
child=$!
set +m
trap 'kill -- "-$child" 2>/dev/null; wait "$child" 2>/dev/null; echo; echo "Dihentikan. Jalankan lagi perintah yang sama untuk melanjutkan."; exit 130' INT TERM

# Every 10 seconds a line with the elapsed time and what is being worked on.
while kill -0 "$child" 2>/dev/null; do
    sleep 1
    elapsed=$((SECONDS - started))
    if [ "$elapsed" -gt 0 ] && [ $((elapsed % 10)) -eq 0 ] && kill -0 "$child" 2>/dev/null; then
        doing="$(tr '\r' '\n' <"$log" | grep -vE '^[[:space:]]*$|WARNING|Warning|already satisfied|ninstall' | tail -n 1 |
            sed -E 's/\x1b\[[0-9;]*m//g; s/^.* - (Starting|Finished|Restored)/\1/' | cut -c1-90)"
        echo "[$number] ... ${elapsed} detik  ${doing}"
    fi
done

wait "$child"
status=$?
if [ "$status" -ne 0 ]; then
    echo "[$number] GAGAL setelah $((SECONDS - started)) detik. Baris terakhir dari $log:"
    tail -n 30 "$log"
    echo "Perbaiki sebabnya, lalu jalankan lagi perintah yang sama: langkah yang sudah selesai tidak diulang."
    exit "$status"
fi
echo "[$number] selesai dalam $((SECONDS - started)) detik"
