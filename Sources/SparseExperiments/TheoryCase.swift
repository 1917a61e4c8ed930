import Identifiability

/// A statement of a theory of sparse dictionary learning that an experiment checks; numbers are those of the unified theory.
public enum TheoryStatement: String, CaseIterable, Sendable {
  /// 3.1: features active one at a time give the loss of sparse ones, up to the square of how often they are active.
  case lossApproximation = "loss_approximation"
  /// 3.2: within a pattern the loss is convex in each block; across patterns it is not.
  case biconvexity
  /// 3.3: the features themselves have almost no loss.
  case nearZeroLoss = "near_zero_loss"
  /// 3.4: models without loss that have found no feature, built.
  case zeroLoss = "zero_loss"
  /// 3.4: the same, reached by descent.
  case trainedZeroLoss = "trained_zero_loss"
  /// 3.6: stationary points of polysemantic patterns, of features with something in common.
  case partialMinima = "partial_minima"
  /// 3.6: the same of features that have nothing in common.
  case partialMinimaAnywhere = "partial_minima_anywhere"
  /// 3.6: the construction of the printed proof.
  case printedProof = "printed_proof"
  /// 3.6: descent by all features from those that are minima.
  case minimaStay = "minima_stay"
  /// 3.6: descent by all features from those that are saddles.
  case saddlesLeave = "saddles_leave"
  /// 3.6: descent by some features at a time.
  case escape
  /// 3.6: the same, where latents without features begin anew as what is missing.
  case escapeResampled = "escape_resampled"
  /// 3.6: the control of that, where they begin anew at random.
  case escapeKicked = "escape_kicked"
  /// 3.8: children that a latent of their own takes away from their parent's.
  case absorption
  /// Optimality: what holds of codes and atoms where both are the best with an L1 penalty.
  case firstOrder = "first_order"
  /// Optimality: a child takes in its parent, at the slope predicted.
  case hierarchy
  /// Optimality: rows on rays are coded by one atom a ray, and more atoms are of no use.
  case splittingOnRays = "splitting_on_rays"
  /// Optimality: rows of every direction are coded ever better by more atoms.
  case splittingEverywhere = "splitting_everywhere"
  /// Optimality: a dense signed direction is coded by two opposite atoms.
  case densePair = "dense_pair"
}

extension Experiment {
  /// A statement on random instances of one size.
  public struct TheoryCase: Sendable {
    /// Its name, and that of its cell `theory/<id>`.
    public var id: String
    /// What is checked.
    public var statement: TheoryStatement
    /// What it says, and what to look at.
    public var about: String
    /// The size of an instance.
    public var features, width, latents: Int
    /// How many.
    public var instances: Int
    /// Steps of descent; absent where nothing descends.
    public var steps: Int?
    /// The length of a step over the gradient's.
    public var rate: Double?
    /// Features a step; all where it does not say.
    public var batch: Int?
    /// Steps between revivals.
    public var resampleEvery: Int?
  }
}

extension Experiment.TheoryCase {
  /// Why no instance could be made; nil if one can.
  var problem: String? {
    switch statement {
    case .partialMinima, .partialMinimaAnywhere, .printedProof: minimaProblem
    case .minimaStay: minimaProblem ?? descentProblem
    case .saddlesLeave:
      features % 2 == 1
        ? "\(features) features, which are not pairs" : minimaProblem ?? descentProblem
    case .escape:
      minimaProblem ?? descentProblem ?? (batch == nil ? "no batch, and so no noise" : nil)
    case .escapeResampled, .escapeKicked:
      minimaProblem ?? descentProblem ?? (resampleEvery == nil ? "no resample_every" : nil)
    case .absorption:
      features % latents != 0 || features / latents < 2
        ? "\(features) children of \(latents) parents" : nil
    case .trainedZeroLoss: descentProblem
    case .lossApproximation:
      features < 4 || features > 16 ? "\(features) features, not 4 to 16" : nil
    case .nearZeroLoss: width < 4 ? "a width of \(width), below 4" : nil
    case .biconvexity, .zeroLoss: nil
    case .firstOrder, .densePair:
      steps == nil
        ? "no steps" : latents < features ? "\(latents) latents for \(features) features" : nil
    case .hierarchy: steps == nil ? "no steps" : width < 2 ? "a width of \(width), below 2" : nil
    case .splittingOnRays, .splittingEverywhere:
      steps == nil
        ? "no steps"
        : features < 2 || features % 2 == 1 || latents < 2 * features
          ? "\(latents) latents for \(features) rays, which are to be even and half as many at most"
          : nil
    }
  }

  /// What theorem 3.6 presupposes, and this construction.
  private var minimaProblem: String? {
    if features > width { return "\(features) features are dependent in a width of \(width)" }
    return latents < features ? "\(latents) latents for \(features) features" : nil
  }

  private var descentProblem: String? {
    guard steps != nil, let rate else { return "no steps and rate of descent" }
    return rate > 0 && rate < .infinity ? nil : "a rate of \(rate)"
  }

  /// Descent as the case asks for it.
  func descent(reviving beginning: GradientDescent.Beginning? = nil) -> GradientDescent {
    GradientDescent(
      rate: rate ?? 0, steps: steps ?? 1, batch: batch,
      revival: beginning.map { ($0, resampleEvery ?? 1) })
  }
}
