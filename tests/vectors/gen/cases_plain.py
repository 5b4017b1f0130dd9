# SPDX-License-Identifier: MIT
"""Cases of the operators without weights, in int8 and float."""

import numpy as np

from case import TYPES, Case, Draw, quant
from cases_weighted import out_size
from tflite_model import (ACTIVATION, FLOAT16, FLOAT32, INT32, INT64, INT8,
                          SAME, VALID, Net)


def one_op(name, in_tensors, out_tensor, op, inputs, constants=(), **options):
    """A case of one operator. Tensors are (shape, type, quantization);
    constants are (shape, type, data) and follow the inputs."""
    net = Net()
    ins = [net.tensor(s, t, **q) for s, t, q in in_tensors]
    consts = [net.tensor(s, t, data=d) for s, t, d in constants]
    shape, type, q = out_tensor
    out = net.tensor(shape, type, **q)
    version = options.pop("version", 2 if type == INT8 else 1)
    net.op(op, ins + consts, [out], version=version, **options)
    return Case(name, net.build(ins, [out]), inputs)


# ---- Pools

POOL = {
    "plain": {},
    "same": dict(pad=SAME, k=(3, 3)),
    "same_stride2": dict(h=5, w=6, k=(3, 3), s=(2, 2), pad=SAME),
    "same_even": dict(h=7, w=7, s=(2, 2), pad=SAME),
    "same_kernel_4x3": dict(k=(4, 3), pad=SAME),
    "stride3": dict(h=10, w=9, k=(3, 2), s=(3, 3)),
    "stride3_same": dict(h=8, w=7, k=(3, 3), s=(3, 3), pad=SAME),
    "stride_1x2": dict(h=5, w=8, s=(1, 2), pad=SAME),
    "stride_over_kernel": dict(h=9, w=9, k=(1, 2), s=(4, 3)),
    "stride_over_kernel_same": dict(h=8, w=9, k=(1, 2), s=(4, 3), pad=SAME),
    "global": dict(h=8, w=8, k=(8, 8)),
    "global_large": dict(h=25, w=5, k=(25, 5), c=4),
    "kernel_over_image": dict(h=2, w=3, k=(5, 6), pad=SAME),
    "pixel": dict(h=1, w=1, k=(1, 1)),
    "pixel_same": dict(h=1, w=1, k=(3, 3), pad=SAME),
    "row_image": dict(h=1, w=9, k=(1, 3)),
    "column_image": dict(h=9, w=1, k=(2, 1), pad=SAME),
    "one_channel": dict(c=1),
    "many_channels": dict(c=37, h=3, w=3),
    "zero_low": dict(zero=-128, pad=SAME, k=(3, 3)),
    "zero_high": dict(zero=127, pad=SAME, k=(3, 3)),
    "all_low": dict(fill=-128),
    "all_high": dict(fill=127),
    "halves": dict(low=-3, high=2, h=8, w=8, c=6),
    "relu": dict(act="relu", zero=5),
    "relu6": dict(act="relu6", zero=-60, scale=0.06),
    "relu6_wide": dict(act="relu6", zero=-60, scale=0.01),
    "relu6_tie": dict(act="relu6", zero=10, scale=0.8),
    "relu_n1_to_1": dict(act="relu_n1_to_1", zero=-7, scale=0.02),
    "relu_n1_to_1_wide": dict(act="relu_n1_to_1", zero=120, scale=0.005),
    "relu_n1_to_1_tie": dict(act="relu_n1_to_1", zero=0, scale=0.4),
    "batch": dict(n=3, h=4, w=5, pad=SAME),
    "batch_stride2": dict(n=2, h=6, w=6, s=(2, 2), k=(3, 3)),
}


def pool(op, type):
    t = TYPES[type]
    for name, c in POOL.items():
        draw = Draw("%s_%s/%s" % (op, type, name))
        n, h, w, ch = c.get("n", 1), c.get("h", 6), c.get("w", 6), c.get("c", 3)
        (kh, kw), (sh, sw) = c.get("k", (2, 2)), c.get("s", (1, 1))
        pad = c.get("pad", VALID)
        zero = c.get("zero", int(draw.r.randint(-50, 51)))
        q = quant(t, np.float32(c.get("scale", 0.05)), zero)
        shape = (n, h, w, ch)
        out = (n, out_size(h, kh, sh, 1, pad), out_size(w, kw, sw, 1, pad), ch)
        if t == INT8:
            x = draw.int8(shape, c.get("low", -128), c.get("high", 127))
        else:
            x = draw.float32(shape, 2.0)
        if "fill" in c:
            x[:] = c["fill"]
        yield one_op(name, [(shape, t, q)], (out, t, q), op, [x],
                     padding=pad, strideH=sh, strideW=sw, filterHeight=kh,
                     filterWidth=kw, fusedActivationFunction=ACTIVATION[
                         c.get("act", "none")])


