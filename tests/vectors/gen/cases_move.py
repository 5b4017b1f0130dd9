# SPDX-License-Identifier: MIT
"""Cases of the operators that move elements, in every type they have."""

import numpy as np

from case import TYPES, Case, Draw, quant
from tflite_model import FLOAT32, INT32, INT64, SAME, Net

ALL = ("s8", "f32", "s16", "u8", "s32", "s64", "bool")


def but(*types):
    """All types that the operator has: both oracles lack the others."""
    return [type for type in ALL if type not in types]


def const(data, type=INT32):
    return np.array(data), type


def follow_tensorflow(case):
    case.oracle = "builtin_ref"
    return case


class Builder:
    """One operator: what it reads, in its order, and what it makes."""

    def __init__(self, file, name, type):
        self.name = "%s_%s" % (type, name)
        self.draw = Draw("%s/%s" % (file, self.name))
        self.type = TYPES[type]
        self.q = quant(self.type, np.float32(0.05),
                       int(self.draw.r.randint(-100, 101)))
        self.net, self.ins, self.data, self.operands = Net(), [], [], []

    def tensor(self, shape, data=None):
        return self.net.tensor(shape, self.type, data=data, **self.q)

    def input(self, shape):
        self.ins.append(self.tensor(shape))
        self.data.append(self.draw.values(self.type, tuple(shape)))
        self.operands.append(self.ins[-1])
        return self

    def constant(self, data, type=INT32):
        data = np.array(data)
        self.operands.append(self.net.tensor(data.shape, type, data=data))
        return self

    def index_input(self, data, type=INT32):
        data = np.array(data)
        self.ins.append(self.net.tensor(data.shape, type))
        self.data.append(data.astype(np.int32 if type == INT32 else np.int64))
        self.operands.append(self.ins[-1])
        return self

    def values(self, shape):
        """A constant of the operator's own type."""
        self.operands.append(self.tensor(
            shape, data=self.draw.values(self.type, tuple(shape))))
        return self

    def case(self, op, shapes, **options):
        outs = [self.tensor(s) for s in shapes]
        self.net.op(op, self.operands, outs, **options)
        return Case(self.name, self.net.build(self.ins, outs), self.data)


def each(table, types=ALL):
    for type in types:
        for name, c in table.items():
            yield type, name, c


# ---- Slices: shape, begin, size

SLICE = {
    "rank1": ((9,), (2,), (4,)),
    "rank2": ((4, 5), (1, 2), (3, 2)),
    "rank3": ((3, 4, 5), (0, 1, 2), (2, 2, 3)),
    "rows": ((1, 6, 4, 3), (0, 2, 0, 0), (1, 3, 4, 3)),
    "columns": ((1, 3, 6, 3), (0, 0, 1, 0), (1, 3, 4, 3)),
    "channels": ((1, 3, 4, 7), (0, 0, 0, 2), (1, 3, 4, 3)),
    "batches": ((4, 2, 2, 3), (1, 0, 0, 0), (2, 2, 2, 3)),
    "batch_rows": ((3, 4, 2, 3), (1, 1, 0, 0), (2, 2, 2, 3)),
    "all_axes": ((3, 4, 5, 4), (1, 1, 1, 1), (2, 2, 3, 2)),
    "to_the_end": ((2, 5, 4, 3), (0, 2, 1, 0), (-1, -1, -1, -1)),
    "whole": ((2, 3, 4, 2), (0, 0, 0, 0), (2, 3, 4, 2)),
    "one_element": ((2, 3, 4, 2), (1, 2, 3, 1), (1, 1, 1, 1)),
    "last_row": ((1, 5, 4, 2), (0, 4, 0, 0), (1, 1, 4, 2)),
    "rank5": ((2, 3, 2, 4, 3), (1, 0, 1, 1, 0), (1, 3, 1, 2, 2)),
    "int64": ((2, 5, 4, 3), (0, 2, 1, 0), (2, 2, -1, 3), INT64),
}


def slice_():
    for type, name, c in each(SLICE):
        i = c[3] if len(c) > 3 else INT32
        size = [s - b if n == -1 else n for s, b, n in zip(*c[:3])]
        yield Builder("slice", name, type).input(c[0]).constant(
            c[1], i).constant(c[2], i).case("SLICE", [size])


