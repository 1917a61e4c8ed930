import CSparseKernels
import Synchronization

/// Whether a screen lets so much through that scoring everything is faster; it shows in the time only.
final class ScreenVerdict: Sendable {
  private let poor = Atomic<Bool>(false)
  var isPoor: Bool { poor.load(ordering: .relaxed) }

  /// Takes note of a panel's survivors: scoring one takes some eight times as long as its part of the product.
  func judge(survivors: Int, of scores: Int) {
    if survivors > scores / 12 { poor.store(true, ordering: .relaxed) }
  }
}

/// Lists of what one panel has above limits, made when they are first used; those of one thread.
final class AboveLists: @unchecked Sendable {
  lazy var indices = AlignedBuffer<Int32>(count: LatentSearch.panel * latents)
  lazy var values = AlignedBuffer<Float>(count: LatentSearch.panel * latents)
  let counts = AlignedBuffer<Int32>(count: LatentSearch.panel)
  private let latents: Int

  init(latents: Int) { self.latents = latents }
}

extension LatentSearch {
  /// The bounds of rows that a screen asks for.
  func norms(of rows: UnsafePointer<Float>, _ count: Int) -> AlignedBuffer<Float> {
    let norms = AlignedBuffer<Float>(count: count)
    for row in 0..<count {
      let own = rows + row * stride
      norms.start[row] = elute_row_bound(functions.pointee.dot(own, own, stride))
    }
    return norms
  }

  /// All scores above their limits, at their magnitudes, found with the screen.
  func screenedAbove(
    _ rows: UnsafePointer<Float>, _ count: Int, _ scratch: UnsafeMutablePointer<UInt8>,
    _ lists: AboveLists
  ) -> UnitCodes {
    guard let view = screened?.view else { return UnitCodes() }
    let (latents, norms) = (coder.latents, norms(of: rows, count))
    let (indices, values, counts) = (lists.indices.start, lists.values.start, lists.counts.start)
    var codes = UnitCodes()
    for first in Swift.stride(from: 0, to: count, by: Self.panel) {
      let some = min(Self.panel, count - first)
      var above = EluteAbove(
        indices: indices, values: values, counts: counts, room: latents, survivors: 0)
      view.chooseAbove(
        limits.start, among: latents, encoder: encoder.start, bias: bias.start,
        for: EluteRows(
          input: rows + first * stride, norm: norms.start + first, rows: some, stride: stride,
          k: 0, signs: 0, threshold: 0),
        scratch: scratch, into: &above, with: functions)
      if some == Self.panel {
        verdict.judge(survivors: Int(above.survivors), of: some * latents)
      }
      for row in 0..<some {
        let (own, scores) = (indices + row * latents, values + row * latents)
        codes.append(own, scores, withMagnitudes(Int(counts[row]), own, scores))
      }
    }
    return codes
  }

  /// The same from all scores.
  func exceeding(_ rows: UnsafePointer<Float>, _ count: Int) -> UnitCodes {
    let latents = coder.latents
    let some = Self.tile
    let scores = AlignedBuffer<Float>(count: some * latents)
    let (indices, values) = (
      AlignedBuffer<Int32>(count: latents + 16), AlignedBuffer<Float>(count: latents + 16)
    )
    var codes = UnitCodes()
    for row in 0..<count {
      if row % some == 0 {
        functions.pointee.scores(
          rows + row * stride, min(some, count - row), encoder.start, bias.start, latents, stride,
          scores.start, latents)
      }
      let found = functions.pointee.exceeding(
        scores.start + row % some * latents, limits.start, latents, 0, values.start,
        indices.start)
      codes.append(
        indices.start, values.start, withMagnitudes(found, indices.start, values.start))
    }
    return codes
  }

  /// From scores of gates to magnitudes, where the rule has them, of those the positive ones.
  private func withMagnitudes(
    _ count: Int, _ indices: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Float>
  ) -> Int {
    guard let magnitude = coder.magnitude else { return count }
    var kept = 0
    for entry in 0..<count {
      let latent = Int(indices[entry])
      let u = values[entry] - coder.encoderBias[latent]
      let value = magnitudeScales[latent] * u + magnitude.bias[latent]
      guard value > 0 else { continue }
      indices[kept] = indices[entry]
      values[kept] = value
      kept += 1
    }
    return kept
  }
}
