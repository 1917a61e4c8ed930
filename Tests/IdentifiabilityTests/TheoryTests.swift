import SparseCoding
import Testing

@testable import Identifiability

/// The statements of the unified theory of sparse dictionary learning, on small models, exactly.
struct TheoryTests {
  private func directions(_ count: Int, width: Int, seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed, name: "theory")
    return (0..<count).map { _ in
      let row = stream.gaussians(count: width).map(Double.init)
      let length = dot(row, row).squareRoot()
      return row.map { $0 / length }
    }
  }

  private func largest(_ rows: [[Double]]) -> Double {
    rows.joined().reduce(0) { max($0, abs($1)) }
  }

  private let plane: [[Double]] = [[1, 0], [0, 1]]

  // MARK: 3.1

  @Test func theLossOfSingleFeaturesIsNearTheLossOfSparseOnes() {
    let features = directions(8, width: 5, seed: 1)
    let model = PlainModel(
      encoder: directions(6, width: 5, seed: 2), atoms: directions(6, width: 5, seed: 3))
    var gaps: [Double] = []
    for chance in [1.0 / 8, 1.0 / 80, 1.0 / 800] {
      let found = LossApproximation(of: model, inputs: features, outputs: features, chance: chance)
      #expect(abs(found.loss - found.alone) <= found.bound)
      gaps.append(abs(found.loss - found.alone) / (chance * chance))
      // The loss of single features is that of FeatureLoss with the theorem's weights.
      let alone = chance * Power.of(1 - chance, 7)
      let loss = FeatureLoss(inputs: features, weights: [Double](repeating: alone, count: 8))
      #expect(abs(loss.value(of: model) - found.alone) < 1e-12)
    }
    // It goes like the square of the chance, and no faster.
    #expect(abs(gaps[2] / gaps[1] - 1) < 0.1 && gaps[2] > 0.1)
  }

  // MARK: 3.2

  /// Along a segment on which the pattern stays the loss is convex in the encoder, and in the atoms everywhere.
  @Test func theLossIsConvexInEachBlockWithinAPattern() {
    let loss = FeatureLoss(inputs: directions(7, width: 4, seed: 4))
    let atoms = directions(3, width: 4, seed: 5)
    var (within, across) = (0, 0)
    for seed in 0..<400 as Range<UInt64> {
      let a = PlainModel(encoder: directions(3, width: 4, seed: 100 + 2 * seed), atoms: atoms)
      let b = PlainModel(encoder: directions(3, width: 4, seed: 101 + 2 * seed), atoms: atoms)
      // From one end towards the other, as far as the pattern may stay.
      for share in [0.1, 1] {
        let end = PlainModel(encoder: mixed(a.encoder, b.encoder, share), atoms: atoms)
        let middle = PlainModel(encoder: mixed(a.encoder, end.encoder, 0.5), atoms: atoms)
        let bend =
          (loss.value(of: a) + loss.value(of: end)) / 2 - loss.value(of: middle)
        if loss.pattern(of: a) == loss.pattern(of: end) {
          within += 1
          #expect(bend > -1e-12)
        } else if bend < -1e-6 {
          across += 1
        }
      }
      var other = a
      other.atoms = directions(3, width: 4, seed: 900 + seed)
      var middle = a
      middle.atoms = mixed(a.atoms, other.atoms, 0.5)
      #expect(
        (loss.value(of: a) + loss.value(of: other)) / 2 - loss.value(of: middle) > -1e-12)
    }
    // Both happened: convex within a region, and not across regions.
    #expect(within > 50 && across > 10)
  }

  private func mixed(_ a: [[Double]], _ b: [[Double]], _ share: Double) -> [[Double]] {
    zip(a, b).map { zip($0, $1).map { $0 + share * ($1 - $0) } }
  }

  /// Gradients against central differences.
  @Test func gradientsAreThoseOfTheLoss() {
    let loss = FeatureLoss(
      inputs: directions(6, width: 4, seed: 6), outputs: directions(6, width: 3, seed: 7),
      weights: [1, 2, 0.5, 3, 1, 0.25])
    let model = PlainModel(
      encoder: directions(4, width: 4, seed: 8), atoms: directions(4, width: 3, seed: 9))
    let found = loss.gradients(of: model)
    func difference(_ change: (inout PlainModel, Double) -> Void) -> Double {
      var (up, down) = (model, model)
      change(&up, 1e-6)
      change(&down, -1e-6)
      return (loss.value(of: up) - loss.value(of: down)) / 2e-6
    }
    for latent in 0..<4 {
      for index in 0..<4 {
        #expect(
          abs(found.encoder[latent][index] - difference { $0.encoder[latent][index] += $1 }) < 1e-7)
      }
      for index in 0..<3 {
        #expect(
          abs(found.atoms[latent][index] - difference { $0.atoms[latent][index] += $1 }) < 1e-7)
      }
    }
  }

  // MARK: 3.3 and 3.4

  @Test func theFeaturesThemselvesHaveAlmostNoLoss() {
    for width in [20, 200] {
      let loss = FeatureLoss(inputs: directions(30, width: width, seed: 10))
      let (model, bound) = ZeroLoss.features(of: loss)
      #expect(loss.value(of: model) <= bound)
      #expect(loss.value(of: model) > 0)
    }
    let orthogonal = FeatureLoss(inputs: plane)
    #expect(ZeroLoss.features(of: orthogonal).bound == 0)
    #expect(orthogonal.value(of: ZeroLoss.features(of: orthogonal).model) == 0)
  }

  @Test func noLossAndNoFeature() {
    let features = plane + [[-1, 0], [0, -1]]
    let loss = FeatureLoss(inputs: features)
    let half = 0.5.squareRoot()
    let turned = ZeroLoss.signedBasis([[half, half], [-half, half]])
    #expect(loss.value(of: turned) < 1e-30)
    let best = features.map { feature in turned.atoms.map { dot($0, feature) }.max() ?? 0 }
    #expect(best.allSatisfy { abs($0 - half) < 1e-12 })
    // The right basis has no less loss.
    #expect(loss.value(of: ZeroLoss.signedBasis(plane)) == 0)
  }

  // MARK: 3.5 and 3.6

  @Test func thePapersExampleIsStationaryAndWrong() {
    let loss = FeatureLoss(inputs: plane)
    let model = PlainModel(
      encoder: [[1, 1], [0, 0]], atoms: [[0.5, 0.5], [0, 0]], rule: .largest(k: 1))
    #expect(abs(loss.value(of: model) - 1) < 1e-12)
    let (encoder, atoms) = loss.gradients(of: model)
    #expect(largest(encoder) < 1e-12 && largest(atoms) < 1e-12)
    #expect(loss.pattern(of: model).active == [[0, 1], []])
  }

  @Test func thePrintedConstructionIsNotStationaryForTheEncoder() {
    let loss = FeatureLoss(inputs: plane, weights: [1, 2])
    let (encoder, atoms) = loss.gradients(of: PartialMinimum.printed([[1, 2]], of: loss))
    #expect(largest(atoms) < 1e-12)
    #expect(abs(encoder[0][0] - 0.1975) < 1e-4 && abs(encoder[0][1] + 0.0988) < 1e-4)
    // What the proof does show: the gradient is orthogonal to the row.
    #expect(abs(dot(encoder[0], [1, 2])) < 1e-12)
    // And no row of these two is: the first eigenvector is one of them alone.
    #expect(
      PartialMinimum.stationary(ActivationPattern(features: 2, active: [[0, 1]]), of: loss) == nil)
  }

  @Test func polysemanticPatternsHaveStationaryPoints() throws {
    // Features with something in common, so that groups have a first eigenvector among them.
    let features = directions(5, width: 6, seed: 12).map { row in
      let sum = row.map { $0 + 0.6 }
      let length = dot(sum, sum).squareRoot()
      return sum.map { $0 / length }
    }
    for (active, weights) in [
      ([[0, 1], [2], [3, 4]], [1, 1, 1, 1, 1]), ([[0, 1, 2, 3, 4], []], [1, 2, 1, 0.5, 1]),
      ([[0], [1], [2], [3], [4]], [3, 1, 1, 1, 2]),
    ] as [([[Int]], [Double])] {
      let loss = FeatureLoss(inputs: features, weights: weights)
      let pattern = ActivationPattern(features: 5, active: active)
      let found = try #require(PartialMinimum.stationary(pattern, of: loss))
      let model = found.model
      #expect(found.isMinimum)
      #expect(loss.pattern(of: model) == pattern)
      let gradients = loss.gradients(of: model)
      #expect(largest(gradients.encoder) < 1e-12 && largest(gradients.atoms) < 1e-12)
      #expect(pattern.isPolysemantic == (loss.value(of: model) > 1e-6))
      // A minimum of each block alone: by convexity no step within the pattern helps.
      var stream = RandomStream(seed: 3, name: "steps")
      for _ in 0..<50 {
        var (byEncoder, byAtoms) = (model, model)
        for latent in active.indices {
          for (index, step) in stream.gaussians(count: 6).enumerated() {
            byEncoder.encoder[latent][index] += 0.005 * Double(step)
          }
          for (index, step) in stream.gaussians(count: 6).enumerated() {
            byAtoms.atoms[latent][index] += 0.1 * Double(step)
          }
        }
        guard loss.pattern(of: byEncoder) == pattern else { continue }
        #expect(loss.value(of: byEncoder) >= loss.value(of: model) - 1e-12)
        #expect(loss.value(of: byAtoms) >= loss.value(of: model) - 1e-12)
      }
    }
  }

  /// Descent stays at minima and leaves saddles.
  ///
  /// Two features at more than a right angle have a first eigenvector with one of them of the wrong sign, and a
  /// second with both.
  @Test func descentStaysAtMinimaAndLeavesSaddles() throws {
    let pattern = ActivationPattern(features: 2, active: [[0, 1]])
    func end(angle cosine: Double) throws -> (isMinimum: Bool, kept: Double) {
      let loss = FeatureLoss(
        inputs: [[1, 0], [cosine, (1 - cosine * cosine).squareRoot()]], weights: [1, 1.5])
      let found = try #require(PartialMinimum.stationary(pattern, of: loss))
      let gradients = loss.gradients(of: found.model)
      #expect(largest(gradients.encoder) < 1e-12 && largest(gradients.atoms) < 1e-12)
      var start = found.model
      start.encoder[0][0] += 1e-3
      start.atoms[0][1] -= 1e-3
      var stream = RandomStream(seed: 0, name: "descent")
      let path = GradientDescent(rate: 0.05, steps: 2000).path(
        from: start, on: loss, stream: &stream)
      #expect(path.losses.count == 101 && path.steps.last == 2000)
      return (found.isMinimum, path.losses[100] / loss.value(of: found.model))
    }
    let acute = try end(angle: 0.3)
    #expect(acute.isMinimum && abs(acute.kept - 1) < 1e-6)
    let obtuse = try end(angle: -0.3)
    #expect(!obtuse.isMinimum && obtuse.kept < 0.9)
    // At a right angle and of equal weight every direction between them is an eigenvector.
    let equal = try #require(
      PartialMinimum.stationary(pattern, of: FeatureLoss(inputs: plane)))
    #expect(equal.isMinimum && abs(equal.model.atoms[0][0] - 0.5.squareRoot()) < 1e-12)
  }

  /// A latent that nothing switches on has no gradient; begun anew as what is missing it takes half of the pair.
  @Test func onlyResamplingFreesFromAPolysemanticMinimum() throws {
    // Four features on two latents, which each alone could have two of them at best.
    let features = directions(4, width: 5, seed: 31).map { unit($0.map { $0 + 0.7 }) }
    let loss = FeatureLoss(inputs: features)
    let pattern = ActivationPattern(features: 4, active: [[0, 1], [2, 3], [], []])
    let start = try #require(PartialMinimum.stationary(pattern, of: loss)).model
    var stream = RandomStream(seed: 1, name: "descent")
    let alone = GradientDescent(rate: 0.01, steps: 4010, batch: 1).path(
      from: start, on: loss, stream: &stream)
    // It moves, by noise, and does not get anywhere; the last step is there even where hundredths do not end with it.
    #expect(alone.model.atoms[0] != start.atoms[0] && alone.escape == nil)
    #expect(alone.steps.last == 4010)
    #expect(alone.model.encoder[2...] == start.encoder[2...])
    func revived(_ beginning: GradientDescent.Beginning) -> GradientDescent.Path {
      var stream = RandomStream(seed: 1, name: "descent")
      return GradientDescent(rate: 0.01, steps: 4000, batch: 1, revival: (beginning, 1000))
        .path(from: start, on: loss, stream: &stream)
    }
    let resampled = revived(.missing)
    let escape = try #require(resampled.escape)
    #expect(escape > 1000 && resampled.losses[100] < 0.3 * resampled.losses[0])
    #expect(revived(.random).losses != resampled.losses)

    // Right after it: a feature's direction, or no feature's.
    func begun(_ beginning: GradientDescent.Beginning) -> [Double] {
      var stream = RandomStream(seed: 1, name: "descent")
      let model = GradientDescent(rate: 0.01, steps: 10, batch: 1, revival: (beginning, 10))
        .path(from: start, on: loss, stream: &stream).model
      return model.atoms[2...].map { atom in
        loss.outputs.map { dot($0, atom) / (dot($0, $0) * dot(atom, atom)).squareRoot() }.max() ?? 0
      }
    }
    #expect(begun(.missing).allSatisfy { $0 > 1 - 1e-12 })
    #expect(begun(.random).allSatisfy { $0 < 1 - 1e-3 })
  }

  // MARK: 3.8

  /// Whether a parent's latent can lose a child to a latent of its own depends on the child: the theorem's older
  /// "any child" does not hold, its later "there is one" does.
  @Test(arguments: [0, 0.3])
  func aChildBetweenItsSiblingsIsNotAbsorbed(threshold: Double) throws {
    let half = 0.5.squareRoot()
    let children: [[Double]] = [[1, 0, 0.2], [0, 1, 0.2], [half, half, 0.2 * 2 * half]]
      .map { row in
        let length = dot(row, row).squareRoot()
        return row.map { $0 / length }
      }
    func realizability(_ active: [[Int]]) -> Realizability {
      ActivationPattern(features: 3, active: active).realizability(
        on: children, threshold: threshold)
    }
    guard case .realizable = realizability([[0, 1, 2]]) else {
      Issue.record("the parent itself")
      return
    }
    for child in [0, 1] {
      let active = [[0, 1, 2].filter { $0 != child }, [child]]
      guard case .realizable(let encoder) = realizability(active) else {
        Issue.record("child \(child)")
        return
      }
      let model = PlainModel(
        encoder: encoder, atoms: encoder, rule: .above(threshold))
      #expect(FeatureLoss(inputs: children).pattern(of: model).active == active)
    }
    guard case .impossible(let latent, let certificate) = realizability([[0, 1], [2]]) else {
      Issue.record("the child between the others")
      return
    }
    #expect(latent == 0)
    // The multipliers prove it by hand: every row with what is asked has a positive product with zero.
    for index in 0..<3 {
      let sum = zip(certificate, zip([1, 1, -1], children)).reduce(0.0) {
        $0 + $1.0 * $1.1.0 * $1.1.1[index]
      }
      #expect(abs(sum) < 1e-6)
    }
    #expect(certificate.allSatisfy { $0 >= 0 } && certificate[0] + certificate[1] > 0.1)
    let refuted = ActivationPattern(features: 3, active: [[0, 1], [2]])
    #expect(refuted.proves(certificate, latent: 0, on: children, threshold: threshold))
    // Other multipliers prove nothing, and these nothing of another pattern.
    #expect(!refuted.proves([1, 1, 1], latent: 0, on: children, threshold: threshold))
    #expect(!refuted.proves([0, 0, 0], latent: 0, on: children, threshold: threshold))
    let other = ActivationPattern(features: 3, active: [[0], [1, 2]])
    #expect(!other.proves(certificate, latent: 0, on: children, threshold: threshold))
    #expect(!refuted.proves(certificate.map { -$0 }, latent: 0, on: children))
  }

  @Test func thePatternOfAnyEncoderIsFoundRealizable() {
    for seed in 0..<20 as Range<UInt64> {
      let features = directions(9, width: 4, seed: 40 + seed)
      let loss = FeatureLoss(inputs: features)
      let rows = directions(5, width: 4, seed: 80 + seed)
      let pattern = loss.pattern(of: PlainModel(encoder: rows, atoms: rows))
      guard case .realizable(let encoder) = pattern.realizability(on: features) else {
        Issue.record("seed \(seed)")
        return
      }
      #expect(loss.pattern(of: PlainModel(encoder: encoder, atoms: rows)) == pattern)
    }
  }

  /// Neither the inputs' length nor the threshold's size is part of the question.
  @Test(arguments: [1e-5, 1, 1e5], [0, 1e-5, 1, 1e5])
  func realizabilityDoesNotDependOnUnits(length: Double, threshold: Double) {
    let inputs = [[length], [-2 * length]]
    let pattern = ActivationPattern(features: 2, active: [[0], [1]])
    guard case .realizable(let encoder) = pattern.realizability(on: inputs, threshold: threshold)
    else {
      Issue.record("\(length), \(threshold)")
      return
    }
    let model = PlainModel(encoder: encoder, atoms: encoder, rule: .above(threshold))
    #expect(FeatureLoss(inputs: inputs).pattern(of: model) == pattern)
    let both = ActivationPattern(features: 2, active: [[0, 1]])
    guard case .impossible = both.realizability(on: inputs, threshold: threshold) else {
      Issue.record("opposite inputs, one row")
      return
    }
  }

  @Test func fractionsCountLatents() {
    let pattern = ActivationPattern(features: 4, active: [[3, 0], [], [1], []])
    #expect(pattern.active[0] == [0, 3] && pattern.isPolysemantic && !pattern.isPartition)
    #expect(pattern.polysemanticFraction == 0.5 && pattern.emptyFraction == 0.5)
  }

  /// The conditions of an optimum, which other coefficients break.
  @Test func nonnegativeLeastSquaresAreOptimal() {
    func violation(_ columns: [[Double]], _ goal: [Double], _ solution: [Double]) -> Double {
      var residual = goal
      for (column, value) in zip(columns, solution) {
        for index in residual.indices { residual[index] -= value * column[index] }
      }
      return zip(columns, solution).reduce(0) { worst, pair in
        let gain = dot(pair.0, residual)
        return max(worst, pair.1 > 0 ? abs(gain) : gain, -pair.1)
      }
    }
    for seed in 0..<30 as Range<UInt64> {
      let columns = directions(8, width: 5, seed: 200 + seed)
      let goal = directions(1, width: 5, seed: 300 + seed)[0]
      let found = NonnegativeLeastSquares(columns: columns, goal: goal)
      #expect(violation(columns, goal, found.solution) < 1e-9)
      var other = found.solution
      other[Int(seed % 8)] += 0.1
      #expect(violation(columns, goal, other) > 1e-3)
    }
  }
}

private enum Power {
  static func of(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1.0) { value, _ in value * base }
  }
}
