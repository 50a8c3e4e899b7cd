import ArgumentParser
import Cryptography
import Disk
import Domain
import Glibc
import Inference
import Jobs
import Service

/// `carillon model ...`
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Look into a model file, score rows with it.",
    subcommands: [ModelInspectCommand.self, ModelPredictCommand.self])
}

/// A model file read for a command.
struct ModelFile {
  let model: Model
  let sha256: String

  /// Reads a model, with the description beside it where its format needs one.
  ///
  /// - Throws: exit 66 when there is no such file, 65 when it is no model.
  init(_ path: String) throws(Fault) {
    let bytes = try TextFile.bytes(of: path, limit: Self.maximumSizeBytes)
    var description: (bytes: [UInt8], file: String)?
    if let name = Model.descriptionName(of: path), TextFile.exists(name) {
      description = (try TextFile.bytes(of: name, limit: Self.maximumSizeBytes), name)
    }
    model = try Model.load(bytes, file: path, description: description)
    sha256 = SHA256.hexadecimal(bytes)
  }

  private static let maximumSizeBytes = 512 << 20
}

/// `carillon model inspect`
struct ModelInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Say what a model file is: kind, features, outputs, hash.")

  @Argument(help: "The model file.")
  var file: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let loaded = try ModelFile(file)
    let model = loaded.model
    var facts: [(String, String)] = [("kind", model.kind.rawValue)]
    if let name = model.name { facts.append(("name", name)) }
    facts += [
      ("sha256", loaded.sha256), ("features", "\(model.featureCount)"),
      ("outputs", "\(model.outputCount)"), ("predictions", "\(model.predictionCount)"),
    ]
    if model.windowLength > 1 { facts.append(("window", "\(model.windowLength)")) }
    facts += model.facts.map { ($0.label, $0.value) }
    if output.json {
      return Console.out(
        .object([
          .init("schema", .string("carillon.model.inspect/1")), .init("file", .string(file)),
          .init(
            "feature_names",
            model.featureNames.map { .array($0.map { .string($0) }) } ?? .null),
          .init("facts", .object(facts.map { .init($0.0, .string($0.1)) })),
        ]))
    }
    var table = Table("WHAT", "VALUE")
    for (label, value) in facts { table.add(label, value) }
    output.print(table)
    if let names = model.featureNames { Console.out("features: \(names.joined(separator: ", "))") }
  }
}
