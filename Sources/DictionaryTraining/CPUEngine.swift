import CSparseKernels
public import SparseCoding

/// The fast step: scores of all latents for choosing, and sparse work for all the rest.
///
/// The same bits for every number of threads and every kernel set: units of rows and of latents depend
/// on shapes only, each writes its own memory, and sums over units are taken in their order. The files
/// beside this one hold the phases in their order: `CPUEngine+Rows`, `+Choose` or `+Threshold` or
/// `+Multistep`, `+Decode`, `+DeadLatents`, `+Isometry`, `+Gradient`, `+Update`; `+Screen` which screen is
/// used, `+Memory` what all takes.
///
/// - Complexity: one dense product of 2 × rows × d_in × d_sae operations to choose the active latents, and
///   2 × rows × d_in × dead for those of dead latents; a linear path past the latents another of d_in × d_out; an exact
///   isometry penalty O(k²) products of atoms a row; multistep encoders O(k × d_sae) a row and step.
///   Everything else is O(active entries × (d_in + d_out) + d_sae × (d_in + d_out)).
public final class CPUEngine: TrainingEngine {
  /// The time that the last step spent in each of its phases, in seconds.
  public internal(set) var phases = StepPhases()

  let settings: EngineSettings
  let compute: Compute
  let functions: UnsafePointer<EluteKernels>
  let sizes: EngineSizes

  let tensors: [WeightName: Tensor]
  /// What is subtracted from the input; the output's bias where they are one.
  let inputBias: AlignedBuffer<Float>
  let anchors: PaddedAnchors?
  let normalizer: RowNormalization
  /// The encoder as the screen sees it.
  var screened: ScreenedLatents
  /// Steps since the screen was taken up; none before the first step.
  var stepsWithScreen = -1
  /// Steps after which a screen that was left is tried again; doubled each time.
  var patience = 8
  /// Whether scores above limits are searched with the screen; without it all are computed.
  var screensLimits = true
  let rowsSinceFired: AlignedBuffer<UInt64>
  let workers: [Worker]
  /// Numbers that stay the same, and those of one value a latent that each step takes anew.
  let constants: EngineConstants

  var rows: BatchBuffers
  var codes: BatchCodes
  var threshold: ThresholdChoice?
  /// The room of `threshold`; set before the first step.
  var room = ThresholdRoom()
  var tiles = AtomTiles()
  var multistep: MultistepBuffers?
  var auxiliary: AuxiliaryBuffers?
  var isometry: IsometryBuffers?
  var gradients: GradientBuffers?
  /// Whether `gradients` holds those of earlier parts of the batch.
  var gradientsAreKept = false
  /// The state but for what has one value for each weight or latent.
  var rest: TrainingState
  /// A guess of the smallest score over its norm that a row's search finds, from the last step; it only saves time.
  var thresholdGuess: Float = 0

  /// An engine that goes on from a state.
  ///
  /// Its tensors are taken over one by one: where the caller keeps no copy, memory holds each once.
  public init(_ state: consuming TrainingState, settings: EngineSettings, compute: Compute) {
    var state = state
    self.settings = settings
    self.compute = compute
    functions = compute.kernels.functions
    let sizes = EngineSizes(settings)
    self.sizes = sizes
    let padded = EngineSizes.units(ofLatents: sizes.latents) * EngineSizes.latentBlock
    var tensors: [WeightName: Tensor] = [:]
    for name in settings.model.weights {
      let isOfLatents = settings.model.shape(of: name)?.rows == 1 && name != .decoderBias
      tensors[name] = Tensor(&state, name, count: isOfLatents ? padded : 0)
    }
    self.tensors = tensors
    let outputBias = tensors[.decoderBias]?.weights
    inputBias =
      sizes.readsItsTarget
      ? outputBias ?? AlignedBuffer(count: sizes.inputStride)
      : AlignedBuffer(padding: Matrix(row: state.inputBias))
    anchors = state.anchors.map(PaddedAnchors.init)
    normalizer = RowNormalization(
      state.normalizer, sites: settings.model.architecture.siteColumns)
    screened = ScreenedLatents(
      compute.screen, latents: settings.isScreened ? sizes.latents : 0,
      width: sizes.inputWidth)
    rowsSinceFired = AlignedBuffer(state.rowsSinceFired)
    let scratch = elute_choose_scratch_bytes(
      sizes.inputWidth, EngineSizes.rowBlock, settings.screenedK, sizes.latents)
    let rowWidth = settings.model.architecture.rowWidth
    workers = (0..<compute.pool.threads).map { _ in
      Worker(sizes, rowWidth: rowWidth, scratchBytes: settings.isScreened ? scratch : 0)
    }
    constants = EngineConstants(settings)
    rows = BatchBuffers(sizes, rows: 0)
    codes = BatchCodes(rows: 0, latents: sizes.latents, laneCount: 2, capacity: 0)
    rest = state.withoutWeights()
  }

