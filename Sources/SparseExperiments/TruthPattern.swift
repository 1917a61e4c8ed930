import Identifiability
public import SparseCoding

/// What a dictionary does to features that are active alone, each at strength one.
///
/// - Source: the unified theory of sparse dictionary learning (arXiv 2512.05534), definition 3.1 and theorem 3.1 with
///   all weights one. The theory has no biases; here are those that the dictionary has.
/// - Elsewhere: none.
public struct TruthPattern: Codable, Hashable, Sendable {
  /// The share of latents that no feature switches on, and of the others the share that two or more do.
  public var empty, polysemantic: Double
  /// The mean number of features of a latent, and of latents of a feature.
  public var featuresPerLatent, latentsPerFeature: Double
  /// The squared error of all features over their squared length.
  public var loss: Double
  /// `|gradient| |weights| / loss` of encoder rows: 0 at points that are stationary for them.
  ///
  /// Absent for gated and multistep encoders and rows that are scaled, whose scores are not rows times inputs.
  public var encoderSlope: Double?
  /// The same of atoms.
  public var atomSlope: Double
  /// Of the latents with features, the share whose features a row of ReLU without biases can have; absent for more
  /// features than `mostFeatures`, and where no latent has any.
  public var realizable: Double?

  /// The features up to which realizability is decided: least squares of as many unknowns for each latent.
  public static let mostFeatures = 100

  enum CodingKeys: String, CodingKey {
    case polysemantic, empty, loss, realizable
    case featuresPerLatent = "features_per_latent"
    case latentsPerFeature = "latents_per_feature"
    case encoderSlope = "encoder_slope"
    case atomSlope = "atom_slope"
  }

  /// The pattern of a dictionary.
  ///
  /// - Parameter features: As rows of its data, `[features, row width]`.
  /// - Complexity: O(features × d_sae × d_in), and the decisions above.
  init(of coder: SparseCoder, on features: Matrix, compute: Compute) {
    let codes = coder.encode(features, on: compute)
    let targets = coder.targets(of: features)
    let inputs = coder.inputs(of: features)
    let decoded = coder.decode(codes, of: features, on: compute)
    var active = [[Int]](repeating: [], count: coder.latents)
    var encoder = [Double](repeating: 0, count: coder.latents * inputs.columns)
    var atoms = [Double](repeating: 0, count: coder.latents * targets.columns)
    var (lost, whole) = (0.0, 0.0)
    for feature in 0..<features.rows {
      let input = zip(inputs.row(feature), coder.inputBias).map { Double($0) - Double($1) }
      let target = targets.row(feature).map(Double.init)
      let missing = zip(target, decoded.row(feature)).map { $0 - Double($1) }
      lost += dot(missing, missing)
      whole += dot(target, target)
      for entry in codes.entries(ofRow: feature) {
        let latent = Int(codes.indices[entry])
        if codes.values[entry] > 0 { active[latent].append(feature) }
        let along =
          -2 * zip(missing, coder.decoder.row(latent)).reduce(0) { $0 + $1.0 * Double($1.1) }
        for index in input.indices { encoder[latent * input.count + index] += along * input[index] }
        let value = -2 * Double(codes.values[entry])
        for index in missing.indices {
          atoms[latent * missing.count + index] += value * missing[index]
        }
      }
    }
    func slope(_ gradient: [Double], _ weights: Matrix) -> Double {
      let length = weights.values.reduce(0) { $0 + Double($1) * Double($1) }
      return lost > 0 ? (dot(gradient, gradient) * length).squareRoot() / lost : 0
    }
    let pattern = ActivationPattern(features: features.rows, active: active)
    polysemantic = pattern.polysemanticFraction
    empty = pattern.emptyFraction
    let entries = Double(active.reduce(0) { $0 + $1.count })
    featuresPerLatent = entries / Double(max(coder.latents, 1))
    latentsPerFeature = entries / Double(max(features.rows, 1))
    loss = whole > 0 ? lost / whole : 0
    if coder.rowScaling == .none, coder.multistep == nil, coder.activation != .gated {
      encoderSlope = slope(encoder, coder.encoder)
    }
    atomSlope = slope(atoms, coder.decoder)
    let used = active.filter { !$0.isEmpty }
    guard features.rows <= Self.mostFeatures, !used.isEmpty else { return }
    let rows = (0..<features.rows).map { inputs.row($0).map(Double.init) }
    var holds = [Bool](repeating: false, count: used.count)
    holds.withUnsafeMutableBufferPointer { holds in
      nonisolated(unsafe) let holds = holds
      compute.pool.run(units: used.count) { latent, _ in
        let own = ActivationPattern(features: rows.count, active: [used[latent]])
        if case .realizable = own.realizability(on: rows) { holds[latent] = true }
      }
    }
    realizable = Double(holds.count { $0 }) / Double(used.count)
  }
}
