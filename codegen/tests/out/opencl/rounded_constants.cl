typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i6 = 0;
    float f7 = 0;
    double d8 = 0;
    i6 = 0x10000u + (i0 * 64u);
    i32_store(m, i6, 0ul, 1u, 0u);
    f7 = f32_nearest(as_float(0x7fc00000u));
    i32_store(m, i6, 4ul, (uint)(f7 != f7), 1u);
    d8 = f64_nearest(as_double(0x7ff8000000000000ul));
    i32_store(m, i6, 8ul, (uint)(d8 != d8), 2u);
    f32_store(m, i6, 12ul, f32_nearest(as_float(0x7f800000u)), 3u);
    f64_store(m, i6, 16ul, f64_nearest(as_double(0xfff0000000000000ul)), 4u);
    f32_store(m, i6, 24ul, f32_nearest(-5000000000.0f), 5u);
    f64_store(m, i6, 32ul, f64_nearest(1e30), 6u);
    f32_store(m, i6, 40ul, f32_nearest(-0.5f), 7u);
    f64_store(m, i6, 48ul, f64_nearest(2.5), 8u);
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
