"""Running notebooks: papermill, kernels and the processes they are forked from, or the workers of a cluster."""
