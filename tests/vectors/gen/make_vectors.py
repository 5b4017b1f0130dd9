# SPDX-License-Identifier: MIT
"""Writes the golden vectors, tests/vectors/*.vec; see ../README.md.

    python tests/vectors/gen/make_vectors.py [--check] [FILE ...]

FILE is a name without .vec, all by default. --check writes nothing and fails
where a file would change. Two runs make the same bytes.
"""

import argparse
import os
import sys

import numpy as np

import cases_binary
import cases_graphs
import cases_keras
import cases_image
import cases_move
import cases_plain
import cases_reduce
import cases_s16
import cases_uint8
import cases_unary
import cases_shapes
import cases_state
import cases_weighted
import oracles

FOLDER = os.path.normpath(os.path.join(os.path.dirname(__file__), ".."))
COMMAND = "python tests/vectors/gen/make_vectors.py"
FILES = {**cases_weighted.FILES, **cases_plain.FILES, **cases_graphs.FILES,
         **cases_keras.FILES, **cases_move.FILES, **cases_s16.FILES,
         **cases_reduce.FILES, **cases_binary.FILES, **cases_unary.FILES,
         **cases_shapes.FILES, **cases_image.FILES,
         **cases_uint8.FILES, **cases_state.FILES}


def same(a, b):
    """Whether outputs agree: ints exactly, floats nearly."""
    for x, y in zip(a, b):
        if x.shape != y.shape or x.dtype != y.dtype:
            return False
        if x.dtype != np.float32:
            if not np.array_equal(x, y):
                return False
            continue
        limit = 1e-5 * np.abs(y) + 1e-6 * np.abs(y).max(initial=0)
        if not (np.abs(x - y) <= limit).all():
            return False
    return True


def distance(a, b):
    return max(np.abs(x.astype(np.float64) - y.astype(np.float64)).max(
        initial=0) if x.shape == y.shape else -1 for x, y in zip(a, b))


def attempt(run, *args):
    try:
        return run(*args), None
    except oracles.OracleError as e:
        return None, str(e).strip().splitlines()[-1]


def answer(file, case, micro, log):
    """The outputs to expect and the oracle they come from."""
    model = case.oracle_model or case.model
    if case.oracle == "builtin":
        return oracles.builtin(model, case.inputs), "builtin"
    by_micro, micro_error = attempt(micro.run, model, case.inputs)
    if case.oracle == "micro_alone" and by_micro is not None:
        return by_micro, "tflite-micro"
    by_ref, ref_error = attempt(oracles.builtin_ref, model, case.inputs)
    where = "%s/%s" % (file, case.name)
    if by_micro is None and by_ref is None:
        sys.exit("%s: no oracle: %s; %s" % (where, micro_error, ref_error))
    if by_micro is None:
        log.append("%s: tflite-micro: %s" % (where, micro_error))
        return by_ref, "builtin_ref"
    if by_ref is None:
        log.append("%s: builtin_ref: %s" % (where, ref_error))
    elif not same(by_micro, by_ref):
        log.append("%s: oracles differ by up to %g" % (
            where, distance(by_micro, by_ref)))
        if case.oracle != "builtin_ref":
            sys.exit(log[-1])
        return by_ref, "builtin_ref"
    return by_micro, "tflite-micro"


def block(array):
    data = np.ascontiguousarray(array).tobytes()
    return b"data %d\n" % len(data) + data + b"\n"


def make(file, micro, log):
    function, *args = FILES[file]
    records, seen, alone = [], set(), 0
    for case in function(*args):
        assert case.name not in seen, case.name
        seen.add(case.name)
        outputs, oracle = answer(file, case, micro, log)
        extra = "" if oracle == "tflite-micro" else " oracle=" + oracle
        steps = oracles.steps_of(case.inputs)
        n_out = len(outputs) // len(steps)
        if len(steps) > 1:
            extra = " steps %d" % len(steps) + extra
        head = "case %s model %d inputs %d outputs %d%s\n" % (
            case.name, len(case.model), len(steps[0]), n_out, extra)
        records.append(head.encode() + case.model + b"\n" + b"".join(
            block(a) for k, step in enumerate(steps)
            for a in step + outputs[k * n_out:(k + 1) * n_out]))
    line = ("# %s: %d cases by %s; reference kernels, double rounding; "
            "seeds: CRC-32 of the case's name; %s\n"
            % (file, len(records), oracles.VERSIONS, COMMAND))
    return line.encode() + b"".join(records), len(records)


def write_list():
    """files.inc, from which test_vectors.c makes a test for each file."""
    with open(os.path.join(FOLDER, "files.inc"), "w") as f:
        f.write("/* SPDX-License-Identifier: MIT */\n"
                "/* The files of golden vectors here, without .vec; written "
                "by\n * gen/make_vectors.py. */\n")
        f.writelines("TIN_VECTOR_FILE(%s)\n" % name for name in sorted(FILES)
                     if os.path.exists(os.path.join(FOLDER, name + ".vec")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    micro, log, changed, total = oracles.Micro(), [], 0, 0
    for file in args.files or sorted(FILES):
        data, count = make(file, micro, log)
        path = os.path.join(FOLDER, file + ".vec")
        old = open(path, "rb").read() if os.path.exists(path) else None
        changed += data != old
        total += len(data)
        print("%-20s %3d cases %7d bytes%s" % (
            file, count, len(data), "" if data == old else "  changed"))
        if not args.check:
            with open(path, "wb") as f:
                f.write(data)
    micro.close()
    if not args.check:
        write_list()
    print("%d bytes" % total)
    print("\n".join(log))
    return 1 if args.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
