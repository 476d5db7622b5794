/* Runs the functions of a library of native code, each with the arguments of several threads, one after the other, and says what each left:
 * the trap and where it was, and the memory at the end. After a trap, or where that is asked for, memory and globals are as before the
 * first call.
 *
 * usage: harness LIBRARY <INPUT >OUTPUT
 * input:  u64 memory_bytes, low, top, globals, threads, functions; what is in the first and the last bytes of the memory, so many;
 *         16 bytes for each global;
 *         for each function: u64 index, arguments; for each thread u64 whether all is to be as before then, and u64 for each argument
 * output: for each function: for each thread u64 code, place; the first and the last bytes of the memory
 *
 * The code is 0 for none, that of the module's trap, or FAULT: then the place is that of an instruction in the library.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { FAULT = 100, WILD = 101, SLOTS = 16, STACK = 256 << 10 };

/* As the host makes it: 4 GiB that 32 bits reach, and the guard behind. */
#define RESERVED ((8ull << 30) + (1 << 16))

typedef union { uint64_t i64; uint8_t bytes[16]; } __attribute__((aligned(16))) value;
typedef struct instance instance;
struct instance {
    uint8_t *memory;
    uint64_t memory_bytes;
    uint8_t *stack_limit;
    void *host;
    void (*trap)(instance *, uint32_t, uint32_t);
    uint32_t (*call)(instance *, uint32_t, value *);
    void (*unwind)(instance *);
    uint64_t (*memory_size)(instance *);
    uint32_t (*memory_grow)(instance *, uint32_t);
    uint32_t (*wait)(instance *, uint64_t, uint64_t, int64_t, uint32_t, uint32_t);
    uint32_t (*notify)(instance *, uint64_t, uint32_t, uint32_t);
    value globals[];
};
struct entry { uint32_t function, reserved; void (*code)(instance *, value *); };

static jmp_buf out;
static uint64_t code, place;
static uint8_t *memory;
static uintptr_t base;

/* What is in memory at the beginning, and the globals. */
static uint8_t *image;
static uint64_t low, top;
static value *initial;

static void trap(instance *m, uint32_t number, uint32_t offset)
{
    code = number;
    place = offset;
    longjmp(out, 1);
}

static void fault(int signal, siginfo_t *info, void *context)
{
#ifdef __aarch64__
    uint64_t pc = (uint64_t)((ucontext_t *)context)->uc_mcontext.pc;
#else
    uint64_t pc = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#endif
    code = (uintptr_t)info->si_addr - (uintptr_t)memory < RESERVED && signal == SIGSEGV ? FAULT : WILD;
    place = pc - base;
    longjmp(out, 1);
}

static uint64_t memory_size(instance *m) { return m->memory_bytes; }

/* No function under test calls the host. */
static void host(void) { abort(); }

static void read_all(void *to, size_t bytes)
{
    if (bytes != 0 && fread(to, bytes, 1, stdin) != 1)
        exit(2);
}

static uint64_t number(void)
{
    uint64_t n;
    read_all(&n, sizeof n);
    return n;
}

/* Makes all as it was at the beginning. */
static void renew(instance *m, uint64_t globals)
{
    madvise(memory, m->memory_bytes, MADV_DONTNEED);
    memcpy(memory, image, low);
    memcpy(memory + m->memory_bytes - top, image + low, top);
    memcpy(m->globals, initial, globals * sizeof(value));
}

int main(int argc, char **argv)
{
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : 0;
    const struct entry *entries = library ? dlsym(library, "omp2wasi_native_entries") : 0;
    const uint32_t *count = library ? dlsym(library, "omp2wasi_native_entry_count") : 0;
    Dl_info info;
    if (!entries || !count || !dladdr((void *)entries, &info)) {
        fprintf(stderr, "harness: no library: %s\n", dlerror());
        return 2;
    }
    base = (uintptr_t)info.dli_fbase;

    uint64_t bytes = number();
    low = number();
    top = number();
    uint64_t globals = number(), threads = number(), functions = number();
    image = malloc(low + top);
    read_all(image, low + top);
    initial = aligned_alloc(16, (globals + 1) * sizeof(value));
    read_all(initial, globals * sizeof(value));
    memory = mmap(0, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, bytes, PROT_READ | PROT_WRITE) != 0)
        return 2;

    /* A fault in the library may be one of the stack, too. */
    static uint8_t stack[64 << 10];
    stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK };
    sigaltstack(&alternate, 0);
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
    sigaction(SIGFPE, &action, 0);
    sigaction(SIGILL, &action, 0);

    instance *m = aligned_alloc(16, sizeof(instance) + globals * sizeof(value));
    *m = (instance){ memory, bytes, (uint8_t *)__builtin_frame_address(0) - STACK, 0, trap, (void *)host, (void *)host,
                     memory_size, (void *)host, (void *)host, (void *)host };
    for (uint64_t f = 0; f != functions; f++) {
        uint64_t index = number(), arguments = number();
        void (*run)(instance *, value *) = 0;
        for (uint32_t i = 0; i != *count; i++)
            if (entries[i].function == index)
                run = entries[i].code;
        if (!run || arguments > SLOTS)
            return 3;
        renew(m, globals);
        for (volatile uint64_t thread = 0; thread != threads; thread++) {
            volatile uint64_t is_over = number();
            value slots[SLOTS] = {0};
            for (uint64_t i = 0; i != arguments; i++)
                slots[i].i64 = number();
            code = place = 0;
            if (setjmp(out) == 0)
                run(m, slots);
            if (code != 0 || is_over)
                renew(m, globals);
            uint64_t said[2] = { code, place };
            fwrite(said, sizeof said, 1, stdout);
        }
        fwrite(memory, low, 1, stdout);
        fwrite(memory + bytes - top, top, 1, stdout);
    }
    return fflush(stdout) != 0;
}
