# SPDX-License-Identifier: MIT
"""Cases of what is known before a network runs: shapes, arithmetic on them,
and sparse constants."""

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from case import TYPES, Case, Draw, quant
from cases_move import each
from tflite_model import FLOAT16, FLOAT32, INT32, INT64, INT8, NUMPY, Net

SHAPES = {
    "rank1": (5,), "rank2": (3, 4), "rank3": (2, 3, 4), "rank4": (1, 4, 5, 2),
    "batch": (3, 2, 2, 2), "rank5": (2, 1, 3, 2, 2), "one": (1,),
    "ones": (1, 1, 1, 1), "row": (1, 9), "column": (9, 1), "long": (40,),
    "rank6": (1, 2, 1, 2, 1, 3), "image": (1, 6, 6, 1),
}


class Shapes(Net):
    """A network that computes with shapes; int64 where `wide`."""

    def __init__(self, wide=False):
        super().__init__()
        self.int = INT64 if wide else INT32

    def const(self, data, type=None):
        data = np.array(data)
        return self.tensor(data.shape, type or INT32, data=data)

    def add(self, name, inputs, shape, type=None, **options):
        out = self.tensor(shape, self.int if type is None else type)
        self.op(name, inputs, [out], **options)
        return out

    def shape_of(self, x):
        n = len(self.tensors[x].shape)
        return self.add("SHAPE", [x], (n,), outType=self.int)

    def pick(self, shape, i):
        return self.add("STRIDED_SLICE", [
            shape, self.const([i]), self.const([i + 1]), self.const([1])], (),
            shrinkAxisMask=1)


def known(file, op):
    """SHAPE or RANK of an input of any type."""
    for type, name, shape in each(SHAPES):
        name = "%s_%s" % (type, name)
        draw, t = Draw("%s/%s" % (file, name)), TYPES[type]
        wide = op == "SHAPE" and len(name) % 2 == 0
        net = Shapes(wide)
        x = net.tensor(shape, t, **quant(t, np.float32(0.05), 3))
        y = net.shape_of(x) if op == "SHAPE" else net.add("RANK", [x], ())
        yield Case(name, net.build([x], [y]), [draw.values(t, shape)])


# ---- Ranges: start, limit, delta

RANGE = {
    "up": (0, 7, 1), "from": (3, 9, 1), "steps": (0, 10, 3), "exact": (1, 10, 3),
    "down": (9, 2, -2), "below_zero": (-5, 4, 2), "to_below": (3, -8, -3),
    "one": (4, 5, 1), "long_step": (0, 3, 100), "large": (0, 300, 7),
    "negative": (-9, -2, 3), "back_exact": (6, 0, -2),
}


def ranges():
    for type, name, c in each(RANGE, ("s32", "s64", "f32")):
        t = TYPES[type]
        net = Net()
        if type == "f32":
            c = [np.float32(x) * np.float32(0.3) for x in c]
        n = int(np.ceil(np.abs((c[1] - c[0]) / c[2])))
        x = net.tensor((2,), FLOAT32)
        z = net.tensor((2,), FLOAT32)
        y = net.tensor((n,), t)
        net.op("RANGE", [net.tensor((), t, data=v) for v in c], [y])
        net.op("RELU", [x], [z])
        yield Case("%s_%s" % (type, name), net.build([x], [y, z]),
                   [np.float32([1, -1])])


# ---- Shapes that two shapes are broadcast to

ARGS = {
    "same": ((2, 3), (2, 3)), "ones": ((1, 3), (2, 1)), "longer": ((4, 2, 3),
                                                                  (2, 3)),
    "shorter": ((3,), (2, 2, 3)), "all_ones": ((1, 1), (1,)),
    "rank1": ((5,), (1,)), "rank4": ((2, 1, 3, 1), (1, 4, 1, 5)),
    "middle": ((2, 1, 3), (4, 1)), "one_first": ((1,), (7, 1)),
    "equal_ranks": ((1, 1, 6), (3, 1, 1)), "rank5": ((2, 1, 1, 1, 3), (2, 1)),
    "left": ((9, 1), (1,)),
}


