// The plain twins: obvious loops for every machine, and the judge of the other sets.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define ELUTE_PLAIN_TWIN
#include "operations/all.h"

const EluteKernels elute_plain_kernels = ELUTE_TABLE("plain");
const EluteScreen elute_plain_float32 = ELUTE_FLOAT32_SCREEN;
const EluteScreen elute_plain_bfloat16 = {ELUTE_BFLOAT16, "plain", ELUTE_TILE_LATENTS, 0, 0, NULL, NULL, bfloat16_tile};
const EluteScreen elute_plain_int8 = {ELUTE_INT8, "plain", ELUTE_TILE_LATENTS, 127, 128, NULL, NULL, int8_tile};
