#!/bin/sh
# SPDX-License-Identifier: MIT
# `tinyinfer plan` as its user meets it: buffers of a CSV file, good and bad,
# and networks that share an arena.
#
# usage: tests/test_plan_cli.sh TOOL

tool=${1:?usage: tests/test_plan_cli.sh TOOL}
mnist=$(dirname "$0")/../examples/mnist/mnist_int8.tflite
tested() { "$tool" plan "$@"; }
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

# FILE CAPACITY: buffers that live at the same time share no byte, and all end
# within the capacity.
is_placed() {
    awk -F, -v capacity="$2" '
        NR == 1 { bad = $0 != "id,lower,upper,size,offset"; next }
        { lower[NR] = $2; upper[NR] = $3; size[NR] = $4; at[NR] = $5
          bad += $5 + $4 > capacity
          for (i = 2; i < NR; i++)
              bad += lower[i] < $3 && $2 < upper[i] &&
                     at[i] < $5 + $4 && $5 < at[i] + size[i] }
        END { exit bad || NR < 2 }' "$1"
}

# ---- The command line ------------------------------------------------------

ends 0 'usage: tinyinfer plan FILE... [options]' --help
for option in --capacity --output --shared --work --json --target --optimize \
    --stream-input; do
    holds "--help tells of $option" grep -q -e "$option" "$tmp/out"
done
refuses 2 'no FILE given'
refuses 2 "unknown option '--foo'" --foo
refuses 2 'several files, but no --shared' a.csv b.csv
refuses 2 '--shared takes two networks or more' a.tflite --shared
refuses 2 'one network: see tinyinfer inspect' a.tflite
refuses 2 '--output does not go with --shared' a b --shared -o c
refuses 2 '--work does not go with --shared' a b --shared --work 1
refuses 2 'are for networks' a.csv --optimize speed
refuses 2 'are for networks' a.csv --stream-input
refuses 2 'are for networks' a.csv --resident
refuses 2 'are for networks' a.csv --target generic
refuses 2 "unknown target 'abacus'" a b --shared --target abacus
refuses 2 '--capacity takes a whole number' a.csv --capacity 0
refuses 2 '--capacity takes a whole number' a.csv --capacity 3000000000
refuses 2 'more than 16 times FILE' a a a a a a a a a a a a a a a a a --shared
refuses 1 "$tmp/none.csv: cannot open" "$tmp/none.csv"
refuses 1 "$tmp: cannot read" "$tmp"

# ---- Buffers ---------------------------------------------------------------

# The example of the benchmark's own page: 12 bytes are optimal.
cat >"$tmp/small.csv" <<'CSV'
id,lower,upper,size
b1,0,3,4
b2,3,9,4
b3,0,9,4
b4,9,21,4
b5,0,21,4
CSV
ends 0 'peak         12 bytes' "$tmp/small.csv"
for text in 'buffers      5' 'lower bound  12 bytes: the plan is proven' \
    'bound at     time '; do
    holds "it prints $text" grep -q "$text" "$tmp/out"
done
ends 0 'fits, 0 bytes left' "$tmp/small.csv" --capacity 12
ends 0 'fits, 88 bytes left' "$tmp/small.csv" -c 100
ends 1 'does NOT fit, 1 bytes too many' "$tmp/small.csv" --capacity 11
ends 0 'peak ' "$tmp/small.csv" --capacity 12 -o "$tmp/placed.csv"
holds 'the buffers are placed' is_placed "$tmp/placed.csv" 12
holds 'the buffers are those of the file' \
    test "$(cut -d, -f 1-4 "$tmp/placed.csv" | cksum)" = \
    "$(cksum <"$tmp/small.csv")"
ends 0 'peak         12 bytes' "$tmp/placed.csv" -o "$tmp/again.csv"
holds 'what it writes it reads' cmp "$tmp/placed.csv" "$tmp/again.csv"
ends 1 'NOT fit' "$tmp/small.csv" -c 11 -o "$tmp/tight.csv"
holds 'too large a plan is written all the same' is_placed "$tmp/tight.csv" 12
ends 0 '"peak_bytes": 12,' "$tmp/small.csv" --json
holds '--json is JSON' is_json "$tmp/out"
for text in '"optimal": true' '"lower_bound_bytes": 12' '"capacity": null' \
    '"fits": null' '"id": "b3", "lower": 0, "upper": 9, "size": 4'; do
    holds "--json has $text" grep -qF "$text" "$tmp/out"
