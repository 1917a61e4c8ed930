import CSparseKernels

extension SparseCoder {
  /// The codes of rows: `sigma((x - b_in) W_encᵀ + b_enc)`.
  ///
  /// Scores are canonical dots in `Float`, so the codes are the same bits on every machine and equal
  /// those that training saw. For rows that come in parts, `PreparedCoder` lays the weights out once.
  ///
  /// - Parameter rows: Rows of data `[rows, row width]`, or what is read of them `[rows, d_in]`; finite.
  /// - Complexity: O(rows × d_in × d_sae) time; memory for a block of rows a thread.
  /// - Elsewhere: SAELens `SAE.encode` (the same rule; sums in another order).
  public func encode(_ rows: Matrix, on compute: Compute) -> SparseCodes {
    PreparedCoder(self, on: compute, like: rows).encode(rows)
  }

  /// The reconstructions of codes: `z W_dec + b_dec (+ x W_skipᵀ)`, each element summed in the order of the
  /// latents.
  ///
  /// - Parameter rows: What the codes are of; needed where a linear path leads past the latents, and
  ///   where rows are scaled by themselves.
  /// - Returns: `[rows, d_out]`.
  /// - Complexity: O(entries × d_out).
  public func decode(_ codes: SparseCodes, of rows: Matrix? = nil, on compute: Compute) -> Matrix {
    PaddedDecoder(self).decode(codes, of: rows, on: compute)
  }

  /// The columns of rows of data that are read; rows of that width are taken as they are.
  public func inputs(of rows: Matrix) -> Matrix {
    precondition(
      rows.columns == inputWidth || rows.columns == architecture.rowWidth,
      "rows of \(rows.columns) for a dictionary that reads \(inputWidth) of "
        + "\(architecture.rowWidth)")
    return rows.columns == inputWidth ? rows : rows.selecting(columns: architecture.inputs)
  }

  /// The columns of rows of data that are reconstructed.
  public func targets(of rows: Matrix) -> Matrix {
    architecture.readsItsTarget ? rows : rows.selecting(columns: architecture.outputs)
  }

  /// What atoms and the output's bias are to sum to: the targets, each row scaled by itself where that is asked for.
  public func scaledTargets(of rows: Matrix) -> Matrix {
    var targets = targets(of: rows)
    scale(&targets, sites: architecture.sources.map(\.count))
    return targets
  }

  /// Of each row the latents whose scores are largest in magnitude, whatever the rule keeps of them.
  ///
  /// An encoder that feeds its code back keeps what its rule says until the last step.
  ///
  /// - Complexity: That of `encode`.
  /// - Source: the supports of the aRIP penalty, "Toward Identifiable Sparse Autoencoders", section 4.
  public func largestScores(_ count: Int, of rows: Matrix, on compute: Compute) -> SparseCodes {
    let inputs = scaledInputs(of: rows)
    let count = min(count, latents)
    if multistep != nil {
      return LatentSearch(self, compute: compute, like: inputs, last: count).codes(of: inputs)
    }
    var wide = self
    wide.activation = .absTopK(k: count)
    return LatentSearch(wide, compute: compute, like: inputs).codes(of: inputs)
  }
}

