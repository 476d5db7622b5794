/*
 * target_pipeline: pieces of arrays go to the device, are worked on and come
 * back, each by itself, so that copies are made beside kernels; where pieces
 * are the same, each launch sees what the one before has left.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

enum { PIECES = 24, LENGTH = 5000, N = PIECES * LENGTH, ROUNDS = 6 };

static int *make(void)
{
    int *x = malloc(N * sizeof *x);
    for (int i = 0; i < N; i++)
        x[i] = i;
    return x;
}

/* Each piece by itself. */
static void pieces(void)
{
    int *a = make(), wrong = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int k = 0; k < PIECES; k++) {
            int *piece = a + k * LENGTH;
            #pragma omp target teams distribute parallel for nowait map(tofrom : piece[0 : LENGTH])
            for (int i = 0; i < LENGTH; i++)
                for (int step = 0; step < 100; step++)
                    piece[i] += step % 7 - 3;
        }
        #pragma omp taskwait
    }
    for (int i = 0; i < N; i++)
        wrong += a[i] != i - ROUNDS * 5;
    CHECK(wrong == 0);
    free(a);
}

/* Two launches for each piece, one after the other, and the table that all of them read. */
static void turns(void)
{
    int *a = make(), *b = make(), *table = make(), wrong = 0;
    for (int k = 0; k < PIECES; k++) {
        int *piece = a + k * LENGTH, *other = b + k * LENGTH;
        #pragma omp target teams distribute parallel for nowait depend(inout : piece[0]) \
            map(tofrom : piece[0 : LENGTH]) map(to : table[0 : N])
        for (int i = 0; i < LENGTH; i++)
            piece[i] += table[(i * 7) % N];
        #pragma omp target teams distribute parallel for nowait depend(in : piece[0]) depend(out : other[0]) \
            map(to : piece[0 : LENGTH], table[0 : N]) map(from : other[0 : LENGTH])
        for (int i = 0; i < LENGTH; i++)
            other[i] = 2 * piece[i] + table[i];
    }
    #pragma omp taskwait
    for (int i = 0; i < N; i++) {
        int at = i % LENGTH, value = i + (at * 7) % N;
        wrong += a[i] != value || b[i] != 2 * value + at;
    }
    CHECK(wrong == 0);
    free(a);
    free(b);
    free(table);
}

/* All change the same array, in no order: it comes back and goes again, or stays. */
static void meetings(void)
{
    int *a = make(), wrong = 0;
    for (int k = 0; k < PIECES; k++) {
        #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : LENGTH])
        for (int i = 0; i < LENGTH; i++) {
            #pragma omp atomic
            a[i]++;
        }
    }
    #pragma omp taskwait
    for (int i = 0; i < LENGTH; i++)
        wrong += a[i] != i + PIECES;
    CHECK(wrong == 0);
    free(a);
}

/* Updates of pieces of a mapped array, while launches work on others. */
static void updates(void)
{
    int *a = make(), *seen = make(), wrong = 0;
    #pragma omp target data map(alloc : a[0 : N])
    {
        for (int k = 0; k < PIECES; k++) {
            int *piece = a + k * LENGTH;
            #pragma omp target update to(piece[0 : LENGTH]) nowait depend(out : piece[0])
            #pragma omp target teams distribute parallel for nowait depend(inout : piece[0])
            for (int i = 0; i < LENGTH; i++)
                piece[i] = 3 * piece[i] + 1;
            #pragma omp target update from(piece[0 : LENGTH]) nowait depend(inout : piece[0])
            #pragma omp task depend(in : piece[0]) firstprivate(k, piece) shared(seen)
            for (int i = 0; i < LENGTH; i++)
                seen[k * LENGTH + i] = piece[i];
        }
        #pragma omp taskwait
    }
    for (int i = 0; i < N; i++)
        wrong += seen[i] != 3 * i + 1 || a[i] != 3 * i + 1;
    CHECK(wrong == 0);
    free(a);
    free(seen);
}

/* Threads that launch at once, each for pieces of its own. */
static void threads(void)
{
    int *a = make(), wrong = 0;
    #pragma omp parallel for num_threads(4) schedule(static, 1)
    for (int k = 0; k < PIECES; k++) {
        int *piece = a + k * LENGTH;
        for (int round = 0; round < ROUNDS; round++) {
            #pragma omp target teams distribute parallel for map(tofrom : piece[0 : LENGTH])
            for (int i = 0; i < LENGTH; i++)
                piece[i] += k + round;
        }
    }
    for (int i = 0; i < N; i++)
        wrong += a[i] != i + ROUNDS * (i / LENGTH) + ROUNDS * (ROUNDS - 1) / 2;
    CHECK(wrong == 0);
    free(a);
}

int main(void)
{
    pieces();
    turns();
    meetings();
    updates();
    threads();
    return check_result("target_pipeline");
}
