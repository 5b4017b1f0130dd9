# SPDX-License-Identifier: MIT
"""Cases of the operators of one input, element by element, and of PRELU,
CAST, LOG_SOFTMAX, ZEROS_LIKE."""

import numpy as np

from case import TYPES, Case, Draw, quant
from cases_plain import every_byte, one_op, softmax_cases
from tflite_model import FLOAT32, INT16, NUMPY, Net

SHAPES = {
    "rank1": (256,), "rank2": (16, 16), "rank3": (2, 16, 8),
    "rank4": (1, 8, 8, 4), "rank4_batch": (4, 4, 4, 4),
    "rank5": (2, 2, 4, 4, 4), "one_channel": (1, 16, 16, 1),
    "pixel": (1, 1, 1, 256),
}
SHAPES_F32 = {
    "rank1": (60,), "rank2": (6, 10), "rank3": (3, 4, 5),
    "rank4": (1, 3, 4, 5), "rank4_batch": (2, 2, 3, 5),
    "rank5": (2, 1, 2, 3, 5), "rank6": (1, 2, 1, 2, 3, 5), "rank0": (),
    "one_channel": (1, 5, 12, 1), "one_element": (1, 1, 1, 1),
    "pixel": (1, 1, 1, 60), "column": (1, 60, 1, 1), "batch": (60, 1),
}
DRAWN = 6  # cases of drawn quantization


# ---- Values

def domain(values, low, high):
    """Values folded into low .. high."""
    span = high - low
    return np.float32(low + np.abs((values - low + span) % (2 * span) - span))


def float_values(draw, shape, low, high, specials=()):
    x = domain(draw.float32(shape, (high - low) / 3), low, high)
    flat = x.reshape(-1)
    for i, special in enumerate(specials):
        if len(flat) > 3 * i + 1:
            flat[3 * i] = special
    return x


def int16_values(draw, shape, beyond=None):
    """Both ends, all around 0, and drawn ones between."""
    x = draw.ints(INT16, shape)
    flat = x.reshape(-1)
    flat[:64] = np.arange(-32, 32)
    flat[64:68] = (-32768, -32767, 32767, 32766)
    return np.maximum(x, beyond) if beyond is not None else x


# ---- Float and whole numbers: shapes, then ranges

def plain(op, type, low, high, specials=(), **options):
    t = TYPES[type]
    for name, shape in SHAPES_F32.items():
        draw = Draw("%s_%s/%s" % (op, type, name))
        if t == FLOAT32:
            x = float_values(draw, shape, low, high, specials)
        else:
            x = np.asarray(draw.ints(t, shape))
            x.reshape(-1)[::7] = specials[0]
            x.reshape(-1)[1::7] = specials[1]
        yield one_op(name, [(shape, t, {})], (shape, t, {}), op, [x],
                     version=1, **options)


SPECIALS = (0.0, -0.0, 1e-30, -1e-30, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 6.0,
            -6.0, 3.0, -3.0, 16777217.0, -8388607.5)
PLAIN = {
    "ABS": (-50, 50, SPECIALS), "NEG": (-50, 50, SPECIALS),
    "FLOOR": (-50, 50, SPECIALS), "CEIL": (-50, 50, SPECIALS),
    "ROUND": (-50, 50, SPECIALS), "SIGN": (-2, 2, SPECIALS),
    "SQUARE": (-9, 9, SPECIALS[:12]), "SQRT": (0, 90, (0.0, 1.0, 1e-20)),
    "RSQRT": (0.01, 90, (1.0, 4.0, 1e-8)), "EXP": (-9, 9, (0.0, -90.0)),
    "LOG": (0.001, 90, (1.0, 1e-20, 1e20)), "SIN": (-20, 20, (0.0, -0.0)),
    "COS": (-20, 20, (0.0, -0.0)), "TANH": (-6, 6, (0.0, -0.0, 50, -50)),
    "ELU": (-6, 6, (0.0, -0.0, 1e-6, -1e-6, -90)),
    "HARD_SWISH": (-6, 6, (0.0, -0.0, 3.0, -3.0, 90, -90)),
    "RELU_N1_TO_1": (-3, 3, (0.0, 1.0, -1.0)),
    "RELU_0_TO_1": (-3, 3, (0.0, 1.0, -1.0)),
}


