#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs an image of the firmware example under QEMU, or directly where the
# machine can.
#
# usage: examples/firmware/run.sh TARGET BOARD IMAGE [FILE] [-- QEMU_OPTION...]
#
# TARGET  m0 m3 m4 m7 m33 m55 a57, or a name for this machine
# BOARD   as `make firmware` took it; "" where the target has none
# FILE    samples for the network; "" or none: a fixed pattern

target=$1 board=$2 image=$3
shift 3
file=
if [ $# -gt 0 ] && [ "$1" != -- ]; then
    file=$1
    shift
fi
[ "${1-}" != -- ] || shift

case $target-$board in
m0-microbit) machine=microbit ;;
m0-* | m3-*) machine=mps2-an385 ;; # code for an M0 runs on an M3
m4-*) machine=mps2-an386 ;;
m7-*) machine=mps2-an500 ;;
m33-*) machine=mps2-an505 ;;
m55-*) machine=mps3-an547 ;;
a57-*) exec qemu-aarch64 -cpu cortex-a57 "$@" "$image" $file ;;
*) exec "$image" $file ;;
esac

arguments=arg=image
[ -z "$file" ] || arguments=$arguments,arg=$file
exec qemu-system-arm -M $machine -display none -monitor none -serial null \
    -semihosting-config enable=on,target=native,$arguments \
    "$@" -kernel "$image"
