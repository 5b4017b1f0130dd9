#!/bin/sh
# SPDX-License-Identifier: MIT
# What networks cost on another CPU: builds the firmware example for each,
# runs it under QEMU with a meter, prints a table of its layers and a line
#
#   model=NAME target=cortex-m4 instructions=N cycles=N arena=N code=N
#
# usage: bench/bench_target.sh TARGET BUILD [MODEL...]
#
# TARGET        m0 m3 m4 m7 m33 m55 a57
# MODEL         default: the digit network, and the shared int8 networks, where
#               there is an FPU also those in float, if they are there
# CSV=FILE      also writes the table to a file
#
# instructions  of one whole inference, exact
# cycles        of the same by the model in m4meter.c; only Cortex-M4
# arena         bytes of RAM that the network runs in, besides its stack
# code          flash of an image that only runs the network (minimal.c with
#               start-up code and libc), text and data, without the constants
#               that its kernels read: weights, biases, multipliers, shifts,
#               tables. The network's tables of layers and tensors do count.
#               A peer's figure that leaves out its whole model file, scales
#               included, leaves out at least as much. None for a57, where an
#               image is a Linux program.

usage='usage: bench/bench_target.sh TARGET BUILD [MODEL...]'
target=${1:?$usage}
build=${2:?$usage}
shift 2
target=${target#cortex-}
shared=${TIN_SHARED:-../shared}
csv=${CSV:-/dev/null}
work=$build/bench/$target

meter=blockcount prefix=arm-none-eabi- emulator=qemu-system-arm
packages='gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm'
case $target in
m0 | m3 | m7) board=mps2 ;;
m4) board=mps2 meter=m4meter ;;
m33) board=mps2-an505 ;;
m55) board=mps3-an547 ;;
a57)
    board='' prefix=aarch64-linux-gnu- emulator=qemu-aarch64
    packages='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user'
    ;;
*)
    echo "bench_target.sh: unknown target '$target'" >&2
    exit 2
    ;;
esac

if [ $# -eq 0 ]; then
    set -- examples/mnist/mnist_int8.tflite
    names='ad_autoencoder_int8 kws_dscnn_int8 ic_resnet8_int8
        vww_mobilenet_int8'
    case $target in
    m0 | m3) ;;
    m55) names="$names ic_resnet8_f32" ;; # its board has 512 KB for weights
    *) names="$names ad_autoencoder_f32 ic_resnet8_f32" ;;
    esac
    for name in $names; do
        model=$shared/models/$name.tflite
        [ ! -e "$model" ] || set -- "$@" "$model"
    done
fi

for tool in "${prefix}gcc" $emulator; do
    if ! command -v "$tool" >/dev/null; then
        echo "SKIPPED: no $tool: install $packages"
        exit 0
    fi
done

# QEMU 9 took a new version of the plugin interface and gave up the old one.
build_meter() {
    major=$($emulator --version |
        sed -n 's/.*version \([0-9]*\).*/\1/p' | head -n 1)
    api=1
    [ "${major:-0}" -lt 9 ] || api=2
    ${HOSTCC:-cc} -std=c99 -O2 -shared -fPIC -DQEMU_PLUGIN_API=$api \
        -o "$build/$meter.so" bench/$meter.c
}

# image DIR [VARIABLE...]: builds an image of $model
image() {
    dir=$1
    shift
    make --no-print-directory -s BUILD="$build" firmware TARGET="$target" \
        MODEL="$model" BOARD="$board" FW_DIR="$dir" \
        FLAGS="${FLAGS:---optimize speed}" "$@" \
        >"$work/make.log" 2>&1 || {
        echo "FAILED: $model does not build for $target"
        tail -n 5 "$work/make.log"
        return 1
    }
}

address() { # FUNCTION of the image
    "${prefix}nm" "$work/metered/image.elf" |
        awk -v name="$1" '$3 == name { print "0x" $1 }'
}

# Leaves in run.txt what the image prints, "sample step crc" for each call of
# a kernel, and what the meter prints, a line a pass. QEMU mixes them.
run_image() {
    case $build in
    /*) plugin=$build/$meter.so ;;
    *) plugin=./$build/$meter.so ;;
    esac
    timeout 600 sh examples/firmware/run.sh "$target" "$board" \
        "$work/metered/image.elf" '' -- -plugin \
        "$plugin,begin=$(address measure_begin),end=$(address measure_end)" \
        >"$work/run.txt" 2>&1
    grep -q "^$meter: pass" "$work/run.txt" && return
    if grep -qi plugin "$work/run.txt"; then
        echo "SKIPPED: this $emulator does not take plugins: install $packages"
    else
        echo "FAILED: $name stops on $target"
    fi
    head -n 2 "$work/run.txt"
    return 1
}

macro() { # NAME in network.h
    sed -n "s/^#define NETWORK_$1 \([0-9]*\).*/\1/p" "$work/metered/network.h"
}

# Bytes of the constants that kernels read: arrays in network.c whose names
# end with a layer's number.
constant_bytes() {
    sed -n 's/^static const [a-z0-9_]* \([a-z0-9]*_[0-9x_]*\)\[.*/\1/p' \
        "$work/minimal/network.c" >"$work/constants.txt"
    "${prefix}nm" -S -t d "$work/minimal/image.elf" |
        awk 'NR == FNR { constant[$1] = 1; next }
            NF == 4 && $4 in constant { bytes += $2 }
            END { print bytes + 0 }' "$work/constants.txt" -
}

