extension Definition {
  // MARK: When in training something happened, and how numbers are summarized.
  static let saturation = Definition(
    name: "Reconstruction saturates",
    meaning: """
      The first logged step from which on \(link(.fvu, "FVU")) stays within 5% of its final \
      value.
      """,
    formula: """
      min{<var>t</var> : FVU<sub><var>u</var></sub> ≤ 1.05 FVU<sub>final</sub> for all \
      <var>u</var> ≥ <var>t</var>}
      """,
    isNot: "Not a proof that longer training would not help; it is relative to this run’s end.")

  static let onset = Definition(
    name: "Agreement leaves chance",
    meaning: """
      The first snapshot from which on the \(link(.mmcs, "agreement")) of live atoms stays \
      above the \(link(.chanceRange, "range of chance")).
      """,
    isNot: """
      Not where agreement begins to matter: a difference far too small to matter can lie \
      outside the range.
      """)

  static let settled = Definition(
    name: "Settled",
    meaning: """
      Agreement is called settled if \(link(.kappa, "κ")) moved by less than 0.01 while the \
      number of steps last doubled. Otherwise the final value is a last value, not a limit.
      """,
    isNot: "Not a promise: agreement can rest and rise again.")

  static let spread = Definition(
    name: "Standard deviation, ±",
    meaning: "The scatter of \(link(.chance, "chance")) over its random draws.",
    isNot: "Not the uncertainty of the measured agreement.")

  static let histogram = Definition(
    name: "Share per bin",
    meaning: """
      The share of all atoms that fall into each of equally wide bins. Both histograms have \
      the same bins and the same total, one, so heights can be compared.
      """,
    isNot: "Not a count: the two may come from different numbers of atoms.")

  static let quantile = Definition(
    name: "Quantile",
    meaning: "The value below which the stated share of the atoms lies. 50% is the median.",
    isNot: "Not an interval of confidence.")
}
