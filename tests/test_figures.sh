#!/bin/sh
# SPDX-License-Identifier: MIT
# Networks run in exactly the bytes of their arenas, between guards, and every
# layer gives the same CRC with all tensors resident, row by row and with the
# input streamed, on this machine and on a Cortex-M4: the shared int8 networks,
# if they are there, and two that are too large to ship, made here by Keras,
# whose arenas are no larger than stated.
#
# usage: tests/test_figures.sh TOOL
#
# TIN_SHARED    default ../shared
# TIN_PYTHON    a Python that has tensorflow; default python3

tool=${1:?usage: tests/test_figures.sh TOOL}
build=$(dirname "$tool")
work=$build/figures
python=${TIN_PYTHON:-python3}
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED: $*"; }
skip() { skipped=$((skipped + 1)); echo "SKIPPED: $*"; }

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed = 0 ]
    exit
}

# arena_within BYTES MODEL [FLAG...]
arena_within() {
    most=$1
    shift
    bytes=$("$tool" inspect --json "$@" |
        sed -n 's/^  "arena_bytes": \([0-9]*\),$/\1/p')
    echo "$*: ${bytes:-no} bytes"
    if [ "${bytes:-$((most + 1))}" -le "$most" ]; then
        pass
    else
        fail "$*: the arena takes more than $most bytes"
    fi
}

# run TARGET MODEL FLAGS: the CRCs of all layers, in any order
run() {
    dir=$work/$1
    board=
    [ "$1" != m4 ] || board=mps2
    make --no-print-directory -s BUILD="$build" firmware TARGET="$1" \
        MODEL="$2" BOARD="$board" FW_DIR="$dir" FLAGS="$3" \
        FW_SOURCES="tests/networks/guarded.c $(
            [ "$board" ] && echo examples/firmware/semihost.c \
                examples/firmware/startup.c ||
                echo examples/firmware/hosted.c
        )" >"$work/make.log" 2>&1 || {
        echo "does not build: $(tail -n 1 "$work/make.log")"
        return
    }
    timeout 600 sh examples/firmware/run.sh "$1" "$board" "$dir/image.elf" \
        >"$work/run.txt" 2>&1 || echo "fails: $(tail -n 1 "$work/run.txt")"
    awk 'NF >= 3 { crc[$2] = $3 } NF < 3
        END { for (i in crc) print crc[i] }' "$work/run.txt" | sort
}

# same TARGET MODEL FLAGS: the layers are those of want.crc
same() {
    run "$1" "$2" "$3" >"$work/got.crc"
    if cmp -s "$work/want.crc" "$work/got.crc"; then
        pass
    else
        fail "$2 on $1 $3"
        diff "$work/want.crc" "$work/got.crc" | head -n 3
    fi
}

check_model() { # MODEL
    run gcc "$1" --resident >"$work/want.crc"
    if [ "$(wc -l <"$work/want.crc")" -lt 10 ]; then
        fail "$1 resident: $(cat "$work/want.crc")"
        return
    fi
    same gcc "$1" ''
    same gcc "$1" --stream-input
    if ! command -v arm-none-eabi-gcc >/dev/null ||
        ! command -v qemu-system-arm >/dev/null; then
        skip "$1: needs arm-none-eabi-gcc and qemu-system-arm"
        return
    fi
    same m4 "$1" '--target generic'
    same m4 "$1" '--target generic --stream-input'
    same m4 "$1" --stream-input # its own kernels
}

mkdir -p "$work"
for name in ad_autoencoder kws_dscnn ic_resnet8 vww_mobilenet; do
    model=${TIN_SHARED:-../shared}/models/${name}_int8.tflite
    if [ -e "$model" ]; then
        check_model "$model"
    else
        skip "$model is not here"
    fi
done
if ! "$python" -c 'import tensorflow' >/dev/null 2>&1; then
    skip "$python has no tensorflow: set TIN_PYTHON to one that has"
    finish
fi
if ! "$python" tests/networks/make_figures.py "$work" >"$work/make.log" 2>&1
then
    fail "make_figures.py: $(tail -n 1 "$work/make.log")"
    finish
fi
cifar10=$work/cifar10_int8.tflite
mobilenetv2=$work/mobilenetv2_int8.tflite
arena_within 13318 "$cifar10"
arena_within 13318 "$cifar10" --stream-input
arena_within 198924 "$mobilenetv2"
arena_within 119442 "$mobilenetv2" --stream-input
check_model "$cifar10"
check_model "$mobilenetv2"
finish
