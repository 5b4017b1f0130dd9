/* SPDX-License-Identifier: MIT */
/* tflite_reader.c: see tflite_reader.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph.h"
#include "tflite_reader.h"

/* A name longer than this is refused: copying names must stay cheap. */
#define MAX_STRING_BYTES 65535u

/* Work that any file may cause, and what each of its bytes adds. */
#define WORK_BASE ((uint64_t)1 << 20)
#define WORK_PER_BYTE 4

/* ---- Errors ------------------------------------------------------------- */

/* Appends "tensor 5 'weights': " to text[size]. */
static void add_place(char *text, size_t size, const char *kind, int32_t index,
                      const char *name)
{
    char buffer[TIN_SHORT_NAME];
    const size_t used = strlen(text);

    if (index < 0)
        return;
    if (name)
        snprintf(text + used, size - used, "%s %ld '%s': ", kind, (long)index,
                 tin_short_name(name, buffer));
    else
        snprintf(text + used, size - used, "%s %ld: ", kind, (long)index);
}

tin_status tin_fb_fail(tin_fb *fb, tin_status status, int64_t offset,
                       const char *format, ...)
{
    char text[sizeof fb->diag->message], place[200] = "";
    va_list args;

    if (fb->status != TIN_OK)
        return fb->status;
    fb->status = status;
    if (!fb->diag || fb->diag->status != TIN_OK)
        return status;
    add_place(place, sizeof place, "layer", fb->where.layer,
              fb->where.layer_name);
    add_place(place, sizeof place, "tensor", fb->where.tensor,
              fb->where.tensor_name);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tin_fail(fb->diag, status, fb->where.layer, "%s%s", place, text);
    fb->diag->offset = offset;
    return status;
}

/* An error in the container itself. */
static void fail_at(tin_fb *fb, uint64_t at, const char *what,
                    const char *reason)
{
    tin_fb_fail(fb, TIN_ERR_FORMAT, (int64_t)at,
                "%s %s (at byte %llu of the file)", what, reason,
                (unsigned long long)at);
}

tin_status tin_fb_work(tin_fb *fb, uint64_t n)
{
    if (fb->status != TIN_OK)
        return fb->status;
    if (n > fb->work)
        return tin_fb_fail(fb, TIN_ERR_FORMAT, -1,
                           "the file uses the same contents too many times");
    fb->work -= n;
    return TIN_OK;
}

/* ---- Bytes -------------------------------------------------------------- */

/* Whether n bytes at `at` lie in the file. */
static int is_inside(const tin_fb *fb, uint64_t at, uint64_t n)
{
    return at <= fb->size && n <= fb->size - at;
}

/* n bytes as a little-endian number. Needs: they lie in the file. */
static uint64_t get(const tin_fb *fb, uint64_t at, uint32_t n)
{
    uint64_t x = 0;

    while (n-- > 0)
        x = x << 8 | fb->bytes[at + n];
    return x;
}

/* Two's complement, without a conversion that C leaves open. */
static int64_t to_signed(uint64_t x, uint32_t bytes)
{
    const uint64_t top = (uint64_t)1 << (8 * bytes - 1);

    if (x < top)
        return (int64_t)x;
    // The distance from -1 is less than top.
    return -1 - (int64_t)(top - 1 - (x - top));
}

