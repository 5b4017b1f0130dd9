#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs test commands, one a line on standard input, and adds up what they say.
#
# A command is a Criterion binary or a script whose last line is
# "N passed, N failed, N skipped"; a command that says neither counts as one
# test, one that runs none as a failed one. Lines with SKIPPED are shown, so
# that nothing is skipped in silence.
#
# usage: tests/run.sh LOG_DIR [LABEL] < commands

logs=${1:?usage: tests/run.sh LOG_DIR [LABEL] < commands}
label=${2:-total}
mkdir -p "$logs"
passed=0 failed=0 skipped=0
export CRITERION_VERBOSITY_LEVEL=1 # it tells of skipped tests from there on

# Sets p, f, s from the log of one command and its exit status.
count() {
    line=$(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -a 'Synthesis: ' | tail -n 1)
    if [ -n "$line" ]; then
        p=$(echo "$line" | sed 's/.*Passing: \([0-9]*\).*/\1/')
        f=$(echo "$line" | sed 's/.*Failing: \([0-9]*\).*/\1/')
        c=$(echo "$line" | sed 's/.*Crashing: \([0-9]*\).*/\1/')
        f=$((f + c))
        s=$(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -ac '^\[SKIP\]')
    else
        line=$(grep -aE '^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed' "$1" |
            tail -n 1 | sed 's/^[a-z-]*: //')
        p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
        f=$(echo "$line" | sed -n 's/.*, \([0-9]*\) failed.*/\1/p')
        s=$(echo "$line" | sed -n 's/.*, \([0-9]*\) skipped.*/\1/p')
        : "${p:=$((${2} == 0))}" "${f:=$((${2} != 0))}" "${s:=0}"
    fi
    [ "$2" = 0 ] || [ "$f" != 0 ] || f=1
    [ $((p + f + s)) != 0 ] || f=1 # no test at all
}

while read -r command; do
    [ -n "$command" ] || continue
    name=$(basename "${command%% *}" .sh)
    log=$logs/$name.log
    start=$(date +%s)
    sh -c "$command" >"$log" 2>&1 </dev/null
    status=$?
    count "$log" $status
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '  %-22s %5d passed %4d failed %4d skipped  %3d s\n' \
        "$name" "$p" "$f" "$s" $(($(date +%s) - start))
    grep -a SKIP "$log" | sed 's/\x1b\[[0-9;]*m//g; s/^/      /' |
        sort | uniq | head -n 8
    [ "$f" = 0 ] || grep -av '^\[RUN \]\|^\[PASS\]' "$log" | tail -n 40
done
echo "$label: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
