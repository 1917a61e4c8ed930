import Glibc
import SparseCoding
import Testing

@testable import TensorFiles

/// A folder of its own for a test, removed with the value.
final class Workspace: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/elute-tensor-files-XXXXXX".utf8CString)
    // Without a folder, every use of the path fails.
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/dev/null/none"
  }

  deinit { remove(path) }

  func file(_ name: String) -> String { FilePath.join(path, name) }

  /// Writes bytes plainly, not by the code under test.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String = "file") -> String {
    let target = file(name)
    // A new file: some file systems write an overwritten one to the disk at once, to be safe.
    unlink(target)
    guard let stream = fopen(target, "wb") else {
      Issue.record("cannot write \(target)")
      return target
    }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
    fclose(stream)
    #expect(written == bytes.count)
    return target
  }

  @discardableResult
  func write(_ text: String, to name: String) -> String { write(Array(text.utf8), to: name) }

  func makeFolder(_ name: String) -> String {
    mkdir(file(name), 0o777)
    return file(name)
  }

  var names: [String] { ((try? namesInFolder(path)) ?? []).sorted() }
}

private func remove(_ path: String) {
  if unlink(path) == 0 { return }
  for name in (try? namesInFolder(path)) ?? [] { remove(FilePath.join(path, name)) }
  rmdir(path)
}

func bytes(of path: String) throws -> [UInt8] { try ReadableFile(path).bytes(upTo: 1 << 30) }

/// A file that a Python library wrote; `Tests/Fixtures/TensorFiles` has the scripts.
func fixture(_ name: String) -> String {
  // The folder of the tests may be reached through a link; the fixtures lie beside what it links to.
  let resolved = realpath(#filePath, nil)
  defer { free(resolved) }
  let source = resolved.map { String(cString: $0) } ?? #filePath
  let tests = FilePath.parent(FilePath.parent(source))
  return FilePath.join(tests, "Fixtures/TensorFiles/" + name)
}

/// The error that a closure throws; a failure of the test if it throws none.
func failure<Value>(
  of body: () throws(TensorFileError) -> Value, _ location: SourceLocation = #_sourceLocation
) -> TensorFileError? {
  do throws(TensorFileError) {
    _ = try body()
    Issue.record("nothing was refused", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}

/// The bytes of a safetensors file of any header and data, valid or not.
func safetensors(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  let text = Array(header.utf8)
  return littleEndian(length ?? UInt64(text.count)) + text + data
}

/// The bytes of an npy file of any header and data, valid or not.
func npy(_ header: String, data: [UInt8] = [], version: [UInt8] = [1, 0]) -> [UInt8] {
  let text = Array(header.utf8)
  let length = littleEndian(UInt64(text.count)).prefix(version[0] == 1 ? 2 : 4)
  return NpyHeader.magic + version + length + text + data
}

func littleEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}

func floatBytes(_ values: [Float]) -> [UInt8] {
  values.flatMap { littleEndian(UInt64($0.bitPattern)).prefix(4) }
}

/// The matrix 0, 0.5, 1 and so on in row-major order, as in the fixtures.
func ramp(_ rows: Int, _ columns: Int) -> Matrix {
  Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { Float($0) / 2 })
}

/// A small dictionary of arbitrary weights.
func smallCoder(width: Int = 3, latents: Int = 7, k: Int = 2) -> SparseCoder {
  var random = RandomStream(seed: 1, name: "coder")
  func matrix() -> Matrix {
    Matrix(rows: latents, columns: width, values: random.gaussians(count: latents * width))
  }
  return SparseCoder(
    site: Site(name: "blocks.0", width: width), activation: .topK(k: k), encoder: matrix(),
    decoder: matrix(), encoderBias: random.gaussians(count: latents),
    decoderBias: random.gaussians(count: width))
}

struct Case<Payload: Sendable>: Sendable, CustomTestStringConvertible {
  let name: String
  let payload: Payload
  let mentions: String

  init(_ name: String, _ payload: Payload, _ mentions: String) {
    self.name = name
    self.payload = payload
    self.mentions = mentions
  }

  var testDescription: String { name }
}
