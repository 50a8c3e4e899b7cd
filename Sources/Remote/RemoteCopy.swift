import Domain

/// A snapshot's copy at a remote, as a listing tells it.
public struct RemoteCopy: Hashable, Sendable {
  /// Its name.
  public var name: RemoteName
  /// The size of its encrypted frame, in bytes.
  public var sizeBytes: Int64
  /// Whether it is a difference to the copy of another snapshot.
  public var isDelta = false

  /// What a listing holds: copies that are whole, oldest first, and what is none: an object of ours
  /// without the other half, or a stranger's.
  static func sorted(
    _ objects: [StoredObject]
  ) -> (copies: [RemoteCopy], halves: [StoredObject], strangers: [StoredObject]) {
    var frames: [RemoteName: StoredObject] = [:]
    var manifests: [RemoteName: StoredObject] = [:]
    var strangers: [StoredObject] = []
    for object in objects {
      if let name =
        Self.name(object, RemoteName.frameSuffix) ?? Self.name(object, RemoteName.deltaSuffix)
      {
        frames[name] = object
      } else if let name = Self.name(object, RemoteName.manifestSuffix) {
        manifests[name] = object
      } else {
        strangers.append(object)
      }
    }
    var copies: [RemoteCopy] = []
    var halves: [StoredObject] = []
    for (name, frame) in frames {
      // The manifest is written last: without it nothing was finished.
      if manifests.removeValue(forKey: name) != nil {
        copies.append(
          RemoteCopy(
            name: name, sizeBytes: frame.sizeBytes,
            isDelta: frame.name.hasSuffix(RemoteName.deltaSuffix)))
      } else {
        halves.append(frame)
      }
    }
    halves += manifests.values
    return (
      copies.sorted { $0.name < $1.name }, halves.sorted { $0.name < $1.name }, strangers
    )
  }

  private static func name(_ object: StoredObject, _ suffix: String) -> RemoteName? {
    object.name.hasSuffix(suffix) ? RemoteName(object.name.dropLast(suffix.count)) : nil
  }

  var frame: String { "\(name)\(isDelta ? RemoteName.deltaSuffix : RemoteName.frameSuffix)" }
  var manifest: String { "\(name)\(RemoteName.manifestSuffix)" }
}
