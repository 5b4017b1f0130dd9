#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Proves that what `tinyinfer compile --standalone` writes compiles by itself,
# without a warning, and runs.
#
#   sh tests/emit_compiles.sh TOOL BUILD_DIR MODEL...
#
# Each model is compiled for each target into an empty folder, twice, for the
# text must come out the same. Every compiler below that suits the target then
# compiles the folder, warnings being errors; host compilers also link it with
# the program that the emitted header shows as its example, and run that. What
# it prints must be the same for each setting of --optimize, where the input is
# streamed, and where the arena is spread over several memories. A small network
# is compiled for a window that slides: its example runs for ever, and prints
# the same again and again, for its rows are all alike.

set -u
export LC_ALL=C

usage="usage: sh tests/emit_compiles.sh TOOL BUILD_DIR MODEL..."
tool=${1:?$usage}
build=${2:?$usage}
shift 2

warn="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wundef
      -Wmissing-prototypes -Wstrict-prototypes -Wdouble-promotion -Werror"

# Targets, compiler, its flags: one combination a line.
compilers='generic|x86 gcc -O2
generic|x86 clang -O1
generic g++ -std=c++11
generic arm-none-eabi-g++ -std=c++11
cortex-m4 arm-none-eabi-g++ -std=c++11 -mcpu=cortex-m4 -mthumb -mfloat-abi=hard
cortex-m55 arm-none-eabi-g++ -std=c++20 -mcpu=cortex-m55 -mthumb -mfloat-abi=hard
generic i686-linux-gnu-gcc -O1
generic|cortex-m0 arm-none-eabi-gcc -Os -mcpu=cortex-m0 -mthumb
cortex-m3 arm-none-eabi-gcc -Os -mcpu=cortex-m3 -mthumb
cortex-m4 arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mthumb
cortex-m7 arm-none-eabi-gcc -Os -mcpu=cortex-m7 -mthumb
cortex-m33 arm-none-eabi-gcc -Os -mcpu=cortex-m33 -mthumb
cortex-m55 arm-none-eabi-gcc -Os -mcpu=cortex-m55 -mthumb -mfloat-abi=hard
generic|cortex-a57 aarch64-linux-gnu-gcc -O2 -mcpu=cortex-a57'

passed=0 failed=0 skipped=0

fail() {
    failed=$((failed + 1))
    echo "FAILED: $1"
    [ ! -s "$work/log" ] || head -n 20 "$work/log"
}

# The program in the header's first comment.
example() {
    sed -n '/^ \*     #include/,/^ \*\/$/ s/^ \*  \{0,5\}//p' "$1" |
        sed '/^\/$/d'
}

