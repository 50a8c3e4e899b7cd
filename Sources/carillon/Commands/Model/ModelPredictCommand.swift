public import ArgumentParser
import Disk
import Domain
import Inference
import Jobs
import Service

/// `carillon model predict`
struct ModelPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a CSV file, as CSV or JSON.",
    discussion: """
      The header of the inputs names the features, in any order; by their place they are taken only by \
      a model that names none. An empty cell or `nan` is a missing value.
      """)

  @Option(help: "The model file.", completion: .file())
  var model: String

  @Option(
    help: "A CSV file with a header and one row of features a line.",
    completion: .file(extensions: ["csv"]))
  var inputs: String

  @Option(help: "The rounds that are used of a model of XGBoost: all, or best (early stopping).")
  var rounds = ModelRounds.all

  @Flag(help: "Print one JSON object instead; what is no finite number is null.")
  var json = false

  func run() throws {
    let loaded = try LoadedModel(path: model, rounds: rounds).model
    let rows = try FeatureRows(try TextFile.read(inputs), path: inputs, of: loaded)
    let table = PredictionTable(loaded)
    if json {
      let scored = rows.windows(of: loaded).map { row -> JSONValue in
        let raw = loaded.predict(row)
        return .array(
          (raw + loaded.transform(raw)).map { $0.isFinite ? .number(table.text($0)) : .null })
      }
      Console.out(
        .object([
          .init("schema", .string("carillon.model.predict/1")),
          .init("columns", .array(table.header.map { .string($0) })), .init("rows", .array(scored)),
        ]))
      return
    }
    var text = table.header.joined(separator: ",") + "\n"
    for row in rows.windows(of: loaded) {
      let raw = loaded.predict(row)
      text += (raw + loaded.transform(raw)).map(table.text).joined(separator: ",") + "\n"
    }
    Console.out(whole: text)
  }
}

extension ModelRounds: ExpressibleByArgument {}