# ---- Strided slices, as NumPy writes them

S = np.s_
STRIDED = {
    "rank1": ((11,), S[2:9:3]),
    "rank1_back": ((11,), S[9:2:-2]),
    "rank2": ((5, 6), S[1:4, ::2]),
    "rank3_back": ((4, 5, 3), S[::-1, ::-2, ::-1]),
    "rows": ((1, 8, 3, 2), S[:, 1:7:2]),
    "rows_back": ((1, 8, 3, 2), S[:, ::-1]),
    "columns": ((1, 3, 9, 2), S[:, :, 1::3]),
    "channels": ((1, 3, 4, 8), S[:, :, :, 1::2]),
    "channels_back": ((1, 3, 4, 8), S[:, :, :, ::-1]),
    "batches": ((5, 2, 2, 2), S[1::2]),
    "all": ((4, 5, 6, 7), S[1:4:2, ::2, 4:0:-2, 1:6:3]),
    "negative_ends": ((2, 7, 5, 3), S[-2:-1, -5:-1, -4:, :-1]),
    "beyond": ((2, 4, 5, 3), S[0:99, -99:3, 1:77, -50:50]),
    "shrink_last": ((2, 3, 4), S[:, :, 1]),
    "shrink_first": ((3, 4, 5), S[2]),
    "shrink_negative": ((2, 3, 4, 5), S[:, -1, :, -2]),
    "shrink_all_but_one": ((2, 3, 4), S[1, :, 2]),
    "shrink_to_scalar": ((5,), S[3]),
    "new_axis": ((3, 4), S[:, None, 1:3]),
    "new_axis_first": ((3, 4), S[None, 1:]),
    "ellipsis": ((2, 3, 4, 5), S[1:, ..., 2]),
    "ellipsis_last": ((2, 3, 4, 2), S[0, ...]),
    "all_kinds": ((3, 4, 5), S[1, ..., None, ::2]),
}


def strided_slice():
    for type, name, c in each(STRIDED):
        shape, index = c[:2]
        index = index if isinstance(index, tuple) else (index,)
        begin, end, stride = [], [], []
        mask = dict.fromkeys(("beginMask", "endMask", "ellipsisMask",
                              "newAxisMask", "shrinkAxisMask"), 0)
        for i, e in enumerate(index):
            b, n, s = 0, 0, 1
            if e is None:
                mask["newAxisMask"] |= 1 << i
            elif e is Ellipsis:
                mask["ellipsisMask"] |= 1 << i
            elif isinstance(e, int):
                b, n = e, e + 1
                mask["shrinkAxisMask"] |= 1 << i
            else:
                b, n, s = e.start, e.stop, e.step or 1
                mask["beginMask"] |= (b is None) << i
                mask["endMask"] |= (n is None) << i
            begin.append(b or 0), end.append(n or 0), stride.append(s)
        out = np.empty(shape)[c[1]].shape
        yield Builder("strided_slice", name, type).input(shape).constant(
            begin).constant(end).constant(stride).case(
                "STRIDED_SLICE", [out], **mask)


# ---- Pack: shape, axis, how many; unpack: shape, axis

PACK = {
    "rank1_first": ((4,), 0, 3), "rank1_last": ((4,), 1, 3),
    "rank2_first": ((3, 4), 0, 2), "rank2_middle": ((3, 4), 1, 2),
    "rank2_last": ((3, 4), 2, 2), "rank2_negative": ((3, 4), -1, 3),
    "rank3_first": ((2, 3, 4), 0, 2), "rank3_second": ((2, 3, 4), 1, 2),
    "rank3_third": ((2, 3, 4), 2, 3), "rank3_last": ((2, 3, 4), 3, 2),
    "rank4_first": ((2, 3, 2, 2), 0, 2), "rank4_rows": ((2, 3, 2, 2), 2, 3),
    "rank4_columns": ((1, 3, 4, 2), 3, 2), "rank4_last": ((1, 3, 4, 2), 4, 2),
    "one": ((3, 4), 1, 1), "ten": ((3,), 0, 10), "scalars": ((), 0, 4),
}


