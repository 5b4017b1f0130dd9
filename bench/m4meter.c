/* SPDX-License-Identifier: MIT */
/*
 * m4meter: counts instructions and cycles of Cortex-M4 code under QEMU 4.2 or
 * later. A TCG plugin for qemu-system-arm:
 *
 *     cc -O2 -shared -fPIC -o m4meter.so m4meter.c
 *     qemu-system-arm -M mps2-an386 ... \
 *         -plugin ./m4meter.so,begin=0xADDR,end=0xADDR[,hist=FILE]
 *
 * QEMU 9 and later want -DQEMU_PLUGIN_API=2.
 *
 * It counts what executes from the instruction at `begin` (included) to the
 * one at `end` (excluded): entries of functions that the compiler does not
 * inline. Each pass gives a line on standard error:
 *
 *     m4meter: pass K instructions N cycles C
 *
 * hist=FILE gets a line "pc runs cycles" for each instruction, all passes
 * added up, to be joined with nm or addr2line.
 *
 * Instructions are exact. Cycles are a model: the timing table of the
 * Cortex-M4 Technical Reference Manual with memory without wait states.
 *
 *     data processing, multiply, multiply-accumulate (SMLAD, UMAAL ..)   1
 *     LDR   2, or 1 where the instruction before it was a load, too
 *     STR   1 (write buffer)
 *     LDRD, LDM, POP, VLDM, STRD, STM, PUSH, VSTM of n words         1 + n
 *     VLDR, VSTR, VMOV of a d register            one more than of an s
 *     taken branch, call, return, change of pc by POP or LDM           + 1
 *     a branch that is not taken, IT                                     1
 *     SDIV, UDIV   7 (2 .. 12 on silicon)
 *     VDIV, VSQRT  14;  VMLA, VFMA  3;  other FPU instructions           1
 *
 * Flash wait states, a chip's caches and the time of a division, which
 * depends on its operands, are not in it.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is used of qemu-plugin.h, which few distributions package ----- */

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void on_execution(unsigned cpu, void *data);
typedef void on_end_of_run(qemu_plugin_id_t id, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  on_translation *callback);
extern void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *tb, on_execution *callback,
    enum qemu_plugin_cb_flags flags, void *data);
extern void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn *insn, on_execution *callback,
    enum qemu_plugin_cb_flags flags, void *data);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                           on_end_of_run *callback, void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
                               char **argv);

#if !defined(QEMU_PLUGIN_API)
# define QEMU_PLUGIN_API 1
#endif

int qemu_plugin_version = QEMU_PLUGIN_API;

/* ---- State -------------------------------------------------------------- */

typedef struct {
    uint32_t pc;
    uint32_t cycles;
} instruction;

/* A translation block: a run of instructions without a branch into it. */
typedef struct {
    uint32_t next_pc; /* after the last instruction */
    uint32_t count, cycles;
    instruction *list;
    uint64_t runs, taken; /* while counting: executions, branches at its end */
} block;

static uint64_t begin_pc, end_pc;
static char *hist_path;
static int counting;
static uint64_t instructions, cycles, passes;
static block *previous;
static block **blocks;
static size_t n_blocks, capacity;

static void *need(void *memory)
{
    if (!memory) {
        fprintf(stderr, "m4meter: out of memory\n");
        exit(1);
    }
    return memory;
}

/* ---- Cycles of an instruction, by its disassembly ------------------------ */

static int starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int starts_any(const char *text, const char *const *prefixes)
{
    while (*prefixes && !starts(text, *prefixes))
        prefixes++;
    return *prefixes != NULL;
}

/* The number of the register whose name begins at p, -1 for sp, lr, pc. */
static int register_number(const char *p)
{
    while (*p == ' ')
        p++;
    return (*p == 'r' || *p == 's' || *p == 'd') && p[1] >= '0' && p[1] <= '9'
               ? atoi(p + 1)
               : -1;
}

/* Words in "{r4, r5-r7, pc}"; a d register has two. */
static int list_length(const char *text)
{
    const char *const list = strchr(text, '{'), *item = list;
    int n = 0;

    while (item && *item != '}') {
        const char *end = strpbrk(item + 1, ",}");
        const char *dash = strchr(item + 1, '-');

        n++;
        if (dash && end && dash < end)
            n += register_number(dash + 1) - register_number(item + 1);
        item = end;
    }
    if (list && list[1] == 'd')
        n *= 2;
    return n ? n : 1;
}

/* 1 if "vldr d0, [r1]" or "vmov r2, r3, d0" moves two words. */
static int moves_two(const char *text)
{
    return (starts(text, "vldr") || starts(text, "vstr") ||
            starts(text, "vmov")) &&
           (strstr(text, "\td") || strstr(text, " d"));
}

