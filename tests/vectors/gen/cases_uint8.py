# SPDX-License-Identifier: MIT
"""Cases of the older uint8 quantization: those of int8 with 128 added to every
byte and zero point, and what int8 does not have: weights with a zero point,
CONCATENATION that rescales. Only TensorFlow computes them."""

import math

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

import cases_binary
import cases_graphs
import cases_image
import cases_plain
import cases_reduce
import cases_unary
import cases_weighted
from case import Case, Draw
from tflite_model import INT8, INT32, UINT8, VALID, AlignedBuilder, Net

WEIGHTED = {schema.BuiltinOperator.CONV_2D,
            schema.BuiltinOperator.DEPTHWISE_CONV_2D,
            schema.BuiltinOperator.FULLY_CONNECTED}


def shifted(x):
    return (x.astype(np.int16) + 128).astype(np.uint8)


def one_scale(graph, operator, zero):
    """Weights of one scale and the zero point, and the bias's scale for it."""
    x, w = (graph.tensors[i] for i in operator.inputs[:2])
    w.quantization.scale = w.quantization.scale[:1]
    w.quantization.zeroPoint = np.array([zero])
    if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
        q = graph.tensors[operator.inputs[2]].quantization
        q.scale = np.float32(x.quantization.scale[0]) * w.quantization.scale
        q.zeroPoint = np.array([0])


def as_uint8(case, keep=()):
    """The case with uint8 for int8, but for the tensors `keep`."""
    model = schema.ModelT.InitFromObj(
        schema.Model.GetRootAsModel(case.model, 0))
    graph, draw = model.subgraphs[0], Draw("u8/" + case.name)
    for i, t in enumerate(graph.tensors):
        if t.type != INT8 or i in keep:
            continue
        t.type = UINT8
        t.quantization.zeroPoint = np.array(t.quantization.zeroPoint) + 128
        if t.buffer:
            data = np.array(model.buffers[t.buffer].data, np.uint8)
            model.buffers[t.buffer].data = data ^ 128
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        if code.builtinCode in WEIGHTED:
            one_scale(graph, operator, draw.r.randint(60, 190))
            code.version = 1
    builder = AlignedBuilder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    inputs = [shifted(x) if x.dtype == np.int8 and i not in keep else x
              for i, x in zip(graph.inputs, case.inputs)]
    return Case(case.name, bytes(builder.Output()), inputs)


def cases_u8(function, kind="s8", leave_out=(), keep=()):
    for case in function(kind):
        if case.name not in leave_out:
            yield as_uint8(case, keep)


# ---- Layers with weights: some without the zero point in the middle

NO_BIAS = {"no_bias", "bias_minus_one", "per_tensor_no_bias",
           "per_channel_no_bias", "accumulator_limit", "multiplier_unsaid"}
NO_GROUPS = {"groups2", "groups4_pointwise", "groups3_stride2",
             "groups_are_channels"}


def requantized(x, real):
    """x * real by a multiplier of 31 bits, for factors under 1/2."""
    fraction, exponent = math.frexp(real)
    high = (x * int(math.floor(fraction * 2 ** 31 + 0.5)) + 2 ** 30) >> 31
    rest, half = high & (2 ** -exponent - 1), 2 ** -exponent // 2 - 1
    return (high >> -exponent) + (rest > half + (high < 0))


def product_of_floats(file, op, w_shape, shape, **options):
    """Inputs at the zero point, so that the sums are the biases: 32 where the
    factor of the sums must be that of a product of floats."""
    draw = Draw(file + "/product_of_floats")
    while True:
        a, b = draw.scale(), draw.scale()
        out = np.float32(float(a) * float(b) * 1e7)
        exact, rounded = (float(x) / float(out) for x in (
            float(a) * float(b), a * b))
        steps = [round((k + 0.5) / exact) + d for k in range(-100, 100)
                 for d in range(-60, 61)]
        biases = [x for x in steps if abs(x) < 2 ** 30 and requantized(
            x, exact) != requantized(x, rounded)]
        if len(biases) >= 32:
            break
    bias = draw.r.choice(biases, 32)
    net = Net()
    x = net.tensor(shape[:-1] + (1,), UINT8, a, 3)
    w = net.tensor(w_shape, UINT8, b, 0, np.zeros(w_shape))
    c = net.tensor((32,), INT32, np.float32(float(a) * float(b)), 0, bias)
    y = net.tensor(shape, UINT8, out, 128)
    net.op(op, [x, w, c], [y], **options)
    yield Case("product_of_floats", net.build([x], [y]),
               [np.full(shape[:-1] + (1,), 3, np.uint8)])


