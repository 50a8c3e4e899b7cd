import Disk
import Testing

@Suite struct FilePathTests {
  // dirname(1) and basename(1) give the same for each of these.
  @Test(arguments: [
    ("carillon.db", ".", "carillon.db"), ("/carillon.db", "/", "carillon.db"),
    ("data/carillon.db", "data", "carillon.db"), ("/data/x/carillon.db", "/data/x", "carillon.db"),
    ("./carillon.db", ".", "carillon.db"),
  ])
  func folderAndName(_ path: String, _ folder: String, _ name: String) {
    #expect(FilePath.folder(of: path) == folder)
    #expect(FilePath.name(of: path) == name)
  }

  @Test(arguments: [
    ("carillon.db", "snapshots"), ("/carillon.db", "/snapshots"), ("a/b.db", "a/snapshots"),
    ("./b.db", "./snapshots"),
  ])
  func aSiblingStandsInTheSameFolder(_ path: String, _ sibling: String) {
    #expect(FilePath.sibling(of: path, named: "snapshots") == sibling)
  }
}
