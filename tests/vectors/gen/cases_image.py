# SPDX-License-Identifier: MIT
"""Cases of the operators that make an image larger or smaller: resizes and
transposed convolutions."""

import numpy as np

from case import TYPES, Case, Draw, quant
from cases_weighted import Weighted, make
from tflite_model import ACTIVATION, INT32, SAME, VALID, Net

# ---- Resize: from and to (height, width), and
#   a, h    align_corners, half_pixel_centers
#   n, c    batch 1, channels 3
#   zero    drawn

RESIZE = {
    "twice": ((4, 5), (8, 10), {}),
    "twice_half": ((4, 5), (8, 10), dict(h=True)),
    "twice_align": ((4, 5), (8, 10), dict(a=True)),
    "thrice": ((3, 4), (9, 12), {}),
    "thrice_half": ((3, 4), (9, 12), dict(h=True)),
    "four_times_align": ((3, 5), (12, 20), dict(a=True)),
    "odd_up": ((5, 7), (8, 9), {}),
    "odd_up_half": ((5, 7), (8, 9), dict(h=True)),
    "odd_up_align": ((5, 7), (8, 9), dict(a=True)),
    "odd_far_half": ((7, 3), (31, 29), dict(h=True, c=1)),
    "odd_far_align": ((7, 3), (31, 29), dict(a=True, c=1)),
    "odd_far": ((7, 3), (31, 29), dict(c=1)),
    "halved": ((8, 10), (4, 5), {}),
    "halved_half": ((8, 10), (4, 5), dict(h=True)),
    "halved_align": ((9, 11), (5, 6), dict(a=True)),
    "odd_down": ((11, 13), (4, 5), {}),
    "odd_down_half": ((11, 13), (4, 5), dict(h=True)),
    "odd_down_align": ((11, 13), (4, 5), dict(a=True)),
    "up_and_down": ((4, 9), (7, 4), {}),
    "up_and_down_half": ((4, 9), (7, 4), dict(h=True)),
    "down_and_up_align": ((9, 4), (4, 7), dict(a=True)),
    "same": ((5, 4), (5, 4), {}),
    "same_half": ((5, 4), (5, 4), dict(h=True)),
    "same_align": ((5, 4), (5, 4), dict(a=True)),
    "from_pixel": ((1, 1), (5, 6), {}),
    "from_pixel_half": ((1, 1), (5, 6), dict(h=True)),
    "from_pixel_align": ((1, 1), (5, 6), dict(a=True)),
    "to_pixel": ((5, 6), (1, 1), {}),
    "to_pixel_half": ((5, 6), (1, 1), dict(h=True)),
    "to_pixel_align": ((5, 6), (1, 1), dict(a=True)),
    "row": ((1, 6), (1, 15), dict(h=True)),
    "column": ((6, 1), (15, 1), dict(h=True)),
    "many_channels": ((3, 2), (5, 3), dict(c=37, h=True)),
    "batch": ((3, 4), (6, 8), dict(n=3)),
    "batch_half": ((4, 3), (7, 5), dict(n=2, h=True)),
    "zero_low": ((3, 3), (6, 6), dict(zero=-128, h=True)),
    "zero_high": ((3, 3), (6, 6), dict(zero=127)),
    "extremes": ((6, 6), (13, 11), dict(extreme=True, h=True)),
    "extremes_align": ((6, 6), (16, 21), dict(extreme=True, a=True)),
    "long": ((2, 96), (3, 200), dict(c=1, h=True)),
    "long_align": ((2, 96), (3, 200), dict(c=1, a=True)),
}


def resize(op, type):
    t = TYPES[type]
    for name, ((ih, iw), (oh, ow), c) in RESIZE.items():
        draw = Draw("%s_%s/%s" % (op, type, name))
        n, ch = c.get("n", 1), c.get("c", 3)
        q = quant(t, np.float32(0.05), c.get("zero", int(
            draw.r.randint(-100, 101))))
        x = draw.values(t, (n, ih, iw, ch))
        if "extreme" in c and type != "f32":
            info = np.iinfo(x.dtype)
            x = np.where(x > 0, info.max, info.min).astype(x.dtype)
        net = Net()
        a = net.tensor(x.shape, t, **q)
        size = net.tensor((2,), INT32, data=np.array((oh, ow)))
        b = net.tensor((n, oh, ow, ch), t, **q)
        half = c.get("h", False)
        net.op(op, [a, size], [b], version=4 if type == "s16" else 3,
               alignCorners=c.get("a", False), halfPixelCenters=half)
        yield Case(name, net.build([a], [b]), [x])


def resize_bilinear(type):
    return resize("RESIZE_BILINEAR", type)


def resize_nearest(type):
    return resize("RESIZE_NEAREST_NEIGHBOR", type)


