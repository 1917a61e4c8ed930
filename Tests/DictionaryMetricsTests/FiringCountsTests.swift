import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct FiringCountsTests {
  let codes = SparseCodes(
    latents: 5, offsets: [0, 2, 2, 5], indices: [0, 3, 0, 1, 4], values: [1, -2, 0.5, 3, 0])

  @Test func countsWhatIsNotZero() {
    var counts = FiringCounts(latents: 5)
    counts.add(codes)
    #expect(counts.rows == 3)
    // A stored zero is not active, a negative value is.
    #expect(counts.counts == [2, 1, 0, 1, 0])
    #expect(counts.l0 == 4 / 3.0)
    #expect(counts.deadFraction == 0.4)
    #expect(counts.live == [0, 1, 3])
    let densities: [Double] = [2, 1, 0, 1, 0].map { $0 / 3 }
    #expect(counts.densities == densities)
  }

  @Test func blocksAddUp() {
    var twice = FiringCounts(latents: 5)
    twice.add(codes)
    twice.add(codes)
    var once = FiringCounts(latents: 5)
    once.add(codes)
    var merged = once
    merged.merge(once)
    #expect(merged == twice)
    #expect(twice.l0 == once.l0 && twice.rows == 6)
  }

  @Test func withoutRowsEveryLatentIsDead() {
    #expect(FiringCounts(latents: 4).deadFraction == 1)
    #expect(FiringCounts(latents: 4).l0.isNaN)
  }
}
