// The screen of NEON with the dot product extension: four signed bytes at a time, so rows need no offset.
#if defined(__aarch64__)
#include "../kernels.h"

#include <arm_neon.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

typedef struct {
  int32x4_t q[4];
} Words;

enum { TILE_VECTORS = 1 };
#define TILE_NAME int8_tile
#define WORDS Words
#define EACH(expression)                                \
  Words result;                                         \
  for (int i = 0; i < 4; i++) result.q[i] = expression; \
  return result
static inline Words words_zero(void) { EACH(vdupq_n_s32(0)); }
static inline Words words_load(const uint32_t *p) { EACH(vld1q_s32((const int32_t *)p + 4 * i)); }
static inline void words_store(uint32_t *p, Words x) {
  for (int i = 0; i < 4; i++) vst1q_s32((int32_t *)p + 4 * i, x.q[i]);
}
static inline Words words_fill(const void *p) {
  int32_t word;
  memcpy(&word, p, 4);
  EACH(vdupq_n_s32(word));
}
static inline Words words_dot(Words sum, Words x, Words w) {
  EACH(vdotq_s32(sum.q[i], vreinterpretq_s8_s32(x.q[i]), vreinterpretq_s8_s32(w.q[i])));
}
#include "../operations/word_tile.h"
#pragma clang attribute pop

// Apple's 64-bit processors for computers all have it.
int elute_has_dot_product(void) {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return 1;
#endif
}

const EluteScreen elute_neon_int8 = {ELUTE_INT8, "dotprod", ELUTE_TILE_LATENTS, 127, 0, NULL, NULL, int8_tile};
#endif
