import Testing

@testable import AlgorithmicTransformer

struct ModularAdditionTests {
  @Test
  func `pairs are all there, in the order of the first number`() {
    let task = ModularAddition(modulus: 7)
    #expect(task.pairs.count == 49)
    for (row, pair) in task.pairs.enumerated() {
      #expect(pair == ModularPair(row / 7, row % 7))
    }
    #expect(ModularAddition().pairs.count == 12_769)
  }

  @Test(arguments: [(0, 0, 0), (3, 4, 0), (6, 6, 5), (2, 3, 5)])
  func `answers wrap around at the modulus`(first: Int, second: Int, answer: Int) {
    #expect(ModularAddition(modulus: 7).answer(to: ModularPair(first, second)) == answer)
  }

  @Test
  func `a split divides all pairs and keeps their order`() {
    let task = ModularAddition(modulus: 11)
    let split = task.split(trainingFraction: 0.3, seed: 5)
    #expect(split.training.count == 36)
    #expect(Set(split.training).isDisjoint(with: split.heldOut))
    #expect(Set(split.training).union(split.heldOut) == Set(task.pairs))
    let row = { (pair: ModularPair) in pair.first * 11 + pair.second }
    #expect(split.training.map(row) == split.training.map(row).sorted())
    #expect(split.heldOut.map(row) == split.heldOut.map(row).sorted())
  }

  @Test
  func `a split depends on the seed and on nothing else`() {
    let task = ModularAddition(modulus: 11)
    let split = task.split(trainingFraction: 0.3, seed: 5)
    #expect(split == task.split(trainingFraction: 0.3, seed: 5))
    #expect(split != task.split(trainingFraction: 0.3, seed: 6))
  }
}
