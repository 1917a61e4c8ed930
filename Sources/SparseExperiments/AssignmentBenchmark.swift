public import DictionaryMetrics
public import SparseCoding

/// Times the best matches and the one-to-one matching of two dictionaries of known kind.
public struct AssignmentBenchmark: Hashable, Sendable {
  /// What the two dictionaries are.
  public enum Atoms: String, CaseIterable, Codable, Hashable, Sendable {
    /// Independent directions, uniform on the sphere: all cosines alike and small.
    case random
    /// As `random`, with coordinate `i` scaled by `i^-1/2`: few atoms are near to many.
    case anisotropic
    /// Half of the atoms have a partner, with noise from none to its own size; the rest are random.
    case trained
    /// Both consist of noisy copies of the same 64 directions.
    case clustered
    /// The same with exact copies: every cosine ties with many.
    case duplicated
  }

  /// The kind of atoms.
  public var kind: Atoms
  /// The numbers of atoms and their width.
  public var atoms, otherAtoms, dIn: Int
  /// Whether signs count.
  public var convention: CosineConvention

  /// A benchmark of two dictionaries.
  public init(
    kind: Atoms, atoms: Int, otherAtoms: Int, dIn: Int, convention: CosineConvention
  ) {
    self.kind = kind
    self.atoms = atoms
    self.otherAtoms = otherAtoms
    self.dIn = dIn
    self.convention = convention
  }

  /// About how much memory it takes: five copies of the atoms, seven for magnitudes.
  public var memoryBytes: Int {
    (convention == .signed ? 5 : 7) * MemoryLayout<Float>.stride * (atoms + otherAtoms) * dIn
  }

  /// What was measured; names are those of the JSON output.
  public struct Result: Codable, Hashable, Sendable {
    /// The kind of atoms and the convention.
    public var kind, convention: String
    /// The shape.
    public var atoms, otherAtoms, dIn: Int
    /// The kernels and threads.
    public var kernels: String
    /// The number of threads.
    public var threads: Int
    /// The mean best cosine, both directions averaged, and the seconds that it took.
    public var mmcs, mmcsSeconds: Double
    /// The mean one-to-one matched cosine, and the seconds that it took.
    public var dcs, assignmentSeconds: Double
    /// By how much the optimum can exceed `dcs` at most.
    public var assignmentGap: Double
    /// The most memory that the process has had, the two dictionaries included.
    public var peakMemoryBytes: Int

    enum CodingKeys: String, CodingKey {
      case kind, convention, atoms, kernels, threads, mmcs, dcs
      case otherAtoms = "other_atoms"
      case dIn = "d_in"
      case mmcsSeconds = "mmcs_seconds"
      case assignmentSeconds = "assignment_seconds"
      case assignmentGap = "assignment_gap"
      case peakMemoryBytes = "peak_memory_bytes"
    }
  }

  /// Runs it once.
  public func run(compute: Compute) throws(MetricError) -> Result {
    let pair = try dictionaries()
    var watch = Stopwatch()
    let mmcs = pair.bestMatches(on: compute).mmcs
    let mmcsSeconds = watch.seconds
    watch = Stopwatch()
    let matching = pair.matching(on: compute)
    return Result(
      kind: kind.rawValue, convention: convention.rawValue, atoms: atoms, otherAtoms: otherAtoms,
      dIn: dIn, kernels: compute.kernels.rawValue, threads: compute.pool.threads, mmcs: mmcs,
      mmcsSeconds: mmcsSeconds, dcs: matching.dcs, assignmentSeconds: watch.seconds,
      assignmentGap: matching.gap, peakMemoryBytes: HostMemory.peak)
  }

  private func dictionaries() throws(MetricError) -> DictionaryPair {
    func gaussians(_ rows: Int, _ name: String) -> Matrix {
      var stream = RandomStream(seed: 1, name: "assignment benchmark/\(name)")
      return Matrix(rows: rows, columns: dIn, values: stream.gaussians(count: rows * dIn))
    }
    var first = gaussians(atoms, "first")
    var second = gaussians(otherAtoms, "second")
    switch kind {
    case .random: break
    case .anisotropic:
      let scales = (1...dIn).map { 1 / Float($0).squareRoot() }
      for place in first.values.indices { first.values[place] *= scales[place % dIn] }
      for place in second.values.indices { second.values[place] *= scales[place % dIn] }
    case .trained:
      var stream = RandomStream(seed: 1, name: "assignment benchmark/partners")
      let partners = stream.permutation(count: otherAtoms)
      for row in stride(from: 0, to: min(atoms, otherAtoms), by: 2) {
        let noise = Float(row % 9) / 8
        for column in 0..<dIn {
          second[partners[row], column] =
            first[row, column] + noise * second[partners[row], column]
        }
      }
    case .clustered: copyCenters(to: &first, &second, noise: 0.1, gaussians(64, "centers"))
    case .duplicated: copyCenters(to: &first, &second, noise: 0, gaussians(64, "centers"))
    }
    return try DictionaryPair(
      UnitAtoms(first, name: "first"), UnitAtoms(second, name: "second"), convention: convention)
  }

  private func copyCenters(
    to first: inout Matrix, _ second: inout Matrix, noise: Float, _ centers: Matrix
  ) {
    func copy(to atoms: inout Matrix) {
      for row in 0..<atoms.rows {
        for column in 0..<dIn {
          atoms[row, column] = centers[row % centers.rows, column] + noise * atoms[row, column]
        }
      }
    }
    copy(to: &first)
    copy(to: &second)
  }
}