def broadcast_args():
    for type, name, shapes in each(ARGS, ("s32", "s64")):
        name = "%s_%s" % (type, name)
        draw = Draw("broadcast_args/" + name)
        net = Shapes(type == "s64")
        ins = [net.tensor(s, FLOAT32) for s in shapes]
        y = net.add("BROADCAST_ARGS", [net.shape_of(x) for x in ins],
                    (max(len(s) for s in shapes),))
        yield Case(name, net.build(ins, [y]),
                   [draw.float32(s) for s in shapes])


# ---- Arithmetic on shapes, as converters leave it

def reshape_batch(net, x, type, shape):
    """Keras' Reshape: the batch and fixed numbers."""
    n = net.pick(net.shape_of(x), 0)
    rest = int(np.prod(shape[1:]))
    to = net.add("PACK", [n, net.const(rest, net.int)], (2,), axis=0,
                 valuesCount=2)
    return to, (shape[0], rest), "RESHAPE"


def reshape_swap(net, x, type, shape):
    """All extents of the input, in another order."""
    s = net.shape_of(x)
    parts = [net.pick(s, i) for i in (0, 2, 1)]
    to = net.add("PACK", parts, (3,), axis=0, valuesCount=3)
    return to, (shape[0], shape[2], shape[1]), "RESHAPE"


def reshape_join(net, x, type, shape):
    """The first extents and a rest of -1."""
    s = net.shape_of(x)
    first = net.add("SLICE", [s, net.const([0]), net.const([2])], (2,))
    to = net.add("CONCATENATION", [first, net.const([-1], net.int)], (3,),
                 axis=0)
    return to, (shape[0], shape[1], int(np.prod(shape[2:]))), "RESHAPE"


def reshape_turned(net, x, type, shape):
    """The extents by indices, one of them joined from two."""
    s = net.add("GATHER", [net.shape_of(x), net.const([1, 0, 2])], (3,),
                axis=0)
    return s, (shape[1], shape[0], shape[2]), "RESHAPE"


def broadcast_rows(net, x, type, shape):
    """One row to as many as another tensor has."""
    s = net.shape_of(x)
    to = net.add("CONCATENATION", [net.const([2], net.int), s],
                 (1 + len(shape),), axis=0)
    return to, (2, *shape), "BROADCAST_TO"


def broadcast_args_chain(net, x, type, shape):
    s = net.shape_of(x)
    wide = net.const([2] + [1] * len(shape), net.int)
    to = net.add("BROADCAST_ARGS", [s, wide], (1 + len(shape),))
    return to, (2, *shape), "BROADCAST_TO"


def fill_zeros(net, x, type, shape):
    """The first state of a recurrent layer: zeros for each of a batch."""
    n = net.pick(net.shape_of(x), 0)
    to = net.add("PACK", [n, net.const(5, net.int)], (2,), axis=0,
                 valuesCount=2)
    return to, (shape[0], 5), "FILL"


def unpacked(net, x, type, shape):
    s = net.shape_of(x)
    parts = [net.tensor((), net.int) for _ in shape]
    net.op("UNPACK", [s], parts, num=len(parts), axis=0)
    to = net.add("PACK", parts[::-1], (len(parts),), axis=0,
                 valuesCount=len(parts))
    return to, shape[::-1], "RESHAPE"


def split_and_packed(net, x, type, shape):
    s = net.shape_of(x)
    parts = [net.tensor((1,), net.int) for _ in shape]
    net.op("SPLIT", [net.const(0), s], parts, numSplits=len(parts))
    to = net.add("CONCATENATION", parts[1:] + parts[:1], (len(parts),), axis=0)
    return to, (*shape[1:], shape[0]), "RESHAPE"


CHAINS = (reshape_batch, reshape_swap, reshape_join, reshape_turned,
          broadcast_rows, broadcast_args_chain, fill_zeros, unpacked,
          split_and_packed)


