# What the `run` scripts of the examples share; they source it. It builds what an example needs and starts a gateway for it.
# OPENCLAW_MODEL names the model (echo if absent); GATEWAY a gateway that is built already; EXAMPLES_READY=1 says that the SDKs are.
# shellcheck shell=bash
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
target="$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")"
export OPENCLAW_MODEL="${OPENCLAW_MODEL:-echo}"
started=()
trap 'stop_all' EXIT
trap 'exit 130' INT TERM

# need SDK: builds and installs the SDK of a language (python, node, go), unless that was done.
need() {
    test -n "${EXAMPLES_READY:-}" || "$root/scripts/need-$1" >&2
}

# need_gateway: builds the program `openclaw` as `make run` does, and puts its path into `gateway`.
need_gateway() {
    gateway="${GATEWAY:-$target/release/openclaw}"
    test -n "${GATEWAY:-}" || "${CARGO:-cargo}" build -q --release -p openclaw --manifest-path "$root/Cargo.toml"
}

# start LOG PROGRAM…: runs it until the example ends, and gives the first line that it prints in `line`, within 30 seconds.
start() {
    local log="$1"
    shift
    mkdir -p "$(dirname "$log")"
    : >"$log"
    "$@" >"$log" 2>"$log.err" &
    started+=($!)
    for _ in $(seq 300); do
        if test "$(wc -l <"$log")" -gt 0; then
            line="$(head -n 1 "$log")"
            return
        fi
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    cat "$log.err" >&2
    echo "$1 did not start" >&2
    exit 1
}

# start_gateway NAME CONFIG: starts a gateway of the example's own on a free port, its data new, and tells the SDKs where it is.
start_gateway() {
    need_gateway
    export OPENCLAW_HOME="$target/examples/$1"
    export OPENCLAW_API_KEY="${OPENCLAW_API_KEY:-example-key-$RANDOM$RANDOM$RANDOM}"
    export OPENCLAW_CONFIG="$2"
    mkdir -p "$OPENCLAW_HOME"
    rm -f "$OPENCLAW_HOME"/openclaw.db*
    start "$OPENCLAW_HOME/gateway.log" "$gateway" serve
    OPENCLAW_BASE_URL="$(grep -o 'http://[^ ]*' <<<"$line" | head -n 1)"
    export OPENCLAW_BASE_URL
}

# find_gateway NAME: the gateway of OPENCLAW_BASE_URL, if that is set; else starts one with gateway.yaml.
find_gateway() {
    test -n "${OPENCLAW_BASE_URL:-}" || start_gateway "$1" "$root/examples/gateway.yaml"
}

stop_all() {
    local status=$?
    for process in ${started[@]+"${started[@]}"}; do
        kill "$process" 2>/dev/null || true
    done
    wait
    exit "$status"
}
