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
tested() { "$bench" "$@"; }
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

# PATTERN ARGUMENT...: succeeds without complaint and prints such a line.
matches() {
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
    matches "^ +$kernel +.* [0-9]+ (MAC|elem)" --kernel "$kernel" $quick
done
# shellcheck disable=SC2086
{
    matches ' 41472 MAC ' --kernel conv2d_s8 --shape h=48,w=48,c=4,oc=8,s=4 $quick
    matches 'h=7,w=9,c=6,oc=4,kh=3,kw=2,d=2,g=2 ' --kernel conv2d_s8 --shape \
        h=7,w=9,c=6,oc=4,kh=3,kw=2,d=2,g=2,s=1 $quick
    matches 'c=5,k=3,m=3 ' --kernel=dwconv2d_f32 --shape=c=5,m=3 $quick
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
    matches '^ +total +445056 MAC' --model $mnist $quick
    json --json --model $mnist $quick
    csv --csv --model $mnist $quick
}
matches '^0,0,CONV_2D,conv2d_s8,78400$' --steps $mnist

# ---- Mistakes --------------------------------------------------------------

matches 'usage: tinyinfer-bench' --help
refuses 2 "unknown option '--frob'" --frob
refuses 2 "unknown kernel 'conv3d'" --kernel conv3d
refuses 2 "unknown option '--kernl': did you mean --kernel?" --kernl add_s8
refuses 2 "unknown option '--stps': did you mean --steps?" --stps
refuses 2 "unknown kernel 'conv2_s8': did you mean conv2d_s8?" --kernel conv2_s8
refuses 2 '--kernel needs a value' --kernel
refuses 2 '--shape needs --kernel' --shape h=3
refuses 2 'this kernel takes n c oc' --kernel dense_s8 --shape h=3
if grep -q ' $' "$tmp/err"; then fail 'a space at the end'; else pass; fi
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

finish
