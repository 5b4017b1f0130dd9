/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_f32_fpu: see tinyinfer_fpu.h.
 *
 * Blocks of two points times eight channels: their 16 sums stay in registers
 * while all taps go by, and what is loaded of the weights serves twice. At the
 * sides of the image one of the points sees a tap or two alone: the second one
 * before they meet, on the left, the first one behind, on the right. A point
 * that is left over is a first one that meets no other.
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
    const float *bias;  /* or NULL */
    int32_t ky;         /* kernel rows */
    int32_t left_kx;    /* taps of the second point alone */
    int32_t kx;         /* taps of both */
    int32_t right_kx;   /* taps of the first point alone */
    int32_t first;      /* bytes from the beginning of a row to the first tap
                           of these, seen from the first point */
    int32_t x_step;     /* bytes from tap to tap */
    int32_t w_step;     /* the same of weights */
    int32_t w_skip;     /* bytes from the last tap of a row to the next row */
    int32_t point_step; /* bytes from point to point; 0 where there is one */
    int32_t out_step;   /* the same of outputs */
    int32_t last;       /* bytes from the first eight channels to the last */
    int32_t bounds;     /* tin_fpu_bounds */
    float lo, hi;
    int32_t left; /* twos, or 1; first and out move on from two to two */
} blocks;

#if TIN_HAVE_FPU

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* clang-format off */

/* Loads eight inputs and multiplies them by the weights in s16 to s23. */
# define PRODUCTS(x) \
    "vldmia " x ", {s24-s31}\n\t" \
    TIN_FPU_MUL("s24", "s24", "s16") TIN_FPU_MUL("s25", "s25", "s17") \
    TIN_FPU_MUL("s26", "s26", "s18") TIN_FPU_MUL("s27", "s27", "s19") \
    TIN_FPU_MUL("s28", "s28", "s20") TIN_FPU_MUL("s29", "s29", "s21") \
    TIN_FPU_MUL("s30", "s30", "s22") TIN_FPU_MUL("s31", "s31", "s23")
# define FIRST_POINT \
    PRODUCTS("r1") \
    TIN_FPU_ADD_8("s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31")
# define SECOND_POINT \
    "add r12, r1, r4\n\t" \
    PRODUCTS("r12") \
    TIN_FPU_ADD_HIGH_8("s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31")
/* r5 taps, each of which does `points`. */
# define TAPS(points) \
    "1:\n\t" \
    "vldmia r2, {s16-s23}\n\t" \
    points \
    "add r1, r3\n\t" \
    "add r2, r10\n\t" \
    "subs r5, #1\n\t" \
    "bne 1b\n"

/* clang-format on */

/*
 * In assembly, as gcc 12 loads single registers and spills sums. A tap of two
 * points is 27 loads, 32 multiplications and additions and 6 for the loop: 4.1
 * cycles a product; of one point 4.9.
 */
