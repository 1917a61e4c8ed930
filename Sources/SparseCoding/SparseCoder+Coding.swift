import CSparseKernels

extension SparseCoder {
  /// The codes of rows: `sigma((x - b_dec) W_encᵀ + b_enc)`.
  ///
  /// Scores are canonical dots in `Float`, so the codes are the same bits on every machine and equal
  /// those that training saw.
  ///
  /// - Parameter rows: `[rows, d_in]`, finite.
  /// - Complexity: O(rows × d_in × d_sae) time; memory for a block of rows a thread.
  /// - Elsewhere: SAELens `SAE.encode` (the same rule; sums in another order).
  public func encode(_ rows: Matrix, on compute: Compute) -> SparseCodes {
    precondition(rows.columns == width, "rows of \(rows.columns) for a dictionary of \(width)")
    switch activation {
    case .topK(let k):
      precondition(k > 0, "\(k) active latents a row encode nothing")
      return LatentSearch(self, compute: compute).largest(k, of: rows, centeredBy: decoderBias)
    }
  }

  /// The reconstructions of codes: `z W_dec + b_dec`, each element summed in the order of the latents.
  ///
  /// - Returns: `[rows, d_in]`.
  /// - Complexity: O(entries × d_in).
  public func decode(_ codes: SparseCodes, on compute: Compute) -> Matrix {
    precondition(codes.latents == latents, "codes of \(codes.latents) for \(latents) latents")
    let width = width
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
    let atoms = AlignedBuffer(padding: decoder)
    let bias = AlignedBuffer(padding: Matrix(rows: 1, columns: width, values: decoderBias))
    let indices = AlignedBuffer(codes.indices)
    let values = AlignedBuffer(codes.values)
    let decoded = AlignedBuffer<Float>(count: codes.rows * stride)
    let functions = compute.kernels.functions
    let block = 64
    compute.pool.run(units: (codes.rows + block - 1) / block) { unit, _ in
      for row in unit * block..<min((unit + 1) * block, codes.rows) {
        let entries = codes.entries(ofRow: row)
        functions.pointee.decode(
          bias.start, atoms.start, stride, indices.start + entries.lowerBound,
          values.start + entries.lowerBound, entries.count, stride, decoded.start + row * stride)
      }
    }
    return decoded.matrix(rows: codes.rows, columns: width)
  }
}
