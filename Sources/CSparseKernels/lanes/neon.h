// Sixteen floats as four NEON registers.
#include <arm_neon.h>

typedef struct {
  float32x4_t q[4];
} v16;

enum { TILE_VECTORS = 1, ROW_VECTORS = 4, SCORE_ROWS = 2, SCORE_LATENTS = 2 };

#define EACH(expression)                            \
  v16 result;                                       \
  for (int i = 0; i < 4; i++) result.q[i] = expression; \
  return result

static inline v16 v16_load(const float *p) { EACH(vld1q_f32(p + 4 * i)); }
static inline void v16_store(float *p, v16 x) {
  for (int i = 0; i < 4; i++) vst1q_f32(p + 4 * i, x.q[i]);
}
static inline v16 v16_fill(float x) { EACH(vdupq_n_f32(x)); }
static inline v16 v16_add(v16 x, v16 y) { EACH(vaddq_f32(x.q[i], y.q[i])); }
static inline v16 v16_subtract(v16 x, v16 y) { EACH(vsubq_f32(x.q[i], y.q[i])); }
static inline v16 v16_multiply(v16 x, v16 y) { EACH(vmulq_f32(x.q[i], y.q[i])); }
static inline v16 v16_divide(v16 x, v16 y) { EACH(vdivq_f32(x.q[i], y.q[i])); }
static inline v16 v16_root(v16 x) { EACH(vsqrtq_f32(x.q[i])); }
static inline v16 v16_fma(v16 x, v16 y, v16 z) { EACH(vfmaq_f32(z.q[i], x.q[i], y.q[i])); }
static inline v16 v16_greatest(v16 x, v16 y) { EACH(vmaxnmq_f32(x.q[i], y.q[i])); }
// Integers less an excess.
static inline v16 v16_from_integers(const int32_t *p, int32_t excess) {
  EACH(vcvtq_f32_s32(vsubq_s32(vld1q_s32(p + 4 * i), vdupq_n_s32(excess))));
}
static inline v16 v16_fnma(v16 x, v16 y, v16 z) { EACH(vfmsq_f32(z.q[i], x.q[i], y.q[i])); }
static inline v16 v16_magnitude(v16 x) { EACH(vabsq_f32(x.q[i])); }
static inline uint32_t v16_bits(const uint32x4_t *lanes) {
  const uint32x4_t weights = {1, 2, 4, 8};
  uint32_t bits = 0;
  for (int i = 0; i < 4; i++) bits |= vaddvq_u32(vandq_u32(lanes[i], weights)) << (4 * i);
  return bits;
}
static inline uint32_t v16_at_least(v16 x, v16 y) {
  uint32x4_t lanes[4];
  for (int i = 0; i < 4; i++) lanes[i] = vcgeq_f32(x.q[i], y.q[i]);
  return v16_bits(lanes);
}
static inline uint32_t v16_greater(v16 x, v16 y) {
  uint32x4_t lanes[4];
  for (int i = 0; i < 4; i++) lanes[i] = vcgtq_f32(x.q[i], y.q[i]);
  return v16_bits(lanes);
}
// x where |x| is at least the limit, else 0.
static inline v16 v16_keep_from(v16 x, v16 limit) {
  EACH(vreinterpretq_f32_u32(
      vandq_u32(vreinterpretq_u32_f32(x.q[i]), vcgeq_f32(vabsq_f32(x.q[i]), limit.q[i]))));
}
static inline float v16_sum(v16 x) {
  float32x4_t four = vaddq_f32(vaddq_f32(x.q[0], x.q[2]), vaddq_f32(x.q[1], x.q[3]));
  float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

#include "by_memory.h"
