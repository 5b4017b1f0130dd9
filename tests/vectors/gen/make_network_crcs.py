# SPDX-License-Identifier: MIT
"""Writes what the oracle computes in whole networks, tests/vectors/networks/;
see ../README.md.

    python tests/vectors/gen/make_network_crcs.py --shared FOLDER

FOLDER has models/ and data/. Models and data are not committed; of int8
networks CRC-32s are, of float ones the outputs. Two runs make the same bytes.
"""

import argparse
import os
import zlib

import numpy as np

import oracles
from tflite_model import (FLOAT32, NUMPY, dequantized_weights, input_of,
                          operators)

FOLDER = os.path.normpath(
    os.path.join(os.path.dirname(__file__), "..", "networks"))
COMMAND = "python tests/vectors/gen/make_network_crcs.py"

# Network: source of its inputs, how many; for float networks how an int8
# becomes a float: scale * (q - zero).
INT8_NETWORKS = {
    "ic_resnet8_int8": ("ic01", 10),
    "kws_dscnn_int8": ("kws01", 10),
    "vww_mobilenet_int8": ("xorshift", 10),
    "ad_autoencoder_int8": ("xorshift", 10),
}
FLOAT_NETWORKS = {
    "ic_resnet8_f32": ("ic01", 10, 1.0, -128),
    "kws_dscnn_hybrid": ("kws01", 10, 0.5847029, 83),
    "ad_autoencoder_f32": ("xorshift", 2, 0.39101523, 89),
}
EVALS = {"ic_resnet8_int8": 175, "kws_dscnn_int8": 901}  # expected correct


def xorshift(index, count):
    """Bytes that C makes as well: Marsaglia's 13, 17, 5, the highest byte."""
    x, out = 0x9e3779b9 + index, np.empty(count, np.uint8)
    for i in range(count):
        x ^= x << 13 & 0xffffffff
        x ^= x >> 17
        x ^= x << 5 & 0xffffffff
        out[i] = x >> 24
    return out.view(np.int8)


def npy(shared, source, what):
    return np.load(os.path.join(shared, "data", source, what + ".npy"))


def all_inputs(shared, source, shape, count=None):
    """int8 inputs of a source, each of shape [1, ..]."""
    if source == "xorshift":
        size = int(np.prod(shape))
        return [xorshift(i, size).reshape(shape) for i in range(count)]
    x = npy(shared, source, "inputs")
    if x.dtype == np.uint8:
        x = (x.astype(np.int16) - 128).astype(np.int8)
    return [x[i:i + 1] for i in range(len(x) if count is None else count)]


def head(name, model):
    return ("# %s by %s; reference kernels, double rounding; %s\n"
            "model %d %08x\n" % (name, oracles.VERSIONS, COMMAND, len(model),
                                 zlib.crc32(model)))


def write(name, lines):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.writelines(lines)
    print(name, os.path.getsize(f.name), "bytes")


def int8_network(shared, micro, name, model, source, count):
    shape, _ = input_of(model)
    ops = list(operators(model))
    lines = [head(name, model), "inputs %s %d\n" % (source, count)]
    for i, x in enumerate(all_inputs(shared, source, shape, count)):
        tensors = [tensor for _, tensor in ops]
        outputs = micro.run(model, [x], tensors)
        for y, other in zip(outputs, oracles.builtin_ref(model, [x], tensors)):
            assert np.array_equal(y, other)
        lines += ["%d %d %s %08x\n" % (i, layer, op, zlib.crc32(
            np.ascontiguousarray(y).tobytes()))
            for layer, ((op, _), y) in enumerate(zip(ops, outputs))]
    if name in EVALS:
        labels, correct, crc = npy(shared, source, "labels"), 0, 0
        for x, label in zip(all_inputs(shared, source, shape), labels):
            y = micro.run(model, [x])[0]
            correct += int(np.argmax(y) == label)  # the first of equals
            crc = zlib.crc32(y.tobytes(), crc)
        assert correct == EVALS[name], correct
        lines.append("eval %s %d %d %08x\n" % (source, len(labels), correct,
                                               crc))
    write(name + ".crc", lines)


def float_network(shared, micro, name, model, source, count, scale, zero):
    shape, type = input_of(model)
    assert type == FLOAT32
    lines = [head(name, model),
             "inputs %s %d %.9g %d\n" % (source, count, np.float32(scale),
                                         zero)]
    runnable = dequantized_weights(model)
    for i, x in enumerate(all_inputs(shared, source, shape, count)):
        x = (x.astype(NUMPY[type]) - zero) * np.float32(scale)
        y, = micro.run(runnable, [x])
        by_ref, = oracles.builtin_ref(runnable, [x])
        assert np.allclose(y, by_ref, rtol=1e-5, atol=1e-5)
        lines.append("output %d %d\n" % (i, y.size))
        lines += ["%.9g\n" % v for v in y.ravel()]
    write(name + ".out", lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", required=True)
    shared = parser.parse_args().shared
    micro = oracles.Micro()
    for networks, make in ((INT8_NETWORKS, int8_network),
                           (FLOAT_NETWORKS, float_network)):
        for name, how in networks.items():
            path = os.path.join(shared, "models", name + ".tflite")
            with open(path, "rb") as f:
                make(shared, micro, name, f.read(), *how)
    micro.close()


if __name__ == "__main__":
    main()
