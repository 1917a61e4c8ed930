// The fused product and selection, where the screen has it easy and where it fails.
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_ROWS = 130, MOST_LATENTS = 400, MOST_K = 64 };

typedef struct {
  size_t rows, width, latents, k;
} Shape;

static float encoder[MOST_LATENTS * WIDEST], bias[MOST_LATENTS];
static float input[MOST_ROWS * WIDEST], norm[MOST_ROWS];

// The latents as a screen sees them, and the rows' norms.
static EluteLatents screened_latents(const EluteKernels *kernels, const EluteScreen *screen, Shape shape) {
  size_t stride = stride_of(shape.width);
  static uint8_t screened[(MOST_LATENTS + ELUTE_MOST_TILE_LATENTS) * 4 * WIDEST];
  static EluteLatentBound bounds[MOST_LATENTS];
  static float spare[WIDEST];
  EluteSplit split = {NULL, 0};
  size_t bytes = elute_screen_row_bytes(screen->kind, shape.width);
  for (size_t i = 0; i < shape.latents; i++)
    kernels->screen_latent(screen, &split, encoder + i * stride, bias[i], shape.width, stride, spare,
                           screened + i * bytes, &bounds[i]);
  for (size_t r = 0; r < shape.rows; r++) {
    const float *row = input + r * stride;
    norm[r] = elute_row_bound(kernels->dot(row, row, stride));
  }
  return (EluteLatents){encoder, bias, shape.latents, shape.width, stride, screened, bounds, split, NULL};
}

static void *scratch_of(Shape shape, size_t k) {
  void *scratch = malloc(elute_choose_scratch_bytes(shape.width, shape.rows, k, shape.latents));
  if (!scratch) exit(2);
  return scratch;
}

static void choose_by(const EluteKernels *kernels, const EluteScreen *screen, Shape shape, int signs,
                      float threshold, uint64_t *digest) {
  static int32_t indices[MOST_ROWS * MOST_K], counts[MOST_ROWS];
  static float values[MOST_ROWS * MOST_K], smallest[MOST_ROWS];
  void *scratch = scratch_of(shape, shape.k);
  EluteLatents latents = screened_latents(kernels, screen, shape);
  EluteRows rows = {input, norm, shape.rows, stride_of(shape.width), shape.k, signs, threshold};
  EluteChoice choice = {indices, values, counts, smallest, 0, 0};
  kernels->choose(screen, &latents, &rows, scratch, &choice);
  free(scratch);
  fold(digest, counts, shape.rows * sizeof *counts);
  fold_floats(digest, smallest, shape.rows);
  for (size_t r = 0; r < shape.rows; r++) {
    fold(digest, indices + r * shape.k, (size_t)counts[r] * sizeof *indices);
    fold_floats(digest, values + r * shape.k, (size_t)counts[r]);
  }
}

// All scores above limits, which are the biases, times a factor.
static void choose_above_by(const EluteKernels *kernels, const EluteScreen *screen, Shape shape, float factor,
                            uint64_t *digest) {
  static int32_t indices[MOST_ROWS * MOST_LATENTS], counts[MOST_ROWS];
  static float values[MOST_ROWS * MOST_LATENTS], limits[MOST_LATENTS];
  void *scratch = scratch_of(shape, 0);
  EluteLatents latents = screened_latents(kernels, screen, shape);
  EluteRows rows = {input, norm, shape.rows, stride_of(shape.width), 0, 0, 0};
  EluteAbove above = {indices, values, counts, shape.latents, 0};
  for (size_t i = 0; i < shape.latents; i++) limits[i] = factor * bias[i];
  kernels->choose_above(screen, &latents, &rows, limits, scratch, &above);
  free(scratch);
  fold(digest, counts, shape.rows * sizeof *counts);
  for (size_t r = 0; r < shape.rows; r++) {
    fold(digest, indices + r * shape.latents, (size_t)counts[r] * sizeof *indices);
    fold_floats(digest, values + r * shape.latents, (size_t)counts[r]);
  }
}

// With every screen that the set has: the digests say that all choose the same.
static void choose(const EluteKernels *kernels, Shape shape, float threshold, uint64_t *digest) {
  const EluteScreen *screens[ELUTE_MOST_SCREENS];
  size_t count = set_screens(kernels, screens);
  uint64_t before = *digest;
  for (size_t s = 0; s < count; s++) {
    uint64_t after = before;
    for (int signs = 0; signs < 2; signs++) choose_by(kernels, screens[s], shape, signs, threshold, &after);
    choose_above_by(kernels, screens[s], shape, threshold, &after);
    if (s > 0 && after != *digest) {
      printf("# %s: %s chooses otherwise\n", kernels->name, screens[s]->instructions);
      after = ~after;
    }
    *digest = after;
  }
}

