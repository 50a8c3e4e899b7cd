import ArgumentParser
import Domain
import Inference
import Jobs

/// `carillon model ...`
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Look into a model file, score rows with it.",
    subcommands: [ModelInspectCommand.self, ModelPredictCommand.self])
}

/// `carillon model inspect`
struct ModelInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Say what a model file is: kind, features, outputs, hash.")

  @Argument(help: "The model file.", completion: .file())
  var file: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let loaded = try LoadedModel(path: file)
    let model = loaded.model
    var facts: [(String, String)] = [("kind", model.kind.rawValue)]
    if let name = model.name { facts.append(("name", name)) }
    facts += [
      ("sha256", loaded.sha256), ("features", "\(model.featureCount)"),
      ("outputs", "\(model.outputCount)"), ("predictions", "\(model.predictionCount)"),
    ]
    if model.windowLength > 1 { facts.append(("window", "\(model.windowLength)")) }
    if let calibration = model.calibration { facts.append(("calibrated", calibration.rawValue)) }
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
