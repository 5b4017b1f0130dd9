#!/bin/sh
# SPDX-License-Identifier: MIT
# Keeps README.md true: compiles its programs, runs its commands, and makes
# its tables anew.
#
# usage: tests/check_readme.sh TOOL [--update]
#
# TOOL      build/tinyinfer; the libraries lie beside it
# --update  rewrites what differs instead of failing
#
# What is checked, from the top of README.md down, in one work folder. There
# the top of this tree appears under its own names; build/ is TOOL's folder;
# models/ and data/ are those of the shared folder, where there is one.
#
#   <!-- generated: NAME -->    up to <!-- end --> stands what the function
#                               make_NAME below prints
#   <!-- file: NAME.c -IDIR --> the ```c block that follows is written to
#                               NAME.c and must compile without a warning,
#                               with the options that follow, if any
#   ```console                  lines that begin with "$ " are run (a \ at the
#                               end goes on in the next line); the others are
#                               what they print. Each must end with status 0.
#                               A line ... stands for any number of lines.
#   <!-- console: WORD... -->   before such a block: `times` compares it with
#                               every number read as N and spaces as one, for
#                               the numbers are times of some machine;
#                               `needs=COMMAND` skips it without that command
#
# A block that names models/ or data/ is SKIPPED where these are missing; so
# are the rows of such models in the tables.

usage='usage: tests/check_readme.sh TOOL [--update]'
tool=${1:?$usage}
update=${2-}
case $update in
'' | --update) ;;
*) echo "$usage" >&2 && exit 2 ;;
esac

top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
bin=$(cd "$(dirname "$tool")" && pwd) || exit 1
readme=$top/README.md
shared=$(cd "$top" && cd "${TIN_SHARED:-../shared}" 2>/dev/null && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
here=$work/here blocks=$work/blocks
passed=0 failed=0 skipped=0

mkdir "$here" "$blocks"
for name in Makefile bench examples include kernels src tests; do
    ln -s "$top/$name" "$here/$name"
done
ln -s "$bin" "$here/build"
for name in models data; do
    [ ! -d "$shared/$name" ] || ln -s "$shared/$name" "$here/$name"
done
# `make` in a block takes what is built, and is nobody's child
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
export PATH="$bin:$PATH" BUILD="$bin" LC_ALL=C

warn="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wundef
      -Wmissing-prototypes -Wstrict-prototypes -Wdouble-promotion -Werror"

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)) && echo "FAILED: $*"; }
skip() { skipped=$((skipped + 1)) && echo "SKIPPED: $*"; }

# ---- The generated parts ---------------------------------------------------

make_matrix() {
    tinyinfer inspect --ops | tr -s ' '
    for isa in dsp fpu mve; do
        case $isa in
        dsp) title='DSP (Cortex-M4, M7, M33)' ;;
        fpu) title='the FPU (Cortex-M4, M7, M33, M55)' ;;
        *) title='MVE (Cortex-M55)' ;;
        esac
        printf '\nKernels for %s: %s\n' "$title" "$(
            sed -n "s/^TIN_VARIANT(\([a-z0-9_]*\),.* $isa)/\`\1\`/p" \
                "$top/kernels/variants.inc" | paste -s -d, | sed 's/,/, /g')."
    done
}

# A figure of TensorFlow Lite Micro with CMSIS-NN from bench/peers.csv, or -.
peer() { # MODEL TARGET COLUMN
    awk -F, -v model="$1" -v target="cortex-$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $1 == model && $2 == target && $3 == "TFLM + CMSIS-NN" {
            found = $at[column]
        }
        END { print found == "" ? "-" : found }' "$top/bench/peers.csv"
}

number() { # 1234567 -> 1,234,567
    echo "$1" | sed -e :a -e 's/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/;ta'
}

networks='mnist_int8 ad_autoencoder_int8 kws_dscnn_int8 ic_resnet8_int8
          vww_mobilenet_int8'

# Where a network is, as seen from the work folder; fails without it.
model_path() {
    case $1 in
    mnist_int8) path=examples/mnist/$1.tflite ;;
    *) path=models/$1.tflite ;;
    esac
    [ -e "$here/$path" ] && echo "$here/$path"
}

# inspected MODEL KEY [OPTION...]: a number of `tinyinfer inspect --json`
inspected() {
    file=$1 key=$2
    shift 2
    tinyinfer inspect "$file" --json "$@" 2>/dev/null |
        sed -n "s/.*\"$key\": *\([a-z0-9]*\).*/\1/p" | head -n 1
}

memory_row() { # NAME MODEL
    arena=$(inspected "$2" arena_bytes)
    bound=$(inspected "$2" lower_bound_bytes)
    streamed=$(inspected "$2" arena_bytes --stream-input)
    [ -n "$arena" ] || return
    if [ "$arena" = "$bound" ] && [ "$(inspected "$2" optimal)" = true ]; then
        bound=optimal
    fi
    bound=$(number "$bound")
    echo "| $1 | $(number "$(inspected "$2" macs)")" \
        "| $(number "$(inspected "$2" weight_bytes)") | $(number "$arena")" \
        "| $bound | $(number "${streamed:--}")" \
        "| $(number "$(peer "$1" m4 arena)") |"
}

