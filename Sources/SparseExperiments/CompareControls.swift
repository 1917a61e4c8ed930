import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding

/// The controls of a comparison, at the live counts of its first pair; none of wide dictionaries, whose nulls
/// would take longer than all else.
func controls(
  of dictionaries: (NamedDictionary, NamedDictionary), atoms: (UnitAtoms, UnitAtoms),
  _ convention: CosineConvention, options: ComparisonOptions, compute: Compute
) throws -> [String: ComparisonRecord.Control] {
  var found: [String: ComparisonRecord.Control] = [:]
  guard max(atoms.0.live.rows, atoms.1.live.rows) <= 16_384 else { return found }
  func add(_ name: String, _ first: UnitAtoms, _ second: UnitAtoms) throws {
    let pair = try DictionaryPair(first, second, convention: convention)
    let null = AgreementNull(
      for: pair, law: options.law, seed: options.seed,
      draws: NullDraws(bestMatch: 4, oneToOne: 2), on: compute)
    let mmcs = pair.bestMatches(on: compute).mmcs
    let (dcs, nullDcs) = (pair.matching(on: compute).dcs, null.dcs?.mean ?? .nan)
    found[name] = .init(
      mmcs: mmcs, nullMmcs: null.mmcs.mean, kappa: kappa(of: mmcs, null: null.mmcs.mean),
      dcs: dcs, nullDcs: nullDcs, dcsKappa: kappa(of: dcs, null: nullDcs),
      atoms: [first.live.rows, second.live.rows])
  }
  if let a = initialAtoms(dictionaries.0, like: atoms.0, compute),
    let b = initialAtoms(dictionaries.1, like: atoms.1, compute)
  {
    try add("step_0", a, b)
  }
  guard let rows = options.controlsFrom ?? options.liveOn else { return found }
  let targets = dictionaries.0.coder.targets(of: rows)
  for control in AgreementControl.allCases {
    let made = try control.dictionaries(
      from: targets, atoms: (atoms.0.live.rows, atoms.1.live.rows), convention: convention,
      seed: options.seed, on: compute)
    if let made { try add(control.rawValue, made.first, made.second) }
  }
  return found
}

/// The atoms that a run of Elute began with, of the latents that are live now; `nil` for other dictionaries.
///
/// Whitening brings atoms into other units, in which their directions are others.
private func initialAtoms(
  _ dictionary: NamedDictionary, like atoms: UnitAtoms, _ compute: Compute
) -> UnitAtoms? {
  guard let record = dictionary.record, record.settings.dSae == atoms.latents,
    record.settings.method["normalize"] != "whitened"
  else { return nil }
  let start = TrainingState.initialAtoms(
    atoms.latents, width: atoms.width, seed: record.initSeed, compute: compute)
  return try? UnitAtoms(start, live: atoms.liveLatents, name: dictionary.name + " at step 0")
}
