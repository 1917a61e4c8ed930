// Dots, elementwise work on rows and sums of few rows.
#include "conformance.h"

enum { ROWS = 11, ENTRIES = 20 };

// What the operations read.
typedef struct {
  float rows[ROWS * WIDEST], x[WIDEST], other[WIDEST], values[ENTRIES];
  int32_t indices[ENTRIES];
  size_t width, stride;
  float factor;
} Inputs;

typedef void Operation(const EluteKernels *kernels, const Inputs *in, uint64_t *digest);

static void dot(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float result = kernels->dot(in->x, in->other, in->width);
  fold_floats(digest, &result, 1);
}

static void gathered_dots(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  for (size_t count = 0; count <= ENTRIES; count++) {
    float out[ENTRIES];
    kernels->gathered_dots(in->x, in->rows, in->stride, in->indices, count, in->width, out);
    fold_floats(digest, out, count);
  }
}

static void decode(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  for (size_t count = 0; count <= ENTRIES; count++) {
    float out[WIDEST];
    kernels->decode(in->x, in->rows, in->stride, in->indices, in->values, count, in->width, out);
    fold_floats(digest, out, in->width);
  }
}

static void gradient_row(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  for (size_t count = 0; count <= ENTRIES; count++) {
    float out[WIDEST];
    for (size_t i = 0; i < in->width; i++) out[i] = count % 2 ? in->x[i] : 0;
    kernels->gradient_row(in->rows, in->stride, in->indices, in->values, count, in->width, out);
    fold_floats(digest, out, in->width);
  }
}

static void accumulate(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float sum[WIDEST];
  for (size_t i = 0; i < in->stride; i++) sum[i] = in->x[i];
  for (size_t r = 0; r < ROWS; r++)
    kernels->accumulate(sum, in->rows + r * in->stride, r % 2 ? -in->factor : 1, in->width);
  fold_floats(digest, sum, in->width);
}

static void scale(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float row[WIDEST];
  for (size_t i = 0; i < in->stride; i++) row[i] = in->x[i];
  kernels->scale(row, in->factor, in->width);
  fold_floats(digest, row, in->width);
}

static void center(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float out[WIDEST], factors[WIDEST];
  for (size_t i = 0; i < in->width; i++) factors[i] = in->factor * (float)(i % 3);
  kernels->center(in->x, factors, in->other, in->width, out);
  fold_floats(digest, out, in->width);
}

static void subtract(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float out[WIDEST];
  kernels->subtract(in->x, in->other, in->width, out);
  fold_floats(digest, out, in->width);
}

static void normalize(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float row[WIDEST];
  for (size_t i = 0; i < in->stride; i++) row[i] = in->x[i];
  kernels->normalize(row, in->width);
  fold_floats(digest, row, in->width);
}

static void project(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float gradient[WIDEST];
  for (size_t i = 0; i < in->stride; i++) gradient[i] = in->x[i];
  kernels->project(gradient, in->other, in->width);
  fold_floats(digest, gradient, in->width);
}

static void scores(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float out[ROWS * (ROWS + 1)] = {0};
  for (size_t count = 1; count <= ROWS; count++) {
    kernels->scores(in->rows, ROWS, in->rows, in->values, count, in->stride, out, ROWS + 1);
    fold_floats(digest, out, ROWS * (ROWS + 1));
  }
}

static void exceeding(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float values[WIDEST + 16];
  int32_t indices[WIDEST + 16];
  size_t found = kernels->exceeding(in->x, in->other, in->width, 7, values, indices);
  fold_floats(digest, values, found);
  fold(digest, indices, found * sizeof *indices);
}

static void select_largest(const EluteKernels *kernels, const Inputs *in, uint64_t *digest) {
  float values[WIDEST];
  int32_t indices[WIDEST];
  static uint64_t scratch[2 * WIDEST];
  for (size_t k = 1; k <= 32; k *= 2)
    for (int signs = 0; signs < 2; signs++) {
      size_t found = kernels->select_largest(in->x, in->width, k, signs, scratch, values, indices);
      fold_floats(digest, values, found);
      fold(digest, indices, found * sizeof *indices);
    }
}

// Thirds, so that every product is rounded; some lines are left out at both ends.
static void report_outer_products(const EluteKernels *kernels, Report *report) {
  enum { WIDE = 33, COUNT = 11 };
  const size_t widths[] = {1, 7, 8, 17, WIDE};
  Draw draw = {report->count};
  uint64_t *digest = report_line(report, "outer_products", "1-33, up to 11 rows");
  for (size_t w = 0; w < 5; w++)
    for (size_t count = 0; count <= COUNT; count++) {
      double rows[COUNT * WIDE], sum[WIDE * WIDE];
      size_t width = widths[w];
      for (size_t i = 0; i < count * width; i++) rows[i] = draw_float(&draw, ORDINARY) / 3.0;
      for (size_t i = 0; i < width * width; i++) sum[i] = draw_float(&draw, ORDINARY) / 3.0;
      kernels->outer_products(rows, count, width, width / 4, width - width / 5, sum);
      fold(digest, sum, width * width * sizeof *sum);
    }
}

static void report_operation(const EluteKernels *kernels, Report *report, const char *name,
                             Operation *operation) {
  Draw draw = {report->count};
  for (size_t group = 0; group < WIDTH_GROUPS; group++) {
    uint64_t *digest = report_line(report, name, width_groups[group].name);
    for (size_t w = 0; w < width_groups[group].count; w++)
      for (int kind = 0; kind < KINDS; kind++) {
        static Inputs in;
        in.width = width_groups[group].widths[w];
        in.stride = stride_of(in.width);
        draw_rows(&draw, kind, in.rows, ROWS, in.width, in.stride);
        draw_rows(&draw, kind, in.x, 1, in.width, in.stride);
        draw_rows(&draw, kind, in.other, 1, in.width, in.stride);
        draw_floats(&draw, kind == LARGE ? ORDINARY : kind, in.values, ENTRIES);
        for (size_t e = 0; e < ENTRIES; e++) in.indices[e] = (int32_t)draw_below(&draw, ROWS);
        in.factor = draw_float(&draw, ORDINARY);
        operation(kernels, &in, digest);
      }
  }
}

void report_rows(const EluteKernels *kernels, Report *report) {
  report_operation(kernels, report, "dot", dot);
  report_operation(kernels, report, "gathered_dots", gathered_dots);
  report_operation(kernels, report, "decode", decode);
  report_operation(kernels, report, "gradient_row", gradient_row);
  report_operation(kernels, report, "accumulate", accumulate);
  report_operation(kernels, report, "scale", scale);
  report_operation(kernels, report, "center", center);
  report_operation(kernels, report, "subtract", subtract);
  report_operation(kernels, report, "normalize", normalize);
  report_operation(kernels, report, "scores", scores);
  report_operation(kernels, report, "exceeding", exceeding);
  report_operation(kernels, report, "select_largest", select_largest);
  report_operation(kernels, report, "project", project);
  report_outer_products(kernels, report);
}
