import Disk
import Domain

// How the pages of the database become a frame: whole, or as a difference to the newest snapshot.
extension SnapshotArchive {
  /// A frame that has not got its name yet, and what it is described as.
  struct Made: ~Copyable {
    var snapshot: Snapshot
    var frame: NewFile
    /// What the next one is compared with; nil where differences are not asked for.
    var digests: PageDigests?
  }

  /// Keeps the hashes of the newest snapshot's pages, and no others.
  func keep(_ digests: PageDigests?) throws(Fault) {
    try digests?.write(in: folder)
    for name in try folder.names() where name.hasSuffix(PageDigests.suffix) {
      guard let id = SnapshotID(name.dropLast(PageDigests.suffix.utf8.count)),
        id != digests?.snapshot
      else { continue }
      try remove("\(folder.path)/\(name)")
    }
  }

  /// Writes the pages of the database as a frame: as a difference to the newest snapshot where the policy
  /// lets it be one, else whole.
  func write(
    _ pages: HeldPages, as id: SnapshotID, at now: Instant, _ facts: DatabaseFacts,
    _ known: [Snapshot], _ checkpoint: () throws -> Void
  ) throws -> Made {
    let isChained = chains.deltas > 0 && SnapshotDelta.pageSizes.contains(pages.pageBytes)
    if isChained, let parent = try parent(among: known, pages.pageBytes),
      let made = try difference(pages, to: parent, as: id, at: now, facts, checkpoint)
    {
      return made
    }
    return try whole(pages, as: id, at: now, facts, isChained: isChained, checkpoint)
  }

  /// Where the pages are set aside when the log grows too large meanwhile.
  private func spare(_ id: SnapshotID) -> String { "\(folder.path)/\(id).db" }

  private func whole(
    _ pages: HeldPages, as id: SnapshotID, at now: Instant, _ facts: DatabaseFacts,
    isChained: Bool, _ checkpoint: () throws -> Void
  ) throws -> Made {
    let frame = try NewFile("\(folder.path)/\(Snapshot.file(of: id))")
    let writer = try ZstdWriter(
      rawSize: pages.byteCount, level: level, threads: ZstdWriter.threads, of: store.path)
    var comparison =
      isChained
      ? PageComparison(with: nil, pageBytes: pages.pageBytes, pages: pages.count) : nil
    try pages.read(settingAsideAt: spare(id), checkpoint: checkpoint) { _, piece in
      try writer.add(piece, to: frame)
      try comparison?.add(piece) { _, _ in }
    }
    try checkpoint()
    let sums = try writer.finish(frame)
    var snapshot = Snapshot(id: id, taken: now, frame: sums, facts: facts)
    if let comparison {
      (snapshot.pageBytes, snapshot.pagesSHA256) = (pages.pageBytes, comparison.ofDatabase)
    }
    return Made(snapshot: snapshot, frame: frame, digests: comparison?.digests(of: id))
  }

  /// Nil where it would be larger than there is room for in the chain.
  private func difference(
    _ pages: HeldPages, to parent: Parent, as id: SnapshotID,
    at now: Instant, _ facts: DatabaseFacts, _ checkpoint: () throws -> Void
  ) throws -> Made? {
    let plain = try NewFile("\(folder.path)/\(id).delta")
    try plain.write(
      SnapshotDelta.Header(
        pageBytes: pages.pageBytes, pages: Int(pages.count),
        parentSHA256: parent.snapshot.databaseSHA256
      ).line)
    var comparison = PageComparison(
      with: parent.digests, pageBytes: pages.pageBytes, pages: pages.count)
    try pages.read(settingAsideAt: spare(id), checkpoint: checkpoint) { _, piece in
      try comparison.add(piece) { number, page in
        try withUnsafeBytes(of: number.bigEndian) { try plain.write($0) }
        try plain.write(page)
      }
    }
    let frame = try NewFile("\(folder.path)/\(Snapshot.file(of: id, isDelta: true))")
    let sums = try ZstdFrame.compress(
      plain.temporary, to: frame, level: level, checkpoint: checkpoint)
    guard sums.size <= parent.room else { return nil }
    var snapshot = Snapshot(id: id, taken: now, frame: sums, facts: facts)
    snapshot.file = Snapshot.file(of: id, isDelta: true)
    (snapshot.parent, snapshot.parentSHA256) = (parent.snapshot.id, parent.snapshot.databaseSHA256)
    (snapshot.rawSizeBytes, snapshot.rawSHA256) = (pages.byteCount, nil)
    (snapshot.pageBytes, snapshot.pagesSHA256) = (pages.pageBytes, comparison.ofDatabase)
    return Made(snapshot: snapshot, frame: frame, digests: comparison.digests(of: id))
  }

  private func wholeChain(of snapshot: Snapshot) throws(Fault) -> [Snapshot]? {
    do throws(Fault) {
      return try folder.chain(of: snapshot)
    } catch {
      guard error.exit == .data else { throw error }
      return nil
    }
  }

  /// What a snapshot is a difference to.
  private struct Parent {
    var snapshot: Snapshot
    var digests: PageDigests
    /// How large the difference may become.
    var room: Int64
  }

  /// The newest snapshot, where the next may be a difference to it.
  private func parent(among known: [Snapshot], _ pageBytes: Int) throws -> Parent? {
    guard let newest = known.max(by: { $0.id < $1.id }), newest.damaged == nil,
      newest.format == .newest, let digests = try PageDigests.read(of: newest, in: folder),
      digests.hashes.pageBytes == pageBytes
    else { return nil }
    // A chain that is not whole is not gone on with.
    guard let chain = try wholeChain(of: newest) else { return nil }
    guard chain.count <= chains.deltas, chain.allSatisfy({ $0.damaged == nil }) else { return nil }
    let used = chain.dropFirst().reduce(0) { $0 + $1.sizeBytes }
    return Parent(
      snapshot: newest, digests: digests,
      room: chain[0].sizeBytes * ChainPolicy.sharePercent / 100 - used)
  }
}
