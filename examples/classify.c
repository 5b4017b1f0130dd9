/* SPDX-License-Identifier: MIT */
/*
 * classify.c: loads a .tflite file and prints the class of one input.
 *
 *     classify MODEL <PIXELS
 *
 * Pixels are bytes 0 .. 255, as many as the network's int8 input holds; its
 * zero point must be -128, so that a pixel less 128 is the stored value.
 */
#include <stdio.h>
#include <tinyinfer_compiler.h>

int main(int argc, char **argv)
{
    static uint8_t file[1 << 20], arena[1 << 16];
    const char *path = argc > 1 ? argv[1] : "MODEL";
    FILE *f = fopen(path, "rb");
    const tin_program *program;
    tin_diag diag = {0};
    tin_net net;
    int best = 0;

    if (!f)
        return perror(path), 1;
    const size_t bytes = fread(file, 1, sizeof file, f);
    if (tin_compile(tin_pool_new(), file, bytes, NULL, &program, &diag))
        return fprintf(stderr, "%s\n", diag.message), 1;
    if (tin_net_open(&net, &program->model, arena, sizeof arena, NULL))
        return fprintf(stderr, "the arena is too small\n"), 1;
    int8_t *pixels = tin_net_input(&net, 0);
    const int8_t *scores = tin_net_output(&net, 0);
    for (int i = 0; i < program->model.inputs[0].bytes; i++)
        pixels[i] = (int8_t)(getchar() - 128);
    tin_net_run(&net);
    for (int i = 1; i < program->model.outputs[0].bytes; i++)
        best = scores[i] > scores[best] ? i : best;
    return printf("class %d\n", best) < 0;
}
