import Testing

@Suite struct SwiftSourceTests {
  private func source(_ text: String) -> SwiftSource { SwiftSource(path: "X.swift", text: text) }

  @Test func commentsAreNoCode() {
    #expect(source("a // b\nc /* d /* e */ f\n g */ h").code == ["a ", "c ", " h"])
  }

  @Test func literalsAreNoCode() {
    let source = source(#"let a = "x(\"y\") // z" + b"#)
    #expect(source.code == [#"let a = "" + b"#])
    #expect(source.literals == [SwiftSource.Piece(line: 1, text: #"x(\"y\") // z"#)])
  }

  @Test func interpolationsAreCode() {
    let source = source(#"f("a\(g("b", (1)))c") ; h"#)
    #expect(source.code == [#"f("" g("", (1))) ; h"#])
    #expect(source.literals.map(\.text) == ["b", "ac"])
  }

  @Test func rawAndLongLiterals() {
    let source = source(
      ##"""
      let a = #"x\(1) " y"#
      let b = """
        SELECT "x"
          FROM y
        """
      let c = 1
      """##)
    #expect(source.literals.map(\.line) == [1, 2])
    #expect(source.literals[0].text == #"x\(1) " y"#)
    #expect(source.literals[1].text.contains("FROM y"))
    #expect(source.code == [#"let a = """#, #"let b = """#, "", "", "", "let c = 1"])
  }

  @Test func everyFileIsTakenApartWhole() throws {
    let repository = Repository.here
    for path in try repository.files(under: "Sources") where path.hasSuffix(".swift") {
      let text = try repository.text(of: path)
      let source = SwiftSource(path: path, text: text)
      #expect(source.code.count == text.utf8.count { $0 == UInt8(ascii: "\n") } + 1, "\(path)")
      #expect(
        !source.literals.contains { $0.text.utf8.count > 20_000 }, "\(path): a literal without end")
    }
  }
}
