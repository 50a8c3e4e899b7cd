/* The twenty indicators of Benchmarks/Indicators by TA-Lib's C interface: `talib FILE SERIES LENGTH`.
 * Output memory is made once and used again: the best that a caller can do.
 * Prints nanoseconds of CPU time per candle of the batch, microseconds per round of one new candle
 * for every series by the streaming interface, and the sum of the last values. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define D const double *
#define BATCH(name, ...) int TA_##name(int, int, __VA_ARGS__)
BATCH(SMA, D, int, int *, int *, double *);
BATCH(EMA, D, int, int *, int *, double *);
BATCH(WMA, D, int, int *, int *, double *);
BATCH(DEMA, D, int, int *, int *, double *);
BATCH(TEMA, D, int, int *, int *, double *);
BATCH(KAMA, D, int, int *, int *, double *);
BATCH(RSI, D, int, int *, int *, double *);
BATCH(MACD, D, int, int, int, int *, int *, double *, double *, double *);
BATCH(BBANDS, D, int, double, double, int, int *, int *, double *, double *, double *);
BATCH(ATR, D, D, D, int, int *, int *, double *);
BATCH(ADX, D, D, D, int, int *, int *, double *);
BATCH(CCI, D, D, D, int, int *, int *, double *);
BATCH(MFI, D, D, D, D, int, int *, int *, double *);
BATCH(STOCH, D, D, D, int, int, int, int, int, int *, int *, double *, double *);
BATCH(WILLR, D, D, D, int, int *, int *, double *);
BATCH(ROC, D, int, int *, int *, double *);
BATCH(OBV, D, D, int *, int *, double *);
BATCH(STDDEV, D, int, double, int *, int *, double *);
BATCH(LINEARREG, D, int, int *, int *, double *);
BATCH(AROON, D, D, int, int *, int *, double *, double *);
int TA_Initialize(void);

#define OPEN(name, ...) int TA_##name##_Open(void **, __VA_ARGS__)
OPEN(SMA, D, int, int, double *);
OPEN(EMA, D, int, int, double *);
OPEN(WMA, D, int, int, double *);
OPEN(DEMA, D, int, int, double *);
OPEN(TEMA, D, int, int, double *);
OPEN(KAMA, D, int, int, double *);
OPEN(RSI, D, int, int, double *);
OPEN(MACD, D, int, int, int, int, double *, double *, double *);
OPEN(BBANDS, D, int, int, double, double, int, double *, double *, double *);
OPEN(ATR, D, D, D, int, int, double *);
OPEN(ADX, D, D, D, int, int, double *);
OPEN(CCI, D, D, D, int, int, double *);
OPEN(MFI, D, D, D, D, int, int, double *);
OPEN(STOCH, D, D, D, int, int, int, int, int, int, double *, double *);
OPEN(WILLR, D, D, D, int, int, double *);
OPEN(ROC, D, int, int, double *);
OPEN(OBV, D, D, int, double *);
OPEN(STDDEV, D, int, int, double, double *);
OPEN(LINEARREG, D, int, int, double *);
OPEN(AROON, D, D, int, int, double *, double *);
#define UPDATE(name, ...) int TA_##name##_Update(void *, __VA_ARGS__)
#define d double
UPDATE(SMA, d, d *);
UPDATE(EMA, d, d *);
UPDATE(WMA, d, d *);
UPDATE(DEMA, d, d *);
UPDATE(TEMA, d, d *);
UPDATE(KAMA, d, d *);
UPDATE(RSI, d, d *);
UPDATE(MACD, d, d *, d *, d *);
UPDATE(BBANDS, d, d *, d *, d *);
UPDATE(ATR, d, d, d, d *);
UPDATE(ADX, d, d, d, d *);
UPDATE(CCI, d, d, d, d *);
UPDATE(MFI, d, d, d, d, d *);
UPDATE(STOCH, d, d, d, d *, d *);
UPDATE(WILLR, d, d, d, d *);
UPDATE(ROC, d, d *);
UPDATE(OBV, d, d, d *);
UPDATE(STDDEV, d, d *);
UPDATE(LINEARREG, d, d *);
UPDATE(AROON, d, d, d *, d *);

enum { COLUMNS = 26 };

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void check(int result) {
  if (result != 0) {
    fprintf(stderr, "TA-Lib returned %d\n", result);
    exit(1);
  }
}

static double *out[COLUMNS];
static int first, count;

#define RUN(call) check(call), sum += 0
static double batch(const double *data, int n) {
  const double *h = data + n, *l = h + n, *c = l + n, *v = c + n;
  double sum = 0;
  int e = n - 1, *b = &first, *k = &count;
  RUN(TA_SMA(0, e, c, 20, b, k, out[0]));
  RUN(TA_EMA(0, e, c, 20, b, k, out[1]));
  RUN(TA_WMA(0, e, c, 20, b, k, out[2]));
  RUN(TA_DEMA(0, e, c, 20, b, k, out[3]));
  RUN(TA_TEMA(0, e, c, 20, b, k, out[4]));
  RUN(TA_KAMA(0, e, c, 10, b, k, out[5]));
  RUN(TA_RSI(0, e, c, 14, b, k, out[6]));
  RUN(TA_MACD(0, e, c, 12, 26, 9, b, k, out[7], out[8], out[9]));
  RUN(TA_BBANDS(0, e, c, 20, 2, 2, 0, b, k, out[10], out[11], out[12]));
  RUN(TA_ATR(0, e, h, l, c, 14, b, k, out[13]));
  RUN(TA_ADX(0, e, h, l, c, 14, b, k, out[14]));
  RUN(TA_CCI(0, e, h, l, c, 14, b, k, out[15]));
  RUN(TA_MFI(0, e, h, l, c, v, 14, b, k, out[16]));
  RUN(TA_STOCH(0, e, h, l, c, 14, 3, 0, 3, 0, b, k, out[17], out[18]));
  RUN(TA_WILLR(0, e, h, l, c, 14, b, k, out[19]));
  RUN(TA_ROC(0, e, c, 10, b, k, out[20]));
  RUN(TA_OBV(0, e, c, v, b, k, out[21]));
  RUN(TA_STDDEV(0, e, c, 20, 1, b, k, out[22]));
  RUN(TA_LINEARREG(0, e, c, 14, b, k, out[23]));
  RUN(TA_AROON(0, e, h, l, 14, b, k, out[24], out[25]));
  return sum;
}

static void open_all(void **s, const double *data, int n, int history, double *o) {
  const double *h = data + n, *l = h + n, *c = l + n, *v = c + n;
  int m = history;
  check(TA_SMA_Open(s++, c, m, 20, o));
  check(TA_EMA_Open(s++, c, m, 20, o));
  check(TA_WMA_Open(s++, c, m, 20, o));
  check(TA_DEMA_Open(s++, c, m, 20, o));
  check(TA_TEMA_Open(s++, c, m, 20, o));
  check(TA_KAMA_Open(s++, c, m, 10, o));
  check(TA_RSI_Open(s++, c, m, 14, o));
  check(TA_MACD_Open(s++, c, m, 12, 26, 9, o, o + 1, o + 2));
  check(TA_BBANDS_Open(s++, c, m, 20, 2, 2, 0, o, o + 1, o + 2));
  check(TA_ATR_Open(s++, h, l, c, m, 14, o));
  check(TA_ADX_Open(s++, h, l, c, m, 14, o));
  check(TA_CCI_Open(s++, h, l, c, m, 14, o));
  check(TA_MFI_Open(s++, h, l, c, v, m, 14, o));
  check(TA_STOCH_Open(s++, h, l, c, m, 14, 3, 0, 3, 0, o, o + 1));
  check(TA_WILLR_Open(s++, h, l, c, m, 14, o));
  check(TA_ROC_Open(s++, c, m, 10, o));
  check(TA_OBV_Open(s++, c, v, m, o));
  check(TA_STDDEV_Open(s++, c, m, 20, 1, o));
  check(TA_LINEARREG_Open(s++, c, m, 14, o));
  check(TA_AROON_Open(s++, h, l, m, 14, o, o + 1));
}

static void update(void **s, double h, double l, double c, double v, double *o) {
  TA_SMA_Update(s[0], c, o);
  TA_EMA_Update(s[1], c, o + 1);
  TA_WMA_Update(s[2], c, o + 2);
  TA_DEMA_Update(s[3], c, o + 3);
  TA_TEMA_Update(s[4], c, o + 4);
  TA_KAMA_Update(s[5], c, o + 5);
  TA_RSI_Update(s[6], c, o + 6);
  TA_MACD_Update(s[7], c, o + 7, o + 8, o + 9);
  TA_BBANDS_Update(s[8], c, o + 10, o + 11, o + 12);
  TA_ATR_Update(s[9], h, l, c, o + 13);
  TA_ADX_Update(s[10], h, l, c, o + 14);
  TA_CCI_Update(s[11], h, l, c, o + 15);
  TA_MFI_Update(s[12], h, l, c, v, o + 16);
  TA_STOCH_Update(s[13], h, l, c, o + 17, o + 18);
  TA_WILLR_Update(s[14], h, l, c, o + 19);
  TA_ROC_Update(s[15], c, o + 20);
  TA_OBV_Update(s[16], c, v, o + 21);
  TA_STDDEV_Update(s[17], c, o + 22);
  TA_LINEARREG_Update(s[18], c, o + 23);
  TA_AROON_Update(s[19], h, l, o + 24, o + 25);
}

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  int series = atoi(argv[2]), n = atoi(argv[3]);
  double *data = malloc(sizeof(double) * 5 * n * series);
  FILE *file = fopen(argv[1], "rb");
  if (!file || fread(data, sizeof(double) * 5 * n, series, file) != (size_t)series) return 66;
  check(TA_Initialize());
  for (int i = 0; i < COLUMNS; i++) out[i] = calloc(n, sizeof(double));
  double least = 1e9, sum = 0;
  for (int round = 0; round < 5; round++) {
    double start = seconds();
    for (int i = 0; i < series; i++) sum += batch(data + (size_t)5 * n * i, n);
    double spent = (seconds() - start) / ((double)n * series) * 1e9;
    if (spent < least) least = spent;
  }
  printf("batch ns per candle %f\n", least);
  int history = n < 1000 ? n / 2 : 500, end = n < 1000 ? n : 1000;
  void **streams = calloc(20 * series, sizeof(void *));
  double *rows = calloc(COLUMNS * series, sizeof(double));
  for (int i = 0; i < series; i++)
    open_all(streams + 20 * i, data + (size_t)5 * n * i, n, history, rows + COLUMNS * i);
  least = 1e9;
  for (int t = history; t < end; t++) {
    double start = seconds();
    for (int i = 0; i < series; i++) {
      const double *x = data + (size_t)5 * n * i + t;
      update(streams + 20 * i, x[n], x[2 * n], x[3 * n], x[4 * n], rows + COLUMNS * i);
    }
    double spent = seconds() - start;
    if (spent < least) least = spent;
  }
  printf("stream us per round %f\n", least * 1e6);
  for (int i = 0; i < COLUMNS; i++) printf("last %d %.12g\n", i, rows[i]);
  return 0;
}
