// The fused product and selection: for each row the k largest positive canonical scores,
//
//   score(row, latent) = dot(x, w) + bias,   equal scores in the order of their index,
//
// or, where signs are kept, the k scores largest in magnitude,
//
// without a buffer that grows with rows x latents. The product is only a screen, a set of scores with a proved
// bound (quantize.h), so nothing of it shows in the result:
//
//   1. Each tile of screen scores adds to a row's candidates the latents whose upper end reaches the row's limit. The
//      limit starts at the caller's guess and rises to the k-th largest lower end when the list is full.
//   2. Of the candidates, those with the k largest lower ends are scored canonically. The k-th largest of these scores
//      is a limit for the rest: what does not reach it is dropped, what does is scored too.
//   3. If the k-th largest score does not reach the guess, the guess was too high: those rows are screened once more
//      without one. Rows whose lists cannot be thinned go to the float32 screen, and if it cannot either (many equal
//      scores), every latent is scored canonically.

// Greater keys are greater sizes, or equal ones of a smaller index. The size of a score is what is chosen by: itself if
// it is positive and else 0, or where signs are kept its magnitude. The last bit is the sign.
static inline float size_of(float score, int signs) {
  return signs ? fabsf(score) : score > 0 ? score : 0;
}
static inline uint64_t key_of(float score, size_t latent, int signs) {
  float size = size_of(score, signs);
  uint32_t bits;
  memcpy(&bits, &size, 4);
  return (uint64_t)bits << 32 | (uint32_t)(~(uint32_t)latent << 1) | (uint32_t)(score < 0);
}
static inline float size_in(uint64_t key) {
  uint32_t bits = (uint32_t)(key >> 32);
  float size;
  memcpy(&size, &bits, 4);
  return size;
}
static inline float score_of(uint64_t key) { return key & 1 ? -size_in(key) : size_in(key); }
static inline int32_t latent_of(uint64_t key) { return (int32_t)(~((uint32_t)key >> 1) & 0x7fffffff); }

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

// Keeps the keys from `smallest` on, in their order.
static size_t keep_from(uint64_t *keys, size_t count, uint64_t smallest) {
  size_t kept = 0;
  for (size_t c = 0; c < count; c++) {
    uint64_t key = keys[c];
    keys[kept] = key;
    kept += key >= smallest;
  }
  return kept;
}

static uint64_t smallest_key(const uint64_t *keys, size_t count) {
  uint64_t smallest = UINT64_MAX;
  for (size_t c = 0; c < count; c++) smallest = keys[c] < smallest ? keys[c] : smallest;
  return smallest;
}

// Keeps the k largest of at least k keys, all different, in their order; returns the smallest kept. `spare` has room
// for all.
static uint64_t keep_largest(uint64_t *keys, size_t *count, size_t k, uint64_t *spare) {
  enum { FEW = 8 };
  uint64_t smallest;
  if (*count > k + FEW) {
    memcpy(spare, keys, *count * sizeof *spare);
    smallest = kth_largest(spare, *count, k);
    *count = keep_from(keys, *count, smallest);
    return smallest;
  }
  while (*count > k) *count = keep_from(keys, *count, smallest_key(keys, *count) + 1);
  return smallest_key(keys, k);
}

// Writes the k largest of canonically scored latents, which are in the order of their indices. Returns the k-th
// largest size, 0 if there are fewer.
static float write_choice(uint64_t *keys, size_t count, size_t r, size_t k, float norm,
                          uint64_t *spare, EluteChoice *choice) {
  uint64_t smallest = count < k ? 0 : keep_largest(keys, &count, k, spare);
  choice->smallest[r] = size_in(smallest) / norm;
  choice->counts[r] = (int32_t)count;
  for (size_t c = 0; c < count; c++) {
    choice->indices[r * k + c] = latent_of(keys[c]);
    choice->values[r * k + c] = score_of(keys[c]);
  }
  return size_in(smallest);
}

// Scores all latents of a row canonically; returns how many of `keys` are filled.
static size_t search_exhaustively(const EluteLatents *latents, const float *x, size_t k, int signs,
                                  uint64_t *keys, size_t capacity, uint64_t *spare) {
  float least = 0;
  size_t count = 0;
  for (size_t i = 0; i < latents->latents; i++) {
    float score = dot(x, latents->encoder + i * latents->stride, latents->width) + latents->bias[i];
    if (!(size_of(score, signs) > least)) continue;
    keys[count++] = key_of(score, i, signs);
    if (count == capacity) least = size_in(keep_largest(keys, &count, k, spare));
  }
  return count;
}

#ifdef ELUTE_PLAIN_TWIN
static void choose(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                   void *scratch, EluteChoice *choice) {
  (void)screen;
  size_t capacity = elute_candidate_capacity(rows->k, latents->latents);
  uint64_t *spare = scratch, *keys = spare + capacity;
  for (size_t r = 0; r < rows->rows; r++) {
    const float *x = rows->input + r * rows->stride;
    size_t count = search_exhaustively(latents, x, rows->k, rows->signs, keys, capacity, spare);
    choice->survivors += latents->latents;
    write_choice(keys, count, r, rows->k, rows->norm[r], spare, choice);
  }
}
#else
#include "screening.h"

