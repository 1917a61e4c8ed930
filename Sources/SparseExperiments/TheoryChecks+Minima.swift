import Identifiability
import RunRecords
import SparseCoding

// 3.6 and 3.8: stationary points that are wrong, and what leaves them.
extension TheoryInstance {
  /// 3.6: whether a random polysemantic pattern has a stationary point, and what it is like.
  mutating func partialMinima(of features: [[Double]]) -> TheoryFinding {
    let loss = FeatureLoss(inputs: features, weights: weights(theory.features))
    let pattern = partition(latents: theory.latents)
    var finding = TheoryFinding()
    guard let point = PartialMinimum.stationary(pattern, of: loss) else {
      finding.count(.exists, false)
      return finding
    }
    finding.count(.exists, loss.pattern(of: point.model) == pattern)
    let gradients = loss.gradients(of: point.model)
    finding.greatest[.encoderGradient] = largest(gradients.encoder)
    finding.greatest[.atomGradient] = largest(gradients.atoms)
    let value = loss.value(of: point.model)
    finding.values[.loss] = value / loss.weights.reduce(0, +)
    // No step of one block helps, as long as the pattern holds.
    for _ in 0..<50 {
      var moved = point.model
      perturb(&moved, by: 0.02)
      var (encoder, atoms) = (point.model, point.model)
      (encoder.encoder, atoms.atoms) = (moved.encoder, moved.atoms)
      finding.count(.stepsThatHelp, loss.value(of: atoms) < value - 1e-12)
      guard loss.pattern(of: encoder) == pattern else { continue }
      finding.count(.stepsThatHelp, loss.value(of: encoder) < value - 1e-12)
    }
    return finding
  }

  /// 3.6: the atoms of the printed proof for a random encoder that has the pattern.
  mutating func printedProof() -> TheoryFinding {
    let loss = FeatureLoss(inputs: cone(theory.features), weights: weights(theory.features))
    let pattern = partition(latents: theory.latents)
    var finding = TheoryFinding()
    guard case .realizable(let encoder) = pattern.realizability(on: loss.inputs) else {
      finding.count(.exists, false)
      return finding
    }
    finding.count(.exists, true)
    let gradients = loss.gradients(of: PartialMinimum.printed(encoder, of: loss))
    finding.values[.encoderGradient] = largest(gradients.encoder)
    finding.values[.atomGradient] = largest(gradients.atoms)
    return finding
  }

  /// 3.6: descent by all features from beside a minimum.
  mutating func minimaStay() -> TheoryFinding {
    let loss = FeatureLoss(inputs: cone(theory.features), weights: weights(theory.features))
    return left(loss, partition(latents: theory.latents), name: "from minima")
  }

  /// 3.6: the same from beside a saddle: pairs of features at more than a right angle.
  mutating func saddlesLeave() -> TheoryFinding {
    let axes = basis()
    let pairs = theory.features / 2
    var (inputs, active): ([[Double]], [[Int]]) = ([], [])
    for pair in 0..<pairs {
      let cosine = -0.1 - 0.4 * stream.uniform()
      let sine = (1 - cosine * cosine).squareRoot()
      inputs.append(axes[2 * pair])
      inputs.append(zip(axes[2 * pair], axes[2 * pair + 1]).map { cosine * $0 + sine * $1 })
      active.append([2 * pair, 2 * pair + 1])
    }
    let idle = [[Int]](repeating: [], count: max(0, theory.latents - pairs))
    return left(
      FeatureLoss(inputs: inputs, weights: weights(inputs.count)),
      ActivationPattern(features: inputs.count, active: active + idle), name: "from saddles")
  }

  /// Where descent by all features ends that begins a thousandth beside a stationary point.
  private mutating func left(
    _ loss: FeatureLoss, _ pattern: ActivationPattern, name: String
  ) -> TheoryFinding {
    var finding = TheoryFinding()
    guard let point = PartialMinimum.stationary(pattern, of: loss) else {
      finding.count(.exists, false)
      return finding
    }
    finding.count(.exists, true)
    finding.count(.isMinimum, point.isMinimum)
    var start = point.model
    perturb(&start, by: 1e-3)
    let path = theory.descent().path(
      from: start, on: loss, stream: &stream)
    finding.values[.lossKept] = path.losses[path.losses.count - 1] / loss.value(of: point.model)
    finding.curve = Self.curve([(name, path)])
    return finding
  }

  /// 3.6: descent by some features at a time from a minimum, with latents to spare.
  mutating func escape(
    reviving beginning: GradientDescent.Beginning?, name: String
  ) -> TheoryFinding {
    let loss = FeatureLoss(inputs: cone(theory.features), weights: weights(theory.features))
    let pattern = partition(latents: theory.features / 2)
    let idle = [[Int]](repeating: [], count: max(0, theory.latents - pattern.active.count))
    let padded = ActivationPattern(features: theory.features, active: pattern.active + idle)
    var finding = TheoryFinding()
    guard let point = PartialMinimum.stationary(padded, of: loss), point.isMinimum else {
      finding.count(.exists, false)
      return finding
    }
    finding.count(.exists, true)
    let path = theory.descent(reviving: beginning).path(
      from: point.model, on: loss, stream: &stream)
    finding.count(.escaped, path.escape != nil)
    finding.values[.lossKept] = path.losses[path.losses.count - 1] / path.losses[0]
    if let escape = path.escape { finding.values[.escapeSteps] = Double(escape) }
    finding.values[.peak] = (path.losses.max() ?? 0) / path.losses[0]
    finding.curve = Self.curve([(name, path)])
    return finding
  }

  /// 3.8: of parents with children, those of whom one child, and those children of whom each, can have a latent of its own.
  mutating func absorption() -> TheoryFinding {
    var finding = TheoryFinding()
    let parents = theory.latents
    let children = theory.features / parents
    let centers = directions(parents)
    let inputs = centers.flatMap { center in
      directions(children).map { unit(zip(center, $0).map { 2 * $0 + $1 }) }
    }
    let active = (0..<parents).map { Array($0 * children..<($0 + 1) * children) }
    /// Nil where neither the encoder nor the multipliers hold what they are given for.
    func isRealizable(_ active: [[Int]]) -> Bool? {
      let pattern = ActivationPattern(features: inputs.count, active: active)
      switch pattern.realizability(on: inputs, threshold: 0.1) {
      case .realizable(let encoder):
        let model = PlainModel(encoder: encoder, atoms: encoder, rule: .above(0.1))
        return FeatureLoss(inputs: inputs).pattern(of: model) == pattern ? true : nil
      case .impossible(let latent, let certificate):
        return pattern.proves(certificate, latent: latent, on: inputs, threshold: 0.1)
          ? false : nil
      }
    }
    let isHierarchy = isRealizable(active)
    finding.count(.exists, isHierarchy == true)
    finding.count(.undecided, isHierarchy == nil)
    guard isHierarchy == true else { return finding }
    for parent in 0..<parents {
      let absorbed = active[parent].map { child in
        var pattern = active
        pattern[parent].removeAll { $0 == child }
        return isRealizable(pattern + [[child]])
      }
      for holds in absorbed {
        finding.count(.undecided, holds == nil)
        finding.count(.anyChild, holds == true)
      }
      finding.count(.someChild, absorbed.contains(true))
    }
    return finding
  }
}