def avgpool2d(type):
    return pool("AVERAGE_POOL_2D", type)


def maxpool2d(type):
    return pool("MAX_POOL_2D", type)


# ---- Mean over height and width
# `out`: (scale, zero point) of the output where they are not the input's.

MEAN = {
    "keep": {},
    "drop": dict(keep=False),
    "axes_swapped": dict(axes=(2, 1)),
    "axes_swapped_drop": dict(axes=(2, 1), keep=False),
    "axes_negative": dict(axes=(-3, -2), keep=False),
    "axes_mixed": dict(axes=(1, -2)),
    "pixel": dict(h=1, w=1),
    "pixel_drop": dict(h=1, w=1, keep=False, out=(0.03, 12)),
    "row_image": dict(h=1, w=11),
    "column_image": dict(h=10, w=1, keep=False),
    "one_channel": dict(c=1),
    "many_channels": dict(c=41, h=3, w=3),
    "batch": dict(n=4, h=3, w=5),
    "batch_drop": dict(n=3, h=5, w=2, keep=False, out=(0.021, -4)),
    "large": dict(h=25, w=25, c=2),
    "large_rescaled": dict(h=25, w=25, c=2, out=(0.011, 9)),
    "zero_low": dict(zero=-128),
    "zero_high": dict(zero=127, keep=False),
    "zeros_low_high": dict(zero=-128, out=(0.04, 127)),
    "zeros_high_low": dict(zero=127, out=(0.06, -128)),
    "scale_same_zero_other": dict(zero=10, out=(0.05, -30)),
    "scale_other_zero_same": dict(zero=10, out=(0.01, 10)),
    "scale_up": dict(zero=-3, out=(0.8, 2)),
    "saturating": dict(zero=-60, out=(0.001, 0), c=12),
    "all_low": dict(fill=-128, zero=3),
    "all_high": dict(fill=127, zero=3, out=(0.0501, 3)),
    "halves": dict(low=-3, high=2, h=2, w=2, c=40, zero=0),
    "halves_rescaled": dict(low=-3, high=2, h=2, w=2, c=40, out=(0.025, 1)),
    "ties": dict(h=2, w=2, c=60, zero=0, scale=0.5, out=(1.0, 0)),
    "ties_3": dict(h=4, w=2, c=60, zero=0, scale=0.5, out=(4.0, -3)),
    "negative_sums": dict(low=-90, high=-60, c=16, zero=20),
}


def mean(type):
    t = TYPES[type]
    for name, c in MEAN.items():
        draw = Draw("mean_%s/%s" % (type, name))
        n, h, w, ch = c.get("n", 1), c.get("h", 5), c.get("w", 4), c.get("c", 6)
        zero = c.get("zero", int(draw.r.randint(-50, 51)))
        q_in = quant(t, np.float32(c.get("scale", 0.05)), zero)
        scale, zero = c.get("out", (c.get("scale", 0.05), zero))
        q_out = quant(t, np.float32(scale), zero)
        keep, axes = c.get("keep", True), c.get("axes", (1, 2))
        shape = (n, h, w, ch)
        if t == INT8:
            x = draw.int8(shape, c.get("low", -128), c.get("high", 127))
        else:
            x = draw.float32(shape, 2.0)
        if "fill" in c:
            x[:] = c["fill"]
        yield one_op(name, [(shape, t, q_in)],
                     ((n, 1, 1, ch) if keep else (n, ch), t, q_out), "MEAN",
                     [x], [((2,), INT32, np.array(axes))], keepDims=keep)


# ---- Softmax

SOFTMAX = {
    "plain": {},
    "two": dict(shape=(1, 2)),
    "one": dict(shape=(3, 1)),
    "long": dict(shape=(1, 300)),
    "rank1": dict(shape=(9,)),
    "rank3": dict(shape=(2, 3, 5)),
    "rank4": dict(shape=(1, 3, 2, 4)),
    "rank4_batch": dict(shape=(2, 2, 3, 7)),
    "batch": dict(shape=(6, 10)),
    "beta_half": dict(beta=0.5),
    "beta_2": dict(beta=2.0),
    "beta_small": dict(beta=0.01),
    "beta_large": dict(beta=25.0),
    "beta_odd": dict(beta=1.7, shape=(3, 12)),
    "scale_small": dict(scale=0.0007),
    "scale_large": dict(scale=1.3),
    "scale_huge": dict(scale=11.0),
    "scale_16th": dict(scale=0.0625, shape=(4, 16)),
    "zero_low": dict(zero=-128),
    "zero_high": dict(zero=127),
    "all_equal": dict(fill=5),
    "all_equal_100": dict(fill=5, shape=(1, 100)),
    # From a sum of exponentials of 512 on, the oracles abort in int8.
    "all_equal_511": dict(fill=5, shape=(1, 511)),
    "long_700": dict(shape=(1, 700)),
    "one_hot": dict(hot=True, scale=0.3),
    "ladder": dict(ladder=True, shape=(1, 256)),
    "ladder_fine": dict(ladder=True, shape=(1, 256), scale=0.02),
    "ladder_coarse": dict(ladder=True, shape=(1, 256), scale=0.17),
}