TIN_NOINLINE static void make_outputs(blocks *b)
{
    register blocks *p __asm__("r0") = b;

    // r1: inputs, r2: weights, r3: x_step, r4: point_step, r5: taps left, r6:
    // rows left, r8: rows, r9: bytes from the first channels to these, r10:
    // w_step, r11: bytes from the beginning of a row, lr: w_skip
    // clang-format off
    __asm__ volatile(
        "ldr r4, [r0, #48]\n"
        "2:\n\t" // two points
        "mov r9, #0\n"
        "3:\n\t" // eight channels
        "mov r1, #0\n\t"
        TIN_FPU_ZERO_16("r1")
        "ldr r8, [r0]\n\t"
        "ldr r2, [r0, #4]\n\t"
        "ldr r6, [r0, #16]\n\t"
        "ldr r11, [r0, #32]\n\t"
        "ldr r3, [r0, #36]\n\t"
        "ldr r10, [r0, #40]\n\t"
        "ldr lr, [r0, #44]\n\t"
        "add r2, r9\n\t"
        "add r11, r9\n\t"
        "cmp r6, #0\n\t"
        "beq 8f\n"
        "4:\n\t" // a kernel row
        "ldr r1, [r8], #4\n\t"
        "ldr r5, [r0, #20]\n\t"
        "add r1, r11\n\t"
        "cmp r5, #0\n\t"
        "beq 5f\n"
        TAPS(SECOND_POINT)
        "5:\n\t"
        "ldr r5, [r0, #24]\n\t"
        "cmp r5, #0\n\t"
        "beq 6f\n"
        TAPS(FIRST_POINT SECOND_POINT)
        "6:\n\t"
        "ldr r5, [r0, #28]\n\t"
        "cbz r5, 7f\n"
        TAPS(FIRST_POINT)
        "7:\n\t"
        "add r2, lr\n\t"
        "subs r6, #1\n\t"
        "bne 4b\n"
        "8:\n\t"
        "ldr r1, [r0, #12]\n\t"
        "ldr r2, [r0, #60]\n\t"
        "ldr r3, [r0, #8]\n\t"
        "ldr r10, [r0, #52]\n\t"
        "cbz r1, 9f\n\t"
        "add r1, r9\n\t"
        "vldmia r1, {s16-s23}\n\t"
        TIN_FPU_ADD_8("s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")
        TIN_FPU_ADD_HIGH_8("s16", "s17", "s18", "s19",
                           "s20", "s21", "s22", "s23")
        "\n9:\n\t"
        "vldr s16, [r0, #64]\n\t"
        "vldr s17, [r0, #68]\n\t"
        "add r3, r9\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_8, "r2", "s16", "s17", "10f")
        "\n10:\n\t"
        "vstmia r3, {s0-s7}\n\t"
        "cmp r4, #0\n\t"
        "beq 12f\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_HIGH_8, "r2", "s16", "s17", "11f")
        "\n11:\n\t"
        "add r3, r10\n\t"
        "vstmia r3, {s8-s15}\n"
        "12:\n\t"
        "ldr r1, [r0, #56]\n\t"
        "cmp r9, r1\n\t"
        "beq 13f\n\t"
        "add r9, #32\n\t"
        "cmp r9, r1\n\t"
        "it hi\n\t"
        "movhi r9, r1\n\t"
        "b 3b\n"
        "13:\n\t"
        "ldr r1, [r0, #72]\n\t"
        "ldr r2, [r0, #32]\n\t"
        "ldr r3, [r0, #8]\n\t"
        "subs r1, #1\n\t"
        "add r2, r2, r4, lsl #1\n\t"
        "add r3, r3, r10, lsl #1\n\t"
        "str r1, [r0, #72]\n\t"
        "str r2, [r0, #32]\n\t"
        "str r3, [r0, #8]\n\t"
        "bne 2b"
        : "+r"(p)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",
          "lr", "cc", "memory", TIN_FPU_REGISTERS);
    // clang-format on
}
#else
/* Eight channels from c on of the first point or the second one. */
static void make_eight(const blocks *b, int second, ptrdiff_t c)
{
    const int32_t begin = second ? 0 : b->left_kx;
    const int32_t end = b->left_kx + b->kx + (second ? 0 : b->right_kx);
    const int32_t taps = b->left_kx + b->kx + b->right_kx;
    const ptrdiff_t x_step = b->x_step / 4, w_step = b->w_step / 4;
    const ptrdiff_t point = second ? b->point_step / 4 : 0;
    const ptrdiff_t first = b->first / 4 + point + c;
    const ptrdiff_t w_row = taps * w_step + b->w_skip / 4;
    float *out = b->out + (second ? b->out_step / 4 : 0) + c;
    float sums[OUTS] = {0, 0, 0, 0, 0, 0, 0, 0};

    for (int32_t i = 0; i < b->ky; i++)
        for (int32_t j = begin; j < end; j++)
            for (int32_t k = 0; k < OUTS; k++)
                sums[k] += b->rows[i][first + j * x_step + k] *
                           b->w[i * w_row + j * w_step + c + k];
    for (int32_t k = 0; k < OUTS; k++)
        out[k] =
            tin_clampf(sums[k] + (b->bias ? b->bias[c + k] : 0), b->lo, b->hi);
}

