/* SPDX-License-Identifier: MIT */
/*
 * Prints floats from their bits: printf's %a may choose its leading digit,
 * %g depends on the locale, and the emitted text shall be the same everywhere.
 */
#include <string.h>

#include "emit.h"

uint32_t tin_float_bits(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

int tin_float_is_finite(float x)
{
    return (tin_float_bits(x) >> 23 & 255u) != 255u;
}

int tin_float_is_nan(float x)
{
    return (tin_float_bits(x) & 0x7fffffffu) > 0x7f800000u;
}

/* Adds a decimal integer of up to three digits. Returns the new end. */
static char *put_int(char *p, int n)
{
    if (n < 0) {
        *p++ = '-';
        n = -n;
    }
    if (n >= 100)
        *p++ = (char)('0' + n / 100);
    if (n >= 10)
        *p++ = (char)('0' + n / 10 % 10);
    *p++ = (char)('0' + n % 10);
    return p;
}

/* Splits |x| > 0, finite, into mantissa * 2^(exponent - 23) with
 * 2^23 <= mantissa < 2^24; denormals as well. */
static uint32_t split(uint32_t bits, int *exponent)
{
    uint32_t mantissa = bits & 0x7fffffu;

    *exponent = (int)(bits >> 23 & 255u) - 127;
    if (*exponent > -127)
        return mantissa | 0x800000u;
    for (*exponent = -126; mantissa < 0x800000u; mantissa <<= 1)
        --*exponent;
    return mantissa;
}

char *tin_float_hex(char to[TIN_FLOAT_SIZE], float x)
{
    const uint32_t bits = tin_float_bits(x);
    uint32_t rest;
    int exponent;
    char *p = to;

    if (bits >> 31)
        *p++ = '-';
    if ((bits & 0x7fffffffu) == 0) {
        memcpy(p, "0.0f", 5);
        return to;
    }
    if (!tin_float_is_finite(x)) {
        memcpy(p, "1.0f / 0.0f", 12);
        return to;
    }
    rest = (split(bits, &exponent) & 0x7fffffu) << 1; // six hex digits
    memcpy(p, "0x1", 3);
    p += 3;
    if (rest)
        *p++ = '.';
    for (; rest; rest = rest << 4 & 0xffffffu)
        *p++ = "0123456789abcdef"[rest >> 20];
    *p++ = 'p';
    p = put_int(p, exponent);
    memcpy(p, "f", 2);
    return to;
}

/* ---- Decimal ------------------------------------------------------------ */

/* A natural number of up to 162 digits, base 10^9, lowest limb first: room
 * for 2^24 * 5^149, of 112 digits. */
enum { LIMBS = 18, BASE = 1000000000, DIGITS = 9 };

static void multiply(uint32_t n[LIMBS], uint32_t by)
{
    uint64_t carry = 0;
    int i;

    for (i = 0; i < LIMBS; i++) {
        carry += (uint64_t)n[i] * by;
        n[i] = (uint32_t)(carry % BASE);
        carry /= BASE;
    }
}

/* The decimal digits of n without leading zeros; returns how many. */
static int digits_of(const uint32_t n[LIMBS], char digits[LIMBS * 9])
{
    int count = 0, i;
    uint32_t power;

    for (i = LIMBS - 1; i >= 0; i--) {
        for (power = BASE / 10; power; power /= 10) {
            const int digit = (int)(n[i] / power % 10);

            if (count || digit)
                digits[count++] = (char)digit;
        }
    }
    return count;
}

/* Rounds to DIGITS digits, half up: any rounding of so many reads back as the
 * same float. Returns 1 when 9.99 became 1.00, ten times as much. */
static int round_digits(char digits[], int count)
{
    int i = DIGITS;

    if (count <= DIGITS || digits[DIGITS] < 5)
        return 0;
    while (i > 0 && digits[i - 1] == 9)
        digits[--i] = 0;
    if (i > 0) {
        digits[i - 1]++;
        return 0;
    }
    digits[0] = 1;
    return 1;
}

/* The first DIGITS digits of |x| > 0; returns the decimal exponent of the
 * first one. */
static int to_decimal(uint32_t bits, char digits[LIMBS * 9])
{
    uint32_t n[LIMBS] = {0};
    int exponent, count, shift = 0;
    uint32_t mantissa = split(bits, &exponent);

    for (exponent -= 23; exponent < 0 && mantissa % 2 == 0; exponent++)
        mantissa /= 2;
    n[0] = mantissa;
    for (; exponent > 0; exponent--)
        multiply(n, 2);
    for (; exponent < 0; exponent++, shift++) // 2^-k = 5^k * 10^-k
        multiply(n, 5);
    memset(digits, 0, LIMBS * 9);
    count = digits_of(n, digits);
    return count - 1 - shift + round_digits(digits, count);
}

char *tin_float_decimal(char to[TIN_FLOAT_SIZE], float x)
{
    const uint32_t bits = tin_float_bits(x);
    char digits[LIMBS * 9] = {0};
    int exponent = 0, n = DIGITS, i;
    char *p = to;

    if (bits >> 31)
        *p++ = '-';
    if (bits & 0x7fffffffu)
        exponent = to_decimal(bits, digits);
    while (n > 2 && digits[n - 1] == 0)
        n--;
    for (i = 0; i < n; i++) {
        *p++ = (char)('0' + digits[i]);
        if (i == 0)
            *p++ = '.';
    }
    if (exponent) {
        *p++ = 'e';
        p = put_int(p, exponent);
    }
    memcpy(p, "f", 2);
    return to;
}
