import Disk
import Domain
import Scheduler
import StrictYAML

/// Notices when a file that the service follows has changed, and reads it.
///
/// Notification does not cross every mount, so each wake also compares what `stat` says, and a file
/// whose `stat` differs is read and compared by its text.
struct FileFollower {
  /// The path of the file.
  let path: String
  private var stamp: FileStamp?
  private var text: String

  /// What a look found.
  enum Finding {
    /// A text that is not the one of the last look.
    case changed(String)
    /// The file cannot be read.
    case unreadable(Fault)
  }

  /// Follows a file from the text that was read of it: the first look compares it once more.
  init(path: String, text: String) {
    self.path = path
    self.text = text
  }

  /// Looks at the file; nil when it is as it was.
  ///
  /// - Parameter force: reads it even when nothing seems to have changed.
  mutating func look(force: Bool) -> Finding? {
    do {
      let present = try FileStamp(path: path)
      guard force || present != stamp else { return nil }
      stamp = present
      let read = try TextFile.read(
        path, remedy: "put the file back; what it said last stays active")
      guard force || read != text else { return nil }
      text = read
      return .changed(read)
    } catch {
      return .unreadable(error)
    }
  }
}
