#!/bin/sh
# SPDX-License-Identifier: MIT
# Every ISA variant against the portable kernel, on each core that has it.
#
# usage: tests/test_variants.sh TOOL

tool=${1:?usage: tests/test_variants.sh TOOL}
build=$(dirname "$tool")
passed=0 failed=0 skipped=0

try() { # TARGET BOARD [OPTIMIZATION]
    objects=$build${3:+/variants$3} flags="${3:--O2}"
    if ! command -v arm-none-eabi-gcc >/dev/null ||
        ! command -v qemu-system-arm >/dev/null; then
        skipped=$((skipped + 1))
        echo "SKIPPED: $1: needs arm-none-eabi-gcc and qemu-system-arm"
        return
    fi
    out=$(make --no-print-directory -s BUILD="$objects" TARGET="$1" variants \
        FW_CFLAGS="$flags -ffunction-sections -fdata-sections" 2>&1 &&
        timeout 300 sh examples/firmware/run.sh "$1" "$2" \
            "$objects/firmware/$1/variants.elf" 2>&1)
    line=$(echo "$out" | tail -n 1)
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
    f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
    echo "$1${3:+ $3}: ${line:-nothing ran}"
    echo "$out" | grep -E 'FAILED|warning|rror' | head -n 20
}

try m3 mps2
try m4 mps2
try m4 mps2 -Os # assembly must not depend on where compilers place it
try m7 mps2
try m33 mps2-an505
try m55 mps3-an547
try m55 mps3-an547 -Os
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
