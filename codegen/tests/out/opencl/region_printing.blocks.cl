typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads, block, end;
    __global uint *printed;
} machine;

/* function 4 */
static void microtask_4(machine *m, uint i2, uint i3)
{
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
    uint i31 = 0;
    uint i32 = 0;
    uint i33 = 0;
    uint i34 = 0;
    uint i35 = 0;
    uint i36 = 0;
    ulong slot0 = 0; /* stack pointer -72 */
    ulong slot1 = 0; /* stack pointer -64 */
    ulong slot2 = 0; /* stack pointer -56 */
    uint slot3 = 0; /* stack pointer -48 */
    uint slot4 = 0; /* stack pointer -40 */
    uint slot5 = 0; /* stack pointer -16 */
    uint slot6 = 0; /* stack pointer -12 */
    uint slot7 = 0; /* stack pointer -8 */
    uint slot8 = 0; /* stack pointer -4 */
    slot8 = 0u;
    slot7 = i2;
    {
        ulong trip = (int)slot7 < (int)slot8 ? 0ul : (ulong)(slot7 - slot8) + 1ul;
        ulong chunk = min(m->block, max(trip, 1ul));
        m->threads = trip / chunk + (trip % chunk != 0ul);
        ulong at = m->thread < m->threads ? m->thread * chunk : trip;
        slot8 += (uint)at;
        ulong left = min(chunk, trip - at);
        slot6 = (uint)(trip - at);
        slot7 = slot8 + (uint)(left - 1ul);
        slot5 = (uint)(at + left == trip);
        if (at >= trip)
            return;
    }
    i21 = slot8;
    do {
        if (i32_rem_u(m, i21, 10u, 4u) == 0) {
            i22 = i21;
            slot0 = as_ulong((double)(int)i21);
            slot1 = 0ul;
            slot2 = 0x3fff000000000000ul;
            slot3 = 1046u;
            i23 = i3;
            slot4 = 3u;
            i24 = i3 + i21;
            i25 = (i23 != 0) ? 2047u : 0u;
            i26 = 0u;
            if (i25 != 0) {
                do {
                    i27 = (uint)(i32_load8_u(m, i23 + i26, 0ul, 16u) != 0u);
                    i26 = i26 + i27;
                } while (((i27 & (uint)(i26 < i25)) != 0) && !m->trapped);
            }
            i28 = (i24 != 0) ? ((3u < 2047u) ? 3u : 2047u) : 0u;
            i29 = 0u;
            if (i28 != 0) {
                do {
                    i30 = (uint)(i32_load8_u(m, i24 + i29, 0ul, 17u) != 0u);
                    i29 = i29 + i30;
                } while (((i30 & (uint)(i29 < i28)) != 0) && !m->trapped);
            }
            i31 = 48u + 16u;
            i32 = i31 + (i26 + (uint)-15);
            i33 = i32 + 16u;
            i34 = i33 + (i29 + (uint)-15);
            {
                __global uint *record = printed_record(m, 0u, 0x400u, 0xa00u, i34);
                if (record) {
                    record[4] = i22;
                    *(__global uint2 *)(record + 6) = as_uint2(slot0);
                    *(__global uint2 *)(record + 8) = as_uint2(slot1);
                    *(__global uint2 *)(record + 10) = as_uint2(slot2);
                    record[12] = 1046u;
                    record[13] = (i23 != 0) ? i31 : 0u;
                    record[14] = 3u;
                    record[15] = (i24 != 0) ? i33 : 0u;
                    i35 = 0u;
                    if (i26 != 0) {
                        do {
                            ((__global uchar *)record)[i31 + i35] = (uchar)i32_load8_u(m, i23 + i35, 0ul, 18u);
                            i35 = i35 + 1u;
                        } while ((i35 < i26) && !m->trapped);
                    }
                    ((__global uchar *)record)[i31 + i26] = (uchar)0u;
                    i36 = 0u;
                    if (i29 != 0) {
                        do {
                            ((__global uchar *)record)[i33 + i36] = (uchar)i32_load8_u(m, i24 + i36, 0ul, 19u);
                            i36 = i36 + 1u;
                        } while ((i36 < i29) && !m->trapped);
                    }
                    ((__global uchar *)record)[i33 + i29] = (uchar)0u;
                }
            }
            {
                __global uint *record = printed_record(m, 2u, 0x0u, 0x0u, 4u);
                if (record) {
                    record[4] = 10u;
                }
            }
        }
        i21 = i21 + 1u;
    } while (((int)i21 <= (int)slot7) && !m->trapped);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, __global uint *printed, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.block = block_size;
    state.printed = printed;
    p1 *= 4u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_4(&state, p0, p1);
    }
    record(&state, traps);
}
