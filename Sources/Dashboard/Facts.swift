/// Figures with their names, side by side: the head of a page.
public struct Facts: Sendable {
  private var items: [(name: String, value: HTML)] = []

  /// None yet.
  public init() {}

  /// Adds one.
  public mutating func add(_ name: String, _ value: HTML) { items.append((name, value)) }

  /// Adds one, if there is one.
  public mutating func add(_ name: String, _ value: String?) {
    if let value { items.append((name, HTML(escaping: value))) }
  }

  /// The list.
  public var html: HTML {
    let list = items.map { item -> HTML in
      "<div><dt>\(item.name)</dt><dd>\(item.value)</dd></div>"
    }.joined
    return "<dl\(HTML.part) class=\"facts\">\(list)</dl>\(HTML.partEnd)"
  }
}
