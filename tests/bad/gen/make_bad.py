# SPDX-License-Identifier: MIT
"""Makes the corpus of malformed models, tests/bad, and its expected.txt.

    python3 tests/bad/gen/make_bad.py

Needs TensorFlow (2.19.0 made the committed files) for the TensorFlow Lite
schema's object API. No randomness: the same files every time.

The ids (A01 .. H01) are those of the list of conditions that broke other
runtimes, see README, "Hardening". A file takes a valid model of a few hundred
bytes and damages one thing: through the object API where that can say it,
else by changing bytes at a place that a walk through the tables finds.

expected.txt has a line for each file: name, stage, status, and a part of the
message. The stages:

    ok      imports (and is meant to compile)
    import  is refused by the importer with this status and message
    lower   imports, and is refused later with this status, '*': any
    any     imports, and may compile or not: must only be safe

Conditions without a file: A11 (100,000 entries; made by test_import_bad.c), A12
(nothing nests), A16 (truncation; test_import_bad.c), C20 and C24 (ONNX), C25 and
D16 in full size (files of more than 2 KB), and those about operators that are
refused by name anyway have one file for the operator.
"""
import copy
import os
import struct
import sys

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as s

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
T = s.TensorType
OP = s.BuiltinOperator
OPT = s.BuiltinOptions
INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)

expected = []


# ---- Building models --------------------------------------------------------


class Net:
    """A model under construction; pieces are reached as n.tensor('x')."""

    def __init__(self):
        self.model = m = s.ModelT()
        m.version = 3
        m.buffers = [s.BufferT()]
        m.operatorCodes = []
        m.description = ""
        self.graph = g = s.SubGraphT()
        g.tensors, g.operators, g.inputs, g.outputs = [], [], [], []
        g.name = "main"
        m.subgraphs = [g]

    def add(self, name, shape, type=T.INT8, scale=0.5, zero=0, data=None,
            axis=0):
        """Adds a tensor. scale: a number, a list, or None. data: an array."""
        t = s.TensorT()
        t.name, t.shape, t.type, t.buffer = name, list(shape), type, 0
        if scale is not None:
            q = t.quantization = s.QuantizationParametersT()
            q.scale = list(scale) if isinstance(scale, list) else [scale]
            q.zeroPoint = [zero] * len(q.scale)
            q.quantizedDimension = axis
        if data is not None:
            b = s.BufferT()
            b.data = np.frombuffer(data.tobytes(), dtype=np.uint8)
            t.buffer = len(self.model.buffers)
            self.model.buffers.append(b)
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def op(self, code, inputs, outputs, kind=0, options=None, version=1,
           custom=None):
        c = s.OperatorCodeT()
        c.builtinCode, c.version = code, version
        c.deprecatedBuiltinCode = min(code, 127)
        c.customCode = custom
        o = s.OperatorT()
        o.opcodeIndex = len(self.model.operatorCodes)
        o.inputs, o.outputs = list(inputs), list(outputs)
        o.builtinOptionsType = kind
        o.builtinOptions = options
        self.model.operatorCodes.append(c)
        self.graph.operators.append(o)
        return o

    def tensor(self, name):
        return next(t for t in self.graph.tensors if t.name == name)

    def buffer(self, name):
        return self.model.buffers[self.tensor(name).buffer]

    def options(self, i=0):
        return self.graph.operators[i].builtinOptions

    def pack(self):
        b = flatbuffers.Builder(1024)
        b.Finish(self.model.Pack(b), b"TFL3")
        return bytes(b.Output())


def options(kind, **fields):
    o = getattr(s, kind + "T")()
    for k, v in fields.items():
        setattr(o, k, v)
    return getattr(OPT, kind), o


def single(code, inputs, outputs, kind=0, opts=None, version=1):
    """A net of one operator; inputs and outputs are argument lists of add.
    Inputs without data become inputs of the graph."""
    n = Net()
    ins = [n.add(**i) for i in inputs]
    outs = [n.add(**o) for o in outputs]
    n.op(code, ins, outs, kind, opts, version)
    n.graph.inputs = [k for k, i in zip(ins, inputs) if i.get("data") is None]
    n.graph.outputs = list(outs)
    return n


def tensor(name, *shape, **more):
    return dict(name=name, shape=shape, **more)


def i8(*shape):
    return (np.arange(np.prod(shape)) % 7 - 3).astype(np.int8)


def ints(*values):
    return np.array(values, dtype=np.int32)


def i32(name, values, shape=None):
    return tensor(name, *(shape or [len(values)]), type=T.INT32, scale=None,
                  data=ints(*values))


def conv():
    k, o = options("Conv2DOptions", padding=s.Padding.VALID, strideW=1,
                   strideH=1, dilationWFactor=1, dilationHFactor=1)
    return single(
        OP.CONV_2D,
        [tensor("in", 1, 4, 4, 2),
         tensor("w", 3, 2, 2, 2, scale=[0.5, 0.25, 0.125], data=i8(3, 2, 2, 2)),
         tensor("b", 3, type=T.INT32, scale=[0.25, 0.125, 0.0625],
                data=ints(1, -2, 3))],
        [tensor("out", 1, 3, 3, 3, scale=2.0)], k, o, 3)


def conv_f32():
    n = conv()
    for t in n.graph.tensors:
        t.type, t.quantization = T.FLOAT32, None
    n.buffer("w").data = i8(24).astype(np.float32).view(np.uint8)
    n.buffer("b").data = ints(1, 2, 3).astype(np.float32).view(np.uint8)
    return n


def depthwise():
    k, o = options("DepthwiseConv2DOptions", padding=s.Padding.VALID,
                   strideW=1, strideH=1, depthMultiplier=1,
                   dilationWFactor=1, dilationHFactor=1)
    return single(
        OP.DEPTHWISE_CONV_2D,
        [tensor("in", 1, 4, 4, 2),
         tensor("w", 1, 2, 2, 2, scale=[0.5, 0.25], axis=3,
                data=i8(1, 2, 2, 2)),
         tensor("b", 2, type=T.INT32, scale=[0.25, 0.125], data=ints(1, -2))],
        [tensor("out", 1, 3, 3, 2, scale=2.0)], k, o, 3)


def sandwich():
    """A depthwise convolution between two others: dead channels may go."""
    k, o = options("Conv2DOptions", padding=s.Padding.VALID, strideW=1,
                   strideH=1, dilationWFactor=1, dilationHFactor=1)
    dk, do = options("DepthwiseConv2DOptions", padding=s.Padding.VALID,
                     strideW=1, strideH=1, depthMultiplier=1,
                     dilationWFactor=1, dilationHFactor=1)
    n = Net()
    n.add("in", [1, 2, 2, 2])
    for i, name in enumerate(("first", "middle", "last")):
        n.add("w" + name, [1 if i == 1 else 3, 1, 1, 2 if i == 0 else 3],
              data=i8(9)[:6 if i == 0 else 3 if i == 1 else 9])
        n.add("b" + name, [3], T.INT32, 0.25, data=ints(1, -2, 3))
        n.add(name, [1, 2, 2, 3])
        n.op(OP.DEPTHWISE_CONV_2D if i == 1 else OP.CONV_2D,
             [3 * i, 3 * i + 1, 3 * i + 2], [3 * i + 3], dk if i == 1 else k,
             do if i == 1 else o, 3)
    n.graph.inputs, n.graph.outputs = [0], [9]
    return n


def dense():
    k, o = options("FullyConnectedOptions")
    return single(
        OP.FULLY_CONNECTED,
        [tensor("in", 1, 4),
         tensor("w", 3, 4, data=i8(3, 4)),
         tensor("b", 3, type=T.INT32, scale=0.25, data=ints(1, 2, 3))],
        [tensor("out", 1, 3, scale=2.0)], k, o, 4)


def pool(code=OP.AVERAGE_POOL_2D):
    k, o = options("Pool2DOptions", padding=s.Padding.VALID, strideW=2,
                   strideH=2, filterWidth=2, filterHeight=2)
    return single(code, [tensor("in", 1, 4, 4, 2)],
                  [tensor("out", 1, 2, 2, 2)], k, o, 2)


def add():
    k, o = options("AddOptions")
    return single(OP.ADD, [tensor("in", 1, 4), tensor("in2", 1, 4)],
                  [tensor("out", 1, 4, scale=1.0)], k, o, 2)


def concat():
    k, o = options("ConcatenationOptions", axis=1)
    return single(OP.CONCATENATION,
                  [tensor("in", 1, 4), tensor("in2", 1, 2)],
                  [tensor("out", 1, 6)], k, o, 2)


def softmax():
    k, o = options("SoftmaxOptions", beta=1.0)
    return single(OP.SOFTMAX, [tensor("in", 1, 4)],
                  [tensor("out", 1, 4, scale=1 / 256, zero=-128)], k, o, 2)


def reshape():
    k, o = options("ReshapeOptions")
    return single(OP.RESHAPE, [tensor("in", 1, 4), i32("shape", [2, 2])],
                  [tensor("out", 2, 2)], k, o)


def squeeze():
    k, o = options("SqueezeOptions", squeezeDims=[1])
    return single(OP.SQUEEZE, [tensor("in", 1, 1, 4)],
                  [tensor("out", 1, 4)], k, o)


def mean():
    k, o = options("ReducerOptions", keepDims=False)
    return single(OP.MEAN, [tensor("in", 1, 4, 4, 2), i32("axes", [1, 2])],
                  [tensor("out", 1, 2)], k, o, 2)


def pad():
    return single(OP.PAD,
                  [tensor("in", 1, 4, 4, 2),
                   i32("pads", [0, 0, 1, 1, 1, 1, 0, 0], [4, 2])],
                  [tensor("out", 1, 6, 6, 2)], *options("PadOptions"), 2)


def relu(n_layers=1):
    """A chain t0 -> t1 -> .. of RELU."""
    n = Net()
    for i in range(n_layers + 1):
        n.add("t%d" % i, [1, 4])
    for i in range(n_layers):
        n.op(OP.RELU, [i], [i + 1], version=2)
    n.graph.inputs, n.graph.outputs = [0], [n_layers]
    return n


# ---- Finding bytes ----------------------------------------------------------


