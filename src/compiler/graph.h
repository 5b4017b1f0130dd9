/* SPDX-License-Identifier: MIT */
/*
 * graph.h: a network as its file tells it, between import and lowering.
 *
 * Plain tables: values (tensors) and nodes (operators in an order that can
 * run), referring to each other by index. An importer fills in a graph and
 * knows nothing of targets; passes change it; lowering reads it.
 */
#ifndef TIN_GRAPH_H
#define TIN_GRAPH_H

#include "tinyinfer_compiler.h"

typedef enum {
#define TIN_OPERATOR(name, ...) TIN_OP_##name,
#include "operators.inc"
#undef TIN_OPERATOR
    TIN_OP_COUNT
} tin_op;

typedef enum {
    TIN_PADDING_SAME,
    TIN_PADDING_VALID,
    TIN_PADDING_EXPLICIT /* of a PAD that went into the operator */
} tin_padding;

typedef enum {
    TIN_ACT_NONE,
    TIN_ACT_RELU,
    TIN_ACT_RELU_N1_TO_1,
    TIN_ACT_RELU6,
    TIN_ACT_RELU_0_TO_1 /* an operator, never fused */
} tin_activation;

/* A tensor. shape[i] >= 1; the elements' bytes fit in 31 bits. Quantized when
 * n_scales > 0: real = scale * (q - zero_point), per channel of shape[axis]
 * when n_scales > 1. Every scale is finite and > 0, every zero point fits the
 * type. */
typedef struct {
    const char *name; /* never NULL */
    tin_type type;
    int32_t rank;
    int32_t shape[TIN_MAX_RANK];
    int32_t n_scales;
    const float *scales;
    const int32_t *zero_points; /* n_scales of them */
    int32_t quant_axis;
    const uint8_t *data; /* contents of a constant, little endian, at any
                            alignment, exactly its size; else NULL */
    int32_t producer;    /* node, or -1: graph input, constant or unused */
    int32_t variable;    /* whose memory it is: 1 + its index in variables;
                            0: an ordinary tensor */
    uint32_t open_axes;  /* bit i: the file says that extent i may change; it
                            is shape[i] here */
} tin_value;

/* Of STRIDED_SLICE: bit i of each mask is entry i of its lists. */
typedef struct {
    uint32_t begin, end, ellipsis, new_axis, shrink;
    int32_t from_begin; /* 1: ends count from where the slice begins */
} tin_slice_masks;

/* Memory that the network keeps from one inference to the next. */
typedef struct {
    int32_t value;   /* that it is at first: its type, shape, quantization */
    int32_t initial; /* constant that it begins with; -1: its zero point */
} tin_variable;

/* What an operator's options say; only those its kind has are set. */
typedef struct {
    tin_padding padding;
    tin_activation activation;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h[2], pad_w[2]; /* before and after, if EXPLICIT */
    int32_t filter_h, filter_w; /* pools */
    int32_t depth_multiplier;   /* as the file says; may be 0 = unsaid */
    int32_t axis;          /* CONCATENATION, PACK, UNPACK, GATHER, ONE_HOT */
    int32_t batch_dims;    /* GATHER */
    int32_t block;         /* SPACE_TO_DEPTH, DEPTH_TO_SPACE */
    int32_t mirror_edge;   /* MIRROR_PAD: see tin_mirror_pad_params */
    tin_slice_masks slice; /* STRIDED_SLICE */
    int32_t keep_dims;     /* MEAN; keep_num_dims of FULLY_CONNECTED */
    int32_t n_list;        /* squeeze_dims, new_shape */
    int32_t list[TIN_MAX_RANK];
    float beta; /* SOFTMAX, LOCAL_RESPONSE_NORMALIZATION */
    int32_t radius;
    float bias, alpha;                 /* alpha: LEAKY_RELU as well */
    int32_t approximate;               /* GELU */
    int32_t exclusive, reverse;        /* CUMSUM */
    int32_t adj_x, adj_y;              /* BATCH_MATMUL */
    int32_t align_corners, half_pixel; /* RESIZE_.. */
    float cell_clip;                   /* LSTM */
    int32_t time_major;      /* LSTM: [time][batch], not [batch][time] */
    int32_t svdf_rank;       /* SVDF */
    int32_t subgraph;        /* CALL_ONCE */
    const char *container;   /* VAR_HANDLE, NULL: none */
    const char *shared_name; /* likewise: which variable it is */
    /* Of what was uint8 in the file, see uint8.c: */
    int32_t was_u8;
    int32_t weight_zero; /* zero point of int8 weights that have one */
    int32_t in_float;    /* QUANTIZE: rescales as CONCATENATION of uint8 */
} tin_attributes;

