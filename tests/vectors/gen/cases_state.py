# SPDX-License-Identifier: MIT
"""Cases of layers that remember, several inferences in a row."""

import numpy as np

from case import TYPES, Case, Draw, quant
from tflite_model import (ACTIVATION, FLOAT32, INT8, INT16, INT32, RESOURCE,
                          Net, dequantized_weights)

TANH = 4
STEPS = 3

# ---- LSTM

LSTM = {
    "plain": {},
    "one_step": dict(t=1),
    "one_unit": dict(units=1),
    "one_input": dict(ic=1),
    "long": dict(t=24, steps=2),
    "wide": dict(ic=20, units=16),
    "batch": dict(n=3),
    "time_major": dict(time_major=True),
    "time_major_batch": dict(time_major=True, n=2, t=5),
    "one_inference": dict(steps=1),
    "clip": dict(clip=0.5, weights=0.03),
    "clip_small": dict(clip=0.01),
    "clip_never": dict(clip=100.0),
    "small_weights": dict(weights=0.001),
    "large_weights": dict(weights=0.2, recurrent=0.2),
    "large_bias": dict(bias=4.0),
    "cell_scale_small": dict(cell=-15),
    "cell_scale_large": dict(cell=-8, weights=0.05),
    "cell_scale_one_eighth": dict(cell=-12),
    "zero_low": dict(zero=-128, hidden_zero=-128),
    "zero_high": dict(zero=127, hidden_zero=127),
    "saturating": dict(hidden=0.002),
    "same_input": dict(fill=100, steps=6),
    "output_scale": dict(out=(0.013, -20)),
    "short_inputs": dict(inputs=20),  # TensorFlow Lite Micro wants 24
}


def lstm_model(c, kind, draw):
    """A model of one LSTM and the shape of its input."""
    n, t, ic, units = (c.get("n", 1), c.get("t", 4), c.get("ic", 5),
                       c.get("units", 6))
    major = c.get("time_major", False)
    lead = (t, n) if major else (n, t)
    s8 = kind == "s8"
    type = INT8 if s8 else FLOAT32
    net = Net()
    scale, hidden = draw.scale(0.01, 0.03), np.float32(c.get("hidden", 0.0079))
    hidden_q = quant(type, hidden, c.get("hidden_zero", 4))
    x = net.tensor(lead + (ic,), type, **quant(type, scale, c.get("zero", -7)))
    args = [x]
    bias_scales = []
    for k in range(8):
        shape = (units, ic if k < 4 else units)
        w_scale = np.float32(c.get("weights" if k < 4 else "recurrent", 0.01)
                             * (1 + 0.13 * (k % 4)))
        data = draw.int8(shape, -127)
        if kind != "f32":
            args.append(net.tensor(shape, INT8, w_scale, 0, data))
        else:
            args.append(net.tensor(shape, FLOAT32,
                                   data=data.astype(np.float32) * w_scale))
        bias_scales.append(w_scale * scale)
    args += [-1] * 3
    for k in range(4):
        bias = draw.float32((units,), c.get("bias", 0.4))
        if s8:
            data = np.round(bias / bias_scales[k]).astype(np.int32)
            args.append(net.tensor((units,), INT32, bias_scales[k], 0, data))
        else:
            args.append(net.tensor((units,), FLOAT32, data=bias))
    args += [-1] * 2
    args.append(net.tensor((n, units), type, variable=True, **hidden_q))
    cell = dict(scale=2.0 ** c.get("cell", -11), zero=0) if s8 else {}
    args.append(net.tensor((n, units), INT16 if s8 else FLOAT32,
                           variable=True, **cell))
    args += [-1] * (c.get("inputs", 24) - 20)
    y = net.tensor(lead + (units,), type, **quant(
        type, *c.get("out", (hidden, c.get("hidden_zero", 4)))))
    # TensorFlow asks for the scales of what lies between the gates.
    between = [net.tensor((0,), INT16, 1 / 4096, 0) for _ in range(4)]
    between.append(net.tensor((0,), INT8, hidden_q.get("scale"),
                              hidden_q.get("zero")))
    net.op("UNIDIRECTIONAL_SEQUENCE_LSTM", args, [y],
           intermediates=between if s8 else None,
           fusedActivationFunction=TANH, cellClip=c.get("clip", 0.0),
           timeMajor=major)
    return net.build([x], [y]), lead + (ic,), type


def lstm(kind):
    for name, c in LSTM.items():
        where = "lstm_%s/%s" % (kind, name)
        draw = Draw(where)
        model, shape, type = lstm_model(c, kind, draw)
        inputs = [[draw.values(type, shape)]
                  for _ in range(c.get("steps", STEPS))]
        for step in inputs:
            if "fill" in c:
                step[0][:] = c["fill"] if type == INT8 else c["fill"] / 64
        oracle, _, _ = lstm_model(dict(c, inputs=24), kind, Draw(where))
        if kind == "hybrid":
            oracle = dequantized_weights(oracle)
        # TensorFlow computes the gates' functions in another way in int8.
        yield Case(name, model, inputs if len(inputs) > 1 else inputs[0],
                   oracle, "micro_alone" if kind == "s8" else "micro")


