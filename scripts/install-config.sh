#!/usr/bin/env bash
# Copies the shipped configuration to the folder named, and leaves alone whatever is there already.
set -euo pipefail

to=${1:?name the folder, such as /etc/dalaba}

for from in config/station.toml config/lexicon.toml config/schema broadcasts audio; do
    [ -e "$from" ] || continue
    find "$from" -type f -print0 | while IFS= read -r -d '' file; do
        if [ -e "$to/$file" ]; then
            echo "保留 / kept: $to/$file"
        else
            install -D -m 664 "$file" "$to/$file"
        fi
    done
done
