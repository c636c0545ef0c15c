"""Run notebooks: with papermill, in kernels forked from one process, or on the workers of a Dask cluster."""