WINDOW = dict(padding=VALID, strideH=1, strideW=1, dilationHFactor=1,
              dilationWFactor=1)


def conv2d(_):
    yield from cases_u8(cases_weighted.conv2d, leave_out=NO_BIAS | NO_GROUPS)
    yield from product_of_floats("conv2d_u8", "CONV_2D", (32, 1, 1, 1),
                                 (1, 1, 1, 32), **WINDOW)


def dwconv2d(_):
    yield from cases_u8(cases_weighted.dwconv2d, leave_out=NO_BIAS)
    yield from product_of_floats("dwconv2d_u8", "DEPTHWISE_CONV_2D",
                                 (1, 1, 1, 32), (1, 1, 1, 32),
                                 depthMultiplier=32, **WINDOW)


def dense(_):
    yield from cases_u8(cases_weighted.dense, leave_out=NO_BIAS)
    yield from product_of_floats("dense_u8", "FULLY_CONNECTED", (32, 1),
                                 (1, 32))


# ---- Joining what has other scales

JOIN = {
    "same": (0.05, 90, 0.05, 90),
    "same_far": (0.0031, 0, 0.0031, 0),
    "twice": (0.1, 255, 0.05, 255),
    "half": (0.05, 3, 0.1, 77),
    "third": (0.01, 128, 0.03, 128),
    "odd": (0.0437, 31, 0.0617, 211),
    "finer": (0.013, 0, 0.0331, 200),
    "coarser": (0.07, 200, 0.031, 12),
    "zero_other": (0.05, 90, 0.05, 120),
    "far_finer": (0.0003, 7, 0.2, 128),
    "far_coarser": (0.9, 7, 0.01, 128),
    "powers": (0.5, 10, 1.0, 3),
}


def concat(_):
    for name, (s1, z1, so, zo) in JOIN.items():
        draw = Draw("concat_rescaled_u8/" + name)
        net = Net()
        a = net.tensor((1, 8, 32, 1), UINT8, np.float32(s1), z1)
        b = net.tensor((1, 8, 32, 2), UINT8, np.float32(so), zo)
        y = net.tensor((1, 8, 32, 3), UINT8, np.float32(so), zo)
        net.op("CONCATENATION", [a, b], [y], axis=3)
        x = [np.arange(256).astype(np.uint8).reshape(1, 8, 32, 1),
             shifted(draw.int8((1, 8, 32, 2)))]
        yield Case(name, net.build([a, b], [y]), x)


def quantize(which):
    """QUANTIZE: which tensors, of input 0 and output 1, stay int8."""
    for case in cases_plain.quantize_s8():
        yield as_uint8(case, keep=which)


def converted(function):
    """The cases of QUANTIZE from float, or DEQUANTIZE."""
    for case in function():
        yield as_uint8(case)


def plain(function):
    return (as_uint8(case) for case in function("s8"))


# Operators that take uint8 for int8.
AS_S8 = {
    cases_binary: ("sub mul div minimum maximum equal not_equal greater "
                   "greater_equal less less_equal select select_v2"),
    cases_unary: "leaky_relu prelu tanh hard_swish relu_n1_to_1 relu_0_to_1",
    cases_reduce: "reduce_max reduce_min argmax argmin topk",
}


def from_s8(file, table):
    function, *args = table.FILES[file + "_s8"]
    return map(as_uint8, function(*args))


FILES = {f.__name__ + "_u8": (plain, f) for f in (
    cases_plain.avgpool2d, cases_plain.maxpool2d, cases_plain.mean,
    cases_plain.softmax, cases_plain.add, cases_plain.relu, cases_plain.relu6,
    cases_plain.logistic, cases_image.resize_bilinear,
    cases_image.resize_nearest, cases_graphs.graphs)}
FILES.update(conv2d_u8=(conv2d, None), dwconv2d_u8=(dwconv2d, None),
             dense_u8=(dense, None), concat_rescaled_u8=(concat, None),
             quantize_u8_u8=(quantize, ()), quantize_s8_u8=(quantize, (0,)),
             quantize_u8_s8=(quantize, (1,)),
             quantize_f32_u8=(converted, cases_plain.quantize_f32),
             dequantize_u8_f32=(converted, cases_plain.dequantize_s8))
FILES.update({file + "_u8": (from_s8, file, table)
              for table, files in AS_S8.items() for file in files.split()})
