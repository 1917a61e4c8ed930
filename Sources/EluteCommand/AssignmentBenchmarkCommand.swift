import ArgumentParser
import Elute

struct AssignmentBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assignment",
    abstract: "Best matches and the one-to-one matching of two wide dictionaries.",
    discussion: """
      Example:
        elute benchmark assignment --atoms 65536 --d-in 768 --kind random

      Beyond 4,096 by 4,096 atoms the matching is found without the matrix of cosines, and the gap is \
      proved: the best matching's mean cosine is at most so much greater.
      """)

  @Option(help: ArgumentHelp("Atoms of the first dictionary.", valueName: "n"))
  var atoms = 16384
  @Option(help: ArgumentHelp("Atoms of the second, by default as many.", valueName: "n"))
  var otherAtoms: Int?
  @Option(help: ArgumentHelp("The width of the atoms.", valueName: "n"))
  var dIn = 768
  @Option(help: ArgumentHelp("What the atoms are.", valueName: "kind"))
  var kind = AtomKind(.random)
  @Flag(help: "Compare magnitudes of cosines.")
  var absolute = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let place = try compute.compute()
    let others = otherAtoms ?? atoms
    for (key, value) in [("atoms", atoms), ("other_atoms", others), ("d_in", dIn)] {
      guard (1...1 << 24).contains(value) else {
        throw ConfigurationError(
          key: key, found: "\(value)", expected: "1 to \(1 << 24)",
          hint: "65536 atoms of width 768 are wide")
      }
    }
    let benchmark = AssignmentBenchmark(
      kind: kind.atoms, atoms: atoms, otherAtoms: others, dIn: dIn,
      convention: absolute ? .absolute : .signed)
    guard benchmark.memoryBytes < HostMemory.bytes else {
      throw ConfigurationError(
        key: "atoms",
        found: "a benchmark that needs about \(size(benchmark.memoryBytes)) of memory",
        expected: "less than this machine has", hint: "65536 atoms of width 768 are wide")
    }
    let result = try benchmark.run(compute: place)
    if output.json { return try Console.json(result) }
    print(
      """
      \(result.atoms) and \(result.otherAtoms) \(result.kind) atoms of width \(result.dIn), \
      \(result.convention) cosines: \(result.kernels), \(result.threads) threads
        mmcs         \(fixed(result.mmcs, 6))   \(fixed(result.mmcsSeconds, 1)) s
        dcs          \(fixed(result.dcs, 6))   \(fixed(result.assignmentSeconds, 1)) s
        gap          \(Float(result.assignmentGap))
        peak memory  \(size(result.peakMemoryBytes))
      """)
  }
}

/// The kinds of atoms by the names that the command has for them.
struct AtomKind: ExpressibleByArgument {
  let atoms: AssignmentBenchmark.Atoms

  init(_ atoms: AssignmentBenchmark.Atoms) { self.atoms = atoms }

  init?(argument: String) {
    guard let atoms = AssignmentBenchmark.Atoms(rawValue: argument) else { return nil }
    self.atoms = atoms
  }

  static var allValueStrings: [String] { AssignmentBenchmark.Atoms.allCases.map(\.rawValue) }
  var defaultValueDescription: String { atoms.rawValue }
}
