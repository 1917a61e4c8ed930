// Screening: the candidates of a unit of rows, from tiles of screen scores (tiles.h) and the bounds of what they leave
// out (quantize.h).
#include "candidates.h"

// What holds for all rows of a panel.
typedef struct {
  float error;                // the greatest
  float least, greatest;      // inverse norms
  float unused;               // makes the size a multiple of what follows it in a workspace
} PanelBounds;

// The memory of a choice, cut from the caller's scratch; see elute_choose_scratch_bytes.
typedef struct {
  uint64_t *keys, *spare;     // [capacity]
  Candidates *lists;          // [rows]
  float *limits, *scales, *errors, *inverses;  // [rows], those of the lists side by side
  PanelBounds *bounds;        // [rows / 64]
  float *splits;              // [rows / 64, ELUTE_SPLITS, 64], the dimensions that are split off
  float *row;                 // [stride]
  float *scores, *canonical;  // [capacity]
  int32_t *order, *crowded;   // [rows], the rows that are screened, and those that could not be
  int32_t *surest, *others, *indices;  // [capacity], places in a list, and latents
  uint8_t *rows, *panels;     // [64, row_bytes], [rows / 64, 64 * row_bytes]
} Workspace;

static Workspace workspace(size_t stride, size_t rows, size_t capacity, void *scratch) {
  size_t padded = (rows + ELUTE_PANEL_ROWS - 1) / ELUTE_PANEL_ROWS * ELUTE_PANEL_ROWS;
  Workspace w;
  w.panels = scratch;
  w.rows = w.panels + padded * stride * sizeof(float);
  w.splits = (float *)(w.rows + ELUTE_PANEL_ROWS * stride * sizeof(float));
  float *ends = w.splits + padded * ELUTE_SPLITS;
  w.row = ends + padded * capacity * 3;
  w.scores = w.row + stride;
  w.canonical = w.scores + capacity;
  w.limits = w.canonical + capacity;
  w.scales = w.limits + padded;
  w.errors = w.scales + padded;
  w.inverses = w.errors + padded;
  w.bounds = (PanelBounds *)(w.inverses + padded);
  w.order = (int32_t *)(w.bounds + padded / ELUTE_PANEL_ROWS);
  w.crowded = w.order + padded;
  w.surest = w.crowded + padded;
  w.others = w.surest + capacity;
  w.indices = w.others + capacity;
  w.keys = (uint64_t *)(w.indices + capacity);
  w.spare = w.keys + capacity;
  w.lists = (Candidates *)(w.spare + capacity);
  for (size_t r = 0; r < padded; r++)
    w.lists[r] = (Candidates){
      .upper = ends + r * 3 * capacity, .lower = ends + (r * 3 + 1) * capacity,
      .latents = (int32_t *)(ends + (r * 3 + 2) * capacity)};
  return w;
}

// Packs the rows `order[first...]` as a screen sees them, and sets their limits.
static void prepare_panel(const EluteScreen *screen, const EluteLatents *latents,
                          const EluteRows *rows, size_t row_bytes, size_t first, size_t count,
                          float guess, const Workspace *w) {
  float c = screen_rounding(screen->kind, latents->width), levels = (float)screen->row_levels;
  EluteSplit split = screen->kind == ELUTE_FLOAT32 ? (EluteSplit){0} : latents->split;
  PanelBounds all = {.error = 0, .least = INFINITY, .greatest = 0};
  for (size_t place = 0; place < ELUTE_PANEL_ROWS; place++) {
    size_t at = first + place;
    w->limits[at] = INFINITY;
    w->scales[at] = w->errors[at] = w->inverses[at] = 0;
    if (place >= count) continue;
    size_t r = (size_t)w->order[at];
    const float *x = rows->input + r * rows->stride;
    float scale, error = to_screen(screen->kind, &split, x, rows->stride, row_bytes, levels,
                                   screen->row_offset, w->row, w->rows + place * row_bytes, &scale);
    Candidates *row = &w->lists[at];
    float inverse = 1 / rows->norm[r];
    row->inverse = inverse;
    row->scale = scale * inverse;
    row->error = error * (1 + c) * inverse;
    row->count = 0;
    row->full = (uint32_t)(2 * rows->k + 32);
    // Its product with a latent of finite norm might overflow; nothing is proved of such a row.
    row->exhausted = !(rows->norm[r] < 0x1p62f);
    row->limit = row->exhausted ? INFINITY : guess;
    w->limits[at] = row->limit;
    w->scales[at] = row->scale;
    w->errors[at] = row->error;
    w->inverses[at] = inverse;
    all.error = row->error > all.error ? row->error : all.error;
    all.least = inverse < all.least ? inverse : all.least;
    all.greatest = inverse > all.greatest ? inverse : all.greatest;
    for (size_t s = 0; s < split.count; s++)
      w->splits[first * ELUTE_SPLITS + s * ELUTE_PANEL_ROWS + place] = x[split.dimensions[s]] * inverse;
  }
  w->bounds[first / ELUTE_PANEL_ROWS] = all;
  pack((const float *)w->rows, row_bytes / 4, count, row_bytes / 4,
       (float *)(w->panels + first * row_bytes));
}

