// Five hundred whole training steps of a small problem, in the order of `CPUEngine` of DictionaryTraining: what the
// kernels make of a run, on this machine and on another. `KernelConformanceTests.swift` steps the engine from the
// same start and expects these digests.
#include "conformance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum {
  WIDTH = 24, STRIDE = 32, LATENTS = 72, PADDED_LATENTS = 96, K = 4,
  DATA_ROWS = 1000, BATCH = 136, STEPS = 500,
  ROW_BLOCK = 2 * ELUTE_PANEL_ROWS, ROW_UNITS = (BATCH + ROW_BLOCK - 1) / ROW_BLOCK,
  LATENT_BLOCK = 32, LATENT_UNITS = PADDED_LATENTS / LATENT_BLOCK,
};

typedef struct {
  float weights[LATENTS * STRIDE], first[LATENTS * STRIDE], second[LATENTS * STRIDE];
} MatrixState;

typedef struct {
  float weights[PADDED_LATENTS], first[PADDED_LATENTS], second[PADDED_LATENTS];
} VectorState;

typedef struct {
  const EluteKernels *kernels;
  MatrixState encoder, decoder;
  VectorState encoder_bias, decoder_bias;
  const EluteScreen *screen;
  uint8_t screened[(LATENTS + ELUTE_MOST_TILE_LATENTS) * 4 * STRIDE];
  EluteLatentBound bounds[LATENTS];
  float guess;
  double beta1_power, beta2_power;
  float data[DATA_ROWS * WIDTH];
  // The batch.
  float centered[BATCH * STRIDE], residual[BATCH * STRIDE], norms[BATCH];
  int32_t indices[BATCH * K], counts[BATCH];
  float values[BATCH * K], smallest[BATCH], coefficients[BATCH * K], gradients[BATCH * K];
  int32_t histograms[ROW_UNITS * LATENTS];
  int64_t offsets[LATENTS + 1], cursor[LATENTS];
  int32_t by_latent[BATCH * K];
  float latent_coefficients[BATCH * K], latent_gradients[BATCH * K];
  float residual_sums[ROW_UNITS * STRIDE], latent_sums[LATENT_UNITS * STRIDE];
  double losses[ROW_UNITS];
  void *scratch;
} Engine;

static const float zeros[STRIDE];
static float scales[WIDTH];

static const EluteSplit no_split;

static void update_screen(Engine *e, size_t latent) {
  float spare[STRIDE];
  size_t bytes = elute_screen_row_bytes(e->screen->kind, WIDTH);
  e->kernels->screen_latent(e->screen, &no_split, e->encoder.weights + latent * STRIDE,
                            e->encoder_bias.weights[latent], WIDTH, STRIDE, spare,
                            e->screened + latent * bytes, &e->bounds[latent]);
}

// Unit atoms of Gaussian directions, the encoder tied to them, no latent biases; Gaussian rows.
static void start(Engine *e, const EluteKernels *kernels) {
  memset(e, 0, sizeof *e);
  e->kernels = kernels;
  for (size_t i = 0; i < WIDTH; i++) scales[i] = 0.5f;
  const EluteScreen *screens[ELUTE_MOST_SCREENS];
  e->screen = screens[set_screens(kernels, screens) - 1];
  e->beta1_power = e->beta2_power = 1;
  for (size_t latent = 0; latent < LATENTS; latent++) {
    float *atom = e->decoder.weights + latent * STRIDE;
    kernels->gaussians(1, latent * WIDTH, WIDTH, atom);
    kernels->normalize(atom, STRIDE);
    memcpy(e->encoder.weights + latent * STRIDE, atom, STRIDE * sizeof *atom);
    update_screen(e, latent);
  }
  kernels->gaussians(2, 0, WIDTH, e->decoder_bias.weights);
  kernels->gaussians(3, 0, DATA_ROWS * WIDTH, e->data);
  e->scratch = malloc(elute_choose_scratch_bytes(WIDTH, ROW_BLOCK, K, LATENTS));
  if (!e->scratch) exit(2);
}

static size_t rows_of(size_t unit) {
  size_t left = BATCH - unit * ROW_BLOCK;
  return left < ROW_BLOCK ? left : ROW_BLOCK;
}

