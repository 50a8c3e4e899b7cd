// Eight doubles side by side, for whatever vector unit the machine has. Each lane does the same
// operations in the same order everywhere, so machines that can multiply and add in one step (x86-64
// since 2013, all of arm64) give the same bits; the others differ in the last ones.
#pragma once
#include <stdint.h>
#include <string.h>

typedef double carillon_lane8 __attribute__((vector_size(64)));
typedef int64_t carillon_bits8 __attribute__((vector_size(64)));
typedef float carillon_single8 __attribute__((vector_size(32)));

// The loops over a constant number of lanes must vanish, so that their lanes stay in registers; the
// others must stay, or more is alive at once than there are registers.
#define CARILLON_UNROLLED _Pragma("clang loop unroll(full)")
#define CARILLON_ROLLED _Pragma("clang loop unroll(disable)")
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

// What carillon_exps8 takes e's power of at most, as a power of two: a product of three is finite.
#define CARILLON_MOST_POWER 330.0

// Replaces x, `count` times eight values that are `stride` apart, by 2^(factor x): `count` chains of
// operations at once, which wait for each other less. Where `bounded`, |factor x| is known to be at
// most 330, else it is made so.
//
// With factor x = n + r, n whole, 2^r is 1 + r q(r), where q is the polynomial of degree 7 that is
// nearest to (2^r - 1) / r for |r| <= 1/2 (by Remez' algorithm: 3.2e-12 away at most), so that
// 2^0 is 1. 2^n comes about in the exponent.
CARILLON_LANES void carillon_exps8(
    double *at, long stride, const double *factors, const int count, const int bounded,
    const int fused) {
#pragma clang fp contract(off)
  static const double terms[] = {0x1.63ef9b671b87fp-20, 0x1.00c0e6967ea3bp-16,
                                 0x1.430891ed37024p-13, 0x1.5d877595a58d9p-10,
                                 0x1.3b2ab725679acp-7,  0x1.c6b08da70eba1p-5,
                                 0x1.ebfbdff81d28cp-3,  0x1.62e42fef9cc62p-1,
                                 1.0};
  carillon_lane8 x[4], shifted[4], sum[4], term;
  carillon_bits8 mask, bits, power;
  CARILLON_UNROLLED
  for (int i = 0; i < count; i++) {
    carillon_load8(&x[i], at + i * stride);
    x[i] *= factors[i];
  }
  if (!bounded) {
    carillon_splat8(&term, CARILLON_MOST_POWER);
    CARILLON_UNROLLED
    for (int i = 0; i < count; i++) {
      mask = x[i] > term;
      carillon_within8(&x[i], &mask, &term);
    }
    carillon_splat8(&term, -CARILLON_MOST_POWER);
    CARILLON_UNROLLED
    for (int i = 0; i < count; i++) {
      mask = x[i] < term;
      carillon_within8(&x[i], &mask, &term);
    }
  }
  // Adding 1.5 * 2^52 rounds to a whole number, which then stands in the lowest bits.
  CARILLON_UNROLLED
  for (int i = 0; i < count; i++) {
    shifted[i] = x[i] + 0x1.8p52;
    sum[i] = shifted[i] - 0x1.8p52;
    x[i] -= sum[i];
    carillon_splat8(&sum[i], terms[0]);
  }
  CARILLON_UNROLLED
  for (int q = 1; q < 9; q++) {
    CARILLON_UNROLLED
    for (int i = 0; i < count; i++) {
      carillon_splat8(&term, terms[q]);
      carillon_add_product8(&term, &sum[i], &x[i], fused);
      sum[i] = term;
    }
  }
  CARILLON_UNROLLED
  for (int i = 0; i < count; i++) {
    memcpy(&bits, &sum[i], sizeof(bits));
    memcpy(&power, &shifted[i], sizeof(power));
    bits += power << 52;
    memcpy(at + i * stride, &bits, sizeof(bits));
  }
}

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

// The largest magnitude of some values, infinite when one of them is infinite or missing.
static inline double carillon_reach(const double *values, long count) {
#pragma clang fp contract(off)
  double most = 0, odd = 0;
  carillon_lane8 mosts = {0}, odds = {0}, x, y;
  carillon_bits8 mask;
  long k = 0;
  for (; k + 8 <= count; k += 8) {
    carillon_load8(&x, values + k);
    odds += x * 0.0;
    y = -x;
    mask = x < y;
    carillon_within8(&x, &mask, &y);
    mask = x > mosts;
    carillon_within8(&mosts, &mask, &x);
  }
  for (int q = 0; q < 8; q++) {
    odd += odds[q];
    if (mosts[q] > most) most = mosts[q];
  }
  for (; k < count; k++) {
    odd += values[k] * 0.0;
    if (__builtin_fabs(values[k]) > most) most = __builtin_fabs(values[k]);
  }
  return odd == 0 ? most : __builtin_inf();
}
