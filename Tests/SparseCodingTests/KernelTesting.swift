import CSparseKernels
import SparseCoding
import Testing

/// Numbers for tests by SplitMix64, which is not the generator under test.
struct Draw {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func word() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func index(below bound: Int) -> Int { (Int(word() >> 32) * bound) >> 32 }

  mutating func float(_ kind: Numbers = .ordinary) -> Float {
    let unit = Float(Int64(word() >> 40) - 1 << 23) / Float(1 << 23)
    switch kind {
    case .ordinary: return unit
    case .tied: return Float(index(below: 5) - 2) / 2
    case .huge: return unit * 1e30
    case .tiny: return unit * 1e-30
    case .denormal: return unit * 0x1p-133
    case .zero: return unit < 0 ? -0.0 : 0
    case .finite:
      let bits = Float(bitPattern: UInt32(truncatingIfNeeded: word()))
      return bits.isFinite ? bits : unit
    }
  }

  mutating func floats(_ count: Int, _ kind: Numbers = .ordinary) -> [Float] {
    (0..<count).map { _ in float(kind) }
  }

  /// Rows padded with zeros to `AlignedBuffer.stride(ofWidth:)`, one after another.
  mutating func rows(_ count: Int, width: Int, _ kind: Numbers = .ordinary) -> [Float] {
    (0..<count).flatMap { _ in padded(floats(width, kind)) }
  }
}

/// Kinds of numbers that break kernels.
enum Numbers: String, CaseIterable, Sendable {
  case ordinary, tied, huge, tiny, denormal
  /// Zeros of both signs.
  case zero
  /// Every finite bit pattern.
  case finite

  /// Those whose products stay finite, so that a tail of zeros stays zero.
  static let bounded = allCases.filter { $0 != .huge && $0 != .finite }
}

/// Widths around the multiples of a register, a chunk and a panel.
let awkwardWidths = [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 384]

func padded(_ row: [Float]) -> [Float] {
  let stride = AlignedBuffer<Float>.stride(ofWidth: row.count)
  return row + [Float](repeating: 0, count: stride - row.count)
}

/// The bits of numbers, all that are not a number alike: which of them is the processor's choice.
func bits(_ values: some Sequence<Float>) -> [UInt32] {
  values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern }
}

/// Runs a kernel on a padded row and returns the bits of the row's own elements.
///
/// Expects the padding to stay zero and the memory behind it to stay untouched.
func written(
  _ row: [Float], sourceLocation: SourceLocation = #_sourceLocation,
  by kernel: (UnsafeMutablePointer<Float>) -> Void
) -> [UInt32] {
  let stride = AlignedBuffer<Float>.stride(ofWidth: row.count)
  var memory = padded(row) + [Float](repeating: 7, count: 64)
  kernel(&memory)
  let paddingIsZero = memory[row.count..<stride].allSatisfy { $0 == 0 }
  #expect(paddingIsZero, "padding of \(row.count)", sourceLocation: sourceLocation)
  let restIsUntouched = memory[stride...].allSatisfy { $0 == 7 }
  #expect(restIsUntouched, "memory behind \(row.count)", sourceLocation: sourceLocation)
  return bits(memory[..<row.count])
}

/// The canonical dot product, as `operations/dot.h` states it.
func canonicalDot(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
  var p = SIMD16<Float>()
  var lane = 0
  for (x, y) in zip(a, b) {
    p[lane].addProduct(x, y)
    lane = (lane + 1) % 16
  }
  while lane % 16 != 0 {
    p[lane].addProduct(0, 0)
    lane += 1
  }
  let h = p.lowHalf + p.highHalf
  let q = h.lowHalf + h.highHalf
  let r = q.lowHalf + q.highHalf
  return r[0] + r[1]
}

/// The sum of products as one chain of fused multiply-adds from 0.
func chainedDot(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
  zip(a, b).reduce(0) { sum, pair in sum.addingProduct(pair.0, pair.1) }
}

extension KernelSet {
  /// The functions themselves, for calls.
  var table: EluteKernels { functions.pointee }
}
