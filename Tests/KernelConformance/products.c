// Packing, products of a panel and best matches.
#include "conformance.h"

#include <math.h>

enum { PANEL = ELUTE_PANEL_ROWS, TILE = ELUTE_TILE_LATENTS, OTHERS = 40 };

static float rows[PANEL * WIDEST], others[OTHERS * WIDEST], panel[PANEL * WIDEST];

static void fold_pack(const EluteKernels *kernels, size_t width, uint64_t *digest) {
  const size_t counts[] = {0, 1, 63, 64};
  for (size_t c = 0; c < 4; c++) {
    kernels->pack(rows, width, counts[c], width, panel);
    fold_floats(digest, panel, PANEL * width);
  }
}

static void fold_product_strip(const EluteKernels *kernels, size_t width, uint64_t *digest) {
  kernels->pack(rows, width, PANEL, width, panel);
  for (size_t count = 1; count <= TILE; count++) {
    float out[TILE * PANEL];
    kernels->product_strip(panel, others + count * width, width, count, width, out);
    fold_floats(digest, out, count * PANEL);
  }
}

static void fold_best_matches(const EluteKernels *kernels, size_t width, uint64_t *digest) {
  const size_t counts[] = {0, 1, 6, 7, OTHERS};
  kernels->pack(rows, width, PANEL, width, panel);
  for (size_t c = 0; c < 5; c++)
    for (int absolute = 0; absolute < 2; absolute++) {
      float best[PANEL];
      int32_t where[PANEL];
      for (size_t r = 0; r < PANEL; r++) best[r] = -INFINITY, where[r] = -1;
      kernels->best_matches(panel, others, width, counts[c], width, absolute, best, where);
      fold_floats(digest, best, PANEL);
      fold(digest, where, sizeof where);
    }
}

static void report_operation(const EluteKernels *kernels, Report *report, const char *name,
                             void (*operation)(const EluteKernels *, size_t, uint64_t *)) {
  Draw draw = {2000 + report->count};
  for (size_t group = 0; group < WIDTH_GROUPS; group++) {
    uint64_t *digest = report_line(report, name, width_groups[group].name);
    for (size_t w = 0; w < width_groups[group].count; w++)
      for (int kind = 0; kind < KINDS; kind++) {
        size_t width = width_groups[group].widths[w];
        draw_floats(&draw, kind, rows, PANEL * width);
        draw_floats(&draw, kind, others, OTHERS * width);
        operation(kernels, width, digest);
      }
  }
}

void report_products(const EluteKernels *kernels, Report *report) {
  report_operation(kernels, report, "pack", fold_pack);
  report_operation(kernels, report, "product_strip", fold_product_strip);
  report_operation(kernels, report, "best_matches", fold_best_matches);
}
