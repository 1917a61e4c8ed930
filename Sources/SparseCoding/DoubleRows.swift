// Loops over rows of doubles that are padded with zeros to a multiple of sixteen.

/// The sum of products: eight interleaved partial sums, then pairs of them.
@inline(__always)
func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ stride: Int) -> Double {
  let left = UnsafeRawPointer(a)
  let right = UnsafeRawPointer(b)
  var sums = SIMD8<Double>()
  for offset in Swift.stride(from: 0, to: stride * 8, by: 64) {
    sums +=
      left.load(fromByteOffset: offset, as: SIMD8<Double>.self)
      * right.load(fromByteOffset: offset, as: SIMD8<Double>.self)
  }
  let four = sums.lowHalf + sums.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// `target -= factor * row`.
@inline(__always)
func subtract(
  _ factor: Double, _ row: UnsafePointer<Double>, from target: UnsafeMutablePointer<Double>,
  _ stride: Int
) {
  for index in 0..<stride { target[index] -= factor * row[index] }
}