# ---- SVDF

SVDF = {
    "plain": {},
    "one_unit": dict(units=1),
    "one_input": dict(ic=1),
    "no_memory": dict(memory=1),
    "long_memory": dict(memory=10, steps=12),
    "rank2": dict(rank=2),
    "rank3_batch": dict(rank=3, n=2),
    "batch": dict(n=4),
    "wide": dict(ic=24, units=12, rank=2),
    "no_bias": dict(bias=False, kinds=("f32", "hybrid", "s8")),
    "no_activation": dict(act="none", out_zero=20),
    "relu6": dict(act="relu6"),
    "one_inference": dict(steps=1),
    "zero_low": dict(zero=-128, out_zero=-128),
    "zero_high": dict(zero=127, out_zero=127),
    "saturating": dict(out=0.005),
    "state_saturating": dict(state=0.0001, state8=0.004),
    "small_out": dict(out=0.9),
    "relu": dict(act="relu", out_zero=-20),
    "same_input": dict(fill=70, steps=8),
}


def svdf(kind):
    """kind: f32, hybrid, s8 with states of int16, s8_s8 with int8 ones."""
    for name, c in SVDF.items():
        if kind not in c.get("kinds", (kind,)):
            continue
        draw = Draw("svdf_%s/%s" % (kind, name))
        n, ic, units, rank, memory = (
            c.get("n", 1), c.get("ic", 7), c.get("units", 5), c.get("rank", 1),
            c.get("memory", 4))
        filters = units * rank
        s8 = kind.startswith("s8")
        type = INT8 if s8 else FLOAT32
        state_type = (INT8 if kind == "s8_s8" else INT16) if s8 else FLOAT32
        net = Net()
        scale = draw.scale(0.01, 0.03)
        x = net.tensor((n, ic), type, **quant(type, scale, c.get("zero", 3)))
        feature_scale, time_scale = np.float32(0.01), np.float32(0.006)
        feature = draw.int8((filters, ic), -127)
        time = draw.int8((filters, memory), -127)
        if state_type == INT16:
            time = (time.astype(np.int16) * 250 + 3).astype(np.int16)
            time_scale = np.float32(0.006 / 250)
        state = (np.float32(c.get("state", 0.0005)) if state_type == INT16
                 else np.float32(c.get("state8", 0.03)))
        state_zero = 9 if state_type == INT8 else 0
        if kind == "f32":
            f = net.tensor(feature.shape, FLOAT32,
                           data=feature * feature_scale)
            t = net.tensor(time.shape, FLOAT32, data=time * time_scale)
        else:
            f = net.tensor(feature.shape, INT8, feature_scale, 0, feature)
            t = net.tensor(time.shape, state_type if s8 else INT8, time_scale,
                           0, time)
        b = -1
        if c.get("bias", True):
            bias = draw.float32((units,), 0.5)
            if s8:
                q = state * time_scale
                b = net.tensor((units,), INT32, q, 0,
                               np.round(bias / q).astype(np.int32))
            else:
                b = net.tensor((units,), FLOAT32, data=bias)
        s = net.tensor((n, filters * memory), state_type, variable=True,
                       **quant(state_type, state, state_zero))
        y = net.tensor((n, units), type,
                       **quant(type, np.float32(c.get("out", 0.04)),
                               c.get("out_zero", -11)))
        net.op("SVDF", [x, f, t, b, s], [y], version=2, rank=rank,
               fusedActivationFunction=ACTIVATION[
                   c.get("act", "relu" if s8 else "none")])
        inputs = [[draw.values(type, (n, ic))]
                  for _ in range(c.get("steps", STEPS))]
        for step in inputs:
            if "fill" in c:
                step[0][:] = c["fill"] if type == INT8 else c["fill"] / 64
        model = net.build([x], [y])
        oracle = dequantized_weights(model) if kind == "hybrid" else None
        # TensorFlow takes states of int8 for int16, and writes beyond them.
        yield Case(name, model, inputs if len(inputs) > 1 else inputs[0],
                   oracle, "micro_alone" if kind == "s8_s8" else "micro")


# ---- Variables
# Small networks: each reads or writes variables in another order.

QUANT = (0.05, -3)