done
ends 1 '"fits": false' "$tmp/small.csv" --json --capacity 11
ends 0 '"fits": true' "$tmp/small.csv" --json --capacity 12
if [ -e /dev/stdout ]; then
    ends 0 'id,lower,upper,size,offset' "$tmp/small.csv" -o /dev/stdout
else
    skip 'there is no /dev/stdout'
fi
refuses 1 'no/such/x.csv: cannot write' "$tmp/small.csv" -o "$tmp/no/such/x.csv"

# Other ways to write the same file.
sed 's/$/\r/' "$tmp/small.csv" >"$tmp/crlf.csv"
{ printf '\357\273\277' && cat "$tmp/small.csv"; } >"$tmp/bom.csv"
awk -F, -v OFS=' , ' '{ print $4, $1, $3, $2 }' "$tmp/small.csv" \
    >"$tmp/order.csv"
{ cat "$tmp/small.csv" && printf '\n \n\r\n'; } >"$tmp/blank.csv"
printf %s "$(cat "$tmp/small.csv")" >"$tmp/short.csv"
for file in crlf bom order blank short; do
    use "$tmp/$file.csv" -o "$tmp/out.csv"
    holds "$file.csv is small.csv" cmp "$tmp/out.csv" "$tmp/placed.csv"
done

# Alignments are kept.
printf '%s\n' id,lower,upper,size,alignment a,0,2,3,1 b,0,2,5,64 \
    c,0,2,7,16 >"$tmp/aligned.csv"
ends 0 'peak ' "$tmp/aligned.csv" -o "$tmp/out.csv"
holds 'offsets are aligned' awk -F, \
    'NR > 1 { bad += $6 % $5 } END { exit bad || NR != 4 }' "$tmp/out.csv"

# A few hundred buffers: valid, and no larger than one after the other.
awk 'BEGIN {
    print "id,lower,upper,size"
    for (x = i = 1; i <= 300; i++) {
        x = (x * 16807) % 2147483647; from = x % 100
        x = (x * 16807) % 2147483647; life = 1 + x % 20
        x = (x * 16807) % 2147483647
        print i "," from "," from + life "," x % 1000 } }' >"$tmp/many.csv"
ends 0 'buffers      300' "$tmp/many.csv" --work 200 -o "$tmp/out.csv"
"$tool" plan "$tmp/many.csv" --work 200 --json >"$tmp/many.json"
peak=$(sed -n 's/^  "peak_bytes": \([0-9]*\),$/\1/p' "$tmp/many.json")
holds '300 buffers are placed' is_placed "$tmp/out.csv" "$peak"

# ---- Bad files -------------------------------------------------------------

