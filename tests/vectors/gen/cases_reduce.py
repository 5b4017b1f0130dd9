# SPDX-License-Identifier: MIT
"""Cases of the operators that look along an axis: reductions, the place of
the largest element, running sums, norms, products of matrices."""

import numpy as np

from case import TYPES, Case, Draw, quant
from cases_plain import one_op
from cases_weighted import out_size
from tflite_model import (ACTIVATION, FLOAT32, INT16, INT32, INT64, INT8,
                          SAME, VALID, Net, dequantized_weights)


def some(draw, type, shape, low, high):
    """Values: bytes low .. high, wider integers as far as they may go."""
    if type == INT8:
        return draw.int8(shape, low, high)
    if type == INT16:
        return draw.ints(type, shape, 257 * low, 257 * high)
    if type == INT32:
        return draw.ints(type, shape, -1000, 1000)
    return draw.values(type, shape)


# ---- Reductions
# shape, axes, keep; q, out: (scale, zero point) where they are not drawn.

AXES = {
    "channels": dict(axes=(3,), keep=True),
    "channels_drop": dict(axes=(-1,)),
    "width": dict(axes=(2,), keep=True),
    "width_drop": dict(axes=(2,)),
    "height": dict(axes=(1,), keep=True),
    "image": dict(axes=(2, 1)),
    "batch": dict(axes=(0,)),
    "batch_width": dict(axes=(0, 2)),
    "batch_height": dict(axes=(0, 1), keep=True),
    "height_channels": dict(axes=(1, 3)),
    "batch_channels": dict(axes=(0, -1), keep=True),
    "all": dict(axes=(0, 1, 2, 3)),
    "all_keep": dict(axes=(0, 1, 2, 3), keep=True, shape=(1, 5, 4, 3)),
    "scalar_axis": dict(axes=2),
    "axis_twice": dict(axes=(1, 1, -3)),
    "rank1": dict(axes=(0,), shape=(37,)),
    "rank2": dict(axes=(1,), shape=(5, 9)),
    "rank2_rows": dict(axes=(0,), shape=(7, 6), keep=True),
    "rank3_time": dict(axes=(1,), shape=(2, 11, 3)),
    "rank3_ends": dict(axes=(0, 2), shape=(3, 4, 5)),
    "rank5": dict(axes=(1, 3), shape=(2, 3, 2, 4, 3)),
    "rank5_ends": dict(axes=(0, 2, 4), shape=(3, 2, 2, 3, 4)),
    "extents_of_1": dict(axes=(0, 2, 3), shape=(1, 6, 1, 5)),
    "pixel": dict(axes=(1, 2), shape=(1, 1, 1, 4), keep=True),
}
QUANT = {
    "same_quant": dict(axes=(0, 2), q=(0.05, -7), out=(0.05, -7)),
    "zeros_low_high": dict(axes=(1, 3), q=(0.05, -128), out=(0.3, 127)),
    "zeros_high_low": dict(axes=(3,), q=(0.05, 127), out=(0.3, -128)),
    "scale_up": dict(axes=(2, 3), q=(0.02, 5), out=(1.7, 0)),
    "saturating": dict(axes=(3,), q=(0.3, 5), out=(0.003, 0)),
    "ties": dict(axes=(2,), shape=(2, 3, 2, 40), q=(0.5, 0), out=(1.0, 0)),
    "halves": dict(axes=(3,), shape=(1, 10, 6, 4), q=(0.5, 1), out=(2.0, 3),
                   low=-3, high=4),
}


def reduction(op, type):
    t = TYPES[type]
    # where the units of the output are the input's
    same = op in ("REDUCE_MAX", "REDUCE_MIN")
    scaled = t in (INT8, INT16) and not same
    for name, c in {**AXES, **(QUANT if scaled else {})}.items():
        draw = Draw("%s_%s/%s" % (op, type, name))
        shape = c.get("shape", (2, 3, 4, 5))
        axes = np.array(c["axes"])
        keep = c.get("keep", False)
        q = c.get("q", (draw.scale(0.01), int(draw.r.randint(-60, 61))))
        drawn = (draw.scale(0.02, 0.3), int(draw.r.randint(-60, 61)))
        out = q if same else c.get("out", drawn)
        if op == "REDUCE_PROD" and t in (INT8, INT16):
            top = 127 if t == INT8 else 32767
            q, out = (1.6 / top, q[1]), (out[0] * 30 / top, out[1])
        x = some(draw, t, shape, c.get("low", -128), c.get("high", 127))
        if op == "REDUCE_PROD" and t == INT32:
            x = draw.ints(t, shape, -9, 10)
        if op == "MEAN" and t == INT32:
            x = draw.ints(t, shape)
        reduced = np.sum(np.zeros(shape), axis=tuple(
            set(int(a) % len(shape) for a in np.atleast_1d(axes))),
            keepdims=keep).shape
        case = one_op(name, [(shape, t, quant(t, np.float32(q[0]), q[1]))],
                      (reduced, t, quant(t, np.float32(out[0]), out[1])), op,
                      [x], [(axes.shape, INT32, axes)], keepDims=keep)
        if op == "SUM" and scaled:
            case.oracle = "micro_alone"
        yield case


