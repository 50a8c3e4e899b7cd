import Dashboard

/// A page that knows nothing of the database.
enum BarePage {
  static func text(_ title: String, _ content: HTML) -> String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) · Carillon</title>
      <link rel="icon" type="image/svg+xml" href="/assets/quiet.svg">
      <link rel="stylesheet" href="/assets/carillon.css"></head>
      <body><header><a class="brand" href="/">CARILLON</a></header>
      <main id="main"><h1>\(title)</h1>\(content)</main></body></html>

      """
    return page.text
  }

  /// What a browser is told where there is nothing.
  static let notThere = text(
    "There is no such page", "<p><a href=\"/\">Overview</a> leads to what there is.</p>")

  /// Why pages are not shown at an address that others can reach.
  static let closed = text(
    "The dashboard is closed at this address",
    """
    <p>Others can reach this address, and nobody can log in: so it shows what it knows to this machine \
    alone, at a loopback address, or where the settings say that others cannot reach it.</p>
    <h2>To see it</h2>
    <ul><li>With a password: <code>carillon web password NAME &gt; users</code>, set \
    <code>web: { users-file: users }</code> (or <code>CARILLON_WEB__USERS_FILE</code>), and restart. Put \
    a proxy with TLS before it: without, the password travels in the clear.</li>
    <li>From another machine, by a tunnel: set <code>web: { bind: 127.0.0.1 }</code>, restart, \
    then <code>ssh -L 8787:127.0.0.1:8787 HOST</code> there and open \
    <code>http://127.0.0.1:8787/</code>.</li>
    <li>In a container whose port is published on the host's loopback address alone \
    (<code>127.0.0.1:8787:8787</code>): set <code>web: { published: loopback }</code>, or \
    <code>CARILLON_WEB__PUBLISHED=loopback</code>.</li></ul>
    <p>Here are served all the same: <a href="/health">/health</a>, <a href="/livez">/livez</a>, \
    <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a>.</p>
    """)
}
