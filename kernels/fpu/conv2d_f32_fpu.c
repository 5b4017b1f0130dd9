/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_f32_fpu: see tinyinfer_fpu.h.
 *
 * Blocks of four points times four channels: their 16 sums stay in registers
 * while all taps go by, and what is loaded serves four times.
 *
 * The taps come in pieces, in each of which inputs and weights lie side by
 * side: a kernel row, or one tap of it where there are groups or dilations. At
 * the sides of the image a piece is one tap, too, and zeros stand in for what
 * a point does not see: they change no sum. Points that are left over, or have
 * no room in the list of taps, are made one by one, eight channels at a time.
 *
 * What is no whole block ends with a block that begins earlier and makes some
 * points or channels once more: the same bits.
 */
#include "tinyinfer_fpu.h"

enum {
    SIDE = 4,
    EIGHT = 8, /* channels of one point */
    LIST = TIN_FPU_PIECES,
    POINT_LIST = 16,         /* of a point alone */
    EDGE_TAPS = LIST / SIDE, /* at the sides */
    ZEROS = 128,
    JOINED = 1 << 29 /* floats of joined rows, at most; a row has fewer */
};

/* What a point sees beside the image. */
static const float zeros[ZEROS];

/* Blocks of the same points, all channels of a group; the assembly knows the
 * order, and moves w, out, bias and left on from block to block. */
typedef struct {
    const float *const *x; /* inputs of each piece: of the first point, or of
                 all four */
    const float *w;        /* weights of the first channel */
    float *out;            /* the first channel of the first point */
    int32_t pieces;
    int32_t n;         /* floats of a piece */
    uint32_t x_step;   /* bytes from point to point; 0: x has all four */
    uint32_t w_step;   /* bytes from channel to channel */
    uint32_t out_step; /* bytes from point to point */
    int32_t bounds;    /* tin_fpu_bounds; -1: out gets sums */
    float lo, hi;
    const float *bias; /* of the first channel, or NULL */
    int32_t go_on;     /* 1: from the sums that `out` holds */
    int32_t left;      /* channels, at least as many as a block has */
    uint32_t w_skip;   /* bytes from the end of a piece's weights to the next
             one's; 0 for four points */
} blocks;

#if TIN_HAVE_FPU

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* clang-format off */

/* One float of each point and channel. Products are added eight later: a
 * result that the next instruction takes costs a cycle on silicon. */
# define MUL TIN_FPU_MUL
# define ADD TIN_FPU_ADD
# define POINTS(a, b, s0, s1, s2, s3, s4, s5, s6, s7) \
    MUL("s24", a, "s20") MUL("s25", a, "s21") MUL("s26", a, "s22") \
    MUL("s27", a, "s23") MUL("s28", b, "s20") MUL("s29", b, "s21") \
    MUL("s30", b, "s22") MUL("s31", b, "s23") \
    ADD(s0, s0, "s24") ADD(s1, s1, "s25") ADD(s2, s2, "s26") \
    ADD(s3, s3, "s27") ADD(s4, s4, "s28") ADD(s5, s5, "s29") \
    ADD(s6, s6, "s30") ADD(s7, s7, "s31")
# define LOAD(s, r, at) "vldr " s ", [" r ", #" at "]\n\t"
# define STEP(at) \
    LOAD("s16", "r1", at) LOAD("s17", "r2", at) LOAD("s18", "r3", at) \
    LOAD("s19", "r4", at) LOAD("s20", "r5", at) LOAD("s21", "r6", at) \
    LOAD("s22", "r8", at) LOAD("s23", "r9", at) \
    POINTS("s16", "s17", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7") \
    POINTS("s18", "s19", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15")
# define ADD_BIAS(s0, s1, s2, s3) \
    ADD(s0, s0, "s16") ADD(s1, s1, "s17") ADD(s2, s2, "s18") ADD(s3, s3, "s19")
