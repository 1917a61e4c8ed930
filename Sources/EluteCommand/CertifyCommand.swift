import ArgumentParser
import Elute

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct CertifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify",
    abstract:
      "What is proved, refuted or open about a dictionary: its atoms, its supports, every code.",
    discussion: """
      Example:
        elute certify runs/a/seed-0 --data acts.npy --out certificate
        elute certify runs/a other/sae --data acts.npy --out certificates

      A code is certified when no other code with the same reconstruction has so small a sum of |d_j| |z_j|; \
      rounding included. Claims about all codes of k atoms are rarely decided at the sizes of networks: \
      supports that were found can only refute them, and bounds by cosines prove them for a few active \
      latents at most. What can be proved at any size is about the rows at hand. Only latents that fire \
      on them count as the dictionary.

      It ends with status 0 whatever the verdicts are. With --out it writes certificate.json, every claim with \
      its kind, scope, margin or witness, assumptions and source, atoms.csv, a line for each latent, pairs.csv, \
      one for each two that often fire together, and certificate.html to read. Of several dictionaries each has a folder, and certificate.html sets them side by side.

      An atom passes for --export-trusted if enough of its codes are proved, no other atom is within a cosine of \
      0.9, it does not fire only where another does, and more than half of the other seeds have it, if there are any.
      """)

  @Argument(
    help: ArgumentHelp("Dictionaries, seeds of runs, or whole runs.", valueName: "dict"))
  var dictionaries: [String]

  @OptionGroup var sites: SiteOptions

  @Option(
    help: ArgumentHelp(
      "Look at only these rows: a fraction, every:N or none for all. (default: all)",
      valueName: "rule"))
  var holdout: String?

  @Option(help: ArgumentHelp("Rows to certify at most, evenly spread.", valueName: "n"))
  var rows = CertificationOptions().rows

  @Option(
    help: ArgumentHelp("Random pairs of rows whose joint supports to look at.", valueName: "n"))
  var pairs = CertificationOptions().pairs

  @Option(
    help: ArgumentHelp(
      "The active latents of a row that claims are about. (default: the dictionary's k, else its l0)",
      valueName: "n"))
  var k: Int?

  @Option(
    help: ArgumentHelp(
      "Random rows without a certificate for which to look for a smaller code.", valueName: "n"))
  var rivals = CertificationOptions().rivals

  @Option(
    help: ArgumentHelp(
      "The weight of an L1 penalty, with half the squared error, in the units of the data: are codes and atoms its optimum?",
      valueName: "weight"))
  var lambda: Double?

  @Option(
    help: ArgumentHelp(
      "The folder with the truth of the data, as evaluate takes it: are its features absorbed?",
      valueName: "dir"))
  var truth: String?

  @Option(help: ArgumentHelp("The seed that draws rows and pairs.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Write the dictionary of the atoms that pass to this folder; it must be new or empty.",
      valueName: "dir"))
  var exportTrusted: String?

  @Option(
    help: ArgumentHelp(
      "For --export-trusted: of the rows on which an atom fires, the share at least whose code is proved at once.",
      valueName: "share"))
  var trust = 0.5

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if sites.paths.isEmpty { throw ValidationError("Missing expected argument '--data <path>'") }
    guard trust >= 0, trust <= 1 else {
      throw ValidationError("--trust \(trust): give a share between 0 and 1")
    }
    if let out, let exportTrusted, folder(out) == folder(exportTrusted) {
      throw ValidationError("--out and --export-trusted name one folder: \(out)")
    }
  }

  func run() throws {
    let place = try compute.compute()
    var options = CertificationOptions()
    (options.rows, options.pairs, options.k, options.seed) = (rows, pairs, k, seed)
    (options.rivals, options.lambda) = (rivals, lambda)
    try options.validate()
    for target in [out, exportTrusted].compactMap({ $0 }) { try Consensus.checkFree(target) }
    let named = try NamedDictionary.open(dictionaries)
    if exportTrusted != nil, named.count > 1 {
      throw ConfigurationError(
        key: "export-trusted", found: "\(named.count) dictionaries", expected: "one",
        hint: "certify the one whose atoms are to be written by itself")
    }
    let truth = try truth.map { try Truth($0) }
    let (divided, path) = try sites.rows(for: named.map(\.coder), holdOut: holdout)
    Interruption().endAtOnce(saying: "interrupted: nothing was written")
    var line = ProgressLine()
    var found: [(name: String, certification: Certification)] = []
    var trusted: TrustedDictionary?
    for dictionary in named {
      let begin = Stopwatch()
      let certification = try Certification(
        of: dictionary, siblings: try dictionary.siblings(), truth: truth, on: divided.source,
        rows: divided.evaluated, path: path, options: options, compute: place
      ) { done, count in
        line.draw("\(dictionary.name): \(done)/\(count) rows, \(duration(begin.seconds))")
      }
      line.clear()
      found.append((dictionary.name, certification))
      if exportTrusted != nil {
        trusted = try TrustedDictionary(
          of: dictionary.coder, by: certification, proved: trust, on: divided.source, path: path,
          compute: place)
      }
    }
    try write(found)
    if let trusted, let exportTrusted {
      try trusted.write(to: exportTrusted, source: named[0].name)
    }
    let records = found.map(\.certification.record)
    if output.json {
      return try records.count == 1
        ? Console.json(records[0]) : Console.json(["certificates": records])
    }
    if records.count == 1 { show(records[0]) } else { show(records) }
    if let trusted, let exportTrusted {
      print(
        "-> \(exportTrusted): \(trusted.latents.count) of \(records[0].live) atoms, l0 \(fixed(trusted.l0, 2)), fvu \(fixed(trusted.fvu, 4))"
      )
    }
    if let out { print("-> \(out)") }
  }

  /// Writes what was asked for, all of it or nothing.
  private func write(_ found: [(name: String, certification: Certification)]) throws {
    guard let out else { return }
    let pages = found.map {
      certificatePage($0.certification.record, atoms: $0.certification.atoms)
    }
    guard found.count > 1 else {
      return try found[0].certification.write(to: out, page: pages[0])
    }
    let folders = Certification.folders(of: found.map(\.name))
    try Certification.write(
      found.indices.map { (folders[$0], found[$0].certification, pages[$0]) },
      overview: certificateOverviewPage(
        found.map(\.certification.record), folders: folders),
      to: out)
  }

  private func show(_ record: CertificateRecord) {
    print(
      """
      \(record.source) on \(record.rows) rows of \(record.data)
        \(record.live) of \(record.latents) latents fire, k \(record.k), \(record.isSigned ? "signed" : "nonnegative") codes, \
      l0 \(fixed(record.l0, 2)), fvu \(fixed(record.fvu, 4))
        codes proved to be the only ones of their size: \(share(record.certifiedRows)) of rows
      """)
    if let searched = record.searchedRows {
      let isExact = searched.low == searched.high
      let range =
        "(\(share(searched.low)) to \(share(searched.high))), from \(searched.sample) of them"
      print(
        "  with a search for each of the others \(isExact ? "" : "an estimated ")\(share(searched.value))"
          + (isExact ? "" : " " + range))
    }
    for claim in record.claims {
      print("  \(padded(claim.id.rawValue, 24))\(padded(claim.finding.verdict, 16))\(note(claim))")
    }
  }

  /// Several side by side: how many have which verdict.
  private func show(_ records: [CertificateRecord]) {
    for record in records {
      print(
        "\(record.source) on \(record.rows) rows of \(record.data): fvu \(fixed(record.fvu, 4)), codes proved \(share(record.certifiedRows)) of rows"
      )
    }
    for id in CertificateRecord.ID.allCases {
      let verdicts = records.compactMap { record in
        record.claims.first { $0.id == id }?.finding.verdict
      }
      let counts = Dictionary(grouping: verdicts, by: \.self).sorted {
        (-$0.value.count, $0.key) < (-$1.value.count, $1.key)
      }
      let words = counts.map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
      print("  \(padded(id.rawValue, 24))\(words)")
    }
  }

  /// What a line says of a claim beside its verdict.
  private func note(_ claim: CertificateRecord.Claim) -> String {
    var parts = claim.margin.map { ["margin \(fixed($0, 4))"] } ?? []
    if let reason = claim.reason { parts.append(reason) }
    return parts.joined(separator: "; ")
  }

  private func folder(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// A share in percent, never rounded up to all.
  private func share(_ share: Double) -> String {
    "\(fixed((share * 10_000).rounded(.down) / 100, 2)) %"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
