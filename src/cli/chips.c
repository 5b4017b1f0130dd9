/* SPDX-License-Identifier: MIT */
/* chips.c: see chips.h. */
#include <string.h>

#include "chips.h"
#include "guess.h"

#define KB(n) ((n)*1024)

static const char of_pico[] = "flash: that of a Pico";
static const char of_pico_2[] = "flash: that of a Pico 2";
static const char of_kit[] = "flash: that of the kit";

const tin_chip tin_chips[] = {
    {"nrf51822", "nRF51822-QFAA", "Nordic", "Cortex-M0", "cortex-m0", 16,
     KB(256), KB(16), KB(16), "micro:bit v1"},
    {"stm32f072", "STM32F072RB", "ST", "Cortex-M0", "cortex-m0", 48, KB(128),
     KB(16), KB(16), NULL},
    {"stm32f103", "STM32F103C8", "ST", "Cortex-M3", "cortex-m3", 72, KB(64),
     KB(20), KB(20), "Blue Pill"},
    {"stm32l072", "STM32L072RZ", "ST", "Cortex-M0+", "cortex-m0", 32, KB(192),
     KB(20), KB(20), NULL},
    {"atsamd21g18", "ATSAMD21G18A", "Microchip", "Cortex-M0+", "cortex-m0", 48,
     KB(256), KB(32), KB(32), "Arduino Zero"},
    {"r7fa4m1ab", "R7FA4M1AB", "Renesas", "Cortex-M4F", "cortex-m4", 48,
     KB(256), KB(32), KB(32), "Arduino UNO R4"},
    {"lpc1768", "LPC1768", "NXP", "Cortex-M3", "cortex-m3", 100, KB(512),
     KB(64), KB(32), NULL},
    {"stm32g071", "STM32G071RB", "ST", "Cortex-M0+", "cortex-m0", 64, KB(128),
     KB(36), KB(36), NULL},
    {"stm32l432", "STM32L432KC", "ST", "Cortex-M4F", "cortex-m4", 80, KB(256),
     KB(64), KB(64), NULL},
    {"nrf52832", "nRF52832-QFAA", "Nordic", "Cortex-M4F", "cortex-m4", 64,
     KB(512), KB(64), KB(64), NULL},
    {"cc2652r", "CC2652R1F", "TI", "Cortex-M4F", "cortex-m4", 48, KB(352),
     KB(80), KB(80), NULL},
    {"stm32f401", "STM32F401RE", "ST", "Cortex-M4F", "cortex-m4", 84, KB(512),
     KB(96), KB(96), NULL},
    {"sam3x8e", "ATSAM3X8E", "Microchip", "Cortex-M3", "cortex-m3", 84, KB(512),
     KB(96), KB(96), "Arduino Due"},
    {"stm32l476", "STM32L476RG", "ST", "Cortex-M4F", "cortex-m4", 80, KB(1024),
     KB(128), KB(96), NULL},
    {"stm32f411", "STM32F411RE", "ST", "Cortex-M4F", "cortex-m4", 100, KB(512),
     KB(128), KB(128), NULL},
    {"stm32f446", "STM32F446RE", "ST", "Cortex-M4F", "cortex-m4", 180, KB(512),
     KB(128), KB(128), NULL},
    {"stm32g474", "STM32G474RE", "ST", "Cortex-M4F", "cortex-m4", 170, KB(512),
     KB(128), KB(128), NULL},
    {"nrf52833", "nRF52833", "Nordic", "Cortex-M4F", "cortex-m4", 64, KB(512),
     KB(128), KB(128), "micro:bit v2"},
    {"max78000", "MAX78000", "Analog", "Cortex-M4F", "cortex-m4", 100, KB(512),
     KB(128), KB(128), "not its accelerator"},
    {"stm32f407", "STM32F407VG", "ST", "Cortex-M4F", "cortex-m4", 168, KB(1024),
     KB(192), KB(128), NULL},
    {"atsamd51j19", "ATSAMD51J19A", "Microchip", "Cortex-M4F", "cortex-m4", 120,
     KB(512), KB(192), KB(192), NULL},
    {"stm32wb55", "STM32WB55RG", "ST", "Cortex-M4F", "cortex-m4", 64, KB(1024),
     KB(256), KB(192), "the rest serves the radio"},
    {"stm32f429", "STM32F429ZI", "ST", "Cortex-M4F", "cortex-m4", 180, KB(2048),
     KB(256), KB(192), NULL},
    {"stm32l552", "STM32L552ZE", "ST", "Cortex-M33", "cortex-m33", 110, KB(512),
     KB(256), KB(256), NULL},
    {"nrf52840", "nRF52840", "Nordic", "Cortex-M4F", "cortex-m4", 64, KB(1024),
     KB(256), KB(256), NULL},
    {"nrf54l15", "nRF54L15", "Nordic", "Cortex-M33", "cortex-m33", 128,
     KB(1524), KB(256), KB(256), NULL},
    {"efr32mg24", "EFR32MG24B", "Silicon Labs", "Cortex-M33", "cortex-m33", 78,
     KB(1536), KB(256), KB(256), NULL},
    {"rp2040", "RP2040", "Raspberry Pi", "Cortex-M0+", "cortex-m0", 133,
     KB(2048), KB(264), KB(264), of_pico},
    {"lpc55s69", "LPC55S69", "NXP", "Cortex-M33", "cortex-m33", 150, KB(630),
     KB(320), KB(272), NULL},
    {"stm32f746", "STM32F746NG", "ST", "Cortex-M7", "cortex-m7", 216, KB(1024),
     KB(320), KB(320), NULL},
    {"apollo3", "AMA3B1KK", "Ambiq", "Cortex-M4F", "cortex-m4", 48, KB(1024),
     KB(384), KB(384), "96 MHz in bursts"},
    {"nrf5340", "nRF5340", "Nordic", "Cortex-M33", "cortex-m33", 128, KB(1024),
     KB(512), KB(512), "its application core"},
    {"stm32f767", "STM32F767ZI", "ST", "Cortex-M7", "cortex-m7", 216, KB(2048),
     KB(512), KB(512), NULL},
    {"stm32h743", "STM32H743ZI", "ST", "Cortex-M7", "cortex-m7", 480, KB(2048),
     KB(1024), KB(512), NULL},
    {"mimxrt1062", "MIMXRT1062", "NXP", "Cortex-M7", "cortex-m7", 600, KB(8192),
     KB(1024), KB(512), of_kit},
    {"rp2350", "RP2350A", "Raspberry Pi", "Cortex-M33", "cortex-m33", 150,
     KB(4096), KB(520), KB(520), of_pico_2},
    {"stm32l4r5", "STM32L4R5ZI", "ST", "Cortex-M4F", "cortex-m4", 120, KB(2048),
     KB(640), KB(640), NULL},
    {"stm32l4r9", "STM32L4R9ZI", "ST", "Cortex-M4F", "cortex-m4", 120, KB(2048),
     KB(640), KB(640), NULL},
    {"stm32h563", "STM32H563ZI", "ST", "Cortex-M33", "cortex-m33", 250,
     KB(2048), KB(640), KB(640), NULL},
    {"stm32u585", "STM32U585AI", "ST", "Cortex-M33", "cortex-m33", 160,
     KB(2048), KB(786), KB(768), NULL},
    {"stm32n657", "STM32N657X0", "ST", "Cortex-M55", "cortex-m55", 800,
     KB(65536), KB(4096), KB(4096), of_kit},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL}};

