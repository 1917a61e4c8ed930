// What a screen sees of rows and latents, and how far from the truth it can be.
//
// A screen scores s(row, latent) = x^ . w^ + bias in place of x . w + bias, with x^ and w^ in a type of few bits. By
// the triangle inequality and Cauchy's
//
//   |x . w - x^ . w^| <= |x| |w - w^| + |w^| |x - x^|,
//
// and the four norms are computed, so the bound is proved for each pair and not for a law of the data. Scores are
// compared over norm >= |(x, 1)|, where the bound reads
//
//   e(row, latent) = constant[latent] + slope[latent] * error[row],
//   constant = |w - w^| (1 + c) + c |(w, bias)|,   slope = (|w| + |w - w^|) (1 + c),   error = |x - x^| (1 + c) / norm,
//
// and c covers every rounding: of the screen's own sum (m = width for a chain of multiply-adds, 2 width for bfloat16,
// none for integers), of the canonical dot (width / 16 + 4), of the norms (the same), and of the few operations that
// scale and add. |x^| |w^| exceeds |x| |w| at most (1 + sqrt(width) / 126)^2 times. In units of u = 2^-24:
//
//   c = 1.01 (m + width / 16 + width / 64 + 160) u,
//
// to first order, which is enough for widths below 2^20. The norms that a caller gives may themselves be too small by
// a rounding that c covers.
static float screen_rounding(EluteScreenKind kind, size_t width) {
  size_t chain = kind == ELUTE_INT8 ? 0 : kind == ELUTE_BFLOAT16 ? 2 * width : width;
  return 1.01f * (float)(chain + width / 16 + width / 64 + 160) * 0x1p-24f;
}

// The greatest |row[i]|; what is not a number is passed over.
#ifdef ELUTE_PLAIN_TWIN
static float greatest_magnitude(const float *row, size_t stride) {
  float greatest = 0;
  for (size_t i = 0; i < stride; i++) greatest = fabsf(row[i]) > greatest ? fabsf(row[i]) : greatest;
  return greatest;
}
#else
static float greatest_magnitude(const float *row, size_t stride) {
  v16 all = v16_fill(0);
  for (size_t i = 0; i < stride; i += 16) all = v16_greatest(v16_magnitude(v16_load(row + i)), all);
  float lanes[16], greatest = 0;
  v16_store(lanes, all);
  for (int l = 0; l < 16; l++) greatest = lanes[l] > greatest ? lanes[l] : greatest;
  return greatest;
}
#endif

// Rounds a row to `levels` equal steps on either side of zero. Returns |row - row^|; leaves row - row^ in its place.
// Where a step or its inverse would not be a normal number, nothing is rounded and all is error.
static float to_int8(float *row, size_t stride, size_t bytes, float levels, int32_t offset,
                     uint8_t *out, float *scale) {
  float greatest = greatest_magnitude(row, stride);
  int usable = greatest > 0x1p-100f && greatest < 0x1p100f;
  float step = usable ? greatest / levels : 0, inverse = usable ? levels / greatest : 0;
  for (size_t i = 0; i < stride; i++) {
    float steps = rintf(row[i] * inverse);
    steps = steps > levels ? levels : steps >= -levels ? steps : -levels;
    out[i] = (uint8_t)((int32_t)steps + offset);
    row[i] = fmaf(-step, steps, row[i]);
  }
  memset(out + stride, offset, bytes - stride);
  *scale = step;
  return sqrtf(dot(row, row, stride)) + 0x1p-60f;
}

// Rounds a row to the nearest bfloat16 numbers, ties to even. Returns and leaves the same.
static float to_bfloat16(float *row, size_t stride, size_t bytes, uint16_t *out) {
  memset((uint8_t *)out + 2 * stride, 0, bytes - 2 * stride);
  for (size_t i = 0; i < stride; i++) {
    uint32_t bits;
    memcpy(&bits, row + i, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    out[i] = (uint16_t)(bits >> 16);
    float rounded;
    memcpy(&rounded, &bits, 4);
    row[i] -= rounded;
  }
  return sqrtf(dot(row, row, stride)) + 0x1p-60f;
}

// A row in a screen's type. Returns the norm of what that leaves out; `scratch` has room for the row.
static float to_screen(EluteScreenKind kind, const EluteSplit *split, const float *row,
                       size_t stride, size_t bytes, float levels, int32_t offset, float *scratch,
                       void *out, float *scale) {
  *scale = 1;
  memcpy(scratch, row, stride * sizeof *row);
  for (size_t s = 0; s < split->count; s++) scratch[split->dimensions[s]] = 0;
  if (kind == ELUTE_INT8) return to_int8(scratch, stride, bytes, levels, offset, out, scale);
  if (kind == ELUTE_BFLOAT16) return to_bfloat16(scratch, stride, bytes, out);
  memcpy(out, scratch, bytes);
  return 0;
}

// One latent as a screen sees it; `scratch` has room for the row.
static void screen_latent(const EluteScreen *screen, const EluteSplit *split, const float *row,
                          float bias, size_t width, size_t stride, float *scratch, void *out,
                          EluteLatentBound *bound) {
  EluteScreenKind kind = screen->kind;
  size_t bytes = elute_screen_row_bytes(kind, width);
  float c = screen_rounding(kind, width), norm = elute_latent_bound(dot(row, row, stride), bias);
  float error = 0;
  bound->scale = 1;
  if (kind != ELUTE_FLOAT32)
    error = to_screen(kind, split, row, stride, bytes, 127, 0, scratch, out, &bound->scale);
  bound->constant = error * (1 + c) + c * norm;
  bound->slope = (norm + error) * (1 + c);
  int64_t sum = 0;
  if (kind == ELUTE_INT8)
    for (size_t i = 0; i < stride; i++) sum += ((const int8_t *)out)[i];
  bound->excess = (int32_t)(sum * screen->row_offset);
}
