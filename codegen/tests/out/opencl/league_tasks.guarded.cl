typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uint item, items, members, team, teams;
    uchar *frames;
} machine;

/* __omp_offloading_1_2_main_l3 */
static void league_8(machine *m, uint i0)
{
    uint i17 = 0;
    uint i18 = 0;
    ulong l19 = 0;
    ulong l20 = 0;
    ulong l21 = 0;
    ulong l22 = 0;
    ulong l23 = 0;
    ulong l24 = 0;
    ulong l25 = 0;
    ulong l26 = 0;
    ulong l27 = 0;
    ulong l28 = 0;
    ulong l29 = 0;
    uint i30 = 0;
    uint i31 = 0;
    private_i32_store(m, (uint)-65248, 0ul, (uint)-65224, 52u);
    private_i32_store(m, (uint)-65240, 0ul, 0u, 53u);
    private_i32_store(m, (uint)-65224, 0ul, i0, 54u);
    private_i32_store(m, (uint)-65248, 20ul, 5u, 55u);
    i17 = team_4(m, 0u, (uint)-65248);
    private_i32_store(m, (uint)-65280, 0ul, 0u, 56u);
    private_i32_store(m, (uint)-65272, 0ul, 0u, 57u);
    private_i32_store(m, (uint)-65280, 20ul, i0, 58u);
    do {
        private_i32_store(m, (uint)-65288, 0ul, 0u, 59u);
        i18 = team_5(m, 0u, (uint)-65280);
    } while ((private_i32_load(m, (uint)-65288, 0ul, 60u) != 0) && !m->trapped);
    private_i32_store(m, (uint)-65360, 0ul, 0u, 61u);
    private_i32_store(m, (uint)-65352, 0ul, 0u, 62u);
    private_i32_store(m, (uint)-65360, 56ul, i0, 63u);
    private_i64_store(m, (uint)-65360, 24ul, 0ul, 64u);
    private_i64_store(m, (uint)-65360, 32ul, (ulong)i32_load(m, i0, 20ul, 65u), 66u);
    l19 = private_i64_load(m, (uint)-65336, 0ul, 67u);
    l20 = (private_i64_load(m, (uint)-65328, 0ul, 68u) - l19) + 1ul;
    if (l20 != 0ul) {
        l21 = (8ul == 0) ? 1ul : 8ul;
        l22 = i64_div_u(m, l20, l21, 69u);
        l23 = (l22 == 0) ? 1ul : l22;
        l24 = i64_div_u(m, l20, l23, 70u);
        l25 = i64_rem_u(m, l20, l23, 71u);
        l26 = 0ul;
        l27 = l19;
        do {
            private_i32_store(m, (uint)-65424, 0ul, private_i32_load(m, (uint)-65360, 0ul, 72u), 73u);
            private_i32_store(m, (uint)-65420, 0ul, private_i32_load(m, (uint)-65356, 0ul, 74u), 75u);
            private_i32_store(m, (uint)-65416, 0ul, private_i32_load(m, (uint)-65352, 0ul, 76u), 77u);
            private_i32_store(m, (uint)-65412, 0ul, private_i32_load(m, (uint)-65348, 0ul, 78u), 79u);
            private_i32_store(m, (uint)-65408, 0ul, private_i32_load(m, (uint)-65344, 0ul, 80u), 81u);
            private_i32_store(m, (uint)-65404, 0ul, private_i32_load(m, (uint)-65340, 0ul, 82u), 83u);
            private_i32_store(m, (uint)-65400, 0ul, private_i32_load(m, (uint)-65336, 0ul, 84u), 85u);
            private_i32_store(m, (uint)-65396, 0ul, private_i32_load(m, (uint)-65332, 0ul, 86u), 87u);
            private_i32_store(m, (uint)-65392, 0ul, private_i32_load(m, (uint)-65328, 0ul, 88u), 89u);
            private_i32_store(m, (uint)-65388, 0ul, private_i32_load(m, (uint)-65324, 0ul, 90u), 91u);
            private_i32_store(m, (uint)-65384, 0ul, private_i32_load(m, (uint)-65320, 0ul, 92u), 93u);
            private_i32_store(m, (uint)-65380, 0ul, private_i32_load(m, (uint)-65316, 0ul, 94u), 95u);
            private_i32_store(m, (uint)-65376, 0ul, private_i32_load(m, (uint)-65312, 0ul, 96u), 97u);
            private_i32_store(m, (uint)-65372, 0ul, private_i32_load(m, (uint)-65308, 0ul, 98u), 99u);
            private_i32_store(m, (uint)-65368, 0ul, private_i32_load(m, (uint)-65304, 0ul, 100u), 101u);
            l28 = l27 + (l24 + (ulong)(uint)(l26 < l25));
            l29 = l19 + l20;
            private_i64_store(m, (uint)-65400, 0ul, l27, 102u);
            private_i64_store(m, (uint)-65392, 0ul, (((l28 - l19) < (l29 - l19)) ? l28 : l29) + (ulong)-1l, 103u);
            l27 = l28;
            l26 = l26 + 1ul;
            i30 = (uint)(l26 == l23);
            team_7(m, (uint)-65424, (uint)-65360, i30);
            i31 = team_6(m, 0u, (uint)-65424);
        } while ((l26 != l23) && !m->trapped);
    }
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    if (get_group_id(0) >= count)
        return;
    state.team = get_group_id(0);
    state.teams = count;
    state.item = 0u;
    state.items = 1u;
    p0 *= 8u;
    league_8(&state, p0);
    record(&state, traps);
}