def softmax_cases(op, type, table, out_quant):
    """A softmax, or its logarithm, of every case of a table."""
    t = TYPES[type]
    for name, c in table.items():
        draw = Draw("%s_%s/%s" % (op.lower(), type, name))
        shape, scale = c.get("shape", (2, 10)), c.get("scale", 0.05)
        zero = c.get("zero", int(draw.r.randint(-50, 51)))
        x = draw.int8(shape)
        if "fill" in c:
            x[:] = c["fill"]
        if "hot" in c:
            x[:] = -128
            x[:, 3] = 127
        if "ladder" in c:
            x[:] = np.arange(-128, 128).astype(np.int8)
        if t == FLOAT32:
            x = ((x.astype(np.float32) - zero) * np.float32(scale))
        options = dict(beta=c.get("beta", 1.0)) if op == "SOFTMAX" else {}
        yield one_op(name, [(shape, t, quant(t, np.float32(scale), zero))],
                     (shape, t, quant(t, *out_quant)), op, [x], **options)


def softmax(type):
    return softmax_cases("SOFTMAX", type, SOFTMAX, (np.float32(1 / 256), -128))


# ---- Add
# a, b: shapes; qa, qb, qo: (scale, zero point); const: b is a constant.

ADD = {
    "plain": {},
    "rank1": dict(a=(7,), b=(7,)),
    "rank2": dict(a=(3, 5), b=(3, 5)),
    "rank3": dict(a=(2, 3, 4), b=(2, 3, 4)),
    "pixel": dict(a=(1, 1, 1, 1), b=(1, 1, 1, 1)),
    "batch": dict(a=(3, 2, 2, 3), b=(3, 2, 2, 3)),
    "scale_4_times": dict(qa=(0.1, 0), qb=(0.025, 0), qo=(0.12, 0)),
    "scale_far": dict(qa=(0.2, 3), qb=(0.0003, -5), qo=(0.21, 1)),
    "scale_far_other": dict(qa=(0.0002, 3), qb=(0.3, -5), qo=(0.31, 1)),
    "scale_equal": dict(qa=(0.05, -11), qb=(0.05, 23), qo=(0.1, 4)),
    "ties": dict(qa=(0.5, 3), qb=(0.25, -7), qo=(1.0, 1)),
    "ties_fine": dict(qa=(0.125, 0), qb=(0.5, 0), qo=(4.0, 0)),
    "zeros_low": dict(qa=(0.05, -128), qb=(0.04, -128), qo=(0.09, -128)),
    "zeros_high": dict(qa=(0.05, 127), qb=(0.04, 127), qo=(0.09, 127)),
    "zeros_low_high": dict(qa=(0.05, -128), qb=(0.04, 127), qo=(0.09, 0)),
    "saturating": dict(qo=(0.011, 0)),
    "saturating_relu": dict(qo=(0.011, -100), act="relu"),
    "relu": dict(act="relu"),
    "relu6": dict(act="relu6", qo=(0.06, -90)),
    "relu6_wide": dict(act="relu6", qo=(0.02, -90)),
    "relu6_tie": dict(act="relu6", qo=(0.8, 3)),
    "relu_n1_to_1": dict(act="relu_n1_to_1", qo=(0.03, 4)),
    "relu_n1_to_1_wide": dict(act="relu_n1_to_1", qo=(0.005, -120)),
    "broadcast_channels": dict(b=(1, 1, 1, 3)),
    "broadcast_rank1": dict(b=(3,)),
    "broadcast_rank1_first": dict(a=(3,), b=(1, 4, 5, 3)),
    "broadcast_scalar": dict(b=(1,)),
    "broadcast_scalar_first": dict(a=(1, 1, 1, 1), b=(1, 4, 5, 3)),
    "broadcast_height": dict(b=(1, 1, 5, 3)),
    "broadcast_width": dict(b=(1, 4, 1, 3)),
    "broadcast_batch": dict(a=(2, 3, 2, 3), b=(1, 3, 2, 3)),
    "broadcast_both": dict(a=(1, 4, 1, 3), b=(1, 1, 5, 3)),
    "broadcast_both_inner": dict(a=(2, 1, 3, 1), b=(1, 4, 1, 5)),
    "broadcast_last": dict(a=(1, 4, 5, 3), b=(1, 4, 5, 1)),
    "broadcast_rank3": dict(a=(2, 3, 4, 2), b=(3, 1, 2), act="relu"),
    "broadcast_rank2": dict(a=(4, 3), b=(1, 3)),
    "constant": dict(const=True),
    "constant_channels": dict(const=True, b=(3,)),
    "constant_scalar": dict(const=True, b=(1,), act="relu6", qo=(0.05, -100)),
    "constant_rank0": dict(const=True, b=()),
}


