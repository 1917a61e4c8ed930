import SparseCoding

extension SparseCodes {
  /// Adds a row of other codes.
  mutating func append(_ codes: SparseCodes, _ row: Int) {
    let entries = codes.entries(ofRow: row)
    indices += codes.indices[entries]
    values += codes.values[entries]
    offsets.append(indices.count)
  }

  /// The codes with other numbers for their latents; entries of latents without one are left out.
  func renumbered(_ places: [Int32], latents: Int) -> SparseCodes {
    var codes = SparseCodes(latents: latents, offsets: [0], indices: [], values: [])
    for row in 0..<rows {
      for entry in entries(ofRow: row) where values[entry] != 0 {
        let place = places[Int(indices[entry])]
        guard place >= 0 else { continue }
        codes.indices.append(place)
        codes.values.append(values[entry])
      }
      codes.offsets.append(codes.indices.count)
    }
    return codes
  }
}
