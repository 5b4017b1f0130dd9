/* SPDX-License-Identifier: MIT */
/*
 * The report: escaping, numbers, chips, how time is gathered, and a program
 * whose every name is an attack.
 */
#include <criterion/criterion.h>
#include <string.h>
#include "report_parts.h"

static tin_pool *pool;

static void setup(void)
{
    pool = tin_pool_new();
}

static void teardown(void)
{
    tin_pool_free(pool);
}

TestSuite(report, .init = setup, .fini = teardown);

/* ---- Words -------------------------------------------------------------- */

static void escapes(const char *text, const char *want)
{
    cr_expect_str_eq(tin_report_escape(pool, text, 0), want);
}

Test(report, escapes_html)
{
    escapes("conv/Relu;1", "conv/Relu;1");
    escapes("", "");
    escapes("<script>", "&lt;script&gt;");
    escapes("a&b", "a&amp;b");
    escapes("&amp;", "&amp;amp;");
    escapes("\" onload='x'", "&quot; onload=&#39;x&#39;");
    escapes("]]><!--", "]]&gt;&lt;!--");
    escapes("gr\xc3\xb6\xc3\x9f"
            "er",
            "gr\xc3\xb6\xc3\x9f"
            "er");
}

Test(report, escapes_what_no_one_should_see)
{
    escapes("a\x01\x1b[2Jb\n", "a??[2Jb?");
    escapes("\xff\xfe", "??");
    escapes("\xc0\xbc", "??"); // '<' in too many bytes
    escapes("a\xe2\x80\xae"
            "b",
            "a?b");                 // right to left from here
    escapes("\xf0\x9f\x98", "???"); // cut short
    escapes("<\x7f>", "&lt;?&gt;");
}

/* A name is cut before it is escaped: no entity is cut in two. */
Test(report, cuts_before_it_escapes)
{
    cr_expect_str_eq(tin_report_escape(pool, "<<<<<<<<", 5), "&lt;..&lt;&lt;");
    cr_expect_str_eq(tin_report_escape_layer(pool, "a<b;c", 0), "a&lt;b");
}

static void percent(int64_t part, int64_t whole, const char *want)
{
    char to[TIN_NUMBER_SIZE];

    cr_expect_str_eq(tin_format_percent(to, part, whole), want);
}

Test(report, percents)
{
    percent(0, 5, "0.0 %");
    percent(1, 3, "33.3 %");
    percent(2, 3, "66.7 %");
    percent(5, 5, "100.0 %");
    percent(387, 100, "387.0 %");
    percent(1, 0, "-");
    percent(INT64_MAX, INT64_MAX, "100.0 %");
    percent(INT64_MAX / 2, INT64_MAX, "50.0 %");
}

/* ---- Chips -------------------------------------------------------------- */

Test(report, chips_are_sound)
{
    int32_t block = 0;

    for (const tin_chip *c = tin_chips; c->name; c++) {
        cr_expect(tin_is_target(c->target), "%s", c->name);
        cr_expect(c->mhz > 0 && c->flash_bytes > 0, "%s", c->name);
        cr_expect(c->block_bytes <= c->ram_bytes, "%s", c->name);
        cr_expect(c->block_bytes >= block, "%s is out of order", c->name);
        cr_expect_eq(tin_chip_find(c->name), c, "%s twice", c->name);
        cr_expect_eq(tin_chip_find(c->part), c, "%s twice", c->part);
        block = c->block_bytes;
    }
}

Test(report, chips_by_any_case)
{
    cr_expect_str_eq(tin_chip_find("STM32L4R9")->name, "stm32l4r9");
    cr_expect_str_eq(tin_chip_find("stm32l4r9zi")->name, "stm32l4r9");
    cr_expect_null(tin_chip_find("stm32l4r"));
    cr_expect_null(tin_chip_find("stm32l4r99"));
    cr_expect_null(tin_chip_find(""));
}

static void nearest(const char *name, const char *want)
{
    const tin_chip *near[3];
    const int32_t n = tin_chip_nearest(name, near, 3);

    cr_assert(n > 0, "nothing near %s", name);
    cr_expect_str_eq(near[0]->name, want);
}

Test(report, chips_that_are_near)
{
    const tin_chip *near[3];
    char name[200];

    nearest("stm32n6", "stm32n657");
    nearest("samd51", "atsamd51j19");
    nearest("rp2O40", "rp2040");
    nearest("stm32f746zgt6", "stm32f746");
    nearest("stm32l4r8", "stm32l4r5");
    cr_expect_eq(tin_chip_nearest("esp32-c3", near, 3), 0);
    cr_expect_eq(tin_chip_nearest("", near, 3), 0);
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_expect_eq(tin_chip_nearest(name, near, 3), 0);
    cr_expect_leq(tin_chip_nearest("stm32", near, 3), 3);
}

