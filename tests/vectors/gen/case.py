# SPDX-License-Identifier: MIT
"""What a test case is, and the drawing of its numbers.

Every case draws from a stream of its own, seeded by its name: adding a case
leaves the others as they are. RandomState's streams are frozen by NumPy.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from tflite_model import (BOOL, FLOAT32, INT8, INT16, INT32, INT64, NUMPY,
                          UINT8)


@dataclass
class Case:
    name: str
    model: bytes
    inputs: list  # arrays; lists of them: of several inferences in a row
    # The model that the oracle runs where it is not the one we test.
    oracle_model: bytes = None
    # Whom to follow where they differ: "micro" says that they do not, else
    # "builtin_ref" or "micro_alone", which does not ask the other one;
    # "builtin": nobody but TensorFlow's kernels that are not the reference
    # kernels.
    oracle: str = "micro"


class Draw:
    """Random numbers of one case."""

    def __init__(self, name):
        self.r = np.random.RandomState(zlib.crc32(name.encode()))

    def int8(self, shape, low=-128, high=127):
        return self.r.randint(low, high + 1, size=shape).astype(np.int8)

    def float32(self, shape, scale=1.0):
        # Sums of uniform numbers: no libm that may differ between hosts.
        x = self.r.random_sample(tuple(shape) + (4,)).sum(axis=-1) - 2
        return np.asarray(x * 1.7 * scale, np.float32)

    def scale(self, low=0.002, high=0.1):
        return np.float32(low + (high - low) * self.r.random_sample())

    def scales(self, n, low=0.002, high=0.02):
        return np.float32(low + (high - low) * self.r.random_sample(n))

    def ints(self, type, shape, low=None, high=None):
        """Whole numbers of a type, of all its range if nothing is said."""
        info = np.iinfo(NUMPY[type])
        low = info.min if low is None else low
        high = info.max if high is None else high
        return self.r.randint(low, high, size=shape, dtype=np.int64).astype(
            NUMPY[type]) if high - low < 1 << 62 else self.r.randint(
                -1 << 40, 1 << 40, size=shape, dtype=np.int64)

    def values(self, type, shape):
        if type == INT8:
            return self.int8(shape)
        if type == FLOAT32:
            return self.float32(shape)
        if type == BOOL:
            return self.r.randint(0, 2, size=shape).astype(np.bool_)
        return self.ints(type, shape)


def quant(type, scale, zero):
    """The quantization arguments of Net.tensor; none for other types."""
    if type == INT16:
        return dict(scale=scale, zero=0)
    if type == UINT8:
        zero %= 256
    return dict(scale=scale, zero=zero) if type in (INT8, UINT8) else {}


TYPES = {"s8": INT8, "f32": FLOAT32, "s16": INT16, "u8": UINT8, "s32": INT32,
         "s64": INT64, "bool": BOOL}
