import CCrypt
import Cryptography
public import Domain

/// A hash of a password, as `crypt(5)` writes it: bcrypt (`$2a$`, `$2b$`, `$2y$`: also what `htpasswd -B`
/// makes) or yescrypt (`$y$`: what `carillon web password` makes).
public struct PasswordHash: Sendable {
  private let text: String

  /// bcrypt looks at no more: a longer password is refused with it, not cut.
  static let bcryptLimitBytes = 72
  /// No longer password is looked at.
  static let maximumPasswordBytes = 512
  /// CRYPT_OUTPUT_SIZE of libxcrypt.
  private static let outputBytes = 384

  /// The hash of a text.
  ///
  /// - Throws: what is wrong with it, without telling it.
  public init(_ text: String) throws(Fault) {
    func fault(_ cause: String, _ remedy: String) -> Fault {
      Fault("read", "a password's hash", cause: cause, remedy: remedy, exit: .configuration)
    }
    let make = "make one: carillon web password"
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw fault("it has a blank or a character that no hash has", make)
    }
    let isBcrypt = ["$2a$", "$2b$", "$2y$"].contains { text.hasPrefix($0) }
    guard isBcrypt || text.hasPrefix("$y$") else {
      if text.hasPrefix("$$") {
        throw fault(
          "each $ of it is doubled", "only a file of Compose wants $$; here write each $ once")
      }
      let isMangled = !text.hasPrefix("$") && (text.contains("/") || text.contains("."))
      throw isMangled
        ? fault(
          "it begins with no $: something took $2b$ or $y$ for a variable",
          "in a file of Compose write $$ for each $, or better give the file as a secret")
        : fault("it is neither bcrypt ($2b$) nor yescrypt ($y$)", make)
    }
    // $2b$12$ and 53 characters.
    guard !isBcrypt || text.utf8.count == 60 else {
      throw fault("a hash of bcrypt has 60 characters, this one \(text.utf8.count)", make)
    }
    self.text = text
  }

  private var isBcrypt: Bool { text.hasPrefix("$2") }

  /// Whether it is of this password. It takes a tenth of a second or so, on purpose, and blocks.
  public func matches(_ password: String) -> Bool {
    let limit = isBcrypt ? Self.bcryptLimitBytes : Self.maximumPasswordBytes
    guard !password.isEmpty, password.utf8.count <= limit, !password.utf8.contains(0),
      let made = Self.crypt(password, text)
    else { return false }
    return ConstantTime.areEqual(Array(made.utf8), Array(text.utf8))
  }

  /// A new hash of a password, by yescrypt.
  ///
  /// - Throws: exit 64 for a password that is too short or too long, exit 69 when the system has none.
  public static func make(_ password: String) throws(Fault) -> String {
    guard (8...maximumPasswordBytes).contains(password.utf8.count), !password.utf8.contains(0)
    else {
      throw Fault(
        "hash", "the password", cause: "it must have from 8 to \(maximumPasswordBytes) bytes",
        exit: .usage)
    }
    let setting = withUnsafeTemporaryAllocation(of: CChar.self, capacity: outputBytes) { buffer in
      carillon_gensalt("$y$", 0, buffer.baseAddress, Int32(outputBytes)) == 1
        ? buffer.baseAddress.map { String(cString: $0) } : nil
    }
    guard let setting, let hash = crypt(password, setting) else {
      throw Fault(
        "hash", "the password", cause: "the system's libcrypt makes no yescrypt",
        remedy: "use another tool's: htpasswd -nB USER", exit: .unavailable)
    }
    return hash
  }

  private static func crypt(_ password: String, _ setting: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: outputBytes) { buffer in
      carillon_crypt(password, setting, buffer.baseAddress, outputBytes) == 1
        ? buffer.baseAddress.map { String(cString: $0) } : nil
    }
  }
}
