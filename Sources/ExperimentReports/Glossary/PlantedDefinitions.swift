extension Definition {
  // MARK: What was planted, and what was found of it.
  static let planted = Definition(
    name: "Planted direction <code>spike_in</code>",
    meaning: """
      A random direction that was added to some rows before training, as a control. Its frequency is the \
      share of rows that it was added to; its strength is the mean length of what was added, in units of \
      the rows’ root mean square distance from their mean. Some stand in pairs, whose child is added \
      only where its parent is.
      """,
    formula: """
      <var>x</var>′ = <var>x</var> + Σ<sub><var>i</var> fires</sub> <var>s<sub>i</sub></var> \
      <var>σ</var> |1 + <var>g</var> ∕ 4| <var>d<sub>i</sub></var>, <var>g</var> ∼ N(0, 1)
      """,
    isNot: """
      Not a feature of the network: it points anywhere, where the data vary little for the most part, \
      and fires with nothing else. Features are harder to find.
      """)

  static let found = Definition(
    name: "Found <code>cosine, found</code>",
    meaning: """
      A planted direction is found when the cosine of some atom with it is 0.9 or more. Every \
      atom is searched, also those that fire on no evaluated row.
      """,
    formula: """
      max<sub><var>j</var></sub> cos(<var>d<sub>i</sub></var>, <var>D<sub>j</sub></var>) ≥ 0.9
      """,
    isNot: """
      Not a sign that the latent fires when it should; that is the \(link(.firingMatch, "match of firings")).
      """)

  static let firingMatch = Definition(
    name: "Match of firings <code>firing_correlation</code>",
    meaning: """
      The correlation over evaluated rows of two events: the direction was added, and the latent of the \
      nearest atom is active. 1 is the same rows, 0 is what independent events give. Directions \
      that were added to no evaluated row, and latents active on none, are left out.
      """,
    isNot: "Not the correlation of values, and not known for what is too rare to be evaluated.")

  static let plantedChance = Definition(
    name: "Chance of planted directions <code>null_cosine, null_found</code>",
    meaning: """
      The same of as many random directions that were planted nowhere, in the same dictionaries.
      """,
    isNot:
      "Not the chance of agreement between dictionaries, which is of atoms and not of directions.")

  static let visible = Definition(
    name: "Seen from a frequency on <code>visibility</code>",
    meaning: """
      The lowest planted frequency such that there, and at every higher one, at least half of the \
      directions of that strength that fire alone are \(link(.found, "found")); of several runs, by at \
      least half of the runs.
      """,
    isNot: """
      Not a promise that features above it are found. It is where even easy ones begin to be missed.
      """)
}
