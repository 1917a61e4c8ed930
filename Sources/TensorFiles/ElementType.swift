/// A number format that Elute can turn into numbers, whatever the file calls it.
enum ElementType: String, Sendable, Hashable {
  case float16, bfloat16, float32, float64
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case bool

  /// The number of bytes of one element.
  var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Whether elements are floating-point numbers.
  var isFloating: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

/// The `Float` of the bits of an IEEE half-precision number, exactly.
@inline(__always)
func float(halfBits bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7fff)
  if magnitude >= 0x7c00 {  // infinity, or a number that is none
    return Float(bitPattern: sign | 0x7f80_0000 | ((magnitude & 0x3ff) << 13))
  }
  if magnitude >= 0x0400 { return Float(bitPattern: sign | ((magnitude << 13) + (112 << 23))) }
  let subnormal = Float(magnitude) * 0x1p-24
  return Float(bitPattern: sign | subnormal.bitPattern)
}

/// The `Float` of the bits of a bfloat16 number, exactly.
@inline(__always)
func float(bfloatBits bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
