import Domain
import Store

/// Records what an attempt prints, while it prints: the first half of what may be kept and the newest
/// half, with a line between them that says how much is missing.
///
/// What came in is written each second, or sooner while the first half fills; a flood then costs one
/// transaction a second, and memory of half the limit. For one thread.
final class OutputRecorder {
  /// The longest that output waits.
  static let period = TimeSpan.seconds(1)
  /// So much of the first half is written at once.
  static let writeSizeBytes = 64 << 10
  /// What a part costs beside its bytes, so that many small ones are bounded too.
  static let partCostBytes = 64

  private let context: JobContext
  private let limit: Int
  private let half: Int
  private var headRoom: Int
  private var hasBegun = false
  private var lastNumber = 0
  private var lastWrite: TimeSpan

  private var pending: [Part] = []
  private var firstPending = 0
  private var pendingCost = 0
  private var hasDroppedPending = false

  /// The parts of the newest half that are in the database.
  private var tail: [(number: Int, cost: Int)] = []
  private var firstTail = 0
  private var tailCost = 0
  private var dropped = 0
  /// The place of the line that says what is missing.
  private var gap: Int?

  private struct Part {
    var stream: RunStream
    var bytes: [UInt8]
    var cost: Int { bytes.count + OutputRecorder.partCostBytes }
  }

  /// A recorder for one attempt.
  init(_ context: JobContext, limitBytes: Int) {
    self.context = context
    limit = limitBytes
    half = limitBytes / 2
    headRoom = half
    lastWrite = context.time.uptime
  }

  /// A part of the newest half is at most so large, since it is dropped whole.
  private var partSize: Int { min(16 << 10, max(half / 8, 256)) }

  /// Takes a part of the output.
  func take(_ stream: RunStream, _ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(partSize)
      add(stream, piece)
      rest = rest.dropFirst(piece.count)
    }
    if headRoom > 0, pendingCost >= Self.writeSizeBytes { try flush() }
  }

  /// Adds a line of Carillon's own.
  func note(_ text: String) {
    let line = Array("carillon: \(text)\n".utf8)
    line.withUnsafeBytes { add(.log, $0[...]) }
  }

  /// Writes what has waited long enough.
  func turn() throws {
    if context.time.uptime - lastWrite >= Self.period { try flush() }
  }

  /// Writes what waits, in a transaction of its own.
  func flush() throws {
    lastWrite = context.time.uptime
    guard firstPending < pending.count else { return }
    try context.store.write(at: context.time.now) { transaction in
      if !hasBegun {
        try transaction.output.prune(
          context.firing.slot.job, run: context.run, attempt: context.attempt)
      }
      try write(to: transaction)
    }
    hasBegun = true
    pending.removeAll(keepingCapacity: true)
    (firstPending, pendingCost) = (0, 0)
  }

  private func add(_ stream: RunStream, _ bytes: Slice<UnsafeRawBufferPointer>) {
    if firstPending < pending.count, pending[pending.count - 1].stream == stream,
      pending[pending.count - 1].bytes.count + bytes.count <= partSize
    {
      pending[pending.count - 1].bytes += bytes
      pendingCost += bytes.count
    } else {
      let part = Part(stream: stream, bytes: Array(bytes))
      pending.append(part)
      pendingCost += part.cost
    }
    while headRoom == 0, pendingCost > half, firstPending < pending.count - 1 {
      hasDroppedPending = true
      pendingCost -= pending[firstPending].cost
      dropped += pending[firstPending].bytes.count
      pending[firstPending].bytes = []
      firstPending += 1
    }
    if firstPending > 1000, firstPending * 2 > pending.count {
      pending.removeFirst(firstPending)
      firstPending = 0
    }
  }

  private func write(to transaction: WriteTransaction) throws {
    if hasDroppedPending {
      // What was dropped came after all that is written of the newest half.
      while firstTail < tail.count { try dropOldest(transaction) }
      if gap == nil { gap = try append(Part(stream: .log, bytes: gapLine), to: transaction) }
      hasDroppedPending = false
    }
    for part in pending[firstPending...] {
      let number = try append(part, to: transaction)
      if headRoom > 0 {
        headRoom = max(0, headRoom - part.cost)
      } else {
        tail.append((number, part.cost))
        tailCost += part.cost
      }
    }
    while tailCost > half, firstTail < tail.count - 1 { try dropOldest(transaction) }
    if let gap { try mark(gap, transaction) }
  }

  private func mark(_ gap: Int, _ transaction: WriteTransaction) throws {
    try transaction.output.put(
      gapLine, in: context.run, at: gap, attempt: context.attempt, stream: .log)
  }

  private func dropOldest(_ transaction: WriteTransaction) throws {
    let (number, cost) = tail[firstTail]
    firstTail += 1
    tailCost -= cost
    dropped += cost - Self.partCostBytes
    try transaction.output.remove(number..<number + 1, of: context.run)
    if gap == nil {
      gap = number
      // At once: its number must not go to what is written next.
      try mark(number, transaction)
    }
    if firstTail > 1000 {
      tail.removeFirst(firstTail)
      firstTail = 0
    }
  }

  private func append(_ part: Part, to transaction: WriteTransaction) throws -> Int {
    lastNumber = try transaction.output.append(
      part.bytes, to: context.run, attempt: context.attempt, stream: part.stream, after: lastNumber)
    return lastNumber
  }

  private var gapLine: [UInt8] {
    Array("carillon: \(dropped) bytes are left out here (output-limit \(limit))\n".utf8)
  }
}
