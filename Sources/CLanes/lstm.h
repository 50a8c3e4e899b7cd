// One layer of an LSTM in double precision, eight lanes at a time, for whatever vector unit the
// machine has. Swift cannot compile one function for several units; C can. Each lane does the same
// operations in the same order everywhere, so machines that can multiply and add in one step (x86-64
// since 2013, all of arm64) give the same bits; the others differ in the last ones.
#pragma once
#include <stdint.h>
#include <string.h>

typedef double carillon_lane8 __attribute__((vector_size(64)));
typedef int64_t carillon_bits8 __attribute__((vector_size(64)));
typedef float carillon_single8 __attribute__((vector_size(32)));

// Weights in panels of eight units with their four gates side by side (i, f, g, o: 32 values).
struct carillon_lstm_layer {
  const float *input_weights;   // [panels][inputs][32]
  const float *hidden_weights;  // [panels][hidden][32]
  const double *bias;           // [panels][32]
  // The hidden weights once more, for two panels at once: three gates in single precision, the fourth
  // in double. One unit widens singles, another loads; with this mixture both are busy.
  const float *pair_singles;    // [panels / 2][hidden][2 x 24]
  const double *pair_doubles;   // [panels / 2][hidden][2 x 8]
  long inputs, hidden, panels;
};

// The loops over a constant number of lanes must vanish, so that their lanes stay in registers.
#define CARILLON_UNROLLED _Pragma("clang loop unroll(full)")
#define CARILLON_LANES static inline __attribute__((always_inline))

CARILLON_LANES void carillon_load8(carillon_lane8 *to, const double *from) {
  memcpy(to, from, sizeof(*to));
}

CARILLON_LANES void carillon_widen8(carillon_lane8 *to, const float *from) {
  carillon_single8 singles;
  memcpy(&singles, from, sizeof(singles));
  *to = __builtin_convertvector(singles, carillon_lane8);
}

CARILLON_LANES void carillon_splat8(carillon_lane8 *to, double value) {
  *to = (carillon_lane8){value, value, value, value, value, value, value, value};
}

// sum + a * b, rounded once where `fused`.
CARILLON_LANES void carillon_add_product8(
    carillon_lane8 *sum, const carillon_lane8 *a, const carillon_lane8 *b, const int fused) {
#pragma clang fp contract(off)
  *sum = fused ? __builtin_elementwise_fma(*a, *b, *sum) : *sum + *a * *b;
}

// Puts `value` where the mask is set.
CARILLON_LANES void carillon_within8(
    carillon_lane8 *x, const carillon_bits8 *mask, const carillon_lane8 *value) {
  carillon_bits8 kept = ((carillon_bits8)*x & ~*mask) | ((carillon_bits8)*value & *mask);
  *x = (carillon_lane8)kept;
}

// exp(x) for |x| up to 350, beyond which it is as at 350 (so that a product of two is finite):
// x = n ln 2 + r, the Taylor series of r to the 9th power (|r| <= 0.35, so that the rest is below
// 1e-11), times 2^n through the exponent.
CARILLON_LANES void carillon_exp8(carillon_lane8 *to, const carillon_lane8 *from, const int fused) {
#pragma clang fp contract(off)
  static const double terms[] = {1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                                 1.0 / 24,     1.0 / 6,     0.5,        1.0,       1.0};
  carillon_lane8 x = *from, most, least, shifted, scale, n, r, sum, term;
  carillon_bits8 mask, bits, power;
  carillon_splat8(&most, 350.0);
  carillon_splat8(&least, -350.0);
  mask = x > most;
  carillon_within8(&x, &mask, &most);
  mask = x < least;
  carillon_within8(&x, &mask, &least);
  // Adding 1.5 * 2^52 rounds to a whole number, which then stands in the lowest bits.
  carillon_splat8(&shifted, 0x1.8p52);
  carillon_splat8(&scale, 0x1.71547652b82fep+0);
  carillon_add_product8(&shifted, &x, &scale, fused);
  n = shifted - 0x1.8p52;
  r = x;
  carillon_splat8(&scale, -0x1.62e42fefa3800p-1);
  carillon_add_product8(&r, &n, &scale, fused);
  carillon_splat8(&scale, -0x1.ef35793c76730p-45);
  carillon_add_product8(&r, &n, &scale, fused);
  carillon_splat8(&sum, terms[0]);
  CARILLON_UNROLLED
  for (int q = 1; q < 10; q++) {
    carillon_splat8(&term, terms[q]);
    carillon_add_product8(&term, &sum, &r, fused);
    sum = term;
  }
  memcpy(&bits, &sum, sizeof(bits));
  memcpy(&power, &shifted, sizeof(power));
  bits += power << 52;
  memcpy(to, &bits, sizeof(bits));
}