static void forward_unit(Engine *e, size_t unit, size_t step) {
  const EluteKernels *kernels = e->kernels;
  size_t first = unit * ROW_BLOCK, end = first + rows_of(unit);
  for (size_t r = first; r < end; r++) {
    float *target = e->centered + r * STRIDE;
    kernels->center(e->data + (step * BATCH + r) % DATA_ROWS * WIDTH, scales,
                    e->decoder_bias.weights, WIDTH, target);
    e->norms[r] = elute_row_bound(kernels->dot(target, target, STRIDE));
  }
  EluteLatents latents = {e->encoder.weights, e->encoder_bias.weights, LATENTS, WIDTH, STRIDE,
                          e->screened, e->bounds, no_split, NULL};
  EluteRows rows = {e->centered + first * STRIDE, e->norms + first, end - first, STRIDE, K, 0, e->guess};
  EluteChoice choice = {e->indices + first * K, e->values + first * K, e->counts + first,
                        e->smallest + first, 0, 0};
  kernels->choose(e->screen, &latents, &rows, e->scratch, &choice);

  float *sum = e->residual_sums + unit * STRIDE, factor = 2 / (float)BATCH;
  memset(sum, 0, STRIDE * sizeof *sum);
  double loss = 0;
  for (size_t r = first; r < end; r++) {
    float decoded[STRIDE], *residual = e->residual + r * STRIDE;
    size_t at = r * K, count = (size_t)e->counts[r];
    kernels->decode(zeros, e->decoder.weights, STRIDE, e->indices + at, e->values + at, count, STRIDE, decoded);
    kernels->subtract(decoded, e->centered + r * STRIDE, STRIDE, residual);
    loss += (double)kernels->dot(residual, residual, STRIDE);
    kernels->accumulate(sum, residual, 1, STRIDE);
    kernels->gathered_dots(residual, e->decoder.weights, STRIDE, e->indices + at, count, STRIDE,
                           e->gradients + at);
    for (size_t c = at; c < at + count; c++) {
      e->gradients[c] *= factor;
      e->coefficients[c] = factor * e->values[c];
    }
  }
  e->losses[unit] = loss;
}

static void regroup(Engine *e) {
  int64_t starts[BATCH];
  for (int64_t r = 0; r < BATCH; r++) starts[r] = r * K;
  EluteCodes codes = {e->indices, starts, e->counts, 0, BATCH, LATENTS};
  const float *lanes[] = {e->coefficients, e->gradients};
  float *by_latent[] = {e->latent_coefficients, e->latent_gradients};
  for (size_t unit = 0; unit < ROW_UNITS; unit++)
    elute_count_codes(&codes, unit * ROW_BLOCK, rows_of(unit), e->histograms + unit * LATENTS);
  elute_place_codes(e->histograms, ROW_UNITS, LATENTS, e->offsets, e->cursor);
  for (size_t part = 0; part < 2; part++)
    elute_scatter_codes(&codes, part * LATENTS / 2, (part + 1) * LATENTS / 2, e->cursor, lanes, 2,
                        e->by_latent, by_latent);
}

static void update_unit(Engine *e, size_t unit, const EluteAdam *adam) {
  const EluteKernels *kernels = e->kernels;
  size_t first = unit * LATENT_BLOCK;
  size_t end = first + LATENT_BLOCK < LATENTS ? first + LATENT_BLOCK : LATENTS;
  float bias_gradients[LATENT_BLOCK] = {0}, *sum = e->latent_sums + unit * STRIDE;
  memset(sum, 0, STRIDE * sizeof *sum);
  for (size_t latent = first; latent < end; latent++) {
    float decoder_gradient[STRIDE] = {0}, encoder_gradient[STRIDE] = {0}, bias_gradient = 0;
    size_t at = (size_t)e->offsets[latent], count = (size_t)e->offsets[latent + 1] - at, w = latent * STRIDE;
    kernels->gradient_row(e->residual, STRIDE, e->by_latent + at, e->latent_coefficients + at, count,
                          STRIDE, decoder_gradient);
    kernels->gradient_row(e->centered, STRIDE, e->by_latent + at, e->latent_gradients + at, count,
                          STRIDE, encoder_gradient);
    for (size_t c = at; c < at + count; c++) bias_gradient += e->latent_gradients[c];
    kernels->project(decoder_gradient, e->decoder.weights + w, STRIDE);
    kernels->accumulate(sum, e->encoder.weights + w, -bias_gradient, STRIDE);
    bias_gradients[latent - first] = bias_gradient;
    kernels->adam(adam, e->decoder.weights + w, e->decoder.first + w, e->decoder.second + w,
                  decoder_gradient, STRIDE);
    kernels->normalize(e->decoder.weights + w, STRIDE);
    kernels->adam(adam, e->encoder.weights + w, e->encoder.first + w, e->encoder.second + w,
                  encoder_gradient, STRIDE);
  }
  kernels->adam(adam, e->encoder_bias.weights + first, e->encoder_bias.first + first,
                e->encoder_bias.second + first, bias_gradients, LATENT_BLOCK);
  for (size_t latent = first; latent < end; latent++) update_screen(e, latent);
}