/* Eight floats of two channels at one point. */
# define PAIR(w0, w1, s0, s1) \
    "vldmia " w0 "!, {s16-s23}\n\t" \
    "vldmia " w1 "!, {s24-s31}\n\t" \
    TIMES("s16", "s8") TIMES("s17", "s9") TIMES("s18", "s10") \
    TIMES("s19", "s11") TIMES("s20", "s12") TIMES("s21", "s13") \
    TIMES("s22", "s14") TIMES("s23", "s15") TIMES("s24", "s8") \
    TIMES("s25", "s9") TIMES("s26", "s10") TIMES("s27", "s11") \
    TIMES("s28", "s12") TIMES("s29", "s13") TIMES("s30", "s14") \
    TIMES("s31", "s15") \
    PLUS(s0, "s16") PLUS(s1, "s24") PLUS(s0, "s17") PLUS(s1, "s25") \
    PLUS(s0, "s18") PLUS(s1, "s26") PLUS(s0, "s19") PLUS(s1, "s27") \
    PLUS(s0, "s20") PLUS(s1, "s28") PLUS(s0, "s21") PLUS(s1, "s29") \
    PLUS(s0, "s22") PLUS(s1, "s30") PLUS(s0, "s23") PLUS(s1, "s31")
# define POP(s, r) "vldmia " r "!, {" s "}\n\t"
# define TIMES(x, y) MUL(x, x, y)
# define PLUS(x, y) ADD(x, x, y)
/* To the next block of n channels, which begins earlier where fewer are left,
 * or to `end`. */
# define NEXT_CHANNELS(n, begin, end) \
    "ldr r1, [r0, #52]\n\t" "ldr r2, [r0, #4]\n\t" "ldr r3, [r0, #8]\n\t" \
    "ldr r4, [r0, #44]\n\t" "ldr r5, [r0, #24]\n\t" \
    "mov r6, #" n "\n\t" \
    "subs r1, r6\n\t" \
    "ble " end "\n\t" \
    "cmp r1, r6\n\t" \
    "itt lt\n\t" \
    "movlt r6, r1\n\t" \
    "movlt r1, #" n "\n\t" \
    "mla r2, r5, r6, r2\n\t" \
    "add r3, r3, r6, lsl #2\n\t" \
    "cmp r4, #0\n\t" \
    "it ne\n\t" \
    "addne r4, r4, r6, lsl #2\n\t" \
    "str r1, [r0, #52]\n\t" "str r2, [r0, #4]\n\t" "str r3, [r0, #8]\n\t" \
    "str r4, [r0, #44]\n\t" \
    "b " begin "\n"
# define AFTER(r, other) "add " r ", " other ", lr\n\t"
# define MOVE(r, by) "add " r ", " by "\n\t"
# define WEIGHTS_FORWARD(by) \
    MOVE("r5", by) MOVE("r6", by) MOVE("r8", by) MOVE("r9", by)
# define FORWARD(by) \
    MOVE("r1", by) MOVE("r2", by) MOVE("r3", by) MOVE("r4", by) \
    WEIGHTS_FORWARD(by)
/* Loads or stores what begins at r3, r4 bytes from point to point. */
# define FOUR_POINTS(move) \
    move " r3, {s0-s3}\n\t" MOVE("r3", "r4") \
    move " r3, {s4-s7}\n\t" MOVE("r3", "r4") \
    move " r3, {s8-s11}\n\t" MOVE("r3", "r4") \
    move " r3, {s12-s15}\n\t"

/* clang-format on */

/*
 * The outputs of a block. In assembly, as gcc 12 spreads the loads and then
 * runs out of registers: a load that follows another takes one cycle, not two.
 * Eight steps are 9 + 32 cycles each and 11 for the loop: 2.65 cycles a
 * product, where four channels at one point take 3.8.
 */
