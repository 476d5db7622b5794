typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i9 = 0;
    uint i129 = 0;
    uint i130 = 0;
    uint i131 = 0;
    uint i132 = 0;
    uint4 v133 = (uint4)(0u);
    i129 = 0x10000u + (i0 * 1024u);
    i130 = i32_load(m, i129, 0ul, 0u);
    i131 = i32_extend8_s(i130);
    i132 = i32_extend16_s(i130);
    v133 = v128_load_aligned8(m, i129, 0ul, 1u);
    do {
        v133 = i8x16_shuffle(v133, v133, (uchar16)(15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
        i9 = i9 + 1u;
    } while (i9 < (i130 & 15u));
    v128_store_aligned8(m, i129, 0ul, i8x16_shuffle(v133, i32x4_splat(i132), (uchar16)(0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31)), 2u);
    i64_store(m, i129, 16ul, (ulong)(long)(int)i131, 3u);
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
