// The kernels of one machine against those of another: digests of what every operation writes.
//
// The inputs are deterministic and the same for every set. Nothing here may differ between machines: no number
// that is not one, whose bits are the processor's choice, and no libm function.
#ifndef ELUTE_CONFORMANCE_H
#define ELUTE_CONFORMANCE_H

#include "CSparseKernels.h"

// One digest for each operation and group of sizes, in the order of the calls.
typedef struct {
  struct {
    char name[64];
    uint64_t digest;
  } lines[128];
  size_t count;
} Report;

// Begins a line and returns its digest, FNV-1a of nothing yet.
uint64_t *report_line(Report *report, const char *operation, const char *sizes);
void fold(uint64_t *digest, const void *bytes, size_t count);
void fold_floats(uint64_t *digest, const float *values, size_t count);

// The screens of a table's set; returns how many.
size_t set_screens(const EluteKernels *kernels, const EluteScreen **screens);

// Numbers by SplitMix64.
typedef struct {
  uint64_t state;
} Draw;

// Kinds of numbers; their products and sums stay finite.
enum { ORDINARY, TIED, TINY, DENORMAL, LARGE, ZERO, KINDS };

uint64_t draw_word(Draw *draw);
size_t draw_below(Draw *draw, size_t bound);
float draw_float(Draw *draw, int kind);
void draw_floats(Draw *draw, int kind, float *out, size_t count);
// Rows padded with zeros to a stride.
void draw_rows(Draw *draw, int kind, float *out, size_t rows, size_t width, size_t stride);

static inline size_t stride_of(size_t width) { return (width + 15) / 16 * 16; }

// Awkward widths in groups, each a line of the report.
typedef struct {
  const char *name;
  size_t count, widths[8];
} WidthGroup;

enum { WIDTH_GROUPS = 3, WIDEST = 384 };
extern const WidthGroup width_groups[WIDTH_GROUPS];

// The files of operations.
void report_rows(const EluteKernels *kernels, Report *report);
void report_updates(const EluteKernels *kernels, Report *report);
void report_products(const EluteKernels *kernels, Report *report);
void report_choices(const EluteKernels *kernels, Report *report);
void report_numbers(const EluteKernels *kernels, Report *report);
void report_training(const EluteKernels *kernels, Report *report);

#endif
