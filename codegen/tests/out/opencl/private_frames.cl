typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    uchar *frames;
} machine;

/* sum */
static uint function_0(machine *m, uint i0, uint i1)
{
    uint i2 = 0;
    uint i4 = 0;
    do {
        i2 = i2 + either_i32_load(m, i0, 0ul, 41u);
        i0 = i0 + 4u;
        i1 = i1 - 1u;
    } while (i1 != 0);
    either_i32_store(m, i0, 0ul, i2, 42u);
    i4 = i2;
    return i4;
}

/* add */
static void function_2(machine *m, uint i0, uint i1, uint i2)
{
    uint i5 = 0;
    uint i6 = 0;
    i5 = i2;
    i6 = function_0(m, i0, i1);
    private_i32_store(m, i5, 0ul, i6, 49u);
}

/* through */
static uint function_1(machine *m, uint i0)
{
    uint i3 = 0;
    function_2(m, private_i32_load(m, i0, 0ul, 46u), private_i32_load(m, i0, 4ul, 47u), (uint)-65412);
    i3 = private_i32_load(m, (uint)-65424, 12ul, 48u);
    return i3;
}

/* function 3 */
static void function_3(machine *m, uint i0, uint i1, uint i2)
{
    uint i5 = 0;
    uint i13 = 0;
    uint i14 = 0;
    uint i15 = 0;
    uint i16 = 0;
    uint i17 = 0;
    uint i18 = 0;
    uint i19 = 0;
    uint i20 = 0;
    i13 = 0x10000u + (i0 << 8);
    either_memory_fill(m, (uint)-65408, 0u, 128u, 18u);
    do {
        private_i32_store(m, (uint)-65408 + (i5 << 2), 16ul, i32_load(m, i13 + (i5 << 2), 0ul, 19u), 20u);
        i5 = i5 + 1u;
    } while (i5 < 12u);
    i14 = i13;
    i15 = function_0(m, (uint)-65392, 11u);
    i32_store(m, i14, 128ul, i15, 21u);
    i16 = i13;
    i17 = function_0(m, i13, 5u);
    i32_store(m, i16, 132ul, i17, 22u);
    private_i32_store(m, (uint)-65408, 0ul, (uint)-65388, 23u);
    private_i32_store(m, (uint)-65408, 4ul, 3u, 24u);
    i18 = i13;
    i19 = function_1(m, (uint)-65408);
    i32_store(m, i18, 136ul, i19, 25u);
    private_v128_store_aligned8(m, (uint)-65408, 80ul, private_v128_load16_splat(m, (uint)-65408, 18ul, 26u), 27u);
    v128_store_aligned8(m, i13, 144ul, private_v128_load(m, (uint)-65408, 83ul, 28u), 29u);
    private_i64_store16(m, (uint)-65408, 97ul, private_i64_load32_s(m, (uint)-65408, 21ul, 30u), 31u);
    private_f64_store(m, (uint)-65408, 104ul, (double)private_i32_load8_u(m, (uint)-65408, 22ul, 32u), 33u);
    private_v128_store64_lane(m, (uint)-65408, 113ul, private_v128_load_aligned8(m, (uint)-65408, 96ul, 34u), 1u, 35u);
    i20 = (uint)-65408;
    if ((i0 & 1u) != 0) {
        i20 = i13 + 8u;
    }
    i64_store(m, i13, 160ul, either_i64_load(m, i20, 24ul, 36u), 37u);
    f32_store(m, i13, 168ul, (float)(int)either_i32_load(m, i20, 40ul, 38u), 39u);
    either_memory_copy(m, i13 + 176u, (uint)-65344, 64u, 40u);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    if (get_global_id(0) >= count)
        return;
    function_3(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
