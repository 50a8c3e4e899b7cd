import Disk
import Domain
import Glibc
import Testing

/// A folder of its own for each test.
final class ScratchFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/carillon-disk-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw FileFault.of("make", "/tmp", errno) }
    path = String(cString: made)
  }

  deinit {
    do {
      try Folder.clear(path)
    } catch {
      Issue.record(error)
    }
    rmdir(path)
  }
}

@Suite struct FolderTests {
  @Test func namesAreInOrderAndWithoutTheDots() throws {
    let folder = try ScratchFolder()
    for name in ["b", ".hidden", "a"] { try NewFile.write("", to: "\(folder.path)/\(name)") }
    #expect(try Folder.names(in: folder.path) == [".hidden", "a", "b"])
  }

  @Test func aFolderThatIsMissingIsNotAnEmptyOne() throws {
    let missing = try ScratchFolder().path + "/missing"
    #expect(try Folder.namesIfAny(in: missing) == nil)
    let fault = #expect(throws: Fault.self) { try Folder.names(in: missing) }
    #expect(fault?.exit == .noInput)
  }

  @Test func aFileIsNoFolder() throws {
    let folder = try ScratchFolder()
    try NewFile.write("", to: folder.path + "/file")
    #expect(throws: Fault.self) { try Folder.namesIfAny(in: folder.path + "/file") }
  }

  @Test func clearingFollowsNoLink() throws {
    let folder = try ScratchFolder()
    let other = try ScratchFolder()
    try NewFile.write("kept", to: other.path + "/kept")
    #expect(symlink(other.path, folder.path + "/link") == 0)
    try Folder.clear(folder.path)
    #expect(try Folder.names(in: folder.path).isEmpty)
    #expect(try Folder.names(in: other.path) == ["kept"])
  }
}
