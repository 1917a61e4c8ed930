public import CSparseKernels

/// The encoder as a screen sees it: its rows in the screen's type, with the bounds of what that leaves out.
public final class ScreenedLatents: Sendable {
  /// The screen.
  public let screen: Screen
  private let rows: AlignedBuffer<UInt8>
  private let bounds: AlignedBuffer<EluteLatentBound>
  private let split: AlignedBuffer<Int32>
  private let splitWeights: AlignedBuffer<Float>
  private let width: Int

  /// Room for a number of latents; `split` are the dimensions that the screen leaves to float, at most 16.
  public init(_ screen: Screen, latents: Int, width: Int, split: [Int] = []) {
    precondition(
      split.count <= Int(ELUTE_SPLITS) && Set(split).count == split.count
        && split.allSatisfy { 0..<width ~= $0 }, "dimensions \(split) of \(width) to split off")
    self.screen = screen
    self.width = width
    let isNarrow = screen.kind != .float32
    let rowBytes = elute_screen_row_bytes(screen.description.pointee.kind, width)
    rows = AlignedBuffer(count: isNarrow ? elute_screen_rows(latents) * rowBytes : 0)
    bounds = AlignedBuffer(count: latents)
    self.split = AlignedBuffer(isNarrow ? split.map(Int32.init) : [])
    splitWeights = AlignedBuffer(count: split.isEmpty ? 0 : latents * Int(ELUTE_SPLITS))
  }

  /// The dimensions whose mean square is more than 25 times that of the rest, the largest first and at
  /// most 16: every large transformer has some, and the common scale of a row's bytes would be theirs.
  public static func outlierDimensions(meanSquares: [Double]) -> [Int] {
    let order = meanSquares.indices.sorted { meanSquares[$0] > meanSquares[$1] }
    var found = 0
    while found < min(Int(ELUTE_SPLITS), order.count - 1) {
      let others = order[(found + 1)...].reduce(0.0) { $0 + meanSquares[$1] }
      let mean = others / Double(order.count - found - 1)
      guard meanSquares[order[found]] > 25 * mean else { break }
      found += 1
    }
    return order.prefix(found).sorted()
  }

  /// The bytes that room for a number of latents takes, without split dimensions.
  public static func byteCount(_ screen: Screen, latents: Int, width: Int) -> Int {
    let isNarrow = screen.kind != .float32
    let rowBytes = elute_screen_row_bytes(screen.description.pointee.kind, width)
    return AlignedBuffer<UInt8>.byteCount(of: isNarrow ? elute_screen_rows(latents) * rowBytes : 0)
      + AlignedBuffer<EluteLatentBound>.byteCount(of: latents)
  }

  /// The memory as plain pointers, for inner loops.
  public var view: View {
    View(
      screen: screen.description, rows: rows.start, bounds: bounds.start,
      rowBytes: elute_screen_row_bytes(screen.description.pointee.kind, width),
      split: EluteSplit(dimensions: split.start, count: split.count),
      splitWeights: splitWeights.start, width: width,
      stride: AlignedBuffer<Float>.stride(ofWidth: width))
  }

  /// Pointers into a `ScreenedLatents`, valid as long as it lives.
  public struct View: BitwiseCopyable {
    let screen: UnsafePointer<EluteScreen>
    let rows: UnsafeMutablePointer<UInt8>
    let bounds: UnsafeMutablePointer<EluteLatentBound>
    let rowBytes: Int
    let split: EluteSplit
    let splitWeights: UnsafeMutablePointer<Float>
    let width, stride: Int

    /// Takes up one latent's encoder row, padded, and its bias; `scratch` has room for a row.
    public func update(
      _ latent: Int, row: UnsafePointer<Float>, bias: Float,
      scratch: UnsafeMutablePointer<Float>, with functions: UnsafePointer<EluteKernels>
    ) {
      var split = split
      for place in 0..<split.count {
        splitWeights[latent * Int(ELUTE_SPLITS) + place] = row[Int(split.dimensions[place])]
      }
      functions.pointee.screen_latent(
        screen, &split, row, bias, width, stride, scratch, rows + latent * rowBytes,
        bounds + latent)
    }

    /// Chooses codes for a unit of rows among the first `latents`.
    public func choose(
      among latents: Int, encoder: UnsafePointer<Float>, bias: UnsafePointer<Float>,
      for rows: EluteRows, scratch: UnsafeMutablePointer<UInt8>, into choice: inout EluteChoice,
      with functions: UnsafePointer<EluteKernels>
    ) {
      precondition(rows.k > 0, "nothing to choose")
      var search = search(among: latents, encoder, bias)
      var rows = rows
      functions.pointee.choose(screen, &search, &rows, scratch, &choice)
    }

    /// Chooses for a unit of rows all scores above limits, one for each of the first `latents`.
    public func chooseAbove(
      _ limits: UnsafePointer<Float>, among latents: Int, encoder: UnsafePointer<Float>,
      bias: UnsafePointer<Float>, for rows: EluteRows, scratch: UnsafeMutablePointer<UInt8>,
      into above: inout EluteAbove, with functions: UnsafePointer<EluteKernels>
    ) {
      var search = search(among: latents, encoder, bias)
      var rows = rows
      functions.pointee.choose_above(screen, &search, &rows, limits, scratch, &above)
    }

    private func search(
      among latents: Int, _ encoder: UnsafePointer<Float>, _ bias: UnsafePointer<Float>
    ) -> EluteLatents {
      EluteLatents(
        encoder: encoder, bias: bias, latents: latents, width: width, stride: stride,
        rows: rows, bounds: bounds, split: split, split_weights: splitWeights)
    }
  }
}
