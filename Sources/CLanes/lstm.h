// One layer of an LSTM in double precision, in the lanes of lanes.h. Swift cannot compile one function
// for several vector units; C can.
#pragma once
#include "lanes.h"

// How many rows are worked at in one go, so that each weight that is loaded serves all of them: their
// sums just fit into the vector registers.
enum { carillon_rows = 6 };

// The gates i, f, g, o of eight units make a panel. Where one load serves many rows, weights are
// doubles. Where one row is worked at alone, those of three gates are the singles of the file, widened
// when they are read: one unit of the processor widens, another loads, and with this mixture both are
// busy.
struct carillon_lstm_layer {
  const double *weights;  // [panels][4][inputs + hidden][8]
  const double *bias;     // [panels][4][8]
  const float *mixture;   // [panels][hidden]: 3 x 8 singles, and 8 doubles in the room of 16
  long inputs, hidden, panels;
};
enum { carillon_mixture = 3 * 8 + 2 * 8 };

// Where the windows stand: how far their rows are apart. `bounded`: no gate is beyond 110 on either
// side, and there are at most as many steps, so that no state is.
struct carillon_lstm_run {
  const double *input;
  long input_window, input_step;
  double *output;
  long output_window, output_step;
  long steps;
  int reversed, bounded;
};

// Room to work in: `cells` for 6 * 8 * panels values, `gates` for 32 * panels per step, six steps at
// least and five more than there are, `packed` for 6 * (inputs + hidden).
struct carillon_lstm_room {
  double *cells, *gates, *packed;
};

// The first six rows (or the last of fewer again) with the values of all rows side by side.
static inline void carillon_pack(
    double *packed, const double *from, long stride, long rows, long count) {
  const double *row[carillon_rows];
  CARILLON_UNROLLED
  for (long r = 0; r < carillon_rows; r++) row[r] = from + (r < rows ? r : rows - 1) * stride;
  for (long k = 0; k < count; k++)
    CARILLON_UNROLLED
    for (long r = 0; r < carillon_rows; r++) packed[k * carillon_rows + r] = row[r][k];
}

// The gates of six rows in one panel: bias and the first `count` weighted values, `at_once` gates at
// a time.
CARILLON_LANES void carillon_tile(
    double *gates, long gates_row, const struct carillon_lstm_layer *layer, long panel,
    const double *packed, long count, const int at_once, const int fused) {
  long stride = (layer->inputs + layer->hidden) * 8;
  CARILLON_ROLLED
  for (int first = 0; first < 4; first += at_once) {
    carillon_lane8 sums[4 * carillon_rows];
    const double *weights = layer->weights + (panel * 4 + first) * stride;
    CARILLON_UNROLLED
    for (int s = 0; s < carillon_rows * at_once; s++)
      carillon_load8(&sums[s], layer->bias + panel * 32 + (first + s % at_once) * 8);
    for (long k = 0; k < count; k++) {
      carillon_lane8 weight[4], value;
      CARILLON_UNROLLED
      for (int q = 0; q < at_once; q++) carillon_load8(&weight[q], weights + q * stride + k * 8);
      CARILLON_UNROLLED
      for (int r = 0; r < carillon_rows; r++) {
        carillon_splat8(&value, packed[k * carillon_rows + r]);
        CARILLON_UNROLLED
        for (int q = 0; q < at_once; q++)
          carillon_add_product8(&sums[r * at_once + q], &weight[q], &value, fused);
      }
    }
    CARILLON_UNROLLED
    for (int s = 0; s < carillon_rows * at_once; s++)
      memcpy(gates + s / at_once * gates_row + (first + s % at_once) * 8, &sums[s],
             sizeof(sums[s]));
  }
}

// Adds the weighted outputs of the step before to the gates of one row: `lanes` of them from the
// panel's gate `first` on, through the panels behind it too.
CARILLON_LANES void carillon_recur(
    double *gates, const struct carillon_lstm_layer *layer, long panel, const double *last,
    const int first, const int lanes, const int fused) {
  carillon_lane8 sums[8];
  long count = layer->hidden;
  const float *mixture = layer->mixture + panel * count * carillon_mixture;
  CARILLON_UNROLLED
  for (int q = 0; q < lanes; q++) carillon_load8(&sums[q], gates + (first + q) * 8);
  CARILLON_ROLLED
  for (long k = 0; k < count; k++) {
    carillon_lane8 weight, value;
    carillon_splat8(&value, last[k]);
    CARILLON_UNROLLED
    for (int q = 0; q < lanes; q++) {
      const int p = (first + q) / 4, gate = (first + q) % 4;
      const float *from = mixture + (p * count + k) * carillon_mixture + gate * 8;
      if (gate < 3)
        carillon_widen8(&weight, from);
      else
        memcpy(&weight, from, sizeof(weight));
      carillon_add_product8(&sums[q], &weight, &value, fused);
    }
  }
  CARILLON_UNROLLED
  for (int q = 0; q < lanes; q++) memcpy(gates + (first + q) * 8, &sums[q], sizeof(sums[q]));
}

