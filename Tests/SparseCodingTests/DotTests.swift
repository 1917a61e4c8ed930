import CSparseKernels
import SparseCoding
import Testing

@Suite struct DotTests {
  @Test(arguments: KernelSet.available)
  func addsInTheStatedTree(set: KernelSet) {
    var draw = Draw(1)
    for width in awkwardWidths + [1000] {
      for kind in Numbers.allCases {
        let a = draw.floats(width, kind)
        let b = draw.floats(width, kind)
        #expect(
          bits([set.table.dot(a, b, width)]) == bits([canonicalDot(a, b)]), "\(width) \(kind)")
      }
    }
  }

  /// Products that vanish below zero leave -0 in a partial sum, until a zero of the padding is added.
  @Test(arguments: KernelSet.available)
  func padsTheTailWithZeros(set: KernelSet) {
    for width in [16, 17, 31, 33] {
      let a = [Float](repeating: -1e-30, count: width)
      let b = [Float](repeating: 1e-30, count: width)
      #expect(set.table.dot(a, b, width).bitPattern == canonicalDot(a, b).bitPattern, "\(width)")
    }
  }

  @Test(arguments: KernelSet.available)
  func readsNothingBehindTheWidth(set: KernelSet) {
    for width in awkwardWidths {
      let a = [Float](repeating: 1, count: width) + [Float](repeating: .nan, count: 16)
      #expect(set.table.dot(a, a, width) == Float(width))
    }
  }

  @Test(arguments: KernelSet.available)
  func gatheredDotsAreTheDotsOfTheChosenRows(set: KernelSet) {
    var draw = Draw(2)
    for width in awkwardWidths where width > 0 {
      for kind in Numbers.bounded {
        let stride = AlignedBuffer<Float>.stride(ofWidth: width)
        let x = draw.rows(1, width: width, kind)
        let rows = draw.rows(11, width: width, kind)
        for count in [0, 1, 3, 4, 5, 8, 9, 17] {
          let indices = (0..<count).map { _ in Int32(draw.index(below: 11)) }
          var out = [Float](repeating: 7, count: count + 16)
          set.table.gathered_dots(x, rows, stride, indices, count, width, &out)
          let expected = indices.map {
            canonicalDot(x, rows[Int($0) * stride..<(Int($0) + 1) * stride])
          }
          #expect(bits(out[..<count]) == bits(expected), "\(width) \(kind) \(count)")
          #expect(out[count...].allSatisfy { $0 == 7 })
        }
      }
    }
  }

  @Test func computeCallsIt() {
    let compute = Compute(threads: 1)
    var draw = Draw(3)
    let a = draw.floats(100)
    let b = draw.floats(100)
    #expect(compute.dot(a, b) == canonicalDot(a, b))
    #expect(compute.dot([], []) == 0)
  }
}
