#!/bin/sh
# SPDX-License-Identifier: MIT
# The golden vectors on 32-bit x86, on a Cortex-A57 and on a bare Cortex-M4: the
# whole compiler runs there, not only the kernels.
#
# usage: tests/test_cross.sh TOOL

tool=${1:?usage: tests/test_cross.sh TOOL}
build=$(dirname "$tool")
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
        firmware-vectors 2>&1 && "$@")
    line=$(echo "$out" | tail -n 1)
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
    f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
    echo "$target: ${line:-nothing ran}"
    echo "$out" | grep '^SKIPPED'
    [ "${f:-1}" = 0 ] || echo "$out" | head -n 20
}

words=$(printf ',arg=%s' tests/vectors/*.vec)
try i686 i686-linux-gnu-gcc env "$build/firmware/i686/vectors" \
    tests/vectors/*.vec
try a57 aarch64-linux-gnu-gcc qemu-aarch64 -cpu cortex-a57 \
    "$build/firmware/a57/vectors" tests/vectors/*.vec
try m4 arm-none-eabi-gcc timeout 1500 qemu-system-arm -M mps2-an386 \
    -display none -monitor none -serial null -semihosting-config \
    "enable=on,target=native,arg=vectors$words" \
    -kernel "$build/firmware/m4/vectors"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
