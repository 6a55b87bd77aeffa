#!/usr/bin/env bash
# Runs every test and ends with one line that counts them.
set -euo pipefail

log=target/test.log
mkdir -p target
began=$SECONDS
status=0

if cargo nextest --version >/dev/null 2>&1; then
    runner=nextest
    { cargo nextest run --locked --no-fail-fast && cargo test --locked --doc; } 2>&1 | tee "$log" || status=$?
else
    runner=cargo
    cargo test --locked --no-fail-fast 2>&1 | tee "$log" || status=$?
fi

# Both write `N passed` and `N failed` in their summaries: cargo one a program, nextest one in all.
sum() {
    sed 's/\x1b\[[0-9;]*m//g' "$log" | { grep -E '^(test result:|[[:space:]]*Summary)' || true; } |
        { grep -oE "[0-9]+ $1" || true; } | awk '{ total += $1 } END { print total + 0 }'
}

echo
echo "make test ($runner): $(sum passed) passed, $(sum failed) failed, in $((SECONDS - began)) s"
exit "$status"