make_memory() {
    echo "| network | MACs | weights | arena | lower bound" \
        "| arena, input streamed | arena of TFLM + CMSIS-NN |"
    echo "|---|--:|--:|--:|--:|--:|--:|"
    for name in $networks; do
        if path=$(model_path "$name"); then
            memory_row "$name" "$path" || return
        else # as it stands
            grep "^| $name | [0-9,]* | [0-9,]* | [0-9,]* | [a-z0-9,]* |" "$readme"
            echo "$name" >>"$work/missing"
        fi
    done
}

# The rows of bench/baseline/CORE.csv, which `--optimize speed` made.
speed_rows() { # CORE
    csv=$top/bench/baseline/$1.csv
    sed -n "s/^\([a-z0-9_]*\),cortex-$1,total,,,/\1 /p" "$csv" | tr , ' ' |
        while read -r name macs instructions cycles; do
            kernels=portable
            for isa in fpu mve dsp; do
                ! grep -q "^$name,.*_$isa," "$csv" ||
                    kernels="$(echo $isa | tr a-z A-Z), $kernels"
            done
            if ! path=$(model_path "$name"); then # as it stands
                grep "^| $name | $kernels | " "$readme"
                echo "$name" >>"$work/missing"
                continue
            fi
            arena=$(inspected "$path" arena_bytes \
                --target "cortex-$1" --optimize speed)
            row="| $name | $kernels | $(number "$macs")"
            row="$row | $(number "$instructions") |"
            if [ "$1" = m4 ]; then
                row="$row $(number "$cycles") |"
            else # without a model of its cycles
                cycles=$instructions
            fi
            per_mac=$(echo "$cycles $macs" | awk '{ printf "%.2f", $1 / $2 }')
            peers=$(peer "$name" "$1" "$([ "$1" = m4 ] && echo cycles ||
                echo instructions)")
            echo "$row $per_mac | $(number "$arena") | $(number "$peers") |"
        done
}

make_speed() {
    echo "| network | kernels | MACs | instructions | cycles | cycles per MAC" \
        "| arena | cycles of TFLM + CMSIS-NN |"
    echo "|---|---|--:|--:|--:|--:|--:|--:|"
    speed_rows m4
}

make_mve() {
    echo "| network | kernels | MACs | instructions | instructions per MAC" \
        "| arena | instructions of TFLM + CMSIS-NN |"
    echo "|---|---|--:|--:|--:|--:|--:|"
    speed_rows m55
}

make_example() {
    echo '```c'
    sed '1,/^ \*\/$/d' "$top/examples/classify.c"
    echo '```'
}

# ---- The blocks ------------------------------------------------------------

