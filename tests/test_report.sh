#!/bin/sh
# SPDX-License-Identifier: MIT
# `tinyinfer report` as its user meets it: exit statuses, messages, and what
# it writes as HTML, text and JSON.
#
# usage: tests/test_report.sh TOOL

tool=${1:?usage: tests/test_report.sh TOOL}
model=$(dirname "$0")/../examples/mnist/mnist_int8.tflite
tested() { "$tool" report "$@"; }
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

# WHAT PATTERN FILE: no line of the file has the pattern.
lacks() {
    if grep -Eq -e "$2" "$3"; then fail "$1"; else pass; fi
}

# FILE: every element is closed where it was opened, no id is there twice, no
# reference leaves the file.
is_html() {
    if ! command -v python3 >/dev/null 2>&1; then
        skip 'tags of the HTML: there is no python3'
        return
    fi
    python3 - "$1" >"$tmp/out" 2>"$tmp/err" <<'PY'
import re, sys
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input"}

class Check(HTMLParser):
    stack, ids, faults = [], set(), []

    def handle_startendtag(self, tag, attrs):
        self.look(tag, attrs)

    def handle_starttag(self, tag, attrs):
        self.look(tag, attrs)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.faults.append("</%s> at line %d" % (tag, self.getpos()[0]))

    def look(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append("an attribute twice in <%s>" % tag)
        for name, value in attrs:
            if name == "id" and value in self.ids:
                self.faults.append("id %s twice" % value)
            if name == "id":
                self.ids.add(value)
            if name.startswith("on") or tag in ("script", "iframe", "object"):
                self.faults.append("<%s %s>" % (tag, name))
            if name in ("href", "src") and value != "data:,":
                self.faults.append("%s=%s" % (name, value))
            for target in re.findall(r"url\(([^)]*)\)", value or ""):
                if not target.startswith("#"):
                    self.faults.append("url(%s)" % target)

text = open(sys.argv[1], encoding="utf-8").read()
check = Check()
check.feed(text)
check.close()
for target in re.findall(r"url\(#(\w+)\)", text):
    if target not in check.ids:
        check.faults.append("no id " + target)
print("\n".join(check.faults + check.stack))
sys.exit(bool(check.faults or check.stack))
PY
    status=$?
    if [ $status = 0 ]; then pass; else fail "$1 is well-formed HTML"; fi
}

# ---- The command line ------------------------------------------------------

shows 'usage: tinyinfer report MODEL' --help
for option in --output --html --text --json --chip --chips --target \
    --optimize --stream-input; do
    holds "--help tells of $option" grep -q -e "$option" "$tmp/out"
done
refuses 2 'no MODEL given'
refuses 2 "unknown option '--foo'" --foo
refuses 2 'one of --html, --text and --json' m --html --json
refuses 2 "unknown target 'abacus'" m --target abacus
refuses 2 "unknown chip 'stm32n6': did you mean stm32n657?" m --chip stm32n6
refuses 2 "unknown chip 'abacus': --chips lists them" m --chip abacus
refuses 2 'unknown chip' m --chip ''
refuses 1 "$tmp/none: cannot open" "$tmp/none"
for chip in stm32l4r9 stm32l4r5 stm32f746 stm32f401 stm32h743 nrf52840 \
    nrf52832 nrf5340 rp2040 rp2350 atsamd21g18 atsamd51j19 mimxrt1062 apollo3 \
    lpc55s69 nrf51822 max78000 stm32u585; do
    shows "$chip " --chips
done
holds 'the list of chips fits the screen' \
    awk 'length($0) > 110 { exit 1 }' "$tmp/out"

if [ ! -f "$model" ]; then
    skip 'what needs examples/mnist/mnist_int8.tflite'
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed = 0 ]
    exit
fi

# ---- Text ------------------------------------------------------------------

shows 'choose one with --chip' "$model"
holds 'lines of the report fit the screen' \
    awk 'length($0) > 110 { exit 1 }' "$tmp/out"
for text in 'memory map' 'sets the bound' 'cost of each layer' 'rows held'; do
    holds "the report has: $text" grep -q "$text" "$tmp/out"
done
shows 'stm32l4r9: fits' "$model" --chip STM32L4R9ZI
shows 'target cortex-m4' "$model" -c stm32l4r9
shows 'target cortex-m0' "$model" -c stm32l4r9 -t cortex-m0

# ---- JSON ------------------------------------------------------------------

shows '"chip": null' "$model" --json
for key in model target macs calls pushed_rows weight_bytes arena_bytes \
    lower_bound_bytes optimal binding_layer fits layers index name op kernel input_shape \
    output_shape type scratch_bytes places kind lower upper offset bytes rows \
    all_rows; do
    holds "--json has $key" grep -q "\"$key\": " "$tmp/out"
