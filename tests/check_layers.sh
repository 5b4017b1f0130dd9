#!/bin/sh
# SPDX-License-Identifier: MIT
# The rooms of the house and who may use whom: arrows run down this table.
#
# usage: tests/check_layers.sh

passed=0 failed=0

# room FOLDER ALLOWED: every #include "..." in FOLDER must match ALLOWED
room() {
    bad=$(grep -rHnE '^ *# *include *"' "$1" --include='*.[ch]' |
        grep -vE "include *\"($2)\"")
    if [ -z "$bad" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1 may include only $2"
        echo "$bad"
    fi
}

# system FOLDER ALLOWED: the same for #include <...>
system() {
    bad=$(grep -rHnE '^ *# *include *<' "$1" --include='*.[ch]' |
        grep -vE "include *<($2)>")
    if [ -z "$bad" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1 may include only $2"
        echo "$bad"
    fi
}

room kernels 'tinyinfer_(kernels|fpu|unary|binary|reduce|matmul|move|image|state|s16|winograd|conv2d|dwconv2d|pool)\.h'
system kernels 'string\.h|math\.h|arm_neon\.h|arm_mve\.h|arm_acle\.h|immintrin\.h'
room src/runtime 'tinyinfer\.h'
system src/runtime 'string\.h'
room src/planner 'tinyinfer\.h|[a-z]+\.h'
system src/planner 'string\.h|stdint\.h|stddef\.h'
room src/compiler '[a-z0-9_]+\.h|operators\.inc|\.\./\.\./kernels/variants\.inc'
room src/cli 'tinyinfer(_kernels|_compiler)?\.h|[a-z0-9_]+\.h|\.\./\.\./bench/measure\.h'
room examples 'tinyinfer(_kernels|_compiler)?\.h|[a-z0-9_]+\.h'
room bench 'tinyinfer(_kernels|_compiler)?\.h|[a-z0-9_]+\.h|\.\./kernels/variants\.inc|\.\./src/cli/guess\.h'
system include 'stdint\.h|stddef\.h'

# private headers stay in their room
for room in runtime planner compiler cli; do
    for header in src/$room/*.h; do
        [ -e "$header" ] || continue
        [ "$header" = src/cli/guess.h ] && continue # the bench program's, too
        name=$(basename "$header")
        users=$(grep -rlE "include *\"([^\"]*/)?$name\"" kernels src examples \
            bench --include='*.[ch]' | grep -v "^src/$room/")
        if [ -z "$users" ]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAILED: $header is private, used by $users"
        fi
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
