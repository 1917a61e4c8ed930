import SparseCoding

/// What the features of several sites have in common, beside their activations.
public enum SiteSharing: Hashable, Sendable {
  /// Nothing: every site has directions of its own.
  case independent
  /// This share of the features has one direction at all sites.
  case overlapping(Double)
  /// This share of the features is at one site alone, the sites in turn; its direction at the others is zero.
  case specific(Double)

  /// The features of one of several sites, from directions of its own and those of the first site.
  ///
  /// The features that are shared, or at one site alone, are the first ones.
  func features(of site: Int, among sites: Int, from own: Matrix, first: Matrix?) -> Matrix {
    var features = own
    func replace(_ feature: Int, by value: (Int) -> Float) {
      for index in 0..<own.columns { features[feature, index] = value(index) }
    }
    switch self {
    case .independent: break
    case .overlapping(let share):
      guard let first else { break }
      for feature in 0..<Int(share * Double(own.rows)) {
        replace(feature) { first[feature, $0] }
      }
    case .specific(let share):
      for feature in 0..<Int(share * Double(own.rows)) where feature % sites != site {
        replace(feature) { _ in 0 }
      }
    }
    return features
  }
}
