import Glibc
import SparseCoding
import Testing

@testable import TensorFiles

/// Whether the disk of the tests can be read past the system's cache, and what it says to a read that
/// is not of whole blocks; asked of the system, not of the code under test.
private let disk: (isReadPastTheCache: Bool, refusesPartsOfBlocks: Bool) = {
  let work = Workspace()
  return withExtendedLifetime(work) {
    let file = work.write([UInt8](repeating: 1, count: 8192))
    guard let past = OpenDescriptor.pastTheCache,
      case .success(let number) = OpenDescriptor.opened(file, flags: O_RDONLY | past)
    else { return (false, false) }
    defer { close(number) }
    var part: [UInt8] = [0, 0, 0]
    return (true, pread(number, &part, 3, 1) < 0)
  }
}()

@Suite("past the system's cache") struct CacheBypassTests {
  private static let rows = 300
  private static let width = 601

  /// The bytes of the numbers of a type, which are of all sizes.
  private static func bytes(_ type: String) -> [UInt8] {
    (0..<rows * width).flatMap { index -> [UInt8] in
      let bits = UInt64(index &* 2_654_435_761)
      let value = (Double(bits % 2001) - 1000) * 0x1p-7
      let little =
        switch type.suffix(2) {
        // Every half-precision number that is finite.
        case "f2": Array(littleEndian((bits % 0x7c00) | ((bits & 1) << 15)).prefix(2))
        case "f4": Array(littleEndian(UInt64(Float(value).bitPattern)).prefix(4))
        default: littleEndian(value.bitPattern)
        }
      return type.hasPrefix(">") ? little.reversed() : little
    }
  }

  @Test(
    "rows of every type are those that are read through it",
    .enabled(if: disk.isReadPastTheCache, "this disk is read through the cache alone"),
    arguments: ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"])
  func types(type: String) throws {
    let work = Workspace()
    let header =
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(Self.rows), \(Self.width)), }\n"
    work.write(npy(header, data: Self.bytes(type)), to: "rows.npy")
    let usual = try ActivationStore.open(work.file("rows.npy"))
    let past = usual.bypassingCache
    let bypass = try #require(past.shards[0].stored.run.file.bypass)
    var reads = 0
    for range in [0..<300, 0..<1, 1..<2, 17..<291, 299..<300] {
      #expect(try past.read(rows: range) == usual.read(rows: range))
      #expect(bypass.reads > reads && !bypass.isRefused)
      reads = bypass.reads
    }
    #expect(Set(try usual.load().values).count > 2000)
    #expect(usual.shards[0].stored.run.file.bypass == nil)
  }

  @Test(
    "a disk that refuses is asked once, and everything is read in the usual way",
    .enabled(if: disk.refusesPartsOfBlocks, "this disk refuses nothing"))
  func refused() throws {
    let work = Workspace()
    let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
    var file = try ReadableFile(work.write(bytes))
    // Blocks of one byte, which no disk has.
    let bypass = CacheBypass(block: 1)
    file.bypass = bypass
    func read(
      _ range: Range<Int>, from descriptor: borrowing OpenDescriptor
    ) throws(TensorFileError) -> [UInt8] {
      try [UInt8].filled(count: range.count, path: file.path) {
        (target) throws(TensorFileError) in
        try file.fill(
          UnsafeMutableRawBufferPointer(target), at: range.lowerBound, from: descriptor)
      }
    }
    try file.reading { (first) throws(TensorFileError) in
      try file.reading { (second) throws(TensorFileError) in
        let isTried = (first.bypassesCache, second.bypassesCache)
        #expect(isTried == (true, true))
        for range in [1..<4, 5000..<20_000] {
          #expect(try read(range, from: first) == Array(bytes[range]))
          // The one that is open already is not tried either, and reads any bytes.
          #expect(try read(range, from: second) == Array(bytes[range]))
          #expect(bypass.isRefused && bypass.reads == 0)
        }
      }
    }
    try file.reading { (later) throws(TensorFileError) in
      let isTried = later.bypassesCache
      #expect(!isTried)
      #expect(try read(7..<19_999, from: later) == Array(bytes[7..<19_999]))
    }
    #expect(bypass.reads == 0)
  }
}
