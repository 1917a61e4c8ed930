public import SparseCoding

/// How diverse the codes of one support are at most: the smallest singular value of as many codes as it has atoms.
///
/// Of atoms at length one, whatever other rows there are, as long as their codes are no larger than these:
///
///     zeta <= max |z|,   zeta <= sqrt(k) max over rows of |z_i|, for every latent i
///
/// - Source: "Toward Identifiable Sparse Autoencoders", assumption 3.5.
/// - Complexity: O(entries).
public struct CodeDiversity: Hashable, Sendable {
  /// The most atoms of a code.
  public private(set) var k = 0
  private var longest = 0.0
  private var greatest: [Double]
  private let lengths: [Double]

  /// No codes yet on atoms of these lengths.
  public init(on atoms: BoundedAtoms) {
    lengths = atoms.lengths
    greatest = [Double](repeating: 0, count: atoms.count)
  }

  /// Adds codes.
  ///
  /// - Precondition: As many latents as atoms.
  public mutating func add(_ codes: SparseCodes) {
    precondition(codes.latents == lengths.count, "\(codes.latents) latents, \(lengths.count) atoms")
    for row in 0..<codes.rows {
      var square = 0.0
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        let value = lengths[latent] * Double(abs(codes.values[entry]))
        greatest[latent] = max(greatest[latent], value)
        square += value * value
      }
      longest = max(longest, square.squareRoot())
      k = max(k, codes.entries(ofRow: row).count)
    }
  }

  /// What `zeta` is at most.
  public var zeta: Double {
    min(longest, Double(k).squareRoot() * (greatest.filter { $0 > 0 }.min() ?? 0))
  }
}
