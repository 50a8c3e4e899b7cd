import Indicators

/// Definitions worked out in extended precision (64 bits of mantissa) and without shortcuts, for the
/// cells in which two correct programs may differ: there the better one is nearer to these.
///
/// Such cells are differences of nearly equal numbers, above all those that are exactly zero: TA-Lib
/// keeps running sums, and what is left of a sum after all was taken away again is not zero.
struct LongReference {
  var candles: CandleColumns

  /// The value of a golden column at a row; nil where there is no reference for its function.
  func value(_ column: String, _ row: Int) -> Float80? {
    #if arch(x86_64)
      let parts = column.split(separator: ".", maxSplits: 1)[0].split(separator: "_").map(
        String.init)
      let periods = parts.compactMap { Int($0) }
      switch parts[0] {
      case "MFI": return moneyFlow(periods[0], row)
      case "CCI": return commodityChannel(periods[0], row)
      case "LINEARREG" where parts[1] == "SLOPE": return slope(periods[0], row)
      // The tangent of so small an angle is the angle: its cube is below the last bit.
      case "LINEARREG" where parts[1] == "ANGLE" && abs(slope(periods[0], row)) < 1e-3:
        let slope = slope(periods[0], row)
        return (slope - slope * slope * slope / 3) * 180 / Float80.pi
      case "VAR": return variance(periods[0], row)
      case "STDDEV" where parts[2] == "1p0": return variance(periods[0], row).squareRoot()
      case "APO" where periods[2] == 0:
        return mean(periods[0], row) - mean(periods[1], row)
      case "APO" where periods[2] == 2:
        return weighted(periods[0], row) - weighted(periods[1], row)
      case "PPO" where periods[2] == 0:
        return (mean(periods[0], row) / mean(periods[1], row) - 1) * 100
      case "STOCHRSI":
        let strength = strength(periods[0], through: row)
        if column.hasSuffix("fastk") { return stochastic(strength, periods[1], row) }
        return (0..<periods[2]).map { stochastic(strength, periods[1], row - $0) }.reduce(0, +)
          / Float80(periods[2])
      default: return nil
      }
    #else
      return nil
    #endif
  }

  #if arch(x86_64)
    private func close(_ row: Int) -> Float80 { Float80(candles.close[row]) }

    private func typical(_ row: Int) -> Float80 {
      (Float80(candles.high[row]) + Float80(candles.low[row]) + close(row)) / 3
    }

    private func mean(_ period: Int, _ row: Int) -> Float80 {
      (0..<period).map { close(row - $0) }.reduce(0, +) / Float80(period)
    }

    private func weighted(_ period: Int, _ row: Int) -> Float80 {
      (0..<period).map { close(row - $0) * Float80(period - $0) }.reduce(0, +)
        / Float80(period * (period + 1) / 2)
    }

    private func variance(_ period: Int, _ row: Int) -> Float80 {
      let mean = mean(period, row)
      return (0..<period).map { (close(row - $0) - mean) * (close(row - $0) - mean) }.reduce(0, +)
        / Float80(period)
    }

    private func moneyFlow(_ period: Int, _ row: Int) -> Float80 {
      var (up, down) = (Float80(0), Float80(0))
      for row in (row - period + 1)...row {
        let flow = typical(row) * Float80(candles.volume[row])
        if typical(row) > typical(row - 1) { up += flow }
        if typical(row) < typical(row - 1) { down += flow }
      }
      return up + down == 0 ? 0 : 100 * up / (up + down)
    }

    private func commodityChannel(_ period: Int, _ row: Int) -> Float80 {
      let values = (0..<period).map { typical(row - $0) }
      let mean = values.reduce(0, +) / Float80(period)
      let deviation = values.map { abs($0 - mean) }.reduce(0, +) / Float80(period)
      return deviation == 0 ? 0 : (values[0] - mean) / (0.015 * deviation)
    }

    private func slope(_ period: Int, _ row: Int) -> Float80 {
      let middle = Float80(period - 1) / 2
      let top = (0..<period).map { (middle - Float80($0)) * close(row - $0) }.reduce(0, +)
      return top / (0..<period).map { (middle - Float80($0)) * (middle - Float80($0)) }.reduce(0, +)
    }

    private func strength(_ period: Int, through last: Int) -> [Float80] {
      var (gain, loss) = (Float80(0), Float80(0))
      var values = [Float80](repeating: 0, count: last + 1)
      for row in 1...last {
        let change = close(row) - close(row - 1)
        let n = Float80(period)
        if row <= period {
          gain += max(change, 0) / n
          loss += max(-change, 0) / n
        } else if change != 0 {
          gain = (gain * (n - 1) + max(change, 0)) / n
          loss = (loss * (n - 1) + max(-change, 0)) / n
        } else {
          // Both lose the same share, so that their ratio stays: kept exactly.
          gain *= (n - 1) / n
          loss *= (n - 1) / n
          values[row] = values[row - 1]
          continue
        }
        values[row] = gain + loss == 0 ? 0 : 100 * gain / (gain + loss)
      }
      return values
    }

    private func stochastic(_ values: [Float80], _ period: Int, _ row: Int) -> Float80 {
      let window = values[(row - period + 1)...row]
      let (low, high) = (window.min() ?? 0, window.max() ?? 0)
      return high == low ? 0 : (values[row] - low) / (high - low) * 100
    }
  #endif
}
