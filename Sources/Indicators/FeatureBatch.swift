public import Domain

/// Features of many candles at once, a column each.
public enum FeatureBatch {
  /// The features of a series from its first candle on, one column per name; NaN is a missing value.
  /// Bit for bit what a `FeaturePipeline` gives candle by candle.
  public static func compute(
    _ specification: FeatureSpecification, timeframe: Timeframe, columns: CandleColumns
  ) -> [[Double]] {
    var pipeline = FeaturePipeline(specification, timeframe: timeframe)
    return pipeline.append(columns)
  }
}

extension FeaturePipeline {
  /// Takes candles that follow the last one, and writes their features to columns of the caller's, one
  /// per name, with room for all candles: for those who work through many candles in one memory.
  public mutating func append(
    _ candles: CandleColumns, into columns: [UnsafeMutableBufferPointer<Double>]
  ) {
    precondition(columns.count == specification.names.count, "one column per name is needed")
    precondition(columns.allSatisfy { $0.count >= candles.count }, "a column is too short")
    candles.checkLengths()
    guard candles.count > 0 else { return }
    candles.withPointers { pointers in
      append(pointers, candles.count, to: columns.map { $0.baseAddress! })
    }
  }

  /// Takes candles that follow the last one, and gives their features, one column per name.
  public mutating func append(_ candles: CandleColumns) -> [[Double]] {
    candles.checkLengths()
    guard candles.count > 0 else { return specification.names.map { _ in [] } }
    var outputs: [[Double]] = []
    var destinations: [UnsafeMutablePointer<Double>] = []
    fill(&outputs, &destinations, candles)
    return outputs.reversed()
  }

  /// Makes one more column and, once there are all, fills them: their memory may be used only
  /// inside of the calls that make them.
  private mutating func fill(
    _ outputs: inout [[Double]], _ destinations: inout [UnsafeMutablePointer<Double>],
    _ candles: CandleColumns
  ) {
    let count = candles.count
    guard destinations.count < specification.names.count else {
      candles.withPointers { pointers in append(pointers, count, to: destinations) }
      return
    }
    let column = [Double](unsafeUninitializedCapacity: count) { memory, filled in
      LargePages.advise(memory)
      destinations.append(memory.baseAddress!)
      fill(&outputs, &destinations, candles)
      filled = count
    }
    outputs.append(column)
  }

  private mutating func append(
    _ candles: CandlePointers, _ count: Int, to destinations: [UnsafeMutablePointer<Double>]
  ) {
    makeUnique()
    let chunk = FeatureChunk(specification.program)
    var start = 0
    while start < count {
      cross(to: Instant(milliseconds: candles.times[start]))
      // Up to the next gap, or to the end of the chunk.
      var end = start + 1
      let limit = min(count, start + FeatureChunk.length)
      while end < limit {
        let distance = candles.times[end] - candles.times[end - 1]
        precondition(distance > 0, "candles must come in the order of their times")
        if !isNext(candles.times[end], after: candles.times[end - 1]) { break }
        end += 1
      }
      chunk.run(memory, candles, start..<end, age: age, to: destinations)
      age = min(age + (end - start), Self.oldestAge)
      remember(Instant(milliseconds: candles.times[end - 1]), candles.values[3][end - 1])
      start = end
    }
  }
}

/// The memory of columns during a batch.
struct CandlePointers {
  var times: UnsafePointer<Int64>
  /// Open, high, low, close and volume, as in `Column`.
  var values: [UnsafePointer<Double>]
}

extension CandleColumns {
  fileprivate func checkLengths() {
    precondition(
      [open, high, low, close, volume].allSatisfy { $0.count == count },
      "columns of candles must be of one length")
  }

  fileprivate func withPointers(_ body: (CandlePointers) -> Void) {
    times.withUnsafeBufferPointer { times in
      open.withUnsafeBufferPointer { open in
        high.withUnsafeBufferPointer { high in
          low.withUnsafeBufferPointer { low in
            close.withUnsafeBufferPointer { close in
              volume.withUnsafeBufferPointer { volume in
                body(
                  CandlePointers(
                    times: times.baseAddress!,
                    values: [open, high, low, close, volume].map { $0.baseAddress! }))
              }
            }
          }
        }
      }
    }
  }
}
