# SPDX-License-Identifier: MIT
"""Builds small .tflite files with every parameter under control.

    net = Net()
    x = net.tensor([1, 4, 4, 3], INT8, scale=0.5, zero=-128)
    y = net.tensor([1, 4, 4, 3], INT8, scale=0.5, zero=-128)
    net.op("RELU", [x], [y], version=2)
    data = net.build([x], [y])

Tensors have no names, and nothing is written that a reader does not need: the
files stay at a few hundred bytes.
"""

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

FLOAT32 = schema.TensorType.FLOAT32
FLOAT16 = schema.TensorType.FLOAT16
INT8 = schema.TensorType.INT8
UINT8 = schema.TensorType.UINT8
INT16 = schema.TensorType.INT16
INT32 = schema.TensorType.INT32
INT64 = schema.TensorType.INT64
BOOL = schema.TensorType.BOOL
RESOURCE = schema.TensorType.RESOURCE
INT4 = schema.TensorType.INT4

NUMPY = {FLOAT32: np.float32, FLOAT16: np.float16, INT8: np.int8,
         UINT8: np.uint8, INT16: np.int16, INT32: np.int32, INT64: np.int64,
         BOOL: np.bool_, INT4: np.int8}

SAME = schema.Padding.SAME
VALID = schema.Padding.VALID

ACTIVATION = {"none": schema.ActivationFunctionType.NONE,
              "relu": schema.ActivationFunctionType.RELU,
              "relu6": schema.ActivationFunctionType.RELU6,
              "relu_n1_to_1": schema.ActivationFunctionType.RELU_N1_TO_1}

# Operators whose options do not have their name.
OPTIONS = {
    "AVERAGE_POOL_2D": schema.Pool2DOptionsT,
    "CONV_2D": schema.Conv2DOptionsT,
    "DEPTHWISE_CONV_2D": schema.DepthwiseConv2DOptionsT,
    "BATCH_MATMUL": schema.BatchMatMulOptionsT,
    "L2_NORMALIZATION": schema.L2NormOptionsT,
    "L2_POOL_2D": schema.Pool2DOptionsT,
    "LOCAL_RESPONSE_NORMALIZATION":
        schema.LocalResponseNormalizationOptionsT,
    "MAX_POOL_2D": schema.Pool2DOptionsT,
    "MEAN": schema.ReducerOptionsT,
    "REDUCE_ALL": schema.ReducerOptionsT,
    "REDUCE_ANY": schema.ReducerOptionsT,
    "REDUCE_MAX": schema.ReducerOptionsT,
    "REDUCE_MIN": schema.ReducerOptionsT,
    "REDUCE_PROD": schema.ReducerOptionsT,
    "SUM": schema.ReducerOptionsT,
    "SVDF": schema.SVDFOptionsT,
    "UNIDIRECTIONAL_SEQUENCE_LSTM":
        schema.UnidirectionalSequenceLSTMOptionsT,
}


def options_of(op):
    """The class of an operator's options; None: it has none."""
    name = "".join(word.capitalize() for word in op.split("_"))
    return OPTIONS.get(op) or getattr(schema, name + "OptionsT", None)


class AlignedBuilder(flatbuffers.Builder):
    """Aligns vectors of bytes to 16, as the schema asks of Buffer.data."""

    def StartVector(self, elem_size, count, alignment):
        if elem_size == 1:
            alignment = 16
        return super().StartVector(elem_size, count, alignment)


def nibbles(data):
    """int4 elements two a byte, the first in the low half."""
    flat = np.append(data.reshape(-1), [0] * (data.size % 2)).astype(np.uint8)
    return (flat[::2] & 15) | (flat[1::2] & 15) << 4


