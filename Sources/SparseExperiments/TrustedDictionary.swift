import DictionaryTraining
import RunRecords
public import SparseCoding
public import TensorFiles

/// The dictionary of the atoms that a certificate finds nothing against.
///
/// An atom is trusted if
///
/// - of the rows on which it fires at least `proved` have a code that is proved at once to be the only one of its size,
/// - no other atom is within a cosine of 0.9 of its own,
/// - it does not fire only where another does (`CoFiring`),
/// - it comes back in more than half of the other dictionaries, if there are any.
///
/// Encoder rows and biases are kept as they are; a rule of `k` latents chooses among those that are left.
public struct TrustedDictionary: Sendable {
  /// The dictionary, whose latents are in the order of the one it came from.
  public let coder: SparseCoder
  /// The latents that are kept.
  public let latents: [Int]
  /// The fraction of variance left unexplained, and the active latents, on the certificate's rows.
  public let fvu, l0: Double

  /// The trusted part of a dictionary.
  ///
  /// - Parameters:
  ///   - proved: The least share of an atom's rows whose code is proved.
  /// - Throws: `ConfigurationError` if no atom is trusted, and as `evaluate`.
  public init(
    of coder: SparseCoder, by certification: Certification, proved: Double,
    on source: any ActivationSource, path: String, compute: Compute
  ) throws {
    let others = certification.others
    latents = certification.atoms.filter { atom in
      atom.certified >= proved && abs(atom.cosine ?? 0) < 0.9 && !atom.isChild
        && (others == 0 || 2 * (atom.replications ?? 0) > others)
    }.map(\.latent)
    guard !latents.isEmpty else {
      throw ConfigurationError(
        key: "trust", found: "no atom that passes at \(proved)",
        expected: "at least one",
        hint: "the share of its proved codes and what else is known of each is in atoms.csv")
    }
    var kept = coder.keeping(latents)
    kept.activation = kept.activation.limited(to: latents.count)
    self.coder = kept
    let measures = try evaluate(
      kept, on: source, rows: certification.rows, path: path, compute: compute
    ).measures
    (fvu, l0) = (measures.fvu, measures.l0)
  }

  /// Writes the folder, which is to be new or empty, as every other dictionary.
  public func write(to folder: String, source: String) throws(TensorFileError) {
    try makeFolder(folder)
    try SAELensDictionary.write(
      coder,
      metadata: [
        "elute_version": .string(eluteVersion), "elute_trusted_of": .string(source),
        "elute_latents": .array(latents.map { .number(Double($0)) }), "l0": .number(l0),
        "fvu": .number(fvu),
      ], to: folder)
  }
}

extension Activation {
  /// The rule with no larger `k` than there are latents.
  fileprivate func limited(to latents: Int) -> Activation {
    switch self {
    case .topK(let k): .topK(k: min(k, latents))
    case .absTopK(let k): .absTopK(k: min(k, latents))
    case .batchTopK(let k): .batchTopK(k: min(k, latents))
    case .relu, .jumpReLU, .gated: self
    }
  }
}
