import CEmbeddedNetwork
import TensorFiles

/// The safetensors file that is compiled into the binary.
enum EmbeddedTensors {
  /// Opens it; damage means a broken build.
  static func open() throws(TensorFileError) -> SafetensorsFile {
    let bytes = UnsafeRawBufferPointer(start: elute_mod113_bytes(), count: elute_mod113_count())
    return try SafetensorsFile.open(Array(bytes), name: "the embedded mod113.safetensors")
  }
}