def reductions(op, types):
    return {"%s_%s" % (op.lower(), type): (reduction, op, type)
            for type in types}


# ---- The place of the largest or smallest element

ARG = {
    "last": dict(axis=3), "last_negative": dict(axis=-1),
    "width": dict(axis=2), "height": dict(axis=1), "batch": dict(axis=0),
    "height_negative": dict(axis=-3),
    "rank1": dict(axis=0, shape=(50,)), "rank2": dict(axis=1, shape=(3, 10)),
    "rank2_rows": dict(axis=0, shape=(9, 4)),
    "rank3": dict(axis=1, shape=(2, 7, 3)),
    "rank5": dict(axis=2, shape=(2, 2, 5, 2, 3)),
    "one": dict(axis=3, shape=(1, 2, 3, 1)),
    "equal": dict(axis=3, fill=1), "several": dict(axis=2, low=-1, high=2),
    "index64": dict(axis=3, out=INT64),
    "index64_height": dict(axis=1, out=INT64, shape=(1, 6, 3, 5)),
}


def arg(op, type):
    t = TYPES[type]
    for name, c in ARG.items():
        draw = Draw("%s_%s/%s" % (op, type, name))
        shape, axis = c.get("shape", (2, 3, 4, 5)), c["axis"]
        x = some(draw, t, shape, c.get("low", -128), c.get("high", 127))
        if t == FLOAT32 and "low" in c:
            x = np.round(x)
        if "fill" in c:
            x[:] = c["fill"]
        out = list(shape)
        del out[axis]
        kind = c.get("out", INT32)
        yield one_op(name, [(shape, t, quant(t, np.float32(0.05), -3))],
                     (tuple(out), kind, {}), op, [x],
                     [((), INT32, np.array(axis))],
                     outputType=kind)


# ---- The k largest

TOPK = {
    "plain": {}, "one": dict(k=1), "all": dict(k=5), "rank1": dict(shape=(40,)),
    "rank2": dict(shape=(3, 30), k=7), "rank3": dict(shape=(2, 3, 9)),
    "rank5": dict(shape=(2, 1, 3, 2, 6)), "single": dict(shape=(4, 1), k=1),
    "equal": dict(fill=2), "several": dict(low=-1, high=2, shape=(3, 40), k=9),
    "rank2_all": dict(shape=(2, 16), k=16), "pixel": dict(shape=(1, 1, 1, 8)),
    "negative": dict(low=-128, high=-100),
}


def topk(type):
    t = TYPES[type]
    for name, c in TOPK.items():
        draw = Draw("topk_%s/%s" % (type, name))
        shape, k = c.get("shape", (2, 3, 4, 5)), c.get("k", 3)
        x = some(draw, t, shape, c.get("low", -128), c.get("high", 127))
        if t == FLOAT32 and "low" in c:
            x = np.round(x)
        if "fill" in c:
            x[:] = c["fill"]
        q = quant(t, np.float32(0.05), -3)
        net = Net()
        a = net.tensor(shape, t, **q)
        count = net.tensor((), INT32, data=np.array(k))
        outs = [net.tensor(shape[:-1] + (k,), t, **q),
                net.tensor(shape[:-1] + (k,), INT32)]
        net.op("TOPK_V2", [a, count], outs, version=2 if t == INT8 else 1)
        yield Case(name, net.build([a], outs), [x])


# ---- Running sums

CUMSUM = {
    "last": dict(axis=3), "width": dict(axis=2), "height": dict(axis=1),
    "batch": dict(axis=0), "negative": dict(axis=-2),
    "exclusive": dict(axis=3, exclusive=True),
    "reverse": dict(axis=3, reverse=True),
    "both": dict(axis=3, exclusive=True, reverse=True),
    "both_height": dict(axis=1, exclusive=True, reverse=True),
    "rank1": dict(axis=0, shape=(60,)), "rank2": dict(axis=1, shape=(3, 11)),
    "rank2_rows": dict(axis=0, shape=(11, 3)),
    "rank3": dict(axis=1, shape=(2, 9, 3), reverse=True),
    "one": dict(axis=2, shape=(1, 2, 1, 4), exclusive=True),
    "zero_low": dict(axis=3, q=(0.05, -128), out=(0.1, 3)),
    "zero_high": dict(axis=3, q=(0.05, 127), out=(0.1, 3)),
    "saturating": dict(axis=0, shape=(300,), q=(0.05, -9), out=(0.02, 3)),
    "ties": dict(axis=1, shape=(5, 9), q=(0.5, 0), out=(1.0, 1)),
}


