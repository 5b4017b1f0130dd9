#!/bin/sh
# SPDX-License-Identifier: MIT
# A picture (SVG) of a baseline's networks against the peers of peers.csv: for
# each network the cycles of one inference as a part of the slowest engine's.
#
# usage: bench/chart.sh BASELINE.csv PEERS.csv > chart.svg

usage='usage: bench/chart.sh BASELINE.csv PEERS.csv'
ours=${1:?$usage} peers=${2:?$usage}

awk -F, -v peers="$peers" '
function commas(n,   s) {
    s = sprintf("%d", n)
    while (match(s, /[0-9][0-9][0-9][0-9](,|$)/))
        s = substr(s, 1, RSTART) "," substr(s, RSTART + 1)
    return s
}
function add(model, engine, cycles) {
    if (!(model in place)) { place[model] = ++n_models; name[n_models] = model }
    if (!(engine in rank)) { rank[engine] = ++n_engines; label[n_engines] = engine }
    value[place[model], rank[engine]] = cycles
    if (cycles > most[place[model]]) most[place[model]] = cycles
}
FNR == 1 { next }
FILENAME == peers { if ($5) peer[$1] = peer[$1] $3 "=" $5 ";"; next }
$3 == "total" && $1 in peer {
    add($1, "libtinyinfer", $8)
    n = split(peer[$1], part, ";")
    for (i = n - 1; i > 0; i--) {
        split(part[i], pair, "=")
        add($1, pair[1], pair[2])
    }
}
END {
    title["ad_autoencoder_int8"] = "AD autoencoder"
    title["kws_dscnn_int8"] = "KWS DS-CNN"
    title["ic_resnet8_int8"] = "IC ResNet-8"
    title["vww_mobilenet_int8"] = "VWW MobileNetV1 0.25"
    bar = 15; gap = 22; left = 176; width = 420
    group = n_engines * bar + gap
    high = 62 + n_models * group
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" " \
        "font-family=\"system-ui, sans-serif\" font-size=\"13\">\n", high
    print "<title>Cycles of one inference on a Cortex-M4</title>"
    print "<style>text{fill:#1f2328}.e1{fill:#1a7f5a}.e2{fill:#9a8fc0}" \
        ".e3{fill:#c3c8cf}.bg{fill:#fff}.k{fill:#59636e}" \
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}" \
        ".e1{fill:#3fb98a}.e2{fill:#8577b8}.e3{fill:#545d68}" \
        ".bg{fill:#0d1117}.k{fill:#9198a1}}</style>"
    printf "<rect class=\"bg\" width=\"760\" height=\"%d\"/>\n", high
    x = left
    for (e = 1; e <= n_engines; e++) {
        printf "<rect class=\"e%d\" x=\"%d\" y=\"14\" width=\"12\" " \
            "height=\"12\"/><text x=\"%d\" y=\"25\">%s</text>\n", e, x, x + 17,
            label[e]
        x += 45 + 7 * length(label[e])
    }
    for (m = 1; m <= n_models; m++) {
        y = 44 + (m - 1) * group
        printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
            left - 10, y + n_engines * bar / 2 + 4, title[name[m]]
        for (e = 1; e <= n_engines; e++) {
            w = width * value[m, e] / most[m]
            printf "<rect class=\"e%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" " \
                "height=\"%d\"/><text class=\"k\" x=\"%.1f\" y=\"%d\" " \
                "font-size=\"11\">%s</text>\n", e, left, y + (e - 1) * bar, w,
                bar - 2, left + w + 6, y + (e - 1) * bar + 11,
                commas(value[m, e])
        }
    }
    printf "<text class=\"k\" x=\"%d\" y=\"%d\" font-size=\"11\">cycles of one " \
        "inference: best published on silicon, the others modelled</text>\n",
        left, high - 12
    print "</svg>"
}' "$peers" "$ours"
