import CLinux
import Disk
public import Domain
import Glibc
import Synchronization

/// The file of machines' tokens, read anew whenever it changes, so that a token that is revoked is none
/// from then on. It blocks for the time of a small file.
public final class TokenFile: Sendable {
  /// Its path.
  public let path: String
  private let known = Mutex<(stamp: Stamp, tokens: MachineTokens)?>(nil)

  private struct Stamp: Equatable {
    var inode: UInt
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  /// The file at a path; it need not be there yet.
  public init(path: String) { self.path = path }

  /// The token that somebody shows; nil where it is none.
  ///
  /// - Throws: a `Fault` where the file cannot be read.
  func token(shown text: String) throws(Fault) -> MachineTokens.Token? {
    try tokens().token(shown: text)
  }

  /// All tokens.
  ///
  /// - Throws: a `Fault` where the file cannot be read.
  public func tokens() throws(Fault) -> MachineTokens {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return MachineTokens() }
      throw FileFault.of("read", path, errno)
    }
    let stamp = Stamp(
      inode: UInt(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
    if let known = known.withLock({ $0 }), known.stamp == stamp { return known.tokens }
    let tokens = try MachineTokens(try TextFile.read(path), file: path)
    known.withLock { $0 = (stamp, tokens) }
    return tokens
  }
}