/* ---- Time --------------------------------------------------------------- */

static const char nasty[] = "\"><script>alert('&')</script><b x='\xff\x1b[2J";

enum { ROWS = 500, N_TIMES = 3 * ROWS + 3 };

static int32_t layer_at[N_TIMES];

/* Layers 0 to 2 by turns, 500 rows of each; then layer 3 at once. */
static tin_layer layers[] = {
    {.op = "CONV_2D", .kernel = "k", .macs = 5, .n_steps = 1},
    {.op = nasty, .kernel = nasty, .macs = 0, .n_steps = 1},
    {.op = "CONV_2D", .kernel = "k", .macs = 50, .n_steps = 1},
    {.op = "SOFTMAX", .kernel = "k", .macs = 0, .n_steps = 1}};

static tin_place places[] = {
    {TIN_PLACE_TENSOR, nasty, -1, 0, 3 * ROWS + 1, 0, 1000, ROWS, ROWS, 0, 0},
    {TIN_PLACE_RING, nasty, 0, 1, 3 * ROWS, 1000, 600, 3, ROWS, 0, 0},
    {TIN_PLACE_RING, nasty, 1, 2, 3 * ROWS + 1, 1600, 1300, 100, ROWS, 0, 0},
    {TIN_PLACE_PROGRESS, "", 0, 1, 3 * ROWS + 1, 2900, 6, 0, 0, 0, 0},
    {TIN_PLACE_SCRATCH, nasty, 2, 1, 3 * ROWS + 1, 2908, 260, 0, 0, 0, 0},
    {TIN_PLACE_TENSOR, nasty, 2, 3, 3 * ROWS + 2, 500, 800, 1, 1, 0, 0},
    {TIN_PLACE_TENSOR, nasty, 3, 3 * ROWS + 1, N_TIMES, 4, 0, 1, 1, 0, 0}};

static const tin_port port = {.name = nasty, .rank = 2, .shape = {1, 9, 0}};

static tin_program program_of(void)
{
    tin_program p = {.target = "generic", .layers = layers, .n_layers = 4};

    for (int32_t i = 0; i < 4; i++)
        layers[i].name = nasty;
    for (int32_t i = 0; i < N_TIMES; i++)
        layer_at[i] = (i - 1) % 3;
    layer_at[0] = layer_at[N_TIMES - 1] = -1;
    layer_at[N_TIMES - 2] = 3;
    p.model.inputs = p.model.outputs = &port;
    p.model.n_inputs = p.model.n_outputs = 1;
    p.macs = 55;
    p.plan.peak_bytes = 3168;
    p.plan.lower_bound_bytes = 3000;
    p.plan.binding_time = 700;
    p.places = places;
    p.n_places = sizeof places / sizeof *places;
    p.layer_at = layer_at;
    p.n_times = N_TIMES;
    return p;
}

Test(report, time_has_stages)
{
    const tin_program p = program_of();
    tin_timeline line;

    cr_assert_eq(tin_report_timeline(pool, &p, &line), TIN_OK);
    cr_assert_eq(line.n_stages, 4); // the caller, 0 to 2, 3, the caller
    cr_expect_eq(line.stages[0].first, -1);
    cr_expect_eq(line.stages[1].lower, 1);
    cr_expect_eq(line.stages[1].upper, 3 * ROWS + 1);
    cr_expect_eq(line.stages[1].first, 0);
    cr_expect_eq(line.stages[1].last, 2);
    cr_expect_eq(line.stages[2].first, 3);
    cr_expect_eq(line.stages[3].last, -1);
}

Test(report, time_is_gathered_between_events)
{
    const tin_program p = program_of();
    tin_timeline line;
    int32_t at = 0, time = 0;

    cr_assert_eq(tin_report_timeline(pool, &p, &line), TIN_OK);
    cr_expect_lt(line.n_spans, 20);
    for (int32_t i = 0; i < line.n_spans; i++) {
        cr_expect_eq(line.spans[i].at, at);
        cr_expect_eq(line.spans[i].lower, time);
        cr_expect_gt(line.spans[i].width, 0);
        at += line.spans[i].width;
        time = line.spans[i].upper;
    }
    cr_expect_eq(at, line.width);
    cr_expect_eq(time, N_TIMES);
    for (int32_t i = 0; i < p.n_places; i++) {
        const int32_t s =
            tin_report_span_at(line.spans, line.n_spans, places[i].lower);

        cr_expect_eq(line.spans[s].lower, places[i].lower);
    }
    cr_expect_eq(tin_report_span_at(line.spans, line.n_spans, N_TIMES + 5),
                 line.n_spans - 1);
}