// The cell: c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c).
CARILLON_LANES void carillon_cell8(
    const carillon_lane8 gates[4], double *cell, double *out, const int fused) {
#pragma clang fp contract(off)
  carillon_lane8 i = -gates[0], f = -gates[1], g = gates[2] * -2.0, o = -gates[3], c, e, h;
  carillon_exp8(&i, &i, fused);
  carillon_exp8(&f, &f, fused);
  carillon_exp8(&g, &g, fused);
  carillon_exp8(&o, &o, fused);
  carillon_load8(&c, cell);
  c = c / (1.0 + f) + (1.0 - g) / ((1.0 + i) * (1.0 + g));
  memcpy(cell, &c, sizeof(c));
  e = c * -2.0;
  carillon_exp8(&e, &e, fused);
  h = (1.0 - e) / ((1.0 + o) * (1.0 + e));
  memcpy(out, &h, sizeof(h));
}

// Adds the weighted inputs of `rows` rows to their gates in one panel, `at_once` of the four gates
// at a time: the sums of all rows must fit into the vector registers.
CARILLON_LANES void carillon_gather8(
    carillon_lane8 *gates, const float *weights, const double *input, long row_stride, long count,
    const int rows, const int at_once, const int fused) {
#pragma clang fp contract(off)
  CARILLON_UNROLLED
  for (int first = 0; first < 4; first += at_once) {
    carillon_lane8 sums[16];
    CARILLON_UNROLLED
    for (int s = 0; s < rows * at_once; s++)
      sums[s] = gates[s / at_once * 4 + first + s % at_once];
    for (long k = 0; k < count; k++) {
      carillon_lane8 weight[4], value;
      CARILLON_UNROLLED
      for (int q = 0; q < at_once; q++)
        carillon_widen8(&weight[q], weights + k * 32 + (first + q) * 8);
      CARILLON_UNROLLED
      for (int r = 0; r < rows; r++) {
        carillon_splat8(&value, input[r * row_stride + k]);
        CARILLON_UNROLLED
        for (int q = 0; q < at_once; q++)
          carillon_add_product8(&sums[r * at_once + q], &weight[q], &value, fused);
      }
    }
    CARILLON_UNROLLED
    for (int s = 0; s < rows * at_once; s++)
      gates[s / at_once * 4 + first + s % at_once] = sums[s];
  }
}

// Adds the weighted outputs of the step before to the gates of two panels, `at_once` panels at a
// time.
CARILLON_LANES void carillon_recur16(
    carillon_lane8 gates[8], const float *singles, const double *doubles, const double *last,
    long count, const int at_once, const int fused) {
  CARILLON_UNROLLED
  for (int first = 0; first < 2; first += at_once) {
    carillon_lane8 sums[8];
    CARILLON_UNROLLED
    for (int q = 0; q < at_once * 4; q++) sums[q] = gates[first * 4 + q];
    for (long k = 0; k < count; k++) {
      carillon_lane8 weight, value;
      carillon_splat8(&value, last[k]);
      CARILLON_UNROLLED
      for (int q = 0; q < at_once * 3; q++) {
        carillon_widen8(&weight, singles + k * 48 + first * 24 + q * 8);
        carillon_add_product8(&sums[q + q / 3], &weight, &value, fused);
      }
      CARILLON_UNROLLED
      for (int p = 0; p < at_once; p++) {
        carillon_load8(&weight, doubles + k * 16 + (first + p) * 8);
        carillon_add_product8(&sums[p * 4 + 3], &weight, &value, fused);
      }
    }
    CARILLON_UNROLLED
    for (int q = 0; q < at_once * 4; q++) gates[first * 4 + q] = sums[q];
  }
}