TIN_NOINLINE static void make_outputs(blocks *b)
{
    register blocks *p __asm__("r0") = b;

    // r1-r4: inputs of the points, r5 r6 r8 r9: weights of the channels,
    // r10: floats left, r11: pieces, r12: how many
    // clang-format off
    __asm__ volatile(
        "10:\n\t" // four channels
        "ldr r11, [r0]\n\t" "ldr r5, [r0, #4]\n\t" "ldr r12, [r0, #12]\n\t"
        "ldr lr, [r0, #24]\n\t" "ldr r1, [r0, #48]\n\t"
        AFTER("r6", "r5") AFTER("r8", "r6") AFTER("r9", "r8")
        "cbnz r1, 9f\n\t"
        TIN_FPU_ZERO_16("r1")
        "b 1f\n"
        "9:\n\t"
        "ldr r3, [r0, #8]\n\t" "ldr r4, [r0, #28]\n\t"
        FOUR_POINTS("vldmia")
        "1:\n\t" // a piece
        "ldr r2, [r0, #20]\n\t" "ldr r10, [r0, #16]\n\t"
        "cbnz r2, 7f\n\t"
        "ldm r11!, {r1-r4}\n\t"
        "cmp r10, #1\n\t"
        "beq 13f\n\t"
        "b 8f\n"
        "7:\n\t" // of points in a row
        "ldr r1, [r11], #4\n\t"
        "add r3, r1, r2, lsl #1\n\t"
        "add r4, r3, r2\n\t"
        "add r2, r1\n"
        "8:\n\t"
        "subs r10, #8\n\t"
        "blt 3f\n"
        "2:\n\t" // eight floats
        STEP("0") STEP("4") STEP("8") STEP("12")
        STEP("16") STEP("20") STEP("24") STEP("28")
        FORWARD("#32")
        "subs r10, #8\n\t"
        "bge 2b\n"
        "3:\n\t"
        "adds r10, #8\n\t"
        "beq 5f\n"
        "4:\n\t" // one float
        STEP("0") FORWARD("#4")
        "subs r10, #1\n\t"
        "bne 4b\n"
        "5:\n\t"
        "subs r12, #1\n\t"
        "bne 1b\n\t"
        "ldr r1, [r0, #44]\n\t" "ldr r2, [r0, #32]\n\t" "ldr r3, [r0, #8]\n\t"
        "ldr r4, [r0, #28]\n\t"
        "cmp r2, #0\n\t"
        "blt 6f\n\t"
        "cbz r1, 11f\n\t"
        "vldmia r1, {s16-s19}\n\t"
        ADD_BIAS("s0", "s1", "s2", "s3") ADD_BIAS("s4", "s5", "s6", "s7")
        ADD_BIAS("s8", "s9", "s10", "s11") ADD_BIAS("s12", "s13", "s14", "s15")
        "\n11:\n\t"
        "vldr s16, [r0, #36]\n\t"
        "vldr s17, [r0, #40]\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_16, "r2", "s16", "s17", "6f")
        "\n6:\n\t" // sums are outputs
        FOUR_POINTS("vstmia")
        NEXT_CHANNELS("4", "10b", "12f")
        "13:\n\t" // a piece of one float
        STEP("0") WEIGHTS_FORWARD("#4")
        "b 5b\n"
        "12:"
        : "+r"(p)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10",
        "r11", "r12", "lr", "cc", "memory", TIN_FPU_REGISTERS);
    // clang-format on
}

/*
 * The same of one point, eight channels at a time; go_on is 0. In assembly, as
 * gcc 12 loads single registers: 3.3 cycles a product, where four channels take
 * 4.4.
 */
