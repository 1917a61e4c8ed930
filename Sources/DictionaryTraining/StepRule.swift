import SparseCoding

/// What one step's objective makes of scores, codes and their gradients, resolved to numbers.
///
/// A plain value for inner loops; what it points to lives as long as the step.
struct StepRule: BitwiseCopyable {
  /// How a score becomes a code.
  enum Kind: BitwiseCopyable { case plain, jump, gated }

  /// What a code costs beside the error it leaves.
  enum Cost: BitwiseCopyable {
    case none
    /// `|z|`, and its derivative by z.
    case magnitude
    /// `|z|^p`.
    case power(Double)
  }

  let kind: Kind
  /// 2 / (rows × prefixes).
  let factor: Float
  /// 2 / rows, of errors that have no prefixes.
  let gateFactor: Float
  let cost: Cost
  /// The penalty's weight over the rows.
  let slope: Float
  /// The exponent after the next fall, if p falls after this step.
  let nextPower: Double?
  /// w of each latent; absent where all are one.
  let atomWeights: UnsafePointer<Float>?
  let thresholds: UnsafePointer<Float>?
  /// Half of the window around a threshold, and one over the window.
  let halfWindow, inverseWindow: Float
  /// exp(r), b_enc and b_mag of gated latents.
  let magnitudeScales, gateBias, magnitudeBias: UnsafePointer<Float>?
  /// The lane of |z| or |z|^p, where atoms have a gradient of it.
  let strengthLane: Int?

  /// The lanes of a rule beside the first two.
  static let thresholdLane = 2
  static let windowLane = 3
  static let gateLane = 2
  static let magnitudeBiasLane = 3
  static let magnitudeScaleLane = 4

  /// Whether an entry may have the code 0.
  var hasSilentEntries: Bool { kind != .plain }

  /// Whether gradients are those of the squared error alone.
  var isPlain: Bool {
    if case .none = cost { kind == .plain } else { false }
  }

  func atomWeight(_ latent: Int) -> Float { atomWeights.map { $0[latent] } ?? 1 }

  /// w |z| or w |z|^p.
  func cost(of value: Float, latent: Int) -> Double {
    guard value != 0 else { return 0 }
    let size = Double(abs(value))
    switch cost {
    case .none: return 0
    case .magnitude: return Double(atomWeight(latent)) * size
    case .power(let p): return Double(atomWeight(latent)) * Elementary.pow(size, p)
    }
  }

  /// The same for the exponent that comes next.
  func nextCost(of value: Float, latent: Int) -> Double {
    guard let nextPower, value != 0 else { return 0 }
    return Double(atomWeight(latent)) * Elementary.pow(Double(abs(value)), nextPower)
  }

  /// The penalty's derivative by a code.
  func slope(of value: Float, latent: Int) -> Float {
    guard value != 0 else { return 0 }
    let signed = (value > 0 ? slope : -slope) * atomWeight(latent)
    switch cost {
    case .none: return 0
    case .magnitude: return signed
    case .power(let p): return signed * Float(p * Elementary.pow(Double(abs(value)), p - 1))
    }
  }

  /// What the length of an atom is multiplied with in the penalty.
  func strength(of value: Float) -> Float {
    guard value != 0 else { return 0 }
    switch cost {
    case .none: return 0
    case .magnitude: return abs(value)
    case .power(let p): return Float(Elementary.pow(Double(abs(value)), p))
    }
  }
}

extension EngineSettings {
  /// The lanes that codes have.
  var laneCount: Int {
    let own =
      switch model.activation {
      case .jumpReLU: 2
      case .gated: 3
      case .relu, .topK, .absTopK, .batchTopK: 0
      }
    return 2 + own + (hasStrengthLane ? 1 : 0)
  }

  /// Whether atoms have a gradient of the sparsity penalty.
  var hasStrengthLane: Bool {
    guard isWeightedByAtoms else { return false }
    switch objective.sparsity {
    case .l1, .annealedPower: return true
    case .none, .l0, .targetL0: return false
    }
  }
}
