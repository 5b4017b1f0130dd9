# SPDX-License-Identifier: MIT
"""Cases of several operators: random graphs with branches, views, tensors
with many users, operators nobody uses, several inputs and outputs. They test
what holds a network together: its memory plan, and kernels on shared tensors.

All tensors of an int8 graph have one quantization, so that any two may meet.
"""

import numpy as np

from case import TYPES, Case, Draw, quant
from cases_weighted import out_size
from tflite_model import ACTIVATION, FLOAT32, INT32, INT8, SAME, VALID, Net

COUNT = 40
LARGEST = 800  # elements of a tensor


class Graph:
    def __init__(self, draw, type):
        self.draw, self.type = draw, type
        self.scale, self.zero = np.float32(0.05), draw.r.randint(-60, 61)
        self.net = Net()
        self.shapes = {}  # of activations
        self.used = set()
        self.version = 2 if type == INT8 else 1

    def any(self, *items):
        return items[self.draw.r.randint(len(items))]

    def activation(self, shape, **q):
        q = q or quant(self.type, self.scale, self.zero)
        t = self.net.tensor(shape, self.type, **q)
        self.shapes[t] = tuple(int(s) for s in shape)
        return t

    def images(self):
        return [t for t, s in self.shapes.items() if len(s) == 4]

    def weights(self, shape, axis):
        """Weights that keep activations in their range, and a bias."""
        oc = shape[axis]
        fan_in = int(np.prod(shape)) // oc
        if self.type == FLOAT32:
            w = self.net.tensor(shape, FLOAT32, data=self.draw.float32(
                shape, 1 / np.sqrt(fan_in)))
            return w, self.net.tensor((oc,), FLOAT32,
                                      data=self.draw.float32((oc,), 0.5))
        scales = self.draw.scales(oc, 0.5, 1.0) / np.float32(
            110 * np.sqrt(fan_in))
        w = self.net.tensor(shape, INT8, scales, 0,
                            self.draw.int8(shape, -127), axis)
        bias = self.draw.r.randint(-2000, 2001, size=oc)
        return w, self.net.tensor((oc,), INT32, self.scale * scales, 0, bias)

    def window(self, x, most):
        """Kernel, output height and width, and options of a window."""
        n, h, w, c = self.shapes[x]
        r, pad = self.draw.r, self.any(SAME, VALID)
        kh = r.randint(1, most + 1 if pad == SAME else min(most, h) + 1)
        kw = r.randint(1, most + 1 if pad == SAME else min(most, w) + 1)
        sh, sw = self.any(1, 1, 2), self.any(1, 1, 2)
        return ((kh, kw), out_size(h, kh, sh, 1, pad),
                out_size(w, kw, sw, 1, pad),
                dict(padding=pad, strideH=sh, strideW=sw,
                     fusedActivationFunction=ACTIVATION[
                         self.any("none", "relu", "relu6")]))

    def conv(self, x):
        n, _, _, c = self.shapes[x]
        kernel, oh, ow, options = self.window(x, 3)
        oc = self.draw.r.randint(1, 7)
        w, b = self.weights((oc,) + kernel + (c,), 0)
        y = self.activation((n, oh, ow, oc))
        self.net.op("CONV_2D", [x, w, b], [y], dilationHFactor=1,
                    dilationWFactor=1,
                    version=3 if self.type == INT8 else 1, **options)

    def dwconv(self, x):
        n, _, _, c = self.shapes[x]
        kernel, oh, ow, options = self.window(x, 3)
        mult = self.any(1, 1, 2)
        w, b = self.weights((1,) + kernel + (c * mult,), 3)
        y = self.activation((n, oh, ow, c * mult))
        self.net.op("DEPTHWISE_CONV_2D", [x, w, b], [y], dilationHFactor=1,
                    dilationWFactor=1, depthMultiplier=mult,
                    version=3 if self.type == INT8 else 1, **options)

    def pool(self, x):
        n, _, _, c = self.shapes[x]
        (kh, kw), oh, ow, options = self.window(x, 3)
        y = self.activation((n, oh, ow, c))
        self.net.op(self.any("MAX_POOL_2D", "AVERAGE_POOL_2D"), [x], [y],
                    filterHeight=kh, filterWidth=kw, version=self.version,
                    **options)

    def add(self, x):
        n, h, w, c = self.shapes[x]
        fit = [t for t in self.images() if self.shapes[t] in
               ((n, h, w, c), (n, 1, 1, c), (1, h, w, c))]
        other = self.any(*fit)
        args = self.any([x, other], [other, x])
        y = self.activation(self.shapes[x])
        self.net.op("ADD", args, [y], version=self.version,
                    fusedActivationFunction=ACTIVATION[
                        self.any("none", "relu")])
        self.used.add(other)

    def concat(self, x):
        n, h, w, c = self.shapes[x]
        fit = [t for t in self.images() if self.shapes[t][:3] == (n, h, w)]
        args = [x] + [self.any(*fit) for _ in range(self.draw.r.randint(1, 4))]
        y = self.activation((n, h, w, sum(self.shapes[t][3] for t in args)))
        self.net.op("CONCATENATION", args, [y], axis=3, version=self.version)
        self.used.update(args)

    def pad(self, x):
        pads = self.draw.r.randint(0, 3, size=(4, 2))
        pads[0] = pads[3] = 0
        p = self.net.tensor((4, 2), INT32, data=pads)
        y = self.activation(np.array(self.shapes[x]) + pads.sum(axis=1))
        self.net.op("PAD", [x, p], [y], version=self.version)

    def relu(self, x):
        y = self.activation(self.shapes[x])
        self.net.op(self.any("RELU", "RELU6"), [x], [y], version=self.version)

    def view(self, x):
        n, h, w, c = self.shapes[x]
        shape = self.any((n, h * w, 1, c), (n, w, h, c), (n, 1, h, w * c),
                         (n, h, w, c))
        to = self.net.tensor((4,), INT32, data=np.array(shape))
        y = self.activation(shape)
        self.net.op("RESHAPE", [x, to], [y])

    def head(self, x):
        """Mean, dense layer, softmax: the end of a branch."""
        n, _, _, c = self.shapes[x]
        axes = self.net.tensor((2,), INT32, data=np.array((1, 2)))
        m = self.activation((n, c))
        self.net.op("MEAN", [x, axes], [m], keepDims=False,
                    version=self.version)
        oc = self.draw.r.randint(2, 9)
        w, b = self.weights((oc, c), 0)
        if self.type == INT8:  # dense weights have one scale
            tensors = self.net.tensors
            for t, s in ((w, 1 / 110), (b, self.scale / np.float32(110))):
                q = tensors[t].quantization
                q.scale, q.zeroPoint = np.float32([s]), np.zeros(1, np.int64)
        y = self.activation((n, oc))
        self.net.op("FULLY_CONNECTED", [m, w, b], [y],
                    version=4 if self.type == INT8 else 1)
        p = self.activation((n, oc), **quant(
            self.type, np.float32(1 / 256), -128))
        self.net.op("SOFTMAX", [y], [p], beta=1.0, version=self.version)
        self.used.update((m, y))

    def grow(self):
        """Adds one operator to some image, later ones more likely."""
        images = [t for t in self.images()
                  if np.prod(self.shapes[t]) <= LARGEST]
        x = self.any(*(images + images[-3:] * 2))
        self.any(self.conv, self.conv, self.dwconv, self.pool, self.add,
                 self.add, self.concat, self.pad, self.relu, self.view)(x)
        self.used.add(x)


def random_graph(name, type):
    draw = Draw(name)
    g, r = Graph(draw, type), draw.r
    shape = (g.any(1, 1, 1, 2), r.randint(2, 9), r.randint(2, 9),
             r.randint(1, 5))
    inputs = [g.activation(shape) for _ in range(g.any(1, 1, 2))]
    for _ in range(r.randint(3, 13)):
        g.grow()
    if g.any(True, False):
        x = g.images()[-1]
        g.used.add(x)
        g.head(x)
    # What nobody uses is an output, but now and then it is forgotten;
    # sometimes a tensor in the middle is one as well.
    made = [t for t in g.shapes if t not in inputs]
    outputs = [t for t in made if t not in g.used]
    if len(outputs) > 1 and g.any(True, False):
        outputs.pop(0)
    middle = [t for t in made if t in g.used]
    if middle and g.any(True, False):
        outputs.append(g.any(*middle))
    data = [draw.values(type, shape) for _ in inputs]
    return Case(name.split("/")[1], g.net.build(inputs, outputs), data)


def graphs(type):
    for i in range(COUNT):
        yield random_graph("graphs_%s/%d" % (type, i), TYPES[type])


FILES = {"graphs_%s" % type: (graphs, type) for type in ("s8", "f32")}
