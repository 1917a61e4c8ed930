import CSparseKernels
import SparseCoding
import Testing

/// Products and best matches of whole matrices, by every set and with one, two and three threads.
@Suite struct ComputeTests {
  static let shapes = [
    (0, 4, 3), (3, 4, 0), (1, 1, 1), (5, 0, 7), (65, 7, 129), (64, 16, 64), (241, 33, 65),
    (7, 100, 300),
  ]

  static func matrix(_ rows: Int, _ columns: Int, _ seed: UInt64, _ kind: Numbers = .ordinary)
    -> Matrix
  {
    var draw = Draw(seed)
    return Matrix(rows: rows, columns: columns, values: draw.floats(rows * columns, kind))
  }

  @Test(arguments: KernelSet.available, shapes)
  func productIsAChainForEachElement(set: KernelSet, shape: (Int, Int, Int)) {
    let (m, width, n) = shape
    let (a, b) = (Self.matrix(m, width, 80), Self.matrix(n, width, 81))
    let expected = (0..<m).flatMap { i in (0..<n).map { chainedDot(a.row(i), b.row($0)) } }
    for threads in 1...3 {
      let compute = Compute(kernels: set, threads: threads)
      let product = compute.product(a, b)
      #expect(product.rows == m && product.columns == n)
      #expect(bits(product.values) == bits(expected), "\(threads) threads")
      var target = Matrix(rows: m, columns: n, repeating: 7)
      compute.product(a, b, into: &target)
      #expect(target == product, "\(threads) threads")
    }
  }

  @Test(arguments: KernelSet.available, shapes)
  func bestMatchesAreTheFirstOfTheGreatestProducts(set: KernelSet, shape: (Int, Int, Int)) {
    let (m, width, n) = shape
    for kind in [Numbers.ordinary, .tied] {
      let (a, b) = (Self.matrix(m, width, 82, kind), Self.matrix(n, width, 83, kind))
      for absolute in [false, true] {
        var values: [Float] = []
        var indices: [Int32] = []
        for i in 0..<m {
          var best = (value: -Float.infinity, index: Int32(-1))
          for j in 0..<n {
            let product = chainedDot(a.row(i), b.row(j))
            let value = absolute ? abs(product) : product
            if value > best.value { best = (value, Int32(j)) }
          }
          values.append(best.value)
          indices.append(best.index)
        }
        for threads in 1...3 {
          let found = Compute(kernels: set, threads: threads)
            .bestMatches(of: a, in: b, absolute: absolute)
          #expect(bits(found.values) == bits(values), "\(kind) \(absolute) \(threads)")
          #expect(found.indices == indices, "\(kind) \(absolute) \(threads)")
        }
      }
    }
  }

  @Test func theBestSetIsTheLastAvailable() {
    #expect(KernelSet.available.first == .plain)
    #expect(KernelSet.best == KernelSet.available.last)
    for set in KernelSet.available {
      #expect(String(cString: set.functions.pointee.name) == set.rawValue)
    }
  }
}