done
cp "$tmp/out" "$tmp/report.json"
holds '--json is JSON' is_json "$tmp/report.json"
shows '"ram_bytes": 655360' "$model" --json --chip stm32l4r9
for key in flash_bytes cpu mhz flash ram; do
    holds "--json --chip has $key" grep -q "\"$key\": " "$tmp/out"
done
number() { sed -n "s/^  \"$1\": \\([0-9]*\\),\$/\\1/p" "$2"; }
"$tool" inspect "$model" --json >"$tmp/inspect.json"
for key in macs weight_bytes arena_bytes lower_bound_bytes; do
    holds "report and inspect agree on $key" \
        test "$(number $key "$tmp/report.json")" = \
        "$(number $key "$tmp/inspect.json")"
done
for option in --stream-input '--optimize balanced' '--optimize speed'; do
    # shellcheck disable=SC2086 # an option and its value
    {
        "$tool" inspect "$model" --json $option >"$tmp/inspect.json"
        use "$model" --json $option
    }
    for key in arena_bytes calls pushed_rows; do
        holds "report and inspect agree on $key with $option" \
            test "$(number $key "$tmp/out")" = \
            "$(number $key "$tmp/inspect.json")"
    done
done
shows 'streamed: 28 rows of 28 bytes' "$model" --stream-input

# Places lie in the arena, and one of them ends where it does.
sed -n 's/.*"offset": \([0-9]*\), "bytes": \([0-9]*\),.*/\1 \2/p' \
    "$tmp/report.json" >"$tmp/places"
holds 'the places fill the arena and no more' awk \
    -v arena="$(number arena_bytes "$tmp/report.json")" '
    $1 + $2 > top { top = $1 + $2 }
    END { exit top != arena }' "$tmp/places"

# ---- HTML ------------------------------------------------------------------

shows 'written: ' "$model" -o "$tmp/report.html" --chip nrf51822
is_html "$tmp/report.html"
lacks 'the file needs no network' 'https?:|@import|<script|//[a-z]' \
    "$tmp/report.html"
for text in '<title>mnist_int8.tflite' 'prefers-color-scheme:dark' '<svg' \
    'class="peak"' 'class="place ' 'name="viewport"' 'On nrf51822'; do
    holds "the page has $text" grep -qF -e "$text" "$tmp/report.html"
done
holds 'the map has a place of progress' grep -q '<title>progress$' \
    "$tmp/report.html"
lacks 'no hint says a word twice' '<title>([a-z]+): \1$' "$tmp/report.html"
holds 'an estimate has three digits' \
    grep -qE 'about [0-9]{1,3}(,[0-9]00|,[0-9]{1,2}0)?(,000)* cycles' \
    "$tmp/report.html"
holds 'labels lie over the line of the bound' awk '
    /class="in / { label = 1 } /class="bound"/ { bound = 1; late = label }
    END { exit !bound || !label || late }' "$tmp/report.html"
use "$model" --html --chip nrf51822
holds 'the page is the same on standard output' \
    cmp "$tmp/out" "$tmp/report.html"
use "$model" -o "$tmp/plain.html"
is_html "$tmp/plain.html"
use "$model" -o "$tmp/streamed.html" --stream-input --optimize speed
is_html "$tmp/streamed.html"
holds 'the page tells of a streamed input' \
    grep -q 'streamed: 28 rows of 28 bytes' "$tmp/streamed.html"

# A name that would be markup: of the file here, of layers in test_report.c.
cp "$model" "$tmp/<img onerror=x>&\"'.tflite"
use "$tmp/<img onerror=x>&\"'.tflite" -o "$tmp/nasty.html"
is_html "$tmp/nasty.html"
lacks 'the name of the file stays text' '<img' "$tmp/nasty.html"

# ---- What it writes --------------------------------------------------------

shows 'written: ' "$model" --json -o "$tmp/out.json"
holds '-o --json writes what --json prints' cmp "$tmp/out.json" \
    "$tmp/report.json"
shows 'written: ' "$model" --text -o "$tmp/report.txt"
holds '-o --text writes text' grep -q 'memory map' "$tmp/report.txt"
refuses 1 'no/such/x.html: cannot write' "$model" -o "$tmp/no/such/x.html"
holds 'nothing half-written is left' test ! -e "$tmp/report.html.part"
if [ -w /dev/full ]; then
    "$tool" report "$model" --html >/dev/full 2>"$tmp/err"
    status=$?
    holds 'a full disk is an error' test $status = 1
else
    skip 'a full disk: there is no /dev/full'
fi

finish
