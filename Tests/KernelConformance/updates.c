// Adam over several steps, and the counting sort of codes.
#include "conformance.h"

static void report_adam(const EluteKernels *kernels, Report *report) {
  Draw draw = {1000};
  for (size_t group = 0; group < WIDTH_GROUPS; group++) {
    uint64_t *digest = report_line(report, "adam", width_groups[group].name);
    for (size_t w = 0; w < width_groups[group].count; w++)
      for (int kind = 0; kind < KINDS; kind++) {
        size_t width = width_groups[group].widths[w], stride = stride_of(width);
        float weights[WIDEST], first[WIDEST], second[WIDEST], gradient[WIDEST];
        draw_rows(&draw, ORDINARY, weights, 1, width, stride);
        for (size_t i = 0; i < stride; i++) first[i] = second[i] = 0;
        for (int step = 0; step < 8; step++) {
          // Gradients that come and go, so that moments decay towards their flush.
          draw_rows(&draw, step % 3 == 2 ? ZERO : kind, gradient, 1, width, stride);
          EluteAdam adam = {0.9f, 0.999f, 0.1f, 0.001f, 0.01f / (float)(step + 1), 1.5f, 1e-8f};
          kernels->adam(&adam, weights, first, second, gradient, width);
        }
        fold_floats(digest, weights, width);
        fold_floats(digest, first, width);
        fold_floats(digest, second, width);
        for (int step = 0; step < 4; step++)
          kernels->signum(0.8f, 0.01f, weights, second, step % 2 ? first : gradient, width);
        fold_floats(digest, weights, width);
        fold_floats(digest, second, width);
      }
  }
}

static void report_regroup(Report *report) {
  enum { ROWS = 70, K = 5, LATENTS = 23 };
  Draw draw = {1001};
  int32_t indices[ROWS * K], counts[ROWS], rows[ROWS * K];
  float values[ROWS * K], gradients[ROWS * K], by_value[ROWS * K], by_gradient[ROWS * K];
  int64_t offsets[LATENTS + 1], cursor[LATENTS];
  for (size_t r = 0; r < ROWS; r++) {
    counts[r] = (int32_t)draw_below(&draw, K + 1);
    int32_t latent = 0;
    for (size_t c = 0; c < K; c++) {
      indices[r * K + c] = latent;
      latent += 1 + (int32_t)draw_below(&draw, 4);
    }
  }
  draw_floats(&draw, ORDINARY, values, ROWS * K);
  draw_floats(&draw, ORDINARY, gradients, ROWS * K);
  int64_t starts[ROWS];
  int32_t histogram[LATENTS];
  for (int64_t r = 0; r < ROWS; r++) starts[r] = r * K;
  EluteCodes codes = {indices, starts, counts, 0, ROWS, LATENTS};
  const float *lanes[] = {values, gradients};
  float *by_latent[] = {by_value, by_gradient};
  elute_count_codes(&codes, 0, ROWS, histogram);
  elute_place_codes(histogram, 1, LATENTS, offsets, cursor);
  elute_scatter_codes(&codes, 0, LATENTS, cursor, lanes, 2, rows, by_latent);
  size_t entries = (size_t)offsets[LATENTS];
  uint64_t *digest = report_line(report, "regroup", "70 rows by 23 latents");
  fold(digest, offsets, sizeof offsets);
  fold(digest, rows, entries * sizeof *rows);
  fold_floats(digest, by_value, entries);
  fold_floats(digest, by_gradient, entries);
}

void report_updates(const EluteKernels *kernels, Report *report) {
  report_adam(kernels, report);
  report_regroup(report);
}
