// The umbrella: one import for users of the library.

@_exported public import AlgorithmicTransformer
@_exported public import DictionaryMetrics
@_exported public import DictionaryTraining
@_exported public import ExperimentReports
@_exported public import Identifiability
@_exported public import RunRecords
@_exported public import SparseCoding
@_exported public import SparseExperiments
@_exported public import SyntheticFeatures
@_exported public import TensorFiles