TIN_NOINLINE static void make_eights(blocks *b)
{
    register blocks *p __asm__("r0") = b;

    // r1: inputs, r2-r6 r8-r10: weights of the channels, r11: pieces, r12: how
    // many, lr: floats left
    // clang-format off
    __asm__ volatile(
        "10:\n\t" // eight channels
        "ldr r11, [r0]\n\t" "ldr r2, [r0, #4]\n\t" "ldr r12, [r0, #12]\n\t"
        "ldr lr, [r0, #24]\n\t"
        "mov r1, #0\n\t"
        AFTER("r3", "r2") AFTER("r4", "r3") AFTER("r5", "r4") AFTER("r6", "r5")
        AFTER("r8", "r6") AFTER("r9", "r8") AFTER("r10", "r9")
        TIN_FPU_ZERO_8("r1")
        "1:\n\t" // a piece
        "ldr r1, [r11], #4\n\t"
        "ldr lr, [r0, #16]\n\t"
        "subs lr, #8\n\t"
        "blt 3f\n"
        "2:\n\t" // eight floats
        "vldmia r1!, {s8-s15}\n\t"
        PAIR("r2", "r3", "s0", "s1")
        PAIR("r4", "r5", "s2", "s3")
        PAIR("r6", "r8", "s4", "s5")
        PAIR("r9", "r10", "s6", "s7")
        "subs lr, #8\n\t"
        "bge 2b\n"
        "3:\n\t"
        "adds lr, #8\n\t"
        "beq 5f\n"
        "4:\n\t" // one float
        POP("s8", "r1") POP("s16", "r2") POP("s17", "r3") POP("s18", "r4")
        POP("s19", "r5") POP("s20", "r6") POP("s21", "r8") POP("s22", "r9")
        POP("s23", "r10")
        TIMES("s16", "s8") TIMES("s17", "s8") TIMES("s18", "s8")
        TIMES("s19", "s8") TIMES("s20", "s8") TIMES("s21", "s8")
        TIMES("s22", "s8") TIMES("s23", "s8")
        TIN_FPU_ADD_8("s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")
        "subs lr, #1\n\t"
        "bne 4b\n"
        "5:\n\t"
        "ldr lr, [r0, #56]\n\t"
        MOVE("r2", "lr") MOVE("r3", "lr") MOVE("r4", "lr") MOVE("r5", "lr")
        MOVE("r6", "lr") MOVE("r8", "lr") MOVE("r9", "lr") MOVE("r10", "lr")
        "subs r12, #1\n\t"
        "bne 1b\n\t"
        "ldr r1, [r0, #44]\n\t" "ldr r2, [r0, #32]\n\t" "ldr r3, [r0, #8]\n\t"
        "cbz r1, 11f\n\t"
        "vldmia r1, {s8-s15}\n\t"
        TIN_FPU_ADD_8("s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15")
        "\n11:\n\t"
        "vldr s8, [r0, #36]\n\t"
        "vldr s9, [r0, #40]\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_8, "r2", "s8", "s9", "6f")
        "\n6:\n\t"
        "vstmia r3, {s0-s7}\n\t"
        NEXT_CHANNELS("8", "10b", "12f")
        "12:"
        : "+r"(p)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",
        "lr", "cc", "memory", TIN_FPU_REGISTERS);
    // clang-format on
}
#else
/* To the next block of n channels, which begins earlier where fewer are left;
 * 0 if there is none. */
static int next_channels(blocks *b, int32_t n)
{
    const int32_t left = b->left - n, step = left < n ? left : n;

    if (left <= 0)
        return 0;
    b->w += (size_t)step * (b->w_step / 4);
    b->out += step;
    b->bias += b->bias ? step : 0;
    b->left = left < n ? n : left;
    return 1;
}

/* Channel c of point i. */
static void make_output(const blocks *b, int32_t i, int32_t c)
{
    const size_t next = (size_t)b->n + b->w_skip / 4;
    float *out = b->out + (size_t)i * (b->out_step / 4) + c;
    const float *w = b->w + (size_t)c * (b->w_step / 4);
    float sum = b->go_on ? *out : 0;

    for (int32_t k = 0; k < b->pieces; k++, w += next) {
        const float *x = b->x_step ? b->x[k] + (size_t)i * (b->x_step / 4)
                                   : b->x[k * SIDE + i];

        sum = tin_dot_f32(sum, x, w, b->n);
    }
    if (b->bounds >= 0)
        sum = tin_clampf(sum + (b->bias ? b->bias[c] : 0), b->lo, b->hi);
    *out = sum;
}

static void make_outputs(blocks *b)
{
    do {
        for (int32_t i = 0; i < SIDE * SIDE; i++)
            make_output(b, i / SIDE, i % SIDE);
    } while (next_channels(b, SIDE));
}

static void make_eights(blocks *b)
{
    do {
        for (int32_t c = 0; c < EIGHT; c++)
            make_output(b, 0, c);
    } while (next_channels(b, EIGHT));
}
#endif

/* What all rows share, and where one of them is. */
typedef struct {
    const tin_conv2d_f32_params *p;
    const tin_rows *in;
    int32_t group_in, group_out; /* channels of one group */
    int32_t row_pieces;          /* of a kernel row */
    int32_t filter;              /* weights of an output channel */
    int32_t in_w, out_w;         /* columns of a row, or of some in one */
    int32_t full0, full1;        /* columns whose windows lie in the image */
    tin_patch v;                 /* the kernel rows, and the first one's row */
} layer;

/* The input row that kernel row ky meets. */
static const float *input_row(const layer *l, int32_t ky)
{
    return tin_row(l->in, l->v.row + (ky - l->v.ky0) * l->p->window.dilation_h);
}