static int is_load(const char *text)
{
    return starts(text, "ldr") || starts(text, "vldr");
}

static uint32_t cycles_of(const char *text, int after_load)
{
    static const char *const pair[] = {"ldrd", "strd", NULL};
    static const char *const many[] = {"ldm",  "stm",  "pop",   "push", "vldm",
                                       "vstm", "vpop", "vpush", NULL};
    static const char *const divide[] = {"sdiv", "udiv", NULL};
    static const char *const fdivide[] = {"vdiv", "vsqrt", NULL};
    static const char *const fmadd[] = {"vmla", "vmls", "vfm",
                                        "vfn",  "vnml", NULL};

    if (starts_any(text, pair))
        return 3;
    if (starts_any(text, many))
        return 1 + (uint32_t)list_length(text);
    if (is_load(text))
        return (after_load ? 1 : 2) + (uint32_t)moves_two(text);
    if (starts_any(text, divide))
        return 7;
    if (starts_any(text, fdivide))
        return 14;
    return starts_any(text, fmadd) ? 3 : 1 + (uint32_t)moves_two(text);
}

/* ---- Counting ----------------------------------------------------------- */

static void on_block(unsigned cpu, void *data)
{
    block *b = data;

    (void)cpu;
    if (counting) {
        if (previous && previous->next_pc != b->list[0].pc) {
            cycles++; // the branch that ended it was taken
            previous->taken++;
        }
        instructions += b->count;
        cycles += b->cycles;
        b->runs++;
    }
    previous = b;
}

/* The block of `begin` went through on_block before, without being counted. */
static void on_begin(unsigned cpu, void *data)
{
    block *b = data;

    (void)cpu;
    counting = 1;
    instructions = b->count;
    cycles = b->cycles;
    b->runs++;
}

/* That of `end` was counted. */
static void on_end(unsigned cpu, void *data)
{
    block *b = data;

    (void)cpu;
    if (!counting)
        return;
    counting = 0;
    instructions -= b->count;
    cycles -= b->cycles;
    b->runs--;
    fprintf(stderr,
            "m4meter: pass %" PRIu64 " instructions %" PRIu64 " cycles %" PRIu64
            "\n",
            passes++, instructions, cycles);
}

static void keep(block *b)
{
    if (n_blocks == capacity) {
        capacity = capacity ? 2 * capacity : 1024;
        blocks = need(realloc(blocks, capacity * sizeof *blocks));
    }
    blocks[n_blocks++] = b;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    const size_t n = qemu_plugin_tb_n_insns(tb);
    block *b = need(calloc(1, sizeof *b));
    int after_load = 0;

    (void)id;
    b->list = need(calloc(n, sizeof *b->list));
    b->count = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t pc = qemu_plugin_insn_vaddr(insn);
        char *text = qemu_plugin_insn_disas(insn);

        b->list[i].pc = (uint32_t)pc;
        b->list[i].cycles = cycles_of(text, after_load);
        b->cycles += b->list[i].cycles;
        b->next_pc = (uint32_t)(pc + qemu_plugin_insn_size(insn));
        after_load = is_load(text);
        free(text);
        if (pc == begin_pc)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin,
                                                   QEMU_PLUGIN_CB_NO_REGS, b);
        if (pc == end_pc)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end,
                                                   QEMU_PLUGIN_CB_NO_REGS, b);
    }
    keep(b);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS,
                                         b);
}

/* ---- Start and end ------------------------------------------------------ */

static void print_block(FILE *file, const block *b)
{
    for (size_t k = 0; b->runs && k < b->count; k++) {
        const uint64_t branches = k + 1 == b->count ? b->taken : 0;

        fprintf(file, "%08" PRIx32 " %" PRIu64 " %" PRIu64 "\n", b->list[k].pc,
                b->runs, b->runs * b->list[k].cycles + branches);
    }
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    FILE *file = hist_path ? fopen(hist_path, "w") : NULL;

    (void)id, (void)data;
    for (size_t i = 0; file && i < n_blocks; i++)
        print_block(file, blocks[i]);
    if (file)
        fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
                        char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        const char *value = strchr(argv[i], '=');

        if (starts(argv[i], "begin="))
            begin_pc = strtoull(value + 1, NULL, 0) & ~(uint64_t)1;
        else if (starts(argv[i], "end="))
            end_pc = strtoull(value + 1, NULL, 0) & ~(uint64_t)1;
        else if (starts(argv[i], "hist="))
            hist_path = strcpy(need(malloc(strlen(value))), value + 1);
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
