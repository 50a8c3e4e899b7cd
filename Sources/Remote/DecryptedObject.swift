import Cryptography
import Domain

extension ObjectStore {
  /// Hands an encrypted object's content over in its order, piece by piece.
  ///
  /// - Parameter remedy: what to do where the object is damaged.
  /// - Throws: exit 65 where it is damaged, or for none of the identities; what `read` throws.
  func decrypt(
    _ object: String, _ trust: RemoteTrust, orElse remedy: String,
    _ take: ([UInt8]) throws -> Void
  ) async throws {
    var opener = AgeDecryptor(trust.identities)
    do {
      try await read(object) { try opener.open($0, take) }
      try opener.finish(take)
    } catch let mistake as AgeMistake {
      throw Fault(
        "open", "\(place)/\(object)", cause: "\(mistake)",
        remedy: mistake == .isForOthers ? "name the right identity: --identity FILE" : remedy,
        exit: .data)
    }
  }
}