/* Lists the pieces of the kernel rows ky .. end - 1 at a point whose first
 * float is `at`. Returns how many. */
static inline int32_t list_pieces(const layer *l, const float **x, int32_t ky,
                                  int32_t end, int32_t at)
{
    const tin_window *w = &l->p->window;
    const size_t step = (size_t)w->dilation_w * (size_t)w->in_c;
    int32_t n = 0;

    for (; ky < end; ky++) {
        const float *from = input_row(l, ky) + at;

        for (int32_t i = 0; i < l->row_pieces; i++)
            x[n++] = from + (size_t)i * step;
    }
    return n;
}

/* The same by taps for four points, the first of which sees columns from ix on,
 * channels from c on. */
static inline int32_t list_taps(const layer *l, const float **x, int32_t ky,
                                int32_t end, int32_t ix, int32_t c)
{
    const tin_window *w = &l->p->window;
    const int32_t n = (end - ky) * w->kernel_w;

    for (; ky < end; ky++) {
        const float *from = input_row(l, ky) + c;

        for (int32_t kx = 0; kx < w->kernel_w; kx++) {
            int32_t col = ix + kx * w->dilation_w;

            for (int32_t i = 0; i < SIDE; i++, col += w->stride_w)
                *x++ = 0 <= col && col < l->in_w ? from + col * w->in_c : zeros;
        }
    }
    return n;
}

/* Are the windows of four points from column ox on in the image? */
static int is_full(const layer *l, int32_t ox)
{
    return l->full0 <= ox && ox + SIDE <= l->full1;
}

/* All channels of group g, from the weight `skip` of each on. */
static inline void start_channels(const layer *l, int32_t g, int32_t skip,
                                  float *out, blocks *b)
{
    const tin_conv2d_f32_params *p = l->p;
    const int32_t oc = g * l->group_out;

    b->w = p->weights + (size_t)oc * (size_t)l->filter + skip;
    b->w_step = 4u * (uint32_t)l->filter;
    b->bias = p->bias ? p->bias + oc : NULL;
    b->out = out + oc;
    b->left = l->group_out;
    b->lo = p->act_min;
    b->hi = p->act_max;
    b->bounds = tin_fpu_bounds(b->lo, b->hi);
    b->w_skip = 0;
}

/* What four points from column ox on meet in group g with the kernel rows
 * ky .. end - 1. Apart from what calls make_outputs, for the sake of the
 * stack. */
TIN_NOINLINE static void start_block(const layer *l, int32_t g, int32_t ox,
                                     int32_t ky, int32_t end, float *out,
                                     const float **x, blocks *b)
{
    const tin_window *w = &l->p->window;
    const int32_t first = g * l->group_in;
    const int32_t ix = ox * w->stride_w - w->pad_left;

    b->x = x;
    start_channels(l, g, ky * w->kernel_w * l->group_in, out, b);
    b->out_step = 4u * (uint32_t)w->out_c;
    if (end < l->v.ky1)
        b->bounds = -1;
    b->go_on = ky > l->v.ky0;
    if (is_full(l, ox)) {
        b->pieces = list_pieces(l, x, ky, end, ix * w->in_c + first);
        b->n = w->kernel_w / l->row_pieces * l->group_in;
        b->x_step = 4u * (uint32_t)(w->stride_w * w->in_c);
    } else {
        b->pieces = list_taps(l, x, ky, end, ix, first);
        b->n = l->group_in;
        b->x_step = 0;
    }
}

/* Four points from column ox on, all channels of group g: as many kernel rows
 * at a time as the list has room for. */
TIN_NOINLINE static void make_block(const layer *l, int32_t g, int32_t ox,
                                    float *out)
{
    const int32_t rows = is_full(l, ox) ? LIST / l->row_pieces
                                        : EDGE_TAPS / l->p->window.kernel_w;
    const float *x[LIST];
    blocks b;

    for (int32_t ky = l->v.ky0; ky < l->v.ky1; ky += rows) {
        const int32_t end = l->v.ky1 - ky < rows ? l->v.ky1 : ky + rows;

        start_block(l, g, ox, ky, end, out, x, &b);
        make_outputs(&b);
    }
}

