import Domain
import Inference
import Testing

/// What a damaged or foreign model file gets: where, what, and what to do.
@Suite("Model files that are wrong")
struct ModelErrorTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    let file: String
    let old: String
    let new: String
    let place: String?
    let cause: String
    var remedy: String?
    var testDescription: String { "\(file): \(cause)" }

    init(
      _ file: String, _ old: String, _ new: String, at place: String?, _ cause: String,
      _ remedy: String? = nil
    ) {
      (self.file, self.old, self.new) = (file, old, new)
      (self.place, self.cause, self.remedy) = (place, cause, remedy)
    }
  }

  static let again = "export the model again"

  static let wrong = [
    // The line and column count from the golden file.
    Wrong(
      "lgb_regression.txt", "version=v4", "version=v9", at: "2:9",
      "the model's version is 'v9'; v3 and v4 are understood", "save it with LightGBM 3 or 4"),
    Wrong(
      "lgb_binary.txt", "objective=binary sigmoid", "objective=binray sigmoid", at: "7:11",
      "there is no objective 'binray'", "did you mean 'binary'?"),
    Wrong(
      "lgb_regression.txt", "feature_names=a b c d day symbol", "feature_names=a b c d day",
      at: "8:15", "there are 5 feature names, but max_feature_idx is 5"),
    Wrong(
      "lgb_regression.txt", "feature_names=a b c d day symbol", "feature_names=a b a d day symbol",
      at: "8:19", "the feature 'a' is listed twice"),
    Wrong(
      "lgb_regression.txt", "end of trees\n", "", at: "end",
      "the file ends before 'end of trees': it was cut short", "copy or export the model again"),
    Wrong(
      "lgb_regression.txt", "Tree=1", "Tree=2", at: "line",
      "'Tree=1' is expected here", again),
    Wrong(
      "lgb_regression.txt", "num_leaves=8", "num_leaves=0", at: "13:12",
      "0 in 'num_leaves' is outside 1 to 131072"),
    Wrong(
      "lgb_regression.txt", "num_leaves=8", "num_leaves=9", at: "line",
      "tree 0 has 8 values in 'leaf_value', but 9 are needed", again),
    Wrong("linear.json", "", "", at: "1:1", "the file is empty"),
    Wrong(
      "xgb_squared.json", "reg:squarederror", "reg:squareerror", at: "line",
      "there is no objective 'reg:squareerror'", "did you mean 'reg:squarederror'?"),
    Wrong(
      "xgb_squared.json", "\"name\":\"gbtree\"", "\"name\":\"gbforest\"", at: "line",
      "there is no booster 'gbforest'", "known: gbtree, dart, gblinear"),
    Wrong(
      "xgb_squared.json", "\"num_feature\":\"6\",\"num_target\"",
      "\"num_feature\":\"7\",\"num_target\"",
      at: "line", "there are 6 feature names, but num_feature is 7"),
    Wrong(
      "xgb_logistic.json", "\"base_score\":\"[", "\"base_score\":\"[9,", at: "line",
      "the base score 9.0 is impossible for binary:logistic"),
  ]

  @Test("a damaged file is refused with place, cause and remedy", arguments: wrong)
  func damaged(_ wrong: Wrong) throws {
    var text = ""
    if !wrong.old.isEmpty {
      text = String(
        decoding: try GoldenFile.bytes("\(GoldenFile.folder)/\(wrong.file)"), as: UTF8.self)
      let found = try #require(range(of: wrong.old, in: text))
      text.replaceSubrange(found, with: wrong.new)
    }
    do throws(Fault) {
      _ = try Model.load(Array(text.utf8), file: wrong.file)
      Issue.record("it was accepted")
    } catch {
      #expect(error.cause == wrong.cause)
      #expect(error.remedy == wrong.remedy)
      let location = try #require(error.location)
      if wrong.place?.contains(":") == true {
        #expect("\(location.line):\(location.column)" == wrong.place)
      }
    }
  }

  @Test(
    "a child that was reached before, or lies outside, is refused", arguments: ["0", "-9", "7"])
  func brokenLink(_ child: String) throws {
    let text = String(
      decoding: try GoldenFile.bytes("\(GoldenFile.folder)/lgb_regression.txt"), as: UTF8.self)
    let start = try #require(range(of: "left_child=", in: text)).upperBound
    let end = try #require(text[start...].firstIndex(of: " "))
    let mutated = text[..<start] + child + text[end...]
    #expect(throws: Fault.self) { try Model.load(Array(mutated.utf8), file: "m") }
  }

  @Test("a description without weights says where it belongs")
  func descriptionAlone() {
    let text = "{\"config\": {\"inp\": 1}}"
    do throws(Fault) {
      _ = try Model.load(Array(text.utf8), file: "m.json")
      Issue.record("it was accepted")
    } catch {
      #expect(error.cause == "this describes an LSTM whose weights are elsewhere")
      #expect(error.remedy == "name the .safetensors file; this one is found beside it")
    }
    #expect(Model.descriptionName(of: "models/m.safetensors") == "models/m.json")
    #expect(Model.descriptionName(of: "models/m.txt") == nil)
  }

  @Test(
    "a description that does not fit the weights is refused",
    arguments: [
      ("\"hid\": 6", "'lstm.weight_ih_l0' has the shape [20, 3], but [24, 3] is needed"),
      ("\"hid\": 5, \"layers\": 2", "there is no tensor 'lstm.weight_ih_l1'"),
      ("\"hid\": 5, \"bi\": true", "there is no tensor 'lstm.weight_ih_l0_reverse'"),
      ("\"hid\": 5, \"act\": \"sigmoyd\"", "there is no activation 'sigmoyd'"),
      ("\"hid\": 0", "config.hid is 0; it must be 1 to 4096"),
      ("\"hid\": 5, \"hidden\": 5", "unknown key 'hidden'"),
    ])
  func description(_ fields: String, _ cause: String) throws {
    let bytes = try GoldenFile.bytes("\(GoldenFile.folder)/lstm_plain.safetensors")
    let text = "{\"config\": {\"inp\": 3, \"seq\": 7, \(fields)}}"
    do throws(Fault) {
      _ = try Model.load(bytes, file: "m.safetensors", description: (Array(text.utf8), "m.json"))
      Issue.record("it was accepted")
    } catch {
      #expect(error.cause.hasSuffix(cause), "\(error)")
    }
  }

  @Test("the names of a description are the model's")
  func names() throws {
    let bytes = try GoldenFile.bytes("\(GoldenFile.folder)/lstm_plain.safetensors")
    let text = """
      {"name": "momentum", "features": ["x", "y", "z"],
       "config": {"inp": 3, "hid": 5, "seq": 7, "act": "sigmoid"}, "trained": "by hand"}
      """
    let model = try Model.load(
      bytes, file: "m.safetensors", description: (Array(text.utf8), "m.json"))
    #expect(model.name == "momentum" && model.featureNames == ["x", "y", "z"])
    #expect(model.windowLength == 7 && model.inputCount == 21)
  }

  private func range(of part: String, in text: String) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(part) {
        return start..<text.index(start, offsetBy: part.count)
      }
      start = text.index(after: start)
    }
    return nil
  }
}
