# SPDX-License-Identifier: MIT
"""The two oracles: TensorFlow Lite Micro, and TensorFlow's reference
kernels. Both take a model and its inputs and return its outputs."""

import importlib.metadata
import os
import pickle
import subprocess
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

warnings.filterwarnings("ignore", module="tensorflow")

VERSIONS = "tflite-micro %s, tensorflow %s, numpy %s" % (
    importlib.metadata.version("tflite-micro"), tf.__version__,
    np.__version__)


def steps_of(inputs):
    """A list of inputs for each inference."""
    return inputs if inputs and isinstance(inputs[0], list) else [inputs]


class OracleError(Exception):
    pass


class Micro:
    """tflite-micro's interpreter, which has the reference kernels."""

    def __init__(self):
        self.process = None

    def _start(self):
        worker = os.path.join(os.path.dirname(__file__), "tflm_worker.py")
        self.process = subprocess.Popen(
            [sys.executable, worker], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def run(self, model, inputs, tensors=None):
        """`inputs`: arrays, or a list of them for each inference in a row;
        the outputs of all inferences follow each other."""
        if self.process is None:
            self._start()
        try:
            pickle.dump((model, inputs, tensors), self.process.stdin)
            self.process.stdin.flush()
            answer = pickle.load(self.process.stdout)
        except (EOFError, BrokenPipeError):
            status = self.process.wait()
            self.process = None
            raise OracleError("process ended with status %d" % status)
        if isinstance(answer, str):
            raise OracleError(answer)
        return answer

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def run_resolved(resolver, model, inputs, tensors):
    """TensorFlow's kernels of this OpResolverType.

    All tensors are preserved: TensorFlow 2.19 lets an ADD overwrite one that
    a chain of RESHAPEs still needs (graphs_f32/12).
    """
    interpreter = tf.lite.Interpreter(
        model_content=model,
        experimental_op_resolver_type=getattr(
            tf.lite.experimental.OpResolverType, resolver),
        experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    if tensors is None:
        tensors = [d["index"] for d in interpreter.get_output_details()]
    outputs = []
    for step in steps_of(inputs):
        for detail, data in zip(interpreter.get_input_details(), step):
            interpreter.set_tensor(detail["index"], data)
        interpreter.invoke()
        outputs += [np.array(interpreter.get_tensor(t)) for t in tensors]
    return outputs


def builtin(model, inputs, tensors=None):
    """TensorFlow's kernels that are not the reference kernels."""
    try:
        return run_resolved("BUILTIN_WITHOUT_DEFAULT_DELEGATES", model, inputs,
                            tensors)
    except (RuntimeError, ValueError) as e:
        raise OracleError(str(e))


def builtin_ref(model, inputs, tensors=None):
    """TensorFlow's reference kernels; its others where there is none."""
    try:
        return run_resolved("BUILTIN_REF", model, inputs, tensors)
    except RuntimeError as e:
        raise OracleError(str(e))
    except ValueError as e:
        if "Didn't find op" not in str(e):
            raise OracleError(str(e))
    return builtin(model, inputs, tensors)
