import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Makes room for a step's supports, the 2k largest scores of each row, where they are penalized.
  func makeRoomForSupports(_ constants: StepConstants) {
    guard let setting = settings.objective.isometry, setting.weight > 0 else { return }
    let k = min(2 * constants.k, sizes.latents)
    let most = min(2 * (settings.largestK ?? k), sizes.latents)
    let buffers =
      isometry
      ?? IsometryBuffers(sizes, rows: rows.rows, k: most, isExact: setting.isExact)
    buffers.setRoom(k)
    isometry = buffers
  }

  /// The supports that codes are taken from: signed codes are the k largest of them, so one search finds both.
  var searchedSupports: SupportsView? {
    settings.model.activation.isSigned && multistep == nil ? isometry?.view : nil
  }

  /// Takes the penalty on supports, where there is one.
  func penalizeSupports(_ view: EngineView, _ constants: StepConstants) -> IsometryPass? {
    guard let setting = settings.objective.isometry, let buffers = isometry else { return nil }
    let time = Stopwatch()
    let supports = buffers.view
    let (codes, areSearched) = (supports.codes, searchedSupports != nil)
    let weight = setting.weight * constants.isometry / Double(view.rows)
    let noise = IsometryNoise(seed: settings.seed, step: rest.step, room: 2 * constants.k)
    let pass = IsometryPass(
      codes: codes, exact: buffers.exact?.start,
      combined: buffers.combined?.start,
      back: buffers.back?.start, factor: weight, loss: 0)
    let (multistep, losses) = (multistep?.view, buffers.losses.start)
    let units = EngineSizes.units(ofRows: view.rows)
    compute.pool.run(units: units) { [self] unit, index in
      let unitRows = view.rows(ofUnit: unit)
      if let multistep {
        multistep.copySupports(of: unitRows, into: codes)
      } else if !areSearched {
        view.search(
          unitRows, k: supports.k, signs: true, guess: 0, into: codes, worker: workers[index])
      }
      losses[unit] = 0
      for row in unitRows {
        let values = codes.values
        if !setting.isExact {
          let entries = codes.entries(ofRow: row)
          let samples = noise.samples(row: row, count: entries.count)
          for (entry, sample) in zip(entries, samples) { values[entry] = sample }
        }
        losses[unit] += view.penalizeSupport(row, pass)
      }
    }
    if let exact = buffers.exact?.start {
      codes.regroup(0..<view.rows, on: compute.pool)
      compute.pool.run(units: EngineSizes.units(ofLatents: sizes.latents)) { unit, _ in
        for latent in view.latents(ofUnit: unit) {
          view.buildExactIsometry(codes, of: latent, into: exact + latent * view.outputStride)
        }
      }
    }
    var finished = pass
    finished.loss = (0..<units).reduce(0.0) { $0 + losses[$1] } * weight
    phases.deadLatents += time.seconds
    return finished
  }
}

/// The penalty on supports: for each row its support, and what the gradient of its atoms is made of.
struct IsometryPass: BitwiseCopyable {
  /// In lanes 0 and 1 of an entry what `combined` and `back` are multiplied with; of an exact penalty
  /// lane 0 holds the row's factor.
  let codes: CodesView
  /// The gradients of an exact penalty, `[d_sae, output stride]`, taken before any atom moves.
  let exact: UnsafeMutablePointer<Float>?
  /// Y = sum of n_j d_j, and sum over j of (d_j·Y) d_j, `[rows, output stride]`.
  let combined, back: UnsafeMutablePointer<Float>?
  /// The penalty's weight over the rows.
  let factor: Double
  var loss: Double
}

/// The memory of the penalty on supports.
final class IsometryBuffers {
  let codes: BatchCodes
  /// Entries of a row that there is room for in this step.
  private var k = 0
  let combined, back, exact: AlignedBuffer<Float>?
  let losses: AlignedBuffer<Double>

  init(_ sizes: EngineSizes, rows: Int, k: Int, isExact: Bool) {
    codes = BatchCodes(rows: rows, latents: sizes.latents, laneCount: 2, capacity: rows * k)
    combined = isExact ? nil : AlignedBuffer(count: rows * sizes.outputStride)
    back = isExact ? nil : AlignedBuffer(count: rows * sizes.outputStride)
    exact = isExact ? AlignedBuffer(count: sizes.latents * sizes.outputStride) : nil
    losses = AlignedBuffer(count: EngineSizes.units(ofRows: rows))
  }

