# SPDX-License-Identifier: MIT
"""Cases of the operators with weights: convolutions and dense layers, in
int8, in float, hybrid (float activations, int8 weights), and with int4 weights
for int8 activations ("s4")."""

import numpy as np

from case import Case, Draw
from tflite_model import (ACTIVATION, FLOAT32, INT32, INT4, INT8, SAME, VALID,
                          Net)

# Keys and their defaults:
#   n, h, w, c       input            1 6 6 3
#   oc               output channels  4
#   k                kernel           (3, 3)
#   s, d             stride, dilation (1, 1)
#   pad              SAME or VALID    VALID
#   act              fused activation none
#   izp, ozp         zero points      drawn
#   per_tensor       one weight scale False
#   bias             True; without, `minus_one` names it -1
#   groups           1
#   spread           width of the outputs in units of the output range; over
#                    1 many saturate   0.7
#   weights          "draw", "max" (all 127), "min" (all -128)
#   inputs           "draw", "high" (all as far from izp as they go)
#   ties             True: scales are powers of two, so that many sums fall
#                    half way between two outputs and every rounding shows
CONV2D = {
    "plain": {},
    "same": dict(pad=SAME),
    "same_even_stride2": dict(h=6, w=8, s=(2, 2), pad=SAME),
    "same_odd_stride2": dict(h=7, w=5, s=(2, 2), pad=SAME),
    "same_kernel_2x4": dict(k=(2, 4), pad=SAME),
    "same_kernel_5x2_stride_1x2": dict(k=(5, 2), s=(1, 2), pad=SAME),
    "stride3": dict(h=10, w=11, s=(3, 3)),
    "stride3_same": dict(h=8, w=7, s=(3, 3), pad=SAME, act="relu"),
    "stride_3x1": dict(h=9, s=(3, 1), pad=SAME),
    "stride_over_kernel": dict(h=9, w=9, k=(1, 2), s=(4, 3)),
    "stride_over_kernel_same": dict(h=8, w=9, k=(1, 2), s=(4, 3), pad=SAME),
    "dilation2": dict(h=8, w=8, d=(2, 2)),
    "dilation2_same": dict(h=7, w=6, d=(2, 2), pad=SAME),
    "dilation_2x3_stride2": dict(h=9, w=12, d=(2, 3), s=(2, 2), pad=SAME),
    "dilation_over_image": dict(h=4, w=3, d=(5, 4), pad=SAME),
    "in_zero_low": dict(izp=-128, pad=SAME),
    "in_zero_high": dict(izp=127, pad=SAME),
    "out_zero_low": dict(ozp=-128, act="relu"),
    "out_zero_high": dict(ozp=127),
    "zeros_low_high": dict(izp=-128, ozp=127, pad=SAME),
    "zeros_high_low": dict(izp=127, ozp=-128, pad=SAME),
    "pixel": dict(h=1, w=1, k=(1, 1), c=5),
    "pixel_same_3x3": dict(h=1, w=1, pad=SAME, izp=-128),
    "pixel_same_5x5_stride2": dict(h=1, w=1, k=(5, 5), s=(2, 2), pad=SAME),
    "row_image": dict(h=1, w=9, k=(1, 3), pad=SAME),
    "column_image": dict(h=9, w=1, k=(3, 1)),
    "pointwise": dict(k=(1, 1), c=8, oc=9),
    "pointwise_stride2": dict(k=(1, 1), c=5, oc=3, s=(2, 2)),
    "one_channel": dict(c=1, oc=1, pad=SAME),
    "one_to_many": dict(c=1, oc=17),
    "many_to_one": dict(c=19, oc=1),
    "whole_image": dict(k=(6, 6), c=2, oc=10),
    "odd_channels": dict(c=7, oc=5, pad=SAME),
    "saturating": dict(spread=6.0),
    "saturating_act": dict(spread=6.0, act="relu", ozp=-20),
    "relu": dict(act="relu"),
    "relu6": dict(act="relu6", ozp=-128),
    "relu_n1_to_1": dict(act="relu_n1_to_1", ozp=3),
    "batch": dict(n=3, h=4, w=5, pad=SAME),
    "batch_stride2": dict(n=2, h=5, w=4, s=(2, 2), act="relu6"),
    "per_tensor": dict(per_tensor=True, pad=SAME),
    "no_bias": dict(bias=False, pad=SAME),
    "bias_minus_one": dict(bias=False, minus_one=True),
    "per_tensor_no_bias": dict(per_tensor=True, bias=False, act="relu"),
    "weights_min": dict(weights="min", c=4, pad=SAME),
    "groups2": dict(c=4, oc=6, groups=2, pad=SAME),
    "groups4_pointwise": dict(c=8, oc=4, groups=4, k=(1, 1)),
    "groups3_stride2": dict(c=6, oc=3, groups=3, s=(2, 2), act="relu"),
    "groups_are_channels": dict(c=4, oc=8, groups=4, pad=SAME),
    "small_scales": dict(w_scale=(1e-6, 1e-5)),
    "shift_left": dict(spread=900.0, c=1, k=(1, 1)),
    "accumulator_limit": dict(h=1, w=1, k=(1, 1), c=66311, oc=1, bias=False,
                              izp=-128, ozp=0, weights="max", inputs="high",
                              spread=0.8, types=("s8",)),
    "ties": dict(ties=True, oc=12, types=("s8",)),
    "ties_same": dict(ties=True, oc=6, h=5, w=7, pad=SAME, types=("s8",)),
    "ties_relu": dict(ties=True, oc=6, c=2, act="relu", types=("s8",)),
    "long_sum": dict(h=1, w=1, k=(1, 1), c=1500, oc=2),
}

