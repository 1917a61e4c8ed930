import CSparseKernels

/// The latents of a dictionary, laid out for the fused product and selection.
struct LatentSearch {
  private let encoder: AlignedBuffer<Float>
  private let bias: AlignedBuffer<Float>
  private let screened: ScreenedLatents
  private let width: Int
  private let latents: Int
  private let compute: Compute

  /// - Parameter rows: Some of the rows to come, which show the dimensions that are outliers.
  init(_ coder: SparseCoder, compute: Compute, like rows: Matrix?) {
    self.compute = compute
    width = coder.width
    latents = coder.latents
    encoder = AlignedBuffer(padding: coder.encoder)
    bias = AlignedBuffer(coder.encoderBias)
    let meanSquares = rows.map { coder.centeredMeanSquares(of: $0) } ?? []
    screened = ScreenedLatents(
      compute.screen, latents: coder.latents, width: coder.width,
      split: meanSquares.isEmpty ? [] : ScreenedLatents.outlierDimensions(meanSquares: meanSquares))
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
    let scratch = AlignedBuffer<Float>(count: stride)
    let view = screened.view
    for latent in 0..<latents {
      view.update(
        latent, row: encoder.start + latent * stride, bias: bias.start[latent],
        scratch: scratch.start, with: compute.kernels.functions)
    }
  }

  /// Of each row the `k` largest positive scores, after subtracting `center` from the row.
  func largest(_ k: Int, of rows: Matrix, centeredBy center: [Float]) -> SparseCodes {
    let block = 2 * Int(ELUTE_PANEL_ROWS)
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
    let functions = compute.kernels.functions
    let threads = compute.pool.threads
    let scratchBytes = elute_choose_scratch_bytes(width, block, k, latents)
    let scratch = (0..<threads).map { _ in AlignedBuffer<UInt8>(count: scratchBytes) }
    let centered = (0..<threads).map { _ in AlignedBuffer<Float>(count: block * stride) }
    let norms = (0..<threads).map { _ in AlignedBuffer<Float>(count: block) }
    let smallest = AlignedBuffer<Float>(count: rows.rows)
    let indices = AlignedBuffer<Int32>(count: rows.rows * k)
    let values = AlignedBuffer<Float>(count: rows.rows * k)
    let counts = AlignedBuffer<Int32>(count: rows.rows)
    let center = AlignedBuffer(center)
    let view = screened.view
    let input = AlignedBuffer(rows.values)
    compute.pool.run(units: (rows.rows + block - 1) / block) { unit, worker in
      let first = unit * block
      let count = min(block, rows.rows - first)
      for row in 0..<count {
        let target = centered[worker].start + row * stride
        functions.pointee.center(
          input.start + (first + row) * width, 1, center.start, width, target)
        norms[worker].start[row] = elute_row_bound(functions.pointee.dot(target, target, stride))
      }
      let unitRows = EluteRows(
        input: centered[worker].start, norm: norms[worker].start, rows: count, stride: stride,
        k: k, threshold: 0)
      var choice = EluteChoice(
        indices: indices.start + first * k, values: values.start + first * k,
        counts: counts.start + first, smallest: smallest.start + first, survivors: 0, fallbacks: 0)
      view.choose(
        among: latents, encoder: encoder.start, bias: bias.start, for: unitRows,
        scratch: scratch[worker].start, into: &choice, with: functions)
    }
    return SparseCodes(
      latents: latents, k: k, indices: indices.elements, values: values.elements,
      counts: counts.elements)
  }
}

extension SparseCoder {
  /// The mean square of each dimension of `x - b_dec` over at most 256 rows; empty without rows.
  fileprivate func centeredMeanSquares(of rows: Matrix) -> [Double] {
    guard rows.rows > 0, rows.columns == width else { return [] }
    let step = (rows.rows + 255) / 256
    var sums = [Double](repeating: 0, count: width)
    for row in stride(from: 0, to: rows.rows, by: step) {
      for column in 0..<width {
        let value = Double(rows[row, column]) - Double(decoderBias[column])
        sums[column] += value * value
      }
    }
    return sums
  }
}

extension SparseCodes {
  /// Codes from arrays with room for `k` entries a row, of which the first `counts[row]` are used.
  init(latents: Int, k: Int, indices: [Int32], values: [Float], counts: [Int32]) {
    var offsets = [0]
    var packedIndices: [Int32] = []
    var packedValues: [Float] = []
    packedIndices.reserveCapacity(indices.count)
    packedValues.reserveCapacity(values.count)
    for (row, count) in counts.enumerated() {
      packedIndices.append(contentsOf: indices[row * k..<row * k + Int(count)])
      packedValues.append(contentsOf: values[row * k..<row * k + Int(count)])
      offsets.append(packedIndices.count)
    }
    self.init(latents: latents, offsets: offsets, indices: packedIndices, values: packedValues)
  }
}
