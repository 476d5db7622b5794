/* Native code of a WebAssembly module. `m` is the instance: the host's functions and the global variables; `mem` is where its memory
 * starts. An instruction without an operator in C is a function of its name; its last argument is where it stands in the module. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long i64;
/* The functions of the module have variables that are called i32 and v128. */
typedef i8 s8;
typedef i16 s16;
typedef i32 s32;
typedef i64 s64;
typedef u32 v128 __attribute__((vector_size(16)));
typedef v128 vector;
typedef union { u32 i32; u64 i64; float f32; double f64; v128 v128; } value;
typedef struct instance instance;
typedef void (*code)(void);
typedef struct { i64 low, high; } reach;
struct table_entry { u32 type; code code; };

struct instance {
    u8 *memory;
    u64 memory_bytes;
    u8 *stack_limit;
    void *host;
    __attribute__((noreturn, cold)) void (*trap)(instance *, u32 code, u32 offset);
    u32 (*call)(instance *, u32 function, value *slots);
    __attribute__((noreturn, cold)) void (*unwind)(instance *);
    u64 (*memory_size)(instance *);
    u32 (*memory_grow)(instance *, u32 pages);
    u32 (*wait)(instance *, u64 address, u64 expected, i64 timeout, u32 bytes, u32 offset);
    u32 (*notify)(instance *, u64 address, u32 count, u32 offset);
    value globals[];
};

#define FN static inline __attribute__((always_inline, nodebug))
#define LEAVE static __attribute__((noinline, noreturn, cold, nodebug))
