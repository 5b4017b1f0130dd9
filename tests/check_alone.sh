#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Proves that every kernel can be copied alone into other firmware.
#
#   sh tests/check_alone.sh BUILD_DIR
#
# From the top of the source tree. Each file of kernels/ goes with
# tinyinfer_kernels.h and the header that it includes, with the one that this
# includes, and nothing else, into an empty folder and is compiled there by every
# compiler below, warnings being errors. Its object may hold no
# writable data (.data, .bss) and may need no other symbol than
#
#   - memcpy, memset, memmove;
#   - helpers that the compiler itself calls for: libgcc's and the Arm ABI's;
#   - the libm functions that the kernel's comment in the header, or a comment
#     in the file, names in a line of the form "Libm: expf, sqrtf."
#
# Prints one line per compiler, with the symbols other than helpers that its
# objects need; all symbols, by file, are left in BUILD_DIR/alone/symbols.txt.

set -u
export LC_ALL=C

build=${1:?usage: sh tests/check_alone.sh BUILD_DIR}
header=include/tinyinfer_kernels.h
warn="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wundef
      -Wmissing-prototypes -Wstrict-prototypes -Wdouble-promotion -Werror"
helpers='__aeabi_[a-z0-9_]+|__gnu_[a-z0-9_]+|__[a-z]+[sdtx][if][0-9]?'

# The headers of newlib, which clang has none of.
newlib=$(echo '#include <string.h>' | arm-none-eabi-gcc -M -x c - 2>/dev/null |
    tr ' ' '\n' | sed -n '/sys\//!s|/string\.h$||p')
clang_arm="clang --target=arm-none-eabi -mthumb -Wcast-align -isystem $newlib"

# Compiler and its flags, one a line. Clang, which has fewer registers to spare
# for assembly, also where it optimizes nothing and spares one more.
compilers="gcc -Wcast-align=strict
clang -Wcast-align
arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -Wcast-align=strict
arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -Wcast-align=strict
arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb -mfloat-abi=hard -Wcast-align=strict
aarch64-linux-gnu-gcc -Wcast-align=strict
i686-linux-gnu-gcc -Wcast-align=strict
$clang_arm -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
$clang_arm -mcpu=cortex-m33 -mfloat-abi=soft -O0
$clang_arm -mcpu=cortex-m55 -mfloat-abi=hard"

rm -rf "$build/alone"
mkdir -p "$build/alone" || exit 1
alone=$(cd "$build/alone" && pwd) || exit 1
kernels=$(find kernels -name '*.c' | sort)
n_kernels=$(echo "$kernels" | wc -l | tr -d ' ')
if [ -z "$kernels" ] || [ ! -f "$header" ]; then
    echo "check_alone.sh: no kernels here; run it from the top of the tree" >&2
    exit 1
fi

# The libm functions that file $1 may call.
libm() {
    name=tin_$(basename "$1" .c)
    awk -v line="^tin_kernel $name;" '
        /^\/\*/ || /^typedef/ { names = "" }
        sub(/^ \* Libm: /, "") { names = $0 }
        $0 ~ line { print names }' include/*.h | tr -c 'a-z0-9' ' '
    sed -n 's/^ \* Libm: //p' "$1" | tr -c 'a-z0-9' ' '
}

# Compiles file $1 alone by $2; the rest is flags. Says what is wrong.
check() {
    file=$1 compiler=$2
    shift 2
    case "$*" in # nm, size
    *--target=arm-none-eabi*) tools=arm-none-eabi- ;;
    *) tools=$(echo "$compiler" | sed -n 's/gcc$//p') ;;
    esac
    dir=$alone/one
    rm -rf "$dir" && mkdir "$dir" && cp "$file" "$dir" || return 1
    own=$file
    while [ "$own" != "$header" ]; do # the one it includes, and what that does
        own=$(sed -n 's|^#include "\(tinyinfer_[a-z0-9]*.h\)"|include/\1|p' \
            "$own")
        cp "$own" "$dir" || return 1
    done
    # shellcheck disable=SC2086 # $warn is a list of words
    (cd "$dir" && "$compiler" $warn -O2 -fno-pic "$@" \
        -c "$(basename "$file")" -o one.o) || return 1

    "${tools}nm" -u "$dir/one.o" | sed 's/.* //' >"$dir/needs" || return 1
    sed "s|^|$compiler $* $file |" "$dir/needs" >>"$alone/symbols.txt"
    grep -vxE "$helpers" "$dir/needs" >>"$alone/plain"
    allowed=$(echo "memcpy memset memmove $(libm "$file")" | tr -s ' ' '|')
    surprise=$(grep -vxE "$helpers|${allowed%|}" "$dir/needs" | tr '\n' ' ')
    if [ -n "$surprise" ]; then
        echo "$file: needs $surprise"
        return 1
    fi
    "${tools}size" -A "$dir/one.o" >"$dir/size" || return 1
    if awk '/^\.(data|bss)/ && !/rel\.ro/ { n += $2 } END { exit n == 0 }' \
        "$dir/size"; then
        echo "$file: has writable data"
        return 1
    fi
}

passed=0 failed=0 skipped=0
while read -r cc flags; do
    label="$cc $(echo "$flags" | grep -o 'cortex-[a-z0-9]*')"
    missing=
    command -v "$cc" >/dev/null || missing=$cc
    case $flags in
    *--target=arm-none-eabi*)
        [ -n "$newlib" ] || missing="$missing arm-none-eabi-gcc and its newlib" ;;
    esac
    if [ -n "$missing" ]; then
        printf '%-32s SKIPPED, not installed: %s\n' "$label" "${missing# }"
        skipped=$((skipped + n_kernels))
        continue
    fi
    bad=0
    : >"$alone/plain"
    for file in $kernels; do
        # shellcheck disable=SC2086 # $flags is a list of words
        check "$file" "$cc" $flags </dev/null || bad=$((bad + 1))
    done
    passed=$((passed + n_kernels - bad))
    failed=$((failed + bad))
    printf '%-32s %s passed, %s failed; needs: %s\n' "$label" \
        $((n_kernels - bad)) $bad "$(sort -u "$alone/plain" | tr '\n' ' ')"
done <<END
$compilers
END

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
