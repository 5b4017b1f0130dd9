#!/bin/sh
# SPDX-License-Identifier: MIT
# The tinyinfer command as its user meets it: exit statuses, messages, what it
# prints and what it writes.
#
# usage: tests/test_cli.sh TOOL

tool=${1:?usage: tests/test_cli.sh TOOL}
mnist=$(dirname "$0")/../examples/mnist
tested() { "$tool" "$@"; }
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

# FILE HEADER: begins a .npy file; its elements are appended by the caller.
npy() {
    printf '\223NUMPY\001\000' >"$1"
    # shellcheck disable=SC2059 # an octal escape is made of the length
    printf "\\$(printf %03o ${#2})\\000" >>"$1"
    printf %s "$2" >>"$1"
}

# ---- The command line ------------------------------------------------------

shows 'usage: tinyinfer COMMAND' --help
shows 'tinyinfer 0.' --version
refuses 2 "no command given (see 'tinyinfer --help')"
refuses 2 "unknown command 'frobnicate'" frobnicate
refuses 2 "unknown option '--frobnicate' (see" --frobnicate
refuses 2 "unknown command 'inspct': did you mean inspect? (see" inspct m
refuses 2 "unknown option '--verson': did you mean --version? (see" --verson
refuses 2 "unknown option '--jsn': did you mean --json? (see" eval m --jsn
refuses 2 "'--optimise=ram': did you mean --optimize? (see" run --optimise=ram m
refuses 2 "unknown option '--lab': did you mean --labels? (see" run m --lab x
refuses 2 "unknown command '$(printf '%0200d' 0)'" "$(printf '%0200d' 0)"
shows 'usage: tinyinfer COMMAND' help
shows 'usage: tinyinfer inspect MODEL' help inspect
refuses 2 "unknown command 'me'" help me

: >"$tmp/empty.tflite"
printf 'this is no model, only a text of some length' >"$tmp/text.tflite"
for command in inspect report compile run eval bench; do
    more=
    [ $command = run ] && more="--input $tmp/none.npy"
    [ $command = eval ] && more="--inputs $tmp/none.npy"
    [ $command = compile ] && more="-o $tmp --name x"
    shows "usage: tinyinfer $command MODEL" $command --help
    shows "usage: tinyinfer $command MODEL" $command model --foo -h
    refuses 2 "tinyinfer $command: unknown option '--foo' (see 'tinyinfer \
$command --help')" $command --foo
    refuses 2 "tinyinfer $command: no MODEL given" $command
    refuses 2 "'b'" $command a b
    # shellcheck disable=SC2086 # two words, or none
    {
        refuses 1 "$tmp/none: cannot open" $command "$tmp/none" $more
        refuses 1 "$tmp: cannot" $command "$tmp" $more
        refuses 1 "$tmp/empty.tflite: " $command "$tmp/empty.tflite" $more
        refuses 1 "$tmp/text.tflite: " $command "$tmp/text.tflite" $more
    }
done
# what people have instead of a .tflite file
for other in 'PK\003\004:zip' '\211HDF:HDF5' '\037\213:gzip' '\010\007:buffer'; do
    # shellcheck disable=SC2059 # the bytes are the format
    printf "${other%:*}\022 and some more bytes" >"$tmp/other"
    refuses 1 "$tmp/other: this is no .tflite file, it looks like" \
        inspect "$tmp/other"
    refuses 1 "${other#*:}" inspect "$tmp/other"
