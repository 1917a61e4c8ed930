public import SparseCoding

/// Directions that the first latents are kept near: features that are known.
public struct Anchors: Hashable, Sendable {
  /// What the encoder's first rows are drawn to, `[anchors, d_in]`; without rows where it is tied.
  public var encoder: Matrix
  /// What the first atoms are drawn to, `[anchors, d_out]`.
  public var decoder: Matrix

  /// Anchors of the directions given, in the units of training.
  ///
  /// - Precondition: As many for the encoder, or none, as for the decoder.
  public init(encoder: Matrix, decoder: Matrix) {
    precondition(
      encoder.rows == decoder.rows || encoder.rows == 0,
      "\(encoder.rows) anchors of the encoder for \(decoder.rows) of the decoder")
    self.encoder = encoder
    self.decoder = decoder
  }

  /// The number of latents that are anchored.
  public var count: Int { decoder.rows }

  func check(_ model: ModelShape) {
    precondition(count <= model.latents, "\(count) anchors for \(model.latents) latents")
    precondition(
      decoder.columns == model.outputWidth
        && (encoder.rows == 0 || encoder.columns == model.inputWidth),
      "anchors of \(encoder.columns) and \(decoder.columns) columns for a dictionary of "
        + "\(model.inputWidth) and \(model.outputWidth)")
  }
}

extension Anchors {
  /// Anchors along directions in the space of the data's rows.
  ///
  /// A direction changes its units as a difference of two rows does, `A (s ∘ x)`. Of the result the
  /// columns that are read, and those that are reconstructed, are brought to unit length each.
  ///
  /// - Parameters:
  ///   - directions: `[anchors, row width]`, of any length; the sites' columns side by side.
  ///   - configuration: What is trained on such rows.
  ///   - normalizer: The units in which rows are trained.
  /// - Precondition: Rows are not scaled one by one: no direction of all rows would belong to one of the
  ///   data. Every direction is finite and differs from zero in the columns that are read and in those
  ///   that are reconstructed.
  /// - Source: Tang et al. 2025 (arXiv 2512.05534), section 4, for the penalty and its unit class means.
  public init(
    along directions: Matrix, of configuration: TrainingConfiguration,
    in normalizer: RowNormalizer
  ) {
    let architecture = configuration.architecture
    precondition(
      directions.columns == architecture.rowWidth,
      "directions of \(directions.columns) columns for rows of \(architecture.rowWidth)")
    precondition(normalizer.rowScaling == .none, "no direction outlasts a scaling row by row")
    let isTied = configuration.model.isTied
    var (read, reconstructed): ([Float], [Float]) = ([], [])
    for row in 0..<directions.rows {
      let moved = normalizer.change(
        of: directions.row(row).map(Double.init), sites: architecture.siteColumns)
      if !isTied { read += Self.unit(moved[architecture.inputs], row) }
      reconstructed += Self.unit(moved[architecture.outputs], row)
    }
    self.init(
      encoder: Matrix(
        rows: isTied ? 0 : directions.rows, columns: architecture.inputs.count, values: read),
      decoder: Matrix(
        rows: directions.rows, columns: architecture.outputs.count, values: reconstructed))
  }

  private static func unit(_ values: ArraySlice<Double>, _ row: Int) -> [Float] {
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    precondition(length > 0 && length.isFinite, "anchor \(row) has the length \(length)")
    return values.map { Float($0 / length) }
  }
}

extension RowStatistics {
  /// Anchors along directions in the space of the data's rows, in the units in which these are trained.
  ///
  /// - Precondition: That of `Anchors.init(along:of:in:)`.
  public func anchors(
    along directions: Matrix, of configuration: TrainingConfiguration
  ) -> Anchors {
    Anchors(along: directions, of: configuration, in: normalizer)
  }
}

extension RowNormalizer {
  /// `A (s ∘ x)`, in `Double`.
  func change(of row: [Double], sites: [Range<Int>]) -> [Double] {
    let scaled = zip(row, scales).map { $0 * Double($1) }
    guard !whitening.isEmpty else { return scaled }
    return zip(sites, whitening).flatMap { site, whitening in
      (0..<site.count).map { i in
        zip(whitening.matrix.row(i), scaled[site]).reduce(0.0) { $0 + Double($1.0) * $1.1 }
      }
    }
  }
}
