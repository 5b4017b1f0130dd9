# SPDX-License-Identifier: MIT
"""Cases with int16 activations and int8 weights, of the shapes that the int8
cases have. Biases are int64; in every fifth case int32, for which the
reference computes otherwise, but for depthwise layers, which it refuses, and
transposed convolutions, for which it reads beyond them."""

import numpy as np

from case import TYPES, Case, Draw, quant
from cases_image import TRANSCONV
from cases_plain import POOL, QUANTIZE, SOFTMAX, one_op, unary_shapes
from cases_weighted import CONV2D, DENSE, DWCONV2D, out_size, window
from tflite_model import (ACTIVATION, FLOAT32, INT8, INT16, INT32, INT64,
                          SAME, VALID, Net)

# What they have to do with zero points, or with sums of 32 bits.
LEFT_OUT = ("ties", "accumulator_limit", "zero", "weights_m", "minus_one",
            "multiplier_unsaid")


def chosen(cases):
    return [(name, c) for name, c in cases.items()
            if not any(word in name for word in LEFT_OUT)]


class Layer:
    """The numbers of one layer."""

    def __init__(self, draw, c, in_shape, w_shape, axis, narrow, per_tensor):
        oc = w_shape[axis]
        fan_in = int(np.prod(w_shape)) // oc
        self.in_shape, self.w_shape, self.axis = in_shape, w_shape, axis
        self.x = draw.ints(INT16, in_shape)
        self.w = draw.int8(w_shape, -127)
        self.in_scale = draw.scale(1e-5, 3e-4)
        self.w_scale = draw.scales(1 if per_tensor else oc)
        self.bias_scale = self.in_scale * self.w_scale
        width = 18900.0 * 73 * np.sqrt(fan_in)
        real = float(width * self.in_scale * self.w_scale.mean())
        self.out_scale = np.float32(real / 16000 / c.get("spread", 0.7))
        self.bias = None
        if c.get("bias", True):
            most = 2000000 if narrow else 1 << 34
            self.bias = draw.r.randint(-most, most, size=oc, dtype=np.int64)
            self.bias = self.bias // (1 if narrow else 4096)
        if narrow:  # keep the sums within 32 bits
            self.x = self.x // 64
            self.out_scale = np.float32(self.out_scale / 64)
        self.bias_type = INT32 if narrow else INT64

    def tensors(self, net, out_shape):
        x = net.tensor(self.in_shape, INT16, self.in_scale, 0)
        w = net.tensor(self.w_shape, INT8, self.w_scale, 0, self.w, self.axis)
        b = -1
        if self.bias is not None:
            b = net.tensor(self.bias.shape, self.bias_type, self.bias_scale, 0,
                           self.bias)
        return x, w, b, net.tensor(out_shape, INT16, self.out_scale, 0)


def layers(file, cases, shapes, op, version, options):
    """shapes(c) -> input, weights, output, channel axis; options(c)."""
    for i, (name, c) in enumerate(chosen(cases)):
        in_shape, w_shape, out_shape, axis = shapes(c)
        layer = Layer(Draw("%s/%s" % (file, name)), c, in_shape, w_shape, axis,
                      i % 5 == 4 and op in ("CONV_2D", "FULLY_CONNECTED"),
                      c.get("per_tensor", op == "FULLY_CONNECTED"))

        def build(bias_type):
            layer.bias_type = bias_type
            net = Net()
            x, w, b, y = layer.tensors(net, out_shape)
            ins = [x, w] + ([b] if b >= 0 else [])
            if op == "TRANSPOSE_CONV":
                said = net.tensor((4,), INT32, data=np.array(out_shape))
                ins[:2] = [said, w, x]
            net.op(op, ins, [y], version=version,
                   fusedActivationFunction=ACTIVATION[c.get("act", "none")],
                   **options(c))
            return net.build([x], [y])

        case = Case(name, build(layer.bias_type), [layer.x],
                    oracle="micro_alone")
        if op == "TRANSPOSE_CONV" and i % 5 == 4:
            case.oracle_model, case.model = case.model, build(INT32)
        yield case


def window_options(c):
    options = window(c)[3]
    del options["fusedActivationFunction"]
    return options