class Variables:
    """A network with variables of one type and shape."""

    def __init__(self, kind, shape, draw):
        self.type, self.shape, self.draw = TYPES[kind], shape, draw
        self.net = Net()
        self.init = Net(self.net)
        self.q = quant(self.type, *QUANT)

    def tensor(self, data=None, net=None):
        return (net or self.net).tensor(self.shape, self.type, data=data,
                                        **self.q)

    def handle(self, name, net=None):
        net = net or self.net
        t = net.tensor((), RESOURCE)
        net.op("VAR_HANDLE", [], [t], sharedName=name)
        return t

    def set_up(self, initial):
        """CALL_ONCE; `initial`: names to data."""
        self.net.op("CALL_ONCE", [], [], initSubgraphIndex=1)
        for name, data in initial.items():
            h = self.handle(name, self.init)
            self.init.op("ASSIGN_VARIABLE",
                         [h, self.tensor(data, self.init)], [])

    def read(self, handle):
        t = self.tensor()
        self.net.op("READ_VARIABLE", [handle], [t])
        return t

    def assign(self, handle, value):
        self.net.op("ASSIGN_VARIABLE", [handle, value], [])

    def view(self, x):
        shape = (int(np.prod(self.shape)),)
        t = self.net.tensor(shape, self.type, **self.q)
        self.net.op("RESHAPE", [x, self.net.tensor(
            (1,), INT32, data=np.array(shape, np.int32))], [t])
        return t

    def values(self):
        return self.draw.values(self.type, self.shape)

    def case(self, name, inputs, outputs, steps=4):
        model = self.net.build(inputs, outputs,
                               [self.init] if self.init.operators else [])
        return Case(name, model, [[self.values() for _ in inputs]
                                  for _ in range(steps)])


def delay(v, init=True, twice=False):
    """The input of the run before, or of the one before that."""
    if init:
        v.set_up({"a": v.values(), "b": v.values()})
    a = v.handle("a")
    x, y = v.tensor(), v.read(a)
    outputs = [y]
    if twice:
        b = v.handle("b")
        outputs.append(v.read(b))
        v.assign(b, y)
    v.assign(a, x)
    return [x], outputs


def read_twice(v):
    """Before and after it is written."""
    v.set_up({"a": v.values()})
    a = v.handle("a")
    x, before = v.tensor(), v.read(a)
    v.assign(a, x)
    return [x], [before, v.read(a)]


def late_view(v):
    """What was read is seen in another shape when it has been written over."""
    v.set_up({"a": v.values()})
    a = v.handle("a")
    x, before = v.tensor(), v.read(a)
    v.assign(a, x)
    return [x], [v.view(before)]


def two_handles(v):
    v.set_up({"a": v.values()})
    a, same = v.handle("a"), v.handle("a")
    x, y = v.tensor(), v.read(a)
    v.assign(same, x)
    return [x], [y]


def swap(v):
    v.set_up({"a": v.values(), "b": v.values()})
    a, b = v.handle("a"), v.handle("b")
    x, ya, yb = v.tensor(), v.read(a), v.read(b)
    v.assign(a, yb)
    v.assign(b, ya)
    v.assign(a, x)
    return [x], [ya, yb]


def write_itself(v):
    v.set_up({"a": v.values()})
    a = v.handle("a")
    x, y = v.tensor(), v.read(a)
    v.assign(a, y)
    return [x], [y, v.view(x)]


def constant(v):
    v.set_up({"a": v.values()})
    a = v.handle("a")
    x, y = v.tensor(), v.read(a)
    v.assign(a, v.tensor(v.values()))
    return [x], [y, v.view(x)]


SHAPES = {"row": (1, 6), "rows": (5, 3), "image": (1, 4, 3, 2), "one": (1,)}
ORDERS = {
    "delay": delay, "delay_twice": lambda v: delay(v, twice=True),
    "read_twice": read_twice, "late_view": late_view,
    "two_handles": two_handles, "swap": swap, "write_itself": write_itself,
    "constant": constant}


def variable(kind):
    for order, make in ORDERS.items():
        for shape in SHAPES if order == "delay" else ("rows", "image"):
            name = "%s_%s" % (order, shape)
            v = Variables(kind, SHAPES[shape],
                          Draw("variable_%s/%s" % (kind, name)))
            yield v.case(name, *make(v))


FILES = {
    "lstm_f32": (lstm, "f32"),
    "lstm_hybrid": (lstm, "hybrid"),
    "lstm_s8": (lstm, "s8"),
    "svdf_f32": (svdf, "f32"),
    "svdf_hybrid": (svdf, "hybrid"),
    "svdf_s8": (svdf, "s8"),
    "svdf_s8_s8": (svdf, "s8_s8"),
    "variable_bool": (variable, "bool"),
    "variable_f32": (variable, "f32"),
    "variable_s16": (variable, "s16"),
    "variable_s32": (variable, "s32"),
    "variable_s64": (variable, "s64"),
    "variable_s8": (variable, "s8"),
}
