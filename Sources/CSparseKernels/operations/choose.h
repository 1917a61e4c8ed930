// The fused product and selection: for each row the k largest positive canonical scores,
//
//   score(row, latent) = dot(x, w) + bias,   equal scores in the order of their index,
//
// without a buffer that grows with rows x latents. The product is only a screen, a set of scores with a proved
// bound: they differ from the canonical ones by at most
//
//   E(row) = C * norm[row] * max bound,   C = 1.01 * (width + width / 16 + 16) * 2^-24,
//
// norm >= |(x, 1)| and bound >= |(w, bias)|. Why: either sum of width products has an error of at most
// gamma_m sum |x_i w_i| <= gamma_m |x| |w|, gamma_m = m u / (1 - m u), u = 2^-24, with m = width for the screen's chain
// and m = width / 16 + 4 for the canonical dot; adding the bias rounds each once more, by at most
// u (|x||w| + |bias|) (1 + gamma); and |x||w| + |bias| <= |(x, 1)| |(w, bias)| by Cauchy and Schwarz. The other 10 u
// and the factor 1.01 cover the rounding of the norms, of E and of the limits below.
//
// If K is the k-th largest screen score of a row, k latents score at least K - E, so a latent whose screen score is
// below K - 2 E is not among the k largest. What is left, little more than k latents, is scored canonically, so
// nothing of the screen shows in the result. Another screen (int8, bfloat16) is another way to fill a tile of
// scores and another C.
//
// A row's limit starts at the caller's guess and rises to K - 2 E when its list is full. A row for which the
// guess proves too high, or whose list cannot be thinned (many equal scores), is searched exhaustively.

typedef struct {
  uint64_t *keys;             // [capacity], in the order of the latents
  size_t count;
  float error;                // E
  int exhausted;              // whether the list could not be thinned
} Candidates;

// Greater keys are greater nonnegative scores, or equal ones of a smaller index.
static inline uint64_t key_of(float score, size_t latent) {
  float nonnegative = score > 0 ? score : 0;
  uint32_t bits;
  memcpy(&bits, &nonnegative, 4);
  return (uint64_t)bits << 32 | (uint32_t)~(uint32_t)latent;
}
static inline float score_of(uint64_t key) {
  uint32_t bits = (uint32_t)(key >> 32);
  float score;
  memcpy(&score, &bits, 4);
  return score;
}
static inline int32_t latent_of(uint64_t key) { return (int32_t)~(uint32_t)key; }

// The k-th largest of count keys, all different, by quickselect; reorders them.
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

// Keeps the keys from `limit` on, in their order.
static void keep_from(Candidates *row, uint64_t limit) {
  size_t kept = 0;
  for (size_t c = 0; c < row->count; c++) {
    uint64_t key = row->keys[c];
    row->keys[kept] = key;
    kept += key >= limit;
  }
  row->count = kept;
}

static uint64_t kth_of_row(const Candidates *row, size_t k, uint64_t *spare) {
  memcpy(spare, row->keys, row->count * sizeof *spare);
  return kth_largest(spare, row->count, k);
}

#ifdef ELUTE_PLAIN_TWIN
static float kth_score(const Candidates *row, size_t k, uint64_t *spare) {
  return score_of(kth_of_row(row, k, spare));
}
#else
// The k-th largest score of a list. A short one is ranked by counting, which no branch can mispredict: the k-th
// largest is the score that fewer than k exceed and at least k reach.
static float kth_score(const Candidates *row, size_t k, uint64_t *spare) {
  enum { SHORT = 128 };
  if (row->count > SHORT) return score_of(kth_of_row(row, k, spare));
  float scores[SHORT] __attribute__((aligned(64)));
  size_t padded = (row->count + 15) / 16 * 16;
  for (size_t c = 0; c < padded; c++) scores[c] = c < row->count ? score_of(row->keys[c]) : -1;
  for (size_t c = 0; c < row->count; c++) {
    v16 score = v16_fill(scores[c]);
    size_t above = 0, reached = 0;
    for (size_t i = 0; i < padded; i += 16) {
      v16 other = v16_load(scores + i);
      above += (size_t)__builtin_popcount(v16_greater(other, score));
      reached += (size_t)__builtin_popcount(v16_at_least(other, score));
    }
    if (above < k && reached >= k) return scores[c];
  }
  return 0;
}
#endif

