import ArgumentParser
import Disk
import Domain
import Glibc
import Inference
import Service

/// `carillon model predict`
struct ModelPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a CSV file, as CSV.",
    discussion: """
      The header of the inputs names the features, in any order when the model names them too. An empty \
      cell or `nan` is a missing value.
      """)

  @Option(help: "The model file.")
  var model: String

  @Option(help: "A CSV file with a header and one row of features a line.")
  var inputs: String

  func run() throws {
    let loaded = try ModelFile(model).model
    let rows = try FeatureRows(inputs, of: loaded)
    let table = PredictionTable(loaded)
    var text = table.header.joined(separator: ",") + "\n"
    for row in rows.windows(of: loaded) {
      let raw = loaded.predict(row)
      text += (raw + loaded.transform(raw)).map(table.text).joined(separator: ",") + "\n"
    }
    StandardStream.output.write(text: text)
  }
}

/// Rows of features from a CSV file, in the order of a model.
private struct FeatureRows {
  private var rows: [[Double]] = []

  init(_ path: String, of model: Model) throws(Fault) {
    let text = try TextFile.read(path)
    let lines = text.split(omittingEmptySubsequences: true) { $0.isNewline }
    guard let header = lines.first else {
      throw Fault("read", path, cause: "it is empty", exit: .data)
    }
    let names = header.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let places = try Self.places(names, model, path)
    for (index, line) in lines.enumerated().dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count == names.count else {
        throw Fault(
          "read", path, cause: "\(cells.count) cells, and the header has \(names.count)",
          exit: .data, location: SourceLocation(file: path, line: index + 1, column: 1))
      }
      var row: [Double] = []
      for place in places {
        guard let value = Self.number(cells[place]) else {
          throw Fault(
            "read", path, cause: "`\(cells[place])` is no number", exit: .data,
            location: SourceLocation(file: path, line: index + 1, column: 1))
        }
        row.append(value)
      }
      rows.append(row)
    }
  }

  /// The rows, or for a model that reads windows each window of consecutive ones.
  func windows(of model: Model) -> [[Double]] {
    guard model.windowLength > 1 else { return rows }
    guard rows.count >= model.windowLength else { return [] }
    return (0...(rows.count - model.windowLength)).map { start in
      rows[start..<start + model.windowLength].flatMap { $0 }
    }
  }

  private static func places(
    _ names: [String], _ model: Model, _ path: String
  ) throws(Fault) -> [Int] {
    if let wanted = model.featureNames, wanted.allSatisfy(names.contains) {
      return wanted.compactMap { names.firstIndex(of: $0) }
    }
    guard names.count == model.featureCount else {
      throw Fault(
        "read", path,
        cause: "it has \(names.count) columns, and the model reads \(model.featureCount) features",
        remedy: model.featureNames.map { "they are: \($0.joined(separator: ", "))" }, exit: .data)
    }
    return Array(names.indices)
  }

  private static func number(_ text: Substring) -> Double? {
    let text = text.trimmingPrefix(" ")
    if text.isEmpty { return .nan }
    return Double(String(text))
  }
}