head='id,lower,upper,size\n'
# LINE TEXT CONTENTS: refused with the number of the line and TEXT.
bad() {
    # shellcheck disable=SC2059 # contents have escapes
    printf "$3" >"$tmp/bad.csv"
    refuses 1 "$tmp/bad.csv: line $1: $2" "$tmp/bad.csv" -o "$tmp/bad.out"
}
: >"$tmp/empty.csv"
refuses 1 "$tmp/empty.csv: the file is empty" "$tmp/empty.csv"
bad 3 'the first line is id,lower,upper,size' '\n\nx\n'
bad 1 'the first line is id,lower,upper,size' '1,2,3,4\n'
bad 1 'the first line is id,lower,upper,size' 'id,lower,upper\na,0,1\n'
bad 1 'the first line is id,lower,upper,size' 'id,lower,upper,size,size\n'
bad 1 'the first line is id,lower,upper,size' 'id,lower,upper,size,colour\n'
bad 1 'the first line is id,lower,upper,size' 'id,start,end,size\n'
bad 1 'no buffers' "$head"
bad 2 '3 fields, but the first line has 4' "${head}a,0,1\n"
bad 3 '5 fields, but the first line has 4' "${head}a,0,1,1\nb,0,1,1,1\n"
bad 2 'a comma at the end' "${head}a,0,1,1,\n"
bad 2 'too many fields' "${head}a,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
bad 2 'lower is a whole number from 0' "${head}a,-1,1,1\n"
bad 2 'lower is a whole number from 0' "${head}a,,1,1\n"
bad 2 "upper is a whole number from 0 to 2147483647, not 'x'" "${head}a,0,x,1\n"
bad 2 'upper is a whole number from 0' "${head}a,0,2147483648,1\n"
bad 2 'size is a whole number from 0' "${head}a,0,1,1e3\n"
bad 2 'size is a whole number from 0' "${head}a,0,1,99999999999999999999999\n"
bad 2 'size is a whole number from 0' "${head}a,0,1,1\001\n"
bad 2 'size is a whole number from 0' "${head}a,0,1,1\0002\n"
bad 2 'upper is the first time after' "${head}a,1,1,1\n"
bad 4 'upper is the first time after' "${head}a,0,1,1\n\nb,5,2,1\n"
bad 2 'an id is printable ASCII' "${head}\033[2J,0,1,1\n"
bad 2 'an id is printable ASCII' "${head}\"a\",0,1,1\n"
bad 2 'an id is printable ASCII' "${head},0,1,1\n"
bad 2 'an alignment is a power of two' \
    'id,lower,upper,size,alignment\na,0,1,1,3\n'
bad 2 'alignment is a whole number from 1' \
    'id,lower,upper,size,alignment\na,0,1,1,0\n'
printf "${head}a,0,1,2147483647\nb,0,1,2\n" >"$tmp/bad.csv"
refuses 1 'the buffers need 2 GiB or more' "$tmp/bad.csv" -o "$tmp/bad.out"
holds 'of a bad file nothing is written' test ! -e "$tmp/bad.out"
awk 'BEGIN { print "id,lower,upper,size"
    for (i = 0; i < 65537; i++) print i ",0,1,1" }' >"$tmp/bad.csv"
refuses 1 'line 65538: more than 65536 buffers' "$tmp/bad.csv"
head -c 100000 /dev/zero | tr '\0' a >"$tmp/bad.csv"
refuses 1 'line 1: the first line is' "$tmp/bad.csv"
head -c 3000 "$tool" >"$tmp/bad.csv"
refuses 1 "$tmp/bad.csv: line " "$tmp/bad.csv"

# ---- Networks --------------------------------------------------------------

if [ ! -f "$mnist" ]; then
    skip "what needs examples/mnist/mnist_int8.tflite"
    finish
    exit
fi
arena() {
    "$tool" inspect "$mnist" --json "$@" |
        sed -n 's/^  "arena_bytes": \([0-9]*\),$/\1/p'
}
cp "$mnist" "$tmp/other.net.tflite"
ends 0 'static union {' "$mnist" "$tmp/other.net.tflite" --shared
for text in 'uint8_t mnist_int8\[MNIST_INT8_ARENA_BYTES\];' \
    'uint8_t other_net\[OTHER_NET_ARENA_BYTES\];' 'saves' \
    'tin_net_open(&other_net, &other_net_model, arena.other_net'; do
    holds "it prints $text" grep -q "$text" "$tmp/out"
done
ends 0 'mnist_int8_2_model' "$mnist" "$mnist" --shared
for option in '--optimize ram' '--stream-input' '--optimize speed'; do
    # shellcheck disable=SC2086 # an option and its value
    {
        need=$(arena $option)
        ends 0 "\"arena_bytes\": $need," "$mnist" "$mnist" --shared --json \
            $option --capacity "$need"
        holds '--shared --json is JSON' is_json "$tmp/out"
        holds "the sum of two with $option" \
            grep -q "\"sum_bytes\": $((2 * need))," "$tmp/out"
        ends 1 'does NOT fit' "$mnist" "$mnist" --shared $option \
            --capacity $((need - 1))
    }
done
refuses 1 "$tmp/none.tflite: cannot open" "$mnist" "$tmp/none.tflite" --shared
refuses 1 'I01_delay.tflite keeps state' "$mnist" tests/bad/I01_delay.tflite \
    --shared
refuses 1 "$tmp/small.csv: " "$mnist" "$tmp/small.csv" --shared --json

finish