// Thins a list of at least k candidates to those that can be among the k largest; returns their limit.
static float thin(Candidates *row, size_t k, uint64_t *spare) {
  float limit = kth_score(row, k, spare) - 2 * row->error;
  keep_from(row, limit > 0 ? key_of(limit, SIZE_MAX) : 0);
  return limit > -row->error ? limit : -row->error;
}

// Writes the k largest of canonically scored candidates, in the order of their latents.
static void write_choice(Candidates *row, size_t r, size_t k, float norm, uint64_t *spare,
                         EluteChoice *choice) {
  uint64_t smallest = 0;
  if (row->count > k) {
    smallest = kth_of_row(row, k, spare);
    keep_from(row, smallest);
  } else if (row->count == k) {
    smallest = row->keys[0];
    for (size_t c = 1; c < k; c++) smallest = row->keys[c] < smallest ? row->keys[c] : smallest;
  }
  choice->smallest[r] = score_of(smallest) / norm;
  choice->counts[r] = (int32_t)row->count;
  for (size_t c = 0; c < row->count; c++) {
    choice->indices[r * k + c] = latent_of(row->keys[c]);
    choice->values[r * k + c] = score_of(row->keys[c]);
  }
}

// Scores all latents of a row canonically.
static void search_exhaustively(const EluteLatents *latents, const float *x, size_t k,
                                Candidates *row, size_t capacity, uint64_t *spare) {
  float least = 0;
  row->count = 0;
  for (size_t i = 0; i < latents->latents; i++) {
    float score = dot(x, latents->encoder + i * latents->stride, latents->width) + latents->bias[i];
    if (!(score > least)) continue;
    row->keys[row->count++] = key_of(score, i);
    if (row->count < capacity) continue;
    uint64_t smallest = kth_of_row(row, k, spare);
    keep_from(row, smallest);
    least = score_of(smallest);
  }
}

// Replaces the screen's scores by canonical ones and drops what is not positive.
static void score_canonically(const EluteLatents *latents, const float *x, Candidates *row,
                              int32_t *indices, float *scores) {
  for (size_t c = 0; c < row->count; c++) indices[c] = latent_of(row->keys[c]);
  gathered_dots(x, latents->encoder, latents->stride, indices, row->count, latents->stride, scores);
  size_t kept = 0;
  for (size_t c = 0; c < row->count; c++) {
    float score = scores[c] + latents->bias[indices[c]];
    row->keys[kept] = key_of(score, (size_t)indices[c]);
    kept += score > 0;
  }
  row->count = kept;
}

#ifdef ELUTE_PLAIN_TWIN
static void choose(const EluteLatents *latents, const EluteRows *rows, void *scratch,
                   EluteChoice *choice) {
  size_t capacity = elute_candidate_capacity(rows->k);
  uint64_t *spare = scratch;
  (void)score_canonically, (void)thin;
  for (size_t r = 0; r < rows->rows; r++) {
    Candidates row = {.keys = spare + capacity};
    search_exhaustively(latents, rows->input + r * rows->stride, rows->k, &row, capacity, spare);
    choice->survivors += latents->latents;
    write_choice(&row, r, rows->k, rows->norm[r], spare, choice);
  }
}
#else
// A screen: scores with a proved bound. `score` fills a tile of 6 x 64 scores, without the biases, from a panel that
// `pack` made; each is within error(width) * |(x, 1)| * |(w, bias)| of the canonical one.
typedef struct {
  void (*pack)(const float *rows, size_t stride, size_t count, size_t width, float *panel);
  void (*score)(const float *panel, const float *rows, size_t stride, size_t count, size_t width,
                float *out);
  float (*error)(size_t width);
} Screen;

static float float32_error(size_t width) {
  return 1.01f * (float)(width + width / 16 + 16) * 0x1p-24f;
}

static const Screen float32_screen = {pack, product_strip, float32_error};

