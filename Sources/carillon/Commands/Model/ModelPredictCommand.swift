public import ArgumentParser
import Disk
import Domain
import Inference
import Jobs
import Service

/// `carillon model predict`
struct ModelPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a CSV file, as CSV.",
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

  func run() throws {
    let loaded = try LoadedModel(path: model, rounds: rounds).model
    let rows = try FeatureRows(try TextFile.read(inputs), path: inputs, of: loaded)
    let table = PredictionTable(loaded)
    var text = table.header.joined(separator: ",") + "\n"
    for row in rows.windows(of: loaded) {
      let raw = loaded.predict(row)
      text += (raw + loaded.transform(raw)).map(table.text).joined(separator: ",") + "\n"
    }
    Console.out(whole: text)
  }
}

extension ModelRounds: ExpressibleByArgument {}
