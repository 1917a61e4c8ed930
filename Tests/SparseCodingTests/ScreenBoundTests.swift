import CSparseKernels
import SparseCoding
import Testing

/// A screen's scores stay within the bound that `quantize.h` proves of the canonical ones.
@Suite struct ScreenBoundTests {
  /// How far the screen's score of a row and a latent is from the canonical one, and the bound.
  ///
  /// The row is put into the screen's type here, as the kernel's contract says.
  static func distance(_ x: [Float], _ w: [Float], _ bias: Float, by searcher: Searcher) -> (
    found: Double, bound: Double
  ) {
    let (screen, width) = (searcher.screen.description.pointee, x.count)
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
    let bytes = elute_screen_row_bytes(screen.kind, width)
    let row = ScreenedRow(x, of: searcher.screen, bytes: bytes)
    let panel = AlignedBuffer<UInt32>(count: bytes / 4 * 64)
    for (word, value) in row.words.enumerated() { panel.start[word * 64 + 5] = value }
    let latents = AlignedBuffer<UInt8>(count: elute_screen_rows(1) * bytes)
    let weights = AlignedBuffer(padding: Matrix(rows: 1, columns: width, values: w))
    let scratch = AlignedBuffer<Float>(count: stride)
    var (bound, split, screenCopy) = (EluteLatentBound(), EluteSplit(), screen)
    searcher.kernels.table.screen_latent(
      &screenCopy, &split, weights.start, bias, width, stride, scratch.start, latents.start, &bound)
    let seen =
      screen.kind == ELUTE_FLOAT32
      ? UnsafeRawPointer(weights.start) : UnsafeRawPointer(latents.start)
    let tile = AlignedBuffer<Int32>(count: Int(ELUTE_MOST_TILE_LATENTS) * 64)
    screen.begin?()
    screen.tile(panel.start, seen, bytes, 1, tile.start)
    screen.end?()
    let product: Double
    if screen.kind == ELUTE_INT8 {
      product = Double(tile.start[5] - bound.excess) * Double(bound.scale) * row.scale
    } else {
      product = Double(Float(bitPattern: UInt32(bitPattern: tile.start[5])))
    }
    let norm = Double(elute_row_bound(canonicalDot(x, x)))
    let canonical = Double(canonicalDot(x, w) + bias)
    let most = (Double(bound.constant) + Double(bound.slope) * row.error / norm) * norm
    return (abs(product + Double(bias) - canonical), most)
  }

  @Test(arguments: Searcher.all, Numbers.allCases)
  func randomVectors(searcher: Searcher, kind: Numbers) {
    var draw = Draw(60)
    for width in awkwardWidths + [1024] {
      for round in 0..<12 {
        let x = draw.floats(width, kind)
        let w = draw.floats(width, round % 2 == 0 ? kind : .ordinary)
        let bias = draw.float(round % 3 == 0 ? .zero : .ordinary)
        guard canonicalDot(x, x).isFinite, canonicalDot(w, w).isFinite else { continue }
        let score = Self.distance(x, w, bias, by: searcher)
        #expect(score.found <= score.bound, "\(width) \(kind)")
      }
    }
  }

  /// Roundings that all go one way: the bound is nearly reached, so it is not empty.
  @Test(arguments: Searcher.all)
  func roundingsThatAddUp(searcher: Searcher) {
    var nearest = 0.0
    for width in [2, 3, 17, 64, 129, 384, 2048] {
      let fraction: Float =
        switch searcher.screen.kind {
        case .int8: 50.49
        case .bfloat16: 1 + 0x1.fcp-9
        case .float32: 0x1p-12 * (1 + 0x1p-10)
        }
      var x = [Float](repeating: fraction, count: width)
      var w = x
      switch searcher.screen.kind {
      case .int8:
        let levels = searcher.screen.description.pointee.row_levels
        (x[0], w[0]) = (Float(levels), 127)
      case .bfloat16: break
      case .float32:
        x = [1024] + [Float](repeating: 0x1p-2, count: width - 1)
        w[0] = 1
      }
      let score = Self.distance(x, w, 0, by: searcher)
      #expect(score.found <= score.bound, "\(width)")
      nearest = max(nearest, score.found / score.bound)
    }
    #expect(nearest > 0.4, "\(nearest)")
  }

  /// The norms' own roundings are part of the bound.
  @Test func theBoundsOfTheNormsHold() {
    var draw = Draw(62)
    for width in awkwardWidths + [4096] {
      for kind in [Numbers.ordinary, .tiny, .denormal, .tied] {
        let x = draw.floats(width, kind)
        let bias = draw.float(kind)
        let squared = x.reduce(0) { $0 + Double($1) * Double($1) }
        let row = Double(elute_row_bound(canonicalDot(x, x)))
        let latent = Double(elute_latent_bound(canonicalDot(x, x), bias))
        #expect(row >= (squared + 1).squareRoot() && row <= (squared + 1).squareRoot() * 1.00001)
        let exact = (squared + Double(bias) * Double(bias)).squareRoot()
        #expect(latent >= exact && latent <= exact * 1.00001 + 1e-18)
      }
    }
  }
}

/// A row in a screen's type, and what that leaves out.
struct ScreenedRow {
  var words: [UInt32]
  var scale = 1.0
  var error = 0.0

  init(_ x: [Float], of screen: Screen, bytes: Int) {
    let (levels, offset) = (
      Float(screen.description.pointee.row_levels), screen.description.pointee.row_offset
    )
    var seen = x
    words = [UInt32](repeating: 0, count: bytes / 4)
    switch screen.kind {
    case .float32:
      for (i, value) in x.enumerated() { words[i] = value.bitPattern }
    case .bfloat16:
      for (i, value) in x.enumerated() {
        let bits = (value.bitPattern + 0x7fff + (value.bitPattern >> 16 & 1)) & 0xffff_0000
        seen[i] = Float(bitPattern: bits)
        words[i / 2] |= (bits >> 16) << (i % 2 * 16)
      }
    case .int8:
      let greatest = x.map(abs).max() ?? 0
      let step = greatest < 0x1p-100 ? 0 : greatest / levels
      scale = Double(step)
      for (i, value) in x.enumerated() {
        let steps = step > 0 ? (value / step).rounded() : 0
        seen[i] = step * steps
        words[i / 4] |= UInt32(UInt8(truncatingIfNeeded: Int32(steps) + offset)) << (i % 4 * 8)
      }
    }
    error = zip(x, seen).reduce(0.0) {
      $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
    }
    .squareRoot()
  }
}
