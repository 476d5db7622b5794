// The interop construct and the interoperability routines: there are no foreign runtimes, so each object is omp_interop_none.
//
// RUN:
#include <omp.h>
#include <stdio.h>

int main(void)
{
    omp_interop_t queue = (omp_interop_t)&queue, device = (omp_interop_t)&device;
    int data = 0;
    #pragma omp task depend(out : data) shared(data)
    data = 7;
    #pragma omp interop init(targetsync : queue) depend(in : data)
    printf("%d\n", data);
    #pragma omp interop init(prefer_type("opencl"), target : device) device(0)
    printf("%d %d %d\n", queue == omp_interop_none, device == omp_interop_none, omp_get_num_interop_properties(queue));
    for (int property = omp_ipr_first - 1; property <= 0; property++) {
        int codes[3] = {9, 9, 9};
        omp_intptr_t number = omp_get_interop_int(queue, (omp_interop_property_t)property, &codes[0]);
        void *pointer = omp_get_interop_ptr(device, (omp_interop_property_t)property, &codes[1]);
        const char *string = omp_get_interop_str(queue, (omp_interop_property_t)property, &codes[2]);
        const char *name = omp_get_interop_name(queue, (omp_interop_property_t)property);
        const char *type = omp_get_interop_type_desc(queue, (omp_interop_property_t)property);
        printf("%s (%s): %d %d %d, %d %d %d, %s\n", name ? name : "no property", type ? type : "no type", (int)number, pointer != 0, string != 0, codes[0],
               codes[1], codes[2], omp_get_interop_rc_desc(queue, (omp_interop_rc_t)codes[0]));
    }
    #pragma omp interop use(queue) nowait
    #pragma omp interop destroy(queue) destroy(device)
    printf("%d %d\n", queue == omp_interop_none, device == omp_interop_none);
    return 0;
}