def pack():
    for type, name, (shape, axis, n) in each(PACK, but("bool")):
        b = Builder("pack", name, type)
        out = np.stack([np.empty(shape)] * n, axis).shape
        for i in range(n):
            b.values(shape) if name == "ten" and i % 2 else b.input(shape)
        yield b.case("PACK", [out], axis=axis, valuesCount=n)


UNPACK = {
    "rank1": ((4,), 0), "rank2_first": ((3, 4), 0), "rank2_last": ((3, 4), 1),
    "rank2_negative": ((3, 2), -1), "rank3_first": ((2, 3, 4), 0),
    "rank3_middle": ((2, 3, 4), 1), "rank3_last": ((3, 4, 2), 2),
    "rank4_first": ((3, 2, 3, 2), 0), "rank4_rows": ((2, 3, 2, 2), 1),
    "rank4_columns": ((2, 3, 4, 2), 2), "rank4_last": ((1, 3, 4, 3), 3),
    "rank5": ((2, 2, 3, 2, 2), 2), "one": ((3, 1, 4), 1),
}


def unpack():
    for type, name, (shape, axis) in each(UNPACK, but("s64")):
        out = list(shape)
        n = out.pop(axis)
        yield Builder("unpack", name, type).input(shape).case(
            "UNPACK", [out] * n, axis=axis, num=n)


# ---- Split: shape, axis, parts; split_v: shape, axis, sizes

SPLIT = {
    "rank1": ((6,), 0, 3), "rank2_first": ((4, 3), 0, 2),
    "rank2_last": ((3, 8), 1, 4), "rank3_first": ((4, 2, 3), 0, 2),
    "rank3_middle": ((2, 6, 3), 1, 3), "rank3_last": ((2, 3, 4), -1, 2),
    "batches": ((4, 2, 3, 2), 0, 2), "rows": ((1, 6, 3, 2), 1, 3),
    "columns": ((1, 3, 6, 2), 2, 2), "channels": ((1, 3, 4, 6), 3, 3),
    "channels_batch": ((2, 3, 2, 4), -1, 2), "one": ((1, 3, 4, 2), 3, 1),
    "single_channels": ((1, 2, 3, 5), 3, 5),
}


def split():
    for type, name, (shape, axis, n) in each(SPLIT, but("bool")):
        out = list(shape)
        out[axis] //= n
        yield Builder("split", name, type).constant(axis).input(shape).case(
            "SPLIT", [out] * n, numSplits=n)


SPLIT_V = {
    "rank1": ((6,), 0, (1, 2, 3)), "rank2_first": ((4, 3), 0, (3, 1)),
    "rank2_last": ((3, 8), 1, (1, 5, 2)), "rank3_first": ((4, 2, 3), 0, (1, 3)),
    "rank3_middle": ((2, 6, 3), 1, (4, 2)),
    "rank3_last": ((2, 3, 5), -1, (2, 3)), "batches": ((4, 2, 3, 2), 0, (3, 1)),
    "rows": ((1, 6, 3, 2), 1, (1, 4, 1)), "columns": ((1, 3, 6, 2), 2, (5, 1)),
    "channels": ((1, 3, 4, 6), 3, (1, 2, 3)), "rest": ((1, 3, 4, 6), 3,
                                                       (1, -1, 2)),
    "rest_last": ((2, 7, 3), 1, (2, -1)), "one": ((1, 3, 4, 2), 3, (2,)),
}


def split_v():
    for type, name, (shape, axis, sizes) in each(SPLIT_V, but("bool")):
        rest = shape[axis] - sum(s for s in sizes if s > 0)
        outs = []
        for s in sizes:
            out = list(shape)
            out[axis] = rest if s < 0 else s
            outs.append(out)
        yield Builder("split_v", name, type).input(shape).constant(
            sizes).constant(axis).case("SPLIT_V", outs, numSplits=len(sizes))


# ---- Tile: shape, multiples