  /// Gives every row room for `k` entries, at most as many as there were to be.
  func setRoom(_ k: Int) {
    self.k = k
    codes.setEqualRoom(k)
  }

  var view: SupportsView { SupportsView(codes: CodesView(codes), k: k) }
}

/// Supports as plain pointers.
struct SupportsView: BitwiseCopyable {
  let codes: CodesView
  /// Entries of a row that there is room for.
  let k: Int
}

extension EngineView {
  /// The k largest in magnitude of each row's support become its code.
  func keepLargest(_ k: Int, of supports: CodesView, _ unitRows: Range<Int>, worker: Worker) {
    for row in unitRows {
      let (from, to) = (Int(supports.starts[row]), Int(codes.starts[row]))
      let found = functions.pointee.select_largest(
        supports.values + from, Int(supports.counts[row]), k, 1, worker.scratch.start,
        codes.values + to, codes.indices + to)
      for entry in to..<to + found {
        codes.indices[entry] = supports.indices[from + Int(codes.indices[entry])]
      }
      codes.counts[row] = Int32(found)
    }
  }

  /// R of a row's support, or one sample of it; and what its gradient needs.
  func penalizeSupport(_ row: Int, _ pass: IsometryPass) -> Double {
    let codes = pass.codes
    let entries = codes.entries(ofRow: row)
    guard !entries.isEmpty else { return 0 }
    let (at, count) = (entries.lowerBound, entries.count)
    let factor = Float(pass.factor / Double(count))
    var squares = 0.0
    if pass.exact != nil {
      let cosines = codes.lane(1)
      for entry in entries {
        let latent = Int(codes.indices[entry])
        functions.pointee.gathered_dots(
          atom(latent), decoder.weights, outputStride, codes.indices + at, count, outputStride,
          cosines + at)
        for other in entries { squares += Double(cosines[other]) * Double(cosines[other]) }
        codes.lane(0)[entry] = 4 * factor
      }
    } else if let combined = pass.combined, let back = pass.back {
      let sum = combined + row * outputStride
      functions.pointee.decode(
        zeros, decoder.weights, outputStride, codes.indices + at, codes.values + at, count,
        outputStride, sum)
      let along = codes.lane(0)
      functions.pointee.gathered_dots(
        sum, decoder.weights, outputStride, codes.indices + at, count, outputStride, along + at)
      functions.pointee.decode(
        zeros, decoder.weights, outputStride, codes.indices + at, along + at, count, outputStride,
        back + row * outputStride)
      for entry in entries {
        squares += Double(along[entry]) * Double(along[entry])
        along[entry] *= 2 * factor
        codes.lane(1)[entry] = 2 * factor * codes.values[entry]
      }
    }
    return squares / Double(count) - 1
  }

  /// Adds the penalty's gradient of one atom.
  func addIsometry(
    _ pass: IsometryPass, of latent: Int, to gradient: UnsafeMutablePointer<Float>
  ) {
    if let exact = pass.exact {
      return functions.pointee.accumulate(
        gradient, exact + latent * outputStride, 1, outputStride)
    }
    let codes = pass.codes
    let own = codes.entries(ofLatent: latent)
    guard let combined = pass.combined, let back = pass.back else { return }
    for (rows, lane) in [(combined, 0), (back, 1)] {
      functions.pointee.gradient_row(
        rows, outputStride, codes.latentRows + own.lowerBound,
        codes.latentLane(lane) + own.lowerBound, own.count, outputStride, gradient)
    }
  }

  /// The exact penalty's gradient of one atom, which all atoms of its supports take part in.
  func buildExactIsometry(
    _ codes: CodesView, of latent: Int, into gradient: UnsafeMutablePointer<Float>
  ) {
    gradient.update(repeating: 0, count: outputStride)
    for entry in codes.entries(ofLatent: latent) {
      let support = codes.entries(ofRow: Int(codes.latentRows[entry]))
      withUnsafeTemporaryAllocation(of: Float.self, capacity: support.count) { cosines in
        guard let cosines = cosines.baseAddress else { return }
        let indices = codes.indices + support.lowerBound
        functions.pointee.gathered_dots(
          atom(latent), decoder.weights, outputStride, indices, support.count, outputStride,
          cosines)
        for place in 0..<support.count { cosines[place] *= codes.latentLane(0)[entry] }
        functions.pointee.gradient_row(
          decoder.weights, outputStride, indices, cosines, support.count, outputStride, gradient)
      }
    }
  }
}
