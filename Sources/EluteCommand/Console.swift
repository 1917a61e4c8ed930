import Elute

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is printed where: results on standard output, everything else on standard error.
enum Console {
  /// Whether standard error is a terminal, where progress may be drawn.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// Writes a line to standard error.
  static func error(_ line: String) { write(line + "\n") }

  /// Prints a value as JSON: keys sorted, numbers that are not finite as text.
  static func json(_ value: some Encodable) throws {
    print(try JSONFile.text(of: value))
  }

  /// Prints a value as one line of JSON, which a program on the other end of a pipe sees at once.
  static func jsonLine(_ value: some Encodable) throws {
    print(try JSONFile.text(of: value, pretty: false))
    fflush(nil)
  }

  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { writeBytes($0.baseAddress, $0.count) }
  }
}

/// A line on the terminal that is drawn again as work goes on: share done, rate, time left.
///
/// Nothing is drawn when standard error is not a terminal.
struct ProgressLine {
  private let isDrawn = Console.isTerminal
  private var last = ContinuousClock.now - .seconds(1)

  mutating func draw(
    _ label: String, from first: Int = 0, done: Int, of total: Int, seconds: Double,
    detail: String = ""
  ) {
    let now = ContinuousClock.now
    guard isDrawn, now - last > .milliseconds(100) || done == total else { return }
    last = now
    let share = total > 0 ? Double(done) / Double(total) : 1
    let width = 24
    let filled = Int(share * Double(width))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let rate = seconds > 0 ? Double(done - first) / seconds : 0
    let left = rate > 0 ? duration(Double(total - done) / rate) : "?"
    Console.write(
      "\r\u{1B}[K\(label) [\(bar)] \(done)/\(total) \(Int(rate))/s, \(left) left\(detail)")
  }

  /// Draws work whose end nobody knows.
  mutating func draw(_ text: String) {
    let now = ContinuousClock.now
    guard isDrawn, now - last > .milliseconds(100) else { return }
    last = now
    Console.write("\r\u{1B}[K\(text)")
  }

  func clear() {
    if isDrawn { Console.write("\r\u{1B}[K") }
  }
}

/// Seeds in words, such as `seeds 0 to 7`.
func names(_ seeds: [UInt64]) -> String {
  guard seeds.count > 1 else { return "seed \(seeds.first ?? 0)" }
  let isRun = zip(seeds, seeds.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 == 1 }
  return isRun && seeds.count > 2
    ? "seeds \(seeds[0]) to \(seeds[seeds.count - 1])"
    : "seeds " + seeds.map(String.init).joined(separator: ", ")
}

/// A time in words that fit a line, such as `42 s` or `1 h 5 min`.
func duration(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  if whole < 100 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole / 60 % 60) min"
}

/// A size in words, such as `1.2 GB`.
func size(_ bytes: Int) -> String {
  let units = ["B", "kB", "MB", "GB", "TB"]
  var value = Double(bytes)
  var unit = 0
  while value >= 1000, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  return "\(fixed(value, unit == 0 ? 0 : 1)) \(units[unit])"
}

/// A number with a fixed number of decimals; one too large to have any is written with an exponent.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite else { return "not defined" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  guard abs(value) * scale < 9e15 else { return "\(value)" }
  let whole = (abs(value) * scale).rounded()
  let sign = value < 0 && whole > 0 ? "-" : ""
  let integer = Int(whole / scale)
  guard decimals > 0 else { return sign + String(integer) }
  let fraction = String(Int(whole) % Int(scale))
  return sign + "\(integer)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

private func writeBytes(_ start: UnsafeRawPointer?, _ count: Int) -> Int { write(2, start, count) }
