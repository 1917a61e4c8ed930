#include "include/EluteElementary.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

#include "operations/elementary.h"

double elute_log(double x) {
  if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
  if (x == INFINITY) return x;
  return x < 0x1p-1022 ? log_normal(x * 0x1p54, 54) : log_normal(x, 0);
}

double elute_exp(double x) {
  if (x != x) return x;
  if (x > 709.7) return INFINITY;
  if (x < -708.3) return 0;
  double scaled = x * 0x1.71547652b82fep0;
  int64_t k = (int64_t)(scaled + (scaled >= 0 ? 0.5 : -0.5));
  double r = (x - (double)k * ln2_high) - (double)k * ln2_low;
  // |r| <= 0.3466: Taylor to the 13th power reaches 2^-57.
  double sum = 1.0 / 6227020800;
  static const double inverse_factorial[13] = {
      1,          1,          1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,     1.0 / 720,
      1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600};
  for (int n = 12; n >= 0; n--) sum = sum * r + inverse_factorial[n];
  // In two factors, because 2^1024 is none.
  return sum * double_of_bits((uint64_t)(k / 2 + 1023) << 52) *
         double_of_bits((uint64_t)(k - k / 2 + 1023) << 52);
}

double elute_sin_turns(double turns) { return sin_shifted(turns, 0); }
double elute_cos_turns(double turns) { return sin_shifted(turns, 1); }