done
refuses 2 "no --input given" run model
refuses 2 "no --inputs given" eval model
refuses 2 "--top takes a whole number from 1 to 1000, not '0'" run m --top 0
refuses 2 "--top needs a value" run m --top
refuses 2 "--json takes no value" inspect m --json=yes
refuses 2 "--std takes a number" run m --std x
refuses 2 "--runs takes a whole number" bench m --runs 1.5
refuses 2 "--json does not go with --csv" bench m --json --csv
refuses 2 "unknown target 'abacus'" inspect m --target abacus
refuses 2 "'abacus': there are generic, x86, cortex-m0" inspect m -t abacus
refuses 2 "unknown target 'abacus'" compile m -o . --target abacus
for command in inspect report compile run eval bench; do
    refuses 2 "tinyinfer $command: --optimize takes one of \
ram|balanced|flash|speed, not 'fast'" $command m --optimize fast
    refuses 2 "--optimize takes one of" $command m --optimize=ram\|speed
    refuses 2 "--optimize takes one of" $command m --optimize ''
    refuses 2 "--stream-input takes no value" $command m --stream-input=1
    shows '--optimize ram|balanced|flash|speed' $command --help
    refuses 2 "--slide takes a whole number from 1 to 32767, not '0'" \
        $command m --slide 0
    refuses 2 "--region takes NAME:SIZE, not 'fast'" $command m --region fast
    refuses 2 "--flash-budget takes bytes, such as 65536, 64K or 1M, not '0'" \
        $command m --flash-budget 0
    refuses 2 "--region: '2nd' is no name" $command m --region 2nd:64K
    refuses 2 "--region: 'a-b' is no name" $command m --region a-b:64K
    refuses 2 "--region: '' is no name" $command m --region :64K
    for size in '' 0 K -1 64KB 3G 2048M 1.5K 99999999999999999999; do
        refuses 2 "--region: '$size' is no size" $command m --region "a:$size"
    done
    refuses 2 "--region: two are called 'fast'" $command m \
        --region fast:64K --region=FAST:1M
    refuses 2 'more than 4 times --region' $command m --region a:1 \
        --region b:1 --region c:1 --region d:1 --region e:1
    shows '--region NAME:SIZE' $command --help
    shows '--slide HOP' $command --help
done
use inspect "$(printf 'a\033[2Jb\nc')"
holds 'control bytes of a path are not printed' test "$(wc -l <"$tmp/err")" = 1

# ---- A network -------------------------------------------------------------

model=$mnist/mnist_int8.tflite
if [ ! -f "$model" ]; then
    skip "what needs examples/mnist/mnist_int8.tflite"
    finish
    exit
fi

size=$(wc -c <"$model")
at=0
while [ $at -lt "$size" ]; do
    head -c $at "$model" >"$tmp/cut.tflite"
    refuses 1 "tinyinfer inspect: $tmp/cut.tflite: " inspect "$tmp/cut.tflite"
    at=$((at + size / 40 + 1))