// Where `windows` windows stand: how far their rows are apart.
struct carillon_lstm_run {
  const double *input;
  long input_window, input_step;
  double *output;
  long output_window, output_step;
  long steps;
  int reversed;
};

// Several windows in step: each weight that is loaded serves all of them.
CARILLON_LANES void carillon_lstm_windows(
    const struct carillon_lstm_layer *layer, const struct carillon_lstm_run *run, double *cells,
    const double *zeros, const int windows, const int wide, const int fused) {
  long width = layer->panels * 8;
  memset(cells, 0, sizeof(double) * (unsigned long)(width * windows));
  for (long s = 0; s < run->steps; s++) {
    long t = run->reversed ? run->steps - 1 - s : s;
    const double *input = run->input + t * run->input_step;
    double *output = run->output + t * run->output_step;
    const double *last = s == 0 ? zeros : output + (run->reversed ? 1 : -1) * run->output_step;
    long last_stride = s == 0 ? 0 : run->output_window;
    for (long p = 0; p < layer->panels; p++) {
      carillon_lane8 gates[4 * 4];
      CARILLON_UNROLLED
      for (int w = 0; w < windows; w++)
        CARILLON_UNROLLED
        for (int q = 0; q < 4; q++)
          carillon_load8(&gates[w * 4 + q], layer->bias + p * 32 + q * 8);
      carillon_gather8(gates, layer->input_weights + p * layer->inputs * 32, input,
                       run->input_window, layer->inputs, windows, wide ? 4 : 1, fused);
      carillon_gather8(gates, layer->hidden_weights + p * layer->hidden * 32, last, last_stride,
                       layer->hidden, windows, wide ? 4 : 1, fused);
      CARILLON_UNROLLED
      for (int w = 0; w < windows; w++)
        carillon_cell8(gates + w * 4, cells + w * width + p * 8,
                       output + w * run->output_window + p * 8, fused);
    }
  }
}