TILE = {
    "rank1": ((4,), (3,)), "rank2": ((2, 3), (2, 2)),
    "rank2_rows": ((2, 3), (3, 1)), "rank3": ((2, 3, 2), (2, 1, 3)),
    "rank3_all": ((2, 3, 2), (2, 2, 2)), "rows": ((1, 3, 4, 2), (1, 2, 1, 1)),
    "columns": ((1, 3, 2, 2), (1, 1, 3, 1)),
    "channels": ((1, 3, 2, 2), (1, 1, 1, 4)),
    "batches": ((2, 2, 2, 2), (3, 1, 1, 1)), "all": ((2, 2, 2, 3), (2, 2, 2, 2)),
    "none": ((1, 3, 2, 2), (1, 1, 1, 1)), "pixel": ((1, 1, 1, 1), (2, 3, 2, 2)),
    "int64": ((2, 3), (2, 2), INT64), "rank5": ((2, 1, 2, 2, 2),
                                                (1, 3, 1, 2, 1)),
}


def tile():
    for type, name, c in each(TILE, but("s16")):
        out = np.multiply(c[0], c[1])
        yield Builder("tile", name, type).input(c[0]).constant(
            c[1], c[2] if len(c) > 2 else INT32).case("TILE", [out])


# ---- Transpose: shape, permutation

TRANSPOSE = {
    "rank1": ((5,), (0,)), "rank2": ((3, 5), (1, 0)), "same": ((3, 5), (0, 1)),
    "rank3_021": ((2, 3, 4), (0, 2, 1)), "rank3_102": ((2, 3, 4), (1, 0, 2)),
    "rank3_201": ((2, 3, 4), (2, 0, 1)), "rank3_210": ((2, 3, 4), (2, 1, 0)),
    "nchw": ((2, 3, 4, 5), (0, 3, 1, 2)), "nhwc": ((2, 3, 4, 5), (0, 2, 3, 1)),
    "sides": ((1, 3, 4, 2), (0, 2, 1, 3)), "back": ((2, 3, 4, 2), (3, 2, 1, 0)),
    "heads": ((1, 4, 2, 3), (0, 2, 3, 1)), "column": ((1, 5, 1, 3),
                                                      (0, 2, 1, 3)),
    "rank5": ((2, 3, 2, 2, 3), (4, 0, 3, 1, 2)),
    "rank6": ((2, 1, 3, 2, 2, 2), (5, 2, 0, 4, 1, 3)),
    "shuffle": ((1, 2, 2, 2, 3), (0, 1, 2, 4, 3)),
}


def transpose():
    for type, name, (shape, perm) in each(TRANSPOSE):
        yield Builder("transpose", name, type).input(shape).constant(
            perm).case("TRANSPOSE", [[shape[i] for i in perm]])


# ---- Gather: shape, indices, axis, batch dimensions

GATHER = {
    "rank1": ((7,), (3, 0, 6, 3), 0), "rank1_scalar": ((7,), 4, 0),
    "rows": ((4, 3), (2, 2, 0), 0), "columns": ((3, 5), (4, 0, 1), 1),
    "negative_axis": ((3, 5), (4, 0, 1), -1),
    "rank3_first": ((3, 2, 4), (1, 2), 0), "rank3_middle": ((2, 4, 3), (3, 1), 1),
    "rank3_last": ((2, 3, 5), (0, 4, 2, 2), 2),
    "grid": ((5, 3), ((1, 0), (4, 2), (2, 2)), 0),
    "grid_middle": ((2, 5, 3), ((1, 0), (4, 2)), 1),
    "image_rows": ((1, 4, 3, 2), (3, 0), 1), "channels": ((1, 3, 2, 5),
                                                          (4, 2, 0), 3),
    "batch": ((2, 4, 3), ((1, 3), (0, 2)), 1, 1),
    "batch_axis2": ((2, 2, 5), ((1, 3), (0, 2)), 2, 1),
    "batch_two": ((2, 2, 4), (((1, 3), (0, 2)), ((3, 3), (2, 0))), 2, 2),
}


def gather_shape(shape, index, axis, batch):
    axis %= len(shape)
    return (*shape[:axis], *np.shape(index)[batch:], *shape[axis + 1:])


def gather():
    for type, name, c in each(GATHER):
        shape, index, axis, batch = (*c, 0)[:4]
        b = Builder("gather", name, type).input(shape)
        # a constant every third time, else an input; int64 now and then
        kind = len(name) % 3
        t = INT64 if kind == 1 else INT32
        b.constant(index, t) if kind == 0 else b.index_input(index, t)
        yield b.case("GATHER", [gather_shape(shape, index, axis, batch)],
                     axis=axis, batchDims=batch)


