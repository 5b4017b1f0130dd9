#!/bin/sh
# SPDX-License-Identifier: MIT
# The device library takes nothing but memcpy and libm from outside: no heap,
# no stdio, and not one byte of .data or .bss.
#
# usage: tests/check_device.sh LIBTINYINFER_A

library=${1:?usage: tests/check_device.sh LIBTINYINFER_A}
passed=0 failed=0

if nm -u "$library" | grep -qE '__(asan|ubsan)_'; then
    echo "SKIPPED: the library is instrumented by a sanitizer"
    echo "0 passed, 0 failed, 2 skipped"
    exit 0
fi
allowed='memcpy|memset|memmove|tin_[a-z0-9_]*|_GLOBAL_OFFSET_TABLE_'
allowed="$allowed|expf|tanhf|roundf|floorf|fabsf|sqrtf|logf|powf|fmodf"
extra=$(nm -u "$library" | awk '$1 == "U" { print $2 }' |
    grep -vxE "$allowed|__(aeabi|gnu|stack_chk|x86)[a-z0-9_.]*" | sort -u)
if [ -z "$extra" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAILED: undefined symbols:" $extra
fi
stateful=$(size "$library" | awk 'NR > 1 && ($2 != 0 || $3 != 0) { print $6 }')
if [ -z "$stateful" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAILED: .data or .bss in" $stateful
fi
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
