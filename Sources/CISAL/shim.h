#pragma once
#include <isa-l.h>

// Macros that are more than a literal do not reach Swift.
static const int isal_level_2_buffer_size = ISAL_DEF_LVL2_DEFAULT;

/// To be called after the library: it leaves the upper parts of the vector registers in use (intel/isa-l, issue 24), and then every
/// instruction that is not of AVX waits for the one before it that wrote to the same register. zlib's sliding of its hash took three
/// times as long.
static inline void isal_release_vector_registers(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroupper");
#endif
}
