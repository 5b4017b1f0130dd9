# SPDX-License-Identifier: MIT
"""Cases of the operators that compute element by element from several inputs:
arithmetic, comparisons, LOGICAL_AND and _OR, SELECT, ADD_N."""

import numpy as np

from case import TYPES, Case, Draw, quant
from tflite_model import ACTIVATION, BOOL, FLOAT32, INT8, INT16, INT32, Net

# a, b: shapes; const: the input (0 or 1) that is a constant.
SHAPES = {
    "plain": {},
    "rank1": dict(a=(7,), b=(7,)),
    "rank2": dict(a=(3, 5), b=(3, 5)),
    "rank3": dict(a=(2, 3, 4), b=(2, 3, 4)),
    "rank5": dict(a=(2, 1, 3, 2, 2), b=(2, 1, 3, 2, 2)),
    "one_channel": dict(a=(2, 3, 4, 1), b=(2, 3, 4, 1)),
    "broadcast_channels": dict(b=(1, 1, 1, 3)),
    "broadcast_rank1_first": dict(a=(3,), b=(1, 3, 4, 3)),
    "broadcast_scalar": dict(b=(1,)),
    "broadcast_scalar_first": dict(a=(1, 1, 1, 1), b=(1, 3, 4, 3)),
    "broadcast_last": dict(a=(1, 3, 4, 3), b=(1, 3, 4, 1)),
    "broadcast_both": dict(a=(1, 3, 1, 3), b=(1, 1, 4, 3)),
    "broadcast_inner": dict(a=(2, 1, 3, 1), b=(1, 4, 1, 2)),
    "broadcast_batch": dict(a=(2, 3, 2, 3), b=(2, 1, 1, 3)),
    "constant": dict(const=1, b=(1, 3, 4, 3)),
    "constant_channels": dict(const=1, b=(3,)),
    "constant_channels_first": dict(const=0, a=(3,), b=(1, 3, 4, 3)),
    "constant_scalar": dict(const=1, b=(1,)),
    "constant_scalar_first": dict(const=0, a=(1,), b=(2, 5)),
    "constant_rank0": dict(const=1, b=()),
}

# qa, qb, qo: (scale, zero point); int16 has zero points of 0.
QUANT = {
    "zeros_low": dict(qa=(0.05, -128), qb=(0.04, -128), qo=(0.09, -128)),
    "zeros_high": dict(qa=(0.05, 127), qb=(0.04, 127), qo=(0.09, 127)),
    "zeros_low_high": dict(qa=(0.05, -128), qb=(0.04, 127), qo=(0.09, 0)),
    "scale_equal": dict(qa=(0.05, -11), qb=(0.05, 23), qo=(0.05, 4)),
    "scale_far": dict(qa=(0.2, 3), qb=(0.0003, -5), qo=(0.21, 1)),
    "scale_far_other": dict(qa=(0.0002, 3), qb=(0.3, -5), qo=(0.31, 1)),
    "saturating": dict(qo=(0.003, 0)),
    "ties": dict(qa=(0.5, 3), qb=(0.25, -7), qo=(1.0, 1)),
    "ties_fine": dict(qa=(0.125, 0), qb=(0.5, 0), qo=(4.0, 0)),
}
QUANT_16 = {
    "scale_equal": dict(qa=(0.0005, 0), qb=(0.0005, 0), qo=(0.0005, 0)),
    "scale_far": dict(qa=(0.0002, 0), qb=(3e-7, 0), qo=(0.00021, 0)),
    "scale_fine": dict(qa=(3e-6, 0), qb=(4e-6, 0), qo=(3e-6, 0)),
    "saturating": dict(qa=(0.0005, 0), qb=(0.0004, 0), qo=(0.0001, 0)),
    "scale_powers": dict(qa=(2.0 ** -10, 0), qb=(2.0 ** -8, 0),
                         qo=(2.0 ** -8, 0)),
    "ties": dict(qa=(2.0 ** -9, 0), qb=(2.0 ** -10, 0), qo=(2.0 ** -7, 0)),
}
ACT = {
    "relu": dict(act="relu"),
    "relu6": dict(act="relu6"),
    "relu_n1_to_1": dict(act="relu_n1_to_1"),
}
# Operators with a fused activation; and those whose int8 is rescaled.
FUSED = ("ADD", "SUB", "MUL", "DIV")
RESCALED = FUSED + ("SQUARED_DIFFERENCE",)
# Those that the oracles broadcast beyond rank 4.
RANK_6 = ("ADD", "SUB", "MUL")
RANK_5 = RANK_6 + ("DIV", "MINIMUM", "MAXIMUM")
COMPARED = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS",
            "LESS_EQUAL")