# ---- Gather of points: shape, indices

GATHER_ND = {
    "rank1": ((7,), ((3,), (0,), (6,))), "points": ((3, 4), ((0, 1), (2, 3))),
    "rows": ((3, 4), ((2,), (0,))), "one_row": ((3, 4), (1,)),
    "one_point": ((3, 4), (2, 1)),
    "rank3_points": ((2, 3, 4), ((0, 2, 3), (1, 1, 0), (1, 2, 3))),
    "rank3_lines": ((2, 3, 4), ((0, 2), (1, 1))),
    "rank3_planes": ((3, 2, 4), ((2,), (2,), (0,))),
    "grid": ((3, 4), (((0, 1), (2, 3)), ((1, 1), (0, 0)))),
    "image_pixels": ((1, 3, 4, 2), ((0, 2, 3), (0, 0, 1))),
    "image_rows": ((1, 3, 4, 2), ((0, 2), (0, 0))),
    "rank4_points": ((2, 2, 3, 2), ((1, 0, 2, 1), (0, 1, 1, 0))),
    "grid_rows": ((4, 3), (((0,), (3,)), ((1,), (2,)))),
}


def gather_nd():
    for type, name, (shape, index) in each(GATHER_ND):
        b = Builder("gather_nd", name, type).input(shape)
        depth = np.shape(index)[-1]
        t = INT64 if len(name) % 3 == 1 else INT32
        b.constant(index, t) if len(name) % 3 == 0 else b.index_input(index, t)
        yield b.case("GATHER_ND", [(*np.shape(index)[:-1], *shape[depth:])])


# ---- Embedding lookup: table, words

EMBEDDING = {
    "plain": ((8, 4), (3, 0, 7)), "one_word": ((8, 4), (5,)),
    "one_number": ((6, 1), (0, 5, 2)), "two_words": ((2, 7), (1, 0)),
    "same_word": ((4, 3), (2, 2, 2, 2)), "wide": ((3, 33), (2, 0)),
    "many": ((9, 2), tuple(range(9))), "rank3": ((4, 2, 3), (3, 1)),
    "rank4": ((3, 2, 2, 2), (2, 0)), "single": ((1, 5), (0, 0)),
    "last": ((5, 6), (4,)), "turned": ((5, 3), (4, 3, 2, 1, 0)),
}


def embedding_lookup():
    for type, name, (shape, words) in each(EMBEDDING, but("s16", "s32", "s64", "bool")):
        b = Builder("embedding_lookup", name, type).index_input(words)
        b.values(shape) if len(name) % 2 else b.input(shape)
        yield b.case("EMBEDDING_LOOKUP", [(len(words), *shape[1:])])


# ---- Padding with a value, and with a mirror image: shape, pads

PADV2 = {
    "rank1": ((5,), ((2, 3),)), "rank2": ((3, 4), ((1, 0), (0, 2))),
    "rank3": ((2, 3, 4), ((0, 1), (2, 0), (1, 1))),
    "image": ((1, 4, 5, 3), ((0, 0), (1, 1), (1, 1), (0, 0))),
    "uneven": ((1, 4, 5, 3), ((0, 0), (0, 1), (2, 3), (0, 0))),
    "top": ((1, 4, 5, 2), ((0, 0), (2, 0), (0, 0), (0, 0))),
    "bottom": ((1, 4, 5, 2), ((0, 0), (0, 2), (0, 0), (0, 0))),
    "channels": ((1, 3, 4, 3), ((0, 0), (0, 0), (0, 0), (1, 2))),
    "batch": ((2, 3, 2, 2), ((1, 2), (0, 0), (0, 0), (0, 0))),
    "all": ((2, 3, 2, 2), ((1, 1), (2, 1), (1, 2), (1, 1))),
    "none": ((1, 3, 4, 2), ((0, 0), (0, 0), (0, 0), (0, 0))),
    "pixel": ((1, 1, 1, 1), ((0, 0), (1, 1), (1, 1), (0, 0))),
    "images": ((3, 3, 2, 2), ((0, 0), (1, 0), (0, 1), (0, 0))),
}


