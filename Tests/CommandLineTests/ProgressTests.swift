import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if os(Linux)
  /// A terminal that only a test looks at.
  private final class Terminal {
    private let number: Int32
    let path: String

    init() throws {
      number = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      // posix_openpt and its kin are hidden from Swift; these are what they ask of Linux.
      let (unlock, askNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
      var value: Int32 = 0
      try #require(number >= 0 && ioctl(number, unlock, &value) == 0)
      try #require(ioctl(number, askNumber, &value) == 0)
      path = "/dev/pts/\(value)"
    }

    deinit { close(number) }

    /// What was written to it by processes that have all ended.
    func text() -> String {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while case let count = read(number, &buffer, buffer.count), count > 0 {
        bytes += buffer.prefix(count)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

#endif

@Suite("progress") struct ProgressTests {
  #if os(Linux)
    @Test(
      "is drawn on a terminal: what, how far, how fast, how long; and cleared at the end",
      .enabled(if: access("/dev/ptmx", R_OK | W_OK) == 0))
    func onATerminal() throws {
      let place = try Workspace.withActivations()
      let terminal = try Terminal()
      let outcome = try Command.start(
        words(small + " --out r --seeds 0,1"), in: place, errorsTo: terminal.path
      ).wait()
      #expect(outcome.ending == .exit(0))
      #expect(outcome.output.hasPrefix("seed 0: fvu "))
      let text = terminal.text()
      #expect(text.hasPrefix("\r\u{1B}[Kseed 0 ["))
      #expect(text.contains("seed 1 [########################] 40/40 "))
      #expect(text.contains("/s, 0 s left, loss "))
      #expect(text.hasSuffix("\r\u{1B}[K"))
    }

  #endif

  @Test("is not drawn where there is no terminal")
  func piped() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r --seeds 0,1", in: place)
  }
}