def table(op, t):
    cases = dict(SHAPES)
    if op in RANK_5:
        cases["broadcast_rank5"] = dict(a=(2, 3, 1, 2, 1), b=(1, 3, 2, 1, 3))
    if op in RANK_6:
        cases["broadcast_rank6"] = dict(a=(2, 3, 1, 2, 1, 2),
                                        b=(2, 3, 2, 1, 2, 2))
    if op in FUSED:
        cases.update(ACT)
    if t == INT8 and op in RESCALED + COMPARED:
        cases.update(QUANT)
    if t == INT8 and op == "DIV":
        del cases["scale_far_other"], cases["ties_fine"]
    if t == INT16 and op in RESCALED:
        cases.update(QUANT_16)
    return cases


def quantization(op, t, c, draw):
    """(qa, qb, qo) of a case."""
    if t == INT8:
        zero = [int(z) for z in draw.r.randint(-40, 41, size=3)]
        out = {"MUL": 0.2, "DIV": 0.1, "SQUARED_DIFFERENCE": 0.3}.get(op, 0.07)
        usual = ((0.05, zero[0]), (0.037, zero[1]), (out, zero[2]))
    else:
        out = {"MUL": 0.005, "SQUARED_DIFFERENCE": 0.01}.get(op, 0.0007)
        usual = ((0.0004, 0), (0.0003, 0), (out, 0))
    got = [c.get(k, q) for k, q in zip(("qa", "qb", "qo"), usual)]
    if op in ("MINIMUM", "MAXIMUM", "FLOOR_DIV", "FLOOR_MOD"):
        got = [got[0]] * 3
    return got


def values(op, t, draw, shape, second, zero):
    """An operand: the second one must suit some operators."""
    if t == BOOL:
        return draw.values(t, shape)
    if op in COMPARED:  # many pairs must be equal
        if t == FLOAT32:
            return draw.r.randint(-3, 4, size=shape).astype(np.float32) / 2
        return draw.ints(t, shape, -4, 4)
    if op == "POW":
        if t == FLOAT32:
            x = draw.r.random_sample(shape)
            return np.asarray(x * 6 - 3 if second else x * 4, np.float32)
        return draw.ints(t, shape, 0, 5) if second else draw.ints(
            t, shape, -9, 9)
    x = draw.values(t, shape)
    if not second and op == "DIV" and t == INT8:
        # Nearer to 0, and with a scale below, the oracle shifts by 32 bits and
        # more: see README.md.
        away = np.where(x < zero, -1, 1) * (1 if abs(zero) < 100 else
                                            -np.sign(zero))
        near = np.abs(x.astype(int) - zero) < 16
        return np.asarray(np.where(near, zero + 16 * away, x), np.int8)
    if second and op in ("DIV", "FLOOR_DIV", "FLOOR_MOD"):
        x = np.asarray(np.where(x == zero, zero + 1 if zero < 100 else
                                zero - 1, x), x.dtype)
    return x


