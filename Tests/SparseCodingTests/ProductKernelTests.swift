import CSparseKernels
import SparseCoding
import Testing

/// Packing, the product of a panel, and best matches.
@Suite struct ProductKernelTests {
  static let panel = Int(ELUTE_PANEL_ROWS)
  static let tile = Int(ELUTE_TILE_LATENTS)

  static func packed(_ rows: [Float], stride: Int, count: Int, width: Int, by set: KernelSet)
    -> [Float]
  {
    var packed = [Float](repeating: 7, count: width * panel + 16)
    set.table.pack(rows, stride, count, width, &packed)
    #expect(packed[(width * panel)...].allSatisfy { $0 == 7 })
    return packed
  }

  @Test(arguments: KernelSet.available)
  func packTransposesAndFillsMissingRowsWithZeros(set: KernelSet) {
    var draw = Draw(30)
    for width in awkwardWidths {
      for count in [0, 1, 63, 64] {
        let stride = width + 3
        let rows = draw.floats(count * stride)
        let packed = Self.packed(rows, stride: stride, count: count, width: width, by: set)
        let expected = (0..<width).flatMap { i in
          (0..<Self.panel).map { $0 < count ? rows[$0 * stride + i] : 0 }
        }
        #expect(packed.prefix(width * Self.panel) == expected[...], "\(width) \(count)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func productsAreChainsOfMultiplyAdds(set: KernelSet) {
    var draw = Draw(31)
    for width in awkwardWidths {
      for kind in Numbers.allCases {
        let rows = draw.floats(Self.panel * width, kind)
        let packed = Self.packed(rows, stride: width, count: Self.panel, width: width, by: set)
        for count in 1...Self.tile {
          let weights = draw.floats(count * width, kind)
          var out = [Float](repeating: 7, count: Self.tile * Self.panel + 16)
          set.table.product_strip(packed, weights, width, count, width, &out)
          // Two latents of each call suffice: the first and the last.
          for l in Set([0, count - 1]) {
            let expected = (0..<Self.panel).map { r in
              chainedDot(
                weights[l * width..<(l + 1) * width], rows[r * width..<(r + 1) * width])
            }
            #expect(bits(out[l * Self.panel..<(l + 1) * Self.panel]) == bits(expected))
          }
          #expect(out.suffix(16).allSatisfy { $0 == 7 })
        }
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func bestMatchesKeepTheFirstOfEqualProducts(set: KernelSet) {
    var draw = Draw(32)
    for (count, width) in [(0, 5), (1, 1), (5, 17), (6, 16), (7, 3), (40, 2), (130, 9)] {
      for kind in [Numbers.ordinary, .tied, .zero, .tiny] {
        for absolute in [false, true] {
          let rows = draw.floats(Self.panel * width, kind)
          let others = draw.floats(count * width, kind)
          let packed = Self.packed(rows, stride: width, count: Self.panel, width: width, by: set)
          var best = [Float](repeating: -.infinity, count: Self.panel)
          var place = [Int32](repeating: -1, count: Self.panel)
          set.table.best_matches(
            packed, others, width, count, width, absolute ? 1 : 0, &best, &place)
          for r in 0..<Self.panel {
            var (value, index) = (-Float.infinity, Int32(-1))
            for l in 0..<count {
              let product = chainedDot(
                others[l * width..<(l + 1) * width], rows[r * width..<(r + 1) * width])
              let candidate = absolute ? abs(product) : product
              if candidate > value { (value, index) = (candidate, Int32(l)) }
            }
            #expect(best[r].bitPattern == value.bitPattern && place[r] == index, "\(count) \(kind)")
          }
        }
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func bestMatchesGoOnFromWhatWasFound(set: KernelSet) {
    let rows = [Float](repeating: 1, count: Self.panel)
    var best = [Float](repeating: 2, count: Self.panel)
    var place = [Int32](repeating: 99, count: Self.panel)
    set.table.best_matches(rows, [1, 2], 1, 2, 1, 0, &best, &place)
    #expect(best.allSatisfy { $0 == 2 } && place.allSatisfy { $0 == 99 })
    set.table.best_matches(rows, [1, 3], 1, 2, 1, 0, &best, &place)
    #expect(best.allSatisfy { $0 == 3 } && place.allSatisfy { $0 == 1 })
  }

  @Test(arguments: KernelSet.available)
  func thePeakCountsItsOperations(set: KernelSet) {
    let one = set.table.multiply_add_peak(1)
    #expect(one >= 2 && set.table.multiply_add_peak(1000) == 1000 * one)
  }
}
