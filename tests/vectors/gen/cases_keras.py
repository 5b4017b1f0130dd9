# SPDX-License-Identifier: MIT
"""Whole networks as people build them: Keras models, converted to float,
int8 and int16 activations with int8 weights (16x8).

Each function makes one network from its input shapes. Weights are drawn at
random, seeded by the name; quantization is calibrated on random inputs.
"""

import os
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import tf_keras as keras

from case import Case, Draw

L = keras.layers
NETWORKS = {}


def network(*shapes, no_s16=False, follow=None):
    """Registers a network over inputs of these shapes, without the batch.

    no_s16: no oracle computes it with int16 activations; follow: whom to
    follow in which type where they differ, see Case.
    """
    def register(function):
        NETWORKS[function.__name__] = (function, shapes, no_s16, follow or {})
        return function
    return register


# ---- Building blocks

def conv(x, filters, kernel=3, stride=1, act="relu", norm=True, **more):
    x = L.Conv2D(filters, kernel, stride, padding=more.pop("padding", "same"),
                 use_bias=not norm, **more)(x)
    x = L.BatchNormalization()(x) if norm else x
    return L.Activation(act)(x) if act else x


def depthwise(x, kernel=3, stride=1, act="relu6"):
    x = L.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False)(x)
    x = L.BatchNormalization()(x)
    return L.ReLU(6.0)(x) if act == "relu6" else x


def inverted_residual(x, expand, out, stride=1, kernel=3):
    c = x.shape[-1]
    y = conv(x, c * expand, 1, act=None)
    y = L.ReLU(6.0)(y)
    y = depthwise(y, kernel, stride)
    y = conv(y, out, 1, act=None)
    return L.Add()([x, y]) if stride == 1 and out == c else y


