import Domain

/// Turns expressions into instructions, checking names, types and limits on the way.
///
/// From loosest to tightest: `c ? a : b`, `or`, `and`, `not`, one comparison, `+ -`, `* /`, unary
/// minus, then numbers, names, calls and parentheses. Numbers and truth values do not mix.
struct RuleCompiler {
  /// The deepest nesting of an expression.
  static let maximumDepth = 32
  /// Words that no feature and no `let` may have as its name.
  static let reserved =
    [
      "and", "or", "not", "let", "score", "rules", "name", "features", "true", "false",
    ] + functions.keys.sorted()

  private static let functions: [String: (RuleProgram.Instruction, arity: Int)] = [
    "abs": (.absolute, 1), "sqrt": (.squareRoot, 1), "exp": (.exponential, 1),
    "log": (.logarithm, 1), "min": (.minimum, 2), "max": (.maximum, 2), "missing": (.isMissing, 1),
  ]

  /// What an expression yields.
  enum Kind: String { case number = "a number", truth = "a truth value" }

  private let source: ModelSource
  private let features: [String: Int]
  private let featureNames: [String]
  private var names: [String: (slot: Int, kind: Kind)] = [:]
  private(set) var instructions: [RuleProgram.Instruction] = []
  private var tokens: [RuleToken] = []
  private var next = 0
  private var depth = 0
  private var stack = 0

  init(_ source: ModelSource, features: [String]) {
    self.source = source
    featureNames = features
    self.features = Dictionary(uniqueKeysWithValues: zip(features, features.indices))
  }

  /// `NAME = expression`.
  mutating func define(_ range: Range<Int>) throws(Fault) {
    tokens = try RuleToken.tokens(of: source, in: range)
    next = 0
    let token = take()
    guard case .word(let name) = token.content else {
      throw fault(token, "expected a name after 'let', found \(token.description)")
    }
    guard !Self.reserved.contains(name), features[name] == nil, names[name] == nil else {
      throw fault(token, "the name '\(name)' is taken")
    }
    guard names.count < RuleProgram.maximumNames else {
      throw fault(token, "there are more than \(RuleProgram.maximumNames) 'let' lines")
    }
    try expect("=")
    let kind = try expression()
    try expectEnd()
    let slot = names.count
    names[name] = (slot, kind)
    try emit(.keep(slot), token, growth: -1)
  }

  /// The expression of the score, a number.
  mutating func score(_ range: Range<Int>) throws(Fault) {
    tokens = try RuleToken.tokens(of: source, in: range)
    next = 0
    let start = tokens[0]
    let kind = try expression()
    try expectEnd()
    guard kind == .number else {
      throw fault(
        start, "the score must be a number, but this is a truth value",
        remedy: "write 'condition ? 1 : 0'")
    }
  }

  // MARK: Tokens

  private var peek: RuleToken { tokens[next] }

  private mutating func take() -> RuleToken {
    defer { if next + 1 < tokens.count { next += 1 } }
    return tokens[next]
  }

  private mutating func take(_ content: RuleToken.Content) -> RuleToken? {
    peek.content == content ? take() : nil
  }

  private mutating func expect(_ sign: String) throws(Fault) {
    let token = take()
    guard token.content == .sign(sign) else {
      throw fault(token, "expected '\(sign)', found \(token.description)")
    }
  }

  private mutating func expectEnd() throws(Fault) {
    guard peek.content == .end else {
      throw fault(
        peek, "expected an operator or the end of the expression, found \(peek.description)")
    }
  }

  private func fault(_ token: RuleToken, _ cause: String, remedy: String? = nil) -> Fault {
    source.fault(at: token.offset, cause, remedy: remedy)
  }

  private mutating func emit(
    _ instruction: RuleProgram.Instruction, _ token: RuleToken, growth: Int
  ) throws(Fault) {
    stack += growth
    guard stack <= RuleProgram.maximumStack,
      instructions.count < RuleProgram.maximumInstructions
    else { throw fault(token, "the rule is too long here", remedy: "part it with 'let' lines") }
    instructions.append(instruction)
  }

  private func require(_ kind: Kind, is wanted: Kind, _ token: RuleToken) throws(Fault) {
    guard kind == wanted else {
      throw fault(token, "expected \(wanted.rawValue) here, but this is \(kind.rawValue)")
    }
  }

  // MARK: Grammar

  private mutating func expression() throws(Fault) -> Kind {
    guard depth < Self.maximumDepth else {
      throw fault(
        peek, "nested more than \(Self.maximumDepth) deep", remedy: "part it with 'let' lines")
    }
    depth += 1
    defer { depth -= 1 }
    let start = peek
    let condition = try disjunction()
    guard let question = take(.sign("?")) else { return condition }
    try require(condition, is: .truth, start)
    let first = try expression()
    try expect(":")
    let other = peek
    try require(try expression(), is: first, other)
    try emit(.choose, question, growth: -2)
    return first
  }

