/*
 * file_io: each of four threads writes a file in the current directory, reads
 * it back and removes it, first at the same time as the others, then in a
 * critical region.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

enum { LINES = 200 };

static void write_and_read(int thread)
{
    char name[40], line[80], expected[80];
    snprintf(name, sizeof name, "file_io.%d.tmp", thread);

    FILE *file = fopen(name, "w");
    CHECK(file != NULL);
    if (!file)
        return;
    for (int i = 0; i < LINES; i++)
        CHECK(fprintf(file, "thread %d writes line %d, %g\n", thread, i, 0.5 * i) > 0);
    CHECK(fclose(file) == 0);

    file = fopen(name, "a");
    CHECK(file && fputs("the end\n", file) >= 0 && fclose(file) == 0);

    file = fopen(name, "r");
    CHECK(file != NULL);
    if (!file)
        return;
    for (int i = 0; i < LINES; i++) {
        snprintf(expected, sizeof expected, "thread %d writes line %d, %g\n", thread, i, 0.5 * i);
        CHECK(fgets(line, sizeof line, file) && strcmp(line, expected) == 0);
    }
    CHECK(fgets(line, sizeof line, file) && strcmp(line, "the end\n") == 0);
    CHECK(!fgets(line, sizeof line, file) && feof(file));

    int from, number;
    CHECK(fseek(file, 0, SEEK_SET) == 0);
    CHECK(fscanf(file, "thread %d writes line %d", &from, &number) == 2);
    CHECK(from == thread && number == 0);
    CHECK(fclose(file) == 0);
    CHECK(remove(name) == 0);
    CHECK(fopen(name, "r") == NULL);
}

int main(void)
{
    #pragma omp parallel num_threads(4)
    {
        for (int round = 0; round < 3; round++)
            write_and_read(omp_get_thread_num());
        #pragma omp critical
        write_and_read(omp_get_thread_num());
    }
    return check_result("file_io");
}