def conv2d():
    def shapes(c):
        ic, oc, groups = c.get("c", 3), c.get("oc", 4), c.get("groups", 1)
        image, kernel, out, _ = window(c)
        return (image + (ic,), (oc,) + kernel + (ic // groups,), out + (oc,),
                0)

    return layers("conv2d_s16",
                  {n: c for n, c in CONV2D.items() if "groups" not in c},
                  shapes, "CONV_2D", 4, window_options)


def dwconv2d():
    def shapes(c):
        oc = c.get("c", 3) * c.get("mult", 1)
        image, kernel, out, _ = window(c)
        return (image + (c.get("c", 3),), (1,) + kernel + (oc,), out + (oc,),
                3)

    return layers("dwconv2d_s16", DWCONV2D, shapes, "DEPTHWISE_CONV_2D", 5,
                  lambda c: dict(window_options(c),
                                 depthMultiplier=c.get("mult", 1)))


def transconv2d():
    def shapes(c):
        kernel, stride = c.get("k", (3, 3)), c.get("s", (1, 1))
        image, oc = (c.get("h", 4), c.get("w", 5)), c.get("oc", 4)
        out = c.get("out") or tuple(
            n * s if c.get("pad") == SAME else (n - 1) * s + k
            for n, s, k in zip(image, stride, kernel))
        n, ic = c.get("n", 1), c.get("c", 3)
        return (n,) + image + (ic,), (oc,) + kernel + (ic,), (n,) + out + (
            oc,), 0

    def options(c):
        stride = c.get("s", (1, 1))
        return dict(padding=c.get("pad", VALID), strideH=stride[0],
                    strideW=stride[1])

    return layers("transconv2d_s16", TRANSCONV, shapes, "TRANSPOSE_CONV", 4,
                  options)


def dense():
    def shapes(c):
        shape, oc = c.get("shape", (1, 12)), c.get("oc", 4)
        wk = c.get("wk", shape[-1])
        out = (shape[:-1] + (oc,) if c.get("keep") else
               (int(np.prod(shape)) // wk, oc))
        return shape, (oc, wk), out, 0

    return layers("dense_s16", DENSE, shapes, "FULLY_CONNECTED", 11,
                  lambda c: dict(keepNumDims=c.get("keep", False)))


def pool(op, file):
    for name, c in chosen(POOL):
        draw = Draw("%s/%s" % (file, name))
        n, h, w, ch = c.get("n", 1), c.get("h", 6), c.get("w", 6), c.get("c", 3)
        (kh, kw), (sh, sw) = c.get("k", (2, 2)), c.get("s", (1, 1))
        pad = c.get("pad", VALID)
        q = quant(INT16, np.float32(c.get("scale", 0.05) / 200), 0)
        shape = (n, h, w, ch)
        out = (n, out_size(h, kh, sh, 1, pad), out_size(w, kw, sw, 1, pad), ch)
        x = draw.ints(INT16, shape, *(
            (c["low"], c["high"] + 1) if "low" in c else ()))
        yield one_op(name, [(shape, INT16, q)], (out, INT16, q), op, [x],
                     padding=pad, strideH=sh, strideW=sw, filterHeight=kh,
                     filterWidth=kw, version=3, fusedActivationFunction=
                     ACTIVATION[c.get("act", "none")])


def softmax():
    for name, c in SOFTMAX.items():
        draw = Draw("softmax_s16/%s" % name)
        shape = c.get("shape", (2, 10))
        scale = np.float32(c.get("scale", 0.05) / 200)
        x = draw.ints(INT16, shape)
        if "fill" in c:
            x[:] = c["fill"] * 256
        if "hot" in c:
            x[:] = -32768
            x[:, 3] = 32767
        case = one_op(name, [(shape, INT16, quant(INT16, scale, 0))],
                      (shape, INT16, quant(INT16, np.float32(2.0 ** -15), 0)),
                      "SOFTMAX", [x], beta=c.get("beta", 1.0), version=3)
        case.oracle = "micro_alone"
        yield case


def quantize_f32():
    for name, shape, q in unary_shapes(QUANTIZE):
        draw = Draw("quantize_f32_s16/%s" % name)
        scale = np.float32((q[0] if q else draw.scale()) / 256)
        x = draw.float32(shape, 20000 * scale)
        flat = x.reshape(-1)
        flat[:6] = (0.0, -0.0, 40000 * scale, -40000 * scale, 1e6 * scale,
                    -1e6 * scale)
        yield one_op(name, [(shape, FLOAT32, {})],
                     (shape, INT16, dict(scale=scale, zero=0)), "QUANTIZE",
                     [x], version=1)


def dequantize():
    for name, shape, q in unary_shapes(QUANTIZE):
        draw = Draw("dequantize_s16_f32/%s" % name)
        scale = np.float32((q[0] if q else draw.scale()) / 256)
        yield one_op(name, [(shape, INT16, quant(INT16, scale, 0))],
                     (shape, FLOAT32, {}), "DEQUANTIZE",
                     [draw.ints(INT16, shape)], version=3)


# From one type of integer to another one.
RESCALE = {"s8_s16": (INT8, INT16), "s16_s8": (INT16, INT8),
           "s16_s16": (INT16, INT16), "s8_s32": (INT8, INT32),
           "s16_s32": (INT16, INT32), "s32_s8": (INT32, INT8),
           "s32_s16": (INT32, INT16)}


def rescale():
    for pair, (a, b) in RESCALE.items():
        for i, shape in enumerate(((7,), (1, 40), (2, 3, 5), (1, 4, 3, 6),
                                   (1, 9), (3, 1, 2, 2, 4))):
            draw = Draw("rescale/%s_%d" % (pair, i))
            zeros = [int(draw.r.randint(-100, 100)) if t == INT8 else 0
                     for t in (a, b)]
            scales = [draw.scale(*((0.01, 0.1) if t == INT8 else (1e-4, 1e-3)))
                      for t in (a, b)]
            if a == INT32:  # values as an activation has them, not of 2^31
                scales[0] = draw.scale(1e-6, 1e-5)
            q = [dict(scale=s, zero=z) for s, z in zip(scales, zeros)]
            x = draw.ints(a, shape, *((-99999, 99999) if a == INT32 else ()))
            yield one_op("%s_%d" % (pair, i), [(shape, a, q[0])],
                         (shape, b, q[1]), "QUANTIZE", [x], version=2)


FILES = dict(conv2d_s16=(conv2d,), dwconv2d_s16=(dwconv2d,),
             dense_s16=(dense,), transconv2d_s16=(transconv2d,),
             avgpool2d_s16=(pool, "AVERAGE_POOL_2D", "avgpool2d_s16"),
             maxpool2d_s16=(pool, "MAX_POOL_2D", "maxpool2d_s16"),
             softmax_s16=(softmax,), quantize_f32_s16=(quantize_f32,),
             dequantize_s16_f32=(dequantize,), rescale=(rescale,))
