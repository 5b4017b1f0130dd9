/* SPDX-License-Identifier: MIT */
/*
 * vectors_main.c: the golden vectors without Criterion, for targets that run
 * under an emulator:
 *
 *     vectors_main tests/vectors/conv2d_s8.vec ..
 */
#include "vectors_run.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    int passed = 0, failed = 0, refused = 0, i;

    for (i = 1; i < argc; i++) {
        vectors_result result;

        if (vectors_run(argv[i], &result))
            printf("%s\n", result.message);
        passed += result.passed;
        failed += result.failed;
        refused += result.refused;
    }
    if (refused)
        printf("SKIPPED: %d cases want more memory than there is\n", refused);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