def add(type):
    t = TYPES[type]
    for name, c in ADD.items():
        draw = Draw("add_%s/%s" % (type, name))
        a, b = c.get("a", (1, 4, 5, 3)), c.get("b", (1, 4, 5, 3))
        qa = c.get("qa", (0.05, int(draw.r.randint(-40, 41))))
        qb = c.get("qb", (0.037, int(draw.r.randint(-40, 41))))
        qo = c.get("qo", (0.071, int(draw.r.randint(-40, 41))))
        xa, xb = draw.values(t, a), draw.values(t, b)
        net = Net()
        ta = net.tensor(a, t, **quant(t, np.float32(qa[0]), qa[1]))
        tb = net.tensor(b, t, **quant(t, np.float32(qb[0]), qb[1]),
                        data=xb if "const" in c else None)
        out = net.tensor(np.broadcast_shapes(a, b), t,
                         **quant(t, np.float32(qo[0]), qo[1]))
        net.op("ADD", [ta, tb], [out], version=2 if t == INT8 else 1,
               fusedActivationFunction=ACTIVATION[c.get("act", "none")])
        if "const" in c:
            yield Case(name, net.build([ta], [out]), [xa])
        else:
            yield Case(name, net.build([ta, tb], [out]), [xa, xb])


# ---- Unary operators. int8 inputs hold every value.
# (in scale, in zero, out scale, out zero); float takes the shape alone.

RELU = {
    "same_scale": (0.05, -3, 0.05, -3),
    "in_zero_low": (0.05, -128, 0.05, -128),
    "in_zero_high": (0.05, 127, 0.05, 127),
    "scale_down": (0.05, 7, 0.02, -128),
    "scale_up": (0.05, 7, 0.13, -128),
    "scale_far_down": (0.4, 0, 0.001, -128),
    "scale_far_up": (0.0005, 0, 0.9, -128),
    "zeros_low_high": (0.03, -128, 0.05, 127),
    "zeros_high_low": (0.03, 127, 0.05, -128),
    "out_zero_other": (0.05, 12, 0.05, -77),
    "scale_half": (0.05, -20, 0.1, -10),
    "scale_twice": (0.05, -20, 0.025, -10),
    "scale_odd": (0.0313, -35, 0.0217, 19),
}
SHAPES = {
    "rank1": (256,), "rank2": (16, 16), "rank3": (2, 16, 8),
    "rank4": (1, 8, 8, 4), "rank4_batch": (4, 4, 4, 4),
    "one_channel": (1, 16, 16, 1), "pixel": (1, 1, 1, 256),
}
DRAWN = 4  # cases of drawn quantization


def every_byte(shape):
    return np.arange(-128, 128).astype(np.int8).reshape(shape)


def unary(op, type, table, out_quant=None, float_scale=4.0, beyond=()):
    t = TYPES[type]
    cases = [(n, (1, 8, 8, 4), q) for n, q in table.items()]
    cases += [("shape_" + n, s, None) for n, s in SHAPES.items()]
    cases += [("drawn%d" % i, (2, 128), None) for i in range(DRAWN)]
    for name, shape, q in cases:
        draw = Draw("%s_%s/%s" % (op, type, name))
        if q is None:
            q = (draw.scale(), int(draw.r.randint(-128, 128)), draw.scale(),
                 int(draw.r.randint(-128, 128)))
            if op == "RELU6":  # see README.md: one quantization
                q = (q[0], q[1], q[0], q[1])
        if out_quant:
            q = q[:2] + out_quant
        x = every_byte(shape)
        if t == FLOAT32:
            x = draw.float32(shape, float_scale)
            for i, special in enumerate((0.0, -0.0, 6.0, -6.0, 1e-30, 50, -50)):
                x.reshape(-1)[3 * i] = special
        case = one_op(name, [(shape, t, quant(t, np.float32(q[0]), q[1]))],
                      (shape, t, quant(t, np.float32(q[2]), q[3])), op, [x])
        if name in beyond and t == INT8:
            case.oracle = "builtin_ref"
        yield case