// The canonical scores of the candidates at `places`; their sizes also in w->scores side by side.
static void score_places(const EluteLatents *latents, const float *x, int signs, const Candidates *row,
                         const int32_t *places, size_t count, const Workspace *w) {
  for (size_t c = 0; c < count; c++) w->indices[c] = row->latents[places[c]];
  gathered_dots(x, latents->encoder, latents->stride, w->indices, count, latents->stride, w->scores);
  for (size_t c = 0; c < count; c++) {
    w->scores[c] += latents->bias[w->indices[c]];
    w->canonical[places[c]] = w->scores[c];
    if (signs) w->scores[c] = fabsf(w->scores[c]);
  }
}

// Scores what has to be scored of a row's candidates and collects keys of what is positive; returns how many.
static size_t score_candidates(const EluteLatents *latents, const float *x, size_t k, int signs, float norm,
                               Candidates *row, const Workspace *w, EluteChoice *choice) {
  float least = -INFINITY;
  if (row->count >= k) {
    thin(row, k);
    least = row->limit;
  }
  size_t surest = 0, others = 0;
  for (size_t c = 0; c < row->count; c++) {
    int sure = row->lower[c] >= least;
    w->surest[surest] = w->others[others] = (int32_t)c;
    surest += (size_t)sure;
    others += (size_t)!sure;
  }
  score_places(latents, x, signs, row, w->surest, surest, w);
  float limit = surest < k ? -INFINITY : near_kth_largest(w->scores, surest, k) / norm;
  limit -= fabsf(limit) * 0x1p-20f;  // the division's rounding, with room
  size_t left = 0;
  for (size_t c = 0; c < others; c++) {
    w->others[left] = w->others[c];
    left += !(row->upper[w->others[c]] < limit);
  }
  score_places(latents, x, signs, row, w->others, left, w);
  choice->survivors += surest + left;
  size_t count = 0;
  for (size_t a = 0, b = 0; a < surest || b < left;) {
    int32_t c = b == left || (a < surest && w->surest[a] < w->others[b]) ? w->surest[a++] : w->others[b++];
    w->keys[count] = key_of(w->canonical[c], (size_t)row->latents[c], signs);
    count += size_of(w->canonical[c], signs) > 0;
  }
  return count;
}

// Screens the first `count` rows of w->order and writes the k largest of each. Rows for which they are not proved wait for
// later: those for which the guess was too high come first in w->order, and their number is returned; those whose
// lists could not be thinned are added to w->crowded.
static size_t choose_screened(const EluteScreen *screen, const EluteLatents *latents,
                              const EluteRows *rows, size_t count, float guess, const Workspace *w,
                              EluteChoice *choice, size_t *crowded) {
  size_t guessed = 0;
  screen_rows(screen, latents, rows, count, guess, w);
  for (size_t at = 0; at < count; at++) {
    int32_t r = w->order[at];
    if (w->lists[at].exhausted) {
      w->crowded[(*crowded)++] = r;
      continue;
    }
    size_t found = score_candidates(latents, rows->input + (size_t)r * rows->stride, rows->k,
                                    rows->signs, rows->norm[r], &w->lists[at], w, choice);
    float least = write_choice(w->keys, found, (size_t)r, rows->k, rows->norm[r], w->spare, choice);
    // With a guess, only what reaches it was looked at.
    if (guess > 0 && !(least >= guess * rows->norm[r] * (1 + 0x1p-20f))) w->order[guessed++] = r;
  }
  return guessed;
}

static const EluteScreen float32_screen = ELUTE_FLOAT32_SCREEN;

enum { WIDEST_BYTES = 1 << 17 };  // 128 x 127 x 2^17 is less than 2^31, so sums of bytes are exact

static void choose(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                   void *scratch, EluteChoice *choice) {
  if (screen->kind == ELUTE_INT8 && latents->width > WIDEST_BYTES) screen = &float32_screen;
  size_t capacity = elute_candidate_capacity(rows->k, latents->latents);
  Workspace w = workspace(rows->stride, rows->rows, capacity, scratch);
  size_t count = rows->rows, crowded = 0;
  for (size_t r = 0; r < count; r++) w.order[r] = (int32_t)r;
  float guess = rows->threshold > 0 ? rows->threshold : 0;
  count = choose_screened(screen, latents, rows, count, guess, &w, choice, &crowded);
  choice->fallbacks += count + crowded;
  if (count > 0) choose_screened(screen, latents, rows, count, 0, &w, choice, &crowded);
  if (crowded > 0 && screen->kind != ELUTE_FLOAT32) {
    memcpy(w.order, w.crowded, crowded * sizeof *w.order);
    count = crowded;
    crowded = 0;
    choose_screened(&float32_screen, latents, rows, count, 0, &w, choice, &crowded);
  }
  for (size_t at = 0; at < crowded; at++) {
    size_t r = (size_t)w.crowded[at];
    const float *x = rows->input + r * rows->stride;
    size_t found = search_exhaustively(latents, x, rows->k, rows->signs, w.keys, capacity, w.spare);
    choice->survivors += latents->latents;
    write_choice(w.keys, found, r, rows->k, rows->norm[r], w.spare, choice);
  }
}
#endif
