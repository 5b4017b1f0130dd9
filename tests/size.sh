#!/bin/sh
# SPDX-License-Identifier: MIT
# Code size in bytes of each kernel file on each core, as the firmware example
# compiles it.
#
# usage: tests/size.sh BUILD

build=${1:?usage: tests/size.sh BUILD}
cores="m0 m3 m4 m7 m33 m55"

for core in $cores; do
    make --no-print-directory -s BUILD="$build" TARGET=$core firmware-library \
        >/dev/null || exit 1
done
printf '%-24s' kernel
for core in $cores; do printf '%8s' $core; done
echo
# A variant for another instruction set has no code: -
(cd "$build/firmware/m4/obj/kernels" && find . -name '*.o' | sort) |
    while read -r object; do
        printf '%-24s' "$(basename "$object" .o)"
        for core in $cores; do
            printf '%8s' "$(size "$build/firmware/$core/obj/kernels/$object" |
                awk 'NR == 2 { print $1 ? $1 : "-" }')"
        done
        echo
    done