static float to_float(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

/* ---- Tables ------------------------------------------------------------- */

static const tin_fb_table no_table;
static const tin_fb_vector no_vector;

/* Finds and checks the vtable of the table at t->at; its header of 4 bytes
 * lies in the file. Returns why not, or NULL. */
static const char *check_vtable(const tin_fb *fb, tin_fb_table *t)
{
    // The header is the distance back to the vtable, which may be negative.
    const int64_t vtable = (int64_t)t->at - to_signed(get(fb, t->at, 4), 4);

    if (vtable < 0 || !is_inside(fb, (uint64_t)vtable, 4))
        return "has its vtable outside the file";
    if (vtable % 2)
        return "has a vtable at an odd offset";
    t->vtable = (uint64_t)vtable;
    t->vtable_bytes = (uint32_t)get(fb, t->vtable, 2);
    t->bytes = (uint32_t)get(fb, t->vtable + 2, 2);
    if (t->vtable_bytes < 4 || t->vtable_bytes % 2)
        return "has a vtable of impossible length";
    if (!is_inside(fb, t->vtable, t->vtable_bytes))
        return "has a vtable that ends beyond the file";
    if (t->bytes < 4 || !is_inside(fb, t->at, t->bytes))
        return "ends beyond the file";
    return NULL;
}

/* The table at `at`. */
static tin_fb_table table_at(tin_fb *fb, uint64_t at, const char *what)
{
    tin_fb_table t = {0, 0, 0, 0};
    const char *reason;

    if (fb->status != TIN_OK)
        return no_table;
    t.at = at;
    if (at % 4)
        reason = "lies at an offset that is not a multiple of 4";
    else if (!is_inside(fb, at, 4))
        reason = "begins beyond the end of the file";
    else
        reason = check_vtable(fb, &t);
    if (!reason)
        return t;
    fail_at(fb, at, what, reason);
    return no_table;
}

/* Position of a field of n bytes, 0 when the table has none. */
static uint64_t field_at(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                         uint32_t n, const char *what)
{
    uint32_t offset;

    if (fb->status != TIN_OK || t->at == 0 ||
        4 + 2 * slot + 2 > t->vtable_bytes)
        return 0;
    offset = (uint32_t)get(fb, t->vtable + 4 + 2 * slot, 2);
    if (offset == 0)
        return 0;
    if (offset < 4 || offset > t->bytes || n > t->bytes - offset) {
        fail_at(fb, t->at, what, "lies outside its table");
        return 0;
    }
    return t->at + offset;
}

/* Where the distance stored at `at` leads. */
static uint64_t follow(tin_fb *fb, uint64_t at, const char *what)
{
    const uint64_t distance = get(fb, at, 4);

    if (distance < 4)
        fail_at(fb, at, what, "is an offset that points at itself");
    else if (!is_inside(fb, at + distance, 4))
        fail_at(fb, at, what, "begins outside the file");
    else
        return at + distance;
    return 0;
}

tin_fb_table tin_fb_open(tin_fb *fb, const uint8_t *bytes, uint64_t size,
                         const char *identifier, tin_diag *diag)
{
    static const tin_fb empty;

    *fb = empty;
    fb->bytes = bytes;
    fb->size = size;
    fb->work = WORK_BASE +
               (size < INT64_MAX / WORK_PER_BYTE ? size : 0) * WORK_PER_BYTE;
    fb->diag = diag;
    fb->where.layer = fb->where.tensor = -1;
    if (size < 8) {
        fail_at(fb, size, "the file", "is too short for a model");
    } else if (memcmp(bytes + 4, identifier, 4) != 0) {
        tin_fb_fail(fb, TIN_ERR_FORMAT, 4,
                    "this is no .tflite file: bytes 4..7 are not '%s'",
                    identifier);
    } else {
        return table_at(fb, get(fb, 0, 4), "the root table");
    }
    return no_table;
}

/* ---- Numbers ------------------------------------------------------------ */

/* A field of n bytes, `otherwise` when the table has none. */
static uint64_t number(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                       uint32_t n, uint64_t otherwise)
{
    const uint64_t at = field_at(fb, t, slot, n, "a field");

    return at ? get(fb, at, n) : otherwise;
}

int32_t tin_fb_u8(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                  int32_t otherwise)
{
    return (int32_t)number(fb, t, slot, 1, (uint32_t)otherwise);
}

int32_t tin_fb_s8(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                  int32_t otherwise)
{
    const uint64_t x = number(fb, t, slot, 1, (uint32_t)otherwise & 0xff);

    return (int32_t)to_signed(x, 1);
}

int32_t tin_fb_s32(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                   int32_t otherwise)
{
    const uint64_t x = number(fb, t, slot, 4, (uint32_t)otherwise);

    return (int32_t)to_signed(x, 4);
}

uint32_t tin_fb_u32(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                    uint32_t otherwise)
{
    return (uint32_t)number(fb, t, slot, 4, otherwise);
}

uint64_t tin_fb_u64(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                    uint64_t otherwise)
{
    return number(fb, t, slot, 8, otherwise);
}

float tin_fb_f32(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                 float otherwise)
{
    const uint64_t at = field_at(fb, t, slot, 4, "a field");

    return at ? to_float((uint32_t)get(fb, at, 4)) : otherwise;
}

/* ---- Tables, vectors and strings in fields ------------------------------ */

tin_fb_table tin_fb_field_table(tin_fb *fb, const tin_fb_table *t,
                                uint32_t slot, const char *what)
{
    const uint64_t field = field_at(fb, t, slot, 4, what);
    const uint64_t at = field ? follow(fb, field, what) : 0;

    return at ? table_at(fb, at, what) : no_table;
}

tin_fb_vector tin_fb_field_vector(tin_fb *fb, const tin_fb_table *t,
                                  uint32_t slot, uint32_t element_bytes,
                                  const char *what)
{
    const uint64_t field = field_at(fb, t, slot, 4, what);
    const uint64_t at = field ? follow(fb, field, what) : 0;
    tin_fb_vector v;

    if (!at)
        return no_vector;
    v.at = at + 4;
    v.count = (uint32_t)get(fb, at, 4);
    if (at % 4)
        fail_at(fb, at, what, "lies at an offset that is no multiple of 4");
    else if (!is_inside(fb, v.at, (uint64_t)v.count * element_bytes))
        fail_at(fb, at, what, "ends beyond the end of the file");
    else
        return v;
    return no_vector;
}

const char *tin_fb_field_string(tin_fb *fb, const tin_fb_table *t,
                                uint32_t slot, const char *what)
{
    const tin_fb_vector v = tin_fb_field_vector(fb, t, slot, 1, what);

    if (!v.at)
        return NULL;
    if (v.count > MAX_STRING_BYTES)
        fail_at(fb, v.at, what, "is longer than 65535 bytes");
    else if (!is_inside(fb, v.at, (uint64_t)v.count + 1) ||
             fb->bytes[v.at + v.count] != 0)
        fail_at(fb, v.at, what, "does not end with a zero byte");
    else
        return (const char *)fb->bytes + v.at;
    return NULL;
}

/* ---- Elements of vectors ------------------------------------------------ */

int32_t tin_fb_at_s32(const tin_fb *fb, const tin_fb_vector *v, uint32_t i)
{
    return (int32_t)to_signed(get(fb, v->at + (uint64_t)i * 4, 4), 4);
}

int64_t tin_fb_at_s64(const tin_fb *fb, const tin_fb_vector *v, uint32_t i)
{
    return to_signed(get(fb, v->at + (uint64_t)i * 8, 8), 8);
}

float tin_fb_at_f32(const tin_fb *fb, const tin_fb_vector *v, uint32_t i)
{
    return to_float((uint32_t)get(fb, v->at + (uint64_t)i * 4, 4));
}

tin_fb_table tin_fb_at_table(tin_fb *fb, const tin_fb_vector *v, uint32_t i,
                             const char *what)
{
    const uint64_t at = follow(fb, v->at + (uint64_t)i * 4, what);

    return at ? table_at(fb, at, what) : no_table;
}
