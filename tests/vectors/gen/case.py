# SPDX-License-Identifier: MIT
"""What a test case is, and the drawing of its numbers.

Every case draws from a stream of its own, seeded by its name: adding a case
leaves the others as they are. RandomState's streams are frozen by NumPy.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from tflite_model import FLOAT32, INT8


@dataclass
class Case:
    name: str
    model: bytes
    inputs: list
    # The model that the oracle runs where it is not the one we test.
    oracle_model: bytes = None
    oracle: str = "micro"  # or "builtin_ref"


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

    def values(self, type, shape):
        return self.int8(shape) if type == INT8 else self.float32(shape)


def quant(type, scale, zero):
    """The quantization arguments of Net.tensor; none for float."""
    return dict(scale=scale, zero=zero) if type == INT8 else {}


TYPES = {"s8": INT8, "f32": FLOAT32}