  /// Steps once on a batch; see `TrainingEngine` for what a step is.
  public func step(on batch: Batch, _ constants: StepConstants) -> StepStatistics {
    precondition(
      batch.width == settings.model.architecture.rowWidth && !batch.rows.isEmpty,
      "\(batch.rows.count) rows of \(batch.width) for an engine of "
        + "\(settings.model.architecture.rowWidth)")
    if rows.rows != batch.rows.count { makeBuffers(rows: batch.rows.count) }
    if stepsWithScreen < 0, settings.isScreened {
      takeUpScreen(compute.screen, for: batch)
    }
    makeRoomForSupports(constants)
    for worker in workers { worker.reset() }
    phases = StepPhases()
    let rule = self.rule(constants)
    let last = runForward(batch, constants, rule)
    let view = makeView()
    let (auxiliary, dead) = reconstructWithDeadLatents(view)
    let isometry = penalizeSupports(view, constants)
    let regroupTime = Stopwatch()
    view.codes.regroup(last, isCounted: settings.perRowK != nil, on: compute.pool)
    regroupSteps(view)
    auxiliary?.codes.regroup(0..<view.rows, on: compute.pool)
    if let isometry, isometry.exact == nil {
      isometry.codes.regroup(0..<view.rows, on: compute.pool)
    }
    phases.regroup += regroupTime.seconds
    let updateTime = Stopwatch()
    let totals = self.totals(view)
    let seen = statistics(totals, auxiliary, isometry, dead: dead, constants, rule)
    let pass = UpdatePass(
      rule: rule, auxiliary: auxiliary, isometry: isometry, multistep: multistep?.view,
      earlier: gradientsAreKept ? gradients?.view(sizes) : nil,
      anchor: anchors.map { $0.view(weight: settings.objective.anchorWeight * constants.anchors) },
      countWeight: countWeight(seen.l0, constants), hasStrengthLane: settings.hasStrengthLane,
      sources: self.constants.sourceColumns)
    update(view, pass, constants)
    annealWeight(totals, constants)
    phases.update = updateTime.seconds
    guessThreshold(view)
    reconsiderScreen(for: batch)
    return seen
  }

  /// A copy of all that is needed to go on.
  public func state() -> TrainingState { view.copied() }

  /// The engine's own buffers.
  public var view: StateView {
    func weights(_ part: KeyPath<Tensor, AlignedBuffer<Float>>) -> StateView.Weights {
      StateView.Weights(buffers: tensors.mapValues { $0[keyPath: part] })
    }
    let average = tensors.compactMapValues(\.average)
    return StateView(
      model: settings.model, parameters: weights(\.weights), firstMoments: weights(\.first),
      secondMoments: weights(\.second),
      average: average.isEmpty ? nil : StateView.Weights(buffers: average),
      rowsSinceFired: rowsSinceFired, rest: rest)
  }

  private func makeBuffers(rows count: Int) {
    rows = BatchBuffers(sizes, rows: count)
    let perRow = settings.perRowK
    codes = BatchCodes(
      rows: count, latents: sizes.latents, laneCount: settings.laneCount,
      capacity: count * (perRow ?? 0))
    threshold = perRow == nil ? ThresholdChoice(settings, threads: workers.count, room) : nil
    multistep = MultistepBuffers(settings, rows: count, threads: workers.count)
    auxiliary = nil
    isometry = nil
  }