def relu(type):
    return unary("RELU", type, RELU)


RELU6 = {
    "plain": (0.05, -3, 0.05, -3),
    "zero_low": (0.05, -128, 0.05, -128),
    "zero_high": (0.05, 127, 0.05, 127),
    "six_is_top": (6 / 255, -128, 6 / 255, -128),
    "six_over_top": (0.01, -128, 0.01, -128),
    "six_near": (0.9, -128, 0.9, -128),
    "six_half": (0.8, 10, 0.8, 10),
    "six_far": (0.0001, 0, 0.0001, 0),
    "coarse": (5.0, 0, 5.0, 0),
}
RELU6_RESCALED = {
    "rescaled_down": (0.05, 7, 0.02, -128),
    "rescaled_up": (0.05, 7, 0.13, -128),
    "rescaled_zero": (0.05, 12, 0.05, -77),
}


def relu6(type):
    table = dict(RELU6, **(RELU6_RESCALED if type == "s8" else {}))
    return unary("RELU6", type, table, beyond=RELU6_RESCALED)


LOGISTIC = {
    "plain": (0.05, -3), "zero_low": (0.05, -128), "zero_high": (0.05, 127),
    "scale_16th": (0.0625, 0), "scale_8th": (0.125, 0),
    "scale_small": (0.002, 5), "scale_tiny": (0.00001, 0),
    "scale_large": (0.3, 4), "scale_huge": (3.0, -9),
    "scale_power": (0.03125, -128), "scale_odd": (0.0437, 31),
}


def logistic(type):
    return unary("LOGISTIC", type, LOGISTIC, (1 / 256, -128), 3.0)


# ---- Pad: shape, pads ((before, after) per dimension)

PAD = {
    "rank1": ((5,), ((2, 3),)),
    "rank2": ((3, 4), ((1, 0), (0, 2))),
    "rank3": ((2, 3, 4), ((0, 1), (2, 0), (1, 1))),
    "image": ((1, 4, 5, 3), ((0, 0), (1, 1), (1, 1), (0, 0))),
    "image_uneven": ((1, 4, 5, 3), ((0, 0), (0, 1), (2, 3), (0, 0))),
    "top": ((1, 4, 5, 3), ((0, 0), (2, 0), (0, 0), (0, 0))),
    "bottom": ((1, 4, 5, 3), ((0, 0), (0, 2), (0, 0), (0, 0))),
    "left": ((1, 4, 5, 3), ((0, 0), (0, 0), (1, 0), (0, 0))),
    "right": ((1, 4, 5, 3), ((0, 0), (0, 0), (0, 3), (0, 0))),
    "channels": ((1, 3, 4, 3), ((0, 0), (0, 0), (0, 0), (0, 2))),
    "channels_before": ((1, 3, 4, 3), ((0, 0), (0, 0), (0, 0), (5, 0))),
    "batch": ((2, 3, 2, 3), ((1, 2), (0, 0), (0, 0), (0, 0))),
    "all": ((2, 3, 2, 3), ((1, 1), (2, 1), (1, 2), (1, 1))),
    "none": ((1, 3, 4, 3), ((0, 0), (0, 0), (0, 0), (0, 0))),
    "pixel": ((1, 1, 1, 1), ((0, 0), (1, 1), (1, 1), (0, 0))),
    "one_channel": ((1, 5, 5, 1), ((0, 0), (2, 2), (2, 2), (0, 0))),
    "large": ((1, 2, 2, 2), ((0, 0), (7, 9), (8, 6), (0, 0))),
    "images": ((3, 3, 4, 2), ((0, 0), (1, 0), (0, 1), (0, 0))),
    "row_image": ((1, 1, 7, 2), ((0, 0), (1, 1), (0, 0), (0, 0))),
    "zero_low": ((1, 4, 5, 3), ((0, 0), (1, 1), (1, 1), (0, 0)), -128),
    "zero_high": ((1, 4, 5, 3), ((0, 0), (1, 1), (1, 1), (0, 0)), 127),
    "pads_int64": ((1, 4, 5, 3), ((0, 0), (1, 2), (0, 1), (0, 0)), 9, INT64),
}


def pad(type):
    t = TYPES[type]
    for name, c in PAD.items():
        draw = Draw("pad_%s/%s" % (type, name))
        shape, pads = np.array(c[0]), np.array(c[1])
        zero = c[2] if len(c) > 2 else int(draw.r.randint(-100, 101))
        q = quant(t, np.float32(0.05), zero)
        yield one_op(name, [(shape, t, q)], (shape + pads.sum(axis=1), t, q),
                     "PAD", [draw.values(t, tuple(shape))],
                     [(pads.shape, c[3] if len(c) > 3 else INT32, pads)])


