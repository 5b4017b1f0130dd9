# SPDX-License-Identifier: MIT
"""Runs models in TensorFlow Lite Micro, in a process of its own, for its
checks end the process that hosts it. oracles.py starts it and talks pickle:
(model, inputs, tensors) -> list of arrays, or a string that says what failed.
The arrays are the tensors of these indices, or with None the outputs.
"""

import os
import pickle
import sys

import numpy as np

from tflite_micro.python.tflite_micro import runtime

Model = runtime.schema_fb.Model

ARENA_BYTES = 8 << 20


def run(model, inputs, tensors):
    # Preserving all tensors keeps memory planning out of the answers.
    interpreter = runtime.Interpreter.from_bytes(
        model, arena_size=ARENA_BYTES, intrepreter_config=runtime
        .InterpreterConfig.kPreserveAllTensors)
    if tensors is None:
        tensors = Model.GetRootAsModel(model, 0).Subgraphs(0).OutputsAsNumpy()
    steps = inputs if inputs and isinstance(inputs[0], list) else [inputs]
    outputs = []
    for step in steps:
        for i, data in enumerate(step):
            interpreter.set_input(data, i)
        interpreter.invoke()
        outputs += [np.array(interpreter.GetTensor(int(t), 0)["tensor_data"])
                    for t in tensors]
    return outputs


def main():
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the interpreter prints must not mix with answers
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = run(*request)
        except Exception as e:  # the message is the answer
            answer = str(e) or type(e).__name__
        pickle.dump(answer, out)
        out.flush()


main()
