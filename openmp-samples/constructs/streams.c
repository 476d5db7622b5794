/*
 * streams: four threads write lines to a file and to a stream of functions while one
 * flushes all streams, and each opens and closes streams of its own; every line
 * arrives whole.
 */
#define _GNU_SOURCE
#include "check.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <wchar.h>

enum { THREADS = 4, LINES = 3000 };

static size_t collected;

static ssize_t collect(void *cookie, const char *bytes, size_t count)
{
    (void)cookie;
    (void)bytes;
    collected += count; /* the stream's lock is held */
    return (ssize_t)count;
}

static void own_streams(int i)
{
    char *text = NULL;
    wchar_t *wide = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    CHECK(memory && fprintf(memory, "number %d", i) > 0 && fclose(memory) == 0);
    CHECK(text && length == strlen(text));
    free(text);
    memory = open_wmemstream(&wide, &length);
    CHECK(memory && fputwc(L'x', memory) == L'x' && fclose(memory) == 0 && wide && length == 1);
    free(wide);
}

int main(void)
{
    FILE *file = fopen("streams.tmp", "w+");
    FILE *functions = fopencookie(NULL, "w", (cookie_io_functions_t){.write = collect});
    CHECK(file && functions);
    if (!file || !functions)
        return 1;

    #pragma omp parallel num_threads(THREADS)
    {
        #pragma omp for
        for (int thread = 0; thread < THREADS; thread++)
            for (int i = 0; i < LINES; i++) {
                fprintf(file, "a line of %d digits\n", i % 10);
                fputs("0123456789\n", functions);
                if (thread == 0 && i % 8 == 0)
                    CHECK(fflush(NULL) == 0);
                if (i % 16 == 0)
                    own_streams(i);
            }
    }

    CHECK(fclose(functions) == 0);
    CHECK(collected == (size_t)THREADS * LINES * 11);
    rewind(file);
    char line[80];
    int lines = 0, digits;
    while (fgets(line, sizeof line, file)) {
        CHECK(sscanf(line, "a line of %d digits", &digits) == 1 && strlen(line) == 19);
        lines++;
    }
    CHECK(lines == THREADS * LINES);
    CHECK(fclose(file) == 0);
    CHECK(remove("streams.tmp") == 0);
    return check_result("streams");
}
