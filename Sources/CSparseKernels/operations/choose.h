// The fused product and selection: for each row the k largest positive canonical scores,
//
//   score(row, latent) = dot(x, w) + bias,   equal scores in the order of their index,
//
// without a buffer that grows with rows x latents. The product is only a screen: its scores differ from the
// canonical ones by at most
//
//   |screen - score| <= C * norm[row] * bound[latent],   C = 1.01 * (width + width / 16 + 16) * 2^-24,
//
// norm >= |(x, 1)| and bound >= |(w, bias)|. Why: either sum of width products has an error of at most
// gamma_m sum |x_i w_i| <= gamma_m |x| |w|, gamma_m = m u / (1 - m u), u = 2^-24, with m = width for the screen's chain
// and m = width / 16 + 4 for the canonical dot; adding the bias rounds each once more, by at most u (|x||w| + |bias|)
// (1 + gamma); and |x||w| + |bias| <= |(x, 1)| |(w, bias)| by Cauchy-Schwarz. The remaining 10 u and the
// factor 1.01 cover the rounding of the norms, of the bound and of the comparison. A latent that the screen
// cannot place at or below the row's threshold is scored canonically at once, while its encoder row is in L1 and x
// is in L2, so nothing of the screen shows in the result. Another screen (int8, bfloat16) is another
// way to fill the tile of scores and another C.
//
// The threshold of a row starts at the caller's guess and rises to the k-th largest score found; a row that ends
// with fewer than k is done again without the guess.

typedef struct {
  uint64_t *keys;             // [capacity], in the order of the latents
  size_t count;
} Candidates;

// Greater keys are greater positive scores, or equal ones of a smaller index.
static inline uint64_t key_of(float score, size_t latent) {
  uint32_t bits;
  memcpy(&bits, &score, 4);
  return (uint64_t)bits << 32 | (uint32_t)~(uint32_t)latent;
}
static inline float score_of(uint64_t key) {
  uint32_t bits = (uint32_t)(key >> 32);
  float score;
  memcpy(&score, &bits, 4);
  return score;
}
static inline int32_t latent_of(uint64_t key) { return (int32_t)~(uint32_t)key; }

// The k-th largest of count keys (all different), by quickselect; reorders them.
static uint64_t kth_largest(uint64_t *keys, size_t count, size_t k) {
  size_t low = 0, high = count - 1, target = k - 1;
  while (low < high) {
    uint64_t pivot = keys[low + (high - low) / 2];
    size_t i = low, j = high;
    for (;;) {
      while (keys[i] > pivot) i++;
      while (keys[j] < pivot) j--;
      if (i >= j) break;
      uint64_t swapped = keys[i];
      keys[i++] = keys[j];
      keys[j--] = swapped;
    }
    if (target <= j) high = j;
    else low = j + 1;
  }
  return keys[target];
}

// Keeps the k largest, in their order, and returns the smallest of them.
static float keep_largest(Candidates *row, size_t k, uint64_t *spare) {
  memcpy(spare, row->keys, row->count * sizeof *spare);
  uint64_t limit = kth_largest(spare, row->count, k);
  size_t kept = 0;
  for (size_t c = 0; c < row->count; c++)
    if (row->keys[c] >= limit) row->keys[kept++] = row->keys[c];
  row->count = kept;
  return score_of(limit);
}

static inline void offer(Candidates *row, float *threshold, float score, size_t latent, size_t k,
                         size_t capacity, uint64_t *spare) {
  if (!(score > *threshold)) return;
  row->keys[row->count++] = key_of(score, latent);
  if (row->count == capacity) *threshold = keep_largest(row, k, spare);
}

static void write_choice(Candidates *row, size_t r, size_t k, float norm, uint64_t *spare,
                         EluteChoice *choice) {
  float smallest = 0;
  if (row->count >= k) smallest = keep_largest(row, k, spare) / norm;
  choice->smallest[r] = smallest;
  choice->counts[r] = (int32_t)row->count;
  for (size_t c = 0; c < row->count; c++) {
    choice->indices[r * k + c] = latent_of(row->keys[c]);
    choice->values[r * k + c] = score_of(row->keys[c]);
  }
}

