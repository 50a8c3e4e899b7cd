import Disk
import Domain

// How a copy of the database becomes a frame: whole, or as a difference to the newest snapshot.
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

  /// Writes the copy of the database as a frame: as a difference to the newest snapshot where the policy
  /// lets it be one, else whole.
  func write(
    _ copy: String, as id: SnapshotID, at now: Instant, _ facts: DatabaseFacts, _ known: [Snapshot],
    _ checkpoint: () throws -> Void
  ) throws -> Made {
    var pass: SnapshotDelta.Pass?
    let pageBytes = chains.deltas > 0 ? try SnapshotDelta.pageBytes(of: copy) : nil
    if let pageBytes, let parent = try parent(among: known, pageBytes) {
      let path = "\(folder.path)/\(Snapshot.file(of: id, isDelta: true))"
      let plain = try NewFile("\(folder.path)/\(id).delta")
      let size = try InputFile(copy).size()
      try plain.write(
        SnapshotDelta.Header(
          pageBytes: pageBytes, pages: Int(size) / pageBytes, parentSHA256: parent.digests.rawSHA256
        ).line)
      let made = try SnapshotDelta.pass(
        copy, pageBytes: pageBytes, against: parent.digests, checkpoint: checkpoint
      ) { number, page in
        try plain.write(withUnsafeBytes(of: number.bigEndian) { Array($0) })
        try plain.write(page)
      }
      let frame = try NewFile(path)
      var sums = try ZstdFrame.compress(plain.temporary, to: frame, checkpoint: checkpoint)
      if sums.size <= parent.room {
        (sums.rawSize, sums.rawSHA256) = (size, made.sha256)
        var snapshot = Snapshot(id: id, taken: now, frame: sums, facts: facts)
        (snapshot.parent, snapshot.parentSHA256) = (
          parent.digests.snapshot, parent.digests.rawSHA256
        )
        snapshot.file = Snapshot.file(of: id, isDelta: true)
        return Made(
          snapshot: snapshot, frame: frame,
          digests: PageDigests(
            snapshot: id, rawSHA256: made.sha256, pageBytes: pageBytes, digests: made.digests))
      }
      pass = made
    }
    let frame = try NewFile("\(folder.path)/\(Snapshot.file(of: id))")
    let sums = try ZstdFrame.compress(copy, to: frame, checkpoint: checkpoint)
    let snapshot = Snapshot(id: id, taken: now, frame: sums, facts: facts)
    guard let pageBytes else { return Made(snapshot: snapshot, frame: frame) }
    if pass == nil {
      pass = try SnapshotDelta.pass(
        copy, pageBytes: pageBytes, against: nil, checkpoint: checkpoint
      ) { _, _ in }
    }
    return Made(
      snapshot: snapshot, frame: frame,
      digests: PageDigests(
        snapshot: id, rawSHA256: sums.rawSHA256, pageBytes: pageBytes,
        digests: pass?.digests ?? []))
  }

  private func wholeChain(of snapshot: Snapshot) throws(Fault) -> [Snapshot]? {
    do throws(Fault) {
      return try folder.chain(of: snapshot)
    } catch {
      guard error.exit == .data else { throw error }
      return nil
    }
  }

  /// The newest snapshot, where the next may be a difference to it, and how large that may become.
  private func parent(
    among known: [Snapshot], _ pageBytes: Int
  ) throws -> (digests: PageDigests, room: Int64)? {
    guard let newest = known.max(by: { $0.id < $1.id }), newest.damaged == nil,
      newest.format == .newest, let digests = try PageDigests.read(of: newest, in: folder),
      digests.pageBytes == pageBytes
    else { return nil }
    // A chain that is not whole is not gone on with.
    guard let chain = try wholeChain(of: newest) else { return nil }
    guard chain.count <= chains.deltas, chain.allSatisfy({ $0.damaged == nil }) else { return nil }
    let used = chain.dropFirst().reduce(0) { $0 + $1.sizeBytes }
    return (digests, chain[0].sizeBytes * ChainPolicy.sharePercent / 100 - used)
  }
}
