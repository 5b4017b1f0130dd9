#!/bin/sh
# SPDX-License-Identifier: MIT
# The golden vectors on 32-bit x86 and on a Cortex-A57: the whole compiler
# runs there, not only the kernels.
#
# usage: tests/test_cross.sh TOOL

build=$(dirname "${1:?usage: tests/test_cross.sh TOOL}")
passed=0 failed=0 skipped=0

try() { # TARGET COMPILER EMULATOR...
    target=$1 compiler=$2
    shift 2
    if ! command -v "$compiler" >/dev/null || ! command -v "$1" >/dev/null; then
        skipped=$((skipped + 1))
        echo "SKIPPED: $target: needs $compiler and $1"
        return
    fi
    out=$(make --no-print-directory -s BUILD="$build" TARGET="$target" \
        firmware-vectors 2>&1 &&
        "$@" "$build/firmware/$target/vectors" tests/vectors/*.vec)
    line=$(echo "$out" | tail -n 1)
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
    f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
    echo "$target: ${line:-nothing ran}"
    [ "${f:-1}" = 0 ] || echo "$out" | head -n 20
}

try i686 i686-linux-gnu-gcc env
try a57 aarch64-linux-gnu-gcc qemu-aarch64 -cpu cortex-a57
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
