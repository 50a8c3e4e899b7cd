import Domain
import Testing

@testable import carillon

@Suite struct RunArgumentTests {
  /// A number, JOB@SLOT and a job's name are told apart; what is none of them is nothing.
  @Test func whatNamesARun() {
    func word(_ text: String) -> String {
      switch RunArgument(text: text).meaning {
      case .number(let number): "number \(number)"
      case .slot(let slot): "slot \(slot.job) \(slot.time)"
      case .newest(let job): "newest \(job)"
      case nil: "nothing"
      }
    }
    #expect(word("17") == "number 17")
    #expect(word("fetch@2026-11-20T14:01:00Z") == "slot fetch 2026-11-20T14:01:00Z")
    #expect(word("fetch") == "newest fetch")
    #expect(word("fetch@yesterday") == "nothing")
    #expect(word("-1") == "nothing")
    #expect(word("") == "nothing")
  }
}
