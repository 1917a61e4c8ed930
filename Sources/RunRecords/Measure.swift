/// What experiments measure of a cell at its end, some of it at snapshots too or only there.
public enum Measure: String, Codable, CaseIterable, Sendable {
  /// The fraction of the held-out rows' variance left unexplained.
  case fvu
  /// The mean number of active latents of a held-out row.
  case l0
  /// The fraction of latents that fire on no held-out row.
  case deadFraction = "dead_fraction"
  /// The squared error of a row of a step's batch, in the data's own units.
  case trainLoss = "train_loss"
  /// The seeds' mean best cosine of live atoms, all pairs.
  case mmcs
  /// What `mmcs` is above chance; see `ComparisonRecord`.
  case kappa
  /// The same where chance is the law whose draws have each dictionary's second moment at unit length.
  case matchedKappa = "kappa_matched"
  /// Absolute, dead atoms included.
  case mmcsAll = "mmcs_all"
  /// `mmcs_all` over the isotropic null.
  case ratioToIsotropic = "ratio_to_isotropic"
  /// The one-to-one matched cosine of live atoms, and what it is above its own chance.
  case dcs
  case dcsKappa = "kappa_one_to_one"
  /// What that is above the control that agrees best; see `ComparisonRecord.controls`.
  case dcsAboveControls = "one_to_one_above_controls"
  /// Latents whose decoder and encoder have one partner.
  case sharedFraction = "shared_fraction"
  /// The overlap and distance of matched codes on held-out rows.
  case codeIoU = "code_iou"
  case codeDistance = "code_distance"
  /// The same of the codes that a pursuit finds on each dictionary's atoms.
  case oracleCodeIoU = "oracle_code_iou"
  case oracleCodeDistance = "oracle_code_distance"
  /// How far the atoms of supports are from orthonormal, `R` of `SupportConditioning`: of the latents with the 2k
  /// largest scores of a row, and of those that are active on either of two rows.
  case largestSpread = "largest_spread"
  case pairSpread = "pair_spread"
  /// What these are of as many random directions, and the overlaps of codes by chance.
  case largestRandom = "largest_random"
  case pairRandom = "pair_random"
  case codeIoUByChance = "code_iou_chance"
  case oracleCodeIoUByChance = "oracle_code_iou_chance"
  /// The controls: rows as atoms, and the kappa of what nobody learned.
  case dataDrawMmcs = "control_data_draw_mmcs"
  case stepZeroKappa = "control_step_0"
  case dataDrawKappa = "control_data_draw"
  case principalKappa = "control_pca"
  case kMeansKappa = "control_k_means"
  /// The epoch from which on held-out fvu stays within 5 % of its last value.
  case saturationEpoch = "saturation_epoch"
  /// Live atoms that were never resampled: how many, and their agreement.
  case untouched, untouchedMmcs = "untouched_mmcs"
  case untouchedKappa = "untouched_kappa"
  /// Live atoms.
  case live
  /// The share of true features whose best atom has a cosine of 0.95, of 0.9, and the mean cosine.
  case recovery
  case recovery90 = "recovery_90"
  case recoveryMean = "recovery_mean"
  /// The same share at the site of a crosscoder that has least.
  case recoverySite = "recovery_site"
  /// The same of encoder rows against features, and against their read-outs.
  case recoveryEncoder = "recovery_encoder"
  case recoveryEncoderMean = "recovery_encoder_mean"
  case recoveryReadout = "recovery_readout"
  case recoveryReadoutMean = "recovery_readout_mean"
  /// What a unit of a feature becomes on its way through its best latent, on average.
  case pathGain = "path_gain"
  /// The share and the mean by raw encoder rows, as the bench's paper has it.
  case recoveryRaw = "recovery_raw"
  case recoveryRawMean = "recovery_raw_mean"
  /// `recovery` and `recovery_raw` of the features that no run on the same data was given as anchors; see
  /// `CellRecord.featuresGiven`.
  case recoveryOthers = "recovery_others"
  case recoveryRawOthers = "recovery_raw_others"
  /// The share of live atoms matched one to one with a feature at 0.95, and the harmonic mean with `recovery`.
  case precision
  case recoveryF1 = "recovery_f1"
  /// Atoms of a feature that has one already, and features in several parts.
  case duplicateAtoms = "duplicate_atoms"
  case splitFeatures = "split_features"
  /// Latents that no feature of a known truth switches on alone, and of the others those that several do.
  case polysemantic
  case empty
  /// The mean number of latents that a feature switches on.
  case latentsPerFeature = "latents_per_feature"
  /// How steep the loss of single features is, relative to itself, by encoder rows and by atoms; see `TruthPattern`.
  case encoderSlope = "encoder_slope"
  case atomSlope = "atom_slope"
  /// Whether an encoder without biases can have a latent's features.
  case realizable
  /// The loss of features active one at a time; of a statement over that of no dictionary.
  case loss
  /// The largest magnitude of its gradient by encoder rows, and by atoms; see `TheoryRecord`.
  case encoderGradient = "encoder_gradient"
  case atomGradient = "atom_gradient"
  /// The difference of two losses over what a theorem allows, over the loss, and the power of the chance it goes with.
  case boundShare = "bound_share"
  case relativeGap = "relative_gap"
  case gapOrder = "gap_order"
  /// The share of segments on which the loss is not convex: by encoders of one pattern, of two, and by atoms.
  case bentWithin = "bent_within"
  case bentAcross = "bent_across"
  case bentByAtoms = "bent_by_atoms"
  /// The share of instances that have what is looked for, of stationary points that are minima, and of steps of one
  /// block that lower the loss.
  case exists
  case isMinimum = "is_minimum"
  case stepsThatHelp = "steps_that_help"
  /// What descent leaves of a loss, the share of instances that come below half of it, and after how many steps.
  case lossKept = "loss_kept"
  case escaped
  case escapeSteps = "escape_steps"
  /// The greatest loss on the way over that of the start.
  case peak
  /// The share of patterns that are neither shown to be realizable nor shown not to be.
  case undecided
  /// The share of children that a latent of their own can take away, and of parents that have such a child.
  case anyChild = "any_child"
  case someChild = "some_child"
  /// What the conditions of an optimum with an L1 penalty leave: of codes, atoms, pairs and residuals; see
  /// `FirstOrderConditions`.
  case codeError = "code_error"
  case atomError = "atom_error"
  case pairError = "pair_error"
  case residualError = "residual_error"
  /// The slope of the cost where a child takes its parent in, over what is predicted.
  case slopeRatio = "slope_ratio"
  /// What a dictionary costs beside the least of all, with as many atoms as there are rays and with most; the longest
  /// residual over the penalty; and the power of the number of atoms that the gap falls with.
  case rayGapAtRays = "ray_gap_at_rays"
  case rayGap = "ray_gap"
  case longestResidual = "longest_residual"
  case gapFall = "gap_fall"
  /// Different atoms in use over those of the smallest dictionary, and over those of half as many.
  case childrenPerParent = "children_per_parent"
  case childrenGrowth = "children_growth"
  /// The most opposite cosine of two atoms, how often both are on, and how often either is.
  case pairCosine = "pair_cosine"
  case coActivity = "co_activity"
  case pairDensity = "pair_density"
  /// How far simulated random dictionaries are from the exact null, relative to it.
  case nullError = "null_error"
  /// How far closed forms of the null are from the exact one, relative to it; see `ExtremeValueForm`.
  case leadingError = "leading_error"
  case gaussianGumbelError = "gaussian_gumbel_error"
  case sphericalGumbelError = "spherical_gumbel_error"
  case sphericalQuantileError = "spherical_quantile_error"
  /// Milliseconds of a training step, logging and evaluations included; not part of a result.
  case stepMilliseconds = "step_ms"

  /// Whether snapshots have it.
  public var isOfSnapshots: Bool {
    switch self {
    case .fvu, .mmcs, .kappa, .matchedKappa, .mmcsAll, .ratioToIsotropic, .untouched,
      .untouchedMmcs, .untouchedKappa, .live:
      true
    default: false
    }
  }
}
