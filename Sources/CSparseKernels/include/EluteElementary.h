// Elementary functions that give the same bits on every machine: only +, -, *, / in a fixed order.
//
// Where a transcendental number may enter a weight (random draws, schedules, a softmax) libm's would not do,
// as its last bit differs between versions. Relative errors are below 4e-16 (log near 1: 4e-16 absolute).
#ifndef ELUTE_ELEMENTARY_H
#define ELUTE_ELEMENTARY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

double elute_log(double x);
double elute_exp(double x);
// sin(2 pi turns) and cos(2 pi turns), |turns| <= 2^40.
double elute_sin_turns(double turns);
double elute_cos_turns(double turns);

#ifdef __cplusplus
}
#endif
#endif