# ---- Transposed convolutions: keys as in CONV2D of cases_weighted.py; h and w
# are the input's, out: the output's, if it is not the largest that fits.

TRANSCONV = {
    "plain": {},
    "stride2": dict(s=(2, 2)),
    "stride2_same": dict(s=(2, 2), pad=SAME),
    "stride2_same_even_kernel": dict(s=(2, 2), k=(4, 4), pad=SAME),
    "stride2_kernel2": dict(s=(2, 2), k=(2, 2)),
    "stride2_kernel2_same": dict(s=(2, 2), k=(2, 2), pad=SAME),
    "stride2_odd_output": dict(s=(2, 2), pad=SAME, out=(9, 7), h=5, w=4),
    "stride3_kernel2": dict(s=(3, 3), k=(2, 2)),
    "stride3_kernel1": dict(s=(3, 3), k=(1, 1)),
    "stride3_same": dict(s=(3, 3), k=(5, 5), pad=SAME),
    "stride_1x2": dict(s=(1, 2), pad=SAME),
    "stride_3x1": dict(s=(3, 1), k=(4, 2)),
    "same": dict(pad=SAME),
    "same_5x2": dict(pad=SAME, k=(5, 2)),
    "valid_larger": dict(s=(2, 2), k=(2, 2), out=(9, 9)),
    "valid_smaller": dict(s=(2, 2), out=(7, 6)),
    "pixel": dict(h=1, w=1),
    "pixel_stride4": dict(h=1, w=1, s=(4, 4), k=(4, 4), pad=SAME),
    "pointwise": dict(k=(1, 1), c=9, oc=5),
    "row_image": dict(h=1, w=6, k=(1, 4), s=(1, 2), pad=SAME),
    "column_image": dict(h=6, w=1, k=(4, 1), s=(2, 1), pad=SAME),
    "one_channel": dict(c=1, oc=1, s=(2, 2), pad=SAME),
    "many_channels": dict(c=19, oc=18, h=2, w=3, s=(2, 2)),
    "one_to_many": dict(c=1, oc=33, h=2, w=2),
    "large_kernel": dict(h=3, w=2, k=(9, 7), s=(2, 3), pad=SAME),
    "batch": dict(n=3, h=3, w=2, s=(2, 2), pad=SAME),
    "zero_low": dict(izp=-128, ozp=127, s=(2, 2), pad=SAME),
    "zero_high": dict(izp=127, ozp=-128, s=(2, 2), pad=SAME),
    "no_bias": dict(bias=False, s=(2, 2)),
    "per_tensor": dict(per_tensor=True, s=(2, 2), pad=SAME),
    "relu": dict(act="relu", s=(2, 2), pad=SAME),
    "relu6": dict(act="relu6", ozp=-128, s=(2, 2)),
    "saturating": dict(spread=6.0, s=(2, 2)),
    "ties": dict(ties=True, oc=12, s=(2, 2), pad=SAME, types=("s8",)),
    "weights_min": dict(weights="min", s=(2, 2), c=4),
}


def transconv2d(kind):
    for name, c in TRANSCONV.items():
        if kind not in c.get("types", (kind,)):
            continue
        n, h, w, ic = c.get("n", 1), c.get("h", 4), c.get("w", 5), c.get("c", 3)
        (kh, kw), (sh, sw) = c.get("k", (3, 3)), c.get("s", (1, 1))
        pad, oc = c.get("pad", VALID), c.get("oc", 4)
        oh, ow = c.get("out") or ((h * sh, w * sw) if pad == SAME else (
            (h - 1) * sh + kh, (w - 1) * sw + kw))
        shape = (n, oh, ow, oc)
        layer = Weighted(Draw("transconv2d_%s/%s" % (kind, name)), c, kind,
                         (n, h, w, ic), shape, (oc, kh, kw, ic), 0)

        def add(net, x, w, b, y, dequantized):
            said = net.tensor((4,), INT32, data=np.array(shape))
            act = c.get("act", "none")
            version = 4 if act != "none" else 3 if b >= 0 else (
                1 if kind == "f32" else 2)
            net.op("TRANSPOSE_CONV", [said, w, x] + ([b] if b >= 0 else []),
                   [y], version=version, padding=pad, strideH=sh, strideW=sw,
                   fusedActivationFunction=ACTIVATION[act])

        case = make(name, kind, layer, add)
        if kind == "s4":  # both oracles take the nibbles for bytes
            layer.kind = "s8"
            case.oracle_model = make(name, "s8", layer, add).model
        yield case


FILES = {"%s_%s" % (f.__name__, type): (f, type)
         for f, types in ((resize_bilinear, ("f32", "s8", "s16")),
                          (resize_nearest, ("f32", "s8", "s16")),
                          (transconv2d, ("f32", "s8", "s4")))
         for type in types}
