/* SPDX-License-Identifier: MIT */
/* crc32.c: see tinyinfer.h. A table of 16 entries: 64 bytes of flash. */
#include "tinyinfer.h"

uint32_t tin_crc32(uint32_t crc, const void *bytes, size_t n)
{
    /* remainders of the 16 nibbles modulo the reflected polynomial */
    static const uint32_t nibble[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu,
        0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu,
        0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };
    const uint8_t *p = bytes;
    size_t i;

    crc = ~crc;
    for (i = 0; i < n; i++) {
        crc ^= p[i];
        crc = (crc >> 4) ^ nibble[crc & 15u];
        crc = (crc >> 4) ^ nibble[crc & 15u];
    }
    return ~crc;
}
