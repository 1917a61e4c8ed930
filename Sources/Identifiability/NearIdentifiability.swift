/// How near to each other two dictionaries are that code every input well on well-conditioned supports.
///
/// With codes of at most `k` atoms at length one, `delta` of the atoms active on either of two inputs, an error of at most
/// `e` and a length of at most `B` for every input, and for every support `k` inputs whose codes have a smallest singular
/// value of `zeta`:
///
///     alpha = sqrt(1 - (2 delta / (1 + delta))²),   the theorem asks for   e < zeta sqrt(1 - delta) alpha / (4 sqrt(k))
///     eta = 2 sqrt(k) e / (zeta sqrt(1 - delta)),   C = 1 + 2 / alpha
///     |u_i - s_i u'_i| <= 2 C eta,   |z - z'| <= 2 e / sqrt(1 - delta) + 2 sqrt(k) C eta (B + e) / (1 - delta)
///
/// up to one order and signs of all atoms. It asks besides for supports that are rich enough.
///
/// - Source: "Toward Identifiable Sparse Autoencoders", theorem 3.6.
public struct NearIdentifiability: Hashable, Sendable {
  /// The most atoms of a code.
  public var k: Int
  /// The largest `delta` of a joint support.
  public var delta: Double
  /// The largest error, and the largest length of an input.
  public var error, norm: Double
  /// `zeta`.
  public var diversity: Double

  /// The bound for constants.
  ///
  /// - Precondition: `k` is positive.
  public init(k: Int, delta: Double, error: Double, norm: Double, diversity: Double) {
    precondition(k > 0, "codes of \(k) atoms")
    (self.k, self.delta, self.error) = (k, delta, error)
    (self.norm, self.diversity) = (norm, diversity)
  }

  /// `alpha`; 0 where `delta` is 1 or more.
  public var alpha: Double {
    let angle = 2 * delta / (1 + delta)
    return delta < 1 ? (1 - angle * angle).squareRoot() : 0
  }
  /// What the error has to be below.
  public var errorAsked: Double {
    delta < 1
      ? diversity * (1 - delta).squareRoot() * alpha / (4 * Double(k).squareRoot()) : 0
  }
  /// Whether it is.
  public var applies: Bool { error < errorAsked }

  private var eta: Double {
    2 * Double(k).squareRoot() * error / (diversity * (1 - delta).squareRoot())
  }
  private var factor: Double { 1 + 2 / alpha }
  /// How far atoms are apart at most, at length one; nil where the theorem does not apply.
  public var atomsWithin: Double? { applies ? 2 * factor * eta : nil }
  /// How far codes are apart at most; nil where the theorem does not apply.
  public var codesWithin: Double? {
    guard applies else { return nil }
    let own = 2 * error / (1 - delta).squareRoot()
    return own + 2 * Double(k).squareRoot() * factor * eta * (norm + error) / (1 - delta)
  }
}