# Cuts README.md into blocks NNNN.KIND, named by their first line in it:
# gen, c and console; NNNN.tag holds what the comment above says.
cut_blocks() {
    awk -v dir="$blocks" '
    function put(kind, what) {
        file = sprintf("%s/%04d.%s", dir, NR, kind)
        print what >sprintf("%s/%04d.tag", dir, NR)
        printf "" >file
        open = kind
    }
    open == "gen" && /^<!-- end -->$/ || open ~ /^c/ && /^```$/ {
        close(file); open = tag = ""
        next
    }
    open { print >file; next }
    /^<!-- generated: [a-z]+ -->$/ { put("gen", $3); next }
    /^<!-- .* -->$/ { tag = $0; gsub(/^<!-- | -->$/, "", tag); next }
    /^```c$/ && tag ~ /^file: / { put("c", substr(tag, 7)) }
    /^```console$/ { put("console", tag ~ /^console: / ? substr(tag, 10) : "") }
    { tag = "" }' "$readme"
}

# Compares a block with what it should be, NNNN.new, for the two to differ
# only as $3 says: `times` or nothing.
compare() { # BLOCK WHAT [times]
    for side in "$1" "${1%.*}.new"; do
        case " $3 " in
        *' times '*)
            sed -E 's/[0-9][0-9.,]*/N/g; s/[ \t]+/ /g; s/ $//' "$side"
            ;;
        *) cat "$side" ;;
        esac >"$side.cmp"
    done
    if awk '
        NR == FNR { want[++n] = $0; next }
        { got[++m] = $0 }
        END {
            for (i = j = 1; i <= n; i++) {
                if (want[i] == "...") {
                    skip = 1
                    continue
                }
                while (skip && j <= m && got[j] != want[i])
                    j++
                skip = 0
                if (got[j++] != want[i]) exit 1
            }
            exit !(skip || j == m + 1)
        }' "$1.cmp" "${1%.*}.new.cmp"; then
        pass
        rm "${1%.*}.new"
    elif [ -n "$update" ] && ! grep -qx '\.\.\.' "$1"; then
        pass
        echo "updated: $2"
    else
        fail "$2 differs: - README.md, + what is"
        diff -u "$1" "${1%.*}.new" | sed '1,2d' | head -n 40
        rm "${1%.*}.new"
    fi
}

check_gen() { # BLOCK NAME
    where="README.md:$line: the table '$2'"
    : >"$work/missing"
    if ! "make_$2" >"${1%.*}.new"; then
        rm -f "${1%.*}.new"
        fail "$where cannot be made"
        return
    fi
    while read -r name; do
        skip "$where: the row of $name, which is not here"
    done <"$work/missing"
    compare "$1" "$where"
}

check_c() { # BLOCK "FILE OPTION..."
    file=${2%% *} options=${2#"$file"}
    cp "$1" "$here/$file"
    # shellcheck disable=SC2086 # lists of words
    if (cd "$here" && ${CC:-cc} $warn -O2 -Iinclude $options -c "$file" \
        -o "$work/one.o") >"$work/log" 2>&1; then
        pass
    else
        fail "README.md:$line: $file does not compile"
        head -n 20 "$work/log"
    fi
}

# Runs the commands of a block; NNNN.new becomes what it should say.
run_console() { # BLOCK
    command='' more=''
    : >"${1%.*}.new"
    while IFS= read -r text; do
        case $more$text in
        '$ '*) part=${text#'$ '} ;;
        +*) part=$text ;;
        *) continue ;; # old output
        esac
        printf '%s\n' "$text" >>"${1%.*}.new"
        command=$command$part
        case $part in
        *\\)
            command=${command%\\} more=+
            continue
            ;;
        esac
        (cd "$here" && timeout 300 sh -c "$command") >"$work/log" 2>&1 \
            </dev/null || {
            echo "status $? of: $command"
            return 1
        }
        # the status of a pipe is that of its end
        if grep -qE '^(Segmentation fault|Aborted|Illegal)' "$work/log"; then
            return 1
        fi
        sed 's/[ \t]*$//' "$work/log" >>"${1%.*}.new"
        command='' more=''
    done <"$1"
}

check_console() { # BLOCK WORDS
    where="README.md:$line: console"
    for word in $2; do
        case $word in needs=*)
            if ! command -v "${word#needs=}" >/dev/null; then
                skip "$where: no ${word#needs=}"
                return
            fi
            ;;
        esac
    done
    for name in models data; do
        if grep -q "[ /]$name/" "$1" && [ ! -e "$here/$name" ]; then
            skip "$where: no $name/"
            return
        fi
    done
    if run_console "$1"; then
        compare "$1" "$where" "$2"
    else
        fail "$where: a command fails"
        head -n 20 "$work/log"
        rm "${1%.*}.new"
    fi
}

# Puts the blocks NNNN.new in the place of the old ones.
rewrite() {
    awk -v dir="$blocks" '
    function new() { return sprintf("%s/%04d.new", dir, NR) }
    skipping && (/^```$/ && !gen || /^<!-- end -->$/ && gen) { skipping = 0 }
    skipping { next }
    { print }
    /^```c?(onsole)?$/ || /^<!-- generated: / {
        if ((getline text <new()) > 0) {
            do print text; while ((getline text <new()) > 0)
            skipping = 1
            gen = /^<!--/
        }
    }' "$readme" >"$work/README.md" && cp "$work/README.md" "$readme"
}

# The picture of cycles is that of the baseline.
check_chart() {
    chart=.docs/cycles.svg
    "$top/bench/chart.sh" "$top/bench/baseline/m4.csv" \
        "$top/bench/peers.csv" >"$work/chart.svg" || return
    if [ -n "$update" ]; then
        cp "$work/chart.svg" "$top/$chart"
    fi
    if cmp -s "$work/chart.svg" "$top/$chart"; then
        pass
    else
        fail "$chart is not what bench/chart.sh draws"
    fi
}

if ! (cd "$here" && tinyinfer inspect examples/mnist/mnist_int8.tflite) \
    >"$work/log" 2>&1; then
    head -n 20 "$work/log"
    fail "$tool does not work"
    echo "$passed passed, $failed failed, $skipped skipped"
    exit 1
fi
cut_blocks
for block in "$blocks"/*.gen "$blocks"/*.c "$blocks"/*.console; do
    [ ! -e "$block" ] || echo "$block"
done | sort >"$work/list"
while read -r block; do
    kind=${block##*.}
    line=$(basename "$block" ".$kind" | sed 's/^0*//')
    "check_$kind" "$block" "$(cat "${block%.*}.tag")"
done <"$work/list"
for block in "$blocks"/*.new; do
    [ ! -e "$block" ] || changed=1
done
[ -z "${changed-}" ] || rewrite
check_chart
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
