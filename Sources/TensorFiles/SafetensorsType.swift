/// The element types that a safetensors file may name, in the format's own order.
///
/// Elute turns the ordinary floats and integers into numbers; of the others it knows the name and the
/// width, so that a file can be inspected and its sizes checked. Source: safetensors 0.8.0.
public enum SafetensorsType: String, CaseIterable, Codable, Sendable, Hashable {
  /// One byte, zero or one.
  case bool = "BOOL"
  /// A float of 4 bits.
  case float4 = "F4"
  /// A float of 6 bits, 2 of them exponent.
  case float6E2M3 = "F6_E2M3"
  /// A float of 6 bits, 3 of them exponent.
  case float6E3M2 = "F6_E3M2"
  /// Unsigned, 8 bits.
  case uint8 = "U8"
  /// Signed, 8 bits.
  case int8 = "I8"
  /// A float of 8 bits, 5 of them exponent.
  case float8E5M2 = "F8_E5M2"
  /// A float of 8 bits, 4 of them exponent.
  case float8E4M3 = "F8_E4M3"
  /// A scale of 8 bits, all of them exponent.
  case float8E8M0 = "F8_E8M0"
  /// A float of 8 bits, 4 of them exponent, without negative zero.
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  /// A float of 8 bits, 5 of them exponent, without negative zero.
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  /// Signed, 16 bits.
  case int16 = "I16"
  /// Unsigned, 16 bits.
  case uint16 = "U16"
  /// IEEE half precision.
  case float16 = "F16"
  /// The upper half of a single-precision float.
  case bfloat16 = "BF16"
  /// Signed, 32 bits.
  case int32 = "I32"
  /// Unsigned, 32 bits.
  case uint32 = "U32"
  /// IEEE single precision.
  case float32 = "F32"
  /// A pair of single-precision floats.
  case complex64 = "C64"
  /// IEEE double precision.
  case float64 = "F64"
  /// Signed, 64 bits.
  case int64 = "I64"
  /// Unsigned, 64 bits.
  case uint64 = "U64"

  /// The number of bits of one element.
  public var bits: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ:
      8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// The format of the elements, where Elute reads their numbers.
  var element: ElementType? {
    switch self {
    case .bool: .bool
    case .uint8: .uint8
    case .int8: .int8
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int32: .int32
    case .uint32: .uint32
    case .float32: .float32
    case .float64: .float64
    case .int64: .int64
    case .uint64: .uint64
    case .float4, .float6E2M3, .float6E3M2, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ, .complex64:
      nil
    }
  }
}