// What a screen knows of a latent. The float32 screen also takes over from others, so it makes its own bounds of theirs.
static inline EluteLatentBound bound_of(EluteScreenKind kind, const EluteLatents *latents, size_t latent) {
  EluteLatentBound bound = latents->bounds[latent];
  if (kind != ELUTE_FLOAT32) return bound;
  float c = screen_rounding(ELUTE_FLOAT32, latents->width);
  return (EluteLatentBound){.scale = 1, .constant = c * bound.slope};
}

// Pairs of a tile that pass a limit which costs little, in the order of the latents: what the screen multiplied, and
// 64 * latent + row, both counted from the tile's first.
typedef struct {
  float products[ELUTE_MOST_TILE_LATENTS * ELUTE_PANEL_ROWS + 16];
  int32_t places[ELUTE_MOST_TILE_LATENTS * ELUTE_PANEL_ROWS + 16];
  size_t count;
} Found;

// Finds the pairs whose score may reach the row's limit, by an upper end that is common to the panel: its rows' own
// ends are not above it.
static inline __attribute__((always_inline)) void find_pairs(
    EluteScreenKind kind, size_t splits, int signs, const EluteLatents *latents, size_t start, size_t tile,
    const int32_t *products, size_t first, const Workspace *w, Found *found) {
  const PanelBounds *all = &w->bounds[first / ELUTE_PANEL_ROWS];
  const float *split_rows = w->splits + first * ELUTE_SPLITS;
  size_t count = 0;
  for (size_t l = 0; l < tile; l++) {
    EluteLatentBound bound = bound_of(kind, latents, start + l);
    const float *split_weights = latents->split_weights + (start + l) * ELUTE_SPLITS;
    float bias = latents->bias[start + l];
    float most = signs ? fabsf(bias) * all->greatest : bias > 0 ? bias * all->greatest : bias * all->least;
    v16 scale = v16_fill(bound.scale), rest = v16_fill(fmaf(bound.slope, all->error, bound.constant) + most);
    for (size_t v = 0; v < ELUTE_PANEL_ROWS; v += 16) {
      size_t at = l * ELUTE_PANEL_ROWS + v;
      v16 product = kind == ELUTE_INT8 ? v16_from_integers(products + at, bound.excess)
                                       : v16_load((const float *)products + at);
      v16 end = v16_fma(v16_multiply(product, v16_load(w->scales + first + v)), scale, signs ? v16_fill(0) : rest);
      for (size_t s = 0; s < splits; s++)
        end = v16_fma(v16_fill(split_weights[s]), v16_load(split_rows + s * ELUTE_PANEL_ROWS + v), end);
      if (signs) end = v16_add(v16_magnitude(end), rest);
      // Greater or equal, or not a number.
      uint32_t passing = 0xffff & ~v16_greater(v16_load(w->limits + first + v), end);
      count += v16_collect(product, passing, (int32_t)at, found->products + count, found->places + count);
    }
  }
  found->count = count;
}