static void make_outputs(blocks *b)
{
    const ptrdiff_t last = b->last / 4;

    for (; b->left > 0; b->left--) {
        for (int second = 0; second <= (b->point_step > 0); second++) {
            for (ptrdiff_t c = 0; c < last; c += OUTS)
                make_eight(b, second, c);
            make_eight(b, second, last);
        }
        b->first = (int32_t)((uint32_t)b->first + 2u * (uint32_t)b->point_step);
        b->out += 2 * (b->out_step / 4);
    }
}
#endif

/* Bytes of n * c floats; what overflows is the step of a single tap or point,
 * which nobody takes. */
static int32_t bytes(int32_t n, int32_t c)
{
    return (int32_t)(4u * (uint32_t)n * (uint32_t)c);
}

/* How many twos from column ox on see all columns of the kernel. */
static int32_t full_twos(const tin_window *w, int32_t ox)
{
    const int32_t reach = (w->kernel_w - 1) * w->dilation_w;
    const int32_t col = ox * w->stride_w - w->pad_left;
    int32_t n;

    if (col < 0 || col + reach >= w->in_w)
        return 0;
    n = (w->in_w - 1 - reach - col) / w->stride_w + 1;
    return (n < w->out_w - ox ? n : w->out_w - ox) / 2;
}

/* Columns from ox on: as many twos as can be alike, one two, or one. w: weights
 * of the first kernel row; b: what all of a row share. Returns how many. */
static int32_t make_points(const tin_dwconv2d_f32_params *p, const tin_patch *v,
                           int32_t ox, const float *w, float *row, blocks *b)
{
    const tin_window *win = &p->window;
    const int32_t c = win->in_c, twos = full_twos(win, ox);
    tin_patch at = *v, next = *v;
    int two;

    tin_patch_cols(&at, win, ox);
    tin_patch_cols(&next, win, ox + 1);
    two = ox + 1 < win->out_w && win->stride_w <= win->in_w &&
          next.kx0 <= at.kx0 && at.kx0 < next.kx1 && next.kx1 <= at.kx1;
    if (!two)
        next.kx0 = next.kx1 = at.kx0;
    b->left = twos > 0 ? twos : 1;
    b->left_kx = at.kx0 - next.kx0;
    b->kx = next.kx1 - at.kx0;
    b->right_kx = at.kx1 - next.kx1;
    b->ky = next.kx0 < at.kx1 ? v->ky1 - v->ky0 : 0;
    b->w = w + next.kx0 * c;
    b->out = row + ox * c;
    b->first = bytes(at.col - b->left_kx * win->dilation_w, c);
    b->w_skip = bytes(win->kernel_w - (at.kx1 - next.kx0), c);
    b->point_step = two ? bytes(win->stride_w, c) : 0;
    make_outputs(b);
    return two ? 2 * (twos > 0 ? twos : 1) : 1;
}

/* What all rows share. */
static void start(const tin_dwconv2d_f32_params *p, const float **rows,
                  blocks *b)
{
    const int32_t c = p->window.in_c;

    b->rows = rows;
    b->bias = p->bias;
    b->x_step = bytes(p->window.dilation_w, c);
    b->w_step = b->out_step = bytes(1, c);
    b->last = bytes(1, c - OUTS);
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
    const tin_status status = tin_dwconv2d_check_f32(p, why);

    if (status == TIN_OK && !tin_dwconv2d_f32_fpu_fits(p))
        return TIN_WHY(why, "fewer than 8 channels, more than one output "
                            "channel for each, or too many rows of taps"),
               TIN_ERR_UNSUPPORTED;
    return status;
}