def squeeze_excite(x, ratio=2, gate="sigmoid"):
    c = x.shape[-1]
    s = L.GlobalAveragePooling2D(keepdims=True)(x)
    s = L.Conv2D(max(1, c // ratio), 1, activation="relu")(s)
    s = L.Conv2D(c, 1, activation=gate)(s)
    return L.Multiply()([x, s])


def head(x, n=4):
    return L.Softmax()(L.Dense(n)(L.GlobalAveragePooling2D()(x)))


# ---- Image networks

@network((12, 12, 3))
def lenet(x):
    x = L.Conv2D(4, 5, activation="tanh")(x)
    x = L.AveragePooling2D()(x)
    x = L.Flatten()(x)
    return L.Dense(5, activation="softmax")(L.Dense(8, "tanh")(x))


@network((16, 16, 3))
def vgg(x):
    for f in (4, 8):
        x = conv(conv(x, f), f)
        x = L.MaxPooling2D()(x)
    return head(x)


@network((12, 12, 3))
def residual(x):
    x = conv(x, 6)
    y = conv(conv(x, 6), 6, act=None)
    x = L.ReLU()(L.Add()([x, y]))
    y = conv(conv(x, 8, stride=2), 8, act=None)
    x = L.ReLU()(L.Add()([conv(x, 8, 1, 2, None), y]))
    return head(x)


@network((12, 12, 4))
def preactivation_residual(x):
    y = L.ReLU()(L.BatchNormalization()(x))
    y = conv(y, 4, norm=False)
    y = L.Conv2D(4, 3, padding="same")(y)
    return head(L.ReLU()(L.BatchNormalization()(L.Add()([x, y]))))


@network((16, 16, 3))
def mobilenet_v1(x):
    x = conv(x, 4, stride=2)
    for f, s in ((8, 1), (12, 2), (12, 1)):
        x = conv(depthwise(x, stride=s), f, 1)
    return head(x)


@network((16, 16, 3))
def mobilenet_v2(x):
    x = conv(x, 4, stride=2)
    for f, s in ((4, 1), (6, 2), (6, 1)):
        x = inverted_residual(x, 3, f, s)
    return head(conv(x, 12, 1))


@network((14, 14, 3))
def mobilenet_v3(x):
    x = conv(x, 4, stride=2, act=keras.activations.hard_sigmoid)
    y = inverted_residual(x, 2, 8, 2, 5)
    y = squeeze_excite(y, 2, "hard_sigmoid")
    y = L.Multiply()([y, L.ReLU(6.0)(y + 3.0) * (1 / 6.0)])  # hard swish
    return head(y)


@network((13, 11, 3))
def valid_padding(x):
    x = conv(x, 5, 3, 2, padding="valid")
    x = conv(x, 6, 3, padding="valid")
    return head(L.MaxPooling2D(2, 1)(x))


@network((11, 11, 3))
def padded_stride(x):
    x = L.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = conv(x, 6, 3, 2, padding="valid")
    x = L.ZeroPadding2D(1)(x)
    x = L.DepthwiseConv2D(3, 2, padding="valid")(x)
    return head(x)


@network((12, 12, 3))
def dilated(x):
    x = conv(x, 6)
    x = conv(x, 6, dilation_rate=2)
    return head(conv(x, 6, dilation_rate=3))


@network((8, 8, 8))
def grouped(x):
    x = L.Conv2D(8, 3, padding="same", groups=4, activation="relu")(x)
    return head(x)


@network((12, 12, 3))
def squeeze_and_excite(x):
    return head(squeeze_excite(conv(x, 8)))


@network((12, 12, 3))
def efficientnet_lite(x):
    x = conv(x, 4, stride=2, act="swish")
    y = conv(x, 8, 1, act="swish")
    y = L.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
    y = L.Activation("swish")(L.BatchNormalization()(y))
    y = squeeze_excite(y, 4)
    return head(L.Add()([x, conv(y, 4, 1, act=None)]))


@network((10, 10, 3))
def densenet(x):
    x = conv(x, 4)
    for _ in range(3):
        x = L.Concatenate()([x, conv(x, 3)])
    return head(conv(x, 6, 1))


@network((10, 10, 4))
def inception(x):
    a = conv(x, 3, 1)
    b = conv(conv(x, 2, 1), 3, 3)
    c = conv(conv(x, 2, 1), 3, 5)
    d = conv(L.MaxPooling2D(3, 1, "same")(x), 2, 1)
    return head(L.Concatenate()([a, b, c, d]))


@network((12, 12, 3))
def squeezenet(x):
    x = conv(x, 6, stride=2, norm=False)
    s = conv(x, 3, 1, norm=False)
    x = L.Concatenate()([conv(s, 4, 1, norm=False), conv(s, 4, 3, norm=False)])
    return L.Softmax()(L.GlobalAveragePooling2D()(L.Conv2D(4, 1)(x)))


@network((8, 8, 8))
def shufflenet(x):
    a, b = tf.split(x, 2, axis=-1)
    b = conv(depthwise(conv(b, 4, 1)), 4, 1)
    x = L.Concatenate()([a, b])
    x = tf.reshape(x, (1, 8, 8, 2, 4))
    x = tf.transpose(x, (0, 1, 2, 4, 3))
    return head(conv(tf.reshape(x, (1, 8, 8, 8)), 6, 1))


@network((16, 16, 3))
def unet(x):
    a = conv(x, 4)
    b = conv(L.MaxPooling2D()(a), 6)
    c = conv(L.MaxPooling2D()(b), 8)
    b = L.Concatenate()([b, L.Conv2DTranspose(6, 2, 2, padding="same")(c)])
    b = conv(b, 6)
    a = L.Concatenate()([a, L.Conv2DTranspose(4, 3, 2, padding="same")(b)])
    return L.Conv2D(2, 1, activation="sigmoid")(conv(a, 4))


@network((12, 12, 3))
def unet_upsampling(x):
    a = conv(x, 4)
    b = conv(L.MaxPooling2D()(a), 6)
    b = L.UpSampling2D(2, interpolation="bilinear")(b)
    return L.Conv2D(3, 1, activation="softmax")(L.Concatenate()([a, b]))


@network((8, 8, 4))
def upsampling_nearest(x):
    x = L.UpSampling2D(2)(conv(x, 4))
    return L.Conv2D(1, 3, padding="same", activation="tanh")(x)


@network((16,))
def generator(x):
    x = L.Reshape((4, 4, 4))(L.Dense(64, "relu")(x))
    x = L.LeakyReLU(0.2)(L.Conv2DTranspose(6, 4, 2, padding="same")(x))
    return L.Conv2DTranspose(3, 4, 2, padding="same", activation="tanh")(x)


@network((12, 12, 3))
def autoencoder(x):
    x = conv(x, 4, stride=2)
    x = conv(x, 6, stride=2)
    x = L.Conv2DTranspose(4, 3, 2, padding="same", activation="relu")(x)
    return L.Conv2DTranspose(3, 3, 2, padding="same",
                             activation="sigmoid")(x)


@network((10, 10, 3))
def space_to_depth(x):
    x = conv(tf.nn.space_to_depth(x, 2), 8)
    return tf.nn.depth_to_space(conv(x, 12, act=None), 2)


@network((12, 12, 3))
def leaky_detector(x):
    x = conv(x, 4, act=None)
    x = L.MaxPooling2D()(L.LeakyReLU(0.1)(x))
    x = L.LeakyReLU(0.1)(conv(x, 6, act=None))
    return tf.reshape(L.Conv2D(10, 1)(x), (1, 72, 5))


@network((12, 12, 3), follow={"s16": "micro_alone"})
def two_heads(x):
    x = conv(x, 6, stride=2)
    boxes = L.Reshape((-1, 4))(L.Conv2D(8, 3, padding="same")(x))
    scores = L.Reshape((-1, 3))(L.Conv2D(6, 3, padding="same")(x))
    return boxes, L.Softmax()(scores)


@network((8, 8, 3))
def prelu(x):
    x = L.PReLU(shared_axes=(1, 2),
                alpha_initializer=keras.initializers.Constant(0.3))(
                    conv(x, 5, act=None))
    return head(x)


@network((8, 8, 3))
def elu(x):
    return head(L.ELU()(conv(x, 5, act=None)))


@network((8, 8, 3), no_s16=True)
def gelu(x):
    return head(L.Activation("gelu")(conv(x, 5, act=None)))


@network((9, 9, 3))
def mixed_pooling(x):
    x = conv(x, 6)
    a = L.GlobalMaxPooling2D()(x)
    b = L.GlobalAveragePooling2D()(x)
    return L.Dense(4)(L.Concatenate()([a, b]))


@network((8, 8, 3), (8, 8, 3))
def siamese(x, y):
    f = L.Conv2D(4, 3, activation="relu")
    a = L.GlobalAveragePooling2D()(f(x))
    b = L.GlobalAveragePooling2D()(f(y))
    return L.Dense(1, "sigmoid")(L.Subtract()([a, b]))


@network((8, 8, 3), (5,))
def image_and_numbers(x, y):
    x = L.GlobalAveragePooling2D()(conv(x, 6))
    return L.Dense(3, "softmax")(L.Concatenate()([x, L.Dense(4, "relu")(y)]))


@network((8, 8, 4))
def spatial_attention(x):
    m = tf.reduce_mean(x, -1, keepdims=True)
    n = tf.reduce_max(x, -1, keepdims=True)
    gate = L.Conv2D(1, 3, padding="same", activation="sigmoid")(
        L.Concatenate()([m, n]))
    return head(L.Multiply()([x, gate]))


@network((9, 9, 4))
def cropped(x):
    return head(conv(L.Cropping2D(((1, 2), (0, 3)))(x), 5))


# ---- Networks over time

@network((24, 6))
def conv1d(x):
    x = L.Conv1D(8, 3, activation="relu")(x)
    x = L.MaxPooling1D(2)(x)
    x = L.Conv1D(8, 3, padding="same", activation="relu")(x)
    return L.Dense(4, "softmax")(L.GlobalAveragePooling1D()(x))


@network((20, 4))
def causal_tcn(x):
    for d in (1, 2, 4):
        y = L.Conv1D(6, 3, padding="causal", dilation_rate=d,
                     activation="relu")(x)
        x = L.Add()([L.Conv1D(6, 1)(x), y])
    return L.Dense(3)(x[:, -1, :])


@network((20, 8))
def separable1d(x):
    x = L.SeparableConv1D(8, 5, padding="same", activation="relu")(x)
    x = L.SeparableConv1D(6, 3, strides=2, activation="relu")(x)
    return L.Dense(4, "softmax")(L.Flatten()(x))


@network((20, 10, 1))
def keyword_dscnn(x):
    x = conv(x, 6, (10, 4), 2)
    for _ in range(2):
        x = conv(depthwise(x), 6, 1)
    x = L.AveragePooling2D((10, 5))(x)
    return L.Dense(5, "softmax")(L.Flatten()(x))


@network((12, 5))
def lstm(x):
    return L.Dense(3, "softmax")(L.LSTM(7)(x))


@network((10, 5))
def stacked_lstm(x):
    return L.Dense(3)(L.LSTM(5)(L.LSTM(6, return_sequences=True)(x)))


# TensorFlow's REVERSE_V2 changes the scale, Micro's copies the bytes.
@network((8, 5), follow={"s8": "micro_alone"})
def bidirectional_lstm(x):
    return L.Dense(3)(L.Bidirectional(L.LSTM(5))(x))


@network((6, 5))
def gru(x):
    return L.Dense(3)(L.GRU(6, unroll=True)(x))


@network((6, 5))
def simple_rnn(x):
    return L.Dense(3)(L.SimpleRNN(6, unroll=True, return_sequences=True)(x))


@network((16, 6))
def conv_lstm(x):
    x = L.MaxPooling1D()(L.Conv1D(8, 3, padding="same", activation="relu")(x))
    return L.Dense(3, "sigmoid")(L.LSTM(6)(x))


# ---- Attention and dense networks

@network((8, 6))
def attention(x):
    q, k, v = (L.Dense(6)(x) for _ in range(3))
    w = L.Softmax()(tf.matmul(q, k, transpose_b=True) * 0.4)
    return L.Dense(3)(tf.matmul(w, v))


@network((6, 8), no_s16=True)
def transformer(x):
    y = L.MultiHeadAttention(2, 4)(x, x)
    x = L.LayerNormalization()(L.Add()([x, y]))
    y = L.Dense(8)(L.Dense(12, "gelu")(x))
    return L.Dense(3)(L.LayerNormalization()(L.Add()([x, y])))


@network((6, 6, 4))
def mixer(x):
    x = tf.reshape(x, (1, 36, 4))
    y = tf.transpose(L.Dense(36, "relu")(tf.transpose(x, (0, 2, 1))),
                     (0, 2, 1))
    return L.Dense(3)(tf.reduce_mean(x + y, 1))


@network((20,))
def mlp(x):
    return L.Dense(4, "softmax")(L.Dense(8, "relu")(L.Dense(16, "relu")(x)))


@network((24,))
def dense_autoencoder(x):
    for n in (12, 4, 12):
        x = L.ReLU()(L.BatchNormalization()(L.Dense(n)(x)))
    return L.Dense(24)(x)


@network((12,), (6,))
def two_in_two_out(x, y):
    a = L.Dense(6, "relu")(x)
    b = a * L.Dense(6, "sigmoid")(y)
    return L.Dense(2)(a + b), L.Dense(3, "softmax")(b)


@network((10,))
def normalized(x):
    x = L.Dense(6)(x)
    return tf.math.l2_normalize(x, -1)


@network((7,))
def arithmetic(x):
    y = tf.abs(x) + 0.5
    return tf.maximum(tf.minimum(x / y, 0.9), -0.5), tf.square(x) - y


# ---- Conversion

def draw_weights(model, draw):
    """All weights random: also those that Keras would make 0 or 1."""
    for w in model.weights:
        shape = tuple(w.shape)
        fan = np.sqrt(np.prod(shape[:-1])) if len(shape) > 1 else 4.0
        x = draw.float32(shape, 1.0 / fan)
        if "variance" in w.name or "gamma" in w.name:
            x = np.abs(x) + 0.7
        w.assign(x)


def convert(model, shapes, kind, draw):
    def batches():
        for _ in range(8):
            yield [draw.float32((1,) + s) for s in shapes]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind != "f32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = batches
        converter.target_spec.supported_ops = [getattr(
            tf.lite.OpsSet, "TFLITE_BUILTINS_INT8" if kind == "s8" else
            "EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8")]
        type = tf.int8 if kind == "s8" else tf.int16
        converter.inference_input_type = type
        converter.inference_output_type = type
    return converter.convert()


def input_values(details, draw):
    for d in details:
        if d["dtype"] == np.float32:
            yield draw.float32(tuple(d["shape"]))
        else:
            yield draw.ints({np.int8: 9, np.int16: 7}[d["dtype"]],
                            tuple(d["shape"]))


def networks(kind):
    for name, (function, shapes, no_s16, follow) in NETWORKS.items():
        if no_s16 and kind == "s16":
            continue
        draw = Draw("keras/" + name)
        keras.backend.clear_session()
        keras.utils.set_random_seed(zlib.crc32(name.encode()) & 0x7fffffff)
        ins = [keras.Input(s, batch_size=1) for s in shapes]
        model = keras.Model(ins, function(*ins))
        draw_weights(model, draw)
        try:
            data = convert(model, shapes, kind, draw)
        except Exception as e:  # not every network has every type
            print("%s %s: not converted: %s" % (
                name, kind, str(e).strip().splitlines()[0][:100]))
            continue
        interpreter = tf.lite.Interpreter(model_content=data)
        yield Case(name, data, list(
            input_values(interpreter.get_input_details(), draw)),
            oracle=follow.get(kind, "micro"))


FILES = {"keras_" + kind: (networks, kind) for kind in ("f32", "s8", "s16")}
