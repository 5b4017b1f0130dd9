/* SPDX-License-Identifier: MIT */
/*
 * blockcount: counts instructions of single-threaded programs under QEMU 4.2
 * or later. A TCG plugin for qemu-system-arm and for user mode, where the
 * program must be static and not position-independent:
 *
 *     cc -O2 -shared -fPIC -o blockcount.so blockcount.c
 *     qemu-aarch64 -cpu cortex-a57 \
 *         -plugin ./blockcount.so,begin=0xADDR,end=0xADDR[,hist=FILE] PROGRAM
 *
 * QEMU 9 and later want -DQEMU_PLUGIN_API=2.
 *
 * begin and end are the entries (nm) of two functions that the compiler does
 * not inline, called around the measured work. Each pass gives a line on
 * standard error:
 *
 *     blockcount: pass K instructions N
 *
 * hist=FILE gets a line "pc instructions executions" for each translation
 * block of the last pass, in hexadecimal, decimal, decimal. A block that was
 * translated twice has two lines.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is used of qemu-plugin.h, which few distributions package ----- */

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void on_execution(unsigned cpu, void *data);
typedef void on_end_of_run(qemu_plugin_id_t id, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  on_translation *callback);
extern void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *tb, on_execution *callback,
    enum qemu_plugin_cb_flags flags, void *data);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                           on_end_of_run *callback, void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

#define EXPORT __attribute__((visibility("default")))
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
                               char **argv);

#if !defined(QEMU_PLUGIN_API)
# define QEMU_PLUGIN_API 1
#endif

int qemu_plugin_version = QEMU_PLUGIN_API;

/* ---- State -------------------------------------------------------------- */

typedef struct block {
    struct block *next;
    uint64_t pc, instructions;
    uint64_t runs; /* in this pass or the last one */
} block;

static block *blocks;
static uint64_t begin_pc, end_pc, total, passes;
static char *hist_path;
static int counting;

static void *need(void *memory)
{
    if (!memory) {
        fprintf(stderr, "blockcount: out of memory\n");
        exit(1);
    }
    return memory;
}

/* ---- Counting ----------------------------------------------------------- */

/* A block's calls come in the order in which on_translate asks for them:
 * begin's own instructions are counted and end's are not. */
static void on_block(unsigned cpu, void *data)
{
    block *b = data;

    (void)cpu;
    if (counting) {
        total += b->instructions;
        b->runs++;
    }
}

static void on_begin(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    counting = 1;
    total = 0;
    for (block *b = blocks; hist_path && b; b = b->next)
        b->runs = 0;
}

static void on_end(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    if (counting)
        fprintf(stderr,
                "blockcount: pass %" PRIu64 " instructions %" PRIu64 "\n",
                passes++, total);
    counting = 0;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    block *b = need(calloc(1, sizeof *b));

    (void)id;
    b->next = blocks;
    b->pc = qemu_plugin_tb_vaddr(tb);
    b->instructions = qemu_plugin_tb_n_insns(tb);
    blocks = b;
    if (b->pc == begin_pc)
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_begin,
                                             QEMU_PLUGIN_CB_NO_REGS, NULL);
    if (b->pc == end_pc)
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_end, QEMU_PLUGIN_CB_NO_REGS,
                                             NULL);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS,
                                         b);
}

/* ---- Start and end ------------------------------------------------------ */

static void at_exit(qemu_plugin_id_t id, void *data)
{
    FILE *file = hist_path ? fopen(hist_path, "w") : NULL;

    (void)id, (void)data;
    for (const block *b = blocks; file && b; b = b->next) {
        if (b->runs)
            fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->pc,
                    b->instructions, b->runs);
    }
    if (file)
        fclose(file);
}

static int starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
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