typedef struct {
    tin_op op;
    int32_t layer;   /* index of the operator in the file */
    int32_t version; /* of the operator in the file; 0: it has none */
    int32_t n_in, n_out;
    const int32_t *in; /* values; -1: an optional input that is absent */
    const int32_t *out;
    tin_attributes attr;
} tin_node;

typedef struct {
    tin_pool *pool;
    const char *name;
    tin_value *values;
    const tin_value *file_values; /* the first n_file_values as they were */
    int32_t n_file_values;
    tin_node *nodes;
    const int32_t *inputs, *outputs; /* values */
    int32_t n_values, n_nodes, n_inputs, n_outputs;
    int32_t n_layers; /* operators in the file */
    tin_variable *variables;
    int32_t n_variables;
    const tin_op *layer_ops; /* [n_layers], where the importer took operators
                                away that compute nothing; else NULL */
} tin_graph;

/* "CONV_2D" */
const char *tin_op_name(tin_op op);
/* The types that an operator computes with, a bit TIN_TYPE_BIT(type) for each,
 * and TIN_WITH_.. for narrow weights; the input whose type it is. */
#define TIN_TYPE_BIT(type) (1u << (type))
enum { TIN_WITH_S8 = 1 << 16, TIN_WITH_S4 = 1 << 17 };
uint32_t tin_op_types(tin_op op);
int32_t tin_op_typed_input(tin_op op);
/* 1: it computes element by element from several inputs, see
 * tinyinfer_binary.h; shapes of two and more may differ. */
int tin_op_broadcasts(tin_op op);
/* Is output element i made of input element i alone, whatever the shape? */
int tin_op_is_map(tin_op op);
/* Bytes of one element: 1 for TIN_S4, which is unpacked on import. */
int32_t tin_type_bytes(tin_type type);
/* The first input of the network with an axis that was left open, other than
 * the batch, and for which the file has no extent but 1; NULL: there is none.
 * What computes with such an extent mostly fails. *axis is of the file. */
const tin_value *tin_open_input(const tin_graph *g, int32_t *axis);
/* Product of the extents: fits in 31 bits for every value of a graph. */
int32_t tin_value_elements(const tin_value *v);

/* A name for a message, of at most TIN_SHORT_NAME - 1 bytes: the name itself,
 * or its beginning and dots, put in buffer[TIN_SHORT_NAME]. */
enum { TIN_SHORT_NAME = 64 };
const char *tin_short_name(const char *name, char *buffer);

/* The IEEE 754 binary32 bits of a binary16. Exact; keeps a NaN's payload. */
uint32_t tin_half_to_float_bits(uint16_t half);

/*
 * Reads a TensorFlow Lite flatbuffer. All that can be wrong with the file as
 * such is refused here: offsets, sizes, indices, cycles, tensors that nobody
 * makes, quantization out of range, operators that are not supported. What an
 * operator demands of its tensors is checked when it is lowered.
 */
tin_status tin_import_tflite(tin_pool *pool, const uint8_t *file,
                             size_t file_bytes, tin_graph **graph,
                             tin_diag *diag) TIN_WARN_UNUSED;

/* The rest of the street, from a graph on: see tin_compile. The program lives
 * in the graph's pool. */
tin_status tin_compile_graph(tin_graph *graph,
                             const tin_compile_options *options,
                             const tin_program **program,
                             tin_diag *diag) TIN_WARN_UNUSED;

#endif /* TIN_GRAPH_H */
