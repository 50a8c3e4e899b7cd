import Disk
import Domain
import Glibc
import Testing

@Suite struct NewFileTests {
  @Test func itAppearsWholeOrNotAtAll() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/figures"
    do {
      let file = try NewFile(path)
      try file.write(Array("half".utf8))
    }
    #expect(try Folder.names(in: folder.path).isEmpty)
    try NewFile.write("whole", to: path)
    #expect(try Folder.names(in: folder.path) == ["figures"])
    #expect(try TextFile.read(path) == "whole")
  }

  @Test func itIsItsOwnersAlone() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/figures"
    try NewFile.write("x", to: path)
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  /// A link under the temporary name once had its target overwritten, as one under the name had not.
  @Test func nothingIsWrittenThroughALink() throws {
    let folder = try ScratchFolder()
    let precious = folder.path + "/precious"
    try NewFile.write("precious", to: precious)
    let path = folder.path + "/S0001.json"
    for link in [path, NewFile.temporary(for: path)] {
      #expect(symlink(precious, link) == 0)
      try NewFile.write("manifest", to: path)
      #expect(try TextFile.read(precious) == "precious")
      #expect(try TextFile.read(path) == "manifest")
      var status = stat()
      #expect(lstat(path, &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFREG)
      unlink(path)
    }
  }

  @Test func somethingElseThanAFileIsRefused() throws {
    let folder = try ScratchFolder()
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [pipe, folder.path, "/dev/null"] {
      let fault = #expect(throws: Fault.self) { try NewFile.write("x", to: path) }
      #expect(fault?.exit == .cannotCreate)
    }
  }

  /// Two that write one file at once: the one whose temporary file was taken away must not put the
  /// other's half under the name.
  @Test func whoLostTheTemporaryNameDoesNotCommit() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/figures"
    var first = try NewFile(path)
    try first.write(Array("first".utf8))
    var second = try NewFile(path)
    try second.write(Array("sec".utf8))
    let fault: Fault?
    do throws(Fault) {
      try first.commit()
      fault = nil
    } catch {
      fault = error
    }
    #expect(fault?.exit == .tryAgain)
    try second.write(Array("ond".utf8))
    try second.commit()
    #expect(try TextFile.read(path) == "second")
  }
}
