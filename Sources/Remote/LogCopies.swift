public import Cryptography
import Disk
public import Domain
import Glibc
public import Store

/// The shipped log at a remote: an object for each of its files, signed and encrypted as copies of
/// snapshots are, so that a machine that is lost costs seconds.
public struct LogCopies: Sendable {
  /// Where they are.
  public let store: any ObjectStore
  private let recipients: [AgeRecipient]

  /// What to do where what is there cannot be believed.
  private static let otherwise = "name an earlier time, or restore a snapshot"

  /// So many generations stay there.
  public static let generations = 3
  /// A file up to this size is encrypted in memory.
  static let memoryBytes: Int64 = 8 << 20
  private let memoryBytes: Int64

  /// The log at a store; new objects are encrypted to these recipients.
  public init(store: any ObjectStore, recipients: [AgeRecipient]) {
    self.init(store: store, recipients: recipients, memoryBytes: Self.memoryBytes)
  }

  init(store: any ObjectStore, recipients: [AgeRecipient], memoryBytes: Int64) {
    (self.store, self.recipients, self.memoryBytes) = (store, recipients, memoryBytes)
  }

  // MARK: - Away from here

  /// What `send` did.
  public struct Sent: Hashable, Sendable {
    /// How many objects were sent.
    public var objects = 0
    /// How many old ones were removed.
    public var removed = 0
  }

  /// Sends what of a spool is not there yet, a file after the other, and notes each; generations that are
  /// older than the newest that was begun there are not taken up again.
  ///
  /// - Throws: a `Fault`, transient where a later call may succeed; what was sent stays noted.
  public func send(
    _ spool: LogSpool, _ key: Ed25519Key, checkpoint: @escaping @Sendable () throws -> Void = {}
  ) async throws -> Sent {
    var sent = Sent()
    let shipped = try spool.shipped()
    let begun = try shipped.lastIndex { try $0.sent(to: store.place) > 0 }
    for generation in shipped[(begun ?? max(0, shipped.count - 1))...] {
      let first = try generation.sent(to: store.place)
      for index in first..<max(first, generation.files.count) {
        try checkpoint()
        try await send(generation.files[index], of: generation, spool, key, checkpoint)
        try generation.note(sent: index + 1, to: store.place)
        sent.objects += 1
        if generation.files[index] == ShippedGeneration.description {
          sent.removed += try await prune()
        }
      }
    }
    return sent
  }

  private func send(
    _ file: String, of generation: ShippedGeneration, _ spool: LogSpool, _ key: Ed25519Key,
    _ checkpoint: @escaping @Sendable () throws -> Void
  ) async throws {
    let name = LogName(generation)
    let (object, path) = (name.object(file), "\(generation.folder)/\(file)")
    let (size, sha256) = try Self.sums(path)
    let label = LogLabel(generation: name, file: file, sizeBytes: size, sha256: sha256).line(key)
    guard size > memoryBytes else {
      let bytes = try InputFile.contents(path, limit: Int(memoryBytes))
      return try await store.put(object, AgeFile.encrypt(label + bytes, for: recipients))
    }
    // Encrypted once: what is cut short goes on with the same cipher.
    let sending = "\(spool.path)/sending"
    try Folder.make(sending)
    let (cipher, notes) = ("\(sending)/\(object)", "\(sending)/\(object).upload")
    for other in try Folder.names(in: sending) where !other.hasPrefix(object) {
      if other.hasSuffix(".upload"), let store = store as? S3Store {
        try await store.abandon(notes: "\(sending)/\(other)")
      }
      try Folder.clear(sending) { $0 == other }
    }
    if !TextFile.exists(cipher) {
      try AgeFile.encrypt(
        path, after: label, to: cipher, for: recipients, checkpoint: checkpoint)
    }
    try await store.put(object, file: cipher, notes: notes, checkpoint: checkpoint)
    try Folder.clear(sending)
  }