# As above; `mult` is the depth multiplier, 1, and `say` what the options say of
# it. Where `oracle_says` stands, the oracle gets an equivalent model, for it
# fails with this one.
DWCONV2D = {
    "plain": {},
    "same": dict(pad=SAME),
    "same_even_stride2": dict(h=6, w=8, s=(2, 2), pad=SAME),
    "same_odd_stride2": dict(h=7, w=5, s=(2, 2), pad=SAME),
    "same_kernel_2x4": dict(k=(2, 4), pad=SAME),
    "kernel_10x4_stride2": dict(h=12, w=8, c=1, mult=8, k=(10, 4), s=(2, 2),
                                pad=SAME, act="relu"),
    "stride3": dict(h=10, w=11, s=(3, 3)),
    "stride3_same": dict(h=8, w=7, s=(3, 3), pad=SAME, act="relu"),
    "stride_1x2": dict(h=5, w=9, s=(1, 2), pad=SAME),
    "stride_over_kernel_same": dict(h=8, w=9, k=(1, 2), s=(4, 3), pad=SAME),
    "dilation2": dict(h=8, w=8, d=(2, 2)),
    "dilation2_same": dict(h=7, w=6, d=(2, 2), pad=SAME),
    "dilation_over_image": dict(h=4, w=3, d=(5, 4), pad=SAME),
    "in_zero_low": dict(izp=-128, pad=SAME),
    "in_zero_high": dict(izp=127, pad=SAME),
    "out_zero_low": dict(ozp=-128, act="relu"),
    "out_zero_high": dict(ozp=127),
    "zeros_high_low": dict(izp=127, ozp=-128, pad=SAME),
    "pixel": dict(h=1, w=1, k=(1, 1), c=5),
    "pixel_same_3x3": dict(h=1, w=1, pad=SAME, izp=-128),
    "row_image": dict(h=1, w=9, k=(1, 3), pad=SAME),
    "one_channel": dict(c=1, pad=SAME),
    "multiplier2": dict(mult=2, pad=SAME),
    "multiplier3_stride2": dict(mult=3, s=(2, 2), act="relu"),
    "multiplier8_one_channel": dict(c=1, mult=8),
    "multiplier_unsaid": dict(c=2, mult=2, say=0, oracle_says=True),
    "odd_channels": dict(c=13, pad=SAME),
    "whole_image": dict(k=(6, 6), c=4),
    "saturating": dict(spread=6.0),
    "relu": dict(act="relu"),
    "relu6": dict(act="relu6", ozp=-128),
    "relu_n1_to_1": dict(act="relu_n1_to_1", ozp=3),
    "batch": dict(n=3, h=4, w=5, pad=SAME),
    "batch_multiplier2": dict(n=2, h=5, w=4, c=2, mult=2, s=(2, 2)),
    "per_tensor": dict(per_tensor=True, pad=SAME),
    "no_bias": dict(bias=False, pad=SAME),
    "bias_minus_one": dict(bias=False, minus_one=True, oracle_says=True),
    "per_tensor_no_bias": dict(per_tensor=True, bias=False, act="relu"),
    "weights_min": dict(weights="min", pad=SAME),
    "ties": dict(ties=True, c=12, types=("s8",)),
    "ties_multiplier2": dict(ties=True, c=6, mult=2, pad=SAME,
                             types=("s8",)),
    "ties_relu": dict(ties=True, c=6, act="relu", types=("s8",)),
    "accumulator_limit": dict(h=256, w=257, k=(256, 257), c=1, bias=False,
                              izp=-128, ozp=0, weights="min", inputs="high",
                              spread=0.8, types=("s8",)),
}