// Adds candidates of the pairs found in a tile.
static inline __attribute__((always_inline)) void add_pairs(
    EluteScreenKind kind, size_t splits, int signs, const EluteLatents *latents, size_t start, size_t k,
    size_t first, const Workspace *w, const Found *found) {
  const float *split_rows = w->splits + first * ELUTE_SPLITS;
  for (size_t f = 0; f < found->count; f++) {
    size_t lane = (size_t)found->places[f] % ELUTE_PANEL_ROWS;
    size_t latent = start + (size_t)found->places[f] / ELUTE_PANEL_ROWS;
    Candidates *row = &w->lists[first + lane];
    EluteLatentBound bound = bound_of(kind, latents, latent);
    float error = fmaf(bound.slope, row->error, bound.constant);
    float upper = fmaf(latents->bias[latent], row->inverse, signs ? 0 : error);
    upper = fmaf(found->products[f] * row->scale, bound.scale, upper);
    for (size_t s = 0; s < splits; s++)
      upper = fmaf(latents->split_weights[latent * ELUTE_SPLITS + s],
                   split_rows[s * ELUTE_PANEL_ROWS + lane], upper);
    if (signs) upper = fabsf(upper) + error;
    row->upper[row->count] = upper;
    row->lower[row->count] = upper - 2 * error;
    row->latents[row->count] = (int32_t)latent;
    row->count += !(upper < row->limit);
    if (row->count < row->full) continue;
    make_room(row, k, elute_candidate_capacity(k, latents->latents));
    w->limits[first + lane] = row->limit;
  }
}

// Adds the candidates of a tile of scores; written out for each case, so that the loops hold no question.
static void screen_tile(EluteScreenKind kind, const EluteLatents *latents, size_t start, size_t tile,
                        const int32_t *products, const EluteRows *rows, size_t first, const Workspace *w) {
  Found found;
  size_t splits = kind == ELUTE_FLOAT32 ? 0 : latents->split.count;
#define SCREEN(kind, splits, signs)                                                      \
  do {                                                                                   \
    find_pairs(kind, splits, signs, latents, start, tile, products, first, w, &found);   \
    add_pairs(kind, splits, signs, latents, start, rows->k, first, w, &found);           \
  } while (0)
  if (rows->signs) SCREEN(kind, splits, 1);
  else if (kind == ELUTE_FLOAT32) SCREEN(ELUTE_FLOAT32, 0, 0);
  else if (kind == ELUTE_BFLOAT16) SCREEN(ELUTE_BFLOAT16, splits, 0);
  else if (splits == 0) SCREEN(ELUTE_INT8, 0, 0);
  else SCREEN(ELUTE_INT8, splits, 0);
#undef SCREEN
}

// Fills the lists of the first `count` rows of w->order; every limit begins at `guess`.
static void screen_rows(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                        size_t count, float guess, const Workspace *w) {
  int32_t products[ELUTE_MOST_TILE_LATENTS * ELUTE_PANEL_ROWS] __attribute__((aligned(64)));
  size_t bytes = elute_screen_row_bytes(screen->kind, latents->width);
  const uint8_t *seen = screen->kind == ELUTE_FLOAT32 ? (const uint8_t *)latents->encoder : latents->rows;
  for (size_t first = 0; first < count; first += ELUTE_PANEL_ROWS)
    prepare_panel(screen, latents, rows, bytes, first,
                  count - first < ELUTE_PANEL_ROWS ? count - first : ELUTE_PANEL_ROWS, guess, w);
  if (screen->begin) screen->begin();
  for (size_t start = 0; start < latents->latents; start += screen->tile_latents) {
    size_t left = latents->latents - start;
    size_t tile = left < screen->tile_latents ? left : screen->tile_latents;
    for (size_t first = 0; first < count; first += ELUTE_PANEL_ROWS) {
      screen->tile(w->panels + first * bytes, seen + start * bytes, bytes, tile, products);
      screen_tile(screen->kind, latents, start, tile, products, rows, first, w);
    }
  }
  if (screen->end) screen->end();
}