def padv2():
    for type, name, (shape, pads) in each(PADV2, but("bool")):
        out = np.add(shape, np.sum(pads, axis=1))
        yield Builder("padv2", name, type).input(shape).constant(pads).values(
            (1,)).case("PADV2", [out])


MIRROR = {
    "rank1": ((5,), ((2, 3),)), "rank2": ((3, 4), ((1, 0), (0, 2))),
    "rank3": ((2, 3, 4), ((0, 1), (2, 0), (1, 1))),
    "image": ((1, 4, 5, 3), ((0, 0), (1, 1), (1, 1), (0, 0))),
    "uneven": ((1, 4, 5, 3), ((0, 0), (0, 1), (2, 3), (0, 0))),
    "most": ((1, 4, 3, 2), ((0, 0), (3, 3), (2, 2), (0, 0))),
    "top": ((1, 4, 5, 2), ((0, 0), (2, 0), (0, 0), (0, 0))),
    "bottom": ((1, 4, 5, 2), ((0, 0), (0, 2), (0, 0), (0, 0))),
    "channels": ((1, 3, 4, 3), ((0, 0), (0, 0), (0, 0), (1, 2))),
    "batch": ((3, 3, 2, 2), ((1, 2), (0, 0), (0, 0), (0, 0))),
    "all": ((2, 3, 3, 2), ((1, 1), (2, 1), (1, 2), (1, 1))),
    "none": ((1, 3, 4, 2), ((0, 0), (0, 0), (0, 0), (0, 0))),
    "int64": ((1, 4, 5, 3), ((0, 0), (2, 1), (1, 0), (0, 0)), INT64),
}


def mirror_pad():
    for type, name, c in each(MIRROR, but("bool")):
        for mode in (0, 1):
            out = np.add(c[0], np.sum(c[1], axis=1))
            yield Builder("mirror_pad", name + ("_edge" if mode else ""),
                          type).input(c[0]).constant(
                              c[1], c[2] if len(c) > 2 else INT32).case(
                                  "MIRROR_PAD", [out], mode=mode)


# ---- Blocks: the flat shape, block size

DEPTH = {
    "plain": ((1, 4, 4, 1), 2), "channels": ((1, 4, 6, 3), 2),
    "three": ((1, 6, 3, 2), 3), "four": ((1, 4, 8, 1), 4),
    "batch": ((2, 4, 2, 3), 2), "one_block": ((1, 2, 2, 2), 2),
    "row": ((1, 2, 8, 3), 2), "column": ((1, 8, 2, 3), 2),
    "size_one": ((1, 3, 4, 2), 1), "batch_three": ((3, 3, 6, 1), 3),
    "wide": ((1, 2, 10, 1), 2), "high": ((1, 10, 2, 1), 2),
}


def deep(shape, b):
    n, h, w, c = shape
    return n, h // b, w // b, c * b * b


def space_to_depth():
    for type, name, (shape, b) in each(DEPTH, but("s16", "bool")):
        yield Builder("space_to_depth", name, type).input(shape).case(
            "SPACE_TO_DEPTH", [deep(shape, b)], blockSize=b)


def depth_to_space():
    for type, name, (shape, b) in each(DEPTH, but("s16", "bool")):
        yield Builder("depth_to_space", name, type).input(deep(shape, b)).case(
            "DEPTH_TO_SPACE", [shape], blockSize=b)


# ---- Blocks of batches: shape, blocks, pads or crops

BATCH = {
    "plain": ((1, 4, 4, 1), (2, 2), ((0, 0), (0, 0))),
    "channels": ((1, 4, 6, 3), (2, 2), ((0, 0), (0, 0))),
    "uneven": ((1, 4, 6, 2), (2, 3), ((0, 0), (0, 0))),
    "padded": ((1, 3, 4, 2), (2, 2), ((1, 0), (0, 0))),
    "padded_all": ((1, 3, 5, 2), (2, 3), ((1, 2), (2, 2))),
    "padded_after": ((1, 3, 3, 2), (2, 2), ((0, 1), (0, 1))),
    "batch": ((2, 4, 2, 3), (2, 2), ((0, 0), (0, 0))),
    "batch_padded": ((3, 2, 3, 2), (2, 2), ((1, 1), (1, 0))),
    "rows_only": ((1, 6, 3, 2), (3, 1), ((0, 0), (0, 0))),
    "columns_only": ((1, 3, 6, 2), (1, 2), ((0, 0), (1, 1))),
    "dilation": ((1, 7, 7, 2), (2, 2), ((2, 3), (2, 3))),
    "rank3": ((1, 6, 3), (2,), ((0, 0),)),
    "rank3_padded": ((2, 5, 3), (2,), ((1, 2),)),
    "size_one": ((1, 3, 4, 2), (1, 1), ((0, 0), (0, 0))),
}


