#!/usr/bin/env bash
# Builds and airs the demo county; Ctrl-C ends it. Harmless to repeat: each time begins a log of its own, and the demo
# before it is kept once. 编译并播演示节目，Ctrl-C 结束；每次都从新的播发记录开始，上一次的保留一份。
#
#   scripts/run-demo.sh            takes the sound card if there is one
#   scripts/run-demo.sh card       takes the sound card
#   scripts/run-demo.sh no-card    takes recordings for all three villages
set -euo pipefail

export PATH="$PATH:$HOME/.cargo/bin"

demo=target/demo
before=target/demo.before
state=$demo/state
dalaba=${CARGO_TARGET_DIR:-target}/debug/dalaba

say() { printf '%s\n' "$*" >&2; }

# Whether this account may play on a card: in a container or over SSH there may be none, or not for us.
has_card() {
    local device
    for device in /dev/snd/pcmC*p; do
        [ -w "$device" ] && return
    done
    return 1
}

# Whether `default` leads to a sound server, as on a desktop: the server, and ALSA's way to it.
has_server() {
    local socket bridge
    for socket in "${PULSE_SERVER:-}" "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/pulse/native"; do
        [ -S "${socket#unix:}" ] || continue
        for bridge in /usr/lib/*/alsa-lib/libasound_module_pcm_{pulse,pipewire}.so; do
            [ -e "$bridge" ] && return
        done
    done
    return 1
}

chosen=${1:-}
case "$chosen" in
    card | no-card) ;;
    "") if has_card || has_server; then chosen=card; else chosen=no-card; fi ;;
    *)
        say "usage: scripts/run-demo.sh [card|no-card]"
        exit 2
        ;;
esac

"$(dirname "$0")/setup.sh" run

say "正在编译，第一次要几分钟 / building; the first time takes some minutes"
cargo build --locked

if [ -e "$state/lock" ] && ! flock --nonblock "$state/lock" true; then
    say "演示已经在另一个窗口里运行 / the demo is already running in another window"
    exit 1
fi
# A demo that was off for a day would first write thousands of missed airings into its log.
if [ -d "$demo" ]; then
    rm -rf "$before"
    mv "$demo" "$before"
fi

say
case "$chosen" in
    card)
        config=config/demo/station.toml
        say "赵家庄：这台机器的声卡 / this machine's sound card"
        say "        （听不到？ / nothing heard?  scripts/run-demo.sh no-card）"
        ;;
    no-card)
        config=config/demo/station-no-card.toml
        say "没有可用的声卡，三个村都写成录音 / no sound card to use: all three villages on recordings"
        say "赵家庄：$demo/赵家庄.wav"
        ;;
esac
say "李家村：$demo/李家村.wav"
say "王家沟：$demo/王家沟.wav"
say "播发记录 / as-run log:  $dalaba log --follow --state $state"
say "说一句话 / say a word:  $dalaba say '乡亲们好!' --station '*' --state $state"
say "结束 / end:  Ctrl-C"
say
exec "$dalaba" run --config "$config" --state "$state"
