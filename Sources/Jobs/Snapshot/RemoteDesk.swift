public import Cryptography
import Disk
public import Domain
public import Net
public import Remote
public import Settings
public import Store

/// What a place does with its remote copies: sends them, thins them out, brings them back to prove it.
public struct RemoteDesk: Sendable {
  /// The copies.
  public let copies: RemoteCopies
  /// The shipped log there.
  public let log: LogCopies
  private let settings: Settings
  private let remote: RemoteSettings
  private let folder: SnapshotFolder

  /// The desk of the settings' remote.
  ///
  /// - Parameters:
  ///   - settings: of the place.
  ///   - remote: the remote, where it is another than the settings'.
  ///   - folder: the snapshots here.
  ///   - transport: what a store is reached by.
  ///   - time: the clock that requests are signed by.
  /// - Throws: exit 78 where no remote is configured or a recipient is mistyped; 66 where the file of a
  ///   key is missing.
  public init(
    _ settings: Settings, _ remote: RemoteSettings? = nil, folder: SnapshotFolder,
    transport: any HTTPTransport, time: any TimeSource
  ) throws(Fault) {
    guard let remote = remote ?? settings.snapshot.remote else {
      throw Fault(
        "use the remote", settings.source, cause: "no `snapshot: { remote }` is configured",
        remedy: "docs/how-to/back-up-and-restore.md shows one", exit: .configuration)
    }
    (self.settings, self.remote, self.folder) = (settings, remote, folder)
    var recipients: [AgeRecipient] = []
    for text in remote.recipients {
      guard let recipient = AgeRecipient(text) else {
        throw Fault(
          "encrypt to", text, cause: "it is mistyped: no recipient of age reads like this",
          remedy: "copy it again; age-keygen -y FILE prints it", exit: .configuration)
      }
      recipients.append(recipient)
    }
    let store = try Self.store(remote, transport, time)
    copies = RemoteCopies(
      store: store, recipients: recipients, spool: "\(folder.path)/spool")
    log = LogCopies(store: store, recipients: recipients)
  }

  private static func store(
    _ remote: RemoteSettings, _ transport: any HTTPTransport, _ time: any TimeSource
  ) throws(Fault) -> any ObjectStore {
    if remote.url.hasPrefix("file://") {
      return DirectoryStore(folder: String(remote.url.dropFirst(7)))
    }
    guard let access = remote.accessKeyFile, let secret = remote.secretKeyFile else {
      throw Fault(
        "use the remote", remote.url, cause: "the files of its key are not named",
        remedy: "name access-key-file and secret-key-file", exit: .configuration)
    }
    let key = try line(of: access).reveal { $0 }
    let store = S3Store(
      url: remote.url, endpoint: remote.endpoint, region: remote.region, accessKey: key,
      secretKey: try line(of: secret), transport: transport, time: time)
    guard let store else {
      throw Fault(
        "use the remote", remote.url, cause: "it is neither s3://BUCKET/PREFIX nor file:///FOLDER",
        exit: .configuration)
    }
    return store
  }

  private static func line(of path: String) throws(Fault) -> Secret {
    let text = try TextFile.read(path, remedy: "put the key there, readable by this user alone")
    let line = text.prefix { !$0.isNewline }
    guard !line.isEmpty else {
      throw Fault(
        "read the key", path, cause: "its first line is empty", remedy: "put the key there",
        exit: .configuration)
    }
    return Secret(String(line))
  }

  /// With what copies are opened, and whose are believed: those of the identity file, this place's own
  /// key, and those that are named.
  ///
  /// - Parameters:
  ///   - identityFile: the file of identities; nil: the settings'.
  ///   - keys: further keys that are believed.
  /// - Throws: exit 78 where no identity is named, or no key is known; 65 where the file is no such.
  public func trust(
    identityFile: String? = nil, keys: [Ed25519VerifyingKey] = []
  ) throws(Fault) -> RemoteTrust {
    guard let path = identityFile ?? remote.identityFile else {
      throw Fault(
        "open", copies.store.place, cause: "no identity is at hand, and copies are encrypted",
        remedy: "--identity FILE, or `identity-file` in `snapshot: { remote }`",
        exit: .configuration)
    }
    guard let file = AgeIdentityFile(try TextFile.read(path)) else {
      throw Fault(
        "read the identity", path, cause: "it holds none of age's X25519 identities",
        remedy: "carillon snapshot keygen and age-keygen write such files", exit: .data)
    }
    var believed = keys + file.verifyingKeys
    if let own = try SnapshotKeyFile.of(settings).keyIfAny()?.verifying { believed.append(own) }
    guard !believed.isEmpty else {
      throw Fault(
        "believe", copies.store.place, cause: "no key is known that tells a copy from a forgery",
        remedy: "--verifying-key KEY, as `carillon snapshot key` printed it where they were taken",
        exit: .configuration)
    }
    return RemoteTrust(identities: file.identities, keys: believed)
  }

  // MARK: - Sending

  /// What was sent.
  public struct Sent: Sendable {
    /// The copy.
    public var pushed: RemoteCopies.Pushed
    /// What was thinned out.
    public var pruned: RemoteCopies.Pruned
  }