/* Four channels of one point, which sees the taps kx0 .. kx1 - 1. */
TIN_NOINLINE static void make_point(const layer *l, int32_t oc, int32_t ix,
                                    int32_t kx0, int32_t kx1, float *out)
{
    const tin_window *w = &l->p->window;
    const int32_t gc = l->group_in;
    const int32_t reach = l->row_pieces == 1 ? kx1 - kx0 : 1; /* of a piece */
    const int32_t first = oc / l->group_out * gc;
    const float *weights = l->p->weights + (size_t)oc * (size_t)l->filter;
    float sums[SIDE] = {0, 0, 0, 0};

    for (int32_t ky = l->v.ky0; ky < l->v.ky1; ky++) {
        const float *x = input_row(l, ky) + first;
        const float *v = weights + ky * w->kernel_w * gc;

        for (int32_t kx = kx0; kx < kx1; kx += reach)
            tin_dot4_f32(sums, x + (ix + kx * w->dilation_w) * w->in_c,
                         v + kx * gc, (size_t)l->filter, reach * gc);
    }
    for (int32_t i = 0; i < SIDE; i++) {
        const float bias = l->p->bias ? l->p->bias[oc + i] : 0;

        out[oc + i] = tin_clampf(sums[i] + bias, l->p->act_min, l->p->act_max);
    }
}

/* All channels of group g of a point that sees the taps kx0 .. kx1 - 1 as whole
 * pieces. */
TIN_NOINLINE static void make_whole(const layer *l, int32_t g, int32_t ix,
                                    int32_t kx0, int32_t kx1, float *out)
{
    const tin_window *w = &l->p->window;
    const int32_t first = (ix + kx0 * w->dilation_w) * w->in_c;
    const int32_t skip = (l->v.ky0 * w->kernel_w + kx0) * l->group_in;
    const float *x[POINT_LIST];
    blocks b;

    start_channels(l, g, skip, out, &b);
    b.x = x;
    b.pieces = list_pieces(l, x, l->v.ky0, l->v.ky1, first + g * l->group_in);
    b.n = (kx1 - kx0) / l->row_pieces * l->group_in;
    b.w_skip = 4u * (uint32_t)((w->kernel_w - (kx1 - kx0)) * l->group_in);
    b.x_step = 4; // any but 0
    b.go_on = 0;
    make_eights(&b);
}

/* Can make_whole make this point? */
static int is_whole(const layer *l, int32_t kx0, int32_t kx1)
{
    const int32_t rows = l->v.ky1 - l->v.ky0;

    return l->group_out >= EIGHT && rows > 0 && kx0 < kx1 &&
           rows <= POINT_LIST / l->row_pieces &&
           (l->row_pieces == 1 || kx1 - kx0 == l->p->window.kernel_w);
}

/* All channels of the columns ox0 .. ox1 - 1, point by point. */
static void make_points(const layer *l, int32_t ox0, int32_t ox1, float *row)
{
    const tin_window *w = &l->p->window;
    int32_t kx0, kx1;

    for (int32_t ox = ox0; ox < ox1; ox++) {
        const int32_t ix = ox * w->stride_w - w->pad_left;
        float *out = row + ox * w->out_c;

        tin_window_clip(ix, w->kernel_w, w->dilation_w, l->in_w, &kx0, &kx1);
        for (int32_t g = 0; g < l->p->groups; g++) {
            const int32_t end = (g + 1) * l->group_out;

            if (is_whole(l, kx0, kx1)) {
                make_whole(l, g, ix, kx0, kx1, out);
                continue;
            }
            for (int32_t oc = g * l->group_out; oc < end; oc += SIDE) {
                if (oc > end - SIDE)
                    oc = end - SIDE;
                make_point(l, oc, ix, kx0, kx1, out);
            }
        }
    }
}

/* The columns ox0 .. ox1 - 1, at least four, in blocks. */
static void make_blocks(const layer *l, int32_t ox0, int32_t ox1, float *row)
{
    for (int32_t ox = ox0; ox < ox1; ox += SIDE) {
        if (ox > ox1 - SIDE)
            ox = ox1 - SIDE;
        for (int32_t g = 0; g < l->p->groups; g++)
            make_block(l, g, ox, row + ox * l->p->window.out_c);
    }
}

