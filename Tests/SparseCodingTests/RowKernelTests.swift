import CSparseKernels
import SparseCoding
import Testing

/// The elementwise kernels and the sums of few rows: every set, the plain one too, against the stated
/// formula, bit for bit.
@Suite struct RowKernelTests {
  /// Every awkward width with every kind of numbers.
  static func forEachCase(
    _ kinds: [Numbers] = Numbers.allCases,
    _ body: (_ width: Int, _ stride: Int, _ kind: Numbers, _ draw: inout Draw) -> Void
  ) {
    var draw = Draw(10)
    for width in awkwardWidths {
      for kind in kinds {
        body(width, AlignedBuffer<Float>.stride(ofWidth: width), kind, &draw)
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func decodeAddsAtomsInTheOrderGiven(set: KernelSet) {
    Self.forEachCase { width, stride, kind, draw in
      let bias = draw.rows(1, width: width, kind)
      let atoms = draw.rows(9, width: width, kind)
      for count in [0, 1, 3, 4, 5, 8, 9, 12] {
        let indices = (0..<count).map { _ in Int32(draw.index(below: 9)) }
        let values = draw.floats(count, kind == .finite ? .ordinary : kind)
        let expected = (0..<width).map { i in
          (0..<count).reduce(bias[i]) { sum, j in
            sum.addingProduct(values[j], atoms[Int(indices[j]) * stride + i])
          }
        }
        let zeros = [Float](repeating: 0, count: width)
        let found = written(zeros) {
          set.table.decode(bias, atoms, stride, indices, values, count, width, $0)
        }
        #expect(found == bits(expected), "\(width) \(kind) \(count)")
      }
    }
  }

  /// Products and sums are rounded one by one, so that nothing depends on the set.
  @Test(arguments: KernelSet.available)
  func outerProductsAddFourRowsAtATime(set: KernelSet) {
    var draw = Draw(12)
    for (width, end) in [(1, 1), (2, 1), (7, 7), (8, 6), (17, 17), (33, 20)] {
      for count in [0, 1, 3, 4, 5, 8, 11] {
        let rows = draw.floats(width * max(count, 1), .ordinary).map { Double($0) / 3 }
        let lines = end / 3..<end
        var expected = [Double](repeating: 0.1, count: width * width)
        let fours = count / 4 * 4
        for line in lines {
          for column in 0...line {
            let place = line * width + column
            func product(_ row: Int) -> Double {
              rows[row * width + line] * rows[row * width + column]
            }
            for row in stride(from: 0, to: fours, by: 4) {
              expected[place] +=
                (product(row) + product(row + 1)) + (product(row + 2) + product(row + 3))
            }
            for row in fours..<count { expected[place] += product(row) }
          }
        }
        var found = [Double](repeating: 0.1, count: width * width)
        set.table.outer_products(rows, count, width, lines.lowerBound, lines.upperBound, &found)
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(width) \(count)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func gradientRowAddsRowsInTheOrderGiven(set: KernelSet) {
    Self.forEachCase { width, stride, kind, draw in
      let rows = draw.rows(9, width: width, kind)
      for count in [0, 1, 2, 7, 30] {
        let indices = (0..<count).map { _ in Int32(draw.index(below: 9)) }
        let coefficients = draw.floats(count, kind == .finite ? .ordinary : kind)
        let before = draw.floats(width, kind)
        let expected = (0..<width).map { i in
          (0..<count).reduce(before[i]) { sum, e in
            sum.addingProduct(coefficients[e], rows[Int(indices[e]) * stride + i])
          }
        }
        let found = written(before) {
          set.table.gradient_row(rows, stride, indices, coefficients, count, width, $0)
        }
        #expect(found == bits(expected), "\(width) \(kind) \(count)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func accumulateFusesScaleAndSum(set: KernelSet) {
    Self.forEachCase { width, _, kind, draw in
      let row = draw.rows(1, width: width, kind)
      let sum = draw.floats(width, kind)
      for scale in [1, -1, draw.float(kind)] {
        let found = written(sum) { set.table.accumulate($0, row, scale, width) }
        let expected = zip(row, sum).map { $1.addingProduct(scale, $0) }
        #expect(found == bits(expected), "\(width) \(kind) \(scale)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func scaleMultiplies(set: KernelSet) {
    Self.forEachCase { width, _, kind, draw in
      let row = draw.floats(width, kind)
      let factor = draw.float(kind)
      let found = written(row) { set.table.scale($0, factor, width) }
      #expect(found == bits(row.map { factor * $0 }), "\(width) \(kind)")
    }
  }

  /// Here the width is the real one: what lies behind source and target may hold anything.
  @Test(arguments: KernelSet.available)
  func centerRoundsTheProductAndTheDifference(set: KernelSet) {
    Self.forEachCase { width, stride, kind, draw in
      let row = draw.floats(width, kind) + [.nan]
      let bias = draw.floats(width, kind) + [.nan]
      let factors = draw.floats(width, .ordinary) + [.nan]
      var out = [Float](repeating: 7, count: stride + 16)
      set.table.center(row, factors, bias, width, &out)
      let expected = (0..<width).map { i in
        let scaled = factors[i] * row[i]
        return scaled - bias[i]
      }
      #expect(bits(out[..<width]) == bits(expected), "\(width) \(kind)")
      #expect(out[width...].allSatisfy { $0 == 7 }, "\(width)")
    }
  }

  @Test(arguments: KernelSet.available)
  func subtractSubtracts(set: KernelSet) {
    Self.forEachCase { width, _, kind, draw in
      let a = draw.rows(1, width: width, kind)
      let b = draw.rows(1, width: width, kind)
      let zeros = [Float](repeating: 0, count: width)
      let found = written(zeros) { set.table.subtract(a, b, width, $0) }
      #expect(found == bits(zip(a, b).prefix(width).map { $0 - $1 }), "\(width) \(kind)")
    }
  }
}
