/// What a dictionary reads and what it reconstructs.
///
/// A row of data holds the activations of all sites side by side, in the order of `sites`; the encoder
/// reads the columns `inputs`, the decoder reconstructs the columns `outputs`.
public enum Architecture: Codable, Hashable, Sendable {
  /// One site is both.
  case autoencoder(Site)
  /// One site is read and another reconstructed, with `skip` by a linear path beside the latents too.
  ///
  /// Source: Dunefsky et al. 2024 (arXiv 2406.11944); Paulo et al. 2025 (arXiv 2501.18823) for `skip`.
  case transcoder(input: Site, output: Site, skip: Bool)
  /// Several sites are read and reconstructed together: layers of one model, or one of several models.
  ///
  /// Source: Lindsey et al. 2024, "Sparse Crosscoders for Cross-Layer Features and Model Diffing".
  case crosscoder([Site])

  /// The sites, in the order in which their activations stand in a row of data.
  public var sites: [Site] {
    switch self {
    case .autoencoder(let site): [site]
    case .transcoder(let input, let output, _): [input, output]
    case .crosscoder(let sites): sites
    }
  }

  /// The number of activations in a row of data.
  public var rowWidth: Int { sites.reduce(0) { $0 + $1.width } }

  /// The columns that the encoder reads.
  public var inputs: Range<Int> {
    switch self {
    case .autoencoder, .crosscoder: 0..<rowWidth
    case .transcoder(let input, _, _): 0..<input.width
    }
  }

  /// The columns that the decoder reconstructs.
  public var outputs: Range<Int> {
    switch self {
    case .autoencoder, .crosscoder: 0..<rowWidth
    case .transcoder(let input, let output, _): input.width..<input.width + output.width
    }
  }

  /// The columns of a row of data that belong to each site.
  public var siteColumns: [Range<Int>] {
    var end = 0
    return sites.map { site in
      defer { end += site.width }
      return end..<end + site.width
    }
  }

  /// The columns of an atom that belong to one source each: a crosscoder's sites; else all columns.
  public var sources: [Range<Int>] {
    if case .crosscoder = self { siteColumns } else { [0..<outputs.count] }
  }

  /// Whether what is read is what is reconstructed; then one bias is subtracted and added.
  public var readsItsTarget: Bool { inputs == outputs }

  /// Whether a linear path leads past the latents.
  public var hasSkip: Bool {
    if case .transcoder(_, _, let skip) = self { skip } else { false }
  }

  /// The name in files.
  public var name: String {
    switch self {
    case .autoencoder: "autoencoder"
    case .transcoder(_, _, let skip): skip ? "skip_transcoder" : "transcoder"
    case .crosscoder: "crosscoder"
    }
  }
}
