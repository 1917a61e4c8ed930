import ArgumentParser
import Elute

struct NullCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "null",
    abstract: "The exact agreement of random dictionaries.",
    discussion: """
      Example:
        elute null --width 128 --atoms 1024

      The expected best cosine of a random direction among random directions, by an exact integral. It is \
      the null of random initialisations; dictionaries of real data are anisotropic, and \
      `elute compare` judges them by a null of their own second moment.
      """)

  @Option(help: ArgumentHelp("The width of the atoms.", valueName: "d"))
  var width: Int

  @Option(help: ArgumentHelp("Atoms of the dictionary that is searched.", valueName: "n"))
  var atoms: Int

  @Flag(help: "Cosines with their sign, for nonnegative codes. (default: absolute)")
  var signed = false

  @OptionGroup var output: OutputOptions

  private struct Answer: Encodable {
    var width, atoms: Int
    var convention: String
    var expected_mmcs, standard_deviation_per_atom: Double
  }

  func run() throws {
    for (key, value) in [("width", width), ("atoms", atoms)]
    where !(1...1 << 30).contains(value) {
      throw ConfigurationError(
        key: key, found: "\(value)", expected: "1 to \(1 << 30)", hint: "give a positive number")
    }
    let convention: CosineConvention = signed ? .signed : .absolute
    let null = IsotropicNull(width: width, atoms: atoms, convention: convention)
    if output.json {
      return try Console.json(
        Answer(
          width: width, atoms: atoms, convention: convention.rawValue,
          expected_mmcs: null.expectedMMCS,
          standard_deviation_per_atom: null.standardDeviationPerAtom))
    }
    print(
      """
      random dictionaries of width \(width), \(atoms) atoms searched, \(convention.rawValue) cosines
        expected mmcs                \(fixed(null.expectedMMCS, 6))
        standard deviation per atom  \(fixed(null.standardDeviationPerAtom, 6))
      """)
  }
}
