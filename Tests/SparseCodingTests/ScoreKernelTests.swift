import CSparseKernels
import SparseCoding
import Testing

/// Scores that are wanted as they are, and what is picked from them.
@Suite struct ScoreKernelTests {
  @Test(arguments: KernelSet.available)
  func scoresAreCanonicalDotsAndTheirBiases(set: KernelSet) {
    var draw = Draw(60)
    for (rows, latents, width) in [
      (1, 1, 1), (3, 5, 17), (4, 6, 16), (5, 7, 40), (9, 13, 129), (16, 24, 64), (0, 3, 8),
      (3, 0, 8),
    ] {
      for kind in [Numbers.ordinary, .tied, .tiny, .denormal] {
        let stride = AlignedBuffer<Float>.stride(ofWidth: width)
        let outStride = latents + 3
        let input = draw.rows(rows, width: width, kind)
        let encoder = draw.rows(latents, width: width, kind)
        let bias = draw.floats(latents, kind)
        var out = [Float](repeating: 7, count: rows * outStride + 64)
        set.table.scores(input, rows, encoder, bias, latents, stride, &out, outStride)
        for row in 0..<rows {
          let x = input[row * stride..<row * stride + width]
          let expected = (0..<latents).map {
            canonicalDot(x, encoder[$0 * stride..<$0 * stride + width]) + bias[$0]
          }
          let found = out[row * outStride..<row * outStride + latents]
          #expect(bits(found) == bits(expected), "\(rows) \(latents) \(width) \(kind)")
          let between = out[row * outStride + latents..<(row + 1) * outStride]
          #expect(between.allSatisfy { $0 == 7 })
        }
        #expect(out[(rows * outStride)...].allSatisfy { $0 == 7 })
      }
    }
  }

  @Test(arguments: KernelSet.available, Numbers.allCases)
  func whatExceedsItsLimitIsKeptInOrder(set: KernelSet, kind: Numbers) {
    var draw = Draw(61)
    for count in awkwardWidths {
      var scores = draw.floats(count, kind)
      let limits = draw.floats(count, kind)
      // Equal to the limit is not above it.
      for i in stride(from: 0, to: count, by: 3) { scores[i] = limits[i] }
      var values = [Float](repeating: 7, count: count + 16)
      var indices = [Int32](repeating: 7, count: count + 16)
      let found = set.table.exceeding(scores, limits, count, 100, &values, &indices)
      let expected = (0..<count).filter { scores[$0] > limits[$0] }
      #expect(indices.prefix(found) == expected.map { Int32(100 + $0) }[...], "\(count)")
      #expect(bits(values.prefix(found)) == bits(expected.map { scores[$0] }), "\(count)")
    }
  }

  @Test(arguments: KernelSet.available, Numbers.allCases)
  func theLargestAreThoseOfASort(set: KernelSet, kind: Numbers) {
    var draw = Draw(62)
    for count in awkwardWidths + [1000] {
      for k in [0, 1, 2, 8, 33, 128] {
        for signs in [false, true] {
          let scores = draw.floats(count, kind)
          let sizes = signs ? scores.map(abs) : scores
          let expected = (0..<count).filter { sizes[$0] > 0 }
            .sorted { (sizes[$1], $0) < (sizes[$0], $1) }.prefix(k).sorted()
          var scratch = [UInt64](repeating: 0, count: 2 * count + 8)
          var values = [Float](repeating: 7, count: k + 16)
          var indices = [Int32](repeating: 7, count: k + 16)
          let found = set.table.select_largest(
            scores, count, k, signs ? 1 : 0, &scratch, &values, &indices)
          #expect(indices.prefix(found) == expected.map(Int32.init)[...], "\(count) \(k) \(signs)")
          #expect(bits(values.prefix(found)) == bits(expected.map { scores[$0] }))
          #expect(values[k...].allSatisfy { $0 == 7 } && indices[k...].allSatisfy { $0 == 7 })
        }
      }
    }
  }
}