def plain_f32(op):
    return plain(op, "f32", *PLAIN[op])


def whole(op, type):
    info = np.iinfo(NUMPY[TYPES[type]])
    return plain(op, type, 0, 0, (info.min + (op == "ABS"), 0))


def leaky_relu_f32():
    for i, alpha in enumerate((0.0, 0.1, 0.3, 1.0, 1.7, -0.2)):
        for case in plain("LEAKY_RELU", "f32", -5, 5, SPECIALS, alpha=alpha):
            if i == 1 or case.name == "rank4":
                case.name += "_alpha%d" % i
                yield case


def gelu_f32(approximate):
    return plain("GELU", "f32", -2.5, 4, (0.0, 1e-6, -1e-6, 8.0, -8.0),
                 approximate=approximate)


# ---- int8 and int16: (in scale, in zero, out scale, out zero)

QUANT = {
    "plain": (0.05, -3, 0.04, 5),
    "same": (0.05, -3, 0.05, -3),
    "in_zero_low": (0.05, -128, 0.03, -128),
    "in_zero_high": (0.05, 127, 0.03, -20),
    "zeros_low_high": (0.03, -128, 0.05, 127),
    "zeros_high_low": (0.03, 127, 0.05, -128),
    "fine": (0.004, 11, 0.005, -11),
    "coarse": (0.4, -50, 0.3, 30),
    "to_fine": (0.1, 4, 0.01, -4),
    "to_coarse": (0.01, 4, 0.1, -4),
    "half": (0.05, -20, 0.1, -10),
    "twice": (0.0625, -20, 0.03125, -10),
}


def quantized(op, type, table=QUANT, out=None, same=False, positive=False,
              oracle=None, in_scales=(0.002, 0.1), **options):
    """Every byte, or int16_values. `out`: scale and zero point where they are
    fixed; same: as those of the input; positive: no numbers below the zero
    point."""
    t = TYPES[type]
    cases = [(n, (1, 8, 8, 4), q) for n, q in table.items()]
    cases += [("shape_" + n, s, None) for n, s in SHAPES.items()]
    cases += [("drawn%d" % i, (2, 128), None) for i in range(DRAWN)]
    for name, shape, q in cases:
        draw = Draw("%s_%s/%s" % (op, type, name))
        if q is None:
            q = (draw.scale(*in_scales), int(draw.r.randint(-128, 128)),
                 draw.scale(), int(draw.r.randint(-128, 128)))
        if out:
            q = q[:2] + out
        if same:
            q = q[:2] + q[:2]
        if t == INT16:
            x = int16_values(draw, shape, 0 if positive else None)
        else:
            x = np.maximum(every_byte(shape), q[1] if positive else -128)
        case = one_op(name, [(shape, t, quant(t, np.float32(q[0]), q[1]))],
                      (shape, t, quant(t, np.float32(q[2]), q[3])), op,
                      [x.astype(NUMPY[t])],
                      version=1, **options)
        case.oracle = oracle or case.oracle
        yield case


def leaky_relu(type):
    for i, alpha in enumerate((0.1, 0.3, 0.0, 1.7, -0.2)):
        for case in quantized("LEAKY_RELU", type, oracle="micro_alone",
                              alpha=alpha):
            if i == 0 or case.name in ("plain", "to_fine", "drawn0"):
                case.name += "_alpha%d" % i
                yield case


def gelu_s8(approximate):
    return quantized("GELU", "s8", approximate=approximate)


