import SparseCoding

extension ReferenceEngine {
  /// What one row's forward pass holds; every array is dense.
  struct RowPass {
    /// x and t in the units of training, and x - b_in.
    var input, target, centered: [Double]
    /// h, or of a multistep encoder those of each step.
    var scores: [[Double]] = []
    /// z, or those of each step.
    var codes: [[Double]] = []
    /// r_g of each prefix.
    var residuals: [[Double]] = []

    var lastScores: [Double] { scores.last ?? [] }
    var code: [Double] { codes.last ?? [] }
    var residual: [Double] { residuals.last ?? [] }
    var support: [Int] { code.indices.filter { code[$0] != 0 } }
  }

  /// What a batch's forward pass holds.
  struct BatchPass {
    var rows: [RowPass]
    /// The smallest value that `batchTopK` kept.
    var smallestKept: Double?
  }

  func forward(_ batch: Batch, _ constants: StepConstants) -> BatchPass {
    var rows = batch.rows.map {
      start(batch.normalized($0, by: base.normalizer, sites: model.architecture.siteColumns))
    }
    var smallest: Double?
    for step in 0..<model.encoderSteps {
      for row in rows.indices { rows[row].scores.append(scores(of: rows[row], step: step)) }
      if case .batchTopK = model.activation {
        smallest = chooseAcross(&rows, count: constants.k * rows.count)
      } else {
        for row in rows.indices {
          rows[row].codes.append(code(of: rows[row].lastScores, k: constants.k))
        }
      }
    }
    for row in rows.indices { rows[row].residuals = residuals(of: rows[row]) }
    return BatchPass(rows: rows, smallestKept: smallest)
  }

  private func start(_ values: [Double]) -> RowPass {
    let input = Array(values[model.architecture.inputs])
    let bias =
      model.architecture.readsItsTarget
      ? weights[.decoderBias] : base.inputBias.map(Double.init)
    return RowPass(
      input: input, target: Array(values[model.architecture.outputs]),
      centered: zip(input, bias).map { $0 - $1 })
  }

  private func scores(of row: RowPass, step: Int) -> [Double] {
    let feedback = weights[.feedback]
    let previous = row.codes.last
    return (0..<model.latents).map { latent in
      var score =
        weights[.encoderBias][latent] + dotProduct(weights.encoderRow(latent), row.centered)
      if step > 0, let previous {
        for (other, value) in previous.enumerated() where value != 0 {
          score += feedback[other * model.latents + latent] * value
        }
      }
      return score
    }
  }

  /// sigma of one row's scores.
  private func code(of scores: [Double], k: Int) -> [Double] {
    switch model.activation {
    case .relu: return scores.map { max($0, 0) }
    case .jumpReLU:
      return zip(scores, weights[.thresholds]).map { $0 > $1 ? $0 : 0 }
    case .topK: return keeping(largest(k, of: scores.map { max($0, 0) }), of: scores)
    case .absTopK: return keeping(largest(k, of: scores.map(abs)), of: scores)
    case .gated:
      return scores.indices.map { scores[$0] > 0 ? max(magnitude($0, scores[$0]), 0) : 0 }
    case .batchTopK: preconditionFailure("a batch is chosen from as a whole")
    }
  }

  /// exp(r) u + b_mag of a gated latent, before it is clipped at 0.
  func magnitude(_ latent: Int, _ score: Double) -> Double {
    let scale = Elementary.exp(weights[.magnitudeScale][latent])
    return scale * (score - weights[.encoderBias][latent]) + weights[.magnitudeBias][latent]
  }

  private func keeping(_ chosen: [Int], of scores: [Double]) -> [Double] {
    var code = [Double](repeating: 0, count: scores.count)
    for latent in chosen { code[latent] = scores[latent] }
    return code
  }

  /// Of `sizes` the positions of the `count` largest, of those the positive ones; ties by position.
  func largest(_ count: Int, of sizes: [Double]) -> [Int] {
    sizes.indices.filter { sizes[$0] > 0 }
      .sorted { (sizes[$0], $1) > (sizes[$1], $0) }
      .prefix(count).sorted()
  }

  private func chooseAcross(_ rows: inout [RowPass], count: Int) -> Double? {
    let sizes = rows.flatMap { $0.lastScores.map { max($0, 0) } }
    let chosen = largest(count, of: sizes)
    let perRow = Dictionary(grouping: chosen) { $0 / model.latents }
    for row in rows.indices {
      let own = (perRow[row] ?? []).map { $0 % model.latents }
      rows[row].codes.append(keeping(own, of: rows[row].lastScores))
    }
    return chosen.map { sizes[$0] }.min()
  }

  /// r_g of every prefix.
  private func residuals(of row: RowPass) -> [[Double]] {
    var sum = constantPart(of: row)
    var start = 0
    return settings.prefixes.map { end in
      add(row.code, in: start..<end, to: &sum)
      start = end
      return sum
    }
  }

  /// b_dec (+ x W_skipᵀ) - t.
  func constantPart(of row: RowPass) -> [Double] {
    let skip = weights[.skip]
    return row.target.indices.map { i in
      var sum = weights[.decoderBias][i] - row.target[i]
      if !skip.isEmpty {
        sum += dotProduct(skip[i * model.inputWidth..<(i + 1) * model.inputWidth], row.input)
      }
      return sum
    }
  }

  /// Adds `sum over latents of code[latent] d_latent`.
  func add(_ code: [Double], in latents: Range<Int>, to sum: inout [Double]) {
    for latent in latents where code[latent] != 0 {
      for (i, weight) in weights.atom(latent).enumerated() { sum[i] += code[latent] * weight }
    }
  }
}

extension Batch {
  /// A row in the units of training.
  func normalized(
    _ row: Int, by normalizer: RowNormalizer, sites: [Range<Int>]
  ) -> [Double] {
    var values = (0..<width).map { Double(self[row, $0]) }
    for site in sites {
      let (shift, factor) = normalizer.rowScaling.shiftAndFactor(of: site.count) {
        self[row, site.lowerBound + $0]
      }
      for i in site { values[i] = factor * (values[i] + shift) }
    }
    return normalizer.change(of: values, sites: sites)
  }
}