/* ---- Finding one -------------------------------------------------------- */

static int same(const char *a, const char *b)
{
    while (*a && tin_small_letter(*a) == tin_small_letter(*b)) {
        a++;
        b++;
    }
    return tin_small_letter(*a) == tin_small_letter(*b);
}

const tin_chip *tin_chip_find(const char *name)
{
    for (const tin_chip *c = tin_chips; c->name; c++) {
        if (same(c->name, name) || same(c->part, name))
            return c;
    }
    return NULL;
}

/* How far a name is from a chip's; only its first letters count where the
 * chip's name is shorter: "stm32f746zg" is near "stm32f746". */
static int32_t unlike(const char *name, const char *chip)
{
    char start[TIN_GUESS_SIZE];
    size_t n = strlen(chip);

    if (strlen(name) >= TIN_GUESS_SIZE)
        return TIN_GUESS_SIZE;
    if (n > strlen(name))
        n = strlen(name);
    memcpy(start, name, n);
    start[n] = '\0';
    return tin_edits(start, chip);
}

/* Is it a part of the chip's name? "samd51" is, of "atsamd51j19". */
static int within(const char *name, const char *chip)
{
    for (; *chip; chip++) {
        const char *a = name, *b = chip;

        while (*a && tin_small_letter(*a) == *b) {
            a++;
            b++;
        }
        if (!*a)
            return 1;
    }
    return 0;
}

int32_t tin_chip_nearest(const char *name, const tin_chip **nearest,
                         int32_t most)
{
    enum { FAR = 4 };
    int32_t n = 0;

    for (const tin_chip *c = tin_chips; c->name && n < most; c++) {
        if (*name && within(name, c->name))
            nearest[n++] = c;
    }
    for (int32_t edits = 0; n == 0 && edits < FAR; edits++) {
        for (const tin_chip *c = tin_chips; c->name && n < most; c++) {
            if (unlike(name, c->name) == edits)
                nearest[n++] = c;
        }
    }
    return n;
}

/* ---- All of them -------------------------------------------------------- */

static void add_head(tin_table *t)
{
    static const char *const head[] = {"chip",  "part", "vendor", "core", "MHz",
                                       "flash", "RAM",  "in one", "note"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        tin_table_add(t, "%s", head[i]);
}

void tin_chips_print(tin_pool *pool, FILE *to)
{
    tin_table t = {.pool = pool, .align = "llllrrrrl"};

    add_head(&t);
    for (const tin_chip *c = tin_chips; c->name; c++) {
        tin_table_add(&t, "%s", c->name);
        tin_table_add(&t, "%s", c->part);
        tin_table_add(&t, "%s", c->vendor);
        tin_table_add(&t, "%s", c->cpu);
        tin_table_add(&t, "%ld", (long)c->mhz);
        tin_table_add(&t, "%ld", (long)c->flash_bytes / 1024);
        tin_table_add(&t, "%ld", (long)c->ram_bytes / 1024);
        tin_table_add(&t, "%ld", (long)c->block_bytes / 1024);
        tin_table_add(&t, "%s", c->note ? c->note : "");
    }
    tin_table_print(&t, to);
}
