#!/bin/sh
# SPDX-License-Identifier: MIT
# The same bytes on every CPU: builds the firmware example for each target,
# runs it natively or under QEMU, and compares a CRC of every layer's output
# on several inputs with those of this machine, and those of the first input
# with `tinyinfer run --layers`. The cores with kernels of their own also run
# what --optimize speed makes, and one of them what --stream-input makes.
#
# usage: tests/test_firmware.sh BUILD [MODEL...]

build=${1:?usage: tests/test_firmware.sh BUILD [MODEL...]}
shift
shared=${TIN_SHARED:-../shared}
samples=3
passed=0 failed=0 skipped=0

if [ $# -eq 0 ]; then
    set -- examples/mnist/mnist_int8.tflite
    for name in ad_autoencoder kws_dscnn ic_resnet8 vww_mobilenet; do
        model=$shared/models/${name}_int8.tflite
        if [ -e "$model" ]; then
            set -- "$@" "$model"
        else
            echo "SKIPPED: $name: no $model"
            skipped=$((skipped + 1))
        fi
    done
fi

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED: $*"; }
skip() { skipped=$((skipped + 1)); echo "SKIPPED: $*"; }

# What a target needs on this machine.
compiler_of() {
    case $1 in
    m*) echo arm-none-eabi-gcc ;;
    a57) echo aarch64-linux-gnu-gcc ;;
    i686) echo i686-linux-gnu-gcc ;;
    *) echo "$1" ;;
    esac
}
emulator_of() {
    case $1 in
    m*) echo qemu-system-arm ;;
    a57) echo qemu-aarch64 ;;
    *) echo sh ;;
    esac
}
board_of() {
    case $1 in
    m0 | m3 | m4 | m7) echo mps2 ;;
    m33) echo mps2-an505 ;;
    m55) echo mps3-an547 ;;
    esac
}

# image TARGET MODEL [BOARD]: builds it, prints its path
image() {
    make --no-print-directory -s BUILD="$build" firmware TARGET="$1" \
        MODEL="$2" FLAGS="$flags" ${3:+BOARD="$3"} \
        >"$build/log/firmware.txt" 2>&1 || return 1
    if [ -s "$build/log/firmware.txt" ] &&
        grep -q warning "$build/log/firmware.txt"; then
        cat "$build/log/firmware.txt" >&2
    fi
    dir=$build/firmware/$1/$(basename "$2" .tflite)
    if [ "$1" = m0 ] && [ "$3" != microbit ]; then
        dir=$dir-$3
    fi
    echo "$dir/image.elf"
}

# The last CRC of each sample and step, without the step's number: calls may
# cover other rows elsewhere, and branches may run in another order.
final() {
    awk '{ crc[$1 " " $2] = $3; sample[$1 " " $2] = $1 }
        END { for (i in crc) print sample[i], crc[i] }' | sort
}

# try TARGET BOARD MODEL: one comparison with the host's output
try() {
    elf=$(image "$1" "$3" "$2") || {
        fail "$name on $1 $2: does not build"
        tail -n 5 "$build/log/firmware.txt"
        return
    }
    timeout 300 sh examples/firmware/run.sh "$1" "$2" "$elf" "$input" 2>&1 |
        final >"$build/log/$1.crc"
    if cmp -s "$build/log/host.crc" "$build/log/$1.crc"; then
        pass
    else
        fail "$name on $1 $2 $flags: other bytes than on this machine"
        diff "$build/log/host.crc" "$build/log/$1.crc" | head -n 5
    fi
}

# The smallest board takes the networks that fit its 256 KB and 16 KB.
try_microbit() {
    if image m0 "$1" microbit >/dev/null; then
        try m0 microbit "$1"
    elif grep -q 'overflowed\|will not fit\|no room' \
        "$build/log/firmware.txt"; then
        echo "$name does not fit a micro:bit"
    else
        fail "$name on m0 microbit: does not build"
        tail -n 5 "$build/log/firmware.txt"
    fi
}

# The CRCs of the first sample by another way: the tool itself.
compare_with_tool() {
    "$build/tinyinfer" run "$1" --input "$input.first.bin" --layers \
        >"$build/log/layers.txt" 2>&1
    awk '$1 == 0 { print $2 }' "$build/log/host.crc" |
        while read -r crc; do
            grep -qi "$crc" "$build/log/layers.txt" || echo "missing $crc"
        done >"$build/log/missing.txt"
    if [ -s "$build/log/host.crc" ] && [ ! -s "$build/log/missing.txt" ]; then
        pass
    else
        fail "$name: generated C and the tool differ"
        cat "$build/log/missing.txt"
    fi
}

# can TARGET: its compiler and emulator are there
can() {
    command -v "$(compiler_of $1)" >/dev/null &&
        command -v "$(emulator_of $1)" >/dev/null
}

mkdir -p "$build/log"
flags=
for model in "$@"; do
    name=$(basename "$model" .tflite)
    elf=$(image gcc "$model") || {
        fail "$name: does not build on this machine"
        tail -n 5 "$build/log/firmware.txt"
        continue
    }
    bytes=$(sed -n 's/^#define NETWORK_INPUT_BYTES \([0-9]*\).*/\1/p' \
        "$(dirname "$elf")/network.h")
    # any bytes will do for int8 inputs: take the model's own
    input=$build/log/$name.in
    head -c $((samples * bytes)) "$model" >"$input"
    head -c "$bytes" "$model" >"$input.first.bin"
    "$elf" "$input" | final >"$build/log/host.crc"
    compare_with_tool "$model"
    for target in clang i686 m0 m3 m4 m7 m33 m55 a57; do
        if ! can $target; then
            skip "$name on $target: needs $(compiler_of $target) and" \
                "$(emulator_of $target)"
            continue
        fi
        [ $target != m0 ] || try_microbit "$model"
        try $target "$(board_of $target)" "$model"
    done
    # the rows of the input pushed one by one, where the network allows it
    flags=--stream-input
    if can m4 && image m4 "$model" >/dev/null; then
        try m4 mps2 "$model"
    elif grep -q 'cannot be streamed' "$build/log/firmware.txt"; then
        echo "$name: the input cannot be streamed"
    fi
    flags='--optimize speed'
    "$(image gcc "$model")" "$input" | final >"$build/log/host.crc"
    for target in m4 m55; do
        can $target && try $target "$(board_of $target)" "$model"
    done
    flags=
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
