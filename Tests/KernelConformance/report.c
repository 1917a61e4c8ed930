#include "conformance.h"

#include <stdio.h>

const WidthGroup width_groups[WIDTH_GROUPS] = {
    {"widths 0-17", 8, {0, 1, 7, 8, 9, 15, 16, 17}},
    {"widths 63-65", 3, {63, 64, 65}},
    {"widths 127-384", 4, {127, 128, 129, 384}},
};

uint64_t *report_line(Report *report, const char *operation, const char *sizes) {
  size_t line = report->count++;
  snprintf(report->lines[line].name, sizeof report->lines[line].name, "%s, %s", operation, sizes);
  report->lines[line].digest = 0xcbf29ce484222325u;
  return &report->lines[line].digest;
}

void fold(uint64_t *digest, const void *bytes, size_t count) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < count; i++) *digest = (*digest ^ byte[i]) * 0x100000001b3u;
}

void fold_floats(uint64_t *digest, const float *values, size_t count) {
  fold(digest, values, count * sizeof *values);
}

size_t set_screens(const EluteKernels *kernels, const EluteScreen **screens) {
  int set = ELUTE_PLAIN;
  while (elute_kernels((EluteKernelSet)set) != kernels) set++;
  return elute_screens((EluteKernelSet)set, screens);
}

uint64_t draw_word(Draw *draw) {
  uint64_t mixed = draw->state += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  return mixed ^ mixed >> 31;
}

size_t draw_below(Draw *draw, size_t bound) { return (draw_word(draw) >> 32) * bound >> 32; }

float draw_float(Draw *draw, int kind) {
  float unit = (float)((int64_t)(draw_word(draw) >> 40) - (1 << 23)) * 0x1p-23f;
  switch (kind) {
    case TIED: return (float)((int)draw_below(draw, 5) - 2) / 2;
    case TINY: return unit * 0x1p-100f;
    case DENORMAL: return unit * 0x1p-133f;
    case LARGE: return unit * 0x1p50f;
    case ZERO: return unit < 0 ? -0.0f : 0.0f;
    default: return unit;
  }
}

void draw_floats(Draw *draw, int kind, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = draw_float(draw, kind);
}

void draw_rows(Draw *draw, int kind, float *out, size_t rows, size_t width, size_t stride) {
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < stride; i++)
      out[r * stride + i] = i < width ? draw_float(draw, kind) : 0;
}
