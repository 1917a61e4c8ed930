import SparseCoding

/// Two numbers to be added modulo the task's modulus.
public struct ModularPair: Sendable, Hashable {
  /// The first number, at least 0 and below the modulus.
  public let first: Int
  /// The second number, at least 0 and below the modulus.
  public let second: Int

  /// A pair of two numbers.
  public init(_ first: Int, _ second: Int) {
    self.first = first
    self.second = second
  }
}

/// The task `a + b mod m`: every pair there is, and which of them a network is trained on.
public struct ModularAddition: Sendable, Hashable {
  /// The number of different numbers, 113 in the papers.
  public let modulus: Int

  /// The task of a modulus.
  ///
  /// - Precondition: `modulus` is at least 2.
  public init(modulus: Int = 113) {
    precondition(modulus >= 2, "a modulus is at least 2, not \(modulus)")
    self.modulus = modulus
  }

  /// All pairs: the pair at `r` is `(r / modulus, r % modulus)`.
  public var pairs: [ModularPair] {
    (0..<modulus * modulus).map { ModularPair($0 / modulus, $0 % modulus) }
  }

  /// The number that a network should answer.
  public func answer(to pair: ModularPair) -> Int { (pair.first + pair.second) % modulus }

  /// The pairs to learn from and the pairs held out, each in the order of ``pairs``.
  ///
  /// The training pairs are the first `floor(fraction * modulus^2)` entries of a permutation drawn
  /// from the seed's stream `modular-addition/split`.
  ///
  /// - Precondition: `fraction` lies in 0...1.
  public func split(trainingFraction fraction: Double, seed: UInt64) -> ModularSplit {
    precondition((0...1).contains(fraction), "a fraction lies in 0...1, not at \(fraction)")
    let pairs = pairs
    var stream = RandomStream(seed: seed, name: "modular-addition/split")
    let shuffled = stream.permutation(count: pairs.count)
    let trained = Int(fraction * Double(pairs.count))
    return ModularSplit(
      training: shuffled.prefix(trained).sorted().map { pairs[$0] },
      heldOut: shuffled.dropFirst(trained).sorted().map { pairs[$0] })
  }
}

/// A division of all pairs into those trained on and those held out.
public struct ModularSplit: Sendable, Hashable {
  /// The pairs that every training step sees.
  public let training: [ModularPair]
  /// The pairs that no training step sees.
  public let heldOut: [ModularPair]
}
