import SparseCoding

/// What the features of several sites have in common, beside their activations.
public enum SiteSharing: Hashable, Sendable {
  /// Nothing: every site has directions of its own.
  case independent
  /// This share of the features has one direction at all sites.
  case overlapping(Double)
  /// This share of the features is at one site alone, the sites in turn; its direction at the others is zero.
  case specific(Double)

  /// The features that a site has from the first site, `nil` for none.
  func kept(at site: Int, from first: Matrix?) -> Matrix? {
    guard case .overlapping(let share) = self, let first, site > 0 else { return nil }
    return first.selecting(rows: 0..<Int(share * Double(first.rows)))
  }

  /// The features of one of several sites: what only another site has is zero.
  ///
  /// The features that are at one site alone are the first ones.
  func features(of site: Int, among sites: Int, from own: Matrix) -> Matrix {
    guard case .specific(let share) = self else { return own }
    var features = own
    for feature in 0..<Int(share * Double(own.rows)) where feature % sites != site {
      for column in 0..<own.columns { features[feature, column] = 0 }
    }
    return features
  }
}