static void update_decoder_bias(Engine *e, const EluteAdam *adam) {
  const EluteKernels *kernels = e->kernels;
  float gradient[STRIDE] = {0};
  for (size_t unit = 0; unit < ROW_UNITS; unit++)
    kernels->accumulate(gradient, e->residual_sums + unit * STRIDE, 1, STRIDE);
  kernels->scale(gradient, 2 / (float)BATCH, STRIDE);
  for (size_t unit = 0; unit < LATENT_UNITS; unit++)
    kernels->accumulate(gradient, e->latent_sums + unit * STRIDE, 1, STRIDE);
  kernels->adam(adam, e->decoder_bias.weights, e->decoder_bias.first, e->decoder_bias.second,
                gradient, STRIDE);
}

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

// The guess of the next step's threshold: it shows in no result, so a machine's qsort may do.
static void guess_threshold(Engine *e) {
  float sorted[BATCH];
  memcpy(sorted, e->smallest, sizeof sorted);
  qsort(sorted, BATCH, sizeof *sorted, ascending);
  e->guess = 0.9f * sorted[BATCH / 100];
}

// Steps once and returns the loss.
static double step(Engine *e, size_t number) {
  const double beta1 = 0.9, beta2 = 0.999, rate = 0.003;
  for (size_t unit = 0; unit < ROW_UNITS; unit++) forward_unit(e, unit, number);
  regroup(e);
  e->beta1_power *= beta1;
  e->beta2_power *= beta2;
  EluteAdam adam = {
      (float)beta1, (float)beta2, (float)(1 - beta1), (float)(1 - beta2),
      (float)(rate / (1 - e->beta1_power)), (float)(1 / sqrt(1 - e->beta2_power)), (float)1e-8};
  for (size_t unit = 0; unit < LATENT_UNITS; unit++) update_unit(e, unit, &adam);
  update_decoder_bias(e, &adam);
  guess_threshold(e);
  double loss = 0;
  for (size_t unit = 0; unit < ROW_UNITS; unit++) loss += e->losses[unit];
  return loss / BATCH;
}

static void fold_rows(uint64_t *digest, const float *rows) {
  for (size_t latent = 0; latent < LATENTS; latent++) fold_floats(digest, rows + latent * STRIDE, WIDTH);
}

// Weights, first and second moments, each the encoder, the decoder, the latents' bias and the output's.
static void fold_state(uint64_t *digest, const Engine *e) {
  fold_rows(digest, e->encoder.weights);
  fold_rows(digest, e->decoder.weights);
  fold_floats(digest, e->encoder_bias.weights, LATENTS);
  fold_floats(digest, e->decoder_bias.weights, WIDTH);
  fold_rows(digest, e->encoder.first);
  fold_rows(digest, e->decoder.first);
  fold_floats(digest, e->encoder_bias.first, LATENTS);
  fold_floats(digest, e->decoder_bias.first, WIDTH);
  fold_rows(digest, e->encoder.second);
  fold_rows(digest, e->decoder.second);
  fold_floats(digest, e->encoder_bias.second, LATENTS);
  fold_floats(digest, e->decoder_bias.second, WIDTH);
}

void report_training(const EluteKernels *kernels, Report *report) {
  static Engine engine;
  start(&engine, kernels);
  uint64_t *losses = report_line(report, "training", "losses of 500 steps");
  for (size_t number = 0; number < STEPS; number++) {
    double loss = step(&engine, number);
    fold(losses, &loss, sizeof loss);
    if (number + 1 != 1 && number + 1 != 50 && number + 1 != STEPS) continue;
    char name[32];
    snprintf(name, sizeof name, "state after %zu steps", number + 1);
    fold_state(report_line(report, "training", name), &engine);
  }
  free(engine.scratch);
}
