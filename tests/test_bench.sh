#!/bin/sh
# SPDX-License-Identifier: MIT
# The bench program: every kernel can be measured, the formats are what they
# say, mistakes are told in one line; and the meters for other CPUs.
#
# usage: tests/test_bench.sh TOOL    (the bench program lies beside the tool)

tool=${1:?usage: tests/test_bench.sh TOOL}
build=$(dirname "$tool")
bench=$build/tinyinfer-bench
mnist=examples/mnist/mnist_int8.tflite
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

use() {
    "$bench" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
}

# STATUS TEXT ARGUMENT...: ends so, says TEXT in one line, and nothing else.
refuses() {
    want=$1 text=$2
    shift 2
    use "$@"
    if [ $status = "$want" ] && [ ! -s "$tmp/out" ] &&
        [ "$(wc -l <"$tmp/err")" = 1 ] && grep -qF -e "$text" "$tmp/err" &&
        grep -q '^tinyinfer-bench: ' "$tmp/err"; then
        pass
    else
        fail "$* (status $status, wanted $want and '$text')"
    fi
}

# PATTERN ARGUMENT...: succeeds without complaint and prints such a line.
shows() {
    pattern=$1
    shift
    use "$@"
    if [ $status = 0 ] && [ ! -s "$tmp/err" ] &&
        grep -qE -e "$pattern" "$tmp/out"; then
        pass
    else
        fail "$* (status $status, wanted '$pattern')"
    fi
}

# JSON by its grammar: strings and other scalars become one letter, then the
# innermost arrays and objects do, until one letter is left.
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

json() {
    use "$@"
    if [ $status = 0 ] && is_json "$tmp/out"; then
        pass
    else
        fail "$*: not JSON (status $status)"
    fi
}

# Every line has as many fields as the head; commas in quotes are none.
csv() {
    use "$@"
    if [ $status = 0 ] && sed 's/"[^"]*"//g' "$tmp/out" |
        awk -F, 'NR == 1 { n = NF } NF != n { bad = 1 }
                 END { exit bad || NR < 2 }'; then
        pass
    else
        fail "$*: not CSV (status $status)"
    fi
}

# ---- Kernels ---------------------------------------------------------------

quick='--runs 2 --warmup 0'
use --list
kernels=$(awk '{ print $1 }' "$tmp/out")
listed=$(sed -n 's/^TIN_VARIANT(\([a-z0-9_]*\), [a-z0-9_]*, generic)/\1/p' kernels/variants.inc)
if [ "$kernels" = "$listed" ]; then pass; else fail "--list"; fi
for kernel in $kernels; do
    # shellcheck disable=SC2086 # a list of words
    shows "^ +$kernel +.* [0-9]+ (MAC|elem)" --kernel "$kernel" $quick
done
# shellcheck disable=SC2086
{
    shows ' 41472 MAC ' --kernel conv2d_s8 --shape h=48,w=48,c=4,oc=8,s=4 $quick
    shows 'h=7,w=9,c=6,oc=4,kh=3,kw=2,d=2,g=2 ' --kernel conv2d_s8 --shape \
        h=7,w=9,c=6,oc=4,kh=3,kw=2,d=2,g=2,s=1 $quick
    shows 'c=5,k=3,m=3 ' --kernel=dwconv2d_f32 --shape=c=5,m=3 $quick
    json --kernel softmax_s8 --json $quick
    csv --kernel dense_s8 --csv $quick
}
if grep -qF '"n=1,c=640,oc=128",MAC,81920,' "$tmp/out"; then
    pass
else
    fail 'CSV of dense_s8'
fi

# ---- Networks --------------------------------------------------------------

# shellcheck disable=SC2086
{
    shows '^ +total +445056 MAC' --model $mnist $quick
    json --json --model $mnist $quick
    csv --csv --model $mnist $quick
}
shows '^0,0,CONV_2D,conv2d_s8,78400$' --steps $mnist

# ---- Mistakes --------------------------------------------------------------

shows 'usage: tinyinfer-bench' --help
refuses 2 "unknown option '--frob'" --frob
refuses 2 "unknown kernel 'conv3d'" --kernel conv3d
refuses 2 '--kernel needs a value' --kernel
refuses 2 '--shape needs --kernel' --shape h=3
refuses 2 'this kernel takes n c oc' --kernel dense_s8 --shape h=3
refuses 2 "h takes 1 .. 32767, not '0'" --kernel add_s8 --shape h=0
refuses 2 "h takes 1 .. 32767, not '3x'" --kernel add_s8 --shape h=3x
refuses 2 '--runs takes' --runs 0
refuses 1 'too large' --kernel conv2d_s8 --shape h=32767,w=32767,c=32767
refuses 1 'too large' --kernel conv2d_f32 --shape c=32767,k=32767,oc=32767
refuses 1 'larger than the image' --kernel maxpool2d_s8 --shape h=2,k=3
refuses 1 'groups' --kernel conv2d_s8 --shape g=3
refuses 1 'cannot open' --model "$tmp/none.tflite"
refuses 1 'cannot read' --model "$tmp"
refuses 1 'no .tflite file' --model Makefile

# ---- Meters ----------------------------------------------------------------

# One network on a Cortex-M4: what its layers cost adds up to the whole, but
# for the loop around them.
if command -v arm-none-eabi-gcc >/dev/null &&
    command -v qemu-system-arm >/dev/null; then
    CSV=$tmp/m4.csv bench/bench_target.sh m4 "$build" $mnist \
        >"$tmp/out" 2>"$tmp/err"
    line='^model=mnist_int8 target=cortex-m4 instructions=[0-9]+ cycles=[0-9]+'
    if grep -qE "$line arena=[0-9]+ code=[0-9]+\$" "$tmp/out"; then
        pass
    else
        fail 'bench_target.sh m4'
    fi
    if awk -F, '$3 ~ /^[0-9]+$/ { n += $7; c += $8 }
        $3 == "total" { total = $7; cycles = $8 }
        END { exit !(total > 0 && n / total > 0.99 && n / total < 1.01 &&
                     c / cycles > 0.99 && c / cycles < 1.01) }' "$tmp/m4.csv"
    then
        pass
    else
        fail 'the layers do not add up to the whole'
    fi
else
    skip 'meters: install gcc-arm-none-eabi libnewlib-arm-none-eabi' \
        'qemu-system-arm'
    skipped=$((skipped + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