# int16 scales: numbers of some size, whole tensors within a few units.
QUANT16 = {n: (a / 256, 0, b / 256, 0) for n, (a, _, b, _) in QUANT.items()}
SCALES16 = (0.00001, 0.0004)


def quantized16(op, table=None, **options):
    return quantized(op, "s16", QUANT16 if table is None else table,
                     in_scales=SCALES16, **options)


SIGMOID16 = {
    "power_12": (1 / 4096, 0), "power_11": (1 / 2048, 0),
    "power_10": (1 / 1024, 0), "power_13": (1 / 8192, 0),
    "power_15": (1 / 32768, 0), "plain": (0.0003, 0), "odd": (0.00017, 0),
    "large": (0.01, 0), "huge": (2.5, 0), "tiny": (1e-7, 0),
    "least": (5e-10, 0), "near": (1 / 4096 * 1.0001, 0),
}


def sigmoid16(op):
    table = {n: q + (0, 0) for n, q in SIGMOID16.items()}
    return quantized16(op, table, out=(1 / 32768, 0))


EXP16 = {"plain": (0.0001, 0, 0.001, 0), "large": (0.0003, 0, 0.6, 0),
         "saturated": (0.0003, 0, 0.01, 0), "fine": (0.00001, 0, 0.00005, 0),
         "near_0": (0.00002, 0, 0.00004, 0), "tiny": (1e-6, 0, 0.00004, 0)}
LOG16 = {"plain": (0.0001, 0, 0.0003, 0), "fine": (0.00001, 0, 0.0004, 0),
         "large": (0.01, 0, 0.0003, 0), "saturated": (0.01, 0, 0.0001, 0),
         "coarse": (0.001, 0, 0.01, 0)}
TANH = {
    "plain": (0.05, -3), "zero_low": (0.05, -128), "zero_high": (0.05, 127),
    "scale_16th": (0.0625, 0), "scale_8th": (0.125, 0),
    "scale_small": (0.002, 5), "scale_tiny": (0.00001, 0),
    "scale_large": (0.3, 4), "scale_huge": (3.0, -9),
    "scale_power": (0.03125, -128), "scale_odd": (0.0437, 31),
}


def tanh_s8():
    return quantized("TANH", "s8", TANH, (1 / 128, 0), oracle="micro_alone")


def abs_s8():
    return quantized("ABS", "s8", oracle="micro_alone")


def relu6_s16():
    return quantized16("RELU6", same=True)


def rsqrt(type):
    if type == "s16":
        return quantized16("RSQRT", positive=True, oracle="micro_alone")
    return quantized("RSQRT", "s8", positive=True)


# ---- LOG_SOFTMAX

LOG_SOFTMAX = {
    "plain": {}, "two": dict(shape=(1, 2)), "one": dict(shape=(3, 1)),
    "long": dict(shape=(1, 300)), "rank1": dict(shape=(9,)),
    "rank3": dict(shape=(2, 3, 5)), "rank4": dict(shape=(1, 3, 2, 4)),
    "rank4_batch": dict(shape=(2, 2, 3, 7)), "batch": dict(shape=(6, 10)),
    "scale_small": dict(scale=0.0007), "scale_large": dict(scale=1.3),
    "scale_huge": dict(scale=11.0), "scale_16th": dict(scale=0.0625),
    "zero_low": dict(zero=-128), "zero_high": dict(zero=127),
    "all_equal": dict(fill=5), "all_equal_100": dict(fill=5, shape=(1, 100)),
    "all_equal_700": dict(fill=-9, shape=(1, 700)),
    "one_hot": dict(hot=True, scale=0.3),
    "ladder": dict(ladder=True, shape=(1, 256)),
    "ladder_fine": dict(ladder=True, shape=(1, 256), scale=0.02),
    "ladder_coarse": dict(ladder=True, shape=(1, 256), scale=0.17),
}