code_bytes() {
    [ "$target" != a57 ] || return 0
    image "$work/minimal" \
        FW_SOURCES='bench/minimal.c examples/firmware/startup.c' || return 1
    "${prefix}size" "$work/minimal/image.elf" |
        awk -v constants="$(constant_bytes)" \
            'NR == 2 { print $1 + $2 - constants }'
}

# Beside our sum those of the peers, where peers.csv has the network. Theirs
# came from the same meters. "TFLM's reference kernels" is what is inside them
# on that core, layer after layer, with no interpreter: GCC 12.2, the best of
# -O1, -O2, -O3 and -Os, each with the kernels inlined and not.
peer_rows() { # INSTRUCTIONS CYCLES
    awk -F, -v name="$name" -v target="$cpu" -v n="$1" -v cycles="$2" '
        function row(what, theirs, ours) {
            if (theirs > 0 && ours > 0)
                printf "      %s: %d %s, of which this is %.2f%s\n", $3, theirs,
                    what, ours / theirs,
                    $7 == "silicon" ? " (measured on silicon)" : ""
        }
        $1 == name && $2 == target {
            if ($5) row("cycles", $5, cycles)
            else row("instructions", $4, n)
        }' bench/peers.csv
}

# Joins what each step is (steps.csv), the order of the calls and the cost of
# the passes (run.txt): every call is a pass; one more finds nothing to do; the
# last is a whole inference. Of a streamed input each row ends with a pass that
# finds nothing to do: a call is the pass that is printed before it.
report() {
    awk -v name="$name" -v target="$cpu" -v arena="$(macro ARENA_BYTES)" \
        -v code="$1" -v csv="$csv" '
    function put(layer, op, kernel, macs, n, cycles) {
        printf "%5s %-18s %-16s %10s %12d %6s", layer, op, kernel, macs, n,
            per(n, macs)
        if (has_cycles)
            printf " %12d %6s", cycles, per(cycles, macs)
        printf "\n"
        print name, target, layer, op, kernel, macs, n, cycles >>csv
    }
    function per(n, macs) { return macs > 0 ? sprintf("%.2f", n / macs) : "-" }
    BEGIN { OFS = ","; last = -1 }
    FILENAME ~ /steps.csv$/ {
        if (FNR > 1) {
            split($0, f, ",")
            layer_of[f[1]] = f[2]
            op[f[2]] = f[3]
            kernel[f[2]] = f[4]
            macs[f[2]] += f[5]
            all_macs += f[5]
            if (f[2] > last_layer) last_layer = f[2]
        }
    }
    /^0 [0-9]+ [0-9a-f]+/ {
        pass_of[n_calls] = n_passes - 1
        step_of[n_calls++] = $2
    }
    $2 == "pass" {
        n[$3] = $5
        c[$3] = $7
        if (NF > 5) has_cycles = 1
        n_passes++
    }
    END {
        for (i = 0; i < n_calls; i++) {
            pass = n_passes == n_calls + 2 ? i : pass_of[i]
            if (pass <= last || pass > n_passes - 3) {
                print "FAILED: " name ": " n_passes " passes, " n_calls " calls"
                exit 1
            }
            last = pass
            layer = layer_of[step_of[i]]
            layer_n[layer] += n[pass]
            layer_c[layer] += c[pass]
        }
        head = sprintf("%5s %-18s %-16s %10s %12s %6s", "layer", "operator",
            "kernel", "MACs", "instructions", "/MAC")
        if (has_cycles) head = head sprintf(" %12s %6s", "cycles", "/MAC")
        print "\n" name " on " target "\n" head
        for (i = 0; i <= last_layer; i++)
            if (i in op)
                put(i, op[i], kernel[i], macs[i], layer_n[i], layer_c[i])
        last = n_passes - 1
        put("total", "", "", all_macs, n[last], c[last])
        line = "model=" name " target=" target " instructions=" n[last]
        if (has_cycles) line = line " cycles=" c[last]
        line = line " arena=" arena
        if (code != "") line = line " code=" code
        print line
    }' "$work/steps.csv" "$work/run.txt"
}

# The report, with the peers before its last line.
report_with_peers() { # CODE
    report "$1" >"$work/model.txt"
    sed '$d' "$work/model.txt"
    line=$(tail -n 1 "$work/model.txt")
    number() { echo "$line" | sed -n "s/.* $1=\([0-9]*\).*/\1/p"; }
    peer_rows "$(number instructions)" "$(number cycles)"
    echo "$line"
}

bench_model() {
    name=$(basename "$model" .tflite)
    image "$work/metered" || return
    run_image || return
    # shellcheck disable=SC2046 # none or two words
    if ! "$build/tinyinfer-bench" --steps --target "$cpu" \
        $(echo "${FLAGS:---optimize speed}" |
            grep -o -e '--optimize[ =][a-z]*') "$model" \
        >"$work/steps.csv"; then
        echo "FAILED: $name: no list of steps"
        return
    fi
    if code=$(code_bytes); then
        report_with_peers "$code"
    else
        echo "$code" # says why
    fi
}

cpu=cortex-$target
mkdir -p "$work"
build_meter || exit 1
if [ "$csv" != /dev/null ]; then
    echo 'model,target,layer,operator,kernel,macs,instructions,cycles' >"$csv"
fi
for model in "$@"; do
    bench_model
done | tee "$work/report.txt"
! grep -q '^FAILED' "$work/report.txt"
