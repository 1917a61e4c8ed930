import CSparseKernels

extension SparseCoder {
  /// The codes of rows: `sigma((x - b_dec) W_encᵀ + b_enc)`.
  ///
  /// Scores are canonical dots in `Float`, so the codes are the same bits on every machine and equal
  /// those that training saw. For rows that come in parts, `PreparedCoder` lays the weights out once.
  ///
  /// - Parameter rows: `[rows, d_in]`, finite.
  /// - Complexity: O(rows × d_in × d_sae) time; memory for a block of rows a thread.
  /// - Elsewhere: SAELens `SAE.encode` (the same rule; sums in another order).
  public func encode(_ rows: Matrix, on compute: Compute) -> SparseCodes {
    encode(rows, by: LatentSearch(self, compute: compute, like: rows))
  }

  /// The reconstructions of codes: `z W_dec + b_dec`, each element summed in the order of the latents.
  ///
  /// - Returns: `[rows, d_in]`.
  /// - Complexity: O(entries × d_in).
  public func decode(_ codes: SparseCodes, on compute: Compute) -> Matrix {
    PaddedDecoder(self).decode(codes, on: compute)
  }

  fileprivate func encode(_ rows: Matrix, by search: LatentSearch) -> SparseCodes {
    precondition(rows.columns == width, "rows of \(rows.columns) for a dictionary of \(width)")
    switch activation {
    case .topK(let k):
      precondition(k > 0, "\(k) active latents a row encode nothing")
      return search.largest(k, of: rows, centeredBy: decoderBias)
    }
  }
}

/// A dictionary whose weights are laid out for the kernels, for rows that come in many parts.
///
/// Codes and reconstructions have the bits that `SparseCoder` gives.
public struct PreparedCoder {
  private let coder: SparseCoder
  private let search: LatentSearch
  private let decoder: PaddedDecoder
  private let compute: Compute

  /// The dictionary, laid out.
  ///
  /// - Parameter rows: Some of the rows to come, if they are known; they save time only.
  /// - Complexity: O(d_sae × d_in) time and memory.
  public init(_ coder: SparseCoder, on compute: Compute, like rows: Matrix? = nil) {
    self.coder = coder
    self.compute = compute
    search = LatentSearch(coder, compute: compute, like: rows)
    decoder = PaddedDecoder(coder)
  }

  /// The codes of rows; see `SparseCoder.encode(_:on:)`.
  public func encode(_ rows: Matrix) -> SparseCodes { coder.encode(rows, by: search) }

  /// The reconstructions of codes; see `SparseCoder.decode(_:on:)`.
  public func decode(_ codes: SparseCodes) -> Matrix { decoder.decode(codes, on: compute) }
}

/// The atoms and the output bias in padded rows.
private struct PaddedDecoder {
  let atoms, bias: AlignedBuffer<Float>
  let width, latents: Int

  init(_ coder: SparseCoder) {
    width = coder.width
    latents = coder.latents
    atoms = AlignedBuffer(padding: coder.decoder)
    bias = AlignedBuffer(
      padding: Matrix(rows: 1, columns: coder.width, values: coder.decoderBias))
  }

  func decode(_ codes: SparseCodes, on compute: Compute) -> Matrix {
    precondition(codes.latents == latents, "codes of \(codes.latents) for \(latents) latents")
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
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