class Net:
    def __init__(self, caller=None):
        """With a caller: a further subgraph of its model."""
        self.tensors = []
        # buffer 0 is empty by convention
        self.buffers = caller.buffers if caller else [schema.BufferT()]
        self.codes = caller.codes if caller else []
        self.operators = []

    def tensor(self, shape, type, scale=None, zero=None, data=None, axis=0,
               variable=False):
        """Adds a tensor; `scale` alone or a list, one a channel of `axis`."""
        t = schema.TensorT()
        t.isVariable = variable
        t.shape = np.array(shape, np.int32)
        t.type = type
        t.buffer = 0
        if data is not None:
            data = np.asarray(data, NUMPY[type], order="C")
            assert data.shape == tuple(shape), (data.shape, shape)
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            if type == INT4:
                buffer.data = nibbles(data)
            t.buffer = len(self.buffers)
            self.buffers.append(buffer)
        if scale is not None:
            scales = np.atleast_1d(np.array(scale, np.float32))
            zeros = np.atleast_1d(np.array(0 if zero is None else zero))
            zeros = np.broadcast_to(zeros, scales.shape).astype(np.int64)
            q = schema.QuantizationParametersT()
            q.scale = scales
            q.zeroPoint = np.array(zeros)
            q.quantizedDimension = axis
            t.quantization = q
        self.tensors.append(t)
        return len(self.tensors) - 1

    def op(self, name, inputs, outputs, version=1, intermediates=None,
           **options):
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = version
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.codes)
        operator.inputs = np.array(inputs, np.int32)
        operator.outputs = np.array(outputs, np.int32)
        if intermediates:
            operator.intermediates = np.array(intermediates, np.int32)
        make = options_of(name)
        if make:
            table = make()
            for key, value in options.items():
                assert hasattr(table, key), key
                if isinstance(value, (list, tuple)):
                    value = np.array(value, np.int32)
                setattr(table, key, value)
            operator.builtinOptions = table
            operator.builtinOptionsType = getattr(
                schema.BuiltinOptions, make.__name__[:-1])
        else:
            assert not options
        self.codes.append(code)
        self.operators.append(operator)

    def _graph(self, inputs, outputs):
        graph = schema.SubGraphT()
        graph.tensors = self.tensors
        graph.operators = self.operators
        graph.inputs = np.array(inputs, np.int32)
        graph.outputs = np.array(outputs, np.int32)
        return graph

    def build(self, inputs, outputs, called=()):
        """`called`: the Nets of further subgraphs."""
        model = schema.ModelT()
        model.version = 3
        model.operatorCodes = self.codes
        model.subgraphs = [self._graph(inputs, outputs)]
        model.subgraphs += [net._graph([], []) for net in called]
        model.buffers = self.buffers
        builder = AlignedBuilder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def dequantized_weights(data):
    """A model whose int8 constants are float32, where it computes in float."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    for graph in model.subgraphs:
        for operator in graph.operators:
            if graph.tensors[operator.inputs[0]].type != FLOAT32:
                continue
            for i in operator.inputs[1:]:
                t = graph.tensors[i]
                if i < 0 or t.type != INT8:
                    continue
                q, shape = t.quantization, [1] * len(t.shape)
                shape[q.quantizedDimension] = len(q.scale)
                values = np.frombuffer(bytes(model.buffers[t.buffer].data),
                                       np.int8).reshape(t.shape)
                zeros = np.asarray(q.zeroPoint, np.int32).reshape(shape)
                scales = np.asarray(q.scale, np.float32).reshape(shape)
                values = (values - zeros).astype(np.float32) * scales
                buffer = schema.BufferT()
                buffer.data = np.frombuffer(values.tobytes(), np.uint8)
                t.buffer = len(model.buffers)
                model.buffers.append(buffer)
                t.type, t.quantization = FLOAT32, None
    builder = AlignedBuilder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def operators(data):
    """(name, index of the first output) of each operator of a model."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    names = {v: k for k, v in vars(schema.BuiltinOperator).items()
             if isinstance(v, int)}
    for operator in model.subgraphs[0].operators:
        code = model.operatorCodes[operator.opcodeIndex]
        yield (names[max(code.builtinCode, code.deprecatedBuiltinCode)],
               int(operator.outputs[0]))


def input_of(data):
    """Shape and type of a model's first input."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    graph = model.subgraphs[0]
    t = graph.tensors[graph.inputs[0]]
    return tuple(int(d) for d in t.shape), t.type
