public import Cryptography
import Disk
public import Domain
import Glibc
public import Store

/// The encrypted copies of snapshots at a remote: two objects each, the frame and, last, its description.
public struct RemoteCopies: Sendable {
  /// Where they are.
  public let store: any ObjectStore
  private let recipients: [AgeRecipient]
  /// A folder on this disk, where what is sent waits in cipher until it has arrived.
  private let spool: String

  /// What to do where a copy cannot be believed.
  private static let otherwise = "use another copy: carillon snapshot list --remote"

  /// The copies at a store.
  ///
  /// - Parameters:
  ///   - store: where they are.
  ///   - recipients: whom new ones are encrypted to.
  ///   - spool: a folder for what is on its way; made when it is first needed. It holds one snapshot.
  public init(store: any ObjectStore, recipients: [AgeRecipient], spool: String) {
    (self.store, self.recipients, self.spool) = (store, recipients, spool)
  }

  /// All that are whole, oldest first.
  public func list() async throws -> [RemoteCopy] {
    RemoteCopy.sorted(try await store.list()).copies
  }

  /// The bytes that wait in the spool.
  public static func waiting(in spool: String) throws(Fault) -> Int64 {
    var sum: Int64 = 0
    for name in try Folder.namesIfAny(in: spool) ?? [] {
      var status = stat()
      if stat("\(spool)/\(name)", &status) == 0 { sum += Int64(status.st_size) }
    }
    return sum
  }

  // MARK: - Away from here

  /// What `push` did.
  public struct Pushed: Hashable, Sendable {
    /// The copy.
    public var copy: RemoteCopy
    /// Whether it was there already.
    public var wasThere: Bool
  }

  /// Sends a snapshot, and returns once the store has all of it.
  ///
  /// It is encrypted once, into the spool, and stays there until it has arrived, so that a later call goes
  /// on where this one was cut short. What waits there of another snapshot is given up: the newest matters.
  ///
  /// Of a difference, what it is a difference to is sent first, unless it is there.
  ///
  /// - Throws: a `Fault`, transient where a later call may succeed; what `checkpoint` throws.
  public func push(
    _ snapshot: Snapshot, in folder: SnapshotFolder,
    checkpoint: @escaping @Sendable () throws -> Void = {}
  ) async throws -> Pushed {
    for link in try folder.chain(of: snapshot).dropLast() {
      _ = try await pushOne(link, in: folder, checkpoint: checkpoint)
    }
    return try await pushOne(snapshot, in: folder, checkpoint: checkpoint)
  }

  private func pushOne(
    _ snapshot: Snapshot, in folder: SnapshotFolder,
    checkpoint: @escaping @Sendable () throws -> Void
  ) async throws -> Pushed {
    let name = RemoteName(snapshot)
    let size = AgeFile.size(of: snapshot.sizeBytes, for: recipients.count)
    let isDelta = snapshot.parent != nil
    let copy = RemoteCopy(name: name, sizeBytes: size, isDelta: isDelta)
    if try await store.size(of: copy.manifest) != nil, try await store.size(of: copy.frame) != nil {
      if TextFile.exists(spool) { try await giveUpOthers(than: copy) }
      try Folder.clear(spool)
      return Pushed(copy: copy, wasThere: true)
    }
    try Folder.make(spool)
    let (waiting, notes) = ("\(spool)/\(copy.frame)", "\(spool)/\(name).upload")
    try await giveUpOthers(than: copy)
    if !TextFile.exists(waiting) {
      // An upload of an earlier cipher cannot go on with another.
      try await giveUp(notes)
      try AgeFile.encrypt(
        folder.frame(snapshot), to: waiting, for: recipients, checkpoint: checkpoint)
    }
    try await store.put(copy.frame, file: waiting, notes: notes, checkpoint: checkpoint)
    try checkpoint()
    try await store.put(
      copy.manifest, AgeFile.encrypt(snapshot.manifest, for: recipients))
    guard let arrived = try await store.size(of: copy.frame) else {
      throw Fault(
        "send", "\(store.place)/\(copy.frame)", cause: "it is gone again", exit: .unavailable,
        isTransient: true)
    }
    try Folder.clear(spool)
    return Pushed(
      copy: RemoteCopy(name: name, sizeBytes: arrived, isDelta: isDelta), wasThere: false)
  }

  /// What waits in the spool, cut short on its way: to be finished first, or nothing ever is where an
  /// upload takes longer than the next snapshot.
  public func waiting() throws(Fault) -> RemoteName? {
    for file in try Folder.namesIfAny(in: spool) ?? []
    where !file.hasPrefix(".") {
      for suffix in [RemoteName.frameSuffix, RemoteName.deltaSuffix] where file.hasSuffix(suffix) {
        return RemoteName(file.dropLast(suffix.count))
      }
    }
    return nil
  }