class Bytes:
    """A packed model whose bytes may be changed where its tables are."""

    def __init__(self, data):
        self.b = bytearray(data)

    def u32(self, at):
        return struct.unpack_from("<I", self.b, at)[0]

    def put(self, fmt, at, value):
        struct.pack_into("<" + fmt, self.b, at, value)

    def vtable(self, table):
        return table - struct.unpack_from("<i", self.b, table)[0]

    def entry(self, table, slot):
        """Where the vtable says where field `slot` is."""
        return self.vtable(table) + 4 + 2 * slot

    def field(self, table, slot):
        """Position of a field's number or offset."""
        return table + struct.unpack_from("<H", self.b,
                                          self.entry(table, slot))[0]

    def follow(self, at):
        return at + self.u32(at)

    def table(self, *path):
        """Root table, then pairs of (slot, index in that vector)."""
        t = self.follow(0)
        for slot, i in path:
            t = self.follow(self.follow(self.field(t, slot)) + 4 + 4 * i)
        return t

    def vector(self, table, slot):
        """Position of a vector's length."""
        return self.follow(self.field(table, slot))

    def graph(self):
        return self.table((2, 0))

    def tensor(self, i):
        return self.table((2, 0), (0, i))

    def operator(self, i=0):
        return self.table((2, 0), (3, i))


def patched(net, change):
    b = Bytes(net.pack())
    change(b)
    return bytes(b.b)


# ---- Writing ----------------------------------------------------------------


def write(name, data, stage, status, message="-"):
    if isinstance(data, Net):
        data = data.pack()
    assert len(data) < 2048, (name, len(data))
    assert name not in [e.split()[0] for e in expected], name
    with open(os.path.join(OUT, name + ".tflite"), "wb") as f:
        f.write(data)
    expected.append("%s %s %s %s" % (name, stage, status, message))


def bad(name, make, change, status, message, stage="import"):
    """make() with change(n) applied; change may return another one."""
    n = make()
    n = change(n) or n
    write(name, n, stage, status, message)


def ok(name, make, change=lambda n: None):
    bad(name, make, change, "TIN_OK", "-", "ok")


def lower(name, make, change, status="*"):
    bad(name, make, change, status, "-", "lower")


def lower_shape(name, make, change):
    lower(name, make, change, "TIN_ERR_SHAPE")


def lower_quant(name, make, change):
    lower(name, make, change, "TIN_ERR_QUANT")


def lower_unsupported(name, make, change):
    lower(name, make, change, "TIN_ERR_UNSUPPORTED")


def anything(name, make, change):
    bad(name, make, change, "*", "-", "any")


def fmt(name, make, change, message):
    bad(name, make, change, "TIN_ERR_FORMAT", message)


def unsupported(name, make, change, message):
    bad(name, make, change, "TIN_ERR_UNSUPPORTED", message)


def fmt_bytes(name, make, change, message):
    write(name, patched(make(), change), "import", "TIN_ERR_FORMAT", message)


def all_of(*done):
    """Lets a lambda do several things."""


def put(obj, **fields):
    """Sets fields; for use in lambdas."""
    for k, v in fields.items():
        assert hasattr(obj, k), k
        setattr(obj, k, v)


# ---- Valid models -----------------------------------------------------------


def nibbles(*values):
    """int4, the lower nibble first."""
    values = list(values) + [0] * (len(values) % 2)
    return np.array([(a & 15) | (b & 15) << 4
                     for a, b in zip(values[::2], values[1::2])],
                    dtype=np.uint8)


def int4_weights(n):
    n.tensor("w").type = T.INT4
    n.tensor("w").shape = [3, 4]
    n.buffer("w").data = nibbles(*[-8, 7, -1, 0, 1, 2, 3, 4, 5, 6, -7, -2])


def int4_odd(n):
    n.tensor("in").shape = [1, 5]
    n.tensor("w").shape = [3, 5]
    n.tensor("w").type = T.INT4
    n.buffer("w").data = nibbles(*range(-8, 7))


def hybrid(n):
    """Float layer, int8 weights."""
    for name in ("in", "out", "b"):
        put(n.tensor(name), type=T.FLOAT32, quantization=None)
    n.buffer("b").data = ints(1, 2, 3).astype(np.float32).view(np.uint8)


def half(n):
    """Float layer, float16 weights and bias."""
    for name in ("w", "b"):
        n.tensor(name).type = T.FLOAT16
    n.buffer("w").data = i8(24).astype(np.float16).view(np.uint8)
    n.buffer("b").data = np.array([0.5, -2**-24, 65504],
                                  np.float16).view(np.uint8)


def external(n, offset=None, size=24):
    """Puts the weights behind the tables, as files of more than 2 GB do."""
    data = n.buffer("w").data
    b = n.buffer("w")
    b.data, b.offset, b.size = None, 2, size
    packed = n.pack()
    b.offset = len(packed) if offset is None else offset
    packed = n.pack()
    return packed + bytes(data) if offset is None else packed


def write_valid():
    for f in (conv, conv_f32, depthwise, dense, pool, add, concat, softmax,
              reshape, squeeze, mean, pad):
        ok("ok_" + f.__name__, f)
    ok("ok_maxpool", lambda: pool(OP.MAX_POOL_2D))
    ok("ok_relu_chain", lambda: relu(3))
    ok("ok_conv_hybrid", conv, hybrid)
    ok("ok_dense_hybrid", dense, hybrid)
    ok("ok_conv_float16", conv_f32, half)
    ok("ok_dense_int4", dense, int4_weights)
    ok("ok_conv_external_buffer", conv, external)


# ---- A: the container -------------------------------------------------------