def batched(shape, blocks, pads):
    out = list(shape)
    for i, (b, p) in enumerate(zip(blocks, pads)):
        out[0] *= b
        out[i + 1] = (out[i + 1] + sum(p)) // b
    return out


def space_to_batch():
    for type, name, c in each(BATCH, but("bool")):
        yield follow_tensorflow(
            Builder("space_to_batch_nd", name, type).input(c[0]).constant(
                c[1]).constant(c[2]).case("SPACE_TO_BATCH_ND", [batched(*c)]))


def batch_to_space():
    for type, name, c in each(BATCH, but("bool")):
        yield Builder("batch_to_space_nd", name, type).input(
            batched(*c)).constant(c[1]).constant(c[2]).case(
                "BATCH_TO_SPACE_ND", [c[0]])


# ---- Other shapes of the same, and of one value

EXPAND = {
    "rank1_first": ((4,), 0), "rank1_last": ((4,), 1), "rank2_first": ((3, 4), 0),
    "rank2_middle": ((3, 4), 1), "rank2_last": ((3, 4), 2),
    "negative": ((3, 4), -1), "negative_first": ((3, 4), -3),
    "rank3_first": ((2, 3, 4), 0), "rank3_second": ((2, 3, 4), 1),
    "rank3_last": ((2, 3, 4), 3), "rank4": ((1, 2, 3, 2), 2),
    "scalar": ((), 0), "int64": ((3, 4), 1, INT64),
}


def expand_dims():
    for type, name, c in each(EXPAND):
        yield Builder("expand_dims", name, type).input(c[0]).constant(
            c[1], c[2] if len(c) > 2 else INT32).case(
                "EXPAND_DIMS", [np.expand_dims(np.empty(c[0]), c[1]).shape])
    for type in ("s8", "f32"):
        yield conv1d(type, 1, 12, 3)
        yield conv1d(type, 2, 9, 5)


def conv1d(type, n, length, width):
    """A convolution over one dimension, as Keras exports it."""
    b = Builder("expand_dims", "conv1d_%d" % length, type)
    b.input((n, length, 3)).constant(1)
    c = 4

    def image(*shape):
        return b.tensor(shape)

    weights = b.draw.values(b.type, (c, 1, width, 3))
    q = quant(b.type, np.float32(0.01), 0)
    w = b.net.tensor(weights.shape, b.type, data=weights, **q)
    bias = b.net.tensor((c,), FLOAT32 if type == "f32" else INT32,
                        data=np.zeros(c))
    wide, made = image(n, 1, length, 3), image(n, 1, length, c)
    out = image(n, length, c)
    b.net.op("EXPAND_DIMS", b.operands, [wide])
    b.net.op("CONV_2D", [wide, w, bias], [made], padding=SAME, strideH=1,
             strideW=1, dilationHFactor=1, dilationWFactor=1)
    b.net.op("SQUEEZE", [made], [out], squeezeDims=[1])
    return Case(b.name, b.net.build(b.ins, [out]), b.data)


FILL = {
    "rank1": (5,), "rank2": (3, 4), "rank3": (2, 3, 4), "image": (1, 4, 5, 2),
    "batch": (3, 2, 2, 2), "one": (1,), "ones": (1, 1, 1, 1), "row": (1, 9),
    "column": (9, 1), "rank5": (2, 1, 3, 2, 2), "long": (40,),
    "int64": (2, 3, 2), "int64_rank1": (3,),
}


def fill():
    for type, name, shape in each(FILL, but("u8")):
        yield Builder("fill", name, type).constant(
            shape, INT64 if "int64" in name else INT32).input(()).case(
                "FILL", [shape])


