// What the files of the sets share.
#ifndef ELUTE_KERNELS_H
#define ELUTE_KERNELS_H

#include <math.h>
#include <string.h>

#include "include/CSparseKernels.h"

extern const EluteKernels elute_plain_kernels;
extern const EluteScreen elute_plain_float32, elute_plain_bfloat16, elute_plain_int8;
#if defined(__x86_64__)
extern const EluteKernels elute_avx2_kernels, elute_avx512_kernels;
extern const EluteScreen elute_avx2_float32, elute_avx2_int8;
extern const EluteScreen elute_avx512_float32, elute_avx512_bfloat16, elute_avx512_int8;
#if defined(__linux__)
extern const EluteScreen elute_amx_int8, elute_amx_bfloat16;
int elute_has_amx(void);
#endif
#elif defined(__aarch64__)
extern const EluteKernels elute_neon_kernels;
extern const EluteScreen elute_neon_float32, elute_neon_int8;
int elute_has_dot_product(void);
#endif

// Candidates a row can hold; a multiple of sixteen. Bytes leave about a thirtieth of the latents of an untrained
// encoder, whose scores are all alike, and more of trained atoms with a few large coordinates, which a row of bytes
// holds coarsely: there is room for three times as many.
static inline size_t elute_candidate_capacity(size_t k, size_t latents) {
  return (8 * k + 256 + latents / 10 + 15) / 16 * 16;
}

#endif
