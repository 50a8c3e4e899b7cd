import Disk
import Domain
import Glibc
import Testing

@testable import Service

@Suite struct ScheduleFollowerTests {
  private static let old = ScheduleFollower.Contents(text: "old", calendars: ["c": "open"])
  private static let new = ScheduleFollower.Contents(text: "new", calendars: ["c": "open"])
  private static let holiday = ScheduleFollower.Contents(text: "old", calendars: ["c": "closed"])
  private static let gone = Fault("look at", "s", cause: "Too many levels", exit: .io)
  private static let denied = Fault("look at", "s", cause: "Permission denied", exit: .io)

  /// What is seen, one after another, and the answer to each; `new` has a mistake where it is refused.
  @Test(
    arguments: [
      // An edit is followed once.
      ([.contents(old)], [nil], false),
      ([.contents(new), .contents(new)], [.follow(new), nil], false),
      // So is an edit of a calendar alone.
      ([.contents(holiday), .contents(old)], [.follow(holiday), .follow(old)], false),
      // A mistake is told once, and taken back when the edit is undone.
      (
        [.contents(new), .contents(new), .contents(old), .contents(old)],
        [.follow(new), nil, .mended, nil], true
      ),
      // Whatever the file system says is told once for each reason, and taken back.
      (
        [.unreadable(gone), .unreadable(gone), .unreadable(denied), .contents(old)],
        [.refuse(gone.description), nil, .refuse(denied.description), .mended], false
      ),
      // A file that comes back with another text is an edit.
      ([.unreadable(gone), .contents(new)], [.refuse(gone.description), .follow(new)], false),
      // One that was refused, went, and came back the same is refused again.
      (
        [.contents(new), .unreadable(gone), .contents(new)],
        [.follow(new), .refuse(gone.description), .follow(new)], true
      ),
    ] as [([ScheduleFollower.Sight], [ScheduleFollower.Answer?], Bool)])
  func answers(
    _ sights: [ScheduleFollower.Sight], _ answers: [ScheduleFollower.Answer?], _ isRefused: Bool
  ) {
    var follower = ScheduleFollower(Self.old)
    for (sight, expected) in zip(sights, answers) {
      let answer = follower.see(sight)
      #expect(answer == expected)
      guard case .follow(let contents)? = answer else { continue }
      if isRefused {
        follower.refused(contents, because: "a mistake")
        #expect(follower.active == Self.old && follower.trouble == "a mistake")
      } else {
        follower.followed(contents)
        #expect(follower.active == contents && follower.trouble == nil)
      }
    }
  }

  @Test func whoAsksForItIsAnsweredWhateverIsSeen() {
    var follower = ScheduleFollower(Self.old)
    #expect(follower.see(.contents(Self.old), isForced: true) == .follow(Self.old))
    for _ in 0..<2 {
      #expect(
        follower.see(.unreadable(Self.gone), isForced: true) == .refuse(Self.gone.description))
    }
  }
}

@Suite struct SettingsFollowerTests {
  private static let fault = Fault("read", "carillon.yaml", cause: "gone", exit: .noInput)

  @Test(
    arguments: [
      ([.success("a")], [nil]), ([.success("b"), .success("b")], [.changed, nil]),
      ([.success("b"), .success("a")], [.changed, .asRead]),
      // One with a mistake is not "restart needed": the restart would fail.
      (
        [.success("bad"), .success("b"), .success("bad"), .success("a")],
        [.broken("bad is bad"), .changed, .broken("bad is bad"), .asRead]
      ),
      (
        [.failure(fault), .failure(fault), .success("a")],
        [.broken(fault.description), nil, .asRead]
      ),
    ] as [([Result<String, Fault>], [SettingsFollower.Answer?])])
  func answers(_ sights: [Result<String, Fault>], _ answers: [SettingsFollower.Answer?]) {
    var follower = SettingsFollower(path: "carillon.yaml", text: "a") {
      $0 == "bad" ? "bad is bad" : nil
    }
    for (sight, expected) in zip(sights, answers) { #expect(follower.see(sight) == expected) }
  }
}

@Suite struct FollowedFileTests {
  private let folder: ServiceFolder

  init() throws { folder = try ServiceFolder() }

  private func text(_ seen: Result<String, Fault>?) -> String? {
    switch seen {
    case nil: nil
    case .success(let text): text
    case .failure(let fault): "! \(fault.cause)"
    }
  }

  @Test func readsOnceAndAgainWhenItWasReplaced() throws {
    let path = folder.path + "/followed"
    try TextFile.create(path, "one")
    var file = FollowedFile(path: path, remedy: "")
    #expect(text(file.look(isForced: false)) == "one")
    #expect(text(file.look(isForced: false)) == nil)
    #expect(text(file.look(isForced: true)) == "one")
    try TextFile.create(path, "two", replace: true)
    #expect(text(file.look(isForced: false)) == "two")
    // It goes, also before the next look, and comes back as it was.
    unlink(path)
    #expect(text(file.look(isForced: false)) == "! No such file or directory")
    try TextFile.create(path, "two")
    #expect(text(file.look(isForced: false)) == "two")
  }

  @Test func oneThatIsGoneBeforeTheFirstLookIsNoticed() {
    var file = FollowedFile(path: folder.path + "/never", remedy: "")
    #expect(text(file.look(isForced: false)) == "! No such file or directory")
  }

  /// The folder becomes a loop of links, as a mount that vanished may look, and is then put right.
  @Test func aFolderThatCannotBeLookedAtIsASightToo() throws {
    let path = folder.path + "/link"
    symlink("link", path)
    var file = FollowedFile(path: path + "/schedules.yaml", remedy: "")
    for _ in 0..<2 {
      #expect(text(file.look(isForced: false)) == "! Too many levels of symbolic links")
    }
    unlink(path)
    symlink(folder.path, path)
    #expect(text(file.look(isForced: false)) == ServiceFolder.schedules)
  }
}
