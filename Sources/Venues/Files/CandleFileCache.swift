import Domain

/// Parsed candle files, kept until their file changes or others are needed more: the one that was not
/// asked for longest goes first.
public struct CandleFileCache: Sendable {
  /// The candles that are kept unless a market says otherwise: some 100 MB.
  public static let standardCandles = 2_000_000

  private struct Entry {
    let stamp: FileStamp
    let file: CandleFile
    var used: Int
  }

  private let maximumCandles: Int
  private var entries: [String: Entry] = [:]
  private var clock = 0
  private(set) var candles = 0

  init(maximumCandles: Int) { self.maximumCandles = maximumCandles }

  /// The file as it was parsed, if it has not changed since.
  mutating func file(at path: String, _ stamp: FileStamp) -> CandleFile? {
    guard let entry = entries[path], entry.stamp == stamp else { return nil }
    clock += 1
    entries[path]?.used = clock
    return entry.file
  }

  /// Keeps a file. One that is larger than all may be is kept until the next comes.
  mutating func keep(_ file: CandleFile, at path: String, _ stamp: FileStamp) {
    forget(path)
    while candles + file.candles.count > maximumCandles,
      let oldest = entries.min(by: { $0.value.used < $1.value.used })
    {
      forget(oldest.key)
    }
    clock += 1
    entries[path] = Entry(stamp: stamp, file: file, used: clock)
    candles += file.candles.count
  }

  private mutating func forget(_ path: String) {
    if let entry = entries.removeValue(forKey: path) { candles -= entry.file.candles.count }
  }
}
