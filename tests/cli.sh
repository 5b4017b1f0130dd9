# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What tests of a command share: counts, and the command as its user meets it.
# Sourced by a test whose function `tested` is the command.

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); }
skip() { skipped=$((skipped + 1)) && echo "SKIPPED: $1"; }
fail() {
    failed=$((failed + 1))
    echo "FAILED: $1"
    cut -c 1-110 "$tmp/out" "$tmp/err" | sed 's/^/    /' | head -n 12
}

# Runs the command with the arguments; status, out and err tell what it did.
use() {
    tested "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
}

# STATUS TEXT ARGUMENT...: ends so, says TEXT in one line, and nothing else.
refuses() {
    want=$1 text=$2
    shift 2
    use "$@"
    if [ $status = "$want" ] && [ ! -s "$tmp/out" ] &&
        [ "$(wc -l <"$tmp/err")" = 1 ] && grep -qF -e "$text" "$tmp/err" &&
        grep -q '^tinyinfer' "$tmp/err"; then
        pass
    else
        fail "$* (status $status, wanted $want and '$text')"
    fi
}

# STATUS TEXT ARGUMENT...: ends so, prints TEXT, and complains of nothing.
ends() {
    want=$1 text=$2
    shift 2
    use "$@"
    if [ $status = "$want" ] && [ ! -s "$tmp/err" ] &&
        grep -qF -e "$text" "$tmp/out"; then
        pass
    else
        fail "$* (status $status, wanted $want and '$text')"
    fi
}

# TEXT ARGUMENT...: succeeds, prints TEXT, and has nothing to complain about.
shows() { ends 0 "$@"; }

# WHAT COMMAND...: the command succeeds.
holds() {
    what=$1
    shift
    if "$@" >/dev/null 2>&1; then pass; else fail "$what"; fi
}

# FILE: one JSON value, by its grammar: strings and other scalars become one
# letter, then the innermost arrays and objects do, until one letter is left.
is_json() {
    tr -d '\n' <"$1" | sed -E '
        s/"([^"\\]|\\["\\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/s/g
        s/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/v/g
        s/true|false|null/v/g
        s/ //g
        :again
        s/\[([sv](,[sv])*)?\]/v/g
        s/\{(s:[sv](,s:[sv])*)?\}/v/g
        t again' | grep -qx v
}

# The last line of a test, for run.sh; fails if anything did.
finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed = 0 ]
}