/* The tensor of layer 2 lies over the input and the ring of layer 0. */
Test(report, bytes_that_overlap_count_once)
{
    const tin_program p = program_of();
    tin_timeline line;
    int32_t i;

    cr_assert_eq(tin_report_timeline(pool, &p, &line), TIN_OK);
    i = tin_report_span_at(line.spans, line.n_spans, 700);
    cr_expect_eq(line.spans[i].live_bytes, 3168 - 2);
    cr_expect_eq(line.spans[0].live_bytes, 1000);
}

Test(report, a_program_may_not_say_what_is_where)
{
    tin_program p = program_of();
    tin_timeline line;
    tin_text to = {.pool = pool};
    const tin_report r = {pool, &p, "x", NULL};

    p.places = NULL;
    p.n_places = 0;
    cr_expect_eq(tin_report_timeline(pool, &p, &line), TIN_ERR_ARG);
    cr_assert_eq(tin_report_html(&r, &to), TIN_OK);
    cr_expect_not_null(strstr(to.text, "no map"));
}

/* ---- HTML --------------------------------------------------------------- */

/* The report of a program full of such names, for chip `name`. */
static const char *html_for(const char *name)
{
    static tin_program p;
    const tin_report r = {pool, &p, nasty, name ? tin_chip_find(name) : NULL};
    tin_text to = {.pool = pool};

    p = program_of();
    cr_assert_eq(tin_report_html(&r, &to), TIN_OK);
    return to.text;
}

Test(report, names_stay_text)
{
    const char *html = html_for("rp2040");

    cr_expect_null(strstr(html, "<script"));
    cr_expect_null(strstr(html, "<b x"));
    cr_expect_null(strstr(html, "x='"));
    cr_expect_null(strstr(html, "\x1b"));
    cr_expect_null(strstr(html, "\xff"));
    cr_expect_not_null(strstr(html, "&quot;&gt;&lt;script&gt;alert(&#39;"));
}

Test(report, nothing_comes_from_elsewhere)
{
    const char *html = html_for(NULL);

    cr_expect_null(strstr(html, "http:"));
    cr_expect_null(strstr(html, "https:"));
    cr_expect_null(strstr(html, "@import"));
    cr_expect_null(strstr(html, "src="));
    cr_expect_not_null(strstr(html, "default-src 'none'"));
}

Test(report, rings_are_drawn_as_such)
{
    const char *html = html_for(NULL);

    cr_expect_not_null(strstr(html, "3 of 500 rows"));
    cr_expect_not_null(strstr(html, "<path class=\"over bands\""));
    cr_expect_not_null(strstr(html, "fill:url(#rows)"));
    cr_expect_not_null(strstr(html, "fill:url(#scratch)"));
    cr_expect_not_null(strstr(html, "layers 0-2, row by row in 1500 steps"));
    cr_expect_not_null(strstr(html, "class=\"bound\""));
}

Test(report, says_what_does_not_fit)
{
    tin_program p = program_of();
    const tin_chip *c = tin_chip_find("nrf51822");

    cr_expect(tin_report_fit(&p, c, TIN_FIT_RAM).fits);
    p.plan.peak_bytes = c->block_bytes;
    cr_expect(tin_report_fit(&p, c, TIN_FIT_RAM).fits);
    p.plan.peak_bytes++;
    cr_expect(!tin_report_fit(&p, c, TIN_FIT_RAM).fits);
    cr_expect(tin_report_fit(&p, c, TIN_FIT_FLASH).fits);
    p.flash_bytes = INT64_MAX;
    cr_expect(!tin_report_fit(&p, c, TIN_FIT_FLASH).fits);
}

/* Two runs, one text. */
Test(report, is_the_same_each_time)
{
    const char *first = html_for("rp2040");

    cr_expect_str_eq(html_for("rp2040"), first);
}

/* Of text and JSON: every byte is one that a terminal may see. */
static void expect_printable(void (*print)(const tin_report *r, FILE *to),
                             const char *chip)
{
    const tin_program p = program_of();
    const tin_report r = {pool, &p, nasty, tin_chip_find(chip)};
    FILE *to = tmpfile();
    int c, n = 0;

    cr_assert_not_null(to);
    print(&r, to);
    rewind(to);
    while ((c = getc(to)) != EOF) {
        cr_expect(c == '\n' || (c >= ' ' && c < 0x7f), "byte %d", c);
        n++;
    }
    cr_expect_gt(n, 1000);
    fclose(to);
}

Test(report, terminals_are_safe)
{
    expect_printable(tin_report_text, "rp2040");
    expect_printable(tin_report_json, "stm32h743");
}
