// Asynchronous copies of device memory, with dependences by depend objects, where the host is the only device. The objects are what
// clang makes of `depobj`: records with an address, a length and a kind, the first of which says how many the others are.
//
// RUN: -- --threads 4
#include <omp.h>
#include <stdint.h>
#include <stdio.h>

struct dependence {
    uintptr_t address;
    size_t length;
    uint8_t kind;
};

int main(void)
{
    enum { N = 6 };
    int from[N][N], to[N][N] = {{0}}, flat[N] = {0};
    const int host = omp_get_initial_device();
    enum { IN = 1, INOUT = 3 };
    struct dependence in[] = {{1, 0, 0}, {(uintptr_t)from, sizeof from, IN}};
    struct dependence inout[] = {{2, 0, 0}, {(uintptr_t)to, sizeof to, INOUT}, {(uintptr_t)flat, sizeof flat, INOUT}};
    omp_depend_t written = &in[1], both[] = {&in[1], &inout[1]};
    #pragma omp parallel
    #pragma omp single
    {
        #pragma omp task depend(out : from) shared(from)
        for (int i = 0; i < N * N; i++)
            from[i / N][i % N] = i;
        const size_t volume[] = {2, 3}, to_offsets[] = {0, 1}, from_offsets[] = {4, 2}, dims[] = {N, N};
        int codes[4];
        codes[0] = omp_target_memcpy_async(flat, from, sizeof flat, 0, 2 * sizeof flat, host, omp_initial_device, 1, &written);
        codes[1] = omp_target_memcpy_rect_async(to, from, sizeof(int), 2, volume, to_offsets, from_offsets, dims, dims, host,
                                                host, 2, both);
        codes[2] = omp_target_memcpy_async(flat, from, sizeof flat, 0, 0, host, host + 1, 0, NULL);
        codes[3] = omp_target_memcpy_rect_async(NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, host, host, 0, NULL) >= 3;
        #pragma omp taskwait
        printf("%d %d %d %d\n", codes[0], codes[1], codes[2] != 0, codes[3]);
    }
    for (int i = 0; i < N; i++)
        printf("%d:", flat[i]);
    for (int i = 0; i < 3; i++)
        printf(" %d %d %d %d %d", to[i][0], to[i][1], to[i][2], to[i][3], to[i][4]);
    void *block = omp_target_memset_async(flat, 1, sizeof flat, host, 1, &written);
    void *same = omp_target_memset(&flat[1], 0, sizeof(int), host);
    printf("\n%x %x %d %d %d\n", (unsigned)flat[0], (unsigned)flat[1], block == flat, same == &flat[1],
           omp_target_memset(flat, 0, 1, host + 1) == NULL);
    return 0;
}
