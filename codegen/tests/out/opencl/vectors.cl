typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i5 = 0;
    uint4 v6 = (uint4)(0u);
    i5 = i0 * 32u;
    v6 = i32x4_splat(i0) & (uint4)(0x1u, 0x2u, 0x3u, 0xffffffffu);
    v128_store_aligned8(m, i5, 0ul, i8x16_shuffle(v6, v128_not(v6), (uchar16)(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)), 0u);
    v128_store32_lane(m, i5, 16ul, v128_load16x4_s(m, i5, 0ul, 1u), 2u, 2u);
    i32_store(m, i5, 20ul, (uint)(int)as_short8(v128_load8_splat(m, i5, 4ul, 3u)).s3, 4u);
    f64_store(m, i5, 24ul, as_double2(f64x2_convert_low_i32x4_s(v6)).s1, 5u);
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
