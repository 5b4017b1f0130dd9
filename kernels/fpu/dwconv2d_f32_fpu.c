/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_f32_fpu: see tinyinfer_fpu.h.
 *
 * Blocks of two points times eight channels: their 16 sums stay in registers
 * while all taps go by, and what is loaded of the weights serves twice. Points
 * at the sides of the image, and one that is left over, are made alone: only
 * two that see the same taps go together.
 *
 * What is no whole eight of channels ends with a block that begins earlier and
 * makes some channels once more: the same bits.
 */
#include "tinyinfer_fpu.h"

enum { OUTS = 8, LIST = TIN_FPU_PIECES };

/* All channels of one point, or of two and the next two ...; the assembly knows
 * the order. */
typedef struct {
    const float *const *rows; /* of the image, for each kernel row */
    const float *w;           /* the first tap's */
    float *out;
    const float *bias;   /* or NULL */
    int32_t ky, kx;      /* taps */
    uint32_t first;      /* bytes from the beginning of a row to a tap */
    uint32_t x_step;     /* bytes from tap to tap */
    uint32_t w_step;     /* the same of weights */
    uint32_t w_skip;     /* bytes from the last tap of a row to the next row */
    uint32_t point_step; /* bytes from point to point; 0: there is but one */
    uint32_t out_step;   /* the same of outputs */
    uint32_t last;       /* bytes from the first eight channels to the last */
    int32_t bounds;      /* tin_fpu_bounds */
    float lo, hi;
    int32_t left; /* times: first and out move on by two points from one to the
                     next */
} blocks;

#if TIN_HAVE_FPU
/* clang-format off */

/* Eight weights times what is in s24 to s31. */
# define PRODUCTS \
    TIN_FPU_MUL("s24", "s24", "s16") TIN_FPU_MUL("s25", "s25", "s17") \
    TIN_FPU_MUL("s26", "s26", "s18") TIN_FPU_MUL("s27", "s27", "s19") \
    TIN_FPU_MUL("s28", "s28", "s20") TIN_FPU_MUL("s29", "s29", "s21") \
    TIN_FPU_MUL("s30", "s30", "s22") TIN_FPU_MUL("s31", "s31", "s23")

/* clang-format on */

/*
 * The outputs of one point or two. In assembly, as gcc 12 loads single
 * registers and spills sums. A tap of two points is 27 loads, 32
 * multiplications and additions and 6 for the loop: 4.1 cycles a product; of
 * one point 5.1.
 */
TIN_NOINLINE static void make_outputs(blocks *b)
{
    register blocks *p __asm__("r0") = b;

    // r1: inputs, r2: weights, r5: taps left, r6: rows left, r8: rows, r9:
    // bytes from the first channels to these, r4: point_step
    // clang-format off
    __asm__ volatile(
        "ldr r4, [r0, #40]\n"
        "11:\n\t"
        "mov r9, #0\n"
        "1:\n\t"
        "mov r1, #0\n\t"
        TIN_FPU_ZERO_16("r1")
        "ldr r8, [r0]\n\t"
        "ldr r2, [r0, #4]\n\t"
        "ldr r6, [r0, #16]\n\t"
        "ldr r11, [r0, #24]\n\t"
        "ldr r3, [r0, #28]\n\t"
        "ldr r10, [r0, #32]\n\t"
        "ldr lr, [r0, #36]\n\t"
        "add r2, r9\n\t"
        "add r11, r9\n\t"
        "cmp r6, #0\n\t"
        "beq 5f\n"
        "2:\n\t"
        "ldr r1, [r8], #4\n\t"
        "ldr r5, [r0, #20]\n\t"
        "add r1, r11\n"
        "3:\n\t"
        "vldmia r2, {s16-s23}\n\t"
        "vldmia r1, {s24-s31}\n\t"
        PRODUCTS
        TIN_FPU_ADD_8("s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31")
        "cbz r4, 4f\n\t"
        "add r12, r1, r4\n\t"
        "vldmia r12, {s24-s31}\n\t"
        PRODUCTS
        TIN_FPU_ADD_HIGH_8("s24", "s25", "s26", "s27",
                           "s28", "s29", "s30", "s31")
        "\n4:\n\t"
        "add r1, r3\n\t"
        "add r2, r10\n\t"
        "subs r5, #1\n\t"
        "bne 3b\n\t"
        "add r2, lr\n\t"
        "subs r6, #1\n\t"
        "bne 2b\n"
        "5:\n\t"
        "ldr r1, [r0, #12]\n\t"
        "ldr r2, [r0, #52]\n\t"
        "ldr r3, [r0, #8]\n\t"
        "ldr r10, [r0, #44]\n\t"
        "cbz r1, 6f\n\t"
        "add r1, r9\n\t"
        "vldmia r1, {s16-s23}\n\t"
        TIN_FPU_ADD_8("s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")
        TIN_FPU_ADD_HIGH_8("s16", "s17", "s18", "s19",
                           "s20", "s21", "s22", "s23")
        "\n6:\n\t"
        "vldr s16, [r0, #56]\n\t"
        "vldr s17, [r0, #60]\n\t"
        "add r3, r9\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_8, "r2", "s16", "s17", "7f")
        "\n7:\n\t"
        "vstmia r3, {s0-s7}\n\t"
        "cmp r4, #0\n\t"
        "beq 9f\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_HIGH_8, "r2", "s16", "s17", "8f")
        "\n8:\n\t"
        "add r3, r10\n\t"
        "vstmia r3, {s8-s15}\n"
        "9:\n\t"
        "ldr r1, [r0, #48]\n\t"
        "cmp r9, r1\n\t"
        "beq 10f\n\t"
        "add r9, #32\n\t"
        "cmp r9, r1\n\t"
        "it hi\n\t"
        "movhi r9, r1\n\t"
        "b 1b\n"
        "10:\n\t"
        "ldr r1, [r0, #64]\n\t"
        "ldr r2, [r0, #24]\n\t"
        "ldr r3, [r0, #8]\n\t"
        "subs r1, #1\n\t"
        "add r2, r2, r4, lsl #1\n\t"
        "add r3, r3, r10, lsl #1\n\t"
        "str r1, [r0, #64]\n\t"
        "str r2, [r0, #24]\n\t"
        "str r3, [r0, #8]\n\t"
        "bne 11b"
        : "+r"(p)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",
        "lr", "cc", "memory", TIN_FPU_REGISTERS);
    // clang-format on
}
#else
/* The outputs of one point, eight channels from c on. */
static void make_eight(const blocks *b, size_t point, size_t c)
{
    const float *w = b->w + c;
    float *out = b->out + point * (b->out_step / 4) + c;
    float sums[OUTS] = {0, 0, 0, 0, 0, 0, 0, 0};

    for (int32_t i = 0; i < b->ky; i++, w += b->w_skip / 4) {
        const float *x = b->rows[i] + b->first / 4 + c;

        x += point * (b->point_step / 4);
        for (size_t j = 0; j < (size_t)b->kx; j++, w += b->w_step / 4)
            for (size_t k = 0; k < OUTS; k++)
                sums[k] += x[j * (b->x_step / 4) + k] * w[k];
    }
    for (size_t k = 0; k < OUTS; k++)
        out[k] =
            tin_clampf(sums[k] + (b->bias ? b->bias[c + k] : 0), b->lo, b->hi);
}