# ---- Reshape: from, to, how the new shape is said

RESHAPE = {
    "flatten": ((1, 3, 4, 2), (1, 24), "both"),
    "flatten_batch": ((2, 3, 2, 2), (2, 12), "both"),
    "to_rank1": ((1, 3, 4, 2), (24,), "tensor"),
    "from_rank1": ((24,), (1, 3, 4, 2), "tensor"),
    "to_rank3": ((1, 3, 4, 2), (3, 4, 2), "tensor"),
    "to_rank4": ((4, 6), (1, 4, 1, 6), "tensor"),
    "to_image": ((1, 36), (1, 4, 3, 3), "tensor"),
    "same": ((1, 4, 3, 3), (1, 4, 3, 3), "tensor"),
    "same_rank2": ((5, 2), (5, 2), "both"),
    "rows": ((2, 6), (6, 2), "tensor"),
    "rows_to_channels": ((1, 4, 2, 3), (1, 2, 2, 6), "tensor"),
    "image_batch": ((6, 2, 2, 1), (1, 6, 2, 2), "tensor"),
    "minus_one": ((1, 3, 4, 2), (1, 24), "tensor", (1, -1)),
    "minus_one_first": ((2, 3, 4, 2), (2, 24), "tensor", (-1, 24)),
    "minus_one_middle": ((2, 3, 4, 2), (2, 6, 4), "tensor", (2, -1, 4)),
    "minus_one_is_1": ((3, 4), (3, 1, 4), "tensor", (3, -1, 4)),
    "options_only": ((1, 3, 4, 2), (1, 24), "options"),
    "options_minus_one": ((1, 3, 4, 2), (6, 4), "options", (-1, 4)),
    "options_same": ((2, 3), (2, 3), "options"),
    "one_element": ((1, 1, 1, 1), (1,), "tensor"),
    "one_element_up": ((1,), (1, 1, 1, 1), "tensor"),
    "one_to_rank2": ((1, 1, 1, 9), (1, 9), "tensor"),
}


def reshape(type):
    t = TYPES[type]
    for name, c in RESHAPE.items():
        draw = Draw("reshape_%s/%s" % (type, name))
        said = np.array(c[3] if len(c) > 3 else c[1])
        q = quant(t, np.float32(0.05), -4)
        constants = [(said.shape, INT32, said)] if c[2] != "options" else []
        options = dict(newShape=tuple(said)) if c[2] != "tensor" else {}
        yield one_op(name, [(c[0], t, q)], (c[1], t, q), "RESHAPE",
                     [draw.values(t, c[0])], constants, version=1, **options)


# ---- Squeeze: shape, dimensions (none: all that are 1)

SQUEEZE = {
    "all": ((1, 3, 1, 5), ()),
    "pooled": ((1, 1, 1, 8), (1, 2)),
    "pooled_batch": ((3, 1, 1, 8), (1, 2)),
    "pooled_all": ((2, 1, 1, 8), ()),
    "first": ((1, 3, 4, 5), (0,)),
    "height": ((1, 1, 4, 5), (1,)),
    "width": ((1, 3, 1, 5), (2,)),
    "channels": ((1, 3, 4, 1), (3,)),
    "negative": ((1, 3, 4, 1), (-1,)),
    "negative_two": ((2, 1, 1, 6), (-2, -3)),
    "swapped": ((2, 1, 1, 6), (2, 1)),
    "ends": ((1, 3, 4, 1), (0, 3)),
    "rank3": ((1, 4, 5), (0,)),
    "rank3_middle": ((4, 1, 5), (1,)),
    "rank3_all": ((1, 4, 1), ()),
    "rank2": ((1, 7), (0,)),
    "rank2_last": ((7, 1), (1,)),
    "nothing_to_do": ((2, 3, 4, 5), ()),
    "nothing_rank1": ((6,), ()),
    "to_one": ((1, 1, 1, 2), (0, 1, 2)),
    "repeated": ((1, 1, 4, 5), (1, 1)),
    "large": ((1, 1, 20, 16), (0, 1)),
}


def squeeze(type):
    t = TYPES[type]
    for name, (shape, dims) in SQUEEZE.items():
        draw = Draw("squeeze_%s/%s" % (type, name))
        gone = {d % len(shape) for d in dims}
        out = tuple(s for i, s in enumerate(shape)
                    if not (i in gone or not dims and s == 1))
        q = quant(t, np.float32(0.05), -4)
        options = dict(squeezeDims=dims) if dims else {}
        yield one_op(name, [(shape, t, q)], (out, t, q), "SQUEEZE",
                     [draw.values(t, shape)], version=1, **options)


# ---- Concatenation: shape without the axis, axis, extents

