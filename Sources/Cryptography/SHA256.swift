internal import CCrypto
internal import Domain

/// SHA-256 (FIPS 180-4) of bytes that come in parts, by the system's libcrypto.
///
/// A running hash lives on one thread at a time; copies share their state, so a value that was
/// finalised is of no further use.
public final class SHA256 {
  /// The bytes of a digest.
  public static let byteCount = 32

  private let context: OpaquePointer

  /// The hash of nothing yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has no SHA-256, or there is no memory")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    precondition(EVP_DigestUpdate(context, start, bytes.count) == 1, "SHA-256 was finalised")
  }

  /// The digest of all that was added, 32 bytes. Nothing may be added afterwards.
  public func finalize() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1, "SHA-256 was finalised")
    return digest
  }

  /// Puts the digest of all that was added into a place of 32 bytes, and begins anew: for many short hashes,
  /// of which making the state costs as much as they do.
  public func finalize(into place: UnsafeMutableRawBufferPointer) {
    precondition(
      place.count >= Self.byteCount
        && EVP_DigestFinal_ex(context, place.bindMemory(to: UInt8.self).baseAddress, nil) == 1
        && EVP_DigestInit_ex(context, nil, nil) == 1, "SHA-256 was finalised")
  }

  /// The digest in hexadecimal, 64 digits. Nothing may be added afterwards.
  public func hexadecimal() -> String { Hexadecimal.text(finalize()) }

  /// The digest of bytes that are all there, 32 bytes.
  public static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let hash = SHA256()
    let known: Void? = bytes.withContiguousStorageIfAvailable {
      hash.update(UnsafeRawBufferPointer($0))
    }
    if known == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
    return hash.finalize()
  }

  /// The digest of bytes that are all there, in hexadecimal, 64 digits.
  public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    Hexadecimal.text(hash(bytes))
  }
}
