typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i8 = 0;
    uint i9 = 0;
    uint i16 = 0;
    uint i32 = 0;
    uint i64 = 0;
    uint4 v128 = (uint4)(0u);
    i64 = 0x10000u + (i0 * 1024u);
    i8 = i32_load(m, i64, 0ul, 0u);
    i16 = i32_extend8_s(i8);
    i32 = i32_extend16_s(i8);
    v128 = v128_load(m, i64, 0ul, 1u);
    do {
        v128 = i8x16_shuffle(v128, v128, (uchar16)(15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
        i9 = i9 + 1u;
    } while (i9 < (i8 & 15u));
    v128_store(m, i64, 0ul, i8x16_shuffle(v128, i32x4_splat(i32), (uchar16)(0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31)), 2u);
    i64_store(m, i64, 16ul, (ulong)(long)(int)i16, 3u);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    if (get_global_id(0) >= count)
        return;
    function_0(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