def cumsum(type):
    t = TYPES[type]
    for name, c in CUMSUM.items():
        draw = Draw("cumsum_%s/%s" % (type, name))
        shape = c.get("shape", (2, 3, 4, 5))
        q = c.get("q", (0.05, int(draw.r.randint(-40, 41))))
        out = c.get("out", (0.11, int(draw.r.randint(-40, 41))))
        x = some(draw, t, shape, -128, 127)
        yield one_op(name, [(shape, t, quant(t, np.float32(q[0]), q[1]))],
                     (shape, t, quant(t, np.float32(out[0]), out[1])),
                     "CUMSUM", [x], [((), INT32, np.array(c["axis"]))],
                     version=1, exclusive=c.get("exclusive", False),
                     reverse=c.get("reverse", False))


# ---- Norms

L2NORM = {
    "plain": {}, "rank1": dict(shape=(30,)), "rank2": dict(shape=(5, 12)),
    "rank3": dict(shape=(2, 3, 7)), "batch": dict(shape=(3, 2, 2, 9)),
    "one_channel": dict(shape=(1, 4, 5, 1)), "long": dict(shape=(1, 600)),
    "zeros": dict(fill=0, zero=0), "ones": dict(fill=1, zero=0),
    "two": dict(fill=1, zero=0, shape=(1, 2)), "three": dict(fill=1, zero=0,
                                                             shape=(2, 3)),
    "small": dict(low=-2, high=2, zero=0, shape=(20, 4)),
    "small_pairs": dict(low=-3, high=3, zero=1, shape=(40, 2)),
    "zero_low": dict(zero=-128), "zero_high": dict(zero=127),
    "largest": dict(fill=127, zero=-128, shape=(1, 1000)),
}


def l2norm(type):
    t = TYPES[type]
    for name, c in L2NORM.items():
        draw = Draw("l2norm_%s/%s" % (type, name))
        shape = c.get("shape", (1, 3, 4, 8))
        zero = c.get("zero", int(draw.r.randint(-50, 51)))
        x = draw.int8(shape, c.get("low", -128), c.get("high", 127))
        if "fill" in c:
            x[:] = c["fill"]
        if t == FLOAT32:
            x = (x.astype(np.float32) - zero) * np.float32(0.05)
        yield one_op(name, [(shape, t, quant(t, np.float32(0.05), zero))],
                     (shape, t, quant(t, np.float32(1 / 128), 0)),
                     "L2_NORMALIZATION", [x],
                     fusedActivationFunction=ACTIVATION["none"])


LRN = {
    "plain": {}, "radius0": dict(radius=0), "radius1": dict(radius=1),
    "radius_over": dict(radius=20), "beta1": dict(beta=1.0),
    "beta_half": dict(beta=0.5), "beta_odd": dict(beta=0.31),
    "alpha_small": dict(alpha=1e-4, beta=0.75), "bias2": dict(bias=2.0),
    "rank4_batch": dict(shape=(3, 2, 2, 6)),
    "one_channel": dict(shape=(1, 4, 5, 1)), "pixel": dict(shape=(1, 1, 1, 9)),
    "many": dict(shape=(1, 2, 2, 40), radius=5),
}


def lrn(type):
    for name, c in LRN.items():
        draw = Draw("lrn_%s/%s" % (type, name))
        shape = c.get("shape", (1, 3, 4, 7))
        case = one_op(name, [(shape, FLOAT32, {})], (shape, FLOAT32, {}),
                      "LOCAL_RESPONSE_NORMALIZATION",
                      [draw.float32(shape, 2.0)], radius=c.get("radius", 2),
                      bias=c.get("bias", 1.0), alpha=c.get("alpha", 0.3),
                      beta=c.get("beta", 0.75))
        case.oracle = "builtin"  # see README.md
        yield case