static void make_outputs(blocks *b)
{
    const size_t last = b->last / 4;

    for (; b->left > 0; b->left--) {
        for (size_t point = 0; point <= (b->point_step > 0); point++) {
            for (size_t c = 0; c < last; c += OUTS)
                make_eight(b, point, c);
            make_eight(b, point, last);
        }
        b->first += 2 * b->point_step;
        b->out += 2 * (b->out_step / 4);
    }
}
#endif

/* Columns from ox on: as many twos as see all of the kernel's columns, or one.
 * w: weights of the first kernel row; b: what all of a row share. Returns how
 * many. */
static int32_t make_points(const tin_dwconv2d_f32_params *p, tin_patch *v,
                           int32_t ox, const float *w, float *row, blocks *b)
{
    const tin_window *win = &p->window;
    const int32_t c = win->in_c;
    const int32_t reach = (win->kernel_w - 1) * win->dilation_w;
    int32_t n = 1;

    tin_patch_cols(v, win, ox);
    if (v->kx1 - v->kx0 == win->kernel_w)
        n += (win->in_w - 1 - reach - v->col) / win->stride_w;
    if (n > win->out_w - ox)
        n = win->out_w - ox;
    b->left = n < 2 ? 1 : n / 2;
    b->kx = v->kx1 - v->kx0;
    b->ky = b->kx > 0 ? v->ky1 - v->ky0 : 0;
    b->w = w + v->kx0 * c;
    b->out = row + ox * c;
    b->first = 4u * (uint32_t)(v->col * c);
    b->w_skip = 4u * (uint32_t)((win->kernel_w - b->kx) * c);
    b->point_step = n < 2 ? 0 : 4u * (uint32_t)(win->stride_w * c);
    make_outputs(b);
    return n < 2 ? 1 : n / 2 * 2;
}

/* What all rows share. */
static void start(const tin_dwconv2d_f32_params *p, const float **rows,
                  blocks *b)
{
    const uint32_t c = (uint32_t)p->window.in_c;

    b->rows = rows;
    b->bias = p->bias;
    b->x_step = 4 * c * (uint32_t)p->window.dilation_w;
    b->w_step = b->out_step = 4 * c;
    b->last = 4 * (c - OUTS);
    b->lo = p->act_min;
    b->hi = p->act_max;
    b->bounds = tin_fpu_bounds(b->lo, b->hi);
}

void tin_dwconv2d_f32_fpu(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_dwconv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    const float *rows[LIST];
    tin_patch v;
    blocks b;

    (void)scratch;
    start(p, rows, &b);
    for (int32_t y = y0; y < y1; y++) {
        const float *weights = p->weights;

        tin_patch_rows(&v, w, in->rows, y);
        weights += v.ky0 * w->kernel_w * w->in_c;
        for (int32_t i = 0; i < v.ky1 - v.ky0; i++)
            rows[i] = tin_row(in, v.row + i * w->dilation_h);
        for (int32_t ox = 0; ox < w->out_w;)
            ox += make_points(p, &v, ox, weights, tin_row(out, y), &b);
    }
}

tin_status tin_dwconv2d_f32_fpu_check(const void *params, const char **why)
{
    const tin_dwconv2d_f32_params *p = params;
    const tin_status status = tin_dwconv2d_f32_check(p, why);

    if (status == TIN_OK && !tin_dwconv2d_f32_fpu_fits(p))
        return TIN_WHY(why, "fewer than 8 channels, more than one output "
                            "channel for each, or too many rows of taps"),
               TIN_ERR_UNSUPPORTED;
    return status;
}
