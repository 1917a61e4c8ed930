// Every operation, in the form that the including file has prepared: lanes defined, or the plain twins.

#define ELUTE_FLOAT32_SCREEN \
  {ELUTE_FLOAT32, "fma", ELUTE_TILE_LATENTS, 0, 0, NULL, NULL, float32_tile}

#include "dot.h"
#include "product.h"
#include "rows.h"
#include "adam.h"
#include "tiles.h"
#include "quantize.h"
#include "choose.h"
#include "scores.h"
#include "above.h"
#include "elementary.h"
#include "outer.h"
#include "random.h"
#include "peak.h"

#define ELUTE_TABLE(set_name)                                                                    \
  {.name = set_name, .dot = dot, .gathered_dots = gathered_dots, .pack = pack,                   \
   .product_strip = product_strip, .best_matches = best_matches,                                 \
   .screen_latent = screen_latent, .choose = choose, .choose_above = choose_above, .scores = scores, \
   .exceeding = exceeding, .select_largest = select_largest,                                    \
   .decode = decode, .gradient_row = gradient_row, .accumulate = accumulate, .scale = scale,     \
   .center = center, .subtract = subtract, .project = project, .adam = adam, .signum = signum,   \
   .normalize = normalize, .uniforms = uniforms, .gaussians = gaussians,                         \
   .outer_products = outer_products, .multiply_add_peak = multiply_add_peak}