def log_softmax(type):
    for case in softmax_cases("LOG_SOFTMAX", type, LOG_SOFTMAX,
                              (np.float32(16 / 256), 127)):
        case.oracle = "micro_alone"
        yield case


# ---- PRELU: shape, shape of alpha

PRELU = {
    "channels": ((1, 4, 5, 6), (1, 1, 6)),
    "channels_rank1": ((1, 4, 5, 6), (6,)),
    "channels_rank4": ((1, 4, 5, 6), (1, 1, 1, 6)),
    "shared": ((1, 4, 5, 6), (1, 1, 1)),
    "each": ((1, 4, 5, 6), (4, 5, 6)),
    "each_batch": ((3, 4, 5, 2), (4, 5, 2)),
    "rows": ((1, 4, 5, 6), (4, 1, 1)),
    "columns": ((1, 4, 5, 6), (5, 1)),
    "row_and_channel": ((2, 4, 5, 6), (4, 1, 6)),
    "vector": ((1, 30), (30,)),
    "vector_batch": ((7, 9), (9,)),
    "rank3": ((2, 6, 7), (1, 7)),
    "one_channel": ((1, 6, 6, 1), (1, 1, 1)),
    "pixel": ((1, 1, 1, 40), (1, 1, 40)),
}
PRELU_QUANT = {"fine_alpha": (0.05, 3, 0.002, 9, 0.05, 3),
               "zeros": (0.05, -128, 0.01, 127, 0.05, 127),
               "to_fine": (0.05, 0, 0.02, 0, 0.003, 0),
               "to_coarse": (0.01, 3, 0.01, -40, 0.1, 3),
               "ties": (0.5, 3, 0.5, -3, 1.0, 1)}


def prelu(type):
    t = TYPES[type]
    cases = [(n, *s, None) for n, s in PRELU.items()]
    cases += [(n, *PRELU["channels"], q) for n, q in PRELU_QUANT.items()]
    cases += [("drawn%d" % i, *PRELU["each"], None) for i in range(DRAWN)]
    for name, shape, alpha_shape, q in cases:
        draw = Draw("prelu_%s/%s" % (type, name))
        z = draw.r.randint(-100, 101, size=3)
        q = q or (draw.scale(), z[0], draw.scale(0.001, 0.01), z[1],
                  draw.scale(), z[2])
        alpha = draw.values(t, alpha_shape)
        net = Net()
        tx = net.tensor(shape, t, **quant(t, np.float32(q[0]), q[1]))
        ta = net.tensor(alpha_shape, t, data=alpha,
                        **quant(t, np.float32(q[2]), q[3]))
        out = net.tensor(shape, t, **quant(t, np.float32(q[4]), q[5]))
        net.op("PRELU", [tx, ta], [out])
        case = Case(name, net.build([tx], [out]), [draw.values(t, shape)])
        case.oracle = "micro_alone"
        yield case


# ---- CAST, LOGICAL_NOT, ZEROS_LIKE

CAST = ("f32", "s8", "u8", "s16", "s32", "s64", "bool")
WHOLE = (0, 1, 2, -1, -5, 100, 127, 128, 200, 255, 256, 300, -129, 40000,
         70000, 16777217, -16777219, 2**33 + 5, 2**53 + 1, 2**63 - 1, -2**63)
REAL = (0, -0.0, 0.5, -0.7, 1.9, -1.9, 100.5, 127.9, -127.9, 1e-9)
REAL_FAR = (200.2, 300, -200, 40000, 70000, -70000, 3e9, -3e9, 1e19, np.nan,
            np.inf, -np.inf)


def cast_values(draw, a, b, shape):
    x = draw.values(TYPES[a], shape)
    if a == "f32":
        x = x * 30
        special = REAL + (REAL_FAR if b in ("s8", "s16") else ())
        if b in ("u8", "bool"):
            x, special = np.abs(x), tuple(abs(v) for v in special)
    elif a == "bool":
        return x
    else:
        info = np.iinfo(NUMPY[TYPES[a]])
        special = [v for v in WHOLE if info.min <= v <= info.max]
    x.reshape(-1)[:len(special)] = special
    return x.astype(NUMPY[TYPES[a]])