// Adds the candidates of one tile: the rows `first..<first + 64` against `tile` latents from `start`.
static void screen_tile(const EluteLatents *latents, const float *scores, size_t start, size_t tile,
                        size_t k, size_t capacity, uint64_t *spare, Candidates *rows, float *limits) {
  for (size_t l = 0; l < tile; l++) {
    v16 bias = v16_fill(latents->bias[start + l]);
    const float *products = scores + l * ELUTE_PANEL_ROWS;
    uint64_t found = 0;
    for (size_t v = 0; v < ELUTE_PANEL_ROWS; v += 16) {
      v16 score = v16_add(v16_load(products + v), bias);
      found |= (uint64_t)v16_at_least(score, v16_load(limits + v)) << v;
    }
    for (; found; found &= found - 1) {
      size_t r = (size_t)__builtin_ctzll(found);
      Candidates *row = &rows[r];
      row->keys[row->count++] = key_of(products[r] + latents->bias[start + l], start + l);
      if (row->count < capacity) continue;
      limits[r] = thin(row, k, spare);
      if (row->count == capacity) {
        row->exhausted = 1;
        row->count = 0;
        limits[r] = INFINITY;
      }
    }
  }
}

// Scratch: the lists of candidates, spare lists, the panels, and a limit per row.
static void choose(const EluteLatents *latents, const EluteRows *rows, void *scratch,
                   EluteChoice *choice) {
  size_t panels = (rows->rows + ELUTE_PANEL_ROWS - 1) / ELUTE_PANEL_ROWS;
  size_t padded = panels * ELUTE_PANEL_ROWS;
  size_t capacity = elute_candidate_capacity(rows->k), k = rows->k;
  uint64_t *spare = scratch;
  uint64_t *keys = spare + capacity;
  Candidates *lists = (Candidates *)(keys + padded * capacity);
  float *panel = (float *)(lists + padded);
  float *limits = panel + padded * latents->width;
  float *scores = limits + padded;
  int32_t *indices = (int32_t *)(scores + capacity);
  float bound = 0;
  for (size_t i = 0; i < latents->latents; i++)
    bound = latents->bound[i] > bound ? latents->bound[i] : bound;
  const Screen *screen = &float32_screen;
  float error = screen->error(latents->width) * bound;
  for (size_t r = 0; r < padded; r++) {
    lists[r] = (Candidates){.keys = keys + r * capacity};
    limits[r] = INFINITY;
    if (r >= rows->rows) continue;
    lists[r].error = error * rows->norm[r];
    limits[r] = rows->threshold > 0 ? rows->threshold * rows->norm[r] : -lists[r].error;
  }
  for (size_t first = 0; first < padded; first += ELUTE_PANEL_ROWS) {
    size_t count = rows->rows - first < ELUTE_PANEL_ROWS ? rows->rows - first : ELUTE_PANEL_ROWS;
    screen->pack(rows->input + first * rows->stride, rows->stride, count, latents->width,
                 panel + first * latents->width);
  }
  float products[ELUTE_TILE_LATENTS * ELUTE_PANEL_ROWS] __attribute__((aligned(64)));
  for (size_t start = 0; start < latents->latents; start += ELUTE_TILE_LATENTS) {
    size_t left = latents->latents - start;
    size_t tile = left < ELUTE_TILE_LATENTS ? left : ELUTE_TILE_LATENTS;
    for (size_t first = 0; first < padded; first += ELUTE_PANEL_ROWS) {
      screen->score(panel + first * latents->width, latents->encoder + start * latents->stride,
                    latents->stride, tile, latents->width, products);
      screen_tile(latents, products, start, tile, k, capacity, spare, lists + first, limits + first);
    }
  }
  for (size_t r = 0; r < rows->rows; r++) {
    Candidates *row = &lists[r];
    const float *x = rows->input + r * rows->stride;
    float limit = row->count >= k ? thin(row, k, spare) : -INFINITY;
    int guessed = rows->threshold > 0 && limit < rows->threshold * rows->norm[r];
    if (row->exhausted || guessed) {
      search_exhaustively(latents, x, k, row, capacity, spare);
      choice->fallbacks++;
      choice->survivors += latents->latents;
    } else {
      choice->survivors += row->count;
      score_canonically(latents, x, row, indices, scores);
    }
    write_choice(row, r, k, rows->norm[r], spare, choice);
  }
}
#endif