L2POOL = {
    "plain": {}, "same": dict(pad=SAME, k=(3, 3)),
    "same_stride2": dict(h=5, w=6, k=(3, 3), s=(2, 2), pad=SAME),
    "kernel_4x3": dict(k=(4, 3), pad=SAME), "stride_1x2": dict(s=(1, 2)),
    "global": dict(k=(6, 6)), "over_image": dict(h=2, w=3, k=(5, 6), pad=SAME),
    "pixel": dict(h=1, w=1, k=(1, 1)), "row_image": dict(h=1, w=9, k=(1, 3)),
    "one_channel": dict(c=1), "many_channels": dict(c=37, h=3, w=3),
    "relu6": dict(act="relu6"), "relu_n1_to_1": dict(act="relu_n1_to_1"),
    "batch": dict(n=3, h=4, w=5, pad=SAME),
}


def l2pool2d(type):
    for name, c in L2POOL.items():
        draw = Draw("l2pool2d_%s/%s" % (type, name))
        n, h, w, ch = c.get("n", 1), c.get("h", 6), c.get("w", 6), c.get("c", 3)
        (kh, kw), (sh, sw) = c.get("k", (2, 2)), c.get("s", (1, 1))
        pad = c.get("pad", VALID)
        out = (n, out_size(h, kh, sh, 1, pad), out_size(w, kw, sw, 1, pad), ch)
        yield one_op(name, [((n, h, w, ch), FLOAT32, {})], (out, FLOAT32, {}),
                     "L2_POOL_2D", [draw.float32((n, h, w, ch), 4.0)],
                     padding=pad, strideH=sh, strideW=sw, filterHeight=kh,
                     filterWidth=kw, fusedActivationFunction=ACTIVATION[
                         c.get("act", "none")])


# ---- Products of matrices
# a, b: shapes as they are in the file; const: b is a constant.

MATMUL = {
    "plain": {}, "adj_y": dict(b=(2, 6, 5), adj_y=True),
    "adj_x": dict(a=(2, 5, 4), adj_x=True),
    "adj_both": dict(a=(2, 5, 4), b=(2, 6, 5), adj_x=True, adj_y=True),
    "rank2": dict(a=(4, 5), b=(5, 6)),
    "rank2_adj_y": dict(a=(4, 5), b=(6, 5), adj_y=True),
    "rank4": dict(a=(1, 3, 4, 5), b=(1, 3, 5, 6)),
    "rank4_adj_y": dict(a=(2, 3, 4, 5), b=(2, 3, 6, 5), adj_y=True),
    "rank4_adj_x": dict(a=(2, 3, 5, 4), b=(2, 3, 5, 6), adj_x=True),
    "rank5": dict(a=(2, 1, 2, 3, 4), b=(2, 1, 2, 4, 3)),
    "broadcast_b": dict(a=(3, 4, 5), b=(5, 6)),
    "broadcast_a": dict(a=(4, 5), b=(3, 5, 6)),
    "broadcast_one": dict(a=(1, 4, 5), b=(3, 5, 6)),
    "broadcast_both": dict(a=(1, 3, 4, 5), b=(2, 1, 5, 6)),
    "broadcast_rank5": dict(a=(2, 1, 3, 2, 4), b=(1, 2, 1, 4, 3)),
    "line": dict(a=(3, 1, 8), b=(3, 8, 5)),
    "line_adj_x": dict(a=(3, 8, 1), b=(3, 8, 5), adj_x=True),
    "column": dict(a=(2, 4, 8), b=(2, 8, 1)),
    "one": dict(a=(1, 1, 1), b=(1, 1, 1)),
    "long": dict(a=(1, 2, 300), b=(1, 300, 2), out=(0.6, 4)),
    "zeros_low": dict(qa=(0.05, -128), qb=(0.04, -128), out=(0.3, -128)),
    "zeros_high": dict(qa=(0.05, 127), qb=(0.04, 127), out=(0.3, -128)),
    "saturating": dict(out=(0.01, 0)),
    "ties": dict(qa=(0.5, 3), qb=(0.25, -7), out=(16.0, 1)),
    "constant": dict(b=(5, 6), a=(2, 4, 5), const=True),
    "constant_adj_y": dict(b=(6, 5), a=(2, 4, 5), const=True, adj_y=True),
    "constant_batch": dict(b=(2, 3, 5, 6), a=(2, 3, 4, 5), const=True),
}


