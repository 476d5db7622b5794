`omp_alloc`: the memory may be asked for again before it is given back (__omp_offloading_1_2_main_l3)