done
for command in 'run --input x.npy' 'eval --inputs x.npy' bench; do
    # shellcheck disable=SC2086 # a command and its option
    refuses 1 "$tmp/cut.tflite: " ${command%% *} "$tmp/cut.tflite" \
        ${command#"${command%% *}"}
done

shows 'arena ' inspect "$model"
shows 'lower bound' inspect "$model"
shows '1x28x28x1' inspect "$model"
holds 'the table of inspect fits the screen' \
    awk '!NF { exit } length($0) > 100 { exit 1 }' "$tmp/out"
shows 'offset' inspect "$model" --memory
shows '"state_bytes": 4' inspect tests/bad/I01_delay.tflite --json
shows 'state        4 bytes' inspect tests/bad/I01_delay.tflite
shows '"optimal": ' inspect "$model" --json
holds 'inspect --json is JSON' is_json "$tmp/out"
for key in macs weight_bytes flash_bytes cycles cycles_of arena_bytes \
    lower_bound_bytes layers index name \
    op kernel input_shape output_shape type scratch_bytes memory offset; do
    holds "inspect --json has $key" grep -q "\"$key\": " "$tmp/out"
done

# A value at the top of the last JSON object.
value() { sed -n "s/^  \"$1\": \\([^,]*\\),\$/\\1/p" "$tmp/out"; }

# The trade-off says of each setting what its own plan says.
use inspect "$model" --json
cp "$tmp/out" "$tmp/inspect.json"
holds 'the trade-off has eight rows' \
    test "$(grep -c '^    {"optimize": ' "$tmp/inspect.json")" = 8
for setting in ram balanced flash speed; do
    for streamed in false true; do
        option=
        [ $streamed = false ] || option=--stream-input
        # shellcheck disable=SC2086 # an option, or none
        shows "\"optimize\": \"$setting\"," inspect "$model" --json \
            --optimize $setting $option
        holds "inspect --optimize $setting $option says so" \
            test "$(value stream_input)" = $streamed
        holds "the trade-off of $setting $option is true" grep -qF "{\
\"optimize\": \"$setting\", \"stream_input\": $streamed, \"arena_bytes\": \
$(value arena_bytes), \"calls\": $(value calls), \"flash_bytes\": \
$(value flash_bytes), \"cycles\": $(value cycles)}" "$tmp/inspect.json"
        holds "$setting $option: all settings agree on the trade-off" \
            test "$(grep '^    {"opt' "$tmp/out" | cksum)" = \
            "$(grep '^    {"opt' "$tmp/inspect.json" | cksum)"
    done
done
# Less flash, more time; too little is refused.
use inspect "$model" --json --target cortex-m4 --optimize speed
most=$(value flash_bytes)
shows ' cycles of a Cortex-M4 without wait states' inspect "$model"
refuses 1 ' bytes of flash, the budget is 1024' \
    inspect "$model" --flash-budget 1K
use inspect "$model" --json --target cortex-m4 --optimize speed \
    --flash-budget $((most - 2000))
holds 'the budget is kept' test "$(value flash_bytes)" -le $((most - 2000))
shows 'left out     layer ' inspect "$model" --target cortex-m4 \
    --optimize speed --flash-budget $((most - 2000))
shows '"cycles_of": null' inspect "$model" --json --target x86
shows '"operator": "CONV_2D"' inspect --ops --json
holds 'inspect --ops --json is JSON' is_json "$tmp/out"
shows '| CONV_2D ' inspect --ops

shows 'streamed     input 0: 28 rows of 28 bytes' inspect "$model" \
    --stream-input
for text in '--optimize ' 'input streamed' balanced; do
    holds "inspect prints $text" grep -q -e "$text" "$tmp/out"
done
shows '--optimize ' inspect "$model" --tradeoff
shows 'calls        16, of kernels' inspect "$model" --resident
holds 'what is resident leaves the trade-off alone' \
    grep -q '^ram  *2,672 ' "$tmp/out"

# ---- Several memories ------------------------------------------------------

two='--region fast:2K --region slow:8K'
# shellcheck disable=SC2086 # options
{
    shows "memory fast " inspect "$model" $two
    holds 'inspect sums them up' awk '{ gsub(",", "") }
        $1 == "memory" && $3 ~ /^[0-9]/ { sum += $3 }
        $1 == "arena" { arena = $2 }
        END { exit sum == 0 || sum != arena }' "$tmp/out"
    shows 'memory  offset' inspect "$model" $two --memory
    shows '"regions": [' inspect "$model" $two --json
    holds 'inspect of two memories is JSON' is_json "$tmp/out"
    holds 'and says what they have' grep -q \
        '{"name": "slow", "bytes": [0-9]*, "available_bytes": 8192}' "$tmp/out"
    holds 'what lies in the second one' grep -q '{"region": 1, "offset"' \
        "$tmp/out"
    shows '"regions": [' report "$model" $two --json
    holds 'report of two memories is JSON' is_json "$tmp/out"
    shows "memory fast " report "$model" $two
    shows "<p>memory fast: " report "$model" $two --html
    use run "$model" -i "$mnist/digit_7.pgm" --layers
    cp "$tmp/out" "$tmp/one"
    for stream in '' --stream-input; do
        use run "$model" -i "$mnist/digit_7.pgm" $two $stream
        holds "run in two memories $stream" \
            test "$(tail -n 3 "$tmp/one")" = "$(tail -n 3 "$tmp/out")"
        shows 'inferences/s' bench "$model" --runs 1 $two $stream
    done
    use run "$model" -i "$mnist/digit_7.pgm" --layers $two
    holds 'layers in two memories' test "$(grep -v -- -------- "$tmp/one")" = \
        "$(grep -v -- -------- "$tmp/out")"
    use eval "$model" --inputs "$mnist/digits.npy" --limit 20
    cp "$tmp/out" "$tmp/one"
    use eval "$model" --inputs "$mnist/digits.npy" --limit 20 $two
    holds 'eval in two memories' cmp "$tmp/out" "$tmp/one"
}
refuses 1 'too small' inspect "$model" --region fast:2K
refuses 1 'too small' run "$model" -i x.npy --region a:1K --region b:1K
refuses 2 '--region is for one network alone' plan "$model" "$model" --shared \
    --region fast:64K

# ---- A window that slides --------------------------------------------------

refuses 1 'it pads the rows of its input, so the network cannot slide' \
    inspect "$model" --slide 1
refuses 2 'a window that slides shares no memory' plan "$model" "$model" \
    --shared --slide 1
refuses 2 '--slide does not go with samples' eval "$model" --inputs x --slide 1
refuses 2 '--layers does not go with --slide' run "$model" -i x --slide 1 \
    --layers
refuses 2 '--tradeoff does not go with --slide' inspect "$model" --slide 1 \
    --tradeoff

mean=$(dirname "$0")/bad/ok_mean.tflite # of 4 rows of 8 bytes
shows 'slides       a window of 4 rows of 8 bytes, by 2' inspect "$mean" \
    --slide 2
shows '"hop_rows": 2,' inspect "$mean" --slide 2 --json
holds 'inspect --slide is JSON' is_json "$tmp/out"
shows 'slides       a window of 4 rows' report "$mean" --slide 1
shows '"window_rows": 4,' report "$mean" --slide 1 --json
shows 'a window that slides: 4 rows' report "$mean" --slide 1 --html
shows 'hops/s' bench "$mean" --slide 3 --runs 2
shows '"hop_rows": 3,' bench "$mean" --slide 3 --runs 2 --json
refuses 1 'the hop must be 1 .. 4 rows, not 5' inspect "$mean" --slide 5

# Each window says what the network says of it alone.
head -c 96 "$model" >"$tmp/rows.bin"
for hop in 1 2 3 4; do
    use run "$mean" -i "$tmp/rows.bin" --slide $hop -o "$tmp/windows.bin"
    windows=$(((12 - 4) / hop + 1))
    holds "run --slide $hop prints a line for each window" \
        test "$(wc -l <"$tmp/out")" = $((windows + 1))
    : >"$tmp/apart.bin"
    i=0
    while [ $i -lt $windows ]; do
        tail -c +$((8 * i * hop + 1)) "$tmp/rows.bin" | head -c 32 \
            >"$tmp/window.bin"
        use run "$mean" -i "$tmp/window.bin" -o "$tmp/y.bin"
        cat "$tmp/y.bin" >>"$tmp/apart.bin"
        i=$((i + 1))
    done
    holds "run --slide $hop is right" cmp "$tmp/windows.bin" "$tmp/apart.bin"
done
shows '"first_row": 2,' run "$mean" -i "$tmp/rows.bin" --slide 2 --json -k 2
holds 'run --slide --json is JSON' is_json "$tmp/out"
npy "$tmp/rows.npy" \
    "{'descr': '|i1', 'fortran_order': False, 'shape': (12, 4, 2)}"
cat "$tmp/rows.bin" >>"$tmp/rows.npy"
use run "$mean" -i "$tmp/rows.bin" --slide 1
cp "$tmp/out" "$tmp/windows"
use run "$mean" -i "$tmp/rows.npy" --slide 1 --region a:24 --region b:1K
holds 'an array of rows, and two memories' cmp "$tmp/out" "$tmp/windows"
head -c 31 "$model" >"$tmp/few.bin"
refuses 1 '3 rows, but a window has 4' run "$mean" -i "$tmp/few.bin" --slide 1

# ---- compile ---------------------------------------------------------------

mkdir "$tmp/regions"
# shellcheck disable=SC2086 # options
shows "memory fast " compile "$model" --name digits -o "$tmp/regions" $two
arena=$(sed -n 's/^#define DIGITS_ARENA_BYTES //p' "$tmp/regions/digits.h")
for text in 'DIGITS_REGIONS 2' "DIGITS_REGION_FAST_BYTES $arena" \
    "DIGITS_REGION_SLOW_BYTES [1-9]" \
    'tin_net_open_regions(&net, &digits_model,'; do
    holds "the header of two memories has $text" \
        grep -q "$text" "$tmp/regions/digits.h"
done
shows "$tmp/regions/mean.c" compile "$mean" --name mean -o "$tmp/regions" \
    --slide 2
for text in 'MEAN_WINDOW_ROWS 4' 'MEAN_HOP_ROWS 2' 'MEAN_INPUT_ROW_BYTES 8' \
    'for (;;) {'; do
    holds "the header of a window that slides has $text" \
        grep -qF "$text" "$tmp/regions/mean.h"
done

mkdir "$tmp/net"
# What needs an instruction set says so to a compiler for another CPU.
for target in generic: cortex-m0: cortex-m4:DSP cortex-m55:MVE; do
    use compile "$model" --name digits -o "$tmp/net" --target "${target%:*}"
    needs=$(sed -n 's/^#if !TIN_HAVE_//p' "$tmp/net/digits.c")
    if [ $status = 0 ] && [ "$needs" = "${target#*:}" ]; then
        pass
    else
        fail "digits.c for ${target%:*} needs '$needs'"
    fi
done
shows 'cc -O2 -I' compile "$model" --name digits -o "$tmp/net"
for options in 'cortex-m0 -mthumb -O2 -c' \
    'cortex-m55 -mthumb -mfloat-abi=hard -O2 -c'; do
    shows "arm-none-eabi-gcc -mcpu=$options" compile "$model" --name digits \
        -o "$tmp/net" --target "${options%% *}"
done
shows "$tmp/net/digits.c" compile "$model" --name digits -o "$tmp/net" \
    --stream-input
for text in 'DIGITS_INPUT_ROWS 28' 'DIGITS_INPUT_ROW_BYTES 28' \
    'tin_stream_push_rows(&net, row, 1)' 'int8_t \*digits_input_row('; do
    holds "the header of a streamed input has $text" \
        grep -q "$text" "$tmp/net/digits.h"
done
holds 'a streamed input has no accessor' \
    test "$(grep -c 'digits_input(' "$tmp/net/digits.h")" = 0
shows "$tmp/net/digits.c" compile "$model" --name digits -o "$tmp/net" \
    --optimize speed
holds 'an input that is not streamed has one' \
    grep -q 'digits_input(' "$tmp/net/digits.h"
holds 'and nothing else' \
    test "$(grep -c '_ROWS\|_row\|tin_stream' "$tmp/net/digits.h")" = 0

# ---- run -------------------------------------------------------------------

shows '"index": 7' run "$model" --input "$mnist/digit_7.pgm" --top 1 --json
holds 'run --json is JSON' is_json "$tmp/out"
shows '-128' run "$model" --input="$mnist/digit_7.pgm" -k3 \
    --labels "$mnist/labels.txt"
holds 'run -k3 prints three classes under a head' \
    test "$(wc -l <"$tmp/out")" = 4
shows '#' run "$model" -i "$mnist/digit_7.pgm" --draw

# The same picture in every format gives the same bytes in every layer.
use run "$model" -i "$mnist/digit_7.pgm" --layers
cp "$tmp/out" "$tmp/layers"
holds 'a CRC for each layer' grep -Eq '^0 [A-Z0-9_]+ [0-9a-f]{8} ' "$tmp/layers"
tail -c 784 "$mnist/digit_7.pgm" >"$tmp/pixels"
npy "$tmp/u1.npy" \
    "{'descr': '|u1', 'fortran_order': False, 'shape': (28, 28)}"
cat "$tmp/pixels" >>"$tmp/u1.npy"
od -An -v -tu1 "$tmp/pixels" >"$tmp/numbers"
awk '{ for (i = 1; i <= NF; i++) printf "%.9g,", $i / 255; print "" }' \
    "$tmp/numbers" >"$tmp/real.csv"
{ echo 'P2 # plain' && echo '28 28 255' && cat "$tmp/numbers"; } \
    >"$tmp/plain.pgm"
# As int8, byte - 128: what the network itself stores.
octal=$(awk '{ for (i = 1; i <= NF; i++) printf "\\%03o", ($i + 128) % 256 }' \
    "$tmp/numbers")
# shellcheck disable=SC2059 # octal escapes
printf "$octal" >"$tmp/stored.bin"
npy "$tmp/s1.npy" \
    "{'descr': '|i1', 'fortran_order': False, 'shape': (1, 28, 28, 1)}"
cat "$tmp/stored.bin" >>"$tmp/s1.npy"
for file in u1.npy real.csv plain.pgm stored.bin s1.npy; do
    use run "$model" --input "$tmp/$file" --layers
    holds "$file gives the layers of digit_7.pgm" \
        cmp "$tmp/out" "$tmp/layers"
done
use run "$model" -i "$mnist/digit_7.pgm" --mean 0 --std 255 --layers
holds '--mean 0 --std 255 is what pixels mean here' cmp "$tmp/out" "$tmp/layers"
use run "$model" -i "$mnist/digit_7.pgm" --mean 127.5 --std 127.5 --layers
holds '--mean changes what the network sees' \
    test "$(cmp -s "$tmp/out" "$tmp/layers" || echo differs)" = differs

# However memory is used, the network says the same.
use run "$model" -i "$mnist/digit_7.pgm"
cp "$tmp/out" "$tmp/scores"
for setting in ram balanced flash speed; do
    use run "$model" -i "$mnist/digit_7.pgm" --layers --optimize $setting
    cp "$tmp/out" "$tmp/whole"
    use run "$model" -i "$mnist/digit_7.pgm" --layers --optimize $setting \
        --stream-input
    holds "$setting: the layers of a streamed input" \
        cmp "$tmp/out" "$tmp/whole"
    use run "$model" -i "$mnist/digit_7.pgm" --optimize $setting
    holds "$setting: the same scores" cmp "$tmp/out" "$tmp/scores"
done

# ---- run: what does not fit ------------------------------------------------

fits() { # FILE TEXT ...: refused with both shapes
    refuses 1 "$tmp/$1: " run "$model" --input "$tmp/$1"
    shift
    for text in "$@"; do
        holds "the message says $text" grep -qF -e "$text" "$tmp/err"
    done
}
printf 'P5 27 28 255\n' | cat - "$tmp/pixels" | head -c 769 >"$tmp/small.pgm"
fits small.pgm 28x27x1 1x28x28x1
{ printf 'P6 28 28 255\n' && cat "$tmp/pixels" "$tmp/pixels" "$tmp/pixels"; } \
    >"$tmp/colour.ppm"
fits colour.ppm 28x28x3 1x28x28x1
fits pixels 'what kind of file is this?'
head -c 300 "$tmp/pixels" >"$tmp/short.bin"
fits short.bin 300 784
head -c 500 "$mnist/digit_7.pgm" >"$tmp/cut.pgm"
fits cut.pgm 'bytes of samples'
head -c 100 "$tmp/u1.npy" >"$tmp/cut.npy"
fits cut.npy 'the shape needs 784'
echo '1,2,x' >"$tmp/bad.csv"
fits bad.csv 'line 1'
npy "$tmp/i4.npy" "{'descr': '<i4', 'fortran_order': False, 'shape': (28, 28)}"
cat "$tmp/pixels" "$tmp/pixels" "$tmp/pixels" "$tmp/pixels" >>"$tmp/i4.npy"
fits i4.npy 'int32 does not convert'
npy "$tmp/huge.npy" "{'descr': '<f8', 'fortran_order': False, 'shape': \
(2147483647, 2147483647, 2147483647)}"
fits huge.npy '2^40'
refuses 1 'cannot open' run "$model" --input "$tmp/none.pgm"
refuses 1 'takes 1x28x28x1; tinyinfer eval takes several samples' run \
    "$model" -i "$mnist/digits.npy"
refuses 1 'files for 2 inputs given, the network has 1' run "$model" \
    -i "$tmp/u1.npy" -i "$tmp/u1.npy"
echo cat >"$tmp/one.txt"
refuses 1 '--mean and --std are for uint8 pixels' run "$model" \
    -i "$tmp/s1.npy" --mean 1
refuses 1 '1 names for an output of 10 classes' run "$model" \
    -i "$tmp/u1.npy" --labels "$tmp/one.txt"

# ---- run: what it writes ---------------------------------------------------

for end in npy csv bin; do
    use run "$model" -i "$tmp/u1.npy" --output "$tmp/y.$end"
    holds "y.$end is written" test -s "$tmp/y.$end"
done
holds 'y.npy has ten elements after its head' \
    test "$(tail -c 10 "$tmp/y.npy" | cksum)" = "$(cksum <"$tmp/y.bin")"
holds 'y.csv has ten numbers' test "$(tr , '\n' <"$tmp/y.csv" | wc -l)" = 10
refuses 1 'no/such/y.npy: cannot write' run "$model" -i "$tmp/u1.npy" \
    -o "$tmp/no/such/y.npy"
refuses 1 'ending in .npy' run "$model" -i "$tmp/u1.npy" -o "$tmp/y.doc"
refuses 1 'files for 2 outputs given, the network has 1' run "$model" \
    -i "$tmp/u1.npy" \
    -o "$tmp/a.npy" -o "$tmp/b.npy"
holds 'nothing half-written is left' \
    test ! -e "$tmp/a.npy" -a ! -e "$tmp/y.doc" -a ! -e "$tmp/y.npy.part"
if ln -s y.bin "$tmp/link.bin" 2>/dev/null; then
    : >"$tmp/y.bin"
    use run "$model" -i "$tmp/u1.npy" -o "$tmp/link.bin"
    holds 'a link is written through, not replaced' \
        test -L "$tmp/link.bin" -a -s "$tmp/y.bin"
else
    skip 'links: this file system has none'
fi
if [ -w /dev/full ]; then
    "$tool" inspect "$model" >/dev/full 2>"$tmp/err"
    status=$?
    holds 'a full disk is an error' test $status = 1
else
    skip 'a full disk: there is no /dev/full'
fi

# ---- eval ------------------------------------------------------------------

x=$mnist/digits.npy y=$mnist/labels.npy
shows 'accuracy' eval "$model" --inputs "$x" --labels "$y" \
    --names "$mnist/labels.txt"
for word in precision recall f1-score support 'macro avg' 'weighted avg'; do
    holds "eval prints $word" grep -q "$word" "$tmp/out"
done
shows '"confusion": ' eval "$model" --inputs "$x" --labels "$y" --json
holds 'eval --json is JSON' is_json "$tmp/out"
holds 'eval: 200 samples' grep -q '"total": 200,' "$tmp/out"
holds 'eval: nearly all of them right' \
    awk -F'[:,]' '/"correct"/ { exit !($2 >= 190) }' "$tmp/out"
shows '"total": 7,' eval "$model" --inputs "$x" --labels "$y" --json --limit 7
shows '7 samples' eval "$model" --inputs "$x" --limit 7 -o "$tmp/all.csv"
holds 'eval writes a line for each sample' \
    test "$(wc -l <"$tmp/all.csv")" = 7
holds 'eval and run agree' \
    test "$(head -n 1 "$tmp/all.csv")" = "$(cat "$tmp/y.csv")"
shows '#' eval "$model" --inputs "$x" --labels "$y" --show 3
use eval "$model" --inputs "$x" --labels "$y"
cp "$tmp/out" "$tmp/whole"
use eval "$model" --inputs "$x" --labels "$y" --stream-input
holds 'eval of a streamed input' cmp "$tmp/out" "$tmp/whole"
use eval "$model" --inputs "$x" --labels "$y" --optimize speed
holds 'eval --optimize speed' cmp "$tmp/out" "$tmp/whole"
use eval "$model" --inputs "$x" --labels "$y" --resident
holds 'eval --resident' cmp "$tmp/out" "$tmp/whole"

tail -c 800 "$y" | od -An -v -td4 | tr -s ' ' '\n' | sed '/^$/d' \
    >"$tmp/y.txt"
use eval "$model" --inputs "$x" --labels "$tmp/y.txt"
holds 'eval with labels of text' cmp "$tmp/out" "$tmp/whole"
names='zero one two three four five six seven eight nine'
echo "$names" | tr ' ' '\n' >"$tmp/names.txt"
use eval "$model" --inputs "$x" --labels "$y" --names "$tmp/names.txt"
cp "$tmp/out" "$tmp/named"
awk -v names="$names" 'BEGIN { split(names, n, " ") }
    { printf "%s\r\n", NR % 2 ? n[$1 + 1] : $1 }' "$tmp/y.txt" >"$tmp/y.csv"
use eval "$model" --inputs "$x" --labels "$tmp/y.csv" --names "$tmp/names.txt"
holds 'eval with names and numbers' cmp "$tmp/out" "$tmp/named"
refuses 1 "line 1, '" eval "$model" --inputs "$x" --labels "$tmp/y.csv"
printf '7\n99999999999999999999\n' >"$tmp/large.txt"
refuses 1 "line 2, '9" eval "$model" --inputs "$x" --labels "$tmp/large.txt"
printf '7\n\n1\n' >"$tmp/gap.txt"
refuses 1 "line 2, ''" eval "$model" --inputs "$x" --labels "$tmp/gap.txt"
head -n 3 "$tmp/y.txt" >"$tmp/few.txt"
refuses 1 'few.txt: 3 labels for 200 samples' \
    eval "$model" --inputs "$x" --labels "$tmp/few.txt"
refuses 1 'labels are a .npy file of integers, or' \
    eval "$model" --inputs "$x" --labels "$mnist/digit_7.pgm"

npy "$tmp/labels.npy" "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}"
printf '\007\002\012' >>"$tmp/labels.npy"
npy "$tmp/three.npy" \
    "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 28, 28)}"
cat "$tmp/pixels" "$tmp/pixels" "$tmp/pixels" >>"$tmp/three.npy"
refuses 1 'label 10 of sample 2 is none of the 10 classes' \
    eval "$model" --inputs "$tmp/three.npy" --labels "$tmp/labels.npy"
refuses 1 '3 labels for 200 samples' \
    eval "$model" --inputs "$x" --labels "$tmp/labels.npy"
refuses 1 'labels have one axis' eval "$model" --inputs "$x" --labels "$x"
refuses 1 'does not fit' eval "$model" --inputs "$tmp/u1.npy"
refuses 1 'samples come as a .npy file' eval "$model" --inputs \
    "$mnist/digit_7.pgm"
refuses 1 'cannot open' eval "$model" --inputs "$x" --labels "$tmp/none.npy"
npy "$tmp/zero.npy" \
    "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 28, 28)}"
refuses 1 'no samples' eval "$model" --inputs "$tmp/zero.npy" -o "$tmp/z.npy"
shows '3 samples' eval "$model" --inputs "$tmp/three.npy"

# ---- bench -----------------------------------------------------------------

shows 'inferences/s' bench "$model" --runs 2 --warmup 0
shows 'index,name,op,kernel,macs,median_ns,min_ns,mac_per_s' \
    bench "$model" --runs 1 --csv
shows '"mac_per_s": ' bench "$model" --runs 1 --json
holds 'bench --json is JSON' is_json "$tmp/out"
shows '"mac_per_s": ' bench "$model" --runs 2 --json --stream-input
holds 'bench --stream-input --json is JSON' is_json "$tmp/out"
holds 'layers of a streamed input take time' grep -q \
    '"op": "CONV_2D".*"median_ns": [1-9]' "$tmp/out"
shows 'inferences/s' bench "$model" --runs 1 --optimize speed

finish
