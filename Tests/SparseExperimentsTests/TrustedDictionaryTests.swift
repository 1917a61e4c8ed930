import Elute
import Testing

@testable import SparseExperiments

/// The dictionary of the atoms that a certificate finds nothing against.
struct TrustedDictionaryTests {
  private let compute = Compute(threads: 1)

  private func coder(_ atoms: Matrix) -> SparseCoder {
    SparseCoder(
      site: Site(name: "rows", width: atoms.columns), activation: .topK(k: 4), encoder: atoms,
      decoder: atoms, encoderBias: [Float](repeating: 0, count: atoms.rows),
      decoderBias: [Float](repeating: 0, count: atoms.columns))
  }

  /// Six axes, of which one has a near twin, and rows of one axis and sometimes the twins.
  private var planted: (atoms: Matrix, rows: Matrix) {
    var atoms = Matrix(rows: 7, columns: 10)
    for atom in 0..<6 { atoms[atom, atom] = 1 }
    (atoms[6, 5], atoms[6, 9]) = (0.99, 0.141)
    var rows = Matrix(rows: 120, columns: 10)
    for row in 0..<120 { rows[row, row % 6] = 1 + Float(row % 7) / 7 }
    return (atoms, rows)
  }

  @Test func atomsWithSomethingAgainstThemAreLeftOut() throws {
    let (atoms, rows) = planted
    let coder = coder(atoms)
    let certification = try Certification(
      of: NamedDictionary(name: "planted", coder: coder), on: rows, rows: 0..<120, path: "rows",
      options: .init(), compute: compute)
    let trusted = try TrustedDictionary(
      of: coder, by: certification, proved: 0.5, on: rows, path: "rows", compute: compute)
    #expect(trusted.latents == [0, 1, 2, 3, 4], "both twins are out")
    #expect(trusted.coder.latents == 5 && trusted.coder.activation == .topK(k: 4))
    #expect(trusted.coder.decoder == atoms.selecting(rows: 0..<5))
    // Every sixth row is of the axis that is gone.
    let measured = try evaluate(trusted.coder, on: rows, path: "rows", compute: compute).measures
    #expect(trusted.fvu == measured.fvu && trusted.fvu > 0.05 && trusted.l0 == measured.l0)
  }

  @Test func atomsThatDoNotComeBackAreLeftOut() throws {
    let (atoms, rows) = planted
    let first = coder(atoms.selecting(rows: 0..<6))
    // The other dictionary has another atom in place of the first.
    var others = atoms.selecting(rows: 0..<6)
    (others[0, 0], others[0, 8]) = (0.3, 0.95)
    let other = NamedDictionary(name: "other", coder: coder(others))
    let certification = try Certification(
      of: NamedDictionary(name: "planted", coder: first), siblings: [other], on: rows,
      rows: 0..<120, path: "rows", options: .init(), compute: compute)
    let trusted = try TrustedDictionary(
      of: first, by: certification, proved: 0.5, on: rows, path: "rows", compute: compute)
    #expect(trusted.latents == [1, 2, 3, 4, 5])
  }

  @Test func nothingTrustedIsAnError() throws {
    let rows = planted.rows
    // Every atom twice.
    let pairs = Matrix(
      rows: 12, columns: 10,
      values: (0..<12).flatMap { atom in
        (0..<10).map { $0 == atom / 2 ? 1 : 0 }
      })
    let certification = try Certification(
      of: NamedDictionary(name: "pairs", coder: coder(pairs)), on: rows, rows: 0..<120,
      path: "rows", options: .init(), compute: compute)
    #expect(throws: ConfigurationError.self) {
      try TrustedDictionary(
        of: coder(pairs), by: certification, proved: 0.5, on: rows, path: "rows", compute: compute)
    }
  }

  /// Of codes with signs an opposite atom is a twin.
  @Test func oppositeTwinsAreLeftOutWithSigns() throws {
    var atoms = Matrix(rows: 5, columns: 10)
    for atom in 0..<4 { atoms[atom, atom] = 1 }
    (atoms[4, 3], atoms[4, 9]) = (-0.99, 0.141)
    var coder = coder(atoms)
    coder.activation = .absTopK(k: 2)
    var rows = Matrix(rows: 120, columns: 10)
    for row in 0..<120 {
      rows[row, row % 4] = row % 8 < 4 ? 1.5 : -1
      if row % 4 == 3 { rows[row, 9] = row % 8 < 4 ? 0.4 : -0.4 }
    }
    let certification = try Certification(
      of: NamedDictionary(name: "signs", coder: coder), on: rows, rows: 0..<120, path: "rows",
      options: .init(), compute: compute)
    let trusted = try TrustedDictionary(
      of: coder, by: certification, proved: 0, on: rows, path: "rows", compute: compute)
    #expect(!trusted.latents.contains(3) && !trusted.latents.contains(4))
    #expect(trusted.latents.contains(0))
  }
}
