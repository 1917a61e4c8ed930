#include "EluteDigest.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1,ssse3")))

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
static const uint32_t ROUND_CONSTANTS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static int has_instructions(void) {
  unsigned a, b, c, d;
  const unsigned sha = 1u << 29;
  return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha);
}

// The words of four rounds: the block's own for the first sixteen rounds, then made of those before.
SHA static inline __m128i words(__m128i w[4], const uint8_t *block, int group) {
  if (group < 4) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    w[group] = _mm_shuffle_epi8(
        _mm_loadu_si128((const __m128i *)(block + 16 * group)), big_endian);
  } else {
    const __m128i before = w[(group + 3) & 3];
    const __m128i seventh = _mm_alignr_epi8(before, w[(group + 2) & 3], 4);
    const __m128i first = _mm_sha256msg1_epu32(w[group & 3], w[(group + 1) & 3]);
    w[group & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(first, seventh), before);
  }
  return w[group & 3];
}

SHA static void take_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  // The instructions want the letters as a b e f and c d g h, the first in the highest place.
  __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
  __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
  for (size_t block = 0; block < blocks; block++) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
#pragma clang loop unroll(full)
    for (int group = 0; group < 16; group++) {
      const __m128i constants = _mm_loadu_si128((const __m128i *)(ROUND_CONSTANTS + 4 * group));
      const __m128i input = _mm_add_epi32(words(w, bytes + 64 * block, group), constants);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, input);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(input, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

int elute_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  if (!has_instructions()) return 0;
  take_blocks(state, bytes, blocks);
  return 1;
}

#else

int elute_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  (void)state, (void)bytes, (void)blocks;
  return 0;
}

#endif
