// Scores of rows that are wanted as they are, and what is picked from them.

// out[r * out_stride + l] = dot(row r, latent l) + bias[l], canonical, for `count` latents; both padded to `width`.
#ifdef ELUTE_PLAIN_TWIN
static void scores(const float *input, size_t rows, const float *encoder, const float *bias, size_t count,
                   size_t width, float *out, size_t out_stride) {
  for (size_t r = 0; r < rows; r++)
    for (size_t l = 0; l < count; l++)
      out[r * out_stride + l] = dot(input + r * width, encoder + l * width, width) + bias[l];
}
#else
// A tile of rows by latents keeps its partial sums in registers: each is the chain of one dot.
static inline __attribute__((always_inline)) void score_tile(
    const float *input, const float *encoder, const float *bias, size_t rows, size_t count, size_t width,
    float *out, size_t out_stride) {
  v16 sum[SCORE_ROWS][SCORE_LATENTS];
  const float *x[SCORE_ROWS], *w[SCORE_LATENTS];
  for (size_t r = 0; r < SCORE_ROWS; r++) x[r] = input + (r < rows ? r : 0) * width;
  for (size_t l = 0; l < SCORE_LATENTS; l++) w[l] = encoder + (l < count ? l : 0) * width;
  for (int r = 0; r < SCORE_ROWS; r++)
    for (int l = 0; l < SCORE_LATENTS; l++) sum[r][l] = v16_fill(0);
  for (size_t i = 0; i < width; i += 16) {
    v16 latent[SCORE_LATENTS];
    for (int l = 0; l < SCORE_LATENTS; l++) latent[l] = v16_load(w[l] + i);
    for (int r = 0; r < SCORE_ROWS; r++) {
      v16 row = v16_load(x[r] + i);
      for (int l = 0; l < SCORE_LATENTS; l++) sum[r][l] = v16_fma(row, latent[l], sum[r][l]);
    }
  }
  float tile[SCORE_ROWS][SCORE_LATENTS];
  for (int r = 0; r < SCORE_ROWS; r++)
    for (int l = 0; l < SCORE_LATENTS; l++) tile[r][l] = v16_sum(sum[r][l]);
  for (size_t r = 0; r < rows; r++)
    for (size_t l = 0; l < count; l++) out[r * out_stride + l] = tile[r][l] + bias[l];
}

static void scores(const float *input, size_t rows, const float *encoder, const float *bias, size_t count,
                   size_t width, float *out, size_t out_stride) {
  for (size_t l = 0; l < count; l += SCORE_LATENTS)
    for (size_t r = 0; r < rows; r += SCORE_ROWS) {
      size_t some = rows - r < SCORE_ROWS ? rows - r : SCORE_ROWS;
      size_t few = count - l < SCORE_LATENTS ? count - l : SCORE_LATENTS;
      score_tile(input + r * width, encoder + l * width, bias + l, some, few, width, out + r * out_stride + l,
                 out_stride);
    }
}
#endif

// The scores above their limits, and first + their positions, in order; returns how many. Both may write sixteen more.
#ifdef ELUTE_PLAIN_TWIN
static size_t exceeding(const float *scores, const float *limits, size_t count, int32_t first, float *values,
                        int32_t *indices) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++)
    if (scores[i] > limits[i]) {
      values[found] = scores[i];
      indices[found++] = first + (int32_t)i;
    }
  return found;
}
#else
static size_t exceeding(const float *scores, const float *limits, size_t count, int32_t first, float *values,
                        int32_t *indices) {
  size_t found = 0, i = 0;
  for (; i + 16 <= count; i += 16) {
    v16 score = v16_load(scores + i);
    uint32_t passing = v16_greater(score, v16_load(limits + i));
    if (passing)
      found += v16_collect(score, passing, first + (int32_t)i, values + found, indices + found);
  }
  for (; i < count; i++)
    if (scores[i] > limits[i]) {
      values[found] = scores[i];
      indices[found++] = first + (int32_t)i;
    }
  return found;
}
#endif

#ifdef ELUTE_PLAIN_TWIN
static size_t keys_of_largest(const float *scores, size_t count, size_t k, int signs, uint64_t *keys, void *spare) {
  (void)k, (void)spare;
  size_t found = 0;
  for (size_t i = 0; i < count; i++)
    if (size_of(scores[i], signs) > 0) keys[found++] = key_of(scores[i], i, signs);
  return found;
}
#else
static inline v16 sizes_of(v16 scores, int signs) {
  return signs ? v16_magnitude(scores) : v16_greatest(scores, v16_fill(0));
}

// A size that at least k scores reach, and few more: the k-th of the largest in each of some groups. 0 if there are too
// few scores for it to help. `largest` has room for half of them.
static float reached_by_largest(const float *scores, size_t count, size_t k, int signs, float *largest) {
  size_t groups = (4 * k + 15) / 16 * 16;
  if (count < 2 * groups) return 0;
  memset(largest, 0, groups * sizeof *largest);
  for (size_t i = 0; i + groups <= count; i += groups)
    for (size_t g = 0; g < groups; g += 16) {
      v16 sizes = sizes_of(v16_load(scores + i + g), signs);
      v16_store(largest + g, v16_greatest(sizes, v16_load(largest + g)));
    }
  return near_kth_largest(largest, groups, k);
}

// Keys of what may be among the k largest sizes, in the order of their positions; returns how many.
static size_t keys_of_largest(const float *scores, size_t count, size_t k, int signs, uint64_t *keys, void *spare) {
  float least = reached_by_largest(scores, count, k, signs, spare), *values = spare;
  int32_t *places = (int32_t *)(values + count);
  v16 limit = v16_fill(least), zero = v16_fill(0);
  size_t found = 0, i = 0;
  for (; i + 16 <= count; i += 16) {
    v16 score = v16_load(scores + i), size = sizes_of(score, signs);
    uint32_t passing = v16_at_least(size, limit) & v16_greater(size, zero);
    if (passing) found += v16_collect(score, passing, (int32_t)i, values + found, places + found);
  }
  for (size_t c = 0; c < found; c++) keys[c] = key_of(values[c], (size_t)places[c], signs);
  for (; i < count; i++) {
    float size = size_of(scores[i], signs);
    if (size > 0 && size >= least) keys[found++] = key_of(scores[i], i, signs);
  }
  return found;
}
#endif

// The k largest sizes of a row of scores, in the order of their positions; see key_of for sizes and ties. Returns how
// many there are. `scratch` has room for 16 bytes a score, `values` and `indices` for k.
static size_t select_largest(const float *scores, size_t count, size_t k, int signs, void *scratch,
                             float *values, int32_t *indices) {
  uint64_t *keys = scratch, *spare = keys + count;
  if (k == 0) return 0;
  size_t found = keys_of_largest(scores, count, k, signs, keys, spare);
  if (found > k) keep_largest(keys, &found, k, spare);
  for (size_t c = 0; c < found; c++) {
    indices[c] = latent_of(keys[c]);
    values[c] = score_of(keys[c]);
  }
  return found;
}
