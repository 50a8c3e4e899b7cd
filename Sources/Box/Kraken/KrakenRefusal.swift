/// An error of Kraken: the status is 200 whatever happened, and the words are all there is.
struct KrakenRefusal: Error, Hashable {
  var message: String

  init(_ message: String) { self.message = message }

  static let unknownPair = KrakenRefusal("EQuery:Unknown asset pair")
  static let unknownMethod = KrakenRefusal("EGeneral:Unknown method")
  static let unknownOrder = KrakenRefusal("EOrder:Unknown order")
  static let invalidOrder = KrakenRefusal("EOrder:Invalid order")

  static func invalid(_ argument: String) -> KrakenRefusal {
    KrakenRefusal("EGeneral:Invalid arguments:\(argument)")
  }
}