/* The columns block0 .. block1 - 1 in blocks, the others one by one. */
static void make_row(const layer *l, int32_t block0, int32_t block1, float *row)
{
    if (l->v.ky0 == l->v.ky1)
        block0 = block1 = 0;
    make_points(l, 0, block0, row);
    make_blocks(l, block0, block1, row);
    make_points(l, block1, l->out_w, row);
}

/* Can blocks be made with so many pieces of a kernel row? Where they go on from
 * sums, no channel may be made twice. */
static int has_room(const layer *l, int32_t row_pieces)
{
    const int32_t rows = LIST / row_pieces;

    return rows >= l->p->window.kernel_h ||
           (rows > 0 && l->group_out % SIDE == 0);
}

/* The columns that are made in blocks; none if *end is 0. One or two that are
 * left are faster alone. */
static void find_blocks(const layer *l, int32_t *first, int32_t *end)
{
    const tin_window *w = &l->p->window;

    *first = *end = 0;
    if (has_room(l, l->row_pieces)) {
        *first = l->full0;
        *end = l->full1;
    }
    if (l->group_in <= ZEROS && w->kernel_w <= EDGE_TAPS &&
        has_room(l, SIDE * w->kernel_w)) {
        *first = 0;
        *end = l->out_w;
    }
    if (*end - *first < SIDE)
        *first = *end = 0;
    if ((*end - *first) % SIDE < SIDE - 1 && l->group_out >= EIGHT &&
        l->row_pieces == 1)
        *end -= (*end - *first) % SIDE;
}

/* Rows from y on, before y1, that are one long row: those of a 1x1 kernel that
 * lie side by side. */
TIN_NOINLINE static int32_t joined_rows(const layer *l, const tin_rows *out,
                                        int32_t y, int32_t y1)
{
    const tin_window *w = &l->p->window;
    const int32_t in_row = w->in_w * w->in_c, out_row = w->out_w * w->out_c;
    const int32_t most = JOINED / (in_row > out_row ? in_row : out_row);
    int32_t n = l->in->rows - tin_slot(l->in, y);

    if (l->filter > l->group_in || w->stride_h > 1 || w->stride_w > 1 ||
        w->pad_top > 0 || w->pad_left > 0 || w->in_h != w->out_h ||
        w->in_w != w->out_w || l->in->row_bytes != 4 * in_row ||
        out->row_bytes != 4 * out_row)
        return 1;
    if (n > out->rows - tin_slot(out, y))
        n = out->rows - tin_slot(out, y);
    if (n > y1 - y)
        n = y1 - y;
    return tin_clamp(n, 1, most);
}

/* n rows from y on, as one. */
static void make_rows(layer *l, int32_t n, int32_t y, float *row)
{
    const tin_window *w = &l->p->window;
    int32_t room, block0, block1;

    l->in_w = n * w->in_w;
    l->out_w = n * w->out_w;
    l->full0 = (w->pad_left + w->stride_w - 1) / w->stride_w;
    room = l->in_w - (w->kernel_w - 1) * w->dilation_w;
    l->full1 = room < 1 ? 0 : (room + w->pad_left - 1) / w->stride_w + 1;
    if (l->full1 > l->out_w)
        l->full1 = l->out_w;
    find_blocks(l, &block0, &block1);
    tin_patch_rows(&l->v, w, l->in->rows, y);
    make_row(l, block0, block1, row);
}

void tin_conv2d_f32_fpu(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_conv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    layer l;

    (void)scratch;
    l.p = p;
    l.in = in;
    l.group_in = w->in_c / p->groups;
    l.group_out = w->out_c / p->groups;
    l.row_pieces = tin_conv2d_f32_fpu_row_pieces(p);
    l.filter = w->kernel_h * w->kernel_w * l.group_in;
    for (int32_t y = y0, n; y < y1; y += n) {
        n = joined_rows(&l, out, y, y1);
        make_rows(&l, n, y, tin_row(out, y));
    }
}

tin_status tin_conv2d_f32_fpu_check(const void *params, const char **why)
{
    const tin_conv2d_f32_params *p = params;
    const tin_status status = tin_conv2d_check_f32(p, why);

    if (status == TIN_OK && !tin_conv2d_f32_fpu_fits(p))
        return TIN_WHY(why, "a group of fewer than 4 channels, or too many "
                            "pieces of taps"),
               TIN_ERR_UNSUPPORTED;
    return status;
}
