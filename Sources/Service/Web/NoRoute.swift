import Hummingbird
import HummingbirdCore
import NIOCore

/// What is answered where there is no route: a page to a browser, JSON in the API, a line to anybody else.
struct NoRoute: RouterMiddleware {
  typealias Context = WebContext
  let requests: RequestCounter

  func handle(
    _ request: Request, context: WebContext,
    next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      requests.add("other", 404)
      if request.uri.path.hasPrefix("/api/") {
        return DashboardRoutes.json(.notFound, MachineAnswers.notFound)
      }
      if request.headers[.accept]?.contains("text/html") == true {
        return DashboardRoutes.html(.notFound, BarePage.notThere)
      }
      return Response(
        status: .notFound,
        headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
        body: .init(
          byteBuffer: ByteBuffer(string: "there is no such page; / lists what there is\n")))
    }
  }
}
