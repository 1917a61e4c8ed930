import Dispatch
import Synchronization
import Testing

@testable import SparseCoding

@Suite struct ThreadPoolTests {
  /// How often each unit ran.
  static func runs(_ pool: ThreadPool, units: Int) -> [Int32] {
    let counts = AlignedBuffer<Int32>(count: units)
    pool.run(units: units) { unit, _ in counts.start[unit] += 1 }
    return counts.elements
  }

  @Test(arguments: [1, 2, 3, 7], [0, 1, 2, 3, 100, 5000])
  func everyUnitRunsOnce(threads: Int, units: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threads == threads)
    for _ in 0..<3 { #expect(Self.runs(pool, units: units).allSatisfy { $0 == 1 }) }
  }

  @Test(arguments: [1, 2, 3, 7])
  func workersAreNeverShared(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let busy = Atomic<UInt>(0)
    let clashes = Atomic(0)
    let sums = AlignedBuffer<Double>(count: 200)
    for _ in 0..<30 {
      pool.run(units: 200) { unit, worker in
        let bit: UInt = 1 << UInt(worker)
        let before = busy.bitwiseOr(bit, ordering: .sequentiallyConsistent).oldValue
        if before & bit != 0 || worker >= threads { clashes.add(1, ordering: .relaxed) }
        for i in 0..<1000 { sums.start[unit] += Double(i + unit).squareRoot() }
        busy.bitwiseAnd(~bit, ordering: .sequentiallyConsistent)
      }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  /// On the thread that starts it, if its job is shared among threads at all.
  @Test(arguments: [1, 2, 3, 7])
  func aJobInsideAJobRunsToo(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let other = ThreadPool(threads: 2)
    let counts = AlignedBuffer<Int32>(count: 20 * 30)
    let strangers = Atomic(0)
    pool.run(units: 20) { outer, _ in
      let inner = outer % 2 == 0 ? pool : other
      inner.run(units: 30) { unit, worker in
        counts.start[outer * 30 + unit] += 1
        if worker != 0 { strangers.add(1, ordering: .relaxed) }
      }
    }
    #expect(counts.elements.allSatisfy { $0 == 1 })
    #expect(threads == 1 || strangers.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [1, 2, 3])
  func twoCallersWaitForEachOther(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 2) { _ in
      for round in 0..<300 {
        let counts = Self.runs(pool, units: round % 40)
        if !counts.allSatisfy({ $0 == 1 }) { wrong.add(1, ordering: .relaxed) }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [1, 2, 3, 7])
  func manyTinyJobs(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let total = Atomic(0)
    for _ in 0..<3000 {
      pool.run(units: 3) { unit, _ in total.add(unit + 1, ordering: .relaxed) }
    }
    #expect(total.load(ordering: .relaxed) == 3000 * 6)
  }

  @Test func poolsComeAndGo() {
    for round in 0..<100 {
      let pool = ThreadPool(threads: 1 + round % 4)
      if round % 3 > 0 { #expect(Self.runs(pool, units: 10) == [Int32](repeating: 1, count: 10)) }
    }
    #expect(ThreadPool.coreCount >= 1)
  }

  @Test(
    arguments: [
      ("Name:\telute\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2),
      ("Cpus_allowed:\tff,ffffffff\n", 40), ("Cpus_allowed:\t00000000,00000400\n", 1),
      ("Cpus_allowed:\t0\n", nil), ("Cpus_allowed_list:\t0-1\n", nil), ("", nil),
    ] as [(String, Int?)])
  func processorsAreTheBitsOfTheAffinityMask(status: String, expected: Int?) {
    #expect(ThreadPool.processors(inStatus: status) == expected)
  }
}
