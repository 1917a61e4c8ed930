#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory that kernels work on: aligned, zeroed, and in huge pages where it is large.
///
/// Reference semantics on purpose: engines own gigabytes and hand out pointers. Nothing checks
/// bounds; who writes from several threads writes disjoint parts.
public final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  /// The first element.
  public let start: UnsafeMutablePointer<Element>
  /// The number of elements.
  public let count: Int

  /// A buffer of a number of zeroed elements.
  public init(count: Int) {
    self.count = count
    let bytes = Self.byteCount(of: count)
    let hugePage = alignedBufferHugePage
    let isLarge = bytes >= hugePage
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? hugePage : 64)
    #if os(Linux)
      if isLarge { madvise(memory, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    memset(memory, 0, bytes)
    start = memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// The bytes that a buffer of a number of elements takes.
  ///
  /// From an eighth of a huge page on, whole ones: hot buffers then need few address translations.
  public static func byteCount(of count: Int) -> Int {
    let bytes = max(count * MemoryLayout<Element>.stride, 64)
    let hugePage = alignedBufferHugePage
    return bytes < hugePage / 8 ? bytes : (bytes + hugePage - 1) / hugePage * hugePage
  }

  /// A buffer that holds a copy of the elements.
  public convenience init(_ elements: [Element]) {
    self.init(count: elements.count)
    elements.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { start.update(from: first, count: count) }
    }
  }

  deinit { start.deallocate() }

  /// A copy of the elements.
  public var elements: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }
}

private let alignedBufferHugePage = 2 << 20

extension AlignedBuffer<Float> {
  /// The width rounded up to a multiple of sixteen: the stride of rows that kernels read.
  public static func stride(ofWidth width: Int) -> Int { (width + 15) / 16 * 16 }

  /// A buffer that holds a matrix with each row padded with zeros to `stride(ofWidth:)`, and has room for
  /// at least `count` elements.
  public convenience init(padding matrix: Matrix, count: Int = 0) {
    let stride = Self.stride(ofWidth: matrix.columns)
    self.init(count: max(count, matrix.rows * stride))
    matrix.values.withUnsafeBufferPointer { source in
      guard let first = source.baseAddress else { return }
      for row in 0..<matrix.rows {
        (start + row * stride).update(from: first + row * matrix.columns, count: matrix.columns)
      }
    }
  }

  /// The matrix of a width in a buffer of padded rows.
  public func matrix(rows: Int, columns: Int) -> Matrix {
    let stride = Self.stride(ofWidth: columns)
    let values = [Float](unsafeUninitializedCapacity: rows * columns) { target, initialized in
      for row in 0..<rows {
        for column in 0..<columns { target[row * columns + column] = start[row * stride + column] }
      }
      initialized = rows * columns
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }
}