def cast(a):
    """From type a to each other, in different shapes."""
    shapes = ((5, 7), (1, 3, 4, 5), (40,), (2, 3, 7), (2, 3, 3, 2), (33, 1),
              (1, 1, 1, 90))
    for b, shape, more in zip(CAST, shapes, shapes[1:] + shapes[:1]):
        for s in (shape, more):
            name = "to_%s_rank%d" % (b, len(s))
            name += "_again" if s is more and len(s) == len(shape) else ""
            draw = Draw("cast_%s/%s" % (a, name))
            x = cast_values(draw, a, b, s)
            ta, tb = TYPES[a], TYPES[b]
            # int8 has a scale that says nothing here, others only once
            qa = quant(ta, np.float32(0.5), 3)
            qb = quant(tb, np.float32(0.25), 0)
            qa = qa if s is shape or a == "s8" else {}
            qb = qb if s is shape or b == "s8" else {}
            case = one_op(name, [(s, ta, qa)], (s, tb, qb), "CAST", [x],
                          inDataType=ta, outDataType=tb)
            case.oracle = "micro_alone"
            yield case


def every_type(op, type):
    t = TYPES[type]
    for name, shape in SHAPES_F32.items():
        draw = Draw("%s_%s/%s" % (op, type, name))
        x = np.asarray(draw.values(t, shape), NUMPY[t])
        q = quant(t, np.float32(0.5), 9)
        yield one_op(name, [(shape, t, q)], (shape, t, q), op, [x], version=1)


FILES = {op.lower() + "_f32": (plain_f32, op) for op in PLAIN}
FILES.update(
    {op + "_s8": (quantized, op.upper(), "s8") for op in (
        "elu", "exp", "log", "hard_swish", "relu_n1_to_1",
        "relu_0_to_1")},
    abs_s16=(quantized16, "ABS"),
    abs_s8=(abs_s8,),
    abs_s32=(whole, "ABS", "s32"),
    exp_s16=(quantized16, "EXP", EXP16),
    gelu_f32=(gelu_f32, False),
    gelu_s8=(gelu_s8, False),
    gelu_tanh_f32=(gelu_f32, True),
    gelu_tanh_s8=(gelu_s8, True),
    leaky_relu_f32=(leaky_relu_f32,),
    leaky_relu_s16=(leaky_relu, "s16"),
    leaky_relu_s8=(leaky_relu, "s8"),
    log_s16=(quantized16, "LOG", LOG16),
    log_softmax_f32=(log_softmax, "f32"),
    log_softmax_s8=(log_softmax, "s8"),
    logical_not_bool=(every_type, "LOGICAL_NOT", "bool"),
    logistic_s16=(sigmoid16, "LOGISTIC"),
    neg_s32=(whole, "NEG", "s32"),
    neg_s64=(whole, "NEG", "s64"),
    prelu_f32=(prelu, "f32"),
    prelu_s8=(prelu, "s8"),
    relu6_s16=(relu6_s16,),
    relu_s16=(quantized16, "RELU"),
    rsqrt_s16=(rsqrt, "s16"),
    rsqrt_s8=(rsqrt, "s8"),
    sign_s32=(whole, "SIGN", "s32"),
    tanh_s16=(sigmoid16, "TANH"),
    tanh_s8=(tanh_s8,),
    zeros_like_f32=(every_type, "ZEROS_LIKE", "f32"),
    zeros_like_s32=(every_type, "ZEROS_LIKE", "s32"),
    zeros_like_s64=(every_type, "ZEROS_LIKE", "s64"),
    zeros_like_s8=(every_type, "ZEROS_LIKE", "s8"),
    **{"cast_" + a: (cast, a) for a in CAST})