static void choose_exhaustively(const EluteLatents *latents, const EluteRows *rows, size_t r,
                                Candidates *row, size_t capacity, uint64_t *spare) {
  float threshold = 0;
  row->count = 0;
  for (size_t i = 0; i < latents->latents; i++) {
    float score = dot(rows->input + r * rows->stride, latents->encoder + i * latents->stride,
                      latents->width) + latents->bias[i];
    offer(row, &threshold, score, i, rows->k, capacity, spare);
  }
}

// Scratch: for each row a list of candidates, one spare list, the panels, and a threshold and a factor per row.
static void choose(const EluteLatents *latents, const EluteRows *rows, void *scratch,
                   EluteChoice *choice) {
  size_t panels = (rows->rows + ELUTE_PANEL_ROWS - 1) / ELUTE_PANEL_ROWS;
  size_t padded = panels * ELUTE_PANEL_ROWS;
  size_t capacity = elute_candidate_capacity(rows->k);
  uint64_t *spare = scratch;
  uint64_t *keys = spare + capacity;
  Candidates *lists = (Candidates *)(keys + padded * capacity);
  float *panel = (float *)(lists + padded);
  float *threshold = panel + padded * latents->width;
  float *factor = threshold + padded;
#ifdef ELUTE_PLAIN_TWIN
  (void)panel, (void)threshold, (void)factor;
  for (size_t r = 0; r < rows->rows; r++) {
    Candidates row = {keys, 0};
    choose_exhaustively(latents, rows, r, &row, capacity, spare);
    choice->survivors += latents->latents;
    write_choice(&row, r, rows->k, rows->norm[r], spare, choice);
  }
#else
  float error = 1.01f * (float)(latents->width + latents->width / 16 + 16) * 0x1p-24f;
  for (size_t r = 0; r < padded; r++) {
    int real = r < rows->rows;
    lists[r] = (Candidates){keys + r * capacity, 0};
    threshold[r] = real ? rows->threshold * rows->norm[r] : INFINITY;
    factor[r] = real ? error * rows->norm[r] : 0;
  }
  for (size_t p = 0; p < panels; p++) {
    size_t first = p * ELUTE_PANEL_ROWS;
    size_t count = rows->rows - first < ELUTE_PANEL_ROWS ? rows->rows - first : ELUTE_PANEL_ROWS;
    pack(rows->input + first * rows->stride, rows->stride, count, latents->width,
         panel + first * latents->width);
  }
  float scores[ELUTE_TILE_LATENTS * ELUTE_PANEL_ROWS] __attribute__((aligned(64)));
  uint64_t survivors = 0;
  for (size_t start = 0; start < latents->latents; start += ELUTE_TILE_LATENTS) {
    size_t left = latents->latents - start;
    size_t tile = left < ELUTE_TILE_LATENTS ? left : ELUTE_TILE_LATENTS;
    const float *encoder = latents->encoder + start * latents->stride;
    for (size_t first = 0; first < padded; first += ELUTE_PANEL_ROWS) {
      product_strip(panel + first * latents->width, encoder, latents->stride, tile, latents->width,
                    scores);
      for (size_t l = 0; l < tile; l++) {
        v16 bias = v16_fill(latents->bias[start + l]), bound = v16_fill(latents->bound[start + l]);
        for (size_t v = 0; v < ELUTE_PANEL_ROWS; v += 16) {
          v16 score = v16_add(v16_load(scores + l * ELUTE_PANEL_ROWS + v), bias);
          v16 cut = v16_fnma(v16_load(factor + first + v), bound, v16_load(threshold + first + v));
          uint32_t survive = v16_at_least(score, cut);
          for (; survive; survive &= survive - 1) {
            size_t r = first + v + (size_t)__builtin_ctz(survive);
            float exact = dot(rows->input + r * rows->stride, encoder + l * latents->stride,
                              latents->width) + latents->bias[start + l];
            offer(&lists[r], &threshold[r], exact, start + l, rows->k, capacity, spare);
            survivors++;
          }
        }
      }
    }
  }
  for (size_t r = 0; r < rows->rows; r++) {
    if (lists[r].count < rows->k && rows->threshold > 0) {
      choose_exhaustively(latents, rows, r, &lists[r], capacity, spare);
      choice->fallbacks++;
    }
    write_choice(&lists[r], r, rows->k, rows->norm[r], spare, choice);
  }
  choice->survivors += survivors;
#endif
}
