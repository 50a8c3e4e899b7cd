import Domain
import Glibc
import Indicators

// Times twenty indicators (26 columns): `indicators-benchmark FILE SERIES LENGTH`, where FILE holds
// little-endian doubles: for each series its open, high, low, close and volume, LENGTH of each.
// Prints nanoseconds of CPU time per candle of the batch, microseconds per round of one new candle
// for every series, the allocations of 500 such rounds where `peers/count_allocations.c` is preloaded,
// and the last row of the first series.
// `peers/indicators.py` runs it beside the peers.

let expressions = [
  "sma(20)", "ema(20)", "wma(20)", "dema(20)", "tema(20)", "kama(10)", "rsi(14)",
  "macd(12,26,9).macd", "macd(12,26,9).macdsignal", "macd(12,26,9).macdhist",
  "bbands(20).upperband", "bbands(20).middleband", "bbands(20).lowerband", "atr(14)", "adx(14)",
  "cci(14)", "mfi(14)", "stoch(14,3,sma,3,sma).slowk", "stoch(14,3,sma,3,sma).slowd", "willr(14)",
  "roc(10)", "obv()", "stddev(20)", "linearreg(14)", "aroon(14).aroondown", "aroon(14).aroonup",
]
let arguments = CommandLine.arguments
guard arguments.count == 4, let seriesCount = Int(arguments[2]), let length = Int(arguments[3])
else { fatalError("usage: indicators-benchmark FILE SERIES LENGTH") }

func readColumns() -> [CandleColumns] {
  guard let file = fopen(arguments[1], "rb") else { fatalError("cannot read \(arguments[1])") }
  defer { fclose(file) }
  func column() -> [Double] {
    [Double](unsafeUninitializedCapacity: length) { memory, filled in
      filled = fread(memory.baseAddress, 8, length, file)
      precondition(filled == length, "the file is too short")
    }
  }
  return (0..<seriesCount).map { _ in
    var columns = CandleColumns()
    columns.times = (0..<length).map { Int64($0) * 3_600_000 }
    columns.open = column()
    columns.high = column()
    columns.low = column()
    columns.close = column()
    columns.volume = column()
    return columns
  }
}

/// How often memory was allocated so far; nil where nobody counts.
let allocationCount: (@convention(c) () -> Int)? = dlsym(nil, "allocation_count").map {
  unsafeBitCast($0, to: (@convention(c) () -> Int).self)
}

/// CPU time of this process.
func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

let series = readColumns()
let specification = try FeatureSpecification(
  expressions.enumerated().map { ("f\($0.offset)", $0.element) }, gapRule: .bridge)

/// The least nanoseconds per candle of passes over all series.
func nanoseconds(_ pass: (CandleColumns) -> Void) -> Double {
  var least = Double.infinity
  for _ in 0..<7 {
    let start = seconds()
    for columns in series { pass(columns) }
    least = min(least, (seconds() - start) / Double(seriesCount * length) * 1e9)
  }
  return least
}

let memory = expressions.map { _ in
  UnsafeMutableBufferPointer<Double>.allocate(capacity: length)
}
print(
  "batch ns per candle",
  nanoseconds { columns in
    var pipeline = FeaturePipeline(specification, timeframe: .hour)
    pipeline.append(columns, into: memory)
    precondition(memory.allSatisfy { $0[length - 1].isFinite })
  })
print(
  "batch into new memory ns per candle",
  nanoseconds { columns in
    let features = FeatureBatch.compute(specification, timeframe: .hour, columns: columns)
    precondition(features.allSatisfy { $0.last?.isFinite == true })
  })

// One new candle for each series, after a warm-up of half their length.
var pipelines = series.map { _ in FeaturePipeline(specification, timeframe: .hour) }
var rows = [Double](repeating: 0, count: seriesCount * expressions.count)
let candles = series.map { columns in
  (0..<min(length, 1000)).map { columns[$0] }
}
var least = Double.infinity
var allocations = 0
for index in 0..<min(length, 1000) {
  let before = allocationCount?() ?? 0
  let start = seconds()
  rows.withUnsafeMutableBufferPointer { rows in
    for number in 0..<seriesCount {
      let row = number * expressions.count..<(number + 1) * expressions.count
      pipelines[number].push(
        candles[number][index], into: UnsafeMutableBufferPointer(rebasing: rows[row]))
    }
  }
  let spent = seconds() - start
  if index >= min(length, 1000) / 2 {
    least = min(least, spent)
    allocations += (allocationCount?() ?? 0) - before
  }
}
print("stream us per round", least * 1e6)
print("stream allocations", allocationCount == nil ? "not counted" : "\(allocations)")
for (index, value) in rows.prefix(expressions.count).enumerated() { print("last", index, value) }
