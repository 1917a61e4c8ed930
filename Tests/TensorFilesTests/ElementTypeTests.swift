import Testing

@testable import TensorFiles

@Suite("number formats") struct ElementTypeTests {
  @Test("every half-precision number becomes the same float")
  func half() {
    let differing = (UInt16.min...UInt16.max).filter { bits in
      let value = float(halfBits: bits)
      let expected = Float(Float16(bitPattern: bits))
      return value.bitPattern != expected.bitPattern && !(value.isNaN && expected.isNaN)
    }
    #expect(differing.isEmpty)
  }

  @Test("bfloat16 is the upper half of a float")
  func brain() {
    #expect(float(bfloatBits: 0x3fc0) == 1.5)
    #expect(float(bfloatBits: 0xff80) == -.infinity)
    #expect(float(bfloatBits: 0x0001).bitPattern == 0x0001_0000)
  }

  @Test(
    "the first number that is not finite is found",
    arguments: [Float.nan, .infinity, -.infinity, .signalingNaN])
  func nonFinite(bad: Float) {
    for place in [0, 1, 15, 16, 99] {
      var values = [Float](repeating: .greatestFiniteMagnitude, count: 100)
      values[place] = bad
      #expect(values.withUnsafeBufferPointer(firstNonFinite) == place)
    }
    #expect([Float](repeating: -0.0, count: 3).withUnsafeBufferPointer(firstNonFinite) == nil)
    #expect([Float]().withUnsafeBufferPointer(firstNonFinite) == nil)
  }
}
