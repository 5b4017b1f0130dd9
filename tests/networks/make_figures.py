#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes two networks that memory figures are stated for, as int8 .tflite:

    cifar10_int8.tflite      a plain CNN for 32x32 pictures: 3x3 convolutions
                             with batch normalisation, max-pools, three dense
                             layers
    mobilenetv2_int8.tflite  MobileNetV2 1.0 for 224x224 pictures

Weights are random, but the same ones in every run: they make no difference to
the memory. Needs Keras and TensorFlow.

usage: make_figures.py FOLDER
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np
import tensorflow as tf

layers = tf.keras.layers


def cifar10():
    """The convolutions' channels; None: a max-pool."""
    x = image = layers.Input(batch_shape=(1, 32, 32, 3))
    for channels in (32, 32, None, 64, 64, None, 128, None, 128, None):
        if channels is None:
            x = layers.MaxPooling2D(2)(x)
            continue
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(x)
    x = layers.Dense(1024, activation="relu")(x)
    x = layers.Dense(512, activation="relu")(x)
    return tf.keras.Model(image, layers.Dense(10)(x))


def mobilenetv2():
    image = layers.Input(batch_shape=(1, 224, 224, 3))
    model = tf.keras.applications.MobileNetV2(
        input_tensor=image, alpha=1.0, weights=None, classes=1000
    )
    # without training all classes come out the same: spread them
    features = tf.keras.Model(image, model.layers[-2].output)
    kernel, bias = model.layers[-1].get_weights()
    noise = np.random.default_rng(2).uniform(-1, 1, (1, 224, 224, 3))
    logits = features(noise.astype(np.float32)).numpy() @ kernel
    model.layers[-1].set_weights([kernel / logits.std(), bias])
    return model


def quantized(model):
    """The model in int8, input and output, calibrated on noise."""
    shape = (1,) + model.input_shape[1:]
    draw = np.random.default_rng(1)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [draw.uniform(-1, 1, shape).astype(np.float32)] for _ in range(4)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.rsplit("\n\n", 1)[1])
    for build in (cifar10, mobilenetv2):
        tf.keras.utils.set_random_seed(1)
        path = os.path.join(sys.argv[1], build.__name__ + "_int8.tflite")
        with open(path, "wb") as file:
            file.write(quantized(build()))


main()
