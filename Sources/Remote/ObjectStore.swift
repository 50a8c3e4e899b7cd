/// A place for objects off this machine: names with bytes, each written whole or not at all.
public protocol ObjectStore: Sendable {
  /// What people call it: its address, without secrets.
  var place: String { get }

  /// All objects, in the order of their names.
  func list() async throws -> [StoredObject]

  /// The size of an object in bytes; nil where there is none of the name.
  func size(of name: String) async throws -> Int64?

  /// Writes a small object whole.
  func put(_ name: String, _ bytes: [UInt8]) async throws

  /// Writes a file as an object, and continues where an earlier call was cut short, as far as the store
  /// can; `notes` is a file that may be kept beside it for that.
  func put(
    _ name: String, file path: String, notes: String, checkpoint: @Sendable () throws -> Void
  ) async throws

  /// Hands an object's bytes over in their order, piece by piece.
  ///
  /// - Throws: exit 66 where there is none, 65 where it changes meanwhile.
  func read(_ name: String, take: (UnsafeRawBufferPointer) throws -> Void) async throws

  /// Removes an object; one that is not there is removed already.
  ///
  /// - Returns: whether it is gone: a store may be told to keep what it has.
  func remove(_ name: String) async throws -> Bool
}

/// An object as a listing tells it.
public struct StoredObject: Hashable, Sendable {
  /// Its name within the store's place.
  public var name: String
  /// Its size in bytes.
  public var sizeBytes: Int64

  /// An object of these.
  public init(name: String, sizeBytes: Int64) { (self.name, self.sizeBytes) = (name, sizeBytes) }
}
