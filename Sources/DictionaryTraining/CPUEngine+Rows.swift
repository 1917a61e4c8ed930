import CSparseKernels
import SparseCoding

/// A normalizer laid out for the kernels.
struct RowNormalization {
  let rowScaling: RowScaling
  let sites: [Range<Int>]
  let scales: AlignedBuffer<Float>
  private let matrices: [AlignedBuffer<Float>]

  init(_ normalizer: RowNormalizer, sites: [Range<Int>]) {
    rowScaling = normalizer.rowScaling
    self.sites = sites
    scales = AlignedBuffer(normalizer.scales + [Float](repeating: 0, count: 16))
    matrices = normalizer.whitening.map { AlignedBuffer(padding: $0.matrix) }
  }

  /// Whether nothing but the columns' factors is applied.
  var isDiagonal: Bool { rowScaling == .none && matrices.isEmpty }

  /// Brings a row of data into the units of training.
  func normalize(
    _ row: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    with functions: UnsafePointer<EluteKernels>
  ) {
    for site in sites {
      let start = site.lowerBound
      let (shift, factor) = rowScaling.shiftAndFactor(of: site.count) { row[start + $0] }
      for i in site {
        target[i] = Float((Double(row[i]) + shift) * factor) * scales.start[i]
      }
    }
    for (site, matrix) in zip(sites, matrices) {
      let stride = AlignedBuffer<Float>.stride(ofWidth: site.count)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: stride) { values in
        guard let values = values.baseAddress else { return }
        values.update(repeating: 0, count: stride)
        values.update(from: target + site.lowerBound, count: site.count)
        for i in 0..<site.count {
          target[site.lowerBound + i] =
            functions.pointee.dot(values, matrix.start + i * stride, stride)
        }
      }
    }
  }
}

extension EngineView {
  /// Brings rows of data into the units of training: what is read, centred, and what codes have to add
  /// up to.
  func prepare(
    _ unitRows: Range<Int>, of source: UnsafePointer<Float>, chosen: UnsafePointer<Int>,
    by normalization: RowNormalization?, worker: Worker
  ) {
    for row in unitRows {
      var data = source + chosen[row] * rowWidth
      var factors = scales
      if let normalization {
        normalization.normalize(data, into: worker.normalized.start, with: functions)
        data = UnsafePointer(worker.normalized.start)
        factors = ones
      }
      let target = centered + row * inputStride
      functions.pointee.center(
        data + inputStart, factors + inputStart, inputBias, inputWidth, target)
      norms[row] = elute_row_bound(functions.pointee.dot(target, target, inputStride))
      if readsItsTarget { continue }
      let goal = goal + row * outputStride
      functions.pointee.center(
        data + outputStart, factors + outputStart, decoderBias.weights, outputWidth, goal)
      guard let skip, let input else { continue }
      let own = input + row * inputStride
      functions.pointee.center(data + inputStart, factors + inputStart, zeros, inputWidth, own)
      for i in 0..<outputWidth {
        goal[i] -= functions.pointee.dot(own, skip.weights + i * inputStride, inputStride)
      }
    }
  }
}
