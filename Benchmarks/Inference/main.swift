import Glibc
import Inference

// Times one model on the rows of a file: `inference-benchmark MODEL ROWS [DESCRIPTION]`, where ROWS
// holds little-endian doubles, row after row. Prints `load single batch` in nanoseconds of CPU time,
// the latter two per row, and the sum of all scores. `peers/inference.py` runs it beside the peers.

/// How long each way is repeated at least.
let minimumSeconds = 1.0

func readAll(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { fatalError("cannot read \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 20)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
  return bytes
}

/// CPU time of this process.
func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The least nanoseconds per row of repeated passes over all rows.
func nanoseconds(per rows: Int, _ pass: () -> Void) -> Double {
  pass()
  var least = Double.infinity
  var total = 0.0
  while total < minimumSeconds {
    let start = seconds()
    pass()
    let spent = seconds() - start
    least = min(least, spent)
    total += spent
  }
  return least / Double(rows) * 1e9
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  fatalError("usage: inference-benchmark MODEL ROWS [DESCRIPTION]")
}
let bytes = readAll(arguments[1])
let description = arguments.count > 3 ? (readAll(arguments[3]), arguments[3]) : nil
let begun = seconds()
let model = try Model.load(bytes, file: arguments[1], description: description)
let loadSeconds = seconds() - begun
let values = readAll(arguments[2]).withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
let width = model.inputCount
let rowCount = values.count / width
var raw = [Double](repeating: 0, count: rowCount * model.outputCount)
let outputs = model.outputCount
// `ONLY_ROWS=n` scores n rows one by one and nothing else, for counting allocations from outside.
let onlyCount = getenv("ONLY_ROWS").flatMap { Int(String(cString: $0)) }

values.withUnsafeBufferPointer { values in
  raw.withUnsafeMutableBufferPointer { raw in
    func one(_ row: Int) {
      let index = row % rowCount
      model.predict(
        UnsafeBufferPointer(rebasing: values[index * width..<(index + 1) * width]),
        into: UnsafeMutableBufferPointer(rebasing: raw[index * outputs..<(index + 1) * outputs]))
    }
    if let onlyCount {
      for row in 0..<onlyCount { one(row) }
      return
    }
    let single = nanoseconds(per: rowCount) { for row in 0..<rowCount { one(row) } }
    let batch = nanoseconds(per: rowCount) {
      model.predictBatch(
        UnsafeBufferPointer(rebasing: values[..<(rowCount * width)]), count: rowCount, into: raw)
    }
    print(Int(loadSeconds * 1e9), single, batch, raw.reduce(0, +))
  }
}
