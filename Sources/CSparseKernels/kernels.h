// What the files of the sets share.
#ifndef ELUTE_KERNELS_H
#define ELUTE_KERNELS_H

#include <math.h>
#include <string.h>

#include "include/CSparseKernels.h"

extern const EluteKernels elute_plain_kernels;
#if defined(__x86_64__)
extern const EluteKernels elute_avx2_kernels, elute_avx512_kernels;
#elif defined(__aarch64__)
extern const EluteKernels elute_neon_kernels;
#endif

// Candidates a row can hold before the k largest are kept.
static inline size_t elute_candidate_capacity(size_t k) { return 2 * k + 64; }

#endif
