#!/bin/sh
# SPDX-License-Identifier: MIT
# The tool and the libraries share one namespace, and of two functions of one
# name in two archives a linker takes the first in silence: no global is
# defined twice, and all begin with tin_.
#
# usage: tests/check_names.sh FILE...    (archives and objects)

passed=0 failed=0

# WHAT NAMES: there are none.
none() {
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1:" $2
    fi
}

# Names of the implementation are the compiler's: a sanitizer's, for one.
names=$(nm -g --defined-only "$@" |
    awk 'NF == 3 && $3 !~ /^_/ && $3 != "main" { print $3 }')
if [ -z "$names" ]; then
    echo "FAILED: there are no names in $*"
    exit 1
fi
none 'defined twice' "$(echo "$names" | sort | uniq -d)"
none 'without tin_' "$(echo "$names" | grep -v '^tin_')"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
