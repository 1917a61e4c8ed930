extension Definition {
  // MARK: What is learned, and with which settings.
  static let atom = Definition(
    name: "Atom, latent, code",
    meaning: """
      A dictionary is a list of directions in the space of the activations, its atoms, each of \
      length one. To every atom belongs a latent: the number that says how much of the atom \
      goes into an input. All latents of one input are its code, and most of them are zero.
      """,
    formula: """
      <var>x̂</var> = <var>b</var> + Σ<sub><var>i</var></sub> <var>z<sub>i</sub></var>\
      <var>d<sub>i</sub></var>
      """,
    isNot: """
      An atom is not a feature. A feature is known to be true of the data; an atom is what \
      training found.
      """)

  static let topK = Definition(
    name: "Activation rule <code>activation, k</code>",
    meaning: """
      The rule that makes the code sparse. TopK keeps, for each row, the <var>k</var> largest \
      pre-activations, of those the positive ones, and sets all others to zero.
      """,
    isNot: """
      <var>k</var> is not the number of latents that are on: it is the most that can be. \
      \(link(.l0, "L0")) is the number.
      """)

  static let seed = Definition(
    name: "Seed <code>seed, init_seed, data_seed</code>",
    meaning: """
      The number from which a run draws its initial weights, and the number from which it \
      draws the order of the data. The same seeds, settings and data give the same \
      dictionary again, bit for bit.
      """,
    isNot: """
      Not a sample of networks or data sets. Runs that differ in their seeds show what \
      training leaves to luck, on this network and this data.
      """)

  static let widths = Definition(
    name: "Width and size <code>d_in, d_sae</code>",
    meaning: """
      The number of dimensions of an activation, and the number of \
      \(link(.atom, "atoms")) in the dictionary.
      """,
    isNot: """
      <code>d_sae</code> is not the number of atoms in use; see \(link(.live, "live")).
      """)

  static let step = Definition(
    name: "Step, batch <code>steps, batch</code>",
    meaning: "One update of all weights, computed from one batch of rows.",
    isNot: """
      Not an epoch. An epoch is one pass over all rows: rows divided by batch, in steps.
      """)

  static let learningRate = Definition(
    name: "Learning rate <code>lr</code>",
    meaning: "The largest step size of the optimizer, and how it changes over training.",
    isNot: "Not the distance that weights move: the optimizer scales every step.")

  static let normalization = Definition(
    name: "Normalization <code>normalization</code>",
    meaning: """
      What is done to the data before training. With <code>unit_mean_square</code> it is \
      divided by one number, so that the mean square of a coordinate is one.
      """,
    isNot: """
      Not visible in any number of this report: all are computed in the data’s own units.
      """)

  static let architecture = Definition(
    name: "Architecture <code>architecture</code>",
    meaning: """
      What is read and what is rebuilt from it. An autoencoder rebuilds what it reads; a transcoder \
      another site; a crosscoder reads and rebuilds several sites with one code.
      """,
    isNot: "Not comparable across: errors of different targets have different units.")

  static let penalty = Definition(
    name: "Penalties <code>l1, l0, target_l0, arip, anchor_weight</code>",
    meaning: """
      What training minimizes beside the squared error, with its weights; and prefixes \
      (<code>matryoshka</code>), encoder steps and tied weights where there are any.
      """,
    isNot: "Not part of any reconstruction error printed here.")

  static let auxiliaryLoss = Definition(
    name: "Dead latents <code>dead, auxk_coefficient</code>",
    meaning: """
      What is done for latents that count as \(link(.dead, "dead")) while training. With \
      <code>auxk</code> an extra term of the loss, of the weight that is given, lets them learn to \
      rebuild what the others leave over; <code>resample</code> points them anew at rows that are \
      rebuilt badly.
      """,
    isNot: "Not part of any reconstruction error printed here.")

  static let rows = Definition(
    name: "Rows <code>rows, held_out_rows</code>",
    meaning: """
      A row is one activation: the vector that the network holds at one site for one input. \
      Held-out rows are set aside before training and never trained on.
      """,
    isNot: "Not necessarily independent inputs: neighboring tokens of a text make similar rows.")

  static let fingerprint = Definition(
    name: "Fingerprint <code>fingerprint</code>",
    meaning: "SHA-256 over the shape and all values of the data. Equal prints, equal data.",
    isNot: "Not a hash of a file: the same values stored differently have the same print.")

  static let wallTime = Definition(
    name: "Time, kernels, threads <code>seconds, kernels, threads</code>",
    meaning: """
      Wall time of the training on the machine named, the set of vector instructions it used and \
      the number of threads.
      """,
    isNot: "Not part of a result: the same run on another machine gives the same dictionary.")
}
