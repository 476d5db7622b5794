typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    uchar *frames;
    uint cleared;
} machine;

/* pair */
static uint function_0(machine *m, uint i0, uint i1)
{
    uint i4 = 0;
    private_i64_store(m, (uint)-61456, 8ul, private_i64_load(m, i0, 0ul, 15u), 16u);
    i4 = private_i32_load(m, (uint)-61456 + ((i1 & 1u) << 2), 8ul, 17u);
    return i4;
}

/* leaf */
static uint function_1(machine *m, uint i0)
{
    uint i2 = 0;
    uint i3 = 0;
    uint i6 = 0;
    uint i7 = 0;
    uint i8 = 0;
    i6 = (uint)-61440;
    i7 = (uint)-61440 - (((i0 << 2) + 15u) & (uint)-16);
    do {
        private_i32_store(m, i7 + (i3 << 2), 0ul, i0 - i3, 22u);
        i3 = i3 + 1u;
    } while (i3 < i0);
    do {
        i3 = i3 - 1u;
        i2 = i2 + private_i32_load(m, i7 + (i3 << 2), 0ul, 23u);
    } while (i3 != 0);
    i8 = i2;
    return i8;
}

/* function 2 */
static void function_2(machine *m, uint i0, uint i1, uint i2)
{
    uint i7 = 0;
    uint i8 = 0;
    uint i17 = 0;
    uint i18 = 0;
    uint i19 = 0;
    uint i20 = 0;
    uint i21 = 0;
    uint i22 = 0;
    uint i23 = 0;
    uint i24 = 0;
    uint i25 = 0;
    uint i26 = 0;
    uint i27 = 0;
    uint i28 = 0;
    uint i29 = 0;
    uint i30 = 0;
    i17 = (uint)-57280;
    i18 = 0x10000u + (i0 << 8);
    i19 = (uint)-57296;
    private_i32_store(m, (uint)-57296, 12ul, i32_load(m, i18, 0ul, 2u), 3u);
    do {
        i7 = i7 + 1u;
        i20 = i19;
        i21 = i20;
        i22 = i21 - (((i7 << 3) + 15u) & (uint)-16);
        i23 = i22;
        if (i23 - 0xffff1000u > 4160u) {
            trap(m, 0u, 4u);
            return;
        }
        i24 = i23;
        private_i64_store(m, i22 + ((i7 - 1u) << 3), 0ul, i64_load(m, i18 + (i7 << 3), 0ul, 5u), 6u);
        i25 = i8;
        i26 = function_0(m, i22 + ((i7 - 1u) << 3), i7);
        i8 = i25 + i26;
        i27 = i21;
        if (i27 - 0xffff1000u > 4160u) {
            trap(m, 0u, 7u);
            return;
        }
        i19 = i27;
    } while ((i7 < 9u) && !m->trapped);
    i32_store(m, i18, 128ul, i8, 8u);
    i28 = i18;
    i29 = function_1(m, i7 + 4u);
    i32_store(m, i28, 132ul, i29, 9u);
    i32_store(m, i18, 136ul, private_i32_load(m, (uint)-57296, 12ul, 10u), 11u);
    i30 = (uint)-57280;
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 512u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    state.cleared = 8192u;
    if (get_global_id(0) >= count)
        return;
    function_2(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
