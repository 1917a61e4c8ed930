import CSparseKernels
public import SparseCoding

/// The fast step: a fused product and selection, and sparse work for all the rest.
///
/// The same bits for every number of threads and every kernel set: units of rows and of latents depend
/// on shapes only, each writes its own memory, and sums over units are taken in their order. The files
/// beside this one hold the phases in their order: `CPUEngine+Forward`, `+DeadLatents`, `+Update`.
///
/// - Complexity: one dense product of 2 × rows × d_in × d_sae operations to choose the active latents;
///   everything else is O(rows × k × d_in + d_sae × d_in).
public final class CPUEngine: TrainingEngine {
  /// The time that the last step spent in each of its phases, in seconds.
  public internal(set) var phases = StepPhases()

  let settings: EngineSettings
  let compute: Compute
  let functions: UnsafePointer<EluteKernels>
  let width: Int
  let stride: Int
  let latents: Int
  let scale: Float

  let encoder, decoder: Tensor
  let encoderBias, decoderBias: Tensor
  /// The encoder as the screen sees it.
  var screened: ScreenedLatents
  /// Steps since the screen was taken up; none before the first step.
  var stepsWithScreen = -1
  /// Steps after which a screen that was left is tried again; doubled each time.
  var patience = 8
  let rowsSinceFired: AlignedBuffer<UInt64>
  let workers: [Worker]
  let zeros: AlignedBuffer<Float>

  var rows: BatchBuffers
  var auxiliary: AuxiliaryBuffers?
  var steps: Int
  var beta1Power: Double
  var beta2Power: Double
  /// A guess of a row's k-th score over its norm, from the last step; it only saves time.
  var thresholdGuess: Float = 0

  /// Latents that one unit updates.
  static let latentBlock = 32
  /// Rows that one unit encodes and decodes: two panels of the screen.
  static let rowBlock = 2 * Int(ELUTE_PANEL_ROWS)

  static func units(ofRows rows: Int) -> Int { (rows + rowBlock - 1) / rowBlock }
  static func units(ofLatents latents: Int) -> Int { (latents + latentBlock - 1) / latentBlock }

  /// An engine that goes on from a state.
  ///
  /// Its tensors are taken over one by one: where the caller keeps no copy, memory holds each once.
  public init(_ state: consuming TrainingState, settings: EngineSettings, compute: Compute) {
    var state = state
    self.settings = settings
    self.compute = compute
    functions = compute.kernels.functions
    width = state.parameters.encoder.columns
    stride = AlignedBuffer<Float>.stride(ofWidth: width)
    latents = state.parameters.encoder.rows
    scale = state.scale
    encoder = Tensor(&state, \.encoder)
    decoder = Tensor(&state, \.decoder)
    let padded = CPUEngine.units(ofLatents: latents) * CPUEngine.latentBlock
    encoderBias = Tensor(state, \.encoderBias, padding: padded)
    decoderBias = Tensor(state, \.decoderBias, padding: stride)
    screened = ScreenedLatents(compute.screen, latents: latents, width: width)
    rowsSinceFired = AlignedBuffer(state.rowsSinceFired)
    let (width, stride, k, latents) = (width, stride, settings.k, latents)
    workers = (0..<compute.pool.threads).map { _ in
      Worker(
        stride: stride,
        scratchBytes: elute_choose_scratch_bytes(width, CPUEngine.rowBlock, k, latents))
    }
    zeros = AlignedBuffer(count: stride)
    rows = BatchBuffers(rows: 0, stride: stride, k: k, latents: latents)
    steps = state.step
    beta1Power = state.beta1Power
    beta2Power = state.beta2Power
  }

  /// Steps once on a batch at a learning rate; see `TrainingEngine` for what a step is.
  public func step(on batch: Batch, learningRate: Double) -> StepStatistics {
    precondition(
      batch.width == width && !batch.rows.isEmpty,
      "\(batch.rows.count) rows of \(batch.width) for an engine of \(width)")
    if rows.rows != batch.rows.count {
      rows = BatchBuffers(rows: batch.rows.count, stride: stride, k: settings.k, latents: latents)
    }
    if stepsWithScreen < 0 { takeUpScreen(compute.screen, for: batch) }
    for worker in workers { worker.reset() }
    let view = makeView()
    let forward = runForward(batch, view)
    let (auxiliary, dead) = reconstructWithDeadLatents(view)
    let regroupTime = Stopwatch()
    let units = CPUEngine.units(ofRows: rows.rows)
    view.codes.regroup(units: units, on: compute.pool)
    auxiliary?.codes.regroup(units: units, on: compute.pool)
    phases.regroup = regroupTime.seconds
    let updateTime = Stopwatch()
    update(view, auxiliary: auxiliary, learningRate: learningRate)
    phases.update = updateTime.seconds
    guessThreshold(view)
    reconsiderScreen(for: batch)
    return StepStatistics(
      loss: forward.loss, auxiliaryLoss: auxiliary?.loss ?? 0, l0: forward.l0, dead: dead)
  }

  /// A copy of all that is needed to go on.
  public func state() -> TrainingState {
    let view = view
    var state = TrainingState(parameters: view.copied(\.parameters), scale: scale)
    state.firstMoments = view.copied(\.firstMoments)
    state.secondMoments = view.copied(\.secondMoments)
    state.step = steps
    state.beta1Power = beta1Power
    state.beta2Power = beta2Power
    state.rowsSinceFired = rowsSinceFired.elements
    return state
  }

  func makeView() -> EngineView {
    EngineView(
      functions: functions, width: width, stride: stride, latents: latents, rows: rows.rows,
      scale: scale, encoder: .init(encoder), decoder: .init(decoder),
      encoderBias: .init(encoderBias), decoderBias: .init(decoderBias), screened: screened.view,
      zeros: zeros.start, centered: rows.centered.start, residual: rows.residual.start,
      norms: rows.norms.start, residualSums: rows.residualSums.start,
      latentSums: rows.latentSums.start, losses: rows.losses.start,
      squaredNorms: rows.squaredNorms.start, rowsSinceFired: rowsSinceFired.start,
      codes: CodesView(rows.codes))
  }

  func record(forwardSeconds: Double) {
    let chosen = workers.reduce(0) { $0 + $1.chooseSeconds }
    let decoded = workers.reduce(0) { $0 + $1.decodeSeconds }
    let share = chosen + decoded > 0 ? chosen / (chosen + decoded) : 1
    phases = StepPhases()
    phases.choose = forwardSeconds * share
    phases.decode = forwardSeconds * (1 - share)
    phases.survivors = workers.reduce(0) { $0 + $1.survivors }
    phases.fallbacks = workers.reduce(0) { $0 + $1.fallbacks }
  }
}

/// Where the time of a step went, and what the screen let through.
///
/// Diagnostics: no result reads them.
public struct StepPhases: Hashable, Sendable {
  /// Seconds in the product and selection.
  public var choose = 0.0
  /// Seconds in decoding, errors and code gradients.
  public var decode = 0.0
  /// Seconds in the auxiliary loss.
  public var deadLatents = 0.0
  /// Seconds in regrouping codes by latent.
  public var regroup = 0.0
  /// Seconds in gradient rows and Adam.
  public var update = 0.0
  /// Scores that the screen could not exclude.
  public var survivors: UInt64 = 0
  /// Rows that were screened again: the guessed threshold was too high, or too many latents passed.
  public var fallbacks: UInt64 = 0
}
