import SparseCoding
import Testing

@testable import DictionaryTraining

/// Atoms fitted to codes, and encoders fitted to codes.
struct FitTests {
  private let compute = Compute(threads: 2)

  /// Random rows, atoms and nonnegative codes, `[rows, d_sae]` with about `active` a row.
  private struct Problem {
    var atoms, rows: Matrix
    var codes: SparseCodes
    let bias: [Float]

    init(rows count: Int, width: Int, latents: Int, active: Double, noise: Float, seed: UInt64) {
      var stream = RandomStream(seed: seed, name: "fit")
      atoms = Matrix(
        rows: latents, columns: width, values: stream.gaussians(count: latents * width))
      bias = stream.gaussians(count: width)
      codes = SparseCodes(latents: latents, offsets: [0], indices: [], values: [])
      rows = Matrix(rows: count, columns: width)
      for row in 0..<count {
        for index in 0..<width { rows[row, index] = bias[index] }
        for latent in 0..<latents where stream.uniform() < active / Double(latents) {
          let value = Float(0.2 + stream.uniform())
          codes.indices.append(Int32(latent))
          codes.values.append(value)
          for index in 0..<width { rows[row, index] += value * atoms[latent, index] }
        }
        codes.offsets.append(codes.indices.count)
        for (index, value) in stream.gaussians(count: width).enumerated() {
          rows[row, index] += noise * value
        }
      }
    }
  }

  @Test func atomsAndBiasThatMadeTheRowsAreFound() {
    let problem = Problem(rows: 900, width: 20, latents: 45, active: 4, noise: 0, seed: 1)
    let fit = AtomFit(
      of: problem.rows, by: problem.codes, from: Matrix(rows: 45, columns: 20), on: compute)
    for (a, b) in zip(fit.atoms.values, problem.atoms.values) { #expect(abs(a - b) < 1e-3) }
    for (a, b) in zip(fit.bias, problem.bias) { #expect(abs(a - b) < 1e-3) }
  }

  /// With noise no atoms are right, but the residual is orthogonal to every latent's codes and has no mean.
  @Test func theResidualIsOrthogonalToTheCodes() {
    let problem = Problem(rows: 700, width: 12, latents: 30, active: 5, noise: 0.5, seed: 2)
    let fit = AtomFit(of: problem.rows, by: problem.codes, from: problem.atoms, on: compute)
    /// The greatest product of residual and codes, relative to that of rows and codes.
    func violation(_ atoms: Matrix, _ bias: [Float]) -> Double {
      var products = [Double](repeating: 0, count: 31 * 12)
      var scale = 0.0
      for row in 0..<700 {
        var residual = (0..<12).map { Double(problem.rows[row, $0]) - Double(bias[$0]) }
        let entries = problem.codes.entries(ofRow: row)
        for entry in entries {
          let (latent, value) = (Int(problem.codes.indices[entry]), problem.codes.values[entry])
          for index in 0..<12 { residual[index] -= Double(value) * Double(atoms[latent, index]) }
        }
        for index in 0..<12 {
          products[30 * 12 + index] += residual[index]
          scale += abs(Double(problem.rows[row, index])) / 12
          for entry in entries {
            products[Int(problem.codes.indices[entry]) * 12 + index] +=
              residual[index] * Double(problem.codes.values[entry])
          }
        }
      }
      return products.reduce(0) { max($0, abs($1)) } / scale
    }
    #expect(violation(fit.atoms, fit.bias) < 1e-4)
    var other = fit.atoms
    other[7, 3] += 0.1
    #expect(violation(other, fit.bias) > 1e-3)
  }

  @Test func aLatentThatIsNeverActiveHasNoAtomAndNothingElseChanges() {
    let problem = Problem(rows: 300, width: 9, latents: 14, active: 3, noise: 0.1, seed: 3)
    let wider = SparseCodes(
      latents: 15, offsets: problem.codes.offsets, indices: problem.codes.indices,
      values: problem.codes.values)
    let fit = AtomFit(
      of: problem.rows, by: wider, from: Matrix(rows: 15, columns: 9), on: compute)
    let plain = AtomFit(
      of: problem.rows, by: problem.codes, from: Matrix(rows: 14, columns: 9), on: compute)
    #expect(fit.atoms.row(14).allSatisfy { $0 == 0 })
    for (a, b) in zip(plain.atoms.values, fit.atoms.values) { #expect(abs(a - b) < 1e-4) }
  }

  /// Fewer independent atoms than dimensions: a linear encoder reads the codes off exactly.
  @Test func anEncoderReadsCodesThatCanBeReadOff() {
    let problem = Problem(rows: 2000, width: 24, latents: 12, active: 3, noise: 0, seed: 4)
    let fit = EncoderFit(of: problem.rows, for: problem.codes, ridge: 1e-6, on: compute)
    var coder = SparseCoder(
      site: Site(name: "here", width: 24), activation: .jumpReLU, encoder: fit.encoder,
      decoder: problem.atoms, encoderBias: fit.bias, decoderBias: problem.bias)
    coder.inputBias = [Float](repeating: 0, count: 24)
    coder.thresholds = fit.thresholds
    let codes = coder.encode(problem.rows, on: compute)
    #expect(codes.indices == problem.codes.indices && codes.offsets == problem.codes.offsets)
    for (a, b) in zip(codes.values, problem.codes.values) { #expect(abs(a - b) < 0.01) }
  }

  /// No threshold and factor leave less than those chosen.
  @Test func thresholdAndFactorAreTheBestThereAre() {
    var stream = RandomStream(seed: 9, name: "rule")
    for trial in 0..<20 {
      let noise = stream.gaussians(count: 60)
      let codes = (0..<60).map { Float($0 % 4 == 0 ? 0.3 + 0.05 * Double($0) : 0) }
      let scores = zip(codes, noise).map { 0.6 * $0 + 0.4 * $1 }
      let bias = Float(trial) / 20
      let rule = LatentRule(
        scores: scores[...], bias: bias,
        codes: codes.enumerated().map { (Int32($0.offset), $0.element) })
      func error(_ threshold: Float, _ factor: Float) -> Double {
        zip(scores, codes).reduce(0) { sum, pair in
          let score = pair.0 + bias
          let gap = Double(pair.1) - (score > threshold ? Double(factor * score) : 0)
          return sum + gap * gap
        }
      }
      let best = error(rule.threshold, rule.factor)
      for score in scores where score + bias > 0 {
        for step in 0...40 {
          #expect(error((score + bias).nextDown, Float(step) / 10) >= best - 1e-6)
        }
      }
    }
  }
}
