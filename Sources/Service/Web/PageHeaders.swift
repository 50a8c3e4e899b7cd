import Hummingbird

/// The header fields of every answer: a browser loads nothing from elsewhere, runs no script that is
/// not ours, shows no page of ours in another's, and tells nobody where it came from.
enum PageHeaders {
  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  static func set(on response: inout Response) {
    for (name, value) in fields { response.headers[name] = value }
  }

  private static let fields: [(HTTPFields.Element.Name, String)] = {
    let texts = [
      ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
      ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    return texts.compactMap { name, value in HTTPFields.Element.Name(name).map { ($0, value) } }
  }()
}
