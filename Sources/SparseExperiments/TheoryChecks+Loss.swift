import Identifiability
import RunRecords
import SparseCoding

// 3.1 to 3.4: what the loss is, where it is convex, and where it is zero.
extension TheoryInstance {
  /// 3.1, from a chance of 1/n down, where it holds, and up to four features at a time, where it says nothing.
  mutating func lossApproximation() -> TheoryFinding {
    let inputs = directions(theory.features)
    let model = PlainModel(
      encoder: directions(theory.latents), atoms: directions(theory.latents))
    let mean = [4, 2] + (0..<9).map { 1 / Double(1 << $0) }
    let found = mean.map { mean in
      LossApproximation(
        of: model, inputs: inputs, outputs: inputs, chance: mean / Double(theory.features))
    }
    let gaps = found.map { abs($0.loss - $0.alone) }
    var finding = TheoryFinding()
    finding.greatest[.boundShare] =
      zip(gaps, found).dropFirst(2).map { $0 / $1.bound }.max() ?? 0
    // Each chance is half of the one before.
    finding.values[.gapOrder] =
      Elementary.log(gaps[gaps.count - 2] / gaps[gaps.count - 1]) / Elementary.log(2)
    finding.values[.relativeGap] = gaps[0] / found[0].loss
    finding.curve = TheoryRecord.Curve(
      x: "features active at a time, on average", y: "difference of the losses",
      lines: [
        .init(name: "measured", x: mean, y: gaps),
        .init(
          name: "the theorem's bound", x: Array(mean.dropFirst(2)),
          y: found.dropFirst(2).map(\.bound)),
      ])
    return finding
  }

  /// 3.2 on segments between random models: those whose ends have one pattern, and the others.
  mutating func biconvexity() -> TheoryFinding {
    let loss = FeatureLoss(inputs: directions(theory.features))
    var finding = TheoryFinding()
    func isBent(_ a: PlainModel, _ b: PlainModel) -> Bool {
      var middle = a
      middle.encoder = Self.mean(a.encoder, b.encoder)
      middle.atoms = Self.mean(a.atoms, b.atoms)
      let bend = (loss.value(of: a) + loss.value(of: b)) / 2 - loss.value(of: middle)
      return bend < -1e-12
    }
    for _ in 0..<200 {
      let a = PlainModel(
        encoder: directions(theory.latents), atoms: directions(theory.latents))
      var (encoder, atoms) = (a, a)
      let (other, share) = (directions(theory.latents), stream.uniform())
      for latent in other.indices {
        encoder.encoder[latent] = zip(a.encoder[latent], other[latent]).map {
          $0 + share * share * ($1 - $0)
        }
      }
      atoms.atoms = directions(theory.latents)
      let isWithin = loss.pattern(of: a) == loss.pattern(of: encoder)
      finding.count(isWithin ? .bentWithin : .bentAcross, isBent(a, encoder))
      finding.count(.bentByAtoms, isBent(a, atoms))
    }
    return finding
  }

  private static func mean(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    zip(a, b).map { zip($0, $1).map { ($0 + $1) / 2 } }
  }

  /// 3.3 for widths from a fourth of the given one up to eight times it.
  mutating func nearZeroLoss() -> TheoryFinding {
    let widths = (-2...3).map { $0 < 0 ? theory.width >> -$0 : theory.width << $0 }
    let found = widths.map { width in
      let loss = FeatureLoss(inputs: directions(theory.features, width: width))
      let (model, bound) = ZeroLoss.features(of: loss)
      return (loss: loss.value(of: model), bound: bound, none: Double(theory.features))
    }
    var finding = TheoryFinding()
    finding.greatest[.boundShare] = found.map { $0.loss / $0.bound }.max() ?? 0
    finding.values[.loss] = found[2].loss
    let x = widths.map(Double.init)
    finding.curve = TheoryRecord.Curve(
      x: "width", y: "loss",
      lines: [
        .init(name: "of the features", x: x, y: found.map(\.loss)),
        .init(name: "the theorem's bound", x: x, y: found.map(\.bound)),
        .init(name: "of no dictionary", x: x, y: found.map(\.none)),
      ])
    return finding
  }

  /// 3.4: any orthonormal basis and its negatives.
  mutating func zeroLoss() -> TheoryFinding {
    let loss = FeatureLoss(inputs: directions(theory.features))
    return found(ZeroLoss.signedBasis(basis()), of: loss)
  }

  /// 3.4: where descent from a random model ends.
  mutating func trainedZeroLoss() -> TheoryFinding {
    let loss = FeatureLoss(inputs: directions(theory.features))
    let rows = directions(theory.latents)
    let path = theory.descent().path(
      from: PlainModel(encoder: rows, atoms: rows), on: loss, stream: &stream)
    var finding = found(path.model, of: loss)
    finding.curve = Self.curve([("loss", path)])
    return finding
  }

  /// The loss of a model over that of none, and which features are among its atoms.
  private func found(_ model: PlainModel, of loss: FeatureLoss) -> TheoryFinding {
    let atoms = model.atoms.filter { dot($0, $0) > 0 }.map(unit)
    var finding = TheoryFinding()
    let cosines = loss.outputs.map { feature in
      atoms.reduce(-1) { max($0, dot($1, feature)) }
    }
    for cosine in cosines { finding.count(.recovery, cosine >= 0.95) }
    finding.values[.recoveryMean] = cosines.reduce(0, +) / Double(cosines.count)
    finding.values[.loss] = loss.value(of: model) / Double(theory.features)
    return finding
  }

  /// Losses over steps, relative to the first.
  static func curve(_ paths: [(name: String, path: GradientDescent.Path)]) -> TheoryRecord.Curve {
    TheoryRecord.Curve(
      x: "steps", y: "loss over that of the start",
      lines: paths.map { name, path in
        .init(
          name: name, x: path.steps.map(Double.init), y: path.losses.map { $0 / path.losses[0] })
      })
  }
}