// One window: what the inputs add is found for four steps at a time, ahead of the recurrence.
CARILLON_LANES void carillon_lstm_window(
    const struct carillon_lstm_layer *layer, const struct carillon_lstm_run *run, double *cells,
    const double *zeros, double *ahead, const int wide, const int fused) {
  long width = layer->panels * 8;
  memset(cells, 0, sizeof(double) * (unsigned long)width);
  for (long p = 0; p < layer->panels; p++) {
    const float *weights = layer->input_weights + p * layer->inputs * 32;
    long t = 0;
    for (; t + 4 <= run->steps; t += 4) {
      carillon_lane8 gates[4 * 4];
      CARILLON_UNROLLED
      for (int r = 0; r < 4; r++)
        CARILLON_UNROLLED
        for (int q = 0; q < 4; q++)
          carillon_load8(&gates[r * 4 + q], layer->bias + p * 32 + q * 8);
      carillon_gather8(gates, weights, run->input + t * run->input_step, run->input_step,
                       layer->inputs, 4, wide ? 4 : 1, fused);
      CARILLON_UNROLLED
      for (int r = 0; r < 4; r++)
        memcpy(ahead + (t + r) * width * 4 + p * 32, &gates[r * 4], 4 * sizeof(gates[0]));
    }
    for (; t < run->steps; t++) {
      carillon_lane8 gates[4];
      CARILLON_UNROLLED
      for (int q = 0; q < 4; q++) carillon_load8(&gates[q], layer->bias + p * 32 + q * 8);
      carillon_gather8(gates, weights, run->input + t * run->input_step, 0, layer->inputs, 1,
                       4, fused);
      memcpy(ahead + t * width * 4 + p * 32, gates, sizeof(gates));
    }
  }
  for (long s = 0; s < run->steps; s++) {
    long t = run->reversed ? run->steps - 1 - s : s;
    double *output = run->output + t * run->output_step;
    const double *last = s == 0 ? zeros : output + (run->reversed ? 1 : -1) * run->output_step;
    const double *begun = ahead + t * width * 4;
    long p = 0;
    for (; p + 2 <= layer->panels; p += 2) {
      carillon_lane8 gates[8];
      memcpy(gates, begun + p * 32, sizeof(gates));
      carillon_recur16(gates, layer->pair_singles + p * layer->hidden * 24,
                       layer->pair_doubles + p * layer->hidden * 8, last, layer->hidden,
                       wide ? 2 : 1, fused);
      carillon_cell8(gates, cells + p * 8, output + p * 8, fused);
      carillon_cell8(gates + 4, cells + p * 8 + 8, output + p * 8 + 8, fused);
    }
    if (p < layer->panels) {
      carillon_lane8 gates[4];
      memcpy(gates, begun + p * 32, sizeof(gates));
      carillon_gather8(gates, layer->hidden_weights + p * layer->hidden * 32, last, 0,
                       layer->hidden, 1, 4, fused);
      carillon_cell8(gates, cells + p * 8, output + p * 8, fused);
    }
  }
}

// WIDE: 32 registers of 512 bits, so that the sums of four rows and gates fit at once; else 16
// narrower ones. In which order lanes are worked at changes nothing in them.
#define CARILLON_LSTM(NAME, UNIT, WIDE, FUSED)                                                  \
  static inline UNIT void NAME(const struct carillon_lstm_layer *layer,                         \
                               const struct carillon_lstm_run *run, double *cells,              \
                               const double *zeros, double *ahead, int windows) {               \
    if (windows == 4)                                                                           \
      carillon_lstm_windows(layer, run, cells, zeros, 4, WIDE, FUSED);                          \
    else                                                                                        \
      carillon_lstm_window(layer, run, cells, zeros, ahead, WIDE, FUSED);                       \
  }

#if defined(__x86_64__)
CARILLON_LSTM(carillon_lstm_plain, , 0, 0)
CARILLON_LSTM(carillon_lstm_avx2, __attribute__((target("avx2,fma"))), 0, 1)
CARILLON_LSTM(carillon_lstm_avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), 1, 1)
#elif defined(__aarch64__)
CARILLON_LSTM(carillon_lstm_plain, , 0, 1)
#else
CARILLON_LSTM(carillon_lstm_plain, , 0, 0)
#endif

// How wide the machine's vectors are: 0 plain, 1 for 256 bits, 2 for 512.
static inline int carillon_vector_unit(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("fma")) return 0;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return 2;
  if (__builtin_cpu_supports("avx2")) return 1;
#endif
  return 0;
}

// Runs a layer over 1 or 4 windows. `cells` has room for 8 * panels values per window, `ahead`, for
// one window, 32 * panels per step; `zeros` holds 8 * panels zeros.
static inline void carillon_lstm(const struct carillon_lstm_layer *layer,
                                 const struct carillon_lstm_run *run, double *cells,
                                 const double *zeros, double *ahead, int windows, int unit) {
#if defined(__x86_64__)
  if (unit == 2) return carillon_lstm_avx512(layer, run, cells, zeros, ahead, windows);
  if (unit == 1) return carillon_lstm_avx2(layer, run, cells, zeros, ahead, windows);
#endif
  (void)unit;
  carillon_lstm_plain(layer, run, cells, zeros, ahead, windows);
}