  private static func sums(_ path: String) throws(Fault) -> (size: Int64, sha256: String) {
    let input = try InputFile(path)
    let hash = SHA256()
    var (buffer, size) = ([UInt8](repeating: 0, count: 1 << 20), Int64(0))
    while true {
      let count = try input.read(into: &buffer)
      guard count > 0 else { return (size, hash.hexadecimal()) }
      size += Int64(count)
      buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// Removes all but the newest generations; the description first, so that what is left is none.
  private func prune() async throws -> Int {
    let all = try await generations()
    var removed = 0
    for name in all.keys.sorted().dropLast(Self.generations) {
      let rest = (all[name] ?? []).filter { $0 != ShippedGeneration.description }
      for file in [ShippedGeneration.description] + rest {
        if try await store.remove(name.object(file)) { removed += 1 }
      }
    }
    return removed
  }

  // MARK: - Back again

  private func generations() async throws -> [LogName: [String]] {
    var all: [LogName: [String]] = [:]
    for object in try await store.list() {
      if let (name, file) = LogName.parts(of: object.name) { all[name, default: []].append(file) }
    }
    return all
  }

  /// What can be had of a generation: the time of its base, and of the last segment.
  public struct Span: Hashable, Sendable {
    /// The first time.
    public var from: Instant
    /// The last time: what was committed later is not there.
    public var through: Instant
  }

  /// What is there, oldest first.
  public func spans() async throws -> [Span] {
    try await generations().filter { $0.value.contains(ShippedGeneration.description) }
      .sorted { $0.key < $1.key }.map { name, files in
        let last = files.compactMap { ShippedGeneration.time(ofSegment: $0) }.max()
        return Span(from: name.time, through: max(last ?? name.time, name.time))
      }
  }

  /// Fetches what the database at a time is made of into a spool of its own folder, opened, and each file
  /// found to be what was signed. `PointInTime` proves the chain.
  ///
  /// - Throws: exit 66 where nothing reaches back so far; 65 where an object is damaged, forged or another's.
  public func fetch(
    at time: Instant, into folder: String, _ trust: RemoteTrust, checkpoint: () throws -> Void = {}
  ) async throws -> LogSpool {
    let all = try await generations()
    // Names tell whole seconds: the base's own time is looked at by `PointInTime`.
    let chosen = all.filter {
      $0.key.time <= time && $0.value.contains(ShippedGeneration.description)
    }.keys.max()
    guard let chosen, let files = all[chosen] else {
      let first = try await spans().first
      throw Fault(
        "restore to", "\(time)",
        cause: first.map { "the log at \(store.place) begins at \($0.from)" }
          ?? "there is no shipped log at \(store.place)",
        remedy: "without --at the newest snapshot is restored", exit: .noInput)
    }
    let spool = LogSpool(folder: folder)
    let target = "\(folder)/G0001"
    for path in [folder, target] { try Folder.make(path) }
    for file in files.sorted() {
      if let shipped = ShippedGeneration.time(ofSegment: file), shipped > time { continue }
      try checkpoint()
      try await fetch(file, of: chosen, to: "\(target)/\(file)", trust)
    }
    // The number is part of the description, and of what the chain hashes: the folder must be of it.
    guard chosen.number != 1 else { return spool }
    let digits = String(chosen.number)
    let named = "G" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    guard rename(target, "\(folder)/\(named)") == 0 else {
      throw Fault("name", "\(folder)/\(named)", cause: String(cString: strerror(errno)), exit: .io)
    }
    return spool
  }

  private func fetch(
    _ file: String, of name: LogName, to path: String, _ trust: RemoteTrust
  ) async throws {
    let object = name.object(file)
    func unlike(_ cause: String, _ remedy: String? = nil) -> Fault {
      Fault(
        "believe", "\(store.place)/\(object)", cause: cause,
        remedy: remedy ?? Self.otherwise, exit: .data)
    }
    var target = try NewFile(path)
    let hash = SHA256()
    var (head, label, size) = ([UInt8](), LogLabel?.none, Int64(0))
    try await store.decrypt(object, trust, orElse: Self.otherwise) { bytes in
      var content = bytes[...]
      if label == nil {
        head += bytes
        guard let end = head.firstIndex(of: UInt8(ascii: "\n")) else {
          guard head.count <= LogLabel.maximumBytes else { throw unlike("it is not signed") }
          return
        }
        guard let read = LogLabel.read(Array(head[..<end])) else {
          throw unlike("it is not signed")
        }
        guard trust.keys.contains(read.key) else {
          throw unlike(
            "it is signed by \(read.key), which is none of the keys that are believed",
            "if that is your key, say --verifying-key \(read.key)")
        }
        guard read.label.generation == name, read.label.file == file else {
          throw unlike(
            "it is \(read.label.file) of \(read.label.generation) under another's name: it was "
              + "swapped")
        }
        label = read.label
        content = head[(end + 1)...]
      }
      size += Int64(content.count)
      guard size <= label?.sizeBytes ?? 0 else { throw unlike("it is larger than was signed") }
      content.withUnsafeBytes { hash.update($0) }
      try target.write(Array(content))
    }
    guard let label, size == label.sizeBytes, hash.hexadecimal() == label.sha256 else {
      throw unlike("it does not hold what was signed")
    }
    try target.commit()
  }
}
