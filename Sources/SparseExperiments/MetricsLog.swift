import RunRecords
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The logged steps of one seed, `metrics.jsonl`: a line a step, appended and flushed.
struct MetricsLog {
  private(set) var points: [CurvePoint] = []
  /// Seconds of training up to the last line.
  private(set) var seconds = 0.0
  private let path: String

  private struct Line: Codable {
    var point: CurvePoint
    var seconds: Double
  }

  /// Opens the log; lines beyond a step belong to work that is done again and are dropped.
  init(_ path: String, keepingUpTo step: Int) throws(TensorFileError) {
    self.path = path
    var kept = ""
    if let data = FileManager.default.contents(atPath: path) {
      let decoder = JSONFile.decoder
      for text in String(decoding: data, as: UTF8.self).split(separator: "\n") {
        // A line that a kill cut short is beyond the last checkpoint.
        guard let line = try? decoder.decode(Line.self, from: Data(text.utf8)),
          line.point.step <= step
        else { break }
        points.append(line.point)
        seconds = line.seconds
        kept += text + "\n"
      }
    }
    try AtomicFile.write(kept, to: path)
  }

  mutating func append(_ point: CurvePoint, seconds: Double) throws(TensorFileError) {
    points.append(point)
    self.seconds = seconds
    let line = try JSONFile.text(
      of: Line(point: point, seconds: seconds), path: path, pretty: false)
    guard appendToFile(line + "\n", path: path) else {
      throw TensorFileError(
        path: path, found: "no room to write", expected: "a line for step \(point.step)",
        hint: "make room on the disk and go on with --resume")
    }
  }

  /// Waits until the lines have reached the disk: a checkpoint must not outlive the log up to it.
  func synchronize() throws(TensorFileError) {
    let descriptor = open(path, O_RDONLY)
    let isDurable = descriptor >= 0 && fsync(descriptor) == 0
    guard close(descriptor) == 0, isDurable else {
      throw TensorFileError(
        path: path, found: "a file that does not reach the disk", expected: "the logged steps",
        hint: "check the disk and go on with --resume")
    }
  }
}

/// Appends text to a file in one write; false if it did not all get there.
private func appendToFile(_ text: String, path: String) -> Bool {
  let descriptor = open(path, O_WRONLY | O_APPEND)
  guard descriptor >= 0 else { return false }
  let bytes = Array(text.utf8)
  let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  return close(descriptor) == 0 && written == bytes.count
}