def matmul(type):
    t = TYPES[type]
    for name, c in MATMUL.items():
        draw = Draw("matmul_%s/%s" % (type, name))
        a, b = c.get("a", (2, 4, 5)), c.get("b", (2, 5, 6))
        adj_x, adj_y = c.get("adj_x", False), c.get("adj_y", False)
        qa = c.get("qa", (0.05, int(draw.r.randint(-40, 41))))
        qb = c.get("qb", (0.037, int(draw.r.randint(-40, 41))))
        qo = c.get("out", (0.21, int(draw.r.randint(-40, 41))))
        if t == INT16:  # sums of 2^30, not of 2^14
            qo = (qo[0] * 300, 0)
        xa, xb = draw.values(t, a), draw.values(t, b)
        out = np.matmul(np.swapaxes(xa, -1, -2) if adj_x else xa,
                        np.swapaxes(xb, -1, -2) if adj_y else xb).shape
        net = Net()
        ta = net.tensor(a, t, **quant(t, np.float32(qa[0]), qa[1]))
        tb = net.tensor(b, t, **quant(t, np.float32(qb[0]), qb[1]),
                        data=xb if "const" in c else None)
        to = net.tensor(out, t, **quant(t, np.float32(qo[0]), qo[1]))
        net.op("BATCH_MATMUL", [ta, tb], [to], version=2 if t == INT8 else 1,
               adjX=adj_x, adjY=adj_y)
        if "const" in c:
            yield Case(name, net.build([ta], [to]), [xa])
        else:
            yield Case(name, net.build([ta, tb], [to]), [xa, xb])


HYBRID = {
    "plain": {}, "adj_y": dict(b=(6, 5), adj_y=True),
    "adj_x": dict(a=(2, 5, 4), adj_x=True),
    "adj_both": dict(a=(2, 5, 4), b=(6, 5), adj_x=True, adj_y=True),
    "rank2": dict(a=(3, 5)), "rank2_adj_y": dict(a=(3, 5), b=(6, 5), adj_y=True),
    "batch": dict(b=(2, 5, 6)), "rank4": dict(a=(2, 3, 4, 5), b=(2, 3, 5, 6)),
    "rank4_broadcast": dict(a=(2, 3, 4, 5), b=(1, 3, 5, 6)),
    "line": dict(a=(1, 1, 5)), "column": dict(b=(5, 1)),
    "long": dict(a=(2, 2, 200), b=(200, 3)), "scale_large": dict(scale=3.0),
}


def matmul_hybrid():
    for name, c in HYBRID.items():
        draw = Draw("matmul_hybrid/" + name)
        a, b = c.get("a", (2, 4, 5)), c.get("b", (5, 6))
        adj_x, adj_y = c.get("adj_x", False), c.get("adj_y", False)
        xa, xb = draw.float32(a), draw.int8(b, -127)
        out = np.matmul(np.swapaxes(xa, -1, -2) if adj_x else xa,
                        np.swapaxes(xb, -1, -2) if adj_y else xb).shape
        net = Net()
        ta = net.tensor(a, FLOAT32)
        tb = net.tensor(b, INT8, data=xb, zero=0,
                        scale=np.float32(c.get("scale", 0.013)))
        to = net.tensor(out, FLOAT32)
        net.op("BATCH_MATMUL", [ta, tb], [to], version=4, adjX=adj_x,
               adjY=adj_y)
        model = net.build([ta], [to])
        yield Case(name, model, [xa], dequantized_weights(model))


FILES = {
    **reductions("REDUCE_MAX", ("f32", "s8", "s16", "s32")),
    **reductions("REDUCE_MIN", ("f32", "s8", "s16", "s32")),
    **reductions("REDUCE_PROD", ("f32", "s8", "s16", "s32")),
    **reductions("REDUCE_ALL", ("bool",)),
    **reductions("REDUCE_ANY", ("bool",)),
    **reductions("SUM", ("f32", "s8", "s16", "s32")),
    "mean_axes_f32": (reduction, "MEAN", "f32"),
    "mean_axes_s8": (reduction, "MEAN", "s8"),
    "mean_axes_s16": (reduction, "MEAN", "s16"),
    "mean_s32": (reduction, "MEAN", "s32"),
    **{"argmax_" + t: (arg, "ARG_MAX", t) for t in ("f32", "s8", "s32", "bool")},
    **{"argmin_" + t: (arg, "ARG_MIN", t) for t in ("f32", "s8", "s32", "bool")},
    **{"topk_" + t: (topk, t) for t in ("f32", "s8", "s16", "s32")},
    **{"cumsum_" + t: (cumsum, t) for t in ("f32", "s8", "s32")},
    "l2norm_f32": (l2norm, "f32"),
    "l2norm_s8": (l2norm, "s8"),
    "l2pool2d_f32": (l2pool2d, "f32"),
    "lrn_f32": (lrn, "f32"),
    "matmul_f32": (matmul, "f32"),
    "matmul_hybrid": (matmul_hybrid,),
    "matmul_s16": (matmul, "s16"),
    "matmul_s8": (matmul, "s8"),
}