CONCAT = {
    "channels": ((1, 3, 4, 0), 3, (2, 5)),
    "channels_negative": ((1, 3, 4, 0), -1, (2, 5)),
    "width": ((1, 3, 0, 2), 2, (4, 3)),
    "height": ((1, 0, 4, 2), 1, (1, 5)),
    "height_negative": ((1, 0, 4, 2), -3, (2, 1, 2)),
    "batch": ((0, 2, 3, 2), 0, (1, 2)),
    "batch_images": ((3, 2, 3, 0), 3, (1, 2)),
    "batch_height": ((2, 0, 3, 2), 1, (3, 1)),
    "batch_width": ((2, 2, 0, 2), 2, (3, 1)),
    "one": ((1, 3, 4, 0), 3, (3,)),
    "three": ((1, 3, 4, 0), 3, (1, 1, 4)),
    "seven": ((1, 2, 2, 0), 3, (1, 2, 3, 1, 2, 3, 1)),
    "eight": ((1, 2, 2, 0), 3, (1, 2, 3, 1, 2, 3, 1, 2)),
    "nine_height": ((1, 0, 2, 2), 1, (1, 2, 1, 1, 2, 1, 1, 2, 1)),
    "fifteen": ((1, 2, 0, 2), 2, (1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 1, 1, 1, 2,
                                  1)),
    "rank1": ((0,), 0, (3, 4)),
    "rank1_eight": ((0,), 0, (3, 1, 1, 2, 5, 1, 1, 2)),
    "rank2_rows": ((0, 5), 0, (1, 2)),
    "rank2_columns": ((3, 0), 1, (4, 2)),
    "rank3_first": ((0, 3, 2), 0, (1, 2)),
    "rank3_middle": ((2, 0, 3), 1, (1, 4)),
    "rank3_last": ((2, 3, 0), 2, (1, 4)),
    "constant": ((1, 3, 4, 0), 3, (2, 3), (1,)),
    "constant_first": ((1, 0, 4, 2), 1, (2, 3), (0,)),
    "pixel": ((1, 1, 1, 0), 3, (1, 1)),
    "zero_low": ((1, 3, 4, 0), 3, (2, 5), (), -128),
    "zero_high": ((1, 3, 4, 0), 3, (2, 5), (), 127),
    "same_twice": ((1, 3, 4, 0), 3, (3, 3), (), 0, True),
}


def concat(type):
    t = TYPES[type]
    for name, c in CONCAT.items():
        draw = Draw("concat_%s/%s" % (type, name))
        shape, axis, extents = c[:3]
        constant = c[3] if len(c) > 3 else ()
        zero = c[4] if len(c) > 4 else int(draw.r.randint(-100, 101))
        q = quant(t, np.float32(0.05), zero)
        net, tensors, inputs, data = Net(), [], [], []
        for i, extent in enumerate(extents):
            s = list(shape)
            s[axis] = extent
            values = draw.values(t, tuple(s))
            if len(c) > 5 and i:
                tensors.append(tensors[0])
                continue
            tensors.append(net.tensor(s, t, **q, data=values
                                      if i in constant else None))
            if i not in constant:
                inputs.append(tensors[-1])
                data.append(values)
        s = list(shape)
        s[axis] = sum(extents)
        out = net.tensor(s, t, **q)
        net.op("CONCATENATION", tensors, [out], axis=axis,
               version=2 if t == INT8 else 1)
        yield Case(name, net.build(inputs, [out]), data)


# ---- Quantize and dequantize

QUANTIZE = {
    "plain": (0.05, -3), "zero_low": (0.05, -128), "zero_high": (0.05, 127),
    "zero": (0.05, 0), "scale_half": (0.5, 0), "scale_one": (1.0, -128),
    "scale_quarter": (0.25, 11), "scale_small": (0.0001, 5),
    "scale_large": (3.0, 1), "scale_255th": (1 / 255, -128),
    "scale_odd": (0.0373, 77), "scale_tiny": (1e-7, -9),
    "scale_128th": (1 / 128, 0),
}


def unary_shapes(table):
    cases = [(n, (1, 8, 8, 4), q) for n, q in table.items()]
    return cases + [("shape_" + n, s, None) for n, s in SHAPES.items()]