  private mutating func disjunction() throws(Fault) -> Kind {
    let start = peek
    let kind = try conjunction()
    while let word = take(.word("or")) {
      try require(kind, is: .truth, start)
      let other = peek
      try require(try conjunction(), is: .truth, other)
      try emit(.or, word, growth: -1)
    }
    return kind
  }

  private mutating func conjunction() throws(Fault) -> Kind {
    let start = peek
    let kind = try negation()
    while let word = take(.word("and")) {
      try require(kind, is: .truth, start)
      let other = peek
      try require(try negation(), is: .truth, other)
      try emit(.and, word, growth: -1)
    }
    return kind
  }

  private mutating func negation() throws(Fault) -> Kind {
    var words: [RuleToken] = []
    while let word = take(.word("not")) { words.append(word) }
    let start = peek
    let kind = try comparison()
    for word in words {
      try require(kind, is: .truth, start)
      try emit(.not, word, growth: 0)
    }
    return kind
  }

  private static let comparisons: [String: RuleProgram.Instruction] = [
    "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual, "==": .equal,
    "!=": .unequal,
  ]

  private mutating func comparison() throws(Fault) -> Kind {
    let start = peek
    let kind = try sum()
    guard case .sign(let sign) = peek.content, let instruction = Self.comparisons[sign] else {
      if peek.content == .sign("=") {
        throw fault(peek, "'=' compares nothing", remedy: "write '=='")
      }
      return kind
    }
    let token = take()
    try require(kind, is: .number, start)
    let other = peek
    try require(try sum(), is: .number, other)
    try emit(instruction, token, growth: -1)
    if case .sign(let again) = peek.content, Self.comparisons[again] != nil {
      throw fault(peek, "comparisons do not chain", remedy: "write 'a < b and b < c'")
    }
    return .truth
  }

  private mutating func sum() throws(Fault) -> Kind {
    try chain(["+": .add, "-": .subtract]) { (compiler) throws(Fault) in try compiler.product() }
  }

  private mutating func product() throws(Fault) -> Kind {
    try chain(["*": .multiply, "/": .divide]) { (compiler) throws(Fault) in try compiler.factor() }
  }

  private mutating func chain(
    _ signs: [String: RuleProgram.Instruction],
    _ operand: (inout RuleCompiler) throws(Fault) -> Kind
  ) throws(Fault) -> Kind {
    let start = peek
    let kind = try operand(&self)
    while case .sign(let sign) = peek.content, let instruction = signs[sign] {
      let token = take()
      try require(kind, is: .number, start)
      let other = peek
      try require(try operand(&self), is: .number, other)
      try emit(instruction, token, growth: -1)
    }
    return kind
  }

  private mutating func factor() throws(Fault) -> Kind {
    var signs: [RuleToken] = []
    while let sign = take(.sign("-")) { signs.append(sign) }
    let start = peek
    let kind = try atom()
    for sign in signs {
      try require(kind, is: .number, start)
      try emit(.negate, sign, growth: 0)
    }
    return kind
  }

  private mutating func atom() throws(Fault) -> Kind {
    let token = take()
    switch token.content {
    case .number(let value):
      try emit(.constant(value), token, growth: 1)
      return .number
    case .sign("("):
      let kind = try expression()
      try expect(")")
      return kind
    case .word("true"), .word("false"):
      try emit(.constant(token.content == .word("true") ? 1 : 0), token, growth: 1)
      return .truth
    case .word(let word):
      if let function = Self.functions[word] { return try call(token, function) }
      return try name(word, token)
    default:
      throw fault(token, "expected a value, found \(token.description)")
    }
  }

  private mutating func name(_ word: String, _ token: RuleToken) throws(Fault) -> Kind {
    if let feature = features[word] {
      try emit(.feature(feature), token, growth: 1)
      return .number
    }
    if let name = names[word] {
      try emit(.kept(name.slot), token, growth: 1)
      return name.kind
    }
    let known = featureNames + names.keys.sorted()
    throw fault(
      token, "'\(word)' is not among the declared features",
      remedy: Spelling.nearest(word, among: known).map { "did you mean '\($0)'?" }
        ?? "add it to 'features:'")
  }

  private mutating func call(
    _ token: RuleToken, _ function: (RuleProgram.Instruction, arity: Int)
  ) throws(Fault) -> Kind {
    try expect("(")
    for argument in 0..<function.arity {
      if argument > 0 { try expect(",") }
      let start = peek
      try require(try expression(), is: .number, start)
    }
    try expect(")")
    try emit(function.0, token, growth: 1 - function.arity)
    return function.0 == .isMissing ? .truth : .number
  }
}