# in: input shape; oc; wk: weights' inner size (last of `in`); keep: flag.
DENSE = {
    "plain": {},
    "one_input": dict(shape=(1, 1)),
    "one_output": dict(oc=1),
    "one_by_one": dict(shape=(1, 1), oc=1),
    "rank1": dict(shape=(12,)),
    "batch": dict(shape=(5, 12)),
    "batch_relu": dict(shape=(3, 7), act="relu", oc=9),
    "rank3": dict(shape=(2, 3, 8)),
    "rank3_keep": dict(shape=(2, 3, 8), keep=True),
    "rank4": dict(shape=(1, 2, 3, 4), wk=24),
    "rank4_batch": dict(shape=(2, 3, 2, 4), wk=24),
    "rank4_rows": dict(shape=(2, 3, 2, 4)),
    "rank4_keep": dict(shape=(2, 3, 2, 4), keep=True),
    "rank4_keep_pixel": dict(shape=(1, 1, 1, 10), keep=True, oc=3),
    "in_zero_low": dict(izp=-128),
    "in_zero_high": dict(izp=127),
    "out_zero_low": dict(ozp=-128, act="relu"),
    "out_zero_high": dict(ozp=127),
    "zeros_high_low": dict(izp=127, ozp=-128),
    "saturating": dict(spread=6.0, oc=16),
    "relu": dict(act="relu", oc=16),
    "relu6": dict(act="relu6", ozp=-128, oc=16),
    "relu_n1_to_1": dict(act="relu_n1_to_1", ozp=3, oc=16),
    "no_bias": dict(bias=False),
    "bias_left_out": dict(bias=False, short=True),
    "per_channel": dict(per_tensor=False, oc=10),
    "per_channel_no_bias": dict(per_tensor=False, bias=False, oc=7),
    "weights_min": dict(weights="min"),
    "many_outputs": dict(shape=(1, 3), oc=97),
    "ties": dict(ties=True, shape=(20, 12), oc=12, types=("s8",)),
    "ties_relu": dict(ties=True, shape=(20, 9), oc=6, act="relu",
                      types=("s8",)),
    "ties_per_channel": dict(ties=True, shape=(20, 12), oc=12,
                             per_tensor=False, types=("s8",)),
    "long_row": dict(shape=(1, 640), oc=3),
    "odd_row": dict(shape=(2, 67), oc=5),
    "small_scales": dict(w_scale=(1e-6, 1e-5)),
    "shift_left": dict(spread=900.0, shape=(1, 2)),
    "accumulator_limit": dict(shape=(1, 66311), oc=1, bias=False, izp=-128,
                              ozp=0, weights="max", inputs="high",
                              spread=0.8, types=("s8",)),
}