def binary(op, type, out_type=None):
    t = TYPES[type]
    to = TYPES[out_type or type]
    for name, c in table(op, t).items():
        draw = Draw("%s_%s/%s" % (op.lower(), type, name))
        a, b = c.get("a", (1, 3, 4, 3)), c.get("b", (1, 3, 4, 3))
        q = [quant(t, np.float32(s), z) for s, z in
              quantization(op, t, c, draw)]
        zero = q[1].get("zero", 0)
        raw = op in ("FLOOR_DIV", "FLOOR_MOD")
        data = [values(op, t, draw, a, False, q[0].get("zero", 0)),
                values(op, t, draw, b, True, 0 if raw else zero)]
        options = {}
        if op in FUSED:
            options = dict(fusedActivationFunction=ACTIVATION[
                c.get("act", "none")])
        free = [i for i in (0, 1) if c.get("const") != i]

        def build(**more):
            net = Net()
            ins = [net.tensor(s, t, **q[i], data=data[i]
                              if c.get("const") == i else None)
                   for i, s in enumerate((a, b))]
            out = net.tensor(np.broadcast_shapes(a, b), to,
                             **(q[2] if to == t else {}))
            net.op(op, ins, [out], version=2 if t == INT8 else 1, **options,
                   **more)
            return net.build([ins[i] for i in free], [out])

        case = Case(name, build(), [data[i] for i in free])
        if op in ("ADD", "SUB") and t == INT16:  # see README.md
            case.oracle_model = build(potScaleInt16=False)
        if t == INT32 and "act" in c:
            case.oracle = "builtin_ref"
        yield case


def compare(op, type):
    return binary(op, type, "bool")


# ---- SELECT: shapes of condition, first and second choice; which are constant

SELECT = {
    "plain": ((1, 3, 4, 3), (1, 3, 4, 3), (1, 3, 4, 3)),
    "rank1": ((7,), (7,), (7,)),
    "rank2": ((3, 5), (3, 5), (3, 5)),
    "rank3": ((2, 3, 4), (2, 3, 4), (2, 3, 4)),
    "rank5": ((2, 1, 3, 2, 2), (2, 1, 3, 2, 2), (2, 1, 3, 2, 2)),
    "scalar": ((), (2, 3, 2), (2, 3, 2)),
    "one_channel": ((2, 3, 4, 1), (2, 3, 4, 1), (2, 3, 4, 1)),
    "constant_condition": ((2, 3), (2, 3), (2, 3), (0,)),
    "constant_first": ((2, 3), (2, 3), (2, 3), (1,)),
    "constant_choices": ((2, 5), (2, 5), (2, 5), (1, 2)),
    "pixel": ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1)),
}
SELECT_V1 = {
    "vector": ((4,), (4, 3), (4, 3)),
    "vector_images": ((2,), (2, 3, 2, 2), (2, 3, 2, 2)),
}
SELECT_V2 = {
    "condition_channel": ((1, 3, 4, 1), (1, 3, 4, 3), (1, 3, 4, 3)),
    "condition_vector": ((3,), (1, 3, 4, 3), (1, 3, 4, 3)),
    "condition_rows": ((3, 1, 1), (2, 3, 2, 2), (2, 3, 2, 2)),
    "choice_scalar": ((2, 3, 4), (1,), (2, 3, 4)),
    "choice_rank0": ((2, 3, 4), (2, 3, 4), (), (2,)),
    "choices_scalar": ((2, 3, 4), (1,), (1,), (1, 2)),
    "all_three": ((2, 1, 1), (1, 3, 1), (1, 1, 4)),
}


def select(op, type):
    t = TYPES[type]
    cases = dict(SELECT, **(SELECT_V1 if op == "SELECT" else SELECT_V2))
    for name, c in cases.items():
        draw = Draw("%s_%s/%s" % (op.lower(), type, name))
        q = quant(t, np.float32(0.05), -7)
        constant = c[3] if len(c) > 3 else ()
        types = (BOOL, t, t)
        data = [draw.values(u, s) for u, s in zip(types, c)]
        data = [np.asarray(x, np.bool_) if u == BOOL else x
                for u, x in zip(types, data)]
        net = Net()
        ins = [net.tensor(c[i], types[i], **(q if i else {}),
                          data=data[i] if i in constant else None)
               for i in range(3)]
        out = net.tensor(np.broadcast_shapes(*c[1:3]) if op == "SELECT" else
                         np.broadcast_shapes(*c[:3]), t, **q)
        net.op(op, ins, [out])
        free = [i for i in range(3) if i not in constant]
        yield Case(name, net.build([ins[i] for i in free], [out]),
                   [data[i] for i in free])