# compile FOLDER ID COMPILER FLAG...: the log says what is wrong.
compile() {
    folder=$1 id=$2 compiler=$3
    shift 3
    rm -rf "$work/out" && mkdir "$work/out" || return 1
    cd "$work/out" || return 1
    case $compiler in
    *g++) # the header alone is for C++
        printf '#include "%s.h"\nconst void *use() { return &%s_model; }\n' \
            "$id" "$id" >use.cpp
        "$compiler" "$@" -pedantic -Wall -Wextra -Wshadow -Wundef -Werror \
            -I"$folder" -c use.cpp ;;
    gcc | clang)
        example "$folder/$id.h" >main.c
        # shellcheck disable=SC2086
        "$compiler" "$@" $warn -I"$folder" main.c "$folder"/*.c -lm \
            -o example &&
            ./example | head -n 50 | sort -u >"$work/printed" &&
            grep -E '^-?([0-9]|inf|nan)' "$work/printed" ;;
    *) # shellcheck disable=SC2086
        "$compiler" "$@" $warn -c "$folder"/*.c ;;
    esac
}

# All compilers of a target, for what was emitted into FOLDER.
compile_all() {
    target=$1 folder=$2 id=$3
    while read -r targets compiler flags; do
        case "|$targets|" in
        *"|$target|"*) ;;
        *) continue ;;
        esac
        if ! command -v "$compiler" >/dev/null; then
            skipped=$((skipped + 1))
            echo "SKIPPED: $id for $target: no $compiler here"
        # shellcheck disable=SC2086
        elif (compile "$folder" "$id" "$compiler" $flags) \
            >"$work/log" 2>&1 </dev/null; then
            passed=$((passed + 1))
        else
            fail "$id for $target with $compiler $flags"
        fi
    done <<EOF
$compilers
EOF
}

# emit MODEL TARGET FOLDER OPTION...
emit() {
    model=$1 target=$2 folder=$3
    shift 3
    rm -rf "$folder" && mkdir -p "$folder" &&
        "$tool" compile "$model" --target "$target" --name network \
            --standalone -o "$folder" "$@" >"$work/log" 2>&1 </dev/null
}

check_model() {
    name=$(basename "$1")
    rm -f "$work/printed" "$work/expected"
    # shellcheck disable=SC2086 # a list of words
    for target in $targets; do
        once=$work/$name.$target
        if ! emit "$1" "$target" "$once" ||
            ! emit "$1" "$target" "$work/again"; then
            fail "$name for $target: not emitted"
        elif ! diff -r "$once" "$work/again" >"$work/log"; then
            fail "$name for $target: emitted twice, two texts"
        else
            compile_all "$target" "$once" network
        fi
        rm -rf "$once" "$work/again"
        if [ $target = generic ] && [ -f "$work/printed" ]; then
            mv "$work/printed" "$work/expected"
        fi
    done
    [ "$targets" = "$all_targets" ] || return
    # The header of a streamed input is another one, so all compilers see it.
    check_setting "$1" generic --stream-input
    check_setting "$1" x86 --stream-input --optimize speed
    check_setting "$1" cortex-m4 --stream-input --optimize balanced
    for setting in ram balanced flash speed; do
        check_setting "$1" x86 --optimize $setting
    done
    check_regions "$1"
}

# A quarter of the arena in one memory, and all the rest in two others; some
# networks need more than that for the first one.
check_regions() {
    arena=$("$tool" inspect "$1" --json </dev/null |
        sed -n 's/.*"arena_bytes": \([0-9]*\),$/\1/p')
    for part in 4 2 1; do
        set -- "$1" --region "fast:$((arena / part))" --region \
            "slow:$arena" --region "rest:$((2 * arena))"
        emit "$1" generic "$work/try" "$2" "$3" "$4" "$5" "$6" "$7" && break
    done
    rm -rf "$work/try"
    check_setting "$1" generic "$2" "$3" "$4" "$5" "$6" "$7"
    check_setting "$1" x86 --stream-input "$2" "$3" "$4" "$5" "$6" "$7"
}

check_sliding() {
    rm -f "$work/printed" "$work/expected"
    emit "$1" generic "$work/whole" && compile_all generic "$work/whole" network
    if [ -f "$work/printed" ]; then
        mv "$work/printed" "$work/expected"
    fi
    for hop in 1 2 4; do
        check_setting "$1" generic --slide $hop
    done
}

# check_setting MODEL TARGET OPTION...
check_setting() {
    name=$(basename "$1") once=$work/$(basename "$1").setting
    model=$1 target=$2
    shift 2
    rm -f "$work/printed"
    if ! emit "$model" "$target" "$once" "$@"; then
        fail "$name for $target with $*: not emitted"
        return
    fi
    compile_all "$target" "$once" network
    if [ ! -f "$work/printed" ] || [ ! -f "$work/expected" ]; then
        : # not run here
    elif cmp "$work/printed" "$work/expected" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        fail "$name with $*: another result"
    fi
    rm -rf "$once"
}

here=$(dirname "$0")
mkdir -p "$build/emit" || exit 1
work=$(cd "$build/emit" && pwd) || exit 1
# The first model takes every path, the others those that print other code.
all_targets='generic x86 cortex-m0 cortex-m3 cortex-m4 cortex-m7 cortex-m33
    cortex-m55 cortex-a57'
targets=$all_targets
for model in "$@"; do
    if [ -f "$model" ]; then
        check_model "$model"
        targets='generic cortex-m4 cortex-m55'
    else
        skipped=$((skipped + 1))
        echo "SKIPPED: no model $model"
    fi
done
check_sliding "$here/bad/ok_mean.tflite"
rm -rf "$work"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
