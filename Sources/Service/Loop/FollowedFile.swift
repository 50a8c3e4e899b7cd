import Disk
import Domain
import Glibc

/// Looks at a file that the service follows, and reads it when it may have changed.
///
/// Notification does not cross every mount, so each wake also compares what `stat` says. Whatever the
/// file system answers, also that the folder is gone or may not be read, is something that was seen,
/// and no reason to end.
struct FollowedFile {
  /// What was seen of the file the last time.
  private enum Sight: Equatable {
    case nothing
    case unreadable
    case text(FileStamp)
  }

  /// The path of the file.
  let path: String
  private let remedy: String
  private var last = Sight.nothing

  /// Follows a file; the first look reads it.
  ///
  /// - Parameter remedy: what to do when it cannot be read.
  init(path: String, remedy: String) { (self.path, self.remedy) = (path, remedy) }

  /// Looks at the file; nil when it is as it was. What cannot be read is told at every look.
  ///
  /// - Parameter isForced: reads it even when nothing seems to have changed.
  mutating func look(isForced: Bool) -> Result<String, Fault>? {
    do throws(Fault) {
      guard let stamp = try FileStamp(path: path) else {
        throw Fault(
          "read", path, cause: String(cString: strerror(ENOENT)), remedy: remedy, exit: .noInput)
      }
      guard isForced || last != .text(stamp) else { return nil }
      let text = try TextFile.read(path, remedy: remedy)
      last = .text(stamp)
      return .success(text)
    } catch {
      last = .unreadable
      return .failure(error)
    }
  }
}
