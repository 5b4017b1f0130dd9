#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the tests need and this machine lacks, and says so. Where it
# cannot, it names the packages and goes on: the tests that need them will say
# SKIPPED.
#
# usage: tests/setup.sh

needs() { # COMMAND PACKAGE...: the packages unless the command is there
    command -v "$1" >/dev/null 2>&1 && return
    shift
    missing="$missing $*"
}

missing=
needs clang clang
needs arm-none-eabi-gcc gcc-arm-none-eabi libnewlib-arm-none-eabi \
    libstdc++-arm-none-eabi-newlib
needs aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross
needs i686-linux-gnu-gcc gcc-i686-linux-gnu libc6-dev-i386-cross
needs qemu-system-arm qemu-system-arm
needs qemu-aarch64 qemu-user
needs pkg-config pkg-config
needs clang-format clang-format
echo '#include <criterion/criterion.h>' |
    ${CC:-cc} -E -x c - >/dev/null 2>&1 || missing="$missing libcriterion-dev"

if [ -z "$missing" ]; then
    echo "setup: everything that the tests need is installed"
    exit 0
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
if ! command -v apt-get >/dev/null 2>&1 ||
    { [ -n "$sudo" ] && ! command -v sudo >/dev/null 2>&1; }; then
    echo "setup: cannot install packages here; to run every test, install:"
    echo "setup:  $missing"
    exit 0
fi
echo "setup: installing$missing"
log=$(mktemp)
# shellcheck disable=SC2086 # a list of words
if { $sudo apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
        --no-install-recommends $missing; } >"$log" 2>&1; then
    echo "setup: installed"
else
    tail -n 5 "$log"
    echo "setup: could not install all of:$missing"
fi
rm -f "$log"