// `count` times eight cells: c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c), each with
// one division. One kind of operation after the other for all cells, so that none waits long.
CARILLON_LANES void carillon_cells(
    double *gates, long gates_row, double *cells, long cells_row, double *out, long out_row,
    long count, const int wide, const int bounded, const int fused) {
#pragma clang fp contract(off)
  static const double once = -0x1.71547652b82fep+0, twice = -0x1.71547652b82fep+1;
  const double sides[] = {once, once, twice, once}, states[] = {twice, twice};
  CARILLON_ROLLED
  for (long w = 0; w < count; w++) {
    double *at = gates + w * gates_row;
    if (wide) {
      carillon_exps8(at, 8, sides, 4, bounded, fused);
    } else {
      carillon_exps8(at, 8, sides, 2, bounded, fused);
      carillon_exps8(at + 16, 8, sides + 2, 2, bounded, fused);
    }
  }
  CARILLON_ROLLED
  for (long w = 0; w < count; w++) {
    carillon_lane8 i, f, g, c;
    carillon_load8(&i, gates + w * gates_row);
    carillon_load8(&f, gates + w * gates_row + 8);
    carillon_load8(&g, gates + w * gates_row + 16);
    carillon_load8(&c, cells + w * cells_row);
    f += 1.0;
    i = (1.0 + i) * (1.0 + g);
    g = 1.0 - g;
    c *= i;
    carillon_add_product8(&c, &g, &f, fused);
    c /= i * f;
    memcpy(cells + w * cells_row, &c, sizeof(c));
    memcpy(gates + w * gates_row, &c, sizeof(c));
  }
  CARILLON_ROLLED
  for (long w = 0; w + 2 <= count; w += 2)
    carillon_exps8(gates + w * gates_row, gates_row, states, 2, bounded, fused);
  if (count % 2) carillon_exps8(gates + (count - 1) * gates_row, 0, states, 1, bounded, fused);
  CARILLON_ROLLED
  for (long w = 0; w < count; w++) {
    carillon_lane8 e, o;
    carillon_load8(&e, gates + w * gates_row);
    carillon_load8(&o, gates + w * gates_row + 24);
    e = (1.0 - e) / ((1.0 + o) * (1.0 + e));
    memcpy(out + w * out_row, &e, sizeof(e));
  }
}

// What is compiled for each vector unit. Functions of their own, so that each has all registers.
// `recur` takes `group` panels or one.
struct carillon_lstm_unit {
  void (*tile)(double *gates, long gates_row, const struct carillon_lstm_layer *layer, long panel,
               const double *packed, long count);
  void (*recur)(double *gates, const struct carillon_lstm_layer *layer, long panel,
                const double *last, long panels);
  void (*cells)(double *gates, long gates_row, double *cells, long cells_row, double *out,
                long out_row, long count, int bounded);
  long group;
};

// WIDE: 32 registers of 512 bits, so that all sums of six rows and four gates fit at once, or of two
// panels; else 16 narrower ones. In which order lanes are worked at changes nothing in them.
#define CARILLON_LSTM(NAME, TARGET, WIDE, FUSED)                                                  \
  static inline TARGET __attribute__((noinline)) void NAME##_tile(                                \
      double *gates, long gates_row, const struct carillon_lstm_layer *layer, long panel,         \
      const double *packed, long count) {                                                         \
    carillon_tile(gates, gates_row, layer, panel, packed, count, WIDE ? 4 : 1, FUSED);            \
  }                                                                                               \
  static inline TARGET __attribute__((noinline)) void NAME##_recur(                               \
      double *gates, const struct carillon_lstm_layer *layer, long panel, const double *last,     \
      long panels) {                                                                              \
    if (panels == 1) {                                                                            \
      carillon_recur(gates, layer, panel, last, 0, 4, FUSED);                                     \
    } else if (WIDE) {                                                                            \
      carillon_recur(gates, layer, panel, last, 0, 8, FUSED);                                     \
    } else {                                                                                      \
      carillon_recur(gates, layer, panel, last, 0, 6, FUSED);                                     \
      carillon_recur(gates, layer, panel, last, 6, 6, FUSED);                                     \
    }                                                                                             \
  }                                                                                               \
  static inline TARGET __attribute__((noinline)) void NAME##_cells(                               \
      double *gates, long gates_row, double *cells, long cells_row, double *out, long out_row,    \
      long count, int bounded) {                                                                  \
    if (bounded)                                                                                  \
      carillon_cells(gates, gates_row, cells, cells_row, out, out_row, count, WIDE, 1, FUSED);    \
    else                                                                                          \
      carillon_cells(gates, gates_row, cells, cells_row, out, out_row, count, WIDE, 0, FUSED);    \
  }                                                                                               \
  static const struct carillon_lstm_unit NAME = {NAME##_tile, NAME##_recur, NAME##_cells,         \
                                                 WIDE ? 2 : 3};

