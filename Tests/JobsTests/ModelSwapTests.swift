import Cryptography
import Domain
import Foundation
import Inference
import Store
import StrictYAML
import Testing

@testable import Jobs

/// Model files that are replaced while jobs run.
@Suite struct ModelSwapTests {
  /// A bench with rows of features, and the infer job, whose model scores `up` by its weight.
  private func bench() async throws -> (Workbench, any Job) {
    let bench = try Workbench()
    try bench.model(weights: "[1]")
    try bench.candles("AAA", (0..<40).map { 100 + Double($0 * 7 % 13) })
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 40)?.state == .succeeded)
    }
    return (bench, try bench.job(.infer, settings))
  }

  /// Files that must not be taken, with a part of the reason.
  private static let bad: [(model: String?, cause: String)] = [
    (nil, "no such file"),
    ("", "the file is empty"),
    (#"{"kind":"linear","version":1,"features":["up"],"wei"#, "cannot load the model"),
    (#"{"kind":"linear","version":1,"features":["down"],"weights":[1]}"#, "not computed: down"),
    // roc(1) of the rows goes up to some 13 percent, and the largest number is 1.8e308.
    (
      #"{"kind":"linear","version":1,"features":["up"],"weights":[1e308]}"#,
      "gives no finite score on"
    ),
    (
      #"{"kind":"linear","version":1,"features":["mean"],"weights":[-1e308]}"#,
      "gives no finite score on 39 of the last 40 rows"
    ),
  ]

  private func place(_ text: String?, in bench: Workbench) throws {
    let url = bench.folder.appending(path: "model.json")
    if FileManager.default.fileExists(atPath: url.path) {
      try FileManager.default.removeItem(at: url)
    }
    if let text { try bench.write(text, to: "model.json") }
  }

  private func audit(_ bench: Workbench) throws -> [String] {
    try bench.store.read { try $0.audit.latest(limit: 9, kind: "model").map(\.text) }
  }

  @Test func aGoodFileTakesOverAndTheChangeIsOnRecord() async throws {
    let (bench, infer) = try await bench()
    let first = try await bench.run(infer, hours: 40)
    #expect(first?.reason == nil)
    #expect(try audit(bench).isEmpty)
    try place(
      #"{"kind":"linear","version":1,"features":["up"],"weights":[2]}"#, in: bench)
    let second = try await bench.run(infer, hours: 41)
    #expect(second?.state == .succeeded)
    #expect(second?.reason == nil)
    let (before, after) = try bench.store.read { transaction in
      let job = try #require(JobName("infer"))
      return (
        try transaction.predictions.read(Slot(job: job, time: Workbench.start + .hours(40))),
        try transaction.predictions.read(Slot(job: job, time: Workbench.start + .hours(41)))
      )
    }
    #expect(try #require(after[0].score) == 2 * (try #require(before[0].score)))
    #expect(
      try audit(bench) == [
        "infer: \(bench.folder.path)/model.json: \(before[0].model) -> \(after[0].model)"
      ])
    // People are told once.
    let told = try #require(try bench.store.read { try $0.alerts.latest("model-swapped:infer") })
    #expect(told.state == .closed && told.count == 1)
    #expect(told.alert.text.contains("is \(after[0].model.prefix(12)) now"))
  }

  @Test(arguments: bad.indices)
  func aBadFileLeavesTheModelBeforeIt(index: Int) async throws {
    let (bench, infer) = try await bench()
    _ = try await bench.run(infer, hours: 40)
    let (text, cause) = Self.bad[index]
    try place(text, in: bench)
    // It is told of at every run for as long as it stands there.
    for hours in [41, 42] as [Int64] {
      let end = try await bench.run(infer, hours: hours)
      #expect(end?.state == .succeeded)
      #expect(end?.reason?.hasPrefix("model ") == true)
      #expect(end?.reason?.contains(" stays: ") == true)
      #expect(end?.reason?.contains(cause) == true)
      #expect(end?.result?.summary.hasPrefix("1 scores by linear") == true)
    }
    #expect(try audit(bench).isEmpty)
    let refused = try #require(try bench.store.read { try $0.alerts.open("model-refused:infer") })
    #expect(refused.count == 1, "it is still the same file")
    #expect(refused.alert.text.contains(cause))
    // A good one is taken afterwards.
    try place(#"{"kind":"linear","version":1,"features":["up"],"weights":[3]}"#, in: bench)
    #expect(try await bench.run(infer, hours: 42, force: true)?.reason == nil)
    #expect(try audit(bench).count == 1)
    #expect(try bench.store.read { try $0.alerts.open("model-refused:infer") } == nil)
  }

  @Test(arguments: bad.indices)
  func aRestartBesideABadFileGoesOnWithTheModelOfTheLastScores(index: Int) async throws {
    let (bench, infer) = try await bench()
    let first = try await bench.run(infer, hours: 40)
    try place(Self.bad[index].model, in: bench)
    let restarted = try bench.job(.infer, try bench.settings())
    let end = try await bench.run(restarted, hours: 41)
    #expect(end?.state == .succeeded)
    #expect(end?.reason?.contains(" stays: ") == true)
    #expect(end?.result?.summary == first?.result?.summary)
    // Without the archive there is nothing to go on with.
    try FileManager.default.removeItem(at: bench.folder.appending(path: "carillon.db.models"))
    let bare = try await bench.run(try bench.job(.infer, try bench.settings()), hours: 42)
    let isProved = Self.bad[index].cause.contains("finite")
    #expect(bare?.state == (isProved ? .succeeded : .failed))
  }

  @Test func aModelIsHeldToTheFeaturesItWasTrainedOn() async throws {
    let (bench, _) = try await bench()
    let settings = try bench.settings()
    let sha256 = try bench.store.read { try #require(try $0.features.sets().first).sha256 }
    for text in [sha256, String(sha256.prefix(8))] {
      _ = try bench.job(.infer, settings, with: "{ feature-set: \"\(text)\" }")
    }
    for text in [String(sha256.prefix(7)), String(sha256.reversed()), ""] {
      let found = #expect(throws: Diagnostics.self) {
        try bench.job(.infer, settings, with: "{ feature-set: \"\(text)\" }")
      }
      #expect(found?.items.first?.description.contains(sha256.prefix(12)) == true)
    }
  }

  @Test func theArchiveHoldsTheFilesAsTheyWereRead() async throws {
    let (bench, infer) = try await bench()
    _ = try await bench.run(infer, hours: 40)
    let file = try Data(contentsOf: bench.folder.appending(path: "model.json"))
    let archive = bench.folder.appending(path: "carillon.db.models")
    let names = try FileManager.default.contentsOfDirectory(atPath: archive.path)
    #expect(names == [SHA256.hexadecimal(file)])
    let kept = archive.appending(path: names[0]).appending(path: "model.json")
    #expect(try Data(contentsOf: kept) == file)
  }

  @Test func aDamagedArchiveIsNoModel() async throws {
    let (bench, infer) = try await bench()
    _ = try await bench.run(infer, hours: 40)
    let sha256 = SHA256.hexadecimal(
      try Data(contentsOf: bench.folder.appending(path: "model.json")))
    try bench.write(
      #"{"kind":"linear","version":1,"features":["up"],"weights":[9]}"#,
      to: "carillon.db.models/\(sha256)/model.json")
    let archive = ModelArchive(beside: bench.folder.appending(path: "carillon.db").path)
    #expect(archive.model(sha256, of: "model.json", .all) == nil)
  }

  @Test func theArchiveKeepsTheModelsUsedLast() throws {
    let bench = try Workbench()
    let folder = bench.folder.appending(path: "carillon.db.models")
    let archive = ModelArchive(beside: bench.folder.appending(path: "carillon.db").path)
    var hashes: [String] = []
    for weight in 0..<ModelArchive.maximumModels + 3 {
      let text = #"{"kind":"linear","version":1,"features":["up"],"weights":[\#(weight)]}"#
      let model = try LoadedModel([(name: "m.json", bytes: Array(text.utf8))], path: "m.json")
      try archive.keep(model)
      hashes.append(model.sha256)
      // Each a second younger than the one before, which the file system's clock does not promise.
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000_000 + Double(weight))],
        ofItemAtPath: folder.appending(path: model.sha256).path)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == Set(hashes.suffix(ModelArchive.maximumModels)))
  }

  /// A process that is killed while it keeps a model leaves a draft; one that is at work has a young one.
  @Test func theArchiveRemovesOldDrafts() throws {
    let bench = try Workbench()
    for name in [".old-abcdef", ".young-abcdef"] {
      try bench.write("{}", to: "carillon.db.models/\(name)/.model.json.tmp")
    }
    let folder = bench.folder.appending(path: "carillon.db.models")
    try FileManager.default.setAttributes(
      [.modificationDate: Date().addingTimeInterval(-2 * Double(ModelArchive.draftSeconds))],
      ofItemAtPath: folder.appending(path: ".old-abcdef").path)
    let text = #"{"kind":"linear","version":1,"features":["up"],"weights":[1]}"#
    let model = try LoadedModel([(name: "m.json", bytes: Array(text.utf8))], path: "m.json")
    try ModelArchive(beside: bench.folder.appending(path: "carillon.db").path).keep(model)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == [".young-abcdef", model.sha256])
  }
}