def write_a():
    start = conv().pack()
    for n in (0, 1, 4, 7):
        write("A01_%d_bytes" % n, start[:n], "import", "TIN_ERR_FORMAT",
              "too short")
    write("A02_root_past_end", b"\x18\0\0\0TFL3", "import", "TIN_ERR_FORMAT",
          "root table begins beyond")
    fmt_bytes("A03_root_misaligned", conv,
              lambda b: b.put("I", 0, b.u32(0) + 2), "multiple of 4")
    fmt_bytes("A03_table_misaligned", conv, lambda b: b.put(
        "I", b.vector(b.table(), 2) + 4,
        b.u32(b.vector(b.table(), 2) + 4) + 2), "multiple of 4")
    fmt_bytes("A03_vector_misaligned", conv, lambda b: b.put(
        "I", b.field(b.graph(), 3), b.u32(b.field(b.graph(), 3)) - 2),
        "multiple of 4")
    write("A04_identifier", start[:4] + b"TFL2" + start[8:], "import",
          "TIN_ERR_FORMAT", "are not 'TFL3'")
    fmt_bytes("A05_vtable_before_start", conv,
              lambda b: b.put("i", b.table(), b.table() + 4),
              "vtable outside the file")
    fmt_bytes("A05_vtable_past_end", conv,
              lambda b: b.put("i", b.table(), -len(b.b)),
              "vtable outside the file")
    fmt_bytes("A05_vtable_wraps", conv,
              lambda b: b.put("i", b.table(), INT32_MIN),
              "vtable outside the file")
    for slug, length, text in (("short", 2, "impossible length"),
                               ("zero", 0, "impossible length"),
                               ("odd", 13, "impossible length"),
                               ("past_end", 65534, "ends beyond the file")):
        fmt_bytes("A06_vtable_" + slug, conv, lambda b: b.put(
            "H", b.vtable(b.table()), length), text)
    fmt_bytes("A06_vtable_misaligned", conv, lambda b: b.put(
        "i", b.table(), struct.unpack_from("<i", b.b, b.table())[0] + 1),
        "odd offset")
    for slug, value in (("past_table", 4000), ("in_header", 2),
                        ("max", 65535)):
        fmt_bytes("A07_field_" + slug, conv, lambda b: b.put(
            "H", b.entry(b.graph(), 3), value), "outside its table")
    fmt_bytes("A07_field_cut", conv, lambda b: b.put(
        "H", b.entry(b.graph(), 3), struct.unpack_from(
            "<H", b.b, b.vtable(b.graph()) + 2)[0] - 2), "outside its table")
    fmt_bytes("A08_table_past_end", conv, lambda b: b.put(
        "H", b.vtable(b.tensor(0)) + 2, 65535), "ends beyond the file")
    for slug, count in (("wraps", 0x40000001), ("max", 0xFFFFFFFF),
                        ("one_more", None)):
        fmt_bytes("A09_vector_" + slug, conv, lambda b: b.put(
            "I", b.vector(b.table(), 4), count or
            (len(b.b) - b.vector(b.table(), 4)) // 4), "ends beyond")
    fmt_bytes("A10_offset_0", conv,
              lambda b: b.put("I", b.field(b.graph(), 0), 0),
              "points at itself")
    fmt_bytes("A10_offset_wraps", conv,
              lambda b: b.put("I", b.field(b.graph(), 0), 0xFFFFFF00),
              "outside the file")
    fmt_bytes("A10_entry_0", conv, lambda b: b.put(
        "I", b.vector(b.graph(), 0) + 4, 0), "points at itself")

    def no_nul(b):
        at = b.vector(b.tensor(0), 3)
        b.put("B", at + 4 + b.u32(at), 120)
    fmt_bytes("A13_string_without_nul", conv, no_nul, "zero byte")
    fmt_bytes("A13_string_past_end", conv, lambda b: b.put(
        "I", b.vector(b.tensor(0), 3), 0x7FFFFFFF), "its name ends beyond")
    fmt("A14_no_subgraphs", conv, lambda n: put(n.model, subgraphs=None),
        "list of subgraphs is missing")
    fmt("A14_no_buffers", conv, lambda n: put(n.model, buffers=None),
        "list of buffers is missing")
    fmt("A14_no_codes", conv, lambda n: put(n.model, operatorCodes=None),
        "list of operator codes is missing")
    fmt("A14_no_operators", conv, lambda n: put(n.graph, operators=None),
        "list of operators is missing")
    fmt("A14_no_tensors", conv, lambda n: put(n.graph, tensors=None),
        "list of tensors is missing")
    for v in (0, 2, 4, 0xFFFFFFFF):
        unsupported("A15_version_%d" % v, conv,
                    lambda n: put(n.model, version=v), "schema version %d" % v)
    for slug, offset, size in (("wraps", 2**64 - 8, 24),
                               ("past_end", 100, 2**63),
                               ("one_more", 2**20, 24)):
        fmt("A17_buffer_" + slug, conv, lambda n: external(n, offset, size),
            "end beyond")
    unsupported("A18_custom_options_range", relu, lambda n: all_of(
        put(n.model.operatorCodes[0], builtinCode=OP.CUSTOM,
            deprecatedBuiltinCode=OP.CUSTOM, customCode="Mine"),
        put(n.graph.operators[0], largeCustomOptionsOffset=2**40,
            largeCustomOptionsSize=2**63)), "CUSTOM 'Mine'")
    unsupported("A19_string_tensor", relu, lambda n: put(
        n.tensor("t0"), type=T.STRING), "type STRING is not supported")
    for slug, custom in (("null", None), ("empty", "")):
        fmt("A20_custom_name_" + slug, relu, lambda n: put(
            n.model.operatorCodes[0], builtinCode=OP.CUSTOM,
            deprecatedBuiltinCode=OP.CUSTOM, customCode=custom),
            "custom operator without a name")

    def metadata(n):
        m = s.MetadataT()
        m.name, m.buffer = "notes", 12345
        n.model.metadata = [m]
        n.model.metadataBuffer = [-5, 99]

    def signature(n):
        d, m = s.SignatureDefT(), s.TensorMapT()
        m.name, m.tensorIndex = "x", 4000000000
        d.inputs, d.outputs, d.subgraphIndex = [m], None, 77
        n.model.signatureDefs = [d]
    ok("A21_metadata_buffer", relu, metadata)
    ok("A21_signature", relu, signature)


# ---- B: tensors and buffers -------------------------------------------------


def write_b():
    for name in ("w", "out", "in"):
        fmt("B01_buffer_of_" + name, conv, lambda n: put(
            n.tensor(name), buffer=99), "its buffer has index 99")
    fmt("B01_buffer_max", conv, lambda n: put(
        n.tensor("w"), buffer=0xFFFFFFFF), "its buffer has index 4294967295")

    def intermediate(n):
        n.add("nobody", [-3], type=T.STRING)
        n.tensor("nobody").buffer = 99
        n.graph.operators[0].intermediates = [4]
    ok("B01_buffer_of_intermediate", conv, intermediate)
    fmt("B02_constant_without_data", dense, lambda n: put(
        n.tensor("w"), buffer=0), "has no contents")
    fmt("B02_constant_empty_data", dense, lambda n: put(
        n.buffer("w"), data=np.zeros(0, np.uint8)), "has no contents")
    unsupported("B02_channels_without_data", conv, lambda n: put(
        n.tensor("w"), buffer=0), "3 scales but no contents")
    for name in ("w", "b"):
        fmt("B03_short_" + name, conv, lambda n: put(
            n.buffer(name), data=n.buffer(name).data[:-1]), "contents have")
        fmt("B04_long_" + name, conv, lambda n: put(
            n.buffer(name), data=np.append(n.buffer(name).data, np.uint8(0))),
            "contents have")

    def shape(name, status, message, *dims, **more):
        bad(name, relu, lambda n: put(n.tensor("t0"), shape=list(dims),
                                      **more), status, message)
    shape("B05_dimension_minus_1", "TIN_ERR_SHAPE", "dimension 1 is -1", 1, -1)
    shape("B05_dimension_min", "TIN_ERR_SHAPE", "is -2147483648", INT32_MIN)
    over = ("TIN_ERR_OVERFLOW", "2^31 bytes")
    shape("B06_65536x65536", *over, 65536, 65536)
    shape("B06_46341x46341", *over, 46341, 46341)
    shape("B07_wraps_64_bits", *over, INT32_MAX, INT32_MAX, 2, 2)
    shape("B07_2_to_64", *over, 65536, 65536, 65536, 65536)
    shape("B08_bytes_wrap", *over, 0x40000000, type=T.FLOAT32)
    zero = ("TIN_ERR_SHAPE", "is 0")
    shape("B09_zero", *zero, 1, 0)
    shape("B09_zero_beside_huge", *zero, 0, INT32_MAX, INT32_MAX)
    shape("B09_zero_beside_negative", *zero, 0, -1)
    for rank in (7, 9, 33):
        shape("B10_rank_%d" % rank, "TIN_ERR_UNSUPPORTED", "rank %d" % rank,
              *[1] * rank)
    fmt_bytes("B10_rank_65535", relu, lambda b: b.put(
        "I", b.vector(b.tensor(0), 0), 65535), "its shape ends beyond")
    lower_shape("B11_rank_0", conv, lambda n: put(n.tensor("in"), shape=[]))
    lower_shape("B11_rank_0_weights", dense, lambda n: all_of(
        put(n.tensor("w"), shape=[]),
        put(n.buffer("w"), data=np.zeros(1, np.uint8))))
    shape("B12_many_dimensions", *over, *[1000] * 6)
    for code in (-1, 19, 127, -128):
        fmt("B13_type_%d" % code, relu, lambda n: put(
            n.tensor("t0"), type=code), "type %d is not known" % code)
    ok("B14_int4_odd", dense, int4_odd)
    fmt("B14_int4_odd_short", dense, lambda n: all_of(int4_odd(n), put(
        n.buffer("w"), data=n.buffer("w").data[:-1])),
        "contents have 7 bytes")
    unsupported("B14_int4_activation", relu, lambda n: put(
        n.tensor("t0"), type=T.INT4), "int4 is supported for constants only")
    fmt("B15_signature_rank", relu, lambda n: put(
        n.tensor("t0"), shapeSignature=[1, 4, 1]), "signature")
    fmt("B15_signature_differs", relu, lambda n: put(
        n.tensor("t0"), shapeSignature=[1, 5]), "signature")
    unsupported("B15_open_dimension", relu, lambda n: put(
        n.tensor("t0"), shape=[1, -1], shapeSignature=[1, -1]),
        "dimension 1 is left open")
    bad("B15_open_length", conv, lambda n: all_of(
        put(n.tensor("in"), shape=[1, 4, 1, 2], shapeSignature=[-1, 4, -1, 2]),
        put(n.tensor("out"), shape=[1, 3, 1, 3])), "TIN_ERR_SHAPE",
        "; dimension 2 of input 'in' is open (-1 in its shape_signature) and "
        "was taken as 1: convert the network with a fixed shape", "lower")
    ok("B15_open_batch", relu, lambda n: put(
        n.tensor("t0"), shapeSignature=[-1, 4]))

    def sparsity(n):
        p = n.tensor("w").sparsity = s.SparsityParametersT()
        p.traversalOrder, p.blockMap = [0, 1, 2, 77], [9]
    fmt("B16_sparsity", conv, sparsity,
        "does not have a level for each dimension")
    write_sparse()
    unsupported("B17_variable_with_buffer", conv, lambda n: put(
        n.tensor("w"), isVariable=True), "variable")
    unsupported("B17_variable_input", relu, lambda n: put(
        n.tensor("t0"), isVariable=True), "variable")
    # every tensor is an output, so that none can take another's place
    lower("B18_arena_wraps", lambda: relu(3), lambda n: all_of(*[
        put(t, shape=[1, INT32_MAX]) for t in n.graph.tensors],
        put(n.graph, outputs=[1, 2, 3])),
        "TIN_ERR_OVERFLOW")

    def im2col(n):
        put(n.tensor("in"), shape=[1, 20000, 20000, 2])
        put(n.tensor("out"), shape=[1, 19999, 19999, 3])
    anything("B19_im2col", conv, im2col)

    def shared(n):
        put(n.tensor("w"), shape=[3, 2, 1, 2], buffer=n.tensor("b").buffer)
        put(n.tensor("out"), shape=[1, 3, 4, 3])
    ok("B20_shared_buffer", conv, shared)


# ---- C: the graph -----------------------------------------------------------


def sparse_weights(n):
    """The second input channel of each output of `dense`, alone."""
    table = n.tensor("w").sparsity = s.SparsityParametersT()
    table.traversalOrder, table.blockMap = [0, 1], []
    rows, columns = s.DimensionMetadataT(), s.DimensionMetadataT()
    rows.denseSize = 3
    columns.format = s.DimensionType.SPARSE_CSR
    columns.arraySegments, columns.arrayIndices = (s.Int32VectorT(),
                                                   s.Uint8VectorT())
    columns.arraySegmentsType, columns.arrayIndicesType = 1, 3
    columns.arraySegments.values = [0, 1, 2, 3]
    columns.arrayIndices.values = [1, 1, 1]
    table.dimMetadata = [rows, columns]
    n.buffer("w").data = np.array([5, 6, 7], np.uint8)
    return table


def write_sparse():
    def sparse(change=lambda table: None):
        return lambda n: all_of(change(sparse_weights(n)))

    def level(i, **fields):
        return sparse(lambda table: put(table.dimMetadata[i], **fields))

    def values(field, x):
        return sparse(lambda table: put(getattr(table.dimMetadata[1], field),
                                        values=x))

    ok("B19_sparse", dense, sparse())
    for name, change, message in (
            ("order", sparse(lambda t: put(t, traversalOrder=[0, 0])),
             "do not fit its shape"),
            ("order_range", sparse(lambda t: put(t, traversalOrder=[0, -1])),
             "do not fit its shape"),
            ("levels", sparse(lambda t: put(t, dimMetadata=t.dimMetadata[:1])),
             "does not have a level"),
            ("size", level(0, denseSize=INT32_MAX), "does not fit its shape"),
            ("format", level(1, format=7), "a format"),
            ("no_segments", level(1, arraySegments=None,
                                  arraySegmentsType=0), "a segment"),
            ("no_indices", level(1, arrayIndices=None, arrayIndicesType=0),
             "a segment"),
            ("segments_short", values("arraySegments", [0, 1]), "a segment"),
            ("segments_fall", values("arraySegments", [0, 2, 1, 3]),
             "a segment"),
            ("segments_negative", values("arraySegments", [-1, 1, 2, 3]),
             "a segment"),
            ("segments_beyond", values("arraySegments", [0, 1, 2, 4]),
             "a segment"),
            ("index_beyond", values("arrayIndices", [1, 4, 1]), "an index"),
            ("block_axis", sparse(lambda t: put(t, blockMap=[9])),
             "does not have a level")):
        fmt("B19_sparse_" + name, dense, change, message)
    fmt("B19_sparse_values", dense, lambda n: all_of(
        sparse_weights(n),
        put(n.buffer("w"), data=np.array([5, 6], np.uint8))),
        "more elements than its contents")


def write_c():
    def io(n, inputs=None, outputs=None, op=0):
        o = n.graph.operators[op]
        o.inputs = o.inputs if inputs is None else inputs
        o.outputs = o.outputs if outputs is None else outputs

    fmt("C01_input_index", conv, lambda n: io(n, [0, 4, 2]),
        "input 1 is tensor 4, but there are 4")
    fmt("C01_input_index_max", conv, lambda n: io(n, [0, INT32_MAX, 2]),
        "input 1 is tensor 2147483647")
    fmt("C02_output_index", conv, lambda n: io(n, None, [4]),
        "output 0 is tensor 4")
    fmt("C03_input_left_out", conv, lambda n: io(n, [0, -1, 2]),
        "input 1 is left out")
    fmt("C03_output_left_out", conv, lambda n: io(n, None, [-1]),
        "output 0 is left out")
    ok("C03_bias_left_out", conv, lambda n: io(n, [0, 1, -1]))
    ok("C03_bias_not_listed", conv, lambda n: io(n, [0, 1]))
    fmt("C04_index_minus_2", conv, lambda n: io(n, [0, 1, -2]),
        "input 2 is tensor -2")
    fmt("C04_index_min", conv, lambda n: io(n, [INT32_MIN, 1, 2]),
        "input 0 is tensor -2147483648")
    fmt("C05_no_inputs", conv, lambda n: io(n, []), "with 0 inputs")
    fmt("C05_no_input_vector", conv, lambda n: put(
        n.graph.operators[0], inputs=None), "with 0 inputs")
    fmt("C05_one_input", conv, lambda n: io(n, [0]), "with 1 inputs")
    fmt("C05_concat_of_nothing", concat, lambda n: io(n, []),
        "with 0 inputs")
    fmt("C06_no_outputs", conv, lambda n: io(n, None, []), "with 0 outputs")
    fmt("C06_two_outputs", conv, lambda n: io(n, None, [3, 3]),
        "with 2 outputs")
    fmt("C06_four_inputs", conv, lambda n: io(n, [0, 1, 2, 2]),
        "with 4 inputs")
    fmt_bytes("C06_a_million_inputs", concat, lambda b: b.put(
        "I", b.vector(b.operator(), 1), 2**20), "inputs ends beyond")
    fmt_bytes("C06_negative_count", concat, lambda b: b.put(
        "i", b.vector(b.operator(), 1), -1), "inputs ends beyond")

    def constant_output(n):
        n.buffer("b")
        n.tensor("out").buffer = 1
        n.tensor("out").shape = [1, 2, 4, 3]
    fmt("C07_output_is_constant", conv, constant_output, "is a constant")
    fmt("C08_output_is_input", lambda: relu(2), lambda n: put(
        n.graph, inputs=[0, 1]), "is an input of the graph")
    unsupported("C08_output_is_variable", relu, lambda n: put(
        n.tensor("t1"), isVariable=True), "variable")
    fmt("C09_in_place", relu, lambda n: io(n, [1], [1]),
        "both its input and its output")
    fmt("C10_two_writers", lambda: relu(2), lambda n: io(n, None, [1], 1)
        or io(n, [0], None, 1), "already made by layer 0")
    fmt("C10_cycle", lambda: relu(3), lambda n: io(n, [2], None, 0),
        "out of order or form a cycle")
    fmt("C11_not_produced", lambda: relu(2), lambda n: all_of(
        n.add("orphan", [1, 4]), io(n, [3], None, 1)),
        "tensor 3 'orphan', which has no contents")
    fmt("C12_order", lambda: relu(2), lambda n: put(
        n.graph, operators=n.graph.operators[::-1]), "out of order")
    for slug, i in (("too_big", 99), ("negative", -1), ("min", INT32_MIN)):
        fmt("C13_graph_input_" + slug, relu, lambda n: put(
            n.graph, inputs=[i]), "there is no tensor %d" % i)
        fmt("C13_graph_output_" + slug, relu, lambda n: put(
            n.graph, outputs=[i]), "there is no tensor %d" % i)
    fmt("C14_input_twice", relu, lambda n: put(n.graph, inputs=[0, 0]),
        "listed twice")
    fmt("C14_output_twice", relu, lambda n: put(n.graph, outputs=[1, 1]),
        "listed twice")
    fmt("C14_output_is_input", relu, lambda n: put(n.graph, outputs=[1, 0]),
        "is an input as well")
    fmt("C14_input_is_constant", conv, lambda n: put(
        n.graph, inputs=[0, 1]), "is a constant")
    fmt("C14_output_is_constant", conv, lambda n: put(
        n.graph, outputs=[3, 1]), "is a constant")
    fmt("C14_output_not_produced", relu, lambda n: all_of(
        n.add("orphan", [1, 4]), put(n.graph, outputs=[1, 2])),
        "is not produced by any layer")
    for i in (1, 0xFFFFFFFF):
        fmt("C15_code_index_%d" % i, relu, lambda n: put(
            n.graph.operators[0], opcodeIndex=i), "code has index %d" % i)

    def code(n, wide, narrow):
        put(n.model.operatorCodes[0], builtinCode=wide,
            deprecatedBuiltinCode=narrow)
    unsupported("C16_code_unknown", relu, lambda n: code(n, 4711, 127),
                "operator code 4711 is not known")
    unsupported("C16_code_max", relu, lambda n: code(n, INT32_MAX, 0),
                "operator code 2147483647 is not known")
    fmt("C16_code_negative", relu, lambda n: code(n, -1, 0),
        "operator code is 0 in one field and -1")
    fmt("C16_narrow_code_negative", relu, lambda n: code(n, 0, -5),
        "operator code is -5")
    fmt("C16_codes_disagree", relu, lambda n: code(n, OP.RELU, OP.ADD + 1),
        "operator code is 1 in one field and 19")
    ok("C16_narrow_code_only", relu, lambda n: code(n, 0, OP.RELU))
    ok("C16_wide_code_only", relu, lambda n: code(n, OP.RELU, 0))
    ok("C16_placeholder", relu, lambda n: code(n, OP.RELU, 0))

    def call_once(n):
        k, o = options("CallOnceOptions", initSubgraphIndex=0)
        code(n, OP.CALL_ONCE, 127)
        put(n.graph.operators[0], builtinOptionsType=k, builtinOptions=o)
    unsupported("C16_call_once_itself", relu, call_once, "CALL_ONCE")

    def other_options(n):
        k, o = options("Pool2DOptions", strideW=1, strideH=1)
        put(n.graph.operators[0], builtinOptionsType=k, builtinOptions=o)
    fmt("C17_pool_options", conv, other_options, "options of another operator")
    fmt("C17_unknown_options", conv, lambda n: put(
        n.graph.operators[0], builtinOptionsType=0), "are missing")
    fmt_bytes("C17_options_kind_255", conv, lambda b: b.put(
        "B", b.field(b.operator(), 3), 255), "options of another operator")
    for f in (conv, depthwise, pool, softmax, concat):
        fmt("C18_no_options_" + f.__name__, f, lambda n: put(
            n.graph.operators[0], builtinOptionsType=0, builtinOptions=None),
            "options are missing")
    for f in (add, dense, reshape, mean):
        ok("C18_no_options_" + f.__name__, f, lambda n: put(
            n.graph.operators[0], builtinOptionsType=0, builtinOptions=None))

    def loop(n, i):
        k, o = options("WhileOptions", condSubgraphIndex=i,
                       bodySubgraphIndex=i)
        code(n, OP.WHILE, OP.WHILE)
        put(n.graph.operators[0], builtinOptionsType=k, builtinOptions=o)
    unsupported("C19_while_itself", relu, lambda n: loop(n, 0),
                "operator WHILE (version 2) is control flow, which is not "
                "supported: unroll it when the network is converted")
    unsupported("C19_while_nowhere", relu, lambda n: loop(n, 99), "WHILE")
    ok("C19_second_subgraph", relu, lambda n: n.model.subgraphs.append(
        s.SubGraphT()))
    fmt("C21_0_subgraphs", relu, lambda n: put(n.model, subgraphs=[]),
        "list of subgraphs is missing")
    fmt("C21_0_tensors", relu, lambda n: put(n.graph, tensors=[]),
        "list of tensors is missing")
    fmt("C21_0_operators", relu, lambda n: put(n.graph, operators=[]),
        "list of operators is missing")
    fmt("C21_0_inputs", relu, lambda n: put(n.graph, inputs=[]),
        "list of graph inputs is missing")
    fmt("C21_0_outputs", relu, lambda n: put(n.graph, outputs=[]),
        "list of graph outputs is missing")
    for v in (0, 99, -1):
        unsupported("C22_version_%d" % v, relu, lambda n: put(
            n.model.operatorCodes[0], version=v),
            "operator RELU (version %d) is not supported" % v)
    ok("C23_equal_names", lambda: relu(2), lambda n: all_of(*[
        put(t, name="x") for t in n.graph.tensors]))
    for slug, slot in (("tensors", 0), ("operators", 3), ("inputs", 1)):
        fmt_bytes("C25_2_to_31_" + slug, relu, lambda b: b.put(
            "I", b.vector(b.graph(), slot), 2**31), "ends beyond")


# ---- D: quantization --------------------------------------------------------


def write_d():
    def quant(n, name, **fields):
        put(n.tensor(name).quantization, **fields)

    def bad_scale(slug, scale, message):
        bad(slug, relu, lambda n: quant(n, "t0", scale=[scale]),
            "TIN_ERR_QUANT", message)

    bad_scale("D01_scale_0", 0.0, "scale 0 (0) is not positive")
    bad("D01_channel_scale_0", conv, lambda n: quant(
        n, "w", scale=[0.5, 0.0, 0.5]), "TIN_ERR_QUANT",
        "scale 1 (0) is not positive")
    bad_scale("D02_scale_nan", float("nan"), "is not positive")
    bad_scale("D03_scale_inf", float("inf"), "is infinite")
    bad_scale("D03_scale_minus_inf", -float("inf"), "is not positive")
    bad_scale("D04_scale_negative", -0.5, "scale 0 (-0.5) is not positive")
    bad_scale("D05_scale_denormal", 1e-42, "is denormal")
    anything("D05_weight_scale_denormal", conv, lambda n: all_of(
        put(n.graph.operators[0], inputs=[0, 1, -1]),
        quant(n, "w", scale=[1e-42, 1e-45, 0.5])))
    anything("D06_multiplier_above_1", conv, lambda n: quant(
        n, "out", scale=[0.0625]))
    lower_quant("D07_multiplier_huge", conv, lambda n: all_of(
        put(n.graph.operators[0], inputs=[0, 1, -1]),
        quant(n, "in", scale=[1e15]), quant(n, "out", scale=[1e-15])))
    for slug, z in (("128", 128), ("minus_129", -129), ("2_to_32", 2**32),
                    ("min", -2**63)):
        bad("D08_zero_point_" + slug, relu, lambda n: quant(
            n, "t0", zeroPoint=[z]), "TIN_ERR_QUANT", "zero point 0 is %d" % z)
    lower_quant("D09_weight_zero_point", conv, lambda n: quant(
        n, "w", zeroPoint=[0, 1, 0]))
    bad("D09_bias_zero_point", dense, lambda n: quant(
        n, "b", zeroPoint=[1]), "TIN_ERR_QUANT", "not in 0 .. 0 of int32")
    bad("D09_int16_zero_point", relu, lambda n: all_of(
        put(n.tensor("t0"), type=T.INT16), quant(n, "t0", zeroPoint=[1])),
        "TIN_ERR_QUANT", "not in 0 .. 0 of int16")
    bad("D10_0_scales", conv, lambda n: quant(
        n, "w", scale=[], zeroPoint=[]), "TIN_ERR_QUANT",
        "int8 without quantization")
    for k in (2, 4):
        bad("D10_%d_scales" % k, conv, lambda n: quant(
            n, "w", scale=[0.5] * k, zeroPoint=[0] * k), "TIN_ERR_QUANT",
            "it has %d scales for 3 channels" % k)
    unsupported("D10_activation_channels", conv, lambda n: quant(
        n, "in", scale=[0.5, 0.5], zeroPoint=[0, 0], quantizedDimension=3),
        "2 scales but no contents")
    for k in (0, 1, 4):
        bad("D11_%d_zero_points" % k, conv, lambda n: quant(
            n, "w", zeroPoint=[0] * k), "TIN_ERR_QUANT",
            "it has 3 scales and %d zero points" % k)
    for axis in (-1, 4, INT32_MIN, INT32_MAX):
        bad("D12_axis_%d" % axis, conv, lambda n: quant(
            n, "w", quantizedDimension=axis), "TIN_ERR_QUANT",
            "quantized dimension is %d" % axis)

    def wrong_axis(n):
        put(n.tensor("in"), shape=[1, 4, 4, 3])
        put(n.tensor("w"), shape=[3, 2, 2, 3])
        put(n.buffer("w"), data=i8(36).view(np.uint8))
        quant(n, "w", quantizedDimension=3)
    lower_quant("D12_wrong_axis", conv, wrong_axis)
    bad("D13_no_quantization", relu, lambda n: put(
        n.tensor("t0"), quantization=None), "TIN_ERR_QUANT",
        "type int8 without quantization")
    bad("D13_no_quantization_weights", dense, lambda n: put(
        n.tensor("w"), quantization=None), "TIN_ERR_QUANT",
        "type int8 without quantization")
    lower_quant("D14_softmax_output_scale", softmax, lambda n: quant(
        n, "out", scale=[2.0**32]))
    lower_quant("D14_softmax_zero_point", softmax, lambda n: quant(
        n, "out", zeroPoint=[0]))
    lower_quant("D15_bias_max", conv, lambda n: put(
        n.buffer("b"), data=ints(INT32_MAX, 0, INT32_MIN).view(np.uint8)))
    lower_quant("D15_bias_scale", dense, lambda n: quant(n, "b", scale=[1.0]))

    def custom(n):
        n.tensor("t0").quantization.detailsType = 1
        c = n.tensor("t0").quantization.details = s.CustomQuantizationT()
        c.custom = [1, 2, 3]
    unsupported("D17_custom_quantization", relu, custom, "custom or blockwise")
    anything("D18_add_scale_ratio", add, lambda n: quant(
        n, "in2", scale=[0.5 * 2**20]))
    anything("D18_add_scale_ratio_huge", add, lambda n: all_of(
        quant(n, "in", scale=[1e30]), quant(n, "out", scale=[1e-30])))
    anything("D19_concat_scales", concat, lambda n: quant(
        n, "in2", scale=[0.25]))
    lower_quant("D19_maxpool_scales", lambda: pool(OP.MAX_POOL_2D),
          lambda n: quant(n, "out", scale=[0.25]))
    lower_quant("D19_pad_scales", pad, lambda n: quant(n, "out", zeroPoint=[5]))


# ---- E: operator parameters -------------------------------------------------


def write_e():
    def opt(name, make, status="TIN_ERR_SHAPE", **fields):
        lower(name, make, lambda n: put(n.options(), **fields), status)

    def shape(name, make, which, *dims):
        lower_shape(name, make, lambda n: put(
            n.tensor(which), shape=list(dims)))

    def data(name, make, which, values, dims=None):
        lower_shape(name, make, lambda n: all_of(
            put(n.buffer(which), data=ints(*values).view(np.uint8)),
            put(n.tensor(which), shape=dims or [len(values)])))

    for f in (conv, depthwise, pool):
        opt("E01_stride_w_0_" + f.__name__, f, "*", strideW=0)
        opt("E01_stride_h_0_" + f.__name__, f, "*", strideH=0)
        opt("E03_stride_negative_" + f.__name__, f, "*", strideW=-1)
        opt("E03_stride_min_" + f.__name__, f, "*", strideH=INT32_MIN)
    for f in (conv, depthwise):
        opt("E02_stride_65536_" + f.__name__, f, strideW=65536)
        opt("E04_dilation_0_" + f.__name__, f, "*", dilationWFactor=0)
        opt("E04_dilation_negative_" + f.__name__, f, "*", dilationHFactor=-2)
        opt("E04_dilation_max_" + f.__name__, f, dilationHFactor=INT32_MAX)
        opt("E04_dilation_min_" + f.__name__, f, "*", dilationWFactor=INT32_MIN)
    for code, slug in ((OP.AVERAGE_POOL_2D, "average"),
                       (OP.MAX_POOL_2D, "max")):
        def make(code=code):
            return pool(code)
        opt("E05_filter_w_0_" + slug, make, "*", filterWidth=0)
        opt("E05_filter_h_0_" + slug, make, "*", filterHeight=0)
        opt("E05_filter_negative_" + slug, make, "*", filterHeight=-2)
        opt("E05_filter_max_" + slug, make, filterWidth=INT32_MAX)
    lower_shape("E06_window_in_padding", pool, lambda n: all_of(
        put(n.options(), padding=s.Padding.SAME, filterWidth=1,
            filterHeight=1),
        put(n.tensor("out"), shape=[1, 3, 3, 2])))
    for v in (2, -1):
        for f in (conv, depthwise, pool):
            fmt("E07_padding_%d_%s" % (v, f.__name__), f, lambda n: put(
                n.options(), padding=v), "the padding %d is not" % v)
    for f in (conv, depthwise, pool):
        lower_shape("E08_kernel_above_input_" + f.__name__, f, lambda n: put(
            n.tensor("in"), shape=[1, 1, 1, 2]))
    shape("E09_filter_channels", conv, "in", 1, 4, 4, 3)
    shape("E09_grouped", conv, "in", 1, 4, 4, 4)
    bad("E09_filter_channels_0", conv, lambda n: put(
        n.tensor("w"), shape=[3, 2, 2, 0]), "TIN_ERR_SHAPE",
        "dimension 3 is 0")
    opt("E10_depth_multiplier_negative", depthwise, depthMultiplier=-1)
    opt("E10_depth_multiplier_wrong", depthwise, depthMultiplier=2)
    opt("E10_depth_multiplier_max", depthwise, depthMultiplier=INT32_MAX)
    shape("E10_channels", depthwise, "in", 1, 4, 4, 3)
    bad("E10_channels_0", depthwise, lambda n: put(
        n.tensor("in"), shape=[1, 4, 4, 0]), "TIN_ERR_SHAPE",
        "dimension 3 is 0")
    bad("E11_empty_filter", conv, lambda n: put(
        n.tensor("w"), shape=[0, 2, 2, 2]), "TIN_ERR_SHAPE",
        "dimension 0 is 0")
    for f, q in ((conv, 1), (depthwise, 1), (dense, 1)):
        lower_shape("E12_bias_length_" + f.__name__, f, lambda n: all_of(
            put(n.tensor("b"), shape=[1]),
            put(n.tensor("b").quantization, scale=[0.25], zeroPoint=[0]),
            put(n.buffer("b"), data=ints(1).view(np.uint8))))
    lower_shape("E12_bias_length_inside", sandwich, lambda n: all_of(
        put(n.tensor("bmiddle"), shape=[1]),
        put(n.buffer("bmiddle"), data=ints(1).view(np.uint8))))
    lower("E12_bias_type_inside", sandwich, lambda n: all_of(
        put(n.tensor("bmiddle"), type=T.INT8),
        put(n.buffer("bmiddle"), data=i8(3).view(np.uint8))))
    lower("E12_weights_type_inside", sandwich, lambda n: all_of(
        put(n.tensor("wmiddle"), type=T.FLOAT32, quantization=None),
        put(n.buffer("wmiddle"),
            data=i8(3).astype(np.float32).view(np.uint8))))
    lower_shape("E12_weights_shape_inside", sandwich, lambda n: all_of(
        put(n.tensor("wfirst"), shape=[2, 1, 1, 2]),
        put(n.buffer("wfirst"), data=i8(4).view(np.uint8))))
    lower_shape("E04_dilation_wraps", conv, lambda n: all_of(
        put(n.options(), padding=s.Padding.SAME, dilationHFactor=INT32_MAX),
        put(n.tensor("w"), shape=[3, 3, 3, 2]),
        put(n.buffer("w"), data=i8(54).view(np.uint8)),
        put(n.tensor("out"), shape=[1, 4, 4, 3])))
    lower_quant("E12_bias_scales", conv, lambda n: all_of(
        put(n.tensor("w"), shape=[6, 2, 2, 2]),
        put(n.tensor("w").quantization, scale=[0.5], zeroPoint=[0]),
        put(n.buffer("w"), data=i8(48).view(np.uint8)),
        put(n.tensor("b"), shape=[3, 2]),
        put(n.buffer("b"), data=ints(*range(6)).view(np.uint8)),
        put(n.tensor("b").quantization, scale=[1.0] * 3),
        put(n.tensor("out"), shape=[1, 3, 3, 6])))
    bad("E12_bias_length_0", conv, lambda n: put(
        n.tensor("b"), shape=[0]), "TIN_ERR_SHAPE", "dimension 0 is 0")
    shape("E13_dense_not_a_multiple", dense, "in", 1, 5)
    bad("E13_dense_weights_0", dense, lambda n: put(
        n.tensor("w"), shape=[3, 0]), "TIN_ERR_SHAPE", "dimension 1 is 0")
    for f, dims in ((conv, (1, 3, 3, 4)), (depthwise, (1, 4, 4, 2)),
                    (dense, (1, 4)), (pool, (1, 3, 2, 2)), (add, (1, 5)),
                    (concat, (1, 7)), (softmax, (1, 3)), (reshape, (2, 3)),
                    (squeeze, (2, 2)), (mean, (1, 3)), (pad, (1, 6, 5, 2)),
                    (relu, None)):
        lower_shape("E14_output_shape_" + f.__name__, f, lambda n: put(
            n.graph.tensors[n.graph.outputs[0]],
            shape=list(dims or (1, 5))))
    data("E15_reshape_two_open", reshape, "shape", [-1, -1])
    data("E15_reshape_open_and_0", reshape, "shape", [-1, 0])
    data("E15_reshape_product", reshape, "shape", [2, 3])
    data("E15_reshape_negative", reshape, "shape", [-2, -2])
    data("E15_reshape_wraps", reshape, "shape", [65536, 65536])
    data("E15_reshape_rank", reshape, "shape", [2, 1, 2])
    fmt("E16_reshape_without_data", reshape, lambda n: put(
        n.tensor("shape"), buffer=0), "has no contents")
    unsupported("E15_reshape_rank_7", reshape, lambda n: put(
        n.options(), newShape=[1] * 7), "the new shape has 7 entries")
    opt("E17_concat_axis_2", concat, axis=2)
    opt("E17_concat_axis_max", concat, axis=INT32_MAX)
    shape("E17_concat_dimensions", concat, "in2", 2, 2)
    shape("E17_concat_rank", concat, "in2", 1, 2, 1)
    lower_shape("E17_concat_sum_wraps", concat, lambda n: all_of(*[
        put(t, shape=[1, 0x7FFFFFF0]) for t in n.graph.tensors]))
    opt("E19_concat_axis_minus_3", concat, axis=-3)
    opt("E19_concat_axis_min", concat, axis=INT32_MIN)
    for slug, beta in (("nan", float("nan")), ("0", 0.0), ("negative", -1.0),
                       ("inf", float("inf"))):
        opt("E20_softmax_beta_" + slug, softmax, "TIN_ERR_QUANT",
            beta=beta)
    opt("E22_squeeze_axis_min", squeeze, squeezeDims=[-100000])
    opt("E22_squeeze_axis_3", squeeze, squeezeDims=[3])
    opt("E22_squeeze_not_1", squeeze, squeezeDims=[2])
    anything("E22_squeeze_twice", squeeze, lambda n: put(
        n.options(), squeezeDims=[1, 1]))
    unsupported("E22_squeeze_7_axes", squeeze, lambda n: put(
        n.options(), squeezeDims=[1] * 7), "has 7 entries")
    data("E24_pad_negative", pad, "pads", [0, 0, -1, 1, 1, 1, 0, 0], [4, 2])
    data("E24_pad_wraps", pad, "pads",
         [0, 0, INT32_MAX, INT32_MAX, 1, 1, 0, 0], [4, 2])
    data("E24_pad_rank", pad, "pads", [0, 0, 1, 1, 1, 1], [3, 2])
    data("E24_pad_not_pairs", pad, "pads", [0, 0, 1, 1, 1, 1, 0, 0], [2, 4])
    data("E24_pad_flat", pad, "pads", [0, 0, 1, 1, 1, 1, 0, 0], [8])
    lower_unsupported("E24_pad_type", pad, lambda n: put(
        n.tensor("pads"), type=T.FLOAT32))
    shape("E35_add_shapes", add, "in2", 1, 3)
    shape("E35_add_rank", add, "in2", 4, 1, 4)
    data("E37_mean_axis_4", mean, "axes", [1, 4])
    data("E37_mean_axis_minus_5", mean, "axes", [-5, 1])
    data("E37_mean_axis_min", mean, "axes", [INT32_MIN, 1])
    data("E37_mean_axis_twice", mean, "axes", [1, 1])
    data("E37_mean_too_many_axes", mean, "axes", [0, 1, 2, 3, 0, 1, 2])
    for v in (6, -1, 127):
        for f in (conv, depthwise, dense, pool, add, concat):
            if v == 6 or f is conv:
                fmt("E39_activation_%d_%s" % (v, f.__name__), f, lambda n:
                    put(n.options(), fusedActivationFunction=v),
                    "fused activation %d is not" % v)
    unsupported("E39_activation_tanh", conv, lambda n: put(
        n.options(), fusedActivationFunction=4), "TANH is not supported")

    def float_tensor(which):
        return lambda n: put(n.tensor(which), type=T.FLOAT32,
                             quantization=None)
    for f in (conv, depthwise, dense, pool, add, concat, softmax, reshape,
              squeeze, mean, pad):
        lower_unsupported("E44_float_output_" + f.__name__, f,
                          float_tensor("out"))
    lower_unsupported("E44_float_second_input", add, float_tensor("in2"))
    lower_unsupported("E44_int32_input", relu, lambda n: put(
        n.tensor("t0"), type=T.INT32))
    lower_unsupported("E44_float_weights", conv, lambda n: all_of(
        put(n.tensor("w"), type=T.FLOAT32, quantization=None),
        put(n.buffer("w"), data=np.ones(24, np.float32).view(np.uint8))))
    lower_unsupported("E44_float_bias", conv, lambda n: put(
        n.tensor("b"), type=T.FLOAT32, quantization=None))
    unsupported("E44_shuffled_weights", dense, lambda n: put(
        n.options(), weightsFormat=1), "shuffled")
    write_e_refused()


def write_e_refused():
    """Hostile parameters of operators that are refused by name."""
    for id, name, kind, fields in (
            ("E32", "EMBEDDING_LOOKUP_SPARSE", "EmbeddingLookupSparseOptions",
             dict(combiner=99)),
            ("E34", "MAXIMUM", "MaximumMinimumOptions", {}),
            ("E36", "RESIZE_BILINEAR", "ResizeBilinearOptions",
             dict(alignCorners=True)),
            ("E40", "DIV", "DivOptions", {}),
            ("E42", "SEGMENT_SUM", "SegmentSumOptions", {}),
            ("E46", "SCATTER_ND", "ScatterNdOptions", {})):
        n = relu()
        k, o = options(kind, **fields)
        code = getattr(OP, name)
        put(n.model.operatorCodes[0], builtinCode=code,
            deprecatedBuiltinCode=code)
        put(n.graph.operators[0], builtinOptionsType=k, builtinOptions=o)
        if name in ("DIV", "MAXIMUM", "RESIZE_BILINEAR"):
            write("%s_%s" % (id, name.lower()), n, "import", "TIN_ERR_FORMAT",
                  "layer 0 't1': %s with 1 inputs" % name)
            continue
        write("%s_%s" % (id, name.lower()), n, "import",
              "TIN_ERR_UNSUPPORTED", "layer 0 't1': operator %s (" % name)
    n = relu()
    put(n.model.operatorCodes[0], builtinCode=OP.WHERE,
        deprecatedBuiltinCode=OP.WHERE)
    write("E47_where", n, "import", "TIN_ERR_UNSUPPORTED",
          "operator WHERE is not supported: the shape of its output depends "
          "on data")
    n = relu()
    put(n.model.operatorCodes[0], builtinCode=OP.CUSTOM,
        deprecatedBuiltinCode=OP.CUSTOM,
        customCode="TFLite_Detection_PostProcess")
    write("E41_detection", n, "import", "TIN_ERR_UNSUPPORTED",
          "operator CUSTOM 'TFLite_Detection_PostProcess'")


# ---- F and H: values that come late, and names ------------------------------


# ---- Operators that move elements --------------------------------------------


def moved(name, shapes, out, kind=None, **fields):
    """An operator on int8 tensors of these shapes; a list is a constant of
    int32 with its shape, a tuple a tensor. `out`: shapes of the outputs."""
    ins = []
    for i, x in enumerate(shapes):
        if isinstance(x, tuple):
            ins.append(tensor("in%d" % i, *x))
        else:
            a = np.array(x, np.int32)
            ins.append(tensor("in%d" % i, *a.shape, type=T.INT32, scale=None,
                              data=a))
    outs = [tensor("out%d" % i, *x) for i, x in enumerate(out)]
    k, o = options(kind, **fields) if kind else (0, None)
    return lambda: single(getattr(OP, name), ins, outs, k, o)


def write_move():
    image = (1, 4, 4, 2)
    strided = "StridedSliceOptions"
    for name, make in (
            ("E21_split_0_outputs_fit", moved("SPLIT", [[1], image],
                                              [(1, 4, 2, 2)] * 2)),
            ("E21_split_axis", moved("SPLIT", [[9], image], [image])),
            ("E21_split_uneven", moved("SPLIT", [[1], image], [image] * 3)),
            ("E21_split_v_sizes", moved("SPLIT_V", [image, [3, 3], [1]],
                                        [(1, 3, 4, 2)] * 2)),
            ("E21_split_v_two_rests", moved("SPLIT_V", [image, [-1, -1], [1]],
                                            [(1, 2, 4, 2)] * 2)),
            ("E21_split_v_wraps", moved(
                "SPLIT_V", [image, [INT32_MAX, INT32_MAX], [1]],
                [(1, 2, 4, 2)] * 2)),
            ("E21_split_v_counts", moved("SPLIT_V", [image, [4], [1]],
                                         [(1, 2, 4, 2)] * 2)),
            ("E21_unpack_counts", moved("UNPACK", [image], [(1, 4, 2)] * 3,
                                        "UnpackOptions", axis=1, num=3)),
            ("E21_unpack_axis", moved("UNPACK", [image], [(1, 4, 2)],
                                      "UnpackOptions", axis=-9)),
            ("E22_expand_axis", moved("EXPAND_DIMS", [(2, 3), [4]],
                                      [(2, 3, 1)])),
            ("E23_transpose_rank", moved("TRANSPOSE", [(2, 3), [0, 1, 2]],
                                         [(2, 3)])),
            ("E23_transpose_twice", moved("TRANSPOSE", [(3, 3), [1, 1]],
                                          [(3, 3)])),
            ("E23_transpose_axis", moved("TRANSPOSE",
                                         [(3, 3), [1, INT32_MIN]], [(3, 3)])),
            ("E23_transpose_shape", moved("TRANSPOSE", [(2, 3), [1, 0]],
                                          [(2, 3)])),
            ("E25_mirror_too_far", moved(
                "MIRROR_PAD", [(1, 3), [[0, 0], [3, 0]]], [(1, 6)],
                "MirrorPadOptions")),
            ("E25_mirror_wraps", moved(
                "MIRROR_PAD", [(1, 1, 1, 1), [[0, 0], [0, 1200000000], [0, 0],
                                              [0, 0]]],
                [(1, 1200000001, 1, 1)], "MirrorPadOptions")),
            ("E25_padv2_negative", moved(
                "PAD", [(1, 3), [[0, 0], [-1, 0]]], [(1, 2)])),
            ("E26_slice_beyond", moved("SLICE", [(2, 3), [0, 2], [2, 2]],
                                       [(2, 2)])),
            ("E26_slice_negative", moved("SLICE", [(2, 3), [-1, 0], [1, 3]],
                                         [(1, 3)])),
            ("E26_slice_wraps", moved(
                "SLICE", [(2, 3), [0, 1], [2, INT32_MAX]], [(2, 2)])),
            ("E26_slice_rank", moved("SLICE", [(2, 3), [0], [2]], [(2, 3)])),
            ("E26_strided_0", moved("STRIDED_SLICE",
                                    [(2, 3), [0, 0], [2, 3], [1, 0]],
                                    [(2, 3)], strided)),
            ("E26_strided_min", moved(
                "STRIDED_SLICE", [(2, 3), [0, 2], [2, 0], [1, INT32_MIN]],
                [(2, 1)], strided)),
            ("E26_strided_empty", moved(
                "STRIDED_SLICE", [(2, 3), [0, 2], [2, 1], [1, 1]], [(2, 1)],
                strided)),
            ("E26_strided_lists", moved("STRIDED_SLICE",
                                        [(2, 3), [0, 2], [2], [1]], [(2, 1)],
                                        strided)),
            ("E26_strided_more_axes", moved(
                "STRIDED_SLICE", [(3,), [0, 0], [3, 1], [1, 1]], [(3,)],
                strided)),
            ("E26_strided_ellipsis", moved(
                "STRIDED_SLICE", [(2, 3), [0, 0], [2, 3], [1, 1]], [(2, 3)],
                strided, ellipsisMask=-1)),
            ("E26_strided_rank_7", moved(
                "STRIDED_SLICE", [(1, 1, 2, 3), [0] * 3, [1] * 3, [1] * 3],
                [(1, 1, 1, 1, 1, 2)], strided, newAxisMask=7)),
            ("E26_strided_shrink_beyond", moved(
                "STRIDED_SLICE", [(2, 3), [7], [8], [1]], [(3,)], strided,
                shrinkAxisMask=1)),
            ("E27_block_0", moved("SPACE_TO_DEPTH", [image], [image],
                                  "SpaceToDepthOptions", blockSize=0)),
            ("E27_block_uneven", moved("SPACE_TO_DEPTH", [image],
                                       [(1, 1, 1, 18)], "SpaceToDepthOptions",
                                       blockSize=3)),
            ("E27_block_wraps", moved("DEPTH_TO_SPACE", [image], [image],
                                      "DepthToSpaceOptions",
                                      blockSize=65536)),
            ("E28_batch_block_0", moved(
                "SPACE_TO_BATCH_ND", [image, [0, 2], [[0, 0], [0, 0]]],
                [image])),
            ("E28_batch_wraps", moved(
                "SPACE_TO_BATCH_ND",
                [image, [1, 1], [[INT32_MAX, INT32_MAX], [0, 0]]], [image])),
            ("E28_batch_blocks", moved(
                "BATCH_TO_SPACE_ND", [image, [2, 2, 2, 2],
                                      [[0, 0], [0, 0]]], [image])),
            ("E28_batch_crops", moved(
                "BATCH_TO_SPACE_ND", [(4, 2, 2, 2), [2, 2], [[0, 0], [0, -1]]],
                [image])),
            ("E29_gather_axis", moved("GATHER", [(2, 3), [0]], [(1, 3)],
                                      "GatherOptions", axis=-9)),
            ("E29_gather_beyond", moved("GATHER", [(2, 3), [2]], [(1, 3)],
                                        "GatherOptions")),
            ("E29_gather_negative", moved("GATHER", [(2, 3), [-1]], [(1, 3)],
                                          "GatherOptions")),
            ("E29_gather_batch", moved("GATHER", [(2, 3), [0]], [(1, 3)],
                                       "GatherOptions", batchDims=5)),
            ("E29_gather_batch_min", moved("GATHER", [(2, 3), [0]], [(1, 3)],
                                           "GatherOptions",
                                           batchDims=INT32_MIN)),
            ("E31_gather_nd_depth", moved("GATHER_ND", [(2, 3), [[0, 0, 0]]],
                                          [(1,)])),
            ("E31_gather_nd_beyond", moved("GATHER_ND", [(2, 3), [[0, 3]]],
                                           [(1,)])),
            ("E31_one_hot_depth", moved("ONE_HOT", [[0, 1], [-2], (1,), (1,)],
                                        [(2, 2)], "OneHotOptions", axis=-1)),
            ("E38_tile_0", moved("TILE", [(2, 3), [0, 1]], [(2, 3)])),
            ("E38_tile_wraps", moved("TILE", [(2, 3), [INT32_MAX, 1]],
                                     [(2, 3)])),
            ("E38_broadcast", moved("BROADCAST_TO", [(2, 3), [2, 6]],
                                    [(2, 6)])),
            ("E38_fill_wraps", moved("FILL", [[INT32_MAX, INT32_MAX], (1,)],
                                     [(2, 6)])),
            ("E38_reverse_axis", moved("REVERSE_V2", [(2, 3), [2]],
                                       [(2, 3)])),
            ("E38_pack_counts", moved("PACK", [(2, 3), (2, 3)], [(3, 2, 3)],
                                      "PackOptions", valuesCount=2)),
            ("E38_pack_axis", moved("PACK", [(2, 3)], [(1, 2, 3)],
                                    "PackOptions", axis=7))):
        lower(name, make, lambda n: None,
              "*" if "one_hot" in name or "rank_7" in name else
              "TIN_ERR_SHAPE")
    unsupported_lists = (
        ("E24_runtime_pads", "PAD", [(1, 3), (2, 2)], [(1, 3)]),
        ("E26_runtime_begin", "SLICE", [(4,), (1,), [2]], [(2,)]),
        ("E38_runtime_tile", "TILE", [(4,), (1,)], [(4,)]),
        ("E38_runtime_axis", "SPLIT", [(1,), (4,)], [(4,)]),
        ("E38_runtime_range", "RANGE", [(1,), [5], [1]], [(5,)]))
    for name, op, shapes, out in unsupported_lists:
        lower_unsupported(name, moved(op, shapes, out), lambda n: put(
            n.graph.tensors[0 if op in ("SPLIT", "RANGE") else 1], type=T.INT32,
            quantization=None))
    fmt("E25_mirror_mode", moved("MIRROR_PAD", [(1, 3), [[0, 0], [1, 0]]],
                                 [(1, 4)], "MirrorPadOptions", mode=7),
        lambda n: None, "the mode 7 is not in the schema")
    lower_quant("E26_slice_scale", moved("SLICE", [(4,), [0], [2]], [(2,)]),
                lambda n: put(n.tensor("out0").quantization, scale=[0.25]))
    lower_unsupported("E26_slice_type", moved("SLICE", [(4,), [0], [2]],
                                              [(2,)]),
                      lambda n: put(n.tensor("out0"), type=T.INT32,
                                    quantization=None))


def write_f_h():
    def activation(which):
        def change(n):
            i = next(i for i, t in enumerate(n.graph.tensors)
                     if t.name == which)
            n.tensor(which).buffer = 0
            n.graph.inputs = list(n.graph.inputs) + [i]
        return change
    lower_unsupported("F04_reshape_by_activation", reshape, activation("shape"))
    lower_unsupported("F04_mean_by_activation", mean, activation("axes"))
    lower_unsupported("F04_pad_by_activation", pad, activation("pads"))
    lower_unsupported("F04_conv_weights_activation", conv, lambda n: all_of(
        put(n.tensor("w").quantization, scale=[0.5], zeroPoint=[0]),
        activation("w")(n)))
    names = ['*/ system("x"); /*', '"\\', "a\nb\r\t", "??/", "%n%s", "while"]
    ok("H01_names", lambda: relu(5), lambda n: all_of(*[
        put(t, name=x) for t, x in zip(n.graph.tensors, names)]))
    unsupported("H01_name_in_message", relu, lambda n: all_of(
        put(n.tensor("t1"), name="a\n\x1b[31m\u202e%s"),
        put(n.model.operatorCodes[0], builtinCode=OP.LSH_PROJECTION,
            deprecatedBuiltinCode=OP.LSH_PROJECTION)),
        "layer 0 'a??[31m???%s': operator LSH_PROJECTION")
    ok("H02_similar_names", lambda: relu(3), lambda n: all_of(*[
        put(t, name=x) for t, x in
        zip(n.graph.tensors, ["a/b", "a.b", "a_b", "a:b"])]))


# ---- Unary operators --------------------------------------------------------


def unary(code, kind=0, opts=None, **out):
    return single(code, [tensor("in", 1, 4)], [tensor("out", 1, 4, **out)],
                  kind, opts)


def write_unary():
    def refuse(slug, make, status, message, change=lambda n: None):
        bad(slug, make, change, "TIN_ERR_" + status, message, "lower")

    def types(type):
        return lambda n: all_of(put(n.tensor("in"), type=type),
                                put(n.tensor("out"), type=type))

    refuse("D14_tanh_output_scale", lambda: unary(OP.TANH, scale=1 / 64),
           "QUANT", "scale 1/128")
    refuse("D14_tanh_zero_point",
           lambda: unary(OP.TANH, scale=1 / 128, zero=3), "QUANT",
           "zero point 0")
    refuse("D14_tanh_s16_output_scale", lambda: unary(OP.TANH, scale=1 / 128),
           "QUANT", "scale 1/32768", types(T.INT16))
    refuse("D14_log_softmax_output_scale",
           lambda: unary(OP.LOG_SOFTMAX, scale=1 / 8, zero=127), "QUANT",
           "scale 1/16")
    refuse("D07_hard_swish_scales", lambda: unary(OP.HARD_SWISH, scale=1e-6),
           "QUANT", "too far apart")
    refuse("D07_abs_scales", lambda: unary(OP.ABS, scale=1e-8), "QUANT",
           "too far apart")
    refuse("D07_rsqrt_scales", lambda: unary(OP.RSQRT, scale=1e5), "QUANT",
           "too small or too large")
    refuse("D07_prelu_scales", lambda: single(
        OP.PRELU, [tensor("in", 1, 4), tensor("a", 4, data=i8(4), scale=1e7)],
        [tensor("out", 1, 4)]), "QUANT", "shift")
    refuse("E09_prelu_slopes", lambda: single(
        OP.PRELU, [tensor("in", 1, 4), tensor("a", 3, data=i8(3))],
        [tensor("out", 1, 4)]), "SHAPE", "shapes of inputs and output")
    refuse("E40_sin_s8", lambda: unary(OP.SIN), "UNSUPPORTED",
           "type int8 is not supported; supported are: float32")
    refuse("D13_relu_s16_unquantized", lambda: unary(OP.RELU), "QUANT",
           "no scale", lambda n: all_of(types(T.INT16)(n), put(
               n.tensor("in"), quantization=None)))
    k, o = options("LeakyReluOptions", alpha=float("nan"))
    refuse("E20_leaky_relu_alpha_nan", lambda: unary(OP.LEAKY_RELU, k, o),
           "ARG", "alpha is not finite")
    refuse("E09_cast_shape", lambda: single(
        OP.CAST, [tensor("in", 1, 4)], [tensor("out", 4, 1)]), "SHAPE",
        "output shape is")


# ---- I: state ---------------------------------------------------------------


def delay():
    """Reads a variable and writes the input to it; subgraph 1 is called."""
    n = Net()
    handle = n.add("handle", [], T.RESOURCE, None)
    x, y = n.add("x", [1, 4]), n.add("y", [1, 4])
    k, o = options("CallOnceOptions", initSubgraphIndex=1)
    n.op(OP.CALL_ONCE, [], [], k, o)
    k, o = options("VarHandleOptions", sharedName="v")
    n.op(OP.VAR_HANDLE, [], [handle], k, o)
    n.op(OP.READ_VARIABLE, [handle], [y])
    n.op(OP.ASSIGN_VARIABLE, [handle, x], [])
    n.graph.inputs, n.graph.outputs = [x], [y]
    called = Net()
    called.model, called.graph.name = n.model, "called"
    h = called.add("handle", [], T.RESOURCE, None)
    w = called.add("initial", [1, 4], data=i8(1, 4))
    called.op(OP.VAR_HANDLE, [], [h], k, o)
    called.op(OP.ASSIGN_VARIABLE, [h, w], [])
    n.model.subgraphs.append(called.graph)
    return n


def svdf():
    n = single(OP.SVDF, [
        tensor("x", 1, 3), tensor("f", 2, 3, data=i8(2, 3)),
        tensor("t", 2, 4, data=i8(2, 4)),
        tensor("b", 2, type=T.INT32, data=ints(1, 2)), tensor("state", 1, 8)],
        [tensor("y", 1, 2)], *options("SVDFOptions", rank=1))
    put(n.tensor("state"), isVariable=True)
    n.graph.inputs = [0]
    return n


def lstm():
    def weights(name, columns):
        return [tensor("%s%d" % (name, i), 2, columns, data=i8(2, columns))
                for i in range(4)]
    n = single(OP.UNIDIRECTIONAL_SEQUENCE_LSTM, [
        tensor("x", 1, 4, 3)] + weights("w", 3) + weights("r", 2) + [
        tensor("b%d" % i, 2, type=T.INT32, data=ints(1, 2))
        for i in range(4)] + [
        tensor("h", 1, 2), tensor("c", 1, 2, type=T.INT16, scale=2.0**-11)],
        [tensor("y", 1, 4, 2)], *options(
            "UnidirectionalSequenceLSTMOptions", fusedActivationFunction=4))
    put(n.tensor("h"), isVariable=True)
    put(n.tensor("c"), isVariable=True)
    n.graph.inputs = [0]
    ins = n.graph.operators[0].inputs
    n.graph.operators[0].inputs = (
        ins[:9] + [-1] * 3 + ins[9:13] + [-1] * 2 + ins[13:] + [-1] * 4)
    return n


def write_i():
    def operator(i, **fields):
        return lambda n: put(n.graph.operators[i], **fields)

    def called(n):
        return n.model.subgraphs[1]

    def initialise_again(n, shape, data, **more):
        again = Net()
        again.model, again.graph = n.model, called(n)
        value = again.add("again", shape, data=data, **more)
        again.op(OP.ASSIGN_VARIABLE, [0, value], [])

    for f in (delay, svdf, lstm):
        ok("I01_" + f.__name__, f, lambda n: None)
    fmt("I02_read_without_handle", delay, operator(2, inputs=[1]),
        "no handle of a variable")
    fmt("I02_assign_to_tensor", delay, operator(3, inputs=[1, 1]),
        "no handle of a variable")
    fmt("I02_assign_handle", delay, operator(3, inputs=[0, 0]),
        "the handle of a variable")
    unsupported("I02_handle_as_output", delay, lambda n: put(
        n.graph, outputs=[0]), "output tensor 0")
    for index in (0, 2, -1):
        fmt("I03_calls_%d" % index, delay, lambda n: put(
            n.options(0), initSubgraphIndex=index), "it calls subgraph")
    unsupported("I04_computed_initial", delay, lambda n: put(
        called(n).operators[1], opcodeIndex=2, inputs=[0], outputs=[1]),
        "READ_VARIABLE is not supported where variables are initialised")
    unsupported("I04_unknown_initial", delay, lambda n: put(
        called(n).tensors[1], buffer=0), "which is no constant")
    fmt("I04_short_initial", delay, lambda n: put(
        n.model.buffers[called(n).tensors[1].buffer],
        data=np.zeros(3, np.uint8)), "contents have 3 bytes")
    fmt("I04_no_handle", delay, lambda n: put(
        called(n).operators[1], inputs=[1, 1]), "no handle of a variable")
    fmt("I04_other_initial_shape", delay, lambda n: initialise_again(
        n, [1, 2], i8(1, 2)), "another type or shape")
    fmt("I04_other_initial_type", delay, lambda n: initialise_again(
        n, [1, 4], ints(1, 2, 3, 4), type=T.INT32), "another type or shape")
    lower("I05_other_shape", delay, lambda n: put(
        n.tensor("x"), shape=[4, 1]), "TIN_ERR_SHAPE")
    lower("I05_other_type", delay, lambda n: put(
        n.tensor("x"), type=T.FLOAT32), "TIN_ERR_UNSUPPORTED")
    lower("I05_other_scale", delay, lambda n: put(
        n.tensor("x").quantization, scale=[0.25]), "TIN_ERR_QUANT")
    lower_unsupported("I06_svdf_state", svdf, lambda n: all_of(
        put(n.tensor("state"), isVariable=False),
        put(n.graph, inputs=[0, 4])))
    lower("I06_svdf_rank", svdf, lambda n: put(n.options(), rank=0),
          "TIN_ERR_SHAPE")
    lower("I06_svdf_large_rank", svdf, lambda n: put(
        n.options(), rank=INT32_MAX), "TIN_ERR_SHAPE")
    lower("I06_svdf_state_u8", svdf, lambda n: put(
        n.tensor("state"), type=T.UINT8, quantization=None))
    unsupported("I06_svdf_variable_weights", svdf, lambda n: put(
        n.tensor("f"), isVariable=True, buffer=0), "is a variable")
    lower_unsupported("I07_lstm_state", lstm, lambda n: all_of(
        put(n.tensor("h"), isVariable=False), put(n.graph, inputs=[0, 13])))
    fmt("I07_lstm_one_state", lstm, lambda n: n.graph.operators[0].inputs
        .__setitem__(19, 13), "is used twice")
    lower_unsupported("I07_lstm_coupled", lstm, lambda n: n.graph.operators[0]
                      .inputs.__setitem__(1, -1))
    lower_unsupported("I07_lstm_peephole", lstm, lambda n: n.graph.operators[0]
                      .inputs.__setitem__(10, 9))
    lower("I07_lstm_cell_scale", lstm, lambda n: put(
        n.tensor("c").quantization, scale=[0.3]), "TIN_ERR_QUANT")
    lower("I07_lstm_cell_large", lstm, lambda n: put(
        n.tensor("c").quantization, scale=[8.0]), "TIN_ERR_QUANT")
    lower("I07_lstm_weights", lstm, lambda n: put(
        n.tensor("r2"), shape=[1, 4]), "TIN_ERR_SHAPE")
    unsupported("I07_lstm_activation", lstm, lambda n: put(
        n.options(), fusedActivationFunction=1), "TANH")


def main():
    for name in os.listdir(OUT):
        if name.endswith(".tflite"):
            os.remove(os.path.join(OUT, name))
    for part in (write_valid, write_a, write_b, write_c, write_d, write_e,
                 write_move, write_f_h, write_unary, write_i):
        part()
    with open(os.path.join(OUT, "expected.txt"), "w") as f:
        f.write("# Made by tests/bad/gen/make_bad.py with TensorFlow 2.19.0; "
                "do not edit.\n")
        f.write("# file stage status part-of-the-message\n")
        f.write("\n".join(expected) + "\n")
    print("%d files" % len(expected))


if __name__ == "__main__":
    main()
