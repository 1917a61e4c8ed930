extension Definition {
  // MARK: Do two dictionaries agree?
  static let cosine = Definition(
    name: "Best cosine <code>best_cosines</code>",
    meaning: """
      For an atom of one dictionary, the largest cosine with any live atom of another. 1 is \
      the same direction, 0 a right angle. Where codes may be negative the cosine is taken \
      without its sign, and the report says so.
      """,
    formula: """
      max<sub><var>b</var></sub> ⟨<var>a</var>, <var>b</var>⟩, \
      ‖<var>a</var>‖ = ‖<var>b</var>‖ = 1
      """,
    isNot: """
      Not near 0 by \(link(.chance, "chance")): the best of many random directions can be \
      close. And not a one-to-one match: two atoms may share their best partner.
      """)

  static let mmcs = Definition(
    name: "Agreement, MMCS <code>mmcs</code>",
    meaning: """
      The mean over live atoms of the \(link(.cosine, "best cosine")), averaged over both \
      directions and over all pairs of runs.
      """,
    formula: """
      ½ [mean<sub><var>a</var></sub> max<sub><var>b</var></sub> ⟨<var>a</var>, <var>b</var>⟩ \
      + mean<sub><var>b</var></sub> max<sub><var>a</var></sub> ⟨<var>a</var>, <var>b</var>⟩]
      """,
    isNot: """
      Not readable without \(link(.chance, "chance")) beside it: its lowest plausible value is \
      far above 0 and depends on width, size and data.
      """)

  static let mmcsAll = Definition(
    name: "Agreement of all atoms <code>mmcs_all</code>",
    meaning: """
      The same mean over all atoms, dead ones included, and of cosines without their sign. It \
      is printed because publications report it.
      """,
    formula: """
      mean<sub><var>a</var></sub> max<sub><var>b</var></sub> \
      |⟨<var>a</var>, <var>b</var>⟩|, both directions averaged
      """,
    isNot: """
      Not a measure of what was learned alone: when atoms die it moves although nothing \
      learned has changed.
      """)

  static let dcs = Definition(
    name: "One-to-one agreement, DCS <code>dcs</code>",
    meaning: """
      Live atoms are paired so that no atom is used twice and the sum of cosines is as large \
      as it can be; the sum is divided by the smaller number of live atoms.
      """,
    formula: """
      max<sub><var>π</var></sub> Σ<sub><var>a</var></sub> \
      ⟨<var>a</var>, <var>π</var>(<var>a</var>)⟩ ∕ \
      min(<var>K<sub>A</sub></var>, <var>K<sub>B</sub></var>)
      """,
    isNot: """
      Not \(link(.mmcs, "MMCS")), where many atoms may share one partner. \
      \(link(.dcsChance, "Its chance")) is lower too; the two must not be mixed.
      """)

  static let coverage = Definition(
    name: "Coverage <code>coverage</code>",
    meaning: """
      The number of atoms paired one to one over the larger number of live atoms. Below 100% \
      the larger dictionary has atoms that \(link(.dcs, "DCS")) says nothing about.
      """,
    formula: """
      min(<var>K<sub>A</sub></var>, <var>K<sub>B</sub></var>) ∕ \
      max(<var>K<sub>A</sub></var>, <var>K<sub>B</sub></var>)
      """,
    isNot: "Not a share of good matches: a pair counts however small its cosine.")

  static let replication = Definition(
    name: "Replication <code>replication</code>",
    meaning: """
      For one atom of the first run, the mean of its \(link(.cosine, "best cosines")) in the \
      other runs.
      """,
    isNot: """
      Not a test. The list shows the highest and the lowest of many atoms, and the highest of \
      many are high by selection too.
      """)
}
