// The plain twins: obvious loops for every machine, and the judge of the other sets.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define ELUTE_PLAIN_TWIN
#include "operations/all.h"

const EluteKernels elute_plain_kernels = ELUTE_TABLE("plain");
