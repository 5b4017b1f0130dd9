#!/bin/sh
# SPDX-License-Identifier: MIT
# What changed against a baseline: every layer and network whose cost differs,
# old and new. Cycles where both tables have them, else instructions.
#
# usage: bench/diff.sh BASELINE.csv NEW.csv
#
# Both as bench_target.sh writes them. A network that only one of them has is
# named and left out.

usage='usage: bench/diff.sh BASELINE.csv NEW.csv'
old=${1:?$usage} new=${2:?$usage}

awk -F, -v old="$old" '
function cost(cycles, n) { return cycles > 0 ? cycles : n }
FNR == 1 { next }
{ key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4 }
FILENAME == old {
    was[key] = cost($8, $7)
    kernel[key] = $5
    has_old[$1 " on " $2]
    next
}
{
    net = $1 " on " $2
    has_new[net]
    if (!(net in has_old))
        next
    now = cost($8, $7)
    if (!(key in was)) {
        printf "%-22s %-10s %5s %-18s %33s %12d  new: %s\n", $1, $2, $3, $4,
            "", now, $5
        n_changed++
    } else if (was[key] != now || kernel[key] != $5) {
        printf "%-22s %-10s %5s %-18s %-20s %12d %12d %+7.2f %%%s\n", $1, $2,
            $3, $4, $5, was[key], now, 100 * (now - was[key]) / was[key],
            kernel[key] == $5 ? "" : "  was: " kernel[key]
        n_changed++
    }
    n_same += key in was && was[key] == now
}
END {
    for (net in has_old) if (!(net in has_new)) print net ": not measured now"
    for (net in has_new) if (!(net in has_old)) print net ": not in " old
    printf "%d layers and sums changed, %d as they were\n", n_changed, n_same
}' "$old" "$new"
