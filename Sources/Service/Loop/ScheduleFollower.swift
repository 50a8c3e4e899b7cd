import Domain
import Glibc
import Scheduler
import StrictYAML

/// Notices when the schedules file has changed, and reads it.
///
/// Notification does not cross every mount, so each wake also compares what `stat` says, and a file
/// whose `stat` differs is read and compared by its text.
struct ScheduleFollower {
  /// The path of the file.
  let path: String
  private var identity: Identity?
  private var text: String

  private struct Identity: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  /// What a look found.
  enum Finding {
    /// A text that is not the one of the last look.
    case changed(String)
    /// The file cannot be read.
    case unreadable(Fault)
  }

  /// Follows a file from the text that was read of it.
  init(path: String, text: String) {
    self.path = path
    self.text = text
    identity = Self.identity(of: path)
  }

  /// The folder of the file.
  var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Looks at the file; nil when it is as it was.
  ///
  /// - Parameter force: reads it even when nothing seems to have changed.
  mutating func look(force: Bool) -> Finding? {
    let present = Self.identity(of: path)
    guard force || present != identity else { return nil }
    identity = present
    do {
      let read = try TextFile.read(
        path, remedy: "put the schedules file back; the last valid one stays active")
      guard force || read != text else { return nil }
      text = read
      return .changed(read)
    } catch {
      return .unreadable(error)
    }
  }

  private static func identity(of path: String) -> Identity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }
}
