// Random numbers, elementary functions and bounds.
#include "conformance.h"

static void report_random(const EluteKernels *kernels, Report *report) {
  const uint64_t counters[] = {0, 1, 7, 1000, (uint64_t)1 << 40};
  const size_t counts[] = {0, 1, 2, 15, 16, 17, 1000};
  uint64_t *digest = report_line(report, "uniforms", "0-1000 from five counters");
  for (size_t s = 0; s < 5; s++)
    for (size_t c = 0; c < 7; c++) {
      double out[1000];
      kernels->uniforms(0x0123456789abcdefu * s, counters[s], counts[c], out);
      fold(digest, out, counts[c] * sizeof *out);
    }
  digest = report_line(report, "gaussians", "0-1000 from five counters");
  for (size_t s = 0; s < 5; s++)
    for (size_t c = 0; c < 7; c++) {
      float out[1000];
      kernels->gaussians(0x0123456789abcdefu * s, counters[s], counts[c], out);
      fold_floats(digest, out, counts[c]);
    }
}

// a + (b - a) u for a uniform u.
static double between(Draw *draw, double a, double b) {
  double u = (double)(draw_word(draw) >> 11) * 0x1p-53, width = b - a, scaled = width * u;
  return a + scaled;
}

static void report_elementary(Report *report) {
  const struct {
    const char *name;
    double (*function)(double);
    double ranges[3][2];
  } table[] = {
      {"exp", elute_exp, {{-720, 720}, {-1, 1}, {-1e-9, 1e-9}}},
      {"log", elute_log, {{0, 2}, {0, 1e300}, {0.9999, 1.0001}}},
      {"sin_turns", elute_sin_turns, {{0, 1}, {-1e6, 1e6}, {0.4999, 0.5001}}},
      {"cos_turns", elute_cos_turns, {{0, 1}, {-1e6, 1e6}, {0.7499, 0.7501}}},
  };
  for (size_t f = 0; f < 4; f++) {
    Draw draw = {4000 + f};
    uint64_t *digest = report_line(report, table[f].name, "6000 arguments");
    for (int i = 0; i < 6000; i++) {
      const double *range = table[f].ranges[i % 3];
      double result = table[f].function(between(&draw, range[0], range[1]));
      fold(digest, &result, sizeof result);
    }
  }
}

static void report_bounds(Report *report) {
  Draw draw = {4100};
  uint64_t *digest = report_line(report, "bounds", "1000 rows and latents");
  for (int i = 0; i < 1000; i++) {
    float value = draw_float(&draw, i % KINDS), squared = value * value;
    float bounds[2] = {elute_row_bound(squared), elute_latent_bound(squared, draw_float(&draw, ORDINARY))};
    fold_floats(digest, bounds, 2);
  }
}

void report_numbers(const EluteKernels *kernels, Report *report) {
  report_random(kernels, report);
  report_elementary(report);
  report_bounds(report);
}