#if defined(__x86_64__)
CARILLON_LSTM(carillon_lstm_plain, , 0, 0)
CARILLON_LSTM(carillon_lstm_avx2, __attribute__((target("avx2,fma"))), 0, 1)
CARILLON_LSTM(carillon_lstm_avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), 1, 1)
#elif defined(__aarch64__)
CARILLON_LSTM(carillon_lstm_plain, , 0, 1)
#else
CARILLON_LSTM(carillon_lstm_plain, , 0, 0)
#endif

// Six windows in step.
static inline void carillon_lstm_windows(
    const struct carillon_lstm_unit *unit, const struct carillon_lstm_layer *layer,
    const struct carillon_lstm_run *run, const struct carillon_lstm_room *room) {
  long width = layer->panels * 8;
  memset(room->cells, 0, sizeof(double) * (unsigned long)(width * carillon_rows));
  for (long s = 0; s < run->steps; s++) {
    long t = run->reversed ? run->steps - 1 - s : s;
    double *output = run->output + t * run->output_step;
    const double *last = output + (run->reversed ? 1 : -1) * run->output_step;
    carillon_pack(room->packed, run->input + t * run->input_step, run->input_window,
                  carillon_rows, layer->inputs);
    // Before the first step, nothing was put out.
    if (s > 0)
      carillon_pack(room->packed + carillon_rows * layer->inputs, last, run->output_window,
                    carillon_rows, layer->hidden);
    for (long p = 0; p < layer->panels; p++) {
      unit->tile(room->gates, 32, layer, p, room->packed,
                 layer->inputs + (s > 0 ? layer->hidden : 0));
      unit->cells(room->gates, 32, room->cells + p * 8, width, output + p * 8,
                  run->output_window, carillon_rows, run->bounded);
    }
  }
}

// One window: what the inputs add is found for six steps at a time, ahead of the recurrence.
static inline void carillon_lstm_window(
    const struct carillon_lstm_unit *unit, const struct carillon_lstm_layer *layer,
    const struct carillon_lstm_run *run, const struct carillon_lstm_room *room) {
  long width = layer->panels * 8;
  long whole = layer->panels / unit->group, turns = whole + layer->panels % unit->group;
  memset(room->cells, 0, sizeof(double) * (unsigned long)width);
  for (long t = 0; t < run->steps; t += carillon_rows) {
    carillon_pack(room->packed, run->input + t * run->input_step, run->input_step,
                  run->steps - t, layer->inputs);
    for (long p = 0; p < layer->panels; p++)
      unit->tile(room->gates + t * width * 4 + p * 32, width * 4, layer, p, room->packed,
                 layer->inputs);
  }
  for (long s = 0; s < run->steps; s++) {
    long t = run->reversed ? run->steps - 1 - s : s;
    double *output = run->output + t * run->output_step, *gates = room->gates + t * width * 4;
    const double *last = output + (run->reversed ? 1 : -1) * run->output_step;
    // Each step begins with the weights that the one before has read last: they are still near.
    for (long n = 0; s > 0 && n < turns; n++) {
      long turn = s % 2 ? n : turns - 1 - n;
      long panel = turn < whole ? turn * unit->group : turn + whole * (unit->group - 1);
      unit->recur(gates + panel * 32, layer, panel, last, turn < whole ? unit->group : 1);
    }
    unit->cells(gates, 32, room->cells, 8, output, 8, layer->panels, run->bounded);
  }
}

// Runs a layer over one window, or over six.
static inline void carillon_lstm(const struct carillon_lstm_layer *layer,
                                 const struct carillon_lstm_run *run,
                                 const struct carillon_lstm_room *room, int windows, int unit) {
  const struct carillon_lstm_unit *chosen = &carillon_lstm_plain;
#if defined(__x86_64__)
  if (unit == 2) chosen = &carillon_lstm_avx512;
  if (unit == 1) chosen = &carillon_lstm_avx2;
#endif
  (void)unit;
  if (windows == carillon_rows)
    carillon_lstm_windows(chosen, layer, run, room);
  else
    carillon_lstm_window(chosen, layer, run, room);
}
