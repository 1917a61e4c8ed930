import CEmbeddedNetwork
import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The safetensors file that is compiled into the binary, read where it lies in memory.
struct EmbeddedTensors {
  /// What errors name as the file.
  static let path = "the embedded mod113.safetensors"

  /// The free text of the file by key.
  let metadata: [String: String]
  private let entries: [String: Entry]
  private let data: UnsafeRawBufferPointer

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  /// A member of the header: the metadata or a tensor.
  private enum Member: Decodable {
    case metadata([String: String])
    case tensor(Entry)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let texts = try? container.decode([String: String].self) {
        self = .metadata(texts)
      } else {
        self = .tensor(try container.decode(Entry.self))
      }
    }
  }

  /// Reads the header.
  init() throws(TensorFileError) {
    let file = UnsafeRawBufferPointer(start: elute_mod113_bytes(), count: elute_mod113_count())
    guard file.count >= 8 else { throw Self.damaged("\(file.count) bytes") }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(file.count - 8) else {
      throw Self.damaged("a header of \(length) bytes")
    }
    let header = Data(file[8..<8 + Int(length)])
    guard let members = try? JSONDecoder().decode([String: Member].self, from: header) else {
      throw Self.damaged("a header that is no safetensors header")
    }
    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]
    for (name, member) in members {
      switch member {
      case .metadata(let texts): metadata = texts
      case .tensor(let entry): entries[name] = entry
      }
    }
    self.metadata = metadata
    self.entries = entries
    data = UnsafeRawBufferPointer(rebasing: file[(8 + Int(length))...])
  }

  /// A tensor of floats and two dimensions.
  func matrix(named name: String) throws(TensorFileError) -> Matrix {
    guard let entry = entries[name] else { throw Self.damaged("no tensor \(name)") }
    let offsets = entry.data_offsets
    guard entry.dtype == "F32", entry.shape.count == 2, offsets.count == 2, offsets[0] >= 0,
      offsets[1] <= data.count, offsets[1] - offsets[0] == 4 * entry.shape[0] * entry.shape[1]
    else { throw Self.damaged("\(entry.dtype) \(entry.shape) at \(offsets) for \(name)") }
    let values = (0..<entry.shape[0] * entry.shape[1]).map { index in
      Float(
        bitPattern: UInt32(
          littleEndian: data.loadUnaligned(
            fromByteOffset: offsets[0] + 4 * index, as: UInt32.self)))
    }
    return Matrix(rows: entry.shape[0], columns: entry.shape[1], values: values)
  }

  private static func damaged(_ found: String) -> TensorFileError {
    TensorFileError(
      path: path, found: found, expected: "the file that `elute train-network` wrote",
      hint: "this build is damaged; build again from a clean checkout")
  }
}
