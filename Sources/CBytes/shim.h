#pragma once
// Two questions about sixteen bytes that Swift's own vectors answer byte by byte.
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef uint8_t bytes16 __attribute__((ext_vector_type(16)));

/// Sets all bits of each byte that is equal to `byte`, and none of the others.
static inline bytes16 bytes_equal(bytes16 bytes, uint8_t byte) {
    return (bytes16)(bytes == (bytes16)byte);
}

/// The high bit of each byte, the lowest bit for the first byte.
static inline uint32_t bytes_high_bits(bytes16 bytes) {
#if defined(__SSE2__)
    return (uint32_t)_mm_movemask_epi8((__m128i)bytes);
#else
    typedef uint64_t words2 __attribute__((ext_vector_type(2)));
    // The product puts the high bits of eight bytes side by side. Little-endian.
    words2 gathered = ((words2)bytes & 0x8080808080808080) * 0x0002040810204081 >> 56;
    return (uint32_t)(gathered[0] | gathered[1] << 8);
#endif
}