def folded():
    """RESHAPE takes int32 only; UNPACK has no int64 in the reference."""
    for chain in CHAINS:
        for type in ("s8", "f32"):
            for wide in (False, True):
                t = TYPES[type]
                shape = (2, 3, 4)
                net = Shapes(wide)
                name = "%s_%s%s" % (type, chain.__name__,
                                    "_int64" if wide else "")
                q = quant(t, np.float32(0.05), 7)
                x = net.tensor(shape, t, **q)
                to, out, op = chain(net, x, t, shape)
                if wide and op == "RESHAPE":
                    continue
                y = net.tensor(out, t, **q)
                if op == "FILL":
                    value = net.tensor((), t, data=0, **q)
                    net.op("FILL", [to, value], [y])
                else:
                    net.op(op, [x, to], [y],
                           version=2 if op == "BROADCAST_TO" else 1)
                yield Case(name, net.build([x], [y]),
                           [Draw("folded/" + name).values(t, shape)])


# ---- Sparse constants: shape, traversal, sparse levels, blocks

SPARSE = {
    "rows": ((4, 6), (0, 1), (1,)), "columns": ((4, 6), (1, 0), (1,)),
    "both": ((5, 4), (0, 1), (0, 1)), "dense": ((3, 4), (0, 1), ()),
    "rank1": ((9,), (0,), (0,)), "rank3": ((2, 3, 5), (0, 1, 2), (2,)),
    "rank4": ((2, 2, 3, 4), (0, 1, 2, 3), (1, 3)),
    "blocks": ((4, 8), (0, 1, 2), (1,), ((1, 4),)),
    "blocks_2x2": ((6, 4), (0, 1, 2, 3), (1,), ((0, 2), (1, 2))),
    "blocks_turned": ((4, 6), (1, 0, 3, 2), (1,), ((0, 2), (1, 3))),
    "empty_rows": ((5, 3), (0, 1), (1,), (), 0.1),
    "full": ((3, 5), (0, 1), (1,), (), 1.0),
    "nothing": ((3, 4), (0, 1), (1,), (), 0.0),
    "long": ((2, 300), (0, 1), (1,)),
}


def index_vector(values, kind):
    make, dtype = ((schema.Int32VectorT, np.int32),
                   (schema.Uint16VectorT, np.uint16),
                   (schema.Uint8VectorT, np.uint8))[kind]
    v = make()
    v.values = np.array(values, dtype)
    return v, kind + 1


def sparse(data, order, levels, blocks, kind):
    """The table of a sparse tensor, and the values that are stored."""
    rank = data.ndim
    sizes = list(data.shape)
    for axis, size in blocks:
        sizes[axis] //= size
    sizes += [size for _, size in blocks]

    def at(place):
        index = list(place[:rank])
        for k, (axis, size) in enumerate(blocks):
            index[axis] = index[axis] * size + place[rank + k]
        return data[tuple(index)]

    def block(path):
        """All values below a path through the levels."""
        if len(path) == len(order):
            place = [0] * len(order)
            for level, i in zip(order, path):
                place[level] = i
            return [at(place)]
        return [v for i in range(sizes[order[len(path)]])
                for v in block(path + (i,))]

    paths, table = [()], schema.SparsityParametersT()
    table.traversalOrder = np.array(order, np.int32)
    table.blockMap = np.array([axis for axis, _ in blocks], np.int32)
    table.dimMetadata = []
    for level, d in enumerate(order):
        m = schema.DimensionMetadataT()
        m.denseSize = sizes[d]
        if level in levels:
            m.format = schema.DimensionType.SPARSE_CSR
            segments, indices = [0], []
            for p in paths:
                indices += [i for i in range(sizes[d])
                            if np.any(block(p + (i,)))]
                segments.append(len(indices))
            (m.arraySegments, m.arraySegmentsType) = index_vector(segments,
                                                                  kind)
            (m.arrayIndices, m.arrayIndicesType) = index_vector(indices, kind)
            paths = [p + (i,) for p, a, b in zip(paths, segments, segments[1:])
                     for i in indices[a:b]]
        else:
            m.denseSize = sizes[d]
            paths = [p + (i,) for p in paths for i in range(sizes[d])]
        table.dimMetadata.append(m)
    return table, [v for p in paths for v in block(p)]


