"""scikit-learn's MiniBatchDictionaryLearning: another algorithm (each row's code is an optimization of
its own), shown because it is what many would try first."""

from common import Job
from sklearn.decomposition import MiniBatchDictionaryLearning

PACKAGES = ["scikit-learn"]


class Trainer:
    def __init__(self, job: Job):
        self.learner = MiniBatchDictionaryLearning(
            n_components=job.d_sae, batch_size=job.batch, n_jobs=None, fit_algorithm="cd",
            transform_algorithm="omp", transform_n_nonzero_coefs=job.k, positive_code=True)

    def step(self, x) -> None:
        self.learner.partial_fit(x.numpy())
