// What needs no particular instruction set: bounds, scratch sizes and the counting sort.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

size_t elute_screen_row_bytes(EluteScreenKind kind, size_t width) {
  size_t each = kind == ELUTE_INT8 ? 1 : kind == ELUTE_BFLOAT16 ? 2 : 4;
  return (width * each + 63) / 64 * 64;
}

size_t elute_screen_rows(size_t latents) { return latents + ELUTE_MOST_TILE_LATENTS; }

// The parts are listed at Workspace in operations/choose.h.
size_t elute_choose_scratch_bytes(size_t width, size_t rows, size_t k, size_t latents) {
  size_t capacity = k > 0 ? elute_candidate_capacity(k, latents) : 0, stride = (width + 15) / 16 * 16;
  size_t padded = (rows + ELUTE_PANEL_ROWS - 1) / ELUTE_PANEL_ROWS * ELUTE_PANEL_ROWS;
  size_t words = (padded + ELUTE_PANEL_ROWS + 1) * stride;       // panels, rows, row
  words += padded * (ELUTE_SPLITS + 3 * capacity + 7);           // splits, the lists' ends, seven words
  words += 5 * capacity;                                         // scores, canonical, places, indices
  return words * 4 + 2 * capacity * sizeof(uint64_t) + padded * 8 * sizeof(void *);
}

// 2^-60 stands for what underflows when tiny weights are squared.
float elute_latent_bound(float squared_norm, float bias) {
  return sqrtf(squared_norm + bias * bias) * (1 + 0x1p-20f) + 0x1p-60f;
}

float elute_row_bound(float squared_norm) { return sqrtf(squared_norm + 1) * (1 + 0x1p-20f); }

void elute_count_codes(const EluteCodes *codes, size_t first, size_t rows, int32_t *histogram) {
  memset(histogram, 0, codes->latents * sizeof *histogram);
  for (size_t r = first; r < first + rows; r++) {
    const int32_t *indices = codes->indices + codes->starts[r];
    for (int32_t c = 0; c < codes->counts[r]; c++) histogram[indices[c]]++;
  }
}

void elute_place_codes(const int32_t *histograms, size_t units, size_t latents, int64_t *offsets,
                       int64_t *cursor) {
  memset(offsets, 0, (latents + 1) * sizeof *offsets);
  for (size_t u = 0; u < units; u++)
    for (size_t i = 0; i < latents; i++) offsets[i + 1] += histograms[u * latents + i];
  for (size_t i = 0; i < latents; i++) {
    offsets[i + 1] += offsets[i];
    cursor[i] = offsets[i];
  }
}

// Indices ascend within a row, so a range of latents is a stretch of each row's codes.
void elute_scatter_codes(const EluteCodes *codes, size_t from, size_t to, int64_t *cursor,
                         const float *const *lanes, size_t lane_count, int32_t *out_rows,
                         float *const *out_lanes) {
  for (size_t r = 0; r < codes->rows; r++) {
    int64_t c = codes->starts[r], end = c + codes->counts[r];
    while (c < end && (size_t)codes->indices[c] < from) c++;
    for (; c < end && (size_t)codes->indices[c] < to; c++) {
      int64_t place = cursor[codes->indices[c]]++;
      out_rows[place] = (int32_t)(codes->first + r);
      for (size_t lane = 0; lane < lane_count; lane++) out_lanes[lane][place] = lanes[lane][c];
    }
  }
}