  private func giveUpOthers(than copy: RemoteCopy) async throws {
    for file in try Folder.names(in: spool) where !file.hasPrefix("\(copy.name).") {
      if file.hasSuffix(".upload") { try await giveUp("\(spool)/\(file)") }
      try Folder.clear(spool) { $0 == file }
    }
  }

  private func giveUp(_ notes: String) async throws {
    guard TextFile.exists(notes) else { return }
    if let store = store as? S3Store { try await store.abandon(notes: notes) }
    try Folder.clear(spool) { $0 == FilePath.name(of: notes) }
  }

  // MARK: - Back again

  /// Fetches a copy into a folder of snapshots, opened, and found to be what was signed.
  ///
  /// Of a difference, what it is a difference to is fetched first.
  ///
  /// - Throws: exit 65 where it is damaged, forged or another's, or a link of its chain is missing; 66 where
  ///   it is not there; 73 where the folder has another snapshot of its number.
  public func pull(
    _ copy: RemoteCopy, into folder: SnapshotFolder, _ trust: RemoteTrust,
    checkpoint: () throws -> Void = {}
  ) async throws -> Snapshot {
    var chain = [(copy: copy, snapshot: try await describe(copy, trust))]
    var all: [RemoteCopy]?
    while let parent = chain[0].snapshot.parent {
      let child = chain[0]
      if all == nil { all = try await list() }
      var found: (RemoteCopy, Snapshot)?
      for candidate in (all ?? []).reversed()
      where candidate.name.id == parent && candidate.name < child.copy.name {
        let described = try await describe(candidate, trust)
        guard described.databaseSHA256 == child.snapshot.parentSHA256 else { continue }
        found = (candidate, described)
        break
      }
      guard let found, parent < child.snapshot.id else {
        throw unlike(
          copy,
          "\(parent), which \(child.snapshot.id) is a difference to, is missing there, or another")
      }
      chain.insert((found.0, found.1), at: 0)
    }
    for link in chain {
      _ = try await pull(link.copy, link.snapshot, into: folder, trust, checkpoint)
    }
    return try folder.snapshot(chain[chain.count - 1].snapshot.id)
  }

  private func pull(
    _ copy: RemoteCopy, _ snapshot: Snapshot, into folder: SnapshotFolder, _ trust: RemoteTrust,
    _ checkpoint: () throws -> Void
  ) async throws -> Snapshot {
    try Folder.make(folder.path)
    if let own = try folder.list().first(where: { $0.id == snapshot.id }) {
      guard own.sha256 != snapshot.sha256 else { return own }
      throw Fault(
        "fetch", "\(copy.name)",
        cause: "\(folder.path) has another snapshot of the number \(snapshot.id)",
        remedy: "fetch it into an empty folder: --directory DIR", exit: .cannotCreate)
    }
    var file = try NewFile(folder.frame(snapshot))
    let (hash, tally) = (SHA256(), Tally())
    try await store.decrypt(copy.frame, trust, orElse: Self.otherwise) { bytes in
      try checkpoint()
      tally.count += Int64(bytes.count)
      guard tally.count <= snapshot.sizeBytes else {
        throw unlike(copy, "its frame is larger than its description says")
      }
      bytes.withUnsafeBytes { hash.update($0) }
      try file.write(bytes)
    }
    guard tally.count == snapshot.sizeBytes, hash.hexadecimal() == snapshot.sha256 else {
      throw unlike(copy, "its frame is not the one that was signed: it was swapped or replaced")
    }
    try file.commit()
    try folder.write(snapshot)
    return snapshot
  }

  private final class Tally { var count: Int64 = 0 }

  /// What a copy's description tells, once it is known to be ours.
  public func describe(_ copy: RemoteCopy, _ trust: RemoteTrust) async throws -> Snapshot {
    var bytes: [UInt8] = []
    try await store.decrypt(copy.manifest, trust, orElse: Self.otherwise) { part in
      bytes += part
      guard bytes.count <= Snapshot.maximumManifestBytes else {
        throw unlike(copy, "its description is too large to be one")
      }
    }
    guard let snapshot = Snapshot(manifest: bytes) else {
      throw unlike(copy, "its description is damaged")
    }
    guard let signature = snapshot.signature else {
      throw unlike(copy, "its description is not signed")
    }
    guard trust.keys.contains(signature.key) else {
      throw unlike(
        copy, "it is signed by \(signature.key), which is none of the keys that are believed",
        remedy: "if that is your key, say --verifying-key \(signature.key)")
    }
    guard RemoteName(snapshot) == copy.name, copy.isDelta == (snapshot.parent != nil) else {
      throw unlike(copy, "it is \(RemoteName(snapshot)) under another's name: it was swapped")
    }
    return snapshot
  }

  private func unlike(
    _ copy: RemoteCopy, _ cause: String,
    remedy: String = Self.otherwise
  ) -> Fault {
    Fault("believe", "\(store.place)/\(copy.name)", cause: cause, remedy: remedy, exit: .data)
  }
}
