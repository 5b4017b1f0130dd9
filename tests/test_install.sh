#!/bin/sh
# SPDX-License-Identifier: MIT
# A user's program builds against an installed copy, found with pkg-config:
# one that runs a network compiled to C, and one that loads a model file.
#
# usage: tests/test_install.sh TOOL

tool=${1:?usage: tests/test_install.sh TOOL}
build=$(dirname "$tool")
model=examples/mnist/mnist_int8.tflite
passed=0 failed=0

if ! command -v pkg-config >/dev/null; then
    echo "SKIPPED: pkg-config is not installed"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # WHAT COMMAND...
    what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        tail -n 10 "$work/log"
    fi
}

make --no-print-directory -s BUILD="$build" PREFIX=/usr/local \
    DESTDIR="$work/root" install >"$work/log" 2>&1 || cat "$work/log"
export PKG_CONFIG_PATH="$work/root/usr/local/lib/pkgconfig"
export PKG_CONFIG_SYSROOT_DIR="$work/root"
# shellcheck disable=SC2046 # a list of words
flags() { pkg-config --cflags --libs "$1"; }

cat >"$work/device.c" <<'END'
#include "digits.h"
#include <stdio.h>

static uint8_t arena[DIGITS_ARENA_BYTES];

int main(void)
{
    tin_net net;

    if (tin_net_open(&net, &digits_model, arena, sizeof arena, NULL))
        return 1;
    for (int i = 0; i < DIGITS_INPUT_BYTES; i++)
        digits_input(&net)[i] = -128;
    tin_net_run(&net);
    return printf("%d\n", digits_output(&net)[0]) < 0;
}
END
cat >"$work/host.c" <<'END'
#include <tinyinfer_compiler.h>
#include <stdio.h>

int main(void)
{
    tin_pool *pool = tin_pool_new();
    const tin_program *program;
    tin_diag diag = {0};
    int refused = tin_compile(pool, "no model", 8, NULL, &program, &diag) < 0;

    puts(diag.message);
    tin_pool_free(pool);
    return !refused;
}
END

check "the installed tool compiles a model" \
    "$work/root/usr/local/bin/tinyinfer" compile $model --name digits -o "$work"
# shellcheck disable=SC2046
check "a firmware-like program links" ${CC:-cc} -std=c99 -I"$work" \
    "$work/device.c" "$work/digits.c" $(flags tinyinfer) -o "$work/device"
check "and runs" "$work/device"
# shellcheck disable=SC2046
check "a host program links" ${CC:-cc} -std=c99 "$work/host.c" \
    $(flags tinyinfer-compiler) -o "$work/host"
check "and runs" "$work/host"
# shellcheck disable=SC2046
check "the example links" ${CC:-cc} -std=c99 examples/classify.c \
    $(flags tinyinfer-compiler) -o "$work/classify"
"$work/classify" missing.tflite </dev/null 2>"$work/err"
check "and names a file that it cannot open" \
    grep -q '^missing.tflite: ' "$work/err"
make --no-print-directory -s BUILD="$build" PREFIX=/usr/local \
    DESTDIR="$work/root" uninstall >/dev/null 2>&1
check "uninstall leaves no file" \
    test -z "$(find "$work/root" -type f)"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