  /// Sends a snapshot, after what an earlier push left unfinished, and thins out; an alert tells where it
  /// fails, until it succeeds.
  public func push(
    _ snapshot: Snapshot, _ store: Store, time: any TimeSource,
    checkpoint: @escaping @Sendable () throws -> Void = {}
  ) async throws -> Sent {
    do {
      if let waiting = try copies.waiting(), waiting != RemoteName(snapshot),
        let older = try folder.list().first(where: { RemoteName($0) == waiting })
      {
        _ = try await copies.push(older, in: folder, checkpoint: checkpoint)
      }
      let pushed = try await copies.push(snapshot, in: folder, checkpoint: checkpoint)
      let pruned = try await copies.prune(remote.keep, at: time.now, checkpoint: checkpoint)
      try store.write(at: time.now) {
        try $0.service.tell(.snapshotPushed, "\(pushed.copy.name)")
        _ = try $0.alerts.settle(
          .snapshotRemote, "push", saying: "\(snapshot.id) arrived at \(copies.store.place)")
      }
      return Sent(pushed: pushed, pruned: pruned)
    } catch let fault as Fault {
      try raise("push", fault, store, time)
      throw fault
    }
  }

  /// Sends what was shipped of the database's log and is not there yet, signed with this place's key.
  ///
  /// - Returns: how many objects were sent.
  public func sendLog(
    checkpoint: @escaping @Sendable () throws -> Void = {}
  ) async throws -> Int {
    try await log.send(
      LogSpool(database: settings.database), try SnapshotKeyFile.of(settings).key(),
      checkpoint: checkpoint
    ).objects
  }

  private func raise(
    _ subject: String, _ fault: Fault, _ store: Store, _ time: any TimeSource
  ) throws {
    try store.write(at: time.now) {
      _ = try $0.alerts.raise(
        Alert(.snapshotRemote, of: subject, "\(fault)", remedy: fault.remedy))
    }
  }

  // MARK: - The drill of a lost disk

  /// What a drill found.
  public struct Drill: Hashable, Sendable {
    /// The copy that was brought back.
    public var copy: RemoteCopy
    /// What was in it.
    public var snapshot: Snapshot
    /// How long fetching, opening and comparing took.
    public var fetching: TimeSpan
    /// How long unpacking and proving the database took.
    public var proving: TimeSpan
  }

  /// Brings the newest copy back onto a blank folder, proves it as a restore does, and throws it away.
  ///
  /// - Parameter store: remembers it, and whether it failed; nil where there is no database, which is what
  ///   a drill is about.
  /// - Throws: exit 66 where there is no copy, 65 where the newest is not good, or an older one than the
  ///   newest that was sent.
  public func drill(
    _ trust: RemoteTrust, _ store: Store?, time: any TimeSource,
    checkpoint: () throws -> Void = {}
  ) async throws -> Drill {
    let blank = "\(folder.path)/drill"
    do {
      try SnapshotFolder(blank).removeAll()
      let found = try await drilled(trust, blank, store, time, checkpoint)
      try SnapshotFolder(blank).removeAll()
      try store?.write(at: time.now) {
        try $0.service.tell(.snapshotDrilled, "\(found.copy.name)")
        _ = try $0.alerts.settle(
          .snapshotRemote, "drill", saying: "\(found.copy.name) was brought back and proved")
      }
      return found
    } catch let fault as Fault {
      try SnapshotFolder(blank).removeAll()
      if let store { try raise("drill", fault, store, time) }
      throw fault
    } catch {
      try SnapshotFolder(blank).removeAll()
      throw error
    }
  }

  private func drilled(
    _ trust: RemoteTrust, _ blank: String, _ store: Store?, _ time: any TimeSource,
    _ checkpoint: () throws -> Void
  ) async throws -> Drill {
    guard let newest = try await copies.list().last else {
      throw Fault(
        "find a copy at", copies.store.place, cause: "there is none",
        remedy: "carillon snapshot push", exit: .noInput)
    }
    let sent = try store?.read { try $0.service.fact(.snapshotPushed)?.text }
    if let sent = sent.flatMap({ RemoteName($0) }), sent > newest.name {
      throw Fault(
        "believe", copies.store.place,
        cause:
          "its newest copy is \(newest.name), and \(sent) was sent: it was rolled back, or thinned "
          + "out by somebody else", remedy: "send it again: carillon snapshot push \(sent.id)",
        exit: .data)
    }
    let begun = time.uptime
    try Folder.make(folder.path)
    var place = SnapshotFolder(blank)
    place.provesAgain = true
    let snapshot = try await copies.pull(newest, into: place, trust, checkpoint: checkpoint)
    let fetched = time.uptime
    let restored = try place.restore(
      snapshot, to: "\(blank)/drill.db", at: time.now, checkpoint: checkpoint)
    guard restored.findings.isEmpty else {
      throw Fault(
        "prove", "\(newest.name)",
        cause: "its books do not add up: \(restored.findings.joined(separator: "; "))", exit: .data)
    }
    return Drill(
      copy: newest, snapshot: snapshot, fetching: fetched - begun, proving: time.uptime - fetched)
  }
}