static void draw_problem(Draw *draw, Shape shape, int row_kind, int latent_kind) {
  size_t stride = stride_of(shape.width);
  draw_rows(draw, row_kind, input, shape.rows, shape.width, stride);
  draw_rows(draw, latent_kind, encoder, shape.latents, shape.width, stride);
  draw_floats(draw, latent_kind, bias, shape.latents);
}

static const Shape shapes[] = {
    {1, 1, 1, 1},    {64, 16, 6, 1},   {65, 17, 7, 3},     {63, 15, 5, 5},   {130, 33, 100, 8},
    {3, 129, 61, 60}, {2, 8, 13, 40},  {0, 8, 13, 2},      {4, 8, 0, 2},     {128, 64, 400, 32},
    {20, 384, 90, 4}, {66, 10, 90, 64}, {5, 24, 399, 2},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void report_kinds(const EluteKernels *kernels, Report *report) {
  const char *names[] = {"ordinary", "tied", "tiny", "denormal", "large", "zero"};
  for (int kind = 0; kind < KINDS; kind++) {
    Draw draw = {3000 + (uint64_t)kind};
    uint64_t *digest = report_line(report, "choose", names[kind]);
    for (size_t s = 0; s < SHAPES; s++)
      for (int mixed = 0; mixed < 3; mixed++) {
        draw_problem(&draw, shapes[s], mixed == 1 ? ORDINARY : kind, mixed == 2 ? ORDINARY : kind);
        choose(kernels, shapes[s], 0, digest);
        choose(kernels, shapes[s], 0.2f, digest);
        choose(kernels, shapes[s], 5, digest);
      }
  }
}

// Hundreds of equal latents run a list over; a row whose norm overflows cannot be screened.
static void report_troubles(const EluteKernels *kernels, Report *report) {
  Draw draw = {3100};
  Shape shape = {70, 20, 300, 4};
  size_t stride = stride_of(shape.width);
  draw_problem(&draw, shape, ORDINARY, ORDINARY);
  for (size_t i = 0; i < 200 * stride; i++) encoder[i] = encoder[i % stride];
  for (size_t i = 0; i < 200; i++) bias[i] = bias[0];
  uint64_t *digest = report_line(report, "choose", "duplicated latents");
  for (shape.k = 1; shape.k <= MOST_K; shape.k *= 2) choose(kernels, shape, 0, digest);

  shape.k = 4;
  draw_problem(&draw, shape, ORDINARY, ORDINARY);
  for (size_t i = 0; i < 10 * stride; i++) input[i] *= i < 5 * stride ? 0x1p80f : 0;
  digest = report_line(report, "choose", "overflowing norms and empty rows");
  choose(kernels, shape, 0, digest);
  choose(kernels, shape, 0.1f, digest);
}

// What a screen sees of latents, by each set's own arithmetic.
static void report_screened(const EluteKernels *kernels, Report *report) {
  static uint8_t out[2 * WIDEST + 64];
  float row[WIDEST], spare[WIDEST];
  const int32_t dimensions[2] = {0, 5};
  for (int kind = ELUTE_BFLOAT16; kind <= ELUTE_INT8; kind++) {
    EluteScreen screen = {.kind = (EluteScreenKind)kind, .row_offset = 128};
    Draw draw = {3200};
    uint64_t *digest = report_line(report, "screen_latent", kind == ELUTE_INT8 ? "int8" : "bfloat16");
    for (int round = 0; round < 200; round++) {
      size_t width = 1 + draw_below(&draw, WIDEST), stride = stride_of(width);
      draw_rows(&draw, round % KINDS, row, 1, width, stride);
      EluteSplit split = {dimensions, width > 5 ? (size_t)(round % 3) : 0};
      EluteLatentBound bound;
      kernels->screen_latent(&screen, &split, row, draw_float(&draw, ORDINARY), width, stride, spare, out, &bound);
      fold(digest, out, elute_screen_row_bytes(screen.kind, width));
      fold_floats(digest, &bound.scale, 3);
      fold(digest, &bound.excess, sizeof bound.excess);
    }
  }
}

void report_choices(const EluteKernels *kernels, Report *report) {
  report_screened(kernels, report);
  report_kinds(kernels, report);
  report_troubles(kernels, report);
}