# ---- ADD_N: shape, inputs, (in, out) scale and zero point

ADD_N = {
    "two": ((1, 3, 4, 3), 2),
    "three": ((1, 3, 4, 3), 3),
    "seven": ((1, 2, 2, 3), 7),
    "rank1": ((9,), 3),
    "rank2": ((3, 5), 4),
    "rank3": ((2, 3, 4), 2),
    "rank5": ((2, 1, 3, 2, 2), 3),
    "batch": ((3, 2, 2, 3), 5),
    "pixel": ((1, 1, 1, 1), 3),
    "constant": ((2, 6), 3, ((0.05, -4), (0.11, 6)), 1),
    "zeros_low": ((2, 30), 3, ((0.05, -128), (0.11, -128))),
    "zeros_high": ((2, 30), 3, ((0.05, 127), (0.11, 127))),
    "saturating": ((2, 30), 4, ((0.05, -4), (0.03, 6))),
    "ties": ((2, 30), 3, ((0.25, -4), (0.5, 6))),
    "ties_far": ((2, 30), 6, ((0.5, 1), (4.0, -3))),
}
MANY = {"nine": ((1, 3, 4, 2), 9), "twelve": ((5, 3), 12)}


def add_n(type):
    t = TYPES[type]
    for name, c in dict(ADD_N, **({} if t == INT8 else MANY)).items():
        draw = Draw("add_n_%s/%s" % (type, name))
        qs = c[2] if len(c) > 2 else ((0.05, 3), (0.12, -9))
        q_in, q_out = (quant(t, np.float32(s), z) for s, z in qs)
        data = [draw.values(t, c[0]) if t != INT32 else
                draw.ints(t, c[0], -1 << 26, 1 << 26) for _ in range(c[1])]
        constant = c[3] if len(c) > 3 else -1
        net = Net()
        ins = [net.tensor(c[0], t, **q_in, data=x if i == constant else None)
               for i, x in enumerate(data)]
        out = net.tensor(c[0], t, **q_out)
        net.op("ADD_N", ins, [out])
        yield Case(name, net.build([x for i, x in enumerate(ins)
                                    if i != constant], [out]),
                   [x for i, x in enumerate(data) if i != constant])


# ---- Files

ARITHMETIC = {
    "ADD": "s16 s32 s64", "SUB": "f32 s8 s16 s32 s64",
    "MUL": "f32 s8 s16 s32 s64", "DIV": "f32 s8 s32",
    "MINIMUM": "f32 s8 s16 s32 s64", "MAXIMUM": "f32 s8 s16 s32 s64",
    "SQUARED_DIFFERENCE": "f32 s8 s16 s32", "POW": "f32 s32",
    "FLOOR_DIV": "f32 s8 s16 s32", "FLOOR_MOD": "f32 s8 s16 s32 s64",
    "LOGICAL_AND": "bool", "LOGICAL_OR": "bool",
}
COMPARISONS = {
    "EQUAL": "f32 s8 s16 s32 s64 bool", "NOT_EQUAL": "f32 s8 s32 s64 bool",
    "GREATER": "f32 s8 s32 s64", "GREATER_EQUAL": "f32 s8 s16 s32 s64",
    "LESS": "f32 s8 s16 s32 s64", "LESS_EQUAL": "f32 s8 s32 s64",
}

FILES = {}
for ops, function in ((ARITHMETIC, binary), (COMPARISONS, compare)):
    FILES.update({"%s_%s" % (op.lower(), type): (function, op, type)
                  for op, types in ops.items() for type in types.split()})
FILES.update({"%s_%s" % (op.lower(), type): (select, op, type)
              for op in ("SELECT", "SELECT_V2")
              for type in "f32 s8 s16 s32 s64 bool".split()})
FILES.update({"add_n_" + type: (add_n, type) for type in ("f32", "s8", "s32")})