def quantize_f32():
    for name, shape, q in unary_shapes(QUANTIZE):
        draw = Draw("quantize_f32_s8/%s" % name)
        scale, zero = q or (draw.scale(), int(draw.r.randint(-128, 128)))
        scale = np.float32(scale)
        # From beyond the range at both ends, every second value half way
        # between two steps.
        x = draw.float32(shape, 80 * scale)
        flat = x.reshape(-1)
        steps = draw.r.randint(-140, 140, size=(flat.size + 1) // 2)
        flat[::2] = ((steps + 0.5) * float(scale)).astype(np.float32)
        flat[:6] = (0.0, -0.0, 1000 * scale, -1000 * scale, 1e6 * scale,
                    -1e6 * scale)
        yield one_op(name, [(shape, FLOAT32, {})],
                     (shape, INT8, dict(scale=scale, zero=zero)), "QUANTIZE",
                     [x], version=1)


def quantize_s8():
    for name, shape, q in unary_shapes(RELU):
        draw = Draw("quantize_s8_s8/%s" % name)
        if q is None:
            q = (draw.scale(), int(draw.r.randint(-128, 128)), draw.scale(),
                 int(draw.r.randint(-128, 128)))
        yield one_op(name, [(shape, INT8, quant(INT8, np.float32(q[0]),
                                                q[1]))],
                     (shape, INT8, quant(INT8, np.float32(q[2]), q[3])),
                     "QUANTIZE", [every_byte(shape)], version=2)


def dequantize_s8():
    for name, shape, q in unary_shapes(QUANTIZE):
        draw = Draw("dequantize_s8_f32/%s" % name)
        scale, zero = q or (draw.scale(), int(draw.r.randint(-128, 128)))
        yield one_op(name, [(shape, INT8, quant(INT8, np.float32(scale),
                                                zero))],
                     (shape, FLOAT32, {}), "DEQUANTIZE", [every_byte(shape)],
                     version=2)


# A constant of float16 that DEQUANTIZE turns into float32 for its user.
F16_VALUES = (0.0, -0.0, 1.0, -2.0, 65504.0, 6.104e-5, 5.96e-8, -5.96e-8,
              6.097e-5, 0.33325)


def dequantize_f16():
    users = ["ADD", "FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D"]
    for i in range(20):
        user = users[i % 4]
        name = "%s%d" % (user.lower(), i // 4)
        draw = Draw("dequantize_f16_f32/%s" % name)
        c = int(draw.r.randint(1, 9))
        oc = c if user == "DEPTHWISE_CONV_2D" else int(draw.r.randint(1, 7))
        shape = {"ADD": (1, 3, 4, c), "FULLY_CONNECTED": (oc, c),
                 "CONV_2D": (oc, 2, 3, c),
                 "DEPTHWISE_CONV_2D": (1, 2, 3, c)}[user]
        w = draw.float32(shape).astype(np.float16)
        if i < 4:
            w.reshape(-1)[:10] = np.float16(F16_VALUES)[:w.size]
        w[np.abs(w) > 60000] = 60  # a sum with it would drown the others
        if i == 0:
            w.reshape(-1)[0] = 65504

        def build(as_float):
            net = Net()
            in_shape = (2, c) if user == "FULLY_CONNECTED" else (1, 3, 4, c)
            x = net.tensor(in_shape, FLOAT32)
            wide = net.tensor(shape, FLOAT32, data=w.astype(np.float32)
                              if as_float else None)
            if not as_float:
                half = net.tensor(shape, FLOAT16, data=w)
                net.op("DEQUANTIZE", [half], [wide], version=3)
            if user == "ADD":
                y = net.tensor(in_shape, FLOAT32)
                net.op("ADD", [x, wide], [y])
            elif user == "FULLY_CONNECTED":
                y = net.tensor((2, oc), FLOAT32)
                net.op("FULLY_CONNECTED", [x, wide, -1], [y])
            else:
                bias = net.tensor((oc,), FLOAT32, data=np.zeros(oc))
                y = net.tensor((1, 3, 4, oc), FLOAT32)
                more = {} if user == "CONV_2D" else dict(depthMultiplier=1)
                net.op(user, [x, wide, bias], [y], padding=SAME, strideH=1,
                       strideW=1, dilationHFactor=1, dilationWFactor=1,
                       **more)
            return net.build([x], [y]), in_shape

        model, in_shape = build(False)
        yield Case(name, model, [draw.float32(in_shape)], build(True)[0])


FILES = {"%s_%s" % (f.__name__, type): (f, type)
         for f in (avgpool2d, maxpool2d, mean, softmax, add, relu, relu6,
                   logistic, pad, reshape, squeeze, concat)
         for type in ("s8", "f32")}
FILES.update({"%s_%s" % (f.__name__, type): (f, type)
              for f in (pad, reshape, squeeze, concat)
              for type in ("s16", "u8", "s32", "s64", "bool")
              if (f, type) != (pad, "bool")})
FILES.update(quantize_f32_s8=(quantize_f32,), quantize_s8_s8=(quantize_s8,),
             dequantize_s8_f32=(dequantize_s8,),
             dequantize_f16_f32=(dequantize_f16,))