extension SparseCoder {
  /// The bytes of the lists that encoding makes beside its result, by a rule that keeps all scores above limits; 0 by the
  /// others.
  ///
  /// What is trained by `batchTopK` encodes by limits.
  public static func listBytes(_ activation: Activation, latents: Int, threads: Int) -> Int {
    switch activation {
    case .topK, .absTopK: 0
    case .relu, .jumpReLU, .batchTopK, .gated:
      threads
        * (2 * AlignedBuffer<Float>.byteCount(of: LatentSearch.panel * latents)
          + AlignedBuffer<Float>.byteCount(of: (LatentSearch.tile + 2) * latents))
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
  /// - Complexity: O(d_sae × (d_in + d_out)) time and memory.
  public init(_ coder: SparseCoder, on compute: Compute, like rows: Matrix? = nil) {
    self.coder = coder
    self.compute = compute
    let known = rows.map { coder.scaledInputs(of: $0) }
    search = LatentSearch(coder, compute: compute, like: known)
    decoder = PaddedDecoder(coder)
  }

  /// The codes of rows; see `SparseCoder.encode(_:on:)`.
  public func encode(_ rows: Matrix) -> SparseCodes {
    search.codes(of: coder.scaledInputs(of: rows))
  }

  /// The reconstructions of codes; see `SparseCoder.decode(_:of:on:)`.
  public func decode(_ codes: SparseCodes, of rows: Matrix? = nil) -> Matrix {
    decoder.decode(codes, of: rows, on: compute)
  }
}

extension SparseCoder {
  /// What is read of rows, each scaled by itself where that is asked for.
  fileprivate func scaledInputs(of rows: Matrix) -> Matrix {
    var inputs = inputs(of: rows)
    scale(&inputs, sites: inputSites)
    return inputs
  }

  /// Scales each row by itself, site by site, where that is asked for.
  private func scale(_ rows: inout Matrix, sites: [Int]) {
    guard rowScaling != .none else { return }
    var site = 0..<0
    for width in sites {
      site = site.upperBound..<site.upperBound + width
      for row in 0..<rows.rows {
        let (shift, factor) = rowScaling.shiftAndFactor(of: width) {
          rows[row, site.lowerBound + $0]
        }
        for column in site {
          rows[row, column] = Float((Double(rows[row, column]) + shift) * factor)
        }
      }
    }
  }

  /// The widths of the sites that are read.
  private var inputSites: [Int] {
    switch architecture {
    case .autoencoder(let site): [site.width]
    case .transcoder(let input, _, _): [input.width]
    case .crosscoder(let sites): sites.map(\.width)
    }
  }

  /// Takes the scaling of rows by themselves back from what was reconstructed of them.
  fileprivate func unscale(_ decoded: inout Matrix, of rows: Matrix) {
    guard rowScaling != .none else { return }
    let targets = targets(of: rows)
    for source in architecture.sources {
      for row in 0..<decoded.rows {
        let (shift, factor) = rowScaling.shiftAndFactor(of: source.count) {
          targets[row, source.lowerBound + $0]
        }
        for column in source {
          let value = Double(decoded[row, column])
          decoded[row, column] = Float((factor > 0 ? value / factor : 0) - shift)
        }
      }
    }
  }
}

/// The atoms, the output bias and the linear path in padded rows.
private struct PaddedDecoder {
  let coder: SparseCoder
  let atoms, bias: AlignedBuffer<Float>
  let skip: AlignedBuffer<Float>?

  init(_ coder: SparseCoder) {
    self.coder = coder
    atoms = AlignedBuffer(padding: coder.decoder)
    bias = AlignedBuffer(
      padding: Matrix(rows: 1, columns: coder.outputWidth, values: coder.decoderBias))
    skip = coder.skip.map { AlignedBuffer(padding: $0) }
  }

  func decode(_ codes: SparseCodes, of rows: Matrix?, on compute: Compute) -> Matrix {
    precondition(
      codes.latents == coder.latents, "codes of \(codes.latents) for \(coder.latents) latents")
    precondition(
      rows != nil || (skip == nil && coder.rowScaling == .none),
      "this dictionary needs the rows that codes are of to decode them")
    let stride = AlignedBuffer<Float>.stride(ofWidth: coder.outputWidth)
    let indices = AlignedBuffer(codes.indices)
    let values = AlignedBuffer(codes.values)
    let decoded = AlignedBuffer<Float>(count: codes.rows * stride)
    let functions = compute.kernels.functions
    let inputs = skip == nil ? nil : rows.map { AlignedBuffer(padding: coder.scaledInputs(of: $0)) }
    let inputStride = AlignedBuffer<Float>.stride(ofWidth: coder.inputWidth)
    let block = 64
    compute.pool.run(units: (codes.rows + block - 1) / block) { unit, _ in
      for row in unit * block..<min((unit + 1) * block, codes.rows) {
        let entries = codes.entries(ofRow: row)
        let target = decoded.start + row * stride
        functions.pointee.decode(
          bias.start, atoms.start, stride, indices.start + entries.lowerBound,
          values.start + entries.lowerBound, entries.count, stride, target)
        guard let skip, let inputs else { continue }
        for i in 0..<coder.outputWidth {
          target[i] += functions.pointee.dot(
            inputs.start + row * inputStride, skip.start + i * inputStride, inputStride)
        }
      }
    }
    var matrix = decoded.matrix(rows: codes.rows, columns: coder.outputWidth)
    if let rows { coder.unscale(&matrix, of: rows) }
    return matrix
  }
}
