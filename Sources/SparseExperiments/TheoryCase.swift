/// A statement of the unified theory of sparse dictionary learning that an experiment checks.
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
  /// 3.6: stationary points of polysemantic patterns.
  case partialMinima = "partial_minima"
  /// 3.6: the construction of the printed proof.
  case printedProof = "printed_proof"
  /// 3.6: descent by all features from those that are minima.
  case minimaStay = "minima_stay"
  /// 3.6: descent by all features from those that are saddles.
  case saddlesLeave = "saddles_leave"
  /// 3.6: descent by some features at a time.
  case escape
  /// 3.6: the same, where latents without features begin anew.
  case escapeResampled = "escape_resampled"
  /// 3.8: children that a latent of their own takes away from their parent's.
  case absorption
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
    /// Steps of descent, where there is one, and their rate.
    public var steps: Int
    /// The length of a step over the gradient's.
    public var rate: Double
    /// Features a step; all where it does not say.
    public var batch: Int?
    /// Steps between resamplings.
    public var resampleEvery: Int
  }
}

extension Experiment.TheoryCase {
  /// Why no instance could be made; nil if one can.
  var problem: String? {
    switch statement {
    case .partialMinima, .minimaStay, .escape, .escapeResampled, .printedProof:
      features > width ? "\(features) features are dependent in a width of \(width)" : nil
    case .saddlesLeave:
      features > width || features % 2 == 1
        ? "pairs of \(features) features in a width of \(width)" : nil
    case .absorption:
      features % latents != 0 || features / latents < 2
        ? "\(features) children of \(latents) parents" : nil
    case .trainedZeroLoss, .lossApproximation, .biconvexity, .nearZeroLoss, .zeroLoss: nil
    }
  }
}
