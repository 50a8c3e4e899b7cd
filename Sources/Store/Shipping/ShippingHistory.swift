import Disk
import Domain
import Glibc

extension LogShipper {
  /// Removes what is too old or too much, and what killed processes left.
  func prune() throws {
    guard let newest = generation?.base.generation else { return }
    var kept = try spool.generations()
    for number in try spool.numbers() where !kept.contains(number) && number != newest {
      try spool.remove(number)
    }
    var sizes = [Int64: Int64]()
    for number in kept { sizes[number] = try spool.bytes(number) }
    while let oldest = kept.first, oldest != newest,
      kept.count > limits.generations || sizes.values.reduce(0, +) > limits.spoolBytes
    {
      try spool.remove(oldest)
      sizes[oldest] = nil
      kept.removeFirst()
    }
  }

  /// The newest generation as the spool has it; nil when there is none, or it cannot be gone on with.
  ///
  /// What a killed shipper left half written is removed: there is one shipper at a time.
  func resume() throws -> Generation? {
    for number in try spool.numbers() {
      try Folder.clear(spool.folder(number)) { $0.hasSuffix(".tmp") }
    }
    guard let number = try spool.generations().last else { return nil }
    do {
      let (base, sha256) = try spool.base(number)
      var found = Generation(
        base: base, sequence: 0, position: base.position, previous: sha256,
        bytes: try spool.bytes(number) - base.sums.size, folded: nil)
      if let newest = try spool.segments(number).last {
        let (header, sum) = try spool.read(newest, of: number) { _, _, _ in }
        (found.sequence, found.position, found.previous) = (header.sequence, header.end, sum)
      }
      let folded = "\(spool.folder(number))/folded"
      if access(folded, F_OK) == 0 {
        let text = String(decoding: try InputFile.contents(folded, limit: 256), as: UTF8.self)
        let parts = text.split(separator: " ", maxSplits: 1)
        if parts.count == 2, Int64(parts[0]) == found.sequence {
          found.folded = FileState(text: String(parts[1]))
        }
      }
      return found
    } catch let fault as Fault where fault.exit == .data {
      // What is damaged is not gone on with; a restore names it.
      return nil
    }
  }
}
