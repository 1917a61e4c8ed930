extension Definition {
  // MARK: What else agrees, and what agrees without learning
  static let sharedFraction = Definition(
    name: "Latents in common <code>shared_fraction</code>",
    meaning: """
      The share of live latents whose decoder rows and whose encoder rows have, each in a best \
      one-to-one pairing of its own, the same partner with both cosines at least 0.7.
      """,
    isNot: """
      Not an average of cosines: a latent counts or does not, so the number falls fast where most \
      cosines are near the threshold.
      """)

  static let codeOverlap = Definition(
    name: "Overlap of codes <code>code_iou, code_distance</code>",
    meaning: """
      For each row the latents that are active in both runs, over those active in either; matched \
      latents count as one. Averaged over rows that did not train. By chance means codes of \
      different rows. The distance is that of the two codes over their mean length.
      """,
    formula: """
      |supp <var>z</var> ∩ supp <var>z</var>′| ∕ |supp <var>z</var> ∪ supp <var>z</var>′|
      """,
    isNot: """
      Not high because atoms agree: two dictionaries may share atoms and use them for different rows.
      """)

  static let subspace = Definition(
    name: "Overlap of leading directions <code>subspace_overlap</code>",
    meaning: """
      How far the eight directions along which the atoms of two runs lie most span the same space. By chance \
      means uniformly random spaces, eight over the width.
      """,
    isNot: """
      Not agreement of atoms: any rotation within the space leaves it as it is. Data that vary along few \
      directions lift it far above that chance.
      """)

  static let matchedChance = Definition(
    name: "Chance with a matched moment <code>nulls.matched_second_moment</code>",
    meaning: """
      As \(link(.chance, "chance")), but drawn so that after scaling to length one the atoms have \
      the dictionary’s second moment. Scaling flattens a spectrum, so plain chance is a little too low \
      where atoms crowd; two independent dictionaries of one law agree by exactly this one.
      """,
    isNot: "Not the headline: kappa is computed with plain chance unless it says otherwise.")

  static let control = Definition(
    name: "Control <code>controls</code>",
    meaning: """
      Dictionaries that nobody would call learned, made twice and compared in the same way: the atoms \
      that the runs began with, rows of disjoint halves of the data, their principal directions, and \
      centers found by k-means.
      """,
    isNot: """
      Not chance: a control may be right. Where a few inputs repeat, the inputs are the features. It \
      says how much agreement the data alone give.
      """)
}