def densify():
    for type, name, c in each(SPARSE, ("f32", "s8")):
        t = TYPES[type]
        name = "%s_%s" % (type, name)
        shape, order, levels = c[:3]
        blocks = c[3] if len(c) > 3 else ()
        share = c[4] if len(c) > 4 else 0.3
        draw = Draw("densify/" + name)
        data = draw.values(t, shape) * (draw.r.random_sample(shape) < share)
        data = data.astype(NUMPY[t])
        kind = 1 if "long" in name else len(name) % 3
        table, stored = sparse(data, order, levels, blocks, kind)
        net = Net()
        q = quant(t, np.float32(0.05), 0)
        x, z = net.tensor((2,), FLOAT32), net.tensor((2,), FLOAT32)
        w = net.tensor((len(stored),), t, data=stored, **q)
        net.tensors[w].shape = np.array(shape, np.int32)
        net.tensors[w].sparsity = table
        y = net.tensor(shape, t, **q)
        net.op("DENSIFY", [w], [y])
        net.op("RELU", [x], [z])
        yield Case(name, net.build([x], [y, z]), [np.float32([1, -1])])
    yield from sparse_weights()
    yield from sparse_halves()


def sparse_halves():
    """Sparse float16 weights, as DENSIFY and DEQUANTIZE make them float32."""
    for i in range(12):
        draw = Draw("densify/f16_%d" % i)
        oc, ic = int(draw.r.randint(1, 7)), int(draw.r.randint(2, 12))
        data = draw.float32((oc, ic)) * (draw.r.random_sample((oc, ic)) < 0.4)
        data = data.astype(np.float16)
        table, stored = sparse(data, (0, 1), (1,), (), 2)

        def build(dense):
            net = Net()
            x = net.tensor((2, ic), FLOAT32)
            w = net.tensor((oc, ic), FLOAT32,
                           data=data.astype(np.float32) if dense else None)
            if not dense:
                v = net.tensor((len(stored),), FLOAT16, data=stored)
                net.tensors[v].shape = np.array((oc, ic), np.int32)
                net.tensors[v].sparsity = table
                h = net.tensor((oc, ic), FLOAT16)
                net.op("DENSIFY", [v], [h])
                net.op("DEQUANTIZE", [h], [w], version=3)
            y = net.tensor((2, oc), FLOAT32)
            net.op("FULLY_CONNECTED", [x, w, -1], [y])
            return net.build([x], [y])

        yield Case("f16_%d" % i, build(False), [draw.float32((2, ic))],
                   build(True))


def sparse_weights():
    """Sparse weights of a dense layer, with scales for each channel."""
    for i, scales in enumerate(((0.02,), (0.02, 0.01, 0.03))):
        name = "s8_weights_%d" % i
        draw = Draw("densify/" + name)
        data = draw.values(INT8, (3, 8)) * (draw.r.random_sample((3, 8)) < 0.4)
        data = data.astype(np.int8)
        table, stored = sparse(data, (0, 1), (1,), (), 2)

        def build(dense):
            net = Net()
            x = net.tensor((2, 8), INT8, scale=0.05, zero=3)
            w = net.tensor((3, 8), INT8, data=data if dense else None,
                           scale=scales)
            if not dense:
                v = net.tensor((len(stored),), INT8, data=stored, scale=scales)
                net.tensors[v].shape = np.array((3, 8), np.int32)
                net.tensors[v].sparsity = table
                net.op("DENSIFY", [v], [w])
            y = net.tensor((2, 3), INT8, scale=0.1, zero=-2)
            net.op("FULLY_CONNECTED", [x, w, -1], [y], version=4)
            return net.build([x], [y])

        yield Case(name, build(False), [draw.int8((2, 8))], build(True))


FILES = {
    "shape": (known, "shape", "SHAPE"), "rank": (known, "rank", "RANK"),
    "range": (ranges,), "broadcast_args": (broadcast_args,),
    "folded": (folded,), "densify": (densify,),
}