BROADCAST = {
    "scalar": ((), (2, 3)), "rank1": ((3,), (2, 3)), "row": ((1, 4), (3, 4)),
    "column": ((3, 1), (3, 4)), "channels": ((1, 1, 1, 3), (2, 3, 2, 3)),
    "rows": ((1, 3, 1, 1), (1, 3, 4, 2)), "columns": ((4, 1), (1, 3, 4, 2)),
    "batches": ((1, 2, 3, 2), (3, 2, 3, 2)), "same": ((2, 3, 2), (2, 3, 2)),
    "middle": ((2, 1, 3), (2, 4, 3)), "outside": ((1, 4, 1), (3, 4, 2)),
    "rank5": ((2, 1, 1, 2), (3, 2, 2, 3, 2)), "one": ((1,), (1, 1, 1, 5)),
    "int64": ((1, 3, 1), (2, 3, 2), INT64),
}


def broadcast_to():
    for type, name, c in each(BROADCAST):
        yield Builder("broadcast_to", name, type).input(c[0]).constant(
            c[1], c[2] if len(c) > 2 else INT32).case("BROADCAST_TO", [c[1]],
                                                      version=2)


# ---- Reverse: shape, axes

REVERSE = {
    "rank1": ((5,), (0,)), "rank2_rows": ((3, 4), (0,)),
    "rank2_columns": ((3, 4), (1,)), "rank2_both": ((3, 4), (0, 1)),
    "rank3_first": ((3, 2, 4), (0,)), "rank3_middle": ((2, 3, 4), (1,)),
    "rank3_last": ((2, 3, 4), (2,)), "negative": ((2, 3, 4), (-1,)),
    "image_rows": ((1, 4, 3, 2), (1,)), "image_columns": ((1, 3, 4, 2), (2,)),
    "image_both": ((2, 3, 4, 2), (1, 2)), "all": ((2, 3, 2, 3), (0, 1, 2, 3)),
    "channels": ((1, 3, 2, 4), (3,)),
}


def reverse():
    for type, name, (shape, axes) in each(REVERSE):
        yield Builder("reverse_v2", name, type).input(shape).constant(
            axes).case("REVERSE_V2", [shape])


# ---- One hot: indices, depth, axis

ONE_HOT = {
    "rank1": ((0, 2, 1), 3, -1), "rank1_first": ((0, 2, 1), 4, 0),
    "scalar": (2, 4, -1), "rank2": (((0, 1), (2, 1)), 3, -1),
    "rank2_middle": (((0, 1), (2, 1)), 3, 1),
    "rank2_first": (((0, 1, 2), (2, 1, 0)), 4, 0),
    "outside": ((0, -1, 5, 2), 3, -1), "depth_one": ((0, 1, 0), 1, -1),
    "rank3": ((((0, 1), (1, 2)), ((2, 0), (3, 3))), 4, -1),
    "rank3_middle": ((((0, 1), (1, 2)), ((2, 0), (3, 3))), 3, 2),
    "deep": ((9, 0), 11, -1), "last_axis": (((3, 0),), 4, 2),
}


def one_hot():
    for type, name, (index, depth, axis) in each(ONE_HOT, but("s16")):
        out = list(np.shape(index))
        out.insert(axis if axis >= 0 else len(out), depth)
        yield Builder("one_hot", name, type).index_input(
            index, INT64 if len(name) % 2 else INT32).constant(depth).values(
                ()).values(()).case("ONE_HOT", [out], axis=axis)


FILES = {
    "slice": (slice_,), "strided_slice": (strided_slice,), "pack": (pack,),
    "unpack": (unpack,), "split": (split,), "split_v": (split_v,),
    "tile": (tile,), "transpose": (transpose,), "gather": (gather,),
    "gather_nd": (gather_nd,), "embedding_lookup": (embedding_lookup,),
    "padv2": (padv2,), "mirror_pad": (mirror_pad,),
    "space_to_depth": (space_to_depth,), "depth_to_space": (depth_to_space,),
    "space_to_batch_nd": (space_to_batch,),
    "batch_to_space_nd": (batch_to_space,), "expand_dims": (expand_dims,),
    "fill": (fill,), "broadcast_to": (broadcast_to,), "reverse_v2": (reverse,),
    "one_hot": (one_hot,),
}
