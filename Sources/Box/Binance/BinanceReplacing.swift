import Domain
import Exchange

// Cancelling an order and placing another in one request.
extension BinanceSkin {
  /// The parameters of the cancel, by the names that a cancel alone has for them.
  private static let cancelNames = [
    "cancelOrderId": "orderId", "cancelOrigClientOrderId": "origClientOrderId",
    "cancelNewClientOrderId": "newClientOrderId", "cancelRestrictions": "cancelRestrictions",
    "symbol": "symbol",
  ]

  mutating func cancelReplace(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    let mode = try parameters.text("cancelReplaceMode")
    guard mode == "STOP_ON_FAILURE" || mode == "ALLOW_FAILURE" else {
      throw .invalid("cancelReplaceMode")
    }
    let request = try order(parameters, as: account)
    let cancel = parameters.renamed(Self.cancelNames)
    guard cancel.has("orderId") || cancel.has("origClientOrderId") else {
      throw .missing(oneOf: "cancelOrigClientOrderId", "cancelOrderId")
    }
    let cancelled = Step { () throws(BinanceRefusal) in
      .object(try self.cancelledRow(cancel, as: account))
    }
    var placed: Step?
    if cancelled.isDone || mode == "ALLOW_FAILURE" {
      placed = Step { () throws(BinanceRefusal) in
        .object(try self.placedRow(request, as: account))
      }
    }
    let data = JSONValue.object([
      .init("cancelResult", .string(cancelled.word)),
      .init("newOrderResult", .string(placed?.word ?? "NOT_ATTEMPTED")),
      .init("cancelResponse", cancelled.told), .init("newOrderResponse", placed?.told ?? .null),
    ])
    let placedIsDone = placed?.isDone ?? false
    if cancelled.isDone, placedIsDone { return WireReply(data) }
    let isPart = cancelled.isDone || placedIsDone
    var reply = WireReply(
      .object([
        .init("code", .number(isPart ? -2021 : -2022)),
        .init(
          "msg",
          .string("Order cancel-replace \(isPart ? "partially failed." : "failed.")")),
        .init("data", data),
      ]), status: isPart ? 409 : 400)
    reply.refusal = isPart ? "-2021" : "-2022"
    return reply
  }

  /// One of both steps: what became of it.
  private struct Step {
    let isDone: Bool
    let told: JSONValue
    var word: String { isDone ? "SUCCESS" : "FAILURE" }

    init(_ body: () throws(BinanceRefusal) -> JSONValue) {
      do throws(BinanceRefusal) {
        told = try body()
        isDone = true
      } catch {
        told = .object([
          .init("code", .number(error.code)), .init("msg", .string(error.message)),
        ])
        isDone = false
      }
    }
  }
}
