#!/usr/bin/env bash
# Installs what is missing to build, run or test dalaba on Debian and Ubuntu; says what it does; harmless to repeat.
# 安装编译、运行、测试所缺的软件包；装之前会说明；可以反复运行。
#
#   scripts/setup.sh run     what `make run` needs
#   scripts/setup.sh test    what `make test` needs besides
set -euo pipefail

oldest_rust=1.91

build=(gcc libc6-dev pkg-config libasound2-dev libespeak-ng-dev libclang-dev libopus-dev)
voice=(espeak-ng-data)
judges=(espeak-ng pulseaudio pulseaudio-utils libasound2-plugins alsa-utils ffmpeg sox libsox-fmt-mp3 systemd strace
    udev iproute2 util-linux procps postgresql haproxy libxml2-utils
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good icecast2 snapserver snapclient)

say() { printf '%s\n' "$*" >&2; }

case "${1:-}" in
    run) wanted=("${build[@]}" "${voice[@]}") ;;
    test) wanted=("${build[@]}" "${voice[@]}" "${judges[@]}") ;;
    *)
        say "usage: scripts/setup.sh run|test"
        exit 2
        ;;
esac

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
    local package
    for package in "${wanted[@]}"; do
        is_installed "$package" || printf '%s\n' "$package"
    done
}

install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "请用 root 运行 / as root, run:  apt-get install $*"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "正在安装缺少的软件包 / installing what is missing: $*"
    # An index that is old, or from which one source is gone, may still do.
    "${as_root[@]}" apt-get update -qq || say "apt-get update 失败，继续尝试 / failed, going on"
    # --no-remove: on a desktop with PipeWire, PulseAudio must not push it out.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends --no-remove "$@" >&2
}

check_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "不是 Debian/Ubuntu，请自行安装相当于下列的软件包 / not Debian or Ubuntu, please install the like of: ${wanted[*]}"
        return
    fi
    local missing
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" -gt 0 ]; then
        install_packages "${missing[@]}"
    fi
}

# Whether version $1 is at least $2.
is_at_least() {
    [ "$(printf '%s\n' "$2" "$1" | sort --version-sort | head -n 1)" = "$2" ]
}

check_rust() {
    local have=""
    if command -v cargo >/dev/null; then
        have=$(cargo --version | cut -d ' ' -f 2)
        if is_at_least "${have%%-*}" "$oldest_rust"; then
            return
        fi
    fi
    say "需要 Rust $oldest_rust 或更新，这里：${have:-没有安装}。请运行："
    say "Rust $oldest_rust or newer is needed; here: ${have:-none}. Please run:"
    say "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . \"\$HOME/.cargo/env\""
    say "（国内镜像 / mirror in China: export RUSTUP_DIST_SERVER=https://rsproxy.cn RUSTUP_UPDATE_ROOT=https://rsproxy.cn/rustup）"
    exit 1
}

check_packages
check_rust
