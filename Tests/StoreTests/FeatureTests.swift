import Domain
import Testing

@testable import Store

@Suite("Features, models and scores")
struct FeatureTests {
  let database = TestDatabase()
  let store: Store
  let series: SeriesRecord
  let set: FeatureSet

  init() throws {
    store = try database.open()
    (series, set) = try store.write(at: at(0)) {
      (
        try $0.series.register(hourly()),
        try $0.features.register(
          sha256: "aa", specification: "sma(2)", names: ["sma(2)", "bollinger(20, 2).upper"])
      )
    }
  }

  func row(_ n: Int64, _ values: Double...) -> FeatureRow {
    FeatureRow(time: hour(n), values: values)
  }

  @Test func blobsAreLittleEndianDoubles() {
    // 1.0 is 0x3FF0000000000000, -2.5 is 0xC004000000000000: IEEE 754, binary64.
    let bytes = Float64Blob.withBytes([1.0, -2.5]) { Array($0) }
    #expect(bytes == [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0x04, 0xC0])
    #expect(bytes.withUnsafeBytes { Float64Blob.values($0) } == [1.0, -2.5])
    #expect(bytes.dropLast().withUnsafeBytes { Float64Blob.values($0) } == nil)
  }

  @Test func aSetIsItsHash() throws {
    let again = try store.write(at: at(1)) {
      try $0.features.register(
        sha256: "aa", specification: "sma(2)", names: ["sma(2)", "bollinger(20, 2).upper"])
    }
    #expect(again == set)
    #expect(set.names == ["sma(2)", "bollinger(20, 2).upper"])
    #expect(
      fault {
        try store.write(at: at(1)) {
          try $0.features.register(sha256: "aa", specification: "other", names: ["x"])
        }
      }?.exit == .internal)
    #expect(try store.read { try $0.features.sets() } == [set])
    #expect(try store.read { try $0.features.set(id: set.id) } == set)
  }

  @Test func rowsComeBackBitForBit() throws {
    let rows = [row(0, .nan, 1), row(1, 0.1, -0.0), row(2, .infinity, .leastNonzeroMagnitude)]
    for expected in [(3, 0, 0), (0, 0, 3)] {
      let counts = try store.write(at: at(1)) {
        try $0.features.upsert(rows, set: set, series: series, run: nil)
      }
      #expect((counts.inserted, counts.changed, counts.unchanged) == expected)
    }
    let read = try store.read { try $0.features.range(set, series, limit: 9) }
    #expect(
      read.map { $0.values.map(\.bitPattern) } == rows.map { $0.values.map(\.bitPattern) })
    let counts = try store.write(at: at(1)) {
      try $0.features.upsert([row(1, 0.1, 0.0)], set: set, series: series, run: nil)
    }
    #expect(counts.changed == 1)
    let last = try store.read {
      try $0.features.last(set, series, count: 2, atOrBefore: hour(1) + .minutes(59))
    }
    #expect(last.map(\.time) == [hour(0), hour(1)])
    #expect(
      try store.read {
        try $0.features.range(set, series, after: hour(0), through: hour(1), limit: 9)
      }
      .map(\.time) == [hour(1)])
    #expect(try store.read { try $0.features.count(set, series) } == 3)
  }

  @Test func statesAtTheTipAndKeptOnes() throws {
    for (n, isKept) in [(0, true), (1, false), (2, false), (3, true), (4, false)] as [(Int64, Bool)]
    {
      try store.write(at: at(1)) {
        try $0.states.save(
          FeatureState(time: hour(n), bytes: [UInt8(n), 255], isKept: isKept), set: set,
          series: series)
      }
    }
    #expect(try store.read { try $0.states.times(set, series) } == [0, 3, 4].map(hour))
    #expect(
      try store.read { try $0.states.state(set, series) }
        == FeatureState(time: hour(4), bytes: [4, 255]))
    #expect(
      try store.read { try $0.states.state(set, series, atOrBefore: hour(2)) }?.time
        == hour(0))
    try store.write(at: at(1)) { try $0.states.drop(set: set.id, series, after: hour(0)) }
    #expect(try store.read { try $0.states.times(set, series) } == [hour(0)])
  }

  @Test func predictionsOfASlotAreReplaced() throws {
    let model = ModelRecord(
      sha256: "bb", kind: "linear", name: nil, file: "models/a.json", features: set.names)
    let other = hourly("LTC-BTC")
    func replace(_ seconds: Int64, _ predictions: [Prediction]) throws {
      try store.write(at: at(seconds)) {
        try $0.models.register(model)
        try $0.predictions.replace(slot("infer", seconds), with: predictions, run: nil)
      }
    }
    let score = Prediction(
      series: hourly(), time: hour(0), score: 0.25, model: "bb", featureSet: set.id)
    let abstention = Prediction(
      series: other, time: nil, abstained: "no features", model: "bb", featureSet: set.id)
    try replace(60, [abstention])
    try replace(60, [abstention, score])
    #expect(try store.read { try $0.predictions.read(slot("infer", 60)) } == [score, abstention])
    try replace(120, [score])
    let latest = try store.read { try $0.predictions.latest(job("infer"), atOrBefore: at(119)) }
    #expect(latest?.slot == slot("infer", 60))
    #expect(latest?.predictions == [score, abstention])
    #expect(
      try store.read { try $0.predictions.latest(job("infer"), atOrBefore: at(59)) } == nil)
    #expect(try store.read { try $0.models.all() } == [model])
  }

  @Test func aScoreThatIsNoNumberIsAnAbstention() {
    let prediction = Prediction(
      series: hourly(), time: hour(0), score: .nan, model: "bb", featureSet: nil)
    #expect(prediction.score == nil)
    #expect(prediction.reason == "the score is nan")
  }
}