  func makeView() -> EngineView {
    func weights(_ name: WeightName) -> EngineView.Weights? { tensors[name].map { .init($0) } }
    guard let decoder = weights(.decoder), let encoderBias = weights(.encoderBias),
      let decoderBias = weights(.decoderBias)
    else { preconditionFailure("every model has a decoder and biases") }
    let architecture = settings.model.architecture
    return EngineView(
      functions: functions, inputWidth: sizes.inputWidth, inputStride: sizes.inputStride,
      outputWidth: sizes.outputWidth, outputStride: sizes.outputStride, latents: sizes.latents,
      prefixes: sizes.prefixes, rows: rows.rows, inputStart: architecture.inputs.lowerBound,
      outputStart: architecture.outputs.lowerBound, rowWidth: architecture.rowWidth,
      readsItsTarget: sizes.readsItsTarget, encoder: weights(.encoder) ?? decoder,
      decoder: decoder, isTied: settings.model.isTied, encoderBias: encoderBias,
      decoderBias: decoderBias, thresholds: weights(.thresholds),
      magnitudeScale: weights(.magnitudeScale), magnitudeBias: weights(.magnitudeBias),
      skip: weights(.skip), feedback: weights(.feedback), inputBias: inputBias.start,
      scales: normalizer.scales.start, ones: constants.ones.start, zeros: constants.zeros.start,
      screened: isScreening ? screened.view : nil, centered: rows.centered.start,
      goal: rows.goal.start,
      residual: rows.residual.start, norms: rows.norms.start, input: rows.input?.start,
      residualSums: rows.residualSums.start, latentSums: rows.latentSums.start,
      totals: rows.totals.start, squaredNorms: rows.squaredNorms.start,
      rowsSinceFired: rowsSinceFired.start, prefixEnds: constants.prefixEnds.start,
      codes: CodesView(codes), tiles: tiles)
  }
}

/// Numbers that stay the same as long as an engine lives, and scratch with one value a latent.
struct EngineConstants {
  let ones, zeros: AlignedBuffer<Float>
  let prefixEnds: AlignedBuffer<Int>
  private let sources: AlignedBuffer<Columns>
  /// What a score has to exceed, w of the sparsity penalty, and exp(r) of gated latents; taken anew at
  /// each step, where the method has them.
  let limits, atomWeights, magnitudeScales: AlignedBuffer<Float>

  /// The columns of an atom that belong to one source each.
  var sourceColumns: UnsafeBufferPointer<Columns> {
    UnsafeBufferPointer(start: sources.start, count: sources.count)
  }

  init(_ settings: EngineSettings) {
    let sizes = EngineSizes(settings)
    let width = max(
      sizes.inputStride, sizes.outputStride, settings.model.architecture.rowWidth + 16)
    ones = AlignedBuffer([Float](repeating: 1, count: width))
    zeros = AlignedBuffer(count: width)
    prefixEnds = AlignedBuffer(settings.prefixes)
    sources = AlignedBuffer(
      settings.model.architecture.sources.map { Columns(start: $0.lowerBound, count: $0.count) })
    let padded = EngineSizes.units(ofLatents: sizes.latents) * EngineSizes.latentBlock
    limits = AlignedBuffer(count: settings.perRowK == nil ? padded : 0)
    atomWeights = AlignedBuffer(count: settings.isWeightedByAtoms ? padded : 0)
    magnitudeScales = AlignedBuffer(count: settings.model.activation == .gated ? padded : 0)
  }
}

extension EngineSettings {
  /// The most latents that a row can have active, for rules that choose row by row.
  var perRowK: Int? {
    switch model.activation {
    case .topK, .absTopK: largestK
    case .relu, .jumpReLU, .batchTopK, .gated: nil
    }
  }

  /// Whether scores are searched with a screen; those of encoders of several steps are all computed.
  var isScreened: Bool { model.encoderSteps == 1 }

  /// The most latents of a row that the screen is asked for; 0 where it is asked for all above limits.
  var screenedK: Int {
    let supports = objective.isometry == nil ? nil : largestK.map { 2 * $0 }
    return max(perRowK ?? 0, supports ?? 0)
  }
}

/// Where the time of a step went, and what the screen let through.
///
/// Diagnostics: no result reads them.
public struct StepPhases: Hashable, Sendable {
  /// Seconds in scores and selection.
  public var choose = 0.0
  /// Seconds in decoding, errors and code gradients.
  public var decode = 0.0
  /// Seconds in the auxiliary loss and the penalty on supports.
  public var deadLatents = 0.0
  /// Seconds in regrouping codes by latent.
  public var regroup = 0.0
  /// Seconds in gradient rows and the optimizer.
  public var update = 0.0
  /// Scores that the screen could not exclude.
  public var survivors: UInt64 = 0
  /// Rows that were screened again: the guessed threshold was too high, or too many latents passed.
  public var fallbacks: UInt64 = 0
}