def out_size(size, kernel, stride, dilation, pad):
    span = (kernel - 1) * dilation + 1
    if pad == SAME:
        return -(-size // stride)
    return (size - span) // stride + 1


class Weighted:
    """The numbers of one layer: everything but its operator."""

    def __init__(self, draw, c, kind, in_shape, out_shape, w_shape, w_axis):
        self.kind, self.c = kind, c
        self.in_shape, self.out_shape = in_shape, out_shape
        self.w_shape, self.w_axis = w_shape, w_axis
        oc = w_shape[w_axis]
        fan_in = int(np.prod(w_shape)) // oc
        self.bias = None
        if kind == "f32":
            self.x = draw.float32(in_shape)
            self.w = draw.float32(w_shape, 2 / np.sqrt(fan_in))
            if c.get("bias", True):
                self.bias = draw.float32((oc,))
            return
        n_scales = 1 if c.get("per_tensor", False) else oc
        self.w_scale = draw.scales(n_scales, *c.get("w_scale", (0.002, 0.02)))
        most = 7 if kind == "s4" else 127
        self.w = draw.int8(w_shape, -most, most)
        if c.get("weights") == "max":
            self.w[:] = most
        if c.get("weights") == "min":
            self.w[:] = -most - 1
        if kind == "hybrid":
            self.x = draw.float32(in_shape)
            if c.get("bias", True):
                self.bias = draw.float32((oc,))
            return
        self.in_zero = c.get("izp", int(draw.r.randint(-40, 41)))
        self.out_zero = c.get("ozp", int(draw.r.randint(-40, 41)))
        self.in_scale = draw.scale()
        self.x = draw.int8(in_shape)
        if c.get("ties"):
            self.draw_ties(draw, oc)
            return
        if c.get("inputs") == "high":
            self.x[:] = 127 if self.in_zero < 0 else -128
        self.bias_scale = self.in_scale * self.w_scale
        # Sums that are as wide as the output range, times `spread`.
        width = 74.0 * 73.0 * np.sqrt(fan_in) * most / 127
        if c.get("inputs") == "high":
            width = 255.0 * 127 * fan_in / 1.5
        real = float(width * self.in_scale * self.w_scale.mean())
        self.out_scale = np.float32(real / 64 / c.get("spread", 0.7))
        if c.get("act", "none") in ("relu6", "relu_n1_to_1"):
            # the activation's range is to be narrower than the output's
            limit = 6 if c["act"] == "relu6" else 1
            factor = np.float32(limit / 90 / self.out_scale)
            self.in_scale = np.float32(self.in_scale * factor)
            self.bias_scale = self.in_scale * self.w_scale
            self.out_scale = np.float32(self.out_scale * factor)
        if c.get("bias", True):
            self.bias = draw.r.randint(-8000, 8001, size=oc).astype(np.int32)

    def draw_ties(self, draw, oc):
        powers = np.arange(len(self.w_scale)) % 6
        self.in_scale = np.float32(0.5)
        self.w_scale = np.float32(2.0 ** -(2 + powers))
        self.out_scale = np.float32(1 if len(powers) > 1 else 2)
        self.bias_scale = self.in_scale * self.w_scale
        self.w = draw.int8(self.w_shape, -3, 3)
        self.bias = draw.r.randint(-500, 501, size=oc).astype(np.int32)

    def tensors(self, net, dequantized=False):
        """Adds input, weights, bias (or -1) and output to a net."""
        if self.kind in ("s8", "s4"):
            x = net.tensor(self.in_shape, INT8, self.in_scale, self.in_zero)
            w = net.tensor(self.w_shape, INT4 if self.kind == "s4" else INT8,
                           self.w_scale, 0, self.w, self.w_axis)
            b = -1
            if self.bias is not None:
                b = net.tensor(self.bias.shape, INT32, self.bias_scale, 0,
                               self.bias)
            y = net.tensor(self.out_shape, INT8, self.out_scale,
                           self.out_zero)
            return x, w, b, y
        x = net.tensor(self.in_shape, FLOAT32)
        if self.kind == "f32":
            w = net.tensor(self.w_shape, FLOAT32, data=self.w)
        elif dequantized:
            shape = [1] * len(self.w_shape)
            shape[self.w_axis] = len(self.w_scale)
            scales = self.w_scale.reshape(shape)
            w = net.tensor(self.w_shape, FLOAT32,
                           data=self.w.astype(np.float32) * scales)
        else:
            w = net.tensor(self.w_shape, INT8, self.w_scale, 0, self.w,
                           self.w_axis)
        b = -1
        if self.bias is not None:
            b = net.tensor(self.bias.shape, FLOAT32, data=self.bias)
        return x, w, b, net.tensor(self.out_shape, FLOAT32)


def make(name, kind, layer, add_op):
    """The case of a layer; add_op(net, tensors) adds its operator."""

    def build(dequantized):
        net = Net()
        x, w, b, y = layer.tensors(net, dequantized)
        add_op(net, x, w, b, y, dequantized)
        return net.build([x], [y])

    case = Case(name, build(False), [layer.x])
    if kind == "hybrid" or layer.c.get("oracle_says"):
        case.oracle_model = build(True)
    return case


def window(c):
    pad = c.get("pad", VALID)
    n, h, w = c.get("n", 1), c.get("h", 6), c.get("w", 6)
    (kh, kw), (sh, sw) = c.get("k", (3, 3)), c.get("s", (1, 1))
    dh, dw = c.get("d", (1, 1))
    oh = out_size(h, kh, sh, dh, pad)
    ow = out_size(w, kw, sw, dw, pad)
    options = dict(padding=pad, strideH=sh, strideW=sw, dilationHFactor=dh,
                   dilationWFactor=dw,
                   fusedActivationFunction=ACTIVATION[c.get("act", "none")])
    return (n, h, w), (kh, kw), (n, oh, ow), options


def cases_of(table, kind):
    """The cases of a table for a kind: of int4, those that are not about the
    numbers that int8 weights have."""
    for name, c in table.items():
        if kind in c.get("types", (kind,)) and not (
                kind == "s4" and (name in NOT_S4 or "oracle_says" in c)):
            yield name, c


NOT_S4 = {"accumulator_limit", "ties", "shift_left", "small_scales", "long_sum",
          "long_row", "saturating_act", "relu_n1_to_1", "zeros_low_high",
          "stride_over_kernel", "dilation_over_image", "bias_minus_one",
          "groups2", "groups4_pointwise", "groups3_stride2",
          "groups_are_channels", "whole_image", "one_to_many"}


def conv2d(kind):
    version = dict(f32=1, s8=3, hybrid=5, s4=7)[kind]
    for name, c in cases_of(CONV2D, kind):
        ic, oc, groups = c.get("c", 3), c.get("oc", 4), c.get("groups", 1)
        image, kernel, out, options = window(c)
        layer = Weighted(Draw("conv2d_%s/%s" % (kind, name)), c, kind,
                         image + (ic,), out + (oc,),
                         (oc,) + kernel + (ic // groups,), 0)

        def add(net, x, w, b, y, dequantized):
            args = [x, w] + ([b] if b >= 0 or "minus_one" in c else [])
            net.op("CONV_2D", args, [y],
                   version=6 if groups > 1 else 1 if dequantized else version,
                   **options)

        yield make(name, kind, layer, add)


def dwconv2d(kind):
    version = dict(f32=2, s8=3, hybrid=6, s4=7)[kind]
    for name, c in cases_of(DWCONV2D, kind):
        ic, mult = c.get("c", 3), c.get("mult", 1)
        image, kernel, out, options = window(c)
        layer = Weighted(Draw("dwconv2d_%s/%s" % (kind, name)), c, kind,
                         image + (ic,), out + (ic * mult,),
                         (1,) + kernel + (ic * mult,), 3)

        def add(net, x, w, b, y, dequantized):
            said = "minus_one" in c and not dequantized
            args = [x, w] + ([b] if b >= 0 or said else [])
            say = mult if dequantized else c.get("say", mult)
            net.op("DEPTHWISE_CONV_2D", args, [y],
                   version=2 if dequantized and kind == "hybrid" else version,
                   depthMultiplier=say, **options)

        yield make(name, kind, layer, add)


def dense(kind):
    version = dict(f32=1, s8=4, hybrid=3, s4=7)[kind]
    for name, c in cases_of(DENSE, kind):
        shape, oc = c.get("shape", (1, 12)), c.get("oc", 4)
        wk = c.get("wk", shape[-1])
        keep = c.get("keep", False)
        c = dict(c, per_tensor=c.get("per_tensor", True))
        out = shape[:-1] + (oc,) if keep else (int(np.prod(shape)) // wk, oc)
        layer = Weighted(Draw("dense_%s/%s" % (kind, name)), c, kind, shape,
                         out, (oc, wk), 0)

        def add(net, x, w, b, y, dequantized):
            args = [x, w, b] if b >= 0 or not c.get("short") else [x, w]
            v = 1 if dequantized else version
            v = 6 if len(args) == 2 else 5 if keep else v
            v = v if c["per_tensor"] or kind != "s8" else 12
            net.op("FULLY_CONNECTED", args, [y], version=v, keepNumDims=keep,
                   fusedActivationFunction=ACTIVATION[c.get("act", "none")])

        yield make(name, kind, layer, add)


FILES = {"%s_%s" % (f.__name__, kind): (f, kind)
         for f in (conv2d, dwconv2d, dense)
         for kind in ("s8", "f32", "hybrid", "s4")}
